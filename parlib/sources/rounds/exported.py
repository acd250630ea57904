"""The survey of a round out of what survey tools export: a mapping drafted for it, and its answers taken in by it.

What was taken in, from which files and by whose mapping, is written to ``taken.csv``; each mapping is kept beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from parlib import places
from parlib.errors import DataError, ParameterError, Problem
from parlib.scoring.scheme import Scheme
from parlib.scoring.units import name
from parlib.sources.exports.formats import open_export
from parlib.sources.exports.mapping import Asked, Line, draft, read_mapping, settled, write_mapping
from parlib.sources.exports.taking import Taken, take
from parlib.sources.questions import by_item, form, group_names, questionnaire, questions
from parlib.sources.rounds import ledger
from parlib.sources.rounds.opening import SURVEY, Round, open_plan, refuse_final
from parlib.sources.rounds.plan import RoundPlan
from parlib.sources.rounds.surveyed import SATISFACTION, answers, record_taken, taken_before
from parlib.sources.survey import Limits, Quality, open_survey, quality, tabulate
from parlib.sources.survey.reading import empty, fetch, given
from parlib.words import FIRST

LIMITS = Limits(listed=100_000)  # so many cases of a check are told apart by unit


def what_is_asked(plan: RoundPlan, scheme: Scheme) -> Asked:
    """What the survey of a round asks: the items of its set of criteria, and those of the satisfaction of citizens."""
    of = by_item([*questions(scheme), *questionnaire(SATISFACTION)])
    leaves = {leaf.code: (leaf.code, leaf.name, leaf.name_en) for leaf in scheme.leaves}
    named = form(places.data() / "surveys" / f"{SATISFACTION}.yaml")["items"]
    stated = {item["item"]: ("", item["name"], item["name_en"]) for item in named}
    wording = {item: stated.get(item) or leaves[question.code] for item, question in of.items()}
    called = group_names() | {group.key: group.name for group in plan.survey.groups if group.name}
    keys = dict.fromkeys(group for question in of.values() for group in question.groups)
    groups = {key: called.get(key, key) for key in keys}
    units = {key: name(key, system=plan.system) for key in plan.unit_frame()["unit"]}

    def find(text: str) -> str:
        key = text if text in units else plan.find(text).key
        if key not in units:
            raise ParameterError(plan.not_in_it(text, key))
        return key

    return Asked(of, wording, groups, units, find)


def draft_mapping(round_id: str, file: Path, out: Path, language: str = FIRST) -> tuple[Line, ...]:
    """Write a mapping of ``file`` for the survey of a round to ``out``; its lines. One that exists is not replaced: a
    person may have confirmed it."""
    plan, _ = open_plan(round_id)
    if out.exists():
        raise DataError("this mapping exists; give another name with --out, or delete it", file=str(out))
    asked = what_is_asked(plan, plan.load_scheme())
    lines = draft(open_export(file), asked)
    write_mapping(lines, out, asked, language)
    return lines


def import_survey(round_id: str, files: Sequence[Path], mapping: Path, by: str, add: bool = False) -> Taken:
    """Store the answers in ``files`` as the survey of a round, in place of what it had or (``add``) after it. Raises
    ``DataError`` with all that is wrong, and where the round is final; nothing is changed then."""
    plan, folder = open_plan(round_id)
    refuse_final(plan)
    asked = what_is_asked(plan, plan.load_scheme())
    lines = read_mapping(mapping)
    meanings = settled(lines, asked, mapping.name)
    with ledger.locked(folder):
        target, records = folder / SURVEY, taken_before(folder)
        if target.is_dir():
            raise DataError("the round has a folder {survey}; move it away first", file=str(target), survey=SURVEY)
        with places.whole_file(target) as made:
            taken = take(files, meanings, asked, made, target if add and target.exists() else None)
            known = set(records["sha256"]) if add else set()
            again = [name for name, digest, _ in taken.files if digest in known]
            DataError.raise_for(Problem("this file was taken in already; leave out --add", file=name) for name in again)
            _ = open_survey(made).counts  # what scoring would refuse is refused here
        cells = {"confirmed": meanings.confirmed, "mapping": _kept(lines, folder, asked)}
        how = "added" if add else "replaced"
        record_taken(folder, taken.files, by=by, how=how, answers=taken.fates["answered"], **cells)
    return taken


# --- how good it is ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Fieldwork:
    """What is to be said of a survey that was taken in. ``quality``: what the checks found; ``response``: unit, group,
    respondents, answers (asked for), empty; ``interviewers``: interviewer, forms, alike (all answers the same),
    seconds (the median of a form)."""

    quality: Quality
    response: pd.DataFrame
    interviewers: pd.DataFrame


def fieldwork(opened: Round) -> Fieldwork | None:
    """How good the survey of a round is; ``None`` where it has none."""
    survey = answers(opened)
    if survey is None:
        return None
    plan = opened.plan
    asked = what_is_asked(plan, opened.scheme).questions.values()
    limits = replace(LIMITS, first_day=plan.survey.start, last_day=plan.survey.end)
    found = quality(tabulate(survey, asked, units=tuple(opened.book.units)), limits)
    rows = survey.rows
    rows = rows.mutate(empty=(empty(rows["answer"]) | rows["answer"].isin([0, 99])).cast("int64"))
    response = rows.group_by(["unit", "group"]).agg(
        respondents=rows["respondent"].nunique(), answers=rows.count(), empty=rows["empty"].sum()
    )
    forms = rows.filter(given(rows["interviewer"])).group_by(["interviewer", "unit", "respondent"])
    forms = forms.agg(
        lowest=rows["answer"].min(),
        highest=rows["answer"].max(),
        n=rows["answer"].count(),
        seconds=rows["duration"].min(),
    )
    alike = ((forms["lowest"] == forms["highest"]) & (forms["n"] >= limits.same_answers)).fill_null(False)
    interviewers = forms.group_by("interviewer").agg(
        forms=forms.count(), alike=alike.cast("int64").sum(), seconds=forms["seconds"].median()
    )
    return Fieldwork(found, fetch(response), fetch(interviewers.order_by("interviewer")))


def _kept(lines: Sequence[Line], folder: Path, asked: Asked) -> str:
    """The name under which a mapping stays with the round."""
    draft_ = "\n".join(f"{line.kind}\t{line.text}\t{line.meaning}" for line in lines)
    name = f"taken-{hashlib.sha256(draft_.encode()).hexdigest()[:8]}.yaml"
    write_mapping([replace(line, note="") for line in lines], folder / name, asked)
    return name
