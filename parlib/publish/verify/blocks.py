"""The gate: a finished report is read once more, number by number, before anybody else sees it.

The checks of the analysis compare the frames before they are printed; the gate compares what *is* printed. Every number
of a table, sentence or key figure is set against the cells that it says it came from, in the dataset of the index
tables that the notebook gave beside it; its text against its value; the templates of the sentences against their
identifiers; the words of direction against the signs; and the numbers of one language against those of the other.
A report with a disagreement is not published (``render``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import zip_longest
from string import Formatter

import numpy as np

from parlib import words as catalogues
from parlib.analysis.checks import Finding
from parlib.publish.document import Document, numbers
from parlib.publish.verify import arithmetic, figures, reading, vocabulary
from parlib.publish.verify.claims import Claims
from parlib.publish.verify.data import Data
from parlib.publish.verify.names import Naming
from parlib.publish.verify.reading import name_of, wrong
from parlib.publish.verify.tables import Tables
from parlib.publish.verify.texts import Texts
from parlib.report.blocks import MARKS, MINUS, TO, UNKNOWN, Block, Figure, Heading, Number, Table, Title, Wording
from parlib.tables import rounded
from parlib.words import SOURCE, Message

_NOISE = 1e-7  # values in the dataset have nine decimals; differences and means of them fewer
#: Places of templates that hold names and years: their order is the language's own.
_NAMES = {"year", "before", "start", "unit", "units", "index", "area", "areas"}


@dataclass(frozen=True)
class Passed:
    """What the gate saw: how many numbers a report prints, how many of them were worked out again, and whether it has
    the words to read what the report claims in its language (``vocabulary``)."""

    numbers: int
    recomputed: int
    claims: bool = True


def inspect(document: Document, wording: Wording, other: Document | None = None) -> tuple[Passed, tuple[Finding, ...]]:
    """All disagreements in ``document``; ``other`` is the same report in the other language, where there is one."""
    gate = Gate.of(document, wording)
    results: list[Finding] = [*_templates(), *(gate.texts.head(document.title) if gate.texts else ())]
    results += _unmarked(document.title, gate.data, wording)
    printed = recomputed = 0
    headings = ["", "", ""]
    for item in document.items:
        if isinstance(item.block, Heading):
            headings[item.block.level - 1 :] = [item.block.text, *[""] * (3 - item.block.level)]
        passed, wrong = gate.block(item.block, " ".join([document.title.text, *headings]))
        printed, recomputed = printed + passed.numbers, recomputed + passed.recomputed
        results += wrong
    if other is not None:
        results += _languages(document, other)
    return Passed(printed, recomputed, vocabulary.is_read(document.language)), tuple(results)


@dataclass(frozen=True)
class Gate:
    """What the blocks of one document are read with: its data, its words, the vocabulary of its texts."""

    data: Data
    wording: Wording
    belongings: figures.Belongings
    tables: Tables
    naming: Naming
    claims: Claims
    phrases: vocabulary.Phrases
    texts: Texts | None  # none where no index table stands behind the document

    @classmethod
    def of(cls, document: Document, wording: Wording) -> Gate:
        """The gate of ``document``."""
        data, title, language = Data.of(document), document.title, document.language
        year = data.own[1] if data.own else 0
        of_one_year = set(re.findall(r"(?:19|20)\d\d", f"{title.text} {title.subtitle}")) == {str(year)}
        reads = "index" in data.frames
        return cls(
            data,
            wording,
            figures.Belongings(data),
            Tables(data, wording),
            Naming(data, wording, title.text, _below_headings(document)),
            Claims(data, language),
            vocabulary.Phrases(language, tuple(data.nodes)),
            Texts.of(document, wording, data.frames, year if of_one_year else 0) if reads else None,
        )

    def block(self, block: Block, around: str) -> tuple[Passed, list[Finding]]:
        """All disagreements in one block; ``around`` are the title and the headings above it."""
        signed = isinstance(block, Table)
        results = [*self.claims.inspect(block, around), *self.naming.inspect(block), *self.phrases.inspect(block)]
        if isinstance(block, Figure):
            results += figures.inspect(block, self.data, self.belongings)[2]
            results += figures.inspect_drawings(block, self.belongings) if self.data.own else ()
        if isinstance(block, Table):
            results += self.tables.inspect(block)
        printed = recomputed = 0
        for number in numbers(block):
            printed += 1
            results += _text(number, self.wording, name_of(block))
            again, strange = _bound(number, self.data, name_of(block), signed or number.text[:1] in ("+", MINUS))
            recomputed += again
            results += strange
        results += self.texts.block(block) if self.texts else ()
        return Passed(printed, recomputed), results


def _unmarked(title: Title, data: Data, wording: Wording) -> Iterator[Finding]:
    """The marks that results behind the document bear and its title does not, which tells them for all that follows."""
    index = data.frames.get("index")
    borne = set() if index is None else {mark for row in index["marks"].astype(str).unique() for mark in row.split(";")}
    for mark in sorted(borne & MARKS.keys()):
        if wording.say(MARKS[mark]) not in title.marks:
            said = Message("the title does not say what the results are marked with: {mark}", {"mark": mark})
            yield wrong("title_marks", title.text, said)


def _below_headings(document: Document) -> dict[str, frozenset[str]]:
    """By the text of each heading, the units that the numbers up to the next one are of."""
    results: dict[str, frozenset[str]] = {}
    heading = ""
    for item in document.items:
        if isinstance(item.block, Heading):
            heading = item.block.text
        results[heading] = results.get(heading, frozenset()) | {ref.unit for n in numbers(item.block) for ref in n.refs}
    return results


# --- a number and its text ------------------------------------------------------------------------


def _text(number: Number, wording: Wording, where: str) -> Iterator[Finding]:
    """The text of a number is its value, rounded half up to the decimals that it shows."""
    text, _, of = number.text.partition("/") if number.made in ("out_of", "known_parts") else (number.text, "", "")
    if number.made == "known_parts" and of != str(len(number.refs)):
        yield reading.about("printed_text", where, number, Message("a printed number is its value, rounded"))
    if number.value is not None and not reads(text, number.value, wording):
        yield reading.about("printed_text", where, number, Message("a printed number is its value, rounded"))


def reads(text: str, value: float, wording: Wording) -> bool:
    """Whether a printed text is a value, rounded half up to the decimals that it shows."""
    read = reading.printed(text, wording)
    return read is not None and read == rounded(value, reading.decimals(read))


# --- a number and its cells -----------------------------------------------------------------------


def _bound(number: Number, data: Data, where: str, signed: bool) -> tuple[bool, list[Finding]]:
    """Whether a number could be worked out again, and what is wrong with it. ``signed``: its sign is printed; else the
    words around it say the direction, and are read for themselves (``words``)."""
    if number.value is None:
        return _known_not(number, data, where)
    try:
        wanted = arithmetic.value(data, number) if number.refs or number.made == "setting" else None
    except arithmetic.UnknownWay:
        return False, [_unknown(number, where)]
    if number.made == "range" and number.refs:
        low, high = arithmetic.bounds(data, number.refs[0])
        wanted = low if low == high else None
    if wanted is None:
        return False, [_unknown(number, where)]
    signed = signed or number.text[:1] in ("+", MINUS)
    same = abs(number.value - wanted) <= _NOISE or (not signed and abs(abs(number.value) - abs(wanted)) <= _NOISE)
    return True, [] if same else [_differs(number, wanted, where)]


def _known_not(number: Number, data: Data, where: str) -> tuple[bool, list[Finding]]:
    """What is printed without a value: bounds, how many units there are ("12 tỉnh"), or that it is not known."""
    if number.made == "count" and number.refs and (sentence := re.match(r"\d+(?= \D)", number.text)):
        again = replace(number, value=float(sentence[0]), text=sentence[0])
        return _bound(again, data, where, signed=False)
    if TO not in number.text or not number.refs:
        return number.text == UNKNOWN, [] if _is_unknown(number, data) else [_unknown(number, where)]
    low, high = arithmetic.bounds(data, number.refs[0])
    if low is None and high is None:
        return False, [_unknown(number, where)]
    texts = number.text.split(TO)
    wordings = (Wording("vi", "comma"), Wording("vi", "dot"))
    missed = [bound for text, bound in zip(texts, (low, high), strict=True)
              if bound is not None and not any(reads(text, bound, one) for one in wordings)]  # fmt: skip
    return True, [_differs(number, missed[0], where)] if missed else []


def _is_unknown(number: Number, data: Data) -> bool:
    """Whether a number is printed as not known, and what it would be made of is not known either."""
    of_all = any(ref.unit in ("*", "") or ":" in ref.unit for ref in number.refs)  # of too few known is nothing told
    open_cell = not number.refs or any(data.cell(ref) is None for ref in number.refs)
    if number.text != UNKNOWN or open_cell or (of_all and number.made != "value"):
        return number.text == UNKNOWN
    try:
        return arithmetic.value(data, number) is None
    except arithmetic.UnknownWay:
        return True


def _cell_name(number: Number) -> str:
    """How a number is made and of which cells: of a count of many units, the first two."""
    cells = [f"{ref.index_name} {ref.year} {ref.unit} {ref.node or 'whole'} {ref.column}" for ref in number.refs[:2]]
    more = ["..."] if len(number.refs) > len(cells) else []
    return f"{number.made}: {'; '.join(cells + more) or '-'}"


def _differs(number: Number, wanted: float, where: str) -> Finding:
    message = Message("a printed number equals the cell it names ({cell})", {"cell": _cell_name(number)})
    shown = np.nan if number.value is None else number.value
    return wrong("bound_numbers", f"{where}: {number.text}", message, printed=shown, cell=wanted)


def _unknown(number: Number, where: str) -> Finding:
    message = Message(
        "a printed number can be worked out again from the data beside it ({cell})", {"cell": _cell_name(number)}
    )
    return wrong("unknown_numbers", f"{where}: {number.text}", message)


# --- sentences and languages ----------------------------------------------------------------------


def _templates() -> tuple[Finding, ...]:
    """Every template has the places of its identifier, its numbers in the same order, and no digit of its own."""
    stamp = tuple(catalogues.path(language).stat().st_mtime_ns for language in catalogues.languages())
    return _template_findings(stamp)


@cache
def _template_findings(_: tuple[int, ...]) -> tuple[Finding, ...]:
    results: list[Finding] = []
    english = catalogues.fresh(SOURCE)[""]
    for language in catalogues.languages():
        for msgid, form in ((msgid, form) for msgid, forms in catalogues.fresh(language)[""].items() for form in forms):
            subject, theirs = f"{language}: {msgid} -> {form}", (*english.get(msgid, ()), msgid)
            if not all(vocabulary.same_direction(form, one, language) for one in theirs):
                results.append(wrong("templates", subject, Message("a template goes the same way in both languages")))
            if not keeps_places(form, msgid):
                message = Message("a template has the places of its original, in the same order, and no digits")
                results.append(wrong("templates", subject, message))
    return tuple(results)


def keeps_places(form: str, msgid: str) -> bool:
    """Whether a template has the places of its original, in the same order, and no digits."""
    ours, theirs = (_places(text) for text in (form, msgid))
    in_order = [[name for name in names if name not in _NAMES] for names in (ours, theirs)]
    return sorted(ours) == sorted(theirs) and in_order[0] == in_order[1] and not re.search(r"\d", form)


def _places(template: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(template) if name]


def _languages(document: Document, other: Document) -> Iterator[Finding]:
    """Both languages print the same numbers in the same places."""
    ours, theirs = ([item.block for item in of.items] for of in (document, other))
    for a, b in zip_longest(ours, theirs):
        one, two = ([n.value for n in numbers(block)] if block is not None else [] for block in (a, b))
        same = (a is None) == (b is None) and len(one) == len(two)
        pairs = [(x, y) for x, y in zip_longest(one, two) if not _same(x, y)]
        if same and not pairs:
            continue
        first = pairs[0] if pairs else (float(len(one)), float(len(two)))
        sizes = [np.nan if value is None else float(value) for value in first]
        message = Message("the numbers of both languages are the same")
        compared = dict(zip((document.language, other.language), sizes, strict=True))
        yield wrong("languages_agree", name_of(a or b), message, **compared)


def _same(a: float | None, b: float | None) -> bool:
    return a == b or (a is not None and b is not None and abs(a - b) <= _NOISE)
