"""``answers.csv``, the ledger: one row for each thing that somebody stated or decided, in the order of entry.

Rows are only ever added; a correction is a later row. ``imports.csv`` beside it records every import before its rows
are written: who, when, from which file (with its hash), which rows, and the hash of the ledger after it; when the rows
are on the disk, the record is marked done. A record that is not done and whose rows never came (the process was killed
in between) is void. A ledger that does not have the hash of its last record was changed by other means (edited, or
put back to an older copy), and is refused until somebody answers for the change.

Tables only grow: one writer at a time, and after a crash at any moment all that was confirmed is there. Rows are added
to a copy, the copy is written through to the disk and takes the name of the table. A process killed on the way leaves
the old table and a draft, which the next writer sweeps away.
"""

from __future__ import annotations

import getpass
import hashlib
import io
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from filelock import FileLock, Timeout

from parlib import places
from parlib.errors import DataError, ParameterError, Problem
from parlib.scoring.rules import Answer, Choice, Kind, answer_text, parse_answer, read_answers
from parlib.scoring.scheme import Node
from parlib.scoring.units import near_units
from parlib.sources.rounds import plan as plans
from parlib.sources.rounds.plan import RoundPlan
from parlib.sources.rounds.wording import stage_words
from parlib.tables import as_number, number, read_delimited, records, written
from parlib.words import FIRST, Digits, Message, Words, fold, near, near_codes

# --- validation -----------------------------------------------------------------------------------
# Which rows a ledger takes: every rule on them, all problems at once, each with its file, row, column and value.

Mask = npt.NDArray[np.bool_]

LONGEST = 32_767  # characters that a cell of Excel holds
TOLERANCE = 1e-9

_NUMBER = r"(?:0|-?(?:0\.\d*[1-9]|[1-9]\d*(?:\.\d*[1-9])?))"
#: As the ledger spells a number, or a result against its target.
_SPELT = re.compile(rf"{_NUMBER}(?:/{_NUMBER})?", re.ASCII)
#: The last of these turn the writing.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
LONGEST_NAME = 200  # letters
_AS_DATE = re.compile(  # 01/01/2002, 1-Jan-02, 01.01.2002, 2002-01-01 00:00:00: what Excel makes of the code 1.1.2
    r"\d{1,2}([/.-])\d{1,2}\1\d{2}(\d{2})?|\d{1,2}[-/ ][A-Za-z]{3}([-/ ]\d{2,4})?|\d{4}-\d{2}-\d{2}([ T].*)?", re.ASCII
)

_DAYS = (36526, 73050)  # the numbers that Excel keeps for days of 2000-2099
_MANY = 1_000_000  # more than any unit counts of anything that is asked for
NO_EVIDENCE = Message("an answer without evidence")
NO_REASON = Message("does not apply, but no reason is given")

# --- the form of rows -------------------------------------------------------------------------


def _code_words(value: str, book: plans.Rulebook) -> Message:
    """Why a code cannot be scored: missing, spoilt, a sum of others, or none of the scheme."""
    if value == "":
        return Message("the code of the criterion is missing")
    if _AS_DATE.fullmatch(value):
        return Message("Excel turned the code into a date; format the column as text and write the code again")
    if value in {node.code for node in book.scheme.nodes}:
        return Message("this criterion is the sum of others and is not scored itself")
    return Message("the scheme has no such code{near}", {"near": near_codes(value, book.codes)})


def _form_words(column: str, value: str, book: plans.Rulebook) -> Message:
    """What is wrong with a cell that the table's schema refuses."""
    if column == "code":
        return _code_words(value, book)
    if column == "stage":
        places = {"stages": stage_words(plans.STAGES), "near": near(value, plans.STAGES)}
        return Message("the stage is one of {stages}{near}", places)
    if column == "by":
        if value:
            return Message("a name is one line of at most {most} letters", {"most": LONGEST_NAME})
        return Message("it is not said who wrote the row (column by, or --by)")
    if column == "at":
        return Message("not a date and time; write 31/01/2024 or 2024-01-31T09:00:00+07:00")
    if column == "not_applicable":
        return Message("must be empty, 'x', 'true' or 'false'")
    if len(value) > LONGEST:
        return Message("too long (at most {most} characters)", {"most": LONGEST})
    return Message("holds a control character")


def form_problems(texts: pd.DataFrame, book: plans.Rulebook, origin: plans.Origin) -> Iterator[Problem]:
    """Cells whose form is wrong; each different text of a column is looked at once."""

    def clean(text: str) -> bool:
        return len(text) <= LONGEST and not _CONTROLS.search(text)

    tests: Mapping[str, Callable[[str], bool]] = {
        "code": set(book.codes).__contains__,
        "stage": plans.STAGES.__contains__,
        "not_applicable": lambda text: plans.flag(text) is not None,
        "by": lambda text: 0 < len(text) <= LONGEST_NAME and clean(text) and text.splitlines() == [text],
        "at": lambda text: plans.parse_time(text) is not None,
        "evidence": clean,
        "remark": clean,
    }
    for column, fits in tests.items():
        for place in texts.index[~plans.by_text(texts[column], fits).astype(bool)]:
            value = str(texts.loc[place, column])
            yield origin.problem(texts, int(place), column, _form_words(column, value, book), value[:200])
    for text, problem in book.resolved(texts["unit"])[1].items():
        for place in texts.index[texts["unit"] == text]:
            yield origin.problem(texts, int(place), "unit", problem.message, text)


# --- what rows say ----------------------------------------------------------------------------


def read_rows(texts: pd.DataFrame, book: plans.Rulebook, origin: plans.Origin) -> tuple[pd.DataFrame, list[Problem]]:
    """The rows of ``texts`` as a ledger holds them, and everything that is wrong with them.

    The result has ``unit``, ``code``, ``stage``, ``answer``, ``points`` (given directly; NaN = none),
    ``not_applicable``, ``evidence``, ``remark``, ``by``, ``at``, ``numerator`` and ``denominator`` (NaN = not stated)
    and ``earned``: the points that the row gives.
    """
    problems = list(form_problems(texts, book, origin))
    keys, _ = book.resolved(texts["unit"])
    rows = texts[["unit", "code", "stage", "answer", "points", "not_applicable", "evidence", "remark", "by"]].copy()
    rows["unit"] = pd.array(plans.by_text(rows["unit"], lambda text: keys.get(text, text)), dtype="str")
    rows["not_applicable"] = plans.by_text(texts["not_applicable"], lambda text: bool(plans.flag(text))).astype(bool)
    rows["at"] = plans.times(texts["at"])
    leaf = plans.places_of(book.codes, rows["code"])
    answers, points, earned, result = _scored(texts, leaf, book, origin)
    rows["answer"], rows["points"] = answers, points
    rows["earned"] = np.where(rows["not_applicable"], np.nan, np.where(np.isnan(points), earned, points))
    problems += [*result, *_shared(texts, rows, leaf, book, origin)]
    for column, words, wrong in _unfit(texts, rows, leaf, earned, book):
        problems += [origin.problem(texts, int(place), column, words) for place in np.flatnonzero(wrong)]
    return rows, problems


def _scored(
    texts: pd.DataFrame, leaf: npt.NDArray[np.intp], book: plans.Rulebook, origin: plans.Origin
) -> tuple[pd.Series, npt.NDArray[np.float64], npt.NDArray[np.float64], list[Problem]]:
    """Answers in the ledger's spelling, points given directly, points by rule; each leaf's different texts once."""
    problems: list[Problem] = []

    def flawed(column: str, flaw: Problem, where: Mask) -> None:
        problems.extend(origin.problem(texts, int(place), column, flaw.message) for place in np.flatnonzero(where))

    answers, which = _different(texts["answer"], leaf)
    spelt, earned = np.array([text for _, text in answers], dtype=object), np.full(len(answers), np.nan)
    for place, group in groupby(range(len(answers)), key=lambda n: answers[n][0]):
        if place >= 0:
            node, listed = book.leaves[place], list(group)
            earned[listed], wrong = _read(node, spelt[listed].tolist())
            for n, at in enumerate(listed):
                if n in wrong:
                    flawed("answer", wrong[n], which == at)
                elif spelt[at]:
                    spelt[at] = _canonical(node, spelt[at])
    stated, given = _different(texts["points"], leaf)
    points = np.full(len(stated), np.nan)
    for at, (place, text) in enumerate(stated):
        if place >= 0 and text:
            points[at], flaw = _points(book.leaves[place], text)
            if flaw:
                flawed("points", flaw, given == at)
    return pd.Series(spelt[which], index=texts.index, dtype="str"), points[given], earned[which], problems


def _different(texts: pd.Series, leaf: npt.NDArray[np.intp]) -> tuple[list[tuple[int, str]], npt.NDArray[np.intp]]:
    """The different texts of each leaf, in the order of the leaves; and which of them each row holds."""
    codes, words = pd.factorize(texts)
    pairs, which = np.unique(leaf * len(words) + codes, return_inverse=True)
    places, of = np.divmod(pairs, max(len(words), 1))
    return list(zip(places.tolist(), words.take(of).tolist(), strict=True)), which


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
    # a number, or a result against its target
    if all(re.fullmatch(r"-?\d+(\.\d+)?", part, re.ASCII) for part in parts):
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


# --- what stands behind a share -----------------------------------------------------------------

_SHARE = 0.005 + TOLERANCE  # a share is answered with two decimals or more
_STEP = 0.001  # of the maximum: points that differ by more are those of another step


def _shared(
    texts: pd.DataFrame, rows: pd.DataFrame, leaf: npt.NDArray[np.intp], book: plans.Rulebook, origin: plans.Origin
) -> Iterator[Problem]:
    """Enter numerators and denominators into ``rows``; yields what is wrong with them: they stand behind an answer in
    percent, both or neither, and give the share that is answered, with the points that it earns."""
    above, below, answers = (texts[name].to_numpy(dtype=object) for name in (*plans.PARTS, "answer"))
    numbers = np.full((len(plans.PARTS), len(texts)), np.nan)
    seen: dict[tuple[object, ...], tuple[list[float], str, Words | None]] = {}
    for place in np.flatnonzero((above != "") | (below != "")).tolist():
        key = leaf[place], answers[place], above[place], below[place]
        if key not in seen:
            seen[key] = _share(*key[1:], book.leaves[leaf[place]] if leaf[place] >= 0 else None)
        parts, column, wrong = seen[key]
        numbers[:, place] = parts
        if wrong is not None:
            yield origin.problem(texts, place, column, wrong)
    rows[list(plans.PARTS)] = numbers.T


def _share(
    answer_text: str, above_text: str, below_text: str, node: Node | None
) -> tuple[list[float], str, Words | None]:
    """A numerator and a denominator, and what is wrong with them: the column that says it, and the words."""
    above, below = (as_number(text, ".") if text else math.nan for text in (above_text, below_text))
    answer = as_number(answer_text, ".", percent=True) if answer_text else math.nan
    none, first = [math.nan, math.nan], "numerator" if above_text else "denominator"
    if isinstance(above, Problem):
        return none, "numerator", above.message
    if isinstance(below, Problem):
        return none, "denominator", below.message
    if node is None or node.rule is None:
        return none, "", None  # told of the code
    if not (node.rule.answered and node.rule.percent):
        return none, first, Message("only an answer in percent has a numerator and a denominator")
    if isinstance(answer, Problem):
        return none, "", None  # told of the answer
    if not (above_text and below_text):
        lacking = "denominator" if above_text else "numerator"
        return none, lacking, Message("a numerator and a denominator go together")
    if not answer_text:
        return none, "answer", Message("what the numerator and the denominator stand behind is missing: the percentage")
    if below <= 0:
        return none, "denominator", Message("the denominator must be above 0")
    share, maximum = round(100 * above / below, 9), math.nan if node.maximum is None else node.maximum
    earned, due = node.rule.points([answer, share], maximum)
    if abs(answer - share) <= _SHARE and not abs(earned - due) > _STEP * maximum:
        return [above, below], "", None
    named = {"above": written(above), "below": written(below), "share": written(share), "answer": written(answer)}
    words = Message("{above} / {below} is {share}%, the answer is {answer}%: mend the one or the other", named)
    return none, "answer", words


def share_text(numerator: float, denominator: float, language: str = FIRST) -> str:
    """ " (45/50)": what stands behind a share; "" where nothing was stated."""
    if math.isnan(numerator) or math.isnan(denominator):
        return ""
    return f" ({number(numerator, language)}/{number(denominator, language)})"


def shown_answer(rule: Kind | None, answer: str, language: str = FIRST) -> str:
    """An answer as the ledger keeps it, as people read it: "95,5%", "105 / 100", the words of an option."""
    if isinstance(rule, Choice):
        return rule.label.get(answer, answer)
    if not answer or "/" in answer:
        return Digits(answer.replace("/", " / ")).text(language)
    unit = getattr(rule, "unit", "")
    return Digits(answer).text(language) + (unit if unit == "%" else f" {unit}" if unit else "")


def _writers(texts: pd.Series, book: plans.Rulebook) -> npt.NDArray[np.object_]:
    """Who wrote rows: the key of a unit of the round, however it is written; else the text as it is matched."""
    units = book.resolved(texts)[0]
    return plans.by_text(texts, lambda text: units.get(text, fold(text)))


def role_problems(
    rows: pd.DataFrame, texts: pd.DataFrame, book: plans.Rulebook, origin: plans.Origin
) -> Iterator[Problem]:
    """Decisions of those whom the plan does not let decide: asked of what is added, not of what the ledger holds, for
    people change in the course of a year."""
    plan = book.plan
    council, concluding = {fold(name) for name in plan.council}, {fold(name) for name in plan.conclusion}
    appraising = council | {fold(each.name) for each in plan.appraisers}
    allowed = {"appraisal": appraising, "conclusion": concluding or council}
    listed = {
        "appraisal": ", ".join([*plan.council, *(each.name for each in plan.appraisers)]),
        "conclusion": ", ".join(plan.conclusion or plan.council),
    }
    stranger = Message("only members of the council that the plan names may decide: {council}")
    told: set[tuple[str, str]] = set()
    unassigned = Message("the plan does not assign this criterion of this unit to {name}; to whom: {assigned}")
    if not (appraising or concluding):
        return
    for place, row in zip(rows.index, records(rows[["unit", "code", "stage", "by"]]), strict=True):
        by, mine = fold(row.by), [each for each in plan.appraisers if each.has(row.unit, row.code)]
        if not allowed.get(row.stage):
            continue
        if by not in allowed[row.stage]:
            words = stranger.filled(council=listed[row.stage])
            if origin.column("by", row.stage) != "by":
                yield origin.problem(texts, int(place), "by", words)
            elif (by, row.stage) not in told:  # the file does not say it: once for all of its rows
                told.add((by, row.stage))
                yield Problem("{what}; say who did (--by)", file=origin.file, value=row.by, what=words)
        elif row.stage == "appraisal" and by not in council and by not in {fold(each.name) for each in mine}:
            whom = ", ".join(each.name for each in mine) or "-"
            yield origin.problem(texts, int(place), "by", unassigned.filled(name=row.by, assigned=whom))


def _unfit(
    texts: pd.DataFrame,
    rows: pd.DataFrame,
    leaf: npt.NDArray[np.intp],
    earned: npt.NDArray[np.float64],
    book: plans.Rulebook,
) -> Iterator[tuple[str, Message, Mask]]:
    """Cells that do not go together: the column to look at, what is wrong, and in which rows."""
    known, unit = leaf >= 0, plans.places_of(book.units, rows["unit"])
    pair = known & (unit >= 0)
    exempt = np.zeros(len(rows), dtype=bool)  # by the plan
    exempt[pair] = book.exempt[unit[pair], leaf[pair]]
    given = {name: texts[name].ne("").to_numpy() for name in ("answer", "points", "remark", "evidence")}
    answer, remark, stage = given["answer"], given["remark"], texts["stage"].to_numpy(dtype=object)
    stated, points = given["points"], rows["points"].to_numpy()
    differs = stated & ~(np.abs(points - earned) <= TOLERANCE) & ~np.isnan(points)  # from what the answer earns
    absent = rows["not_applicable"].to_numpy()
    silent = ~(remark | (given["evidence"] & (stage == "appeal")))
    asked = np.where(known, book.answered[leaf], True)  # units answer the leaf themselves
    free = np.where(known, book.given[leaf], False)  # it takes points without a rule
    judged = np.isin(stage, plans.DECIDING)  # the council decides
    own = _writers(texts["by"], book) == rows["unit"].to_numpy(dtype=object)
    words = Message("a criterion that does not apply takes neither answer nor points")
    yield "not_applicable", words, absent & (answer | stated)
    words = Message("by the plan of the round this criterion does not apply to the unit")
    yield "code", words, exempt & (answer | stated)
    words = Message("points of the survey or of another index are not self-assessed")
    yield "points", words, ~asked & ~judged & stated
    words = Message("the row has no answer, no points, no 'not applicable' and no reason")
    yield "answer", words, ~(answer | stated | absent) & silent
    words = Message("the points differ from those that the answer earns; mend them, or give the reason")
    yield "points", words, differs & ~remark & answer & asked & ~free
    words = Message("points decided by the council need a reason")
    yield "remark", words, differs & ~remark & ~answer & judged & ~free
    words = Message("a unit does not appraise itself, nor conclude on its own explanation; somebody else does (--by)")
    yield "by", words, judged & own


# --- what is allowed, and often a slip --------------------------------------------------------


def unlikely(texts: pd.DataFrame, book: plans.Rulebook, origin: plans.Origin) -> Iterator[Problem]:
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
    return int((rows["stage"].isin(plans.DECIDING) & stated).sum())


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
    if rule.limits(maximum).whole and answer > _MANY:
        return Problem("an unusual count: are there too many digits?", value=answer)
    return None


ANSWERS = "answers.csv"
IMPORTS = "imports.csv"
_WITHOUT = (*plans.STATED, "source")  # of a ledger in which no row has stated what stands behind its share
COLUMNS = (*_WITHOUT, *plans.PARTS)
MAY_LACK = ("source", *plans.PARTS)
_LATER = ("typed_by", "undoes")  # columns that records of before lack
IMPORT_COLUMNS: tuple[str, ...] = ("at", "by", "source", "sha256", "first_row", "last_row", "unchanged")
IMPORT_COLUMNS += ("ledger_sha256", "reason", "done", *_LATER)
DONE = "yes"
LEDGER_COLUMNS = ("row", *COLUMNS, "earned", "undone")


def read_ledger(path: Path, book: plans.Rulebook) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """The ledger in ``path`` with its columns typed, every row checked; the imports it is made of; its hash.

    ``row`` counts the rows from 1; ``at`` is in Viet Nam's time; ``points`` are those given directly and ``earned``
    those that the row gives (by the rule or directly), NaN where it gives none; ``undone`` as ``undone_by``.
    """
    texts = read_texts(path, COLUMNS, optional=MAY_LACK)
    imports = read_imports(path.with_name(IMPORTS), len(texts.frame))
    checked = plans.as_texts(texts.frame).assign(source_row=np.arange(2, len(texts.frame) + 2))
    rows, problems = read_rows(checked, book, plans.Origin(path.name))
    rows["undone"] = undone_by(imports, len(rows))
    live = (rows["undone"] == 0).to_numpy()
    problems += order_problems(
        rows[live].reset_index(drop=True), checked[live].reset_index(drop=True), plans.Origin(path.name)
    )
    if problems:
        raise DataError(sorted(problems, key=lambda problem: problem.row or 0))
    rows["row"] = np.arange(1, len(rows) + 1)
    rows["source"] = texts.frame["source"]
    rows["at"] = rows["at"].dt.tz_convert(plans.VIET_NAM)
    return rows[list(LEDGER_COLUMNS)], imports, texts.sha256


def order_problems(
    rows: pd.DataFrame, texts: pd.DataFrame, origin: plans.Origin, earlier: pd.DataFrame | None = None
) -> list[Problem]:
    """Rows dated before the row that they correct: which of the two holds would be a guess.

    ``earlier`` are texts of the ledger that ``rows`` are to be added to.
    """
    keys = ["unit", "code", "stage"]
    sentence = rows[[*keys, "at"]].assign(place=np.arange(len(rows)))
    if earlier is not None and len(earlier):
        mine = earlier[keys].merge(rows[keys].drop_duplicates(), on=keys, how="left", indicator=True)
        concerned = earlier[(mine["_merge"] == "both").to_numpy()]
        before = concerned[keys].assign(at=plans.times(concerned["at"]), place=-1)
        sentence = pd.concat([before, sentence], ignore_index=True)
    latest = sentence.groupby(keys, sort=False)["at"].cummax()
    late = sentence[(sentence["at"] < latest) & (sentence["place"] >= 0)]
    return [
        origin.problem(
            texts,
            int(place),
            "at",
            Message(
                "earlier than the row that it corrects ({isoformat})",
                {"isoformat": moment.tz_convert(plans.VIET_NAM).isoformat()},
            ),
        )
        for place, moment in zip(late["place"], latest[late.index], strict=True)
    ]


# --- the record of imports --------------------------------------------------------------------


def read_imports(path: Path, n_rows: int) -> pd.DataFrame:
    """The imports of a ledger of ``n_rows`` rows: those that were killed before their rows came are left out."""
    texts = read_texts(path, IMPORT_COLUMNS, optional=_LATER, absent=True).frame
    for name in ("first_row", "last_row", "unchanged", "undoes"):
        texts[name] = pd.to_numeric(texts[name], errors="coerce").fillna(0).astype("int64")
    return texts[(texts["last_row"] <= n_rows) | (texts["done"] == DONE)].reset_index(drop=True)


def with_record(imports: pd.DataFrame, at: datetime, **cells: object) -> pd.DataFrame:
    """The record of imports with a line more; what ``cells`` do not say of it is empty, or 0."""
    line = {**dict.fromkeys(IMPORT_COLUMNS, ""), **dict.fromkeys(("first_row", "unchanged", "undoes"), 0), **cells}
    line["typed_by"] = typed_by()
    new = pd.DataFrame([{**line, "at": at.isoformat(timespec="milliseconds")}])
    return pd.concat([imports.astype("object"), new], ignore_index=True)


def write_imports(path: Path, imports: pd.DataFrame) -> None:
    """Write the record of imports, whole."""
    write_text(path, csv_lines(imports, IMPORT_COLUMNS, header=True))


def imports_in_force(imports: pd.DataFrame) -> pd.DataFrame:
    """The imports whose rows are still there: not those after which somebody accepted a shorter ledger, nor those that
    were undone."""
    undone = np.isin(np.arange(1, len(imports) + 1), imports["undoes"])
    return imports[~_cut_off(imports) & ~undone]


def _cut_off(imports: pd.DataFrame) -> Mask:
    """The imports after which somebody accepted a ledger too short for them."""
    accepted = imports["last_row"].astype("float64").where(imports["first_row"] == 0)  # such a record has no first row
    limit = accepted[::-1].cummin().ffill()[::-1]
    return np.asarray(imports["last_row"] > limit, dtype=bool)


def undone_by(imports: pd.DataFrame, n_rows: int) -> npt.NDArray[np.int64]:
    """For each row of the ledger the number of the record (from 1) that took its import back; 0 where it stands."""
    results, gone = np.zeros(n_rows, dtype=np.int64), _cut_off(imports)
    for place in np.flatnonzero(imports["undoes"].to_numpy(dtype="int64") > 0):
        which = int(imports["undoes"].iloc[place]) - 1
        if not gone[which]:
            first, last = imports.iloc[which][["first_row", "last_row"]]
            results[int(first) - 1 : int(last)] = place + 1
    return results


def check_untouched(imports: pd.DataFrame, n_rows: int, sha256: str) -> None:
    """Raise ``DataError`` unless the ledger of ``n_rows`` rows with this hash is as the last import left it."""
    if imports.empty and not n_rows:
        return
    if imports.empty or imports["ledger_sha256"].iloc[-1] != sha256:
        raise DataError(
            "the file was changed outside parlib since the last import; restore a copy, or answer for"
            " the change with 'parlib round accept' and a reason",
            file=IMPORTS if imports.empty else ANSWERS,
        )


def hashes(files: Mapping[str, Sequence[Path]]) -> dict[str, str]:
    """A hash for each name of the files under it; those that are not there add nothing."""
    own = {name: "".join(places.sha256(path) for path in paths if path.is_file()) for name, paths in files.items()}
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in own.items()}


def check_as_locked(plan: RoundPlan, files: Mapping[str, str]) -> None:
    """Raise ``DataError`` where a locked round rests on other ``files`` than it was locked with: its numbers would be
    others, and still called final."""
    locks = [event for event in plan.history if event.action == "finished"]
    words = Message(
        "the file was changed after the round was locked; restore a copy, or reopen the round with a reason: "
        "parlib round reopen"
    )
    locked = locks[-1].files if locks else {}
    DataError.raise_for(Problem(words, file=name) for name, held in locked.items() if files.get(name) != held)


# --- tables on disk that only grow ------------------------------------------------------------------


LOCK = ".lock"
PATIENCE = 120.0  # seconds that a writer waits for another


@contextmanager
def locked(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    """The only writer of ``folder`` while the block runs; a lock is freed when its process ends, however it ends."""
    lock = FileLock(folder / LOCK, timeout=patience, mode=0o666)  # of whoever came first, for all who may write here
    try:
        lock.acquire()
    except Timeout:
        raise DataError(
            "someone else is writing to this round; waited {patience:.0f} seconds, try again later",
            file=str(folder),
            patience=patience,
        ) from None
    try:
        _sweep(folder)
        yield
    finally:
        lock.release()


def _sweep(folder: Path) -> None:
    """Remove what killed writers left; only called by the one writer, so no draft here can be alive."""
    for name in ("answers", "imports", "questions", "external", "evidence", "taken", "round", "survey"):
        for draft in folder.glob(f".{name}-*"):
            draft.unlink(missing_ok=True)


@contextmanager
def _whole_file(path: Path) -> Iterator[Path]:
    try:
        with places.whole_file(path) as draft:
            yield draft
    except PermissionError:  # Windows refuses to replace a file that a program holds open
        raise DataError(
            "cannot be written: the file is open elsewhere (Excel?), or the folder is read-only", file=path.name
        ) from None


def write_text(path: Path, text: str) -> None:
    """``text`` as the whole of ``path``, on the disk when this returns."""
    write_bytes(path, text.encode())


def _after(path: Path, lines: str) -> bytes:
    """What ``path`` holds with ``lines`` after it."""
    content = path.read_bytes() if path.exists() else b""
    return content + (b"" if content.endswith(b"\n") or not content else b"\n") + lines.encode()


def add_typed(path: Path, rows: pd.DataFrame, columns: Sequence[str], optional: Sequence[str] = ()) -> None:
    """``rows`` after those of a table of ours, with the account that typed them, on the disk when this returns. An
    older table, which lacks some of the ``columns``, is written anew with all of them."""
    new = rows.assign(typed_by=typed_by())
    if not path.exists() or _head(path) == list(columns):
        write_bytes(path, _after(path, csv_lines(new, columns, header=not path.exists())))
        return
    both = pd.concat([read_texts(path, columns, (*optional, "typed_by")).frame, new])
    write_text(path, csv_lines(both, columns, header=True))


def _head(path: Path) -> list[str]:
    """The heads of a table of ours."""
    return path.read_text(encoding="utf-8-sig").partition("\n")[0].rstrip("\r").split(",")


def grown(path: Path, rows: pd.DataFrame) -> bytes:
    """What the ledger in ``path`` holds with ``rows`` after its own. It has columns for numerators and denominators
    from the first row on that states them, and is written anew then; until then its bytes are as they always were."""
    head = _head(path)
    columns = COLUMNS if {*plans.PARTS} <= {*head} or (rows[list(plans.PARTS)] != "").any(axis=None) else _WITHOUT
    if head == list(columns):
        return _after(path, csv_lines(rows, columns, header=False))
    both = pd.concat([read_texts(path, COLUMNS, optional=MAY_LACK).frame, rows])
    return csv_lines(both, columns, header=True).encode()


def write_bytes(path: Path, content: bytes) -> None:
    """``content`` as the whole of ``path``, on the disk when this returns."""
    with _whole_file(path) as draft:
        draft.write_bytes(content)
    places.sync_folder(path.parent)


def csv_lines(frame: pd.DataFrame, columns: Sequence[str], header: bool) -> str:
    """The rows of a frame of texts as CSV lines."""
    return frame.to_csv(columns=list(columns), index=False, header=header, lineterminator="\n")


@dataclass(frozen=True)
class Texts:
    """A table on disk as texts, with the hash of the file that they were read from."""

    frame: pd.DataFrame
    sha256: str


def read_texts(path: Path, columns: Sequence[str], optional: Sequence[str] = (), absent: bool = False) -> Texts:
    """The cells of one of our own tables, all as text; without rows where it is not there and may be ``absent``. Raises
    ``DataError`` naming file, row and column."""
    import pyarrow as arrow
    from pyarrow import csv

    if not path.is_file():
        if absent:
            return Texts(pd.DataFrame(columns=list(columns), dtype="str"), "")
        raise DataError("no such file", file=str(path))
    content = path.read_bytes()
    as_text = dict.fromkeys(columns, arrow.string())
    try:
        table = csv.read_csv(
            io.BytesIO(content),
            read_options=csv.ReadOptions(use_threads=False),  # a process that was forked has no threads to lend
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(column_types=as_text, strings_can_be_null=False),
        )
    except arrow.ArrowInvalid as error:
        raise DataError(_why_unreadable(path, str(error))) from None
    missing = [name for name in columns if name not in table.column_names and name not in optional]
    unknown = [name for name in table.column_names if name not in columns]
    if missing or unknown:
        raise DataError(
            [Problem("this column is missing", file=path.name, column=name) for name in missing]
            + [Problem("unknown column", file=path.name, column=n) for n in unknown]
        )
    frame = table.to_pandas().astype("str").reindex(columns=list(columns), fill_value="")
    return Texts(frame, hashlib.sha256(content).hexdigest())


def _why_unreadable(path: Path, reason: str) -> list[Problem]:
    """The rows that keep a table from being read."""
    table = read_delimited(path, ",")  # raises with the place where the text is not UTF-8
    width = len(table.rows[0]) if table.rows else 0
    problems = [
        Problem(
            "the row has {n_row} cells, expected {width}; is it cut off?",
            file=path.name,
            row=number,
            value=",".join(row)[:80],
            n_row=len(row),
            width=width,
        )
        for number, row in zip(table.numbers, table.rows, strict=True)
        if len(row) != width
    ]
    results = [*table.problems, *problems]
    return results or [Problem("cannot be read: {reason}", file=path.name, reason=reason)]


# --- questions ------------------------------------------------------------------------------------
# ``questions.csv``: questions and proposals of units and the department's replies; rows are only ever added.

QUESTIONS = "questions.csv"
QUESTION_COLUMNS = ("id", "unit", "code", "question", "asked_at", "reply", "replied_at", "by", "typed_by")


def read_questions(folder: Path, book: plans.Rulebook) -> pd.DataFrame:
    """One row for each question: ``id``, ``unit``, ``code`` ("" = none in particular), ``question``, ``asked_at``,
    ``by``, ``reply`` ("" = none yet), ``replied_at``, ``replied_by``. Of several replies the last counts."""
    texts = question_lines(folder)
    problems = list(_problems(texts, book))
    DataError.raise_for(problems, file=QUESTIONS)
    asked = texts[texts["question"] != ""].drop(columns=["reply", "replied_at"])
    replies = texts[texts["reply"] != ""].drop_duplicates("id", keep="last")
    replies = replies[["id", "reply", "replied_at", "by"]].rename(columns={"by": "replied_by"})
    table = asked.merge(replies, on="id", how="left").fillna({"reply": "", "replied_at": "", "replied_by": ""})
    for name in ("asked_at", "replied_at"):
        table[name] = plans.times(table[name]).dt.tz_convert(plans.VIET_NAM)
    columns = ["id", "unit", "code", "question", "asked_at", "by", "reply", "replied_at", "replied_by"]
    return table[columns].reset_index(drop=True)


def question_lines(folder: Path) -> pd.DataFrame:
    """Every line of ``questions.csv`` as it was written: questions, and replies to them (``question`` is empty)."""
    return read_texts(folder / QUESTIONS, QUESTION_COLUMNS, ("typed_by",), absent=True).frame


def _problems(texts: pd.DataFrame, book: plans.Rulebook) -> list[Problem]:
    results = []
    asked: set[str] = set()
    nodes = [node.code for node in book.scheme.nodes]
    for row, line in enumerate(texts.to_dict("records"), start=2):
        if line["unit"] not in book.units:
            close = near_units(line["unit"], (one for one in book.plan.standing_units() if one.key in book.units))
            results.append(_flaw(row, "unit", line["unit"], Message("no such unit"), close))
        if line["code"] and line["code"] not in nodes:
            results.append(_flaw(row, "code", line["code"], Message("no such code"), near_codes(line["code"], nodes)))
        for column in ("asked_at", "replied_at"):
            sentence = line[column]
            if sentence and plans.parse_time(sentence) is None:
                results.append(_flaw(row, column, sentence, Message("not a date and time")))
        if line["question"] and line["id"] in asked:
            results.append(_flaw(row, "id", line["id"], Message("the id of a question is given twice")))
        if line["reply"] and not line["question"] and line["id"] not in asked:
            results.append(_flaw(row, "id", line["id"], Message("a reply to no question")))
        if not line["question"] and not line["reply"]:
            results.append(_flaw(row, "question", "", Message("neither question nor reply")))
        if line["question"]:
            asked.add(line["id"])
    return results


def _flaw(row: int, column: str, value: str, message: Message, close: Message | str = "") -> Problem:
    return Problem("{what}{near}", row=row, column=column, value=value, what=message, near=close)


def add_question(folder: Path, book: plans.Rulebook, unit: str, question: str, code: str, by: str, at: str) -> str:
    """Write down a question or proposal of a unit; gives its id. The caller holds the lock."""
    known = read_questions(folder, book)
    identity = str(len(known) + 1)
    _add(folder, book, [identity, unit, code, question, at, "", "", by, ""])
    return identity


def add_reply(folder: Path, book: plans.Rulebook, identity: str, reply: str, by: str, at: str) -> None:
    """Write down a reply. The caller holds the lock."""
    known = read_questions(folder, book).set_index("id")
    if identity not in known.index:
        raise DataError(_flaw(0, "id", identity, Message("no such question")).at(row=None))
    _add(folder, book, [identity, known["unit"][identity], known["code"][identity], "", "", reply, at, by, ""])


def _add(folder: Path, book: plans.Rulebook, cells: list[str]) -> None:
    row = pd.DataFrame([[plans.cell_text(cell) for cell in cells]], columns=list(QUESTION_COLUMNS), dtype="str")
    if not row["question"].iloc[0] and not row["reply"].iloc[0]:
        raise DataError("nothing is said", column="question")
    own = row.assign(question=row["question"] + row["reply"], reply="")  # a reply is checked as what it answers was
    problems = [problem.at(row=None) for problem in _problems(own, book)]
    DataError.raise_for(problems)
    add_typed(folder / QUESTIONS, row, QUESTION_COLUMNS)


# --- who looks after a round ----------------------------------------------------------------------
# The account that this runs under, and whom the plan lets import, undo, accept and lock. Whatever is written into a
# round says who did it (``by``, as it is said) and which account typed it (``typed_by``): where a line is added, the
# account is asked here, and no caller says it.


_TYPED = ContextVar("_TYPED", default=True)


@contextmanager
def drawn() -> Iterator[None]:
    """What is written while the block runs was drawn, and nobody typed it: the same on every computer."""
    before = _TYPED.set(False)
    try:
        yield
    finally:
        _TYPED.reset(before)


def typed_by() -> str:
    """The account that types what is written now; "" where it is drawn."""
    return account() if _TYPED.get() else ""


def account() -> str:
    """The account that this runs under; "" where it has none, as in a service."""
    try:
        return getpass.getuser()
    except (OSError, ImportError, KeyError):
        return ""


def who(by: str) -> str:
    """Who does it: as it is said, else the account."""
    if name := by.strip() or account():
        return name
    raise ParameterError("it is not known who you are: say so with --by")


def operator(plan: RoundPlan, by: str) -> str:
    """Who does it, where the plan lets that account or that name."""
    allowed = {fold(name) for name in plan.operators}
    if allowed and not {fold(who(by)), fold(account())} & allowed:
        listed = ", ".join(plan.operators)
        raise ParameterError("the plan lets only its operators do this: {listed}", value=who(by), listed=listed)
    return who(by)
