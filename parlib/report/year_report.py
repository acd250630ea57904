"""What every report is made of: a year that is asked, and the view in which its answers are told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from parlib.report.views import View
from parlib.report.wording import Wording
from parlib.years import Year


@dataclass(frozen=True, eq=False)
class YearReport:
    """A report on a ``year``, in its language. Each section is a method that gives one block, empty where it has no
    sense for what is known.

    ``unit``       a unit to pick out, by key or name; "" for none.
    ``simulated``  marks every number as simulated. ``decimal`` is the sign of Vietnamese numbers ("comma", "dot").
    ``strict``     differences of percentages are percentage points; else they are written as percent.
    """

    year: Year
    unit: str = ""
    simulated: bool = False
    decimal: Literal["comma", "dot"] = "comma"
    strict: bool = True

    @cached_property
    def view(self) -> View:
        """The results of the year in words, with the unit picked out."""
        focus = self.year.unit(self.unit) if self.unit else ""
        wording = Wording(self.year.language, self.decimal, self.strict)
        return View(self.year.results, wording, focus=focus, simulated=self.simulated)
