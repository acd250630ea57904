"""The errors that people see: what is wrong, where it stands and what is allowed, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

LANGUAGES = ("vi", "en")

_PLACE_WORDS = {
    "vi": {
        "file": "tệp",
        "sheet": "trang tính",
        "row": "dòng",
        "column": "cột",
        "node": "tiêu chí",
        "value": "giá trị",
    },
    "en": {"file": "file", "sheet": "sheet", "row": "row", "column": "column", "node": "node", "value": "value"},
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an input.

    ``vi`` and ``en`` say what is wrong and what is allowed; the other fields say where it stands. ``value`` is what
    was found there (``None`` where there is nothing to quote).
    """

    vi: str
    en: str
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    node: str = ""
    value: object = None

    def text(self, language: str = "vi") -> str:
        """The problem as one line in ``language`` ("vi" or "en"), place first."""
        words = _PLACE_WORDS[language]
        place = []
        for field in ("file", "sheet", "row", "column", "node"):
            content = getattr(self, field)
            if content not in ("", None):
                place.append(f"{words[field]} {content}")
        if self.value is not None:
            place.append(f"{words['value']} {self.value!r}")
        message = self.vi if language == "vi" else self.en
        return f"{', '.join(place)}: {message}" if place else message

    def at(self, **place: object) -> Problem:
        """The same problem with more of its place filled in."""
        return replace(self, **place)  # type: ignore[arg-type]


class ParlibError(Exception):
    """An error with a message for people: all problems found, not the first. ``str`` gives it in ``language``."""

    def __init__(self, problems: Problem | Iterable[Problem], language: str = "en") -> None:
        self.problems: Sequence[Problem] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(self.text(language))

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
