"""README.txt of the kit: how to use it, and for each card its caption, ready to post, and its alternative text."""

from __future__ import annotations

from parlib.publish.press.card import Card, plain
from parlib.publish.press.facts import Facts


def text(facts: Facts, cards: list[Card]) -> str:
    """The file as text, with line ends that every editor knows."""
    words = facts.words
    lines = [words.text("readme").upper(), facts.title.text, "", *facts.marks]
    if facts.is_partial:
        lines.append(facts.partial_note)
    lines += ["", *(words.text(key) for key in ("use_png", "use_svg", "use_note"))]
    if facts.marks:
        lines.append(words.text("use_marks"))
    lines += ["", f"{words.text('pictures')}: {len(cards)}", ""]
    for n, card in enumerate(cards, 1):
        lines += [
            f"[{n:02d}] cards/{n:02d}-{card.name}.png, .svg",
            f"{words.text('caption')}: {caption(card, facts)}",
            f"{words.text('alternative')}: {' '.join([*facts.marks, card.alternative])}",
            "",
        ]
    return "\r\n".join(lines)


def caption(card: Card, facts: Facts) -> str:
    """What to post with a card: the marks, the finding, how much is known, the source."""
    partial = [facts.partial_note] if facts.is_partial else []
    finding = plain(card.headline)
    return " ".join([*facts.marks, finding if finding.endswith(".") else f"{finding}.", *partial, card.source]).strip()
