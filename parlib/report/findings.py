"""What a figure shows, said in its title: rules by the name of the figure, each bound to numbers that it draws.

A rule gives a sentence without its full stop, or ``None`` where too little is known to say it: then the subject alone
is the title. Its numbers name their cells as those of prose do, and verification works them out again, with the words
around them (``publish.verify.claims``): a finding that does not hold stops the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from parlib.data_tables import breaks
from parlib.report.blocks import Content, Number, Parts, Ref, direction, inside, is_known, message
from parlib.report.views import NAMED, View, ends, part_node
from parlib.scoring import units
from parlib.tables import rounded

#: What a figure draws, by column.
Drawn = Mapping[str, Sequence[object]]
Rule = Callable[[View, pd.DataFrame], Parts | None]


def finding(view: View, name: str, drawn: Drawn) -> Parts:
    """What the figure of that name shows, without a full stop; empty where no rule holds."""
    start, _, node = name.partition("_")
    rule = RULES.get(start)
    longest = max(map(len, drawn.values()), default=0)
    if rule is None or not longest or any(len(values) != longest for values in drawn.values()):
        return ()
    frame = pd.DataFrame({key: list(values) for key, values in drawn.items()})
    frame.attrs["node"] = node  # of a chart of one area, whose name ends in its code
    return rule(view, frame) or ()


# --- what rules share -----------------------------------------------------------------------------


def _whole(view: View, drawn: pd.DataFrame) -> bool:
    """Whether the value of every ranked unit is drawn, so that an extreme of the drawn ones is one of all."""
    return len(drawn) == view.results.n_ranked and bool(drawn["value"].notna().all())


def _node_of(view: View, drawn: pd.DataFrame, of: str, made: str, *, least: bool = True) -> tuple[Parts, ...] | None:
    """The names and values of the nodes with the largest and, where ``least``, the smallest number; ``None`` where they
    do not differ or several share an end."""
    found: list[Parts] = []
    for end in ends(drawn["node"], drawn[of].astype(float))[: 2 if least else 1]:
        if len(end.keys) > 1:
            return None
        ref = view.ref(node=end.keys[0], column="points" if made == "mean_lost" else "")
        value = view.wording.number(end.value, view.decimals, ref, made=made)
        found += [(view.node_name(end.keys[0]),), view.amount(value) if made == "mean" else (value,)]
    return tuple(found)


def same_scale(view: View, years: Iterable[int]) -> list[int]:
    """Those of the ``years`` that have the scale of the last one."""
    listed = sorted(years)
    broken = [year for year in breaks(view.results.level, view.results.index_name) if year <= view.results.year]
    return [year for year in listed if year >= max(broken, default=0)]


# --- the units of a year --------------------------------------------------------------------------


def _ranking(view: View, drawn: pd.DataFrame) -> Parts | None:
    """How many reach the bound that most reach, and how far the first and the last are apart."""
    if not _whole(view, drawn) or len(drawn) < 2:
        return None
    values = drawn["value"].astype(float)
    number = view.wording.number
    apart = number(float(np.ptp(values)), view.decimals, view.ref(column="range"), made="statistic")
    for bound in () if view.in_points else view.results.bands.values():
        n = int((values.round(9) >= bound).sum())
        if bound > 0 and 2 * n >= len(values):
            return view.phrase(
                "{n}/{all} {units} reached {low} or more; the first and the last are {apart} apart",
                n=view.wording.count(n, view.ref(column=f"n_ge_{bound:g}"), made="statistic"),
                all=view.n_ranked,
                low=f"{view.tick(bound)}%",
                apart=view.difference(apart),
            )
    top, _ = ends(drawn["unit"], values)
    if len(top.keys) > NAMED:
        return None
    best = number(top.value, view.decimals, view.ref(top.keys[0]))
    return view.phrase(
        "Highest: {unit}, {best}; the first and the last are {apart} apart",
        unit=view.shared_units(top.keys),
        best=view.amount(best),
        apart=view.difference(apart),
    )


def _above_mean(view: View, drawn: pd.DataFrame) -> Parts | None:
    """How many lie above the mean."""
    values, node = drawn["value"].astype(float), str(drawn.attrs["node"])
    if not _whole(view, drawn) or len(drawn) < 2:
        return None
    mean = view.wording.number(float(values.mean()), view.decimals, view.ref(node=node), made="mean")
    n = int((values > values.mean() + 1e-9).sum())
    return view.phrase(
        "{n}/{all} {units} are above the mean of {mean}",
        n=view.wording.count(n, view.ref(node=node, column="n_above_mean"), made="statistic"),
        all=view.n_ranked,
        mean=view.amount(mean),
    )


def _change(view: View, drawn: pd.DataFrame) -> Parts | None:
    """How many of those compared rose and fell, and which moved most; nothing where fewer than half are compared."""
    moved = drawn["change"].astype(float)
    if not view.results.mostly_known(len(drawn)) or moved.isna().any():
        return None
    count = view.of_both_years
    top, bottom = ends(drawn["unit"], moved)
    end = top if top.value >= -bottom.value else bottom
    if not direction(end.value) or len(end.keys) > 1:
        return None
    contents: dict[str, Content] = {
        "n": count(len(drawn), "compared"),
        "up": count(int((moved > 1e-9).sum()), "rose"),
        "down": count(int((moved < -1e-9).sum()), "fell"),
        "unit": view.named(end.keys[0]),
        "most": view.difference(view.change_of(end.keys[0], _unscaled(view, end.value), view.results.year - 1)),
    }
    if end is top:
        return view.phrase("Of {n} {units}, {up} rose and {down} fell; {unit} rose most: {most}", **contents)
    return view.phrase("Of {n} {units}, {up} rose and {down} fell; {unit} fell most: {most}", **contents)


def _unscaled(view: View, value: float) -> float:
    """A value as it is drawn in percent of the maximum."""
    return value / view.scaled(1.0)


def _part_spans(view: View, drawn: pd.DataFrame) -> Parts | None:
    """Which component sets the units furthest apart and which least, each in percent of its maximum."""
    of = {part: view.results.values(part_node(part)).reindex(drawn["unit"].astype(str)) for part in _both(view, drawn)}
    spans = {part: float(np.ptp(values.astype(float))) for part, values in of.items()}
    if len(spans) > 2:
        return _most_and_least(view, drawn, spans)
    told = _less_and_more(view, drawn, spans, 2, "distance")
    msgid = message("{less}: {a} {unit} from first to last, less than the {b} {unit} of {more}")
    return view.phrase(msgid, unit=view.wording.difference_unit, **told) if told else None


def _most_and_least(view: View, drawn: pd.DataFrame, spans: Mapping[str, float]) -> Parts | None:
    """The largest and the smallest span of several components; ``None`` where two share an end as printed, or some unit
    is not drawn or not known."""
    ordered = sorted(spans, key=lambda part: spans[part])
    printed = [rounded(spans[part], 2) for part in ordered]
    if len(drawn) != view.results.n_ranked or not np.isfinite(list(spans.values())).all():
        return None
    if printed[0] == printed[1] or printed[-1] == printed[-2]:
        return None
    b, a = (
        view.wording.number(spans[part], 2, view.ref(node=part_node(part), column="index"), made="distance")
        for part in (ordered[0], ordered[-1])
    )
    return view.phrase(
        "The {units} differ most on {top}: {a} {unit}; least on {bottom}: {b}",
        top=inside(view.part_name(ordered[-1])),
        a=a,
        unit=view.wording.difference_unit,
        bottom=inside(view.part_name(ordered[0])),
        b=b,
    )


def _judgements(view: View, drawn: pd.DataFrame) -> Parts | None:
    """Which of two judgements of the same units is the harder one on average."""
    told = _less_and_more(view, drawn, {part: float(drawn[part].mean()) for part in _both(view, drawn)}, 1, "mean")
    return view.phrase("{less}: {a}% on average, less than the {b}% of {more}", **told) if told else None


def _both(view: View, drawn: pd.DataFrame) -> list[str]:
    """The components that are drawn."""
    return [str(column) for column in drawn if part_node(str(column)) in set(view.nodes("component"))]


def _less_and_more(
    view: View, drawn: pd.DataFrame, sizes: Mapping[str, float], decimals: int, made: str
) -> dict[str, Content] | None:
    """The smaller and the larger of the sizes of two components; ``None`` where they are not two, or alike as printed,
    or not of all units."""
    ordered = sorted(sizes, key=lambda part: sizes[part])
    if len(ordered) != 2 or len(drawn) != view.results.n_ranked or not np.isfinite(list(sizes.values())).all():
        return None
    if len({rounded(size, decimals) for size in sizes.values()}) == 1:
        return None
    a, b = (
        view.wording.number(sizes[part], decimals, view.ref(node=part_node(part), column="index"), made=made)
        for part in ordered
    )
    less, more = map(view.part_name, ordered)
    return {"less": less, "a": a, "b": b, "more": inside(more)}


def _regions(view: View, drawn: pd.DataFrame) -> Parts | None:
    """The regions with the highest and the lowest mean, where every unit of every region is known."""
    if not _whole(view, drawn) or view.incomplete:
        return None
    means = drawn.assign(value=drawn["value"].astype(float)).groupby("region", sort=False)["value"].mean()
    found: list[Parts] = []
    for end in ends(means.index, means):
        if len(end.keys) > 1:
            return None
        ref = view.ref(f"region:{end.keys[0]}")
        mean = view.wording.number(end.value, view.decimals, ref, made="mean")
        found += [(view.region_names[end.keys[0]],), view.amount(mean)]
    return view.phrase("Highest mean: {top}, {a}; lowest: {bottom}, {b}", top=found[0], a=found[1], bottom=found[2],
                       b=found[3])  # fmt: skip


# --- areas and criteria ---------------------------------------------------------------------------


def _above_in_all(view: View, drawn: pd.DataFrame) -> Parts | None:
    """How many units are above the mean in every area; of one unit where it is best and worst."""
    if "index" in drawn:
        return _own_areas(view, drawn)
    nodes, ranked = view.nodes("area"), view.results.ranked_units
    values = pd.DataFrame({node: view.results.values(node).reindex(ranked).astype(float) for node in nodes})
    if len(nodes) < 2 or not len(values) or values.isna().any(axis=None):
        return None
    n = int((values > values.mean() + 1e-9).all(axis=1).sum())
    count = view.wording.count(n, view.ref(node="*", column="above_in_all"))
    return view.phrase("{n:{units}} are above the mean in every {area}", n=count)


def _area_spans(view: View, drawn: pd.DataFrame) -> Parts | None:
    """On which area the units are furthest apart, and on which least."""
    nodes = [str(node) for node in drawn["node"]]
    if len({view.maximum(node) for node in nodes}) > 1:
        return None
    values = {node: view.values(node).reindex(view.results.ranked_units).astype(float) for node in nodes}
    if len(values) < 2 or any(own.isna().any() for own in values.values()):
        return None
    spans = pd.DataFrame({"node": nodes, "span": [float(np.ptp(values[node])) for node in nodes]})
    found = _node_of(view, spans, "span", "distance")
    if found is None:
        return None
    top, a, bottom, b = found
    return view.phrase(
        "The {units} differ most on {top}: {a} {unit}; least on {bottom}: {b}",
        top=inside("".join(map(str, top))),
        a=a,
        unit=view.unit_of_change,
        bottom=inside("".join(map(str, bottom))),
        b=b,
    )


def _losses(view: View, drawn: pd.DataFrame) -> Parts | None:
    """On which criterion most points are lost, on average or by the unit in focus."""
    if "mean_lost" not in drawn:
        return _own_losses(view, drawn)
    if drawn["mean_lost"].isna().any():
        return None
    found = _node_of(view, drawn, "mean_lost", "mean_lost", least=False)
    if found is None:
        return None
    return view.phrase("Most points are lost on {top}: {a} on average", top=inside("".join(map(str, found[0]))),
                       a=found[1])  # fmt: skip


# --- of one unit: the figures of its profile ------------------------------------------------------


def _own_losses(view: View, drawn: pd.DataFrame) -> Parts | None:
    """On which criterion the unit in focus lost most."""
    top, _ = ends(drawn["node"], drawn["lost"].astype(float))
    if len(top.keys) > 1:
        return None
    lost = view.wording.number(top.value, 2, view.ref(view.focus, top.keys[0], "points"), made="lost")
    return view.phrase("Most was lost on {top}: {lost} points", top=f"{top.keys[0]} {view.node_name(top.keys[0])}",
                       lost=lost)  # fmt: skip


def _place(view: View, drawn: pd.DataFrame) -> Parts | None:
    """How far the unit in focus is from the mean of all."""
    values = drawn.set_index("unit")["value"].astype(float)
    ranked = values.reindex(view.results.ranked_units)  # a unit that is assessed but not ranked is drawn too
    if ranked.isna().any() or len(ranked) != view.results.n_ranked:
        return None
    gap = float(values[view.focus] - ranked.mean())
    size = view.difference(view.number(_unscaled(view, abs(gap)), view.ref(view.focus), view.ref(), made="distance"))
    contents: dict[str, Content] = {"unit": view.named(view.focus), "size": size}
    if not rounded(abs(gap), view.decimals):
        return None
    if gap > 0:
        return view.phrase("{unit} is {size} above the mean", **contents)
    return view.phrase("{unit} is {size} below the mean", **contents)


def _own_areas(view: View, drawn: pd.DataFrame) -> Parts | None:
    """Where the unit in focus is furthest above the mean of all, and furthest below it."""
    if drawn[["index", "mean"]].isna().any(axis=None) or len(drawn) < 2:
        return None
    gaps = drawn["index"].astype(float) - drawn["mean"].astype(float)
    top, bottom = ends(drawn["node"], gaps)
    if len(top.keys) > 1 or len(bottom.keys) > 1:
        return None

    def apart(node: str, gap: float) -> Number:
        refs = view.ref(view.focus, node), view.ref(node=node)
        return view.wording.number(gap, view.decimals, *refs, made="difference", signed=True)

    if direction(top.value) <= 0 or direction(bottom.value) >= 0:  # all on one side of the mean
        is_above = direction(bottom.value) >= 0
        msgid = message("No {kind} below the mean; furthest above it: {area}, {gap} {unit}")
        if not is_above:
            msgid = message("No {kind} above the mean; furthest below it: {area}, {gap} {unit}")
        end = top if is_above else bottom
        return view.phrase(
            msgid,
            kind=view.area,
            area=inside(view.node_name(end.keys[0])),
            gap=apart(end.keys[0], end.value),
            unit=view.unit_of_change,
        )
    return view.phrase(
        "Best against the mean: {top}, {a}; worst: {bottom}, {b} {unit}",
        top=inside(view.node_name(top.keys[0])),
        a=apart(top.keys[0], top.value),
        bottom=inside(view.node_name(bottom.keys[0])),
        b=apart(bottom.keys[0], bottom.value),
        unit=view.unit_of_change,
    )


def _own_history(view: View, drawn: pd.DataFrame) -> Parts | None:
    """The first and the last rank of the unit in focus on the scale of the year."""
    known = drawn[drawn["rank"].notna() & drawn["year"].isin(same_scale(view, drawn["year"]))]
    if len(known) < 2 or int(known["year"].iloc[-1]) != view.results.year:
        return None
    first, last = known.iloc[0], known.iloc[-1]
    then, now = (view.wording.rank(view.rank(view.focus, row["rank"], year=int(row["year"]))) for row in (first, last))
    contents: dict[str, Content] = {"then": then, "first": int(first["year"]), "now": now}
    if first["rank"] == last["rank"]:
        return view.phrase("{now} in {first} and again in {year}", now=now, first=int(first["year"]))
    if first["rank"] > last["rank"]:
        return view.phrase("Up from {then} in {first} to {now} in {year}", **contents)
    return view.phrase("Down from {then} in {first} to {now} in {year}", **contents)


# --- self-assessment and surveys ------------------------------------------------------------------


def _claims(view: View, drawn: pd.DataFrame) -> Parts | None:
    """Which unit was granted least of what it claimed; of one unit what was granted of all that it claimed."""
    if "unit" not in drawn:
        claimed, granted = (
            view.wording.number(
                float(drawn[what].astype(float).sum()), 2, view.ref(view.focus, "*", "points"), made=what
            )
            for what in ("claimed", "granted")
        )
        return view.phrase("{claimed} points claimed, {granted} granted", granted=granted, claimed=claimed)
    top, _ = ends(drawn["unit"], drawn["over"].astype(float))
    if len(top.keys) > 1 or direction(top.value) <= 0:
        return None
    over = view.wording.number(top.value, 2, view.ref(top.keys[0], "*", "points"), made="claimed_not_granted")
    return view.phrase("Most points not granted: {unit}, {over}", unit=view.named(top.keys[0]), over=over)


def _sipas(view: View, drawn: pd.DataFrame) -> Parts | None:
    """The units with the most and the least satisfied citizens, where all are drawn."""
    if not _whole(view, drawn):
        return None
    found: list[Content] = []
    for end in ends(drawn["unit"], drawn["value"].astype(float)):
        if len(end.keys) > 1:
            return None
        value = view.wording.number(end.value, 2, view.ref(end.keys[0], column="sipas"))
        found += [view.named(end.keys[0]), value]
    best, high, worst, low = found
    return view.phrase("Highest: {best}, {high}%; lowest: {worst}, {low}%", best=best, high=high, worst=worst, low=low)


def parts_apart(view: View, spread: pd.DataFrame) -> Parts:
    """Between the parts of which merged unit the values differ most; empty where two do so alike. ``spread`` is the
    frame of ``mergers.spread``, its units all known."""
    top, _ = ends(range(len(spread)), spread["spread"].astype(float))
    if len(top.keys) > 1:
        return ()
    row = spread.iloc[int(top.keys[0])]
    apart = view.number(top.value, *map(view.ref, str(row["parts"]).split(";")), made="distance")
    name = units.name(str(row["unit"]), view.wording.language)
    return view.phrase("The parts of {unit} are furthest apart: {apart}", unit=name, apart=view.difference(apart))


# --- over the years -------------------------------------------------------------------------------


def since_before(view: View, yearly: pd.DataFrame) -> Parts:
    """What the mean moved in the last year, and whether that is the most of the years on its scale; empty where it is
    not known. ``yearly`` is the frame of ``yearly``."""
    inside = yearly[yearly["year"].isin(same_scale(view, yearly["year"]))]
    changes = inside["change"].astype(float).iloc[1:]
    if not len(changes) or not is_known(now := changes.iloc[-1]) or not rounded(now, view.decimals):
        return ()
    before = view.results.year - 1
    both = inside["n_both"].iloc[-1]
    refs = view.ref(), view.ref(year=before)
    made = "shared_change" if is_known(both) else "difference"
    number = view.wording.number(now, view.decimals, *refs, made=made, signed=True)
    moved = view.wording.moved(number, view.unit_of_change, year=before)
    if is_known(both) and both < inside["n_units"].iloc[-1]:
        n = view.wording.count(both, *(replace(ref, column="compared") for ref in refs))
        told = view.phrase("The mean of the {n} {units} of both years is {moved}", n=n, moved=moved)
    else:
        told = view.phrase("The mean is {moved}", moved=moved)
    alike = changes[np.sign(changes) == np.sign(now)].abs()
    if len(alike) < 2 or changes.isna().any() or alike.max() > abs(now):
        return told
    span = f"{int(inside['year'].iloc[0])}–{view.results.year}"
    if now > 0:
        return view.phrase("{told}, the largest rise in {span}", told=told, span=span)
    return view.phrase("{told}, the largest fall in {span}", told=told, span=span)


def _spread(view: View, drawn: pd.DataFrame) -> Parts | None:
    """From where to where the standard deviation moved on the scale of the last year."""
    held = drawn[drawn["sd"].notna() & drawn["year"].isin(same_scale(view, drawn["year"]))]
    if len(held) < 2 or held["year"].iloc[-1] != view.results.year:
        return None
    first, last = held.iloc[0], held.iloc[-1]
    if rounded(first["sd"], 2) == rounded(last["sd"], 2):
        return None
    a, b = (
        view.wording.number(float(row["sd"]), 2, view.ref(year=int(row["year"])), made="standard deviation")
        for row in (first, last)
    )
    contents: dict[str, Content] = {"a": a, "first": int(first["year"]), "b": b, "unit": view.unit_of_change}
    if last["sd"] < first["sd"]:
        return view.phrase("The standard deviation fell from {a} in {first} to {b} {unit} in {year}", **contents)
    return view.phrase("The standard deviation rose from {a} in {first} to {b} {unit} in {year}", **contents)


def _came_from(view: View, drawn: pd.DataFrame) -> Parts | None:
    """Where those that are drawn stood in the first year, on the scale of the last one, of which half are known."""
    units = [str(column) for column in drawn if column not in ("year", "break", view.focus)]
    ranks = drawn.set_index("year")[units].astype(float)
    years = [year for year in same_scale(view, drawn["year"]) if 2 * ranks.loc[year].notna().sum() >= len(units)]
    if len(years) < 2 or years[-1] != view.results.year or len(units) < 2:
        return None
    then = ranks.loc[years[0]].dropna()
    refs = [view.ref(str(unit), column="rank", year=years[0]) for unit in then.index]
    low, high = (
        view.wording.number(float(value), 0, *refs, made=made)
        for value, made in ((then.to_numpy().min(), "minimum"), (then.to_numpy().max(), "maximum"))
    )
    contents: dict[str, Content] = {"low": view.wording.rank(low), "high": view.wording.rank(high), "first": years[0]}
    if len(then) == len(units):
        return view.phrase("Those that lead in {year} stood between {low} and {high} in {first}", **contents)
    return view.phrase(
        "Of those that lead in {year}, the {n} that were ranked stood between {low} and {high} in {first}",
        n=view.wording.count(len(then), *refs),
        **contents,
    )


def _largest_part(view: View, drawn: pd.DataFrame) -> Parts | None:
    """The part that moved the mean most, of the whole change."""
    whole = drawn[drawn["node"] == ""]["contribution"].astype(float)
    parts = drawn[drawn["node"] != ""]
    sizes = parts["contribution"].astype(float)
    if len(whole) != 1 or len(parts) < 2 or sizes.isna().any():
        return None
    top, _ = ends(parts["node"], sizes.abs())
    if len(top.keys) > 1:
        return None
    refs = {node: Ref(*_own(view), "*", node, "contribution", view.results.stage) for node in (top.keys[0], "")}
    value = float(sizes.to_numpy()[list(parts["node"]).index(top.keys[0])])
    number = view.wording.number
    return view.phrase(
        "Largest part of the change: {part}, {a} of {total}",
        part=inside(str(parts.loc[parts["node"] == top.keys[0], "name"].iloc[0])),
        a=number(value, 2, refs[top.keys[0]], made="contribution", signed=True),
        total=view.difference(
            number(float(whole.iloc[0]), 2, replace(refs[""], column="total"), made="contribution", signed=True)
        ),
    )


def _own(view: View) -> tuple[str, int, str]:
    return view.results.index_name, view.results.year, view.results.level


def _left_quarter(view: View, drawn: pd.DataFrame) -> Parts | None:
    """How many of those ranked in both years left their quarter of the ranking."""
    n = drawn["n"].astype(int)
    if not n.sum():
        return None
    stayed = int(n[drawn["before"] == drawn["now"]].sum())
    return view.phrase(
        "{n} of {all} {units} left their quarter of the ranking",
        n=view.of_both_years(int(n.sum()) - stayed, "left_quarter"),
        all=view.of_both_years(int(n.sum()), "in_quarters"),
    )


# --- how sure the ranks are -----------------------------------------------------------------------


def _middle(drawn: pd.DataFrame) -> float:
    """How many places wide the range of ranks is that half of the units have or exceed."""
    widths = (drawn["high_1"].astype(float) - drawn["low_1"].astype(float) + 1).sort_values()
    return float(widths.iloc[len(widths) // 2])


def open_by_error(view: View, low: np.ndarray, high: np.ndarray, assumed: bool) -> Parts:
    """How many ranks chance in the survey leaves to half of the units, or would leave by an error that is assumed."""
    drawn = pd.DataFrame({"low_1": low, "high_1": high})
    places = view.wording.count(_middle(drawn), view.ref(column="sets"), made="median")
    if assumed:
        return view.phrase(
            "With the error assumed, the rank of half of the {units} would be open to {places} places or more",
            places=places,
        )
    return view.phrase("Survey error leaves the rank of half of the {units} open to {places} places or more",
                       places=places)  # fmt: skip


def _open_by_weights(view: View, drawn: pd.DataFrame) -> Parts | None:
    """How many ranks other weights leave to half of the units."""
    places = view.wording.count(_middle(drawn), view.ref(column="weights"), made="median")
    return view.phrase("With other weights the rank of half of the {units} moves within {places} places or more",
                       places=places)  # fmt: skip


def sure_by_weights(view: View, study: pd.DataFrame, shares: pd.DataFrame) -> Parts:
    """How many units keep one rank whatever the weights. ``study`` is the table of a ``RankStudy``, ``shares`` its
    acceptability."""
    level = float(study["coverage"].iloc[0])
    sure = int((shares.max(axis=1) >= level - 1e-9).sum())
    if not sure:
        return ()
    return view.phrase(
        "{n}/{all} {units} keep one rank in at least {level}% of the draws of weights",
        n=view.wording.count(sure, view.ref(column="weights_sure")),
        all=view.wording.count(len(shares), view.ref(column="known")),
        level=view.wording.count(100 * level, view.ref(column="weights"), made="level"),
    )


def _weights(view: View, drawn: pd.DataFrame) -> Parts | None:
    """Which part has the largest share in the variance of the index, beside its weight."""
    top, _ = ends(drawn["node"], drawn["share"].astype(float))
    if len(top.keys) > 1:
        return None
    row = drawn[drawn["node"] == top.keys[0]].iloc[0]

    def percent(value: float, column: str) -> Number:
        return view.wording.number(value, 1, view.ref(node=top.keys[0], column=column), made="share")

    return view.phrase(
        "Largest share in the variance: {name}, {a}% with a weight of {b}%",
        name=inside(str(row["name"])),
        a=percent(top.value, "share_of_variance"),
        b=percent(float(row["nominal"]), "nominal_weight"),
    )


def _unmoved(view: View, drawn: pd.DataFrame) -> Parts | None:
    """How many keep their rank whichever part is left out."""
    kept = (drawn["low_1"] == drawn["high_1"]) & (drawn["low_1"] == drawn["rank"])
    if not kept.any():
        if len(drawn) != view.results.n_ranked:
            return None
        none = view.wording.count(0, view.ref(column="removal_unmoved"))
        return view.phrase("{n:{units}} keep their rank whichever {area} is left out", n=none)
    return view.phrase(
        "{n}/{all} {units} keep their rank whichever {area} is left out",
        n=view.wording.count(int(kept.sum()), view.ref(column="removal_unmoved")),
        all=view.wording.count(len(drawn), view.ref(column="known")),
    )


def _choice(view: View, drawn: pd.DataFrame) -> Parts | None:
    """The choice of method with the largest total index."""
    top, _ = ends(drawn["factor"], drawn["total"].astype(float))
    if len(top.keys) > 1:
        return None
    ref = view.ref(node=f"factor:{top.keys[0]}", column="total")
    name = str(drawn.loc[drawn["factor"] == top.keys[0], "name"].iloc[0])
    total = view.wording.number(top.value, 2, ref, made="interval")
    return view.phrase("Largest effect on the ranks: {name}, total index {total}", name=name, total=total)


#: By the name of the figure, as far as an underscore.
RULES: Mapping[str, Rule] = {
    "ranking": _ranking,
    "distribution": _above_mean,
    "change": _change,
    "parts": _part_spans,
    "regions": _regions,
    "area-ranges": _area_spans,
    "areas": _above_in_all,
    "losses": _losses,
    "place": _place,
    "history": _own_history,
    "claims": _claims,
    "sipas": _sipas,
    "spread": _spread,
    "rank-history": _came_from,
    "bridge": _largest_part,
    "mobility": _left_quarter,
    "inside-outside-ministry": _judgements,
    "inside-outside-province": _judgements,
    "rank-weights": _open_by_weights,
    "weights": _weights,
    "rank-removal": _unmoved,
    "sobol": _choice,
}
