"""Slips planted into rendered reports, kind by kind: verification finds every one, and nothing where there is none.

Each report is made once a session from its notebook; a slip changes one thing in its blocks or its data.
"""

from __future__ import annotations

import base64
import dataclasses
import gzip
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest
from _pytest.mark import ParameterSet

from parlib import places
from parlib.publish import verify
from parlib.publish.document import Document, Item, document
from parlib.publish.render import Rendered
from parlib.publish.verify import arithmetic, vocabulary
from parlib.publish.verify import blocks as gate
from parlib.publish.verify.data import Data, Names, Sheet
from parlib.report.blocks import Block, Figure, Note, Number, Paragraph, Ref, Table, Tiles, Wording

REPORTS = ("ministry", "province", "papi", "round", "profile", "audit")
YEARLY = ("ministry", "province", "papi")
Slip = Callable[[Document], Document]
Shown = Callable[[str], Document]


@pytest.fixture(scope="module", autouse=True)
def rounds(shared_rounds: Path) -> Iterator[None]:
    """The gate looks at the round that a report is on."""
    with places.rounds_at(shared_rounds):
        yield


@pytest.fixture(scope="module")
def report(whole_report: Callable[[str], Rendered]) -> Callable[[str], Document]:
    """A report as its notebook shows it."""

    @cache
    def shown(name: str) -> Document:
        return document(nbformat.read(whole_report(name).files["ipynb"], as_version=4), "vi")

    return shown


def found(changed: Document) -> set[str]:
    """The kinds of findings in a document."""
    return {finding.check for finding in verify.inspect(changed, Wording("vi"))[1]}


# --- how a slip is planted -------------------------------------------------------------------------


def with_block(doc: Document, old: Block, new: Block) -> Document:
    items = tuple(Item(new, item.anchor, item.number) if item.block is old else item for item in doc.items)
    assert items != doc.items or new is old
    return dataclasses.replace(doc, items=items)


def block(doc: Document, kind: type[Block], name: str) -> Block:
    return next(item.block for item in doc.items if isinstance(item.block, kind) and item.block.name == name)


def sentence(doc: Document, fits: Callable[[Number], bool]) -> tuple[Paragraph, int]:
    """The first paragraph with a number that fits, and its place."""
    for item in doc.items:
        if isinstance(item.block, Paragraph):
            for place, part in enumerate(item.block.parts):
                if isinstance(part, Number) and fits(part):
                    return item.block, place
    raise LookupError


def cell(doc: Document, table: str, row: int, column: str, change: Callable[[Number], Number]) -> Document:
    old = block(doc, Table, table)
    assert isinstance(old, Table)
    rows = [dict(one) for one in old.rows]
    number = rows[row][column]
    assert isinstance(number, Number)
    rows[row][column] = change(number)
    return with_block(doc, old, dataclasses.replace(old, rows=tuple(rows)))


def first_row(doc: Document, table: str, column: str) -> int:
    old = block(doc, Table, table)
    assert isinstance(old, Table)
    return next(n for n, row in enumerate(old.rows)
                if isinstance(one := row.get(column), Number) and one.value not in (None, 0.0))  # fmt: skip


def text_of(value: float, decimals: int, *, signed: bool = False) -> str:
    return Wording("vi").format(value, decimals, signed)


def decimals_of(number: Number) -> int:
    return len(number.text.partition(",")[2])


def to(number: Number, value: float) -> Number:
    signed = number.text[:1] in "+−"
    return dataclasses.replace(number, value=value, text=text_of(value, decimals_of(number), signed=signed))


def turned(number: Number) -> Number:
    assert number.value is not None
    return to(number, -number.value)


def turned_in(doc: Document, table: str, column: str) -> Document:
    """The first change of a column with the other sign."""
    return cell(doc, table, first_row(doc, table, column), column, turned)


def off(by: float) -> Callable[[Number], Number]:
    return lambda number: to(number, (number.value or 0.0) + by)


def swapped(doc: Document, table: str, key: str) -> Document:
    """The first text of a column and the next other one changed over."""
    old = block(doc, Table, table)
    assert isinstance(old, Table)
    rows = [dict(one) for one in old.rows]
    other = next(row for row in rows if row[key] != rows[0][key])
    rows[0][key], other[key] = other[key], rows[0][key]
    return with_block(doc, old, dataclasses.replace(old, rows=tuple(rows)))


def head(doc: Document, table: str, key: str, **change: str) -> Document:
    """Another title or unit over a column."""
    old = block(doc, Table, table)
    assert isinstance(old, Table)
    columns = tuple(dataclasses.replace(one, **change) if one.key == key else one for one in old.columns)
    return with_block(doc, old, dataclasses.replace(old, columns=columns))


def years_back(number: Number) -> Number:
    return dataclasses.replace(number, refs=tuple(dataclasses.replace(ref, year=ref.year - 1) for ref in number.refs))


def data(doc: Document, name: str, change: Callable[[str], str]) -> Document:
    """A dataset with another text."""
    sets = []
    for one in doc.datasets:
        if one.name == name:
            changed = change(one.text)
            assert changed != one.text
            one = dataclasses.replace(one, csv=base64.b64encode(gzip.compress(changed.encode())).decode())
        sets.append(one)
    return dataclasses.replace(doc, datasets=tuple(sets))


def drawn(doc: Document, name: str, column: str, row: int, by: float) -> Document:
    old = block(doc, Figure, name)
    assert isinstance(old, Figure)
    cells = {key: list(values) for key, values in old.data.items()}
    cells[column][row] += by
    return with_block(doc, old, dataclasses.replace(old, data=cells))


def figure_text(doc: Document, name: str, **change: Callable[[str], str]) -> Document:
    old = block(doc, Figure, name)
    assert isinstance(old, Figure)
    texts = {field: how(getattr(old, field)) for field, how in change.items()}
    return with_block(doc, old, dataclasses.replace(old, **texts))


def noted(doc: Document, table: str, note: str) -> Document:
    old = block(doc, Table, table)
    assert isinstance(old, Table)
    return with_block(doc, old, dataclasses.replace(old, notes=(*old.notes, note)))


def told(doc: Document, fits: Callable[[Number], bool], change: Callable[[Number], Number]) -> Document:
    old, place = sentence(doc, fits)
    parts = list(old.parts)
    number = parts[place]
    assert isinstance(number, Number)
    parts[place] = change(number)
    return with_block(doc, old, dataclasses.replace(old, parts=tuple(parts)))


def reworded(doc: Document, word: str, other: str) -> Document:
    """The first text right before a number that ends with a word, with another word."""
    for item in doc.items:
        if isinstance(item.block, Paragraph):
            for place, part in enumerate(item.block.parts[:-1]):
                after = item.block.parts[place + 1]
                if isinstance(part, str) and part.rstrip().endswith(word) and isinstance(after, Number):
                    parts = list(item.block.parts)
                    parts[place] = part[: part.rindex(word)] + other + part[part.rindex(word) + len(word) :]
                    return with_block(doc, item.block, dataclasses.replace(item.block, parts=tuple(parts)))
    raise LookupError(word)


def tile(doc: Document, name: str, place: int, change: Callable[[Number], Number]) -> Document:
    old = block(doc, Tiles, name)
    assert isinstance(old, Tiles)
    tiles = list(old.tiles)
    number = tiles[place].number
    assert isinstance(number, Number)
    tiles[place] = dataclasses.replace(tiles[place], number=change(number))
    return with_block(doc, old, dataclasses.replace(old, tiles=tuple(tiles)))


# --- the slips --------------------------------------------------------------------------------------


def slips_of_the_drawn(name: str) -> Iterator[tuple[str, str, str, Slip]]:
    """Slips in the figure of a ranking."""
    yield "units", name, "row_names", lambda d: names_drawn(d, "ranking")
    yield "drawn", name, "drawn_numbers", lambda d: drawn(d, "ranking", "value", 0, 0.5)
    yield "drawn", name, "drawn_numbers", lambda d: drawn(d, "ranking", "rank", 2, 1)
    yield "drawn", name, "digits_in_text", lambda d: figure_text(d, "ranking", caption=lambda t: f"{t}, 777 đơn vị")
    yield (
        "drawn",
        name,
        "digits_in_text",
        lambda d: figure_text(d, "ranking", alternative=lambda t: f"{t} Xa nhất 33,33."),
    )


def slips() -> Iterator[tuple[str, str, str, Slip]]:
    """Kind, report, the finding that is wanted, and the slip."""
    yield from more_slips()
    for name in YEARLY:
        for column in ("change", "places") if name == "papi" else ():  # of 5 of 17 ministries no column is printed
            yield (
                "sign",
                name,
                "bound_numbers",
                lambda d, c=column: cell(d, "ranking", first_row(d, "ranking", c), c, turned),
            )
        yield "units", name, "row_names", lambda d: swapped(d, "ranking", "unit")
        if name != "province":  # known of less than half: the ranking is not drawn
            yield from slips_of_the_drawn(name)
        for by in (1.0, -1.0):
            yield "rank", name, "bound_numbers", lambda d, b=by: cell(d, "ranking", 1, "rank", off(b))
        yield "year", name, "bound_numbers", lambda d: cell(d, "ranking", 0, "index", years_back)
        if name == "papi":
            yield "year", name, "years", lambda d: head(d, "ranking", "previous", group="So với năm 2019")
            yield "year", name, "years", lambda d: head(d, "ranking", "previous_rank", group="So với năm 2018")
            yield "measure", name, "units_of_measure", lambda d: head(d, "ranking", "change", unit="bậc")
        yield "stale", name, "bound_numbers", lambda d: cell(d, "ranking", 0, "index", off(0.3))
        yield "stale", name, "bound_numbers", lambda d: told(d, lambda n: n.made in ("rank", "mean"), off(2.0))
        yield "stale", name, "bound_numbers", lambda d: stale_data(d)
        yield "measure", name, "units_of_measure", lambda d: head(d, "ranking", "index", unit="bậc")
        yield "measure", name, "units_of_measure", lambda d: other_unit(d)
        yield "digits", name, "digits_in_text", lambda d: extra(d, Note("Có 987 đơn vị tăng hạng.", "method"))
        yield "digits", name, "digits_in_text", lambda d: extra(d, Paragraph(("Chỉ số đạt 71,23% theo thang mới.",)))
        yield "digits", name, "printed_text", lambda d: cell(d, "ranking", 0, "index", misprinted)
        yield "notes", name, "digits_in_text", lambda d: noted(d, "ranking", "Có số liệu 59/71 đơn vị.")
        yield "notes", name, "digits_in_text", lambda d: noted(d, "ranking", "Sai số 12,34 điểm.")
    yield "sign", "ministry", "directions", lambda d: reworded(d, "tăng", "giảm")
    yield "sign", "papi", "directions", lambda d: reworded(d, "tăng", "giảm")
    yield "stale", "province", "bound_numbers", lambda d: cell(d, "regions", 0, "mean", off(1.0))
    yield "stale", "province", "bound_numbers", lambda d: cell(d, "regions", 1, "n", off(1.0))
    yield "stale", "ministry", "bound_numbers", lambda d: tile(d, "result", 0, off(0.4))
    yield "percent for points", "ministry", "units_of_measure", lambda d: head(d, "ranking", "index", unit="điểm")
    yield "percent for points", "province", "units_of_measure", lambda d: head(d, "ranking", "index", unit="điểm")
    yield "percent for points", "papi", "units_of_measure", lambda d: head(d, "ranking", "index", unit="%")
    yield "percent for points", "papi", "bound_numbers", lambda d: cell(d, "ranking", 0, "index", in_percent)


def more_slips() -> Iterator[tuple[str, str, str, Slip]]:
    """Slips in the report of a round, in a profile, in an audit."""
    for name, table, column in (
        ("round", "claims", "claimed"), ("round", "claims", "granted"), ("round", "gaps", "gap"),
        ("round", "survey", "share"), ("round", "survey", "n"), ("round", "forms", "n"), ("round", "impact", "n_full"),
        ("round", "exempt", "n"), ("round", "loss_divisions", "share"), ("round", "losses", "losing"),
        ("round", "removal", "mean"), ("round", "mergers", "worst"),
        ("profile", "components", "points"), ("profile", "components", "mean"), ("profile", "peers", "index"),
        ("audit", "error-cases", "alike"), ("audit", "removal", "moved"),
    ):  # fmt: skip
        yield (
            "stale", name, "bound_numbers",
            lambda d, t=table, c=column: cell(d, t, first_row(d, t, c), c, off(1.0)),
        )  # fmt: skip
    for name, table, column in (
        ("round", "gaps", "gap"), ("profile", "components", "gap"), ("profile", "peers", "difference"),
    ):  # fmt: skip
        yield "sign", name, "bound_numbers", lambda d, t=table, c=column: turned_in(d, t, c)
    for name, table, key in (
        ("round", "ranking", "unit"), ("round", "claims", "unit"), ("profile", "peers", "unit"),
        ("audit", "rank-doubt", "unit"),
    ):  # fmt: skip
        yield "units", name, "row_names", lambda d, t=table, k=key: swapped(d, t, k)
    yield "rank", "round", "bound_numbers", lambda d: cell(d, "ranking", 1, "rank", off(1.0))
    yield "rank", "profile", "bound_numbers", lambda d: cell(d, "peers", 1, "rank", off(1.0))
    yield "rank", "profile", "bound_numbers", lambda d: tile(d, "key", 1, off(1.0))
    yield "rank", "audit", "bound_numbers", lambda d: cell(d, "rank-doubt", 2, "rank", off(-1.0))
    yield "measure", "profile", "units_of_measure", lambda d: head(d, "components", "points", unit="%")
    yield "measure", "profile", "units_of_measure", lambda d: head(d, "peers", "index", unit="điểm")
    yield "measure", "round", "units_of_measure", lambda d: head(d, "losses", "lost", unit="%")
    yield "measure", "round", "units_of_measure", lambda d: head(d, "claims", "claimed", unit="%")
    yield "digits", "audit", "digits_in_text", lambda d: extra(d, Note("Có 987 cặp đơn vị.", "method"))
    yield "drawn", "audit", "drawn_numbers", lambda d: drawn(d, "rank-sets", "high_1", 0, 1)
    yield "drawn", "profile", "drawn_numbers", lambda d: drawn(d, "place", "value", 0, 1.0)
    yield "drawn", "round", "drawn_numbers", lambda d: drawn(d, "claims", "claimed", 0, 1.0)
    # words that do not agree with the number beside them
    yield "sign", "papi", "directions", lambda d: turned_after(d, "rose", "tăng", "giảm")
    yield "sign", "ministry", "directions", lambda d: turned_after(d, "n_rose", "tăng", "giảm")
    yield "sign", "papi", "bound_numbers", lambda d: told(d, lambda n: n.text[:1] == "+", turned)
    yield "year", "ministry", "years", lambda d: replaced(d, "so với năm 2022", "so với năm 2021")
    yield "percent for points", "ministry", "units_of_measure", lambda d: replaced(d, " điểm %", "%")
    yield "percent for points", "papi", "units_of_measure", lambda d: head(d, "ranking", "change", unit="%")
    yield "units", "ministry", "groups", lambda d: band_of(d, 0, "C")
    yield "units", "round", "row_names", lambda d: swapped(d, "areas", "area")
    yield "units", "ministry", "row_names", lambda d: swapped(d, "statistics", "basis")
    yield "stale", "ministry", "parts_of_wholes", whole_before_part
    yield (
        "units",
        "ministry",
        "row_names",
        lambda d: figure_text(
            d, "distribution", alternative=lambda t: t.replace("Bộ Công Thương", "Thanh tra Chính phủ")
        ),
    )


def replaced(doc: Document, text: str, other: str) -> Document:
    """The first sentence whose numbers are beside a text, with another text."""
    for item in doc.items:
        if isinstance(item.block, Paragraph) and any(
            isinstance(part, str) and text in part for part in item.block.parts
        ):
            parts = tuple(p.replace(text, other) if isinstance(p, str) else p for p in item.block.parts)
            return with_block(doc, item.block, dataclasses.replace(item.block, parts=parts))
    raise LookupError(text)


def turned_after(doc: Document, column: str, word: str, other: str) -> Document:
    """The word of direction after a count is the other one."""
    for item in doc.items:
        parts = list(item.block.parts) if isinstance(item.block, Paragraph) else []
        for place, part in enumerate(parts):
            if isinstance(part, Number) and part.refs and part.refs[0].column == column:
                at = next(n for n in range(place + 1, len(parts)) if word in str(parts[n]))
                parts[at] = str(parts[at]).replace(word, other, 1)
                return with_block(doc, item.block, Paragraph(tuple(parts)))
    raise LookupError(column)


def band_of(doc: Document, row: int, band: str) -> Document:
    old = block(doc, Table, "ranking")
    assert isinstance(old, Table)
    rows = [dict(one) for one in old.rows]
    rows[row]["band"] = band
    return with_block(doc, old, dataclasses.replace(old, rows=tuple(rows)))


def whole_before_part(doc: Document) -> Document:
    """ "17/10" where "10/17" is printed."""
    for item in doc.items:
        parts = list(item.block.parts) if isinstance(item.block, Paragraph) else []
        for place, part in enumerate(parts[1:-1], start=1):
            one, other = parts[place - 1], parts[place + 1]
            if part == "/" and isinstance(one, Number) and isinstance(other, Number) and one.value != other.value:
                parts[place - 1], parts[place + 1] = other, one
                return with_block(doc, item.block, Paragraph(tuple(parts)))
    raise LookupError


def names_drawn(doc: Document, name: str) -> Document:
    old = block(doc, Figure, name)
    assert isinstance(old, Figure)
    cells = {key: list(values) for key, values in old.data.items()}
    cells["name"][0], cells["name"][1] = cells["name"][1], cells["name"][0]
    return with_block(doc, old, dataclasses.replace(old, data=cells))


def stale_data(doc: Document) -> Document:
    """The datasets of another day: the value of the first of the ranking is another one."""
    table = block(doc, Table, "ranking")
    assert isinstance(table, Table)
    number = table.rows[0]["index"]
    assert isinstance(number, Number)
    start = f"{number.refs[0].index_name},{number.refs[0].year},{number.refs[0].level},{number.refs[0].unit},"

    def change(text: str) -> str:
        lines = text.split("\n")
        place = next(n for n, line in enumerate(lines) if line.startswith(start))
        value = f"{number.value:.9f}".rstrip("0").rstrip(".")
        lines[place] = lines[place].replace(value, "12.5")
        return "\n".join(lines)

    return data(doc, "index", change)


def misprinted(number: Number) -> Number:
    return dataclasses.replace(number, text=number.text[:-1] + str((int(number.text[-1]) + 3) % 10))


def in_percent(number: Number) -> Number:
    """The index in percent where the points stand."""
    assert number.value is not None
    return to(number, number.value / 0.8)


def extra(doc: Document, new: Block) -> Document:
    return dataclasses.replace(doc, items=(*doc.items, Item(new)))


def other_unit(doc: Document) -> Document:
    """A value in a sentence followed by another unit of measure."""
    for item in doc.items:
        if isinstance(item.block, Paragraph):
            parts = list(item.block.parts)
            for place, part in enumerate(parts[:-1]):
                after = parts[place + 1]
                if isinstance(part, Number) and part.made in ("value", "statistic") and isinstance(after, str):
                    for unit in ("%", " điểm"):
                        if after.startswith(unit) and not after.startswith(" điểm %"):
                            parts[place + 1] = " bậc" + after[len(unit) :]
                            return with_block(doc, item.block, dataclasses.replace(item.block, parts=tuple(parts)))
    raise LookupError


ALL = list(slips())


def late(name: str, *values: object) -> ParameterSet:
    """A case, marked where the report is one of those that are looked at where there is time."""
    return pytest.param(*(values or (name,)), marks=[pytest.mark.long] if name in ("province", "papi") else [])


@pytest.mark.few(2)
@pytest.mark.parametrize("name", [late(name) for name in REPORTS])
def test_a_report_without_slips_passes_and_all_its_numbers_are_worked_out(name: str, report: Shown) -> None:
    passed, findings = gate.inspect(report(name), Wording("vi"))
    assert findings == ()
    assert passed.numbers == passed.recomputed > (300 if name in (*YEARLY, "round") else 30)


@pytest.mark.few(10)
@pytest.mark.parametrize(
    ("kind", "name", "check", "slip"),
    [late(name, kind, name, check, slip) for kind, name, check, slip in ALL],
    ids=[f"{k}-{n}-{i}" for i, (k, n, _, _) in enumerate(ALL)],
)
def test_a_planted_slip_is_found(kind: str, name: str, check: str, slip: Slip, report: Shown) -> None:
    checks = found(slip(report(name)))
    assert check in checks or (kind == "year" and "unknown_numbers" in checks)  # no such year is known of the unit


@pytest.mark.parametrize(
    ("vi", "en", "same"),
    [
        ("tăng {size} so với năm {year}", "up {size} on {year}", True),
        ("giảm {size} so với năm {year}", "up {size} on {year}", False),
        ("tăng {size} so với năm {year}", "down {size} on {year}", False),
        ("Cao nhất và cao nhất: {what}", "Highest and lowest: {what}", False),
        ("thấp hơn trung bình chung {size}", "{size} above the mean of all", False),
        ("{n} đơn vị tăng và {m} đơn vị tăng", "{n} rose and {m} fell", False),
        ("Đơn vị: {what}", "Highest: {what}", True),
    ],
)
def test_a_template_goes_the_same_way_in_both_languages(vi: str, en: str, same: bool) -> None:
    assert vocabulary.same_direction(vi, en) is same


@pytest.mark.parametrize(("change", "wanted"), [(-0.004, 0.01), (0.3, None), (0.0, None)])
def test_less_than_the_smallest_printed_size_is_worked_out_again(change: float, wanted: float | None) -> None:
    key = ("papi", 2020, "province", "", "3", "mean_change")
    ref = Ref("papi", 2020, "province", "", "3", "mean_change")
    data_beside = Data({}, {key: change}, Names({}, {}, {}), None)
    assert arithmetic.value(data_beside, Number(0.01, "0,01", (ref,), "bound")) == wanted


def test_a_mean_of_points_leaves_out_to_whom_the_criterion_does_not_apply() -> None:
    points, maximum = np.array([1.0, 2.0, 0.0]), np.array([2.0, 2.0, 0.0])
    rows = {("1.1", unit): row for row, unit in enumerate("abc")}
    sheet = Sheet({"points": points, "maximum": maximum}, rows, tuple("abc"), tuple("abc"), "", {}, frozenset())
    data = Data({("par", 2025, "ministry", "final"): sheet}, {}, Names({}, {}, {}), None)
    ref = Ref("par", 2025, "ministry", "*", "1.1", "points", "final")
    assert arithmetic.value(data, Number(1.5, "1,50", (ref,), "mean")) == 1.5  # not 1: c has no points of it


def test_there_are_slips_of_every_kind() -> None:
    kinds = [kind for kind, _, _, _ in ALL]
    assert len(ALL) >= 72
    assert min(kinds.count(kind) for kind in set(kinds)) >= 6
