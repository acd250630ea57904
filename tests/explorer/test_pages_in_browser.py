"""what_if.ipynb without code in voila and round_desk.ipynb in a real JupyterLab, used as a person would; no request
leaves the machine."""

import io
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.explorer.test_explore_in_browser import (  # noqa: F401 - browser is a fixture
    CHROMIUM,
    TOP,
    _environment,
    _free_port,
    _page,
    _served,
    browser,
    shows,
    tab,
    typed,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's Chromium (make system)"),
]


def opens(page, name, view):
    page.get_by_role("tab", name=name, exact=True).click()
    page.wait_for_selector(f'.pe-answers[data-view="{view}"]', state="attached")


def says(page, text):
    page.wait_for_function("text => document.querySelector('.pe-page').innerText.includes(text)", arg=text)


def nothing_is_cut(page):
    over = page.evaluate("""() => [...document.querySelectorAll('.pe-page button, .pe-page select, .pe-page th')]
        .filter(e => e.offsetParent && e.getBoundingClientRect().right > innerWidth).map(e => e.innerText)""")
    assert over == []


def test_a_unit_answers_otherwise_and_takes_a_plan_along(tmp_path, shared_rounds, browser):  # noqa: F811
    (tmp_path / "notebooks").mkdir()
    shutil.copy(TOP / "notebooks" / "what_if.ipynb", tmp_path / "notebooks")
    port = _free_port()
    command = [sys.executable, "-m", "parlib.cli", "explore", "--page", "what_if", f"--port={port}", "--no-browser"]
    log, address = tmp_path / "voila.log", f"http://127.0.0.1:{port}"
    with _served(command, _environment(tmp_path, shared_rounds), log, address):
        page, beyond, errors = _page(browser)
        token = re.search(r"token=(\w+)", log.read_text("utf-8"))
        page.goto(f"{address}/?token={token[1]}", timeout=180_000)
        page.wait_for_selector("select[data-code]", timeout=180_000)
        typed(page, "Đơn vị", "y te")
        shows(page, "88,5%")
        page.locator('select[data-code="1.1.2"]').focus()
        page.locator('select[data-code="1.1.2"]').select_option("100")
        shows(page, "79,80 → 80,05")
        assert page.evaluate("document.activeElement.dataset.code") == "1.1.2"  # the keyboard goes on from there
        page.get_by_label("Cách ngắn nhất để lên hạng").fill("13")
        shows(page, "Các cách ngắn nhất")
        page.get_by_role("button", name="Chọn cách này").first.click()
        page.wait_for_function("document.querySelectorAll('.pe-answers tr.pe-own').length >= 3")
        page.get_by_label("Tên phương án").fill("Phương án A")
        page.get_by_role("button", name="Giữ phương án").click()
        says(page, "Đã giữ: Phương án A")
        nothing_is_cut(page)
        _keep(page, "what_if")
        opens(page, "So sánh phương án", "beside")
        shows(page, "như hiện nay")
        nothing_is_cut(page)
        _keep(page, "scenarios")
        with page.expect_download() as got:
            page.get_by_role("button", name="Bảng kế hoạch của phương án (Excel)").click()
        assert got.value.suggested_filename.startswith("MO-PHONG-ke-hoach-2023-bo-y-te")
        book = load_workbook(io.BytesIO(got.value.path().read_bytes()))
        assert "SỐ LIỆU MÔ PHỎNG" in str(book.worksheets[0]["A3"].value)
        assert beyond() == set()
        assert errors == []


def test_an_operator_drops_a_form_sees_it_enters_it_and_makes_a_report(tmp_path, shared_rounds, browser):  # noqa: F811
    (tmp_path / "notebooks").mkdir()
    for name in ("round_desk", "annual_report"):
        shutil.copy(TOP / "notebooks" / f"{name}.ipynb", tmp_path / "notebooks")
    rounds = tmp_path / "rounds"
    shutil.copytree(shared_rounds / "2023-ministry", rounds / "2023-ministry")
    port = _free_port()
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}",
               "--IdentityProvider.token=here", f"--notebook-dir={tmp_path / 'notebooks'}"]  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    form = tmp_path / "tham-dinh.csv"
    form.write_text("Đơn vị;Mã;Giai đoạn;Kết quả;Ghi chú\nBộ Y tế;1.1.2;appraisal;70;đã kiểm tra\n", encoding="utf-8")
    wrong = tmp_path / "sai.csv"
    wrong.write_text("Đơn vị;Mã;Giai đoạn;Kết quả;Ghi chú\nBộ Y tế;1.1.2;appraisal;abc;x\n", encoding="utf-8")
    with _served(command, _environment(tmp_path, rounds), tmp_path / "lab.log", f"{address}/api"):
        page, beyond, errors = _page(browser)
        page.goto(f"{address}/lab/tree/round_desk.ipynb?token=here")
        page.locator(".jp-Notebook .jp-Cell").first.click()
        page.wait_for_function("document.body.innerText.includes('| Idle')")
        page.keyboard.press("Shift+Enter")
        page.wait_for_selector('.pe-answers[data-view="to_do"]', timeout=180_000)
        page.keyboard.press("Escape")
        page.keyboard.press("Control+b")
        shows(page, "PHẢI LÀM")
        _keep(page, "to_do")
        opens(page, "Nhập phiếu", "import")
        _drop(page, wrong, form)
        shows(page, "tham-dinh.csv: sẽ nhập 1 dòng")
        shows(page, "tệp sai.csv, dòng 2")
        nothing_is_cut(page)
        _keep(page, "import")
        page.locator('select[aria-label="Cách nhập"]').select_option("yes")
        page.get_by_role("button", name="Nhập vào sổ").click()
        says(page, "tham-dinh.csv: thêm 1 dòng")
        opens(page, "Ý kiến thẩm định khác nhau", "disagreements")
        shows(page, "Bộ Y tế")
        opens(page, "Lập báo cáo", "report")
        page.get_by_role("button", name="Lập báo cáo").click()
        page.wait_for_selector('button[data-name$=".html"]', timeout=600_000)
        _keep(page, "report")
        with page.expect_download() as got:
            page.locator('button[data-name$=".html"]').first.click()
        assert got.value.suggested_filename.startswith("MO-PHONG")
        assert "MÔ PHỎNG" in Path(got.value.path()).read_text("utf-8")
        assert beyond() == set()
        assert errors == []


def _drop(page, *paths):
    with page.expect_file_chooser() as asked:
        page.get_by_role("button", name="Thả phiếu vào đây hoặc chọn tệp").click()
    asked.value.set_files([str(path) for path in paths])


def _keep(page, name):
    """A picture to be looked at, where a folder for them is named."""
    if folder := os.environ.get("PARLIB_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")
