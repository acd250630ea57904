"""The colours of reports: of figures drawn here, and of the charts that Excel draws. Nothing is imported for them.

Colours differ in lightness first, so they hold for colour-blind readers and on a black-and-white printer.
"""

from __future__ import annotations

INK = "#1d2733"
MUTED = "#5b6570"
RULE = "#c3c9cf"
PALE = "#e3e8ec"
ACCENT = "#c2570c"  # what the eye should find first
UP, DOWN = "#1f6394", "#e39a4f"

#: For ordered groups, best first: dark to light.
ORDERED = ("#123a5e", "#3f84b8", "#93bfdd", "#c9dcea", "#eef2f5")
#: For parts of a whole, with hatches where lightness alone would be close.
PARTS = (("#1d4f7c", ""), ("#86b6d8", ""), ("#dbe8f1", ""), ("#f0c48a", "////"), ("#ffffff", "...."))
#: For lines side by side, each dark enough for the name at its end.
LINES = ("#123a5e", "#a8500b", "#0f7c86", "#7d4f9e", "#66717d")
#: For values from low to high.
SCALE = ("#fbf6ec", "#cfe0ec", "#8ab6d6", "#3d7fb1", "#123a5e")
#: For cells with numbers in them: light enough for dark letters, from low to high, and below and above a mean.
CELLS = ("#fbf6ec", "#cfe0ec", "#6ba6d2")
AROUND = ("#e39a4f", "#f6d9b8", "#fbfaf7", "#bcd7ea", "#6ba6d2")
