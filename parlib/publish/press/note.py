"""The one-page note: findings, first five, method, what is not known; a document of its own, as PDF and as Word."""

from __future__ import annotations

from io import BytesIO

from parlib.publish.document import Document, Numbering
from parlib.publish.page import template
from parlib.publish.press.kinds import Card, Facts, known, plain
from parlib.report.blocks import Block, Column, Heading, Note, Number, Paragraph, Table, Title

FINDINGS = 6
_SECTIONS = ("unit", "result", "change", "regions", "areas", "losses", "claims", "round")
_FIRST = {"result": 4, "unit": 3}  # how many a section gives before the next has its turn
_LONGEST = 420  # letters: a finding that is longer is a list, and stands in the report
_SIZES = (12.5, 11.5, 10.5, 9.5, 8.5, 8.0)  # points of the letters of the PDF
_SCALE = 0.77  # of the letters of the Word template


def note(facts: Facts, draft: bool = False) -> Document:
    """The note of a report; as a ``draft`` for an editor it has a quote to be filled in."""
    words = facts.words
    method = words.text("method_par" if words.index_name == "par" else "method_other")
    shown: list[Block] = [Heading(words.text("findings"), 2, numbered=False), *_findings(facts)]
    if first := [row for rank, row, _ in facts.ranked() if rank <= 5][:6]:
        columns = (
            Column("rank", words.text("rank"), "rank"),
            Column("unit", words.text("unit")),
            Column("index", words.index, "number", unit=facts.index_unit),
        )
        rows = tuple({key: row.get(key, "…") for key in ("rank", "unit", "index")} for row in first)
        shown.append(Table(columns, rows, words.text("top_five"), name="top-five"))
    shown += [Heading(words.text("method"), 2, numbered=False), Paragraph((f"{method} {words.text('method_ranks')}",))]
    shown.append(Heading(words.text("unknown"), 2, numbered=False))
    shown += (Paragraph((line,), role="item") for line in _unknown(facts))
    contact = facts.house.contact
    lines = (
        words.text("quote") if draft else "",
        words.text("contact_at", contact=contact) if contact else words.text("contact"),
        facts.source,
        ". ".join(facts.about),
    )
    shown += [Paragraph((line,)) for line in lines if line]
    shown += [Note(mark, "warning") for mark in facts.marks]  # at the end too: what is copied carries them
    title = Title(
        facts.title.text, words.text("note"), (words.text("dated"), words.text("embargo")), facts.marks, contents=False
    )
    numbering = Numbering()
    return Document(facts.document.language, title, tuple(map(numbering.placed, shown)))


def _findings(facts: Facts) -> list[Paragraph]:
    """The report's leads and items that hold numbers, of its main sections first."""
    results: list[Paragraph] = []
    leads = [block for block in facts.blocks if isinstance(block, Paragraph) and block.role == "lead"]
    told = [anchor for anchor in _SECTIONS if _is_news(facts, anchor)]
    sections = [[block for block in facts.paragraphs(anchor) if block.role != "lead"] for anchor in told]
    first = [block for anchor, blocks in zip(told, sections, strict=True) for block in blocks[: _FIRST.get(anchor, 1)]]
    for block in (*leads, *first, *(block for blocks in sections for block in blocks)):
        item = Paragraph(block.parts, role="item")
        bound = any(isinstance(part, Number) for part in block.parts)
        if bound and item not in results and len(block.plain_text()) <= _LONGEST and not _is_list(block):
            results.append(item)
    return results[:FINDINGS]


def _is_news(facts: Facts, anchor: str) -> bool:
    """Whether a section tells of all units or areas, and not of the few that are known."""
    if anchor == "change":
        return facts.moved is not None
    return anchor != "areas" or facts.knows_all_areas


def _is_list(block: Paragraph) -> bool:
    """Whether a paragraph names units with their ranks, as the table of the note does."""
    return sum(isinstance(part, Number) and part.made == "rank" for part in block.parts) > 2


def _unknown(facts: Facts) -> list[str]:
    """What the report says is not known or not comparable; that all is known, where nothing is missing."""
    names: list[str] = []
    if facts.is_partial:
        names.append(facts.partial_note)
    elif facts.coverage:
        names.append(facts.words.text("all_known"))
    for block in facts.blocks:
        if isinstance(block, Note) and block.role in ("break", "warning") and block.text not in names:
            names.append(block.text)
    changes = facts.table("ranking", "change")
    moved = sum(1 for row in changes.rows if known(row, "change")) if changes else 0
    if changes and (facts.n_ranked is None or moved != facts.n_ranked.value):
        names.append(facts.words.text("known_only_note"))
    for block in facts.paragraphs("result"):
        if block.role == "body" and not any(isinstance(part, Number) for part in block.parts):
            names.append(block.plain_text())
    return names[:4]


def pdf(document: Document) -> bytes:
    """The note as a PDF of one page: the letters become smaller until it fits."""
    from weasyprint import HTML

    written = template("note.html.j2")
    for size in _SIZES:
        page = HTML(string=written.render(note=document, size=size)).render()
        if len(page.pages) == 1:
            break
    return bytes(page.write_pdf(pdf_variant="pdf/ua-1"))


def docx(document: Document) -> bytes:
    """The note as a Word document of the house; equal notes give equal bytes."""
    from parlib.publish import word

    stream = BytesIO()
    word.write_document(document, stream, word.templates.path(), _SCALE)
    return stream.getvalue()


# --- texts ----------------------------------------------------------------------------------------
# README.txt of the kit: how to use it, and for each card its caption, ready to post; and what each card says, for those
# who cannot see it.


def text(facts: Facts, cards: list[Card]) -> str:
    """README.txt, with line ends that every editor knows."""
    words = facts.words
    lines = [*_top(facts, "readme"), *(words.text(key) for key in ("use_png", "use_svg", "use_note"))]
    lines.append(words.text("use_alternatives"))
    if facts.marks:
        lines.append(words.text("use_marks"))
    lines += ["", f"{words.text('pictures')}: {len(cards)}", ""]
    for n, card in enumerate(cards, 1):
        lines += [_named(n, card), f"{words.text('caption')}: {caption(card, facts)}", ""]
    return "\r\n".join(lines)


def alternatives(facts: Facts, cards: list[Card]) -> str:
    """alternative-texts.txt: what each card says, for those who cannot see it."""
    lines = _top(facts, "alternatives")
    for n, card in enumerate(cards, 1):
        lines += [_named(n, card), " ".join((*facts.marks, card.alternative)), ""]
    return "\r\n".join(lines)


def _top(facts: Facts, title: str) -> list[str]:
    partial = [facts.partial_note] if facts.is_partial else []
    return [facts.words.text(title).upper(), facts.title.text, "", *facts.marks, *partial, ""]


def _named(n: int, card: Card) -> str:
    """A card in a list, by what its files begin with."""
    return f"[{n:02d}] cards/{n:02d}-{card.name}"


def caption(card: Card, facts: Facts) -> str:
    """What to post with a card: the marks, the finding, how much is known, the source."""
    partial = [facts.partial_note] if facts.is_partial else []
    finding = plain(card.headline)
    return " ".join([*facts.marks, finding if finding.endswith(".") else f"{finding}.", *partial, card.source]).strip()
