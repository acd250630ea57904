"""The cheapest way up: which few criteria lift a unit to a target rank, by the real next steps of their rules.

A step is a better answer to one criterion; its cost says how hard it is. Without other costs, the cost of a step is the
share of the other ranked units that have not reached its points on that criterion (0 = all have, 1 = none has), after
Laplace's rule so that no step is free. A set is cheapest when no other set of as many criteria that reaches the target
costs less. The search is exact: it keeps every combination of gain and cost that no other one beats in both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from parlib.errors import ParameterError, Problem
from parlib.scoring.rules import DECIMALS, Answer, Choice, Kind, Target, answer_text, encode, parse_answer, read_answers
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scorecard import Scorecard, competition_ranks
from parlib.tables import written

_SAME = 1e-9

State = tuple[float, float, tuple["Offer", ...]]  # gain (no more than needed), cost, steps


STRIDE = 5.0  # the steps offered to a proportional rule, in the unit of its input (percentage points mostly)


@dataclass(frozen=True, slots=True)
class Step:
    """A better answer within reach: as the ledger would keep it, its points, and how many more these are."""

    answer: str
    points: float
    gain: float


def next_steps(rule: Kind, answer: Answer | None, maximum: float, stride: float = STRIDE) -> tuple[Step, ...]:
    """The better answers that a unit could give instead of ``answer``, each that earns more points, nearest first.

    ``answer`` is as ``parse_answer`` returns it (a number, an option's id, result and target). A choice offers its
    better options, steps and target their higher thresholds (a target keeps its target), counts each case less or
    more, a proportional rule every ``stride`` up to ``full_at``. Nothing is offered where the answer is unknown, or
    where it is not the unit's own (survey, external, given).
    """
    if answer is None or not rule.answered:
        return ()
    value = encode(rule, answer)
    known = float(rule.points([value], maximum)[0])
    steps: list[Step] = []
    for better in rule.better(value, maximum, stride):
        points = float(rule.points([better], maximum)[0])
        gain = float(np.round(points - known, DECIMALS))
        if gain > (steps[-1].gain if steps else 0.0):
            steps.append(Step(_answer(rule, answer, better), points, gain))
    return tuple(steps)


def _answer(rule: Kind, answer: Answer, better: float) -> str:
    if isinstance(rule, Choice):
        return list(rule.options)[int(better)]
    if isinstance(answer, tuple):
        result = float(np.ceil(better * answer[1] * 1e6 - 1e-3) / 1e6)
        return answer_text((result, answer[1]))
    return answer_text(better)


@dataclass(frozen=True, slots=True)
class Offer:
    """A better answer to one criterion: what it gains (points) and costs."""

    code: str
    answer: str
    points: float
    gain: float
    cost: float


@dataclass(frozen=True, slots=True)
class Way:
    """A set of steps that reaches the target: together, their cost, and the index and rank that re-scoring gives.

    ``rank`` is 0 for a unit that is assessed and not ranked.
    """

    offers: tuple[Offer, ...]
    gain: float
    cost: float
    index: float
    rank: int


def open_offers(
    card: Scorecard, answers: pd.DataFrame, unit: str, costs: pd.DataFrame | None = None
) -> tuple[Offer, ...]:
    """All better answers within reach of ``unit``.

    ``answers`` has the columns ``unit``, ``code``, ``answer`` (the effective ones); ``costs`` the columns ``code``,
    ``answer``, ``cost`` and replaces the usual cost where it names a step. Criteria that do not apply, or that the
    unit does not answer itself, offer none; nor do those whose points were decided otherwise than by their answer.
    """
    row = _row(card, unit)
    own = answers[answers["unit"] == unit]
    given = dict(zip(own["code"].astype(str), own["answer"], strict=True))
    stated = {}
    if costs is not None:
        stated = {(str(c), str(a)): float(x) for c, a, x in costs[["code", "answer", "cost"]].itertuples(index=False)}
    results = []
    others = [place for place, key in enumerate(card.units) if place != row and key in card.ranked_units]
    for place, leaf in enumerate(card.scheme.leaves):
        if not card.applicable[row, place] or leaf.rule is None or leaf.code not in given:
            continue
        answer = _parsed(leaf.rule, given[leaf.code], leaf.maximum)
        for step in next_steps(leaf.rule, answer, float(leaf.maximum or 0.0)):
            gain = float(exact(step.points - card.points[row, place]))
            if gain > _SAME:
                cost = stated.get((leaf.code, step.answer), _usual_cost(card.points[others, place], step.points))
                results.append(Offer(leaf.code, step.answer, step.points, gain, cost))
    return tuple(results)


def choices(card: Scorecard, answers: pd.DataFrame, unit: str) -> pd.DataFrame:
    """What ``unit`` could have answered to each criterion that it answers itself: a row for each result that the rule
    can have.

    ``node``, ``maximum``, ``answer`` (as it stands), ``answer_label`` (for people), ``points`` (that it has),
    ``choice`` (an answer, as the ledger would keep it; a proportional rule has one every ``STRIDE``), ``choice_label``
    (for people), ``choice_points``.
    ``answers`` as in ``open_offers``. Criteria that do not apply or whose answer is not known have no row.
    """
    row = _row(card, unit)
    own = answers[answers["unit"] == unit]
    given = dict(zip(own["code"].astype(str), own["answer"], strict=True))
    rows = []
    for place, leaf in enumerate(card.scheme.leaves):
        rule, most = leaf.rule, float(leaf.maximum or 0.0)
        if rule is None or not rule.answered or not card.applicable[row, place] or leaf.code not in given:
            continue
        answer = _parsed(rule, given[leaf.code], leaf.maximum)
        if answer is not None:
            text = str(given[leaf.code])
            known = (leaf.code, most, text, label(rule, text), float(card.points[row, place]))
            rows += [(*known, *choice) for choice in _choices(rule, answer, most)]
    return pd.DataFrame(rows, columns=CHOICES)


#: The columns of ``choices``.
CHOICES = ["node", "maximum", "answer", "answer_label", "points", "choice", "choice_label", "choice_points"]


def label(rule: Kind, answer: str) -> str:
    """An answer as people read it: the words of an option, a number with what it is counted in."""
    if isinstance(rule, Choice):
        return rule.label.get(answer, answer)
    return f"{answer}%" if rule.percent and not isinstance(rule, Target) else answer


def _choices(rule: Kind, answer: Answer, most: float) -> Iterator[tuple[str, str, float]]:
    """The answers that a rule tells apart, the best last: as the ledger has them, for people, their points."""
    outcomes = rule.outcomes(most)
    for place, outcome in enumerate(outcomes):
        values = [*np.arange(outcome.low, outcome.high, STRIDE), outcome.high] if outcome.smooth else [outcome.low]
        for value in map(float, values):
            text = _answer(rule, answer, value)
            words = label(rule, text)
            is_step = outcome.high > outcome.low and not outcome.smooth and not isinstance(rule, Choice | Target)
            if is_step:  # it reaches up to the next one
                above = place == 0 and len(outcomes) > 1
                end = answer_text(float(outcomes[1].low) if above else value)
                words = f"{'<' if above else '≥'} {label(rule, end)}"
            yield text, words, float(rule.points([value], most)[0])


def ladder(
    card: Scorecard,
    answers: pd.DataFrame,
    unit: str,
    target_rank: int,
    *,
    competitors: Mapping[str, float] | None = None,
    most: int = 5,
    ways: int = 3,
    costs: pd.DataFrame | None = None,
) -> tuple[Way, ...]:
    """The cheapest sets of at most ``most`` criteria that lift ``unit`` to ``target_rank`` or better, cheapest first.

    Ranks are among the units that the card ranks (``Scorecard.ranked_units``). ``competitors`` is how far the index of
    each other unit moves meanwhile (percentage points; last year's change, say); without it they stand still. The
    result holds up to ``ways`` different sets, none of which holds all criteria of a cheaper one. Empty when no set
    reaches the target; a set without steps when the unit stands there already.

    Raises ``ParameterError`` on an unknown unit, one that is not ranked, or a rank outside 1..n.
    """
    field = list(card.ranked_units)
    if unit not in field:
        raise ParameterError("the unit is not ranked", value=unit)
    if not 1 <= target_rank <= len(field):
        raise ParameterError("a rank is from 1 to {n_field}", value=target_rank, n_field=len(field))
    rivals = _rivals(card, unit, field, competitors)
    if not np.isfinite(rivals).all():
        return ()
    threshold = float(np.sort(rivals)[::-1][target_rank - 1]) if target_rank <= len(rivals) else -np.inf
    return _cheapest(card, answers, unit, rivals, threshold, most, ways, costs)


def ways_to_index(
    card: Scorecard, answers: pd.DataFrame, unit: str, target_index: float, *, most: int, ways: int
) -> tuple[Way, ...]:
    """As ``ladder``, to an index of at least ``target_index`` (percent), such as the bound of a group.

    A unit that is not ranked has ways too, each with the rank 0; so has one whose rivals are not all
    known. Raises ``ParameterError`` on an unknown unit.
    """
    field = list(card.ranked_units)
    _row(card, unit)
    rivals = _rivals(card, unit, field, None)
    current = unit in field and bool(np.isfinite(rivals).all())
    return _cheapest(card, answers, unit, rivals if current else None, target_index, most, ways, None)


def _cheapest(
    card: Scorecard,
    answers: pd.DataFrame,
    unit: str,
    rivals: np.ndarray | None,
    threshold: float,
    most: int,
    ways: int,
    costs: pd.DataFrame | None,
) -> tuple[Way, ...]:
    """The cheapest sets that lift the index of ``unit`` to ``threshold``, re-scored."""
    points, maximum = (array[_row(card, unit), 0] for array in card.node_points())
    if not np.isfinite(points):
        return ()
    needed = float(exact(threshold * maximum / 100 - points)) if np.isfinite(threshold) else 0.0
    if needed <= _SAME:
        return (_way(card, unit, rivals, ()),)
    offers = _by_leaf(open_offers(card, answers, unit, costs))
    results: list[tuple[float, tuple[Offer, ...]]] = []
    _search(offers, needed, most, ways, results)
    chosen: list[Way] = []
    for _, steps in sorted(results, key=lambda item: (round(item[0], 9), len(item[1]), [s.code for s in item[1]])):
        codes = {s.code for s in steps}
        if any({s.code for s in way.offers} <= codes for way in chosen):  # a cheaper way does with fewer of them
            continue
        chosen.append(_way(card, unit, rivals, steps))
    return tuple(chosen[:ways])


def best_by_size(
    offers: Mapping[str, tuple[Offer, ...]], needed: float, most: int
) -> dict[int, tuple[float, tuple[Offer, ...]]]:
    """For each number of criteria up to ``most``: the cheapest set of exactly so many that gains ``needed`` points.

    Exact: states (gain, cost) by size are kept unless another state of the size gains as much for no more cost.
    """
    states: list[list[State]] = [[] for _ in range(most + 1)]
    states[0].append((0.0, 0.0, ()))
    for leaf_offers in offers.values():
        for size in range(most, 0, -1):
            grown = [
                (min(float(exact(gain + offer.gain)), needed), cost + offer.cost, (*steps, offer))
                for gain, cost, steps in states[size - 1]
                for offer in leaf_offers
            ]
            if grown:
                states[size] = _unbeaten([*states[size], *grown])
    reached = {}
    for size in range(1, most + 1):
        full = [state for state in states[size] if state[0] >= needed - _SAME]
        if full:
            _, cost, steps = min(full, key=lambda state: state[1])
            reached[size] = (cost, steps)
    return reached


def what_if(
    card: Scorecard,
    changes: Mapping[tuple[str, str], str | float] | None = None,
    *,
    points: Mapping[tuple[str, str], float] | None = None,
    gain: Mapping[tuple[str, str], float] | None = None,
    others: float = 0.0,
) -> pd.DataFrame:
    """The ranking if some criteria had come out otherwise, for the units that the card ranks: ``unit``, ``index``,
    ``new_index``, ``rank``, ``new_rank``, ``places`` (positive = up).

    The indices of all other units stand still, or rise meanwhile by ``others`` percentage points (to 100 at most).

    All three map (unit, code) to what is otherwise: ``changes`` to another answer, as the ledger keeps it or as people
    type it; ``points`` to other points; ``gain`` to points more (or less, below 0) than the unit has. An answer with a
    sign ("+1") is refused: it looks like a gain. Raises ``ParameterError`` naming all that is not allowed.
    """
    asked = [*((key, "answer", cell) for key, cell in (changes or {}).items())]
    asked += [(key, "points", number) for key, number in (points or {}).items()]
    asked += [(key, "gain", number) for key, number in (gain or {}).items()]
    results: dict[tuple[str, str], float] = {}
    problems: list[Problem] = []
    for (unit, code), kind, value in asked:
        told = new_points(card, unit, code, kind, value)
        if (unit, code) in results:
            told = Problem("given twice for one criterion", node=code, value=unit)
        if isinstance(told, Problem):
            problems.append(told)
        else:
            results[unit, code] = told
    ParameterError.raise_for(problems)
    field = list(card.ranked_units)
    rows = [card.units.index(unit) for unit in field]
    before = card.node_index()[rows, 0]
    after = with_points(card, results).node_index()[rows, 0]
    own = {unit for unit, _ in results}
    return beside_others(pd.Series(before, field), pd.Series(after, field), own, others)


def beside_others(before: pd.Series, after: pd.Series, own: Set[str], others: float = 0.0) -> pd.DataFrame:
    """The ranking by two indices of the ranked units, by unit, as ``what_if`` has it: those beside ``own`` rise
    meanwhile by ``others``."""
    if not 0 <= others <= 100:
        raise ParameterError(Problem("the others rise by 0 to 100 percentage points", value=others))
    after = after.where(after.index.isin(list(own)), (after + others).clip(upper=100.0))
    frame = pd.DataFrame({"unit": before.index, "index": before.to_numpy(), "new_index": after.to_numpy()})
    for name, values in (("rank", before), ("new_rank", after)):
        ranks = competition_ranks(values.to_numpy())
        frame[name] = pd.array([pd.NA if np.isnan(r) else int(r) for r in ranks], dtype="Int64")
    frame["places"] = frame["rank"] - frame["new_rank"]
    return frame


def new_points(card: Scorecard, unit: str, code: str, kind: str, value: object) -> float | Problem:
    """The points of one criterion if its answer, its points or what it gains were ``value``; or why they cannot be."""
    rule = card.scheme.node(code).rule
    if unit not in card.units or rule is None:
        return Problem("no such unit or leaf", node=code, value=unit)
    row, place = card.units.index(unit), card.leaves.index(code)
    leaf = card.scheme.leaves[place]
    if not card.applicable[row, place]:
        return Problem("the criterion does not apply to the unit", node=code, value=unit)
    if kind == "answer":
        if isinstance(value, str) and value.strip()[:1] in ("+", "-", "\N{MINUS SIGN}"):
            return Problem("an answer has no sign; a gain is given as gain=, points as points=", node=code, value=value)
        values, wrong = read_answers(rule, [value], leaf.maximum)
        return wrong[0].at(node=code) if wrong else float(rule.points(values, float(leaf.maximum or 0.0))[0])
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = np.nan
    wanted = float(exact(number + (card.points[row, place] if kind == "gain" else 0.0)))
    most = np.inf if leaf.maximum is None else float(leaf.maximum)
    if not np.isfinite(number) or (np.isfinite(wanted) and not 0 <= wanted <= most):
        return Problem("points are from 0 to {what}", node=code, value=value, what=written(most))
    if not np.isfinite(wanted):
        return Problem("the points are not known: no gain", node=code, value=unit)
    return wanted


# --- inner works -------------------------------------------------------------------------------------------------


def _row(card: Scorecard, unit: str) -> int:
    if unit not in card.units:
        raise ParameterError("no such unit", value=unit)
    return card.units.index(unit)


def _parsed(rule: Kind, cell: object, maximum: float | None) -> Answer | None:
    """The ledger's answer as ``next_steps`` takes it; ``None`` where it is unknown."""
    if cell is None or (isinstance(cell, str) and not cell.strip()) or cell != cell:
        return None
    if isinstance(rule, Choice | Target):
        answer = parse_answer(rule, cell, maximum)
        return None if isinstance(answer, Problem) else answer
    values, wrong = read_answers(rule, [cell], maximum)
    return None if wrong or np.isnan(values[0]) else float(values[0])


def _usual_cost(points: np.ndarray, wanted: float) -> float:
    known = points[np.isfinite(points)]
    short = int((known < wanted - _SAME).sum())
    return (short + 1) / (len(known) + 2)


def _by_leaf(offers: tuple[Offer, ...]) -> dict[str, tuple[Offer, ...]]:
    """The steps by criterion, without those that gain less for no less cost."""
    grouped: dict[str, list[Offer]] = {}
    for offer in offers:
        grouped.setdefault(offer.code, []).append(offer)
    kept = {}
    for code, steps in grouped.items():
        kept[code] = tuple(
            a
            for a in steps
            if not any(b is not a and b.gain >= a.gain and b.cost <= a.cost and (b.gain, -b.cost) != (a.gain, -a.cost)
                       for b in steps)
        )  # fmt: skip
    return kept


def _unbeaten(states: list[State]) -> list[State]:
    """The states for which no other gains at least as much at no more cost."""
    states.sort(key=lambda state: (-state[0], state[1], len(state[2])))
    kept, cheapest = [], np.inf
    for state in states:
        if state[1] < cheapest - 1e-12:
            kept.append(state)
            cheapest = state[1]
    return kept


def _search(
    offers: Mapping[str, tuple[Offer, ...]],
    needed: float,
    most: int,
    ways: int,
    results: list[tuple[float, tuple[Offer, ...]]],
) -> None:
    """The cheapest sets, and the next ones: each next one does without one criterion of a set found before."""
    waiting: list[frozenset[str]] = [frozenset()]
    seen: set[frozenset[str]] = set()
    while waiting and len(seen) < 1 + 4 * ways * most:
        without = waiting.pop(0)
        if without in seen:
            continue
        seen.add(without)
        left = {code: steps for code, steps in offers.items() if code not in without}
        by_size = best_by_size(left, needed, most)
        for cost, steps in by_size.values():
            if not any(steps == known for _, known in results):
                results.append((cost, steps))
        if by_size and len(without) < ways:
            _, best = min(by_size.values(), key=lambda item: item[0])
            waiting += [without | {offer.code} for offer in best]


def _rivals(card: Scorecard, unit: str, field: list[str], moves: Mapping[str, float] | None) -> np.ndarray:
    whole = card.node_index()[:, 0]
    moved = []
    for other in field:
        if other != unit:
            value = whole[card.units.index(other)] + (moves or {}).get(other, 0.0)
            moved.append(min(float(value), 100.0))
    return exact(np.array(moved, dtype=float))


def _way(card: Scorecard, unit: str, rivals: np.ndarray | None, steps: tuple[Offer, ...]) -> Way:
    """The set re-scored: its index, and its rank among the rivals (0 where it has none)."""
    changed = with_points(card, {(unit, offer.code): offer.points for offer in steps}) if steps else card
    index = float(changed.node_index()[_row(card, unit), 0])
    rank = 0 if rivals is None else 1 + int((rivals > exact(np.array(index))).sum())
    gain = float(exact(sum(offer.gain for offer in steps)))
    return Way(steps, gain, sum(offer.cost for offer in steps), index, rank)


def with_points(card: Scorecard, changes: Mapping[tuple[str, str], float]) -> Scorecard:
    """``card`` with other points of some (unit, code): what if?"""
    changed = card.points.copy()
    leaves = {code: place for place, code in enumerate(card.leaves)}
    units = {unit: place for place, unit in enumerate(card.units)}
    for (unit, code), points in changes.items():
        if unit not in units or code not in leaves:
            raise ParameterError("no such unit or leaf", value=(unit, code))
        changed[units[unit], leaves[code]] = exact(points)
    return replace(card, points=changed)
