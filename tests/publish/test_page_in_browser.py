"""The page as a browser shows and prints it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from parlib.publish import site
from parlib.publish.parameters import ReportParameters
from parlib.publish.render import Rendered, render

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's Chromium (make system)"),
]

WIDE = """
cells = {}  # the data that the numbers of the table are worked out again from

def kept(value, text):
    key = f"c{len(cells)}"
    cells[key] = value
    return Number(value, text, (Ref("par", year, level, "*", "", key),))

wide = Table(
    (
        Column("unit", "Đơn vị"),
        Column("rank", "Hạng", "rank"),
        *(Column(f"c{i}", f"Điểm lĩnh vực thứ {i}", "number", group="Theo lĩnh vực") for i in range(12)),
        Column("note", "Ghi chú"),
    ),
    tuple(
        {"unit": name, "rank": kept(rank, str(rank)), "note": "x",
         **{f"c{i}": kept(rank * i / 7, f"{rank * i / 7:.2f}".replace(".", ",")) for i in range(12) if rank != 2}}
        for name, rank in (("Đồng Nai", 2), ("An Giang", 10), ("Đà Nẵng", 1), ("Ăn thử", 3))
    ) + ({"unit": "Cả nước", "c1": kept(5, "5,00")},),
    "Bảng rộng", row_styles=("", "", "", "", "total"), name="rong",
)
sequel(wide, Dataset.of(
    "round",
    "Số liệu của bảng",
    (("index_name", "string", ""), ("year", "integer", ""), ("level", "string", ""), ("unit", "string", ""),
     ("node", "string", ""), ("what", "string", ""), ("value", "number", "")),
    "index_name,year,level,unit,node,what,value\\n"
    + "".join(f"par,{year},{level},*,,{key},{value}\\n" for key, value in cells.items()),
))
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def html(
    write_notebook_in: Callable[..., Path], blocks: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("page")
    about = ReportParameters(year=2023, level="ministry", output_dir=str(folder / "out"))
    return render(about, write_notebook_in(folder, *blocks, WIDE)).files["html"]


@pytest.fixture
def page(browser: Any, html: Path) -> Iterator[Any]:
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.asked, opened.complaints = [], []
    opened.on("request", lambda request: opened.asked.append(request.url))
    opened.on("console", lambda message: opened.complaints.append(message.text))
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.set_default_timeout(5000)
    opened.goto(html.as_uri())
    yield opened
    opened.close()


def test_the_page_asks_for_nothing_and_does_not_complain(page: Any) -> None:
    assert [url for url in page.asked if not url.startswith(("data:", page.url))] == []
    assert page.complaints == []


@pytest.mark.parametrize("width", [1280, 375])
def test_the_page_is_never_wider_than_the_screen(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for line in page.query_selector_all("main p, main h2, caption, figcaption"):
        box = line.bounding_box()
        assert box is None or box["x"] >= 0


def test_on_a_phone_the_contents_are_folded_and_a_figure_fits(browser: Any, html: Path) -> None:
    opened = browser.new_page(viewport={"width": 375, "height": 800})
    opened.goto(html.as_uri())
    assert not opened.locator("nav.contents a").first.is_visible()
    assert opened.evaluate("[...document.querySelectorAll('figure')].every(f => f.scrollWidth <= f.clientWidth)")
    opened.close()


def test_a_unit_is_found_without_tones(page: Any) -> None:
    page.fill("input.search", "an giang")
    names = "[...document.querySelectorAll('#table-rong tbody tr:not([hidden]) th')].map(name => name.textContent)"
    assert page.evaluate(names) == ["An Giang"]
    page.fill("input.search", "")
    assert len(page.evaluate(names)) == 5


def test_a_script_that_is_not_the_page_s_own_does_not_run(page: Any) -> None:
    add = "document.body.append(Object.assign(document.createElement('script'), {text: 'window.foreign = 1'}))"
    page.evaluate(add)
    assert page.evaluate("window.foreign") is None


def test_a_table_is_sorted_by_a_click_on_a_head(page: Any) -> None:
    def shown() -> list[str]:
        return [cell.inner_text() for cell in page.query_selector_all("#table-rong tbody th")]

    def click(column: str) -> None:
        page.get_by_role("button", name=column, exact=True).click()

    click("Hạng")
    assert shown() == ["Đà Nẵng", "Đồng Nai", "Ăn thử", "An Giang", "Cả nước"]  # 1, 2, 3, 10; the total stays last
    click("Hạng")
    assert shown() == ["An Giang", "Ăn thử", "Đồng Nai", "Đà Nẵng", "Cả nước"]
    assert page.locator("#table-rong th[aria-sort=descending]").inner_text().startswith("Hạng")
    click("Đơn vị")
    assert shown() == ["An Giang", "Ăn thử", "Đà Nẵng", "Đồng Nai", "Cả nước"]  # A Ă ... D Đ
    # under a group head, the right column; what is not known comes last both ways
    click("Điểm lĩnh vực thứ 1")
    assert shown() == ["Đà Nẵng", "Ăn thử", "An Giang", "Đồng Nai", "Cả nước"]
    click("Điểm lĩnh vực thứ 1")
    assert shown() == ["An Giang", "Ăn thử", "Đà Nẵng", "Đồng Nai", "Cả nước"]


def test_the_keyboard_reaches_the_content_the_contents_and_the_heads(page: Any) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    assert page.locator("nav.contents a").count() == 2
    assert page.locator("nav, main, header, footer").count() == 4


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils (make system)")
def test_it_prints_on_a4_with_heads_repeated_and_nothing_of_the_screen(page: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.pdf"
    page.pdf(path=path, prefer_css_page_size=True, print_background=True)
    info = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    assert "A4" in info
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    pages = text.split("\f")[:-1]
    assert len(pages) >= 3
    with_rows = [page for page in pages if "Tỉnh 3" in page or "Tỉnh 6" in page]  # the long table runs over pages
    assert len(with_rows) >= 2
    assert all("Chỉ số" in page for page in with_rows)
    assert "↕" not in text
    assert "Chuyển đến nội dung" not in text
    assert pages[1].split()[-1] == f"2/{len(pages)}"


# --- the contents, the look of new blocks, and what a page is to those who cannot see it --------------


LONG = """sequel(*(
    block
    for i in range(40)
    for block in (Heading(f"Mục số {i}", 1 + (i % 4 > 0)), Paragraph(("Một đoạn văn. " * 60,)))
))"""


def test_forty_contents_stay_in_reach_and_say_where_the_reader_is(
    browser: Any, write_notebook: Callable[..., Path], blocks: tuple[str, ...], tmp_path: Path
) -> None:
    about = ReportParameters(year=2023, level="ministry", output_dir=str(tmp_path / "out"))
    html = render(about, write_notebook(blocks[0], blocks[1], LONG)).files["html"]
    opened = browser.new_page(viewport={"width": 1280, "height": 600}, reduced_motion="reduce")
    opened.goto(html.as_uri())
    current = opened.locator("nav.contents a[aria-current=true]")
    assert current.inner_text() == "I. Mục số 0"
    for heading in ("Mục số 33", "Mục số 5", "Mục số 39"):
        opened.get_by_role("heading", name=re.compile(f"{heading}$")).evaluate("head => head.scrollIntoView()")
        opened.wait_for_function(
            "text => document.querySelector('nav.contents a[aria-current]').textContent.endsWith(text)", arg=heading
        )
        assert current.count() == 1
        link, bar = current.bounding_box(), opened.locator("nav.contents").bounding_box()
        assert bar["height"] <= 600
        assert max(0, bar["y"]) <= link["y"] <= min(600, bar["y"] + bar["height"]) - link["height"]
    opened.close()


def test_tiles_stand_beside_each_other_and_below_each_other_where_there_is_no_room(page: Any) -> None:
    def rows() -> int:
        return len({tile.bounding_box()["y"] for tile in page.query_selector_all(".parlib-tiles li")})

    assert rows() == 1
    page.set_viewport_size({"width": 300, "height": 800})
    assert rows() == 2


#: The texts of drawings that are shown with letters of fewer pixels than are asked for.
SMALL_LETTERS = """least => [...document.querySelectorAll('figure svg')].flatMap(drawing => {
    const scale = drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width
    return [...drawing.querySelectorAll('text')]
        .filter(text => scale && parseFloat(getComputedStyle(text).fontSize) * scale < least)
        .map(text => text.textContent)
})"""

#: Whole reports that are looked at where there is time.
LONG_REPORTS = ("province", "papi", "round", "profile", "audit")


def _violations(page: Any) -> list[str]:
    """What axe-core finds serious or critical on a page, and levels of headings that are left out."""
    axe = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    page.evaluate(axe)
    result = page.evaluate("axe.run({resultTypes: ['violations']})")
    assert result["passes"]  # it has looked at something
    return [
        f"{violation['id']}: {violation['nodes'][0]['html']}"
        for violation in result["violations"]
        if violation["impact"] in ("serious", "critical") or violation["id"] == "heading-order"
    ]


@pytest.mark.parametrize("width", [1280, 375])
def test_every_kind_of_block_can_be_read_by_everybody(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert _violations(page) == []


def test_what_cannot_be_read_by_everybody_is_found(page: Any) -> None:
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"data:,\">')")
    assert [violation.split(":")[0] for violation in _violations(page)] == ["image-alt"]


@pytest.mark.long
def test_the_list_of_reports_can_be_read_by_everybody(browser: Any, html: Path) -> None:
    index = site.write_index(html.parents[3])
    assert html.name in index.read_text("utf-8")
    for width in (1280, 375):
        opened = browser.new_page(viewport={"width": width, "height": 900})
        opened.goto(index.as_uri())
        assert _violations(opened) == []
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
        opened.close()


@pytest.mark.report
@pytest.mark.parametrize("name", ["ministry", *(pytest.param(name, marks=pytest.mark.long) for name in LONG_REPORTS)])
@pytest.mark.long
def test_a_real_report_can_be_read_by_everybody(
    name: str, browser: Any, whole_report: Callable[[str], Rendered]
) -> None:
    html = whole_report(name).files["html"]
    for width in (1280, 375):
        opened = browser.new_page(viewport={"width": width, "height": 900})
        opened.goto(html.as_uri())
        assert _violations(opened) == []
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
        assert opened.evaluate(SMALL_LETTERS, 8) == []  # names on maps are the smallest, 8.3 px on a telephone
        opened.close()
