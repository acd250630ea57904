"""``parlib doctor``: a sound machine passes, and each fault is told with what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from filelock import FileLock
from typer.testing import CliRunner

from parlib import cli, places
from parlib.cli import doctor
from parlib.cli.doctor import Line, State

TOP = Path(__file__).resolve().parent.parent


def told(lines: object) -> list[tuple[State, str]]:
    assert hasattr(lines, "__iter__")
    return [(line.state, line.what.text("vi")) for line in lines if isinstance(line, Line)]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workbook of its own with the lock and the data."""
    shutil.copy(TOP / "requirements.lock", tmp_path)
    shutil.copytree(TOP / "data", tmp_path / "data")
    monkeypatch.setenv("PARLIB_HOME", str(tmp_path))
    for name in ("PARLIB_DATA", "PARLIB_ROUNDS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_packages_are_set_against_the_lock(home: Path) -> None:
    assert [state for state, _ in told(doctor._packages())] == [State.OK]
    lock = home / "requirements.lock"
    changed = lock.read_text("utf-8").replace("\npandas==3", "\npandas==2").replace("\nrich==", "\nrich-that-was==")
    lock.write_text(changed, encoding="utf-8")
    (state, what), *_ = told(doctor._packages())
    assert state is State.WARNING and "pandas 3" in what
    lock.write_text(changed + "jupyterlab-not-there==1.0 \\\n", encoding="utf-8")  # nothing of ours asks for it
    assert len(told(doctor._packages())) == 1
    lock.unlink()
    assert told(doctor._packages())[0][0] is State.WARNING


def test_data_that_were_edited_and_rounds_that_do_not_open_are_errors(home: Path) -> None:
    assert [state for state, _ in told(doctor._data())] == [State.OK]
    path = home / "data" / "published" / "par_index.csv"
    path.write_text(path.read_text("utf-8").replace("89.95", "98.95"), encoding="utf-8")
    assert [state for state, _ in told(doctor._data())] == [State.ERROR]
    folder = places.rounds() / "2023-ministry"
    folder.mkdir(parents=True)
    (folder / "round.yaml").write_text("id: 2023-ministry\nyear: x\n", encoding="utf-8")
    ((state, what),) = told(doctor._rounds())
    assert state is State.ERROR and "2023-ministry" in what


def test_a_lock_that_somebody_holds_is_told_and_one_that_was_left_is_not(home: Path) -> None:
    locks = places.cache() / "locks"
    locks.mkdir(parents=True)
    (locks / "left.lock").touch()
    assert [state for state, _ in told(doctor._locks())] == [State.OK]
    with FileLock(locks / "2023-ministry-vi.lock"):
        assert told(doctor._locks()) == [(State.WARNING, "đang có người làm việc: 2023-ministry-vi")]


@pytest.mark.long
def test_a_check_that_cannot_be_made_is_an_error_and_the_others_go_on(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_pdf", lambda: iter(()))  # seconds
    (home / "reports").write_text("a file where the folder should be", encoding="utf-8")
    result = CliRunner().invoke(cli.app, ["doctor"])
    assert result.exit_code == 1
    errors = [line for line in result.output.splitlines() if line.startswith("LỖI")]
    assert len(errors) == 1 and "thư mục" in errors[0]
    assert "dữ liệu: " in result.output


@pytest.mark.long
def test_this_machine_is_fit() -> None:
    result = CliRunner().invoke(cli.app, ["doctor"])
    assert result.exit_code == 0, result.output
