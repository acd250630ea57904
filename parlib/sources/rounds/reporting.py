"""What a report says of the round behind its numbers: plan, returns, stages, survey by group, questions and replies."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib import places
from parlib.errors import DataError, ParameterError, ParlibError
from parlib.scoring import units as scoring_units
from parlib.scoring.rules import External, Target
from parlib.scoring.rules import Survey as Surveyed
from parlib.scoring.scheme import Node, Scheme
from parlib.scoring.scorecard import Scorecard
from parlib.sources.rounds import ledger, opening
from parlib.sources.rounds.intake import values_at
from parlib.sources.rounds.ledger import TOLERANCE
from parlib.sources.rounds.plan import FILE, VIET_NAM, RoundPlan, now, places_of, read_plan
from parlib.sources.rounds.scores import scorecard, scorecards
from parlib.sources.rounds.surveyed import answers, checks_that_found, hidden_leaves, shown, thin_units
from parlib.words import FIRST, Message

if TYPE_CHECKING:
    from parlib.sources.survey import Survey


# --- status ---------------------------------------------------------------------------------------
# Where each unit stands against the plan of the round: returned, incomplete, late, appraised, explained, final.

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


#: What is said where there is no round.
NO_ROUND = Message(
    "There is no round on this computer. Make one: parlib round new; or try with made-up data: parlib simulate "
    "--year 2023 --level ministry --seed 4"
)


def plans() -> tuple[dict[str, RoundPlan], dict[str, ParlibError]]:
    """The plans of all rounds on disk by their ids, and what is wrong with those that cannot be read."""
    readable, unreadable = dict[str, RoundPlan](), dict[str, ParlibError]()
    for name in opening.round_ids():
        try:
            readable[name] = read_plan(opening.round_folder(name) / FILE)
        except ParlibError as error:
            unreadable[name] = error
    return readable, unreadable


def status(round_: opening.Round, today: date | None = None) -> pd.DataFrame:
    """One row for each unit, in official order.

    ``unit``, ``name``; ``status`` (see ``STATUS_WORDS``); ``expected`` criteria that the unit answers itself, of which
    ``answered``, ``appraised``; ``without_evidence``: answered, but with no evidence named; ``returned_at``: the day on
    which the last of them came in (NaT = not yet); ``late``, ``days_late`` against the end of the plan's step "self";
    ``adjusted``: appraised at other points than the unit's own, of which ``without_reason`` without a remark;
    ``explained``: criteria on which the unit explained itself, of which ``open_appeals`` without a decision since;
    ``open_questions``: questions and proposals without a reply; ``changed_late``: criteria that were answered in time
    and whose answer was changed after the end of that step.
    """
    today = today or today_in_viet_nam()
    book, ledger = round_.book, round_.ledger
    asked = book.answered & ~book.exempt
    own, judged = opening.effective_rows(round_, "self"), _appraised(round_)
    answered, appraised = (own >= 0) & asked, (judged >= 0) & asked
    earned = np.append(ledger["earned"].to_numpy(), np.nan)
    given_up = np.append(ledger["not_applicable"].to_numpy(), False)
    same = (np.abs(earned[own] - earned[judged]) <= TOLERANCE) | (given_up[own] & given_up[judged])
    adjusted = answered & appraised & ~same
    silent = np.append(ledger["remark"].eq("").to_numpy(), False)
    bare = np.append(ledger["evidence"].eq("").to_numpy() & ~ledger["not_applicable"].to_numpy(), False)
    explained, still_open = appeals(round_)
    expected = asked.sum(axis=1)
    table = pd.DataFrame(
        {
            "unit": book.units,
            "name": [scoring_units.name(key, system=round_.plan.system) for key in book.units],
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
            "changed_late": (_changed_late(round_, own) & asked).sum(axis=1),
        }
    )
    table.insert(6, "days_late", _days_late(round_, table, today))
    table.insert(6, "late", table["days_late"] > 0)
    table.insert(2, "status", _words(round_, table))
    return table


def _appraised(round_: opening.Round) -> npt.NDArray[np.intp]:
    """The rows of the council's own decisions, whatever the plan says of what it did not decide."""
    held = opening.effective_rows(round_, "appraisal")
    stage = np.append(round_.ledger["stage"].to_numpy(dtype=object), "")
    return np.where(stage[held] == "self", -1, held)


def _returned(round_: opening.Round, asked: npt.NDArray[np.bool_]) -> pd.Series:
    """The time at which the last of the expected answers of each unit first came in; NaT while one is missing."""
    book, ledger = round_.book, round_.ledger
    stated = (ledger["answer"] != "") | ledger["points"].notna() | ledger["not_applicable"]
    first = ledger[(ledger["stage"] == "self") & stated].drop_duplicates(["unit", "code"])
    unit, leaf = places_of(book.units, first["unit"]), places_of(book.codes, first["code"])
    counts = asked[unit, leaf]
    came = first[counts].groupby("unit", sort=False)["at"].agg(["max", "size"])
    whole = pd.Series(asked.sum(axis=1), index=book.units)
    complete = came.index[came["size"].to_numpy() == whole[came.index].to_numpy()]
    return came["max"].reindex(complete).reindex(book.units).reset_index(drop=True)


def _days_late(round_: opening.Round, table: pd.DataFrame, today: date) -> list[int]:
    step = round_.plan.step("self")
    if step is None or step.end is None:
        return [0] * len(table)
    days = [today if pd.isna(moment) else moment.date() for moment in table["returned_at"]]
    return [max((day - step.end).days, 0) for day in days]


def _changed_late(round_: opening.Round, own: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Where the answer that holds came after the end of its step, and another one in time: units x leaves."""
    book, rows = round_.book, round_.ledger
    late = opening.days_late(rows["at"], rows["stage"], round_.plan) > 0
    stated = (rows["answer"] != "") | rows["points"].notna() | rows["not_applicable"]
    first = rows[np.asarray((rows["stage"] == "self") & stated & ~late, dtype=bool)]
    in_time = np.zeros(own.shape, dtype=bool)
    in_time[places_of(book.units, first["unit"]), places_of(book.codes, first["code"])] = True
    return np.asarray(in_time & np.append(late, False)[own], dtype=np.bool_)


def appeals(round_: opening.Round) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Where units explained themselves, and where no decision came after it: units x leaves."""
    book, ledger = round_.book, round_.ledger
    last = np.full((2, len(book.units), len(book.codes)), -1, dtype=np.intp)
    concluded = (ledger["stage"] == "conclusion").to_numpy() & opening.decides(ledger)
    for n, rows in enumerate((np.flatnonzero(ledger["stage"] == "appeal"), np.flatnonzero(concluded))):
        stated = ledger.iloc[rows]
        last[n, places_of(book.units, stated["unit"]), places_of(book.codes, stated["code"])] = rows
    return (last[0] >= 0) | (last[1] >= 0), last[0] > last[1]  # a decision answers an explanation, written down or not


def _open_questions(round_: opening.Round) -> npt.NDArray[np.int64]:
    waiting = round_.questions[round_.questions["reply"] == ""]
    counts = waiting.groupby("unit").size()
    return np.asarray(counts.reindex(round_.book.units, fill_value=0), dtype=np.int64)


def _words(round_: opening.Round, table: pd.DataFrame) -> npt.NDArray[np.str_]:
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
        (Message("{n} answers changed after the deadline"), row["changed_late"]),
        (Message("{n} criteria without evidence"), row["without_evidence"]),
        (Message("{n} explanations undecided"), row["open_appeals"]),
        (Message("{n} adjustments without a reason"), row["without_reason"]),
    ]
    parts = [value.filled(n=n, all=row["expected"]).text(language) for value, n in counts if n]
    word = STATUS_WORDS[row["status"]].text(language)
    return f"{word}: {', '.join(parts)}" if parts else word


def where_units_stand(round_: opening.Round, today: date | None = None, language: str = FIRST) -> pd.DataFrame:
    """``status`` as people read it: ``name``, ``told``, and how many criteria and questions that is."""
    table = status(round_, today)
    told = [describe_status(row, language) for _, row in table.iterrows()]
    names = [scoring_units.name(key, language, system=round_.plan.system) for key in table["unit"]]
    counts = ["expected", "answered", "appraised", "open_appeals", "open_questions"]
    return table[counts].assign(name=names, told=pd.Series(told, dtype="str"))[["name", "told", *counts]]


def timetable(round_: opening.Round, today: date | None = None, language: str = "vi") -> pd.DataFrame:
    """The steps of the plan: ``key``, ``name``, ``start``, ``end``, ``responsible``, ``state`` (upcoming, running,
    over, "" = not dated)."""
    today = today or today_in_viet_nam()
    rows = [
        (step.key, step.title(language), step.start, step.end, step.who(language), _state(step.start, step.end, today))
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
        raise ParameterError("to reopen a round needs a reason (--reason)")
    with ledger.locked(opening.round_folder(round_id)):
        plan, folder = opening.open_plan(round_id)
        if not plan.final:
            raise ParameterError("the round is open", value=round_id)
        return opening.record(plan, folder, "reopened", by, reason, "open")


def accept_changes(round_id: str, reason: str, by: str) -> tuple[str, ...]:
    """Answer for a ledger or a plan that was changed outside parlib: from now on they count as they stand. Gives the
    files that were changed; ``ParameterError`` where none was."""
    if not reason.strip():
        raise ParameterError("a reason is needed (--reason)")
    with ledger.locked(opening.round_folder(round_id)):
        current = opening.open_round(round_id, accept_changes=True)
        opening.refuse_final(current.plan)
        changed = [] if current.plan.untouched else [FILE]
        n_rows, sha256 = len(current.ledger) + len(current.undone), places.sha256(current.path / ledger.ANSWERS)
        try:
            ledger.check_untouched(current.imports, n_rows, sha256)
        except DataError:
            changed.append(ledger.ANSWERS)
            source = Message("(changed outside parlib)").text()
            own = {"source": source, "last_row": n_rows, "ledger_sha256": sha256, "reason": reason, "done": ledger.DONE}
            lines = ledger.with_record(current.imports, now(), by=by, **own)
            ledger.write_imports(current.path / ledger.IMPORTS, lines)
        if not changed:
            raise ParameterError("nothing was changed outside parlib: there is nothing to accept")
        opening.record(current.plan, current.path, "accepted", by, reason, settled=True)
        return tuple(changed)


_EMPTY = pd.DataFrame()


@dataclass(frozen=True)
class RoundFacts:
    """A round in frames for a report; all are empty where the report rests on published results.

    ``steps``      key, name, start, end, responsible: the year's plan.
    ``returns``    one row a unit, as ``status``.
    ``questions``  id, unit, name, code, question, asked_at, reply, replied_at.
    ``cards``      scorecards by stage: self, appraisal, final; without points that may not be shown.
    ``decisions``  unit, code, stage, answer, decided (points were written down, not earned by the answer), remark: the
                   row that gave the final points.
    ``explained``  unit, code: what units explained, or the council decided on anew.
    ``forms``      group, name, planned, n (respondents who answered).
    ``shares``     group, item, code, name, n, share, lower, upper: all units together; small groups are hidden, and
                   items of which the points of some unit are (less those of all others they would give them away).
    ``satisfaction``  item, name, n, share, lower, upper: the citizens' survey, all units together.
    ``citizens``   unit, n, value, share, lower, upper (percent): the satisfaction of the citizens of each unit, as it
                   is scored and as the survey of the round finds it; units of few answers are hidden, and a second
                   one where ``satisfaction`` would give a single one away.
    ``assumptions``   what the survey rests on, a sentence each.
    ``code_book``, ``measured``  as ``code_book`` and ``measured_values``.
    ``locked``     the day on which the round was locked; ``None`` while it is open.
    """

    locked: date | None = None
    steps: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    returns: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    questions: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    cards: dict[str, Scorecard] = field(default_factory=dict)
    decisions: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    explained: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    forms: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    shares: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    satisfaction: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    citizens: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    assumptions: tuple[str, ...] = ()
    code_book: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    measured: pd.DataFrame = field(default_factory=lambda: _EMPTY)


def facts(round_id: str, language: str = "vi") -> RoundFacts:
    """What a report says of a round; nothing where ``round_id`` is "" (published results)."""
    if not round_id:
        return RoundFacts()
    round_ = opening.open_round(round_id)
    locks = [event.at for event in round_.plan.history if event.action == "finished" and round_.plan.final]
    result = RoundFacts(
        locked=locks[-1].astimezone(VIET_NAM).date() if locks else None,
        steps=timetable(round_, language=language).drop(columns="state"),
        returns=status(round_),
        questions=_questions(round_, language),
        cards=_cards(round_),
        decisions=_decisions(round_),
        explained=_explained(round_),
        code_book=code_book(round_.scheme, language),
        measured=measured_values(round_),
    )
    return _with_survey(result, round_, language)


def scored(round_id: str) -> RoundFacts:
    """The part of ``facts`` that speaks of units one by one: cards, decisions and what was explained.

    It is read once for the same files, for many profiles are made of one round. Nothing where ``round_id`` is "".
    """
    return _scored(round_id, opening.folder_state(opening.round_folder(round_id))) if round_id else RoundFacts()


@lru_cache(maxsize=2)
def _scored(round_id: str, _state: object) -> RoundFacts:
    round_ = opening.open_for_reading(round_id)
    return RoundFacts(cards=_cards(round_), decisions=_decisions(round_), explained=_explained(round_))


def _cards(round_: opening.Round) -> dict[str, Scorecard]:
    return {stage: shown(round_, card) for stage, card in scorecards(round_).items()}


def _explained(round_: opening.Round) -> pd.DataFrame:
    appeals = round_.ledger[round_.ledger["stage"].isin(["appeal", "conclusion"])]
    return appeals[["unit", "code"]].drop_duplicates().reset_index(drop=True)


def _questions(round_: opening.Round, language: str) -> pd.DataFrame:
    table = round_.questions.copy()
    table["name"] = [scoring_units.name(key, language, system=round_.plan.system) for key in table["unit"]]
    return table


def _decisions(round_: opening.Round) -> pd.DataFrame:
    held = opening.state(round_, "final")
    remarks = round_.ledger.set_index("row")["remark"]
    held["remark"] = held["row"].map(remarks).fillna("")
    held["decided"] = held["points"].notna() | held["not_applicable"]
    return held[["unit", "code", "stage", "answer", "decided", "remark"]]


def _with_survey(result: RoundFacts, round_: opening.Round, language: str) -> RoundFacts:
    """``found`` with forms by group and shares by item and group; as it is where the round has no survey."""
    survey = answers(round_)
    if round_.survey_path is None or survey is None:
        return result
    from parlib.sources.questions import group_names, satisfaction_form, satisfaction_questions
    from parlib.sources.survey import suppressed, tabulate

    names = group_names(language)
    shares, assumptions = _shares(round_, survey, language)
    answered = pd.read_parquet(round_.survey_path, columns=["unit", "respondent", "group"])
    forms = answered.drop_duplicates().groupby("group", observed=True).size().rename("n").reset_index()
    planned = {group.key: group.planned for group in round_.plan.survey.groups}
    forms["group"] = forms["group"].astype("str")
    forms.insert(1, "name", [names.get(key, key) for key in forms["group"]])
    forms["planned"] = [planned.get(key) for key in forms["group"]]
    sentence = replace(
        result,
        shares=shares,
        forms=forms,
        assumptions=(*(note.text(language) for note in assumptions), *_cautions(round_, language)),
    )
    form = satisfaction_form()
    if form["group"] in set(forms["group"]):
        together = suppressed(tabulate(survey, satisfaction_questions(), together=True))
        named = {item["item"]: item["name" if language == FIRST else "name_en"] for item in form["items"]}
        factors = together.groups[["item", "n", "share", "lower", "upper"]].dropna().reset_index(drop=True)
        factors.insert(1, "name", [named[item] for item in factors["item"]])
        sentence = replace(sentence, satisfaction=factors, citizens=citizens(round_, survey))
    return sentence


def shares(round_id: str, language: str = FIRST) -> pd.DataFrame:
    """The part of ``facts`` that the survey of a round says by item and group, read once for the same files; empty
    where there is none."""
    return (
        _shares_of(round_id, opening.folder_state(opening.round_folder(round_id)), language).copy()
        if round_id
        else _EMPTY
    )


@lru_cache(maxsize=4)
def _shares_of(round_id: str, _state: object, language: str) -> pd.DataFrame:
    round_ = opening.open_for_reading(round_id)
    survey = answers(round_)
    return _EMPTY if survey is None else _shares(round_, survey, language)[0]


def _shares(round_: opening.Round, survey: Survey, language: str) -> tuple[pd.DataFrame, tuple[Message, ...]]:
    """The shares by item and group with their intervals, and what they rest on."""
    from parlib.sources.questions import group_names
    from parlib.sources.survey import questions, suppressed, tabulate

    names = group_names(language)
    asked = questions(round_.scheme, round_.plan.survey.weights or None)
    table = suppressed(tabulate(survey, asked, together=True))
    leaves = {question.item: round_.scheme.node(question.code) for question in asked}
    numbers = dict.fromkeys(("n", "share", "lower", "upper"), "float64")  # a hidden one is NaN, as all unknown numbers
    frame = table.groups[["group", "item", *numbers]].astype(numbers)
    frame.insert(2, "code", [leaves[item].code for item in frame["item"]])
    gone = frame["lower"].isna() | frame["code"].isin(hidden_leaves(round_, scorecard(round_)))
    frame.loc[gone, list(numbers)] = np.nan  # no mean is printed without its interval
    frame.insert(3, "name", [leaves[i].name if language == FIRST else leaves[i].name_en for i in frame["item"]])
    frame["group_name"] = [names.get(key, key) for key in frame["group"]]
    return frame, tuple(table.assumptions)


def _cautions(round_: opening.Round, language: str) -> Iterator[str]:
    """Whose survey is too thin to be shown, and what the checks of the answers found, in sentences without numbers."""
    from parlib.sources.survey.quality import CHECKS

    if thin := thin_units(round_, scorecard(round_)):
        names = ", ".join(scoring_units.name(key, language, system=round_.plan.system) for key in thin)
        words = Message("Some surveyed criteria have too few answers for their points to be shown: {names}.")
        yield words.filled(names=names).text(language)
    if result := checks_that_found(round_):
        titles = [CHECKS[check].title.text(language) for check in result]
        sentence = "; ".join(title[0].lower() + title[1:] for title in titles)
        yield Message("The checks of the survey's answers found: {told}.", {"told": sentence}).text(language)


def citizens(round_: opening.Round, survey: Survey) -> pd.DataFrame:
    """SIPAS of each unit: the value that is scored, and that of the round's own survey with its interval, in percent.

    The error of a unit's value knows that the same citizens answered all its questions.
    """
    from parlib.sources.questions import satisfaction_questions
    from parlib.sources.survey import node_points, suppress, tabulate
    from parlib.sources.survey.tabulate import share_interval

    asked, units = satisfaction_questions(), list(round_.book.units)
    table = tabulate(survey, asked, units=units)
    whole = node_points(table, asked).query("node == ''").set_index("unit").reindex(units)
    most = table.units.groupby("unit")["n"].max().reindex(units)  # of the questions, the one answered most
    lower, upper = share_interval(
        whole["points"], whole["standard_error"], whole["degrees_of_freedom"], best=whole["maximum"]
    )
    values = values_at(round_.external)
    scored = values[values["index"] == "sipas"].set_index("unit")["value"].reindex(units)
    by_unit = pd.DataFrame({"unit": units, "item": "", "n": most.fillna(0).to_numpy()})
    by_unit["share"] = (whole["points"] / whole["maximum"]).to_numpy()
    shown = (most > 0) & (suppress(by_unit, totals=[["item"]])["suppressed"].set_axis(units) == "")
    frame = pd.DataFrame({"unit": units, "n": most.where(shown).to_numpy(), "value": scored.to_numpy(dtype="float64")})
    frame["share"] = whole["points"].where(shown).to_numpy()
    frame["lower"] = np.where(shown, lower, np.nan)
    frame["upper"] = np.where(shown, upper, np.nan)
    return frame


# --- the code book, and the values behind measured points -------------------------------------

IMPACT = "impact"  # the component of socio-economic impact


def code_book(scheme: Scheme, language: str = "vi") -> pd.DataFrame:
    """Every area, criterion and sub-criterion in the order of the tree: ``code``, ``name``, ``maximum`` (NaN = not
    known), ``component`` (its name; "" above the scored nodes), ``rule`` in words, ``item`` of the survey or ""."""
    vietnamese = language == FIRST
    parts = {key: part.name if vietnamese else part.name_en for key, part in scheme.components.items()}
    rows = [
        (
            node.code,
            node.name if vietnamese else node.name_en,
            math.nan if node.maximum is None else float(node.maximum),
            parts.get(node.component, ""),
            node.rule.words(node.maximum, language) if node.rule else "",
            node.rule.item if isinstance(node.rule, Surveyed) else "",
        )
        for node in scheme.nodes
    ]
    return pd.DataFrame(rows, columns=["code", "name", "maximum", "component", "rule", "item"])


def measured_values(round_: opening.Round) -> pd.DataFrame:
    """The values behind the points of criteria that take another index, a target, or measure the impact.

    ``unit``, ``code``, ``kind`` ("external", "target", "result"), ``value``, ``target`` (the unit's own; NaN where the
    rule has none) and ``full_from``: from which value, or percent of the target, all points are given (NaN where the
    rule does not say). A value that is not known, or written down as points only, is NaN.
    """
    held = opening.state(round_, "final").set_index(["unit", "code"])["answer"]
    external = values_at(round_.external).set_index(["unit", "index"])["value"]
    rows = []
    for leaf in round_.scheme.leaves:
        if not (isinstance(leaf.rule, External | Target) or leaf.component == IMPACT):
            continue
        full_from = leaf.rule.full_from() if leaf.rule else math.nan
        for unit in round_.book.units:
            value = target = math.nan
            if isinstance(leaf.rule, External):
                value = float(external.get((unit, leaf.rule.index), math.nan))
            else:
                value, target = _answered(leaf, held.get((unit, leaf.code)))
            rows.append((str(unit), leaf.code, _kind(leaf), value, target, full_from))
    return pd.DataFrame(rows, columns=["unit", "code", "kind", "value", "target", "full_from"]).astype(
        {"unit": "str", "code": "str", "kind": "str"}
    )


def _kind(leaf: Node) -> str:
    if isinstance(leaf.rule, External):
        return "external"
    return "target" if isinstance(leaf.rule, Target) else "result"


def _answered(leaf: Node, cell: object) -> tuple[float, float]:
    """The result and its target as the ledger keeps them ("105/100"), NaN where there is no answer."""
    if not isinstance(cell, str) or not cell.strip():
        return math.nan, math.nan
    value, _, target = cell.partition("/")
    return float(value), float(target) if target and isinstance(leaf.rule, Target) else math.nan
