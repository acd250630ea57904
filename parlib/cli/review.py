"""Commands by which an operator looks after a round: ``parlib round check|plan|imports|log|disagreements|missing|
evidence``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parlib import places
from parlib.cli.rounds import By, Csv, Reason, RoundId, print_csv, unit_of
from parlib.cli.rounds import app as app  # with the commands of this module
from parlib.cli.words import LANGUAGE, Anew, Later, argument, as_book, echo, keep_what_is_there, note, option, say
from parlib.errors import ParameterError
from parlib.tables import number, records
from parlib.words import Message

if TYPE_CHECKING:
    import pandas as pd

    from parlib import data_tables
    from parlib.publish.word import letter
    from parlib.scoring import units
    from parlib.sources import excel, rounds
    from parlib.sources.rounds import Round
else:
    data_tables = Later("parlib.data_tables")
    letter, units = Later("parlib.publish.word.letter"), Later("parlib.scoring.units")
    excel, rounds = Later("parlib.sources.excel"), Later("parlib.sources.rounds")

Out = Annotated[Path | None, option("Write it as an Excel file (.xlsx).", "--out")]


def _told(table: pd.DataFrame, title: Message, csv: bool, out: Path | None) -> bool:
    """Write a table where it is asked for, as CSV or Excel; whether it was."""
    if csv:
        print_csv(table)
    if out is not None:
        excel.write_frame(rounds.worded(table, LANGUAGE), as_book(out), title.text(LANGUAGE))
        echo(str(out))
    return csv or out is not None


@app.command(help=say("What is missing before the first form goes out."))
def check(round_id: RoundId) -> None:
    """Say what the plan lacks; exit code 1 where something must be filled in."""
    opened = rounds.open_round(round_id)
    must, look = rounds.lacks(opened)
    for words in must:
        echo(say("missing: ") + words.text(LANGUAGE))
    for words in look:
        echo(say("look at: ") + words.text(LANGUAGE))
    if must:
        echo(say("to fill it in: parlib round plan {round_id} --out ke-hoach.xlsx", round_id=round_id))
        raise typer.Exit(1)
    echo(say("{round_id}: ready; next: parlib form --round {round_id} --all", round_id=round_id))


@app.command(help=say("The plan as an Excel workbook, and back."))
def plan(
    round_id: RoundId,
    file: Annotated[Path | None, argument("The workbook with the changed plan.")] = None,
    out: Out = None,
    by: By = "",
    reason: Reason = "",
    force: Anew = False,
) -> None:
    """Write the plan as a workbook, or take in one that was changed."""
    opened = rounds.open_round(round_id)
    if out is not None:
        keep_what_is_there([out], force)
        rounds.write_plan_book(opened.plan, as_book(out))
        echo(str(out))
        echo(
            say("next: change it in Excel, then: parlib round plan {round_id} {file}", round_id=round_id, file=out),
            error=True,
        )
    elif file is not None:
        new = rounds.read_plan_book(file, opened.plan)
        changed = rounds.replace_plan(round_id, new, rounds.operator(opened.plan, by), reason)
        says = say("{id}: the plan was changed", id=round_id), say("{id}: the plan is as it was", id=round_id)
        echo(says[not changed])
    else:
        raise ParameterError("give a workbook, or --out for one to fill in")


@app.command(help=say("The imports: number, time, by whom, file, rows, hash."))
def imports(round_id: RoundId, csv: Csv = False, out: Out = None) -> None:
    """List what came in; the numbers are those of round import --undo."""
    table = rounds.imports_table(rounds.open_round(round_id))
    if _told(table, Message("Imports"), csv, out):
        return
    for row in rounds.worded(table, LANGUAGE).itertuples(index=False):
        number, at, by, typed, file, rows, _, sha256, state, remark = row
        parts = (at, by if typed in ("", by) else f"{by} ({typed})", file, rows, sha256[:12], state, remark)
        echo(f"#{number} " + " · ".join(part for part in parts if part))


@app.command(help=say("Who changed what, between two days."))
def log(
    round_id: RoundId,
    start: Annotated[str, option("From this day (2026-01-01).", "--from")] = "",
    end: Annotated[str, option("To this day.", "--to")] = "",
    unit: Annotated[str, option("One unit.")] = "",
    csv: Csv = False,
    out: Out = None,
) -> None:
    """List every change: unit, criterion, stage, from what to what, by whom."""
    opened = rounds.open_round(round_id)
    table = rounds.changes(opened, start, end, unit_of(opened, unit) if unit else "")
    if _told(table, Message("Log of changes"), csv, out):
        return
    shown = rounds.worded(table, LANGUAGE)
    for row in shown.itertuples(index=False):
        at, entry, by, typed, _, name, code, stage, action, before, after, days, remark, _ = row
        what = f"{before or '-'} -> {after or '-'}" if before or after else ""
        who = by if typed in ("", by) else f"{by} ({typed})"
        late = say("{n} days late", n=days) if days else ""
        parts = (f"{at} {who}", f"{name} {code}".strip(), stage, action, what, late, remark)
        echo(" · ".join(part for part in parts if part) + (f" [#{entry}]" if entry else ""))


@app.command(help=say("Criteria on which appraisers differ."))
def disagreements(round_id: RoundId, csv: Csv = False, out: Out = None) -> None:
    """List what each appraiser said where they differ, which row holds, and whether somebody decided."""
    opened = rounds.open_round(round_id)
    table = rounds.disagreements(opened)
    if _told(table, Message("Disagreements"), csv, out):
        return
    for (name, code), rows in table.groupby(["name", "code"], sort=False):
        decided = rows["decided"].iloc[0]
        state = rounds.WORDS[decided].text(LANGUAGE) if decided else say("NOT DECIDED")
        echo(f"{name} {code}: {state}")
        for row in records(rows):
            points = "-" if row.points != row.points else number(row.points, LANGUAGE)
            holds = say(" <- holds now") if row.holds else ""
            echo(f"    #{row.row} {row.by}: {row.answer or '-'} = {points}{holds} {row.remark}".rstrip())
    echo(say("{n} undecided", n=rounds.undecided_disagreements(opened)))


@app.command(help=say("What units still owe, as a list and as letters."))
def missing(
    round_id: RoundId,
    csv: Csv = False,
    out: Annotated[
        Path | None, option("An Excel file (.xlsx), or a folder: the list and a letter (Word) a unit.")
    ] = None,
    force: Anew = False,
) -> None:
    """List criteria without an answer, without evidence or late; write the letters that ask for them."""
    opened = rounds.open_round(round_id)
    table = rounds.missing(opened)
    if out is not None and out.suffix == "":
        for path in _letters(opened, table, out, force):
            echo(str(path))
        return
    if _told(table, Message("What is missing"), csv, out):
        return
    for name, rows in table.groupby("name", sort=False):
        for lack, some in rows.groupby("lacks", sort=False):
            codes = ", ".join(some["code"][:12]) + (", ..." if len(some) > 12 else "")
            days = say(" ({n} days late)", n=some["days_late"].max()) if some["days_late"].max() else ""
            echo(f"{name}: {rounds.WORDS[str(lack)].text(LANGUAGE)}{days}: {len(some)} ({codes})")
    owing = table.loc[table["lacks"] != "late", "unit"].nunique()
    echo(say("{n} units owe something; {late} sent all, but late", n=owing, late=table["unit"].nunique() - owing))


def _letters(opened: Round, table: pd.DataFrame, folder: Path, force: bool = False) -> list[Path]:
    """The list, and a letter for each unit that still owes something (not one that was late alone), all in
    ``folder``. A letter that is there, numbered and dated perhaps, is replaced by ``force`` alone."""
    owing = table.loc[table["lacks"] != "late", "unit"]
    rows_of = {str(unit): rows for unit, rows in table[table["unit"].isin(owing)].groupby("unit", sort=False)}
    listed, letters = f"{opened.plan.id}.xlsx", {unit: f"{opened.plan.id}.{unit}.docx" for unit in rows_of}
    keep_what_is_there((folder / name for name in letters.values()), force)
    with places.alone(folder), places.whole_folder(folder, keep=True) as draft:
        excel.write_frame(rounds.worded(table), draft / listed, Message("What is missing").text())
        for unit, rows in rows_of.items():
            letter.write_letter(_letter(opened, unit, rows), draft / letters[unit])
    return [folder / name for name in (listed, *letters.values())]


def _letter(opened: Round, unit: str, rows: pd.DataFrame) -> letter.Letter:
    """The letter that asks a unit for what it owes, in Vietnamese."""
    plan, step = opened.plan, opened.plan.step("self")
    full = units.get(unit, plan.level, plan.system, plan.year).full_name_vi
    committee = Message("People's Committee of {name}", {"name": full[:1].lower() + full[1:]}).text()
    told = {
        "year": plan.year,
        "scheme": opened.scheme.decision,
        "until": step.end if step and step.end else ".....",
        "n": rows["code"].nunique(),
    }
    before = Message(
        "To carry out the PAR INDEX of {year} by {scheme}, the self-assessment was due on {until}. Of what was sent, "
        "{n} criteria lack an answer or evidence or came late, as listed below:",
        told,
    )
    after = Message(
        "Please complete them and send the form with its evidence before day ..... month ..... year ....... Criteria "
        "without an answer are not known and cannot be appraised."
    )
    lines = [
        (str(n), row.code, row.criterion, rounds.WORDS[row.lacks].text(), str(row.days_late or ""))
        for n, row in enumerate(records(rows), start=1)
    ]
    if own := data_tables.issuer(plan.level).text():  # which of its offices writes, a province fills in
        above, office, place, head = own.upper(), *["." * 20] * 3
    else:
        words = (
            Message("MINISTRY OF HOME AFFAIRS"),
            Message("DEPARTMENT OF ADMINISTRATIVE REFORM"),
            Message("Ha Noi (place of a letter)"),
            Message("DIRECTOR OF THE DEPARTMENT"),
        )
        above, office, place, head = (of.text() for of in words)
    heads = (Message("No."), Message("Code"), Message("Criterion"), Message("What is missing"), Message("Days late"))
    return letter.Letter(
        sender=(above, office),
        place=place,
        about=Message("supplement to the self-assessment of the PAR INDEX of {year}", told).text(),
        to=committee if plan.level == "province" else full,
        before=[before.text()],
        heads=[of.text() for of in heads],
        widths=(11, 17, 82, 35, 20),
        rows=lines,
        after=[after.text()],
        signed=head,
    )


@app.command(help=say("Keep evidence by its hash, and check it."))
def evidence(
    round_id: RoundId,
    folder: Annotated[Path | None, argument("Folder with a folder a unit, files named by the criterion.")] = None,
    by: By = "",
    csv: Csv = False,
    out: Out = None,
) -> None:
    """Record the files of a folder; without one, say whether what is recorded is unchanged."""
    opened = rounds.open_round(round_id)
    if folder is not None:
        fresh, left = rounds.store_evidence(opened, folder, rounds.operator(opened.plan, by))
        note(left, say("note: "))
        n, bare = len(fresh), int((fresh["code"] == "").sum())
        echo(say("{n} files recorded, of which {bare} name no criterion", n=n, bare=bare))
    table = rounds.checked_evidence(opened)
    changed = bool(table["state"].isin(("altered", "missing")).any())
    if not _told(table, Message("Evidence"), csv, out):
        counts = table["state"].value_counts()
        echo(
            "; ".join(f"{rounds.WORDS[str(word)].text(LANGUAGE)}: {n}" for word, n in counts.items()) or say("none yet")
        )
        for row in records(table[table["state"].isin(("altered", "missing"))]):
            echo(f"{row.name} {row.code}: {rounds.WORDS[row.state].text(LANGUAGE)}: {row.place}")
    if changed:
        raise typer.Exit(1)
