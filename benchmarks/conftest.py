"""What `make bench` prints: each speed target with the measured time, the ratio and the peak of memory.

Judge by the shortest of the repeated runs: other work on the machine only ever makes a run longer.
"""

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from parlib.analysis.robustness import PointTree, from_arrays
from parlib.scoring.scheme import load_scheme


@pytest.fixture
def measure(benchmark: Any) -> Callable[..., Any]:
    """Time a function against ``seconds``, and take the peak of its memory, against ``megabytes``, in another run."""

    def run(
        work: str, seconds: float, function: Callable[[], Any], *, megabytes: float | None = None, rounds: int = 15
    ) -> Any:
        result = benchmark.pedantic(function, rounds=rounds, warmup_rounds=1)
        tracemalloc.start()
        function()
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        benchmark.extra_info.update(work=work, seconds=seconds, megabytes=megabytes, peak=peak)
        return result

    return run


@pytest.fixture
def record(benchmark: Any) -> Callable[..., None]:
    """Note times that were measured elsewhere, in processes of their own, against ``seconds``."""

    def run(
        work: str, seconds: float, taken: list[float], *, megabytes: float | None = None, peak: float | None = None
    ) -> None:
        benchmark.pedantic(lambda: None, rounds=1)
        benchmark.extra_info.update(work=work, seconds=seconds, megabytes=megabytes, peak=peak, elsewhere=min(taken))

    return run


@pytest.fixture(scope="session")
def provinces() -> tuple[dict[str, float], dict[str, str], np.ndarray]:
    """The leaves of the province scheme with their maxima, the parents of its nodes, and points of 63 units."""
    scheme = load_scheme("876-province")
    maxima = {leaf.code: float(leaf.maximum or 0) for leaf in scheme.leaves}
    maximum = np.array(list(maxima.values()))
    points = np.round(np.random.default_rng(1).beta(6, 2, (63, len(maximum))) * maximum * 4) / 4
    return maxima, {node.code: node.parent for node in scheme.nodes}, points


@pytest.fixture(scope="session")
def tree(provinces: tuple[dict[str, float], dict[str, str], np.ndarray]) -> PointTree:
    """63 units on the whole province scheme (95 scored nodes), everything applicable but in five units."""
    maxima, parents, points = provinces
    applicable = np.ones(points.shape)
    applicable[3, 5] = applicable[20, 30] = 0
    applicable[40:43, 60:64] = 0
    return from_arrays(points, maxima, parents=parents, applicable=applicable)


def pytest_terminal_summary(terminalreporter: Any, config: Any) -> None:
    """The table of targets, and what was left out with the reason."""
    session = getattr(config, "_benchmarksession", None)
    rows = [row for row in (session.benchmarks if session else []) if "work" in row.extra_info]
    if rows:
        terminalreporter.section("speed targets (shortest run; peak memory of one run)")
        head = ("work", "target", "measured", "ratio", "peak memory", "")
        terminalreporter.write_line("{:<62}{:>10}{:>11}{:>7}{:>18}  {}".format(*head))
    for row in rows:
        info = row.extra_info
        seconds = info.get("elsewhere", row.stats.min)
        ratio = seconds / info["seconds"]
        memory_met = info["megabytes"] is None or info["peak"] is None or info["peak"] < info["megabytes"]
        peak = "" if info["peak"] is None else f"{info['peak']:.1f} MB"
        limit = "" if info["megabytes"] is None else f" < {info['megabytes']:.0f}"
        terminalreporter.write_line(
            f"{info['work']:<62}{_time(info['seconds']):>10}{_time(seconds):>11}{ratio:>7.2f}{peak + limit:>18}"
            f"  {'met' if ratio <= 1 and memory_met else 'MISSED'}"
        )
    for report in terminalreporter.stats.get("skipped", []):
        terminalreporter.write_line(f"not measured: {report.nodeid.rpartition('::')[2]}: {_reason(report)}")


def _time(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} us"
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def _reason(report: Any) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")
