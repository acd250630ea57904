"""The pages that the numbers of a year were read on, and where they disagree, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from parlib import data_tables
from parlib.data_tables import base_year, breaks, since_base, table
from parlib.scoring import units
from parlib.scoring.results import WHOLE, Results
from parlib.sources.published import par
from parlib.sources.published.par import known, rows_of, whole_numbers, years_of
from parlib.words import FIRST, Message

# --- satisfaction ---------------------------------------------------------------------------------
# What was published of SIPAS in a year, for a report on another index of that year.

_STATISTICS = "published/sipas_statistics.csv"
_UNITS = "published/sipas.csv"


@dataclass(frozen=True)
class Satisfaction:
    """SIPAS as published; every frame is empty where nothing was.

    ``statistics``  ``statistic``, ``value``: printed for the year. ``means``  ``year``, ``mean``, ``break_mark``: the
    printed national means to this year. ``units``  ``unit``, ``value``, ``rank`` (printed), ``basis``, ``rank_basis``:
    the provinces of which a value or a rank was.
    """

    statistics: pd.DataFrame = field(default_factory=pd.DataFrame)
    means: pd.DataFrame = field(default_factory=pd.DataFrame)
    units: pd.DataFrame = field(default_factory=pd.DataFrame)


def satisfaction(results: Results) -> Satisfaction:
    """SIPAS of the year of published results of the PAR INDEX of provinces; nothing for any others."""
    if (results.index_name, results.level, results.stage) != ("par", "province", "published"):
        return Satisfaction()
    rows = rows_of(_UNITS, results.year)
    units = pd.DataFrame(
        {
            "unit": rows["key"].astype("str"),
            "value": rows["value"].astype("float64"),
            "rank": whole_numbers(rows["rank"]),
            "basis": rows["basis"].astype("str"),
            "rank_basis": rows["rank_basis"].astype("str"),
        }
    )
    units = units[known(units["value"]) | units["rank"].notna()].reset_index(drop=True)
    broken = breaks("province", "sipas")
    means = []
    for year in years_of(_STATISTICS):
        printed = rows_of(_STATISTICS, year)
        values = printed.loc[printed["statistic"] == "mean", "value"]
        if year <= results.year and len(values):
            means.append((year, float(values.iloc[0]), year in broken))
    statistics = rows_of(_STATISTICS, results.year)[["statistic", "value"]]
    if not len(statistics) and not len(units):
        return Satisfaction()
    return Satisfaction(statistics, pd.DataFrame(means, columns=["year", "mean", "break_mark"]), units)


def satisfaction_sources(results: Results) -> list[tuple[int, str]]:
    """The year and the sources of each thing that ``satisfaction`` gives for the same results."""
    result = satisfaction(results)
    if result.statistics.empty and result.units.empty:
        return []
    lists = [(results.year, text) for text in rows_of(_UNITS, results.year)["source_ids"].astype("str")]
    if result.units.empty:
        lists = []
    for year in dict.fromkeys([results.year, *(int(year) for year in result.means["year"])]):
        rows = rows_of(_STATISTICS, year)
        chosen = rows.loc[(rows["statistic"] == "mean") | (year == results.year), "source_ids"]
        lists += [(year, text) for text in chosen.astype("str")]
    return lists


_COLUMNS = ("source_id", "title", "evidence", "date", "used_for", "url")

#: What a page is used for, in the order in which it is said.
_USES = {
    "units": Message("results {years}"),
    "parts": Message("areas and parts {years}"),
    "statistics": Message("totals {years}"),
    "regions": Message("regions {years}"),
    "set": Message("criteria and groups {years}"),
    "sipas": Message("SIPAS {years}"),
    "ranks": Message("ranks {years}"),
    "other": Message("other numbers {years}"),
}
_Use = tuple[str, int, str]  # a key of _USES, the year, the sources with ";" between them


def source_pages(
    results: Results,
    language: str = "vi",
    previous: Results | None = None,
    years: Iterable[Results] = (),
    history: pd.DataFrame | None = None,
    runs: pd.DataFrame | None = None,
    set_before: int = 0,
) -> pd.DataFrame:
    """Every page that a number of a report on ``results`` was read on, and no other.

    That is every number of the year; another one that disagrees; SIPAS and the set of criteria of the year, and the
    set before it (that of the year ``set_before``; 0: it is not printed); of ``previous`` what a change is taken
    from; of the other ``years`` the ranks that ``history`` prints (``year``, ``unit``, ``rank``: the frame of
    ``analysis.series``) and what the ``runs`` of years rest on, and the mean of 2012 where the change since then is
    worked out. Sorted by ``source_id``.

    ``source_id``, ``title``, ``evidence`` and ``used_for`` (in words of ``language``), ``date``, ``url``.
    """
    uses = [*_of_the_year(results), *_of_changes(results, previous, years)]
    uses += _of_ranks(results, years, history, runs)
    if set_before:
        uses += [("set", set_before, text) for text in _of_the_set(results, set_before)]
    matches: dict[str, dict[str, set[int]]] = {}
    for use, year, text in uses:
        for source_id in filter(None, text.split(";")):
            matches.setdefault(source_id, {}).setdefault(use, set()).add(year)
    rows = []
    for source_id in sorted(matches):
        title, evidence, day, url = par.source_cells(source_id, language)
        rows.append((source_id, title, evidence, day, _said(matches[source_id], language), url))
    return pd.DataFrame(rows, columns=list(_COLUMNS), dtype="str")


def pages_read(results: Results, language: str = "vi") -> pd.DataFrame:
    """The pages that values and ranks of the whole index were read on, sorted by ``source_id``: ``evidence`` (in
    words of ``language``), ``is_copy`` (whether it is another's data set), ``date`` as noted, ``url``."""
    bases = results.bases
    lists = _lists(bases[bases["node"] == WHOLE])
    read = sorted({source_id for text in lists for source_id in text.split(";") if source_id})
    rows = [
        (
            par.evidence_words(row["evidence"], language, many=True),
            row["evidence"] == "dataset",
            row["date"],
            row["url"],
        )
        for source_id in read
        if (row := par.source_row(source_id)) is not None
    ]
    return pd.DataFrame(rows, columns=["evidence", "is_copy", "date", "url"])


def _said(uses: Mapping[str, set[int]], language: str) -> str:
    """What a page is used for: "kết quả 2023; thứ hạng 2018, 2019"."""
    names = []
    for use, words in _USES.items():
        years = uses.get(use, set()) - (uses.get("units", set()) if use == "ranks" else set())
        if years:
            names.append(words.filled(years=", ".join(map(str, sorted(years)))).text(language))
    return "; ".join(names)


def _of_the_year(results: Results) -> Iterator[_Use]:
    year, bases = results.year, results.bases
    whole = bases["node"] == WHOLE
    frames = {
        "units": (bases[whole], results.printed_changes),
        "parts": (bases[~whole], results.node_ranks),
        "statistics": (results.printed_statistics,),
        "regions": (results.printed_regions,),
    }
    for use, some in frames.items():
        yield from ((use, year, text) for frame in some for text in _lists(frame))
    disagreeing = source_conflicts(results)
    for name in ("kept_source_ids", "other_source_ids"):
        yield from (("other", year, text) for text in _lists(disagreeing, name))
    if results.stage == "published":
        yield from (("sipas", of, text) for of, text in satisfaction_sources(results))
        bands = data_tables.band_table(year, results.level) if results.index_name == "par" else pd.DataFrame()
        lists = [*_of_the_set(results, year), *(_lists(bands) if len(bands) else ())]
        yield from (("set", year, text) for text in lists)


def _lists(frame: pd.DataFrame, name: str = "source_ids") -> list[str]:
    return frame[name].astype("str").tolist()


def _of_the_set(results: Results, year: int) -> list[str]:
    """The sources of the parts of the set of criteria of a year."""
    if results.index_name != "par":
        return []
    frames = (data_tables.areas_of(year, results.level), data_tables.components_of(year, results.level))
    return [text for frame in frames for text in _lists(frame)]


def _of_changes(results: Results, previous: Results | None, years: Iterable[Results]) -> Iterator[_Use]:
    """What changes are taken from that are not printed themselves: means, values known in both years, regions."""
    printed = results.printed_statistics
    sentences = set(printed.loc[printed["node"] == WHOLE, "statistic"].astype("str"))
    changes = [("mean_change", previous)]
    changes += [(since_base(), other) for other in years if other.year == base_year()]
    for change, other in changes:
        if other is not None and other.year != results.year and change not in sentences:
            means = other.printed_statistics
            of_all = means[(means["statistic"] == "mean") & (means["node"] == WHOLE)]
            yield from (("statistics", other.year, text) for text in _lists(of_all))
    if previous is None:
        return
    known = set(_values(results)) & set(_values(previous))
    for unit, node, text in previous.bases[["unit", "node", "source_ids"]].itertuples(index=False):
        if (unit, node) in known:
            yield ("parts" if node else "units"), previous.year, text
    regions = previous.printed_regions
    both = regions[regions["region"].isin(set(results.printed_regions["region"]))]
    yield from (("regions", previous.year, text) for text in _lists(both))


def _of_ranks(
    results: Results, years: Iterable[Results], history: pd.DataFrame | None, runs: pd.DataFrame | None
) -> Iterator[_Use]:
    """What the ranks of earlier years that are printed, and the years in a row, rest on."""
    printed: set[tuple[int, str]] = set()
    if history is not None and len(history):
        listed = history[history["rank"].notna() & history["unit"].isin(set(results.units["unit"]))]
        printed |= {(int(str(row.year)), str(row.unit)) for row in listed.itertuples()}
        printed = printed if len({year for year, _ in printed}) > 1 else set()  # one year is no history
    if runs is not None:
        for row in runs.itertuples():
            printed |= {(results.year - back, str(row.unit)) for back in range(int(str(row.years)))}
    for other in years:
        if other.year != results.year:
            rows = other.bases[other.bases["node"] == WHOLE]
            yield from (
                ("ranks", other.year, str(row.source_ids))
                for row in rows.itertuples()
                if (other.year, str(row.unit)) in printed
            )


def _values(results: Results) -> Iterator[tuple[str, str]]:
    """The units and nodes with a value."""
    table = results.table[results.table["index"].notna()]
    yield from table[["unit", "node"]].astype("str").itertuples(index=False, name=None)


def source_conflicts(results: Results) -> pd.DataFrame:
    """The disagreements between sources on the index of ``results``, as ``conflicts`` gives them; empty for a round."""
    level = {"par": results.level, "sipas": "sipas"}.get(results.index_name, "")
    result = par.conflicts(results.year, level or results.level)
    return result if level and results.stage == "published" else result.iloc[:0]


def check_explanations(language: str = "vi") -> pd.DataFrame:
    """The reviewed explanations of numbers that the sources print and that disagree, for ``analysis.checks.run``:
    ``year``, ``level``, ``check``, ``subject``, ``numbers``, ``explanation`` (in ``language``)."""
    frame = table("published/explanations.csv").frame()
    if language != FIRST:
        frame["explanation"] = frame["explanation_en"]
    return frame.drop(columns="explanation_en")


def known_years(index_name: str, level: str) -> list[int]:
    """The years of which a source has something, ascending; none where the index is not of the level."""
    if level not in par.levels(index_name):
        return []
    return years_of("published/par_index.csv", level) if index_name == "par" else par.years(index_name, level)


def legal_units(results: Results) -> tuple[str, ...]:
    """The units that the year's decision assesses, where the sources settle the list; else nothing to check against."""
    if results.index_name != "par":
        return ()
    return tuple(units.assessed(results.year, results.level)["unit"].astype("str"))


def region_sizes(results: Results) -> dict[str, int]:
    """The number of ranked units of each region; empty for ministries."""
    if not results.system:
        return {}
    homes = [units.region_of(unit, results.system) for unit in results.ranked_units]
    return {region: homes.count(region) for region in dict.fromkeys(homes)}
