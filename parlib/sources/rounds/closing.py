"""Locking a round, opening it again, and answering for changes made by hand: each is recorded in its history."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pandas as pd

from parlib.errors import DataError, ParameterError, Problem
from parlib.sources.rounds import ledger, store
from parlib.sources.rounds.opening import open_plan, open_round, refuse_final, round_folder
from parlib.sources.rounds.plan import FILE, Event, RoundPlan, edited_text
from parlib.sources.rounds.stages import undecided
from parlib.sources.rounds.texts import now
from parlib.words import Message


def reopen(round_id: str, reason: str, by: str) -> RoundPlan:
    """Unlock a round that is final; the reason is recorded."""
    if not reason.strip():
        raise ParameterError(Problem("to reopen a round needs a reason", column="reason"))
    with store.locked(round_folder(round_id)):
        plan, folder = open_plan(round_id)
        if not plan.final:
            raise ParameterError(Problem("the round is open", value=round_id))
        return _record(plan, folder, "reopened", by, reason, "open")


def finish(round_id: str, by: str, reason: str = "") -> RoundPlan:
    """Lock a round: nothing can be added until it is reopened.

    Refused while units have criteria that nobody decided, unless ``reason`` says why they stay so.
    """
    with store.locked(round_folder(round_id)):
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
    with store.locked(round_folder(round_id)):
        current = open_round(round_id, accept_changes=True)
        refuse_final(current.plan)
        record = {
            "at": now().isoformat(timespec="milliseconds"),
            "by": by,
            "source": Message("(changed outside parlib)").text(),
            "last_row": len(current.ledger),
            "ledger_sha256": store.sha256(current.path / ledger.ANSWERS),
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
    store.write_text(path, edited_text(path.read_text(encoding="utf-8-sig"), changed))
    return changed
