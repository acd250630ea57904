"""The executed notebook as it is kept beside a report: code and results, nothing of the machine or the hour."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from nbformat import NotebookNode

from parlib import places

_INJECTED = "injected-parameters"  # papermill's tag of the cell with the values


def strip_warnings(notebook: NotebookNode) -> list[str]:
    """Take out what cells wrote to stderr, for no reader of a report can do anything about it. Returns it, without the
    folders of this machine."""
    warnings = []
    for n, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "code":
            warnings += [
                f"cell {n}: {without_places(output.text.strip())}"
                for output in cell.outputs
                if output.get("name") == "stderr"
            ]
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    return warnings


def without_places(text: str) -> str:
    """``text`` without the names of this machine's folders, in which people's names stand."""
    package, home = Path(__file__).resolve().parents[2], Path(os.path.expanduser("~"))  # noqa: PTH111 - there may be none
    for folder in (places.home().resolve(), package, Path(sys.prefix), Path(tempfile.gettempdir()), home):
        if len(folder.parts) > 1:
            text = text.replace(f"{folder}{'/' if '/' in str(folder) else chr(92)}", "").replace(str(folder), "…")
    return text


def strip_times(notebook: NotebookNode) -> list[float]:
    """Take out what differs from run to run: times, and the random name of papermill's cell. Returns the seconds that
    each cell took."""
    seconds = []
    whole = notebook.metadata.get("papermill", {})
    for key in ("start_time", "end_time", "duration"):
        whole.pop(key, None)
    for cell in notebook.cells:
        seconds.append(float(cell.metadata.pop("papermill", {}).get("duration") or 0.0))
        cell.metadata.pop("execution", None)
        if _INJECTED in cell.metadata.get("tags", ()):
            cell.id = _INJECTED
    return seconds
