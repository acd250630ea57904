"""The recipe of a simulated round: everything in it follows from the year, the level and the seed.

Nothing in the answers is real. What is real are the published totals that they meet, and the set of criteria and the
list of units they stand on; all else (answers, evidence, respondents, weights of strata, results of other indices) is
drawn by lot and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from parlib import data_tables
from parlib.errors import ParameterError, Problem
from parlib.scoring import units as framework_units
from parlib.scoring.results import Results
from parlib.scoring.rules import External, Survey
from parlib.scoring.scheme import Node, Scheme, load_scheme, scheme_for, scheme_ids
from parlib.sources.published import index_names
from parlib.sources.rounds.plan import RoundPlan
from parlib.sources.rounds.texts import VIET_NAM
from parlib.sources.simulation.answers import reach
from parlib.sources.simulation.ledger_rows import Calendar, split, unit_rows
from parlib.sources.simulation.respondents import Group, Question, answers_of_unit
from parlib.sources.simulation.targets import Targets, targets
from parlib.sources.survey.questions import group_names, satisfaction_form
from parlib.words import Message

OFFICIALS, CITIZENS = 49_000, 40_000
SATISFACTION = ("sipas", "nguoi_dan")  # the index of the citizens' survey, and its group
_SERVICE_INDEX = "phuc_vu_tthc"
_SOURCE = Message("simulated")
_NOTE = Message(
    "SIMULATED: answers, documents, respondents and outside values are made by a computer. Only the total points agree "
    "with published results, where these exist."
)

#: Shares of the officials' forms by group, with the strata of each (name, share, clusters): assumptions.
_GROUPS: Mapping[str, Mapping[str, tuple[float, tuple[tuple[str, float, int], ...]]]] = {
    "province": {
        "hdnd": (0.08, (("hdnd-tinh", 1.0, 8),)),
        "so_nganh": (0.26, (("so-tong-hop", 0.5, 8), ("so-chuyen-nganh", 0.5, 12))),
        "phong_so": (0.38, (("phong-tong-hop", 0.4, 12), ("phong-chuyen-mon", 0.6, 20))),
        "huyen": (0.28, (("do-thi", 0.35, 4), ("dong-bang", 0.4, 6), ("mien-nui", 0.25, 4))),
    },
    "ministry": {
        "vu_cuc": (0.14, (("vu-tham-muu", 0.6, 14), ("cuc-tong-cuc", 0.4, 10))),
        "cong_chuc": (0.42, (("co-quan-bo", 0.7, 24), ("don-vi-thuoc-bo", 0.3, 12))),
        "so_nganh": (0.36, (("phia-bac", 0.4, 25), ("mien-trung", 0.3, 19), ("phia-nam", 0.3, 19))),
        "hiep_hoi": (0.08, (("hiep-hoi", 1.0, 10),)),
    },
}
_CITIZEN_STRATA = (("thanh-thi", 0.35, 10), ("nong-thon", 0.45, 14), ("vung-kho-khan", 0.2, 6))


@dataclass(frozen=True)
class SimulatedRound:
    """A whole round: its plan, and the rest as plain tables."""

    plan: RoundPlan
    answers: pd.DataFrame
    survey: pd.DataFrame
    external: pd.DataFrame
    questions: pd.DataFrame
    targets: Targets


def scheme_of(year: int, level: str) -> Scheme:
    """The set of criteria of the year, or where it has none another of the level, an illustrative one before others."""
    own = scheme_for(year, level)
    if own is not None:
        return own
    others = [
        scheme for scheme in map(load_scheme, scheme_ids()) if (scheme.level, scheme.index_name) == (level, "par")
    ]
    if not others:
        raise ParameterError(Problem("there is no set of criteria of this level", value=level))
    return min(others, key=lambda scheme: (scheme.status != "illustrative", scheme.id))


def cook(
    year: int, level: str, seed: int, published: Results | None, satisfaction: Results | None, round_id: str = ""
) -> SimulatedRound:
    """The simulated round of ``year`` and ``level``. ``published`` and ``satisfaction`` are the results to meet."""
    scheme = scheme_of(year, level)
    units = _units(year, level)
    rng = np.random.default_rng([seed, year, framework_units.levels().index(level)])
    goals = targets(published, units, rng)
    asks = SATISFACTION[0] in index_names(level)
    happy = targets(satisfaction, units, rng).index if asks else None
    exempt = {unit: _exempt(scheme, place, rng) for place, unit in enumerate(_with_exemptions(units, level))}
    calendar = _calendar(year)
    ledgers, surveys, external = [], [], []
    for unit in units["unit"]:
        ledger, answers, values = _unit(
            str(unit), scheme, float(goals.index[unit]), None if happy is None else float(happy[unit]),
            _published_parts(published, str(unit)), exempt.get(unit, ()), calendar, len(units), rng,
        )  # fmt: skip
        ledgers.append(ledger)
        surveys.append(answers)
        external.append(values)
    survey = pd.concat(surveys, ignore_index=True)
    first = _fieldwork(year)[0]
    survey["date"] = pd.to_datetime(first) + pd.to_timedelta(survey.pop("day"), unit="D")
    return SimulatedRound(
        plan=_plan(round_id or f"{year}-{level}", seed, year, scheme, units, survey),
        answers=pd.concat(ledgers, ignore_index=True),
        survey=survey,
        external=pd.concat(external, ignore_index=True),
        questions=_questions(units, scheme, calendar, rng),
        targets=goals,
    )


# --- units and what is asked of them -----------------------------------------------------------------------------


def _units(year: int, level: str) -> pd.DataFrame:
    frame = framework_units.assessed(year, level)
    if not len(frame):
        standing = framework_units.units_of_year(year, level)
        left_out = {"bo-cong-an", "bo-quoc-phong", "van-phong-chinh-phu"}  # never assessed
        keys = [unit.key for unit in standing if unit.key not in left_out]
        frame = pd.DataFrame({"unit": keys, "ranked": True})
    return frame[["unit", "ranked"]].reset_index(drop=True)


def _with_exemptions(units: pd.DataFrame, level: str) -> list[str]:
    """Units to which some criteria do not apply: those not ranked, and the first three by the alphabet; of a level
    without systems only, whose units differ in what they do."""
    if data_tables.systems(level):
        return []
    apart = [str(u) for u in units.loc[~units["ranked"].astype(bool), "unit"]]
    return [*apart, *sorted(units.loc[units["ranked"].astype(bool), "unit"])[:3]]


def _exempt(scheme: Scheme, place: int, rng: np.random.Generator) -> tuple[Node, ...]:
    """Leaves of administrative procedures that do not apply: more of them to bodies not ranked."""
    suspects = [
        leaf
        for leaf in scheme.leaves
        if leaf.rule is not None and leaf.rule.answered and "TTHC" in f"{leaf.name} {leaf.evidence}"
    ]
    count = min(len(suspects), 5 if place < 2 else 1 + place % 3)
    chosen = sorted(int(i) for i in rng.permutation(len(suspects))[:count])
    return tuple(suspects[i] for i in chosen)


def _published_parts(published: Results | None, unit: str) -> dict[str, float]:
    if published is None:
        return {}
    rows = published.table[(published.table["unit"] == unit) & published.table["node"].str.startswith("component:")]
    rows = rows.dropna(subset=["points"])
    return {
        str(node).removeprefix("component:"): float(points)
        for node, points in zip(rows["node"], rows["points"], strict=True)
    }


def _unit(
    unit: str,
    scheme: Scheme,
    index: float,
    satisfied: float | None,
    published: Mapping[str, float],
    exempt: tuple[Node, ...],
    calendar: Calendar,
    n_units: int,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Ledger rows, survey answers and external values of one unit."""
    left_out = {leaf.code for leaf in exempt}
    applying = [leaf for leaf in scheme.leaves if leaf.code not in left_out]
    points = index * sum(float(leaf.maximum or 0.0) for leaf in applying) / 100
    maxima = {key: sum(float(n.maximum or 0.0) for n in applying if n.component == key) for key in scheme.components}
    values = {}
    for leaf in applying:
        if isinstance(leaf.rule, External):
            own = satisfied if leaf.rule.index == SATISFACTION[0] else None
            drawn = float(np.clip(rng.normal(index - 6, 6), 35, 99))
            values[leaf.code] = round(own if own is not None else drawn, 2)
    outside = dict.fromkeys(maxima, 0.0)
    for leaf in applying:
        if isinstance(leaf.rule, External):
            outside[leaf.component] += float(leaf.rule.points(values[leaf.code], float(leaf.maximum or 0.0)))
    surveyed = {n.component for n in applying if isinstance(n.rule, Survey)}
    drawn_parts = {}
    for key, most in maxima.items():
        level = index / 100 - (0.03 if key in surveyed else 0.08) + rng.normal(0, 0.02)
        drawn_parts[key] = outside[key] if _only_external(applying, key) else float(np.clip(level, 0.4, 0.97)) * most
    known = {} if exempt else {k: v for k, v in published.items() if k in maxima and not _only_external(applying, k)}
    wanted = split(points, maxima, known, drawn_parts, rest="appraisal")
    drafts = []
    for key in maxima:
        leaves = [n for n in applying if n.component == key and n.rule is not None and n.rule.answered]
        if leaves and key != "appraisal":
            drafts.append(reach(leaves, wanted[key] - outside[key], rng))
    survey, officials = _officials(unit, scheme, applying, wanted, n_units, rng)
    # what the other components really came to settles what the appraised part has to give
    given = sum(float(d.points.sum()) for d in drafts) + officials + sum(outside.values())
    leaves = [n for n in applying if n.component == "appraisal" and n.rule is not None and n.rule.answered]
    drafts.append(reach(leaves, points - given, rng))
    if satisfied is not None:
        survey = pd.concat([survey, _citizens(unit, satisfied, n_units, rng)], ignore_index=True)
    external = pd.DataFrame(
        [
            (unit, leaf.rule.index, values[leaf.code], _SOURCE.text())
            for leaf in applying
            if isinstance(leaf.rule, External)
        ],
        columns=["unit", "index", "value", "source"],
    )
    return unit_rows(unit, drafts, exempt, calendar, rng), survey, external


def _only_external(leaves: list[Node], component: str) -> bool:
    return all(isinstance(leaf.rule, External) for leaf in leaves if leaf.component == component)


# --- respondents -------------------------------------------------------------------------------------------------


def _officials(
    unit: str, scheme: Scheme, leaves: list[Node], wanted: Mapping[str, float], n_units: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, float]:
    """The officials' answers of a unit and the points that they came to."""
    asked = [leaf for leaf in leaves if isinstance(leaf.rule, Survey)]
    questions = [_question(leaf) for leaf in asked]
    keys = list(dict.fromkeys(key for question in questions for key in question.groups))
    shapes = _GROUPS.get(scheme.level, {})
    usual = (1.0 / len(keys), (("chung", 1.0, 12),))
    groups = [Group(k, round(OFFICIALS / n_units * shapes.get(k, usual)[0]), shapes.get(k, usual)[1]) for k in keys]
    component = asked[0].component
    frame = answers_of_unit(unit, questions, groups, wanted[component], {}, rng)
    return frame, _points_of(frame, questions)


def _question(leaf: Node) -> Question:
    assert isinstance(leaf.rule, Survey)
    shares = tuple(float(leaf.rule.scale[answer]) for answer in sorted(leaf.rule.scale))
    return Question(leaf.rule.item, leaf.rule.respondents, shares, float(leaf.maximum or 0.0))


def _points_of(frame: pd.DataFrame, questions: list[Question]) -> float:
    """The points of a unit's answers: weighted mean share by group, groups alike, times the maximum."""
    told = frame["answer"].notna().to_numpy()
    answer = frame["answer"].to_numpy(float)[told].astype(int) - 1
    items, item = np.unique(frame["item"].to_numpy(str)[told], return_inverse=True)
    groups, group = np.unique(frame["group"].to_numpy(str)[told], return_inverse=True)
    weight = frame["weight"].to_numpy(float)[told]
    by_item = {question.item: question for question in questions}
    share = np.array([by_item[key].shares for key in items])[item, answer]
    cell, cells = item * len(groups) + group, len(items) * len(groups)
    total = np.bincount(cell, weight, minlength=cells).reshape(len(items), -1)
    mean = np.bincount(cell, weight * share, minlength=cells).reshape(total.shape) / np.where(total > 0, total, 1)
    by_group = mean.sum(axis=1) / (total > 0).sum(axis=1)
    return float(sum(by_item[key].maximum * value for key, value in zip(items, by_group, strict=True)))


def _citizens(unit: str, satisfied: float, n_units: int, rng: np.random.Generator) -> pd.DataFrame:
    """Citizens' answers of a unit whose satisfied share is the index of satisfaction."""
    form = satisfaction_form()
    scale = {int(answer): float(share) for answer, share in form["scale"].items()}
    shares = tuple(scale[answer] for answer in sorted(scale))
    items = [item["item"] for item in form["items"]]
    questions = [Question(item, (form["group"],), shares, 100.0 / len(items)) for item in items]
    group = Group(form["group"], round(CITIZENS / n_units), _CITIZEN_STRATA)
    return answers_of_unit(unit, questions, [group], satisfied, {}, rng)


# --- the plan ----------------------------------------------------------------------------------------------------


def _fieldwork(year: int) -> tuple[date, date]:
    return date(year + 1, 1, 5), date(year + 1, 2, 15)


def _calendar(year: int) -> Calendar:
    def period(first: tuple[int, int, int], last: tuple[int, int, int]) -> tuple[datetime, datetime]:
        return datetime(*first, 8, tzinfo=VIET_NAM), datetime(*last, 17, tzinfo=VIET_NAM)

    return Calendar(
        period((year, 12, 1), (year + 1, 1, 10)),
        period((year + 1, 1, 16), (year + 1, 2, 28)),
        period((year + 1, 3, 3), (year + 1, 3, 14)),
    )


def _plan(round_id: str, seed: int, year: int, scheme: Scheme, units: pd.DataFrame, survey: pd.DataFrame) -> RoundPlan:
    level = scheme.level
    about = {"year": year, "units": data_tables.levels()[level]["name_vi"]}
    ministry, units_assessed = Message("Ministry of Home Affairs").text(), Message("The units assessed").text()
    council = Message("Appraisal council").text()
    sizes = survey.groupby("group")["respondent"].nunique()
    following = year + 1
    steps = [
        ("preparation", date(year, 10, 1), date(year, 11, 30), ministry),
        ("self", date(year, 12, 1), date(following, 1, 10), units_assessed),
        ("survey", *_fieldwork(year), ministry),
        ("appraisal", date(following, 1, 16), date(following, 2, 28), council),
        ("appeal", date(following, 3, 3), date(following, 3, 14), Message("The units; the appraisal council").text()),
        ("results", date(following, 4, 1), date(following, 4, 15), ministry),
    ]
    content = {
        "id": round_id,
        "year": year,
        "level": level,
        "scheme": scheme.id,
        "system": data_tables.system_of(year, level),
        "title": Message("Simulated round {year}, {units}", about).text(),
        "status": "open",
        "simulated": True,
        "seed": seed,
        "note": _NOTE.text(),
        "units": [str(unit) for unit in units["unit"]],
        "unranked": [str(unit) for unit in units.loc[~units["ranked"].astype(bool), "unit"]],
        "steps": [{"key": k, "from": a, "to": b, "responsible": who} for k, a, b, who in steps],
        "survey": {
            "from": _fieldwork(year)[0],
            "to": _fieldwork(year)[1],
            "groups": [
                {"key": str(k), "name": group_names().get(str(k), str(k)), "planned": int(n)} for k, n in sizes.items()
            ],
        },
    }
    return RoundPlan.model_validate(content)


def _questions(units: pd.DataFrame, scheme: Scheme, calendar: Calendar, rng: np.random.Generator) -> pd.DataFrame:
    """Questions and proposals of a few units, most of them answered."""
    texts = (
        Message("Please explain how the share of this criterion is worked out (simulated)"),
        Message("Please accept more kinds of evidence (simulated)"),
        Message("Please consider the case that no task arose in the year (simulated)"),
    )
    reply = Message("Follow the Ministry's guidance on scoring (simulated)")
    answered = [leaf for leaf in scheme.leaves if leaf.rule is not None and leaf.rule.answered]
    chosen = sorted(rng.permutation(len(units))[: max(3, len(units) // 6)])
    rows = []
    for number, place in enumerate(chosen, start=1):
        asked = datetime.fromisoformat(calendar.moment("self", rng))
        replied = asked + timedelta(days=int(rng.integers(2, 9)))
        open_still = number % 5 == 0
        rows.append(
            {
                "id": f"H{number:03d}",
                "unit": str(units["unit"].iloc[int(place)]),
                "code": answered[int(rng.integers(len(answered)))].code,
                "question": texts[int(rng.integers(len(texts)))].text(),
                "asked_at": asked.isoformat(),
                "reply": "" if open_still else reply.text(),
                "replied_at": "" if open_still else replied.isoformat(),
                "by": "" if open_still else "vu-cchc",
            }
        )
    return pd.DataFrame(rows)
