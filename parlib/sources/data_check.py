"""Whether ``data/`` is sound: every file read as those read it who use it, all problems at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from parlib import data_tables, places
from parlib.data_tables import ADVICE, check_facts, unasked
from parlib.data_tables import differences as contents_differences
from parlib.errors import DataError, ParlibError, Problem
from parlib.layouts import LAYOUTS
from parlib.scoring import scheme, units
from parlib.sources.questions import questionnaire
from parlib.tables import limited


def broken() -> list[Problem]:
    """Everything that is wrong with the files of ``data/`` themselves and with each other, whatever the list says."""
    faults: list[Problem] = []
    with unasked():
        for read in _readers():
            try:
                read()
            except ParlibError as error:
                faults += [problem for problem in error.problems if problem not in faults]
    return faults


def changed() -> list[Problem]:
    """How ``data/`` differs from its list; a list that cannot be read counts as a difference."""
    try:
        return contents_differences(places.data())
    except ParlibError as error:
        return list(error.problems)


def require_listed() -> None:
    """Raise ``DataError`` with all that is wrong where ``data/`` is not as listed: reports are made of nothing else."""
    differences = changed()
    if differences:
        wrong = broken()
        files = {problem.file.rpartition("/")[2] for problem in wrong}
        rest = [problem for problem in differences if problem.file.rpartition("/")[2] not in files]
        raise DataError(limited([*wrong, *rest, *([] if wrong else [Problem(ADVICE)])]))


def _readers() -> Iterator[Callable[[], object]]:
    files = [level["file"] for level in data_tables.levels().values()]
    for name in dict.fromkeys((*LAYOUTS, *files)):
        yield lambda name=name: data_tables.table(name)  # type: ignore[misc]
    yield lambda: units.units(units.levels()[0])
    for system in data_tables.systems():
        yield lambda system=system: data_tables.outlines(system)  # type: ignore[misc]
    yield check_facts
    for scheme_id in scheme.scheme_ids():
        yield lambda scheme_id=scheme_id: scheme.load_scheme(scheme_id)  # type: ignore[misc]
    yield lambda: questionnaire("sipas")
    for path in sorted((places.data() / "surveys").glob("*.yaml")):
        yield lambda path=path: questionnaire(path)  # type: ignore[misc]
