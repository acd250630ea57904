"""Figures: what they draw, what they say to those who cannot see them, and one line where there is nothing to draw.

Warnings are errors here, so a figure that matplotlib complains about fails.
"""

import io
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from parlib.report import charts, style
from parlib.report.blocks import Figure, Note
from parlib.report.charts import areas, spread


def all_charts(frames, view):
    return {
        "ranking": charts.ranking_bars(view, frames.ranking, frames.change, frames.statistics),
        "parts": charts.parts_stacked(view, frames.parts, frames.ranking),
        "change": charts.change_bars(view, frames.change),
        "regions": charts.region_strips(view, frames.regions),
        "ranges": charts.area_ranges(view, frames.areas),
        "areas": charts.area_heat_map(view, frames.ranking),
    }


def picture(figure):
    return Image.open(io.BytesIO(figure.png_bytes)).convert("RGB")


YEARS = [
    (2023, "ministry", "par", {"ranking", "parts"}),  # changes are known of 3 of 17, and of 11 of 63: no chart
    (2023, "province", "par", {"ranking", "parts", "regions"}),
    (2012, "province", "par", {"ranking", "parts", "regions"}),
    (2024, "ministry", "par", set()),
    (2024, "province", "papi", {"ranking", "change", "regions", "ranges", "areas", "parts"}),
    (2022, "province", "pci", {"ranking", "change", "regions"}),
    (2021, "province", "dti", {"ranking", "regions"}),
    (2022, "province", "grdp", {"ranking", "change", "regions"}),
]


@pytest.mark.few(5)
@pytest.mark.parametrize(("number", "level", "index_name", "drawn"), YEARS)
def test_a_figure_stands_where_there_is_data_and_a_line_where_there_is_none(
    number, level, index_name, drawn, language, year, view_of
):
    result = all_charts(year(number, level, index_name), view_of(year(number, level, index_name), language))
    assert {name for name, block in result.items() if isinstance(block, Figure)} >= drawn - {"parts"}
    for block in result.values():
        if isinstance(block, Note):
            assert block.role == "missing"
            assert "\n" not in block.text
            assert str(number) in block.text
        else:
            assert str(number) in block.caption
            assert block.source
            assert len(block.alternative) > 40
            width, height = picture(block).size
            assert height <= 1.45 * width  # a page of A4 holds it beside its caption
            assert np.asarray(picture(block)).min() < 80  # something is drawn


def test_nothing_at_all_is_six_lines(make_results, analysed, view_of):
    frames = analysed(make_results({}))
    assert all(isinstance(block, Note) for block in all_charts(frames, view_of(frames)).values())


@pytest.mark.long
def test_the_margins_of_every_figure_are_clean(year, view_of):
    """Nothing is cut off: the last column and row of pixels on each side are white."""
    real = (year(2023, "ministry"), year(2023, "province"), year(2024, "province", "papi"))
    drawn = [block for frames in real for block in all_charts(frames, view_of(frames)).values()]
    figures = [block for block in drawn if isinstance(block, Figure)]
    assert len(figures) >= 10
    for block in figures:
        pixels = np.asarray(picture(block))
        edges = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
        assert (edges > 200).all(), block.name


def test_ministries_2023_are_drawn_with_their_published_rank_and_index(year, view_of):
    figure = charts.ranking_bars(view_of(year(2023, "ministry")), *frames_of(year(2023, "ministry")))
    assert figure.data["unit"][0] == "bo-tu-phap"
    assert figure.data["rank"] == list(range(1, 18))
    assert figure.data["value"][0] == 89.95
    assert figure.data["value"][-1] == 78.03
    assert figure.data["previous_rank"][:3] == [2, 1, 3]  # 2022: State Bank, Justice, Finance
    assert "Bộ Tư pháp, 89,95%" in figure.alternative
    assert "Bộ Công Thương, 78,03%" in figure.alternative


def frames_of(frames):
    return frames.ranking, frames.change, frames.statistics


def test_only_the_known_of_63_provinces_are_drawn_with_their_published_rank(year, view_of):
    figure = charts.ranking_bars(view_of(year(2023, "province")), *frames_of(year(2023, "province")))
    assert len(figure.data["unit"]) == 20
    assert figure.data["rank"][-3:] == [61, 62, 63]
    assert "20/63 tỉnh, thành phố" in figure.notes[1]  # the first tells what the broken lines are


def test_units_that_are_not_ranked_are_not_drawn(make_results, analysed, view_of):
    results = make_results(
        {"bo-tu-phap": 80.0, "bo-y-te": 90.0, "uy-ban-dan-toc": 99.0}, ranked=["bo-tu-phap", "bo-y-te"]
    )
    frames = analysed(results)
    figure = charts.ranking_bars(view_of(frames), frames.ranking)
    assert figure.data["unit"] == ["bo-y-te", "bo-tu-phap"]


@pytest.mark.parametrize(("n_rows", "drawn"), [(90, True), (91, False)])
def test_more_rows_than_a_page_can_hold_are_not_drawn(n_rows, drawn, year, view_of):
    """A province has up to 168 communes: their letters would lie over each other."""
    rows = style.Rows([f"xã {n}" for n in range(n_rows)], (0.0, 1.0))
    told = {"name": "x", "chart": "dots", "caption": "", "alternative": "", "data": {}}
    figure = style.row_figure(view_of(year(2024, "province", "papi")), rows, lambda *_: None, **told)
    assert isinstance(figure, Figure) == drawn
    if not drawn:
        assert "quá nhiều dòng" in figure.text


def test_a_telephone_without_room_for_every_column_still_has_the_drawing(year, view_of):
    """A year of long names, ranks of the year before, open ranks and groups once left the dots no width at all."""
    columns = [(f"cột số {n}", ["1.234,56"]) for n in range(6)]
    rows = style.Rows(["Bộ Văn hóa, Thể thao và Du lịch"], (0.0, 1.0), columns)
    told = {"name": "x", "chart": "dots", "caption": "", "alternative": "", "data": {}}
    widths = []
    figure = style.row_figure(
        view_of(year(2023, "ministry")), rows, lambda _, axes, y: widths.append(axes.bbox.width), **told
    )
    assert isinstance(figure, Figure) and figure.narrow
    assert min(widths) > 0


SHORT_AXES = {
    "on a telephone": (  # "−0,5", "−0,25" and "0" on the 17 mm that two columns of numbers leave stood 1,6 mm apart
        style.Rows(
            ["3. Cải cách thủ tục hành chính", "4. Cải cách tổ chức bộ máy hành chính"],
            (-0.51, 0.0),
            [(words, ["10,74"] * 2) for words in ("tự đánh giá", "được công nhận")],
            widest=62.0,
        ),
        [],
    ),
    "two round numbers": (  # 60 and 65, of which a report was refused: they told no steps
        style.Rows(["Bộ Văn hóa, Thể thao và Du lịch"] * 2, (57.2, 65.8), [("Khoảng hạng", ["65,83"] * 2)] * 2),
        [],
    ),
    "of half a sheet": (  # ranks that the figure itself put there
        style.Rows(
            ["Thừa Thiên Huế"] * 63, (0.0, 64.0), [("Các thứ hạng có thể", ["1–10"] * 63)], margin=0.0, halved=True
        ),
        style.rank_ticks(63),
    ),
}


@pytest.mark.parametrize("case", SHORT_AXES)
def test_labels_of_a_short_axis_stand_apart(year, view_of, case):
    rows, ticks = SHORT_AXES[case]
    told = {"name": "x", "chart": "dots", "caption": "", "alternative": "", "data": {}}
    view, drawn = view_of(year(2023, "ministry")), []

    def draw(_, axes, y):
        drawn.append(axes)
        if ticks:
            axes.set_xticks(ticks)

    style.row_figure(view, rows, draw, **told)
    for axes in drawn:
        low, high = axes.get_xlim()
        shown = [tick for tick in axes.get_xticks() if low <= tick <= high]
        mm = axes.bbox.width / axes.figure.dpi * 25.4 / (high - low)
        widths = [style.text_width(view.tick(tick), style.SMALL) for tick in shown]
        assert len(shown) >= 3
        assert not ticks or (shown[0], shown[-1]) == (1, 63)
        assert all(
            (b - a) * mm > (u + v) / 2 + 1 for a, b, u, v in zip(shown, shown[1:], widths, widths[1:], strict=False)
        )


@pytest.mark.parametrize("ends", [(-0.05, 0.3), (57.2, 65.8), (88.1, 88.4), (0.0, 1.0)])
def test_a_scale_that_goes_up_has_three_labels_at_least(year, view_of, ends):
    """Of correlations between 0 and 0.22 the audit would have said 0 and 0.2 alone, which verification refuses."""
    with style.new_sheet(60) as sheet:
        axes = sheet.axes(12, 4, 7, 12)
        axes.set(xlim=(0, 10), ylim=ends)
        style.value_axis(sheet, axes, view_of(year(2023, "ministry")))
        drawn = sheet.svg()
    labels = re.findall(r'<text x="(\d+)" y="(\d+)">([-−\d,]+)<', drawn)
    steps = np.diff([float(label.replace("−", "-").replace(",", ".")) for _, _, label in labels])
    assert len(labels) >= 3
    assert np.allclose(steps, steps[0])
    assert len({x for x, _, _ in labels}) == 1


def test_in_two_halves_every_mark_stands_on_the_row_of_its_name_and_number(year, view_of):
    """All marks are drawn on both axes, and each leaves those of its own rows: 41 of them, on one scale."""
    values = np.linspace(50, 90, 41)[::-1]
    rows = style.Rows(
        [f"xã {n}" for n in range(41)], (50.0, 90.0), [("%", [f"số {n}" for n in range(41)])], halved=True
    )
    told = {"name": "x", "chart": "dots", "caption": "", "alternative": "", "data": {}}
    figure = style.row_figure(
        view_of(year(2024, "province", "papi")), rows, lambda _, axes, y: axes.scatter(values, y, s=16), **told
    )
    texts = [
        (int(x), int(y), text) for x, y, text in re.findall(r'<text x="(\d+)" y="(\d+)"[^>]*>([^<]*)<', figure.svg)
    ]
    circles = [(int(x), int(y)) for x, y in re.findall(r'<circle cx="(\d+)" cy="(\d+)"', figure.svg)]
    middle = 10 * 72 * style.WIDTH / 25.4 / 2
    found = {}
    for x, y in circles:
        beside = [text for at, height, text in texts if abs(height - y) < 50 and (at < middle) == (x < middle)]
        (name,), (number,) = ([text for text in beside if text.startswith(word)] for word in ("xã", "số"))
        assert name.split()[1] == number.split()[1]
        found[int(name.split()[1])] = x
    assert len(circles) == len(found) == 41
    steps = np.diff([found[n] for n in range(41)])
    assert np.abs(np.delete(steps, 20) - steps[0]).max() <= 1  # 21 rows on the left, 20 on the right
    assert steps[20] > 0 > steps[0]


def test_equal_units_share_their_rank_in_the_figure(make_results, analysed, view_of):
    frames = analysed(make_results({"bo-tu-phap": 0.1 + 0.2, "bo-y-te": 0.3, "bo-noi-vu": 0.1}))
    figure = charts.ranking_bars(view_of(frames), frames.ranking)
    assert figure.data["rank"] == [1, 1, 3]


def test_papi_is_drawn_in_points_as_its_publisher_prints_it(year, view_of):
    figure = charts.ranking_bars(view_of(year(2024, "province", "papi")), *frames_of(year(2024, "province", "papi")))
    assert len(figure.data["unit"]) == 61
    assert 47 < figure.data["value"][0] < 48
    heat = charts.area_heat_map(view_of(year(2024, "province", "papi")), year(2024, "province", "papi").ranking)
    values = [value for key, column in heat.data.items() if key not in ("unit", "name") for value in column if value]
    assert 1 < min(values) < max(values) < 10


def test_a_change_over_a_break_says_so(make_results, analysed, view_of):
    before = make_results({"bo-tu-phap": 80.0, "bo-y-te": 70.0}, year=2022)
    now = make_results({"bo-tu-phap": 82.5, "bo-y-te": 69.0}, year=2023)
    broken = make_results({"bo-tu-phap": 82.5, "bo-y-te": 69.0}, year=2023, break_before=True)
    plain = analysed(now, before)
    figure = charts.change_bars(view_of(plain), plain.change)
    assert figure.data["change"] == [2.5, -1.0]
    assert figure.notes == ()
    marked = analysed(broken, before)
    figure = charts.change_bars(view_of(marked), marked.change)
    assert "Bộ tiêu chí năm 2023 đã thay đổi so với năm 2022" in figure.notes[0]


def test_simulated_results_are_marked_across_the_figure_and_below(make_results, analysed, view_of):
    values = {"bo-tu-phap": 80.0, "bo-y-te": 70.0}
    real, simulated = analysed(make_results(values)), analysed(make_results(values, marks=("simulated",)))
    plain = charts.ranking_bars(view_of(real), real.ranking)
    marked = charts.ranking_bars(view_of(simulated), simulated.ranking)
    asked = charts.ranking_bars(view_of(real, simulated=True), real.ranking)
    assert any("MÔ PHỎNG" in note for note in marked.notes)
    assert asked.svg == marked.svg != plain.svg
    red = np.asarray(picture(marked)).astype(int)
    assert ((red[..., 0] - red[..., 1]) > 15).sum() > 500


def test_the_unit_in_focus_stands_out(year, view_of):
    frames = year(2023, "ministry")
    plain = charts.ranking_bars(view_of(frames), frames.ranking)
    focused = charts.ranking_bars(view_of(frames, focus="bo-y-te"), frames.ranking)
    assert plain.svg != focused.svg
    assert plain.data == focused.data


@pytest.mark.long
def test_the_same_data_gives_the_same_bytes(year, view_of):
    frames = year(2024, "province", "papi")
    first, second = (all_charts(frames, view_of(frames)) for _ in range(2))
    assert {name: block.to_data() for name, block in first.items()} == {
        name: block.to_data() for name, block in second.items()
    }


def test_no_label_of_an_axis_is_cut_by_the_edge_of_the_sheet(year, view_of):
    """PAPI 2024, the first dimension, 3.61 to 5.95 with 5% of that more on either side: 3.5 lies half a mm from the
    edge, its label is four wide. A label that is cut would leave ink in the outermost column of the picture, below the
    line of the axis, which is the only thing that runs from edge to edge."""
    frames = year(2024, "province", "papi")
    values = frames.results.values("1", "points")
    ranked = frames.results.ranked_units
    current = pd.DataFrame({"unit": ranked, "ranked": True, "index": frames.results.values("1").loc[ranked].to_numpy()})
    assert [values.min(), values.max()] == pytest.approx([3.61, 5.95], abs=0.005)
    pixels = np.asarray(picture(spread.strip(view_of(frames), current, None, "1")))
    labels = pixels[-round(6 * style.MM * style.DPI) :]
    assert (labels < 128).any()  # something is written there
    assert (labels[:, [0, -1]] > 250).all()


def test_a_heat_map_has_a_scale_for_each_column():
    table = pd.DataFrame({"1": [1.0, 2.0, 6.0], "2": [70.0, np.nan, 90.0], "3": [5.0, 5.0, 5.0]})
    expected = [[-1, -1, 0], [-0.5, np.nan, 0], [1, 1, 0]]
    np.testing.assert_allclose(areas.around_the_mean(table), expected, atol=1e-12)


def test_heads_of_narrow_panels_have_their_lines_and_their_labels_stand_apart(year, view_of):
    """On a telephone "Khảo sát lãnh đạo, quản lý" lost its first line, and its scale read "10060 80 10060"."""
    steps = {panel * 1.32 + part / 2: str(60 + 20 * part) for panel in range(4) for part in range(3)}
    rows = style.Rows(
        ["Bà Rịa - Vũng Tàu"] * 2,
        (-0.02, 5.26),
        [("Tổng", ["92,18"] * 2)],
        margin=0.0,
        steps=steps,
        heads=["Điểm thẩm định", "SIPAS", "Khảo sát lãnh đạo, quản lý", "Tác động của CCHC đến phát triển KT-XH"],
    )
    told = {"name": "x", "chart": "dots", "caption": "", "alternative": "", "data": {}}
    drawn = []
    style.row_figure(view_of(year(2023, "province")), rows, lambda sheet, axes, y: drawn.append((sheet, axes)), **told)
    (telephone, narrow), (paper, wide) = drawn
    above = [(1 - axes.get_position().y1) * sheet.height for sheet, axes in ((telephone, narrow), (paper, wide))]
    assert above[1] == pytest.approx(7) and above[0] >= 7 + 2 * 2.8  # four lines of three letters' height at least
    assert list(wide.get_xticks()) == sorted(steps)
    mm = narrow.bbox.width / narrow.figure.dpi * 25.4 / 5.28
    shown = list(narrow.get_xticks())
    widths = [style.text_width(steps[tick], style.SMALL) for tick in shown]
    assert 3 <= len(shown) < 12 and len(shown) % 3 == 0  # a part has all of its labels or none
    for (a, u), (b, v) in zip(zip(shown, widths, strict=True), zip(shown[1:], widths[1:], strict=True), strict=False):
        assert (b - a) * mm > (u + v) / 2
