"""Province maps, 63 or 34 units: groups, quarters, change; Hoàng Sa and Trường Sa on every one. A report shows what is
known of nearly all provinces on the map, of a part of them as tiles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.patches import Rectangle
from matplotlib.path import Path as Outline

from parlib.data_tables import outlines, table
from parlib.report import findings, style
from parlib.report.blocks import Content, Figure, Note, Parts, message
from parlib.report.style import INK, MUTED, RULE, SMALL, Sheet, figure
from parlib.report.views import View
from parlib.scoring import units
from parlib.words import FIRST, SOURCE

# --- outlines -------------------------------------------------------------------------------------
# The outlines of the provinces as matplotlib paths, and where the two archipelagos are labelled.

#: The whole country with its two archipelagos (degrees): no map may be cut inside.
WEST, EAST, SOUTH, NORTH = 102.1, 117.9, 6.9, 23.4
_NARROW = float(np.cos(np.radians(16.0)))  # a degree of longitude against one of latitude, mid-country


@dataclass(frozen=True)
class Province:
    """One province: its outline on the map, the point of its largest part, its islands far out at sea."""

    key: str
    outline: Outline
    centre: tuple[float, float]
    far_islands: np.ndarray  # n x 2, centres


@dataclass(frozen=True)
class Archipelago:
    """One of the two archipelagos: its name with the province it belongs to, and that province."""

    key: str
    words: tuple[str, str]  # name, province
    unit: str
    box: tuple[float, float, float, float]  # left, bottom, right, top

    @property
    def short(self) -> str:
        """The name without what it is a name of."""
        return self.words[0].removeprefix("Quần đảo ").removesuffix(" Archipelago")


def project_box(west: float, east: float, south: float, north: float) -> tuple[float, float, float, float]:
    """A box of degrees in map units: left, right, bottom, top. Latitude stays as it is, longitude is narrowed."""
    return west * _NARROW, east * _NARROW, south, north


@cache
def provinces(system: str) -> tuple[Province, ...]:
    """The provinces of a system ("63" or "34")."""
    return tuple(_province(key, parts) for key, parts in outlines(system))


def _province(key: str, parts: list[list[np.ndarray]]) -> Province:
    vertices, codes, largest, far = [], [], (0.0, (0.0, 0.0)), []
    for rings in parts:
        for place, ring in enumerate(rings):
            points = ring * (_NARROW, 1.0)
            vertices.append(points)
            codes.append([Outline.MOVETO] + [Outline.LINETO] * (len(points) - 2) + [Outline.CLOSEPOLY])
            if place == 0:
                area, centre = _area(points)
                if area > largest[0]:
                    largest = (area, centre)
                if float(ring[:, 0].mean()) > 111:  # the two archipelagos lie east of it, nothing else
                    far.append(centre)
    outline = Outline(np.concatenate(vertices), np.concatenate(codes))
    return Province(key, outline, largest[1], np.array(far).reshape(-1, 2))


def _area(points: np.ndarray) -> tuple[float, tuple[float, float]]:
    x, y = points[:, 0], points[:, 1]
    cross = x[:-1] * y[1:] - x[1:] * y[:-1]
    double = float(cross.sum())
    if abs(double) < 1e-12:
        return 0.0, (float(x.mean()), float(y.mean()))
    cx = float(((x[:-1] + x[1:]) * cross).sum() / (3 * double))
    cy = float(((y[:-1] + y[1:]) * cross).sum() / (3 * double))
    return abs(double) / 2, (cx, cy)


@cache
def archipelagos(system: str, language: str = FIRST) -> tuple[Archipelago, ...]:
    """Hoàng Sa and Trường Sa in a system of provinces, named in a language."""
    results = []
    for row in table("geo/labels.csv").rows():
        name, _, owner = row["label_vi" if language == FIRST else "label_en"].rstrip(")").partition(" (")
        sides = (row[key] for key in ("lon_min", "lon_max", "lat_min", "lat_max"))
        left, right, bottom, top = project_box(*sides)
        results.append(Archipelago(row["id"], (name, owner), row[f"key{system}"], (left, bottom, right, top)))
    return tuple(results)


@cache
def tiles(system: str) -> dict[str, tuple[int, int]]:
    """The place (column, row) of every province, and of the archipelagos, on the tile map."""
    return {row["key"]: (row["column"], row["row"]) for row in table("geo/tiles.csv").rows() if row["system"] == system}


# --- drawing --------------------------------------------------------------------------------------
# The map of the provinces and its small form of tiles, in classes that each have a colour, a hatch and words.
#
# Hoàng Sa and Trường Sa are on both, drawn and labelled.

UNKNOWN = ("#ffffff", "////")
_RISE = ("#a9cbe3", "#1f6394")
_FALL = ("#f6d3a8", "#c2570c")
_SAME = "#eef2f5"
_STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)


@dataclass(frozen=True)
class Classes:
    """``of``: the class of each unit (-1 = not known); ``words``, ``colours``, ``hatches``: one for each class."""

    of: pd.Series
    words: tuple[str, ...]
    colours: tuple[str, ...]
    hatches: tuple[str, ...]

    def counted(self, view: View) -> tuple[tuple[str, str, str], ...]:
        """The legend: words with the number of units, colour, hatch of each class that has any, and of the unknown."""
        unknown = sum(int(self.of.get(unit, -1)) < 0 for unit in view.results.units["unit"])
        counts = [*(int((self.of == place).sum()) for place in range(len(self.words))), unknown]
        words = [*self.words, view.say("No data")]
        looks = [*zip(self.colours, self.hatches, strict=True), UNKNOWN]
        return tuple(
            (f"{name}: {view.wording.format(n, 0)} {view.units_of(view.wording.count(n))}", *look)
            for name, n, look in zip(words, counts, looks, strict=True)
            if n
        )

    def look(self, unit: str) -> tuple[str, str]:
        """Colour and hatch of a unit."""
        place = int(self.of.get(unit, -1))
        return UNKNOWN if place < 0 else (self.colours[place], self.hatches[place])


def by_band(view: View, ranking: pd.DataFrame) -> Classes:
    """The groups of the year, best first; one that holds more than half of the known units is drawn in equal parts by
    value, for one colour over a whole country shows nothing. ``ranking`` is the frame of ``rank``."""
    bands = [str(band) for band in view.results.bands]
    groups = ranking.set_index("unit")["band"]
    n_known = int(groups.isin(bands).sum())
    used = [band for band in bands if (groups == band).any()]
    place = pd.Series(-1, index=groups.index)
    words: list[str] = []
    for band in bands:
        inside = view.values().reindex(groups.index[groups == band])
        n_parts = min(3, len(style.ORDERED) + 1 - len(used)) if 2 * len(inside) > n_known and len(used) < 5 else 1
        if n_parts < 2 or inside.isna().any():
            place[inside.index] = len(words)
            words.append(view.band(band))
            continue
        part = _equal_parts(inside, n_parts)
        for found in sorted(part.unique()):
            values = inside[part == found]
            place[values.index] = len(words)
            group = view.say("Group {band}", band=band)
            words.append(f"{group}: {_span(view, values)}")
    if len(words) > len(bands):  # colours are few: none for a group without units
        kept = [n for n in range(len(words)) if (place == n).any()]
        place, words = place.map({-1: -1, **{n: new for new, n in enumerate(kept)}}), [words[n] for n in kept]
    return Classes(place, tuple(words), style.ORDERED[: len(words)], ("",) * len(words))


def _equal_parts(known: pd.Series, n: int) -> pd.Series:
    """Which of ``n`` parts of equal size each value is in, 0 the highest; equal values share a part."""
    above = known.rank(ascending=False, method="min") - 1
    return (n * above / max(len(known), 1)).astype(int).clip(upper=n - 1)


def _span(view: View, values: pd.Series) -> str:
    """From the lowest to the highest of ``values``, with their unit."""
    low, high = (view.wording.format(float(x), view.decimals) for x in (values.min(), values.max()))
    return f"{low}–{high}{'%' if view.unit_of_value == '%' else f' {view.unit_of_value}'}"


_QUARTERS = (message("Highest quarter"), message("Second quarter"), message("Third quarter"), message("Lowest quarter"))


def by_quarter(view: View) -> Classes:
    """Four equal groups of the known units, the best quarter first; equal values share a group."""
    values = view.values().loc[view.results.ranked_units]
    known = values.dropna()
    place = _equal_parts(known, 4)
    of = place.reindex(values.index).fillna(-1).astype(int)
    words = []
    for quarter, name in enumerate(_QUARTERS):
        inside = known[place == quarter]
        words.append(view.say(name) if inside.empty else f"{view.say(name)}: {_span(view, inside)}")
    return Classes(of, tuple(words), style.ORDERED[:4], ("",) * 4)


def by_value(view: View) -> Classes:
    """Four classes of equal width from the lowest to the highest known value, the highest first: what is not known
    changes none of them much, and none is said to be a quarter of all."""
    known = view.values().dropna()
    ends = np.linspace(known.max(), known.min(), 5)
    place = np.clip(np.searchsorted(-ends, -known.to_numpy(), side="left") - 1, 0, 3)
    of = pd.Series(place, known.index).reindex(view.results.units["unit"]).fillna(-1).astype(int)
    words = tuple(_span(view, pd.Series([low, high])) for high, low in pairwise(ends))
    return Classes(of, words, style.ORDERED[:4], ("",) * 4)


def by_change(view: View, change: pd.DataFrame, step: float | None = None) -> Classes:
    """Rises and falls, of less than ``step`` and of more; without one, of the round number next to the median.

    ``change`` is the frame of ``change``."""
    scaled = pd.Series([view.scaled(value) for value in change["change"]], index=change["unit"], dtype=float)
    rounded = scaled.round(9)
    if step is None:
        middle = float(rounded.abs().median())
        step = min(_STEPS, key=lambda size: abs(size - middle))
    of = pd.Series(-1, index=scaled.index)
    of[rounded <= -step], of[(rounded > -step) & (rounded < 0)] = 4, 3
    of[rounded == 0], of[(rounded > 0) & (rounded < step)], of[rounded >= step] = 2, 1, 0
    unit = view.unit_of_change
    unit = unit.removesuffix("s") if step == 1 and view.wording.language == SOURCE else unit  # "1 point"
    far = f"{view.tick(step)}{'' if unit == '%' else ' '}{unit}"
    words = (
        view.say("Rose by {step} or more", step=far),
        view.say("Rose by less than {step}", step=far),
        view.say("Unchanged"),
        view.say("Fell by less than {step}", step=far),
        view.say("Fell by {step} or more", step=far),
    )
    return Classes(of, words, (_RISE[1], _RISE[0], _SAME, _FALL[0], _FALL[1]), ("", "", "", "....", "xxxx"))


_HEIGHT, _FOOT = 166.0, 20.0  # mm: on a page of A4 with a heading and a sentence above it
_DELTA = (105.25, 107.15, 19.85, 21.45)  # the crowded provinces around Hà Nội, drawn larger in the empty north-east
_TILE = 10.6  # three lines fit
_GAIN = 0.06  # of a label that has to come to lie inside for a name to be broken


@dataclass(frozen=True)
class Told:
    """What stands on a map and beside it: ``labels`` are short texts by unit, ``means`` says what of."""

    name: str
    caption: str
    alternative: str = ""
    labels: pd.Series = field(default_factory=lambda: pd.Series(dtype=str))
    means: str = ""
    notes: tuple[str, ...] = ()
    finding: Parts = ()


def province_map(view: View, classes: Classes, told: Told) -> Figure:
    """The provinces in the colours of their classes.

    The whole country is drawn, never cropped; the islands of the two archipelagos take the colour of their province,
    are made large enough to be seen and are labelled with its name.
    """
    system, labels = view.results.system, told.labels
    narrow = _small_map(view, classes)
    with style.new_sheet(_HEIGHT + _FOOT) as sheet:
        axes = sheet.axes(0, 0, 0, _FOOT)
        _frame(axes, sheet.width, _HEIGHT, *project_box(WEST, EAST, SOUTH, NORTH))
        _fill(axes, classes, system, width=0.4)
        inset = sheet.axes(sheet.width - 68, 1, 1, _FOOT + _HEIGHT - 59)
        _zoom(axes, inset, classes, system)
        _islands(sheet, axes, classes, view)
        crowded = _label(sheet, axes, classes, labels, system, None, frozenset())
        _label(sheet, inset, classes, labels, system, view, crowded)
        _legend(sheet, classes.counted(view), told.means)
        more = ", dvhcvn/20250701 (MIT)" if system == "63" else ""
        credit = view.say(
            "Boundaries: reference map of administrative units, state map publisher, via "
            "thanglequoc/vietnamese-provinces-database (MIT){more}; islands are drawn larger than they are.",
            more=more,
        )
        return _finished(sheet, view, classes, replace(told, notes=(*told.notes, credit)), narrow)


def _small_map(view: View, classes: Classes) -> str:
    """The map for a telephone: the classes alone, for the provinces have no room for their labels."""
    entries = list(classes.counted(view))
    high, foot = 96.0, 4.2 * len(entries) + 3
    with style.new_sheet(high + foot, style.NARROW) as sheet:
        axes = sheet.axes(0, 0, 0, foot)
        _frame(axes, sheet.width, high, *project_box(WEST, EAST, SOUTH, NORTH))
        _fill(axes, classes, view.results.system, width=0.3)
        _islands(sheet, axes, classes, view, 7.5)
        for row, entry in enumerate(entries):
            sheet.key(style.EDGE, high + 3 + 4.2 * row, [entry])
        return style.for_telephones(sheet, view)


def tile_map(view: View, classes: Classes, told: Told) -> Figure:
    """One square of equal size a province, each about where it lies, with its name and its label.

    Nothing is hatched behind the words: the sign of a change, or that a label is lacking, says what a hatch would.
    """
    with _tile_sheet(view, classes, told.labels, told.means, style.NARROW) as sheet:
        narrow = style.for_telephones(sheet, view)
    with _tile_sheet(view, classes, told.labels, told.means, style.WIDTH) as sheet:
        return _finished(sheet, view, classes, told, narrow)


@contextmanager
def _tile_sheet(view: View, classes: Classes, labels: pd.Series, means: str, width: float) -> Iterator[Sheet]:
    places = tiles(view.results.system)
    columns, rows = (1 + max(place[i] for place in places.values()) for i in (0, 1))
    wide = min(_TILE * 1.9, width / columns)
    high, size = (_TILE, SMALL) if width == style.WIDTH else (_TILE * 1.3, 6.2)
    high *= 0.7 if labels.empty else 1.0
    islands = {a.key: a for a in archipelagos(view.results.system, view.wording.language)}
    entries = [(words, colour, "") for words, colour, _ in classes.counted(view)]
    foot = (_FOOT if means else 9.0) if width == style.WIDTH else 4.2 * len(entries) + 7
    with style.new_sheet(rows * high + foot + 2, width) as sheet:
        left = (sheet.width - columns * wide) / 2
        corners = np.array([(left + column * wide, 1 + row * high) for column, row in places.values()])
        looks = [classes.look(islands[key].unit if key in islands else key) for key in places]
        texts = [on_tile(view, islands.get(key), key, labels, wide, size) for key in places]
        inner = np.array([(0.4, 0.4), (wide - 0.4, 0.4), (wide - 0.4, high - 0.4), (0.4, high - 0.4)])
        boxes = PolyCollection(list(corners[:, None] + inner), facecolors=[colour for colour, _ in looks],
                               edgecolors=MUTED, linewidths=0.4)  # fmt: skip
        sheet.page.add_artist(boxes)
        inks = [MUTED if look == UNKNOWN else style.readable_on(look[0]) for look in looks]
        x, y = (corners + np.array((wide / 2, high / 2))).T
        sheet.write(x, y, texts, align="center", size=size, colour=inks)
        _legend(sheet, entries, means, foot)
        yield sheet


def on_tile(view: View, islands: Archipelago | None, key: str, labels: pd.Series, wide: float, size: float) -> str:
    """What stands on a tile: the name of the province and its label, or an archipelago with its province; tiles without
    labels are low."""
    if islands is not None:
        if wide < 1.5 * _TILE:  # a telephone: two lines fit
            return style.wrapped(islands.short, wide - 1.0, size)
        name = islands.short if labels.empty else islands.words[0]
        whole = f"{name} ({islands.words[1]})"
        for kept in (islands.short, islands.words[1]):  # on one line
            whole = whole.replace(kept, kept.replace(" ", "\u00a0"))
        return style.wrapped(whole, wide - 1.0, size).replace("\u00a0", " ")
    below = labels.get(key, "")
    name = style.wrapped(view.unit(key, short=True), wide - 1.0, size)
    return f"{name}\n{below}" if below and below == below else name


def _hatch(colour: str) -> str:
    """Hatches of white areas stay pale, so that words on them can be read."""
    return RULE if colour == UNKNOWN[0] else MUTED


def _frame(axes: Axes, width: float, height: float, left: float, right: float, bottom: float, top: float) -> None:
    """Limits that keep one scale for both directions, with the map in the middle."""
    scale = max((right - left) / width, (top - bottom) / height)
    mid_x, mid_y = (left + right) / 2, (bottom + top) / 2
    axes.set_axis_off()
    axes.set(
        xlim=(mid_x - scale * width / 2, mid_x + scale * width / 2),
        ylim=(mid_y - scale * height / 2, mid_y + scale * height / 2),
    )


def _fill(axes: Axes, classes: Classes, system: str, width: float) -> None:
    """The provinces, one collection a look: hatches are a property of a collection."""
    looks: dict[tuple[str, str], list] = {}  # type: ignore[type-arg]
    for province in provinces(system):
        looks.setdefault(classes.look(province.key), []).append(province.outline)
    for (colour, hatch), of_look in looks.items():
        shapes = PathCollection(
            of_look,
            facecolors=colour,
            edgecolors=MUTED,
            linewidths=width,
            hatch=hatch or None,
            hatchcolor=_hatch(colour),
        )
        axes.add_collection(shapes, autolim=False)


def _zoom(axes: Axes, inset: Axes, classes: Classes, system: str) -> None:
    """The crowded part again, larger, with a frame on both."""
    left, right, bottom, top = project_box(*_DELTA)
    inset.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[])
    for side in inset.spines.values():
        side.set(visible=True, color=MUTED, linewidth=0.8)
    inset.set_facecolor("white")
    _fill(inset, classes, system, width=0.6)
    box = Rectangle((left, bottom), right - left, top - bottom, fill=False, edgecolor=INK, linewidth=0.8, zorder=3)
    axes.add_patch(box)


def _islands(sheet: Sheet, axes: Axes, classes: Classes, view: View, size: float = 11.0) -> None:
    """The two archipelagos: a dot an island, a box around them, and their names, to be read on a card too."""
    far = {province.key: province.far_islands for province in provinces(view.results.system)}
    for group in archipelagos(view.results.system, view.wording.language):
        left, bottom, right, top = group.box
        points = far[group.unit]
        inside = (points[:, 0] > left - 0.3) & (points[:, 0] < right + 0.3)
        inside &= (points[:, 1] > bottom - 0.3) & (points[:, 1] < top + 0.3)
        colour, _ = classes.look(group.unit)
        axes.scatter(points[inside, 0], points[inside, 1], s=5, color=colour, edgecolors=INK, linewidths=0.35, zorder=3)
        frame = Rectangle((left - 0.15, bottom - 0.15), right - left + 0.3, top - bottom + 0.3, fill=False,
                          edgecolor=RULE, linewidth=0.7, linestyle=(0, (4, 3)))  # fmt: skip
        axes.add_patch(frame)
        name = f"{group.words[0]}\n({group.words[1]})"
        # inside the frame of the map, whichever way the box lies
        per_mm = float(np.ptp(axes.get_xlim())) / sheet.width
        half = per_mm * style.text_width(name, size, "bold") / 2
        middle = min((left + right) / 2, axes.get_xlim()[1] - half - per_mm)
        off = per_mm * size * 0.64  # two lines and the gap to the box
        under = bottom - off if bottom - 2 * off > axes.get_ylim()[0] else top + off
        sheet.write(middle, under, name, axes, align="center", size=size, weight="bold")


def _label(
    sheet: Sheet, axes: Axes, classes: Classes, labels: pd.Series, system: str, names: View | None, only: frozenset[str]
) -> frozenset[str]:
    """Labels on the provinces; on the main map all but those of the inset, whose keys are returned."""
    left, right, bottom, top = project_box(*_DELTA)
    inside: set[str] = set()
    shown: list[tuple[str, Province, str, str]] = []  # text, where, ink, halo
    for province in provinces(system):
        x, y = province.centre
        within = left + 0.14 < x < right - 0.1 and bottom + 0.06 < y < top - 0.09
        if within:
            inside.add(province.key)
        if within if names is None else province.key not in only:
            continue
        text = labels.get(province.key, "")
        text = "" if text != text else str(text)
        if names is not None:
            text = f"{names.unit(province.key)}\n{text}" if text else names.unit(province.key)
        if text:
            look = classes.look(province.key)
            shown.append((text, province, INK if look == UNKNOWN else style.readable_on(look[0]), look[0]))
    if shown:
        box = axes.get_position()
        of_sheet = np.array([box.width * sheet.width, box.height * sheet.height])
        per_mm = np.ptp([axes.get_xlim(), axes.get_ylim()], axis=1) / of_sheet
        texts, sizes, middles = zip(*(_placed(text, province, per_mm) for text, province, _, _ in shown), strict=True)
        at = per_mm * moved_apart(np.array(middles) / per_mm, np.array(sizes))
        _, _, inks, halos = zip(*shown, strict=True)
        sheet.write(at[:, 0], at[:, 1], texts, axes, align="center", size=SMALL, colour=inks, halo=halos)
    return frozenset(inside)


def _placed(text: str, province: Province, per_mm: np.ndarray) -> tuple[str, np.ndarray, np.ndarray]:
    """A label with its size in mm and its place; a name that its province is too narrow for stands on two lines where
    more of it is then inside."""
    best: tuple[float, str, np.ndarray, np.ndarray] | None = None
    for one in dict.fromkeys((text, text.replace(" ", "\n"))):
        size = np.array((style.text_width(one, SMALL) + 0.4, 2.9 * (1 + one.count("\n"))))
        place, inside = roomiest(province.outline, province.centre, size * per_mm)
        if best is None or inside > best[0] + _GAIN:
            best = inside, one, size, place
    assert best is not None
    return best[1:]


def roomiest(outline: Outline, centre: tuple[float, float], size: np.ndarray) -> tuple[np.ndarray, float]:
    """Where a box of this size lies within an outline, or with as little as can be outside, nearest to the centre; and
    how much of it is inside."""
    samples = np.stack(np.meshgrid(np.linspace(-0.5, 0.5, 7), np.linspace(-0.5, 0.5, 5)), axis=-1).reshape(-1, 2) * size
    if outline.contains_points(centre + samples).all():
        return np.array(centre), 1.0
    moves = np.stack(np.meshgrid(np.linspace(-1, 1, 21), np.linspace(-1, 1, 21)), axis=-1).reshape(-1, 2)
    places = centre + moves[np.argsort(np.hypot(*moves.T), kind="stable")] * size.mean()
    within = outline.contains_points((places[:, None] + samples).reshape(-1, 2)).reshape(len(places), -1)
    inside_at = within.mean(axis=1)
    best = int(inside_at.argmax())
    return places[best], float(inside_at[best])


def moved_apart(middles: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The middles of boxes (n x 2, like their ``sizes``), moved the shorter way until none lies on another."""
    at = middles.astype(float).copy()
    for _ in range(200):
        between = at[:, None] - at[None]
        over = (sizes[:, None] + sizes[None]) / 2 - np.abs(between)
        first, second = np.nonzero(np.triu((over > 1e-6).all(axis=2), 1))
        if not len(first):
            break
        for a, b in zip(first, second, strict=True):
            way = int(over[a, b].argmin())
            half = over[a, b, way] / 2 * (1.0 if between[a, b, way] >= 0 else -1.0)
            at[a, way] += half
            at[b, way] -= half
    return at


def _legend(sheet: Sheet, entries: Iterable[tuple[str, str, str]], means: str, foot: float = _FOOT) -> None:
    """The classes, and below them what the labels are."""
    last = sheet.key(0.6, sheet.height - foot + 3.5, entries)
    sheet.write(0.6, last + 4.2, means, colour=MUTED)


def _finished(sheet: Sheet, view: View, classes: Classes, told: Told, narrow: str) -> Figure:
    units, labels = [str(unit) for unit in view.results.units["unit"]], told.labels
    words = [classes.words[int(classes.of.get(u, -1))] if classes.of.get(u, -1) >= 0 else None for u in units]
    shown = [None if labels.get(u, "") != labels.get(u, "") else str(labels.get(u, "")) or None for u in units]
    return figure(
        sheet,
        view,
        name=told.name,
        chart="map",
        caption=told.caption,
        alternative=told.alternative,
        notes=told.notes,
        narrow=narrow,
        finding=told.finding,
        data={"unit": units, "class": words, "label": shown},
    )


def band_map(view: View, ranking: pd.DataFrame, small: bool = False) -> Figure | Note:
    """The provinces by group of the year, their ranks on them. ``small``: as tiles."""
    if ranking.empty or not (ranking["band"] != "").any():
        return view.missing("No group of any province is known for {year}: there is no map.")
    classes = by_band(view, ranking)
    caption = view.say("Provinces by group of the {index}, {year}")
    best = next(band for band in view.results.bands if (ranking["band"] == band).any())
    inside = ranking.loc[ranking["band"] == best, "unit"]
    found = _where(view, classes, inside, f"band:{best}")
    msgid = message("{k} of the {n} {units} in group {band} are in {region}")
    finding = view.phrase(msgid, band=best, **found) if found else _reached(view, ranking, best)
    return _draw(view, classes, _of_ranks(view, "map_bands", caption, ranking, finding), small)


def quarter_map(view: View, ranking: pd.DataFrame, small: bool = False) -> Figure | Note:
    """The provinces in four equal groups, for an index without groups of its own. ``ranking`` gives the labels."""
    if len(view.values().dropna()) < 4 or view.results.n_known < len(view.results.ranked_units):
        return view.missing("Quarters need the value of every ranked unit: there is no map for {year}.")
    caption = view.say("Provinces by quarter of the {index}, {year}")
    classes = by_quarter(view)
    found = _where(view, classes, classes.of.index[classes.of == 0], "top_quarter")
    finding = view.phrase("{k} of the {n} {units} in the best quarter are in {region}", **found) if found else ()
    return _draw(view, classes, _of_ranks(view, "map_quarters", caption, ranking, finding), small)


def _reached(view: View, ranking: pd.DataFrame, band: str) -> Parts:
    """How many are in the best group, where that of every ranked unit is known."""
    bands = ranking.set_index("unit")["band"].reindex(view.results.ranked_units)
    if bands.isna().any() or (bands == "").any():
        return ()
    n = view.wording.count(int((bands == band).sum()), view.ref(column=f"band:{band}"))
    return view.phrase("{share} {units} reached {bounds}", share=view.share(n, view.n_ranked), bounds=view.bounds(band))


def _where(view: View, classes: Classes, inside: Iterable[str], column: str) -> dict[str, Content]:
    """In which region most of the best class lie, and how many; nothing where not every ranked unit has a class, few
    are in the best, or two regions have as many. ``column`` is what they are counted as."""
    of, counted = classes.of.reindex(view.results.ranked_units), list(inside)
    regions = pd.Series([units.region_of(unit, view.results.system) for unit in counted], dtype="str").value_counts()
    if of.isna().any() or (of < 0).any() or not len(regions) or int(regions.iloc[0]) < 3:
        return {}
    if len(regions) > 1 and regions.iloc[0] == regions.iloc[1]:
        return {}
    region = str(regions.index[0])
    return {
        "k": view.wording.count(int(regions.iloc[0]), view.ref(f"region:{region}", column=column)),
        "n": view.wording.count(len(counted), view.ref(column=column)),
        "region": view.region_names[region],
    }


def value_map(view: View) -> Figure | Note:
    """The provinces by value, on which it stands; unlike quarters it needs not all of them, but most."""
    values = view.values()
    if values.notna().sum() < WHOLE_MAP * len(values):
        return view.missing("Too few values of {year} are known: there is no map.")
    labels = pd.Series(
        ["" if x != x else view.wording.format(float(x), 1) for x in values], index=values.index, dtype=object
    )
    caption = view.say("Provinces by value of the {index}, {year}")
    means = view.say("Numbers: {index} ({unit})", unit=view.unit_of_value)
    return _draw(view, by_value(view), Told("map_values", caption, labels=labels, means=means), False)


def change_map(view: View, change: pd.DataFrame, small: bool = False) -> Figure | Note:
    """The provinces by change of the index on the year before, the change on them."""
    if change.empty or not change["change"].notna().any():
        return view.missing("No change of any province is known for {year}: there is no map.")
    texts = [view.wording.format(view.scaled(x), 1, signed=True) if x == x else "" for x in change["change"]]
    labels = pd.Series(texts, index=change["unit"])
    caption = view.say("Change of the {index} by province, {year} against {before}")
    means = view.say("Numbers: change of the {index} ({unit})", unit=view.unit_of_change)
    notes: tuple[str, ...] = ()
    if change["break_mark"].any():
        notes = (view.say("The set of criteria changed between {before} and {year}: the change is not like for like."),)
    known = change[change["change"].notna() & change["unit"].isin(view.results.ranked_units)]
    moved = {"unit": known["unit"].tolist(), "change": [view.scaled(x) for x in known["change"]]}
    finding = findings.finding(view, "change", moved)
    told = Told("map_change", caption, labels=labels, means=means, notes=notes, finding=finding)
    return _draw(view, by_change(view, change), told, small)


def _of_ranks(view: View, name: str, caption: str, ranking: pd.DataFrame, finding: Parts) -> Told:
    """A map with ranks on it."""
    texts = ["" if pd.isna(rank) else str(int(rank)) for rank in ranking["rank"]]
    labels = pd.Series(texts, index=ranking["unit"])
    return Told(name, caption, labels=labels, means=view.say("Numbers: rank"), finding=finding)


def _draw(view: View, classes: Classes, told: Told, small: bool) -> Figure:
    entries = [words for words, _, _ in classes.counted(view)]
    alternative = view.say("Map of the provinces. Number of provinces by class: {counts}.", counts="; ".join(entries))
    told = replace(told, alternative=alternative, notes=(*told.notes, *_partly(view, classes, small)))
    if small:
        return tile_map(view, classes, replace(told, name=f"{told.name}_tiles"))
    return province_map(view, classes, told)


def _partly(view: View, classes: Classes, small: bool) -> tuple[str, ...]:
    """How many provinces are known, where not all are: land without colour is not land with a low value."""
    units = [str(unit) for unit in view.results.units["unit"]]
    known = sum(int(classes.of.get(unit, -1)) >= 0 for unit in units)
    if known == len(units):
        return ()
    known_of, of = (view.wording.count(n, view.ref()) for n in (known, len(units)))
    words = message("Known for {known}/{all} provinces; hatched ones are not known, which does not mean low.")
    if small:
        words = message("Known for {known}/{all} provinces; white ones are not known, which does not mean low.")
    return (view.say(words, known=known_of, all=of),)


WHOLE_MAP = 0.9  # at least this part of the provinces is known: the map
TILES = 1 / 3  # of so many provinces at least the tiles are drawn


def country(view: View, ranking: pd.DataFrame, change: pd.DataFrame | None = None) -> list[Figure]:
    """The provinces by group (by quarter where the index has no groups) and by change on the year before.

    A map of few known provinces would show little but hatches, so none is drawn; of some the tiles are. Frames as
    ``rank`` and ``change`` give them.
    """
    results: list[Figure | Note] = []
    if view.has("groups"):
        share = _known_share(view, ranking["band"] != "", ranking)
        if share >= TILES:
            results.append(band_map(view, ranking, small=share < WHOLE_MAP))
    else:
        results.append(quarter_map(view, ranking))
    if change is not None and _known_share(view, change["change"].notna(), change) >= WHOLE_MAP:
        results.append(change_map(view, change, small=True))
    return [block for block in results if isinstance(block, Figure)]


def _known_share(view: View, known: pd.Series, frame: pd.DataFrame) -> float:
    """The part of all provinces of the year of which something is known."""
    return float((known & frame["unit"].isin(view.results.units["unit"])).sum()) / max(len(view.results.units), 1)
