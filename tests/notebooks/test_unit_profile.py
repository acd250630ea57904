"""The profile of one unit, rendered for real: whole, in its folder, with published numbers in it."""

from __future__ import annotations

from collections.abc import Callable

import nbformat
import pytest

from parlib.errors import ParameterError
from parlib.publish import batch, document, site
from parlib.publish.parameters import ReportParameters
from parlib.publish.render import Rendered
from parlib.report.blocks import Block, Figure, Number, Paragraph, Tiles

pytestmark = pytest.mark.report

UNIT = {"year": 2023, "level": "ministry", "unit": "bo-tu-phap"}
REPORTS = {
    "vi": UNIT,
    "en": {**UNIT, "language": "en"},
    "papi": {"year": 2024, "index_name": "papi", "unit": "ha-noi"},
    "incomplete": {"year": 2024, "index_name": "papi", "unit": "vinh-phuc"},
    "without": {"year": 2023, "level": "ministry"},
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, batch.Outcome]:
    folder = str(tmp_path_factory.mktemp("reports"))
    abouts = [ReportParameters(**given, output_dir=folder) for given in REPORTS.values()]  # type: ignore[arg-type]
    return dict(zip(REPORTS, batch.batch(abouts, "unit_profile", workers=2), strict=True))


def _blocks(outcomes: dict[str, batch.Outcome], name: str) -> list[Block]:
    rendered = outcomes[name].rendered
    assert rendered is not None, outcomes[name].error
    assert rendered.warnings == ()
    return _shown(rendered)


def _shown(rendered: Rendered) -> list[Block]:
    return list(document.shown_blocks(nbformat.read(rendered.files["ipynb"], as_version=4)))


def test_page_one_says_the_published_index_and_rank(whole_report: Callable[[str], Rendered]) -> None:
    blocks = _shown(whole_report("profile"))
    tiles = next(block for block in blocks if isinstance(block, Tiles))
    values = [tile.number.value for tile in tiles.tiles if isinstance(tile.number, Number)]
    assert values[:2] == [89.95, 1]
    lead = next(block for block in blocks if isinstance(block, Paragraph) and block.role == "lead")
    assert "89,95%" in lead.plain_text()
    assert any(isinstance(block, Figure) and block.chart == "strip" for block in blocks)


@pytest.mark.long
def test_both_languages_agree_number_for_number(outcomes: dict[str, batch.Outcome]) -> None:
    places = {
        name: [(n.value, n.made) for block in _blocks(outcomes, name) for n in document.numbers(block)]
        for name in ("vi", "en")
    }
    assert len(places["vi"]) > 15
    assert places["vi"] == places["en"]


@pytest.mark.long
def test_profiles_lie_in_a_folder_of_their_own_and_are_listed_in_one_line(outcomes: dict[str, batch.Outcome]) -> None:
    rendered = outcomes["papi"].rendered
    assert rendered is not None, outcomes["papi"].error
    page = rendered.files["html"]
    assert page.parts[-5:] == ("2024", "profiles", "papi-ha-noi", "vi", "PAPI-2024_ho-so_ha-noi.vi.html")
    folder = page.parents[4]
    html = site.write_index(folder).read_text("utf-8")
    assert html.count("<details>") == 3  # PAPI in Vietnamese, ministries in two languages
    assert 'href="2024/profiles/papi-ha-noi/vi/PAPI-2024_ho-so_ha-noi.vi.html"' in html
    assert "papi (2)" in html


@pytest.mark.long
def test_an_incomplete_province_has_a_page_without_key_figures(outcomes: dict[str, batch.Outcome]) -> None:
    assert not any(isinstance(block, Tiles) for block in _blocks(outcomes, "incomplete"))


@pytest.mark.long
def test_without_a_unit_the_error_says_what_is_needed(outcomes: dict[str, batch.Outcome]) -> None:
    error = outcomes["without"].error
    assert error is not None
    assert "hồ sơ là của một đơn vị" in error.text("vi")
    assert "a profile is of one unit" in error.text("en")


def test_a_batch_is_made_for_all_units_or_for_some() -> None:
    reports = batch.named(["2024/papi", "2023/ministry"], ("vi", "en"))
    every = batch.of_units(reports, ["all"])
    assert len(every) == 2 * (63 + 19)
    some = batch.of_units(reports[:1], ["Hà Nội", "can-tho"])
    assert [report.unit for report in some] == ["ha-noi", "can-tho"]
    with pytest.raises(ParameterError):
        batch.of_units(reports[:1], ["atlantis"])
