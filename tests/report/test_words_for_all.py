"""Whatever the analysis can say, reports have words for: a statistic of the year."""

from __future__ import annotations

import pytest

from parlib.analysis import statistics as figures
from parlib.report.blocks import Wording
from parlib.report.views import LEFT_OUT, View, statistic_name
from parlib.sources import published
from parlib.sources.published import par


@pytest.mark.few(2)
@pytest.mark.parametrize("index_name", par.INDEX_NAMES)
def test_every_statistic_has_words_or_is_left_out_on_purpose(index_name: str):
    for level in par.levels(index_name):
        for year in par.years(index_name, level):
            results = published.results(index_name, year, level)
            view = View(results, Wording("en", "dot", True))
            printed = results.printed_statistics
            words = {*figures.words(), *printed.loc[printed["node"] == "", "statistic"]}
            unnamed = {word for word in words if statistic_name(view, word) == word}
            assert unnamed == set(), "name them in views, or in LEFT_OUT"


def test_a_new_statistic_is_printed_as_it_is_called_and_not_dropped():
    view = View(published.results("par", 2023, "ministry"), Wording("en", "dot", True))
    assert statistic_name(view, "median_distance") == "median_distance"
    assert LEFT_OUT.fullmatch("median_distance") is None
