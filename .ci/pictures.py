"""The pictures of docs/vi/kham-pha.md, taken anew: needs Debian's Chromium and the simulated round 2023-ministry.

parlib simulate --year 2023 --level ministry --seed 4
.venv/bin/python .ci/pictures.py
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

DOCS = Path(__file__).resolve().parent.parent / "docs" / "vi"


def take(page: Page) -> None:
    """Go through the views as a reader would, and keep what is seen."""

    def tab(name: str, key: str) -> None:
        page.get_by_role("tab", name=name, exact=True).click()
        page.wait_for_selector(f'.pe-answers[data-view="{key}"]', state="attached")

    def keep(name: str, height: int) -> None:
        page.wait_for_timeout(1500)
        page.screenshot(path=DOCS / f"kham-pha-{name}.png", clip={"x": 0, "y": 20, "width": 1180, "height": height})

    def choose(label: str, value: str, told: str) -> None:
        page.locator(f'select[aria-label="{label}"]').select_option(value)
        page.wait_for_function("told => document.querySelector('.pe-status').innerText.includes(told)"
                               " && document.querySelector('.pe-answers').dataset.view", arg=told)  # fmt: skip

    page.wait_for_selector(".pe-picture img", timeout=120_000)
    choose("Dữ liệu", "2023-ministry", "MÔ PHỎNG")
    tab("Nếu như", "what_if")
    field = page.locator(".pe-type input").first
    field.fill("y te")
    page.wait_for_selector(".pe-list li")
    field.press("Enter")
    page.wait_for_function("document.querySelector('.pe-tiles').innerText.includes('79,80')")
    page.get_by_label("Cách ngắn nhất để lên hạng").fill("14")
    page.wait_for_function("document.querySelector('.pe-answers').innerText.includes('Các cách ngắn nhất')")
    keep("neu-nhu", 620)
    choose("Chỉ số", "papi", "PAPI 2023")
    choose("Năm", "2024", "PAPI 2024")
    tab("Xếp hạng", "ranking")
    page.get_by_placeholder("Tìm tên, không cần dấu").fill("quang")
    page.wait_for_function("document.querySelectorAll('.pe-answers tbody tr').length === 6")
    page.get_by_role("button", name="Xem mã").click()
    page.wait_for_selector(".pe-code")
    keep("xep-hang", 560)
    page.get_by_role("button", name="Xem mã").click()
    tab("Bản đồ", "map")
    keep("ban-do", 860)


def main() -> None:
    """Serve the page as ``parlib explore`` does, and take the pictures."""
    command = [sys.executable, "-m", "parlib.cli", "explore", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            address = next(
                found[0] for line in server.stdout or () if (found := re.search(r"http://\S+token=\w+", line))
            )
            time.sleep(15)  # until a page is ready
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
                page = browser.new_page(viewport={"width": 1200, "height": 900})
                page.goto(address, timeout=120_000)
                take(page)
                browser.close()
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
