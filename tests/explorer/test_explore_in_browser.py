"""explore.ipynb in a real JupyterLab and without code in voila, used as a person would: by keyboard and mouse.

The tests share one page and go through its views; each finds its own year and view. No request leaves the machine.
"""

import io
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from openpyxl import load_workbook

from parlib import places

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
TOP = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's Chromium (make system)"),
]


def _environment(folder, rounds):
    apart = (
        "HOME",
        "JUPYTER_CONFIG_DIR",
        "JUPYTERLAB_SETTINGS_DIR",
        "JUPYTERLAB_WORKSPACES_DIR",
        "JUPYTER_RUNTIME_DIR",
    )
    own = {name: str(folder / name.lower()) for name in apart}
    parlib = {"PARLIB_HOME": str(folder), "PARLIB_DATA": str(places.data()), "PARLIB_ROUNDS": str(rounds)}
    return {**os.environ, **own, **parlib, "PYTHONPATH": str(TOP)}


def _free_port():
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


@contextmanager
def _served(command, environment, log, url):
    """A server that answers at ``url``."""
    with log.open("wb") as stream:
        server = subprocess.Popen(command, env=environment, stdout=stream, stderr=subprocess.STDOUT)
        try:
            for _ in range(240):
                time.sleep(0.5)
                try:
                    urllib.request.urlopen(url, timeout=5).close()
                    break
                except urllib.error.HTTPError:
                    break
                except OSError:
                    assert server.poll() is None, log.read_text("utf-8", "replace")
            yield
        finally:
            server.terminate()
            server.wait(30)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        opened_ = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened_
        opened_.close()


HERE = re.compile(r"(data|blob):|(https?|wss?)://(127\.0\.0\.1|localhost)[:/]")


def _page(browser):
    """A page; every address beyond this machine that it asked, where the browser was not told before not to; errors."""
    page = browser.new_page(viewport={"width": 1366, "height": 768}, accept_downloads=True)
    page.set_default_timeout(120_000)  # a busy machine is slow, not wrong
    asked, refused, errors = set(), set(), []
    page.on("request", lambda request: HERE.match(request.url) or asked.add(request.url))
    page.on("requestfailed", lambda request: request.failure == "csp" and refused.add(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    return page, lambda: asked - refused, errors


@pytest.fixture(scope="module")
def lab(tmp_path_factory, shared_rounds, browser):
    """explore.ipynb in JupyterLab, its cell run: the page, what it asked of others, its folder."""
    folder = tmp_path_factory.mktemp("explore")
    (folder / "notebooks").mkdir()
    shutil.copy(TOP / "notebooks" / "explore.ipynb", folder / "notebooks")
    port = _free_port()
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}",
               "--IdentityProvider.token=here", f"--notebook-dir={folder / 'notebooks'}"]  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    with _served(command, _environment(folder, shared_rounds), folder / "lab.log", f"{address}/api"):
        page, beyond, errors = _page(browser)
        page.goto(f"{address}/lab/tree/explore.ipynb?token=here")
        page.locator(".jp-Notebook .jp-Cell").first.click()
        page.wait_for_function("document.body.innerText.includes('| Idle')")
        page.keyboard.press("Shift+Enter")
        page.wait_for_selector(".pe-picture img")
        page.keyboard.press("Escape")
        page.keyboard.press("Control+b")  # the files beside it are not needed
        yield page, beyond, errors, folder


@pytest.fixture
def page(lab):
    return lab[0]


def choose(page, label, value):
    """Choose in the chooser or control of this label."""
    page.locator(f'select[aria-label="{label}"]').select_option(value)


def opened(page, said):
    page.wait_for_function("said => document.querySelector('.pe-status').innerText.includes(said)"
                           " && document.querySelector('.pe-answers').dataset.view", arg=said)  # fmt: skip


def of_papi(page):
    if "PAPI" not in page.locator(".pe-status").inner_text():
        choose(page, "Chỉ số", "papi")
        opened(page, "PAPI 2023")
        choose(page, "Năm", "2024")
        opened(page, "PAPI 2024")


def of_the_round(page):
    if "MÔ PHỎNG" not in page.locator(".pe-status").inner_text():
        choose(page, "Chỉ số", "par")
        opened(page, "CCHC")
        if page.locator('select[aria-label="Dữ liệu"] option[value="2023-ministry"]').is_disabled():
            choose(page, "Cấp", "ministry")
            opened(page, "bộ")
            choose(page, "Năm", "2023")
            opened(page, "17/17")
        choose(page, "Dữ liệu", "2023-ministry")
        opened(page, "MÔ PHỎNG")


TABS = {"Xếp hạng": "ranking", "Một đơn vị": "unit", "So sánh": "compare", "Bản đồ": "map", "Hai chỉ số": "scatter",
        "Nếu như": "what_if", "Độ chắc chắn": "sure", "Điểm bị trừ": "losses", "Đơn vị tự đánh giá": "self",
        "Điều tra": "survey", "Excel của tôi": "own"}  # fmt: skip


def tab(page, name):
    page.get_by_role("tab", name=name, exact=True).click()
    page.wait_for_selector(f'.pe-answers[data-view="{TABS[name]}"]', state="attached")


def typed(page, label, text, at=0):
    """Type into a field of names, and take the first that is offered."""
    field = page.locator(f'.pe-type input[aria-label="{label}"]').nth(at)
    field.click()
    field.fill(text)
    page.wait_for_selector(".pe-list li")
    page.keyboard.press("Enter")


def shows(page, text):
    page.wait_for_function("text => document.querySelector('.pe-answers').innerText.includes(text)", arg=text)


def upload(page, path):
    with page.expect_file_chooser() as asked:
        page.get_by_role("button", name="Excel của tôi").click()
    asked.value.set_files(path)


def names(page):
    return page.locator(".pe-answers tbody tr td:first-child").all_inner_texts()


def test_choosers_grey_out_and_coverage_is_always_seen(page):
    assert page.locator('select[aria-label="Năm"] option[value="2024"]').is_disabled()  # of ministries
    assert not page.locator('select[aria-label="Năm"] option[value="2022"]').is_disabled()
    assert page.get_by_role("tab", name="Nếu như").get_attribute("aria-disabled") == "true"
    assert "có số liệu 17/17" in page.locator(".pe-status").inner_text()
    of_papi(page)
    assert "có số liệu 61/63" in page.locator(".pe-status").inner_text()


def test_ranking_search_filter_sort_and_excel(page):
    of_papi(page)
    tab(page, "Xếp hạng")
    search = page.get_by_placeholder("Tìm tên, không cần dấu")
    search.fill("quang ni")
    page.wait_for_function("document.querySelectorAll('.pe-answers tbody tr').length === 1")
    assert names(page) == ["Quảng Ninh"]
    with page.expect_download() as got:
        page.get_by_role("button", name="Lưu bảng (Excel)").click()
    assert got.value.suggested_filename == "papi-2024-ranking.xlsx"
    cells = list(load_workbook(io.BytesIO(got.value.path().read_bytes())).active.values)
    assert cells[1][0] == "Quảng Ninh"
    assert "61/63" in str(cells[-1][0])
    search.fill("")
    choose(page, "Vùng", "dong-nam-bo")
    page.wait_for_function("document.querySelectorAll('.pe-answers tbody tr').length === 6")
    page.locator('th[data-column="name"]').click()
    page.wait_for_function("""[...document.querySelectorAll('.pe-answers tbody td:first-child')].slice(1, 4)
        .map(cell => cell.innerText).join() === 'Tây Ninh,Đồng Nai,Bình Phước'""")  # Đ is after D, not after Z


def test_the_card_of_a_unit_by_a_few_letters(page):
    of_papi(page)
    tab(page, "Một đơn vị")
    typed(page, "Đơn vị", "quang ninh")
    shows(page, "1/61")
    shows(page, "47,82")
    assert page.locator(".pe-answers svg path").count() == 61


def test_up_to_five_units_are_compared(page):
    of_papi(page)
    tab(page, "So sánh")
    for text in ("hue", "da nang", "can tho", "ha giang", "ca mau"):
        before = page.locator(".pe-chip").all_inner_texts()
        typed(page, "Tối đa năm đơn vị", text)
        page.wait_for_function("old => [...document.querySelectorAll('.pe-chip')].map(c => c.innerText).join() !== old",
                               arg=",".join(before))  # fmt: skip
    shows(page, "Cà Mau")
    assert set(names(page)) == {"Thừa Thiên Huế", "Đà Nẵng", "Cần Thơ", "Hà Giang", "Cà Mau"}
    page.locator(".pe-chip").first.click()
    page.wait_for_function("document.querySelectorAll('.pe-answers tbody tr').length === 4")


def test_the_map_is_coloured_and_a_click_leads_to_the_card(page):
    of_papi(page)
    tab(page, "Bản đồ")
    page.wait_for_function("document.querySelectorAll('.pe-map path[data-unit]').length === 63")
    assert "Trường Sa" in page.locator(".pe-map").text_content()
    assert "Hoàng Sa" in page.locator(".pe-map").text_content()
    look = "unit => document.querySelector(`.pe-map path[data-unit='${unit}']`).style.getPropertyValue('--look')"
    hatched = page.evaluate("[...document.querySelectorAll('.pe-map path[data-unit]')]"
                            ".filter(p => p.style.getPropertyValue('--look').includes('url')).length")  # fmt: skip
    assert hatched == 2
    before = page.evaluate(look, "nghe-an")
    choose(page, "Tô màu theo", "change")
    page.wait_for_function("([unit, old]) => document.querySelector(`.pe-map path[data-unit='${unit}']`)"
                           ".style.getPropertyValue('--look') !== old", arg=["nghe-an", before])  # fmt: skip
    page.locator('.pe-map path[data-unit="nghe-an"]').click()
    shows(page, "Nghệ An")
    assert page.get_by_role("tab", name="Một đơn vị").get_attribute("aria-selected") == "true"
    choose(page, "Tỉnh, thành phố", "mean")
    opened(page, "giá trị tính toán")
    tab(page, "Bản đồ")
    page.wait_for_function("document.querySelectorAll('.pe-map path[data-unit]').length === 34")
    choose(page, "Tỉnh, thành phố", "")
    opened(page, "61/63")


def test_two_indices_are_drawn_with_their_correlation(page):
    of_papi(page)
    tab(page, "Hai chỉ số")
    choose(page, "So với", "pci")
    page.wait_for_function("document.querySelector('.pe-picture img')?.alt.includes('Spearman')")
    assert "PCI" in page.locator(".pe-answers").inner_text()


def test_another_answer_changes_index_and_rank_at_once(page):
    of_the_round(page)
    tab(page, "Nếu như")
    typed(page, "Đơn vị", "y te")
    page.wait_for_function("document.querySelector('.pe-tiles')?.innerText.includes('→')")
    before = page.locator(".pe-tiles").inner_text()
    page.locator("select[data-code]").first.select_option(index=1)
    page.wait_for_function("old => document.querySelector('.pe-tiles')?.innerText !== old", arg=before)
    assert page.locator(".pe-answers tr.pe-own").count() >= 1
    page.get_by_label("Cách ngắn nhất để lên hạng").fill("14")
    shows(page, "Các cách ngắn nhất")


def test_two_units_are_told_apart_or_not(page):
    of_the_round(page)
    tab(page, "Độ chắc chắn")
    typed(page, "và", "ngoai giao")
    page.wait_for_function("/phân biệt được: /.test(document.querySelector('.pe-tiles')?.innerText)")
    assert page.locator(".pe-answers tbody tr").count() == 17


def test_lost_points_self_assessment_and_survey(page):
    of_the_round(page)
    tab(page, "Điểm bị trừ")
    assert page.locator(".pe-bar").count() > 5
    tab(page, "Đơn vị tự đánh giá")
    assert len(names(page)) == 17
    tab(page, "Điều tra")
    spans = page.locator(".pe-span").count()
    assert spans > 5
    page.locator('select[aria-label="Đối tượng điều tra"]').select_option(index=1)
    page.wait_for_function("old => document.querySelectorAll('.pe-span').length < old", arg=spans)


def test_an_excel_of_ones_own_is_joined_and_misses_are_listed(page, tmp_path):
    of_papi(page)
    tab(page, "Excel của tôi")
    mine = pd.DataFrame({"Tỉnh": ["TP.HCM", "Hà Nội", "Quảng Ninh", "Huế"], "Hồ sơ": [9, 8, 7, 6]})
    wrong = mine.replace({"Hà Nội": "Atlantis"})
    mine.to_excel(tmp_path / "dung.xlsx", index=False)
    wrong.to_excel(tmp_path / "sai.xlsx", index=False)
    upload(page, tmp_path / "sai.xlsx")
    page.wait_for_function("document.querySelector('.pe-error')?.innerText.includes('Atlantis')")
    upload(page, tmp_path / "dung.xlsx")
    shows(page, "Hồ sơ")
    assert page.locator(".pe-answers tbody tr").count() == 4
    page.wait_for_selector(".pe-picture img, .pe-picture .parlib-note")


@pytest.mark.parametrize(("kind", "begins"), [("SVG", b"<svg"), ("PNG", b"\x89PNG"), ("PDF", b"%PDF")])
def test_a_picture_is_saved(page, kind, begins):
    of_papi(page)
    tab(page, "So sánh")
    page.wait_for_selector(".pe-picture img")
    with page.expect_download() as got:
        page.get_by_role("button", name=f"Lưu hình ({kind})").click()
    assert got.value.path().read_bytes().startswith(begins)


def test_the_code_is_shown_and_put_into_a_report(page, lab):
    of_papi(page)
    tab(page, "Xếp hạng")
    page.get_by_role("button", name="Xem mã").click()
    page.wait_for_selector(".pe-code")
    code = page.locator(".pe-code").inner_text()
    assert 'year = parlib.year(2024, "tỉnh", "papi")' in code
    page.get_by_role("button", name="Xem mã").click()
    page.get_by_role("button", name="Đưa vào báo cáo").click()
    page.wait_for_function("document.body.innerText.includes('Đã đưa vào')")
    book = nbformat.read(lab[3] / "workbench" / "kham-pha.ipynb", as_version=4)
    assert "\n".join(cell.source for cell in book.cells[-2:]) == code


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1366, 768)])
def test_nothing_is_cut_or_lies_on_another(page, width, height):
    page.set_viewport_size({"width": width, "height": height})
    of_the_round(page)
    for name in ("Xếp hạng", "Một đơn vị", "Nếu như", "Điều tra"):
        tab(page, name)
        over = page.evaluate("""() => [...document.querySelectorAll('.pe-tabs button, .pe-page select, .pe-page th')]
            .filter(e => e.offsetParent && (e.scrollWidth > e.clientWidth + 2 && e.tagName !== 'SELECT'
                         || e.getBoundingClientRect().right > innerWidth)).map(e => e.innerText)""")
        assert over == [], (name, over)


def test_no_request_left_the_machine_and_no_script_failed(lab):
    _, beyond, errors, _ = lab
    assert beyond() == set()
    assert errors == []


def test_without_code_behind_a_token(tmp_path, shared_rounds, browser):
    """parlib explore: voila, whose page asks others for icons; the browser is told to load from this machine alone."""
    (tmp_path / "notebooks").mkdir()
    shutil.copy(TOP / "notebooks" / "explore.ipynb", tmp_path / "notebooks")
    port = _free_port()
    command = [sys.executable, "-m", "parlib.cli", "explore", f"--port={port}", "--no-browser"]
    log = tmp_path / "voila.log"
    address = f"http://127.0.0.1:{port}"
    with _served(command, _environment(tmp_path, shared_rounds), log, address):
        page, beyond, errors = _page(browser)
        page.goto(address)
        assert page.locator(".pe-page").count() == 0  # asks for the token
        token = re.search(r"token=(\w+)", log.read_text("utf-8"))
        assert token
        page.goto(f"{address}/?token={token[1]}", timeout=180_000)
        page.wait_for_selector(".pe-picture img")
        assert page.locator(".jp-InputArea, .CodeMirror, .cm-editor").count() == 0
        choose(page, "Chỉ số", "papi")
        opened(page, "PAPI")
        tab(page, "Bản đồ")
        page.wait_for_function("document.querySelectorAll('.pe-map path[data-unit]').length === 63")
        assert beyond() == set()
        assert errors == []
