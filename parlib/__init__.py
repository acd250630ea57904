"""parlib: score, compare and report Viet Nam's PAR INDEX.

    year = parlib.year(2023, "bộ")
    year.rank(), year.wide(), year.change(), year.compare("Y tế", "Tư pháp"), parlib.chart.ranking(year)

Một năm là một đối tượng để hỏi; câu trả lời là bảng pandas hoặc hình. Các câu hỏi thường gặp: docs/vi/cau-hoi.md.

Hands out the names that a notebook needs, each loaded from its room when first asked for: ``from parlib import rank``.
"""

import sys
from importlib import import_module

_ROOMS = {
    "Results": "parlib.scoring.results",
    "Scorecard": "parlib.scoring.scorecard",
    "Year": "parlib.years",
    "available": "parlib.sources.published",
    "change": "parlib.analysis.comparison",
    "chart": "parlib.report.chart",
    "explore": "parlib.explorer.page",
    "figure": "parlib.report.chart",
    "find": "parlib.scoring.units",
    "load_scheme": "parlib.scoring.scheme",
    "match": "parlib.years",
    "open_results": "parlib.years",
    "open_round": "parlib.sources.rounds",
    "practice_round": "parlib.sources.simulation",
    "rank": "parlib.scoring.ranking",
    "regions": "parlib.analysis.comparison",
    "round_desk": "parlib.explorer.desk",
    "score": "parlib.scoring.scorecard",
    "score_table": "parlib.scoring.scorecard",
    "statistics": "parlib.analysis.statistics",
    "theme": "parlib.report.style",
    "what_if": "parlib.explorer.what_if",
    "year": "parlib.years",
}

__all__ = list(_ROOMS)


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"parlib has no {name!r}; it hands out {', '.join(_ROOMS)}")
    room = import_module(_ROOMS[name])
    return room if name == "chart" else getattr(room, name)


def __dir__() -> list[str]:
    return list(_ROOMS)


if "IPython" in sys.modules and (_shell := sys.modules["IPython"].get_ipython()):
    import_module("parlib.report.shown").load_ipython_extension(_shell)  # what it shows can become a document
