"""Digits that stand in a text by themselves: in titles, captions, heads, notes, alternative texts.

A sentence carries its numbers as ``Number``s, which the arithmetic works out again. All else that a reader sees is
plain text, and a digit in it must be something that is no result (a year of the report, a code of a criterion, a
decision, a date, the bound of a group, a level of confidence), or a number that its own block holds: of a figure its
data, of a table its cells. Beside a name stands the number of that name, and what is called the highest is the highest.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import combinations, zip_longest

import numpy as np
import pandas as pd

from parlib import data_tables
from parlib.analysis.checks import Finding
from parlib.analysis.mergers import merges
from parlib.data_tables import base_year
from parlib.publish.document import Document, numbers
from parlib.publish.verify import reading, vocabulary
from parlib.publish.verify.figures import is_number
from parlib.publish.verify.reading import name_of, wrong
from parlib.report.blocks import Block, Figure, Note, Paragraph, Table, Title, Wording
from parlib.scoring import units
from parlib.sources import published
from parlib.sources.published import par
from parlib.tables import rounded
from parlib.words import Message

#: Levels of confidence and of significance that methods are run at, in percent.
SAME = 1e-9
CONFIDENCE = frozenset({5.0, 10.0, 90.0, 95.0, 99.0, 100.0})
_DATE = re.compile(r"\b\d{1,2}/\d{1,2}/\d{4}\b|\b\d{1,2}/\d{4}\b|\b\d{4}-\d{2}(-\d{2})?\b")
_DECISION = re.compile(r"\b\d+/[A-ZĐ][\w-]*-[A-ZĐ][\w-]*")
_CODE = re.compile(r"(?<![\w.,/])\d+(\.\d+)+(?!\w)|(?<![\w.,/])\d+(?=\. )")
_SPAN = re.compile(r"\b((?:19|20)\d\d)[–-]((?:19|20)\d\d)\b")
_YEAR = re.compile(r"(?<![\d.,])((?:19|20)\d\d)(?![\d]|[.,]\d)")
_SOURCE = re.compile(r"\bS\d{3}\b")
_VERSION = re.compile(r"\b[a-z]+/\d{8}\b")  # a data set of that day, as the credit line of the maps names it
_ITEM = re.compile(r"\bQ\d+(_\d+)*\b")
_NUMBER = re.compile(r"[+\-−]?\d[\d.,]*")
_DIGIT = re.compile(r"\d")
_BESIDE = r"[,:]?\s?\(?([+\-−]?\d[\d.,]*)"  # between a name and its number, where a language has no words for it
_BRACKET = re.compile(r"[,:]?\s?(?:[+\-−]?\d[\d.,]*\s?(?:%|[^\W\d]+)?,?\s)?\(([^()]*)\)")  # after a name, or its number
_LABELLED = re.compile(r": [^:.;]{1,60}: ([+\-−]?\d[\d.,]*)")
#: What the texts are called whose digits are looked at, beside notes; and those whose years are of the numbers there.
_READ = ("text", "caption", "alternative", "source", "sentence", "label", "detail", "title", "group")
_OF_YEAR = ("note", "caption", "alternative")


@dataclass(frozen=True)
class Vocabulary:
    """What digits may stand for in the texts of one document without being a result of it."""

    years: frozenset[int]
    codes: frozenset[str]
    names: tuple[str, ...]  # with digits in them, longest first
    decisions: frozenset[str]
    merged: frozenset[int]  # years in which units were merged
    bounds: frozenset[float]  # of the groups of a year
    counts: frozenset[float]  # how many units are there, are ranked, are known

    @classmethod
    def of(cls, document: Document, data: Mapping[str, pd.DataFrame]) -> Vocabulary:
        """The vocabulary of a document and its datasets as frames by name."""
        index = data["index"]
        refs = {ref for item in document.items for number in numbers(item.block) for ref in number.refs}
        sheets = {(int(year), str(level)) for year, level in zip(index["year"], index["level"], strict=True)}
        sheets |= {(ref.year, ref.level) for ref in refs if ref.level}
        levels = units.levels()
        merged = {day.year for level in levels for day in merges(level)["effective"].dropna()}
        years = {year for year, _ in sheets} | {ref.year for ref in refs}
        codes = {str(node) for node in index["node"].unique()} | {ref.node for ref in refs}
        sentences = [column for column in ("name", "node_name", "decision") if column in index]
        names = {str(name) for column in sentences for name in index[column].fillna("").unique()}
        names |= set(published.check_explanations(document.language)["explanation"])  # reviewed texts of the data
        names |= par.source_addresses() | set(map(Wording(document.language).date, par.source_days()))
        titled = map(int, _YEAR.findall(f"{document.title.text} {document.title.subtitle}"))  # where no unit is known
        latest = max(years | set(titled), default=0)
        known = {data_tables.decision_of(year, level) for year in range(base_year(), latest + 1) for level in levels}
        return cls(
            # the year before is told of where it is lacking, and a round runs into the next year
            frozenset(years | {year + step for year in years for step in (-1, 1)} | merged),
            frozenset(codes | {code.partition(".")[0] for code in codes}),
            tuple(sorted((name for name in names if re.search(r"\d", name)), key=len, reverse=True)),
            frozenset(filter(None, known)),
            frozenset(merged),
            frozenset(_bounds(sheets, data.get("printed"))),
            frozenset((*_counts(index, data.get("units")), *_as_printed(data.get("printed")))),
        )


def _as_printed(printed: pd.DataFrame | None) -> Iterator[float]:
    """How many units are assessed, ranked and expected, as published."""
    if printed is not None:
        yield from printed.loc[printed["what"].isin(["assessed", "ranked", "expected"]), "value"].astype(float)


def _bounds(sheets: Iterable[tuple[int, str]], printed: pd.DataFrame | None) -> Iterator[float]:
    """The bounds of the groups of the years, by the decisions and as the results have them."""
    for sheet in sheets:
        yield from map(float, data_tables.bands_of(*sheet).values())
    if printed is not None:
        yield from printed.loc[printed["what"].str.startswith("bound:"), "value"].astype(float)


def _counts(index: pd.DataFrame, listed: pd.DataFrame | None) -> Iterator[float]:
    """How many units each sheet lists, ranks and knows, how many it lacks, how many two years have in common, how many
    a region has; how many years there are."""
    known: dict[tuple[str, str], list[set[str]]] = {}
    for (index_name, _, level, _), rows in index.groupby(["index_name", "year", "level", "stage"]):
        whole = rows[rows["node"] == ""]
        ranked = whole[whole["ranked"].astype(str).str.lower() == "true"]
        for column in ("index", "points", "rank"):
            having = set(ranked.loc[ranked[column].notna(), "unit"])
            yield from (len(whole), len(ranked), len(having), len(ranked) - len(having), len(whole) - len(having))
            for other in known.setdefault((str(index_name), str(level)), []):
                yield len(having & other)
            known[str(index_name), str(level)].append(having)
    yield float(index["year"].nunique())
    if listed is not None:
        yield from listed.groupby("region").size().astype(float)


@dataclass(frozen=True)
class Texts:
    """What the texts of one document are read with."""

    wording: Wording
    known: Vocabulary
    index: pd.DataFrame
    behind: Sequence[float]  # results of random methods and of a round
    regional: Sequence[float]
    year: int  # that the report is on; 0 where it is on none

    @classmethod
    def of(cls, document: Document, wording: Wording, data: Mapping[str, pd.DataFrame], year: int = 0) -> Texts:
        """``data``: the datasets of ``document`` as frames by name; ``index`` is needed, ``units``, ``round`` and
        ``methods`` tell of more."""
        behind = [float(value) for name in ("round", "methods") if name in data for value in data[name]["value"]]
        regional = list(_of_regions(data["index"], data.get("units"), data.get("printed")))
        return cls(wording, Vocabulary.of(document, data), data["index"], behind, regional, year)

    def head(self, title: Title) -> Iterator[Finding]:
        """Every digit of a title that is nothing known."""
        for text in filter(None, (title.text, title.subtitle, *title.lines, *title.marks)):
            yield from self._strange(text, (), f"title: {text}")

    def block(self, block: Block) -> Iterator[Finding]:
        """Every digit in the texts of a block that is nothing known."""
        texts, notes = list(_texts(block)), getattr(block, "notes", ())
        if any(_DIGIT.search(text) for text in (*texts, *notes)):
            own = np.array([*_own_numbers(block), *self.regional, *(self.behind if isinstance(block, Note) else ())])
            more = np.array([*own, *self.behind, *_rest(block, self.index)]) if notes else own
            for text, held in (*((text, own) for text in texts), *((text, more) for text in notes)):
                yield from self._strange(text, held, _at(block, text))
        for text in (*texts, *notes):
            if vocabulary.twice(self.wording.language).search(text):
                message = Message("the same word stands where its opposite belongs")
                yield wrong("directions", _at(block, text), message)
        yield from self._years(block)
        if isinstance(block, Figure):
            yield from _named(block, self.wording)
            yield from _classed(block)

    def _years(self, block: Block) -> Iterator[Finding]:
        """A year in a text is the report's, the one before, or one of the block's numbers; a span is that of these."""
        held = [ref for number in numbers(block) for ref in number.refs]
        of_numbers = {ref.year for ref in held}
        own = {int(year) for ref in held for year in _YEAR.findall(ref.column.rpartition("_")[2])}
        if isinstance(block, Figure):
            labels = (str(cell) for cells in block.data.values() for cell in cells if isinstance(cell, str))
            own |= {int(year) for label in labels for year in _YEAR.findall(label)}
            of_numbers |= {int(year) for year in block.data.get("year", ()) if is_number(year)}
        if isinstance(block, Table):  # a year of which nothing is known has its column, too
            of_numbers |= {int(year) for column in block.columns for year in _YEAR.findall(column.title)}
        own |= {self.year, self.year - 1, *self.known.merged, *of_numbers}
        for text in _of_year(block) if self.year else ():
            plain = _DATE.sub(" ", _DECISION.sub(" ", _without(text, self.known.names)))
            sentences = [int(year) for year in _YEAR.findall(_SPAN.sub(r"\1 \2", plain))]
            spans = [(int(a), int(b)) for a, b in _SPAN.findall(plain if text == getattr(block, "caption", "") else "")]
            first, last = min(of_numbers, default=0), {max(of_numbers, default=0), self.year}
            of_others = len(of_numbers) > 1 and any(a != first or b not in last for a, b in spans)
            if of_others or any(year not in own for year in sentences):
                message = Message("a year in a heading, caption or sentence is one of the numbers there")
                yield wrong("years", _at(block, text), message)
        for text in (*_texts(block), *getattr(block, "notes", ())) if self.year else ():
            yield from self._told_of_years(text) if _YEAR.search(text) else ()
        if isinstance(block, Figure) and "year" in block.data:
            yield from self._of_that_year(block)

    def _told_of_years(self, text: str) -> Iterator[Finding]:
        """Years in the places of sentences that have no number: the year before, that of a merger, of a new set."""
        for msgid, places in self._of_templates.items():
            result = vocabulary.template(self.wording.language, msgid).search(text)
            texts = {place: result[place] for place in places} if result else {}
            if any(year.isdecimal() and int(year) not in places[place] for place, year in texts.items()):
                yield wrong("years", text[:90], Message("a year in a sentence is the one that it is on"))

    @cached_property
    def _of_templates(self) -> Mapping[str, Mapping[str, frozenset[int]]]:
        """The years that may stand in places of messages."""
        now, before = frozenset((self.year,)), frozenset((self.year - 1,))
        own = self.index.iloc[0] if len(self.index) else None
        since: frozenset[int] = frozenset()
        if own is not None:
            changed = data_tables.breaks(str(own["level"]), str(own["index_name"]))
            since = frozenset(sorted(year for year in changed if year <= self.year)[-1:])
        return {
            "The set of criteria is the same as in {before}; it last changed in {since}.":
                {"before": before, "since": since},
            "The index carried over to the units after the mergers of {merged}": {"merged": self.known.merged},
            "Ranked in {year} only: {came}; in {before} only: {went}.": {"year": now, "before": before},
        }  # fmt: skip

    def _of_that_year(self, figure: Figure) -> Iterator[Finding]:
        """The number beside a year in an alternative text is one of that year in the data."""
        for match in vocabulary.pattern(self.wording.language, "in_year").finditer(figure.alternative):
            sentence, year = match[1] or match[4], match[2] or match[3]
            value = reading.printed(sentence, self.wording)
            rows = [row for row, own in enumerate(figure.data["year"]) if is_number(own) and int(own) == int(year)]
            if value is not None and rows and not _columns_with(figure, rows, value):
                message = Message("the number beside a year is of that year")
                yield wrong("years", f"{name_of(figure)}: {sentence}, {year}", message, printed=float(value))

    def _strange(self, text: str, own: Sequence[float] | np.ndarray, where: str) -> Iterator[Finding]:
        """The digits of a text that nothing accounts for."""
        known, rest = self.known, _without(text, self.known.names)
        rest = _VERSION.sub(" ", self._days.sub(" ", _DATE.sub(" ", self._annex.sub(" ", rest))))
        rest = _DECISION.sub(lambda match: " " if match.group() in known.decisions else match.group(), rest)
        rest = _SPAN.sub(r"\1 \2", rest)
        rest = _YEAR.sub(lambda match: " " if int(match.group()) in known.years else match.group(), rest)
        rest = _CODE.sub(lambda match: " " if match.group() in known.codes else match.group(), rest)
        rest = _SOURCE.sub(" ", _ITEM.sub(" ", rest))
        for match in (number.rstrip(".,") for number in _NUMBER.findall(rest)):
            value = reading.printed(match, self.wording)
            if value is None or not self._accounted(value, np.asarray(own, dtype=float)):
                message = Message(
                    "a digit outside a number is a year, a code, a decision, a name or a number that is found "
                    "({found})",
                    {"found": match},
                )
                yield wrong("digits_in_text", where, message, printed=math.nan if value is None else float(value))

    @cached_property
    def _days(self) -> re.Pattern[str]:
        """The day and the month of a date as the language writes it, "17 April"; its year is looked at as any other."""
        whole = (re.escape(self.wording.date(date(2000, month, 28))) for month in range(1, 13))
        days = (day.replace("28", r"(?:[12]\d|3[01]|[1-9])", 1).replace("2000", r"(?=\d{4}\b)") for day in whole)
        return re.compile(rf"\b(?:{'|'.join(days)})")

    @cached_property
    def _annex(self) -> re.Pattern[str]:
        """The number of an annex, as the catalogue has it."""
        heading = vocabulary.template(self.wording.language, "Annex {n}. {title}").pattern
        return re.compile("^" + heading.partition(r"\.")[0].replace("(?P<n>.+?)", r"\d+") + r"(?=\.)")

    def _accounted(self, value: Decimal, own: np.ndarray) -> bool:
        """Whether a number is one of the block's own, rounded as it is printed, or no result at all."""
        decimals = reading.decimals(value)
        if float(value) in self.known.bounds | self.known.counts | CONFIDENCE:
            return True
        if decimals == 0 and str(value) in self.known.codes:
            return True
        sizes, wanted = np.abs(own[np.isfinite(own)]), abs(float(value)) * 10**decimals
        near = [sizes[np.abs(sizes * scale * 10**decimals - wanted) <= 1] * scale for scale in (1, 100)]
        return any(abs(rounded(float(one), decimals)) == abs(value) for some in near for one in some)


def _texts(block: Block) -> Iterator[str]:
    """What a block says in plain text, beside its notes."""
    for kind, parts in reading.texts(block):
        if kind in _READ and getattr(block, "role", "") != "passed":
            yield from (part for part in parts[kind == "detail" :] if isinstance(part, str) and part)


def _of_year(block: Block) -> Iterator[str]:
    """The texts of a block whose years are those of its numbers."""
    bound = isinstance(block, Paragraph | Figure) and any(number.refs for number in numbers(block))
    own = (*_OF_YEAR, *(("sentence",) if bound else ()))
    own = own if isinstance(block, Note) and block.role != "missing" else (*own, "text")
    for kind, parts in reading.texts(block):
        yield from (part for part in parts if kind in own and isinstance(part, str))


def _at(block: Block, text: str) -> str:
    """Where a text stands."""
    return f"{getattr(block, 'name', '') or getattr(block, 'caption', '') or block.kind}: {text[:90]}"


def _own_numbers(block: Block) -> Iterator[float]:
    """The numbers that a block holds as data: the cells of a table, the data of a figure and what it counts."""
    yield from (number.value for number in numbers(block) if number.value is not None)
    if isinstance(block, Table):
        yield from (len(block.rows), len(block.columns))
    if isinstance(block, Figure):
        for cells in block.data.values():
            texts = [str(cell) for cell in cells]
            yield from (float(cell) for cell in cells if is_number(cell))
            yield from (len(cells), len(set(texts)), *(texts.count(text) for text in set(texts)))
            yield from (sum(cell is not None for cell in cells), *_of_texts(texts))
        yield from _derived(block)


def _of_regions(index: pd.DataFrame, listed: pd.DataFrame | None, printed: pd.DataFrame | None) -> Iterator[float]:
    """The means of regions as published, and as another source prints them; of how many regions the mean is known."""
    means: set[str] = set()
    year = next(iter((index if printed is None else printed)["year"]), 0)  # what a report is about comes first
    if printed is not None:
        own = printed[printed["unit"].str.startswith("region:")]
        yield from own["value"].astype(float)
        newest = own[(own["what"] == "mean") & (own["node"] == "") & (own["year"] == year)]
        means = set(newest["unit"].str.removeprefix("region:"))
    if listed is not None:
        whole = index[(index["node"] == "") & (index["year"] == year)]
        known = set(whole.loc[whole["index"].notna() | whole["points"].notna(), "unit"])
        homes = listed[listed["unit"].isin(whole["unit"]) & (listed["region"] != "")]
        complete = homes["unit"].isin(known).groupby(homes["region"]).all()
        yield float(len(means | set(complete.index[complete])))


def _rest(block: Block, index: pd.DataFrame) -> Iterator[float]:
    """Of a table of the points that one unit lost: how many criteria it leaves out, and the points lost there."""
    lost = [number for number in numbers(block) if number.made == "lost" and number.value is not None and number.refs]
    if not isinstance(block, Table) or len({number.refs[0].unit for number in lost}) != 1:
        return
    ref = lost[0].refs[0]
    own = index[(index["unit"] == ref.unit) & (index["year"] == ref.year) & (index["index_name"] == ref.index_name)]
    missing = (own["maximum"] - own["points"]).set_axis(own["node"])
    nodes = set(own["node"])
    leaves = [node for node in nodes if node and ":" not in node and not any(n.startswith(f"{node}.") for n in nodes)]
    on_leaves = missing.reindex(leaves)
    yield float(on_leaves[on_leaves > SAME].sum()) - sum(number.value or 0.0 for number in lost)
    yield float((on_leaves > SAME).sum() - len(block.rows))


def _of_texts(texts: Sequence[str]) -> Iterator[float]:
    """The numbers in the labels of classes: "44,69–47,82"."""
    for text in set(texts):
        for match in _NUMBER.findall(text):
            plain = match.strip(".,").lstrip("+-−").replace(",", ".")
            if re.fullmatch(r"\d+(\.\d+)?", plain):
                yield float(plain)


def _derived(figure: Figure) -> Iterator[float]:
    """What a figure's text may tell of its data: means and sums of columns, also of the rows of a region; differences
    of two cells of a row."""
    frame = pd.DataFrame(figure.data)
    values = _numeric(frame)
    yield from (*values.mean(), *values.sum(), *values.sum(axis=1))
    yield from (*(values > 0).sum(), *(values < 0).sum(), *(values == 0).sum())
    if {"before", "now", "n"} <= set(frame):  # how many stayed in their quarter
        yield float(frame.loc[frame["before"] == frame["now"], "n"].sum())
    if "region" in frame:
        yield from values.groupby(frame["region"]).mean().to_numpy().ravel()
    of_rows = [values[column] for column in values]
    for one, other in combinations(list(values)[:8], 2):
        of_rows.append(values[one] - values[other])
        yield from of_rows[-1].to_numpy()
    for column in of_rows:  # how many share the largest and the smallest, and the largest and smallest size
        for sizes in (column.round(9), column.abs().round(9)):
            yield from (float((sizes == end).sum()) for end in (sizes.max(), sizes.min()))


def _without(text: str, names: Iterable[str]) -> str:
    for name in names if _DIGIT.search(text) else ():  # each has digits in it
        text = text.replace(name, " ")
    return text


# --- a name and the number beside it ----------------------------------------------------------------


def _classed(figure: Figure) -> Iterator[Finding]:
    """An alternative text that counts classes tells each of them, one on several indices each with its year."""
    classes = Counter(one for one in figure.data.get("class", ()) if isinstance(one, str) and one)
    places = {name: n for name, n in classes.items() if f"{name}: {n}" in figure.alternative}
    labels = [label for label in figure.data.get("index", ()) if isinstance(label, str) and _YEAR.search(label)]
    of_labels = [label for label in labels if label in figure.alternative]
    if (places and len(places) < len(classes)) or 0 < len(of_labels) < len(labels):
        message = Message("each class that is drawn is told with its number")
        yield wrong("named_numbers", _at(figure, figure.alternative), message)


def _named(figure: Figure, wording: Wording) -> Iterator[Finding]:
    """In an alternative text, the number beside a name is one of the row of that name in the data, and what is called
    the highest or the lowest is."""
    names = [str(name) for name in figure.data.get("name", ())]
    if not names:
        return
    text, worded = figure.alternative, tuple(name for name in names if re.search(r"[^\W\d]", name))
    longest_first = "|".join(map(re.escape, sorted(set(names), key=len, reverse=True)))
    results = list(re.finditer(rf"(?<!\w)(?:{longest_first})(?!\w)", text))
    for one, following in zip_longest(results, results[1:]):
        rows = [row for row, own in enumerate(names) if own == one[0]]
        after = text[one.end() : following.start() if following else None]
        beside = vocabulary.pattern(wording.language, "beside", _BESIDE).match(after)
        another = text[one.end() :].lstrip(", ").startswith(worded)  # ties may begin with their codes
        value = reading.printed(beside[1].rstrip(".,"), wording) if beside and not another else None
        sentences = [*([value] if value is not None else []), *_in_brackets(after, wording)]
        columns = _columns_with(figure, rows, value) if value is not None else []
        for number in sentences:
            if not _columns_with(figure, rows, number) and not _is_difference(figure, rows, number):
                message = Message("the number beside a name is that of the name in the figure's data")
                yield wrong("named_numbers", f"{name_of(figure)}: {one[0]}", message, printed=float(number))
        before = re.split(r"[.;]", text[: one.start()])[-1]
        way = vocabulary.sign("sizes", wording.language, before) if columns else 0
        if value is not None and way and not any(_is_extreme(figure, column, value, way) for column in columns):
            message = Message("what is called the highest or the lowest is so")
            yield wrong("named_numbers", f"{name_of(figure)}: {one[0]}", message, printed=float(value))


def _in_brackets(after: str, wording: Wording) -> list[Decimal]:
    """All numbers in brackets after a name, also after the number beside it, or the number after a label that follows
    it."""
    bracket, labelled = _BRACKET.match(after), _LABELLED.match(after)
    sentence = _NUMBER.findall(bracket[1]) if bracket else [labelled[1]] if labelled else []
    values = (reading.printed(one.rstrip(".,"), wording) for one in sentence)
    return [value for value in values if value is not None]


def _columns_with(figure: Figure, rows: Sequence[int], value: Decimal) -> list[str]:
    """The columns in which one of ``rows`` holds ``value`` as printed."""
    decimals = reading.decimals(value)
    return [
        column
        for column, cells in figure.data.items()
        if any(rounded(cell * scale, decimals) == value
               for cell in (cells[row] for row in rows) if is_number(cell) for scale in (1, 100))
    ]  # fmt: skip


def _is_difference(figure: Figure, rows: Sequence[int], value: Decimal) -> bool:
    """Whether ``value`` is the difference or the sum of cells of one of ``rows``."""
    values = _numeric(pd.DataFrame(figure.data).iloc[list(rows)])
    results = [*values.sum(axis=1)]
    for one, other in combinations(list(values)[:8], 2):
        results += list(values[one] - values[other])
    return any(math.isfinite(one) and abs(rounded(one, reading.decimals(value))) == abs(value) for one in results)


def _numeric(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns of numbers."""
    return frame[[column for column in frame if pd.api.types.is_numeric_dtype(frame[column])]].astype(float)


def _is_extreme(figure: Figure, column: str, value: Decimal, way: int) -> bool:
    """Whether a value is the largest or the smallest of a column, without the whole which the data of some charts ends
    with."""
    nodes = figure.data.get("node")
    held = (cell for row, cell in enumerate(figure.data[column]) if nodes is None or nodes[row])
    cells = [cell for cell in held if is_number(cell)]
    for scale in (1, 100):
        values = [rounded(cell * scale, reading.decimals(value)) for cell in cells]
        if values and (value == (max if way > 0 else min)(values) or (way > 0 and abs(value) == max(map(abs, values)))):
            return True
    return False
