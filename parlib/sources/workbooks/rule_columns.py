"""A rule as cells that people read and type, and back: the columns of the scheme workbook.

Whatever has several parts (options, thresholds, a scale) is one line a part, as the annex prints it::

    [timely] Ban hành kịp thời → 0,5        an option: id (may be left out), label, points
    85 → 0,75                               a threshold and its points; for a survey an answer and its share
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from parlib.errors import Problem
from parlib.scoring.answers import as_number
from parlib.scoring.rules import number, written
from parlib.words import Bilingual, Message, fold

#: The kinds of rule in the words of the workbook.
KIND_WORDS = {
    "choice": "Lựa chọn phương án",
    "steps": "Theo ngưỡng",
    "proportional": "Theo tỷ lệ",
    "deduction": "Trừ điểm",
    "tally": "Cộng điểm",
    "target": "So với mục tiêu",
    "survey": "Điều tra xã hội học",
    "external": "Chỉ số bên ngoài",
    "given": "Lấy theo công bố",
}
#: The fields of each kind, in the order of its YAML. "scale" is the column of lines.
KIND_FIELDS = {
    "choice": ("options",),
    "steps": ("input", "unit", "steps"),
    "proportional": ("input", "unit", "full_at", "zero_below"),
    "deduction": ("input", "per"),
    "tally": ("input", "per"),
    "target": ("input", "target_input", "tiers"),
    "survey": ("item", "respondents", "scale"),
    "external": ("index", "full_at"),
    "given": (),
}
LINES = ("options", "steps", "tiers", "scale")  # fields that share the column "scale"
COLUMN_OF = {**dict.fromkeys(LINES, "scale"), "label": "scale"}


@dataclass(frozen=True, slots=True)
class RuleColumn:
    """A column of the scheme workbook that holds a part of the rule."""

    key: str
    heading: str
    width: float
    help: str


RULE_COLUMNS = (
    RuleColumn("kind", "Cách tính điểm", 19, "Chọn một trong chín cách tính điểm"),
    RuleColumn("input", "Số liệu cần nhập", 34, "Đơn vị được đánh giá phải nhập số liệu gì"),
    RuleColumn("target_input", "Số liệu so sánh (mục tiêu)", 26, "Chỉ với cách “So với mục tiêu”"),
    RuleColumn("unit", "Đơn vị tính", 9, "Ví dụ % (với cách “Theo ngưỡng” và “Theo tỷ lệ”)"),
    RuleColumn("scale", "Thang điểm (mỗi dòng một mức)", 52, "Ví dụ: 85 → 0,75 hoặc: Ban hành kịp thời → 0,5"),
    RuleColumn("full_at", "Đạt điểm tối đa từ", 10, "Với cách “Theo tỷ lệ” và “Chỉ số bên ngoài”"),
    RuleColumn("zero_below", "0 điểm khi dưới", 10, "Với cách “Theo tỷ lệ”"),
    RuleColumn("per", "Điểm mỗi trường hợp", 10, "Với cách “Trừ điểm” và “Cộng điểm”"),
    RuleColumn("item", "Câu hỏi khảo sát", 12, "Mã câu hỏi trong phiếu điều tra"),
    RuleColumn("respondents", "Đối tượng khảo sát", 22, "Mã đối tượng, cách nhau dấu phẩy"),
    RuleColumn("index", "Mã chỉ số", 14, "Với cách “Chỉ số bên ngoài”, ví dụ sipas"),
)
HEADING_OF = {column.key: column.heading for column in RULE_COLUMNS}

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
    cells: dict[str, str | float] = {"kind": KIND_WORDS[rule["kind"]]}
    for key in KIND_FIELDS[rule["kind"]]:
        value = rule[key]
        if key == "options":
            cells["scale"] = "\n".join(f"[{name}] {rule['label'][name]} → {_shown(p)}" for name, p in value.items())
        elif key == "scale":
            cells["scale"] = "\n".join(f"{answer} → {_shown(share)}" for answer, share in value.items())
        elif key in LINES:
            cells["scale"] = "\n".join(f"{_shown(level)} → {_shown(points)}" for level, points in value)
        elif key == "respondents":
            cells[key] = ", ".join(value)
        else:
            cells[key] = value
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
        options = ", ".join(KIND_WORDS.values())
        english = ", ".join(KIND_WORDS)
        report(
            "kind",
            Problem(
                "the kind of rule is missing or unknown; the kinds are {options}", options=Bilingual(options, english)
            ),
        )
        return None
    rule: dict[str, Any] = {"kind": kind}
    fields = KIND_FIELDS[kind]
    for key in fields:
        column = COLUMN_OF.get(key, key)
        if column not in cells:
            report(
                column,
                Problem("a rule of kind {kind_words} needs this column", kind_words=Bilingual(KIND_WORDS[kind], kind)),
            )
        else:
            _read_field(key, cells[column], rule, partial(report, column))
    used = {"kind", *(COLUMN_OF.get(key, key) for key in fields)}
    for column in cells:
        if column not in used:
            report(
                column,
                Problem(
                    "a rule of kind {kind_words} does not use this column; leave it empty",
                    kind_words=Bilingual(KIND_WORDS[kind], kind),
                ),
            )
    return rule


def kind_of(cell: object) -> str | None:
    """The kind that a cell names, by its Vietnamese word or its key."""
    text = fold(str(cell or ""))
    return next((kind for kind, word in KIND_WORDS.items() if text in (kind, fold(word))), None)


def _read_field(key: str, cell: Any, rule: dict[str, Any], bad: Callable[[Problem], None]) -> None:
    if key in ("full_at", "zero_below", "per"):
        value = number_of(cell)
        if isinstance(value, Problem):
            bad(value)
        else:
            rule[key] = value
    elif key == "respondents":
        rule[key] = [part.strip() for part in re.split(r"[,;\n]", str(cell)) if part.strip()]
    elif key in LINES:
        lines = [line.strip() for line in str(cell).split("\n") if line.strip()]
        if key == "options":
            _read_options(lines, rule, bad)
        else:
            levels = _read_levels(lines, bad)
            rule[key] = _scale(levels, bad) if key == "scale" else [list(pair) for pair in levels]
    else:
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
