"""What the modules of the command line share: words in the language of the terminal, options with help in it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from parlib.errors import ParameterError, Problem, named
from parlib.words import COMMAND, FIRST, Message, Words, languages


class Later:
    """A module that is imported when something of it is asked for, so that ``parlib --help`` answers at once."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> object:
        return getattr(import_module(self._name), name)


def _of_the_terminal() -> str:
    """The language that PARLIB_LANGUAGE names ("en", "en_GB"); Vietnamese where it has no catalogue."""
    asked = os.environ.get("PARLIB_LANGUAGE", FIRST).lower()
    return next((language for language in languages() if asked.startswith(language)), FIRST)


LANGUAGE = _of_the_terminal()


def say(message: str, language: str = LANGUAGE, /, **places: object) -> str:
    """A message for the people at this terminal, in its language unless told otherwise."""
    return Message(message, places, COMMAND).text(language)


def option(message: str, *names: str, **places: object) -> object:
    """An option with its help."""
    return typer.Option(*names, help=say(message, **places))


def argument(message: str) -> object:
    """An argument with its help."""
    return typer.Argument(help=say(message))


def group(message: str) -> typer.Typer:
    """Commands under a name of their own, with its help."""
    return typer.Typer(help=say(message), no_args_is_help=True, rich_markup_mode=None)


def echo(text: str, error: bool = False) -> None:
    """Print a line."""
    typer.echo(text, err=error)


def note(problems: Iterable[Words], before: str = "") -> None:
    """Print what should be looked at beside what is asked for, a line each."""
    for problem in problems:
        echo(before + problem.text(LANGUAGE), error=True)


def _known(language: str) -> str:
    """``language``, which has a catalogue. Raises ``ParameterError``."""
    return named(language, languages(), Message("language"))[0]


LANGUAGES_THERE = say("{languages} or {last}", languages=", ".join(languages()[:-1]), last=languages()[-1])
#: The option of the language that a command answers or writes in.
Language = Annotated[str, typer.Option(help=say("Language: {languages}.", languages=LANGUAGES_THERE), callback=_known)]


def _level(text: str) -> str:
    from parlib.scoring.units import level_named

    return level_named(text)


#: The option of the level of units, by key or in words: "bộ", "tỉnh".
Level = Annotated[str, typer.Option(help=say("province, ministry or a name of: parlib level list."), callback=_level)]


def _mark(decimal: str) -> str:
    if decimal not in ("", "comma", "point"):
        raise ParameterError("--decimal is comma or point", value=decimal)
    return decimal


#: The option of how numbers in a file are written, where the file alone does not show it.
Decimal = Annotated[str, typer.Option(help=say("Decimal mark: comma or point."), callback=_mark)]
#: The option that lets a command write over a file.
Anew = Annotated[bool, typer.Option("--force", help=say("Replace a file that exists."))]


def level_name(level: str) -> str:
    """A level as people call it, with its key: "tỉnh (province)"."""
    from parlib.data_tables import level_words

    return level_words({level}).text(LANGUAGE)


def keep_what_is_there(paths: Iterable[Path], force: bool) -> None:
    """Refuse to write over files in which somebody may have worked, all of them at once."""
    words = Message("the file exists, and somebody may have worked in it; name another, or add --force")
    chosen = list(paths)
    folders = [Problem("this is a folder: give the name of a file", file=str(path)) for path in chosen if path.is_dir()]
    there = [] if force else [Problem(words, file=path.name) for path in chosen if path.is_file()]
    ParameterError.raise_for(folders + there)


#: How names of files end that people may give where a folder is asked for.
_FILES = {".xlsx", ".xls", ".ods", ".docx", ".doc", ".pdf", ".html", ".csv", ".zip", ".json", ".yaml", ".txt"}


def as_folder(path: Path) -> Path:
    """``path``, which is a folder, or no name of a file."""
    if path.suffix.lower() in _FILES and not path.is_dir():
        raise ParameterError("give the name of a folder: the files in it have names of their own", value=str(path))
    return path


def as_book(path: Path) -> Path:
    """``path``, which ends in .xlsx."""
    if path.suffix.lower() != ".xlsx":
        raise ParameterError("the file must end in .xlsx", value=str(path))
    return path
