from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Callable
from html.parser import HTMLParser
from importlib.metadata import version
from pathlib import Path

import nbformat
import pytest

from parlib import places
from parlib.errors import ParameterError
from parlib.publish import manifest, page, warm
from parlib.publish.batch import batch
from parlib.publish.parameters import ReportParameters
from parlib.publish.render import KnowsLess, RenderError, as_it_is, execute, render

Write = Callable[..., Path]
Cells = tuple[str, ...]


def _about(tmp_path: Path, **more: object) -> ReportParameters:
    given = {"year": 2023, "level": "ministry", "output_dir": str(tmp_path / "out"), **more}
    return ReportParameters(**given)  # type: ignore[arg-type]


class _Reader(HTMLParser):
    """Gathers what a page would load, its text outside scripts and styles, and its ids and links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.text = ""
        self.ids: list[str] = []
        self.links: list[str] = []
        self._silent = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent = tag in ("script", "style")
        for name, value in attrs:
            if name in ("src", "srcset", "data", "poster") or (name == "href" and tag == "link"):
                self.loads.append(value or "")
            if name == "id":
                self.ids.append(value or "")
            if name == "href" and tag == "a":
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text += data


@pytest.mark.report
def test_a_report_is_one_file_with_what_the_cells_showed(write_notebook: Write, blocks: Cells, tmp_path: Path) -> None:
    path = write_notebook(*blocks, "warnings.warn('đừng in ra')", "print('in ra thì có')")
    done = render(_about(tmp_path), path)

    html = done.files["html"].read_text("utf-8")
    read = _Reader(html)
    assert done.files["html"] == tmp_path / "out" / "2023" / "thu-ministry" / "vi" / "PAR-INDEX-2023-bo_thu.vi.html"
    assert all(load.startswith("data:image/png;base64,") for load in read.loads)
    assert not re.search(r"@import|url\(\s*['\"]?(?!data:)", html)
    assert '<html lang="vi">' in html
    assert (
        "<title>Báo cáo thử – ministry 2023 – Có phần chưa qua kiểm tra số liệu.</title>" in html
    )  # an unknown figure
    assert "ministry 2023" in read.text  # the parameters arrived
    for value in ("Một đoạn văn.", "Trung bình là 84,38%.", "Bảng 1. Xếp hạng", "Hình 1. Phân bố", "Bảng 2. Bảng nhỏ"):
        assert value in read.text
    assert "in ra thì có" in read.text
    for code in ("import", "Table(", "đừng in ra", "UserWarning", "In [", "Traceback"):
        assert code not in read.text
    # two headings of one text have two anchors, both in the contents
    assert [link for link in read.links if link != "#main"] == ["#ket-qua-chung", "#ket-qua-chung-2"]
    assert {"ket-qua-chung", "ket-qua-chung-2", "main"} <= set(read.ids)
    assert len(read.ids) == len(set(read.ids))

    assert len(done.warnings) == 1
    assert "đừng in ra" in done.warnings[0]


@pytest.mark.report
def test_the_archive_keeps_the_code_and_the_record_tells_what_it_came_from(
    write_notebook: Write, blocks: Cells, tmp_path: Path
) -> None:
    path = write_notebook(*blocks)
    done = render(_about(tmp_path, language="en"), path)

    notebook = nbformat.read(done.files["ipynb"], as_version=4)
    assert [cell.source for cell in notebook.cells[-len(blocks) :]] == list(blocks)
    assert not re.search(re.escape(str(tmp_path)), done.files["ipynb"].read_text("utf-8"))
    assert "Table 1. Xếp hạng" in done.files["html"].read_text("utf-8")

    record = json.loads(done.files["json"].read_text("utf-8"))
    assert record["title"] == "Báo cáo thử"
    assert record["parameters"] == {
        "year": 2023,
        "level": "ministry",
        "language": "en",
        "index_name": "par",
        "round_id": "",
        "unit": "",
        "simulated": False,
        "decimal": "comma",
        "strict": True,
        "annexes": "short",
    }
    assert set(record["inputs"]) == {"data", "code", "requirements", "versions", "notebook"}
    assert set(record["outputs"]) == {"PAR-INDEX-2023-bo_thu.en.html", "PAR-INDEX-2023-bo_thu.en.ipynb"}
    assert record["versions"]["python"].startswith("3.")


@pytest.mark.report
def test_equal_inputs_give_equal_pages(write_notebook: Write, blocks: Cells, tmp_path: Path) -> None:
    path = write_notebook(*blocks)
    pages = [render(_about(tmp_path), path).files["html"].read_bytes() for _ in range(2)]
    assert pages[0] == pages[1]


@pytest.mark.report
def test_an_unchanged_report_is_left_alone_and_a_changed_one_is_not(
    write_notebook: Write, blocks: Cells, tmp_path: Path
) -> None:
    path = write_notebook(*blocks)
    first = render(_about(tmp_path), path, force=False)
    again = render(_about(tmp_path), path, force=False)
    assert (first.fresh, again.fresh) == (True, False)

    first.files["html"].write_text("hỏng")
    assert render(_about(tmp_path), path, force=False).fresh
    path.write_text(path.read_text("utf-8").replace("84.38", "84.39"), "utf-8")
    changed = render(_about(tmp_path), path, force=False)
    assert changed.fresh
    assert "84,39" in changed.files["html"].read_text("utf-8")


@pytest.mark.report
def test_a_report_is_stale_where_what_it_read_is_another_and_only_there(
    write_notebook: Write, tmp_path: Path, own_data: Path
) -> None:
    cell = (
        "import parlib.places\nfrom parlib.report.blocks import Paragraph\n"
        "read = (parlib.places.data() / 'published' / 'par_index.csv').read_bytes()\nParagraph(('Có.',))"
    )
    path, about = write_notebook(cell), _about(tmp_path)
    (outcome,) = batch([about], path)
    assert outcome.rendered is not None, outcome.error

    def is_current() -> bool:
        return as_it_is(about, path, ("html",), manifest.inputs(about, path)) is not None

    assert is_current()
    with (own_data / "external" / "papi.csv").open("a", encoding="utf-8") as other:
        other.write("\n")
    for name in ("par_index.csv~", "~$par_index.xlsx", ".#par_index.csv", "#par_index.csv#", "par_index.csv.bak"):
        (own_data / "published" / name).write_text("x", "utf-8")
    assert is_current()
    new = own_data / "external" / "new.csv"
    new.write_text("x", "utf-8")  # what is there may be asked, not only what is in it
    assert not is_current()
    new.rename(own_data / "published" / new.name)
    assert not is_current()
    (own_data / "published" / new.name).unlink()
    assert is_current()
    read = own_data / "published" / "par_index.csv"
    read.write_bytes(read.read_bytes() + b"\n")
    assert not is_current()


def test_a_report_follows_from_every_library_it_goes_through_and_from_the_letters(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also from those that the libraries named need, and those of the system that set the PDF."""
    versions = manifest.versions()
    for name in ("jinja2", "nbformat", "pydantic", "pydantic-core", "lxml", "fonttools", "pydyf", "tinycss2", "pillow"):
        assert versions[name] == version(name)
    assert {"pango", "harfbuzz", "python"} <= versions.keys()
    assert not {"pytest", "jupyterlab", "pyspark"} & versions.keys()
    about, path = _about(tmp_path), places.notebooks() / "annual_report.ipynb"
    inputs = manifest.inputs(about, path)
    code = f"{warm.PACKAGE}{os.sep}"
    names = {file.removeprefix(code).replace(os.sep, "/") for file in inputs.files if file.startswith(code)}
    assert {"fonts/Arimo-Bold.ttf", "places.py"} <= names
    assert not [name for name in names if name.startswith("cli/") or "__pycache__" in name]
    monkeypatch.setattr(manifest, "versions", lambda: {**versions, "pango": "1.0"})
    assert manifest.inputs(about, path).digests != inputs.digests


@pytest.mark.few(2)
@pytest.mark.report
@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("1 / 0", ["1 / 0", "ZeroDivisionError"]),
        ("import time\ntime.sleep(60)", ["import time", "2 s"]),
        ("import os\nos._exit(3)", ["DeadKernelError"]),
        ("import sys\nsys.exit()", ["cells were not run"]),
        (
            "from parlib.errors import *\nfrom parlib.words import Name\n"
            "raise DataError(Problem(Name('hỏng', 'broken'), file='a.csv'))",
            ["a.csv: broken"],
        ),
    ],
)
def test_a_notebook_that_fails_leaves_what_was_there(
    write_notebook: Write, blocks: Cells, tmp_path: Path, cell: str, names: list[str]
) -> None:
    before = render(_about(tmp_path), write_notebook(*blocks)).files
    kept = {kind: path.read_bytes() for kind, path in before.items()}
    began = time.monotonic()
    with pytest.raises(RenderError) as caught:
        render(_about(tmp_path), write_notebook(*blocks, cell, "after = 1"), cell_seconds=2)
    assert time.monotonic() - began < 30
    assert all(word in caught.value.text("en") for word in ["thu.ipynb", *names]), caught.value.text("en")
    assert "a.csv" not in cell or "tệp a.csv: hỏng" in caught.value.text("vi")
    assert {kind: path.read_bytes() for kind, path in before.items()} == kept
    assert sorted(path.name for path in before["html"].parent.iterdir()) == sorted(p.name for p in before.values())


@pytest.mark.report
def test_nothing_is_published_where_one_file_cannot_be_written(
    write_notebook: Write, blocks: Cells, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(page, "html_page", broken)
    with pytest.raises(OSError, match="No space"):
        render(_about(tmp_path), write_notebook(*blocks))
    assert list((tmp_path / "out" / "2023").iterdir()) == []


def test_wrong_parameters_write_nothing(write_notebook: Write, blocks: Cells, tmp_path: Path) -> None:
    path = write_notebook(*blocks)
    with pytest.raises(ParameterError, match="near matches: html"):
        render(_about(tmp_path), path, to=("htm",))
    with pytest.raises(ParameterError, match="no parameter unit"):
        render(_about(tmp_path, unit="bo-y-te"), path)
    assert not (tmp_path / "out").exists()


@pytest.mark.report
def test_the_second_language_is_set_against_the_first(write_notebook: Write, blocks: Cells, tmp_path: Path) -> None:
    """Both languages asked for at once: one waits for the other, and a number that differs stops it."""
    path = write_notebook(blocks[0], 'Paragraph(("A ", number(84.38 if language == "vi" else 0.5)))')
    outcomes = batch([_about(tmp_path, language=language) for language in ("vi", "en")], path, workers=2)
    assert [outcome.error is None for outcome in outcomes].count(True) == 1
    error = next(outcome.error for outcome in outcomes if outcome.error is not None)
    assert "languages_agree" in error.text("en")
    year = tmp_path / "out" / "2023"
    assert len(list(year.rglob("*.vi.html"))) + len(list(year.rglob("*.en.html"))) == 1
    (failed,) = (year / "failed").iterdir()
    said = {"vi": "KHÔNG PHÁT HÀNH", "en": "NOT PUBLISHED"}[failed.name[-2:]]
    assert said in (failed / "report.html").read_text("utf-8")


def _counting(known: int) -> str:
    """A cell that hands over an index table in which ``known`` of three units have a value."""
    rows = "".join(f"par,2023,ministry,u{n},,{80 + n if n < known else ''}\n" for n in range(3))
    columns = ("index_name", "year", "level", "unit", "node", "index")
    text = ",".join(columns) + "\n" + rows
    described = tuple((name, "string", name) for name in columns)
    return (
        "from parlib.report.blocks import *\n"
        f"Sequel((Paragraph(('Có.',)), Dataset.of('thu', 'Bảng chỉ số', {described!r}, {text!r})))"
    )


@pytest.mark.report
def test_a_report_is_not_replaced_by_one_that_knows_fewer_units(write_notebook: Write, tmp_path: Path) -> None:
    """A truncated data file replaced a full report by an empty one."""
    about = _about(tmp_path)
    first = render(about, write_notebook(_counting(3)))
    assert json.loads(first.files["json"].read_text("utf-8"))["known"] == {"par": 3}
    kept = {path: path.read_bytes() for path in first.files.values()}
    with pytest.raises(KnowsLess) as caught:
        render(about, write_notebook(_counting(2)))
    assert "có số liệu của 3 đơn vị, báo cáo mới chỉ có 2" in caught.value.text("vi")
    assert "knows 3 units, the new one only 2" in caught.value.text("en")
    assert {path: path.read_bytes() for path in first.files.values()} == kept

    outcome = batch([about], write_notebook(_counting(2)), fewer=True)[0]
    assert outcome.rendered is not None
    assert [note.text("en") for note in outcome.rendered.notes] == [
        "PAR INDEX: the published report knows 3 units, the new one only 2; replaced all the same"
    ]
    assert not render(about, write_notebook(_counting(3))).notes


@pytest.mark.report
def test_the_record_lists_what_was_read_and_how_to_make_it_again(write_notebook: Write, tmp_path: Path) -> None:
    cell = (
        "import parlib.places\nfrom parlib.report.blocks import Paragraph\n"
        "read = (parlib.places.data() / 'published' / 'par_index.csv').read_bytes()\nParagraph(('Có.',))"
    )
    outcome = batch([_about(tmp_path)], write_notebook(cell))[0]
    assert outcome.rendered is not None, outcome.error
    record = json.loads(outcome.rendered.files["json"].read_text("utf-8"))
    file = places.data() / "published" / "par_index.csv"
    assert record["read"]["data/published/par_index.csv"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert not any(name.startswith("/") or ".." in name for name in record["read"])
    assert record["command"].startswith("parlib report --year 2023 --level ministry --language vi")
    assert re.fullmatch(r"([0-9a-f]{40}\+?)?", record["commit"])


@pytest.mark.report
@pytest.mark.parametrize("is_warm", [True, False])
def test_a_kernel_says_what_it_reads_and_reads_nothing_of_the_user(
    write_notebook: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_warm: bool
) -> None:
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("raise_prices = 1", "utf-8")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setattr(warm, "POSSIBLE", is_warm)
    sentence = tmp_path / "given.txt"
    sentence.write_text("x", "utf-8")
    read: set[str] = set()
    cell = f"assert 'raise_prices' not in globals(); text = open({str(sentence)!r}).read()"
    execute(write_notebook(cell), {}, read=read)
    assert str(sentence) in read


@pytest.mark.report
def test_nothing_published_names_the_machine_or_the_hour(write_notebook: Write, blocks: Cells, tmp_path: Path) -> None:
    """The folder of the reports, with the user's name in it, stood twice in the executed notebook."""
    lines = (
        "year: int = 1",
        'level: str = ""',
        'language: str = "vi"',
        'index_name: str = "par"',
        'output_dir: str = ""',
    )
    path = write_notebook(*blocks, "pass")
    notebook = nbformat.read(path, as_version=4)
    next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())).source = "\n".join(lines)
    notebook.cells[-1].source = "import parlib; print(parlib.__file__, file=sys.stderr)"
    nbformat.write(notebook, path)
    archives = []
    for _ in range(2):
        done = render(_about(tmp_path, output_dir=str(tmp_path / "nguyen.van.a")), path)
        for file in done.files.values():
            text = file.read_text("utf-8")
            assert not [place for place in ("nguyen.van.a", str(tmp_path), str(places.home())) if place in text], file
        archives.append(done.files["ipynb"].read_bytes())
    assert archives[0] == archives[1]
