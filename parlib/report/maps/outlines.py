"""The outlines of the provinces as matplotlib paths, and where the two archipelagos are labelled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.path import Path as Outline

from parlib.data_tables import outlines, table

#: The whole country with its two archipelagos (degrees): no map may be cut inside.
WEST, EAST, SOUTH, NORTH = 102.1, 117.9, 6.9, 23.4
_NARROW = float(np.cos(np.radians(16.0)))  # a degree of longitude against one of latitude, mid-country


@dataclass(frozen=True)
class Province:
    """One province: its outline on the map, the point of its largest part, its islands far out at sea."""

    key: str
    outline: Outline
    centre: tuple[float, float]
    far_islands: np.ndarray  # n x 2, centres


@dataclass(frozen=True)
class Archipelago:
    """One of the two archipelagos: its name with the province it belongs to, and that province."""

    key: str
    words: tuple[str, str]  # name, province
    unit: str
    box: tuple[float, float, float, float]  # left, bottom, right, top


def project_box(west: float, east: float, south: float, north: float) -> tuple[float, float, float, float]:
    """A box of degrees in map units: left, right, bottom, top. Latitude stays as it is, longitude is narrowed."""
    return west * _NARROW, east * _NARROW, south, north


@cache
def provinces(system: str) -> tuple[Province, ...]:
    """The provinces of a system ("63" or "34")."""
    return tuple(_province(key, parts) for key, parts in outlines(system))


def _province(key: str, parts: list[list[np.ndarray]]) -> Province:
    vertices, codes, largest, far = [], [], (0.0, (0.0, 0.0)), []
    for rings in parts:
        for place, ring in enumerate(rings):
            points = ring * (_NARROW, 1.0)
            vertices.append(points)
            codes.append([Outline.MOVETO] + [Outline.LINETO] * (len(points) - 2) + [Outline.CLOSEPOLY])
            if place == 0:
                area, centre = _area(points)
                if area > largest[0]:
                    largest = (area, centre)
                if float(ring[:, 0].mean()) > 111:  # the two archipelagos lie east of it, nothing else
                    far.append(centre)
    outline = Outline(np.concatenate(vertices), np.concatenate(codes))
    return Province(key, outline, largest[1], np.array(far).reshape(-1, 2))


def _area(points: np.ndarray) -> tuple[float, tuple[float, float]]:
    x, y = points[:, 0], points[:, 1]
    cross = x[:-1] * y[1:] - x[1:] * y[:-1]
    double = float(cross.sum())
    if abs(double) < 1e-12:
        return 0.0, (float(x.mean()), float(y.mean()))
    cx = float(((x[:-1] + x[1:]) * cross).sum() / (3 * double))
    cy = float(((y[:-1] + y[1:]) * cross).sum() / (3 * double))
    return abs(double) / 2, (cx, cy)


@cache
def archipelagos(system: str) -> tuple[Archipelago, ...]:
    """Hoàng Sa and Trường Sa in a system of provinces."""
    found = []
    for row in table("geo/labels.csv").rows():
        name, _, owner = row["label_vi"].rstrip(")").partition(" (")
        sides = (row[key] for key in ("lon_min", "lon_max", "lat_min", "lat_max"))
        left, right, bottom, top = project_box(*sides)
        found.append(Archipelago(row["id"], (name, owner), row[f"key{system}"], (left, bottom, right, top)))
    return tuple(found)


@cache
def tiles(system: str) -> dict[str, tuple[int, int]]:
    """The place (column, row) of every province, and of the archipelagos, on the tile map."""
    return {row["key"]: (row["column"], row["row"]) for row in table("geo/tiles.csv").rows() if row["system"] == system}
