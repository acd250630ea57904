"""How figures look: paper in millimetres, colours of ``palette``, letters drawn fast.

The font is DejaVu Sans, which travels inside matplotlib and has every Vietnamese letter. Margins are fixed: nothing is
measured after it was drawn. matplotlib spends more than a millisecond on each text; ``Sheet.write`` draws a whole
column of texts as one collection of outlines, four times as fast. Only modules that draw import this one: it loads
matplotlib.
"""

from __future__ import annotations

import base64
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from matplotlib.typing import ColorType
from PIL import Image

from parlib.report import palette
from parlib.report.palette import ACCENT as ACCENT
from parlib.report.palette import DOWN as DOWN
from parlib.report.palette import INK as INK
from parlib.report.palette import MUTED as MUTED
from parlib.report.palette import ORDERED as ORDERED
from parlib.report.palette import PALE as PALE
from parlib.report.palette import PARTS as PARTS
from parlib.report.palette import RULE as RULE
from parlib.report.palette import UP as UP

EDGE = 0.6  # mm: kept clear on every side
WIDTH = 170.0  # mm: the text width of an A4 page
TALLEST = 220.0  # mm: what a page leaves a figure beside a heading, its caption, notes and source
DPI = 180
MM = 1 / 25.4  # inch

SIZE = 7.5  # pt, of all labels
SMALL = 7.0  # pt, the smallest

SCALE = LinearSegmentedColormap.from_list("parlib", palette.SCALE)

_SETTINGS = {
    "font.family": ["DejaVu Sans"],
    "font.size": SIZE,
    "axes.edgecolor": RULE,
    "axes.labelcolor": INK,
    "axes.labelsize": SIZE,
    "axes.linewidth": 0.6,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.axisbelow": True,
    "xtick.color": MUTED,
    "xtick.labelsize": SMALL,
    "xtick.major.size": 2.0,
    "xtick.major.width": 0.6,
    "ytick.left": False,
    "ytick.labelleft": False,
    "grid.color": PALE,
    "grid.linewidth": 0.6,
    "hatch.color": MUTED,
    "hatch.linewidth": 0.5,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}

Align = Literal["left", "center", "right"]
Weight = Literal["normal", "bold"]
Colour = ColorType | np.ndarray  # of an array: red, green, blue from 0 to 1


def bars(
    axes: Axes,
    y: np.ndarray,
    widths: np.ndarray,
    left: np.ndarray | float = 0.0,
    *,
    colour: str | Sequence[str],
    height: float = 0.72,
    hatch: str = "",
    edge: str = "none",
) -> None:
    """Horizontal bars centred on ``y``, as one collection; the limits of ``axes`` are left alone."""
    start = np.broadcast_to(np.asarray(left, dtype=float), y.shape)
    ends, low, high = start + widths, y - height / 2, y + height / 2
    corners = np.stack([(start, low), (ends, low), (ends, high), (start, high)]).transpose(2, 0, 1)
    result = PolyCollection(
        list(corners), facecolors=colour, edgecolors=edge, linewidths=0.0 if edge == "none" else 0.4
    )
    if hatch:
        result.set_hatch(hatch)
    result.set_snap(True)
    axes.add_collection(result, autolim=False)


@contextmanager
def sheet(height: float, width: float = WIDTH) -> Iterator[Sheet]:
    """A blank sheet of ``width`` x ``height`` mm. Everything on it is drawn before the block ends."""
    wanted: Any = {**mpl.rcParamsDefault, **_SETTINGS}
    changes = {key: value for key, value in wanted.items() if key not in _LEFT_ALONE and mpl.rcParams[key] != value}
    with mpl.rc_context(changes):  # only what differs: checking three hundred values takes 15 ms
        figure = Figure(figsize=(width * MM, height * MM), dpi=DPI)
        FigureCanvasAgg(figure)
        page = figure.add_axes((0, 0, 1, 1))
        page.set_axis_off()
        page.set(xlim=(0, width), ylim=(height, 0))
        yield Sheet(figure, page, width, height)


# What a session chose to show figures with is none of our business, and costs time to set.
_LEFT_ALONE = {
    "backend",
    "backend_fallback",
    "interactive",
    "toolbar",
    "timezone",
    "date.epoch",
    "webagg.address",
    "webagg.open_in_browser",
    "webagg.port",
    "webagg.port_retries",
}


@dataclass(frozen=True)
class Sheet:
    """A sheet of paper to draw on. ``page`` has coordinates in mm from the top left corner."""

    figure: Figure
    page: Axes
    width: float
    height: float

    def axes(self, left: float, right: float, top: float, bottom: float) -> Axes:
        """Axes inside margins given in mm."""
        box = (
            left / self.width,
            bottom / self.height,
            (self.width - left - right) / self.width,
            (self.height - top - bottom) / self.height,
        )
        return self.figure.add_axes(box)

    def write(
        self,
        x: float | Iterable[float],
        y: float | Iterable[float],
        texts: str | Sequence[str],
        axes: Axes | None = None,
        *,
        align: Align = "left",
        size: float = SIZE,
        weight: Weight = "normal",
        colour: str | Sequence[str] = INK,
        halo: str | Sequence[str] | None = None,
    ) -> None:
        """Texts centred on the height ``y``, in the coordinates of ``axes`` (of the page where none are given).

        ``halo`` is the colour of an edge around the letters, for texts on grounds of several colours.
        """
        texts = [texts] if isinstance(texts, str) else list(texts)
        axes = axes or self.page
        if not texts:
            return
        xs, ys = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float), np.empty(len(texts)))[:2]
        outlines = [_outline(text, weight, align) for text in texts]
        looks: list[dict[str, Any]] = [{"facecolors": colour, "linewidths": 0}]
        if halo is not None:
            looks.insert(0, {"facecolors": "none", "edgecolors": halo, "linewidths": 1.6, "joinstyle": "round"})
        for look in looks:
            letters = PathCollection(
                outlines, offsets=np.column_stack([xs, ys]), offset_transform=axes.transData, **look
            )
            letters.set_transform(Affine2D().scale(size / _EM / 72) + self.figure.dpi_scale_trans)
            letters.set_clip_on(False)
            letters.set_zorder(4)
            axes.add_artist(letters)

    def key(self, x: float, y: float, entries: Iterable[tuple[str, str, str]], right: float = 0.0) -> float:
        """A line of colour patches (words, colour, hatch) from ``x``; breaks before ``right``. Returns the last y."""
        left, right = x, right or self.width
        for words, colour, hatch in entries:
            needed = 5 + text_width(words)
            if x > left and x + needed > right:
                x, y = left, y + 4.2
            patch = Rectangle((x, y - 1.2), 3, 2.4, facecolor=colour, edgecolor=MUTED, linewidth=0.4, hatch=hatch)
            self.page.add_patch(patch)
            self.write(x + 4, y, words)
            x += needed + 4
        return y

    def watermark(self, text: str, heights: Sequence[float] = ()) -> None:
        """Words across the sheet that nobody can overlook or crop away: at its middle, or at each of ``heights``."""
        size = min(34.0, 34.0 * 0.8 * self.width / text_width(text, 34.0, "bold"))
        letters = PathCollection(
            [_outline(text, "bold", "center")],
            offsets=[(self.width / 2, y) for y in heights or (self.height / 2,)],
            offset_transform=self.page.transData,
            facecolors="#8a1c1c",
            alpha=0.16,
            linewidths=0,
        )
        letters.set_transform(Affine2D().scale(size / _EM / 72).rotate_deg(24) + self.figure.dpi_scale_trans)
        letters.set_zorder(9)
        self.page.set_zorder(9)
        self.page.patch.set_visible(False)
        self.page.add_artist(letters)

    def png(self) -> str:
        """The picture as PNG in base64, in at most 256 colours: a third of the bytes, and no slower to write."""
        canvas = self.figure.canvas
        assert isinstance(canvas, FigureCanvasAgg)
        canvas.draw()  # type: ignore[no-untyped-call]
        pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
        stream = io.BytesIO()
        _paletted(pixels[..., :3]).save(stream, "png", dpi=(DPI, DPI))
        return base64.b64encode(stream.getvalue()).decode("ascii")


def _paletted(pixels: np.ndarray) -> Image.Image:
    """A picture in its 256 most frequent colours, each other pixel in the nearest of them.

    Colours are counted in cubes of 8 x 8 x 8, and a cube takes the mean of its pixels, which is its flat colour where
    it has one. Pillow's fast method turns white into grey, and its good one takes four times as long.
    """
    red, green, blue = (pixels[..., channel] >> 3 for channel in range(3))
    cubes = (red.astype(np.uint16) << 10) | (green.astype(np.uint16) << 5) | blue
    counts = np.bincount(cubes.ravel(), minlength=1 << 15)
    used = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
    sample = cubes.ravel()[::3]
    sampled = np.bincount(sample, minlength=1 << 15)[used]
    shades = np.empty((len(used), 3))
    for channel in range(3):
        total = np.bincount(sample, pixels[..., channel].ravel()[::3], 1 << 15)[used]
        centre = ((used >> (10 - 5 * channel)) & 31) * 8 + 4
        shades[:, channel] = np.where(sampled > 0, total / np.maximum(sampled, 1), centre)
    palette = shades[:256].round()
    distance = ((shades[:, None, :] - palette) ** 2).sum(axis=2)
    place = np.zeros(1 << 15, np.uint8)
    place[used] = distance.argmin(axis=1)
    picture = Image.fromarray(place[cubes], "P")
    picture.putpalette(palette.astype(np.uint8).tobytes())
    return picture


# Letters

_EM = 100.0  # font units in which outlines are kept


@cache
def _font(weight: Weight) -> FT2Font:
    font = FT2Font(font_manager.findfont(font_manager.FontProperties(family="DejaVu Sans", weight=weight)))
    font.set_size(_EM, 72)
    return font


@cache
def _glyph(letter: str, weight: Weight) -> tuple[np.ndarray, np.ndarray, float]:
    font = _font(weight)
    glyph = font.load_char(ord(letter), flags=LoadFlags.NO_HINTING)
    vertices, codes = font.get_path()
    return vertices, codes, glyph.linearHoriAdvance / 65536


@lru_cache(maxsize=4096)
def _outline(text: str, weight: Weight, align: Align) -> Path:
    """The outline of a text of one or more lines, centred on its height."""
    vertices, codes = [np.zeros((0, 2))], [np.zeros(0, np.uint8)]
    lines = unicodedata.normalize("NFC", text).split("\n")
    for row, line in enumerate(lines):
        x = -_advance(line, weight) * {"left": 0.0, "center": 0.5, "right": 1.0}[align]
        y = 125 * ((len(lines) - 1) / 2 - row) - 36  # 36: half the height of a capital
        for letter in line:
            shape, shape_codes, advance = _glyph(letter, weight)
            if len(shape):
                vertices.append(shape + np.array((x, y)))
                codes.append(shape_codes)
            x += advance
    return Path(np.concatenate(vertices), np.concatenate(codes))


def _advance(line: str, weight: Weight) -> float:
    return sum(_glyph(letter, weight)[2] for letter in line)


def text_width(text: str, size: float = SIZE, weight: Weight = "normal") -> float:
    """The width of a text in mm."""
    lines = unicodedata.normalize("NFC", text).split("\n")
    return max(_advance(line, weight) for line in lines) * size / _EM / 72 / MM


def wrapped(text: str, width: float, size: float = SIZE, weight: Weight = "normal") -> str:
    """A text broken into lines of at most ``width`` mm where its words, or the hyphens in a long one, allow."""
    lines: list[str] = []
    for word in text.split(" "):
        pieces = [word]
        if text_width(word, size, weight) > width:
            pieces = [piece for piece in re.split(r"(?<=-)", word) if piece]
        for piece, glue in zip(pieces, [" ", *[""] * len(pieces)], strict=False):
            if lines and text_width(f"{lines[-1]}{glue}{piece}", size, weight) <= width:
                lines[-1] += f"{glue}{piece}"
            else:
                lines.append(piece)
    return "\n".join(lines)


def readable_on(colour: Colour) -> str:
    """White or ink, whichever has more contrast on ``colour`` (as WCAG reckons it)."""
    ground = _luminance(colour)
    return "white" if 1.05 / (ground + 0.05) >= (ground + 0.05) / (_luminance(INK) + 0.05) else INK


def _luminance(colour: Colour) -> float:
    light = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in mpl.colors.to_rgb(tuple(colour) if isinstance(colour, np.ndarray) else colour)
    ]
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
