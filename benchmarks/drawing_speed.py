"""What a report is made of: figures of a full year, the words of a catalogue, and its documents from one run."""

import time

import nbformat
import pytest

from parlib import words
from parlib.analysis import comparison
from parlib.analysis import statistics as figures
from parlib.publish.formats import Shown, write
from parlib.publish.parameters import ReportParameters
from parlib.publish.render import render
from parlib.report import charts
from parlib.report.blocks import Wording
from parlib.report.views import View
from parlib.scoring import ranking
from parlib.years import open_other_year, open_results


def test_four_figures(measure):
    results = open_results(2024, "province", "papi")
    previous = open_other_year(results, 2023)
    view, ranks = View(results, Wording("vi")), ranking.rank(results)
    change, statistics = comparison.change(results, previous), figures.statistics(results, previous)
    regions = comparison.regions(results, previous)

    def draw():
        charts.ranking_bars(view, ranks, change, statistics)
        charts.area_heat_map(view, ranks)
        charts.change_bars(view, change)
        charts.region_strips(view, regions)

    measure("four figures of 61 provinces", 0.5, draw, rounds=5)


def test_a_catalogue(measure):
    measure("a catalogue read", 0.05, lambda: words.fresh("vi"))


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    about = ReportParameters(year=2024, index_name="papi", output_dir=str(tmp_path_factory.mktemp("reports")))
    return Shown(about, nbformat.read(render(about).files["ipynb"], as_version=4), "papi.vi")


@pytest.mark.parametrize(
    ("kind", "seconds"), [("html", 0.5), ("docx", 2.0), ("xlsx", 1.5), ("data", 1.5), ("press", 3.0), ("pdf", 10.0)]
)
def test_a_document(record, shown, tmp_path, kind, seconds):
    taken = []
    for _ in range(3):
        again = Shown(shown.parameters, shown.notebook, shown.stem)
        began = time.perf_counter()
        write(kind, again, tmp_path / kind)
        taken.append(time.perf_counter() - began)
    record(f"PAPI 2024 as {kind}", seconds, taken)
