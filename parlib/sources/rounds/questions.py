"""``questions.csv``: questions and proposals of units and the department's replies; rows are only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from parlib.errors import DataError, Problem
from parlib.sources.rounds import ledger
from parlib.sources.rounds.plan import Rulebook
from parlib.sources.rounds.texts import VIET_NAM, cell_text, parse_time, times
from parlib.words import Message, near

QUESTIONS = "questions.csv"
COLUMNS = ("id", "unit", "code", "question", "asked_at", "reply", "replied_at", "by")


def read_questions(folder: Path, book: Rulebook) -> pd.DataFrame:
    """One row for each question: ``id``, ``unit``, ``code`` ("" = none in particular), ``question``, ``asked_at``,
    ``by``, ``reply`` ("" = none yet), ``replied_at``, ``replied_by``. Of several replies the last counts."""
    path = folder / QUESTIONS
    texts = (
        ledger.read_texts(path, COLUMNS).frame if path.is_file() else pd.DataFrame(columns=list(COLUMNS), dtype="str")
    )
    problems = list(_problems(texts, book))
    if problems:
        raise DataError(problem.at(file=QUESTIONS) for problem in problems)
    asked = texts[texts["question"] != ""].drop(columns=["reply", "replied_at"])
    replies = texts[texts["reply"] != ""].drop_duplicates("id", keep="last")
    replies = replies[["id", "reply", "replied_at", "by"]].rename(columns={"by": "replied_by"})
    table = asked.merge(replies, on="id", how="left").fillna({"reply": "", "replied_at": "", "replied_by": ""})
    for name in ("asked_at", "replied_at"):
        table[name] = times(table[name]).dt.tz_convert(VIET_NAM)
    columns = ["id", "unit", "code", "question", "asked_at", "by", "reply", "replied_at", "replied_by"]
    return table[columns].reset_index(drop=True)


def _problems(texts: pd.DataFrame, book: Rulebook) -> list[Problem]:
    found = []
    asked: set[str] = set()
    nodes = {node.code for node in book.scheme.nodes}
    for row, line in enumerate(texts.to_dict("records"), start=2):
        if line["unit"] not in book.units:
            found.append(_flaw(row, "unit", line["unit"], Message("no such unit"), list(book.units)))
        if line["code"] and line["code"] not in nodes:
            found.append(_flaw(row, "code", line["code"], Message("no such code"), list(nodes)))
        for column in ("asked_at", "replied_at"):
            told = line[column]
            if told and parse_time(told) is None:
                found.append(_flaw(row, column, told, Message("not a date and time")))
        if line["question"] and line["id"] in asked:
            found.append(_flaw(row, "id", line["id"], Message("the id of a question is given twice")))
        if line["reply"] and not line["question"] and line["id"] not in asked:
            found.append(_flaw(row, "id", line["id"], Message("a reply to no question")))
        if not line["question"] and not line["reply"]:
            found.append(_flaw(row, "question", "", Message("neither question nor reply")))
        if line["question"]:
            asked.add(line["id"])
    return found


def _flaw(row: int, column: str, value: str, message: Message, names: Sequence[str] = ()) -> Problem:
    return Problem("{what}{near}", row=row, column=column, value=value, what=message, near=near(value, names))


def add_question(folder: Path, book: Rulebook, unit: str, question: str, code: str, by: str, at: str) -> str:
    """Write down a question or proposal of a unit; gives its id. The caller holds the lock."""
    known = read_questions(folder, book)
    identity = str(len(known) + 1)
    _add(folder, book, [identity, unit, code, question, at, "", "", by])
    return identity


def add_reply(folder: Path, book: Rulebook, identity: str, reply: str, by: str, at: str) -> None:
    """Write down a reply. The caller holds the lock."""
    known = read_questions(folder, book).set_index("id")
    if identity not in known.index:
        raise DataError(_flaw(0, "id", identity, Message("no such question")).at(row=None))
    _add(folder, book, [identity, known["unit"][identity], known["code"][identity], "", "", reply, at, by])


def _add(folder: Path, book: Rulebook, cells: list[str]) -> None:
    row = pd.DataFrame([[cell_text(cell) for cell in cells]], columns=list(COLUMNS), dtype="str")
    if not row["question"].iloc[0] and not row["reply"].iloc[0]:
        raise DataError(Problem("nothing is said", column="question"))
    own = row.assign(question=row["question"] + row["reply"], reply="")  # a reply is checked as what it answers was
    problems = [problem.at(row=None) for problem in _problems(own, book)]
    if problems:
        raise DataError(problems)
    path = folder / QUESTIONS
    ledger.add_lines(path, ledger.csv_lines(row, COLUMNS, header=not path.exists()))
