"""The points that a survey gives to each criterion, area and component, with errors that know of shared respondents.

The items of a criterion are answered by the same people, so their errors do not add up as if they were independent: the
error of a sum is taken from the sum of what each cluster contributes to all items.
"""

from __future__ import annotations

from collections.abc import Iterable

import ibis
import numpy as np
import pandas as pd

from parlib.sources.survey.design import Sample
from parlib.sources.survey.engine import Table, empty, fetch, given, lookup
from parlib.sources.survey.questions import Question
from parlib.sources.survey.tabulate import DECIMALS, Tabulation, require_sample, with_floors
from parlib.sources.survey.variance import merged, variances


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
