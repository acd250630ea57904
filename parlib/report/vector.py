"""A sheet as SVG: shapes as paths, letters as text that can be searched and copied.

matplotlib's own writer gives every clip, hatch and marker an id, which two drawings on one page would share, and its
hatches are patterns, which not every reader of SVG knows. Here nothing refers to anything: what a clip leaves and the
lines of a hatch are worked out, so that a page, a PDF and Word draw the same. Coordinates are tenths of a point.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from math import isfinite
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
DPI = 180  # points of a picture that is painted from lines, to an inch
_STOP, _MOVE, _LINE, _CUBIC, _CLOSE = map(int, (Path.STOP, Path.MOVETO, Path.LINETO, Path.CURVE4, Path.CLOSEPOLY))
#: What a way is told in: the sign of each code of a path, and how many points each takes.
SIGNS = {_MOVE: "m", _LINE: "l", int(Path.CURVE3): "q", _CUBIC: "c"}
POINTS = {"m": 1, "l": 1, "q": 2, "c": 3}
_CELL = [_MOVE, _LINE, _LINE, _LINE, _LINE]
_SPACING = 72 / 6  # pt: of the lines of a hatch that is named once; twice is half of it
_DOWN = np.array((1, -1))  # SVG counts from above
_DIRECTIONS = {"/": ((1.0, 1.0),), "\\": ((1.0, -1.0),), "x": ((1.0, 1.0), (1.0, -1.0)), "-": ((1.0, 0.0),)}


class Shape(NamedTuple):
    """A path of matplotlib with what its points are. Most have a handful, which plain lists serve best."""

    points: np.ndarray
    codes: list[int]

    @classmethod
    def of(cls, path: Path) -> Shape:
        """The shape of a path; the sign that it stops, which some end with, is left out."""
        points = np.asarray(path.vertices, dtype=float)
        if path.codes is None:
            return cls(points, [_MOVE, *[_LINE] * (len(points) - 1)][: len(points)])
        codes = np.asarray(path.codes).tolist()
        if _STOP in codes:
            kept = [code != _STOP for code in codes]
            return cls(points[kept], [code for code in codes if code != _STOP])
        return cls(points, codes)

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
        self._strokes = ("", 0)  # the look of the last lines, and how many pieces there were with them

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
        """One shape."""
        self._draw(gc, Shape.of(transform.transform_path(path)), rgbFace)

    def draw_quad_mesh(  # type: ignore[override]  # arrays, as its only caller gives them
        self,
        gc: GraphicsContextBase,
        master_transform: Transform,
        meshWidth: int,  # noqa: N803
        meshHeight: int,  # noqa: N803
        coordinates: np.ndarray,
        offsets: np.ndarray,
        offsetTrans: Transform,  # noqa: N803
        facecolors: np.ndarray,
        antialiased: bool,
        edgecolors: np.ndarray,
    ) -> None:
        """The cells of a grid, row by row."""
        corners = master_transform.transform(coordinates.reshape(-1, 2)).reshape(coordinates.shape)
        around = (corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1], corners[:-1, :-1])
        if not len(edgecolors):
            gc.set_linewidth(0)
        faces = facecolors.tolist()
        for n, cell in enumerate(np.stack(around, axis=2).reshape(-1, 5, 2)):
            if n < len(edgecolors):
                gc.set_foreground(edgecolors[n], isRGBA=True)
            self._draw(gc, Shape(cell, _CELL), faces[n % len(faces)])

    def _draw(self, gc: GraphicsContextBase, shape: Shape, inside: Any) -> None:
        """A shape: filled with the colour ``inside``, hatched, with its edge."""
        face = inside if inside is not None and (len(inside) < 4 or inside[3] > 0) else None
        line, colour = gc.get_linewidth() * UNITS, gc.get_rgb()
        has_edge = line > 0 and (len(colour) < 4 or colour[3] > 0)
        if face is None and not has_edge:
            return
        kept = _clipped(shape, gc.get_clip_rectangle(), face is not None)
        if kept is None:
            return
        edge = self._edge(gc, line) if has_edge else ""
        hatch = str(gc.get_hatch() or "")
        if hatch and face is not None:
            self._add(f'fill="{_hex(face)}"{_opacity(gc, face)}', kept)
            self._add(_hatch_look(gc, hatch), _hatched(kept, hatch))
            face = None
        if face is not None:
            self._add(f'fill="{_hex(face)}"{edge}{_opacity(gc, face)}', kept)
        elif has_edge:
            self._add(f'fill="none"{edge}{_opacity(gc, None)}', kept)

    def _add(self, look: str, shape: Shape) -> None:
        """A path or a circle; lines of one look that follow one another are one path."""
        if shape.codes == _CIRCLE.codes:
            (left, bottom), (right, top) = _ends(shape)
            middle = f'cx="{(left + right) / 2:.0f}" cy="{self.height - (bottom + top) / 2:.0f}"'
            self.pieces.append(f'<circle {middle} r="{(right - left) / 2:.0f}" {look}/>')
            return
        way = _way(shape, self.height)
        if not way:
            return
        if look.startswith('fill="none"'):
            if self._strokes == (look, len(self.pieces)):
                self.pieces[-1] = f"{self.pieces[-1].removesuffix(_END)}{way}{_END}"
                return
            self._strokes = look, len(self.pieces) + 1
        self.pieces.append(f'<path {look} d="{way}{_END}')

    def _edge(self, gc: GraphicsContextBase, line: float) -> str:
        edge = f' stroke="{_hex(gc.get_rgb())}"{_width(line)}'
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
        size, colour = prop.get_size_in_points() * UNITS, _hex(gc.get_rgb())
        turned = f' transform="rotate({-angle:g} {x:.0f} {y:.0f})"' if angle else ""
        look = f'font-size="{size:g}"{_bold(str(prop.get_weight()))} fill="{colour}"{turned}'
        if mtext is not None and mtext.get_horizontalalignment() == "center" and not angle:
            x += self.get_text_width_height_descent(s, prop, False)[0] / 2
            look += ' text-anchor="middle"'
        self.pieces.append(f'<text x="{x:.0f}" y="{y:.0f}" {look}>{escape(s, False)}</text>')


_END = '"/>'


def _hex(colour: Sequence[float]) -> str:
    """A colour in three numbers or four from 0 to 1, as SVG has it."""
    return f"#{round(255 * colour[0]):02x}{round(255 * colour[1]):02x}{round(255 * colour[2]):02x}"


def _bold(weight: str) -> str:
    return ' font-weight="bold"' if weight == "bold" else ""


def _width(line: float) -> str:
    return f' stroke-width="{line:.3g}"'


def _opacity(gc: GraphicsContextBase, face: Sequence[float] | None) -> str:
    alpha = gc.get_alpha() if gc.get_forced_alpha() else face[3] if face is not None and len(face) > 3 else 1.0
    return f' opacity="{alpha:.2g}"' if alpha is not None and alpha < 1 else ""


def _way(shape: Shape, height: int) -> str:
    """A path in whole units from the upper left corner, each point told from the one before."""
    points = np.rint(shape.points * _DOWN + (0, height)).astype(int)
    pieces: list[str] = []
    at = start = (0, 0)
    place = 0
    kind = ""
    for code, (x, y) in zip(shape.codes, points.tolist(), strict=True):
        if code == _CLOSE:
            pieces.append("z")
            at, kind = start, "z"
            continue
        if code == _MOVE:
            start = (x, y)
        elif code == _LINE and (x, y) == at and kind == "l":
            continue
        sign = SIGNS[code]
        pieces.append(f"{sign if sign != kind or sign == 'm' else ' '}{x - at[0]} {y - at[1]}")
        place = place + 1 if kind == sign else 1
        kind = sign
        if place % POINTS[sign] == 0:  # the handles of a curve are told from where it starts
            at = (x, y)
    return "".join(pieces).replace(" -", "-").replace("m", "M", 1)  # lines of several shapes may be one path


def _ends(shape: Shape) -> tuple[tuple[float, float], tuple[float, float]]:
    """The least and the greatest of its points, across and up; not numbers where one of them is not."""
    (left, bottom), (right, top) = shape.points.min(axis=0).tolist(), shape.points.max(axis=0).tolist()
    return (left, bottom), (right, top)


def _clipped(shape: Shape, clip: Bbox | None, filled: bool) -> Shape | None:
    """What of ``shape`` lies inside ``clip``: ``None`` where nothing does. A marker at the edge is kept whole."""
    if not len(shape.points):
        return None
    (left, bottom), (right, top) = _ends(shape)
    if not isfinite(left + bottom + right + top):
        shape = Shape.of(shape.path.cleaned(remove_nans=True))
        if not len(shape.points):
            return None
        (left, bottom), (right, top) = _ends(shape)
    if clip is None:
        return shape
    x0, y0, x1, y1 = map(float, clip.extents)
    first, low, last, high = x0 - 1, y0 - 1, x1 + 1, y1 + 1  # a tenth of a point is no difference
    if left >= first and bottom >= low and right <= last and top <= high:
        return shape
    if right < first or top < low or left > last or bottom > high:
        return None
    if _CUBIC in shape.codes:
        return shape if first <= (left + right) / 2 <= last and low <= (bottom + top) / 2 <= high else None
    inside = shape.path.clip_to_bbox(clip) if filled else shape.path.cleaned(clip=(*clip.min, *clip.max))
    return Shape.of(inside)


# --- hatches --------------------------------------------------------------------------------------


def _hatch_look(gc: GraphicsContextBase, hatch: str) -> str:
    line = gc.get_hatch_linewidth() * UNITS * (2.4 if hatch[0] == "." else 1)
    return f'fill="none" stroke="{to_hex(gc.get_hatch_color())}"{_width(line)} stroke-linecap="round"'


def _hatched(shape: Shape, hatch: str) -> Shape:
    """The lines of a hatch inside ``shape``; dots are lines of no length."""
    rings = [np.asarray(ring) for ring in shape.path.to_polygons(closed_only=True)]
    lines: list[np.ndarray] = []
    if not rings:
        return Shape(np.zeros((0, 2)), [])
    spacing = _SPACING * UNITS / max(hatch.count(hatch[0]), 1)
    if hatch[0] == ".":
        lines = [_dots(line, spacing) for line in _lines(rings, (1.0, 0.0), spacing)]
    for direction in _DIRECTIONS.get(hatch[0], ()):
        lines += _lines(rings, direction, spacing)
    points = np.concatenate([np.zeros((0, 2)), *lines])
    return Shape(points, [_MOVE, _LINE] * (len(points) // 2))


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
