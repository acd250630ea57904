"""The checks of survey answers in the order they are run, and what each says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from parlib.words import Message


@dataclass(frozen=True, slots=True)
class Check:
    """A check: its title, the column it looks at, and the sentence for one finding (its fields in braces)."""

    title: Message
    column: str
    finding: Message


CHECKS: Mapping[str, Check] = {
    "missing_respondent": Check(
        Message("Missing respondent"),
        "respondent",
        Message("unit {unit}, group {group}: {n} answers have no respondent"),
    ),
    "unknown_unit": Check(
        Message("Unknown unit"), "unit", Message("{n} answers are about a unit that is not in the list of the round")
    ),
    "unknown_item": Check(
        Message("Unknown item"),
        "item",
        Message("unit {unit}, group {group}: {n} answers to an item that is not in the questionnaire"),
    ),
    "not_asked": Check(
        Message("Group not asked"),
        "group",
        Message("unit {unit}, item {item}: {n} answers of a group that is not asked this item"),
    ),
    "off_scale": Check(
        Message("Answer off the scale"),
        "answer",
        Message("unit {unit}, group {group}, item {item}: {n} answers have a code that is not on the scale"),
    ),
    "bad_weight": Check(
        Message("Missing or non-positive weight"),
        "weight",
        Message("unit {unit}, group {group}: {n} answers have no weight or one that is not above 0, and are left out"),
    ),
    "missing_stratum": Check(
        Message("Missing stratum"),
        "stratum",
        Message("unit {unit}, group {group}: {n} answers have no stratum, and are taken as a stratum of their own"),
    ),
    "few_answers": Check(
        Message("Too few answers"),
        "answer",
        Message("unit {unit}, group {group}, item {item}: only {n} answers, at least {fewest_answers} are needed"),
    ),
    "lonely_stratum": Check(
        Message("Stratum of one cluster"),
        "cluster",
        Message("unit {unit}, group {group}, stratum {stratum!r}: one single cluster, which says nothing of the error"),
    ),
    "shared_cluster": Check(
        Message("Cluster of several groups"),
        "cluster",
        Message(
            "unit {unit}, stratum {stratum!r}, cluster {cluster}: holds {n} groups; if the "
            'groups were sampled together, state the design groups="together"'
        ),
    ),
    "same_answers": Check(
        Message("Straight-lining"),
        "answer",
        Message("unit {unit}, group {group}, respondent {respondent}: all {n} answers are the same"),
    ),
    "repeated_answer": Check(
        Message("Item answered twice"),
        "item",
        Message("unit {unit}, group {group}, respondent {respondent}: item {item} is answered {n} times"),
    ),
    "same_forms": Check(
        Message("Identical forms in one cluster"),
        "respondent",
        Message(
            "unit {unit}, group {group}, cluster {cluster!r}: {n} forms are the same in every item "
            "(such as {respondent})"
        ),
    ),
    "contradictory": Check(
        Message("Contradictory respondent"),
        "respondent",
        Message("unit {unit}, respondent {respondent}: one respondent with two groups, strata, clusters or weights"),
    ),
    "impossible_date": Check(
        Message("Date outside the fieldwork"),
        "date",
        Message(
            "unit {unit}, group {group}, respondent {respondent}: the day is "
            "outside the fieldwork ({first_day} to {last_day})"
        ),
    ),
    "impossible_duration": Check(
        Message("Impossible duration"),
        "duration",
        Message(
            "unit {unit}, group {group}, respondent {respondent}: a duration (seconds) that cannot be, at least "
            "{shortest:g} is needed"
        ),
    ),
}
