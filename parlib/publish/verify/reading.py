"""How verification reads what is printed: numbers, the text between numbers, whose a number is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from parlib.analysis.checks import Finding
from parlib.report.blocks import Number
from parlib.report.wording import MINUS, Wording
from parlib.words import Message

GAP = "\0"  # where a number stands in a text


def printed(text: str, wording: Wording) -> Decimal | None:
    """A number as it is printed, with its decimals; ``None`` where the text is none."""
    group, sign = wording.signs
    plain = text.replace(group, "").replace(sign, ".").replace(MINUS, "-").removeprefix("+")
    return Decimal(plain) if re.fullmatch(r"-?\d+(\.\d+)?", plain, re.ASCII) else None


def decimals(number: Decimal) -> int:
    """How many decimals a printed number has."""
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def up_to_number(parts: Iterable[str | Number]) -> str:
    """The text up to the next number; of parts in reverse, that before."""
    found: list[str] = []
    for part in parts:
        if isinstance(part, Number):
            break
        found.append(part)
    return "".join(found)


def gapped(parts: Iterable[str | Number]) -> str:
    """All text of a sentence, a gap for each number."""
    return "".join(GAP if isinstance(part, Number) else part for part in parts)


def units_of(number: Number) -> set[str]:
    """The units that a number is of, one by one."""
    return {ref.unit for ref in number.refs if ref.unit not in ("*", "") and ":" not in ref.unit}


def about(check: str, where: str, number: Number, said: Message) -> Finding:
    """A finding on one number."""
    value = () if number.value is None else (("value", number.value),)
    return Finding(check, False, f"{where}: {number.text}", value, said)
