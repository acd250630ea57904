"""Answers of a simulated unit whose points add up as wanted, and how its own assessment and the council got there.

Every answer is one that the rule allows, and the points are the rule's own. First whole steps are taken up or down,
leaf by leaf in an order drawn by lot; the rest, smaller than any step, goes into the leaves that follow a percentage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from parlib.scoring.answers import answer_text, encode
from parlib.scoring.rules import Choice, Deduction, Proportional, Steps, Tally, Target
from parlib.scoring.scheme import Node

_FINE = 0.01  # percentages are answered to two decimals

#: Everyday sizes of the results that a target is set for, by words of the input; otherwise 100.
_SIZES = (("tỷ đồng", 12_000.0), ("doanh nghiệp", 1_200.0), ("tăng GRDP", 7.5), ("mục tiêu", 20.0))


@dataclass(frozen=True)
class Level:
    """One result that a rule can give: its points, and the encoded answers that give it (from, to; both included)."""

    points: float
    low: float
    high: float
    whole: bool = True


@dataclass
class Draft:
    """The final answers of one unit while they are being found: one level a leaf, the answer within it, its points."""

    leaves: Sequence[Node]
    ladders: list[list[Level]]
    place: list[int]
    value: np.ndarray = field(default_factory=lambda: np.empty(0))
    points: np.ndarray = field(default_factory=lambda: np.empty(0))

    def answer(self, i: int, value: float) -> None:
        """Answer leaf ``i`` with ``value``: its points are the rule's own."""
        self.value[i] = value
        self.points[i] = points_of(self.leaves[i], value)


def points_of(leaf: Node, value: float) -> float:
    """The points of one encoded answer."""
    assert leaf.rule is not None
    return float(leaf.rule.points(value, float(leaf.maximum or 0.0)))


def levels(leaf: Node) -> list[Level]:
    """The levels of a leaf from the fewest points to the most. A proportional rule counts as one level from its
    threshold to full, and one below it."""
    rule, maximum = leaf.rule, float(leaf.maximum or 0.0)
    if isinstance(rule, Choice):
        n = len(rule.options)
        return [Level(float(rule.points(place, maximum)), place, place) for place in range(n - 1, -1, -1)]
    if isinstance(rule, Steps | Target):
        ladder = rule.steps if isinstance(rule, Steps) else rule.tiers
        bounds = sorted(threshold for threshold, _ in ladder)
        top = 100.0 if isinstance(rule, Steps) and rule.unit == "%" else bounds[-1] * 1.15
        floor = bounds[0] * 0.8
        edges = [floor, *bounds, max(top, bounds[-1])]
        fine = _FINE if isinstance(rule, Steps) else 0.001
        found = []
        for low, high in pairwise(edges):
            inside = high - fine if high in bounds else high
            found.append(Level(float(rule.points(low, maximum)), low, max(low, inside), whole=False))
        return found
    if isinstance(rule, Proportional):
        below = max(0.0, rule.zero_below * 0.8)
        lowest = Level(0.0, below, max(below, rule.zero_below - _FINE), whole=False)
        upper = Level(maximum, rule.zero_below, rule.full_at, whole=False)
        return [lowest, upper] if rule.zero_below > 0 else [upper]
    if isinstance(rule, Deduction | Tally):
        most = int(np.ceil(round(maximum / rule.per, 9)))
        counts = range(most, -1, -1) if isinstance(rule, Deduction) else range(most + 1)
        return [Level(float(rule.points(count, maximum)), count, count) for count in counts]
    raise TypeError(f"a unit does not answer the rule {rule}")


def reach(leaves: Sequence[Node], wanted: float, rng: np.random.Generator) -> Draft:
    """Answers to ``leaves`` whose points add up to ``wanted``, as near as answers with two decimals come."""
    ladders = [levels(leaf) for leaf in leaves]
    maxima = np.array([float(leaf.maximum or 0.0) for leaf in leaves])
    wanted = float(np.clip(wanted, 0.0, maxima.sum()))
    share = wanted / maxima.sum() if maxima.sum() else 0.0
    tight = 5.0
    quality = rng.beta(tight * share + 0.15, tight * (1 - share) + 0.15, len(leaves))
    place = [_nearest(ladder, q * m) for ladder, q, m in zip(ladders, quality, maxima, strict=True)]
    draft = Draft(leaves, ladders, place)
    smooth = [i for i, leaf in enumerate(leaves) if isinstance(leaf.rule, Proportional)]
    draft.value, draft.points = np.empty(len(leaves)), np.empty(len(leaves))
    for i, leaf in enumerate(leaves):
        draft.answer(i, _inside(leaf, ladders[i][place[i]], float(quality[i]), rng))
    _whole_steps(draft, wanted, smooth, rng)
    _fine_steps(draft, wanted, smooth, rng)
    return draft


def _nearest(ladder: Sequence[Level], points: float) -> int:
    return int(np.argmin([abs(level.points - points) for level in ladder]))


def _inside(leaf: Node, level: Level, quality: float, rng: np.random.Generator) -> float:
    """An answer within a level."""
    if level.whole:
        return level.low
    if isinstance(leaf.rule, Proportional) and level.points > 0:
        at = level.low + (level.high - level.low) * float(np.clip(quality, 0.02, 0.98))
    else:
        at = float(rng.uniform(level.low, level.high))
    digits = 3 if isinstance(leaf.rule, Target) else 2
    return float(np.clip(round(at, digits), level.low, level.high))


def _room(draft: Draft, smooth: list[int]) -> tuple[float, float]:
    """How far the proportional leaves can still go down and up, in points."""
    down = up = 0.0
    for i in smooth:
        level = draft.ladders[i][draft.place[i]]
        if level.points > 0:
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
        middle = i in smooth and level.points > 0
        half = round(level.low + 0.5 * (level.high - level.low), 2)
        draft.answer(i, half if middle else _inside(draft.leaves[i], level, float(rng.random()), rng))


def _fine_steps(draft: Draft, wanted: float, smooth: list[int], rng: np.random.Generator) -> None:
    """Spread what is left over the proportional leaves; the last of them takes the rounding."""
    order = [int(i) for i in rng.permutation(smooth) if draft.ladders[int(i)][draft.place[int(i)]].points > 0]
    for _ in range(3):
        for i in order:
            miss = wanted - draft.points.sum()
            if abs(miss) < 2e-5:
                return
            level = draft.ladders[i][draft.place[i]]
            moved = round(draft.value[i] + miss * level.high / level.points, 2)
            draft.answer(i, float(np.clip(moved, level.low, level.high)))


def improve(leaf: Node, value: float, steps: int, rng: np.random.Generator) -> float:
    """An answer ``steps`` levels better than ``value`` (as far as there are better ones)."""
    ladder = levels(leaf)
    rule, points = leaf.rule, points_of(leaf, value)
    if isinstance(rule, Proportional) and points > 0:
        better = value + (rule.full_at - value) * float(rng.uniform(0.3, 1.0))
        return round(min(better, rule.full_at), 2)
    place = max(i for i, level in enumerate(ladder) if level.points <= points + 1e-9)
    target = ladder[min(place + steps, len(ladder) - 1)]
    return _inside(leaf, target, 0.5 + 0.5 * float(rng.random()), rng)


def worsen(leaf: Node, value: float, rng: np.random.Generator) -> float:
    """An answer one level worse than ``value``, or ``value`` where there is none."""
    lower = [level for level in levels(leaf) if level.points < points_of(leaf, value) - 1e-9]
    return _inside(leaf, lower[-1], 0.5, rng) if lower else value


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
