"""What is assessed: the criteria tree of a decision, read from ``data/schemes/<id>.yaml`` and refused when broken."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from parlib import places
from parlib.errors import ParameterError, Problem, SchemeError
from parlib.scoring.decisions import facts_of
from parlib.scoring.rules import Rule
from parlib.scoring.scheme_checks import check_document, plain_numbers
from parlib.scoring.units import check_level
from parlib.words import near
from parlib.yaml_files import read_yaml, write_yaml

COMPONENT = "component:"  # what the node of a component begins with
KIND_OF_DEPTH = ("whole", "area", "criterion", "subcriterion")
WHOLE_NAMES = {
    "par": ("Chỉ số cải cách hành chính", "PAR INDEX"),
    "papi": ("Chỉ số PAPI", "PAPI"),
}

Policy = Literal["rescale", "full", "zero"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Component(_Frozen):
    """A part of the points by where they come from: appraisal, a survey, an index."""

    name: str
    name_en: str
    max: float


class Subcriterion(_Frozen):
    """A scored node of the third level (tiêu chí thành phần)."""

    code: str
    name: str
    name_en: str
    max: float | None = None
    component: str
    rule: Rule
    evidence: str = ""
    children: tuple[()] = ()


class Criterion(_Frozen):
    """A node of the second level (tiêu chí): scored itself, or the sum of its sub-criteria."""

    code: str
    name: str
    name_en: str
    max: float | None = None
    component: str = ""
    rule: Rule | None = None
    evidence: str = ""
    children: tuple[Subcriterion, ...] = ()


class Area(_Frozen):
    """A node of the first level (lĩnh vực)."""

    code: str
    name: str
    name_en: str
    max: float
    children: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the tree as analyses want it. Only a leaf has ``rule`` and ``component``; an area has the parent ""."""

    code: str
    name: str
    name_en: str
    maximum: float | None
    depth: int
    parent: str
    is_leaf: bool
    component: str
    rule: Rule | None
    evidence: str

    @property
    def kind(self) -> str:
        """ "area", "criterion" or "subcriterion"."""
        return KIND_OF_DEPTH[self.depth]


class Scheme(_Frozen):
    """A set of criteria. Build it with ``load_scheme`` or ``parse_scheme``, which check it; it cannot be changed.

    ``not_applicable`` says what becomes of criteria that do not apply to a unit: "rescale" leaves them out of the
    maximum, "full" and "zero" give all or none of their points. ``absent`` names leaves without values in some years.
    """

    id: str
    decision: str
    level: str
    years: tuple[int, ...]
    status: Literal["official", "illustrative"]
    note: str
    bands: dict[str, float]
    components: dict[str, Component]
    not_applicable: Policy = "rescale"
    tree: Annotated[tuple[Area, ...], BeforeValidator(tuple)]
    absent: dict[str, tuple[int, ...]] = Field(default_factory=dict, exclude=True, repr=False)

    @property
    def index_name(self) -> str:
        """The index that the scheme is of: "papi", else "par"."""
        return "papi" if self.id.startswith("papi") else "par"

    @cached_property
    def maximum(self) -> float:
        """The points of the whole index."""
        return float(np.round(sum(area.max for area in self.tree), 9))

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes in the order of the tree: each area, its criteria, their sub-criteria."""
        found: list[Node] = []

        def visit(raw: Area | Criterion | Subcriterion, depth: int, parent: str) -> None:
            rule = None if isinstance(raw, Area) else raw.rule
            component, evidence = ("", "") if isinstance(raw, Area) else (raw.component, raw.evidence)
            found.append(
                Node(
                    raw.code, raw.name, raw.name_en, raw.max, depth, parent, rule is not None, component, rule, evidence
                )
            )
            for child in raw.children:
                visit(child, depth + 1, raw.code)

        for area in self.tree:
            visit(area, 1, "")
        return tuple(found)

    @cached_property
    def leaves(self) -> tuple[Node, ...]:
        """The scored nodes in the order of the tree."""
        return tuple(node for node in self.nodes if node.is_leaf)

    @cached_property
    def _by_code(self) -> dict[str, Node]:
        return {node.code: node for node in self.nodes}

    def node(self, code: str) -> Node:
        """The node with this code; ``ParameterError`` with near matches."""
        try:
            return self._by_code[code]
        except KeyError:
            raise ParameterError(
                Problem("scheme {id} has no such code{near}", value=code, near=near(code, self._by_code), id=self.id)
            ) from None

    def absent_in(self, year: int) -> frozenset[str]:
        """Codes of the leaves that have no values in ``year``: their share belongs to the others of their parent."""
        return frozenset(code for code, years in self.absent.items() if year in years)

    def node_frame(self) -> pd.DataFrame:
        """All nodes as ``Results.nodes`` has them: the whole "", the tree in order, then "component:<key>" rows.

        The parent of areas and of components is "", that of the whole ``None``: tell them apart by ``kind``.
        """
        vi, en = WHOLE_NAMES[self.index_name]
        rows: list[tuple[object, ...]] = [("", vi, en, self.maximum, None, "whole")]
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
    def membership(self) -> npt.NDArray[np.float64]:
        """1 where a leaf (column, as ``leaves``) belongs to a node (row, as ``node_codes``), else 0."""
        chains = []
        for leaf in self.leaves:
            chain = {"", leaf.code, COMPONENT + leaf.component}
            parent = leaf.parent
            while parent:
                chain.add(parent)
                parent = self._by_code[parent].parent
            chains.append(chain)
        matrix = np.array([[code in chain for chain in chains] for code in self.node_codes], dtype=np.float64)
        matrix.flags.writeable = False
        return matrix

    @cached_property
    def leaf_maxima(self) -> npt.NDArray[np.float64]:
        """The maximum of each leaf, NaN where it has none."""
        maxima = np.array([np.nan if leaf.maximum is None else leaf.maximum for leaf in self.leaves])
        maxima.flags.writeable = False
        return maxima

    @cached_property
    def node_maxima(self) -> npt.NDArray[np.float64]:
        """The maximum of each node, as ``node_codes``; NaN for a leaf that has none."""
        maxima = self.node_frame()["maximum"].to_numpy(dtype=np.float64)
        maxima.flags.writeable = False
        return maxima

    def document(self) -> dict[str, Any]:
        """The scheme as the plain content of its file: ``parse_scheme(scheme.document())`` gives it again."""
        content = self.model_dump(mode="python", exclude_none=True)
        content["tree"] = [_plain_node(area) for area in content["tree"]]
        content["years"] = list(self.years)
        if self.not_applicable == "rescale":
            content.pop("not_applicable")
        return content


def _plain_node(content: dict[str, Any]) -> dict[str, Any]:
    children = [_plain_node(child) for child in content.pop("children", ())]
    plain = {key: value for key, value in content.items() if value != ""}
    return {**plain, "children": children} if children else plain


# --- reading and writing ----------------------------------------------------------------------


def parse_scheme(document: object, file: str = "", stem: str = "") -> Scheme:
    """A checked scheme from the plain content of a file. ``SchemeError`` lists everything that is wrong with it."""
    problems = check_document(document, stem)
    if problems:
        raise SchemeError(problem.at(file=file) for problem in problems)
    content: dict[str, Any] = plain_numbers(document)
    facts = facts_of(content["id"], content["decision"], content["level"], tuple(content["years"]))
    return Scheme.model_validate({**content, "absent": facts.absent if facts else {}})


@lru_cache(maxsize=32)
def _read(path: Path, _changed: int) -> Scheme:
    return parse_scheme(read_yaml(path), file=path.name, stem=path.stem)


def _folder() -> Path:
    return places.data() / "schemes"


def scheme_ids() -> tuple[str, ...]:
    """The ids of all schemes in ``data/schemes``."""
    return tuple(sorted(path.stem for path in _folder().glob("*.yaml") if path.stem != "facts"))


def load_scheme(id_or_path: str | Path) -> Scheme:
    """The scheme of this id, or in this YAML file. Read once; read again when its file has changed."""
    path = Path(id_or_path)
    if isinstance(id_or_path, str) and path.suffix not in (".yaml", ".yml"):
        if id_or_path not in scheme_ids():
            ids = scheme_ids()
            raise ParameterError(
                Problem(
                    "no such scheme; there are {ids}{near}",
                    value=id_or_path,
                    near=near(id_or_path, ids),
                    ids=", ".join(ids),
                )
            )
        path = _folder() / f"{id_or_path}.yaml"
    changed = path.stat().st_mtime_ns if path.exists() else 0
    return _read(path, changed)


def write_scheme(scheme: Scheme, path: Path) -> None:
    """Write a scheme as YAML, whole or not at all; the file must bear its id to be read again."""
    write_yaml(scheme.document(), path)


def _of_year(year: int, level: str, index_name: str) -> Scheme | None:
    fitting = [scheme for scheme in map(load_scheme, scheme_ids()) if year in scheme.years and scheme.level == level]
    fitting = [scheme for scheme in fitting if scheme.index_name == index_name]
    return min(fitting, key=lambda scheme: (scheme.status != "official", scheme.id), default=None)


def scheme_for(year: int, level: str) -> Scheme | None:
    """The set of criteria of the PAR INDEX of a year, an official one before an illustrative one; ``None`` without."""
    return _of_year(year, check_level(level), "par")


def papi_scheme(year: int) -> Scheme | None:
    """The structure of PAPI in a year; ``None`` outside its years."""
    return _of_year(year, "province", "papi")
