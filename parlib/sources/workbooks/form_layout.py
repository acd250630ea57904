"""The four forms of a round, each one table of columns: what they print, what people fill in, what Excel computes.

``self``        the unit states its results, with evidence (tự đánh giá);
``appraisal``   the council accepts or adjusts each of them (thẩm định);
``appeal``      the unit explains where it disagrees (giải trình);
``conclusion``  the council decides on the explanations (kết luận sau giải trình).

Writing (``form_write``), checking (``form_structure``) and reading (``form_read``) all go by these tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, get_args

from parlib.errors import ParameterError, Problem
from parlib.scoring.scheme import Node, Scheme
from parlib.tables import column_letter
from parlib.words import near

FormKind = Literal["self", "appraisal", "appeal", "conclusion"]
FORM_KINDS: tuple[FormKind, ...] = get_args(FormKind)
VERSION = "1"  # of the layout: a form of another version is refused

COVER, GUIDE, MAIN, LISTS, IDENTITY = "Bìa", "Hướng dẫn", "Phiếu chấm điểm", "Danh mục", "Định danh"

NOT_APPLICABLE = "Không áp dụng"
ACCEPT, ADJUST = "Chấp nhận", "Điều chỉnh"
AGREE, EXPLAIN = "Đồng ý", "Giải trình"
KEEP = "Giữ nguyên"
COUNCIL = "Hội đồng thẩm định"

HEAD_ROW = 4  # counted from 1: a title, the unit, a hint, the heads
WHOLE_ROW = HEAD_ROW + 1
FIRST_ROW = WHOLE_ROW + 1

# --- columns ----------------------------------------------------------------------------------

Use = Literal["printed", "answer", "number", "word", "text", "computed"]


class Column(NamedTuple):
    """A column of a form.

    ``use``   "printed"; "computed", by a live formula; or typed by people, and read as an "answer" to the rule, a
              "number", a "word" of a drop-down or a "text".
    ``look``  of its open cells; that of an answer is as its rule asks.

    ``says``  whose word it shows ("self", "council", "claim": the explanation), and what of it: the "answer", "points",
              "evidence" or "remark".
    """

    key: str
    heading: str
    width: float
    use: Use = "printed"
    look: str = ""
    says: tuple[str, str] = ("", "")

    @property
    def typed(self) -> bool:
        """Whether people fill it in."""
        return self.use not in ("printed", "computed")


def _answer(heading: str, width: float, target_width: float = 9.5) -> tuple[Column, Column]:
    target = Column("target", "Mục tiêu", target_width, "number", "in_number")
    return Column("answer", heading, width, "answer"), target


def _text(key: str, heading: str, width: float) -> Column:
    return Column(key, heading, width, "text", "in_code")


def _word(key: str, heading: str, width: float) -> Column:
    return Column(key, heading, width, "word", "in_choice")


def _said(whose: str, what: str, heading: str, width: float) -> Column:
    return Column(f"{whose}_{what}", heading, width, says=(whose, what))


def _points(heading: str) -> Column:
    return Column("points", heading, 8.5, "computed")


_NODE = (
    Column("code", "Mã", 6.5),
    Column("name", "Lĩnh vực / Tiêu chí / Tiêu chí thành phần", 33),
    Column("maximum", "Điểm tối đa", 7.5),
    Column("rule", "Cách tính điểm", 38),
)
_GIVEN = Column("given", "Điểm ấn định (khi không theo cách tính)", 10, "number", "in_points")
_APPLIES = Column("applies", "Tối đa áp dụng", 8.5, "computed")
_CHECK = Column("check", "Kiểm tra", 19, "computed")


# --- forms ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Form:
    """One of the four forms. Its rows have its kind as their stage in the ledger, and as the step of the plan.

    ``by_unit``    the unit fills it in; the council the others.
    ``decisions``  what may be chosen in the column "decision".
    ``before``     whose word the council decides on ("self", "council"), and ``accept``: the decision that leaves it.
    ``undecided``  the noun of the cover for rows that wait; "" where none has to be filled in.
    """

    kind: FormKind
    title: str
    columns: tuple[Column, ...]
    by_unit: bool
    decisions: tuple[str, ...] = ()
    before: Literal["self", "council", ""] = ""
    accept: str = ""
    undecided: str = ""

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The number of each column, counted from 1."""
        return {column.key: place for place, column in enumerate(self.columns, 1)}

    @cached_property
    def headings(self) -> Mapping[str, str]:
        """What problems call each column: "E – Kết quả"."""
        return {column.key: f"{self.letter(column.key)} – {column.heading}" for column in self.columns}

    def letter(self, key: str) -> str:
        """The letter of a column."""
        return column_letter(self.places[key])

    def cell(self, key: str, row: int) -> str:
        """The name of a cell: "E12"."""
        return f"{self.letter(key)}{row}"

    def titled(self, year: int) -> str:
        """ "Phiếu tự đánh giá, chấm điểm Chỉ số cải cách hành chính năm 2023"."""
        return f"{self.title} năm {year}"

    def heads(self, year: int, unit_name: str, scheme: Scheme) -> tuple[str, str]:
        """The first two lines of the main sheet, by which a form is known."""
        return self.titled(year), f"{unit_name} — Bộ tiêu chí theo {scheme.decision}"


FORMS: Mapping[str, Form] = {
    form.kind: form
    for form in (
        Form(
            "self",
            "Phiếu tự đánh giá, chấm điểm Chỉ số cải cách hành chính",
            (
                *_NODE,
                *_answer("Kết quả", 19, 10),
                _word("not_applicable", "Không áp dụng", 11),
                _points("Điểm tự chấm"),
                _APPLIES,
                Column("wanted", "Tài liệu kiểm chứng cần có", 23),
                _text("evidence", "Tài liệu kiểm chứng đã gửi (số, ký hiệu, ngày, đường dẫn)", 26),
                _text("remark", "Giải trình, ghi chú", 22),
                _CHECK,
            ),
            by_unit=True,
            undecided="tiêu chí chưa nhập",
        ),
        Form(
            "appraisal",
            "Phiếu thẩm định Chỉ số cải cách hành chính",
            (
                *_NODE,
                _said("self", "answer", "Đơn vị tự đánh giá", 18),
                _said("self", "points", "Điểm tự chấm", 8),
                _said("self", "evidence", "Tài liệu kiểm chứng đơn vị gửi", 22),
                _said("self", "remark", "Giải trình của đơn vị", 18),
                _word("decision", "Ý kiến thẩm định", 12),
                *_answer("Kết quả thẩm định (khi điều chỉnh)", 18),
                _GIVEN,
                _text("remark", "Lý do", 24),
                _points("Điểm thẩm định"),
                _APPLIES,
                _CHECK,
            ),
            by_unit=False,
            decisions=(ACCEPT, ADJUST, NOT_APPLICABLE),
            before="self",
            accept=ACCEPT,
            undecided="tiêu chí chưa có ý kiến",
        ),
        Form(
            "appeal",
            "Phiếu giải trình kết quả thẩm định Chỉ số cải cách hành chính",
            (
                *_NODE,
                _said("self", "answer", "Đơn vị tự đánh giá", 17),
                _said("self", "points", "Điểm tự chấm", 8),
                _said("council", "answer", "Kết quả thẩm định", 17),
                _said("council", "points", "Điểm thẩm định", 8),
                _said("council", "remark", "Lý do của Hội đồng", 24),
                _word("decision", "Ý kiến của đơn vị", 11),
                *_answer("Kết quả đề nghị", 17),
                _text("remark", "Nội dung giải trình", 30),
                _text("evidence", "Tài liệu kiểm chứng bổ sung", 24),
                _points("Điểm đề nghị"),
                _CHECK,
            ),
            by_unit=True,
            decisions=(AGREE, EXPLAIN),
        ),
        Form(
            "conclusion",
            "Phiếu kết luận sau giải trình Chỉ số cải cách hành chính",
            (
                *_NODE,
                _said("council", "answer", "Kết quả thẩm định", 16),
                _said("council", "points", "Điểm thẩm định", 8),
                _said("claim", "answer", "Kết quả đơn vị đề nghị", 16),
                _said("claim", "remark", "Nội dung giải trình của đơn vị", 26),
                _said("claim", "evidence", "Tài liệu kiểm chứng bổ sung", 20),
                _word("decision", "Kết luận", 12),
                *_answer("Kết quả kết luận (khi điều chỉnh)", 17),
                _GIVEN,
                _text("remark", "Lý do", 26),
                _points("Điểm sau giải trình"),
                _APPLIES,
                _CHECK,
            ),
            by_unit=False,
            decisions=(KEEP, ADJUST, NOT_APPLICABLE),
            before="council",
            accept=KEEP,
            undecided="tiêu chí chưa có ý kiến",
        ),
    )
}

#: The entries of the cover: key, label. The reader looks for the labels.
COVER_ENTRIES = (
    ("person", "Người lập phiếu"),
    ("position", "Chức vụ"),
    ("phone", "Điện thoại"),
    ("mail", "Thư điện tử"),
)
IDENTITY_KEYS = ("version", "kind", "round", "year", "level", "scheme", "scheme_sha256", "unit", "ledger_rows")


def form_of(kind: str) -> Form:
    """The form of a kind, or a ``ParameterError`` naming those that exist."""
    if kind not in FORMS:
        listed = ", ".join(FORM_KINDS)
        raise ParameterError(
            Problem("the form is one of {form_kinds}{near}", value=kind, near=near(kind, FORMS), form_kinds=listed)
        )
    return FORMS[kind]


# --- rows -------------------------------------------------------------------------------------


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
    if node.rule is None or node.rule.answered:
        return ""
    source = node.rule.source().text()
    return f"{source[:1].upper()}{source[1:]} – Bộ Nội vụ tính"
