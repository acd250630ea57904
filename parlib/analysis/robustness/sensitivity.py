"""Which choice moves the ranking: first-order and total Sobol indices of the choices behind an index.

First order: how much of the variance of the output goes away on the average when the factor is known. Total: how much
is left when all others are known. Their difference is what the factor does together with others. Estimators: Saltelli
et al. (2010) with the output centred for the first order, Jansen (1999) for the total, on scrambled Sobol points;
runs = base x (factors + 2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.analysis.robustness import methods
from parlib.analysis.robustness.draws import check_coverage, competition_ranks, product, sort_rows
from parlib.analysis.robustness.tree import Floats, PointTree, Source, point_tree
from parlib.errors import ParameterError, named
from parlib.words import Message

OUTPUT = ""


@dataclass(frozen=True)
class Continuous:
    """A factor spread evenly from ``low`` to ``high``; ``size`` > 1: a group of inputs that count as one factor."""

    low: float = 0.0
    high: float = 1.0
    size: int = 1


@dataclass(frozen=True)
class Choice:
    """A factor that takes each of its ``options`` with equal chance; the model receives the number of the option."""

    options: tuple[str, ...]


Factor = Continuous | Choice
Drawn = npt.NDArray[np.float64 | np.intp]
Inputs = Mapping[str, Drawn]
#: Takes inputs by factor (size x runs of a Continuous, runs of a Choice); gives runs, or runs x outputs.
Model = Callable[[Inputs], Floats]


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Sobol indices.

    ``table``  one row for every output and factor: ``output`` ("" where there is one), ``factor``, ``first_order``,
    ``first_low``, ``first_high``, ``total``, ``total_low``, ``total_high``, ``changed`` (False: the factor changed
    nothing in any run), ``largest_effect`` (the most that changing the factor alone moved the output), ``mean`` and
    ``variance`` of the output, ``coverage``, ``source`` = "method". Where an output never varies the indices are NaN.
    ``inputs`` and ``outputs`` when draws were asked for: by matrix "A", "B" and "AB:<factor>".
    """

    table: pd.DataFrame
    n_runs: int
    inputs: Inputs | None = field(default=None, repr=False)
    outputs: Mapping[str, Floats] | None = field(default=None, repr=False)

    @property
    def without_effect(self) -> tuple[str, ...]:
        """Factors that changed nothing in any output and any run."""
        changed = self.table.groupby("factor", sort=False)["changed"].any()
        return tuple(str(name) for name in changed.index[~changed])


def sobol_indices(
    model: Model,
    factors: Mapping[str, Factor],
    *,
    base: int = 8192,
    seed: int = 0,
    resamples: int = 500,
    coverage: float = 0.95,
    outputs: Sequence[str] = (OUTPUT,),
    draws: bool = False,
) -> Sensitivity:
    """First-order and total Sobol indices of ``model`` for each of ``factors``, with bootstrap intervals.

    ``base`` is the number of base points, a power of two. ``resamples`` rows of base points are drawn with replacement
    for the percentile intervals (0: no intervals). The same seed gives the same bytes.
    """
    check_coverage(coverage)
    if base < 2 or base & (base - 1):
        raise ParameterError("the number of base points is a power of two", value=base)
    if not factors:
        raise ParameterError("at least one factor is needed")
    first, second = _base_inputs(factors, base, seed)
    results = {"A": _run(model, first, base), "B": _run(model, second, base)}
    for name in factors:
        results[f"AB:{name}"] = _run(model, {**first, name: second[name]}, base)
    if results["A"].shape[1] != len(outputs):
        raise ValueError(f"the model gives {results['A'].shape[1]} outputs, {len(outputs)} are named")
    table = _table(results, list(factors), list(outputs), resamples, coverage, np.random.default_rng([seed, 1]))
    inputs = {
        f"{matrix}:{name}": part for matrix, parts in (("A", first), ("B", second)) for name, part in parts.items()
    }
    return Sensitivity(table, base * (len(factors) + 2), inputs if draws else None, results if draws else None)


def _run(model: Model, inputs: Inputs, base: int) -> Floats:
    values = np.asarray(model(inputs), dtype=np.float64).reshape(base, -1)
    if not np.isfinite(values).all():
        raise ValueError("the model gave a value that is not finite")
    return values


def _base_inputs(factors: Mapping[str, Factor], base: int, seed: int) -> tuple[dict[str, Drawn], dict[str, Drawn]]:
    """The two independent input matrices, from the halves of one scrambled Sobol sequence."""
    from scipy.stats import qmc

    sizes = [factor.size if isinstance(factor, Continuous) else 1 for factor in factors.values()]
    n_columns = sum(sizes)
    points = qmc.Sobol(2 * n_columns, scramble=True, rng=np.random.default_rng([seed, 0])).random(base).T
    halves: list[dict[str, Drawn]] = []
    for half in (points[:n_columns], points[n_columns:]):
        parts: dict[str, Drawn] = {}
        start = 0
        for (name, factor), size in zip(factors.items(), sizes, strict=True):
            rows = half[start : start + size]
            start += size
            if isinstance(factor, Choice):
                n = len(factor.options)
                parts[name] = np.minimum((rows[0] * n).astype(np.intp), n - 1)
            else:
                scaled = factor.low + (factor.high - factor.low) * rows
                parts[name] = scaled[0] if size == 1 else scaled
        halves.append(parts)
    return halves[0], halves[1]


def _table(
    result: Mapping[str, Floats],
    factors: Sequence[str],
    outputs: Sequence[str],
    resamples: int,
    coverage: float,
    random: np.random.Generator,
) -> pd.DataFrame:
    base, n_outputs = result["A"].shape
    middle = (result["A"].mean(axis=0) + result["B"].mean(axis=0)) / 2
    a, b = result["A"] - middle, result["B"] - middle  # centred: the products below then lose no digits
    steps = [result[f"AB:{name}"] - result["A"] for name in factors]
    # Everything that the estimators need is a mean over base points, so a bootstrap is one matrix product.
    parts = np.stack([(a + b) / 2, (a**2 + b**2) / 2, *steps, *[b * d for d in steps], *[d**2 / 2 for d in steps]])
    rows = parts.transpose(1, 0, 2).reshape(base, -1)
    shape = (len(parts), n_outputs)
    first, total = _estimates(rows.mean(axis=0).reshape(1, *shape), len(factors))
    low_high = np.full((2, 2, len(factors), n_outputs), np.nan)
    if resamples:
        sampled = _resampled_means(rows, resamples, random).reshape(resamples, *shape)
        tails = [(1 - coverage) / 2, (1 + coverage) / 2]
        for kind, values in enumerate(_estimates(sampled, len(factors))):
            low_high[kind] = np.quantile(values, tails, axis=0)
    variance = (a.var(axis=0) + b.var(axis=0)) / 2
    effects = np.array([np.abs(d).max(axis=0) for d in steps])
    pieces = []
    for column, output in enumerate(outputs):
        pieces.append(
            pd.DataFrame(
                {
                    "output": output,
                    "factor": list(factors),
                    "first_order": first[0, :, column],
                    "first_low": low_high[0, 0, :, column],
                    "first_high": low_high[0, 1, :, column],
                    "total": total[0, :, column],
                    "total_low": low_high[1, 0, :, column],
                    "total_high": low_high[1, 1, :, column],
                    "changed": effects[:, column] > 1e-9,
                    "largest_effect": effects[:, column],
                    "mean": middle[column],
                    "variance": variance[column],
                    "coverage": coverage,
                    "source": "method",
                }
            )
        )
    return pd.concat(pieces, ignore_index=True)


def _estimates(means: Floats, k: int) -> tuple[Floats, Floats]:
    """First-order and total indices (samples x factors x outputs) from means (samples x parts x outputs)."""
    centre, square = means[:, 0], means[:, 1]
    step, product, half_square = means[:, 2 : 2 + k], means[:, 2 + k : 2 + 2 * k], means[:, 2 + 2 * k :]
    variance = (square - centre**2)[:, None]
    varies = variance > 1e-18
    safe = np.where(varies, variance, 1.0)
    first = (product - centre[:, None] * step) / safe
    return np.where(varies, first, np.nan), np.where(varies, half_square / safe, np.nan)


def _resampled_means(rows: Floats, resamples: int, random: np.random.Generator) -> Floats:
    """Means of ``rows`` over base points drawn with replacement: resamples x columns."""
    base = len(rows)
    means = np.empty((resamples, rows.shape[1]))
    block = max(1, 2**20 // base)
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        drawn = random.integers(0, base, (size, base))
        drawn += np.arange(size)[:, None] * base
        counts = np.bincount(drawn.ravel(), minlength=size * base).reshape(size, base)
        means[start : start + size] = product(counts.astype(np.float64), rows) / base
    return means


# --- the choices behind an index as factors -------------------------------------------------------


WEIGHTS = "weights:"
OUTPUTS = ("mean_rank_shift", "rank", "index")
BLOCK = 512


def factors_of(
    source: Source, spread: methods.Spread = 0.25, options: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Factor]:
    """Every factor of an index by name: "weights:area", "weights:criterion", "weights:subcriterion" (each weight within
    its parent times 1 - spread to 1 + spread), "aggregation", "not_applicable", "normalisation" (each option with equal
    chance; ``options`` replaces them)."""
    tree = point_tree(source)
    results: dict[str, Factor] = {}
    for number, value in methods.by_level(tree, spread).items():
        if value > 0:
            size = len(tree.levels[number].nodes)
            results[WEIGHTS + tree.level_names[number]] = Continuous(1 - value, 1 + value, size)
    given = (
        {}
        if options is None
        else {name: tuple(options[name]) for name in named(list(options), tuple(methods.SWITCHES), Message("factor"))}
    )
    for switch, every in methods.SWITCHES.items():
        results[switch] = Choice(named(given.get(switch, every), every, switch))
    return results


def index_sensitivity(
    source: Source,
    factors: Sequence[str] | None = None,
    *,
    spread: methods.Spread = 0.25,
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
    chosen = named(factors if factors is not None else tuple(every), tuple(every), Message("factor"))
    named(output, OUTPUTS, Message("output"))
    keys = [tree.units[number] for number in tree.rankable]
    wanted = named(list(units) if units is not None else keys, keys, Message("unit"))
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
        self.official = methods.official(tree)
        self.reference = competition_ranks(methods.scorer(tree).index(tree.weights[:, None])[0])
        self.scorers: dict[methods.Method, methods.Scorer] = {}

    def __call__(self, inputs: Inputs) -> Floats:
        n_runs = next(iter(inputs.values())).shape[-1]
        method = self._method_numbers(inputs, n_runs)
        result = np.empty((n_runs, 1 if self.output == "mean_rank_shift" else len(self.units)))
        order = np.argsort(method, kind="stable")  # runs of one method side by side
        starts = np.flatnonzero(np.diff(method[order], prepend=-1))
        for start, stop in zip(starts, [*starts[1:], n_runs], strict=True):
            score = self._scorer(inputs, int(order[start]))
            for at in range(start, stop, BLOCK):
                runs = order[at : min(at + BLOCK, stop)]
                result[runs] = self._outputs(score.index(self._weights(inputs, runs)))
        return result

    def _method_numbers(self, inputs: Inputs, n_runs: int) -> npt.NDArray[np.intp]:
        numbers = np.zeros(n_runs, dtype=np.intp)
        for switch in methods.SWITCHES:
            if switch in inputs:
                numbers = numbers * len(self.factors[switch].options) + inputs[switch]  # type: ignore[union-attr]
        return numbers

    def _scorer(self, inputs: Inputs, run: int) -> methods.Scorer:
        chosen = {s: self.factors[s].options[inputs[s][run]] for s in methods.SWITCHES if s in inputs}  # type: ignore[union-attr]
        method = replace(self.official, **chosen)
        if method not in self.scorers:
            self.scorers[method] = methods.scorer(self.tree, method)
        return self.scorers[method]

    def _weights(self, inputs: Inputs, runs: npt.NDArray[np.intp]) -> Floats:
        multipliers = {}
        for number, name in enumerate(self.tree.level_names):
            if WEIGHTS + name in inputs:
                drawn = inputs[WEIGHTS + name]
                multipliers[number] = np.atleast_2d(drawn)[:, runs].astype(np.float64, copy=False)
        return methods.leaf_weights(self.tree, multipliers, len(runs))

    def _outputs(self, index: Floats) -> Floats:
        if self.output == "index":
            return index[:, self.units]
        ordered = sort_rows(index)
        if self.output == "rank":
            return ordered.ranks()[:, self.units].astype(np.float64)
        moved = np.abs(self.reference[ordered.units] - (ordered.positions + 1))
        return np.asarray(moved.mean(axis=1, keepdims=True))
