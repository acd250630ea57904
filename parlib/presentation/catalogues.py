"""The gettext catalogues of the sentences that users read: read straight from their .po files.

The files are small and read once, so nothing has to be compiled, and an editor's change shows at once. The message
identifier is the English sentence with named places in braces. ``python -m parlib.presentation.catalogues`` brings both
in line with the code and names what waits for a translation; tests keep them complete.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("locale")
DOMAIN = "parlib"

#: The functions whose first argument is a message, and those whose first two are its singular and plural.
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
    return fresh(language)


def fresh(language: str) -> Mapping[str, tuple[str, ...]]:
    """As ``messages``, read from the file as it is now."""
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


# --- kept in line with the code -------------------------------------------------------------------


def used() -> dict[str, str]:
    """The messages that the code of this room uses: identifier, and its plural or ""."""
    from babel.messages.extract import extract_from_dir

    found: dict[str, str] = {}
    for _, _, message, _, _ in extract_from_dir(FOLDER.parent, [("**.py", "python")], keywords=KEYWORDS):
        singular, plural = message if isinstance(message, tuple) else (message, "")
        if found.setdefault(singular, plural) != plural:
            raise ValueError(f"the message {singular!r} has two plurals")
    return dict(sorted(found.items()))


def update() -> list[str]:
    """Add new messages to the catalogues and drop left-over ones; returns those without a Vietnamese translation.

    A new English message says what its identifier says, until someone writes it better.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po, write_po

    waiting = []
    for language in ("vi", "en"):
        head, blank, _ = path(language).read_text(encoding="utf-8").partition("\n\n")
        before = read_po(io.BytesIO(path(language).read_bytes()), locale=language)
        after = Catalog(locale=language)
        for singular, plural in used().items():
            text = _kept(before.get(singular), plural)
            if text is None and language == "en":
                text = (singular, plural) if plural else singular
            if text is None:
                waiting.append(singular)
                text = ("",) if plural else ""
            after.add((singular, plural) if plural else singular, text)
        body = io.BytesIO()
        write_po(body, after, omit_header=True, width=110)
        path(language).write_text(head + blank + body.getvalue().decode("utf-8"), encoding="utf-8")
    messages.cache_clear()
    return waiting


def _kept(message: Any, plural: str) -> Any:
    """The translation that a message has, if it still fits: one text, or as many as there are plural forms."""
    if message is None or isinstance(message.string, str) == bool(plural):
        return None
    return message.string if message.string and all(message.string) else None


if __name__ == "__main__":
    waiting_for_translation = update()
    sys.exit("not translated:\n" + "\n".join(waiting_for_translation) if waiting_for_translation else 0)
