"""Whatever stands on the line, whatever the system refuses: a line of ours, an exit code, no traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from parlib import cli
from parlib.errors import DEBUG, ProgramError, as_problem
from parlib.sources.simulation import simulate

#: What nobody means and somebody types, or a script hands on.
VALUES = (
    "", " ", "-", "0", "-1", "9" * 400, "1e308", "nan", "١٢", "a\nb", "../..", "/", "/dev/null", "/dev/zero", "~/x",
    "x" * 300, "😀", "\u202eabc", "%s{}{0}{x}", "$(id)", "'; --", "C:\\CON", "\udcff", "2023,2023", "a,b,,", "*", "[a",
    "\0", "\x1b[31m",
)  # fmt: skip
#: Values of other options: reports get as far as their notebook, and no further.
GIVEN = {"year": "2023", "notebook": "no-such-notebook"}
ROUND = "2023-ministry"


def commands(values: tuple[str, ...] = VALUES) -> Iterator[list[str]]:
    """Every option and argument of every command with each of ``values``."""

    def walk(command: typer.core.TyperCommand, words: tuple[str, ...]) -> Iterator[list[str]]:
        for name, below in getattr(command, "commands", {}).items():
            yield from walk(below, (*words, name))
        for one in () if hasattr(command, "commands") else command.params:
            for value in () if one.name in ("help", "seed") else values:  # any seed is a round more
                line = list(words)
                for other in command.params:
                    is_option = other.param_type_name == "option"
                    if other is one:
                        flag = is_option and other.is_flag
                        line += (
                            [f"{other.opts[0]}={value}"] if flag else [other.opts[0], value] if is_option else [value]
                        )
                    elif is_option and other.name in GIVEN:
                        line += [other.opts[0], GIVEN[other.name]]
                    elif not is_option and other.required:
                        line.append(ROUND if other.name == "round_id" else "x")
                yield line

    yield from walk(typer.main.get_command(cli.app), ())


@pytest.fixture
def somewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("PARLIB_ROUNDS", str(tmp_path / "rounds"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(type_in, lines):
    """Each is refused or done, in words of ours."""
    wrong = []
    for line in lines:
        began = time.process_time()
        code, out, err = type_in(*line)
        strange = code not in (0, 1, 2) or "Traceback" in err or "lỗi của chương trình" in err
        if strange or not (code == 0 or (out + err).strip()) or time.process_time() - began > 60:
            wrong.append((line, code, err[-300:]))
    assert wrong == []


@pytest.mark.long
def test_hostile_values_are_refused_in_words(type_in, somewhere):
    lines = [line for line in commands(("\udcff", "9" * 400, "../..")) if line[0] not in ("verify", "simulate", "list")]
    check(type_in, lines)


@pytest.mark.heavy
def test_every_hostile_value_of_every_option(type_in, somewhere):
    simulate(2023, "ministry", seed=1)
    check(type_in, commands())


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("table", "thiếu '--year'"),
        ("table --year x", "'--year' phải là số nguyên"),
        ("tabel", "không có lệnh tabel"),
        ("report --yaer 2023", "không có tùy chọn --yaer; gần giống: --year"),
        ("report --year", "'--year' cần một giá trị"),
        ("table --year 2023 more", "thừa trên dòng lệnh: more"),
        ("table --year 2023 --out .", "đây là thư mục"),
        ("scheme template --out .", "đây là thư mục"),
        ("report --year 2023 --output-dir bao-cao.pdf", "hãy ghi tên thư mục"),
        ("scheme read .", "chỉ đọc phụ lục ở dạng .xlsx hoặc .docx"),
        ("batch --years 0-999999999", "các năm có dạng"),
        ("batch 2023/ministry --workers -1", "từ 0 đến 256"),
        ("batch 2023/ministry --cluster localhost:abc", "có dạng tcp://"),
        ("verify --language xx", "không có ngôn ngữ này; có: vi, en"),
        ("scheme check /dev/zero.xlsx", "không có"),
    ],
)
def test_what_is_not_understood_is_told_in_the_language_of_the_terminal(type_in, somewhere, line, words):
    code, out, err = type_in(*line.split())
    assert (code, out) == (2, "") or line.startswith("scheme")
    assert words in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="a file in /proc that nobody can make, as root")
def test_what_the_system_refuses_is_told_with_the_name_that_was_given(type_in, somewhere):
    (somewhere / "file").touch()
    for out, words in (
        ("/proc/x.csv", "tệp /proc/x.csv: không có tệp"),
        ("file/x.csv", "một tệp ở chỗ cần một thư mục"),
    ):
        code, _, err = type_in("table", "--year", "2023", "--level", "ministry", "--out", out)
        assert code == 1 and words in err, err


@pytest.mark.long
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_an_output_that_takes_no_more():
    command = [sys.executable, "-m", "parlib.cli", "list", "--index", "pci"]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    assert (ended.returncode, ended.stderr) == (1, "đĩa đã đầy: hãy giải phóng chỗ rồi chạy lại\n")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reader:
        reader.stdout.close()  # as ``head`` does
        assert reader.stderr.read() == b""
        assert reader.wait() in (0, 1)


def test_a_command_that_names_a_language_is_answered_in_it(type_in, somewhere):
    assert type_in("table", "--language", "en", "--year", "x")[2] == "'--year' is a whole number\n"


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_closed_terminal_stops_no_command_that_was_asked_to_go_on():
    code = (
        "import signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from parlib import cli; sys.argv = ['parlib', 'list', '--index', 'pci']\n"
        "try: cli.main()\n"
        "except SystemExit: print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN, file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8")
    assert ended.stderr == "True\n"  # as ``nohup`` starts it


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_stop_stops_and_leaves_nothing_behind(tmp_path, name):
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    out = tmp_path / "out"
    command = [sys.executable, "-m", "parlib.cli", "batch", "2023/ministry", "2023/province", "--output-dir", str(out)]
    for seconds in (0.7, 2, 5):
        with subprocess.Popen(
            command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        ) as made:
            time.sleep(seconds)
            made.send_signal(getattr(signal, name))
            said = made.communicate(timeout=30)[1]
        assert "Traceback" not in said
        if made.returncode not in (0, 130):  # before the command line was there to hear it
            assert made.returncode in (-getattr(signal, name), -signal.SIGINT) and seconds < 1
        time.sleep(1)
        before = sorted(out.rglob("*")) if out.exists() else []
        time.sleep(3)
        assert before == (sorted(out.rglob("*")) if out.exists() else [])  # nothing is published afterwards
        assert not [path for path in tmp_path.iterdir() if path.name.startswith("parlib-")]


def test_an_unforeseen_error_says_where_and_leaves_its_traceback_where_asked(tmp_path, monkeypatch):
    def told(text):
        try:
            raise RuntimeError(text)
        except RuntimeError as error:
            return as_problem(error)

    plain = told("x" * 1000)
    assert isinstance(plain, ProgramError) and "--debug" in plain.text("vi") and len(plain.text("vi")) < 500
    monkeypatch.setenv(DEBUG, str(tmp_path))
    assert str(tmp_path) in told("here").text("vi")
    (written,) = tmp_path.iterdir()
    assert "RuntimeError: here" in written.read_text("utf-8")
