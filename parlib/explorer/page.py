"""The page of ``parlib.explore()``: choosers on top, a tab a view, its controls, its answers, and what can be done with
them. It runs the lines of the view that is open and shows what they answer; nothing is computed here."""

from __future__ import annotations

import ast
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from html import escape
from pathlib import Path

import anywidget
import ipywidgets
import pandas as pd
import traitlets

import parlib
from parlib import places
from parlib.answers import Answer, told
from parlib.data_tables import indices, levels
from parlib.errors import ParameterError, ParlibError, Problem
from parlib.explorer import shown, views
from parlib.explorer.views import MERGED, VIEWS, Control, View
from parlib.publish import workbench
from parlib.report import clickable
from parlib.report.blocks import Figure, Note
from parlib.report.markup import display
from parlib.scoring import units
from parlib.sources import published, rounds
from parlib.words import FIRST, Message, alphabetical, fold
from parlib.years import Year, open_results
from parlib.years import year as open_year

_HERE = Path(__file__).parent
_MOST = 5  # units that are compared
_WRAPPED = {"flex_flow": "row wrap", "align_items": "center"}
CHOOSERS = {
    "index": Message("Index"),
    "level": Message("Level"),
    "year": Message("Year"),
    "round": Message("Data"),
    "merged": Message("Provinces"),
}
_SAVES = {
    "xlsx": Message("Table (Excel)"),
    "svg": Message("Figure (SVG)"),
    "png": Message("Figure (PNG)"),
    "pdf": Message("Figure (PDF)"),
}


class Front(anywidget.AnyWidget):
    """A part of the page that the browser draws: see ``front.js``."""

    _esm = _HERE / "front.js"
    _css = _HERE / "front.css"
    kind = traitlets.Unicode().tag(sync=True)
    data = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    value = traitlets.Any().tag(sync=True)


def explore(
    year: int | str = 0,
    level: str = "",
    index: str = "par",
    round: str = "",  # noqa: A002 - what it is called everywhere
    language: str = FIRST,
) -> Explorer:
    """A page to explore by choosing, without code: of the ``year`` given, else of the last one that is wholly known.

    Trang khám phá số liệu, không cần viết mã: ``parlib.explore()``.
    """
    if not year:
        year, level = last_whole(index, level)
    return Explorer(open_year(year, level or "province", index, round, language))


def last_whole(index: str, level: str) -> tuple[int, str]:
    """The last year of an index of which every ranked unit is known, and its level; else the last year there is."""
    named = [units.level_named(level)] if level else list(levels())
    there = sorted(((year, of) for of in named for year in published.known_years(index, of)), reverse=True)
    for year, of in there:
        results = open_results(year, of, index)
        if results.n_known == results.n_expected:
            return year, of
    return there[0] if there else (0, level)


def newest_round() -> str:
    """The round of the last year on this computer, of those that can be read; "" where there is none."""
    readable, _ = rounds.plans()
    return max(readable, key=lambda name: readable[name].year, default="")


def opened_round(name: str, language: str) -> Year:
    """The year that a round is of, as the round has it."""
    plan = rounds.open_for_reading(name).plan
    return open_year(plan.year, plan.level, plan.load_scheme().index_name, name, language)


def unreadable_rounds(language: str) -> str:
    """The rounds on this computer that cannot be read, and why, as lines of a page."""
    told_ = (
        Message("Round {name} cannot be read: {why}", {"name": name, "why": error.problems[0]}).text(language)
        for name, error in rounds.plans()[1].items()
    )
    return "".join(f'<div class="pe-error">{escape(text)}</div>' for text in told_)


def answered(lines: Sequence[str], names: dict[str, object]) -> list[object]:
    """What lines of code answer, one after another; ``names`` are those they know, and get those they give."""
    results = []
    for line in lines:
        if _answers(line):
            results.append(eval(line, names))  # lines of ``views``, in which what was typed is quoted
        else:
            exec(line, names)
    return results


def _answers(line: str) -> bool:
    """Whether a line of code answers something, and does not only give it a name."""
    return isinstance(ast.parse(line).body[0], ast.Expr)


class Explorer:
    """The page. ``year`` is what is looked at, ``view`` what of it, ``values`` what its controls hold. Other pages have
    ``own_views`` of theirs, less to choose (``choosing``) and to save (``saves``)."""

    own_views: tuple[View, ...] = VIEWS
    choosing: Sequence[str] = tuple(CHOOSERS)
    saves: Sequence[str] = tuple(_SAVES)

    def __init__(self, year: Year, unit: str = "") -> None:
        self.year, self.language = year, year.language
        self.view, self.values = self.own_views[0], dict[str, str]()
        self.sort, self.unit, self.merged = "", year._name(year.unit(unit)) if unit else "", ""
        self.answers: list[object] = []
        self._pictures: dict[tuple[str, str], object] = {}
        self._quiet = False
        self.choosers = {name: Front(kind="choice", value="") for name in self.choosing}
        self.status, self.message, self.code = (ipywidgets.HTML() for _ in range(3))
        self.tabs = Front(kind="tabs", value=self.view.key)
        self.controls: dict[str, ipywidgets.Widget] = {}
        self.bar, self.doing = ipywidgets.Box(layout=_WRAPPED), ipywidgets.Box(layout=_WRAPPED)
        self.table, self.map, self.picture = Front(kind="table"), Front(kind="map"), ipywidgets.HTML()
        self.picture.add_class("pe-picture")
        top = ipywidgets.Box(list(self.choosers.values()), layout=_WRAPPED)
        parts = [top, self.status, self.tabs, self.bar, self.doing, self._actions(), self.message, self.code]
        self.page = ipywidgets.VBox([*parts, self.table, self.map, self.picture])
        self.page.add_class("pe-page")
        for name, chooser in self.choosers.items():
            chooser.observe(lambda change, name=name: self._guarded(self._choose, name, change["new"]), "value")
        self.tabs.observe(lambda change: self._guarded(self.show, change["new"]), "value")
        for part in (self.table, self.map):
            part.observe(lambda change: self._guarded(self._clicked, change["new"]), "value")
        self._guarded(self._opened)

    def _repr_mimebundle_(self, **given: object) -> dict[str, object]:
        data: dict[str, object] = self.page._repr_mimebundle_(**given)
        words = self.say(Message("Run this cell (Shift + Enter): the page is drawn when it runs."))
        return {**data, "text/plain": words}  # where there are no widgets

    def say(self, message: Message, **places_: object) -> str:
        """A message in the language of the page."""
        return message.filled(**places_).text(self.language)

    # --- which year --------------------------------------------------------------------------------

    def _choose(self, name: str, value: str) -> None:
        """Open another index, level, year or round; the nearest that there is where the others do not fit it."""
        asked = self._held()
        if str(value) == asked[name]:
            return
        asked[name] = str(value)
        merged = asked.pop("merged") if name == "merged" else ""
        if name == "round" and value:
            plan = rounds.plans()[0][value]
            asked |= {"index": "par", "level": plan.level, "year": str(plan.year)}
        elif name != "round":
            asked["round"] = ""
        if not asked["round"] and asked["level"] not in published.levels(asked["index"]):
            asked["level"] = published.levels(asked["index"])[0]
        years = published.known_years(asked["index"], asked["level"])
        if not asked["round"] and int(asked["year"]) not in years:
            asked["year"] = str(max((y for y in years if y <= int(asked["year"])), default=min(years)))
        self.message.value = self._line(Message("Working …"))
        opened = open_year(asked["year"], asked["level"], asked["index"], asked["round"], self.language)
        self.year, self.merged = (opened.merged(merged) if merged else opened), merged
        self._opened()

    def _held(self) -> dict[str, str]:
        """What the choosers hold."""
        results = self.year.results
        held = (results.index_name, results.level, str(results.year), self.year.round_id, self.merged)
        return dict(zip(CHOOSERS, held, strict=True))

    def _opened(self) -> None:
        """All of the page anew, for another year."""
        self.table.data = {"html": self._line(Message("Working …"))}
        self._show_choosers()
        about = {**self.year.results.about(), "language": self.language}
        line, marks = told(about, self.language), self.year.results.marks
        line = f"<b>{escape(line)}</b>" if self.year.results.simulated else escape(line)
        line = f'<div class="pe-status{" pe-marked" if marks else ""}">{line}</div>'
        self.status.value = line + unreadable_rounds(self.language)
        lacking = {view.key: view.lacks(self.year) for view in self.own_views}
        options = [[v.key, self.say(v.title), self.say(why) if (why := lacking[v.key]) else ""] for v in self.own_views]
        self.tabs.data = {"label": self.say(Message("Views")), "options": options}
        self._open(self.own_views[0].key if lacking[self.view.key] else self.view.key)

    def _show_choosers(self) -> None:
        results = self.year.results
        of_all = published.levels(results.index_name)
        of_level = published.known_years(results.index_name, results.level)
        years = {year for name in indices() for level in levels() for year in published.known_years(name, level)}
        vi, of_par = self.language == FIRST, results.index_name == "par"
        options = {
            "index": [(name, row["name_vi" if vi else "name_en"], True) for name, row in indices().items()],
            "level": [(name, row["name_vi" if vi else "plural_en"], name in of_all) for name, row in levels().items()],
            "year": [(str(year), str(year), year in of_level) for year in sorted(years, reverse=True)],
            "round": [("", self.say(Message("as published")), results.year in of_level),
                      *self._rounds(lambda plan: of_par and (plan.level, plan.year) == (results.level, results.year))],
            "merged": [("", self.say(Message("as they were")), True),
                       *((how, self.say(words), bool(self.merged) or results.system == "63")
                         for how, words in MERGED.items())],
        }  # fmt: skip
        for name, chooser in self.choosers.items():
            chooser.value = self._held()[name]
            chooser.layout.display = "none" if name == "merged" and not results.system else None
            chooser.data = {"label": self.say(CHOOSERS[name]), "options": [list(option) for option in options[name]]}

    def _rounds(self, fits: Callable[[rounds.RoundPlan], bool]) -> list[tuple[str, str, bool]]:
        """The rounds on this computer; one that does not fit or cannot be read cannot be chosen."""
        readable, unreadable = rounds.plans()
        there = [(name, name, fits(plan)) for name, plan in readable.items()]
        return there + [(name, self.say(Message("{name}: cannot be read"), name=name), False) for name in unreadable]

    # --- which view --------------------------------------------------------------------------------

    def show(self, key: str) -> None:
        """Open a view, if it is not the one that is open."""
        if key != self.view.key:
            self._open(key)

    def _open(self, key: str) -> None:
        """Open a view, with controls of its own."""
        self.view = next(view for view in self.own_views if view.key == key)
        self.sort = ""
        if self.tabs.value != key:
            self.tabs.value = key
        self.values = self._first_values()
        self.table.data, self.map.data, self.picture.value = {"html": self._line(Message("Working …"))}, {}, ""
        self.controls = {
            control.name: self._control(control) for control in self.view.controls if control.kind != "hidden"
        }
        self.bar.children = list(self.controls.values())
        self.doing.children = [self._button(words, getattr(self, name)) for words, name in self.view.buttons]
        self._run()

    def _first_values(self) -> dict[str, str]:
        """What a view holds before its controls are there."""
        return {}

    def _control(self, control: Control) -> ipywidgets.Widget:
        """A control as a widget; what it holds goes into ``values``, now and when it changes."""
        label = self.say(control.label)
        if control.kind in ("unit", "units"):
            known = self.year.rank().sort_values("rank", na_position="last", kind="stable")["name"]
            number = 2 if control.kind == "units" else 1
            usual = dict.fromkeys([self.unit, *known] if self.unit in set(known) else known)
            first = [name for name in usual if name not in self.values.values()][:number]
            named = [[name, *self._other_names(name)] for name in sorted(known, key=alphabetical)]
            data = {"label": label, "options": named, "most": _MOST if control.kind == "units" else 1,
                    "hint": self.say(Message("type a name ..."))}  # fmt: skip
            made = Front(kind="picker", data=data, value=";".join(first))
        elif control.kind == "choice":
            made = Front(kind="choice", value=None)
            self._fill(control, made)
        elif control.kind in ("file", "files"):
            several = control.kind == "files"
            made = ipywidgets.FileUpload(accept=views.ACCEPTED[several], multiple=several, description=label)
            made.layout.width = "auto"
        else:
            held = self.values.get(control.name, "")
            made = ipywidgets.Text(held, placeholder=label, layout={"width": "200px"})
            if control.kind in ("number", "name"):
                made = ipywidgets.Text(held, description=label, style={"description_width": "initial"})
                made.layout.width = "auto"
                made.add_class(f"pe-{control.kind}")
        self.values[control.name] = "" if control.kind in ("file", "files") else str(made.value or "")
        made.observe(lambda change: self._guarded(self._changed, control, change["new"]), "value")
        return made

    def _fill(self, control: Control, made: ipywidgets.Widget) -> None:
        options = control.options(self.year, self.values)
        made.data = {"label": self.say(control.label), "options": [[key, text, True] for key, text in options]}
        keys = [key for key, _ in options]
        if made.value not in keys:
            made.value = keys[0] if keys else ""

    def _other_names(self, name: str) -> list[str]:
        unit = units.get(self.year.unit(name), self.year.results.level, self.year.results.system)
        letters = "".join(word[0] for word in fold(unit.name_vi).split() if word != "va")
        return [unit.name_en, *filter(None, [unit.short_vi]), letters]

    def _changed(self, control: Control, value: object) -> None:
        if self._quiet:
            return
        if control.kind in ("file", "files"):
            self._take(value)
        elif control.kind in ("unit", "units"):
            names = [self.year._name(self.year.unit(name)) for name in str(value).split(";") if name]
            self.values[control.name], self.unit = ";".join(names), names[0] if names else self.unit
            self.values.pop("answers", None)
        else:
            self.values[control.name] = str(value)
        if control.kind == "name":  # it changes nothing that is shown
            return
        self._fill_choices(control)
        self._run()

    def _fill_choices(self, changed: Control | None = None) -> None:
        """What can be chosen anew: it may rest on what was."""
        for control in self.view.controls:
            if control.kind == "choice" and control is not changed:
                self._quiet = True
                try:
                    self._fill(control, self.controls[control.name])
                finally:
                    self._quiet = False
                self.values[control.name] = str(self.controls[control.name].value)

    def _take(self, uploaded: object) -> None:
        """Keep an Excel of one's own beside the notebook of one's own, so that its code can be run there."""
        (one,) = uploaded if isinstance(uploaded, tuple) else ()
        path = places.workbench() / Path(one["name"]).name
        places.make_folder(path.parent)
        with places.whole_file(path) as draft:
            draft.write_bytes(bytes(one["content"]))
        self.values["file"] = str(path)
        self.values["column"] = views.column_of_names(views.read(str(path)), self.year)
        control = self.controls["column"]
        self._quiet = True
        control.value = self.values["column"]
        self._quiet = False

    def _clicked(self, told_: Mapping[str, object] | None) -> None:
        """What was clicked in a table or on the map: a head sorts, a unit opens its card, an answer is chosen."""
        if not told_:
            return
        getattr(self, f"_on_{told_['what']}")(told_)

    def _on_sort(self, told_: Mapping[str, object]) -> None:
        down = f"{told_['column']}|False"
        self.sort = f"{told_['column']}|True" if self.sort == down else down
        self._run()

    def _on_answer(self, told_: Mapping[str, object]) -> None:
        self._answer({str(told_["code"]): str(told_["answer"])})

    def _on_way(self, told_: Mapping[str, object]) -> None:
        """Answer as one of the shortest ways does."""
        line = next(line for line in self._asked() if ".ways(" in line)
        (steps,) = answered([line.partition(".steps")[0] + ".steps"], self._names())
        assert isinstance(steps, pd.DataFrame)
        own = steps[steps["way"] == int(str(told_["way"]))]
        self._answer(dict(zip(own["code"], own["after"], strict=True)))

    def _answer(self, more: Mapping[str, str]) -> None:
        """Other answers beside those given; "" is what it was."""
        given = {**json.loads(self.values.get("answers") or "{}"), **more}
        self.values["answers"] = json.dumps({code: answer for code, answer in given.items() if answer != ""})
        self._run()

    def _on_unit(self, told_: Mapping[str, object]) -> None:
        self.unit = self.year._name(told_["unit"])
        if "unit" in {view.key for view in self.own_views}:
            self._open("unit")

    # --- the answers -------------------------------------------------------------------------------

    def lines(self) -> list[str]:
        """The code behind what is shown, whole."""
        picture = self.view.picture(self.values)
        return [*self._head(), *self._asked(), *([picture] if picture else [])]

    def _head(self) -> list[str]:
        """The lines that open what is looked at."""
        return ["import parlib", views.year_code(self.year, self.merged)]

    def _names(self) -> dict[str, object]:
        """What those lines give, opened already."""
        return {"parlib": parlib, "year": self.year}

    def _asked(self) -> list[str]:
        lines = self.view.lines(self.values)
        if self.sort and lines:
            column, up = self.sort.split("|")
            lines[0 if self.view.show != "" else -1] += f".sort_values({views.said(column)}, ascending={up})"
        return lines

    def _run(self) -> None:
        """Run the lines of the view, show what they answer, then draw its picture."""
        self.message.value = ""
        names = self._names()
        try:
            self.answers = answered(self._asked(), names)
            self.table.data = {"html": self._html(), "view": self.view.key}
            self.map.data = self._country()
            if self.code.value:
                self._show_code()
            self._draw(names)
        except ParlibError:
            self.answers, self.table.data, self.picture.value = [], {"html": ""}, ""
            raise

    def _html(self) -> str:
        own = {self.year.unit(name) for key in ("unit", "a", "b") for name in [self.values.get(key, "")] if name}
        show = shown.Shown(self.year, self.view.bars, tuple(own) if self.view.key != "unit" else ())
        if self.view.show == "card":
            return show.card(self.answers)
        if self.view.show == "survey":
            return show.survey(self.answers)
        if self.view.show == "what_if":
            given = json.loads(self.values.get("answers") or "{}")
            return show.what_if(self.answers, self.year.unit(self.values["unit"]), given)
        if self.view.key == "own" and not self.answers:
            return self._line(
                Message("Choose a file with a column of names of units: Excel, or CSV; heads in the first row.")
            )
        return "".join(show.html(answer) for answer in self.answers)

    def _line(self, message: Message) -> str:
        return f'<p class="pe-told">{escape(self.say(message))}</p>'

    def _country(self) -> dict[str, object]:
        """The map, where the view is one; its colours go into ``state``."""
        if self.view.show != "map":
            return {}
        self.map.state = clickable.looks(self.year, self.values["of"])
        country = clickable.outlines(self.year.results.system, self.language)
        return {**country, "label": self.say(Message("Map of the provinces"))}

    def _draw(self, names: dict[str, object]) -> None:
        """The picture of the view, unless it is that which is there; one that is saved only is drawn then."""
        code = self.view.picture(self.values)
        if not code or self.view.show == "map":
            self.picture.value = ""
            return
        if (views.year_code(self.year, self.merged), code) not in self._pictures:
            self.picture.value = self._line(Message("Working …"))  # not a figure of others beside the new table
        block = self._picture(code, names)
        self.picture.value = display(block.to_data()) if isinstance(block, Figure | Note) else ""

    def _picture(self, code: str, names: dict[str, object]) -> object:
        key = (views.year_code(self.year, self.merged), code)
        if key not in self._pictures or "own" in code:
            self._pictures[key] = answered([code], names)[-1]
        return self._pictures[key]

    # --- what can be done with them ----------------------------------------------------------------

    def _actions(self) -> ipywidgets.Widget:
        self.notebook = ipywidgets.Text("kham-pha", layout={"width": "120px"})
        made = [self._button(_SAVES[kind], partial(self.save, kind)) for kind in self.saves]
        made.append(self._button(Message("Show the code"), self._toggle_code))
        made.append(self._button(Message("Add to my report:"), self.add_to_report))
        self.actions = made
        return ipywidgets.Box([*made, self.notebook], layout=_WRAPPED)

    def _button(self, message: Message, do: Callable[[], None]) -> ipywidgets.Button:
        button = ipywidgets.Button(description=self.say(message), layout={"width": "auto"})
        button.on_click(lambda _: self._guarded(do))
        return button

    def saved(self, kind: str) -> bytes:
        """The table (xlsx) or the picture (svg, png, pdf) of the view, as a file."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"parlib.{kind}"
            if kind == "xlsx":
                frames = [answer for answer in self.answers if isinstance(answer, pd.DataFrame)]
                if not frames:
                    raise ParameterError(Problem("this view has no table"))
                plain = Answer(Answer(frames[0]).shown.rename(columns=shown.heads(frames[0], self.language)))
                plain.attrs = frames[0].attrs or {**self.year.results.about(), "language": self.language}
                plain.to_excel(path, self.say(self.view.title))
            else:
                code = self.view.picture(self.values)
                names = self._names()
                answered(self._asked() if self.view.key == "own" else [], names)
                block = self._picture(code, names) if code else None
                if not isinstance(block, Figure):
                    raise ParameterError(
                        Problem("this view has no figure: {why}", why=block.text if isinstance(block, Note) else "…")
                    )
                block.save(path)
            return path.read_bytes()

    def save(self, kind: str) -> None:
        """Hand the table or the picture to the browser, which keeps it where downloads are."""
        results = self.year.results
        self.hand_out(f"{results.index_name}-{results.year}-{self.view.key}.{kind}", self.saved(kind))

    def hand_out(self, name: str, content: bytes) -> None:
        """Hand a file to the browser; what is made up says so in its name too."""
        if self.year.results.simulated and not name.startswith("MO-PHONG"):
            name = f"MO-PHONG-{name}"
        self.tabs.send({"name": name}, [content])
        self._tell(self.say(Message("Saved: {name}"), name=name))

    def _toggle_code(self) -> None:
        if self.code.value:
            self.code.value = ""
        else:
            self._show_code()

    def _show_code(self) -> None:
        self.code.value = f'<div class="pe-code">{escape(chr(10).join(self.lines()))}</div>'

    def add_to_report(self) -> None:
        """Put what is shown, a heading and cells of code, at the end of a notebook of one's own; make one where there
        is none."""
        results = self.year.results
        cells = [f"## {self.say(self.view.title)}\n\n{told(results.about(), self.language)}"]
        waiting = list[str]()
        for line in self.lines():  # a cell shows its last answer alone: an answer a cell
            waiting.append(line)
            if _answers(line):
                cells.append("\n".join(waiting))
                waiting = []
        given = {"year: int": results.year, "level: str": results.level, "language: str": self.language,
                 "index_name: str": results.index_name, "round_id: str": self.year.round_id}  # fmt: skip
        path = workbench.add("-".join(fold(self.notebook.value).split()) or "kham-pha", cells, given, self.language)
        self._tell(self.say(Message("Added to {path}"), path=f"{path.parent.name}/{path.name}"))

    def _tell(self, text: str) -> None:
        self.message.value = f'<p class="pe-told">{escape(text)}</p>'

    def _guarded(self, do: Callable[..., None], *given: object) -> None:
        """Do it; what is wrong stands on the page, for nobody reads the log of a kernel."""
        try:
            do(*given)
        except ParlibError as error:
            self._show_choosers()  # as they are, not as they were asked for
            self._refuse(error.text(self.language))

    def _refuse(self, text: str) -> None:
        self.message.value = f'<div class="pe-error" role="alert">{escape(text)}</div>'
