"""Words against numbers: what stands around a number says whose it is, of which year, which way it goes, in what.

Every check reads a block as a reader does: the name in the row, the head of the column, the words before a number and
after it. What they say is set against the number's cells and its value; nothing is looked up anywhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from parlib.analysis.checks import Finding
from parlib.publish.verify import claims, reading, values, vocabulary
from parlib.publish.verify.data import Data
from parlib.report.blocks import Block, Column, Number, Paragraph, Ref, Table, Tiles
from parlib.words import Message

_YEAR = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,]*\d)")
#: What an index is called where a number of another index than the report's is told.
_INDICES = {"sipas": ("SIPAS",), "papi": ("PAPI",), "pci": ("PCI",), "dti": ("DTI",), "grdp": ("GRDP",),
            "par": ("PAR INDEX", "Chỉ số CCHC")}  # fmt: skip
_SINCE = {"vi": r" năm, từ năm ((?:19|20)\d\d)", "en": r" years?,? since ((?:19|20)\d\d)"}
_UNRANKED = {"vi": r"không xếp hạng", "en": r"not ranked"}
_CHANGES = ("difference", "distance", "contribution")
Kind = Literal["percent", "percentage points", "points", "places", "count", "other"]


@dataclass(frozen=True)
class Reader:
    """What is read with: the data, the language, the year of the report."""

    data: Data
    language: str

    @property
    def year(self) -> int:
        """The year that the report is on."""
        return self.data.own[1] if self.data.own else 0


def inspect(block: Block, reader: Reader, around: str) -> Iterator[Finding]:
    """What the words of a block say wrongly of its numbers. ``around`` are the headings above it."""
    yield from _unranked(block, reader)
    if isinstance(block, Table):
        yield from _table(block, reader, around)
    elif isinstance(block, Paragraph):
        yield from _sentence(block.parts, reader, around, _short(block.plain_text()))
    elif isinstance(block, Tiles):
        for tile in block.tiles:
            parts = (f"{tile.label}: ", tile.number, tile.unit, " ", *tile.detail)
            yield from _sentence(parts, reader, f"{around} {block.caption}", f"{block.name}: {tile.label}")


def _unranked(block: Block, reader: Reader) -> Iterator[Finding]:
    """Units that are told not to be ranked are not."""
    texts = [*getattr(block, "notes", ()), getattr(block, "alternative", ""), getattr(block, "text", "")]
    texts += [part for part in getattr(block, "parts", ()) if isinstance(part, str)]
    sheets = [sheet for key, sheet in reader.data.sheets.items() if key[:3] == reader.data.own]
    for text in texts:
        found = re.search(rf"{_UNRANKED[vocabulary.known(reader.language)]}[^.;:]*:([^.;]*)", text, re.IGNORECASE)
        told = _names_in(found[1], reader) if found else set()
        if any(unit in sheet.ranked for sheet in sheets for unit in told):
            yield Finding(
                "row_names", False, _short(text), (), Message("a unit that is told not to be ranked is ranked")
            )


def _short(text: str) -> str:
    return f"{text[:60]}…" if len(text) > 60 else text


# --- tables ---------------------------------------------------------------------------------------


def _table(table: Table, reader: Reader, around: str) -> Iterator[Finding]:
    where = table.name or table.caption
    names = reader.data.names.units
    heads = {column.key: f"{column.group} {column.title}" for column in table.columns}
    years = {key: [int(year) for year in _YEAR.findall(head)] for key, head in heads.items()}
    told = f"{around} {table.caption} {' '.join(table.notes)} {table.source}"
    keys = [column.key for column in table.columns]
    for row in table.rows:
        named = {key: names[cell] for key in keys if isinstance(cell := row.get(key), str) and cell in names}
        first = next((key for key in keys if isinstance(row.get(key), str)), "")
        label = " ".join(cell for cell in row.values() if isinstance(cell, str))
        for place, column in enumerate(table.columns):
            number = row.get(column.key)
            if not isinstance(number, Number):
                continue
            yield from _row_name(number, named, keys, place, where, named_first=first in named)
            yield from _column_year(number, years[column.key], label, reader, where)
            yield from _column_unit(number, column, reader, where)
            yield from claims.extreme(number, column.title, "", reader.data, reader.language, where)
            yield from _index(number, reader, f"{told} {heads[column.key]} {label}", where)
        held = [cell for cell in row.values() if isinstance(cell, Number) and cell.refs]
        for unit in (cell for cell in row.values() if isinstance(cell, str)) if len(held) == 1 else ():
            yield from _label_year(held[0], unit, where)
            if (said := _said(unit)) and said != kind_of(held[0]) != "other":
                yield _unit_finding(held[0], where)
    for column in (column for column in table.columns if column.group):
        numbers = [(number, _home(row)) for row in table.rows
                   if isinstance(number := row.get(column.key), Number) and number.refs]  # fmt: skip
        yield from claims.column(numbers, column.group, reader.data, reader.language, where)


def _label_year(number: Number, label: str, where: str) -> Iterator[Finding]:
    """A year in the only label of a number is one of it: of its cells, the year before a change, that of its word."""
    if number.made not in (*_CHANGES, "statistic", "printed"):  # names of criteria have years in them
        return
    years = {ref.year for ref in number.refs} | {int(year) for year in _YEAR.findall(number.refs[0].column[-4:])}
    years |= {max(ref.year for ref in number.refs) - 1}
    if any(int(year) not in years for year in _YEAR.findall(label)):
        yield reading.about("years", where, number, Message("a year in a row is that of the number there"))


def _home(row: Mapping[str, str | Number]) -> str:
    """The region or group that a row is on, as the unit of its cells; "" where it is on none."""
    units = (ref.unit for cell in row.values() if isinstance(cell, Number) for ref in cell.refs)
    return next((unit for unit in units if unit.startswith(("region:", "group:"))), "")


def _row_name(
    number: Number, named: dict[str, frozenset[str]], keys: Sequence[str], place: int, where: str, *, named_first: bool
) -> Iterator[Finding]:
    """A number is that of the unit that its row begins with; of another one named in the row where it stands by it."""
    units = reading.units_of(number)
    beside = [named[key] for key in (keys[max(place - 1, 0)], keys[min(place + 1, len(keys) - 1)]) if key in named]
    wanted = list(named.values()) if named_first else beside if len(named) > 1 else []
    wanted = beside if len(named) > 1 and beside else wanted
    if not wanted or not units:
        return
    if not any(units & some for some in wanted):
        yield reading.about("row_names", where, number, Message("a number in a row is that of the unit named there"))


def _column_year(number: Number, years: list[int], label: str, reader: Reader, where: str) -> Iterator[Finding]:
    """A number under a year is of that year; in a row that begins with a year, of that one."""
    if not number.refs:
        return
    own = {ref.year for ref in number.refs}
    row_years = {int(year) for year in re.findall(r"^(?:19|20)\d\d", label)}
    wanted = set(years) or row_years
    change = number.made in _CHANGES or len(own) > 1
    if (wanted and not own & wanted) or (not wanted and not change and own != {reader.year} and reader.year):
        yield reading.about(
            "years", where, number, Message("a number is of the year that its column or row is headed by")
        )


# --- what a number is counted in ------------------------------------------------------------------

_COUNTS = ("count", "tier", "rank_among", "rank_otherwise", "out_of")
_VALUES = (
    "mean", "max", "min", "range", "first_minus_second", "max_minus_mean", "mean_change", "largest_rise",
    "largest_fall", "smallest_rise", "smallest_fall",
)  # fmt: skip
_POINTS = (
    "lost", "mean_lost", "claimed", "granted", "appraised", "claimed_not_granted", "mean_claimed", "mean_granted",
    "mean_gap", "mean_not_granted", "gain", "sum",
)  # fmt: skip


def kind_of(number: Number) -> Kind:
    """What a number is counted in, by its cells and how it is made."""
    ref = number.refs[0] if number.refs else None
    if ref is None:
        return "other"
    if number.made in _COUNTS or (ref.column.startswith("n_") and number.made in ("statistic", "printed")):
        return "count"
    if number.made in ("statistic", "printed") and ref.column in _VALUES:
        apart = ref.column not in ("mean", "max", "min")
        return ("percentage points" if apart else "percent") if values.scale(ref.index_name) == "index" else "points"
    if number.made in ("share", "mean_share", "level"):
        return "percent"
    if ref.column == "half":  # of an interval of shares
        return "percentage points"
    if ref.column == "rank" or ref.column.startswith("rank_"):
        return "places"
    if number.made in _POINTS or ref.column in ("points", "maximum"):
        return "points"
    if ref.column == "index":
        if number.made in (*_CHANGES, "standard deviation"):
            return "percentage points"
        return "percent" if number.made != "printed" else "other"
    return "other"


def _said(unit: str) -> Kind | None:
    """What a unit of measure in print is of; ``None`` where it says nothing to hold a number against."""
    unit = unit.strip()
    if unit in ("điểm %", "percentage points"):
        return "percentage points"
    if unit == "%":
        return "percent"
    if unit in ("điểm", "points"):
        return "points"
    return "places" if unit in ("bậc", "places") else None


def _column_unit(number: Number, column: Column, reader: Reader, where: str) -> Iterator[Finding]:
    said, kind = _said(column.unit), kind_of(number)
    del reader
    if said is not None and kind != "other" and said != kind:
        yield _unit_finding(number, where)


def _unit_finding(number: Number, where: str) -> Finding:
    return reading.about(
        "units_of_measure",
        where,
        number,
        Message("the unit of measure is that of the number (points, percent, places)"),
    )


# --- sentences ------------------------------------------------------------------------------------


def _sentence(parts: Sequence[str | Number], reader: Reader, around: str, where: str) -> Iterator[Finding]:
    text = "".join(part if isinstance(part, str) else part.text for part in parts)
    for place, number in enumerate(parts):
        if not isinstance(number, Number):
            continue
        following = next((at for at in range(place + 1, len(parts)) if isinstance(parts[at], Number)), len(parts))
        yield from _unit_after(number, "".join(map(str, parts[place + 1 : following])).lstrip(), where)
        yield from _told_name(number, parts, place, reader, where)
        yield from _told_year(number, f"{around} {text}", reader, where)
        yield from _year_beside(
            number, reading.gapped(parts[:place]), reading.gapped(parts[place + 1 :]), where, reader.language
        )
        yield from _index(number, reader, f"{around} {text}", where)
    yield from claims.inspect(parts, reader.data, reader.language, where)


def _year_beside(number: Number, before: str, after: str, where: str, language: str) -> Iterator[Finding]:
    """A year right before a number is one of it; a streak of years began as many years ago as are told."""
    years = {ref.year for ref in number.refs}
    told = re.search(r"((?:19|20)\d\d): $", before)
    bound = number.made in ("value", "rank", "carried", "mean")  # a count may be of a change on that year
    wrong = told is not None and bound and int(told[1]) not in years
    since = re.match(_SINCE[vocabulary.known(language)], after)
    if since and len(years) > 1 and number.value is not None and not wrong:
        wrong = int(since[1]) != max(years) + 1 - int(number.value)
    if wrong:
        yield reading.about("years", where, number, Message("the year beside a number is that of the number"))


def _unit_after(number: Number, after: str, where: str) -> Iterator[Finding]:
    found = re.match(r"\s?(điểm %|percentage points|%|(?:điểm(?!\s?%)|points|bậc|places)(?!\w))", after)
    said, kind = _said(found[1]) if found else None, kind_of(number)
    if said is not None and kind != "other" and said != kind:
        yield _unit_finding(number, where)


def _told_name(
    number: Number, parts: Sequence[str | Number], place: int, reader: Reader, where: str
) -> Iterator[Finding]:
    """A number of one unit stands by its name: where names stand between it and the number before, it is of these."""
    units = reading.units_of(number)
    if len(units) != 1 or number.value is None:
        return
    before = _names_in(parts[place - 1], reader) if place and isinstance(parts[place - 1], str) else set()
    after = parts[place + 1] if place + 1 < len(parts) and isinstance(parts[place + 1], str) else ""
    if before and not units & before and not units & _names_in(after, reader):
        yield reading.about("row_names", where, number, Message("a number is that of the unit named beside it"))


def _names_in(text: str | Number, reader: Reader) -> set[str]:
    """The units named in a piece of text; a name inside a longer one is not told by itself."""
    told = reader.data.names.told_in(str(text))
    return {unit for name in told for unit in reader.data.names.units[name]}


def _told_year(number: Number, text: str, reader: Reader, where: str) -> Iterator[Finding]:
    """A number of another year than the report's stands in a sentence that names that year."""
    years = {ref.year for ref in number.refs}
    if not years or reader.year in years or not reader.year or number.made in _CHANGES or len(years) > 1:
        return
    if not any(str(year) in text for year in years):
        yield reading.about("years", where, number, Message("a number of another year names it"))


def _index(number: Number, reader: Reader, text: str, where: str) -> Iterator[Finding]:
    """A number of another index or level than the report's is called by its name."""
    own = reader.data.own
    for ref in number.refs[:1]:
        wrong_level = own is not None and ref.level != own[2]
        if wrong_level or (own is not None and ref.index_name != own[0] and not _called(ref, text)):
            yield reading.about(
                "labels", where, number, Message("a number of another index or level is called by its name")
            )


def _called(ref: Ref, text: str) -> bool:
    return any(name in text for name in _INDICES.get(ref.index_name, ()))
