"""What the cells of a form let people enter: drop-downs and limits, with what to enter said in Vietnamese."""

from __future__ import annotations

from typing import Any

from parlib.scoring.answers import expected
from parlib.scoring.rules import Choice, Target, number
from parlib.scoring.scheme import Node
from parlib.sources.workbooks.form_formulas import ListRange
from parlib.sources.workbooks.form_layout import DECISIONS, LISTS, NOT_APPLICABLE, FormKind

_LONGEST = 255  # characters that Excel allows in a message


def limits(node: Node, kind: FormKind, table: ListRange | None) -> dict[str, dict[str, Any]]:
    """The data validation of each input column of a leaf, as xlsxwriter takes it."""
    most = number(node.maximum or 0, "vi")
    points = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": node.maximum or 0}
    found = {
        "answer": _answer(node, table),
        "not_applicable": _list("$A$1:$A$1", f"Chọn “{NOT_APPLICABLE}” hoặc để trống."),
        "given": {**points, **_refusal(f"Điểm từ 0 đến {most}.")},
    }
    if DECISIONS[kind]:
        words = f"Chọn một trong: {', '.join(DECISIONS[kind])}."
        found["decision"] = _list(f"$A$2:$A${1 + len(DECISIONS[kind])}", words)
    if isinstance(node.rule, Target):
        above = {"validate": "decimal", "criteria": ">", "value": 0}
        words = f"Mục tiêu ({node.rule.target_input}) phải là số lớn hơn 0."
        found["target"] = {**above, **_prompt(f"Nhập mục tiêu: {node.rule.target_input}."), **_refusal(words)}
    return found


def answer_look(node: Node) -> str:
    """The look of the cell that takes the answer."""
    if isinstance(node.rule, Choice):
        return "in_choice"
    return "in_percent" if getattr(node.rule, "unit", "") == "%" else "in_number"


def expected_words(node: Node) -> str:
    """ "Cần một số từ 0 đến 100"."""
    if isinstance(node.rule, Choice):
        return "Chọn lại trong danh sách"
    if isinstance(node.rule, Target):
        return "Cần số; mục tiêu phải lớn hơn 0"
    assert node.rule is not None
    return f"Cần {expected(node.rule, node.maximum, 'vi')}"


def _answer(node: Node, table: ListRange | None) -> dict[str, Any]:
    rule = node.rule
    assert rule is not None
    if isinstance(rule, Choice):
        assert table is not None
        refusal = _refusal("Hãy chọn một phương án trong danh sách thả xuống.")
        source = {"validate": "list", "source": f"={table.cells('A')}"}
        return {**source, **_prompt("Chọn một phương án trong danh sách."), **refusal}
    low, high, whole = rule.limits(node.maximum)
    bounds: dict[str, Any] = {"validate": "integer" if whole else "decimal"}
    if low is None or high is None:
        bounds |= {"criteria": ">=", "value": -1e15 if low is None else low}
    else:
        bounds |= {"criteria": "between", "minimum": low, "maximum": high}
    words = f"{expected_words(node)}."
    asked = str(getattr(rule, "input", "điểm"))
    return {**bounds, **_prompt(f"{asked[:1].upper()}{asked[1:]}. {words}"), **_refusal(words)}


def _list(cells: str, words: str) -> dict[str, Any]:
    return {"validate": "list", "source": f"='{LISTS}'!{cells}", **_refusal(words)}


def _prompt(words: str) -> dict[str, str]:
    return {"input_title": "Cách nhập", "input_message": words[:_LONGEST]}


def _refusal(words: str) -> dict[str, str]:
    return {"error_title": "Giá trị không hợp lệ", "error_message": words[:_LONGEST]}
