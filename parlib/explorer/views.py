"""What staff can look at, a row of ``VIEWS`` each: its controls, and the lines of ``parlib`` that it asks.

The lines are the whole of it: the page runs them and shows what they answer, "show the code" shows them, a report gets
them. What is shown is by construction what the code gives.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from parlib.data_tables import levels
from parlib.errors import ParameterError, Problem
from parlib.scoring import units
from parlib.words import FIRST, Message
from parlib.years import Year

#: What the controls of a view hold: a name, names with ";" between them, answers as JSON.
Values = Mapping[str, str]
Options = list[tuple[str, str]]  # what is asked for, and what it is called


@dataclass(frozen=True)
class Control:
    """One control of a view. ``kind``: "unit", "units" (up to five), "choice" of ``options``, "text", "number",
    "file", "files", "name" (a text that no answer rests on), "hidden" (what the shown answers themselves are asked
    for)."""

    name: str
    label: Message
    kind: str
    options: Callable[[Year, Values], Options] = lambda _, __: []


@dataclass(frozen=True)
class View:
    """One view. ``lines``: the code of its tables, an expression or an assignment a line. ``picture``: the code of its
    figure, "" for none. ``show``: what makes one whole of the answers, by name, where they do not simply follow one
    another. ``lacks``: why it cannot be had of a year. ``bars``: columns that are shown as bars too. ``buttons``: what
    can be done, and the method of the page that does it."""

    key: str
    title: Message
    controls: tuple[Control, ...] = ()
    lines: Callable[[Values], list[str]] = lambda _: []
    picture: Callable[[Values], str] = lambda _: ""
    show: str = ""
    lacks: Callable[[Year], Message | None] = lambda _: None
    bars: tuple[str, ...] = ()
    buttons: tuple[tuple[Message, str], ...] = ()


#: What may be dropped: a table of one's own, and the forms and lists of units.
ACCEPTED = (".xlsx,.csv", ".xlsx,.xls,.ods,.csv,.txt,.tsv")


def said(text: str) -> str:
    """A text as it stands in code."""
    return json.dumps(text, ensure_ascii=False)


def listed(names: str) -> str:
    """Names as arguments."""
    return ", ".join(said(name) for name in names.split(";") if name)


def _where(column: str, text: str) -> str:
    """The code that keeps the rows of which a column holds this text."""
    asked = f"{column} == {said(text)}".replace("\\", "\\\\").replace("'", "\\'")
    return f".query('{asked}')"


def in_language(language: str) -> str:
    """The argument that asks for a language; "" for the first one."""
    return f", language={said(language)}" if language != FIRST else ""


def year_code(year: Year, merged: str = "") -> str:
    """The line that opens a year, carried over to merged provinces where a way is named."""
    results = year.results
    level = levels()[results.level]["short_vi"] if year.language == FIRST else results.level
    given = [str(results.year), said(level)] + ([said(results.index_name)] if results.index_name != "par" else [])
    given += [f"round={said(year.round_id)}"] if year.round_id else []
    asked = f"parlib.year({', '.join(given)}{in_language(year.language)})"
    return f"year = {asked}" + (f".merged({said(merged)})" if merged else "")


# --- what can be chosen ---------------------------------------------------------------------------------


def _regions(year: Year, _: Values) -> Options:
    system = year.results.system
    return [
        ("", ALL.text(year.language)),
        *((r.slug, year._name(r.slug)) for r in (units.regions(system) if system else ())),
    ]


def _bands(year: Year, _: Values) -> Options:
    return [("", ALL.text(year.language)), *((str(band), str(band)) for band in year.results.bands)]


def _areas(year: Year, _: Values) -> Options:
    nodes = year.results.nodes
    keys = [str(key) for key in nodes.loc[nodes["kind"] == "area", "node"]]
    known = [key for key in keys if year.results.values(key).notna().any()]
    return [("", _WHOLE.text(year.language)), *((key, f"{key}. {year._name(key)}") for key in known)]


def worded(words: Mapping[str, Message]) -> Callable[[Year, Values], Options]:
    """Options that are called so."""
    return lambda year, _: [(key, message.text(year.language)) for key, message in words.items()]


def _others(year: Year, _: Values) -> Options:
    same = [("", Message("the same index").text(year.language))] if len(_areas(year, {})) > 2 else []
    return [*((of.index_name, f"{of.index_name.upper()} {of.year}") for of in year.related), *same]


def _other_areas(year: Year, values: Values) -> Options:
    related = {of.index_name: of for of in year.related}
    other = values.get("other", "")
    if other in related:
        return _areas(Year(related[other], language=year.language), {})
    return _areas(year, {})[1:]  # of the same index the whole is on the other axis


def _groups(year: Year, _: Values) -> Options:
    names = dict.fromkeys(year.survey()["group_name"])
    return [("", ALL.text(year.language)), *((str(name), str(name)) for name in names)]


def _columns(_: Year, values: Values) -> Options:
    return [(str(name), str(name)) for name in read(values["file"])] if values.get("file") else []


def _numbers(_: Year, values: Values) -> Options:
    if not values.get("file"):
        return []
    numeric = read(values["file"]).select_dtypes("number")
    return [(str(name), str(name)) for name in numeric]


def read(path: str) -> pd.DataFrame:
    """A table of one's own: Excel, or CSV with any separator."""
    return pd.read_csv(path, sep=None, engine="python") if path.lower().endswith(".csv") else pd.read_excel(path)


def column_of_names(frame: pd.DataFrame, year: Year) -> str:
    """The column of a table of one's own in which most cells name a unit."""

    def named(cell: object) -> bool:
        try:
            return bool(year.unit(str(cell)))
        except ParameterError:
            return False

    return max(map(str, frame), key=lambda column: sum(map(named, frame[column].head(80))), default="")


# --- the code -------------------------------------------------------------------------------------------


def _ranking(v: Values) -> list[str]:
    given = [f"{name}={said(v[name])}" for name in ("region", "band", "containing") if v.get(name)]
    return [f"year.wide({', '.join(given)})"]


#: Pictures of all units: their names in ``parlib.chart``, and what they are called.
_PICTURES = {
    "ranking": Message("ranking"),
    "heat_map": Message("areas in colours"),
    "change": Message("change"),
    "regions": Message("regions"),
    "": Message("none"),
}


def _card(v: Values) -> list[str]:
    unit, own = said(v["unit"]), _where("name", v["unit"])
    return [
        f'year.table(){own}[["node", "node_name", "points", "maximum", "index", "rank"]]',
        f"year.wide({unit})",
        f"year.change(){own}",
        f"year.history({unit})",
    ]


_COLOURS = {"value": Message("value"), "band": Message("in group"), "change": Message("change")}


def _of_map(v: Values) -> str:
    return f"parlib.chart.map(year, {said(v['of'])})"


def _scatter(v: Values) -> str:
    other = said(v["other"]) if v.get("other") else "year"
    nodes = [f"{name}={said(v[name])}" for name in ("node", "other_node") if v.get(name)]
    return f"parlib.chart.scatter({', '.join(['year', other, *nodes])})"


_LINK = '[["other_name", "other_year", "n", "n_units", "coefficient", "low", "high"]]'
_STEP = '[["way", "code", "code_name", "before_label", "after_label", "gain"]]'


def others(v: Values) -> str:
    """The argument that says what the others do meanwhile; "" where they stand still."""
    text = v.get("others", "").strip().replace(",", ".") or "0"
    try:
        rise = float(text)
    except ValueError:
        raise ParameterError(Problem("give a number of percentage points, such as 0.5", value=text)) from None
    return f", others={rise:g}" if rise else ""


def what_if(v: Values) -> list[str]:
    """The ranking if a unit answered otherwise, its own points, and the ways up to a rank that is asked for."""
    unit, given = said(v["unit"]), json.dumps(json.loads(v.get("answers") or "{}"), ensure_ascii=False)
    lines = [f"year.what_if({unit}, {given}{others(v)})"]
    lines.append(f'year.scenarios({unit}, {{"*": {given}}}{others(v)})')
    if rank := v.get("rank", "").strip():
        if not rank.isdigit():
            raise ParameterError(Problem("a rank is a whole number", value=rank))
        lines.append(f"year.ways({unit}, rank={int(rank)}{others(v)}).steps{_STEP}")
    return lines


def _survey(v: Values) -> list[str]:
    chosen = _where("group_name", v["group"]) if v.get("group") else ""
    asked = '.rename(columns={"name": "question"})'
    return [f'year.survey(){chosen}[["group_name", "name", "n", "share", "lower", "upper"]]{asked}']


def _own(v: Values) -> list[str]:
    if not v.get("file"):
        return []
    opened = 'pd.read_csv({}, sep=None, engine="python")' if v["file"].lower().endswith(".csv") else "pd.read_excel({})"
    return [
        "import pandas as pd",
        f"own = {opened.format(said(v['file']))}",
        f"own = parlib.match(own, {said(v['column'])}, year)",
        "own",
    ]


def _own_picture(v: Values) -> str:
    return (
        f'parlib.chart.scatter(year, own.set_index("unit")[{said(v["number"])}])'
        if v.get("file") and v.get("number")
        else ""
    )


# --- the views ------------------------------------------------------------------------------------------

ALL, _WHOLE = Message("all"), Message("whole index")
#: How provinces are carried over to those after the mergers of 2025.
MERGED = {
    "mean": Message("34 provinces, mean of the merged"),
    "best": Message("34 provinces, best of the merged"),
    "worst": Message("34 provinces, worst of the merged"),
}


def _of_a_round(year: Year) -> Message | None:
    return None if year.round_id else Message("Needs a round: choose one above.")


def _on_a_map(year: Year) -> Message | None:
    return None if year.results.system else Message("There is a map of provinces only.")


def _beside_others(year: Year) -> Message | None:
    return None if _others(year, {}) else Message("There is no other index and no area of these units.")


UNIT = Control("unit", Message("Name of the unit"), "unit")

VIEWS: tuple[View, ...] = (
    View(
        "ranking",
        Message("Ranking"),
        (
            Control("containing", Message("Search"), "text"),
            Control("region", Message("Region"), "choice", _regions),
            Control("band", Message("In group"), "choice", _bands),
            Control("picture", Message("Figure"), "choice", worded(_PICTURES)),
        ),
        _ranking,
        lambda v: f"parlib.chart.{v['picture']}(year)" if v["picture"] else "",
    ),
    View(
        "unit",
        Message("One unit"),
        (UNIT,),
        _card,
        lambda v: f"parlib.chart.history(year, {said(v['unit'])})",
        "card",
    ),
    View(
        "compare",
        Message("Compare"),
        (Control("units", Message("Up to five units"), "units"),),
        lambda v: [f"year.wide({listed(v['units'])})"],
        lambda v: f"parlib.chart.compare(year, {listed(v['units'])})",
    ),
    View(
        "map",
        Message("Map"),
        (Control("of", Message("Colours"), "choice", worded(_COLOURS)),),
        picture=_of_map,
        show="map",
        lacks=_on_a_map,
    ),
    View(
        "scatter",
        Message("Two indices"),
        (
            Control("other", Message("Beside"), "choice", _others),
            Control("node", Message("Part of this one"), "choice", _areas),
            Control("other_node", Message("Part of the other"), "choice", _other_areas),
        ),
        lambda v: [f"year.links(){_LINK}"] if v["other"] else [],
        _scatter,
        lacks=_beside_others,
    ),
    View(
        "what_if",
        Message("What if"),
        (
            UNIT,
            Control("rank", Message("Shortest ways to rank"), "number"),
            Control("answers", Message("Answers"), "hidden"),
        ),
        what_if,
        show="what_if",
        lacks=_of_a_round,
    ),
    View(
        "sure",
        Message("How sure"),
        (Control("a", Message("Name of the unit"), "unit"), Control("b", Message("and"), "unit")),
        lambda v: [f"year.apart({said(v['a'])}, {said(v['b'])})", "year.by_tier()"],
        lambda _: "parlib.chart.sure(year)",
    ),
    View(
        "losses",
        Message("Points lost"),
        (UNIT,),
        lambda v: [f'year.losses({said(v["unit"])}).leaves[["node", "node_name", "maximum", "points", "lost"]]'],
        lacks=_of_a_round,
        bars=("lost",),
    ),
    View(
        "self",
        Message("Self-assessment"),
        (Control("node", Message("Part"), "choice", _areas),),
        lambda v: [
            f'year.self_gap({said(v["node"]) if v["node"] else ""})[["unit", "name", "claimed", "granted", "gap"]]'
        ],
        lacks=_of_a_round,
        bars=("gap",),
    ),
    View(
        "survey",
        Message("Survey"),
        (Control("group", Message("Asked"), "choice", _groups),),
        _survey,
        show="survey",
        lacks=_of_a_round,
    ),
    View(
        "own",
        Message("Own Excel"),
        (
            Control("file", Message("Own Excel"), "file"),
            Control("column", Message("Column of names"), "choice", _columns),
            Control("number", Message("Numbers to draw"), "choice", _numbers),
        ),
        _own,
        _own_picture,
    ),
)
