"""Where a report goes whose numbers fail a check: ``reports/<year>/failed/``, with the list of disagreements.

Nothing of it is published: no file takes a report's name, and the list of reports does not show it. An earlier report
of the same name stays as it was.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from parlib.errors import Problem
from parlib.words import Message, texts

FOLDER = "failed"

_WORDS: Mapping[str, Message] = {
    "head": Message("REPORT NOT PUBLISHED: its numbers disagree ({n} places)."),
    "how": Message(
        "Mend the data or the sentence at its source and make the report again. Disagreements that "
        "stand in a published source are explained, once reviewed, in "
        "data/published/explanations.csv."
    ),
    "banner": Message("NOT PUBLISHED – the numbers failed a check"),
    "see": Message("the report is not published; list of disagreements"),
}
LIST = "disagreements.txt"


def folder(report: Path) -> Path:
    """Where the report of the folder ``report`` (``<year>/<name>/<language>``) goes when it fails."""
    return report.parent.parent / FOLDER / f"{report.parent.name}.{report.name}"


def write(
    place: Path, problems: Sequence[Problem], language: str, notebook: NotebookNode | None, page: str = ""
) -> None:
    """Put the list of ``problems``, the executed notebook and, where the report is whole, its ``page`` into ``place``,
    all of them or nothing; what an earlier failure left there goes."""
    words = texts(_WORDS, language)
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{place.name}-", dir=place.parent) as name:
        draft = Path(name) / place.name
        draft.mkdir()
        lines = [words["head"].format(n=len(problems)), words["how"], ""]
        lines += [f"{n}. {problem.text(language)}" for n, problem in enumerate(problems, 1)]
        (draft / LIST).write_text("\n".join(lines) + "\n", "utf-8-sig")
        if notebook is not None:
            (draft / "notebook.ipynb").write_text(nbformat.writes(notebook, version=4) + "\n", "utf-8")
        if page:
            banner = f'<p role="alert" style="background:#8c1515;color:#fff;padding:1em;margin:0">{words["banner"]}</p>'
            (draft / "report.html").write_text(page.replace("<body>", f"<body>\n{banner}", 1), "utf-8")
        clear(place)
        draft.rename(place)


def clear(place: Path) -> None:
    """Take away what an earlier failure of a report left, now that it is out or failed anew."""
    shutil.rmtree(place, ignore_errors=True)
    if place.parent.is_dir() and not any(place.parent.iterdir()):
        place.parent.rmdir()


def pointer(place: Path) -> Problem:
    """Where people find the list."""
    said = _WORDS["see"]
    return Problem(said, file=str(place / LIST))
