"""What the modules of the command line share: words in the language of the terminal, options with help in it."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from parlib.errors import named
from parlib.words import COMMAND, FIRST, Message, languages


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


def echo(text: str, error: bool = False) -> None:
    """Print a line."""
    typer.echo(text, err=error)


def _known(language: str) -> str:
    """``language``, which has a catalogue. Raises ``ParameterError``."""
    return named(language, languages(), Message("language"))[0]


LANGUAGES_THERE = say("{languages} or {last}", languages=", ".join(languages()[:-1]), last=languages()[-1])
#: The option of the language that a command answers or writes in.
Language = Annotated[str, typer.Option(help=say("Language: {languages}.", languages=LANGUAGES_THERE), callback=_known)]


def _level(text: str) -> str:
    from parlib.data_tables import level_named

    return level_named(text)


#: The option of the level of units, by key or in words: "bộ", "tỉnh".
Level = Annotated[str, typer.Option(help=say("province or ministry."), callback=_level)]
