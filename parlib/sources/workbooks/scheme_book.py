"""The sheets of a scheme workbook, their columns, and the words in them, in whatever language the workbook is.

A workbook is in the language in which its sheets are named; it may call columns and words by their keys too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from parlib import data_tables, places
from parlib.errors import DataError, ParlibError, Problem, SchemeError
from parlib.scoring.rules import KINDS, Kind, Labels, Ladder, Options, Part, Scale, Texts
from parlib.scoring.scheme import Node, Scheme, parse_scheme
from parlib.sources import excel
from parlib.sources.questions import group_names, groups_meant
from parlib.tables import as_number, number, written
from parlib.words import FIRST, Message, Name, Words, fold, languages, number_signs

if TYPE_CHECKING:
    from openpyxl import Workbook
    from xlsxwriter import Workbook as WorkbookWritten

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
    return max(languages(), key=lambda own: sum(excel.sheet_named(book, name.text(own)) is not None for name in SHEETS))


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
#: What an annex says of a node as it is printed, and what of that a person has to settle before the set is taken.
SOURCE = Part("source", Message("Text of the annex"), 52)
CONFIRM = Part("confirm", Message("To be confirmed by a person"), 44)
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
    "respondents": Part("respondents", Message("respondents"), 22, Message("names or keys of groups, with ; between")),
    "index": Part("index", Message("code of the index"), 14, Message("for example sipas")),
}


def parts_of(kind: type[Kind]) -> dict[str, Part]:
    """The fields of a kind of rule as people see them: as it says itself, else as all kinds have them."""
    fields = {key: field.metadata for key, field in kind.model_fields.items() if key != "kind"}
    usual = {key: _PARTS.get(key, Part(key, Name(key, key))) for key in fields}
    return {key: next((m for m in value if isinstance(m, Part)), usual[key]) for key, value in fields.items()}


def rule_columns() -> tuple[Part, ...]:
    """The columns that hold rules: the kind, then the parts of all kinds in their order."""
    used = dict.fromkeys(part for kind in KINDS.values() for part in parts_of(kind).values())
    usual = list(_PARTS.values())
    order = sorted(used, key=lambda part: usual.index(part) if part in usual else len(usual))
    return (_KIND, *order)


def declared_tables() -> Mapping[Message, tuple[tuple[Part, ...], tuple[str, ...]]]:
    """The columns of the table on each sheet, and those that it must have."""
    needed = ("code", "name", "max", "component", "kind", "scale")
    return {
        FACTS: (FACT_COLUMNS, ("key", "value")),
        COMPONENTS: (COMPONENT_COLUMNS, ("key", "name", "max")),
        BANDS: (BAND_COLUMNS, ("name", "low")),
        TREE: ((*NODE_COLUMNS, *rule_columns(), SOURCE, CONFIRM), needed),
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
    message = Message("with {kinds}", {"kinds": ", ".join(f"“{name}”" for name in users)}).text(language)
    own = part.help.text(language)
    return f"{own} ({message})" if own else message[:1].upper() + message[1:]


# --- facts ------------------------------------------------------------------------------------


def _levels() -> dict[str, Words]:
    """The words for each level. Several provinces have communes: a word of more than one level says none of them."""
    levels = data_tables.levels()
    used = Counter(of[word] for of in levels.values() for word in ("short_vi", "name_en"))
    words = {level: (of["short_vi"], of["name_en"]) for level, of in levels.items()}
    return {level: Name(*said) if all(used[word] == 1 for word in said) else Name(level, level)
            for level, said in words.items()}  # fmt: skip


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
    "level": Fact(Message("Level"), Message("province, ministry or a name of: parlib level list"), _levels),
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
        Message("At least one paragraph, each in its row. An illustrative set must say ILLUSTRATIVE"),
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
_GROUPS = Message("Respondents of the survey: {names}; of another group write a key (a-z, 0-9, _).")
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
    yield "plain", _GROUPS.filled(names="; ".join(group_names(language).values())).text(language)
    for look, words in _CONVENTIONS:
        yield look, words.text(language)


# --- rule cells -----------------------------------------------------------------------------------
# A rule as cells that people read and type, and back.
#
# Whatever has several parts (options, thresholds, a scale) is one line a part, as the annex prints it::
#
#     [timely] Ban hành kịp thời → 0,5        an option: id (may be left out), label, points
#     85 → 0,75                               a threshold and its points; for a survey an answer and its share

_ARROW = r"\s*(?:→|->|=>|:|=)\s*"
_NUMBER = r"[-+\u2212]?[0-9]+(?:[.,][0-9]+)?"
_ENDING = rf"(?P<points>{_NUMBER})\s*(?:điểm|đ|%)?\s*\.?\s*"
_OPTION = re.compile(rf"(?:\[(?P<id>[^\]\s]*)\]\s*)?(?P<label>.*\S){_ARROW}{_ENDING}", re.DOTALL)
_UNTIL = rf"(?:\s*(?:-|–|đến)\s*(?:<|dưới)\s*(?P<until>{_NUMBER})\s*%?)?"  # "70% - dưới 85%", as annexes print it
_LEVEL = re.compile(rf"(?:≥|>=|từ)?\s*(?P<level>{_NUMBER})\s*%?{_UNTIL}{_ARROW}{_ENDING}", re.IGNORECASE)
_EXAMPLES = {_OPTION: Message("In time → 0.5"), _LEVEL: Message("85 → 0.75")}

Cells = Mapping[str, object]  # column key -> text or number; empty ones left out
Report = Callable[[str, Problem], None]  # column key, what is wrong
Bad = Callable[[Problem], None]


def _form(kind: type[Kind], key: str) -> object:
    """What a field of a kind holds: one of the types of ``parlib.scoring.rules``."""
    return kind.model_fields[key].annotation


# --- a rule as cells --------------------------------------------------------------------------


def rule_cells(rule: Kind, language: str = FIRST) -> dict[str, str | float]:
    """The cells of a rule, by the key of their column."""
    cells: dict[str, str | float] = {"kind": rule.name.text(language)}
    for key, part in parts_of(type(rule)).items():
        value, form = getattr(rule, key), _form(type(rule), key)
        if form == Options:
            labels = getattr(rule, "label", {})
            pairs = ((f"[{name}] {labels[name]}", points) for name, points in value.items())
        elif form in (Scale, Ladder):
            listed = value.items() if form == Scale else value
            pairs = ((number(float(level), language), points) for level, points in listed)
        else:
            if form != Labels:  # they stand with their options
                names = group_names(language)
                cells[part.column] = "; ".join(names.get(key, key) for key in value) if form == Texts else value
            continue
        cells[part.column] = "\n".join(f"{what} → {number(float(points), language)}" for what, points in pairs)
    return cells


# --- cells as a rule --------------------------------------------------------------------------


def rule_of_cells(cells: Cells, report: Report, language: str = FIRST) -> dict[str, object] | None:
    """The rule that cells hold, as the plain content of the YAML; ``None`` when they hold none.

    What is wrong is given to ``report`` with the column; the fields that could be read are returned all the same, so
    that the checks of the scheme can find what else is wrong.
    """
    if not cells:
        return None
    typed = fold(str(cells.get("kind") or ""))
    kind = next((kind for key, kind in KINDS.items() if typed in (key, fold(kind.name.text(language)))), None)
    if kind is None:
        names = ", ".join(kind.name.text(language) for kind in KINDS.values())
        options = Name(names, ", ".join(KINDS)) if language == FIRST else names
        report("kind", Problem("the kind of rule is missing or unknown; the kinds are {options}", options=options))
        return None
    parts = parts_of(kind)
    columns = list(dict.fromkeys(part.column for part in parts.values()))
    for column in columns:
        if column not in cells:
            report(column, Problem("a rule of kind {kind_words} needs this column", kind_words=kind.name))
    rule: dict[str, object] = {"kind": next(key for key, of in KINDS.items() if of is kind)}
    for key, part in parts.items():
        if part.column in cells:
            rule |= _field(key, _form(kind, key), cells[part.column], language, partial(report, part.column))
    for column in cells:
        if column not in ("kind", *columns):
            named = {"kind_words": kind.name}
            words = Message("a rule of kind {kind_words} does not use this column; leave it empty", named)
            report(column, Problem(words))
    return rule


def _field(key: str, form: object, cell: object, language: str, bad: Bad) -> dict[str, object]:
    """What a cell says of a field, by the key of the YAML: nothing where it cannot be read."""
    if form == Options:
        return _options(cell, language, bad)
    if form == Ladder:
        return {key: list(_ladder(cell, language, bad))}
    if form == Scale:
        return {key: _scale(cell, language, bad)}
    if form == Texts:
        return _groups(key, str(cell), language, bad)
    if form is float:
        value = number_of(cell, language)
        if not isinstance(value, Problem):
            return {key: value}
        bad(value)
        return {}
    return {} if form == Labels else {key: str(cell)}  # labels were read with their options


def _lines(
    pattern: re.Pattern[str], cell: object, language: str, bad: Bad
) -> Iterator[tuple[re.Match[str], float, float]]:
    """The lines of a cell: what was matched, its level (of an option 0) and its points."""
    for line in filter(None, (line.strip() for line in str(cell).split("\n"))):
        match = pattern.fullmatch(line)
        if match is None:
            bad(
                Problem(
                    "cannot read the line “{line}”; write it like: {example}", line=line, example=_EXAMPLES[pattern]
                )
            )
            continue
        level, points = (number_of(match.groupdict().get(name, 0), language) for name in ("level", "points"))
        if isinstance(level, Problem) or isinstance(points, Problem):
            wrong = level if isinstance(level, Problem) else points
            assert isinstance(wrong, Problem)
            bad(wrong.at(message=Message("line “{line}”: {what}", {"what": wrong.message, "line": line})))
        else:
            yield match, level, points


def _ladder(cell: object, language: str, bad: Bad) -> Iterator[list[float]]:
    """Thresholds with their points. One that says where it ends has to end where the one above begins."""
    above: float | None = None
    for match, level, points in _lines(_LEVEL, cell, language, bad):
        if match["until"] and number_of(match["until"], language) != above:
            bad(Problem("line “{line}”: it does not end where the one above begins", line=match[0]))
        above = level
        yield [level, points]


def _options(cell: object, language: str, bad: Bad) -> dict[str, object]:
    options: dict[str, float] = {}
    labels: dict[str, str] = {}
    for match, _, points in _lines(_OPTION, cell, language, bad):
        name = match["id"] or _identifier(match["label"])
        if name in options:
            bad(Problem("the option id [{name}] is used twice", name=name))
        else:
            options[name], labels[name] = points, match["label"].strip()
    return {"options": options, "label": labels}


def _groups(key: str, cell: str, language: str, bad: Bad) -> dict[str, object]:
    keys, strange = groups_meant(cell)
    for text in strange:
        known = "; ".join(group_names(language).values())
        words = Message("“{text}” is no group of respondents; there are: {known}", {"text": text, "known": known})
        bad(Problem("{what}; of another write a key of your own (a-z, 0-9, _)", what=words))
    return {} if strange else {key: keys}


def _scale(cell: object, language: str, bad: Bad) -> dict[int, float]:
    scale: dict[int, float] = {}
    for _, answer, share in _lines(_LEVEL, cell, language, bad):
        if answer != int(answer) or int(answer) in scale:
            bad(Problem("the answer {number} must be a whole number, given once", number=written(answer)))
        else:
            scale[int(answer)] = share
    return scale


_OF_LINES = ("scale", "respondents")  # columns whose cells may list something a line


def number_of(cell: object, language: str = FIRST) -> float | Problem:
    """A number typed as a number or as text, with the decimal sign of the language; what could mean two things is
    refused."""
    if isinstance(cell, bool) or not isinstance(cell, (int, float, str)):
        return Problem("not a number")
    if isinstance(cell, (int, float)):
        return cell
    value = as_number(cell, number_signs(language)[1])
    return value if isinstance(value, Problem) or value != int(value) else int(value)


def _identifier(label: str) -> str:
    """An id for an option that was given none: its label without marks, shortened."""
    name = "_".join(fold(label).split())[:40].rstrip("_")
    return name if name[:1].isascii() and name[:1].isalpha() else f"o_{name}"


# --- scheme read ----------------------------------------------------------------------------------
# A scheme from a workbook that people filled in: every problem at once, each with sheet, row, column and value.

Content = dict[str, object]  # what the YAML file of a set of criteria, or a node of it, holds
Tables = Mapping[Message, excel.Table]  # by the name of their sheet


@dataclass(frozen=True)
class Imported:
    """A scheme read from a workbook, and what was filled in for the reader to know."""

    scheme: Scheme
    warnings: tuple[Problem, ...] = ()


def import_scheme(path: Path) -> Scheme:
    """The scheme in a workbook as ``export_scheme`` writes them. ``SchemeError`` lists everything that is wrong."""
    return read_scheme_book(path).scheme


def read_scheme_book(path: Path) -> Imported:
    """The scheme in a workbook with the warnings about it."""
    try:
        book = excel.open_workbook(path)
    except ParlibError as error:
        raise SchemeError(error.problems) from None
    language = language_of(book)
    reader = _Reader(_tables(book, path.name, language), path.name, language)
    scheme = reader.scheme()
    hanging = excel.attached(path, book, [name.text(language) for name in SHEETS])
    ours = (TREE.text(language), 1)  # the heads of the sheet of criteria carry notes of ours
    hanging = [problem for problem in hanging if (problem.sheet, problem.row) != ours]
    doubtful = [problem for table in reader.tables.values() for problem in table.warnings]
    return Imported(scheme, (*reader.untranslated(), *doubtful, *hanging))


def _tables(book: Workbook, file: str, language: str) -> Tables:
    """The tables of a workbook; ``SchemeError`` where a sheet is missing."""
    tables: dict[Message, excel.Table] = {}
    missing: list[Problem] = []
    for name, (columns, needed) in declared_tables().items():
        title = name.text(language)
        sheet = excel.sheet_named(book, title)
        if sheet is None:
            there = ", ".join(book.sheetnames)
            missing.append(Problem("no sheet “{sheet}”; there are {there}", file=file, sheet=title, there=there))
        else:
            headings = {part.column: part.heading.text(language) for part in columns}
            tables[name] = excel.read_table(sheet, file, headings, needed)
    if not tables:
        words = Message(
            "the annex of a decision as it is printed is read by: parlib scheme read {name}", {"name": file}
        )
        missing.append(Problem(words, file=file))
    SchemeError.raise_for(missing)
    return tables


_LEFT = Message("this was left to a person: put the row right, then clear this cell")


class _Reader:
    """One workbook: its tables, and the rows that facts, components and nodes came from."""

    def __init__(self, tables: Tables, file: str, language: str) -> None:
        self.tables, self.file, self.language = tables, file, language
        self.rows: dict[Message, dict[str, int]] = {name: {} for name in tables}
        self.without_english: list[int] = []

    def scheme(self) -> Scheme:
        """The scheme; ``SchemeError`` with all that is wrong."""
        facts = self._facts()
        policy = facts.pop("not_applicable", "rescale")
        document = {**facts, "bands": self._bands(), "components": self._components()}
        document |= {} if policy == "rescale" else {"not_applicable": policy}
        document["tree"] = self._tree()
        problems = [problem for table in self.tables.values() for problem in table.problems]
        try:
            scheme = parse_scheme(document, file=self.file)
        except SchemeError as error:
            # A row that could not be read is not reported a second time for what it therefore lacks.
            places = {problem.node for problem in problems if problem.node}
            blurred = {code for node in places for code in _above(node)}
            sums = ("children", "few")
            told = {(fact, "") for fact, value in facts.items() if not value}
            told |= {(about, node) for about in sums for node in blurred}
            news = [p for p in error.problems if p.node not in places and (p.about, p.node) not in told]
            problems += [self._placed(problem) for problem in news]
            problems = problems or [self._placed(problem) for problem in error.problems]
        SchemeError.raise_for(problems)
        return scheme

    def untranslated(self) -> list[Problem]:
        """A warning where names have no English."""
        if not self.without_english:
            return []
        n = {"n_untranslated": len(self.without_english)}
        words = Message("{n_untranslated} rows have no English name; the Vietnamese one is used", n)
        return [self.tables[TREE].placed(words, self.without_english[0], "name_en")]

    # --- the small tables ---------------------------------------------------------------------

    def _facts(self) -> Content:
        table, rows = self.tables[FACTS], self.rows[FACTS]
        labels = {key: fact.label.text(self.language) for key, fact in FACT_ROWS.items()}
        known = {fold(name): key for key, label in labels.items() for name in (label, key)}
        facts: Content = dict.fromkeys(labels)
        note: list[str] = []
        for row_number, row in table.rows.items():
            label, value = fold(str(row.cells.get("key", ""))), row.cells.get("value")
            paragraph = row.raw.get("value", "" if value is None else str(value))
            key = known.get(label)
            if label == fold(CONTINUED.text(self.language)) and note:
                note[-1] += paragraph
            elif key is None:
                table.refuse(
                    "no such fact; the facts are {labels}", row_number, "key", labels=", ".join(labels.values())
                )
            elif key == "note":
                note.append(paragraph)
                rows.setdefault(key, row_number)
            elif key in rows:
                table.refuse("the fact is given twice", row_number, "key")
            else:
                rows[key] = row_number
                facts[key] = self._fact(key, value, row_number) if value is not None else None
        facts["note"] = "\n".join(note) if any(note) else None
        facts["not_applicable"] = facts["not_applicable"] or "rescale"
        for key, label in labels.items():
            if facts[key] is None:
                table.refuse("the fact {label} is missing", rows.get(key), "value", label=self._named(label, key))
                facts[key] = [] if key == "years" else ""
        return facts

    def _named(self, words: str, keys: str) -> Words | str:
        """What a workbook calls something; an English message about a Vietnamese one has its keys."""
        return Name(words, keys) if self.language == FIRST else words

    def _fact(self, key: str, value: object, row: int) -> object:
        table = self.tables[FACTS]
        if key == "years":
            years = re.findall(r"[^\s,;]+", str(value))
            if not all(re.fullmatch(r"\d{4}", year) for year in years):
                table.refuse("expected years of four digits", row, "value")
            return [int(year) for year in years if year.isascii() and year.isdigit()]
        words = {word: shown.text(self.language) for word, shown in FACT_ROWS[key].words().items()}
        if not words:
            return str(value)
        result = next((word for word, shown in words.items() if fold(str(value)) in (fold(word), fold(shown))), None)
        if result is None:
            listed = ", ".join(f"{shown} ({word})" for word, shown in words.items())
            allowed = self._named(listed, ", ".join(words))
            table.refuse("must be one of {allowed}", row, "value", allowed=allowed)
        return result or next(iter(words))

    def _bands(self) -> Content:
        table = self.tables[BANDS]
        bands: Content = {}
        for row_number, row in table.rows.items():
            low, name = self._number(table, row, "low"), str(row.cells.get("name", ""))
            if not name or name in bands:
                table.refuse("the band has no name, or one used twice", row_number, "name")
            elif low is not None:
                bands[name] = low
        return bands

    def _components(self) -> Content:
        table, rows = self.tables[COMPONENTS], self.rows[COMPONENTS]
        components: Content = {}
        for row_number, row in table.rows.items():
            key, name = str(row.cells.get("key", "")), row.cells.get("name")
            maximum = self._number(table, row, "max")
            if not key or key in components:
                table.refuse("the key is missing or used twice", row_number, "key")
                continue
            if name is None:
                table.refuse("the name is missing", row_number, "name")
            rows[key] = row_number
            english = row.cells.get("name_en", name)
            components[key] = {"name": _words(name or "?"), "name_en": _words(english or "?"), "max": maximum or 0}
        return components

    # --- the tree -----------------------------------------------------------------------------

    def _tree(self) -> list[Content]:
        table, rows = self.tables[TREE], self.rows[TREE]
        nodes: dict[str, Content] = {}
        below: dict[str, list[Content]] = {"": []}
        for row_number, row in table.rows.items():
            code = self._code(row)
            if code is None:
                continue
            if code in nodes:
                table.refuse("the code is already used in row {first}", row_number, "code", first=rows[code])
                continue
            rows[code], parent = row_number, code.rpartition(".")[0]
            node = nodes[code] = self._node(code, row)
            if parent and parent not in nodes:
                table.refuse("there is no row of {parent} above", row_number, "code", parent=parent)
                continue
            if parent:
                nodes[parent].setdefault("children", below.setdefault(parent, []))
            below[parent].append(node)
        return below[""]

    def _code(self, row: excel.Row) -> str | None:
        table, cell = self.tables[TREE], row.cells.get("code")
        if cell is None:
            if not any(problem.row == row.number for problem in table.problems):
                table.refuse("the code is missing", row.number, "code", value=row.cells.get("name"))
            return None
        text = str(int(cell)) if isinstance(cell, float) and cell == int(cell) else str(cell).rstrip(".")
        if (isinstance(cell, float) and cell != int(cell)) or not re.fullmatch(r"[1-9]\d*(\.[1-9]\d*)*", text):
            table.refuse("the code must be text such as 1, 1.1 or 1.1.1 (format the cell as text)", row.number, "code")
            return None
        row.cells["code"] = text
        return text

    def _node(self, code: str, row: excel.Row) -> Content:
        table, cells = self.tables[TREE], row.cells
        if "name" in cells and "name_en" not in cells:
            cells["name_en"] = cells["name"]
            self.without_english.append(row.number)
        node: Content = {"code": code, **{key: _words(cells[key]) for key in ("name", "name_en") if key in cells}}
        if "name" not in node:
            table.refuse("the name is missing", row.number, "name")
        if asked := cells.get(CONFIRM.column):
            table.refuse(_LEFT, row.number, CONFIRM.column, node=code, value=asked)
        maximum = self._number(table, row, "max") if "max" in cells else None
        node |= {} if maximum is None else {"max": maximum}
        node |= {key: _words(cells[key]) for key in ("component", "evidence") if key in cells}
        columns = [part.column for part in rule_columns() if part.column in cells]
        own = {key: _words(v) if isinstance(v := cells[key], str) and key not in _OF_LINES else v for key in columns}
        rule = rule_of_cells(
            own, lambda column, problem: table.refuse(problem.at(node=code), row.number, column), self.language
        )
        return node if rule is None else {**node, "rule": rule}

    def _number(self, table: excel.Table, row: excel.Row, column: str) -> float | None:
        if column not in row.cells:
            if not any(p.row == row.number and p.column == table.headings[column] for p in table.problems):
                table.refuse("the number is missing", row.number, column)
            return None
        value = number_of(row.cells[column], self.language)
        if isinstance(value, Problem):
            table.refuse(value, row.number, column)
            return None
        return value

    # --- where a problem of the scheme stands -------------------------------------------------

    def _placed(self, problem: Problem) -> Problem:
        """A problem that the checks of the scheme found, with the row and column that it comes from."""
        about = problem.about
        name, key, column = TREE, problem.node, {"children": "max", "rule": "kind"}.get(about)
        if key.startswith("component:"):
            name, key = COMPONENTS, key.removeprefix("component:")
            column = about if about in ("key", "max") else "name"
        elif key:
            column = column or column_of(about)
            column = column if column in self.tables[name].headings else "code"
        elif about in ("bands", "components"):
            name, column = (BANDS, "low") if about == "bands" else (COMPONENTS, "max")
        elif about in FACT_ROWS:
            name, key, column = FACTS, about, "value"
        else:
            column = ""
        return self.tables[name].placed(problem, self.rows[name].get(key), column)


def _above(code: str) -> list[str]:
    parts = code.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]


def _words(value: object) -> str:
    """A name as one line: an annex pasted from Word comes with line breaks and double blanks."""
    return re.sub(r"[ \t\r\n]+", " ", str(value)).strip()


# --- scheme write ---------------------------------------------------------------------------------
# A scheme as a workbook that officials read and edit: the annex as a table, one row a criterion.

_SPARE = 300  # rows below the last that keep the drop-downs, for those who add criteria
_LINE_HEIGHT = 13.5

CellsOfNode = Mapping[str, str | float | None]  # of a row, by the key of their column


class Written(NamedTuple):
    """What a workbook of a set of criteria holds: its facts by key, and the rows of its tables. ``remarks`` stand below
    the guidance; with ``annex`` the criteria also show what the annex says and what is to be confirmed."""

    facts: Mapping[str, object]
    components: Sequence[CellsOfNode] = ()
    bands: Sequence[CellsOfNode] = ()
    nodes: Sequence[CellsOfNode] = ()
    remarks: Sequence[str] = ()
    annex: bool = False


def export_scheme(scheme: Scheme, path: Path, language: str = FIRST) -> None:
    """Write ``scheme`` as a workbook in ``language``, whole or not at all; ``import_scheme`` gives it again."""
    groups = [{"key": key, **of.model_dump()} for key, of in scheme.components.items()]
    bands: list[CellsOfNode] = [{"name": name, "low": low} for name, low in scheme.bands.items()]
    facts = {key: getattr(scheme, key) for key in FACT_ROWS}
    nodes = [_node_cells(node, language) for node in scheme.nodes]
    title = Message("Set of criteria {id}", {"id": scheme.id})
    write_scheme_book(Written(facts, groups, bands, nodes), path, title, language)


def write_template(level: str, path: Path, language: str = FIRST) -> None:
    """Write a blank workbook of a set of criteria of a level, with guidance and drop-downs."""
    facts = {"level": level, "not_applicable": "rescale"}
    title = Message("A blank set of criteria")
    write_scheme_book(Written(facts, [group_cells(key) for key in GROUPS], annex=True), path, title, language)


#: The groups of points that annexes of the ministry have, by the keys that they have in our sets.
GROUPS = {
    "appraisal": Message("Appraised points"),
    "survey": Message("Points by sociological survey"),
    "external": Message("Points by other indices"),
}


def group_cells(key: str, maximum: float | None = None) -> CellsOfNode:
    """The row of a group of points."""
    return {"key": key, "name": GROUPS[key].text(FIRST), "name_en": GROUPS[key].text("en"), "max": maximum}


def write_scheme_book(written: Written, path: Path, title: Message, language: str = FIRST) -> None:
    """Write the workbook of a set of criteria, whole or not at all."""
    _refuse_long_texts(written)
    with places.whole_file(path) as draft:
        subject = str(written.facts.get("decision") or "")
        _Book(excel.new_workbook(draft, title.text(language), subject), language).write(written)


def _node_cells(node: Node, language: str) -> CellsOfNode:
    own: CellsOfNode = {"code": node.code, "name": node.name, "name_en": node.name_en, "max": node.maximum}
    more = {"component": node.component, "evidence": node.evidence}
    return {**own, **more, **(rule_cells(node.rule, language) if node.rule else {})}


def _refuse_long_texts(written: Written) -> None:
    texts: list[object] = [written.facts.get("id"), written.facts.get("decision")]
    texts += [cell for cells in (*written.components, *written.nodes) for cell in cells.values()]
    if too_long := [text for text in texts if isinstance(text, str) and len(text) > excel.LONGEST_CELL]:
        words = Message(
            "longer than the {longest_cell} characters that a cell can hold", {"longest_cell": excel.LONGEST_CELL}
        )
        raise DataError(Problem(words, value=text[:60] + "…") for text in too_long)


class _Book:
    """The workbook of one scheme."""

    def __init__(self, book: WorkbookWritten, language: str) -> None:
        self.book, self.looks, self.language = book, excel.Looks(book), language

    def says(self, words: Words) -> str:
        return words.text(self.language)

    def write(self, written: Written) -> None:
        self.guide(written.remarks)
        self.facts(written.facts)
        self.table(COMPONENTS, COMPONENT_COLUMNS, written.components)
        self.table(BANDS, BAND_COLUMNS, written.bands)
        self.tree(written)
        lists = self.pen(LISTS, ())
        for kind in KINDS.values():
            lists.line((1, self.says(kind.name), "text"))
        lists.sheet.hide()
        self.book.get_worksheet_by_name(self.says(TREE)).activate()
        self.book.close()

    # --- the sheets -----------------------------------------------------------------------------

    def pen(self, name: Message, widths: Iterable[float], footer: str = "", landscape: bool = False) -> excel.Pen:
        """A new sheet; with a ``footer`` it is laid out for printing."""
        pen = excel.Pen(self.book, self.looks, self.says(name), widths)
        if footer:
            excel.page(pen.sheet, landscape=landscape, footer=footer, language=self.language)
        return pen

    def guide(self, remarks: Iterable[str]) -> None:
        pen = self.pen(GUIDE, (96,), self.says(GUIDE))
        for look, text in (*guide_lines(self.language), *(("alert", remark) for remark in remarks)):
            lines = -(-len(text) // 112) if look in ("plain", "alert") else 1
            pen.line((1, text, look), height=26 if look in ("title", "section") else 15.5 * lines + 3)

    def facts(self, facts: Mapping[str, object]) -> None:
        columns = FACT_COLUMNS
        pen = self.pen(FACTS, (part.width for part in columns), self.says(FACTS))
        pen.line(*((place, self.says(part.heading), "head") for place, part in enumerate(columns, 1)))
        for key, fact in FACT_ROWS.items():
            words = {word: self.says(shown) for word, shown in fact.words().items()}
            cells = self.fact_cells(key, self.says(fact.label), facts.get(key, ""), words)
            for place, (label, content) in enumerate(cells):
                help_ = self.says(fact.help) if place == 0 else ""
                pen.line((1, label, "code"), (2, content, "in_code"), (3, help_, "note"))
                if words:
                    rule = {"validate": "list", "source": list(words.values()), **self.refusal(label)}
                    pen.sheet.data_validation(pen.row - 1, 1, pen.row - 1, 1, rule)
        pen.sheet.freeze_panes(1, 0)

    def fact_cells(self, key: str, label: str, value: object, words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """The rows of a fact, label and content: the note has many."""
        if key != "note":
            listed = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
            yield label, words.get(listed, listed)
            return
        for paragraph in str(value).split("\n"):
            for cut in range(0, max(len(paragraph), 1), excel.LONGEST_CELL):
                yield self.says(CONTINUED) if cut else label, paragraph[cut : cut + excel.LONGEST_CELL]

    def table(
        self, name: Message, columns: Sequence[Part], rows: Iterable[CellsOfNode], footer: str = "", tall: bool = False
    ) -> excel.Pen:
        """A sheet with a table. ``tall``: its rows are as high as their texts, and shaded by level."""
        footer = footer or self.says(name)
        pen = self.pen(name, (part.width for part in columns), footer, landscape=tall)
        pen.line(*((place, self.says(part.heading), "head") for place, part in enumerate(columns, 1)), height=44)
        pen.sheet.freeze_panes(1, 2)
        pen.sheet.repeat_rows(0)
        for cells in rows:
            values = [cells.get(part.column) for part in columns]
            shade = _shade(cells) if tall else ""
            line = []
            for place, (part, value) in enumerate(zip(columns, values, strict=True), 1):
                numbers = "points" if tall and part.column == "max" else "number"
                content, look = self.content(value, shade, numbers)
                line.append((place, content, "confirm" if part == CONFIRM and value else look))
            heights = (
                _lines_written(str(value or ""), part.width) for part, value in zip(columns, values, strict=True)
            )
            pen.line(*line, height=max(16.0, max(heights) * _LINE_HEIGHT + 3) if tall else 0)
        return pen

    def content(self, value: str | float | None, shade: str, numbers: str) -> tuple[str | float | None, str]:
        """A cell that people edit, and its look."""
        if value is None or value == "":
            return None, shade or "in_text"
        if isinstance(value, str):
            return value, shade or "in_code"
        if float(f"{value:.16G}") == value:  # the digits that the file keeps
            return value, f"{shade}_points" if shade else f"in_{numbers}"
        return number(float(value), self.language), shade or "in_code"

    def tree(self, written: Written) -> None:
        columns = (*NODE_COLUMNS, *(rules := rule_columns()), *((SOURCE, CONFIRM) if written.annex else ()))
        footer = " — ".join(filter(None, (self.says(TREE), str(written.facts.get("decision") or ""))))
        pen = self.table(TREE, columns, written.nodes, footer, tall=True)
        pen.sheet.set_paper(8)  # A3: seventeen columns
        helps = {part.column: help_of(part, self.language) for part in rules}
        kinds = f"='{self.says(LISTS)}'!$A$1:$A${len(KINDS)}"
        sources = {"kind": kinds, "component": f"='{self.says(COMPONENTS)}'!$A$2:$A$60"}
        for place, part in enumerate(columns):
            if part.column in helps:
                look = {"author": "parlib", "x_scale": 1.6, "font_size": 9}
                pen.sheet.write_comment(0, place, helps[part.column], look)
            if part.column in sources:
                rule = {"validate": "list", "source": sources[part.column], **self.refusal(self.says(part.heading))}
                pen.sheet.data_validation(1, place, pen.row - 1 + _SPARE, place, rule)

    def refusal(self, label: str) -> dict[str, str]:
        words = Message("{label}: choose a value of the list.", {"label": label})
        return {"error_title": self.says(Message("Value not allowed")), "error_message": self.says(words)}


def _shade(cells: CellsOfNode) -> str:
    """The look of a row of sums, by its level."""
    depth = str(cells["code"]).count(".")
    return ("area", "criterion")[depth] if "kind" not in cells and depth < 2 else ""


def _lines_written(text: str, width: float) -> int:
    """How many lines a text takes in a column, roughly: Vietnamese words in the table's font."""
    return sum(1 + int(len(line) * 1.02 // width) for line in text.split("\n"))
