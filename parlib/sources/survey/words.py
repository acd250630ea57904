"""What the groups and the citizens' questions are called: data/surveys/."""

from __future__ import annotations

import csv
from functools import cache
from typing import Any

import yaml

from parlib import places
from parlib.sources.survey.questions import Question, questionnaire


@cache
def group_names(language: str = "vi") -> dict[str, str]:
    """The name of each respondent group by its key; a group without one is called by its key."""
    with (places.data() / "surveys" / "groups.csv").open(encoding="utf-8") as file:
        return {row["key"]: row[f"name_{language}"] for row in csv.DictReader(file)}


@cache
def satisfaction_form() -> dict[str, Any]:
    """The citizens' questionnaire: ``group``, ``scale``, ``items`` (item, name, name_en), ``status``."""
    text = (places.data() / "surveys" / "sipas.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def satisfaction_questions() -> tuple[Question, ...]:
    """The citizens' questions: the share of an answer is 1 where it counts as satisfied."""
    return questionnaire("sipas")
