"""The ways up in words: the target, what makes a way cheap, and each way with the answers that it changes."""

from __future__ import annotations

from dataclasses import replace

from parlib.analysis.profile import Profile
from parlib.report.blocks import Number, Paragraph
from parlib.report.views import View
from parlib.report.wording import Content, Parts, is_known, plain
from parlib.scoring.results import Record, records


def target(view: View, profile: Profile) -> Parts:
    """What the ways lead to."""
    ladder, unit = profile.ladder, view.focus
    if ladder.kind == "band":
        bound = view.wording.number(ladder.bound, 0, view.ref(column=f"bound:{ladder.band}"), made="bound")
        return view.phrase("Target: group {band}, from {bound}%.", band=ladder.band, bound=bound)
    if ladder.kind == "index":
        bound = view.wording.number(ladder.bound, 2, view.ref(unit, column="target_index"), made="target")
        return view.phrase("Target: {bound}%; the next group is out of reach in one year.", bound=bound)
    if ladder.kind == "places":
        places = int(profile.standing.row["rank"]) - ladder.rank
        return view.wording.phrase_many(
            "Target: rank {rank}, {n} place up.",
            "Target: rank {rank}, {n} places up.",
            view.wording.count(places, view.ref(unit, column="target_places"), made="target"),
            rank=view.wording.count(ladder.rank, view.ref(unit, column="target_rank"), made="target"),
        )
    if ladder.kind == "first":
        return view.phrase("{unit} stands first: there is no better rank.", unit=view.unit(unit))
    return view.phrase(
        "No set of up to {most} better answers reaches the next rank: the points lie in the survey, in other indices, "
        "or far apart.",
        most=view.wording.count(ladder.most, view.ref(column="most_steps"), made="setting"),
    )


def cost_rule(view: View, profile: Profile) -> Parts:
    """What makes a way cheap, and what is assumed."""
    return view.phrase(
        "Cheap is a better answer that most other {units} have reached. At most {most} criteria a way; the others "
        "stand still, survey and other indices stay.",
        most=view.wording.count(profile.ladder.most, view.ref(column="most_steps"), made="setting"),
    )


def way_items(view: View, profile: Profile) -> list[Paragraph]:
    """One line for each way: the answers it changes, the points gained, index and rank then.

    A step that an earlier line told stands by its code alone: the page has to hold three ways of five steps.
    """
    steps = profile.ladder.steps
    found = []
    told: set[tuple[str, str]] = set()
    for number, way in enumerate(profile.ladder.ways, start=1):
        if not way.rungs:
            continue
        own: list[Parts] = []
        for step in records(steps[steps["way"] == number]):
            code, aim = str(step.code), answers(view, step)
            if (code, plain(aim)) in told:
                own.append((code,))
                continue
            own.append(view.phrase("{code} {name} ({answers})", code=code, name=view.node_name(code), answers=aim))
            told.add((code, plain(aim)))
        contents: dict[str, Content] = {
            "steps": [part for place, some in enumerate(own) for part in (("; ",) if place else ()) + some],
            "gain": points(view, way.gain, f"way:{number}", made="sum", signed=True),
            "value": view.amount(
                view.number(way.index, view.ref(view.focus, column=f"way_{number}:index"), made="what_if")
            ),
        }
        if way.rank:
            rank = view.wording.count(way.rank, view.ref(view.focus, column=f"way_{number}:rank"), made="what_if")
            if way.rank == profile.standing.row["rank"]:
                found.append(
                    view.phrase("{steps}: {gain} points, then {value}, still rank {rank}.", rank=rank, **contents)
                )
                continue
            found.append(view.phrase("{steps}: {gain} points, then {value}, rank {rank}.", rank=rank, **contents))
        else:
            found.append(view.phrase("{steps}: {gain} points, then {value}.", **contents))
    return [Paragraph(parts, "item") for parts in found]


def answers(view: View, step: Record) -> Parts:
    """The answer given and the one aimed at."""
    before, after = (answer(view, step, side) for side in ("before", "after"))
    return view.phrase("from {before} to {after}", before=before, after=after)


def answer(view: View, step: Record, side: str) -> Parts:
    """One answer of a step as people read it: an option's label, or a number with what it is counted in."""
    label, value = getattr(step, f"{side}_label"), getattr(step, f"{side}_value")
    if label:
        return (str(label),)
    ref = view.ref(view.focus, str(step.code), f"way_{int(step.way)}:{side}")
    number = Number(float(value), view.tick(float(value)), (ref,), "value" if side == "before" else "what_if")
    if is_known(step.target):
        of = replace(ref, column=f"way_{int(step.way)}:of")
        return (number, "/", Number(float(step.target), view.tick(float(step.target)), (of,)))
    return (number, str(step.counted_in))


def points(
    view: View, value: float, node: str = "", made: str = "value", signed: bool = False, column: str = "points"
) -> Number:
    """Points of the unit in focus."""
    ref = view.ref(view.focus, node, column)
    return view.wording.number(value, 2, ref, made=made, signed=signed)
