"""Answers: frames that say, where they are shown or saved, what they are of, and what must be said beside them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parlib.data_tables import indices, levels, records
from parlib.scoring.results import WHOLE, Results
from parlib.tables import rounded
from parlib.words import FIRST, Digits, Joined, Message, Name, Words, alphabetical, number_signs

if TYPE_CHECKING:
    from parlib.analysis.robustness.audit import Apart

#: The columns that hold keys, and the column of names that is put beside each.
NAMES = {
    **{"unit": "name", "node": "node_name", "component": "component_name", "region": "region_name"},
    **{"best_unit": "best_name", "worst_unit": "worst_name", "best_peer": "best_peer_name"},
    **{"minimum_unit": "minimum_name", "maximum_unit": "maximum_name"},
}

#: Columns for programs, which the display of a frame leaves out.
_INNER = {"conflict", "source_ids", "marks", "rank_basis", "change_basis", "minimum_units", "maximum_units"}
_MOST_ROWS = 70

_MARKS: Mapping[str, Message] = {
    "illustrative_scheme": Message("illustrative set of criteria"),
    "simulated": Message("SIMULATED, not real results"),
    "partial": Message("partial data"),
    "secondary": Message("secondary source"),
    "derived": Message("derived value"),
}
#: What values are counted in, in words.
VALUE_UNITS: Mapping[str, Words] = {"percent": Name("%", "%"), "points": Message("points")}


#: What stands for a source where numbers come from a round: see ``Results.about``.
_STAGES: Mapping[str, Message] = {
    "round, final": Message("the round, final results"),
    "round, appraisal": Message("the round, as appraised"),
    "round, self": Message("the round, as the units assessed themselves"),
}


UNKNOWN = "…"


def printed(value: object, decimals: int = 2, language: str = FIRST) -> str:
    """A number with its decimals, as its readers write it; what is not known as dots."""
    if not isinstance(value, int | float | np.number) or value != value:
        return UNKNOWN
    return f"{rounded(float(value), decimals)}".replace(".", number_signs(language)[1])


def told(about: Mapping[Hashable | None, object], language: str = FIRST) -> str:
    """What must be said beside numbers, in one line: index, year, level, coverage, unit of value, break, marks, source.
    ``about`` is what ``Results.about`` gives."""
    of = {str(key): str(value) for key, value in about.items()}
    index, level = indices().get(of.get("index_name", "")), levels().get(of.get("level", ""))
    parts: list[object] = []
    if index and level:
        name = Name(f"{index['name_vi']} {of['year']}", f"{index['name_en']} {of['year']}")
        parts += [name, Name(level["name_vi"], level["plural_en"])]
    parts += [Message("data for {known}", {"known": of["known"]})] if of.get("known") else []
    unit = of.get("unit_of_value", "")
    parts += [Message("value in {unit}", {"unit": VALUE_UNITS.get(unit, unit)})] if unit else []
    parts += [Message("not on the scale of the year before")] if of.get("break") else []
    parts += [_MARKS.get(mark, mark) for mark in of.get("marks", "").split(";") if mark]
    if meanwhile := of.get("others"):
        gain = Message(
            "all others gain {n} percentage points", {"n": meanwhile.replace(".", number_signs(language)[1])}
        )
        parts += [Message("all others stand still") if meanwhile == "0" else gain]
    first, *others = of.get("source", "").split(";")
    if first:
        titles = {row["source_id"]: row["title"] for row in records("published/sources.csv")}
        named = _STAGES[first] if first in _STAGES else titles.get(first, first)
        more = f" (+{len(others)})" if others else ""
        parts.append(Message("source: {source}{more}", {"source": named, "more": more}))
    texts = [part.text(language) if isinstance(part, Message | Name) else str(part) for part in parts]
    return " · ".join(texts)


_APART: Mapping[bool | None, Message] = {
    None: Message("Whether they differ is not known: no error of the survey is known."),
    True: Message(
        "These two alone can be told apart: their difference is {gap} {unit}; at {level}% certainty chance makes at "
        "most {reach}."
    ),
    False: Message(
        "These two alone cannot be told apart: their difference is {gap} {unit}; at {level}% certainty chance makes up "
        "to {reach}."
    ),
}
_ASSUMED = Message("The error is an assumption, no survey measured it.")


def told_apart(found: Apart, results: Results, language: str = FIRST) -> str:
    """Whether two units can be told apart, in words, on the scale that is printed; in a second line what must be said
    beside it, marks and source among it."""
    named: dict[str, object] = {}
    if found.apart is not None:
        scale = results.scale
        most = float(results.nodes.set_index("node")["maximum"][WHOLE]) if scale.column == "points" else 100.0
        gap, reach = (
            Digits(f"{rounded(of * most / 100, scale.decimals)}") for of in (abs(found.difference), found.reach)
        )
        unit = Message("percentage points") if scale.unit == "percent" else VALUE_UNITS.get(scale.unit, scale.unit)
        named = {"gap": gap, "reach": reach, "unit": unit, "level": Digits(f"{100 * (1 - found.level):g}")}
    parts = [_APART[found.apart].filled(**named), *([_ASSUMED] if found.basis == "assumed" else [])]
    return f"{Joined(parts, ' ').text(language)}\n{told(results.about(), language)}"


#: What is said of a frame without rows, where its attribute "none" says nothing else.
NOTHING = Message("Nothing of this is known.")

_NUMERAL = re.compile("([<≥] )?[0-9./]+%?")  # a label that is a number
_KEYS = {"node", "code", "answer", "choice", "before", "after"}


def localised(language: str, frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with the numbers among its labels as people write them; keys and answers stay as they are."""
    decimal = number_signs(language)[1]

    def signed(text: str) -> str:
        return text.replace(".", decimal) if _NUMERAL.fullmatch(text) else text

    texts = {str(n): c for n, c in frame.items() if isinstance(c.dtype, pd.StringDtype) and n not in _KEYS}
    return frame.assign(**{name: column.map(signed) for name, column in texts.items()})


def _by_alphabet(column: pd.Series) -> pd.Series:
    return column.map(alphabetical, na_action="ignore") if column.name in NAMES.values() else column


class Answer(pd.DataFrame):
    """A frame of pandas that shows what it is of below it, and takes it along to Excel. Keys that have a name beside
    them, and columns for programs, are there and not shown."""

    @property
    def _constructor(self) -> type[Answer]:
        return Answer

    def sort_values(self, *by: object, **how: object) -> Answer:  # type: ignore[override]
        """As of any frame; names are sorted by the Vietnamese alphabet (Đ after D, not after Z)."""
        how.setdefault("key", _by_alphabet)
        return super().sort_values(*by, **how)  # type: ignore[call-overload, no-any-return]

    @property
    def told(self) -> str:
        """What must be said beside it, in one line."""
        return told(self.attrs, str(self.attrs.get("language", FIRST)))

    @property
    def shown(self) -> pd.DataFrame:
        """What is shown of it."""
        gone = {key for key, name in NAMES.items() if name in self} | _INNER
        plain = pd.DataFrame(self).drop(columns=[column for column in self if column in gone])
        return plain.loc[:, [bool(((plain[c] != "") & plain[c].notna()).any()) for c in plain]] if len(plain) else plain

    def _repr_html_(self) -> str:
        if not len(self) and self.attrs:
            nothing = self.attrs.get("none", NOTHING).text(str(self.attrs.get("language", FIRST)))
            return f"<p>{escape(nothing)}</p><p><small>{escape(self.told)}</small></p>"
        decimal = number_signs(str(self.attrs.get("language", FIRST)))[1]

        def number(value: float) -> str:
            return f"{rounded(value, 2)}".replace(".", decimal)

        table = self.shown.to_html(max_rows=_MOST_ROWS, float_format=number, na_rep="…", index=False, border=0)
        table = table.replace("&lt;NA&gt;", "…")
        return f"{table}<p><small>{escape(self.told)}</small></p>" if self.attrs else table

    def to_excel(  # type: ignore[override, misc]
        self, path: str | Path, sheet_name: str = "parlib", *, index: bool = False
    ) -> None:
        """Write it as Excel: a frozen head, a filter, numbers with two decimals, and in the last line what must be said
        beside it."""
        from parlib.sources.excel import write_frame

        frame = pd.DataFrame(self)
        write_frame(frame.reset_index() if index else frame, Path(path), sheet_name, self.told)
