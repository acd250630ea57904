"""What keeps the project's own files true: dependencies listed once, locked and used, documents that lead somewhere."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest

TOP = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))
LOCK = (TOP / "requirements.lock").read_text("utf-8")

#: What a distribution is imported as, where it is not its name.
MODULES = {
    "fonttools": "fontTools",
    "pyyaml": "yaml",
    "ibis-framework": "ibis",
    "types-pyyaml": "",
    "pandas-stubs": "",
    "scipy-stubs": "",
}
#: Distributions that are used without being imported by parlib.
USED_OTHERWISE = {
    "jupyterlab": "make lab",
    "jupyterlab-language-pack-vi-vn": "make lab in Vietnamese",
    "ipykernel": "the kernels of notebooks",
    "pyarrow": "pandas reads and writes Parquet with it",
    "seaborn": "for the figures of analysts in notebooks",
    "sqlglot": "a bound on what ibis brings",
}


def _name(requirement: str) -> str:
    """The canonical name of a requirement's distribution."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match
    return re.sub(r"[-_.]+", "-", match.group()).lower()


def _imports(path: Path) -> Iterator[str]:
    """The modules that a Python file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _sources() -> list[Path]:
    return sorted((TOP / "parlib").rglob("*.py"))


# --- dependencies -------------------------------------------------------------------------------


def test_every_requirement_is_locked_with_hashes() -> None:
    locked = {_name(line) for line in LOCK.splitlines() if "==" in line}
    groups = PROJECT["project"].get("optional-dependencies", {})
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    wanted += [requirement for group in groups.values() for requirement in group]
    assert {_name(requirement) for requirement in wanted} - {"parlib"} <= locked
    for entry in re.split(r"\n(?=\S)", LOCK.strip()):
        assert re.match(r"[A-Za-z0-9._-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


def _program(name: str, folder: str = ".ci") -> ModuleType:
    """A program of ``.ci``, or of another folder."""
    spec = importlib.util.spec_from_file_location(name, TOP / folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_one_lock_serves_every_python_that_is_allowed() -> None:
    assert PROJECT["project"]["requires-python"] == ">=3.11,<3.15"
    wheels = _program("wheels")
    for python in ("3.11", "3.12", "3.13", "3.14"):
        for platform in ("win_amd64", "manylinux_2_28_x86_64"):
            chosen = wheels.needed(LOCK, wheels.target(platform, python))
            direct = {_name(requirement) for requirement in PROJECT["project"]["dependencies"]}
            assert direct <= chosen.keys(), "every direct dependency, and once"
            assert {"fqdn", "duckdb", "editables"} <= chosen.keys(), "and what extras of dependencies ask for"
            assert not {"pytest", "ruff", "pyspark", "distributed"} & chosen.keys()
            assert ("pywinpty" in chosen, "pexpect" in chosen) == (
                (True, False) if "win" in platform else (False, True)
            )


@pytest.mark.heavy
def test_a_folder_of_wheels_installs_parlib_without_a_network(tmp_path: Path) -> None:
    """Needs a network itself, to make the folder; nothing of it is used afterwards."""
    wheels, checkout = tmp_path / "wheels", tmp_path / "parlib"
    subprocess.run([sys.executable, TOP / ".ci" / "wheels.py", "--out", wheels], check=True)
    subprocess.run(["git", "clone", "--quiet", TOP, checkout], check=True)
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    none = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    pip = [python, "-m", "pip", "install", "--quiet", "--no-deps"]
    listed = ["--find-links", wheels, "--require-hashes", "-r", wheels / "requirements.txt"]
    subprocess.run([*pip, *listed], check=True, env=none)
    subprocess.run([*pip, "--no-build-isolation", "-e", checkout], check=True, env=none)
    command = [python, "-m", "parlib.cli", "report", "--year", "2023", "--level", "ministry", "--to", "html,docx,xlsx"]
    subprocess.run([*command, "--output-dir", tmp_path / "reports"], check=True, env=none, cwd=checkout)
    assert len(list(tmp_path.glob("reports/2023/ministry/vi/*.docx"))) == 1


def test_conda_gets_what_pip_gets() -> None:
    module = _program("environment")
    expected = module.environment((TOP / "pyproject.toml").read_text("utf-8"), LOCK)
    assert (TOP / "environment.yml").read_text("utf-8") == expected, "make lock writes environment.yml anew"


def test_every_dependency_is_used() -> None:
    imported = {module.partition(".")[0] for path in _sources() for module in _imports(path)}
    groups = PROJECT["project"].get("optional-dependencies", {})
    wanted = [*PROJECT["project"]["dependencies"], *(r for group in groups.values() for r in group)]
    names = {_name(requirement) for requirement in wanted} - set(USED_OTHERWISE)
    unused = {name for name in names if MODULES.get(name, name.replace("-", "_")) not in imported}
    assert not unused


def test_no_file_names_a_package_host() -> None:
    hosts = "|".join(["py" + "pi", "python" + "hosted", "ana" + "conda", "np" + "mjs"])
    pattern = re.compile(rf"\b[\w.-]*(?:{hosts})[\w-]*\.(?:org|com|io|net)\b|--(?:extra-)?index-url", re.IGNORECASE)
    files = [*TOP.glob("*.*"), TOP / "Makefile", *TOP.glob(".ci/*"), *TOP.glob("docs/**/*.md"), *_sources()]
    texts = {path: path.read_text("utf-8") for path in files if path.is_file() and path.suffix not in (".png", ".zip")}
    results = {path.name: match.group() for path, text in texts.items() if (match := pattern.search(text))}
    assert not results


# --- the house ----------------------------------------------------------------------------------


def test_no_module_is_long_or_a_drawer() -> None:
    for path in _sources():
        assert len(path.read_text("utf-8").splitlines()) <= 900, path
        assert path.stem not in ("utils", "helpers", "common", "core", "base"), path


def test_the_heart_stays_within_its_limit() -> None:
    module = _program("house", "benchmarks")
    texts = [path.read_text("utf-8") for path in (TOP / "parlib" / "scoring").glob("*.py")]
    assert sum(map(module.code_lines, texts)) <= module.GUIDES["scoring"]


# --- documents ----------------------------------------------------------------------------------


def _documents() -> list[Path]:
    return [*sorted(TOP.glob("*.md")), *sorted((TOP / "docs").rglob("*.md"))]


@pytest.mark.parametrize("path", _documents(), ids=lambda path: path.name)
def test_links_in_documents_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
        assert "://" in target or (path.parent / target).exists(), target


def test_files_that_contributing_names_are_there() -> None:
    named = re.findall(
        r"`((?:parlib|data|tests|benchmarks|notebooks)/[\w./-]*)`", (TOP / "CONTRIBUTING.md").read_text("utf-8")
    )
    assert named
    assert [path for path in named if not (TOP / path).exists()] == []


def test_both_readmes_say_the_same() -> None:
    english, vietnamese = ((TOP / name).read_text("utf-8") for name in ("README.md", "README.vi.md"))
    for pattern in (r"^#+ ", r"^```.*?^```", r"!\[.*?\]\((.*?)\)", r"^- ", r"^\|"):
        counts = [len(re.findall(pattern, text, re.MULTILINE | re.DOTALL)) for text in (english, vietnamese)]
        assert counts[0] == counts[1], pattern
    commands = [re.findall(r"^ {4}(?:parlib|make) .*", text, re.MULTILINE) for text in (english, vietnamese)]
    assert [line.split("#")[0].split() for line in commands[0]] == [line.split("#")[0].split() for line in commands[1]]


def test_the_makefile_does_what_the_readme_says() -> None:
    targets = set(re.findall(r"^([a-z]+):", (TOP / "Makefile").read_text("utf-8"), re.MULTILINE))
    for name in ("README.md", "README.vi.md", "CONTRIBUTING.md"):
        text = (TOP / name).read_text("utf-8")
        assert set(re.findall(r"`make ([a-z]+)`|^make ([a-z]+)", text, re.MULTILINE)) <= {
            pair for target in targets for pair in ((target, ""), ("", target))
        }


def test_the_steps_of_the_version_are_logged() -> None:
    versions = re.findall(r"^## (\d+\.\d+\.\d+)", (TOP / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert versions[0] == PROJECT["project"]["version"]
    numbers = [tuple(map(int, version.split("."))) for version in versions]
    assert all(later > earlier for later, earlier in pairwise(numbers))


def test_the_terminal_of_jupyterlab_finds_parlib() -> None:
    """Both ways to open JupyterLab put the environment's commands on the PATH that its terminal inherits."""
    assert "$(BIN)/parlib lab" in (TOP / "Makefile").read_text("utf-8")  # which does it: test_workbench.py
    assert "-m parlib.cli lab" in (TOP / "lab.cmd").read_text("utf-8")
    assert r'set "PATH=%CD%\.venv\Scripts;%PATH%"' in (TOP / ".ci" / "python.cmd").read_text("utf-8")
    assert r"call .ci\python.cmd" in (TOP / "lab.cmd").read_text("utf-8")
