"""Shares of answers with design-based standard errors, by unit, respondent group and item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import ibis
import numpy as np
import pandas as pd

from parlib.sources.survey.design import Design, Sample
from parlib.sources.survey.engine import Table, empty, fetch, given, lookup
from parlib.sources.survey.questions import Question, by_item, check_questions
from parlib.sources.survey.reading import Survey
from parlib.sources.survey.variance import floors, merged, share_interval, variances
from parlib.words import Message

NO_ANSWER = (0, 99)
CELL = ["unit", "group", "item"]
FATES = ("used", "no_weight", "no_answer", "off_scale", "not_asked", "unknown_item", "unknown_unit")
DECIMALS = 12  # kept of a share: threads add in any order, so the last bits of a sum differ from run to run


@dataclass(frozen=True)
class Tabulation:
    """What a survey says. Unknown is NaN, never zero; every unit, group and item asked has its row.

    ``groups``        unit, group, item, n, share, standard_error, lower, upper, degrees_of_freedom, design_effect,
                      clusters, strata, lonely_strata, weight_sum, n_no_answer, n_off_scale, n_no_weight.
    ``distribution``  unit, group, item, answer, n, share: of each answer on the scale, weighted.
    ``units``         over all groups: unit, item, n, share, standard_error, lower, upper, degrees_of_freedom,
                      groups_missing.
    ``accounted``     fate, n: every row of the files once, those that count and why the others do not.
    ``assumptions``   what the numbers rest on, to print with them.

    ``n`` counts the answers that count. ``lower`` and ``upper`` bound the confidence interval, within the scale (see
    ``share_interval``). Where all answers of a group are equal, its error is that of one answer one step lower
    (``floors``: unit, group, item, variance, freedom): a sample without differences does not say that there are none.
    """

    groups: pd.DataFrame
    distribution: pd.DataFrame
    units: pd.DataFrame
    accounted: pd.DataFrame
    assumptions: tuple[Message, ...] = ()
    sample: Sample | None = field(default=None, repr=False, compare=False)
    floors: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False, compare=False)

    def handover(self) -> pd.DataFrame:
        """What scoring takes: unit, item, share, standard_error, degrees_of_freedom."""
        return self.units[["unit", "item", "share", "standard_error", "degrees_of_freedom"]].copy()


def tabulate(
    survey: Survey,
    asked: Iterable[Question],
    *,
    units: Sequence[str] | None = None,
    design: Design | None = None,
    no_answer: Iterable[int] = NO_ANSWER,
    confidence: float = 0.95,
    together: bool = False,
) -> Tabulation:
    """Shares and their errors for each unit, respondent group and item, and over the groups.

    ``units`` are the units to report on, those without answers too (None: the units of the file). ``no_answer`` are
    the codes for "not known" and "no answer" (an empty answer is one always): they are counted and left out.
    ``together`` puts all units in one, named "": each unit is a part of the whole by the weights of its answers.
    """
    sample = sample_of(survey, asked, units=units, design=design, no_answer=no_answer, together=together)
    tallies = _tallies(sample)
    cells = _grid(sample, tallies)
    distribution = _distribution(sample, cells, tallies)
    groups = _groups(sample, cells, tallies, confidence)
    flat = groups[groups["floor"] > 0]
    floored = flat[[*CELL, "floor", "degrees_of_freedom"]].set_axis([*CELL, "variance", "freedom"], axis=1)
    groups = groups.drop(columns="floor")
    return Tabulation(
        groups=groups,
        distribution=distribution,
        units=_units(sample, groups, floored, confidence),
        accounted=_accounted(tallies),
        assumptions=tuple(_assumptions(sample, groups, len(floored) > 0)),
        sample=sample,
        floors=floored.reset_index(drop=True),
    )


def require_sample(tabulation: Tabulation) -> Sample:
    """The sample behind a tabulation; one that was made to leave the workbook has none."""
    if tabulation.sample is None:
        raise ValueError("this tabulation was made to leave the workbook: it no longer knows its answers")
    return tabulation.sample


def sample_of(
    survey: Survey,
    asked: Iterable[Question],
    *,
    units: Sequence[str] | None = None,
    design: Design | None = None,
    no_answer: Iterable[int] = NO_ANSWER,
    together: bool = False,
) -> Sample:
    """The survey under a design, its questions checked (see :func:`tabulate` for the arguments)."""
    listed, codes = tuple(asked), tuple(no_answer)
    check_questions(listed, codes)
    sample = Sample(
        survey=survey,
        asked=by_item(listed),
        design=design or Design(),
        units=None if units is None else tuple(units),
        no_answer=codes,
        together=together,
    )
    sample.refuse_lonely()
    return sample


def _tallies(sample: Sample) -> pd.DataFrame:
    """The answers of every cell by code and fate: the few rows from which all but the errors follow."""
    table = sample.classified
    tallies = fetch(
        table.group_by([*sample.cell, "answer", "score", "fate"]).agg(
            n=table["n"].sum(), weighted=table["weighted"].sum(), weight=table["weight"].sum()
        )
    )
    if sample.together:
        tallies.insert(0, "unit", "")
    return tallies.sort_values([*CELL, "answer"], ignore_index=True)


def _grid(sample: Sample, tallies: pd.DataFrame) -> pd.DataFrame:
    """One row for each unit, item and group that belongs in the result, answered or not, in order."""
    known = tallies[~tallies["fate"].isin(["unknown_unit", "unknown_item", "not_asked"])]
    units = [""] if sample.together else sample.units if sample.units is not None else sorted(known["unit"].unique())
    return pd.DataFrame(
        [
            (unit, group, item)
            for unit in dict.fromkeys(units)
            for item, question in sample.asked.items()
            for group in question.groups
        ],
        columns=CELL,
        dtype=object,
    ).astype("str")


def _distribution(sample: Sample, cells: pd.DataFrame, tallies: pd.DataFrame) -> pd.DataFrame:
    scales = pd.DataFrame(
        [(item, code) for item, question in sample.asked.items() for code in sorted(question.scale, reverse=True)],
        columns=["item", "answer"],
    )
    used = tallies[tallies["fate"] == "used"].astype({"answer": "int64"})
    table = cells.merge(scales, on="item").merge(
        used[[*CELL, "answer", "weighted", "weight"]], on=[*CELL, "answer"], how="left", sort=False
    )
    whole = table.groupby(CELL, sort=False)["weight"].transform("sum")
    share = table["weight"].fillna(0.0) / whole.where(whole > 0)
    return table[[*CELL, "answer"]].assign(n=table["weighted"].fillna(0).astype("int64"), share=share.round(DECIMALS))


def _groups(sample: Sample, cells: pd.DataFrame, tallies: pd.DataFrame, confidence: float) -> pd.DataFrame:
    used = tallies[tallies["fate"] == "used"]
    used = used.assign(n_no_weight=used["n"] - used["weighted"], scored=used["weight"] * used["score"])
    sums = used.groupby(CELL, as_index=False)[["weighted", "n_no_weight", "weight", "scored"]].sum()
    table = cells.merge(sums, on=CELL, how="left", sort=False)
    weight = table["weight"].where(table["weight"] > 0)
    share = table["scored"] / weight
    srs = _simple_variance(table.assign(share=share), used)
    errors = fetch(variances(sample.clusters, sample.sizes, sample.cell, sample.design.strata, sample.design.lonely))
    if sample.together:
        errors.insert(0, "unit", "")
    table = table.merge(errors, on=CELL, how="left", sort=False)
    floor = floors(dict(sample.asked), table.assign(n=table["weighted"], share=share))
    frame = table[CELL].assign(
        n=_whole(table["weighted"]),
        share=share.round(DECIMALS),
        standard_error=np.sqrt(table["variance"] + floor).round(DECIMALS),
        degrees_of_freedom=table["freedom"].fillna(0.0).round(6),
        design_effect=(table["variance"] / srs.where(srs > 0)).round(DECIMALS),
        clusters=_whole(table["clusters"]),
        strata=_whole(table["strata"]),
        lonely_strata=_whole(table["lonely_strata"]),
        weight_sum=weight.round(6),
        n_no_answer=_counted(cells, tallies, "no_answer"),
        n_off_scale=_counted(cells, tallies, "off_scale"),
        n_no_weight=_whole(table["n_no_weight"]),
        floor=floor,
    )
    return _with_interval(sample, frame, confidence)


def _whole(numbers: pd.Series[float]) -> pd.Series[int]:
    return numbers.fillna(0).astype("int64")


def _counted(cells: pd.DataFrame, tallies: pd.DataFrame, fate: str) -> pd.Series[int]:
    counted = tallies[tallies["fate"] == fate].groupby(CELL, as_index=False)["n"].sum()
    return _whole(cells.merge(counted, on=CELL, how="left", sort=False)["n"])


def _simple_variance(table: pd.DataFrame, used: pd.DataFrame) -> pd.Series[float]:
    """The variance that a simple random sample of as many answers would have: s^2 / n, s^2 weighted."""
    scores = used.merge(table[[*CELL, "share"]], on=CELL)
    squares = scores["weight"] * (scores["score"] - scores["share"]) ** 2
    summed = squares.groupby([scores[name] for name in CELL]).sum().rename("squares").reset_index()
    spread = table[CELL].merge(summed, on=CELL, how="left", sort=False)["squares"] / table["weight"]
    return spread / (table["weighted"] - 1).where(table["weighted"] > 1)


def _units(sample: Sample, groups: pd.DataFrame, floors: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Shares over the groups of each item, by their weights."""
    parts = pd.DataFrame(
        [(item, g, part) for item, question in sample.asked.items() for g, part in question.group_shares().items()],
        columns=["item", "group", "part"],
    ).astype({"item": "str", "group": "str"})
    table = groups.merge(parts, on=["item", "group"], how="left", sort=False)
    counts = table["part"] > 0
    answered = table["share"].notna()
    table["missing"] = table["group"].where(counts & ~answered, "")
    table["vague"] = counts & answered & table["standard_error"].isna()
    table["present"] = table["part"].where(answered, 0.0)
    table["scored"] = table["part"] * table["share"].fillna(0.0)
    keys = ["unit", "item"]
    sums = table.groupby(keys, sort=False).agg(
        n=("n", "sum"), present=("present", "sum"), scored=("scored", "sum"), vague=("vague", "any")
    )
    missing = table.groupby(keys, sort=False)["missing"].agg(lambda names: ",".join(name for name in names if name))
    frame = sums.assign(groups_missing=missing).reset_index()
    unknown = frame["present"] <= 0
    if sample.design.incomplete == "unknown":
        unknown |= frame["groups_missing"] != ""
    present = table[[*CELL, "present"]].merge(sums["present"].rename("whole").reset_index(), on=keys)
    present["part"] = present["present"] / present["whole"].where(present["whole"] > 0)
    frame = with_floors(frame.merge(_unit_errors(sample), on=keys, how="left", sort=False), floors, present, keys)
    error = np.sqrt(frame["variance"]).mask(unknown | frame["vague"])
    frame = frame.assign(
        share=(frame["scored"] / frame["present"].where(~unknown)).round(DECIMALS),
        standard_error=error.round(DECIMALS),
        degrees_of_freedom=frame["freedom"].fillna(0.0).round(6),
    )
    shown = ["unit", "item", "n", "share", "standard_error", "degrees_of_freedom", "groups_missing"]
    return _with_interval(sample, frame[shown], confidence)


def with_floors(errors: pd.DataFrame, floors: pd.DataFrame, parts: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """``errors`` (``keys``, variance, freedom) with what groups of equal answers still leave open.

    ``parts`` says for each unit, group and item the ``part`` with which it counts in each of ``keys``.
    """
    counted = floors.rename(columns={"freedom": "degrees"}).drop(columns="variance").assign(floor=floors["variance"])
    counted = counted.merge(parts, on=CELL, sort=False)
    counted["floor"] *= counted["part"] ** 2
    counted = counted[counted["floor"] > 0]
    counted["over"] = counted["floor"] ** 2 / counted["degrees"].clip(lower=1.0)
    added = counted.groupby(list(keys), as_index=False)[["floor", "over"]].sum()
    joined = errors.merge(added, on=list(keys), how="left", sort=False)
    floor, variance, freedom = joined["floor"].fillna(0.0), joined["variance"], joined["freedom"]
    over = joined["over"].fillna(0.0) + (variance**2 / freedom.where(freedom > 0)).fillna(0.0)
    combined = (variance + floor) ** 2 / over.where(over > 0)
    usable = (floor > 0) & (freedom > 0)
    return joined.assign(variance=variance + floor, freedom=combined.where(usable, freedom)).drop(
        columns=["floor", "over"]
    )


def _unit_errors(sample: Sample) -> pd.DataFrame:
    joined = sample.clusters.join(sample.group_weights, list(sample.cell))
    joined = joined.filter(joined["part"] > 0)
    parted = joined.mutate(total=joined["total"] * joined["part"], squares=joined["squares"] * joined["part"] ** 2)
    keys = [name for name in sample.cell if name != "group"]
    strata = sample.design.strata
    errors = fetch(variances(merged(parted, keys, strata), sample.sizes, keys, strata, sample.design.lonely))
    if sample.together:
        errors.insert(0, "unit", "")
    return errors[["unit", "item", "variance", "freedom"]]


def _with_interval(sample: Sample, frame: pd.DataFrame, confidence: float) -> pd.DataFrame:
    worst = frame["item"].map({item: min(question.scale.values()) for item, question in sample.asked.items()})
    best = frame["item"].map({item: max(question.scale.values()) for item, question in sample.asked.items()})
    lower, upper = share_interval(
        frame["share"],
        frame["standard_error"],
        frame["degrees_of_freedom"],
        worst=worst.astype("float64"),
        best=best.astype("float64"),
        confidence=confidence,
    )
    place = list(frame.columns).index("standard_error") + 1
    framed = frame.copy()
    framed.insert(place, "lower", pd.Series(lower, index=frame.index).round(DECIMALS))
    framed.insert(place + 1, "upper", pd.Series(upper, index=frame.index).round(DECIMALS))
    return framed


def _accounted(tallies: pd.DataFrame) -> pd.DataFrame:
    counts = tallies.groupby("fate")["n"].sum().to_dict()
    used = tallies[tallies["fate"] == "used"]
    counts["no_weight"] = int((used["n"] - used["weighted"]).sum())
    counts["used"] = counts.get("used", 0) - counts["no_weight"]
    return pd.DataFrame({"fate": FATES, "n": [int(counts.get(fate, 0)) for fate in FATES]})


def _assumptions(sample: Sample, groups: pd.DataFrame, floored: bool) -> Iterable[Message]:
    questions = sample.asked.values()
    if any(question.weights is None and len(question.groups) > 1 for question in questions):
        yield Message(
            "All respondent groups count the same: how they are weighted against each other is not published."
        )
    if not sample.survey.has("weight"):
        yield Message("All forms have the same weight.")
    if not sample.survey.has("stratum"):
        yield Message("The sample is not stratified.")
    if sample.survey.alone:
        yield Message("Respondents without a cluster count as clusters of their own (drawn at random within strata).")
    if sample.design.groups == "apart":
        yield Message("Each respondent group is a sample of its own, independent of the others.")
    if sample.together:
        yield Message("The share of all units follows the weights of the forms: it is not the plain mean of the units.")
    lonely = int(groups["lonely_strata"].max()) if len(groups) else 0
    if lonely:
        yield _lonely(sample.design.lonely)
    if floored:
        yield Message("Where all answers of a group are equal, the error is that of one answer one step lower.")
    if sample.design.incomplete == "rescale" and (groups["n"] == 0).any():
        yield Message("Where a group gave no answers, the share rests on the other groups.")


def _lonely(policy: str) -> Message:
    if policy == "adjust":
        return Message("A stratum with one single cluster adds its distance from the overall mean to the error.")
    return Message("A stratum with one single cluster adds nothing to the error, which may be too small.")


# --- the points of nodes ------------------------------------------------------------------------
# The items of a criterion are answered by the same people, so their errors do not add up as if they were independent:
# the error of a sum is taken from the sum of what each cluster contributes to all items.


def node_points(tabulation: Tabulation, asked: Iterable[Question], exempt: pd.DataFrame | None = None) -> pd.DataFrame:
    """unit, node, points, maximum, standard_error, degrees_of_freedom: what the survey gives within each node.

    ``asked`` are the questions with their criterion (``code``), ``maximum`` and ``component``. The nodes are the
    criteria, all above them, the components and "" (all surveyed points). ``exempt`` (unit, code) lists criteria that
    do not apply to a unit: they are left out of its nodes. A node is unknown where one of its items is.
    """
    sample = require_sample(tabulation)
    units = list(dict.fromkeys(tabulation.units["unit"]))
    maxima = _maxima(list(asked), units, exempt)
    table = tabulation.units.merge(maxima, on=["unit", "item"], sort=False)
    points = table["share"] * table["maximum"]
    known = table.assign(points=points, unknown=points.isna(), vague=table["standard_error"].isna())
    sums = known.groupby(["unit", "node"], sort=False, as_index=False).agg(
        points=("points", "sum"), maximum=("maximum", "sum"), unknown=("unknown", "any"), vague=("vague", "any")
    )
    frame = sums.merge(_errors(sample, maxima), on=["unit", "node"], how="left", sort=False)
    parts = _parts(tabulation, sample).merge(maxima, on=["unit", "item"], sort=False)
    parts = parts.assign(part=parts["part"] * parts["maximum"])[["unit", "group", "item", "node", "part"]]
    frame = with_floors(frame, tabulation.floors, parts, ["unit", "node"])
    frame = frame.assign(
        points=frame["points"].mask(frame["unknown"]).round(DECIMALS),
        standard_error=np.sqrt(frame["variance"]).mask(frame["unknown"] | frame["vague"]).round(DECIMALS),
        degrees_of_freedom=frame["freedom"].fillna(0.0).round(6),
        by_unit=frame["unit"].map({unit: place for place, unit in enumerate(units)}),
        by_node=frame["node"].map({node: place for place, node in enumerate(_nodes(maxima))}),
    )
    shown = ["unit", "node", "points", "maximum", "standard_error", "degrees_of_freedom"]
    return frame.sort_values(["by_unit", "by_node"], ignore_index=True)[shown]


def cluster_totals(tabulation: Tabulation) -> pd.DataFrame:
    """unit, stratum, cluster, item, group, weighted_share, weight: the sums that a bootstrap of clusters draws from.

    The strata are those of the design: where groups were sampled apart, each group has its own. Respondents without a
    cluster have a row each, so the table is as long as their answers.
    """
    sample = require_sample(tabulation)
    columns = ["unit", "group", "stratum", "item"]
    used = sample.used.filter(given(sample.used["cluster"]))
    rows = used.select(*columns, "weight", "score", cluster=ibis.literal("cluster ") + used["cluster"])
    if sample.survey.alone:
        alone = _answers_alone(sample)
        named = ibis.literal("respondent ") + alone["respondent"]
        rows = ibis.union(rows, alone.select(*columns, "weight", "score", cluster=named))
    sums = rows.group_by(["unit", "group", "stratum", "cluster", "item"]).agg(
        weighted_share=(rows["weight"] * rows["score"]).sum(), weight=rows["weight"].sum()
    )
    frame = fetch(sums).sort_values(["unit", "group", "stratum", "cluster", "item"], ignore_index=True)
    if sample.design.groups == "apart":
        frame["stratum"] = frame["group"] + " " + frame["stratum"]
    return frame[["unit", "stratum", "cluster", "item", "group", "weighted_share", "weight"]]


def _maxima(asked: list[Question], units: list[str], exempt: pd.DataFrame | None) -> pd.DataFrame:
    """unit, node, item, maximum: the points of each item within each node that it belongs to, for each unit."""
    out = set() if exempt is None else set(zip(exempt["unit"], exempt["code"], strict=True))
    rows = [
        (unit, node, question.item, question.maximum)
        for unit in units
        for question in asked
        if question.code and np.isfinite(question.maximum) and not _left_out(unit, question.code, out)
        for node in _nodes_of(question)
    ]
    frame = pd.DataFrame(rows, columns=["unit", "node", "item", "maximum"])
    frame = frame.astype({"unit": "str", "node": "str", "item": "str", "maximum": "float64"})
    return frame.groupby(["unit", "node", "item"], sort=False, as_index=False).agg(maximum=("maximum", "sum"))


def _left_out(unit: str, code: str, exempt: set[tuple[str, str]]) -> bool:
    """Whether a criterion, or one above it, does not apply to the unit."""
    steps = code.split(".")
    return bool(exempt) and any((unit, ".".join(steps[: depth + 1])) in exempt for depth in range(len(steps)))


def _nodes_of(question: Question) -> list[str]:
    steps = question.code.split(".")
    component = [f"component:{question.component}"] if question.component else []
    return ["", *(".".join(steps[: depth + 1]) for depth in range(len(steps))), *component]


def _nodes(maxima: pd.DataFrame) -> list[str]:
    """The nodes in the order of a report: the whole, the tree, the components."""

    def place(node: str) -> tuple[int, list[int], str]:
        if node.startswith("component:"):
            return 2, [], node
        return (1 if node else 0), [int(step) if step.isdigit() else 0 for step in node.split(".")], node

    return sorted(dict.fromkeys(maxima["node"]), key=place)


def _errors(sample: Sample, maxima: pd.DataFrame) -> pd.DataFrame:
    strata = sample.design.strata
    keys = ["node"] if sample.together else ["unit", "node"]
    weights = lookup(sample.survey.connection, maxima.drop(columns="unit") if sample.together else maxima)
    influence = _by_cluster(sample)
    joined = influence.join(weights, "item" if sample.together else ["unit", "item"])
    scaled = joined.mutate(total=joined["total"] * joined["maximum"])
    errors = fetch(variances(merged(scaled, keys, strata), sample.sizes, keys, strata, sample.design.lonely))
    if sample.together:
        errors.insert(0, "unit", "")
    return errors[["unit", "node", "variance", "freedom"]]


def _parts(tabulation: Tabulation, sample: Sample) -> pd.DataFrame:
    """unit, group, item, part: what each group counts in its item, over the groups that answered."""
    shares = [(item, group, part) for item, q in sample.asked.items() for group, part in q.group_shares().items()]
    stated = pd.DataFrame(shares, columns=["item", "group", "part"]).astype({"item": "str", "group": "str"})
    answered = tabulation.groups.loc[tabulation.groups["share"].notna(), ["unit", "group", "item"]]
    table = answered.merge(stated, on=["item", "group"], sort=False)
    whole = table.groupby(["unit", "item"])["part"].transform("sum")
    return table.assign(part=table["part"] / whole.where(whole > 0))


def _by_cluster(sample: Sample) -> Table:
    """What each cluster contributes to each item over all groups; a respondent on their own is a cluster here."""
    columns = [*dict.fromkeys([*sample.cell, *sample.design.strata])]
    clusters = sample.clusters.filter(given(sample.clusters["cluster"]))
    joined = clusters.join(sample.group_weights, list(sample.cell))
    named = joined.select(
        *columns, cluster=ibis.literal("cluster ") + joined["cluster"], total=joined["total"] * joined["part"]
    )
    if sample.survey.alone:
        named = ibis.union(named, _single(sample, columns))
    return named.mutate(squares=ibis.literal(0.0), members=ibis.literal(0, "int64"))


def _single(sample: Sample, columns: list[str]) -> Table:
    answers = _answers_alone(sample)
    joined = answers.join(sample.means.select(*sample.cell, "share", "weight_sum"), list(sample.cell))
    joined = joined.join(sample.group_weights, list(sample.cell))
    influence = joined["weight"] * (joined["score"] - joined["share"]) / joined["weight_sum"] * joined["part"]
    return joined.select(*columns, cluster=ibis.literal("respondent ") + joined["respondent"], total=influence)


def _answers_alone(sample: Sample) -> Table:
    """The answers that count of respondents without a cluster, one by one."""
    rows = sample.survey.rows
    answers = sample.classify(rows.filter(empty(rows["cluster"])))
    return answers.filter((answers["fate"] == "used") & (answers["weight"] > 0))
