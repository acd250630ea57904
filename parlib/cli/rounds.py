"""Commands on assessment rounds: ``parlib score``, ``parlib round new|list|status|import|trace|finish|reopen ...``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parlib.cli.words import (
    LANGUAGE,
    Anew,
    Decimal,
    Later,
    Level,
    argument,
    as_book,
    as_folder,
    echo,
    group,
    keep_what_is_there,
    level_name,
    note,
    option,
    say,
)
from parlib.errors import DataError, ParameterError, ParlibError, Problem
from parlib.tables import limited
from parlib.words import FIRST, Message, as_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import pandas as pd

    from parlib.scoring import scheme as schemes
    from parlib.scoring import units as scoring_units
    from parlib.sources import excel, rounds, workbooks
    from parlib.sources.rounds import ColumnMapping, Receipt, Round, RoundPlan, Step
else:
    schemes, scoring_units = Later("parlib.scoring.scheme"), Later("parlib.scoring.units")
    rounds, workbooks = Later("parlib.sources.rounds"), Later("parlib.sources.workbooks")
    excel, pd = Later("parlib.sources.excel"), Later("pandas")

app, alone = group("Assessment rounds: make, fill, follow, lock."), typer.Typer()

RoundId = Annotated[str, argument("The round, such as 2023-province.")]
By = Annotated[str, option("Who does it.")]
Reason = Annotated[str, option("The reason (it is recorded).")]
At = Annotated[str, option("As it stood then (2024-01-31).")]
Csv = Annotated[bool, option("Print as CSV.", "--csv")]


@alone.command(help=say("Score a round."))
def score(
    round_id: RoundId,
    out: Annotated[Path | None, option("Folder for the results.", "--out")] = None,
    force: Annotated[
        bool, option("Replace scores even where the new ones lack the survey or know fewer units.", "--force")
    ] = False,
) -> None:
    """Score a round at every stage and write the index table, the trace of points and the code book."""
    opened = rounds.open_round(round_id)
    note(rounds.drop_unused(opened), say("note, survey: "))
    paths = rounds.write_scores(opened, out and as_folder(out), fewer=force, language=LANGUAGE)
    known = rounds.results(opened)
    n, of = known.n_known, len(known.ranked_units)
    echo(say("The index of {n} of {of} ranked units is known.", n=n, of=of))
    for mark in opened.marks:
        echo(rounds.MARK_WORDS[mark].text(LANGUAGE), error=True)
    note(rounds.cautions(opened))
    note(rounds.survey_problems(opened), say("note, survey: "))
    for path in paths:
        echo(str(path))


@app.command("list", help=say("List the rounds."))
def list_rounds() -> None:
    """List the rounds on this computer."""
    readable, unreadable = rounds.plans()
    for round_id, plan in readable.items():
        states = [say("final") if plan.final else say("open")]
        states += [say("simulated")] if plan.simulated else []
        echo(f"{round_id}: {level_name(plan.level)} {plan.year}, {plan.scheme}, {', '.join(states)}")
    for round_id, error in unreadable.items():
        echo(f"{round_id}: {error.problems[0].text(LANGUAGE)}")
    if not readable and not unreadable:
        echo(rounds.NO_ROUND.text(LANGUAGE))


@app.command(help=say("Make a new round."))
def new(
    year: Annotated[int, option("The year assessed.")] = 0,
    level: Level = "province",
    scheme: Annotated[str, option("The set of criteria.")] = "",
    round_id: Annotated[str, option("Its id.", "--id")] = "",
    title: Annotated[str, option("Its title.")] = "",
    units: Annotated[
        str,
        option(
            "The units assessed: legal (the list of the year), all (that any year has assessed), names or keys with "
            "commas between, or a file with one a line; empty: the published list of the year."
        ),
    ] = "",
    start: Annotated[str, option("First day of the plan, such as 2026-01-05; the usual steps follow.", "--from")] = "",
    end: Annotated[str, option("Last day of the plan.", "--to")] = "",
    council: Annotated[str, option("Members of the council, with ; between.")] = "",
    appraiser: Annotated[
        list[str] | None, option("Who appraises what: 'name: 1, 2.1' (empty: everything); may be given again.")
    ] = None,
    plan: Annotated[Path | None, option("A plan (round.yaml, or the workbook of 'round plan').")] = None,
    yes: Annotated[bool, option("Take a set of criteria that is not for this year.", "--yes")] = False,
    by: By = "",
) -> None:
    """Make the folder of a new round, from a plan written before or from year, level and scheme."""
    if plan is not None:
        if units or start or end or council or appraiser:
            raise ParameterError(
                "--units, --from, --to, --council and --appraiser do not go with --plan: write it in the plan"
            )
        is_book = plan.suffix.lower() in (".xlsx", ".xls", ".ods")
        made = rounds.read_plan_book(plan) if is_book else rounds.read_plan(plan)
    else:
        chosen = scheme or _fitting_scheme(year, level)
        if not (start and end) and (start or end):
            raise ParameterError("give both --from and --to")
        content = {"id": round_id or f"{year}-{level}", "year": year, "level": level, "scheme": chosen, "title": title}
        steps = _steps(start, end) if start else ()
        people = {"council": _parted(council), "appraisers": [_assigned(each) for each in appraiser or ()]}
        asked = rounds.usual_survey(schemes.load_scheme(chosen), steps)
        made = rounds.make_plan(
            **content, **rounds.chosen_units(units, year, level), **people, steps=steps, survey=asked
        )
    used = schemes.load_scheme(made.scheme)
    if made.year not in used.years and not yes:
        raise ParameterError(
            "the set of criteria {scheme} is for {years}, not for {year}; add --yes to take it all the same",
            scheme=used.id,
            years=", ".join(map(str, used.years)),
            year=made.year,
        )
    echo(str(rounds.create_round(made, by=rounds.who(by)) / "round.yaml"))
    echo(_who_is_ranked(made), error=True)
    echo(say("next: parlib round check {round_id}", round_id=made.id), error=True)


def _steps(start: str, end: str) -> tuple[Step, ...]:
    first, last = _day(start), _day(end)
    if last < first:
        raise ParameterError("the end ({end}) is before the start ({start})", start=as_day(first), end=as_day(last))
    return rounds.steps_between(first, last)


def _fitting_scheme(year: int, level: str) -> str:
    """The set of criteria of a year and level; ``ParameterError`` where there is none."""
    fitting = schemes.scheme_for(year, level) if year else None
    if fitting is None:
        there = ", ".join(key for key in schemes.scheme_ids() if schemes.load_scheme(key).level == level)
        raise ParameterError(
            "give --year and --scheme (there is no set of criteria for this year; there are: {there}), or --plan",
            there=there,
        )
    return fitting.id


def _day(text: str) -> date:
    moment = rounds.parse_time(text)
    if moment is None:
        raise ParameterError("not a day; write 05/01/2026 or 2026-01-05", value=text)
    return moment.date()


def _parted(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _assigned(text: str) -> dict[str, object]:
    name, _, codes = text.partition(":")
    return {"name": name.strip(), "criteria": [code.strip() for code in codes.split(",") if code.strip()]}


def _who_is_ranked(plan: RoundPlan) -> str:
    """How many units the plan ranks, and which it assesses apart."""
    frame = plan.unit_frame()
    apart = [
        scoring_units.name(str(unit), LANGUAGE, system=plan.system) for unit in frame.loc[~frame["ranked"], "unit"]
    ]
    names = f" ({', '.join(apart)})" if apart else ""
    return say(
        "{n} units: {n_ranked} ranked, {n_apart} not ranked{names}; to change it, edit the plan: parlib round plan",
        n=len(frame),
        n_ranked=len(frame) - len(apart),
        n_apart=len(apart),
        names=names,
    )


@app.command(help=say("Where each unit stands against the plan."))
def status(round_id: RoundId, csv: Csv = False) -> None:
    """Print the timetable and the status of each unit."""
    opened = rounds.open_round(round_id)
    table = rounds.status(opened)
    if csv:
        print_csv(table)
        return
    words = {"upcoming": say("upcoming"), "running": say("running"), "over": say("over")}
    for step in rounds.timetable(opened, language=LANGUAGE).to_dict("records"):
        days = " - ".join(as_day(day) for day in (step["start"], step["end"]) if day)
        told = (days, words.get(step["state"], ""), step["responsible"])
        echo(f"{step['name']}: {' · '.join(filter(None, told))}")
    for _, row in table.iterrows():
        name = scoring_units.name(row["unit"], LANGUAGE, system=opened.plan.system)
        echo(f"{name}: {rounds.describe_status(row, LANGUAGE)}")
    note(rounds.survey_problems(opened), say("note, survey: "))
    note(rounds.undecided_note(opened))  # where appraisers differ, the last one would win in silence
    counts = table["status"].value_counts()
    echo(
        "; ".join(
            f"{rounds.STATUS_WORDS[word].text(LANGUAGE)}: {counts[word]}"
            for word in rounds.STATUS_WORDS
            if word in counts
        )
    )


@app.command("import", help=say("Import forms, CSV or exports."))
def import_files(
    round_id: RoundId,
    files: Annotated[
        list[Path] | None, argument("Excel or CSV files; folders and patterns such as *.xlsx too.")
    ] = None,
    stage: Annotated[str, option("self, appraisal, appeal, conclusion.")] = "",
    by: By = "",
    mapping: Annotated[Path | None, option("Mapping of columns (YAML).")] = None,
    decimal: Decimal = "",
    again: Annotated[bool, option("Import a file again.", "--again")] = False,
    keep_good: Annotated[
        bool, option("Take the files that are sound, list the others; exit code 3 where some were left.", "--keep-good")
    ] = False,
    undo: Annotated[
        str, option("Take back an import by its number, several by the first and the last: 7-12; needs --reason.")
    ] = "",
    reason: Reason = "",
    received: Annotated[
        str, option("The day on which the files came in, where it is not today: who was late is told by it.")
    ] = "",
    out: Annotated[
        Path | None, option("Write what is wrong as a workbook (.xlsx), to be sent to those who mend it.", "--out")
    ] = None,
) -> None:
    """Add the answers of files to the ledger: all of all files, or nothing and the list of what is wrong."""
    opened = rounds.open_round(round_id)
    name = rounds.operator(opened.plan, by)
    if undo or not files:
        if not undo or files:
            raise ParameterError("give files to import, or --undo with the number of an import")
        back, held, later = rounds.undo(round_id, _imports(undo), reason, name)
        echo(say("import {n} undone: {back} rows taken back, of which {held} held", n=undo, back=back, held=held))
        if later:
            echo(say("note: {n} later decisions rest on what was taken back; look at them", n=later), error=True)
        return
    columns, day = _mapping(mapping, decimal), _day(received) if received else None
    chosen, left = rounds.chosen_files(files)
    read = workbooks.read_returned(chosen, opened, name, stage, columns)
    note([*left, *read.notes], say("note: "))
    try:
        receipts, problems = workbooks.enter(opened, read, again=again, keep_good=keep_good, received=day)
    except DataError as error:
        _wrong(error.problems, out)
        raise
    for receipt in receipts:
        _receipt(receipt)
    note(rounds.undecided_note(rounds.open_round(round_id)))
    if problems:
        _wrong(problems, out)
        echo(ParlibError(problems).text(LANGUAGE), error=True)
        n = len({problem.file for problem in problems})
        echo(say("{n} files were left out; mend them and import them again", n=n), error=True)
        raise typer.Exit(3)


_WRONG = (
    *(Message("File"), Message("Sheet"), Message("Row"), Message("Column"), Message("Criterion")),
    *(Message("What was written"), Message("What is wrong, how to mend it")),
)


def _imports(text: str) -> range:
    """The numbers of the imports that are to be taken back."""
    found = re.fullmatch(r"(\d+)(?:\s*[-–]\s*(\d+))?", text.strip())
    if found is None:
        raise ParameterError("--undo is the number of an import, or the first and last of several: 7-12", value=text)
    first, last = sorted((int(found[1]), int(found[2] or found[1])))
    return range(first, last + 1)


def _wrong(problems: Sequence[Problem], out: Path | None) -> None:
    """What is wrong with files as a table, a row each, where it is asked for."""
    if out is not None:
        table = pd.DataFrame([problem.cells(LANGUAGE) for problem in problems])
        table.columns = pd.Index([head.text(LANGUAGE) for head in _WRONG])
        excel.write_frame(table, as_book(out), say("To be mended"))
        echo(str(out))


def _receipt(receipt: Receipt) -> None:
    """What an import did, and what of it should be looked at."""
    note(limited(receipt.warnings), say("note: "))
    echo(receipt.text(LANGUAGE))


def _mapping(path: Path | None, decimal: str) -> ColumnMapping:
    columns = rounds.read_column_mapping(path) if path else rounds.ColumnMapping()
    return columns.model_copy(update={"decimal": decimal}) if decimal else columns


@app.command(help=say("Import values of other indices (SIPAS, ...)."))
def external(
    round_id: RoundId,
    file: Annotated[Path | None, argument("A CSV or Excel file.")] = None,
    by: By = "",
    decimal: Decimal = "",
    sheet: Annotated[str, option("The sheet of a workbook that has several.")] = "",
    out: Annotated[
        Path | None, option("Write a workbook to fill in (.xlsx), with the values there are.", "--out")
    ] = None,
    force: Anew = False,
) -> None:
    """Add values of other indices: columns unit, index, value, source."""
    opened = rounds.open_round(round_id)
    if out is not None:
        keep_what_is_there([out], force)
        rounds.write_external_book(opened, as_book(out))
        echo(str(out))
        return
    if file is None:
        raise ParameterError("give a file, or --out for a workbook to fill in")
    by = rounds.operator(opened.plan, by)
    rows = rounds.read_external_csv(file, decimal, sheet)
    _receipt(rounds.append_external(round_id, rows, by=by, decimal="point"))


@app.command(help=say("Take in the answers of the survey."))
def survey(
    round_id: RoundId,
    files: Annotated[list[Path], argument("Parquet or CSV files.")],
    by: By = "",
) -> None:
    """Store the answers of the survey with the round, in place of those it had; unused columns are not kept."""
    name = operator_of(round_id, by)
    one_folder = [path for path in files if path.is_dir()] == files  # of parts, as a cluster writes it
    chosen = files if one_folder else rounds.chosen_files(files, (".parquet", ".csv", ".xlsx"))[0]
    stored = rounds.store_survey(round_id, chosen, name)
    note(stored.unused, say("note, survey: "))
    echo(say("{round_id}: {rows} answers", round_id=round_id, rows=stored.rows))


@app.command(help=say("Where the points of a criterion come from."))
def trace(
    round_id: RoundId,
    unit: Annotated[str, argument("Unit.")],
    code: Annotated[str, argument("Code.")],
) -> None:
    """Print everything that was said on one criterion of one unit."""
    opened = rounds.open_round(round_id)
    key, code = unit_of(opened, unit), code.strip()
    value = rounds.trace(opened, key, code)
    node = opened.scheme.node(code)
    echo(f"{code} {node.name if LANGUAGE == FIRST else node.name_en}")
    echo(rounds.rule_words(opened, code, LANGUAGE))
    for row in value.to_dict("records"):
        holds = " <- " + "; ".join(_word(stage) for stage in row["holds"].split("; ")) if row["holds"] else ""
        behind = rounds.share_text(row["numerator"], row["denominator"], LANGUAGE)
        answer = rounds.shown_answer(node.rule, row["answer"], LANGUAGE) + behind
        stated = _stated(answer, row["earned"], row["not_applicable"])
        by = scoring_units.name(key, LANGUAGE, system=opened.plan.system) if row["by"] == key else row["by"]
        echo(f"#{row['row']} {as_day(row['at'], clock=True)} {_word(row['stage'])} · {by} · {stated}{holds}")
        for text in (row["evidence"], row["remark"], row["source"]):
            if text:
                echo(f"    {text}")
    if value.empty:
        echo(say("nothing in the ledger"))


def _word(stage: str) -> str:
    return {**rounds.STATUS_WORDS, **rounds.WORDS}[stage].text(LANGUAGE)


def _stated(answer: str, earned: float, not_applicable: bool) -> str:
    if not_applicable:
        return say("not applicable")
    from parlib.scoring.rules import points_words

    points = "" if earned != earned else f" = {points_words(earned).text(LANGUAGE)}"
    return f"{answer or '-'}{points}"


@app.command(help=say("What holds at a stage, as CSV."))
def state(
    round_id: RoundId,
    stage: Annotated[str, option("self, appraisal or final.")] = "final",
    at: At = "",
) -> None:
    """Print what holds at a stage, as it stood at a date."""
    print_csv(rounds.state(rounds.open_round(round_id), rounds.stage_named(stage), at or None))


@app.command(help=say("Lock a round."))
def finish(round_id: RoundId, by: By = "", reason: Reason = "") -> None:
    """Lock a round."""
    rounds.finish(round_id, operator_of(round_id, by), reason)
    echo(say("{round_id}: final", round_id=round_id))


@app.command(help=say("Open a locked round again."))
def reopen(round_id: RoundId, reason: Reason = "", by: By = "") -> None:
    """Open a locked round again; the reason is recorded."""
    rounds.reopen(round_id, reason, operator_of(round_id, by))
    echo(say("{round_id}: open again", round_id=round_id))


@app.command(help=say("Answer for a ledger or a plan changed by hand."))
def accept(round_id: RoundId, reason: Reason = "", by: By = "") -> None:
    """Accept a ledger or a plan that was changed outside parlib; the reason is recorded."""
    opened = rounds.open_round(round_id, accept_changes=True)
    changed = rounds.accept_changes(round_id, reason, rounds.operator(opened.plan, by))
    echo(say("{round_id}: recorded: {files}", round_id=round_id, files=", ".join(changed)))


@app.command(help=say("Questions of units and the replies."))
def questions(
    round_id: RoundId,
    file: Annotated[Path | None, argument("The workbook of --out, with replies and new questions in it.")] = None,
    csv: Csv = False,
    out: Annotated[Path | None, option("Write them as a workbook to fill in (.xlsx).", "--out")] = None,
    by: By = "",
    force: Anew = False,
) -> None:
    """Print the questions and proposals with their replies, or exchange them as a workbook."""
    opened = rounds.open_round(round_id)
    if out is not None:
        keep_what_is_there([out], force)
        rounds.write_questions_book(opened, as_book(out))
        echo(str(out))
        return
    if file is not None:
        asked, replied = rounds.read_questions_book(opened, file, rounds.operator(opened.plan, by))
        echo(say("{asked} questions and {replied} replies added", asked=asked, replied=replied))
        return
    if csv:
        print_csv(opened.questions)
        return
    for row in opened.questions.to_dict("records"):
        name = scoring_units.name(row["unit"], LANGUAGE, system=opened.plan.system)
        echo(f"#{row['id']} {as_day(row['asked_at'])} {name} {row['code']}: {row['question']}")
        answer = f"{as_day(row['replied_at'])} {row['reply']}" if row["reply"] else say("no reply yet")
        echo(f"    {answer}")


@app.command(help=say("Write down a question of a unit."))
def ask(
    round_id: RoundId,
    unit: Annotated[str, argument("Unit.")],
    question: Annotated[str, argument("The question.")],
    code: Annotated[str, option("The criterion it concerns.")] = "",
    by: By = "",
) -> None:
    """Write down a question or proposal."""
    opened = rounds.open_round(round_id)
    identity = rounds.ask(round_id, unit_of(opened, unit), question, code=code, by=rounds.operator(opened.plan, by))
    echo(say("question #{identity}", identity=identity))


@app.command(help=say("Reply to a question."))
def reply(
    round_id: RoundId,
    question_id: Annotated[str, argument("Number of the question.")],
    text: Annotated[str, argument("The reply.")],
    by: By = "",
) -> None:
    """Write down the reply to a question."""
    number = question_id.removeprefix("#")
    rounds.reply(round_id, number, text, by=operator_of(round_id, by))
    echo(say("replied to #{number}", number=number))


def operator_of(round_id: str, by: str) -> str:
    """``operator`` of a round that is not open; who has no name is told first."""
    name = rounds.who(by)
    return rounds.operator(rounds.open_round(round_id).plan, name)


def unit_of(opened: Round, text: str) -> str:
    """The key of the unit that a text means."""
    return opened.plan.find(text).key


def print_csv(table: pd.DataFrame) -> None:
    """A table as CSV; no text in it becomes a formula where it is opened in Excel."""
    typer.echo(rounds.csv_text(table), nl=False)
