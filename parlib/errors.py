"""The errors that people see: what is wrong, where it stands and what is allowed, in the reader's language."""

from __future__ import annotations

import errno
import logging
import math
import os
import re
import tempfile
import traceback
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from parlib.words import Digits, Message, Words, as_day, near, texts

_PLACE_WORDS: Mapping[str, Message] = {
    "file": Message("file"),
    "sheet": Message("sheet"),
    "row": Message("row"),
    "column": Message("column"),
    "node": Message("node"),
    "value": Message("value"),
}
_FIELDS = ("file", "sheet", "row", "column", "node", "value")


@dataclass(frozen=True, slots=True, init=False)
class Problem(Words):
    """One thing that is wrong with an input.

    ``message`` says what is wrong and what is allowed; the other fields say where it stands. ``value`` is what was
    found there (``None`` where there is nothing to quote). ``about`` is what of a document it is about, for those
    who look for its place; it is not told.

    >>> Problem("no such report; there are: {listed}", value="2O23", listed="2022, 2023").text("en")
    "value '2O23': no such report; there are: 2022, 2023"
    """

    message: Words
    file: str
    sheet: str
    row: int | None
    column: str
    node: str
    value: object
    about: str

    def __init__(
        self,
        message: str | Words,
        *,
        file: str = "",
        sheet: str = "",
        row: int | None = None,
        column: str = "",
        node: str = "",
        value: object = None,
        about: str = "",
        **places: object,
    ) -> None:
        """``message`` is the message itself, or its identifier with its ``places``; the fields are places too."""
        fields = dict(zip(_FIELDS, (file, sheet, row, column, node, value), strict=True))
        if isinstance(message, str):
            own = {name: content for name, content in fields.items() if f"{{{name}" in message}
            message = Message(message, own | places)
        object.__setattr__(self, "message", message)
        for name, content in {**fields, "about": about}.items():
            object.__setattr__(self, name, content)

    @property
    def vi(self) -> str:
        """What is wrong, in Vietnamese, without its place."""
        return self.message.text("vi")

    @property
    def en(self) -> str:
        """What is wrong, in English, without its place."""
        return self.message.text("en")

    def text(self, language: str = "vi") -> str:
        """The problem as one line in ``language``, place first."""
        words = texts(_PLACE_WORDS, language)
        place = []
        for name in _FIELDS[:-1]:
            content = getattr(self, name)
            if content not in ("", None):
                place.append(f"{words[name]} {_cut(str(content))}")
        if self.value is not None:
            place.append(f"{words['value']} {_quoted(self.value, language)}")
        message = self.message.text(language)
        return f"{', '.join(place)}: {message}" if place else message

    def cells(self, language: str = "vi") -> dict[str, str]:
        """The problem as a row of a table: each part of its place, what was found, what is wrong."""
        place = {name: str(getattr(self, name) or "") for name in _FIELDS[:-1]}
        value = "" if self.value is None else _shown(self.value, language)
        return {**place, "value": value, "message": self.message.text(language)}

    def at(self, message: Words | None = None, **place: object) -> Problem:
        """The same problem with more of its place filled in, or with another ``message``."""
        fields = {name: getattr(self, name) for name in (*_FIELDS, "about")}
        return Problem(message or self.message, **{**fields, **place})


_LONGEST_VALUE = 200  # letters of what was found that are told
#: Signs that nobody sees, told by name: what looks like "Hà Giang" may hold one.
_UNSEEN = re.compile(r"[\u00a0\u00ad\u200b-\u200f\u202a-\u202f\u2060-\u206f\ufeff]")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _quoted(value: object, language: str) -> str:
    """What was found, in quotes where it is text, not without end."""
    shown = _shown(value, language)
    if not isinstance(value, str):
        return shown
    return repr(shown) if len(value) <= _LONGEST_VALUE else f"{shown!r} ({len(value)})"


def _shown(value: object, language: str) -> str:
    """What was found: letters as they are, unseen signs by name; numbers and days as people write them."""
    if isinstance(value, date):
        return as_day(value, clock=isinstance(value, datetime) and value.time() != time())
    if isinstance(value, str):
        return _UNSEEN.sub(lambda sign: f"<U+{ord(sign[0]):04X}>", _cut(value))
    finite = isinstance(value, float) and math.isfinite(value)
    return _cut(Digits(f"{Decimal(repr(value)):f}").text(language) if finite else repr(value))


class ParlibError(Words, Exception):
    """An error with a message for people: all problems found, not the first; of a single one its message and fields
    are enough. ``str`` gives it in ``language``."""

    def __init__(self, problems: str | Words | Iterable[Problem], language: str = "en", **fields: Any) -> None:
        if isinstance(problems, str | Words) and not isinstance(problems, Problem):
            problems = Problem(problems, **fields)
        self.problems: Sequence[Problem] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self._language = language
        super().__init__(self.problems)

    @classmethod
    def raise_for(cls, problems: Iterable[Problem], **place: object) -> None:
        """Raise this error with all ``problems``, each ``at`` this place too; where there are none, do nothing."""
        if listed := [problem.at(None, **place) for problem in problems]:
            raise cls(listed)

    def __str__(self) -> str:
        return self.text(self._language)

    def __reduce__(self) -> tuple[type[ParlibError], tuple[Sequence[Problem]]]:
        return type(self), (self.problems,)  # from one process to another whole, not as its English text

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows in place of the calls that led here: the problems, in both languages."""
        return [self.text("vi"), self.text("en")]

    def text(self, language: str = "vi") -> str:
        """All problems, one a line, in ``language``."""
        return "\n".join(problem.text(language) for problem in self.problems)


class SchemeError(ParlibError):
    """A set of criteria is broken."""


class DataError(ParlibError):
    """An input file or table is broken."""


class ParameterError(ParlibError):
    """A parameter names something that does not exist."""


class ChecksFailed(ParlibError):
    """Numbers of a report contradict each other."""


class ProgramError(ParlibError):
    """An error that nobody foresaw: the program's own."""


#: What the system refuses, and what helps.
_REFUSED: Mapping[int, Message] = {
    **dict.fromkeys(
        (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.ETXTBSY),
        Message("cannot be opened or written: a program (Word, Excel) has it open, or you may not write there"),
    ),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), Message("the disk is full: make room and run it again")),
    errno.EISDIR: Message("this is a folder: give the name of a file"),
    **dict.fromkeys((errno.EEXIST, errno.ENOTDIR), Message("a file stands where a folder is needed")),
    errno.ENOENT: Message("there is no such file or folder"),
    **dict.fromkeys((errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL), Message("no name of a file that can be used")),
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), Message("too many files are open: close programs and run it again")),
    errno.ENOMEM: Message("memory does not suffice: close programs, or ask for less at a time"),
}
#: Names the folder that tracebacks of unforeseen errors go to, for this process and those that it starts.
DEBUG = "PARLIB_DEBUG"
log = logging.getLogger(__name__)


def as_problem(error: BaseException) -> ParlibError:
    """``error`` in words for people: what the system refuses with what helps, what nobody foresaw with the line of code
    where it arose. Where ``PARLIB_DEBUG`` names a folder, the traceback of the latter is written there."""
    if isinstance(error, ParlibError):
        return error
    if isinstance(error, MemoryError):
        return ParlibError(Problem(_REFUSED[errno.ENOMEM]))
    if error.args and isinstance(error.args[0], OSError):  # as the writer of Excel hands it on
        error = error.args[0]
    if isinstance(error, OSError):
        unknown_refusal = Message("the system refuses: {error}", {"error": error.strerror or error})
        return ParlibError(Problem(_REFUSED.get(error.errno or 0, unknown_refusal), file=_name(error)))
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "parlib" in Path(frame.filename).parts] or frames
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    text = f"{type(error).__name__}: {error}"
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
    if written := _traceback_of(error):
        return ProgramError(
            Problem("an error of the program ({text}), at {place}", text=text, place=place, file=written)
        )
    return ProgramError(
        Problem(
            "an error of the program ({text}), at {place}; --debug writes down where, for whoever mends it",
            text=text,
            place=place,
        )
    )


_LONGEST = 300  # letters of an error of another's program that are told


def _name(error: OSError) -> str:
    """The file that an error of the system is about, the second of two where it was to get another name."""
    name = error.filename2 or error.filename or ""
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name)


def _traceback_of(error: BaseException) -> str:
    """The file with the traceback of ``error``; "" where none is asked for or none can be written."""
    folder = os.environ.get(DEBUG)
    if not folder:
        return ""
    lines = traceback.format_exception(error)
    try:
        with tempfile.NamedTemporaryFile("w", -1, "utf-8", None, ".txt", "parlib-error-", folder, delete=False) as file:
            file.writelines(lines)
    except OSError:
        log.error("%s", "".join(lines))
        return ""
    return file.name


def unknown(names: str | Iterable[str], allowed: Collection[str], what: Words | str) -> list[Problem]:
    """A problem with its near matches for every name that is not one of ``allowed``; ``what`` says what is chosen."""
    listed = ", ".join(allowed)
    return [
        Problem(
            "no such {what}; there are: {listed}{near}",
            value=name,
            what=what,
            listed=listed,
            near=near(name, allowed),
        )
        for name in ((names,) if isinstance(names, str) else names)
        if name not in allowed
    ]


def named(names: str | Iterable[str], allowed: Collection[str], what: Words | str) -> tuple[str, ...]:
    """``names`` as a tuple, each one of ``allowed``. Raises ``ParameterError`` with all that are ``unknown``."""
    chosen = (names,) if isinstance(names, str) else tuple(names)
    ParameterError.raise_for(unknown(chosen, allowed, what))
    return chosen
