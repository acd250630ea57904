"""The index table and the results of one year: what every analysis, chart and report takes, wherever it comes from."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from parlib.data_tables import Scale, breaks, scale
from parlib.errors import ParameterError, Problem
from parlib.scoring.units import levels
from parlib.words import Message

INDEX_COLUMNS = ("year", "level", "unit", "node", "points", "maximum", "index", "stage", "standard_error")
STAGES = ("self", "appraisal", "appeal", "final", "published")
WHOLE = ""  # the node of the whole index

#: What a number may rest on, printed with it: see Results.marks.
MARKS = ("illustrative_scheme", "simulated", "partial", "secondary", "derived")


_NUMBERS = ("points", "maximum", "index", "standard_error")
_WORDS = ("level", "unit", "node", "stage")


def index_table(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` as an index table: exactly ``INDEX_COLUMNS``, in order and of the right types.

    Missing numeric columns become NaN (unknown). ``index`` is filled with 100 x points / maximum where it is unknown
    and both parts are known; where it is given (a printed index) it is kept. Raises ``ValueError`` when a key column
    is missing, a level or stage is unknown, or a (year, level, unit, node, stage) occurs twice.
    """
    keys = ["year", *_WORDS]
    if missing := [name for name in keys if name not in frame]:
        raise ValueError(f"an index table needs the columns {missing}")
    table = frame.reindex(columns=list(INDEX_COLUMNS))
    table = table.astype({"year": "int64", **dict.fromkeys(_WORDS, "str"), **dict.fromkeys(_NUMBERS, "float64")})
    for name, allowed in (("level", levels()), ("stage", STAGES)):
        if unknown := sorted(set(table[name].unique()) - set(allowed)):
            raise ValueError(f"{name} is one of {allowed}, not {unknown}")
    if table.duplicated(keys).any():
        twice = table.loc[table.duplicated(keys), keys].head(3).to_dict("records")
        raise ValueError(f"rows of an index table given twice: {twice}")
    computed = 100 * table["points"] / table["maximum"].where(table["maximum"] > 0)
    table["index"] = table["index"].fillna(computed)
    return table.reset_index(drop=True)


def _empty(*columns: str) -> Callable[[], pd.DataFrame]:
    return lambda: pd.DataFrame(columns=list(columns))


@dataclass(frozen=True)
class Results:
    """The results of one index in one year at one level, from a round or from publications.

    ``table``    the index table (one stage for each unit and node).
    ``units``    one row for every unit assessed, in official order: ``unit`` (key), ``ranked`` (bool).
    ``nodes``    one row for every node, in order: ``node``, ``name``, ``name_en``, ``maximum`` (NaN = not seen),
                 ``parent`` (None for the whole), ``kind`` ("whole", "area", "criterion", "subcriterion", "component").
    ``bands``    lower bounds by band name, best first; empty when the index has none.
    ``ranks``    printed ranks: ``unit``, ``rank``, ``rank_min``, ``rank_max``, ``rank_basis``; ``None`` means that
                 ranks are computed from ``table`` because every ranked unit with a value is in it.
    ``bases``    what each number rests on: ``unit``, ``node``, ``basis`` (published, computed, derived, rounded,
                 secondary, ...), ``source_ids``; empty where everything is computed.
    ``bounds``   where only a range of the index is known: ``unit``, ``index_min``, ``index_max``.
    ``node_ranks``  printed ranks of areas: ``unit``, ``node``, ``rank``, ``source_ids``.
    ``printed_statistics``  ``statistic``, ``value``, ``node``, ``unit``, ``derived``, ``source_ids`` of the year.
    ``printed_regions``     ``region``, ``mean``, ``change``, ``source_ids``.
    ``printed_changes``     ``unit``, ``change``, ``source_ids``.
    ``marks``    what the numbers rest on, out of ``MARKS``: printed on everything.
    ``decision`` the decision or method behind the scheme of that year; "" when not known.
    ``break_before``  True when results of the year before are not on the same scale.
    ``degrees_of_freedom``  of the standard error of the whole index, by unit; empty where nothing says so.
    ``errors_without``  indices within this one whose own sampling error is not known, so that no error of the whole
                 holds it: said wherever an error, a range of ranks or a tier is printed.
    """

    index_name: str
    year: int
    level: str
    table: pd.DataFrame
    units: pd.DataFrame
    nodes: pd.DataFrame
    bands: Mapping[str, float] = field(default_factory=dict)
    ranks: pd.DataFrame | None = None
    bases: pd.DataFrame = field(default_factory=_empty("unit", "node", "basis", "source_ids"))
    bounds: pd.DataFrame = field(default_factory=_empty("unit", "index_min", "index_max"))
    node_ranks: pd.DataFrame = field(default_factory=_empty("unit", "node", "rank", "source_ids"))
    printed_statistics: pd.DataFrame = field(
        default_factory=_empty("statistic", "value", "node", "unit", "derived", "source_ids")
    )
    printed_regions: pd.DataFrame = field(default_factory=_empty("region", "mean", "change", "source_ids"))
    printed_changes: pd.DataFrame = field(default_factory=_empty("unit", "change", "source_ids"))
    marks: tuple[str, ...] = ()
    decision: str = ""
    stage: str = "published"
    break_before: bool = False
    system: str = ""
    degrees_of_freedom: Mapping[str, float] = field(default_factory=dict)
    errors_without: tuple[str, ...] = ()
    #: What was worked out of these results and is asked for again and again, such as ranks; no part of them.
    memo: dict[object, pd.DataFrame] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __repr__(self) -> str:
        return f"<Results {self.index_name} {self.level} {self.year}: {self.known()} units>"

    def values(self, node: str = WHOLE, column: str = "index") -> pd.Series:
        """``column`` of ``node`` for every unit of ``units``, in their order; NaN = unknown. Index: unit keys."""
        key = ("values", node, column)
        if key not in self.memo:
            table, places = self._by_node
            known = table[["unit", column]].iloc[places.get(node, [])].set_index("unit")[column]
            self.memo[key] = known.reindex(pd.Index(self.units["unit"], name="unit")).to_frame(column)
        return self.memo[key][column]

    @cached_property
    def _by_node(self) -> tuple[pd.DataFrame, dict[str, list[int]]]:
        table = self.table[self.table["stage"] == self.stage]
        return table, {str(node): list(rows) for node, rows in table.groupby("node").indices.items()}

    @cached_property
    def scale(self) -> Scale:
        """How the index is printed."""
        return scale(self.index_name)

    def known(self, node: str = WHOLE) -> str:
        """How many units have a value of ``node``, of how many: "9/63" ("?" where nothing says).

        They are the ranked ones and those that are not ranked only because a value is missing.
        """
        column = "index" if self.values(node).notna().any() else "points"
        n = int(self.values(node, column).loc[self.ranked_units].notna().sum())
        return f"{n}/{self.n_expected or '?'}"

    @property
    def n_expected(self) -> int | None:
        """How many units are ranked, or would be if no value was missing; ``None`` where nothing says so."""
        return None if self.n_ranked is None else self.n_ranked + len(self.incomplete)

    @cached_property
    def incomplete(self) -> set[str]:
        """Units that are not ranked only because a value is missing."""
        missing = self.bases.loc[(self.bases["node"] == WHOLE) & (self.bases["basis"] == "incomplete"), "unit"]
        return set(missing) - set(self.ranked_units)

    def about(self, node: str = WHOLE) -> dict[Hashable | None, str]:
        """What must be said beside any table of these results, as ``attrs`` of a frame: ``index_name``, ``year``,
        ``level``, ``node``, ``unit_of_value`` (of a column ``value``), ``known`` ("9/63"), ``marks`` and ``source``
        (ids of the sources, ";" between them; of a round the stage that it stands at)."""
        bases = self.bases[self.bases["node"] == node]
        ids = dict.fromkeys(one for text in bases["source_ids"].astype(str) for one in text.split(";") if one)
        return {
            **{"index_name": self.index_name, "year": str(self.year), "level": self.level, "node": node},
            **{"unit_of_value": self.scale.unit, "known": self.known(node), "marks": ";".join(self.marks)},
            "source": ";".join(ids) if self.stage == "published" else f"round, {self.stage}",
        }

    @property
    def simulated(self) -> bool:
        """Whether the numbers are made up."""
        return "simulated" in self.marks

    def unlike(self, other: Results) -> list[Problem]:
        """Why no number of the two may be set against another; empty where they compare.

        They are of one level and one system of provinces (63 and 34 compare after a merger), and both are real or both
        made up.
        """
        problems = []
        if self.level != other.level:
            one, two = (f"{of.level} {of.year}" for of in (other, self))
            problems.append(Problem("results of two levels do not compare: {one} and {other}", one=one, other=two))
        elif self.system != other.system:
            message = Message(
                "the results are on two systems of provinces ({years}); carry the earlier over to the later"
            )
            years = ", ".join(f"{of.year}: {of.system or '?'}" for of in (other, self))
            problems.append(Problem(message.filled(years=years)))
        if self.simulated != other.simulated:
            message = Message("simulated results ({made_up}) are not set against real ones ({real})")
            real, made_up = (f"{of.index_name} {of.year}" for of in sorted((self, other), key=lambda of: of.simulated))
            problems.append(Problem(message.filled(made_up=made_up, real=real)))
        return problems

    def check_beside(self, *others: Results | None) -> None:
        """Raise ``ParameterError`` unless every one of ``others`` compares with these results: see ``unlike``.

        ``None`` stands for results that there are not.
        """
        ParameterError.raise_for([problem for other in others if other is not None for problem in self.unlike(other)])

    def check_after(self, *earlier: Results | None) -> None:
        """Raise ``ParameterError`` unless each of ``earlier`` is of the same index in an earlier year, and compares."""
        problems: list[Problem] = []
        late = Problem("the year compared with must be before {year}", year=self.year)
        for other in (one for one in earlier if one is not None):
            if other.index_name != self.index_name:
                message = Message("two indices do not compare: {index_name} and {other}")
                problems.append(Problem(message.filled(index_name=other.index_name, other=self.index_name)))
            problems += self.unlike(other)
            problems += [late.at(value=other.year)] if other.year >= self.year else []
        ParameterError.raise_for(problems)

    @cached_property
    def ranked_units(self) -> list[str]:
        """Keys of the units that are ranked this year, in official order; not to be changed."""
        return list(self.units.loc[self.units["ranked"].astype(bool), "unit"])

    @property
    def n_known(self) -> int:
        """The number of ranked units whose whole index is known."""
        return int(np.isfinite(self.values().loc[self.ranked_units]).sum())

    def mostly_known(self, n: int) -> bool:
        """Whether ``n`` units are at least half of the ranked ones: what is known of fewer makes no headline, card,
        draft or chart."""
        return self.n_ranked is not None and 2 * n >= self.n_ranked

    @cached_property
    def n_ranked(self) -> int | None:
        """How many units are ranked; ``None`` where nothing says so.

        It is the printed number where that is more than the units listed: the names of the others are not settled.
        """
        printed = self.printed_statistics
        numbers = printed.loc[(printed["statistic"] == "n_units") & (printed["node"] == WHOLE), "value"]
        return max([len(self.ranked_units), *(int(value) for value in numbers)]) or None


def breaks_between(previous: Results, results: Results) -> bool:
    """Whether the scale of the index changed after the year of ``previous``, up to that of ``results``."""
    known = breaks(results.level, results.index_name)
    after_last = results.break_before and previous.year < results.year
    return after_last or any(previous.year < year <= results.year for year in known)
