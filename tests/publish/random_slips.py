"""Slips by chance: any number, name or word that a document prints, changed as a tired hand or a broken line would.

``slips(block, names, rng)`` gives changed copies of a block, each with what was done; a change that prints the same is
none. The same seed gives the same slips.
"""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from parlib.report.blocks import MINUS, Block, Figure, Heading, Note, Number, Paragraph, Table, Tiles, Wording

Put = Callable[[Any], Block]
Units = Mapping[str, frozenset[str]]  # the units that have a name
#: Words that stand for each other's opposite, or for another measure.
OPPOSITES = {
    "vi": (("tăng", "giảm"), ("Tăng", "Giảm"), ("cao hơn", "thấp hơn"), ("cao nhất", "thấp nhất"),
           ("Cao nhất", "Thấp nhất"), ("lớn nhất", "nhỏ nhất"), ("nhiều nhất", "ít nhất"),
           ("nổi trội nhất", "hạn chế nhất"), ("rộng nhất", "hẹp nhất"), ("điểm %", "bậc"),
           ("trên trung bình", "dưới trung bình"), ("trên mức trung bình", "dưới mức trung bình"),
           ("đứng đầu", "xếp cuối"), ("tốt nhất", "kém nhất")),
    "en": (("rose", "fell"), ("rise", "fall"), ("rises", "falls"), ("up", "down"), ("higher", "lower"),
           ("highest", "lowest"), ("Highest", "Lowest"), ("largest", "smallest"), ("most", "least"),
           ("strongest", "weakest"), ("widest", "narrowest"), ("best", "worst"), ("first", "last"), ("above", "below"),
           ("percentage points", "places")),
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Slip:
    """A block with one thing changed."""

    kind: str
    told: str  # what was there and what stands there now
    block: Block


def slips(block: Block, names: Units, language: str, rng: random.Random) -> Iterator[Slip]:
    """One slip of every kind that a block has room for, at places drawn by ``rng``."""
    wording = Wording(language)  # type: ignore[arg-type]
    at_numbers, at_texts = list(_numbers(block)), list(_texts(block))
    valued = [(number, put) for number, put in at_numbers if number.value is not None]
    for kind, change in _OF_NUMBERS.items():
        if valued:
            number, put = rng.choice(valued)
            changed = change(number, wording, rng)
            if changed is not None and changed.text != number.text:
                yield Slip(kind, f"{number.made} {number.text} -> {changed.text}", put(changed))
    for where, some in (("", at_texts), (" in a cell", list(_cells(block)) if isinstance(block, Table) else [])):
        for kind, how in _OF_TEXTS.items():
            fitting = [(text, put, new) for text, put in some for new in how(text, names, language, rng) if new != text]
            if fitting:
                text, put, new = rng.choice(fitting)
                yield Slip(f"{kind}{where}", f"{text!r} -> {new!r}", put(new))
    if isinstance(block, Table):
        yield from _of_table(block, rng)
    if isinstance(block, Figure):
        yield from _of_figure(block, rng)


def _numbers(block: Block) -> Iterator[tuple[Number, Put]]:
    """The numbers of a block, each with the way to put another one in its place."""
    if isinstance(block, Paragraph):
        for place, part in enumerate(block.parts):
            if isinstance(part, Number):
                yield part, lambda new, p=place: dataclasses.replace(block, parts=_with(block.parts, p, new))
    elif isinstance(block, Table):
        for row, cells in enumerate(block.rows):
            for key, cell in cells.items():
                if isinstance(cell, Number):
                    yield cell, lambda new, r=row, k=key: cell_changed(block, r, k, new)
    elif isinstance(block, Tiles):
        for place, tile in enumerate(block.tiles):
            if isinstance(tile.number, Number):
                yield tile.number, lambda new, p=place: _tile(block, p, number=new)
            for at, part in enumerate(tile.detail):
                if isinstance(part, Number):
                    yield part, lambda new, p=place, a=at, t=tile: _tile(block, p, detail=_with(t.detail, a, new))


def _texts(block: Block) -> Iterator[tuple[str, Put]]:
    """The texts of a block, each with the way to put another one in its place."""
    fields = {Heading: ("text",), Note: ("text",), Figure: ("caption", "alternative"), Table: ("caption",)}
    for field in fields.get(type(block), ()):
        yield getattr(block, field), lambda new, f=field: dataclasses.replace(block, **{f: new})
    for place, note in enumerate(getattr(block, "notes", ())):
        yield note, lambda new, p=place: dataclasses.replace(block, notes=_with(block.notes, p, new))  # type: ignore[attr-defined]
    if isinstance(block, Paragraph):
        for place, part in enumerate(block.parts):
            if isinstance(part, str):
                yield part, lambda new, p=place: dataclasses.replace(block, parts=_with(block.parts, p, new))
    if isinstance(block, Table):
        for place, column in enumerate(block.columns):
            yield column.title, lambda new, p=place: _column(block, p, title=new)
            yield column.group, lambda new, p=place: _column(block, p, group=new)
            yield column.unit, lambda new, p=place: _column(block, p, unit=new)
    if isinstance(block, Tiles):
        for place, tile in enumerate(block.tiles):
            yield tile.label, lambda new, p=place: _tile(block, p, label=new)
            yield tile.unit, lambda new, p=place: _tile(block, p, unit=new)
            for at, part in enumerate(tile.detail):
                if isinstance(part, str):
                    yield part, lambda new, p=place, a=at, t=tile: _tile(block, p, detail=_with(t.detail, a, new))


def _cells(table: Table) -> Iterator[tuple[str, Put]]:
    """The text cells of a table, each with the way to put another one in its place."""
    for row, cells in enumerate(table.rows):
        for key, cell in cells.items():
            if isinstance(cell, str):
                yield cell, lambda new, r=row, k=key: cell_changed(table, r, k, new)


def _with(parts: Sequence[Any], place: int, new: object) -> tuple[Any, ...]:
    return (*parts[:place], new, *parts[place + 1 :])


def cell_changed(table: Table, row: int, key: str, new: str | Number) -> Table:
    """A table with another cell."""
    return dataclasses.replace(table, rows=_with(table.rows, row, table.rows[row] | {key: new}))


def _column(table: Table, place: int, **change: str) -> Table:
    changed = dataclasses.replace(table.columns[place], **change)  # type: ignore[arg-type]
    return dataclasses.replace(table, columns=_with(table.columns, place, changed))


def _tile(tiles: Tiles, place: int, **change: Any) -> Tiles:
    changed = dataclasses.replace(tiles.tiles[place], **change)
    return dataclasses.replace(tiles, tiles=_with(tiles.tiles, place, changed))


# --- numbers --------------------------------------------------------------------------------------


def _as_text(number: Number, value: float, wording: Wording, decimals: int | None = None) -> Number:
    shown = len(number.text.partition(",")[2] or number.text.partition(".")[2]) if decimals is None else decimals
    text = wording.format(value, shown, number.text[:1] in ("+", MINUS))
    return dataclasses.replace(number, value=value, text=text)


def _size(text: str) -> str:
    return text.lstrip(f"+{MINUS}")


def _digit(number: Number, wording: Wording, rng: random.Random) -> Number | None:
    """Another digit in the text alone."""
    del wording
    places = [place for place, sign in enumerate(number.text) if sign.isdigit()]
    if not places:  # a zero in words
        return None
    place = rng.choice(places)
    other = rng.choice([digit for digit in "0123456789" if digit != number.text[place]])
    return dataclasses.replace(number, text=number.text[:place] + other + number.text[place + 1 :])


def _off(number: Number, wording: Wording, rng: random.Random) -> Number | None:
    """Text and value are those of another number: a little more or less."""
    if "/" in number.text or number.value is None:
        return None
    whole = not re.search(r"[.,]", number.text)
    by = rng.choice((-2.0, -1.0, 1.0, 3.0)) if whole else rng.choice((-0.5, -0.02, 0.01, 0.3, 4.0))
    return _as_text(number, number.value + by, wording)


def _sign(number: Number, wording: Wording, rng: random.Random) -> Number | None:
    """The other sign, where one is printed."""
    del rng
    if number.value is None or number.text[:1] not in ("+", MINUS):
        return None
    return _as_text(number, -number.value, wording)


def _shifted(number: Number, wording: Wording, rng: random.Random) -> Number | None:
    """The decimal sign one place on."""
    if "/" in number.text or number.value is None:
        return None
    return _as_text(number, number.value * rng.choice((0.1, 10.0)), wording)


def _cut(number: Number, wording: Wording, rng: random.Random) -> Number | None:
    """The last digit cut off, not rounded."""
    del rng
    decimals = len(number.text.partition(",")[2] or number.text.partition(".")[2])
    cut = number.text[:-1].rstrip(".,")
    if number.value is None or not decimals or _size(cut) == _size(wording.format(number.value, decimals - 1)):
        return None  # cut is rounded, too
    return dataclasses.replace(number, text=cut)


_OF_NUMBERS: dict[str, Callable[[Number, Wording, random.Random], Number | None]] = {
    "a digit": _digit, "a little off": _off, "a sign": _sign, "a decimal place": _shifted, "cut": _cut,
}  # fmt: skip


# --- texts ----------------------------------------------------------------------------------------


def _years(text: str, names: Units, language: str, rng: random.Random) -> Iterator[str]:
    """Another year."""
    del names, language
    for match in re.finditer(r"(?<![\d/.,-])20[12]\d(?![\d/-])", text):
        yield text[: match.start()] + str(int(match[0]) - rng.choice((3, 5))) + text[match.end() :]


def _digits(text: str, names: Units, language: str, rng: random.Random) -> Iterator[str]:
    """Another digit in a number with decimals, or a number of two digits."""
    del names, language
    for match in re.finditer(r"(?<![\d/.,Q_-])\d{2,3}[.,]\d{2}(?![\d/])", text):
        place = match.start() + rng.choice((0, 1))
        other = rng.choice([digit for digit in "123456789" if digit != text[place]])
        yield text[:place] + other + text[place + 1 :]


def _opposites(text: str, names: Units, language: str, rng: random.Random) -> Iterator[str]:
    """The opposite word."""
    del names, rng
    for one, other in OPPOSITES[language]:
        for old, new in ((one, other), (other, one)):
            for match in re.finditer(rf"(?<!\w){old}(?!\w)", text):
                yield text[: match.start()] + new + text[match.end() :]


def _names(text: str, names: Units, language: str, rng: random.Random) -> Iterator[str]:
    """The name of another unit."""
    del language
    for name in names:
        if name in text:
            yield text.replace(
                name, rng.choice([one for one in sorted(names) if not names[one] & names[name] and one not in name]), 1
            )


_OF_TEXTS: dict[str, Callable[[str, Sequence[str], str, random.Random], Iterator[str]]] = {
    "another year": _years, "a digit in a text": _digits, "the opposite word": _opposites, "another name": _names,
}  # fmt: skip


# --- tables and figures ---------------------------------------------------------------------------


def _of_table(table: Table, rng: random.Random) -> Iterator[Slip]:
    if len(table.rows) < 2:
        return
    one, other = sorted(rng.sample(range(len(table.rows)), 2))
    rows = table.rows
    for kind, wanted in (("two cells changed over", Number), ("two names changed over", str)):
        keys = [key for key, cell in rows[one].items() if isinstance(cell, wanted) and key in rows[other]
                and isinstance(rows[other][key], wanted)]  # fmt: skip
        if keys:
            key = rng.choice(keys)
            a, b = rows[one][key], rows[other][key]
            if _shown(a) != _shown(b):
                changed = cell_changed(cell_changed(table, one, key, b), other, key, a)
                yield Slip(kind, f"{key}: {_shown(a)} <-> {_shown(b)}", changed)
    numeric = [key for key, cell in rows[one].items() if isinstance(cell, Number) and cell.value is not None]
    if len(numeric) > 1:
        key, to = rng.sample(numeric, 2)
        a, b = rows[one][key], rows[one][to]
        if _shown(a) != _shown(b):
            changed = cell_changed(cell_changed(table, one, key, b), one, to, a)
            yield Slip("two columns changed over", f"{key}, {to}: {_shown(a)} <-> {_shown(b)}", changed)


def _shown(cell: str | Number) -> str:
    return cell.text if isinstance(cell, Number) else cell


def _of_figure(figure: Figure, rng: random.Random) -> Iterator[Slip]:
    drawn = [(key, row) for key, cells in figure.data.items() for row, cell in enumerate(cells)
             if isinstance(cell, int | float) and not isinstance(cell, bool) and cell == cell]  # fmt: skip
    if drawn:
        key, row = rng.choice(drawn)
        cell = figure.data[key][row]
        new = cell + rng.choice((-3, -1, 1, 2)) * (1 if isinstance(cell, int) else 0.37)
        yield Slip("a value drawn", f"{figure.name} {key}[{row}]: {cell} -> {new}", _drawn(figure, key, row, new))
    names = figure.data.get("name", [])
    if len(names) > 1 and "unit" in figure.data:
        one, other = rng.sample(range(len(names)), 2)
        if names[one] != names[other]:
            changed = _drawn(_drawn(figure, "name", one, names[other]), "name", other, names[one])
            yield Slip("two names drawn", f"{figure.name}: {names[one]} <-> {names[other]}", changed)


def _drawn(figure: Figure, key: str, row: int, new: object) -> Figure:
    cells = list(figure.data[key])
    cells[row] = new
    return dataclasses.replace(figure, data=figure.data | {key: cells})
