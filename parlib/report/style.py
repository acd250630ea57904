"""How figures look: paper in millimetres, colours of ``palette``, letters drawn fast; the engine of figures of rows.

A row has a name on the left, marks on a scale in the middle, and numbers on the right; below stand the scale and the
key. What differs between figures is declared (``Rows``) or drawn by a function that is given the axes.

The font is Arimo, which comes with parlib and has every Vietnamese letter. Margins are fixed: nothing is
measured after it was drawn. matplotlib spends more than a millisecond on each text; ``Sheet.write`` draws a whole
column of texts at once. Only modules that draw import this one: it loads
matplotlib.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict, Unpack

import matplotlib as mpl
import numpy as np
import pandas as pd
from cycler import cycler
from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure as Drawing
from matplotlib.markers import MarkerStyle
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, MaxNLocator
from matplotlib.transforms import Affine2D, IdentityTransform
from matplotlib.typing import ColorType

from parlib.report import palette, vector
from parlib.report.blocks import Figure, Note, Parts, begun, capital
from parlib.report.findings import finding
from parlib.report.letters import EM, FONTS, advance, glyph, outline
from parlib.report.letters import Align as Align
from parlib.report.letters import Weight as Weight
from parlib.report.palette import ACCENT as ACCENT
from parlib.report.palette import DOWN as DOWN
from parlib.report.palette import INK as INK
from parlib.report.palette import LINES as LINES
from parlib.report.palette import MUTED as MUTED
from parlib.report.palette import ORDERED as ORDERED
from parlib.report.palette import PALE as PALE
from parlib.report.palette import PARTS as PARTS
from parlib.report.palette import RULE as RULE
from parlib.report.palette import UP as UP
from parlib.report.vector import DPI as DPI
from parlib.report.views import View

EDGE = 0.6  # mm: kept clear on every side
RIGHT = 2.0  # mm: kept clear beside columns of numbers on the right
WIDTH = 170.0  # mm: the text width of an A4 page
NARROW = 92.0  # mm: the width of a telephone's screen, letters as large as on paper
_LEAST = 14.0  # mm: what is drawn in beside names and numbers
MOST_ROWS = 90  # of a figure: more rows than a page can hold with letters that can be read
TALLEST = 220.0  # mm: what a page leaves a figure beside a heading, its caption, notes and source
LOW = 60.0  # mm: a sheet that is no higher is filled by its watermark
MM = 1 / 25.4  # inch

SIZE = 8.0  # pt, of all labels
SMALL = 7.4  # pt, the smallest

SCALE = LinearSegmentedColormap.from_list("parlib", palette.SCALE)
CELLS = LinearSegmentedColormap.from_list("parlib-cells", palette.CELLS)
AROUND = LinearSegmentedColormap.from_list("parlib-around", palette.AROUND)

_SETTINGS = {
    "font.family": ["Arimo", "DejaVu Sans"],
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

for _file in FONTS.values():
    font_manager.fontManager.addfont(_file)  # the labels of axes ask for it by name
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


def theme() -> None:
    """Put matplotlib, and seaborn with it, into the house style for the session: font, colours, lines · Kiểu chung.

    >>> parlib.theme()"""
    own: Any = {
        **{"axes.spines.left": True, "axes.grid": True, "ytick.left": True, "ytick.labelleft": True},
        **{"ytick.color": MUTED, "ytick.labelsize": SMALL, "ytick.major.size": 2.0, "ytick.major.width": 0.6},
        **{"axes.prop_cycle": cycler(color=LINES), "image.cmap": SCALE.name, "figure.dpi": 120.0},
    }
    if SCALE.name not in mpl.colormaps:
        mpl.colormaps.register(SCALE)
    mpl.rcParams.update(_SETTINGS | own)


@contextmanager
def new_sheet(height: float, width: float = WIDTH) -> Iterator[Sheet]:
    """A blank sheet of ``width`` x ``height`` mm. Everything on it is drawn before the block ends."""
    wanted: Any = {**mpl.rcParamsDefault, **_SETTINGS}
    changes = {key: value for key, value in wanted.items() if key not in _LEFT_ALONE and mpl.rcParams[key] != value}
    with mpl.rc_context(changes):  # only what differs: checking three hundred values takes 15 ms
        figure = Drawing(figsize=(width * MM, height * MM), dpi=DPI)
        yield Sheet(figure, Page(figure, height), width, height)


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


Point = tuple[float, float]


class Page(Artist):
    """What stands on a sheet itself, below its axes: from its top left corner on, in units of so many inches (a mm).
    Axes that hold nothing else take 5 ms to be made."""

    def __init__(self, figure: Drawing, height: float, unit: float = MM) -> None:
        super().__init__()
        self.transData = Affine2D().scale(unit, -unit).translate(0, height * unit) + figure.dpi_scale_trans
        self._parts: list[Artist] = []
        figure.add_artist(self)

    def add_artist(self, artist: Artist) -> None:
        """Put an artist on it."""
        assert self.figure is not None
        artist.set_figure(self.figure)
        if not artist.is_transform_set():
            artist.set_transform(self.transData)
        self._parts.append(artist)

    def lines(
        self,
        ends: Iterable[tuple[Point, Point]],
        *,
        colour: str,
        width: float,
        dashes: str | tuple[float, tuple[float, ...]] = "-",
        zorder: float = 2.0,
    ) -> None:
        """Straight lines between two points each, ``width`` points wide."""
        self.add_artist(LineCollection(list(ends), colors=colour, linewidths=width, linestyles=dashes, zorder=zorder))

    def dots(
        self,
        at: np.ndarray | Sequence[Point],
        *,
        size: float,
        colour: str | Sequence[str],
        marker: str = "o",
        edge: str = INK,
        width: float = 0.8,
        zorder: float = 1.0,
    ) -> None:
        """Signs of ``size`` square points, their edges ``width`` points wide."""
        sign = MarkerStyle(marker)
        shape = sign.get_path().transformed(sign.get_transform())
        dots = PathCollection(
            [shape], [size], offsets=at, offset_transform=self.transData, facecolors=colour, edgecolors=edge
        )
        dots.set(transform=IdentityTransform(), linewidths=width, zorder=zorder)
        self.add_artist(dots)

    def draw(self, renderer: RendererBase) -> None:
        """Draw all of it, the lowest first."""
        for part in sorted(self._parts, key=Artist.get_zorder):
            part.draw(renderer)


@dataclass(frozen=True)
class Sheet:
    """A sheet of paper to draw on."""

    figure: Drawing
    page: Page
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
        axes = self.figure.add_axes(box)
        axes.locator_params("x", min_n_ticks=3)  # of two labels nobody can tell the steps between
        return axes

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
        ground = axes or self.page
        if not texts:
            return
        xs, ys = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float), np.empty(len(texts)))[:2]
        at = np.column_stack([xs, ys])
        if halo is not None:
            edges = _outlines(ground, at, texts, align, size, weight)
            edges.set(facecolors="none", edgecolors=halo, linewidths=1.6, joinstyle="round", zorder=4)
            ground.add_artist(edges)
        colours = [colour] * len(texts) if isinstance(colour, str) else list(colour)
        _Letters(ground, at, texts, (align, size, weight, colours))

    def key(self, x: float, y: float, entries: Iterable[tuple[str, str, str]], right: float = 0.0) -> float:
        """A line of colour patches (words, colour, hatch) from ``x``; breaks before ``right``. Returns the last y."""
        left, right = x, right or self.width
        for words, colour, hatch in entries:
            needed = 5 + text_width(words)
            if x > left and x + needed > right:
                x, y = left, y + 4.2
            patch = Rectangle((x, y - 1.2), 3, 2.4, facecolor=colour, edgecolor=MUTED, linewidth=0.4, hatch=hatch)
            self.page.add_artist(patch)
            self.write(x + 4, y, words)
            x += needed + 4
        return y

    def watermark(self, text: str, heights: Sequence[float] = ()) -> None:
        """Words across the sheet that nobody can overlook or crop away: at its middle, or at each of ``heights``. A low
        sheet is filled by them: they rise as much as it has room for, and the points of the page lie on them."""
        size = min(34.0, 34.0 * 0.8 * self.width / text_width(text, 34.0, "bold"))
        high, long = size / 72 / MM, text_width(text, size, "bold")
        rise = np.degrees(np.arcsin(np.clip((self.height - 1.2 * high) / long, 0.0, 1.0)))
        at = np.array([(self.width / 2, y) for y in heights or (self.height / 2,)])
        letters = _Letters(
            self.page,
            at,
            [text] * len(at),
            ("center", size, "bold", ["#8a1c1c"] * len(at)),
            alpha=0.16,
            zorder=9 if self.height > LOW else 0.5,
        )
        letters.angle = min(24.0, float(rise))
        self.page.set_zorder(9)

    def svg(self) -> str:
        """The picture as SVG, its letters as text."""
        return vector.svg(self.figure)


class _Letters(Artist):
    """Texts centred on the places ``at`` of ``ground``: text in a drawing of lines, else outlines."""

    angle = 0.0

    def __init__(
        self,
        ground: Axes | Page,
        at: np.ndarray,
        texts: Sequence[str],
        look: tuple[Align, float, Weight, list[str]],
        *,
        alpha: float | None = None,
        zorder: float = 4.0,
    ) -> None:
        super().__init__()
        self._ground, self._at, self._texts, self._look = ground, at, texts, look
        for letter in set(unicodedata.normalize("NFC", "".join(texts))) - {"\n"}:
            glyph(letter, look[2])  # warns of one that no font has
        self.set(clip_on=False, alpha=alpha, zorder=zorder)
        ground.add_artist(self)

    def draw(self, renderer: RendererBase) -> None:
        """Draw all of them, as ``renderer`` does."""
        align, size, weight, colours = self._look
        alpha = self.get_alpha()
        assert alpha is None or isinstance(alpha, float)
        if isinstance(renderer, vector.Vector):
            at = self._ground.transData.transform(self._at)
            renderer.write(at, self._texts, *self._look, angle=self.angle, alpha=alpha)
            return
        drawn = _outlines(self._ground, self._at, self._texts, align, size, weight, self.angle)
        drawn.set(facecolors=colours, linewidths=0, alpha=alpha)
        drawn.draw(renderer)


def _outlines(
    ground: Axes | Page,
    at: np.ndarray,
    texts: Sequence[str],
    align: Align,
    size: float,
    weight: Weight,
    angle: float = 0.0,
) -> PathCollection:
    shapes = [outline(text, weight, align) for text in texts]
    result = PathCollection(shapes, offsets=at, offset_transform=ground.transData, clip_on=False)
    figure = ground.figure
    assert figure is not None
    result.set_transform(Affine2D().scale(size / EM / 72).rotate_deg(angle) + figure.dpi_scale_trans)
    result.set_figure(figure)
    return result


def text_width(text: str, size: float = SIZE, weight: Weight = "normal") -> float:
    """The width of a text in mm."""
    lines = unicodedata.normalize("NFC", text).split("\n")
    return max(advance(line, weight) for line in lines) * size / EM / 72 / MM


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


def rank_ticks(n: int) -> list[int]:
    """The ranks that a scale of ``n`` names: the first, the last, and round ones between, none too near to these.

    >>> rank_ticks(17), rank_ticks(63)
    ([1, 5, 10, 15, 17], [1, 10, 20, 30, 40, 50, 63])
    """
    step = 1 if n < 10 else 5 if n <= 30 else 10
    return sorted({1, n, *(rank for rank in range(step, n, step) if 3 * (n - rank) > step and 2 * rank > step)})


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


# --- what figures share: the finished block, and the engine of figures of rows --------------------
# What figures share: the finished block; and the one engine of figures of rows.
#
# A row has a name on the left, marks on a scale in the middle, and numbers on the right; below stand the scale and the
# key. What differs between figures is declared (``Rows``) or drawn by a function that is given the axes.

_HEAD, _FOOT, _LINE, _PITCH = 7.0, 13.0, 4.2, 3.6
_LINE_OF_HEAD = 2.8  # mm
_LONG, _BETWEEN, _CLOSE = 40, 6.0, 4.2  # rows that may be halved; mm between the halves, and from row to row in them

#: What a figure draws, by column.
Data = Mapping[str, Iterable[object]]
ARROWS = "▲▼="
#: A sign of the key: words, marker ("" = a patch, "|" = a stroke, one of ``ARROWS`` as it is), colour, hatch.
Sign = tuple[str, str, str, str]
#: Puts the marks of all rows on the axes, at the heights it is given.
Draw = Callable[[Sheet, Axes, np.ndarray], None]


class Told(TypedDict, total=False):
    """What a figure says of itself: ``chart`` is its kind, ``source`` where it is not that of the results;
    ``narrow`` is its SVG for a telephone, ``finding`` what it shows where no rule of ``findings`` gives it."""

    name: str
    chart: str
    caption: str
    alternative: str
    notes: tuple[str, ...]
    data: Data
    source: str
    narrow: str
    finding: Parts


def figure(sheet: Sheet, view: View, **sentence: Unpack[Told]) -> Figure:
    """The finished figure: the sheet's picture with the marks of the results across it and below it. In its data names
    of units are put beside their keys."""
    if view.is_simulated:
        sheet.watermark(view.say("SIMULATED"))
    data = {key: list(map(_plain, values)) for key, values in _named(view, sentence["data"])}
    notes = (*sentence.get("notes", ()), *view.marks)
    return Figure(
        png="",
        svg=sheet.svg(),
        narrow=sentence.get("narrow", ""),
        caption=capital(sentence["caption"]),
        alternative=sentence["alternative"],
        source=sentence.get("source", view.source),
        notes=notes,
        width_mm=sheet.width,
        data=data,
        chart=sentence["chart"],
        name=sentence["name"],
        finding=begun(sentence.get("finding") or finding(view, sentence["name"], data)),
    )


def for_telephones(sheet: Sheet, view: View) -> str:
    """The sheet as the SVG that narrow screens show, with the marks of the results across it."""
    if view.is_simulated:
        sheet.watermark(view.say("SIMULATED"))
    return sheet.svg()


def drawn(
    view: View, height: float, draw: Callable[[Sheet], None], narrow_height: float = 0.0, **sentence: Unpack[Told]
) -> Figure:
    """The figure that ``draw`` puts on a sheet ``height`` mm high, on paper and once more for a telephone, where it may
    be higher."""
    with new_sheet(narrow_height or height, NARROW) as sheet:
        draw(sheet)
        sentence["narrow"] = for_telephones(sheet, view)
    with new_sheet(height) as sheet:
        draw(sheet)
        return figure(sheet, view, **sentence)


def _named(view: View, data: Data) -> Iterator[tuple[str, Iterable[object]]]:
    for key, values in data.items():
        yield key, values
        if key == "unit" and "name" not in data:
            yield "name", [view.unit(str(unit)) for unit in values]


def _plain(value: object) -> object:
    """A value as a block keeps it: numbers of numpy as plain ones; ``None`` where one is not known."""
    plain = value.item() if isinstance(value, np.generic) else value
    return None if plain is pd.NA or plain != plain else plain


def name_colours(view: View, units: Iterable[str]) -> list[str]:
    """The colours of unit names: the unit in focus stands out."""
    return [ACCENT if view.focus and unit == view.focus else INK for unit in units]


def known_of_all(view: View) -> tuple[str, ...]:
    """The line "Data for 18/63 provinces", where not all ranked units are known."""
    n, of = view.coverage
    if n.value == of.value:
        return ()
    return (view.say("Data for {known}/{all} {units}; the others are not drawn.", known=n, all=of),)


@dataclass(frozen=True)
class Rows:
    """What stands on the rows.

    ``names``    on the left, behind ``ranks`` where there are any; broken into lines of at most ``widest`` mm.
    ``numbers``  columns of texts on the right, each with the heading over it.
    ``limits``   the ends of the scale; ``margin`` is what is left free beyond them, as a part of it.
    ``pitch``    mm: the height of a row, less where many would not fit on a page; ``below`` is what notes take there.
    ``axis``     what the scale is in; ``steps`` are its labels, where they are not its own values.
    ``heads``    what ``draw`` writes over the parts of the scale, each as wide as the others, in the lines it needs.
    ``strong``   the last numbers are bold.
    ``halved``   many rows stand in two halves side by side on paper: what ``draw`` puts there stays inside the axes.
    """

    names: Sequence[str]
    limits: tuple[float, float]
    numbers: Sequence[tuple[str, Sequence[str]]] = ()
    key: Sequence[Sign] = ()
    axis: str = ""
    colours: Sequence[str] | str = INK
    widest: float = 76.0
    pitch: float = 4.8
    margin: float = 0.05
    below: float = 0.0
    ranks: Sequence[str] = ()
    strong: bool = False
    halved: bool = False
    steps: Mapping[float, str] = field(default_factory=dict)
    heads: Sequence[str] = ()


def of_units(view: View, units: Iterable[str]) -> tuple[list[str], list[str]]:
    """The names of units with their colours, for ``Rows``."""
    keys = [str(unit) for unit in units]
    return [view.unit(key) for key in keys], name_colours(view, keys)


def too_many_rows(view: View, n_rows: int) -> Note | None:
    """What stands for a figure with so many rows that no page holds them."""
    if n_rows <= MOST_ROWS:
        return None
    return view.missing("Not drawn: too many rows for a page. The tables and the Excel workbook have them all.")


def row_figure(view: View, rows: Rows, draw: Draw, **sentence: Unpack[Told]) -> Figure | Note:
    """The figure of ``rows``, with the marks that ``draw`` puts on them; for a telephone with names in more lines. A
    note where they are too many for a page."""
    if note := too_many_rows(view, len(rows.names)):
        return note
    with _sheet_of_rows(view, replace(rows, widest=min(rows.widest, 32.0)), draw, NARROW) as sheet:
        sentence["narrow"] = for_telephones(sheet, view)
    with _sheet_of_rows(view, rows, draw, WIDTH) as sheet:
        return figure(sheet, view, **sentence)


@contextmanager
def _sheet_of_rows(view: View, rows: Rows, draw: Draw, width: float) -> Iterator[Sheet]:
    on_paper = width == WIDTH
    labels = [wrapped(text, rows.widest, SMALL) for text in rows.names]
    beside = text_width(rows.axis) + 4 + RIGHT if rows.axis and on_paper else 0
    signs: list[tuple[float, int, Sign]] = [
        (x, line, (wrapped(words, width - 8), marker, colour, hatch))
        for x, line, (words, marker, colour, hatch) in _placed(rows.key, width - beside)
    ]
    foot = _FOOT + _LINE * (
        max((line for _, line, _ in signs), default=0) + (bool(rows.axis and signs) and not on_paper)
    )
    lines = np.array([1 + label.count("\n") for label in labels])
    room = TALLEST - _HEAD - foot - rows.below
    n_halves = 2 if rows.halved and on_paper and len(labels) > _LONG else 1
    each, panel = -(-len(labels) // n_halves), (width + _BETWEEN) / n_halves - _BETWEEN
    wanted = min(rows.pitch, _CLOSE) if n_halves > 1 else rows.pitch
    heights = _heights(lines, wanted, n_halves * room) if on_paper else _heights(lines, max(wanted, 4.2), np.inf)
    pitch = float(heights.min())
    size = SIZE if pitch > 4 and on_paper else SMALL
    before = 3 + max(text_width(rank, size, "bold") for rank in rows.ranks) if rows.ranks else 0.0
    left = before + (5 if on_paper else 3) + max(text_width(label, size) for label in labels)
    gap = 5 if on_paper else 3
    widths = [gap + max(text_width(text, size) for text in [*texts, heading]) for heading, texts in rows.numbers]
    while widths and not on_paper and width - left - sum(widths) - RIGHT < _LEAST:
        widths.pop()  # a telephone has no room for it; the table has
    halves = [slice(first, first + each) for first in range(0, len(labels), each)]
    highest = max(float(heights[half].sum()) for half in halves)
    part = (width - left - sum(widths) - RIGHT) / max(1, len(rows.heads))
    over = max((wrapped(head, part * 0.97 - 1, SMALL, "bold").count("\n") - 1 for head in rows.heads), default=0)
    top = _HEAD + _LINE_OF_HEAD * max(0, over)
    laid = _Laid(labels, heights, widths, before, left, size, panel, top)
    with new_sheet(top + highest + foot, width) as sheet:
        for n, half in enumerate(halves):
            _draw_half(sheet, view, rows, draw, laid, half, n * (panel + _BETWEEN), foot + highest)
        for x, line, sign in signs:
            _draw_sign(sheet, x, sheet.height - foot + _FOOT - 2.8 + _LINE * line, sign)
        sheet.write(sheet.width - RIGHT, sheet.height - 2.8, rows.axis, align="right", size=SMALL, colour=MUTED)
        yield sheet


@dataclass(frozen=True)
class _Laid:
    """How rows are laid out: their labels and heights, the widths of numbers, what stands left of the scale (``before``
    of it ranks), the size of letters, the width of a half, where rows begin; in mm."""

    labels: list[str]
    heights: np.ndarray
    widths: list[float]
    before: float
    left: float
    size: float
    panel: float
    top: float


def _draw_half(
    sheet: Sheet, view: View, rows: Rows, draw: Draw, laid: _Laid, half: slice, begin: float, floor: float
) -> None:
    """The rows of ``half`` from ``begin`` on, ``floor`` above the sheet's end. All marks are drawn in each half, and
    the edges of its axes leave those of its own rows."""
    high, pitch = float(laid.heights[half].sum()), float(laid.heights.min())
    middles = np.cumsum(laid.heights) - laid.heights / 2 - float(laid.heights[: half.start].sum())
    at, end, widths = laid.top + middles[half], begin + laid.panel, laid.widths
    beside = sum(widths) + RIGHT if widths else 4.0
    axes = sheet.axes(begin + laid.left, sheet.width - end + beside, laid.top, floor - high)
    low, top = rows.limits
    margin = (top - low) * rows.margin if top > low else 1.0
    axes.set(xlim=(low - margin, top + margin), ylim=(high / pitch - 0.5, -0.5))
    axes.grid(axis="x")
    draw(sheet, axes, middles / pitch - 0.5)
    if rows.steps:
        steps = _apart(
            rows.steps, len(rows.heads), (top - low + 2 * margin) / (sheet.width * axes.get_position().width)
        )
        axes.set_xticks(list(steps), list(steps.values()))
    else:
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))
        _keep_apart(axes, view, sheet.width * axes.get_position().width)
    colours = rows.colours if isinstance(rows.colours, str) else rows.colours[half]
    first = begin + EDGE + laid.before
    sheet.write(first, at, laid.labels[half], size=laid.size, colour=colours)
    if rows.ranks:
        sheet.write(first - 3, at, rows.ranks[half], align="right", size=laid.size, weight="bold")
    for place, (heading, texts) in enumerate(rows.numbers[: len(widths)], 1):
        x = end - RIGHT - sum(widths[place:])
        weight: Weight = "bold" if rows.strong and place == len(widths) else "normal"
        sheet.write(x, at, list(texts)[half], align="right", size=laid.size, weight=weight)
        sheet.write(x, 2.4, heading, align="right", size=SMALL, colour=MUTED)


def _apart(steps: Mapping[float, str], n_parts: int, of_mm: float) -> dict[float, str]:
    """The labels of a scale of ``n_parts`` alike, ``of_mm`` units of it a mm: of a part all or none (of two nobody can
    tell the steps between), and none beside those of the next where they would touch."""
    every, kept, end = sorted(steps.items()), dict[float, str](), np.inf
    size = len(every) // max(1, n_parts)
    for first in range(len(every) - size, -1, -size):
        part = every[first : first + size]
        begin, stop = ((at, (text_width(text, SMALL) / 2 + 0.5) * of_mm) for at, text in (part[0], part[-1]))
        if sum(stop) <= end:
            kept |= dict(part)
            end = begin[0] - begin[1]
    return dict(sorted(kept.items()))


def _keep_apart(axes: Axes, view: View, room: float) -> None:
    """Let the labels of an axis ``room`` mm wide be so few that none touches the next."""
    low, high = axes.get_xlim()
    ticks = [float(tick) for tick in axes.get_xticks() if low <= tick <= high]
    widest = max((text_width(view.tick(tick), SMALL) for tick in ticks), default=0.0) + 2
    if len(ticks) <= 2 or (ticks[1] - ticks[0]) / (high - low) * room >= widest:
        return
    if isinstance(axes.xaxis.get_major_locator(), FixedLocator):  # such as ranks: the first and the last stay
        kept = ticks[:1]
        for tick in ticks[1:-1]:
            if min(tick - kept[-1], ticks[-1] - tick) >= widest / room * (high - low):
                kept.append(tick)
        axes.set_xticks([*kept, ticks[-1]])
    else:
        axes.set_xticks(_few_ticks(view, low, high, room))


def _few_ticks(view: View, low: float, high: float, room: float) -> list[float]:
    """As many round places on a scale ``room`` mm wide as have labels that stand apart. Three at least: of two nobody
    can tell the steps between, neither a reader nor verification."""
    power = 10.0 ** np.floor(np.log10(high - low))
    results: list[float] = []
    for step in (part * size for size in (power / 10, power) for part in (1, 1.5, 2, 2.5, 3, 4, 5)):
        first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
        if last - first >= 2:
            results = (np.arange(first, last + 1) * step).round(9).tolist()
            widest = max(text_width(view.tick(tick), SMALL) for tick in results)
            if step / (high - low) * room >= widest + 1.2:
                break
    return results


def value_axis(sheet: Sheet, axes: Axes, view: View, words: str = "") -> None:
    """The values of a scale that goes up, three at least, and what it is in."""
    low, high = axes.get_ylim()
    locator = MaxNLocator(6, steps=[1, 2, 5, 10], min_n_ticks=3)
    ticks = [tick for tick in locator.tick_values(low, high) if low <= tick <= high]
    axes.set_yticks(ticks)
    left, right = axes.get_xlim()
    sheet.write(
        np.full(len(ticks), left - 0.008 * (right - left)), ticks, list(map(view.tick, ticks)), axes, align="right"
    )
    sheet.write(EDGE, 2.4, words or view.unit_of_value, size=SMALL, colour=MUTED)


def _heights(lines: np.ndarray, pitch: float, room: float) -> np.ndarray:
    """The heights of rows in mm, whose names have so many ``lines``: ``pitch``, more where a name needs it. Where they
    would be higher than ``room`` together, those give way first that have room to spare.

    >>> _heights(np.array([1, 2, 1]), 4.8, 100.0).tolist()
    [4.8, 8.2, 4.8]
    >>> _heights(np.array([1, 2, 1]), 4.8, 17.0).round(2).tolist()
    [4.4, 8.2, 4.4]
    """
    needs = np.where(lines > 1, 1 + _PITCH * lines, 3.0)
    while (heights := np.maximum(needs, pitch)).sum() > room + 1e-6:
        gives = needs < pitch
        if not gives.any():
            lower: np.ndarray = heights * room / heights.sum()
            return lower
        pitch = max((room - needs[~gives].sum()) / gives.sum(), needs[gives].max())
    return heights


def _placed(key: Iterable[Sign], right: float) -> Iterator[tuple[float, int, Sign]]:
    """The signs of a key with their places: mm from the left, and the line, a new one where ``right`` is reached."""
    x, line = EDGE, 0
    for sign in key:
        width = 10 + text_width(sign[0])
        if x > EDGE and x + width - 5 > right:
            x, line = EDGE, line + 1
        yield x, line, sign
        x += width


def signs_at_foot(sheet: Sheet, signs: Iterable[Sign]) -> float:
    """Draw the key of ``signs`` at the foot of a sheet; returns the mm that its lines take beyond the first."""
    placed = list(_placed(signs, sheet.width))
    beyond = _LINE * placed[-1][1] if placed else 0.0
    for x, line, sign in placed:
        _draw_sign(sheet, x, sheet.height - 3 - beyond + _LINE * line, sign)
    return beyond


def _draw_sign(sheet: Sheet, x: float, y: float, sign: Sign) -> None:
    words, marker, colour, hatch = sign
    if not marker:
        sheet.key(x, y, [(words, colour, hatch)])
        return
    if marker == "|":
        sheet.page.lines([((x + 1.5, y - 1.6), (x + 1.5, y + 1.6))], colour=colour, width=1.8)
    elif marker in ARROWS:
        sheet.write(x + 1.5, y, marker, align="center", colour=colour)
    else:
        edge = colour if marker == "X" else INK  # an edge would close the gaps of a cross
        sheet.page.dots([(x + 1.5, y)], size=22, marker=marker, colour=colour, edge=edge, width=0.7)
    sheet.write(x + 4.4, y, words)


def stacked(
    sheet: Sheet,
    axes: Axes,
    y: np.ndarray,
    parts: Iterable[tuple[np.ndarray, str, str]],
    texts: Callable[[float], str] | None = None,
    *,
    height: float = 0.66,
    least: float = 0.0,
) -> None:
    """Bars one after another on each row: the values, colour and hatch of each part. ``texts`` writes a value into its
    bar, where all of the part are longer than ``least`` and it has no hatch."""
    start = np.zeros(len(y))
    for values, colour, hatch in parts:
        bars(axes, y, values, start, colour=colour, height=height, hatch=hatch, edge=MUTED)
        shown = values > 0
        if texts and not hatch and shown.any() and values.min() >= least:
            words = [texts(value) for value in values[shown]]
            middle = (start + values / 2)[shown]
            sheet.write(middle, y[shown], words, axes, align="center", size=SMALL, colour=readable_on(colour))
        start = start + values
