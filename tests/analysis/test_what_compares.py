"""What must not be compared is refused by the results themselves, at every door of the analysis."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from parlib import analysis, years
from parlib.analysis import comparison
from parlib.analysis.statistics import in_years
from parlib.errors import ParameterError
from parlib.scoring.results import Results

#: Frames of results that were compared before: the comparison itself refused what must not be compared.
AFTER_ANOTHER = (comparison.change_of_mean_by_part,)

#: What only lists units or tables, or says whether two years compare once they are known to.
COMPARE_NOTHING = ("index_tables", "breaks_between", "compares")

#: What sets units beside those that they were made of: the two systems are what it is asked about.
ACROSS_THE_MERGERS = ("beside_parts",)

MANY = re.compile(r"(Iterable|Sequence|Collection)\[Results\]")


def compared() -> Iterator[tuple[str, Callable[..., Any], inspect.Signature]]:
    """Every public function of the analysis that takes results and others beside them."""
    for info in pkgutil.walk_packages(analysis.__path__, f"{analysis.__name__}."):
        module = importlib.import_module(info.name)
        for name, function in vars(module).items():
            public = inspect.isfunction(function) and not name.startswith("_") and function.__module__ == info.name
            if not public or function in AFTER_ANOTHER:
                continue
            signature = inspect.signature(function)
            kinds = [str(parameter.annotation) for parameter in signature.parameters.values()]
            many = any(MANY.search(kind) for kind in kinds)
            if many or sum("Results" in kind for kind in kinds) > 1:
                yield f"{info.name}.{name}", function, signature


DOORS = [door for door in compared() if door[0].split(".")[-1] not in COMPARE_NOTHING]
WITHIN = [door for door in DOORS if door[0].split(".")[-1] not in ACROSS_THE_MERGERS]


def asked(signature: inspect.Signature, now: Results, then: Results) -> dict[str, Any]:
    """Arguments of a call: the results of now, those of then in every place for others, the least of all else."""
    given: dict[str, Any] = {}
    for name, parameter in signature.parameters.items():
        kind = str(parameter.annotation)
        if MANY.search(kind):
            given[name] = [then] if name == "others" else [now, then]
        elif "Results" in kind:
            given[name] = now if name in ("results", "last") else then
        elif parameter.default is inspect.Parameter.empty and name in ("unit", "core", "cores", "mapping"):
            given[name] = {"unit": "bac-ninh"}.get(name, {})
        elif parameter.default is inspect.Parameter.empty and name == "own":
            given[name] = {}
    return given


@pytest.fixture(scope="module")
def two_years() -> tuple[Results, Results]:
    return years.open_results(2024, "province", "papi"), years.open_results(2023, "province", "papi")


@pytest.mark.parametrize(("name", "function", "signature"), DOORS, ids=[door[0] for door in DOORS])
def test_simulated_results_are_never_set_against_published_ones(name, function, signature, two_years):
    now, then = two_years
    with pytest.raises(ParameterError, match="simulated results"):
        function(**asked(signature, replace(now, marks=("simulated",)), then))


@pytest.mark.parametrize(("name", "function", "signature"), WITHIN, ids=[door[0] for door in WITHIN])
def test_provinces_after_the_mergers_are_never_set_against_those_before(name, function, signature, two_years):
    now, then = two_years
    with pytest.raises(ParameterError, match="two systems of provinces"):
        function(**asked(signature, replace(now, system="34"), then))


def test_two_simulated_years_compare_and_another_index_or_an_earlier_year_does_not(two_years):
    now, then = two_years
    made_up = [replace(of, marks=("simulated",)) for of in two_years]
    made_up[0].check_after(made_up[1], None)
    assert [of.year for of in in_years(made_up)] == [2023, 2024]
    with pytest.raises(ParameterError, match="two indices"):
        now.check_after(replace(then, index_name="pci"))
    with pytest.raises(ParameterError, match="before 2023"):
        then.check_after(now)
    with pytest.raises(ParameterError, match="two levels"):
        now.check_beside(replace(then, level="ministry"))


def test_the_systems_of_provinces_are_named_where_they_differ(two_years):
    now, then = two_years
    (problem,) = replace(now, system="34").unlike(replace(then, system="63"))
    assert f"{then.year}: 63, {now.year}: 34" in problem.text("en")
    (problem,) = replace(now, system="34").unlike(replace(then, system=""))
    assert f"{then.year}: ?, {now.year}: 34" in problem.text("en")
