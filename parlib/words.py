"""Words: the messages that people read, in their language, and Vietnamese names, matched.

Every message is looked up in the gettext catalogues under ``locale/``, read straight from their .po files: these are
small and read once, so nothing has to be compiled, and an editor's change shows at once. The identifier of a message is
the English sentence with named places in braces. Messages of errors and tables have the context "error", those of the
command line "command": they may hold digits, the sentences of reports may not. ``python -m parlib.words`` brings the
catalogues in line with the code and names what waits for a translation; tests keep them complete.

A language is a folder under ``locale/`` with a catalogue, nothing else. What its catalogue does not say is said in
English; so are names of which the data has no others than ``name`` and ``name_en`` (``own_words``).
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from operator import eq
from pathlib import Path
from typing import TYPE_CHECKING

from parlib import places

if TYPE_CHECKING:
    from babel.messages.catalog import Message as Entry

FOLDER = Path(__file__).with_name("locale")
DOMAIN = "parlib"
ERROR = "error"  # the context of messages of errors, and of words in tables and lists
COMMAND = "command"  # of the command line
FIRST = "vi"  # the language of the data, and of whoever does not say otherwise
SOURCE = "en"  # the language of the identifiers
NOT_ENGLISH = "number compared: "  # how identifiers begin that are names of the code: English has to be given too

_ERRORS = ("ParlibError", "DataError", "ParameterError", "RenderError", "InputsChanged", "PdfError")
#: By context, the functions whose first argument is a message, and those whose first two are its singular and plural;
#: and the folder of the code that calls them.
KEYWORDS: Mapping[str, tuple[str, Mapping[str, tuple[int, ...] | None]]] = {
    "": (
        "report",
        {
            **dict.fromkeys(("message", "say", "phrase", "sentence", "item", "note", "missing")),
            **dict.fromkeys(("say_many", "phrase_many", "sentence_many"), (1, 2)),
        },
    ),
    ERROR: ("", dict.fromkeys(("Problem", "Message", "refuse", "warn", *_ERRORS))),
    COMMAND: ("cli", dict.fromkeys(("say", "option", "argument", "group"))),
}


# --- messages -------------------------------------------------------------------------------------


class Words:
    """What can be said in every language."""

    __slots__ = ()

    def text(self, language: str = FIRST) -> str:
        """The words in ``language``."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Message(Words):
    """A message in every language: ``id`` with ``places``, which may be messages themselves.

    >>> Message("no such file; there are: {listed}", {"listed": "a, b"}).text("en")
    'no such file; there are: a, b'
    """

    id: str
    places: Mapping[str, object] = field(default_factory=dict)
    context: str = ERROR

    def __post_init__(self) -> None:
        texts = {
            name: str(value) if isinstance(value, BaseException) and not isinstance(value, Words) else value
            for name, value in self.places.items()
        }
        object.__setattr__(self, "places", texts)  # what an error said goes to another process, the error may not

    def __hash__(self) -> int:
        return hash((self.id, *self.places))

    def filled(self, **places: object) -> Message:
        """The message with more of its places."""
        return Message(self.id, {**self.places, **places}, self.context)

    def template(self, language: str = FIRST) -> str:
        """The message in ``language``, its places not filled."""
        return messages(language, self.context).get(self.id, (self.id,))[0]

    def text(self, language: str = FIRST) -> str:
        """The message in ``language``."""
        texts = {name: in_language(value, language) for name, value in self.places.items()}
        return self.template(language).format(**texts)


def texts(table: Mapping[str, Message], language: str) -> dict[str, str]:
    """The messages of a table in ``language``, their places not filled yet."""
    return {key: message.template(language) for key, message in table.items()}


@dataclass(frozen=True, slots=True)
class Name(Words):
    """A name of the data, which is in no catalogue: in Vietnamese, and in English for all other languages."""

    vi: str
    en: str

    def text(self, language: str = FIRST) -> str:
        """The name in ``language``."""
        return self.vi if language == FIRST else self.en


@dataclass(frozen=True, slots=True, init=False)
class Joined(Words):
    """Words one after another, with a sign between them; empty ones are left out."""

    parts: tuple[object, ...]
    between: str

    def __init__(self, parts: Iterable[object], between: str = ", ") -> None:
        object.__setattr__(self, "parts", tuple(parts))
        object.__setattr__(self, "between", between)

    def text(self, language: str = FIRST) -> str:
        """The words in ``language``."""
        return self.between.join(filter(None, (str(in_language(part, language)) for part in self.parts)))


@dataclass(frozen=True, slots=True)
class Keyed(Words):
    """A key, and what people call it: "thẩm định (appraisal)"; the key alone where that says no more.

    >>> Keyed("ministry", Name("bộ", "ministry")).text("vi")
    'bộ (ministry)'
    """

    key: str
    words: Words

    def text(self, language: str = FIRST) -> str:
        """The words in ``language``, and the key."""
        said = self.words.text(language)
        return said if fold(said) == fold(self.key) else f"{said} ({self.key})"


@dataclass(frozen=True, slots=True)
class Digits(Words):
    """A number that is written with a decimal point, as its readers write it.

    >>> Digits("89.95").text("vi")
    '89,95'
    """

    digits: str

    def text(self, language: str = FIRST) -> str:
        """The number in ``language``."""
        return self.digits.replace(".", number_signs(language)[1])


@cache
def number_signs(language: str) -> tuple[str, str]:
    """The signs that group thousands and that begin the decimals, of the example that the catalogue gives.

    >>> number_signs("vi"), number_signs("en")
    (('.', ','), (',', '.'))
    """
    thousands, decimals = re.findall(r"\d(\D)(?=\d)", Message("1,234.5").text(language))
    return thousands, decimals


def as_day(day: date, clock: bool = False) -> str:
    """A day as it is written in Viet Nam; of a moment, with ``clock``, the hour too.

    >>> as_day(date(2026, 9, 5))
    '5/9/2026'
    """
    return f"{day.day}/{day.month}/{day.year}" + (f" {day:%H:%M}" if clock else "")


def in_language(stated: object, language: str) -> object:
    """Words in a language, a day as it is written; anything else as it is."""
    if isinstance(stated, date):
        return as_day(stated, clock=isinstance(stated, datetime))
    return stated.text(language) if isinstance(stated, Words) else stated


# --- the catalogues -------------------------------------------------------------------------------


def path(language: str) -> Path:
    """The catalogue file of ``language``."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a catalogue: Vietnamese, English, then the others by name."""
    there = sorted(match.parts[-3] for match in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
    return tuple(sorted(there, key=lambda language: (language != FIRST, language != SOURCE)))


def messages(language: str, context: str = "") -> Mapping[str, tuple[str, ...]]:
    """Every message of a catalogue: the translations by identifier, one for each plural form of the language.

    Untranslated and fuzzy entries are left out, as gettext does.
    """
    return catalogue(language).get(context, {})


@cache
def catalogue(language: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The messages of a language by context; its files are read once."""
    return fresh(language)


def fresh(language: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """As ``catalogue``, read from the files as they are now. A message is in English what its identifier says, where
    the English catalogue does not say it better; in a language without it, what it is in English."""
    results: dict[str, dict[str, tuple[str, ...]]] = {}
    for name in dict.fromkeys((FIRST, SOURCE, language)):
        for entry in _entries(path(name).read_text(encoding="utf-8")) if path(name).exists() else ():
            if not entry.get("msgid"):
                continue
            if name == FIRST and language != FIRST:
                forms = tuple(entry[key] for key in ("msgid", "msgid_plural") if key in entry)
            else:
                forms = tuple(text for key, text in entry.items() if key.startswith("msgstr"))
            if "" not in forms:
                results.setdefault(entry.get("msgctxt", ""), {})[entry["msgid"]] = forms
        if name == language:
            break
    return results


# A line of a .po file: a quoted string with its keyword or going on, flags, or none.
_LINE = re.compile(r'^[ \t]*(?:(msg\S+)[ \t]+)?(".*")|^(#,.*)?$', re.MULTILINE)


def _entries(text: str) -> Iterator[dict[str, str]]:
    """The entries of a .po file: keyword ("msgid", "msgid_plural", "msgstr[0]", ...) to text."""
    entry: dict[str, str] = {}
    keyword, fuzzy = "", False
    for begun, quoted, flags in _LINE.findall(text + "\n\n"):
        if quoted:
            said = json.loads(quoted) if "\\" in quoted else quoted[1:-1]
            keyword = begun or keyword
            entry[keyword] = said if begun else entry[keyword] + said
        elif flags:
            fuzzy = "fuzzy" in flags
        elif entry:
            if not fuzzy:
                yield entry
            entry, fuzzy = {}, False


def used(context: str = "") -> dict[str, str]:
    """The messages that the code uses: identifier, and its plural or ""."""
    from babel.messages.extract import extract_from_dir

    room, keywords = KEYWORDS[context]
    results: dict[str, str] = {}
    for _, _, message, _, _ in extract_from_dir(FOLDER.parent / room, [("**.py", "python")], keywords=keywords):
        singular, plural = message if isinstance(message, tuple) else (message, "")
        if results.setdefault(singular, plural) != plural:
            raise ValueError(f"the message {singular!r} has two plurals")
    return dict(sorted((results if context else results | _of_levels()).items()))


def _of_levels() -> dict[str, str]:
    """What the units of the levels of ``data/`` are called: see ``report.blocks.Wording.units_of``."""
    with (places.data() / "units" / "levels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    nouns = {row["name_en"]: row["plural_en"] for row in rows}
    return nouns | dict.fromkeys((row[name] for row in rows for name in ("plural_en", "all_en")), "")


def update() -> list[str]:
    """Add new messages to the catalogues and drop left-over ones; returns those that wait for their words.

    The English catalogue has only the messages that say something else than their identifiers; the others have all,
    blank where nothing is said yet, so that an empty file is the beginning of one.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po, write_po

    waiting = []
    for language in languages():
        head, blank, _ = path(language).read_text(encoding="utf-8").partition("\n\n")
        if 'msgid ""\nmsgstr ' not in head:  # just begun: no head yet
            head = blank = ""
        before = read_po(io.BytesIO(path(language).read_bytes()), locale=language)
        after = Catalog(locale=language)
        for context in KEYWORDS:
            for singular, plural in used(context).items():
                text = _kept(before.get(singular, context or None), plural)
                if language == SOURCE and text in (None, singular, (singular, plural)):
                    waiting += [f"{singular} ({SOURCE})"] if singular.startswith(NOT_ENGLISH) else []
                    continue
                if text is None:
                    waiting += [singular] if language == FIRST else []
                    text = ("",) if plural else ""
                after.add((singular, plural) if plural else singular, text, context=context or None)
        body = io.BytesIO()
        write_po(body, after, omit_header=True, width=110)
        path(language).write_text(head + blank + body.getvalue().decode("utf-8").rstrip("\n") + "\n", encoding="utf-8")
    catalogue.cache_clear()
    return waiting


def _kept(message: Entry | None, plural: str) -> str | tuple[str, ...] | None:
    """The translation that a message has, if it still fits: one text, or as many as there are plural forms."""
    if message is None or isinstance(message.string, str) == bool(plural):
        return None
    text = message.string if isinstance(message.string, str) else tuple(message.string or ())
    return text if text and all(text) else None


# --- Vietnamese names -----------------------------------------------------------------------------

# Letters that look the same: the Icelandic and African D of old keyboards, PDFs and web pages; full-width letters.
_LOOKALIKES: dict[int, int | str] = {
    **{ord(sign): "Đ" for sign in "\u00d0\u0189"},
    **{ord(sign): "đ" for sign in "\u00f0\u0256"},
    **{sign: sign - 0xFEE0 for sign in range(0xFF01, 0xFF5F)},
    0x3000: " ",
}


def usual_letters(text: str) -> str:
    """``text`` with letters that only look like Vietnamese ones put right: Ð (U+00D0) and Ɖ (U+0189) as Đ, full-width
    letters, digits and signs as the usual ones."""
    return text.translate(_LOOKALIKES)


def unmarked(text: str) -> str:
    """``text`` in ASCII, for what can show nothing else: Vietnamese without marks, other signs by their numbers."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    usual = bare.translate({ord("đ"): "d", ord("Đ"): "D", ord("–"): "-", ord("·"): "-", ord("…"): "..."})
    return usual.encode("ascii", "backslashreplace").decode()


# Signs that no word has, in the places where the old encodings keep Vietnamese letters: "QuyÕt ®Þnh", "Quyeát ñònh".
_TCVN3 = re.compile(r"[A-Za-z][µ¸¶·¹¨©®ª¬¾¼½»«][A-Za-z]|(?<!\w)[®¬§][a-zµ-ÿ¬¨¸]|[A-Za-z][µ¸¶·¹](?!\w)")
_VNI = re.compile("[aeoyuôö][ûïåäëüø]|ñ[aeiouyôöòíóìæ]|[a-z]æ|ö[ôùøûõïa-z]", re.IGNORECASE)
_UNICODE = re.compile("[ạ-ỹđơưă]", re.IGNORECASE)


def old_encoding(text: str) -> str:
    """The encoding of Vietnamese from before Unicode that ``text`` is in, as a font of that time shows it; "" where it
    is none. A foreign name may have one sign of VNI ("Noël"), so one word does not tell."""
    if text.isascii() or _UNICODE.search(text):
        return ""
    if _TCVN3.search(text):
        return "TCVN3 (ABC)"
    return "VNI" if sum(bool(_VNI.search(word)) for word in text.split()) > 1 else ""


@lru_cache(maxsize=10_000)  # names are asked for again and again
def fold(text: str) -> str:
    """``text`` for matching: small letters without tone or other marks, đ as d, single blanks between words."""
    usual = usual_letters(text).casefold()
    bare = "".join(c for c in unicodedata.normalize("NFD", usual) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", bare.replace("đ", "d")))


_LETTERS = {letter: place for place, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_TONES = {mark: place for place, mark in enumerate("\u0300\u0309\u0303\u0301\u0323", start=1)}  # combining, as in NFD


def alphabetical(text: str) -> tuple[tuple[tuple[int, ...], int], ...]:
    """The key by which names are sorted for people: syllable by syllable, by the Vietnamese alphabet (a ă â b c d đ e
    ê ...), then by tone (none, grave, hook, tilde, acute, dot below). Figures stand before letters."""
    syllables = []
    for word in re.findall(r"[^\W_]+", usual_letters(text).casefold()):
        bare, tone = "", 0
        for sign in unicodedata.normalize("NFD", word):
            if sign in _TONES:
                tone = _TONES[sign]
            else:
                bare += sign
        letters = unicodedata.normalize("NFC", bare)
        syllables.append((tuple(_LETTERS.get(letter, ord(letter) - 256) for letter in letters), tone))
    return tuple(syllables)


def same_marks(text: str, name: str) -> bool:
    """Whether two names are written alike with their tones and marks, as far as the shorter one goes from the end.

    >>> same_marks("Tân Thạnh", "Xã Tân Thạnh"), same_marks("tân thạnh", "Xã Tân Thành")
    (True, False)
    """
    return all(map(eq, reversed(alphabetical(text)), reversed(alphabetical(name))))


def nearest(text: str, candidates: Iterable[str], n: int = 3) -> list[str]:
    """The ``candidates`` spelt most like ``text``, best first; case, tones and marks do not count."""
    folded: dict[str, str] = {}
    for candidate in candidates:
        folded.setdefault(fold(candidate), candidate)
    return [folded[match] for match in difflib.get_close_matches(fold(text), folded, n=n, cutoff=0.6)]


def near(text: str, candidates: Iterable[str]) -> Message | str:
    """The near matches as the end of an error's message; "" without any."""
    result = nearest(text, candidates)
    return Message("; near matches: {found}", {"found": ", ".join(result)}) if result else ""


def near_codes(code: str, codes: Iterable[str]) -> Message | str:
    """The codes of the same branch, as the end of an error's message: what begins alike is near, other likeness of
    numbers says nothing; "" without any."""
    known = list(codes)
    branches = ([one for one in known if one.startswith(code[:n])] for n in range(len(code), 0, -1))
    found = next(filter(None, branches), [])[:3]
    return Message("; near matches: {found}", {"found": ", ".join(found)}) if found else ""


if __name__ == "__main__":
    waiting_for_translation = update()
    sys.exit("not translated:\n" + "\n".join(waiting_for_translation) if waiting_for_translation else 0)
