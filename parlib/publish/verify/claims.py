"""Words against numbers: what stands around a number says whose it is, of which year, which way it goes, in what.

Every check reads a block as a reader does: the name in the row, the head of the column, the words before a number and
after it, in the clause that it stands in. What they say is held against the number's cells and its value, and what they
claim (up and down, the highest and the lowest, all of them, a part of a whole) against every value that is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, NamedTuple

from parlib.analysis.checks import Finding
from parlib.publish.verify import arithmetic, reading
from parlib.publish.verify import vocabulary as v
from parlib.publish.verify.arithmetic import UnknownWay
from parlib.publish.verify.data import SAME, Data, known
from parlib.publish.verify.ranks import n_ranked
from parlib.publish.verify.reading import Parts, gapped, joined, name_of, scale, short, wrong
from parlib.report.blocks import Block, Column, Figure, Heading, Number, Ref, Table, Tiles
from parlib.words import Message

Kind = Literal["percent", "percentage points", "points", "places", "count", "other"]
Wrong = tuple[str, Number, Message]  # the check, the number, what is wrong with the words around it

_YEAR = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,]*\d)")
_CODED = re.compile(r"^(\d+(?:\.\d+)*)\.? (?=\D)")
_SPAN = re.compile(r"((?:19|20)\d\d)–((?:19|20)\d\d)")
_CLAUSE = re.compile(r"[.;:!?]\s")
_CHANGES = ("difference", "shared_change", "distance", "contribution")
_OF_CHANGES = ("difference", "shared_change", "mean_change", "rose", "fell", "n_rose", "n_fell", "compared")
#: Counts of units by the way they went or lie, and the words that say so.
_COUNTED = {"rose": 1, "n_rose": 1, "n_rank_up": 1, "fell": -1, "n_fell": -1, "n_rank_down": -1}
_FIRST_SAID = {
    **{name: ("ways", way) for name, way in _COUNTED.items() if "rank" not in name},
    "n_above_mean": ("of_the_mean", 1),
    "areas_above_mean": ("of_the_mean", 1),
}
_ENDS = {"maximum": 1, "max": 1, "minimum": -1, "min": -1}
_WAY = Message("the word of direction follows the sign")
_EXTREME = Message("highest and lowest hold for every known value")
_GROUP = Message("a count of a group stands beside the name of that group")
_MEASURE = Message("the unit of measure is that of the number (points, percent, places)")


class Told(NamedTuple):
    """A number in a sentence: the text since the number before (``before``) and up to the next one (``after``), all
    that is printed before it (``lead``), and all text before and after it, a gap for each number."""

    parts: Parts
    place: int
    number: Number
    before: str
    after: str
    lead: str
    opened: str
    rest: str

    @classmethod
    def of(cls, parts: Parts, place: int, number: Number) -> Told:
        """The number at a place of a sentence."""
        before, after = parts[:place], parts[place + 1 :]
        return cls(parts, place, number, *reading.beside(parts, place), joined(before), gapped(before), gapped(after))


@dataclass(frozen=True)
class Claims:
    """What is read with: the data and the language."""

    data: Data
    language: str

    @property
    def year(self) -> int:
        """The year that the report is on."""
        return self.data.own[1] if self.data.own else 0

    def inspect(self, block: Block, around: str) -> Iterator[Finding]:
        """What the words of a block say wrongly of its numbers. ``around`` are the headings above it."""
        yield from self._unranked(block)
        around = f"{around} {block.caption}" if isinstance(block, Tiles) else around
        for parts, where in reading.sentences(block):
            for check, number, value in self._sentence(parts, around):
                yield reading.about(check, where, number, value)
        if isinstance(block, Heading):
            yield from self._coded(block.text, name_of(block))
        elif isinstance(block, Table):
            for check, number, value in self._table(block, around):
                yield reading.about(check, name_of(block), number, value)
            yield from self._cells(block)
        elif isinstance(block, Figure):
            yield from self._figure(block)
            for check, number, value in self._drawn(block):
                yield reading.about(check, name_of(block), number, value)

    def _unranked(self, block: Block) -> Iterator[Finding]:
        """Units that are told not to be ranked are not."""
        ranked = {unit for sheet in self.data.own_sheets for unit in sheet.ranked}
        for kind, parts in reading.texts(block):
            for text in parts if kind in ("note", "text", "alternative", "sentence") else ():
                result = v.pattern(self.language, "unranked").search(text) if isinstance(text, str) else None
                if result and ranked & self._named(result[1]):
                    yield wrong(
                        "row_names", short(str(text)), Message("a unit that is told not to be ranked is ranked")
                    )

    def _named(self, text: str) -> set[str]:
        """The units named in a piece of text; a name inside a longer one is not told by itself."""
        return {unit for name in self.data.names.named_in(text) for unit in self.data.names.units[name]}

    # --- sentences

    def _sentence(self, parts: Parts, around: str) -> Iterator[Wrong]:
        text = f"{around} {joined(parts)}"
        for place, number in enumerate(parts):
            if not isinstance(number, Number):
                continue
            sentence = Told.of(parts, place, number)
            yield from self._unit_after(sentence)
            yield from self._told_name(sentence)
            yield from self._told_year(number, text)
            yield from self._year_beside(sentence)
            yield from self._index(number, text)
            yield from self._level(number, joined(parts))
            if not number.refs:
                continue
            yield from self._first_claim(sentence)
            yield from self._part(sentence)
            yield from self._group(sentence)
            yield from self._in_brackets(sentence)
            if number.value is not None:
                yield from self._direction(sentence)
                yield from self._counted(sentence)
                yield from self._extreme(number, sentence.before, sentence.after)
                yield from self._largest(sentence)
                yield from self._largest_of_years(sentence)
        yield from self._compared(parts)
        yield from self._in_order(parts)

    def _year_beside(self, sentence: Told) -> Iterator[Wrong]:
        """A year right before a number is one of it; a streak of years began as many years ago as are told."""
        number, years = sentence.number, {ref.year for ref in sentence.number.refs}
        before = re.search(r"((?:19|20)\d\d): $", sentence.opened)
        bound = number.made in ("value", "rank", "carried", "mean")  # a count may be of a change on that year
        strange = before is not None and bound and int(before[1]) not in years
        since = v.pattern(self.language, "since").match(sentence.rest)
        if since and len(years) > 1 and number.value is not None and not strange:
            strange = int(since[1]) != max(years) + 1 - int(number.value)
        if strange:
            yield "years", number, Message("the year beside a number is that of the number")

    def _unit_after(self, sentence: Told) -> Iterator[Wrong]:
        yield from self._measured(sentence.number, v.measured(self.language, sentence.after.lstrip()))

    def _measured(self, number: Number, stated: str) -> Iterator[Wrong]:
        if stated and stated != kind_of(number) != "other":
            yield "units_of_measure", number, _MEASURE

    def _told_name(self, sentence: Told) -> Iterator[Wrong]:
        """A number of one unit stands by its name: where names stand between it and the number before, it is of
        these."""
        units = reading.units_of(sentence.number)
        if len(units) != 1 or sentence.number.value is None:
            return
        before = self._named(sentence.before)
        if before and not units & before and not units & self._named(sentence.after):
            yield "row_names", sentence.number, Message("a number is that of the unit named beside it")

    def _told_year(self, number: Number, text: str) -> Iterator[Wrong]:
        """A number of another year than the report's stands in a sentence that names that year."""
        years = {ref.year for ref in number.refs}
        if not years or self.year in years or not self.year or number.made in _CHANGES or len(years) > 1:
            return
        if not any(str(year) in text for year in years):
            yield "years", number, Message("a number of another year names it")

    def _index(self, number: Number, text: str) -> Iterator[Wrong]:
        """A number of another index or level than the report's is called by its name."""
        own, ref = self.data.own, next(iter(number.refs), None)
        if own is None or ref is None:
            return
        strange = ref.level != own[2] and ref.level not in reading.levels_called(text, self.language)
        if strange or (ref.index_name != own[0] and not reading.calls(text, ref.index_name)):
            yield "labels", number, Message("a number of another index or level is called by its name")

    def _level(self, number: Number, near: str) -> Iterator[Wrong]:
        """Where a report is on several levels, a number beside the name of one level is of that one."""
        called = reading.levels_called(near, self.language) if self.data.several_levels else frozenset()
        if len(called) == 1 and number.refs and number.refs[0].level not in called:
            yield "labels", number, Message("a number of another index or level is called by its name")

    # --- what is counted, parts and groups

    def _first_claim(self, sentence: Told) -> Iterator[Wrong]:
        """The count of those that rose is told of those that rose."""
        of, way = _FIRST_SAID.get(sentence.number.refs[0].column, ("", 0))
        after, before = (v.sign(of, self.language, text, first=True) for text in (sentence.rest, sentence.before))
        if way and (before if sentence.before.endswith(": ") and before else after) == -way:
            yield "directions", sentence.number, Message("the word of direction is that of what is counted")

    def _counted(self, sentence: Told) -> Iterator[Wrong]:
        """Units that rose are called so, after their number or else before it; years in a row are at least so many."""
        number, way = sentence.number, _COUNTED.get(sentence.number.refs[0].column)
        if way is not None:
            rest = []  # up to the next count: "10 of 17 ministries rose"
            for part in sentence.parts[sentence.place + 1 :]:
                if isinstance(part, Number) and part.refs and part.refs[0].column in _COUNTED:
                    break
                rest.append(part)
            clauses = _CLAUSE.split(joined(rest))[0], re.split(r"[.;!?]\s", sentence.lead)[-1]
            stated = v.sign("ways", self.language, clauses[0], first=True) or v.sign("ways", self.language, clauses[1])
            if stated and stated != way:
                yield "directions", number, _WAY
        several = len({ref.year for ref in number.refs}) > 1 and number.made == "count"
        if several and v.ends_with("sizes", self.language, sentence.before) > 0:
            yield "extremes", number, Message("years in a row are at least so many")

    def _part(self, sentence: Told) -> Iterator[Wrong]:
        """A part is not larger than the whole that it is told of."""
        number = sentence.number
        whole = next((part for part in sentence.parts[sentence.place + 1 :] if isinstance(part, Number)), None)
        if whole is None or not whole.refs:
            return
        # a result may exceed its target
        slash = sentence.after.strip() == "/" and not whole.refs[0].column.endswith(":of")
        counts = number.made in ("count", "printed", "statistic", "rank") and whole.made in ("count", "statistic")
        if not slash and not (counts and v.pattern(self.language, "part_of").fullmatch(sentence.after)):
            return
        if number.value is not None and whole.value is not None and number.value > whole.value:
            yield "parts_of_wholes", number, Message("a part is not larger than the whole beside it")

    def _group(self, sentence: Told) -> Iterator[Wrong]:
        stated, column = v.pattern(self.language, "group").findall(sentence.before), sentence.number.refs[0].column
        if column.startswith("band:") and stated and stated[-1] != column.removeprefix("band:"):
            yield "groups", sentence.number, _GROUP

    def _in_brackets(self, sentence: Told) -> Iterator[Wrong]:
        """Two numbers in one pair of brackets are of the same unit."""
        other = next((part for part in reversed(sentence.parts[: sentence.place]) if isinstance(part, Number)), None)
        if other is None or not re.fullmatch(r"[^().;:]{0,12}", sentence.before):
            return
        one, two = reading.units_of(sentence.number), reading.units_of(other)
        if sentence.opened.rfind("(") > sentence.opened.rfind(")") and len(one) == len(two) == 1 and one != two:
            yield "row_names", sentence.number, Message("two numbers in one pair of brackets are of the same unit")

    def _compared(self, parts: Parts) -> Iterator[Wrong]:
        """ "Compared with 2022": a change in the sentence is one from that year."""
        held = [part for part in parts if isinstance(part, Number) and part.refs]
        changes = [n for n in held if n.made in _OF_CHANGES or n.refs[0].column in _OF_CHANGES]
        years = {ref.year for number in changes for ref in number.refs}
        newest = max(years, default=0)
        before = (years - {newest}) or {newest - 1}
        for match in v.pattern(self.language, "compared").findall(gapped(parts)):
            if years and int(match) not in before:
                yield "years", changes[0], Message("the year compared with is that of the change")

    # --- up and down

    def _direction(self, sentence: Told) -> Iterator[Wrong]:
        """ "Up" and "down" follow the sign of the difference; one that fell is printed with its sign or its word."""
        number = sentence.number
        told = ("difference", "shared_change", "statistic", "distance", "printed")
        if number.made not in told or number.value is None:
            return
        change = number.made in ("difference", "shared_change") or number.refs[0].column.startswith("mean_change")
        signed = self._signed(number)
        if signed is None or (not change and number.made != "distance"):
            return
        stated = v.ends_with("before", self.language, sentence.before)
        if not stated and number.made == "distance":
            stated = v.sign("sides", self.language, sentence.after[:40], first=True)
            stated = stated or v.sign("higher", self.language, sentence.before)
        unsigned = number.value > 0 > signed and change
        if (stated and signed * stated < -SAME) or (unsigned and not stated and number.text[:1] not in "−-"):
            yield "directions", number, _WAY

    def _signed(self, number: Number) -> float | None:
        """The change with its sign, worked out again."""
        made = "difference" if number.made == "distance" and len(number.refs) == 2 else number.made
        return self._worked_out(made, number.refs)

    def _worked_out(self, made: str, refs: Sequence[Ref]) -> float | None:
        try:
            return arithmetic.value(self.data, Number(None, "", tuple(refs), made))
        except UnknownWay:
            return None

    # --- the highest and the lowest, the largest change, all changes

    def _extreme(self, number: Number, before: str, after: str) -> Iterator[Wrong]:
        """ "Highest" and "lowest" right before a value: no known value lies beyond it. ``before`` is the text since the
        number before, or the head of a column."""
        if number.value is None or not number.refs:
            return
        strange = False
        if number.made in ("value", "maximum", "minimum", "mean", "statistic", "printed"):
            stated = v.sign("ends", self.language, before)
            if number.made == "maximum" and not stated:
                stated = v.sign("ends", self.language, _CLAUSE.split(after)[0], first=True)
            strange = bool(stated) and self._lies_beyond(number, stated)
        elif number.made == "difference" and (own := v.sign("own_ends", self.language, before)):
            strange = _beyond(self._of_areas(number.refs, "difference"), number.value, own)
        if strange:
            yield "extremes", number, _EXTREME

    def _column(self, rows: Sequence[tuple[Number, str]], head: str) -> Iterator[Wrong]:
        """Under "highest" or "lowest" stands the end of the values that are known: of all units, or of the region or
        group of the row. ``rows``: the numbers of the column, each with its region or group as the unit of a cell."""
        stated = v.sign("ends", self.language, head)
        ends: dict[tuple[str, str], Number] = {}
        for number, home in rows if stated else ():
            if number.made == "value" and number.value is not None:
                key = number.refs[0].node, home
                if key not in ends or number.value * stated > (ends[key].value or 0.0) * stated:
                    ends[key] = number
        for (node, home), number in ends.items():
            ref, sheet = number.refs[0], self.data.sheet(number.refs[0])
            units = [unit for unit in sheet.ranked if not home or self.data.names.at_home(unit, home)] if sheet else []
            if sheet and _beyond((sheet.cell(node, unit, ref.column) for unit in units), number.value, stated):
                yield "extremes", number, _EXTREME

    def _lies_beyond(self, number: Number, stated: int) -> bool:
        """Whether what is called the highest (1) or the lowest (-1) is not."""
        ref = number.refs[0]
        end = _ENDS.get(number.made, 0) or (_ENDS.get(ref.column, 0) if number.made in ("statistic", "printed") else 0)
        if end and ref.unit in ("*", ""):
            return stated != end
        return _beyond(self._others(number), number.value, stated)

    def _others(self, number: Number) -> Iterable[float | None]:
        """What the value of a unit, the mean of a region or of an area is set against: those of all the others."""
        ref, of_one = number.refs[0], number.made in ("value", "maximum", "minimum")
        if len(number.refs) > 1 and number.made in ("maximum", "minimum"):  # of the parts of a unit that was merged
            return [self.data.cell(part) for part in number.refs]
        if ref.unit not in ("*", "") and ":" not in ref.unit and of_one:
            sheet = self.data.sheet(ref)
            return () if sheet is None else known(sheet.column(ref.node, ref.column))
        if ref.unit.startswith("region:") and number.made == "mean":
            return [self._worked_out("mean", (replace(ref, unit=home),)) for home in self.data.names.all_regions]
        return self._of_areas(number.refs, "mean") if ref.unit == "*" and number.made == "mean" else ()

    def _of_areas(self, refs: Sequence[Ref], made: str) -> list[float | None]:
        """The same of every area, where it is of one."""
        areas = self.data.areas(refs[0])
        areas = areas if refs[0].node in areas else ()
        return [self._worked_out(made, [replace(ref, node=area) for ref in refs]) for area in areas]

    def _largest(self, statement: Told) -> Iterator[Wrong]:
        """Of the changes of units: what is told as rises rose, "most" is most of those known, and "all" is all."""
        number, refs = statement.number, statement.number.refs
        if (
            number.made != "difference"
            or len(refs) != 2
            or refs[0].unit != refs[1].unit
            or refs[0].year == refs[1].year
        ):
            return
        if refs[0].unit in ("*", "") or ":" in refs[0].unit or (signed := self._signed(number)) is None:
            return
        sentence = re.split(r"[.!?]\s", statement.lead)[-1]
        if number.text[:1] in "+−" and v.sign("ways", self.language, sentence) * signed < -SAME:
            yield "directions", number, _WAY
        most, everybody = (v.sign("largest", self.language, statement.before), v.sign("all", self.language, sentence))
        if not most and not everybody:
            return
        sheet = self.data.sheet(refs[0])
        changes = [self._worked_out("difference", [replace(ref, unit=unit) for ref in refs])
                   for unit in (sheet.ranked if sheet else ())]  # fmt: skip
        if most and _beyond(changes, signed, most):
            yield "extremes", number, Message("the largest change is the largest of those known")
        partly = v.pattern(self.language, "partly").search(sentence.lower())
        if everybody and any(one * everybody <= SAME if one is not None else not partly for one in changes):
            yield "all", number, Message("all means every unit")

    def _in_order(self, parts: Parts) -> Iterator[Wrong]:
        """Of two numbers one after the other, the one told as less is less, and what rose from the one to the other
        rose."""
        places = [place for place, part in enumerate(parts) if isinstance(part, Number)]
        for place, following in pairwise(places):
            one, other = parts[place], parts[following]
            if not isinstance(one, Number) or not isinstance(other, Number) or kind_of(one) != kind_of(other):
                continue
            before, between = joined(parts[:place]), joined(parts[place + 1 : following])
            of_both = "" if ";" in between else between  # behind a semicolon another is compared
            way = v.sign("against", self.language, of_both) - v.ends_with("from", self.language, before)
            if way and one.value is not None and other.value is not None and (one.value - other.value) * way < SAME:
                yield "directions", one, Message("of two numbers the one told as larger is larger")

    def _largest_of_years(self, sentence: Told) -> Iterator[Wrong]:
        """The largest rise or fall of a span of years is the largest of its changes from year to year."""
        number, way = sentence.number, v.sign("of_years", self.language, sentence.rest, first=True)
        span, refs = _SPAN.search(sentence.rest), number.refs
        if not way or not span or number.made == "count" or len(refs) != 2 or refs[0].year == refs[1].year:
            return
        first, last = map(int, span.groups())
        changes = [self._change_of_mean(replace(refs[0], year=year)) for year in range(first + 1, last + 1)]
        signed = self._signed(number)
        if signed is None or signed * way < SAME or last != refs[0].year or _beyond(changes, signed, way):
            yield "extremes", number, Message("the largest change of a span of years is the largest of them")

    def _change_of_mean(self, now: Ref) -> float | None:
        """The change since the year before: of the units of both years where all are known, else of the means."""
        refs = now, replace(now, year=now.year - 1)
        sheets = [self.data.sheet(ref) for ref in refs]
        whole = all(sheet and len(known(sheet.column(now.node, now.column))) == n_ranked(self.data, ref, sheet)
                    for ref, sheet in zip(refs, sheets, strict=True))  # fmt: skip
        return self._worked_out("shared_change" if whole else "difference", refs)

    def _drawn(self, figure: Figure) -> Iterator[Wrong]:
        """What the title of a figure calls the largest or the smallest is so of all nodes that are drawn."""
        for place, number in enumerate(figure.finding):
            if not isinstance(number, Number) or number.value is None or len(number.refs) != 1:
                continue
            way, ref = v.sign("sizes", self.language, reading.beside(figure.finding, place)[0]), number.refs[0]
            nodes = [str(node) for node in figure.data.get("node", ()) if node]
            nodes = nodes or [f"factor:{factor}" for factor in figure.data.get("factor", ())]
            nodes = list(self.data.areas(ref)) if ref.node in self.data.areas(ref) else nodes
            others = [self._worked_out(number.made, [replace(ref, node=node)]) for node in nodes]
            sizes = [abs(other) for other in others if other is not None]
            own = self._worked_out(number.made, number.refs)  # of the cells as they are kept, like the others
            if way and ref.node in nodes and own is not None and _beyond(sizes, abs(own), way):
                yield "extremes", number, _EXTREME

    # --- tables

    def _table(self, table: Table, around: str) -> Iterator[Wrong]:
        names, sentence = self.data.names.units, f"{around} {table.caption} {' '.join(table.notes)} {table.source}"
        heads = {column.key: f"{column.group} {column.title}" for column in table.columns}
        keys, made_of = list(heads), arithmetic.made_of()
        for row in table.rows:
            texts = {key: cell for key, cell in row.items() if isinstance(cell, str)}
            named = {key: names[texts[key]] for key in keys if texts.get(key) in names}
            first, label = next((key for key in keys if key in texts), ""), " ".join(texts.values())
            for place, column in enumerate(table.columns):
                number = row.get(column.key)
                if isinstance(number, Number):
                    yield from _row_name(number, named, keys, place, made_of, named_first=first in named)
                    yield from self._column_year(number, heads[column.key], label)
                    yield from self._column_unit(number, column)
                    yield from self._extreme(number, column.title, "")
                    yield from self._index(number, f"{sentence} {heads[column.key]} {label}")
                    yield from self._level(number, heads[column.key])
            held = [cell for cell in row.values() if isinstance(cell, Number) and cell.refs]
            for text in texts.values() if len(held) == 1 else ():
                yield from _label_year(held[0], text)
                yield from self._measured(held[0], v.counted_in(self.language).get(text.strip(), ""))
            yield from self._row(list(texts.values()), [cell for cell in row.values() if isinstance(cell, Number)])
        for column in (column for column in table.columns if column.group):
            numbers = [(number, _home(row)) for row in table.rows
                       if isinstance(number := row.get(column.key), Number) and number.refs]  # fmt: skip
            yield from self._column(numbers, column.group)

    def _column_year(self, number: Number, head: str, label: str) -> Iterator[Wrong]:
        """A number under a year is of that year; in a row that begins with a year, of that one."""
        if not number.refs:
            return
        own = {ref.year for ref in number.refs}
        wanted = set(map(int, _YEAR.findall(head))) or set(map(int, re.findall(r"^(?:19|20)\d\d", label)))
        change = number.made in _CHANGES or len(own) > 1
        if (wanted and not own & wanted) or (not wanted and not change and own != {self.year} and self.year):
            yield "years", number, Message("a number is of the year that its column or row is headed by")

    def _column_unit(self, number: Number, column: Column) -> Iterator[Wrong]:
        yield from self._measured(number, v.counted_in(self.language).get(column.unit.strip(), ""))

    def _row(self, texts: Sequence[str], numbers: Iterable[Number]) -> Iterator[Wrong]:
        """The numbers of a row are of the criterion and of the group that it is called by."""
        named = next((codes for text in texts[:2] if (codes := self._node(text))), frozenset())
        group = re.match(r"([A-D]): ", texts[0]) if texts else None
        for number in numbers:
            nodes = {ref.node for ref in number.refs}
            if named and len(nodes) == 1 and not nodes & {"", "*"} and not nodes & named:
                yield "row_names", number, Message("a number in a row is that of the node named there")
            column = number.refs[0].column if number.refs else ""
            if group and column.startswith("band:") and column != f"band:{group[1]}":
                yield "groups", number, _GROUP

    def _node(self, text: str) -> frozenset[str]:
        """The codes that a cell stands for: a code, a name, or both."""
        if text in self.data.nodes:
            return self.data.nodes[text]
        result = _CODED.match(text)
        return self.data.nodes.get(text[result.end() :], frozenset()) & {result[1]} if result else frozenset()

    # --- codes, groups, what is drawn

    def _cells(self, table: Table) -> Iterator[Finding]:
        for row in table.rows:
            texts = [cell for cell in row.values() if isinstance(cell, str)]
            for text in texts:
                yield from self._coded(text, name_of(table))
            unit = next((units for text in texts if (units := self.data.names.units.get(text))), frozenset())
            yield from self._band(unit, row.get("band"), name_of(table))

    def _coded(self, text: str, where: str) -> Iterator[Finding]:
        """A code before the name of a node is that of the node."""
        result = _CODED.match(text)
        codes = self.data.nodes.get(text[result.end() :]) if result else None
        if result and codes and result[1] not in codes:
            yield wrong("codes", f"{where}: {text}", Message("the code before a name is that of the node"))

    def _band(self, units: Iterable[str], band: object, where: str) -> Iterator[Finding]:
        """The group told of a unit is that of the unit."""
        bands = self.data.own_sheets[0].bands if self.data.own_sheets else {}
        held = {bands[unit] for unit in units if unit in bands}
        if isinstance(band, str) and re.fullmatch("[A-D]", band) and held and band not in held:
            yield wrong("groups", f"{where}: {band}", Message("the group in a row is that of the unit"))

    def _figure(self, figure: Figure) -> Iterator[Finding]:
        cells, where = figure.data, name_of(figure)
        rest, drawn = figure.alternative, {str(name) for name in cells.get("name", ())}
        for name in self.data.names.longest_first if "unit" in cells and drawn else ():
            if len(name) > 3 and name in rest and name not in drawn:
                message = Message("a name in an alternative text is one that is drawn")
                yield wrong("row_names", f"{where}: {name}", message)
            rest = rest.replace(name, " ")
        for unit, band in zip(cells.get("unit", ()), cells.get("band", ()), strict=False):
            yield from self._band([str(unit)], band, where)


def _beyond(others: Iterable[float | None], value: float | None, way: int) -> bool:
    """Whether one of the others lies further that way than a value."""
    return any(other * way > (value or 0.0) * way + SAME for other in others if other is not None)


def _label_year(number: Number, label: str) -> Iterator[Wrong]:
    """A year in the only label of a number is one of it: of its cells, the year before a change, that of its word."""
    if number.made not in (*_CHANGES, "statistic", "printed"):  # names of criteria have years in them
        return
    years = {ref.year for ref in number.refs} | {int(year) for year in _YEAR.findall(number.refs[0].column[-4:])}
    years |= {max(ref.year for ref in number.refs) - 1}
    if any(int(year) not in years for year in _YEAR.findall(label)):
        yield "years", number, Message("a year in a row is that of the number there")


def _home(row: Mapping[str, str | Number]) -> str:
    """The region or group that a row is on, as the unit of its cells; "" where it is on none."""
    units = (ref.unit for cell in row.values() if isinstance(cell, Number) for ref in cell.refs)
    return next((unit for unit in units if unit.startswith(("region:", "group:"))), "")


def _row_name(
    number: Number,
    named: Mapping[str, frozenset[str]],
    keys: Sequence[str],
    place: int,
    made_of: Mapping[str, tuple[str, ...]],
    *,
    named_first: bool,
) -> Iterator[Wrong]:
    """A number is that of the unit that its row begins with; of another one named in the row where it stands by it."""
    if not named:
        return
    units = reading.units_of(number)
    if number.made in ("mean_of_parts", "known_parts", "minimum", "maximum"):  # the unit that they were merged into
        units |= {new for new, parts in made_of.items() if units == set(parts)}
    parts_of_it = {part for unit in units for part in made_of.get(unit, ())} - units
    beside = [named[key] for key in (keys[max(place - 1, 0)], keys[min(place + 1, len(keys) - 1)]) if key in named]
    beside = [some for some in beside if not some <= parts_of_it]  # a column names what the unit was made of
    wanted = list(named.values()) if named_first else beside if len(named) > 1 else []
    wanted = beside if len(named) > 1 and beside else wanted
    if wanted and units and not any(units & some for some in wanted):
        yield "row_names", number, Message("a number in a row is that of the unit named there")


# --- what a number is counted in ------------------------------------------------------------------

_COUNTS = ("count", "tier", "rank_among", "rank_otherwise", "out_of", "known_parts")
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
    sentence = number.made in ("statistic", "printed")
    if number.made in _COUNTS or (ref.column.startswith("n_") and sentence):
        return "count"
    if sentence and ref.column in _VALUES:
        apart = ref.column not in ("mean", "max", "min")
        return ("percentage points" if apart else "percent") if scale(ref.index_name) == "index" else "points"
    if number.made in ("share", "mean_share", "level"):
        return "percent"
    if ref.column == "half":  # of an interval of shares
        return "percentage points"
    if ref.column == "rank" or ref.column.startswith("rank_"):
        return "places"
    if number.made in _POINTS or ref.column in ("points", "maximum"):
        return "points"
    if ref.column != "index":
        return "other"
    if number.made in (*_CHANGES, "standard deviation"):
        return "percentage points"
    return "percent" if number.made != "printed" else "other"
