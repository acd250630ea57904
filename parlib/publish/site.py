"""The index page of ``reports/``: every report that is there, by year, with its files. Made from their records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from parlib import places
from parlib.publish.formats import FORMATS, annex_path
from parlib.publish.page import TEMPLATES
from parlib.words import FIRST, Message, texts

_WORDS: Mapping[str, Message] = {
    "title": Message("Reports"),
    "none": Message("No report yet. make reports makes the first ones."),
    "year": Message("Year"),
    "report": Message("Report"),
    "read": Message("Read"),
    "files": Message("Other formats"),
    "kinds.press": Message("Press kit"),
    "kinds.data": Message("Open data"),
    "kinds.docx": Message("Word"),
    "kinds.xlsx": Message("Excel"),
    "kinds.annex": Message("Annexes (Excel)"),
    "kinds.ipynb": Message("Notebook"),
    "languages.vi": Message("Vietnamese"),
    "languages.en": Message("English"),
    "made": Message("Made"),
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
    found = []
    there = folder or places.reports()
    for record in sorted([*there.glob("[0-9]*/*/*/*.json"), *there.glob(f"[0-9]*/{PROFILES}/*/*/*.json")]):
        try:
            written = json.loads(record.read_text("utf-8"))
            year, language = int(written["parameters"]["year"]), str(written["parameters"]["language"])
            title, made = str(written["title"]), str(written["started"])
            unit = str(written["parameters"].get("unit", ""))
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
            subject = stem.removesuffix(f"-{unit}") if unit else ""
            found.append(Listed(year, stem, language, title, made, files, subject, marks))
    return sorted(found, key=lambda report: (-report.year, report.stem, report.language != FIRST))


def write_index(folder: Path | None = None, language: str = "vi") -> Path:
    """Write ``index.html`` of ``folder`` (``reports/``) anew and return it."""
    folder = folder or places.reports()
    path = folder / "index.html"
    with places.whole_file(path) as draft:
        draft.write_text(_page(reports(folder), folder, language), "utf-8")
    return path


def _page(listed: list[Listed], folder: Path, language: str) -> str:
    words = texts(_WORDS, language)
    style = (TEMPLATES / "template" / "report.css").read_text("utf-8")
    title = escape(str(words["title"]))
    body = f"<p>{words['none']}</p>"
    if listed:
        heads = "".join(f'<th scope="col">{words[key]}</th>' for key in ("year", "report", "read", "files", "made"))
        rows = "\n".join(_rows(listed, folder, words))
        body = (
            f'<div class="parlib-scroll"><table><caption class="skip">{title}</caption>'
            f"<thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody></table></div>"
        )
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f'<div class="head"><header class="parlib-title"><h1>{title}</h1></header></div>\n'
        f'<div class="columns"><main id="main">\n{body}\n</main></div>\n</body>\n</html>\n'
    )


def _rows(listed: list[Listed], folder: Path, words: Mapping[str, str]) -> Iterator[str]:
    """A row for every report, and under those of a year one for all profiles of a round, level or index."""
    for _, of_year in groupby(listed, lambda report: report.year):
        reports_of_year = list(of_year)
        yield from (_row(report, folder, words) for report in reports_of_year if not report.is_profile)
        profiles = [report for report in reports_of_year if report.is_profile]
        for subject in dict.fromkeys((report.subject, report.language) for report in profiles):
            yield _profiles([r for r in profiles if (r.subject, r.language) == subject], folder, words)


def _profiles(listed: list[Listed], folder: Path, words: Mapping[str, str]) -> str:
    """One row that opens to the profiles of all units."""
    first = listed[0]
    links = ", ".join(
        f'<a href="{quote(report.page.relative_to(folder).as_posix())}" hreflang="{report.language}">'
        f"{escape(report.title)}</a>"
        for report in listed
    )
    title = escape(f"{words['profiles']}: {first.subject} ({len(listed)})")
    made = max(report.made for report in listed)[:16].replace("T", " ")
    return (
        f'<tr><td>{first.year}</td><th scope="row"><details><summary>{title}</summary><p>{links}</p></details>'
        f"{_marked(first)}</th>"
        f"<td>{_language(first, words)}</td><td></td><td>{escape(made)} UTC</td></tr>"
    )


def _language(report: Listed, words: Mapping[str, str]) -> str:
    return words.get(f"languages.{report.language}", report.language)


def _marked(report: Listed) -> str:
    """What nobody may overlook: a simulated report has the title of a real one."""
    return f'<br><strong class="mark">{escape(" ".join(report.marks))}</strong>' if report.marks else ""


def _row(report: Listed, folder: Path, words: Mapping[str, str]) -> str:
    links = [
        (quote(path.relative_to(folder).as_posix()), words.get(f"kinds.{kind}", kind.upper()))
        for kind, path in report.files
    ]
    others = " · ".join(f'<a href="{link}">{escape(name)}</a>' for link, name in links[1:])
    return (
        f'<tr><td>{report.year}</td><th scope="row">{escape(report.title)}{_marked(report)}</th>'
        f'<td><a href="{links[0][0]}" hreflang="{report.language}">'
        f"{_language(report, words)}</a></td>"
        f"<td>{others}</td>"
        f"<td>{escape(report.made[:16].replace('T', ' '))} UTC</td></tr>"
    )
