"""Results of the old units carried over to those that came of them by merger: 63 provinces to 34, and the ministries.

No source says how results of merged units combine, so each value here follows a rule that is named wherever it is
printed (``wording``), and the spread of the parts stands beside it. None of it is an official result.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from parlib import data_tables
from parlib.analysis.statistics import in_years
from parlib.errors import ParameterError, named
from parlib.scoring import units
from parlib.scoring.ranking import Level, rank
from parlib.scoring.results import INDEX_COLUMNS, MARKS, WHOLE, Results, breaks_between, index_table
from parlib.scoring.rules import exact_values as exact
from parlib.words import Message, Name

RULES = ("mean", "weighted", "best", "worst")

#: The rules as they are said.
_SAID: Mapping[str, Message] = {
    "mean": Message("The value of a new {unit} is the simple mean of the old {units}"),
    "weighted": Message("The value of a new {unit} is the mean of the old {units} weighted by population{of_year}"),
    "best": Message("The value of a new {unit} is that of its best old {unit}"),
    "worst": Message("The value of a new {unit} is that of its worst old {unit}"),
}


def wording(rule: str, language: str = "vi", level: str = "province", weights_year: int | None = None) -> str:
    """The sentence to print with values merged by ``rule``; ``weights_year`` is the year of the population."""
    named(rule, RULES, Message("rule of merging"))
    data_tables.check_level(level)
    of = data_tables.levels()[level]
    stated = _SAID[rule].filled(
        unit=Name(of["short_vi"], of["name_en"]),
        units=Name(of["name_vi"], of["plural_en"]),
        of_year=Message(" ({year})", {"year": weights_year}) if weights_year else "",
    )
    return Message("{rule}; this is not an official result.", {"rule": stated}).text(language)


# --- who became what ------------------------------------------------------------------------------


def merged_year(level: str) -> int:
    """The year since whose results the units of ``level`` are those after the last mergers; 0 without any."""
    days = merges(level)["effective"].dropna()
    return int(days.max().year) if len(days) else 0


def merges(level: str) -> pd.DataFrame:
    """What each of the first units of a level became in its last reform: ``old``, ``new``, ``effective`` (date),
    ``change``; a row for each old unit.

    ``change`` is "merged" where several units became one, "reorganised" where one became another, else "unchanged".
    """
    stood = [unit for unit in units.units(data_tables.check_level(level)) if unit.valid_from is None]
    began = {unit.key: unit.valid_from for unit in units.units(level)}
    reform = min((day for day in began.values() if day), default=None)
    parts = [key for unit in stood for key in unit.successors]
    rows = []
    for unit in stood:
        new = unit.successors[0] if unit.successors else unit.key
        change = "unchanged" if not unit.successors else "merged" if parts.count(new) > 1 else "reorganised"
        day = began[new] or reform
        rows.append((unit.key, new, pd.Timestamp(day) if day else pd.NaT, change))
    return pd.DataFrame(rows, columns=["old", "new", "effective", "change"])


def came_of(level: str, unit: str) -> bool:
    """Whether a unit came of others."""
    moves = merges(level)
    return bool((moves.loc[moves["change"] != "unchanged", "new"] == unit).any())


# --- which parts ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """A new unit and the old ones that it came of; ``merged`` where there are several."""

    unit: str
    old: tuple[str, ...]
    change: str

    @property
    def merged(self) -> bool:
        return len(self.old) > 1


def parts_of(results: Results) -> tuple[Part, ...]:
    """The new units, in official order, with the old ones of ``results`` that they came of.

    All provinces; of a level without systems those of which a part is assessed. ``ParameterError`` where ``results``
    are on the new units already.
    """
    moves = merges(results.level)
    systems = list(data_tables.systems(results.level))
    if results.system != (systems or [""])[0] or not set(results.units["unit"]) <= set(moves["old"]):
        raise ParameterError(
            "the results of {year} are not on the units before the mergers of {merged}: nothing to merge",
            value=results.system or results.level,
            year=results.year,
            merged=merged_year(results.level),
        )
    old = moves.groupby("new", sort=False)["old"].agg(tuple)
    change = moves.drop_duplicates("new").set_index("new")["change"]
    listed = set(results.units["unit"])
    current = units.units(results.level, (systems or [""])[-1])
    new = dict.fromkeys(unit.key for unit in current if unit.key in old.index)
    wanted = [key for key in new if systems or listed & set(old[key])]
    return tuple(Part(key, tuple(str(part) for part in old[key]), str(change[key])) for key in wanted)


def spread(results: Results, weights: pd.Series | None = None) -> pd.DataFrame:
    """The new units by every rule side by side, on the whole index: what the choice of the rule does.

    ``unit``, ``change`` ("merged", "reorganised", "unchanged"), ``n_parts``, ``n_known``, ``parts`` and ``unknown``
    (keys, ";" between), ``mean``, ``weighted`` (missing without ``weights`` by old unit), ``best``, ``worst``,
    ``best_part``, ``worst_part``, ``spread`` (best - worst; of the known parts alone it would be too small, so it is
    missing where either is). A value with an unknown part is missing by every rule, unless printed ranks still tell
    which part is the best or the worst.
    """
    parts = parts_of(results)
    values = Level(results).values
    shares = {
        rule: _shares(results, parts, rule, weights) for rule in RULES if rule != "weighted" or weights is not None
    }
    matches = {rule: _mixed(values, share) for rule, share in shares.items()}
    ends = {end: shares[end][shares[end]["share"] == 1].set_index("unit")["old"] for end in ("best", "worst")}
    rows = []
    for part in parts:
        unknown = [key for key in part.old if np.isnan(values.get(key, np.nan))]
        row: dict[str, object] = {"unit": part.unit, "change": part.change, "n_parts": len(part.old)}
        row |= {"n_known": len(part.old) - len(unknown), "parts": ";".join(part.old), "unknown": ";".join(unknown)}
        row |= {rule: matches[rule][part.unit] if rule in matches else np.nan for rule in RULES}
        row |= {f"{end}_part": ends[end].get(part.unit, "") for end in ends}
        rows.append({**row, "spread": float(exact(matches["best"][part.unit] - matches["worst"][part.unit]))})
    texts = ("unit", "change", "parts", "unknown", "best_part", "worst_part")
    return pd.DataFrame(rows).astype(dict.fromkeys(texts, "str"))


def recent_spread(results: Results, years: int = 2) -> pd.DataFrame:
    """``spread`` of the results of the last ``years`` before the mergers, which the first results of the new units will
    be compared with; empty for all others, and for quantities that are no index."""
    merged = merged_year(results.level)
    last = merged - years <= results.year < merged
    if results.index_name not in ("par", "papi") or not last or not parts_of(results):
        return pd.DataFrame()
    return spread(results)


# --- the new units beside the old ones ------------------------------------------------------------


def best_known(earlier: Sequence[Results], years: int = 2) -> Results | None:
    """The results of the last of the ``years`` before the mergers in which at least half of the merged units have all
    their parts known; where there is none, of that in which most have; ``None`` where no part is known. Raises
    ``ParameterError`` where two of ``earlier`` do not compare."""
    chosen, most = None, (False, -1, -1)
    for results in in_years(earlier, least=0):
        recent = merged_year(results.level) - years <= results.year < merged_year(results.level)
        frame = spread(results) if recent and results.values().notna().any() else pd.DataFrame()
        if len(frame):
            merged = frame[frame["change"] != "unchanged"]
            n, parts = int((merged["n_known"] == merged["n_parts"]).sum()), int(merged["n_known"].sum())
            known = (True, 0, 0) if 2 * n >= len(merged) else (False, n, parts)
            chosen, most = (results, known) if known >= most else (chosen, most)
    return chosen


def beside_parts(results: Results, old: Results) -> pd.DataFrame:
    """The units of ``results`` beside the old units of ``old`` that they were made of, in official order.

    The columns of ``spread`` of ``old`` (``mean`` is the value carried over), ``value`` (that of ``results``) and
    ``place``: "above" every part, "below" every part or "within" their range, "" where a value is not known. Every rule
    of merging gives a value within that range, so the place holds by any of them. Raises ``ParameterError`` where the
    two differ in more than their units: another index, simulated and published.
    """
    replace(results, system=old.system).check_after(old)
    frame = spread(old).set_index("unit")
    values = results.values()
    frame = frame.reindex([key for key in values.index if key in frame.index])
    frame["value"] = values.reindex(frame.index)
    known = frame["value"].notna() & (frame["n_known"] == frame["n_parts"])
    places = np.select([frame["value"] > frame["best"], frame["value"] < frame["worst"]], ["above", "below"], "within")
    frame["place"] = pd.Series(places, index=frame.index).where(known, "")
    return frame.reset_index()


def parts_by_year(unit: str, earlier: Sequence[Results]) -> pd.DataFrame:
    """The old units that ``unit`` was made of over the years of ``earlier``, the last year first: ``year``, ``part``,
    ``value``, ``rank``, ``n_ranked``, and of the year ``mean`` and ``spread`` of the parts, where all are known, and
    ``break_mark``: the scale changed in it. Years of which nothing of a part is known are left out. Raises
    ``ParameterError`` where two of ``earlier`` do not compare."""
    rows, last = [], None
    for results in in_years(earlier, least=0):
        broken, last = last is not None and breaks_between(last, results), results
        part = next((part for part in parts_of(results) if part.unit == unit), None) if len(results.units) else None
        if part is None:
            continue
        values, ranks = results.values().reindex(part.old), rank(results).set_index("unit")["rank"].reindex(part.old)
        mean, spread = (float(exact(value)) for value in (values.mean(skipna=False), np.ptp(values.to_numpy())))
        of_year = {"year": results.year, "n_ranked": results.n_ranked, "mean": mean, "spread": spread}
        if values.notna().any() or ranks.notna().any():
            rows += [{**of_year, "part": old, "value": values[old], "rank": ranks[old], "break_mark": broken}
                     for old in part.old]  # fmt: skip
    columns = ["year", "part", "value", "rank", "n_ranked", "mean", "spread", "break_mark"]
    return pd.DataFrame(rows, columns=columns).sort_values("year", ascending=False, kind="stable", ignore_index=True)


def transfers(level: str) -> pd.DataFrame:
    """Tasks that passed from one unit of a level to another: ``old``, ``new``, ``effective``, ``task_vi``, ``task_en``,
    ``basis`` ("done", "planned"), ``source_ids``. They are no mergers: no carried value counts them."""
    frame = data_tables.table("units/transfers.csv").frame()
    return frame[frame["level"] == data_tables.check_level(level)].drop(columns="level").reset_index(drop=True)


def _shares(results: Results, parts: Sequence[Part], rule: str, weights: pd.Series | None) -> pd.DataFrame:
    """What each old unit counts in its new one: ``unit``, ``old``, ``share`` (1 in all; NaN where not settled)."""
    named(rule, RULES, Message("rule of merging"))
    if rule == "weighted" and weights is None:
        raise ParameterError("merging by weight needs the weights (population) of the old units")
    rows = [(part.unit, old) for part in parts for old in part.old]
    frame = pd.DataFrame(rows, columns=["unit", "old"])
    if rule == "mean" or rule == "weighted":
        weight = pd.Series(1.0, index=frame.index)
        if rule == "weighted" and weights is not None:
            weight = frame["old"].map(weights.astype("float64"))
            alone = frame.groupby("unit")["old"].transform("size") == 1
            weight = weight.where(weight > 0).mask(alone, 1.0)  # what is alone counts alone, whatever its weight
        return frame.assign(share=weight / weight.groupby(frame["unit"]).transform("sum", min_count=1)).pipe(_settled)
    spans = _spans(results, rule)
    chosen = {part.unit: _end(part, spans) for part in parts}
    share = [float(chosen[unit] == old) if chosen[unit] else np.nan for unit, old in rows]
    return frame.assign(share=share)


def _settled(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` without the shares of units of which one share is not known."""
    unknown = frame["share"].isna().groupby(frame["unit"]).transform("any")
    return frame.assign(share=frame["share"].mask(unknown))


Spans = Mapping[str, tuple[float, float, float, float]]


def _spans(results: Results, rule: str) -> Spans:
    """By old unit, the least and the most its value can be and likewise of its rank; turned so that the best, or for
    "worst" the worst, is the highest. NaN where nothing is known."""
    level = Level(results)
    low, high = _ends_of(level)
    ranks = level.ranks[["rank_min", "rank_max"]].astype("float64")
    ranks = ranks.fillna({"rank_min": 1.0, "rank_max": float(level.n_units or np.inf)}).reindex(low.index)
    table = np.column_stack([low, high, -ranks["rank_max"], -ranks["rank_min"]])
    if rule == "worst":
        table = -table[:, [1, 0, 3, 2]]
    return {str(unit): (row[0], row[1], row[2], row[3]) for unit, row in zip(low.index, table.tolist(), strict=True)}


def _ends_of(level: Level) -> tuple[pd.Series, pd.Series]:
    """The least and the most that each value can be; NaN where nothing of it is known."""
    pairs = [level.ranges.get(str(unit), (value, value)) for unit, value in level.values.items()]
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return tuple(pd.Series(column, index=level.values.index) for column in table.T)  # type: ignore[return-value]


def _end(part: Part, spans: Spans) -> str:
    """The old unit that surely has the highest value; the first in official order of those that tie; "" if unknown."""
    if not part.merged:
        return part.old[0]
    own = [spans.get(old, (np.nan,) * 4) for old in part.old]
    for low, high in ((0, 1), (2, 3)):  # by values, else by ranks
        for place, old in enumerate(part.old):
            if all(own[place][low] >= other[high] for at, other in enumerate(own) if at != place):
                return old
    return ""


def _mixed(values: pd.Series, shares: pd.DataFrame) -> pd.Series:
    """The value of each new unit: the sum of share x value over the old ones that count; NaN where one is unknown."""
    counted = shares[shares["share"] != 0]
    terms = counted["share"] * counted["old"].map(values)
    sums = terms.groupby(counted["unit"]).sum(skipna=False)
    return pd.Series(exact(sums.to_numpy(dtype=np.float64)), index=sums.index)


# --- the results of the new units -----------------------------------------------------------------


def merge(
    results: Results, rule: str = "mean", weights: pd.Series | None = None, *, totals: Collection[str] = ()
) -> Results:
    """``results`` carried over to the new units by ``rule``: "mean" (simple), "weighted" (by ``weights`` of the old
    units), "best", "worst" (all nodes are those of the part whose whole index is the best or the worst).

    A new unit is unknown at a node where a part that counts is, and its bounds are those of its parts; where the maxima
    of the parts differ only the index is known, not the points. ``totals`` names nodes that are totals (of people, of
    dong): they are added up whatever the rule. Units that were not merged keep their values and bases; the others are
    "derived", as are the whole results. No printed rank, statistic or change holds for them, so none is kept; ranks
    are computed by whoever asks, from all 34 or not at all.

    The error of a mean is the root of the sum of (share x error of the part)^2: the parts are taken as independent. Of
    the best and the worst part it is unknown.
    """
    parts = parts_of(results)
    shares = _shares(results, parts, rule, weights)
    added = shares.assign(share=1.0)
    table = results.table[results.table["stage"] == results.stage]
    is_total = table["node"].isin(list(totals))
    merged = pd.concat([_merged_rows(table[~is_total], shares), _merged_rows(table[is_total], added)])
    merged.loc[merged["node"].isin(list(totals)), ["maximum", "index"]] = np.nan
    if rule in ("best", "worst"):  # the best of several parts is too good by chance: no error of one part says how much
        several = [part.unit for part in parts if part.change != "unchanged"]
        merged.loc[merged["unit"].isin(several), "standard_error"] = np.nan
    merged = _in_order(merged, parts, results).assign(year=results.year, level=results.level, stage=results.stage)
    listed = pd.DataFrame({"unit": pd.Series([part.unit for part in parts], dtype="str")})
    listed["ranked"] = _ranked(results, parts)
    known = set(merged.loc[(merged["node"] == WHOLE) & merged["index"].notna(), "unit"])
    marks = {*results.marks, "derived"} - {"partial"}
    if set(listed.loc[listed["ranked"], "unit"]) - known:
        marks.add("partial")
    return Results(
        index_name=results.index_name,
        year=results.year,
        level=results.level,
        table=index_table(merged[list(INDEX_COLUMNS)]),
        units=listed,
        nodes=results.nodes,
        bands=results.bands,
        bases=_bases(results, parts, merged, rule),
        bounds=_bounds(results, shares),
        marks=tuple(mark for mark in MARKS if mark in marks),
        decision=results.decision,
        stage=results.stage,
        break_before=results.break_before,
        system=next(reversed(data_tables.systems(results.level)), ""),
    )


def _merged_rows(table: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """The rows of the new units: sums of share x value over the parts that count, where every part has its row."""
    counted = shares[shares["share"] != 0]
    rows = counted.merge(table.drop(columns="level"), left_on="old", right_on="unit", suffixes=("", "_old"))
    size = counted.groupby("unit")["old"].size()
    numbers = ("points", "maximum", "index")
    scaled = rows.assign(
        **{name: rows[name] * rows["share"] for name in numbers},
        standard_error=(rows["standard_error"] * rows["share"]) ** 2,
        least=rows["maximum"],
        most=rows["maximum"],
    )
    grouped = scaled.groupby(["unit", "node"], sort=False)
    sums = grouped[[*numbers, "standard_error"]].sum(skipna=False)
    sums["standard_error"] = np.sqrt(sums["standard_error"])
    sums = sums[grouped.size().to_numpy() == size.reindex(sums.index.get_level_values("unit")).to_numpy()]
    ends = grouped[["least", "most"]].agg({"least": "min", "most": "max"}).reindex(sums.index)
    alike = ~(ends["least"] < ends["most"])
    sums["maximum"] = ends["most"].where(alike & sums["maximum"].notna())
    sums["points"] = sums["points"].where(alike)
    sums = sums.dropna(subset=["points", "index"], how="all").reset_index()
    rounded: pd.DataFrame = sums.assign(**{name: exact(sums[name].to_numpy(dtype=np.float64)) for name in numbers})
    return rounded


def _in_order(rows: pd.DataFrame, parts: Sequence[Part], results: Results) -> pd.DataFrame:
    by_unit = {part.unit: place for place, part in enumerate(parts)}
    by_node = {node: place for place, node in enumerate(results.nodes["node"])}
    order = np.lexsort([rows["node"].map(by_node).to_numpy(), rows["unit"].map(by_unit).to_numpy()])
    return rows.iloc[order].reset_index(drop=True)


def _ranked(results: Results, parts: Sequence[Part]) -> list[bool]:
    """A new unit is ranked unless a part is assessed apart from the ranking; one that lacks a value is not apart."""
    apart = set(results.units["unit"]) - set(results.ranked_units) - results.incomplete
    return [not apart & set(part.old) for part in parts]


def _bases(results: Results, parts: Sequence[Part], merged: pd.DataFrame, rule: str) -> pd.DataFrame:
    """What each value rests on: of units that stayed as before, of the others "derived", with the sources of all parts.

    A note says how: "mean: ha-giang;tuyen-quang".
    """
    old = results.bases[results.bases["basis"] != "incomplete"]
    stayed = {part.old[0]: part.unit for part in parts if part.change == "unchanged"}
    kept = old[old["unit"].isin(list(stayed))].assign(unit=lambda frame: frame["unit"].map(stayed))
    sources: dict[tuple[str, str], list[str]] = {}
    for unit, node, source_ids in old[["unit", "node", "source_ids"]].itertuples(index=False):
        sources.setdefault((str(unit), str(node)), []).extend(str(source_ids).split(";"))
    by_unit = {part.unit: part for part in parts if part.change != "unchanged"}
    rows = []
    for unit, node in merged.loc[merged["unit"].isin(list(by_unit)), ["unit", "node"]].itertuples(index=False):
        part = by_unit[unit]
        matches = [source for key in part.old for source in sources.get((key, node), []) if source]
        rows.append((unit, node, "derived", ";".join(dict.fromkeys(matches)), f"{rule}: {';'.join(part.old)}"))
    frame = pd.DataFrame(rows, columns=["unit", "node", "basis", "source_ids", "note"])
    both = pd.concat([kept, frame], ignore_index=True) if len(kept) else frame
    return both[["unit", "node", "basis", "source_ids", "note"]].fillna({"note": ""}).astype("str")


def _bounds(results: Results, shares: pd.DataFrame) -> pd.DataFrame:
    """Bounds of the new units of which a part that counts is known to bounds only, and no part to less."""
    ends = [_mixed(values, shares) for values in _ends_of(Level(results))]
    frame = pd.DataFrame({"index_min": ends[0], "index_max": ends[1]}).dropna()
    frame = frame[frame["index_min"] < frame["index_max"]]
    return frame.rename_axis("unit").reset_index()[["unit", "index_min", "index_max"]]
