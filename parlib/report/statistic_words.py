"""The words of the statistics of a year, as in published/par_statistics.csv, said in prose and printed as numbers."""

from __future__ import annotations

import re

import pandas as pd

from parlib.data_tables import base_year, since_base
from parlib.report.blocks import Number
from parlib.report.views import View
from parlib.report.wording import is_known, message
from parlib.scoring.results import WHOLE

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
    found = _BOUNDS.match(word)
    if not found:
        return "" if LEFT_OUT.fullmatch(word) else word
    if view.measure.in_points:
        return ""
    bounds = {float(found[name]) for name in ("low", "high") if found[name]}
    own = bounds <= set(view.results.bands.values()) or word in ("n_ge_80", "n_lt_80")
    if basis != "printed" and not own:
        return ""
    low, high = (view.tick(float(found[name])) if found[name] else "" for name in ("low", "high"))
    if found["rise"]:
        return view.say("Units that rose by {low} {unit} or more", low=low, unit=view.unit_of_change)
    if found["ge"]:
        return view.say("Units with {low}% or more", low=low)
    if found["lt"]:
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
