"""What one unit plans: some of its criteria come out otherwise, and what points, index and rank follow.

Of a round a criterion comes out otherwise by another answer, and its points follow by its rule. Published results have
no answers: there the points themselves are other ones, of the parts that add up to the printed points of the unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from parlib.analysis import ladder
from parlib.analysis.ladder import CHOICES, beside_others
from parlib.errors import ParameterError, Problem
from parlib.scoring.results import WHOLE, Results
from parlib.scoring.rules import answer_text
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scorecard import Scorecard
from parlib.tables import as_number, written

Changes = Mapping[str, str]  # by code: another answer as the ledger keeps it; of published results other points

_HALF = 0.005  # printed numbers are rounded to two decimals


@dataclass(frozen=True)
class Case:
    """One ``unit`` that asks what would be. ``choices`` are its criteria with what it could answer
    (``ladder.choices``), of published results its parts with nothing to choose from; ``whole`` are its points and its
    maximum, ``field`` the indices of all ranked units. ``card`` is that of a round."""

    unit: str
    choices: pd.DataFrame
    whole: tuple[float, float]
    field: pd.Series
    card: Scorecard | None = None

    def what_if(self, changes: Changes, others: float = 0.0) -> pd.DataFrame:
        """The ranking then, as ``ladder.what_if`` has it. Where not every ranked unit is known, the new ranks are not
        known either: nobody is ranked among those that happen to be."""
        points, most = self._points(changes)
        after = self.field.copy()
        if self.unit in after.index:
            after[self.unit] = self._index(points, most)
        frame = beside_others(self.field, after, {self.unit}, others)
        if self.field.isna().any():
            frame[["rank", "new_rank", "places"]] = pd.NA
        return _assumed(frame, others)

    def with_points(self, code: str, points: float | None, gain: float | None, others: float = 0.0) -> pd.DataFrame:
        """``what_if`` one criterion had other ``points``, or ``gain`` points more."""
        own = self.choices.set_index("node")["points"].get(code, np.nan)
        value = points if points is not None else float(exact(own + (gain or 0.0)))
        return self.what_if({code: answer_text(float(value))}, others)

    def scenarios(self, given: Mapping[str, Changes], others: float = 0.0) -> pd.DataFrame:
        """What follows from each scenario, the first row ("") from none: ``scenario``, ``n_changed``, ``points``,
        ``gain``, ``index``, ``rank`` (missing: not ranked, or not all are known), ``places`` (positive = up)."""
        rows = []
        for name, changes in {"": {}, **given}.items():
            points, most = self._points(changes)
            own = self.what_if(changes, others).set_index("unit").reindex([self.unit]).iloc[0]
            n = len(self.plan(changes))
            gain = float(exact(points - self.whole[0]))
            rows.append((name, n, points, gain, self._index(points, most), own["new_rank"], own["places"]))
        names = ["scenario", "n_changed", "points", "gain", "index", "rank", "places"]
        frame = pd.DataFrame(rows, columns=names).astype({"rank": "Int64", "places": "Int64", "gain": "float64"})
        return _assumed(frame, others)

    def plan(self, changes: Changes) -> pd.DataFrame:
        """What is to change, a row a criterion in the order of the criteria: ``node``, ``before_label``,
        ``after_label``, ``points``, ``new_points``, ``gain``. What is as it was has no row. Raises ``ParameterError``
        with all that is not allowed."""
        first = self.choices.drop_duplicates("node").set_index("node")
        new, problems = {}, []
        for code, answer in changes.items():
            told = self._new(code, answer)
            if isinstance(told, Problem):
                problems.append(told)
            else:
                new[code] = told
        ParameterError.raise_for(problems)
        rows = []
        for code in first.index:
            if code in new and str(changes[code]) != str(first["answer"][code]):
                before, then = first.loc[code], new[code]
                gain = float(exact(then - before["points"]))
                label = self._label(code, str(changes[code]))
                rows.append((code, before["answer_label"], label, before["points"], then, gain))
        return pd.DataFrame(rows, columns=["node", "before_label", "after_label", "points", "new_points", "gain"])

    def beside(self, given: Mapping[str, Changes]) -> pd.DataFrame:
        """The criteria that any scenario changes: ``node``, ``before_label``, and what each scenario makes of it, in a
        column of its name; "" where it leaves it."""
        plans = {name: self.plan(changes).set_index("node") for name, changes in given.items()}
        first = self.choices.drop_duplicates("node").set_index("node")["answer_label"]
        changed = {code for plan in plans.values() for code in plan.index}
        frame = first[first.index.isin(list(changed))].rename("before_label").reset_index()
        for name, plan in plans.items():
            frame[name] = frame["node"].map(plan["after_label"]).fillna("").astype("str")
        return frame

    def _points(self, changes: Changes) -> tuple[float, float]:
        """The points of the whole then, and its maximum."""
        points, most = self.whole
        return float(exact(points + self.plan(changes)["gain"].sum())), most

    def _index(self, points: float, most: float) -> float:
        return 100.0 * points / most

    def _new(self, code: str, answer: str) -> float | Problem:
        """The points of a criterion that comes out otherwise, or why it cannot."""
        own = self.choices[self.choices["node"] == code]
        if own.empty:
            return Problem("no answer and no points of the unit are known here", node=code)
        if self.card is not None:
            return ladder.new_points(self.card, self.unit, code, "answer", answer)
        value = as_number(str(answer), ".")
        most = float(own["maximum"].iloc[0])
        if isinstance(value, Problem) or not 0 <= value <= most:
            return Problem("points are from 0 to {what}", node=code, value=answer, what=written(most))
        return float(exact(value))

    def _label(self, code: str, answer: str) -> str:
        offered = self.choices[(self.choices["node"] == code) & (self.choices["choice"] == answer)]
        if len(offered):
            return str(offered["choice_label"].iloc[0])
        rule = self.card.scheme.node(code).rule if self.card is not None else None
        return answer if rule is None else ladder.label(rule, answer)


def one_changed(
    card: Scorecard,
    at: tuple[str, str],
    answer: str | float | None,
    points: float | None,
    gain: float | None,
    others: float = 0.0,
) -> pd.DataFrame:
    """The ranking if one (unit, code) of a round had another answer, other points or a gain: ``ladder.what_if``."""
    if gain is not None:
        return ladder.what_if(card, gain={at: gain}, others=others)
    if points is not None:
        return ladder.what_if(card, points={at: points}, others=others)
    return ladder.what_if(card, {at: answer} if answer is not None else {}, others=others)


def _assumed(frame: pd.DataFrame, others: float) -> pd.DataFrame:
    """``frame``, which says what it takes the others to do."""
    frame.attrs = {"others": answer_text(others)}
    return frame


def of_round(card: Scorecard, decisions: pd.DataFrame, unit: str) -> Case:
    """The case of a unit of a round, by its card and its effective answers."""
    choices = ladder.choices(card, decisions, unit)
    points, maximum = (values[:, 0] for values in card.node_points())
    index, row = pd.Series(card.node_index()[:, 0], card.units), card.units.index(unit)
    field = index.reindex(list(card.ranked_units))
    return Case(unit, choices, (float(points[row]), float(maximum[row])), field, card)


def of_published(results: Results, unit: str) -> Case:
    """The case of a unit of published results, by the parts that add up to its points. Raises ``ParameterError`` where
    none do: then a part says nothing of the whole."""
    own = results.table[results.table["unit"] == unit].set_index("node")[["points", "maximum"]]
    own = own.reindex(results.nodes["node"])
    parts = list(_parts(results, own))
    if not parts:
        raise ParameterError(
            Problem("no parts are published that add up to the points of this unit: what would be cannot be worked out")
        )
    rows = own.loc[parts]
    texts = [answer_text(float(value)) for value in rows["points"]]
    choices = pd.DataFrame({"node": parts, "maximum": rows["maximum"].to_numpy(), "points": rows["points"].to_numpy()})
    choices = choices.assign(answer=texts, answer_label=texts, choice="", choice_label="", choice_points=np.nan)
    field = results.values().reindex(results.ranked_units)
    whole = (float(own["points"].to_dict()[WHOLE]), float(own["maximum"].to_dict()[WHOLE]))
    return Case(unit, choices[CHOICES], whole, field)


def _parts(results: Results, own: pd.DataFrame, node: str = WHOLE) -> Iterator[str]:
    """The smallest nodes below ``node`` of which the points are known and add up to its own; none where none do."""
    nodes = results.nodes[results.nodes["node"] != node]
    below = nodes[(nodes["parent"] == node) & (nodes["kind"] != "component")]["node"]
    groups = [list(below)]
    if node == WHOLE:
        groups.append(list(nodes.loc[nodes["kind"] == "component", "node"]))
    for group in groups:
        missed = own.loc[group].to_numpy(float).sum(axis=0) - own.loc[[node]].to_numpy(float)[0]
        # each printed number is off by up to half of its last decimal; what is not known misses by NaN
        if len(group) > 1 and bool((np.abs(missed) <= _HALF * (len(group) + 1) + 1e-9).all()):
            for code in group:
                yield from list(_parts(results, own, code)) or [code]
            return
