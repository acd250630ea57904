"""Record what a checkout of parlib says: tables, frames, reports in every format, errors, a form's round trip.

``python -m tests.golden.record FOLDER [--code CHECKOUT] [--only PART ...]`` walks ``cases.yaml`` through the command
line of the checkout (this one, unless told otherwise) and writes plain text that a person can read and ``compare`` can
set side by side: one line a number, a cell, a paragraph; pages as small grey pictures.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import openpyxl
import yaml
from lxml import etree
from lxml import html as markup

HERE = Path(__file__).parent
LANGUAGES = ("vi", "en")
FORMATS = "html,pdf,docx,xlsx,press,data"
DPI = 40  # of the pictures of pages
BLOCK = "application/vnd.parlib.block+json"
PICTURES = ("png", "svg", "narrow", "outline", "picture")  # fields of a block that hold a drawing
FRAMES = """
import sys
import parlib
index, level, year, before = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
now, then = parlib.open_results(year, level, index), parlib.open_results(before, level, index)
for name, frame in (
    ("rank", parlib.rank(now)), ("change", parlib.change(now, then)), ("statistics", parlib.statistics(now)),
    *([("regions", parlib.regions(now))] if level == "province" else []),
):
    print("#", name)
    print(frame.to_csv(index=False, float_format="%.9f"), end="")
"""


class Recorder:
    """Walks the doors of one checkout and writes what they say into one folder."""

    def __init__(self, code: Path, folder: Path) -> None:
        self.code, self.folder = code.resolve(), folder.resolve()
        self.work = Path(tempfile.mkdtemp(prefix="golden-"))
        self.environment = os.environ | {
            "PYTHONPATH": str(self.code),
            "PARLIB_ROUNDS": str(self.work / "rounds"),
            "PYTHONWARNINGS": "ignore",
        }

    def python(self, *words: object) -> str:
        """What a command prints, both streams, without the time it took and the folder it worked in."""
        command = [sys.executable, *map(str, words)]
        done = subprocess.run(command, cwd=self.code, env=self.environment, capture_output=True, text=True, check=False)
        stated = f"exit {done.returncode}\n{done.stdout}{done.stderr}"
        return re.sub(r"\(\d+([.,]\d+)? (s|giây)\)", "", stated.replace(str(self.work), "<work>"))

    def parlib(self, *words: object) -> str:
        return self.python("-m", "parlib.cli", *words)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def tables(self, cases: dict[str, Any]) -> None:
        jobs = [
            (f"tables/{case['index']}-{case['level']}-{year}.{language}.{command}.csv", command, case, year, language)
            for case in cases.get("tables", ())
            for year in case["years"]
            for language in cases.get("languages", LANGUAGES)
            for command in ("table", "stats")
        ]

        def one(job: tuple[str, str, dict[str, Any], int, str]) -> None:
            name, command, case, year, language = job
            asked = ["--index", case["index"], "--level", case["level"], "--year", year, "--language", language]
            self.write(name, self.parlib(command, *asked))

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(one, jobs))
        for case in cases.get("merged", ()):
            asked = ["--index", case["index"], "--level", case["level"], "--year", case["year"], "--system", 34]
            name = f"tables/{case['index']}-{case['year']}-{case['merge']}.csv"
            self.write(name, self.parlib("table", *asked, "--merge", case["merge"]))

    def frames(self, cases: dict[str, Any]) -> None:
        for case in cases.get("frames", ()):
            stated = self.python("-c", FRAMES, case["index"], case["level"], case["year"], case["before"])
            self.write(f"frames/{case['index']}-{case['level']}-{case['year']}.csv", stated)

    def rounds(self, cases: dict[str, Any]) -> None:
        for case in cases.get("rounds", ()):
            self.parlib("simulate", "--year", case["year"], "--level", case["level"], "--seed", 1)
            name = f"{case['year']}-{case['level']}"
            self.write(f"rounds/{name}.table.csv", self.parlib("table", "--round", name, *_asked(case)))
            self.write(f"rounds/{name}.status.txt", self.parlib("round", "status", name))
            self.write(f"rounds/{name}.state.csv", self.parlib("round", "state", name, "--stage", "final"))
            self.parlib("score", name, "--out", self.work / "scores" / name)
            for path in sorted((self.work / "scores" / name).rglob("*.csv")):
                self.write(f"rounds/{name}.{path.name}", path.read_text("utf-8-sig"))

    def form(self, cases: dict[str, Any]) -> None:
        """A form goes out, comes back filled, and stands in the ledger."""
        if not cases.get("rounds"):
            return
        names = [
            self.parlib("round", "new", "--year", 2023, "--level", "ministry", "--scheme", "876-ministry", "--id", "f")
        ]
        names.append(self.parlib("form", "--round", "f", "--unit", "bo-y-te", "--out", self.work / "forms"))
        for path in sorted((self.work / "forms").rglob("*.xlsx")):
            self.write("form/empty.txt", "\n".join(_cells(path.read_bytes())))
            names.append(self.parlib("round", "import", "f", _filled(path), "--by", "tester"))
        names.append(self.parlib("round", "state", "f", "--stage", "self"))
        self.write("form/round-trip.txt", re.sub(r"20\d\d-\d\d-\d\dT[0-9:.+]+", "<time>", "\n".join(names)))

    def errors(self, cases: dict[str, Any]) -> None:
        """What each damaged input is told, in the round that it was made for."""
        if not cases.get("rounds"):
            return
        for level in ("ministry", "province"):
            asked = ["--year", 2023, "--level", level, "--scheme", f"876-{level}", "--id", f"damaged-{level}"]
            self.parlib("round", "new", *asked)
        for path in sorted((HERE / "inputs").iterdir()):
            command = "external" if path.name.startswith("external") else "import"
            names = [self.parlib("round", command, f"damaged-{level}", path) for level in ("ministry", "province")]
            self.write(f"errors/{path.stem}.txt", "\n".join(names))

    def reports(self, cases: dict[str, Any]) -> None:
        out = self.work / "reports"
        common = ["--to", cases.get("formats", FORMATS), "--force", "--output-dir", out]
        for language in cases.get("languages", LANGUAGES):
            for case in cases.get("reports", ()):
                asked = ["--notebook", case["notebook"], "--language", language]
                self.parlib("batch", *case["names"], *asked, *common)
            for case in cases.get("profiles", ()):
                asked = ["--notebook", "unit_profile", "--units", case["unit"], "--language", language]
                self.parlib("batch", case["name"], *asked, *common)
        for path in sorted(out.rglob("*.ipynb")):
            self.report(path, f"reports/{path.parent.relative_to(out)}".rstrip("/"))

    def report(self, notebook: Path, name: str) -> None:
        """Every file of one report as text."""
        stem = notebook.name.removesuffix(".ipynb")
        name = f"{name}/{stem}" if not name.endswith(stem.partition(".")[2]) else name
        self.write(f"{name}/blocks.txt", "\n".join(_blocks(notebook)))
        files = {path.name.removeprefix(stem): path for path in notebook.parent.glob(f"{stem}.*")}
        if ".html" in files:
            self.write(f"{name}/html.txt", "\n".join(_page_text(files[".html"].read_bytes())))
        if ".xlsx" in files:
            books = [files[".xlsx"], *sorted(notebook.parent.glob(f"{stem}-*.xlsx"))]  # the annex of the workbook too
            self.write(f"{name}/excel.txt", "\n".join(line for book in books for line in _cells(book.read_bytes())))
        if ".docx" in files:
            self.write(f"{name}/word.txt", "\n".join(_word(files[".docx"].read_bytes())))
        if ".pdf" in files:
            self.pages(files[".pdf"], f"{name}/pdf")
        for kind in ("press", "data"):
            if f".{kind}.zip" in files:
                self.write(f"{name}/{kind}.txt", "\n".join(_archive(files[f".{kind}.zip"])))

    def pages(self, path: Path, name: str) -> None:
        """The text of a PDF page by page, and a small grey picture of each."""
        import pypdfium2

        document, stated = pypdfium2.PdfDocument(path), []
        for n, page in enumerate(document, 1):
            stated += [f"# page {n}", *page.get_textpage().get_text_bounded().splitlines()]
            target = self.folder / f"{name}-{n:03}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            page.render(scale=DPI / 72, grayscale=True).to_pil().save(target)
        self.write(f"{name}.txt", "\n".join(stated))


def _asked(case: dict[str, Any]) -> list[object]:
    return ["--year", case["year"], "--level", case["level"]]


def _blocks(notebook: Path) -> Iterator[str]:
    """The blocks of an executed notebook, a line for each leaf of their data; drawings are left out."""
    for cell in nbformat.read(notebook, 4).cells:
        for output in cell.get("outputs", ()):
            if BLOCK in output.get("data", {}):
                yield from _leaves(output["data"][BLOCK], "")


def _leaves(data: Any, path: str) -> Iterator[str]:
    if isinstance(data, dict):
        if "text" in data and "refs" in data:  # a number, on one line
            refs = "; ".join(" ".join(str(part) for part in ref.values()) for ref in data["refs"][:3])
            yield f"{path} = {data['text']} | {_exactly(data['value'])} | {data['made']} | {len(data['refs'])}: {refs}"
            return
        for key, value in data.items():
            if key not in PICTURES:
                yield from _leaves(value, f"{path}.{key}" if key != "blocks" else path)
    elif isinstance(data, list):
        for n, value in enumerate(data):
            yield from _leaves(value, f"{path}[{n}]")
    elif data not in ("", None) and not (isinstance(data, str) and len(data) > 2000):
        yield f"{path} = {_exactly(data)}"


def _exactly(value: Any) -> str:
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def _page_text(content: bytes) -> Iterator[str]:
    root = markup.fromstring(content)
    for element in root.xpath("//script|//style|//svg"):
        element.drop_tree()
    for text in root.itertext():
        if text.strip():
            yield " ".join(text.split())


def _cells(content: bytes) -> Iterator[str]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    yield f"{sheet.title}!{cell.coordinate} = {_exactly(cell.value)} | {cell.number_format}"


def _word(content: bytes) -> Iterator[str]:
    space = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        root = etree.fromstring(package.read("word/document.xml"))
    for paragraph in root.iter(f"{space}p"):
        text = "".join(part.text or "" for part in paragraph.iter(f"{space}t"))
        if text.strip():
            yield text


def _archive(path: Path) -> Iterator[str]:
    """Names and texts of what lies in a ZIP file; of a drawing its words."""
    with zipfile.ZipFile(path) as package:
        for name in sorted(package.namelist()):
            yield f"# {name}"
            content = package.read(name)
            if name.endswith((".txt", ".csv", ".json", ".md")) and "checksum" not in name.lower():
                yield from content.decode("utf-8-sig").splitlines()
            elif name.endswith(".docx"):
                yield from _word(content)
            elif name.endswith(".svg"):
                yield from _page_text(content)


def _filled(path: Path) -> Path:
    """The form with what each cell lets one enter: the first of its list, else 80 or the most that it takes."""
    book = openpyxl.load_workbook(path)
    sheet = book["Phiếu chấm điểm"]
    for allowed in sheet.data_validations.dataValidation:
        for place in str(allowed.sqref).split():
            if place[0] not in "EF":  # result and target; the others stay empty
                continue
            if allowed.type == "list":
                name, _, cells = allowed.formula1.rpartition("!")
                sheet[place] = book[name.strip("'")][cells.replace("$", "").partition(":")[0]].value
            else:
                sheet[place] = min(80, float(allowed.formula2 or 80))
    target = path.with_name(f"filled-{path.name}")
    book.save(target)
    return target


PARTS = ("tables", "frames", "rounds", "form", "errors", "reports")


def record(folder: Path, code: Path, cases: dict[str, Any], parts: tuple[str, ...] = PARTS) -> None:
    """Write what ``code`` says to ``cases`` into ``folder``."""
    recorder = Recorder(code, folder)
    for part in parts:
        getattr(recorder, part)(cases)


def cases() -> dict[str, Any]:
    """What is recorded: ``cases.yaml``."""
    held: dict[str, Any] = yaml.safe_load((HERE / "cases.yaml").read_text("utf-8"))
    return held


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--code", type=Path, default=HERE.parents[1])
    parser.add_argument("--only", nargs="*", choices=PARTS, default=PARTS)
    parser.add_argument("--sample", action="store_true", help="what the suite compares, and no more")
    told = parser.parse_args()
    record(told.folder, told.code, cases()["sample"] if told.sample else cases(), tuple(told.only))
