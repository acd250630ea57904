"""How often 95 percent intervals and joint rank sets hold the truth: simulations, printed as a table.

    .venv/bin/python benchmarks/coverage.py [runs]

Each case prints its nominal coverage, the share of runs in which the truth was held, and the simulation error of that
share. Seeds are fixed: the same numbers come every time.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pandas as pd

from parlib.analysis.robustness import rank_confidence_sets
from parlib.sources.questions import Question
from parlib.sources.survey import open_survey, tabulate

Case = tuple[str, float, int]
LIKERT = np.array([0.1, 0.2, 0.3, 0.2, 0.2])


def shares_over_groups(runs: int) -> Iterator[Case]:
    """Two groups of equal weight and very different size, scores 0 to 1 in four steps."""
    scale = {code + 1: code / 4 for code in range(5)}
    truth = float(LIKERT @ np.arange(5) / 4)
    for small in (4, 6, 10, 30):
        random = np.random.default_rng(small)
        sizes = {"g": small, "h": 300}
        parts = [
            _answers(f"u{run}", {group: random.choice(5, n, p=LIKERT) + 1 for group, n in sizes.items()})
            for run in range(runs)
        ]
        yield f"share over groups of {small} and 300", *_held(parts, Question("a", scale, ("g", "h")), truth)


def shares_near_full_marks(runs: int) -> Iterator[Case]:
    """One group, nearly all of whom give the best answer; the others give the worst, or the next below."""
    for best in (0.95, 0.97):
        for n in (15, 30, 60, 120):
            for words, scale in (("worst", {5: 1.0, 1: 0.0}), ("next", {5: 1.0, 4: 0.8, 1: 0.0})):
                random = np.random.default_rng(n)
                other = min(code for code in scale) if words == "worst" else 4
                parts = [_answers(f"u{run}", {"g": np.where(random.random(n) < best, 5, other)}) for run in range(runs)]
                truth = best + (1 - best) * scale[other]
                yield f"{best:.0%} best, the rest {words}, n = {n}", *_held(parts, Question("a", scale, ("g",)), truth)


def _answers(unit: str, groups: dict[str, np.ndarray]) -> pd.DataFrame:
    frames = [
        pd.DataFrame({"respondent": [f"{name}{i}" for i in range(len(codes))], "group": name, "answer": codes})
        for name, codes in groups.items()
    ]
    return pd.concat(frames).assign(unit=unit, item="a")


def _held(parts: list[pd.DataFrame], question: Question, truth: float) -> tuple[float, int]:
    result = tabulate(open_survey(pd.concat(parts)), [question]).units
    inside = (result["lower"] <= truth + 1e-9) & (result["upper"] >= truth - 1e-9)
    return float(inside.mean()), len(result)


def joint_sets(runs: int) -> Iterator[Case]:
    """All units truly equal: every set must hold all ranks. Errors are estimated with few degrees of freedom."""
    for n in (17, 63):
        for degrees in (5, 10, 20, 60):
            yield f"{n} units tied, df {degrees}", *_joint(n, np.full(n, float(degrees)), runs)
    # degrees of freedom of the whole index in the simulated rounds of 2023 (seed 1): least, middle, most
    yield "19 bodies tied, ministry round", *_joint(19, np.linspace(21, 71, 19), runs)
    yield "63 provinces tied, province round", *_joint(63, np.geomspace(16, 63, 63), runs)


def _joint(n: int, degrees: np.ndarray, runs: int) -> tuple[float, int]:
    random = np.random.default_rng(n)
    held = 0
    for run in range(runs):
        errors = np.sqrt(random.chisquare(degrees) / degrees)
        table = rank_confidence_sets(
            random.normal(size=n), errors, degrees_of_freedom=degrees, n_draws=2000, seed=run
        ).table
        held += bool(((table["rank_low"] == 1) & (table["rank_high"] == n)).all())
    return held / runs, runs


def main() -> None:
    """Print the table of all cases."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print(f"{'case':<45}{'nominal':>9}{'coverage':>10}{'sim. error':>12}")
    for cases, n in ((shares_over_groups, runs), (shares_near_full_marks, runs), (joint_sets, max(runs // 2, 100))):
        for words, coverage, count in cases(n):
            error = np.sqrt(coverage * (1 - coverage) / count)
            print(f"{words:<45}{0.95:>9.2f}{coverage:>10.3f}{error:>12.3f}", flush=True)


if __name__ == "__main__":
    main()
