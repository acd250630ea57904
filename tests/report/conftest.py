"""Small results made by hand, and the frames of the analysis on them and on the real years."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from parlib.analysis import comparison
from parlib.analysis import statistics as figures
from parlib.report.annual import Report
from parlib.report.blocks import Wording
from parlib.report.views import View
from parlib.scoring import ranking
from parlib.scoring.results import Results, index_table
from parlib.years import open_other_year, open_results
from parlib.years import year as asked

AREAS = {"1": ("Chỉ đạo, điều hành", "Direction"), "2": ("Thể chế", "Institutions")}


def _make_results(values, *, year=2023, ranked=None, ranks=None, areas=None, level="ministry", **more):
    """Results of one year by hand: ``values`` index by unit (NaN or None = not known)."""
    rows = [
        {"unit": unit, "node": "", "index": value, "points": value, "maximum": 100.0}
        for unit, value in values.items()
        if value is not None
    ]
    for node, known in (areas or {}).items():
        rows += [{"unit": unit, "node": node, "index": value} for unit, value in known.items()]
    table = pd.DataFrame(rows, columns=["unit", "node", "index", "points", "maximum"])
    table = table.assign(year=year, level=level, stage="published")
    nodes = [("", "Chỉ số cải cách hành chính", "PAR INDEX", 100.0, None, "whole")]
    nodes += [(node, *AREAS[node], np.nan, "", "area") for node in areas or {}]
    units = pd.DataFrame({"unit": list(values), "ranked": [ranked is None or unit in ranked for unit in values]})
    return Results(
        index_name=more.pop("index_name", "par"),
        year=year,
        level=level,
        table=index_table(table),
        units=units,
        nodes=pd.DataFrame(nodes, columns=["node", "name", "name_en", "maximum", "parent", "kind"]),
        bands=more.pop("bands", {"A": 90.0, "B": 80.0, "C": 70.0, "D": 0.0}),
        ranks=ranks,
        system="63" if level == "province" else "",
        **more,
    )


def _analysed(results, previous=None, first=None):
    """All frames that the report takes."""
    change = comparison.change(results, previous)
    return SimpleNamespace(
        results=results,
        previous=previous,
        ranking=ranking.rank(results),
        statistics=figures.statistics(results, previous, first),
        bands=figures.bands(results),
        change=change,
        counts=comparison.change_counts(change, results),
        regions=comparison.regions(results, previous),
        areas=comparison.best_and_worst(results),
        parts=comparison.parts(results),
    )


@cache
def _year(number, level, index_name="par"):
    """The published results of a real year, analysed."""
    results = open_results(number, level, index_name)
    return _analysed(results, open_other_year(results, number - 1), open_other_year(results, 2012))


@cache
def _report(number, level="province", index_name="par", language="vi", unit=""):
    """The yearly report on a real year."""
    return Report(asked(number, level, index_name, language=language), unit)


@pytest.fixture(scope="session")
def report_of():
    return _report


@pytest.fixture(params=["vi", "en"])
def language(request):
    return request.param


@pytest.fixture
def wording():
    return Wording("vi")


def _view_of(frames, language="vi", **more):
    return View(frames.results, Wording(language), **more)


@pytest.fixture(scope="session")
def make_results():
    return _make_results


@pytest.fixture(scope="session")
def analysed():
    return _analysed


@pytest.fixture(scope="session")
def year():
    return _year


@pytest.fixture(scope="session")
def view_of():
    return _view_of
