"""Which rows a ledger takes: every rule on them, all problems at once, each with its file, row, column and value."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.errors import Problem
from parlib.numerals import as_number, number, written
from parlib.scoring.answers import Answer, answer_text, parse_answer, read_answers
from parlib.scoring.rules import Choice, Kind
from parlib.scoring.scheme import Node
from parlib.sources.rounds.plan import Origin, Rulebook, places
from parlib.sources.rounds.texts import DECIDING, STAGES, flag, parse_time, times
from parlib.words import Message, fold, near

Mask = npt.NDArray[np.bool_]

LONGEST = 32_767  # characters that a cell of Excel holds
TOLERANCE = 1e-9

_NUMBER = r"(?:0|-?(?:0\.\d*[1-9]|[1-9]\d*(?:\.\d*[1-9])?))"
_SPELT = re.compile(
    rf"{_NUMBER}(?:/{_NUMBER})?", re.ASCII
)  # as the ledger spells a number, or a result against its target
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f]")
_AS_DATE = re.compile(  # 01/01/2002, 1-Jan-02, 01.01.2002, 2002-01-01 00:00:00: what Excel makes of the code 1.1.2
    r"\d{1,2}([/.-])\d{1,2}\1\d{2}(\d{2})?|\d{1,2}[-/ ][A-Za-z]{3}([-/ ]\d{2,4})?|\d{4}-\d{2}-\d{2}([ T].*)?", re.ASCII
)

_DAYS = (36526, 73050)  # the numbers that Excel keeps for days of 2000-2099
NO_EVIDENCE = Message("an answer without evidence")
NO_REASON = Message("does not apply, but no reason is given")

# --- the form of rows -------------------------------------------------------------------------


def _code_words(value: str, book: Rulebook) -> Message:
    """Why a code cannot be scored: missing, spoilt, a sum of others, or none of the scheme."""
    if value == "":
        return Message("the code of the criterion is missing")
    if _AS_DATE.fullmatch(value):
        return Message("Excel turned the code into a date; format the column as text and write the code again")
    if value in {node.code for node in book.scheme.nodes}:
        return Message("this criterion is the sum of others and is not scored itself")
    listed = ", ".join(_near_codes(value, list(book.codes)))
    near_ones = Message("; near matches: {found}", {"found": listed}) if listed else ""
    return Message("the scheme has no such code{near}", {"near": near_ones})


def _near_codes(value: str, codes: list[str]) -> list[str]:
    """Codes of the same branch: what begins alike is near, other likeness of numbers says nothing."""
    branch = value
    while branch:
        near = [code for code in codes if code.startswith(branch)]
        if near:
            return near[:3]
        branch = branch[:-1]
    return []


def _form_words(column: str, value: str, book: Rulebook) -> Message:
    """What is wrong with a cell that the table's schema refuses."""
    if column == "code":
        return _code_words(value, book)
    if column == "stage":
        places = {"stages": ", ".join(STAGES), "near": near(value, STAGES)}
        return Message("the stage is one of {stages}{near}", places)
    if column == "by":
        return Message("it is not said who wrote the row (column by, or --by)")
    if column == "at":
        return Message("not a date and time; write 31/01/2024 or 2024-01-31T09:00:00+07:00")
    if column == "not_applicable":
        return Message("must be empty, 'x', 'true' or 'false'")
    if len(value) > LONGEST:
        return Message("too long (at most {most} characters)", {"most": LONGEST})
    return Message("holds a control character")


def form_problems(texts: pd.DataFrame, book: Rulebook, origin: Origin) -> Iterator[Problem]:
    """Cells whose form is wrong; each different text of a column is looked at once."""

    def clean(text: str) -> bool:
        return len(text) <= LONGEST and not _CONTROLS.search(text)

    tests: Mapping[str, Callable[[str], bool]] = {
        "code": set(book.codes).__contains__,
        "stage": STAGES.__contains__,
        "not_applicable": lambda text: flag(text) is not None,
        "by": bool,
        "at": lambda text: parse_time(text) is not None,
        "evidence": clean,
        "remark": clean,
    }
    for column, fits in tests.items():
        good = {text: fits(text) for text in pd.unique(texts[column])}
        for place in texts.index[~texts[column].map(good).astype(bool)]:
            value = str(texts.loc[place, column])
            yield origin.problem(texts, int(place), column, _form_words(column, value, book), value[:200])
    for text, problem in book.resolved(texts["unit"])[1].items():
        for place in texts.index[texts["unit"] == text]:
            yield origin.problem(texts, int(place), "unit", problem.message, text)


# --- what rows say ----------------------------------------------------------------------------


def read_rows(texts: pd.DataFrame, book: Rulebook, origin: Origin) -> tuple[pd.DataFrame, list[Problem]]:
    """The rows of ``texts`` as a ledger holds them, and everything that is wrong with them.

    The result has ``unit``, ``code``, ``stage``, ``answer``, ``points`` (given directly; NaN = none),
    ``not_applicable``, ``evidence``, ``remark``, ``by``, ``at`` and ``earned``: the points that the row gives.
    """
    problems = list(form_problems(texts, book, origin))
    keys, _ = book.resolved(texts["unit"])
    rows = texts[["unit", "code", "stage", "answer", "points", "not_applicable", "evidence", "remark", "by"]].copy()
    rows["unit"] = rows["unit"].map({text: keys.get(text, text) for text in pd.unique(rows["unit"])}).astype("str")
    flags = {text: bool(flag(text)) for text in pd.unique(texts["not_applicable"])}
    rows["not_applicable"] = texts["not_applicable"].map(flags).astype(bool)
    rows["at"] = times(texts["at"])
    leaf = places(book.codes, rows["code"])
    answers, points, earned, found = _scored(texts, leaf, book, origin)
    rows["answer"], rows["points"] = answers, points
    rows["earned"] = np.where(rows["not_applicable"], np.nan, np.where(np.isnan(points), earned, points))
    problems += found
    problems += _sense(texts, rows, leaf, earned, book, origin)
    return rows, problems


def _scored(
    texts: pd.DataFrame, leaf: npt.NDArray[np.intp], book: Rulebook, origin: Origin
) -> tuple[pd.Series, npt.NDArray[np.float64], npt.NDArray[np.float64], list[Problem]]:
    """Answers in the ledger's spelling, points given directly, points by rule; each leaf's different texts once."""
    answers, stated = texts["answer"].to_numpy(dtype=object).copy(), texts["points"].to_numpy(dtype=object)
    points, earned = np.full(len(texts), np.nan), np.full(len(texts), np.nan)
    problems: list[Problem] = []
    order = np.argsort(leaf, kind="stable")
    cuts = np.flatnonzero(np.diff(leaf[order])) + 1
    for group in np.split(order, cuts) if len(order) else []:
        if leaf[group[0]] < 0:
            continue
        node = book.leaves[leaf[group[0]]]
        written = _different(answers, group)
        read, wrong = _read(node, list(written))
        for (text, where), value, n in zip(written.items(), read, range(len(written)), strict=True):
            earned[where] = value
            if n in wrong:
                problems += [origin.problem(texts, int(p), "answer", wrong[n].message) for p in where]
            elif text:
                answers[where] = _canonical(node, text)
        for text, where in _different(stated, group).items():
            if text:
                value, flaw = _points(node, text)
                points[where] = value
                if flaw:
                    problems += [origin.problem(texts, int(p), "points", flaw.message) for p in where]
    return pd.Series(answers, index=texts.index, dtype="str"), points, earned, problems


def _different(cells: npt.NDArray[np.object_], group: npt.NDArray[np.intp]) -> dict[str, npt.NDArray[np.intp]]:
    """The different texts at ``group`` and where each stands."""
    where: dict[str, list[int]] = {}
    for place in group.tolist():
        where.setdefault(cells[place], []).append(place)
    return {text: np.array(found) for text, found in where.items()}


def _read(node: Node, texts: list[str]) -> tuple[npt.NDArray[np.float64], dict[int, Problem]]:
    """The points that each answer earns (NaN = none), and the answers refused."""
    rule = node.rule
    assert rule is not None
    if not rule.answered:
        refusal = Problem("this criterion comes from the survey or another index and takes no answer")
        return np.full(len(texts), np.nan), {n: refusal for n, text in enumerate(texts) if text}
    values, wrong = read_answers(rule, texts, node.maximum)
    return rule.points(values, math.nan if node.maximum is None else node.maximum), wrong


def _canonical(node: Node, text: str) -> str:
    """An answer in the one spelling that the ledger keeps."""
    if _SPELT.fullmatch(text) or (isinstance(node.rule, Choice) and text in node.rule.options):
        return text
    assert node.rule is not None
    parts = text.split("/")
    if all(
        re.fullmatch(r"-?\d+(\.\d+)?", part, re.ASCII) for part in parts
    ):  # a number, or a result against its target
        return "/".join(number(float(part), "en") for part in parts)
    answer = parse_answer(node.rule, text, node.maximum)
    return text if isinstance(answer, Problem) else answer_text(answer)


def _points(node: Node, text: str) -> tuple[float, Problem | None]:
    """Points written down, and what is wrong with them."""
    value = as_number(text, ".")
    if isinstance(value, Problem):
        return math.nan, value
    most = math.inf if node.maximum is None else node.maximum
    if 0 <= value <= most + TOLERANCE:
        return value, None
    top = "" if node.maximum is None else written(node.maximum)
    return math.nan, Problem("points must be from 0 to the maximum {top}", top=top)


def _writers(texts: pd.Series, book: Rulebook) -> dict[str, str]:
    """Who wrote rows, by the text that says so: the key of a unit of the round, however it is written; else the text as
    it is matched."""
    units = book.resolved(texts)[0]
    return {text: units.get(text, fold(text)) for text in pd.unique(texts)}


@dataclass(frozen=True)
class _Rows:
    """What rows state, and what is known of their leaves, as masks."""

    answer: Mask
    stated: Mask  # points are written down
    differs: Mask  # ... other than those that the answer earns
    absent: Mask  # it does not apply
    remark: Mask
    silent: Mask  # neither a remark nor, at an explanation, evidence
    exempt: Mask  # by the plan
    asked: Mask  # units answer the leaf themselves
    free: Mask  # it takes points without a rule
    judged: Mask  # the council decides
    own: Mask  # the unit wrote the row
    stranger: Mask  # the plan names a council, and the writer is none of it


#: Cells that do not go together: the column to look at, what is wrong, and in which rows.
_SENSE: tuple[tuple[str, Message, Callable[[_Rows], Mask]], ...] = (
    (
        "not_applicable",
        Message("a criterion that does not apply takes neither answer nor points"),
        lambda rows: rows.absent & (rows.answer | rows.stated),
    ),
    (
        "code",
        Message("by the plan of the round this criterion does not apply to the unit"),
        lambda rows: rows.exempt & (rows.answer | rows.stated),
    ),
    (
        "points",
        Message("points of the survey or of another index are not self-assessed"),
        lambda rows: ~rows.asked & ~rows.judged & rows.stated,
    ),
    (
        "answer",
        Message("the row has no answer, no points, no 'not applicable' and no reason"),
        lambda rows: ~(rows.answer | rows.stated | rows.absent) & rows.silent,
    ),
    (
        "points",
        Message("the points differ from those that the answer earns; mend them, or give the reason"),
        lambda rows: rows.stated & rows.differs & ~rows.remark & rows.answer & rows.asked & ~rows.free,
    ),
    (
        "remark",
        Message("points decided by the council need a reason"),
        lambda rows: rows.stated & rows.differs & ~rows.remark & ~rows.answer & rows.judged & ~rows.free,
    ),
    (
        "by",
        Message("a unit does not appraise itself, nor conclude on its own explanation"),
        lambda rows: rows.judged & rows.own,
    ),
    (
        "by",
        Message("only members of the council that the plan names may decide: {council}"),
        lambda rows: rows.judged & rows.stranger,
    ),
)


def _sense(
    texts: pd.DataFrame,
    rows: pd.DataFrame,
    leaf: npt.NDArray[np.intp],
    earned: npt.NDArray[np.float64],
    book: Rulebook,
    origin: Origin,
) -> Iterator[Problem]:
    """Rows whose cells do not go together."""
    facts = _facts(texts, rows, leaf, earned, book)
    named = {"council": ", ".join(book.plan.council)}
    for column, words, wrong in _SENSE:
        for place in np.flatnonzero(wrong(facts)):
            yield origin.problem(texts, int(place), column, Message(words.id, named))


def _facts(
    texts: pd.DataFrame,
    rows: pd.DataFrame,
    leaf: npt.NDArray[np.intp],
    earned: npt.NDArray[np.float64],
    book: Rulebook,
) -> _Rows:
    known, unit = leaf >= 0, places(book.units, rows["unit"])
    pair = known & (unit >= 0)
    exempt = np.zeros(len(rows), dtype=bool)
    exempt[pair] = book.exempt[unit[pair], leaf[pair]]
    given = {name: texts[name].ne("").to_numpy() for name in ("answer", "points", "remark", "evidence")}
    stage = texts["stage"].to_numpy(dtype=object)
    by = texts["by"].map(_writers(texts["by"], book)).to_numpy(dtype=object)
    council = sorted({fold(member) for member in book.plan.council})
    points = rows["points"].to_numpy()
    return _Rows(
        answer=given["answer"],
        stated=given["points"],
        differs=~(np.abs(points - earned) <= TOLERANCE) & ~np.isnan(points),
        absent=rows["not_applicable"].to_numpy(),
        remark=given["remark"],
        silent=~(given["remark"] | (given["evidence"] & (stage == "appeal"))),
        exempt=exempt,
        asked=np.where(known, book.answered[leaf], True),
        free=np.where(known, book.given[leaf], False),
        judged=np.isin(stage, DECIDING),
        own=by == rows["unit"].to_numpy(dtype=object),
        stranger=~np.isin(by, council) if council else np.zeros(len(rows), dtype=bool),
    )


# --- what is allowed, and often a slip --------------------------------------------------------


def unlikely(texts: pd.DataFrame, book: Rulebook, origin: Origin) -> Iterator[Problem]:
    """What rows of a ledger say that may be taken and should be looked at, by the rules of the forms: a fraction where
    percent is asked for, a count that looks like a day, no evidence, "does not apply" without a reason."""
    leaves = dict(zip(book.codes, book.leaves, strict=True))
    for place, row in zip(texts.index, texts.to_dict("records"), strict=True):
        node = leaves[row["code"]]
        assert node.rule is not None
        answer = parse_answer(
            node.rule,
            float(row["answer"]) if _SPELT.fullmatch(row["answer"]) and "/" not in row["answer"] else row["answer"],
            node.maximum,
        )
        if slip := likely_slip(node.rule, answer, node.maximum):
            yield origin.problem(texts, place, "answer", slip.message)
        if row["stage"] != "self":
            continue
        if row["not_applicable"] and not row["remark"]:
            yield origin.problem(texts, place, "remark", NO_REASON)
        if (row["answer"] or row["points"]) and not row["evidence"] and node.rule.answered:
            yield origin.problem(texts, place, "evidence", NO_EVIDENCE)


def deciding(rows: pd.DataFrame) -> int:
    """How many rows are decisions: those of an appraisal or a conclusion that state something."""
    stated = (rows["answer"] != "") | (rows["points"] != "") | (rows["not_applicable"] == "true")
    return int((rows["stage"].isin(DECIDING) & stated).sum())


def likely_slip(rule: Kind, answer: Answer | Problem | None, maximum: float | None) -> Problem | None:
    """What should be looked at in an answer that is allowed: a fraction where percent is asked for, and a count that is
    the number that Excel keeps for a day."""
    if not isinstance(answer, float):
        return None
    if rule.percent and 0 < answer < 1:
        read, meant = written(answer), written(round(answer * 100, 7))
        return Problem(
            "read as {read}%; mend it if it should be {meant}%",
            value=answer,
            read=read,
            meant=meant,
        )
    if rule.limits(maximum).whole and _DAYS[0] <= answer <= _DAYS[1]:
        return Problem("an unusual count: it may be a day turned into a number", value=answer)
    return None
