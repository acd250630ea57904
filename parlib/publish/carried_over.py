"""The index table carried over to the units after the mergers of 2025, with the rule, the parts and their spread."""

from __future__ import annotations

import pandas as pd

from parlib import data_tables
from parlib.analysis import mergers
from parlib.errors import ParameterError, Problem, unknown
from parlib.publish.sheets import index_sheet
from parlib.scoring.results import WHOLE, Results
from parlib.sources import published
from parlib.words import Message


def check(year: int, level: str, system: str, rule: str) -> None:
    """Raise ``ParameterError`` with everything that is wrong with the options ``--system`` and ``--merge``."""
    problems = unknown(filter(None, [system]), data_tables.systems(), Message("system of provinces"))
    problems += unknown(filter(None, [rule]), mergers.RULES, Message("rule of merging"))
    if not problems:
        problems = _clashes(year, level, system, rule)
    ParameterError.raise_for(problems)


def _clashes(year: int, level: str, system: str, rule: str) -> list[Problem]:
    rules = "|".join(mergers.RULES)
    systems = tuple(data_tables.systems(level))
    if not systems:
        return [
            *([Problem("ministries have no --system; use --merge alone")] if system else []),
            *(
                [Problem("ministries have no population to weigh by; use mean, best or worst")]
                if rule == "weighted"
                else []
            ),
        ]
    own, last = data_tables.system_of(year, level), systems[-1]
    if rule and own == last:
        return [
            Problem("the results of {year} are on the {own} provinces already: nothing to merge", year=year, own=own)
        ]
    if rule and system != last:
        return [Problem("--merge needs --system {last}", last=last)]
    if system == last and own != last and not rule:
        return [
            Problem(
                "the results of {year} are on {own} provinces; say how to merge them: --merge {rules}",
                year=year,
                own=own,
                rules=rules,
            )
        ]
    if system and system != last and own == last:
        return [
            Problem(
                "the results of {year} are on {own} provinces and cannot be split into {system}",
                year=year,
                own=own,
                system=system,
            )
        ]
    return []


def carried_over(results: Results, rule: str, language: str = "vi") -> tuple[pd.DataFrame, str]:
    """The index table of ``results`` on the new units, and the sentence that must stand by it.

    Beside the columns of ``index_sheet``, on the whole index: ``merge`` (the rule; of units that were merged),
    ``parts``, ``unknown_parts``, ``spread`` (best less worst part) and ``note``, the sentence again.
    """
    weights, weights_year = published.population(results.year) if results.system else (None, None)
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
