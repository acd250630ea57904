"""The plan of a round: year, scheme, units, steps with dates, survey design, and what was decided on it as a whole.

``round.yaml`` is typed by people: a key given twice, an unknown key or a wrong date is refused, all problems at once,
and a change of status touches only the lines concerned, so that comments stay.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from parlib import data_tables, tables
from parlib.data_tables import read_yaml
from parlib.errors import DataError, ParameterError, ParlibError, Problem, SchemeError
from parlib.scoring import units as scoring_units
from parlib.scoring.rules import Given, Survey, answer_text, is_unknown
from parlib.scoring.scheme import Node, Scheme, load_scheme
from parlib.words import Message, Words, fold, near, near_codes, usual_letters

if TYPE_CHECKING:
    Keys = pd.Index[str]

T = TypeVar("T")


# --- texts ----------------------------------------------------------------------------------------
# Cells as the ledger writes them: text in NFC, plain numbers, times with a zone; and what people's words mean.

VIET_NAM = timezone(timedelta(hours=7))
STATED = ("unit", "code", "stage", "answer", "points", "not_applicable", "evidence", "remark", "by", "at")
PARTS = ("numerator", "denominator")  # behind an answer in percent
FIELDS = (*STATED, *PARTS)
STAGES = ("self", "appraisal", "appeal", "conclusion")
DECIDING = ("appraisal", "conclusion")  # what the council decides; a unit states and asks at the others

_TRUE = {"true", "1", "x", "co", "yes", "khong ap dung"}
_FALSE = {"", "false", "0", "khong", "no"}
_DAY_FIRST = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:[ T](.+))?", re.ASCII)


def cell_text(value: object) -> str:
    """A cell of a frame as the ledger writes it."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip()
    if isinstance(value, bool | np.bool_):
        return "true" if value else ""
    if value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple):
        return answer_text((float(value[0]), float(value[1])))
    if is_unknown(value):
        return ""
    if isinstance(value, int | float | np.number):
        return tables.number(float(value), "en")
    return str(value)


def as_texts(rows: pd.DataFrame) -> pd.DataFrame:
    """``rows`` with every field of the ledger as text (missing ones empty), and ``source_row`` and ``sheet``."""
    texts = pd.DataFrame(index=pd.RangeIndex(len(rows)))
    for name in FIELDS:
        column = rows[name] if name in rows else pd.Series("", index=rows.index)
        given = column if isinstance(column.dtype, pd.StringDtype) else column.astype("object")
        codes, different = pd.factorize(given)  # each text is looked at once
        spelt = np.array([*map(cell_text, different), ""], dtype=object)  # the last one is for what is missing: -1
        texts[name] = pd.array(spelt, dtype="str").take(np.where(codes < 0, len(different), codes))
    default = pd.Series(np.arange(1, len(rows) + 1), index=rows.index)
    texts["source_row"] = rows.get("source_row", default).to_numpy()
    texts["sheet"] = rows["sheet"].astype("str").to_numpy() if "sheet" in rows else ""
    usual = by_text(texts["code"], lambda text: usual_letters(text).removesuffix("."))
    texts["code"] = pd.array(usual, dtype="str")
    return texts


def now() -> datetime:
    """This moment in Viet Nam's time, to the millisecond."""
    moment = datetime.now(VIET_NAM)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


EARLIEST = 2000  # the year before which nothing of a round happened: a slip of the keyboard, or Excel's day 0


def parse_time(text: str) -> datetime | None:
    """A time as people and programs write it; Viet Nam's zone where none is named. ``None`` when it is none."""
    result = _DAY_FIRST.fullmatch(text.strip())
    if result:
        day, month, year, clock = result.groups()
        text = f"{year}-{int(month):02}-{int(day):02}" + (f"T{clock.strip()}" if clock else "")
    if not text.isascii():
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.year < EARLIEST:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=VIET_NAM)


def by_text(texts: pd.Series, look: Callable[[str], object]) -> npt.NDArray[np.object_]:
    """What ``look`` says of every text of a column; each different one is looked at once."""
    codes, different = pd.factorize(texts)
    said = np.empty(len(different), dtype=object)
    said[:] = [look(text) for text in different]
    return said[codes]


def times(texts: pd.Series) -> pd.Series:
    """A column of times; NaT where there is none."""
    codes, different = pd.factorize(texts)
    moments = pd.to_datetime(pd.Series(map(parse_time, different), dtype="object"), utc=True)
    return moments.astype("datetime64[us, UTC]").take(codes).set_axis(texts.index)


def flag(text: str) -> bool | None:
    """Yes or no as people write it; ``None`` for anything else."""
    word = fold(text)
    return True if word in _TRUE else False if word in _FALSE else None


# --- numbers: "0,5" and "0.5" are both read, a table that mixes them is refused ---------------

NUMBERS = ("answer", "points", *PARTS)


def read_numbers(
    rows: pd.DataFrame, declared: str, headings: Mapping[str, str], file: str, columns: tuple[str, ...] = NUMBERS
) -> tuple[pd.DataFrame, list[Problem]]:
    """``rows`` with the numbers in the texts of ``columns`` written with a point, and those that mean two things.

    ``declared`` is "comma", "point", or "" where the table itself must show it. Numbers that a program put there as
    numbers stay as they are. A row is named by its ``source_row`` where it has one, else by its place.
    """
    present = [name for name in columns if name in rows]
    texts = {name: rows[name][[isinstance(cell, str) for cell in rows[name]]] for name in present}
    marks = Counter[str]()
    for column in texts.values():
        for cell, n in column.value_counts().items():
            for numeral in _numerals(str(cell)):
                if isinstance(numeral, tables.Numeral) and numeral.mark:
                    marks[numeral.mark] += int(n)
    mark = tables.MARKS.get(declared) or (max(".,", key=lambda sign: marks[sign]) if marks else ".")
    problems = []
    read = rows.copy()
    stages = rows["stage"].astype("str").tolist() if "stage" in rows else [""] * len(rows)
    numbers = rows["source_row"].tolist() if "source_row" in rows else list(range(1, len(rows) + 1))
    for name, column in texts.items():
        verdicts = {cell: _verdict(cell, mark, bool(declared)) for cell in column.unique()}
        spelt = {cell: _with_point(cell) for cell in verdicts}
        cells = rows[name].tolist()
        for place, cell in enumerate(cells):
            problem = verdicts.get(cell) if isinstance(cell, str) else None
            if problem is not None:
                heading = headings.get(f"{stages[place]}.{name}") or headings.get(name, name)
                problems.append(problem.at(file=file, row=int(numbers[place]), column=heading, value=cell))
        if len(column):
            read[name] = [spelt[cell] if isinstance(cell, str) else cell for cell in cells]
    return read, problems


def _numerals(cell: str) -> list[tables.Numeral | Problem]:
    """The numbers in a cell: one, or two where a result stands against a target ("105/100"); none in a text."""
    parts = [part.strip() for part in cell.split("/")]
    if len(parts) > 2 or not all(any(sign.isdecimal() for sign in part) for part in parts):
        return []
    if any(sign.isalpha() for sign in cell) and not any(map(tables.shortened, parts)):
        return []
    return [tables.read_numeral(part, percent=True) for part in parts]


def _verdict(cell: str, mark: str, declared: bool) -> Problem | None:
    """What is unclear about the numbers in a cell; ``None`` when nothing is."""
    for numeral in _numerals(cell):
        if isinstance(numeral, Problem):
            return numeral
        if numeral.mark and numeral.mark != mark:
            return Problem(
                "decimal marks are mixed: other numbers have '{mark}', this one has '{other}'",
                mark=mark,
                other=numeral.mark,
            )
        if numeral.unclear and not declared:
            problem = tables.two_meanings(cell, numeral)
            return problem.at(
                message=Message(
                    "{what}, or declare the decimal mark of the file (--decimal)", {"what": problem.message}
                )
            )
    return None


def _with_point(cell: str) -> str:
    numerals = _numerals(cell)
    if not numerals or any(isinstance(numeral, Problem) for numeral in numerals):
        return cell
    percent = "%" if cell.rstrip().endswith("%") and len(numerals) == 1 else ""
    return "/".join(numeral.text for numeral in numerals if isinstance(numeral, tables.Numeral)) + percent


#: What each step of the year is called where a plan gives it no name of its own.
STEP_NAMES = {
    "preparation": Message("Preparation and plan"),
    "self": Message("Self-assessment and points"),
    "appraisal": Message("Appraisal"),
    "appeal": Message("Explanation"),
    "survey": Message("Sociological survey"),
    "results": Message("Publication of results"),
}

SLUG = r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$"
Slug = Annotated[str, Field(pattern=SLUG)]
Text = Annotated[str, Field(min_length=1)]


def _error(message: Message) -> PydanticCustomError:
    return PydanticCustomError("round_plan", "{message}", {"message": message})


def _once(what: Message) -> AfterValidator:
    """Each thing of a list, by itself or by its key, stands in it once."""

    def check(given: T) -> T:
        keys = [str(getattr(one, "key", one)) for one in given] if isinstance(given, tuple) else []
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise _error(Message("{what} given twice: {keys}", {"what": what, "keys": ", ".join(twice)}))
        return given

    return AfterValidator(check)


def _words_or_keys(given: object) -> object:
    keys = isinstance(given, list | tuple) and all(isinstance(k, str) and re.fullmatch(SLUG, k) for k in given)
    if not keys and given not in ("assessed", "all"):
        raise _error(Message("must be assessed, all, or a list of unit keys"))
    return given


def _level(given: str) -> str:
    if given not in scoring_units.levels():
        raise _error(Message("must be one of: {listed}", {"listed": data_tables.level_words()}))
    return given


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, str_strip_whitespace=True)


class _Period(_Part):
    start: date | None = Field(default=None, alias="from")
    end: date | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> _Period:
        if self.start and self.end and self.end < self.start:
            dates = {"end": self.end, "start": self.start}
            raise _error(Message("the end ({end}) is before the start ({start})", dates))
        return self


#: Those who answer for the steps of most rounds: named in the language of the report.
RESPONSIBLE = (
    Message("Ministry of Home Affairs"),
    Message("The units assessed"),
    Message("Appraisal council"),
    Message("The units; the appraisal council"),
)


class Step(_Period):
    """A step of the year's plan: when, and who answers for it."""

    key: Slug
    name: str = ""
    responsible: str = ""

    def title(self, language: str = "vi") -> str:
        """What the step is called."""
        known = STEP_NAMES.get(self.key)
        return self.name or (known.text(language) if known else self.key)

    def who(self, language: str) -> str:
        """Who answers for it."""
        known = (one for one in RESPONSIBLE if self.responsible in (one.text("vi"), one.text("en")))
        return next((one.text(language) for one in known), self.responsible)


class SurveyGroup(_Part):
    """A group of respondents: its key in the answers, how many forms are planned, its weight beside the others."""

    key: Slug
    name: str = ""
    planned: int = Field(default=0, ge=0)
    weight: float = Field(default=1.0, ge=0, allow_inf_nan=False)


class SurveyDesign(_Period):
    """The fieldwork dates and the groups asked."""

    groups: Annotated[tuple[SurveyGroup, ...], _once(Message("group"))] = ()

    @field_validator("groups")
    @classmethod
    def _some_weigh(cls, groups: tuple[SurveyGroup, ...]) -> tuple[SurveyGroup, ...]:
        if groups and not any(group.weight for group in groups):
            raise _error(Message("all weights of the groups are 0: no answer would count"))
        return groups

    @property
    def weights(self) -> dict[str, float]:
        """The weight of each group."""
        return {group.key: group.weight for group in self.groups}


class Exemption(_Part):
    """A criterion (or all below it) that does not apply to a unit, decided with the plan."""

    unit: Slug
    code: Text
    reason: Text


class Appraiser(_Part):
    """Somebody who appraises: the name as rows state it in ``by``; the criteria (each with all below it) and the units
    that are assigned, where not all are."""

    name: Text
    criteria: tuple[Text, ...] = ()
    units: tuple[Slug, ...] = ()

    def has(self, unit: str, code: str) -> bool:
        """Whether a criterion of a unit is assigned to this one."""
        inside = not self.criteria or any(code == own or code.startswith(own + ".") for own in self.criteria)
        return inside and (not self.units or unit in self.units)


class Event(_Part):
    """What was done to the round as a whole. ``plan``: its hash from then on; ``files``: those that a lock rests on."""

    at: datetime
    by: Text
    typed_by: str = ""
    action: Literal["created", "planned", "finished", "reopened", "accepted"]
    reason: str = ""
    plan: str = ""
    files: dict[str, str] = {}
    for_real: bool = True

    @field_validator("at")
    @classmethod
    def _zoned(cls, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise _error(Message("the time needs a zone, such as 2024-01-15T09:00:00+07:00"))
        return at


class RoundPlan(_Part):
    """``round.yaml``."""

    id: Slug
    year: int = Field(ge=2000, le=2100)
    level: Annotated[str, AfterValidator(_level)]
    scheme: Text
    system: str = ""
    title: str = ""
    status: Literal["open", "final"] = "open"
    simulated: bool = False
    seed: int | None = None
    note: str = ""
    #: What stands at the final stage where the council decided nothing: unknown, or the self-assessment (printed).
    unappraised: Literal["unknown", "self"] = "unknown"
    #: "assessed" (the year's legal list), "all" units of the level in that year, or a list of keys.
    units: Annotated[
        Literal["assessed", "all"] | tuple[Slug, ...], BeforeValidator(_words_or_keys), _once(Message("unit"))
    ] = "assessed"
    unranked: Annotated[tuple[Slug, ...], _once(Message("unit"))] = ()
    #: Who may decide (appraisal, conclusion): names as rows state them in ``by``; empty: anybody but the unit itself.
    council: tuple[Text, ...] = ()
    #: Who appraises what; rows of others than these and the council are refused. Empty: as ``council`` says.
    appraisers: tuple[Appraiser, ...] = ()
    #: Who may conclude on explanations; empty: the council.
    conclusion: tuple[Text, ...] = ()
    #: Who may import, undo, accept and lock, by the name of their account or --by; empty: anybody.
    operators: tuple[Text, ...] = ()
    steps: Annotated[tuple[Step, ...], _once(Message("step"))] = ()
    survey: SurveyDesign = SurveyDesign()
    not_applicable: tuple[Exemption, ...] = ()
    history: tuple[Event, ...] = ()

    @field_validator("units")
    @classmethod
    def _some(cls, units: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if not units:
            raise _error(Message("there is no unit; list them, or write 'all'"))
        return units

    @model_validator(mode="before")
    @classmethod
    def _system_of_year(cls, given: object) -> object:
        if isinstance(given, dict) and not given.get("system"):
            year, level = given.get("year"), given.get("level")
            if isinstance(year, int) and isinstance(level, str):
                return {**given, "system": data_tables.system_of(year, level) if level else ""}
        return given

    @model_validator(mode="after")
    def _holds_together(self) -> RoundPlan:
        if self.system and self.system not in (there := data_tables.systems(self.level)):
            listed = ", ".join(there) or "-"
            raise _error(Message("the level has no such system; there are: {listed}", {"listed": listed}))
        if not self.simulated and not all(event.for_real for event in self.history):
            raise _error(
                Message("this round was made as a simulation and never becomes a real one; make a new round for real")
            )
        if self.seed is not None and not self.simulated:
            raise _error(Message("a plan with a seed is that of a simulation: simulated must be true"))
        return self

    def step(self, key: str) -> Step | None:
        """The step called ``key``, if the plan has it."""
        return next((step for step in self.steps if step.key == key), None)

    @property
    def sha256(self) -> str:
        """The hash of what the plan says, its status and history apart."""
        content = self.model_dump(mode="json", exclude={"status", "history"}, exclude_defaults=True)
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    @property
    def untouched(self) -> bool:
        """Whether the plan says what it said when it was last answered for."""
        recorded = [event.plan for event in self.history if event.plan]
        return not recorded or recorded[-1] == self.sha256

    @property
    def final(self) -> bool:
        """Whether the round is locked."""
        return self.status == "final"

    def load_scheme(self) -> Scheme:
        """The set of criteria of the round."""
        return load_scheme(self.scheme)

    def unit_frame(self) -> pd.DataFrame:
        """The units of the round in official order: ``unit``, ``ranked``."""
        if self.units == "assessed":
            frame = scoring_units.assessed(self.year, self.level)[["unit", "ranked"]]
        else:
            order = [u.key for u in self.standing_units()]
            chosen = order if self.units == "all" else sorted(self.units, key=order.index)
            frame = pd.DataFrame({"unit": pd.Series(chosen, dtype="str"), "ranked": True})
        return frame.assign(ranked=frame["ranked"].astype(bool) & ~frame["unit"].isin(self.unranked))

    def exempt(self) -> pd.DataFrame:
        """The leaves that do not apply by decision of the plan: ``unit``, ``code``, ``reason``."""
        scheme = self.load_scheme()
        rows = [
            (item.unit, leaf.code, item.reason)
            for item in self.not_applicable
            for leaf in scheme.leaves
            if leaf.code == item.code or leaf.code.startswith(item.code + ".")
        ]
        return pd.DataFrame(rows, columns=["unit", "code", "reason"], dtype="str")

    def standing_units(self) -> tuple[scoring_units.Unit, ...]:
        """The units that there are at the level of the round, assessed or not."""
        if self.system:
            return scoring_units.units(self.level, self.system)
        return scoring_units.units_of_year(self.year, self.level)

    def find(self, text: str) -> scoring_units.Unit:
        """The unit of the round's level, system and year that ``text`` means: a key, a name, a code."""
        return scoring_units.find(text, self.level, self.system, None if self.system else self.year)

    def not_in_it(self, text: str, key: str) -> Problem:
        """What is said of a unit that is none of the round, written as ``text``."""
        unit = scoring_units.named(scoring_units.get(key, self.level, self.system), text)
        return Problem("{unit} is not in the round {round}", value=text, unit=unit, round=self.id)


FILE = "round.yaml"

# --- reading ----------------------------------------------------------------------------------


def read_mapping(path: Path) -> dict[str, object]:
    """The mapping that a YAML file holds, read strictly, or a ``DataError`` naming file and line."""
    if not path.is_file():
        raise DataError("no such file", file=str(path))
    try:
        content = read_yaml(path)
    except SchemeError as error:
        raise DataError(error.problems) from None
    if not isinstance(content, dict):
        raise DataError("the file must be a mapping", file=path.name)
    return content


def read_plan(path: Path) -> RoundPlan:
    """The plan in a ``round.yaml``: all problems at once, each with the key that it concerns."""
    return _checked(read_mapping(path), path.name)


def make_plan(**content: object) -> RoundPlan:
    """A plan from its parts, or a ``DataError`` with all that is wrong with them."""
    return _checked(content, FILE)


def steps_between(start: date, end: date) -> tuple[Step, ...]:
    """The usual steps of a round from ``start`` to ``end``: half of the time for the self-assessment, a quarter for the
    appraisal, the rest for explanations and the publication of results; the survey runs from the appraisal to the end
    of the explanations. A proposal, to be changed in the plan."""
    days = (end - start).days + 1
    if days < len(STEP_NAMES):
        raise ParameterError("{n} days are too few for the steps of a round", n=days)
    cuts = [start + timedelta(days=round(days * share)) for share in (0.0, 0.5, 0.75, 0.9, 1.0)]
    spans = {"self": (0, 1), "appraisal": (1, 2), "survey": (1, 3), "appeal": (2, 3), "results": (3, 4)}
    return tuple(
        Step.model_validate({"key": key, "from": cuts[a], "to": cuts[b] - timedelta(days=1)})
        for key, (a, b) in spans.items()
    )


def usual_survey(scheme: Scheme, steps: Sequence[Step]) -> SurveyDesign:
    """The groups that a set of criteria asks, and the days of the step of the survey; how many forms are planned is
    for the plan to say."""
    from parlib.sources.questions import group_names

    names = group_names()
    rules = [leaf.rule for leaf in scheme.leaves if isinstance(leaf.rule, Survey)]
    keys = dict.fromkeys(key for rule in rules for key in rule.respondents)
    groups = tuple(SurveyGroup(key=key, name=names.get(key, "")) for key in keys)
    days = next(((step.start, step.end) for step in steps if step.key == "survey"), (None, None))
    if not groups:
        return SurveyDesign()
    return SurveyDesign.model_validate({"from": days[0], "to": days[1], "groups": groups})


def chosen_units(text: str, year: int, level: str) -> dict[str, object]:
    """What a plan says of units that are given as ``text``: ``units`` and ``unranked``.

    ``text`` is "legal" (the list of the year; where none is known yet, as "all"), "all" (those that were ever assessed,
    as in a simulated round), a list of names or keys with commas between, or a text file with one a line; "" means the
    list of the year. Where there is none, units that the last one before it has as not ranked are not ranked either.
    Raises ``ParameterError`` with every name that is none of that year's.
    """
    if not text or not 2000 <= year <= 2100:  # of such a year the plan itself is refused
        return {}
    if fold(text) == "legal" and len(scoring_units.assessed(year, level)):
        return {}
    of_all = fold(text) in ("all", "legal")
    keys = scoring_units.ever_assessed(year, level) if of_all else _found(*_names(text, year, level), year, level)
    apart = [unit for unit in scoring_units.assessed_apart(year, level) if unit in keys]
    whole = of_all and len(keys) == len(scoring_units.units_of_year(year, level))
    return {"units": "all" if whole else keys, "unranked": apart}


def _names(text: str, year: int, level: str) -> tuple[str, list[tuple[int | None, str]]]:
    """The names in ``text``: those between commas (which a name may hold), or those in the file that it names, each
    with its row; and the name of this file."""
    path = Path(text)
    file = path.name if path.suffix else ""
    lines = (tables.decoded(tables.content_of(path), file) if file else text).splitlines()
    held = [re.escape(unit.name_vi) for unit in scoring_units.units_of_year(year, level) if "," in unit.name_vi]
    names = [
        (row if file else None, name.strip())
        for row, line in enumerate(lines, start=1)
        for name in re.findall(rf"\s*(?:{'|'.join((*held, '[^,;]+'))})", line, re.IGNORECASE)
        if name.strip()
    ]
    if file and not names:
        raise DataError("the file names no unit", file=file)
    return file, names


def _found(file: str, names: list[tuple[int | None, str]], year: int, level: str) -> list[str]:
    """The keys of units; ``ParameterError`` with every name that is none, or names a unit a second time."""
    keys: list[str] = []
    problems: list[Problem] = []
    for row, name in names:
        try:
            unit = scoring_units.find(name, level, year=year)
        except ParameterError as error:
            old = tables.encoding_problem(name)
            problems += [one.at(file=file, row=row, value=name) for one in ([old] if old else error.problems)]
            continue
        if unit.key in keys:
            twice = scoring_units.named(unit)
            problems.append(Problem("the unit is given twice: {unit}", unit=twice, file=file, row=row, value=name))
        keys.append(unit.key)
    ParameterError.raise_for(problems)
    return keys


def _checked(content: dict[str, object], file: str) -> RoundPlan:
    try:
        plan = RoundPlan.model_validate(content)
    except ValidationError as error:
        raise DataError(list(pydantic_problems(error, RoundPlan, file))) from None
    check_plan(plan, file)
    return plan


def check_plan(plan: RoundPlan, file: str = FILE) -> None:
    """Raise a ``DataError`` where the plan names what the framework does not know."""
    problems = [problem.at(file=file) for problem in _against_framework(plan)]
    DataError.raise_for(problems)


def _against_framework(plan: RoundPlan) -> Iterator[Problem]:
    """What the plan names that the framework does not know."""
    try:
        scheme = plan.load_scheme()
    except ParlibError as error:
        yield from (problem.at(column="scheme") for problem in error.problems)
        return
    if scheme.level != plan.level:
        yield Problem(
            "the scheme {scheme_id} is for level {level}, the round is of level {own_level}",
            column="scheme",
            value=plan.scheme,
            scheme_id=scheme.id,
            level=data_tables.level_words((scheme.level,)),
            own_level=data_tables.level_words((plan.level,)),
        )
    there = plan.standing_units()
    known = {unit.key for unit in there}
    named = [("unranked", key) for key in plan.unranked] + [("not_applicable", x.unit) for x in plan.not_applicable]
    named += [("appraisers", key) for each in plan.appraisers for key in each.units]
    if not isinstance(plan.units, str):
        named = [("units", key) for key in plan.units] + named
    for column, key in named:
        if key not in known:
            close = scoring_units.near_units(key, there)
            yield Problem("no such unit in the round{near}", column=column, value=key, near=close)
    codes = [node.code for node in scheme.nodes]
    coded = [("not_applicable", item.code) for item in plan.not_applicable]
    for column, code in coded + [("appraisers", code) for each in plan.appraisers for code in each.criteria]:
        if code not in codes:
            yield Problem("the scheme has no such code{near}", column=column, value=code, near=near_codes(code, codes))
    asked = sorted({name for leaf in scheme.leaves if isinstance(leaf.rule, Survey) for name in leaf.rule.respondents})
    from parlib.sources.questions import group_words, satisfaction_form

    citizens = satisfaction_form()["group"]  # their survey scores a criterion as an index of its own
    for group in plan.survey.groups:
        if asked and group.key not in (*asked, citizens):
            yield Problem(
                "the set of criteria asks no such group; its groups are: {groups}{near}",
                column="survey.groups",
                value=group.key,
                groups=group_words(asked),
                near=near(group.key, asked),
            )
    if plan.units == "assessed" and scoring_units.assessed(plan.year, plan.level).empty:
        yield Problem(
            "no list of assessed units is known for this year; list the unit keys, or write 'all' (of"
            " the command round new: --units)",
            column="units",
            value="assessed",
        )


DAY = Message("must be a date, such as 31/01/2024 (in a file of YAML: 2024-01-31)")
_MOMENT = Message("must be a time, such as 2024-01-15T09:00:00+07:00")
_WORDS = {  # what pydantic's errors mean; {places} are its own
    "missing": Message("this entry is missing"),
    "literal_error": Message("must be one of: {expected}"),
    "string_type": Message("must be text (in quotes where it is a number)"),
    "string_too_short": Message("must not be empty"),
    "string_pattern_mismatch": Message("has small letters without marks, digits and hyphens only"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), Message("must be a whole number")),
    **dict.fromkeys(("float_type", "float_parsing"), Message("must be a number")),
    **dict.fromkeys(("bool_type", "bool_parsing"), Message("must be true or false")),
    "greater_than_equal": Message("must be {ge} or more"),
    "less_than_equal": Message("must not be more than {le}"),
    "finite_number": Message("must be a finite number"),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing"), DAY),
    "date_from_datetime_inexact": Message("must be a date without a time"),
    **dict.fromkeys(("datetime_type", "datetime_parsing", "datetime_from_date_parsing"), _MOMENT),
    "tuple_type": Message("must be a list (lines that begin with '- ')"),
    "model_type": Message("must be lines of the form 'key: value'"),
}


def pydantic_problems(error: ValidationError, model: type[BaseModel], file: str) -> Iterator[Problem]:
    """Pydantic's errors as problems for people."""
    known = sorted({field.alias or name for name, field in model.model_fields.items()})
    for item in error.errors():
        context = item.get("ctx", {})
        loc = [part for part in item["loc"] if not (isinstance(part, str) and ("[" in part or "literal" in part))]
        if item["type"] == "extra_forbidden":
            key = str(loc[-1])
            wrong = Message("no such key{near}", {"near": near(key, known) if len(loc) == 1 else ""})
        else:
            shown = {key: f"{value:g}" if isinstance(value, float) else value for key, value in context.items()}
            if item["type"] == "literal_error":  # pydantic's list: 'open' or 'final'
                shown["expected"] = ", ".join(re.findall("'([^']*)'", str(context["expected"])))
            own = (
                context.get("message")
                or _WORDS.get(item["type"])
                or Message("not valid ({reason})", {"reason": item["msg"]})
            )
            wrong = own.filled(**shown)
        place = ".".join(str(part + 1) if isinstance(part, int) else part for part in loc)
        value = None if item["type"] == "missing" or isinstance(item["input"], dict | list) else item["input"]
        yield Problem(wrong, file=file, column=place, value=value)


# --- writing ----------------------------------------------------------------------------------


def plan_text(plan: RoundPlan) -> str:
    """``plan`` as the text of a new ``round.yaml``; what stands at its default is left out."""
    content = plan.model_dump(by_alias=True, exclude_defaults=True)
    kept = {"system": plan.system, "status": plan.status, "simulated": plan.simulated}
    order = [name for name in RoundPlan.model_fields if name in content or name in kept]
    ordered = {name: content.get(name, kept.get(name)) for name in order}
    return _yaml(ordered)


class _Typed(yaml.SafeDumper):
    """As people write it: a day that stands twice is written twice, not as a reference."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _yaml(content: object) -> str:
    return yaml.dump(_plain(content), Dumper=_Typed, allow_unicode=True, sort_keys=False, width=120)


def _plain(value: object) -> object:
    """Only what YAML writes as people do: lists, days, times as ISO text; empty entries left out."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def edited_text(text: str, plan: RoundPlan) -> str:
    """``text`` changed to say what ``plan`` says of status and history, comments and order kept.

    Where the lines are written in a way that cannot be edited safely, the whole plan is written anew.
    """
    line = yaml.safe_dump({"status": plan.status}).strip()
    body, n = re.subn(r"(?m)^status:[^\n#]*(?=$|#)", line + " ", text.split("\nhistory:")[0].rstrip("\n"))
    body = re.sub(r"(?m)^(status: \w+) $", r"\1", body)
    if not n:
        body += f"\n{line}"
    events = [event.model_dump(exclude_defaults=True) for event in plan.history]
    tail = _yaml({"history": events})
    draft = f"{body}\n{tail}"
    try:
        same = RoundPlan.model_validate(yaml.safe_load(draft)) == plan
    except (yaml.YAMLError, ValidationError):
        same = False
    return draft if same else plan_text(plan)


# --- what a plan and its scheme allow ---------------------------------------------------------------


def _index(keys: list[str]) -> Keys:
    return pd.Index(keys, dtype="str")


def places_of(known: Keys, keys: pd.Series) -> npt.NDArray[np.intp]:
    """The place of each key among the ``known`` ones; -1 for a stranger."""
    return np.asarray(known.get_indexer(pd.Index(keys)), dtype=np.intp)


@dataclass(frozen=True)
class Rulebook:
    """What a round allows: its units, its leaves with their maxima, what does not apply by decision of the plan."""

    plan: RoundPlan
    scheme: Scheme

    @cached_property
    def listed(self) -> pd.DataFrame:
        """The units of the round, as its plan lists them."""
        return self.plan.unit_frame()

    @cached_property
    def units(self) -> Keys:
        """Keys of the units of the round, in official order."""
        return _index(list(self.listed["unit"]))

    @cached_property
    def leaves(self) -> tuple[Node, ...]:
        """The leaves of the scheme, in order."""
        return self.scheme.leaves

    @cached_property
    def codes(self) -> Keys:
        """Codes of the leaves."""
        return _index([leaf.code for leaf in self.leaves])

    @cached_property
    def answered(self) -> npt.NDArray[np.bool_]:
        """Which leaves the units answer themselves (not a survey, not another index)."""
        return np.array([leaf.rule is not None and leaf.rule.answered for leaf in self.leaves])

    @cached_property
    def given(self) -> npt.NDArray[np.bool_]:
        """Which leaves take points as they are, without a rule."""
        return np.array([isinstance(leaf.rule, Given) for leaf in self.leaves])

    @cached_property
    def maxima(self) -> npt.NDArray[np.float64]:
        """Maxima of the leaves; NaN where none was seen."""
        return np.array([math.nan if leaf.maximum is None else leaf.maximum for leaf in self.leaves])

    @cached_property
    def exempt(self) -> npt.NDArray[np.bool_]:
        """Units x leaves that do not apply by decision of the plan."""
        mask = np.zeros((len(self.units), len(self.codes)), dtype=bool)
        listed = self.plan.exempt()
        mask[places_of(self.units, listed["unit"]), places_of(self.codes, listed["code"])] = True
        return mask

    def cells(self, rows: pd.DataFrame) -> npt.NDArray[np.intp]:
        """The place of each row's ``unit`` and ``code`` among units x leaves, counted through."""
        return places_of(self.units, rows["unit"]) * len(self.codes) + places_of(self.codes, rows["code"])

    def resolved(self, texts: pd.Series) -> tuple[dict[str, str], dict[str, Problem]]:
        """The key that each spelling of a unit means, and the problems with those that mean none of the round."""
        keys: dict[str, str] = {}
        problems: dict[str, Problem] = {}
        plan = self.plan
        for text in pd.unique(texts):
            if text in self.units:
                keys[text] = text
                continue
            if not text:
                problems[text] = Problem("the unit is missing", value="")
                continue
            try:
                unit = plan.find(text)
            except ParlibError as error:
                problems[text] = error.problems[0]
                continue
            keys[text] = unit.key
            if unit.key not in self.units:
                problems[text] = plan.not_in_it(text, unit.key)
        return keys, problems


@dataclass(frozen=True)
class Origin:
    """Where rows come from, for the words of a problem: the file, and what its columns are called."""

    file: str = ""
    headings: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str, stage: str) -> str:
        """What the file calls a field."""
        return self.headings.get(f"{stage}.{name}") or self.headings.get(name, name)

    def problem(self, texts: pd.DataFrame, place: int, column: str, message: Words, value: object = ...) -> Problem:
        """A problem with the cell of ``column`` in the row at ``place``."""
        row = texts.loc[[place]].to_dict("records")[0]
        return Problem(
            message,
            file=self.file,
            sheet=str(row["sheet"]),
            row=int(row["source_row"]),
            column=self.column(column, str(row["stage"])),
            node=str(row["code"]),
            value=row[column] if value is ... else value,
        )
