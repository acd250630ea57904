"""Where things are: data, notebooks, rendered reports; and how a file or a folder is written whole or not at all."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path


def home() -> Path:
    """The folder of the workbook: the one that holds ``data/`` and ``notebooks/``.

    ``PARLIB_HOME`` when set, else the checkout this package stands in, else the current folder.
    """
    named = os.environ.get("PARLIB_HOME")
    if named:
        return Path(named)
    checkout = Path(__file__).resolve().parent.parent
    return checkout if (checkout / "data").is_dir() else Path.cwd()


def data() -> Path:
    """``data/`` of the workbook (``PARLIB_DATA`` when set)."""
    named = os.environ.get("PARLIB_DATA")
    return Path(named) if named else home() / "data"


_rounds_elsewhere: ContextVar[Path | None] = ContextVar("rounds_elsewhere", default=None)


@contextmanager
def rounds_at(folder: Path) -> Iterator[None]:
    """Rounds are kept in ``folder`` while the block runs, in this thread: a draft is made where nobody finds it."""
    token = _rounds_elsewhere.set(folder)
    try:
        yield
    finally:
        _rounds_elsewhere.reset(token)


def rounds() -> Path:
    """The folder of the assessment rounds (``PARLIB_ROUNDS`` when set, else ``data/rounds``)."""
    elsewhere = _rounds_elsewhere.get()
    if elsewhere is not None:
        return elsewhere
    named = os.environ.get("PARLIB_ROUNDS")
    return Path(named) if named else data() / "rounds"


def font(name: str) -> str:
    """The file of a font that comes with parlib, such as "Arimo-Bold"."""
    return str(Path(__file__).resolve().parent / "fonts" / f"{name}.ttf")


def notebooks() -> Path:
    """The folder of the notebook templates."""
    return home() / "notebooks"


def reports() -> Path:
    """The folder that rendered reports go to."""
    return home() / "reports"


def cache() -> Path:
    """The folder of what can be computed again at any time: nothing in it is a source of anything."""
    return reports() / ".cache"


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its name when the block ends well, and vanishes when it does not."""
    with _drafts_told_as(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        draft = Path(name)
        try:
            yield draft
            draft.chmod(0o666 & ~_umask())
            sync_file(draft)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


@contextmanager
def _drafts_told_as(path: Path) -> Iterator[None]:
    """What the system refuses of a draft, or of a file in it, is told of ``path``, the name that people know."""
    try:
        yield
    except OSError as error:
        for name in (error.filename2, error.filename):
            parts = Path(name).parts if isinstance(name, str) else ()
            for place, part in enumerate(parts):
                if part.startswith((f".{path.stem}-", f".{path.name}{_DRAFT}")):
                    error.filename, error.filename2 = str(path.joinpath(*parts[place + 1 :])), None
        raise


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A temporary folder beside ``path`` that takes its name when the block ends well: all files in it or none.

    What stood at ``path`` goes then; when the block or the change of names fails, it stays. One process at a time.
    """
    with _drafts_told_as(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        tidy_folder(path)
        draft = Path(tempfile.mkdtemp(prefix=f".{path.name}{_DRAFT}", dir=path.parent))
        try:
            yield draft
            draft.chmod(0o777 & ~_umask())
            for file in draft.rglob("*"):
                if file.is_file():
                    sync_file(file)
            sync_folder(draft)
            _put_in_place(draft, path)
            sync_folder(path.parent)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
            with contextlib.suppress(OSError):
                path.parent.rmdir()  # where nothing stands in it: the first of its reports failed


def tidy_folder(path: Path) -> None:
    """Bring back ``path`` where a killed process had moved it out of the way, and remove what such processes left."""
    left = sorted(path.parent.glob(f".{path.name}{_AWAY}*"))
    if left and not path.exists():
        left.pop().rename(path)
    for folder in (*left, *path.parent.glob(f".{path.name}{_DRAFT}*")):
        shutil.rmtree(folder, ignore_errors=True)


_DRAFT, _AWAY = "-new-", "-old-"  # how the folders are named that stand beside a folder while it is replaced
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # of linux/fcntl.h and linux/fs.h


def _put_in_place(draft: Path, path: Path) -> None:
    """Give ``draft`` the name ``path``; what had that name stands at ``draft`` afterwards, or is gone."""
    if not path.exists():
        draft.rename(path)
        return
    if exchange(draft, path):
        return
    away = draft.with_name(draft.name.replace(_DRAFT, _AWAY))
    path.rename(away)
    try:
        draft.rename(path)
    except BaseException:
        away.rename(path)
        raise
    shutil.rmtree(away, ignore_errors=True)


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
