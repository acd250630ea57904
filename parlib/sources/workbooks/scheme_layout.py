"""The sheets of a scheme workbook, their columns, and the words in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from parlib import data_tables
from parlib.scoring.rules import KINDS
from parlib.sources.workbooks.rule_columns import rule_columns
from parlib.words import Message

GUIDE, FACTS, COMPONENTS, BANDS, TREE, LISTS = (
    "Hướng dẫn",
    "Thông tin chung",
    "Nhóm điểm",
    "Xếp loại",
    "Tiêu chí",
    "Danh mục",
)


class Column(NamedTuple):
    """A column: the key of what it holds, its heading, its width."""

    key: str
    heading: str
    width: float


_NODE_COLUMNS = (
    Column("code", "Mã", 8),
    Column("name", "Lĩnh vực / Tiêu chí / Tiêu chí thành phần", 48),
    Column("name_en", "Tên tiếng Anh", 38),
    Column("max", "Điểm tối đa", 9),
    Column("component", "Nhóm điểm", 13),
    Column("evidence", "Tài liệu kiểm chứng", 34),
)


def tree_columns() -> tuple[Column, ...]:
    """The columns of the sheet of criteria: those of the node, then those of its rule."""
    rule = (Column(part.column, part.heading.text(), part.width) for part in rule_columns())
    return (*_NODE_COLUMNS, *rule)


COMPONENT_COLUMNS = (
    Column("key", "Mã nhóm điểm", 18),
    Column("name", "Tên nhóm điểm", 52),
    Column("name_en", "Tên tiếng Anh", 44),
    Column("max", "Điểm tối đa", 12),
)
BAND_COLUMNS = (Column("name", "Loại", 14), Column("low", "Từ (%)", 12))

#: The facts of a scheme: the key of each, its label, a word of help.
FACT_ROWS = (
    ("id", "Mã bộ tiêu chí", "Chữ thường không dấu, số, gạch nối; là tên tệp. Ví dụ: 892-province"),
    ("decision", "Quyết định", "Số, ký hiệu của quyết định ban hành. Ví dụ: 876/QĐ-BNV"),
    ("level", "Cấp", "tỉnh (province) hoặc bộ (ministry)"),
    ("years", "Năm áp dụng", "Các năm của kết quả, cách nhau dấu phẩy. Ví dụ: 2022, 2023"),
    ("status", "Tình trạng", "chính thức (official) hoặc minh họa (illustrative)"),
    (
        "not_applicable",
        "Tiêu chí không áp dụng",
        "loại khỏi điểm tối đa (rescale), tính đủ điểm (full) hoặc tính 0 điểm (zero)",
    ),
    ("note", "Ghi chú", "Mỗi đoạn một dòng; có thể thêm nhiều dòng Ghi chú. Bộ minh họa phải ghi ILLUSTRATIVE"),
)
FACT_LABELS = {key: label for key, label, _ in FACT_ROWS}


def levels() -> dict[str, str]:
    """The words for the levels of units."""
    return {level: of["short_vi"] for level, of in data_tables.levels().items()}


#: The words that stand in a cell of a fact, by the words of the scheme.
WORDS: dict[str, Callable[[], dict[str, str]]] = {
    "level": levels,
    "status": lambda: {"official": "chính thức", "illustrative": "minh họa"},
    "not_applicable": lambda: {"rescale": "loại khỏi điểm tối đa", "full": "tính đủ điểm", "zero": "tính 0 điểm"},
}
CONTINUED = "Ghi chú (tiếp)"

_FILLING = (
    ("title", "Bộ tiêu chí xác định Chỉ số cải cách hành chính"),
    ("subtitle", "Bảng nhập phụ lục của quyết định; nạp lại bằng lệnh: parlib scheme import <tệp>"),
    ("section", "Cách nhập"),
    ("plain", "1. Trang “Thông tin chung”: quyết định, cấp, năm áp dụng, tình trạng."),
    ("plain", "2. Trang “Nhóm điểm”: các nhóm điểm (thẩm định, điều tra xã hội học, ...), điểm tối đa từng nhóm."),
    ("plain", "3. Trang “Xếp loại”: tên loại và ngưỡng dưới, từ cao xuống thấp; loại cuối từ 0."),
    (
        "plain",
        "4. Trang “Tiêu chí”: mỗi lĩnh vực, tiêu chí, tiêu chí thành phần một dòng, đúng thứ tự của phụ lục. Mã gõ ở "
        "dạng chữ (1, 1.1, 1.1.1, ..., 1.10). Dòng có tiêu chí con chỉ có mã, tên và điểm tối đa; dòng được chấm "
        "điểm có thêm nhóm điểm, tài liệu kiểm chứng và cách tính điểm.",
    ),
)
_CONVENTIONS = (
    ("section", "Quy ước"),
    (
        "plain",
        "Số thập phân dùng dấu phẩy (0,75), không dùng dấu chấm phân cách hàng nghìn. Có thể gõ “->” thay cho “→”. "
        "Không gộp ô, không dùng công thức. Khi nạp, mọi chỗ sai được nêu cùng lúc với trang, dòng, cột, giá trị; "
        "tệp sai không được nạp.",
    ),
)


def guide_lines() -> tuple[tuple[str, str], ...]:
    """The sheet of guidance: the look of each line and its text."""
    count = Message("{n} kinds of rule", {"n": len(KINDS)}).text()
    kinds = (("plain", f"{kind.name.text()} — {kind.in_scheme.text()}") for kind in KINDS.values())
    return (*_FILLING, ("section", count), *kinds, *_CONVENTIONS)
