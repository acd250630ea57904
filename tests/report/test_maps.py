"""Maps show the whole country with Hoàng Sa and Trường Sa, and every province in its class."""

import io

import numpy as np
import pandas as pd
import pytest
from matplotlib.path import Path as Outline
from PIL import Image

from parlib.analysis import comparison
from parlib.report import maps
from parlib.report.blocks import Figure, Note, Wording
from parlib.report.maps import (
    EAST,
    NORTH,
    SOUTH,
    WEST,
    Classes,
    archipelagos,
    by_band,
    by_change,
    by_quarter,
    country,
    moved_apart,
    on_tile,
    project_box,
    provinces,
    roomiest,
    tiles,
)
from parlib.report.views import View
from parlib.scoring import ranking, units
from parlib.sources import published


@pytest.fixture(scope="module")
def papi():
    now, then = (published.results("papi", year, "province") for year in (2024, 2023))
    return View(now, Wording("vi")), ranking.rank(now), comparison.change(now, then)


@pytest.mark.parametrize("system", ["63", "34"])
def test_every_province_has_its_outline_and_its_tile(system):
    keys = {unit.key for unit in units.units("province", system)}
    assert {province.key for province in provinces(system)} == keys
    placed = tiles(system)
    assert set(placed) == keys | {"hoang-sa", "truong-sa"}
    assert len(set(placed.values())) == len(placed)


@pytest.mark.parametrize("system", ["63", "34"])
def test_both_archipelagos_are_drawn_with_their_province_and_inside_the_map(system):
    left, right, bottom, top = project_box(WEST, EAST, SOUTH, NORTH)
    far = {province.key: province.far_islands for province in provinces(system)}
    counted = {}
    for group in archipelagos(system):
        x0, y0, x1, y1 = group.box
        assert left < x0 < x1 < right
        assert bottom < y0 < y1 < top
        islands = far[group.unit]
        inside = (islands[:, 0] > x0 - 0.3) & (islands[:, 0] < x1 + 0.3)
        inside &= (islands[:, 1] > y0 - 0.3) & (islands[:, 1] < y1 + 0.3)
        counted[group.key] = int(inside.sum())
        assert group.words[0].startswith("Quần đảo")
    assert counted == {"hoang-sa": 46, "truong-sa": 135}  # the number of polygons in geo/labels.csv


@pytest.mark.parametrize("system", ["63", "34"])
def test_nothing_outside_the_two_boxes_is_drawn_in_the_southern_sea(system):
    """Banks of the continental shelf carry no unit."""
    left, right, bottom, top = project_box(109.4, 110.8, 7.1, 8.3)
    for province in provinces(system):
        x, y = province.outline.vertices.T
        assert not ((x > left) & (x < right) & (y > bottom) & (y < top)).any()


def test_labels_are_moved_until_none_lies_on_another():
    rng = np.random.default_rng(7)
    middles, sizes = rng.uniform(0, 40, (30, 2)), rng.uniform(3, 6, (30, 2))
    at = moved_apart(middles, sizes)
    over = (sizes[:, None] + sizes[None]) / 2 - np.abs(at[:, None] - at[None])
    assert not np.triu((over > 1e-6).all(axis=2), 1).any()


def test_a_label_lies_where_its_province_has_room():
    """A flag of 10 x 4 on a pole of 2 x 6: from the pole a label of 8 x 3 goes up into the flag, where it is inside."""
    flag = Outline([(0, 6), (10, 6), (10, 10), (0, 10), (0, 6), (0, 0), (2, 0), (2, 6), (0, 6)])
    place, inside = roomiest(flag, (1.0, 5.0), np.array([8.0, 3.0]))
    assert inside == 1.0
    assert 4.0 <= place[0] <= 6.0
    assert 7.5 <= place[1] <= 8.5
    assert roomiest(flag, (5.0, 8.0), np.array([8.0, 3.0]))[0].tolist() == [5.0, 8.0], "there is room already"


def picture(figure):
    return np.asarray(Image.open(io.BytesIO(figure.png_bytes)).convert("RGB")).astype(int)


@pytest.mark.few(1)
@pytest.mark.parametrize("small", [False, True])
def test_maps_are_drawn_with_credit_and_words(papi, small):
    view, ranked, change = papi
    for figure in (maps.quarter_map(view, ranked, small), maps.change_map(view, change, small)):
        assert isinstance(figure, Figure)
        assert any("Ranh giới" in note for note in figure.notes) is not small  # tiles have no boundaries
        assert len(figure.data["unit"]) == 63
        assert "2024" in figure.caption
        assert picture(figure).std() > 20  # not a blank sheet


def test_the_islands_take_the_colour_of_their_province(papi):
    view, ranked, _ = papi
    dark = picture(maps.quarter_map(view, ranked))
    height, width, _ = dark.shape
    sea = dark[int(height * 0.62) : int(height * 0.92), int(width * 0.6) :]
    # Khánh Hòa is in the second quarter of 2024: its colour (#3f84b8) is found in the far south-east
    assert (np.abs(sea - (0x3F, 0x84, 0xB8)).sum(axis=2) < 24).sum() > 100


def test_quarters_hold_a_quarter_each_and_unknown_provinces_are_in_none(papi):
    view, _, _ = papi
    classes = by_quarter(view)
    counts = classes.of.value_counts()
    assert counts.drop(-1, errors="ignore").sum() == view.results.n_known
    assert counts[[0, 1, 2, 3]].max() - counts[[0, 1, 2, 3]].min() <= 1


def test_a_group_of_most_provinces_is_drawn_in_equal_parts_by_value(monkeypatch):
    results = published.results("par", 2023, "province")
    keys = list(results.units["unit"])
    values = pd.Series(np.linspace(95, 80.6, 63), index=keys)  # 22 from 90 up, 41 from 80 up: one group holds most
    view = View(results, Wording("vi"))
    monkeypatch.setattr(View, "values", lambda *_: values)
    of = ["A" if value >= 90 else "B" for value in values]
    classes = by_band(view, pd.DataFrame({"unit": keys, "band": of}))
    assert classes.of.value_counts(sort=False).sort_index().to_list() == [22, 14, 14, 13]
    assert [words.partition(":")[0] for words in classes.words] == ["Nhóm A", "Nhóm B", "Nhóm B", "Nhóm B"]
    assert classes.words[1].startswith(f"Nhóm B: {view.wording.format(values.iloc[35], 2)}–")
    assert classes.of.loc[keys].is_monotonic_increasing
    assert len(set(classes.colours)) == 4


def test_changes_fall_in_the_class_that_their_words_say(papi):
    view, _, change = papi
    classes = by_change(view, change, step=1.0)
    for unit, value in zip(change["unit"], change["change"], strict=True):
        scaled = view.scaled(value)
        bounds = (1.0, 0.0, -1.0)  # class 0 from 1 up, 1 above 0, 2 exactly 0, 3 above -1, 4 from -1 down
        known = scaled == scaled
        expected = (0 if scaled >= bounds[0] else 1 if scaled > 0 else 2 if scaled == 0 else 3) if known else -1
        expected = 4 if known and scaled <= bounds[2] else expected
        assert classes.of[unit] == expected


def test_without_data_there_is_one_line_and_no_map():
    ministries = published.results("par", 2023, "province")
    view = View(ministries, Wording("vi"))
    assert isinstance(maps.quarter_map(view, ranking.rank(ministries)), Note)
    assert isinstance(maps.band_map(view, ranking.rank(ministries)), Figure)


@pytest.mark.few(1)
@pytest.mark.parametrize("small", [False, True])
def test_the_legend_counts_every_province_and_the_notes_say_how_many_are_known(papi, small):
    view, ranked, _ = papi
    figure = maps.quarter_map(view, ranked, small)
    entries = by_quarter(view).counted(view)
    counts = [int(words.rpartition(": ")[2].removesuffix(" tỉnh, thành phố")) for words, _, _ in entries]
    assert sum(counts) == 63
    assert counts[-1] == 2  # Vĩnh Phúc and Tiền Giang have no total in 2024
    assert figure.alternative.endswith(f"{'; '.join(words for words, _, _ in entries)}.")
    assert any("61/63" in note for note in figure.notes)


def test_a_whole_map_has_no_note_on_unknown_provinces():
    results = published.results("papi", 2024, "province")
    view = View(results, Wording("vi"))
    classes = Classes(pd.Series(0, index=list(results.units["unit"])), ("all",), ("#123a5e",), ("",))
    assert classes.counted(view) == (("all: 63 tỉnh, thành phố", "#123a5e", ""),)


@pytest.mark.parametrize("system", ["63", "34"])
def test_tiles_name_the_archipelagos_with_their_province(system):
    view = View(published.results("papi", 2024, "province"), Wording("vi"))
    labels = pd.Series({"ha-noi": "1"})  # without labels a tile is low
    assert {on_tile(view, a, a.key, labels, 18.7, 7.4) for a in archipelagos(system)} == {
        "Quần đảo\nHoàng Sa\n(Đà Nẵng)",
        "Quần đảo\nTrường Sa\n(Khánh Hòa)",
    }
    low = pd.Series(dtype="str")
    assert {on_tile(view, a, a.key, low, 18.7, 7.4) for a in archipelagos(system)} == {
        "Hoàng Sa\n(Đà Nẵng)",
        "Trường Sa\n(Khánh Hòa)",
    }


def test_a_report_draws_what_is_known_of_enough_provinces(papi):
    view, ranked, change = papi
    whole, moved = country(view, ranked, change)
    assert (whole.name, moved.name) == ("map_quarters", "map_change_tiles")
    partly = published.results("par", 2023, "province")  # groups of some two in five provinces are settled
    (tiled,) = country(View(partly, Wording("vi")), ranking.rank(partly))
    assert tiled.name == "map_bands_tiles"
    few = published.results("par", 2014, "province")
    frame = ranking.rank(few)
    assert 0 < (frame["band"] != "").sum() < 63 / 4
    assert country(View(few, Wording("vi")), frame) == []
