"""A figure as a file of its own: its picture with title, notes and source, for it travels alone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from parlib import places
from parlib.errors import ParameterError

_INK, _MUTED, _EDGE, _LEADING = "#1f2933", "#5b6570", 4.0, 1.3  # colours; points; lines of text by their size


class Picture(NamedTuple):
    """A picture as PNG and, where it is not one of points alone, as SVG; what stands over and under it."""

    png: bytes
    svg: str
    width_mm: float
    title: str
    below: tuple[str, ...]


class _Line(NamedTuple):
    """A line of text: its place in points from the top left of the whole, how it looks."""

    text: str
    y: float
    size: float
    font: str
    colour: str


def save(picture: Picture, path: Path) -> None:
    """Write ``picture`` as ``.svg``, ``.pdf`` or ``.png``. Raises ``ParameterError`` on another ending; one that is
    a picture of points alone has ``.png`` and no other."""
    made = {".png": png, ".svg": lambda one: _svg(one).encode(), ".pdf": _pdf}
    there = list(made) if picture.svg else [".png"]
    if path.suffix.lower() not in there:
        raise ParameterError("a picture is saved as {there}", value=str(path), there=", ".join(there))
    content = made[path.suffix.lower()](picture)
    with places.whole_file(path) as draft:
        draft.write_bytes(content)


def _around(picture: Picture, width: float, height: float) -> tuple[list[_Line], float, float]:
    """The lines over and under a picture of this size, where it begins, and the height of the whole."""
    lines: list[_Line] = []

    def put(text: str, y: float, size: float, font: str, colour: str) -> float:
        measure = ImageFont.truetype(places.font(font), 100)
        for line in _wrapped(text, width - 2 * _EDGE, lambda part: measure.getlength(part) * size / 100):
            y += _LEADING * size
            lines.append(_Line(line, y, size, font, colour))
        return y

    top = put(picture.title, _EDGE, 10.0, "Arimo-Bold", _INK) + 1.5 * _EDGE
    y = top + height
    for text in filter(None, picture.below):
        y = put(text, y, 7.5, "Arimo-Regular", _MUTED)
    return lines, top, y + 2 * _EDGE


def _wrapped(text: str, width: float, measured: Callable[[str], float]) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and measured(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return [line for line in lines if line]


def _svg(picture: Picture) -> str:
    width, height = map(float, re.findall(r'(?:width|height)="([\d.]+)pt"', picture.svg)[:2])
    lines, top, whole = _around(picture, width, height)
    drawing = re.sub(r'(width|height)="([\d.]+)pt"', r'\1="\2"', picture.svg, count=2)
    drawing = drawing.replace("<svg ", f'<svg y="{top:.1f}" ', 1)
    texts = "".join(
        f'<text x="{_EDGE:g}" y="{line.y:.1f}" font-size="{line.size:g}" fill="{line.colour}" '
        f'font-weight="{"bold" if "Bold" in line.font else "normal"}">{escape(line.text)}</text>'
        for line in lines
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}pt" height="{whole:.1f}pt" '
        f'viewBox="0 0 {width:g} {whole:.1f}" font-family="Arimo,Arial,Liberation Sans,sans-serif">'
        f'<path fill="#ffffff" d="M0 0h{width:g}v{whole:.1f}h-{width:g}z"/>{texts}'
        f"{drawing}</svg>"
    )


def _pdf(picture: Picture) -> bytes:
    """One page of the size of the whole, with the letters that were measured."""
    from weasyprint import HTML

    svg = _svg(picture)
    width, height = re.findall(r'(?:width|height)="([\d.]+)pt"', svg)[:2]
    faces = "".join(
        f"@font-face{{font-family:Arimo;font-weight:{weight};src:url({Path(places.font(name)).as_uri()})}}"
        for name, weight in (("Arimo-Regular", 400), ("Arimo-Bold", 700))
    )
    page = f"<style>{faces}@page{{size:{width}pt {height}pt;margin:0}}body{{margin:0}}svg{{display:block}}</style>"
    content: bytes = HTML(string=page + svg).write_pdf()
    return content


def png(picture: Picture) -> bytes:
    """The picture of points with what stands over and under it."""
    drawn = Image.open(io.BytesIO(picture.png)).convert("RGB")
    points = drawn.width / (picture.width_mm / 25.4 * 72)  # of the picture, to a point of paper
    lines, top, whole = _around(picture, drawn.width / points, drawn.height / points)
    page = Image.new("RGB", (drawn.width, round(whole * points)), "white")
    page.paste(drawn, (0, round(top * points)))
    pen = ImageDraw.Draw(page)
    for line in lines:
        font = ImageFont.truetype(places.font(line.font), line.size * points)
        pen.text((_EDGE * points, line.y * points), line.text, fill=line.colour, font=font, anchor="ls")
    stream = io.BytesIO()
    page.save(stream, format="PNG", dpi=(180, 180))
    return stream.getvalue()
