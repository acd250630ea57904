"""What the library of the command line says of a command that it does not understand, in the words of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import typer

from parlib.words import Message

#: Its sentences, and ours. What it says besides is told as it is.
_SENTENCES: tuple[tuple[str, Message], ...] = (
    (r"Missing (?:option|argument|parameter) (?P<name>.+?)\.(?: .*)?", Message("{name} is missing; see --help")),
    (r"Missing command\.", Message("the command is missing; see --help")),
    (r"No such command '(?P<name>.*)'\.(?: .*)?", Message("no such command: {name}; see --help")),
    (
        r"No such option: (?P<name>.+?) \(Possible options: (?P<near>.+)\)",
        Message("no such option: {name}; near: {near}"),
    ),
    (r"No such option: (?P<name>.+)", Message("no such option: {name}; see --help")),
    (
        r"Invalid value for (?P<name>.+?): (?:Value .+ is not|Input should be) a valid int.*",
        Message("{name} is a whole number"),
    ),
    (r"Invalid value for (?P<name>.+?): (?P<value>.+)", Message("{name}: this value is not understood ({value})")),
    (r"Option (?P<name>.+) requires (?:an argument|\d+ arguments)\.", Message("{name} needs a value")),
    (r"Option (?P<name>.+) does not take a value\.", Message("{name} takes no value")),
    (r"Got unexpected extra arguments?(?:\(s\))? \((?P<name>.*)\)", Message("too much on the line: {name}")),
)


def words(error: typer.TyperException, language: str) -> str:
    """What is wrong with a command line, in ``language``."""
    told = error.format_message()
    for pattern, sentence in _SENTENCES:
        if match := re.fullmatch(pattern, told, re.DOTALL):
            return sentence.filled(**match.groupdict()).text(language)
    return told


#: What it says in its help, longest first, and ours.
_OF_HELP: Mapping[str, Message] = {
    "Show this message and exit.": Message("Show this message and exit."),
    "[OPTIONS] COMMAND [ARGS]...": Message("[OPTIONS] COMMAND [ARGUMENTS]..."),
    "[OPTIONS]": Message("[OPTIONS]"),
    "[required]": Message("[required]"),
    "[default: ": Message("[default: "),
    "Arguments": Message("Arguments"),
    "Commands": Message("Commands"),
    "Options": Message("Options"),
}


def help_in(language: str) -> None:
    """Let its help speak ``language``."""
    context = next(one for one in typer.Context.__mro__ if "formatter_class" in vars(one))

    def own(text: str) -> str:
        for theirs, ours in _OF_HELP.items():
            text = text.replace(theirs, ours.text(language))
        return text

    class Help(context.formatter_class):  # type: ignore[misc, name-defined]
        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            super().write_usage(prog, own(args), prefix or Message("Usage:").text(language) + " ")

        def write_heading(self, heading: str) -> None:
            super().write_heading(own(heading))

        def write_dl(self, rows: Sequence[tuple[str, str]], *args: int, **kwargs: int) -> None:
            super().write_dl([(name, own(words)) for name, words in rows], *args, **kwargs)

    context.formatter_class = Help  # type: ignore[attr-defined]
