"""Write docs/api.md: what `import parlib` gives, from its docstrings.

    .venv/bin/python .ci/api.py

Signatures and docstrings are read by griffe, without running anything. The examples are run, on published years and on
a simulated round that is made for it: a value that stands below one has to come out, and the columns that an answer has
are listed. What a method hands on to (``analysis.comparison.change``) says in its own docstring what the columns are:
it is printed with the method.
"""

from __future__ import annotations

import doctest
import inspect
import re
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import griffe
import matplotlib as mpl
import pandas as pd

import parlib
from parlib import places
from parlib.report.blocks import Block
from parlib.sources.simulation import simulate

TOP = Path(__file__).resolve().parent.parent
PAGE = TOP / "docs" / "api.md"
RUN = "Answers"  # begins the lines that only a run knows
FIRST = """\
import pandas as pd
import parlib
from parlib import change, find, load_scheme, rank, regions, score_table, statistics, year

bo, papi = parlib.year(2023, "bộ"), parlib.year(2024, "tỉnh", "papi")
tinh, ky = parlib.year(2023, "tỉnh"), parlib.year(2023, "bộ", round="2023-ministry")
"""
HEAD = f"""\
# What `import parlib` gives

Written by `.ci/api.py` from the docstrings; a test says when it is out of date. In Vietnamese, by question:
[vi/cau-hoi.md](vi/cau-hoi.md). Which formula stands behind a number: [methods.md](methods.md).

The examples begin with these lines; `ky` is a round, here the simulated one of
`parlib simulate --year 2023 --level ministry --seed 4`:

```python
{FIRST}```

"index" is always in percent of the maximum, "points" in points, `value` as the index is printed (`unit_of_value` in
`.attrs`). Unknown is NaN or NA, never 0. Errors are `parlib.errors.ParameterError` (what was asked cannot be answered)
and `DataError` (a file is wrong), with all problems at once and near matches.

"""
_TYPES = {"str": "text", "object": "text", "float64": "number", "Float64": "number", "bool": "yes or no",
          "boolean": "yes or no", "int64": "whole number", "Int64": "whole number"}  # fmt: skip
_HANDED_ON = re.compile(r"``(?:parlib\.)?((?:scoring|analysis|sources)\.[a-z_.]+)``")
_LISTED = re.compile(r"^((?:``\w+``(?:, )?)+) {1,}(?=\S)")


@cache
def module(name: str) -> griffe.Module:
    """A module of parlib as griffe reads it."""
    path = TOP.joinpath(*name.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return griffe.visit(name, filepath=file, code=file.read_text("utf-8"))


def found(name: str) -> griffe.Object:
    """The function, class or module of a dotted name; read where it is defined, where a package hands it on."""
    where, _, what = name.rpartition(".")
    there = getattr(sys.modules.get(where) or __import__(where, fromlist=[what]), what)
    if inspect.ismodule(there):
        return module(name)
    return module(there.__module__)[there.__qualname__]


def markdown(docstring: str) -> str:
    """A docstring as Markdown: names as code, described names as a list; examples are left out."""
    lines, listed = [], False
    for line in docstring.split(">>>")[0].rstrip().splitlines():
        if re.match(r"``\w+``(, ``\w+``)*( as | {2,})", line) or (listed and _LISTED.match(line)):
            if not listed and lines and lines[-1]:
                lines.append("")
            line, listed = "- " + re.sub(r"\s{2,}", " ", line), True
        elif not line.strip():
            listed = False
        elif listed:
            line = "  " + line.strip()
        lines.append(line.rstrip())
    return "\n".join(lines).replace("``", "`")


def answered(answer: object) -> str:
    """What an example answers, in a line that begins with RUN."""
    if isinstance(answer, pd.DataFrame):
        columns = ", ".join(f"`{name}` {_TYPES.get(str(kind), str(kind))}" for name, kind in answer.dtypes.items())
        return f"{RUN} a frame: {columns}\n"
    return f"{RUN} a {type(answer).__name__.lower()}\n" if isinstance(answer, Block) else ""


def returned(function: griffe.Object) -> str:
    """What the small class of results holds that a method answers, from its docstring."""
    name = getattr(function.returns, "canonical_path", "") if isinstance(function, griffe.Function) else ""
    if not re.match(r"parlib\.(analysis|sources)\.", name):
        return ""
    kind = found(name)
    return f"*{kind.name}*: {markdown(text_of(kind))}\n"


def text_of(member: griffe.Object) -> str:
    """Its docstring."""
    return inspect.cleandoc(member.docstring.value) if member.docstring else ""


def entry(heading: str, name: str, member: griffe.Object, known: dict[str, Any] | None) -> Iterator[str]:
    """A name with its signature, its docstring, what it hands on to, what it returns, and its example, which is run
    where ``known`` holds the names of the first lines."""
    docstring = text_of(member)
    yield f"{heading} {name}{signature(member)}\n\n{markdown(docstring)}\n"
    for other in dict.fromkeys(_HANDED_ON.findall(docstring)):
        yield f"`{other}`: {markdown(text_of(found(f'parlib.{other}')))}\n"
    if text := returned(member):
        yield text
    examples = doctest.DocTestParser().get_examples(docstring)
    if not examples and heading == "###" and member.parent and member.parent.name == "Year":
        asked = f"bo.{member.name}()" if isinstance(member, griffe.Function) else f"bo.{member.name}"
        examples = [doctest.Example(f"{asked}\n", "")]
    if examples:
        lines = (f"{example.source}{f'# {example.want}' if example.want else ''}" for example in examples)
        yield f"```python\n{''.join(lines)}```\n"
    answer = None
    for example in examples if known is not None else ():
        try:
            answer = eval(example.source, known)
        except SyntaxError:
            exec(example.source, known)
        if example.want and f"{answer!r}\n" != example.want:
            raise SystemExit(f"{name}: {example.source}gives {answer!r}, not {example.want}")
    if text := answered(answer):
        yield text


def signature(member: griffe.Object) -> str:
    """The arguments of a function in brackets."""
    return f"({', '.join(arguments(member))})" if isinstance(member, griffe.Function) else ""


def arguments(function: griffe.Function) -> Iterator[str]:
    """The arguments as one types them, with their defaults."""
    bare = False
    for parameter in function.parameters:
        if parameter.name == "self":
            continue
        kind = parameter.kind.name if parameter.kind else ""
        if kind == "keyword_only" and not bare:
            bare = True
            yield "*"
        star = {"var_positional": "*", "var_keyword": "**"}.get(kind, "")
        bare = bare or star == "*"
        default = f"={parameter.default}" if parameter.default is not None and not star else ""
        yield f"{star}{parameter.name}{default}".replace("=WHOLE", '=""').replace("=FIRST", '="vi"').replace("'", '"')


def sections() -> Iterator[tuple[str, str, griffe.Object]]:
    """All that the page tells: heading, name, and what griffe read of it."""
    for name in ("year", "Year", *sorted({*parlib.__all__} - {"year", "Year"}, key=str.lower)):
        if name == "chart":
            drawn = module("parlib.report.chart")
            yield "##", "parlib.chart", drawn
            names = [each for each in parlib.chart.__all__ if each != "figure"]
            yield from (("###", f"chart.{each}", drawn[each]) for each in names)
            continue
        member = found(f"{parlib._ROOMS[name]}.{name}")
        yield "##", f"parlib.{name}", member
        for each in member.members.values() if member.is_class else ():
            if not each.name.startswith("_") and each.docstring:
                yield "###", f"{name}.{each.name}", each


def contents() -> Iterator[str]:
    """A table of all names: what each is in a line, and in Vietnamese where the docstring says so."""
    yield "| | |\n|---|---|"
    for heading, name, member in sections():
        first = " ".join(text_of(member).split("\n\n")[0].split()).replace("``", "`")
        said = re.split(r"[.;]\s|:\s(?=`)", first)[0].rstrip(".:;").replace("|", "\\|")
        vietnamese = re.search(r" · ([^.]+)\.", first)
        indent = "" if heading == "##" else "&nbsp; "
        title = "".join(c for c in f"{name}{signature(member)}".lower() if c.isalnum() or c in " _-").replace(" ", "-")
        text = said.split(" · ")[0] + (f" · {vietnamese[1]}" if vietnamese else "")
        yield f"| {indent}[`{name}`](#{title}) | {text} |"
    yield ""


def page(rounds: Path | None = None) -> str:
    """The page; with ``rounds``, where the simulated round 2023-ministry (seed 4) lies, its examples are run, and the
    lines that begin with RUN say what they answer."""
    known: dict[str, Any] | None = None
    with places.rounds_at(rounds or places.rounds()), mpl.rc_context():
        if rounds:
            exec(FIRST, known := {})
        parts = [HEAD, *contents()]
        for heading, name, member in sections():
            parts += entry(heading, name, member, known)
    return "\n".join(parts).rstrip() + "\n"


def main() -> None:
    """Write the page."""
    mpl.use("Agg")
    with tempfile.TemporaryDirectory() as folder:
        with places.rounds_at(Path(folder)):
            simulate(2023, "ministry", seed=4)
        PAGE.write_text(page(Path(folder)), "utf-8")


if __name__ == "__main__":
    main()
