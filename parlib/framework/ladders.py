"""Falling thresholds with falling points, the shape of the rules ``steps`` and ``target``; numbers in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Strict

Array = npt.NDArray[np.float64]
Number = Annotated[float, Strict()]
Ladder = tuple[tuple[Number, Number], ...]
Flaw = tuple[str, str]  # what is wrong, in Vietnamese and in English

DECIMALS = 9  # points and answers are compared after rounding to so many decimals


def exact_values(values: npt.ArrayLike) -> Array:
    """``values`` rounded to 9 decimals: what is equal on paper is equal here (0.1 + 0.2 and 0.3)."""
    return np.asarray(np.round(np.asarray(values, dtype=np.float64), DECIMALS), dtype=np.float64)


def exact(x: float) -> Decimal:
    """``x`` as the decimal that was written: 0.1 is 0.1."""
    return Decimal(repr(float(x))).normalize()


def number(x: float | Decimal, language: str) -> str:
    """``x`` in the fewest digits, with the decimal comma in Vietnamese."""
    text = f"{Decimal(repr(float(x) + 0.0)) if isinstance(x, float) else Decimal(x):f}"  # -0.0 is 0
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(".", ",") if language == "vi" else text


def points_words(x: float, language: str) -> str:
    """ "0,75 điểm", "0.75 points"."""
    if language == "vi":
        return f"{number(x, 'vi')} điểm"
    return f"{number(x, 'en')} point{'' if x == 1 else 's'}"


def subject(text: str) -> str:
    """The name of an input as the beginning of a sentence, without its unit in brackets."""
    bare = re.sub(r"\s*\(%\)\s*$", "", text)
    return bare[:1].upper() + bare[1:]


def ladder_flaws(ladder: Ladder, vi: str, en: str) -> Iterator[Flaw]:
    """What is wrong with a ladder that people call ``vi`` and ``en``."""
    if not ladder:
        yield f"{vi} không được để trống", f"{en} must not be empty"
        return
    for (high, more), (low, less) in pairwise(ladder):
        if not high > low:
            yield (
                f"các ngưỡng của {vi} phải giảm dần ({number(high, 'vi')}, {number(low, 'vi')})",
                f"{en}: thresholds must fall ({number(high, 'en')}, {number(low, 'en')})",
            )
        if not more > less:
            yield (
                f"điểm của {vi} phải giảm dần ({number(more, 'vi')}, {number(less, 'vi')})",
                f"{en}: points must fall ({number(more, 'en')}, {number(less, 'en')})",
            )
    if not (ladder[-1][0] > 0 and ladder[-1][1] > 0):
        yield f"ngưỡng và điểm thấp nhất của {vi} phải lớn hơn 0", f"{en}: lowest threshold and points must be above 0"


def climb(ladder: Ladder, answers: Array) -> Array:
    """The points of the highest threshold reached; 0 below the lowest."""
    rising = ladder[::-1]
    thresholds = np.round([threshold for threshold, _ in rising], DECIMALS)
    earned = np.array([0.0, *(points for _, points in rising)])
    return np.asarray(earned[np.searchsorted(thresholds, answers, side="right")], dtype=np.float64)


def ladder_words(ladder: Ladder, unit: str, language: str, capped: bool = True) -> str:
    """The ladder as text, from the best step down to 0 points. ``capped``: nothing can be more than 100%."""
    sign = "" if not unit else unit if unit == "%" else f" {unit}"
    parts, above = [], None
    for threshold, points in ladder:
        low, got = f"{number(threshold, language)}{sign}", points_words(points, language)
        if above is None and capped and unit == "%" and threshold == 100:
            parts.append(f"đạt 100%: {got}" if language == "vi" else f"100%: {got}")
        elif above is None:
            parts.append(f"từ {low} trở lên: {got}" if language == "vi" else f"{low} or more: {got}")
        else:
            parts.append(f"từ {low} đến dưới {above}: {got}" if language == "vi" else f"{low} to under {above}: {got}")
        above = low
    parts.append(f"dưới {above}: {points_words(0, language)}" if language == "vi" else f"under {above}: 0 points")
    return "; ".join(parts)
