"""An annex as a draft of a set of criteria: the workbook in which a person confirms what it leaves open, and, where it
leaves nothing open, the set itself."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from parlib.data_tables import check_level
from parlib.errors import ParameterError, Problem, SchemeError
from parlib.scoring.rules import KINDS
from parlib.scoring.scheme import Scheme
from parlib.sources.annex.reading import Annex, Found
from parlib.sources.annex.rules import bare
from parlib.sources.workbooks import scheme_book
from parlib.words import FIRST, Message, Words

_DECISION = re.compile(r"(?:quyet dinh so|qd so)[: ]*(?P<of>(?P<number>\d+)(?:/\d{4})?/qd-[\w-]+)")
#: Which words of the title say of which level an annex is.
_LEVELS = {
    "province": re.compile(r"\bcap tinh\b|\bcac tinh\b|\btinh, thanh pho\b"),
    "ministry": re.compile(r"\bcap bo\b|\bcua (?:cac )?bo\b|\bcac bo\b|co quan ngang bo"),
}
_BOTH = Message("has both appraised and surveyed points; such a criterion becomes two rows, one a group")
_WHICH = Message("the annex does not say in which group its points are")
_OTHER = Message("the group of its points and its rule do not agree")


def facts_of(annex: Annex, level: str = "", years: Sequence[int] = ()) -> dict[str, object]:
    """What the texts above the tables say of the decision; what they do not say is left out."""
    titles = [text for text in annex.texts if text]
    flat = [bare(text) for text in titles]
    facts: dict[str, object] = {"not_applicable": "rescale", "years": tuple(years)}
    found = [(text, match) for text, line in zip(titles, flat, strict=True) if (match := _DECISION.search(line))]
    if found:
        text, match = found[0]
        facts |= {"decision": text[match.start("of") : match.end("of")], "status": "official"}
    titled = [line for line in flat if "chi so" in line or "tieu chi" in line]
    levels = {key for key, pattern in _LEVELS.items() if any(map(pattern.search, titled))}
    of = check_level(level) if level else levels.pop() if len(levels) == 1 else ""
    facts["level"] = of
    if found and of:
        facts["id"] = f"{found[0][1]['number']}-{of}"
    facts["note"] = Message("Read from the annex {file}", {"file": annex.file}).text(FIRST)
    return facts


def asked(annex: Annex, facts: dict[str, object]) -> list[Problem]:
    """All that a person has to settle before the set can be taken: what disagrees, what the annex does not say."""
    problems = list(annex.problems)
    for key in ("id", "decision", "level", "years", "status"):
        if not facts.get(key):
            words = Message("the annex does not say: {what}", {"what": scheme_book.FACT_ROWS[key].label})
            problems.append(Problem(words, file=annex.file, about=key))
    told = {(problem.node, problem.message.text()) for problem in problems}
    for node in annex.nodes:
        for ask in _asks(node, annex.split):
            if (node.printed, ask.text()) not in told:
                problem = Problem(ask, file=annex.file, sheet=_where(node), row=node.row, node=node.printed)
                problems.append(problem.at(value=node.text or None))
    return problems


def write_draft(annex: Annex, facts: dict[str, object], path: Path, language: str = FIRST) -> None:
    """Write what was read as the workbook that ``parlib scheme import`` takes, what is to be confirmed marked."""
    nodes = [_cells(node, annex.split, language) for node in annex.nodes]
    groups = dict.fromkeys(str(cells["component"]) for cells in nodes if cells.get("component"))
    maxima = {key: [cells["max"] for cells in nodes if cells.get("component") == key] for key in groups}
    rows = [scheme_book.group_cells(key, _sum(maxima[key])) for key in scheme_book.GROUPS if key in groups]
    remarks = [problem.text(language) for problem in annex.problems + annex.notes]
    title = Message("Draft of a set of criteria read from {file}", {"file": annex.file})
    scheme_book.write_scheme_book(
        scheme_book.Written(facts, rows, (), nodes, remarks, annex=True), path, title, language
    )


def scheme_of(annex: Annex, facts: dict[str, object]) -> Scheme:
    """The set of criteria that an annex says wholly. ``SchemeError`` names everything that a person has to settle."""
    SchemeError.raise_for(asked(annex, facts))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{Path(annex.file).stem}.xlsx"
        write_draft(annex, facts, path)
        return scheme_book.import_scheme(path)


def write_new(path: Path, force: bool) -> None:
    """Refuse to write over a file in which somebody may have confirmed something."""
    if path.exists() and not force:
        raise ParameterError(
            "the file exists, and somebody may have worked in it; name another, or add --force", file=path.name
        )


def _sum(values: Iterable[object]) -> float | None:
    known = [Decimal(repr(value)) for value in values if isinstance(value, float)]
    return float(sum(known, Decimal(0))) if known else None


def _where(node: Found) -> str:
    return node.where if isinstance(node.where, str) else node.where.text()


def _kind(node: Found) -> str:
    """The kind of rule of a leaf, as far as it is known."""
    return node.rule.rule.kind if node.rule.rule else str(node.rule.part.get("kind", ""))


def _group(node: Found, split: bool) -> str:
    """The group of a leaf's points: as its column says, else as its rule does; "" where neither does."""
    kind = _kind(node)
    if kind == "external":
        return "index"
    if split:
        return "survey" if node.points.get("survey") else "appraisal"
    return "survey" if kind == "survey" else "appraisal" if kind else ""


def _asks(node: Found, split: bool) -> list[Words]:
    if node.children:
        words = Message("it has rows below it, so that its own text is no rule")
        return [*node.asks, *([words] if node.said else [])]
    group, kind = _group(node, split), _kind(node)
    result: list[Words] = [*node.asks, *node.rule.asks]
    if node.points.get("survey") and node.points.get("appraisal"):
        result.append(_BOTH)
    elif not group:
        result.append(_WHICH)
    elif (kind and (group == "survey") != (kind == "survey")) or (group == "index" and node.points.get("survey")):
        result.append(_OTHER)
    return result


def _cells(node: Found, split: bool, language: str) -> scheme_book.CellsOfNode:
    most = node.points.get("max")
    asks = [f"{words.text(language)[:1].upper()}{words.text(language)[1:]}." for words in _asks(node, split)]
    cells: dict[str, str | float | None] = {"code": node.code, "name": node.name, "source": node.text}
    cells |= {"max": None if most is None else float(most), "confirm": "\n".join(dict.fromkeys(asks))}
    if node.children:
        return cells
    cells |= {"component": _group(node, split), "evidence": node.evidence}
    if node.rule.rule is not None:
        return cells | scheme_book.rule_cells(node.rule.rule, language)
    for key, value in node.rule.part.items():
        cells[scheme_book.column_of(key)] = value if isinstance(value, float) else str(value)
    if kind := _kind(node):
        cells["kind"] = KINDS[kind].name.text(language)
    return cells
