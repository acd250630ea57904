"""What a sentence claims with words: up and down, the highest and the lowest, all of them.

A claim is held against the datasets, not against other words: the sign of a change, the change of every unit, every
known value. Words are looked for right before a number and after it, in the clause that it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from parlib.analysis.checks import Finding
from parlib.publish.verify import arithmetic, reading, values
from parlib.publish.verify import vocabulary as v
from parlib.publish.verify.data import SAME, Data
from parlib.report.blocks import Number, Ref
from parlib.words import Message

_OF_THE_KNOWN = {"vi": "có số liệu", "en": "known"}
#: Counts of units by the way they went.
_COUNTED = {"rose": 1, "n_rose": 1, "n_rank_up": 1, "fell": -1, "n_fell": -1, "n_rank_down": -1}
_CLAUSE = re.compile(r"[.;:!?]\s")


def inspect(parts: Sequence[str | Number], data: Data, language: str, where: str) -> Iterator[Finding]:
    """What the words of a sentence claim wrongly of its numbers."""
    for place, number in enumerate(parts):
        if not isinstance(number, Number) or number.value is None or not number.refs:
            continue
        before, after = (_text(parts, place + step) for step in (-1, 1))
        lead = "".join(part if isinstance(part, str) else part.text for part in parts[:place])
        yield from _direction(number, before, after, data, language, where)
        if any(ref.column in _COUNTED for ref in number.refs[:1]):
            yield from _counted(number, lead, _to_next_count(parts[place + 1 :]), language, where)
        yield from extreme(number, before, after, data, language, where)
        if len({ref.year for ref in number.refs}) > 1 and number.made == "count":
            yield from _at_least(number, before, language, where)
        yield from _largest(number, before, lead, data, language, where)


def _text(parts: Sequence[str | Number], place: int) -> str:
    part = parts[place] if 0 <= place < len(parts) else ""
    return part if isinstance(part, str) else ""


def _to_next_count(parts: Sequence[str | Number]) -> str:
    """What follows a count of units up to the next one: "10 of 17 ministries rose"."""
    found = []
    for part in parts:
        if isinstance(part, Number) and any(ref.column in _COUNTED for ref in part.refs[:1]):
            break
        found.append(part if isinstance(part, str) else part.text)
    return "".join(found)


def _way_finding(where: str, number: Number) -> Finding:
    return reading.about("directions", where, number, Message("the word of direction follows the sign"))


# --- up and down ----------------------------------------------------------------------------------


def _direction(number: Number, before: str, after: str, data: Data, language: str, where: str) -> Iterator[Finding]:
    """ "Up" and "down" follow the sign of the difference; one that fell is printed with its sign or its word."""
    if number.made not in ("difference", "statistic", "distance", "printed") or number.value is None:
        return
    change = number.made == "difference" or any(ref.column.startswith("mean_change") for ref in number.refs)
    signed = _signed(number, data)
    if signed is None or (not change and number.made != "distance"):
        return
    said = v.ends_with(v.BEFORE, language, before)
    if not said and number.made == "distance":
        said = v.said(v.SIDES, language, after[:40], first=True) or v.said(v.HIGHER, language, before)
    unsigned = number.value > 0 > signed and change
    if (said and signed * said < -SAME) or (unsigned and not said and number.text[:1] not in "−-"):
        yield _way_finding(where, number)


def _signed(number: Number, data: Data) -> float | None:
    """The change with its sign, worked out again."""
    made = "difference" if number.made == "distance" and len(number.refs) == 2 else number.made
    return _worked_out(data, made, number.refs)


def _worked_out(data: Data, made: str, refs: Sequence[Ref]) -> float | None:
    try:
        return arithmetic.value(data, Number(None, "", tuple(refs), made))
    except values.UnknownWay:
        return None


def _counted(number: Number, lead: str, after: str, language: str, where: str) -> Iterator[Finding]:
    """Units that rose are called so, after their number or else before it."""
    clause = _CLAUSE.split(after)[0]
    said = v.said(v.WAYS, language, clause, first=True) or v.said(v.WAYS, language, re.split(r"[.;!?]\s", lead)[-1])
    if said and said != _COUNTED[number.refs[0].column]:
        yield _way_finding(where, number)


def _at_least(number: Number, before: str, language: str, where: str) -> Iterator[Finding]:
    """Years in a row that are known are at least so many, never at most."""
    if v.ends_with(v.SIZES, language, before) > 0:
        yield reading.about("extremes", where, number, Message("years in a row are at least so many"))


# --- the highest and the lowest -------------------------------------------------------------------


def extreme(number: Number, before: str, after: str, data: Data, language: str, where: str) -> Iterator[Finding]:
    """ "Highest" and "lowest" right before a value: no known value lies beyond it. ``before`` is the text since the
    number before, or the head of a column."""
    wrong = False
    if number.value is None or not number.refs:
        return
    if number.made in ("value", "maximum", "minimum", "mean", "statistic", "printed"):
        said = v.said(v.ENDS, language, before)
        if number.made == "maximum" and not said:
            said = v.said(v.ENDS, language, _CLAUSE.split(after)[0], first=True)
        wrong = bool(said) and _lies_beyond(number, said, data)
    elif number.made == "difference" and (own := v.said(v.OWN_ENDS, language, before)):
        others = _of_areas(number.refs, data, "difference")
        wrong = any(other * own > (number.value or 0.0) * own + SAME for other in others)
    if wrong:
        yield reading.about("extremes", where, number, Message("highest and lowest hold for every known value"))


def column(rows: Sequence[tuple[Number, str]], head: str, data: Data, language: str, where: str) -> Iterator[Finding]:
    """Under "highest" or "lowest" stands the end of the values that are known: of all units, or of the region or group
    of the row. ``rows``: the numbers of the column, each with its region or group as the unit of a cell."""
    said = v.said(v.ENDS, language, head)
    ends: dict[tuple[str, str], Number] = {}
    for number, home in rows:
        if number.made == "value" and number.value is not None:
            key = number.refs[0].node, home
            if key not in ends or number.value * said > (ends[key].value or 0.0) * said:
                ends[key] = number
    for (node, home), number in ends.items() if said else ():
        ref = number.refs[0]
        sheet = data.sheet(ref)
        units = [unit for unit in sheet.ranked if not home or data.names.at_home(unit, home)] if sheet else []
        others = [sheet.cell(node, unit, ref.column) for unit in units] if sheet else []
        if any(other * said > (number.value or 0.0) * said + SAME for other in others if other is not None):
            yield reading.about("extremes", where, number, Message("highest and lowest hold for every known value"))


def _lies_beyond(number: Number, said: int, data: Data) -> bool:
    """Whether what is called the highest (1) or the lowest (-1) is not."""
    ref = number.refs[0]
    ends = {"maximum": 1, "max": 1, "minimum": -1, "min": -1}
    of_all = ref.unit in ("*", "")
    end = ends.get(number.made, 0) if number.made != "printed" else 0
    end = end or (ends.get(ref.column, 0) if number.made in ("statistic", "printed") else 0)
    if end and of_all:
        return said != end
    others = [other for other in _others(number, data) if other is not None]
    return any(other * said > (number.value or 0.0) * said + SAME for other in others)


def _others(number: Number, data: Data) -> Iterable[float | None]:
    """What the value of a unit, the mean of a region or of an area is set against: those of all the others."""
    ref = number.refs[0]
    if len(number.refs) > 1 and number.made in ("maximum", "minimum"):  # of the parts of a unit that was merged
        return [data.cell(part) for part in number.refs]
    if ref.unit not in ("*", "") and ":" not in ref.unit and number.made in ("value", "maximum", "minimum"):
        sheet = data.sheet(ref)
        return () if sheet is None else values.known(sheet.column(ref.node, ref.column))
    if ref.unit.startswith("region:") and number.made == "mean":
        homes = sorted(set(data.names.regions.values()) - {""})
        return [_worked_out(data, "mean", (replace(ref, unit=f"region:{home}"),)) for home in homes]
    if ref.unit == "*" and number.made == "mean":
        return _of_areas(number.refs, data, "mean")
    return ()


def _of_areas(refs: Sequence[Ref], data: Data, made: str) -> list[float]:
    """The same of every area, where it is of one; of fewer where theirs is not known."""
    areas = data.areas(refs[0])
    if refs[0].node not in areas:
        return []
    found = (_worked_out(data, made, [replace(ref, node=area) for ref in refs]) for area in areas)
    return [one for one in found if one is not None]


# --- the largest change, and all changes ----------------------------------------------------------


def _largest(number: Number, before: str, lead: str, data: Data, language: str, where: str) -> Iterator[Finding]:
    """Of the changes of units: what is told as rises rose, "most" is most of those known, and "all" is all."""
    refs = number.refs
    if number.made != "difference" or len(refs) != 2 or refs[0].unit != refs[1].unit or refs[0].year == refs[1].year:
        return
    if refs[0].unit in ("*", "") or ":" in refs[0].unit or (signed := _signed(number, data)) is None:
        return
    sentence = re.split(r"[.!?]\s", lead)[-1]
    way = v.said(v.WAYS, language, sentence)
    if number.text[:1] in "+−" and way * signed < -SAME:
        yield _way_finding(where, number)
    most, everybody = (
        v.said(v.LARGEST, language, before),
        v.said(v.ALL, language, sentence),
    )
    if not most and not everybody:
        return
    changes = [_worked_out(data, "difference", [replace(ref, unit=unit) for ref in refs])
               for unit in _ranked(refs[0], data)]  # fmt: skip
    known = [change for change in changes if change is not None]
    if most and any(change * most > signed * most + SAME for change in known):
        yield reading.about("extremes", where, number, Message("the largest change is the largest of those known"))
    partly = _OF_THE_KNOWN[v.known(language)] in sentence.lower()
    if everybody and (
        any(change * everybody <= SAME for change in known) or (len(known) < len(changes) and not partly)
    ):
        yield reading.about("all", where, number, Message("all means every unit"))


def _ranked(ref: Ref, data: Data) -> tuple[str, ...]:
    sheet = data.sheet(ref)
    return () if sheet is None else sheet.ranked
