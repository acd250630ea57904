"""A published report made again from its record: whether every number and picture comes out as it was, and what is
not as it was then: data, libraries, code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import nbformat

from parlib import places
from parlib.errors import ParlibError, Problem
from parlib.publish import batch, manifest
from parlib.publish.document import numbers, shown_blocks
from parlib.publish.own import adopted
from parlib.publish.parameters import ReportParameters
from parlib.publish.render import made_before
from parlib.publish.verify.published import Published, changed_code, changed_inputs, read_record
from parlib.report.blocks import Block, Dataset, Figure
from parlib.words import Digits, Message, Words


@dataclass(frozen=True)
class Remade:
    """What came of it: how many numbers and pictures came out, and which otherwise (``findings``); the files that are
    other in some byte; ``causes``: what is not as it was when the report was made."""

    n_numbers: int
    n_pictures: int
    findings: tuple[Words, ...]
    files: tuple[str, ...]
    n_files: int
    causes: tuple[Words, ...]


def remake(report: Published, folder: Path) -> Remade:
    """Make ``report`` again in ``folder`` and set it against what was published. Raises ``ParlibError`` where it can
    not be made, or where its executed notebook is lost."""
    record = read_record(report.record)
    parameters = ReportParameters(**{**record["parameters"], "output_dir": str(folder)})
    notebook = Path(str(record["notebook"])).stem
    (outcome,) = batch.batch([parameters], notebook, tuple(made_before(report.record)) or ("html",), force=True)
    causes = (*changed_inputs(record), *_versions(report.record), *changed_code(record, parameters))
    if outcome.error is not None:
        raise ParlibError([*outcome.error.problems, *map(Problem, causes)])
    assert outcome.rendered is not None
    made = outcome.rendered.files["json"].parent
    outputs = record["outputs"]
    now = {name: made / name for name in outputs}
    files = [name for name, path in now.items() if not path.is_file() or places.sha256(path) != outputs[name]]
    archive = f"{report.record.stem}.ipynb"
    new = _blocks(made / archive, parameters)
    findings: tuple[Words, ...] = ()
    if archive in files:
        old = report.record.with_name(archive)
        if not old.is_file() or places.sha256(old) != outputs[archive]:
            lost = Message("the executed notebook is not the one published, so numbers cannot be set against it")
            findings = (_at(archive, lost),)
        else:
            findings = tuple(_differences(_blocks(old, parameters), new))
    n_pictures = sum(isinstance(block, Figure) for block in new)
    n_numbers = sum(1 for block in new for _ in numbers(block))
    return Remade(n_numbers, n_pictures, findings, tuple(files), len(outputs), causes)


def _blocks(archive: Path, parameters: ReportParameters) -> list[Block]:
    return list(shown_blocks(adopted(nbformat.read(archive, as_version=4), parameters.language).notebook))


def _versions(record: Path) -> Iterator[Words]:
    """Libraries that are of another version today."""
    then, now = read_record(record).get("versions", {}), manifest.versions()
    for name in sorted(then.keys() | now.keys()):
        old, new = (Digits(versions.get(name) or "–") for versions in (then, now))
        if then.get(name) != now.get(name):
            yield _at(name, Message("version {old} then, {new} now", {"old": old, "new": new}))


def _differences(old: list[Block], new: list[Block]) -> Iterator[Words]:
    """Numbers, pictures and words that are others, block by block."""
    for then, now in zip_longest(old, new):
        if then is None or now is None or then.kind != now.kind:
            left = " ".join((then or now).plain_text().split())[:80]
            yield _at(left, Message("other blocks from here on"))
            return
        if then == now:
            continue
        place = " ".join(now.plain_text().split())[:80]
        n = 0
        for before, after in zip_longest(numbers(then), numbers(now)):
            if (before and (before.value, before.text)) != (after and (after.value, after.text)):
                told = {"old": Digits(before.text if before else "–"), "new": Digits(after.text if after else "–")}
                yield _at(place, Message("{old} then, {new} now", told))
                n += 1
        if isinstance(then, Figure) and isinstance(now, Figure) and _drawn(then) != _drawn(now):
            yield _at(place, Message("another picture"))
        elif not n:
            what = Message("other data") if isinstance(now, Dataset) else Message("other words")
            yield _at(place, what)


def _at(place: str, what: Words) -> Message:
    return Message("{place}: {what}", {"place": place, "what": what})


def _drawn(figure: Figure) -> tuple[str, str]:
    return figure.svg or figure.png, figure.narrow
