"""The sheets of a scheme workbook, their columns, and the words in them, in whatever language the workbook is.

A workbook is in the language in which its sheets are named; it may call columns and words by their keys too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from parlib import data_tables
from parlib.scoring.rules import KINDS, Kind, Part
from parlib.sources.workbooks.reading import sheet_named
from parlib.words import FIRST, Bilingual, Message, Words, languages

if TYPE_CHECKING:
    from openpyxl import Workbook

GUIDE, FACTS, COMPONENTS, BANDS, TREE, LISTS = SHEETS = (
    Message("Guide"),
    Message("General information"),
    Message("Groups of points"),
    Message("Bands"),
    Message("Criteria"),
    Message("Lists"),
)


def language_of(book: Workbook) -> str:
    """The language in which most sheets of a workbook are named."""
    return max(languages(), key=lambda own: sum(sheet_named(book, name.text(own)) is not None for name in SHEETS))


# --- columns ----------------------------------------------------------------------------------

_NAME_EN = Message("English name")
_MAXIMUM = Message("Maximum")
_GROUP = Message("Group of points")

FACT_COLUMNS = (
    Part("key", Message("Item"), 26),
    Part("value", Message("Content"), 84),
    Part("help", Message("Guide"), 60),
)
COMPONENT_COLUMNS = (
    Part("key", Message("Key of the group"), 18),
    Part("name", Message("Name of the group"), 52),
    Part("name_en", _NAME_EN, 44),
    Part("max", _MAXIMUM, 12),
)
BAND_COLUMNS = (Part("name", Message("Band"), 14), Part("low", Message("From (%)"), 12))
NODE_COLUMNS = (
    Part("code", Message("Code"), 8),
    Part("name", Message("Area / Criterion / Sub-criterion"), 48),
    Part("name_en", _NAME_EN, 38),
    Part("max", _MAXIMUM, 9),
    Part("component", _GROUP, 13),
    Part("evidence", Message("Evidence"), 34),
)
_KIND = Part("kind", Message("kind of rule"), 19)
_LINES = Part(
    "scale", Message("scale of points (a level a line)"), 52, Message("for example: 85 → 0.75 or: In time → 0.5")
)
#: How people see the fields of rules, in the order of their columns; those that only other kinds have follow.
_PARTS: Mapping[str, Part] = {
    "input": Part("input", Message("figure to enter"), 34, Message("the figure that the unit must enter")),
    "target_input": Part("target_input", Message("figure to compare with (target)"), 26),
    "unit": Part("unit", Message("unit of measure"), 9, Message("for example %")),
    **dict.fromkeys(("options", "label", "steps", "tiers", "scale"), _LINES),
    "full_at": Part("full_at", Message("maximum from"), 10),
    "zero_below": Part("zero_below", Message("0 points below"), 10),
    "per": Part("per", Message("points a case"), 10),
    "item": Part("item", Message("survey question"), 12, Message("the code of a question of the survey")),
    "respondents": Part("respondents", Message("respondents"), 22, Message("codes of groups, with commas between")),
    "index": Part("index", Message("code of the index"), 14, Message("for example sipas")),
}


def parts_of(kind: type[Kind]) -> dict[str, Part]:
    """The fields of a kind of rule as people see them: as it says itself, else as all kinds have them."""
    fields = {key: field.metadata for key, field in kind.model_fields.items() if key != "kind"}
    usual = {key: _PARTS.get(key, Part(key, Bilingual(key, key))) for key in fields}
    return {key: next((m for m in said if isinstance(m, Part)), usual[key]) for key, said in fields.items()}


def rule_columns() -> tuple[Part, ...]:
    """The columns that hold rules: the kind, then the parts of all kinds in their order."""
    used = dict.fromkeys(part for kind in KINDS.values() for part in parts_of(kind).values())
    usual = list(_PARTS.values())
    order = sorted(used, key=lambda part: usual.index(part) if part in usual else len(usual))
    return (_KIND, *order)


def tables() -> Mapping[Message, tuple[tuple[Part, ...], tuple[str, ...]]]:
    """The columns of the table on each sheet, and those that it must have."""
    needed = ("code", "name", "max", "component", "kind", "scale")
    return {
        FACTS: (FACT_COLUMNS, ("key", "value")),
        COMPONENTS: (COMPONENT_COLUMNS, ("key", "name", "max")),
        BANDS: (BAND_COLUMNS, ("name", "low")),
        TREE: ((*NODE_COLUMNS, *rule_columns()), needed),
    }


def column_of(key: str) -> str:
    """The key of the column where a field of rules stands; of what is no field, the key itself."""
    parts = (parts_of(kind).get(key) for kind in KINDS.values())
    return next((part.column for part in parts if part), key)


def help_of(part: Part, language: str = FIRST) -> str:
    """What the note at the head of a column says: what to write, and with which kinds."""
    if part == _KIND:
        return Message("choose one of the {n} kinds of rule", {"n": len(KINDS)}).text(language)
    users = (kind.name.text(language) for kind in KINDS.values() if part in parts_of(kind).values())
    told = Message("with {kinds}", {"kinds": ", ".join(f"“{name}”" for name in users)}).text(language)
    own = part.help.text(language)
    return f"{own} ({told})" if own else told[:1].upper() + told[1:]


# --- facts ------------------------------------------------------------------------------------


def _levels() -> dict[str, Words]:
    return {level: Bilingual(of["short_vi"], of["name_en"]) for level, of in data_tables.levels().items()}


class Fact(NamedTuple):
    """A fact of a scheme: its label, a word of help, and the words that its cell may hold, by those of the scheme."""

    label: Message
    help: Message
    words: Callable[[], Mapping[str, Words]] = dict


FACT_ROWS: Mapping[str, Fact] = {
    "id": Fact(
        Message("Id of the set"),
        Message("Small letters without marks, digits, hyphens; it names the file. For example: 892-province"),
    ),
    "decision": Fact(Message("Decision"), Message("Number and sign of the decision. For example: 876/QĐ-BNV")),
    "level": Fact(Message("Level"), Message("province or ministry"), _levels),
    "years": Fact(Message("Years"), Message("The years of the results, with commas between. For example: 2022, 2023")),
    "status": Fact(
        Message("Status"),
        Message("official or illustrative"),
        lambda: {"official": Message("official"), "illustrative": Message("illustrative")},
    ),
    "not_applicable": Fact(
        Message("Criteria that do not apply"),
        Message("leave out of the maximum (rescale), give all points (full) or give 0 points (zero)"),
        lambda: {
            "rescale": Message("leave out of the maximum"),
            "full": Message("give all points"),
            "zero": Message("give 0 points"),
        },
    ),
    "note": Fact(
        Message("Note"),
        Message("A row for each paragraph; there may be more rows of notes. An illustrative set must say ILLUSTRATIVE"),
    ),
}
CONTINUED = Message("Note (continued)")

# --- the guide --------------------------------------------------------------------------------

_FILLING = (
    ("title", Message("Set of criteria of the PAR INDEX")),
    ("subtitle", Message("The annex of the decision as a table; taken again by: parlib scheme import <file>")),
    ("section", Message("How to fill it in")),
    ("plain", Message("1. Sheet “General information”: decision, level, years, status.")),
    (
        "plain",
        Message("2. Sheet “Groups of points”: the groups (appraisal, sociological survey, ...), the maximum of each."),
    ),
    ("plain", Message("3. Sheet “Bands”: names and lower bounds, falling; the last from 0.")),
    (
        "plain",
        Message(
            "4. Sheet “Criteria”: a row for each area, criterion, sub-criterion, in the order of the annex. Codes are"
            " text (1, 1.1, 1.1.1, ..., 1.10). A row with rows below it has only code, name and maximum; a row that is"
            " scored also has its group, evidence and rule."
        ),
    ),
)
_CONVENTIONS = (
    ("section", Message("Conventions")),
    (
        "plain",
        Message(
            "Numbers have a decimal point (0.75) and no signs between thousands. “->” may be typed for “→”. No merged"
            " cells, no formulas. All that is wrong is named at once, with sheet, row, column and value; a wrong file"
            " is not taken."
        ),
    ),
)


def guide_lines(language: str = FIRST) -> Iterator[tuple[str, str]]:
    """The sheet of guidance: the look of each line and its text."""
    count = Message("{n} kinds of rule", {"n": len(KINDS)})
    for look, words in (*_FILLING, ("section", count)):
        yield look, words.text(language)
    for kind in KINDS.values():
        yield "plain", f"{kind.name.text(language)} — {kind.in_scheme.text(language)}"
    for look, words in _CONVENTIONS:
        yield look, words.text(language)
