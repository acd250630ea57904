"""One unit in frames: where it stands, what moved it, how it did by area, where it lost points, what would lift it.

Whatever is not settled by what is known stays unknown: no rank is computed among the known units alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from parlib import words
from parlib.analysis.comparison import change, change_of_rank, change_parts
from parlib.analysis.diagnosis import over_claiming, unit_losses
from parlib.analysis.ladder import Offer, Way, ladder, ways_to_index
from parlib.analysis.peers import CENTRAL_CITY, Alike, alike, among_peers, peers
from parlib.analysis.series import series
from parlib.analysis.statistics import difference, not_a_unit, of_group
from parlib.analysis.statistics import index_tables as tables
from parlib.errors import ParameterError
from parlib.scoring import units
from parlib.scoring.ranking import Column, Level, rank
from parlib.scoring.results import WHOLE, Results
from parlib.scoring.rules import Choice, Survey
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scorecard import Scorecard

#: Two ranks differ when they are further apart than this part of the field.
APART = 0.25
NEAREST = 4


@dataclass(frozen=True)
class Position:
    """Where a unit stands. ``NaN`` or ``None`` is not known.

    ``row``      the unit's row of ``ranking``.
    ``ranking``  the frame of ``rank`` for all units.
    ``region``   slug; "" for ministries. ``region_units``: the keys in it, the unit itself included.
    ``in_region``, ``in_cities``  as ``among_peers``; empty where the unit has no such group.
    ``peers``    as ``among_peers`` with the units nearest to it; empty where its value is not known.
    ``tier``, ``n_tiers``, ``rank_low``, ``rank_high``  from the survey's own errors (at 95 percent);
    ``ranks_open``: other draws could give another end.
    """

    row: pd.Series
    ranking: pd.DataFrame
    region: str = ""
    region_units: tuple[str, ...] = ()
    in_region: pd.DataFrame = field(default_factory=pd.DataFrame)
    in_cities: pd.DataFrame = field(default_factory=pd.DataFrame)
    peers: pd.DataFrame = field(default_factory=pd.DataFrame)
    tier: int | None = None
    n_tiers: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    ranks_open: bool | int = False

    @property
    def ranked(self) -> bool:
        """Whether the unit takes part in the ranking of the year."""
        return bool(self.row["ranked"])

    @property
    def known(self) -> bool:
        """Whether the value of the unit is known exactly."""
        return bool(np.isfinite(self.row["index"]))


def position(results: Results, unit: str) -> Position:
    """Where ``unit`` stands in ``results``."""
    ranking = rank(results)
    row = ranking[ranking["unit"] == unit].iloc[0]
    matches = {} if not row["ranked"] else _groups(results, unit)
    return Position(row=row, ranking=ranking, **matches, **_chance(results, unit))  # type: ignore[arg-type]


def _groups(results: Results, unit: str) -> dict[str, object]:
    matches: dict[str, object] = {}
    if results.system:
        own = units.get(unit, results.level, results.system, results.year)
        others = peers(results, unit, "region")
        matches |= {"region": own.region, "region_units": (unit, *others)}
        if others:
            matches["in_region"] = among_peers(results, unit, others)
        if own.kind == CENTRAL_CITY:
            matches["in_cities"] = among_peers(results, unit, peers(results, unit, "central_cities"))
    if unit in Level(results).exact_values.dropna().index:
        matches["peers"] = among_peers(results, unit, peers(results, unit, "nearest", k=NEAREST))
    return matches


def _chance(results: Results, unit: str) -> dict[str, int]:
    """The tier and the ranks that the survey leaves open, from its own errors only."""
    from parlib.analysis.robustness.audit import audit_sampling

    audit = audit_sampling(results)
    if audit.basis != "survey" or unit not in set(audit.tiers["unit"]):
        return {}
    tiers = audit.tiers.set_index("unit")
    own = tiers["tier"].where(tiers["tier_low"] == tiers["tier_high"])  # between two tiers: none for sure
    sets = audit.simultaneous.set_index("unit").loc[unit]
    matches = {
        "tier": own[unit],
        "n_tiers": tiers["tier"].max(),
        "rank_low": sets["rank_low"],
        "rank_high": sets["rank_high"],
        "ranks_open": sets["low_open"] or sets["high_open"],
    }
    return {name: int(value) for name, value in matches.items() if pd.notna(value)}


# --- areas ----------------------------------------------------------------------------------------


def areas(results: Results, previous: Results | None, unit: str, region_units: Iterable[str] = ()) -> pd.DataFrame:
    """The unit by area, the whole first: ``node``, ``index``, ``rank``, ``mean``, ``region_mean``, ``best``,
    ``best_unit`` (the first in official order of those that tie), ``best_units`` (all of them, ";" between),
    ``region_best``, ``points`` (the unit's own, known also where no maximum was printed), ``gap`` (``index`` less
    ``mean``), ``behind`` (``index`` less ``best``), ``previous``. Ranks are those printed, else worked out where all
    are known.

    Means and bests are of the ranked units and known only where the value of every one of them is. ``previous`` is
    the unit's own value of the year before, where the scale did not change and the code and the name are the same.
    """
    results.check_after(previous)
    kinds = results.nodes["kind"].isin(["whole", "area"])
    inside = list(region_units)
    rows = [_area(results, unit, str(node), inside) for node in results.nodes.loc[kinds, "node"]]
    names = ["node", "index", "rank", "mean", "region_mean", "best", "best_unit", "best_units", "region_best", "points"]
    frame = pd.DataFrame(rows, columns=names).astype(
        {"node": "str", "best_unit": "str", "best_units": "str", "rank": "Int64"}
    )
    return frame.assign(
        gap=frame["index"] - frame["mean"],
        behind=frame["index"] - frame["best"],
        previous=[_before(results, previous, unit, str(node)) for node in frame["node"]],
    )


def _area(results: Results, unit: str, node: str, inside: list[str]) -> tuple[object, ...]:
    level = Level(results, node)
    own, points = (float(values.get(unit, np.nan)) for values in (level.values, results.values(node, "points")))
    values = level.exact_values
    whole, region = of_group(values if level.complete else values.iloc[:0]), of_group(values.reindex(inside))
    place: object = pd.NA
    if level.complete and unit in values.index:
        place = 1 + int((values > values[unit]).sum())
    printed = results.ranks if node == WHOLE else results.node_ranks[results.node_ranks["node"] == node]
    if printed is not None:
        for row in printed[printed["unit"] == unit].itertuples():
            place = row.rank
    best, holders = whole["maximum"], str(whole["maximum_units"])
    first = holders.partition(";")[0]
    return node, own, place, whole["mean"], region["mean"], best, first, holders, region["maximum"], points


def _before(results: Results, previous: Results | None, unit: str, node: str) -> float:
    if previous is None or results.break_before or node not in set(previous.nodes["node"]):
        return float("nan")
    names = [dict(zip(of.nodes["node"], of.nodes["name"], strict=True))[node] for of in (results, previous)]
    if node != WHOLE and words.fold(str(names[0])) != words.fold(str(names[1])):
        return float("nan")
    return float(previous.values(node).get(unit, np.nan))


def components(results: Results, unit: str) -> pd.DataFrame:
    """The components of the index of which the unit's points are known: ``node``, ``points``, ``maximum`` (NaN = not
    printed), ``mean``, ``best`` (points of the ranked units; known only where all are), and in percent of what applies
    to each unit ``index``, ``mean_index``, ``best_index``; ``gap`` and ``gap_index`` are the unit's less the mean."""
    rows = []
    for node in results.nodes.loc[results.nodes["kind"] == "component", "node"].astype(str):
        of = {column: results.values(node, column) for column in ("points", "maximum", "index")}
        row: dict[str, object] = {"node": node} | {column: float(of[column].get(unit, np.nan)) for column in of}
        for column, name in (("points", ""), ("index", "_index")):
            theirs = of[column].reindex(results.ranked_units)
            figures = of_group(theirs if results.n_ranked == len(theirs) else theirs.iloc[:0])
            row |= {f"mean{name}": figures["mean"], f"best{name}": figures["maximum"]}
        if np.isfinite(of["points"].get(unit, np.nan)):
            rows.append(row)
    columns = ["node", "points", "maximum", "mean", "best", "index", "mean_index", "best_index"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(gap=frame["points"] - frame["mean"], gap_index=frame["index"] - frame["mean_index"])


# --- other indices, other years -------------------------------------------------------------------


@dataclass(frozen=True)
class Related:
    """The same unit in another index: ``n`` units are ranked there; ``apart`` says that the two ranks lie further
    apart than ``APART`` of their fields (``None``: one of them is not known)."""

    results: Results
    value: float
    rank: int | None
    n: int | None
    apart: bool | None


def related(results: Results, own: pd.Series, others: Iterable[Results]) -> tuple[Related, ...]:
    """The unit of the row ``own`` of the ranking of ``results`` in each of ``others`` of which its value or its rank
    is known. Raises ``ParameterError`` where one of them does not compare with ``results``."""
    matches = []
    n_ranked = results.n_ranked
    for other in others:
        results.check_beside(other)
        table = rank(other)
        rows = table[table["unit"] == own["unit"]]
        if rows.empty or (pd.isna(rows["index"].iloc[0]) and pd.isna(rows["rank"].iloc[0])):
            continue
        row, n = rows.iloc[0], other.n_ranked
        place = None if pd.isna(row["rank"]) else int(row["rank"])
        apart = None
        if place is not None and n and n_ranked and pd.notna(own["rank"]):
            apart = bool(abs(int(own["rank"]) / n_ranked - place / n) > APART)
        matches.append(Related(other, float(row["index"]), place, n, apart))
    return tuple(matches)


def history(years: Iterable[Results], unit: str, column: Column = "index") -> pd.DataFrame:
    """The unit over the years: the rows of ``series`` that are its own."""
    frame = series(years, column=column)
    return frame[frame["unit"] == unit].reset_index(drop=True)


# --- points lost, claims and survey of a round ----------------------------------------------------


@dataclass(frozen=True)
class Losses:
    """Frames of one unit of a round; all are empty without one.

    ``leaves``  as ``unit_losses`` plus ``claimed`` (points), ``mean_lost`` (points, over the ranked units to which the
                leaf applies and whose points are known), ``n`` of them, ``n_losing`` of these, ``stage``, and
                ``answer_label``: the option that holds ("" where it is none, or points were decided).
    ``total``   all points that the unit lost (NaN: not known).
    ``claims``  ``node`` (whole, areas), ``claimed``, ``appraised``, ``granted`` (points), of the criteria that units
                answer themselves; ``n_over`` criteria where more was claimed than granted.
    ``over_claiming``, ``mean_over_claiming``  percent of the points claimed that were not granted, the mean over the
                ranked units.
    ``survey``  ``node``, ``index``, ``half`` (of a 95 percent interval of sampling; NaN = not known), ``mean`` of the
                ranked units (known only where all are).
    ``hidden``  surveyed criteria whose points are not shown, because few answered or because another would follow.
    """

    leaves: pd.DataFrame = field(default_factory=pd.DataFrame)
    total: float = float("nan")
    claims: pd.DataFrame = field(default_factory=pd.DataFrame)
    over_claiming: float = float("nan")
    mean_over_claiming: float = float("nan")
    survey: pd.DataFrame = field(default_factory=pd.DataFrame)
    hidden: tuple[str, ...] = ()

    def _repr_html_(self) -> str | None:
        return self.leaves._repr_html_()  # type: ignore[operator, no-any-return]


def losses(cards: Mapping[str, Scorecard], decisions: pd.DataFrame, unit: str, ranked: list[str]) -> Losses:
    """The losses, claims and survey of ``unit``; nothing without cards, or where they do not hold the unit."""
    if not cards or unit not in cards["final"].units:
        return Losses()
    final = cards["final"]
    claims = over_claiming(cards["self"], final).set_index("unit")["over_claiming"]
    points, maximum = final.node_points()
    row = final.units.index(unit)
    return Losses(
        leaves=_leaves(cards, decisions, unit, ranked),
        total=float(exact(maximum[row, 0] - points[row, 0])),
        claims=_claims(cards, unit),
        over_claiming=float(claims[unit]),
        mean_over_claiming=float(exact(claims.reindex(ranked).mean(skipna=False))),
        survey=_survey(final, unit, ranked),
        hidden=_hidden(final, row),
    )


def _leaves(cards: Mapping[str, Scorecard], decisions: pd.DataFrame, unit: str, ranked: list[str]) -> pd.DataFrame:
    final, claimed = cards["final"], cards["self"]
    result = unit_losses(final, unit, decisions)
    place = [final.leaves.index(str(node)) for node in result["node"]]
    rows = [final.units.index(key) for key in ranked]
    maxima = np.array([np.nan if leaf.maximum is None else float(leaf.maximum) for leaf in final.scheme.leaves])
    lost = np.where(final.applicable, exact(maxima - final.points), np.nan)[rows][:, place]
    known = np.isfinite(lost)
    n = known.sum(axis=0)
    sums = np.where(known, lost, 0.0).sum(axis=0)
    own_rows = decisions[decisions["unit"] == unit].set_index("code")
    stages, given = own_rows["stage"], own_rows.loc[~own_rows["decided"].astype(bool), "answer"]
    answered = [final.scheme.leaves[at].rule for at in place]
    own = claimed.points[claimed.units.index(unit)][place]
    return result.assign(
        claimed=[x if rule is not None and rule.answered else np.nan for x, rule in zip(own, answered, strict=True)],
        mean_lost=exact(np.divide(sums, n, out=np.full(len(place), np.nan), where=n > 0)),
        n=n,
        n_losing=(known & (lost > 1e-9)).sum(axis=0),
        stage=[str(stages.get(str(node), "")) for node in result["node"]],
        answer_label=[
            rule.label.get(str(given.get(str(node), "")), "") if isinstance(rule, Choice) else ""
            for node, rule in zip(result["node"], answered, strict=True)
        ],
    )


def _claims(cards: Mapping[str, Scorecard], unit: str) -> pd.DataFrame:
    """Points claimed, appraised and granted on the unit's own criteria, whole and by area."""
    final = cards["final"]
    own = np.array([leaf.rule is not None and leaf.rule.answered for leaf in final.scheme.leaves])
    stages = [cards[stage] for stage in ("self", "appraisal", "final")]
    cells = np.stack([card.points[card.units.index(unit)] for card in stages])
    applies = np.logical_and.reduce([card.applicable[card.units.index(unit)] for card in stages])
    own &= applies & np.isfinite(cells).all(axis=0)
    codes = np.array(final.leaves)
    nodes = ["", *(str(node) for node in final.scheme.node_frame().query("kind == 'area'")["node"])]
    rows = []
    for node in nodes:
        inside = own & np.array([node == "" or code == node or code.startswith(f"{node}.") for code in codes])
        if inside.any():
            over = int((cells[0, inside] - cells[2, inside] > 1e-9).sum())
            rows.append((node, *exact(cells[:, inside].sum(axis=1)), int(inside.sum()), over))
    return pd.DataFrame(rows, columns=["node", "claimed", "appraised", "granted", "n", "n_over"])


def _hidden(card: Scorecard, row: int) -> tuple[str, ...]:
    if card.withheld is None:
        return ()
    places = [card.nodes.index(code) for code in card.leaves]
    gone = np.isnan(card.withheld[row, places]) & card.applicable[row]
    return tuple(code for code, hidden in zip(card.leaves, gone, strict=True) if hidden)


def _survey(card: Scorecard, unit: str, ranked: list[str]) -> pd.DataFrame:
    from scipy.special import stdtrit

    row = card.units.index(unit)
    rows = []
    for place, leaf in enumerate(card.scheme.leaves):
        if not isinstance(leaf.rule, Survey) or not leaf.maximum or not card.applicable[row, place]:
            continue
        scale = 100 / float(leaf.maximum)
        others = [card.points[card.units.index(key), place] for key in ranked]
        index, error = card.points[row, place] * scale, card.standard_error[row, place] * scale
        freedom = np.nan if card.degrees_of_freedom is None else card.degrees_of_freedom[row, place]
        half = float(stdtrit(freedom, 0.975)) * error if error > 0 and freedom > 0 else np.nan
        rows.append((leaf.code, exact(index), half, exact(np.mean(others) * scale) if others else np.nan))
    frame = pd.DataFrame(rows, columns=["node", "index", "half", "mean"])
    return frame.astype({"node": "str", "index": "float64", "half": "float64", "mean": "float64"})


# --- ways up --------------------------------------------------------------------------------------


MOST_STEPS = (2, 3, 5)  # criteria in a way: few, and where these do not do, some more
PLACES = {True: (3, 2, 1), False: (5, 3, 1)}  # places to go up: of few units, and of many
FEW = 30
MORE = 1.0  # percentage points: the target of a unit without a rank whose next group is out of reach
NEAR = 2.0  # percentage points: a group that begins no further above is the target


@dataclass(frozen=True)
class Ladder:
    """``kind`` of the target: "band" (the group ``band``, from the index ``bound``), "index" (the index ``bound``),
    "places" (the rank ``rank``), "first" (the unit stands first: nothing is above it; its ways lead to the index
    ``bound``), "unreached" (no set of steps reaches a target; where one was asked for, ``rank`` is the best that is
    reached), "" (there are no answers to better, or the unit's points are not all known).

    ``ways``   cheapest first. ``most``  the most criteria that a way may have.
    ``steps``  one row for each step: ``way`` (from 1), ``code``, ``before`` and ``after`` (the answers as the ledger
               has them), ``points``, ``gain``, ``cost``, ``reached`` (other ranked units that have these
               points already) of ``others``; in words: ``before_label``, ``after_label`` (of options, ""
               for numbers), ``before_value``, ``after_value`` (NaN for options), ``target`` (what a result is counted
               against; NaN where there is none), ``counted_in`` ("%" or "").
    """

    kind: str = ""
    band: str = ""
    bound: float = float("nan")
    rank: int = 0
    ways: tuple[Way, ...] = ()
    most: int = MOST_STEPS[0]
    steps: pd.DataFrame = field(default_factory=pd.DataFrame)

    def _repr_html_(self) -> str | None:
        return self.steps._repr_html_()  # type: ignore[operator, no-any-return]


def ways_up(
    results: Results,
    cards: Mapping[str, Scorecard],
    decisions: pd.DataFrame,
    row: pd.Series,
    n: int = 3,
    rank: int = 0,
    others: float = 0.0,
) -> Ladder:
    """Up to ``n`` cheap ways up of the unit of the ranking row ``row``, to ``rank`` where it is given: the cheapest,
    then the cheapest that needs none of its criteria, and so on. The indices of the others rise meanwhile by
    ``others`` percentage points.

    Else the target is the next better group where it begins at most ``NEAR`` percentage points above (for a unit that
    is not ranked: wherever it begins, and else ``MORE``), else a few places up; where no set of steps reaches one
    target the next is tried.
    """
    unit = str(row["unit"])
    if not cards or unit not in cards["final"].units or not np.isfinite(row["index"]):
        return Ladder()
    card = cards["final"]
    answers = decisions[~decisions["decided"].astype(bool)][["unit", "code", "answer"]]
    targets = [Ladder("places", rank=rank)] if rank else _targets(results, row)
    first = not targets
    if first:  # nothing is above it: what would keep it there
        targets = [Ladder("first", bound=min(float(row["index"]) + MORE, 100.0))]
    for most in MOST_STEPS:
        for target in targets:
            ways = _unlike(card, answers, unit, target, most, n, others)
            if ways:
                return replace(target, ways=ways, most=most, steps=_steps(card, answers, unit, ways))
    best = 0
    if rank and pd.notna(row["rank"]):  # whoever reaches a rank reaches those behind it

        def reached(at: int) -> bool:
            return bool(_unlike(card, answers, unit, Ladder("places", rank=at), MOST_STEPS[-1], 1, others))

        last = len(card.ranked_units) if others else int(row["rank"])  # others may pass it
        best = rank + 1 + bisect_left(range(rank + 1, last), True, key=reached)
    return Ladder(kind="first" if first else "unreached", rank=best, most=MOST_STEPS[-1])


def _unlike(
    card: Scorecard, answers: pd.DataFrame, unit: str, target: Ladder, most: int, n: int, others: float
) -> tuple[Way, ...]:
    """The cheapest way to a target, then the cheapest without its criteria, and so on: no two share a criterion."""
    ways: list[Way] = []
    moves = dict.fromkeys(card.ranked_units, others)
    while len(ways) < n:
        left = answers[~answers["code"].isin([offer.code for way in ways for offer in way.offers])]
        if target.kind in ("band", "index", "first"):
            cheapest = ways_to_index(card, left, unit, target.bound, most=most, ways=1)
        else:
            cheapest = ladder(card, left, unit, target.rank, competitors=moves, most=most, ways=1)
        ways += cheapest
        if not cheapest or not cheapest[0].offers:
            break
    return tuple(ways)


def _targets(results: Results, row: pd.Series) -> list[Ladder]:
    """What to aim at, the first choice first."""
    index = float(row["index"])
    matches: list[Ladder] = []
    above = [(float(bound), str(band)) for band, bound in results.bands.items() if bound > index]
    if above:
        bound, band = min(above)
        if not row["ranked"] or difference(bound, index) <= NEAR:
            matches.append(Ladder("band", band, bound))
    if not row["ranked"]:
        matches.append(Ladder("index", bound=min(index + MORE, 100.0)))
    if row["ranked"] and pd.notna(row["rank"]) and int(row["rank"]) > 1:
        place = int(row["rank"])
        ranks = dict.fromkeys(max(1, place - up) for up in PLACES[(results.n_ranked or 0) <= FEW])
        matches += [Ladder("places", rank=rank) for rank in ranks]
    return matches


def _steps(card: Scorecard, answers: pd.DataFrame, unit: str, ways: tuple[Way, ...]) -> pd.DataFrame:
    own = answers[answers["unit"] == unit].set_index("code")["answer"]
    rows = []
    for number, way in enumerate(ways, start=1):
        for offer in way.offers:
            before = str(own[offer.code])
            there = _there(card, unit, offer)
            words = _words(card, offer.code, before, offer.answer)
            rows.append(
                (number, offer.code, before, offer.answer, offer.points, offer.gain, offer.cost, *there, *words)
            )
    names = ["way", "code", "before", "after", "points", "gain", "cost", "reached", "others"]
    names += ["before_label", "after_label"]
    return pd.DataFrame(rows, columns=[*names, "before_value", "after_value", "target", "counted_in"])


def _there(card: Scorecard, unit: str, offer: Offer) -> tuple[int, int]:
    """How many of the other ranked units have the points of a step already, and of how many they are known."""
    others = [at for at, key in enumerate(card.units) if key != unit and key in card.ranked_units]
    points = card.points[others, card.leaves.index(offer.code)]
    points = points[np.isfinite(points)]
    return int((points >= offer.points - 1e-9).sum()), len(points)


def _words(card: Scorecard, code: str, before: str, after: str) -> tuple[str, str, float, float, float, str]:
    """Two answers as people read them: labels of options, else numbers with what they are counted in."""
    rule = card.scheme.node(code).rule
    if isinstance(rule, Choice):
        return rule.label[before], rule.label[after], np.nan, np.nan, np.nan, ""
    (then, _), (now, target) = (_result(text) for text in (before, after))
    return "", "", then, now, target, "%" if getattr(rule, "unit", "") == "%" else ""


def _result(answer: str) -> tuple[float, float]:
    """The number of an answer, and its target where it has one: "105/100"."""
    number, _, target = answer.partition("/")
    return float(number), float(target) if target else np.nan


# --- all of it ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Profile:
    """The profile of one unit.

    ``position``  where it stands. ``change``  its row of ``comparison.change``. ``moves``  its row of
    ``change_of_rank`` (empty without results of the year before). ``parts``  its rows of ``change_parts``.
    ``areas``, ``components``  as in ``position``. ``losses``, ``ladder``  of a round, empty without one.
    ``alike``  the units most like it. ``history``  its rows of ``series``. ``related``  the unit in other indices.
    ``has_round``  whether there are cards.
    """

    unit: str
    position: Position
    change: pd.Series
    moves: pd.Series
    parts: pd.DataFrame
    areas: pd.DataFrame
    components: pd.DataFrame
    alike: Alike = field(default_factory=Alike)
    losses: Losses = field(default_factory=Losses)
    ladder: Ladder = field(default_factory=Ladder)
    history: pd.DataFrame = field(default_factory=pd.DataFrame)
    related: tuple[Related, ...] = ()
    has_round: bool = False


def profile(
    results: Results,
    unit: str,
    previous: Results | None = None,
    *,
    cards: Mapping[str, Scorecard] | None = None,
    decisions: pd.DataFrame | None = None,
    years: Collection[Results] = (),
    others: Collection[Results] = (),
    column: Column = "index",
) -> Profile:
    """The profile of ``unit``.

    ``cards`` (by stage) and ``decisions`` (unit, code, stage, answer, decided, remark) are those of a round; ``years``
    the results whose line the history is, ``others`` the results of related indices. ``column`` is what the history
    and the parts of the change are in: "points" for an index that is published in points.
    Raises ``ParameterError`` where no unit is named, the results do not list it, or others do not compare with them.
    """
    results.check_after(previous)
    results.check_beside(*others, *years)
    _check(results, unit)
    cards, decisions = cards or {}, pd.DataFrame() if decisions is None else decisions
    where = position(results, unit)
    parts = pd.DataFrame() if previous is None else change_parts(results, previous, column=column)
    moves = pd.DataFrame() if previous is None else change_of_rank(results, previous)
    lines = list(years)
    return Profile(
        unit=unit,
        position=where,
        change=_own(change(results, previous), unit),
        moves=_own(moves, unit),
        parts=parts[parts["unit"] == unit].reset_index(drop=True) if len(parts) else parts,
        areas=areas(results, previous, unit, where.region_units),
        components=components(results, unit),
        alike=alike(results, previous, unit, k=PLACES[(results.n_ranked or 0) <= FEW][0]),
        losses=losses(cards, decisions, unit, results.ranked_units),
        ladder=ways_up(results, cards, decisions, where.row),
        history=history(lines, unit, column) if lines else pd.DataFrame(),
        related=related(results, where.row, others),
        has_round=bool(cards),
    )


def _own(frame: pd.DataFrame, unit: str) -> pd.Series:
    rows = frame[frame["unit"] == unit] if len(frame) else frame
    return rows.iloc[0] if len(rows) else pd.Series(dtype="object")


def _check(results: Results, unit: str) -> None:
    """Refuse no unit, and one that the results do not list, in both languages."""
    if not unit:
        raise ParameterError("a profile is of one unit: say which (key, name or code), such as bo-y-te")
    if unit not in set(results.units["unit"]):
        raise ParameterError(not_a_unit(results, unit))


def index_tables(result: Profile, *of: Results | None, whole: Iterable[Results] = ()) -> pd.DataFrame:
    """As ``index_tables.index_tables``, of the unit at every node and of the others at the whole, the areas and the
    components: a profile gives away what it rests on, not the criteria of everybody."""
    frame = tables(*of, whole=whole)
    shared = ~frame["node"].str.contains(".", regex=False) | (frame["node"] == WHOLE)
    return frame[shared | (frame["unit"] == result.unit)].reset_index(drop=True)
