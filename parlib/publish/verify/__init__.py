"""Verification: what is printed is worked out again before it goes out, and whenever somebody asks.

``blocks``  data -> blocks: every printed number from the datasets, words against numbers.
``files``   blocks -> files: what was written, read back.
"""

from __future__ import annotations

from parlib.publish.verify.blocks import Passed, inspect
from parlib.publish.verify.files import inspect as read_back

__all__ = ["Passed", "inspect", "read_back"]
