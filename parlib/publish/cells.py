"""The cells of tables as numbers for others to reckon with: exact, with their decimals, and with what they rest on.

The workbook and the open data are both written from these, so that a cell of one is the cell of the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from parlib.numerals import rounded
from parlib.publish.document import Document
from parlib.report.blocks import Column, Number, Ref, Table
from parlib.report.columns import words_of_columns
from parlib.report.measures import MARKS
from parlib.report.wording import UNKNOWN, Wording

Cell = str | Number | None
Value = float | str | bool | None  # of the data of a figure

#: Marks that make a number anything but official, by the key that file names and rows carry.
_LOUD = {"simulated": "simulated", "illustrative_scheme": "illustrative"}
MOST_DECIMALS = 9


def exact(value: float) -> float:
    """``value`` as points are compared: to nine decimals, without a minus nought."""
    return round(float(value), MOST_DECIMALS) + 0.0


def plain_number(value: float) -> str:
    """``value`` to nine decimals with a decimal dot, as short as it goes and never with an exponent."""
    return np.format_float_positional(exact(value), trim="-")


def value_of(cell: Cell) -> float | None:
    """The number in a cell; ``None`` for text, a range and what is not known."""
    return exact(cell.value) if isinstance(cell, Number) and cell.value is not None else None


def text_of(cell: Cell) -> str:
    """What a cell says where it is no number: text, or a range; "" for what is not known."""
    if isinstance(cell, Number):
        return "" if cell.value is not None or cell.text == UNKNOWN else cell.text
    return "" if cell is None or cell == UNKNOWN else cell


def is_unknown(cell: Cell, column: Column) -> bool:
    """Whether the number that belongs into a cell is not known. Empty text is no gap."""
    if isinstance(cell, Number):
        return cell.value is None and not text_of(cell)
    return cell == UNKNOWN or (cell is None and column.format != "text")


def decimals_of(number: Number, default: int) -> int:
    """With how many decimals ``number`` is printed; ``default`` where its text does not tell."""
    if number.value is None:
        return default
    digits = re.sub(r"\D", "", number.text)
    tried: tuple[int, ...] = (default, *range(MOST_DECIMALS + 1))
    for decimals in tried:
        if re.sub(r"\D", "", f"{rounded(abs(number.value), decimals):f}") == digits:
            return decimals
    return default


def is_whole(cells: Sequence[Cell]) -> bool:
    """Whether every number in a column of cells is a whole one."""
    values = [value for cell in cells if (value := value_of(cell)) is not None]
    return bool(values) and all(value.is_integer() for value in values)


def refs_of(row: dict[str, str | Number]) -> Iterator[Ref]:
    """The cells of index tables that the numbers of a row came from."""
    for cell in row.values():
        if isinstance(cell, Number):
            yield from cell.refs


def column_cells(table: Table, column: Column) -> list[Cell]:
    """The cells of a column, top to bottom."""
    return [row.get(column.key) for row in table.rows]


def loud_marks(document: Document) -> tuple[str, ...]:
    """What a document rests on that makes its numbers anything but official: "simulated", "illustrative".

    A mark of its title that is none of these stands for itself.
    """
    say = Wording(document.language).say
    keys = {say(sentence): mark for mark, sentence in MARKS.items()}
    return tuple(_LOUD.get(keys.get(mark, ""), mark) for mark in document.title.marks)


def column_titles(document: Document) -> dict[str, str]:
    """The titles of the columns of all tables by their keys, the first of each."""
    found: dict[str, str] = {}
    for item in document.items:
        if isinstance(item.block, Table):
            for column in item.block.columns:
                found.setdefault(column.key, column.title)
    return found


def plain_value(value: object) -> Value:
    """A value of a figure's data as a cell holds it: number, text, or ``None`` for what is not known."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return None if value != value else (value if isinstance(value, int) else exact(value))
    return str(value)


def figure_columns(document: Document, data: Mapping[str, Sequence[object]]) -> dict[str, list[Value]]:
    """The data of a figure as columns of one length: names first, keys last, between them as tables have them."""
    titles = [
        *words_of_columns("vi"),
        *column_titles(document).values(),
    ]  # lower bounds before upper ones, areas as listed
    order = {title: place for place, title in reversed(list(enumerate(titles)))}
    first = ("rank", "name", "node", "code", "year")
    last = ("unit", "region", "group", "item", "factor")  # keys: for joining, not for reading
    given = list(data)

    def place(key: str) -> tuple[int, int, int]:
        if key in first:
            return 0, first.index(key), 0
        if key in last and not ("name" not in data and key == "unit"):
            return 3, last.index(key), 0
        return (2, int(key), 0) if key.isdigit() else (1, order.get(key, len(titles)), given.index(key))

    longest = max((len(values) for values in data.values()), default=0)
    return {
        key: [plain_value(value) for value in data[key]] + [None] * (longest - len(data[key]))
        for key in sorted(given, key=place)
    }
