"""Cells as the ledger writes them: text in NFC, plain numbers, times with a zone; and what people's words mean."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta, timezone

import numpy as np
import pandas as pd

from parlib.scoring.answers import answer_text, is_unknown
from parlib.scoring.rules import number
from parlib.words import fold, usual_letters

VIET_NAM = timezone(timedelta(hours=7))
FIELDS = ("unit", "code", "stage", "answer", "points", "not_applicable", "evidence", "remark", "by", "at")
STAGES = ("self", "appraisal", "appeal", "conclusion")
DECIDING = ("appraisal", "conclusion")  # what the council decides; a unit states and asks at the others

_TRUE = {"true", "1", "x", "co", "yes", "khong ap dung"}
_FALSE = {"", "false", "0", "khong", "no"}
_DAY_FIRST = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:[ T](.+))?", re.ASCII)


def cell_text(value: object) -> str:
    """A cell of a frame as the ledger writes it."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip()
    if isinstance(value, bool | np.bool_):
        return "true" if value else ""
    if value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple):
        return answer_text((float(value[0]), float(value[1])))
    if is_unknown(value):
        return ""
    if isinstance(value, int | float | np.number):
        return number(float(value), "en")
    return str(value)


def as_texts(rows: pd.DataFrame) -> pd.DataFrame:
    """``rows`` with every field of the ledger as text (missing ones empty), and ``source_row`` and ``sheet``."""
    texts = pd.DataFrame(index=pd.RangeIndex(len(rows)))
    for name in FIELDS:
        column = rows[name] if name in rows else pd.Series("", index=rows.index)
        codes, different = pd.factorize(column.astype("object"))  # each text is looked at once
        spelt = np.array([*map(cell_text, different), ""], dtype=object)  # the last one is for what is missing: -1
        texts[name] = pd.array(spelt[codes], dtype="str")
    default = pd.Series(np.arange(1, len(rows) + 1), index=rows.index)
    texts["source_row"] = rows.get("source_row", default).to_numpy()
    texts["sheet"] = rows["sheet"].astype("str").to_numpy() if "sheet" in rows else ""
    texts["code"] = texts["code"].map(usual_letters).str.removesuffix(".")
    return texts


def now() -> datetime:
    """This moment in Viet Nam's time, to the millisecond."""
    moment = datetime.now(VIET_NAM)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def parse_time(text: str) -> datetime | None:
    """A time as people and programs write it; Viet Nam's zone where none is named. ``None`` when it is none."""
    found = _DAY_FIRST.fullmatch(text.strip())
    if found:
        day, month, year, clock = found.groups()
        text = f"{year}-{int(month):02}-{int(day):02}" + (f"T{clock.strip()}" if clock else "")
    if not text.isascii():
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=VIET_NAM)


def times(texts: pd.Series) -> pd.Series:
    """A column of times; NaT where there is none."""
    moments = {text: parse_time(text) for text in pd.unique(texts)}
    column = pd.Series([moments[text] for text in texts], index=texts.index, dtype="object")
    return pd.to_datetime(column, utc=True).astype("datetime64[us, UTC]")


def flag(text: str) -> bool | None:
    """Yes or no as people write it; ``None`` for anything else."""
    word = fold(text)
    return True if word in _TRUE else False if word in _FALSE else None
