"""Vietnamese names: matching them whatever their spelling, and sorting them as dictionaries do."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}  # huyền, hỏi, ngã, sắc, nặng
_ALPHABET = {letter: place for place, letter in enumerate("0123456789aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}


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


def fold(text: str) -> str:
    """``text`` for matching: small letters without tone or other marks, đ as d, single blanks between words."""
    usual = usual_letters(text).casefold()
    bare = "".join(c for c in unicodedata.normalize("NFD", usual) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", bare.replace("đ", "d")))


def vietnamese_key(text: str) -> tuple[tuple[tuple[int, ...], int], ...]:
    """A sort key in the order of Vietnamese dictionaries: word by word, first the letters (a ă â b c d đ ...), then the
    tones (level, huyền, hỏi, ngã, sắc, nặng)."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", usual_letters(text)).casefold())
    return tuple(_word_key(word) for word in words)


def _word_key(word: str) -> tuple[tuple[int, ...], int]:
    letters: list[str] = []
    tone = 0
    for sign in unicodedata.normalize("NFD", word):
        if sign in _TONES:
            tone = _TONES[sign]
        elif unicodedata.combining(sign) and letters:
            letters[-1] = unicodedata.normalize("NFC", letters[-1] + sign)
        else:
            letters.append(sign)
    return tuple(_ALPHABET.get(letter, 100 + ord(letter[0])) for letter in letters), tone


def nearest(text: str, candidates: Iterable[str], n: int = 3) -> list[str]:
    """The ``candidates`` spelt most like ``text``, best first; case, tones and marks do not count."""
    folded: dict[str, str] = {}
    for candidate in candidates:
        folded.setdefault(fold(candidate), candidate)
    return [folded[match] for match in difflib.get_close_matches(fold(text), folded, n=n, cutoff=0.6)]


def nearest_text(text: str, candidates: Iterable[str], language: str) -> str:
    """The near matches as the end of an error message; "" without any."""
    near = nearest(text, candidates)
    words = {"vi": "; gần giống: ", "en": "; near matches: "}
    return words[language] + ", ".join(near) if near else ""
