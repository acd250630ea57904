"""Files and folders are written whole or not at all."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from parlib import places


def _set(folder: Path, text: str) -> None:
    with places.whole_folder(folder) as draft:
        for name in ("a.txt", "b.txt"):
            (draft / name).write_text(text, "utf-8")


def _content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


@pytest.fixture(params=["exchange", "two renames"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The one step that Linux has, and the two of other systems."""
    if request.param == "two renames":
        monkeypatch.setattr(places, "exchange", lambda one, other: False)
    return str(request.param)


def test_a_folder_is_replaced_whole_and_nothing_is_left_beside_it(way: str, tmp_path: Path) -> None:
    folder = tmp_path / "2023" / "vi"
    _set(folder, "old")
    _set(folder, "new")
    assert _content(folder) == {"a.txt": "new", "b.txt": "new"}
    assert [path.name for path in folder.parent.iterdir()] == ["vi"]
    mask = os.umask(0)
    os.umask(mask)
    assert folder.stat().st_mode & 0o777 == 0o777 & ~mask


def test_a_folder_whose_making_fails_stays_as_it_was(way: str, tmp_path: Path) -> None:
    folder = tmp_path / "2023" / "vi"
    _set(folder, "old")
    with pytest.raises(OSError, match="full"), places.whole_folder(folder) as draft:
        (draft / "a.txt").write_text("new", "utf-8")
        raise OSError("disk full")
    assert _content(folder) == {"a.txt": "old", "b.txt": "old"}
    assert [path.name for path in folder.parent.iterdir()] == ["vi"]


def test_a_folder_that_cannot_be_replaced_stays_as_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on Windows where a file of it is open: the second change of names fails, and the first is taken back."""
    monkeypatch.setattr(places, "exchange", lambda one, other: False)
    folder = tmp_path / "vi"
    _set(folder, "old")
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if target == folder and "-new-" in path.name:
            raise PermissionError(13, "open elsewhere")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        _set(folder, "new")
    assert _content(folder) == {"a.txt": "old", "b.txt": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["vi"]


def test_a_process_killed_between_the_two_renames_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "vi"
    _set(folder, "old")
    script = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom parlib import places\n"
        "places.exchange = lambda one, other: False\n"
        "rename = Path.rename\n"
        "def killed(path, target):\n"
        "    if '-new-' in path.name: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return rename(path, target)\n"
        "Path.rename = killed\n"
        "with places.whole_folder(Path(sys.argv[1])) as draft: (draft / 'a.txt').write_text('new')\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(folder)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not folder.exists()
    places.tidy_folder(folder)
    assert _content(folder) == {"a.txt": "old", "b.txt": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["vi"]


def test_what_stays_of_a_killed_writer_is_swept_by_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "vi"
    _set(folder, "old")
    shutil.copytree(folder, tmp_path / ".vi-new-abc")
    shutil.copytree(folder, tmp_path / ".vi-old-abc")
    _set(folder, "new")
    assert [path.name for path in tmp_path.iterdir()] == ["vi"]


def test_what_is_synced_is_open_for_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses to sync a file that is open for reading alone: nothing could be written there."""
    fcntl = pytest.importorskip("fcntl")
    modes: list[int] = []
    sync = os.fsync

    def look(handle: int) -> None:
        if Path(f"/proc/self/fd/{handle}").resolve().is_file():
            modes.append(fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE)
        sync(handle)

    monkeypatch.setattr(os, "fsync", look)
    with places.whole_file(tmp_path / "a.txt") as draft:
        draft.write_text("x")
    _set(tmp_path / "vi", "x")
    assert modes == [os.O_RDWR] * 3


def test_what_the_system_refuses_of_a_draft_is_told_of_the_name_that_people_know(tmp_path: Path) -> None:
    folder, file = tmp_path / "2023" / "vi", tmp_path / "a.csv"
    with pytest.raises(FileNotFoundError) as refused, places.whole_folder(folder) as draft:
        (draft / "none" / "b.txt").touch()
    assert refused.value.filename == str(folder / "none" / "b.txt")
    with pytest.raises(FileNotFoundError) as refused, places.whole_file(file) as draft:
        draft.unlink()
    assert (refused.value.filename, refused.value.filename2) == (str(file), None)
