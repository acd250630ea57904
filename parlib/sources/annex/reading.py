"""The tree of an annex: which column holds what, which row is which node, its maximum and its text; and every sum that
disagrees. Nothing is guessed: what cannot be read is a problem with its table, row and value."""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from parlib.data_tables import check_level
from parlib.errors import DataError, ParameterError, Problem, SchemeError
from parlib.scoring.rules import KINDS
from parlib.scoring.scheme import Scheme
from parlib.sources import excel
from parlib.sources.annex.rules import NUM, Said, Understood, bare, decimal, understood
from parlib.sources.workbooks import scheme_book
from parlib.tables import encoding_problem, number, written
from parlib.words import FIRST, Message, Words, fold, usual_letters

if TYPE_CHECKING:
    from docx.oxml.xmlchemy import BaseOxmlElement
    from openpyxl.cell.cell import Cell

#: What a column holds, by what its head says (folded), in the order in which they are tried; "" is of no use here.
ROLES: Sequence[tuple[str, str]] = (
    ("", r"tu (?:cham|danh gia)|dat duoc|co quan|don vi (?:thuc hien|theo doi|chu tri)|^ghi chep"),
    ("rule", r"\b(?:cach|phuong phap|huong dan|cong thuc|quy dinh) (?:tinh|cham|danh gia|xac dinh)"),
    ("evidence", r"kiem chung|minh chung"),
    ("survey", r"\b(?:dieu tra|xhh|dtxhh|xa hoi hoc|khao sat)\b"),
    ("appraisal", r"tham dinh|danh gia cua bo|bo noi vu danh gia"),
    ("code", r"^(?:(?:so )?s?tt|(?:so )?thu tu|ma(?: so| tieu chi)?)$"),
    ("max", r"diem|^tong(?: so| cong)?$"),
    ("name", r"linh vuc|tieu chi|noi dung"),
    ("note", r"ghi chu"),
)
POINTS = ("max", "appraisal", "survey")
_TOTAL = re.compile(
    r"tong(?: cong| so)?(?: diem)?(?: toi da| toan bo| chung| (?:cua )?cac linh vuc)?|cong(?: diem)?(?: linh vuc \w+)?"
)
_SIGNED = re.compile(r"noi nhan|kt bo truong|bo truong|tm uy ban|da ky|ghi chu\b.*")
_IN_NAME = re.compile(rf"\s*[(:]\s*(?:toi da )?({NUM})\s*(?:diem|d)\s*\)?\s*$")
_LED = re.compile(
    r"(?:(?:linh vuc|tieu chi|nhom|phan)\s+(?:so\s+)?)?([IVX]+|[A-H]|\d{1,2}(?:\.\d{1,2})*)\s*[.:)\-]+\s*(?=\D)", re.I
)
_NUMERALS = "I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII"
_ROMAN = {text: place for place, text in enumerate(_NUMERALS.split(), 1)}


@dataclass
class Found:
    """A node of the annex: where it stands, its number as printed, its name, points by role, and what it says."""

    where: str | Words
    row: int
    printed: str
    name: str
    points: dict[str, Decimal] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    notes: list[Said] = field(default_factory=list)
    evidence: str = ""
    children: list[Found] = field(default_factory=list)
    code: str = ""
    asks: list[Words] = field(default_factory=list)
    rule: Understood = field(default_factory=Understood)

    @property
    def text(self) -> str:
        """What the annex says under the node, a line each."""
        own = (f"{of.text}: {written(of.points)}" if of.points is not None else of.text for of in self.said)
        return "\n".join((*own, *(of.text for of in self.notes)))

    def walk(self) -> Iterator[Found]:
        """The node and all below it, in the order of the tree."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass
class Annex:
    """An annex as it was read: its areas, the texts above its tables, what disagrees or could not be read, and what is
    worth a look."""

    file: str
    areas: list[Found]
    texts: list[str]
    problems: list[Problem]
    notes: list[Problem]
    split: bool = False

    @property
    def nodes(self) -> list[Found]:
        """All nodes in the order of the tree."""
        return [node for area in self.areas for node in area.walk()]


def read_annex(path: Path, part: int = 0) -> Annex:
    """The annex in a file of Excel or Word, with all that is wrong with it. ``DataError`` where it cannot be opened.

    A file may hold several, each beginning with the first area again: ``part`` says which; ``ParameterError`` lists
    them where it does not.
    """
    sheets = read_cells(path)
    reader = _Reader(sheets, part)
    for grid in sheets.grids:
        reader.table(grid)
    if part > len(reader.begins) or (len(reader.begins) > 1 and part < 1):
        listed = "; ".join(f"{n}: {of}" for n, of in enumerate(reader.begins, 1))
        words = Message("the file holds several annexes; choose one with --part: {listed}")
        raise ParameterError(words.filled(listed=listed), file=sheets.file, value=part or None)
    for area in reader.areas:
        for node in area.walk():
            _lettered(node)
    annex = Annex(sheets.file, reader.areas, sheets.texts, sheets.problems, sheets.notes, reader.split())
    if not annex.areas:
        words = Message("no table with heads such as “STT”, “Lĩnh vực/Tiêu chí”, “Điểm tối đa” was found")
        annex.problems.append(Problem(words, file=sheets.file))
    for place, area in enumerate(annex.areas, 1):
        _numbered(area, str(place))
    for node in annex.nodes:
        if not node.children:
            _understand(node)
    for area in annex.areas:
        _completed(area, reader)
    for total in reader.totals:
        reader.total(*total)
    return annex


def _lettered(node: Found) -> None:
    """Rows a), b), c) of which one has 0 points are no criteria but the options of the one above."""
    letters = all(_styles(child.printed)[-1][0] == "a" for child in node.children)
    if letters and any(child.points.get("max") == 0 for child in node.children):
        node.said += [Said(child.name, float(child.points.get("max", 0))) for child in node.children]
        node.children = []


def _numbered(node: Found, code: str) -> None:
    node.code = code
    for place, child in enumerate(node.children, 1):
        _numbered(child, f"{code}.{place}")


def _understand(node: Found) -> None:
    """The rule of a leaf, from the lines under it; from its notes where there are no others."""
    most = node.points.get("max")
    if not node.said and not node.notes and node.points.get("survey") == most is not None:
        node.said.append(Said("Điều tra xã hội học"))  # the column of its points says so
    node.rule = understood(node.said, node.name, node.code, most)
    if node.notes:
        noted = understood(node.notes, node.name, node.code, most)
        if not node.said or (noted.part.get("kind") and noted.part == node.rule.part):
            node.rule = noted
        elif node.rule.rule is not None and (noted.rule or noted.part):
            node.asks.append(Message("the notes beside it may say more than its rule"))
    if most is None and node.rule.best is not None:
        node.points["max"] = node.rule.best
        node.asks.append(Message("its maximum is not printed; it is that of its best option"))


# --- points ---------------------------------------------------------------------------------------


def _completed(node: Found, reader: _Reader) -> None:
    """Maxima of sums that are not printed, and every sum that disagrees with what is printed."""
    for child in node.children:
        _completed(child, reader)
    for role in POINTS:
        known = [child.points[role] for child in node.children if role in child.points]
        whole = len(known) == len(node.children) or role != "max"
        if known and whole and role not in node.points:
            node.points[role] = sum(known, Decimal(0))
        elif known and node.points[role] != sum(known, Decimal(0)) and (whole or role == "max"):
            words = Message("{role}: the rows below add to {sum}, printed is {printed}")
            named = {
                "role": _NAMES[role],
                "sum": written(sum(known, Decimal(0))),
                "printed": written(node.points[role]),
            }
            reader.bad(node, words.filled(**named))
    parts = [node.points[role] for role in POINTS[1:] if role in node.points]
    if parts and "max" in node.points and sum(parts, Decimal(0)) != node.points["max"]:
        words = Message("appraised and surveyed points add to {sum}, the maximum is {printed}")
        named = {"sum": written(sum(parts, Decimal(0))), "printed": written(node.points["max"])}
        reader.bad(node, words.filled(**named))
    if not node.points.get("max"):
        reader.bad(node, Message("the maximum is missing"))
    if len(node.children) == 1:
        reader.bad(node, Message("has one row below it alone"))


_NAMES = {"max": Message("maximum"), "appraisal": Message("appraised points"), "survey": Message("points by survey")}


# --- numbers of rows ------------------------------------------------------------------------------


def _styles(printed: str) -> list[tuple[str, tuple[int, ...]]]:
    """What a printed number may be: a style ("I", "A", "a", "1", "1.1", ...) and its parts."""
    text = printed.strip().rstrip(".):").lstrip("(").strip()
    parts = [part.strip() for part in text.split(".")]
    result: list[tuple[str, tuple[int, ...]]] = []
    if all(re.fullmatch(r"\d{1,3}", part, re.ASCII) for part in parts):
        return [(".".join("1" * len(parts)), tuple(map(int, parts)))]
    if parts[0] in _ROMAN and all(part.isdigit() for part in parts[1:]):
        result.append((".".join(["I", *"1" * (len(parts) - 1)]), (_ROMAN[parts[0]], *map(int, parts[1:]))))
    if len(text) == 1 and "A" <= text <= "Z":
        result.append(("A", (ord(text) - 64,)))
    if len(text) == 1 and bare(text) in "abcdeghiklmnopqrstuvxy":
        place = "abcdđeghiklmnopqrstuvxy".find(text) + 1
        result += [("a", (n,)) for n in dict.fromkeys((place, ord(bare(text)) - 96)) if n > 0]
    return result


class _Outline:
    """The numbering so far: the styles of the levels that are open, and the last number of each."""

    def __init__(self) -> None:
        self.open: list[tuple[str, tuple[int, ...]]] = []
        self.last: dict[str, int] = {}

    def place(self, printed: str) -> tuple[int, bool] | None:
        """The level of a number (1 = area) and whether it follows the one before; ``None`` where it is no number."""
        choices = []
        for style, parts in _styles(printed):
            depth = next((n for n, (known, _) in enumerate(self.open) if known == style), len(self.open))
            above = self.open[depth - 1] if depth else None
            expected = self.open[depth][1][-1] + 1 if depth < len(self.open) else 1
            runs_on = depth and parts[-1] == self.last.get(style, 0) + 1 and len(parts) == 1
            follows = parts[-1] == expected or bool(runs_on)
            if len(parts) > 1 and above is not None:
                if len(above[1]) == len(parts) - 1 and above[0] == style.rpartition(".")[0]:
                    follows = follows and above[1] == parts[:-1]
                elif len(above[1]) == 1 and len(parts) == 2:
                    follows = follows and above[1][-1] == parts[0]
            choices.append((follows, depth, style, parts))
        if not choices:
            return None
        follows, depth, style, parts = max(choices, key=lambda of: of[0])
        self.open = [*self.open[:depth], (style, parts)]
        self.last[style] = parts[-1]
        return depth + 1, follows


# --- rows -----------------------------------------------------------------------------------------


class _Reader:
    """Reads table after table; a table without heads goes on with those of the one before, if it is as wide."""

    def __init__(self, sheets: Sheets, part: int) -> None:
        self.sheets, self.areas, self.part = sheets, list[Found](), part
        self.begins: list[str] = []  # the first area of each annex in the file
        self.columns: dict[int, str] = {}
        self.heads: set[tuple[str, ...]] = set()
        self.outline, self.path = _Outline(), list[Found]()
        self.totals: list[tuple[Found, int]] = []
        self.grid = Grid("")
        self.ended = False

    def bad(self, node: Found, words: Words, value: object = None) -> None:
        """Enter what is wrong with a row."""
        where = node.where if isinstance(node.where, str) else node.where.text()
        place = {"file": self.sheets.file, "sheet": where, "row": node.row, "node": node.printed}
        self.sheets.problems.append(Problem(words, value=value, **place))  # type: ignore[arg-type]
        node.asks.append(words)

    def split(self) -> bool:
        """Whether the points are split in appraised and surveyed ones."""
        return any("survey" in node.points for area in self.areas for node in area.walk())

    def table(self, grid: Grid) -> None:
        """Read a table; one that has none of the heads is named, unless nothing of it could be criteria."""
        self.grid, head = grid, self._head(grid)
        if head is None:
            width = max((max(line.cells) for line in grid.lines), default=0)
            starts = grid.lines and self._numbered(grid.lines[0])
            if not (self.columns and starts and width <= max(self.columns)):
                if len(grid.lines) > 2:
                    words = Message("a table without heads of criteria; it is not read")
                    self.sheets.notes.append(Problem(words, file=self.sheets.file, sheet=grid.text))
                return
        self.ended = False
        for line in grid.lines[head or 0 :]:
            self._line(line)

    def _numbered(self, line: Line) -> bool:
        code = next((column for column, role in self.columns.items() if role == "code"), 0)
        return bool(_styles(line.cells.get(code, "")))

    def _head(self, grid: Grid) -> int | None:
        """How many lines the heads end after; ``None`` without any."""
        for place, line in enumerate(grid.lines):
            roles = {column: _role(text) for column, text in line.cells.items()}
            if not ({"name", "max"} <= set(roles.values()) or {"name", "code"} <= set(roles.values())):
                continue
            ends, columns = place + 1, dict(roles)
            if ends < len(grid.lines):
                below = {column: _role(text) for column, text in grid.lines[ends].cells.items()}
                if below and None not in below.values() and self._is_head(grid.lines[ends], columns):
                    columns |= below
                    ends += 1
            self.heads |= {tuple(map(fold, of.cells.values())) for of in grid.lines[place:ends]}
            self.columns = {column: role for column, role in columns.items() if role}
            self._one_maximum(grid, place)
            return ends
        return None

    def _is_head(self, line: Line, columns: dict[int, str | None]) -> bool:
        """Whether a line under heads is the second one of them: short words without figures, no number of a row."""
        code = next((column for column, role in columns.items() if role == "code"), 0)
        words = all(len(text) < 40 and not re.search(r"\d", text) for text in line.cells.values())
        return words and not _styles(line.cells.get(code, ""))

    def _one_maximum(self, grid: Grid, place: int) -> None:
        """Of several columns of points one is that of the maximum: it says so, or is the total."""
        several = [column for column, role in self.columns.items() if role == "max"]
        if len(several) < 2:
            return
        heads = {
            column: fold(line.cells.get(column, "")) for line in grid.lines[place : place + 2] for column in several
        }
        sure = [column for column in several if re.search(r"toi da|chuan|^tong", heads[column])] or several[:1]
        for column in several:
            if column != sure[0]:
                self.columns[column] = "max" if heads[column] == "" else "beside"

    def _line(self, line: Line) -> None:
        texts: dict[str, str] = {}
        for column, text in line.cells.items():
            role = self.columns.get(column, "")
            if role:
                texts[role] = f"{texts[role]}\n{text}" if role in texts else text
        listed = [fold(text) for text in line.cells.values()]
        counted = [text.strip("() ") for text in line.cells.values()]
        if tuple(listed) in self.heads or (
            len(counted) > 2 and counted == [str(n) for n in range(1, len(counted) + 1)]
        ):
            return
        first = next(iter(line.cells.values()))
        code, name = texts.get("code", ""), texts.get("name", "")
        if (
            not _styles(code)
            and (led := _LED.match(bare(first)))
            and (not name or line.span > 1 or "code" not in self.columns.values())
        ):
            code, name = first[led.start(1) : led.end(1)], first[led.end() :]
        elif re.fullmatch(r"[-+•*–]?", code.strip()):
            code = ""
        if total := next((text for text in (fold(code), fold(name)) if _TOTAL.fullmatch(text)), ""):
            node = Found(self.grid.where, line.number, total, total)
            self._points(node, texts)
            if not self.part or len(self.begins) == self.part:
                self.totals.append((node, len(self.areas)))
            self.ended = True
        elif code and _styles(code):
            self._node(line, code, name, texts)
        elif self.part and len(self.begins) != self.part:
            return  # of another annex
        elif self.path and not self.ended and not (code and not name and _SIGNED.match(fold(code))):
            self._under(line, code, name, texts)
        elif self.path and not (len(line.cells) == 1 and len(first) < 3):
            self._note(line, " | ".join(line.cells.values()))

    def _note(self, line: Line, text: str) -> None:
        words = Message("a text that belongs to no criterion; it is not read")
        self.sheets.notes.append(
            Problem(words, file=self.sheets.file, sheet=self.grid.text, row=line.number, value=text)
        )

    def _node(self, line: Line, code: str, name: str, texts: dict[str, str]) -> None:
        node = Found(self.grid.where, line.number, code.strip(), "")
        levels = len(self.outline.open)
        before = (list(self.outline.open), dict(self.outline.last))
        placed = self.outline.place(code)
        depth, follows = placed if placed else (levels, False)
        if depth > 3:  # "a) Kịp thời: 0,5" under a sub-criterion: what it says, not a node
            self.outline.open, self.outline.last = before
            self._under(line, code, name, texts)
            return
        anew = not self.begins or (bool(self.path) and self.grid.where != self.path[0].where)
        if depth == 1 and anew and any(parts == (1,) for _, parts in _styles(code)):
            self.begins.append(f"{self.grid.text} – {name}")
            follows, self.path = True, []
        if self.part and len(self.begins) != self.part:
            self.path = [node]  # of another annex: read and left
            return
        if not follows:
            words = Message("the number does not follow the one before ({before})")
            self.bad(node, words.filled(before=self.path[-1].printed if self.path else "-"), value=code)
        beside = texts.get("max", "").split("\n")
        values = [value for of in beside if isinstance(value := _value(of), Decimal)]
        if 1 < len(values) == len(beside) == name.count("\n") + 1:  # a line of the rule beside each line of points
            name, *lines = name.split("\n")
            node.said += [Said(line, float(value)) for line, value in zip(lines, values[1:], strict=True)]
            texts = {**texts, "max": beside[0]}
        node.name, rest = _named(name)
        self._points(node, texts)
        flat = bare(node.name)
        if (inside := _IN_NAME.search(flat)) and "max" not in node.points:
            node.points["max"] = decimal(inside[1]) or Decimal(0)
            node.name = node.name[: inside.start()].rstrip()
        if not node.name:
            self.bad(node, Message("the name is missing"))
        node.said += [Said(text) for text in rest]
        node.said += [Said(text) for text in texts.get("rule", "").split("\n") if text]
        node.notes += [Said(text) for text in texts.get("note", "").split("\n") if text.strip(" .…")]
        node.evidence = " ".join(texts.get("evidence", "").split("\n"))
        self.path = self.path[: depth - 1]
        (self.path[-1].children if self.path else self.areas).append(node)
        self.path.append(node)
        self.ended = False

    def _points(self, node: Found, texts: dict[str, str]) -> None:
        for role in POINTS:
            value = _value(texts.get(role, ""))
            if isinstance(value, Words):
                self.bad(node, value, value=texts[role])
            elif value is not None:
                node.points[role] = value
        if "max" not in self.columns.values() and any(role in node.points for role in POINTS[1:]):
            node.points["max"] = sum((node.points.get(role, Decimal(0)) for role in POINTS[1:]), Decimal(0))

    def _under(self, line: Line, code: str, name: str, texts: dict[str, str]) -> None:
        """A row without a number of its own says more of the node above it: a line of its rule, with its points."""
        node = self.path[-1]
        text = f"{code} {name}".strip() if code else name
        value = _value(texts.get("beside") or texts.get("max", ""))
        if isinstance(value, Words):
            self.bad(node, value.filled() if isinstance(value, Message) else value, value=texts.get("max"))
            value = None
        if text:
            lines = text.split("\n")
            node.said += [Said(" ".join(lines), float(value))] if value is not None else [Said(of) for of in lines]
        elif value is not None:
            self.bad(node, Message("points without a text beside them"), value=texts.get("max"))
        node.said += [Said(of) for of in texts.get("rule", "").split("\n") if of]
        node.notes += [Said(of) for of in texts.get("note", "").split("\n") if of.strip(" .…")]
        node.evidence = " ".join(part for part in (node.evidence, texts.get("evidence", "")) if part)

    def total(self, node: Found, areas: int) -> None:
        """Set a line of totals against the areas above it, all of them or the last alone."""
        for role in POINTS:
            printed = node.points.get(role)
            added = [area.points.get(role, Decimal(0)) for area in self.areas[:areas]]
            if printed is not None and printed not in (sum(added, Decimal(0)), *added[-1:]):
                words = Message("{role}: the areas add to {sum}, printed is {printed}")
                self.bad(
                    node, words.filled(role=_NAMES[role], sum=written(sum(added, Decimal(0))), printed=written(printed))
                )


def _role(text: str) -> str | None:
    """What a column under this head holds, "" for what is of no use here; ``None`` where it says nothing known."""
    return next((role for role, pattern in ROLES if re.search(pattern, fold(text))), None)


def _named(text: str) -> tuple[str, list[str]]:
    """The name in a cell, and the lines of rule under it: what begins with a bullet or ends in points."""
    lines = text.split("\n")
    points = re.compile(
        rf"^[-+•*]|.*[:(]\s*{NUM}\s*(?:diem|d)?\s*\)?[.;]?$|dieu tra|khao sat|cu |moi |neu |tinh diem|diem danh gia"
    )
    first = next((n for n, line in enumerate(lines) if n and points.match(bare(line))), len(lines))
    return " ".join(lines[:first]).strip(), lines[first:]


def _value(text: str) -> Decimal | Words | None:
    """The points in a cell; ``None`` where there are none."""
    flat = re.sub(r"\s*(?:diem|d)\s*$", "", bare(tidy(text))).strip()
    if flat in ("", "-", "x", "…", "..."):
        return None
    value = decimal(flat)
    return value if value is not None and value >= 0 else Message("cannot be read as points")


# --- the document as tables of texts --------------------------------------------------------------
# From Excel or Word: what is merged stands in its first cell; what cannot be read as it stands (formulas without a
# value, dates, automatic numbers, changes not yet accepted) is named.


_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@dataclass
class Line:
    """A row of a table: its number, the texts of its columns (those that are blank left out), and how many columns the
    first of them spans."""

    number: int
    cells: dict[int, str]
    span: int = 1


@dataclass
class Grid:
    """A table of a document, where it stands, and the texts that stand above it."""

    where: str | Words
    lines: list[Line] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Where it stands, as it is told."""
        return self.where if isinstance(self.where, str) else self.where.text()


@dataclass
class Sheets:
    """A document: its tables, the texts outside them, and what of it could not be read or should be looked at."""

    file: str
    grids: list[Grid]
    texts: list[str]
    problems: list[Problem]
    notes: list[Problem]


def tidy(text: str) -> str:
    """A text in NFC with the usual letters and blanks, its lines without outer blanks; blank lines left out."""
    usual = usual_letters(unicodedata.normalize("NFC", text))
    usual = re.sub(r"[\u200b-\u200f\u2060\ufeff\u00ad]", "", usual.replace("\u2028", "\n").replace("\v", "\n"))
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in usual.replace("\r", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


def read_cells(path: Path) -> Sheets:
    """The tables of an annex in .xlsx or .docx. ``DataError`` where the file is neither."""
    if path.suffix.lower() == ".docx":
        return _word(path)
    if path.suffix.lower() != ".xlsx":
        raise DataError("an annex is read from .xlsx or .docx; save it as one of them", file=path.name)
    return _excel(path)


# --- Excel ------------------------------------------------------------------------------------


def _excel(path: Path) -> Sheets:
    book, values = excel.open_workbook(path), excel.loaded(path, data_only=True)
    result = Sheets(path.name, [], [], [], excel.attached(path, book, book.sheetnames))
    for sheet in book.worksheets:
        grid = Grid(sheet.title)
        spans = {(area.min_row, area.min_col): area.size["columns"] for area in sheet.merged_cells.ranges}
        for cells in excel.rows_of(sheet):
            row = cells[0].row
            line = Line(row, {}, spans.get((row, cells[0].column), 1))
            for cell in cells:
                shown = values[sheet.title].cell(row, cell.column) if cell.data_type == "f" else cell
                wrong = excel.forbidden(shown, percent=False) if shown.value is not None else excel.forbidden(cell)
                if wrong:
                    result.problems.append(
                        wrong.at(file=path.name, sheet=sheet.title, row=row, column=cell.column_letter)
                    )
                elif text := _cell_text(shown):
                    line.cells[cell.column] = text
            if sheet.row_dimensions[row].hidden:
                result.notes.append(Problem("a hidden row; it is read", file=path.name, sheet=sheet.title, row=row))
            grid.lines += [line] if line.cells else []
        result.grids.append(grid)
    result.texts = [text for grid in result.grids for line in grid.lines[:12] for text in line.cells.values()]
    return _checked(result)


def _cell_text(cell: Cell) -> str:
    value = excel.plain_value(cell.value)
    if isinstance(value, (int, float)):
        decimals = re.fullmatch(r"0\.(0+)(_.*)?", cell.number_format or "")  # 1.1 shown as 1.10
        return f"{value:.{max(len(decimals[1]), 0)}f}" if decimals and "." in repr(value) else number(value, "en")
    return tidy(str(value)) if value is not None else ""


# --- Word -------------------------------------------------------------------------------------


def _word(path: Path) -> Sheets:
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError

    try:
        excel.check_word(path)
        paper = Document(str(path))
        body, numbered = paper.element.body, _numbered_styles(paper.styles.element)
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError, OSError) as error:
        raise DataError(excel.word_refusal(path, error)) from None
    result = Sheets(path.name, [], [], [], [])
    if body.find(f".//{_W}ins") is not None or body.find(f".//{_W}del") is not None:
        words = Message("has tracked changes; they are read as accepted; accept or refuse them in Word first")
        result.problems.append(Problem(words, file=path.name))
    if body.find(f".//{_W}strike") is not None:
        result.notes.append(Problem("has text that is struck out; it is read as the rest", file=path.name))
    tables = [part for part in body.iter(f"{_W}tbl") if next(part.iterancestors(f"{_W}tbl"), None) is None]
    result.texts = [tidy(_text(part)) for part in body.iterchildren(f"{_W}p")]
    for place, table in enumerate(tables, 1):
        where = Message("table {n}", {"n": place})
        if table.find(f".//{_W}tbl//{_W}tbl") is not None or table.find(f".//{_W}tc//{_W}tbl") is not None:
            result.notes.append(
                Problem("has a table inside a cell; its text is read as lines", file=path.name, sheet=where.text())
            )
        result.grids.append(Grid(where, list(_word_lines(table, path.name, where, numbered, result.problems))))
    return _checked(result)


def _numbered_styles(styles: BaseOxmlElement) -> set[str]:
    """The styles whose paragraphs Word numbers by itself, those too that rest on such a one."""
    of = {style.get(f"{_W}styleId"): style for style in styles.iter(f"{_W}style")}
    numbered = {key for key, style in of.items() if style.find(f".//{_W}numPr") is not None}
    for _ in range(3):
        below = ((key, style.find(f"{_W}basedOn")) for key, style in of.items())
        numbered |= {key for key, on in below if on is not None and on.get(f"{_W}val") in numbered}
    return numbered


def _is_numbered(cell: BaseOxmlElement, numbered: set[str]) -> bool:
    styles = {style.get(f"{_W}val") for style in cell.iter(f"{_W}pStyle")}
    return cell.find(f".//{_W}numPr") is not None or bool(styles & numbered)


def _word_lines(
    table: BaseOxmlElement, file: str, where: Message, numbered: set[str], problems: list[Problem]
) -> Iterator[Line]:
    for row_number, row in enumerate(table.iterchildren(f"{_W}tr"), 1):
        line, column = Line(row_number, {}), 1
        for cell in row.iter(f"{_W}tc"):
            if next(cell.iterancestors(f"{_W}tr")) is not row:
                continue  # of a table inside a cell: its text is that of the cell
            span = next((int(of.get(f"{_W}val")) for of in cell.iter(f"{_W}gridSpan")), 1)
            merged = next((of.get(f"{_W}val") or "continue" for of in cell.iter(f"{_W}vMerge")), "")
            text = "" if merged == "continue" else tidy("\n".join(_text(part) for part in cell.iter(f"{_W}p")))
            if text:
                line.span = line.span if line.cells else span
                line.cells[column] = text
            elif column == 1 and merged != "continue" and _is_numbered(cell, numbered):
                words = Message("the number of this row is an automatic one of Word, which is no text; {remedy}")
                remedy = Message(
                    "type the numbers, or turn them to text (in Word: ActiveDocument.ConvertNumbersToText)"
                )
                problems.append(Problem(words.filled(remedy=remedy), file=file, sheet=where.text(), row=row_number))
            column += span
        if line.cells:
            yield line


def _text(paragraph: BaseOxmlElement) -> str:
    """The text of a paragraph with line breaks, tabs as blanks, without what is marked as deleted."""
    signs = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
    return "".join(part.text or "" if part.tag == f"{_W}t" else signs.get(part.tag, "") for part in paragraph.iter())


def _checked(result: Sheets) -> Sheets:
    """With a problem for a text in an old encoding, of which nothing can be read."""
    for grid in result.grids:
        for line in grid.lines:
            for text in line.cells.values():
                if old := encoding_problem(text):
                    result.problems.append(old.at(file=result.file, sheet=grid.text, row=line.number))
    return result


# --- the draft of a set of criteria ---------------------------------------------------------------
# An annex as a draft: the workbook in which a person confirms what it leaves open, and, where it leaves nothing open,
# the set itself.

_DECISION = re.compile(r"(?:quyet dinh so|qd so)[: ]*(?P<of>(?P<number>\d+)(?:/\d{4})?/qd-[\w-]+)")
#: Which words of the title say of which level an annex is.
_LEVELS = {
    "province": re.compile(r"\bcap tinh\b|\bcac tinh\b|\btinh, thanh pho\b"),
    "ministry": re.compile(r"\bcap bo\b|\bcua (?:cac )?bo\b|\bcac bo\b|co quan ngang bo"),
}
_BOTH = Message("has both appraised and surveyed points; such a criterion becomes two rows, one a group")
_WHICH = Message("the annex does not say in which group its points are")
_OTHER = Message("the group of its points and its rule do not agree")


def facts_of(annex: Annex, level: str = "", years: Sequence[int] = ()) -> dict[str, object]:
    """What the texts above the tables say of the decision; what they do not say is left out."""
    titles = [text for text in annex.texts if text]
    flat = [bare(text) for text in titles]
    facts: dict[str, object] = {"not_applicable": "rescale", "years": tuple(years)}
    found = [(text, match) for text, line in zip(titles, flat, strict=True) if (match := _DECISION.search(line))]
    if found:
        text, match = found[0]
        facts |= {"decision": text[match.start("of") : match.end("of")], "status": "official"}
    titled = [line for line in flat if "chi so" in line or "tieu chi" in line]
    levels = {key for key, pattern in _LEVELS.items() if any(map(pattern.search, titled))}
    of = check_level(level) if level else levels.pop() if len(levels) == 1 else ""
    facts["level"] = of
    if found and of:
        facts["id"] = f"{found[0][1]['number']}-{of}"
    facts["note"] = Message("Read from the annex {file}", {"file": annex.file}).text(FIRST)
    return facts


def asked(annex: Annex, facts: dict[str, object]) -> list[Problem]:
    """All that a person has to settle before the set can be taken: what disagrees, what the annex does not say."""
    problems = list(annex.problems)
    for key in ("id", "decision", "level", "years", "status"):
        if not facts.get(key):
            words = Message("the annex does not say: {what}", {"what": scheme_book.FACT_ROWS[key].label})
            problems.append(Problem(words, file=annex.file, about=key))
    told = {(problem.node, problem.message.text()) for problem in problems}
    for node in annex.nodes:
        for ask in _asks(node, annex.split):
            if (node.printed, ask.text()) not in told:
                problem = Problem(ask, file=annex.file, sheet=_where(node), row=node.row, node=node.printed)
                problems.append(problem.at(value=node.text or None))
    return problems


def write_draft(annex: Annex, facts: dict[str, object], path: Path, language: str = FIRST) -> None:
    """Write what was read as the workbook that ``parlib scheme import`` takes, what is to be confirmed marked."""
    nodes = [_cells(node, annex.split, language) for node in annex.nodes]
    groups = dict.fromkeys(str(cells["component"]) for cells in nodes if cells.get("component"))
    maxima = {key: [cells["max"] for cells in nodes if cells.get("component") == key] for key in groups}
    rows = [scheme_book.group_cells(key, _sum(maxima[key])) for key in scheme_book.GROUPS if key in groups]
    remarks = [problem.text(language) for problem in annex.problems + annex.notes]
    title = Message("Draft of a set of criteria read from {file}", {"file": annex.file})
    scheme_book.write_scheme_book(
        scheme_book.Written(facts, rows, (), nodes, remarks, annex=True), path, title, language
    )


def scheme_of(annex: Annex, facts: dict[str, object]) -> Scheme:
    """The set of criteria that an annex says wholly. ``SchemeError`` names everything that a person has to settle."""
    SchemeError.raise_for(asked(annex, facts))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{Path(annex.file).stem}.xlsx"
        write_draft(annex, facts, path)
        return scheme_book.import_scheme(path)


def _sum(values: Iterable[object]) -> float | None:
    known = [Decimal(repr(value)) for value in values if isinstance(value, float)]
    return float(sum(known, Decimal(0))) if known else None


def _where(node: Found) -> str:
    return node.where if isinstance(node.where, str) else node.where.text()


def _kind(node: Found) -> str:
    """The kind of rule of a leaf, as far as it is known."""
    return node.rule.rule.kind if node.rule.rule else str(node.rule.part.get("kind", ""))


def _group(node: Found, split: bool) -> str:
    """The group of a leaf's points: as its column says, else as its rule does; "" where neither does."""
    kind = _kind(node)
    if kind == "external":
        return "external"
    if split:
        return "survey" if node.points.get("survey") else "appraisal"
    return "survey" if kind == "survey" else "appraisal" if kind else ""


def _asks(node: Found, split: bool) -> list[Words]:
    if node.children:
        words = Message("it has rows below it, so that its own text is no rule")
        return [*node.asks, *([words] if node.said else [])]
    group, kind = _group(node, split), _kind(node)
    result: list[Words] = [*node.asks, *node.rule.asks]
    if node.points.get("survey") and node.points.get("appraisal"):
        result.append(_BOTH)
    elif not group:
        result.append(_WHICH)
    elif (kind and (group == "survey") != (kind == "survey")) or (group == "external" and node.points.get("survey")):
        result.append(_OTHER)
    return result


def _cells(node: Found, split: bool, language: str) -> scheme_book.CellsOfNode:
    most = node.points.get("max")
    asks = [f"{words.text(language)[:1].upper()}{words.text(language)[1:]}." for words in _asks(node, split)]
    cells: dict[str, str | float | None] = {"code": node.code, "name": node.name, "source": node.text}
    cells |= {"max": None if most is None else float(most), "confirm": "\n".join(dict.fromkeys(asks))}
    if node.children:
        return cells
    cells |= {"component": _group(node, split), "evidence": node.evidence}
    if node.rule.rule is not None:
        return cells | scheme_book.rule_cells(node.rule.rule, language)
    for key, value in node.rule.part.items():
        cells[scheme_book.column_of(key)] = value if isinstance(value, float) else str(value)
    if kind := _kind(node):
        cells["kind"] = KINDS[kind].name.text(language)
    return cells
