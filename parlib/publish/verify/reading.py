"""How verification reads a block: its texts and sentences, printed numbers, whose a number is; and what it finds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from parlib.analysis.checks import Finding
from parlib.data_tables import indices, levels
from parlib.report.blocks import MINUS, Block, Figure, Number, Paragraph, Table, Tiles, Wording
from parlib.words import Message

Parts = Sequence[str | Number]
PLAIN = re.compile(r"-?\d+(\.\d+)?", re.ASCII)  # a number without signs of thousands
GAP = "\0"  # where a number stands in a text
WRITTEN = re.compile(rf"(?<![\w.,])([+{MINUS}-]|)(\d+(?:[.,]\d+)?)(?!\w|[.,]\d)")  # a number in a text of a figure


# --- numbers --------------------------------------------------------------------------------------


def printed(text: str, wording: Wording) -> Decimal | None:
    """A number as it is printed, with its decimals; ``None`` where the text is none. The words for none are zero."""
    group, sign = wording.signs
    plain = text.replace(group, "").replace(sign, ".").replace(MINUS, "-").removeprefix("+")
    if PLAIN.fullmatch(plain):
        return Decimal(plain)
    return Decimal(0) if text.lower() in (wording.nothing[0], wording.say("none")) else None


def written(text: str) -> list[tuple[float, int]]:
    """The numbers in a text of a figure, of whatever decimal sign, each with its decimals; thousands have no sign."""
    results = []
    for sign, digits in WRITTEN.findall(text):
        value = Decimal(digits.replace(",", "."))
        results.append((float(-value if sign in (MINUS, "-") else value), decimals(value)))
    return results


def decimals(number: Decimal) -> int:
    """How many decimals a printed number has."""
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def units_of(number: Number) -> set[str]:
    """The units that a number is of, one by one."""
    return {ref.unit for ref in number.refs if ref.unit not in ("*", "") and ":" not in ref.unit}


def in_percent(index_name: str) -> bool:
    """Whether an index is printed as a percentage; the others are printed in points."""
    return bool(indices().get(index_name, {}).get("unit", "percent") == "percent")


def scale(index_name: str) -> str:
    """The column that an index is printed from."""
    return str(indices().get(index_name, {}).get("column", "index"))


def calls(text: str, index_name: str) -> bool:
    """Whether a text calls an index by one of its names or by its key."""
    row = indices().get(index_name, {})
    names = {index_name, *(str(row.get(f"name_{language}", index_name)) for language in ("vi", "en"))}
    return re.search(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", text, re.IGNORECASE) is not None


def levels_called(text: str, language: str) -> frozenset[str]:
    """The levels that a text calls by the words for their units."""
    wording, folded = Wording(language), text.casefold()
    names = {level: (wording.units(level), wording.all_units(level)) for level in levels()}
    return frozenset(level for level, told in names.items() if any(name.casefold() in folded for name in told))


# --- texts ----------------------------------------------------------------------------------------


def gapped(parts: Iterable[str | Number]) -> str:
    """All text of a sentence, a gap for each number."""
    return "".join(GAP if isinstance(part, Number) else part for part in parts)


def joined(parts: Iterable[str | Number]) -> str:
    """A sentence as it is printed."""
    return "".join(part if isinstance(part, str) else part.text for part in parts)


def beside(parts: Parts, place: int) -> tuple[str, str]:
    """The text between a place of a sentence and the number before, and up to the next number."""
    before, after = gapped(parts[:place]), gapped(parts[place + 1 :])
    return before.rpartition(GAP)[2], after.partition(GAP)[0]


def short(text: str) -> str:
    """The first words of a text: where a number stands."""
    return f"{text[:60]}…" if len(text) > 60 else text


def name_of(block: Block) -> str:
    """What a block is called in findings: its name, else its caption or its first words."""
    return str(getattr(block, "name", "") or getattr(block, "caption", "") or short(block.plain_text()))


def texts(block: Block) -> Iterator[tuple[str, Parts]]:
    """What a block says, each text by itself after the word of what it is: note, text, caption, alternative, source,
    sentence, label and detail of a key figure, title, group and unit of a column, cell."""
    yield from (("note", (text,)) for text in getattr(block, "notes", ()))
    yield from ((kind, (text,)) for kind in ("text", "caption", "alternative", "source")
                if (text := getattr(block, kind, "")))  # fmt: skip
    if isinstance(block, Paragraph):
        yield "sentence", block.parts
    elif isinstance(block, Figure):
        yield "sentence", block.finding
    elif isinstance(block, Tiles):
        for tile in block.tiles:
            yield from (("label", (tile.label,)), ("detail", (f"{tile.unit} ", *tile.detail)))
    elif isinstance(block, Table):
        for column in block.columns:
            yield from (("title", (column.title,)), ("group", (column.group,)), ("unit", (column.unit,)))
        yield from (("cell", (cell,)) for row in block.rows for cell in row.values() if isinstance(cell, str))


def sentences(block: Block) -> Iterator[tuple[Parts, str]]:
    """The sentences of a block with their numbers, a key figure as one, each with where it stands."""
    if isinstance(block, Paragraph):
        yield block.parts, short(block.plain_text())
    elif isinstance(block, Figure):
        yield block.finding, short(block.title)
    elif isinstance(block, Tiles):
        for tile in block.tiles:
            parts = (f"{tile.label}: ", tile.number, f"{tile.unit} ", *tile.detail)
            yield parts, f"{block.name}: {tile.label}"


# --- findings -------------------------------------------------------------------------------------


def wrong(check: str, where: str, message: Message, **compared: float) -> Finding:
    """A finding: what is wrong where, and the numbers that were compared."""
    return Finding(check, False, where, tuple(compared.items()), message)


def about(check: str, where: str, number: Number, message: Message) -> Finding:
    """A finding on one number."""
    value = {} if number.value is None else {"value": number.value}
    return wrong(check, f"{where}: {number.text}", message, **value)
