"""Slips by chance in whole reports: whatever printed number, name or word is changed, the gate sees it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

import pytest

from parlib.presentation.blocks import Block, Heading
from parlib.presentation.wording import Wording
from parlib.publishing.document import Document
from parlib.publishing.verify.blocks import Gate

from .random_slips import Slip, slips
from .test_slips import report

REPORTS = ("ministry", "province", "papi")
#: Words that no data stand behind: what was checked, what a source is called, how something was done.
FREE = {"checks", "grounds", "sources", "code_book", "conflicts", "mergers", "removal", "statistics"}
#: Changes that are wrong wherever they are made; of the others some make another true sentence.
MOSTLY = (
    "another year", "another name", "two cells changed over", "two columns changed over", "two names changed over",
    "two names drawn", "a digit in a text",
)  # fmt: skip
ALWAYS = ("a digit", "a little off", "a sign", "a decimal place", "cut", "a value drawn")


def blocks(doc: Document) -> Iterator[tuple[Block, str]]:
    """The blocks of a document, each with the title and the headings above it."""
    headings = ["", "", ""]
    for item in doc.items:
        if isinstance(item.block, Heading):
            headings[item.block.level - 1 :] = [item.block.text, *[""] * (3 - item.block.level)]
        yield item.block, " ".join([doc.title.text, *headings])


@cache
def planted(name: str) -> tuple[tuple[Slip, bool], ...]:
    """Slips in a report, and whether each is found."""
    doc, rng = report(name), random.Random(7)
    gate = Gate.of(doc, Wording("vi"))
    return tuple(
        (slip, bool(gate.block(slip.block, around)[1]))
        for block, around in blocks(doc)
        for slip in slips(block, gate.data.names.units, "vi", rng)
    )


@pytest.mark.report
@pytest.mark.parametrize("name", REPORTS)
def test_a_number_changed_anywhere_is_found(name: str) -> None:
    assert [f"{slip.kind}: {slip.told}" for slip, found in planted(name) if slip.kind in ALWAYS and not found] == []


@pytest.mark.report
def test_hardly_a_year_a_name_or_a_place_in_a_table_gets_through() -> None:
    """What is left is true elsewhere (the year before), or has no data behind it (``FREE``)."""
    tried = [(slip.kind, found) for name in REPORTS for slip, found in planted(name)
             if getattr(slip.block, "name", "") not in FREE]  # fmt: skip
    assert len(tried) > 800
    for kind in MOSTLY:
        of_kind = [found for one, found in tried if one == kind]
        assert sum(of_kind) >= 0.85 * len(of_kind), kind
