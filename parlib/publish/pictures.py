"""Drawings of figures in a PDF: their lines as its own operators, their letters in the embedded fonts of the report.

WeasyPrint reads SVG too, but sets every letter by itself: that takes longer than the rest of the report. What is read
here is what ``report.vector`` writes, and nothing else.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from math import cos, inf, radians, sin
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, fromstring

if TYPE_CHECKING:
    from weasyprint.pdf.fonts import Font
    from weasyprint.pdf.stream import Stream
    from weasyprint.text.fonts import FontConfiguration

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
            font if ord(one) in _letters(font.file_content)[0] else self._font(stream, weight, one) for one in text
        ]
        wide, runs = 0.0, []
        for font, letters in groupby(zip(set_in, text, strict=True), lambda one: one[0]):
            known, widths = _letters(font.file_content)
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
def _letters(content: bytes) -> tuple[Mapping[int, int], list[int]]:
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
