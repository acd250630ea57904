"""What a report is about: the parameters of its notebook, checked before a kernel starts.

Everything wrong with them is said at once, in Vietnamese and English, with what is allowed and what was probably meant.
"""

from __future__ import annotations

import ast
import contextlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator

from parlib import opened, places
from parlib.data_tables import FILE as CONTENTS
from parlib.data_tables import check_level, level_words, levels
from parlib.errors import ParameterError, ParlibError, Problem, unknown
from parlib.report.blocks import ANNEXES
from parlib.scoring import units
from parlib.sources.heads import index_words
from parlib.sources.published import par
from parlib.words import Message, Name, languages, near

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from pydantic_core import ErrorDetails

    from parlib.sources.rounds import RoundPlan


YEARLY, PROFILES = "annual_report", "unit_profile"  # the notebook of a year's report, and that of one unit
OF_ALL_LEVELS = ("year_overview",)  # notebooks that set the levels of a year side by side
#: What the files of notebooks other than the yearly report's say of their kind; one that is not here says its name.
KINDS: Mapping[str, str] = {
    PROFILES: "ho-so",
    "trend_report": "xu-huong",
    "robustness_audit": "do-tin-cay",
    "year_overview": "tong-quan",
}


OwnValue = bool | int | float | str


class ReportParameters(BaseModel):
    """The parameters of one report. Making one raises ``ParameterError`` when it names what does not exist.

    ``unit`` may be a key, a name or a code; it is kept as the key. ``output_dir`` is where the reports go instead of
    ``reports/``. ``decimal`` is the sign of Vietnamese numbers ("comma", "dot"); ``strict`` writes differences of
    percentages as percentage points ("điểm %"), house wording as "%". ``annexes``: "short" prints the report, its long
    tables stand in Excel and the open data; "full" prints them too; "none" leaves them to the open data. ``own`` are
    parameters that a notebook of one's own has beside these, in the order of their names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    year: int
    level: str = "province"
    language: str = "vi"
    index_name: str = "par"
    round_id: str = ""
    unit: str = ""
    output_dir: str = ""
    simulated: bool = False
    decimal: str = "comma"
    strict: bool = True
    annexes: str = "short"
    own: tuple[tuple[str, OwnValue], ...] = ()

    @model_validator(mode="wrap")
    @classmethod
    def _checked(cls, given: object, handler: ModelWrapValidatorHandler[ReportParameters]) -> ReportParameters:
        try:
            parameters = handler(_with_unit_key(given))
        except ValidationError as error:
            raise ParameterError([_form_problem(cls, fault) for fault in error.errors()]) from None
        problems = [problem for check in _CHECKS for problem in check(parameters)]
        ParameterError.raise_for(problems)
        return parameters

    @property
    def stem(self) -> str:
        """The short name of the report in its year, which its folder carries: ``ministry``, ``papi``, a round's id."""
        name = self.round_id or (self.level if self.index_name == "par" else self.index_name)
        return "-".join(filter(None, (name, self.unit, *(_slug(value) for _, value in self.own))))

    @property
    def name(self) -> str:
        """The report as people name it and ``batch`` takes it: ``2023/ministry``."""
        return f"{self.year}/{self.stem}"

    def file_stem(self, notebook: str = YEARLY) -> str:
        """The name of the files that ``notebook`` makes, without language and ending, that says alone what they hold.

        ``[MO-PHONG_]INDEX-YEAR[-LEVEL][_ROUND][_KIND][_UNIT]`` in letters without tones: the level where the index has
        several, the kind of a report other than the yearly one. In every language the same, Vietnamese first:
        ``PAR-INDEX-2023-bo``, ``PAPI-2024``, ``PAR-INDEX-2023-tinh_ho-so_ha-noi``, ``MO-PHONG_PAR-INDEX-2023-bo_thu``.
        """
        of_one_level = notebook not in OF_ALL_LEVELS and len(par.levels(self.index_name)) > 1
        level = levels()[self.level]["short_vi"] if of_one_level else ""
        subject = [par.index_title(self.index_name, "en").upper(), str(self.year), level]
        kind = "" if notebook == YEARLY else KINDS.get(notebook, notebook)
        parts = ["MO-PHONG" if self.is_simulated else "", " ".join(subject), self.round_id, kind, self.unit]
        return "_".join(filter(None, (*map(_ascii, parts), *(_slug(value) for _, value in self.own))))

    @property
    def is_simulated(self) -> bool:
        """Whether its numbers are those of a simulated round, or are to be marked so."""
        return self.simulated or bool(self.round_id and round_plan(self.round_id).simulated)


def _ascii(text: str) -> str:
    """``text`` as part of a file's name: letters without tones, capitals kept, digits, dashes."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D")).encode("ascii", "ignore").decode()
    return "-".join(re.findall("[A-Za-z0-9]+", plain))


def _slug(value: OwnValue) -> str:
    """A value in the name of a file: another value gives another name, whatever is lost of its letters."""
    plain = _ascii(str(value))[:40]
    return plain if plain == str(value) else f"{plain}-{sha256(repr(value).encode()).hexdigest()[:4]}".lstrip("-")


def declared(notebook: NotebookNode, name: str) -> dict[str, object]:
    """The parameters that a notebook declares in its cell tagged ``parameters``, with their defaults."""
    cells = [cell for cell in notebook.cells if "parameters" in cell.get("metadata", {}).get("tags", ())]
    if len(cells) != 1:
        raise ParlibError(
            "a notebook has exactly one cell tagged parameters, found {n_cells}", file=name, n_cells=len(cells)
        )
    return values_of(cells[0], name)


def values_of(cell: NotebookNode, name: str) -> dict[str, object]:
    """The values that a cell of parameters gives, by name. Raises ``ParlibError`` on a line that does anything else."""
    results: dict[str, object] = {}
    for line in _parsed(cell.source, name).body:
        try:
            match line:
                case ast.AnnAssign(target=ast.Name(id=key), value=ast.expr() as value):
                    results[key] = ast.literal_eval(value)
                case ast.Assign(targets=[ast.Name(id=key)], value=value):
                    results[key] = ast.literal_eval(value)
                case _:
                    raise ValueError
        except ValueError:
            raise ParlibError(
                "the parameters cell holds only lines of the form `name = value  # help`",
                file=name,
                value=ast.unparse(line),
            ) from None
    return results


def _parsed(source: str, name: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise ParlibError("the parameters cell is no Python", file=name, row=error.lineno, value=error.text) from error


def own_values(given: Iterable[str], notebook: NotebookNode, name: str) -> tuple[tuple[str, OwnValue], ...]:
    """What ``name=value`` on the command line gives the parameters of a notebook, each of the type of its default.
    Raises ``ParameterError`` with everything that is wrong."""
    there = {key: value for key, value in declared(notebook, name).items() if key not in ReportParameters.model_fields}
    results: dict[str, OwnValue] = {}
    problems = []
    for text in given:
        key, sign, value = (part.strip() for part in text.partition("="))
        if not sign:
            problems.append(Problem("a parameter is given as name=value", value=text))
        elif key in ReportParameters.model_fields:
            problems.append(Problem("this parameter has an option of its own, see --help", value=key))
        elif key not in there:
            among = ", ".join(there) or "–"
            problems.append(
                Problem(
                    "the notebook has no parameter of this name; there are: {there}{near}",
                    file=name,
                    value=key,
                    there=among,
                    near=near(key, there),
                )
            )
        else:
            try:
                results[key] = _of_type(value, there[key])
            except ValueError:
                problems.append(
                    Problem(
                        "the parameter {field} takes a value like its default, {default} ({kind})",
                        file=name,
                        value=value,
                        field=key,
                        default=repr(there[key]),
                        kind=type(there[key]).__name__,
                    )
                )
    ParameterError.raise_for(problems)
    return tuple(sorted(results.items()))


_SAID: Mapping[str, bool] = {"true": True, "đúng": True, "có": True, "false": False, "sai": False, "không": False}


def _of_type(text: str, default: object) -> OwnValue:
    """``text`` as a value of the type of ``default``. Raises ``ValueError``."""
    if isinstance(default, bool):
        if text.lower() not in _SAID:
            raise ValueError
        return _SAID[text.lower()]
    if isinstance(default, int):
        return int(text)
    if isinstance(default, float):
        return float(text.replace(",", "."))
    if isinstance(default, str):
        return text
    raise ValueError


def for_notebook(parameters: ReportParameters, notebook: NotebookNode, name: str) -> dict[str, object]:
    """The values to put into a notebook's parameters cell: those that it declares.

    One that it does not declare may be left out only at its default, for then nothing is lost.
    """
    wanted = declared(notebook, name)
    defaults = {key: field.default for key, field in ReportParameters.model_fields.items()}
    # The language decides the page too. Where the files go is no business of a notebook: it would be printed in it.
    lost = [
        key
        for key, value in parameters.model_dump().items()
        if key not in wanted and key not in ("language", "output_dir", "own") and value != defaults[key]
    ]
    lost += [key for key, _ in parameters.own if key not in wanted]
    if lost:
        names = ", ".join(lost)
        raise ParameterError("the notebook has no parameter {names}", file=name, names=names)
    given = {key: value for key, value in parameters.model_dump().items() if key in wanted}
    return {key: value for key, value in given.items() if key not in ("output_dir", "own")} | dict(parameters.own)


def _with_unit_key(given: object) -> object:
    """``given`` with the key in place of a unit's name or code; as it is where that means nothing (a check tells)."""
    if isinstance(given, dict) and isinstance(given.get("own"), dict):  # as a record has them
        given = {**given, "own": tuple(sorted(given["own"].items()))}
    if not isinstance(given, dict) or not given.get("unit"):
        return given
    name, level, year = given["unit"], given.get("level", "province"), given.get("year")
    with contextlib.suppress(ParameterError, TypeError, AttributeError, KeyError):
        try:
            return {**given, "unit": units.find(name, level, year=year).key}
        except ParameterError:
            matches = opened.called(name, units.units_of_year(given["year"], level))
            return {**given, "unit": matches[0].key} if len(matches) == 1 else given
    return given


# --- the checks -------------------------------------------------------------------------------

_KINDS: Mapping[str, Message] = {
    "int_type": Message("the parameter {field} must be a whole number"),
    "string_type": Message("the parameter {field} must be text"),
    "bool_type": Message("the parameter {field} must be True/False"),
}


def _form_problem(model: type[BaseModel], fault: ErrorDetails) -> Problem:
    """What pydantic found wrong with the form of the parameters."""
    field = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        fields = list(model.model_fields)
        return Problem("no such parameter{near}", value=field, near=near(field, fields))
    if fault["type"] == "missing":
        return Problem("the parameter {field} is missing", field=field)
    stated = _KINDS.get(fault["type"], Message("the parameter {field} is wrong: {said}"))
    return Problem(stated.filled(field=field, said=fault["msg"]), value=fault["input"])


def _check_words(p: ReportParameters) -> Iterator[Problem]:
    yield from unknown(p.language, languages(), Message("language"))
    yield from unknown(p.decimal, ("comma", "dot"), Message("decimal sign"))
    yield from unknown(p.annexes, ANNEXES, Message("choice of annexes"))
    for check, asked in ((par.index_name_of, p.index_name), (check_level, p.level)):
        try:
            check(asked)
        except ParameterError as error:
            yield from error.problems


def _check_round(p: ReportParameters) -> Iterator[Problem]:
    if not p.round_id:
        return
    try:
        plan = round_plan(p.round_id)
    except ParlibError as error:
        yield from error.problems
        return
    if (plan.year, plan.level, "par") != (p.year, p.level, p.index_name):
        yield Problem(
            "this round is the PAR INDEX of {year}, {own_level}; not {asked} {asked_year} {asked_level}",
            value=p.round_id,
            year=plan.year,
            own_level=level_words((plan.level,)),
            asked=index_words((p.index_name,)),
            asked_year=p.year,
            asked_level=level_words((p.level,)),
        )


def round_plan(round_id: str) -> RoundPlan:
    """The plan of a round. Raises ``ParameterError`` with near matches, or ``DataError`` where the plan is broken."""
    from parlib.sources import rounds  # a report on published results needs none of it

    return rounds.read_plan(rounds.round_folder(round_id) / "round.yaml")


def _check_year(p: ReportParameters) -> Iterator[Problem]:
    if p.round_id or p.level not in units.levels() or p.index_name not in par.INDEX_NAMES:
        return
    try:
        there = par.years(p.index_name, p.level)
    except ParameterError as error:
        yield from error.problems
        return
    if p.year not in there:
        vi, en = (par.index_title(p.index_name, language) for language in ("vi", "en"))
        yield Problem(
            "no results of {what} for this year; there are: {spans}; nearest: {nearest_year}",
            value=p.year,
            what=Name(vi, en),
            spans=par.spans(there),
            nearest_year=min(there, key=lambda year: abs(year - p.year)),
        )


def _check_unit(p: ReportParameters) -> Iterator[Problem]:
    if not p.unit or p.level not in units.levels():
        return
    try:
        units.find(p.unit, p.level, year=p.year)
    except ParameterError as error:
        yield from error.problems
        return
    if p.index_name not in par.INDEX_NAMES or any(_check_round(p)) or any(_check_year(p)):
        return  # said already: there are no results that could list it
    listed = listed_units(p.index_name, p.year, p.level, p.round_id)
    if p.unit not in listed:
        near = units.near_units(p.unit, (unit for unit in units.units(p.level) if unit.key in listed))
        yield Problem(
            "the results of {asked_year} do not list this unit{near}", value=p.unit, near=near, asked_year=p.year
        )


def listed_units(index_name: str, year: int, level: str, round_id: str = "") -> list[str]:
    """The keys of all units that the results of a report list, ranked or not, in official order."""
    if round_id:
        return [str(unit) for unit in round_plan(round_id).unit_frame()["unit"]]
    return list(_published_units(index_name, year, level, places.data(), places.stamp(places.data() / CONTENTS)))


@lru_cache(maxsize=32)
def _published_units(
    index_name: str, year: int, level: str, _folder: Path, _changed: tuple[int, int]
) -> tuple[str, ...]:
    """The units of published results, opened once for all their profiles, not once for each."""
    return tuple(str(unit) for unit in par.results(index_name, year, level).units["unit"])


_CHECKS: tuple[Callable[[ReportParameters], Iterator[Problem]], ...]
_CHECKS = (_check_words, _check_round, _check_year, _check_unit)


def notebook_path(notebook: str | Path) -> Path:
    """The file of a notebook given by its name (``annual_report``), here or in the workbench, or by its path.

    Raises ``ParameterError``, also where one of one's own has the name of one of the house, for its reports would take
    the names of theirs.
    """
    path = Path(notebook)
    folders = (places.notebooks(), places.workbench())
    for candidate in (*(folder / f"{notebook}.ipynb" for folder in folders), path):
        if candidate.suffix == ".ipynb" and candidate.is_file():
            if candidate.stem in (YEARLY, *KINDS) and candidate.resolve().parent != places.notebooks().resolve():
                raise ParameterError(
                    "a notebook of one's own needs a name of its own: this one is that of a template in notebooks/",
                    file=str(candidate),
                    value=candidate.stem,
                )
            return candidate
    there = sorted({match.stem for folder in folders for match in folder.glob("*.ipynb")})
    raise ParameterError(unknown(str(notebook), there, Message("notebook")))
