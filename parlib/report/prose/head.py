"""The head of a report, and what it says of its data: how much is known, and what it rests on."""

from __future__ import annotations

from datetime import date

import pandas as pd

from parlib.report.blocks import Note, Paragraph, Title
from parlib.report.views import View
from parlib.report.wording import Part, paragraph


def title(view: View, day: date | None = None) -> Title:
    """The head of a report: index and year, the decision behind it, how much is known, and the marks of the data."""
    lines = [coverage(view).plain_text()]
    if view.results.decision:
        lines.append(view.decision)
    if day:
        lines.append(view.say("Report made on {day}.", day=view.wording.date(day)))
    full = view.wording.say(view.measure.full_name)
    return Title(
        text=view.say("{index} of {units}, {year}", index=full, units=view.wording.all_units(view.results.level)),
        subtitle=view.say("Yearly report"),
        lines=tuple(lines),
        marks=view.marks,
    )


def coverage(view: View) -> Paragraph:
    """For how many of the ranked units the index is known."""
    known, of = view.coverage
    if not known.value and of.value is None:
        return view.wording.sentence("No value is known for any of the {units}.", units=view.units)
    if of.value is None:
        return view.wording.sentence(
            "Data for {known} {units}; how many are ranked is not known.", known=known, units=view.units
        )
    if not known.value:
        return view.wording.sentence("No value is known for any of {all} {units}.", all=of, units=view.units)
    return view.wording.sentence("Data for {known}/{all} {units}.", known=known, all=of, units=view.units)


def known(view: View, ranking: pd.DataFrame) -> Paragraph | None:
    """How much is known of the units assessed: those with a value, with a rank only, with bounds only, with nothing.
    What is true of no unit is not told; nothing at all where the value of every unit is known, or no unit is listed."""
    ranked = ranking["ranked"].astype(bool)
    value, rank = ranking["index"].notna(), ranking["rank"].notna()
    bounds = ranking["rank_min"].notna() | ranking["unit"].isin(view.results.bounds["unit"])
    counted = (
        (view.say("Assessed"), "assessed", pd.Series(True, ranking.index)),
        (view.say("Assessed and ranked"), "listed", ranked),
        (view.say("Assessed, not ranked"), "not_ranked", ~ranked),
        (view.say("Ranked, value known"), "known", ranked & value),
        (view.say("Ranked, only the rank known"), "rank_only", ranked & ~value & rank),
        (view.say("Ranked, only bounds known"), "bounds_only", ranked & ~value & ~rank & bounds),
        (view.say("Ranked, nothing known"), "nothing", ranked & ~value & ~rank & ~bounds),
    )
    if value.all():
        return None
    parts: list[Part] = [view.say("What is known of {year}"), ": "]
    for words, column, which in counted:
        if which.any():
            parts += [f"{words}: ", view.wording.count(int(which.sum()), view.ref(column=column)), "; "]
    return Paragraph((*parts[:-1], "."))


def unranked(view: View, ranking: pd.DataFrame) -> Paragraph | None:
    """The units that are assessed but not ranked; ``None`` where there are none."""
    keys = [key for key in ranking.loc[~ranking["ranked"].astype(bool), "unit"] if key not in view.incomplete]
    told = []
    if keys:
        told.append(view.phrase("Assessed but not ranked: {list}.", list=view.unit_list(keys)))
    if view.incomplete:
        told.append(view.phrase("Not ranked because values are missing: {list}.", list=view.unit_list(view.incomplete)))
    return paragraph(*told) if told else None


def partial(view: View) -> Note | None:
    """Why no rank is computed where only part of the units is known."""
    if not view.results.n_known or view.results.n_known == view.results.n_ranked:
        return None
    return Note(
        view.say(
            "Only some of the {units} are known. Ranks are those published: none is computed among the known alone. "
            "A unit without data is not a unit with a low value."
        ),
        role="assumption",
    )


def marks(view: View) -> tuple[Note, ...]:
    """What the numbers rest on: an illustrative set of criteria, simulated data."""
    return tuple(Note(mark, role="assumption") for mark in view.marks)


def rounding(view: View) -> Note:
    """How printed numbers are rounded."""
    return Note(
        view.say(
            "Printed values are rounded half up from values not rounded before, so printed parts may miss "
            "a printed total by one unit of the last decimal."
        ),
        role="method",
    )


def scale_break(view: View) -> Note | None:
    """That the year cannot be compared with the one before without care; ``None`` where it can."""
    if not view.results.break_before or not view.results.n_known:
        return None
    before = view.results.year - 1
    return Note(
        view.say(
            "The set of criteria changed between {before} and {year}: the change is not like for like.",
            before=before,
        ),
        role="break",
    )
