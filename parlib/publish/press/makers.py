"""Which cards a document gives: every maker takes the facts and gives a card or nothing, in order of news value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from parlib.publish.press import standing, subjects
from parlib.publish.press.card import Card
from parlib.publish.press.facts import Facts

HOW_MANY = 10

#: A new card is one function and one line here.
MAKERS: tuple[Callable[[Facts], Card | None], ...] = (
    subjects.unit,
    standing.result,
    standing.top,
    standing.bottom,
    subjects.province_map,
    standing.bands,
    standing.rises,
    standing.movers,
    standing.climbers,
    subjects.regions,
    subjects.areas,
    subjects.losses,
    subjects.satisfaction,
    subjects.claims,
    subjects.certainty,
    subjects.tiers,
    standing.distribution,
    subjects.area_leaders,
    subjects.parts,
    standing.roster,
    subjects.region_change,
    subjects.part_leaders,
    standing.coverage,
    subjects.change_map,
    subjects.history,
    standing.round_run,
    subjects.published_firsts,
    subjects.checks,
)


def cards(facts: Facts) -> list[Card]:
    """The first ten cards that have numbers. A year known in part tells early what is known of it."""
    order = list(MAKERS)
    if facts.is_partial:
        order.remove(standing.coverage)
        order.insert(order.index(standing.movers), standing.coverage)
    found: list[Card] = []
    for maker in order:
        card = maker(facts)
        if card is not None:
            found.append(_explained(card, facts))
        if len(found) == HOW_MANY:
            break
    return found


def _explained(card: Card, facts: Facts) -> Card:
    """A card with the footnotes of the raised letters on it."""
    marks = sorted({number.mark for number in card.numbers() if number.mark})
    notes = dict.fromkeys(facts.footnote(mark) for mark in marks)
    more = tuple((note,) for note in notes if note and (note,) not in card.notes)
    return replace(card, notes=(*more, *card.notes)) if more else card
