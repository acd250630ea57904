"""How sure the ranks are, in short: chance in the survey and choices of method, told apart."""

from __future__ import annotations

import pandas as pd

from parlib.analysis.robustness.audit import MethodAudit, Neighbours, SamplingAudit
from parlib.report.blocks import Note, Paragraph, Sequel, section
from parlib.report.charts.robustness import rank_intervals, rank_sets
from parlib.report.supposed_error import assumption, error_cases_table, supposed, weight_factors, without
from parlib.report.tables.robustness import removal_table
from parlib.report.views import NAMED, View, ends
from parlib.report.wording import Parts


def certainty(view: View, sampling: SamplingAudit, method: MethodAudit, pairs: Neighbours | None) -> Sequel:
    """What chance and what method leave of the ranks. ``sampling`` and ``method`` are audits, ``pairs`` the
    ``Neighbours`` of their intervals. Empty where neither question can be asked: the table of the year is not complete.
    """
    if sampling.simultaneous.empty and method.removals.empty:
        return Sequel(())
    return section(
        view.say("How sure the ranks are"),
        "certainty",
        _two_questions(view),
        supposed(view, sampling) or _chance(view, sampling, pairs),
        assumption(view, sampling),
        error_cases_table(view, sampling.cases),
        without(view, sampling.without),
        rank_sets(view, sampling.simultaneous, sampling.marginal, sampling.basis == "assumed", sampling.without)
        if len(sampling.simultaneous)
        else None,
        _removal(view, method.removals),
        _weights(view, method),
        rank_intervals(view, method.ranks) if len(method.ranks) else None,
        removal_table(view, method.effects),
        _pointer(view),
    )


def _two_questions(view: View) -> Note:
    return Note(
        view.say(
            "Two questions that are never put into one range: what chance in the survey leaves open, and what the "
            "choices of method (weights, parts that count) would change."
        ),
        role="method",
    )


def _chance(view: View, sampling: SamplingAudit, pairs: Neighbours | None) -> Paragraph | None:
    """How many neighbours cannot be told apart, and how wide the ranges of ranks are."""
    if pairs is None:
        return None
    count = view.wording.count
    told = view.phrase(
        "Chance in the survey: of {n} pairs of neighbours in the ranking, {alike} cannot be told apart at {level}%, "
        "each pair looked at for itself.",
        n=count(pairs.n_pairs, view.ref(column="pairs")),
        alike=count(pairs.n_alike, view.ref(column="pairs_alike")),
        level=count(100 * (1 - pairs.level), view.ref(column="pairs"), made="level"),
    )
    widths = _widths(sampling.simultaneous)
    if not len(widths):
        return Paragraph(told)
    return Paragraph(
        (
            *told,
            " ",
            *view.phrase(
                "For all ranks at once, the rank of half of the {units} is open to {places} ranks or more.",
                places=count(_middle(widths), view.ref(column="sets"), made="median"),
            ),
        )
    )


def _widths(table: pd.DataFrame) -> pd.Series:
    """How many places wide the range of each unit is, best and worst rank counted."""
    known = table[table["rank_low"].notna() & table["rank_high"].notna()] if len(table) else table
    if known.empty:
        return pd.Series(dtype="float64")
    return known["rank_high"].astype("float64") - known["rank_low"].astype("float64") + 1


def _middle(widths: pd.Series) -> float:
    """The width that at least half of the units have or exceed."""
    return float(widths.sort_values().iloc[len(widths) // 2])


def _removal(view: View, removals: pd.DataFrame) -> Paragraph | None:
    """How far the rank of a unit moves at most when one area does not count."""
    known = removals[removals["rank"].notna()] if len(removals) else removals
    if known.empty:
        return None
    ranges = known.groupby("unit", sort=False).agg(low=("rank", "min"), high=("rank", "max")).astype("float64")
    ranges["width"] = ranges["high"] - ranges["low"]
    most, _ = ends(ranges.index, ranges["width"])
    low, high = (view.ref(most.keys[0], column=f"removal_{end}") for end in ("min", "max"))
    bounds = ranges.loc[list(most.keys), ["low", "high"]]
    n = int(((known["rank"] == known["rank_before"]).groupby(known["unit"]).all()).sum())
    kept = view.wording.count(n, view.ref(column="removal_unmoved"))
    units = view.shared(map(view.unit, most.keys), *(view.ref(unit, column="removal_max") for unit in most.keys))
    if len(bounds.drop_duplicates()) > 1:  # as far, but from other ranks
        named = view.wording.join(_between(view, unit, *bounds.loc[unit]) for unit in most.keys)
        return Paragraph(
            view.phrase(
                "Choices of method: with one {area} left out at a time, the rank of {unit} would move most; {n} "
                "{units} would keep their rank whichever is left out.",
                area=view.area,
                unit=named if len(most.keys) <= NAMED else units,
                n=kept,
            )
        )
    return Paragraph(
        view.phrase(
            "Choices of method: with one {area} left out at a time, the rank of {unit} would move most, between {low} "
            "and {high}; {n} {units} would keep their rank whichever is left out.",
            area=view.area,
            unit=units,
            low=view.wording.number(float(bounds["low"].iloc[0]), 0, low, made="rank_otherwise"),
            high=view.wording.number(float(bounds["high"].iloc[0]), 0, high, made="rank_otherwise"),
            n=kept,
        )
    )


def _between(view: View, unit: str, low: float, high: float) -> Parts:
    """A unit with the best and the worst rank that it would take."""
    ranks = {"low": (low, "removal_min"), "high": (high, "removal_max")}
    numbers = {
        name: view.wording.number(rank, 0, view.ref(unit, column=column), made="rank_otherwise")
        for name, (rank, column) in ranks.items()
    }
    return view.phrase("{unit} ({low} to {high})", unit=view.unit(unit), **numbers)


def _weights(view: View, method: MethodAudit) -> Paragraph | None:
    """How many units hold one rank whatever the weights. ``method`` is the audit of the method."""
    widths = _widths(method.ranks)
    if widths.empty:
        return None
    ref = view.ref(column="weights")
    level = float(method.ranks["coverage"].iloc[0])
    sure = int((method.acceptability.max(axis=1) >= level - 1e-9).sum())
    low, high = weight_factors(view, method)
    return Paragraph(
        view.phrase(
            "With every weight multiplied by a factor between {low} and {high}, and all scaled back to their sum, {n} "
            "of {all} {units} keep one and the same rank in at least {level}% of the draws; the range of half of them "
            "is {places} ranks or more.",
            low=low,
            high=high,
            level=view.wording.count(100 * level, ref, made="level"),
            n=view.wording.count(sure, view.ref(column="weights_sure")),
            all=view.wording.count(len(widths), view.ref(column="known")),
            places=view.wording.count(_middle(widths), ref, made="median"),
        )
    )


def _pointer(view: View) -> Paragraph:
    return Paragraph(
        (view.say("More on both questions: the robustness report (robustness_audit) of the same results."),)
    )
