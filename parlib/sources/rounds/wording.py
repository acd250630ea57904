"""What the tables of a round are called for people: heads of columns, and the words for the keys in their cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import numpy as np
import pandas as pd

from parlib.data_tables import levels
from parlib.scoring.results import MARKS
from parlib.scoring.rules import is_unknown
from parlib.sources.rounds.plan import VIET_NAM
from parlib.words import FIRST, Joined, Keyed, Message, Name, Words, as_day

#: What columns are called.
HEADS: Mapping[str, Message] = {
    "number": Message("Import no."),
    "entered_at": Message("Entered at"),
    "at": Message("Stated at"),
    "by": Message("By (name)"),
    "typed_by": Message("Typed by"),
    "file": Message("File"),
    "rows": Message("Rows of the ledger"),
    "unchanged": Message("Rows unchanged"),
    "sha256": Message("SHA-256"),
    "remark": Message("Reason, remark"),
    "unit": Message("Key of the unit"),
    "name": Message("Unit (assessed)"),
    "code": Message("Criterion"),
    "criterion": Message("Name of the criterion"),
    "stage": Message("Stage"),
    "action": Message("What was done"),
    "before": Message("Before"),
    "after": Message("After"),
    "days_late": Message("Days late"),
    "row": Message("Row of the ledger"),
    "id": Message("No."),
    "question": Message("Question"),
    "asked_at": Message("Asked at"),
    "reply": Message("Reply"),
    "replied_at": Message("Replied at"),
    "replied_by": Message("Replied by"),
    "weight": Message("How urgent"),
    "what": Message("What is to be done or looked at"),
    "told": Message("Where the unit stands"),
    "expected": Message("Criteria asked"),
    "answered": Message("Answered"),
    "appraised": Message("Appraised"),
    "open_appeals": Message("Explanations undecided"),
    "open_questions": Message("Questions open"),
    "answer": Message("Answer"),
    "points": Message("Points"),
    "holds": Message("Holds now"),
    "decided": Message("Decided"),
    "lacks": Message("What is missing"),
    "evidence": Message("Evidence"),
    "place": Message("Where it was"),
    "year": Message("Year of the round"),
    "level": Message("Level of the units"),
    "node": Message("Code of the node"),
    "node_name": Message("Area, criterion, component"),
    "maximum": Message("Maximum that applies"),
    "index": Message("Index (%)"),
    "standard_error": Message("Standard error"),
    "marks": Message("Marks"),
    "numerator": Message("Numerator"),
    "denominator": Message("Denominator"),
    "origin": Message("Where the points come from"),
    "rule": Message("Rule"),
    "row_stage": Message("Stage of that row"),
    "source": Message("File, sheet, row"),
    "state": Message("State now"),
}
#: What keys mean.
WORDS: Mapping[str, Message] = {
    "self": Message("self-assessment"),
    "appraisal": Message("appraisal"),
    "appeal": Message("explanation"),
    "conclusion": Message("conclusion"),
    "external": Message("another index"),
    "plan": Message("the plan"),
    "question": Message("a question"),
    "evidence": Message("evidence sent"),
    "survey": Message("the survey"),
    "council": Message("by the council"),
    "stated": Message("stated"),
    "changed": Message("changed"),
    "withdrawn": Message("withdrawn"),
    "undone": Message("import undone"),
    "asked": Message("asked"),
    "replied": Message("replied"),
    "recorded": Message("file recorded"),
    "survey replaced": Message("answers taken in"),
    "survey added": Message("answers added"),
    "created": Message("round made"),
    "planned": Message("plan settled"),
    "finished": Message("round locked"),
    "reopened": Message("round opened again"),
    "accepted": Message("change outside parlib accepted"),
    "no answer": Message("no answer"),
    "no evidence": Message("no evidence"),
    "late": Message("late"),
    "sound": Message("unchanged"),
    "altered": Message("CHANGED"),
    "missing": Message("MISSING"),
    "link": Message("a link, not opened"),
    "must": Message("MUST BE DONE"),
    "look": Message("to be looked at"),
}
#: Where a point comes from: see ``scores.trace_table``.
ORIGINS: Mapping[str, Message] = {
    "rule": Message("by the rule, from the answer"),
    "decided": Message("written down by the council"),
    "survey": Message("the survey"),
    "external": Message("another index"),
    "plan": Message("does not apply, by the plan"),
    "not_applicable": Message("does not apply"),
}
MARK_WORDS: Mapping[str, Message] = {
    "illustrative_scheme": Message("illustrative set of criteria"),
    "simulated": Message("SIMULATED, not real results"),
    "partial": Message("partial data"),
    "secondary": Message("secondary source"),
    "derived": Message("derived value"),
}
assert set(MARK_WORDS) == set(MARKS)
_OF_COLUMN: Mapping[str, Mapping[str, Message]] = {
    **dict.fromkeys(("action", "decided", "lacks", "state", "weight", "row_stage"), WORDS),
    "stage": {**WORDS, "final": Message("final result")},
    "origin": ORIGINS,
    "marks": MARK_WORDS,
}


def worded(table: pd.DataFrame, language: str = FIRST) -> pd.DataFrame:
    """A table of a round as people read it: heads and keys in words, times and yes or no as written."""
    shown = table.copy()
    for name, column in table.items():
        is_time = isinstance(column.dtype, pd.DatetimeTZDtype)
        if is_time or pd.api.types.is_bool_dtype(column.dtype) or name in ("level", *_OF_COLUMN):
            places, cells = (column.dt.tz_convert(VIET_NAM) if is_time else column).factorize(use_na_sentinel=False)
            said = np.array([_cell_words(str(name), cell, language) for cell in cells], dtype=object)
            shown[name] = pd.array(said[places], dtype="str")
    return shown.rename(columns={name: HEADS[str(name)].text(language) for name in shown})


def _cell_words(column: str, cell: object, language: str) -> str:
    """A time, yes or no, or a key of a column, as people read it."""
    if is_unknown(cell):
        return ""
    if isinstance(cell, datetime):
        return as_day(cell, clock=True)
    if not isinstance(cell, str):
        return "x" if cell else ""
    return key_words(column, cell).text(language)


def key_words(column: str, cell: str) -> Words:
    """The words for what a cell holds: a key, or several with ";" between."""
    if column == "level":
        return Name(*(levels()[cell][of] for of in ("name_vi", "name_en")))
    known = _OF_COLUMN[column]
    return Joined((known.get(key, key) for key in cell.split(";")), "; ")


def stage_words(stages: Iterable[str]) -> Joined:
    """Stages as people call them, each with its key: "thẩm định (appraisal), kết luận (conclusion)"."""
    return Joined(Keyed(stage, key_words("stage", stage)) for stage in stages)
