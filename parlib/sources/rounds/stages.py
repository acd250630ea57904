"""What holds at a stage: the effective answer of each unit and criterion, at any date; and how it came about.

- ``self``       the last self-assessment;
- ``appraisal``  the council's last decision; what it did not decide is not known (never the unit's own word, unless
                 the plan says ``unappraised: self``);
- ``final``      the council's last decision on the unit's explanation (a row at the stage ``conclusion``), else
                 ``appraisal``. A row at the stage ``appeal`` is the unit's explanation, whoever wrote it down: it asks,
                 and decides nothing.

What a plan exempts does not apply at any stage. Criteria that units do not assess themselves (survey, other indices)
have one value for all stages: where points were entered for them, those that hold at the end.
"""

from __future__ import annotations

from datetime import date, datetime, time

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.errors import ParameterError, Problem
from parlib.sources.rounds.opening import Round
from parlib.sources.rounds.plan import places
from parlib.sources.rounds.texts import VIET_NAM
from parlib.words import Message, near

STAGES = ("self", "appraisal", "final")
COLUMNS = ("unit", "code", "answer", "points", "not_applicable", "row", "stage")
PLAN_ROW = 0  # the "row" of what the plan decided

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


def moment(at: datetime | date | str) -> pd.Timestamp:
    """A point in time: a day means its end, a time without a zone is Viet Nam's."""
    if isinstance(at, str):
        try:
            at = date.fromisoformat(at) if len(at) == 10 else datetime.fromisoformat(at)
        except ValueError:
            raise ParameterError(
                Problem("not a date or time; write 2024-01-31 or 2024-01-31T09:00", value=at)
            ) from None
    if not isinstance(at, datetime):
        at = datetime.combine(at, time.max)
    return pd.Timestamp(at if at.tzinfo else at.replace(tzinfo=VIET_NAM))


def check_stage(stage: str) -> str:
    """``stage`` as it is, or a ``ParameterError`` naming those that exist."""
    if stage not in STAGES:
        raise ParameterError(
            Problem(
                "the stage is one of {stages}{near}", value=stage, near=near(stage, STAGES), stages=", ".join(STAGES)
            )
        )
    return stage


def decides(ledger: pd.DataFrame) -> Mask:
    """Which rows say what the council or the unit holds to be so: all but explanations, and the council's remarks on
    them. The stage says it, never the name of who wrote the row."""
    conclusion = ledger["stage"] == "conclusion"
    return np.asarray((ledger["stage"] != "appeal") & (~conclusion | _has_value(ledger)), dtype=bool)


def effective_rows(round_: Round, stage: str, at: datetime | date | str | None = None) -> Places:
    """The place in the ledger of the row that holds for each unit x leaf (-1: none), as an array units x leaves."""
    check_stage(stage)
    book, ledger = round_.book, round_.ledger
    counts = decides(ledger)
    if at is not None:
        counts = counts & np.asarray(ledger["at"] <= moment(at), dtype=bool)
    cell = places(book.units, ledger["unit"]) * len(book.codes) + places(book.codes, ledger["code"])
    kinds = ledger["stage"].to_numpy(dtype=object)
    has_value = np.append(_has_value(ledger), False)  # the last one is for place -1

    def last(kind: str) -> Places:
        """The last row of a kind for each cell; a last row without a value withdraws what was said before."""
        held = np.full(len(book.units) * len(book.codes), -1, dtype=np.intp)
        rows = np.flatnonzero(counts & (kinds == kind))
        held[cell[rows]] = rows  # of rows of one cell numpy keeps the last
        return np.where(has_value[held], held, -1)

    own, appraised, concluded = last("self"), last("appraisal"), last("conclusion")
    judged = np.where((appraised < 0) & (round_.plan.unappraised == "self"), own, appraised)
    final = np.where(concluded >= 0, concluded, judged)
    chosen = {"self": own, "appraisal": judged, "final": final}[stage].reshape(len(book.units), len(book.codes))
    entered = np.where(concluded >= 0, concluded, appraised).reshape(chosen.shape)
    chosen = np.where(book.answered, chosen, entered)
    return np.where(book.exempt, -1, chosen)


def _has_value(ledger: pd.DataFrame) -> Mask:
    stated = (ledger["answer"] != "") | ledger["points"].notna() | ledger["not_applicable"]
    return np.asarray(stated, dtype=bool)


def requests_of_others(round_: Round) -> int:
    """How many rows at the stage of appeals state a result and were not written by the unit: they ask, though whoever
    wrote them may have meant to decide (the stage for that is ``conclusion``)."""
    ledger, by = round_.ledger, round_.book.resolved(round_.ledger["by"])[0]
    others = ledger["by"].map(lambda text: by.get(text, text)) != ledger["unit"]
    return int(((ledger["stage"] == "appeal") & _has_value(ledger) & others).sum())


def state(round_: Round, stage: str = "final", at: datetime | date | str | None = None) -> pd.DataFrame:
    """The effective answer of each unit and criterion at a stage, as it stood ``at`` a date (its end) or a time.

    ``unit``, ``code``, ``answer``, ``points`` (given directly; NaN = by the rule), ``not_applicable``, ``row`` (its row
    in the ledger; 0 = decided by the plan), ``stage`` (of that row: self, appraisal, conclusion; plan). What is not
    known has no row here.
    """
    held = effective_rows(round_, stage, at)
    book, ledger = round_.book, round_.ledger
    unit, leaf = np.nonzero((held >= 0) | book.exempt)
    place = held[unit, leaf]
    planned = place < 0
    rows = ledger.reindex(np.where(planned, -1, place))
    return pd.DataFrame(
        {
            "unit": book.units[unit],
            "code": book.codes[leaf],
            "answer": rows["answer"].fillna("").to_numpy(),
            "points": rows["points"].to_numpy(dtype="float64"),
            "not_applicable": np.where(planned, True, rows["not_applicable"].eq(True).to_numpy()),
            "row": np.where(planned, PLAN_ROW, rows["row"].fillna(0).to_numpy()).astype("int64"),
            "stage": rows["stage"].fillna("plan").to_numpy(),
        }
    ).astype({"answer": "str", "stage": "str"})


def undecided(round_: Round) -> pd.DataFrame:
    """The criteria that units answer themselves and that have no final answer: ``unit``, ``code``."""
    book = round_.book
    unit, leaf = np.nonzero((effective_rows(round_, "final") < 0) & ~book.exempt & book.answered)
    return pd.DataFrame({"unit": book.units[unit], "code": book.codes[leaf]})


def rule_words(round_: Round, code: str, language: str = "vi") -> str:
    """The rule of a leaf in words."""
    leaf = round_.scheme.node(code)
    return leaf.rule.words(leaf.maximum, language) if leaf.rule else ""


def trace(round_: Round, unit: str, code: str) -> pd.DataFrame:
    """Everything that was said on one criterion of one unit, in order: ``row``, ``stage``, ``answer``, ``points``,
    ``not_applicable``, ``earned``, ``maximum``, ``rule`` (in words), ``evidence``, ``remark``, ``by``, ``at``,
    ``source`` (file, sheet, row), ``holds`` (the stages at which this row is the one that holds).

    Raises ``ParameterError`` with near matches when the round has no such unit or the scheme no such leaf.
    """
    book = round_.book
    for wanted, known, words in (
        (unit, book.units, Message("unit")),
        (code, book.codes, Message("scored criterion")),
    ):
        if wanted not in known:
            raise ParameterError(
                Problem("the round has no such {words}{near}", value=wanted, words=words, near=near(wanted, known))
            )
    said = round_.ledger[(round_.ledger["unit"] == unit) & (round_.ledger["code"] == code)]
    place = (book.units.get_loc(unit), book.codes.get_loc(code))
    holding = {stage: int(effective_rows(round_, stage)[place]) for stage in STAGES}
    holds = ["; ".join(stage for stage, held in holding.items() if held == at) for at in said.index]
    return said.assign(maximum=book.maxima[place[1]], rule=rule_words(round_, code), holds=holds)[
        [
            *("row", "stage", "answer", "points", "not_applicable", "earned", "maximum", "rule"),
            *("evidence", "remark", "by", "at", "source", "holds"),
        ]
    ].reset_index(drop=True)
