"""How good the survey of a round is: who answered, what the checks of the answers found, who asked. For those who run
the survey: no number of it enters a published report, and no respondent is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from parlib.errors import DataError
from parlib.report.blocks import Block, Column, Note, Number, Table, Title, Wording, capital, section
from parlib.scoring import units
from parlib.sources import rounds
from parlib.sources.questions import group_names
from parlib.sources.rounds import Round
from parlib.sources.rounds.exported import Fieldwork, fieldwork
from parlib.sources.survey.quality import CHECKS
from parlib.tables import records
from parlib.words import Message

_INTERVIEWERS = {
    "forms": Message("Forms"),
    "alike": Message("Forms with all answers alike"),
    "minutes": Message("Median minutes a form"),
}


def quality_blocks(opened: Round, language: str) -> Iterator[Block]:
    """The quality of the survey of a round, block by block. Raises ``DataError`` where it has none."""
    found = fieldwork(opened)
    if found is None:
        raise DataError("the round has no survey yet; to take one in: parlib survey import", file=opened.plan.id)
    wording = Wording(language)
    names = {unit: units.name(unit, language, system=opened.plan.system) for unit in opened.book.units}
    marks = [rounds.MARK_WORDS[mark].text(language) for mark in opened.marks]
    internal = Message("For those who run the survey; not a published result").text(language)
    title = Message("Quality of the survey").text(language)
    yield Title(title, opened.plan.title or opened.plan.id, marks=(*marks, internal), contents=False)
    parts = (
        (Message("What the checks found"), "checks", _checks(found, language, wording), None),
        (
            Message("Respondents by unit and group"),
            "response",
            _response(found, names, language, wording),
            _thin(found, wording),
        ),
        (Message("Cases by unit"), "cases", _cases(found, names, language, wording), None),
        (Message("Interviewers"), "interviewers", _interviewers(found, language, wording), None),
    )
    for head, anchor, table, note in parts:
        if table is not None:
            notes = (Note(note.text(language)),) if note else ()
            yield section(head.text(language), anchor, table, notes)


def _table(
    name: str,
    heads: Sequence[tuple[str, str, str]],
    rows: Sequence[Mapping[str, str | Number]],
    caption: Message,
    language: str,
) -> Table | None:
    columns = tuple(Column(key, title, kind, decimals=int(kind == "number")) for key, title, kind in heads)
    return Table(columns, tuple(map(dict, rows)), caption.text(language), name=name) if rows else None


def _checks(found: Fieldwork, language: str, wording: Wording) -> Table | None:
    heads = [("check", Message("Check").text(language), "text"), ("n", Message("Cases").text(language), "integer")]
    rows: list[dict[str, str | Number]] = [
        {"check": CHECKS[row.check].title.text(language), "n": wording.count(row.found)}
        for row in records(found.quality.summary)
    ]
    return _table("checks", heads, rows, Message("Cases that each check of the answers found"), language)


def _response(found: Fieldwork, names: Mapping[str, str], language: str, wording: Wording) -> Table | None:
    asked = {(row.unit, row.group): row for row in records(found.response)}
    groups = list(dict.fromkeys(str(group) for _, group in sorted(asked)))
    called = group_names(language)
    heads = [("unit", capital(Message("unit").text(language)), "text")]
    heads += [(f"g_{group}", called.get(group, group), "integer") for group in groups]
    heads.append(("empty", Message("Not answered, %").text(language), "number"))
    rows = []
    for unit, name in names.items():
        of = [(group, asked[unit, group]) for group in groups if (unit, group) in asked]
        row: dict[str, str | Number] = {"unit": name} | {
            f"g_{group}": wording.count(one.respondents) for group, one in of
        }
        if of:
            empty, answers = (sum(getattr(one, column) for _, one in of) for column in ("empty", "answers"))
            row["empty"] = wording.number(100 * empty / answers, 1, made="share")
        rows.append(row)
    return _table("response", heads, rows, Message("Respondents by unit and group"), language)


def _thin(found: Fieldwork, wording: Wording) -> Message:
    few = dict(zip(found.quality.summary["check"], found.quality.summary["found"], strict=True))["few_answers"]
    limit = found.quality.limits.fewest_answers
    return Message(
        "Items of a group with fewer than {limit} answers: {few}.", {"limit": limit, "few": wording.count(few).text}
    )


def _cases(found: Fieldwork, names: Mapping[str, str], language: str, wording: Wording) -> Table | None:
    n = Counter((str(row.unit), str(row.check)) for row in records(found.quality.findings))
    checks = [check for check in CHECKS if any(check == one for _, one in n)]
    heads = [("unit", capital(Message("unit").text(language)), "text")]
    heads += [(check, CHECKS[check].title.text(language), "integer") for check in checks]
    there = {unit for unit, _ in n}
    rows = [
        {"unit": names.get(unit, unit or "–")} | {check: wording.count(n[unit, check]) for check in checks}
        for unit in [*(unit for unit in names if unit in there), *sorted(there - set(names))]
    ]
    return _table("cases", heads, rows, Message("Cases that the checks found, by unit"), language)


def _interviewers(found: Fieldwork, language: str, wording: Wording) -> Table | None:
    heads = [("interviewer", capital(Message("interviewer").text(language)), "text")]
    heads += [
        (key, word.text(language), "number" if key == "minutes" else "integer") for key, word in _INTERVIEWERS.items()
    ]
    rows = []
    for row in records(found.interviewers):
        cells: dict[str, str | Number] = {"interviewer": row.interviewer, "forms": wording.count(row.forms)}
        cells["alike"] = wording.count(row.alike)
        if not pd.isna(row.seconds):
            cells["minutes"] = wording.number(row.seconds / 60, 1)
        rows.append(cells)
    return _table("interviewers", heads, rows, Message("What each interviewer handed in"), language)
