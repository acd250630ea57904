"""The outlines and widths of letters in Arimo, which comes with parlib and has every Vietnamese letter."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import Literal

import numpy as np
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.path import Path

from parlib import places

Align = Literal["left", "center", "right"]
Weight = Literal["normal", "bold"]
FONTS: dict[Weight, str] = {"normal": places.font("Arimo-Regular"), "bold": places.font("Arimo-Bold")}
EM = 100.0  # font units in which outlines are kept


@cache
def _font(file: str) -> FT2Font:
    font = FT2Font(file)
    font.set_size(EM, 72)
    return font


@cache
def _spare(weight: Weight) -> str:
    """The font of matplotlib's own that has the signs which Arimo lacks, such as raised letters."""
    return font_manager.findfont(font_manager.FontProperties(family="DejaVu Sans", weight=weight))


@cache
def glyph(letter: str, weight: Weight) -> tuple[np.ndarray, np.ndarray, float]:
    """The points and codes of a letter's outline, and how far the next stands from it, in ``EM`` to the font's size."""
    font = _font(FONTS[weight])
    if not font.get_char_index(ord(letter)):
        font = _font(_spare(weight))
    shape = font.load_char(ord(letter), flags=LoadFlags.NO_HINTING)
    vertices, codes = font.get_path()
    return vertices, codes, shape.linearHoriAdvance / 65536


@lru_cache(maxsize=4096)
def outline(text: str, weight: Weight, align: Align) -> Path:
    """The outline of a text of one or more lines, centred on its height."""
    vertices, codes = [np.zeros((0, 2))], [np.zeros(0, np.uint8)]
    lines = unicodedata.normalize("NFC", text).split("\n")
    for row, line in enumerate(lines):
        x = -advance(line, weight) * {"left": 0.0, "center": 0.5, "right": 1.0}[align]
        y = 125 * ((len(lines) - 1) / 2 - row) - 36  # 36: half the height of a capital
        for letter in line:
            shape, shape_codes, width = glyph(letter, weight)
            if len(shape):
                vertices.append(shape + np.array((x, y)))
                codes.append(shape_codes)
            x += width
    return Path(np.concatenate(vertices), np.concatenate(codes))


def advance(line: str, weight: Weight) -> float:
    """The width of a line, in ``EM`` to the font's size."""
    return sum(glyph(letter, weight)[2] for letter in line)
