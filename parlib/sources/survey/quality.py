"""Checks of survey answers: what does not belong in the file, and answers that nobody gave with care."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import ibis
import pandas as pd

from parlib.errors import Problem
from parlib.sources.survey.reading import Table, empty, fetch, given, keep, lookup
from parlib.sources.survey.tabulate import Sample, Tabulation, require_sample
from parlib.words import Message

# --- quality words --------------------------------------------------------------------------------
# The checks of survey answers in the order they are run, and what each says.


@dataclass(frozen=True, slots=True)
class Check:
    """A check: its title, the column it looks at, and the sentence for one finding (its fields in braces)."""

    title: Message
    column: str
    finding: Message


CHECKS: Mapping[str, Check] = {
    "missing_respondent": Check(
        Message("Missing respondent"),
        "respondent",
        Message("unit {unit}, group {group}: {n} answers have no respondent"),
    ),
    "unknown_unit": Check(
        Message("Unknown unit"), "unit", Message("{n} answers are about a unit that is not in the list of the round")
    ),
    "unknown_item": Check(
        Message("Unknown item"),
        "item",
        Message("unit {unit}, group {group}: {n} answers to an item that is not in the questionnaire"),
    ),
    "not_asked": Check(
        Message("Group not asked"),
        "group",
        Message("unit {unit}, item {item}: {n} answers of a group that is not asked this item"),
    ),
    "off_scale": Check(
        Message("Answer off the scale"),
        "answer",
        Message("unit {unit}, group {group}, item {item}: {n} answers have a code that is not on the scale"),
    ),
    "bad_weight": Check(
        Message("Missing or non-positive weight"),
        "weight",
        Message("unit {unit}, group {group}: {n} answers have no weight or one that is not above 0, and are left out"),
    ),
    "missing_stratum": Check(
        Message("Missing stratum"),
        "stratum",
        Message("unit {unit}, group {group}: {n} answers have no stratum, and are taken as a stratum of their own"),
    ),
    "few_answers": Check(
        Message("Too few answers"),
        "answer",
        Message("unit {unit}, group {group}, item {item}: only {n} answers, at least {fewest_answers} are needed"),
    ),
    "lonely_stratum": Check(
        Message("Stratum of one cluster"),
        "cluster",
        Message("unit {unit}, group {group}, stratum {stratum!r}: one single cluster, which says nothing of the error"),
    ),
    "shared_cluster": Check(
        Message("Cluster of several groups"),
        "cluster",
        Message(
            "unit {unit}, stratum {stratum!r}, cluster {cluster}: holds {n} groups; if the "
            'groups were sampled together, state the design groups="together"'
        ),
    ),
    "same_answers": Check(
        Message("Straight-lining"),
        "answer",
        Message("unit {unit}, group {group}, respondent {respondent}: all {n} answers are the same"),
    ),
    "repeated_answer": Check(
        Message("Item answered twice"),
        "item",
        Message("unit {unit}, group {group}, respondent {respondent}: item {item} is answered {n} times"),
    ),
    "same_forms": Check(
        Message("Identical forms in one cluster"),
        "respondent",
        Message(
            "unit {unit}, group {group}, cluster {cluster!r}: {n} forms are the same in every item "
            "(such as {respondent})"
        ),
    ),
    "contradictory": Check(
        Message("Contradictory respondent"),
        "respondent",
        Message("unit {unit}, respondent {respondent}: one respondent with two groups, strata, clusters or weights"),
    ),
    "impossible_date": Check(
        Message("Date outside the fieldwork"),
        "date",
        Message(
            "unit {unit}, group {group}, respondent {respondent}: the day is "
            "outside the fieldwork ({first_day} to {last_day})"
        ),
    ),
    "impossible_duration": Check(
        Message("Impossible duration"),
        "duration",
        Message(
            "unit {unit}, group {group}, respondent {respondent}: a duration (seconds) that cannot be, at least "
            "{shortest:g} is needed"
        ),
    ),
}


COLUMNS = ("check", "unit", "group", "item", "respondent", "stratum", "cluster", "value", "n")
_TEXT = COLUMNS[1:8]
_WORD = 10  # items in one whole number: 4 bits each leave room for millions of repetitions


@dataclass(frozen=True, slots=True)
class Limits:
    """Where the checks draw their lines.

    ``same_answers``     a form of at least so many answers that are all the same is straight-lining.
    ``same_forms``       forms of at least so many answers, equal in all of them within one cluster, are copies.
    ``fewest_answers``   a unit and group with fewer answers to an item are reported.
    ``first_day``, ``last_day``  the fieldwork; None leaves that side open.
    ``shortest``         seconds under which nobody can fill in the form.
    ``listed``           findings listed for each check; all are counted.
    """

    same_answers: int = 10
    same_forms: int = 10
    fewest_answers: int = 30
    first_day: datetime.date | None = None
    last_day: datetime.date | None = None
    shortest: float = 0.0
    listed: int = 1000


@dataclass(frozen=True)
class Quality:
    """What the checks found.

    ``findings``  check, unit, group, item, respondent, stratum, cluster, value, n: one row for each thing found (``n``
                  rows, answers or forms it concerns), at most ``Limits.listed`` for each check.
    ``summary``   check, found, listed: one row for each check, those that found nothing too.
    """

    findings: pd.DataFrame
    summary: pd.DataFrame
    limits: Limits = field(default_factory=Limits)
    file: str = ""

    def problems(self) -> tuple[Problem, ...]:
        """The findings in words."""
        settings = {name: getattr(self.limits, name) for name in Limits.__slots__}
        faults = [self._problem(row, settings) for row in self.findings.to_dict("records")]
        for check, count, listed in self.summary.itertuples(index=False):
            if count > listed:
                more = {"what": CHECKS[check].title, "count": count - listed}
                faults.append(Problem("{what}: {count} more cases", file=self.file, **more))
        return tuple(faults)

    def _problem(self, row: Mapping[Hashable, object], settings: Mapping[str, object]) -> Problem:
        check = CHECKS[str(row["check"])]
        value = row["value"] if row["value"] == row["value"] else None  # NaN: nothing to quote
        parts = {**settings, **{str(name): cell for name, cell in row.items()}}
        return Problem(check.finding.filled(**parts), file=self.file, column=check.column, value=value)


def quality(tabulation: Tabulation, limits: Limits | None = None) -> Quality:
    """Checks the answers behind ``tabulation``, on the engine that holds them."""
    checking = _Checking(require_sample(tabulation), tabulation, limits or Limits())
    findings: list[pd.DataFrame] = []
    summary: list[tuple[str, int, int]] = []
    for check in CHECKS:
        result, count = checking.run(check)
        findings.append(result)
        summary.append((check, count, len(result)))
    filled = [frame for frame in findings if len(frame)] or [_tidy(pd.DataFrame(), "")]
    return Quality(
        findings=pd.concat(filled, ignore_index=True),
        summary=pd.DataFrame(summary, columns=["check", "found", "listed"]),
        limits=checking.limits,
        file=checking.sample.survey.name,
    )


def _tidy(frame: pd.DataFrame, check: str) -> pd.DataFrame:
    tidy = frame.reindex(columns=list(COLUMNS)).assign(check=check)
    for name in _TEXT:
        text = tidy[name].astype(object)
        tidy[name] = text.astype("str") if name == "value" else text.where(text.notna(), "").astype("str")
    return tidy.assign(check=tidy["check"].astype("str"), n=tidy["n"].astype("Int64"))


@dataclass(frozen=True)
class _Checking:
    sample: Sample
    tabulation: Tabulation
    limits: Limits

    def run(self, check: str) -> tuple[pd.DataFrame, int]:
        """The first findings of a check, in order, and how many there are."""
        method: Callable[[], Table | pd.DataFrame | None] = getattr(self, check)
        result = method()
        if result is None:
            return _tidy(pd.DataFrame(), check), 0
        if isinstance(result, pd.DataFrame):
            return _tidy(result.head(self.limits.listed), check), len(result)
        order = [name for name in COLUMNS if name in result.columns]
        frame = fetch(result.order_by([result[name].asc(nulls_first=True) for name in order]).limit(self.limits.listed))
        count = len(frame)
        if count == self.limits.listed:
            count = int(fetch(result.aggregate(found=result.count()))["found"].iloc[0])
        return _tidy(frame, check), count

    # -- what does not belong in the file: read off the counts --------------------------------------------------------

    def _counted(self, fate: str, *keys: str, value: str) -> Table:
        table = self.sample.classified
        some = table.filter(table["fate"] == fate)
        return some.group_by([*keys, value]).agg(n=some["n"].sum()).rename(value=value)

    def unknown_unit(self) -> Table:
        return self._counted("unknown_unit", value="unit")

    def unknown_item(self) -> Table:
        return self._counted("unknown_item", "unit", "group", value="item")

    def not_asked(self) -> Table:
        return self._counted("not_asked", "unit", "item", value="group")

    def off_scale(self) -> Table:
        table = self._counted("off_scale", "unit", "group", "item", value="answer")
        return table.mutate(value=table["value"].cast("string"))

    def bad_weight(self) -> Table:
        table = self.sample.survey.counts
        some = table.filter(table["n"] > table["weighted"])
        return some.group_by(["unit", "group"]).agg(n=(some["n"] - some["weighted"]).sum())

    def missing_stratum(self) -> Table | None:
        if not self.sample.survey.has("stratum"):
            return None
        table = self.sample.survey.counts
        some = table.filter(table["stratum"] == "")
        return some.group_by(["unit", "group"]).agg(n=some["n"].sum())

    def few_answers(self) -> pd.DataFrame:
        groups = self.tabulation.groups
        few = groups[groups["n"] < self.limits.fewest_answers]
        return few[["unit", "group", "item", "n"]]

    def lonely_stratum(self) -> Table:
        sizes = self.sample.sizes.filter(self.sample.sizes["clusters_in_sample"] <= 1)
        return sizes.select(*self.sample.design.strata, n=sizes["clusters_in_sample"].cast("int64"))

    def shared_cluster(self) -> Table | None:
        if self.sample.design.groups == "together":
            return None
        table = self.sample.survey.counts
        named = table.filter(given(table["cluster"]))
        shared = named.group_by(["unit", "stratum", "cluster"]).agg(n=named["group"].nunique())
        return shared.filter(shared["n"] > 1)

    # -- what the respondents did: one row for each of them -----------------------------------------------------------

    @cached_property
    def people(self) -> Table:
        """One row for each respondent: how many answers, how different, their form as numbers, dates, and who it is."""
        rows = self.sample.survey.rows
        rows = rows.filter(given(rows["respondent"]) & (rows["respondent"] != ""))
        answered = given(rows["answer"]) & ~rows["answer"].isin(list(self.sample.no_answer))
        rows = rows.mutate(given=answered.ifelse(rows["answer"], ibis.null("float64")))
        coded = rows.left_join(self._codes, rows["item"] == self._codes["code_item"])
        digit = (coded["given"].clip(-1, 13) + 2).cast("int64").fill_null(0)
        words = {}
        for word in range(self._words):
            place = (coded["word"] == word).ifelse(coded["place"], 0).fill_null(0)
            words[f"times_{word}"] = place.sum().cast("int64")
            words[f"rows_{word}"] = (coded["word"] == word).fill_null(False).cast("int64").sum()
            words[f"form_{word}"] = (place * digit).sum().cast("int64")
        who = {}
        for name in ("group", "stratum", "cluster", "weight"):
            who[name] = coded[name].min()
            who[f"{name}_last"] = coded[name].max()
        return keep(
            coded.group_by(["unit", "respondent"]).agg(
                n=coded.count(),
                answered=coded["given"].count(),
                lowest=coded["given"].min(),
                highest=coded["given"].max(),
                first=coded["date"].min(),
                last=coded["date"].max(),
                shortest=coded["duration"].min(),
                **who,
                **words,
            )
        )

    @cached_property
    def _codes(self) -> Table:
        """Where each item stands in the numbers that hold a form: 16^place of its word."""
        items = list(self.sample.asked)
        places = [
            {"code_item": item, "word": number // _WORD, "place": 16 ** (number % _WORD)}
            for number, item in enumerate(items)
        ]
        return lookup(self.sample.survey.connection, pd.DataFrame(places).astype({"code_item": "str"}))

    @property
    def _words(self) -> int:
        return -(-len(self.sample.asked) // _WORD)

    def missing_respondent(self) -> Table:
        rows = self.sample.survey.rows
        some = rows.filter(empty(rows["respondent"]) | (rows["respondent"] == ""))
        return some.group_by(["unit", "group"]).agg(n=some.count())

    def same_answers(self) -> Table:
        people = self.people
        some = people.filter((people["answered"] >= self.limits.same_answers) & (people["lowest"] == people["highest"]))
        return some.select("unit", "group", "respondent", "cluster", value=some["lowest"].cast("string"), n="answered")

    def repeated_answer(self) -> Table:
        """Respondents who answered an item twice.

        The sum of 16^place over the answers of a form has a digit above 1 where an item occurs twice; with at most 15
        answers in a word no digit overflows, and with more than ten there must be a repetition.
        """
        people = self.people
        twice = ibis.literal(False)
        for word in range(self._words):
            many = people[f"rows_{word}"] > _WORD
            # a digit of 2 to 15 holds one of the bits 2, 4 and 8
            twice |= many | ((people[f"times_{word}"] & int("E" * _WORD, 16)) != 0)
        suspects = people.filter(twice).select("unit", "respondent")
        rows = self.sample.survey.rows.semi_join(suspects, ["unit", "respondent"])
        repeated = rows.group_by(["unit", "group", "item", "respondent"]).agg(n=rows.count())
        return repeated.filter(repeated["n"] > 1)

    def same_forms(self) -> Table:
        people = self.people
        form = [f"form_{word}" for word in range(self._words)]
        # forms of one single answer are equal by nature: they are reported as such, not as copies
        some = people.filter((people["answered"] >= self.limits.same_forms) & (people["lowest"] < people["highest"]))
        copies = some.group_by(["unit", "group", "stratum", "cluster", *form]).agg(
            n=some.count(), respondent=some["respondent"].min()
        )
        return copies.filter(copies["n"] > 1).drop(*form)

    def contradictory(self) -> Table:
        """Respondents who stand in two groups, strata or clusters, or with two weights."""
        people = self.people
        results = [
            people.filter(people[name] != people[f"{name}_last"]).select(
                "unit",
                "group",
                "respondent",
                value=ibis.literal(f"{name}: ")
                + people[name].cast("string")
                + " / "
                + people[f"{name}_last"].cast("string"),
                n="n",
            )
            for name in ("group", "stratum", "cluster", "weight")
        ]
        return ibis.union(*results)

    def impossible_date(self) -> Table | None:
        first, last = self.limits.first_day, self.limits.last_day
        if not self.sample.survey.has("date") or (first is None and last is None):
            return None
        people = self.people
        before = people["first"] < ibis.literal(first or datetime.date.min)
        after = people["last"] > ibis.literal(last or datetime.date.max)
        some = people.filter(before | after)
        day = before.ifelse(people["first"], people["last"])
        return some.select("unit", "group", "respondent", value=day.cast("string"), n="n")

    def impossible_duration(self) -> Table | None:
        if not self.sample.survey.has("duration"):
            return None
        people = self.people
        some = people.filter((people["shortest"] <= 0) | (people["shortest"] < self.limits.shortest))
        return some.select("unit", "group", "respondent", value=some["shortest"].cast("string"), n="n")
