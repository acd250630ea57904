"""A rule as cells that people read and type, and back.

Whatever has several parts (options, thresholds, a scale) is one line a part, as the annex prints it::

    [timely] Ban hành kịp thời → 0,5        an option: id (may be left out), label, points
    85 → 0,75                               a threshold and its points; for a survey an answer and its share
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from parlib.errors import Problem
from parlib.numerals import as_number, number, written
from parlib.scoring.rules import KINDS, Kind, Labels, Ladder, Options, Scale, Texts
from parlib.sources.workbooks.scheme_layout import parts_of
from parlib.words import FIRST, Bilingual, Message, fold, number_signs

_ARROW = r"\s*(?:→|->|=>|:|=)\s*"
_NUMBER = r"[-+\u2212]?[0-9]+(?:[.,][0-9]+)?"
_ENDING = rf"(?P<points>{_NUMBER})\s*(?:điểm|đ|%)?\s*\.?\s*"
_OPTION = re.compile(rf"(?:\[(?P<id>[^\]\s]*)\]\s*)?(?P<label>.*\S){_ARROW}{_ENDING}", re.DOTALL)
_LEVEL = re.compile(rf"(?:≥|>=|từ)?\s*(?P<level>{_NUMBER})\s*%?{_ARROW}{_ENDING}", re.IGNORECASE)
_EXAMPLES = {_OPTION: Message("In time → 0.5"), _LEVEL: Message("85 → 0.75")}

Cells = Mapping[str, object]  # column key -> text or number; empty ones left out
Report = Callable[[str, Problem], None]  # column key, what is wrong
Bad = Callable[[Problem], None]


def _form(kind: type[Kind], key: str) -> object:
    """What a field of a kind holds: one of the types of ``parlib.scoring.rules``."""
    return kind.model_fields[key].annotation


# --- a rule as cells --------------------------------------------------------------------------


def rule_cells(rule: Kind, language: str = FIRST) -> dict[str, str | float]:
    """The cells of a rule, by the key of their column."""
    cells: dict[str, str | float] = {"kind": rule.name.text(language)}
    for key, part in parts_of(type(rule)).items():
        value, form = getattr(rule, key), _form(type(rule), key)
        if form == Options:
            labels = getattr(rule, "label", {})
            pairs = ((f"[{name}] {labels[name]}", points) for name, points in value.items())
        elif form in (Scale, Ladder):
            listed = value.items() if form == Scale else value
            pairs = ((number(float(level), language), points) for level, points in listed)
        else:
            if form != Labels:  # they stand with their options
                cells[part.column] = ", ".join(value) if form == Texts else value
            continue
        cells[part.column] = "\n".join(f"{what} → {number(float(points), language)}" for what, points in pairs)
    return cells


# --- cells as a rule --------------------------------------------------------------------------


def rule_of_cells(cells: Cells, report: Report, language: str = FIRST) -> dict[str, object] | None:
    """The rule that cells hold, as the plain content of the YAML; ``None`` when they hold none.

    What is wrong is given to ``report`` with the column; the fields that could be read are returned all the same, so
    that the checks of the scheme can find what else is wrong.
    """
    if not cells:
        return None
    typed = fold(str(cells.get("kind") or ""))
    kind = next((kind for key, kind in KINDS.items() if typed in (key, fold(kind.name.text(language)))), None)
    if kind is None:
        names = ", ".join(kind.name.text(language) for kind in KINDS.values())
        options = Bilingual(names, ", ".join(KINDS)) if language == FIRST else names
        report("kind", Problem("the kind of rule is missing or unknown; the kinds are {options}", options=options))
        return None
    parts = parts_of(kind)
    columns = list(dict.fromkeys(part.column for part in parts.values()))
    for column in columns:
        if column not in cells:
            report(column, Problem("a rule of kind {kind_words} needs this column", kind_words=kind.name))
    rule: dict[str, object] = {"kind": next(key for key, of in KINDS.items() if of is kind)}
    for key, part in parts.items():
        if part.column in cells:
            rule |= _field(key, _form(kind, key), cells[part.column], language, partial(report, part.column))
    for column in cells:
        if column not in ("kind", *columns):
            named = {"kind_words": kind.name}
            words = Message("a rule of kind {kind_words} does not use this column; leave it empty", named)
            report(column, Problem(words))
    return rule


def _field(key: str, form: object, cell: object, language: str, bad: Bad) -> dict[str, object]:
    """What a cell says of a field, by the key of the YAML: nothing where it cannot be read."""
    if form == Options:
        return _options(cell, language, bad)
    if form == Ladder:
        return {key: [[level, points] for _, level, points in _lines(_LEVEL, cell, language, bad)]}
    if form == Scale:
        return {key: _scale(cell, language, bad)}
    if form == Texts:
        return {key: [part.strip() for part in re.split(r"[,;\n]", str(cell)) if part.strip()]}
    if form is float:
        value = number_of(cell, language)
        if not isinstance(value, Problem):
            return {key: value}
        bad(value)
        return {}
    return {} if form == Labels else {key: str(cell)}  # labels were read with their options


def _lines(
    pattern: re.Pattern[str], cell: object, language: str, bad: Bad
) -> Iterator[tuple[re.Match[str], float, float]]:
    """The lines of a cell: what was matched, its level (of an option 0) and its points."""
    for line in filter(None, (line.strip() for line in str(cell).split("\n"))):
        match = pattern.fullmatch(line)
        if match is None:
            bad(
                Problem(
                    "cannot read the line “{line}”; write it like: {example}", line=line, example=_EXAMPLES[pattern]
                )
            )
            continue
        level, points = (number_of(match.groupdict().get(name, 0), language) for name in ("level", "points"))
        if isinstance(level, Problem) or isinstance(points, Problem):
            wrong = level if isinstance(level, Problem) else points
            assert isinstance(wrong, Problem)
            bad(wrong.at(message=Message("line “{line}”: {what}", {"what": wrong.message, "line": line})))
        else:
            yield match, level, points


def _options(cell: object, language: str, bad: Bad) -> dict[str, object]:
    options: dict[str, float] = {}
    labels: dict[str, str] = {}
    for match, _, points in _lines(_OPTION, cell, language, bad):
        name = match["id"] or _identifier(match["label"])
        if name in options:
            bad(Problem("the option id [{name}] is used twice", name=name))
        else:
            options[name], labels[name] = points, match["label"].strip()
    return {"options": options, "label": labels}


def _scale(cell: object, language: str, bad: Bad) -> dict[int, float]:
    scale: dict[int, float] = {}
    for _, answer, share in _lines(_LEVEL, cell, language, bad):
        if answer != int(answer) or int(answer) in scale:
            bad(Problem("the answer {number} must be a whole number, given once", number=written(answer)))
        else:
            scale[int(answer)] = share
    return scale


def number_of(cell: object, language: str = FIRST) -> float | Problem:
    """A number typed as a number or as text, with the decimal sign of the language; what could mean two things is
    refused."""
    if isinstance(cell, bool) or not isinstance(cell, (int, float, str)):
        return Problem("not a number")
    if isinstance(cell, (int, float)):
        return cell
    value = as_number(cell, number_signs(language)[1])
    return value if isinstance(value, Problem) or value != int(value) else int(value)


def _identifier(label: str) -> str:
    """An id for an option that was given none: its label without marks, shortened."""
    name = "_".join(fold(label).split())[:40].rstrip("_")
    return name if name[:1].isascii() and name[:1].isalpha() else f"o_{name}"
