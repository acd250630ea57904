"""What is wrong with a set of criteria: its form, its sums and rules, and what is published about its decision."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple, TypeGuard

from pydantic import ValidationError

from parlib.errors import Problem
from parlib.numerals import number, written
from parlib.scoring.decisions import Facts, facts_of
from parlib.scoring.rules import IDENTIFIER, KINDS, Kind, Survey, rule_from
from parlib.scoring.units import levels
from parlib.words import Bilingual, Message

Sums = Counter[str]  # points by component, exact decimals
Found = Generator[Problem, None, Any]  # the problems of a part of the document; then what was counted in it

TOP_KEYS = ("id", "decision", "level", "years", "status", "note", "bands", "components", "tree")
NODE_KEYS = ("code", "name", "name_en", "max")
LEAF_KEYS = (*NODE_KEYS, "component", "evidence", "rule")
CHOSEN = {  # the keys that take one of a few words
    "status": ("official", "illustrative"),
    "not_applicable": ("rescale", "full", "zero"),
}
SURVEY_COMPONENTS = ("leaders", "survey")  # their points, and no others, come from survey rules
MAXIMUM_STEP = Decimal("0.25")  # our illustrative maxima are multiples of this


class Area(NamedTuple):
    """An area as counted: its maximum, its numbers of criteria and sub-criteria, its points of each component."""

    maximum: Decimal | None
    shape: tuple[int, int]
    sums: Mapping[str, Decimal]


def exact_numbers(value: Any) -> Any:
    """A document with every float as the decimal that was written."""
    return _each(value, lambda x: Decimal(repr(x)) if isinstance(x, float) else x)


def plain_numbers(value: Any) -> Any:
    """A document with every decimal as a float."""
    return _each(value, lambda x: float(x) if isinstance(x, Decimal) else x)


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {key: _each(content, change) for key, content in value.items()}
    return [_each(content, change) for content in value] if isinstance(value, list | tuple) else change(value)


def is_number(value: object) -> TypeGuard[int | Decimal]:
    """Whether ``value`` is a finite number, not a truth value."""
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, int) and not isinstance(value, bool)


def show(value: object, language: str) -> str:
    """A value in a message: numbers as people write them."""
    return number(Decimal(str(value)), language) if is_number(value) else repr(value)


def shown(value: object) -> Bilingual:
    """``show`` in both languages."""
    return Bilingual(show(value, "vi"), show(value, "en"))


def listing(values: Iterable[Any], language: str = "en") -> str:
    """Values in a message, one after another."""
    return ", ".join(show(value, language) if is_number(value) else str(value) for value in values)


def check_document(document: object, stem: str = "") -> list[Problem]:
    """All that is wrong with a scheme document; ``stem`` is the name of its file without the ending."""
    return list(_Checker().document(exact_numbers(document), stem))


# --- what is published ---------------------------------------------------------------------------


def disagreements(
    facts: Facts, document: Mapping[str, Any], count: Mapping[int, int], areas: list[Area], strict: bool
) -> Iterator[Problem]:
    """Where a document contradicts the published facts. ``strict``: hold it to the maxima we assumed as well."""
    total = sum((area.maximum for area in areas if area.maximum is not None), Decimal(0))
    for what, got, want in (
        (Message("level"), document["level"], facts.level),
        (Message("years"), document["years"], list(facts.years) or None),
        (Message("total"), total, facts.total),
        (Message("number of areas"), len(areas), facts.areas),
        (Message("number of criteria"), count[2], facts.criteria),
        (Message("number of sub-criteria"), count[3], facts.subcriteria),
    ):
        if want is not None and got != want:
            yield _differs("", what, got, want)
    maxima = facts.area_maxima_assumed if strict and facts.area_maxima_assumed else facts.area_maxima
    for place, area in enumerate(areas):
        code = str(place + 1)
        if place < len(maxima) and maxima[place] not in (None, area.maximum):
            yield _differs(code, Message("max"), area.maximum, maxima[place])
        if place < len(facts.area_counts) and facts.area_counts[place] not in (None, area.shape):
            yield _differs(code, Message("criteria and sub-criteria"), area.shape, facts.area_counts[place])
    for home, points in facts.only_in_area.items():  # components that stand in one area alone
        for place, area in enumerate(areas, 1):
            for key, want in points.items():
                got, due = area.sums.get(key, Decimal(0)), Decimal(want) if str(place) == home else Decimal(0)
                if got != due:
                    yield _differs(str(place), Message("points of {key}", {"key": key}), got, due)
    given = {key: Decimal(component["max"]) for key, component in document["components"].items()}
    if facts.components and given != facts.components:
        yield _differs("", Message("components"), _pairs(given), _pairs(facts.components))


def _pairs(values: Mapping[str, Decimal]) -> list[str]:
    return [f"{key} {show(value, 'en')}" for key, value in sorted(values.items())]


def _differs(node: str, what: Message, got: object, want: object) -> Problem:
    def said(value: object, language: str) -> str:
        return listing(value, language) if isinstance(value, list | tuple) else show(value, language).strip("'")

    given, published = (Bilingual(said(value, "vi"), said(value, "en")) for value in (got, want))
    words = {"word": what, "given": given, "published": published}
    return Problem(Message("{word}: is {given}, published {published}", words), node=node, about=what.text("en"))


# --- the form ------------------------------------------------------------------------------------


def text_flaws(node: str, value: object, what: str) -> Iterator[Problem]:
    """What is wrong with a text for people; ``what`` is its key, "rule input" that of a rule."""
    about = what.removeprefix("rule ")
    if not isinstance(value, str) or not value.strip():
        yield Problem("{what} is missing or not text", node=node, about=about, what=what)
        return
    if value != unicodedata.normalize("NFC", value):
        yield Problem("{what} is not in Unicode NFC", node=node, about=about, what=what)
    if what != "note" and (value != value.strip() or "  " in value or "\n" in value):
        yield Problem("{what} has stray blanks or line breaks", node=node, about=about, what=what)
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cn") and sign != "\n" for sign in value):
        yield Problem("{what} holds a control or unassigned character", node=node, about=about, what=what)


def key_flaws(node: str, given: Mapping[Any, Any], needed: Iterable[str], allowed: Iterable[str]) -> Iterator[Problem]:
    """Which keys are missing and which are none."""
    if lacking := [key for key in needed if key not in given]:
        yield Problem("missing keys {listing}", node=node, about=lacking[0], listing=listing(lacking))
    if extra := [str(key) for key in given if key not in allowed]:
        yield Problem("unknown keys {listing}", node=node, about=extra[0], listing=listing(extra))


def form_flaws(code: str, kind: str, error: ValidationError) -> Iterator[Problem]:
    """What pydantic found wrong with the form of a rule, in words."""
    reasons = {
        "missing": Message("is missing"),
        "extra_forbidden": Message("is not a key of this rule"),
        "string_type": Message("must be text"),
        "float_type": Message("must be a number"),
        "int_type": Message("must be a whole number"),
    }
    for entry in error.errors(include_url=False, include_input=False):
        place = ".".join(str(step) for step in entry["loc"])
        what = reasons.get(entry["type"]) or Bilingual("sai dạng", f"has a wrong form ({entry['msg']})")
        about = place.partition(".")[0]
        yield Problem("rule {kind}: {place} {what}", node=code, about=about, kind=kind, place=place, what=what)


class _Checker:
    """One walk through one document, which keeps what the sums need."""

    def __init__(self) -> None:
        self.strict = True  # hold it to the conventions of our own illustrative schemes
        self.codes: set[str] = set()
        self.items: dict[str, str] = {}
        self.components: dict[str, Any] = {}
        self.count: Counter[int] = Counter()

    # --- document ---------------------------------------------------------------------------

    def document(self, document: Any, stem: str) -> Iterator[Problem]:
        if not isinstance(document, dict):
            yield Problem("the file is not a scheme")
            return
        yield from key_flaws("", document, TOP_KEYS, (*TOP_KEYS, *CHOSEN))
        if not set(TOP_KEYS) <= set(document):
            return
        yield from self.head(document, stem)
        components, tree = document["components"], document["tree"]
        wrong = list(self.component_flaws(components))
        yield from wrong
        if any(problem.about != "name" and problem.about != "name_en" for problem in wrong):
            return
        self.components = components
        if not isinstance(tree, list) or not tree:
            yield Problem("tree is missing")
            return
        areas: list[Area] = []
        for place, area in enumerate(tree, 1):
            before = Counter(self.count)
            sums = yield from self.node(area, str(place), 1)
            maximum = area.get("max") if isinstance(area, dict) else None
            shape = (self.count[2] - before[2], self.count[3] - before[3])
            areas.append(Area(Decimal(maximum) if is_number(maximum) else None, shape, sums))
        yield from self.totals(areas)
        years = document["years"] if isinstance(document["years"], list) else []
        facts = facts_of(str(document["id"]), document["decision"], document["level"], tuple(years))
        if facts:
            yield from disagreements(facts, document, self.count, areas, self.strict)

    def head(self, document: dict[str, Any], stem: str) -> Iterator[Problem]:
        if stem and str(document["id"]) != stem:
            named = {"document": document["id"], "stem": stem}
            yield Problem(Message("id {document!r} differs from the file name {stem!r}", named), about="id")
        for key in ("id", "decision", "note"):
            yield from text_flaws("", document[key], key)
        for key, allowed in {"level": levels(), **CHOSEN}.items():
            if key in document and document[key] not in allowed:
                named = {"key": key, "listing": listing(allowed), "document": document[key]}
                yield Problem(Message("{key} is one of {listing}, not {document!r}", named), about=key)
        status, years, bands = document["status"], document["years"], document["bands"]
        self.strict = status != "official"
        if ("ILLUSTRATIVE" in str(document["note"])) != self.strict:
            yield Problem(
                "status {document!r} and the note disagree (an illustrative note says ILLUSTRATIVE)",
                about="status",
                document=status,
            )
        listed = isinstance(years, list) and all(type(year) is int for year in years)
        if not (listed and years and years == sorted(set(years))):
            yield Problem("years must be a rising list of years", about="years")
        if not isinstance(bands, dict) or not all(map(is_number, bands.values())):
            yield Problem("bands must map names to lower bounds", about="bands")
            return
        if not all(isinstance(name, str) and name for name in bands):
            yield Problem("the names of bands must be text", about="bands")
        low = list(bands.values())
        if bands and (any(a <= b for a, b in pairwise(low)) or low[-1] != 0 or low[0] > 100):
            yield Problem("bands: lower bounds must fall from at most 100 to 0", about="bands")

    def component_flaws(self, components: Any) -> Iterator[Problem]:
        """What is wrong with the components; but for their names nothing may be, or sums make no sense."""
        if not isinstance(components, dict) or not components:
            yield Problem("components are missing", about="components")
            return
        for key, component in components.items():
            node = f"component:{key}"
            if not isinstance(key, str) or not IDENTIFIER.match(key):
                yield Problem("component {key!r} is not a plain identifier", key=key)
                return
            if not isinstance(component, dict) or set(component) != {"name", "name_en", "max"}:
                yield Problem("needs name, name_en and max only", node=node, about="max")
                return
            if not is_number(component["max"]):
                yield Problem("max must be a number", node=node, about="max")
                return
            yield from text_flaws(node, component["name"], "name")
            yield from text_flaws(node, component["name_en"], "name_en")

    def totals(self, areas: list[Area]) -> Iterator[Problem]:
        total = sum((area.maximum for area in areas if area.maximum is not None), Decimal(0))
        for key, component in self.components.items():
            added = sum((area.sums.get(key, Decimal(0)) for area in areas), Decimal(0))
            if added != component["max"]:
                sums = {"number": written(added), "show": shown(component["max"])}
                yield Problem(
                    Message("leaves add to {number}, max is {show}", sums), node=f"component:{key}", about="max"
                )
        parts = sum(Decimal(component["max"]) for component in self.components.values())
        if parts != total:
            sums = {"show": shown(parts), "show2": shown(total)}
            yield Problem(Message("components add to {show}, areas to {show2}", sums), about="components")

    # --- tree -------------------------------------------------------------------------------

    def node(self, raw: object, code: str, depth: int) -> Found:
        """Check one node; the sum of its leaves per component."""
        if not isinstance(raw, dict):
            yield Problem("is not a mapping", node=code)
            return Counter()
        given, maximum = str(raw.get("code", code)), raw.get("max")
        if not isinstance(raw.get("code"), str) or raw["code"] != code:
            named = {"code": code, "get": raw.get("code")}
            yield Problem(
                Message("code should be the quoted text {code!r}, in order; it is {get!r}", named), node=given
            )
        if given in self.codes:
            yield Problem("code is used twice", node=given)
        self.codes.add(given)
        if depth > 3:
            yield Problem("lies below the third level", node=given)
        self.count[depth] += 1
        yield from text_flaws(given, raw.get("name"), "name")
        yield from text_flaws(given, raw.get("name_en"), "name_en")
        if maximum is not None and not (is_number(maximum) and maximum > 0):
            yield Problem("max must be a number above 0, got {show}", node=given, about="max", show=shown(maximum))
            maximum = None
        most = None if maximum is None else Decimal(maximum)
        if "children" in raw:
            return (yield from self.inner(raw, given, code, depth, most))
        yield from self.leaf(raw, given, depth)
        return Counter({str(raw.get("component")): most} if most is not None else {})

    def inner(self, raw: dict[str, Any], given: str, code: str, depth: int, maximum: Decimal | None) -> Found:
        yield from key_flaws(given, raw, NODE_KEYS, (*NODE_KEYS, "children"))
        if raw.get("max", 0) is None:
            yield Problem("max is missing", node=given, about="max")
        children = raw["children"] if isinstance(raw["children"], list) else []
        if len(children) < 2:
            yield Problem("needs two or more children", node=given, about="few")
        sums: Sums = Counter()
        for place, child in enumerate(children, 1):
            sums.update((yield from self.node(child, f"{code}.{place}", depth + 1)))
        nodes = [child for child in children if isinstance(child, dict)]
        if len({str(child.get("name")) for child in nodes}) != len(nodes):
            yield Problem("two children share one name", node=given, about="name")
        known = [Decimal(child["max"]) for child in nodes if is_number(child.get("max"))]
        if known and len(known) == len(nodes):
            if maximum is not None and sum(known) != maximum:
                both = {"show": shown(sum(known)), "show2": shown(maximum)}
                yield Problem(Message("children add to {show}, max is {show2}", both), node=given, about="children")
        elif known:
            yield Problem("max is given for some children only", node=given, about="children")
        elif nodes and maximum is not None:  # no child has a maximum: that of the parent counts for its component
            named = sorted({str(child.get("component")) for child in nodes})
            if len(named) != 1:
                yield Problem("children without max must share one component", node=given, about="children")
            return Counter({named[0]: maximum})
        return sums

    def leaf(self, raw: dict[str, Any], code: str, depth: int) -> Iterator[Problem]:
        if depth == 1:
            yield Problem("an area must have children", node=code)
        yield from key_flaws(code, raw, ("code", "name", "name_en", "component", "rule"), LEAF_KEYS)
        if "evidence" in raw:
            yield from text_flaws(code, raw["evidence"], "evidence")
        component = str(raw.get("component"))
        if component not in self.components:
            yield Problem(
                "unknown component {component!r}; the components are {listing}",
                node=code,
                about="component",
                component=component,
                listing=listing(self.components),
            )
        content = raw.get("rule")
        kind = content.get("kind") if isinstance(content, dict) else None
        if not isinstance(content, dict) or not isinstance(kind, str) or kind not in KINDS:
            yield Problem(
                "rule is missing or of unknown kind {kind!r}; the kinds are {listing}",
                node=code,
                about="kind",
                kind=kind,
                listing=listing(KINDS),
            )
            return
        if issubclass(KINDS[kind], Survey) != (raw.get("component") in SURVEY_COMPONENTS):
            named = {"kind": kind, "component": raw.get("component")}
            yield Problem(Message("rule {kind} does not fit component {component!r}", named), node=code, about="kind")
        try:
            rule = rule_from(plain_numbers(content))
        except ValidationError as error:
            yield from form_flaws(code, kind, error)
            return
        yield from self.rule(code, rule, raw.get("max"))

    def rule(self, code: str, rule: Kind, maximum: object) -> Iterator[Problem]:
        """What is wrong with a rule whose form is right."""
        for key, part in rule.parts().items():
            value = getattr(rule, key)
            if not part.is_code and isinstance(value, str):
                yield from text_flaws(code, value, f"rule {key}")
        for label in getattr(rule, "label", {}).values():
            yield from text_flaws(code, label, "label")
        if not rule.needs_maximum:
            return
        if not is_number(maximum):
            yield Problem("max is missing", node=code, about="max")
            return
        most = Decimal(str(maximum))
        for flaw in rule.flaws(most, code, self.strict):
            said = {"kind": rule.kind, "flaw": flaw.message}
            yield Problem(Message("rule {kind}: {flaw}", said), node=code, about=flaw.about)
        if isinstance(rule, Survey):
            if rule.item in self.items:
                named = {"item": rule.item, "items": self.items[rule.item]}
                yield Problem(Message("survey item {item} is also used by {items}", named), node=code, about="item")
            self.items[rule.item] = code
        best = rule.best(most)
        if best != most:
            more = Message("over") if best > most else Message("below")
            sums = {"number": written(best), "more": more, "number2": written(most)}
            yield Problem(
                Message("best result of the rule is {number} points, {more} the max {number2}", sums),
                node=code,
                about="scale",
            )
        if self.strict and most % MAXIMUM_STEP:
            yield Problem("max {number} is not a multiple of 0.25", node=code, about="max", number=written(most))
