"""What a report was made from: the record beside it, by which an unchanged report is not made again."""

from __future__ import annotations

import contextlib
import csv
import ctypes
import hashlib
import io
import json
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from parlib import data_tables, opened, places
from parlib.publish import warm
from parlib.publish.document import Document
from parlib.publish.parameters import ReportParameters

# --- reads ----------------------------------------------------------------------------------------
# Which files of the workbook a process reads: what the record of a report lists, with a hash of each.
#
# ``watch`` is called before a process reads anything; its copies go on from what it had read. A kernel writes what it
# reads to the file that ``PARLIB_READS`` names, for it may be ended at any moment.

VARIABLE = "PARLIB_READS"

_seen: dict[str, None] = {}
_told: int | None = None  # the descriptor of the file that a kernel writes to
_watching = False


def watch() -> None:
    """Begin to take note of the files that this process opens for reading."""
    global _watching
    if not _watching:
        sys.addaudithook(_look)
        _watching = True


def tell(file: str) -> None:
    """Write what has been read, and from now on what is read, to ``file``."""
    global _told
    _told = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for name in list(_seen):
        _write(name)


def seen() -> set[str]:
    """The files that this process has read."""
    return set(_seen)


def listed(file: Path) -> set[str]:
    """The files that a kernel has read, by what it wrote to ``file``."""
    try:
        return set(filter(None, os.fsdecode(file.read_bytes()).split("\0")))
    except OSError:
        return set()


def below(files: Iterable[str], roots: Mapping[str, Path]) -> dict[str, Path]:
    """Those of ``files`` that lie in a folder of ``roots`` and are still there, by ``<root's name>/<path in it>``."""
    results = {}
    real = {os.path.join(os.path.realpath(root), ""): name for name, root in roots.items()}  # noqa: PTH118
    for path in {os.path.realpath(file) for file in files}:  # hundreds, most of them of libraries
        root = max((root for root in real if path.startswith(root)), key=len, default="")
        if root and os.path.isfile(path):  # noqa: PTH113
            results[f"{real[root]}/{Path(path[len(root) :]).as_posix()}"] = Path(path)
    return dict(sorted(results.items()))


def _look(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook: called at every event of the interpreter, so the first line decides nearly always."""
    if event != "open":
        return
    path, mode, flags = arguments
    if not isinstance(path, str | bytes | os.PathLike):
        return  # a descriptor: its file was opened before
    changes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
    writes = any(letter in mode for letter in "wax+") if isinstance(mode, str) else changes
    name = os.fsdecode(path)
    if writes or name.endswith((".py", ".pyc", ".so")) or name.startswith(("/proc/", "/sys/", "/dev/")):
        return
    name = os.path.abspath(name)  # noqa: PTH100 - a Path would look at the disk, and so call this again
    if name not in _seen:
        _seen[name] = None
        _write(name)


def _write(name: str) -> None:
    if _told is not None:
        os.write(_told, os.fsencode(name) + b"\0")


#: What reports go through. A new version of one of these, or of what it needs, may change what they look like or say.
LIBRARIES = (
    "babel docxtpl fonttools ibis-framework[duckdb] ipython lxml matplotlib nbconvert nbformat numpy pandas papermill "
    "pyarrow pydantic pypdfium2 pyyaml scipy seaborn weasyprint xlsxwriter"
)

#: Libraries of the system that set the PDF: their files by system, and what tells their version.
SYSTEM = {
    "pango": (("libpango-1.0.so.0", "libpango-1.0.dylib", "pango-1.0-0.dll"), "pango_version_string"),
    "harfbuzz": (("libharfbuzz.so.0", "libharfbuzz.dylib", "harfbuzz.dll"), "hb_version_string"),
}


@dataclass(frozen=True)
class Inputs:
    """What a report follows from at one moment.

    ``digests``  a hash by kind (code, notebook, ...); of data the names alone: what of their contents a report follows
                 from are the files that it read, which its record lists
    ``files``    the hash of every file
    ``states``   what the system says of every file: a file that was changed and put back has the hash that it had, but
                 other times. Empty where contents alone are to decide
    ``stamp``    names, sizes and times of what many reports share: a warm process serves only those of its stamp
    """

    digests: dict[str, str]
    files: dict[str, str]
    states: dict[str, tuple[int, int, int, int]]
    stamp: str

    def changed(self, since: Inputs) -> list[str]:
        """The names of the files that are new, gone or of other content than in ``since``, or touched since then."""
        paths = sorted(self.files.keys() | since.files.keys())
        touched = {path for path, state in since.states.items() if self.states.get(path) != state}
        return [_named(path) for path in paths if path in touched or self.files.get(path) != since.files.get(path)]


def inputs(parameters: ReportParameters, notebook: Path, shared: Inputs | None = None) -> Inputs:
    """Everything that a report follows from, as it is now; ``shared``: what all reports do, where it is known."""
    rounds, shared = places.rounds(), shared or shared_inputs()
    own = {"notebook": (notebook.parent, [str(notebook)])}
    if parameters.round_id:
        own["round"] = (rounds / parameters.round_id, places.files_below(rounds / parameters.round_id))
        if beside := opened.rounds_beside(parameters.round_id):  # which a simulated one is set against
            own["rounds_beside"] = (rounds, [path for other in beside for path in places.files_below(rounds / other)])
    states = {path: places.state_of(path) for _, paths in own.values() for path in paths}
    files = {path: _known_hash(path, state) for path, state in states.items()}
    digests = {kind: _digest(root, paths, files) for kind, (root, paths) in own.items()}
    return Inputs(shared.digests | digests, shared.files | files, shared.states | states, shared.stamp)


def shared_inputs() -> Inputs:
    """What every report follows from, as it is now: data, code, the list of requirements, versions."""
    kinds = warm.shared_files()
    states = {path: places.state_of(path) for _, paths in kinds.values() for path in paths}
    files = {path: _known_hash(path, state) for path, state in states.items()}
    hashes = {"data": dict.fromkeys(files, "")}
    digests = {kind: _digest(root, paths, hashes.get(kind, files)) for kind, (root, paths) in kinds.items()}
    digests["versions"] = hashlib.sha256(json.dumps(versions()).encode()).hexdigest()
    return Inputs(digests, files, states, warm.stamp(states))


def _named(file: str) -> str:
    """A file as people find it: by its path in the workbook, or beside what of it stands elsewhere."""
    path = Path(file)
    roots = (places.home(), places.data().parent, places.rounds().parent, warm.PACKAGE.parent, path.parent)
    return next(path.relative_to(root).as_posix() for root in roots if path.is_relative_to(root))


@cache
def versions() -> dict[str, str]:
    """The versions of Python, parlib and everything that a report goes through."""
    found: dict[str, str] = {}
    seen_before: set[str] = set()
    waiting = [Requirement(name) for name in LIBRARIES.split()]
    while waiting:
        wanted = waiting.pop()
        name, extras = canonicalize_name(wanted.name), ("", *sorted(wanted.extras))
        if f"{name}{extras}" in seen_before:
            continue
        seen_before.add(f"{name}{extras}")
        with contextlib.suppress(PackageNotFoundError):  # of another system, or one that this computer does without
            about = distribution(name).metadata  # which is read anew whenever it is asked for
            found[name], requires = about["Version"], about.get_all("Requires-Dist") or ()
            needed = [Requirement(text) for text in requires if wanted.extras or "extra ==" not in text]
            waiting += [n for n in needed if not n.marker or any(n.marker.evaluate({"extra": e}) for e in extras)]
    system = {name: _version_of(*where) for name, where in SYSTEM.items()}
    return {"python": platform.python_version(), "parlib": version("parlib"), **dict(sorted(found.items())), **system}


def _version_of(files: Iterable[str], function: str) -> str:
    """The version of a library of the system; "" where there is none."""
    for name in files:
        with contextlib.suppress(OSError, AttributeError):
            told = getattr(ctypes.CDLL(name), function)
            told.restype = ctypes.c_char_p
            return str(told().decode())
    return ""


def _digest(root: Path, paths: Iterable[str], hashes: Mapping[str, str]) -> str:
    """One SHA-256 over names below ``root`` and contents of files, whatever order they come in."""
    names = {path.removeprefix(str(root)).replace(os.sep, "/").lstrip("/"): path for path in paths}
    lines = (f"{name}\0{hashes[names[name]]}\n" for name in sorted(names))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@lru_cache(maxsize=65536)
def _known_hash(path: str, state: tuple[int, int, int, int]) -> str:  # noqa: ARG001 - hashed again in another state
    """The hash of a file, read again only where the system says that it was touched."""
    return places.sha256(Path(path))


def is_current(record: Path, parameters: ReportParameters, inputs: Inputs, outputs: Iterable[str]) -> bool:
    """Whether ``record`` says that all ``outputs`` (names) were made from just these, and they are still there."""
    try:
        written = json.loads(record.read_text("utf-8"))
        made = written["outputs"]
        return bool(
            written["parameters"] == recorded(parameters)
            and follows(written, inputs)
            and set(outputs) <= set(made)
            and all(places.sha256(record.parent / name) == file_hash for name, file_hash in made.items())
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def follows(written: Mapping[str, Mapping[str, str]], inputs: Inputs) -> bool:
    """Whether a record was ``written`` of a report of just these inputs: the files that it read hold what they held,
    and no file of data has come or gone. Raises ``KeyError`` and ``OSError``."""
    return written["inputs"] == inputs.digests and not list(changed_since(written["read"]))


def changed_since(read: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    """The files of the workbook, by name and place, that are gone or hold something else than when they were read."""
    roots = _roots()
    for name, known in read.items():
        root = next((root for root in roots if name.startswith(f"{root}/")), "")
        path = f"{roots[root]}/{name.removeprefix(f'{root}/')}" if root else f"{places.home()}/{name}"
        if not os.path.isfile(path) or _known_hash(path, places.state_of(path)) != known:  # noqa: PTH113
            yield name, Path(path)


def _roots() -> dict[str, Path]:
    """Where the files lie that records name, the innermost folder first."""
    return {
        "data/rounds": places.rounds(),
        "data": places.data(),
        "notebooks": places.notebooks(),
        "workbench": places.workbench(),
    }


def recorded(parameters: ReportParameters) -> dict[str, object]:
    """The parameters as they are recorded: all but the place of the files, which the record lies beside."""
    return parameters.model_dump(exclude={"output_dir", "own"}) | (
        {"own": dict(parameters.own)} if parameters.own else {}
    )


def text(parameters: ReportParameters, inputs: Inputs, outputs: dict[str, Path], **more: object) -> str:
    """The record of a report: its parameters, the hashes of what went in and came out (by file name), and ``more``."""
    record = {
        **more,
        "parameters": recorded(parameters),
        "inputs": inputs.digests,
        "outputs": {name: places.sha256(path) for name, path in outputs.items()},
        "versions": versions(),
    }
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def hashes(parameters: ReportParameters, read: Iterable[str]) -> dict[str, str]:
    """The hash of every file of data, rounds and notebooks in ``read``, by its name in the workbook. All files of the
    rounds that a report is about are among them, for some are read by libraries that tell nobody."""
    files = set(read)
    if parameters.round_id:
        for round_id in (parameters.round_id, *opened.rounds_beside(parameters.round_id)):
            files.update(places.files_below(places.rounds() / round_id))
    result = below(files, _roots())
    result.pop(f"data/{data_tables.FILE}", None)  # the list of the other files: an edit elsewhere changes it
    return {name: _known_hash(str(path), places.state_of(str(path))) for name, path in result.items()}


def known_units(document: Document, year: int) -> dict[str, int]:
    """How many units of ``year`` have a value, by index, in the index tables behind a report."""
    known: dict[str, set[str]] = {}
    for dataset in document.datasets:
        if not {"index_name", "year", "unit", "node", "index"} <= {name for name, _, _ in dataset.columns}:
            continue
        for row in csv.DictReader(io.StringIO(dataset.text)):
            if row["year"] == str(year):
                units = known.setdefault(row["index_name"], set())
                if row["node"] == "" and row["index"] != "":
                    units.add(row["unit"])
    return {index: len(units) for index, units in known.items()}


def known_before(record: Path) -> dict[str, int]:
    """How many units the report of ``record`` knows, by index; nothing where there is none."""
    try:
        return {str(index): int(n) for index, n in json.loads(record.read_text("utf-8"))["known"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def command(parameters: ReportParameters, notebook: Path, to: Iterable[str]) -> str:
    """The command line that makes a report, wherever the workbook stands."""
    options = {
        "--year": str(parameters.year),
        "--level": parameters.level,
        "--language": parameters.language,
        "--index": parameters.index_name,
        "--round": parameters.round_id,
        "--unit": parameters.unit,
        "--decimal": parameters.decimal,
        "--annexes": "" if parameters.annexes == "short" else parameters.annexes,
        "--notebook": notebook.stem,
        "--to": ",".join(to),
    }
    words = [word for option, value in options.items() if value for word in (option, value)]
    words += [word for name, value in parameters.own for word in ("-p", f"{name}={value}")]
    return shlex.join(["parlib", "report", *words, *([] if parameters.strict else ["--house-wording"])])


def commit() -> str:
    """The commit of the code, with "+" where files that git keeps have changed since; "" where there is no git."""
    where = ["git", "-C", str(Path(__file__).resolve().parent)]
    try:
        head, changes = (
            subprocess.run([*where, *what], capture_output=True, text=True, check=True, timeout=10).stdout.strip()
            for what in (("rev-parse", "HEAD"), ("status", "--porcelain", "--untracked-files=no", "."))
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return head + "+" * bool(changes)
