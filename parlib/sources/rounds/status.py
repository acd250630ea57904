"""Where each unit stands against the plan of the round: returned, incomplete, late, appraised, explained, final."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.errors import DataError, ParameterError, Problem
from parlib.scoring import units as framework_units
from parlib.sources.rounds import ledger
from parlib.sources.rounds.opening import Round, open_plan, open_round, refuse_final, round_folder
from parlib.sources.rounds.plan import FILE, Event, RoundPlan, edited_text, places
from parlib.sources.rounds.stages import decides, effective_rows, undecided
from parlib.sources.rounds.texts import VIET_NAM, now
from parlib.sources.rounds.validation import TOLERANCE
from parlib.words import Message

#: The words of the column ``status``, in the order in which a unit goes through them.
STATUS_WORDS = {
    "waiting": Message("not returned"),
    "incomplete": Message("incomplete"),
    "late": Message("late"),
    "returned": Message("returned"),
    "appraised": Message("appraised"),
    "explained": Message("explained"),
    "final": Message("final"),
}


def today_in_viet_nam() -> date:
    """The day in Viet Nam."""
    return datetime.now(VIET_NAM).date()


def status(round_: Round, today: date | None = None) -> pd.DataFrame:
    """One row for each unit, in official order.

    ``unit``, ``name``; ``status`` (see ``STATUS_WORDS``); ``expected`` criteria that the unit answers itself, of which
    ``answered``, ``appraised``; ``without_evidence``: answered, but with no evidence named; ``returned_at``: the day on
    which the last of them came in (NaT = not yet); ``late``, ``days_late`` against the end of the plan's step "self";
    ``adjusted``: appraised at other points than the unit's own, of which ``without_reason`` without a remark;
    ``explained``: criteria on which the unit explained itself, of which ``open_appeals`` without a decision since;
    ``open_questions``: questions and proposals without a reply.
    """
    today = today or today_in_viet_nam()
    book, ledger = round_.book, round_.ledger
    asked = book.answered & ~book.exempt
    own, judged = effective_rows(round_, "self"), _appraised(round_)
    answered, appraised = (own >= 0) & asked, (judged >= 0) & asked
    earned = np.append(ledger["earned"].to_numpy(), np.nan)
    given_up = np.append(ledger["not_applicable"].to_numpy(), False)
    adjusted = answered & appraised & _differ(earned, given_up, own, judged)
    silent = np.append(ledger["remark"].eq("").to_numpy(), False)
    bare = np.append(ledger["evidence"].eq("").to_numpy() & ~ledger["not_applicable"].to_numpy(), False)
    explained, still_open = _appeals(round_)
    expected = asked.sum(axis=1)
    table = pd.DataFrame(
        {
            "unit": book.units,
            "name": [framework_units.name(key, system=round_.plan.system) for key in book.units],
            "expected": expected,
            "answered": answered.sum(axis=1),
            "without_evidence": (answered & bare[own]).sum(axis=1),
            "returned_at": _returned(round_, asked),
            "appraised": appraised.sum(axis=1),
            "adjusted": adjusted.sum(axis=1),
            "without_reason": (adjusted & silent[judged]).sum(axis=1),
            "explained": explained.sum(axis=1),
            "open_appeals": still_open.sum(axis=1),
            "open_questions": _open_questions(round_),
        }
    )
    table.insert(6, "days_late", _days_late(round_, table, today))
    table.insert(6, "late", table["days_late"] > 0)
    table.insert(2, "status", _words(round_, table))
    return table


def _appraised(round_: Round) -> npt.NDArray[np.intp]:
    """The rows of the council's own decisions, whatever the plan says of what it did not decide."""
    held = effective_rows(round_, "appraisal")
    stage = np.append(round_.ledger["stage"].to_numpy(dtype=object), "")
    return np.where(stage[held] == "self", -1, held)


def _differ(
    earned: npt.NDArray[np.float64],
    given_up: npt.NDArray[np.bool_],
    own: npt.NDArray[np.intp],
    judged: npt.NDArray[np.intp],
) -> npt.NDArray[np.bool_]:
    same = np.abs(earned[own] - earned[judged]) <= TOLERANCE
    return ~(same | (given_up[own] & given_up[judged]))


def _returned(round_: Round, asked: npt.NDArray[np.bool_]) -> pd.Series:
    """The time at which the last of the expected answers of each unit first came in; NaT while one is missing."""
    book, ledger = round_.book, round_.ledger
    stated = (ledger["answer"] != "") | ledger["points"].notna() | ledger["not_applicable"]
    first = ledger[(ledger["stage"] == "self") & stated].drop_duplicates(["unit", "code"])
    unit, leaf = places(book.units, first["unit"]), places(book.codes, first["code"])
    counts = asked[unit, leaf]
    came = first[counts].groupby("unit", sort=False)["at"].agg(["max", "size"])
    whole = pd.Series(asked.sum(axis=1), index=book.units)
    complete = came.index[came["size"].to_numpy() == whole[came.index].to_numpy()]
    return came["max"].reindex(complete).reindex(book.units).reset_index(drop=True)


def _days_late(round_: Round, table: pd.DataFrame, today: date) -> list[int]:
    step = round_.plan.step("self")
    if step is None or step.end is None:
        return [0] * len(table)
    days = [today if pd.isna(moment) else moment.date() for moment in table["returned_at"]]
    return [max((day - step.end).days, 0) for day in days]


def _appeals(round_: Round) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Where units explained themselves, and where no decision came after it: units x leaves."""
    book, ledger = round_.book, round_.ledger
    last = np.full((2, len(book.units), len(book.codes)), -1, dtype=np.intp)
    concluded = (ledger["stage"] == "conclusion").to_numpy() & decides(ledger)
    for n, rows in enumerate((np.flatnonzero(ledger["stage"] == "appeal"), np.flatnonzero(concluded))):
        said = ledger.iloc[rows]
        last[n, places(book.units, said["unit"]), places(book.codes, said["code"])] = rows
    return (last[0] >= 0) | (last[1] >= 0), last[0] > last[1]  # a decision answers an explanation, written down or not


def _open_questions(round_: Round) -> npt.NDArray[np.int64]:
    waiting = round_.questions[round_.questions["reply"] == ""]
    counts = waiting.groupby("unit").size()
    return np.asarray(counts.reindex(round_.book.units, fill_value=0), dtype=np.int64)


def _words(round_: Round, table: pd.DataFrame) -> npt.NDArray[np.str_]:
    whole = table["expected"] > 0
    return np.select(
        [
            pd.Series(round_.plan.final, index=table.index),
            table["explained"] > 0,
            whole & (table["appraised"] == table["expected"]),
            table["answered"] == table["expected"],
            table["late"],
            table["answered"] > 0,
        ],
        ["final", "explained", "appraised", "returned", "late", "incomplete"],
        "waiting",
    )


def describe_status(row: pd.Series, language: str = "vi") -> str:
    """What a row of ``status`` says, in a few words: "quá hạn: thiếu 12/72 tiêu chí, chậm 3 ngày"."""
    counts: list[tuple[Message, object]] = [
        (Message("{n} of {all} criteria missing"), max(row["expected"] - row["answered"], 0)),
        (Message("{n} days late"), row["days_late"]),
        (Message("{n} criteria without evidence"), row["without_evidence"]),
        (Message("{n} explanations undecided"), row["open_appeals"]),
        (Message("{n} adjustments without a reason"), row["without_reason"]),
    ]
    parts = [said.filled(n=n, all=row["expected"]).text(language) for said, n in counts if n]
    word = STATUS_WORDS[row["status"]].text(language)
    return f"{word}: {', '.join(parts)}" if parts else word


def timetable(round_: Round, today: date | None = None, language: str = "vi") -> pd.DataFrame:
    """The steps of the plan: ``key``, ``name``, ``start``, ``end``, ``responsible``, ``state`` (upcoming, running,
    over, "" = not dated)."""
    today = today or today_in_viet_nam()
    rows = [
        (step.key, step.title(language), step.start, step.end, step.responsible, _state(step.start, step.end, today))
        for step in round_.plan.steps
    ]
    return pd.DataFrame(rows, columns=["key", "name", "start", "end", "responsible", "state"])


def _state(start: date | None, end: date | None, today: date) -> str:
    if start is None and end is None:
        return ""
    if start is not None and today < start:
        return "upcoming"
    return "over" if end is not None and today > end else "running"


# --- locked, and opened again: each is recorded in the history of the round -------------------------


def reopen(round_id: str, reason: str, by: str) -> RoundPlan:
    """Unlock a round that is final; the reason is recorded."""
    if not reason.strip():
        raise ParameterError(Problem("to reopen a round needs a reason", column="reason"))
    with ledger.locked(round_folder(round_id)):
        plan, folder = open_plan(round_id)
        if not plan.final:
            raise ParameterError(Problem("the round is open", value=round_id))
        return _record(plan, folder, "reopened", by, reason, "open")


def finish(round_id: str, by: str, reason: str = "") -> RoundPlan:
    """Lock a round: nothing can be added until it is reopened.

    Refused while units have criteria that nobody decided, unless ``reason`` says why they stay so.
    """
    with ledger.locked(round_folder(round_id)):
        current = open_round(round_id)
        refuse_final(current.plan)
        left = undecided(current)
        if len(left) and not reason.strip():
            raise DataError(
                [
                    Problem(
                        "the unit {unit} has {n} criteria without final points; decide them, or give the reason "
                        "to lock the round as it is (--reason)",
                        file=ledger.ANSWERS,
                        unit=unit,
                        n=n,
                    )
                    for unit, n in left.groupby("unit", sort=False).size().items()
                ]
            )
        return _record(current.plan, current.path, "finished", by, reason, "final")


def accept_changes(round_id: str, reason: str, by: str) -> RoundPlan:
    """Answer for a ledger that was changed outside parlib: from now on it counts as it stands."""
    if not reason.strip():
        raise ParameterError(Problem("a reason is needed", column="reason"))
    with ledger.locked(round_folder(round_id)):
        current = open_round(round_id, accept_changes=True)
        refuse_final(current.plan)
        record = {
            "at": now().isoformat(timespec="milliseconds"),
            "by": by,
            "source": Message("(changed outside parlib)").text(),
            "last_row": len(current.ledger),
            "ledger_sha256": ledger.sha256(current.path / ledger.ANSWERS),
            "reason": reason,
            "done": ledger.DONE,
        }
        lines = pd.concat([current.imports.astype("object"), pd.DataFrame([record])], ignore_index=True)
        lines = lines.fillna({"sha256": "", "first_row": 0, "unchanged": 0})
        ledger.write_imports(current.path / ledger.IMPORTS, lines)
        return _record(current.plan, current.path, "accepted", by, reason, current.plan.status)


def _record(
    plan: RoundPlan,
    folder: Path,
    action: Literal["finished", "reopened", "accepted"],
    by: str,
    reason: str,
    status: Literal["open", "final"],
) -> RoundPlan:
    event = Event(at=now(), by=by, action=action, reason=reason)
    changed = plan.model_copy(update={"status": status, "history": (*plan.history, event)})
    path = folder / FILE
    ledger.write_text(path, edited_text(path.read_text(encoding="utf-8-sig"), changed))
    return changed
