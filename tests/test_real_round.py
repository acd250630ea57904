"""A real round of 2025, from nothing to published reports, as its operator goes: the commands of the page for
operators, in its order, and between them what people do in Excel and what they send in."""

import contextlib
import csv
import datetime
import re
import shlex
import shutil
import subprocess
import time
import types
from pathlib import Path

import openpyxl
import pytest

from parlib import places
from parlib.report.blocks import MARKS, Wording
from parlib.scoring.scheme import load_scheme
from parlib.sources import rounds
from parlib.sources.rounds import exported

PAGE = Path(__file__).parent.parent / "docs/vi/to-chuc-danh-gia.md"
ONE = {"province": ("Hà Nội", "ha-noi"), "ministry": ("Bộ Y tế", "bo-y-te")}  # the unit of the examples
DAY = re.compile(r"\d{2}/\d{2}/\d{4}")


def commands(level):
    """The commands of the page, in order, for the provinces (as they stand) or the ministries."""
    blocks = re.findall(r"^```\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line]
    return [line.replace("province", level).replace("Hà Nội", ONE[level][0]) for line in lines]


class Office:
    """The department and its units at their desks: a fresh workbook folder, its commands and its Excel files."""

    def __init__(self, folder, level, type_in):
        self.type_in, self.folder = type_in, folder
        self.level, self.id = level, f"2025-{level}"
        for name in ("data", "notebooks"):
            shutil.copytree(PAGE.parent.parent.parent / name, folder / name, ignore=shutil.ignore_patterns("rounds"))
        self.unit, self.one = ONE[level]
        self.said = {}
        self.seconds = {}

    def run(self, line):
        """A command of the page as typed; its days moved so that the round is under way today. Gives the exit code."""
        moved = datetime.date.today() - datetime.date(2026, 6, 20)
        dated = DAY.sub(lambda day: f"{_day(day[0]) + moved:%d/%m/%Y}", line)
        begun = time.perf_counter()
        code, said, aside = self.type_in(*shlex.split(dated)[1:])
        self.seconds[line] = time.perf_counter() - begun
        self.said[line] = said + aside
        return code

    @property
    def scheme(self):
        with places.data_at(self.folder / "data"):
            return load_scheme(self.id)

    def change(self, name, sheet, edit):
        """Open a workbook, change a sheet, save it."""
        path = self.folder / name
        book = openpyxl.load_workbook(path)
        edit(book[sheet])
        book.save(path)

    # --- what people do between the commands ------------------------------------------------------

    def edits_the_criteria(self):
        def facts(sheet):
            new = {"Mã bộ tiêu chí": self.id, "Quyết định": "Dự thảo bộ tiêu chí năm 2025", "Năm áp dụng": "2025"}
            for entry, value, *_ in sheet.iter_rows(min_row=2):
                value.value = new.get(entry.value, value.value)

        def groups(sheet):
            place = [cell.value for cell in sheet[1]].index("Đối tượng khảo sát") + 1
            for (cell,) in sheet.iter_rows(min_row=2, min_col=place, max_col=place):
                cell.value = str(cell.value or "").replace(", huyen", "") or None

        self.change("bo-tieu-chi.xlsx", "Thông tin chung", facts)
        self.change("bo-tieu-chi.xlsx", "Tiêu chí", groups)

    def fills_in_the_plan(self):
        def steps(sheet):
            for row in sheet.iter_rows(min_row=2):
                row[4].value = "Vụ Cải cách hành chính"

        def groups(sheet):
            for row in sheet.iter_rows(min_row=2):
                row[2].value = 200

        self.change("ke-hoach.xlsx", "Các bước", steps)
        self.change("ke-hoach.xlsx", "Nhóm điều tra", groups)

    def units_fill_in_their_forms(self):
        for name in ("phieu", "phieu-sua", "phieu-muon"):
            (self.folder / name).mkdir()
        forms = sorted((self.folder / "phieu-phat").glob("*.xlsx"))
        for n, path in enumerate(forms):
            folder = "phieu-muon" if n == 1 else "phieu"
            self.answers(path, self.folder / folder / path.name, n)
        slip = self.folder / "phieu" / forms[2].name
        shutil.copy(slip, self.folder / "phieu-sua" / slip.name)
        book = openpyxl.load_workbook(slip)
        sheet, columns = book["Phiếu chấm điểm"], _columns(book["Phiếu chấm điểm"])
        sheet.cell(self.rows(sheet)["1.1.2"], columns["Kết quả"]).value = "có"
        count = next(leaf for leaf in self.scheme.leaves if leaf.rule.answered and leaf.rule.limits().whole)
        sheet.cell(self.rows(sheet)[count.code], columns["Kết quả"]).value = "1.234"  # a count, or a decimal?
        book.save(slip)
        other = self.folder / "phieu" / forms[3].name
        subprocess.run(
            [shutil.which("soffice"), "--headless", "--convert-to", "ods", "--outdir", str(other.parent), str(other)],
            check=True,
            capture_output=True,
        )
        other.unlink()

    def rows(self, sheet):
        return {str(cell.value): cell.row for (cell,) in sheet.iter_rows(min_row=6, max_col=1) if cell.value}

    def answers(self, path, target, n):
        """A form as people fill it in: options with blanks, numbers as text with a comma, dates as text, links."""
        book = openpyxl.load_workbook(path)
        sheet = book["Phiếu chấm điểm"]
        columns, rows = _columns(sheet), self.rows(sheet)
        asked = [leaf for leaf in self.scheme.leaves if leaf.rule.answered]
        for place, leaf in enumerate(asked):
            row = rows[leaf.code]
            if place == 5 and n % 7 == 0:
                sheet.cell(row, columns["Không áp dụng"]).value = "không áp dụng"
                sheet.cell(row, columns["Giải trình, ghi chú"]).value = "Không có nhiệm vụ này trong năm"
                continue
            answer, aim = _typed(leaf, n * 131 + place * 17)
            sheet.cell(row, columns["Kết quả"]).value = answer
            if aim:
                sheet.cell(row, columns["Mục tiêu"]).value = aim
            proof = sheet.cell(row, columns["Tài liệu kiểm chứng đã gửi (số, ký hiệu, ngày, đường dẫn)"])
            proof.value = ["QĐ 12/QĐ-UBND ngày 05/01/2025", "15/12/2025", "Báo cáo số 345/BC"][place % 3]
            if place % 10 == 0:
                proof.hyperlink = f"https://vanban.example.vn/{n}/{place}"
        sheet.cell(rows["1.1.1"], len(columns) + 2).value = "đã kiểm tra lại với phòng Tổng hợp"
        book.save(target)

    def evidence_is_collected(self):
        for code in ("1.1.1", "1.2"):
            path = self.folder / "tai-lieu" / self.unit / f"{code} quyết định.pdf"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(code.encode())

    # --- the survey -------------------------------------------------------------------------------

    def a_survey_comes_from_kobo(self):
        """KoboToolbox, XML values, ";": eight people a unit and group, a code of no answer now and then."""
        with self.at_home():
            plan, _ = rounds.opening.open_plan(self.id)
            asked = exported.what_is_asked(plan, self.scheme)
        day = plan.survey.start.isoformat()
        heads = ["start", "end", "thong_tin/tinh", "thong_tin/nhom", *(f"phan/{item}" for item in asked.questions)]
        lines, n = [], 0
        for unit in sorted(plan.unit_frame()["unit"]):
            for group in asked.groups:
                for person in range(8):
                    n += 1
                    answers = [
                        (str(1 + (n * 31 + place * 7 + person * 3) % 5) if (n + place) % 37 else "99")
                        if group in question.groups
                        else ""
                        for place, question in enumerate(asked.questions.values())
                    ]
                    times = [f"{day}T08:{n % 60:02}:00.000+07:00", f"{day}T09:{n % 60:02}:00.000+07:00"]
                    name = plan.find(unit).name_vi
                    lines.append([*times, name, group, *answers, str(n), f"uuid-{n:08}", f"{day}T02:12:00", "0912"])
        heads += ["_id", "_uuid", "_submission_time", "phan/so_dien_thoai"]
        with (self.folder / "kobo.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL).writerows([heads, *lines])

    def a_person_confirms_the_mapping(self):
        def confirmed(sheet):
            for row in sheet.iter_rows(min_row=3):
                if row[0].value == "Người xác nhận":
                    row[2].value = "Trần Thị B"
                elif row[0].value and not row[2].value:
                    row[2].value = "bỏ"

        self.change("anh-xa.xlsx", openpyxl.load_workbook(self.folder / "anh-xa.xlsx").sheetnames[0], confirmed)

    # --- the appraisal ----------------------------------------------------------------------------

    def two_people_appraise(self):
        for name in ("a", "b"):
            shutil.copytree(self.folder / "tham-dinh", self.folder / f"tham-dinh-{name}")
            for path in (self.folder / f"tham-dinh-{name}").glob("*.xlsx"):
                self.decides(path, "Chấp nhận", {"1.1.2": ("70" if name == "a" else "85,5", "Theo báo cáo")})

    def decides(self, path, word, adjusted=()):
        """Fill in the decisions of an appraisal: the word, but where a self-assessment is missing; some adjusted."""
        book = openpyxl.load_workbook(path)
        sheet = book["Phiếu chấm điểm"]
        columns, rows = _columns(sheet), self.rows(sheet)
        one = self.one in path.name
        for leaf in self.scheme.leaves:
            if not leaf.rule.answered:
                continue
            row = rows[leaf.code]
            if one and leaf.code in adjusted:
                answer, reason = adjusted[leaf.code]
                sheet.cell(row, columns["Ý kiến thẩm định"]).value = "Điều chỉnh"
                sheet.cell(row, columns["Kết quả thẩm định (khi điều chỉnh)"]).value = answer
                sheet.cell(row, columns["Lý do"]).value = reason
            elif sheet.cell(row, columns["Đơn vị tự đánh giá"]).value:
                sheet.cell(row, columns["Ý kiến thẩm định"]).value = word
        book.save(path)

    def the_council_settles_it(self):
        for path in (self.folder / "hoi-dong").glob("*.xlsx"):
            self.decides(path, "Chấp nhận", {"1.1.2": ("85,5", "Hội đồng thống nhất theo văn bản bổ sung")})

    def a_unit_explains_itself(self):
        (self.folder / "giai-trinh-ve").mkdir()
        path = next((self.folder / "giai-trinh").glob(f"*{self.one}*"))

        def explained(sheet):
            columns, row = _columns(sheet), self.rows(sheet)["1.1.2"]
            sheet.cell(row, columns["Ý kiến của đơn vị"]).value = "Giải trình"
            sheet.cell(row, columns["Kết quả đề nghị"]).value = "100"
            sheet.cell(row, columns["Nội dung giải trình"]).value = "Đã hoàn thành toàn bộ kế hoạch"

        shutil.copy(path, self.folder / "giai-trinh-ve" / path.name)
        self.change(f"giai-trinh-ve/{path.name}", "Phiếu chấm điểm", explained)

    def the_council_concludes(self):
        path = next((self.folder / "ket-luan").glob("*.xlsx"))

        def concluded(sheet):
            columns, row = _columns(sheet), self.rows(sheet)["1.1.2"]
            sheet.cell(row, columns["Kết luận"]).value = "Điều chỉnh"
            sheet.cell(row, columns["Kết quả kết luận (khi điều chỉnh)"]).value = "100"
            sheet.cell(row, columns["Lý do"]).value = "Chấp nhận giải trình"

        self.change(f"ket-luan/{path.name}", "Phiếu chấm điểm", concluded)

    def other_indices_are_filled_in(self):
        def values(sheet):
            for n, row in enumerate(sheet.iter_rows(min_row=2)):
                row[2].value, row[4].value = f"{80 + n % 15},{n % 10}", "Văn bản công bố"

        book = self.folder / "chi-so.xlsx"
        self.change("chi-so.xlsx", openpyxl.load_workbook(book).sheetnames[0], values)

    def a_question_is_asked(self):
        def asked(sheet):
            heads = {cell.value: cell.column for cell in sheet[1]}
            sheet.cell(2, heads["Đơn vị"]).value = self.unit
            sheet.cell(2, heads["Câu hỏi"]).value = "Hạn nộp bổ sung là ngày nào?"

        self.change("cau-hoi.xlsx", openpyxl.load_workbook(self.folder / "cau-hoi.xlsx").sheetnames[0], asked)

    # --- the round as it stands ---------------------------------------------------------------------

    @contextlib.contextmanager
    def at_home(self):
        with places.data_at(self.folder / "data"), places.rounds_at(self.folder / "data" / "rounds"):
            yield

    def opened(self):
        with self.at_home():
            return rounds.open_round(self.id)


def _day(text):
    return datetime.datetime.strptime(text, "%d/%m/%Y").date()


def _columns(sheet):
    return {cell.value: cell.column for cell in sheet[4] if cell.value}


def _typed(leaf, seed):
    """An answer as it is typed into a form, with the target where there is one."""
    rule, share = leaf.rule, (seed * 7919 % 1000) / 1000
    if rule.kind == "choice":
        labels = list(rule.label.values())
        label = labels[0 if share < 0.6 else min(len(labels) - 1, 1)]
        return (f" {label}", None) if seed % 5 == 0 else (label, None)
    if rule.kind == "target":
        return (f"{90 + 20 * share:.1f}".replace(".", ","), 100)
    if rule.limits().whole:
        return (str(int(3 * share)) if seed % 2 else int(3 * share), None)
    value = round(70 + 29.9 * share, 1)
    text = f"{value:.1f}".replace(".", ",")
    return ([text, value, f"{text}%" if rule.percent else text][seed % 3], None)


#: What people do after a command, by how it begins.
HANDS = {
    "parlib scheme export": Office.edits_the_criteria,
    "parlib round plan 2025-{level} --out": Office.fills_in_the_plan,
    "parlib form --round 2025-{level} --all --out phieu-phat": Office.units_fill_in_their_forms,
    "parlib round import 2025-{level} phieu-muon": Office.evidence_is_collected,
    "parlib round missing": Office.a_survey_comes_from_kobo,
    "parlib survey map": Office.a_person_confirms_the_mapping,
    "parlib form --round 2025-{level} --all --stage appraisal": Office.two_people_appraise,
    'parlib form --round 2025-{level} --unit "{unit}" --stage appraisal': Office.the_council_settles_it,
    "parlib form --round 2025-{level} --all --stage appeal": Office.a_unit_explains_itself,
    'parlib form --round 2025-{level} --unit "{unit}" --stage conclusion': Office.the_council_concludes,
    "parlib round external 2025-{level} --out": Office.other_indices_are_filled_in,
    "parlib round questions 2025-{level} --out": Office.a_question_is_asked,
}
EXIT = {"phieu --keep-good": 3}  # of commands that end otherwise than with 0


def hand_after(line, office):
    named = {"level": office.level, "unit": office.unit}
    return next((hand for start, hand in HANDS.items() if line.startswith(start.format(**named))), None)


@pytest.mark.parametrize("level", ["province", "ministry"])
def test_each_hand_has_a_command_of_the_page_before_it(level):
    office = types.SimpleNamespace(level=level, unit=ONE[level][0])
    used = [hand_after(line, office) for line in commands(level)]
    assert {hand for hand in used if hand} == set(HANDS.values())
    assert len([hand for hand in used if hand]) == len(HANDS)


@pytest.mark.long
@pytest.mark.skipif(shutil.which("soffice") is None, reason="a form is handed in as .ods")
@pytest.mark.parametrize("level", ["province", "ministry"])
def test_a_real_round_from_nothing_to_published_reports(tmp_path, level, type_in, monkeypatch):
    monkeypatch.setenv("PARLIB_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    office = Office(tmp_path, level, type_in)
    for line in commands(level):
        assert office.run(line) == next((code for words, code in EXIT.items() if words in line), 0), office.said[line]
        if hand := hand_after(line, office):
            hand(office)
    of_reports = [path for path in (tmp_path / "reports" / "2025").rglob("*") if path.is_file()]
    assert {path.suffix for path in of_reports} >= {".html", ".pdf", ".docx", ".xlsx", ".zip", ".json"}
    pages = [path.read_text(encoding="utf-8") for path in of_reports if path.suffix == ".html"]
    assert any("đã khóa ngày" in page for page in pages)
    assert all(Wording("vi").say(MARKS["simulated"]) not in page and "MINH HỌA" in page.upper() for page in pages)
