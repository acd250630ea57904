"""The errors that people see: what is wrong, where it stands and what is allowed, in the reader's language."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from parlib.words import Message, Words, near, texts

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
                place.append(f"{words[name]} {content}")
        if self.value is not None:
            place.append(f"{words['value']} {self.value!r}")
        message = self.message.text(language)
        return f"{', '.join(place)}: {message}" if place else message

    def at(self, message: Words | None = None, **place: object) -> Problem:
        """The same problem with more of its place filled in, or with another ``message``."""
        fields = {name: getattr(self, name) for name in (*_FIELDS, "about")}
        return Problem(message or self.message, **{**fields, **place})


class ParlibError(Words, Exception):
    """An error with a message for people: all problems found, not the first. ``str`` gives it in ``language``."""

    def __init__(self, problems: Problem | Iterable[Problem], language: str = "en") -> None:
        self.problems: Sequence[Problem] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self._language = language
        super().__init__(self.problems)

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
    if problems := unknown(chosen, allowed, what):
        raise ParameterError(problems)
    return chosen
