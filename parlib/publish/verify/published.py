"""What is published, looked at again: its files against its record and its notebook, its record against today's data.

Nothing is rendered. What differs is named file by file and number by number.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import nbformat
import numpy as np
import pandas as pd

from parlib import places
from parlib.errors import ParameterError, ParlibError, Problem
from parlib.publish import manifest, warm
from parlib.publish.formats import FORMATS, Shown
from parlib.publish.parameters import ReportParameters
from parlib.publish.verify import blocks, vocabulary
from parlib.publish.verify.files import Finding, inspect
from parlib.report.blocks import Wording
from parlib.report.datasets import published
from parlib.scoring.results import Results
from parlib.words import Digits, Message, Words, near

_COLUMNS = ("points", "maximum", "index", "standard_error")
_NOISE = 1e-7


class Record(TypedDict, total=False):
    """What a record keeps of a report, as far as it is looked at here: hashes by the names of files."""

    parameters: dict[str, Any]  # of ReportParameters, which checks them
    title: str
    marks: list[str]
    notebook: str
    commit: str
    outputs: dict[str, str]
    read: dict[str, str]
    inputs: dict[str, str]
    versions: dict[str, str]


def read_record(path: Path) -> Record:
    """The record of a report."""
    result: Record = json.loads(path.read_text("utf-8"))
    return result


@dataclass(frozen=True)
class Published:
    """A report on disk: its record, and the files to look at by name (those of the record, or one handed in)."""

    record: Path
    files: Mapping[str, Path]

    @property
    def name(self) -> str:
        """The report as people name it, with its language: 2023/ministry/vi, 2023/profiles/2023-ministry-bo-y-te/vi."""
        parts = self.record.parent.parts
        return "/".join(parts[-4 if "profiles" in parts[-3:-2] else -3 :])


@dataclass(frozen=True)
class Verdict:
    """What came of one report: how many numbers it prints, and everything that is not as it was.

    ``remarks`` make nothing wrong: the code or its libraries are others today, or the language has no words by which
    its claims could be read.
    """

    report: Published
    numbers: int
    findings: tuple[Words, ...]
    remarks: tuple[Words, ...] = ()


def find(names: Sequence[str], root: Path) -> list[Published]:
    """The reports of ``names``: 2023/ministry, a folder, a file; all below ``root`` where there is none.

    Raises ``ParameterError`` with near matches for a name of nothing, and for a file of which no record is known.
    """
    everything = [path for path in sorted(root.rglob("*.json")) if _is_record(path)]
    results: dict[tuple[Path, tuple[str, ...]], Published] = {}
    problems: list[Problem] = []
    for name in names or [str(root)]:
        try:
            own = _named(name, root, everything)
        except ParameterError as error:
            problems += error.problems
            continue
        results |= {(one.record, tuple(one.files)): one for one in own}
    ParameterError.raise_for(problems)
    return list(results.values())


def _is_record(path: Path) -> bool:
    if any(part.startswith(".") for part in path.parts[-4:]) or "failed" in path.parts:
        return False
    try:
        return bool({"outputs", "parameters"} <= json.loads(path.read_text("utf-8")).keys())
    except (OSError, ValueError, AttributeError):
        return False


def _named(name: str, root: Path, everything: Sequence[Path]) -> list[Published]:
    path = Path(name)
    for folder in (path, root / name):
        if folder.is_dir():
            records = [one for one in sorted(folder.rglob("*.json")) if _is_record(one)]
            if not records:
                raise ParameterError("no record (.json) of any report is here", file=str(folder))
            return [_whole(record) for record in records]
    if path.is_file():
        return [_of_file(path, everything)]
    known = sorted({"/".join(one.parent.parent.relative_to(root).parts) for one in everything if root in one.parents})
    raise ParameterError("no such report, folder or file{near}", value=name, near=near(name, known))


def _whole(record: Path) -> Published:
    return Published(record, {name: record.parent / name for name in read_record(record)["outputs"]})


def _of_file(path: Path, everything: Sequence[Path]) -> Published:
    """The report that a file is of: by the record beside it, else by the title that it has of itself."""
    if _is_record(path):
        return _whole(path)
    beside = [one for one in sorted(path.parent.glob("*.json")) if _is_record(one)]
    for record in beside:
        if path.name in read_record(record)["outputs"]:
            return Published(record, {path.name: path})
    title, kind = _title(path), _kind(path.name)
    for record in everything:
        known = read_record(record)
        of_kind = [name for name in known["outputs"] if kind and _kind(name) == kind]
        if title and of_kind and title[:255] in _titles(known):
            content = places.sha256(path)  # of a workbook there may be two
            own = next((name for name in of_kind if known["outputs"][name] == content), of_kind[0])
            return Published(record, {own: path})
    raise ParameterError(
        "no record of a report with this file is found (by its name and the title that it has)",
        file=str(path),
        value=title or None,
    )


def _titles(known: Record) -> set[str]:
    """The title of a report as its files have it: with the marks that travel with it, or without."""
    parts = [known.get("title", ""), *known.get("marks", [])]
    return {" ".join(text.split())[:255] for text in (parts[0], " – ".join(parts))}


def _kind(name: str) -> str:
    return next((kind for kind, (ending, _) in FORMATS.items() if name.endswith(f".{ending}")), "")


def _title(path: Path) -> str:
    """The title that a file has of itself; "" where it cannot be read."""
    try:
        if path.suffix == ".html":
            result = re.search(r"<title>(.*?)</title>", path.read_text("utf-8"), re.DOTALL)
            return " ".join(result[1].split()) if result else ""
        if path.suffix == ".pdf":
            import pypdfium2

            document = pypdfium2.PdfDocument(path)
            title = document.get_metadata_value("Title") or ""
            document.close()
            return " ".join(title.split())
        with zipfile.ZipFile(path) as package:
            if "datapackage.json" in package.namelist():
                return str(json.loads(package.read("datapackage.json")).get("title", ""))
            if "README.txt" in package.namelist():
                return package.read("README.txt").decode("utf-8-sig").splitlines()[1]
            result = re.search(r"<dc:title>(.*?)</dc:title>", package.read("docProps/core.xml").decode("utf-8"))
            return " ".join(result[1].split()) if result else ""
    except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile):
        return ""


# --- the list of all that is published ------------------------------------------------------------


def against_list(names: Sequence[str], root: Path) -> tuple[int, tuple[Words, ...], tuple[Words, ...]]:
    """How many files of the list of ``root`` were looked at, what of them was changed or taken away, and what stands
    beside them that nobody published: of everything, or of the reports and folders of ``names``."""
    below = [_below(name, root) for name in names] or [""]
    known = {name: value for name, value in places.sums(root).items() if name.startswith(tuple(below))}
    wrong: list[Words] = []
    for name, value in known.items():
        if not (root / name).is_file():
            wrong.append(Finding(name, message=Message("the file is lost")))
        elif places.sha256(root / name) != value:
            wrong.append(Finding(name, message=Message("its content is not what was published")))
    beside = [name for name in places.unlisted(root, known) if name.startswith(tuple(below))] if known else []
    return len(known), tuple(wrong), tuple(Finding(name, message=Message("nobody published it")) for name in beside)


def _below(name: str, root: Path) -> str:
    """What paths begin with, in the list of ``root``, of what ``name`` names."""
    path = next((path for path in (Path(name), root / name) if path.exists()), root / name).absolute()
    within = path.relative_to(root.absolute()).as_posix() if path.is_relative_to(root.absolute()) else name
    return "" if within == "." else f"{within}/" if path.is_dir() else within


# --- one report -----------------------------------------------------------------------------------


def verify(report: Published) -> Verdict:
    """Everything of ``report`` that is not as its record says, or as today's data have it."""
    record = read_record(report.record)
    parameters = ReportParameters(**record["parameters"])
    archive = report.record.with_suffix(".ipynb")
    try:
        notebook = nbformat.read(archive, as_version=4)
    except (OSError, ValueError) as error:
        message = Message("the executed notebook cannot be read ({error})", {"error": error})
        return Verdict(report, 0, (Finding(archive.name, message=message),))
    shown = Shown(parameters, notebook, archive.stem)
    findings: list[Words] = list(_files(report, record, shown))
    changed = list(changed_inputs(record))
    findings += changed
    if changed:
        findings += _numbers(shown)
    wording = Wording(parameters.language, parameters.decimal, parameters.strict)  # type: ignore[arg-type]
    passed, wrong = blocks.inspect(shown.checkable, wording)
    return Verdict(
        report, passed.numbers, (*findings, *wrong), (*changed_code(record, parameters), *_unread(passed, shown))
    )


def _unread(passed: blocks.Passed, shown: Shown) -> Iterator[Finding]:
    """That what the texts claim was not verified, where the language has no words for it."""
    if not passed.claims:
        file = f"{shown.parameters.language}/{vocabulary.FILE}"
        message = Message("only the numbers were verified, not what the sentences claim: the language has no such file")
        yield Finding(f"parlib/locale/{file}", message=message)


def changed_code(record: Record, parameters: ReportParameters) -> Iterator[Finding]:
    """Whether code and libraries are those that made the report."""
    known, then, now = record.get("inputs", {}), record.get("commit") or "?", manifest.commit() or "?"
    folders, name = (places.notebooks(), places.workbench()), str(record.get("notebook", ""))
    notebook = next((folder / name for folder in folders if (folder / name).is_file()), None)
    today = manifest.inputs(parameters, notebook).digests if notebook else {}
    if known.get("code") != today.get("code"):
        message = Message("the code has changed since the report: {then} then, {now} now", {"then": then, "now": now})
        yield Finding("parlib", message=message)
    if known.get("requirements") != today.get("requirements"):
        yield Finding(warm.LOCK, message=Message("the list of libraries has changed since then"))


def _files(report: Published, record: Record, shown: Shown) -> Iterator[Finding]:
    """Files that are missing or other than the record says, and what they say otherwise."""
    for name, path in report.files.items():
        if not path.is_file():
            yield Finding(path.name, message=Message("the file is lost"))
        elif places.sha256(path) != record["outputs"].get(name):
            yield Finding(path.name, message=Message("its content is not what was published"))
            if _kind(name):
                yield from inspect(shown, {_kind(name): path})


def changed_inputs(record: Record) -> Iterator[Finding]:
    """Files of the workbook that the report had read and that are other files today."""
    for name, path in manifest.changed_since(record.get("read", {})):
        there = Message("an input file has changed since the report")
        yield Finding(name, message=there if path.is_file() else Message("an input file is lost"))


def _numbers(shown: Shown) -> Iterator[Finding]:
    """The index tables and published statistics behind the report against those of today, number by number."""
    opened: dict[tuple[str, str, str], Results | ParlibError] = {}
    for dataset in shown.document.datasets:
        if dataset.name not in ("index", "printed"):
            continue
        texts = dict.fromkeys(("index_name", "level", "stage", "node", "unit", "what", "marks", "name"), "str")
        empty = {name: [""] for name in (*_COLUMNS, "value")}
        frame = pd.read_csv(io.StringIO(dataset.text), dtype=texts, keep_default_na=False, na_values=empty)
        for (index_name, year, level), rows in frame.groupby(["index_name", "year", "level"], sort=False):
            key = (str(index_name), str(year), str(level))
            if key not in opened:
                opened[key] = _today(shown.parameters, *key)
                if isinstance(missing := opened[key], ParlibError):
                    yield Finding("index", f"{index_name} {year}", message=missing)
            if isinstance(now := opened[key], Results):
                difference = _changed if dataset.name == "index" else _published_otherwise
                yield from difference(rows, now, f"{index_name} {year}")


def _today(about: ReportParameters, index_name: str, year: str, level: str) -> Results | ParlibError:
    """The results that a table of the report was of, as they are today; the error where they are none any more."""
    from parlib.years import open_results

    own = about.round_id and index_name == about.index_name and int(year) == about.year
    try:
        return open_results(int(year), level, index_name, about.round_id if own else "")
    except ParlibError as error:
        return error


def _published_otherwise(then: pd.DataFrame, now: Results, title: str) -> Iterator[Finding]:
    """Statistics, ranks and bounds that are published beside the table and are other numbers today, or new."""
    old = {(str(row.unit), str(row.node), str(row.what)): float(row.value) for row in then.itertuples()}  # type: ignore[arg-type]
    held = {(node, what) for _, node, what in old}  # of other indices a report holds some statistics alone
    for unit, node, what, value in published(now):
        before = old.get((unit, node, what), np.nan)
        if (node, what) in held and np.isfinite(value) and not abs(before - value) <= _NOISE:
            yield _other(title, (unit, node, what), before, value)


def _other(title: str, names: Iterable[str], before: float, today: float) -> Finding:
    place = ", ".join(filter(None, (title, *names)))
    numbers = {"old": Digits(f"{before:.10g}"), "new": Digits(f"{today:.10g}")}
    if np.isnan(before) and np.isnan(today):
        message = Message("not in the report, none in today's data")
    elif np.isnan(before):
        message = Message("not in the report, in today's data {new}", numbers)
    elif np.isnan(today):
        message = Message("in the report {old}, none in today's data", numbers)
    else:
        message = Message("in the report {old}, in today's data {new}", numbers)
    return Finding("index", place, message=message)


def _changed(then: pd.DataFrame, now: Results, title: str) -> Iterator[Finding]:
    """Cells of the index table that are other numbers today, units that came and went among them."""
    keys = ["unit", "node", "stage"]
    units = then.groupby(["node", "stage"])["unit"].nunique()
    whole = units.index[units == then["unit"].nunique()]  # of other years and units a report holds some nodes alone
    held = pd.MultiIndex.from_frame(now.table[keys]).isin(pd.MultiIndex.from_frame(then[keys]))
    asked = now.table[held | pd.MultiIndex.from_frame(now.table[["node", "stage"]]).isin(whole)]
    both = then.merge(asked[[*keys, *_COLUMNS]], on=keys, how="outer", suffixes=("", "_now"))
    for column in _COLUMNS:
        old, new = both[column].to_numpy(float), both[f"{column}_now"].to_numpy(float)
        differ = ~((np.abs(old - new) <= _NOISE) | (np.isnan(old) & np.isnan(new)))
        for row in np.flatnonzero(differ):
            name = both["name"].iloc[row]
            who = str(both["unit"].iloc[row] if pd.isna(name) else name)
            yield _other(title, (who, str(both["node"].iloc[row]), column), old[row], new[row])
