"""Every check finds its planted slip and passes what is right; on published data they find the slips that are there."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from parlib.analysis import checks, comparison, statistics
from parlib.analysis.checks import Facts
from parlib.errors import ChecksFailed
from parlib.scoring import ranking, units
from parlib.scoring.results import Results, index_table
from parlib.sources import published

KEYS = ("ha-noi", "hai-phong", "da-nang", "hue")


def results(values=(90.0, 85.5, 85.5, 70.0), parts=None, stage="final", **more):
    parts = [(v * 0.6, v * 0.4) for v in values] if parts is None else parts
    rows = []
    for unit, value, (first, second) in zip(KEYS, values, parts, strict=True):
        key = {"year": 2023, "level": "province", "unit": unit, "stage": stage}
        rows.append({**key, "node": "", "points": value, "maximum": 100.0})
        rows.append({**key, "node": "1", "points": first, "maximum": 60.0})
        rows.append({**key, "node": "2", "points": second, "maximum": 40.0})
        rows.append({**key, "node": "component:a", "points": first, "maximum": 60.0})
        rows.append({**key, "node": "component:b", "points": second, "maximum": 40.0})
    nodes = pd.DataFrame(
        [("", "whole"), ("1", "area"), ("2", "area"), ("component:a", "component"), ("component:b", "component")],
        columns=["node", "kind"],
    )
    listed = pd.DataFrame({"unit": KEYS, "ranked": True})
    return Results("par", 2023, "province", index_table(pd.DataFrame(rows)), listed, nodes, stage=stage, **more)


def frame(**columns):
    return pd.DataFrame(columns)


def printed(**values):
    columns = {"statistic": list(values), "value": list(values.values()), "node": "", "unit": "", "derived": False}
    return frame(**columns, source_ids="S001")


def only(name, facts):
    return [finding for finding in checks.run(facts, [name]) if not finding.holds]


def test_what_was_printed_of_all_units_follows_from_their_values():
    computed = frame(
        statistic=["mean", "max", "n_rose"], value=[82.7549, 90.0, 2], basis=["computed", "printed", "computed"]
    )
    found = {"mean": 82.74, "max": 91.0, "n_rose": 3}  # the maximum was not computed: nothing to compare
    published_then = results(stage="published", printed_statistics=printed(**found))
    wrong = only("printed_totals", Facts(published_then, statistics=computed))
    assert [(finding.subject, finding.numbers[1]) for finding in wrong] == [
        ("mean", ("printed", 82.74)),
        ("n_rose", ("printed", 3.0)),
    ]
    one_unknown = results((90.0, 85.5, np.nan, 70.0), stage="published", printed_statistics=printed(**found))
    assert only("printed_totals", Facts(one_unknown, statistics=computed)) == []


def test_a_sound_report_passes_and_says_how_much_was_compared():
    result = results(printed_statistics=printed(mean=82.75, n_rose=2))
    facts = Facts(
        result,
        ranking=frame(unit=KEYS, ranked=True, index=result.values().to_numpy(), rank=[1, 2, 2, 4]),
        statistics=frame(
            statistic=["mean", "n_units", "n_rose", "n_fell", "n_same"], value=[82.75, 4, 2, 1, 1], basis="computed"
        ),
        bands=frame(band=["A", "B", "C"], n=[1, 2, 1]),
        regions=frame(region=["n", "s"], n=[1, 3], mean=[90.0, (85.5 + 85.5 + 70) / 3]),
        change=frame(unit=["hue"], index=[70.0], previous=[68.5], change=[1.5]),
        legal_units=KEYS,
        tables={"t": frame(n_answers=[5, 0, 90])},
    )
    findings = checks.run(facts)
    assert [f.text("en") for f in findings if not f.holds] == []
    assert {f.check for f in findings} == set(checks.names()) - {"previous_values"}
    checks.require(findings)
    assert checks.summary(findings)["failed"].sum() == 0


def test_points_over_the_maximum_are_named():
    (finding,) = only("points_within_maxima", Facts(results(parts=[(60.5, 29.5), (51, 34), (51, 34), (42, 28)])))[:1]
    assert "ha-noi 1" in finding.text("en")
    assert dict(finding.numbers) == {"points": 60.5, "maximum": 60.0}


@pytest.mark.parametrize("name", ["parts_total", "areas_total"])
def test_parts_that_miss_the_total_are_named(name):
    (finding,) = only(name, Facts(results(parts=[(54, 36), (51.3, 34.21), (51.3, 34.2), (42, 28)])))
    assert finding.subject == "hai-phong"
    assert dict(finding.numbers)["sum"] == pytest.approx(85.51)


def test_printed_parts_may_miss_by_their_rounding_and_no_more():
    # 61.86 + 28.10 = 89.96 against 89.95: three numbers rounded to two decimals may miss by 0.015
    near = results((89.95, 80, 80, 80), [(61.86, 28.10), (50, 30), (50, 30), (50, 30)], stage="published")
    assert only("parts_total", Facts(near)) == []
    far = results((89.93, 80, 80, 80), [(61.86, 28.10), (50, 30), (50, 30), (50, 30)], stage="published")
    assert [f.subject for f in only("parts_total", Facts(far))] == ["ha-noi"]
    computed = results((89.95, 80, 80, 80), [(61.86, 28.10), (50, 30), (50, 30), (50, 30)])
    assert [f.subject for f in only("parts_total", Facts(computed))] == ["ha-noi"]  # computed ones may not miss at all


def test_rises_and_falls_that_do_not_add_up_are_found():
    facts = Facts(results(), statistics=frame(statistic=["n_units", "n_rose", "n_fell"], value=[63, 53, 9]))
    (finding,) = only("rises_and_falls", facts)
    assert dict(finding.numbers) == {"up": 53, "down": 9, "same": 0, "n": 63}
    whole = frame(statistic=["n_units", "n_rose", "n_fell", "n_same"], value=[63, 53, 9, 1])
    assert only("rises_and_falls", Facts(results(), statistics=whole)) == []
    # how many kept their rank is often not printed: only an excess is a slip
    for down, subjects in ((23, []), (24, ["n_rank_up + n_rank_down"])):
        ranks = frame(statistic=["n_units", "n_rank_up", "n_rank_down"], value=[63, 40, down])
        assert [finding.subject for finding in only("rises_and_falls", Facts(results(), statistics=ranks))] == subjects


def test_bands_regions_changes_ranks_and_lists_are_checked():
    result = results()
    assert only("band_counts", Facts(result, bands=frame(band=["A", "B"], n=[1, 2])))
    five = frame(statistic=["n_units"], value=[5.0])  # printed: one more than the four that are listed
    assert only("band_counts", Facts(result, statistics=five, bands=frame(band=["A", "B"], n=[1, 3])))
    assert not only("band_counts", Facts(result, statistics=five, bands=frame(band=["A", "B"], n=[1, 4])))
    wrong_mean = frame(statistic=["mean"], value=[83.0])
    regions = frame(region=["n", "s"], n=[1, 3], mean=[90.0, (85.5 + 85.5 + 70) / 3])
    assert only("region_means", Facts(result, statistics=wrong_mean, regions=regions))
    assert only("changes", Facts(result, change=frame(unit=["hue"], index=[70.0], previous=[68.5], change=[1.6])))
    for said, slips in ((1.51, 0), (1.52, 1)):  # two printed values may miss by 0.01 together, computed ones by nothing
        told = frame(unit=["hue"], index=[70.0], previous=[68.5], change=[said])
        assert len(only("changes", Facts(results(stage="published"), change=told))) == slips
    dense = frame(unit=KEYS, ranked=True, index=[90.0, 85.5, 85.5, 70.0], rank=[1, 2, 2, 3])
    assert [f.subject for f in only("competition_ranks", Facts(result, ranking=dense))] == ["hue"]
    swapped = frame(unit=KEYS, ranked=True, index=[85.0, 90.0, np.nan, 70.0], rank=[1, 2, 3, 4])
    (finding,) = only("competition_ranks", Facts(result, ranking=swapped))
    assert finding.numbers == (("rank", 1.0), ("rank", 2.0), ("index", 85.0), ("index", 90.0))
    # Ranks are counted among those that were ranked then: of five, one of which is no unit of ours.
    fifth = frame(statistic=["n_units"], value=[5.0], node=[""], unit=[""], derived=[True], source_ids=[""])
    older = replace(result, printed_statistics=fifth)
    pushed = frame(unit=KEYS, ranked=True, index=[90.0, 85.5, 85.5, 70.0], rank=[1, 3, 3, 5])
    assert only("competition_ranks", Facts(older, ranking=pushed)) == []
    assert only("competition_ranks", Facts(result, ranking=pushed))
    twice = frame(unit=KEYS, ranked=True, index=[90.0, 85.5, 85.5, 70.0], rank=[1, 2, 2, 6])
    assert [f.subject for f in only("competition_ranks", Facts(older, ranking=twice))] == ["hue"]
    short = only("legal_list", Facts(result, legal_units=(*KEYS, "can-tho")))
    assert "can-tho" in {f.subject for f in short}


def test_small_cells_are_checked():
    assert only("no_respondents", Facts(results(), tables={"answers": frame(respondent=["a"])}))
    assert only("no_respondents", Facts(results(), tables={"shares": frame(n_answers=[4, 10])}))


def test_a_failed_check_stops_the_report_and_names_the_numbers_in_both_languages():
    facts = Facts(results(), statistics=frame(statistic=["n_units", "n_rose", "n_fell"], value=[63, 53, 9]))
    with pytest.raises(ChecksFailed) as error:
        checks.require(checks.run(facts))
    assert "53" in error.value.text("vi")
    assert "giữ nguyên" in error.value.text("vi")
    assert "unchanged" in error.value.text("en")


def test_an_explanation_covers_its_own_numbers_only():
    note = frame(year=[2023], level=["province"], check=["rises_and_falls"], subject=["n_rose + n_fell"],
                 numbers=["53;9;0;63"], explanation=["một tỉnh không đổi"])  # fmt: skip
    facts = Facts(results(), statistics=frame(statistic=["n_units", "n_rose", "n_fell"], value=[63, 53, 9]))
    (finding,) = checks.run(facts, ["rises_and_falls"], note)
    assert not finding.holds
    assert not finding.stops
    assert finding.explanation == "một tỉnh không đổi"
    other = replace(facts, statistics=frame(statistic=["n_units", "n_rose", "n_fell"], value=[63, 52, 9]))
    (finding,) = checks.run(other, ["rises_and_falls"], note)
    assert finding.stops


def test_an_unknown_check_is_an_error():
    with pytest.raises(KeyError):
        checks.run(Facts(results()), ["no_such_check"])


# --- on what was published ---------------------------------------------------------------------------------------


def published_facts(year, level):
    now, then = published.results("par", year, level), published.results("par", year - 1, level)
    return Facts(
        now,
        then,
        ranking=ranking.rank(now),
        statistics=statistics.statistics(now, then),
        bands=statistics.bands(now),
        change=comparison.change(now, then),
        regions=comparison.regions(now, then) if level == "province" else None,
        region_sizes=pd.Series([u.region for u in units.units("province", "63")]).value_counts().to_dict(),
        legal_units=list(units.assessed(year, level)["unit"]),
    )


def test_the_real_slips_of_2024_are_found():
    results = [f for f in checks.run(published_facts(2024, "province")) if not f.holds]
    by_check = {}
    for finding in results:
        by_check.setdefault(finding.check, []).append(finding)
    # 53 provinces rose and 9 fell, of 63
    (counts,) = by_check["rises_and_falls"]
    assert dict(counts.numbers) == {"up": 53, "down": 9, "same": 0, "n": 63}
    # means less their printed change: Đông Nam Bộ 89.44 - 1.99 = 87.45 against 87.79 published for 2023,
    # Bắc Trung Bộ 88.51 - 1.58 = 86.93 against 86.82; Đồng bằng sông Hồng 88.32 against 88.33 is rounding
    assert {f.subject for f in by_check["previous_values"]} == {"dong-nam-bo", "bac-trung-bo-duyen-hai-mien-trung"}
    # the six region means weighted by their provinces give 88.356, the national mean printed is 88.37
    (means,) = by_check["region_means"]
    assert dict(means.numbers)["weighted"] == pytest.approx(88.3557, abs=1e-3)


def test_the_complete_table_of_ministries_2023_agrees_with_itself():
    findings = checks.run(published_facts(2023, "ministry"))
    assert [f.text("en") for f in findings if not f.holds] == []
    assert {"parts_total", "competition_ranks", "legal_list", "band_counts"} <= {f.check for f in findings}
