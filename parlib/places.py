"""Where things are: data, notebooks, rendered reports; and how a file or a folder is written whole or not at all."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import glob
import hashlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parent.parent
_IS_CHECKOUT = (_CHECKOUT / "data").is_dir()


#: The folders that are others while a block runs, in this thread, by the variable that names them otherwise.
_elsewhere: ContextVar[Mapping[str, Path]] = ContextVar("elsewhere")


@contextmanager
def _at(variable: str, folder: Path) -> Iterator[None]:
    token = _elsewhere.set({**_elsewhere.get({}), variable: folder})
    try:
        yield
    finally:
        _elsewhere.reset(token)


def _named(variable: str) -> Path | None:
    named = _elsewhere.get({}).get(variable) or os.environ.get(variable)
    return Path(named) if named else None


def home() -> Path:
    """The folder of the workbook: the one that holds ``data/`` and ``notebooks/``.

    ``PARLIB_HOME`` when set, else the checkout this package stands in, else the current folder.
    """
    return _named("PARLIB_HOME") or (_CHECKOUT if _IS_CHECKOUT else Path.cwd())


def data_at(folder: Path) -> AbstractContextManager[None]:
    """``data/`` is ``folder`` while the block runs, in this thread: to try what would follow from other data."""
    return _at("PARLIB_DATA", folder)


def data() -> Path:
    """``data/`` of the workbook (``PARLIB_DATA`` when set)."""
    return _named("PARLIB_DATA") or inside(home(), "data")


@lru_cache(maxsize=256)
def inside(folder: Path, name: str) -> Path:
    """``folder / name``, the same object every time: what is asked thousands of times a report is spelt out once."""
    return folder / name


def rounds_at(folder: Path) -> AbstractContextManager[None]:
    """Rounds are kept in ``folder`` while the block runs, in this thread: a draft is made where nobody finds it."""
    return _at("PARLIB_ROUNDS", folder)


def rounds() -> Path:
    """The folder of the assessment rounds (``PARLIB_ROUNDS`` when set, else ``data/rounds``)."""
    return _named("PARLIB_ROUNDS") or data() / "rounds"


def font(name: str) -> str:
    """The file of a font that comes with parlib, such as "Arimo-Bold"."""
    return str(Path(__file__).resolve().parent / "fonts" / f"{name}.ttf")


def notebooks() -> Path:
    """The folder of the notebook templates."""
    return home() / "notebooks"


def workbench() -> Path:
    """The folder of one's own work, which nobody else sees: notebooks, Excel files, drafts."""
    return home() / "workbench"


def reports() -> Path:
    """The folder that rendered reports go to."""
    return home() / "reports"


def cache() -> Path:
    """The folder of what can be computed again at any time: nothing in it is a source of anything."""
    return reports() / ".cache"


def make_folder(path: Path) -> None:
    """Make a folder and those above it; in a folder that a group shares (setgid) the group may write into them."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    _share(path)


def _share(path: Path) -> None:
    above = path.parent.stat().st_mode
    if above & stat.S_ISGID:
        with contextlib.suppress(OSError):  # somebody else's, who made it at the same moment
            path.chmod(stat.S_IMODE(path.stat().st_mode) | above & (stat.S_IRWXG | stat.S_ISGID))


def stamp(path: Path) -> tuple[int, int]:
    """What changes when a file does; 0 where there is none."""
    try:
        result = path.stat()
    except OSError:
        return 0, 0
    return result.st_mtime_ns, result.st_size


def state(folder: Path, *names: str) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file of ``folder``, or of the folders ``names`` in it, does, or comes or goes."""
    there = [folder, *filter(os.path.isdir, (folder / name for name in names))]
    files = [file for one in there for file in os.scandir(one) if file.is_file()]
    return tuple((file.path, file.stat().st_mtime_ns, file.stat().st_size) for file in files)


#: What editors and systems put beside the files that people edit.
_BESIDE = re.compile(
    r"[~#.].*|.*(?:~|\.bak|\.tmp|\.swp|\.orig|\.rej|\.pyc)|__pycache__|Thumbs\.db|desktop\.ini", re.IGNORECASE
)


def files_below(folder: Path, without: Path | None = None) -> list[str]:
    """The files below ``folder``, but for hidden ones, what programs put beside those that people edit, and what lies
    in the folder ``without``. In strings, for hundreds are looked at for every report."""
    found: list[str] = []
    for place, folders, names in os.walk(folder):
        inside = "" if without is None or place != str(without.parent) else without.name
        folders[:] = [name for name in folders if name != inside and not _BESIDE.fullmatch(name)]
        found += [f"{place}{os.sep}{name}" for name in names if not _BESIDE.fullmatch(name)]
    return [path for path in found if os.path.isfile(path)]  # noqa: PTH113


def state_of(path: str) -> tuple[int, int, int, int]:
    """What changes whenever a file does: its number, size, and times of change of content and of entry."""
    about = os.stat(path)  # noqa: PTH116 - hundreds of files for every report
    return about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns


@contextmanager
def alone(path: Path, root: Path | None = None) -> Iterator[None]:
    """The only process that writes ``path`` while the block runs, on whichever computer, for whichever user. The lock
    lies in the cache of ``root`` (``reports/``); it is freed when its process ends, however it ends."""
    from filelock import FileLock

    root, path = (root or reports()).resolve(), path.resolve()
    within = path.relative_to(root).parts if path.is_relative_to(root) else ()
    name = "-".join(within) or f"{path.name}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:12]}"
    folder = root / cache().name / "locks"
    make_folder(folder)
    with FileLock(folder / f"{name}.lock", mode=0o666):  # whoever may write here may be the next
        yield


@contextmanager
def whole_file(path: Path, listed: Path | None = None) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its name when the block ends well, and vanishes when it does not.
    ``listed``: the folder on whose list of checksums it stands."""
    with _drafts_told_as(path):
        if path.exists() and not path.is_file() and not path.is_dir():  # a device: its name is not for a file to take
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        make_folder(path.parent)
        _sweep(path)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}{_DRAFT}", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        draft = Path(name)
        try:
            yield draft
            draft.chmod(0o666 & ~_umask())
            sync_file(draft)
            with _on_the_list(listed, {path: draft}, whole=False):
                _take_name(draft, path)
        finally:
            draft.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    """Remove what killed processes left of drafts of ``path``: none takes an hour to write."""
    with contextlib.suppress(OSError):
        for left in path.parent.glob(f".{glob.escape(path.stem)}{_DRAFT}????????{glob.escape(path.suffix)}"):
            if time.time() - left.stat().st_mtime > 3600:
                left.unlink()


def _take_name(draft: Path, path: Path) -> None:
    """Rename a file. On Windows one that somebody reads cannot be replaced: readers are waited for, a program that
    holds it open is not."""
    for pause in (0.05, 0.1, 0.2, 0.4, 0.8) if os.name == "nt" else ():
        try:
            draft.replace(path)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    draft.replace(path)


@contextmanager
def _drafts_told_as(path: Path) -> Iterator[None]:
    """What the system refuses of a draft, or of a file in it, is told of ``path``, the name that people know."""
    try:
        yield
    except OSError as error:
        for name in (error.filename2, error.filename):
            parts = Path(name).parts if isinstance(name, str) else ()
            for place, part in enumerate(parts):
                if part.startswith((f".{path.stem}{_DRAFT}", f".{path.name}{_DRAFT}")):
                    error.filename, error.filename2 = str(path.joinpath(*parts[place + 2 :])), None
        raise


@contextmanager
def whole_folder(path: Path, keep: bool = False, listed: Path | None = None) -> Iterator[Path]:
    """A temporary folder of the same name that takes the place of ``path`` when the block ends well: all files in it or
    none. What stood at ``path`` goes then, or with ``keep`` what of it has another name stays; when the block or the
    change of names fails, all of it stays. One process at a time (``alone``). ``listed``: the folder on whose list of
    checksums its files stand.
    """
    if path.is_symlink() or path.name in ("", ".."):
        path = path.resolve()
    with _drafts_told_as(path):
        if path.exists() and not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
        is_new = not path.parent.exists()
        make_folder(path.parent)
        tidy_folder(path)
        holder = Path(tempfile.mkdtemp(prefix=f".{path.name}{_DRAFT}", dir=path.parent))
        draft = holder / path.name
        try:
            draft.mkdir()
            yield draft
            for file in draft.rglob("*"):
                if file.is_file():
                    sync_file(file)
            sync_folder(draft)
            files = {path / file.relative_to(draft): file for file in draft.rglob("*") if file.is_file()}
            with _on_the_list(listed, files, whole=not keep):
                _publish(draft, path, keep)
                sync_folder(path.parent)
        finally:
            shutil.rmtree(holder, ignore_errors=True)
            if is_new:
                with contextlib.suppress(OSError):
                    path.parent.rmdir()  # where nothing stands in it: the first of its reports failed


def tidy_folder(path: Path) -> None:
    """Bring back what a killed process had moved out of the way of ``path``, and remove what such processes left."""
    for holder in sorted(path.parent.glob(f".{glob.escape(path.name)}{_DRAFT}*"), reverse=True):
        old, draft = holder / _OLD, holder / path.name
        if old.is_dir() and not path.exists():
            old.rename(path)
        elif old.is_dir() and draft.is_dir() and any(draft.iterdir()):  # some of its files had taken their names
            for file in old.iterdir():
                file.replace(path / file.name)
        shutil.rmtree(holder, ignore_errors=True)


_DRAFT = "-new-"  # so drafts are named that stand beside what they will be
_OLD = "old"  # in the folder of a draft: what stood in its place
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # of linux/fcntl.h and linux/fs.h

State = tuple[int, int, int]


def _publish(draft: Path, path: Path, keep: bool) -> None:
    """Let ``draft`` be ``path``."""
    there = path.is_dir()
    mode = stat.S_IMODE(path.stat().st_mode) if there else 0o777 & ~_umask()
    draft.chmod(mode)
    if not there:
        draft.rename(path)
        _share(path)
    elif not keep:
        _put_in_place(draft, path)
    elif _is_apart(path):
        ours, carried = {file.name for file in draft.iterdir()}, _carry_over(path, draft)
        old = _put_in_place(draft, path)
        for file in old.iterdir() if old.is_dir() else ():  # what somebody saved meanwhile is not lost
            if file.name not in ours and carried.get(file.name) != _state(file):
                file.replace(path / file.name)
    else:
        _put_each(draft, path)


def _put_in_place(draft: Path, path: Path) -> Path:
    """Give ``draft`` the name ``path``; returns where what had that name is now."""
    if exchange(draft, path):
        return draft
    old = draft.with_name(_OLD)
    path.rename(old)
    try:
        draft.rename(path)
    except BaseException:
        old.rename(path)
        raise
    return old


def _is_apart(path: Path) -> bool:
    """Whether a folder can change places with another: it holds files alone, and nobody stands in it."""
    with contextlib.suppress(OSError):
        return path.resolve() != Path.cwd() and not any(entry.is_dir() for entry in path.iterdir())
    return False


def _state(path: Path) -> State:
    about = path.lstat()
    return about.st_ino, about.st_size, about.st_mtime_ns


def _carry_over(path: Path, draft: Path) -> dict[str, State]:
    """Link what of ``path`` has no namesake in ``draft`` into it; returns how each of these stood."""
    carried = {}
    for file in path.iterdir():
        if not (draft / file.name).exists():
            carried[file.name] = _state(file)
            _link(file, draft / file.name)
    return carried


def _link(file: Path, name: Path) -> None:
    """A second name of a file, or where the system has none a copy."""
    try:
        os.link(file, name, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copy2(file, name, follow_symlinks=False)


def _put_each(draft: Path, path: Path) -> None:
    """Move the files of ``draft`` into ``path`` one by one; where one cannot be, the others are taken back."""
    old = draft.with_name(_OLD)
    old.mkdir()
    files = sorted(draft.iterdir())
    for file in files:
        if (path / file.name).exists():
            _link(path / file.name, old / file.name)
    try:
        for file in files:
            _take_name(file, path / file.name)
    except BaseException:
        for file in files:
            if (old / file.name).exists():
                (old / file.name).replace(path / file.name)
            elif not file.exists():
                (path / file.name).unlink(missing_ok=True)
        raise


# --- the list of what is published: SHA256SUMS, as ``sha256sum -c`` reads it ----------------------
# Only what is published now is entered anew: what somebody else changed, took away or added shows against the list.
# What is about to be published is written down before (``.cache/sums``) and entered after: whoever is killed between
# is made up for by the next.

SUMS = "SHA256SUMS"


def sums(root: Path) -> dict[str, str]:
    """The hashes of all that is published below ``root``, by path; empty where there is no list."""
    listed = _read_sums(root / SUMS)
    for _, whole, lines in _announced(root) if listed else ():
        listed = _entered(listed, whole, lines)
    return listed


def unlisted(root: Path, listed: Iterable[str]) -> list[str]:
    """The files below ``root`` that are not on its list, but for hidden ones, reports that failed and the list."""
    names = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    apart = {SUMS, "README.md", "failed"}
    shown = (name for name in names if not any(part.startswith(".") or part in apart for part in name.parts))
    return sorted({name.as_posix() for name in shown} - set(listed))


@contextmanager
def _on_the_list(root: Path | None, files: Mapping[Path, Path], whole: bool) -> Iterator[None]:
    """Enter ``files`` (drafts by what they will be) on the list of ``root``, when the block has put them in place;
    ``whole``: what else stood in their folder is gone."""
    root = None if root is None else root.absolute()
    if root is None or not files or not all(path.absolute().is_relative_to(root) for path in files):
        yield
        return
    lines = {path.absolute().relative_to(root).as_posix(): sha256(draft) for path, draft in files.items()}
    name = hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]
    notes = root / cache().name / "sums"
    with alone(root / SUMS, root):
        for left in notes.glob(f".*{_DRAFT}*"):
            left.unlink()
        with whole_file(notes / f"{name}{'-whole' * whole}.txt") as note:
            note.write_text(_as_lines(lines), "utf-8", newline="\n")
    yield
    with contextlib.suppress(OSError), alone(root / SUMS, root):  # it is published; whoever comes next can enter it
        now = _read_sums(root / SUMS) or {name: sha256(root / name) for name in unlisted(root, ())}
        for file, is_whole, announced in _announced(root):
            now = _entered(now, is_whole, announced)
            with whole_file(root / SUMS) as draft:
                draft.write_text(_as_lines(now), "utf-8", newline="\n")
            file.unlink(missing_ok=True)


def _announced(root: Path) -> Iterator[tuple[Path, bool, dict[str, str]]]:
    """What was written down before it was published, and is there now."""
    for file in sorted((root / cache().name / "sums").glob("[0-9a-f]*.txt")):
        lines = _read_sums(file)
        if lines and all((root / name).is_file() and sha256(root / name) == known for name, known in lines.items()):
            yield file, "-whole" in file.name, lines


def _entered(listed: Mapping[str, str], whole: bool, lines: Mapping[str, str]) -> dict[str, str]:
    folder = os.path.commonpath([str(Path(name).parent) for name in lines])
    gone = f"{Path(folder).as_posix()}/"
    return {name: known for name, known in listed.items() if not (whole and name.startswith(gone))} | dict(lines)


def _read_sums(file: Path) -> dict[str, str]:
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    return {line[66:]: line[:64] for line in lines if len(line) > 66}


def _as_lines(listed: Mapping[str, str]) -> str:
    return "".join(f"{known}  {name}\n" for name, known in sorted(listed.items()))


def sha256(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def exchange(one: Path, other: Path) -> bool:
    """Let two names change places in one step, with no moment between. False where the system cannot do that."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    if rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(other))


def sync_file(path: Path) -> None:
    """Write a file through to the disk."""
    with path.open("r+b") as written:  # Windows syncs only what is open for writing
        os.fsync(written.fileno())


def sync_folder(folder: Path) -> None:
    """Write the names in ``folder`` through to the disk, so that a rename survives a power cut."""
    if os.name == "nt":  # Windows has no handle on a folder; its rename is journaled
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask
