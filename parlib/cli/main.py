"""The command line. Each command reads its options, asks one room of the house, and says what came of it.

Everything heavy is imported inside the commands, so that ``parlib --help`` answers at once.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import re
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from parlib.cli import data, doctor, exploring, notebooks, review, rounds, simulation, survey, verify, workbooks
from parlib.cli.words import LANGUAGE, LANGUAGES_THERE, Level, argument, as_folder, echo, level_name, option, say
from parlib.errors import DEBUG, ParameterError, as_problem
from parlib.publish import warm
from parlib.words import Message, languages, unmarked

if TYPE_CHECKING:
    import pandas as pd

    from parlib.publish.batch import Outcome
    from parlib.publish.parameters import ReportParameters

app = typer.Typer(
    help=say("parlib: score, compare and report the PAR INDEX of Viet Nam."),
    epilog=say("With --debug the traceback of an error of the program is written to a file."),
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


Year = Annotated[int, option("Year of the results.")]
Index = Annotated[str, option("Index: par, papi, sipas, ...", "--index")]
Language = Annotated[str, option("Language: {languages}.", languages=LANGUAGES_THERE)]
Languages = Annotated[str, option("Languages: {languages}.", languages=",".join(languages()))]
Round = Annotated[str, option("A round, instead of published results.", "--round")]
Unit = Annotated[str, option("One unit: key, name or code.")]
Names = Annotated[list[str] | None, argument("Reports by name: 2023/ministry, 2024/papi.")]
Years = Annotated[str, option("Years: 2012-2024 or 2020,2023.")]
Levels = Annotated[str, option("Levels: province,ministry.")]
Workers = Annotated[int, option("Reports at a time (0: one a core).")]
Cluster = Annotated[str, option("Address of a Dask scheduler: tcp://...")]
Force = Annotated[
    bool, option("Render even what has not changed, and even where the new report knows fewer units.", "--force")
]
Fewer = Annotated[bool, option("Replace a published report even where the new one knows fewer units.", "--force")]
OutputDir = Annotated[str, option("Folder instead of reports/.")]
Notebook = Annotated[str, option("The notebook to render.")]
Formats = Annotated[
    str, option("Formats of the report: html,pdf,docx,xlsx,press (press kit),data (open data).", "--to")
]
Decimal = Annotated[str, option("Decimal sign of Vietnamese numbers: comma or dot.")]
House = Annotated[bool, option("Write differences of percentages as %.", "--house-wording")]
Annexes = Annotated[
    str, option("Annexes of the report: none, short (in Excel alone) or full (in every format).", "--annexes")
]
System = Annotated[str, option("System of provinces: 63 or 34.", "--system")]
Merge = Annotated[
    str, option("How to carry over to the units after the mergers of 2025: mean, weighted, best, worst.", "--merge")
]
SheetFormat = Annotated[str, option("Format of the table: csv or xlsx.", "--to")]
Out = Annotated[Path | None, option("File instead of the standard output.", "--out")]
Own = Annotated[list[str] | None, option("A parameter of the notebook: -p name=value, many times.", "-p")]
Wide = Annotated[bool, option("A row a unit, a column an area.", "--wide")]
Whole = Annotated[bool, option("All rows, however many, on the screen too.", "--all")]


@app.command(help=say("Render one report."))
def report(
    year: Year,
    level: Level = "province",
    language: Language = LANGUAGE,
    index_name: Index = "par",
    round_id: Round = "",
    unit: Unit = "",
    to: Formats = "html",
    notebook: Notebook = "annual_report",
    output_dir: OutputDir = "",
    decimal: Decimal = "comma",
    house_wording: House = False,
    annexes: Annexes = "short",
    fewer: Fewer = False,
    own: Own = None,
) -> None:
    """Render one report and say where it is."""
    from parlib.publish.parameters import ReportParameters

    parameters = ReportParameters(
        year=year,
        level=level,
        language=language,
        index_name=index_name,
        round_id=round_id,
        unit=unit,
        output_dir=output_dir,
        decimal=decimal,
        strict=not house_wording,
        annexes=annexes,
        own=_own_values(own, notebook),
    )
    _publish([parameters], notebook, to, force=True, fewer=fewer)


@app.command(help=say("Render many reports."))
def batch(
    names: Names = None,
    years: Years = "",
    levels: Levels = "",
    language: Languages = LANGUAGE,
    index_name: Index = "par",
    workers: Workers = 0,
    cluster: Cluster = "",
    force: Force = False,
    to: Formats = "html",
    notebook: Notebook = "annual_report",
    units: Annotated[str, option("A report for each unit: all, or keys, names or codes with commas between.")] = "",
    output_dir: OutputDir = "",
    annexes: Annexes = "short",
    own: Own = None,
) -> None:
    """Render many reports side by side; those that fail are listed at the end, and the exit code is 1 then."""
    from parlib.publish.batch import named, of_units, parse_years, plan, years_there
    from parlib.publish.parameters import ReportParameters
    from parlib.sources.published import par

    languages = _listed(language)
    reports = named(names or (), languages, output_dir)
    if years:
        levels_wanted = (_listed(levels) if index_name == "par" else []) or list(par.levels(index_name))
        there, none = years_there(parse_years(years), levels_wanted, index_name)
        if there and none:  # a year without a survey keeps no other year back; that it is left out is said
            gone = ", ".join(map(str, none))
            echo(say("no results of {index} for: {years}", index=index_name, years=gone), error=True)
        reports += plan(there or none, levels_wanted, languages, index_name, output_dir)
    if not reports:
        raise ParameterError("give --years or the names of reports")
    if units:
        reports = of_units(reports, [unit.strip() for unit in units.split(",") if unit.strip()])
    values = _own_values(own, notebook)
    if annexes != "short" or values:
        more = {"annexes": annexes, "own": values}
        reports = [ReportParameters(**{**one.model_dump(), **more}) for one in reports]
    _publish(reports, notebook, to, workers=workers, cluster=cluster, force=force, fewer=force)


@app.command(help=say("Print the index table with rank and band."))
def table(
    year: Year,
    level: Level = "province",
    index_name: Index = "par",
    round_id: Round = "",
    language: Language = LANGUAGE,
    system: System = "",
    merge: Merge = "",
    wide: Wide = False,
    whole: Whole = False,
    to: SheetFormat = "",
    out: Out = None,
) -> None:
    """Print or write the index table of one year."""
    _check_subject(year, level, language, index_name, round_id)
    from parlib.opened import open_results
    from parlib.publish import sheets

    sheets.check_carried_over(year, level, system, merge)
    sheets.check_format(to, out)
    title = f"{index_name} {level} {year}"
    if wide:
        from parlib.answers import told
        from parlib.years import year as open_year

        asked = open_year(year, level, index_name, round_id, language)
        answer = (asked.merged(merge) if merge else asked).wide()
        _hand_out(lambda: sheets.wide_sheet(answer, language), to, out, f"{title} {merge}".strip(), language, whole)
        echo(told(answer.attrs, language), error=True)
        return
    results = open_results(year, level, index_name, round_id)
    if not merge:
        _hand_out(lambda: sheets.index_sheet(results, language), to, out, title, language, whole)
        return
    sheet, sentence = sheets.carried_over(results, merge, language)
    _hand_out(lambda: sheet, to, out, f"{title} {merge}", language, whole)
    echo(sentence, error=True)  # beside the table, not in it: the table can be piped on


@app.command(help=say("Print the statistics of a year."))
def stats(
    year: Year,
    level: Level = "province",
    index_name: Index = "par",
    round_id: Round = "",
    language: Language = LANGUAGE,
    to: SheetFormat = "",
    out: Out = None,
) -> None:
    """Print or write the statistics of one year; empty where the known data does not settle one."""
    _check_subject(year, level, language, index_name, round_id)
    from parlib.publish import sheets

    title = f"{index_name} {level} {year}"
    _hand_out(lambda: sheets.statistics_sheet(year, level, index_name, round_id, language), to, out, title, language)


@app.command("list", help=say("List the data there is."))
def list_data(index_name: Annotated[str, option("One index only.", "--index")] = "") -> None:
    """List the published results: index, level, year, units with a value of all."""
    from parlib.years import available

    for (name, level), rows in available(index_name).groupby(["index_name", "level"], sort=False):
        echo(f"{name} · {level_name(str(level))}")
        counted = rows[["year", "n_known", "n_units"]].astype("object").fillna("?")
        for year, known, whole in counted.itertuples(index=False):
            echo(f"  {year}  {known}/{whole}")


#: The commands under a name; ``review`` adds to those of ``rounds``.
_GROUPS = {"round": review.app, "survey": survey.app, "scheme": workbooks.app, "data": data.app}
_GROUPS |= {"published": data.published, "notebook": notebooks.app, "level": data.levels}
for _name, _group in _GROUPS.items():
    app.add_typer(_group, name=_name)
for _room in (rounds, workbooks, simulation, verify, notebooks, doctor, exploring):
    app.registered_commands += _room.alone.registered_commands


# --- what the commands share ------------------------------------------------------------------


def _listed(text: str) -> list[str]:
    return [part for part in text.replace(" ", "").split(",") if part]


def _own_values(given: list[str] | None, notebook: str) -> tuple[tuple[str, bool | int | float | str], ...]:
    """What ``-p`` gives the parameters of a notebook."""
    if not given:
        return ()
    import nbformat

    from parlib.publish.parameters import notebook_path, own_values

    path = notebook_path(notebook)
    return own_values(given, nbformat.read(path, as_version=4), path.name)


def _check_subject(year: int, level: str, language: str, index_name: str, round_id: str) -> None:
    """Raise what is wrong with the subject of a command, all of it, in the words that reports use."""
    from parlib.publish.parameters import ReportParameters

    ReportParameters(year=year, level=level, language=language, index_name=index_name, round_id=round_id)


_MOST_LINES = 80  # on a screen


def _hand_out(
    make: Callable[[], pd.DataFrame], to: str, out: Path | None, title: str, language: str, whole: bool = False
) -> None:
    """Print a table as CSV, or write it to a file whose ending says the format where ``to`` does not. Where people look
    on, a long one that is not asked for ``whole`` is cut, and how to see all of it is said."""
    from parlib.publish import sheets

    kind = sheets.check_format(to, out)
    if out is None:
        sheet = make()
        n, of = _MOST_LINES // 4, len(sheet)
        cut = not whole and of > _MOST_LINES and sys.stdout is not None and sys.stdout.isatty()
        typer.echo(sheets.csv_text(sheet.head(n) if cut else sheet), nl=False)
        if cut:
            hint = say(
                "{n} of {of} rows; --all shows all, --out FILE.xlsx writes them, --wide: a row a unit", n=n, of=of
            )
            echo(hint, error=True)
    else:
        sheets.write_sheets(make(), out, kind, title, language)
        echo(str(out), error=True)


def _publish(
    reports: list[ReportParameters],
    notebook: str,
    to: str,
    *,
    force: bool,
    fewer: bool,
    workers: int = 0,
    cluster: str = "",
) -> None:
    """Render reports, tell how it goes, and renew the index page. Exit code 1 when one failed."""
    from parlib import places
    from parlib.publish import batch, site

    for folder in {report.output_dir for report in reports}:
        as_folder(Path(folder))
    with _progress(len(reports)) as tell:
        formats = tuple(_listed(to))
        outcomes = batch.batch(
            reports, notebook, formats, workers=workers, cluster=cluster, force=force, fewer=fewer, tell=tell
        )
    for folder in dict.fromkeys(report.output_dir for report in reports):
        root = Path(folder) if folder else places.reports()
        site.write_index(root, LANGUAGE)
        gone = [name for name in places.sums(root) if not (root / name).is_file()]
        if gone:
            lost = say(
                "{n} published files are gone, the first: {name}; parlib verify lists them", n=len(gone), name=gone[0]
            )
            echo(lost, error=True)
    for outcome in outcomes:
        for note in outcome.rendered.notes if outcome.rendered else ():
            echo(f"{outcome.parameters.name}: {note.text(_message_language())}", error=True)
    failed = [outcome for outcome in outcomes if outcome.error]
    if failed:
        echo(say("{n} reports failed:", n=len(failed)), error=True)
        for outcome in failed:
            assert outcome.error is not None
            report = outcome.parameters
            echo(f"  {report.name} {report.language}: {outcome.error.text(_message_language())}", error=True)
        raise typer.Exit(1)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[Outcome], None]]:
    """A line for each report as it comes, and under them a bar where people look on."""
    width, done = len(str(total)), 0

    def line(outcome: Outcome) -> str:
        nonlocal done
        done += 1
        report, rendered = outcome.parameters, outcome.rendered
        count = f"[{done:>{width}}/{total}] {report.name} {report.language}"
        if rendered is None:
            return ": ".join((count, say("FAILED")))
        if not rendered.fresh:
            return ": ".join((count, say("unchanged")))
        made = [path for kind, path in rendered.files.items() if kind not in ("ipynb", "json")]
        others = "".join(f", .{path.name.partition('.')[2].partition('.')[2]}" for path in made[1:])
        return f"{count}: {_shown(made[0])}{others} ({outcome.seconds:.1f} s)"

    if sys.stdout is None or not sys.stdout.isatty():
        yield lambda outcome: echo(line(outcome))
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns) as bar:
        task = bar.add_task(say("Rendering"), total=total)

        def tell(outcome: Outcome) -> None:
            bar.console.print(line(outcome), highlight=False, markup=False)
            bar.advance(task)

        yield tell


def _shown(path: Path) -> str:
    """``path`` as people see it from where they are."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _message_language() -> str:
    """The language of messages: that of the command's own ``--language`` where it names one, else the terminal's."""
    arguments = " ".join(sys.argv[1:]).replace("=", " ").split()
    chosen = [after for option, after in pairwise(arguments) if option == "--language"]
    return chosen[-1] if chosen and chosen[-1] in languages() else LANGUAGE


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 something failed, 2 the command was not understood, 130 stopped.

    Whatever goes wrong is told in a line of ours, no traceback: with ``--debug``, anywhere on the line, the traceback
    of an error that nobody foresaw is written to a file.
    """
    codecs.register_error(_UNMARKED, _without_marks)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Vietnamese, whatever the locale; another encoding only where asked for
            asked = os.environ.get("PYTHONIOENCODING", "").partition(":")[0]
            stream.reconfigure(encoding=asked or "utf-8", errors=_UNMARKED)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # of libraries, to those who wrote us
    sys.unraisablehook = lambda _: None  # what they leave open when a disk is full, they close too late and say so
    if "--debug" in sys.argv[1:]:
        sys.argv.remove("--debug")
        os.environ.setdefault(DEBUG, tempfile.gettempdir())
    for name in _STOPS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # as ``nohup`` asks
            with contextlib.suppress(ValueError):  # not of a thread beside the main one
                signal.signal(number, _stop)
    code = _run()
    if code == STOPPED:
        _tell(say("Stopped."))
    sys.exit(code)


_UNMARKED = "parlib.unmarked"


def _without_marks(error: UnicodeError) -> tuple[str, int]:
    """What is written of letters that the encoding of a terminal lacks (CP437, CP1258)."""
    assert isinstance(error, UnicodeEncodeError)
    return unmarked(error.object[error.start : error.end]), error.end


#: What ends a command as Ctrl-C does: the machine goes down, the terminal is closed, Ctrl-Break of Windows.
_STOPS = ("SIGTERM", "SIGHUP", "SIGBREAK")
STOPPED = 130


def _stop(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _run() -> int:
    """The exit code of the command; what kept it from ending well is told."""
    try:
        if sys.argv[1:2] in (["report"], ["batch"]) and "--help" not in sys.argv:
            warm.start()  # it gets ready while it is looked at what was asked
        _check_letters(sys.argv[1:])
        _help_in(LANGUAGE)
        code = app(standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:  # ``parlib table | head`` has read enough
        _hand_over_to_nobody()
        return 0
    except (typer.Abort, KeyboardInterrupt):
        return STOPPED
    except typer.TyperException as error:
        _tell(_refused(error, _message_language()))
        return int(error.exit_code)
    except Exception as error:
        _tell(as_problem(error).text(_message_language()))
        if isinstance(error, OSError):
            _hand_over_to_nobody()  # it may have been the standard output
        return 2 if isinstance(error, ParameterError) else 1
    return int(code or 0)


def _check_letters(arguments: Iterable[str]) -> None:
    """Refuse what no file that we write could hold: bytes of another encoding, the sign that ends a text."""
    for given in arguments:
        if "\0" in given or given.encode("utf-8", "replace").decode() != given:
            raise ParameterError("a letter that is not UTF-8", value=given)


def _tell(text: str) -> None:
    """Say why, where anybody listens."""
    with contextlib.suppress(OSError, ValueError):
        echo(text, error=True)


def _hand_over_to_nobody() -> None:
    """Let Python end without a word about an output that can take no more."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# --- commands that are not understood -------------------------------------------------------------
# What the library of the command line says of a command that it does not understand, in the words of ours.

#: Its sentences, and ours. What it says besides is told as it is.
_SENTENCES: tuple[tuple[str, Message], ...] = (
    (r"Missing (?:option|argument|parameter) (?P<name>.+?)\.(?: .*)?", Message("{name} is missing; see --help")),
    (r"Missing command\.", Message("the command is missing; see --help")),
    (r"No such command '(?P<name>.*)'\.(?: .*)?", Message("no such command: {name}; see --help")),
    (
        r"No such option: (?P<name>.+?) \(Possible options: (?P<near>.+)\)",
        Message("no such option: {name}; near: {near}"),
    ),
    (r"No such option: (?P<name>.+)", Message("no such option: {name}; see --help")),
    (
        r"Invalid value for (?P<name>.+?): (?:Value .+ is not|Input should be) a valid int.*",
        Message("{name} is a whole number"),
    ),
    (r"Invalid value for (?P<name>.+?): (?P<value>.+)", Message("{name}: this value is not understood ({value})")),
    (r"Option (?P<name>.+) requires (?:an argument|\d+ arguments)\.", Message("{name} needs a value")),
    (r"Option (?P<name>.+) does not take a value\.", Message("{name} takes no value")),
    (r"Got unexpected extra arguments?(?:\(s\))? \((?P<name>.*)\)", Message("too much on the line: {name}")),
)


def _refused(error: typer.TyperException, language: str) -> str:
    """What is wrong with a command line, in ``language``."""
    told = error.format_message()
    for pattern, sentence in _SENTENCES:
        if match := re.fullmatch(pattern, told, re.DOTALL):
            return sentence.filled(**match.groupdict()).text(language)
    return told


#: What it says in its help, longest first, and ours.
_OF_HELP: Mapping[str, Message] = {
    "Show this message and exit.": Message("Show this message and exit."),
    "[OPTIONS] COMMAND [ARGS]...": Message("[OPTIONS] COMMAND [ARGUMENTS]..."),
    "[OPTIONS]": Message("[OPTIONS]"),
    "[required]": Message("[required]"),
    "[default: ": Message("[default: "),
    "Arguments": Message("Arguments"),
    "Commands": Message("Commands"),
    "Options": Message("Options"),
}


def _help_in(language: str) -> None:
    """Let its help speak ``language``."""
    context = next(one for one in typer.Context.__mro__ if "formatter_class" in vars(one))

    def own(text: str) -> str:
        for theirs, ours in _OF_HELP.items():
            text = text.replace(theirs, ours.text(language))
        return text

    class Help(context.formatter_class):  # type: ignore[misc, name-defined]
        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            super().write_usage(prog, own(args), prefix or Message("Usage:").text(language) + " ")

        def write_heading(self, heading: str) -> None:
            super().write_heading(own(heading))

        def write_dl(self, rows: Sequence[tuple[str, str]], *args: int, **kwargs: int) -> None:
            super().write_dl([(name, own(words)) for name, words in rows], *args, **kwargs)

    context.formatter_class = Help  # type: ignore[attr-defined]
