"""Names of units that no cell of a number binds: in key figures, captions, lists, cells of text, sources.

Each is held against what the datasets know of the unit: who has the extreme beside it, who is in the group, who was
ranked in one year only, who was late; or against what the block and the title are about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

from parlib import words as catalogues
from parlib.analysis.checks import Finding
from parlib.publish.document import numbers
from parlib.publish.verify import ranks, reading
from parlib.publish.verify import vocabulary as v
from parlib.publish.verify.data import NUMBERS, SAME, Data, Sheet
from parlib.publish.verify.reading import Parts, joined, wrong
from parlib.report.blocks import Block, Figure, Heading, Number, Paragraph, Ref, Table, Tiles, Wording
from parlib.tables import rounded
from parlib.words import Message

_LINE = re.compile(r"[.;:]\s")
_VALUED = re.compile(r"\s?\(([+\-−]?\d[\d.,]*)\)")
_BAND = re.compile(r"([A-D])(?::|$)")
_MOST = 5  # units that are told of in a list of the largest
#: What of all units is the number of one of them: an extreme of values, of changes on the year before by their sign,
#: which words tell without it.
_EXTREMES = {"max": 0, "min": 0, "largest_rise": 1, "largest_fall": -1}


@dataclass(frozen=True)
class Naming:
    """What the names in the texts of one document are held against."""

    data: Data
    wording: Wording
    title: str
    below: Mapping[str, frozenset[str]]  # by heading, the units that the numbers below it are of

    @cached_property
    def subject(self) -> frozenset[str]:
        """The units that the document is on."""
        return self._units(self.title)

    @cached_property
    def own(self) -> Sheet | None:
        """The index table that the document is on."""
        return next(iter(self.data.own_sheets), None)

    @cached_property
    def before(self) -> Sheet | None:
        """That of the year before."""
        if self.data.own is None:
            return None
        index_name, year, level = self.data.own
        return self.data.table(Ref(index_name, year - 1, level, "", "", ""))

    def inspect(self, block: Block) -> Iterator[Finding]:
        """Names in a block that the datasets or the block itself deny."""
        for parts, _ in reading.sentences(block):
            yield from self._beside(parts, in_tile=isinstance(block, Tiles))
        if isinstance(block, Table):
            yield from self._table(block)
        yield from self._caption(block)
        for text in (*getattr(block, "notes", ()), getattr(block, "text", ""), *_whole(block)):
            yield from self._listed(text, block)
        for note in (*getattr(block, "notes", ()), getattr(block, "source", "")):
            if v.pattern(self.wording.language, "source").match(note):
                yield from self._source(note)

    def _units(self, text: str) -> frozenset[str]:
        units = self.data.names.units
        return frozenset(unit for name in self.data.names.named_in(text) for unit in units[name])

    # --- beside a number

    def _beside(self, parts: Parts, *, in_tile: bool) -> Iterator[Finding]:
        """The name beside an extreme of all is that of a unit that has it; in a key figure that of its unit."""
        for place, number in enumerate(parts):
            if not isinstance(number, Number) or number.value is None or not number.refs:
                continue
            end_of_one = number.made in ("maximum", "minimum") and len(number.refs) == 1
            lead, rest = reading.beside(parts, place)
            after = self._named(rest) if in_tile or end_of_one else []
            after = after if in_tile else after[:1]
            sentence = after or self._named(_LINE.split(lead)[-1])[-1:]
            bound = in_tile or end_of_one or number.refs[0].unit in ("*", "")
            holds = self._holders(number) if bound and sentence else None
            if holds is not None and not all(any(map(holds, units)) for units in sentence):
                yield _finding(f"{joined(parts)[:60]}: {number.text}", _HAS)

    def _named(self, text: str) -> list[frozenset[str]]:
        """The units of each name in a text, in its order."""
        sentence = self.data.names.named_in(text)
        return [self.data.names.units[name] for name in sorted(sentence, key=text.find)]

    def _holders(self, number: Number) -> Callable[[str], bool] | None:
        """Which units a number can be of: its own, or where it is an extreme of all those that have it."""
        ref = number.refs[0]
        own = {ref.unit for ref in number.refs}
        if not own & {"*", ""} and not any(":" in unit for unit in own):
            return (lambda unit: unit in own or self._has(replace(ref, unit=unit), number.value or 0.0, 0) is True
                    ) if len(own) == 1 else None  # fmt: skip
        column = {"maximum": "max", "minimum": "min"}.get(number.made, ref.column)
        if column not in _EXTREMES or ref.unit not in ("*", ""):
            return None
        what = ref.column if ref.column in NUMBERS else reading.scale(ref.index_name)
        sheet, way, value = self.data.sheet(ref), _EXTREMES[column], number.value or 0.0
        having = {unit: self._has(replace(ref, unit=unit, column=what), way * abs(value) if way else value, abs(way))
                  for unit in (sheet.units if sheet else ())}  # fmt: skip
        if not any(having.values()):  # who has it is not known: whoever is known has it not
            return lambda unit: having.get(unit) is None
        return lambda unit: bool(having.get(unit))

    def _has(self, ref: Ref, value: float, back: int) -> bool | None:
        """Whether a unit has a value, or where ``back`` a change on the year before; ``None`` where it is not known."""
        now = self.data.cell(ref)
        then = self.data.cell(replace(ref, year=ref.year - back)) if back else 0.0
        if now is None or then is None:
            return None
        return abs(float(rounded(now - then, 2)) - float(rounded(value, 2))) <= SAME

    # --- tables

    def _table(self, table: Table) -> Iterator[Finding]:
        groups = {column.key: column.group for column in table.columns}
        bare: dict[str, int] = {}
        for row in table.rows:
            texts = {key: cell for key, cell in row.items() if isinstance(cell, str) and cell}
            held = {key: cell for key, cell in row.items() if isinstance(cell, Number) and cell.refs}
            where = f"{table.name}: {next(iter(texts.values()), '')[:60]}"
            for key, cell in texts.items():
                sentence = self._named(cell)
                if not sentence:
                    continue
                group, first = groups.get(key, ""), cell == next(iter(texts.values()))
                for number in (held[other] for other in held if not group or groups.get(other) == group):
                    if self._stands_by(number, grouped=bool(group), first=first):
                        yield from self._holder(sentence, number, where)
                yield from self._valued(cell, held.values(), where)
            yield from self._parts(list(texts.values()), held.values(), where)
            yield from self._band(list(texts.values()), held.values(), where)
            yield from self._moved(table, row, where)
            if len(texts) == len(row) == 1 and (units := self.data.names.units.get(next(iter(texts.values())))):
                bare |= dict.fromkeys(units, 0)
        yield from self._twice(table, bare)

    def _twice(self, table: Table, bare: Mapping[str, int]) -> Iterator[Finding]:
        """A unit of which a row says nothing but the name has no other row."""
        rows = [next((cell for cell in row.values() if isinstance(cell, str)), "") for row in table.rows]
        seen = [unit for name in rows for unit in self.data.names.units.get(name, ())]
        ambiguous = {unit for units in self.data.names.units.values() if len(units) > 1 for unit in units}
        for unit in bare:
            if unit not in ambiguous and seen.count(unit) > 1:
                yield _finding(f"{table.name}: {unit}", _ONCE)

    def _stands_by(self, number: Number, *, grouped: bool, first: bool) -> bool:
        """Whether a name in a row is told of a number there: under one head, or beside an extreme. The name that a row
        begins with is that of all its numbers (``words``)."""
        an_end = number.made in ("maximum", "minimum") and len(number.refs) == 1
        return number.value is not None and (number.refs[0].unit in ("*", "") or grouped or (an_end and not first))

    def _holder(self, sentences: Sequence[frozenset[str]], number: Number, where: str) -> Iterator[Finding]:
        """The units named beside a number have it."""
        holds = self._holders(number)
        if holds is not None and not all(any(map(holds, units)) for units in sentences):
            yield _finding(f"{where}: {number.text}", _HAS)

    def _valued(self, cell: str, held: Iterable[Number], where: str) -> Iterator[Finding]:
        """A number in brackets after a name is the value of that unit, as the row's numbers are."""
        refs = {number.made: number.refs[0] for number in reversed(list(held))}
        ref = refs.get("mean_of_parts", next(reversed(refs.values()), None))  # of a merged unit: those of its parts
        if ref is None or self.own is None:
            return
        for name in self.data.names.named_in(cell):
            for match in re.finditer(re.escape(name) + _VALUED.pattern, cell):
                printed = reading.printed(match[1], self.wording)
                own = [self.data.cell(replace(ref, unit=unit, column=column))
                       for unit in self.data.names.units[name] for column in ("index", "points")]  # fmt: skip
                held_by = [value for value in own if value is not None]
                if printed is not None and printed not in [rounded(v, reading.decimals(printed)) for v in held_by]:
                    yield _finding(f"{where}: {match[0]}", _HAS)

    def _parts(self, texts: Sequence[str], held: Iterable[Number], where: str) -> Iterator[Finding]:
        """Where numbers are made of several units, the row names just these."""
        made_of = [frozenset(ref.unit for ref in number.refs) for number in held if number.made == "mean_of_parts"]
        if not made_of or len(texts) < 2:
            return
        for units in self._named(texts[1]):
            if not units & made_of[0]:
                yield _finding(f"{where}: {texts[1][:60]}", _HAS)

    def _band(self, texts: Sequence[str], held: Iterable[Number], where: str) -> Iterator[Finding]:
        """The units listed in a group are those of the group."""
        letter = _BAND.match(texts[0]) if texts else None
        if letter is None or self.own is None or len(texts) < 2 or not self.own.bands:
            return
        if not any(number.refs[0].column == f"band:{letter[1]}" for number in held):
            return
        sentence = self._named(texts[1])
        listed = {unit for unit in self.own.ranked if self.own.bands.get(unit) == letter[1]}
        if not all(units & listed for units in sentence) or listed - set().union(*sentence):
            yield _finding(f"{where}: {texts[1][:60]}", _IN_IT)

    def _moved(self, table: Table, row: Mapping[str, str | Number], where: str) -> Iterator[Finding]:
        """Who moves up and down most where a part is left out."""
        number = next((n for n in row.values() if isinstance(n, Number) and n.made == "most_places"), None)
        sheet = self.data.sheet(number.refs[0]) if number else None
        moved = ranks.without(self.data, number.refs[0], number.refs[0].node) if number else None
        if sheet is None or moved is None:
            return
        shifts = dict(zip(sheet.ranked, sheet.column("", "rank") - moved, strict=True))
        for column in table.columns:
            way, cell = v.sign("ways", self.wording.language, column.title), row.get(column.key)
            end = max(shifts.values()) if way > 0 else min(shifts.values())
            for units in self._named(cell) if way and isinstance(cell, str) else ():
                if not any(shifts.get(unit) == end for unit in units):
                    yield _finding(f"{where}: {cell}", _HAS)

    # --- captions, headings, sources

    def _caption(self, block: Block) -> Iterator[Finding]:
        """A caption or heading names what the document or the block is about."""
        text = block.text if isinstance(block, Heading) else getattr(block, "caption", "")
        sentence = self._named(text)
        if not sentence:
            return
        about = set(self.subject) | {ref.unit for number in numbers(block) for ref in number.refs}
        about |= self.below.get(text, frozenset()) if isinstance(block, Heading) else frozenset()
        if isinstance(block, Table):
            about |= {u for row in block.rows for c in row.values() if isinstance(c, str) for u in self._units(c)}
        if isinstance(block, Figure):
            about |= {str(key) for key in block.data} if not self.subject else set()
            about |= {str(cell) for cell in block.data.get("unit", ())} if not self.subject else set()
        for units in sentence:
            if not units & (self.subject if self.subject else about):
                yield _finding(f"{block.kind}: {text[:90]}", _ABOUT)

    def _source(self, source: str) -> Iterator[Finding]:
        """Who publishes is who the sentences of the catalogue say."""
        for name in self.data.names.named_in(source):
            if not any(name in form for form in _sources(self.wording.language)):
                yield _finding(source[:90], _SOURCE)

    # --- lists

    def _listed(self, text: str, block: Block) -> Iterator[Finding]:
        """The units of a list are those that the sentence tells of, each once; who has no data has no row."""
        lists = dict(self._lists)
        if isinstance(block, Table):
            cells = [cell for row in block.rows for cell in row.values() if isinstance(cell, str)]
            lists[_LACKING] = {"list": lambda unit: not any(unit in self._units(cell) for cell in cells)}
        for msgid, places in lists.items():
            result = v.template(self.wording.language, msgid).search(text)
            for place, belongs in places.items() if result else ():
                assert result is not None
                sentence = self._named(result[place])
                listed = re.split(v.pattern(self.wording.language, "list").pattern, result[place])
                if not all(any(map(belongs, units)) for units in sentence) or len(set(listed)) < len(listed):
                    yield _finding(text[:90], _IN_IT)

    @cached_property
    def _lists(self) -> Mapping[str, Mapping[str, Callable[[str], bool]]]:
        """Sentences that list units, by their message: to which units what stands in a place belongs."""
        now, then = (set(sheet.ranked) if sheet else None for sheet in (self.own, self.before))
        results: dict[str, Mapping[str, Callable[[str], bool]]] = {}
        if now is not None:
            results[_APART] = {"list": lambda unit: unit not in now}
        if now is not None and then is not None:
            results[_CAME_AND_WENT] = {"came": (now - then).__contains__, "went": (then - now).__contains__}
        for what, msgid in (("returns:late", _LATE), ("sets_open", _OPEN)):
            if keys := self.data.of_kind(what):
                results[msgid] = {"list": {key[3] for key in keys if self.data.cells[key]}.__contains__}
        if over := self._claimed_too_much():
            least = sorted(over.values())[-_MOST:][0]
            results[_CHECK] = {"list": lambda unit: over.get(unit, 0.0) >= least - SAME}
        if self.data.own is not None and (widths := self._removed(Ref(*self.data.own, "", "", ""))):
            widest = max(widths.values())
            results |= {msgid: {"unit": lambda unit: widths.get(unit) == widest} for msgid in _REMOVED}
        return results

    def _claimed_too_much(self) -> Mapping[str, float]:
        """The share of the points claimed that each unit was not granted."""
        over, claimed = ({key[3]: self.data.cells[key] for key in self.data.of_kind(what) if key[4] in ("", "*")}
                         for what in ("claimed_not_granted", "claimed"))  # fmt: skip
        return {unit: size / claimed[unit] for unit, size in over.items() if claimed.get(unit)}

    def _removed(self, ref: Ref) -> Mapping[str, float]:
        """Over how many ranks each unit moves with one area after another left out."""
        sheet = self.data.sheet(ref)
        ends = {unit: [ranks.removal(self.data, replace(ref, unit=unit), end) for end in ("min", "max")]
                for unit in (sheet.ranked if sheet else ())}  # fmt: skip
        return {unit: high - low for unit, (low, high) in ends.items() if low is not None and high is not None}


_CAME_AND_WENT = "Ranked in {year} only: {came}; in {before} only: {went}."
_APART = "Not drawn, because not ranked: {list}."
_LACKING = "No data: {list}."
_LATE = "Late: {list}."
_OPEN = "Drawn anew, an end of the range of ranks may shift a little for: {list}; the others keep theirs."
_CHECK = "To {list}: check self-assessments against the documents before they are sent."
_REMOVED = (
    "Choices of method: with one {area} left out at a time, the rank of {unit} would move most, between {low} and "
    "{high}; {n:{units}} would keep their rank whichever is left out.",
    "Choices of method: with one {area} left out at a time, the rank of {unit} would move most; {n:{units}} would "
    "keep their rank whichever is left out.",
)


def _whole(block: Block) -> Iterator[str]:
    """A sentence with its numbers, in which units may be listed."""
    if isinstance(block, Paragraph):
        yield joined(block.parts)


@cache
def _sources(language: str) -> tuple[str, ...]:
    """The lines of the catalogue that name a source."""
    result = (form for forms in catalogues.messages(language).values() for form in forms)
    return tuple(form for form in result if v.pattern(language, "source").match(form))


_HAS = Message("a name is that of the unit that has the number beside it")
_ONCE = Message("each unit has one row")
_IN_IT = Message("a unit named belongs to those that the sentence is on")
_ABOUT = Message("a heading or caption names what it is about")
_SOURCE = Message("who publishes is named by the catalogue")


def _finding(where: str, message: Message) -> Finding:
    return wrong("row_names", where, message)
