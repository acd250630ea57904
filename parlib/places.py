"""Where things are: the data, the notebooks and the rendered reports, and how a file is written whole or not at all."""

from __future__ import annotations

import os
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
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        umask = os.umask(0)
        os.umask(umask)
        draft.chmod(0o666 & ~umask)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
