"""How good the survey of a round is: who answered, what the checks of the answers found, who asked. For those who run
the survey: no number of it enters a published report, and no respondent is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from parlib.errors import DataError
from parlib.report import blocks
from parlib.scoring import units
from parlib.sources import rounds
from parlib.sources.questions import group_names
from parlib.sources.rounds import Round
from parlib.sources.rounds.exported import Fieldwork, fieldwork
from parlib.sources.survey.quality import CHECKS
from parlib.tables import records
from parlib.words import Message

Row = dict[str, str | blocks.Number]

_INTERVIEWERS = {
    "forms": Message("Forms"),
    "alike": Message("Forms with all answers alike"),
    "minutes": Message("Median minutes a form"),
}


def quality_blocks(opened: Round, language: str) -> Iterator[blocks.Block]:
    """The quality of the survey of a round, block by block. Raises ``DataError`` where it has none."""
    found = fieldwork(opened)
    if found is None:
        raise DataError("the round has no survey yet; to take one in: parlib survey import", file=opened.plan.id)
    wording = blocks.Wording(language)
    names = {unit: units.name(unit, language, system=opened.plan.system) for unit in opened.book.units}
    marks = [rounds.MARK_WORDS[mark].text(language) for mark in opened.marks]
    internal = Message("For those who run the survey; not a published result").text(language)
    title = Message("Quality of the survey").text(language)
    yield blocks.Title(title, opened.plan.title or opened.plan.id, marks=(*marks, internal), contents=False)
    told = _Told(found, names, wording, partial(blocks.Ref, "survey", opened.plan.year, opened.plan.level))
    parts = (
        (Message("What the checks found"), "checks", told.checks(), None),
        (Message("Respondents by unit and group"), "response", told.response(), told.thin()),
        (Message("Cases by unit"), "cases", told.cases(), told.many()),
        (Message("Interviewers"), "interviewers", told.interviewers(), None),
    )
    for head, anchor, table, note in parts:
        if table is not None:
            yield blocks.section(head.text(language), anchor, table, note)


@dataclass(frozen=True)
class _Told:
    """The tables of the report. Each number names what it counts: the unit, and what (``ref``)."""

    found: Fieldwork
    names: Mapping[str, str]
    wording: blocks.Wording
    about: Callable[..., blocks.Ref]

    def ref(self, unit: str, what: str) -> blocks.Ref:
        return self.about(unit, "", what)

    def says(self, words: Message) -> str:
        return words.text(self.wording.language)

    def table(
        self, name: str, heads: Sequence[tuple[str, str, str]], rows: Sequence[Row], caption: Message
    ) -> blocks.Table | None:
        columns = tuple(blocks.Column(key, title, kind, decimals=int(kind == "number")) for key, title, kind in heads)
        return blocks.Table(columns, tuple(map(dict, rows)), self.says(caption), name=name) if rows else None

    def checks(self) -> blocks.Table | None:
        heads = [("check", self.says(Message("Check")), "text"), ("n", self.says(Message("Cases")), "integer")]
        rows: list[Row] = [
            {
                "check": self.says(CHECKS[row.check].title),
                "n": self.wording.count(row.found, self.ref("", f"check:{row.check}")),
            }
            for row in records(self.found.quality.summary)
        ]
        return self.table("checks", heads, rows, Message("Cases that each check of the answers found"))

    def response(self) -> blocks.Table | None:
        asked = {(row.unit, row.group): row for row in records(self.found.response)}
        groups = list(dict.fromkeys(str(group) for _, group in sorted(asked)))
        called = group_names(self.wording.language)
        heads = [("unit", blocks.capital(self.says(Message("unit"))), "text")]
        heads += [(f"g_{group}", called.get(group, group), "integer") for group in groups]
        heads.append(("empty", self.says(Message("Not answered, %")), "number"))
        rows: list[Row] = []
        for unit, name in self.names.items():
            of = {group: asked[unit, group] for group in groups if (unit, group) in asked}
            row: Row = {"unit": name}
            for group, one in of.items():
                row[f"g_{group}"] = self.wording.count(one.respondents, self.ref(unit, f"group:{group}"))
            if of:
                empty, answers = (sum(getattr(one, column) for one in of.values()) for column in ("empty", "answers"))
                share = 100 * empty / answers
                row["empty"] = self.wording.number(share, 1, self.ref(unit, "empty"), made="share")
            rows.append(row)
        return self.table("response", heads, rows, Message("Respondents by unit and group"))

    def thin(self) -> blocks.Paragraph:
        few = dict(zip(self.found.quality.summary["check"], self.found.quality.summary["found"], strict=True))
        parts = self.wording.phrase(
            "Items of a group with fewer than {limit} answers: {few}.",
            limit=str(self.found.quality.limits.fewest_answers),
            few=self.wording.count(few["few_answers"], self.ref("", "check:few_answers")),
        )
        return blocks.Paragraph(parts)

    @property
    def too_many(self) -> list[str]:
        """The checks that found more cases than are told apart by unit."""
        return [str(row.check) for row in records(self.found.quality.summary) if row.found > row.listed]

    def cases(self) -> blocks.Table | None:
        n = Counter((str(row.unit), str(row.check)) for row in records(self.found.quality.findings))
        checks = [check for check in CHECKS if any(check == one for _, one in n) and check not in self.too_many]
        heads = [("unit", blocks.capital(self.says(Message("unit"))), "text")]
        heads += [(check, self.says(CHECKS[check].title), "integer") for check in checks]
        there = {unit for unit, check in n if check in checks}
        units_ = [*(unit for unit in self.names if unit in there), *sorted(there - set(self.names))]
        rows: list[Row] = [
            {"unit": self.names.get(unit, unit or "–")}
            | {check: self.wording.count(n[unit, check], self.ref(unit, f"cases:{check}")) for check in checks}
            for unit in units_
        ]
        return self.table("cases", heads, rows, Message("Cases that the checks found, by unit"))

    def many(self) -> blocks.Note | None:
        listed = ", ".join(self.says(CHECKS[check].title) for check in self.too_many)
        words = Message("Too many cases to be told by unit: {checks}.", {"checks": listed})
        return blocks.Note(self.says(words)) if listed else None

    def interviewers(self) -> blocks.Table | None:
        heads = [("interviewer", blocks.capital(self.says(Message("interviewer"))), "text")]
        heads += [
            (key, self.says(word), "number" if key == "minutes" else "integer") for key, word in _INTERVIEWERS.items()
        ]
        rows: list[Row] = []
        for row in records(self.found.interviewers):
            cells: Row = {"interviewer": row.interviewer}
            for key, value in (("forms", row.forms), ("alike", row.alike), ("minutes", row.seconds / 60)):
                if not pd.isna(value):
                    cells[key] = self.wording.number(
                        value, int(key == "minutes"), self.ref("", f"{key}:{row.interviewer}")
                    )
            rows.append(cells)
        return self.table("interviewers", heads, rows, Message("What each interviewer handed in"))
