"""The numbers written in the drawings of figures, read back: each is one of the figure's own.

A figure draws what its data hold, so what its letters say has to follow from its data: a cell, the sum or a difference
of a row, the mean or the number of a group of rows, the index of the unit of a row, or what its texts say. A column of
numbers stands in the order of the rows. Labels of a scale lie on it: their places go up in step with their values.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from html import unescape
from itertools import permutations
from typing import NamedTuple

import numpy as np

from parlib.analysis.checks import Finding
from parlib.publish.verify import figures
from parlib.publish.verify.reading import WRITTEN, joined, written, wrong
from parlib.report.blocks import Figure
from parlib.words import Message

_GROUP = re.compile(r"<g [^>]*>(.*?)</g>|(<text .*?</text>)", re.DOTALL)
_TEXT = re.compile(r'<text x="(-?\d+)" y="(-?\d+)"[^>]*>([^<]*)</text>')
_OF_WORDS = re.compile(r"\w*[05]%|(?:19|20)\d\d")  # limits of groups and levels of confidence; years
_KEY = ("0%", "5%", "25%", "50%", "100%")  # of a scale of colours: its ends, and shares between
_STEP = 2.5  # tenths of a point by which a label may miss its scale: places are rounded
_LEAST = 3  # numbers that are a column or a scale


class Written(NamedTuple):
    """A number of a drawing: its place, its value, its decimals, the text it stands in."""

    x: int
    y: int
    value: float
    decimals: int
    text: str

    def among(self, values: np.ndarray) -> bool:
        """Whether it is one of ``values`` as printed; what falls may be told without its sign."""
        near = 0.5 * 10.0**-self.decimals + 1e-9
        return bool((np.minimum(np.abs(values - self.value), np.abs(np.abs(values) - self.value)) <= near).any())


def inspect(figure: Figure, belongings: figures.Belongings) -> Iterator[Finding]:
    """What the drawings of a figure say that does not follow from it."""
    drawings = {svg for svg in (figure.svg, figure.narrow) if svg}
    if not drawings:
        return
    told, columns = _told(figure), list(_columns(figure, belongings))
    held = np.concatenate([*columns, list(_of_all(figure, belongings)), [value for value, _ in written(told)]])
    for svg in sorted(drawings):
        groups = list(_groups(svg, told, belongings.data.names.with_digits))
        scales = [one for group in groups for one in group if _is_plain(one)]
        for group in groups:
            if all(_is_on_scale(one, scales) for one in group):
                continue
            strange = [one for one in group if not one.among(held)]
            if not strange and len(group) >= _LEAST and all(map(_is_plain, group)):
                parts = _parts(group, figure)
                strange = [one for part in parts for one in _out_of_order(part, columns, figure)]
            for one in strange:
                message = Message("a number written in a drawing is one of its figure, in its row")
                yield wrong("written_numbers", f"{figure.name}: {one.text}", message, printed=one.value)


def _groups(svg: str, told: str, names: Sequence[str]) -> Iterator[list[Written]]:
    """The numbers that were written at once, in order; those in ``names`` are none."""
    for found in _GROUP.finditer(svg):
        results: list[Written] = []
        for x, y, raw in _TEXT.findall(found[1] or found[2] or ""):
            text = unescape(raw)
            if (not WRITTEN.fullmatch(text) and text in told) or text in _KEY:
                continue
            for name in names:
                text = text.replace(name, "")
            numbers = written(_OF_WORDS.sub("", text) if re.search(r"[^\W\d]{2}", text) else text)
            results += [Written(int(x), int(y), *number, text) for number in numbers]
        if results:
            yield results


def _parts(group: Sequence[Written], figure: Figure) -> list[Sequence[Written]]:
    """What of a group has to be one column: of a heat map the numbers that stand below one another."""
    if figure.chart != "heatmap":
        return [group]
    return [[one for one in group if one.x == x] for x in sorted({one.x for one in group})]


def _is_plain(one: Written) -> bool:
    return WRITTEN.fullmatch(one.text) is not None


def _told(figure: Figure) -> str:
    """All that the figure says in words: its texts, and the words of its data."""
    words = [str(cell) for cells in figure.data.values() for cell in cells if isinstance(cell, str)]
    texts = [figure.caption, figure.alternative, figure.source, *figure.notes, joined(figure.finding)]
    return " ".join((*figure.data, *words, *texts))


def _columns(figure: Figure, belongings: figures.Belongings) -> Iterator[np.ndarray]:
    """The columns of numbers that may stand beside the rows."""
    own = {
        name: np.array([float(cell) if figures.is_number(cell) else np.nan for cell in cells])
        for name, cells in figure.data.items()
    }
    drawn = {name: column for name, column in own.items() if np.isfinite(column).any()}
    yield from drawn.values()
    yield from (100 * column for column in drawn.values() if np.nanmax(np.abs(column)) <= 1)
    yield from (one - other for one, other in permutations(drawn.values(), 2))
    if drawn:
        yield np.nansum(list(drawn.values()), axis=0)
    for texts in [cells for cells in figure.data.values() if any(isinstance(cell, str) for cell in cells)]:
        yield np.array([_number_of(cell) for cell in texts])
    for sheet in belongings.sheets[:1] if "unit" in figure.data else ():
        for name in ("index", "points", "rank"):
            cells = [sheet.cell("", str(unit), name) for unit in figure.data["unit"]]
            yield np.array([np.nan if cell is None else cell for cell in cells])
    yield from _of_groups(figure)
    yield np.arange(1.0, 1.0 + max(map(len, figure.data.values()), default=0))


def _number_of(text: object) -> float:
    return written(text)[0][0] if isinstance(text, str) and WRITTEN.fullmatch(text) else np.nan


def _of_groups(figure: Figure) -> Iterator[np.ndarray]:
    """Of each group of rows how many they are and their means, in the order of the groups."""
    numbers = [column for column in figure.data.values() if any(map(figures.is_number, column))]
    for cells in figure.data.values():
        groups = Counter(cells)
        if cells in numbers or len(groups) == len(cells):
            continue
        yield np.array(list(groups.values()), dtype=float)
        for column in numbers:
            inside: dict[object, list[float]] = {group: [] for group in groups}
            for cell, group in zip(column, cells, strict=True):
                inside[group] += [float(cell)] if figures.is_number(cell) else []
            yield np.array([np.mean(held) if held else np.nan for held in inside.values()])


def _of_all(figure: Figure, belongings: figures.Belongings) -> Iterator[float]:
    """What may be written once: the statistics of the units of its year, as they are printed and worked out, and the
    number of those in each region."""
    data = belongings.data
    year, node = data.own[1] if data.own else 0, figures.node_of(figure)
    for sheet in (sheet for key, sheet in data.sheets.items() if key[1] == year):
        yield from (*figures.statistics(sheet, node), len(sheet.units), len(sheet.ranked))
    yield from (value for (_, one, _, unit, of, _), value in data.cells.items() if (one, unit, of) == (year, "", node))
    for sheet in belongings.sheets[:1]:
        yield from (sum(data.names.at_home(unit, home) for unit in sheet.ranked) for home in data.names.all_regions)


def _is_on_scale(one: Written, labels: Sequence[Written]) -> bool:
    """Whether a number is one of three labels on a line whose places go up in step with their values."""
    for along, across in (("x", "y"), ("y", "x")):
        line = [other for other in labels if abs(getattr(other, across) - getattr(one, across)) <= _STEP]
        line.sort(key=lambda other: getattr(other, along))
        for three in zip(line, line[1:], line[2:], strict=False):
            if one in three and _in_step(*((other.value, getattr(other, along)) for other in three)):
                return True
    return False


def _in_step(first: tuple[float, int], second: tuple[float, int], third: tuple[float, int]) -> bool:
    if len({first[0], second[0], third[0]}) < _LEAST:
        return False
    part = (second[0] - first[0]) / (third[0] - first[0])
    return abs(first[1] + part * (third[1] - first[1]) - second[1]) <= _STEP


def _out_of_order(group: Sequence[Written], columns: Sequence[np.ndarray], figure: Figure) -> list[Written]:
    """The first number of a group that is no column in the order of its rows. A map has its units in another order."""
    if figure.chart == "map":
        group = sorted(group, key=lambda one: one.value)
        columns = [np.sort(column) for column in columns]
    for column in columns:
        at = 0
        for value in column[np.isfinite(column)]:
            at += at < len(group) and group[at].among(np.array([value]))
        if at == len(group):
            return []
    return list(group[:1])
