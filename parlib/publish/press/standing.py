"""Cards on who stands where: the result, first and last, groups, rises and falls, the whole table, what is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any

from parlib.publish.press.card import (
    Bar,
    Bars,
    Card,
    Dots,
    Entry,
    Figure,
    Figures,
    Group,
    Groups,
    Roster,
    Sentences,
)
from parlib.publish.press.facts import Facts, Row, column_of, known, styled, text_of
from parlib.report.blocks import Number, Tile, Tiles
from parlib.report.views import NAMED
from parlib.report.wording import Parts

FEW = 5  # how many units a card names at each end


def result(facts: Facts) -> Card | None:
    """The year in large numbers: the report's own key figures, else mean, first, last and the distance."""
    words, figures = facts.words, []
    mean, spread = facts.statistic("mean"), facts.statistic("range")
    if mean:
        figures.append(Figure(words.text("mean"), facts.amount(mean), words.basis(mean)))
    for label, wanted in (("first", _firsts(facts)), ("last", _lasts(facts))):
        units, value = wanted
        if units and value:
            figures.append(Figure(words.text(label), value, words.names(units)))
    if spread:
        figures.append(Figure(words.text("spread"), facts.amount(spread, facts.change_unit), words.basis(spread)))
    above, total = facts.statistic("n_above_mean"), facts.n_ranked
    if above and total:
        figures.append(Figure(words.text("above_mean"), (above, "/", total), (words.units,)))
    if len(figures) < 2:
        return _tiles(facts)
    if mean:
        headline = words.mean(mean, facts.index_unit)
    elif spread:
        headline = words.spread(facts.amount(spread, facts.change_unit))
    else:
        headline = words.first(*_firsts(facts))
    return _card(facts, "result", headline, Figures(tuple(figures[:5])))


def _tiles(facts: Facts) -> Card | None:
    """The first key figures that the report shows, under the name that they have there."""
    for block in facts.blocks:
        if isinstance(block, Tiles) and len(block.tiles) > 1:
            figures = tuple(map(_figure, block.tiles[:5]))
            return _card(facts, "result", (block.caption.rstrip("."),), Figures(figures))
    return None


def _figure(tile: Tile) -> Figure:
    unit = tile.unit if tile.unit.startswith(("%", "/")) or not tile.unit else f" {tile.unit}"
    return Figure(tile.label, (tile.number, unit) if unit else (tile.number,), tile.detail)


def top(facts: Facts) -> Card | None:
    """The first five."""
    rows = [(rank, row, strong) for rank, row, strong in facts.ranked() if rank <= FEW]
    units, value = _firsts(facts)
    if len(rows) < 3 or not units:
        return None
    return _card(facts, "top-five", facts.words.first(units, value), _ranked_bars(facts, rows), partial=True)


def bottom(facts: Facts) -> Card | None:
    """The last five: those whose rank is known, by the ranks among all."""
    total = facts.n_ranked
    if total is None or total.value is None or total.value < 2 * FEW:
        return None
    rows = [(rank, row, strong) for rank, row, strong in facts.ranked() if rank > total.value - FEW]
    units, value = _lasts(facts)
    if len(rows) < 2 or not units:
        return None
    return _card(facts, "bottom-five", facts.words.last(units, value), _ranked_bars(facts, rows), partial=True)


def bands(facts: Facts) -> Card | None:
    """The groups of the year; the headline names the best that has a unit."""
    table, total = facts.table("bands", "band", "n"), facts.n_ranked
    if table is None or total is None:
        return None
    groups = []
    for row in table.rows:
        n = row.get("n")
        if isinstance(n, Number):
            groups.append(Group(text_of(row, "band"), n, text_of(row, "units")))
    best = next((group for group in groups if group.n.value != 0), None)
    if best is None or len(groups) != len(table.rows):
        return None
    headline = facts.words.band(best.n, total, best.name)
    return _card(facts, "groups", headline, Groups(tuple(groups)), source=table.source, partial=True)


def rises(facts: Facts) -> Card | None:
    """How many rose and fell, where the year's statistics say so."""
    rose, fell = facts.statistic("n_rose"), facts.statistic("n_fell")
    if rose is None or fell is None or rose.value is None or fell.value is None:
        return None
    words = facts.words
    figures = [Figure(words.text("rose"), (rose,), (words.units,)), Figure(words.text("fell"), (fell,), (words.units,))]
    for column in ("largest_rise", "largest_fall"):
        if change := facts.statistic(column):
            figures.append(Figure(words.text(column), facts.amount(change, facts.change_unit), _named(facts, change)))
    told = (block.parts for block in facts.paragraphs("overall") if _is_of_years(block.parts, rose, fell))
    notes = (*tuple(told)[:1], *_break(facts))
    return _card(facts, "rises", words.rose_and_fell(rose, fell), Figures(tuple(figures)), notes=notes)


def _is_of_years(parts: Parts, *wanted: Number) -> bool:
    """Whether a sentence counts units over two years and holds the numbers: it says what is unclear."""
    found = {number.text for number in _numbers(parts) if len({ref.year for ref in number.refs}) > 1}
    return {number.text for number in wanted} <= found


def _named(facts: Facts, statistic: Number) -> Parts:
    """The unit that the table of statistics names beside a number."""
    table = facts.table("statistics", "value", "unit")
    rows = table.rows if table else ()
    name = next((text_of(row, "unit") for row in rows if row.get("value") == statistic), "")
    return (name,) if name else ()


def movers(facts: Facts) -> Card | None:
    """Who rose and fell most since the year before."""
    table = facts.table("change", "unit", "change")
    rows = _sorted(table.rows if table else (), "change")
    if table is None or len(rows) < 3 or not _half_of(facts, rows):
        return None
    words, unit = facts.words, column_of(table, "change").unit
    first = rows[0]
    change = known(first, "change")
    assert change is not None and change.value is not None
    tell: Callable[[Parts, Parts, bool], Parts] = words.rose_most if change.value > 0 else words.fell_least
    headline = tell(_shared(facts, rows, "change"), facts.amount(change, unit), _all_of(facts, rows))
    return _card(
        facts,
        "movers",
        headline,
        Bars(tuple(_change_bar(row, "change", (), facts.amount) for row in _ends(rows, "change"))),
        notes=(*_among(facts, rows), *_break(facts)),
        source=table.source,
    )


def climbers(facts: Facts) -> Card | None:
    """Whose rank moved most."""
    table = facts.table("ranking", "unit", "places", "rank", "previous_rank")
    rows = _sorted(table.rows if table else (), "places")
    rows = [row for row in rows if known(row, "rank") and known(row, "previous_rank")]
    first = known(rows[0], "places") if rows else None
    if (
        table is None
        or len(rows) < FEW
        or not _half_of(facts, rows)
        or first is None
        or not first.value
        or first.value <= 1
    ):
        return None
    headline = facts.words.climbed_most(_shared(facts, rows, "places"), first, _all_of(facts, rows))
    bars = []
    for row in _ends(rows, "places"):
        before, after = row["previous_rank"], row["rank"]
        bars.append(_change_bar(row, "places", (before, " → ", after), lambda number, _: (number,)))
    return _card(facts, "climbers", headline, Bars(tuple(bars)), notes=(*_among(facts, rows), *_in_both(facts, rows)),
                 source=table.source)  # fmt: skip


def _in_both(facts: Facts, rows: list[Row]) -> tuple[Parts, ...]:
    """That places are moved among the units ranked in both years, where the ranks beside them are among others too."""

    def differs(row: Row) -> bool:
        moved, now, then = (known(row, key) for key in ("places", "rank", "previous_rank"))
        return bool(moved and now and then and moved.value != (then.value or 0) - (now.value or 0))

    return ((facts.words.text("in_both"),),) if any(map(differs, rows)) else ()


def distribution(facts: Facts) -> Card | None:
    """Every unit as a dot, with the mean; only where the index of all is known."""
    mean, above, total = facts.statistic("mean"), facts.statistic("n_above_mean"), facts.n_ranked
    rows = [(number, row) for _, row, _ in facts.ranked() if (number := known(row, "index"))]
    if mean is None or above is None or total is None or len(rows) != total.value:
        return None
    content = Dots(
        tuple(number for number, _ in rows),
        _end_of(facts, rows, min),
        _end_of(facts, rows, max),
        (facts.words.text("mean"), facts.amount(mean)),
        mean.value,
    )
    return _card(facts, "distribution", facts.words.above_mean(above, total), content)


def _end_of(facts: Facts, rows: list[tuple[Number, Row]], end: Callable[[Iterable[float]], float]) -> tuple[str, Parts]:
    """All that have the lowest or the highest value, where they are few enough to be named; and the value."""
    extreme = end(round(number.value or 0.0, 9) for number, _ in rows)
    there = [(number, row) for number, row in rows if round(number.value or 0.0, 9) == extreme]
    names = facts.words.names(text_of(row, "unit") for _, row in there)
    return "".join(map(str, names)) if len(there) <= NAMED else "", facts.amount(there[0][0])


def roster(facts: Facts) -> Card | None:
    """Every unit with rank and index; of a partial year, those known, with the ranks published."""
    if facts.ranking is None or facts.n_ranked is None:
        return None
    rows = [(row, strong) for row, strong in styled(facts.ranking) if known(row, "rank") or known(row, "index")]
    if len(rows) < 6 or len(rows) > 70:
        return None
    entries = tuple(
        Entry(row.get("rank", ""), text_of(row, "unit"), row.get("index", "…"), strong) for row, strong in rows
    )
    words = facts.words
    headline = words.known_ranks() if facts.is_partial else words.whole_table(facts.n_ranked)
    return _card(facts, "ranking", headline, Roster(entries), partial=True)


def coverage(facts: Facts) -> Card | None:
    """Of how many units what is known; only where not all is."""
    table = facts.table("coverage", "what", "n")
    if table is None:
        return None
    rows = [(text_of(row, "what"), number) for row in table.rows if (number := known(row, "n"))]
    shown = [(what, number) for what, number in rows if number.value]
    if len({number.value for _, number in shown}) < 2 or facts.n_ranked is None:
        return None
    if facts.is_partial and facts.coverage:
        headline = facts.words.known_table(*facts.coverage)
    else:
        headline = facts.words.unranked(facts.n_ranked)
    bars = tuple(Bar(what, (number,), number.value) for what, number in shown)
    lists = [block for block in facts.paragraphs("overall") if block.role == "body" and not _numbers(block.parts)]
    notes = tuple((text,) for block in lists if len(text := block.plain_text()) < 240)
    return _card(facts, "coverage", headline, Bars(bars), notes=notes[:1], partial=True)


def round_run(facts: Facts) -> Card | None:
    """How the round was run, in the words of the report."""
    found = [block.parts for block in facts.paragraphs("round") if _numbers(block.parts)]
    if not found:
        return None
    forms = facts.table("forms", "group", "n")
    if forms is None:
        return _card(facts, "round", _sentence(found[0]), Sentences(tuple(found[1:4]))) if found[1:] else None
    bars = tuple(Bar(text_of(row, "group"), (n,), n.value) for row in forms.rows if (n := known(row, "n")))
    title = ((0, facts.words.text("survey")),)
    return _card(facts, "round", _sentence(found[-1]), Bars(bars[:7], titles=title), source=forms.source)


# --- what the cards share -------------------------------------------------------------------------


def _card(
    facts: Facts, name: str, headline: Parts, content: Any, *, notes: tuple[Parts, ...] = (), source: str = "",
    partial: bool = False,
) -> Card:  # fmt: skip
    """A card with the source of the report; ``partial`` says below it where only some units are known."""
    if partial and facts.is_partial:
        notes = (*notes, (facts.partial_note,))
    return Card(name, headline, content, notes, source or facts.source)


def _firsts(facts: Facts) -> tuple[list[str], Parts]:
    """The units of the first rank, and their index where it is known."""
    return _at(facts, [(row) for rank, row, _ in facts.ranked() if rank == 1])


def _lasts(facts: Facts) -> tuple[list[str], Parts]:
    """The units of the last rank of all, where it is known who they are: a shared last place counts from its first."""
    total = facts.n_ranked
    rows = list(facts.ranked())
    last = max((rank for rank, _, _ in rows), default=0)
    tied = [row for rank, row, _ in rows if rank == last]
    if total is None or not last or last + len(tied) - 1 != total.value:
        return [], ()
    return _at(facts, tied)


def _at(facts: Facts, rows: list[Row]) -> tuple[list[str], Parts]:
    value = known(rows[0], "index") if rows else None
    return [text_of(row, "unit") for row in rows], facts.amount(value) if value else ()


def _ranked_bars(facts: Facts, rows: list[tuple[int, Row, bool]]) -> Bars:
    bars = []
    for _, row, strong in rows[: FEW + 2]:
        number, rank = row.get("index", "…"), row["rank"]
        value = known(row, "index")
        parts = facts.amount(value) if value else (number,)
        bars.append(Bar(text_of(row, "unit"), parts, value.value if value else None, (rank,), strong=strong))
    return Bars(tuple(bars), 100.0 if facts.index_unit == "%" else _largest(facts))


def _largest(facts: Facts) -> float:
    """The largest index of all: what bars of points are drawn against."""
    return max((number.value or 0.0 for _, row, _ in facts.ranked() if (number := known(row, "index"))), default=0.0)


def _change_bar(row: Row, key: str, detail: Parts, amount: Callable[[Number, str], Parts]) -> Bar:
    number = known(row, key)
    assert number is not None
    return Bar(text_of(row, "unit"), amount(number, ""), number.value, detail=detail)


def _sorted(rows: Any, key: str) -> list[Row]:
    """The rows where ``key`` is known, the largest first, equal ones in their order."""
    found = [(number.value, row) for row in rows if (number := known(row, key))]
    return [row for _, row in sorted(found, key=itemgetter(0), reverse=True)]


def _ends(rows: list[Row], key: str) -> list[Row]:
    """Eight rows of a sorted list: the largest rises, and up to four of the largest falls."""
    if len(rows) <= 8:
        return rows
    up = [row for row in rows if _way(row, key) > 0]
    down = [row for row in rows if _way(row, key) < 0]
    if up and down:
        n_down = min(4, len(down))
        return [*up[: 8 - n_down], *down[-n_down:]]
    return up[:8] or [*rows[:4], *rows[-4:]]


def _way(row: Row, key: str) -> float:
    number = known(row, key)
    return number.value if number and number.value else 0.0


def _all_of(facts: Facts, rows: list[Row]) -> bool:
    total = facts.n_ranked
    return total is not None and total.value is not None and len(rows) >= total.value


def _half_of(facts: Facts, rows: list[Row]) -> bool:
    """Whether the rows are at least half of the ranked units: what is known of fewer makes no card."""
    total = facts.n_ranked
    return total is not None and total.value is not None and 2 * len(rows) >= total.value


def _shared(facts: Facts, rows: list[Row], key: str) -> Parts:
    """The units that share the first value of a sorted list."""
    most = round(_way(rows[0], key), 9)
    return facts.words.names(text_of(row, "unit") for row in rows if round(_way(row, key), 9) == most)


def _among(facts: Facts, rows: list[Row]) -> tuple[Parts, ...]:
    return () if _all_of(facts, rows) else ((facts.words.text("known_only"),),)


def _break(facts: Facts) -> tuple[Parts, ...]:
    """The line that the set of criteria changed, where the report says so."""
    said = any(getattr(block, "role", "") == "break" for block in facts.blocks)
    return ((facts.words.text("scale_break"),),) if said else ()


def _numbers(parts: Parts) -> list[Number]:
    return [part for part in parts if isinstance(part, Number)]


def _sentence(parts: Parts) -> Parts:
    """A sentence as a headline: without its full stop."""
    *head, last = parts
    return (*head, last.rstrip(".")) if isinstance(last, str) else parts
