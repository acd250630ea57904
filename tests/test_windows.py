"""What keeps parlib running on Windows, where no test of ours has run: the causes of what breaks there, one by one."""

from __future__ import annotations

import ast
import itertools
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from parlib import cli, places
from parlib.errors import ParameterError, as_problem
from parlib.publish.formats import FORMATS
from parlib.publish.parameters import ReportParameters
from parlib.scoring import units
from parlib.sources.rounds import ledger

TOP = Path(__file__).resolve().parent.parent
OPEN_ELSEWHERE = "đang mở trong chương trình khác (Word, Excel)"

# --- what Windows does not have -------------------------------------------------------------------

POSIX = {
    "os": "chown fchmod fork forkpty getegid geteuid getgid getpgid getuid killpg lchown mkfifo nice O_DIRECTORY"
    " O_NOFOLLOW pathconf sched_getaffinity setsid statvfs sysconf uname wait WNOHANG",
    "signal": "alarm pause setitimer SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGUSR1",
    "socket": "AF_UNIX",
}
MODULES = {"crypt", "fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"}
#: Where they stand nevertheless, and why that is no harm.
GUARDED = {
    "publish/nursery.py": "runs on Linux alone: warm.POSSIBLE",
    "publish/warm.py": "of the warm process and its copies, which there are on Linux alone",
    "publish/lab.py": "asked for by hasattr",
    "publish/manifest.py": "names of files that are left out; they are none there",
}


def _posix(tree: ast.AST) -> Iterator[str]:
    """What a module uses that Windows lacks."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr in POSIX.get(node.value.id, "").split():
                yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            yield from (name for name in names if name in MODULES)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if re.match(r"/(dev|etc|proc|sys|tmp|usr|var)(/|$)", node.value):
                yield node.value
        elif isinstance(node, ast.keyword) and node.arg in ("pass_fds", "preexec_fn", "start_new_session"):
            yield node.arg


def test_what_windows_lacks_is_used_behind_a_guard_alone() -> None:
    used = {}
    words = (
        *MODULES,
        *" ".join(POSIX.values()).split(),
        "/dev",
        "/etc",
        "/proc",
        "/sys",
        "/tmp",
        "/usr",
        "/var",
        "_fds",
    )
    suspect = re.compile("|".join(map(re.escape, (*words, "preexec_fn", "start_new_session"))))  # parsing takes seconds
    for path in sorted((TOP / "parlib").rglob("*.py")):
        text = path.read_text("utf-8")
        if suspect.search(text) and (found := set(_posix(ast.parse(text)))):
            used[path.relative_to(TOP / "parlib").as_posix()] = found
    assert used.keys() == GUARDED.keys(), used
    warm = (TOP / "parlib/publish/warm.py").read_text("utf-8")
    assert 'POSSIBLE = sys.platform == "linux"' in warm
    importers = [p for p in (TOP / "parlib").rglob("*.py") if "import nursery" in p.read_text("utf-8")]
    assert importers == [], "the warm process is started as a program of its own, never imported"


def test_every_text_file_is_opened_with_its_encoding() -> None:
    command = ["-m", "ruff", "check", "--no-cache", "--quiet", "--preview", "--select", "PLW1514", "parlib", ".ci"]
    checked = subprocess.run([sys.executable, *command], cwd=TOP, capture_output=True, text=True, encoding="utf-8")
    assert checked.returncode == 0, checked.stdout


# --- consoles -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "line"),
    [("cp437", "không có tùy chon --x; xem --help"), ("cp1258", "không có tùy chon --x; xem --help")],
)
def test_a_console_that_lacks_letters_shows_them_without_marks(encoding: str, line: str) -> None:
    command = [sys.executable, "-m", "parlib.cli", "round", "list", "--x"]
    stated = subprocess.run(command, cwd=TOP, capture_output=True, env=os.environ | {"PYTHONIOENCODING": encoding})
    assert stated.returncode == 2
    assert stated.stderr.decode(encoding).strip() == line


# --- files that are open elsewhere ----------------------------------------------------------------


def refuse(*_: object) -> None:
    """What Windows says of a file that Excel or Word has open."""
    raise PermissionError(13, "The process cannot access the file because it is being used by another process")


def test_a_table_that_is_open_in_excel_is_told_so_and_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bảng.csv"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr(Path, "replace", refuse)
    error = (
        CliRunner().invoke(cli.app, ["table", "--year", "2023", "--level", "ministry", "--out", str(path)]).exception
    )
    assert error is not None
    assert OPEN_ELSEWHERE in as_problem(error).text("vi")
    assert path.read_text("utf-8") == "old" and list(tmp_path.iterdir()) == [path]


def test_a_folder_of_which_a_file_is_open_in_word_is_told_so_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "vi"
    folder.mkdir()
    (folder / "a.docx").write_text("old", encoding="utf-8")
    monkeypatch.setattr(places, "exchange", lambda *_: False)  # Windows has nothing like it
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError) as error, places.whole_folder(folder) as draft:
        (draft / "a.docx").write_text("new", encoding="utf-8")
    assert OPEN_ELSEWHERE in as_problem(error.value).text("vi")
    assert (folder / "a.docx").read_text("utf-8") == "old" and list(tmp_path.iterdir()) == [folder]


def test_who_has_no_name_is_asked_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise ImportError("No module named 'pwd'")

    monkeypatch.setattr(ledger, "getpass", SimpleNamespace(getuser=nobody))
    result = CliRunner().invoke(cli.app, ["round", "finish", "2023-ministry"])
    assert isinstance(result.exception, ParameterError)
    assert "--by" in result.exception.text("vi")


# --- names and line ends ----------------------------------------------------------------------------

FILES = subprocess.run(
    ["git", "ls-files", "-z"], cwd=TOP, capture_output=True, text=True, encoding="utf-8"
).stdout.split("\0")[:-1]
#: Where a user who did not think of it may put the folder.
USUAL = r"C:\Users\nguyen.thi.phuong.anh\Documents\Chỉ số cải cách hành chính\parlib" + "\\"
LONGEST, LONGEST_OF_EXCEL = 259, 218


@pytest.mark.skipif(not FILES, reason="no checkout")
def test_every_file_has_a_name_that_windows_takes() -> None:
    for name in FILES:
        assert not re.search(r'[<>:"|?*\\]|[. ]$', name), name
        assert not re.search(r"(^|/)(con|prn|aux|nul|com\d|lpt\d)(\.|/|$)", name, re.IGNORECASE), name
        assert len(USUAL + name) <= LONGEST, name
    assert len({name.casefold() for name in FILES}) == len(FILES), "two names that differ in case alone"


def test_what_is_made_has_paths_short_enough() -> None:
    """Word and Excel open nothing whose path has more than 218 letters; a folder in the making has a longer name."""
    for level, year in itertools.product(("province", "ministry"), (2023, 2025)):
        unit = max((unit.key for unit in units.units_of_year(year, level)), key=len)
        asked = ReportParameters.model_construct(year=year, level=level, index_name="par", unit=unit)
        for ending in (*(ending for ending, *_ in FORMATS.values()), "phu-luc.xlsx"):
            folder, name = f"reports\\{year}\\{asked.stem}\\", f"{asked.file_stem('unit_profile')}.vi.{ending}"
            assert len(f"{USUAL}{folder}vi\\{name}") <= LONGEST_OF_EXCEL
            assert len(f"{USUAL}{folder}.vi-new-12345678\\.{name}-12345678") <= LONGEST


@pytest.mark.skipif(not FILES, reason="no checkout")
def test_line_ends_are_the_same_on_every_machine() -> None:
    command = ["git", "check-attr", "--stdin", "text", "eol"]
    stated = subprocess.run(command, cwd=TOP, capture_output=True, text=True, input="\n".join(FILES), encoding="utf-8")
    said: dict[str, dict[str, str]] = {}
    for line in stated.stdout.splitlines():
        name, attribute, value = line.rsplit(": ", 2)
        said.setdefault(name, {})[attribute] = value
    for name in FILES:
        eol = "crlf" if name.endswith(".cmd") else "lf"
        assert said[name]["text"] == "unset" or said[name]["eol"] == eol, name
        content = (TOP / name).read_bytes() if (TOP / name).is_file() else b""
        assert b"\0" not in content or said[name]["text"] == "unset", (
            f"{name} is no text: name its kind in .gitattributes"
        )


# --- a double click -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lab.cmd", "reports.cmd", ".ci/python.cmd"])
def test_what_is_double_clicked_works_from_network_folders_and_any_path(name: str) -> None:
    text = (TOP / name).read_text("ascii")  # cmd.exe reads it in whatever code page the machine has
    if name != ".ci/python.cmd":
        assert 'pushd "%~dp0"' in text and "popd" in text and "cd /d" not in text, "cd knows no network folder"
        assert re.search(r"\bpause\b", text), "the window closes before anybody can read"
        labels = set(re.findall(r"^:(\w+)", text, re.MULTILINE))
        assert set(re.findall(r"goto (\w+)", text)) <= labels
    for line in text.splitlines():
        outside = re.sub(r'"[^"]*"', "", "" if line.startswith(("rem ", "echo ")) else line)
        assert not re.search(r"%\w+%|%%?~", outside), f"a path may hold blanks: quote it in {line}"
    there = {command.name or command.callback.__name__ for command in cli.app.registered_commands if command.callback}
    assert set(re.findall(r"parlib\.cli (\w+)", text)) <= there
