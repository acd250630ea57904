"""An executed notebook as a page: what its cells showed, numbered and listed, in one HTML file that stands alone."""

from __future__ import annotations

import base64
import re
import threading
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Protocol

from nbformat import NotebookNode, v4

from parlib import places
from parlib.publish.document import WORDS, Numbering, Properties, flat
from parlib.report import blocks
from parlib.report.blocks import MIME, Block, Figure, Heading, Sequel, Table, Title
from parlib.words import texts

if TYPE_CHECKING:
    from jinja2 import Template
    from nbconvert import HTMLExporter

TEMPLATES = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Entry:
    """A line of the contents, with the lines under it."""

    text: str
    anchor: str
    parts: list[Entry] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """What the template needs beside the cells."""

    properties: Properties
    head: str
    contents: list[Entry]
    words: dict[str, str]
    running: str  # the rule of what stands at the head of every page of paper
    lists_on_paper: bool = True  # the contents
    links: tuple[tuple[str, str], ...] = ()  # to the other formats: name, address
    fonts: str = ""  # the rules that bring the fonts along


class Paged(Protocol):
    """What has a page (a ``formats.Shown``)."""

    @property
    def html(self) -> str:
        """The page."""


def write(shown: Paged, path: Path) -> None:
    """Write the page of ``shown`` (a ``formats.Shown``) to ``path``."""
    path.write_text(shown.html, "utf-8")


def html_page(
    notebook: NotebookNode,
    language: str,
    properties: Properties | None = None,
    links: tuple[tuple[str, str], ...] = (),
) -> str:
    """The page of an executed notebook, in ``language``; ``properties`` are what it says of itself, ``links`` the names
    and addresses of its other formats."""
    shown = _Walk(language)
    cells, drawings = [], _Drawings()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            outputs = [_output(drawings.out_of(html)) for output in cell.outputs if (html := _shown(output, shown))]
            if outputs:
                cells.append(v4.new_code_cell(outputs=outputs))
        elif cell.cell_type == "markdown":
            cells.append(cell)
    page = Page(
        properties or Properties(shown.title, language=language),
        "\n".join(shown.heads),
        shown.contents,
        texts(WORDS, language),
        _running(shown.title, shown.marks),
        shown.lists_on_paper,
        links,
        _fonts(),
    )
    with _exporting:
        text, _ = _exporter().from_notebook_node(v4.new_notebook(cells=cells), resources={"page": page})
    return with_policy(drawings.back_in(str(text)))


class _Drawings:
    """The drawings of a page, put aside while nbconvert reads the page again, which changes how they are written."""

    def __init__(self) -> None:
        self._held: list[str] = []

    def out_of(self, html: str) -> str:
        """``html`` with a place for each of its drawings."""
        return re.sub(r"<svg .*?</svg>", self._place, html, flags=re.DOTALL)

    def _place(self, drawing: re.Match[str]) -> str:
        self._held.append(drawing[0])
        return f'<svg id="drawing-{len(self._held) - 1}"></svg>'

    def back_in(self, html: str) -> str:
        """``html`` with the drawings in their places."""
        return re.sub(r'<svg id="drawing-(\d+)"></svg>', lambda place: self._held[int(place[1])], html)


@cache
def _fonts() -> str:
    """The fonts of text and figures: letters of Vietnamese and English alone, an eighth of what they were cut from."""
    rules = []
    for family in ("Tinos", "Arimo"):
        for face, weight in (("Regular", 400), ("Bold", 700)):
            content = base64.b64encode(
                Path(places.font(f"{family}-{face}")).with_suffix(".woff2").read_bytes()
            ).decode()
            source = f"url(data:font/woff2;base64,{content})"
            rules.append(f'@font-face {{ font-family: "{family}"; font-weight: {weight}; src: {source}; }}')
    return "\n".join(rules)


def with_policy(html: str) -> str:
    """``html`` with the rule for browsers that it loads nothing and runs no script but the one at its end."""
    styles, scripts = (
        [
            f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"
            for text in re.findall(pattern, html, re.DOTALL)
        ]
        for pattern in (r"<style[^>]*>(.*?)</style>", r"<script>(.*?)</script>\s*</body>")
    )
    rules = (
        "default-src 'none'",
        "img-src data:",
        "font-src data:",
        f"style-src-elem {' '.join(styles)}",
        "style-src-attr 'unsafe-inline'",
        f"script-src {' '.join(scripts[-1:])}",
        "base-uri 'none'",
        "form-action 'none'",
    )
    policy = f'<meta http-equiv="Content-Security-Policy" content="{"; ".join(rules)}">'
    return re.sub(r'<meta charset="utf-8"/?>', lambda match: f"{match[0]}\n{policy}", html, count=1)


class _Walk:
    """Goes along the blocks of a report: numbers tables and figures, gathers titles and headings."""

    def __init__(self, language: str) -> None:
        self.words = texts(WORDS, language)
        self.title = ""
        self.lists_on_paper = True
        self.heads: list[str] = []
        self.contents: list[Entry] = []
        self._numbering = Numbering()

    @property
    def marks(self) -> tuple[str, ...]:
        """What the titles so far are marked with."""
        return self._numbering.marks

    def html(self, block: Block) -> str:
        """``block`` with its number or anchor, as HTML; "" for a title, which goes to the head of the page."""
        if isinstance(block, Sequel):
            kept = [self._placed(part) for part in flat(block) if not self._is_head(part)]
            return Sequel(tuple(kept)).to_html() if kept else ""
        return "" if self._is_head(block) else self._placed(block).to_html()

    def _is_head(self, block: Block) -> bool:
        if not isinstance(block, Title):
            return False
        self.title = self.title or block.text
        self._numbering.marks = tuple(dict.fromkeys((*self._numbering.marks, *block.marks)))
        self.lists_on_paper = self.lists_on_paper and block.contents
        self.heads.append(block.to_html())
        return True

    def _placed(self, block: Block) -> Block:
        item = self._numbering.placed(block)
        block = item.block
        if isinstance(block, Table | Figure):
            number = f"{self.words[block.kind]} {item.number}. "
            if isinstance(block, Figure) and block.finding:
                return replace(block, finding=(number, *block.finding, "."), name=item.anchor)
            return replace(block, caption=f"{number}{block.caption}", name=item.anchor)
        if isinstance(block, Heading):
            entry = Entry(block.plain_text(), item.anchor)
            if block.level == 1 or not self.contents:
                self.contents.append(entry)
            elif block.level == 2:
                self.contents[-1].parts.append(entry)
            return replace(block, anchor=item.anchor)
        return block


def _running(title: str, marks: tuple[str, ...]) -> str:
    """The head of every page of paper but the first, where both stand in large: the title, and all that marks it. On a
    screen the marks stay in sight, whatever part of the page is looked at or pictured."""
    boxes = f"@top-left {{ content: {_css_text(shorten(title, 160, placeholder=' …'))}; }}"
    if marks:
        words, lines = (_css_text(between.join(mark.removesuffix(".") for mark in marks)) for between in (" – ", "\n"))
        boxes += f" @top-right {{ content: {lines}; white-space: pre; }}"
        return f"@page {{ {boxes} }} @media screen {{ body::before {{ content: {words}; {_IN_SIGHT} }} }}"
    return f"@page {{ {boxes} }}"


_IN_SIGHT = (
    "position: fixed; left: 0; right: 0; bottom: 0; z-index: 9; padding: 2px 8px; font-size: 0.8rem; "
    "font-weight: bold; text-align: center; background: #8a1c1c; color: #fff;"
)


def _css_text(text: str) -> str:
    """``text`` as a string of a style sheet inside a page: what could end either is written as its number."""
    return '"' + "".join(c if c.isalnum() or c in " .,:;()-–/%" else f"\\{ord(c):x} " for c in text) + '"'


def _shown(output: NotebookNode, walk: _Walk) -> str:
    """What an output adds to the page: blocks, else the richest form it has; nothing of what was printed or failed."""
    data = output.get("data", {})
    if MIME in data:
        return walk.html(blocks.from_data(data[MIME]))
    if "text/html" in data:
        return f'<div class="shown">{data["text/html"]}</div>'
    if "image/png" in data:
        alternative = escape(output.get("metadata", {}).get("alt", ""))
        return f'<img src="data:image/png;base64,{data["image/png"].strip()}" alt="{alternative}">'
    if "text/plain" in data:
        return f"<pre>{escape(data['text/plain'])}</pre>"
    return ""


def _output(html: str) -> NotebookNode:
    output: NotebookNode = v4.new_output("display_data", data={"text/html": html})
    return output


def template(name: str) -> Template:
    """A page of ours in ``template/`` that no notebook fills; what is put into it is escaped."""
    from jinja2 import Environment, FileSystemLoader

    loader = FileSystemLoader(TEMPLATES / "template")
    return Environment(loader=loader, autoescape=True, keep_trailing_newline=True).get_template(name)


_exporting = threading.Lock()  # one exporter for all threads: jinja compiles the template once


@cache
def _exporter() -> HTMLExporter:
    from nbconvert import HTMLExporter

    return HTMLExporter(
        extra_template_basedirs=[str(TEMPLATES)],
        template_name="template",
        embed_images=True,
        exclude_anchor_links=True,
        default_preprocessors=[],  # they prepare code and prompts, which a report has not
    )
