"""The sentences of a profile, the key figures of its first page, the ways up in words. A sentence is left out where a
number in it is not known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from parlib.analysis.profile import Ladder, Profile
from parlib.report import prose
from parlib.report.blocks import (
    Block,
    Content,
    Heading,
    Note,
    Number,
    Paragraph,
    Parts,
    Tile,
    Tiles,
    direction,
    is_known,
    message,
    paragraph,
)
from parlib.report.tables.ranking import places as places_number
from parlib.report.tables.ranking import sets_differ
from parlib.report.views import View
from parlib.tables import Record, records, rounded
from parlib.words import FIRST

MOST_TILES = 4


def tiles(view: View, profile: Profile) -> Tiles:
    """Index, rank, rank in the region, group, change, tier: as far as they are known."""
    makers = (_index_tile, _rank_tile, _region_tile, _group_tile, _change_tile, _tier_tile)
    results = [tile for make in makers if (tile := make(view, profile)) is not None]
    if len(results) > MOST_TILES and profile.position.tier is not None:  # one row: the tier goes with the rank
        tier = results.pop()
        rank = replace(results[1], detail=(f"{tier.label} ", tier.number, f"{tier.unit}; ", *tier.detail))
        results[1] = rank
    return Tiles(tuple(results), view.say("Key figures of {unit}, {index} {year}", unit=view.named(view.focus)), "key")


def _index_tile(view: View, profile: Profile) -> Tile | None:
    row = profile.position.row
    whole = profile.areas.iloc[0]
    unit = view.unit_of_value if view.unit_of_value == "%" else f" {view.unit_of_value}"
    mean: Parts = ()
    if is_known(whole["mean"]):
        mean = view.phrase("mean {value}", value=view.number(whole["mean"], view.ref(), made="mean"))
    if is_known(row["index"]):
        number = view.value(view.focus, row["index"], mark=view.footnote(row["basis"]))
        return Tile(view.index, number, unit, mean)
    bounds = view.results.bounds
    own = bounds[bounds["unit"] == view.focus]
    if own.empty:
        return Tile(view.index, view.say("not known"))
    low, high = (view.scaled(own[name].iloc[0]) for name in ("index_min", "index_max"))
    number = view.wording.range(low, high, view.ref(view.focus), decimals=view.decimals)
    return Tile(view.index, number, unit)


def _rank_tile(view: View, profile: Profile) -> Tile:
    row, n = profile.position.row, view.n_ranked
    label = view.say("Rank")
    if not profile.position.ranked:
        return Tile(label, view.say("not ranked"), detail=(view.say("assessed, not ranked"),))
    of = f"/{n.text}" if n.value else ""
    if is_known(row["rank"]):
        moved: Parts = ()
        if is_known(profile.change.get("places")):
            number = places_number(view, view.focus, profile.change["places"])
            moved = view.phrase("{places} places on {before}", places=number)
        return Tile(label, view.rank(view.focus, row["rank"], view.footnote(row["rank_basis"])), of, moved)
    if is_known(row["rank_min"]):
        ref = view.ref(view.focus, column="rank")
        return Tile(label, view.wording.range(float(row["rank_min"]), float(row["rank_max"]), ref), of)
    return Tile(label, view.say("not known"))


def _region_tile(view: View, profile: Profile) -> Tile | None:
    place, n = place_in(view, profile.position.in_region)
    if place is None:
        return None
    return Tile(view.say("Rank in the region"), place, f"/{n}", (view.region_names[profile.position.region],))


def place_in(view: View, among: pd.DataFrame, column: str = "rank") -> tuple[Number | None, int]:
    """The unit's place among some units, and their number; ``None`` where it is not settled."""
    if among.empty:
        return None, 0
    own = among[among["is_own"]].iloc[0]
    if not is_known(own["place"]):
        return None, 0
    ref = view.ref(view.focus, column=column)
    ranked = int(among["place_min"].notna().sum())
    return view.wording.number(float(own["place"]), 0, ref, made="rank_among"), ranked


def _group_tile(view: View, profile: Profile) -> Tile | None:
    band = profile.position.row["band"]
    return Tile(view.say("Group"), str(band), detail=(view.bounds(str(band)),)) if band else None


def _change_tile(view: View, profile: Profile) -> Tile | None:
    moved, before = profile.change, view.results.year - 1
    if not is_known(moved.get("change")):
        return None
    number = view.change_of(view.focus, moved["change"], before)
    unit = view.unit_of_change
    detail: Parts = ()
    if is_known(moved["previous"]):
        then = view.number(moved["previous"], view.ref(view.focus, year=before))
        detail = view.phrase("{value} in {before}", value=then)
    return Tile(view.say("Against {before}"), number, unit if unit == "%" else f" {unit}", detail)


def _tier_tile(view: View, profile: Profile) -> Tile | None:
    where = profile.position
    if where.tier is None:
        return None
    ref = view.ref(view.focus, column="tier")
    ranks = view.wording.range(where.rank_low, where.rank_high, view.ref(view.focus, column="sets"))
    detail = view.phrase("survey error leaves ranks {ranks}", ranks=ranks)
    if where.ranks_open:  # other draws may move an end
        detail = view.phrase("survey error leaves about ranks {ranks}", ranks=ranks)
    return Tile(view.say("Tier"), view.wording.count(where.tier, ref, made="tier"), f"/{where.n_tiers}", detail)


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
        places = int(profile.position.row["rank"]) - ladder.rank
        return view.wording.phrase_many(
            "Target: rank {rank}, {n} place up.",
            "Target: rank {rank}, {n} places up.",
            view.wording.count(places, view.ref(unit, column="target_places"), made="target"),
            rank=view.wording.count(ladder.rank, view.ref(unit, column="target_rank"), made="target"),
        )
    if ladder.kind == "first":
        stands = view.phrase("{unit} stands first: there is no better rank.", unit=view.named(unit))
        if not ladder.ways:
            return stands
        bound = view.wording.number(ladder.bound, 2, view.ref(unit, column="target_index"), made="target")
        return (*stands, " ", *view.phrase("Ways to keep the lead, to {bound}%:", bound=bound))
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


def way_items(view: View, profile: Profile) -> Iterator[Paragraph]:
    """One line for each way: what to do, the points that each step brings and how many others are there, and what all
    of it leads to."""
    steps = profile.ladder.steps
    for number, way in enumerate(profile.ladder.ways, start=1):
        if not way.offers:
            continue
        own = [_step(view, step) for step in records(steps[steps["way"] == number])]
        contents: dict[str, Content] = {
            "steps": [part for place, some in enumerate(own) for part in (("; ",) if place else ()) + some],
            "gain": points(view, way.gain, f"way:{number}", made="sum", signed=True),
            "value": view.amount(
                view.number(way.index, view.ref(view.focus, column=f"way_{number}:index"), made="what_if")
            ),
        }
        rank = view.wording.count(way.rank, view.ref(view.focus, column=f"way_{number}:rank"), made="what_if")
        if not way.rank:
            parts = view.phrase("{steps}. In all {gain} points, then {value}.", **contents)
        elif way.rank == profile.position.row["rank"]:
            parts = view.phrase(
                "{steps}. In all {gain} points, then {value}, still rank {rank}.", rank=rank, **contents
            )
        else:
            parts = view.phrase("{steps}. In all {gain} points, then {value}, rank {rank}.", rank=rank, **contents)
        yield Paragraph(parts, "item")


def _step(view: View, step: Record) -> Parts:
    """One better answer in words: what to do, what it brings, who is there already."""
    node = str(step.code)
    return view.phrase(
        "{code} {name}: {do} ({gain} points; {there} others are there)",
        code=node,
        name=view.node_name(node),
        do=_do(view, step),
        gain=points(view, step.gain, node, made="gain", signed=True, column=f"way_{int(step.way)}:gain"),
        there=there(view, step),
    )


def _do(view: View, step: Record) -> Parts:
    """The answer given and the one aimed at."""
    before, after = (answer(view, step, side) for side in ("before", "after"))
    if step.before_label:
        return (*view.phrase("from “{before}” to “{after}”", before=before, after=after), in_vietnamese(view))
    if step.after_value < step.before_value:
        return view.phrase("lower from {before} to {after}", before=before, after=after)
    return view.phrase("raise from {before} to {after}", before=before, after=after)


def there(view: View, step: Record) -> Number:
    """How many of the other ranked units have the points of a step already."""
    ref = view.ref(node=str(step.code), column=f"way_{int(step.way)}:reached")
    return Number(float(step.reached), f"{step.reached}/{step.others}", (ref,), "out_of")


def in_vietnamese(view: View) -> str:
    """The mark of words that are quoted in Vietnamese inside a text of another language."""
    return "" if view.wording.language == FIRST else " " + view.say("(in Vietnamese)")


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


MOVED_MOST = 3
WEAKEST = 3
FOLLOWERS = 2


def nothing_known(view: View, profile: Profile) -> list[Block]:
    """The short page of a unit of which the year has no value and no rank."""
    matches: list[Block] = []
    if view.focus in view.incomplete:
        text = view.say(
            "{unit} is not ranked in {year}: a part of its {index} is missing, so it has no total.",
            unit=view.named(view.focus),
        )
    elif not profile.position.ranked:
        text = view.say("{unit} was assessed in {year} and not ranked; no value of it is known.",
                        unit=view.named(view.focus))  # fmt: skip
    else:
        text = view.say("{unit}: no value and no rank of {year} is known.", unit=view.named(view.focus))
    matches.append(Note(text, role="missing"))
    before = view.results.year - 1
    if is_known(profile.change.get("previous")):
        value = view.amount(view.number(profile.change["previous"], view.ref(view.focus, year=before)))
        matches.append(view.sentence("In {before} it had {value}.", value=value))
    matches.append(prose.coverage(view))
    matches.append(view.note("A unit without data is not a unit with a low value: nothing is estimated here."))
    return matches


# --- the lead -------------------------------------------------------------------------------------


def lead(view: View, profile: Profile) -> Paragraph:
    """Where the unit stands, in one paragraph."""
    return paragraph(_stands(view, profile), _from_mean(view, profile), _in_cities(view, profile), role="lead")


def _stands(view: View, profile: Profile) -> Parts | None:
    row, unit = profile.position.row, view.named(view.focus)
    value = None
    if is_known(row["index"]):
        value = view.amount(view.value(view.focus, row["index"], mark=view.footnote(row["basis"])))
    if not profile.position.ranked:
        if value is None:
            return view.phrase("{unit} was assessed and is not ranked.", unit=unit)
        return view.phrase("{unit} has {value}; it is assessed and not ranked.", unit=unit, value=value)
    if not is_known(row["rank"]):
        return None if value is None else view.phrase("{unit} has {value}.", unit=unit, value=value)
    rank = view.wording.rank(view.rank(view.focus, row["rank"], view.footnote(row["rank_basis"])))
    if value is None:
        return view.phrase("{unit} is {rank} of {all} {units}.", unit=unit, rank=rank, all=view.n_ranked)
    return view.phrase("{unit} has {value} and is {rank} of {all} {units}.", unit=unit, value=value, rank=rank,
                       all=view.n_ranked)  # fmt: skip


def _from_mean(view: View, profile: Profile) -> Parts | None:
    whole = profile.areas.iloc[0]
    if not is_known(whole["index"]) or not is_known(whole["mean"]):
        return None
    gap = float(whole["index"]) - float(whole["mean"])
    size = view.difference(view.number(abs(gap), view.ref(view.focus), view.ref(), made="distance"))
    way = direction(gap)
    if way and not rounded(abs(view.scaled(gap)), view.decimals):
        return view.phrase("That is about the mean of all.")
    if way > 0:
        return view.phrase("That is {size} above the mean of all.", size=size)
    if way < 0:
        return view.phrase("That is {size} below the mean of all.", size=size)
    return view.phrase("That is the mean of all.")


def _in_cities(view: View, profile: Profile) -> Parts | None:
    place, n = place_in(view, profile.position.in_cities, "rank_in_cities")
    if place is None:
        return None
    of = view.wording.count(n, view.ref("group:cities", column="units"))
    return view.phrase("Among the {n} centrally-run cities it is {rank}.", n=of, rank=view.wording.rank(place))


def strong_and_weak(view: View, profile: Profile) -> list[Paragraph]:
    """The areas furthest above and below the mean, up to three of each, with those that tie with the last."""
    rows = profile.areas.iloc[1:]
    rows = rows[rows["index"].notna() & rows["mean"].notna()]
    rows = rows.assign(
        printed=[view.scaled(gap, str(node)) for node, gap in zip(rows["node"], rows["gap"], strict=True)]
    )
    order, most = rows.sort_values("printed", kind="stable"), min(WEAKEST, len(rows) // 2)
    if not most or order["printed"].iloc[most - 1] >= order["printed"].iloc[-most]:
        return []
    weak = order[order["printed"] <= order["printed"].iloc[most - 1]]
    strong = order[order["printed"] >= order["printed"].iloc[-most]].sort_values(
        "printed", ascending=False, kind="stable"
    )
    is_above, is_below = bool((order["printed"] > 0).all()), bool((order["printed"] < 0).all())
    if not is_above and not is_below:  # nothing below the mean is strong, nothing above it weak
        strong, weak = strong[strong["printed"] > 0], weak[weak["printed"] < 0]

    def named(some: pd.DataFrame) -> Parts:
        return view.wording.join([
            view.phrase("{area} ({gap})", area=view.node_name(str(row.node)),
                        gap=view.change(row.gap, view.ref(view.focus, str(row.node)), view.ref(node=str(row.node)),
                                        node=str(row.node)))
            for row in records(some)
        ])  # fmt: skip

    most_of = message("Compared with the mean, it is strongest in: {list}.")
    least_of = message("Compared with the mean, it is weakest in: {list}.")
    if is_above:
        most_of, least_of = message("Above the mean most in: {list}."), message("Above the mean least in: {list}.")
    if is_below:
        most_of, least_of = message("Below the mean least in: {list}."), message("Below the mean most in: {list}.")
    told = ((most_of, strong), (least_of, weak))
    return [view.item(msgid, list=named(some)) for msgid, some in told if len(some)]


# --- what moved it --------------------------------------------------------------------------------


def moved(view: View, profile: Profile) -> list[Block]:
    """What moved the unit since the year before: the largest parts, and its rank by own change and that of others;
    empty where nothing of it is known."""
    sentences = [block for make in (_largest_parts, _rank_moves) if (block := make(view, profile)) is not None]
    if not sentences:
        return []
    among = sets_differ(view, profile.change) if is_known(profile.change.get("places")) else ()
    return [Heading(view.say("What moved it"), 1, "moved", numbered=False), *sentences, *map(Note, among)]


def across_a_break(view: View, profile: Profile) -> Note | None:
    """That the change stands across a change of the scale."""
    is_shown = is_known(profile.change.get("change")) and bool(profile.change["break_mark"])
    return prose.scale_break(view) if is_shown else None


def others_before(view: View, profile: Profile) -> Paragraph | None:
    """Of how many units the change is known, where it is not of all: nothing says where this one stands among them."""
    known = str(profile.change.attrs.get("known", "")).partition("/")[0]
    is_said = bool(profile.change.attrs.get("both")) and is_known(profile.change.get("places"))
    if not is_known(profile.change.get("change")) or is_said or view.results.n_ranked in (None, int(known)):
        return None
    return view.sentence(
        "The change on {before} is known for {n}/{all} {units} only: it says nothing of the others.",
        n=view.of_both_years(int(known), "compared"),
        all=view.wording.count(view.results.n_ranked, view.ref(column="ranked")),
    )


def _largest_parts(view: View, profile: Profile) -> Paragraph | None:
    parts = profile.parts
    if parts.empty:
        return None
    known = parts[parts["contribution"].notna() & (parts["kind"] != "remainder")]
    if len(known) < (parts["kind"] != "remainder").sum():
        return None
    order = known["contribution"].abs().sort_values(ascending=False, kind="stable").index[:MOVED_MOST]
    items = [
        view.phrase("{part} ({value})", part=view.node_name(str(row.node)), value=contribution(view, row))
        for row in records(known.loc[order])
    ]
    listed = view.wording.join(items)
    return view.item("Largest parts of the change ({unit}): {list}.", list=listed, unit=view.unit_of_change)


def contribution(view: View, row: Record) -> Number:
    """What an area adds to the change of the whole; it is in what the index is printed in already."""
    before = view.results.year - 1
    refs = (view.ref(view.focus, str(row.node)), view.ref(view.focus, str(row.node), year=before))
    return view.wording.number(row.contribution, view.decimals, *refs, made="contribution", signed=True)


def _rank_moves(view: View, profile: Profile) -> Paragraph | None:
    moves = profile.moves
    if moves.empty or not is_known(moves.get("own")):
        return None
    refs = (view.ref(view.focus, column="rank"), view.ref(view.focus, column="rank", year=view.results.year - 1))
    halves = 0 if float(moves["own"]).is_integer() else 1

    def part(name: str, decimals: int) -> Number:
        cells = replace(refs[0], column=f"rank_{name}"), refs[1]
        return view.wording.number(float(moves[name]), decimals, *cells, made="contribution", signed=True)

    own, others = part("own", halves), part("others", halves)
    total = places_number(view, view.focus, moves["places"])
    sentence = view.phrase(
        "Places: {places}, of which its own change {own} and the change of the others {others}.",
        places=total,
        own=own,
        others=others,
    )
    return paragraph(sentence, role="item")


def from_then_to_now(view: View, profile: Profile) -> Paragraph | None:
    """The two ends of the bridge."""
    moved_, before = profile.change, view.results.year - 1
    if not is_known(moved_.get("change")) or not is_known(moved_.get("previous")):
        return None
    return view.sentence(
        "From {then} in {before} to {now} in {year}: {change}.",
        then=view.amount(view.number(moved_["previous"], view.ref(view.focus, year=before))),
        now=view.amount(view.value(view.focus, moved_["index"])),
        change=view.difference(view.change_of(view.focus, moved_["change"], before)),
    )


# --- ways up --------------------------------------------------------------------------------------


def ways(view: View, profile: Profile) -> list[Block]:
    """Cheap ways up; for the first what keeps it there; without the answers of a round, where the best are furthest
    away. Empty where nothing of it is known."""
    if profile.has_round and profile.ladder.kind == "first":
        return _first(view, profile)
    if profile.has_round and profile.ladder.kind:
        heading = Heading(_up(view, profile.ladder), 1, "up", numbered=False)
        stated = target(view, profile)
        if not profile.ladder.steps.empty:
            stated = (*stated, " ", *cost_rule(view, profile))
        return [heading, Paragraph(stated), *way_items(view, profile)]
    apart = _distances(view, profile) or _parts_behind(view, profile)
    followed = [followers] if (followers := _followers(view, profile)) is not None else []
    headed = [Heading(view.say("Where the best are furthest away"), 1, "up", numbered=False), *apart] if apart else []
    return [*followed, *headed]


def unknown(view: View, profile: Profile) -> Note | None:
    """One line, the last of a profile, on what it leaves out: a change on other units, before the mergers; and what is
    not published. A round knows all else."""
    if profile.has_round:
        return Note(view.before_mergers, role="missing") if view.before_mergers else None
    areas = profile.areas.iloc[1:]
    lacking = [view.say("the answers to the criteria, from which ways up follow")]
    if not areas["index"].notna().any():
        lacking.insert(0, view.say("the values by {area}"))
    if profile.parts.empty and not view.not_compared:
        lacking.insert(0, view.say("what moved the index since {before}"))
    if profile.position.tier is None and is_known(profile.position.row["rank"]):
        lacking.append(view.say("the errors from which the certainty of the rank follows"))
    told = view.say("Not published: {list}.", list="".join(str(part) for part in view.wording.join(lacking)))
    return Note(f"{view.before_mergers} {told}".lstrip(), role="missing")


def _first(view: View, profile: Profile) -> list[Block]:
    """Who follows the first most closely, and where it still loses points."""
    lost = records(profile.losses.leaves.head(WEAKEST)) if len(profile.losses.leaves) else []
    items = [
        view.phrase("{code} {name} ({points} points)", code=str(row.node), name=view.node_name(str(row.node)),
                    points=points(view, float(row.lost), str(row.node), made="lost"))
        for row in lost
    ]  # fmt: skip
    still = view.item("Points are still lost above all on: {list}.", list=view.wording.join(items))
    blocks = [_followers(view, profile), still if items else None]
    return [
        Heading(view.say("What keeps it first"), 1, "up", numbered=False),
        *(block for block in blocks if block is not None),
        Paragraph(target(view, profile)),
        *way_items(view, profile),
    ]


def _followers(view: View, profile: Profile) -> Paragraph | None:
    """The units right behind the first; ``None`` for all others, and where nothing is known of these."""
    row, ranking = profile.position.row, profile.position.ranking
    if not is_known(row["rank"]) or int(row["rank"]) != 1 or not is_known(row["index"]):
        return None
    behind = ranking[(ranking["rank"] > 1) & ranking["rank"].notna() & ranking["index"].notna()]
    behind = behind[behind["rank"] <= 1 + FOLLOWERS].sort_values("rank", kind="stable")
    items = []
    for other in records(behind):
        size = view.number(float(row["index"]) - float(other.index), view.ref(view.focus), view.ref(str(other.unit)),
                           made="distance")  # fmt: skip
        items.append(view.phrase("{unit} ({gap} apart)", unit=view.unit(str(other.unit)), gap=view.difference(size)))
    if not items:
        return None
    return view.item("Closest behind: {list}.", list=view.wording.join(items))


def _up(view: View, ladder: Ladder) -> str:
    """What the ways lead to: a way to a group or to an index need not raise the rank."""
    if ladder.kind == "band":
        return view.say("The cheapest ways to group {band}", band=ladder.band)
    return (
        view.say("The cheapest ways to a better index") if ladder.kind == "index" else view.say("The cheapest ways up")
    )


def _distances(view: View, profile: Profile) -> list[Block]:
    rows = profile.areas.iloc[1:]
    rows = rows[rows["index"].notna() & rows["best"].notna()]
    results: list[Block] = []
    behind = [view.scaled(gap, str(node)) for node, gap in zip(rows["node"], rows["behind"], strict=True)]
    rows = rows.assign(printed=behind).sort_values("printed", kind="stable")
    for row in records(rows[rows["printed"] < 0].head(WEAKEST)):
        results.append(Paragraph(_distance(view, row), "item"))
    return results


def _parts_behind(view: View, profile: Profile) -> list[Block]:
    """The parts of the index in which the unit has fewer points than the best, where no area is known."""
    parts = profile.components
    if parts.empty or any(len(view.maxima_of(str(node))) for node in parts["node"]):
        return []
    behind = parts[(parts["points"] < parts["best"]) & parts["mean"].notna()]
    behind = behind.assign(behind=behind["points"] - behind["best"]).sort_values("behind", kind="stable")
    results: list[Block] = []
    for row in records(behind):
        own, of = (view.ref(unit, str(row.node), "points") for unit in (view.focus, "*"))
        contents: dict[str, Content] = {
            "part": view.part_name(str(row.node).partition(":")[2]),
            "own": view.wording.number(row.points, 2, own),
            "best": view.wording.number(row.best, 2, of, made="maximum"),
        }
        way = direction(row.gap) if rounded(abs(row.gap), 2) else 0  # as it is printed
        if way:
            contents["gap"] = view.wording.number(abs(row.gap), 2, own, of, made="distance")
        told = {
            1: message("{part}: {own} points against {best}, the most of all; {gap} above the mean."),
            0: message("{part}: {own} points, the mean of all, against {best}, the most of all."),
            -1: message("{part}: {own} points against {best}, the most of all; {gap} below the mean."),
        }
        results.append(Paragraph(view.phrase(told[way], **contents), "item"))
    return results


def _distance(view: View, row: Record) -> Parts:
    node = str(row.node)
    own, best = view.ref(view.focus, node), view.ref(str(row.best_unit), node)
    return view.phrase(
        "{area}: {own} against {best} of {holder}, the best of all ({gap}).",
        area=view.node_name(node),
        own=view.value(view.focus, row.index, node),
        best=view.number(row.best, best, node=node, made="maximum"),
        holder=view.shared_units(str(row.best_units).split(";"), node),
        gap=view.change(row.behind, own, best, node=node),
    )


# --- the other sections ---------------------------------------------------------------------------


def areas(view: View, profile: Profile) -> Paragraph | None:
    """In how many areas the unit is above the mean."""
    rows = profile.areas.iloc[1:]
    rows = rows[rows["index"].notna() & rows["mean"].notna()]
    if rows.empty:
        return None
    above = int((rows["index"] > rows["mean"]).sum())
    above_mean, compared = (view.ref(view.focus, "*", f"areas_{what}") for what in ("above_mean", "compared"))
    if not above:
        n = view.wording.count(len(rows), compared)
        return view.sentence("None of the {n} {areas} is above the mean of all.", n=n)
    return view.sentence(
        "Above the mean of all in {n} of {all} {areas}.",
        n=view.wording.count(above, above_mean),
        all=view.wording.count(len(rows), compared),
    )


def measures(view: View, profile: Profile) -> str:
    """What units are alike by, in words."""
    words = {
        "home": view.say("region and kind"),
        "previous": view.say("index of {before}"),
        "areas": view.say("how the index is spread over the {areas}"),
    }
    return "".join(str(part) for part in view.wording.join(words[name] for name in profile.alike.measures))


def likeness(view: View, profile: Profile, what: str, value: float, unit: str = "*", decimals: int = 0) -> Number:
    """A number of the likeness to the unit in focus: a distance, a place by it, or how many were compared."""
    column = ":".join((what, view.focus, *profile.alike.measures))
    return view.wording.number(value, decimals, view.ref(unit, column=column), made="likeness")


def alike(view: View, profile: Profile) -> Paragraph:
    """Who is most like the unit, by what, and among how many."""
    result = profile.alike
    return view.sentence(
        "Most like {unit} by {measures}, of the {n} other {units} of which these are known: {list}.",
        unit=view.named(view.focus),
        measures=measures(view, profile),
        n=likeness(view, profile, "compared", result.n),
        list=view.wording.join([view.unit(str(key)) for key in result.units["unit"]]),
    )


def done_better(view: View, profile: Profile) -> list[Paragraph]:
    """In which areas those of them that stand higher do better, the largest distance first."""
    whole = view.values()
    higher = [str(key) for key in profile.alike.units["unit"] if whole[key] > whole[view.focus]]
    if not higher:
        first = whole[view.focus] >= whole.max()  # of whom that is no news
        return [] if first else [view.sentence("None of them stands higher.")]
    results = []
    for unit in higher:
        gaps = {node: view.results.values(node)[unit] - view.results.values(node)[view.focus]
                for node in view.nodes("area")}  # fmt: skip
        most = sorted((node for node in gaps if direction(gaps[node]) > 0), key=lambda node: -gaps[node])[:WEAKEST]
        items = [
            view.phrase("{area} ({gap})", area=view.node_name(node),
                        gap=view.change(gaps[node], view.ref(unit, node), view.ref(view.focus, node), node=node))
            for node in most
        ]  # fmt: skip
        if items:
            value = view.amount(view.value(unit, view.results.values()[unit]))
            listed = view.wording.join(items)
            parts = view.phrase("{unit} reaches {value}; it does better in: {list}.", unit=view.named(unit),
                                value=value, list=listed)  # fmt: skip
            results.append(Paragraph(parts, "item"))
    return results


def losses(view: View, profile: Profile) -> Paragraph | None:
    """How many points the unit lost, and how few criteria make up half of them."""
    result = profile.losses
    if not is_known(result.total) or result.total <= 0:
        return None
    shares = result.leaves["share"].cumsum()
    few = int((shares < 0.5).sum()) + 1
    contents: dict[str, Content] = {
        "unit": view.named(view.focus),
        "lost": points(view, result.total, made="lost"),
        "n": view.wording.count(len(result.leaves), view.ref(view.focus, "*", "leaves_lost")),
    }
    if view.focus in view.maxima_that_apply.index:  # what is lost is not what the index lacks to 100
        most = float(view.maxima_that_apply[view.focus])
        maximum = view.wording.number(most, 2, view.ref(view.focus, column="maximum"))
        sentence = view.phrase(
            "{unit} lost {lost} of the {maximum} points that apply to it, on {n} criteria.", maximum=maximum, **contents
        )
    else:
        sentence = view.phrase("{unit} lost {lost} points, on {n} criteria.", **contents)
    half = view.phrase("Half of that was lost on {n} of them.",
                       n=view.wording.count(few, view.ref(view.focus, "*", "leaves_half")))  # fmt: skip
    return paragraph(sentence, half if shares.notna().all() and few < len(result.leaves) else None)


def hidden(view: View, profile: Profile) -> Note | None:
    """The surveyed criteria whose points are not shown."""
    codes = profile.losses.hidden
    if not codes:
        return None
    return view.note(
        "The points of the surveyed criteria {list} are not shown: too few answers, or another could be worked out.",
        list="".join(str(part) for part in view.wording.join(codes)),
    )


def claims(view: View, profile: Profile) -> Paragraph | None:
    """What was claimed, granted, and how that compares with the others."""
    result = profile.losses
    whole = result.claims.iloc[0]
    sentence = view.phrase(
        "On the {n} criteria that it answers itself it claimed {claimed} points, had {appraised} after appraisal "
        "and was granted {granted} in the end; {over:claims} were lowered.",
        n=view.wording.count(int(whole["n"]), view.ref(view.focus, "*", "answered")),
        claimed=points(view, float(whole["claimed"]), "*", made="claimed"),
        appraised=points(view, float(whole["appraised"]), "*", made="appraised"),
        granted=points(view, float(whole["granted"]), "*", made="granted"),
        over=view.wording.count(int(whole["n_over"]), view.ref(view.focus, "*", "lowered")),
    )
    share = None
    if is_known(result.over_claiming) and is_known(result.mean_over_claiming):
        share = view.phrase(
            "Not granted: {own}% of the points claimed; the mean of all is {mean}%.",
            own=view.wording.number(result.over_claiming, 2, view.ref(view.focus, "*", "points"), made="share"),
            mean=view.wording.number(
                result.mean_over_claiming, 2, view.ref(node="*", column="points"), made="mean_share"
            ),
        )
    return paragraph(sentence, share)


def disagreements(view: View, profile: Profile) -> list[Block]:
    """Where another index places the unit differently by more than a quarter of the field."""
    apart = [other for other in profile.related if other.apart]
    if not apart:
        return []
    listed = "".join(str(part) for part in view.wording.join(replace(view, results=o.results).index for o in apart))
    return [
        view.note(
            "The rank in {list} differs by more than a quarter of the field. That is no contradiction: the indices "
            "measure different things, with different methods and on other people.",
            list=listed,
        )
    ]
