"""The works whose speed is measured (``make bench``): each with what it may take, and the library call it rests on.

A work is prepared once and then run again and again, in a process of its own, in this checkout or in an older one: the
same lines serve both, by the names of today.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

#: Today's names, and where the same stood before the house was made small.
FORMERLY = {
    "parlib.scoring.scheme": "parlib.framework.scheme",
    "parlib.scoring.units": "parlib.framework.units",
    "parlib.scoring.rules": "parlib.framework.rules",
    "parlib.scoring.scorecard": "parlib.scoring",
    "parlib.scoring.ranking": "parlib.analysis.ranking",
    "parlib.analysis.robustness.methods": "parlib.analysis.robustness.removal",
    "parlib.report": "parlib.presentation",
    "parlib.report.views": "parlib.presentation.views",
    "parlib.report.charts": "parlib.presentation.charts",
    "parlib.report.blocks": "parlib.presentation.wording",
    "parlib.years": "parlib.sources.catalog",
    "parlib.publish": "parlib.publishing",
    "parlib.publish.batch": "parlib.publishing.batch",
    "parlib.publish.formats": "parlib.publishing.formats",
    "parlib.publish.page": "parlib.publishing.page",
    "parlib.publish.parameters": "parlib.publishing.parameters",
    "parlib.publish.render": "parlib.publishing.render",
}
ANSWERS = int(os.environ.get("PARLIB_BENCH_ANSWERS", "10_000_000"))
FOLDER = Path(os.environ.get("PARLIB_BENCH_DIR", Path(tempfile.gettempdir()) / "parlib-bench"))
PYTHON = [sys.executable, "-P"]

#: Does the work once; may say the seconds that it is to be held against.
Run = Callable[[], object]


@dataclass(frozen=True)
class Work:
    """``prepare`` gives the run that is timed. It may take ``part`` of what the same took in the older checkout, or of
    ``against``; ``seconds``: of so many where neither is there (measured in November 2026, on two cores). Each turn is
    the shortest of ``runs``. ``floors`` are the library calls that it cannot do without."""

    name: str
    prepare: Callable[[], Run]
    part: float
    seconds: float
    runs: int = 1
    against: str = "older"  # "peer": another way to the same, "itself": what the run says, "limit": ``seconds``
    peer: Callable[[], Run] | None = None
    floor: Callable[[], Run] | None = None
    rests_on: str = ""


WORKS: dict[str, Work] = {}


def work(name: str, part: float, seconds: float, **more: object) -> Callable[[Callable[[], Run]], Callable[[], Run]]:
    def enter(prepare: Callable[[], Run]) -> Callable[[], Run]:
        WORKS[prepare.__name__] = Work(name, prepare, part, seconds, **more)  # type: ignore[arg-type]
        return prepare

    return enter


def by_former_names() -> None:
    """In an older checkout, let the names of today stand for what was there."""
    with contextlib.suppress(ImportError):
        importlib.import_module("parlib.framework")
        for name, before in FORMERLY.items():
            sys.modules[name] = importlib.import_module(before)


# --- scoring and robustness ---------------------------------------------------------------------


def provinces() -> tuple[dict[str, float], dict[str, str], np.ndarray]:
    """The leaves of the province scheme with their maxima, the parents of its nodes, and points of 63 units."""
    from parlib.scoring.scheme import load_scheme

    scheme = load_scheme("876-province")
    maxima = {leaf.code: float(leaf.maximum or 0) for leaf in scheme.leaves}
    maximum = np.array(list(maxima.values()))
    points = np.round(np.random.default_rng(1).beta(6, 2, (63, len(maximum))) * maximum * 4) / 4
    return maxima, {node.code: node.parent for node in scheme.nodes}, points


def tree() -> object:
    """63 units on the whole province scheme, everything applicable but in five units."""
    from parlib.analysis.robustness import from_arrays

    maxima, parents, points = provinces()
    applicable = np.ones(points.shape)
    applicable[3, 5] = applicable[20, 30] = 0
    applicable[40:43, 60:64] = 0
    return from_arrays(points, maxima, parents=parents, applicable=applicable)


def one_product() -> Run:
    from parlib.scoring.scheme import load_scheme

    points, member = provinces()[2], load_scheme("876-province").membership
    return lambda: np.round(points @ member.T, 9)


@work("score 63 x 95, all nodes", 0.7, 0.14e-3, runs=500, floor=one_product, rests_on="numpy: product, rounded")
def scoring() -> Run:
    from parlib.scoring.scheme import load_scheme
    from parlib.scoring.scorecard import Scorecard
    from parlib.scoring.units import units

    points = provinces()[2]
    keys = tuple(unit.key for unit in units("province", "63"))
    applicable = np.ones(points.shape, dtype=bool)
    applicable[3, 5] = False
    card = Scorecard(load_scheme("876-province"), 2023, "province", keys, points, applicable, np.zeros(points.shape))
    return card.node_points


def sorted_draws() -> Run:
    random = np.random.default_rng(0)
    weights, points = random.random((10_000, 88)), random.random((88, 63))
    numbers = random.integers(0, 2**40, (10_000, 63))
    return lambda: (weights @ points, np.sort(numbers, axis=1))


@work("10,000 weight draws, ranks, intervals", 0.5, 40e-3, runs=10, floor=sorted_draws, rests_on="numpy: product, sort")
def weight_draws() -> Run:
    from parlib.analysis.robustness import vary_weights

    points = tree()
    return lambda: vary_weights(points, n_draws=10_000).acceptability


@work("leave one of 88 out, all ranks", 1.15, 0.3e-3, runs=100)
def removals() -> Run:
    from parlib.analysis.robustness.methods import removed_ranks

    points = tree()
    leaves = points.levels[2].nodes
    return lambda: removed_ranks(points, leaves)


def largest_differences() -> Run:
    draws = np.random.default_rng(0).standard_normal((63, 1000))
    return lambda: [np.subtract(draws[unit + 1 :], draws[unit]).max(axis=0) for unit in range(62)]


@work("simultaneous rank sets, R = 1,000", 0.75, 28e-3, runs=10, floor=largest_differences, rests_on="numpy: pairs")
def rank_sets() -> Run:
    from parlib.analysis.robustness import rank_confidence_sets

    random = np.random.default_rng(0)
    values, errors = random.normal(80, 3, 63), random.uniform(0.4, 0.9, 63)
    return lambda: rank_confidence_sets(values, errors, n_draws=1000)


def sorted_runs() -> Run:
    random = np.random.default_rng(0)
    weights, points = random.random((57_344, 88)), random.random((88, 63))
    numbers, counts = random.integers(0, 2**40, (57_344, 63)), random.random((500, 8192))
    rows = random.random((8192, 17))
    return lambda: (weights @ points, np.sort(numbers, axis=1), counts @ rows, random.integers(0, 8192, (500, 8192)))


@work("sensitivity, 57,344 runs, 500 resamples", 0.8, 0.264, floor=sorted_runs, rests_on="numpy: product, sort, draws")
def sensitivity() -> Run:
    import scipy.stats  # noqa: F401 - its import is not part of the work

    from parlib.analysis.robustness import index_sensitivity

    five = ("weights:area", "weights:criterion", "weights:subcriterion", "aggregation", "not_applicable")
    points = tree()
    return lambda: index_sensitivity(points, five, base=8192, resamples=500)


# --- rounds -------------------------------------------------------------------------------------


def answers(leaves: object, units: list[str], stage: str, seed: int) -> pd.DataFrame:
    """An answer that the rule allows to each of ``leaves`` from each unit."""
    from parlib.scoring.rules import Choice, Target

    rng = np.random.default_rng(seed)
    rows = []
    for leaf in leaves:
        if isinstance(leaf.rule, Choice):
            names = rng.choice(list(leaf.rule.options), len(units)).tolist()
        elif isinstance(leaf.rule, Target):
            names = [f"{value:g}/100" for value in np.round(rng.uniform(70, 120, len(units)), 2)]
        elif leaf.rule.limits().whole:
            names = [str(value) for value in rng.integers(0, 9, len(units))]
        else:
            names = [f"{value:g}" for value in np.round(rng.uniform(40, 100, len(units)), 2)]
        rows += [(unit, leaf.code, stage, answer) for unit, answer in zip(units, names, strict=True)]
    frame = pd.DataFrame(rows, columns=["unit", "code", "stage", "answer"])
    return frame.assign(by=f"người ghi {stage}", evidence="Báo cáo số 123/BC-UBND ngày 15/12/2023", remark="")


def ledger() -> tuple[str, list]:
    """A round of 63 units x 95 leaves x 3 stages: answers at every stage, points for what is surveyed, corrections;
    its id, and the leaves that units answer."""
    from parlib.scoring.scheme import load_scheme
    from parlib.sources import rounds

    os.environ["PARLIB_ROUNDS"] = tempfile.mkdtemp(prefix="parlib-bench-")
    plan = rounds.make_plan(id="2023-province", year=2023, level="province", scheme="876-province")
    rounds.create_round(plan)
    units = list(plan.unit_frame()["unit"])
    leaves = load_scheme("876-province").leaves
    asked = [leaf for leaf in leaves if leaf.rule.answered]
    measured = [leaf.code for leaf in leaves if not leaf.rule.answered]
    for seed, stage in enumerate(("self", "appraisal", "appeal")):
        rounds.append(plan.id, answers(asked, units, stage, seed), source=f"{stage}.csv")
        if stage == "appraisal":  # a unit neither states nor appeals what is surveyed
            pairs = pd.DataFrame(itertools.product(units, measured), columns=["unit", "code"])
            given = pairs.assign(stage=stage, points=0.2, remark="kết quả điều tra", by="người ghi")
            rounds.append(plan.id, given, source=f"{stage} điều tra.csv")
    for stage in ("self", "appeal"):
        corrected = answers(asked[: len(measured)], units, stage, 9)
        rounds.append(plan.id, corrected.assign(remark="sửa lại"), source=f"{stage} sửa.csv")
    return plan.id, asked


def ledger_read() -> Run:
    ledger()
    path = next(Path(os.environ["PARLIB_ROUNDS"]).glob("*/answers.csv"))
    return lambda: pd.read_csv(path, dtype=str, keep_default_na=False)


@work("ledger 63 x 95 x 3: load, check, score", 0.6, 0.327, runs=3, floor=ledger_read, rests_on="pandas: read_csv")
def ledger_scored() -> Run:
    from parlib.sources import rounds

    name = ledger()[0]
    return lambda: rounds.scorecards(rounds.open_round(name))


@work("the three scorecards alone", 1.15, 0.2, runs=3)
def ledger_cards() -> Run:
    from parlib.sources import rounds

    opened = rounds.open_round(ledger()[0])
    return lambda: rounds.scorecards(copy.copy(opened))  # of one that was scored the cards are kept


@work("a form of 71 answers added to that ledger", 1.15, 0.2)
def form_added() -> Run:
    from parlib.sources import rounds

    (name, asked), seeds = ledger(), itertools.count(100)
    return lambda: rounds.append(name, answers(asked, ["ha-noi"], "self", next(seeds)), source="ha-noi.xlsx")


# --- surveys ------------------------------------------------------------------------------------


def survey_file() -> Path:
    """Answers to the survey items of the province scheme: 63 units, 3 strata of 20 clusters in each, weights. They are
    made once, into ``PARLIB_BENCH_DIR``, and kept for the next time."""
    import duckdb

    from parlib.scoring.scheme import load_scheme
    from parlib.scoring.units import units
    from parlib.sources.survey import questions

    path = FOLDER / f"answers-{ANSWERS}.parquet"
    if path.is_file():
        return path
    FOLDER.mkdir(parents=True, exist_ok=True)
    pairs = [(group, q.item) for q in questions(load_scheme("876-province")) for group in q.groups]
    asked = pd.DataFrame(pairs, columns=["group", "item"])
    asked["of_group"] = pd.factorize(asked["group"])[0]
    n_groups = asked["group"].nunique()
    provinces = pd.DataFrame({"unit": [unit.key for unit in units("province", "63")]}).reset_index(names="number")
    draft = path.with_suffix(f".{os.getpid()}")  # several processes may make it at once
    with duckdb.connect() as connection:
        connection.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
        connection.register("asked", asked)
        connection.register("provinces", provinces)
        connection.execute(
            f"""
            COPY (
                SELECT unit, item, "group", r AS respondent,
                       'stratum ' || (hash(r) % 60 % 3) AS stratum, (hash(r) % 60)::INT AS cluster,
                       (1 + hash(r * 64 + of_group + length(item) + ascii(item[-1])) % 5)::TINYINT AS answer,
                       0.5 + (hash(r + 7) % 1000) / 500.0 AS weight
                FROM range({ANSWERS * n_groups // len(asked)}) AS respondents(r)
                JOIN provinces ON number = r % {len(provinces)}
                JOIN asked ON of_group = r // {len(provinces)} % {n_groups}
            ) TO '{draft}' (FORMAT parquet, COMPRESSION zstd)
            """
        )
    draft.rename(path)
    return path


def survey_read() -> Run:
    import duckdb

    path = survey_file()
    keys = 'unit, item, "group", stratum, cluster, answer'
    query = f"SELECT {keys}, count(*), sum(weight), sum(weight * weight) FROM '{path}' GROUP BY {keys}"
    return lambda: duckdb.sql(query).fetchnumpy()


@work(
    f"{ANSWERS / 1e6:.0f} million survey answers to shares and errors",
    0.8,
    ANSWERS * 10.5e-8,
    floor=survey_read,
    rests_on="DuckDB: one GROUP BY",
)
def survey() -> Run:
    from parlib.scoring.scheme import load_scheme
    from parlib.sources.survey import open_survey, questions, tabulate

    path, asked = str(survey_file()), questions(load_scheme("876-province"))
    return lambda: tabulate(open_survey(path), asked).handover()


# --- reports ------------------------------------------------------------------------------------


def reports(years: range, folder: str, languages: tuple[str, ...] = ("vi",)) -> list:
    from parlib.publish.batch import plan

    return plan(years, ("province", "ministry"), languages, output_dir=folder)


def typed() -> Run:
    """papermill and then nbconvert, as one would type them, one report after another: four, spread over the years."""
    from parlib.publish.parameters import notebook_path

    wanted = reports(range(2012, 2025), "")
    sample, folder = wanted[::7], tempfile.mkdtemp(prefix="parlib-bench-")

    def run() -> float:
        began = time.perf_counter()
        for about in sample:
            target = f"{folder}/{about.year}-{about.level}.ipynb"
            values = [word for key in ("year", "level") for word in ("-p", key, str(getattr(about, key)))]
            source = str(notebook_path("annual_report"))
            papermill = ["papermill", "--no-progress-bar", source, target, *values]
            for command in (papermill, ["nbconvert", "--to", "html", "--no-input", target]):
                subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True)
        return (time.perf_counter() - began) * len(wanted) / len(sample)

    return run


@work("26 yearly reports, HTML", 1 / 7, 164.0, against="peer", peer=typed, rests_on="papermill + nbconvert, of 4")
def yearly_reports() -> Run:
    from parlib.publish.batch import batch

    def run() -> None:
        with tempfile.TemporaryDirectory(prefix="parlib-bench-") as folder:
            for outcome in batch(reports(range(2012, 2025), folder), workers=os.cpu_count() or 1):
                if outcome.error:
                    raise outcome.error

    return run


@work("a warm report (of its own cells + HTML export)", 1.05, 1.0, against="itself")
def warm_report() -> Run:
    import nbformat

    from parlib.publish import page, render
    from parlib.publish.parameters import ReportParameters

    about = ReportParameters(year=2023, level="ministry", output_dir=tempfile.mkdtemp(prefix="parlib-bench-"))

    def run() -> tuple[float, float]:
        began = time.perf_counter()
        files = render.render(about).files
        whole = time.perf_counter() - began
        executed = nbformat.read(files["ipynb"], as_version=4)
        began = time.perf_counter()
        page.html_page(executed, "vi")
        export = time.perf_counter() - began
        cells = json.loads(files["json"].read_text("utf-8")).get("cell_seconds")
        return whole, export + sum(cells or [c.metadata["papermill"].get("duration") or 0.0 for c in executed.cells])

    run()
    return run


def papi() -> object:
    """The report of PAPI 2024, executed."""
    import nbformat

    from parlib.publish.formats import Shown
    from parlib.publish.parameters import ReportParameters
    from parlib.publish.render import render

    about = ReportParameters(year=2024, index_name="papi", output_dir=tempfile.mkdtemp(prefix="parlib-bench-"))
    return Shown(about, nbformat.read(render(about).files["ipynb"], as_version=4), "papi.vi")


def document(kind: str) -> Callable[[], Run]:
    def prepare() -> Run:
        from parlib.publish.formats import Shown, write

        shown, folder = papi(), Path(tempfile.mkdtemp(prefix="parlib-bench-"))
        return lambda: write(kind, Shown(shown.parameters, shown.notebook, shown.stem), folder / kind)

    prepare.__name__ = kind
    return prepare


for _kind, _part, _seconds in (
    ("html", 0.7, 0.65),
    ("pdf", 0.5, 7.5),
    ("docx", 1.15, 2.0),
    ("xlsx", 1.15, 1.5),
    ("data", 1.15, 1.5),
    ("press", 1.15, 3.0),
):
    work(f"PAPI 2024 as {_kind}", _part, _seconds)(document(_kind))


@work("verify PAPI 2024, its numbers and all formats", 1.0, 2.0, against="limit")
def verified() -> Run:
    from parlib.publish import verify
    from parlib.publish.formats import FORMATS, Shown, write
    from parlib.report.blocks import Wording

    shown, folder = papi(), Path(tempfile.mkdtemp(prefix="parlib-bench-"))
    files = {kind: folder / f"papi.vi.{ending}" for kind, (ending, _) in FORMATS.items()}
    for kind, path in files.items():
        write(kind, shown, path)

    def run() -> None:
        again = Shown(shown.parameters, shown.notebook, shown.stem, tuple(files))
        _, findings = verify.inspect(again.checkable, Wording("vi"))
        assert not [*findings, *verify.read_back(again, files)]

    return run


@work("four figures of 61 provinces", 1.15, 0.5)
def figures() -> Run:
    from parlib.analysis import comparison
    from parlib.report import charts
    from parlib.report.blocks import Wording
    from parlib.report.views import View
    from parlib.scoring import ranking
    from parlib.years import open_other_year, open_results

    try:
        from parlib.analysis.statistics import statistics
    except ImportError:
        from parlib.analysis.ranking import statistics
    results = open_results(2024, "province", "papi")
    previous = open_other_year(results, 2023)
    view, ranks = View(results, Wording("vi")), ranking.rank(results)
    change, found = comparison.change(results, previous), statistics(results, previous)
    regions = comparison.regions(results, previous)

    def run() -> None:
        charts.ranking_bars(view, ranks, change, found)
        charts.area_heat_map(view, ranks)
        charts.change_bars(view, change)
        charts.region_strips(view, regions)

    return run


# --- whole processes ----------------------------------------------------------------------------


def process(*words: str) -> Run:
    def run() -> None:
        subprocess.run([*PYTHON, *words], check=True, capture_output=True)

    return run


def pandas_imported() -> Run:
    return process("-c", "import pandas")


@work("parlib table, whole process", 0.6, 0.97, runs=2, floor=pandas_imported, rests_on="python: import pandas")
def table() -> Run:
    return process("-m", "parlib.cli", "table", "--year", "2023")


#: The names of ``parlib`` in both checkouts: later ones draw pictures and open widgets, which take their time to load.
NAMES = (
    *("Results", "Scorecard", "available", "change", "find", "load_scheme", "open_results", "open_round"),
    *("rank", "regions", "score", "statistics"),
)


@work("import parlib with its names, whole process", 1.15, 1.0, runs=2, floor=pandas_imported, rests_on="the same")
def imported() -> Run:
    return process("-c", f"import parlib; [getattr(parlib, name) for name in {NAMES}]")


@work("unchanged batch of 48 reports, whole process", 1.0, 1.1)
def unchanged() -> Run:
    from parlib.publish.batch import batch

    folder = tempfile.mkdtemp(prefix="parlib-bench-")
    batch(reports(range(2012, 2024), folder, ("vi", "en")), workers=os.cpu_count() or 1)
    words = ("--years", "2012-2023", "--language", "vi,en", "--output-dir", folder)
    return process("-m", "parlib.cli", "batch", *words)


UNITS = "quang-ninh,lai-chau,kien-giang,ha-noi,da-nang,can-tho,hai-phong,an-giang"


def profiles(*words: str) -> Run:
    folder = tempfile.mkdtemp(prefix="parlib-bench-")
    to = ("--notebook", "unit_profile", "--to", "html,pdf,docx", "--output-dir", folder)
    return process("-m", "parlib.cli", *words, *to)


@work("a profile of PAPI in HTML, PDF, Word, whole process", 1.0, 4.6)
def profile() -> Run:
    return profiles("report", "--year", "2024", "--index", "papi", "--unit", "quang-ninh")


@work("eight such profiles in a batch", 1.15, 10.0)
def eight_profiles() -> Run:
    return profiles("batch", "2024/papi", "--units", UNITS, "--force")


@work("make reports: three in all formats", 0.8, 80.0)
def all_formats() -> Run:
    folder = tempfile.mkdtemp(prefix="parlib-bench-")
    names = ("2023/ministry", "2023/province", "2024/papi")
    words = ("--to", "html,pdf,docx,xlsx,press,data", "--force", "--output-dir", folder)
    return process("-m", "parlib.cli", "batch", *names, *words)
