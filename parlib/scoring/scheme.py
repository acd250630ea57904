"""What is assessed: the criteria tree of a decision, read from ``data/schemes/<id>.yaml`` and refused when broken.

The models say which form a file has; the checks, each a function, what a set of criteria of the right form must obey.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError

from parlib import places
from parlib.data_tables import Facts, check_level, facts_of, level_words, plain, read_yaml
from parlib.errors import ParameterError, Problem, SchemeError
from parlib.scoring.rules import IDENTIFIER, Flaw, Kind, Number, Positive, Rule, Survey, Text, exact, unknown_kind
from parlib.scoring.units import levels
from parlib.tables import shown, written
from parlib.words import Message, near, near_codes

COMPONENT = "component:"  # what the node of a component begins with
KIND_OF_DEPTH = ("whole", "area", "criterion", "subcriterion")
WHOLE_NAMES = {"par": ("Chỉ số cải cách hành chính", "PAR INDEX"), "papi": ("Chỉ số PAPI", "PAPI")}
SURVEY_COMPONENTS = ("leaders", "survey")  # their points, and no others, come from survey rules
# what a component, which has a column of its key in reports, is not called
OTHER_COLUMNS = frozenset(("unit", "name", "rank", "index", "points", "maximum", "band", "tier", "value", "places"))
OTHER_COLUMNS |= {"change", "previous", "previous_rank", "node", "year", "known"}
MAXIMUM_STEP = Decimal("0.25")  # our illustrative maxima are multiples of this

Policy = Literal["rescale", "full", "zero"]
Status = Literal["official", "illustrative"]
Array = npt.NDArray[np.float64]


def code_of(node: str) -> str:
    """The code of a node as people read it: none of a component, whose key is no code of a decision."""
    return "" if node.startswith(COMPONENT) else node


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Component(_Frozen):
    """A part of the points by where they come from: appraisal, a survey, an index."""

    name: Text = ""
    name_en: Text = ""
    max: Number = 0.0


class Node(_Frozen):
    """A node of the tree: an area, a criterion or a sub-criterion. Only a leaf has ``rule`` and ``component``."""

    code: Annotated[str, Strict()] = ""
    name: Text = ""
    name_en: Text = ""
    maximum: Positive | None = Field(None, alias="max")
    component: Annotated[str, Strict()] = ""
    evidence: Text = ""
    rule: Rule = None
    children: tuple[Node, ...] = ()

    @property
    def depth(self) -> int:
        """1 for an area, 2 for a criterion, 3 for a sub-criterion."""
        return self.code.count(".") + 1

    @property
    def parent(self) -> str:
        """The code of the node above; that of an area is ""."""
        return self.code.rpartition(".")[0]

    @property
    def is_leaf(self) -> bool:
        """Whether the node is scored itself."""
        return not self.children

    @property
    def kind(self) -> str:
        """ "area", "criterion" or "subcriterion"."""
        return KIND_OF_DEPTH[self.depth]


def _walk(nodes: Iterable[Node], above: str = "") -> Iterator[tuple[str, Node]]:
    """All nodes in the order of the tree, each after the code that it should have."""
    for place, node in enumerate(nodes, 1):
        yield f"{above}{place}", node
        yield from _walk(node.children, f"{above}{place}.")


class Scheme(_Frozen):
    """A set of criteria. Build it with ``load_scheme`` or ``parse_scheme``, which check it; it cannot be changed.

    ``not_applicable`` says what becomes of criteria that do not apply to a unit: "rescale" leaves them out of the
    maximum, "full" and "zero" give all or none of their points. ``absent`` names leaves without values in some years.
    """

    id: Text = ""
    decision: Text = ""
    level: str = ""
    years: tuple[Annotated[int, Strict()], ...] = ()
    status: Status = "illustrative"
    note: Text = ""
    bands: dict[Annotated[str, Strict(), Field(min_length=1)], Number] = {}
    components: dict[str, Component] = {}
    not_applicable: Policy = "rescale"
    tree: tuple[Node, ...] = ()
    absent: dict[str, tuple[int, ...]] = Field({}, exclude=True, repr=False)

    @property
    def index_name(self) -> str:
        """The index that the scheme is of: "papi", else "par"."""
        return "papi" if self.id.startswith("papi") else "par"

    @cached_property
    def maximum(self) -> float:
        """The points of the whole index."""
        return float(np.round(sum(area.maximum or 0 for area in self.tree), 9))

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes in the order of the tree: each area, its criteria, their sub-criteria."""
        return tuple(node for _, node in _walk(self.tree))

    @cached_property
    def leaves(self) -> tuple[Node, ...]:
        """The scored nodes in the order of the tree."""
        return tuple(node for node in self.nodes if node.is_leaf)

    @cached_property
    def _by_code(self) -> dict[str, Node]:
        return {node.code: node for node in self.nodes}

    def node(self, code: str) -> Node:
        """The node with this code; ``ParameterError`` with near matches."""
        if result := self._by_code.get(code):
            return result
        close = near_codes(code, self._by_code)
        raise ParameterError("scheme {id} has no such code{near}", value=code, id=self.id, near=close)

    def absent_in(self, year: int) -> frozenset[str]:
        """Codes of the leaves that have no values in ``year``: their share belongs to the others of their parent."""
        return frozenset(code for code, years in self.absent.items() if year in years)

    def node_frame(self) -> pd.DataFrame:
        """All nodes as ``Results.nodes`` has them: the whole "", the tree in order, then "component:<key>" rows.

        The parent of areas and of components is "", that of the whole ``None``: tell them apart by ``kind``.
        """
        rows: list[tuple[object, ...]] = [("", *WHOLE_NAMES[self.index_name], self.maximum, None, "whole")]
        rows += [(n.code, n.name, n.name_en, n.maximum, n.parent, n.kind) for n in self.nodes]
        rows += [(COMPONENT + key, c.name, c.name_en, c.max, "", "component") for key, c in self.components.items()]
        frame = pd.DataFrame(rows, columns=["node", "name", "name_en", "maximum", "parent", "kind"])
        frame["parent"] = pd.Series([row[4] for row in rows], dtype="object")
        return frame.astype({"maximum": "float64"})

    @cached_property
    def node_codes(self) -> tuple[str, ...]:
        """The codes of ``node_frame`` in its order."""
        return ("", *(node.code for node in self.nodes), *(COMPONENT + key for key in self.components))

    @cached_property
    def membership(self) -> Array:
        """1 where a leaf (column, as ``leaves``) belongs to a node (row, as ``node_codes``), else 0."""

        def belongs(leaf: Node, code: str) -> bool:
            return code in ("", leaf.code, COMPONENT + leaf.component) or leaf.code.startswith(f"{code}.")

        return _fixed([[belongs(leaf, code) for leaf in self.leaves] for code in self.node_codes])

    @cached_property
    def leaf_maxima(self) -> Array:
        """The maximum of each leaf, NaN where it has none."""
        return _fixed([leaf.maximum for leaf in self.leaves])

    @cached_property
    def node_maxima(self) -> Array:
        """The maximum of each node, as ``node_codes``; NaN for a leaf that has none."""
        return _fixed(self.node_frame()["maximum"])

    def document(self) -> dict[str, Any]:
        """The scheme as the plain content of its file: ``parse_scheme(scheme.document())`` gives it again."""
        content = self.model_dump(by_alias=True, exclude_unset=True, exclude_none=True)
        return {key: value for key, value in content.items() if (key, value) != ("not_applicable", "rescale")}


def _fixed(values: object) -> Array:
    """``values`` as an array that cannot be changed."""
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array


# --- what is wrong with the form of a document -----------------------------------------------------

_TOP_KEYS = ("id", "decision", "level", "years", "status", "note", "bands", "components", "tree")
_ONE_OF = Message("{key} is one of {listing}, not {document!r}")
_CODE = Message("code should be the quoted text {code!r}, in order; it is {get!r}")
_YEARS = Message("years must be a rising list of years")
_CHILDREN = Message("needs two or more children")
_FORMS = {  # what pydantic finds wrong with a field of a rule, in words
    "missing": Message("is missing"),
    "extra_forbidden": Message("is not a key of this rule"),
    "string_type": Message("must be text"),
    "string_pattern_mismatch": Message("must be a plain identifier"),
    "float_type": Message("must be a number"),
    "int_type": Message("must be a whole number"),
    "greater_than": Message("must be above 0"),
}
_FIELDS = {  # what is said of whatever is wrong with the form of another field; of the others, that they are not text
    "code": _CODE,
    "max": Message("max must be a number above 0, got {show}"),
    "years": _YEARS,
    "status": _ONE_OF.filled(listing=", ".join(get_args(Status))),
    "not_applicable": _ONE_OF.filled(listing=", ".join(get_args(Policy))),
    "bands": Message("bands must map names to lower bounds"),
    "components": Message("components are missing"),
    "tree": Message("tree is missing"),
    "children": _CHILDREN,
}
_Model = TypeVar("_Model", bound=_Frozen)


def _faults(error: ValidationError, above: tuple[int | str, ...] = ()) -> Iterator[tuple[list[str], str, Message]]:
    """What pydantic found: the place, the type ("" of what our own validators found), the words."""
    for entry in error.errors(include_url=False, include_input=False):
        place, inner = (*above, *entry["loc"]), entry.get("ctx", {}).get("error")
        if isinstance(inner, ValidationError):
            yield from _faults(inner, place)
        elif isinstance(inner, Flaw):
            yield from ((list(map(str, place)), "", message) for message in inner.messages)
        else:
            yield list(map(str, place)), entry["type"], _FORMS.get(entry["type"]) or Message("has a wrong form")


def _fault(content: dict[str, object], due: str, place: list[str], kind: str, problems: Message) -> Problem:
    """A fault as it is told, of a part of the document that should have the code ``due``."""
    field, within = place[0], ".".join(place[1:])
    value, node = content.get(field), str(content.get("code", due)) if due else ""
    if field == "rule" and within:
        of = value["kind"] if isinstance(value, dict) else ""
        message = Message("rule {kind}: {place} {what}", {"kind": of, "place": within, "what": problems})
        return Problem(message if kind else problems.filled(what=f"rule {within}"), node=node, about=place[1])
    if kind == "extra_forbidden":
        problems = Message("unknown keys {listing}")
    elif kind:
        problems = _FIELDS.get(field) or Message("{what} is missing or not text")
    places = {"what": field, "key": field, "listing": field, "code": due, "document": value, "get": value}
    places["show"] = repr(value) if isinstance(value, str) else shown(value)
    return Problem(
        problems.filled(**{**places, **problems.places}), node=node, about="kind" if field == "rule" else field
    )


def _read_part(model: type[_Model], raw: object, due: str, problems: list[Problem]) -> _Model:
    """A part of the document without what has a wrong form, which is added to ``problems``."""
    if not isinstance(raw, dict):
        problems.append(Problem("is not a mapping", node=due))
        return model()
    content: dict[str, object] = {str(key): value for key, value in raw.items()}
    try:
        return model.model_validate(content)
    except ValidationError as error:
        faults = list(_faults(error))
    problems += [_fault(content, due, *fault) for fault in faults]
    wrong = {place[0] for place, *_ in faults}
    result = model.model_validate({key: value for key, value in content.items() if key not in wrong})
    result.model_fields_set.update(wrong)  # they are there
    return result


def _read_node(raw: object, due: str, problems: list[Problem]) -> Node:
    if isinstance(raw, dict) and isinstance(children := raw.get("children"), list):
        results = [_read_node(child, f"{due}.{place}", problems) for place, child in enumerate(children, 1)]
        raw = {**raw, "children": results}
    return _read_part(Node, raw, due, problems)


def _read_scheme(raw: dict[str, object], problems: list[Problem]) -> Scheme:
    """The scheme of a document without what has a wrong form, which is added to ``problems``."""
    if isinstance(tree := raw.get("tree"), list):
        raw = {**raw, "tree": [_read_node(area, str(place), problems) for place, area in enumerate(tree, 1)]}
    if isinstance(parts := raw.get("components"), dict):
        read = {str(key): _read_part(Component, part, f"{COMPONENT}{key}", problems) for key, part in parts.items()}
        raw = {**raw, "components": read}
    return _read_part(Scheme, raw, "", problems)


# --- what is wrong with a set of criteria ----------------------------------------------------------


def _total(values: Iterable[float | None]) -> Decimal:
    return sum((exact(value) for value in values if value is not None), Decimal(0))


def _lacking(part: _Frozen, node: str, *needed: str) -> Iterator[Problem]:
    if lacking := [key for key in needed if key not in part.model_fields_set]:
        yield Problem("missing keys {listing}", node=node, about=lacking[0], listing=", ".join(lacking))


def _head_flaws(scheme: Scheme, stem: str) -> Iterator[Problem]:
    yield from _lacking(scheme, "", *_TOP_KEYS)
    if stem and scheme.id != stem:
        yield Problem("id {document!r} differs from the file name {stem!r}", about="id", document=scheme.id, stem=stem)
    if scheme.level not in levels():
        yield Problem(_ONE_OF.filled(key="level", listing=level_words(), document=scheme.level), about="level")
    if ("ILLUSTRATIVE" in scheme.note) != (scheme.status == "illustrative"):
        disagree = Message("status {document!r} and the note disagree (an illustrative note says ILLUSTRATIVE)")
        yield Problem(disagree.filled(document=scheme.status), about="status")
    if not scheme.years or any(a >= b for a, b in pairwise(scheme.years)):
        yield Problem(_YEARS, about="years")
    low = list(scheme.bands.values())
    if low and (any(a <= b for a, b in pairwise(low)) or low[-1] != 0 or low[0] > 100):
        yield Problem("bands: lower bounds must fall from at most 100 to 0", about="bands")
    for key in ("components", "tree"):
        if not getattr(scheme, key):
            yield Problem(_FIELDS[key], about=key)
    for key, component in scheme.components.items():
        yield from _lacking(component, COMPONENT + key, *Component.model_fields)
        if not IDENTIFIER.match(key) or key in OTHER_COLUMNS:
            yield Problem("is no plain identifier or the key of another column", node=COMPONENT + key, about="key")


def _tree_flaws(scheme: Scheme) -> Iterator[Problem]:
    """What is wrong with each node by itself, with its place and with its children."""
    by_code, by_item = Counter[str](), dict[str, str]()
    for due, node in _walk(scheme.tree):
        flaws = list(_inner_flaws(node) if "children" in node.model_fields_set else _leaf_flaws(scheme, node, due))
        if node.code != due:
            flaws.append(Problem(_CODE.filled(code=due, get=node.code), about="code"))
        by_code[node.code] += 1
        if node.code and by_code[node.code] == 2:
            flaws.append(Problem("code is used twice"))
        if due.count(".") > 2:
            flaws.append(Problem("lies below the third level"))
        if isinstance(node.rule, Survey) and by_item.setdefault(node.rule.item, node.code) != node.code:
            used = Message("survey item {item} is also used by {items}")
            flaws.append(Problem(used.filled(item=node.rule.item, items=by_item[node.rule.item]), about="item"))
        yield from (flaw.at(node=node.code or due) for flaw in flaws)


def _inner_flaws(node: Node) -> Iterator[Problem]:
    yield from _lacking(node, "", "code", "name", "name_en")
    if extra := sorted(node.model_fields_set & {"component", "evidence", "rule"}):
        yield Problem("unknown keys {listing}", about=extra[0], listing=", ".join(extra))
    if node.maximum is None:
        yield Problem("max is missing", about="max")
    if len(node.children) < 2:
        yield Problem(_CHILDREN, about="few")
    if len({child.name for child in node.children}) != len(node.children):
        yield Problem("two children share one name", about="name")
    known = [child.maximum for child in node.children if child.maximum is not None]
    if known and len(known) != len(node.children):
        yield Problem("max is given for some children only", about="children")
    elif known and node.maximum is not None and _total(known) != exact(node.maximum):
        sums = Message("children add to {show}, max is {show2}")
        yield Problem(sums.filled(show=shown(_total(known)), show2=shown(node.maximum)), about="children")
    elif not known and len({child.component for child in node.children}) > 1:
        yield Problem("children without max must share one component", about="children")


def _leaf_flaws(scheme: Scheme, leaf: Node, due: str) -> Iterator[Problem]:
    if "." not in due:
        yield Problem("an area must have children")
    yield from _lacking(leaf, "", "code", "name", "name_en", "component")
    if leaf.component not in scheme.components:
        unknown = Message("unknown component {component!r}; the components are {listing}")
        named = {"component": leaf.component, "listing": ", ".join(scheme.components)}
        yield Problem(unknown.filled(**named), about="component")
    if leaf.rule is None:
        if "rule" not in leaf.model_fields_set:
            yield Problem(unknown_kind(None), about="kind")
        return
    if isinstance(leaf.rule, Survey) != (leaf.component in SURVEY_COMPONENTS):
        misfit = Message("rule {kind} does not fit component {component!r}")
        yield Problem(misfit.filled(kind=leaf.rule.kind, component=leaf.component), about="kind")
    if leaf.rule.needs_maximum and leaf.maximum is None:
        yield Problem("max is missing", about="max")
    elif leaf.rule.needs_maximum:
        yield from _rule_flaws(leaf.rule, exact(leaf.maximum or 0), leaf.code, scheme.status != "official")


def _rule_flaws(rule: Kind, most: Decimal, code: str, strict: bool) -> Iterator[Problem]:
    for flaw in rule.flaws(most, code, strict):
        yield flaw.at(Message("rule {kind}: {flaw}", {"kind": rule.kind, "flaw": flaw.message}))
    if (best := rule.best(most)) != most:
        sums = Message("best result of the rule is {number} points, {more} the max {number2}")
        more = Message("over") if best > most else Message("below")
        yield Problem(sums.filled(number=written(best), more=more, number2=written(most)), about="scale")
    if strict and most % MAXIMUM_STEP:
        yield Problem("max {number} is not a multiple of 0.25", about="max", number=written(most))


def _points(node: Node) -> Iterator[tuple[str, Decimal]]:
    """The components below a node with their points; children without a maximum share that of their parent."""
    if any(child.maximum is not None for child in node.children):
        for child in node.children:
            yield from _points(child)
    elif node.maximum is not None:
        yield (node.children or (node,))[0].component, exact(node.maximum)


def _points_of(scheme: Scheme, key: str, *areas: Node) -> Decimal:
    """The points of a component in some areas, in all without any named."""
    return sum((most for area in areas or scheme.tree for part, most in _points(area) if part == key), Decimal(0))


def _sum_flaws(scheme: Scheme) -> Iterator[Problem]:
    for key, component in scheme.components.items():
        if (added := _points_of(scheme, key)) != exact(component.max):
            sums = Message("leaves add to {number}, max is {show}")
            sentence = sums.filled(number=written(added), show=shown(component.max))
            yield Problem(sentence, node=COMPONENT + key, about="max")
    parts, areas = _total(part.max for part in scheme.components.values()), exact(scheme.maximum)
    if parts != areas:
        sums = Message("components add to {show}, areas to {show2}")
        yield Problem(sums.filled(show=shown(parts), show2=shown(areas)), about="components")


def _own_facts(scheme: Scheme) -> Facts:
    """What the set says of what is published of sets of criteria."""
    depths = Counter(due.count(".") for due, _ in _walk(scheme.tree))
    inside = [Counter(due.count(".") for due, _ in _walk(area.children)) for area in scheme.tree]
    return Facts(
        decision=scheme.decision,
        level=scheme.level,
        years=scheme.years,
        total=exact(scheme.maximum),
        criteria=depths[1],
        subcriteria=depths[2],
        area_maxima=tuple(None if area.maximum is None else exact(area.maximum) for area in scheme.tree),
        area_counts=tuple((counts[0], counts[1]) for counts in inside),
        components={key: exact(part.max) for key, part in scheme.components.items()},
        only_in_area={
            str(place): {key: _points_of(scheme, key, area) for key in scheme.components}
            for place, area in enumerate(scheme.tree, 1)
        },
    )


# --- reading and writing ---------------------------------------------------------------------------


def parse_scheme(document: object, file: str = "", stem: str = "") -> Scheme:
    """A checked scheme from the plain content of a file. ``SchemeError`` lists everything that is wrong with it."""
    content = plain(document)
    if not isinstance(content, dict):
        raise SchemeError(Problem("the file is not a scheme", file=file))
    problems: list[Problem] = []
    scheme = _read_scheme(content, problems)
    places = {(problem.node, problem.about) for problem in problems}
    facts = facts_of(scheme.id, scheme.decision, scheme.level, scheme.years)
    flaws = list(_head_flaws(scheme, stem))
    if not any(flaw.about in ("components", "tree", "max") for flaw in (*flaws, *(p for p in problems if not p.node))):
        flaws += [*_tree_flaws(scheme), *_sum_flaws(scheme)]
        flaws += facts.against(_own_facts(scheme), scheme.status != "official") if facts else ()
    problems += [flaw for flaw in flaws if not places & {(flaw.node, flaw.about), (flaw.node, "")}]
    if problems:
        raise SchemeError(problem.at(file=file) for problem in problems)
    return scheme.model_copy(update={"absent": facts.absent if facts else {}})


@lru_cache(maxsize=32)
def _read(path: Path, _changed: int | None) -> Scheme:
    return parse_scheme(read_yaml(path), file=path.name, stem=path.stem)


def _folder() -> Path:
    return places.data() / "schemes"


def scheme_ids() -> tuple[str, ...]:
    """The ids of all schemes in ``data/schemes``."""
    return tuple(sorted(path.stem for path in _folder().glob("*.yaml") if path.stem != "facts"))


def load_scheme(id_or_path: str | Path) -> Scheme:
    """The scheme of this id, or in this YAML file. Read once; read again when its file has changed.

    Raises ``ParameterError`` where there is none, ``SchemeError`` with everything that is wrong in it.

    >>> load_scheme("876-ministry").id
    '876-ministry'
    """
    path, ids = Path(id_or_path), scheme_ids()
    if isinstance(id_or_path, str) and path.suffix not in (".yaml", ".yml"):
        if id_or_path not in ids:
            named = {"ids": ", ".join(ids), "near": near(id_or_path, ids)}
            raise ParameterError(Problem(Message("no such scheme; there are {ids}{near}", named), value=id_or_path))
        path = _folder() / f"{id_or_path}.yaml"
    return _read(path, path.stat().st_mtime_ns if path.exists() else None)


def scheme_for(year: int, level: str, index_name: str = "par") -> Scheme | None:
    """The set of criteria of an index ("par", "papi") in a year, an official one before an illustrative one; ``None``
    without."""
    of = (index_name, check_level(level))
    fitting = [scheme for scheme in map(load_scheme, scheme_ids()) if year in scheme.years]
    fitting = [scheme for scheme in fitting if (scheme.index_name, scheme.level) == of]
    return min(fitting, key=lambda scheme: (scheme.status != "official", scheme.id), default=None)
