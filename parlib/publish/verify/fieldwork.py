"""The report on the quality of a survey, counted a second time: by queries of its own over the answers as they were
read, never those of ``sources.survey.quality``. Every number that it prints is held against them, and nothing that they
count is left out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from parlib.analysis.checks import Finding
from parlib.publish.document import numbers
from parlib.publish.verify.blocks import reads
from parlib.publish.verify.reading import name_of, wrong
from parlib.report.blocks import Block, Wording
from parlib.sources.rounds import Round
from parlib.sources.rounds.exported import LIMITS, what_is_asked
from parlib.sources.rounds.surveyed import answers
from parlib.sources.survey.reading import quiet
from parlib.words import Message

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SAME = 1e-7
_EMPTY = (0, 99)  # codes of no answer

#: Cases of each check: a row a case, with the unit that it is of ("" where that is none of the round's).
_CASES: Mapping[str, str] = {
    "missing_respondent": "select distinct unit, grp from answers where person is null",
    "unknown_unit": "select distinct unit as other, '' as unit from answers where not known",
    "unknown_item": "select distinct unit, grp, item from answers where known and item not in (select item from asked)",
    "not_asked": "select distinct unit, grp, item from answers where known and item in (select item from asked)"
    " and (item, grp) not in (select item, grp from asked)",
    "off_scale": "select distinct unit, grp, item, answer from answers where known and has_answer"
    " and (item, grp) in (select item, grp from asked) and (item, answer) not in (select item, code from scale)",
    "bad_weight": "select distinct unit, grp from answers where weight is null or weight <= 0",
    "missing_stratum": "select distinct unit, grp from answers where {has_stratum} and stratum = ''",
    "few_answers": "select u.unit, a.grp, a.item from units u cross join asked a left join ("
    "select unit, grp, item, count(*) as n from answers where weight > 0 and has_answer"
    " and (item, answer) in (select item, code from scale) group by all) s using (unit, grp, item)"
    " where coalesce(s.n, 0) < {fewest}",
    "lonely_stratum": "select unit, grp, stratum from answers group by all having count(distinct cluster)"
    " + count(distinct person) filter (where cluster is null) <= 1",
    "shared_cluster": "select unit, stratum, cluster from answers where cluster is not null group by all"
    " having count(distinct grp) > 1",
    "same_answers": "select unit from people where answered >= {alike} and lowest = highest",
    "repeated_answer": "select unit, grp, item, person from answers where person is not null and (unit, person) in ("
    "select (unit, person) from answers where item in (select item from asked) group by unit, person, item"
    " having count(*) > 1) group by all having count(*) > 1",
    "same_forms": "select unit from people where answered >= {copies} and lowest < highest"
    " group by unit, grp, stratum, cluster, form having count(*) > 1",
    "contradictory": " union all ".join(
        f"select unit from people where {name} <> {name}_last" for name in ("grp", "stratum", "cluster", "weight")
    ),
    "impossible_date": "select unit from people where first_day < {first} or last_day > {last}",
    "impossible_duration": "select unit from people where duration <= 0 or duration < {shortest}",
}
_PEOPLE = """create or replace temp table people as
with forms as (select unit, person, list(item || '=' || digits order by item) as form from (
    select unit, person, item, sum(greatest(least(answer, 13), -1) + 2) as digits from answers
    where has_answer and item in (select item from asked) group by all) group by all)
select p.*, f.form from (select unit, person, count(answer) filter (where has_answer) as answered,
    min(answer) filter (where has_answer) as lowest, max(answer) filter (where has_answer) as highest,
    min(day) as first_day, max(day) as last_day, min(duration) as duration, min(grp) as grp, max(grp) as grp_last,
    min(stratum) as stratum, max(stratum) as stratum_last, min(cluster) as cluster, max(cluster) as cluster_last,
    min(weight) as weight, max(weight) as weight_last
    from answers where person is not null group by all) p left join forms f using (unit, person)"""
_RESPONSE = """select unit, grp, count(distinct person) as people, count(*) as n, count(*) filter (where not has_answer)
    as empty from answers where known group by all"""
_INTERVIEWERS = """select interviewer, count(*) as forms, median(duration) / 60 as minutes,
    count(*) filter (where n >= {alike} and lowest = highest) as alike from (
    select interviewer, unit, person, count(answer) as n, min(answer) as lowest, max(answer) as highest,
        min(duration) as duration from answers where interviewer is not null group by all) group by all"""

Counted = dict[tuple[str, str], float]  # by unit ("": none) and what is counted


def inspect(given: Iterable[Block], opened: Round, wording: Wording) -> Iterator[Finding]:
    """All that the blocks of a report say otherwise than the answers, or leave out of them."""
    counted, printed = recount(opened), set[tuple[str, str]]()
    for block in given:
        for number in numbers(block):
            cell = (number.refs[0].unit, number.refs[0].column) if number.refs else ("", "")
            printed.add(cell)
            told = Message("a number of the report is that counted from the answers ({what})", {"what": cell[1]})
            value = counted.get(cell, 0.0)
            if number.value is None or abs(number.value - value) > _SAME or cell == ("", ""):
                shown = {} if number.value is None else {"printed": number.value}
                yield wrong("survey_counts", f"{name_of(block)}: {number.text}", told, counted=value, **shown)
            elif not reads(number.text, number.value, wording):
                yield wrong("survey_counts", f"{name_of(block)}: {number.text}", told)
    for cell, value in counted.items():
        if value and cell not in printed:
            left = Message(
                "the report leaves out what the answers say ({what})", {"what": " ".join(filter(None, cell))}
            )
            yield wrong("survey_counts", cell[1], left, counted=value)


def recount(opened: Round) -> Counted:
    """What the report on the survey of a round may print, counted from its answers."""
    engine = _loaded(opened)
    day = {"first": opened.plan.survey.start, "last": opened.plan.survey.end}
    ends = {"first": "0001-01-01", "last": "9999-12-31"}
    limits = {
        **{name: f"date '{date or ends[name]}'" for name, date in day.items()},
        "fewest": LIMITS.fewest_answers,
        "alike": LIMITS.same_answers,
        "copies": LIMITS.same_forms,
        "shortest": LIMITS.shortest,
        "has_stratum": _has_stratum(opened),
    }
    counted: Counted = {}
    for check, query in _CASES.items():
        cases = engine.execute(f"select unit, count(*) from ({query.format(**limits)}) group by all").fetchall()
        counted["", f"check:{check}"] = n = float(sum(of_unit for _, of_unit in cases))
        if n <= LIMITS.listed:
            counted |= {(unit, f"cases:{check}"): float(of_unit) for unit, of_unit in cases}
    for unit, group, people in engine.execute(f"select unit, grp, people from ({_RESPONSE})").fetchall():
        counted[unit, f"group:{group}"] = float(people)
    shares = f"select unit, 100 * sum(empty) / sum(n) from ({_RESPONSE}) group by all"
    counted |= {(unit, "empty"): float(share) for unit, share in engine.execute(shares).fetchall()}
    for who, *numbers_of in engine.execute(_INTERVIEWERS.format(**limits)).fetchall():
        for what, value in zip(("forms", "minutes", "alike"), numbers_of, strict=True):
            if value is not None:
                counted["", f"{what}:{who}"] = float(value)
    return counted


def _has_stratum(opened: Round) -> bool:
    survey = answers(opened)
    return survey is not None and survey.has("stratum")


def _loaded(opened: Round) -> DuckDBPyConnection:
    """An engine with the answers, what is asked of whom, the scales, and the respondents."""
    survey = answers(opened)
    assert survey is not None
    asked = what_is_asked(opened.plan, opened.scheme).questions.values()
    tables = {
        "asked": pd.DataFrame([(one.item, group) for one in asked for group in one.groups], columns=["item", "grp"]),
        "scale": pd.DataFrame([(one.item, float(code)) for one in asked for code in one.scale],
                              columns=["item", "code"]),
        "units": pd.DataFrame({"unit": list(opened.book.units)}),
    }  # fmt: skip
    with quiet():
        survey.connection.create_view("read_answers", survey.rows, overwrite=True)
    engine: DuckDBPyConnection = survey.connection.con
    for name, frame in tables.items():
        engine.register(f"{name}_frame", frame)
        engine.execute(f"create or replace temp table {name} as select * from {name}_frame")
    engine.execute(
        'create or replace temp view answers as select unit, "group" as grp, item, stratum, cluster, answer, weight,'
        " duration, interviewer, date as day, nullif(respondent, '') as person,"
        " unit in (select unit from units) as known,"
        f" answer is not null and answer not in {_EMPTY} as has_answer from read_answers"
    )
    engine.execute(_PEOPLE)
    return engine
