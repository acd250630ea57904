"""What each table of ``data/`` may hold: its columns with their types, ranges and words, and what tells rows apart.

The words of ``Column.refers``: "unit" (a unit of the row's year and ``level``, of the first level of units/levels.csv
where it has none), the name of a system (a unit of it), "own" (another row of the table), "name" (the Vietnamese name
of a unit), "region" (of the row's year or system), "any" (a unit or a region), "place" (a unit of the row's system, or
an archipelago), "source", "level", "system", "index" (published/sources.csv, units/levels.csv, units/systems.csv,
published/indices.csv).
"""

from __future__ import annotations

from dataclasses import replace

from parlib.tables import Column, Kind, Layout

#: Columns of numbers: type, lowest and highest value.
_NUMBERS: dict[str, tuple[Kind, float, float]] = {
    **dict.fromkeys(
        ("index", "index_min", "index_max", "mean", "appraisal_points", "survey_points"), ("number", 0, 100)
    ),
    **dict.fromkeys(("sipas_points", "leaders_points", "impact_points", "total", "points"), ("number", 0, 100)),
    **dict.fromkeys(("sum_of_parts", "max_points", "lower"), ("number", 0, 100)),
    **dict.fromkeys(("rank", "rank_min", "rank_max", "area_rank", "n_units", "n_ranked"), ("whole", 1, 99)),
    **dict.fromkeys((f"dim{number}" for number in range(1, 9)), ("number", 1, 10)),
    **dict.fromkeys(("complete", "complete_year", "derived", "grouped", "ranked", "surveyed"), ("whole", 0, 1)),
    **dict.fromkeys(("n_criteria", "n_subcriteria"), ("whole", 0, 500)),
    **dict.fromkeys(("lon", "lon_min", "lon_max"), ("number", 102, 118)),
    **dict.fromkeys(("lat", "lat_min", "lat_max"), ("number", 6, 24)),
    **dict.fromkeys(("column", "row"), ("whole", 0, 30)),
    "n_polygons": ("whole", 1, 1000),
    "order": ("whole", 1, 20),
    "change": ("number", -100, 100),
    "value": ("number", 0, 100),
    "grdp_bil_vnd": ("number", 1, 1e8),
    "pop_thousand": ("number", 1, 1e5),
    "grdp_pc_mil_vnd": ("number", 0, 1e4),  # a suspect one is far too small
}

#: Columns of texts: what else is known of them, in every table.
_TEXTS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("year", "year", low=2000, high=2100, required=True),
        Column("years", pattern="20[0-9]{2}", many=";"),
        Column("level", refers="level", required=True),
        Column("system", refers="system", required=True),
        Column("key", refers="unit"),
        Column("unit_key", refers="unit"),
        Column("region", refers="region"),
        Column("key63", refers="63", required=True),
        Column("key34", refers="34", required=True),
        Column("successor_keys", many=";", refers="own"),
        Column("source_ids", many=";", refers="source"),
        Column("kept_source_ids", many=";", refers="source", required=True),
        Column("other_source_ids", many=";", refers="source"),
        Column("area_code", pattern="[1-9]|TOTAL", required=True),
        Column("area", pattern="[1-9]"),
        Column("scope", words=("total", "appraised_part"), required=True),
        Column("index_name", refers="index", required=True),
        Column("flag", words=("suspect",)),
        Column("index_basis", words=("printed", "computed")),
        Column("rank_basis", words=("published", "from_list", "derived", "secondary")),
        Column("years_basis", words=("printed", "inferred")),
        Column("effective", "date"),
        *(Column(name, "year", low=2000, high=2100) for name in ("first_year", "base_year")),
        Column("levels", many=";", refers="level"),
        Column("valid_from", "date"),
        Column("valid_to", "date"),
    )
}
_PUBLISHED = Column(
    "basis",
    words=("published", "secondary", "rounded", "derived", "rank_only", "band_only", "not_ranked"),
    required=True,
)


def _layout(columns: str, *own: Column, **ranges: tuple[Kind, float, float]) -> Layout:
    """A layout of ``columns``. A star behind a name: it is of those that tell rows apart; ``!``: it must be filled, as
    those with a star must (but for ``*?``). ``own`` texts and ``ranges`` are of this table alone."""
    texts = {**_TEXTS, **{column.name: column for column in own}}
    known = {name: range_ for name, range_ in _NUMBERS.items() if name not in texts} | ranges
    marked = {word.rstrip("*!?"): word for word in columns.split()}

    def column(name: str, filled: bool) -> Column:
        if name in known:
            kind, low, high = known[name]
            return Column(name, kind, low, high, required=filled)
        result = texts.get(name, Column(name))
        return replace(result, required=True) if filled else result

    made = (column(name, word.endswith(("*", "!"))) for name, word in marked.items())
    return Layout(tuple(made), tuple(name for name, word in marked.items() if "*" in word), exact=True)


_PRINTED: dict[str, tuple[Kind, float, float]] = {"value": ("number", -100, 1e6)}

#: Of the units of a level that has no layout of its own.
LAYOUT_OF_UNITS = _layout(
    "key* name_vi! name_en! short_vi kind! valid_from valid_to successor_keys note",
    Column("key", pattern="[a-z]+(-[a-z0-9]+)*"),
)

LAYOUTS = {
    "published/par_index.csv": _layout(
        "year* level* key* index rank rank_min rank_max index_min index_max appraisal_points survey_points basis "
        "rank_basis source_ids! note",
        _PUBLISHED,
    ),
    "published/par_components.csv": _layout(
        "year* level* key* decision appraisal_points sipas_points leaders_points impact_points total sum_of_parts "
        "complete! source_ids! note"
    ),
    "published/par_area_index.csv": _layout(
        "year* level* key* area_code* area_name_vi scope* index points max_points area_rank index_basis "
        "source_ids! note",
        Column("area_code", pattern="[1-9]|impact"),
    ),
    "published/par_regions.csv": _layout("year* level* region* mean! change source_ids! note"),
    "published/par_statistics.csv": _layout(
        "year* level* area*? statistic* value! unit_key derived! source_ids! note",
        Column("level", refers="level", also=("national",), required=True),
        **_PRINTED,
    ),
    "published/par_changes.csv": _layout("year* level* key* change! source_ids! note"),
    "published/sipas.csv": _layout(
        "year* key* value rank rank_min rank_max basis rank_basis source_ids! note", _PUBLISHED
    ),
    "published/sipas_statistics.csv": _layout("year* statistic* value! source_ids!", **_PRINTED),
    "published/conflicts.csv": _layout(
        "year* level* key*? what* kept* kept_source_ids other* other_source_ids comment",
        Column("level", refers="level", also=("sipas", "scheme", "national"), required=True),
        Column("key", refers="any"),
    ),
    "published/explanations.csv": _layout("year* level* check* subject*? numbers* explanation! explanation_en!"),
    "published/sources.csv": _layout(
        "source_id* evidence! url url_complete! title! date",
        Column(
            "evidence", words=("official_site", "legal_portal", "law_as_quoted", "document", "press", "copy", "dataset")
        ),
        Column("url_complete", words=("yes", "no")),
        Column("date", pattern="20[0-9]{2}(-[0-9]{2}){0,2}"),
    ),
    "published/indices.csv": _layout(
        "index_name* levels name_vi! name_en! column decimals! unit! base_year grouped! issuer_vi issuer_en "
        "publisher_vi! publisher_en! surveyed! note",
        Column("index_name", pattern="[a-z]+"),
        Column("column", words=("index", "points"), required=True),
        decimals=("whole", 0, 9),
    ),
    "published/score_ranges.csv": _layout(
        "statistic* low high source_ids note", low=("number", 0, 100), high=("number", 0, 100)
    ),
    "external/papi.csv": _layout(
        "year* key* code* value!", Column("code", pattern=r"[1-8]\.[1-9]"), value=("number", 0, 10)
    ),
    "external/papi_totals.csv": _layout(
        "year* key* dim1 dim2 dim3 dim4 dim5 dim6 dim7 dim8 total", total=("number", 6, 80)
    ),
    "external/pci.csv": _layout("year* key* value! rank n_units source_ids!"),
    "external/dti.csv": _layout(
        "year* key* value! rank complete_year basis source_ids!",
        Column("basis", words=("published", "derived"), required=True),
        value=("number", 0, 1),
    ),
    "external/grdp.csv": _layout("year* key* grdp_bil_vnd pop_thousand grdp_pc_mil_vnd flag source_ids!"),
    "units/provinces.csv": _layout(
        "key* system* code! name_vi! name_en! full_name_vi! kind! region! valid_from valid_to successor_keys note",
        Column("key", pattern="[a-z]+(-[a-z0-9]+)*"),
        Column("code", pattern="[0-9]{2}"),
    ),
    "units/ministries.csv": LAYOUT_OF_UNITS,
    "units/levels.csv": _layout(
        "level* file! name_vi! name_en! plural_en! short_vi! all_vi! all_en! article_en issuer_vi issuer_en",
        Column("level", pattern="[a-z]+(_[a-z]+)*"),
        *(Column(name, optional=True) for name in ("issuer_vi", "issuer_en")),  # empty: that of the index
        Column("file", pattern=r"units/[a-z_]+\.csv"),
    ),
    "units/communes_2025.csv": _layout(
        "province code* kind! name_vi!",
        Column("province", refers="34", required=True),
        Column("code", pattern="[0-9]{5}"),
    ),
    "units/systems.csv": _layout(
        "system* level first_year effective source_ids note", Column("system", pattern="[a-z0-9]+")
    ),
    "units/regions.csv": _layout("slug* name_vi! name_en! system order!"),
    "units/aliases.csv": _layout("alias* name_vi*", Column("name_vi", refers="name")),
    "units/assessed.csv": _layout(
        "year* level* key* ranked! basis source_ids!", Column("basis", words=("list", "number", "rule"), required=True)
    ),
    "units/numbers_ranked.csv": _layout(
        "year* level* n_ranked! basis source_ids note", Column("basis", words=("printed",), required=True)
    ),
    "units/kinds.csv": _layout("key* system* effective* kind! full_name_vi! source_ids!"),
    "units/transfers.csv": _layout(
        "level* old* new* effective! task_vi* task_en! basis source_ids!",
        Column("old", refers="any", required=True),
        Column("new", refers="any", required=True),
        Column("basis", words=("done", "planned"), required=True),
    ),
    "schemes/areas.csv": _layout(
        "decision* level* years*? years_basis area_code* name_vi scope* max_points n_criteria n_subcriteria basis "
        "source_ids! note",
        Column("basis", words=("printed", "derived", "name_only", "not_seen"), required=True),
    ),
    "schemes/components.csv": _layout(
        "decision* level* years* years_basis component* name_vi! kind group max_points! basis source_ids! note",
        Column("kind", words=("part", "subtotal"), required=True),
        Column("group", words=("appraised", "survey"), required=True),
        Column("basis", words=("printed", "derived"), required=True),
    ),
    "schemes/bands.csv": _layout(
        "year* level* band* lower! basis source_ids note",
        Column("band", pattern="[A-Z]"),
        Column("basis", words=("printed", "inferred"), required=True),
    ),
    "schemes/breaks.csv": _layout("index_name* level* year* note"),
    "schemes/names_en.csv": _layout("name_vi* name_en!"),
    "surveys/groups.csv": _layout("key* name_vi! name_en!", Column("key", pattern="[a-z]+(_[a-z0-9]+)*")),
    "geo/labels.csv": _layout(
        "id* name_vi! label_vi label_en key63 key34 lon! lat! lon_min! lat_min! lon_max! lat_max! n_polygons",
        *(Column(name, pattern=r".+ \(.+\)", required=True) for name in ("label_vi", "label_en")),
    ),
    "geo/tiles.csv": _layout("system* key* column! row!", Column("key", refers="place")),
}
