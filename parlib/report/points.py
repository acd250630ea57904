"""A drawing of lines as points: what ``vector`` wrote, painted as PNG for programs that show no SVG.

A figure is drawn once, as SVG; its points are painted from that when somebody wants them, so that both show the same.
Only what ``vector`` writes is known here: paths, circles and letters with their looks. Only what writes documents or
saves pictures imports this module: it loads matplotlib.
"""

from __future__ import annotations

import io
import re
from functools import lru_cache
from typing import Any

import numpy as np
from lxml import etree
from matplotlib._enums import CapStyle
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from PIL import Image

from parlib.report.letters import EM, outline
from parlib.report.vector import DPI, POINTS, SIGNS, UNITS

_TOKEN = re.compile(r"[Mmlqcz]|-?\d+")
_CODES = {sign: code for code, sign in SIGNS.items()}
_ENDS = {"butt": CapStyle.butt, "round": CapStyle.round, "square": CapStyle.projecting}
_MIDDLE = 36.0  # of ``EM``: an outline is centred on half the height of a capital


@lru_cache(maxsize=32)  # those of a report: they are written, and read back
def png(svg: str) -> bytes:
    """A drawing of ``vector.svg`` as PNG, 180 points an inch, in at most 256 colours: a third of the bytes.

    Equal drawings give equal bytes. What is no such drawing raises ``ValueError``."""
    root = etree.fromstring(svg)
    width, height = map(int, root.get("viewBox", "").split()[2:])
    painter = _Painter(width, height)
    for element in root.iter():
        painter.paint(element)
    stream = io.BytesIO()
    # a harder level takes twice the time for a tenth of the bytes
    _paletted(painter.pixels).save(stream, "png", dpi=(DPI, DPI), compress_level=4)
    return stream.getvalue()


class _Painter:
    """Paints elements of SVG, in tenths of a point from the top left."""

    def __init__(self, width: int, height: int) -> None:
        scale = DPI / 72 / UNITS
        wide, high = (int(side * scale + 1e-6) for side in (width, height))
        self._renderer: Any = RendererAgg(wide, high, DPI)  # type: ignore[no-untyped-call]
        self._place = Affine2D().scale(scale, -scale).translate(0, high)
        self._renderer.draw_path(_look(0.0), Path.unit_rectangle(), Affine2D().scale(wide, high), (1.0, 1.0, 1.0))  # type: ignore[no-untyped-call]

    @property
    def pixels(self) -> np.ndarray:
        """What was painted: height x width x 3."""
        return np.asarray(self._renderer.buffer_rgba())[..., :3]

    def paint(self, element: etree._Element) -> None:
        kind = etree.QName(element).localname
        if kind == "path":
            self._shape(element, _path(element.get("d", "")))
        elif kind == "circle":
            x, y, radius = (float(element.get(name, "0")) for name in ("cx", "cy", "r"))
            self._shape(element, Path.circle((x, y), radius))
        elif kind == "text":
            self._letters(element)
        elif kind not in ("svg", "g"):
            raise ValueError(f"not of a drawing: {kind}")

    def _shape(self, element: etree._Element, path: Path) -> None:
        stroke, fill = element.get("stroke"), element.get("fill", "none")
        width = float(element.get("stroke-width", "0")) / UNITS if stroke else 0.0
        look = _look(width, element.get("opacity", "1"))
        if stroke:
            look.set_foreground(stroke)
            look.set_capstyle(_ENDS[element.get("stroke-linecap", "butt")])
            look.set_joinstyle("round" if element.get("stroke-linejoin") else "miter")
            if dashes := element.get("stroke-dasharray"):
                look.set_dashes(0, [float(dash) / UNITS for dash in dashes.split()])
        self._renderer.draw_path(look, path, self._place, None if fill == "none" else _colour(fill))

    def _letters(self, element: etree._Element) -> None:
        around = element.getparent()

        def given(name: str, default: str) -> str:
            return element.get(name) or (around.get(name) if around is not None else None) or default

        look = _look(0.0, given("opacity", "1"))
        align = {"middle": "center", "end": "right"}.get(given("text-anchor", ""), "left")
        letters = outline(element.text or "", "bold" if given("font-weight", "") == "bold" else "normal", align)
        scale = float(given("font-size", "80")) / EM
        place = Affine2D().translate(0, _MIDDLE).scale(scale, -scale)
        if turned := re.match(r"rotate\((\S+)", element.get("transform", "")):
            place.rotate_deg(float(turned[1]))
        place.translate(float(element.get("x", "0")), float(element.get("y", "0")))
        self._renderer.draw_path(look, letters, place + self._place, _colour(given("fill", "#000000")))


def _look(width: float, opacity: str = "1") -> GraphicsContextBase:
    result = GraphicsContextBase()
    result.set_linewidth(width)
    result.set_alpha(float(opacity))
    return result


def _colour(text: str) -> tuple[float, float, float]:
    return int(text[1:3], 16) / 255, int(text[3:5], 16) / 255, int(text[5:7], 16) / 255


def _path(way: str) -> Path:
    """The way of a path, each point told from where the one before ended, as points from the top left."""
    points: list[tuple[int, int]] = []
    codes: list[int] = []
    tokens = _TOKEN.findall(way)
    sign, x, y, start, place = "m", 0, 0, (0, 0), 0
    while place < len(tokens):
        token = tokens[place]
        if token.isalpha():
            sign, place = token.lower(), place + 1
            if token == "M":  # from the corner of the sheet
                x = y = 0
            elif sign == "z":
                points.append(start)
                codes.append(int(Path.CLOSEPOLY))
                x, y = start
            continue
        n = POINTS[sign]
        ahead = [(x + int(tokens[place + 2 * k]), y + int(tokens[place + 2 * k + 1])) for k in range(n)]
        points += ahead
        codes += [_CODES[sign]] * n
        x, y = ahead[-1]
        place += 2 * n
        if sign == "m":
            start = x, y
    return Path(np.array(points, dtype=float).reshape(-1, 2), codes)


def _paletted(pixels: np.ndarray) -> Image.Image:
    """A picture in its 256 most frequent colours, each other pixel in the nearest of them.

    Colours are counted in cubes of 8 x 8 x 8, and a cube takes the mean of its pixels, which is its flat colour where
    it has one. Pillow's fast method turns white into grey, and its good one takes four times as long.
    """
    red, green, blue = (pixels[..., channel] >> 3 for channel in range(3))
    cubes = (red.astype(np.uint16) << 10) | (green.astype(np.uint16) << 5) | blue
    counts = np.bincount(cubes.ravel(), minlength=1 << 15)
    used = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
    sample = cubes.ravel()[::3]
    sampled = np.bincount(sample, minlength=1 << 15)[used]
    shades = np.empty((len(used), 3))
    for channel in range(3):
        total = np.bincount(sample, pixels[..., channel].ravel()[::3], 1 << 15)[used]
        centre = ((used >> (10 - 5 * channel)) & 31) * 8 + 4
        shades[:, channel] = np.where(sampled > 0, total / np.maximum(sampled, 1), centre)
    palette = shades[:256].round()
    distance = ((shades[:, None, :] - palette) ** 2).sum(axis=2)
    place = np.zeros(1 << 15, np.uint8)
    place[used] = distance.argmin(axis=1)
    picture = Image.fromarray(place[cubes], "P")
    picture.putpalette(palette.astype(np.uint8).tobytes())
    return picture
