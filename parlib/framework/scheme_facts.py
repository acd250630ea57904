"""A scheme against what is published about it; numbers of a document, exact for sums and plain for models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, TypeGuard

from parlib.errors import Problem
from parlib.framework.decisions import Facts
from parlib.framework.ladders import number


class Area(NamedTuple):
    """An area as counted: its maximum, its numbers of criteria and sub-criteria, its points of each component."""

    maximum: Decimal | None
    shape: tuple[int, int]
    sums: dict[str, Decimal]


def exact_numbers(value: Any) -> Any:
    """A document with every float as the decimal that was written."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dict):
        return {key: exact_numbers(content) for key, content in value.items()}
    return [exact_numbers(content) for content in value] if isinstance(value, list | tuple) else value


def plain_numbers(value: Any) -> Any:
    """A document with every decimal as a float."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: plain_numbers(content) for key, content in value.items()}
    return [plain_numbers(content) for content in value] if isinstance(value, list | tuple) else value


def is_number(value: object) -> TypeGuard[int | Decimal]:
    """Whether ``value`` is a finite number, not a truth value."""
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, int) and not isinstance(value, bool)


def show(value: object, language: str) -> str:
    """A value in a message: numbers as people write them."""
    return number(Decimal(str(value)), language) if is_number(value) else repr(value)


def listing(values: Iterable[Any], language: str = "en") -> str:
    """Values in a message, one after another."""
    return ", ".join(show(value, language) if is_number(value) else str(value) for value in values)


_WORDS = {
    "level": "cấp",
    "years": "các năm",
    "total": "tổng điểm",
    "number of areas": "số lĩnh vực",
    "number of criteria": "số tiêu chí",
    "number of sub-criteria": "số tiêu chí thành phần",
    "max": "điểm tối đa",
    "criteria and sub-criteria": "số tiêu chí và tiêu chí thành phần",
    "components": "các thành phần",
}


def disagreements(
    facts: Facts, document: Mapping[str, Any], count: Mapping[int, int], areas: list[Area], strict: bool
) -> Iterator[Problem]:
    """Where a document contradicts the published facts. ``strict``: hold it to the maxima we assumed as well."""
    total = sum((area.maximum for area in areas if area.maximum is not None), Decimal(0))
    for what, got, want in (
        ("level", document["level"], facts.level),
        ("years", document["years"], list(facts.years) or None),
        ("total", total, facts.total),
        ("number of areas", len(areas), facts.areas),
        ("number of criteria", count[2], facts.criteria),
        ("number of sub-criteria", count[3], facts.subcriteria),
    ):
        if want is not None and got != want:
            yield _differs("", what, got, want)
    maxima = facts.area_maxima_assumed if strict and facts.area_maxima_assumed else facts.area_maxima
    for place, area in enumerate(areas):
        code = str(place + 1)
        if place < len(maxima) and maxima[place] not in (None, area.maximum):
            yield _differs(code, "max", area.maximum, maxima[place])
        if place < len(facts.area_counts) and facts.area_counts[place] not in (None, area.shape):
            yield _differs(code, "criteria and sub-criteria", area.shape, facts.area_counts[place])
    yield from _only_in_area(facts, areas)
    given = {key: Decimal(component["max"]) for key, component in document["components"].items()}
    if facts.components and given != facts.components:
        yield _differs("", "components", _pairs(given), _pairs(facts.components))


def _only_in_area(facts: Facts, areas: list[Area]) -> Iterator[Problem]:
    """Components that are published to stand in one area alone."""
    for home, points in facts.only_in_area.items():
        for place, area in enumerate(areas, 1):
            for key, want in points.items():
                got, due = area.sums.get(key, Decimal(0)), Decimal(want) if str(place) == home else Decimal(0)
                if got != due:
                    yield _differs(str(place), f"points of {key}", got, due)


def _pairs(values: Mapping[str, Decimal]) -> list[str]:
    return [f"{key} {show(value, 'en')}" for key, value in sorted(values.items())]


def _differs(node: str, what: str, got: object, want: object) -> Problem:
    def said(value: object, language: str) -> str:
        return listing(value, language) if isinstance(value, list | tuple) else show(value, language).strip("'")

    word = _WORDS.get(what, what.replace("points of", "điểm của"))
    return Problem(
        vi=f"{word}: đang là {said(got, 'vi')}, đã công bố {said(want, 'vi')}",
        en=f"{what}: is {said(got, 'en')}, published {said(want, 'en')}",
        node=node,
    )
