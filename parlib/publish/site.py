"""The index page of ``reports/``: every report that is there, by year, with its files. Made from their records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from parlib import places
from parlib.publish.formats import FORMATS, NAMES, annex_path, name
from parlib.publish.page import template, with_policy
from parlib.publish.parameters import KINDS, YEARLY
from parlib.words import FIRST, Message, as_day, texts

_WORDS: Mapping[str, Message] = {
    "title": Message("Reports"),
    "none": Message("No report yet. make reports makes the first ones."),
    "year": Message("Year"),
    "report": Message("Report"),
    "read": Message("Read"),
    "files": Message("Other formats"),
    "kinds.annex": Message("Annexes (Excel)"),
    "kinds.ipynb": Message("Notebook"),
    "languages.vi": Message("Vietnamese"),
    "languages.en": Message("English"),
    "made": Message("Made"),
    "own": Message("Own notebook: {name}"),
    "find": Message("Find a report or unit"),
    "profiles": Message("Unit profiles"),
}


PROFILES = "profiles"  # the folder of the reports on single units


@dataclass(frozen=True)
class Listed:
    """One rendered report, as its record tells."""

    year: int
    stem: str
    language: str
    title: str
    made: str
    files: tuple[tuple[str, Path], ...]  # by format, the executed notebook last
    subject: str = ""  # what a profile belongs to: the round, the level, the index
    marks: tuple[str, ...] = ()  # what must stand by it: simulated data, an illustrative set of criteria
    own: str = ""  # the notebook, where it is none of those that come with parlib

    @property
    def page(self) -> Path:
        """What people open first: the page, or what else there is."""
        return self.files[0][1]

    @property
    def is_profile(self) -> bool:
        """Whether this is a report on one unit."""
        return self.page.parent.parent.parent.name == PROFILES


def reports(folder: Path | None = None) -> list[Listed]:
    """The reports in ``folder`` (``reports/``), newest year first. Records that cannot be read are passed over."""
    results = []
    there = folder or places.reports()
    for record in sorted([*there.glob("[0-9]*/*/*/*.json"), *there.glob(f"[0-9]*/{PROFILES}/*/*/*.json")]):
        try:
            written = json.loads(record.read_text("utf-8"))
            year, language = int(written["parameters"]["year"]), str(written["parameters"]["language"])
            title, made = str(written["title"]), str(written["started"])
            unit = str(written["parameters"].get("unit", ""))
            notebook = str(written["notebook"]).removesuffix(".ipynb")
            values = dict(written["parameters"].get("own", {}))
            outputs, marks = set(written["outputs"]), tuple(map(str, written.get("marks", ())))
        except (OSError, ValueError, KeyError, TypeError):
            continue
        whole = record.name.removesuffix("json")
        endings = {kind: ending for kind, (ending, _) in FORMATS.items()} | {"ipynb": "ipynb"}
        named: list[tuple[str, Path]] = []
        for kind, ending in endings.items():
            path = record.with_name(f"{whole}{ending}")
            named += [(kind, path), *([("annex", annex_path(path, language))] if kind == "xlsx" else [])]
        files = tuple((kind, path) for kind, path in named if path.name in outputs and path.is_file())
        stem = record.parent.parent.name
        if files and record.parent.name == language:  # not the draft of one
            own = "" if notebook in (YEARLY, *KINDS) else notebook
            own += "".join(f", {name} = {value}" for name, value in values.items())
            subject = stem.removesuffix(f"-{unit}") if unit else ""
            results.append(Listed(year, stem, language, title, made, files, subject, marks, own))
    return sorted(results, key=lambda report: (-report.year, report.stem, report.language != FIRST))


def write_index(folder: Path | None = None, language: str = "vi") -> Path:
    """Write ``index.html`` of ``folder`` (``reports/``) anew and return it."""
    folder = folder or places.reports()
    path = folder / "index.html"

    def link(file: Path) -> str:
        return quote(file.relative_to(folder).as_posix())

    words = texts(_WORDS, language) | {f"kinds.{kind}": name(kind, language) for kind in NAMES}
    rows = list(_rows(reports(folder)))
    page = template("reports.html.j2").render(rows=rows, words=words, lang=language, link=link, local=_local)
    with places.alone(path, folder), places.whole_file(path, listed=folder) as draft:
        draft.write_text(with_policy(page), "utf-8")
    return path


def _local(moment: str) -> str:
    """A moment of a record as people of this place write it: 17/4/2024 14:05."""
    return as_day(datetime.fromisoformat(moment).astimezone(), clock=True)


def _rows(listed: list[Listed]) -> Iterator[list[Listed]]:
    """A row for every report, and under those of a year one for all profiles of a round, level or index."""
    for _, of_year in groupby(listed, lambda report: report.year):
        profiles: dict[tuple[str, str], list[Listed]] = {}
        for report in of_year:
            if report.is_profile:
                profiles.setdefault((report.subject, report.language), []).append(report)
            else:
                yield [report]
        yield from profiles.values()
