"""What each file of published numbers may hold: its columns with their ranges, in every year, and its key."""

from __future__ import annotations

from parlib.tables import Column, Layout

_YEAR = Column("year", "year", low=2000, high=2100, required=True)
_LEVELS = ("province", "ministry", "national", "sipas", "scheme")

#: Columns of numbers: type, lowest and highest value. All others hold text.
_NUMBERS: dict[str, tuple[str, float, float]] = {
    **dict.fromkeys(
        ("index", "index_min", "index_max", "mean", "appraisal_points", "survey_points"), ("number", 0, 100)
    ),
    **dict.fromkeys(("sipas_points", "leaders_points", "impact_points", "total", "points"), ("number", 0, 100)),
    **dict.fromkeys(("sum_of_parts", "max_points"), ("number", 0, 100)),
    **dict.fromkeys(("rank", "rank_min", "rank_max", "area_rank", "n_units"), ("whole", 1, 99)),
    **dict.fromkeys((f"dim{number}" for number in range(1, 9)), ("number", 1, 10)),
    **dict.fromkeys(("complete", "complete_year", "derived"), ("whole", 0, 1)),
    "change": ("number", -100, 100),
    "value": ("number", 0, 100),
    "grdp_bil_vnd": ("number", 1, 1e8),
    "pop_thousand": ("number", 1, 1e5),
    "grdp_pc_mil_vnd": ("number", 0, 1e4),  # a suspect one is far too small
}


def _layout(columns: str, key: str, **ranges: tuple[str, float, float]) -> Layout:
    known = {**_NUMBERS, **ranges}
    needed = key.split()

    def column(name: str) -> Column:
        if name == "year":
            return _YEAR
        if name == "level":
            return Column(name, words=_LEVELS, required=True)
        if name in known:
            kind, low, high = known[name]
            return Column(name, "whole" if kind == "whole" else "number", low=low, high=high)
        return Column(name, required=name in needed and name not in ("area", "what"))

    return Layout(tuple(column(name) for name in columns.split()), tuple(needed), exact=True)


LAYOUTS = {
    "par_index.csv": _layout(
        "year level key index rank rank_min rank_max index_min index_max appraisal_points survey_points basis"
        " rank_basis source_ids note",
        "year level key",
    ),
    "par_components.csv": _layout(
        "year key decision appraisal_points sipas_points leaders_points impact_points total sum_of_parts complete"
        " source_ids note",
        "year key",
    ),
    "par_area_index.csv": _layout(
        "year level key area_code area_name_vi scope index points max_points area_rank index_basis source_ids note",
        "year level key area_code scope",
    ),
    "par_regions.csv": _layout("year region mean change source_ids note", "year region"),
    "par_statistics.csv": _layout(
        "year level area statistic value unit_key derived source_ids note",
        "year level area statistic",
        value=("number", -100, 1e6),
    ),
    "par_changes.csv": _layout("year level key change source_ids note", "year level key"),
    "sipas.csv": _layout("year key value rank rank_min rank_max basis rank_basis source_ids note", "year key"),
    "sipas_statistics.csv": _layout("year statistic value source_ids", "year statistic", value=("number", -100, 1e6)),
    "papi.csv": _layout("year key code value", "year key code", value=("number", 0, 10)),
    "papi_totals.csv": _layout(
        "year key dim1 dim2 dim3 dim4 dim5 dim6 dim7 dim8 total", "year key", total=("number", 6, 80)
    ),
    "pci.csv": _layout("year key value rank n_units source_ids", "year key"),
    "dti.csv": _layout("year key value rank complete_year basis source_ids", "year key", value=("number", 0, 1)),
    "grdp.csv": _layout("year key grdp_bil_vnd pop_thousand grdp_pc_mil_vnd flag source_ids", "year key"),
}
