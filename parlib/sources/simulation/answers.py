"""Answers of a simulated unit whose points add up as wanted, and how its own assessment and the council got there.

Every answer is one that the rule allows, and the points are the rule's own. First whole steps are taken up or down,
leaf by leaf in an order drawn by lot; the rest, smaller than any step, goes into the leaves that follow a percentage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from parlib.scoring.answers import answer_text, encode
from parlib.scoring.rules import Choice, Outcome, Target
from parlib.scoring.scheme import Node

#: Everyday sizes of the results that a target is set for, by words that the input of a scheme has; otherwise 100.
_SIZES = (("tỷ đồng", 12_000.0), ("doanh nghiệp", 1_200.0), ("tăng GRDP", 7.5), ("mục tiêu", 20.0))


@dataclass
class Draft:
    """The final answers of one unit while they are being found: one level a leaf, the answer within it, its points."""

    leaves: Sequence[Node]
    ladders: list[list[Outcome]]
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
    draft = Draft(leaves, ladders, place)
    smooth = [i for i, ladder in enumerate(ladders) if ladder[-1].smooth]
    draft.value, draft.points = np.empty(len(leaves)), np.empty(len(leaves))
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
