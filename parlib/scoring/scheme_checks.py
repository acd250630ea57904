"""What is wrong with a set of criteria: its sums and rules, and what is published about its decision."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple, TypeGuard

from pydantic import ValidationError

from parlib.errors import Problem
from parlib.scoring.decisions import Facts, facts_of
from parlib.scoring.rules import IDENTIFIER, KINDS, RULE, Survey, number, written
from parlib.words import Bilingual, Message


class Area(NamedTuple):
    """An area as counted: its maximum, its numbers of criteria and sub-criteria, its points of each component."""

    maximum: Decimal | None
    shape: tuple[int, int]
    sums: dict[str, Decimal]


def exact_numbers(value: Any) -> Any:
    """A document with every float as the decimal that was written."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dict):
        return {key: exact_numbers(content) for key, content in value.items()}
    return [exact_numbers(content) for content in value] if isinstance(value, list | tuple) else value


def plain_numbers(value: Any) -> Any:
    """A document with every decimal as a float."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: plain_numbers(content) for key, content in value.items()}
    return [plain_numbers(content) for content in value] if isinstance(value, list | tuple) else value


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


_WORDS = {
    "level": "cấp",
    "years": "các năm",
    "total": "tổng điểm",
    "number of areas": "số lĩnh vực",
    "number of criteria": "số tiêu chí",
    "number of sub-criteria": "số tiêu chí thành phần",
    "max": "điểm tối đa",
    "criteria and sub-criteria": "số tiêu chí và tiêu chí thành phần",
    "components": "các thành phần",
}


def disagreements(
    facts: Facts, document: Mapping[str, Any], count: Mapping[int, int], areas: list[Area], strict: bool
) -> Iterator[Problem]:
    """Where a document contradicts the published facts. ``strict``: hold it to the maxima we assumed as well."""
    total = sum((area.maximum for area in areas if area.maximum is not None), Decimal(0))
    for what, got, want in (
        ("level", document["level"], facts.level),
        ("years", document["years"], list(facts.years) or None),
        ("total", total, facts.total),
        ("number of areas", len(areas), facts.areas),
        ("number of criteria", count[2], facts.criteria),
        ("number of sub-criteria", count[3], facts.subcriteria),
    ):
        if want is not None and got != want:
            yield _differs("", what, got, want)
    maxima = facts.area_maxima_assumed if strict and facts.area_maxima_assumed else facts.area_maxima
    for place, area in enumerate(areas):
        code = str(place + 1)
        if place < len(maxima) and maxima[place] not in (None, area.maximum):
            yield _differs(code, "max", area.maximum, maxima[place])
        if place < len(facts.area_counts) and facts.area_counts[place] not in (None, area.shape):
            yield _differs(code, "criteria and sub-criteria", area.shape, facts.area_counts[place])
    yield from _only_in_area(facts, areas)
    given = {key: Decimal(component["max"]) for key, component in document["components"].items()}
    if facts.components and given != facts.components:
        yield _differs("", "components", _pairs(given), _pairs(facts.components))


def _only_in_area(facts: Facts, areas: list[Area]) -> Iterator[Problem]:
    """Components that are published to stand in one area alone."""
    for home, points in facts.only_in_area.items():
        for place, area in enumerate(areas, 1):
            for key, want in points.items():
                got, due = area.sums.get(key, Decimal(0)), Decimal(want) if str(place) == home else Decimal(0)
                if got != due:
                    yield _differs(str(place), f"points of {key}", got, due)


def _pairs(values: Mapping[str, Decimal]) -> list[str]:
    return [f"{key} {show(value, 'en')}" for key, value in sorted(values.items())]


def _differs(node: str, what: str, got: object, want: object) -> Problem:
    def said(value: object, language: str) -> str:
        return listing(value, language) if isinstance(value, list | tuple) else show(value, language).strip("'")

    word = _WORDS.get(what, what.replace("points of", "điểm của"))
    return Problem(
        "{word}: is {given}, published {published}",
        node=node,
        about=what,
        word=Bilingual(word, what),
        given=Bilingual(said(got, "vi"), said(got, "en")),
        published=Bilingual(said(want, "vi"), said(want, "en")),
    )


TOP_KEYS = ("id", "decision", "level", "years", "status", "note", "bands", "components", "tree")
OPTIONAL_TOP_KEYS = ("not_applicable",)
NODE_KEYS = ("code", "name", "name_en", "max")
LEAF_KEYS = (*NODE_KEYS, "component", "evidence", "rule")
POLICIES = ("rescale", "full", "zero")
STATUSES = ("official", "illustrative")
SURVEY_COMPONENTS = ("leaders", "survey")  # their points, and no others, come from survey rules
MAXIMUM_STEP = Decimal("0.25")  # our illustrative maxima are multiples of this


def check_document(document: object, stem: str = "") -> list[Problem]:
    """All that is wrong with a scheme document; ``stem`` is the name of its file without the ending."""
    return _Checker().run(exact_numbers(document), stem)


class _Checker:
    """One walk through one document. It keeps what the sums need and collects the problems."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.strict = True
        self.codes: set[str] = set()
        self.items: dict[str, str] = {}
        self.components: dict[str, Any] = {}
        self.count: Counter[int] = Counter()

    def bad(self, node: str, message: Message | Bilingual, about: str = "") -> None:
        self.problems.append(Problem(message, node=node, about=about))

    # --- texts ------------------------------------------------------------------------------

    def text(self, node: str, value: object, what: str) -> None:
        key = what.removeprefix("rule ")
        if not isinstance(value, str) or not value.strip():
            self.bad(node, Message("{what} is missing or not text", {"what": what}), key)
            return
        if value != unicodedata.normalize("NFC", value):
            self.bad(node, Message("{what} is not in Unicode NFC", {"what": what}), key)
        if what != "note" and (value != value.strip() or "  " in value or "\n" in value):
            self.bad(node, Message("{what} has stray blanks or line breaks", {"what": what}), key)
        if any(unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cn") and sign != "\n" for sign in value):
            self.bad(node, Message("{what} holds a control or unassigned character", {"what": what}), key)

    def keys(self, node: str, given: Any, needed: tuple[str, ...], allowed: tuple[str, ...]) -> bool:
        lacking = [key for key in needed if key not in given]
        extra = [str(key) for key in given if key not in allowed]
        if lacking:
            self.bad(node, Message("missing keys {listing}", {"listing": listing(lacking)}), lacking[0])
        if extra:
            self.bad(node, Message("unknown keys {listing}", {"listing": listing(extra)}), extra[0])
        return not lacking

    # --- rules ------------------------------------------------------------------------------

    def rule(self, code: str, node: dict[str, Any]) -> None:
        raw, maximum = node.get("rule"), node.get("max")
        kind = raw.get("kind") if isinstance(raw, dict) else None
        if not isinstance(raw, dict) or kind not in KINDS:
            self.bad(
                code,
                Message(
                    "rule is missing or of unknown kind {kind!r}; the kinds are {listing}",
                    {"kind": kind, "listing": listing(KINDS)},
                ),
                "kind",
            )
            return
        if (kind == "survey") != (node.get("component") in SURVEY_COMPONENTS):
            self.bad(
                code,
                Message(
                    "rule {kind} does not fit component {component!r}",
                    {"kind": kind, "component": node.get("component")},
                ),
                "kind",
            )
        try:
            rule = RULE.validate_python(plain_numbers(raw))
        except ValidationError as error:
            self.forms(code, str(kind), error)
            return
        for key in ("input", "target_input", "unit"):
            if key in raw:
                self.text(code, raw[key], f"rule {key}")
        for label in raw.get("label", {}).values():
            self.text(code, label, "label")
        if kind == "given":
            return
        if not is_number(maximum):
            self.bad(code, Message("max is missing"), "max")
            return
        most = Decimal(str(maximum))
        for key, flaw in rule.flaws(most, code, self.strict):
            self.bad(code, Message("rule {kind}: {flaw}", {"kind": kind, "flaw": flaw}), key)
        if isinstance(rule, Survey):
            self.item(code, rule.item)
        self.best(code, rule.best(most), most)

    def best(self, code: str, best: Decimal, maximum: Decimal) -> None:
        if best != maximum:
            over = best > maximum
            self.bad(
                code,
                Message(
                    "best result of the rule is {number} points, {more} the max {number2}",
                    {
                        "number": written(best),
                        "more": Bilingual("vượt" if over else "không đạt", "over" if over else "below"),
                        "number2": written(maximum),
                    },
                ),
                "scale",
            )
        if self.strict and maximum % MAXIMUM_STEP:
            self.bad(
                code,
                Message(
                    "max {number} is not a multiple of 0.25",
                    {"number": written(maximum)},
                ),
                "max",
            )

    def item(self, code: str, item: str) -> None:
        if item in self.items:
            self.bad(
                code,
                Message("survey item {item} is also used by {items}", {"item": item, "items": self.items[item]}),
                "item",
            )
        self.items[item] = code

    def forms(self, code: str, kind: str, error: ValidationError) -> None:
        """What pydantic found wrong with the form of a rule, in words."""
        reasons = {
            "missing": ("thiếu", "is missing"),
            "extra_forbidden": ("thừa", "is not a key of this rule"),
            "string_type": ("phải là chữ", "must be text"),
            "float_type": ("phải là số", "must be a number"),
            "int_type": ("phải là số nguyên", "must be a whole number"),
        }
        for entry in error.errors(include_url=False, include_input=False):
            place = ".".join(str(step) for step in entry["loc"][1:])
            vi, en = reasons.get(entry["type"], ("sai dạng", f"has a wrong form ({entry['msg']})"))
            self.bad(
                code,
                Message("rule {kind}: {place} {what}", {"what": Bilingual(vi, en), "kind": kind, "place": place}),
                place.partition(".")[0],
            )

    # --- tree -------------------------------------------------------------------------------

    def node(self, raw: object, code: str, depth: int) -> dict[str, Decimal]:
        """Check one node; return the sum of its leaves per component."""
        if not isinstance(raw, dict):
            self.bad(code, Message("is not a mapping"))
            return {}
        given = str(raw.get("code", code))
        if not isinstance(raw.get("code"), str) or raw["code"] != code:
            self.bad(
                given,
                Message(
                    "code should be the quoted text {code!r}, in order; it is {get!r}",
                    {"code": code, "get": raw.get("code")},
                ),
            )
        if given in self.codes:
            self.bad(given, Message("code is used twice"))
        self.codes.add(given)
        if depth > 3:
            self.bad(given, Message("lies below the third level"))
        self.count[depth] += 1
        self.text(given, raw.get("name"), "name")
        self.text(given, raw.get("name_en"), "name_en")
        maximum = raw.get("max")
        if maximum is not None and not (is_number(maximum) and maximum > 0):
            self.bad(
                given,
                Message(
                    "max must be a number above 0, got {show}",
                    {"show": shown(maximum)},
                ),
                "max",
            )
            maximum = None
        most = None if maximum is None else Decimal(maximum)
        if "children" in raw:
            return self.inner(raw, given, code, depth, most)
        return self.leaf(raw, given, depth, most)

    def leaf(self, raw: dict[str, Any], code: str, depth: int, maximum: Decimal | None) -> dict[str, Decimal]:
        if depth == 1:
            self.bad(code, Message("an area must have children"))
        self.keys(code, raw, ("code", "name", "name_en", "component", "rule"), LEAF_KEYS)
        if "evidence" in raw:
            self.text(code, raw["evidence"], "evidence")
        component = str(raw.get("component"))
        if component not in self.components:
            self.bad(
                code,
                Message(
                    "unknown component {component!r}; the components are {listing}",
                    {"component": component, "listing": listing(self.components)},
                ),
                "component",
            )
        self.rule(code, raw)
        return {component: maximum} if maximum is not None else {}

    def inner(
        self, raw: dict[str, Any], given: str, code: str, depth: int, maximum: Decimal | None
    ) -> dict[str, Decimal]:
        self.keys(given, raw, NODE_KEYS, (*NODE_KEYS, "children"))
        if raw.get("max", 0) is None:
            self.bad(given, Message("max is missing"), "max")
        children = raw["children"] if isinstance(raw["children"], list) else []
        if len(children) < 2:
            self.bad(given, Message("needs two or more children"), "few")
        sums: Counter[str] = Counter()
        for place, child in enumerate(children, 1):
            for component, points in self.node(child, f"{code}.{place}", depth + 1).items():
                sums[component] += points  # type: ignore[assignment]
        nodes = [child for child in children if isinstance(child, dict)]
        if len({str(child.get("name")) for child in nodes}) != len(nodes):
            self.bad(given, Message("two children share one name"), "name")
        known = [Decimal(child["max"]) for child in nodes if is_number(child.get("max"))]
        if known and len(known) == len(nodes):
            if maximum is not None and sum(known) != maximum:
                self.bad(
                    given,
                    Message(
                        "children add to {show}, max is {show2}",
                        {
                            "show": shown(sum(known)),
                            "show2": shown(maximum),
                        },
                    ),
                    "children",
                )
        elif known:
            self.bad(given, Message("max is given for some children only"), "children")
        elif nodes and maximum is not None:  # no child has a maximum: that of the parent counts for its component
            named = {str(child.get("component")) for child in nodes}
            if len(named) != 1:
                self.bad(given, Message("children without max must share one component"), "children")
            return {named.pop(): maximum}
        return dict(sums)  # type: ignore[arg-type]

    # --- document ---------------------------------------------------------------------------

    def run(self, document: Any, stem: str) -> list[Problem]:
        if not isinstance(document, dict):
            self.bad("", Message("the file is not a scheme"))
            return self.problems
        if not self.keys("", document, TOP_KEYS, (*TOP_KEYS, *OPTIONAL_TOP_KEYS)):
            return self.problems
        self.head(document, stem)
        if not self.head_components(document["components"]):
            return self.problems
        tree = document["tree"]
        if not isinstance(tree, list) or not tree:
            self.bad("", Message("tree is missing"))
            return self.problems
        areas: list[Area] = []
        for place, area in enumerate(tree, 1):
            before = Counter(self.count)
            sums = self.node(area, str(place), 1)
            maximum = area.get("max") if isinstance(area, dict) else None
            shape = (self.count[2] - before[2], self.count[3] - before[3])
            areas.append(Area(Decimal(maximum) if is_number(maximum) else None, shape, sums))
        self.totals(areas)
        years = document["years"] if isinstance(document["years"], list) else []
        facts = facts_of(str(document["id"]), document["decision"], document["level"], tuple(years))
        if facts:
            self.problems += disagreements(facts, document, self.count, areas, self.strict)
        return self.problems

    def head(self, document: dict[str, Any], stem: str) -> None:
        if stem and str(document["id"]) != stem:
            self.bad(
                "",
                Message(
                    "id {document!r} differs from the file name {stem!r}", {"document": document["id"], "stem": stem}
                ),
                "id",
            )
        self.text("", document["id"], "id")
        self.text("", document["decision"], "decision")
        self.text("", document["note"], "note")
        for key, allowed in (
            ("level", ("province", "ministry")),
            ("status", STATUSES),
            ("not_applicable", POLICIES),
        ):
            if key in document and document[key] not in allowed:
                self.bad(
                    "",
                    Message(
                        "{key} is one of {listing}, not {document!r}",
                        {"key": key, "listing": listing(allowed), "document": document[key]},
                    ),
                    key,
                )
        self.strict = document["status"] != "official"
        if ("ILLUSTRATIVE" in str(document["note"])) != self.strict:
            self.bad(
                "",
                Message(
                    "status {document!r} and the note disagree (an illustrative note says ILLUSTRATIVE)",
                    {"document": document["status"]},
                ),
                "status",
            )
        years = document["years"]
        if (
            not isinstance(years, list)
            or not years
            or not all(type(year) is int for year in years)
            or years != sorted(set(years))
        ):
            self.bad("", Message("years must be a rising list of years"), "years")
        self.bands(document["bands"])

    def bands(self, bands: Any) -> None:
        if not isinstance(bands, dict) or not all(map(is_number, bands.values())):
            self.bad("", Message("bands must map names to lower bounds"), "bands")
            return
        if not all(isinstance(name, str) and name for name in bands):
            self.bad("", Message("the names of bands must be text"), "bands")
        low = list(bands.values())
        if bands and (any(a <= b for a, b in pairwise(low)) or low[-1] != 0 or low[0] > 100):
            self.bad("", Message("bands: lower bounds must fall from at most 100 to 0"), "bands")

    def head_components(self, components: Any) -> bool:
        if not isinstance(components, dict) or not components:
            self.bad("", Message("components are missing"), "components")
            return False
        for key, component in components.items():
            if not isinstance(key, str) or not IDENTIFIER.match(key):
                self.bad("", Message("component {key!r} is not a plain identifier", {"key": key}))
                return False
            if not isinstance(component, dict) or set(component) != {"name", "name_en", "max"}:
                self.bad(f"component:{key}", Message("needs name, name_en and max only"), "max")
                return False
            if not is_number(component["max"]):
                self.bad(f"component:{key}", Message("max must be a number"), "max")
                return False
            self.text(f"component:{key}", component["name"], "name")
            self.text(f"component:{key}", component["name_en"], "name_en")
        self.components = components
        return True

    def totals(self, areas: list[Area]) -> None:
        total = sum((area.maximum for area in areas if area.maximum is not None), Decimal(0))
        for key, component in self.components.items():
            added = sum((area.sums.get(key, Decimal(0)) for area in areas), Decimal(0))
            if added != component["max"]:
                self.bad(
                    f"component:{key}",
                    Message(
                        "leaves add to {number}, max is {show}",
                        {
                            "number": written(added),
                            "show": shown(component["max"]),
                        },
                    ),
                    "max",
                )
        parts = sum(Decimal(component["max"]) for component in self.components.values())
        if parts != total:
            self.bad(
                "",
                Message(
                    "components add to {show}, areas to {show2}",
                    {
                        "show": shown(parts),
                        "show2": shown(total),
                    },
                ),
                "components",
            )
