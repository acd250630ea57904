"""What an operator fills in as a workbook: the plan of a round, values of other indices, questions and replies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from parlib.errors import DataError, ParameterError, ParlibError, Problem
from parlib.scoring import units as scoring_units
from parlib.scoring.rules import External
from parlib.sources.excel import open_workbook, rows_of, sheet_named, write_frame, write_frames
from parlib.sources.office import as_xlsx, cells_of
from parlib.sources.rounds import ledger
from parlib.sources.rounds.intake import values_at
from parlib.sources.rounds.opening import Round, ask, open_plan, record, refuse_final, reply, round_folder
from parlib.sources.rounds.plan import DAY, FILE, STEP_NAMES, RoundPlan, make_plan, now, parse_time, plan_text
from parlib.tables import ORDINAL, Column, Layout, Table, as_number, records, table_of
from parlib.words import Message, as_day, fold

# --- the plan -----------------------------------------------------------------------------------

_FACTS = {  # the entries of the first sheet: what each is called, and whether it is a list
    "id": (Message("Id of the round"), False),
    "title": (Message("Title"), False),
    "year": (Message("Year assessed"), False),
    "level": (Message("Level (province, ministry)"), False),
    "scheme": (Message("Set of criteria"), False),
    "unappraised": (Message("What the council did not decide (unknown, self)"), False),
    "council": (Message("Members of the council (; between)"), True),
    "conclusion": (Message("Who concludes (; between)"), True),
    "operators": (Message("Operators: names of accounts (; between)"), True),
    "survey_from": (Message("Survey from"), False),
    "survey_to": (Message("Survey to"), False),
    "note": (Message("Note"), False),
}
_ENTRY, _VALUE = Message("Entry"), Message("Value")
_SHEETS = {  # the other sheets: what each is called and its columns
    "units": (Message("Units"), {"unit": Message("Unit (assessed)"), "ranked": Message("Ranked (x)")}),
    "steps": (
        Message("Steps"),
        {
            "key": Message("Key (step)"),
            "name": Message("Name"),
            "from": Message("From"),
            "to": Message("To"),
            "responsible": Message("Responsible"),
        },
    ),
    "appraisers": (
        Message("Appraisers"),
        {
            "name": Message("Name"),
            "criteria": Message("Criteria (; between; all where empty)"),
            "units": Message("Units (; between; all where empty)"),
        },
    ),
    "groups": (
        Message("Survey groups"),
        {
            "key": Message("Key (group)"),
            "name": Message("Name"),
            "planned": Message("Forms planned"),
            "weight": Message("Weight"),
        },
    ),
    "not_applicable": (
        Message("Not applicable (sheet)"),
        {"unit": Message("Unit (assessed)"), "code": Message("Criterion"), "reason": Message("Reason")},
    ),
}
_SHEET = Message("Plan")
_LISTED = "; "
Lines = list[tuple[int, dict[str, object]]]  # of a sheet: the number of each row, and what it says


def write_plan_book(plan: RoundPlan, path: Path) -> None:
    """The plan as a workbook that people edit: a sheet each for its facts, units, steps, appraisers, survey and
    exemptions; units by name."""
    names = {unit.key: unit.name_vi for unit in plan.standing_units()}
    survey = plan.survey
    content = plan.model_dump() | {"survey_from": _day(survey.start), "survey_to": _day(survey.end)}
    facts = [
        (words.text(), _LISTED.join(content[key]) if listed else str(content[key]))
        for key, (words, listed) in _FACTS.items()
    ]
    frame = plan.unit_frame()
    lines: dict[str, list[tuple[object, ...]]] = {
        "units": [(names[unit], "x" if ranked else "") for unit, ranked in frame.itertuples(index=False)],
        "steps": [(s.key, s.title(), _day(s.start), _day(s.end), s.responsible) for s in plan.steps],
        "appraisers": [
            (each.name, _LISTED.join(each.criteria), _LISTED.join(names[unit] for unit in each.units))
            for each in plan.appraisers
        ],
        "groups": [(group.key, group.name, group.planned, group.weight) for group in survey.groups],
        "not_applicable": [(names[item.unit], item.code, item.reason) for item in plan.not_applicable],
    }
    sheets = {_SHEET.text(): pd.DataFrame(facts, columns=[_ENTRY.text(), _VALUE.text()])}
    for key, (title, heads) in _SHEETS.items():
        sheets[title.text()] = pd.DataFrame(lines[key], columns=[head.text() for head in heads.values()])
    write_frames(sheets, path, plan.title or plan.id)


def _day(day: date | None) -> str:
    return as_day(day) if day else ""


def read_plan_book(path: Path, old: RoundPlan | None = None) -> RoundPlan:
    """The plan in a workbook, checked; what the workbook does not hold (status, history, the mark of a simulation) is
    that of ``old``. ``DataError`` with all that is wrong, each at its sheet, row and column."""
    known = {fold(words.text()): key for key, (words, _) in _FACTS.items()}
    layout = Layout((Column("entry", heads=(_ENTRY.text(),)), Column("value", heads=(_VALUE.text(),))))
    facts = _table(path, _SHEET.text(), layout)
    lines = [(n, known.get(fold(row["entry"]), ""), row) for n, row in zip(facts.numbers, facts.records(), strict=True)]
    problems = [
        Problem("no such entry of a plan", sheet=_SHEET.text(), row=n, value=row["entry"])
        for n, key, row in lines
        if row["entry"] and not key
    ]
    content: dict[str, object] = {}
    for _, key, row in lines:
        if key and (value := row["value"]):
            content[key] = _parts(value) if _FACTS[key][1] else _dated(value) if key.startswith("survey_") else value
    unclear: list[Problem] = []
    sheets = {key: _rows(path, key, unclear) for key in _SHEETS} | {"": [(n, {"key": key}) for n, key, _ in lines]}
    try:
        content["year"] = int(str(content.get("year", "")))
    except ValueError:
        wrong = Problem("must be a whole number", column="year", value=content.get("year"))
        problems.append(_in_the_book(wrong, sheets))
    DataError.raise_for(problems, file=path.name)
    if old is not None:
        content |= {"id": old.id, "system": old.system, "simulated": old.simulated, "seed": old.seed}
    problems = [*unclear, *_find_units(sheets, int(str(content["year"])), str(content.get("level", "")))]
    tables = {key: [row for _, row in rows] for key, rows in sheets.items()}
    survey = {
        "from": content.pop("survey_from", None),
        "to": content.pop("survey_to", None),
        "groups": tables["groups"],
    }
    content |= {key: tables[key] for key in ("steps", "not_applicable", "appraisers")} | {"survey": survey}
    content |= {"units": [row["unit"] for row in tables["units"]]}
    content |= {"unranked": [row["unit"] for row in tables["units"] if fold(str(row.get("ranked", ""))) != "x"]}
    try:
        made = make_plan(**content)
    except DataError as error:
        problems += [_in_the_book(problem, sheets) for problem in error.problems]
    DataError.raise_for(problem.at(file=path.name) for problem in problems)
    return made if old is None else made.model_copy(update={"status": old.status, "history": old.history})


def _in_the_book(problem: Problem, sheets: Mapping[str, Lines]) -> Problem:
    """What is wrong with a plan ("steps.2.from") at the sheet, row and column of its workbook."""
    key, *at = {"unranked": ["units"]}.get(problem.column, problem.column.removeprefix("survey.").split("."))
    if key not in _SHEETS:
        key = problem.column.replace(".", "_")
        row = next((n for n, row in sheets[""] if row["key"] == key), None)
        return problem.at(sheet=_SHEET.text(), row=row, column=_FACTS[key][0].text() if key in _FACTS else key)
    (title, heads), lines = _SHEETS[key], sheets[key]
    if at and at[0].isdecimal():
        row = lines[int(at[0]) - 1][0]
    else:  # found by what is quoted: a code, a key
        held = ((n, name) for n, own in lines for name, cell in own.items()
                if problem.value in (cell if isinstance(cell, list) else [cell]))  # fmt: skip
        row, name = next(held, (None, ""))
        at = [*at, name]
    named = [heads[name].text() for name in at if name in heads]
    return problem.at(sheet=title.text(), row=row, column=named[0] if named else "")


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", ";").split(";") if part.strip()]


def _dated(text: str) -> object:
    """A day as people write it; the text itself where it is none, which the plan refuses in its words."""
    moment = parse_time(text)
    return moment.date() if moment else text


def _table(path: Path, sheet: str, layout: Layout) -> Table:
    return table_of(cells_of(path, sheet, as_typed=True), layout, path.name).checked()


def _rows(path: Path, key: str, unclear: list[Problem]) -> Lines:
    """The rows of a sheet as the plan holds them, each with its number; none where the sheet is not there or has a head
    alone. Numbers that may mean two things, or none, are added to ``unclear`` and left out."""
    title, heads = _SHEETS[key]
    columns = tuple(Column(name, heads=(head.text(),), optional=True) for name, head in heads.items())
    with as_xlsx(path) as plain:
        sheet = sheet_named(open_workbook(plain), title.text())
        if sheet is None or not any(True for _ in rows_of(sheet)):
            return []
    typed: Lines = []
    table = _table(path, title.text(), Layout(columns))
    for number, row in zip(table.numbers, table.records(), strict=True):
        own: dict[str, object] = {name: cell for name, cell in row.items() if cell}
        own |= {name: _dated(row[name]) for name in ("from", "to") if row.get(name)}
        own |= {name: _parts(row[name]) for name in ("criteria", "units") if key == "appraisers" and row.get(name)}
        for name in [name for name in ("planned", "weight") if name in own]:
            own[name] = value = as_number(row[name])
            if isinstance(value, Problem):
                unclear.append(value.at(sheet=title.text(), row=number, column=heads[name].text()))
                own.pop(name)
        usual = STEP_NAMES.get(str(own.get("key"))) if key == "steps" else None
        if usual is not None and own.get("name") == usual.text():  # what the key is called anyway is no name of its own
            own.pop("name")
        typed += [(number, own)] if own else []
    return typed


def _find_units(sheets: dict[str, Lines], year: int, level: str) -> list[Problem]:
    """Put keys of units in place of their names; what means none of that year, or one of the list a second time, is
    left out and named."""
    problems: list[Problem] = []
    listed: set[str] = set()

    def keys(names: object, sheet: str, row: int, column: str) -> Iterator[str]:
        title, heads = _SHEETS[sheet]
        for name in names if isinstance(names, list) else [names]:
            found: list[Problem] = []
            try:
                unit = scoring_units.find(str(name), level, year=year)
            except ParlibError as error:
                found += error.problems
            else:
                if sheet == "units" and unit.key in listed:
                    found.append(Problem("the unit is given twice: {unit}", unit=scoring_units.named(unit)))
                else:
                    listed.update([unit.key] if sheet == "units" else [])
                    yield unit.key
            place = title.text(), heads[column].text()
            problems.extend(p.at(sheet=place[0], row=row, column=place[1], value=str(name)) for p in found)

    for sheet in ("units", "not_applicable"):
        sheets[sheet] = [
            (n, {**row, "unit": key}) for n, row in sheets[sheet] for key in keys(row.get("unit", ""), sheet, n, "unit")
        ]
    for n, row in sheets["appraisers"]:
        if own := row.get("units"):
            row["units"] = list(keys(own, "appraisers", n, "units"))
    return problems


def replace_plan(round_id: str, new: RoundPlan, by: str, reason: str = "") -> bool:
    """Write the plan of a round anew, and answer for it; gives whether it says anything else than before. Once answers
    came in, a reason is needed."""
    with ledger.locked(round_folder(round_id)):
        old, folder = open_plan(round_id)
        refuse_final(old)
        if new.sha256 == old.sha256 and old.untouched:
            return False
        begun = len(ledger.read_texts(folder / ledger.ANSWERS, ledger.COLUMNS, optional=ledger.MAY_LACK).frame) > 0
        if begun and not reason.strip():
            raise ParameterError("answers came in already: a change of the plan needs a reason (--reason)")
        ledger.write_text(folder / FILE, plan_text(new))
        record(new, folder, "accepted" if begun else "planned", by, reason, settled=True)
        return True


# --- other indices ------------------------------------------------------------------------------


def write_external_book(round_: Round, path: Path) -> None:
    """The values of other indices as a workbook to fill in: a row for each unit and index that the scheme counts."""
    indices = [leaf.rule.index for leaf in round_.scheme.leaves if isinstance(leaf.rule, External)]
    held = values_at(round_.external).set_index(["unit", "index"])
    asked = pd.MultiIndex.from_product([round_.book.units, indices])
    values = held.reindex(asked)
    lines = [
        (scoring_units.name(unit, system=round_.plan.system), index.upper(), value, error, "")
        for (unit, index), value, error in zip(asked, values["value"], values["standard_error"], strict=True)
    ]
    heads = (
        Message("Unit (assessed)"),
        Message("Index (head)"),
        Message("Value"),
        Message("Standard error"),
        Message("Source"),
    )
    frame = pd.DataFrame(lines, columns=[head.text() for head in heads])
    write_frame(frame.astype(dict.fromkeys(frame.columns[2:4], "float64")), path, Message("Other indices").text())


# --- questions and replies ------------------------------------------------------------------------

_QUESTIONS_SHEET = Message("Questions")
_QUESTIONS = {
    "id": Message("Question no."),
    "asked_at": Message("Asked on"),
    "unit": Message("Unit (assessed)"),
    "code": Message("Criterion"),
    "question": Message("Question"),
    "reply": Message("Reply"),
    "replied_at": Message("Replied on"),
}


def write_questions_book(round_: Round, path: Path) -> None:
    """Questions and replies as a workbook: replies are filled in beside them, new questions below without a number."""
    table = round_.questions.copy()
    table["unit"] = [scoring_units.name(key, system=round_.plan.system) for key in table["unit"]]
    for name in ("asked_at", "replied_at"):
        table[name] = ["" if pd.isna(day) else as_day(day) for day in table[name]]
    frame = table[list(_QUESTIONS)].rename(columns={name: head.text() for name, head in _QUESTIONS.items()})
    write_frame(frame.astype("str"), path, _QUESTIONS_SHEET.text())


def read_questions_book(round_: Round, path: Path, by: str) -> tuple[int, int]:
    """Take in questions without a number and replies that are new; gives how many of each. All or nothing."""
    columns = [Column(name, heads=(head.text(),), optional=True) for name, head in _QUESTIONS.items()]
    layout = Layout((*columns, Column("ordinal", optional=True, heads=ORDINAL)))
    table = table_of(cells_of(path, as_typed=True, ours=_QUESTIONS_SHEET.text()), layout, path.name).checked()
    known = round_.questions.set_index("id")
    problems: list[Problem] = []
    asked: list[tuple[str, str, str, str, datetime | None, datetime | None]] = []
    replied: list[tuple[str, str, datetime | None]] = []
    there = {(q.unit, q.code, q.question): q.id for q in records(round_.questions)}

    def day(place: int, name: str, printed: object = pd.NaT) -> datetime | None:
        """The day that a person wrote into a row; none where none is, or the printed one still stands."""
        text = table.texts[name][place]
        if not text or (isinstance(printed, datetime) and not pd.isna(printed) and text == as_day(printed)):
            return None
        moment = parse_time(text)
        if moment is None or moment > now():
            late, none = Message("the time lies in the future"), DAY
            problems.append(table.problem(place, name, late if moment else none))
        return moment

    for place, row in enumerate(table.records()):
        number = row["id"].removeprefix("#")
        if number and number not in known.index:
            problems.append(table.problem(place, "id", Message("no such question")))
        elif number and row["question"] and row["question"] != str(known["question"][number]):
            problems.append(table.problem(place, "question", Message("the question of this number is another one")))
        elif number and row["reply"] and row["reply"] != str(known["reply"][number]):
            replied.append((number, row["reply"], day(place, "replied_at", known["replied_at"][number])))
        elif not number and (row["question"] or row["unit"]):
            codes = [node.code for node in round_.scheme.nodes]
            try:
                unit = round_.plan.find(row["unit"]).key
            except ParlibError as error:
                problems += [table.problem(place, "unit", problem.message) for problem in error.problems]
                continue
            if unit not in round_.book.units or not row["question"] or (row["code"] and row["code"] not in codes):
                words = Message("a new question needs a unit of the round, a text, and a code of the criteria or none")
                problems.append(table.problem(place, "question", words))
            if not (number := there.get((unit, row["code"], row["question"]), "")):
                days = day(place, "asked_at"), day(place, "replied_at")
                asked.append((unit, row["question"], row["code"], row["reply"], *days))
            elif row["reply"] not in ("", known["reply"][number]):  # the sheet was read before, without the reply
                replied.append((number, row["reply"], day(place, "replied_at")))
        elif row["reply"] and not number:
            problems.append(table.problem(place, "reply", Message("a reply without a question")))
    DataError.raise_for(problems)
    for unit, question, code, answer, at, then in asked:
        number = ask(round_.plan.id, unit, question, code=code, by=by, at=at)
        replied += [(number, answer, then)] if answer else []  # both were typed at once
    for number, text, at in replied:
        reply(round_.plan.id, number, text, by=by, at=at)
    return len(asked), len(replied)
