"""How sure the ranks are: what chance in the survey and the choices of method leave of them, always told apart; what
would follow if the survey had a certain error, where none was published."""

from __future__ import annotations

import pandas as pd

from parlib.analysis.robustness.audit import MethodAudit, Neighbours, SamplingAudit
from parlib.data_tables import indices
from parlib.report import blocks, prose
from parlib.report.charts.robustness import rank_intervals, rank_sets
from parlib.report.columns import Words
from parlib.report.tables.declared import Col, cell_of, in_focus, table
from parlib.report.views import NAMED, View, ends
from parlib.tables import Record, records


def certainty(view: View, sampling: SamplingAudit, method: MethodAudit, pairs: Neighbours | None) -> blocks.Sequel:
    """What chance and what method leave of the ranks. ``sampling`` and ``method`` are audits, ``pairs`` the
    ``Neighbours`` of their intervals. Empty where neither question can be asked: the table of the year is not complete.
    """
    if sampling.simultaneous.empty and method.removals.empty:
        return blocks.Sequel(())
    return blocks.section(
        view.say("How sure the ranks are"),
        "certainty",
        supposed(view, sampling) or by_chance(view, sampling, pairs),
        assumption(view, sampling),
        error_cases_table(view, sampling.cases),
        without(view, sampling.without),
        rank_sets(view, sampling.simultaneous, sampling.marginal, sampling.basis == "assumed", sampling.without)
        if len(sampling.simultaneous) and not view.has_many
        else None,
        without_a_part(view, method.removals),
        by_weights(view, method),
        rank_intervals(view, method.ranks) if len(method.ranks) and not view.has_many else None,
        removal_table(view, method.effects),
        _two_questions(view),
        _pointer(view),
    )


def in_brief(view: View, ranking: pd.DataFrame, sampling: SamplingAudit, pairs: Neighbours | None) -> blocks.Paragraph:
    """How complete the results are and how sure the ranks, for page one: of how many units what is known; what chance
    in the survey leaves of the ranks, or that nothing is known of it."""
    return blocks.paragraph(_complete(view, ranking), _sure(view, sampling, pairs))


def _complete(view: View, ranking: pd.DataFrame) -> blocks.Parts:
    """Of how many units what is known, and that the others are not ranked."""
    known, of = view.coverage
    listed = prose.known(view, ranking)
    if not known.value or of.value is None or known.value == of.value:
        return prose.coverage(view).parts
    if listed is None:
        return view.phrase("Values known for {known}/{all} {units}; the others are not ranked.", known=known, all=of)
    return (*listed, " ", *view.phrase("Ranks are those published: none is computed among the known alone."))


def _sure(view: View, sampling: SamplingAudit, pairs: Neighbours | None) -> blocks.Parts | None:
    """What chance in the survey leaves of the ranks; ``None`` for an index for which nobody is asked."""
    if not int(indices()[view.results.index_name]["surveyed"]) or not view.results.n_known:
        return None
    if pairs is None or not sampling.basis:
        return view.phrase(
            "The survey's error is not published: which neighbours in the ranking truly differ is not known."
        )
    alike = _alike(view, pairs.n_alike, pairs.n_pairs)
    if sampling.basis == "assumed":
        return view.phrase(
            "The survey error has not been published; with the error estimated from year-to-year changes, {alike} "
            "could not be distinguished statistically.",
            alike=alike,
        )
    return view.phrase("Given the survey error, {alike} cannot be distinguished statistically.", alike=alike)


def _alike(view: View, n_alike: int, n_pairs: int) -> blocks.Parts:
    """Which of the pairs of neighbours cannot be told apart: so many of them, or all."""
    alike = pairs_alike(view, n_alike)
    if n_alike == n_pairs:
        return view.phrase("all {n} pairs of neighbours in the ranking", n=alike)
    pairs = view.wording.count(n_pairs, view.ref(column="pairs"))
    return view.phrase("of {n} pairs of neighbours in the ranking {alike:none}", n=pairs, alike=alike)


def pairs_alike(view: View, n: int) -> blocks.Number:
    """How many pairs of neighbours cannot be told apart."""
    return view.wording.count(n, view.ref(column="pairs_alike"))


def _two_questions(view: View) -> blocks.Note:
    return view.note(
        "Two questions that are never put into one range: what chance in the survey leaves open, and what the "
        "choices of method (weights, parts that count) would change."
    )


def by_chance(view: View, sampling: SamplingAudit, pairs: Neighbours | None) -> blocks.Paragraph | None:
    """How many neighbours cannot be told apart, and how wide the ranges of ranks are."""
    if pairs is None:
        return None
    count = view.wording.count
    sentence = view.phrase(
        "Sampling error: {alike} cannot be distinguished statistically at {level}% (each pair considered separately).",
        alike=_alike(view, pairs.n_alike, pairs.n_pairs),
        level=count(100 * (1 - pairs.level), view.ref(column="pairs"), made="level"),
    )
    widths = _widths(sampling.simultaneous)
    if not len(widths):
        return blocks.Paragraph(sentence)
    return blocks.Paragraph(
        (
            *sentence,
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


def without_a_part(view: View, removals: pd.DataFrame) -> blocks.Paragraph | None:
    """How far the rank of a unit moves at most when one area does not count."""
    known = removals[removals["rank"].notna()] if len(removals) else removals
    if known.empty:
        return None
    ranges = known.groupby("unit", sort=False).agg(low=("rank", "min"), high=("rank", "max")).astype("float64")
    ranges["width"] = ranges["high"] - ranges["low"]
    most, _ = ends(ranges.index, ranges["width"])
    low, high = (view.ref(most.keys[0], column=f"removal_{end}") for end in ("min", "max"))
    bounds = ranges.loc[list(most.keys), ["low", "high"]]
    kept = unmoved(view, known)
    units = view.shared(map(view.listed, most.keys), *(view.ref(unit, column="removal_max") for unit in most.keys))
    if len(bounds.drop_duplicates()) > 1:  # as far, but from other ranks
        named = view.wording.join(_between(view, unit, *bounds.loc[unit]) for unit in most.keys)
        return view.sentence(
            "Choices of method: with one {area} left out at a time, the rank of {unit} would move most; "
            "{n:{units}} would keep their rank whichever is left out.",
            unit=named if len(most.keys) <= NAMED else units,
            n=kept,
        )
    return view.sentence(
        "Choices of method: with one {area} left out at a time, the rank of {unit} would move most, between {low} "
        "and {high}; {n:{units}} would keep their rank whichever is left out.",
        unit=units,
        low=view.wording.number(float(bounds["low"].iloc[0]), 0, low, made="rank_otherwise"),
        high=view.wording.number(float(bounds["high"].iloc[0]), 0, high, made="rank_otherwise"),
        n=kept,
    )


def unmoved(view: View, removals: pd.DataFrame) -> blocks.Number:
    """How many units keep their rank whichever area is left out."""
    known = removals[removals["rank"].notna()]
    n = int(((known["rank"] == known["rank_before"]).groupby(known["unit"]).all()).sum())
    return view.wording.count(n, view.ref(column="removal_unmoved"))


def _between(view: View, unit: str, low: float, high: float) -> blocks.Parts:
    """A unit with the best and the worst rank that it would take."""
    ranks = {"low": (low, "removal_min"), "high": (high, "removal_max")}
    numbers = {
        name: view.wording.number(rank, 0, view.ref(unit, column=column), made="rank_otherwise")
        for name, (rank, column) in ranks.items()
    }
    return view.phrase("{unit} ({low} to {high})", unit=view.listed(unit), **numbers)


def by_weights(view: View, method: MethodAudit) -> blocks.Paragraph | None:
    """How many units hold one rank whatever the weights. ``method`` is the audit of the method."""
    widths = _widths(method.ranks)
    if widths.empty:
        return None
    ref = view.ref(column="weights")
    low, high = weight_factors(view, method)
    return view.sentence(
        "With every weight multiplied by a factor between {low} and {high}, and all scaled back to their sum, "
        "{n:none} of {all} {units} keep one and the same rank in at least {level}% of the draws; the range of "
        "half of them is {places} ranks or more.",
        low=low,
        high=high,
        level=draws_level(view, method),
        n=sure_whatever_weights(view, method),
        all=view.wording.count(len(widths), view.ref(column="known")),
        places=view.wording.count(_middle(widths), ref, made="median"),
    )


def draws_level(view: View, method: MethodAudit) -> blocks.Number:
    """In how many percent of the draws a range of ranks holds."""
    level = float(method.ranks["coverage"].iloc[0])
    return view.wording.count(100 * level, view.ref(column="weights"), made="level")


def sure_whatever_weights(view: View, method: MethodAudit) -> blocks.Number:
    """How many units keep one and the same rank in nearly all draws of the weights."""
    level = float(method.ranks["coverage"].iloc[0])
    sure = int((method.acceptability.max(axis=1) >= level - 1e-9).sum())
    return view.wording.count(sure, view.ref(column="weights_sure"))


def _pointer(view: View) -> blocks.Paragraph:
    return blocks.Paragraph((view.say("More on both questions: the robustness report of the same results."),))


def supposed(view: View, sampling: SamplingAudit) -> blocks.Paragraph | None:
    """The condition first, what would follow after it; ``None`` where the error was measured, or none is supposed.

    ``sampling`` is the audit of ``audit_sampling``.
    """
    if sampling.basis != "assumed":
        return None
    case = next(row for row in records(sampling.cases) if row.error == sampling.error)
    count = view.wording.count
    sentence = view.phrase(
        "If the standard error of every unit were {error} {unit}, {alike} could not be distinguished statistically at "
        "{level}% (each pair considered separately); the same holds for every error of {least} {unit} or more.",
        error=_size(view, sampling.error, "assumed_error"),
        unit=view.unit_of_change,
        alike=_alike(view, case.n_alike, case.n_pairs),
        level=count(100 * (1 - float(sampling.intervals["level"].iloc[0])), view.ref(column="pairs"), made="level"),
        least=_size(view, sampling.holds_from, "holds_from"),
    )
    ranks = view.phrase(
        "For all ranks at once, the rank of half of the {units} would then be open to {places} ranks or more.",
        places=count(case.places, view.ref(column="sets"), made="median"),
    )
    return blocks.Paragraph((*sentence, " ", *ranks))


def assumption(view: View, sampling: SamplingAudit) -> blocks.Note | None:
    """Where the supposed error comes from, and how far it can be trusted."""
    if sampling.basis != "assumed":
        return None
    text = view.say(
        "Assumption: no standard error was published. Its rough size, {error} {unit}, is estimated from the changes "
        "since the year before, as if errors of two years were independent and nothing else differed; chance alone "
        "leaves it between {low} and {high}. It is an estimate, not a bound.",
        error=_size(view, sampling.error, "assumed_error"),
        unit=view.unit_of_change,
        low=_size(view, sampling.error_low, "assumed_low"),
        high=_size(view, sampling.error_high, "assumed_high"),
    )
    return blocks.Note(text, role="assumption")


def _of_case(key: str, head: str, of: str, kind: str = "count", made: str = "setting") -> Col:
    at = cell_of(column=f"case_{{row.case}}_{key}")
    unit = (lambda view: view.unit_of_change) if kind == "value" else None
    return Col(key, head, kind, of, made, at=at, unit=unit, gap=True)


CASES = (
    _of_case("error", blocks.message("Error of every unit"), "error", "value", "assumption"),
    _of_case("alike", blocks.message("Neighbours that could not be told apart"), "n_alike"),
    _of_case("places", blocks.message("Ranks open to half of the units, at least"), "places"),
    _of_case("tiers", blocks.message("Tiers that could be told apart"), "n_tiers"),
)


def error_cases_table(view: View, cases: pd.DataFrame) -> blocks.Table | None:
    """What would follow from each size of the error: ``cases`` of ``SamplingAudit``; ``None`` where it is empty."""
    if cases.empty:
        return None
    caption = view.say("What would follow from different errors of the survey, {index} {year}")
    return table(view, "error-cases", caption, cases.assign(case=range(1, len(cases) + 1)), CASES)


def without(view: View, indices: tuple[str, ...]) -> blocks.Note | None:
    """Which errors the ranges of ranks and tiers do not hold, because nobody knows them."""
    text = view.without_errors(indices)
    return blocks.Note(text, role="assumption") if text else None


def weight_factors(view: View, method: MethodAudit) -> tuple[blocks.Number, blocks.Number]:
    """The least and the largest factor that a weight is multiplied by: ``method`` is the audit of the method."""
    low, high = (view.ref(column=f"factor_{end}") for end in ("low", "high"))
    number = view.wording.number
    return number(1 - method.spread, 2, low, made="setting"), number(1 + method.spread, 2, high, made="setting")


def _size(view: View, error: float, column: str) -> blocks.Number:
    return view.number(error, view.ref(column=column), made="assumption")


def _range(name: str, head: Words, frame: pd.DataFrame, group: str) -> tuple[Col, ...]:
    """The ranks that a method leaves open, by unit; no column where the frame is empty."""
    if frame.empty:
        return ()
    ranges = frame.set_index("unit")[["rank_low", "rank_high"]]

    def cell(view: View, row: Record) -> blocks.Number:
        low, high = ranges.loc[row.unit]
        return view.wording.range(_plain(low), _plain(high), view.ref(row.unit, column=name))

    return (Col(name, head, "rank", cell, group=group, decimals=2),)


def rank_doubt_table(
    view: View,
    simultaneous: pd.DataFrame,
    weights: pd.DataFrame,
    removals: pd.DataFrame,
    notes: tuple[str, ...] = (),
) -> blocks.Table | blocks.Note:
    """The rank of every unit and three answers to how sure it is: by survey error, weights, and a part left out.

    Frames as ``rank_confidence_sets``, ``vary_weights`` and ``leave_out`` give them; each may be empty.
    """
    out = _removal_ranges(removals)
    base = next((frame for frame in (weights, simultaneous, out) if len(frame)), None)
    if base is None:
        return view.missing("How sure the ranks of {year} are cannot be worked out from what is known.")
    sampling, method = blocks.message("Survey error"), blocks.message("Choice of method")
    columns = (
        Col("unit"),
        Col("rank"),
        *_range("sets", blocks.message("all ranks at once"), simultaneous, sampling),
        *_range("weights", blocks.message("weights vary"), weights, method),
        *_range("removal", blocks.message("one {area} left out"), out, method),
    )
    alone = view.say("Survey error and choice of method are different questions: never add their ranges.")
    return table(
        view,
        "rank-doubt",
        view.say("Ranks and how sure they are, {index} {year}"),
        base[base["rank"].notna()].sort_values("rank", kind="stable"),
        columns,
        notes=(alone, *view.open_ends(simultaneous), *notes),
        style=in_focus,
    )


def _removal_ranges(removals: pd.DataFrame) -> pd.DataFrame:
    if removals.empty:
        return removals
    known = removals[removals["rank"].notna()]
    ranges = known.groupby("unit", sort=False).agg(
        rank=("rank_before", "first"), rank_low=("rank", "min"), rank_high=("rank", "max")
    )
    return ranges.reset_index()


def _plain(value: object) -> float | None:
    return float(value) if blocks.is_known(value) else None


REMOVAL = (
    Col("node", blocks.message("Left out")),
    Col("moved", blocks.message("Units that change rank"), "count", "n_moved", column="moved"),
    Col("mean", blocks.message("Mean places moved"), "number", "mean_shift", "mean_places", decimals=1, gap=True),
    Col("largest", blocks.message("Most places moved"), "count", "largest_shift", "most_places", gap=True),
    Col("up", blocks.message("Rises most"), of=lambda view, row: _most(view, row.units_up)),
    Col("down", blocks.message("Falls most"), of=lambda view, row: _most(view, row.units_down)),
)


def removal_table(view: View, effects: pd.DataFrame) -> blocks.Table | None:
    """What leaving out each part moves. ``effects`` is the frame of ``removal_effects``; ``None`` where it is empty."""
    if effects.empty:
        return None
    caption = view.say("What leaving out one {area} moves, {index} {year}")
    return table(view, "removal", caption, effects, REMOVAL, at=cell_of(node="{row.node}", column="rank"))


def _most(view: View, keys: tuple[str, ...]) -> str:
    """All that moved most; how many they are where they are more than three."""
    shared = view.shared(map(view.unit, keys), *(view.ref(key, column="rank") for key in keys))
    return "".join(part if isinstance(part, str) else part.text for part in shared) or "–"


def tiers_table(view: View, tiers: pd.DataFrame, notes: tuple[str, ...] = ()) -> blocks.Table | None:
    """The units in tiers that survey error cannot part. ``tiers`` is the frame of ``tiers``; ``None`` where empty.

    Units that other random draws would put into another tier stand between the two.
    """
    if tiers.empty:
        return None
    known = tiers[tiers["tier"].notna()].sort_values(["tier_low", "tier_high", "rank"], kind="stable")
    groups = known.groupby(["tier_low", "tier_high"], sort=True)["unit"].agg(list).reset_index()
    caption = view.say("Tiers of units that survey error cannot tell apart, {index} {year}")
    own = view.say("Units of neighbouring tiers may be hard to tell apart too.")
    return table(view, "tiers", caption, groups, TIERS, notes=(own, *notes))


def _tier(view: View, row: Record) -> blocks.Number:
    """A tier, or the two that its units stand between."""
    low, high = float(row.tier_low), float(row.tier_high)
    if low == high:
        return view.wording.range(low, high, *(view.ref(unit, column="tier") for unit in row.unit), made="tier")
    return view.wording.range(low, high, view.ref(row.unit[0], column="between"))


TIERS = (
    Col("tier", blocks.message("Tier"), "count", _tier),
    Col("n", blocks.message("Units"), of=lambda view, row: view.wording.count(len(row.unit), *map(view.ref, row.unit))),
    Col("units", blocks.message("Units of the tier, best first"), of=lambda view, row: view.unit_list(row.unit)),
)
