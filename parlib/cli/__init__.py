"""The commands: ``parlib ...``, one thin function each."""

from parlib.cli.main import app, main

__all__ = ["app", "main"]
