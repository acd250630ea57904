"""What the colours of a map stand for: every province in one class, every class with its colour, hatch and words."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from parlib.report import style
from parlib.report.views import View

UNKNOWN = ("#ffffff", "////")
_RISE = ("#a9cbe3", "#1f6394")
_FALL = ("#f6d3a8", "#c2570c")
_SAME = "#eef2f5"


@dataclass(frozen=True)
class Classes:
    """``of``: the class of each unit (-1 = not known); ``words``, ``colours``, ``hatches``: one for each class."""

    of: pd.Series
    words: tuple[str, ...]
    colours: tuple[str, ...]
    hatches: tuple[str, ...]

    def counted(self, view: View) -> tuple[tuple[str, str, str], ...]:
        """The legend: words with the number of units, colour, hatch of each class, and of the units not known."""
        counts = [int((self.of == place).sum()) for place in range(len(self.words))]
        entries = [
            (f"{words}: {view.wording.format(n, 0)}", colour, hatch)
            for words, n, colour, hatch in zip(self.words, counts, self.colours, self.hatches, strict=True)
        ]
        unknown = sum(int(self.of.get(unit, -1)) < 0 for unit in view.results.units["unit"])
        if unknown:
            words = view.say("No data")
            entries.append((f"{words}: {view.wording.format(unknown, 0)}", *UNKNOWN))
        return tuple(entries)

    def look(self, unit: str) -> tuple[str, str]:
        """Colour and hatch of a unit."""
        place = int(self.of.get(unit, -1))
        return UNKNOWN if place < 0 else (self.colours[place], self.hatches[place])


def by_band(view: View, ranking: pd.DataFrame) -> Classes:
    """The groups of the year, best first. ``ranking`` is the frame of ``rank``."""
    bands = list(view.results.bands)
    of = pd.Series([bands.index(b) if b in bands else -1 for b in ranking["band"]], index=ranking["unit"])
    words = tuple(view.band(band) for band in bands)
    return Classes(of, words, style.ORDERED[: len(bands)], ("",) * len(bands))


def by_quarter(view: View) -> Classes:
    """Four equal groups of the known units, the best quarter first; equal values share a group."""
    values = view.values().loc[view.results.ranked_units]
    known = values.dropna()
    above = known.rank(ascending=False, method="min") - 1
    place = (4 * above / max(len(known), 1)).astype(int).clip(upper=3)
    of = place.reindex(values.index).fillna(-1).astype(int)
    names = (
        view.say("Highest quarter"),
        view.say("Second quarter"),
        view.say("Third quarter"),
        view.say("Lowest quarter"),
    )
    words = []
    for quarter, name in enumerate(names):
        inside = known[place == quarter]
        if inside.empty:
            words.append(name)
            continue
        low, high = (view.wording.format(float(x), view.measure.decimals) for x in (inside.min(), inside.max()))
        words.append(f"{name}: {low}–{high}")
    return Classes(of, tuple(words), style.ORDERED[:4], ("",) * 4)


def by_change(view: View, change: pd.DataFrame, step: float = 2.0) -> Classes:
    """Rises and falls, of less than ``step`` and of more. ``change`` is the frame of ``change``."""
    scaled = pd.Series([view.scaled(value) for value in change["change"]], index=change["unit"], dtype=float)
    rounded = scaled.round(9)
    of = pd.Series(-1, index=scaled.index)
    of[rounded <= -step], of[(rounded > -step) & (rounded < 0)] = 4, 3
    of[rounded == 0], of[(rounded > 0) & (rounded < step)], of[rounded >= step] = 2, 1, 0
    far = f"{view.tick(step)}{'' if view.unit_of_change == '%' else ' '}{view.unit_of_change}"
    words = (
        view.say("Rose by {step} or more", step=far),
        view.say("Rose by less than {step}", step=far),
        view.say("Unchanged"),
        view.say("Fell by less than {step}", step=far),
        view.say("Fell by {step} or more", step=far),
    )
    return Classes(of, words, (_RISE[1], _RISE[0], _SAME, _FALL[0], _FALL[1]), ("", "", "", "....", "xxxx"))
