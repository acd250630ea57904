"""The cover of a form (who, what, until when, the points so far) and its guidance sheet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from parlib.scoring import units as framework_units
from parlib.scoring.rules import describe
from parlib.scoring.scheme import Node
from parlib.sources.excel import Looks, page, put_text
from parlib.sources.rounds.opening import Round
from parlib.sources.workbooks import form_formulas as formulas
from parlib.sources.workbooks.form_layout import (
    COUNCIL,
    COVER,
    COVER_ENTRIES,
    FIRST_ROW,
    GUIDE,
    MAIN,
    NOT_APPLICABLE,
    Form,
    form_lines,
)
from parlib.tables import column_letter

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

_COLUMNS = (5, 20, 28, 12, 12, 12, 12)  # widths of the cover


def marks(round_: Round) -> list[str]:
    """What the form rests on and must say."""
    words = ["SỐ LIỆU MÔ PHỎNG: kỳ đánh giá này không phải số liệu thật."] if round_.plan.simulated else []
    if round_.scheme.status == "illustrative":
        words.append("BỘ TIÊU CHÍ MINH HỌA: nội dung chưa phải phụ lục chính thức của quyết định.")
    return words


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else "(theo thông báo của Bộ Nội vụ)"


# --- the cover --------------------------------------------------------------------------------


def write_cover(book: Workbook, looks: Looks, round_: Round, unit: str, form: Form) -> None:
    """Write the cover."""
    sheet = book.add_worksheet(COVER)
    page(sheet, landscape=False, footer=form.titled(round_.plan.year))
    for place, width in enumerate(_COLUMNS):
        sheet.set_column(place, place, width)
    row = _letterhead(sheet, looks, round_, unit, form)
    row = _facts(sheet, looks, round_, unit, form, row)
    row = _entries(sheet, looks, form, row)
    row = _areas(sheet, looks, round_, form, row)
    _signatures(sheet, looks, form, row)
    sheet.protect("", {"format_rows": True, "format_columns": True})


def _letterhead(sheet: Worksheet, looks: Looks, round_: Round, unit: str, form: Form) -> int:
    plan = round_.plan
    name = framework_units.get(unit, plan.level, plan.system).full_name_vi
    left = name if form.by_unit else "Bộ Nội vụ"
    for row, first, words in (
        (0, 0, left.upper()),
        (0, 3, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        (1, 3, "Độc lập - Tự do - Hạnh phúc"),
    ):
        _across(sheet, looks, row, first, words, "motto")
    heading, _, rest = form.titled(round_.plan.year).partition(" Chỉ số")
    sheet.set_row(3, 26)
    put_text(sheet, 3, 0, heading.upper(), looks["title"])
    put_text(sheet, 4, 0, f"Chỉ số{rest}", looks["subtitle"])
    row = 5
    for words in marks(round_):
        put_text(sheet, row, 0, words, looks["warning"])
        row += 1
    return row + 1


def _facts(sheet: Worksheet, looks: Looks, round_: Round, unit: str, form: Form, row: int) -> int:
    plan, scheme = round_.plan, round_.scheme
    step = plan.step(form.kind)
    contact = (step.responsible if step else "") or "Vụ Cải cách hành chính, Bộ Nội vụ"
    put_text(sheet, row, 0, "Kỳ đánh giá", looks["section"])
    _rule_off(sheet, looks, row)
    facts = (
        ("Đơn vị được đánh giá", framework_units.get(unit, plan.level, plan.system).full_name_vi),
        ("Kỳ đánh giá", plan.title or f"Năm {plan.year} ({plan.id})"),
        ("Bộ tiêu chí", f"{scheme.decision} — {len(scheme.leaves)} tiêu chí được chấm điểm"),
        ("Hạn hoàn thành", _day(step.end if step else None)),
        ("Nơi nhận, liên hệ", contact),
    )
    for label, content in facts:
        row += 1
        put_text(sheet, row, 0, label, looks["label"])
        put_text(sheet, row, 2, content, looks["agency"])
    return row + 2


def _rule_off(sheet: Worksheet, looks: Looks, row: int) -> None:
    sheet.set_row(row, 20)
    for place in range(1, len(_COLUMNS)):
        sheet.write_blank(row, place, None, looks["section"])


def _entries(sheet: Worksheet, looks: Looks, form: Form, row: int) -> int:
    put_text(sheet, row, 0, "Người lập phiếu" if form.by_unit else COUNCIL, looks["section"])
    _rule_off(sheet, looks, row)
    for _, label in COVER_ENTRIES:
        row += 1
        put_text(sheet, row, 0, label, looks["label"])
        sheet.merge_range(row, 2, row, 6, "", looks["entry"])
    return row + 2


def _areas(sheet: Worksheet, looks: Looks, round_: Round, form: Form, row: int) -> int:
    """The points so far, area by area, from the main sheet."""
    heads = ("", "Lĩnh vực", "", "Điểm tối đa", "Tối đa áp dụng", "Điểm", "Tỷ lệ (%)")
    put_text(sheet, row, 0, "Kết quả chấm điểm (tự động cập nhật)", looks["section"])
    _rule_off(sheet, looks, row)
    row += 1
    for place, head in enumerate(heads):
        put_text(sheet, row, place, head, looks["head"])
    sheet.merge_range(row, 1, row, 2, "Lĩnh vực", looks["head"])
    sheet.set_row(row, 30)
    whole, *rest = form_lines(round_.scheme)
    for line in [*(line for line in rest if line.look == "area"), whole]:
        row += 1
        look = "whole" if line.node is None else "text"
        numbers = "whole_points" if line.node is None else "points"
        put_text(sheet, row, 0, line.node.code if line.node else "", looks[look])
        sheet.merge_range(row, 1, row, 2, "", looks[look])
        put_text(sheet, row, 1, line.node.name if line.node else "Tổng cộng", looks[look])
        sheet.set_row(row, 30 if line.node and len(line.node.name) > 54 else 16)
        for place, key in ((3, "maximum"), (4, "applies"), (5, "points")):
            cell = f"'{MAIN}'!{form.cell(key if key in form.places else 'maximum', line.row)}"
            sheet.write_formula(row, place, f'=IF({cell}="","",{cell})', looks[numbers], "")
        points, most = f"{column_letter(6)}{row + 1}", f"{column_letter(5)}{row + 1}"
        share = f'=IF(OR({points}="",{most}="",{most}=0),"",ROUND(100*{points}/{most},2))'
        sheet.write_formula(row, 6, share, looks[numbers], "")
    return _progress(sheet, looks, round_, form, row + 1)


def _progress(sheet: Worksheet, looks: Looks, round_: Round, form: Form, row: int) -> int:
    lines = form_lines(round_.scheme)
    checks = f"'{MAIN}'!{form.cell('check', FIRST_ROW)}:{form.cell('check', lines[-1].row)}"
    blank = formulas.BLANK if form.kind == "self" else formulas.NO_DECISION
    note = "Phần điều tra xã hội học và chỉ số khác do Bộ Nội vụ tính, không nằm trong “Tối đa áp dụng”."
    if form.undecided:
        formula = f'="Còn "&COUNTIF({checks},"{blank}")&" {form.undecided}."'
        sheet.write_formula(row, 0, formula, looks["agency"], "")
        row += 1
    put_text(sheet, row, 0, note, looks["remark"])
    return row + 2


def _signatures(sheet: Worksheet, looks: Looks, form: Form, row: int) -> None:
    right = "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ" if form.by_unit else "CHỦ TỊCH HỘI ĐỒNG THẨM ĐỊNH"
    for place, words, hint in ((0, "NGƯỜI LẬP PHIẾU", "(Ký, ghi rõ họ tên)"), (3, right, "(Ký, đóng dấu)")):
        _across(sheet, looks, row, place, words, "motto")
        _across(sheet, looks, row + 1, place, hint, "hint")


def _across(sheet: Worksheet, looks: Looks, row: int, first: int, words: str, look: str) -> None:
    """Words in the middle of the left or the right half of the page."""
    sheet.merge_range(row, first, row, 2 if first == 0 else len(_COLUMNS) - 1, "", looks[look])
    put_text(sheet, row, first, words, looks[look])


# --- the guidance -----------------------------------------------------------------------------

_STEPS = {
    "self": (
        "Điền tên người lập phiếu ở trang “Bìa”, rồi chấm điểm ở trang “Phiếu chấm điểm”. Chỉ ô màu vàng nhập được.",
        "Cột “Kết quả”: nhập số liệu đạt được hoặc chọn phương án; cột “Cách tính điểm” nói rõ số liệu nào.",
        "Tiêu chí so với mục tiêu: nhập kết quả ở cột “Kết quả” và mục tiêu được giao ở cột “Mục tiêu”.",
        f"Tiêu chí không áp dụng với đơn vị: chọn “{NOT_APPLICABLE}”, để trống kết quả, nêu căn cứ ở “Giải trình”.",
        "Ghi tài liệu kiểm chứng đã gửi cho từng tiêu chí: số, ký hiệu, ngày ban hành hoặc đường dẫn.",
        "Cột “Kiểm tra” cho biết tiêu chí đã đủ hay còn thiếu. Lưu phiếu ở dạng .xlsx, giữ nguyên tên tệp và gửi lại.",
    ),
    "appraisal": (
        "Đối chiếu kết quả tự đánh giá với tài liệu kiểm chứng của đơn vị ở trang “Phiếu chấm điểm”.",
        "Cột “Ý kiến thẩm định”: chọn “Chấp nhận”, “Điều chỉnh” hoặc “Không áp dụng”.",
        "Khi điều chỉnh: nhập kết quả đúng để tính lại điểm; chỉ ấn định điểm khi cách tính không quyết định được.",
        "Mỗi điều chỉnh, ấn định điểm hoặc không áp dụng phải có lý do.",
        "Tiêu chí chưa có ý kiến là chưa thẩm định: điểm chưa xác định, không lấy điểm tự chấm thay thế.",
    ),
    "appeal": (
        "So điểm tự chấm với điểm thẩm định và lý do của Hội đồng ở trang “Phiếu chấm điểm”.",
        "Cột “Ý kiến của đơn vị”: để trống hoặc “Đồng ý” nếu thống nhất; chọn “Giải trình” nếu đề nghị xem xét lại.",
        "Khi giải trình: nêu nội dung, tài liệu kiểm chứng bổ sung và kết quả đề nghị (nếu có).",
        "Giải trình không tự thay đổi điểm: Hội đồng kết luận từng trường hợp.",
    ),
    "conclusion": (
        "Xem nội dung giải trình và tài liệu bổ sung của đơn vị ở trang “Phiếu chấm điểm”.",
        "Cột “Kết luận”: “Giữ nguyên” điểm thẩm định, “Điều chỉnh” hoặc “Không áp dụng”; để trống nếu không xem xét.",
        "Khi điều chỉnh: nhập kết quả đúng để tính lại điểm; chỉ ấn định điểm khi cách tính không quyết định được.",
        "Mỗi kết luận phải có lý do. Điểm sau kết luận là điểm cuối cùng.",
    ),
}
_CARE = (
    "Số thập phân gõ dấu phẩy: 95,5. Tỷ lệ phần trăm gõ số, không gõ ký hiệu %: 95,5 (không gõ 95,5% hay 0,955).",
    "Không gõ dấu phân cách hàng nghìn: 12500 (không gõ 12.500). Không nhập công thức vào ô vàng.",
    "Không chèn, xóa, sắp xếp, gộp hay ẩn dòng; không đổi tên trang tính. Phiếu bị đổi cấu trúc sẽ không nạp được.",
    "Phiếu có thể nộp khi chưa đủ: tiêu chí bỏ trống là chưa có số liệu, không phải 0 điểm; nộp bổ sung sau.",
    "Phiếu chỉ dùng cho đúng đơn vị và kỳ đánh giá ghi ở trang bìa.",
)


def write_guide(book: Workbook, looks: Looks, round_: Round, form: Form) -> None:
    """Write the guidance sheet (hướng dẫn chấm điểm)."""
    sheet = book.add_worksheet(GUIDE)
    page(sheet, landscape=False, footer=f"{GUIDE} — {form.titled(round_.plan.year)}")
    sheet.set_column(0, 0, 4)
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, 2, 74)
    put_text(sheet, 0, 0, "Hướng dẫn chấm điểm", looks["title"])
    sheet.set_row(0, 26)
    put_text(sheet, 1, 0, form.titled(round_.plan.year), looks["subtitle"])
    row = 3
    for heading, lines in (("Các bước", _STEPS[form.kind]), ("Lưu ý khi nhập", _CARE)):
        row = _numbered(sheet, looks, row, heading, lines)
    row = _heading(sheet, looks, row, "Màu của các ô")
    for look, name, words in (
        ("in_code", "Ô vàng", "nhập số liệu, chọn phương án, ghi tài liệu và giải trình"),
        ("code", "Ô trắng", "in sẵn hoặc tự tính, không sửa được"),
        ("grey", "Ô xám", "không nhập: điều tra xã hội học, chỉ số khác, hoặc không áp dụng theo kế hoạch"),
    ):
        put_text(sheet, row, 1, name, looks[look])
        put_text(sheet, row, 2, words, looks["plain"])
        row += 1
    row = _heading(sheet, looks, row + 1, "Cách tính điểm và ví dụ trong bộ tiêu chí này")
    for first, second in _examples(round_.scheme.leaves):
        put_text(sheet, row, 1, first, looks["strong"])
        put_text(sheet, row, 2, second, looks["plain"])
        sheet.set_row(row, 15.5 * max(1, *(_lines(part) for part in (second,))) + 3)
        row += 1
    if form.decisions and form.by_unit:
        put_text(sheet, row, 1, "Không giải trình nghĩa là đồng ý với điểm thẩm định.", looks["remark"])
    sheet.protect("", {"format_rows": True, "format_columns": True})


def _heading(sheet: Worksheet, looks: Looks, row: int, words: str) -> int:
    for place in range(3):
        sheet.write_blank(row, place, None, looks["section"])
    put_text(sheet, row, 0, words, looks["section"])
    sheet.set_row(row, 20)
    return row + 1


def _numbered(sheet: Worksheet, looks: Looks, row: int, heading: str, lines: tuple[str, ...]) -> int:
    row = _heading(sheet, looks, row, heading)
    for n, line in enumerate(lines, 1):
        put_text(sheet, row, 0, f"{n}.", looks["label"])
        sheet.merge_range(row, 1, row, 2, "", looks["plain"])
        put_text(sheet, row, 1, line, looks["plain"])
        sheet.set_row(row, 15.5 * max(1, -(-len(line) // 118)) + 2)
        row += 1
    return row + 1


def _lines(text: str) -> int:
    return sum(-(-max(len(part), 1) // 92) for part in text.split("\n"))


def _examples(leaves: tuple[Node, ...]) -> Iterator[tuple[str, str]]:
    """Each kind of rule in the scheme, with its first leaf as the example."""
    seen: set[str] = set()
    for leaf in leaves:
        if leaf.rule is not None and leaf.rule.kind not in seen:
            seen.add(leaf.rule.kind)
            note = leaf.rule.in_form.text()
            example = f"Ví dụ {leaf.code} {leaf.name}. {describe(leaf.rule, leaf.maximum)}."
            yield leaf.rule.name.text(), f"{note[:1].upper()}{note[1:]}\n{example}"
