"""A year at a glance: the levels of units side by side in four pages, each beginning with its answer.

Nothing ranks the units of one level among those of another: their sets of criteria differ. What is not known is left
out and said in one line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import pandas as pd

from parlib.analysis.checks import Finding
from parlib.analysis.statistics import bands, index_tables
from parlib.errors import ParameterError, Problem
from parlib.report import blocks, datasets, prose
from parlib.report.charts import overview as charts
from parlib.report.front import end_tiles, issued, mean_tile
from parlib.report.tables.declared import Row, finished
from parlib.report.views import View, YearReport, known_statistic
from parlib.scoring import units
from parlib.scoring.results import WHOLE, Results
from parlib.sources.published import par
from parlib.tables import records
from parlib.years import Year, year

AT_EACH_END = 3
HALF = 0.5  # of the units of a level must be known for a figure of them
APPRAISAL = "appraisal"


class Report(YearReport):
    """The levels of a year side by side. Raises ``ParameterError`` where the index is known of one level only.

    >>> Report(parlib.year(2023)).result()  # doctest: +SKIP
    """

    @cached_property
    def years(self) -> tuple[Year, ...]:
        """The year of each level, that of the report first."""
        own = self.year.results
        others = [level for level in units.levels() if level != own.level and self._has(level)]
        if not others:
            problem = Problem(
                "this index is published of one level only in {year}: there is nothing to set side by side",
                value=own.index_name,
                year=own.year,
            )
            raise ParameterError(problem)
        return self.year, *(year(own.year, level, own.index_name, language=self.year.language) for level in others)

    def _has(self, level: str) -> bool:
        own = self.year.results
        return level in par.levels(own.index_name) and own.year in par.years(own.index_name, level)

    @cached_property
    def views(self) -> tuple[View, ...]:
        """The results of each level in words."""
        return tuple(replace(self.view, results=of.results) for of in self.years)

    @cached_property
    def _sides(self) -> tuple[tuple[Year, View], ...]:
        return tuple(zip(self.years, self.views, strict=True))

    def check(self) -> tuple[Finding, ...]:
        """The comparisons that the numbers passed. Raises ``ChecksFailed``: then nothing may be printed."""
        return tuple(found for of in self.years for found in of.checks())

    def title(self) -> blocks.Title:
        """The head: the index, the year, the levels."""
        view = self.view
        levels = "".join(str(part) for part in view.wording.join(other.units for other in self.views))
        return blocks.Title(
            text=view.say("{index} {year}: {levels}", index=view.wording.say(view.measure.full_name), levels=levels),
            subtitle=issued(view, view.say("A year at a glance")),
            lines=(view.decision,) if view.decision else (),
            marks=view.marks,
            contents=False,
        )

    # --- page one: the answer ------------------------------------------------------------------

    def result(self) -> blocks.Sequel:
        """Page one: who leads each level, the means, all known values on one scale, both ends, how sure it is."""
        means = [_statistic(of, view, "mean") for of, view in self._sides]
        return blocks.sequel(
            blocks.Paragraph(tuple(part for of, view in self._sides for part in (*_leads(of, view), " ")), "lead"),
            blocks.Tiles(tuple(self._tiles()), self.view.say("Key figures of the {index} {year}"), "key"),
            charts.level_strips(self.views, means),
            _ends_table(self._sides),
            self._sure(),
        )

    def _tiles(self) -> Iterator[blocks.Tile]:
        for of, view in self._sides:
            ends = of.extremes()
            whole = ends[ends["node"] == WHOLE].iloc[0]
            for tile in (mean_tile(view, of.statistics(column="index")), end_tiles(view, whole)[0]):
                if tile is not None:
                    yield replace(tile, label=f"{tile.label} ({view.units})")

    def _sure(self) -> blocks.Paragraph:
        """How complete the data of each level are, and how sure the rankings."""
        told: list[blocks.Parts | None] = []
        for view in self.views:
            known, of = view.coverage
            level = blocks.capital(view.units)
            told.append(view.phrase("{level}: values known of {known}/{all}.", level=level, known=known, all=of))
        if not any(of.sampling().basis for of in self.years):
            told.append(self.view.phrase(
                "The survey's error is not published: which neighbours in the ranking truly differ is not known."
            ))  # fmt: skip
        return blocks.paragraph(*told)

    # --- the years, the areas, the two judgements ----------------------------------------------

    def history(self) -> blocks.Sequel:
        """Means and groups of every year since the first, with the breaks; in words what compares."""
        view = self.view
        answers = [blocks.Paragraph(parts) for of, own in self._sides if (parts := _since(of, own)) is not None]
        yearly = {of.results.level: of.trend().yearly for of in self.years}
        return blocks.section(
            view.say("Over the years"),
            "history",
            answers,
            charts.level_means(self.views, yearly),
            _years_table(self._sides),
        )

    def areas(self) -> blocks.Sequel:
        """The areas that the levels share by code, and those of one level alone."""
        view = self.view
        listed = [_areas(own) for own in self.views]
        if not all(listed):
            return blocks.Sequel(())
        shared = set.intersection(*(set(areas) for areas in listed))
        differ = [code for code in listed[0] if code in shared and len({areas[code] for areas in listed}) > 1]
        told = [view.phrase("The levels share the areas with these codes: {list}.", list=view.wording.join(
            code for code in listed[0] if code in shared))]  # fmt: skip
        if differ:
            told.append(view.phrase("Named differently, for they measure the work of each level: {list}.",
                                    list=view.wording.join(differ)))  # fmt: skip
        for own, areas in zip(self.views, listed, strict=True):
            alone = [name for code, name in areas.items() if code not in shared]
            if alone:
                told.append(view.phrase("Only {level} have: {list}.", level=_all(own), list=view.wording.join(alone)))
        return blocks.section(
            view.say("Areas side by side"),
            "areas",
            blocks.paragraph(*told),
            _areas_table(self._sides, listed),
            view.note("Points of an area are not set against those of the other level: the criteria differ."),
        )

    def judgements(self) -> blocks.Sequel:
        """What the council's appraisal gave against what was surveyed, unit by unit."""
        view = self.view
        told: list[blocks.Block] = []
        lacking = []
        for own in self.views:
            parts = _parts(own)
            if parts.empty:
                lacking.append(_all(own))
                continue
            told += [_apart(own, parts), charts.inside_outside(own, parts, APPRAISAL)]
        if lacking:
            listed = "".join(str(part) for part in view.wording.join(lacking))
            told.append(view.missing("The parts of the index are not published for half of the units of: {list}.",
                                     list=listed))  # fmt: skip
        return blocks.section(view.say("Inside and outside judgement"), "judgements", *told)

    def grounds(self) -> blocks.Sequel:
        """What the numbers rest on."""
        notes = [prose.partial(view) for view in self.views]
        return blocks.section(self.view.say("Grounds and sources"), "grounds", *notes, prose.rounding(self.view))

    def datasets(self) -> blocks.Sequel:
        """The data behind the report, to check against and to give away."""
        two = [one for of in self.years for one in (of.results, of.previous)]
        whole = [one for of in self.years for one in (of.first, *of.years) if one is not None]
        cells = [(one, cell) for one in whole for cell in datasets.of_bands(bands(one))]
        return datasets.behind(self.view, index_tables(*two, whole=whole), [*two, *whole], printed_cells=cells)


def _all(view: View) -> str:
    """What all units of a level are called."""
    return view.wording.all_units(view.results.level)


def _statistic(of: Year, view: View, word: str) -> blocks.Number | None:
    return known_statistic(view, of.statistics(column="index"), word)


def _leads(of: Year, view: View) -> blocks.Parts:
    """Who leads a level, and its mean."""
    rows = of.rank()
    first = rows[(rows["rank"] == 1) & rows["index"].notna()]
    mean, change = (_statistic(of, view, word) for word in ("mean", "mean_change"))
    level = blocks.capital(view.units)
    if first.empty or mean is None:
        return prose.coverage(view).parts
    best = view.amount(view.value(first["unit"].iloc[0], first["index"].iloc[0]))
    contents = {"level": level, "first": view.unit_list(list(first["unit"])), "best": best, "mean": view.amount(mean)}
    if change is None:
        return view.phrase("{level}: {first} leads with {best}; the mean is {mean}.", **contents)
    moved = view.wording.moved(change, view.unit_of_change, year=view.results.year - 1)
    return view.phrase("{level}: {first} leads with {best}; the mean is {mean}, {moved}.", moved=moved, **contents)


def _since(of: Year, view: View) -> blocks.Parts | None:
    """Where the mean of a level went since its scale last changed."""
    since = prose.on_one_scale(view, of.trend().yearly)
    if since is None:
        return None
    way, contents = since
    if way > 0:
        return view.phrase(
            "{level}: on the scale used since {first} the mean rose from {a} to {b}.", level=blocks.capital(view.units),
            **contents,
        )  # fmt: skip
    return view.phrase(
        "{level}: on the scale used since {first} the mean fell from {a} to {b}.",
        level=blocks.capital(view.units),
        **contents,
    )


# --- tables ---------------------------------------------------------------------------------------


def _ends_table(sides: tuple[tuple[Year, View], ...]) -> blocks.Table | None:
    """The first and the last units of each level, as far as their ranks are known."""
    first_view = sides[0][1]
    rows: list[Row] = [{} for _ in range(2 * AT_EACH_END)]
    columns: list[blocks.Column] = []
    for of, view in sides:
        level, n = view.results.level, view.results.n_ranked or 0
        frame = of.rank()
        known = frame[frame["rank"].notna()].sort_values(["rank", "unit"], kind="stable")
        for row in records(known[(known["rank"] <= AT_EACH_END) | (known["rank"] > n - AT_EACH_END)]):
            place = int(row.rank) - 1 if row.rank <= AT_EACH_END else int(row.rank) - n - 1
            while f"{level}:unit" in rows[place] and place not in (AT_EACH_END - 1, -1):
                place += 1
            rows[place] |= {
                f"{level}:rank": view.rank(str(row.unit), row.rank),
                f"{level}:unit": view.unit(str(row.unit)),
            }
            if blocks.is_known(row.index):
                rows[place][f"{level}:value"] = view.value(str(row.unit), row.index)
        group = blocks.capital(view.units)
        columns += [
            blocks.Column(f"{level}:rank", view.say("Rank"), "rank", group=group),
            blocks.Column(f"{level}:unit", view.say("Unit"), group=group),
            blocks.Column(f"{level}:value", view.index, "number", unit=view.unit_of_value, group=group),
        ]
    shown = [row for row in rows if row]
    if len(shown) < AT_EACH_END:
        return None
    caption = first_view.say("First and last units of each level, as far as known, {index} {year}")
    table = finished(first_view, "ends", caption, columns, shown)
    return replace(table, sortable=False)


def _years_table(sides: tuple[tuple[Year, View], ...]) -> blocks.Table:
    """Mean and groups of each level in every year; groups of years with other bounds are left out."""
    first_view = sides[0][1]
    rows: dict[int, Row] = {}
    columns = [blocks.Column("year", first_view.say("Year"))]
    for of, view in sides:
        level, group = view.results.level, blocks.capital(view.units)
        names, yearly = list(view.results.bands), of.trend().yearly.set_index("year")
        columns.append(blocks.Column(f"{level}:mean", view.say("Mean"), "number", view.unit_of_value, group=group))
        columns += [blocks.Column(f"{level}:{band}", band, "integer", decimals=0, group=group) for band in names]
        for results in of.years:
            row = rows.setdefault(results.year, {"year": str(results.year)})
            row |= {f"{level}:{key}": cell for key, cell in _of_year(view, results, yearly).items()}
    marks = [f"{view.units}: {', '.join(map(str, broken))}" for of, view in sides if (broken := _broken(of))]
    notes = [first_view.say("Groups are counted where they have the bounds of {year}.")]
    if marks:
        notes.append(first_view.say("The set of criteria changed; {list}.", list="; ".join(marks)))
    caption = first_view.say(
        "Mean and number of units in each group, {first}–{year}, {index}", first=min(rows, default=0)
    )
    return finished(
        first_view, "level-years", caption, columns, [rows[of] for of in sorted(rows, reverse=True)], notes=notes
    )


def _broken(of: Year) -> list[int]:
    yearly = of.trend().yearly
    return [int(one) for one in yearly.loc[yearly["break_mark"].astype(bool), "year"]]


def _of_year(view: View, results: Results, yearly: pd.DataFrame) -> Row:
    cells: Row = {}
    own = yearly.loc[results.year]
    if blocks.is_known(own["mean"]):
        made = "printed" if own["mean_basis"] == "printed" else "mean"
        cells["mean"] = view.number(own["mean"], view.ref(year=results.year), made=made)
    if results.bands != view.results.bands:
        return cells
    for row in records(bands(results)):
        if blocks.is_known(row.n):
            ref = view.ref(column=f"band:{row.band}", year=results.year)
            made = "printed" if row.basis == "printed" else "count"
            cells[str(row.band)] = view.wording.count(float(row.n), ref, made=made)
    return cells


def _areas(view: View) -> dict[str, str]:
    """The names of the areas of a level by code."""
    return {node: view.node_name(node) for node in view.nodes("area")}


def _areas_table(sides: tuple[tuple[Year, View], ...], listed: list[dict[str, str]]) -> blocks.Table:
    """What each area is called at each level, with its maximum and mean as far as half of them are known."""
    first_view = sides[0][1]
    codes = list(dict.fromkeys(code for areas in listed for code in areas))
    rows: list[Row] = [{"code": code} for code in codes]
    columns = [blocks.Column("code", first_view.say("Code"))]
    for (of, view), areas in zip(sides, listed, strict=True):
        level, group = view.results.level, blocks.capital(view.units)
        means = of.extremes().set_index("node")["mean"]
        maxima = view.results.nodes.set_index("node")["maximum"]
        columns.append(blocks.Column(f"{level}:name", view.say("Area"), group=group))
        for key, words, values in (("maximum", view.say("Maximum"), maxima), ("mean", view.say("Mean"), means)):
            if values.reindex(list(areas)).notna().mean() >= HALF:
                unit = view.unit_of_value if key == "mean" else view.say("points")
                columns.append(blocks.Column(f"{level}:{key}", words, "number", unit, group=group))
        for row in rows:
            node = str(row["code"])
            row[f"{level}:name"] = areas.get(node, "–")
            if blocks.is_known(maxima.get(node)):
                ref = view.ref(node=node, column="maximum")
                row[f"{level}:maximum"] = view.wording.number(float(maxima[node]), 2, ref)
            if blocks.is_known(means.get(node)):
                row[f"{level}:mean"] = view.number(means[node], view.ref(node=node), node=node, made="mean")
    return finished(first_view, "level-areas", first_view.say("The areas of each level, {index} {year}"), columns, rows)


# --- inside and outside ---------------------------------------------------------------------------


def _parts(view: View) -> pd.DataFrame:
    """The appraised and the surveyed parts of the ranked units in percent of their maximum, a column each; empty where
    they are known for less than half of the units."""
    nodes = [node for node in view.nodes("component") if not node.endswith(":impact")]
    keys = [node.partition(":")[2] for node in nodes]
    columns = {key: view.results.values(node) for key, node in zip(keys, nodes, strict=True)}
    frame = pd.DataFrame(columns).reindex(view.results.ranked_units)
    known = frame.dropna()
    if APPRAISAL not in frame or len(frame.columns) < 2 or len(known) < HALF * (view.results.n_ranked or 1):
        return frame.iloc[:0]
    return known


def _apart(view: View, parts: pd.DataFrame) -> blocks.Paragraph:
    """How many units the council judged better than those who were asked, and where the two are furthest apart."""
    outside = next(str(name) for name in parts if name != APPRAISAL)
    gap = parts[APPRAISAL] - parts[outside]
    higher = [str(unit) for unit in parts.index[gap > 0]]
    unit = str(gap.abs().idxmax())

    def cell(component: str) -> blocks.Parts:
        ref = view.ref(unit, f"component:{component}", "index")
        return (view.wording.number(float(parts[component][unit]), 1, ref), "%")

    node = f"component:{APPRAISAL}"
    return view.sentence(
        "{n} of {all} {units} reached a larger part of the points in the appraisal than in the survey; "
        "furthest apart is {unit}: {inside} in the appraisal, {outside} in the survey.",
        n=view.wording.count(len(higher), *(view.ref(one, node, "index") for one in higher)),
        all=view.n_ranked,
        unit=view.named(unit),
        inside=cell(APPRAISAL),
        outside=cell(outside),
    )
