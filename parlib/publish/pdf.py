"""A report as PDF: its page, set on A4 by WeasyPrint in this process.

The page is the one that is read on the screen; ``template/report.css`` holds the styles of paper,
``template/paper.css`` what only PDF knows. The same blocks give the same bytes: nothing of the time or the machine is
written.
"""

from __future__ import annotations

import gc
import io
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, wraps
from itertools import groupby
from math import cos, inf, radians, sin
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, fromstring

from parlib import places
from parlib.errors import ParlibError
from parlib.publish.document import MM_OF_POINT, CellText, Setting, fitted, lines, needs, squeezed
from parlib.publish.page import TEMPLATES

if TYPE_CHECKING:
    from weasyprint.formatting_structure.boxes import ReplacedBox
    from weasyprint.layout import LayoutContext
    from weasyprint.pdf.fonts import Font
    from weasyprint.pdf.stream import Stream
    from weasyprint.text.fonts import FontConfiguration

    from parlib.publish.formats import Shown

SHORT_ROWS = 12  # a table of so many rows is not broken over pages; ``template/paper.css`` keeps as many together
SHORT_PROSE = 150  # letters: what is longer may be left behind by the table that it introduces
SHORT_SECTION = 1200  # letters: a last section of no more stays on one page
TALL = 150.0  # mm: a picture so high takes a page, and leaves the answer before it where there is room for that
LEAST_SCALE = 0.88  # a picture is made no smaller than this to find room on the page of its heading: letters of 7 pt
_SPARE = 2.0  # mm of that page left free: captions are measured from the letters alone
_CAPTION, _BELOW = (12 * 1.36, 170.0), (9 * 1.32, 170.0)  # height of a line in points, its width in mm
_HEADINGS = ("h2", "h3", "h4")
_NUMBER = r'<data class="parlib-number"[^>]*>[^<]*</data>'
_OF_ALL = re.compile(f"{_NUMBER}/{_NUMBER}")  # "6,48/7,2": browsers keep it on a line, WeasyPrint does not
#: How a table may be set, from the usual way to the last resort; ``template/paper.css`` sets the same sizes.
SETTINGS = (
    Setting("", 9.5, 175, 3.0),
    Setting("small", 8, 175, 2.0),
    Setting("wide", 9, 267, 2.4),
    Setting("wide small", 7, 267, 1.6),
)

#: Pango and the fonts' caches are one for all reports, and not made for several threads; nor would threads be faster.
_setting = threading.Lock()


class PdfError(ParlibError):
    """What makes PDF is not installed."""


def write(shown: Shown, path: Path) -> None:
    """Write the page of ``shown`` to ``path`` as PDF. Raises ``PdfError`` where a library is missing."""
    path.write_bytes(pdf(shown.html))


def pdf(html: str) -> bytes:
    """The page ``html`` as PDF: tagged (PDF/UA-1), with bookmarks, its fonts subset and embedded."""
    weasyprint, fonts = libraries()
    pictures: dict[str, Drawing] = {}
    with _setting, _without_collecting():
        page = weasyprint.HTML(string=_for_paper(_without_drawings(html, pictures, fonts)), base_url=None)
        _prepare(page.etree_element)
        content: bytes = page.write_pdf(font_config=fonts, cache=pictures, pdf_variant="pdf/ua-1")
    return content


@contextmanager
def _without_collecting() -> Iterator[None]:
    """No search for garbage meanwhile: among a million boxes, all in use, it takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@cache
def libraries() -> tuple[ModuleType, FontConfiguration]:
    """WeasyPrint and the fonts of this machine. Raises ``PdfError``."""
    if sys.platform == "win32":  # where conda puts Pango
        os.environ.setdefault("WEASYPRINT_DLL_DIRECTORIES", str(Path(sys.prefix) / "Library" / "bin"))
    try:
        import weasyprint
        import weasyprint.layout.block as layout
        from weasyprint.text.ffi import ffi, fontconfig, pangoft2
        from weasyprint.text.fonts import FontConfiguration
    except OSError as error:  # the Python part is there, a library of the system is not
        raise PdfError(
            "no PDF can be made, for the system's library Pango is missing; with conda: conda install -c "
            "conda-forge pango; on Debian the packages libpango-1.0-0 and libpangoft2-1.0-0: make system",
            value=str(error).splitlines()[0],
        ) from error
    layout.block_replaced_box_layout = _as_the_page_lets_it(layout.block_replaced_box_layout)
    fonts = FontConfiguration()
    for family in ("Tinos-*.ttf", "Arimo-*.ttf"):  # whatever the machine has: what was measured is what is set
        for file in sorted(Path(places.font("")).parent.glob(family)):
            fontconfig.FcConfigAppFontAddFile(fonts._config, str(file).encode())
    pangoft2.pango_fc_font_map_config_changed(ffi.cast("PangoFcFontMap *", fonts.font_map))
    return weasyprint, fonts


def _as_the_page_lets_it(laid_out: Callable[..., tuple[ReplacedBox, *tuple[object, ...]]]) -> Callable[..., object]:
    """WeasyPrint's layout of a picture, but one that does not fit under its heading is made smaller, if not by much:
    style sheets know nothing of the room that is left."""

    @wraps(laid_out)
    def layout(context: LayoutContext, *given: object) -> object:
        box, *more = laid_out(context, *given)
        below = box.element.get("data-below")
        if below is not None:
            room = (context.page_bottom - box.position_y - float(below)) / box.height
            if LEAST_SCALE <= room < 1:
                box.width, box.height = box.width * room, box.height * room
        return box, *more

    return layout


def _without_drawings(html: str, pictures: dict[str, Drawing], fonts: FontConfiguration) -> str:
    """The page with each drawing as an image of ``pictures``; those for telephones are left out. Read as HTML, letter
    by letter, drawings would take a tenth of the time."""

    def taken(found: re.Match[str]) -> str:
        if found["kind"] == "narrow":
            return ""
        address = f"parlib:drawing-{len(pictures)}"
        pictures[address] = drawing = Drawing.of(f"<svg {found['drawing']}", fonts)
        tall = ' data-tall="tall"' if drawing.get_intrinsic_size(1, 1)[1] * 25.4 / 96 > TALL else ""
        return f'<img src="{address}" alt="{found["alternative"]}"{found["style"]}{tall}>'

    return re.sub(
        r'<svg class="parlib-(?P<kind>\w+)" role="img" aria-label="(?P<alternative>[^"]*)"(?P<style> style="[^"]*")? '
        r"(?P<drawing>xmlns=.*?</svg>)",
        taken,
        html,
        flags=re.DOTALL,
    )


def _for_paper(html: str) -> str:
    """The page without what paper has no use for, its style sheet as WeasyPrint reads it fastest."""
    html = re.sub(r'<script>.*?</script>|<div class="tools">.*?</div>', "", html, flags=re.DOTALL)
    html = _OF_ALL.sub(r'<span class="parlib-whole">\g<0></span>', html)
    return re.sub(
        r"<style>(.*?)</style>", lambda match: f"<style>{_sheet(match[1])}</style>", html, count=1, flags=re.DOTALL
    )


@cache
def _paper() -> str:
    return (TEMPLATES / "template" / "paper.css").read_text("utf-8")


def _sheet(css: str) -> str:
    """``css`` with its variables put in: looking them up for every element takes a tenth of the time."""
    css = re.sub(r"@font-face {.*?}\n?", "", css) + _paper()  # the fonts themselves are at hand
    variables = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", css))
    return re.sub(r"var\((--[\w-]+)\)", lambda match: variables[match[1]], css)


# --- the page's elements ------------------------------------------------------------------------


def _prepare(root: Element) -> None:
    """Set the widths of all tables, and what stays with what."""
    main = next(element for element in root.iter("main"))
    _list_below(root, main)
    for region in [element for element in main.iter("div") if element.get("class") == "parlib-scroll"]:
        region.attrib.pop("tabindex", None)
        table = region.find("table")
        if table is not None:
            style = _set_table(table)
            n_rows = sum(1 for body in table.iter("tbody") for _ in body.iter("tr"))
            _add_class(region, *(["parlib-short"] if n_rows <= SHORT_ROWS else []))
            _add_class(table, *(f"parlib-{word}" for word in style.split()))
    for figure in main.iter("figure"):
        _measure(figure)
    _keep_company(main)
    _lay_on_side(main)


def _list_below(root: Element, main: Element) -> None:
    """The contents go below the result: page one says first what a reader came for."""
    sections = [place for place, child in enumerate(main) if child.tag == "h2"]
    listing = next((element for element in root.iter("nav") if "screen" not in element.get("class", "").split()), None)
    if listing is None or len(sections) < 2 or main[sections[0]].get("id") != "result":
        return
    parent = next(element for element in root.iter() if listing in list(element))
    parent.remove(listing)
    main.insert(sections[1], listing)


def _measure(figure: Element) -> None:
    """Note with the picture how high its caption, notes and source are, in the units of CSS."""
    image, height = figure.find("img"), _SPARE / MM_OF_POINT
    if image is None:
        return
    for element in figure:
        if element is not image:
            points, width = _CAPTION if element.tag == "figcaption" else _BELOW
            text = " ".join("".join(element.itertext()).split())
            height += points * lines(text, width * 0.97, points / 1.33) + points
    image.set("data-below", f"{height * 4 / 3:.1f}")


def _add_class(element: Element, *names: str) -> None:
    element.set("class", " ".join([element.get("class", ""), *names]).strip())


def _set_table(table: Element) -> str:
    """Give ``table`` the widths of its columns; returns the style it takes."""
    cells: list[CellText] = []
    n_columns = 0
    for part in table:
        if part.tag in ("thead", "tbody"):
            taken: dict[int, int] = {}  # column -> how many rows further down a cell from above still covers
            for row in part.iter("tr"):
                n_columns = max(n_columns, _gather(row, taken, cells))
    if not n_columns:
        return ""
    asked = needs(cells, n_columns)
    setting, widths = next(
        ((setting, widths) for setting in SETTINGS if (widths := fitted(asked, setting))),
        (SETTINGS[-1], squeezed(asked, SETTINGS[-1])),
    )
    columns = Element("colgroup")
    for width in widths:
        SubElement(columns, "col", {"style": f"width:{width / setting.width:.3%}"})
    table.insert(1 if len(table) and table[0].tag == "caption" else 0, columns)
    _add_class(table, "parlib-set")
    return setting.style


def _gather(row: Element, taken: dict[int, int], cells: list[CellText]) -> int:
    """Add the cells of ``row`` to ``cells``; returns the number of columns that it reaches over."""
    is_bold = row.get("class") == "parlib-total"
    place = 0
    covered = {column: n for column, n in taken.items() if n > 0}
    taken.clear()
    taken.update({column: n - 1 for column, n in covered.items()})
    for element in row:
        while place in covered:
            place += 1
        span = int(element.get("colspan", "1"))
        is_head = element.get("scope") in ("col", "colgroup")
        is_number = "parlib-n" in element.get("class", "")
        text = " ".join("".join(element.itertext()).split())
        cells.append(CellText(text, place, span, is_head, is_head or is_bold, is_number and not is_head))
        for column in range(place, place + span):
            taken[column] = int(element.get("rowspan", "1")) - 1
        place += span
    return max(place, *(column + 1 for column in covered)) if covered else place


def _lay_on_side(parent: Element) -> None:
    """Put every table that needs a page on its side into a section with the headings before it and its notes."""
    children = list(parent)
    sections: list[tuple[int, int]] = []
    for i, child in enumerate(children):
        table = child.find("table") if child.tag == "div" else None
        if table is None or "parlib-wide" not in table.get("class", "").split():
            continue
        first, last = i, i + 1
        first -= _n_leading(children[sections[-1][1] if sections else 0 : first])
        while last < len(children) and children[last].get("class") == "parlib-below":
            last += 1
        if sections and first == sections[-1][1]:  # the next one goes on where the last one ends
            sections[-1] = (sections[-1][0], last)
        else:
            sections.append((first, last))
    for first, last in reversed(sections):
        section = Element("div", {"class": "parlib-on-side"})
        section.extend(children[first:last])
        section.tail = children[last - 1].tail
        for child in children[first:last]:
            parent.remove(child)
        parent.insert(first, section)


def _keep_company(main: Element) -> None:
    """Short prose under a heading stays with the table or picture behind it, but for one that takes a page."""
    children = list(main)
    for place, child in enumerate(children):
        if (image := child.find("img")) is not None and image.get("data-tall"):
            continue
        if child.tag != "figure" and child.get("class", "").split()[:1] != ["parlib-scroll"]:
            continue
        n_leading = _n_leading(children[:place])
        for before in children[place - n_leading : place]:
            _add_class(before, "parlib-keep")
    last = children[max((n for n, child in enumerate(children) if child.tag == "h2"), default=0) :]
    if all(child.tag in ("h2", "p") for child in last) and sum(map(_letters, last)) <= SHORT_SECTION:
        for before in last[:-1]:  # what a report ends with stands together
            _add_class(before, "parlib-keep")


def _n_leading(before: list[Element]) -> int:
    """How many of the elements before a table go with it, so that no heading stays behind: it and a word of prose."""
    n_prose = 0
    while n_prose < min(2, len(before)) and _is_short(before[-1 - n_prose]):
        n_prose += 1
    n_headings = 0
    while n_prose + n_headings < len(before) and before[-1 - n_prose - n_headings].tag in _HEADINGS:
        n_headings += 1
    return n_prose + n_headings if n_headings else 0


def _is_short(element: Element) -> bool:
    """Whether this is prose of a few lines."""
    is_prose = element.tag in ("p", "ul") and element.get("class", "") != "parlib-tiles"
    return is_prose and _letters(element) <= SHORT_PROSE


def _letters(element: Element) -> int:
    return sum(map(len, element.itertext()))


# --- drawings of figures --------------------------------------------------------------------------
# Their lines as operators of PDF, their letters in the embedded fonts of the report. WeasyPrint reads SVG too, but
# sets every letter by itself: that takes longer than the rest of the report. What is read here is what
# ``report.vector`` writes, and nothing else.


SVG = "{http://www.w3.org/2000/svg}"
_PART = re.compile(r"([Mmlqcz])|(-?\d+)")
_ROUND = 0.5523  # how far the handles of a quarter of a circle lie, in radii
Look = Mapping[str, str]
_WEIGHTS = {"normal": 400, "bold": 700}


@dataclass(frozen=True)
class Drawing:
    """An SVG of ours, in the form in which WeasyPrint draws pictures."""

    root: Element
    fonts: FontConfiguration
    size: tuple[float, float] = field(init=False)

    def __post_init__(self) -> None:
        *_, width, height = map(float, self.root.attrib["viewBox"].split())
        object.__setattr__(self, "size", (width, height))

    @classmethod
    def of(cls, svg: str, fonts: FontConfiguration) -> Drawing:
        """The drawing that ``svg`` tells."""
        return cls(fromstring(svg), fonts)

    def get_intrinsic_size(self, resolution: float, font_size: float) -> tuple[float, float, float]:
        """Width and height in the units of CSS, and their ratio."""
        width, height = self.size
        return width / 7.5, height / 7.5, width / height

    def draw(self, stream: Stream, width: float, height: float, style: object) -> None:
        """Draw it ``width`` x ``height`` large on the stream of a page."""
        with stream.stacked():
            stream.transform(a=width / self.size[0], d=height / self.size[1])
            self._draw(stream, self.root, {})

    def _draw(self, stream: Stream, parent: Element, inherited: Look) -> None:
        for one in parent:
            look = {**inherited, **one.attrib}
            if one.tag == f"{SVG}g":
                self._draw(stream, one, look)
            elif one.tag == f"{SVG}text":
                self._text(stream, one.text or "", look)
            else:
                _shape(stream, look, _circle(look) if one.tag == f"{SVG}circle" else " ".join(_operators(look["d"])))

    def _text(self, stream: Stream, text: str, look: Look) -> None:
        """A line of text: every letter as wide as its font has it, as it was measured when it was drawn."""
        weight, size = look.get("font-weight", "normal"), float(look["font-size"])
        font = self._font(stream, weight, "A")
        set_in = [
            font if ord(one) in _glyphs(font.file_content)[0] else self._font(stream, weight, one) for one in text
        ]
        wide, runs = 0.0, []
        for font, letters in groupby(zip(set_in, text, strict=True), lambda one: one[0]):
            known, widths = _glyphs(font.file_content)
            written = ""
            for _, letter in letters:
                glyph = known.get(ord(letter), 0)
                font.to_unicode.setdefault(glyph, letter)
                wide += font.widths.setdefault(glyph, widths[glyph]) * size / 1000
                written += f"{glyph:04x}"
            runs.append(f"/{font.hash} {size:g} Tf <{written}> Tj")
        back = {"middle": wide / 2, "end": wide}.get(look.get("text-anchor", ""), 0.0)
        with stream.stacked():
            stream.set_alpha(float(look.get("opacity", 1)))
            stream.stream.append(f"BT {_rgb(look['fill'])} rg {_placed(look, back)} Tm {' '.join(runs)} ET")

    def _font(self, stream: Stream, weight: str, letter: str) -> Font:
        """Arimo as WeasyPrint keeps and embeds it; where it lacks ``letter``, the font of the machine that has it."""
        from weasyprint.css.properties import INITIAL_VALUES
        from weasyprint.text.line_break import split_first_line

        style: Any = _Style(INITIAL_VALUES, font_family=["Arimo"], font_size=10, font_weight=_WEIGHTS[weight])
        style.font_config = self.fonts
        layout, *_ = split_first_line(letter, style, None, inf, 0)
        layout.reactivate(style)
        line, _ = layout.get_first_line()
        font, _ = stream.add_font(line.runs[0].data.item.analysis.font)
        return font


def _placed(look: Look, back: float) -> str:
    """The matrix of a line of text that begins ``back`` before its place, and may be turned about a point."""
    x, y = float(look["x"]), float(look["y"])
    turned = re.findall(r"-?[\d.]+", look.get("transform", ""))
    angle, about_x, about_y = map(float, turned) if turned else (0.0, x, y)
    c, s = (round(of(radians(angle)), 4) + 0.0 for of in (cos, sin))  # PDF knows no exponents: no 6e-17
    left, down = x - back - about_x, y - about_y
    at = f"{about_x + c * left - s * down:.1f} {about_y + s * left + c * down:.1f}"
    return f"{c:g} {s:g} {s:g} {-c + 0.0:g} {at}"


class _Style(dict[str, object]):
    font_config: FontConfiguration


@cache
def _glyphs(content: bytes) -> tuple[Mapping[int, int], list[int]]:
    """The glyph of each letter of a font, and the width of each glyph in thousandths of its size."""
    from fontTools.ttLib import TTFont

    font = TTFont(io.BytesIO(content))
    wide, em = font["hmtx"].metrics, font["head"].unitsPerEm
    widths = [round(wide[name][0] * 1000 / em) for name in font.getGlyphOrder()]
    return {code: font.getGlyphID(name) for code, name in font.getBestCmap().items()}, widths


def _shape(stream: Stream, look: Look, way: str) -> None:
    filled, edged = look.get("fill", "none") != "none", look.get("stroke", "none") != "none"
    with stream.stacked():
        stream.set_alpha(float(look.get("opacity", 1)))
        signs = [f"{_rgb(look['fill'])} rg"] if filled else []
        if edged:
            caps = {"round": 1, "square": 2}
            signs += [
                f"{_rgb(look['stroke'])} RG {look.get('stroke-width', '1')} w",
                f"{caps.get(look.get('stroke-linecap', ''), 0)} J {caps.get(look.get('stroke-linejoin', ''), 0)} j",
                f"[{look.get('stroke-dasharray', '')}] 0 d",
            ]
        stream.stream.append(f"{' '.join(signs)} {way} {'B' if filled and edged else 'f' if filled else 'S'}")


def _rgb(colour: str) -> str:
    return " ".join(f"{int(colour[at : at + 2], 16) / 255:.3g}" for at in (1, 3, 5))


def _circle(look: Look) -> str:
    x, y, r = (float(look[name]) for name in ("cx", "cy", "r"))
    h = r * _ROUND
    quarters = (
        (x + r, y + h, x + h, y + r, x, y + r),
        (x - h, y + r, x - r, y + h, x - r, y),
        (x - r, y - h, x - h, y - r, x, y - r),
        (x + h, y - r, x + r, y - h, x + r, y),
    )
    return f"{x + r:g} {y:g} m " + "".join(f"{' '.join(f'{n:.4g}' for n in points)} c " for points in quarters) + "h"


def _operators(way: str) -> Iterator[str]:
    """The operators of a path of which each point but the first (M) is told from the one before."""
    sign, x, y, start_x, start_y = "", 0.0, 0.0, 0.0, 0.0
    held: list[int] = []
    for found in _PART.finditer(way):
        if found[1]:
            sign = found[1]
            if sign == "z":
                x, y = start_x, start_y
                yield "h"
            elif sign == "M":
                sign, x, y = "m", 0.0, 0.0
            continue
        held.append(int(found[2]))
        if len(held) < {"q": 4, "c": 6}.get(sign, 2):
            continue
        points: list[tuple[float, float]] = [(x + held[n], y + held[n + 1]) for n in range(0, len(held), 2)]
        if sign == "q":  # PDF has curves of the third order alone
            handle, end = points
            points = [((ax + 2 * handle[0]) / 3, (ay + 2 * handle[1]) / 3) for ax, ay in ((x, y), end)] + [end]
        yield " ".join(f"{n:.6g}" for point in points for n in point) + f" {'c' if sign == 'q' else sign}"
        x, y = points[-1]
        if sign == "m":
            start_x, start_y = x, y
        held = []
