"""The scores of a round as files: the index table, where each point comes from, a summary, a code book."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib import places
from parlib.errors import DataError, Problem
from parlib.scoring import units as framework_units
from parlib.scoring.results import MARKS
from parlib.scoring.scorecard import Scorecard, competition_ranks
from parlib.sources.excel import LOOKS, Looks, new_workbook, page, put_text, safe_text
from parlib.sources.rounds.opening import Round
from parlib.sources.rounds.scoring_round import index_table, scorecards, trace_table
from parlib.sources.rounds.stages import STAGES
from parlib.sources.rounds.thin import hidden
from parlib.words import Bilingual, Message

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

RANK = "Xếp hạng"
CAUTION = "Lưu ý:"
STAGE_WORDS = {"self": "Tự đánh giá", "appraisal": "Thẩm định", "final": "Kết quả cuối cùng"}
MARK_WORDS = {
    "illustrative_scheme": Message("illustrative set of criteria"),
    "simulated": Message("SIMULATED, not real results"),
    "partial": Message("partial data"),
    "secondary": Message("secondary source"),
    "derived": Message("derived value"),
}
assert set(MARK_WORDS) == set(MARKS)

#: The code book: column, meaning in Vietnamese, in English.
CODE_BOOK = (
    ("year", "năm của kết quả", "year of the results"),
    ("level", "cấp: province (tỉnh), ministry (bộ)", "level"),
    ("unit", "khóa của đơn vị", "key of the unit"),
    (
        "node",
        "mã: trống = toàn bộ chỉ số; 3 = lĩnh vực; 3.1 = tiêu chí; 3.1.2 = tiêu chí thành phần; component: = hợp phần",
        "node: empty = the whole index, else an area, criterion, sub-criterion or component",
    ),
    ("points", "điểm đạt được; trống = chưa biết (không phải 0)", "points reached; empty = not known, never zero"),
    (
        "maximum",
        "điểm tối đa áp dụng cho đơn vị, sau khi trừ tiêu chí không áp dụng",
        "maximum that applies to the unit",
    ),
    ("index", "100 × điểm / điểm tối đa, chưa làm tròn", "100 x points / maximum, not rounded"),
    ("stage", "giai đoạn: self = tự đánh giá, appraisal = thẩm định, final = cuối cùng", "stage"),
    ("standard_error", "sai số chuẩn của index do chọn mẫu điều tra; trống = chưa biết", "standard error of the index"),
    (
        "marks",
        "số liệu dựa trên gì (illustrative_scheme, simulated); trống = không có gì phải lưu ý",
        "what it rests on",
    ),
    ("code", "mã tiêu chí chấm điểm", "code of the scored node"),
    ("answer", "kết quả đơn vị báo cáo hoặc hội đồng xác định", "the answer"),
    (
        "origin",
        "nguồn của điểm: rule = tính theo quy tắc; decided = ghi trực tiếp; survey = điều tra; external = chỉ số khác; "
        "plan, not_applicable = không áp dụng; trống = chưa biết",
        "where the points come from",
    ),
    ("rule", "quy tắc chấm điểm bằng lời", "the rule in words"),
    ("row", "dòng trong sổ answers.csv; 0 = không có", "row of the ledger; 0 = none"),
    ("row_stage", "giai đoạn của dòng đó", "stage of that row"),
    ("evidence", "tài liệu kiểm chứng", "evidence"),
    ("remark", "lý do, nhận xét", "remark, reason"),
    ("at", "thời điểm ghi (giờ Việt Nam)", "when (Viet Nam time)"),
    ("source", "tệp, trang tính, dòng mà số liệu đến từ đó", "file, sheet and row it came from"),
)


def write_scores(round_: Round, folder: Path | None = None, fewer: bool = False) -> tuple[Path, ...]:
    """Score the round at every stage and write it to ``folder`` (``reports/<round>``): ``index_table`` and ``trace``
    as Parquet and CSV, ``scores.xlsx`` with both, a summary and the code book, and ``code_book.csv``.

    All files are made before the first of the old ones is replaced. Raises ``DataError`` where these know more units,
    or were made with a survey that is not there any more, unless ``fewer`` says that this is meant.
    """
    target = folder or places.reports() / round_.plan.id
    cards = scorecards(round_)
    marks = ";".join(round_.marks)
    table = pd.concat([index_table(round_, card) for card in cards.values()], ignore_index=True).assign(marks=marks)
    traces = trace_table(round_, "final", cards["final"]).assign(marks=marks)
    traces = traces.drop(columns="by")  # names of people stay in the ledger
    if not fewer:
        _check_knows_no_less(target, table, traces)
    book = pd.DataFrame(CODE_BOOK, columns=["column", "vi", "en"])
    makers: Mapping[str, Callable[[Path], None]] = {
        "index_table.parquet": lambda path: table.to_parquet(path, index=False),
        "index_table.csv": lambda path: _write_csv(table, path),
        "trace.parquet": lambda path: traces.to_parquet(path, index=False),
        "trace.csv": lambda path: _write_csv(traces, path),
        "code_book.csv": lambda path: _write_csv(book, path),
        "scores.xlsx": lambda path: _write_workbook(round_, cards, table, traces, path),
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as draft:
        for name, make in makers.items():
            make(Path(draft) / name)
        target.mkdir(exist_ok=True)
        for name in makers:
            shutil.move(Path(draft) / name, target / name)
    return tuple(target / name for name in makers)


def _check_knows_no_less(target: Path, table: pd.DataFrame, traces: pd.DataFrame) -> None:
    """Raise ``DataError`` where the scores in ``target`` know what the new ones do not."""
    try:
        old_table = pd.read_parquet(target / "index_table.parquet", columns=["node", "stage", "index"])
        old_traces = pd.read_parquet(target / "trace.parquet", columns=["origin"])
    except (OSError, ValueError):  # none yet, or damaged: nothing is lost
        return
    before, now = _known_units(old_table), _known_units(table)
    before_survey, now_survey = (int((frame["origin"] == "survey").sum()) for frame in (old_traces, traces))
    problems = []
    if now < before:
        vi = f"kết quả đã có biết chỉ số của {before} đơn vị, kết quả mới chỉ {now}"
        problems.append((vi, f"the scores that are there know the index of {before} units, the new ones only of {now}"))
    if before_survey and not now_survey:
        vi = f"kết quả đã có gồm {before_survey} điểm từ điều tra xã hội học, kết quả mới không có điều tra"
        en = f"the scores that are there have {before_survey} points from the survey, the new ones have no survey"
        problems.append((vi, en))
    if problems:
        raise DataError(
            Problem("{what}; replaced with --force only", file=str(target), what=Bilingual(vi, en))
            for vi, en in problems
        )


def _known_units(table: pd.DataFrame) -> int:
    """How many units have an index in the end."""
    return int(table.loc[(table["stage"] == "final") & (table["node"] == ""), "index"].notna().sum())


def csv_text(frame: pd.DataFrame) -> str:
    """CSV in which no text becomes a formula when a spreadsheet opens it."""
    safe = frame.copy()
    for name, column in frame.items():
        if column.dtype == "str":
            words = {text: safe_text(text) for text in column.unique()}
            safe[name] = column.map(words)
    return safe.to_csv(index=False, lineterminator="\n")


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    """CSV that Excel opens with Vietnamese letters whole."""
    path.write_text(csv_text(frame), encoding="utf-8-sig", newline="")


# --- the workbook -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Pen:
    """Writes cells of one workbook: numbers as numbers, anything else as text that stays text."""

    book: Workbook
    looks: Looks
    line: Format
    quoted: Format
    whole: Format
    decimals: Format

    @classmethod
    def of(cls, book: Workbook) -> _Pen:
        line = {**LOOKS["text"], "text_wrap": False}
        return cls(
            book,
            Looks(book),
            book.add_format(line),
            book.add_format({**line, "quote_prefix": True}),
            book.add_format({**line, "num_format": "0", "align": "right"}),
            book.add_format({**line, "num_format": "0.00", "align": "right"}),
        )

    def put(self, sheet: Worksheet, row: int, column: int, value: object, whole: bool = False) -> None:
        """A cell of a table; unknown stays empty."""
        if isinstance(value, str):
            put_text(sheet, row, column, value, self.line, self.quoted)
        elif isinstance(value, int | float | np.number) and value == value:
            sheet.write_number(row, column, float(value), self.whole if whole else self.decimals)
        else:
            sheet.write_blank(row, column, None, self.line)

    def table(
        self, sheet: Worksheet, frame: pd.DataFrame, top: int, widths: Mapping[str, float], height: float
    ) -> None:
        """A table with its heads in row ``top``, which stay in sight and can be filtered by."""
        sheet.set_row(top, height)
        for column, head in enumerate(frame.columns):
            put_text(sheet, top, column, str(head), self.looks["head"], self.looks["q_head"])
            sheet.set_column(column, column, widths.get(str(head), 12))
            whole = pd.api.types.is_integer_dtype(frame[head]) or head == RANK
            for row, value in enumerate(frame[head].tolist(), start=top + 1):
                self.put(sheet, row, column, value, whole)
        sheet.autofilter(top, 0, top + len(frame), len(frame.columns) - 1)
        sheet.repeat_rows(top)

    def notes(self, sheet: Worksheet, notes: list[str], top: int, width: int) -> int:
        """Lines of text over ``width`` columns; gives the row below."""
        for note in notes:
            look = self.looks["alert" if note.startswith(CAUTION) else "label"]
            sheet.merge_range(top, 0, top, width, "", look)
            put_text(sheet, top, 0, note, look)
            top += 1
        return top


def _write_workbook(
    round_: Round, cards: dict[str, Scorecard], table: pd.DataFrame, traces: pd.DataFrame, path: Path
) -> None:
    title = round_.plan.title or f"Chỉ số CCHC {round_.plan.year}"
    book = new_workbook(path, title, round_.plan.id)
    pen, notes = _Pen.of(book), _notes(round_, cards["final"])
    footer = next((note for note in notes if note.startswith(CAUTION)), title)
    units, names = _unit_names(round_), round_.scheme.node_frame().set_index("node")["name"]
    _summary_sheet(pen, _summary(round_, cards), title, notes, footer)
    tidy = table.copy()
    tidy.insert(3, "unit_name", tidy["unit"].map(units))
    tidy.insert(5, "node_name", tidy["node"].map(names))
    _tidy_sheet(pen, "Bảng chỉ số", tidy, footer)
    traced = traces.copy()
    traced.insert(1, "unit_name", traced["unit"].map(units))
    traced.insert(3, "name", traced["code"].map(names))
    traced["at"] = traced["at"].dt.strftime("%d/%m/%Y %H:%M").fillna("")
    _tidy_sheet(pen, "Nguồn của điểm", traced, footer)
    _code_book_sheet(pen, notes, footer)
    book.close()


def _unit_names(round_: Round) -> dict[str, str]:
    return {key: framework_units.name(key, system=round_.plan.system) for key in round_.book.units}


def _notes(round_: Round, card: Scorecard) -> list[str]:
    """What the numbers rest on, the most important first."""
    marks = "; ".join(MARK_WORDS[mark].text() for mark in round_.marks)
    n_known = int(np.isfinite(card.node_index()[:, 0]).sum())
    plan = round_.plan
    policy = {"rescale": "loại khỏi điểm tối đa", "full": "tính đủ điểm", "zero": "tính 0 điểm"}[card.policy]
    own = "lấy theo tự đánh giá" if plan.unappraised == "self" else "để trống, không lấy theo tự đánh giá"
    return [
        *([f"{CAUTION} {marks}."] if marks else []),
        f"Kỳ đánh giá {plan.id}: {'đã khóa' if plan.final else 'đang mở, số liệu có thể thay đổi'}.",
        f"Bộ tiêu chí {round_.scheme.id} ({round_.scheme.decision}). Tiêu chí không áp dụng: {policy}.",
        f"Có chỉ số của {n_known}/{len(card.units)} đơn vị; ô trống là chưa biết, không phải 0.",
        f"Tiêu chí hội đồng chưa thẩm định: {own}. Điểm điều tra và chỉ số khác giống nhau ở mọi giai đoạn.",
    ]


def _summary_sheet(pen: _Pen, frame: pd.DataFrame, title: str, notes: list[str], footer: str) -> None:
    """One row a unit: the index at each stage, its rank, points of the areas and components."""
    sheet = pen.book.add_worksheet("Tổng hợp")
    sheet.write_string(0, 0, title, pen.looks["title"])
    top = pen.notes(sheet, notes, 1, 11)
    pen.table(sheet, frame, top, {"TT": 5, "Đơn vị": 26, RANK: 8}, height=78)
    sheet.freeze_panes(top + 1, 2)
    page(sheet, landscape=True, footer=footer)


def _summary(round_: Round, cards: dict[str, Scorecard]) -> pd.DataFrame:
    names, scheme = _unit_names(round_), round_.scheme
    frame = pd.DataFrame({"Đơn vị": [names[unit] for unit in round_.book.units]})
    frame.insert(0, "TT", range(1, len(frame) + 1))
    for stage in STAGES:
        frame[f"Chỉ số (%): {STAGE_WORDS[stage].lower()}"] = cards[stage].node_index()[:, 0]
    frame[RANK] = _ranks(round_, cards["final"])
    points = np.where(hidden(round_, cards["final"]), np.nan, cards["final"].node_points()[0])
    for place, node in enumerate(scheme.nodes, start=1):  # 0 is the whole
        if node.depth == 1:
            frame[f"{node.code}. {node.name} (điểm)"] = points[:, place]
    for place, component in enumerate(scheme.components.values(), start=1 + len(scheme.nodes)):
        frame[f"{component.name} (điểm)"] = points[:, place]
    return frame


def _ranks(round_: Round, card: Scorecard) -> npt.NDArray[np.float64]:
    """Ranks of the ranked units; none at all while one of them is not known, for it may stand anywhere."""
    ranked = round_.plan.unit_frame()["ranked"].to_numpy(dtype=bool)
    index = np.where(ranked, card.node_index()[:, 0], np.nan)
    if np.isnan(index[ranked]).any():
        return np.full(len(index), np.nan)
    return competition_ranks(index)


def _tidy_sheet(pen: _Pen, name: str, frame: pd.DataFrame, footer: str) -> None:
    """A tidy table as it is, heads in the first row."""
    sheet = pen.book.add_worksheet(name)
    widths = dict.fromkeys(("node_name", "name", "evidence", "remark"), 44.0) | dict.fromkeys(("rule",), 60.0)
    widths |= dict.fromkeys(("unit_name", "source", "marks", "answer"), 22.0)
    pen.table(sheet, frame, 0, widths, height=20)
    sheet.freeze_panes(1, 4)
    page(sheet, landscape=True, footer=footer)


def _code_book_sheet(pen: _Pen, notes: list[str], footer: str) -> None:
    sheet = pen.book.add_worksheet("Mô tả")
    top = pen.notes(sheet, notes, 0, 2) + 1
    book = pd.DataFrame(CODE_BOOK, columns=["Cột", "Ý nghĩa", "Meaning"])
    for column, (head, width) in enumerate(zip(book.columns, (18, 90, 60), strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(top, column, str(head), pen.looks["head"])
        for row, text in enumerate(book[head], start=top + 1):
            put_text(sheet, row, column, text, pen.looks["text"])
    sheet.freeze_panes(top + 1, 1)
    page(sheet, landscape=True, footer=footer)
