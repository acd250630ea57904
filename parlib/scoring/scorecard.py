"""From answers to points to indices: the scorecard of one stage of one round, and what follows from it.

Points of leaves are rounded to 9 decimals when they are earned, so every sum of them lies on one grid: equal sums are
equal after ``exact`` whatever the order of adding, and units with equal points share a rank. Every node is a sum of
leaves, so one matrix product scores all nodes of all units, and of all draws where there are draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.errors import DataError, ParameterError, Problem
from parlib.scoring.results import STAGES, index_table
from parlib.scoring.rules import Array, External, Kind, Survey, expected, fits, is_unknown, read_answers
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scheme import Policy, Scheme
from parlib.scoring.units import assessed, near_units, units_of_year
from parlib.tables import Record, records, written
from parlib.words import Message, Words, near_codes

Mask = npt.NDArray[np.bool_]

_TRUE, _FALSE = ("true", "1", "1.0"), ("", "false", "0", "0.0")


# --- the rows -----------------------------------------------------------------------------------


def _official_order(level: str, year: int, units: pd.Series, problems: list[Problem]) -> tuple[str, ...]:
    """The different ``units`` in official order; units that are none of that level in ``year`` join ``problems``."""
    given = set(units.astype("str"))
    there = units_of_year(year, level)
    order = [unit.key for unit in there]
    for stranger in sorted(given - set(order)):
        message = Message("no such unit in {year}{near}", {"near": near_units(stranger, there), "year": year})
        problems.append(Problem(message, column="unit", value=stranger))
    return tuple(key for key in order if key in given)


def _place_rows(scheme: Scheme, answers: pd.DataFrame, keys: Sequence[str], problems: list[Problem]) -> pd.DataFrame:
    """The rows of wanted units with the places of their unit ``u`` and leaf ``l``, sorted by leaf."""
    leaves = [leaf.code for leaf in scheme.leaves]
    frame = pd.DataFrame(
        {
            "u": _places(answers["unit"], keys),
            "l": _places(answers["code"], leaves),
            "unit": answers["unit"].to_numpy(),
            "code": answers["code"].to_numpy(),
            "answer": answers["answer"].to_numpy(dtype=object),
            "points": _numbers(answers, "points", problems),
            "not_applicable": _flags(answers, "not_applicable", problems),
            "row": answers["row"].to_numpy() if "row" in answers else np.full(len(answers), np.nan),
        }
    )
    frame = frame[frame["u"] >= 0]
    inner = frame["code"].isin({node.code for node in scheme.nodes}.difference(leaves))
    unlimited = np.isnan(np.append(scheme.leaf_maxima, 0.0))[frame["l"]]  # the last stands for codes that are none
    for wrong, message in (
        ((frame["l"] < 0) & inner, Message("this node is the sum of its children and is not scored itself")),
        ((frame["l"] < 0) & ~inner, Message("no such code{near}")),
        ((frame["l"] >= 0) & frame.duplicated(["u", "l"]), Message("given twice")),
        (frame["not_applicable"] & unlimited, Message("a leaf without a maximum cannot be left out")),
    ):
        for entry in records(frame[wrong]):
            problems.append(_of(entry, message.filled(near=near_codes(str(entry.code), leaves))))
    return frame[frame["l"] >= 0].sort_values("l", kind="stable")


def _places(values: pd.Series, keys: Sequence[str]) -> npt.NDArray[np.intp]:
    """The place of each value among ``keys``, -1 where it is none of them."""
    return pd.Index(list(keys), dtype="str").get_indexer(pd.Index(values.astype("str")))


def _of(entry: Record, message: Words, column: str = "", value: object = None) -> Problem:
    """A problem of one row: its unit in the words, its leaf and line as the place."""
    row = None if pd.isna(entry.row) else int(entry.row)
    problems = Problem("unit {unit}: {what}", what=message, unit=entry.unit)
    return problems.at(node=str(entry.code), row=row, column=column, value=value)


def _numbers(frame: pd.DataFrame, name: str, problems: list[Problem]) -> Array:
    cells = frame[name] if name in frame else pd.Series(np.nan, frame.index)
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    written_there = cells.notna() & (cells.astype("str").str.strip() != "")
    problems += [Problem("not a number", column=name, value=cell) for cell in cells[np.isnan(numbers) & written_there]]
    return numbers


def _flags(frame: pd.DataFrame, name: str, problems: list[Problem]) -> Mask:
    cells = frame[name] if name in frame else pd.Series(False, frame.index)
    if cells.dtype == np.bool_:
        return np.asarray(cells, dtype=np.bool_)
    text = cells.astype("object").where(cells.notna(), "").astype("str").str.strip().str.lower()
    wrong = text[~text.isin([*_TRUE, *_FALSE])].unique()
    problems += [Problem("must be true or false", column=name, value=cell) for cell in wrong]
    return np.asarray(text.isin(_TRUE))


# --- points by where they come from -------------------------------------------------------------


def _mark_answers(scheme: Scheme, rows: pd.DataFrame, points: Array, problems: list[Problem]) -> None:
    """Points of the leaves that units answer themselves."""
    measured = Message("scored by a survey or another index")
    bounds = np.searchsorted(rows["l"], np.arange(len(scheme.leaves) + 1)).tolist()
    units, answers = rows["u"].to_numpy(), rows["answer"].to_numpy(dtype=object)
    for place, (leaf, first, last) in enumerate(zip(scheme.leaves, bounds, bounds[1:], strict=False)):
        if first == last or leaf.rule is None:
            continue
        cells = answers[first:last]
        if leaf.rule.answered:
            values, wrong = read_answers(leaf.rule, cells, leaf.maximum)
            points[units[first:last], place] = leaf.rule.points(values, leaf.maximum or np.nan)
        else:
            wrong = {at: Problem(measured, value=cell) for at, cell in enumerate(cells) if not is_unknown(cell)}
        for at, problem in wrong.items():
            problems.append(_of(next(records(rows.iloc[[first + at]])), problem.message, "answer", problem.value))


def _mark_measured(
    scheme: Scheme,
    frame: pd.DataFrame | None,
    measured_by: tuple[type[Kind], str, str],
    keys: Sequence[str],
    marks: tuple[Array, Array, Array],
    problems: list[Problem],
) -> None:
    """Points, standard errors and their degrees of freedom of the leaves that follow a survey item or another index.

    ``measured_by`` is their kind of rule, and names the source (item, index) and the value in ``frame``.
    """
    if frame is None:
        return
    kind, name, column = measured_by
    rules = {place: leaf.rule for place, leaf in enumerate(scheme.leaves) if isinstance(leaf.rule, kind)}
    named = list(dict.fromkeys(str(getattr(rule, name)) for rule in rules.values()))
    rows = frame.assign(u=_places(frame["unit"], keys), s=_places(frame[name], named))
    rows = rows[(rows["u"] >= 0) & (rows["s"] >= 0)]
    for unit, source in rows.loc[rows.duplicated(["u", "s"]), ["unit", name]].itertuples(index=False):
        problems.append(Problem("unit {who}: given twice", column=name, who=f"{unit}, {source}"))
    values, errors, freedom = cells = np.full((3, len(keys), len(named)), np.nan)
    for of, measure in zip(cells, (column, "standard_error", "degrees_of_freedom"), strict=True):
        if measure in rows:
            of[rows["u"], rows["s"]] = rows[measure]
    for place, rule in rules.items():
        leaf, at, most = scheme.leaves[place], named.index(getattr(rule, name)), scheme.leaf_maxima[place]
        for unit in np.flatnonzero(~fits(rule, values[:, at])).tolist():
            places = {"who": f"{keys[unit]}, {named[at]}", "expected": expected(rule, leaf.maximum)}
            message = Message("unit {who}: expected {expected}", places)
            problems.append(Problem(message, node=leaf.code, column=column, value=float(values[unit, at])))
        marks[0][:, place] = rule.points(values[:, at], most)
        if "standard_error" in rows:
            marks[1][:, place] = rule.slope(values[:, at], most) * errors[:, at]
            marks[2][:, place] = freedom[:, at]


def _mark_decided(scheme: Scheme, rows: pd.DataFrame, points: Array, error: Array, problems: list[Problem]) -> None:
    """Points that the council decided count instead of those of the answer, and are exact."""
    decided, maxima = rows["points"].to_numpy(), scheme.leaf_maxima[rows["l"]]
    wrong = (decided < 0) | (exact(decided) > exact(maxima)) | np.isinf(decided)
    for entry in records(rows[wrong]):
        most = {"number": written(float(scheme.leaf_maxima[entry.l]))}
        problems.append(_of(entry, Message("points are between 0 and {number}", most), "points", entry.points))
    points[rows["u"], rows["l"]] = decided
    error[rows["u"], rows["l"]] = 0.0


# --- exact numbers and ranks --------------------------------------------------------------------


def competition_ranks(values: npt.ArrayLike) -> Array:
    """Standard competition ranks (1, 2, 2, 4) along the last axis, the largest value first; unknown stays NaN.

    Values are compared after ``exact``. A table of draws x units is ranked row by row.
    """
    known = exact(values)
    unknown = np.isnan(known)
    fall = np.where(unknown, np.inf, -known)
    order = np.argsort(fall, axis=-1)
    falling = np.take_along_axis(fall, order, axis=-1)
    places = np.broadcast_to(np.arange(1.0, fall.shape[-1] + 1), fall.shape).copy()
    tied = falling[..., 1:] == falling[..., :-1]
    places[..., 1:][tied] = 0.0
    np.maximum.accumulate(places, axis=-1, out=places)
    ranks = np.empty_like(fall)
    np.put_along_axis(ranks, order, places, axis=-1)
    ranks[unknown] = np.nan
    return ranks


# --- sums ---------------------------------------------------------------------------------------


def sum_nodes(
    scheme: Scheme,
    points: npt.ArrayLike,
    applicable: npt.NDArray[np.bool_] | None = None,
    policy: Policy = "rescale",
    absent: frozenset[str] = frozenset(),
) -> tuple[Array, Array]:
    """Points and maxima of all nodes (last axis, as ``scheme.node_codes``) from the points of leaves (last axis).

    ``points`` may have any leading axes: units, or draws x units. A node with an unknown leaf is unknown. Leaves that
    do not apply follow ``policy``. Leaves that are ``absent`` this year add nothing and make nothing unknown: the
    maximum of their parent stands. A leaf without a maximum counts in its parent; its own maximum is NaN.
    """
    leaves = np.asarray(points, dtype=np.float64)
    member = scheme.membership
    maxima = np.broadcast_to(exact(scheme.node_maxima), (*leaves.shape[:-1], len(member))).copy()
    if applicable is not None and not applicable.all():
        exempted = ~np.broadcast_to(applicable, leaves.shape)
        leaves = np.where(exempted, scheme.leaf_maxima if policy == "full" else 0.0, leaves)
        if policy == "rescale":  # NaN where the maximum of the leaf is unknown: so is what remains
            some = exempted.any(axis=-1)
            maxima[some] = exact(scheme.node_maxima - _sums(np.where(exempted[some], scheme.leaf_maxima, 0.0), member))
    if absent:
        leaves = np.where([leaf.code in absent for leaf in scheme.leaves], 0.0, leaves)
    totals = exact(_sums(leaves, member))
    if absent:
        totals[..., [scheme.node_codes.index(code) for code in absent]] = np.nan
    return totals, maxima


def _sums(leaves: Array, member: Array) -> Array:
    """Each node's sum of leaves, NaN where one of them is NaN."""
    unknown = np.isnan(leaves)
    if not unknown.any():
        return np.asarray(leaves @ member.T)
    totals = np.where(unknown, 0.0, leaves) @ member.T
    return np.where(unknown.astype(np.float64) @ member.T > 0, np.nan, totals)


def _percent(points: Array, maxima: Array) -> Array:
    """100 x points / maximum; NaN where either is unknown or nothing applies."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(maxima > 0, 100.0 * points / maxima, np.nan)


# --- the scorecard ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Scorecard:
    """The points of every unit on every leaf of a scheme, at one stage.

    ``points`` (units x leaves) are NaN where not known; ``applicable`` says which leaves apply to which unit;
    ``standard_error`` is that of the points: of the surveyed leaves as measured (NaN = not known), of others 0;
    ``degrees_of_freedom`` those of that error (NaN = not known, and where nothing was sampled). ``ranked`` are the
    units that are ranked; ``None`` leaves it to the year's list (see ``ranked_units``). ``withheld`` (units x nodes):
    the points that leaves which may not be shown add to each node (NaN: the node may not be shown either); such leaves
    have no points, but the sums over them are known.
    """

    scheme: Scheme
    year: int
    level: str
    units: tuple[str, ...]
    points: Array
    applicable: Mask
    standard_error: Array
    stage: str = "final"
    policy: Policy = "rescale"
    ranked: tuple[str, ...] | None = None
    degrees_of_freedom: Array | None = None
    withheld: Array | None = None

    def __repr__(self) -> str:
        return (
            f"<Scorecard {self.level} {self.year}, {self.stage}: {len(self.units)} units x {len(self.leaves)} criteria>"
        )

    def __post_init__(self) -> None:
        """Raise ``ParameterError`` on a stage or a policy that there is not."""
        policy = Message("the policy for criteria that do not apply is one of {policies}")
        stage = Message("stage is one of {stages}")
        for given, allowed, text in ((self.stage, STAGES, stage), (self.policy, get_args(Policy), policy)):
            if given not in allowed:
                listed = ", ".join(allowed)
                raise ParameterError(Problem(text.filled(stages=listed, policies=listed), value=given))

    @property
    def ranked_units(self) -> tuple[str, ...]:
        """The units that take part in the ranking, in the order of ``units``: those of ``ranked``, or without it all
        but those that the year's list names as assessed and not ranked."""
        if self.ranked is not None:
            return tuple(unit for unit in self.units if unit in self.ranked)
        listed = assessed(self.year, self.level)
        apart = set(listed["unit"][~listed["ranked"].astype(bool)])
        return tuple(unit for unit in self.units if unit not in apart)

    @property
    def nodes(self) -> tuple[str, ...]:
        """The codes of all nodes, in the order of ``scheme.node_frame()``."""
        return self.scheme.node_codes

    @property
    def leaves(self) -> tuple[str, ...]:
        """The codes of the leaves, in the order of the columns of ``points``."""
        return tuple(leaf.code for leaf in self.scheme.leaves)

    def node_points(self) -> tuple[Array, Array]:
        """Points and maxima, units x nodes."""
        absent = self.scheme.absent_in(self.year)
        if self.withheld is None:
            return sum_nodes(self.scheme, self.points, self.applicable, self.policy, absent)
        unseen = np.isnan(self.withheld[:, [self.nodes.index(code) for code in self.leaves]])
        shown = np.where(unseen, 0.0, self.points)
        totals, maxima = sum_nodes(self.scheme, shown, self.applicable, self.policy, absent)
        return exact(totals + self.withheld), maxima

    def node_index(self) -> Array:
        """The index of every unit at every node, units x nodes, in percent."""
        return _percent(*self.node_points())

    def node_standard_errors(self, covariance: npt.ArrayLike | None = None) -> Array:
        """The standard error of the index at every node, units x nodes; NaN where one of its leaves' is not known.

        Errors of leaves are taken as independent: the error of a sum is the root of the sum of squares. Items that
        the same people answer move together, so this understates the error of their sum; where it is known, give the
        ``covariance`` of the points of the leaves (leaves x leaves, or units x leaves x leaves) instead.
        """
        _, maxima = self.node_points()
        gone = np.isin(self.leaves, sorted(self.scheme.absent_in(self.year)))
        sure = ~self.applicable | gone
        member = self.scheme.membership
        if covariance is None:
            variance = _sums(np.where(sure, 0.0, self.standard_error) ** 2, member)
        else:
            matrix = np.where(sure[:, :, None] | sure[:, None, :], 0.0, covariance)
            sums = (np.nan_to_num(matrix), np.isnan(matrix).astype(np.float64))
            known, unknown = (np.einsum("nl,ulk,nk->un", member, of, member, optimize=True) for of in sums)
            variance = np.where(unknown > 0, np.nan, known)
        return _percent(np.sqrt(variance), maxima)

    def index_table(self) -> pd.DataFrame:
        """The index table (see ``parlib.results``): each unit's nodes, in order."""
        points, maxima = self.node_points()
        frame = pd.MultiIndex.from_product([self.units, self.nodes], names=["unit", "node"]).to_frame(index=False)
        frame = frame.assign(year=self.year, level=self.level, stage=self.stage)
        errors = self.node_standard_errors()
        return index_table(frame.assign(points=points.ravel(), maximum=maxima.ravel(), standard_error=errors.ravel()))


def score_table(
    points: pd.DataFrame, maxima: Mapping[str, float], parents: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Every node of any index and the rank of each unit in it, from a table of points alone.

    ``points`` has a row for each unit (its name is the index of the frame) and a column for each leaf; what is empty is
    not known. ``maxima`` gives the maximum of each leaf. ``parents`` names the parent of a leaf and of an inner node
    ("" or absent: the whole); without it the dots of the codes tell, "1.2.3" below "1.2" below "1". A node may have one
    child. The result has a row for each unit and node, the whole first: ``unit``, ``node`` ("" = the whole),
    ``points``, ``maximum``, ``index`` in percent, ``rank`` (1, 2, 2, 4 among the units known at the node). Raises
    ``ParameterError`` with everything that is wrong.

    >>> points = pd.DataFrame({"1.1": [1.0, 0.5], "1.2": [2.0, 2.0]}, ["a", "b"])
    >>> score_table(points, {"1.1": 1, "1.2": 3})["rank"].tolist()
    [1, 1, 1, 1, 2, 2, 2, 1]
    """
    codes, units = [str(code) for code in points.columns], [str(unit) for unit in points.index]
    table = points.to_numpy(dtype=np.float64)
    most = np.array([maxima.get(code, np.nan) for code in codes], dtype=np.float64)
    twice = [*points.index[points.index.duplicated()], *points.columns[points.columns.duplicated()]]
    problems = [Problem("given twice", value=str(name)) for name in twice]
    problems += [Problem("max must be a number above 0", node=codes[i]) for i in np.flatnonzero(~(most > 0))]
    for row, place in np.argwhere((table < 0) | (exact(table) > exact(most))).tolist():
        what = Message("points are between 0 and {number}", {"number": written(float(most[place]))})
        message = Message("unit {unit}: {what}", {"unit": units[row], "what": what})
        problems.append(Problem(message, node=codes[place], value=float(table[row, place])))
    chains = {code: _chain(code, parents) for code in codes}
    problems += [Problem("lies below itself", node=code) for code, chain in chains.items() if not chain]
    ParameterError.raise_for(problems)
    nodes = list(dict.fromkeys(["", *(node for chain in chains.values() for node in reversed(chain))]))
    member = np.array([[node in chain or not node for chain in chains.values()] for node in nodes], dtype=np.float64)
    sums, whole = exact(_sums(table, member)), exact(member @ most)
    index = _percent(sums, whole)
    return pd.DataFrame(
        {
            "unit": np.repeat(np.array(units, dtype=object), len(nodes)),
            "node": np.tile(np.array(nodes, dtype=object), len(units)),
            "points": sums.ravel(),
            "maximum": np.tile(whole, len(units)),
            "index": index.ravel(),
            "rank": competition_ranks(index.T).T.ravel(),
        }
    ).astype({"unit": "str", "node": "str", "rank": "Int64"})


def _chain(code: str, parents: Mapping[str, str] | None) -> list[str]:
    """A leaf and the nodes above it, the highest last, without the whole; nothing where it lies below itself."""
    chain, above = [], code
    while above:
        if above in chain:
            return []
        chain.append(above)
        above = above.rpartition(".")[0] if parents is None else parents.get(above, "")
    return chain


# --- from answers -------------------------------------------------------------------------------


def score(
    scheme: Scheme,
    answers: pd.DataFrame,
    *,
    year: int,
    stage: str = "final",
    survey: pd.DataFrame | None = None,
    external: pd.DataFrame | None = None,
    units: Sequence[str] | None = None,
    policy: Policy | None = None,
    ranked: Sequence[str] | None = None,
) -> Scorecard:
    """The scorecard of one stage from its effective answers.

    ``answers``  ``unit``, ``code``, ``answer`` (as the ledger keeps it), and where there are any ``not_applicable``,
                 ``points`` (decided by the council: they count instead of those of the answer) and ``row`` (its line,
                 named in errors). One row for a unit and code; what has no row, or an empty one, is not known.
    ``survey``   ``unit``, ``item``, ``share`` (0-1), ``standard_error`` of the share, and where they are known its
                 ``degrees_of_freedom``; other items are left out.
    ``external`` ``unit``, ``index``, ``value``, and where they are known ``standard_error`` of the value and
                 ``degrees_of_freedom``.
    ``units``    the units wanted, in this order: rows of others are left out. Without it, the units of ``answers``
                 in official order, and a unit that is none is an error.
    ``ranked``   those that are ranked; without it, all but those that the year's list names as assessed apart.

    Raises ``DataError`` with everything that is wrong.
    """
    problems: list[Problem] = []
    keys = _official_order(scheme.level, year, answers["unit"], problems) if units is None else tuple(units)
    rows = _place_rows(scheme, answers, keys, problems)
    shape = (len(keys), len(scheme.leaves))
    marks = points, error, freedom = np.full(shape, np.nan), np.zeros(shape), np.full(shape, np.nan)
    applicable = np.ones(shape, dtype=np.bool_)
    left_out = rows["not_applicable"].to_numpy()
    applicable[rows["u"][left_out], rows["l"][left_out]] = False
    _mark_answers(scheme, rows[~left_out], points, problems)
    error[:, [isinstance(leaf.rule, Survey) for leaf in scheme.leaves]] = np.nan
    _mark_measured(scheme, survey, (Survey, "item", "share"), keys, marks, problems)
    _mark_measured(scheme, external, (External, "index", "value"), keys, marks, problems)
    _mark_decided(scheme, rows[~left_out & rows["points"].notna()], points, error, problems)
    DataError.raise_for(problems)
    return Scorecard(
        scheme,
        year,
        scheme.level,
        keys,
        exact(points),
        applicable,
        error,
        stage=stage,
        policy=policy or scheme.not_applicable,
        ranked=None if ranked is None else tuple(ranked),
        degrees_of_freedom=freedom,
    )
