"""One door to all results: a round on this computer, or what was published; the years that compare with it."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from parlib.analysis import mergers
from parlib.data_tables import base_year, check_level
from parlib.errors import ParameterError, Problem
from parlib.scoring.results import Results
from parlib.scoring.units import Unit
from parlib.sources import published
from parlib.words import fold

_KIND = re.compile("^(bo|uy ban|ministry of|committee for) ")  # before the names of ministries, letters folded


def open_results(year: int, level: str, index_name: str = "par", round_id: str = "") -> Results:
    """The results that a report of ``year`` and ``level`` rests on.

    With ``round_id`` those of the round as it stands, else the published ones of ``index_name``. Raises
    ``ParameterError`` where there is nothing: it names what there is, and near matches.

    >>> parlib.open_results(2023, "ministry")"""
    check_level(level)
    if not round_id:
        return published.results(index_name, year, level)
    from parlib.sources import rounds  # a report on published results needs none of it

    opened = rounds.open_for_reading(round_id)
    held, asked = (opened.scheme.index_name, opened.plan.year, opened.plan.level), (index_name, year, level)
    if held != asked:
        sentence, wanted = (" ".join(str(part) for part in parts) for parts in (held, asked))
        raise ParameterError(
            Problem("this round is of {told}, not of {wanted}", value=round_id, told=sentence, wanted=wanted)
        )
    return rounds.results(opened)


def open_other_year(results: Results, year: int) -> Results | None:
    """The published results of the same index and level in another ``year``; ``None`` where there are none, or none
    that compare (see ``Results.unlike``)."""
    if year not in published.years(results.index_name, results.level):
        return None
    return _alike(results, published.results(results.index_name, year, results.level))


def _alike(results: Results, other: Results) -> Results | None:
    """``other`` where it compares with ``results``."""
    return None if results.unlike(other) else other


def open_before(results: Results, round_id: str = "") -> Results | None:
    """The results of the year before these ``results``, where there are some that compare, else ``None``.

    Simulated results are set against a simulated round of the year before on this computer, where there is just one;
    all others against what was published.
    """
    before = round_before(round_id)
    if not before:
        return open_other_year(results, results.year - 1)
    from parlib.sources import rounds

    return _alike(results, rounds.results(before))


def round_before(round_id: str) -> str:
    """The simulated round of the year before ``round_id``, of the same level; "" where there is none, or several."""
    if not round_id:
        return ""
    from parlib.sources import rounds

    plan = rounds.read_plan(rounds.round_folder(round_id) / "round.yaml")
    return simulated_round(plan.year - 1, plan.level) if plan.simulated else ""


def simulated_round(year: int, level: str) -> str:
    """The simulated round of a year and level on this computer; "" where there is none, or several."""
    from parlib.sources import rounds

    readable, _ = rounds.plans()
    results = [name for name, of in readable.items() if (of.year, of.level, of.simulated) == (year, level, True)]
    return results[0] if len(results) == 1 else ""


def open_before_mergers(results: Results, round_id: str = "") -> list[Results]:
    """The results of the same index and level on the units before the last mergers, in order: published ones, of a
    simulated round those of the simulated rounds on this computer, where a year has just one. Empty where ``results``
    are of those units themselves."""
    merged, level = mergers.merged_year(results.level), results.level
    if not merged or results.year < merged:
        return []
    if not results.simulated:
        years = (year for year in published.years(results.index_name, level) if year < merged)
        return [published.results(results.index_name, year, level) for year in years]
    from parlib.sources import rounds  # a report on published results needs none of it

    return [rounds.results(one) for one in (rounds_before_mergers(level) if round_id else ())]


def rounds_before_mergers(level: str) -> tuple[str, ...]:
    """The simulated rounds of a level on this computer of the years before its last mergers, one a year."""
    years = range(base_year(), mergers.merged_year(level))
    return tuple(filter(None, (simulated_round(year, level) for year in years)))


def rounds_beside(round_id: str) -> tuple[str, ...]:
    """The other rounds that the report on a simulated one rests on: that of the year before, and those on the units
    before the mergers."""
    if not round_id:
        return ()
    from parlib.sources import rounds

    plan = rounds.read_plan(rounds.round_folder(round_id) / "round.yaml")
    if not plan.simulated:
        return ()
    old = rounds_before_mergers(plan.level) if plan.year >= mergers.merged_year(plan.level) else ()
    return tuple(dict.fromkeys((*filter(None, (round_before(round_id),)), *old)))


def open_related(results: Results, back: int = 2) -> list[Results]:
    """The other published indices of the level, each of the same year or else of the last one up to ``back`` years
    before, as far as they compare."""
    matches = []
    for name in published.index_names(results.level):
        there = [year for year in published.years(name, results.level) if results.year - back <= year <= results.year]
        if name != results.index_name and there:
            matches.append(_alike(results, published.results(name, max(there), results.level)))
    return [other for other in matches if other is not None]


def available(index_name: str = "par") -> pd.DataFrame:
    """The published results there are: ``index_name``, ``level``, ``year``, ``n_known``, ``n_units``; "" means all."""
    return published.available(index_name)


def open_years(results: Results, previous: Results | None = None) -> list[Results]:
    """The published years of the same index and level before these ``results``, as far as they compare, and they
    themselves, in order. ``previous`` are those of the year before, where they are open already."""
    opened = {previous.year: previous} if previous is not None else {}
    years = [year for year in published.years(results.index_name, results.level) if year < results.year]
    result = (opened.get(year) or open_other_year(results, year) for year in years)
    return [*(of for of in result if of is not None), results]


def called(text: str, among: Iterable[Unit]) -> list[Unit]:
    """The units whose names begin with ``text``, the word for their kind aside ("Y tế", "Bà Rịa"), or have these first
    letters ("GTVT", "MOH"): for what people ask, not for tables that come in, where ``find`` alone says what is
    meant."""
    wanted, result = fold(text), []
    for unit in among:
        forms = {form for name in map(fold, (unit.name_vi, unit.name_en)) for form in (name, _KIND.sub("", name))}
        letters = {"".join(word[0] for word in form.split() if word != "va") for form in forms}
        begins = any(f"{form} ".startswith(f"{wanted} ") for form in forms)
        if begins or (len(wanted) > 1 and wanted.replace(" ", "") in letters):
            result.append(unit)
    return result
