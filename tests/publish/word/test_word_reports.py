"""Real reports in Word: every number and every word of every block stands in the document, exactly as printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
import nbformat
import pytest
from docx.oxml.ns import qn

from parlib.publish import document, word
from parlib.publish.render import Rendered
from parlib.report import blocks as b

pytestmark = pytest.mark.report

REPORTS = (
    "ministry",
    "round",
    *(pytest.param(name, marks=pytest.mark.long) for name in ("ministry-en", "province", "papi")),
)
Line = str | list[list[str]]
NARROW = "\u00a0"
CONTINUED = re.compile(r"\w+ \d+ \((tiếp theo|continued)\)\. ")


@dataclass(frozen=True)
class Written:
    """A report, what it shows, and its document of Word."""

    rendered: Rendered
    shown: document.Document
    path: Path


@pytest.fixture(scope="module", params=REPORTS)
def written(
    request: pytest.FixtureRequest,
    whole_report: Callable[[str], Rendered],
    tmp_path_factory: pytest.TempPathFactory,
) -> Written:
    rendered = whole_report(request.param)
    notebook = nbformat.read(rendered.files["ipynb"], as_version=4)
    shown = document.document(notebook, rendered.parameters.language)
    path = tmp_path_factory.mktemp("word") / "report.docx"
    word.write_document(shown, path)
    return Written(rendered, shown, path)


def _text(element: Any) -> str:
    return "".join(match.text or "" for match in element.iter(qn("w:t")))


def _printed(part: str | b.Number) -> str:
    return part if isinstance(part, str) else part.text + part.mark


def _lines(path: Path) -> Iterator[Line]:
    """The texts of the paragraphs, and the cells of the tables, in order; empty lines and contents left out."""
    for element in docx.Document(str(path)).element.body:
        if element.tag == qn("w:tbl"):
            rows = [row for row in element.iter(qn("w:tr")) if row.find(f".//{qn('w:tblHeader')}") is None]
            yield [[_text(cell) for cell in row.iter(qn("w:tc"))] for row in rows]
        elif element.tag == qn("w:p") and _text(element):
            yield _text(element)


def _as_laid(shown: document.Document, lines: list[Line]) -> list[document.Item]:
    """The blocks in order, a table before the figure that it follows where the document has it so."""
    items = list(shown.items)
    for n, (one, other) in enumerate(pairwise(items)):
        pair = isinstance(one.block, b.Figure) and isinstance(other.block, b.Table)
        if pair and lines.index(shown.caption(other)) < lines.index(shown.caption(one)):
            items[n], items[n + 1] = other, one
    return items


def _expected(shown: document.Document, items: list[document.Item]) -> Iterator[Line]:
    """What the blocks say, in the order of a document of Word."""
    for item in items:
        block = item.block
        if isinstance(block, b.Heading | b.Note):
            yield block.plain_text()
        elif isinstance(block, b.Paragraph):
            yield "".join(map(_printed, block.parts))
        elif isinstance(block, b.Table):
            yield shown.caption(item)
            yield [[_printed(row.get(column.key, "…")) for column in block.columns] for row in block.rows]
        elif isinstance(block, b.Figure):
            yield shown.caption(item)
        elif isinstance(block, b.Tiles):
            yield from _rows_of_tiles(block)
        if isinstance(block, b.Table | b.Figure):
            yield from filter(None, [" ".join([*block.notes, block.source]).strip()])


def _rows_of_tiles(tiles: b.Tiles) -> Iterator[Line]:
    """Key figures as one table: at most five in a row, rows of equal length, the last filled up with nothing."""
    units = [(NARROW if tile.unit[:1].isalpha() else "") + tile.unit.replace(" ", NARROW) for tile in tiles.tiles]
    cells = [
        tile.label + _printed(tile.number) + unit + "".join(map(_printed, tile.detail))
        for tile, unit in zip(tiles.tiles, units, strict=True)
    ]
    across = next(n for n in (len(cells), (len(cells) + 1) // 2) if n <= 5)
    yield [(cells[n : n + across] + [""] * across)[:across] for n in range(0, len(cells), across)]


def _joined(lines: list[Line], expected: list[Line]) -> list[Line]:
    """``lines`` with the parts of a wide table put together again, the columns that each repeats taken once."""
    results: list[Line] = []
    parts: dict[int, list[list[list[str]]]] = {}
    goes_on = False
    for line in lines:
        if isinstance(line, str):
            goes_on = bool(CONTINUED.match(line))
            results += [] if goes_on else [line]
        elif goes_on:
            parts[len(results) - 1].append(line)
        else:
            results.append(line)
            parts[len(results) - 1] = [line]
    for place, several in parts.items():
        wanted = expected[place] if place < len(expected) else ""
        if len(several) > 1 and isinstance(wanted, list):
            lead = (sum(len(part[0]) for part in several) - len(wanted[0])) // (len(several) - 1)
            rows = zip(*several, strict=True)
            results[place] = [[*row[0], *(cell for more in row[1:] for cell in more[lead:])] for row in rows]
    return results


def test_every_number_and_word_is_there_as_printed(written: Written) -> None:
    lines = list(_lines(written.path))
    expected = list(_expected(written.shown, _as_laid(written.shown, lines)))
    body = lines[lines.index(expected[0]) :]
    assert _joined(body, expected) == expected
    printed = [number.text for item in written.shown.items for number in document.numbers(item.block)]
    assert len(printed) > 150, "numbers were compared"


def test_pictures_are_all_there_and_described(written: Written) -> None:
    opened = docx.Document(str(written.path))
    figures = [item.block for item in written.shown.items if isinstance(item.block, b.Figure)]
    described = [picture.get("descr") for picture in opened.element.iter(qn("wp:docPr"))]
    assert described == [figure.alternative for figure in figures if isinstance(figure, b.Figure)]
    assert len(described) >= 3
    for shape in opened.inline_shapes:
        assert 60 < shape.width.mm < 165.1
        assert shape.height.mm < 240


def test_a_simulated_round_says_so_on_every_page(written: Written) -> None:
    for section in docx.Document(str(written.path)).sections:
        head = "\n".join(paragraph.text for paragraph in section.header.paragraphs)
        assert written.shown.title.text in head
        for mark in written.shown.title.marks:
            assert mark in head
    assert bool(written.shown.title.marks) == bool(written.rendered.parameters.round_id)


def test_it_is_always_written_the_same(written: Written) -> None:
    again = written.path.with_name("again.docx")
    word.write_document(written.shown, again)
    assert again.read_bytes() == written.path.read_bytes()
