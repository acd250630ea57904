"""A scheme as the text of its YAML file: readable, diffable, in the form of the shipped ones.

PyYAML writes it; which of its mappings stand on a line of their own, and which texts are quoted, is said here.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from parlib import places
from parlib.data_tables import read_yaml
from parlib.scoring.scheme import Scheme, parse_scheme

Document = Mapping[str, Any]  # what the YAML file of a set of criteria, or a node of it, holds

NOTE_WIDTH = 100
_TOP = ("id", "decision", "level", "years", "status")
_LAST = ("bands", "components", "tree")
_OPEN = ("components", "tree", "children")  # what they hold stands on lines of its own
_TEXTS = ("name", "name_en", "input", "target_input", "unit")  # quoted inside braces even where they need not be
_PLAIN_IN_FLOW = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_TAG = "tag:yaml.org,2002:"


class _Dumper(yaml.SafeDumper):
    """The items of a list stand further in than its key, as in the shipped files."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


def scheme_yaml(document: Document) -> str:
    """The text of the YAML file of a scheme, given as the plain content of such a file."""
    others = [key for key in document if key not in (*_TOP, *_LAST, "note")]
    text = _written({key: document[key] for key in (*_TOP, *others)}) + _note(str(document.get("note", "")))
    head, tree, nodes = _written({key: document.get(key) or {} for key in _LAST}).partition("\ntree:\n")
    return text + head + tree + nodes.replace("\n  - code:", "\n\n  - code:")


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
    return format(exact.to_integral_value() if exact == exact.to_integral_value() else exact, "f")


def _note(note: str) -> str:
    """The note, folded at a readable width where folding gives the same text back, else quoted on one line."""
    wrapped = (
        textwrap.wrap(paragraph, NOTE_WIDTH - 2, break_long_words=False, break_on_hyphens=False)
        for paragraph in note.rstrip("\n").split("\n")
    )
    folded = "\n\n".join("\n".join(f"  {line}" for line in lines) for lines in wrapped)
    text = f"note: {'>' if note.endswith(chr(10)) else '>-'}\n{folded}\n"
    try:
        if yaml.safe_load(text) == {"note": note}:
            return text
    except yaml.YAMLError:
        pass
    return _written({"note": note}, '"')


def _written(content: Document, style: str = "") -> str:
    return str(yaml.serialize(_node(content, style=style), Dumper=_Dumper, allow_unicode=True, width=float("inf")))


def _node(value: object, key: object = "", flow: bool = False, style: str = "") -> yaml.Node:
    """A value under its key as YAML has it; ``flow``: it stands inside braces, ``style``: how its texts are quoted."""
    if isinstance(value, Mapping):
        flow = flow or not (key in ("", *_OPEN) or "label" in value)  # labels are long
        pairs = [(_node(name, flow=True), _node(content, name, flow, style)) for name, content in _ordered(value)]
        return yaml.MappingNode(f"{_TAG}map", pairs, flow_style=flow)
    if isinstance(value, list | tuple):
        flow = flow or key not in _OPEN
        return yaml.SequenceNode(f"{_TAG}seq", [_node(one, key, flow, style) for one in value], flow_style=flow)
    if isinstance(value, int | float | Decimal):
        text = number_text(float(value))
        return yaml.ScalarNode(f"{_TAG}{'float' if '.' in text else 'int'}", text)
    text = str(value)
    quoted = flow and (key in _TEXTS or not _PLAIN_IN_FLOW.match(text))
    return yaml.ScalarNode(f"{_TAG}str", text, style='"' if key == "code" else style or ("'" if quoted else None))


def _ordered(value: Mapping[object, object]) -> Iterable[tuple[object, object]]:
    """The entries of a mapping: the kind of a rule first, the nodes below one last."""
    return sorted(value.items(), key=lambda entry: (entry[0] == "children") - (entry[0] == "kind"))
