"""Random slips in the blocks of a report, drawn by a seed: a digit, a misprint, a sign, a unit of measure, a bar."""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Sequence

from parlib.presentation.blocks import Block, Figure, Number, Paragraph, Table, Tiles
from parlib.presentation.wording import Wording

Part = str | Number
MEASURES = ("điểm %", "%", "điểm", "bậc")
KINDS = ("a digit", "a misprint", "a sign", "a measure")


def slip(block: Block, kind: str, chance: random.Random, wording: Wording) -> Block | None:
    """``block`` with one slip of a kind; ``None`` where the kind does not fit what was drawn."""
    if isinstance(block, Paragraph):
        parts = _in_parts(block.parts, kind, chance, wording)
        return dataclasses.replace(block, parts=parts) if parts else None
    if isinstance(block, Tiles):
        at = chance.randrange(len(block.tiles))
        tile = block.tiles[at]
        number = _number(tile.number, kind, chance, wording) if isinstance(tile.number, Number) else None
        made = [*block.tiles]
        made[at] = dataclasses.replace(tile, number=number or tile.number)
        return dataclasses.replace(block, tiles=tuple(made)) if number else None
    if isinstance(block, Table):
        return _in_table(block, kind, chance, wording)
    return _in_figure(block, chance) if isinstance(block, Figure) and kind == "a digit" else None


def _number(number: Number, kind: str, chance: random.Random, wording: Wording) -> Number | None:
    places = [found.start() for found in re.finditer(r"\d", number.text)]
    if number.value is None or not places:
        return None
    if kind == "a misprint":
        at = chance.choice(places)
        digit = str((int(number.text[at]) + chance.randint(1, 9)) % 10)
        return dataclasses.replace(number, text=number.text[:at] + digit + number.text[at + 1 :])
    plain, slash, rest = number.text.partition("/")
    decimals, signed = len(plain.partition(",")[2]), plain[:1] in "+−"
    value = -number.value
    if kind == "a digit":
        value = number.value + chance.choice((1, 2, -1, -3)) * 10.0 ** -chance.randint(0, decimals)
    elif not signed or not re.search("[1-9]", plain):
        return None
    text = wording.format(value, decimals, signed)
    same = text.lstrip("+−") == plain.lstrip("+−") and (kind == "a digit" or text[:1] == plain[:1])
    return None if same else dataclasses.replace(number, value=value, text=text + slash + rest)


def _in_parts(parts: Sequence[Part], kind: str, chance: random.Random, wording: Wording) -> tuple[Part, ...] | None:
    changed = list(parts)
    places = [place for place, part in enumerate(parts) if isinstance(part, Number)]
    if not places:
        return None
    at = chance.choice(places)
    number, after = parts[at], parts[at + 1] if at + 1 < len(parts) else ""
    if kind == "a measure":
        found = re.match(rf"\s?({'|'.join(MEASURES)})(?!\w)", after) if isinstance(after, str) else None
        if not found:
            return None
        other = chance.choice([one for one in MEASURES if one != found[1]])
        changed[at + 1] = f" {other}{str(after)[found.end() :]}"
        return tuple(changed)
    assert isinstance(number, Number)
    made = _number(number, kind, chance, wording)
    changed[at] = made or number
    return tuple(changed) if made else None


def _in_table(table: Table, kind: str, chance: random.Random, wording: Wording) -> Table | None:
    rows = [dict(row) for row in table.rows]
    cells = [(place, key) for place, row in enumerate(rows) for key, cell in row.items() if isinstance(cell, Number)]
    if not cells or kind == "a measure":
        return None
    place, key = chance.choice(cells)
    number = rows[place][key]
    assert isinstance(number, Number)
    made = _number(number, kind, chance, wording)
    rows[place][key] = made or number
    return dataclasses.replace(table, rows=tuple(rows)) if made else None


def _in_figure(figure: Figure, chance: random.Random) -> Figure | None:
    cells = {key: list(values) for key, values in figure.data.items()}
    places = [(key, row) for key, values in cells.items() for row, cell in enumerate(values) if isinstance(cell, float)]
    if not places:
        return None
    key, row = chance.choice(places)
    cells[key][row] += chance.choice((0.013, 0.31, 1.07, -1.09))
    return dataclasses.replace(figure, data=cells)
