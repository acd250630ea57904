"""The four forms of a round: their sheets, their columns, and the rows that a scheme makes on them.

``self``        the unit states its results, with evidence (tự đánh giá);
``appraisal``   the council accepts or adjusts each of them (thẩm định);
``appeal``      the unit explains where it disagrees (giải trình);
``conclusion``  the council decides on the explanations (kết luận sau giải trình).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from parlib.errors import ParameterError, Problem
from parlib.scoring.rules import External, Survey
from parlib.scoring.scheme import Node, Scheme
from parlib.words import near

FormKind = Literal["self", "appraisal", "appeal", "conclusion"]
FORM_KINDS: tuple[FormKind, ...] = get_args(FormKind)
VERSION = "1"  # of the layout: a form of another version is refused

COVER, GUIDE, MAIN, LISTS, IDENTITY = "Bìa", "Hướng dẫn", "Phiếu chấm điểm", "Danh mục", "Định danh"

NOT_APPLICABLE = "Không áp dụng"
ACCEPT, ADJUST = "Chấp nhận", "Điều chỉnh"
AGREE, EXPLAIN = "Đồng ý", "Giải trình"
KEEP = "Giữ nguyên"
#: What may be chosen in the column "decision" of each form.
DECISIONS: dict[str, tuple[str, ...]] = {
    "self": (),
    "appraisal": (ACCEPT, ADJUST, NOT_APPLICABLE),
    "appeal": (AGREE, EXPLAIN),
    "conclusion": (KEEP, ADJUST, NOT_APPLICABLE),
}

HEAD_ROW = 4  # counted from 1: a title, the unit, a hint, the heads
WHOLE_ROW = HEAD_ROW + 1
FIRST_ROW = WHOLE_ROW + 1


class Column(NamedTuple):
    """A column of a form. ``use``: "in" is typed by people, "out" is computed live, "" is printed."""

    key: str
    heading: str
    width: float
    use: Literal["", "in", "out"] = ""


_NODE = (
    Column("code", "Mã", 6.5),
    Column("name", "Lĩnh vực / Tiêu chí / Tiêu chí thành phần", 33),
    Column("maximum", "Điểm tối đa", 7.5),
    Column("rule", "Cách tính điểm", 38),
)
_SELF = (
    *_NODE,
    Column("answer", "Kết quả", 19, "in"),
    Column("target", "Mục tiêu", 10, "in"),
    Column("not_applicable", "Không áp dụng", 11, "in"),
    Column("points", "Điểm tự chấm", 8.5, "out"),
    Column("applies", "Tối đa áp dụng", 8.5, "out"),
    Column("wanted", "Tài liệu kiểm chứng cần có", 23),
    Column("evidence", "Tài liệu kiểm chứng đã gửi (số, ký hiệu, ngày, đường dẫn)", 26, "in"),
    Column("remark", "Giải trình, ghi chú", 22, "in"),
    Column("check", "Kiểm tra", 19, "out"),
)
_APPRAISAL = (
    *_NODE,
    Column("self_answer", "Đơn vị tự đánh giá", 18),
    Column("self_points", "Điểm tự chấm", 8),
    Column("self_evidence", "Tài liệu kiểm chứng đơn vị gửi", 22),
    Column("self_remark", "Giải trình của đơn vị", 18),
    Column("decision", "Ý kiến thẩm định", 12, "in"),
    Column("answer", "Kết quả thẩm định (khi điều chỉnh)", 18, "in"),
    Column("target", "Mục tiêu", 9.5, "in"),
    Column("given", "Điểm ấn định (khi không theo cách tính)", 10, "in"),
    Column("remark", "Lý do", 24, "in"),
    Column("points", "Điểm thẩm định", 8.5, "out"),
    Column("applies", "Tối đa áp dụng", 8.5, "out"),
    Column("check", "Kiểm tra", 19, "out"),
)
_APPEAL = (
    *_NODE,
    Column("self_answer", "Đơn vị tự đánh giá", 17),
    Column("self_points", "Điểm tự chấm", 8),
    Column("council_answer", "Kết quả thẩm định", 17),
    Column("council_points", "Điểm thẩm định", 8),
    Column("council_remark", "Lý do của Hội đồng", 24),
    Column("decision", "Ý kiến của đơn vị", 11, "in"),
    Column("answer", "Kết quả đề nghị", 17, "in"),
    Column("target", "Mục tiêu", 9.5, "in"),
    Column("remark", "Nội dung giải trình", 30, "in"),
    Column("evidence", "Tài liệu kiểm chứng bổ sung", 24, "in"),
    Column("points", "Điểm đề nghị", 8.5, "out"),
    Column("check", "Kiểm tra", 19, "out"),
)
_CONCLUSION = (
    *_NODE,
    Column("council_answer", "Kết quả thẩm định", 16),
    Column("council_points", "Điểm thẩm định", 8),
    Column("claim_answer", "Kết quả đơn vị đề nghị", 16),
    Column("claim_remark", "Nội dung giải trình của đơn vị", 26),
    Column("claim_evidence", "Tài liệu kiểm chứng bổ sung", 20),
    Column("decision", "Kết luận", 12, "in"),
    Column("answer", "Kết quả kết luận (khi điều chỉnh)", 17, "in"),
    Column("target", "Mục tiêu", 9.5, "in"),
    Column("given", "Điểm ấn định (khi không theo cách tính)", 10, "in"),
    Column("remark", "Lý do", 26, "in"),
    Column("points", "Điểm sau giải trình", 8.5, "out"),
    Column("applies", "Tối đa áp dụng", 8.5, "out"),
    Column("check", "Kiểm tra", 19, "out"),
)
COLUMNS: dict[str, tuple[Column, ...]] = {
    "self": _SELF,
    "appraisal": _APPRAISAL,
    "appeal": _APPEAL,
    "conclusion": _CONCLUSION,
}

TITLES = {
    "self": "Phiếu tự đánh giá, chấm điểm Chỉ số cải cách hành chính",
    "appraisal": "Phiếu thẩm định Chỉ số cải cách hành chính",
    "appeal": "Phiếu giải trình kết quả thẩm định Chỉ số cải cách hành chính",
    "conclusion": "Phiếu kết luận sau giải trình Chỉ số cải cách hành chính",
}
#: The stage that a form's rows have in the ledger, and the step of the plan that it belongs to.
LEDGER_STAGE = {"self": "self", "appraisal": "appraisal", "appeal": "appeal", "conclusion": "conclusion"}
BY_UNIT = ("self", "appeal")  # forms that the unit fills in; the council fills in the others
COUNCIL = "Hội đồng thẩm định"

#: The entries of the cover: key, label. The reader looks for the labels.
COVER_ENTRIES = (
    ("person", "Người lập phiếu"),
    ("position", "Chức vụ"),
    ("phone", "Điện thoại"),
    ("mail", "Thư điện tử"),
)
IDENTITY_KEYS = ("version", "kind", "round", "year", "level", "scheme", "scheme_sha256", "unit", "ledger_rows")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a form: its number on the sheet, its node (``None`` for the total), and the rows it is the sum of."""

    row: int
    node: Node | None
    children: tuple[int, ...] = ()

    @property
    def look(self) -> str:
        """The look of the row: "whole", "area", "criterion" or "" for a leaf."""
        if self.node is None:
            return "whole"
        return "" if self.node.is_leaf else ("area", "criterion")[self.node.depth - 1]


def check_kind(kind: str) -> FormKind:
    """``kind`` as it is, or a ``ParameterError`` naming those that exist."""
    for known in FORM_KINDS:
        if kind == known:
            return known
    raise ParameterError(
        Problem(
            "the form is one of {form_kinds}{near}",
            value=kind,
            near=near(kind, FORM_KINDS),
            form_kinds=", ".join(FORM_KINDS),
        )
    )


def form_lines(scheme: Scheme) -> tuple[Line, ...]:
    """The rows of a form: the total, then every node in the order of the scheme."""
    rows = {node.code: FIRST_ROW + place for place, node in enumerate(scheme.nodes)}
    below: dict[str, list[int]] = {}
    for node in scheme.nodes:
        below.setdefault(node.parent, []).append(rows[node.code])
    return (
        Line(WHOLE_ROW, None, tuple(below[""])),
        *(Line(rows[node.code], node, tuple(below.get(node.code, ()))) for node in scheme.nodes),
    )


def asked(node: Node) -> bool:
    """Whether the unit answers this leaf itself."""
    return node.rule is not None and node.rule.answered


def not_asked_words(node: Node) -> str:
    """What stands in the place of an answer where the unit gives none."""
    if isinstance(node.rule, Survey):
        return "Điều tra xã hội học – Bộ Nội vụ tính"
    if isinstance(node.rule, External):
        return f"Chỉ số {node.rule.index} – Bộ Nội vụ tính"
    return ""
