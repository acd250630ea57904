"""What a report was made from: the record beside it, by which an unchanged report is not made again."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from parlib import places
from parlib.publishing.parameters import ReportParameters
from parlib.sources import catalog

#: The libraries whose version may change what a report looks like or says.
LIBRARIES = (
    "numpy",
    "pandas",
    "matplotlib",
    "seaborn",
    "scipy",
    "babel",
    "nbconvert",
    "papermill",
    "weasyprint",
    "docxtpl",
    "xlsxwriter",
)


def inputs(parameters: ReportParameters, notebook: Path, shared: dict[str, str] | None = None) -> dict[str, str]:
    """The hash of everything that a report follows from, by kind. ``shared`` spares hashing what many reports share."""
    found = dict(shared if shared is not None else shared_inputs())
    found["notebook"] = digest([notebook])
    if parameters.round_id:
        found["round"] = digest(_files(places.rounds() / parameters.round_id))
        before = catalog.round_before(parameters.round_id)  # which a simulated one is set against
        if before:
            found["round_before"] = digest(_files(places.rounds() / before))
    return found


def shared_inputs() -> dict[str, str]:
    """The hashes of what all reports have in common: the data, the code, the versions of the libraries."""
    data = places.data()
    rounds = places.rounds()
    package = Path(__file__).resolve().parent.parent
    return {
        "data": digest(path for path in _files(data) if rounds not in path.parents),
        "code": digest(path for path in _files(package) if "__pycache__" not in path.parts),
        "versions": hashlib.sha256(json.dumps(versions()).encode()).hexdigest(),
    }


def stamp(inputs: dict[str, str]) -> str:
    """What tells whether a process has read the code and data of ``inputs``."""
    return inputs["code"] + inputs["data"]


def versions() -> dict[str, str]:
    """The versions of Python, parlib and the libraries that a report depends on."""
    return {"python": platform.python_version(), **{name: version(name) for name in ("parlib", *LIBRARIES)}}


def digest(paths: Iterable[Path]) -> str:
    """One SHA-256 over names and contents of files, whatever order they come in."""
    whole = hashlib.sha256()
    for path in sorted(paths):
        whole.update(f"{path.name}\0{content_hash(path)}\n".encode())
    return whole.hexdigest()


def is_current(record: Path, parameters: ReportParameters, inputs: dict[str, str], outputs: Iterable[str]) -> bool:
    """Whether ``record`` says that all ``outputs`` (names) were made from just these, and they are still there."""
    try:
        written = json.loads(record.read_text("utf-8"))
        made = written["outputs"]
        return bool(
            written["parameters"] == recorded(parameters)
            and written["inputs"] == inputs
            and set(outputs) <= set(made)
            and all(content_hash(record.parent / name) == file_hash for name, file_hash in made.items())
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def recorded(parameters: ReportParameters) -> dict[str, Any]:
    """The parameters as they are recorded: all but the place of the files, which the record lies beside."""
    return parameters.model_dump(exclude={"output_dir"})


def text(parameters: ReportParameters, inputs: dict[str, str], outputs: dict[str, Path], **more: Any) -> str:
    """The record of a report: its parameters, the hashes of what went in and came out (by file name), and ``more``."""
    record = {
        **more,
        "parameters": recorded(parameters),
        "inputs": inputs,
        "outputs": {name: content_hash(path) for name, path in outputs.items()},
        "versions": versions(),
    }
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def content_hash(path: Path) -> str:
    """The SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
