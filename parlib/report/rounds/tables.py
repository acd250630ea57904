"""Tables of what a round adds: how it was run, criteria, claims and grants, explanations, survey."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd

from parlib.report.blocks import Column, Note, Number, Table
from parlib.report.tables.declared import Row, finished
from parlib.report.views import View
from parlib.report.wording import is_known
from parlib.scoring.results import records


def timetable(view: View, steps: pd.DataFrame) -> Table | Note:
    """The steps of the year's plan: when, and who answers for each."""
    if steps.empty:
        return view.missing("The plan of the round names no steps.")
    rows: list[Row] = [
        {
            "step": str(step.name),
            "start": "" if step.start is None else _day(view, step.start),
            "end": "" if step.end is None else _day(view, step.end),
            "who": str(step.responsible),
        }
        for step in records(steps)
    ]
    columns = [
        Column("step", view.say("Step")),
        Column("start", view.say("From")),
        Column("end", view.say("To")),
        Column("who", view.say("Responsible")),
    ]
    return finished(view, "timetable", view.say("Timetable of the round of {year}"), columns, rows)


def _day(view: View, day: date) -> str:
    """A day in a table: 31/01/2024, in English 2024-01-31."""
    return f"{day:%d/%m/%Y}" if view.wording.language == "vi" else day.isoformat()


def forms_table(view: View, forms: pd.DataFrame) -> Table | Note:
    """Respondents by group: planned and answered."""
    if forms.empty:
        return view.missing("The round has no survey.")
    count = view.wording.count
    rows: list[Row] = []
    for form in records(forms):
        group = f"group:{form.group}"
        row: Row = {"group": str(form.name), "n": count(int(form.n), view.ref(group, column="forms"))}
        if is_known(form.planned):
            row["planned"] = count(int(form.planned), view.ref(group, column="planned"))
            row["rate"] = _rate(view, group, float(form.n), float(form.planned))
        rows.append(row)
    total: Row = {"group": view.say("All groups"), "n": count(int(forms["n"].sum()), view.ref(column="forms"))}
    if forms["planned"].notna().all():
        total["planned"] = count(int(forms["planned"].sum()), view.ref(column="planned"))
        total["rate"] = _rate(view, "*", float(forms["n"].sum()), float(forms["planned"].sum()))
    columns = [
        Column("group", view.say("Group of respondents")),
        Column("planned", view.say("Forms planned"), "integer", decimals=0),
        Column("n", view.say("Forms answered"), "integer", decimals=0),
        Column("rate", view.say("Response rate"), "number", "%"),
    ]
    styles = [*("" for _ in rows), "total"]
    return finished(
        view, "forms", view.say("Survey forms by group of respondents, {year}"), columns, [*rows, total], styles=styles
    )


def _rate(view: View, group: str, answered: float, planned: float) -> Number:
    """Forms answered in percent of those planned; not known where none was planned."""
    rate = 100 * answered / planned if planned > 0 else None
    return view.wording.number(rate, 2, view.ref(group, column="forms"), made="share")


def questions_table(view: View, questions: pd.DataFrame) -> Table | None:
    """Questions and proposals of units with the replies; nothing where there were none."""
    if questions.empty:
        return None
    rows: list[Row] = [
        {
            "unit": str(q.name),
            "code": str(q.code),
            "question": str(q.question),
            "reply": str(q.reply) or view.say("not yet"),
        }
        for q in records(questions)
    ]
    columns = [
        Column("unit", view.say("Unit")),
        Column("code", view.say("Criterion")),
        Column("question", view.say("Question or proposal")),
        Column("reply", view.say("Reply")),
    ]
    return finished(view, "questions", view.say("Questions and proposals of units, {year}"), columns, rows)


def losses_table(view: View, nodes: pd.DataFrame, most: int = 15) -> Table:
    """The scored nodes that cost the units most points."""
    inner = {node.rsplit(".", 1)[0] for node in nodes["node"] if "." in node}
    scored = nodes[(nodes["kind"] != "area") & ~nodes["node"].isin(inner)]
    scored = scored.sort_values("mean_lost", ascending=False, kind="stable").head(most)
    rows: list[Row] = []
    for node in records(scored):
        key = str(node.node)
        ref = view.ref(node=key, column="points")
        share = 100 * float(node.share) if is_known(node.share) else None
        rows.append(
            {
                "code": key,
                "name": view.node_name(key),
                "lost": view.wording.number(float(node.mean_lost), 2, ref, made="mean_lost"),
                "share": view.wording.number(share, 2, ref, view.ref(column="points"), made="share"),
                "losing": view.wording.count(int(node.n_losing), replace(ref, column="losing")),
            }
        )
    columns = [
        Column("code", view.say("Code")),
        Column("name", view.say("Criterion")),
        Column("lost", view.say("Mean points lost"), "number", view.say("points")),
        Column("share", view.say("Share of all points lost"), "number", "%"),
        Column("losing", view.say("Units that lost points"), "integer", decimals=0),
    ]
    return finished(view, "losses", view.say("Criteria where most points were lost, {year}"), columns, rows)


def claims_table(view: View, claims: pd.DataFrame) -> Table:
    """What each unit claimed and was granted on the criteria that it answers itself."""
    rows: list[Row] = []
    for claim in records(claims.sort_values("over_claiming", ascending=False, kind="stable")):
        unit = str(claim.unit)
        ref = view.ref(unit, "*", "points")
        rows.append(
            {
                "unit": view.unit(unit),
                "claimed": view.wording.number(float(claim.claimed), 2, ref, made="claimed"),
                "granted": view.wording.number(float(claim.granted), 2, ref, made="granted"),
                "over": view.wording.number(float(claim.over), 2, ref, made="claimed_not_granted"),
                "n": view.wording.count(int(claim.n_over), replace(ref, column="lowered")),
                "share": view.wording.number(claim.over_claiming, 2, ref, made="share"),
            }
        )
    points = view.say("points")
    columns = [
        Column("unit", view.say("Unit")),
        Column("claimed", view.say("Self-assessed"), "number", points),
        Column("granted", view.say("Granted"), "number", points),
        Column("over", view.say("Claimed and not granted"), "number", points),
        Column("n", view.say("Criteria lowered"), "integer", decimals=0),
        Column("share", view.say("Share of the claim not granted"), "number", "%"),
    ]
    caption = view.say("Self-assessment against the final result, criteria that units answer themselves, {year}")
    return finished(view, "claims", caption, columns, rows)


def gaps_table(view: View, gaps: pd.DataFrame) -> Table | None:
    """Points claimed and granted by area, means of the units; ``gaps`` is the frame of ``gap_means``."""
    if gaps.empty:
        return None
    areas = set(view.nodes("area"))
    gaps = pd.concat([gaps[gaps["node"].isin(areas)], gaps[gaps["node"] == ""]])
    rows: list[Row] = []
    for gap in records(gaps):
        node = str(gap.node)
        ref = view.ref(node=node, column="points")
        rows.append(
            {
                "name": f"{node}. {view.node_name(node)}" if node else view.say("Whole index"),
                "claimed": view.wording.number(float(gap.claimed), 2, ref, made="mean_claimed"),
                "granted": view.wording.number(float(gap.granted), 2, ref, made="mean_granted"),
                "gap": view.wording.number(float(gap.gap), 2, ref, made="mean_gap", signed=True),
                "n_over": view.wording.count(int(gap.n_over), replace(ref, column="n_over")),
                "n": view.wording.count(int(gap.n), replace(ref, column="both_stages")),
            }
        )
    points = view.say("points")
    columns = [
        Column("name", view.say("Part")),
        Column("claimed", view.say("Self-assessed"), "number", points),
        Column("granted", view.say("Granted"), "number", points),
        Column("gap", view.say("Self-assessed less granted"), "change", points),
        Column("n_over", view.say("Units that claimed more"), "integer", decimals=0),
        Column("n", view.say("Units known"), "integer", decimals=0),
    ]
    styles = ["" if node else "total" for node in gaps["node"]]
    notes = (view.say("Points of the survey and of other indices are the same at both stages."),)
    caption = view.say("Points self-assessed and granted by {area}, means of the units, {year}", area=view.area)
    return finished(view, "gaps", caption, columns, rows, styles=styles, notes=notes)


def appeals_table(view: View, appeals: pd.DataFrame) -> Table | None:
    """How explanations ended; nothing where nobody explained."""
    known = appeals[appeals["outcome"] != ""] if not appeals.empty else appeals
    if known.empty:
        return None
    words = {
        "accepted": view.say("Accepted in full"),
        "partly": view.say("Accepted in part"),
        "refused": view.say("Appraisal kept"),
        "lowered": view.say("Lowered"),
    }
    rows: list[Row] = []
    for outcome, name in words.items():
        some = known[known["outcome"] == outcome]
        if outcome != "lowered" or len(some):
            ref = view.ref(node=f"outcome:{outcome}", column="appeals")
            regained = view.wording.number(float(some["regained"].sum()), 2, ref, made="sum")
            rows.append({"outcome": name, "n": view.wording.count(len(some), ref), "regained": regained})
    columns = [
        Column("outcome", view.say("Outcome")),
        Column("n", view.say("Explanations"), "integer", decimals=0),
        Column("regained", view.say("Points regained, all units"), "number", view.say("points")),
    ]
    return finished(view, "appeals", view.say("Outcome of the explanations, {year}"), columns, rows)


def survey_table(view: View, shares: pd.DataFrame) -> Table | Note:
    """Every item by group of respondents: answers, and the mean share of the maximum with its 95 percent interval.

    Groups that were not asked an item, and those too small to be shown, have no row.
    """
    known = shares[shares["share"].notna()] if len(shares) else shares
    if known.empty:
        return view.missing("No survey answers are known for {year}.")
    rows: list[Row] = []
    last = ""
    for answer in records(known):
        ref = view.ref(f"group:{answer.group}", node=str(answer.code), column="share")
        half = 50 * (float(answer.upper) - float(answer.lower))
        first = str(answer.item) != last
        last = str(answer.item)
        rows.append(
            {
                "code": str(answer.code) if first else "",
                "name": str(answer.name) if first else "",
                "group": str(answer.group_name),
                "n": view.wording.count(float(answer.n), replace(ref, column="answers")),
                "share": view.wording.number(100 * float(answer.share), 2, ref),
                "half": view.wording.number(half, 2, replace(ref, column="half"), made="interval"),
            }
        )
    columns = [
        Column("code", view.say("Code")),
        Column("name", view.say("Question on")),
        Column("group", view.say("Group of respondents")),
        Column("n", view.say("Answers"), "integer", decimals=0),
        Column("share", view.say("Mean"), "number", "%"),
        Column("half", "±", "number", view.unit_of_change),
    ]
    notes = [
        view.say(
            "±: half the width of the interval of sampling at {level}%; groups that were not asked have no row.",
            level=view.wording.count(95),
        ),
        *view.of_all_surveyed(),
    ]
    caption = view.say("Survey of officials: mean share of the maximum by group, {year}")
    table = finished(view, "survey", caption, columns, rows, notes=notes)
    return replace(table, sortable=False)  # a row without a code belongs to the one above it


def satisfaction_table(view: View, factors: pd.DataFrame) -> Table | None:
    """Satisfied citizens by factor; nothing where citizens were not asked."""
    if factors.empty:
        return None
    rows: list[Row] = []
    for factor in records(factors):
        ref = view.ref("group:citizens", node=str(factor.item), column="share")
        rows.append(
            {
                "name": str(factor.name),
                "n": view.wording.count(int(factor.n), replace(ref, column="answers")),
                "share": view.wording.number(100 * float(factor.share), 2, ref),
                "low": view.wording.number(100 * float(factor.lower), 2, replace(ref, column="low"), made="interval"),
                "high": view.wording.number(100 * float(factor.upper), 2, replace(ref, column="high"), made="interval"),
            }
        )
    columns = [
        Column("name", view.say("Factor")),
        Column("n", view.say("Answers"), "integer", decimals=0),
        Column("share", view.say("Satisfied"), "number", "%"),
        Column("low", view.say("Interval from"), "number", "%"),
        Column("high", view.say("Interval to"), "number", "%"),
    ]
    caption = view.say("Satisfaction of citizens by factor, {year}")
    return finished(view, "satisfaction", caption, columns, rows, notes=view.of_all_surveyed())
