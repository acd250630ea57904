"""Tables that leave by a command as CSV or Excel: the index table with rank and band, and the statistics of a year."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pandas as pd

from parlib import data_tables, opened, places
from parlib.analysis import mergers
from parlib.analysis.statistics import statistics_table, with_ranks
from parlib.answers import VALUE_UNITS
from parlib.data_tables import base_year
from parlib.errors import ParameterError, Problem, named, unknown
from parlib.scoring import ranking, units
from parlib.scoring.results import WHOLE, Results
from parlib.scoring.scheme import code_of
from parlib.sources import published
from parlib.sources.published import par
from parlib.sources.rounds.wording import MARK_WORDS
from parlib.words import FIRST, Message, Name, Words

FORMATS = ("csv", "xlsx")


#: What numbers may rest on that makes them anything but official: written into every row that leaves as a table.
_LOUD = ("simulated", "illustrative_scheme")
_STAGES = {
    "self": Message("Self-assessment"),
    "appraisal": Message("Appraisal"),
    "final": Message("Final result"),
    "published": Message("Published"),
}
_BASES = {
    "published": Message("Published"),
    "computed": Message("Computed"),
    "derived": Message("Derived from published numbers"),
    "rounded": Message("Published as a rounded number"),
    "secondary": Message("From a third-party data set"),
    "suspect": Message("In doubt"),
    "incomplete": Message("Incomplete"),
    "rank_only": Message("Only the rank is published"),
    "band_only": Message("Only the group is published"),
    "not_ranked": Message("Assessed, not ranked"),
}
_OWN_HEADS = {"maximum": Message("Maximum"), "index": Message("Percent of maximum")}  # in an index table
_WORDS = {"stage": _STAGES, "basis": _BASES, "marks": MARK_WORDS, "unit_of_value": VALUE_UNITS}


def index_sheet(results: Results, language: str = "vi") -> pd.DataFrame:
    """The index table of ``results`` with rank and band, and with names; every unit has a row of its whole index.

    The range of a rank that is not known exactly, whether the unit is ranked, and what its index rests on stand beside
    the whole index (node ""). ``value`` is what the publisher prints, in ``unit_of_value`` (PAPI 2024: 47.82 points,
    where ``index`` is percent of the maximum); ``known`` counts the ranked units that have it ("9/63"), ``source_ids``
    say where it is from. Simulated results, and those of an illustrative set of criteria, have a column ``marks``.
    """
    sheet = with_ranks(results)
    beside = ranking.rank(results)[["unit", "rank_min", "rank_max", "ranked", "basis"]].assign(node=WHOLE)
    sheet = sheet.merge(beside, on=["unit", "node"], how="left", validate="one_to_one")
    node_names = results.nodes.set_index("node")["name" if language == FIRST else "name_en"]
    unit_names = {unit: units.name(unit, language, system=results.system) for unit in results.units["unit"]}
    sheet = sheet.assign(name=sheet["unit"].map(unit_names), node_name=sheet["node"].map(node_names))
    sheet = sheet.assign(**_printed(results, sheet))
    marks = ";".join(mark for mark in results.marks if mark in _LOUD)
    if marks:  # in every row, so that no row can be cut out and taken for an official one
        sheet = sheet.assign(marks=marks)
    first = ["year", "level", "unit", "name", "node", "node_name"]
    return sheet[[*first, *(column for column in sheet.columns if column not in first)]]


def wide_sheet(answer: pd.DataFrame, language: str = FIRST) -> pd.DataFrame:
    """``Year.wide`` for people; loud marks in every row."""
    marks = ";".join(mark for mark in str(answer.attrs["marks"]).split(";") if mark in _LOUD)
    return for_people(answer.assign(marks=marks) if marks else answer, language)


def for_people(sheet: pd.DataFrame, language: str = FIRST) -> pd.DataFrame:
    """A table as people read it: heads and keys in words, units by name alone, columns that say nothing left out."""
    from parlib.report.blocks import Wording  # a table of keys needs no report
    from parlib.report.columns import words_of_columns

    heads = {**words_of_columns(language), **{key: word.text(language) for key, word in _OWN_HEADS.items()}}
    heads["region_name"] = Wording(language).say("Region")
    plain = pd.DataFrame(sheet).drop(columns=["unit", "region", "statistic", "merge"], errors="ignore")
    plain = plain.loc[:, [name == "rank" or bool(((plain[name] != "") & plain[name].notna()).any()) for name in plain]]
    plain = plain[sorted(plain, key=lambda name: name != "what")]  # what a number is stands before it
    for name in plain:
        if pd.api.types.is_bool_dtype(plain[name].dropna().infer_objects()):
            plain[name] = plain[name].map({True: "x"}).fillna("")
        elif name in ("parts", "unknown_parts"):
            plain[name] = [
                ", ".join(units.name(key, language) for key in keys.split(";") if key)
                for keys in plain[name].fillna("")
            ]
        elif (said := said_in_words(str(name), language)) is not str:
            plain[name] = plain[name].map(said, na_action="ignore")
        elif name == "value":
            plain[name] = pd.to_numeric(plain[name])
    return plain.rename(columns=lambda name: heads.get(name, name))


def said_in_words(column: str, language: str) -> Callable[[str], str]:
    """How a column says its keys in words."""

    @cache
    def said(key: str) -> str:
        if column == "level":
            level = data_tables.levels()[key]
            return Name(level["name_vi"], level["name_en"]).text(language)
        if column == "index_name":
            return par.index_name_of(key).text(language)
        if column == "node":
            return code_of(key)
        known: Mapping[str, Words] = _WORDS[column]
        return "; ".join(known[part].text(language) if part in known else part for part in key.split(";"))

    return said if column in ("level", "index_name", "node", *_WORDS) else str


def _printed(results: Results, sheet: pd.DataFrame) -> dict[str, pd.Series]:
    """The columns ``value``, ``unit_of_value``, ``known`` and ``source_ids`` of the rows of ``sheet``.

    Components of the PAR INDEX are printed in points; those of others are on scales of their own and have no value.
    """
    parts = sheet["node"].map(results.nodes.set_index("node")["kind"]) == "component"
    in_points = parts | (results.scale.column == "points")
    values = sheet["points"].where(in_points, sheet["index"])
    units_of_value = pd.Series(results.scale.unit, sheet.index).mask(parts, "points")
    if results.index_name != "par":
        values, units_of_value = values.mask(parts), units_of_value.mask(parts, "")
    known = {str(node): results.known(str(node)) for node in sheet["node"].unique()}
    sources = {(str(row.unit), str(row.node)): str(row.source_ids) for row in results.bases.itertuples()}
    keys = zip(sheet["unit"].astype(str), sheet["node"].astype(str), strict=True)
    return {
        "value": values,
        "unit_of_value": units_of_value,
        "known": sheet["node"].astype(str).map(known),
        "source_ids": pd.Series([sources.get(key, "") for key in keys], index=sheet.index, dtype="str"),
    }


def statistics_sheet(
    year: int, level: str, index_name: str = "par", round_id: str = "", language: str = FIRST
) -> pd.DataFrame:
    """The statistics of a year in the words of the published tables: ``statistic``, ``value`` (empty: not settled), and
    ``what`` it is in a language.

    Simulated results, and those of an illustrative set of criteria, have a column ``marks``.
    """
    from parlib.report.blocks import Wording
    from parlib.report.views import View, statistic_name

    results = opened.open_results(year, level, index_name, round_id)
    base = opened.open_other_year(results, base_year()) if year > base_year() else None
    table = statistics_table(results, opened.open_before(results, round_id), base)
    view = View(results, Wording(language))
    table["what"] = [statistic_name(view, word) for word in table["statistic"]]
    marks = ";".join(mark for mark in results.marks if mark in _LOUD)
    return table.assign(marks=marks) if marks else table


def check_format(to: str, out: Path | None) -> str:
    """The format that ``to``, or else the ending of ``out``, asks for. Raises ``ParameterError``."""
    if out is not None and out.is_dir():
        raise ParameterError("this is a folder: give the name of a file", file=str(out))
    ending = out.suffix.removeprefix(".").lower() if out else ""
    if to and ending in FORMATS and ending != to:
        raise ParameterError("--to {to} and the ending of --out do not agree", value=str(out), to=to)
    kind = to or ending or "csv"
    named(kind, FORMATS, Message("format of a table"))
    if kind == "xlsx" and out is None:
        raise ParameterError("the format xlsx needs --out FILE")
    return kind


def csv_text(sheet: pd.DataFrame) -> str:
    """``sheet`` as CSV: comma, decimal dot, points without the noise of binary fractions, empty where not known."""
    text: str = sheet.round(9).to_csv(index=False, lineterminator="\n")
    return text


def write_sheets(sheet: pd.DataFrame, path: Path, to: str, title: str = "parlib", language: str = FIRST) -> None:
    """Write ``sheet`` to ``path`` whole: as Excel, or as CSV that Excel set to ``language`` opens with a double click.

    Excel knows its letters by the mark at the beginning. What it takes for the sign between cells and for the decimal
    sign are those of Windows: ";" and a comma in Vietnamese, where the CSV of programs would be one column of text.
    """
    if to == "xlsx":
        from parlib.sources.excel import write_frame

        write_frame(for_people(sheet, language), path, title)
        return
    between, decimal = (";", ",") if language == FIRST else (",", ".")
    with places.whole_file(path) as draft:
        sheet.round(9).to_csv(
            draft, sep=between, decimal=decimal, index=False, lineterminator="\r\n", encoding="utf-8-sig"
        )


# --- the units after the mergers of 2025 ----------------------------------------------------------
# The index table carried over to them, with the rule, the parts and their spread.


def check_carried_over(year: int, level: str, system: str, rule: str) -> None:
    """Raise ``ParameterError`` with everything that is wrong with the options ``--system`` and ``--merge``."""
    problems = unknown(filter(None, [system]), data_tables.systems(), Message("system of provinces"))
    problems += unknown(filter(None, [rule]), mergers.RULES, Message("rule of merging"))
    if not problems:
        problems = list(_clashes(year, level, system, rule))
    ParameterError.raise_for(problems)


def _clashes(year: int, level: str, system: str, rule: str) -> Iterator[Problem]:
    systems = tuple(data_tables.systems(level))
    if not systems:
        if system:
            yield Problem("ministries have no --system; use --merge alone")
        if rule == "weighted":
            yield Problem("ministries have no population to weigh by; use mean, best or worst")
        return
    own, last = data_tables.system_of(year, level), systems[-1]
    if rule and own == last:
        yield Problem("the results of {year} are on the {own} provinces already: nothing to merge", year=year, own=own)
    elif rule and system != last:
        yield Problem("--merge needs --system {last}", last=last)
    elif system == last and own != last and not rule:
        rules = "|".join(mergers.RULES)
        yield Problem("the results of {year} are on {own} provinces; say how to merge them: --merge {rules}",
                      year=year, own=own, rules=rules)  # fmt: skip
    elif system and system != last and own == last:
        yield Problem("the results of {year} are on {own} provinces and cannot be split into {system}",
                      year=year, own=own, system=system)  # fmt: skip


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
