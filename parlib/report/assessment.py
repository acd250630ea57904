"""Assessment and recommendations, drafted from the numbers for an editor to go on with.

Every number is bound to its cell; what is not known has no sentence; causes are left to the editor as questions.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from parlib.analysis.checks import Findings
from parlib.report.blocks import DRAFTS, Block, Heading, Paragraph, Part, Parts, Sequel, direction, sequel
from parlib.report.views import View, known_statistic
from parlib.tables import records


def assessment(view: View, statistics: pd.DataFrame, result: Findings) -> Sequel:
    """Achievements, limits, causes to be filled in, recommendations. ``found`` are the ``Findings`` of the year.

    Empty where the numbers say nothing for either.
    """
    reached = [Paragraph(parts, "draft") for parts in _achievements(view, statistics, result)]
    short = [Paragraph(parts, "draft") for parts in _limits(view, statistics, result)]
    if not reached and not short:
        return Sequel(())
    advice = [Paragraph(parts, "draft") for parts in _recommendations(view, result)]
    return sequel(
        Heading(view.say("Assessment and recommendations"), 1, "assessment", formats=DRAFTS),
        view.note(
            "DRAFT made from the numbers of this report, for an editor to check, complete and sign off. It names "
            "numbers only; causes are not known to it.",
            role="assumption",
        ),
        _part(view.say("Achievements"), "achievements", reached),
        _part(view.say("Limits"), "limits", short),
        _part(view.say("Causes"), "causes", [Paragraph(parts, "draft") for parts in _causes(view, result)]),
        _part(view.say("Recommendations"), "recommendations", advice),
    )


def _part(title: str, anchor: str, drafts: list[Paragraph]) -> Iterator[Block]:
    if drafts:
        yield Heading(title, 2, anchor)
        yield from drafts


# --- achievements ---------------------------------------------------------------------------------


def _achievements(view: View, statistics: pd.DataFrame, result: Findings) -> Iterator[Parts]:
    yield from _mean(view, statistics, 1)
    yield from _moved_counts(view, statistics, "n_rose")
    if len(result.areas) > 2:
        yield view.phrase("Highest {areas}: {list}.", list=_area_list(view, result.areas.head(2)))
    if len(result.reached):
        yield view.phrase("Criteria well reached by nearly all {units}: {list}.", list=_leaves(view, result.reached))
    yield from _changes(view, result, 1)


def _mean(view: View, statistics: pd.DataFrame, way: int) -> Iterator[Parts]:
    """The mean and its change: with the achievements where it rose or nothing is known of its change, else a limit."""
    mean, change = (known_statistic(view, statistics, word) for word in ("mean", "mean_change"))
    if mean is None:
        return
    if change is None or change.value is None:
        if way > 0:
            yield view.phrase("The mean {index} of the {units} reached {mean}.", mean=view.amount(mean))
        return
    sign = direction(change.value)
    if sign == way or (sign == 0 and way > 0):
        moved = view.wording.moved(change, view.unit_of_change, year=view.results.year - 1)
        yield view.phrase("The mean {index} of the {units} is {mean}, {moved}.", mean=view.amount(mean), moved=moved)


def _moved_counts(view: View, statistics: pd.DataFrame, word: str) -> Iterator[Parts]:
    n, of = known_statistic(view, statistics, word), known_statistic(view, statistics, "n_units")
    if n is None or of is None or not n.value:
        return
    if word == "n_rose":
        yield view.phrase("{n} of {all} {units} rose on {before}.", n=n, all=of)
    else:
        yield view.phrase("{n} of {all} {units} fell on {before}.", n=n, all=of)


def _area_list(view: View, areas: pd.DataFrame) -> Parts:
    items = []
    for row in records(areas):
        node = str(row.node)
        mean = view.amount(view.number(float(row.mean), view.ref(node=node), node=node, made="mean"))
        items.append(view.phrase("{name} ({mean})", name=view.node_name(node), mean=mean))
    return view.wording.join(items)


def _leaves(view: View, leaves: pd.DataFrame) -> Parts:
    items = []
    for row in records(leaves):
        node = str(row.node)
        mean = view.wording.number(float(row.mean_index), 2, view.ref(node=node, column="index"), made="mean")
        items.append(view.phrase("{code} {name} (mean {mean}%)", code=node, name=view.node_name(node), mean=mean))
    return _semicolons(items)


def _semicolons(items: list[Parts]) -> Parts:
    """Long items one after another, with a sign between them that no name holds."""
    joined: list[Part] = []
    for item in items:
        joined += ["; "] if joined else []
        joined += item
    return tuple(joined)


def _changes(view: View, result: Findings, way: int) -> Iterator[Parts]:
    rows = result.risen if way > 0 else result.fallen
    if rows.empty:
        return
    before = view.results.year - 1
    items = [
        view.phrase("{name} ({mean})", name=view.unit(str(row.unit)),
                    mean=view.difference(view.change_of(str(row.unit), float(row.change), before)))
        for row in records(rows)
    ]  # fmt: skip
    listed = view.wording.join(items)
    if way > 0 and result.whole_change:
        yield view.phrase("Largest rises on {before}: {list}.", list=listed)
    elif way > 0:
        yield view.phrase("Largest rises on {before} among the {units} known: {list}.", list=listed)
    elif result.whole_change:
        yield view.phrase("Largest falls on {before}: {list}.", list=listed)
    else:
        yield view.phrase("Largest falls on {before} among the {units} known: {list}.", list=listed)


# --- limits ---------------------------------------------------------------------------------------


def _limits(view: View, statistics: pd.DataFrame, result: Findings) -> Iterator[Parts]:
    yield from _mean(view, statistics, -1)
    yield from _moved_counts(view, statistics, "n_fell")
    if len(result.areas) > 2:
        low = result.areas.tail(2).iloc[::-1]
        yield view.phrase("Lowest {areas}: {list}.", list=_area_list(view, low))
    if len(result.weakest):
        yield view.phrase("Weakest criteria: {list}.", list=_leaves(view, result.weakest))
    yield from _changes(view, result, -1)
    if len(result.over):
        yield view.phrase(
            "Self-assessments furthest above what was granted (share of the points claimed that was not granted): "
            "{list}.",
            list=_claims(view, result.over),
        )
    if len(result.answers):
        yield view.phrase("Lowest results of the survey: {list}.", list=_answers(view, result.answers))


def _claims(view: View, over: pd.DataFrame) -> Parts:
    items = []
    for row in records(over):
        unit = str(row.unit)
        share = view.wording.number(float(row.over_claiming), 2, view.ref(unit, "*", "points"), made="share")
        items.append(view.phrase("{name} ({mean})", name=view.unit(unit), mean=(share, "%")))
    return view.wording.join(items)


def _answers(view: View, answers: pd.DataFrame) -> Parts:
    items = []
    for row in records(answers):
        ref = view.ref(f"group:{row.group}", node=str(row.code), column="share")
        share = view.wording.number(float(row.share), 2, ref)
        items.append(
            view.phrase(
                "{code} {name}, {group} ({share}%)",
                code=str(row.code),
                name=str(row.name),
                group=str(row.group_name),
                share=share,
            )
        )
    return _semicolons(items)


# --- causes and recommendations -------------------------------------------------------------------


def _causes(view: View, result: Findings) -> Iterator[Parts]:
    """What the editor has to add: the numbers do not know it."""
    yield view.phrase("[To be completed: objective causes (new rules, mergers, natural disasters, budgets).]")
    yield view.phrase("[To be completed: causes within the {units} (direction, staff, data, time limits).]")
    if len(result.weakest):
        lowest = result.weakest[result.weakest["mean_index"] == result.weakest["mean_index"].min()]
        nodes = [f"{node} {view.node_name(str(node))}" for node in lowest["node"]]
        yield view.phrase(
            "[To be completed: why the mean is lowest on {list}.]", list=_semicolons([(n,) for n in nodes])
        )


def _recommendations(view: View, result: Findings) -> Iterator[Parts]:
    """By area, the weakest first: what to raise and who is concerned; then the ministries in charge."""
    order = [str(node) for node in result.areas["node"]][::-1] if len(result.areas) else []
    for area in order:
        yield from _of_area(view, area, result)
    if len(result.over):
        yield view.phrase(
            "To {list}: check self-assessments against the documents before they are sent.",
            list=view.unit_list([str(unit) for unit in result.over["unit"]]),
        )
    yield from _in_charge(view, result)
    if not order:
        yield view.phrase("[To be completed: recommendations. Too little is known by {area} to draft them.]")


def _of_area(view: View, area: str, result: Findings) -> Iterator[Parts]:
    weak = result.in_area[result.in_area["area"] == area] if len(result.in_area) else result.in_area
    low = result.lagging[result.lagging["area"] == area] if len(result.lagging) else result.lagging
    name = view.node_name(area)
    if len(weak) and len(low):
        yield view.phrase(
            "{name}: raise {criteria}. First of all {list}.",
            name=name,
            criteria=_leaves(view, weak),
            list=_lagging(view, low),
        )
    elif len(weak):
        yield view.phrase("{name}: raise {criteria}.", name=name, criteria=_leaves(view, weak))
    elif len(low):
        yield view.phrase("{name}: first of all {list}.", name=name, list=_lagging(view, low))


def _lagging(view: View, low: pd.DataFrame) -> Parts:
    items = []
    for row in records(low):
        unit, area = str(row.unit), str(row.area)
        value = view.amount(view.value(unit, float(row.value), area))
        items.append(view.phrase("{name} ({mean})", name=view.unit(unit), mean=value))
    return view.wording.join(items)


def _in_charge(view: View, result: Findings) -> Iterator[Parts]:
    """To the ministries that lead the weakest areas: who leads is for the editor to name."""
    known = result.areas if view.has("groups") else result.areas.iloc[:0]
    for row in records(known.tail(3).iloc[::-1]) if len(known) else ():
        node = str(row.node)
        yield view.phrase(
            "To [the ministry in charge of {area}]: guide and check the criteria named above; the area is at {mean}.",
            area=view.node_name(node),
            mean=view.amount(view.number(float(row.mean), view.ref(node=node), node=node, made="mean")),
        )
