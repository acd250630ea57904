"""One report: a parameterised notebook run by papermill, published whole or not at all.

``reports/<year>/<stem>.<language>.html`` is what people read; the executed notebook beside it keeps the code, and the
``.json`` beside both records what they were made from.
"""

from __future__ import annotations

import logging
import re
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from parlib import places
from parlib.errors import ParlibError, Problem
from parlib.publishing import formats, kernels, manifest
from parlib.publishing.formats import FORMATS, Shown, check_formats
from parlib.publishing.parameters import ReportParameters, for_notebook, notebook_path

log = logging.getLogger(__name__)

PROFILES = "unit_profile"  # the notebook of one unit
CELL_SECONDS = 600  # how long one cell may take


class RenderError(ParlibError):
    """A notebook did not run through: nothing of it is published."""


@dataclass(frozen=True)
class Rendered:
    """A report on disk. ``files`` by format (html, ..., ipynb, json); ``fresh`` is False where nothing had changed."""

    parameters: ReportParameters
    files: dict[str, Path]
    seconds: float
    fresh: bool = True
    warnings: tuple[str, ...] = field(default=())


def render(
    parameters: ReportParameters,
    notebook: str | Path = "annual_report",
    to: tuple[str, ...] = ("html",),
    *,
    force: bool = True,
    shared_inputs: dict[str, str] | None = None,
    cell_seconds: int = CELL_SECONDS,
) -> Rendered:
    """Run ``notebook`` with ``parameters`` and publish what it showed in the formats ``to``.

    Without ``force`` a report is left as it is when nothing that it follows from has changed. ``shared_inputs`` (of
    ``manifest.shared_inputs``) spares hashing data and code again for each of many reports.
    Raises ``RenderError`` when a cell fails or takes longer than ``cell_seconds``; what was there before then stays.
    """
    check_formats(to)
    began, started = time.perf_counter(), datetime.now(UTC).isoformat(timespec="seconds")
    source = notebook_path(notebook)
    values = for_notebook(parameters, nbformat.read(source, as_version=4), source.name)
    files = _files(parameters, source, to)
    inputs = manifest.inputs(parameters, source, shared_inputs)
    if not force and manifest.is_current(files["json"], parameters, inputs, [path.name for path in _made(files)]):
        return Rendered(parameters, files, time.perf_counter() - began, fresh=False)

    kernels.open_nursery(manifest.stamp(inputs))  # never one that has read other data or code than now recorded
    executed = execute(source, values, cell_seconds)
    warnings = _strip_warnings(executed)
    for warning in warnings:
        log.info("%s: %s", files["ipynb"].name, warning)
    executed.metadata["papermill"].update(input_path=source.name, output_path=files["ipynb"].name)
    shown = Shown(parameters, executed, files["ipynb"].stem)
    with ExitStack() as drafts:
        # The record is entered first and so renamed last: it never speaks of files that are not there.
        draft = {kind: drafts.enter_context(places.whole_file(files[kind])) for kind in ("json", "ipynb", *to)}
        draft["ipynb"].write_text(nbformat.writes(executed, version=4) + "\n", "utf-8")
        for kind in to:
            formats.write(kind, shown, draft[kind])
        record = manifest.text(
            parameters,
            inputs,
            {files[kind].name: draft[kind] for kind in ("ipynb", *to)},
            title=shown.document.title.text,
            notebook=source.name,
            started=started,
            seconds=round(time.perf_counter() - began, 2),
            warnings=warnings,
        )
        draft["json"].write_text(record, "utf-8")
    return Rendered(parameters, files, time.perf_counter() - began, warnings=tuple(warnings))


def execute(source: Path, values: dict[str, Any], cell_seconds: int = CELL_SECONDS) -> NotebookNode:
    """The notebook ``source`` run through with ``values`` in its parameters cell. Raises ``RenderError``."""
    import papermill
    from nbclient.exceptions import CellTimeoutError
    from papermill.exceptions import PapermillExecutionError

    try:
        executed = kernels.with_own_loop(
            lambda: papermill.execute_notebook(
                source,
                None,  # nothing is saved on the way: a notebook that was cut short looks complete
                parameters=values,
                kernel_name="python3",
                progress_bar=False,
                request_save_on_cell_execute=False,
                execution_timeout=cell_seconds,
                kernel_manager_class=kernels.WarmKernelManager,
                shutdown_kernel="immediate",
                resources={"metadata": {"path": str(source.parent)}},  # cwd= would move this whole process
            )
        )
    except PapermillExecutionError as error:
        # An error of ours comes with its words in both languages; of any other there is one text.
        ours = len(error.traceback) == 2 and error.traceback[1] == error.evalue
        text = error.traceback[0] if ours else error.evalue
        vi = f"ô {error.cell_index + 1} dừng vì lỗi {error.ename}: {text}"
        en = f"cell {error.cell_index + 1} stopped with {error.ename}: {error.evalue}"
        log.debug("%s", "\n".join(error.traceback))
        raise _failure(source, vi, en, error.source) from error
    except CellTimeoutError as error:
        vi, en = f"một ô chạy quá {cell_seconds} giây", f"a cell took longer than {cell_seconds} s"
        preview = re.search(r"-{5,}\n(.*?)\n-{5,}", str(error), re.DOTALL)
        raise _failure(source, vi, en, preview.group(1) if preview else "") from error
    except Exception as error:  # a kernel that died or did not start: nbclient and zmq have many names for it
        kind = type(error).__name__
        raise _failure(source, f"không chạy được ({kind}: {error})", f"could not run ({kind}: {error})") from error
    skipped = [n for n, cell in enumerate(executed.cells, 1) if _is_unrun(cell)]
    if skipped:
        raise _failure(source, f"có ô chưa chạy: {skipped}", f"cells were not run: {skipped}")
    return executed


def _failure(source: Path, vi: str, en: str, cell: str = "") -> RenderError:
    line = next((line for line in cell.splitlines() if line.strip()), None)
    return RenderError(Problem(vi=vi, en=en, file=source.name, value=line))


def _is_unrun(cell: NotebookNode) -> bool:
    return bool(cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None)


def _strip_warnings(notebook: NotebookNode) -> list[str]:
    """Take out what cells wrote to stderr, for no reader of a report can do anything about it. Returns it."""
    warnings = []
    for n, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "code":
            warnings += [
                f"cell {n}: {output.text.strip()}" for output in cell.outputs if output.get("name") == "stderr"
            ]
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    return warnings


def _files(parameters: ReportParameters, source: Path, to: tuple[str, ...]) -> dict[str, Path]:
    """Where a report goes. A notebook other than the yearly report says its name, so that reports never meet; profiles
    of units, of which there are many, have a folder of their own."""
    folder = (Path(parameters.output_dir) if parameters.output_dir else places.reports()) / str(parameters.year)
    if source.stem == PROFILES:
        folder, stem = folder / "profiles", parameters.stem
    else:
        stem = parameters.stem if source.stem == "annual_report" else f"{source.stem}-{parameters.stem}"
    endings = {kind: FORMATS[kind][0] for kind in to} | {"ipynb": "ipynb", "json": "json"}
    return {kind: folder / f"{stem}.{parameters.language}.{ending}" for kind, ending in endings.items()}


def _made(files: dict[str, Path]) -> list[Path]:
    return [path for kind, path in files.items() if kind != "json"]
