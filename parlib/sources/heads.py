"""What people and programs call things in files that come in: the lists of ``heads.yaml``. One more word is a word more
there. And what indices are called, where one of them is to be named.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from parlib.data_tables import indices, read_yaml
from parlib.words import Joined, Keyed, Name


@cache
def called(what: str) -> dict[str, tuple[str, ...]]:
    """What each thing of a kind is called, by its key: the fields of "ledger", the roles of "survey", ..."""
    content: dict[str, dict[str, list[str]]] = read_yaml(Path(__file__).with_suffix(".yaml"))
    return {key: tuple(words) for key, words in content[what].items()}


@cache
def meant(what: str) -> dict[str, str]:
    """The key that each word of a kind means."""
    return {word: key for key, words in called(what).items() for word in words}


def index_words(keys: Iterable[str]) -> Joined:
    """Indices as people call them, each with its key: "Chỉ số CCHC (par)"; by its key alone one that no list has."""
    named = ((key, indices().get(key, {"name_vi": key, "name_en": key})) for key in keys)
    return Joined(Keyed(key, Name(row["name_vi"], row["name_en"])) for key, row in named)
