"""The gettext catalogues of the sentences that users read: read straight from their .po files.

The files are small and read once, so nothing has to be compiled, and an editor's change shows at once. The message
identifier is the English sentence with named places in braces. Tests find the identifiers that the code uses, as
``KEYWORDS`` says, and keep both catalogues complete.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("locale")
DOMAIN = "parlib"

#: The functions whose first argument is a message, and those whose first two are its singular and plural: what
#: ``pybabel extract --keyword`` takes.
KEYWORDS: Mapping[str, tuple[int, ...] | None] = {
    **dict.fromkeys(("message", "say", "phrase", "sentence", "missing")),
    **dict.fromkeys(("say_many", "phrase_many", "sentence_many"), (1, 2)),
}


def path(language: str) -> Path:
    """The catalogue file of ``language``."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def messages(language: str) -> Mapping[str, tuple[str, ...]]:
    """Every message of a catalogue: the translations by identifier, one for each plural form of the language.

    Untranslated and fuzzy entries are left out, as gettext does.
    """
    found: dict[str, tuple[str, ...]] = {}
    for entry in _entries(path(language).read_text(encoding="utf-8")):
        forms = tuple(text for key, text in entry.items() if key.startswith("msgstr"))
        if entry.get("msgid") and all(forms):
            found[entry["msgid"]] = forms
    return found


def _entries(text: str) -> Iterator[dict[str, str]]:
    """The entries of a .po file: keyword ("msgid", "msgid_plural", "msgstr[0]", ...) to text."""
    entry: dict[str, str] = {}
    keyword, fuzzy = "", False
    for line in [*text.splitlines(), ""]:
        line = line.strip()
        if line.startswith("#,"):
            fuzzy = "fuzzy" in line
        if line.startswith("#"):
            continue
        if line.startswith('"'):
            entry[keyword] += ast.literal_eval(line)
        elif line:
            keyword, _, quoted = line.partition(" ")
            entry[keyword] = ast.literal_eval(quoted)
        elif entry:
            if not fuzzy:
                yield entry
            entry, fuzzy = {}, False
