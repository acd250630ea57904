"""The plan of a unit as Excel: which criteria change from what to what, what that gains, and what follows; who does it
and by when is for staff to fill in."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from parlib.answers import told
from parlib.sources.excel import CellFormula, Content, Looks, Pen, new_workbook, page
from parlib.tables import records
from parlib.words import Message

_WIDTHS = (6, 9, 52, 34, 34, 11, 11, 11, 26, 16)
_HEADS = (
    *(Message("No."), Message("Code"), Message("Criterion"), Message("From"), Message("To"), Message("Points")),
    *(Message("Points then"), Message("Points gained"), Message("Who does it"), Message("By when")),
)
_FOLLOWS = {"points": Message("Points"), "index": Message("Index"), "rank": Message("Rank of the unit")}


def plan_book(
    unit: str, scenario: str, summary: pd.DataFrame, plan: pd.DataFrame, *, marked: bool, language: str
) -> bytes:
    """The plan of a ``scenario`` of a unit (``Year.plan``) as a workbook, with what follows of it (``summary``, as
    ``Year.scenarios`` gives it: first what is, then the scenarios)."""
    title = Message("Plan to improve the index: {unit}", {"unit": unit}).text(language)
    about = told({**summary.attrs, "unit_of_value": ""}, language)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.xlsx"
        with new_workbook(path, title, scenario) as book:
            pen = Pen(book, Looks(book), Message("Plan").text(language), _WIDTHS)
            page(pen.sheet, landscape=True, footer=f"{title} · {about}", language=language)
            pen.line((1, title, "title"))
            pen.line((1, Message("Scenario: {name}", {"name": scenario}).text(language), "subtitle"))
            pen.line((1, about, "mark" if marked else "remark"))
            pen.row += 1
            _draw(pen, language, plan)
            _sum_up(pen, language, [summary.iloc[0], summary[summary["scenario"] == scenario].iloc[0]])
        return path.read_bytes()


def _line(pen: Pen, cells: Iterable[tuple[Content, str]], first: int = 1, height: float = 0) -> None:
    pen.line(*((place, content, look) for place, (content, look) in enumerate(cells, start=first)), height=height)


def _draw(pen: Pen, language: str, plan: pd.DataFrame) -> None:
    _line(pen, ((head.text(language), "head") for head in _HEADS), height=32)
    top = pen.row + 1
    for n, row in enumerate(records(plan), start=1):
        code = str(row.node) if str(row.node)[:1].isdigit() else ""
        cells: list[tuple[Content, str]] = [(str(n), "code"), (code, "code"), (str(row.node_name), "text")]
        cells += [(str(row.before_label), "text"), (str(row.after_label), "text")]
        cells += [(row.points, "points"), (row.new_points, "points"), (row.gain, "earned")]
        _line(pen, [*cells, (None, "in_text"), (None, "in_text")])
    total = CellFormula(f"=SUM(H{top}:H{pen.row})", float(plan["gain"].sum()))
    pen.line((3, Message("Together").text(language), "strong"), (8, total, "earned"))
    pen.sheet.freeze_panes(top - 1, 0)


def _sum_up(pen: Pen, language: str, rows: list[pd.Series]) -> None:
    """What follows, now and then, below the plan."""
    pen.row += 1
    _line(pen, ((head, "head") for head in (Message("What follows").text(language), *(r["scenario"] for r in rows))), 3)
    for column, head in _FOLLOWS.items():
        look = "line_whole" if column == "rank" else "line_decimals"
        cells = [(None if pd.isna(row[column]) else float(row[column]), look) for row in rows]
        _line(pen, [(head.text(language), "text"), *cells], 3)
