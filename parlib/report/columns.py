"""The one registry of columns: what each is called, its type, its unit, its decimals.

Tables, the data of figures, datasets, Excel, the code book and the open data draw from it, and the sheets of the
command line have no other columns. A column that is new stands here once; where its values come from in a table is said
by ``tables.declared.Col``. ``WAYS`` says in words how numbers are made.

>>> COLUMNS["rank"].type
'integer'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from parlib.report.blocks import Wording, message
from parlib.report.views import View, part_node

#: Words of a column: a message, or what to make of the view.
Words = str | Callable[[View], str]
#: Name, type ("string", "integer", "number", "boolean") and meaning of a column of a dataset.
Described = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """How the values of a column are printed.

    ``type``      of a value in a file of data.
    ``format``    of a column in the block of a table.
    ``unit``      what values are counted in; ``None``: in nothing that has a name.
    ``decimals``  ``None``: those of the index.
    ``made``      how its numbers follow from their cells, where the column of a table does not say.
    ``column``    the column of the cell that they came from, where it is not the row's own.
    ``scaled``    whether values are percent of the maximum and printed as the index is.
    ``words``     for texts: what is printed of what stands in the frame.
    """

    type: str = "number"
    format: str = "number"
    unit: Callable[[View], str] | None = None
    decimals: int | None = 2
    made: str = "value"
    column: str = ""
    scaled: bool = False
    signed: bool = False
    words: Callable[[View, str], str] | None = None


def _text(words: Callable[[View, str], str]) -> Kind:
    return Kind("string", "text", words=words)


def _points(view: View) -> str:
    return view.say("points")


def _coded(view: View, node: str) -> str:
    return f"{node}. {view.node_name(node)}" if node else view.say("Whole index")


def _part(view: View, part: str) -> str:
    return view.part_name(part) if part.startswith(part_node("")) else view.node_name(part)


KINDS: Mapping[str, Kind] = {
    "text": _text(lambda _, text: text),
    "unit": _text(lambda view, key: view.unit(key)),
    "short": _text(lambda view, key: view.unit(key, short=True)),
    "node": _text(lambda view, node: view.node_name(node)),
    "coded": _text(_coded),
    "part": _text(_part),
    "flag": Kind("boolean", "text"),
    "year": Kind("integer", "text", decimals=0),
    "value": Kind(unit=lambda view: view.unit_of_value, decimals=None, scaled=True),
    "change": Kind("number", "change", lambda view: view.unit_of_change, None, "difference", scaled=True, signed=True),
    "printed": Kind(decimals=None),
    "signed": Kind("number", "change", lambda view: view.unit_of_change, signed=True),
    "number": Kind(),
    "points": Kind(unit=_points),
    "gain": Kind("number", "change", _points, signed=True),
    "percent": Kind(unit=lambda _: "%"),
    "count": Kind("integer", "integer", decimals=0, made="count"),
    "rank": Kind("integer", "rank", decimals=0, made="rank", column="rank"),
    "places": Kind("integer", "change", decimals=0, made="difference", column="rank", signed=True),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A column of the registry.

    ``kind``     one of ``KINDS``: type, unit, decimals.
    ``words``    what it is called.
    ``head``     what stands above it in a table, where that is not ``words``.
    ``meaning``  what it holds, for those who take the data.
    """

    kind: str
    words: str = ""
    head: Words = ""
    meaning: str = ""

    @property
    def type(self) -> str:
        """The type of its values: "string", "integer", "number", "boolean"."""
        return KINDS[self.kind].type


#: In the order in which the data of a figure has its columns.
COLUMNS: Mapping[str, Entry] = {
    # of datasets alone
    "index_name": Entry("text", meaning=message("The index: par, papi, pci, dti, sipas, grdp")),
    "level": Entry("text", message("Level"), meaning=message("province or ministry")),
    "name_vi": Entry("text", meaning=message("Name of the unit in Vietnamese")),
    "name_en": Entry("text", meaning=message("Name of the unit in English")),
    "short_vi": Entry("text", meaning=message("Short name in Vietnamese")),
    "short_en": Entry("text", meaning=message("Short name in English")),
    "node_name": Entry("text", message("Area, criterion, component"), meaning=message("Name of the criterion")),
    "points": Entry("printed", message("Points"), meaning=message("Points reached")),
    "standard_error": Entry(
        "number",
        message("Standard error"),
        meaning=message("Standard error of the index from the survey; empty: not known"),
    ),
    "stage": Entry(
        "text", message("Stage"), meaning=message("Stage of the assessment: self, appraisal, final, published")
    ),
    "ranked": Entry("flag", message("Ranked (x)"), meaning=message("Whether the unit is ranked")),
    "rank_min": Entry("rank", message("Best rank open")),
    "rank_max": Entry("rank", message("Worst rank open")),
    "basis": Entry(
        "text",
        message("Basis"),
        meaning=message("What the number rests on: published, computed, derived, rounded, secondary"),
    ),
    "marks": Entry(
        "text",
        message("Marks"),
        meaning=message("What the numbers of the year rest on, such as simulated or illustrative_scheme"),
    ),
    "decision": Entry("text", meaning=message("Decision or method behind the criteria of the year; empty: not known")),
    "unit_of_value": Entry("text", message("Value in")),
    "known": Entry("text", message("Units known")),
    "source_ids": Entry("text", message("Sources (keys)")),
    "parts": Entry("text", message("Old units")),
    "unknown_parts": Entry("text", message("Old units not known")),
    "spread": Entry("value", message("Apart")),
    "note": Entry("text", message("Note")),
    "statistic": Entry("text"),
    "what": Entry(
        "text", message("Statistic"), meaning=message("What the number is: a statistic, a maximum, a share, a bound")
    ),
    "lost": Entry("points", head=message("Mean points lost")),
    "full": Entry("count", head=message("Units with all points")),
    "losing": Entry("count", head=message("Units that lost points")),
    # what a row is of, and its value
    "unit": Entry("unit", message("Unit key"), lambda view: view.unit_head, message("Key of the unit")),
    "name": Entry("text", message("Name"), meaning=message("Name of the unit")),
    "rank": Entry(
        "rank", message("Rank"), meaning=message("Rank among the ranked units; empty: not known or not ranked")
    ),
    "value": Entry("value", message("Value"), meaning=message("The number")),
    "band": Entry("text", message("Group"), meaning=message("Group by the whole index")),
    "previous": Entry("value", message("Year before")),
    "previous_rank": Entry("rank", message("Rank the year before")),
    "change": Entry("change", message("Change")),
    "node": Entry(
        "node",
        message("Code"),
        meaning=message("Code of the criterion; empty: the whole index; component: a part of it"),
    ),
    "code": Entry("text", message("Code")),
    "region": Entry("text", message("Region key"), meaning=message("Key of the region; empty for ministries")),
    # many units
    "lowest": Entry("value", message("Lowest")),
    "mean": Entry("value", message("Mean")),
    "highest": Entry("value", message("Highest")),
    "region_mean": Entry("value", message("Mean of the region")),
    "minimum": Entry("value", message("Lowest")),
    "maximum": Entry("value", message("Highest"), meaning=message("Maximum of the points that applies to the unit")),
    "year": Entry("year", message("Year"), meaning=message("Year of the results")),
    "break": Entry("flag", message("Another set of criteria")),
    "sd": Entry("number", message("Standard deviation")),
    # points lost, claimed and granted
    "mean_lost": Entry("points", message("Mean points lost")),
    "cumulative": Entry("percent", message("Cumulative share (%)")),
    "difficulty": Entry("percent", message("Mean share reached (%)")),
    "discrimination": Entry("number", message("Correlation with the rest")),
    "remark": Entry("text", message("Remark")),
    "claimed": Entry("points", message("Self-assessed")),
    "appraised": Entry("points", message("After appraisal")),
    "granted": Entry("points", message("Granted")),
    "appraisal": Entry("points", message("Appraisal")),
    "survey": Entry("points", message("Survey")),
    "documents": Entry("points", message("Documents and actions")),
    "results": Entry("points", message("Results")),
    "external": Entry("points", message("Other indices")),
    "over": Entry("points", message("Not granted")),
    # shares, intervals, numbers of units
    "share": Entry("percent", message("Share")),
    "lower": Entry("number", message("Lower bound")),
    "upper": Entry("number", message("Upper bound")),
    "low": Entry("number", message("Lower bound")),
    "high": Entry("number", message("Upper bound")),
    "half": Entry("number", message("Half of the interval")),
    "n": Entry("count", message("Number")),
    "group": Entry(
        "text",
        message("Group key"),
        meaning=message("cities: a central city; others: another province; empty for ministries"),
    ),
    "item": Entry("text", message("Item")),
    # what a change is made of, ways up
    "before": Entry("text", message("Quarter the year before")),
    "now": Entry("text", message("Quarter now")),
    "contribution": Entry("signed", message("Contribution")),
    "nominal": Entry("number", message("Weight as set")),
    "focus": Entry("flag", message("This unit")),
    "own": Entry("number", message("Own change")),
    "others": Entry("number", message("Change of the others")),
    "composition": Entry("number", message("Units that came or went")),
    "places": Entry("places", message("Places")),
    "to_next_rank": Entry("value", message("Lacking to the next rank")),
    "gain": Entry("gain", message("Points gained")),
    "way": Entry("text", message("Way")),
    "then": Entry("text", message("Year of the parts")),
    "worst": Entry("value", message("Worst")),
    "best": Entry("value", message("Best")),
    # what methods find, and drawings
    "coefficient": Entry("number", message("Correlation coefficient")),
    "index": Entry(
        "value", message("Index"), lambda view: view.index, message("Points reached in percent of the maximum")
    ),
    "class": Entry("text", message("Class")),
    "label": Entry("text", message("Label")),
    "factor": Entry("text", message("Factor key")),
    "first_order": Entry("number", message("First order")),
    "first_low": Entry("number", message("First order, lower end of the interval")),
    "first_high": Entry("number", message("First order, upper end of the interval")),
    "total": Entry("number", message("Total")),
    "total_low": Entry("number", message("Total, lower end of the interval")),
    "total_high": Entry("number", message("Total, upper end of the interval")),
    "rank_low": Entry("rank", message("Best rank open")),
    "rank_high": Entry("rank", message("Worst rank open")),
    "tier": Entry("count", message("Tier")),
    "low_1": Entry("number", message("Lower bound")),
    "high_1": Entry("number", message("Upper bound")),
    "low_2": Entry("number", message("Lower bound (second interval)")),
    "high_2": Entry("number", message("Upper bound (second interval)")),
    "share_at_rank": Entry("percent", message("Share at this rank")),
    "rose": Entry("count", message("Rose")),
    "fell": Entry("count", message("Fell")),
    "weak": Entry("count", message("Hardly goes with the rest")),
    "ceiling": Entry("count", message("Nearly all reach the maximum")),
    "zero": Entry("count", message("Half or more get nothing")),
    "none": Entry("count", message("No remark")),
    "start": Entry("number", message("Begins at")),
}


@cache
def words_of_columns(language: str) -> Mapping[str, str]:
    """What columns are called, by name: the words of the registry in a language."""
    wording = Wording(language)
    return {name: wording.say(entry.words) for name, entry in COLUMNS.items() if entry.words}


def described(wording: Wording, names: Iterable[str], **meanings: str) -> tuple[Described, ...]:
    """The columns of a dataset; ``meanings`` are those that mean something else in it than in others."""
    return tuple((name, COLUMNS[name].type, wording.say(meanings.get(name, COLUMNS[name].meaning))) for name in names)


# --- how numbers are made -------------------------------------------------------------------------

#: How numbers are made (``Number.made``), in words. How each is worked out a second time: ``publish.verify``.
WAYS: Mapping[str, str] = {
    "value": message("as in the index table"),
    "difference": message("difference of two cells"),
    "shared_change": message("mean change of the units ranked in both years"),
    "mean": message("mean of the ranked units"),
    "count": message("count"),
    "maximum": message("largest"),
    "minimum": message("smallest"),
    "rank": message("rank"),
    "printed": message("as its source printed it"),
    "range": message("range between two bounds"),
    "share": message("share"),
    "sum": message("a sum"),
    "statistic": message("statistic of the ranked units"),
    "interval": message("confidence interval of sampling"),
    "bound": message("bound"),
    "assumption": message("assumption"),
    "correlation": message("correlation coefficient"),
    "standard deviation": message("standard deviation"),
    "lost": message("maximum less points reached"),
    "mean_lost": message("mean of the points lost, over the units to which the criterion applies"),
    "claimed": message("points self-assessed"),
    "appraised": message("points after appraisal"),
    "granted": message("points granted"),
    "claimed_not_granted": message("points self-assessed and not granted"),
    "mean_claimed": message("mean of the points self-assessed"),
    "mean_granted": message("mean of the points granted"),
    "mean_gap": message("mean difference of self-assessment and result"),
    "mean_share": message("mean of shares"),
    "mean_not_granted": message("mean of the points self-assessed and not granted"),
    "mean_places": message("mean change in places"),
    "most_places": message("largest change in places"),
    "mean_of_parts": message("mean of the units that were merged"),
    "known_parts": message("how many of the units that were merged are known"),
    "rule": message("by the rule of scoring"),
    "rank_among": message("rank among a group of units"),
    "likeness": message("distance by likeness"),
    "rank_otherwise": message("rank under another method"),
    "out_of": message("units out of a total"),
    "contribution": message("contribution to a change"),
    "what_if": message("if the unit answered otherwise and all others stood still"),
    "target": message("target"),
    "setting": message("a choice of the report"),
    "median": message("median"),
    "level": message("level of confidence"),
    "tier": message("group that cannot be told apart"),
    "carried": message("carried to the scale of the year reported"),
    "distance": message("distance, without its sign"),
    "gain": message("points to gain"),
}


@cache
def words_of_ways(language: str) -> Mapping[str, str]:
    """How numbers are made, in the words of a language."""
    wording = Wording(language)
    return {made: wording.say(words) for made, words in WAYS.items()}
