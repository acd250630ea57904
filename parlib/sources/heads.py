"""What people and programs call things in files that come in: the lists of ``heads.yaml``. One more word is a word more
there."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from parlib.data_tables import read_yaml


@cache
def called(what: str) -> dict[str, tuple[str, ...]]:
    """What each thing of a kind is called, by its key: the fields of "ledger", the roles of "survey", ..."""
    content: dict[str, dict[str, list[str]]] = read_yaml(Path(__file__).with_suffix(".yaml"))
    return {key: tuple(words) for key, words in content[what].items()}


@cache
def meant(what: str) -> dict[str, str]:
    """The key that each word of a kind means."""
    return {word: key for key, words in called(what).items() for word in words}
