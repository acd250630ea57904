"""The recipe of a simulated round: everything in it follows from the year, the level and the seed.

Nothing in the answers is real. What is real are the published totals that they meet, and the set of criteria and the
list of units they stand on; all else (answers, evidence, respondents, weights of strata, results of other indices) is
drawn by lot and says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from parlib import data_tables, places
from parlib.data_tables import base_year, check_level
from parlib.errors import ParameterError
from parlib.scoring import units as scoring_units
from parlib.scoring.results import WHOLE, Results
from parlib.scoring.rules import External, Survey
from parlib.scoring.scheme import Node, Scheme, load_scheme, scheme_for, scheme_ids
from parlib.sources import published, rounds
from parlib.sources.published import index_names
from parlib.sources.questions import Question, group_names, questions, satisfaction_questions
from parlib.sources.rounds.plan import RESPONSIBLE, SLUG, VIET_NAM, RoundPlan
from parlib.sources.simulation.answers import ANSWERED, Calendar, Group, answers_of_unit, reach, split, unit_rows
from parlib.words import Message

# --- targets --------------------------------------------------------------------------------------
# Which index each unit of a simulated round is to reach: the published one where it is known.
#
# The other units are placed between the known ones so that their order agrees with every printed rank, the best and the
# last unit stand at the printed range and the mean of all ranked units is the printed mean, where these are known.

#: Used where nothing is published of a year: assumptions of the simulation, named in its note.
ASSUMED_MEAN, ASSUMED_BEST, ASSUMED_LAST = 86.0, 92.0, 79.0
_GAP = 0.02  # between neighbours, so that a rank does not rest on rounding


@dataclass(frozen=True)
class Targets:
    """``index`` by unit, and of which units it is published."""

    index: pd.Series
    known: frozenset[str]


def targets(published: Results | None, units: pd.DataFrame, rng: np.random.Generator) -> Targets:
    """The index that each unit of ``units`` (``unit``, ``ranked``) is to reach; units not ranked get one as well."""
    ranked = list(units.loc[units["ranked"].astype(bool), "unit"])
    known = _known_values(published, ranked)
    places = _places(published, ranked, known, rng)
    values = _fill(places, known, _printed(published), rng)
    index = pd.Series(values, index=pd.Index(places, name="unit"), name="index")
    apart = [unit for unit in units["unit"] if unit not in set(ranked)]
    middle = float(index.mean()) if len(index) else ASSUMED_MEAN
    others = pd.Series({unit: round(float(rng.uniform(middle - 6, middle)), 2) for unit in apart}, dtype="float64")
    index = pd.concat([index, others]).reindex(pd.Index(units["unit"], name="unit"))
    return Targets(index, frozenset(known))


def _known_values(published: Results | None, ranked: list[str]) -> dict[str, float]:
    if published is None:
        return {}
    values = published.values(WHOLE).dropna()
    return {str(unit): float(value) for unit, value in values.items() if unit in set(ranked)}


def _printed(published: Results | None) -> dict[str, float]:
    """The "mean", "max" and "min" of the index that are printed."""
    if published is None:
        return {}
    frame = published.printed_statistics.dropna(subset="value")
    whole = frame[frame["statistic"].isin(["mean", "max", "min"]) & (frame["node"].fillna("") == WHOLE)]
    rows = whole.drop_duplicates("statistic")
    return dict(zip(rows["statistic"].astype(str), rows["value"].astype(float), strict=True))


def _places(
    published: Results | None, ranked: list[str], known: dict[str, float], rng: np.random.Generator
) -> list[str]:
    """The units from the first place to the last: printed ranks kept, known values in their order, others by lot."""
    n = len(ranked)
    seats: dict[int, str] = {}
    if published is not None and published.ranks is not None:
        frame = published.ranks.dropna(subset=["rank"])
        for unit, rank in zip(frame["unit"].astype(str), frame["rank"].astype(int), strict=True):
            if unit in set(ranked):
                place = int(rank) - 1
                while place in seats and place < n - 1:  # equal ranks sit side by side
                    place += 1
                seats[place] = unit
    seated = set(seats.values())
    for unit in sorted(set(known) - seated, key=lambda u: -known[u]):  # a value without a rank: where it fits
        place = _fitting_place(known[unit], seats, known, n)
        seats[place] = unit
    free = [unit for unit in ranked if unit not in set(seats.values())]
    drawn = iter([free[i] for i in rng.permutation(len(free))])
    return [seats[place] if place in seats else next(drawn) for place in range(n)]


def _fitting_place(value: float, seats: dict[int, str], known: dict[str, float], n: int) -> int:
    above = [place for place, unit in seats.items() if known.get(unit, -np.inf) >= value]
    below = [place for place, unit in seats.items() if known.get(unit, np.inf) < value]
    low, high = max(above, default=-1), min(below, default=n)
    open_seats = [place for place in range(n) if place not in seats]
    inside = [place for place in open_seats if low < place < high]
    return (inside or open_seats)[len(inside or open_seats) // 2]


def _fill(
    places: list[str], known: dict[str, float], printed: Mapping[str, float], rng: np.random.Generator
) -> np.ndarray:
    """Falling values along the places through the known ones, bent so that their mean is the printed one."""
    n = len(places)
    anchors = {place: known[unit] for place, unit in enumerate(places) if unit in known}
    if n:
        first, final = _ends(anchors, n, printed)
        anchors.setdefault(0, first)
        anchors.setdefault(n - 1, final)
    steps = rng.dirichlet(np.full(n, 3.0)) if n else np.zeros(0)
    fixed = sorted(anchors)
    free = [place for place in range(n) if place not in anchors]
    goal = printed.get("mean", None if known or printed else ASSUMED_MEAN)

    def bent(power: float) -> np.ndarray:
        values = np.empty(n)
        for first, second in pairwise(fixed):
            way = np.concatenate([[0.0], np.cumsum(steps[first + 1 : second + 1])])
            way = way / way[-1]
            high, low = anchors[first], anchors[second]
            values[first : second + 1] = high - (high - low) * way**power
        for place in fixed:
            values[place] = anchors[place]
        return values

    if n == 1:
        return np.array([anchors[0]])
    values = bent(1.0)
    if goal is not None and free:
        low, high = -4.0, 4.0  # of log2 of the power: a larger power keeps values high for longer
        for _ in range(60):
            middle = (low + high) / 2
            if bent(2.0**middle).mean() < goal:
                low = middle
            else:
                high = middle
        values = bent(2.0 ** ((low + high) / 2))
    return _apart(np.round(values, 4), set(fixed))


def _ends(anchors: dict[int, float], n: int, printed: Mapping[str, float]) -> tuple[float, float]:
    """The values of the first and the last place: printed, or carried on from the known ones."""
    if not anchors:
        first = printed.get("max", ASSUMED_BEST)
        return first, printed.get("min", min(ASSUMED_LAST, first))
    top, bottom = min(anchors), max(anchors)
    if bottom > top:
        slope = (anchors[top] - anchors[bottom]) / (bottom - top)
    else:  # one value: the mean stands about half-way down
        slope = abs(anchors[top] - printed.get("mean", anchors[top] - 5)) / max(n / 2, 1)
    first = printed.get("max", min(anchors[top] + slope * top, 99.0))
    final = printed.get("min", max(anchors[bottom] - slope * (n - 1 - bottom), 1.0))
    return max(first, anchors[top]), min(final, anchors[bottom])


def _apart(values: np.ndarray, fixed: set[int]) -> np.ndarray:
    """Free neighbours moved a little where they would stand equal, never past a fixed one."""
    for place in range(1, len(values) - 1):
        if place in fixed or values[place] < values[place - 1]:
            continue
        room = values[place - 1] - values[place + 1]
        values[place] = values[place - 1] - min(_GAP, room / 2) if room > 0 else values[place - 1]
    return values


OFFICIALS, CITIZENS = 49_000, 40_000
SATISFACTION = ("sipas", "nguoi_dan")  # the index of the citizens' survey, and its group
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
        raise ParameterError("there is no set of criteria of this level", value=level)
    return min(others, key=lambda scheme: (scheme.status != "illustrative", scheme.id))


def cook(
    year: int, level: str, seed: int, published: Results | None, satisfaction: Results | None, round_id: str
) -> SimulatedRound:
    """The simulated round of ``year`` and ``level``. ``published`` and ``satisfaction`` are the results to meet."""
    scheme = scheme_of(year, level)
    units = _units(year, level)
    rng = np.random.default_rng([seed, year, scoring_units.levels().index(level)])
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
        plan=_plan(round_id, seed, year, scheme, units, survey),
        answers=pd.concat(ledgers, ignore_index=True),
        survey=survey,
        external=pd.concat(external, ignore_index=True),
        questions=_questions(units, scheme, calendar, rng),
        targets=goals,
    )


# --- units and what is asked of them -----------------------------------------------------------------------------


def _units(year: int, level: str) -> pd.DataFrame:
    """The published list of the year, or those that a round of all units would have."""
    frame = scoring_units.assessed(year, level)
    if not len(frame):
        apart = scoring_units.assessed_apart(year, level)
        keys = scoring_units.ever_assessed(year, level)
        frame = pd.DataFrame({"unit": keys, "ranked": [key not in apart for key in keys]})
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
    wanted = split(points, maxima, known, drawn_parts)
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
    if not any(isinstance(leaf.rule, Survey) for leaf in leaves):
        return pd.DataFrame(columns=ANSWERED), 0.0
    codes = {leaf.code for leaf in leaves}
    asked = [question for question in questions(scheme) if question.code in codes]
    keys = list(dict.fromkeys(key for question in asked for key in question.groups))
    shapes = _GROUPS.get(scheme.level, {})
    usual = (1.0 / len(keys), (("chung", 1.0, 12),))
    groups = [Group(k, round(OFFICIALS / n_units * shapes.get(k, usual)[0]), shapes.get(k, usual)[1]) for k in keys]
    frame = answers_of_unit(unit, asked, groups, wanted[asked[0].component], rng)
    return frame, _points_of(frame, asked)


def _points_of(frame: pd.DataFrame, asked: list[Question]) -> float:
    """The points of a unit's answers: weighted mean share by group, groups alike, times the maximum."""
    shares = pd.Series({(each.item, answer): share for each in asked for answer, share in each.scale.items()})
    given = frame.dropna(subset="answer")
    earned = given["weight"] * shares.loc[[*zip(given["item"], given["answer"], strict=True)]].to_numpy()
    sums = given.assign(earned=earned).groupby(["item", "group"])[["earned", "weight"]].sum()
    by_item = (sums["earned"] / sums["weight"]).groupby("item").mean()
    return float(sum(question.maximum * by_item.get(question.item, 0.0) for question in asked))


def _citizens(unit: str, satisfied: float, n_units: int, rng: np.random.Generator) -> pd.DataFrame:
    """Citizens' answers of a unit whose satisfied share is the index of satisfaction."""
    asked = satisfaction_questions()
    group = Group(asked[0].groups[0], round(CITIZENS / n_units), _CITIZEN_STRATA)
    return answers_of_unit(unit, asked, [group], satisfied, rng)


# --- the plan ----------------------------------------------------------------------------------------------------


def _fieldwork(year: int) -> tuple[date, date]:
    return date(year + 1, 1, 5), date(year + 1, 2, 15)


def _calendar(year: int) -> Calendar:
    def period(first: tuple[int, int, int], last: tuple[int, int, int]) -> tuple[datetime, datetime]:
        return datetime(*first, 8, tzinfo=VIET_NAM), datetime(*last, 17, tzinfo=VIET_NAM)

    return Calendar(
        {
            "self": period((year, 12, 1), (year + 1, 1, 10)),
            "appraisal": period((year + 1, 1, 16), (year + 1, 2, 28)),
            "appeal": period((year + 1, 3, 3), (year + 1, 3, 14)),
        }
    )


def _plan(round_id: str, seed: int, year: int, scheme: Scheme, units: pd.DataFrame, survey: pd.DataFrame) -> RoundPlan:
    level = scheme.level
    about = {"year": year, "units": data_tables.levels()[level]["name_vi"]}
    ministry, units_assessed, council, both = (one.text() for one in RESPONSIBLE)
    sizes = survey.groupby("group")["respondent"].nunique()
    following = year + 1
    steps = [
        ("preparation", date(year, 10, 1), date(year, 11, 30), ministry),
        ("self", date(year, 12, 1), date(following, 1, 10), units_assessed),
        ("survey", *_fieldwork(year), ministry),
        ("appraisal", date(following, 1, 16), date(following, 2, 28), council),
        ("appeal", date(following, 3, 3), date(following, 3, 14), both),
        ("results", date(following, 4, 1), date(following, 4, 15), ministry),
    ]
    content = {
        "id": round_id,
        "year": year,
        "level": level,
        "scheme": scheme.id,
        "system": data_tables.system_of(year, level),
        "title": Message("Simulated round {year}, {units}", about).text(),
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


# --- simulate -------------------------------------------------------------------------------------
# Write a simulated round to disk: through the same doors as a real one, whole or not at all.

_BY = "mo-phong"


@dataclass(frozen=True)
class Simulated:
    """What was written: the round's id and folder, and how large it is."""

    round_id: str
    folder: Path
    n_units: int
    n_answers: int
    n_respondents: int
    n_known: int


def round_id_of(year: int, level: str) -> str:
    """The id that the round of a year and level has, simulated or real."""
    return f"{year}-{level}"


def simulate(year: int, level: str, seed: int = 1, *, round_id: str = "", force: bool = False) -> Simulated:
    """Write the simulated round of ``year`` and ``level`` to the folder of rounds.

    The same seed gives the same files, byte for byte. ``round_id`` is "<year>-<level>" unless given. A simulated round
    of that id is replaced only with ``force``, and only when the new one is complete; a round that is not simulated is
    never replaced. Raises ``ParameterError`` on an unknown level or year, or when the round is there already.
    """
    check_level(level)
    if not base_year() <= year <= 2100:
        raise ParameterError("the PAR INDEX exists since {first}", value=year, first=base_year())
    if seed < 0:
        raise ParameterError("a seed is 0 or more", value=seed)
    round_id = round_id or round_id_of(year, level)
    if not re.fullmatch(SLUG, round_id):  # a path is no id
        raise ParameterError("has small letters without marks, digits and hyphens only", value=round_id)
    target = places.rounds() / round_id
    if (target / "round.yaml").exists() and not rounds.read_plan(target / "round.yaml").simulated:
        raise ParameterError(
            "this round is not simulated and is not replaced; give another id with --id", value=target.name
        )
    if target.exists() and not force:
        raise ParameterError("this simulated round exists; add --force to make it again", value=target.name)
    known, satisfaction = (_results(name, year, level) for name in ("par", SATISFACTION[0]))
    made = cook(year, level, seed, known, satisfaction, target.name)
    with ExitStack() as stack:
        stack.enter_context(places.alone(target, places.rounds()))
        if target.is_dir():
            stack.enter_context(rounds.locked(target))  # nobody is in the middle of writing to what goes
        draft = stack.enter_context(places.whole_folder(target))
        stack.enter_context(places.rounds_at(draft.parent))
        stack.enter_context(rounds.drawn())
        _write(made)
    return Simulated(
        target.name,
        target,
        len(made.targets.index),
        len(made.survey),
        int(made.survey["respondent"].nunique()),
        len(made.targets.known),
    )


def practice_round() -> str:
    """The id of a simulated round of the ministries of 2023 to try things on; it is made where it is not there yet,
    which takes some seconds.

    Kỳ mô phỏng để tập, được tạo nếu máy chưa có: ``parlib.year(2023, "bộ", round=parlib.practice_round())``.

    >>> parlib.practice_round()
    '2023-ministry'
    """
    plan = rounds.plans()[0].get(round_id_of(2023, "ministry"))
    return plan.id if plan and plan.simulated else simulate(2023, "ministry", seed=4).round_id


def _results(index_name: str, year: int, level: str) -> Results | None:
    """The published results, or ``None`` where none are known of that year."""
    try:
        return published.results(index_name, year, level)
    except ParameterError:
        return None


def _day(step: rounds.Step) -> datetime:
    """When a step begins."""
    assert step.start is not None
    return datetime.combine(step.start, datetime.min.time(), VIET_NAM)


def _write(made: SimulatedRound) -> None:
    plan = made.plan
    begun, results = (_day(plan.steps[place]) for place in (0, -1))
    folder = rounds.create_round(plan, by=_BY, at=begun)
    for stage in ("self", "appraisal", "conclusion"):
        rows = made.answers[made.answers["stage"] == stage]
        if len(rows):
            last = max(datetime.fromisoformat(at) for at in rows["at"])
            rounds.append(
                plan.id,
                rows,
                source=Message("simulated: {stage}", {"stage": stage}).text(),
                by=_BY,
                at=last,
                decimal="point",
            )
    rounds.append_external(plan.id, made.external, by=_BY, at=results - timedelta(days=20))
    for row in made.questions.itertuples(index=False):
        asked = datetime.fromisoformat(str(row.asked_at))
        key = rounds.ask(plan.id, str(row.unit), str(row.question), by=str(row.unit), code=str(row.code), at=asked)
        if row.reply:
            when = datetime.fromisoformat(str(row.replied_at))
            rounds.reply(plan.id, key, str(row.reply), by=str(row.by), at=when)
    if len(made.survey):
        _write_survey(made.survey, folder / "survey.parquet")


def _write_survey(survey: pd.DataFrame, path: Path) -> None:
    """The answers as Parquet: keys as dictionaries, answers as small integers, unknown ones empty."""
    import pyarrow as arrow
    from pyarrow import parquet

    words = ("respondent", "unit", "group", "item", "stratum", "cluster")
    table = arrow.table(
        {
            **{name: arrow.array(survey[name].to_numpy(object), arrow.string()).dictionary_encode() for name in words},
            "answer": arrow.array(survey["answer"].to_numpy(float), arrow.float32(), from_pandas=True).cast(
                arrow.int8()
            ),
            "weight": arrow.array(survey["weight"].to_numpy(float)),
            "date": arrow.array(survey["date"].dt.date.to_numpy(object), arrow.date32()),
            "duration": arrow.array(survey["duration"].to_numpy(float), arrow.float32()),
        }
    )
    with places.whole_file(path) as draft:
        parquet.write_table(table, draft, compression="zstd")
