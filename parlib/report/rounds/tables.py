"""Tables of what a round adds: how it was run, criteria, claims and grants, explanations, survey."""

from __future__ import annotations

from datetime import date

import pandas as pd

from parlib.report.blocks import Note, Ref, Table
from parlib.report.tables.declared import Col, points_of_node, table
from parlib.report.views import View
from parlib.report.wording import message
from parlib.scoring.results import Record
from parlib.words import FIRST


def _day(view: View, day: date | None) -> str:
    """A day in a table: 31/01/2024, in English 2024-01-31."""
    if day is None:
        return ""
    return f"{day:%d/%m/%Y}" if view.wording.language == FIRST else day.isoformat()


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


def _all_points(view: View, _: Record) -> Ref:
    return view.ref(column="points")


LOSSES = (
    Col("code", of="node"),
    Col("name", message("Criterion"), "node", "node"),
    Col("lost", of="mean_lost", made="mean_lost", gap=True),
    Col("share", message("Share of all points lost"), made="share", factor=100, less=_all_points, gap=True),
    Col("losing", of="n_losing", column="losing"),
)


def losses_table(view: View, nodes: pd.DataFrame, most: int = 15) -> Table:
    """The scored nodes that cost the units most points."""
    inner = {node.rsplit(".", 1)[0] for node in nodes["node"] if "." in node}
    scored = nodes[(nodes["kind"] != "area") & ~nodes["node"].isin(inner)]
    scored = scored.sort_values("mean_lost", ascending=False, kind="stable").head(most)
    caption = view.say("Criteria where most points were lost, {year}")
    return table(view, "losses", caption, scored, LOSSES, at=points_of_node)


def _own_answers(view: View, claim: Record) -> Ref:
    return view.ref(str(claim.unit), "*", "points")


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
    return table(view, "claims", caption, rows, CLAIMS, at=_own_answers)


GAPS = (
    Col("name", message("Part"), "coded", "node"),
    Col("claimed", made="mean_claimed", gap=True),
    Col("granted", made="mean_granted", gap=True),
    Col("gap", message("Self-assessed less granted"), "gain", made="mean_gap", gap=True),
    Col("n_over", message("Units that claimed more"), "count", column="n_over"),
    Col("n", message("Units known"), column="both_stages"),
)


def gaps_table(view: View, gaps: pd.DataFrame) -> Table | None:
    """Points claimed and granted by area, means of the units; ``gaps`` is the frame of ``gap_means``."""
    if gaps.empty:
        return None
    return table(
        view,
        "gaps",
        view.say("Points self-assessed and granted by {area}, means of the units, {year}"),
        pd.concat([gaps[gaps["node"].isin(view.nodes("area"))], gaps[gaps["node"] == ""]]),
        GAPS,
        at=points_of_node,
        style=lambda _, gap: "" if gap.node else "total",
        notes=(view.say("Points of the survey and of other indices are the same at both stages."),),
    )


OUTCOMES = {
    "accepted": message("Accepted in full"),
    "partly": message("Accepted in part"),
    "refused": message("Appraisal kept"),
    "lowered": message("Lowered"),
}


def _of_outcome(view: View, row: Record) -> Ref:
    return view.ref(node=f"outcome:{row.outcome}", column="appeals")


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
    return table(view, "appeals", view.say("Outcome of the explanations, {year}"), rows, APPEALS, at=_of_outcome)


def _of_answers(view: View, answer: Record) -> Ref:
    return view.ref(f"group:{answer.group}", str(answer.of_code), "share")


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
    caption = view.say("Survey of officials: mean share of the maximum by group, {year}")
    return table(view, "survey", caption, rows, SURVEY, at=_of_answers, notes=notes, sortable=False)


def _of_factor(view: View, factor: Record) -> Ref:
    return view.ref("group:citizens", str(factor.item), "share")


SATISFACTION = (
    Col("name", message("Factor")),
    Col("n", message("Answers"), column="answers"),
    Col("share", message("Satisfied"), factor=100, gap=True),
    Col("low", message("Interval from"), "percent", "lower", "interval", "low", factor=100, gap=True),
    Col("high", message("Interval to"), "percent", "upper", "interval", "high", factor=100, gap=True),
)


def satisfaction_table(view: View, factors: pd.DataFrame) -> Table | None:
    """Satisfied citizens by factor; nothing where citizens were not asked."""
    if factors.empty:
        return None
    caption = view.say("Satisfaction of citizens by factor, {year}")
    notes = view.of_all_surveyed()
    return table(view, "satisfaction", caption, factors, SATISFACTION, at=_of_factor, notes=notes)
