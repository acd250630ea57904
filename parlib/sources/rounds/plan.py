"""The plan of a round: year, scheme, units, steps with dates, survey design, and what was decided on it as a whole."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Literal

import pandas as pd
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from parlib import data_tables
from parlib.scoring import units as framework_units
from parlib.scoring.scheme import Scheme, load_scheme

#: What each step of the year is called where a plan gives it no name of its own.
STEP_NAMES = {
    "preparation": ("Chuẩn bị, ban hành kế hoạch", "Preparation and plan"),
    "self": ("Tự đánh giá, chấm điểm", "Self-assessment"),
    "appraisal": ("Thẩm định", "Appraisal"),
    "appeal": ("Giải trình", "Explanation"),
    "survey": ("Điều tra xã hội học", "Sociological survey"),
    "results": ("Công bố kết quả", "Publication of results"),
}

_SLUG = r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$"
Slug = Annotated[str, Field(pattern=_SLUG)]
Words = Annotated[str, Field(min_length=1)]


def _error(vi: str, en: str) -> PydanticCustomError:
    return PydanticCustomError("round_plan", "{en}", {"vi": vi, "en": en})


def _words_or_keys(given: object) -> object:
    keys = isinstance(given, list | tuple) and all(isinstance(k, str) and re.fullmatch(_SLUG, k) for k in given)
    if not keys and given not in ("assessed", "all"):
        raise _error(
            "phải là assessed, all hoặc một danh sách khóa đơn vị", "must be assessed, all, or a list of unit keys"
        )
    return given


def _level(given: str) -> str:
    if given not in framework_units.levels():
        listed = ", ".join(framework_units.levels())
        raise _error(f"phải là một trong: {listed}", f"must be one of: {listed}")
    return given


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, str_strip_whitespace=True)


class _Period(_Part):
    start: date | None = Field(default=None, alias="from")
    end: date | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> _Period:
        if self.start and self.end and self.end < self.start:
            raise _error(f"kết thúc ({self.end}) trước khi bắt đầu ({self.start})", "the end is before the start")
        return self


class Step(_Period):
    """A step of the year's plan: when, and who answers for it."""

    key: Slug
    name: str = ""
    responsible: str = ""

    def title(self, language: str = "vi") -> str:
        """What the step is called."""
        vi, en = STEP_NAMES.get(self.key, (self.key, self.key))
        return self.name or (vi if language == "vi" else en)


class SurveyGroup(_Part):
    """A group of respondents: its key in the answers, how many forms are planned, its weight beside the others."""

    key: Slug
    name: str = ""
    planned: int = Field(default=0, ge=0)
    weight: float = Field(default=1.0, ge=0, allow_inf_nan=False)


class SurveyDesign(_Period):
    """The fieldwork dates and the groups asked."""

    groups: tuple[SurveyGroup, ...] = ()

    @field_validator("groups")
    @classmethod
    def _once(cls, groups: tuple[SurveyGroup, ...]) -> tuple[SurveyGroup, ...]:
        _refuse_twice([group.key for group in groups], "nhóm", "group")
        return groups

    @property
    def weights(self) -> dict[str, float]:
        """The weight of each group."""
        return {group.key: group.weight for group in self.groups}


class Exemption(_Part):
    """A criterion (or all below it) that does not apply to a unit, decided with the plan."""

    unit: Slug
    code: Words
    reason: Words


class Event(_Part):
    """What was done to the round as a whole: when, by whom and why."""

    at: datetime
    by: Words
    action: Literal["created", "finished", "reopened", "accepted"]
    reason: str = ""

    @field_validator("at")
    @classmethod
    def _zoned(cls, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise _error("thời điểm phải có múi giờ, ví dụ 2024-01-15T09:00:00+07:00", "the time needs a zone")
        return at


class RoundPlan(_Part):
    """``round.yaml``."""

    id: Slug
    year: int = Field(ge=2000, le=2100)
    level: Annotated[str, AfterValidator(_level)]
    scheme: Words
    system: str = ""
    title: str = ""
    status: Literal["open", "final"] = "open"
    simulated: bool = False
    seed: int | None = None
    note: str = ""
    #: What stands at the final stage where the council decided nothing: unknown, or the self-assessment (printed).
    unappraised: Literal["unknown", "self"] = "unknown"
    #: "assessed" (the year's legal list), "all" units of the level in that year, or a list of keys.
    units: Annotated[Literal["assessed", "all"] | tuple[Slug, ...], BeforeValidator(_words_or_keys)] = "assessed"
    unranked: tuple[Slug, ...] = ()
    #: Who may decide (appraisal, conclusion): names as rows state them in ``by``; empty: anybody but the unit itself.
    council: tuple[Words, ...] = ()
    steps: tuple[Step, ...] = ()
    survey: SurveyDesign = SurveyDesign()
    not_applicable: tuple[Exemption, ...] = ()
    history: tuple[Event, ...] = ()

    @field_validator("units")
    @classmethod
    def _some(cls, units: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if not units:
            raise _error(
                "không có đơn vị nào; ghi danh sách, hoặc 'all'", "there is no unit; list them, or write 'all'"
            )
        return units

    @field_validator("units", "unranked")
    @classmethod
    def _each_once(cls, units: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if not isinstance(units, str):
            _refuse_twice(list(units), "đơn vị", "unit")
        return units

    @field_validator("steps")
    @classmethod
    def _steps_once(cls, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        _refuse_twice([step.key for step in steps], "bước", "step")
        return steps

    @model_validator(mode="before")
    @classmethod
    def _system_of_year(cls, given: object) -> object:
        if isinstance(given, dict) and not given.get("system"):
            year, level = given.get("year"), given.get("level")
            if isinstance(year, int) and isinstance(level, str):
                return {**given, "system": data_tables.system_of(year, level) if level else ""}
        return given

    @model_validator(mode="after")
    def _system_of_level(self) -> RoundPlan:
        if self.system and self.system not in (there := data_tables.systems(self.level)):
            listed = ", ".join(there) or "-"
            vi = f"cấp này không có hệ thống đó; chỉ có: {listed}"
            raise _error(vi, f"the level has no such system; there are: {listed}")
        return self

    def step(self, key: str) -> Step | None:
        """The step called ``key``, if the plan has it."""
        return next((step for step in self.steps if step.key == key), None)

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
            frame = framework_units.assessed(self.year, self.level)[["unit", "ranked"]]
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

    def standing_units(self) -> tuple[framework_units.Unit, ...]:
        """The units that there are at the level of the round, assessed or not."""
        if self.system:
            return framework_units.units(self.level, self.system)
        return framework_units.units_of_year(self.year, self.level)

    def find(self, text: str) -> framework_units.Unit:
        """The unit of the round's level, system and year that ``text`` means: a key, a name, a code."""
        return framework_units.find(text, self.level, self.system, None if self.system else self.year)


def _refuse_twice(keys: list[str], vi: str, en: str) -> None:
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise _error(f"{vi} ghi hai lần: {', '.join(twice)}", f"{en} given twice: {', '.join(twice)}")
