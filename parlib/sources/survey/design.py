"""How a sample was drawn, and the Ibis tables that its estimates come from."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeVar

import ibis

from parlib.errors import DataError, Problem
from parlib.sources.survey import variance
from parlib.sources.survey.engine import Column, Table, empty, fetch, given, keep
from parlib.sources.survey.questions import Question
from parlib.sources.survey.reading import Survey

_LISTED = 100

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Design:
    """How the sample was drawn, and what to do where it says too little.

    ``groups``      "apart": each respondent group was sampled on its own, so groups are strata (default);
                    "together": one sample of clusters holds all groups, so groups are domains that share clusters.
    ``lonely``      a stratum with one single cluster: "adjust" (its distance from the mean of all clusters counts: errs
                    on the safe side; default), "remove" (adds nothing), "fail" (refused). As R's survey package does.
    ``incomplete``  a unit without answers of one of the groups of an item: "unknown" (its share over all groups is
                    unknown; default) or "rescale" (over the groups that answered).
    """

    groups: Literal["apart", "together"] = "apart"
    lonely: Literal["adjust", "remove", "fail"] = "adjust"
    incomplete: Literal["unknown", "rescale"] = "unknown"

    def __post_init__(self) -> None:
        for name, allowed in (
            ("groups", ("apart", "together")),
            ("lonely", variance.LONELY),
            ("incomplete", ("unknown", "rescale")),
        ):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is one of {allowed}, not {getattr(self, name)!r}")

    @property
    def strata(self) -> tuple[str, ...]:
        """The columns that make a stratum: strata are drawn within units, and within groups sampled on their own."""
        return ("unit", "group", "stratum") if self.groups == "apart" else ("unit", "stratum")


@dataclass(frozen=True)
class Sample:
    """A survey under a design: the tables that shares and errors are computed from, each computed once.

    ``asked`` has one question for each item. ``units`` are the units to report on (None: all that occur).
    ``together`` puts all units in one cell, each unit a stratum of the whole.
    """

    survey: Survey
    asked: Mapping[str, Question]
    design: Design
    units: tuple[str, ...] | None
    no_answer: tuple[int, ...]
    together: bool = False

    @property
    def cell(self) -> tuple[str, ...]:
        """The columns of one estimate of a group."""
        return ("group", "item") if self.together else ("unit", "group", "item")

    @cached_property
    def classified(self) -> Table:
        """The counted answers with their ``score`` and ``fate``: "used", or why they are left out."""
        return self.classify(self.survey.counts)

    def classify(self, answers: Table) -> Table:
        """``answers`` with their ``score`` on the scale and their ``fate``."""
        score = score_of(self.asked.values(), answers["item"], answers["answer"])
        unknown_unit = answers["unit"] == "" if self.units is None else ~answers["unit"].isin(self.units)
        fate = ibis.cases(
            (unknown_unit, "unknown_unit"),
            (~answers["item"].isin(list(self.asked)), "unknown_item"),
            (~asked_of(self.asked.values(), answers["item"], answers["group"]), "not_asked"),
            (empty(answers["answer"]) | answers["answer"].isin(list(self.no_answer)), "no_answer"),
            (empty(score), "off_scale"),
            else_="used",
        )
        return answers.mutate(score=score, fate=fate)

    @cached_property
    def used(self) -> Table:
        """The counted answers that count: asked, on the scale and of a positive weight."""
        return self.classified.filter((self.classified["fate"] == "used") & (self.classified["weighted"] > 0))

    @cached_property
    def means(self) -> Table:
        """The weighted mean score (``share``) and the ``weight_sum`` of each cell."""
        sums = self.used.group_by(list(self.cell)).agg(
            weight_sum=self.used["weight"].sum(), score_sum=(self.used["weight"] * self.used["score"]).sum()
        )
        return keep(sums.mutate(share=sums["score_sum"] / sums["weight_sum"]))

    @cached_property
    def clusters(self) -> Table:
        """What each cluster contributes to each cell."""
        return keep(variance.contributions(self.used, self.means, self.cell, self.design.strata))

    @cached_property
    def sizes(self) -> Table:
        """The clusters of each stratum in the sample, whether they answered an item or not."""
        strata = list(self.design.strata)
        counts = self.survey.counts
        named = counts.filter(given(counts["cluster"])).select(*strata, "cluster").distinct()
        sizes = named.group_by(strata).agg(clusters_in_sample=named.count())
        if self.survey.alone:
            rows = self.survey.rows
            alone = rows.filter(empty(rows["cluster"]))
            single = alone.group_by(strata).agg(clusters_in_sample=alone["respondent"].nunique())
            both = ibis.union(sizes, single)
            sizes = both.group_by(strata).agg(clusters_in_sample=both["clusters_in_sample"].sum())
        return keep(sizes)

    @cached_property
    def group_weights(self) -> Table:
        """The ``part`` of each group in the share over all groups; the parts of those that answered add to 1."""
        stated = self.means.mutate(part=part_of(self.asked.values(), self.means["item"], self.means["group"]))
        keys = [name for name in self.cell if name != "group"]
        whole = stated.group_by(keys).agg(answering=stated["part"].sum())
        joined = stated.join(whole, keys)
        some = joined["answering"] > 0
        return joined.select(*self.cell, part=some.ifelse(joined["part"] / some.ifelse(joined["answering"], 1.0), 0.0))

    def refuse_lonely(self) -> None:
        """Raises ``DataError`` naming every stratum with one single cluster, where the design says so."""
        if self.design.lonely != "fail":
            return
        strata = list(self.design.strata)
        used = self.used.select(*strata).distinct()
        single = self.sizes.filter(self.sizes["clusters_in_sample"] == 1).join(used, strata)
        found = fetch(single).sort_values(strata)
        problems = [
            Problem(
                "the stratum has one single cluster, so its error cannot be computed: {place}",
                file=self.survey.name,
                column="cluster",
                place=place,
            )
            for place in (", ".join(map(str, row)) for row in found[strata].itertuples(index=False))
        ]
        if len(problems) > _LISTED:
            more = len(problems) - _LISTED
            problems = [*problems[:_LISTED], Problem("{more} more strata like this", more=more)]
        if problems:
            raise DataError(problems)


def score_of(asked: Iterable[Question], item: Column, answer: Column) -> Column:
    """What an answer earns on the scale of its item; nothing where it is not on the scale."""
    by_scale: dict[tuple[tuple[int, float], ...], list[str]] = {}
    for question in asked:
        by_scale.setdefault(tuple(sorted(question.scale.items())), []).append(question.item)
    branches = []
    for scale, items in by_scale.items():
        codes: dict[float, list[int]] = {}
        for code, share in scale:
            codes.setdefault(float(share), []).append(code)
        branches += [(item.isin(items) & answer.isin(same), _double(share)) for share, same in codes.items()]
    return ibis.cases(*branches, else_=ibis.null("float64"))


def asked_of(asked: Iterable[Question], item: Column, group: Column) -> Column:
    """Whether an item is asked of a group."""
    found = ibis.literal(False)
    for groups, items in _grouped((question.groups, question.item) for question in asked).items():
        found |= item.isin(items) & group.isin(list(groups))
    return found


def part_of(asked: Iterable[Question], item: Column, group: Column) -> Column:
    """The part that a group has in the share of an item over all its groups."""
    parts = _grouped((tuple(question.group_shares().items()), question.item) for question in asked)
    branches = [
        (item.isin(items) & (group == name), _double(part)) for shares, items in parts.items() for name, part in shares
    ]
    return ibis.cases(*branches, else_=_double(0.0))


def _grouped(pairs: Iterable[tuple[K, str]]) -> dict[K, list[str]]:
    found: dict[K, list[str]] = {}
    for key, item in pairs:
        found.setdefault(key, []).append(item)
    return found


def _double(number: float) -> Column:
    """A literal as a double on every engine: a plain 0.8 in SQL is a decimal, of few digits."""
    return ibis.literal(repr(float(number))).cast("float64")
