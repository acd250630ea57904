"""What an operator looks after: where appraisers differ, what came in and what was taken back, who changed what, and
what units still owe."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib import places
from parlib.data_tables import breaks
from parlib.errors import DataError, ParameterError, ParlibError, Problem
from parlib.scoring import units as scoring_units
from parlib.scoring.rules import External, Survey
from parlib.sources.heads import index_words
from parlib.sources.questions import group_words
from parlib.sources.rounds import ledger, opening
from parlib.sources.rounds.intake import is_left_beside, values_at
from parlib.sources.rounds.opening import Round, open_plan, refuse_final, round_folder
from parlib.sources.rounds.plan import (
    DECIDING,
    STEP_NAMES,
    VIET_NAM,
    RoundPlan,
    Rulebook,
    by_text,
    now,
    times,
)
from parlib.sources.rounds.reporting import appeals
from parlib.sources.rounds.scores import new_scale, scorecard
from parlib.sources.rounds.surveyed import survey_problems, taken_before, thin_units
from parlib.tables import number
from parlib.words import FIRST, Joined, Message, Words, fold

# --- two appraisers -----------------------------------------------------------------------------


def disagreements(round_: opening.Round) -> pd.DataFrame:
    """Where appraisers say different things of a criterion of a unit: a row for each of them, with what they said last.

    ``unit``, ``name``, ``code``, ``by``, ``row``, ``answer``, ``points`` (NaN: does not apply), ``remark``, ``at``,
    ``holds`` (its points count now), ``decided`` ("conclusion" or "council": somebody settled it; "" nobody did).
    """
    last = _differing(round_)
    counting = opening.effective_rows(round_, "final")
    held = round_.ledger["row"].to_numpy()[counting[counting >= 0]]
    table = last[["unit", "code", "by", "row", "answer", "earned", "remark", "at"]].rename(columns={"earned": "points"})
    table["answer"] = _answers(round_, table)
    table.insert(1, "name", _names(round_, table["unit"]))
    table["holds"] = table["row"].isin(held)
    return table.assign(decided=last["decided"]).reset_index(drop=True)


def _differing(round_: opening.Round) -> pd.DataFrame:
    """The rows of the ledger that ``disagreements`` lists, with their ``cell`` (units x leaves) and ``decided``."""
    rows = round_.ledger[round_.ledger["stage"].isin(DECIDING)]
    said = rows.assign(cell=round_.book.cells(rows), stated=opening.has_value(rows), who=by_text(rows["by"], fold))
    own = {fold(each.name) for each in round_.plan.appraisers}
    settles = said["who"].isin({fold(name) for name in round_.plan.council} - own if own else set())
    appraised = said["stage"] == "appraisal"
    last = said[appraised & ~settles].drop_duplicates(["cell", "who"], keep="last")
    last = last[last["stated"]]
    shown = np.where(last["not_applicable"], -1.0, last["earned"].fillna(-2.0).round(9))
    told = last.assign(shown=shown, told=last["answer"].where(last["answer"] != "")).groupby("cell")
    newest = told["row"].transform("max")
    by_council = last["cell"].map(said[appraised & settles & said["stated"]].groupby("cell")["row"].max()) > newest
    concluded = last["cell"].isin(said.loc[~appraised & said["stated"], "cell"])
    last["decided"] = np.where(concluded, "conclusion", np.where(by_council, "council", ""))
    differs = (told["shown"].transform("nunique") > 1) | (told["told"].transform("nunique") > 1)
    return last[differs].sort_values(["cell", "row"])


def undecided_disagreements(round_: opening.Round) -> int:
    """On how many criteria of units appraisers differ and nobody decided."""
    table = _differing(round_)
    return int(table.loc[table["decided"] == "", "cell"].nunique())


def undecided_note(round_: opening.Round) -> list[Message]:
    """That appraisers differ where nobody decided: there the last one would win in silence; empty where none do."""
    n = undecided_disagreements(round_)
    told = Message(
        "note: on {n} criteria appraisers differ and nobody decided, the last one counts: "
        "parlib round disagreements {id}",
        {"n": n, "id": round_.plan.id},
    )
    return [told] if n else []


def finish(round_id: str, by: str, reason: str = "") -> RoundPlan:
    """Lock a round: nothing can be added until it is reopened.

    Refused while something waits for a decision, unless ``reason`` says why it stays so.
    """
    with ledger.locked(round_folder(round_id)):
        current = opening.open_round(round_id)
        refuse_final(current.plan)
        if not reason.strip():
            DataError.raise_for(_left_open(current), file=ledger.ANSWERS)
        return opening.record(current.plan, current.path, "finished", by, reason, "final")


def _left_open(round_: opening.Round) -> Iterator[Problem]:
    """What nobody decided: criteria without points, explanations, appraisers who differ."""
    way = Message("decide them, or give the reason to lock the round as it is (--reason)")
    for unit, n in opening.undecided(round_).groupby("unit", sort=False).size().items():
        name = scoring_units.named(scoring_units.get(str(unit), system=round_.plan.system))
        yield Problem("the unit {unit} has {n} criteria without final points; {way}", unit=name, n=n, way=way)
    if n := undecided_disagreements(round_):
        yield Problem("on {n} criteria appraisers differ (parlib round disagreements); {way}", n=n, way=way)
    if n := int(appeals(round_)[1].sum()):
        yield Problem("{n} explanations wait for a conclusion; {way}", n=n, way=way)


def cautions(round_: opening.Round) -> list[Message]:
    """What an operator should know of the scores: appraisers who differ, explanations that nobody concluded, values of
    other indices that are not there, units whose survey is too thin, and requests that decide nothing."""
    results = undecided_note(round_)
    if waiting := int(appeals(round_)[1].sum()):
        results.append(Message("note: {n} explanations wait for a conclusion", {"n": waiting}))
    held = values_at(round_.external).dropna(subset="value").groupby("index").size()
    for index in dict.fromkeys(leaf.rule.index for leaf in round_.scheme.leaves if isinstance(leaf.rule, External)):
        if lacking := len(round_.book.units) - int(held.get(index, 0)):
            words = Message(
                "note: no value of {index} for {n} units, whose points are not known: parlib round external"
            )
            results.append(words.filled(index=index_words([index]), n=lacking))
    if thin := thin_units(round_, scorecard(round_)):
        system = round_.plan.system
        names = Joined(scoring_units.named(scoring_units.get(key, system=system)) for key in thin)
        words = Message("note: surveyed criteria of fewer than 5 answers, whose points are not shown: {names}")
        results.append(words.filled(names=names))
    if asking := opening.requests_of_others(round_):
        words = Message(
            "note: {n} rows at the stage appeal state a result and only ask; decisions are rows of 'conclusion'"
        )
        results.append(words.filled(n=asking))
    return results


def to_do(round_: opening.Round, language: str = FIRST) -> pd.DataFrame:
    """All that is missing or wrong with a round, the urgent first: ``weight`` ("must", "look"), ``what``."""
    must, look = lacks(round_)
    owing = missing(round_)
    n_open = len(open_questions(round_).query("reply == ''"))
    if len(owing):
        told = {"n": owing["unit"].nunique(), "all": len(round_.book.units)}
        must.append(Message("{n} of {all} units owe something: see what is missing", told))
    if n_open:
        must.append(Message("{n} questions without a reply", {"n": n_open}))
    look += [*cautions(round_), *survey_problems(round_)]
    lines = [("must", words) for words in must] + [("look", words) for words in look]
    frame = pd.DataFrame([(weight, words.text(language)) for weight, words in lines], columns=["weight", "what"])
    return frame.astype("str")


def open_questions(round_: opening.Round) -> pd.DataFrame:
    """The questions and proposals of units, those without a reply first: ``id``, ``name``, ``code``, ``question``,
    ``asked_at``, ``reply``, ``replied_at``, ``replied_by``."""
    table = round_.questions.assign(name=_names(round_, round_.questions["unit"]))
    table = table.assign(_open=table["reply"] != "").sort_values(["_open", "asked_at"], kind="stable")
    columns = ["id", "name", "code", "question", "asked_at", "reply", "replied_at", "replied_by"]
    return table[columns].reset_index(drop=True)


def new_rows(round_: opening.Round, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows that would be entered beside what is held: ``name``, ``code``, ``criterion``, ``stage``, ``before``,
    ``after``, ``evidence``, ``remark``, ``by``, ``file``. ``rows`` as those of a ledger, with their ``source``."""
    keys = ["unit", "code", "stage"]
    held = round_.ledger.drop_duplicates(keys, keep="last")
    before = pd.Series(_said(round_, held).to_numpy(), pd.MultiIndex.from_frame(held[keys]), dtype="str")
    names = {leaf.code: leaf.name for leaf in round_.book.leaves}
    return pd.DataFrame(
        {
            "name": _names(round_, rows["unit"]),
            "code": rows["code"],
            "criterion": rows["code"].map(names),
            "stage": rows["stage"],
            "before": before.reindex(pd.MultiIndex.from_frame(rows[keys])).fillna("").to_numpy(),
            "after": _said(round_, rows),
            "evidence": rows["evidence"],
            "remark": rows["remark"],
            "by": rows["by"],
            "file": [source.partition(" | ")[0] for source in rows["source"]],
        }
    )


def _answers(round_: opening.Round, rows: pd.DataFrame) -> list[str]:
    """The answers of rows of the ledger, as people read them."""
    rules = {leaf.code: leaf.rule for leaf in round_.book.leaves}
    return [
        ledger.shown_answer(rules.get(code), answer) for code, answer in zip(rows["code"], rows["answer"], strict=True)
    ]


def _names(round_: opening.Round, keys: pd.Series) -> list[str]:
    names = {key: scoring_units.name(key, system=round_.plan.system) for key in round_.book.units}
    return [names.get(key, "") for key in keys]


# --- imports, and what was taken back -------------------------------------------------------------


def imports_table(round_: opening.Round) -> pd.DataFrame:
    """What came in, in order: ``number`` (for ``undo``), ``entered_at``, ``by``, ``typed_by``, ``file``, ``rows``
    ("5-8"; "" = none), ``unchanged``, ``sha256``, ``action`` ("undone" where it was taken back, or takes another
    back), ``remark``."""
    imports = round_.imports
    undone = set(imports["undoes"]) - {0}
    number_of = np.arange(1, len(imports) + 1)
    spans = zip(imports["first_row"], imports["last_row"], strict=True)
    return pd.DataFrame(
        {
            "number": number_of,
            "entered_at": times(imports["at"]).dt.tz_convert(VIET_NAM),
            "by": imports["by"],
            "typed_by": imports["typed_by"],
            "file": imports["source"],
            "rows": [f"{first}-{last}" if 0 < first <= last else "" for first, last in spans],
            "unchanged": imports["unchanged"],
            "sha256": imports["sha256"],
            "action": ["undone" if n in undone else "" for n in number_of],
            "remark": imports["reason"],
        }
    )


def undo(round_id: str, which: int | range, reason: str, by: str) -> tuple[int, int, int]:
    """Take back an import, or some that follow one another, all or none: each by a record of its own; the ledger keeps
    its rows, and what they replaced holds again.

    Gives how many rows are taken back, how many of them held, and how many later decisions were made on them.
    """
    if not reason.strip():
        raise ParameterError("a reason is needed (--reason)")
    numbers = range(which, which + 1) if isinstance(which, int) else which
    with ledger.locked(opening.round_folder(round_id)):
        current = opening.open_round(round_id)
        opening.refuse_final(current.plan)
        opening.check_answered_for(current.plan)
        imports, rows = current.imports, current.ledger
        if outside := [n for n in (numbers[0], numbers[-1]) if not 1 <= n <= len(imports)]:
            there = len(imports)
            raise ParameterError("no such import; there are {n}: parlib round imports", value=outside[0], n=there)
        ParameterError.raise_for(_not_to_undo(imports, numbers))
        mine, later = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
        cells, deciding = pd.MultiIndex.from_frame(rows[["unit", "code"]]), rows["stage"].isin(DECIDING).to_numpy()
        for first, last in imports.loc[[n - 1 for n in numbers], ["first_row", "last_row"]].to_numpy():
            own = rows["row"].between(first, last).to_numpy()
            mine |= own
            later |= deciding & (rows["row"] > last).to_numpy() & cells.isin(cells[own])
        held = np.zeros(len(rows), dtype=bool)
        for stage in ("self", "final"):
            effective = opening.effective_rows(current, stage).ravel()
            held[effective[effective >= 0]] = True
        at = now()
        for n in reversed(numbers):
            imports = ledger.with_record(
                imports,
                at,
                by=by,
                source=Message("(undo of import {n})", {"n": n}).text(),
                first_row=current.last_row + 1,
                last_row=current.last_row,
                ledger_sha256=places.sha256(current.path / ledger.ANSWERS),
                reason=reason,
                done=ledger.DONE,
                undoes=n,
            )
        ledger.write_imports(current.path / ledger.IMPORTS, imports)
        return int(mine.sum()), int((mine & held).sum()), int((later & ~mine).sum())


def _not_to_undo(imports: pd.DataFrame, numbers: range) -> Iterator[Problem]:
    undone = set(imports["undoes"])
    for n in numbers:
        if n in undone:
            yield Problem("this import is undone already", value=n)
        elif not 0 < imports["first_row"].iloc[n - 1] <= imports["last_row"].iloc[n - 1]:
            yield Problem("this record added no rows that could be taken back", value=n)


# --- who changed what -----------------------------------------------------------------------------


def changes(round_: opening.Round, start: str = "", end: str = "", unit: str = "") -> pd.DataFrame:
    """Who changed what, in the order of entry: ``entered_at``, ``number`` (of the import; 0 = none), ``by`` (a name),
    ``typed_by``, ``unit``, ``name``, ``code``, ``stage``, ``action``, ``before``, ``after``, ``days_late``, ``remark``,
    ``file``. ``start`` and ``end`` are days (2026-01-31), both included; entries, not what the rows say of themselves,
    are what is dated."""
    parts = [_row_changes(round_), _undone_changes(round_), _external_changes(round_), _plan_changes(round_)]
    parts += [_question_changes(round_), _evidence_changes(round_), _survey_changes(round_)]
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    table = table.sort_values("entered_at", kind="stable", ignore_index=True)
    since, until = (opening.moment(f"{start}T00:00:00") if start else None), (opening.moment(end) if end else None)
    keep = pd.Series(True, index=table.index)
    keep &= (table["entered_at"] >= since) if since is not None else True
    keep &= (table["entered_at"] <= until) if until is not None else True
    keep &= (table["unit"] == unit) if unit else True
    kept = table[keep].reset_index(drop=True)
    names = {key: scoring_units.name(key, system=round_.plan.system) for key in round_.book.units}
    by = by_text(kept["by"], lambda by: names.get(by, by))
    return kept.assign(entered_at=kept["entered_at"].dt.tz_convert(VIET_NAM), by=by).astype({"by": "str"})


_CHANGES: tuple[str, ...] = ("entered_at", "number", "by", "typed_by", "unit", "name", "code", "stage", "action")
_CHANGES += ("before", "after", "days_late", "remark", "file")


def _of_rows(round_: opening.Round, rows: pd.DataFrame, entered_at: object, **cells: object) -> pd.DataFrame:
    """Changes of rows of the ledger: what ``cells`` say of them, beside their unit, criterion and stage."""
    own = {"unit": rows["unit"], "name": _names(round_, rows["unit"]), "code": rows["code"], "stage": rows["stage"]}
    made = pd.DataFrame({"entered_at": entered_at, **own, **cells})[list(_CHANGES)]
    return made.assign(entered_at=pd.to_datetime(made["entered_at"], utc=True))


def _said(round_: opening.Round, rows: pd.DataFrame) -> pd.Series:
    """What rows state, as text: "95,5% = 0,75"; "x" where the criterion does not apply; "" nothing."""
    texts = []
    shares = map(ledger.share_text, rows["numerator"], rows["denominator"])
    answers = [answer + share for answer, share in zip(_answers(round_, rows), shares, strict=True)]
    for answer, earned, absent in zip(answers, rows["earned"], rows["not_applicable"], strict=True):
        points = "" if np.isnan(earned) else number(earned, FIRST)
        shown = f"{answer} = {points}" if answer and points else answer or points
        texts.append(Message("does not apply").text() if absent else shown)
    return pd.Series(texts, index=rows.index, dtype="str")


def _row_changes(round_: opening.Round) -> pd.DataFrame:
    rows = pd.concat([round_.ledger, round_.undone]).sort_values("row", ignore_index=True)
    imports = round_.imports
    said = _said(round_, rows)
    spans = imports[imports["first_row"] <= imports["last_row"]]
    spans = spans[spans["first_row"] > 0].sort_values("first_row", kind="stable")
    place = np.searchsorted(spans["first_row"].to_numpy(), rows["row"].to_numpy(), side="right") - 1
    own = spans.iloc[place] if len(spans) else spans
    entered = own.index.to_numpy() + 1 if len(own) else np.zeros(len(rows), dtype=np.int64)
    before = _before(rows, said, entered)
    action = np.where(said == "", "withdrawn", np.where(before == "", "stated", "changed"))
    return _of_rows(
        round_,
        rows,
        times(own["at"]).to_numpy() if len(own) else rows["at"],
        number=entered,
        by=rows["by"],
        typed_by=own["typed_by"].to_numpy() if len(own) else "",
        action=np.where((said == "") & (rows["stage"] == "appeal"), "stated", action),
        before=before,
        after=said,
        days_late=opening.days_late(rows["at"], rows["stage"], round_.plan),
        remark=rows["remark"],
        file=rows["source"],
    )


def _before(rows: pd.DataFrame, said: pd.Series, entered: npt.NDArray[np.int64]) -> pd.Series:
    """What was said before each row, of the rows that had not been undone when it was entered."""
    earlier: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
    texts = []
    cells = zip(rows["unit"], rows["code"], rows["stage"], rows["undone"], said, entered, strict=True)
    for unit, code, stage, undone, text, number_of in cells:
        stack = earlier.setdefault((unit, code, stage), [])
        texts.append(next((old for gone, old in reversed(stack) if not gone or gone > number_of), ""))
        stack.append((undone, text))
    return pd.Series(texts, index=rows.index, dtype="str")


def _undone_changes(round_: opening.Round) -> pd.DataFrame:
    """The rows that were taken back, at the moment when they were."""
    rows, imports = round_.undone, round_.imports
    record = imports.iloc[rows["undone"].to_numpy() - 1]
    of = {name: record[name].to_numpy() for name in ("by", "typed_by")}
    of |= {
        "number": rows["undone"].to_numpy(),
        "remark": record["reason"].to_numpy(),
        "file": record["source"].to_numpy(),
    }
    at = times(record["at"]).to_numpy()
    return _of_rows(round_, rows, at, **of, action="undone", before=_said(round_, rows), after="", days_late=0)


def _external_changes(round_: opening.Round) -> pd.DataFrame:
    values = round_.external
    text = pd.Series([number(value, FIRST) for value in values["value"]], index=values.index, dtype="str")
    before = text.groupby([values["unit"], values["index"]], sort=False).shift().fillna("")
    action = np.where(before == "", "stated", "changed")
    told = values.rename(columns={"index": "code", "source": "remark"}).assign(before=before, after=text, action=action)
    return _of_log(round_, told, "external")


def _plan_changes(round_: opening.Round) -> pd.DataFrame:
    lines = [(event.at, event.by, event.typed_by, event.action, event.reason) for event in round_.plan.history]
    return _of_log(round_, pd.DataFrame(lines, columns=["at", "by", "typed_by", "action", "remark"]), "plan")


def _question_changes(round_: opening.Round) -> pd.DataFrame:
    lines = ledger.question_lines(round_.path)
    lines = lines.assign(remark="#" + lines["id"])
    asked = lines[lines["question"] != ""].assign(action="asked")
    replied = lines[lines["reply"] != ""].assign(action="replied")
    told = [
        rows.drop(columns=["asked_at", "replied_at"]).assign(at=rows[at], after=rows[text])
        for rows, at, text in ((asked, "asked_at", "question"), (replied, "replied_at", "reply"))
    ]
    return _of_log(round_, pd.concat(told), "question")


def _evidence_changes(round_: opening.Round) -> pd.DataFrame:
    lines = evidence_lines(round_)
    return _of_log(round_, lines.assign(action="recorded", after=lines["file"], file=lines["place"]), "evidence")


def _survey_changes(round_: opening.Round) -> pd.DataFrame:
    """What was taken in as the survey, and by whose mapping."""
    taken = taken_before(round_.path)
    told = {"action": "survey " + taken["how"], "after": taken["answers"], "remark": taken["confirmed"]}
    return _of_log(round_, taken.assign(**told), "survey")


def _of_log(round_: opening.Round, lines: pd.DataFrame, stage: str) -> pd.DataFrame:
    """Changes that are no rows of the ledger: what ``lines`` say of them; the rest is empty."""
    empty: dict[str, str | int] = {**dict.fromkeys(_CHANGES, ""), "number": 0, "days_late": 0, "stage": stage}
    made = lines.assign(**{name: value for name, value in empty.items() if name not in lines})
    made = made.assign(entered_at=pd.to_datetime(made["at"], utc=True, format="ISO8601"))
    return made.assign(name=_names(round_, made["unit"]))[list(_CHANGES)]


# --- what units owe -----------------------------------------------------------------------------


def missing(round_: opening.Round, today: date | None = None) -> pd.DataFrame:
    """What units still owe of their self-assessment: ``unit``, ``name``, ``code``, ``criterion``, ``lacks`` ("no
    answer", "no evidence", "late"), ``days_late`` (of what is missing: until today)."""
    book, rows = round_.book, round_.ledger
    step = round_.plan.step("self")
    today = today or datetime.now(VIET_NAM).date()
    overdue = max((today - step.end).days, 0) if step and step.end else 0
    late = np.append(opening.days_late(rows["at"], rows["stage"], round_.plan), 0)
    bare = np.append((rows["evidence"] == "") & ~rows["not_applicable"], False)
    own = opening.effective_rows(round_, "self")
    names = {leaf.code: leaf.name for leaf in book.leaves}
    lines: list[tuple[str, str, str, int]] = []
    for unit, leaf in np.argwhere(book.answered & ~book.exempt):
        row, key, code = own[unit, leaf], str(book.units[unit]), str(book.codes[leaf])
        if row < 0:
            lines.append((key, code, "no answer", overdue))
            continue
        if bare[row]:
            lines.append((key, code, "no evidence", int(late[row])))
        if late[row]:
            lines.append((key, code, "late", int(late[row])))
    table = pd.DataFrame(lines, columns=["unit", "code", "lacks", "days_late"]).astype(
        {"unit": "str", "code": "str", "lacks": "str", "days_late": "int64"}
    )
    table.insert(1, "name", _names(round_, table["unit"]))
    table.insert(3, "criterion", table["code"].map(names))
    return table


# --- before the first form goes out -----------------------------------------------------------------


def lacks(round_: opening.Round) -> tuple[list[Words], list[Words]]:
    """What a round lacks before its first form goes out, and what should be looked at."""
    plan, scheme = round_.plan, round_.scheme
    must, look = list(_lacks_of_steps(plan)), list(_looks_of_people(round_))
    if plan.year not in scheme.years:
        years = ", ".join(map(str, scheme.years))
        named = {"scheme": scheme.id, "years": years, "year": plan.year}
        look.append(Message("the set of criteria {scheme} is for {years}, not for {year}", named))
    first, listed = scheme.years[0], breaks(plan.level)
    if listed and first not in listed and new_scale(first, scheme):
        told = {"first": first, "file": "schemes/breaks.csv"}
        look.append(Message("the set of criteria begins in {first} and {file} has no row of it: add one", told))
    if scheme.status == "illustrative":
        look.append(Message("the set of criteria is illustrative: no real result may be drawn from it"))
    if plan.simulated:
        look.append(Message("this is a simulated round: its results are never real ones"))
    asked = sorted({key for leaf in scheme.leaves if isinstance(leaf.rule, Survey) for key in leaf.rule.respondents})
    planned = {group.key for group in plan.survey.groups}
    if asked and not planned:
        must.append(Message("survey: no groups of respondents; asked are {groups}", {"groups": group_words(asked)}))
    elif gone := [key for key in asked if key not in planned]:
        must.append(Message("survey: groups without a plan: {groups}", {"groups": group_words(gone)}))
    if asked and not (plan.survey.start and plan.survey.end):
        must.append(Message("survey: no dates"))
    if none := [group.key for group in plan.survey.groups if not group.planned]:
        look.append(Message("survey: no number of forms planned for {groups}", {"groups": group_words(none)}))
    if plan.year >= _NO_DISTRICTS and "huyen" in {*asked, *planned}:
        look.append(Message("survey: the group huyen (districts): there are no districts since 01/07/2025"))
    indices = sorted({leaf.rule.index for leaf in scheme.leaves if isinstance(leaf.rule, External)})
    if indices and round_.external.empty:
        named = {"indices": index_words(indices)}
        look.append(Message("other indices to be entered later: {indices} (parlib round external)", named))
    if not plan.untouched and not round_.last_row:
        look.append(Message("the plan was edited since the round was made; it holds from the first import"))
    return must, look


_NO_DISTRICTS = 2025


def _lacks_of_steps(plan: RoundPlan) -> Iterator[Words]:
    for key in ("self", "appraisal", "appeal", "results"):
        step = plan.step(key)
        name = STEP_NAMES[key]
        if step is None:
            yield Message("step {name}: not in the plan", {"name": name})
            continue
        if not (step.start and step.end):
            yield Message("step {name}: no dates", {"name": name})
        if not step.responsible:
            yield Message("step {name}: nobody is responsible", {"name": name})
    dated = [step for key in ("self", "appraisal", "appeal", "results") if (step := plan.step(key)) and step.start]
    for one, other in pairwise(dated):
        if one.start and other.start and other.start < one.start:
            yield Message("step {other} begins before {one}", {"one": one.title(), "other": other.title()})


def _looks_of_people(round_: opening.Round) -> Iterator[Words]:
    plan, book = round_.plan, round_.book
    if not plan.council and not plan.appraisers:
        yield Message("council and appraisers are not named: anybody but the unit itself may decide")
    if not plan.operators:
        yield Message("operators are not named: anybody may import, undo, accept and lock")
    if plan.appraisers:
        codes = [str(code) for code, asked in zip(book.codes, book.answered, strict=True) if asked]
        pairs = [(str(unit), code) for unit in book.units for code in codes]
        n = sum(not any(each.has(unit, code) for each in plan.appraisers) for unit, code in pairs)
        if n:
            yield Message("{n} criteria of units are assigned to no appraiser", {"n": n})
        own = book.resolved(pd.Series([each.name for each in plan.appraisers]))[0]
        units = [(each, own[each.name]) for each in plan.appraisers if each.name in own]
        selves = [each.name for each, unit in units if any(each.has(unit, code) for code in codes)]
        if selves:
            told = {"names": ", ".join(selves)}
            yield Message("no unit appraises itself: another appraiser is needed for {names} (column Units)", told)
    apart = [key for key, ranked in plan.unit_frame().itertuples(index=False) if not ranked]
    if scoring_units.assessed(plan.year, plan.level).empty:
        names = ", ".join(_names(round_, pd.Series(apart, dtype="str"))) or "-"
        named = {"year": plan.year, "n": len(book.units), "names": names}
        yield Message("no list of the units of {year} is published: {n} units, not ranked: {names}", named)


# --- evidence that came with answers --------------------------------------------------------------
# ``evidence.csv``: the files and links that units sent with their answers, each file by its hash, so that one can say
# later whether it still is what was sent. Rows are only ever added; of one place the last row counts.


EVIDENCE = "evidence.csv"
COLUMNS = ("unit", "code", "file", "sha256", "place", "by", "at", "typed_by")
_LINK = re.compile(r"https?://[^\s;,)\]}>\"']+")
_CODE = re.compile(r"\d+(?:\.\d+)*")


def read_evidence(round_: Round) -> pd.DataFrame:
    """What is recorded: ``unit``, ``code`` ("" = of the unit as a whole), ``file``, ``sha256``, ``place``, ``by``,
    ``at``, ``typed_by``; of each place the last."""
    return evidence_lines(round_).drop_duplicates(["unit", "code", "place"], keep="last").reset_index(drop=True)


def evidence_lines(round_: Round) -> pd.DataFrame:
    """All that was ever recorded, in order."""
    return ledger.read_texts(round_.path / EVIDENCE, COLUMNS, ("typed_by",), absent=True).frame


def store_evidence(round_: Round, folder: Path, by: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Record the files below ``folder``; gives the rows that are new or changed, and what was left out.

    The first folder below it says the unit; the first folder or file name that begins with a code the criterion:
    ``Hà Nội/1.1.2 QĐ 12.pdf``, ``ha-noi/1.1.2/QĐ 12.pdf``. A file of no criterion belongs to the unit as a whole.
    """
    if not folder.is_dir():
        raise DataError("this is no folder", value=str(folder))
    left: list[Problem] = []
    rows: list[dict[str, str]] = []
    book, moment = round_.book, now().isoformat(timespec="milliseconds")
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        parts = path.relative_to(folder).parts
        if is_left_beside(path.name):
            continue
        try:
            unit = round_.plan.find(parts[0]).key if len(parts) > 1 else ""
        except ParlibError as error:
            left.append(error.problems[0].at(file="/".join(parts)))
            continue
        if unit not in book.units:
            words = Message("left out: files stand in a folder that is called as the unit of the round")
            left.append(Problem(words, file="/".join(parts)))
            continue
        code = next(_codes(parts[1:], book), "")
        cells = (unit, code, path.name, places.sha256(path), str(path.resolve()), by, moment)
        rows.append(dict(zip(COLUMNS[:-1], cells, strict=True)))
    held = read_evidence(round_)
    known = set(held[["unit", "code", "place", "sha256"]].itertuples(index=False, name=None))
    fresh = [row for row in rows if (row["unit"], row["code"], row["place"], row["sha256"]) not in known]
    table = pd.DataFrame(fresh, columns=list(COLUMNS), dtype="str")
    with ledger.locked(round_folder(round_.plan.id)):
        refuse_final(open_plan(round_.plan.id)[0])
        if len(table):
            ledger.add_typed(round_.path / EVIDENCE, table, COLUMNS)
    return table, left


def _codes(parts: tuple[str, ...], book: Rulebook) -> Iterator[str]:
    """The criteria that names of folders and files begin with, the longest first: "1.1.2 QĐ 12.pdf" is of 1.1.2."""
    for part in parts:
        found = _CODE.match(part)
        pieces = found[0].split(".") if found else []
        for n in range(len(pieces), 0, -1):
            code = ".".join(pieces[:n])
            if code in book.codes:
                yield code


def checked_evidence(round_: Round) -> pd.DataFrame:
    """Every file recorded and every link in the evidence of answers, and how it is now: ``unit``, ``name``, ``code``,
    ``file``, ``sha256``, ``place``, ``by``, ``state`` ("sound", "altered", "missing", "link")."""
    table = read_evidence(round_).drop(columns=["at", "typed_by"])
    table["state"] = [
        _state(Path(place), sha256) for place, sha256 in zip(table["place"], table["sha256"], strict=True)
    ]
    rows = round_.ledger[(round_.ledger["evidence"] != "") & round_.ledger["stage"].isin(("self", "appeal"))]
    links = [
        {"unit": unit, "code": code, "file": "", "sha256": "", "place": link, "by": by, "state": "link"}
        for unit, code, text, by in rows[["unit", "code", "evidence", "by"]].itertuples(index=False)
        for link in _LINK.findall(text)
    ]
    both = pd.concat([table, pd.DataFrame(links, columns=table.columns, dtype="str")], ignore_index=True)
    both = both.drop_duplicates(["unit", "code", "place"], ignore_index=True)
    both.insert(1, "name", [scoring_units.name(key, system=round_.plan.system) for key in both["unit"]])
    return both


def _state(path: Path, sha256: str) -> str:
    try:
        return "sound" if places.sha256(path) == sha256 else "altered"
    except OSError:
        return "missing"


RECEIVED = "received"


def keep_received(round_: Round, files: Iterable[Path]) -> None:
    """Keep a copy of the files whose rows were taken, as they came: what hangs on their cells and stands beside their
    tables is in no ledger. A copy is called by the hash that imports.csv has of it."""
    for path in files:
        target = round_.path / RECEIVED / f"{places.sha256(path)[:16]}-{path.name}"
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            with places.whole_file(target) as draft:
                shutil.copyfile(path, draft)
