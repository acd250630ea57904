"""From answers to the points of leaves: answers by their rules, the survey, other indices, what the council decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.errors import DataError, Problem
from parlib.framework.answers import expected, fits, is_unknown
from parlib.framework.ladders import exact_values, number
from parlib.framework.rules import External, Survey, read_answers
from parlib.framework.scheme import Scheme
from parlib.framework.spelling import nearest_text
from parlib.framework.units import units_of_year

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_TRUE, _FALSE = ("true", "1", "1.0"), ("", "false", "0", "0.0")


@dataclass(frozen=True, eq=False)
class Marks:
    """Points of leaves, units x leaves, with what applies and the standard errors: see ``parlib.scoring.Scorecard``."""

    units: tuple[str, ...]
    points: Array
    applicable: Mask
    standard_error: Array
    degrees_of_freedom: Array


def mark(
    scheme: Scheme,
    answers: pd.DataFrame,
    year: int,
    survey: pd.DataFrame | None = None,
    external: pd.DataFrame | None = None,
    units: Sequence[str] | None = None,
) -> Marks:
    """The points of every leaf: see ``parlib.scoring.score``. Raises ``DataError`` with everything that is wrong."""
    problems: list[Problem] = []
    keys = _official_order(scheme.level, year, answers["unit"], problems) if units is None else tuple(units)
    rows = _place_rows(scheme, answers, keys, problems)
    shape = (len(keys), len(scheme.leaves))
    points, error, applicable = np.full(shape, np.nan), np.zeros(shape), np.ones(shape, dtype=np.bool_)
    freedom = np.full(shape, np.nan)
    marks = (points, error, freedom)
    spared = rows["not_applicable"].to_numpy()
    applicable[rows["u"][spared], rows["l"][spared]] = False
    _mark_answers(scheme, rows[~spared], points, problems)
    items = [leaf.rule.item if isinstance(leaf.rule, Survey) else "" for leaf in scheme.leaves]
    error[:, [bool(item) for item in items]] = np.nan
    _mark_measured(scheme, survey, ("item", "share"), items, keys, marks, problems)
    indices = [leaf.rule.index if isinstance(leaf.rule, External) else "" for leaf in scheme.leaves]
    _mark_measured(scheme, external, ("index", "value"), indices, keys, marks, problems)
    _mark_decided(scheme, rows[~spared & rows["points"].notna()], points, error, problems)
    if problems:
        raise DataError(problems)
    return Marks(keys, exact_values(points), applicable, error, freedom)


# --- the rows -----------------------------------------------------------------------------------


def _official_order(level: str, year: int, units: pd.Series, problems: list[Problem]) -> tuple[str, ...]:
    """The different ``units`` in official order; units that are none of that level in ``year`` join ``problems``."""
    given = set(units.astype("str"))
    order = [unit.key for unit in units_of_year(year, level)]
    for stranger in sorted(given - set(order)):
        vi = f"không có đơn vị này trong năm {year}{nearest_text(stranger, order, 'vi')}"
        en = f"no such unit in {year}{nearest_text(stranger, order, 'en')}"
        problems.append(Problem(vi=vi, en=en, column="unit", value=stranger))
    return tuple(key for key in order if key in given)


def _place_rows(scheme: Scheme, answers: pd.DataFrame, keys: Sequence[str], problems: list[Problem]) -> pd.DataFrame:
    """The rows of wanted units with the places of their unit ``u`` and leaf ``l``, sorted by leaf."""
    leaves = [leaf.code for leaf in scheme.leaves]
    frame = pd.DataFrame(
        {
            "u": _places(answers["unit"], keys),
            "l": _places(answers["code"], leaves),
            "unit": answers["unit"].to_numpy(),
            "code": answers["code"].to_numpy(),
            "answer": answers["answer"].to_numpy(dtype=object),
            "points": _numbers(answers, "points", problems),
            "not_applicable": _flags(answers, "not_applicable", problems),
            "row": answers["row"].to_numpy() if "row" in answers else np.full(len(answers), np.nan),
        }
    )
    frame = frame[frame["u"] >= 0]
    inner = {node.code for node in scheme.nodes} - set(leaves)
    for entry in frame[frame["l"] < 0].itertuples():
        if entry.code in inner:
            vi = "mục này là tổng của các tiêu chí con, không chấm trực tiếp"
            en = "this node is the sum of its children and is not scored itself"
        else:
            vi = f"không có mã này{nearest_text(str(entry.code), leaves, 'vi')}"
            en = f"no such code{nearest_text(str(entry.code), leaves, 'en')}"
        problems.append(_of(entry, vi, en))
    frame = frame[frame["l"] >= 0]
    for entry in frame[frame.duplicated(["u", "l"])].itertuples():
        problems.append(_of(entry, "ghi hai lần", "given twice"))
    unlimited = frame["not_applicable"] & np.isnan(scheme.leaf_maxima[frame["l"]])
    for entry in frame[unlimited].itertuples():
        vi = "tiêu chí không có điểm tối đa riêng nên không thể bỏ"
        problems.append(_of(entry, vi, "a leaf without a maximum cannot be left out"))
    return frame.sort_values("l", kind="stable")


def _places(values: pd.Series, keys: Sequence[str]) -> npt.NDArray[np.intp]:
    """The place of each value among ``keys``, -1 where it is none of them."""
    return pd.Index(list(keys), dtype="str").get_indexer(pd.Index(values.astype("str")))


def _of(entry: Any, vi: str, en: str, column: str = "", value: object = None) -> Problem:
    """A problem of one row: its unit in the words, its leaf and line as the place."""
    row = None if pd.isna(entry.row) else int(entry.row)
    return Problem(
        vi=f"đơn vị {entry.unit}: {vi}",
        en=f"unit {entry.unit}: {en}",
        node=str(entry.code),
        row=row,
        column=column,
        value=value,
    )


def _numbers(frame: pd.DataFrame, name: str, problems: list[Problem]) -> Array:
    if name not in frame:
        return np.full(len(frame), np.nan)
    numbers = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    empty = frame[name].isna() | (frame[name].astype("str").str.strip() == "")
    for cell in frame.loc[np.isnan(numbers) & ~empty, name]:
        problems.append(Problem(vi="không phải là số", en="not a number", column=name, value=cell))
    return numbers


def _flags(frame: pd.DataFrame, name: str, problems: list[Problem]) -> Mask:
    if name not in frame:
        return np.zeros(len(frame), dtype=np.bool_)
    if frame[name].dtype == np.bool_:
        return frame[name].to_numpy()
    text = frame[name].astype("object").where(frame[name].notna(), "").astype("str").str.strip().str.lower()
    for cell in text[~text.isin([*_TRUE, *_FALSE])].unique():
        problems.append(Problem(vi="phải là true hoặc false", en="must be true or false", column=name, value=cell))
    return text.isin(_TRUE).to_numpy()


# --- points by where they come from -------------------------------------------------------------


def _mark_answers(scheme: Scheme, rows: pd.DataFrame, points: Array, problems: list[Problem]) -> None:
    """Points of the leaves that units answer themselves."""
    bounds = np.searchsorted(rows["l"], np.arange(len(scheme.leaves) + 1))
    cells, units = rows["answer"].to_numpy(), rows["u"].to_numpy()
    for place, leaf in enumerate(scheme.leaves):
        start, end = bounds[place], bounds[place + 1]
        if start == end or leaf.rule is None:
            continue
        if leaf.rule.answered:
            values, wrong = read_answers(leaf.rule, cells[start:end], leaf.maximum)
            points[units[start:end], place] = leaf.rule.points(values, leaf.maximum or np.nan)
        else:
            vi, en = "điểm lấy từ khảo sát hoặc chỉ số khác, không tự chấm", "scored by a survey or another index"
            given = [at for at in range(end - start) if not is_unknown(cells[start + at])]
            wrong = {at: Problem(vi=vi, en=en, value=cells[start + at]) for at in given}
        for at, problem in wrong.items():
            entry = next(rows.iloc[[start + at]].itertuples())
            problems.append(_of(entry, problem.vi, problem.en, "answer", problem.value))


def _mark_measured(
    scheme: Scheme,
    frame: pd.DataFrame | None,
    columns: tuple[str, str],
    sources: list[str],
    keys: Sequence[str],
    marks: tuple[Array, Array, Array],
    problems: list[Problem],
) -> None:
    """Points, standard errors and their degrees of freedom of the leaves that follow a survey item or another index.

    ``columns`` name the source (item, index) and the value in ``frame``; ``sources`` is that of each leaf, "" for none.
    """
    if frame is None:
        return
    name, column = columns
    named = list(dict.fromkeys(source for source in sources if source))
    rows = frame.assign(u=_places(frame["unit"], keys), s=_places(frame[name], named))
    rows = rows[(rows["u"] >= 0) & (rows["s"] >= 0)]
    for entry in rows[rows.duplicated(["u", "s"])].to_dict("records"):
        who = f"{entry['unit']}, {entry[name]}"
        problems.append(Problem(vi=f"đơn vị {who}: ghi hai lần", en=f"unit {who}: given twice", column=name))
    values, errors = np.full((2, len(keys), len(named)), np.nan)
    values[rows["u"], rows["s"]] = rows[column]
    if "standard_error" in rows:
        errors[rows["u"], rows["s"]] = rows["standard_error"]
    freedom = np.full_like(values, np.nan)
    if "degrees_of_freedom" in rows:
        freedom[rows["u"], rows["s"]] = rows["degrees_of_freedom"]
    for place, leaf in enumerate(scheme.leaves):
        if not sources[place] or leaf.rule is None or leaf.maximum is None:
            continue
        measured = values[:, named.index(sources[place])]
        for unit in np.flatnonzero(~fits(leaf.rule, measured)).tolist():
            who = f"{keys[unit]}, {sources[place]}"
            vi = f"đơn vị {who}: cần {expected(leaf.rule, leaf.maximum, 'vi')}"
            en = f"unit {who}: expected {expected(leaf.rule, leaf.maximum, 'en')}"
            problems.append(Problem(vi=vi, en=en, node=leaf.code, column=column, value=float(measured[unit])))
        marks[0][:, place] = leaf.rule.points(measured, leaf.maximum)
        if "standard_error" in rows:
            marks[1][:, place] = leaf.rule.slope(measured, leaf.maximum) * errors[:, named.index(sources[place])]
            marks[2][:, place] = freedom[:, named.index(sources[place])]


def _mark_decided(scheme: Scheme, rows: pd.DataFrame, points: Array, error: Array, problems: list[Problem]) -> None:
    """Points that the council decided count instead of those of the answer, and are exact."""
    decided, maxima = rows["points"].to_numpy(), scheme.leaf_maxima[rows["l"]]
    wrong = (decided < 0) | (exact_values(decided) > exact_values(maxima)) | np.isinf(decided)
    for entry in rows[wrong].itertuples():
        maximum = float(scheme.leaf_maxima[entry.l])
        vi = f"điểm phải từ 0 đến {number(maximum, 'vi')}"
        problems.append(_of(entry, vi, f"points are between 0 and {number(maximum, 'en')}", "points", entry.points))
    points[rows["u"], rows["l"]] = decided
    error[rows["u"], rows["l"]] = 0.0
