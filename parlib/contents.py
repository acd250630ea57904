"""The list of what ``data/`` holds, ``contents.csv`` beside it: a value or a row that is not as it was is no accident.

For every file: how many rows, and its SHA-256; for a table the same for each year and level. Whoever reads a file of
``data/`` asks here whether it is the one on the list (``read``, ``differences``). An edit that is meant is put on the
list by ``accept``. Line endings and a byte-order mark do not count, for git and editors change them.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from parlib import places
from parlib.errors import DataError, Problem
from parlib.layouts import LAYOUTS
from parlib.tables import LISTED, Column, Layout, content_of, read_table
from parlib.words import Joined, Message, Name, Words

FILE = "contents.csv"
_APART = ("rounds", "templates")
_KINDS = (".csv", ".yaml", ".geojson", ".md")
_LAYOUT = Layout(
    (
        Column("file", required=True),
        Column("year", pattern="[0-9;]+"),
        Column("level"),
        Column("rows", "whole", low=0, required=True),
        Column("sha256", pattern="[0-9a-f]{16}|[0-9a-f]{64}", required=True),
    ),
    key=("file", "year", "level"),
    exact=True,
)

Group = tuple[str, str]  # year, level; both empty: the whole file
_WHOLE: Group = ("", "")
ADVICE = Message(  # what to do about it
    "if the edit is meant: 'parlib data check' looks at everything, 'parlib data accept' puts it on the list; if not:"
    " take the old file back",
)


@dataclass(frozen=True)
class Entry:
    """What the list says of a file, or of one year and level in it: the number of its rows and a hash of them."""

    rows: int
    sha256: str


# --- reading ------------------------------------------------------------------------------------

_asked: ContextVar[bool] = ContextVar("list_is_asked", default=True)


@contextmanager
def unasked() -> Iterator[None]:
    """Files are read without the list while the block runs: to see whether they are sound in themselves."""
    token = _asked.set(False)
    try:
        yield
    finally:
        _asked.reset(token)


def read(path: Path) -> bytes:
    """The content of a file; ``DataError`` where it lies in ``data/`` and is not the one on the list."""
    content = content_of(path)
    folder, path = places.data().absolute(), path.absolute()
    within = folder in path.parents and _belongs(folder, path)
    found = problems(folder, path.relative_to(folder).as_posix(), content) if within else []
    if found:
        raise DataError(found)
    return content


def problems(folder: Path, name: str, content: bytes) -> list[Problem]:
    """How the file ``name`` of a data folder differs from what its list says of it, and what to do then."""
    if not _asked.get():
        return []
    if not (folder / FILE).is_file():
        return [_no_list(folder)]
    found = _differences(folder, name, content)
    return [*found, Problem(ADVICE, file=name)] if found else []


def _no_list(folder: Path) -> Problem:
    return Problem(
        "the data folder has no such list yet; check it and make the list: 'parlib data accept'",
        file=str(folder / FILE),
    )


def listed(folder: Path) -> dict[str, dict[Group, Entry]]:
    """What the list beside ``folder``'s data says, by file; nothing where there is no list."""
    path = folder / FILE
    return _listed(path, path.stat().st_mtime_ns, path.stat().st_size) if path.is_file() else {}


@lru_cache(maxsize=8)
def _listed(path: Path, _changed: int, _size: int) -> dict[str, dict[Group, Entry]]:
    found: dict[str, dict[Group, Entry]] = {}
    for row in read_table(path, _LAYOUT, separator=",").checked().rows():
        found.setdefault(row["file"], {})[row["year"], row["level"]] = Entry(row["rows"], row["sha256"])
    return found


def differences(folder: Path) -> list[Problem]:
    """How all files of ``folder`` differ from its list: values and rows changed, files gone and new."""
    if not (folder / FILE).is_file():
        return [_no_list(folder)]
    names = dict.fromkeys([*listed(folder), *names_in(folder)])
    contents = {name: content_of(folder / name) if (folder / name).is_file() else None for name in names}
    return [problem for name, content in contents.items() for problem in _differences(folder, name, content)]


def names_in(folder: Path) -> list[str]:
    """The files of ``folder`` that belong on its list, in order; rounds have a ledger of their own."""
    tops = [path for path in folder.iterdir() if path.is_dir() and path.name not in _APART]
    files = [path for top in tops for path in top.rglob("*") if _belongs(folder, path) and path.is_file()]
    return sorted(path.relative_to(folder).as_posix() for path in files)


def _belongs(folder: Path, path: Path) -> bool:
    """Whether a file of ``folder`` is one for the list: no draft, no round, no document."""
    parts = path.relative_to(folder).parts
    apart = parts[0] in _APART or len(parts) == 1 or places.rounds() in path.parents
    return path.suffix in _KINDS and not apart and not any(part.startswith((".", "~$")) for part in parts)


# --- writing ------------------------------------------------------------------------------------


def accept(folder: Path | None = None) -> None:
    """Write the list of what ``folder`` (``data/`` of the workbook) holds now, whole or not at all."""
    folder = folder or places.data()
    _write(folder, {name: _entries(content_of(folder / name), name) for name in names_in(folder)})


def accept_file(path: Path) -> None:
    """Put one file of ``data/``, which parlib itself has written, on the list; the others stay as they are there."""
    folder = places.data()
    if (folder / FILE).is_file():
        name = path.relative_to(folder).as_posix()
        _write(folder, {**listed(folder), name: _entries(content_of(path), name)})


def _write(folder: Path, files: dict[str, dict[Group, Entry]]) -> None:
    rows = [
        (name, *group, entry.rows, entry.sha256)
        for name, groups in sorted(files.items())
        for group, entry in groups.items()
    ]
    with places.whole_file(folder / FILE) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([[column.name for column in _LAYOUT.columns], *rows])


# --- what a file is and was ---------------------------------------------------------------------


def _plain(content: bytes) -> bytes:
    return content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(_plain(content)).hexdigest()


def _entries(content: bytes, name: str) -> dict[Group, Entry]:
    """A file as the list tells it. The hash of a group is that of its rows whatever their order, shortened."""
    if not name.endswith(".csv"):
        return {_WHOLE: Entry(content.count(b"\n"), _sha256(content))}
    rows = _rows(content)
    groups: dict[Group, list[str]] = {}
    for row in rows:
        group = (row.get("year", row.get("years", "")), row.get("level", ""))
        if group != _WHOLE:
            groups.setdefault(group, []).append("\x1f".join(row.values()))
    return {_WHOLE: Entry(len(rows), _sha256(content))} | {
        group: Entry(len(lines), hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16])
        for group, lines in sorted(groups.items())
    }


def _rows(content: bytes) -> list[dict[str, str]]:
    """The rows of a table by head, as far as it has any: what is wrong with it is found by the strict reader."""
    text = _plain(content).decode("utf-8", "replace").replace("\0", "")
    head, *rows = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
    return [dict(zip(head, row, strict=False)) for row in rows if row]


def _differences(folder: Path, name: str, content: bytes | None) -> list[Problem]:
    was = listed(folder).get(name)
    if content is None:
        assert was is not None
        rows = was[_WHOLE].rows
        return [Problem("no such file; {listing} lists it with {rows} rows", file=name, listing=FILE, rows=rows)]
    if was is None:
        return [Problem("the file is not on the list {listing}", file=name, listing=FILE)]
    if was[_WHOLE].sha256 == _sha256(content):
        return []
    now = _entries(content, name)
    groups = [group for group in dict.fromkeys([*was, *now]) if was.get(group) != now.get(group)]
    found = [
        _unlike(folder, name, group, was.get(group), now.get(group)) for group in groups if group != _WHOLE or name
    ]
    if len(groups) > 1:  # the years say it all
        found = found[1:]
    return [*found[:LISTED], *_more(found, name), *_changed_rows(folder, name, was[_WHOLE], content)]


def _more(found: list[Problem], name: str) -> list[Problem]:
    more = len(found) - LISTED
    return [Problem("and {more} more", file=name, more=more)] if more > 0 else []


def _unlike(folder: Path, name: str, group: Group, was: Entry | None, now: Entry | None) -> Problem:
    """How one year and level (or the whole file) differs from the list."""
    before, after = was.rows if was else 0, now.rows if now else 0
    what = _label(folder, group)
    if before == after:
        return Problem(
            "{what}values differ from the list {listing} (still {after} rows)",
            file=name,
            what=what,
            listing=FILE,
            after=after,
        )
    return Problem(
        "{what}there are {after} rows, the list {listing} says {before}",
        file=name,
        what=what,
        after=after,
        listing=FILE,
        before=before,
    )


def _label(folder: Path, group: Group) -> Words | str:
    """The year and level that a problem is with, as the words before it."""
    file = folder / "units" / "levels.csv"
    levels = _rows(content_of(file)) if group[1] and file.is_file() else []
    words = {row.get("level"): Name(row.get("short_vi", ""), row.get("plural_en", "")) for row in levels}
    year = Message("year {year}", {"year": group[0].replace(";", ", ")}) if group[0] else ""
    parts = [part for part in (year, words.get(group[1], group[1])) if part]
    return Message("{what}: ", {"what": Joined(parts)}) if parts else ""


def _changed_rows(folder: Path, name: str, was: Entry, content: bytes) -> list[Problem]:
    """The rows and values that changed, where git has the file that the list means; else nothing."""
    layout = LAYOUTS.get(name)
    before = _from_git(folder, name) if layout else None
    if before is None or layout is None or _sha256(before) != was.sha256:
        return []
    old, new = (_by_key(_rows(text), layout.key) for text in (before, content))
    numbers = {key: number for number, key in enumerate(new, start=2)}
    found = [_row(name, key, Message("this row is gone")) for key in old if key not in new]
    found += [_row(name, key, Message("this row is new"), numbers[key]) for key in new if key not in old]
    for key, row in new.items():
        for column, value in row.items():
            if old.get(key, row).get(column) != value:
                told = old[key].get(column, "")
                found.append(
                    Problem("was '{told}'", file=name, row=numbers[key], column=column, value=value, told=told)
                )  # fmt: skip
    return [*found[:LISTED], *_more(found, name)]


def _row(name: str, key: tuple[str, ...], what: Message, number: int | None = None) -> Problem:
    return Problem(what, file=name, row=number, value=", ".join(cell for cell in key[:-1] if cell))


def _by_key(rows: list[dict[str, str]], key: tuple[str, ...]) -> dict[tuple[str, ...], dict[str, str]]:
    """Rows by their key, and by how often it stood above: a row that is given twice is two rows."""
    times: Counter[tuple[str, ...]] = Counter()
    found = {}
    for row in rows:
        cells = tuple(row.get(name, "") for name in key)
        found[(*cells, str(times[cells]))] = row
        times[cells] += 1
    return found


def _from_git(folder: Path, name: str) -> bytes | None:
    import subprocess

    command = ["git", "-C", str(folder), "show", f"HEAD:./{name}"]
    try:
        return subprocess.run(command, capture_output=True, check=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return None
