"""A scheme from a workbook that people filled in: every problem at once, each with sheet, row, column and value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from parlib.errors import ParlibError, Problem, SchemeError
from parlib.scoring.scheme import Scheme, parse_scheme
from parlib.sources.workbooks import scheme_layout as layout
from parlib.sources.workbooks.reading import Row, Table, attached, open_workbook, read_table, sheet_named
from parlib.sources.workbooks.rule_cells import number_of, rule_of_cells
from parlib.words import FIRST, Bilingual, Message, Words, fold

if TYPE_CHECKING:
    from openpyxl import Workbook

Content = dict[str, object]  # what the YAML file of a set of criteria, or a node of it, holds
Tables = Mapping[Message, Table]  # by the name of their sheet


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
        book = open_workbook(path)
    except ParlibError as error:
        raise SchemeError(error.problems) from None
    language = layout.language_of(book)
    reader = _Reader(_tables(book, path.name, language), path.name, language)
    scheme = reader.scheme()
    hanging = attached(path, book, [name.text(language) for name in layout.SHEETS])
    ours = (layout.TREE.text(language), 1)  # the heads of the sheet of criteria carry notes of ours
    hanging = [problem for problem in hanging if (problem.sheet, problem.row) != ours]
    doubtful = [problem for table in reader.tables.values() for problem in table.warnings]
    return Imported(scheme, (*reader.untranslated(), *doubtful, *hanging))


def _tables(book: Workbook, file: str, language: str) -> Tables:
    """The tables of a workbook; ``SchemeError`` where a sheet is missing."""
    tables: dict[Message, Table] = {}
    missing: list[Problem] = []
    for name, (columns, needed) in layout.tables().items():
        title = name.text(language)
        sheet = sheet_named(book, title)
        if sheet is None:
            there = ", ".join(book.sheetnames)
            missing.append(Problem("no sheet “{sheet}”; there are {there}", file=file, sheet=title, there=there))
        else:
            headings = {part.column: part.heading.text(language) for part in columns}
            tables[name] = read_table(sheet, file, headings, needed)
    if missing:
        raise SchemeError(missing)
    return tables


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
            told = {problem.node for problem in problems if problem.node}
            blurred = {code for node in told for code in _above(node)}
            sums = ("children", "few")
            news = [p for p in error.problems if p.node not in told and not (p.node in blurred and p.about in sums)]
            problems += [self._placed(problem) for problem in news]
            problems = problems or [self._placed(problem) for problem in error.problems]
        if problems:
            raise SchemeError(problems)
        return scheme

    def untranslated(self) -> list[Problem]:
        """A warning where names have no English."""
        if not self.without_english:
            return []
        n = {"n_untranslated": len(self.without_english)}
        words = Message("{n_untranslated} rows have no English name; the Vietnamese one is used", n)
        return [self.tables[layout.TREE].placed(words, self.without_english[0], "name_en")]

    # --- the small tables ---------------------------------------------------------------------

    def _facts(self) -> Content:
        table, rows = self.tables[layout.FACTS], self.rows[layout.FACTS]
        labels = {key: fact.label.text(self.language) for key, fact in layout.FACT_ROWS.items()}
        known = {fold(name): key for key, label in labels.items() for name in (label, key)}
        facts: Content = dict.fromkeys(labels)
        note: list[str] = []
        for row_number, row in table.rows.items():
            label, value = fold(str(row.cells.get("key", ""))), row.cells.get("value")
            paragraph = row.raw.get("value", "" if value is None else str(value))
            key = known.get(label)
            if label == fold(layout.CONTINUED.text(self.language)) and note:
                note[-1] += paragraph
            elif key is None:
                table.refuse("no such fact; the facts are {labels}", row_number, "key", labels=", ".join(labels.values()))
            elif key == "note":
                note.append(paragraph)
                rows.setdefault(key, row_number)
            elif key in rows:
                table.refuse("the fact is given twice", row_number, "key")
            else:
                rows[key] = row_number
                facts[key] = self._fact(key, value, row_number) if value is not None else None
        facts["note"] = "\n".join(note) if note else None
        facts["not_applicable"] = facts["not_applicable"] or "rescale"
        for key, label in labels.items():
            if facts[key] is None:
                table.refuse("the fact {label} is missing", rows.get(key), "value", label=self._named(label, key))
                facts[key] = [] if key == "years" else ""
        return facts

    def _named(self, words: str, keys: str) -> Words | str:
        """What a workbook calls something; an English message about a Vietnamese one has its keys."""
        return Bilingual(words, keys) if self.language == FIRST else words

    def _fact(self, key: str, value: object, row: int) -> object:
        table = self.tables[layout.FACTS]
        if key == "years":
            years = re.findall(r"[^\s,;]+", str(value))
            if not all(re.fullmatch(r"\d{4}", year) for year in years):
                table.refuse("expected years of four digits", row, "value")
            return [int(year) for year in years if year.isascii() and year.isdigit()]
        words = {word: shown.text(self.language) for word, shown in layout.FACT_ROWS[key].words().items()}
        if not words:
            return str(value)
        found = next((word for word, shown in words.items() if fold(str(value)) in (fold(word), fold(shown))), None)
        if found is None:
            listed = ", ".join(f"{shown} ({word})" for word, shown in words.items())
            allowed = self._named(listed, ", ".join(words))
            table.refuse("must be one of {allowed}", row, "value", allowed=allowed)
        return found or next(iter(words))

    def _bands(self) -> Content:
        table = self.tables[layout.BANDS]
        bands: Content = {}
        for row_number, row in table.rows.items():
            low, name = self._number(table, row, "low"), str(row.cells.get("name", ""))
            if not name or name in bands:
                table.refuse("the band has no name, or one used twice", row_number, "name")
            elif low is not None:
                bands[name] = low
        return bands

    def _components(self) -> Content:
        table, rows = self.tables[layout.COMPONENTS], self.rows[layout.COMPONENTS]
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
        table, rows = self.tables[layout.TREE], self.rows[layout.TREE]
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

    def _code(self, row: Row) -> str | None:
        table, cell = self.tables[layout.TREE], row.cells.get("code")
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

    def _node(self, code: str, row: Row) -> Content:
        table, cells = self.tables[layout.TREE], row.cells
        if "name" in cells and "name_en" not in cells:
            cells["name_en"] = cells["name"]
            self.without_english.append(row.number)
        node: Content = {"code": code, **{key: _words(cells[key]) for key in ("name", "name_en") if key in cells}}
        if "name" not in node:
            table.refuse("the name is missing", row.number, "name")
        maximum = self._number(table, row, "max") if "max" in cells else None
        node |= {} if maximum is None else {"max": maximum}
        node |= {key: _words(cells[key]) for key in ("component", "evidence") if key in cells}
        columns = [part.column for part in layout.rule_columns() if part.column in cells]
        own = {key: _words(v) if isinstance(v := cells[key], str) and key != "scale" else v for key in columns}
        rule = rule_of_cells(
            own, lambda column, problem: table.refuse(problem.at(node=code), row.number, column), self.language
        )
        return node if rule is None else {**node, "rule": rule}

    def _number(self, table: Table, row: Row, column: str) -> float | None:
        if column not in row.cells:
            if not any(p.row == row.number and p.column == table.headings[column] for p in table.problems):
                table.refuse("the row_number is missing", row.number, column)
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
        name, key, column = layout.TREE, problem.node, {"children": "max", "rule": "kind"}.get(about)
        if key.startswith("component:"):
            name, key = layout.COMPONENTS, key.removeprefix("component:")
            column = "max" if about == "max" else "name"
        elif key:
            column = column or layout.column_of(about)
            column = column if column in self.tables[name].headings else "code"
        elif about in ("bands", "components"):
            name, column = (layout.BANDS, "low") if about == "bands" else (layout.COMPONENTS, "max")
        elif about in layout.FACT_ROWS:
            name, key, column = layout.FACTS, about, "value"
        else:
            column = ""
        return self.tables[name].placed(problem, self.rows[name].get(key), column)


def _above(code: str) -> list[str]:
    parts = code.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]


def _words(value: object) -> str:
    """A name as one line: an annex pasted from Word comes with line breaks and double blanks."""
    return re.sub(r"[ \t\r\n]+", " ", str(value)).strip()
