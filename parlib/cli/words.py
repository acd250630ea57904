"""What the modules of the command line share: words in the language of the terminal, options with help in it."""

from __future__ import annotations

import os
from typing import Any

import typer

ENGLISH = os.environ.get("PARLIB_LANGUAGE", "vi").lower().startswith("en")
LANGUAGE = "en" if ENGLISH else "vi"


def say(vi: str, en: str) -> str:
    """The words for the people at this terminal (PARLIB_LANGUAGE, Vietnamese unless said otherwise)."""
    return en if ENGLISH else vi


def option(vi: str, en: str, *names: str) -> Any:
    """An option with its help."""
    return typer.Option(*names, help=say(vi, en))


def argument(vi: str, en: str) -> Any:
    """An argument with its help."""
    return typer.Argument(help=say(vi, en))


def echo(text: str, error: bool = False) -> None:
    """Print a line."""
    typer.echo(text, err=error)
