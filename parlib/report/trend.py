"""The report on many years: level, ranks, the parts of the last change, who moved, how far apart the units are.

Each section opens with its answer; what is not known has no section, and is named in one line at the end."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from parlib.analysis.statistics import index_tables
from parlib.report import blocks, datasets, prose
from parlib.report.charts import trends
from parlib.report.findings import same_scale
from parlib.report.front import issued
from parlib.report.tables.ranking import contributions_table, yearly_table
from parlib.report.views import YearReport
from parlib.tables import records, rounded


class Report(YearReport):
    """How the result of a year came about, over all published years."""

    def title(self) -> blocks.Title:
        """The head of the report."""
        head = prose.title(self.view)
        text = self.view.say("{title}: how did it come to this?", title=head.text)
        return replace(head, text=text, subtitle=issued(self.view, self.view.say("Trend report")), contents=False)

    def level(self) -> blocks.Sequel:
        """Mean, lowest and highest over the years."""
        view, trend = self.view, self.year.trend()
        if not view.results.n_known:
            return blocks.sequel(
                view.missing(
                    "No value of {year} is known, so nothing can be said of how it came about; what is known of the "
                    "years before stands in their own reports."
                )
            )
        if len(trend.yearly) < 2:
            return blocks.sequel(
                view.missing(
                    "Only the results of {year} can be shown here: those of other years are not known, or do not "
                    "compare with them."
                )
            )
        return blocks.section(
            self._titles["level"],
            "level",
            self._rose(),
            trends.yearly_lines(view, trend.yearly, trend.series),
            yearly_table(view, trend.yearly, trend.mobility),
        )

    def ranks(self) -> blocks.Sequel:
        """The ranks of those that lead now, and of the unit in focus, over the years."""
        return self._section("ranks", self._came_from())

    def change(self) -> blocks.Sequel:
        """What the last change was made of, for the mean and for the unit in focus."""
        view, trend = self.view, self.year.trend()
        if isinstance(self._figures["bridge"], blocks.Note) or not view.results.n_known:
            return blocks.sequel()
        focus = trends.change_bridge(view, trend.parts, view.focus) if view.focus else None
        table = contributions_table(view, trend.mean_parts)
        return self._section("bridge", self._parts(), prose.scale_break(view), table, focus)

    def mobility(self) -> blocks.Sequel:
        """Who changed places since the year before."""
        return self._section("mobility", self._moved())

    def spread(self) -> blocks.Sequel:
        """Do the units draw together?"""
        return self._section("spread", self._apart())

    def grounds(self) -> blocks.Sequel:
        """What is not known, and what the numbers rest on."""
        view = self.view
        if not view.results.n_known or len(self.year.trend().yearly) < 2:
            return blocks.sequel()
        lacking = [self._titles[name] for name, figure in self._figures.items() if isinstance(figure, blocks.Note)]
        missing = None
        if lacking:
            missing = view.missing("Too little is known to report on: {list}.", list="; ".join(lacking))
        grounds = blocks.section(view.say("Grounds and sources"), "grounds", prose.rounding(view), prose.partial(view))
        return blocks.sequel(grounds, missing)

    # --- what the sections share ---------------------------------------------------------------

    @cached_property
    def _titles(self) -> dict[str, str]:
        """The headings by their anchors."""
        view = self.view
        return {
            "level": view.say("Level over the years"),
            "ranks": view.say("Ranks over the years"),
            "bridge": view.say("What the last change was made of"),
            "mobility": view.say("Who changed places"),
            "spread": view.say("Do the units draw together?"),
        }

    def _section(self, anchor: str, answer: blocks.Paragraph | None, *more: blocks.Block | None) -> blocks.Sequel:
        """A section that opens with its answer, then its figure; none where that cannot be drawn."""
        figure = self._figures[anchor]
        if isinstance(figure, blocks.Note) or not self.view.results.n_known:
            return blocks.sequel()
        return blocks.section(self._titles[anchor], anchor, answer, figure, *more)

    @cached_property
    def _figures(self) -> dict[str, blocks.Figure | blocks.Note]:
        """The figures of the sections by anchor, or why they cannot be drawn."""
        view, trend = self.view, self.year.trend()
        return {
            "ranks": trends.rank_history(view, trend.series),
            "bridge": trends.change_bridge(view, trend.mean_parts),
            "mobility": trends.mobility_matrix(view, trend.transitions),
            "spread": trends.spread_line(view, trend.yearly),
        }

    # --- the answers ---------------------------------------------------------------------------

    def _rose(self) -> blocks.Paragraph | None:
        """If only years on one scale are compared: did the level rise?"""
        view, since = self.view, prose.on_one_scale(self.view, self.year.trend().yearly)
        if since is None:
            return None
        way, contents = since
        if way > 0:
            return _lead(
                view.phrase("On the scale used since {first} the mean rose from {a} to {b} in {year}.", **contents)
            )
        return _lead(
            view.phrase("On the scale used since {first} the mean fell from {a} to {b} in {year}.", **contents)
        )

    def _came_from(self) -> blocks.Paragraph | None:
        """Where did those come from who lead now?"""
        view, series = self.view, self.year.trend().series
        told = []
        for unit in trends.leading(series):
            own = series[(series["unit"] == unit) & series["rank"].notna()]
            years = same_scale(view, own["year"])
            if len(years) < 2:
                continue
            ranks = own.set_index("year")["rank"].astype(float)
            then, now = (view.wording.rank(view.rank(unit, ranks[year], year=year)) for year in (years[0], years[-1]))
            moved: dict[str, blocks.Content] = {"unit": view.listed(unit), "then": then, "first": years[0], "now": now}
            way = blocks.direction(ranks[years[0]] - ranks[years[-1]])
            if way > 0:
                told.append(view.phrase("{unit} up from {then} in {first} to {now}", **moved))
            elif way < 0:
                told.append(view.phrase("{unit} down from {then} in {first} to {now}", **moved))
            else:
                both = (view.ref(unit, column="rank", year=of) for of in (years[-1], years[0]))
                now = view.wording.rank(view.wording.number(ranks[years[-1]], 0, *both, made="rank"))
                told.append(view.phrase("{unit} {now} as in {first}", unit=view.listed(unit), now=now, first=years[0]))
        if not told:
            return None
        return _lead(view.phrase("Since their first year on the present scale: {list}.", list=view.wording.join(told)))

    def _parts(self) -> blocks.Paragraph | None:
        """Of how many parts the mean rose and fell."""
        view, parts = self.view, self.year.trend().mean_parts
        own = parts.loc[parts["kind"] != "remainder", "contribution"]
        ways = [blocks.direction(float(rounded(one, view.decimals))) for one in own]  # as they are printed beside it
        up, down = (view.wording.count(ways.count(way), view.ref(column=column))
                    for way, column in ((1, "parts_up"), (-1, "parts_down")))  # fmt: skip
        if ways.count(1) and ways.count(-1):
            return _lead(
                view.phrase("Since {before} the mean rose on {up} {areas} and fell on {down}.", up=up, down=down)
            )
        if ways.count(1):
            return _lead(view.phrase("Since {before} the mean rose on {up} {areas} and fell on none.", up=up))
        return _lead(view.phrase("Since {before} the mean fell on {down} {areas} and rose on none.", down=down))

    def _moved(self) -> blocks.Paragraph | None:
        """How many left their quarter of the ranking, and which way?"""
        view, frame = self.view, self.year.trend().transitions

        def count(way: int, column: str) -> blocks.Number:
            moved = sum(row.n for row in records(frame) if blocks.direction(int(row.now) - int(row.before)) == way)
            return view.of_both_years(moved, column)

        if frame.empty:
            return None
        return _lead(view.phrase(
            "Since {before}, {up} {units} moved to a better quarter of the ranking and {down} to a worse one.",
            up=count(-1, "quarter_up"),
            down=count(1, "quarter_down"),
        ))  # fmt: skip

    def _apart(self) -> blocks.Paragraph | None:
        """Do the units draw together? By the distance of the ends, which goes the way of the deviation drawn."""
        view, yearly = self.view, self.year.trend().yearly
        inside = yearly[yearly["year"].isin(same_scale(view, yearly["year"])) & yearly["range"].notna()]
        if len(inside) < 2 or inside["year"].iloc[-1] != view.results.year:
            return None
        first, last = (row for place, row in enumerate(records(inside)) if place in (0, len(inside) - 1))
        way, other = (
            blocks.direction(float(getattr(last, name)) - float(getattr(first, name))) for name in ("range", "sd")
        )
        if not way or way != other:
            return None
        a, b = (view.wording.number(row.range, view.decimals, view.ref(year=int(row.year)), made="distance")
                for row in (first, last))  # fmt: skip
        contents: dict[str, blocks.Content] = {"first": int(first.year), "a": a, "b": view.difference(b)}
        if way < 0:
            return _lead(
                view.phrase(
                    "Yes: since {first} the distance between highest and lowest fell from {a} to {b}.", **contents
                )
            )
        return _lead(
            view.phrase("No: since {first} the distance between highest and lowest rose from {a} to {b}.", **contents)
        )

    def datasets(self) -> blocks.Sequel:
        """The data behind the report, to check against and to give away."""
        years = self.year.years
        cells = datasets.of_trend(self.year.trend())
        return datasets.behind(self.view, index_tables(*years), years, method_cells=cells)


def _lead(parts: blocks.Parts) -> blocks.Paragraph:
    return blocks.Paragraph(parts, role="lead")
