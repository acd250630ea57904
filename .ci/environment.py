"""Print environment.yml: the dependencies of pyproject.toml at the versions of requirements.lock."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

HEAD = """\
# For conda, and for Windows. Written by `make lock`: the dependencies of pyproject.toml at the versions of
# requirements.lock. A test keeps the three equal.
#     conda env create -f environment.yml && conda activate parlib
name: parlib
channels:
  - conda-forge
dependencies:
  - python=3.13
  - pango  # what makes PDF files; it brings its own libraries, which pip has not
  - pip
  - pip:
"""


def environment(project: str, lock: str) -> str:
    """The text of environment.yml for the texts of pyproject.toml and requirements.lock."""
    locked = {
        canonical(name): version for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", lock, re.MULTILINE)
    }
    lines = []
    for requirement in tomllib.loads(project)["project"]["dependencies"]:
        match = re.match(r"([A-Za-z0-9._-]+)(\[[^\]]*\])?", requirement)
        assert match, requirement
        name, extras = match.group(1), match.group(2) or ""
        lines.append(f'      - "{name}{extras}=={locked[canonical(name)]}"\n')
    return HEAD + "".join(lines) + "      - -e .\n"


def canonical(name: str) -> str:
    """A distribution's name in the spelling that compares."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    top = Path(__file__).resolve().parent.parent
    texts = [(top / name).read_text("utf-8") for name in ("pyproject.toml", "requirements.lock")]
    print(environment(*texts), end="")  # noqa: T201
