"""A year that is asked: its results, the year before, the first year, the related indices and the round behind them.

``year(2023, "ministry")`` opens them at one door; everything that one can ask is a method, worked out once and answered
by a frame or a small class of results. Notebooks, reports and commands ask here. Nothing is computed here: the rooms
below do, and say in their docstrings what each column is.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar, cast

import pandas as pd

from parlib.analysis import checks, comparison, links, mergers, mobility, peers, series
from parlib.analysis import profile as profiles
from parlib.analysis import statistics as by_area
from parlib.analysis import statistics as figures
from parlib.analysis.diagnosis import Overview, overview, self_gap
from parlib.analysis.profile import Ladder, losses, ways_up
from parlib.analysis.scenarios import Case, of_published, of_round, one_changed
from parlib.analysis.series import Trend
from parlib.analysis.statistics import with_ranks
from parlib.answers import NAMES, Answer, localised, told, told_apart
from parlib.data_tables import base_year
from parlib.errors import ParameterError, Problem
from parlib.opened import available as available
from parlib.opened import called
from parlib.opened import open_before as open_before
from parlib.opened import open_before_mergers as open_before_mergers
from parlib.opened import open_other_year as open_other_year
from parlib.opened import open_related as open_related
from parlib.opened import open_results as open_results
from parlib.opened import open_years as open_years
from parlib.opened import round_before as round_before
from parlib.scoring import ranking, units
from parlib.scoring.ranking import Column
from parlib.scoring.results import WHOLE, Results, breaks_between
from parlib.scoring.scheme import COMPONENT
from parlib.scoring.scorecard import Scorecard
from parlib.sources import published
from parlib.words import FIRST, Joined, Message, Name, fold, near

if TYPE_CHECKING:
    from parlib.analysis.robustness import audit
    from parlib.sources.rounds.reporting import RoundFacts


P = ParamSpec("P")
R = TypeVar("R")


def year(
    year: int | str,
    level: str = "province",
    index: str = "par",
    round: str = "",  # noqa: A002 - what it is called everywhere
    language: str = FIRST,
) -> Year:
    """A year of an ``index`` (par, papi, sipas, pci, dti, grdp) at a ``level``, as published or as a ``round`` stands.

    The level is "province" or "ministry", "tỉnh" or "bộ". Names stand in ``language``. Raises ``ParameterError`` where
    there is nothing: it names what there is.

    Một năm của một chỉ số: ``parlib.year(2023, "bộ")``, ``parlib.year(2024, "tỉnh", "papi")``.

    >>> year(2024, "province", "papi").rank().query("rank == 1")[["name", "value"]].to_dict("records")
    [{'name': 'Quảng Ninh', 'value': 47.82125}]
    """
    if not str(year).strip().isdigit():
        raise ParameterError(Problem("a year is a number such as {example}", value=year, example=2023))
    number = int(year)
    results = open_results(number, units.level_named(level), index, round)
    first = open_other_year(results, base_year()) if number > base_year() else None
    return Year(results, open_before(results, round), first, round, language)


def _once(method: Callable[Concatenate[Year, P], R]) -> Callable[Concatenate[Year, P], R]:
    """The answer of a method is worked out once for the same arguments, however they are given. Whoever asks gets a
    frame of his own, with the names of its keys."""
    arguments = inspect.signature(method)

    @wraps(method)
    def asked(self: Year, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            given = arguments.bind(self, *args, **kwargs)
        except TypeError:  # Python's word names neither the question nor what it takes
            takes = ", ".join(list(arguments.parameters)[1:])
            raise ParameterError(Problem("ask like this: {call}", call=f"{method.__name__}({takes})")) from None
        given.apply_defaults()
        key = (method.__name__, *given.args[1:], *given.kwargs.values())
        if key not in self._answers:
            answer = method(self, *args, **kwargs)
            self._answers[key] = self._with_names(answer) if isinstance(answer, pd.DataFrame) else answer
        result = self._answers[key]
        return cast(R, result.copy() if isinstance(result, pd.DataFrame) else result)

    return cast("Callable[Concatenate[Year, P], R]", asked)


def _within(part: str, name: str) -> bool:
    """Whether ``name`` has ``part`` in whole words, marks and case aside."""
    return bool(fold(part)) and f" {fold(part)} " in f" {fold(name)} "


@dataclass(frozen=True, eq=False, repr=False)
class Year:
    """One year of an index at a level. ``previous`` and ``first`` are the results of the year before and of the first
    year, ``None`` where there are none that compare; ``round_id`` is the round behind the results, "" for none.

    Units and nodes are taken by key or name, in any spelling that means one of them; ``ParameterError`` names near
    matches. A frame has names beside its keys (``NAMES``) and in ``attrs`` what must be said with it: the index, year
    and level, ``unit_of_value``, ``known`` ("9/63"), ``marks``, ``source``, and ``break`` ("1": not on the scale of
    the year before). A column ``value`` is on the scale that is printed (PAPI 47.82), ``index`` in percent of the
    maximum (59.78).
    """

    results: Results
    previous: Results | None = None
    first: Results | None = None
    round_id: str = ""
    language: str = FIRST
    _answers: dict[object, object] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.results.check_after(self.previous, self.first)

    def __repr__(self) -> str:
        return f"<{told(self.results.about(), self.language)}>"

    def __getitem__(self, name: str) -> pd.DataFrame:
        """``year["Bộ Y tế"]``: all nodes of a unit; ``year["1"]``: the ranking of a node. Tab offers the names. Raises
        ``ParameterError`` where a name means nothing, or both."""
        unit, node = None, None
        with contextlib.suppress(ParameterError):
            node = self.node(name)
        with contextlib.suppress(ParameterError):
            unit = self.unit(name)
        if unit is not None and node is not None:
            meant = f"{self._name(unit)}; {node} {self._name(node)}"
            raise ParameterError(Problem("this name may mean {meant}: give more of it", value=name, meant=meant))
        if node is not None:
            return self.rank(node)
        frame, key = self.table(), self.unit(name)
        return frame[frame["unit"] == key]

    def _ipython_key_completions_(self) -> list[str]:
        return [self._name(key) for key in self.results.units["unit"]] + [key for key in self._nodes.index if key]

    # --- what else was opened ------------------------------------------------------------------

    @cached_property
    def years(self) -> list[Results]:
        """All published years up to this one that compare with it, in order, and this one · Các năm so sánh được."""
        return open_years(self.results, self.previous)

    @cached_property
    def before_mergers(self) -> list[Results]:
        """The results on the units before the last mergers, in order: no number of these results is set against them
        but beside what is carried over. Empty where these results are of those units themselves."""
        return open_before_mergers(self.results, self.round_id)

    @cached_property
    def set_beside(self) -> Results | None:
        """Those of ``before_mergers`` that ``beside_parts`` is on: ``analysis.mergers.best_known``."""
        return mergers.best_known(self.before_mergers)

    @cached_property
    def related(self) -> list[Results]:
        """The other indices of the same units, of this year or the last one before; empty for ministries · Chỉ số
        khác của các đơn vị này."""
        return open_related(self.results)

    @cached_property
    def facts(self) -> RoundFacts:
        """The round behind the results; its frames are empty for published results · Kỳ đánh giá."""
        from parlib.sources.rounds import reporting  # published results need none of it

        return reporting.facts(self.round_id, self.language)

    @cached_property
    def scored(self) -> RoundFacts:
        """The part of ``facts`` on units one by one: scorecards by stage, decisions, what was explained · Phiếu điểm
        của kỳ."""
        from parlib.sources.rounds import reporting

        return reporting.scored(self.round_id)

    # --- names ---------------------------------------------------------------------------------

    def unit(self, name: str) -> str:
        """The key of a unit of these results, given by key, name or code · Khóa của một đơn vị.

        >>> papi.unit("TP.HCM")
        'ho-chi-minh'
        """
        listed = [str(key) for key in self.results.units["unit"]]
        if name in listed:
            return name
        merged = bool(self.results.system) or "derived" in self.results.marks
        in_year = None if merged else self.results.year
        try:
            key = units.find(name, self.results.level, self.results.system, in_year).key
        except ParameterError:
            level, system = self.results.level, self.results.system
            matches = called(name, [units.get(of, level, system) for of in listed])
            if not matches:
                raise
            if len(matches) > 1:
                meant = ", ".join(self._name(match.key) for match in matches)
                raise ParameterError(
                    Problem("this name may mean {meant}: give more of it", value=name, meant=meant)
                ) from None
            key = matches[0].key
        if key not in listed:
            raise ParameterError(
                Problem(
                    "the results of {year} do not list this unit{near}",
                    value=name,
                    near=near(self._name(key), map(self._name, listed)),
                    year=self.results.year,
                )
            )
        return key

    def node(self, name: str) -> str:
        """The code of a node of these results, given by code or name; "" is the whole index · Mã của một lĩnh vực, tiêu
        chí.

        >>> bo.node("Cải cách thể chế")
        '2'
        """
        names = {str(key): (str(vi), str(en)) for key, vi, en in self._nodes.itertuples()}
        for key in (name, f"{COMPONENT}{name}"):
            if key in names:
                return key
        matches = [key for key, texts in names.items() if fold(name) in {fold(text) for text in texts if text}]
        if not matches and len(fold(name)) > 2:
            matches = [key for key, texts in names.items() if any(_within(name, text) for text in texts)]
        if not matches:
            listed = [*names, *(text for texts in names.values() for text in texts if text)]
            raise ParameterError(
                Problem(
                    "no such node in the results of {year}{near}",
                    value=name,
                    near=near(name, listed),
                    year=self.results.year,
                )
            )
        if len(matches) > 1:
            nodes = Joined(Name(*(f"{key} {text}".strip() for text in names[key])) for key in matches)
            raise ParameterError(
                Problem("this name means several nodes: {nodes}; give the code", value=name, nodes=nodes)
            )
        return matches[0]

    @cached_property
    def _nodes(self) -> pd.DataFrame:
        return self.results.nodes.set_index("node")[["name", "name_en"]].fillna("")

    @cached_property
    def _names(self) -> dict[str, str]:
        """The names of units, nodes and regions by key."""
        names = {str(key): str(en if self.language != FIRST and en else vi) for key, vi, en in self._nodes.itertuples()}
        names |= {key.removeprefix(COMPONENT): name for key, name in names.items() if key.startswith(COMPONENT)}
        system = self.results.system
        for region in units.regions(system) if system else ():
            names[region.slug] = region.name_vi if self.language == FIRST else region.name_en
        return names

    def _name(self, key: object) -> str:
        text = str(key)
        if text not in self._names:
            self._names[text] = text  # "" where no unit is named; units by hand that no list has
            for system in (self.results.system, ""):  # of this year, or those that they were merged into
                with contextlib.suppress(ParameterError):
                    self._names[text] = units.name(text, self.language, system=system)
                    break
        return self._names[text]

    def _with_names(self, frame: pd.DataFrame) -> pd.DataFrame:
        """``frame`` with names beside its keys, and with what must be said beside it."""
        attrs, frame = frame.attrs, Answer(frame.copy())
        for column, named in NAMES.items():
            if column in frame and named not in frame:
                names = ["" if not key and column != "node" else self._name(key) for key in frame[column]]
                place = list(frame.columns).index(column) + 1
                frame.insert(place, named, pd.Series(names, frame.index, "str"))
        broken = self.previous is not None and breaks_between(self.previous, self.results)
        about = {**self.results.about(), "break": "1" if broken or self.results.break_before else ""}
        if "value" not in frame:
            about["unit_of_value"] = "percent"
        frame.attrs = {**about, **attrs, "language": self.language}
        return frame

    # --- who stands where ----------------------------------------------------------------------

    @_once
    def rank(self, node: str = WHOLE, column: Column = "index") -> pd.DataFrame:
        """Ranks, bands and gaps of all units, in official order: ``scoring.ranking.rank`` · Xếp hạng.

        >>> bo.rank("1", "points")"""
        return ranking.rank(self.results, self.node(node), column)

    @_once
    def wide(self, *names: str, region: str = "", band: str = "", containing: str = "") -> pd.DataFrame:
        """A row a unit, the best first: rank, group, value, and a column for each area. ``names``, ``region``, ``band``
        and letters that a name contains, tones and case aside, choose units. An area of which no value is known has
        no column.

        Mỗi đơn vị một dòng, mỗi lĩnh vực một cột.

        >>> papi.wide(region="Đông Nam Bộ")"""
        frame = self.rank().sort_values("rank", kind="stable", na_position="last")
        keys = [self.unit(name) for name in names]
        frame = frame[["unit", "name", "rank", "band", "value"]].copy()
        frame = frame[frame["unit"].isin(keys)] if keys else frame
        if self.results.system:
            frame.insert(2, "region", [units.region_of(str(key), self.results.system) for key in frame["unit"]])
        if region:
            frame = frame[frame["region"] == self._region(region)]
        frame = frame[frame["band"] == band] if band else frame
        if containing:
            frame = frame[[fold(containing) in fold(self._name(key)) for key in frame["unit"]]]
        for node, kind in self.results.nodes[["node", "kind"]].itertuples(index=False):
            values = self.results.values(node, self.results.scale.column).reindex(frame["unit"])
            if kind == "area" and values.notna().any():
                frame[f"{node}. {self._name(node)}"] = values.to_numpy()
        return frame.reset_index(drop=True)

    def _region(self, name: str) -> str:
        """The slug of a region, given by slug or name, or a part of it."""
        there = {of.slug: of for of in (units.regions(self.results.system) if self.results.system else ())}
        matches = [slug for slug, of in there.items() if name == slug or _within(name, f"{of.name_vi} | {of.name_en}")]
        if len(matches) != 1:
            listed = ", ".join(self._name(slug) for slug in matches or there)
            raise ParameterError(Problem("which region is meant? there are: {listed}", value=name, listed=listed))
        return matches[0]

    @_once
    def table(self) -> pd.DataFrame:
        """The index table with ranks and bands, units in order of rank: ``analysis.statistics.with_ranks`` · Bảng
        chỉ số."""
        return with_ranks(self.results)

    @_once
    def bands(self) -> pd.DataFrame:
        """The number of units in each group: ``analysis.statistics.bands`` · Số đơn vị ở mỗi nhóm."""
        return figures.bands(self.results)

    @_once
    def statistics(self, node: str = WHOLE, column: Column | None = None) -> pd.DataFrame:
        """Mean, ends, numbers of units and their changes, as far as they are settled:
        ``analysis.statistics.statistics`` · Trung bình, cao nhất, thấp nhất, tăng, giảm.

        ``column``: "index" in percent of the maximum, "points"; without it what the index is printed in."""
        scale = column or self.results.scale.column
        return figures.statistics(self.results, self.previous, self.first, node=self.node(node), column=scale)

    @_once
    def extremes(self) -> pd.DataFrame:
        """The best and the worst unit of the whole index and of each area: ``analysis.comparison.best_and_worst`` ·
        Cao nhất, thấp nhất theo lĩnh vực."""
        return comparison.best_and_worst(self.results)

    @_once
    def parts(self) -> pd.DataFrame:
        """The components of every unit: ``analysis.comparison.parts`` · Điểm thẩm định, điều tra."""
        return comparison.parts(self.results)

    @_once
    def regions(self) -> pd.DataFrame:
        """Means and ends of the regions; empty for ministries: ``analysis.comparison.regions`` · Các vùng.

        >>> tinh.regions()"""
        return comparison.regions(self.results, self.previous)

    @_once
    def cities(self) -> pd.DataFrame:
        """The central cities and the other provinces; empty for ministries: ``analysis.peers.cities`` · Thành phố trực
        thuộc trung ương và các tỉnh khác.

        >>> papi.cities()"""
        return peers.cities(self.results, self.previous)

    @_once
    def areas(self) -> tuple[by_area.AreaFacts, ...]:
        """Each area in frames: ``analysis.statistics.by_area`` · Từng lĩnh vực."""
        return by_area.by_area(self.results, self.previous)

    # --- the year before, and all years --------------------------------------------------------

    @_once
    def change(self, node: str = WHOLE, column: Column = "index") -> pd.DataFrame:
        """Value and rank of every unit on the year before: ``analysis.comparison.change`` · So với năm trước.

        >>> tinh.change(column="points")"""
        return comparison.change(self.results, self.previous, self.node(node), column)

    @_once
    def change_counts(self) -> comparison.Changes:
        """How many units rose, fell, stayed: ``analysis.comparison.change_counts`` · Bao nhiêu đơn vị tăng, giảm."""
        return comparison.change_counts(self.change(), self.results)

    @_once
    def places(self) -> pd.DataFrame:
        """Places won or lost, by a unit's own change and by that of the others: ``analysis.comparison.change_of_rank``
        · Bậc tăng, giảm do đâu. Raises ``ParameterError`` without results of the year before that compare.

        >>> papi.places()"""
        return comparison.change_of_rank(self.results, self._needed_previous())

    @_once
    def crossings(self, unit: str) -> pd.DataFrame:
        """Whom a unit passed and who passed it since the year before: ``analysis.comparison.crossings`` · Đã vượt ai,
        ai vượt. Raises ``ParameterError`` as ``places``.

        >>> papi.crossings("Hà Nội")"""
        found = comparison.crossings(self.results, self._needed_previous(), self.unit(unit))
        found.attrs["none"] = Message("It passed none of the units known in both years, and none passed it.")
        return found

    def _needed_previous(self) -> Results:
        if self.previous is None:
            before = self.results.year - 1
            raise ParameterError(Problem("there are no results of {before} that compare with these", before=before))
        return self.previous

    @_once
    def series(self, node: str = WHOLE, column: Column | None = None) -> pd.DataFrame:
        """Values and ranks of all units over the years: ``analysis.series.series``; ``column`` as in ``statistics`` ·
        Mọi năm.

        >>> papi.series("1")"""
        return series.series(self.years, self.node(node), column or self.results.scale.column)

    @_once
    def history(self, unit: str) -> pd.DataFrame:
        """One unit over the years: its rows of ``series`` · Một đơn vị qua các năm.

        >>> papi.history("Quảng Ninh")"""
        frame = self.series()
        frame = frame[frame["unit"] == self.unit(unit)].reset_index(drop=True)
        known = frame.loc[frame["value"].notna(), "year"]
        frame.attrs = {"known": f"{len(known)}/{len(frame)}", "year": f"{frame['year'].min()}–{frame['year'].max()}"}
        return frame

    @_once
    def trend(self) -> Trend:
        """Level, ranks, spread and mobility over the years: ``analysis.series.trend`` · Xu hướng.

        >>> papi.trend()"""
        return series.trend(self.years, self.results.scale.column)

    @_once
    def runs(self) -> pd.DataFrame:
        """Years in a row at the head, in the best group, rising: ``analysis.mobility.runs`` · Bao nhiêu năm liền.

        >>> papi.runs()"""
        return mobility.runs(reversed(self.years))

    @_once
    def criteria_change(self) -> mobility.CriteriaChange:
        """The set of criteria beside the one before it: ``analysis.mobility.criteria_change`` · Bộ tiêu chí thay đổi
        gì."""
        return mobility.criteria_change(self.results)

    # --- one unit, and units beside each other -------------------------------------------------

    @_once
    def compare(self, *names: str, node: str = WHOLE) -> pd.DataFrame:
        """Units side by side, the best first; ``difference`` is the first named less each:
        ``analysis.peers.among_peers`` · Đặt cạnh nhau. Raises ``ParameterError`` for fewer than two.

        >>> bo.compare("Y tế", "Tư pháp")"""
        if len(names) < 2:
            raise ParameterError(Problem("at least two units are compared", value=", ".join(names)))
        own, *others = (self.unit(name) for name in names)
        frame = peers.among_peers(self.results, own, others, self.node(node), self.results.scale.column)
        frame.attrs = self.results.about(self.node(node))
        return frame.rename(columns={"index": "value"})

    @_once
    def beside(self, unit: str, rule: str = "region") -> pd.DataFrame:
        """A unit against its peers, on the whole and by area: ``analysis.peers.peers_by_node`` · Bên cạnh nhóm tương
        đồng.

        ``rule``: "region", "central_cities", "merged", "partners", "nearest".

        >>> papi.beside("Hà Nội", "central_cities")"""
        key = self.unit(unit)
        return peers.peers_by_node(self.results, key, peers.peers(self.results, key, rule))

    @_once
    def profile(self, unit: str) -> profiles.Profile:
        """All of one unit: where it stands, what moved it, losses, ways up, other indices: ``analysis.profile.profile``
        · Mọi điều về một đơn vị.

        >>> bo.profile("Y tế")"""
        answer = profiles.profile(
            self.results,
            self.unit(unit) if unit else "",
            self.previous,
            cards=self.scored.cards,
            decisions=self.scored.decisions,
            years=self.years,
            others=self.related,
            column=self.results.scale.column,
        )
        return replace(answer, parts=self._with_names(answer.parts))

    @_once
    def losses(self, unit: str) -> profiles.Losses:
        """Where a unit of a round lost points, the costliest criteria first in ``leaves``: ``analysis.profile.losses``
        · Điểm bị trừ ở đâu. Raises ``ParameterError`` without a round.

        >>> ky.losses("Y tế").leaves"""
        answer = losses(self._cards(), self.scored.decisions, self.unit(unit), self.results.ranked_units)
        return replace(answer, leaves=self._with_names(answer.leaves))

    @_once
    def self_gap(self, node: str = WHOLE) -> pd.DataFrame:
        """What each unit of a round claimed, what was granted, and the ``gap``, in points:
        ``analysis.diagnosis.self_gap`` · Tự đánh giá so với kết quả. Raises ``ParameterError`` without a round.

        >>> ky.self_gap("1")"""
        cards = self._cards()
        gap = self_gap(cards["self"], cards["final"])
        own = gap[(gap["node"] == self.node(node)) & gap["unit"].isin(self.results.ranked_units)]
        return own.sort_values("gap", ascending=False, kind="stable")

    @_once
    def survey(self) -> pd.DataFrame:
        """The survey of a round by group and question: ``group``, ``code``, ``n`` (answers), ``share`` (0-1) with its
        interval of 95 percent, ``lower`` to ``upper``; NaN: not shown · Điều tra theo nhóm. Raises
        ``ParameterError`` without a round.

        >>> ky.survey()"""
        self._cards()
        columns = ["group", "group_name", "code", "name", "n", "share", "lower", "upper"]
        from parlib.sources.rounds import reporting

        return reporting.shares(self.round_id, self.language).reindex(columns=columns)

    @_once
    def ways(self, unit: str, rank: int = 0, others: float = 0.0) -> Ladder:
        """The cheapest ways of a unit of a round up to ``rank`` (0: the next group or a few places), while the indices
        of the others rise by ``others``: ``analysis.profile.ways_up``. Raises ``ParameterError`` where a few criteria
        do not reach the rank: it names the best that they reach · Cách ngắn nhất lên một hạng.

        >>> ky.ways("Y tế", rank=14).steps"""
        key, frame = self.unit(unit), self.rank()
        row = frame[frame["unit"] == key].iloc[0]
        answer = ways_up(self.results, self._cards(), self.scored.decisions, row, rank=rank, others=others)
        if rank and answer.kind == "unreached":
            message = Problem(
                "rank {rank} is out of reach within {most} criteria; the best rank within reach is {best}",
                value=unit,
                rank=rank,
                most=answer.most,
                best=answer.rank or row["rank"],
            )
            raise ParameterError(message)
        if answer.steps.empty:
            return answer
        steps = answer.steps.assign(code_name=[self._name(code) for code in answer.steps["code"]])
        for side in ("before", "after"):  # a number is its own label
            labels = steps[f"{side}_label"]
            steps[f"{side}_label"] = labels.where(labels != "", steps[side] + steps["counted_in"])
        return replace(answer, steps=self._with_names(localised(self.language, steps)))

    @_once
    def choices(self, unit: str) -> pd.DataFrame:
        """What a unit of a round could have answered to each of its criteria, and the points of it:
        ``analysis.ladder.choices``. Of published results: parts that add up to its points, or ``ParameterError``.

        >>> ky.choices("Y tế")"""
        return localised(self.language, self._case(unit).choices)

    def what_if(
        self,
        unit: str,
        code: str | Mapping[str, str | float],
        answer: str | float | None = None,
        *,
        points: float | None = None,
        gain: float | None = None,
        others: float = 0.0,
    ) -> pd.DataFrame:
        """The ranking if a unit of a round had given another ``answer`` to a criterion, had other ``points``, or had
        ``gain`` points more; or had given other answers to several, ``what_if("Y tế", {"1.1.2": "100", "2.3":
        "80"})``. Published results have no answers, but points of parts. The indices of all ``others`` rise meanwhile
        by so many percentage points: ``analysis.scenarios`` · Nếu như. Raises ``ParameterError`` naming all faults.

        >>> ky.what_if("Y tế", "2.4.2", gain=0.5)"""
        if not isinstance(code, str):
            return self._with_names(self._case(unit).what_if(self._changes(code), others))
        if (answer is None) + (points is None) + (gain is None) != 2:
            raise ParameterError(Problem("give either another answer or other points"))
        at = (self.unit(unit), self.node(code))
        if answer is None and not self.round_id:
            return self._with_names(self._case(unit).with_points(at[1], points, gain, others))
        return self._with_names(one_changed(self._cards()["final"], at, answer, points, gain, others))

    def plan(self, unit: str, changes: Mapping[str, str | float]) -> pd.DataFrame:
        """What a unit has to change, by criterion: from, to, and what it gains; ``changes`` and the rest as in
        ``what_if``: ``analysis.scenarios`` · Kế hoạch: từ mức nào đến mức nào.

        >>> ky.plan("Y tế", {"1.1.2": "100"})"""
        return self._with_names(localised(self.language, self._case(unit).plan(self._changes(changes))))

    def scenarios(self, unit: str, given: Mapping[str, Mapping[str, str | float]], others: float = 0.0) -> pd.DataFrame:
        """Scenarios of a unit by their names, each as the answers of ``what_if``: points, index and rank of each, below
        those that it has: ``analysis.scenarios`` · So sánh các phương án.

        >>> ky.scenarios("Y tế", {"A": {"1.1.2": "100"}})"""
        frame = self._case(unit).scenarios({name: self._changes(each) for name, each in given.items()}, others)
        frame.loc[frame["scenario"] == "", "scenario"] = Message("as it stands").text(self.language)
        return self._with_names(frame)

    def scenarios_by_criterion(self, unit: str, given: Mapping[str, Mapping[str, str | float]]) -> pd.DataFrame:
        """The criteria that any of the scenarios changes, a column a scenario: ``analysis.scenarios``.

        >>> ky.scenarios_by_criterion("Y tế", {"A": {"1.1.2": "100"}})"""
        frame = self._case(unit).beside({name: self._changes(each) for name, each in given.items()})
        return self._with_names(localised(self.language, frame))

    @_once
    def _case(self, unit: str) -> Case:
        key = self.unit(unit)
        cards = self._cards() if self.round_id else {}
        return of_round(cards["final"], self.scored.decisions, key) if cards else of_published(self.results, key)

    def _changes(self, given: Mapping[str, str | float]) -> dict[str, str]:
        return {self.node(name): str(answer) for name, answer in given.items()}

    def _cards(self) -> dict[str, Scorecard]:
        if not self.scored.cards:
            raise ParameterError(Problem("answers are known of a round only: give its id"))
        return self.scored.cards

    # --- how sure it is ------------------------------------------------------------------------

    @_once
    def sampling(self, from_few: bool = False) -> audit.SamplingAudit:
        """What chance in the survey leaves open: ``analysis.robustness.audit.audit_complete``. ``from_few`` takes an
        error, where none was published, from the changes of the units known, however few · Sai số điều tra để ngỏ
        điều gì.

        >>> ky.sampling().simultaneous"""
        from parlib.analysis.robustness import audit

        if not from_few:
            return audit.audit_complete(self.results, self.previous)
        whole = self.sampling()
        return whole if whole.basis else audit.audit_sampling(self.results, self.previous)

    @_once
    def method(self, sensitivity: bool = False) -> audit.MethodAudit:
        """What other weights and methods would change; ``sensitivity`` of the ranking to each choice takes seconds
        more: ``analysis.robustness.audit.audit_method`` · Cách tính khác thì sao.

        >>> papi.method().ranks"""
        from parlib.analysis.robustness import audit

        return audit.audit_method(self.results) if sensitivity else audit.audit_method(self.results, base=0)

    @_once
    def neighbours(self, from_few: bool = False) -> audit.Neighbours | None:
        """How many neighbours in the ranking chance alone could have put the other way round:
        ``analysis.robustness.audit.neighbours`` · Các cặp liền kề chưa phân biệt được.

        >>> ky.neighbours()"""
        from parlib.analysis.robustness import audit

        return audit.neighbours(self.sampling(from_few).intervals)

    @_once
    def apart(self, a: str, b: str) -> audit.Apart:
        """Whether two units can be told apart: ``analysis.robustness.audit.apart`` · Hai đơn vị có phân biệt được
        không.

        >>> ky.apart("Tài chính", "Nội vụ")"""
        from parlib.analysis.robustness import audit

        found = audit.apart(self.sampling(), self.unit(a), self.unit(b))
        return replace(found, told=told_apart(found, self.results, self.language))

    @_once
    def tiers(self) -> audit.Tiers:
        """The groups of units that the survey's errors do not tell apart: ``analysis.robustness.audit.printed_tiers`` ·
        Các nhóm chưa phân biệt được về thống kê.

        >>> ky.tiers().by_unit"""
        from parlib.analysis.robustness import audit

        return audit.printed_tiers(self.sampling())

    @_once
    def by_tier(self) -> pd.DataFrame:
        """The units with the ``tier`` of each ("3"; "3–4": between two), the best first: ``tiers`` as a frame · Từng
        đơn vị thuộc nhóm nào.

        >>> ky.by_tier()"""
        found = self.tiers()
        spans = {**{key: (tier, tier) for key, tier in found.by_unit.items()}, **found.between}
        rows = [
            (key, str(low) if low == high else f"{low}–{high}")
            for key, (low, high) in sorted(spans.items(), key=lambda item: item[1])
        ]
        none = Message("There are no tiers: no survey of the year measured an error.")
        frame = pd.DataFrame(rows, columns=["unit", "tier"], dtype="str")
        frame.attrs = {"none": none, "unit_of_value": ""}
        return frame

    # --- other units, other indices ------------------------------------------------------------

    @_once
    def merged(self, how: str = "mean") -> Year:
        """The year carried over to the units after the mergers of 2025: ``how`` is "mean", "weighted" (by population),
        "best" or "worst". None of it is an official result: ``analysis.mergers.merge`` · Chuyển sang 34 tỉnh. Raises
        ``ParameterError`` for another rule, and where nothing was merged.

        >>> papi.merged("mean").rank()"""
        by_people = how == "weighted" and bool(self.results.system)
        weights = published.population(self.results.year)[0] if by_people else None
        now, before = (
            None if of is None else mergers.merge(of, how, weights, totals=published.TOTALS)
            for of in (self.results, self.previous)
        )
        return replace(self, results=now or self.results, previous=before, first=None)

    @_once
    def new_units(self) -> pd.DataFrame:
        """The units after the mergers by every rule, in the last years before them: ``analysis.mergers.spread`` · Đơn
        vị mới theo mọi cách gộp.

        >>> papi.new_units()"""
        return mergers.recent_spread(self.results)

    @_once
    def beside_parts(self) -> pd.DataFrame:
        """The units since the mergers beside the old ones that they were made of: ``analysis.mergers.beside_parts``;
        empty where there are no results of the old units · Các đơn vị sau sắp xếp đặt cạnh những đơn vị cũ hợp thành.

        >>> bo.beside_parts()"""
        old = self.set_beside
        return pd.DataFrame() if old is None else mergers.beside_parts(self.results, old)

    @_once
    def parts_by_year(self, unit: str) -> pd.DataFrame:
        """The old units that a unit was made of, year by year: ``analysis.mergers.parts_by_year`` · Các đơn vị cũ hợp
        thành một đơn vị, theo từng năm.

        >>> bo.parts_by_year("Bộ Y tế")"""
        return mergers.parts_by_year(self.unit(unit), self.before_mergers)

    @_once
    def links(self, method: str = "spearman") -> pd.DataFrame:
        """The rank correlations with the related indices, a row each: ``analysis.links.link`` · Tương quan hạng với chỉ
        số khác.

        >>> papi.links()"""
        return links.links(self.results, self.related, method)

    @_once
    def satisfaction(self) -> published.Satisfaction:
        """SIPAS as published beside the PAR INDEX of provinces: ``sources.published.satisfaction`` · SIPAS.

        >>> tinh.satisfaction()"""
        return published.satisfaction(self.results)

    # --- the round, the sources, the checks ----------------------------------------------------

    @_once
    def overview(self) -> Overview:
        """Losses, items, claims and explanations of a round; empty without one: ``analysis.diagnosis.overview`` · Cả kỳ
        đánh giá.

        >>> ky.overview().leaves"""
        facts = self.facts
        return overview(facts.cards, facts.explained, self.results.ranked_units, facts.measured)

    @_once
    def findings(self) -> checks.Findings:
        """What an assessment says of the year: ``analysis.checks.findings`` · Nhận xét."""
        result = self.overview()
        return checks.findings(self.results, self.change(), result.leaves, result.claims, self.facts.shares)

    @_once
    def conflicts(self) -> pd.DataFrame:
        """Where the sources disagree on the year: ``sources.published.source_conflicts`` · Nguồn mâu thuẫn."""
        return published.source_conflicts(self.results)

    @_once
    def sources(self) -> pd.DataFrame:
        """Every page that a number of the year was read on: ``sources.published.source_pages`` · Mọi trang nguồn."""
        change = self.criteria_change()
        set_before = 0 if change.parts.empty else change.last
        return published.source_pages(
            self.results, self.language, self.previous, self.years, self.series(column="index"), self.runs(), set_before
        )

    @_once
    def pages_read(self) -> pd.DataFrame:
        """The pages that values and ranks of the year were read on: ``sources.published.pages_read`` · Trang đã đọc
        số."""
        return published.pages_read(self.results, self.language)

    @_once
    def checks(self, whole: bool = True) -> tuple[checks.Finding, ...]:
        """The comparisons that the numbers went through before they may be printed; not ``whole``: those of units · Các
        phép kiểm tra.

        Raises ``ChecksFailed`` where numbers disagree and no reviewed note explains it."""
        facts = checks.Facts(
            self.results,
            self.previous,
            ranking=self.rank(),
            change=self.change(),
            legal_units=published.legal_units(self.results),
        )
        if whole:
            facts = replace(
                facts,
                statistics=self.statistics(column="index"),
                bands=self.bands(),
                regions=self.regions(),
                region_sizes=published.region_sizes(self.results),
                tables={"shares": self.facts.shares.rename(columns={"n": "n_answers"})},
            )
        explanations = published.check_explanations(self.language)
        return checks.require(checks.run(facts, explanations=explanations), self.language)

    @_once
    def checks_summary(self) -> pd.DataFrame:
        """``checks`` counted, a row a check: ``analysis.checks.summary`` · Số phép kiểm tra."""
        return checks.summary(self.checks())


def match(frame: pd.DataFrame, column: str, to: Year | None = None) -> pd.DataFrame:
    """A table of one's own with the key and the name of the unit that each cell of ``column`` means, to be joined with
    any answer on ``unit``; where a year is given (``to``), with its ``rank`` and ``value`` (columns of these names
    of one's own become ``rank_own``, ``value_own``).

    Without a year the units are those of the last published results of provinces. Raises ``ParameterError`` with every
    cell that means no unit, and its near matches.

    >>> parlib.match(pd.DataFrame({"Tỉnh": ["TP.HCM", "Huế"], "Hồ sơ": [120, 15]}), "Tỉnh", papi)"""
    of = to or year(max(published.years("par", "province")))
    if column not in frame:
        raise ParameterError(
            Problem("no such column{near}", value=column, near=near(column, [str(name) for name in frame]))
        )
    keys, problems = [], list[Problem]()
    for row, cell in enumerate(frame[column], start=1):
        try:
            keys.append(of.unit(str(cell)))
        except ParameterError as error:
            problems += [problem.at(row=row, column=column) for problem in error.problems]
    ParameterError.raise_for(problems)
    names = [of._name(key) for key in keys]
    answer = Answer(frame.drop(columns=["unit", "name"], errors="ignore").assign(unit=keys, name=names))
    if to is None:
        return answer
    ranked = to.rank()
    joined = answer.merge(ranked[["unit", "rank", "value"]], on="unit", how="left", suffixes=("_own", ""))
    joined.attrs = ranked.attrs  # its ranks and values are made up, partial, of that source, as those of the year are
    return joined
