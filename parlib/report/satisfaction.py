"""SIPAS: the satisfaction of citizens by unit with its interval, and what is published of it for the country."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from parlib.report.blocks import Figure, Note, Number, Paragraph, Ref, Sequel, Table, message, section
from parlib.report.charts.trends import mean_line
from parlib.report.style import INK, ORDERED, Rows, Sheet, of_units, row_figure
from parlib.report.tables.declared import Col, cell_of, in_focus, table
from parlib.report.views import View, ends
from parlib.sources.published.pages import Satisfaction
from parlib.tables import Record


def satisfaction(view: View, citizens: pd.DataFrame, factors: pd.DataFrame, result: Satisfaction) -> Sequel:
    """SIPAS of the units of a round, or what is published of it for a year. Empty where there is neither.

    ``citizens``  ``unit``, ``n``, ``value`` (as scored), ``share``, ``lower``, ``upper`` (percent), of a round.
    ``factors``   ``item``, ``name``, ``answers``, ``share``, ``lower``, ``upper``, of the citizens of a round.
    ``result``    of published results: ``statistics``, ``means``, ``units``, as ``published.satisfaction`` gives them.
    The units of which something was printed stand here where they are half of all, else in an annex.
    """
    published, means, units = result.statistics, result.means, result.units
    unasked = citizens.empty or citizens[["value", "share"]].isna().all(axis=None)  # a framework may not have it
    if unasked and factors.empty and published.empty and units.empty:
        return Sequel(())
    return section(
        view.say("Satisfaction with public services (SIPAS)"),
        "sipas",
        _spread(view, citizens),
        factors_table(view, factors),
        sipas_dots(view, citizens) if len(citizens) else None,
        _headline(view, published),
        mean_line(view, means) if len(means) > 1 else None,
        units_table(view, units) if _half(view, units) else None,
    )


def _half(view: View, units: pd.DataFrame) -> bool:
    return 2 * len(units) >= (view.results.n_ranked or 0)


def annex(view: View, result: Satisfaction) -> list[Table | None]:
    """What was printed of SIPAS for the whole country, and of units where these are less than half of all."""
    units = None if _half(view, result.units) else units_table(view, result.units)
    return [statistics_table(view, result.statistics), units]


def _spread(view: View, citizens: pd.DataFrame) -> Iterator[Paragraph]:
    """The highest and the lowest value, and how many units are apart from the mean with their whole interval."""
    known = citizens[citizens["value"].notna()] if len(citizens) else citizens
    if len(known) < 2 or len(known) != len(citizens):
        return
    best, worst = ends(known["unit"], known["value"])
    number = view.wording.number
    mean = float(known["value"].mean())
    sentence = view.phrase(
        "Mean of the units {mean}%; highest {best} ({high}%), lowest {worst} ({low}%).",
        mean=number(mean, 2, view.ref(column="sipas"), made="mean"),
        best=view.shared_units(best.keys, column="sipas"),
        high=number(best.value, 2, view.ref(best.keys[0], column="sipas")),
        worst=view.shared_units(worst.keys, column="sipas"),
        low=number(worst.value, 2, view.ref(worst.keys[0], column="sipas")),
    )
    yield Paragraph(sentence)
    yield from _apart(view, known, mean)


_AS_ROUNDED = 0.05  # percentage points: a scored value that is the survey's own differs by rounding alone


def _apart(view: View, known: pd.DataFrame, mean: float) -> Iterator[Paragraph]:
    """How many units lie above and below ``mean`` with their whole interval: where what is scored is what the survey
    with these intervals found."""
    own = (known["value"] - known["share"]).abs() < _AS_ROUNDED
    above, below = int((known["lower"] > mean).sum()), int((known["upper"] < mean).sum())
    if not own.all() or not known[["lower", "upper"]].notna().all(axis=None) or min(above, below) < 2:
        return
    n_above, n_below = (
        view.wording.count(n, view.ref(column=column)) for n, column in ((above, "sipas_above"), (below, "sipas_below"))
    )
    yield view.sentence(
        "Each looked at alone, {above} {units} lie above this mean with their whole interval, {below} below.",
        above=n_above,
        units=view.units_of(n_above),
        below=n_below,
    )


def _sorted(citizens: pd.DataFrame) -> pd.DataFrame:
    return citizens.sort_values("value", ascending=False, kind="stable", na_position="last")


def sipas_dots(view: View, citizens: pd.DataFrame) -> Figure | Note:
    """The satisfaction that is scored for each unit (dot) with the interval of the survey (line)."""
    rows = citizens[citizens["value"].notna()] if len(citizens) else citizens
    if rows.empty:
        return view.missing("The satisfaction of citizens is not known for {year}.")
    rows = _sorted(rows)
    value, low, high = result = rows[["value", "lower", "upper"]].to_numpy(float).T

    def draw(_: Sheet, axes: Axes, y: np.ndarray) -> None:
        axes.hlines(y, low, high, color=ORDERED[2], linewidth=2.2)
        axes.scatter(value, y, s=16, color=ORDERED[0], edgecolors=INK, linewidths=0.5, zorder=3)

    names, colours = of_units(view, rows["unit"])
    texts = [view.wording.format(x, 2) for x in value]
    limits = float(np.nanmin(result)), float(np.nanmax(result))
    best, worst = ends(rows["unit"], rows["value"])
    return row_figure(
        view,
        Rows(names, limits, [("%", texts)], axis=view.say("satisfied citizens (%)"), colours=colours, halved=True),
        draw,
        name="sipas",
        chart="intervals",
        caption=view.say("Satisfaction of citizens (SIPAS) by unit, with intervals of sampling, {year}"),
        alternative=view.say(
            "Dots with intervals of {n} units. Highest: {best}, {high}%; lowest: {worst}, {low}%.",
            n=len(rows),
            best=view.shared_units(best.keys, column="sipas"),
            high=view.wording.format(best.value, 2),
            worst=view.shared_units(worst.keys, column="sipas"),
            low=view.wording.format(worst.value, 2),
        ),
        notes=(_interval_note(view),),
        data={"unit": rows["unit"], "value": value, "low": low, "high": high},
    )


def _interval_note(view: View) -> str:
    return view.say(
        "Dot: the value that is scored. Line: interval of sampling of the survey at {level}% for one unit looked at "
        "alone; the mean over the questions, which the same citizens answered.",
        level=view.wording.count(95),
    )


FACTORS = (
    Col("name", message("Factor")),
    Col("n", message("Answers"), column="answers"),
    Col("share", message("Satisfied"), factor=100, gap=True),
    Col("low", message("Interval from"), "percent", "lower", "interval", "low", factor=100, gap=True),
    Col("high", message("Interval to"), "percent", "upper", "interval", "high", factor=100, gap=True),
)


def factors_table(view: View, factors: pd.DataFrame) -> Table | None:
    """Satisfied citizens by factor; nothing where citizens were not asked."""
    if factors.empty:
        return None
    caption = view.say("Satisfaction of citizens by factor, {year}")
    at = cell_of("group:citizens", "{row.item}", "share")
    return table(view, "satisfaction", caption, factors, FACTORS, at=at, notes=view.of_all_surveyed())


OF_ROUND = message("Survey of the round")
SIPAS = (
    Col("unit"),
    Col("value", message("As scored"), "percent", column="sipas", gap=True),
    Col("share", message("Satisfied"), column="sipas_survey", group=OF_ROUND, gap=True),
    Col("low", message("Interval from"), "percent", "lower", "interval", "sipas_low", group=OF_ROUND, gap=True),
    Col("high", message("Interval to"), "percent", "upper", "interval", "sipas_high", group=OF_ROUND, gap=True),
    Col("n", message("Answers"), column="sipas_n", group=OF_ROUND, gap=True),
)


def sipas_table(view: View, citizens: pd.DataFrame) -> Table | None:
    """SIPAS of each unit as scored, and as the survey finds it with its interval; nothing without a survey."""
    if citizens.empty:
        return None
    caption = view.say("Satisfaction of citizens (SIPAS) by unit, {year}")
    return table(view, "sipas", caption, _sorted(citizens), SIPAS, style=in_focus, notes=(_interval_note(view),))


# --- published ------------------------------------------------------------------------------------

#: What the statistics of SIPAS are called, in order; others are not shown.
STATISTICS = {
    "mean": message("National mean"),
    "mean_change": message("Change of the national mean on the year before"),
    "max": message("Highest province"),
    "min": message("Lowest province"),
    "n_ge_90": message("Provinces of ninety percent and over"),
    "n_rose": message("Provinces that rose"),
    "n_fell": message("Provinces that fell"),
    "mean_access": message("Mean: access to services"),
    "mean_procedures": message("Mean: administrative procedures"),
    "mean_officials": message("Mean: officials"),
    "mean_results": message("Mean: results of the service"),
    "mean_feedback": message("Mean: handling of feedback"),
    "mean_policy": message("Mean: making and carrying out policy"),
    "mean_service": message("Mean: public services"),
    "sample": message("People asked"),
    "sample_valid": message("Valid answers"),
}
_COUNTS = ("n_ge_90", "n_rose", "n_fell", "sample", "sample_valid")


def _headline(view: View, published: pd.DataFrame) -> Paragraph | None:
    known = dict(zip(published["statistic"], published["value"], strict=True)) if len(published) else {}
    if "mean" not in known:
        return None
    mean = view.wording.number(float(known["mean"]), 2, _ref(view, "mean"), made="printed")
    if {"max", "min"} <= known.keys():
        return view.sentence(
            "The national mean of SIPAS in {year} is {mean}%; the provinces lie between {low}% and {high}%.",
            mean=mean,
            low=view.wording.number(float(known["min"]), 2, _ref(view, "min"), made="printed"),
            high=view.wording.number(float(known["max"]), 2, _ref(view, "max"), made="printed"),
        )
    return view.sentence("The national mean of SIPAS in {year} is {mean}%.", mean=mean)


def _ref(view: View, statistic: str) -> Ref:
    return replace(view.ref("", column=statistic), index_name="sipas", stage="published")


def statistics_table(view: View, published: pd.DataFrame) -> Table | None:
    """What was printed of SIPAS for the whole country; ``None`` where only the mean or nothing was."""
    known = dict(zip(published["statistic"], published["value"], strict=True)) if len(published) else {}
    shown = [word for word in STATISTICS if word in known]
    if len(shown) < 2:
        return None
    rows = pd.DataFrame({"word": shown, "value": [float(known[word]) for word in shown]})
    source = view.say("Source: SIPAS results published by the Ministry of Home Affairs.")
    caption = view.say("SIPAS of {year} for the whole country")
    return table(view, "sipas_national", caption, rows, NATIONAL, source=source)


def _printed(view: View, row: Record) -> Number:
    decimals, signed = 0 if row.word in _COUNTS else 2, row.word == "mean_change"
    return view.wording.number(row.value, decimals, _ref(view, row.word), made="printed", signed=signed)


def _counted_in(view: View, row: Record) -> str:
    if row.word in _COUNTS:
        return ""
    return view.wording.difference_unit if row.word == "mean_change" else "%"


NATIONAL = (
    Col("what", message("Figure"), of=lambda view, row: view.say(STATISTICS[row.word])),
    Col("value", kind="number", of=_printed),
    Col("unit", message("In"), "text", _counted_in),
)


def _of_province(view: View, row: Record) -> Ref:
    return replace(_ref(view, "index"), unit=str(row.unit))


UNITS = (
    Col("rank", basis="rank_basis"),
    Col("unit"),
    Col("value", message("SIPAS"), "percent", basis="basis"),
)


def units_table(view: View, units: pd.DataFrame) -> Table | None:
    """The provinces of which a value or a rank was printed, as printed: never ranked among themselves."""
    if units.empty:
        return None
    ordered = units.sort_values(["rank", "value"], ascending=[True, False], kind="stable", na_position="last")
    partial = len(units) < (view.results.n_ranked or 0) or not units["value"].notna().all()
    notes = [view.say("Only some provinces' values were published: none is ranked among the known alone.")]
    return table(
        view,
        "sipas_units",
        view.say("SIPAS of {year} by province, as far as published"),
        ordered,
        UNITS,
        at=_of_province,
        notes=notes if partial else (),
        bases=["basis", "rank_basis"],
        source=view.say("Source: SIPAS results published by the Ministry of Home Affairs."),
    )
