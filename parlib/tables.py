"""The one strict reader of every table that comes in as text: what a file is, which cells it has, what they may hold.

Two steps. ``read_delimited`` takes a file as officials save it: the encoding by its first bytes, Excel's ``sep=;``, the
separator, quoted line breaks. ``read_table`` sets its cells against a ``Layout``, which declares the columns of a kind
of file as data: type, range, allowed words, what is required, which columns tell the rows apart. Whatever is wrong is
collected with file, row, column and value. Nothing is guessed: numbers are read by the grammar that the caller names.

A row is counted as a spreadsheet counts it: the first line is row 1, and a cell with a line break is one row still.
"""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections import Counter, namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from parlib.errors import DataError, Problem
from parlib.words import Digits, Message, Name, Words, fold, near, old_encoding

if TYPE_CHECKING:
    import pandas as pd


# --- numbers as people write them, read and written -----------------------------------------------
# One grammar of numbers serves every door: digits 0-9, a decimal comma or dot, what may mean two things is refused.

MARKS = {"comma": ",", "point": "."}  # what a decimal mark is called where it is declared

_BLANK = "[ \t\u00a0\u2009\u202f]"
_MINUS = "\u2212"
_NUMBER = re.compile(r"([-+]?)(\d+)(?:([.,])(\d+))?([eE][-+]?\d+)?", re.ASCII)
_BLANKS_BETWEEN_THOUSANDS = re.compile(rf"([-+]?[1-9]\d{{0,2}})((?:{_BLANK}\d{{3}})+)((?:[.,]\d+)?)", re.ASCII)
_SEVERAL_MARKS = re.compile(r"[-+]?\d[\d.,]*[.,][\d.,]*[.,][\d.,]*", re.ASCII)
_SHORTENED = re.compile(r"[-+]?\d+(?:[.,]\d+)?[eE][-+]?\d+", re.ASCII)
_DASHES = tuple("\u2010\u2011\u2012\u2013\u2014\u2015")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?|[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as it was written: its ``text`` with a decimal point, the decimal ``mark`` that it uses ("" = none), and
    whether the mark may be one of thousands instead."""

    text: str
    mark: str = ""
    unclear: bool = False

    @property
    def value(self) -> float:
        """The number, its mark taken as a decimal mark."""
        return float(self.text)


def read_numeral(written: str, *, percent: bool = False, exponent: bool = False) -> Numeral | Problem:
    """The number in a text, or why there is none. ``percent``: a sign of percent may follow; ``exponent``: 1e-5 is one,
    as programs write small numbers."""
    text = written.strip().replace(_MINUS, "-")
    if percent and text.endswith("%"):
        text = text[:-1].rstrip()
    if blanks := _BLANKS_BETWEEN_THOUSANDS.fullmatch(text):
        text = blanks[1] + re.sub(_BLANK, "", blanks[2]) + blanks[3]
        spaced = True
    else:
        spaced = False
    result = _NUMBER.fullmatch(text)
    if result is None or (result[5] and not exponent):
        return _no_number(written, text)
    sign, whole, mark, part, power = result.groups(default="")
    if len(whole.lstrip("0")) > 15 or (power and float(f"1{power}") > 1e15):
        return Problem("a number of more than 15 digits: is it one?", value=written)
    unclear = bool(mark) and not spaced and not power and len(part) == 3 and len(whole) <= 3 and whole[0] != "0"
    return Numeral(f"{sign}{whole}{'.' if mark else ''}{part}{power}", mark, unclear)


def as_number(written: str, declared: str = "", *, percent: bool = False) -> float | Problem:
    """The number in a text that stands alone. ``declared`` is the decimal mark ("," or ".") that is asked for where the
    text was written: with it "1,234" is one and a bit, and "1.234" still may mean two things."""
    numeral = read_numeral(written, percent=percent)
    if isinstance(numeral, Problem):
        return numeral
    if numeral.unclear and numeral.mark != declared:
        return two_meanings(written, numeral)
    return numeral.value


def two_meanings(written: str, numeral: Numeral) -> Problem:
    """Why a number that may have a mark of thousands is refused, and what to write instead."""
    whole, part = numeral.text.split(".")
    return Problem(
        "may mean {whole}{part} or {whole}.{part}: '{other}' may be a decimal mark or a thousands"
        " separator; write {whole}{part} or {whole}.{part}0",
        value=written,
        whole=whole,
        part=part,
        other=numeral.mark,
    )


def shortened(written: str) -> bool:
    """Whether a text is a number as Excel shortens long ones: "8,40123E+11" shows six digits of twelve."""
    return bool(_SHORTENED.fullmatch(written.strip()))


def _no_number(written: str, text: str) -> Problem:
    if any(sign.isdecimal() and not sign.isascii() for sign in text):
        return Problem("cannot be read as a number: the digits are 0-9, not those of another script", value=written)
    hint: Message | str = ""
    if shortened(text):
        hint = Message(
            ": a shortened number (E), which may have lost digits; format the column as number or text and save"
        )
    elif text.startswith(_DASHES):
        hint = Message(": a minus is '-'")
    elif _THOUSANDS.fullmatch(text):
        mark = text[re.search(r"[.,]", text).start()]  # type: ignore[union-attr]
        plain = Digits(text.replace(mark, "").replace(",", "."))
        hint = Message(": it has thousands separators '{mark}'; write {plain}", {"mark": mark, "plain": plain})
    elif _SEVERAL_MARKS.fullmatch(text):
        hint = Message(": it has several points or commas; use one decimal mark and no thousands separators")
    return Problem("cannot be read as a number{hint}", value=written, hint=hint)


@dataclass
class Marks:
    """The decimal marks that a file or a column uses, as its numbers pass by: where each stood first, and the
    first number that may mean two things."""

    declared: str = ""  # "," or "."; "" where the file must show it
    first: dict[str, tuple[int, str]] = field(default_factory=dict)  # of each mark: row and text
    sure: set[str] = field(default_factory=set)  # marks that stood where they cannot be of thousands
    unclear: dict[str, tuple[int, str]] = field(default_factory=dict)

    def note(self, numeral: Numeral, row: int, written: str) -> None:
        """A number of the file."""
        if numeral.mark:
            self.first.setdefault(numeral.mark, (row, written))
            if numeral.unclear:
                self.unclear.setdefault(numeral.mark, (row, written))
            else:
                self.sure.add(numeral.mark)

    def problems(self) -> list[Problem]:
        """What the numbers together leave unclear, each with its row: marks that are mixed, or not the declared one;
        "1.234" where no other number shows that the point is a decimal mark."""
        if len(self.first) == 2:
            (comma, one), (point, other) = self.first[","], self.first["."]
            return [
                Problem(
                    "decimal comma (row {comma}: {one}) and dot (row {point}: {other}) are mixed",
                    comma=comma,
                    one=one,
                    point=point,
                    other=other,
                )
            ]
        faults = []
        for mark, (row, written) in self.first.items():
            if self.declared and mark != self.declared:
                faults.append(
                    Problem("the declared mark is '{declared}'", row=row, value=written, declared=self.declared)
                )
        for mark, (row, written) in self.unclear.items():
            numeral = read_numeral(written)
            if not self.declared and mark not in self.sure and isinstance(numeral, Numeral):
                faults.append(two_meanings(written, numeral).at(row=row))
        return faults


# --- written --------------------------------------------------------------------------------------

_WIDE = Context(prec=400)  # any float64 in full


def rounded(value: float, decimals: int) -> Decimal:
    """``value`` rounded half up, from the number as points are compared: exact to nine decimals (2.675 gives 2.68)."""
    number = round(float(value), 9)
    if not math.isfinite(number):
        raise ValueError(f"{value!r} cannot be printed")
    result = Decimal(repr(number)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _WIDE)
    return result if result else abs(result)  # there is no minus zero


def number(x: float | Decimal, language: str) -> str:
    """``x`` in the fewest digits, with the decimal sign of the language."""
    return written(x).text(language)


def written(x: float | Decimal) -> Digits:
    """``number`` in every language, for messages."""
    text = f"{Decimal(repr(float(x) + 0.0)) if isinstance(x, float) else Decimal(x):f}"  # -0.0 is 0
    return Digits(text.rstrip("0").rstrip(".") if "." in text else text)


def shown(value: object) -> Name:
    """A value in a message: numbers as people write them, a list with commas between."""

    def text(value: object, language: str) -> str:
        if isinstance(value, list | tuple):
            return ", ".join(text(one, language) for one in value)
        return number(value, language) if isinstance(value, int | float | Decimal) else str(value)

    return Name(text(value, "vi"), text(value, "en"))


SEPARATORS = (";", ",", "\t")

_SIGNATURES = (  # the first bytes of files that are not UTF-8 text, longest first
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
    (b"PK\x03\x04", "Excel (.xlsx)"),
    (b"\xd0\xcf\x11\xe0", "Excel 97-2003 (.xls)"),
    (b"%PDF", "PDF"),
)
# Vietnamese in UTF-8 that was read as Windows-1252 and saved again: "Hà Nội" became "HÃ  Ná»™i".
_MAYBE_GARBLED = re.compile("áº|á»|Ã[\u00a0-¿€-™]|Ä[\u0090-\u0091‘ƒ©¨]|Æ[°¡]")
_VIETNAMESE = frozenset(
    "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
    "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴĐ"
)
_BLANKS = " \t\r\n\u00a0\u200b\u2060\ufeff"
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_MAYBE_FORMULA = re.compile(r"(?:^|[\s;,\"])=|\|")
_MAYBE_OLD = re.compile("[µ¸¶·¹¨©®ª¬¾¼½»«§ûïåäëüøñæöÛÏÅÄËÜØÑÆÖ]")
_MAYBE_WRONG = re.compile("|".join(one.pattern for one in (_CONTROLS, _MAYBE_GARBLED, _MAYBE_FORMULA, _MAYBE_OLD)))
_SEP_LINE = re.compile(r"\s*\"?sep=(.)\"?\s*", re.IGNORECASE)  # Excel writes it above the head, and hides it
ORDINAL = ("stt", "tt", "so thu tu", "so tt")  # heads of running numbers: the one column that says nothing
HEAD_WITHIN = 20  # rows in which the head is looked for: titles stand above it
LISTED = 20  # problems of one kind in one column that are told one by one; the rest is counted


@dataclass(frozen=True)
class Delimited:
    """The cells of a file: ``rows`` of equal length with their row numbers, the head (title) rows included."""

    rows: list[list[str]]
    numbers: list[int]
    problems: list[Problem]
    separator: str


def read_delimited(path: Path, separator: str = "") -> Delimited:
    """The cells of ``path`` in NFC. Raises ``DataError`` where nothing can be read; what is wrong with single rows
    is collected in ``problems``. Without ``separator`` it is the one named by a line ``sep=;`` above the head, or else
    the one that the first rows use most."""
    return delimited(content_of(path), path.name, separator)


def content_of(path: Path) -> bytes:
    """The bytes of a file; ``DataError`` where it is not there, may not be read or is no file (``/dev/zero``)."""
    try:
        if path.exists() and not path.is_file():
            raise DataError(Problem("this is a folder or a device: give the name of a file", file=str(path)))
        return path.read_bytes()
    except FileNotFoundError:
        raise DataError(Problem("no such file", file=str(path))) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError(Problem("the file cannot be read: {reason}", file=str(path), reason=reason)) from None


def delimited(content: bytes, file: str, separator: str = "") -> Delimited:
    """``read_delimited`` of the ``content`` of a file that was read already; ``file`` is its name in problems."""
    text = decoded(content, file)
    first, _, below = text.partition("\n")
    named = _SEP_LINE.fullmatch(first)
    text = "\n" + below if named else text  # the line keeps its number
    separator = separator or (named[1] if named else _separator(text))
    rows, numbers, problems = _records(text, separator, file)
    if _MAYBE_WRONG.search(text):
        for number, row in zip(numbers, rows, strict=True):
            if not _MAYBE_WRONG.search(";".join(row)):  # of a long file few rows need a closer look
                continue
            for column, cell in enumerate(row, start=1):
                problem = _cell_problem(cell)
                if problem:
                    problems.append(problem.at(file=file, row=number, column=column_letter(column), value=cell[:80]))
    return Delimited(rows, numbers, problems, separator)


def column_letter(place: int) -> str:
    """The letter over the column at ``place`` (1 = A), as spreadsheets write it."""
    letters = ""
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def decoded(content: bytes, file: str) -> str:
    """The text of a file in NFC, without byte-order mark; ``DataError`` says what it is where it is not UTF-8."""
    if not content.strip():
        raise DataError(Problem("the file is empty", file=file))
    if kind := kind_of(content[:400]):
        raise DataError(not_utf8(kind, file))
    if 0 in content:
        raise DataError(_null_bytes(content, file))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(_badly_encoded(content, error.start, file)) from None
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def kind_of(start: bytes) -> str:
    """What a file is whose first bytes are not those of UTF-8 text; "" where they may be."""
    for signature, what in _SIGNATURES:
        if start.startswith(signature):
            return what
    return "UTF-16" if start.count(0) > len(start) // 4 and bytes(8) not in start else ""


def not_utf8(what: str, file: str) -> Problem:
    """What to do with a file that is of another kind (``kind_of``)."""
    return Problem(
        "the file is {what}, not text in UTF-8; save it as '{format}'", file=file, what=what, format=_format(file)
    )


def _format(file: str) -> str:
    return "UTF-8" if file.endswith((".yaml", ".yml", ".geojson")) else "CSV UTF-8"


def _null_bytes(content: bytes, file: str) -> Problem:
    """What a power cut leaves: a file as long as it should be, whose end was never written."""
    return Problem(
        "the file holds {count} NUL bytes: it is damaged, perhaps by a power cut; take the backup",
        file=file,
        row=content.count(b"\n", 0, content.index(0)) + 1,
        count=content.count(0),
    )


def _badly_encoded(content: bytes, start: int, file: str) -> Problem:
    """Name the first row that is not UTF-8, what stands there, and the likely encoding."""
    line_start = content.rfind(b"\n", 0, start) + 1
    line = content[line_start:].split(b"\n", 1)[0][:80]
    shown, guess = line.decode("latin-1"), "Windows-1252"
    try:
        shown = unicodedata.normalize("NFC", line.decode("cp1258"))
        guess = "Windows-1258" if any(byte in content for byte in b"\xcc\xd2\xde\xec\xf2") else guess
    except UnicodeDecodeError:
        guess = ""
    return Problem(
        "the file is not in UTF-8 (perhaps {guess}); save it as '{format}'",
        file=file,
        row=content.count(b"\n", 0, start) + 1,
        value=shown.strip(),
        guess=guess or Message("not known"),
        format=_format(file),
    )


def _separator(text: str) -> str:
    """The separator that stands most often outside quotes in the first twenty lines."""
    outside = re.sub(r'"[^"]*"', "", "\n".join(text.splitlines()[:20]))
    return max(SEPARATORS, key=outside.count)


_CSV_ERRORS = {  # what Python's reader says, and what it means
    "unexpected end": Message("a quote is opened and never closed: is the file cut off?"),
    "larger than field limit": Message(
        "a cell holds more than 131072 letters: is a quote opened and never closed, or a whole document pasted in?"
    ),
}


def _records(text: str, separator: str, file: str) -> tuple[list[list[str]], list[int], list[Problem]]:
    rows: list[list[str]] = []
    numbers: list[int] = []
    problems: list[Problem] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for number, row in enumerate(reader, start=1):
            if any(cell.strip() for cell in row):
                rows.append([cell.strip(_BLANKS) for cell in row])
                numbers.append(number)
    except csv.Error as error:
        words = next(
            (told for said, told in _CSV_ERRORS.items() if said in str(error)), Message("a quote stands wrongly")
        )
        problems.append(Problem(words, file=file, row=number + 1))
    return rows, numbers, problems


@dataclass(frozen=True)
class Opening:
    """Where the table of a long file begins: its ``heads``, their ``row``, the ``lines`` of text down to them (a cell
    may hold several), and the separator."""

    heads: list[str]
    row: int
    lines: int
    separator: str


def opening_of(
    path: Path,
    known: Callable[[str], bool],
    encoding: str = "utf-8-sig",
    separators: Sequence[str] = SEPARATORS,
) -> Opening:
    """The opening of a file that is too long to be read whole: titles, ``sep=;`` and quoted heads are understood as
    ``read_delimited`` does. The head is the row, and the separator the sign, that make most ``known`` names."""
    with path.open(encoding=encoding, newline="") as file:
        named = _SEP_LINE.fullmatch(file.readline().rstrip("\r\n"))
    results = [_opening(path, encoding, sign, bool(named), known) for sign in ([named[1]] if named else separators)]
    return max(results, key=lambda one: sum(map(known, one.heads)))


def _opening(path: Path, encoding: str, separator: str, skip: bool, known: Callable[[str], bool]) -> Opening:
    with path.open(encoding=encoding, newline="") as file:
        if skip:
            file.readline()
        best = Opening([], 1, 1, separator)
        reader = csv.reader(file, delimiter=separator)
        try:
            for row, cells in enumerate(reader, start=1 + skip):
                if row > HEAD_WITHIN:
                    break
                heads = [unicodedata.normalize("NFC", cell).strip(_BLANKS) for cell in cells]
                if not best.heads or sum(map(known, heads)) > sum(map(known, best.heads)):
                    best = Opening(heads, row, reader.line_num + skip, separator)
        except csv.Error:  # a quote that never closes: the rows down to it are all that is known
            pass
        return best


def ragged(table: Delimited, head: int, file: str) -> list[Problem]:
    """The rows after the head (the row at place ``head``) that have too few or too many cells; cells that are merely
    blank at the end do not count, unless a comma separates them: one too many may be a decimal comma. Rows with too
    few cells are filled up, so that the rest can be checked."""
    width = len(table.rows[head])
    problems = []
    for number, row in zip(table.numbers[head + 1 :], table.rows[head + 1 :], strict=True):
        used = len(row)
        if used == width:
            continue
        while used > width and not row[used - 1] and table.separator != ",":
            used -= 1
        if used != width:
            cells = {"used": used, "width": width}
            if used < width:
                words = Message("the row has {used} cells, the head has {width}; is the row cut?", cells)
            elif table.separator == ",":
                words = Message(
                    "the row has {used} cells, the head has {width}; a separator in a cell without quotes? (a decimal"
                    " comma, as in 95,5?)",
                    cells,
                )
            else:
                words = Message(
                    "the row has {used} cells, the head has {width}; a separator in a cell without quotes?", cells
                )
            problems.append(Problem(words, file=file, row=number, value=table.separator.join(row)[:80]))
        row[:] = (row + [""] * width)[:width]
    return problems


def torn(table: Delimited, head: int, numbers: Iterable[int], after: Iterable[int], file: str) -> list[Problem]:
    """Rows of a comma-separated table where a whole number in one of the columns ``numbers`` is followed by bare digits
    in one of ``after``: "90,5" without quotes, the half of which would be a source or an error."""
    if table.separator != ",":
        return []
    pairs = [(place, place + 1) for place in set(numbers) if place + 1 in set(after)]
    return [
        Problem(
            "may be the second half of {whole},{value} with a decimal comma; put the number in "
            "quotes, or save the file with ';' between its cells",
            file=file,
            row=number,
            column=table.rows[head][right],
            value=row[right],
            whole=row[left],
        )
        for number, row in zip(table.numbers[head + 1 :], table.rows[head + 1 :], strict=True)
        for left, right in pairs
        if re.fullmatch("-?[0-9]+", row[left]) and re.fullmatch("[0-9]+ ?%?", row[right])
    ]


def _garbled(cell: str) -> bool:
    """Whether a word of a cell is Vietnamese in UTF-8 that was read as Windows-1252: read back it is Vietnamese.

    "XÃ" before a no-break blank and a capital, or before a closing quote, is good Vietnamese, though the two signs
    could be a broken letter.
    """
    return bool(_MAYBE_GARBLED.search(cell)) and any(_garbled_word(word) for word in re.split("[ \t\n]+", cell))


def _garbled_word(word: str) -> bool:
    word = re.sub("Ã(?:\u00a0(?=[A-ZĐ])|[“”‘’…–—]$)", "", word)
    try:
        content = b"".join(sign.encode("latin-1" if "\x80" <= sign < "\u00a0" else "cp1252") for sign in word)
        return bool(_MAYBE_GARBLED.search(word)) and not _VIETNAMESE.isdisjoint(content.decode("utf-8"))
    except UnicodeError:
        return False


def _cell_problem(cell: str) -> Problem | None:
    if _CONTROLS.search(cell):
        return Problem("the cell holds a control character")
    if _garbled(cell):
        return Problem("Vietnamese letters were garbled by a wrong encoding; save the original again as 'CSV UTF-8'")
    if problem := encoding_problem(cell):
        return problem
    if cell.startswith("=") or re.match(r"[+\-@]\S.*\|.*!", cell):  # "- Quyết định 12|ABC!" is text
        return Problem("the cell holds a formula; write its value instead")
    return None


def encoding_problem(text: str) -> Problem | None:
    """What is wrong with a text in TCVN3 or VNI, the encodings of old Vietnamese fonts; ``None`` for any other."""
    old = old_encoding(text)
    if not old:
        return None
    return Problem(
        "Vietnamese in the old encoding {old}; convert it to Unicode and save it again", value=text[:80], old=old
    )


# --- what the columns of a kind of file may hold ------------------------------------------------

Kind = Literal["text", "number", "whole", "year", "date"]
#: The value of a cell: a text, a number (NaN = empty), a whole number, a day; ``None`` where one of these is empty.
Cell = str | float | date | None
Row = dict[str, Any]  # the cells of a row by column: the layout says which kind each is
#: A cell as a number, or what is wrong with it: the grammar of a kind of file.
Numbers = Callable[[str], "float | Problem"]


@dataclass(frozen=True)
class Column:
    """One column of a kind of file.

    ``kind``      what its cells are: text, number, whole (number), year, date (2024-01-31).
    ``low``, ``high``  bounds of numbers and years, both included.
    ``words``     the only texts that may stand in it; empty: any.
    ``pattern``   what a text must look like, as a regular expression.
    ``required``  an empty cell is a problem.
    ``optional``  the whole column may be missing: its cells are then empty.
    ``many``      the sign between several texts in one cell (";"); each must be one of ``words`` or fit ``pattern``.
    ``heads``     other heads that it is known by, in any spelling.
    ``refers``    what its texts name in another table of ``data/``: see ``parlib.layouts``; ``also``: other texts that
                  may stand there.
    """

    name: str
    kind: Kind = "text"
    low: float = -math.inf
    high: float = math.inf
    words: tuple[str, ...] = ()
    pattern: str = ""
    required: bool = False
    optional: bool = False
    many: str = ""
    heads: tuple[str, ...] = ()
    refers: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """A kind of file: its columns, and those that tell its rows apart (``key``).

    ``exact`` heads must be written as the names are; else case, marks and blanks do not count. ``unknown`` columns are
    refused, or kept: they stand in ``Table.unknown`` then, for the caller to say so.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    exact: bool = False
    unknown: Literal["refuse", "keep"] = "refuse"

    @property
    def spellings(self) -> dict[str, str]:
        """The column that each head means, as ``spelling`` writes it."""
        return {self.spelling(head): column.name for column in self.columns for head in (column.name, *column.heads)}

    def spelling(self, head: str) -> str:
        """A head as it is compared."""
        return head if self.exact else fold(head)


@dataclass(frozen=True)
class Table:
    """A file that was read: for each column its head in the file, its cells as written and their values.

    Values: text; ``float`` (NaN = empty) for numbers; ``int`` or ``None`` for whole numbers and years; ``date`` or
    ``None``. A cell that cannot be read has the value of an empty one, and stands in ``problems``.
    """

    file: str
    layout: Layout
    heads: dict[str, str]
    numbers: list[int]
    texts: dict[str, list[str]]
    values: dict[str, list[Cell]]
    problems: list[Problem] = field(default_factory=list)
    unknown: dict[str, list[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)

    def problem(self, place: int, column: str, message: Words) -> Problem:
        """What is wrong with the cell of ``column`` in the row at ``place`` (0 = the first under the head)."""
        head, cell = self.heads.get(column, column), self.texts[column][place] if column in self.texts else None
        return Problem(message, file=self.file, row=self.numbers[place], column=head, value=cell)

    def checked(self) -> Table:
        """The table, or a ``DataError`` with all its problems (of very many alike the first, and how many more)."""
        if self.problems:
            raise DataError(limited(self.problems))
        return self

    def rows(self) -> Iterator[Row]:
        """The values row by row."""
        return (dict(zip(self.values, cells, strict=True)) for cells in zip(*self.values.values(), strict=True))

    @cached_property
    def by_key(self) -> dict[str, Row]:
        """The values row by row, by their first column; not to be changed."""
        return {next(iter(row.values())): row for row in self.rows()}

    def records(self) -> list[dict[str, str]]:
        """The cells as written, row by row."""
        return [dict(zip(self.texts, cells, strict=True)) for cells in zip(*self.texts.values(), strict=True)]

    def frame(self) -> pd.DataFrame:
        """The values as a frame: texts as ``str``, numbers and years with gaps as ``float64``, dates as timestamps."""
        import pandas as pd

        kinds = {column.name: column.kind for column in self.layout.columns}
        return pd.DataFrame({name: _series(cells, kinds[name]) for name, cells in self.values.items()})


def _series(cells: list[Cell], kind: Kind) -> pd.Series:
    import pandas as pd

    if kind == "text":
        return pd.Series(cells, dtype="str")
    if kind == "date":
        return pd.to_datetime(pd.Series(cells, dtype="object"))
    return pd.Series(cells, dtype="int64" if cells and kind != "number" and None not in cells else "float64")


_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_WHOLE = re.compile(r"-?[0-9]+")


def plain_number(text: str) -> float | Problem:
    """The number in a cell of our own tables: ASCII digits and a decimal point, nothing else."""
    if _PLAIN.fullmatch(text):
        return float(text)
    return Problem("not a number; numbers have digits 0-9 and a decimal point, such as 86.98")


def read_table(
    path: Path, layout: Layout, *, separator: str = "", numbers: Numbers = plain_number, file: str = ""
) -> Table:
    """The table in ``path``: its cells set against ``layout``. ``file`` is its name in problems.

    Raises ``DataError`` where it cannot be read as a table at all (missing, empty, not text, a column missing or
    unknown); what is wrong with its rows and cells stands in ``problems``. ``checked`` raises that too.
    """
    return table_of(delimited(content_of(path), file or path.name, separator), layout, file or path.name, numbers)


def table_of(cells: Delimited, layout: Layout, file: str, numbers: Numbers = plain_number) -> Table:
    """``read_table`` of cells that were read already."""
    head = head_row(cells, set(layout.spellings), layout.spelling)
    problems = [*cells.problems, *ragged(cells, head, file)]
    places, strangers, faults = _columns(cells, head, layout, file)
    if faults:
        raise DataError([*problems, *faults])
    columns = list(zip(*cells.rows[head + 1 :], strict=True)) or [()] * len(cells.rows[head])
    size = len(cells.rows) - head - 1
    texts = {c.name: list(columns[places[c.name]]) if c.name in places else [""] * size for c in layout.columns}
    table = Table(
        file=file,
        layout=layout,
        heads={name: cells.rows[head][place] for name, place in places.items()},
        numbers=cells.numbers[head + 1 :],
        texts=texts,
        values={},
        problems=problems,
        unknown={cells.rows[head][place]: list(columns[place]) for place in strangers},
    )
    for column in layout.columns:
        table.values[column.name] = _values(table, column, numbers)
    problems += _twice(table)
    return table


def head_row(cells: Delimited, known: set[str], spelling: Callable[[str], str] = fold) -> int:
    """The place of the row with the heads: the one of the first rows with most ``known`` heads (titles may stand
    above it)."""
    score = [sum(spelling(cell) in known for cell in row) for row in cells.rows[:HEAD_WITHIN]]
    return score.index(max(score)) if score else 0


def _columns(cells: Delimited, head: int, layout: Layout, file: str) -> tuple[dict[str, int], list[int], list[Problem]]:
    """The place of each column, the places of unknown ones that are kept, and what is wrong with the heads."""
    heads, row = cells.rows[head], cells.numbers[head]
    spellings = layout.spellings
    places: dict[str, int] = {}
    strangers: list[int] = []
    faults: list[Problem] = []
    for place, text in enumerate(heads):
        name = spellings.get(layout.spelling(text), "")
        if not text:
            faults += headless(cells, head, place, file)
        elif name in places:
            faults.append(_same_column(text, heads[places[name]], name, file, row))
        elif name:
            places[name] = place
        else:
            strangers.append(place)
    missing = [column for column in layout.columns if column.name not in places and not column.optional]
    faults += [
        Problem(
            "this column is missing{near}",
            file=file,
            row=row,
            column=column.name,
            near=near(column.name, [heads[place] for place in strangers]),
        )
        for column in missing
    ]
    if layout.unknown == "refuse":
        free = [column.name for column in layout.columns if column.name not in places]
        faults += [_unknown_column(heads[place], free, file, row) for place in strangers]
        strangers = []
    return places, strangers, faults


def _unknown_column(head: str, free: Sequence[str], file: str, row: int) -> Problem:
    return Problem("this column is not known{near}", file=file, row=row, column=head, near=near(head, free))


def _same_column(head: str, other: str, name: str, file: str, row: int) -> Problem:
    return Problem(
        "two columns are both '{name}': '{other}' and '{column}'",
        file=file,
        row=row,
        column=head,
        name=name,
        other=other,
    )


WITHOUT_HEAD = Problem("the column has values and no head; give it one, or remove the column")


def headless(cells: Delimited, head: int, place: int, file: str) -> list[Problem]:
    """The first value under a blank head, as a problem: such a column is not dropped. Empty where all is blank."""
    for number, row in zip(cells.numbers[head + 1 :], cells.rows[head + 1 :], strict=True):
        if place < len(row) and row[place]:
            return [WITHOUT_HEAD.at(file=file, row=number, column=column_letter(place + 1), value=row[place])]
    return []


def _values(table: Table, column: Column, numbers: Numbers) -> list[Cell]:
    """The values of a column; each different text is read once, and what is wrong with it is told of every row."""
    texts = table.texts[column.name]
    read = {text: _value(text, column, numbers) for text in set(texts)}
    wrong = {text: problem for text, (_, problem) in read.items() if problem is not None}
    if wrong:
        for place, text in enumerate(texts):
            if text in wrong:
                table.problems.append(table.problem(place, column.name, wrong[text].message))
    return [read[text][0] for text in texts]


def _value(text: str, column: Column, numbers: Numbers) -> tuple[Cell, Problem | None]:
    """A cell as a value, and what is wrong with it; the value of an empty cell where it cannot be read."""
    blank = "" if column.kind == "text" else math.nan if column.kind == "number" else None
    if not text:
        empty = Problem("this cell must not be empty")
        return blank, empty if column.required else None
    if column.kind == "text":
        return text, _text_problem(text, column)
    if column.kind == "date":
        return _day(text)
    value = numbers(text)
    if isinstance(value, Problem):
        return blank, value
    if column.kind != "number":
        if not _WHOLE.fullmatch(text):
            return blank, Problem("must be a whole number")
        value = int(text)
    if not column.low <= value <= column.high:
        return blank, _outside(column)
    return value, None


def _outside(column: Column) -> Problem:
    low, high = f"{column.low:g}", f"{column.high:g}"
    if math.isinf(column.high):
        return Problem("must be {low} or more", low=low)
    if math.isinf(column.low):
        return Problem("must be {high} or less", high=high)
    return Problem("must be from {low} to {high}", low=low, high=high)


def _text_problem(text: str, column: Column) -> Problem | None:
    for part in text.split(column.many) if column.many else (text,):
        if column.words and part not in column.words:
            allowed = ", ".join(column.words)
            return Problem(
                "no such word; the words are {allowed}{near}", near=near(part, column.words), allowed=allowed
            )
        if column.pattern and not re.fullmatch(column.pattern, part):
            return Problem("does not have the form of this column ({pattern})", pattern=column.pattern)
    return None


def _day(text: str) -> tuple[date | None, Problem | None]:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text), None
    except ValueError:
        pass
    return None, Problem("not a date; dates are written 2024-01-31")


def _twice(table: Table) -> Iterator[Problem]:
    """The rows that agree in every column of the key with a row above."""
    key = table.layout.key
    if not key:
        return
    rows = list(zip(*(table.texts[name] for name in key), strict=True))
    if len(set(rows)) == len(rows):
        return
    seen: dict[tuple[str, ...], int] = {}
    for place, cells in enumerate(rows):
        first = seen.setdefault(cells, place)
        if first != place:
            row, shown = table.numbers[first], ", ".join(cell for cell in cells if cell)
            problem = table.problem(place, key[-1], Message("given twice, see row {the_row}", {"the_row": row}))
            yield replace(problem, value=shown)


def write_rows(path: Path, layout: Layout, rows: Iterable[Mapping[str, str]]) -> None:
    """Write a table, its cells as they stand in the file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [column.name for column in layout.columns], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def limited(problems: Iterable[Problem]) -> list[Problem]:
    """Problems with those that are alike (same file, column and words) told ``LISTED`` times and then counted."""
    listed: list[Problem] = []
    count: Counter[tuple[str, str, str]] = Counter()
    last: dict[tuple[str, str, str], int] = {}
    for problem in problems:
        kind = (problem.file, problem.column, problem.vi)
        count[kind] += 1
        if count[kind] <= LISTED:
            last[kind] = len(listed)
            listed.append(problem)
    for kind, number in count.items():
        if number > LISTED:
            one, more = listed[last[kind]], number - LISTED
            listed[last[kind]] = one.at(
                message=Message("{what} (and {more} more rows like it)", {"what": one.message, "more": more})
            )
    return listed


# --- frames ---------------------------------------------------------------------------------------


class Record(Protocol):
    """A row of a frame with its columns as attributes. What stands in a frame has no type of its own."""

    def __getattr__(self, column: str) -> Any: ...


def records(frame: pd.DataFrame) -> Iterator[Record]:
    """The rows of a frame, one after another, its columns as attributes."""
    if len(frame):
        rows = zip(*(column for _, column in frame.items()), strict=True)
        yield from map(_record(tuple(frame.columns))._make, rows)


_record: Callable[..., Any] = lru_cache(maxsize=256)(partial(namedtuple, "Record", rename=True))
