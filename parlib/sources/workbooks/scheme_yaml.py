"""A scheme as the text of its YAML file: readable, diffable, in the form of the shipped ones.

PyYAML's own writer would unquote codes ("1.10" becomes a number), break long rules and sort nothing as people do; so
the layout is written out here, and each value is quoted wherever plain YAML would read it as something else.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from parlib import places
from parlib.data_tables import read_yaml
from parlib.scoring.scheme import Scheme, parse_scheme

Document = Mapping[str, Any]  # what the YAML file of a set of criteria, or a node of it, holds

NOTE_WIDTH = 100
TOP_KEYS = ("id", "decision", "level", "years", "status")
NODE_TEXTS = ("name", "name_en")

_TEXTS = ("name", "name_en", "input", "target_input", "unit")  # quoted inside braces even where they need not be
_PLAIN_IN_FLOW = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def scheme_yaml(document: Document) -> str:
    """The text of the YAML file of a scheme, given as the plain content of such a file."""
    known = {*TOP_KEYS, "note", "bands", "components", "tree"}
    lines = [f"{key}: {_value(document[key])}" for key in TOP_KEYS]
    lines += [f"{key}: {_flow(content)}" for key, content in document.items() if key not in known]
    lines += _note(str(document.get("note", "")))
    lines.append(f"bands: {_flow(document.get('bands') or {})}")
    lines.append("components:")
    for key, component in document["components"].items():
        lines.append(f"  {_scalar(key, flow=True)}: {_flow(component)}")
    lines.append("tree:")
    for place, area in enumerate(document["tree"]):
        if place:
            lines.append("")
        lines += _node(area, indent="  ")
    return "\n".join(lines) + "\n"


def write_scheme_yaml(scheme: Scheme, path: Path) -> None:
    """Write the YAML file of a scheme, whole or not at all; what is written reads back as the same scheme."""
    text = scheme_yaml(scheme.document())
    with places.whole_file(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")
        if parse_scheme(read_yaml(draft), stem=scheme.id) != scheme:
            raise AssertionError(f"the YAML of {scheme.id} does not read back as it was")


def number_text(value: float) -> str:
    """A number as YAML reads it back exactly: whole numbers without a point, never an exponent."""
    exact = Decimal(repr(float(value)))
    if exact == exact.to_integral_value():
        return format(exact.to_integral_value(), "f")
    return format(exact, "f")


def _note(note: str) -> list[str]:
    """The note, folded at a readable width where folding gives the same text back, else quoted on one line."""
    paragraphs = note.rstrip("\n").split("\n")
    folded = ["note: >" if note.endswith("\n") else "note: >-"]
    for place, paragraph in enumerate(paragraphs):
        if place:
            folded.append("")
        wrapped = textwrap.wrap(paragraph, NOTE_WIDTH - 2, break_long_words=False, break_on_hyphens=False)
        folded += [f"  {line}" for line in wrapped]
    if _reads_back("\n".join(folded) + "\n", {"note": note}):
        return folded
    return [f"note: {_double_quoted(note)}"]


def _node(node: Document, indent: str) -> Iterator[str]:
    inner = indent + "  "
    yield f'{indent}- code: "{node["code"]}"'
    for key in NODE_TEXTS:
        yield f"{inner}{key}: {_value(node[key])}"
    if node.get("max") is not None:
        yield f"{inner}max: {number_text(node['max'])}"
    for key in ("component", "evidence"):
        if node.get(key) not in (None, ""):
            yield f"{inner}{key}: {_value(node[key])}"
    if "rule" in node:
        yield from _rule(node["rule"], inner)
    known = {"code", *NODE_TEXTS, "max", "component", "evidence", "rule", "children"}
    for key, content in node.items():
        if key not in known:
            yield f"{inner}{key}: {_flow(content)}"
    if "children" in node:
        yield f"{inner}children:"
        for child in node["children"]:
            yield from _node(child, inner + "  ")


def _rule(rule: Document, indent: str) -> Iterator[str]:
    """A rule on one line, its kind first; one with labels on several lines, because these are long."""
    rule = {"kind": rule["kind"], **rule}
    if "label" not in rule:
        yield f"{indent}rule: {_flow(rule)}"
        return
    yield f"{indent}rule:"
    for key, content in rule.items():
        yield f"{indent}  {key}: {_flow(content)}"


# --- values -----------------------------------------------------------------------------------


def _value(value: object) -> str:
    return _scalar(value, flow=False) if isinstance(value, str) else _flow(value)


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(_pair(key, content) for key, content in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_flow(content) for content in value) + "]"
    return _scalar(value, flow=True)


def _pair(key: object, content: object) -> str:
    text = _quoted(content) if key in _TEXTS and isinstance(content, str) else _flow(content)
    return f"{_key(key)}: {text}"


def _key(key: object) -> str:
    return number_text(key) if isinstance(key, (int, float)) else _scalar(key, flow=True)


def _scalar(value: object, *, flow: bool) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return number_text(float(value))
    text = str(value)
    plain = _PLAIN_IN_FLOW.match(text) is not None if flow else True
    if plain and _reads_back(f"key: {text}\n", {"key": text}):
        return text
    return _quoted(text)


def _quoted(text: str) -> str:
    quoted = "'" + text.replace("'", "''") + "'"
    return quoted if _reads_back(f"key: {quoted}\n", {"key": text}) else _double_quoted(text)


def _double_quoted(text: str) -> str:
    return str(yaml.safe_dump(text, default_style='"', allow_unicode=True, width=float("inf"))).rstrip("\n")


def _reads_back(text: str, expected: object) -> bool:
    try:
        return bool(yaml.safe_load(text) == expected)
    except yaml.YAMLError:
        return False
