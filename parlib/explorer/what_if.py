"""The page of ``parlib.what_if()``: a unit answers its criteria otherwise, keeps scenarios under names, sets them side
by side and takes one along as a plan in Excel. All numbers are those of the lines of the views."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from parlib import places
from parlib.errors import DataError, ParameterError, Problem
from parlib.explorer import views
from parlib.explorer.page import Explorer, last_whole, newest_round, opened_round
from parlib.explorer.shown import Shown
from parlib.explorer.views import UNIT, Control, Options, Values, View, said
from parlib.publish.plan import plan_book
from parlib.scoring import units
from parlib.words import FIRST, Message, fold
from parlib.years import Year
from parlib.years import year as open_year

Scenarios = dict[str, dict[str, str]]  # other answers by code, by the name of the scenario

_OTHERS = Control("others", Message("All others gain (percentage points)"), "number")


def _kept(_: Year, values: Values) -> Options:
    return [(name, name) for name in json.loads(values.get("scenarios") or "{}")]


def _beside(v: Values) -> list[str]:
    unit, given = said(v["unit"]), v.get("scenarios") or "{}"
    if given == "{}":
        return []
    lines = [f"year.scenarios({unit}, {given}{views.others(v)})", f"year.scenarios_by_criterion({unit}, {given})"]
    chosen = json.dumps(json.loads(given).get(v.get("scenario", ""), {}), ensure_ascii=False)
    return [*lines, f"year.plan({unit}, {chosen})"]


WHAT_IF = (
    View(
        "what_if",
        Message("Other answers"),
        (
            UNIT,
            _OTHERS,
            Control("rank", Message("Shortest ways to rank"), "number"),
            Control("answers", Message("Answers"), "hidden"),
            Control("name", Message("Name of the scenario"), "name"),
        ),
        views.what_if,
        show="what_if",
        buttons=((Message("Keep under this name"), "keep"), (Message("As it was"), "forget_answers")),
    ),
    View(
        "beside",
        Message("Scenarios side by side"),
        (UNIT, _OTHERS, Control("scenario", Message("Scenario"), "choice", _kept)),
        _beside,
        show="beside",
        buttons=(
            (Message("Plan of this scenario (Excel)"), "save_plan"),
            (Message("Go on with this scenario"), "take_up"),
            (Message("Remove this scenario"), "remove"),
        ),
    ),
)


def what_if(
    unit: str = "",
    year: int | str = 0,
    level: str = "",
    index: str = "par",
    round: str = "",  # noqa: A002 - what it is called everywhere
    language: str = FIRST,
) -> WhatIf:
    """A page to see what would be if a ``unit`` answered otherwise: of a ``round``, else of the last one on this
    computer, else of the last published year that is wholly known.

    Trang "nếu như": ``parlib.what_if("Bộ Y tế", round="2023-ministry")``.
    """
    if not year and (name := round or (newest_round() if index == "par" else "")):
        return WhatIf(opened_round(name, language), unit)
    if not year:
        year, level = last_whole(index, level)
    return WhatIf(open_year(year, level or "province", index, round, language), unit)


class WhatIf(Explorer):
    """The page. ``scenarios`` are those of the unit that is looked at, kept beside one's own notebooks."""

    own_views = WHAT_IF
    choosing = ("index", "level", "year", "round")
    saves = ("xlsx",)

    def __init__(self, year: Year, unit: str = "") -> None:
        self.answers_given: dict[tuple[str, str], str] = {}  # by what is looked at, and the unit
        super().__init__(year, unit)

    def _first_values(self) -> dict[str, str]:
        held = {"answers": self.answers_given.get((self._about, self.unit), "")}
        return {**held, "scenarios": json.dumps(self.scenarios(self.unit), ensure_ascii=False)}

    def _run(self) -> None:
        unit = self.values["unit"]
        if "answers" in self.values and self.view.key == "what_if":
            self.answers_given[self._about, unit] = self.values["answers"]
        self.unit = unit
        scenarios = json.dumps(self.scenarios(unit), ensure_ascii=False)
        if scenarios != self.values.get("scenarios"):
            self.values["scenarios"] = scenarios
            self._fill_choices()
        self.values.setdefault("answers", self.answers_given.get((self._about, unit), ""))
        super()._run()

    # --- scenarios -----------------------------------------------------------------------------------

    @property
    def _file(self) -> Path:
        return places.workbench() / "phuong-an.json"

    def _all(self) -> dict[str, dict[str, Scenarios]]:
        """All that was kept: by what is looked at, by the key of the unit."""
        try:
            kept: dict[str, dict[str, Scenarios]] = json.loads(self._file.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError:
            raise DataError(
                "the scenarios cannot be read; rename the file to begin anew", file=str(self._file)
            ) from None
        return kept

    @property
    def _about(self) -> str:
        results = self.year.results
        return self.year.round_id or f"{results.index_name}-{results.year}-{results.level}"

    def scenarios(self, unit: str) -> Scenarios:
        """The scenarios of a unit of what is looked at."""
        return self._all().get(self._about, {}).get(self.year.unit(unit), {}) if unit else {}

    def _write(self, scenarios: Scenarios) -> None:
        kept = self._all()
        kept.setdefault(self._about, {})[self.year.unit(self.values["unit"])] = scenarios
        places.make_folder(self._file.parent)
        with places.whole_file(self._file) as draft:
            draft.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")

    def keep(self) -> None:
        """Keep the answers chosen under the name typed, in place of those it had."""
        name, answers = self.values.get("name", "").strip(), json.loads(self.values.get("answers") or "{}")
        if not name or not answers:
            raise ParameterError(Problem("choose other answers and give the scenario a name first"))
        own = self.scenarios(self.values["unit"])
        same = next((held for held in own if fold(held) == fold(name)), name)
        self._write({**own, same: answers})
        self._run()
        self._tell(self.say(Message("Kept: {name}"), name=same))

    def forget_answers(self) -> None:
        """Choose nothing but what is."""
        self.values["answers"] = ""
        self._run()

    def take_up(self) -> None:
        """Choose the answers of a scenario, to go on from them."""
        name, answers = self._chosen()
        self.answers_given[self._about, self.values["unit"]] = json.dumps(answers)
        self._open("what_if")
        self.controls["name"].value = name

    def remove(self) -> None:
        """Remove a scenario."""
        name, _ = self._chosen()
        self._write({held: answers for held, answers in self.scenarios(self.unit).items() if held != name})
        self._run()

    def _chosen(self) -> tuple[str, Mapping[str, str]]:
        name = self.values.get("scenario", "")
        own = self.scenarios(self.values["unit"])
        if name not in own:
            raise ParameterError(Problem("keep a scenario first"))
        return name, own[name]

    def _html(self) -> str:
        if self.view.key != "beside":
            return super()._html()
        if not self.answers:
            return self._line(Message("No scenario of this unit is kept: choose other answers and keep them first."))
        shown = Shown(self.year)
        heads = (Message("What follows"), Message("What each scenario changes"), Message("Plan of the scenario chosen"))
        return "".join(
            shown.tag("h3", head) + shown.html(answer) for head, answer in zip(heads, self.answers, strict=True)
        )

    # --- the plan ------------------------------------------------------------------------------------

    def save_plan(self) -> None:
        """Hand out the plan of the scenario chosen."""
        name, _ = self._chosen()
        unit = units.get(self.year.unit(self.values["unit"]), self.year.results.level, self.year.results.system)
        file = "-".join(["ke-hoach", str(self.year.results.year), unit.key, *fold(name).split()])
        self.hand_out(f"{file}.xlsx", self.plan())

    def plan(self) -> bytes:
        """The plan as Excel: what changes from what to what, what it gains; who does it and by when is for staff to
        fill in."""
        summary, _, plan = (answer for answer in self.answers if isinstance(answer, pd.DataFrame))
        name, _ = self._chosen()
        marked = bool(self.year.results.marks)
        return plan_book(self.values["unit"], name, summary, plan, marked=marked, language=self.language)
