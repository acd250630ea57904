"""Cards on what the index is made of: regions, areas, parts, lost points, survey, claims, certainty, maps, checks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from parlib.publish.press.card import Bar, Bars, Card, Picture, Sentences
from parlib.publish.press.facts import Facts, Row, column_of, known, styled, text_of
from parlib.report.blocks import Note, Number, Paragraph
from parlib.report.views import NAMED
from parlib.report.wording import Parts

AREAS = 9  # as many bars as fit with long names


def province_map(facts: Facts) -> Card | None:
    """The map of groups, else of quarters, as the report shows it."""
    return _pictured(facts, "map", "map_bands", "map_quarters")


def change_map(facts: Facts) -> Card | None:
    """The map of change."""
    return _pictured(facts, "map-change", "map_change")


def history(facts: Facts) -> Card | None:
    """Ranks or values over the years."""
    return _pictured(facts, "history", "rank-history", "years")


def _pictured(facts: Facts, name: str, *figures: str) -> Card | None:
    figure = facts.figure(*figures)
    if figure is None:
        return None
    notes = tuple((note,) for note in figure.notes if note not in facts.marks)
    return Card(name, (figure.caption,), Picture(figure.png_bytes, figure.alternative), notes, figure.source)


def regions(facts: Facts) -> Card | None:
    """The means of the regions."""
    return _regions(facts, "mean")


def region_change(facts: Facts) -> Card | None:
    """How the means of the regions moved."""
    return _regions(facts, "change")


def _regions(facts: Facts, key: str) -> Card | None:
    table = facts.table("regions", "region", key)
    rows = [(number, row) for row in (table.rows if table else ()) if (number := known(row, key))]
    if table is None or len(rows) < 3 or len(rows) != len(table.rows):
        return None  # the highest of some regions is not the highest
    rows.sort(key=lambda pair: -_value(pair[0]))
    first, unit = rows[0][0], column_of(table, key).unit
    names = [text_of(row, "region") for number, row in rows if number.text == first.text]
    tell = facts.words.best_region if key == "mean" else facts.words.region_change
    bars = tuple(
        Bar(text_of(row, "region"), facts.amount(number, unit if key == "mean" else ""), number.value)
        for number, row in rows
    )
    full = 100.0 if key == "mean" and unit == "%" else 0.0
    notes = [(note,) for note in table.notes if note not in facts.marks and not note.startswith("…")]
    name = "regions" if key == "mean" else "region-change"
    headline = tell(names, facts.amount(first, unit))
    return Card(name, headline, Bars(bars, full), tuple(notes[:1]), table.source)


def areas(facts: Facts) -> Card | None:
    """The means of the areas, the weakest first."""
    table = facts.table("areas", "area", "mean")
    rows = [(number, row) for row in (table.rows if table else ()) if (number := known(row, "mean"))]
    if table is None or len(rows) < 3 or len(rows) != len(table.rows):
        return None
    rows.sort(key=lambda pair: _value(pair[0]))
    unit = column_of(table, "mean").unit
    bars = tuple(Bar(text_of(row, "area"), facts.amount(number, unit), number.value) for number, row in rows[:AREAS])
    weakest = _tied(facts, rows, "area")
    if not weakest:
        return None
    headline = facts.words.weakest_area(weakest, facts.amount(rows[0][0], unit))
    return Card("areas", headline, Bars(bars, 100.0 if unit == "%" else 0.0), (), table.source)


def area_leaders(facts: Facts) -> Card | None:
    """Who is first in each area, as far as that is settled."""
    table = facts.table("areas", "area", "best_unit")
    rows = [row for row in (table.rows if table else ()) if text_of(row, "best_unit")]
    if table is None or len(rows) < 3:
        return None
    unit = column_of(table, "best").unit
    bars = []
    for row in rows[:AREAS]:
        best = known(row, "best")
        number = facts.amount(best, unit) if best else ()
        bars.append(
            Bar(text_of(row, "best_unit"), number, best.value if best else None, detail=(text_of(row, "area"),))
        )
    first, best = rows[0], known(rows[0], "best")
    headline = facts.words.leads_area(
        text_of(first, "best_unit"), text_of(first, "area"), facts.amount(best, unit) if best else ()
    )
    return Card("area-leaders", headline, Bars(tuple(bars), 100.0 if unit == "%" else 0.0), (), table.source)


def published_firsts(facts: Facts) -> Card | None:
    """The first places in areas that were published."""
    table = facts.table("area-ranks", "unit")
    if table is None:
        return None
    found: list[tuple[str, str, Number]] = []
    for column in table.columns:
        firsts = [(row, rank) for row in table.rows if (rank := known(row, column.key)) and rank.value == 1]
        if column.key not in ("unit", "rank") and firsts:
            units = facts.words.names(text_of(row, "unit") for row, _ in firsts)  # all that share it
            found.append((column.title, "".join(map(str, units)), firsts[0][1]))
    if len(found) < 2:
        return None
    title, unit, _ = found[0]
    bars = tuple(Bar(unit, (), None, (rank,), (title,)) for title, unit, rank in found[:AREAS])
    notes = tuple((note,) for note in table.notes if note not in facts.marks and not note.startswith("…"))
    return Card("area-firsts", facts.words.leads_area(unit, title, ()), Bars(bars), notes[:1], table.source)


def parts(facts: Facts) -> Card | None:
    """What units reach on average in each component: from the means and maxima of the report."""
    titles = {column.key: column.title for column in facts.ranking.columns} if facts.ranking else {}
    found: list[tuple[str, Number, Number]] = []
    for paragraph in facts.paragraphs("parts"):
        printed = [part for part in paragraph.parts if isinstance(part, Number)]
        for mean, maximum in pairwise(printed):
            key = _component(mean)
            if (
                key in titles
                and _component(maximum) == key
                and mean.made == "mean"
                and maximum.made in ("mean", "value")
            ):
                found.append((titles[key], mean, maximum))
    if len(found) < 2:
        return None
    bars = []
    for title, mean, maximum in found:
        share = _value(mean) / _value(maximum) if maximum.value else None  # the length of a bar, printed nowhere
        bars.append(Bar(title, (mean, "/", maximum), share))
    name, mean, maximum = found[0]
    headline = facts.words.parts(name, (mean,), maximum)
    return Card("parts", headline, Bars(tuple(bars), 1.0), (), facts.source)


def _component(number: Number) -> str:
    """The component that a number is of, from its cell; "" for none."""
    if not number.refs or number.value is None:
        return ""
    kind, _, key = number.refs[0].node.partition(":")
    return key if kind == "component" else ""


def part_leaders(facts: Facts) -> Card | None:
    """Who has most points in each component; only where those of all ranked units are known."""
    if facts.ranking is None or any(column.key == "maximum" for column in facts.ranking.columns):
        return None  # points out of different maxima do not say who is first
    rows = [row for _, row, _ in facts.ranked()]
    columns = [c for c in facts.ranking.columns if c.format == "number" and c.group and c.key not in ("previous",)]
    total = facts.n_ranked
    bars = []
    for column in columns:
        cells = [(number, row) for row in rows if (number := known(row, column.key))]
        if total is None or len(cells) != total.value or not cells or _component(cells[0][0]) != column.key:
            continue
        best = max(_value(number) for number, _ in cells)
        names = [text_of(row, "unit") for number, row in cells if round(_value(number), 9) == round(best, 9)]
        number = next(number for number, _ in cells if _value(number) == best)
        if len(names) <= 3:
            name = "".join(str(part) for part in facts.words.names(names))
            # no bar: components have maxima of their own, and a shorter one would look like a worse result
            bars.append(Bar(name, (number,), None, detail=(column.title,)))
    if len(bars) < 2:
        return None
    first = bars[0]
    headline = facts.words.part_first(first.label, str(first.detail[0]), first.number)
    return Card("part-leaders", headline, Bars(tuple(bars)), (), facts.source)


def losses(facts: Facts) -> Card | None:
    """Where most points are lost."""
    table = facts.table("losses", "name", "lost")
    rows = [(number, row) for row in (table.rows if table else ()) if (number := known(row, "lost"))]
    if table is None or len(rows) < 3:
        return None
    unit = column_of(table, "lost").unit
    bars = tuple(Bar(text_of(row, "name"), (number,), number.value) for number, row in rows[:6])
    most = _tied(facts, rows, "name")
    if not most:
        return None
    headline = facts.words.most_lost(most, facts.amount(rows[0][0], unit))
    return Card("losses", headline, Bars(bars), (), table.source)


def satisfaction(facts: Facts) -> Card | None:
    """How satisfied citizens are, the least first, with the interval of sampling."""
    table = facts.table("satisfaction", "name", "share")
    rows = [(number, row) for row in (table.rows if table else ()) if (number := known(row, "share"))]
    if table is None or len(rows) < 3:
        return None
    rows.sort(key=lambda pair: _value(pair[0]))
    bars = []
    for number, row in rows[:7]:
        low, high = known(row, "low"), known(row, "high")
        detail = (low, "–", high) if low and high else ()
        bars.append(Bar(text_of(row, "name"), facts.amount(number, "%"), number.value, detail=detail))
    least = _tied(facts, rows, "name")
    if not least:
        return None
    headline = facts.words.least_satisfied(least, facts.amount(rows[0][0], "%"))
    return Card("satisfaction", headline, Bars(tuple(bars), 100.0), ((facts.words.text("interval"),),), table.source)


def claims(facts: Facts) -> Card | None:
    """Self-assessment against appraisal: who claimed most that was not granted."""
    table = facts.table("claims", "unit", "claimed", "granted", "over")
    rows = [(number, row) for row in (table.rows if table else ()) if (number := known(row, "over"))]
    if table is None or len(rows) < 3:
        return None
    rows.sort(key=lambda pair: -_value(pair[0]))
    bars = []
    for number, row in rows[:6]:
        claimed, granted = row["claimed"], row["granted"]
        bars.append(Bar(text_of(row, "unit"), (number,), number.value, detail=(claimed, " → ", granted)))
    told = [block for block in facts.paragraphs("claims") if _has_numbers(block)]
    most = _tied(facts, rows, "unit")
    if not most:
        return None
    headline = facts.words.over_claimed(most, facts.amount(rows[0][0], column_of(table, "over").unit))
    note = (
        facts.words.text("not_granted"),
        ": ",
        column_of(table, "claimed").title,
        " → ",
        column_of(table, "granted").title,
    )
    notes = (note, *(block.parts for block in told[:1]))
    return Card("claims", headline, Bars(tuple(bars)), notes, table.source)


def certainty(facts: Facts) -> Card | None:
    """Between which ranks the first units may stand."""
    table = facts.table("rank-doubt", "unit", "rank")
    if table is None:
        return None
    key = next((column.key for column in table.columns if column.key in ("sets", "own")), "")
    rows = [
        (row, cell) for row in table.rows if key and isinstance(cell := row.get(key), Number) and known(row, "rank")
    ]
    if len(rows) < 3:
        return None
    bars = tuple(Bar(text_of(row, "unit"), (cell,), None, (row["rank"],)) for row, cell in rows[:8])
    first, cell = rows[0]
    rank = known(first, "rank")
    assert rank is not None
    return Card("certainty", facts.words.rank_range(bars[0].label, rank, cell), Bars(bars), (), table.source)


def tiers(facts: Facts) -> Card | None:
    """The tiers of units that survey error cannot tell apart."""
    table = facts.table("tiers", "tier", "units")
    if table is None or len(table.rows) < 2:
        return None
    sentences = tuple((row["tier"], ". ", text_of(row, "units")) for row in table.rows[:5])
    return Card(
        "tiers", (table.caption,), Sentences(sentences), tuple((note,) for note in table.notes[:1]), table.source
    )


def unit(facts: Facts) -> Card | None:
    """What the report says of the unit it is about."""
    told = [block.parts for block in facts.paragraphs("unit") if _has_numbers(block)]
    strong = [row for row, is_strong in styled(facts.ranking) if is_strong] if facts.ranking else []
    if not told or not strong:
        return None
    return Card("unit", (text_of(strong[0], "unit"),), Sentences(tuple(told[:4])), (), facts.source)


def checks(facts: Facts) -> Card | None:
    """That the numbers were checked, and how often they agreed."""
    table = facts.table("checks", "check", "compared", "held")
    rows: list[tuple[Row, Number, Number]] = []
    for row in table.rows if table else ():
        held, compared = known(row, "held"), known(row, "compared")
        if held and compared and compared.value:
            rows.append((row, held, compared))
    if table is None or len(rows) < 3:
        return None
    bars = tuple(
        Bar(text_of(row, "check"), (held, "/", compared), _value(held) / _value(compared))
        for row, held, compared in rows[:9]
    )
    notes = tuple((block.text,) for block in facts.blocks if isinstance(block, Note) and block.role == "passed")
    return Card("checks", (facts.words.text("checked"),), Bars(bars, 1.0), notes[:1], table.source)


def _tied(facts: Facts, rows: Sequence[tuple[Number, Row]], key: str) -> Parts:
    """The names of all that share the first value of a sorted list; none where there are too many for a headline."""
    first = round(_value(rows[0][0]), 9)
    names = [text_of(row, key) for number, row in rows if round(_value(number), 9) == first]
    return facts.words.names(names) if len(names) <= NAMED else ()


def _value(number: Number) -> float:
    assert number.value is not None
    return number.value


def _has_numbers(block: Paragraph) -> bool:
    return any(isinstance(part, Number) for part in block.parts)
