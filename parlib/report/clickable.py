"""What the browser draws itself, to be pointed at and clicked on: the map, and where a unit stands among the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from html import escape

import numpy as np
import pandas as pd

from parlib.answers import printed, told
from parlib.report import maps
from parlib.report.blocks import Wording
from parlib.report.views import View
from parlib.scoring import units
from parlib.words import Message
from parlib.years import Year

# --- one unit among all ------------------------------------------------------------------------------


def strip(year: Year, unit: str) -> str:
    """Where a unit stands among all that are ranked and known: a line a unit, its own thick; "" where it is not one."""
    frame = year.rank()
    known = frame[frame["ranked"]].dropna(subset="value")
    if len(known) < 2 or unit not in set(known["unit"]):
        return ""
    low, high = float(known["value"].min()), float(known["value"].max())
    least, most = (printed(value, year.results.scale.decimals, year.language) for value in (low, high))
    lines = []
    for key, name, value in known[["unit", "name", "value"]].itertuples(index=False):
        x = 10 + 680 * (value - low) / ((high - low) or 1)
        ends, look = ("6V38", _OWN) if key == unit else ("12V32", _OTHERS)
        title = f"{escape(name)}: {printed(value, year.results.scale.decimals, year.language)}"
        lines.append((key == unit, f'<path d="M{x:.1f} {ends}" {look}><title>{title}</title></path>'))
    drawn = "".join(line for _, line in sorted(lines, key=lambda pair: pair[0]))
    ends = f'<text x="10" y="52">{least}</text><text x="690" y="52" text-anchor="end">{most}</text>'
    head = Message("Where it stands among the {n} ranked units that are known", {"n": len(known)})
    return (
        f"<h3>{escape(head.text(year.language))}</h3>"
        f'<svg viewBox="0 0 700 56" width="700" style="max-width:100%" role="img" '
        f'font-size="12" fill="#5b6570">{drawn}{ends}</svg>'
    )


_OWN = 'stroke="#a8500b" stroke-width="4"'
_OTHERS = 'stroke="#3f84b8" stroke-opacity=".6" stroke-width="1.5"'


def span(share: float, lower: float, upper: float) -> str:
    """A share and its interval on a line from 0 to 100 percent; nothing where it is not known."""
    if share != share:
        return ""
    left, width = 1.3 * lower, max(1.3 * (upper - lower), 1)
    ends = f'<i style="left:{left:.0f}px;width:{width:.0f}px"></i>' if lower == lower else ""
    return f'<span class="pe-span">{ends}<b style="left:{1.3 * share - 1:.0f}px"></b></span>'


# --- the map ------------------------------------------------------------------------------------------


@cache
def outlines(system: str, language: str) -> dict[str, object]:
    """The country as the browser draws it: provinces as paths, the two archipelagos with their names in a language."""
    left, right, bottom, top = maps.project_box(maps.WEST, maps.EAST, maps.SOUTH, maps.NORTH)
    by = 900 / (top - bottom)

    def at(points: np.ndarray) -> np.ndarray:
        return np.column_stack([(points[:, 0] - left) * by, (top - points[:, 1]) * by]).round(1)

    shapes, far = [], {}
    for province in maps.provinces(system):
        rings = [at(np.asarray(ring)) for ring in province.outline.to_polygons()]
        shapes.append([province.key, "".join(map(_path, rings))])
        far[province.key] = province.far_islands
    islands = []
    for group in maps.archipelagos(system, language):
        west, south, east, north = group.box
        points = far[group.unit]
        inside = points[
            (points[:, 0] > west - 0.3)
            & (points[:, 0] < east + 0.3)
            & (points[:, 1] > south - 0.3)
            & (points[:, 1] < north + 0.3)
        ]
        (x, y), (x2, y2) = at(np.array([[west - 0.15, north + 0.15], [east + 0.15, south - 0.15]]))
        width = by * (right - left)
        middle = min((x + x2) / 2, width - 70)
        under = y2 + 16 if y2 + 40 < 900 else y - 24
        islands.append({"words": list(group.words), "unit": group.unit, "box": [x, y, x2 - x, y2 - y],
                        "dots": at(inside).tolist(), "at": [middle, under]})  # fmt: skip
    return {"box": [-6, -6, round(by * (right - left)) + 16, 916], "shapes": shapes, "islands": islands}


def _path(ring: np.ndarray) -> str:
    """A ring as the path of an SVG, without points that fall together."""
    kept = ring[np.r_[True, (np.diff(ring, axis=0) != 0).any(axis=1)]]
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in kept) + "Z"


_CLASSES: Mapping[str, Callable[[View, Year], maps.Classes]] = {
    "value": lambda view, _: maps.by_value(view),
    "band": lambda view, year: maps.by_band(view, year.rank()),
    "change": lambda view, year: maps.by_change(view, year.change()),
}


def looks(year: Year, of: str) -> dict[str, object]:
    """Colour, hatch and words of every province on the map, and its legend."""
    view = View(year.results, Wording(year.language))
    frame = (year.change() if of == "change" else year.rank()).set_index("unit")
    column, decimals = ("change" if of == "change" else "value"), year.results.scale.decimals
    known = frame["band"].replace("", np.nan) if of == "band" else frame[column]
    unknown = maps.Classes(pd.Series(-1, index=frame.index), (), (), ())
    classes = _CLASSES[of](view, year) if known.notna().any() else unknown
    results = {}
    for province in maps.provinces(year.results.system):
        key = province.key
        value = frame[column].get(key, np.nan)
        text = ("+" if of == "change" and value > 0 else "") + printed(value, decimals, year.language)
        colour, _ = classes.look(key)
        hatched = int(classes.of.get(key, -1)) < 0
        band = f" · {frame['band'].get(key, '')}" if of == "band" and not hatched else ""
        results[key] = [colour, hatched, f"{units.name(key, year.language, system=year.results.system)}: {text}{band}"]
    legend = "".join(
        f"<p><i {_swatch(colour, hatch)}></i>{escape(words)}</p>" for words, colour, hatch in classes.counted(view)
    )
    under = escape(told({**year.results.about(), "language": year.language}, year.language))
    return {"looks": results, "legend": f'{legend}<p class="pe-told">{under}</p>'}


def _swatch(colour: str, hatch: str) -> str:
    return "class=pe-none" if (colour, hatch) == maps.UNKNOWN else f"style=background:{colour}"
