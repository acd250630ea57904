"""One report: a parameterised notebook run by papermill, published whole or not at all.

A report is a folder, ``reports/<year>/<name>/<language>/``, put in place by one change of names. In it ``.html`` is
what people read, the executed notebook keeps the code, and ``.json`` records what both were made from.
"""

from __future__ import annotations

import json
import logging
import re
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from parlib import places
from parlib.errors import ChecksFailed, ParlibError, Problem
from parlib.publish import formats, manifest, open_data, verify, warm
from parlib.publish.document import Document, document
from parlib.publish.formats import FORMATS, Shown, check_formats
from parlib.publish.manifest import seen
from parlib.publish.own import is_unrun
from parlib.publish.parameters import PROFILES, YEARLY, ReportParameters, for_notebook, notebook_path
from parlib.report.blocks import Wording
from parlib.sources.published.par import index_title
from parlib.words import FIRST, SOURCE, Message, Name, texts

# --- failed ---------------------------------------------------------------------------------------
# Where a report goes whose numbers fail a check: ``reports/<year>/failed/``, with the list of disagreements.
#
# Nothing of it is published: no file takes a report's name, and the list of reports does not show it. An earlier report
# of the same name stays as it was.

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
    with places.whole_folder(place) as draft:
        lines = [words["head"].format(n=len(problems)), words["how"], ""]
        lines += [f"{n}. {problem.text(language)}" for n, problem in enumerate(problems, 1)]
        (draft / LIST).write_text("\n".join(lines) + "\n", "utf-8-sig")
        if notebook is not None:
            (draft / "notebook.ipynb").write_text(nbformat.writes(notebook, version=4) + "\n", "utf-8")
        if page:
            banner = f'<p role="alert" style="background:#8c1515;color:#fff;padding:1em;margin:0">{words["banner"]}</p>'
            (draft / "report.html").write_text(page.replace("<body>", f"<body>\n{banner}", 1), "utf-8")


def clear(place: Path) -> None:
    """Take away what an earlier failure of a report left, now that it is out or failed anew."""
    shutil.rmtree(place, ignore_errors=True)
    if place.parent.is_dir() and not any(place.parent.iterdir()):
        place.parent.rmdir()


def pointer(place: Path) -> Problem:
    """Where people find the list."""
    stated = _WORDS["see"]
    return Problem(stated, file=str(place / LIST))


log = logging.getLogger(__name__)

CELL_SECONDS = 600  # how long one cell may take


class RenderError(ParlibError):
    """A notebook did not run through: nothing of it is published."""


class InputsChanged(RenderError):
    """Data, code or notebook are others than when the report was begun."""


class KnowsLess(RenderError):
    """The report that is published knows more units than the new one would."""


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
    notes: tuple[Problem, ...] = ()  # what whoever asked for it must be told


@dataclass(frozen=True)
class Executed:
    """A ``notebook`` that was run for a report, the files that were ``read`` for it, and what the report is to be."""

    parameters: ReportParameters
    source: Path
    to: tuple[str, ...]
    inputs: manifest.Inputs
    fewer: bool
    notebook: NotebookNode
    read: frozenset[str]
    began: float
    started: str


def render(
    parameters: ReportParameters,
    notebook: str | Path = "annual_report",
    to: tuple[str, ...] = ("html",),
    *,
    force: bool = True,
    fewer: bool = False,
    cell_seconds: int = CELL_SECONDS,
) -> Rendered:
    """Run ``notebook`` with ``parameters`` and publish what it showed in the formats ``to``. Only where no other thread
    of this process draws or writes: ``batch`` makes each report in a process of its own.

    Formats that the report has from before are made anew with it, so that no file of it speaks of other numbers.
    Without ``force`` a report is left as it is when nothing that it follows from has changed. Without ``fewer`` it is
    not replaced by one that knows fewer units of the year (``KnowsLess``).
    Raises ``RenderError`` when a cell fails or takes longer than ``cell_seconds``, ``InputsChanged`` when data, code or
    notebook changed on the way twice, and ``NumbersDisagree`` when numbers fail a check: the report is in ``failed/``
    then, with their list. What was published before stays in every case.
    """
    check_formats(to)
    source = notebook_path(notebook)

    def once(inputs: manifest.Inputs) -> Rendered:
        return render_once(parameters, source, to, inputs, force=force, fewer=fewer, cell_seconds=cell_seconds)

    return with_steady_inputs(parameters, source, once)


def with_steady_inputs(
    parameters: ReportParameters, source: Path, once: Callable[[manifest.Inputs], Rendered]
) -> Rendered:
    """What ``once`` makes of the inputs as they are now; when they change meanwhile, of the new ones, but only once.

    A file that was touched may have held something else for a while, so the report is made again; the second time
    what files hold decides, for there are programs that touch all the time and change nothing.
    """
    try:
        return once(manifest.inputs(parameters, source))
    except InputsChanged as error:
        log.info("%s: %s", parameters.name, error)
        return once(replace(manifest.inputs(parameters, source), states={}))


def as_it_is(
    parameters: ReportParameters, source: Path, to: tuple[str, ...], inputs: manifest.Inputs
) -> Rendered | None:
    """A report as it is on disk, where it was made from just these ``inputs`` and has the formats ``to``."""
    began = time.perf_counter()
    files = _files(parameters, source, to)
    names = [path.name for kind, path in files.items() if kind != "json"]
    if not manifest.is_current(files["json"], parameters, inputs, names):
        return None
    return Rendered(parameters, files, time.perf_counter() - began, fresh=False)


def render_once(
    parameters: ReportParameters,
    source: Path,
    to: tuple[str, ...],
    inputs: manifest.Inputs,
    *,
    force: bool = True,
    fewer: bool = False,
    cell_seconds: int = CELL_SECONDS,
    publish: Callable[[Executed], Rendered] | None = None,
) -> Rendered:
    """``render`` from ``inputs``, which are looked at again when the report is made: raises ``InputsChanged`` where
    they are others by then. ``publish`` brings out what was executed: ``published``, here or in another process."""
    began, started = time.perf_counter(), datetime.now(UTC).isoformat(timespec="seconds")
    values = for_notebook(parameters, nbformat.read(source, as_version=4), source.name)
    record = _files(parameters, source, to)["json"]
    with places.alone(record.parent.parent, _root(parameters)):  # the second language is set against the first
        places.tidy_folder(record.parent)
        to = (*to, *(kind for kind in made_before(record) if kind not in to))
        unchanged = None if force else as_it_is(parameters, source, to, inputs)
        if unchanged:
            return unchanged
        warm.open_nursery(inputs.stamp)  # never one that has read other data or code than now recorded
        place, read = folder(record.parent), set[str]()
        try:
            executed = execute(source, values, cell_seconds, read)
        except NumbersDisagree as error:
            write(place, error.problems, parameters.language, error.notebook)
            raise NumbersDisagree([*error.problems, pointer(place)]) from error
        known = frozenset(read | seen())
        return (publish or published)(Executed(parameters, source, to, inputs, fewer, executed, known, began, started))


def published(of: Executed, tell_stage: Callable[[str], object] = lambda _: None) -> Rendered:
    """The report of what was executed, read once more and written. ``tell_stage`` is told of every format before it is
    written. Raises ``NumbersDisagree``, ``KnowsLess`` and ``InputsChanged``."""
    parameters, source, notebook = of.parameters, of.source, of.notebook
    files = _files(parameters, source, of.to)
    place = folder(files["json"].parent)
    warnings, cell_times = open_data.strip_warnings(notebook), open_data.strip_times(notebook)
    for warning in warnings:
        log.info("%s: %s", files["ipynb"].name, warning)
    notebook.metadata["papermill"].update(input_path=source.name, output_path=files["ipynb"].name)
    shown = Shown(parameters, notebook, files["ipynb"].stem, of.to)
    passed = _through_the_gate(shown, files["ipynb"], of.inputs, place)
    known = manifest.known_units(shown.document, parameters.year)
    _check_kinds(shown)
    notes = (*_check_knows_no_less(files["json"], known, of.fewer), *shown.own.told)
    about = {
        "title": shown.document.title.text,
        "marks": list(shown.document.title.marks),
        "notebook": source.name,
        "started": of.started,
        "seconds": round(time.perf_counter() - of.began, 2),
        "cell_seconds": cell_times,
        "command": manifest.command(parameters, source, of.to),
        "commit": manifest.commit(),
        "known": known,
        "numbers": {"printed": passed.numbers, "worked_out_again": passed.recomputed, "claims_read": passed.claims},
        "unchecked": shown.own.n_unchecked,
        "warnings": warnings,
    }
    _write(shown, source, files, of.inputs, about, of.read, tell_stage, place)
    clear(place)
    return Rendered(parameters, files, time.perf_counter() - of.began, warnings=tuple(warnings), notes=notes)


def _check_knows_no_less(record: Path, known: dict[str, int], fewer: bool) -> tuple[Problem, ...]:
    """Raise ``KnowsLess`` where the report that is published knows more units of the year, in an index table of it,
    than ``known``. With ``fewer`` it is replaced all the same, and what is lost is returned."""
    problems = tuple(
        Problem(_known_fewer(index, n, known.get(index, 0), fewer))
        for index, n in manifest.known_before(record).items()
        if known.get(index, 0) < n
    )
    if problems and not fewer:
        raise KnowsLess(problems)
    return problems


def _check_kinds(shown: Shown) -> None:
    """Raise ``RenderError`` where a press kit is asked for of what nobody has checked."""
    if "press" in shown.formats and shown.own.n_unchecked:
        raise RenderError(
            "a press kit is made of checked numbers alone; {n} pieces here are not: choose html, pdf, docx, xlsx, data",
            n=shown.own.n_unchecked,
        )


def _known_fewer(index: str, n: int, now: int, replaced: bool) -> Message:
    """That the published report knows more units than the new one, and what becomes of it."""
    places = {"index": Name(index_title(index, "vi"), index_title(index, "en")), "n": n, "now": now}
    if replaced:
        return Message(
            "{index}: the published report knows {n} units, the new one only {now}; replaced all the same", places
        )
    return Message(
        "{index}: the published report knows {n} units, the new one only {now}; it is replaced with --force only",
        places,
    )


def _write(
    shown: Shown,
    source: Path,
    files: dict[str, Path],
    inputs: manifest.Inputs,
    about: dict[str, object],
    read: Set[str],
    tell_stage: Callable[[str], object],
    place: Path,
) -> None:
    """Publish what a report showed, every file of it or none, and none where ``inputs`` have changed meanwhile or a
    file does not say what the blocks do: that report goes to ``place``."""
    to = [kind for kind in files if kind in FORMATS]
    with places.whole_folder(files["json"].parent, listed=_root(shown.parameters)) as folder:
        draft = {kind: folder / path.name for kind, path in files.items()}
        draft["ipynb"].write_text(nbformat.writes(shown.notebook, version=4) + "\n", "utf-8")
        made = {files["ipynb"].name: draft["ipynb"]}
        for kind in to:
            tell_stage(kind)
            made |= {path.name: path for path in formats.write(kind, shown, draft[kind])}
        tell_stage("")
        findings = verify.read_back(shown, {kind: draft[kind] for kind in to})
        if findings:
            raise _refused(map(Problem, findings), shown, place)
        about = {**about, "read": manifest.hashes(shown.parameters, read | seen())}
        draft["json"].write_text(manifest.text(shown.parameters, inputs, made, **about), "utf-8")
        check_steady(shown.parameters, source, inputs)


def check_steady(parameters: ReportParameters, source: Path, inputs: manifest.Inputs) -> None:
    """Raise ``InputsChanged``, naming every file that is another than in ``inputs``: a report may have read either."""
    changed = manifest.inputs(parameters, source).changed(inputs)
    if changed:
        raise InputsChanged(
            "data, notebook or code changed while the report was made; make it again when nobody edits them",
            value=", ".join(changed),
        )


def made_before(record: Path) -> list[str]:
    """The formats that a report has on disk."""
    stem = record.name.removesuffix("json")
    try:
        made = set(json.loads(record.read_text("utf-8"))["outputs"])
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [kind for kind, (ending, _) in FORMATS.items() if f"{stem}{ending}" in made]


def _through_the_gate(shown: Shown, archive: Path, inputs: manifest.Inputs, place: Path) -> verify.Passed:
    """Read a finished report once more, number by number. Raises ``NumbersDisagree``."""
    about = shown.parameters
    wording = Wording(about.language, about.decimal, about.strict)  # type: ignore[arg-type]
    other = None if shown.mark else _other_language(about, archive, inputs)
    passed, findings = verify.inspect(shown.checkable, wording, other)
    if findings:
        raise _refused((finding.problem for finding in findings), shown, place)
    return passed


def _refused(findings: Iterable[Problem], shown: Shown, place: Path) -> NumbersDisagree:
    """Put a report that disagrees with its data, or a file of it with its blocks, into ``place``."""
    problems = list(findings)
    write(place, problems, shown.parameters.language, shown.notebook, shown.html)
    return NumbersDisagree([*problems, pointer(place)])


def _other_language(about: ReportParameters, archive: Path, inputs: manifest.Inputs) -> Document | None:
    """The same report in the other language, where it is on disk and was made from the same data and code."""
    other = SOURCE if about.language == FIRST else FIRST
    path = archive.parent.with_name(other) / archive.name.replace(f".{about.language}.ipynb", f".{other}.ipynb")
    try:
        record = json.loads(path.with_suffix(".json").read_text("utf-8"))
        same = record["parameters"] == manifest.recorded(about) | {"language": other}
        if not same or not manifest.follows(record, inputs):
            return None
        return document(nbformat.read(path, as_version=4), other)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def execute(
    source: Path, values: Mapping[str, object], cell_seconds: int = CELL_SECONDS, read: set[str] | None = None
) -> NotebookNode:
    """The notebook ``source`` run through with ``values`` in its parameters cell; ``read`` is given the files that it
    read. Raises ``RenderError``."""
    import papermill
    from nbclient.exceptions import CellTimeoutError
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError

    from parlib.publish import kernels

    papermill_engines.register("parlib", _keeping_engine())
    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # what it says of failures is said better below
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
                iopub_timeout=cell_seconds,  # on a busy machine output may come seconds after the reply
                kernel_manager_class=kernels.manager(read if read is not None else set()),
                shutdown_kernel="immediate",
                resources={"metadata": {"path": str(source.parent)}},  # cwd= would move this whole process
            )
        )
    except PapermillExecutionError as error:
        # An error of ours comes with its words in both languages; of any other there is one text.
        ours = len(error.traceback) == 2 and error.evalue in error.traceback
        sentence = Name(*error.traceback) if ours else error.evalue
        if ours and error.ename == ChecksFailed.__name__:
            lines = zip(*(text.splitlines() for text in error.traceback), strict=True)
            raise NumbersDisagree([Problem(Name(vi, en)) for vi, en in lines], notebook=kept[-1]) from error
        log.debug("%s", "\n".join(error.traceback))
        places = {"n": error.cell_index + 1, "kind": error.ename, "told": sentence}
        raise _failure(source, Message("cell {n} stopped with {kind}: {told}", places), error.source) from error
    except CellTimeoutError as error:
        message = Message("a cell took longer than {seconds} s", {"seconds": cell_seconds})
        preview = re.search(r"-{5,}\n(.*?)\n-{5,}", str(error), re.DOTALL)
        raise _failure(source, message, preview.group(1) if preview else "") from error
    except Exception as error:  # a kernel that died or did not start: nbclient and zmq have many names for it
        kind = type(error).__name__
        raise _failure(source, Message("could not run ({kind}: {error})", {"kind": kind, "error": error})) from error
    skipped = [n for n, cell in enumerate(executed.cells, 1) if is_unrun(cell)]
    if skipped:
        raise _failure(source, Message("cells were not run: {skipped}", {"skipped": skipped}))
    return executed


@cache
def _keeping_engine() -> type:
    """Papermill's engine, but what had run is at hand after an error too: the list ``kept`` is given the notebook."""
    from papermill.engines import NBClientEngine, NotebookExecutionManager

    class Engine(NBClientEngine):  # type: ignore[misc]
        @classmethod
        def execute_managed_notebook(
            cls, nb_man: NotebookExecutionManager, kernel_name: str, kept: list[NotebookNode], **how: object
        ) -> None:
            kept.append(nb_man.nb)
            super().execute_managed_notebook(nb_man, kernel_name, **how)

    return Engine


def _failure(source: Path, message: Message, cell: str = "") -> RenderError:
    line = next((line for line in cell.splitlines() if line.strip()), None)
    return RenderError(message, file=source.name, value=line)


def _files(parameters: ReportParameters, source: Path, to: tuple[str, ...]) -> dict[str, Path]:
    """Where a report goes. The folder of a notebook other than the yearly report says its name, so that reports never
    meet; profiles of units, of which there are many, have a folder of their own."""
    folder, place, stem = _root(parameters) / str(parameters.year), parameters.stem, parameters.file_stem(source.stem)
    if source.stem == PROFILES:
        folder = folder / "profiles"
    elif source.stem != YEARLY:
        place = f"{source.stem}-{place}"
    endings = {kind: FORMATS[kind][0] for kind in to} | {"ipynb": "ipynb", "json": "json"}
    language = parameters.language
    return {kind: folder / place / language / f"{stem}.{language}.{ending}" for kind, ending in endings.items()}


def _root(parameters: ReportParameters) -> Path:
    return Path(parameters.output_dir) if parameters.output_dir else places.reports()
