"""What the library of the command line says of a command that it does not understand, in the words of ours."""

from __future__ import annotations

import re

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
