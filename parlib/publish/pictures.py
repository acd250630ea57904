"""Pictures of figures in a PDF: the compressed rows of a PNG are what PDF calls a flate stream with PNG predictors."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pydyf
    from weasyprint.pdf.stream import Stream

PREFIX = "data:image/png;base64,"

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PALETTE = 3  # the kind of colours that figures are written in


@dataclass(frozen=True)
class Picture:
    """A PNG of at most 256 colours, in the form in which WeasyPrint draws pictures."""

    id: str
    width: int
    height: int
    palette: bytes
    rows: bytes

    def get_intrinsic_size(self, resolution: float, font_size: float) -> tuple[float, float, float]:
        """Width and height in the units of ``resolution``, and their ratio."""
        return self.width / resolution, self.height / resolution, self.width / self.height

    def draw(self, stream: Stream, width: float, height: float, style: object) -> None:
        """Draw the picture ``width`` x ``height`` large on the stream of a page."""
        name = stream.add_image(self, interpolate=True, ratio=1)
        stream.transform(width, 0, 0, -height, 0, height)
        stream.draw_x_object(name)

    def get_x_object(self, interpolate: bool, dpi_ratio: float) -> pydyf.Stream:
        """The picture as an object of a PDF."""
        import pydyf

        colours = ("/Indexed", "/DeviceRGB", len(self.palette) // 3 - 1, f"<{self.palette.hex()}>")
        return pydyf.Stream(
            [self.rows],
            pydyf.Dictionary(
                {
                    "Type": "/XObject",
                    "Subtype": "/Image",
                    "Width": self.width,
                    "Height": self.height,
                    "ColorSpace": pydyf.Array(colours),
                    "BitsPerComponent": 8,
                    "Interpolate": "true" if interpolate else "false",
                    "Filter": "/FlateDecode",
                    "DecodeParms": pydyf.Dictionary({"Predictor": 15, "Columns": self.width}),
                }
            ),
        )


def as_it_is(source: str) -> Picture | None:
    """The picture of a data address, or None where it is of another kind: then WeasyPrint reads it itself."""
    content = base64.b64decode(source.removeprefix(PREFIX))
    if not content.startswith(_SIGNATURE):
        return None
    chunks = list(_chunks(content))
    width, height, depth, colours, *_, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    kinds = {kind for kind, _ in chunks}
    if (depth, colours, interlaced) != (8, _PALETTE, 0) or b"tRNS" in kinds:
        return None
    palette, rows = (b"".join(data for kind, data in chunks if kind == wanted) for wanted in (b"PLTE", b"IDAT"))
    return Picture(sha256(content).hexdigest()[:24], width, height, palette, rows)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and data of every chunk of a PNG: length, kind, data, check sum."""
    place = len(_SIGNATURE)
    while place < len(content):
        (length,) = struct.unpack_from(">I", content, place)
        yield content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
        place += length + 12
