"""A number written in a drawing is one of its figure, in its row; a label of a scale lies on it."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from parlib.analysis import comparison
from parlib.analysis import statistics as numbers
from parlib.analysis.statistics import index_tables
from parlib.publish import pdf
from parlib.publish.document import Document, Item, flat
from parlib.publish.verify import figures
from parlib.publish.verify.data import Data
from parlib.report import charts, datasets, maps
from parlib.report.blocks import Dataset, Figure, Title, Wording
from parlib.report.views import View
from parlib.scoring import ranking
from parlib.years import open_before, open_results

Shown = tuple[dict[str, Figure], figures.Belongings]


@pytest.fixture(scope="module")
def papi() -> Shown:
    now = open_results(2024, "province", "papi")
    before = open_before(now, "")
    view = View(now, Wording("vi"))
    ranked, change = ranking.rank(now), comparison.change(now, before)
    drawn = [
        charts.ranking_bars(view, ranked, change, numbers.statistics(now, before, None)),
        charts.change_bars(view, change),
        charts.area_heat_map(view, ranked),
        maps.change_map(view, change, small=True),
    ]
    shown = datasets.behind(view, index_tables(now, before), [now, before])
    data = tuple(block for block in flat(shown) if isinstance(block, Dataset))
    result = {figure.name: figure for figure in drawn if isinstance(figure, Figure)}
    document = Document("vi", Title("Báo cáo"), tuple(map(Item, result.values())), data)
    return result, figures.Belongings(Data.of(document))


def found(figure: Figure, belongings: figures.Belongings) -> int:
    strange = [*figures.inspect_drawings(figure, belongings), *figures.inspect(figure, belongings.data, belongings)[2]]
    return len(strange)


@pytest.mark.long
def test_what_figures_write_follows_from_their_data(papi: Shown) -> None:
    drawn, belongings = papi
    assert {name: found(figure, belongings) for name, figure in drawn.items()} == dict.fromkeys(drawn, 0)
    assert set(drawn) == {"ranking", "change", "areas", "map_change_tiles"}


def texts(svg: str, pattern: str) -> list[re.Match[str]]:
    """The numbers written in a drawing that are like ``pattern``."""
    return list(re.finditer(rf">({pattern})</text>", svg))


def test_the_shares_of_a_key_of_colours_are_no_numbers_of_the_figure(papi: Shown) -> None:
    """How often a unit takes each rank has a key of 5%, 25%, 50% and 100%: of few units none of them need be drawn."""
    figure, belongings = papi[0]["areas"], papi[1]
    assert [
        found(replace(figure, svg=figure.svg.replace("</svg>", f'<text x="9" y="9">{key}</text></svg>')), belongings)
        for key in ("5%", "25%", "50%", "100%", "987%")
    ] == [0, 0, 0, 0, 1]


@pytest.mark.long
@pytest.mark.parametrize("name", ["ranking", "change", "areas", "map_change_tiles"])
def test_the_picture_that_word_falls_back_on_shows_what_the_drawing_shows(papi: Shown, name: str) -> None:
    """The PDF of the drawing against the picture, both one dot a millimetre: letters have other edges, no more."""
    pdfium = pytest.importorskip("pypdfium2")
    figure = papi[0][name]
    page = f'<html lang="vi"><head><title>x</title></head><body><main>{figure.to_html()}</main></body></html>'
    first = pdfium.PdfDocument(pdf.pdf(page))[0]
    sheet = next(iter(first.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_PATH])))
    left, bottom, right, top = sheet.get_bounds()
    scale, high = 3, first.get_height()
    shown = first.render(scale=scale).to_pil().convert("L")
    shown = shown.crop(tuple(round(scale * edge) for edge in (left, high - top, right, high - bottom)))
    picture = Image.open(io.BytesIO(figure.png_bytes)).convert("L")
    size = round((right - left) / 72 * 25.4), round((top - bottom) / 72 * 25.4)
    one, other = (np.asarray(image.resize(size, Image.Resampling.BOX), dtype=float) for image in (shown, picture))
    apart = np.abs(one - other)
    assert apart.mean() < 5
    assert apart.max() < 90  # a dot of two millimetres that one of them lacks is 150
    assert np.ptp(other) > 100  # something is drawn


def put(svg: str, at: re.Match[str], text: str) -> str:
    return f"{svg[: at.start(1)]}{text}{svg[at.end(1) :]}"


@pytest.mark.parametrize("drawing", ["svg", "narrow"])
@pytest.mark.parametrize(
    ("name", "pattern"),
    [("ranking", r"\d\d,\d\d"), ("ranking", r"\d\d?"), ("change", r"[+−]\d,\d\d"), ("areas", r"\d,\d\d"),
     ("map_change_tiles", r"[+−]\d,\d")],
    ids=["values", "ranks and labels of the scale", "changes", "cells", "labels of the map"],
)  # fmt: skip
def test_any_number_that_is_drawn_wrong_is_found(papi: Shown, name: str, pattern: str, drawing: str) -> None:
    drawn, belongings = papi
    svg = getattr(drawn[name], drawing)
    at = texts(svg, pattern)
    assert len(at) > 5
    for one in (at[0], at[len(at) // 2], at[-1]):
        digits = one[1][:-1] + str((int(one[1][-1]) + 3) % 10)  # the last digit, three on
        slipped = replace(drawn[name], **{drawing: put(svg, one, f"9{digits}" if digits.isdecimal() else digits)})
        assert found(slipped, belongings), f"{one[1]} -> {digits}"


@pytest.mark.parametrize("name", ["ranking", "areas"])
def test_the_numbers_of_two_rows_that_are_exchanged_are_found(papi: Shown, name: str) -> None:
    drawn, belongings = papi
    at = texts(drawn[name].svg, r"\d+,\d\d")
    one, other = at[1], at[-1]
    svg = put(put(drawn[name].svg, other, one[1]), one, other[1])
    assert one[1] != other[1]
    assert found(replace(drawn[name], svg=svg), belongings)


def test_a_label_of_a_map_is_worked_out_again(papi: Shown) -> None:
    # PAPI 2024 of Hà Nội fell by 0.2
    drawn, belongings = papi
    figure = drawn["map_change_tiles"]
    place = figure.data["unit"].index("ha-noi")
    assert figure.data["label"][place] == "−0,2"
    for text in ("+0,2", "−0,3"):
        label = [*figure.data["label"][:place], text, *figure.data["label"][place + 1 :]]
        assert found(replace(figure, data={**figure.data, "label": label}), belongings)
