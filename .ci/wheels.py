"""Make a folder of all packages that parlib needs, as requirements.lock pins them, for machines without a network.

    python .ci/wheels.py                                     # for this machine and this Python
    python .ci/wheels.py --platform win_amd64 --python 3.13  # for another

pip alone would ask this machine what the other one needs: the markers of the lock are read here, for the other one.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement

TOP = Path(__file__).resolve().parent.parent
BUILD = ("hatchling", "editables")  # what installs the folder of parlib itself
SYSTEMS = {
    "win": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
    "macosx": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "manylinux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
}


def canonical(name: str) -> str:
    """A distribution's name in the spelling that compares."""
    return re.sub(r"[-_.]+", "-", name).lower()


def target(platform: str, python: str) -> dict[str, str]:
    """What markers are asked about: this machine, or another."""
    environment = {name: str(value) for name, value in default_environment().items()}
    if python:
        environment |= {"python_version": python, "python_full_version": f"{python}.99"}
    if platform:
        environment |= next(values for start, values in SYSTEMS.items() if platform.startswith(start))
        environment["platform_machine"] = "AMD64" if platform == "win_amd64" else platform.rpartition("_")[2]
    return environment


def needed(lock: str, environment: dict[str, str]) -> dict[str, str]:
    """The entries of the lock that parlib needs there, by name: without what only tests, Spark and clusters need."""
    entries = {}
    for entry in re.split(r"\n(?=\S)", lock.strip()):
        head, _, hashes = entry.partition("\\\n")
        requirement = Requirement(head.strip())
        if requirement.marker is None or requirement.marker.evaluate(environment):
            entries[canonical(requirement.name)] = f"{requirement.name}{requirement.specifier} \\\n{hashes}"
    wanted: set[str] = set()
    waiting = ["parlib", *BUILD]
    while waiting:
        name = waiting.pop()
        if name in wanted:
            continue
        wanted.add(name)
        for requirement in _required(name):
            if requirement.marker is None or requirement.marker.evaluate(environment | {"extra": ""}):
                key = canonical(requirement.name)
                waiting += [key, *(f"{key}[{extra}]" for extra in requirement.extras)]
    return {name: entries[name] for name in sorted(wanted & entries.keys())}


def _required(name: str) -> Iterator[Requirement]:
    """What a distribution that is installed here requires; of ``name[extra]`` what the extra adds. One that only the
    other machine has (pywinpty) requires nothing."""
    base, _, extra = name.rstrip("]").partition("[")
    try:
        texts = importlib.metadata.requires(base) or []
    except importlib.metadata.PackageNotFoundError:
        return
    for text in texts:
        requirement = Requirement(text)
        asks = re.search(r"""extra\s*==\s*['"]([\w.-]+)""", str(requirement.marker or ""))
        if (asks is None) == (not extra) and (asks is None or canonical(asks[1]) == canonical(extra)):
            if asks:  # its other conditions are those of the lock
                requirement.marker = None
            yield requirement


def main() -> None:
    """Download the wheels, and write beside them what to install."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--platform", default="", help="win_amd64, manylinux_2_28_x86_64, macosx_12_0_arm64")
    parser.add_argument("--python", default="", help="3.11, 3.12, 3.13")
    parser.add_argument("--out", type=Path, default=None, help="the folder (default: wheels, wheels-win_amd64-3.13)")
    asked = parser.parse_args()
    name = "-".join(filter(None, ("wheels", asked.platform, asked.python)))
    folder = asked.out or TOP / name
    folder.mkdir(parents=True, exist_ok=True)
    listed = folder / "requirements.txt"
    entries = needed((TOP / "requirements.lock").read_text("utf-8"), target(asked.platform, asked.python))
    listed.write_text("\n".join(entries.values()) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--require-hashes", "--requirement", str(listed), "--dest", str(folder)]
    command += [f"--platform={asked.platform}"] if asked.platform else []
    command += [f"--python-version={asked.python}"] if asked.python else []
    subprocess.run(command, check=True)
    print(f"{folder}: {len(entries)} packages. There:")  # noqa: T201
    print(f"  pip install --no-index --no-deps --find-links {folder.name} -r {folder.name}/requirements.txt")  # noqa: T201
    print("  pip install --no-index --no-deps --no-build-isolation -e .")  # noqa: T201


if __name__ == "__main__":
    main()
