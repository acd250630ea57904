"""What is asked, of whom, and what an answer is worth: from the rules of a scheme, or stated by hand."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from parlib import places
from parlib.data_tables import table
from parlib.errors import DataError, ParameterError, Problem
from parlib.scoring.rules import Survey as SurveyRule
from parlib.scoring.scheme import Scheme
from parlib.words import Joined, Keyed, Message, Name, fold

if TYPE_CHECKING:
    from ibis.expr.datatypes import DataType


@dataclass(frozen=True, slots=True)
class Question:
    """One item of a questionnaire.

    ``item``       its key in the survey file.
    ``scale``      the share of the maximum (0-1) that each answer earns, by answer code.
    ``groups``     the respondent groups it is asked of, in the order they are shown.
    ``weights``    the weight of each group when groups are combined; None means equal weights.
    ``code``       the criterion it scores ("" when none), ``maximum`` its points, ``component`` its component.
    """

    item: str
    scale: Mapping[int, float]
    groups: tuple[str, ...]
    weights: Mapping[str, float] | None = None
    code: str = ""
    maximum: float = math.nan
    component: str = ""

    def group_shares(self) -> dict[str, float]:
        """The weights of the groups, scaled so that they add to one."""
        weights = {group: 1.0 if self.weights is None else float(self.weights[group]) for group in self.groups}
        total = math.fsum(weights.values())
        return {group: weight / total for group, weight in weights.items()}


def questions(scheme: Scheme, group_weights: Mapping[str, float] | None = None) -> tuple[Question, ...]:
    """The questions of a scheme: one for each leaf whose rule is of kind ``survey``, in the order of the tree.

    ``group_weights`` states how respondent groups count against each other (by group; the groups of an item share its
    whole in these proportions). Without it every group counts the same, which is an assumption and is said as one.
    """
    result = tuple(
        Question(
            item=rule.item,
            scale={int(answer): float(share) for answer, share in rule.scale.items()},
            groups=tuple(rule.respondents),
            weights=_weights_for(rule.respondents, group_weights),
            code=leaf.code,
            maximum=math.nan if leaf.maximum is None else leaf.maximum,
            component=leaf.component or "",
        )
        for leaf in scheme.leaves
        if isinstance(rule := leaf.rule, SurveyRule)
    )
    check_questions(result)
    return result


def questionnaire(name: str | Path) -> tuple[Question, ...]:
    """The questions of a survey that no criterion asks for item by item, such as SIPAS: ``data/surveys/<name>.yaml``.

    The file has ``group`` (or ``groups``), ``scale`` and ``items``. Every item is worth the same part of 100, so that
    the node "" of :func:`node_points` is the index of the survey, in percent, with its error.
    """
    path = name if isinstance(name, Path) else places.data() / "surveys" / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.yaml")))
        raise ParameterError(
            "there is no such questionnaire; there are: {known}", column="questionnaire", value=str(name), known=known
        )
    content = form(path)
    items = content["items"]
    result = tuple(
        Question(
            item=item["item"],
            scale={answer: float(share) for answer, share in content["scale"].items()},
            groups=tuple(content["groups"]) if "groups" in content else (content["group"],),
            code=str(number),
            maximum=100 / len(items),
        )
        for number, item in enumerate(items, 1)
    )
    check_questions(result)
    return result


class Item(TypedDict):
    """A question of a questionnaire, as its file has it."""

    item: str
    name: str
    name_en: str


class Form(TypedDict, total=False):
    """A questionnaire, as its file has it."""

    group: str
    groups: list[str]
    scale: dict[int, int | Decimal]
    items: list[Item]
    status: str


def form(path: Path) -> Form:
    """The content of a questionnaire as its file has it; ``DataError`` where it is none, or not as it was listed."""
    from parlib.data_tables import read_yaml

    content = read_yaml(path)
    DataError.raise_for(_form_problems(content), file=path.name)
    result: Form = content
    return result


def _form_problems(content: object) -> Iterator[Problem]:
    """What is wrong with the content of a questionnaire, with the key that it is about."""
    if not isinstance(content, dict):
        yield Problem("not a questionnaire")
        return
    groups = content.get("groups", [content.get("group")])
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        yield Problem("must be the key of a group of respondents", column="group")
    scale, items = content.get("scale"), content.get("items")
    if not isinstance(scale, dict) or not all(_is_answer(*answer) for answer in scale.items()):
        yield Problem("must be answers with shares from 0 to 1", column="scale")
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) and "item" in item for item in items):
        yield Problem("must be the questions, each with its key (item)", column="items")


def _is_answer(answer: object, share: object) -> bool:
    return type(answer) is int and type(share) in (int, Decimal) and 0 <= share <= 1  # type: ignore[operator]


def _weights_for(groups: Sequence[str], weights: Mapping[str, float] | None) -> dict[str, float] | None:
    # a group that the weights do not name stays out of the dictionary: check_questions reports it with its item
    return None if weights is None else {group: float(weights[group]) for group in groups if group in weights}


def check_questions(asked: Iterable[Question], no_answer: Iterable[int] = ()) -> None:
    """Raises ``ParameterError`` with everything that is wrong with the questions."""
    problems: list[Problem] = []
    seen: dict[str, Question] = {}
    codes = set(no_answer)
    for question in asked:
        faults = [*_scale_problems(question, codes), *_group_problems(question)]
        twin = seen.setdefault(question.item, question)
        if (twin.scale, twin.groups, twin.weights) != (question.scale, question.groups, question.weights):
            faults.append(Problem("the item is stated twice with different scales, groups or weights"))
        problems += [problem.at(node=question.code, column="item", value=question.item) for problem in faults]
    if not seen:
        problems.append(Problem("there is no survey question"))
    ParameterError.raise_for(problems)


def _scale_problems(question: Question, no_answer: set[int]) -> Iterator[Problem]:
    if not question.scale or not all(math.isfinite(share) for share in question.scale.values()):
        yield Problem("the scale is empty or not made of numbers")
    both = sorted(set(question.scale) & no_answer)
    if both:
        yield Problem("the codes {both} are answers of the scale and codes for no answer at once", both=both)


def _group_problems(question: Question) -> Iterator[Problem]:
    if not question.groups or len(set(question.groups)) != len(question.groups):
        yield Problem("the respondent groups are empty or repeated")
    if question.weights is None:
        return
    missing = [group for group in question.groups if group not in question.weights]
    if missing:
        yield Problem("the groups {missing} have no weight", missing=missing)
    stated = [question.weights[group] for group in question.groups if group in question.weights]
    if not all(math.isfinite(weight) and weight >= 0 for weight in stated) or (not missing and not sum(stated) > 0):
        yield Problem("group weights must be numbers of at least 0 with a positive sum: {stated}", stated=stated)


def by_item(asked: Iterable[Question]) -> dict[str, Question]:
    """One question for each item, in order (an item that scores two criteria is asked once)."""
    results: dict[str, Question] = {}
    for question in asked:
        results.setdefault(question.item, question)
    return results


# --- what groups and the citizens' questions are called: data/surveys/ ------------------------


@cache
def group_names(language: str = "vi") -> dict[str, str]:
    """The name of each respondent group by its key; a group without one is called by its key."""
    rows = table("surveys/groups.csv").rows()
    return {row["key"]: Name(row["name_vi"], row["name_en"]).text(language) for row in rows}


def group_words(keys: Iterable[str]) -> Joined:
    """Respondent groups as people call them, each with its key."""
    names = {language: group_names(language) for language in ("vi", "en")}
    return Joined(Keyed(key, Name(*(of.get(key, key) for of in names.values()))) for key in keys)


def groups_meant(text: str) -> tuple[list[str], list[str]]:
    """The keys of the groups that a text lists by name or key, ";", "," or a new line between them, and what of it is
    no group that is known and no key either. A name may hold commas of its own."""
    known = {fold(name): key for language in ("vi", "en") for key, name in group_names(language).items()}
    keys: list[str] = []
    strange: list[str] = []
    for part in filter(str.strip, re.split("[;\n]", text)):
        words = [word.strip() for word in part.split(",") if word.strip()]
        while words:
            heads = ((n, known.get(fold(", ".join(words[:n])), "")) for n in range(len(words), 0, -1))
            n, key = next(((n, key) for n, key in heads if key), (1, ""))
            is_key = re.fullmatch("[a-z][a-z0-9_]*", words[0])
            (keys if key or is_key else strange).append(key or words[0])
            words = words[n:]
    return keys, strange


@cache
def satisfaction_form() -> Form:
    """The citizens' questionnaire: ``group``, ``scale``, ``items`` (item, name, name_en), ``status``."""
    return form(places.data() / "surveys" / "sipas.yaml")


def satisfaction_questions() -> tuple[Question, ...]:
    """The citizens' questions: the share of an answer is 1 where it counts as satisfied."""
    return questionnaire("sipas")


# --- layout ---------------------------------------------------------------------------------------
# The columns of a survey file, and what may stand in them.


@dataclass(frozen=True, slots=True)
class SurveyColumn:
    """One column: its kind ("text", "number" or "date"), whether a file must have it, and what it holds."""

    kind: str
    required: bool
    meaning: Message


#: One row of the file is one answer of one respondent to one item.
COLUMNS: Mapping[str, SurveyColumn] = {
    "respondent": SurveyColumn("text", True, Message("the respondent, unique within the unit")),
    "unit": SurveyColumn("text", True, Message("key of the unit assessed")),
    "group": SurveyColumn("text", True, Message("respondent group")),
    "item": SurveyColumn("text", True, Message("key of the item")),
    "answer": SurveyColumn("number", True, Message("code of the answer (1..n)")),
    "stratum": SurveyColumn("text", False, Message("sampling stratum within the unit")),
    "cluster": SurveyColumn("text", False, Message("primary sampling unit within the stratum")),
    "weight": SurveyColumn("number", False, Message("sampling weight, above 0")),
    "date": SurveyColumn("date", False, Message("day of the answer")),
    "duration": SurveyColumn("number", False, Message("time taken for the form, in seconds")),
    "interviewer": SurveyColumn("text", False, Message("key of the interviewer")),
}


def named(name: str, renames: Mapping[str, str]) -> str:
    """The name that a column of a file has in the layout: by ``renames`` (in any spelling), else itself in small
    letters."""
    spelled = {fold(head): column for head, column in renames.items()}
    return renames.get(name, spelled.get(fold(name), name.strip().lower()))


def missing_columns(names: Iterable[str], file: str) -> Iterator[Problem]:
    """A problem for each required column that is not among ``names``, and for each column given twice."""
    results = list(names)
    for name, column in COLUMNS.items():
        if column.required and name not in results:
            yield Problem(
                'the column "{column}" ({what}) is missing; the file has: {found}',
                file=file,
                column=name,
                what=column.meaning,
                found=", ".join(results),
            )
        if results.count(name) > 1:
            yield Problem("the column is given twice", file=file, column=name)


def wrong_types(schema: Mapping[str, DataType], file: str) -> Iterator[Problem]:
    """A problem for each column whose type (an Ibis data type) cannot hold what the layout asks for."""
    for name, kind in schema.items():
        if name not in COLUMNS or kind.is_null() or _fits(COLUMNS[name].kind, kind):
            continue
        if name in ("respondent", "stratum", "cluster") and kind.is_floating():
            continue  # numbers with gaps: pandas keeps whole numbers with gaps as decimals
        yield Problem(
            "the type of the column cannot be used; {what} is needed",
            file=file,
            column=name,
            value=str(kind),
            what=_ALLOWED[COLUMNS[name].kind],
        )


_ALLOWED = {
    "text": Message("text or a whole number"),
    "number": Message("a number in each cell"),
    "date": Message("a date or a timestamp"),
}


def _fits(needed: str, kind: DataType) -> bool:
    if needed == "text":
        return bool(kind.is_string() or kind.is_integer())
    if needed == "number":
        return bool(kind.is_numeric() and not kind.is_boolean())
    return bool(kind.is_date() or kind.is_timestamp())
