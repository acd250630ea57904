"""The checks that stop a report: numbers that contradict each other are found before anybody prints them.

Each check is a function with a name; it takes the ``Facts`` that a report is about to print and yields a ``Finding``
for every comparison it made. A finding that disagrees stops the report (``require``), unless a reviewed explanation of
exactly these numbers is on file: then the report is built and prints the explanation. Printed numbers are compared as
what they are: a value with d decimals stands for anything within half a unit of its last place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pandas as pd

from parlib.errors import ChecksFailed, Problem
from parlib.scoring.results import Results
from parlib.words import Bilingual


@dataclass(frozen=True)
class Facts:
    """What a report is about to print; a check looks at what is there and passes over what is not.

    ``ranking``, ``bands``, ``change`` and ``regions`` are the frames of ``analysis.ranking`` and
    ``analysis.comparison``; ``statistics`` has the columns ``statistic`` and ``value``. ``previous`` are the results of
    the year before as published then. ``texts`` holds the numbers printed in each language, in order of appearance.
    ``tables`` are the frames that leave the workbook, by name.
    """

    results: Results
    previous: Results | None = None
    ranking: pd.DataFrame | None = None
    statistics: pd.DataFrame | None = None
    bands: pd.DataFrame | None = None
    change: pd.DataFrame | None = None
    regions: pd.DataFrame | None = None
    region_sizes: Mapping[str, int] = field(default_factory=dict)
    legal_units: Sequence[str] = ()
    texts: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    smallest_cell: int = 5


#: What the compared numbers are called in Vietnamese.
_NAMES = {
    "up": "tăng",
    "down": "giảm",
    "same": "giữ nguyên",
    "n": "số đơn vị",
    "sum": "cộng các phần",
    "total": "tổng",
    "points": "điểm",
    "maximum": "điểm tối đa",
    "index": "chỉ số",
    "weighted": "tính từ các vùng",
    "mean": "trung bình chung",
    "value": "giá trị",
    "change": "mức thay đổi",
    "before": "công bố năm trước",
    "difference": "hiệu",
    "rank": "hạng",
    "in_report": "có trong báo cáo",
    "in_list": "có trong danh sách",
    "units": "số đơn vị",
    "list": "số trong danh sách",
    "compared": "số giá trị đã so",
    "respondent_rows": "dòng của người trả lời",
    "small_cells": "nhóm quá nhỏ",
    "vi": "tiếng Việt",
    "en": "tiếng Anh",
}


@dataclass(frozen=True)
class Finding:
    """One comparison: does it hold, what was compared, and the words for people.

    ``subject`` names what the numbers are about (a unit, a region, a statistic); ``numbers`` are the numbers that were
    compared, by name; ``explanation`` is filled where a reviewed note explains a disagreement.
    """

    check: str
    holds: bool
    subject: str
    numbers: tuple[tuple[str, float], ...]
    vi: str
    en: str
    explanation: str = ""

    @property
    def stops(self) -> bool:
        """Whether this finding keeps the report from being published."""
        return not self.holds and not self.explanation

    def text(self, language: str = "vi") -> str:
        """The finding in words, with its numbers."""
        names = _NAMES if language == "vi" else {}
        numbers = "; ".join(f"{names.get(name, name)} = {shown(value, language)}" for name, value in self.numbers)
        subject = f"{self.subject}: " if self.subject else ""
        return f"{subject}{self.vi if language == 'vi' else self.en} ({numbers})"


Check = Callable[[Facts], Iterator[Finding]]
_REGISTRY: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    """Enter a function into the registry under ``name``; a name is given once."""

    def enter(function: Check) -> Check:
        if name in _REGISTRY:
            raise ValueError(f"the check {name!r} is registered twice")
        _REGISTRY[name] = function
        return function

    return enter


def names() -> tuple[str, ...]:
    """The names of all checks, in the order they run."""
    return tuple(_REGISTRY)


def run(
    facts: Facts, only: Iterable[str] | None = None, explanations: pd.DataFrame | None = None
) -> tuple[Finding, ...]:
    """Every finding of the checks (of those named in ``only``), in order.

    ``explanations`` has the columns ``year``, ``level``, ``check``, ``subject``, ``numbers`` (the compared values,
    ``;`` between them) and ``explanation``. It explains a disagreement only when the numbers are exactly the same, so
    that a new slip in the same place is not covered by an old note. Raises ``KeyError`` on an unknown name.
    """
    chosen = names() if only is None else tuple(only)
    found = [finding for name in chosen for finding in _REGISTRY[name](facts)]
    if explanations is None or explanations.empty:
        return tuple(found)
    here = explanations[
        (explanations["year"].astype(int) == facts.results.year) & (explanations["level"] == facts.results.level)
    ]
    columns = (here[name].fillna("").astype(str) for name in ("check", "subject", "numbers", "explanation"))
    notes = {(name, subject, numbers): text for name, subject, numbers, text in zip(*columns, strict=True)}
    return tuple(replace(f, explanation=notes.get((f.check, f.subject, _fingerprint(f)), "")) for f in found)


def require(findings: Iterable[Finding], language: str = "vi") -> tuple[Finding, ...]:
    """``findings`` again, or ``ChecksFailed`` (in ``language``) naming every disagreement that stops the report."""
    found = tuple(findings)
    stopping = [f for f in found if f.stops]
    if stopping:
        problems = [Problem(Bilingual(f.text("vi"), f.text("en")), column=f.check) for f in stopping]
        raise ChecksFailed(problems, language)
    return found


def summary(findings: Iterable[Finding]) -> pd.DataFrame:
    """One row a check: ``check``, ``compared``, ``held``, ``explained``, ``failed``."""
    rows = [
        {
            "check": f.check,
            "compared": 1,
            "held": int(f.holds),
            "explained": int(not f.holds and bool(f.explanation)),
            "failed": int(f.stops),
        }
        for f in findings
    ]
    columns = ["check", "compared", "held", "explained", "failed"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.groupby("check", sort=False).sum().reset_index() if rows else frame


def shown(value: float, language: str) -> str:
    """``value`` with up to four decimals, as a check prints it."""
    text = format(Decimal(repr(round(float(value), 4))).normalize(), "f")
    return text.replace(".", ",") if language == "vi" else text


def _fingerprint(finding: Finding) -> str:
    return ";".join(shown(value, "en") for _, value in finding.numbers)
