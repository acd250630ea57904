"""The commands: ``parlib ...``, one thin function each."""

import gc
import os
import signal
import sys
import threading
from pathlib import Path

_AS_COMMAND = sys.argv[:1] == ["-m"] or "parlib" in Path(sys.argv[0] if sys.argv else "").name
_EARLY = _AS_COMMAND and threading.current_thread() is threading.main_thread()


def _stopped_early(*_: object) -> None:
    """Ctrl-C while the commands are loaded: nothing has begun that would have to end well."""
    english = os.environ.get("PARLIB_LANGUAGE", "").startswith("en")
    os.write(2, b"Stopped.\n" if english else "Đã dừng theo yêu cầu.\n".encode())
    os._exit(130)


if _EARLY:
    signal.signal(signal.SIGINT, _stopped_early)
    # A command is short and its matrices are small: threads of BLAS wait for one another longer than they multiply, and
    # looking for garbage among the modules that are loaded, or for plugins of pydantic among all that is installed,
    # takes a tenth of the time. What an analyst works out in JupyterLab is his own.
    if sys.argv[1:2] != ["lab"]:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(500_000)

from parlib.cli.main import app, main  # noqa: E402

if _EARLY:
    signal.signal(signal.SIGINT, signal.default_int_handler)

__all__ = ["app", "main"]
