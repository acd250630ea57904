"""The gate: a finished report is read once more, number by number, before anybody else sees it.

The checks of the analysis compare the frames before they are printed; the gate compares what *is* printed. Every number
of a table, sentence or key figure is set against the cells that it says it came from, in the dataset of the index
tables that the notebook gave beside it; its text against its value; the templates of the sentences against their
identifiers; the words of direction against the signs; and the numbers of one language against those of the other.
A report with a disagreement is not published (``render``).
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise, zip_longest
from string import Formatter
from typing import Any

import numpy as np
import pandas as pd

from parlib.analysis.checks import Finding
from parlib.presentation import catalogues
from parlib.presentation.blocks import Block, Number, Paragraph, Ref, Table, Tiles
from parlib.presentation.wording import MINUS, Wording, rounded
from parlib.publishing.document import Document, numbers

_NOISE = 1e-7  # values in the dataset have nine decimals; differences and means of them fewer
#: Places of templates that hold names and years: their order is the language's own.
_NAMES = {"year", "before", "start", "unit", "units", "index", "area", "areas"}
_DIRECTIONS = {
    "vi": {"tăng": 1, "giảm": -1},
    "en": {"up": 1, "rose by": 1, "down": -1, "fell by": -1},
}


@dataclass(frozen=True)
class Passed:
    """What the gate saw: how many numbers a report prints, and how many of them were worked out again."""

    numbers: int
    recomputed: int


def inspect(document: Document, wording: Wording, other: Document | None = None) -> tuple[Passed, tuple[Finding, ...]]:
    """All disagreements in ``document``; ``other`` is the same report in the other language, where there is one."""
    cells = Cells.of(document)
    found: list[Finding] = list(_templates())
    printed = recomputed = 0
    for item in document.items:
        where = _name(item.block)
        for number in numbers(item.block):
            printed += 1
            found += _text(number, wording, where)
            wanted = cells.value(number)
            if wanted is not None:
                recomputed += 1
                found += _bound(number, wanted, where)
        if isinstance(item.block, Paragraph):
            found += _direction(item.block, cells, document.language)
    if other is not None:
        found += _languages(document, other)
    return Passed(printed, recomputed), tuple(found)


def _name(block: Block) -> str:
    """Where a number stands, in a word or two."""
    if isinstance(block, Table | Tiles):
        return block.name or block.caption
    text = block.plain_text()
    return f"{text[:60]}…" if len(text) > 60 else text


# --- a number and its text ------------------------------------------------------------------------


def _text(number: Number, wording: Wording, where: str) -> Iterator[Finding]:
    """The text of a number is its value, rounded half up to the decimals that it shows."""
    if number.value is None:
        return
    read = _read(number.text.partition("/")[0] if number.made == "out_of" else number.text, wording)
    if read is None or read != rounded(number.value, _decimals(read)):
        yield Finding(
            "printed_text", False, f"{where}: {number.text}", (("value", number.value),),
            "số in ra phải đúng bằng giá trị đã làm tròn", "a printed number is its value, rounded",
        )  # fmt: skip


def _read(text: str, wording: Wording) -> Decimal | None:
    comma = wording.language == "vi" and wording.decimal == "comma"
    group, sign = (".", ",") if comma else (",", ".")
    plain = text.replace(group, "").replace(sign, ".").replace(MINUS, "-").removeprefix("+")
    return Decimal(plain) if re.fullmatch(r"-?\d+(\.\d+)?", plain) else None


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


# --- a number and its cells -----------------------------------------------------------------------


@dataclass(frozen=True)
class Sheet:
    """One index table: the numbers by row, and where each unit and node has its row."""

    columns: Mapping[str, np.ndarray]
    rows: Mapping[tuple[str, str], int]  # by node and unit
    ranked: tuple[str, ...]
    partial: bool

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Sheet:
        """The sheet of the rows of one index, year, level and stage."""
        nodes, units = list(frame["node"]), list(frame["unit"])
        ranked = frame.loc[(frame["node"] == "") & frame["ranked"].astype(bool), "unit"]
        return cls(
            {name: frame[name].to_numpy(float) for name in _COLUMNS},
            {key: row for row, key in enumerate(zip(nodes, units, strict=True))},
            tuple(ranked),
            bool(frame["marks"].str.contains("partial").any()),
        )

    def cell(self, node: str, unit: str, column: str) -> float | None:
        """The number of one unit; ``None`` where it is not there or not known."""
        row = self.rows.get((node, unit))
        if row is None or column not in self.columns:
            return None
        value = float(self.columns[column][row])
        return value if np.isfinite(value) else None

    def column(self, node: str, column: str) -> np.ndarray | None:
        """The numbers of all ranked units; ``None`` unless all of them are known."""
        values = [self.cell(node, unit, column) for unit in self.ranked]
        known = [value for value in values if value is not None]
        return np.array(known) if known and len(known) == len(values) and not self.partial else None


@dataclass(frozen=True)
class Cells:
    """The index tables behind a report: what a number says it came from can be worked out from them again."""

    sheets: Mapping[tuple[str, int, str, str], Sheet]  # by index, year, level, stage

    @classmethod
    def of(cls, document: Document) -> Cells:
        """The cells of a document's dataset "index"; none where it has none."""
        found = {}
        for dataset in document.datasets:
            if dataset.name != "index":
                continue
            texts = dict.fromkeys(("index_name", "level", "stage", "node", "unit", "marks"), "str")
            frame = pd.read_csv(io.StringIO(dataset.text), dtype=texts, keep_default_na=False,
                                na_values={name: [""] for name in _COLUMNS})  # fmt: skip
            for key, rows in frame.groupby(["index_name", "year", "level", "stage"], sort=False):
                index_name, year, level, stage = (str(part) for part in key)
                found[index_name, int(year), level, stage] = Sheet.of(rows)
        return cls(found)

    def cell(self, ref: Ref, column: str = "") -> float | None:
        """The number in one cell of one unit, or the mean of all ("*"); ``None`` where it is not there or empty."""
        sheet = self.sheets.get((ref.index_name, ref.year, ref.level, ref.stage))
        if sheet is None:
            return None
        if ref.unit != "*":
            return sheet.cell(ref.node, ref.unit, column or ref.column)
        values = sheet.column(ref.node, column or ref.column)
        return None if values is None else float(values.mean())

    def value(self, number: Number) -> float | None:
        """What a number must be by its cells; ``None`` where they are not here, or ``made`` is a way not known here."""
        if number.value is None or not number.refs:
            return None
        first = number.refs[0]
        if number.made in ("value", "rank") and len(number.refs) == 1:
            return None if first.unit == "*" else self.cell(first)
        if number.made == "lost" and first.unit != "*":
            return _less(self.cell(first, "maximum"), self.cell(first, "points"))
        if number.made == "difference" and len(number.refs) == 2:
            one, other = (self.cell(ref) for ref in number.refs)
            return _less(other, one) if first.column == "rank" else _less(one, other)
        return self._of_all(first, number.made) if first.unit == "*" else None

    def _of_all(self, ref: Ref, made: str) -> float | None:
        """A figure over all ranked units: a mean, a maximum, a minimum."""
        sheet = self.sheets.get((ref.index_name, ref.year, ref.level, ref.stage))
        if sheet is None:
            return None
        if made == "mean_lost":
            if ref.column != "points":
                return None
            points, maxima = (sheet.column(ref.node, column) for column in ("points", "maximum"))
            if points is None or maxima is None or not (maxima > 0).any():
                return None
            return float((maxima - points)[maxima > 0].mean())  # over the units to which the node applies
        wanted = _STATISTICS.get(ref.column if made == "statistic" else made)
        values = sheet.column(ref.node, self._scale(ref) if made == "statistic" else ref.column)
        return None if wanted is None or values is None else float(wanted(values))

    def _scale(self, ref: Ref) -> str:
        """What a statistic of an index is counted in: the PAR INDEX in percent, others in points."""
        return "index" if ref.index_name == "par" else "points"


def _less(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other


_COLUMNS = ("points", "maximum", "index", "standard_error", "rank")
_STATISTICS: Mapping[str, Callable[[np.ndarray], Any]] = {
    "mean": np.mean,
    "max": np.max,
    "min": np.min,
    "maximum": np.max,
    "minimum": np.min,
    "range": np.ptp,
    "n_above_mean": lambda values: (values > values.mean() + 1e-9).sum(),
}


def _bound(number: Number, wanted: float, where: str) -> Iterator[Finding]:
    assert number.value is not None
    if abs(number.value - wanted) > _NOISE and abs(abs(number.value) - abs(wanted)) > _NOISE:
        ref = number.refs[0]
        cell = f"{ref.index_name} {ref.year} {ref.unit} {ref.node or 'index'} {ref.column}"
        yield Finding(
            "bound_numbers", False, f"{where}: {number.text}", (("printed", number.value), ("cell", wanted)),
            f"số in ra phải bằng ô số liệu mà nó dẫn ({cell})", f"a printed number equals the cell it names ({cell})",
        )  # fmt: skip


def _direction(paragraph: Paragraph, cells: Cells, language: str) -> Iterator[Finding]:
    """ "Up" and "down" in a sentence follow the sign of the difference after them."""
    for before, number in pairwise(paragraph.parts):
        if not isinstance(before, str) or not isinstance(number, Number) or number.made != "difference":
            continue
        said = next((way for word, way in _DIRECTIONS[language].items() if before.rstrip().endswith(word)), 0)
        wanted = cells.value(number)
        if said and wanted is not None and wanted * said < -_NOISE:
            yield Finding(
                "directions", False, _name(paragraph), (("change", wanted),),
                "từ chỉ chiều tăng, giảm phải theo dấu của mức thay đổi", "the word of direction follows the sign",
            )  # fmt: skip


# --- sentences and languages ----------------------------------------------------------------------


def _templates() -> Iterable[Finding]:
    """Every template has the places of its identifier, its numbers in the same order, and no digit of its own."""
    stamp = tuple(catalogues.path(language).stat().st_mtime_ns for language in ("vi", "en"))
    return _template_findings(stamp)


@cache
def _template_findings(_: tuple[int, ...]) -> tuple[Finding, ...]:
    found = []
    for language in ("vi", "en"):
        for msgid, forms in catalogues.fresh(language).items():
            wrong = [form for form in forms if not _fits(form, msgid)]
            for form in wrong:
                subject = f"{language}: {msgid} -> {form}"
                vi = "mẫu câu phải có đúng các chỗ trống của bản gốc, cùng thứ tự, và không chứa chữ số"
                en = "a template has the places of its original, in the same order, and no digits"
                found.append(Finding("templates", False, subject, (), vi, en))
    return tuple(found)


def _fits(form: str, msgid: str) -> bool:
    ours, theirs = (_places(text) for text in (form, msgid))
    in_order = [[name for name in names if name not in _NAMES] for names in (ours, theirs)]
    return sorted(ours) == sorted(theirs) and in_order[0] == in_order[1] and not re.search(r"\d", form)


def _places(template: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(template) if name]


def _languages(document: Document, other: Document) -> Iterator[Finding]:
    """Both languages print the same numbers in the same places."""
    ours, theirs = ([item.block for item in of.items] for of in (document, other))
    for a, b in zip_longest(ours, theirs):
        one, two = ([n.value for n in numbers(block)] if block is not None else [] for block in (a, b))
        same = (a is None) == (b is None) and len(one) == len(two)
        pairs = [(x, y) for x, y in zip_longest(one, two) if not _same(x, y)]
        if same and not pairs:
            continue
        first = pairs[0] if pairs else (float(len(one)), float(len(two)))
        compared = tuple(
            (language, np.nan if value is None else float(value))
            for language, value in zip((document.language, other.language), first, strict=True)
        )
        yield Finding(
            "languages_agree", False, _name(a or b), compared,
            "con số ở hai bản tiếng Việt và tiếng Anh phải như nhau", "the numbers of both languages are the same",
        )  # fmt: skip


def _same(a: float | None, b: float | None) -> bool:
    return a == b or (a is not None and b is not None and abs(a - b) <= _NOISE)
