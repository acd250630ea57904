"""The cards that a report gives: declared by the table each is drawn from, its columns, its order and its headline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

from parlib.publish.press.card import Card, Line, Lines, Picture
from parlib.publish.press.facts import Facts, Row, column_of, known, styled, text_of
from parlib.report.blocks import Number, Tile, Tiles
from parlib.report.wording import Parts

FEW = 5  # how many units the card of the first names
_AT_LEAST = 3  # lines that make a card of bars
_MOVED, _FELL = 8, 4  # how many who moved are shown, and how many of them at most fell
_IN_A_TABLE = range(6, 71)  # units that fit a table of all


@dataclass(frozen=True)
class Kind:
    """A card as it is declared.

    ``name``      names its files
    ``make``      which of the makers below makes it
    ``source``    the table of the report that it is drawn from, or the figures, the first that there is
    ``label``     the column of names
    ``value``     the column of values
    ``headline``  the key of its headline in ``press_words.HEADLINES``
    """

    name: str
    make: Callable[[Facts, Kind], Card | None]
    source: tuple[str, ...] = ()
    label: str = ""
    value: str = ""
    headline: str = ""


def cards(facts: Facts) -> list[Card]:
    """The cards for which the report has the numbers, in order of news value."""
    made = (kind.make(facts, kind) for kind in KINDS)
    return [_explained(card, facts) for card in made if card is not None]


def _explained(card: Card, facts: Facts) -> Card:
    """A card with its source, and the footnotes of the raised letters on it."""
    marks = sorted({number.mark for number in card.numbers() if number.mark})
    notes = dict.fromkeys(facts.footnote(mark) for mark in marks)
    more = tuple((note,) for note in notes if note and (note,) not in card.notes)
    return replace(card, notes=(*more, *card.notes), source=card.source or facts.source)


# --- makers: a card, or nothing where the report does not have what it tells ----------------------


def _result(facts: Facts, kind: Kind) -> Card | None:
    """The year in large numbers: mean, first, last and the distance, else the key figures of the report."""
    words, figures = facts.words, []
    mean, spread = facts.statistic("mean"), facts.statistic("range")
    if mean:
        figures.append(Line(words.text("mean"), facts.amount(mean), detail=words.basis(mean)))
    for label, (units, value) in (("first", _firsts(facts)), ("last", _lasts(facts))):
        if units and value:
            figures.append(Line(words.text(label), value, detail=words.names(units)))
    distance = facts.amount(spread, facts.change_unit) if spread else ()
    if spread:
        figures.append(Line(words.text("spread"), distance, detail=words.basis(spread)))
    above, total = facts.statistic("n_above_mean"), facts.n_ranked
    if above and total:
        figures.append(Line(words.text("above_mean"), (above, "/", total), detail=(words.units,)))
    if len(figures) < 2:
        return _key_figures(facts, kind)
    if mean:
        headline = words.mean(mean, facts.index_unit)
    elif spread:
        headline = words.headline("spread", value=distance)
    else:
        headline = words.first(*_firsts(facts))
    return Card(kind.name, headline, Lines("figures", tuple(figures[:5])))


def _key_figures(facts: Facts, kind: Kind) -> Card | None:
    """The first key figures that the report shows, under the name that they have there."""
    for block in facts.blocks:
        if isinstance(block, Tiles) and len(block.tiles) > 1:
            figures = tuple(map(_figure, block.tiles[:5]))
            return Card(kind.name, (block.caption.rstrip("."),), Lines("figures", figures))
    return None


def _figure(tile: Tile) -> Line:
    unit = tile.unit if tile.unit.startswith(("%", "/")) or not tile.unit else f" {tile.unit}"
    return Line(tile.label, (tile.number, unit) if unit else (tile.number,), detail=tile.detail)


def _first_ranks(facts: Facts, kind: Kind) -> Card | None:
    """The units of the first ranks, in order; those whose value is not known have no bar."""
    rows = [(row, strong) for rank, row, strong in facts.ranked() if rank <= FEW]
    units, value = _firsts(facts)
    if len(rows) < _AT_LEAST or not units:
        return None
    bars = []
    for row, strong in rows[: FEW + 2]:
        number = known(row, kind.value)
        parts = facts.amount(number) if number else (row.get(kind.value, "…"),)
        length = _value(number) if number else None
        bars.append(Line(text_of(row, kind.label), parts, (row["rank"],), (), length, strong))
    values = [_value(number) for _, row, _ in facts.ranked() if (number := known(row, kind.value))]
    longest = 100.0 if facts.index_unit == "%" else max(values, default=0.0)
    return Card(kind.name, facts.words.first(units, value), Lines("bars", tuple(bars), longest), _partial(facts))


def _largest(facts: Facts, kind: Kind) -> Card | None:
    """Rows from the largest value on; only where that of all is known: the highest of some is not the highest."""
    table = facts.table(kind.source[0], kind.label, kind.value)
    rows = _sorted(table.rows if table else (), kind.value)
    if table is None or len(rows) < _AT_LEAST or len(rows) != len(table.rows):
        return None
    unit = column_of(table, kind.value).unit
    bars = tuple(Line(text_of(row, kind.label), facts.amount(n, unit), value=n.value) for n, row in rows)
    notes = [(note,) for note in table.notes if note not in facts.marks and not note.startswith("…")]
    names, value = facts.words.names(_shared(rows, kind.label)), facts.amount(rows[0][0], unit)
    headline = facts.words.headline(kind.headline, names=names, value=value)
    longest = 100.0 if unit == "%" else 0.0
    return Card(kind.name, headline, Lines("bars", bars, longest), tuple(notes[:1]), table.source)


def _moved(facts: Facts, kind: Kind) -> Card | None:
    """The largest rises and falls; what is known of fewer than half of the units makes no card."""
    table = facts.table(kind.source[0], kind.label, kind.value)
    rows = _sorted(table.rows if table else (), kind.value)
    total = facts.n_ranked.value if facts.n_ranked else None
    if table is None or len(rows) < _AT_LEAST or total is None or 2 * len(rows) < total:
        return None
    whole = len(rows) >= total
    first = rows[0][0]
    key = ("rose" if _value(first) > 0 else "fell_least") + ("" if whole else "_known")
    value = facts.amount(first, column_of(table, kind.value).unit)
    headline = facts.words.headline(key, names=facts.words.names(_shared(rows, kind.label)), value=value)
    bars = tuple(Line(text_of(row, kind.label), (n,), value=n.value) for n, row in _ends(rows))
    wanted = {"known_only": not whole, "scale_break": any(getattr(b, "role", "") == "break" for b in facts.blocks)}
    notes = tuple((facts.words.text(note),) for note, is_so in wanted.items() if is_so)
    return Card(kind.name, headline, Lines("bars", bars), notes, table.source)


def _all_units(facts: Facts, kind: Kind) -> Card | None:
    """Every unit with rank and value; of a partial year, those known, with the ranks published."""
    if facts.ranking is None or facts.n_ranked is None:
        return None
    rows = [pair for pair in styled(facts.ranking) if known(pair[0], "rank") or known(pair[0], kind.value)]
    if len(rows) not in _IN_A_TABLE:
        return None
    lines = tuple(
        Line(
            text_of(row, kind.label),
            (row.get(kind.value, "…"),),
            (row["rank"],) if row.get("rank") else (),
            strong=strong,
        )
        for row, strong in rows
    )
    say = facts.words.headline
    headline = say("known_ranks") if facts.is_partial else say(kind.headline, value=(facts.n_ranked,))
    return Card(kind.name, headline, Lines("table", lines), _partial(facts))


def _pictured(facts: Facts, kind: Kind) -> Card | None:
    """A figure of the report as it is."""
    figure = facts.figure(*kind.source)
    if figure is None:
        return None
    notes = tuple((note,) for note in figure.notes if note not in facts.marks)
    return Card(kind.name, (figure.caption,), Picture(figure.png_bytes, figure.alternative), notes, figure.source)


#: The cards in order of news value. A new one is one row.
KINDS = (
    Kind("result", _result),
    Kind("top-five", _first_ranks, ("ranking",), "unit", "index"),
    Kind("map", _pictured, ("map_bands", "map_quarters")),
    Kind("movers", _moved, ("ranking",), "unit", "change"),
    Kind("regions", _largest, ("regions",), "region", "mean", "best_region"),
    Kind("ranking", _all_units, ("ranking",), "unit", "index", "whole_table"),
)


# --- what the makers share ------------------------------------------------------------------------


def _partial(facts: Facts) -> tuple[Parts, ...]:
    """That only some units are known, where it is so."""
    return ((facts.partial_note,),) if facts.is_partial else ()


def _firsts(facts: Facts) -> tuple[list[str], Parts]:
    """The units of the first rank, and their index where it is known."""
    return _at(facts, [row for rank, row, _ in facts.ranked() if rank == 1])


def _lasts(facts: Facts) -> tuple[list[str], Parts]:
    """The units of the last rank of all, where it is known who they are: a shared last place counts from its first."""
    total = facts.n_ranked
    rows = list(facts.ranked())
    last = max((rank for rank, _, _ in rows), default=0)
    tied = [row for rank, row, _ in rows if rank == last]
    if total is None or not last or last + len(tied) - 1 != total.value:
        return [], ()
    return _at(facts, tied)


def _at(facts: Facts, rows: Sequence[Row]) -> tuple[list[str], Parts]:
    value = known(rows[0], "index") if rows else None
    return [text_of(row, "unit") for row in rows], facts.amount(value) if value else ()


def _sorted(rows: Sequence[Row], key: str) -> list[tuple[Number, Row]]:
    """The rows where ``key`` is known, with its number, the largest first, equal ones in their order."""
    found = [(_value(number), number, row) for row in rows if (number := known(row, key))]
    return [(number, row) for _, number, row in sorted(found, key=itemgetter(0), reverse=True)]


def _shared(rows: Sequence[tuple[Number, Row]], label: str) -> list[str]:
    """The names of all that share the first value of a sorted list."""
    most = round(_value(rows[0][0]), 9)
    return [text_of(row, label) for number, row in rows if round(_value(number), 9) == most]


def _ends(rows: list[tuple[Number, Row]]) -> list[tuple[Number, Row]]:
    """Eight rows of a sorted list: the largest rises, and up to four of the largest falls."""
    up = [pair for pair in rows if _value(pair[0]) > 0]
    down = [pair for pair in rows if _value(pair[0]) < 0]
    if len(rows) <= _MOVED:
        return rows
    if up and down:
        n_down = min(_FELL, len(down))
        return [*up[: _MOVED - n_down], *down[-n_down:]]
    return up[:_MOVED] or [*rows[:_FELL], *rows[-_FELL:]]


def _value(number: Number) -> float:
    assert number.value is not None
    return number.value
