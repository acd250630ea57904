"""Two sets of criteria side by side: what is kept, changed, moved, new and gone; what of it a trend may compare, and
which answers of the last round can be shown again."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from parlib import places
from parlib.errors import ParameterError
from parlib.scoring.rules import Kind
from parlib.scoring.scheme import Node, Scheme
from parlib.scoring.units import name as unit_name
from parlib.sources.excel import Content, Looks, Pen, new_workbook, page
from parlib.sources.rounds import Round, state
from parlib.tables import written
from parlib.words import FIRST, Message, fold

KEPT, CHANGED, MOVED = Message("kept"), Message("changed"), Message("moved")
NEW, GONE = Message("new"), Message("gone")
SAME_NAME = 0.6  # how alike two names under one code must be to be one criterion with a new name


class Pair(NamedTuple):
    """A node of the old set and of the new one, of which one may be missing, and what differs between them.

    ``comparable``: whether its points mean the same in both, so that a trend may go on. ``answers``: for a criterion
    that units answer, whether last round's answer still answers it; ``None`` for any other.
    """

    what: Message
    old: Node | None
    new: Node | None
    differs: tuple[Message, ...] = ()
    comparable: bool = False
    answers: bool | None = None


class Comparison(NamedTuple):
    """Two sets of criteria and their nodes in pairs, in the order of the new set, what is gone at the end."""

    old: Scheme
    new: Scheme
    pairs: tuple[Pair, ...]

    def counts(self) -> Mapping[Message, int]:
        """How many nodes are kept, changed, moved, new and gone."""
        found = Counter(pair.what for pair in self.pairs)
        return {what: found[what] for what in (KEPT, CHANGED, MOVED, NEW, GONE)}

    @property
    def again(self) -> dict[str, str]:
        """The old code of each criterion whose last answer can be shown again, by its new code."""
        return {pair.new.code: pair.old.code for pair in self.pairs if pair.answers and pair.new and pair.old}

    def areas(self) -> Iterator[tuple[Pair, float]]:
        """The areas of the new set, and the points of each that mean what they did."""
        for pair in self.pairs:
            if pair.new is not None and pair.new.depth == 1:
                inside = [of for of in self.pairs if of.comparable and of.new and of.new.is_leaf]
                code = f"{pair.new.code}."
                yield pair, sum(of.new.maximum or 0 for of in inside if of.new and of.new.code.startswith(code))


def compare_schemes(old: Scheme, new: Scheme) -> Comparison:
    """Which criteria of two sets are the same: those of one name; else those of one code and a name alike."""
    matched = _matched(old, new)
    pairs: dict[str, Pair] = {}
    for node in reversed(new.nodes):  # what a node is worth comparing for depends on those below it
        before = matched.get(node.code)
        pairs[node.code] = Pair(NEW, None, node) if before is None else _pair(before, node, pairs)
    taken = {before.code for before in matched.values()}
    gone = (Pair(GONE, node, None) for node in old.nodes if node.code not in taken)
    return Comparison(old, new, (*(pairs[node.code] for node in new.nodes), *gone))


def _matched(old: Scheme, new: Scheme) -> dict[str, Node]:
    """The old node of each new one, by the code of the new one."""
    matched: dict[str, Node] = {}

    def free(node: Node) -> list[Node]:
        taken = {of.code for of in matched.values()}
        return [of for of in old.nodes if of.code not in taken and of.depth == node.depth]

    def under_same(node: Node, of: Node) -> bool:
        return not node.parent or (node.parent in matched and matched[node.parent].code == of.parent)

    for strict in (True, False):  # first under the same parent, then wherever one name stands once in both
        for node in new.nodes:
            named = [of for of in free(node) if node.code not in matched and fold(of.name) == fold(node.name)]
            mine = [of for of in named if under_same(node, of)]
            alone = len([of for of in new.nodes if of.depth == node.depth and fold(of.name) == fold(node.name)]) == 1
            if strict and len(mine) == 1:
                matched[node.code] = mine[0]
            elif not strict and len(named) == 1 and alone:
                matched[node.code] = named[0]
    for node in new.nodes:
        for of in free(node) if node.code not in matched else ():
            alike = difflib.SequenceMatcher(None, fold(of.name), fold(node.name)).ratio() >= SAME_NAME
            if of.code == node.code and alike and under_same(node, of) and of.is_leaf == node.is_leaf:
                matched[node.code] = of
                break
    return matched


def _pair(old: Node, new: Node, pairs: Mapping[str, Pair]) -> Pair:
    below = [pairs[child.code] for child in new.children]
    same_below = all(pair.comparable for pair in below) and len(new.children) == len(old.children)
    same_below = same_below and {p.old.code for p in below if p.old} == {child.code for child in old.children}
    tests = {
        Message("name"): fold(old.name) != fold(new.name),
        Message(
            "maximum {before} → {after}", {"before": written(old.maximum or 0), "after": written(new.maximum or 0)}
        ): old.maximum != new.maximum,
        Message("rule"): _content(old.rule) != _content(new.rule),
        Message("group of points"): old.component != new.component,
        Message("what is below it"): not same_below,
    }
    differs = tuple(message for message, match in tests.items() if match)
    comparable = not differs or [message.id for message in differs] == ["name"]
    moved = old.code != new.code
    what = MOVED if moved else CHANGED if differs else KEPT
    return Pair(what, old, new, differs, comparable, _answers(old.rule, new.rule))


def _content(rule: Kind | None) -> object:
    """What a rule says; the ids of options are names of our own, and say nothing."""
    if rule is None:
        return None
    content = rule.model_dump()
    if "label" in content:
        return content["kind"], [(fold(content["label"][key]), points) for key, points in content["options"].items()]
    return {key: fold(value) if isinstance(value, str) else value for key, value in content.items()}


def _answers(old: Kind | None, new: Kind | None) -> bool | None:
    """Whether an answer to the old rule answers the new one: the same kind, asked for in the same words."""
    if new is None or not new.answered:
        return None

    def asks(rule: Kind | None) -> object:
        content = rule.model_dump() if rule else {}
        words = {key: fold(str(content[key])) for key in ("kind", "input", "target_input", "unit") if key in content}
        return words, [fold(label) for label in content.get("label", {}).values()]

    return old is not None and asks(old) == asks(new)


# --- on paper -------------------------------------------------------------------------------------

_YES, _NO = Message("yes"), Message("no")


def shown_again(comparison: Comparison, round_: Round) -> dict[str, tuple[int, int]]:
    """Of each unit of the last round, by name: how many answers it has, and how many can be shown again.

    ``ParameterError`` where the round is of another set than the old one.
    """
    if round_.scheme.id != comparison.old.id:
        raise ParameterError(
            "the round is scored by {scheme}, not by the old set {old}",
            value=round_.plan.id,
            scheme=round_.scheme.id,
            old=comparison.old.id,
        )
    held, answered = state(round_), {leaf.code for leaf in comparison.old.leaves if leaf.rule and leaf.rule.answered}
    held = held[held["code"].isin(answered)]
    shown = held["code"].isin(set(comparison.again.values()))
    codes = round_.book.units
    n, again = (held.loc[rows, "unit"].value_counts().reindex(codes, fill_value=0) for rows in (shown | True, shown))
    return {unit_name(unit, system=round_.plan.system): (int(n[unit]), int(again[unit])) for unit in codes}


def comparison_lines(
    comparison: Comparison, answers: Mapping[str, tuple[int, int]] | None = None, language: str = FIRST
) -> Iterator[str]:
    """A comparison in words: how many nodes are kept, changed, moved, new, gone; each area; the answers that hold."""
    counts = comparison.counts().items()
    yield "; ".join(f"{what.text(language)}: {n}" for what, n in counts)
    for pair, same in comparison.areas():
        assert pair.new is not None
        named = {"code": pair.new.code, "name": pair.new.name, "most": written(pair.new.maximum or 0)}
        if pair.comparable:
            words = Message("{code}. {name}: comparable with before")
        else:
            words = Message("{code}. {name}: a break; {same} of {most} points mean what they did")
        yield words.filled(**named, same=written(round(same, 9))).text(language)
    for pair in comparison.pairs:
        if pair.what != KEPT:
            node = pair.new or pair.old
            codes = " → ".join(dict.fromkeys(of.code for of in (pair.old, pair.new) if of))
            differs = "; ".join(message.text(language) for message in pair.differs)
            yield f"  {pair.what.text(language)} {codes} {node.name if node else ''}" + (
                f" ({differs})" * bool(differs)
            )
    asked = [pair for pair in comparison.pairs if pair.answers is not None]
    words = Message("criteria that units answer: {n}; those whose last answer can be shown again: {again}")
    yield words.filled(n=len(asked), again=len(comparison.again)).text(language)
    for unit, (n, again) in (answers or {}).items():
        line = Message("{unit}: {again} of {n} answers can be shown again", {"unit": unit, "again": again, "n": n})
        yield f"  {line.text(language)}"


def write_comparison(
    comparison: Comparison, path: Path, answers: Mapping[str, tuple[int, int]] | None, language: str = FIRST
) -> None:
    """Write a comparison as a workbook: the areas, all criteria, and with ``answers`` (unit: how many answers of the
    last round, how many can be shown again) the units."""
    title = Message("Sets of criteria {old} and {new}", {"old": comparison.old.id, "new": comparison.new.id})
    with places.whole_file(path) as draft, new_workbook(draft, title.text(language), comparison.new.decision) as book:
        looks = Looks(book)

        def table(name: Message, heads: Mapping[Message, float], rows: Iterable[tuple[Content, ...]]) -> None:
            pen = Pen(book, looks, name.text(language), heads.values())
            page(pen.sheet, landscape=True, footer=title.text(language), language=language)
            pen.line(*((n, head.text(language), "head") for n, head in enumerate(heads, 1)))
            for row in rows:
                pen.line(
                    *((n, of, "text" if isinstance(of, str) or of is None else "points") for n, of in enumerate(row, 1))
                )
            pen.sheet.freeze_panes(1, 0)
            pen.sheet.repeat_rows(0)
            pen.sheet.autofilter(0, 0, max(pen.row - 1, 1), len(heads) - 1)

        heads = {Message("Area"): 60.0, Message("Maximum"): 10, Message("Points that mean the same"): 16, _TREND: 16}
        table(
            Message("Areas"),
            heads,
            (
                (f"{p.new.code}. {p.new.name}", p.new.maximum, same, (_YES if p.comparable else _NO).text(language))
                for p, same in comparison.areas()
                if p.new
            ),
        )
        table(Message("Criteria"), _HEADS, (_row(pair, language) for pair in comparison.pairs))
        if answers is not None:
            heads = {Message("Unit"): 40.0, Message("Answers of the last round"): 18, Message("Can be shown again"): 18}
            table(Message("Units"), heads, ((unit, *counts) for unit, counts in answers.items()))


_TREND = Message("Comparable in a trend")
_HEADS: Mapping[Message, float] = {
    Message("What becomes of it"): 12,
    Message("Old code"): 9,
    Message("New code"): 9,
    Message("Old name"): 44,
    Message("New name"): 44,
    Message("Old maximum"): 9,
    Message("New maximum"): 9,
    Message("What differs"): 34,
    _TREND: 14,
    Message("Last answer can be shown"): 14,
}


def _row(pair: Pair, language: str) -> tuple[Content, ...]:
    def of(node: Node | None) -> tuple[str, str, float | None]:
        return (node.code, node.name, node.maximum) if node else ("", "", None)

    (code, name, most), (code2, name2, most2) = of(pair.old), of(pair.new)
    differs = "; ".join(message.text(language) for message in pair.differs)
    again = "" if pair.answers is None else (_YES if pair.answers else _NO).text(language)
    trend = (_YES if pair.comparable else _NO).text(language)
    return pair.what.text(language), code, code2, name, name2, most, most2, differs, trend, again
