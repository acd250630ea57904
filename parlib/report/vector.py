"""A sheet as SVG: shapes as paths, letters as text that can be searched and copied.

matplotlib's own writer gives every clip, hatch and marker an id, which two drawings on one page would share, and its
hatches are patterns, which not every reader of SVG knows. Here nothing refers to anything: what a clip leaves and the
lines of a hatch are worked out, so that a page, a PDF and Word draw the same. Coordinates are tenths of a point.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Bbox, Transform

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Arimo is shipped; the others have letters of the same widths, where a program does not take the fonts of a page.
FONTS = "Arimo,Arial,Liberation Sans,sans-serif"
UNITS = 10  # to a point
_SIGNS = {int(Path.MOVETO): "m", int(Path.LINETO): "l", int(Path.CURVE3): "q", int(Path.CURVE4): "c"}
_POINTS = {"m": 1, "l": 1, "q": 2, "c": 3}
_SPACING = 72 / 6  # pt: of the lines of a hatch that is named once; twice is half of it
_DIRECTIONS = {"/": ((1.0, 1.0),), "\\": ((1.0, -1.0),), "x": ((1.0, 1.0), (1.0, -1.0)), "-": ((1.0, 0.0),)}


class Shape(NamedTuple):
    """A path of matplotlib with what its points are."""

    points: np.ndarray
    codes: np.ndarray

    @classmethod
    def of(cls, path: Path) -> Shape:
        """The shape of a path; the sign that it stops, which some end with, is left out."""
        points = np.asarray(path.vertices, dtype=float)
        if path.codes is None:
            return cls(points, np.array([Path.MOVETO] + [Path.LINETO] * (len(points) - 1))[: len(points)])
        codes = np.asarray(path.codes)
        return cls(points[codes != Path.STOP], codes[codes != Path.STOP])

    @property
    def path(self) -> Path:
        """It as matplotlib has it."""
        return Path(self.points, self.codes)


_CIRCLE = Shape.of(Path.unit_circle())


def svg(figure: Figure) -> str:
    """``figure`` as one element of SVG. Equal figures give equal text."""
    width, height = (round(inches * 72 * UNITS) for inches in figure.get_size_inches())
    renderer, dpi = Vector(height), figure.dpi
    figure.dpi = 72 * UNITS
    try:
        figure.draw(renderer)
    finally:
        figure.dpi = dpi
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width / UNITS:g}pt" height="{height / UNITS:g}pt" '
        f'viewBox="0 0 {width} {height}" font-family="{FONTS}">{"".join(renderer.pieces)}</svg>'
    )


class Vector(RendererBase):
    """Takes down what matplotlib draws as elements of SVG."""

    def __init__(self, height: int) -> None:
        super().__init__()
        self.height = height
        self.pieces: list[str] = []
        self._strokes = ("", "")  # the last piece, where it is lines alone: attributes and path

    def points_to_pixels(self, points: Any) -> Any:
        return points * UNITS

    def get_canvas_width_height(self) -> tuple[float, float]:
        return 0.0, float(self.height)

    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Path,
        transform: Transform,
        rgbFace: Any = None,  # noqa: N803
    ) -> None:
        """A shape: filled, hatched, with its edge."""
        face = rgbFace if rgbFace is not None and (len(rgbFace) < 4 or rgbFace[3] > 0) else None
        line = gc.get_linewidth() * UNITS
        has_edge = line > 0 and (len(gc.get_rgb()) < 4 or gc.get_rgb()[3] > 0)
        shape = _clipped(Shape.of(transform.transform_path(path)), gc.get_clip_rectangle(), face is not None)
        if shape is None or not (face is not None or has_edge):
            return
        edge = self._edge(gc, line) if has_edge else ""
        hatch = str(gc.get_hatch() or "")
        if hatch and face is not None:
            self._add(f'fill="{to_hex(face[:3])}"{_opacity(gc, face)}', shape)
            self._add(_hatch_look(gc, hatch), _hatched(shape, hatch))
            face = None
        if face is not None:
            self._add(f'fill="{to_hex(face[:3])}"{edge}{_opacity(gc, face)}', shape)
        elif has_edge:
            self._add(f'fill="none"{edge}{_opacity(gc, None)}', shape)

    def _add(self, look: str, shape: Shape) -> None:
        """A path or a circle; lines of one look that follow one another are one path."""
        if np.array_equal(shape.codes, _CIRCLE.codes):
            (left, bottom), (right, top) = shape.points.min(axis=0), shape.points.max(axis=0)
            middle = f'cx="{(left + right) / 2:.0f}" cy="{self.height - (bottom + top) / 2:.0f}"'
            self.pieces.append(f'<circle {middle} r="{(right - left) / 2:.0f}" {look}/>')
            return
        way = _way(shape, self.height)
        if not way:
            return
        if look.startswith('fill="none"'):
            if self.pieces and self._strokes[0] == look and self.pieces[-1] == _path(*self._strokes):
                self.pieces.pop()
                way = self._strokes[1] + way
            self._strokes = look, way
        self.pieces.append(_path(look, way))

    def _edge(self, gc: GraphicsContextBase, line: float) -> str:
        edge = f' stroke="{to_hex(gc.get_rgb()[:3])}"{_width(line)}'
        _, dashes = gc.get_dashes()
        if dashes is not None:
            edge += f' stroke-dasharray="{" ".join(f"{dash:.0f}" for dash in np.asarray(dashes, dtype=float) * UNITS)}"'
        cap, join = gc.get_capstyle(), gc.get_joinstyle()
        edge += (
            ' stroke-linecap="round"' if cap == "round" else ' stroke-linecap="square"' if cap == "projecting" else ""
        )
        return edge + (' stroke-linejoin="round"' if join == "round" else "")

    def write(
        self,
        places: np.ndarray,
        texts: Sequence[str],
        align: str,
        size: float,
        weight: str,
        colours: Sequence[str],
        *,
        angle: float = 0.0,
        alpha: float | None = None,
    ) -> None:
        """Texts of one or more lines centred on ``places``, in the coordinates of the drawing."""
        anchor = {"left": "", "center": ' text-anchor="middle"', "right": ' text-anchor="end"'}[align]
        common = f'font-size="{size * UNITS:g}"{anchor}{_bold(weight)}'
        common += f' fill="{to_hex(colours[0])}"' + (f' opacity="{alpha:g}"' if alpha is not None else "")
        self.pieces.append(f"<g {common}>")
        for (x, y), text, colour in zip(places, texts, colours, strict=True):
            own = "" if colour == colours[0] else f' fill="{to_hex(colour)}"'
            lines = text.split("\n")
            for row, words in enumerate(lines):
                down = self.height - y - (1.25 * ((len(lines) - 1) / 2 - row) - 0.36) * size * UNITS
                turned = f' transform="rotate({-angle:g} {x:.0f} {self.height - y:.0f})"' if angle else ""
                if words:
                    self.pieces.append(f'<text x="{x:.0f}" y="{down:.0f}"{own}{turned}>{escape(words, False)}</text>')
        self.pieces.append("</g>")

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: bool | str = False,
        mtext: Text | None = None,
    ) -> None:
        """The labels of axes; ``y`` is where matplotlib counts from the top. What is centred stays so in any font."""
        size, colour = prop.get_size_in_points() * UNITS, to_hex(gc.get_rgb()[:3])
        turned = f' transform="rotate({-angle:g} {x:.0f} {y:.0f})"' if angle else ""
        look = f'font-size="{size:g}"{_bold(str(prop.get_weight()))} fill="{colour}"{turned}'
        if mtext is not None and mtext.get_horizontalalignment() == "center" and not angle:
            x += self.get_text_width_height_descent(s, prop, False)[0] / 2
            look += ' text-anchor="middle"'
        self.pieces.append(f'<text x="{x:.0f}" y="{y:.0f}" {look}>{escape(s, False)}</text>')


def _path(look: str, way: str) -> str:
    return f'<path {look} d="{way}"/>'


def _bold(weight: str) -> str:
    return ' font-weight="bold"' if weight == "bold" else ""


def _width(line: float) -> str:
    return f' stroke-width="{line:.3g}"'


def _opacity(gc: GraphicsContextBase, face: Sequence[float] | None) -> str:
    alpha = gc.get_alpha() if gc.get_forced_alpha() else face[3] if face is not None and len(face) > 3 else 1.0
    return f' opacity="{alpha:.2g}"' if alpha is not None and alpha < 1 else ""


def _way(shape: Shape, height: int) -> str:
    """A path in whole units from the upper left corner, each point told from the one before."""
    points = np.rint(shape.points * (1, -1) + (0, height)).astype(int)
    pieces: list[str] = []
    at = start = (0, 0)
    place = 0
    kind = ""
    for code, (x, y) in zip(shape.codes.tolist(), points.tolist(), strict=True):
        if code == Path.CLOSEPOLY:
            pieces.append("z")
            at, kind = start, "z"
            continue
        if code == Path.MOVETO:
            start = (x, y)
        elif code == Path.LINETO and (x, y) == at and kind == "l":
            continue
        sign = _SIGNS[code]
        pieces.append(f"{sign if sign != kind or sign == 'm' else ' '}{x - at[0]} {y - at[1]}")
        place = place + 1 if kind == sign else 1
        kind = sign
        if place % _POINTS[sign] == 0:  # the handles of a curve are told from where it starts
            at = (x, y)
    return "".join(pieces).replace(" -", "-").replace("m", "M", 1)  # lines of several shapes may be one path


def _clipped(shape: Shape, clip: Bbox | None, filled: bool) -> Shape | None:
    """What of ``shape`` lies inside ``clip``: ``None`` where nothing does. A marker at the edge is kept whole."""
    if not np.isfinite(shape.points).all():
        shape = Shape.of(shape.path.cleaned(remove_nans=True))
    if not len(shape.points):
        return None
    if clip is None:
        return shape
    low, high = shape.points.min(axis=0), shape.points.max(axis=0)
    first, last = np.asarray(clip.min) - 1, np.asarray(clip.max) + 1  # a tenth of a point is no difference
    if (low >= first).all() and (high <= last).all():
        return shape
    if (high < first).any() or (low > last).any():
        return None
    if (shape.codes == Path.CURVE4).any():
        middle = (low + high) / 2
        return shape if (middle >= first).all() and (middle <= last).all() else None
    inside = shape.path.clip_to_bbox(clip) if filled else shape.path.cleaned(clip=(*clip.min, *clip.max))
    return Shape.of(inside)


# --- hatches --------------------------------------------------------------------------------------


def _hatch_look(gc: GraphicsContextBase, hatch: str) -> str:
    line = gc.get_hatch_linewidth() * UNITS * (2.4 if hatch[0] == "." else 1)
    return f'fill="none" stroke="{to_hex(gc.get_hatch_color()[:3])}"{_width(line)} stroke-linecap="round"'


def _hatched(shape: Shape, hatch: str) -> Shape:
    """The lines of a hatch inside ``shape``; dots are lines of no length."""
    rings = [np.asarray(ring) for ring in shape.path.to_polygons(closed_only=True)]
    lines: list[np.ndarray] = []
    if not rings:
        return Shape(np.zeros((0, 2)), np.zeros(0, dtype=np.uint8))
    spacing = _SPACING * UNITS / max(hatch.count(hatch[0]), 1)
    if hatch[0] == ".":
        lines = [_dots(line, spacing) for line in _lines(rings, (1.0, 0.0), spacing)]
    for direction in _DIRECTIONS.get(hatch[0], ()):
        lines += _lines(rings, direction, spacing)
    points = np.concatenate([np.zeros((0, 2)), *lines])
    return Shape(points, np.tile([Path.MOVETO, Path.LINETO], len(points) // 2))


def _lines(rings: Iterable[np.ndarray], direction: tuple[float, float], spacing: float) -> list[np.ndarray]:
    """The pieces inside ``rings`` of lines in ``direction``, ``spacing`` apart over the whole sheet."""
    along = np.array(direction) / np.hypot(*direction)
    turn = np.column_stack([along, (-along[1], along[0])])  # columns: along the lines, across them
    starts, ends = (np.concatenate([np.roll(ring @ turn, by, axis=0) for ring in rings]) for by in (0, -1))
    results = []
    low, high = float(starts[:, 1].min()), float(starts[:, 1].max())
    for at in np.arange(np.ceil(low / spacing), np.floor(high / spacing) + 1) * spacing:
        crosses = (starts[:, 1] <= at) != (ends[:, 1] <= at)
        (x0, y0), (x1, y1) = starts[crosses].T, ends[crosses].T
        met = np.sort(x0 + (at - y0) * (x1 - x0) / (y1 - y0))
        results += [np.array([(a, at), (b, at)]) @ turn.T for a, b in zip(met[::2], met[1::2], strict=False)]
    return results


def _dots(line: np.ndarray, spacing: float) -> np.ndarray:
    left, right, y = line[0, 0], line[1, 0], line[0, 1]
    x = np.arange(np.ceil(left / spacing), np.floor(right / spacing) + 1) * spacing
    return np.repeat(np.column_stack([x, np.full(len(x), y)]), 2, axis=0)
