"""What the groups and the citizens' questions are called: data/surveys/."""

from __future__ import annotations

from functools import cache
from typing import Any

from parlib import places
from parlib.data_tables import table
from parlib.sources.survey.questions import Question, form, questionnaire


@cache
def group_names(language: str = "vi") -> dict[str, str]:
    """The name of each respondent group by its key; a group without one is called by its key."""
    return {row["key"]: row[f"name_{language}"] for row in table("surveys/groups.csv").rows()}


@cache
def satisfaction_form() -> dict[str, Any]:
    """The citizens' questionnaire: ``group``, ``scale``, ``items`` (item, name, name_en), ``status``."""
    return form(places.data() / "surveys" / "sipas.yaml")


def satisfaction_questions() -> tuple[Question, ...]:
    """The citizens' questions: the share of an answer is 1 where it counts as satisfied."""
    return questionnaire("sipas")
