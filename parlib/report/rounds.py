"""What a round adds to a report: how it was run, points claimed, lost and regained, the survey, measured criteria."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from parlib.report import style
from parlib.report.blocks import (
    Content,
    Figure,
    Note,
    Paragraph,
    Parts,
    Ref,
    Sequel,
    Table,
    capital,
    inside,
    message,
    section,
)
from parlib.report.style import ACCENT, INK, MUTED, ORDERED, PARTS, Rows, Sheet, of_units, row_figure, stacked
from parlib.report.tables.declared import Cell, Col, cell_of, in_focus, points_of_node, table
from parlib.report.views import End, View, ends
from parlib.tables import Record, records


def _day(view: View, day: date | None) -> str:
    return view.wording.date(day) if day else ""


TIMETABLE = (
    Col("step", message("Step"), of="name"),
    Col("start", message("From"), "text", lambda view, step: _day(view, step.start)),
    Col("end", message("To"), of=lambda view, step: _day(view, step.end)),
    Col("who", message("Responsible"), of="responsible"),
)


def timetable(view: View, steps: pd.DataFrame) -> Table | Note:
    """The steps of the year's plan: when, and who answers for each."""
    if steps.empty:
        return view.missing("The plan of the round names no steps.")
    return table(view, "timetable", view.say("Timetable of the round of {year}"), steps, TIMETABLE)


def _of_group(view: View, form: Record) -> Ref:
    return view.ref(f"group:{form.group}" if form.group else "*", column="forms")


FORMS = (
    Col("group", message("Group of respondents"), of="name"),
    Col("planned", message("Forms planned"), "count", column="planned"),
    Col("n", message("Forms answered")),
    Col("rate", message("Response rate"), "percent", made="share"),
)


def forms_table(view: View, forms: pd.DataFrame) -> Table | Note:
    """Respondents by group: planned and answered."""
    if forms.empty:
        return view.missing("The round has no survey.")
    total = {"group": "", "name": view.say("All groups"), "n": forms["n"].sum()}
    planned = forms["planned"].sum() if forms["planned"].notna().all() else float("nan")
    rows = pd.concat([forms, pd.DataFrame([{**total, "planned": planned}])])
    rows = rows.assign(rate=100 * rows["n"] / rows["planned"].where(rows["planned"] > 0))
    return table(
        view,
        "forms",
        view.say("Survey forms by group of respondents, {year}"),
        rows,
        FORMS,
        at=_of_group,
        style=lambda _, form: "" if form.group else "total",
    )


QUESTIONS = (
    Col("unit", kind="text", of="name"),
    Col("code", message("Criterion")),
    Col("question", message("Question or proposal")),
    Col("reply", message("Reply"), of=lambda view, row: str(row.reply) or view.say("not yet")),
)


def questions_table(view: View, questions: pd.DataFrame) -> Table | None:
    """Questions and proposals of units with the replies; nothing where there were none."""
    if questions.empty:
        return None
    return table(view, "questions", view.say("Questions and proposals of units, {year}"), questions, QUESTIONS)


_ALL_POINTS = cell_of(column="points")
LOSSES = (
    Col("code", of="node"),
    Col("name", message("Criterion"), "node", "node"),
    Col("lost", of="mean_lost", made="mean_lost", gap=True),
    Col("share", message("Share of all points lost"), made="share", factor=100, less=_ALL_POINTS, gap=True),
    Col("losing", of="n_losing", column="losing"),
)


def losses_table(view: View, nodes: pd.DataFrame, most: int = 15) -> Table:
    """The scored nodes that cost the units most points."""
    inner = {node.rsplit(".", 1)[0] for node in nodes["node"] if "." in node}
    scored = nodes[(nodes["kind"] != "area") & ~nodes["node"].isin(inner)]
    scored = scored.sort_values("mean_lost", ascending=False, kind="stable").head(most)
    caption = view.say("Criteria where most points were lost, {year}")
    return table(view, "losses", caption, scored, LOSSES, at=points_of_node)


CLAIMS = (
    Col("unit"),
    Col("claimed", made="claimed", gap=True),
    Col("granted", made="granted", gap=True),
    Col("over", message("Claimed and not granted"), made="claimed_not_granted", gap=True),
    Col("n", message("Criteria lowered"), of="n_over", column="lowered"),
    Col("share", message("Share of the claim not granted"), of="over_claiming", made="share", gap=True),
)


def claims_table(view: View, claims: pd.DataFrame) -> Table:
    """What each unit claimed and was granted on the criteria that it answers itself."""
    rows = claims.sort_values("over_claiming", ascending=False, kind="stable")
    caption = view.say("Self-assessment against the final result, criteria that units answer themselves, {year}")
    return table(view, "claims", caption, rows, CLAIMS, at=cell_of("{row.unit}", "*", "points"))


GAPS = (
    Col("name", message("Part"), kind="text", of=lambda view, row: _in_points(view, str(row.node))),
    Col("claimed", made="mean_claimed", gap=True),
    Col("granted", made="mean_granted", gap=True),
    Col("gap", message("Self-assessed less granted"), "gain", made="mean_gap", gap=True),
    Col("n_over", message("Units that claimed more"), "count", column="n_over"),
    Col("n", message("Units known"), column="both_stages"),
)


def _in_points(view: View, node: str) -> str:
    """An area, or the points of all: the sum of points is no index."""
    return f"{node}. {view.node_name(node)}" if node else view.say("All points")


def gaps_table(view: View, gaps: pd.DataFrame, struck: bool = False) -> Table | None:
    """Points claimed and granted by area, means of the units; ``gaps`` is the frame of ``gap_means``. ``struck``: some
    criteria that units answered were found not to apply to them."""
    if gaps.empty:
        return None
    notes = [view.say("Points of the survey and of other indices are the same at both stages.")]
    if struck:
        notes.append(view.say("Points self-assessed on criteria that were found not to apply are in the difference."))
    return table(
        view,
        "gaps",
        view.say("Points self-assessed and granted by {area}, means of the units, {year}"),
        pd.concat([gaps[gaps["node"].isin(view.nodes("area"))], gaps[gaps["node"] == ""]]),
        GAPS,
        at=points_of_node,
        style=lambda _, gap: "" if gap.node else "total",
        notes=tuple(notes),
    )


OUTCOMES = {
    "accepted": message("Accepted in full"),
    "partly": message("Accepted in part"),
    "refused": message("Appraisal kept"),
    "lowered": message("Lowered"),
}


APPEALS = (
    Col("outcome", message("Outcome"), of=lambda view, row: view.say(OUTCOMES[str(row.outcome)])),
    Col("n", message("Explanations")),
    Col("regained", message("Points regained, all units"), "points", made="sum"),
)


def appeals_table(view: View, appeals: pd.DataFrame) -> Table | None:
    """How explanations ended; nothing where nobody explained."""
    known = appeals[appeals["outcome"] != ""] if not appeals.empty else appeals
    if known.empty:
        return None
    ended = known.groupby("outcome")["regained"].agg(["size", "sum"]).reindex(list(OUTCOMES), fill_value=0)
    rows = ended.reset_index().rename(columns={"size": "n", "sum": "regained"})
    rows = rows[(rows["outcome"] != "lowered") | (rows["n"] > 0)]
    at = cell_of(node="outcome:{row.outcome}", column="appeals")
    return table(view, "appeals", view.say("Outcome of the explanations, {year}"), rows, APPEALS, at=at)


SURVEY = (
    Col("code"),
    Col("name", message("Question on")),
    Col("group", message("Group of respondents"), of="group_name"),
    Col("n", message("Answers"), column="answers", gap=True),
    Col("share", message("Mean"), factor=100),
    Col(
        "half", lambda _: "±", "number", made="interval", column="half", unit=lambda view: view.unit_of_change, gap=True
    ),
)


def survey_table(view: View, shares: pd.DataFrame) -> Table | Note:
    """Every item by group of respondents: answers, and the mean share of the maximum with its 95 percent interval.

    Groups that were not asked an item, and those too small to be shown, have no row.
    """
    known = shares[shares["share"].notna()] if len(shares) else shares
    if known.empty:
        return view.missing("No survey answers are known for {year}.")
    again = known["item"].eq(known["item"].shift())  # the row belongs to the one above it
    rows = known.assign(half=50 * (known["upper"] - known["lower"]), of_code=known["code"])
    rows = rows.assign(code=rows["code"].mask(again, ""), name=rows["name"].mask(again, ""))
    notes = [
        view.say(
            "±: half the width of the interval of sampling at {level}%; groups that were not asked have no row.",
            level=view.wording.count(95),
        ),
        *view.of_all_surveyed(),
    ]
    caption = view.say("Survey: mean share of the maximum by group, {year}")
    at = cell_of("group:{row.group}", "{row.of_code}", "share")
    return table(view, "survey", caption, rows, SURVEY, at=at, notes=notes, sortable=False)


_NOTES = 14.0  # mm: what the notes on who answered take below a figure, beyond those of any other
_MARKERS = (("o", ORDERED[0]), ("s", ORDERED[2]), ("^", ACCENT), ("D", "#ffffff"), ("v", ORDERED[1]))


def claims_dots(view: View, claims: pd.DataFrame) -> Figure | Note:
    """Points claimed (hollow) and granted (full) by each unit, the largest difference first."""
    rows = claims[claims["claimed"].notna() & claims["granted"].notna()] if not claims.empty else claims
    if rows.empty:
        return view.missing("No self-assessment is known for {year}.")
    rows = rows.sort_values("over", ascending=False, kind="stable")
    claimed, granted = rows["claimed"].to_numpy(float), rows["granted"].to_numpy(float)

    def draw(_: Sheet, axes: Axes, y: np.ndarray) -> None:
        axes.hlines(y, granted, claimed, color=MUTED, linewidth=1.2)
        axes.scatter(claimed, y, s=20, color="white", edgecolors=INK, linewidths=0.8, zorder=3)
        axes.scatter(granted, y, s=24, color=ORDERED[0], edgecolors=INK, linewidths=0.5, zorder=4)

    names, colours = of_units(view, rows["unit"])
    over = [view.wording.format(value, 2) for value in rows["over"]]
    most, _ = ends(rows["unit"], rows["over"])
    return row_figure(
        view,
        Rows(
            names,
            (float(min(claimed.min(), granted.min())), float(max(claimed.max(), granted.max()))),
            [(view.say("not granted"), over)],
            [(view.say("granted"), "o", ORDERED[0], ""), (view.say("self-assessed"), "o", "white", "")],
            view.say("points"),
            colours,
            halved=True,
        ),
        draw,
        name="claims",
        chart="dots",
        caption=view.say("Points self-assessed and granted on the criteria that units answer themselves, {year}"),
        alternative=view.say(
            "Points self-assessed and granted; the largest difference is that of {unit}, {points} points.",
            unit=view.shared_units(most.keys),
            points=view.wording.number(most.value, 2, view.ref(most.keys[0], column="points")),
        ),
        data={"unit": rows["unit"], "claimed": claimed, "granted": granted, "over": rows["over"]},
    )


def _lowest_share(view: View, known: pd.DataFrame, worst: End) -> Parts:
    """Which item got the least of which group; nothing where several did."""
    if len(worst.keys) != 1:
        return ()
    row = known.iloc[int(worst.keys[0])]
    low = view.wording.number(100 * worst.value, 2, view.ref(f"group:{row['group']}", str(row["code"]), "share"))
    name, group = inside(str(row["name"])), inside(str(row["group_name"]))
    return view.phrase("Lowest mean: {name} ({group}), {low}%", name=name, group=group, low=low)


def survey_dots(view: View, shares: pd.DataFrame) -> Figure | Note:
    """The mean share of every item by group of respondents, each with its 95 percent interval."""
    known = shares[shares["share"].notna()] if not shares.empty else shares
    if known.empty:
        return view.missing("No survey answers are known for {year}.")
    groups = dict(zip(known["group"], known["group_name"], strict=True))
    heads = known.drop_duplicates("item").set_index("item")
    looks = dict(zip(groups, cycle(_MARKERS), strict=False))
    bounds = known[["share", "lower", "upper"]].to_numpy(float) * 100

    def draw(_: Sheet, axes: Axes, y: np.ndarray) -> None:
        offsets = np.linspace(-0.24, 0.24, len(groups)) if len(groups) > 1 else np.zeros(1)
        for (group, (marker, colour)), offset in zip(looks.items(), offsets, strict=True):
            own = (known["group"] == group).to_numpy()
            at = y[heads.index.get_indexer(known.loc[own, "item"])] + offset
            axes.hlines(at, bounds[own, 1], bounds[own, 2], color=INK, linewidth=1.0, zorder=2)
            axes.scatter(bounds[own, 0], at, 16, colour, marker=marker, edgecolors=INK, linewidths=0.6, zorder=3)
        axes.hlines((y[1:] + y[:-1]) / 2, *axes.get_xlim(), color=style.PALE, linewidth=0.6, zorder=1)

    best, worst = ends(range(len(known)), known["share"])

    def at(keys: tuple[str, ...]) -> Parts:
        rows = known.iloc[[int(key) for key in keys]]
        sentence = (f"{code}, {groups[group]}" for code, group in zip(rows["code"], rows["group"], strict=True))
        return view.shared(sentence, noun=view.say("results"))

    level = view.wording.count(95)
    return row_figure(
        view,
        Rows(
            [f"{code} {name}" for code, name in zip(heads["code"], heads["name"], strict=True)],
            (float(np.nanmin(bounds)), float(np.nanmax(bounds))),
            key=[(name, *looks[group], "") for group, name in groups.items()],
            axis=view.say("mean share of the maximum (%)"),
            widest=86.0,
            pitch=5.6,
            below=_NOTES,
        ),
        draw,
        name="survey",
        chart="dots",
        finding=_lowest_share(view, known, worst),
        caption=view.say("Survey by group of respondents, with sampling intervals, {year}"),
        alternative=view.say(
            "Mean shares by item and group. Highest: {best}, {high}%; lowest: {worst}, {low}%.",
            best=at(best.keys),
            high=view.wording.number(100 * best.value, 2),
            worst=at(worst.keys),
            low=view.wording.number(100 * worst.value, 2),
        ),
        notes=(
            view.say("Lines: intervals of sampling alone at {level}%, not of the choice of method.", level=level),
            *view.of_all_surveyed(),
        ),
        data={
            **known[["item", "code", "group", "n", "share", "lower", "upper"]],
            "name": known["group"].map(groups),
        },
    )


#: On what grounds points are given, in words.
GROUNDS = {
    "documents": message("documents and actions"),
    "results": message("results of work"),
    "survey": message("sociological survey"),
    "external": message("another index"),
}


def losses_text(view: View, divisions: pd.DataFrame | None) -> Paragraph | None:
    """The area with the largest share of the points lost, and the one that lost most of its own points."""
    if divisions is None or divisions.empty:
        return None
    areas = divisions[divisions["division"] == "area"]
    if len(areas) < 2 or areas["share"].isna().any():
        return None
    largest, _ = ends(areas["key"], areas["share"])
    weakest, _ = ends(areas["key"], areas["lost_share"])
    lost = float(areas["mean_lost"].sum())
    number = view.wording.number

    def ref(end: End) -> Ref:
        return view.ref(node=end.keys[0], column="points")

    def named(end: End) -> Parts:
        refs = (view.ref(node=key, column="points") for key in end.keys)
        return view.shared((_area(view, key) for key in end.keys), *refs, noun=view.areas)

    contents: dict[str, Content] = {
        "lost": number(lost, 2, view.ref(column="points"), made="mean_lost"),
        "share": number(100 * largest.value, 2, ref(largest), view.ref(column="points"), made="share"),
        "area": named(largest),
        "part": number(100 * weakest.value, 2, ref(weakest), made="share"),
    }
    if largest.keys == weakest.keys:
        return view.sentence(
            "On average {lost} points were lost. The largest share, {share}%, was lost in {area}, which also lost "
            "most of its own points, {part}%.",
            **contents,
        )
    return view.sentence(
        "On average {lost} points were lost. The largest share, {share}%, was lost in {area}; {weakest} lost "
        "most of its own points, {part}%.",
        weakest=named(weakest),
        **contents,
    )


def _area(view: View, node: str) -> str:
    return f"{node}. {view.node_name(node)}"


def _division(view: View, row: Record) -> Ref:
    node = {"area": str(row.key), "component": f"component:{row.key}"}.get(str(row.division), f"ground:{row.key}")
    return view.ref(node=node, column="points")


def _most(view: View) -> str:
    return view.say("Mean maximum that applies") if len(view.maxima_that_apply) else view.say("Maximum")


def _named(view: View, row: Record) -> str:
    return _name(view, str(row.division), str(row.key))


DIVISIONS = (
    Col("name", message("Part"), of=_named),
    Col("n", message("Scored criteria"), of="n_leaves", column="n_leaves"),
    Col("maximum", _most, "points", made="mean", column="maximum", gap=True),
    Col("lost", of="mean_lost", made="mean_lost", gap=True),
    Col("part", message("Share of its maximum lost"), "percent", "lost_share", "share", factor=100, gap=True),
    Col("share", message("Share of all points lost"), made="share", factor=100, less=_ALL_POINTS, gap=True),
)
_HEADS = {"area": message("By {area}"), "component": message("By component"), "ground": message("By ground")}


def _under_heading(column: Col) -> Callable[[View, Record], Cell | None]:
    def cell(view: View, row: Record) -> Cell | None:
        if not row.heading:
            return column.cell(view, row, _division)
        return view.say(_HEADS[str(row.division)]) if column.key == "name" else ""

    return cell


HEADED = tuple(replace(column, of=_under_heading(column)) for column in DIVISIONS)


def divisions_table(view: View, divisions: pd.DataFrame | None) -> Table | None:
    """The points lost by area, by component and by ground; each division adds up to all points lost."""
    if divisions is None or divisions.empty:
        return None
    first = ~divisions["division"].duplicated()
    heads = divisions[first].assign(heading=True)
    rows = pd.concat([heads, divisions.assign(heading=False)]).sort_index(kind="stable")
    caption = view.say("Points lost by {area}, component and ground, {year}")
    return table(
        view,
        "loss_divisions",
        caption,
        rows,
        HEADED,
        at=_division,
        style=lambda _, row: "total" if row.heading else "",
        sortable=False,  # sorting would tear the divisions apart
    )


def _name(view: View, division: str, key: str) -> str:
    if division == "area":
        return _area(view, key)
    return view.part_name(key) if division == "component" else capital(view.say(GROUNDS[key]))


def ground_bars(view: View, grid: pd.DataFrame) -> Figure | Note:
    """Mean points lost in each area, by the ground that the points are given on. ``grid`` is that of ``loss_grid``."""
    areas = [str(area) for area in grid.index]
    names, words = [_area(view, area) for area in areas], [view.say(GROUNDS[str(ground)]) for ground in grid]
    totals = grid.sum(axis=1).to_numpy(float)
    parts = [(grid[ground].fillna(0.0).to_numpy(float), *look) for ground, look in zip(grid, PARTS, strict=False)]
    most, _ = view.ends_of(names, totals, view.areas)
    by_ground, _ = ends(list(grid), grid.sum())
    told: Parts = ()
    if len(by_ground.keys) == 1:
        (ground,) = by_ground.keys
        lost = view.wording.number(
            by_ground.value, 2, view.ref(node=f"ground:{ground}", column="points"), made="mean_lost"
        )
        told = view.phrase(
            "Most points are lost on {top}: {a} on average", top=inside(view.say(GROUNDS[ground])), a=lost
        )
    texts = [view.wording.format(total, 2) for total in totals]
    return row_figure(
        view,
        Rows(
            names,
            (0.0, 1.02 * float(totals.max())),
            [(view.say("points"), texts)],
            [(word, "", *look) for word, look in zip(words, PARTS, strict=False)],
            pitch=8.4,
            margin=0.0,
        ),
        lambda sheet, axes, y: stacked(sheet, axes, y, parts),
        name="loss-grounds",
        chart="stacked",
        finding=told,
        caption=view.say("Mean points lost by {area} and by the ground of the points, {year}"),
        alternative=view.say(
            "Bars of mean points lost. Most were lost in {area}: {points}.", area=most.named, points=texts[most.place]
        ),
        data={"node": areas, "name": names, **grid},
    )


PER_TABLE = 3  # criteria side by side: with value, target and points these are nine columns


def impact(view: View, summary: pd.DataFrame) -> Sequel:
    """How the units did where points follow from a measured value. ``summary`` is the frame of ``measured_summary``.

    Empty without a round, or where its scheme has no such criterion. The values of each unit stand in an annex.
    """
    if summary.empty:
        return Sequel(())
    return section(
        view.say("Measured results, targets and impact"),
        "impact",
        _reached(view, summary),
        full_bars(view, summary),
        summary_table(view, summary),
    )


def _reached(view: View, summary: pd.DataFrame) -> Paragraph | None:
    """The criterion with the most units at all points, and the one with the fewest."""
    known = summary[summary["n"] > 0].assign(share=lambda frame: frame["n_full"] / frame["n"])
    if len(known) < 2:
        return None
    best, worst = ends(known["code"], known["share"])
    if best.value == worst.value:
        return None

    def named(end: End) -> Parts:
        refs = (view.ref(node=code, column="full") for code in end.keys)
        return view.shared((f"{code} {view.node_name(code)}" for code in end.keys), *refs, noun=view.say("criteria"))

    def of(end: End) -> Parts:
        row = known[known["code"].astype("str") == end.keys[0]].iloc[0]
        ref = view.ref(node=str(row["code"]), column="points")
        count = view.wording.count
        return view.share(
            count(int(row["n_full"]), replace(ref, column="full")), count(int(row["n"]), replace(ref, column="applies"))
        )

    return view.sentence(
        "All points were reached by most units on {best} ({high} {units}), by fewest on {worst} ({low} {units}).",
        best=named(best),
        high=of(best),
        worst=named(worst),
        low=of(worst),
    )


def full_bars(view: View, summary: pd.DataFrame) -> Figure | Note:
    """How many units reached all, some or none of the points of each measured criterion."""
    words = [view.say("all points"), view.say("some points"), view.say("no points")]
    colours = [ORDERED[0], ORDERED[2], "#ffffff"]
    counts = summary[["n_full", "n_part", "n_none"]].to_numpy(float).T
    parts = [(values, colour, "") for values, colour in zip(counts, colours, strict=True)]

    def draw(sheet: Sheet, axes: Axes, y: np.ndarray) -> None:
        stacked(sheet, axes, y, parts, lambda value: view.wording.format(value, 0))
        axes.grid(visible=False)
        axes.tick_params(bottom=False, labelbottom=False)

    most, fewest = view.ends_of([str(code) for code in summary["code"]], counts[0], view.say("criteria"))
    told: Parts = ()
    if len(fewest.places) == 1:
        code = str(summary["code"].iloc[fewest.place])
        full = view.wording.count(int(counts[0][fewest.place]), view.ref(node=code, column="full"))
        told = view.phrase("{n:{units}} reached all points on {name}", n=full, name=inside(view.node_name(code)))
    elif len(most.places) == 1:
        code = str(summary["code"].iloc[most.place])
        full = view.wording.count(int(counts[0][most.place]), view.ref(node=code, column="full"))
        told = view.phrase(
            "All points were reached most often on {name}: {n:{units}}", n=full, name=inside(view.node_name(code))
        )
    return row_figure(
        view,
        Rows(
            [f"{row.code} {view.node_name(str(row.code))}" for row in records(summary)],
            (0.0, max(float(counts.sum(axis=0).max()), 1.0)),
            key=[(word, "", colour, "") for word, colour in zip(words, colours, strict=True)],
            pitch=9.0,
            margin=0.0,
        ),
        draw,
        name="impact",
        chart="stacked",
        finding=told,
        caption=view.say("Units by points reached on measured criteria, {year}"),
        alternative=view.say(
            "Bars of units by points reached. Most units reached all points on {code}: {n}.",
            code=most.named,
            n=int(counts[0][most.place]),
        ),
        data={
            "code": summary["code"],
            "name": [view.node_name(str(code)) for code in summary["code"]],
            **summary[["n_full", "n_part", "n_none"]],
        },
    )


GROUP = message("Units with")
_KINDS = {
    "external": message("another index"),
    "target": message("percent of the target"),
    "result": message("result"),
}
SUMMARY = (
    Col("code"),
    Col("name", message("Criterion"), "node", "code"),
    Col("kind", message("Measured as"), of=lambda view, row: view.say(_KINDS[str(row.kind)])),
    Col("full_from", message("All points from"), "number", made="rule", column="rule"),
    Col("median", message("Median of the units"), "number", made="median", column="value", gap=True),
    Col("points", message("Mean points"), "number", "mean_points", "mean", gap=True),
    Col("maximum", message("Maximum"), "number", column="maximum", gap=True),
    Col("n_full", message("all points"), "count", column="full", group=GROUP),
    Col("n_part", message("some points"), "count", column="partly", group=GROUP),
    Col("n_none", message("no points"), "count", column="none", group=GROUP),
)


def summary_table(view: View, summary: pd.DataFrame) -> Table:
    """Each measured criterion: what gives all points, the middle unit, and how many reached all, some or none."""
    caption = view.say("Criteria whose points follow from a measured value, {year}")
    return table(view, "impact", caption, summary, SUMMARY, at=cell_of(node="{row.code}", column="points"))


def unit_tables(view: View, points: pd.DataFrame) -> Iterator[Table]:
    """Value, target and points of every unit on every measured criterion, a few criteria a table."""
    codes = list(dict.fromkeys(points["code"])) if len(points) else []
    n_tables = -(-len(codes) // PER_TABLE)
    for some in np.array_split(np.array(codes, dtype=object), n_tables) if n_tables else ():
        yield _unit_table(view, points, [str(code) for code in some])


def _unit_table(view: View, points: pd.DataFrame, codes: Sequence[str]) -> Table:
    some = points[points["code"].isin(codes)]
    columns = [Col("unit")]
    for code in codes:
        of = some[some["code"] == code].set_index("unit")
        shown = ("value", "target", "points") if (of["kind"] == "target").any() else ("value", "points")
        columns += [_measured(code, name, of[name].astype(float)) for name in shown]
    units = view.results.units
    return table(
        view,
        f"impact_{codes[0]}",
        view.say("Value, target and points by unit: criteria {list}, {year}", list=", ".join(codes)),
        units.loc[units["unit"].isin(some["unit"]), ["unit"]],
        columns,
        style=in_focus,
    )


_OF_MEASURE = {"value": message("Value"), "target": message("Target"), "points": message("Points")}


def _measured(code: str, name: str, values: pd.Series) -> Col:
    """What was measured of the units; a dash where the criterion does not apply."""

    def cell(view: View, row: Record) -> Cell:
        if row.unit not in values.index:
            return "–"
        return view.wording.number(values[row.unit], 2, view.ref(str(row.unit), code, name))

    return Col(f"{code}_{name}", _OF_MEASURE[name], "number", cell, group=lambda view: f"{code} {view.node_name(code)}")
