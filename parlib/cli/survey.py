"""Commands on the survey of a round: ``parlib survey map|import|report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from parlib import places
from parlib.cli.rounds import By, RoundId, operator_of
from parlib.cli.words import LANGUAGE, Language, argument, as_folder, echo, group, note, option, say
from parlib.errors import DataError, ParameterError, Problem
from parlib.tables import limited

app = group("The survey of a round: what survey tools export, taken in and checked.")


@app.command("map", help=say("Draft the mapping of an export."))
def map_(
    round_id: RoundId,
    file: Annotated[Path, argument("A file that a survey tool exported.")],
    out: Annotated[Path, option("The mapping: .xlsx or .yaml.")] = Path("anh-xa.xlsx"),
    language: Language = LANGUAGE,
) -> None:
    """Draft what the columns, units, groups and answers of an export mean; a person confirms it."""
    from parlib.sources.rounds import exported

    if out.suffix.lower() not in (".xlsx", ".yaml", ".yml"):
        raise ParameterError("the mapping must end in .xlsx or .yaml", value=str(out))
    lines = exported.draft_mapping(round_id, file, out, language)
    open_ = sum(not line.meaning for line in lines)
    echo(str(out))
    echo(say("{n} lines, of which a person must fill in {open}; then: parlib survey import", n=len(lines), open=open_))


@app.command("import", help=say("Take in exports by a confirmed mapping."))
def import_(
    round_id: RoundId,
    files: Annotated[list[Path], argument("Files of survey tools; folders and patterns such as *.csv too.")],
    mapping: Annotated[Path | None, option("The confirmed mapping: .xlsx or .yaml.")] = None,
    add: Annotated[bool, option("Keep the answers that the round has, and add these.", "--add")] = False,
    by: By = "",
) -> None:
    """Store the answers of exports with the round; what was read, kept and lost is said line by line."""
    from parlib.sources.exports.formats import FORMATS
    from parlib.sources.rounds import exported
    from parlib.sources.rounds.intake import chosen_files

    if mapping is None:
        raise ParameterError("give --mapping; to draft one: parlib survey map ROUND FILE --out anh-xa.xlsx")
    chosen, left = chosen_files(files, tuple(FORMATS))
    taken = exported.import_survey(round_id, chosen, mapping, operator_of(round_id, by), add)
    note(limited([*left, *taken.notes]), say("note: "))
    for line in taken.lines(LANGUAGE):
        echo(line)


@app.command(help=say("Report on the quality of the survey."))
def report(
    round_id: RoundId,
    to: Annotated[str, option("Formats: html,pdf,docx,xlsx.", "--to")] = "xlsx",
    out: Annotated[Path, option("Folder of the files.")] = Path(),
    language: Language = LANGUAGE,
) -> None:
    """Write who answered, what the checks found and who asked, for those who run the survey."""
    from parlib.publish import formats, verify
    from parlib.publish.parameters import ReportParameters
    from parlib.publish.verify import fieldwork
    from parlib.report.blocks import Wording
    from parlib.report.fieldwork import quality_blocks
    from parlib.sources.rounds import open_round

    kinds, out = tuple(kind.strip() for kind in to.split(",")), as_folder(out)
    formats.check_formats(kinds)
    opened = open_round(round_id)
    about = ReportParameters(year=opened.plan.year, level=opened.plan.level, language=language, round_id=round_id)
    stem = f"chat-luong-dieu-tra-{round_id}.{language}"
    shown = formats.of_blocks(quality_blocks(opened, language), about, stem)
    blocks = [item.block for item in shown.document.items]
    if wrong := [*fieldwork.inspect(blocks, opened, Wording(language))]:
        raise DataError(map(Problem, wrong))
    for kind in kinds:
        path = out / f"{stem}.{formats.FORMATS[kind][0]}"
        with places.whole_file(path) as made:
            formats.write(kind, shown, made)
            if otherwise := verify.read_back(shown, {kind: made}, {kind: path.name}):
                raise DataError(map(Problem, otherwise))
        echo(str(path))
