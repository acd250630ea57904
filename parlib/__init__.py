"""parlib: score, compare and report Viet Nam's PAR INDEX.

Hands out the names that a notebook needs, each loaded from its room when first asked for: ``from parlib import rank``.
"""

from importlib import import_module

_ROOMS = {
    "Results": "parlib.scoring.results",
    "Scorecard": "parlib.scoring.scorecard",
    "Year": "parlib.years",
    "available": "parlib.sources.published",
    "change": "parlib.analysis.comparison",
    "find": "parlib.scoring.units",
    "load_scheme": "parlib.scoring.scheme",
    "open_results": "parlib.years",
    "open_round": "parlib.sources.rounds",
    "rank": "parlib.scoring.ranking",
    "regions": "parlib.analysis.comparison",
    "score": "parlib.scoring.scorecard",
    "score_table": "parlib.scoring.scorecard",
    "statistics": "parlib.analysis.statistics",
    "year": "parlib.years",
}

__all__ = list(_ROOMS)


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"parlib has no {name!r}; it hands out {', '.join(_ROOMS)}")
    return getattr(import_module(_ROOMS[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *_ROOMS]
