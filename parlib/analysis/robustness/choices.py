"""The choices behind a PAR index as factors of a sensitivity analysis: weights, means, policies, normalisations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from parlib.analysis.robustness.methods import SWITCHES, Method, Scorer, official, scorer
from parlib.analysis.robustness.packed import competition_ranks, sort_rows
from parlib.analysis.robustness.reading import point_tree
from parlib.analysis.robustness.sensitivity import OUTPUT, Choice, Continuous, Factor, Sensitivity, sobol_indices
from parlib.analysis.robustness.tree import Floats, PointTree, named
from parlib.analysis.robustness.weights import Spread, by_level, leaf_weights

WEIGHTS = "weights:"
OUTPUTS = ("mean_rank_shift", "rank", "index")
BLOCK = 512


def factors_of(
    source: Any, spread: Spread = 0.25, options: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Factor]:
    """Every factor of an index by name: "weights:area", "weights:criterion", "weights:subcriterion" (each weight within
    its parent times 1 - spread to 1 + spread), "aggregation", "not_applicable", "normalisation" (each option with equal
    chance; ``options`` replaces them)."""
    tree = point_tree(source)
    found: dict[str, Factor] = {}
    for number, value in by_level(tree, spread).items():
        if value > 0:
            size = len(tree.levels[number].nodes)
            found[WEIGHTS + tree.level_names[number]] = Continuous(1 - value, 1 + value, size)
    given = (
        {}
        if options is None
        else {name: tuple(options[name]) for name in named(list(options), tuple(SWITCHES), "yếu tố", "factor")}
    )
    for switch, every in SWITCHES.items():
        found[switch] = Choice(named(given.get(switch, every), every, switch, switch))
    return found


def index_sensitivity(
    source: Any,
    factors: Sequence[str] | None = None,
    *,
    spread: Spread = 0.25,
    options: Mapping[str, Sequence[str]] | None = None,
    output: str = "mean_rank_shift",
    units: Sequence[str] | None = None,
    base: int = 8192,
    seed: int = 0,
    resamples: int = 500,
    coverage: float = 0.95,
    draws: bool = False,
) -> Sensitivity:
    """Which choice moves the ranking most: Sobol indices of ``factors`` (names as in :func:`factors_of`; default all).

    ``output``: "mean_rank_shift" (the mean over the units of the places moved against the official ranking: one
    output), or "rank" or "index" of each of ``units`` (default all). A factor without a name here is an error; a factor
    that changes nothing is listed with ``changed`` False and in ``without_effect``.
    """
    tree = point_tree(source)
    tree.need_standing()
    every = factors_of(tree, spread, options)
    chosen = named(factors if factors is not None else tuple(every), tuple(every), "yếu tố", "factor")
    named(output, OUTPUTS, "kết quả", "output")
    keys = [tree.units[number] for number in tree.standing]
    wanted = named(list(units) if units is not None else keys, keys, "đơn vị", "unit")
    model = _IndexModel(tree, {name: every[name] for name in chosen}, output, [keys.index(unit) for unit in wanted])
    return sobol_indices(
        model,
        model.factors,
        base=base,
        seed=seed,
        resamples=resamples,
        coverage=coverage,
        outputs=(OUTPUT,) if output == "mean_rank_shift" else wanted,
        draws=draws,
    )


class _IndexModel:
    """From inputs to ranks: weights from the multipliers of each level, methods from the switches."""

    def __init__(self, tree: PointTree, factors: Mapping[str, Factor], output: str, units: list[int]) -> None:
        self.tree, self.factors, self.output, self.units = tree, factors, output, units
        self.official = official(tree)
        self.reference = competition_ranks(scorer(tree).index(tree.weights[:, None])[0])
        self.scorers: dict[Method, Scorer] = {}

    def __call__(self, inputs: Mapping[str, npt.NDArray[Any]]) -> Floats:
        n_runs = next(iter(inputs.values())).shape[-1]
        method = self._method_numbers(inputs, n_runs)
        found = np.empty((n_runs, 1 if self.output == "mean_rank_shift" else len(self.units)))
        order = np.argsort(method, kind="stable")  # runs of one method side by side
        starts = np.flatnonzero(np.diff(method[order], prepend=-1))
        for start, stop in zip(starts, [*starts[1:], n_runs], strict=True):
            score = self._scorer(inputs, int(order[start]))
            for at in range(start, stop, BLOCK):
                runs = order[at : min(at + BLOCK, stop)]
                found[runs] = self._outputs(score.index(self._weights(inputs, runs)))
        return found

    def _method_numbers(self, inputs: Mapping[str, npt.NDArray[Any]], n_runs: int) -> npt.NDArray[np.intp]:
        numbers = np.zeros(n_runs, dtype=np.intp)
        for switch in SWITCHES:
            if switch in inputs:
                numbers = numbers * len(self.factors[switch].options) + inputs[switch]  # type: ignore[union-attr]
        return numbers

    def _scorer(self, inputs: Mapping[str, npt.NDArray[Any]], run: int) -> Scorer:
        chosen = {s: self.factors[s].options[inputs[s][run]] for s in SWITCHES if s in inputs}  # type: ignore[union-attr]
        method = replace(self.official, **chosen)
        if method not in self.scorers:
            self.scorers[method] = scorer(self.tree, method)
        return self.scorers[method]

    def _weights(self, inputs: Mapping[str, npt.NDArray[Any]], runs: npt.NDArray[np.intp]) -> Floats:
        multipliers = {}
        for number, name in enumerate(self.tree.level_names):
            if WEIGHTS + name in inputs:
                drawn = inputs[WEIGHTS + name]
                multipliers[number] = np.atleast_2d(drawn)[:, runs]
        return leaf_weights(self.tree, multipliers, len(runs))

    def _outputs(self, index: Floats) -> Floats:
        if self.output == "index":
            return index[:, self.units]
        ordered = sort_rows(index)
        if self.output == "rank":
            return ordered.ranks()[:, self.units].astype(np.float64)
        moved = np.abs(self.reference[ordered.units] - (ordered.positions + 1))
        return np.asarray(moved.mean(axis=1, keepdims=True))
