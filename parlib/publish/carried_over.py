"""The index table carried over to the units after the mergers of 2025, with the rule, the parts and their spread."""

from __future__ import annotations

import pandas as pd

from parlib import data_tables
from parlib.analysis import mergers
from parlib.errors import ParameterError, Problem
from parlib.publish.sheets import index_sheet
from parlib.scoring.results import WHOLE, Results
from parlib.sources import published
from parlib.words import Bilingual, near


def check(year: int, level: str, system: str, rule: str) -> None:
    """Raise ``ParameterError`` with everything that is wrong with the options ``--system`` and ``--merge``."""
    problems = _unknown(system, data_tables.SYSTEMS, "hệ thống tỉnh", "system of provinces")
    problems += _unknown(rule, mergers.RULES, "quy tắc gộp", "rule of merging")
    if not problems:
        problems = _clashes(year, level, system, rule)
    if problems:
        raise ParameterError(problems)


def _unknown(value: str, allowed: tuple[str, ...], vi: str, en: str) -> list[Problem]:
    if not value or value in allowed:
        return []
    listed = ", ".join(allowed)
    return [
        Problem(
            "no such {what}; there are: {listed}{near}",
            value=value,
            what=Bilingual(vi, en),
            near=near(value, allowed),
            listed=listed,
        )
    ]


def _clashes(year: int, level: str, system: str, rule: str) -> list[Problem]:
    rules = "|".join(mergers.RULES)
    if level == "ministry":
        return [
            *([Problem("ministries have no --system; use --merge alone")] if system else []),
            *(
                [Problem("ministries have no population to weigh by; use mean, best or worst")]
                if rule == "weighted"
                else []
            ),
        ]
    own = data_tables.system_of(year)
    if rule and own == "34":
        return [Problem("the results of {year} are on the 34 provinces already: nothing to merge", year=year)]
    if rule and system != "34":
        return [Problem("--merge needs --system 34")]
    if system == "34" and own == "63" and not rule:
        return [
            Problem(
                "the results of {year} are on 63 provinces; say how to merge them: --merge {rules}",
                year=year,
                rules=rules,
            )
        ]
    if system == "63" and own == "34":
        return [Problem("the results of {year} are on 34 provinces and cannot be parted into 63", year=year)]
    return []


def carried_over(results: Results, rule: str, language: str = "vi") -> tuple[pd.DataFrame, str]:
    """The index table of ``results`` on the new units, and the sentence that must stand by it.

    Beside the columns of ``index_sheet``, on the whole index: ``merge`` (the rule; of units that were merged),
    ``parts``, ``unknown_parts``, ``spread`` (best less worst part) and ``note``, the sentence again.
    """
    weights, weights_year = published.population(results.year) if results.level == "province" else (None, None)
    merged = mergers.merge(results, rule, weights, totals=published.TOTALS)
    sentence = mergers.wording(rule, language, results.level, weights_year if rule == "weighted" else None)
    beside = mergers.spread(results, weights).rename(columns={"unknown": "unknown_parts"})
    changed = beside["change"] != "unchanged"
    beside = beside.assign(
        node=WHOLE,
        merge=changed.map({True: rule, False: ""}),
        note=changed.map({True: sentence, False: ""}),
        spread=beside["spread"].where(changed),
    )
    columns = ["unit", "node", "merge", "parts", "unknown_parts", "spread", "note"]
    sheet = index_sheet(merged, language).merge(beside[columns], on=["unit", "node"], how="left", validate="one_to_one")
    return sheet, sentence
