"""A rule as cells that people read and type, and back: the columns of the scheme workbook.

Whatever has several parts (options, thresholds, a scale) is one line a part, as the annex prints it::

    [timely] Ban hành kịp thời → 0,5        an option: id (may be left out), label, points
    85 → 0,75                               a threshold and its points; for a survey an answer and its share
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from parlib.errors import Problem
from parlib.numerals import as_number, number, written
from parlib.scoring.rules import KINDS, PARTS, Labels, Ladder, Options, Part, Scale, Texts
from parlib.words import Bilingual, Message, fold

_KIND = Part("kind", Message("kind of rule"), 19)


def rule_columns() -> tuple[Part, ...]:
    """The columns of the workbook that hold rules: the kind, then the parts of all kinds in their order."""
    used = dict.fromkeys(part for kind in KINDS.values() for part in kind.parts().values())
    order = sorted(used, key=lambda part: PARTS.index(part) if part in PARTS else len(PARTS))
    return (_KIND, *order)


def column_of(key: str) -> str:
    """The key of the column where a field of rules stands; of what is no field, the key itself."""
    parts = (kind.parts().get(key) for kind in KINDS.values())
    return next((part.column for part in parts if part), key)


def help_of(part: Part) -> str:
    """What the note at the head of a column says: what to write, and with which kinds."""
    if part == _KIND:
        return Message("choose one of the {n} kinds of rule", {"n": len(KINDS)}).text()
    users = ", ".join(f"“{kind.name.text()}”" for kind in KINDS.values() if part in kind.parts().values())
    told = Message("with {kinds}", {"kinds": users}).text()
    return f"{part.help.text()} ({told})" if part.help.text() else told[:1].upper() + told[1:]


_ARROW = r"\s*(?:→|->|=>|:|=)\s*"
_NUMBER = r"[-+\u2212]?[0-9]+(?:[.,][0-9]+)?"
_ENDING = r"\s*(?:điểm|đ|%)?\s*\.?\s*"
_OPTION = re.compile(rf"(?:\[(?P<id>[^\]\s]*)\]\s*)?(?P<label>.*\S){_ARROW}(?P<points>{_NUMBER}){_ENDING}", re.DOTALL)
_LEVEL = re.compile(rf"(?:≥|>=|từ)?\s*(?P<level>{_NUMBER})\s*%?{_ARROW}(?P<points>{_NUMBER}){_ENDING}", re.IGNORECASE)

Cells = Mapping[str, Any]  # column key -> text or number; empty ones left out
Report = Callable[[str, Problem], None]  # column key, what is wrong


# --- a rule as cells --------------------------------------------------------------------------


def rule_cells(rule: Mapping[str, Any]) -> dict[str, str | float]:
    """The cells of a rule, by the key of their column."""
    kind = KINDS[rule["kind"]]
    cells: dict[str, str | float] = {"kind": kind.name.text()}
    for key, part in kind.parts().items():
        value, form = rule[key], kind.model_fields[key].annotation
        if form == Options:
            labels = rule["label"]
            cells[part.column] = "\n".join(f"[{name}] {labels[name]} → {_shown(p)}" for name, p in value.items())
        elif form == Scale:
            cells[part.column] = "\n".join(f"{answer} → {_shown(share)}" for answer, share in value.items())
        elif form == Ladder:
            cells[part.column] = "\n".join(f"{_shown(level)} → {_shown(points)}" for level, points in value)
        elif form == Texts:
            cells[part.column] = ", ".join(value)
        elif form != Labels:  # they stand with their options
            cells[part.column] = value
    return cells


def _shown(value: float) -> str:
    return number(Decimal(repr(float(value))), "vi")


# --- cells as a rule --------------------------------------------------------------------------


def rule_of_cells(cells: Cells, report: Report) -> dict[str, Any] | None:
    """The rule that cells hold, as the plain content of the YAML; ``None`` when they hold none.

    What is wrong is given to ``report`` with the column; the fields that could be read are returned all the same, so
    that the checks of the scheme can find what else is wrong.
    """
    if not cells:
        return None
    kind = kind_of(cells.get("kind"))
    if kind is None:
        options = Bilingual(", ".join(kind.name.text() for kind in KINDS.values()), ", ".join(KINDS))
        report("kind", Problem("the kind of rule is missing or unknown; the kinds are {options}", options=options))
        return None
    rule: dict[str, Any] = {"kind": kind}
    parts = KINDS[kind].parts()
    for column in dict.fromkeys(part.column for part in parts.values()):
        if column not in cells:
            report(column, Problem("a rule of kind {kind_words} needs this column", kind_words=KINDS[kind].name))
    for key, part in parts.items():
        if part.column in cells:
            form, bad = KINDS[kind].model_fields[key].annotation, partial(report, part.column)
            _read_field(key, form, cells[part.column], rule, bad)
    for column in cells:
        if column != "kind" and column not in [part.column for part in parts.values()]:
            report(
                column,
                Problem(
                    "a rule of kind {kind_words} does not use this column; leave it empty", kind_words=KINDS[kind].name
                ),
            )
    return rule


def kind_of(cell: object) -> str | None:
    """The kind that a cell names, by its word in the workbook or its key."""
    text = fold(str(cell or ""))
    return next((key for key, kind in KINDS.items() if text in (key, fold(kind.name.text()))), None)


def _read_field(key: str, form: object, cell: Any, rule: dict[str, Any], bad: Callable[[Problem], None]) -> None:
    lines = [line.strip() for line in str(cell).split("\n") if line.strip()]
    if form == Options:
        _read_options(lines, rule, bad)
    elif form == Ladder:
        rule[key] = [list(pair) for pair in _read_levels(lines, bad)]
    elif form == Scale:
        rule[key] = _scale(_read_levels(lines, bad), bad)
    elif form == Texts:
        rule[key] = [part.strip() for part in re.split(r"[,;\n]", str(cell)) if part.strip()]
    elif form is float:
        value = number_of(cell)
        if isinstance(value, Problem):
            bad(value)
        else:
            rule[key] = value
    elif form != Labels:  # they were read with their options
        rule[key] = str(cell)


def _read_options(lines: list[str], rule: dict[str, Any], bad: Callable[[Problem], None]) -> None:
    options: dict[str, float] = {}
    labels: dict[str, str] = {}
    for line in lines:
        match = _OPTION.fullmatch(line)
        points = number_of(match["points"]) if match else None
        if match is None or points is None:
            bad(Problem("cannot read the line “{line}”; write it like: Ban hành kịp thời → 0,5", line=line))
            continue
        if isinstance(points, Problem):
            bad(points.at(message=Message("line “{line}”: {what}", {"what": points.message, "line": line})))
            continue
        name = match["id"] or _identifier(match["label"])
        if name in options:
            bad(Problem("the option id [{name}] is used twice", name=name))
            continue
        options[name], labels[name] = points, match["label"].strip()
    rule["options"], rule["label"] = options, labels


def _read_levels(lines: list[str], bad: Callable[[Problem], None]) -> list[tuple[float, float]]:
    levels: list[tuple[float, float]] = []
    for line in lines:
        match = _LEVEL.fullmatch(line)
        pair = [number_of(match["level"]), number_of(match["points"])] if match else []
        wrong = next((value for value in pair if isinstance(value, Problem)), None)
        if wrong is not None:
            bad(wrong.at(message=Message("line “{line}”: {what}", {"what": wrong.message, "line": line})))
        elif not pair:
            bad(Problem("cannot read the line “{line}”; write it like: 85 → 0,75", line=line))
        else:
            levels.append((pair[0], pair[1]))  # type: ignore[arg-type]
    return levels


def _scale(levels: list[tuple[float, float]], bad: Callable[[Problem], None]) -> dict[int, float]:
    scale: dict[int, float] = {}
    for answer, share in levels:
        if answer != int(answer) or int(answer) in scale:
            bad(
                Problem(
                    "the answer {number} must be a whole number, given once",
                    number=written(answer),
                )
            )
        else:
            scale[int(answer)] = share
    return scale


def number_of(cell: object) -> float | Problem:
    """A number typed as a number or as text: a comma is the decimal mark; what could mean two things is refused."""
    if isinstance(cell, bool) or not isinstance(cell, (int, float, str)):
        return Problem("not a number")
    if isinstance(cell, (int, float)):
        return cell
    value = as_number(cell, ",")
    if isinstance(value, Problem):
        return value
    return int(value) if value == int(value) else value


def _identifier(label: str) -> str:
    """An id for an option that was given none: its label without marks, shortened."""
    words = fold(label).split()
    name = "_".join(words)[:40].rstrip("_")
    return name if name[:1].isascii() and name[:1].isalpha() else f"o_{name}"
