"""The workbench: one's own notebooks, made, opened in JupyterLab, and brought into every format."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode, v4

from parlib import places
from parlib.errors import ParameterError, ParlibError, Problem
from parlib.publish import formats, verify
from parlib.publish.formats import FORMATS, Shown, check_formats
from parlib.publish.own import EDITED, UNCHECKED, is_unrun
from parlib.publish.parameters import ReportParameters, values_of
from parlib.tables import content_of
from parlib.words import Message

START = "start_here.ipynb"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_EDITED = Message("-edited")  # what the names of documents end in whose notebook was edited


def folder() -> Path:
    """The workbench, made where it is not there, with a copy of the first steps to try things in."""
    made = places.workbench()
    places.make_folder(made)
    template = places.notebooks() / START
    if template.is_file() and not (made / START).exists():
        shutil.copyfile(template, made / START)
    return made


def new(name: str, language: str) -> Path:
    """Write a notebook that is a report already. Raises ``ParameterError`` where the name is taken or no name."""
    stem = name.removesuffix(".ipynb")
    path = folder() / f"{stem}.ipynb"
    if not _NAME.fullmatch(stem):
        raise ParameterError("a notebook is named with letters without tones, digits and _", value=name)
    if path.exists() or (places.notebooks() / path.name).exists():
        raise ParameterError("there is a notebook of this name; give another one", value=name)
    with places.whole_file(path) as draft:
        draft.write_text(nbformat.writes(_template(stem, language), version=4) + "\n", "utf-8")
    return path


_PARAMETERS = """\
year: int = 2023  # năm của kết quả / the year of the results
level: str = "{level}"  # province, ministry
language: str = "{language}"  # vi, en
index_name: str = "par"  # par, papi, pci, dti, sipas, grdp
round_id: str = ""  # kỳ đánh giá; để trống: kết quả đã công bố / a round; empty: published results
rows = 10  # tham số riêng: -p rows=5 / a parameter of your own"""

_OPEN = """\
import matplotlib.pyplot as plt
import parlib
import seaborn as sns

parlib.theme()
this_year = parlib.year(year, level, index_name, round_id, language)"""

_RANKS = """\
ranks = this_year.rank().sort_values("rank")
ranks[["name", "index", "rank", "band"]].head(rows)"""

_FIGURE = """\
figure, axes = plt.subplots(figsize=(6.5, 3))
sns.histplot(ranks, x="index", ax=axes)
axes.set(xlabel="{x}", ylabel="{y}")
parlib.figure(figure, "{caption}", year=this_year)"""

_TEXTS = {
    "title": Message("Topic: {name}"),
    "first": Message(
        "Headings, texts, lists, tables and figures of this notebook stand in every format; code does not."
    ),
    "name": Message("The report is called by the first line that begins with one #."),
    "ranks": Message("The first ranks"),
    "figure": Message("How the units are spread"),
    "x": Message("Index"),
    "y": Message("Number of units"),
    "point": Message("One point of a list"),
    "another": Message("Another point"),
}


def _template(stem: str, language: str) -> NotebookNode:
    """Parameters, a table of the year, a figure of one's own, and texts between them."""
    say = {key: message.filled(name=stem.replace("_", " ")).text(language) for key, message in _TEXTS.items()}
    parameters = _PARAMETERS.format(level="province", language=language)
    figure = _FIGURE.format(x=say["x"], y=say["y"], caption=say["figure"])
    cells = [
        v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        v4.new_code_cell(_OPEN),
        v4.new_markdown_cell(f"# {say['title']}\n\n{say['first']} {say['name']}"),
        v4.new_markdown_cell(f"## {say['ranks']}"),
        v4.new_code_cell(_RANKS),
        v4.new_markdown_cell(f"## {say['figure']}\n\n- {say['point']}\n- {say['another']}"),
        v4.new_code_cell(figure),
    ]
    for n, cell in enumerate(cells):
        cell.id = f"cell-{n}"
    return _of_cells(cells)


def _of_cells(cells: list[NotebookNode]) -> NotebookNode:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook: NotebookNode = v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    return notebook


def add(stem: str, cells: Sequence[str], parameters: Mapping[str, object], language: str) -> Path:
    """Put a heading and cells of code (``cells``) at the end of a notebook of one's own; one that is not there yet is
    made with its ``parameters`` and a title, so that ``parlib report --notebook`` takes it."""
    path = places.workbench() / f"{stem}.ipynb"
    if path.exists():
        notebook = nbformat.read(path, as_version=4)
    else:
        lines = [f"{name} = {json.dumps(value)}  # {name.partition(':')[0]}" for name, value in parameters.items()]
        title = v4.new_markdown_cell("# " + Message("What was explored").text(language))
        notebook = _of_cells([v4.new_code_cell("\n".join(lines), metadata={"tags": ["parameters"]}), title])
    heading, *code = cells
    notebook.cells += [v4.new_markdown_cell(heading), *map(v4.new_code_cell, code)]
    places.make_folder(path.parent)
    with places.whole_file(path) as draft:
        nbformat.write(notebook, draft)
    return path


# --- back into every format -----------------------------------------------------------------------


def convert(path: Path, to: tuple[str, ...], out: Path | None = None) -> tuple[list[Path], tuple[Problem, ...]]:
    """Write what the executed notebook ``path`` shows in the formats ``to``, all or none, marked as not checked.

    Beside the notebook, or into ``out``; never among the published reports, whose names these files would take: those
    of a published notebook go to the workbench. Returns the files, and what must be said of them.
    """
    check_formats(to)
    if "press" in to:
        raise ParameterError("a press kit is made of checked reports alone", value="press")
    content = content_of(path)
    try:
        notebook = nbformat.reads(content.decode("utf-8"), as_version=4)
    except ValueError as error:
        raise ParameterError("this is no notebook ({error})", file=str(path), error=str(error)) from error
    unrun = [n for n, cell in enumerate(notebook.cells, 1) if is_unrun(cell)]
    if unrun:
        raise ParlibError("cells were not run: {skipped}", file=path.name, skipped=unrun)
    parameters = _parameters(notebook, path)
    published = str(notebook.metadata.get("papermill", {}).get("output_path", ""))
    was_published = published.endswith(f".{parameters.language}.ipynb")
    stem = path.stem + (_EDITED.text(parameters.language) if was_published else "")
    within = path.resolve().is_relative_to(places.reports().resolve())
    place = out or (folder() if within else path.resolve().parent)
    shown = Shown(parameters, notebook, stem, to, EDITED if was_published else UNCHECKED)
    with tempfile.TemporaryDirectory(prefix="parlib-convert-") as name:
        drafts = {kind: Path(name) / f"{stem}.{FORMATS[kind][0]}" for kind in to}
        made = [file for kind, draft in drafts.items() for file in formats.write(kind, shown, draft)]
        findings = verify.read_back(shown, drafts)
        if findings:
            raise ParlibError(map(Problem, findings))
        places.make_folder(place)
        for file in made:
            with places.whole_file(place / file.name) as draft:
                shutil.copyfile(file, draft)
    return [place / file.name for file in made], shown.own.told


def _parameters(notebook: NotebookNode, path: Path) -> ReportParameters:
    """What the notebook was run with. Raises ``ParlibError``."""
    values: dict[str, object] = {}
    for tag in ("parameters", "injected-parameters"):
        for cell in notebook.cells:
            if tag in cell.metadata.get("tags", ()):
                values |= values_of(cell, path.name)
    if "year" not in values:
        raise ParlibError("the notebook has no parameter {names}", file=path.name, names="year")
    known = {key: value for key, value in values.items() if key in ReportParameters.model_fields}
    return ReportParameters.model_validate(known)
