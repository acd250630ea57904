"""The sheets of a scheme workbook, their columns, and the words in them."""

from __future__ import annotations

from typing import NamedTuple

from parlib.sources.workbooks.rule_columns import RULE_COLUMNS

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


TREE_COLUMNS = (
    Column("code", "Mã", 8),
    Column("name", "Lĩnh vực / Tiêu chí / Tiêu chí thành phần", 48),
    Column("name_en", "Tên tiếng Anh", 38),
    Column("max", "Điểm tối đa", 9),
    Column("component", "Nhóm điểm", 13),
    Column("evidence", "Tài liệu kiểm chứng", 34),
    *(Column(column.key, column.heading, column.width) for column in RULE_COLUMNS),
)
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

WORDS: dict[str, dict[str, str]] = {
    "level": {"province": "tỉnh", "ministry": "bộ"},
    "status": {"official": "chính thức", "illustrative": "minh họa"},
    "not_applicable": {"rescale": "loại khỏi điểm tối đa", "full": "tính đủ điểm", "zero": "tính 0 điểm"},
}
CONTINUED = "Ghi chú (tiếp)"

GUIDE_LINES = (
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
    ("section", "Chín cách tính điểm"),
    (
        "plain",
        "Lựa chọn phương án — mỗi dòng một phương án, từ tốt nhất: “Ban hành kịp thời → 0,5”. Mã trong ngoặc vuông do "
        "phần mềm đặt, không cần gõ.",
    ),
    ("plain", "Theo ngưỡng — mỗi dòng một ngưỡng, từ cao xuống: “100 → 1”, “85 → 0,75”; dưới ngưỡng cuối: 0 điểm."),
    ("plain", "Theo tỷ lệ — điểm = điểm tối đa × kết quả / “Đạt điểm tối đa từ”; dưới “0 điểm khi dưới”: 0 điểm."),
    ("plain", "Trừ điểm — bắt đầu từ điểm tối đa, mỗi trường hợp trừ “Điểm mỗi trường hợp”, không dưới 0."),
    ("plain", "Cộng điểm — mỗi trường hợp được cộng “Điểm mỗi trường hợp”, không quá điểm tối đa."),
    ("plain", "So với mục tiêu — tỷ số kết quả / mục tiêu theo ngưỡng: “1 → 1,5” (đạt mục tiêu), “0,9 → 1”."),
    (
        "plain",
        "Điều tra xã hội học — mức đạt của mỗi câu trả lời: “5 → 1”, “4 → 0,8”; kèm câu hỏi, đối tượng khảo sát.",
    ),
    ("plain", "Chỉ số bên ngoài — điểm = điểm tối đa × giá trị / “Đạt điểm tối đa từ”; kèm mã chỉ số, ví dụ sipas."),
    ("plain", "Lấy theo công bố — lấy điểm đã công bố, không tính lại."),
    ("section", "Quy ước"),
    (
        "plain",
        "Số thập phân dùng dấu phẩy (0,75), không dùng dấu chấm phân cách hàng nghìn. Có thể gõ “->” thay cho “→”. "
        "Không gộp ô, không dùng công thức. Khi nạp, mọi chỗ sai được nêu cùng lúc với trang, dòng, cột, giá trị; "
        "tệp sai không được nạp.",
    ),
)
