"""The sentences of an annex by which points are given, as our kinds of rule.

A criterion's text is cut into statements; each must fit one pattern of ``STATEMENTS`` *wholly*, so that no condition is
overlooked, and together they must make one rule that reaches the maximum exactly. Whatever does not is left to a
person, with the reason. Patterns are read on the text in small letters without marks, letter by letter as long as the
text itself, so that what they find is cut from the text as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from parlib.errors import Problem
from parlib.scoring.rules import Kind, exact, rule_from
from parlib.tables import as_number, written
from parlib.words import Message, Words

NUM = r"\d+(?:[.,]\d+)?"
_PTS = r"\s*(?:diem|d)?"  # the word after a number of points
_W = r"[^\d%<>≥≤:;=]*?"  # words that say of what the figure is, without any figure or sign of their own
_MOST = rf"(?:(?P<most>{NUM}){_PTS}|(?:so )?diem toi da(?: cua (?:tieu chi|tieu chi thanh phan)(?: nay)?)?)"
_NO_TIMES = r"(?:[^\d<>≥≤:;=+x×*]|\bx(?=[a-z]))*?"  # the x of "xử lý", "cấp xã" multiplies nothing
_SUBJECT = rf"{_NO_TIMES}\b(?:ty le|ti le|ket qua|chi so|muc do|so|diem)\b{_NO_TIMES}"
_HUNDRED = r"\s*[/:]\s*100\s*%?"
#: What multiplies a share by the maximum: "(Tỷ lệ % hoàn thành x 1,00)/100%", "[Tỷ lệ %] × [Điểm tối đa] / 100%".
_FORMULA = rf"[(\[{{ ]*(?P<of>{_SUBJECT})[)\]}} ]*\s*[x×*]\s*[(\[{{ ]*{_MOST}[)\]}} ]*{_HUNDRED}[)\]}} ]*"
_LEADS = (
    r"(?:(?:thi )?(?:(?:so )?diem(?: so| danh gia| dat duoc)?|ket qua|cach tinh|tinh)?[ ,]*"
    r"(?:duoc |se )?(?:tinh|xac dinh)?(?: diem)?(?: theo| bang)?(?: cong thuc)?(?: sau| nhu sau)?[ ]*[:=]?\s*)?"
)
_LOW = rf"(?:tu |dat tu |≥|>=)\s*(?P<low>{NUM})\s*%?"
_UNTIL = rf"\s*(?:-|den|va)\s*(?:den )?(?:duoi|<)\s*(?P<high>{NUM})\s*%"
_LIMIT = (
    rf"(?:[,;(]?\s*(?:nhung )?(?:(?:tru |cong )?toi da(?: khong (?:vuot )?qua| la)?|khong (?:vuot )?qua)\s*"
    rf"(?:(?P<limit>{NUM}){_PTS}|(?:so )?diem(?: toi da)?(?: cua)?(?: tieu chi(?: thanh phan)?(?: nay)?)?)\s*\)?)?"
)
_CASE = (
    r"(?:cu|moi|voi moi|doi voi moi|cu moi)(?: co)?(?: (?:0?1|mot))? "
    r"(?P<case>(?:(?!\b(?:tru|cong them)\b)[^\d%;:])+?)"
)
_NONE = r"(?:thi )?(?:(?:diem (?:danh gia |so )?(?:la|bang|:|=) ?0)|(?:khong (?:duoc )?(?:tinh|cham|cho|co) diem))"

#: How a statement is told by its text, in the order in which it is tried: its name, and its pattern. A pattern that
#: holds ``points`` says its own; of the others they stand at the end, or beside.
STATEMENTS: Sequence[tuple[str, str]] = (
    ("share", rf"{_W}{_LOW}{_UNTIL}{_W}\s*{_LEADS}{_FORMULA}"),
    ("share", rf"{_W}{_LEADS}{_FORMULA}"),
    ("share", rf"{_W}{_LEADS}[(\[](?P<of>so {_W}/\s*tong so {_W})[)\]]\s*[x×*]\s*[(\[]?{_MOST}[)\]]?(?:{_HUNDRED})?"),
    ("nothing", rf"{_W}(?:duoi|<)\s*(?P<low>{NUM})\s*%{_W}[ ,:]*{_NONE}"),
    ("under", rf"{_W}(?:duoi|<)\s*(?P<low>{NUM})\s*%{_W}"),
    ("between", rf"{_W}{_LOW}{_UNTIL}{_W}"),
    ("between", rf"{_W}(?P<low>{NUM})\s*%?{_UNTIL}{_W}"),
    ("between", rf"{_W}(?P<low>{NUM})\s*%?\s*(?:≤|<=){_W}<\s*(?P<high>{NUM})\s*%"),
    ("from", rf"{_W}{_LOW}(?<=%){_W}\btro len{_W}"),
    ("from", rf"{_W}(?:≥|>=)\s*(?P<low>{NUM})\s*%{_W}"),
    ("whole", rf"{_W}(?:dat |du |la |hoan thanh |thuc hien |=\s*)?(?P<low>100)\s*%{_W}"),
    ("takes", rf"{_CASE}[ ,:]*(?:thi )?(?:se )?(?:bi )?tru\s*(?:di )?(?P<points>{NUM}){_PTS}{_LIMIT}"),
    ("gives", rf"{_CASE}(?: thi)?(?: duoc)? (?:cong|tinh|cham|cho|duoc)\s*(?P<points>{NUM}){_PTS}{_LIMIT}"),
    ("gives", rf"{_CASE}\s*[,:]?\s*(?P<points>{NUM})\s*(?:diem|d){_LIMIT}"),
    ("gives", rf"{_CASE}\s*:\s*(?P<points>{NUM}){_LIMIT}"),
    ("index", rf"{_W}\b(?:sipas|papi|pci|dti|hai long|chi so)\b{_W}"),
    ("survey", rf"{_W}\b(?:dieu tra (?:xa hoi hoc|xhh)|dtxhh|khao sat)\b{_W}"),
)
_STATEMENTS = [(name, re.compile(pattern)) for name, pattern in STATEMENTS]
#: A share of another index is no figure of the unit's own; SIPAS goes by a long name too.
_INDEX = re.compile(r"\b(?:hai long|chi so|sipas|papi|pci|dti)\b")
_INDICES = {
    "sipas": re.compile(r"\bsipas\b|\bhai long\b.*\bsu phuc vu\b"),
    **{key: re.compile(rf"\b{key}\b") for key in ("papi", "pci", "dti")},
}
#: What an option, which may say anything else, may not say: it would be more than a choice of one of several.
_NO_OPTION = re.compile(r"cong thuc|\btru\b.*\d|[x×*]\s*diem|\bcong them\b|hoi dong|xem xet|\d\s*%")
_EACH = re.compile(r"\b(?:mỗi|cứ)\b", re.IGNORECASE)  # with its marks: without them "mới" and "cử" are the same
_ENDINGS = [
    re.compile(rf"(?P<label>.*\S)\s*(?::|→|->|=>|=)\s*(?P<points>{NUM}){_PTS}", re.DOTALL),
    re.compile(rf"(?P<label>.*\S)\s*\(\s*(?P<points>{NUM})\s*(?:diem|d)\s*\)", re.DOTALL),
    re.compile(
        rf"(?P<label>.*?\S)[ ,]*(?:\bthi\b|\bduoc\b|\bdat\b|\btinh\b|\bcham\b| -)+\s*(?P<points>{NUM})\s*(?:diem|d)"
    ),
]
#: What makes a threshold or a formula more than one: a second condition, an exception, an index of others.
_BESIDES = re.compile(r"\b(?:và|hoặc|đồng thời|nhưng|trừ|riêng|kèm)\b", re.IGNORECASE)
_AFTER = re.compile(r"%[^:]*(?:,(?!\d)|\bnếu\b)", re.IGNORECASE)
_IF = re.compile(r"\b(?:nếu|khi|trường hợp)\b", re.IGNORECASE)
_NOTHING = re.compile(rf"(?P<label>.*\S)[ ,:]+{_NONE}")
_PLANNED = re.compile(r"\b(?:ke hoach|chi tieu|muc tieu|du toan|duoc giao|so voi)\b")
_BULLET = re.compile(r"^\s*(?:[-+•*▪●○–—]|[a-zđ]\)|\d{1,2}\))\s+|^\s*[-+•]\s*(?=[^\W\d])")
_BREAK = re.compile(r";\s+|;$|,\s+(?=(?:nếu )?(?:tỷ lệ )?dưới\s)|\.\s+(?=[A-ZĐÀ-Ỹ])|\.$")


class Said(NamedTuple):
    """A line of the text under a criterion, with the points that stand beside it, if any."""

    text: str
    points: float | None = None


class Statement(NamedTuple):
    """A line as it was understood: which of ``STATEMENTS`` ("option" for any other with points, "" for what none is),
    its words, the points that it gives, and the figures that it names."""

    name: str
    label: str
    points: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    most: Decimal | None = None
    whole: bool = False  # the share of an index, by the formula


@dataclass(frozen=True)
class Understood:
    """What a text says: the rule where all of it is known; else what is known of it (``kind`` and some fields); and
    what a person has to confirm. ``best``: the most points that its options give."""

    rule: Kind | None = None
    part: dict[str, object] = field(default_factory=dict)
    asks: tuple[Words, ...] = ()
    best: Decimal | None = None


def bare(text: str) -> str:
    """``text`` in small letters without marks, letter for letter: what stands at a place here stands there."""
    signs = {"đ": "d", "\u00a0": " ", **dict.fromkeys("‐‑‒–—−", "-"), **dict.fromkeys("\t\n", " ")}

    def one(sign: str) -> str:
        low = sign.lower()[:1]
        return signs.get(low, unicodedata.normalize("NFD", low)[:1])

    return "".join(map(one, unicodedata.normalize("NFC", text)))


def decimal(text: str | None) -> Decimal | None:
    """A number of an annex, exactly; ``None`` where there is none, or it may mean two things."""
    value = as_number(text) if text else None
    return None if value is None or isinstance(value, Problem) else exact(value)


def statements(said: Iterable[Said]) -> list[Statement]:
    """Each statement of the lines."""
    result: list[Statement] = []
    for text, points in said:
        for line in text.split("\n"):
            own = None if points is None else exact(points)
            whole = _statement(line, own)
            parts = [part for part in _BREAK.split(line) if part.strip(" .")]
            if (whole.name in ("", "option") and own is None) and len(parts) > 1:
                cut = [_statement(part, None) for part in parts]
                # An option may hold a full stop or a semicolon: it is cut only where every part says something.
                result += cut if all(part.name for part in cut) else [whole._replace(name="")]
            else:
                result.append(whole)
    return [statement for statement in result if statement.label or statement.name]


def _statement(line: str, points: Decimal | None) -> Statement:
    text = _BULLET.sub("", line).strip().rstrip(".;, ")
    flat = bare(text)
    each = len(_EACH.findall(text))
    if points is None and not each:
        for ending in _ENDINGS:
            if (found := ending.fullmatch(flat)) and not _of(flat, ("share",)):
                points, text = decimal(found["points"]), text[: found.end("label")].rstrip(" :,;")
                flat = bare(text)
                break
    for name, pattern in _STATEMENTS:
        if (match := pattern.fullmatch(flat)) and each == (name in ("takes", "gives")):  # once, or not
            if _has_more(name, text, flat, match):
                break
            groups = match.groupdict()
            low, high = (decimal(groups.get(key)) for key in ("low", "high"))
            most = decimal(groups.get("most") or groups.get("limit"))
            if name in ("takes", "gives"):
                case = text[match.start("case") : match.end("case")].strip(" ,:")
                return Statement(name, case, decimal(groups["points"]), most=most)
            if name in ("index", "share") and _INDEX.search(flat):
                called = next((key for key, own in _INDICES.items() if own.search(flat)), "")
                return Statement("index", called, points, low, high, most, whole=name == "share" and low is None)
            if name == "nothing":
                return Statement("under", text, Decimal(0), low)
            return Statement(name, text, points, low, high, most)
    if points is None and (nothing := _NOTHING.fullmatch(flat)):
        points, text, flat = Decimal(0), text[: nothing.end("label")].rstrip(" :,"), flat[: nothing.end("label")]
    if points is not None and not each and not _NO_OPTION.search(flat):
        return Statement("option", text, points)
    return Statement("", text, points)


def _has_more(name: str, text: str, flat: str, match: re.Match[str]) -> bool:
    """Whether a threshold or a formula says more than its figures, which the rule would lose."""
    if name == "share":
        before = text[: match.start("of")]
        alone = match.groupdict().get("low") is None and _IF.search(before)
        return bool(alone or _BESIDES.search(before))
    threshold = name in ("between", "from", "whole", "under", "nothing")
    more = _BESIDES.search(text) or _AFTER.search(text) or (name != "whole" and _INDEX.search(flat))
    return bool(threshold and more)


def _of(flat: str, names: Sequence[str]) -> bool:
    return any(pattern.fullmatch(flat) for name, pattern in _STATEMENTS if name in names)


# --- what statements make together ----------------------------------------------------------------

_NOT_KNOWN = Message("the rule is none of the usual sentences")
_NO_RULE = Message("the annex gives no rule here")
_BEST = Message("the rule gives {best} points at most, the maximum is {most}")
_ZERO = Message("the annex does not say what gives 0 points")
_GAPS = Message("the thresholds leave a gap, overlap, or do not fall")
_BEYOND = Message("a result may be above 100%: is it a result against a target?")
_RESPONDENTS = Message("the annex does not say who is asked and what share each answer earns")
_INDEX_OF = Message("the annex does not say which index it is by its code")
_FULL = Message("the annex does not say from which value the index gives all points")


def understood(said: Sequence[Said], name: str, code: str, maximum: Decimal | None) -> Understood:
    """What the lines under the criterion ``name`` say."""
    found = statements(said)
    names = {statement.name for statement in found}
    if not found:
        return Understood(asks=(_NO_RULE,))
    options = [of.points for of in found if of.points is not None and of.name in ("option", "whole", "from", "between")]
    best = max(options, default=None)
    figure = f"{name[:1].lower()}{name[1:]} (%)" if not name.isupper() else f"{name} (%)"
    for allowed, make in _MAKERS:
        if names <= set(allowed) and names & set(allowed[:1]):
            made = make(_Leaf(found, figure, best if maximum is None else maximum))
            if isinstance(made, Message):
                return Understood(asks=(made,), best=best)
            content, asks = made
            if content["kind"] == "survey":
                content["item"] = "Q" + code.replace(".", "_")
            return _judged(content, asks, maximum, best)
    return Understood(asks=(_NOT_KNOWN,), best=best)


class _Leaf(NamedTuple):
    """The statements under a criterion, what the figure that it asks for is called, and its maximum."""

    found: Sequence[Statement]
    figure: str
    maximum: Decimal | None


Made = tuple[dict[str, object], tuple[Words, ...]] | Message


def _judged(
    content: dict[str, object], asks: tuple[Words, ...], maximum: Decimal | None, best: Decimal | None
) -> Understood:
    """The rule that the content is, once it is whole and gives the maximum."""
    if content["kind"] in ("survey", "external") and asks:
        return Understood(None, content, asks, best)
    try:
        rule = rule_from(content)
    except ValueError:  # such as an option that is named twice
        return Understood(None, {}, (_NOT_KNOWN,), best)
    most = maximum if maximum is not None else best
    if most is None:
        return Understood(rule, {}, asks, best)
    if rule.best(most) != most:
        asks = (*asks, _BEST.filled(best=written(rule.best(most)), most=written(most)))
    elif flaws := list(rule.flaws(most, "", strict=False)):
        return Understood(None, {}, (*asks, *(flaw.message for flaw in flaws)), best)
    return Understood(rule, {}, asks, best)


def _steps(leaf: _Leaf) -> Made:
    rungs = [of for of in leaf.found if of.name != "under"]
    under = [of for of in leaf.found if of.name == "under"]
    bounds = [of.low for of in rungs if of.low is not None]
    joined = all(low.high == high.low for high, low in pairwise(rungs))
    open_top = rungs[0].name in ("from", "whole")
    if any(of.points is None for of in leaf.found) or not joined or not open_top or any(of.points for of in under):
        return _GAPS
    if len(under) > 1 or (under and under[0].low != bounds[-1]) or any(a <= b for a, b in pairwise(bounds)):
        return _GAPS
    steps = [[float(of.low or 0), float(of.points or 0)] for of in rungs]
    if not under and not steps[-1][1]:
        return _GAPS
    asks = (*(() if under else (_ZERO,)), *((_BEYOND,) if _may_exceed(rungs[0], leaf.figure) else ()))
    return {"kind": "steps", "input": leaf.figure, "unit": "%", "steps": steps}, asks


def _may_exceed(top: Statement, figure: str) -> bool:
    """Whether "from 100% of the plan" may be more: a ladder in percent refuses 105, the ratio to a plan does not."""
    return top.name == "from" and top.low == 100 and bool(_PLANNED.search(bare(f"{figure} {top.label}")))


def _proportional(leaf: _Leaf) -> Made:
    named: dict[str, list[Statement]] = {}
    for of in leaf.found:
        named.setdefault(of.name, []).append(of)
    if any(len(of) > 1 for of in named.values()):
        return _NOT_KNOWN
    share, under, whole, between = (named.get(key, [None])[0] for key in ("share", "under", "whole", "between"))
    assert share is not None
    lows = {of.low for of in (share, under, between) if of is not None and of.low is not None}
    highs = {of.high for of in (share, between) if of is not None and of.high is not None}
    if len(lows) > 1 or highs - {Decimal(100)} or (under and under.points != 0) or (between and between.points):
        return _GAPS
    if {of.most for of in (share,)} - {None, leaf.maximum} or (whole and whole.points != leaf.maximum):
        return _BEST.filled(
            best=written(share.most or (whole.points if whole else None) or 0), most=written(leaf.maximum or 0)
        )
    content = {"kind": "proportional", "input": leaf.figure, "unit": "%", "full_at": 100.0}
    return {**content, "zero_below": float(next(iter(lows), 0))}, () if under or not lows else (_ZERO,)


def _count(leaf: _Leaf) -> Made:
    case = next(of for of in leaf.found if of.name in ("takes", "gives"))
    free = [of for of in leaf.found if of is not case]
    kind = "deduction" if case.name == "takes" else "tally"
    fits = all(of.points == leaf.maximum and bare(of.label).startswith("khong co") for of in free)
    if len(free) > 1 or (free and (kind == "tally" or not fits)):
        return _NOT_KNOWN
    if case.most not in (None, leaf.maximum):
        return _BEST.filled(best=written(case.most or 0), most=written(leaf.maximum or 0))
    return {"kind": kind, "input": f"số {case.label}", "per": float(case.points or 0)}, ()


def _choice(leaf: _Leaf) -> Made:
    if any(of.points is None for of in leaf.found) or len(leaf.found) < 2:
        return _NOT_KNOWN
    ordered = sorted(leaf.found, key=lambda of: -(of.points or 0))
    names = [f"o{place}" for place in range(1, len(leaf.found) + 1)]
    options = {key: float(of.points or 0) for key, of in zip(names, ordered, strict=True)}
    labels = {key: of.label for key, of in zip(names, ordered, strict=True)}
    return {"kind": "choice", "options": options, "label": labels}, () if not ordered[-1].points else (_ZERO,)


def _survey(_leaf: _Leaf) -> Made:
    return {"kind": "survey"}, (_RESPONDENTS,)


def _external(leaf: _Leaf) -> Made:
    index = {of.label for of in leaf.found if of.name == "index"}
    if len(index) > 1:
        return _NOT_KNOWN
    content: dict[str, object] = {"kind": "external", **({} if index == {""} else {"index": index.pop()})}
    asks = (
        *(() if "index" in content else (_INDEX_OF,)),
        *(() if len(leaf.found) == 1 and leaf.found[0].whole else (_FULL,)),
    )
    if leaf.found[0].most not in (None, leaf.maximum):
        return _BEST.filled(best=written(leaf.found[0].most or 0), most=written(leaf.maximum or 0))
    return ({**content, "full_at": 100.0} if _FULL not in asks else content), asks


#: Which statements make which rule: the first named must be there, no other may.
_MAKERS = (
    (("share", "under", "whole", "between"), _proportional),
    (("between", "from", "whole", "under"), _steps),
    (("from", "under"), _steps),
    (("whole", "under"), _steps),
    (("takes", "option"), _count),
    (("gives", "option"), _count),
    (("option", "whole"), _choice),
    (("index", "survey"), _external),
    (("survey",), _survey),
)
