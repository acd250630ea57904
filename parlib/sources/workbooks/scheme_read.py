"""A scheme from a workbook that people filled in: every problem at once, each with sheet, row, column and value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from parlib.errors import ParlibError, Problem, SchemeError
from parlib.scoring.scheme import Scheme, parse_scheme
from parlib.sources.workbooks import scheme_layout as layout
from parlib.sources.workbooks.reading import (
    Row,
    Table,
    attached,
    doubtful_cells,
    open_workbook,
    read_table,
    sheet_named,
)
from parlib.sources.workbooks.rule_columns import column_of, number_of, rule_columns, rule_of_cells
from parlib.words import Bilingual, Message, fold

_NODE_TEXTS = ("name", "name_en", "component", "evidence")
_NEEDED = ("code", "name", "max", "component", "kind", "scale")  # columns that the sheet of criteria must have


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
    tables = _tables(book, path.name)
    if any(isinstance(table, Problem) for table in tables.values()):
        raise SchemeError(table for table in tables.values() if isinstance(table, Problem))
    reader = _Reader({name: table for name, table in tables.items() if isinstance(table, Table)}, path.name)
    imported = reader.run()
    own = (layout.GUIDE, layout.FACTS, layout.COMPONENTS, layout.BANDS, layout.TREE, layout.LISTS)
    hanging = attached(path, book, own)
    ours = (layout.TREE, 1)  # the heads of the sheet of criteria carry notes of ours
    hanging = [problem for problem in hanging if (problem.sheet, problem.row) != ours]
    doubtful = [
        problem for name, table in reader.tables.items() for problem in doubtful_cells(sheet_named(book, name), table)
    ]
    return replace(imported, warnings=(*imported.warnings, *doubtful, *hanging))


def _tables(book: Any, file: str) -> dict[str, Table | Problem]:
    facts = [("key", "Mục"), ("value", "Nội dung"), ("help", "Hướng dẫn")]
    shapes: dict[str, tuple[list[tuple[str, str]], tuple[str, ...]]] = {
        layout.FACTS: (facts, ("key", "value")),
        layout.COMPONENTS: ([(c.key, c.heading) for c in layout.COMPONENT_COLUMNS], ("key", "name", "max")),
        layout.BANDS: ([(c.key, c.heading) for c in layout.BAND_COLUMNS], ("name", "low")),
        layout.TREE: ([(c.key, c.heading) for c in layout.tree_columns()], _NEEDED),
    }
    tables: dict[str, Table | Problem] = {}
    for name, (columns, needed) in shapes.items():
        sheet = sheet_named(book, name)
        if sheet is None:
            there = ", ".join(book.sheetnames)
            tables[name] = Problem("no sheet “{sheet}”; there are {there}", file=file, sheet=name, there=there)
        else:
            tables[name] = read_table(sheet, file, columns, needed)
    return tables


class _Reader:
    """One workbook: its tables, the rows that each node came from, and the problems found."""

    def __init__(self, tables: Mapping[str, Table], file: str) -> None:
        self.tables = tables
        self.file = file
        self.rows: dict[str, Row] = {}
        self.fact_rows: dict[str, Row] = {}
        self.component_rows: dict[str, Row] = {}
        self.warnings: list[Problem] = []

    def run(self) -> Imported:
        document = {**self._facts(), "bands": self._bands(), "components": self._components(), "tree": self._tree()}
        ordered = {key: document[key] for key in _TOP_ORDER if key in document}
        problems = [problem for table in self.tables.values() for problem in table.problems]
        try:
            scheme = parse_scheme(ordered, file=self.file)
        except SchemeError as error:
            # A row that could not be read is not reported a second time for what it therefore lacks.
            told = {problem.node for problem in problems if problem.node}
            blurred = {code for node in told for code in _above(node)}
            news = [p for p in error.problems if p.node not in told and not (p.node in blurred and _sums(p))]
            problems += [self._placed(problem) for problem in news]
            if not problems:
                problems = [self._placed(p) for p in error.problems]
        if problems:
            raise SchemeError(problems)
        return Imported(scheme, tuple(self.warnings))

    # --- the small tables ---------------------------------------------------------------------

    def _facts(self) -> dict[str, Any]:
        table = self.tables[layout.FACTS]
        known = {fold(name): key for key, label in layout.FACT_LABELS.items() for name in (label, key)}
        facts: dict[str, Any] = {}
        note: list[str] = []
        for row in table.rows:
            label = str(row.cells.get("key", ""))
            value = row.cells.get("value")
            paragraph = row.raw.get("value", "" if value is None else str(value))
            if fold(label) == fold(layout.CONTINUED) and note:
                note[-1] += paragraph
                continue
            key = known.get(fold(label))
            if key is None:
                labels = ", ".join(layout.FACT_LABELS.values())
                table.bad(Message("no such fact; the facts are {labels}", {"labels": labels}), row, "key")
            elif key == "note":
                note.append(paragraph)
                self.fact_rows.setdefault(key, row)
            elif key in self.fact_rows:
                table.bad(Message("the fact is given twice"), row, "key")
            else:
                self.fact_rows[key] = row
                if value is not None:
                    facts[key] = self._fact(key, value, row)
        if note:
            facts["note"] = "\n".join(note)
        for key, label in layout.FACT_LABELS.items():
            if key not in facts and key != "not_applicable":
                table.bad(
                    Message("the fact {label} is missing", {"label": Bilingual(label, key)}),
                    self.fact_rows.get(key),
                    "value",
                )
                facts[key] = [] if key == "years" else ""
        if facts.get("not_applicable") == "rescale":
            del facts["not_applicable"]
        return facts

    def _fact(self, key: str, value: Any, row: Row) -> Any:
        table = self.tables[layout.FACTS]
        if key == "years":
            years = re.findall(r"[^\s,;]+", str(value))
            if not all(re.fullmatch(r"\d{4}", year) for year in years):
                table.bad(Message("expected years of four digits"), row, "value")
            return [int(year) for year in years if year.isascii() and year.isdigit()]
        if key in layout.WORDS:
            words = layout.WORDS[key]()
            found = next((word for word, shown in words.items() if fold(str(value)) in (fold(word), fold(shown))), None)
            if found is None:
                allowed = ", ".join(f"{shown} ({word})" for word, shown in words.items())
                table.bad(
                    Message("must be one of {allowed}", {"allowed": Bilingual(allowed, ", ".join(words))}), row, "value"
                )
            return found or next(iter(words))
        return str(value)

    def _bands(self) -> dict[str, float]:
        table = self.tables[layout.BANDS]
        bands: dict[str, float] = {}
        for row in table.rows:
            low = self._number(table, row, "low")
            name = str(row.cells.get("name", ""))
            if not name or name in bands:
                table.bad(Message("the band has no name, or one used twice"), row, "name")
            elif low is not None:
                bands[name] = low
        return bands

    def _components(self) -> dict[str, Any]:
        table = self.tables[layout.COMPONENTS]
        components: dict[str, Any] = {}
        for row in table.rows:
            key, name = str(row.cells.get("key", "")), row.cells.get("name")
            maximum = self._number(table, row, "max")
            if not key or key in components:
                table.bad(Message("the key is missing or used twice"), row, "key")
                continue
            if name is None:
                table.bad(Message("the name is missing"), row, "name")
            name_en = row.cells.get("name_en", name)
            self.component_rows[key] = row
            components[key] = {"name": _words(name or "?"), "name_en": _words(name_en or "?"), "max": maximum or 0}
        return components

    # --- the tree -----------------------------------------------------------------------------

    def _tree(self) -> list[dict[str, Any]]:
        table = self.tables[layout.TREE]
        nodes: dict[str, dict[str, Any]] = {}
        areas: list[dict[str, Any]] = []
        untranslated: list[Row] = []
        for row in table.rows:
            code = self._code(row)
            if code is None:
                continue
            if code in nodes:
                first = self.rows[code].number
                table.bad(Message("the code is already used in row {first}", {"first": first}), row, "code")
                continue
            self.rows[code] = row
            node = self._node(code, row, untranslated)
            nodes[code] = node
            parent = code.rpartition(".")[0]
            if not parent:
                areas.append(node)
            elif parent in nodes:
                nodes[parent].setdefault("children", []).append(node)
            else:
                table.bad(Message("there is no row of {parent} above", {"parent": parent}), row, "code")
        if untranslated:
            self.warnings.append(
                table.problem(
                    Problem(
                        "{n_untranslated} rows have no English name; the Vietnamese one is used",
                        n_untranslated=len(untranslated),
                    ),
                    untranslated[0],
                    "name_en",
                )
            )
        return areas

    def _code(self, row: Row) -> str | None:
        table = self.tables[layout.TREE]
        cell = row.cells.get("code")
        text = str(cell) if not isinstance(cell, float) or cell == int(cell) else ""
        text = text.removesuffix(".0").rstrip(".") if isinstance(cell, float) else text.rstrip(".")
        if cell is None:
            if not any(problem.row == row.number and problem.sheet == table.sheet for problem in table.problems):
                table.bad(Message("the code is missing"), row, "code", row.cells.get("name"))
            return None
        if not re.fullmatch(r"[1-9]\d*(\.[1-9]\d*)*", text):
            table.bad(Message("the code must be text such as 1, 1.1 or 1.1.1 (format the cell as text)"), row, "code")
            return None
        row.cells["code"] = text
        return text

    def _node(self, code: str, row: Row, untranslated: list[Row]) -> dict[str, Any]:
        table = self.tables[layout.TREE]
        node: dict[str, Any] = {"code": code}
        if "name" in row.cells and "name_en" not in row.cells:
            row.cells["name_en"] = row.cells["name"]
            untranslated.append(row)
        for key in _NODE_TEXTS[:2]:
            if key in row.cells:
                node[key] = _words(row.cells[key])
        if "name" not in node:
            table.bad(Message("the name is missing"), row, "name")
        if "max" in row.cells:
            maximum = self._number(table, row, "max")
            if maximum is not None:
                node["max"] = maximum
        for key in _NODE_TEXTS[2:]:
            if key in row.cells:
                node[key] = _words(row.cells[key])
        cells = {key: _rule_cell(key, row.cells[key]) for part in rule_columns() if (key := part.column) in row.cells}
        rule = rule_of_cells(cells, lambda column, problem: table.note(problem.at(node=code), row, column))
        if rule is not None:
            node["rule"] = rule
        return node

    def _number(self, table: Table, row: Row, column: str) -> float | None:
        if column not in row.cells:
            if not any(p.row == row.number and p.column == table.headings[column] for p in table.problems):
                table.bad(Message("the number is missing"), row, column)
            return None
        value = number_of(row.cells[column])
        if isinstance(value, Problem):
            table.note(value, row, column)
            return None
        return value

    # --- where a problem of the scheme stands -------------------------------------------------

    def _placed(self, problem: Problem) -> Problem:
        """A problem that the checks of the scheme found, with the row and column that it comes from."""
        if problem.node.startswith("component:"):
            row = self.component_rows.get(problem.node.removeprefix("component:"))
            return self.tables[layout.COMPONENTS].problem(problem, row, "max" if problem.about == "max" else "name")
        if problem.node:
            table, column = self.tables[layout.TREE], _COLUMN_OF.get(problem.about) or column_of(problem.about)
            return table.problem(problem, self.rows.get(problem.node), column if column in table.headings else "code")
        if problem.about == "bands":
            return self.tables[layout.BANDS].problem(problem, None, "low")
        if problem.about == "components":
            return self.tables[layout.COMPONENTS].problem(problem, None, "max")
        if problem.about in layout.FACT_LABELS:
            return self.tables[layout.FACTS].problem(problem, self.fact_rows.get(problem.about), "value")
        return self.tables[layout.TREE].problem(problem)


_TOP_ORDER = ("id", "decision", "level", "years", "status", "note", "bands", "components", "not_applicable", "tree")
#: The column of the criteria where a problem stands, by what it is about; else that of the same name.
_COLUMN_OF = {"children": "max", "rule": "kind"}


def _sums(problem: Problem) -> bool:
    return problem.about in ("children", "few")


def _above(code: str) -> list[str]:
    parts = code.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]


def _words(value: Any) -> str:
    """A name as one line: an annex pasted from Word comes with line breaks and double blanks."""
    return re.sub(r"[ \t\r\n]+", " ", str(value)).strip()


def _rule_cell(key: str, value: Any) -> Any:
    return _words(value) if isinstance(value, str) and key != "scale" else value
