"""The one reader and writer of YAML: decimals exact, no key twice, problems with their line."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from parlib import contents, places
from parlib.errors import DataError, Problem, SchemeError
from parlib.tables import decoded
from parlib.words import SOURCE, Message

Content = Any  # what a YAML file holds is known once it was checked
_SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same in C where it was built, five times as fast


class _Fault(yaml.constructor.ConstructorError):
    """What we refuse and YAML would take."""

    def __init__(self, message: Message, mark: yaml.Mark) -> None:
        super().__init__(None, None, message.text(SOURCE), mark)
        self.message = message


class _StrictLoader(_SafeLoader):  # type: ignore[valid-type,misc]
    """Reads decimals exactly and refuses a key given twice, which YAML would pass in silence."""


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[object, object]:
    seen = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        try:
            twice = key in seen
        except TypeError:
            raise yaml.constructor.ConstructorError(None, None, "a key must be plain", key_node.start_mark) from None
        if twice:
            raise _Fault(Message("key given twice: {key!r}", {"key": key}), key_node.start_mark)
        seen.add(key)
    mapping: dict[object, object] = loader.construct_mapping(node, deep=True)
    return mapping


def _decimal(_: _StrictLoader, node: yaml.ScalarNode) -> Decimal:
    try:
        number = Decimal(node.value)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise _Fault(Message("not a plain number: {value!r}", {"value": node.value}), node.start_mark)
    return number


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
_StrictLoader.add_constructor("tag:yaml.org,2002:float", _decimal)


def read_yaml(path: Path) -> Content:
    """The content of a YAML file, decimals as ``Decimal``; ``SchemeError`` with the line where it cannot be read."""
    try:
        return yaml.load(decoded(contents.read(path), path.name), _StrictLoader)
    except DataError as error:
        raise SchemeError(error.problems) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        what = error.message if isinstance(error, _Fault) else " ".join(str(error.problem or error).split())
        problem = Problem("YAML cannot be read: {what}", row=line, what=what)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: an impossible day, such as 2024-01-32
        reason = " ".join(str(error).split())
        problem = Problem("file cannot be read: {reason}", reason=reason)
    raise SchemeError(problem.at(file=path.name))


def write_yaml(document: Mapping[str, object], path: Path) -> None:
    """Write a scheme document, whole or not at all; whole numbers without decimals, codes in quotes."""
    text = yaml.safe_dump(_tidy(document), sort_keys=False, allow_unicode=True, width=120)
    with places.whole_file(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")


def _tidy(value: object) -> object:
    if isinstance(value, dict):
        return {key: _tidy(content) for key, content in value.items()}
    if isinstance(value, list | tuple):
        return [_tidy(content) for content in value]
    if isinstance(value, Decimal | float):
        return int(value) if value == int(value) else float(value)
    return value


def plain(value: object) -> object:
    """What a file holds with its decimals as floats."""
    if isinstance(value, dict):
        return {key: plain(content) for key, content in value.items()}
    if isinstance(value, list | tuple):
        return [plain(content) for content in value]
    return float(value) if isinstance(value, Decimal) else value
