"""``evidence.csv``: the files and links that units sent with their answers, each file by its hash, so that one can say
later whether it still is what was sent. Rows are only ever added; of one place the last row counts."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from parlib import places
from parlib.errors import DataError, ParlibError, Problem
from parlib.scoring import units as scoring_units
from parlib.sources.rounds import ledger
from parlib.sources.rounds.intake import is_left_beside
from parlib.sources.rounds.opening import Round, open_plan, refuse_final, round_folder
from parlib.sources.rounds.plan import Rulebook, now
from parlib.words import Message

EVIDENCE = "evidence.csv"
COLUMNS = ("unit", "code", "file", "sha256", "place", "by", "at", "typed_by")
_LINK = re.compile(r"https?://[^\s;,)\]}>\"']+")
_CODE = re.compile(r"\d+(?:\.\d+)*")


def read_evidence(round_: Round) -> pd.DataFrame:
    """What is recorded: ``unit``, ``code`` ("" = of the unit as a whole), ``file``, ``sha256``, ``place``, ``by``,
    ``at``, ``typed_by``; of each place the last."""
    return evidence_lines(round_).drop_duplicates(["unit", "code", "place"], keep="last").reset_index(drop=True)


def evidence_lines(round_: Round) -> pd.DataFrame:
    """All that was ever recorded, in order."""
    return ledger.read_texts(round_.path / EVIDENCE, COLUMNS, ("typed_by",), absent=True).frame


def store_evidence(round_: Round, folder: Path, by: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Record the files below ``folder``; gives the rows that are new or changed, and what was left out.

    The first folder below it says the unit; the first folder or file name that begins with a code the criterion:
    ``Hà Nội/1.1.2 QĐ 12.pdf``, ``ha-noi/1.1.2/QĐ 12.pdf``. A file of no criterion belongs to the unit as a whole.
    """
    if not folder.is_dir():
        raise DataError("this is no folder", value=str(folder))
    left: list[Problem] = []
    rows: list[dict[str, str]] = []
    book, moment = round_.book, now().isoformat(timespec="milliseconds")
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        parts = path.relative_to(folder).parts
        if is_left_beside(path.name):
            continue
        try:
            unit = round_.plan.find(parts[0]).key if len(parts) > 1 else ""
        except ParlibError as error:
            left.append(error.problems[0].at(file="/".join(parts)))
            continue
        if unit not in book.units:
            words = Message("left out: files stand in a folder that is called as the unit of the round")
            left.append(Problem(words, file="/".join(parts)))
            continue
        code = next(_codes(parts[1:], book), "")
        cells = (unit, code, path.name, places.sha256(path), str(path.resolve()), by, moment)
        rows.append(dict(zip(COLUMNS[:-1], cells, strict=True)))
    held = read_evidence(round_)
    known = set(held[["unit", "code", "place", "sha256"]].itertuples(index=False, name=None))
    fresh = [row for row in rows if (row["unit"], row["code"], row["place"], row["sha256"]) not in known]
    table = pd.DataFrame(fresh, columns=list(COLUMNS), dtype="str")
    with ledger.locked(round_folder(round_.plan.id)):
        refuse_final(open_plan(round_.plan.id)[0])
        if len(table):
            ledger.add_typed(round_.path / EVIDENCE, table, COLUMNS)
    return table, left


def _codes(parts: tuple[str, ...], book: Rulebook) -> Iterator[str]:
    """The criteria that names of folders and files begin with, the longest first: "1.1.2 QĐ 12.pdf" is of 1.1.2."""
    for part in parts:
        found = _CODE.match(part)
        pieces = found[0].split(".") if found else []
        for n in range(len(pieces), 0, -1):
            code = ".".join(pieces[:n])
            if code in book.codes:
                yield code


def checked_evidence(round_: Round) -> pd.DataFrame:
    """Every file recorded and every link in the evidence of answers, and how it is now: ``unit``, ``name``, ``code``,
    ``file``, ``sha256``, ``place``, ``by``, ``state`` ("sound", "altered", "missing", "link")."""
    table = read_evidence(round_).drop(columns=["at", "typed_by"])
    table["state"] = [
        _state(Path(place), sha256) for place, sha256 in zip(table["place"], table["sha256"], strict=True)
    ]
    rows = round_.ledger[(round_.ledger["evidence"] != "") & round_.ledger["stage"].isin(("self", "appeal"))]
    links = [
        {"unit": unit, "code": code, "file": "", "sha256": "", "place": link, "by": by, "state": "link"}
        for unit, code, text, by in rows[["unit", "code", "evidence", "by"]].itertuples(index=False)
        for link in _LINK.findall(text)
    ]
    both = pd.concat([table, pd.DataFrame(links, columns=table.columns, dtype="str")], ignore_index=True)
    both = both.drop_duplicates(["unit", "code", "place"], ignore_index=True)
    both.insert(1, "name", [scoring_units.name(key, system=round_.plan.system) for key in both["unit"]])
    return both


def _state(path: Path, sha256: str) -> str:
    try:
        return "sound" if places.sha256(path) == sha256 else "altered"
    except OSError:
        return "missing"


RECEIVED = "received"


def keep_received(round_: Round, files: Iterable[Path]) -> None:
    """Keep a copy of the files whose rows were taken, as they came: what hangs on their cells and stands beside their
    tables is in no ledger. A copy is called by the hash that imports.csv has of it."""
    for path in files:
        target = round_.path / RECEIVED / f"{places.sha256(path)[:16]}-{path.name}"
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            with places.whole_file(target) as draft:
                shutil.copyfile(path, draft)
