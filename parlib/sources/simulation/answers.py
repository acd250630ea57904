"""Answers of a simulated unit whose points add up as wanted, and how its own assessment and the council got there.

Every answer is one that the rule allows, and the points are the rule's own. First whole steps are taken up or down,
leaf by leaf in an order drawn by lot; the rest, smaller than any step, goes into the leaves that follow a percentage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise, zip_longest

import numpy as np
import pandas as pd

from parlib.scoring.rules import Choice, Outcome, Target, answer_text, encode
from parlib.scoring.scheme import Node
from parlib.sources.questions import Question
from parlib.sources.rounds.plan import STATED
from parlib.words import Message

#: Everyday sizes of the results that a target is set for, by words that the input of a scheme has; otherwise 100.
_SIZES = (("tỷ đồng", 12_000.0), ("doanh nghiệp", 1_200.0), ("tăng GRDP", 7.5), ("mục tiêu", 20.0))


@dataclass
class Draft:
    """The final answers of one unit while they are being found: one level a leaf, the answer within it, its points."""

    leaves: Sequence[Node]
    ladders: list[list[Outcome]]
    place: list[int]
    value: np.ndarray
    points: np.ndarray

    def answer(self, i: int, value: float) -> None:
        """Answer leaf ``i`` with ``value``: its points are the rule's own."""
        self.value[i] = value
        self.points[i] = points_of(self.leaves[i], value)


def points_of(leaf: Node, value: float) -> float:
    """The points of one encoded answer."""
    assert leaf.rule is not None
    return float(leaf.rule.points(value, float(leaf.maximum or 0.0)))


def levels(leaf: Node) -> list[Outcome]:
    """What a leaf can give, from the fewest points to the most."""
    assert leaf.rule is not None
    return leaf.rule.outcomes(float(leaf.maximum or 0.0))


def reach(leaves: Sequence[Node], wanted: float, rng: np.random.Generator) -> Draft:
    """Answers to ``leaves`` whose points add up to ``wanted``, as near as answers with two decimals come."""
    ladders = [levels(leaf) for leaf in leaves]
    maxima = np.array([float(leaf.maximum or 0.0) for leaf in leaves])
    wanted = float(np.clip(wanted, 0.0, maxima.sum()))
    share = wanted / maxima.sum() if maxima.sum() else 0.0
    tight = 5.0
    quality = rng.beta(tight * share + 0.15, tight * (1 - share) + 0.15, len(leaves))
    place = [_nearest(ladder, q * m) for ladder, q, m in zip(ladders, quality, maxima, strict=True)]
    draft = Draft(leaves, ladders, place, np.empty(len(leaves)), np.empty(len(leaves)))
    smooth = [i for i, ladder in enumerate(ladders) if ladder[-1].smooth]
    for i in range(len(leaves)):
        draft.answer(i, _inside(ladders[i][place[i]], float(quality[i]), rng))
    _whole_steps(draft, wanted, smooth, rng)
    _fine_steps(draft, wanted, smooth, rng)
    return draft


def _nearest(ladder: Sequence[Outcome], points: float) -> int:
    return int(np.argmin([abs(level.points - points) for level in ladder]))


def _inside(level: Outcome, quality: float, rng: np.random.Generator) -> float:
    """An answer within a level."""
    if not level.digits:
        return level.low
    if level.smooth:
        at = level.low + (level.high - level.low) * float(np.clip(quality, 0.02, 0.98))
    else:
        at = float(rng.uniform(level.low, level.high))
    return float(np.clip(round(at, level.digits), level.low, level.high))


def _room(draft: Draft, smooth: list[int]) -> tuple[float, float]:
    """How far the proportional leaves can still go down and up, in points."""
    down = up = 0.0
    for i in smooth:
        level = draft.ladders[i][draft.place[i]]
        if level.smooth:
            a_unit = level.points / level.high  # points of one unit of the answer
            down += (draft.value[i] - level.low) * a_unit
            up += (level.high - draft.value[i]) * a_unit
    return down, up


def _whole_steps(draft: Draft, wanted: float, smooth: list[int], rng: np.random.Generator) -> None:
    """Move leaves by whole levels until the proportional ones can take up what is left."""
    for _ in range(400):
        miss = wanted - draft.points.sum()
        down, up = _room(draft, smooth)
        if -0.9 * down <= miss <= 0.9 * up:
            return
        step = 1 if miss > 0 else -1
        movable = [i for i in range(len(draft.leaves)) if 0 <= draft.place[i] + step < len(draft.ladders[i])]
        if not movable:
            return
        i = movable[int(rng.integers(len(movable)))]
        draft.place[i] += step
        level = draft.ladders[i][draft.place[i]]
        half = round(level.low + 0.5 * (level.high - level.low), level.digits)
        draft.answer(i, half if level.smooth else _inside(level, float(rng.random()), rng))


def _fine_steps(draft: Draft, wanted: float, smooth: list[int], rng: np.random.Generator) -> None:
    """Spread what is left over the proportional leaves; the last of them takes the rounding."""
    order = [int(i) for i in rng.permutation(smooth) if draft.ladders[int(i)][draft.place[int(i)]].smooth]
    for _ in range(3):
        for i in order:
            miss = wanted - draft.points.sum()
            if abs(miss) < 2e-5:
                return
            level = draft.ladders[i][draft.place[i]]
            moved = round(draft.value[i] + miss * level.high / level.points, level.digits)
            draft.answer(i, float(np.clip(moved, level.low, level.high)))


def improve(leaf: Node, value: float, steps: int, rng: np.random.Generator) -> float:
    """An answer ``steps`` levels better than ``value`` (as far as there are better ones)."""
    ladder, points = levels(leaf), points_of(leaf, value)
    best = ladder[-1]
    if best.smooth and points > 0:
        better = value + (best.high - value) * float(rng.uniform(0.3, 1.0))
        return round(min(better, best.high), best.digits)
    place = max(i for i, level in enumerate(ladder) if level.points <= points + 1e-9)
    target = ladder[min(place + steps, len(ladder) - 1)]
    return _inside(target, 0.5 + 0.5 * float(rng.random()), rng)


def worsen(leaf: Node, value: float, rng: np.random.Generator) -> float:
    """An answer one level worse than ``value``, or ``value`` where there is none."""
    lower = [level for level in levels(leaf) if level.points < points_of(leaf, value) - 1e-9]
    return _inside(lower[-1], 0.5, rng) if lower else value


def as_text(leaf: Node, value: float, sizes: Mapping[str, float]) -> str:
    """An encoded answer as the ledger keeps it; ``sizes`` holds the target of each leaf of kind target."""
    rule = leaf.rule
    assert rule is not None
    if isinstance(rule, Choice):
        return list(rule.options)[int(value)]
    if isinstance(rule, Target):
        target = sizes[leaf.code]
        result = _result(rule, value, target, float(leaf.maximum or 0.0))
        return answer_text((result, target))
    return answer_text(float(value))


def _result(rule: Target, ratio: float, target: float, maximum: float) -> float:
    """The result to two decimals whose ratio to ``target`` gives the points of ``ratio``."""
    wanted = float(rule.points(ratio, maximum))
    result = round(ratio * target, 2)
    for nudge in (0.0, 0.01, -0.01, 0.02, -0.02):
        if float(rule.points(encode(rule, (round(result + nudge, 2), target)), maximum)) == wanted:
            return round(result + nudge, 2)
    return result


def target_sizes(leaves: Sequence[Node], rng: np.random.Generator) -> dict[str, float]:
    """A plausible target for each leaf that compares a result with one."""
    sizes = {}
    for leaf in leaves:
        if isinstance(leaf.rule, Target):
            words = f"{leaf.rule.input} {leaf.rule.target_input}"
            usual = next((size for word, size in _SIZES if word in words), 100.0)
            drawn = usual * float(rng.uniform(0.6, 1.6))
            sizes[leaf.code] = round(drawn, 1) if usual < 100 else float(round(drawn))
    return sizes


# --- ledger rows ----------------------------------------------------------------------------------
# The ledger of a simulated round: what units claimed, what the council found, who explained and with what result.

_ACCEPTED = Message("The unit explained and added documents; the council agreed (simulated)")
_REFUSED = Message("The unit explained; the council left the appraisal as it was (simulated)")
_EXEMPT = Message("The unit has no task of this criterion (simulated)")
_LOWER = Message("the figures of the monitoring system are lower than those reported (simulated)")
#: Why the council gives fewer points, by kind of rule; ``_LOWER`` with all others.
_DOUBTS: Mapping[str, tuple[Message, ...]] = {
    "choice": (
        Message("the evidence does not show all that is required (simulated)"),
        Message("the document was issued after the time limit (simulated)"),
    ),
    "proportional": (
        _LOWER,
        Message("the share is worked out again with the denominator of the guide (simulated)"),
    ),
    "deduction": (Message("the inspection found further breaches (simulated)"),),
    "tally": (Message("some items are not counted for lack of evidence (simulated)"),),
    "target": (Message("compared with the official statistics (simulated)"),),
}
COUNCIL = "hoi-dong-tham-dinh"


@dataclass(frozen=True)
class Calendar:
    """The first and last moment of each stage of a round: "self", "appraisal", "appeal"."""

    stages: Mapping[str, tuple[datetime, datetime]]

    def moment(self, stage: str, rng: np.random.Generator, late: bool = False) -> str:
        """A moment within a stage, in whole minutes; ``late``: some days after its end."""
        first, last = self.stages[stage]
        minutes = int((last - first).total_seconds() // 60)
        at = first + timedelta(minutes=int(rng.integers(minutes)))
        if late:
            at = last + timedelta(minutes=int(rng.integers(60, 6 * 24 * 60)))
        return at.isoformat()


_Row = tuple[str, str, str, str, float, bool, str, str, str, str]  # a row of the ledger: ``STATED``


def unit_rows(
    unit: str,
    drafts: Sequence[Draft],
    exempt: Sequence[Node],
    calendar: Calendar,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """All ledger rows of one unit, in the order in which they were made.

    The final answers are those of ``drafts``. A unit claims more than it is given in some of its leaves (how many is
    its own optimism); where it explained with success, the appraisal before had been lower.
    """
    leaves = [leaf for draft in drafts for leaf in draft.leaves]
    values = np.concatenate([draft.value for draft in drafts])
    sizes = target_sizes(leaves, rng)
    optimism = float(rng.beta(3, 8))
    at = {
        stage: calendar.moment(stage, rng, late=stage == "self" and rng.random() < 0.05)
        for stage in ("self", "appraisal", "appeal")
    }
    claims, rows, appeals = list[_Row](), list[_Row](), list[_Row]()
    for place, (leaf, value) in enumerate(zip(leaves, values, strict=True)):
        final = as_text(leaf, float(value), sizes)
        claim_value = float(value)
        if rng.random() < optimism:
            claim_value = improve(leaf, claim_value, 1 + int(rng.random() < 0.15), rng)
        claim = as_text(leaf, claim_value, sizes)
        evidence = _evidence(leaf, unit, place)
        claims.append((unit, leaf.code, "self", claim, np.nan, False, evidence, "", unit, at["self"]))
        appraised, reason = final, ""
        if claim != final:
            options = _DOUBTS.get(leaf.rule.kind if leaf.rule else "", (_LOWER,))
            reason = options[int(rng.integers(len(options)))].text()
            if rng.random() < 0.25:
                accepted = rng.random() < 0.4
                lower = as_text(leaf, worsen(leaf, float(value), rng), sizes) if accepted else final
                appraised = lower
                remark = (_ACCEPTED if accepted else _REFUSED).text()
                decided = (unit, leaf.code, "conclusion", final, np.nan, False, "", remark, COUNCIL, at["appeal"])
                appeals.append(decided)
        rows.append((unit, leaf.code, "appraisal", appraised, np.nan, False, "", reason, COUNCIL, at["appraisal"]))
    for leaf in exempt:
        for listed, stage, by in ((claims, "self", unit), (rows, "appraisal", COUNCIL)):
            listed.append((unit, leaf.code, stage, "", np.nan, True, "", _EXEMPT.text(), by, at[stage]))
    return pd.DataFrame([*claims, *rows, *appeals], columns=list(STATED))


def _evidence(leaf: Node, unit: str, place: int) -> str:
    paper = leaf.evidence or Message("Report on the self-assessment")
    return Message("{paper} (simulated, no. {n}/{unit})", {"paper": paper, "n": place + 1, "unit": unit}).text()


_LIMITS = (0.30, 0.985)  # of its maximum that the appraised part gives


def split(
    points: float, maxima: Mapping[str, float], known: Mapping[str, float], drawn: Mapping[str, float]
) -> dict[str, float]:
    """The points that each component is to give, so that they add to ``points``.

    ``known`` components (published) stay; the others take ``drawn`` and the appraised one what is left. Where that
    would leave it outside ``_LIMITS`` of its maximum, the drawn components give way in proportion to their room.
    """
    rest = "appraisal"
    wanted = {key: known.get(key, drawn.get(key, 0.0)) for key in maxima if key != rest}
    if rest in known and not set(known) >= set(wanted):
        free = [key for key in wanted if key not in known]
        left = points - known[rest] - sum(wanted[key] for key in known if key in wanted)
        scale = left / sum(wanted[key] for key in free)
        wanted.update({key: wanted[key] * scale for key in free})
    low, high = (limit * maxima[rest] for limit in _LIMITS)
    over = points - sum(wanted.values()) - high
    under = low - (points - sum(wanted.values()))
    free = [key for key in wanted if key not in known and key not in ("sipas",)]
    if over > 0 and free:
        room = {key: _LIMITS[1] * maxima[key] - wanted[key] for key in free}
        wanted.update({key: wanted[key] + over * room[key] / sum(room.values()) for key in free})
    if under > 0 and free:
        room = {key: wanted[key] for key in free}
        wanted.update({key: wanted[key] - under * room[key] / sum(room.values()) for key in free})
    return {**wanted, rest: points - sum(wanted.values())}


# --- respondents ----------------------------------------------------------------------------------
# Answers of simulated respondents, so that a unit's shares come out where they are wanted.
#
# Every respondent answers all items put to their group. Strata and clusters are drawn first; respondents of a cluster
# lean the same way, so design effects are above one as in a real survey. The answers are then corrected one by one, in
# an order drawn by lot, until the sum of the unit's survey points is as wanted.

_NO_ANSWER = 0.008  # of the answers are left blank


@dataclass(frozen=True)
class Group:
    """Respondents of one unit and group: how many, and the strata (name, share, clusters) they are drawn from."""

    key: str
    size: int
    strata: tuple[tuple[str, float, int], ...]


#: The columns of ``answers_of_unit``.
ANSWERED = (
    *("respondent", "unit", "group", "item", "answer"),
    *("stratum", "cluster", "weight", "day", "duration"),
)


def answers_of_unit(
    unit: str,
    questions: Sequence[Question],
    groups: Sequence[Group],
    wanted: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The answers of one unit, long: respondent, unit, group, item, answer, stratum, cluster, weight, day, duration.

    ``wanted`` is the sum of the points of all questions; it is met to about one answer of one respondent (a few
    ten-thousandths of a point). ``day`` counts from the first day of the fieldwork; ``duration`` is in seconds.
    """
    most = sum(question.maximum for question in questions)
    level = float(np.clip(wanted / most, 0.02, 0.98))
    bias = {question.item: rng.normal(0, 0.05) for question in questions}
    parts = [_group_answers(unit, group, questions, level, bias, rng) for group in groups]
    frame = pd.concat([part for part in parts if len(part)], ignore_index=True)
    _correct(frame, questions, wanted, rng)
    return frame


def _group_answers(
    unit: str,
    group: Group,
    questions: Sequence[Question],
    level: float,
    bias: Mapping[str, float],
    rng: np.random.Generator,
) -> pd.DataFrame:
    asked = [question for question in questions if group.key in question.groups]
    names = [name for name, _, _ in group.strata]
    odds = np.array([share for _, share, _ in group.strata])
    sizes = np.maximum(2, np.round(group.size * odds / odds.sum())).astype(int)
    stratum = np.repeat(np.arange(len(names)), sizes)
    n = len(stratum)
    clusters = np.array([count for _, _, count in group.strata])[stratum]
    # at least two respondents in two clusters of each stratum, then by lot
    place = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    cluster = np.where(place < clusters, place, rng.integers(0, clusters))
    lean = rng.normal(0, 0.08, (len(names), int(clusters.max())))[stratum, cluster] + rng.normal(0, 0.12, n)
    weight = np.round(rng.uniform(0.7, 1.6, len(names))[stratum] * rng.uniform(0.9, 1.1, n), 3)
    columns = []
    for question in asked:
        share = np.clip(level + bias[question.item] + lean, 0.03, 0.97)
        columns.append(_draw(share, np.array(_shares(question)), rng))
    answers = np.column_stack(columns) if columns else np.empty((n, 0))
    respondent = np.array([f"{unit}-{group.key}-{i + 1:04d}" for i in range(n)])
    k = len(asked)
    return pd.DataFrame(
        {
            "respondent": np.repeat(respondent, k),
            "unit": unit,
            "group": group.key,
            "item": np.tile([question.item for question in asked], n),
            "answer": answers.ravel(),
            "stratum": np.repeat(np.array(names)[stratum], k),
            "cluster": np.repeat(
                np.array([f"{names[s]}-{c + 1:02d}" for s, c in zip(stratum, cluster, strict=True)]), k
            ),
            "weight": np.repeat(weight, k),
            "day": np.repeat(rng.integers(0, 30, n), k),
            "duration": np.repeat(np.round(rng.lognormal(6.2, 0.35, n)), k),
        }
    )


def _shares(question: Question) -> list[float]:
    """What the answers 1..n of a question earn, at the places 0..n-1."""
    return [question.scale[answer] for answer in sorted(question.scale)]


def _draw(share: np.ndarray, shares: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Answers whose expected share is ``share``: each lies on one of the two neighbouring answers, or one further."""
    order = np.argsort(shares, kind="stable")
    # a scale that counts answers as yes or no has equal steps: the answers themselves are then evenly spaced
    steps = shares[order] if len(set(shares)) == len(shares) else np.linspace(0.0, 1.0, len(shares))
    wide = np.clip(share + rng.normal(0, 0.18, len(share)), 0, 1)
    high = np.clip(np.searchsorted(steps, wide, side="left"), 1, len(steps) - 1)
    below, above = steps[high - 1], steps[high]
    up = rng.random(len(share)) < (wide - below) / (above - below)
    answer = order[np.where(up, high, high - 1)] + 1.0
    answer[rng.random(len(share)) < _NO_ANSWER] = np.nan
    return answer


def _correct(frame: pd.DataFrame, questions: Sequence[Question], wanted: float, rng: np.random.Generator) -> None:
    """Move single answers by one step until the points of all questions add up to ``wanted``."""
    by_item = {question.item: question for question in questions}
    items, item_of = np.unique(frame["item"].to_numpy(str), return_inverse=True)
    groups, group_of = np.unique(frame["group"].to_numpy(str), return_inverse=True)
    shares = np.array([*zip_longest(*(_shares(by_item[item]) for item in items), fillvalue=np.nan)]).T
    answer = frame["answer"].to_numpy(copy=True)
    sentence = np.isfinite(answer)
    place = np.where(sentence, answer - 1, 0).astype(int)
    weight = np.where(sentence, frame["weight"].to_numpy(float), 0.0)
    cell = item_of * len(groups) + group_of
    total = np.bincount(cell, weight, minlength=len(items) * len(groups))
    # what one whole share of one respondent adds to the points of the unit
    asked = np.array([[float(group in by_item[item].groups) for group in groups] for item in items])
    worth = np.array([by_item[item].maximum for item in items])[:, None] * asked / asked.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(total[cell] > 0, worth.ravel()[cell] * weight / total[cell], 0.0)
    points = float((value * shares[item_of, place]).sum())
    for _ in range(12):
        miss = wanted - points
        up = miss > 0
        better = _neighbour(shares, up)
        target = better[item_of, place]
        gain = np.where(target >= 0, value * (shares[item_of, np.maximum(target, 0)] - shares[item_of, place]), 0.0)
        movable = np.flatnonzero((np.abs(gain) > 0) & sentence)
        order = movable[rng.permutation(len(movable))]
        running = np.cumsum(gain[order])
        count = int(np.searchsorted(np.abs(running), abs(miss), side="right"))
        chosen = order[:count]
        place[chosen] = target[chosen]
        points += float(gain[chosen].sum())
        rest = order[count:]
        if len(rest):  # one more, when it brings the sum closer
            nearest = rest[np.argmin(np.abs((wanted - points) - gain[rest]))]
            if abs(wanted - points - gain[nearest]) < abs(wanted - points):
                place[nearest] = target[nearest]
                points += float(gain[nearest])
        if abs(wanted - points) < 2e-4 or not len(order):
            break
    frame["answer"] = np.where(sentence, place + 1.0, np.nan)


def _neighbour(shares: np.ndarray, up: bool) -> np.ndarray:
    """For each item and answer (from 0), the answer with the next higher (lower) share; -1 where there is none."""
    result = np.full(shares.shape, -1)
    for row, line in enumerate(shares):
        order = [int(place) for place in np.argsort(line) if np.isfinite(line[place])]
        for low, high in pairwise(order):
            start, end = (low, high) if up else (high, low)
            result[row, start] = end
    return result
