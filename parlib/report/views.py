"""Results as they are looked at: what an index is called and counted in, and numbers with the cells they came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from parlib import data_tables
from parlib.data_tables import base_year, since_base
from parlib.report.blocks import (
    FOOTNOTES,
    MARKS,
    MEASURES,
    Content,
    Measure,
    Note,
    NoteRole,
    Number,
    Paragraph,
    Parts,
    Ref,
    Wording,
    capital,
    is_known,
    message,
)
from parlib.scoring import units
from parlib.scoring.results import WHOLE, Results
from parlib.sources import published
from parlib.words import FIRST
from parlib.years import Year

MANY = 30  # rows of a figure
NAMED = 3  # how many that share an extreme are named; of more their number is


@dataclass(frozen=True)
class View:
    """The results of one year and the wording to show them in: what every chart, table and sentence is made from.

    ``focus``      the key of a unit to be picked out in tables and figures; "" for none.
    ``simulated``  marks everything as simulated, whatever the results say of themselves.
    """

    results: Results
    wording: Wording
    focus: str = ""
    simulated: bool = False

    @cached_property
    def measure(self) -> Measure:
        """What the index is called."""
        return MEASURES[self.results.index_name]

    @cached_property
    def decimals(self) -> int:
        """Of the numbers of the index as they are printed."""
        return self.results.scale.decimals

    @cached_property
    def in_points(self) -> bool:
        """Printed as points reached, as its publisher does, and not as percent of the maximum."""
        return self.results.scale.unit != "percent"

    # Words

    def say(self, msgid: str, **contents: Content) -> str:
        """A message of the catalogues as plain text; ``{index}``, ``{year}``, ``{before}``, ``{units}``,
        ``{area}`` and ``{areas}`` are filled in where it has them."""
        return self.wording.say(msgid, **self._own(msgid, contents))

    def phrase(self, msgid: str, **contents: Content) -> Parts:
        """As ``say``, with its numbers."""
        return self.wording.phrase(msgid, **self._own(msgid, contents))

    def sentence(self, msgid: str, **contents: Content) -> Paragraph:
        """As ``phrase``, as a paragraph."""
        return Paragraph(self.phrase(msgid, **contents))

    def item(self, msgid: str, **contents: Content) -> Paragraph:
        """As ``sentence``, as a point of a list."""
        return Paragraph(self.phrase(msgid, **contents), "item")

    def note(self, msgid: str, role: NoteRole = "method", **contents: Content) -> Note:
        """As ``say``, as a line that the reader must not miss."""
        return Note(self.say(msgid, **contents), role)

    def _own(self, msgid: str, contents: dict[str, Content]) -> dict[str, Content]:
        year = self.results.year
        own: dict[str, Content] = {"index": self.index, "year": year, "before": year - 1, "units": self.units}
        own |= {"area": self.area, "areas": self.areas}
        return {**{name: own[name] for name in own if f"{{{name}}}" in msgid}, **contents}

    @cached_property
    def index(self) -> str:
        """The short name of the index."""
        return self.wording.say(self.measure.name)

    @cached_property
    def units(self) -> str:
        """The plural noun of the units assessed."""
        return self.wording.units(self.results.level)

    @property
    def has_many(self) -> bool:
        """Whether a figure with a row for each unit fills a page of its own: the ranking does, others are annexes."""
        return len(self.results.ranked_units) > MANY

    @cached_property
    def unit_head(self) -> str:
        """What stands above the names of units in a table: "Tỉnh, thành phố", "Bộ, cơ quan ngang bộ"."""
        return capital(self.units_of(self.wording.count(1)))

    def units_of(self, n: Number) -> str:
        """The noun of ``n`` units."""
        return self.wording.units_of(self.results.level, n)

    @cached_property
    def area(self) -> str:
        """What the parts of this index are called, one of them."""
        return self.wording.say(self.measure.area)

    @cached_property
    def areas(self) -> str:
        """What the parts of this index are called."""
        return self.wording.say(self.measure.areas)

    @cached_property
    def unit_of_value(self) -> str:
        """What a value is counted in: "%" or points."""
        return self.wording.say(self.measure.unit) if self.in_points else "%"

    @cached_property
    def unit_of_change(self) -> str:
        """What a difference of two values is counted in."""
        return self.unit_of_value if self.in_points else self.wording.difference_unit

    def unit(self, key: str, short: bool = False) -> str:
        """The name of a unit."""
        if (key, short) not in self._unit_names:
            name = units.name(key, self.wording.language, short=short, system=self.results.system)
            self._unit_names[key, short] = name
        return self._unit_names[key, short]

    def named(self, key: str) -> str:
        """A unit as a sentence or a caption names it: "tỉnh Quảng Ninh", "thành phố Hà Nội", "the Ministry of Justice";
        one whose name tells its kind by that name ("Bộ Tư pháp", "TP. Hồ Chí Minh")."""
        return self.wording.named(self.results.level, self.full_name(key))

    def listed(self, key: str) -> str:
        """A unit as one of several in a sentence: "Quảng Ninh", "the Ministry of Justice"."""
        return self.wording.named(self.results.level, self.unit(key))

    def full_name(self, key: str) -> str:
        """The name of a unit with its kind: "tỉnh Quảng Ninh", "Ministry of Justice"."""
        short = self.unit(key)
        own = units.get(key, system=self.results.system, year=self.results.year)
        full = own.full_name_vi if self.wording.language == FIRST else short
        return f"{full[:1].lower()}{full[1:]}" if full.endswith(f" {short}") else short

    @cached_property
    def _unit_names(self) -> dict[tuple[str, bool], str]:
        return {}

    def unit_list(self, keys: list[str], short: bool = False) -> str:
        """Names of units as a list in prose; of one alone as a sentence names it, where not ``short``."""
        if len(keys) == 1 and not short:
            return self.named(keys[0])
        if short or len(keys) > NAMED:
            return "".join(map(str, self.wording.join(self.unit(key, short) for key in keys)))
        return "".join(map(str, self.wording.join(map(self.listed, keys))))

    @cached_property
    def decision(self) -> str:
        """The decision or method behind the year; "" where it is not known."""
        decision = self.results.decision
        if not decision:
            return ""
        if self.results.index_name == "par":
            return self.say("Set of criteria: {decision}.", decision=decision)
        return self.say("Method: {decision}.", decision=decision)

    @cached_property
    def region_names(self) -> dict[str, str]:
        """The names of the regions by slug, in official order; empty for ministries."""
        if not self.results.system:
            return {}
        vietnamese = self.wording.language == FIRST
        return {
            region.slug: region.name_vi if vietnamese else region.name_en
            for region in units.regions(self.results.system)
        }

    def node_name(self, node: str) -> str:
        """The name of a node of the index."""
        row = self._nodes.loc[node]
        english = row["name_en"]
        return str(english if self.wording.language != FIRST and english else row["name"])

    @cached_property
    def _nodes(self) -> pd.DataFrame:
        return self.results.nodes.set_index("node")

    def nodes(self, kind: str) -> list[str]:
        """The nodes of a kind ("area", "component", ...), in order."""
        return [str(node) for node in self.results.nodes.loc[self.results.nodes["kind"] == kind, "node"]]

    def part_name(self, component: str) -> str:
        """The name of a component, given as its key or its node."""
        return self.node_name(part_node(component))

    def band(self, band: str) -> str:
        """A band in words: "Nhóm B: từ 80% đến dưới 90%"."""
        name = self.wording.say("Group {band}", band=band)
        return f"{name}: {self.bounds(band)}"

    def bounds(self, band: str) -> str:
        """Where a band begins and ends, in words."""
        bands = self.results.bands
        names = list(bands)
        above = names[: names.index(band)]
        low, high = self._bound(bands[band]), self._bound(bands[above[-1]]) if above else ""
        if not above:
            return self.wording.say("{low} and over", low=low)
        if bands[band] <= 0:
            return self.wording.say("under {high}", high=high)
        return self.wording.say("{low} to under {high}", low=low, high=high)

    def _bound(self, index: float) -> str:
        return f"{self.tick(self.scaled(index))}{'%' if self.unit_of_value == '%' else ''}"

    def decimal_sign(self, text: str) -> str:
        """A text from the sources with the decimal sign of this wording."""
        return re.sub(r"(?<=\d)\.(?=\d)", self.wording.signs[1], text)

    def tick(self, value: float) -> str:
        """A round number as short as it goes: 80, 67,68."""
        decimals = next((d for d in range(4) if abs(round(value, d) - value) < 1e-9), 4)
        return self.wording.format(value, decimals)

    # What a table or figure says about its numbers

    @cached_property
    def source(self) -> str:
        """The source line. Of an index that was read from others' copies alone it names these."""
        if self.is_simulated:  # a table that is copied takes this along
            return self.say("Source: simulated scores of the assessment round of {year}.")
        if self.results.stage != "published":
            if "illustrative_scheme" in self.results.marks:
                return self.say(
                    "Source: scores of the assessment round of {year}, under an illustrative set of criteria."
                )
            return self.say("Source: scores of the assessment round of {year}.")
        source = self.wording.say(self.measure.source)
        pages = published.pages_read(self.results)
        if len(pages) and pages["is_copy"].all():
            sets = self.wording.join(map(_data_set, pages["url"]))
            listed = "".join(map(str, sets))
            return self.wording.say("{source}, read from {list}.", source=source.removesuffix("."), list=listed)
        return self.wording.say(self.measure.quoted) if self.measure.quoted and self._is_quoted else source

    def sources(self, lines: Iterable[str]) -> str:
        """Several source lines as one: the word once, what it names with ";" between."""
        before, _, after = self.wording.template(message("Source: {list}.")).partition("{list}")
        named = [line.removeprefix(before).removesuffix(after) for line in dict.fromkeys(lines)]
        return f"{before}{'; '.join(named)}{after}"

    @cached_property
    def _is_quoted(self) -> bool:
        """Whether a value of a unit has no official source: it was read in the press or in a copy of it."""
        bases = self.results.bases
        official = {row["source_id"] for row in data_tables.records("published/sources.csv")
                    if row["evidence"] in ("official_site", "legal_portal")}  # fmt: skip
        cited = bases.loc[(bases["node"] == WHOLE) & bases["unit"].isin(self.results.ranked_units), "source_ids"]
        return any(sources and official.isdisjoint(sources.split(";")) for sources in cited.astype(str))

    @cached_property
    def marks(self) -> tuple[str, ...]:
        """Sentences that must stand on everything made from these results: an illustrative scheme, simulated data."""
        carried = {*self.results.marks, *(["simulated"] if self.simulated else [])}
        return tuple(self.wording.say(text) for mark, text in MARKS.items() if mark in carried)

    @property
    def is_simulated(self) -> bool:
        """Whether these are not real results."""
        return self.simulated or "simulated" in self.results.marks

    @property
    def before_mergers(self) -> str:
        """That the year before is of other units, so that nothing is set against it; else ""."""
        before = self.results.year - 1
        if self.results.system in ("", data_tables.system_of(before, self.results.level)):
            return ""
        return self.say(
            "The provinces of {before} are those before the mergers, so no change on {before} is given.", before=before
        )

    @property
    def not_compared(self) -> str:
        """Why nothing is set against the year before, where these results rule it out; else ""."""
        before = self.results.year - 1
        if self.before_mergers:
            return self.before_mergers
        if self.is_simulated:
            return self.say("Simulated results are not set against published ones, so no change on {before} is given.",
                            before=before)  # fmt: skip
        return ""

    def row_style(self, unit: str, style: str = "") -> str:
        """The style of a unit's row in a table."""
        return "highlight" if self.focus and unit == self.focus else style

    def has(self, section: str) -> bool:
        """Whether a report on this index has a section of that name, known or not."""
        return section in self.measure.sections

    def without_errors(self, indices: Sequence[str]) -> str:
        """A line on the ``indices`` whose own error is not known and in no range or tier; "" where there are none."""
        if not indices:
            return ""
        names = ", ".join(self.wording.say(MEASURES[name].name) if name in MEASURES else name for name in indices)
        return self.say("Without the error of {names}, which is not known: the true error is larger.", names=names)

    def footnote(self, basis: object) -> str:
        """The letter printed after a number that rests on ``basis``."""
        return FOOTNOTES.get(str(basis), ("", ""))[0]

    def footnotes(self, *bases: object) -> tuple[str, ...]:
        """What the letters of the ``bases`` that occur in a table mean, one line, or none."""
        letters = {FOOTNOTES[str(basis)] for basis in bases if str(basis) in FOOTNOTES}
        sentence = "; ".join(f"{letter}: {self.wording.say(text)}" for letter, text in sorted(letters))
        return (f"{sentence[0]}{sentence[1:]}.",) if sentence else ()

    def missing(self, msgid: str, **contents: Content) -> Note:
        """The one line that stands for a table or figure without data."""
        return Note(self.say(msgid, **contents), role="missing")

    # Numbers

    def ref(self, unit: str = "*", node: str = WHOLE, column: str = "", year: int | None = None) -> Ref:
        """The cell of an index table; of these results, or of the same index in another ``year``."""
        results = self.results
        column = column or ("points" if self.in_points else "index")
        year = results.year if year is None else year
        return Ref(results.index_name, year, results.level, unit, node, column, results.stage)

    def maximum(self, node: str = WHOLE) -> float:
        """The largest value that can be printed for ``node``; NaN where there is none or it is not known."""
        if not self.in_points:
            return 100.0
        return float(self._nodes["maximum"][node]) if node in self._nodes.index else float("nan")

    @cached_property
    def maxima_that_apply(self) -> pd.Series:
        """The maximum of the whole index by unit, where criteria that do not apply leave it to some; else empty."""
        return self.maxima_of(WHOLE)

    def maxima_of(self, node: str) -> pd.Series:
        """The maximum of a node by unit to which it applies, where criteria that do not apply make these differ; else
        empty."""
        maxima = self.results.values(node, "maximum")
        maxima = maxima[maxima > 0]
        return maxima if len(maxima) and maxima.max() - maxima.min() > 1e-9 else maxima.iloc[:0]

    def scaled(self, index: float | None, node: str = WHOLE) -> float:
        """An index or a difference of indices (percent of the maximum) in what the index is printed in."""
        if not is_known(index):
            return float("nan")
        maximum = self.maximum(node)
        factor = maximum / 100 if np.isfinite(maximum) else 1.0
        return float(index) * factor

    def values(self, node: str = WHOLE) -> pd.Series:
        """The values of ``node`` as they are printed, for all units; NaN = not known."""
        if self.in_points:
            points = self.results.values(node, "points")
            if points.notna().any():
                return points
        return self.results.values(node)

    def number(self, index: float | None, *refs: Ref, node: str = WHOLE, made: str = "value", mark: str = "") -> Number:
        """An index as it is printed; that of another year on the scale of this one."""
        if made == "value" and self.in_points and refs and refs[0].year != self.results.year:
            made = "carried"
        return self.wording.number(self.scaled(index, node), self.decimals, *refs, made=made, mark=mark)

    def value(self, unit: str, index: float | None, node: str = WHOLE, mark: str = "") -> Number:
        """The index of a unit as it is printed."""
        return self.number(index, self.ref(unit, node), node=node, mark=mark)

    def change(self, index: float | None, *refs: Ref, node: str = WHOLE, made: str = "difference") -> Number:
        """A difference of indices as it is printed, with its sign."""
        scaled = self.scaled(index, node)
        return self.wording.number(scaled, self.decimals, *refs, made=made, signed=True)

    def change_of(self, unit: str, index: float | None, previous_year: int, node: str = WHOLE) -> Number:
        """The change of a unit's index since ``previous_year``, with its sign."""
        return self.change(index, self.ref(unit, node), self.ref(unit, node, year=previous_year), node=node)

    def of_both_years(self, n: float | None, column: str, made: str = "count") -> Number:
        """How many units, of those known in this year and in the one before; ``column`` says of what."""
        before = self.results.year - 1
        return self.wording.count(n, self.ref(column=column), self.ref(column=column, year=before), made=made)

    def rank(self, unit: str, rank: object, mark: str = "", year: int | None = None) -> Number:
        """The rank of a unit."""
        known = float(rank) if is_known(rank) else None
        return self.wording.number(known, 0, self.ref(unit, column="rank", year=year), made="rank", mark=mark)

    @property
    def coverage(self) -> tuple[Number, Number]:
        """Of how many units the index is known, and of how many it should be (not known where nothing says so).

        These are the ranked units, and those that are not ranked only because a value is missing.
        """
        ranked = self.results.n_ranked
        expected = None if ranked is None else ranked + len(self.incomplete)
        known = self.wording.count(self.results.n_known, self.ref(column="known"))
        return known, self.wording.count(expected, self.ref(column="expected"))

    @cached_property
    def printed_ranks(self) -> set[str]:
        """The units of which a rank, or bounds of one, was published."""
        return set() if self.results.ranks is None else {str(unit) for unit in self.results.ranks["unit"]}

    @cached_property
    def incomplete(self) -> list[str]:
        """The units that are not ranked because a part of their index is missing."""
        bases, ranked = self.results.bases, set(self.results.ranked_units)
        units_without = bases.loc[(bases["node"] == WHOLE) & (bases["basis"] == "incomplete"), "unit"]
        return [str(unit) for unit in units_without if unit not in ranked]

    def amount(self, number: Number) -> Parts:
        """A value in prose, with what it is counted in."""
        return (number, "%") if self.unit_of_value == "%" else (number, f" {self.unit_of_value}")

    def difference(self, number: Number) -> Parts:
        """A difference of two values in prose, with what it is counted in."""
        unit = self.unit_of_change
        return (number, unit if unit == "%" else f" {unit}")

    @property
    def n_ranked(self) -> Number:
        """How many units are ranked."""
        return self.wording.count(self.results.n_ranked, self.ref(column="ranked"))

    def shared(self, names: Iterable[str], *refs: Ref, noun: str = "") -> Parts:
        """All that share an extreme: their names, or how many they are (a number with ``refs``) where more than
        three; ``noun`` is what they are, the units of the level where it is not given."""
        sentences = list(names)
        if len(sentences) <= NAMED:
            return self.wording.join(sentences)
        return self.phrase("{n} {units}", n=self.wording.count(len(sentences), *refs), units=noun or self.units)

    def shared_units(self, keys: Iterable[str], node: str = WHOLE, column: str = "") -> Parts:
        """All units that share an extreme, named or counted."""
        held = list(keys)
        name = self.named if len(held) == 1 else self.listed
        return self.shared((name(key) for key in held), *(self.ref(key, node, column) for key in held))

    def holders(self, keys: str, ref: Ref, *, best: bool, short: bool = False) -> str | Number:
        """All units (keys, ";" between) that share an extreme, in a cell of a table: their names, or how many of
        ``ref`` (all ranked units, a region) they are where more than three; "" for none."""
        held = [key for key in keys.split(";") if key]
        if len(held) <= NAMED:
            return "".join(str(part) for part in self.wording.join(self.unit(key, short) for key in held))
        count = self.wording.count(len(held), replace(ref, column="at_best" if best else "at_worst"))
        return replace(count, value=None, text=f"{count.text} {self.units_of(count)}")

    def ends_of(self, names: Sequence[str], values: Iterable[float], noun: str = "") -> tuple[Shared, Shared]:
        """All of ``names`` that have the largest and all that have the smallest of ``values``, named or counted."""
        top, bottom = (
            Shared(self.shared((names[int(key)] for key in end.keys), self.ref(), noun=noun), tuple(map(int, end.keys)))
            for end in ends(range(len(names)), values)
        )
        return top, bottom

    @cached_property
    def apart(self) -> list[str]:
        """The units that are assessed and not ranked."""
        units = self.results.units
        return [str(key) for key in units.loc[~units["ranked"].astype(bool), "unit"] if key not in self.incomplete]

    @property
    def not_drawn(self) -> tuple[str, ...]:
        """Who is not in a figure of the ranked units; empty where all are ranked."""
        if not self.apart:
            return ()
        return (self.say("Not drawn, because not ranked: {list}.", list=self.unit_list(self.apart)),)

    def of_all_surveyed(self) -> tuple[str, ...]:
        """That results of a survey are of the answers in units that are not ranked too; empty where all are ranked."""
        if not self.apart:
            return ()
        return (
            self.say(
                "Of the answers in all units, those not ranked included: {list}.", list=self.unit_list(self.apart)
            ),
        )

    def open_ends(self, sets: pd.DataFrame) -> tuple[str, ...]:
        """Whose set of ranks by survey error (``rank_confidence_sets``) has an end that other draws may move; empty
        where none has."""
        if not len(sets) or "low_open" not in sets:
            return ()
        units = list(sets.loc[sets["low_open"] | sets["high_open"], "unit"].astype(str))
        if not units:
            return ()
        return (
            self.say(
                "Drawn anew, an end of the range of ranks may shift a little for: {list}; the others keep theirs.",
                list=self.unit_list(units, short=True),
            ),
        )

    def share(self, n: Number, of: Number) -> Parts:
        """A count out of a total in prose: "18/63"."""
        return (n, "/", of)


LONGEST_NAME = 40  # letters


def _data_set(url: object) -> str:
    """What a source line calls a data set that others keep: the path of its address; of a long one its owner."""
    host, _, path = str(url).partition("://")[2].partition("/")
    return path if len(path) <= LONGEST_NAME else f"{path.partition('/')[0]} ({host})"


@dataclass(frozen=True, slots=True)
class Shared:
    """What shares an extreme of a figure: ``named``, in words; ``places``, where each stands in the list."""

    named: Parts
    places: tuple[int, ...]

    @property
    def place(self) -> int:
        """The place of the first."""
        return self.places[0]


@dataclass(frozen=True, slots=True)
class End:
    """The largest or the smallest of some values, and the keys of all that share it: points are compared exactly."""

    value: float
    keys: tuple[str, ...]


def ends(keys: Iterable[object], values: Iterable[float]) -> tuple[End, End]:
    """The largest and the smallest of the known ``values``. Raises ``ValueError`` where none is known."""
    pairs = [(str(key), round(float(value), 9)) for key, value in zip(keys, values, strict=True) if is_known(value)]
    high, low = max(value for _, value in pairs), min(value for _, value in pairs)
    top, bottom = (End(end, tuple(key for key, value in pairs if value == end)) for end in (high, low))
    return top, bottom


def part_node(component: str) -> str:
    """The node of a component, given as its key or its node."""
    return component if component.startswith("component:") else f"component:{component}"


# --- year report ----------------------------------------------------------------------------------
# What every report is made of: a year that is asked, and the view in which its answers are told.


@dataclass(frozen=True, eq=False)
class YearReport:
    """A report on a ``year``, in its language. Each section is a method that gives one block, empty where it has no
    sense for what is known.

    ``unit``       a unit to pick out, by key or name; "" for none.
    ``simulated``  marks every number as simulated. ``decimal`` is the sign of Vietnamese numbers ("comma", "dot").
    ``strict``     differences of percentages are percentage points; else they are written as percent.
    ``extent``     which annexes it prints: see ``ANNEXES``.
    """

    year: Year
    unit: str = ""
    simulated: bool = False
    decimal: Literal["comma", "dot"] = "comma"
    strict: bool = True
    extent: Literal["none", "short", "full"] = "short"

    @cached_property
    def view(self) -> View:
        """The results of the year in words, with the unit picked out."""
        focus = self.year.unit(self.unit) if self.unit else ""
        wording = Wording(self.year.language, self.decimal, self.strict)
        return View(self.year.results, wording, focus=focus, simulated=self.simulated)


# --- statistic words ------------------------------------------------------------------------------
# The words of the statistics of a year, as in published/par_statistics.csv, said in prose and printed as numbers.

#: The words of the statistics that are values on the scale of the index.
VALUES = {
    "mean": message("Mean"),
    "median": message("Median"),
    "max": message("Highest value"),
    "min": message("Lowest value"),
    "range": message("Distance between highest and lowest"),
    "first_minus_second": message("Distance between first and second"),
    "max_minus_mean": message("Distance between highest and mean"),
    "lowest_group_bound": message("Lower bound of the lowest group"),
}
CHANGES = {
    "mean_change": message("Change of the mean on {before}"),
    "largest_rise": message("Largest rise"),
    "smallest_rise": message("Smallest rise"),
    "largest_fall": message("Largest fall"),
    "smallest_fall": message("Smallest fall"),
}
COUNTS = {
    "n_units": message("Ranked units"),
    "n_assessed": message("Assessed units"),
    "n_above_mean": message("Units above the mean"),
    "n_rose": message("Units whose index rose"),
    "n_fell": message("Units whose index fell"),
    "n_rank_up": message("Units whose rank rose"),
    "n_rank_down": message("Units whose rank fell"),
    "survey_total": message("Survey forms"),
    "survey_citizens": message("Survey forms of citizens"),
    "survey_officials": message("Survey forms of officials"),
}
#: Printed statistics that reports leave out: of SIPAS's questions and of how its sample was drawn.
LEFT_OUT = re.compile(r"(mean|min|max)_(access|feedback|results|procedures|officials|policy|service)"
                      r"|mean_(province_level|district_level|land_environment|transport_services)"
                      r"|sample(_drawn|_valid)?|n_(service_fields|villages|districts|communes|rank_same)")  # fmt: skip
_BOUNDS = re.compile(r"n_(?:(?P<rise>rise_ge)_|(?P<ge>ge)_|(?P<lt>lt)_)?(?P<low>[\d.]+)(?:_(?P<high>[\d.]+))?$")


def known_statistic(view: View, statistics: pd.DataFrame, word: str, node: str = WHOLE) -> Number | None:
    """A statistic of the year, of the whole index or of ``node``; ``None`` where it is not known."""
    if statistics.empty:
        return None
    rows = statistics[(statistics["statistic"] == word) & statistics["value"].notna()]
    if rows.empty:
        return None
    return statistic(view, word, float(rows["value"].iloc[0]), str(rows["basis"].iloc[0]), node)


def statistic(view: View, word: str, value: float | None, basis: str, node: str = WHOLE) -> Number:
    """A statistic as it is printed."""
    refs = (view.ref("*" if basis == "computed" else "", node, word),)
    made = "printed" if basis == "printed" else "statistic"
    if word in VALUES:
        return view.number(value, *refs, node=node, made=made)
    if _is_change(word):
        return view.change(value, *refs, node=node, made=made)
    return view.wording.count(value if is_known(value) else None, *refs, made=made)


def is_calculated(number: Number) -> bool:
    """Whether a statistic was calculated from published numbers: neither printed itself nor computed from all units."""
    return number.made == "statistic" and any(ref.unit == "" for ref in number.refs)


def counted_in(view: View, word: str) -> str:
    """What a statistic is counted in."""
    if word in VALUES:
        differs = word in ("range", "first_minus_second", "max_minus_mean")
        return view.unit_of_change if differs else view.unit_of_value
    if _is_change(word):
        return view.unit_of_change
    return view.say("forms") if word.startswith("survey_") else view.say("units")


def _is_change(word: str) -> bool:
    return word in CHANGES or word == since_base()


def statistic_name(view: View, word: str, basis: str = "printed") -> str:
    """A statistic in words; "" where reports leave it out: the word has no sense for this index, or counts by bounds of
    another year. A word that nobody has named is printed as it is, for all to see, not dropped."""
    if word in VALUES:
        return view.say(VALUES[word])
    if word == "survey_total":
        return view.say("Survey forms of the whole country, ministries and provinces together")
    if word in CHANGES:
        return view.say(CHANGES[word], **({"before": view.results.year - 1} if word == "mean_change" else {}))
    if word == since_base():
        return view.say("Change of the mean on {start}", start=base_year())
    if word in COUNTS:
        return view.say(COUNTS[word])
    result = _BOUNDS.match(word)
    if not result:
        return "" if LEFT_OUT.fullmatch(word) else word
    if view.in_points:
        return ""
    bounds = {float(result[name]) for name in ("low", "high") if result[name]}
    own = bounds <= set(view.results.bands.values()) or word in ("n_ge_80", "n_lt_80")
    if basis != "printed" and not own:
        return ""
    low, high = (view.tick(float(result[name])) if result[name] else "" for name in ("low", "high"))
    if result["rise"]:
        return view.say("Units that rose by at least {low} {unit}", low=low, unit=view.unit_of_change)
    if result["ge"]:
        return view.say("Units with {low}% or more", low=low)
    if result["lt"]:
        return view.say("Units with less than {low}%", low=low)
    return view.say("Units with {low}% to less than {high}%", low=low, high=high)


def basis_name(view: View, basis: str) -> str:
    """How a number was come by, in words."""
    return view.wording.say(_BASES[basis]) if basis in _BASES else ""


_BASES = {
    "computed": message("computed from the units' own values"),
    "printed": message("as published"),
    "deduced": message("derived from published numbers"),
    "derived": message("derived from published numbers"),
}
