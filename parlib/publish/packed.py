"""Zip files that hold nothing of the day or the machine: equal contents give equal bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can hold


def write(path: Path | BytesIO, files: Mapping[str, bytes], packed_already: tuple[str, ...] = ()) -> None:
    """Write ``files`` (content by name) to ``path`` in their order; those with an ending of ``packed_already`` as they
    are."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(packed_already) else zipfile.ZIP_DEFLATED
            entry.create_system = 3  # the same bytes on every system
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
