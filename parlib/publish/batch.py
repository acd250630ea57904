"""Many reports at once: side by side, each published by itself, failures gathered, what is unchanged left alone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from parlib import places
from parlib.errors import ParameterError, ParlibError, Problem, as_problem, unknown
from parlib.publish import manifest, own_process, warm
from parlib.publish.formats import check_formats
from parlib.publish.parameters import ReportParameters, listed_units, notebook_path, round_plan
from parlib.publish.render import Rendered, as_it_is
from parlib.scoring.units import levels as levels_of_units
from parlib.sources import data_check
from parlib.sources.published import INDEX_NAMES, par
from parlib.words import Message, languages

if TYPE_CHECKING:
    from distributed import Client


@dataclass(frozen=True)
class Outcome:
    """What became of one report: ``rendered``, or the ``error`` that kept it back."""

    parameters: ReportParameters
    rendered: Rendered | None = None
    error: ParlibError | None = None
    seconds: float = 0.0


MOST_WORKERS = 256
CLUSTER_SECONDS = 5
_FEW = 3  # reports on one index: of more its years are opened once for all
_processes = own_process.Processes()  # of the batch that runs now; on a cluster, those of this worker


def plan(
    years: Iterable[int],
    levels: Iterable[str],
    languages: Iterable[str] = ("vi",),
    index_name: str = "par",
    output_dir: str = "",
) -> list[ReportParameters]:
    """The reports of every year, level and language. Raises ``ParameterError`` with everything that is wrong."""
    return _checked(
        {"year": year, "level": level, "language": language, "index_name": index_name, "output_dir": output_dir}
        for year, level, language in product(years, levels, languages)
    )


def years_there(wanted: Iterable[int], levels: Iterable[str], index_name: str = "par") -> tuple[list[int], list[int]]:
    """Of the years that are asked for: those with results of any of the levels, and those without."""
    there = {year for level in levels if level in levels_of_units() for year in par.years(index_name, level)}
    asked = list(wanted)
    return [year for year in asked if year in there], [year for year in asked if year not in there]


def named(names: Iterable[str], languages: Iterable[str] = ("vi",), output_dir: str = "") -> list[ReportParameters]:
    """The reports of these names: ``2023/ministry``, ``2024/papi``, ``2023/<round>``. Raises ``ParameterError``."""
    wanted, problems = [], []
    for name in names:
        year, _, what = name.partition("/")
        if not _YEAR.fullmatch(year) or not what:
            problems.append(
                Problem("a report is named year/level or year/index, such as 2023/ministry, 2024/papi", value=name)
            )
            continue
        there = [*levels_of_units(), *(name for name in INDEX_NAMES if name != "par"), *_rounds()]
        if what not in (*there, "par"):
            problems += unknown(what, there, Message("report"))
            continue
        wanted.append({"year": int(year), "output_dir": output_dir, **_subject(what)})
    ParameterError.raise_for(problems)
    return _checked({**report, "language": language} for report in wanted for language in languages)


def of_units(reports: Iterable[ReportParameters], units: Iterable[str]) -> list[ReportParameters]:
    """Each of ``reports`` for every one of ``units`` (keys, names or codes), or for all units of its round or year
    where these are just ``all``. Raises ``ParameterError`` with everything that is wrong."""
    wanted = list(units)
    return _checked(
        {**report.model_dump(), "unit": unit}
        for report in reports
        for unit in (units_of(report) if wanted == ["all"] else wanted)
    )


def units_of(report: ReportParameters) -> list[str]:
    """The keys of all units that the results behind ``report`` list, ranked or not, in official order."""
    return listed_units(report.index_name, report.year, report.level, report.round_id)


def _rounds() -> list[str]:
    return sorted(path.parent.name for path in places.rounds().glob("*/round.yaml"))


def _subject(what: str) -> dict[str, str]:
    """What the second part of a report's name means: a level, an index, or a round on this computer."""
    if what in levels_of_units():
        return {"level": what}
    if what in INDEX_NAMES:
        return {"index_name": what, "level": par.levels(what)[0]}
    return {"round_id": what, "level": round_plan(what).level}


def _checked(wanted: Iterable[Mapping[str, object]]) -> list[ReportParameters]:
    """The parameters of all reports, or all their problems, each once."""
    reports: dict[ReportParameters, None] = {}
    problems: dict[str, Problem] = {}
    for values in wanted:
        try:
            reports[ReportParameters.model_validate(dict(values))] = None
        except ParameterError as error:
            problems.update((problem.text("en"), problem) for problem in error.problems)
    ParameterError.raise_for(problems.values())
    return list(reports)


def batch(
    reports: Sequence[ReportParameters],
    notebook: str | Path = "annual_report",
    to: tuple[str, ...] = ("html",),
    *,
    workers: int = 0,
    force: bool = False,
    fewer: bool = False,
    cluster: str = "",
    tell: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Render ``reports`` with ``workers`` at a time and say what became of each, in their order.

    ``workers`` 0 is one more than there are cores: a report that waits for its kernel or the disk leaves no core idle.

    ``cluster`` is the address of a Dask scheduler whose workers have parlib and see this folder: they do the work then.
    A report that fails holds up no other. Without ``force`` those that nothing has changed for are left as they are, so
    a batch that was interrupted goes on where it stopped; without ``fewer`` none is replaced by one that knows fewer
    units. ``tell`` is called with every outcome as it comes.
    Raises ``ParameterError`` where ``notebook``, ``to``, ``workers`` or ``cluster`` mean nothing, ``DataError`` where a
    file of ``data/`` is not as it was listed.
    """
    source = notebook_path(notebook).resolve()
    check_formats(to)
    if not 0 <= workers <= MOST_WORKERS:
        raise ParameterError("--workers is 0 to {most}", value=workers, most=MOST_WORKERS)
    data_check.require_listed()
    outcomes: dict[ReportParameters, Outcome] = {}

    def note(outcome: Outcome) -> None:
        outcomes[outcome.parameters] = outcome
        if tell is not None:
            tell(outcome)

    if not force:  # not by the threads, which would only keep one another waiting
        for outcome in _unchanged(reports, source, to):
            note(outcome)
    # One language after the other: the second of a report waits for the first, to be set against it.
    in_turn = sorted((one for one in reports if one not in outcomes), key=lambda one: languages().index(one.language))
    subjects = {(one.index_name, one.level, one.round_id) for one in in_turn}
    is_one = len(in_turn) > _FEW and len(subjects) == 1 and not in_turn[0].round_id and not cluster
    if is_one and (nursery := warm.start()):
        nursery.open(in_turn[0].index_name, in_turn[0].level)
    with _pool(min(workers or (os.cpu_count() or 1) + 1, max(1, len(in_turn))), cluster) as pool:
        waiting = {pool.submit(_attempt, parameters, source, to, force, fewer) for parameters in in_turn}
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                note(future.result())
    return [outcomes[parameters] for parameters in reports]


def _unchanged(reports: Iterable[ReportParameters], notebook: Path, to: tuple[str, ...]) -> Iterator[Outcome]:
    """The reports that are on disk as they would be made again. One whose inputs cannot be looked at is none of them:
    the attempt to make it says why."""
    with contextlib.suppress(ParlibError, OSError):
        shared = manifest.shared_inputs()
        for parameters in reports:
            with contextlib.suppress(ParlibError, OSError):
                inputs = manifest.inputs(parameters, notebook, shared)
                if rendered := as_it_is(parameters, notebook, to, inputs):
                    yield Outcome(parameters, rendered, None, rendered.seconds)


def _attempt(parameters: ReportParameters, notebook: Path, to: tuple[str, ...], force: bool, fewer: bool) -> Outcome:
    """Render one report in a process of its own; whatever keeps it back becomes part of the outcome."""
    began = time.perf_counter()
    rendered, error = None, None
    try:
        rendered = _processes.render(parameters, notebook, to, force=force, fewer=fewer)
    except Exception as problem:
        error = as_problem(problem)
    return Outcome(parameters, rendered, error, time.perf_counter() - began)


@contextmanager
def _pool(workers: int, cluster: str) -> Iterator[Executor]:
    """Threads of this process, each of which waits for a report, or the workers of a cluster."""
    global _processes
    if cluster:
        with _client(cluster) as client:
            yield client.get_executor(pure=False)
        return
    own_process.sweep()
    pool, _processes = ThreadPoolExecutor(workers), own_process.Processes()
    try:
        yield pool
    except BaseException:  # Ctrl-C too: nothing is published any more
        pool.shutdown(wait=False, cancel_futures=True)
        _processes.stop()
        warm.close_nursery()
        raise
    pool.shutdown()


def _client(address: str) -> Client:
    """The way to a Dask scheduler. Raises ``ParameterError`` within some seconds where none answers at ``address``."""
    if not re.fullmatch(r"(?:(?:tcp|tls)://)?[^\s/:]+:\d{1,5}", address, re.ASCII):
        raise ParameterError("the address of a Dask scheduler looks like tcp://10.0.0.5:8786", value=address)
    from distributed import Client
    from distributed.comm.core import connect

    async def shake_hands() -> None:
        comm = await asyncio.wait_for(connect(address, timeout=CLUSTER_SECONDS), CLUSTER_SECONDS)
        await comm.close()

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what keeps it from answering is said here
    try:
        with ThreadPoolExecutor(1) as thread:  # a notebook runs a loop of its own
            thread.submit(lambda: asyncio.run(shake_hands())).result()  # no scheduler: the client would wait for ever
        return Client(address, timeout=CLUSTER_SECONDS)
    except Exception as error:  # whatever another program may answer
        raise ParameterError(
            "no Dask scheduler answers at this address within {n} s", value=address, n=CLUSTER_SECONDS
        ) from error


_YEAR = re.compile(r"[12]\d{3}", re.ASCII)  # of no range that would fill the memory


def parse_years(text: str) -> list[int]:
    """``2012-2015,2020`` as years. Raises ``ParameterError``."""
    years: list[int] = []
    for part in text.replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        last = last if dash else first
        if not (_YEAR.fullmatch(first) and _YEAR.fullmatch(last) and first <= last):
            raise ParameterError("years look like 2012-2024 or 2020,2023", value=part)
        years.extend(range(int(first), int(last) + 1))
    return list(dict.fromkeys(years))
