"""Answers of simulated respondents, so that a unit's shares come out where they are wanted.

Every respondent answers all items put to their group. Strata and clusters are drawn first; respondents of a cluster
lean the same way, so design effects are above one as in a real survey. The answers are then corrected one by one, in
an order drawn by lot, until the sum of the unit's survey points is as wanted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

_NO_ANSWER = 0.008  # of the answers are left blank


@dataclass(frozen=True)
class Question:
    """An item: who is asked, the share of each answer (1..n at place 0..n-1), and the points it is worth."""

    item: str
    groups: tuple[str, ...]
    shares: tuple[float, ...]
    maximum: float


@dataclass(frozen=True)
class Group:
    """Respondents of one unit and group: how many, and the strata (name, share, clusters) they are drawn from."""

    key: str
    size: int
    strata: tuple[tuple[str, float, int], ...]


def answers_of_unit(
    unit: str,
    questions: Sequence[Question],
    groups: Sequence[Group],
    wanted: float,
    group_weights: Mapping[str, float],
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
    _correct(frame, questions, group_weights, wanted, rng)
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
        columns.append(_draw(share, np.array(question.shares), rng))
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


def _correct(
    frame: pd.DataFrame,
    questions: Sequence[Question],
    group_weights: Mapping[str, float],
    wanted: float,
    rng: np.random.Generator,
) -> None:
    """Move single answers by one step until the points of all questions add up to ``wanted``."""
    by_item = {question.item: question for question in questions}
    items, item_of = np.unique(frame["item"].to_numpy(str), return_inverse=True)
    groups, group_of = np.unique(frame["group"].to_numpy(str), return_inverse=True)
    n_answers = max(len(question.shares) for question in questions)
    shares = np.array([[*by_item[item].shares] + [np.nan] * (n_answers - len(by_item[item].shares)) for item in items])
    answer = frame["answer"].to_numpy(copy=True)
    told = np.isfinite(answer)
    place = np.where(told, answer - 1, 0).astype(int)
    weight = np.where(told, frame["weight"].to_numpy(float), 0.0)
    cell = item_of * len(groups) + group_of
    total = np.bincount(cell, weight, minlength=len(items) * len(groups))
    # what one whole share of one respondent adds to the points of the unit
    group_share = np.array([group_weights.get(group, 1.0) for group in groups])
    asked = np.array([[group in by_item[item].groups for group in groups] for item in items]) * group_share
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
        movable = np.flatnonzero((np.abs(gain) > 0) & told)
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
    frame["answer"] = np.where(told, place + 1.0, np.nan)


def _neighbour(shares: np.ndarray, up: bool) -> np.ndarray:
    """For each item and answer (from 0), the answer with the next higher (lower) share; -1 where there is none."""
    found = np.full(shares.shape, -1)
    for row, line in enumerate(shares):
        order = [int(place) for place in np.argsort(line) if np.isfinite(line[place])]
        pairs = list(pairwise(order))
        for low, high in pairs:
            if up:
                found[row, low] = high
            else:
                found[row, high] = low
    return found
