"""How large the house is: ``make house`` prints files, lines of code and ``Any`` by room, and what the guide is.

Lines of code are those that are not blank, comment or docstring. Only the heart's number is a limit.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "parlib"
#: Lines of code that each room may have; the ground and the commands together are one room.
GUIDES = {
    "scoring": 1_900,
    "analysis": 3_500,
    "sources": 5_600,
    "years.py": 500,
    "report": 4_300,
    "explorer": 800,
    "publish": 4_200,
    "cli, ground": 900,
}
_SILENT = (
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
)


def code_lines(text: str) -> int:
    """The lines of a module that are neither blank nor comment nor docstring.

    >>> code_lines('"A docstring."\\n\\n# a comment\\nx = 1\\n')
    1
    """
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _SILENT:
            code.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            code.difference_update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return len(code)


def longest_function(text: str) -> int:
    """How many lines the longest function of a module has."""
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    return max(((node.end_lineno or 0) - node.lineno + 1 for node in nodes), default=0)


def rooms() -> Iterator[tuple[str, list[str]]]:
    """Each room with the texts of its modules, in the order of the guides; last, what has no guide."""
    texts: dict[str, list[str]] = {room: [] for room in GUIDES}
    for path in sorted(PACKAGE.rglob("*.py")):
        room = path.relative_to(PACKAGE).parts[0]
        texts["cli, ground" if room not in GUIDES else room].append(path.read_text("utf-8"))
    yield from texts.items()


def main() -> None:
    """Print a line a room, and the whole."""
    total = [0, 0, 0, 0, 0]
    print(f"{'room':<14}{'files':>7}{'lines':>9}{'code':>9}{'guide':>9}{'Any':>7}{'longest function':>19}")
    for room, texts in rooms():
        lines, code = sum(map(str.count, texts, ["\n"] * len(texts))), sum(map(code_lines, texts))
        untyped = sum(len(re.findall(r"\bAny\b", text)) for text in texts)
        row = [len(texts), lines, code, GUIDES[room], untyped]
        longest = max(map(longest_function, texts), default=0)
        print(f"{room:<14}{row[0]:>7}{row[1]:>9,}{row[2]:>9,}{row[3]:>9,}{row[4]:>7}{longest:>19}")
        total = [a + b for a, b in zip(total, row, strict=True)]
    print(f"{'all':<14}{total[0]:>7}{total[1]:>9,}{total[2]:>9,}{total[3]:>9,}{total[4]:>7}")


if __name__ == "__main__":
    main()
