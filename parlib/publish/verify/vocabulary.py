"""Words that say which way a number goes, and their opposites: one table for all checks of words.

Each class has, in each language, the words that go up (1) and those that go down (-1), a word and its opposite in the
same place. ``said`` tells which of them a text says, the nearest to its end or to its beginning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from parlib.words import SOURCE

Words = tuple[tuple[str, ...], tuple[str, ...]]  # up, down
Class = Mapping[str, Words]  # by language

#: Up and down, anywhere in a clause.
WAYS: Class = {
    "vi": (("tăng",), ("giảm",)),
    "en": (("rise", "rises", "rose", "rising", "up", "increase", "increases", "climbed"),
           ("fall", "falls", "fell", "falling", "down", "decrease", "decreases")),
}  # fmt: skip
#: Right before a change.
BEFORE: Class = {
    "vi": (("tăng", "cao hơn"), ("giảm", "thấp hơn")),
    "en": (("up", "rose by", "higher by"), ("down", "fell by", "lower by")),
}
#: Right after a distance; from the mean.
SIDES: Class = {
    "vi": (("trên", "cao hơn"), ("dưới", "thấp hơn")),
    "en": (("above", "higher"), ("below", "lower")),
}
HIGHER: Class = {"vi": (("cao hơn",), ("thấp hơn",)), "en": SIDES["en"]}
OF_THE_MEAN: Class = {
    "vi": (
        ("trên mức trung bình", "trên trung bình", "cao hơn"),
        ("dưới mức trung bình", "dưới trung bình", "thấp hơn"),
    ),
    "en": (("above the mean", "higher"), ("below the mean", "lower")),
}  # fmt: skip
#: The first and the last.
ENDS: Class = {
    "vi": (("cao nhất", "đứng đầu", "tốt nhất"), ("thấp nhất", "xếp cuối", "kém nhất")),
    "en": (("highest", "best", "first place", "is first"), ("lowest", "worst", "last place", "is last")),
}
#: Of the areas of one unit.
OWN_ENDS: Class = {"vi": (("mạnh nhất",), ("yếu nhất",)), "en": (("strongest",), ("weakest",))}
#: Of whatever a chart draws.
SIZES: Class = {
    "vi": (("cao nhất", "lớn nhất", "nhiều nhất", "rộng nhất"),
           ("thấp nhất", "nhỏ nhất", "ít nhất", "hẹp nhất", "kém nhất")),
    "en": (("highest", "largest", "most", "widest", "greatest"),
           ("lowest", "smallest", "least", "narrowest", "fewest", "worst")),
}  # fmt: skip
#: Of all changes of units.
LARGEST: Class = {
    "vi": (("tăng nhiều nhất", "tăng hạng nhiều nhất", "giảm ít nhất"),
           ("giảm nhiều nhất", "giảm hạng nhiều nhất", "tăng ít nhất", "tăng hạng ít nhất")),
    "en": (("largest rise", "largest rises", "rose most", "climbed most", "least"),
           ("largest fall", "largest falls", "fell most", "smallest rise", "smallest rises", "rose least")),
}  # fmt: skip
ALL: Class = {
    "vi": (("tất cả đều tăng", "có số liệu đều tăng"), ("tất cả đều giảm", "có số liệu đều giảm")),
    "en": (("all rose", "all the known rose"), ("all fell", "all the known fell")),
}
#: What changes are counted in: of values, of ranks.
MEASURES: Class = {"vi": (("điểm %",), ("bậc",)), "en": (("percentage points",), ("places",))}
ORDER: Class = {"vi": (("đầu tiên",), ("cuối cùng",)), "en": (("first",), ("last",))}
CLASSES = (WAYS, SIDES, OF_THE_MEAN, ENDS, OWN_ENDS, SIZES)
#: Both at once say nothing: "tăng/giảm", "rise or fall".
_BOTH = re.compile(r"(?<!\w)(tăng|up|rise|rose)\s?[,/]\s?(giảm|down|fall|fell)(?!\w)")
_AND = {"vi": r",? và |/|, ", "en": r",? and |/|, "}


@cache
def known(language: str) -> str:
    """The language whose words are looked for: English where the vocabulary has none of a language. Numbers are held
    against their cells in every language; what the words around them claim only where the vocabulary has it."""
    return language if language in WAYS else SOURCE


def _ways(words: Words) -> Mapping[str, int]:
    return {word: way for way, some in zip((1, -1), words, strict=True) for word in some}


@cache
def pattern(words: Words) -> re.Pattern[str]:
    """Finds the words of a class in one language; of two that begin alike the longer one."""
    longest_first = sorted(map(re.escape, _ways(words)), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)", re.IGNORECASE)


def places(of: Class, language: str, text: str) -> Iterator[tuple[int, int, int]]:
    """Where a text says a word of a class: its beginning, its end, which way it goes."""
    words = of[known(language)]
    for found in pattern(words).finditer(text):
        yield found.start(), found.end(), _ways(words)[found[0].lower()]


def said(of: Class, language: str, text: str, *, first: bool = False) -> int:
    """Which way the last word of a class in a text goes, or the ``first``; 0 where there is none."""
    ways = [way for _, _, way in places(of, language, _BOTH.sub(" ", text))]
    return ways[0 if first else -1] if ways else 0


def ends_with(of: Class, language: str, text: str) -> int:
    """Which way the word that a text ends with goes; 0 where it ends otherwise."""
    text = text.rstrip()
    return next((way for _, end, way in places(of, language, text) if end == len(text)), 0)


@cache
def opposites(language: str) -> Mapping[str, str]:
    """The opposite of each word that has one."""
    found: dict[str, str] = {}
    for of in (*CLASSES, MEASURES, ORDER):
        for up, down in zip(*of[known(language)], strict=False):
            found.setdefault(up, down)
            found.setdefault(down, up)
    return found


@cache
def twice(language: str) -> re.Pattern[str]:
    """The same word where its opposite belongs: "highest and highest"."""
    words = sorted({re.escape(word) for of in CLASSES for word in _ways(of[known(language)])}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)({'|'.join(words)})(?:{_AND[known(language)]})\1(?!\w)", re.IGNORECASE)


#: Classes whose words a template must say alike in both languages.
_IN_BOTH = (WAYS, {"vi": (("cao nhất",), ("thấp nhất",)), "en": (("highest",), ("lowest",))}, HIGHER)


def same_direction(vi: str, en: str) -> bool:
    """Whether a template says up and down, highest and lowest in both languages alike, where both say so."""
    for of in _IN_BOTH:
        one, other = ({way for _, _, way in places(of, language, text)}
                      for language, text in (("vi", vi), ("en", en)))  # fmt: skip
        if one and other and one != other:
            return False
    return True
