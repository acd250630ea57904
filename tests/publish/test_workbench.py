"""One's own work: the template that is a report already, executed notebooks as documents, what JupyterLab may write."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import nbformat
import pytest
from jupyterlab.labapp import LabApp
from jupyterlab_server import translations_handler
from nbformat import v4
from tornado.web import HTTPError

from parlib import places
from parlib.errors import ParameterError, ParlibError
from parlib.publish import batch, lab, workbench
from parlib.publish.parameters import ReportParameters, declared
from parlib.publish.render import render
from parlib.report import blocks as b


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A workbook of its own: its data are those of the checkout."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "data").symlink_to(places.data())
    (tmp_path / "notebooks" / "start_here.ipynb").write_text("{}", "utf-8")
    monkeypatch.setenv("PARLIB_HOME", str(tmp_path))
    return tmp_path


def executed(home, *outputs, output_path="", parameters='year = 2023\nlevel = "ministry"'):
    cells = [
        v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}, execution_count=1),
        v4.new_code_cell("x", execution_count=2, outputs=[v4.new_output("display_data", data=one) for one in outputs]),
    ]
    path = workbench.folder() / "x.ipynb"
    nbformat.write(v4.new_notebook(cells=cells, metadata={"papermill": {"output_path": output_path}}), path)
    return path


TABLE = b.Table(
    (b.Column("a", "Tên"), b.Column("b", "Số", "number")), ({"a": "X", "b": b.Number(1.5, "1,50")},), "Bảng"
)


def test_the_workbench_has_a_copy_of_the_first_steps_that_is_never_written_over(home):
    path = workbench.folder() / "start_here.ipynb"
    assert path.read_text("utf-8") == "{}"
    path.write_text("của tôi", "utf-8")
    workbench.folder()
    assert path.read_text("utf-8") == "của tôi"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_new_notebook_has_parameters_and_takes_no_name_that_is_there(home, language):
    path = workbench.new("chu_de", language)
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert declared(notebook, path.name)["language"] == language
    for name in ("chu_de", "start_here", "chủ đề", "../x"):
        with pytest.raises(ParameterError):
            workbench.new(name, language)


def test_an_edited_report_comes_back_marked_and_never_beside_the_published(home):
    path = executed(home, {b.MIME: TABLE.to_data()}, output_path="PAR-INDEX-2023-bo.vi.ipynb")
    published = places.reports() / "2023" / "ministry" / "vi" / "PAR-INDEX-2023-bo.vi.ipynb"
    published.parent.mkdir(parents=True)
    path.rename(published)
    files, notes = workbench.convert(published, ("html",))
    assert files == [places.workbench() / "PAR-INDEX-2023-bo.vi-da-sua.html"]
    assert "Đã sửa sau khi phát hành, chưa qua kiểm tra số liệu." in files[0].read_text("utf-8")
    assert len(notes) == 1  # the table
    assert [one.name for one in published.parent.iterdir()] == [published.name]


def test_an_own_notebook_becomes_documents_where_it_lies(home):
    path = executed(home, {b.MIME: TABLE.to_data()}, {"text/plain": "82.5"})
    files, _ = workbench.convert(path, ("html", "xlsx"))
    assert [one.name for one in files] == ["x.html", "x.xlsx"]
    assert "Chưa qua kiểm tra số liệu." in files[0].read_text("utf-8")
    with pytest.raises(ParameterError, match="press kit"):
        workbench.convert(path, ("press",))
    with pytest.raises(ParlibError, match="no parameter year"):
        workbench.convert(executed(home, parameters="x = 1"), ("html",))
    with pytest.raises(ParlibError, match="a folder or a device"):  # neither is read without end
        workbench.convert(home, ("html",))
    path.write_text(path.read_text("utf-8").replace('"execution_count": 2', '"execution_count": null'), "utf-8")
    with pytest.raises(ParlibError, match="were not run"):
        workbench.convert(path, ("html",))


def test_jupyterlab_writes_the_workbench_and_nothing_else(home):
    workbench.folder()
    manager = lab.Contents(root_dir=str(home))
    text = {"type": "file", "format": "text", "content": "a"}

    def run(task):
        return asyncio.run(task)

    run(manager.save(dict(text), "workbench/a.txt"))
    assert run(manager.get("workbench/a.txt"))["writable"]
    assert not run(manager.get("notebooks/start_here.ipynb", content=False))["writable"]
    for refused in (
        lambda: manager.save(dict(text), "notebooks/a.txt"),
        lambda: manager.save(dict(text), "workbench/../a.txt"),
        lambda: manager.delete_file("notebooks/start_here.ipynb"),
        lambda: manager.rename_file("notebooks/start_here.ipynb", "workbench/b.ipynb"),
        lambda: manager.rename_file("workbench/a.txt", "data/a.txt"),
    ):
        with pytest.raises(HTTPError, match="workbench"):
            run(refused())
    assert (home / "notebooks" / "start_here.ipynb").read_text("utf-8") == "{}"


def test_jupyterlab_opens_the_first_steps_and_its_terminals_know_parlib(home, monkeypatch):
    given = []
    monkeypatch.setattr(LabApp, "launch_instance", given.extend)
    monkeypatch.setenv("PATH", "x")
    lab.open_lab(["--no-browser"])
    assert f"--ServerApp.root_dir={home}" in given
    assert "--LabApp.default_url=/lab/tree/workbench/start_here.ipynb" in given
    assert given[-1] == "--no-browser"
    assert os.environ["PATH"].split(os.pathsep) == [str(Path(sys.executable).parent), "x"]


def test_the_menus_of_every_day_are_vietnamese(monkeypatch):
    pack = {"vi_VN": {"jupyterlab": {"File": ["Tệp"]}}, "en": {}}
    monkeypatch.setattr(translations_handler, "get_language_pack", lambda locale: (pack[locale], ""))
    lab._fill_menus()
    data, _ = translations_handler.get_language_pack("vi_VN")
    assert data["jupyterlab"]["File"] == ["Tệp"]
    assert data["jupyterlab"]["Run All Cells"] == ["Chạy mọi ô"]
    assert len(data["jupyterlab"]["Cut Cell"]) == 2  # one cell, several
    assert "Run All Cells" not in translations_handler.get_language_pack("en")[0].get("jupyterlab", {})


OWN = """\
import pandas as pd
import seaborn as sns
import parlib
ranks = parlib.year(year, level).rank()
"""


@pytest.mark.long
@pytest.mark.report
def test_a_notebook_of_ones_own_is_whole_in_every_format(home, tmp_path):
    """Markdown, two frames, a figure of seaborn, printed text and a parameter of its own: each file is read back."""
    code = (
        OWN,
        'ranks[["name", "index", "rank"]].head(n)',
        'pd.DataFrame({"Vùng": ["Bắc", "Nam"], "Điểm": [81.25, None]})',
        'sns.histplot(ranks, x="index")',
        'print("in ra", n)',
    )
    parameters = v4.new_code_cell('year: int = 2023\nlevel = "ministry"\nn = 3', metadata={"tags": ["parameters"]})
    texts = v4.new_markdown_cell("# Của tôi\n\nMột đoạn.\n\n## Bảng\n\n- một ý")
    path = workbench.folder() / "rieng.ipynb"
    language = {"language_info": {"name": "python"}}
    nbformat.write(v4.new_notebook(cells=[parameters, texts, *map(v4.new_code_cell, code)], metadata=language), path)
    about = ReportParameters(year=2023, level="ministry", own=(("n", 5),), output_dir=str(tmp_path / "out"))
    done = render(about, "rieng", ("html", "pdf", "docx", "xlsx", "data"))
    assert done.files["html"].parent.parent.name == "rieng-ministry-5"
    html = done.files["html"].read_text("utf-8")
    for said in ("Của tôi", "Một đoạn.", "một ý", "81,25", "in ra 5", "Chưa qua kiểm tra số liệu.", "<svg"):
        assert said in html
    assert "4 bảng, hình" in done.notes[0].text("vi")
    with pytest.raises(ParlibError, match="press kit"):
        render(about, "rieng", ("press",))
    template = workbench.new("mau", "vi")
    (outcome,) = batch.batch([ReportParameters(year=2023, output_dir=str(tmp_path / "out"))], template, ("docx",))
    assert outcome.error is None
    assert Path(outcome.rendered.files["docx"]).is_file()
