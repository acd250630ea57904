"""What a report says of the round behind its numbers: plan, returns, stages, survey by group, questions and replies."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parlib.scoring import units as framework_units
from parlib.scoring.rules import External, Target
from parlib.scoring.rules import Survey as Surveyed
from parlib.scoring.scheme import Node, Scheme
from parlib.scoring.scorecard import Scorecard
from parlib.sources.rounds.external import values_at
from parlib.sources.rounds.opening import Round, folder_state, open_for_reading, open_round, round_folder
from parlib.sources.rounds.scores import scorecard, scorecards
from parlib.sources.rounds.stages import state
from parlib.sources.rounds.status import status
from parlib.sources.rounds.survey_answers import answers, checks_that_found
from parlib.sources.rounds.surveyed import hidden_leaves, shown, thin_units
from parlib.words import FIRST, Message

if TYPE_CHECKING:
    from parlib.sources.survey import Survey

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
    """

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
    round_ = open_round(round_id)
    found = RoundFacts(
        steps=_steps(round_, language),
        returns=status(round_),
        questions=_questions(round_, language),
        cards=_cards(round_),
        decisions=_decisions(round_),
        explained=_explained(round_),
        code_book=code_book(round_.scheme, language),
        measured=measured_values(round_),
    )
    return _with_survey(found, round_, language)


def scored(round_id: str) -> RoundFacts:
    """The part of ``facts`` that speaks of units one by one: cards, decisions and what was explained.

    It is read once for the same files, for many profiles are made of one round. Nothing where ``round_id`` is "".
    """
    return _scored(round_id, folder_state(round_folder(round_id))) if round_id else RoundFacts()


@lru_cache(maxsize=2)
def _scored(round_id: str, _state: object) -> RoundFacts:
    round_ = open_for_reading(round_id)
    return RoundFacts(cards=_cards(round_), decisions=_decisions(round_), explained=_explained(round_))


def _cards(round_: Round) -> dict[str, Scorecard]:
    return {stage: shown(round_, card) for stage, card in scorecards(round_).items()}


def _explained(round_: Round) -> pd.DataFrame:
    appeals = round_.ledger[round_.ledger["stage"].isin(["appeal", "conclusion"])]
    return appeals[["unit", "code"]].drop_duplicates().reset_index(drop=True)


def _steps(round_: Round, language: str) -> pd.DataFrame:
    rows = [(s.key, s.title(language), s.start, s.end, s.responsible) for s in round_.plan.steps]
    return pd.DataFrame(rows, columns=["key", "name", "start", "end", "responsible"])


def _questions(round_: Round, language: str) -> pd.DataFrame:
    table = round_.questions.copy()
    table["name"] = [framework_units.name(key, language, system=round_.plan.system) for key in table["unit"]]
    return table


def _decisions(round_: Round) -> pd.DataFrame:
    held = state(round_, "final")
    remarks = round_.ledger.set_index("row")["remark"]
    held["remark"] = held["row"].map(remarks).fillna("")
    held["decided"] = held["points"].notna() | held["not_applicable"]
    return held[["unit", "code", "stage", "answer", "decided", "remark"]]


def _with_survey(found: RoundFacts, round_: Round, language: str) -> RoundFacts:
    """``found`` with forms by group and shares by item and group; as it is where the round has no survey."""
    survey = answers(round_)
    if round_.survey_path is None or survey is None:
        return found
    from parlib.sources.survey import questions, suppressed, tabulate
    from parlib.sources.survey.questions import group_names, satisfaction_form, satisfaction_questions

    names = group_names(language)
    asked = questions(round_.scheme, round_.plan.survey.weights or None)
    table = suppressed(tabulate(survey, asked, together=True))
    leaves = {question.item: round_.scheme.node(question.code) for question in asked}
    numbers = dict.fromkeys(("n", "share", "lower", "upper"), "float64")  # a hidden one is NaN, as all unknown numbers
    shares = table.groups[["group", "item", *numbers]].astype(numbers)
    shares.insert(2, "code", [leaves[item].code for item in shares["item"]])
    gone = shares["lower"].isna() | shares["code"].isin(hidden_leaves(round_, scorecard(round_)))
    shares.loc[gone, list(numbers)] = np.nan  # no mean is printed without its interval
    shares.insert(3, "name", [leaves[i].name if language == FIRST else leaves[i].name_en for i in shares["item"]])
    answered = pd.read_parquet(round_.survey_path, columns=["unit", "respondent", "group"])
    forms = answered.drop_duplicates().groupby("group", observed=True).size().rename("n").reset_index()
    planned = {group.key: group.planned for group in round_.plan.survey.groups}
    forms["group"] = forms["group"].astype("str")
    forms.insert(1, "name", [names.get(key, key) for key in forms["group"]])
    forms["planned"] = [planned.get(key) for key in forms["group"]]
    told = replace(
        found,
        shares=shares.assign(group_name=[names.get(key, key) for key in shares["group"]]),
        forms=forms,
        assumptions=(*(note.text(language) for note in table.assumptions), *_cautions(round_, language)),
    )
    form = satisfaction_form()
    if form["group"] in set(forms["group"]):
        together = suppressed(tabulate(survey, satisfaction_questions(), together=True))
        named = {item["item"]: item["name" if language == FIRST else "name_en"] for item in form["items"]}
        factors = together.groups[["item", "n", "share", "lower", "upper"]].dropna().reset_index(drop=True)
        factors.insert(1, "name", [named[item] for item in factors["item"]])
        told = replace(told, satisfaction=factors, citizens=citizens(round_, survey))
    return told


def _cautions(round_: Round, language: str) -> Iterator[str]:
    """Whose survey is too thin to be shown, and what the checks of the answers found, in sentences without numbers."""
    from parlib.sources.survey.quality_words import CHECKS

    if thin := thin_units(round_, scorecard(round_)):
        names = ", ".join(framework_units.name(key, language, system=round_.plan.system) for key in thin)
        words = Message("Some surveyed criteria have too few answers for their points to be shown: {names}.")
        yield words.filled(names=names).text(language)
    if found := checks_that_found(round_):
        titles = [CHECKS[check].title.text(language) for check in found]
        told = "; ".join(title[0].lower() + title[1:] for title in titles)
        yield Message("The checks of the survey's answers found: {told}.", {"told": told}).text(language)


def citizens(round_: Round, survey: Survey) -> pd.DataFrame:
    """SIPAS of each unit: the value that is scored, and that of the round's own survey with its interval, in percent.

    The error of a unit's value knows that the same citizens answered all its questions.
    """
    from parlib.sources.survey import node_points, suppress, tabulate
    from parlib.sources.survey.questions import satisfaction_questions
    from parlib.sources.survey.variance import share_interval

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


def measured_values(round_: Round) -> pd.DataFrame:
    """The values behind the points of criteria that take another index, a target, or measure the impact.

    ``unit``, ``code``, ``kind`` ("external", "target", "result"), ``value``, ``target`` (the unit's own; NaN where the
    rule has none) and ``full_from``: from which value, or percent of the target, all points are given (NaN where the
    rule does not say). A value that is not known, or written down as points only, is NaN.
    """
    leaves = [leaf for leaf in round_.scheme.leaves if _is_measured(leaf)]
    held = state(round_, "final").set_index(["unit", "code"])["answer"]
    external = values_at(round_.external).set_index(["unit", "index"])["value"]
    rows = []
    for leaf in leaves:
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


def _is_measured(leaf: Node) -> bool:
    return isinstance(leaf.rule, External | Target) or leaf.component == IMPACT


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
