"""A round on disk: made and opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path

import pandas as pd

from parlib import places
from parlib.errors import DataError, ParameterError, Problem
from parlib.scoring.scheme import Scheme
from parlib.sources.rounds import external, ledger, questions
from parlib.sources.rounds.plan import FILE, Event, RoundPlan, Rulebook, check_plan, plan_text, read_plan
from parlib.sources.rounds.texts import now
from parlib.words import Message, near

SURVEY = "survey.parquet"


@dataclass(frozen=True, eq=False)
class Round:
    """One assessment round as it stands on disk when opened.

    ``ledger``     every row stated or decided, in order (see ``ledger.read_ledger``).
    ``imports``    where the rows came from: ``at``, ``by``, ``source``, ``sha256``, ``first_row``, ``last_row``, ...
    ``questions``  questions and proposals of units with the replies (see ``questions.read_questions``).
    ``external``   other indices that the scheme counts: ``unit``, ``index``, ``value``, ``source``.
    """

    plan: RoundPlan
    path: Path
    ledger: pd.DataFrame
    imports: pd.DataFrame
    questions: pd.DataFrame
    external: pd.DataFrame

    @cached_property
    def scheme(self) -> Scheme:
        """The set of criteria of the round."""
        return self.plan.load_scheme()

    @cached_property
    def book(self) -> Rulebook:
        """What the round allows: units, leaves, maxima."""
        return Rulebook(self.plan, self.scheme)

    @property
    def survey_path(self) -> Path | None:
        """The respondents' answers, where the round has them."""
        path = self.path / SURVEY
        return path if path.exists() else None

    @property
    def marks(self) -> tuple[str, ...]:
        """What the numbers of the round rest on: printed on everything made from it."""
        illustrative = ("illustrative_scheme",) if self.scheme.status == "illustrative" else ()
        return (*illustrative, *(("simulated",) if self.plan.simulated else ()))


def round_ids() -> tuple[str, ...]:
    """The ids of all rounds on disk."""
    return tuple(sorted(path.parent.name for path in places.rounds().glob(f"*/{FILE}")))


def round_folder(round_id: str) -> Path:
    """The folder of a round; ``ParameterError`` with near matches."""
    known = round_ids()
    if round_id not in known:
        if not known:
            raise ParameterError(Problem("no such round; there is none yet", value=round_id))
        there = ", ".join(known)
        raise ParameterError(
            Problem("no such round; there are: {there}{near}", value=round_id, there=there, near=near(round_id, known))
        )
    return places.rounds() / round_id


def folder_state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Path, size and time of change of the files of a round: what tells whether it is as it was when last read."""
    entries = [part for path in folder.iterdir() for part in (survey_files(path) if path.name == SURVEY else [path])]
    files = sorted(path for path in entries if path.is_file() and not path.name.startswith("."))
    return tuple((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files)


def survey_files(path: Path) -> list[Path]:
    """The files of survey answers: one, or those of the folder that stands in its place."""
    return sorted(path.glob("*.parquet")) if path.is_dir() else [path]


def create_round(plan: RoundPlan, by: str = "parlib", at: datetime | None = None) -> Path:
    """Make the folder of a new round from its plan, made ``at`` (now); gives the folder."""
    check_plan(plan)
    folder = places.rounds() / plan.id
    if (folder / FILE).exists():
        raise ParameterError(Problem("the round exists", value=plan.id))
    folder.mkdir(parents=True, exist_ok=True)
    begun = plan.model_copy(update={"history": (*plan.history, Event(at=at or now(), by=by, action="created"))})
    with ledger.locked(folder):
        if not (folder / ledger.ANSWERS).exists():
            ledger.write_text(folder / ledger.ANSWERS, ",".join(ledger.COLUMNS) + "\n")
        ledger.write_text(folder / FILE, plan_text(begun))
    return folder


def open_plan(round_id: str) -> tuple[RoundPlan, Path]:
    """The plan of a round and its folder."""
    folder = round_folder(round_id)
    plan = read_plan(folder / FILE)
    if plan.id != folder.name:
        raise DataError(
            Problem(
                "the id differs from the folder '{folder_name}'",
                file=FILE,
                column="id",
                value=plan.id,
                folder_name=folder.name,
            )
        )
    return plan, folder


def open_round(round_id: str, accept_changes: bool = False) -> Round:
    """The round as it stands: everything on it is read and checked.

    Raises ``ParameterError`` when there is none, ``DataError`` with all problems when its files are wrong, or when
    the ledger was changed by hand (unless ``accept_changes``).
    """
    plan, folder = open_plan(round_id)
    book = Rulebook(plan, plan.load_scheme())
    rows, sha256 = ledger.read_ledger(folder / ledger.ANSWERS, book)
    imports = ledger.read_imports(folder / ledger.IMPORTS, len(rows))
    if not accept_changes and not ledger.untouched(imports, sha256):
        raise ledger.refuse_touched()
    return Round(
        plan=plan,
        path=folder,
        ledger=rows,
        imports=imports,
        questions=questions.read_questions(folder, book),
        external=external.read_external(folder, book),
    )


def open_for_reading(round_id: str) -> Round:
    """As ``open_round``, but what this process has read already is not read again while the files stay as they are."""
    return _read_once(round_id, folder_state(round_folder(round_id)))


@lru_cache(maxsize=2)
def _read_once(round_id: str, _state: object) -> Round:
    return open_round(round_id)


def refuse_final(plan: RoundPlan) -> None:
    """Raise a ``DataError`` where the round is locked."""
    if not plan.final:
        return
    locks = [event for event in plan.history if event.action == "finished"]
    since = {"day": f"{locks[-1].at:%d/%m/%Y}", "by": locks[-1].by} if locks else {}
    raise DataError(
        Problem(
            "the round {plan_id} is final{when}; to change it, reopen it with a reason: parlib round reopen",
            file=FILE,
            column="status",
            value=plan.status,
            when=Message(" since {day} ({by})", since) if since else "",
            plan_id=plan.id,
        )
    )
