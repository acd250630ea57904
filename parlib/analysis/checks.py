"""The checks that stop a report: numbers that contradict each other are found before anybody prints them.

Each check is a function with a name and a message; it takes the ``Facts`` that a report is about to print and yields
what it ``Compared``, each of which becomes a ``Finding``. A finding that disagrees stops the report (``require``),
unless a reviewed explanation of exactly these numbers is on file: then the report is built and prints the explanation.
Printed numbers are compared as what they are: a value with d decimals stands for anything within half a unit of its
last place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

import numpy as np
import pandas as pd

from parlib.errors import ChecksFailed, Problem
from parlib.scoring.results import WHOLE, Results
from parlib.scoring.rules import exact_values as exact
from parlib.tables import records
from parlib.words import Digits, Message, Words


@dataclass(frozen=True)
class Facts:
    """What a report is about to print; a check looks at what is there and passes over what is not.

    ``ranking``, ``bands``, ``change`` and ``regions`` are the frames of ``analysis.statistics`` and
    ``analysis.comparison``; ``statistics`` has the columns ``statistic`` and ``value``. ``previous`` are the results of
    the year before as published then. ``tables`` are the frames that leave the workbook, by name.
    """

    results: Results
    previous: Results | None = None
    ranking: pd.DataFrame | None = None
    statistics: pd.DataFrame | None = None
    bands: pd.DataFrame | None = None
    change: pd.DataFrame | None = None
    regions: pd.DataFrame | None = None
    region_sizes: Mapping[str, int] = field(default_factory=dict)
    legal_units: Sequence[str] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    smallest_cell: int = 5


#: What the compared numbers are called.
_NAMES = {
    "up": Message("number compared: up"),
    "down": Message("number compared: down"),
    "same": Message("number compared: same"),
    "n": Message("number compared: n"),
    "sum": Message("number compared: sum"),
    "total": Message("number compared: total"),
    "points": Message("number compared: points"),
    "maximum": Message("number compared: maximum"),
    "index": Message("number compared: index"),
    "weighted": Message("number compared: weighted"),
    "mean": Message("number compared: mean"),
    "computed": Message("number compared: computed"),
    "printed": Message("number compared: printed"),
    "value": Message("number compared: value"),
    "change": Message("number compared: change"),
    "before": Message("number compared: before"),
    "difference": Message("number compared: difference"),
    "rank": Message("number compared: rank"),
    "in_report": Message("number compared: in_report"),
    "in_list": Message("number compared: in_list"),
    "units": Message("number compared: units"),
    "list": Message("number compared: list"),
    "compared": Message("number compared: compared"),
    "respondent_rows": Message("number compared: respondent_rows"),
    "small_cells": Message("number compared: small_cells"),
    "vi": Message("of the Vietnamese report"),
    "en": Message("of the English report"),
}


@dataclass(frozen=True)
class Finding(Words):
    """One comparison: does it hold, what was compared, and the words for people.

    ``subject`` names what the numbers are about (a unit, a region, a statistic); ``numbers`` are the numbers that were
    compared, by name; ``explanation`` is filled where a reviewed note explains a disagreement.
    """

    check: str
    holds: bool
    subject: str
    numbers: tuple[tuple[str, float], ...]
    message: Message
    explanation: str = ""

    @property
    def stops(self) -> bool:
        """Whether this finding keeps the report from being published."""
        return not self.holds and not self.explanation

    @property
    def problem(self) -> Problem:
        """The finding as what keeps a report back, with the name of its check."""
        return Problem("check {check}: {finding}", check=self.check, finding=self)

    def text(self, language: str = "vi") -> str:
        """The finding in words, with its numbers."""
        names = {name: _NAMES[name].text(language) if name in _NAMES else name for name, _ in self.numbers}
        numbers = "; ".join(f"{names[name]} = {Digits(shown(value)).text(language)}" for name, value in self.numbers)
        subject = f"{self.subject}: " if self.subject else ""
        return f"{subject}{self.message.text(language)} ({numbers})"


class Compared(NamedTuple):
    """What a check compared: does it hold, what the numbers are about, the numbers by name (by pairs where a name comes
    twice); a message where it is not that of the check."""

    holds: bool
    subject: str
    numbers: Mapping[str, float] | Sequence[tuple[str, float]]
    message: Message | None = None


Check = Callable[[Facts], Iterator[Compared]]
_REGISTRY: dict[str, tuple[Check, Message]] = {}


def check(name: str, message: Message) -> Callable[[Check], Check]:
    """Enter a function into the registry under ``name``, with what it says; a name is given once."""

    def enter(function: Check) -> Check:
        if name in _REGISTRY:
            raise ValueError(f"the check {name!r} is registered twice")
        _REGISTRY[name] = function, message
        return function

    return enter


def _findings(name: str, facts: Facts) -> Iterator[Finding]:
    function, message = _REGISTRY[name]
    for holds, subject, numbers, own in function(facts):
        pairs = numbers.items() if isinstance(numbers, Mapping) else numbers
        yield Finding(name, holds, subject, tuple((key, float(value)) for key, value in pairs), own or message)


def names() -> tuple[str, ...]:
    """The names of all checks, in the order they run."""
    return tuple(_REGISTRY)


def words() -> dict[str, Message]:
    """What each check says, by its name."""
    return {name: message for name, (_, message) in _REGISTRY.items()}


def run(
    facts: Facts, only: Iterable[str] | None = None, explanations: pd.DataFrame | None = None
) -> tuple[Finding, ...]:
    """Every finding of the checks (of those named in ``only``), in order.

    ``explanations`` has the columns ``year``, ``level``, ``check``, ``subject``, ``numbers`` (the compared values,
    ``;`` between them) and ``explanation``. It explains a disagreement only when the numbers are exactly the same, so
    that a new slip in the same place is not covered by an old note. Raises ``KeyError`` on an unknown name.
    """
    chosen = names() if only is None else tuple(only)
    matches = [finding for name in chosen for finding in _findings(name, facts)]
    if explanations is None or explanations.empty:
        return tuple(matches)
    here = explanations[
        (explanations["year"].astype(int) == facts.results.year) & (explanations["level"] == facts.results.level)
    ]
    columns = (here[name].fillna("").astype(str) for name in ("check", "subject", "numbers", "explanation"))
    notes = {(name, subject, numbers): text for name, subject, numbers, text in zip(*columns, strict=True)}
    return tuple(replace(f, explanation=notes.get((f.check, f.subject, _fingerprint(f)), "")) for f in matches)


def require(findings: Iterable[Finding], language: str = "vi") -> tuple[Finding, ...]:
    """``findings`` again, or ``ChecksFailed`` (in ``language``) naming every disagreement that stops the report."""
    result = tuple(findings)
    stopping = [f for f in result if f.stops]
    if stopping:
        problems = [finding.problem for finding in stopping]
        raise ChecksFailed(problems, language)
    return result


def summary(findings: Iterable[Finding]) -> pd.DataFrame:
    """One row a check: ``check``, ``compared``, ``held``, ``explained``, ``failed``."""
    rows = [
        {
            "check": f.check,
            "compared": 1,
            "held": int(f.holds),
            "explained": int(not f.holds and bool(f.explanation)),
            "failed": int(f.stops),
        }
        for f in findings
    ]
    columns = ["check", "compared", "held", "explained", "failed"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.groupby("check", sort=False).sum().reset_index() if rows else frame


def shown(value: float) -> str:
    """``value`` with up to four decimals, as a check prints it."""
    return format(Decimal(repr(round(float(value), 4))).normalize(), "f")


def _fingerprint(finding: Finding) -> str:
    return ";".join(shown(value) for _, value in finding.numbers)


# --- the checks -----------------------------------------------------------------------------------


_NOISE = 1e-9  # of float arithmetic
PRINTED_DECIMALS = 2
_PLAIN = ("mean", "max", "min")  # printed as they are; others are differences of printed numbers, and of their own


def slack(facts: Facts, count: int) -> float:
    """How far ``count`` printed numbers may miss each other by rounding alone; computed ones by nothing."""
    return count * 0.5 * 10.0**-PRINTED_DECIMALS + _NOISE if facts.results.stage == "published" else _NOISE


def _statistic(facts: Facts, word: str) -> float | None:
    """The value of a statistic of the whole index, where one is given."""
    if facts.statistics is None:
        return None
    rows = facts.statistics.loc[facts.statistics["statistic"] == word, "value"].dropna()
    return float(rows.iloc[0]) if len(rows) else None


@check("points_within_maxima", Message("points lie between 0 and the maximum"))
def points_within_maxima(facts: Facts) -> Iterator[Compared]:
    """0 <= points <= maximum for every unit and node, and 0 <= index <= 100 for the PAR INDEX."""
    table = facts.results.table
    points, maximum, index = (table[name].to_numpy(float) for name in ("points", "maximum", "index"))
    names = [f"{unit} {node}".strip() for unit, node in zip(table["unit"], table["node"], strict=True)]
    wrong = (points < -_NOISE) | (points > maximum + _NOISE)
    for i in np.flatnonzero(wrong):
        yield Compared(False, names[i], {"points": points[i], "maximum": maximum[i]})
    outside = (index < -_NOISE) | (index > 100 + _NOISE) if facts.results.index_name == "par" else wrong & False
    for i in np.flatnonzero(outside):
        yield Compared(False, names[i], {"index": index[i]}, Message("an index lies between 0 and 100"))
    compared = int(np.isfinite(points).sum() + np.isfinite(index).sum())
    if compared and not wrong.any() and not outside.any():
        message = Message("all points and indices lie within their bounds")
        yield Compared(True, "", {"compared": compared}, message)


def _sums(kind: str) -> Check:
    """Points of the nodes of a kind against the points of the whole, for units where all of them are known."""

    def sums(facts: Facts) -> Iterator[Compared]:
        nodes = facts.results.nodes
        parts = [facts.results.values(str(node), "points") for node in nodes.loc[nodes["kind"] == kind, "node"]]
        values = pd.concat([facts.results.values(WHOLE, "points"), *parts], axis=1).dropna()
        for unit, (total, *points) in zip(values.index, values.to_numpy(float), strict=True) if parts else ():
            added = float(np.sum(points))
            holds = abs(added - total) <= slack(facts, len(points) + 1)
            yield Compared(holds, str(unit), {"sum": added, "total": total})

    return sums


check("parts_total", Message("the parts add up to the total"))(_sums("component"))
check("areas_total", Message("the areas add up to the total"))(_sums("area"))


@check("rises_and_falls", Message("units up, down and unchanged add up to the number of units"))
def rises_and_falls(facts: Facts) -> Iterator[Compared]:
    """Up + down + same = number of ranked units; with no count of those unchanged, up + down may not be short."""
    n = _statistic(facts, "n_units")
    for up_word, down_word, same_word in (("n_rose", "n_fell", "n_same"), ("n_rank_up", "n_rank_down", "n_rank_same")):
        up, down, same = (_statistic(facts, word) for word in (up_word, down_word, same_word))
        if n is None or up is None or down is None:
            continue
        moved = up + down
        # Ranks often stay: without their number only an excess shows.
        holds = moved <= n if same is None and up_word == "n_rank_up" else moved + (same or 0.0) == n
        yield Compared(holds, f"{up_word} + {down_word}", {"up": up, "down": down, "same": same or 0.0, "n": n})


@check("band_counts", Message("the counts of the bands add up to the number of units"))
def band_counts(facts: Facts) -> Iterator[Compared]:
    """The numbers of units in the bands add up to the number of ranked units."""
    if facts.bands is None or facts.bands.empty or facts.bands["n"].isna().any():
        return
    added, printed = float(facts.bands["n"].sum()), _statistic(facts, "n_units")
    n = printed if printed is not None else len(facts.results.ranked_units)
    yield Compared(added == n, "", {"sum": added, "n": n})


@check("printed_totals", Message("what was printed of all units follows from their values"))
def printed_totals(facts: Facts) -> Iterator[Compared]:
    """Where every unit is known, what was printed of all of them follows from their values."""
    results = facts.results
    if facts.statistics is None or results.printed_statistics.empty or results.n_known != results.n_ranked:
        return
    computed = facts.statistics[facts.statistics["basis"] == "computed"].set_index("statistic")["value"].dropna()
    rows = results.printed_statistics
    for row in records(rows[(rows["node"] == WHOLE) & ~rows["derived"].astype(bool)]):
        if row.statistic in computed.index:
            value = float(computed[row.statistic])
            room = 0.0 if row.statistic.startswith("n_") else slack(facts, 1 if row.statistic in _PLAIN else 3)
            yield Compared(abs(value - row.value) <= room, row.statistic, {"computed": value, "printed": row.value})


@check("region_means", Message("region means weighted by their units give the national mean"))
def region_means(facts: Facts) -> Iterator[Compared]:
    """Region means weighted by their numbers of units give the national mean."""
    mean = _statistic(facts, "mean")
    if facts.regions is None or facts.regions.empty or facts.regions["mean"].isna().any() or mean is None:
        return
    sizes = facts.regions["region"].map(facts.region_sizes) if facts.region_sizes else facts.regions["n"]
    weighted = float(np.average(facts.regions["mean"].to_numpy(float), weights=sizes.to_numpy(float)))
    room = slack(facts, 2)  # of the mean, and of an average of means
    yield Compared(abs(weighted - mean) <= room, "", {"weighted": weighted, "mean": mean})


@check(
    "previous_values",
    Message("the value of the year before that follows from the change is the one published then"),
)
def previous_values(facts: Facts) -> Iterator[Compared]:
    """A value less its printed change is the value published the year before, for units and for regions."""
    if facts.previous is None:
        return
    facts.results.check_after(facts.previous)
    changes = facts.results.printed_changes.dropna(subset=["change"]).set_index("unit")["change"]
    now, then = facts.results.values(), facts.previous.values()
    rows = [
        (str(unit), float(now.get(unit, np.nan)), float(change), then.get(unit)) for unit, change in changes.items()
    ]
    region_now = facts.results.printed_regions.dropna(subset=["change"])
    region_then = facts.previous.printed_regions.set_index("region")["mean"]
    columns = (region_now[name] for name in ("region", "mean", "change"))
    rows += [(str(r), float(mean), float(change), region_then.get(r)) for r, mean, change in zip(*columns, strict=True)]
    for subject, value, change, known_then in rows:
        before = float("nan") if known_then is None else float(known_then)
        if not np.isnan(value) and not np.isnan(before):
            holds = abs(value - change - before) <= slack(facts, 3)
            yield Compared(holds, subject, {"value": value, "change": change, "before": before})


@check("changes", Message("the change is the difference of the two values"))
def changes(facts: Facts) -> Iterator[Compared]:
    """The change shown for a unit equals the difference of the two values shown, at printed precision."""
    if facts.change is None:
        return
    frame = facts.change.dropna(subset=["index", "previous", "change"])
    columns = (frame["unit"].astype(str), *(frame[name].astype(float) for name in ("index", "previous", "change")))
    for unit, value, before, change in zip(*columns, strict=True):
        holds = abs(value - before - change) <= slack(facts, 2)
        yield Compared(holds, unit, {"difference": value - before, "change": change})


@check("competition_ranks", Message("ranks follow the order of the index, equal values share a rank"))
def competition_ranks(facts: Facts) -> Iterator[Compared]:
    """Ranks are standard competition ranks: no better rank with a lower index; with a full table, exactly 1 2 2 4.

    Where units were ranked that the table does not list (a province that no longer exists), each may have pushed the
    units below it down by one place.
    """
    if facts.ranking is None or facts.ranking.empty:
        return
    known = facts.ranking.dropna(subset=["index", "rank"])
    known = known[known["ranked"].astype(bool)].sort_values(["rank", "unit"])
    values = known["index"].astype(float).round(9).to_numpy()
    ranks = known["rank"].astype(float).to_numpy()
    units = known["unit"].to_numpy()
    for i in range(1, len(known)):
        if values[i] > values[i - 1] and ranks[i] > ranks[i - 1]:
            pair = slice(i - 1, i + 1)
            yield Compared(False, ", ".join(units[pair]), _ranked(ranks[pair], values[pair]))
    if len(known) and len(known) == int(facts.ranking["ranked"].astype(bool).sum()):
        expected = 1 + (values[None, :] > values[:, None]).sum(axis=1)
        others = max(0, (facts.results.n_ranked or 0) - len(known))
        wrong = np.flatnonzero((ranks < expected) | (ranks > expected + others))
        if facts.results.stage == "published":  # printed values that are equal may hide a difference
            wrong = np.array([i for i in wrong if not _within_tie(values, ranks, int(i))], dtype=np.intp)
        for i in (int(place) for place in wrong):
            yield Compared(False, str(units[i]), _ranked((ranks[i], expected[i]), (values[i],)))
        if not len(wrong):
            yield Compared(True, "", _ranked((1.0, ranks.max()), (values.max(), values.min())))


def _within_tie(values: np.ndarray, ranks: np.ndarray, i: int) -> bool:
    first = 1 + int((values > values[i]).sum())
    return bool(first <= ranks[i] < first + int((values == values[i]).sum()))


def _ranked(ranks: Iterable[float], values: Iterable[float]) -> list[tuple[str, float]]:
    return [*(("rank", rank) for rank in ranks), *(("index", value) for value in values)]


@check("legal_list", Message("the units are those assessed that year"))
def legal_list(facts: Facts) -> Iterator[Compared]:
    """The units of the report are the units that the year's decision assesses, each once."""
    if not facts.legal_units:
        return
    here, legal = list(facts.results.units["unit"]), list(facts.legal_units)
    for unit in sorted(set(here) ^ set(legal)):
        yield Compared(False, unit, {"in_report": unit in here, "in_list": unit in legal})
    holds = len(here) == len(set(here)) == len(legal)
    yield Compared(holds, "", {"units": len(here), "list": len(legal)}, Message("as many units as the year's list has"))


@check("no_respondents", Message("no published table has rows of respondents"))
def no_respondents(facts: Facts) -> Iterator[Compared]:
    """Nothing that leaves the workbook shows a respondent, or a count of answers small enough to point at one."""
    for name, frame in facts.tables.items():
        shown = "respondent" in frame.columns
        yield Compared(not shown, name, {"respondent_rows": len(frame) if shown else 0})
        if "n_answers" in frame.columns:
            counts = frame["n_answers"].dropna().astype(float)
            small = int(((counts > 0) & (counts < facts.smallest_cell)).sum())
            message = Message("no published table has small groups of answers")
            yield Compared(small == 0, name, {"small_cells": small}, message)


# --- findings -------------------------------------------------------------------------------------
# What a year's numbers say for an assessment: what was reached, what fell short, who is concerned, by area.
#
# Nothing here judges causes: the frames name numbers, and an editor goes on from there.

_EMPTY = pd.DataFrame()
FEW = 5  # units named in a list
REACHED = 95.0  # percent of the maximum: a criterion that is well reached


@dataclass(frozen=True)
class Findings:
    """Frames for an assessment; each is empty where nothing of it is known.

    ``areas``     ``node``, ``mean`` (percent), ``n`` (units): areas known of all ranked units, best first.
    ``reached``   ``node``, ``mean_index``, ``n_losing``, ``n``: scored criteria with a mean of at least 95 percent.
    ``weakest``   the same columns: the scored criteria with the lowest means.
    ``in_area``   ``area`` and the same columns: the two weakest scored criteria of each area.
    ``lagging``   ``area``, ``unit``, ``value``: the units with the lowest index in each area, lowest first.
    ``risen``, ``fallen``  ``unit``, ``change``: the largest changes of the index, and ``whole_change``: whether those
                  of all ranked units are known.
    ``over``      ``unit``, ``over``, ``over_claiming``: who claimed most that was not granted.
    ``answers``   ``group``, ``group_name``, ``code``, ``name``, ``share`` (percent): the lowest survey results.
    """

    areas: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    reached: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    weakest: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    in_area: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    lagging: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    risen: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    fallen: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    whole_change: bool = False
    over: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    answers: pd.DataFrame = field(default_factory=lambda: _EMPTY)


def findings(
    results: Results, change: pd.DataFrame, leaves: pd.DataFrame, claims: pd.DataFrame, shares: pd.DataFrame
) -> Findings:
    """The findings of a year. ``change`` is the frame of ``comparison.change``, ``leaves`` that of ``pareto``,
    ``claims`` that of ``over_claiming``; ``shares`` has ``group``, ``group_name``, ``code``, ``name``, ``share``."""
    areas = [str(node) for node in results.nodes.loc[results.nodes["kind"] == "area", "node"]]
    values = {area: results.values(area).reindex(results.ranked_units).astype("float64") for area in areas}
    known = {area: of for area, of in values.items() if len(of) == results.n_ranked and of.notna().all() and len(of)}
    scored = leaves[leaves["n"] > 0] if len(leaves) else leaves
    moved = change[change["unit"].isin(results.ranked_units)] if len(change) else _EMPTY
    moved = moved[moved["change"].notna()] if len(moved) else moved
    if not results.mostly_known(len(moved)):
        moved = _EMPTY
    return Findings(
        areas=_areas(known),
        reached=_best(scored),
        weakest=_weakest(scored, FEW),
        in_area=_by_area(scored, areas),
        lagging=_lagging(known),
        risen=_moved(moved, 1),
        fallen=_moved(moved, -1),
        whole_change=len(moved) == results.n_ranked,
        over=_over(claims),
        answers=_answers(shares),
    )


def _areas(known: dict[str, pd.Series]) -> pd.DataFrame:
    rows = [(area, float(exact(of.mean())), len(of)) for area, of in known.items()]
    frame = pd.DataFrame(rows, columns=["node", "mean", "n"])
    return frame.sort_values("mean", ascending=False, kind="stable", ignore_index=True)


_LEAF = ["node", "mean_index", "n_losing", "n"]


def _best(scored: pd.DataFrame) -> pd.DataFrame:
    if scored.empty:
        return _EMPTY
    best = scored[scored["mean_index"] >= REACHED].sort_values("mean_index", ascending=False, kind="stable")
    return _first(best[_LEAF], "mean_index", FEW)


def _weakest(scored: pd.DataFrame, n: int) -> pd.DataFrame:
    if scored.empty:
        return _EMPTY
    return _first(scored.sort_values("mean_index", kind="stable")[_LEAF], "mean_index", n)


def _by_area(scored: pd.DataFrame, areas: list[str]) -> pd.DataFrame:
    if scored.empty:
        return _EMPTY
    frames = [
        _weakest(scored[scored["node"].str.split(".").str[0] == area], 2).assign(area=area)
        for area in areas
        if (scored["node"].str.split(".").str[0] == area).any()
    ]
    return pd.concat(frames, ignore_index=True)[["area", *_LEAF]] if frames else _EMPTY


def _lagging(known: dict[str, pd.Series]) -> pd.DataFrame:
    """The lowest units of each area; all that share the value of the last of them, unless these are too many."""
    rows = []
    for area, of in known.items():
        ordered = of.sort_values(kind="stable")
        if len(ordered) <= 2 * FEW:
            continue
        lowest = ordered[exact(ordered.to_numpy()) <= exact(ordered.iloc[FEW - 1])]
        if len(lowest) <= 2 * FEW and lowest.iloc[-1] < ordered.iloc[-1]:
            rows += [(area, str(unit), float(value)) for unit, value in lowest.items()]
    return pd.DataFrame(rows, columns=["area", "unit", "value"])


def _first(ordered: pd.DataFrame, column: str, n: int) -> pd.DataFrame:
    """The first ``n`` rows of an ordered frame and all that share the value of the last of them; where these are more
    than twice as many, none that shares it."""
    if len(ordered) <= n:
        return ordered.reset_index(drop=True)
    values = exact(ordered[column].to_numpy(dtype=np.float64))
    tied = values == values[n - 1]
    before = int(np.flatnonzero(tied)[0])
    last = before + int(tied.sum())
    return ordered.head(last if last <= 2 * n else before).reset_index(drop=True)


def _moved(moved: pd.DataFrame, way: int) -> pd.DataFrame:
    if moved.empty:
        return _EMPTY
    changes = exact(moved["change"].to_numpy(dtype=np.float64))
    chosen = moved[changes * way > 0].sort_values("change", ascending=way < 0, kind="stable")
    return _first(chosen[["unit", "change"]], "change", FEW)


def _over(claims: pd.DataFrame) -> pd.DataFrame:
    if claims.empty:
        return _EMPTY
    some = claims[claims["over_claiming"].notna() & (claims["over"] > 0)]
    some = some.sort_values("over_claiming", ascending=False, kind="stable")
    return _first(some[["unit", "over", "over_claiming"]], "over_claiming", FEW)


def _answers(shares: pd.DataFrame) -> pd.DataFrame:
    if shares.empty:
        return _EMPTY
    known = _first(shares[shares["share"].notna()].sort_values("share", kind="stable"), "share", 3)
    return known[["group", "group_name", "code", "name"]].assign(share=100 * known["share"]).reset_index(drop=True)
