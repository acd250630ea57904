"""The pictures of docs/vi, taken anew: needs Debian's Chromium, LibreOffice and poppler-utils.

    .venv/bin/python .ci/pictures.py                 # all of them
    .venv/bin/python .ci/pictures.py lab form        # some: explore, desk, lab, report, profile, form

Everything is made in a folder of its own: a round is simulated there (seed 4), reports are rendered there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, sync_playwright

TOP = Path(__file__).resolve().parent.parent
DOCS = TOP / "docs" / "vi"


def parlib(*words: str) -> None:
    """A command of parlib, as people type it."""
    subprocess.run([sys.executable, "-m", "parlib.cli", *words], check=True, stdout=subprocess.DEVNULL)


def keep(picture: Path, name: str, width: int = 1180) -> None:
    """Put a picture among the documents, in 128 colours."""
    image = Image.open(picture).convert("RGB")
    if image.width > width:
        image = image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)
    image.quantize(128, dither=Image.Dither.NONE).save(DOCS / f"{name}.png", optimize=True)


def pages(document: Path, *numbers: int) -> list[Path]:
    """Pages of a PDF as pictures."""
    made = []
    for number in numbers:
        picture = document.with_name(f"{document.stem}-{number}.png")
        page = ["-f", str(number), "-l", str(number), "-singlefile"]
        subprocess.run(
            ["pdftoppm", "-r", "100", "-png", *page, document, str(picture).removesuffix(".png")], check=True
        )
        made.append(picture)
    return made


@contextmanager
def served(*command: str) -> Iterator[Page]:
    """What ``parlib lab`` or ``parlib explore`` serves, in a browser of 1200 x 900."""
    words = [sys.executable, "-m", "parlib.cli", *command, "--no-browser"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            address = next(
                found[0] for line in server.stdout or () if (found := re.search(r"http://\S+token=\w+", line))
            )
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
                page = browser.new_page(viewport={"width": 1200, "height": 900})
                page.set_default_timeout(180_000)
                page.goto(address)
                yield page
                browser.close()
        finally:
            server.terminate()


def explore(folder: Path) -> None:
    """Go through the views as a reader would, and keep what is seen."""
    with served("explore") as page:

        def tab(name: str, key: str) -> None:
            page.get_by_role("tab", name=name, exact=True).click()
            page.wait_for_selector(f'.pe-answers[data-view="{key}"]', state="attached")

        def shot(name: str, height: int) -> None:
            page.wait_for_timeout(1500)
            clip = {"x": 0, "y": 20, "width": 1180, "height": height}
            page.screenshot(path=folder / f"{name}.png", clip=clip)
            keep(folder / f"{name}.png", name)

        def choose(label: str, value: str, told: str) -> None:
            page.locator(f'select[aria-label="{label}"]').select_option(value)
            page.wait_for_function("told => document.querySelector('.pe-status').innerText.includes(told)"
                                   " && document.querySelector('.pe-answers').dataset.view", arg=told)  # fmt: skip

        def type_name(field: Locator, name: str) -> None:
            field.fill(name)
            page.wait_for_selector(".pe-list li")
            field.press("Enter")

        page.wait_for_selector(".pe-picture img")
        choose("Dữ liệu", "2023-ministry", "MÔ PHỎNG")
        tab("Nếu như", "what_if")
        type_name(page.locator(".pe-type input").first, "y te")
        page.wait_for_function("document.querySelector('.pe-tiles').innerText.includes('79,80')")
        page.get_by_label("Cách ngắn nhất để lên hạng").fill("14")
        page.wait_for_function("document.querySelector('.pe-answers').innerText.includes('Các cách ngắn nhất')")
        shot("kham-pha-neu-nhu", 620)
        choose("Chỉ số", "papi", "PAPI 2023")
        choose("Năm", "2024", "PAPI 2024")
        tab("Xếp hạng", "ranking")
        page.get_by_placeholder("Tìm tên, không cần dấu").fill("quang")
        page.wait_for_function("document.querySelectorAll('.pe-answers tbody tr').length === 6")
        page.get_by_role("button", name="Xem mã").click()
        page.wait_for_selector(".pe-code")
        shot("kham-pha-xep-hang", 560)
        page.get_by_role("button", name="Xem mã").click()
        tab("So sánh", "compare")
        for name in ("quang ninh", "ha noi", "da nang"):
            type_name(page.locator(".pe-type input").first, name)
            page.wait_for_function("name => [...document.querySelectorAll('.pe-chip')].some(c => c.innerText"
                                   ".normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace('Đ', 'D').toLowerCase()"
                                   ".startsWith(name))", arg=name)  # fmt: skip
        while page.locator(".pe-chip").count() > 3:  # the two that stood there
            before = page.locator(".pe-chip").count()
            page.locator(".pe-chip").first.click()
            page.wait_for_function("n => document.querySelectorAll('.pe-chip').length < n", arg=before)
        page.wait_for_function("document.querySelectorAll('.pe-answers[data-view=compare] tbody tr').length === 3")
        page.wait_for_function("document.querySelector('.pe-picture img')?.alt.includes('Đà Nẵng')")
        shot("so-sanh-ba-tinh", 800)
        tab("Bản đồ", "map")
        page.wait_for_function("document.querySelectorAll('.pe-map path[data-unit]').length === 63")
        shot("kham-pha-ban-do", 860)


def desk(folder: Path) -> None:
    """The operator's desk as it opens."""
    with served("explore", "--page", "round_desk") as page:
        page.wait_for_selector('.pe-answers[data-view="to_do"]')
        page.wait_for_timeout(1500)
        page.screenshot(path=folder / "desk.png", clip={"x": 0, "y": 20, "width": 1180, "height": 620})
    keep(folder / "desk.png", "ban-lam-viec-viec-can-lam")


def lab(folder: Path) -> None:
    """JupyterLab as it opens for the first time, with the first cells of start_here run."""
    home = folder / "parlib"
    home.mkdir()
    shutil.copytree(TOP / "notebooks", home / "notebooks")
    for name in ("data", "docs"):
        (home / name).symlink_to(TOP / name)
    (home / "reports").mkdir()
    os.environ["PARLIB_HOME"] = str(home)
    try:
        with served("lab") as page:
            page.wait_for_selector(".jp-Notebook .jp-CodeCell")
            page.wait_for_selector('[data-status="idle"], .jp-Notebook-ExecutionIndicator[data-status="idle"]')
            page.locator(".jp-Notebook .jp-CodeCell").first.click()
            for _ in range(5):
                page.keyboard.press("Shift+Enter")
            page.wait_for_selector(".jp-OutputArea-output table")
            page.wait_for_timeout(3000)
            page.locator(".jp-Notebook .jp-MarkdownCell").first.scroll_into_view_if_needed()
            page.screenshot(path=folder / "lab.png", clip={"x": 0, "y": 0, "width": 1200, "height": 720})
    finally:
        del os.environ["PARLIB_HOME"]
    keep(folder / "lab.png", "bat-dau-lab")


def report(folder: Path) -> None:
    """The first page of the yearly report on the ministries of 2023, and the one with the ranking."""
    words = ["report", "--year", "2023", "--level", "ministry", "--to", "pdf", "--output-dir", str(folder / "reports")]
    parlib(*words)
    (made,) = folder.glob("reports/2023/ministry/vi/*.pdf")
    first, second = (Image.open(page) for page in pages(made, 1, 2))
    both = Image.new("RGB", (first.width + second.width + 20, max(first.height, second.height)), "#888888")
    both.paste(first, (0, 0))
    both.paste(second, (first.width + 20, 0))
    both.save(folder / "report.png")
    keep(folder / "report.png", "bao-cao-nam-trang", 1100)


def profile(folder: Path) -> None:
    """The first page of the profile of a ministry in the simulated round."""
    of = ["--year", "2023", "--level", "ministry", "--round", "2023-ministry", "--unit", "bo-y-te"]
    parlib("report", *of, "--notebook", "unit_profile", "--to", "pdf", "--output-dir", str(folder / "profiles"))
    (made,) = folder.glob("profiles/**/*.pdf")
    keep(pages(made, 1)[0], "ho-so-don-vi-trang", 640)


def form(folder: Path) -> None:
    """The form of a ministry, as LibreOffice shows the sheet that is filled in."""
    parlib("form", "--round", "2023-ministry", "--unit", "bo-y-te", "--out", str(folder / "forms"))
    (made,) = folder.glob("forms/*.xlsx")
    office = ["soffice", f"-env:UserInstallation=file://{folder}/office", "--headless", "--convert-to", "pdf"]
    subprocess.run([*office, "--outdir", folder, made], check=True, stdout=subprocess.DEVNULL)
    (page,) = pages(folder / f"{made.stem}.pdf", 4)
    image = Image.open(page)
    image.crop((0, 0, round(image.width * 0.773), round(image.height * 0.66))).save(page)
    keep(page, "dien-phieu-tieu-chi")


TAKEN: dict[str, Callable[[Path], None]] = {
    "explore": explore,
    "desk": desk,
    "lab": lab,
    "report": report,
    "profile": profile,
    "form": form,
}


def main() -> None:
    """Take the pictures that are named, or all."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        os.environ["PARLIB_ROUNDS"] = str(folder / "rounds")
        parlib("simulate", "--year", "2023", "--level", "ministry", "--seed", "4")
        for wanted in sys.argv[1:] or TAKEN:
            TAKEN[wanted](folder)


if __name__ == "__main__":
    main()
