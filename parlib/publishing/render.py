"""One report: a parameterised notebook run by papermill, published whole or not at all.

A report is a folder, ``reports/<year>/<name>/<language>/``, put in place by one change of names. In it ``.html`` is
what people read, the executed notebook keeps the code, and ``.json`` records what both were made from.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from filelock import FileLock
from nbformat import NotebookNode

from parlib import places
from parlib.errors import ChecksFailed, ParlibError, Problem
from parlib.presentation.wording import Wording
from parlib.publishing import failed, formats, kernels, manifest, verify
from parlib.publishing.document import Document, document
from parlib.publishing.formats import FORMATS, Shown, check_formats
from parlib.publishing.parameters import ReportParameters, for_notebook, notebook_path

log = logging.getLogger(__name__)

PROFILES = "unit_profile"  # the notebook of one unit
CELL_SECONDS = 600  # how long one cell may take


class RenderError(ParlibError):
    """A notebook did not run through: nothing of it is published."""


class NumbersDisagree(RenderError):
    """Numbers of a report fail a check: it is in ``failed/``. ``notebook`` is it as far as it ran."""

    def __init__(
        self, problems: Problem | Iterable[Problem], language: str = "en", notebook: NotebookNode | None = None
    ) -> None:
        super().__init__(problems, language)
        self.notebook = notebook


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

    Formats that the report has from before are made anew with it, so that no file of it speaks of other numbers.
    Without ``force`` a report is left as it is when nothing that it follows from has changed. ``shared_inputs`` (of
    ``manifest.shared_inputs``) spares hashing data and code again for each of many reports.
    Raises ``RenderError`` when a cell fails or takes longer than ``cell_seconds``, and ``NumbersDisagree`` when numbers
    fail a check: the report is in ``failed/`` then, with their list. What was published before stays in either case.
    """
    check_formats(to)
    began, started = time.perf_counter(), datetime.now(UTC).isoformat(timespec="seconds")
    source = notebook_path(notebook)
    values = for_notebook(parameters, nbformat.read(source, as_version=4), source.name)
    inputs = manifest.inputs(parameters, source, shared_inputs)
    record = _files(parameters, source, to)["json"]
    with _alone(parameters, record.parent.parent):
        places.tidy_folder(record.parent)
        to = (*to, *(kind for kind in _made_before(record) if kind not in to))
        files = _files(parameters, source, to)
        names = [path.name for kind, path in files.items() if kind != "json"]
        if not force and manifest.is_current(record, parameters, inputs, names):
            return Rendered(parameters, files, time.perf_counter() - began, fresh=False)
        kernels.open_nursery(manifest.stamp(inputs))  # never one that has read other data or code than now recorded
        place = failed.folder(record.parent)
        try:
            executed = execute(source, values, cell_seconds)
        except NumbersDisagree as error:
            failed.write(place, error.problems, parameters.language, error.notebook)
            raise NumbersDisagree([*error.problems, failed.pointer(place)]) from error
        warnings = _strip_warnings(executed)
        for warning in warnings:
            log.info("%s: %s", files["ipynb"].name, warning)
        executed.metadata["papermill"].update(input_path=source.name, output_path=files["ipynb"].name)
        shown = Shown(parameters, executed, files["ipynb"].stem)
        passed = _through_the_gate(shown, files["ipynb"], inputs, place)
        about = {
            "title": shown.document.title.text,
            "marks": list(shown.document.title.marks),
            "notebook": source.name,
            "started": started,
            "seconds": round(time.perf_counter() - began, 2),
            "numbers": {"printed": passed.numbers, "worked_out_again": passed.recomputed},
            "warnings": warnings,
        }
        _write(shown, files, inputs, to, about)
        failed.clear(place)
    return Rendered(parameters, files, time.perf_counter() - began, warnings=tuple(warnings))


def _write(
    shown: Shown, files: dict[str, Path], inputs: dict[str, str], to: tuple[str, ...], about: dict[str, Any]
) -> None:
    """Publish what a report showed, every file of it or none."""
    with places.whole_folder(files["json"].parent) as folder:
        draft = {kind: folder / path.name for kind, path in files.items()}
        draft["ipynb"].write_text(nbformat.writes(shown.notebook, version=4) + "\n", "utf-8")
        for kind in to:
            formats.write(kind, shown, draft[kind])
        made = {files[kind].name: draft[kind] for kind in ("ipynb", *to)}
        draft["json"].write_text(manifest.text(shown.parameters, inputs, made, **about), "utf-8")


@contextmanager
def _alone(parameters: ReportParameters, report: Path) -> Iterator[None]:
    """One process at a time makes a report, on whichever computer. Its languages wait for each other, for the second is
    set against the first."""
    root = _root(parameters)
    lock = root / places.cache().name / "locks" / f"{'-'.join(report.relative_to(root).parts)}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock, mode=0o666):  # whoever may write here may make the next report
        yield


def _made_before(record: Path) -> list[str]:
    """The formats that a report has on disk."""
    stem = record.name.removesuffix("json")
    try:
        made = set(json.loads(record.read_text("utf-8"))["outputs"])
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [kind for kind, (ending, _) in FORMATS.items() if f"{stem}{ending}" in made]


def _through_the_gate(shown: Shown, archive: Path, inputs: dict[str, str], place: Path) -> verify.Passed:
    """Read a finished report once more, number by number. Raises ``NumbersDisagree``."""
    about = shown.parameters
    wording = Wording(about.language, about.decimal, about.strict)  # type: ignore[arg-type]
    passed, findings = verify.inspect(shown.document, wording, _other_language(about, archive, inputs))
    if findings:
        problems = [Problem(vi=f.text("vi"), en=f.text("en"), column=f.check) for f in findings]
        failed.write(place, problems, about.language, shown.notebook, shown.html)
        raise NumbersDisagree([*problems, failed.pointer(place)])
    return passed


def _other_language(about: ReportParameters, archive: Path, inputs: dict[str, str]) -> Document | None:
    """The same report in the other language, where it is on disk and was made from the same data and code."""
    other = {"vi": "en", "en": "vi"}[about.language]
    path = archive.parent.with_name(other) / archive.name.replace(f".{about.language}.ipynb", f".{other}.ipynb")
    try:
        record = json.loads(path.with_suffix(".json").read_text("utf-8"))
        if record["inputs"] != inputs or record["parameters"] != manifest.recorded(about) | {"language": other}:
            return None
        return document(nbformat.read(path, as_version=4), other)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def execute(source: Path, values: dict[str, Any], cell_seconds: int = CELL_SECONDS) -> NotebookNode:
    """The notebook ``source`` run through with ``values`` in its parameters cell. Raises ``RenderError``."""
    import papermill
    from nbclient.exceptions import CellTimeoutError
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError

    papermill_engines.register("parlib", _keeping_engine())
    kept: list[NotebookNode] = []
    try:
        executed = kernels.with_own_loop(
            lambda: papermill.execute_notebook(
                source,
                None,  # nothing is saved on the way: a notebook that was cut short looks complete
                engine_name="parlib",
                kept=kept,
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
        ours = len(error.traceback) == 2 and error.evalue in error.traceback
        told_vi, told_en = error.traceback if ours else (error.evalue, error.evalue)
        if ours and error.ename == ChecksFailed.__name__:
            lines = zip(told_vi.splitlines(), told_en.splitlines(), strict=True)
            raise NumbersDisagree([Problem(vi=vi, en=en) for vi, en in lines], notebook=kept[-1]) from error
        vi = f"ô {error.cell_index + 1} dừng vì lỗi {error.ename}: {told_vi}"
        en = f"cell {error.cell_index + 1} stopped with {error.ename}: {told_en}"
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


@cache
def _keeping_engine() -> type:
    """Papermill's engine, but what had run is at hand after an error too: the list ``kept`` is given the notebook."""
    from papermill.engines import NBClientEngine

    class Engine(NBClientEngine):  # type: ignore[misc]
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, kept: list[NotebookNode], **how: Any) -> Any:
            kept.append(nb_man.nb)
            return super().execute_managed_notebook(nb_man, kernel_name, **how)

    return Engine


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
    folder, stem = _root(parameters) / str(parameters.year), parameters.stem
    if source.stem == PROFILES:
        folder = folder / "profiles"
    elif source.stem != "annual_report":
        stem = f"{source.stem}-{stem}"
    endings = {kind: FORMATS[kind][0] for kind in to} | {"ipynb": "ipynb", "json": "json"}
    language = parameters.language
    return {kind: folder / stem / language / f"{stem}.{language}.{ending}" for kind, ending in endings.items()}


def _root(parameters: ReportParameters) -> Path:
    return Path(parameters.output_dir) if parameters.output_dir else places.reports()
