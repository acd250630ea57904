"""Files and folders are written whole or not at all."""

from __future__ import annotations

import hashlib
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
        if target == folder and path.parent != tmp_path and path.name == folder.name:
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
        "    if '-new-' in path.parent.name: os.kill(os.getpid(), signal.SIGKILL)\n"
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
    for name in ("vi", "old"):
        shutil.copytree(folder, tmp_path / ".vi-new-abc" / name)
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


def _some(folder: Path, text: str) -> None:
    with places.whole_folder(folder, keep=True) as draft:
        for name in ("a.txt", "b.txt"):
            (draft / name).write_text(text, "utf-8")


@pytest.fixture(params=["files alone", "a folder in it"])
def shared_folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with a set of files and something of somebody else: one that can be exchanged, and one that cannot."""
    folder = tmp_path / "out"
    _some(folder, "old")
    (folder / "own.txt").write_text("own", "utf-8")
    if request.param == "a folder in it":
        (folder / "deeper").mkdir()
    return folder


def _texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir() if path.is_file()}


def test_a_set_of_files_leaves_what_else_stands_there(way: str, shared_folder: Path) -> None:
    number = (shared_folder / "own.txt").stat().st_ino
    _some(shared_folder, "new")
    assert _texts(shared_folder) == {"a.txt": "new", "b.txt": "new", "own.txt": "own"}
    assert (shared_folder / "own.txt").stat().st_ino == number
    assert [path.name for path in shared_folder.parent.iterdir()] == ["out"]


def test_of_a_set_none_is_replaced_where_one_cannot_be(shared_folder: Path) -> None:
    """As on Windows where one is open in Excel: here a folder stands in its place."""
    (shared_folder / "b.txt").unlink()
    (shared_folder / "b.txt").mkdir()
    with pytest.raises(OSError, match=r"out.b\.txt"):
        _some(shared_folder, "new")
    assert _texts(shared_folder) == {"a.txt": "old", "own.txt": "own"}


def test_what_somebody_saves_while_a_set_is_put_in_place_is_not_lost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    _some(folder, "old")
    (folder / "own.txt").write_text("own", "utf-8")
    exchange = places.exchange

    def just_before(draft: Path, path: Path) -> bool:
        (folder / "own.tmp").write_text("edited", "utf-8")
        (folder / "own.tmp").replace(folder / "own.txt")
        (folder / "late.txt").write_text("late", "utf-8")
        return exchange(draft, path)

    monkeypatch.setattr(places, "exchange", just_before)
    _some(folder, "new")
    assert _texts(folder) == {"a.txt": "new", "b.txt": "new", "own.txt": "edited", "late.txt": "late"}


def test_a_process_killed_among_the_renames_of_a_set_has_them_taken_back(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    _some(folder, "old")
    (folder / "deeper").mkdir()
    script = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom parlib import places\n"
        "take = places._take_name\n"
        "def killed(draft, path):\n"
        "    if path.name == 'b.txt': os.kill(os.getpid(), signal.SIGKILL)\n"
        "    take(draft, path)\n"
        "places._take_name = killed\n"
        "with places.whole_folder(Path(sys.argv[1]), keep=True) as draft:\n"
        "    for name in ('a.txt', 'b.txt'): (draft / name).write_text('new')\n"
    )
    assert subprocess.run([sys.executable, "-c", script, str(folder)], check=False).returncode == -signal.SIGKILL
    assert _texts(folder) == {"a.txt": "new", "b.txt": "old"}
    places.tidy_folder(folder)
    assert _texts(folder) == {"a.txt": "old", "b.txt": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(os.name == "nt", reason="groups of Unix")
def test_locks_and_folders_serve_everybody_who_may_write_there(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        shared, own = tmp_path / "shared", tmp_path / "own"
        shared.mkdir()
        shared.chmod(0o2775)
        for root in (shared, own):
            with places.alone(root / "2023" / "ministry", root):
                _set(root / "2023" / "ministry" / "vi", "x")
    finally:
        os.umask(mask)
    lock = shared / ".cache" / "locks" / "2023-ministry.lock"
    assert lock.stat().st_mode & 0o777 == 0o666
    for folder in (lock.parent, shared / "2023", shared / "2023" / "ministry" / "vi"):
        assert folder.stat().st_mode & 0o7777 == 0o2775
    assert (own / "2023" / "ministry" / "vi").stat().st_mode & 0o7777 == 0o755


# --- the list of what is published -----------------------------------------------------------------


def _published(root: Path, name: str, text: str, keep: bool = False) -> None:
    with places.whole_folder(root / name, keep=keep, listed=root) as draft:
        (draft / "a.txt").write_text(text, "utf-8")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_what_is_published_stands_on_a_list_that_other_programs_read(tmp_path: Path) -> None:
    _published(tmp_path, "2023/vi", "one")
    _published(tmp_path, "2024/vi", "two")
    with places.whole_file(tmp_path / "index.html", listed=tmp_path) as draft:
        draft.write_text("page", "utf-8")
    expected = {"2023/vi/a.txt": _sha256("one"), "2024/vi/a.txt": _sha256("two"), "index.html": _sha256("page")}
    assert places.sums(tmp_path) == expected
    lines = (tmp_path / places.SUMS).read_text("utf-8").splitlines()
    assert lines == [f"{known}  {name}" for name, known in expected.items()]
    assert not list((tmp_path / ".cache" / "sums").iterdir())


def test_a_later_publication_does_not_hide_what_somebody_changed(tmp_path: Path) -> None:
    _published(tmp_path, "2023/vi", "one")
    (tmp_path / "2023" / "vi" / "a.txt").write_text("forged", "utf-8")
    (tmp_path / "2023" / "vi" / "b.txt").write_text("smuggled in", "utf-8")
    _published(tmp_path, "2024/vi", "two")
    assert places.sums(tmp_path)["2023/vi/a.txt"] == _sha256("one")
    assert places.unlisted(tmp_path, places.sums(tmp_path)) == ["2023/vi/b.txt"]


def test_a_folder_published_anew_loses_its_old_lines_and_a_set_keeps_those_of_others(tmp_path: Path) -> None:
    with places.whole_folder(tmp_path / "scores", listed=tmp_path) as draft:
        (draft / "a.txt").write_text("old", "utf-8")
        (draft / "b.txt").write_text("old", "utf-8")
    _published(tmp_path, "scores", "new", keep=True)
    assert places.sums(tmp_path) == {"scores/a.txt": _sha256("new"), "scores/b.txt": _sha256("old")}
    _published(tmp_path, "scores", "newer")
    assert places.sums(tmp_path) == {"scores/a.txt": _sha256("newer")}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_process_killed_beside_the_list_is_made_up_for(tmp_path: Path, moment: str) -> None:
    """Killed just before the folder is put in place, or just after, before it stands on the list."""
    _published(tmp_path, "2023/vi", "old")
    script = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom parlib import places\n"
        "publish = places._publish\n"
        "def killed(*how):\n"
        f"    {'publish(*how)' if moment == 'after' else 'pass'}\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "places._publish = killed\n"
        "root = Path(sys.argv[1])\n"
        "with places.whole_folder(root / '2023' / 'vi', listed=root) as draft:\n"
        "    (draft / 'a.txt').write_text('new')\n"
    )
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False).returncode == -signal.SIGKILL
    now = "new" if moment == "after" else "old"
    assert places.sums(tmp_path) == {"2023/vi/a.txt": _sha256(now)}
    _published(tmp_path, "2024/vi", "two")
    known = {"2023/vi/a.txt": _sha256(now), "2024/vi/a.txt": _sha256("two")}
    assert places._read_sums(tmp_path / places.SUMS) == known


def test_the_name_of_a_device_is_not_taken(tmp_path):
    """A program that may do everything would put a file, or a round, where the system's own /dev/null stands."""
    pipe = tmp_path / "null"
    os.mkfifo(pipe)
    with pytest.raises(PermissionError), places.whole_file(pipe) as draft:
        draft.write_text("x", "utf-8")
    assert pipe.is_fifo() and list(tmp_path.iterdir()) == [pipe]
