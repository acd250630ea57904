"""Slips by chance in whole reports: whatever printed number, name or word is changed, the gate sees it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache

import nbformat
import pytest

from parlib.publish.document import Document, document
from parlib.publish.render import Rendered
from parlib.publish.verify.blocks import Gate
from parlib.report.blocks import Block, Heading, Wording

from .random_slips import Slip, slips

Planted = Callable[[str], tuple[tuple[Slip, bool], ...]]
REPORTS = ("ministry", "province", "papi")
#: The words of these are those of the council, or say what a page is used for: there is nothing to hold them against.
FREE = {"grounds", "code_book", "sources"}
#: Slips in words, and the share of each kind that is found at least. What is left makes another true sentence, or
#: stands where nothing is known.
FLOORS = {
    "another name": 0.98, "another name in a cell": 0.96, "another year": 0.98, "another year in a cell": 1.0,
    "the opposite word": 0.97, "the opposite word in a cell": 0.98, "a digit in a text": 1.0,
    "a digit in a text in a cell": 1.0, "two cells changed over": 0.97, "two columns changed over": 0.95,
    "two names changed over": 0.97, "two names drawn": 1.0,
}  # fmt: skip
#: Changes that are wrong wherever they are made.
ALWAYS = ("a digit", "a little off", "a sign", "a decimal place", "cut", "a value drawn")


def blocks(doc: Document) -> Iterator[tuple[Block, str]]:
    """The blocks of a document, each with the title and the headings above it."""
    headings = ["", "", ""]
    for item in doc.items:
        if isinstance(item.block, Heading):
            headings[item.block.level - 1 :] = [item.block.text, *[""] * (3 - item.block.level)]
        yield item.block, " ".join([doc.title.text, *headings])


@pytest.fixture(scope="module")
def planted(whole_report: Callable[[str], Rendered]) -> Planted:
    """Slips in a report, and whether each is found."""

    @cache
    def tried(name: str) -> tuple[tuple[Slip, bool], ...]:
        doc = document(nbformat.read(whole_report(name).files["ipynb"], as_version=4), "vi")
        gate, rng = Gate.of(doc, Wording("vi")), random.Random(7)
        return tuple(
            (slip, bool(gate.block(slip.block, around)[1]))
            for block, around in blocks(doc)
            for slip in slips(block, gate.data.names.units, "vi", rng)
        )

    return tried


@pytest.mark.report
@pytest.mark.long
@pytest.mark.parametrize("name", REPORTS)
def test_a_number_changed_anywhere_is_found(name: str, planted: Planted) -> None:
    assert [f"{slip.kind}: {slip.told}" for slip, match in planted(name) if slip.kind in ALWAYS and not match] == []


@pytest.mark.report
@pytest.mark.long
def test_hardly_a_word_gets_through(planted: Planted) -> None:
    tried = [(slip, match) for name in REPORTS for slip, match in planted(name)
             if getattr(slip.block, "name", "") not in FREE]  # fmt: skip
    assert len(tried) > 1000
    for kind, floor in FLOORS.items():
        of_kind = [(slip.told, match) for slip, match in tried if slip.kind == kind]
        missed = [text for text, match in of_kind if not match]
        assert of_kind and len(missed) <= (1 - floor) * len(of_kind), f"{kind}: {missed}"
