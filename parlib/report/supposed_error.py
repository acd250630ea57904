"""What would follow if the survey had a certain error, where none was published; and which errors are in no number."""

from __future__ import annotations

import pandas as pd

from parlib.analysis.robustness.audit import MethodAudit, SamplingAudit
from parlib.report.blocks import Note, Number, Paragraph, Ref, Table
from parlib.report.tables.declared import Col, table
from parlib.report.views import View
from parlib.report.wording import message
from parlib.scoring.results import Record, records


def supposed(view: View, sampling: SamplingAudit) -> Paragraph | None:
    """The condition first, what would follow after it; ``None`` where the error was measured, or none is supposed.

    ``sampling`` is the audit of ``audit_sampling``.
    """
    if sampling.basis != "assumed":
        return None
    case = next(row for row in records(sampling.cases) if row.error == sampling.error)
    count = view.wording.count
    told = view.phrase(
        "If the error of every unit were {error} {unit}: of {n} pairs of neighbours in the ranking, {alike} could not "
        "be told apart at {level}%, each pair looked at for itself, and so with every error of {least} {unit} or more.",
        error=_size(view, sampling.error, "assumed_error"),
        unit=view.unit_of_change,
        n=count(case.n_pairs, view.ref(column="pairs")),
        alike=count(case.n_alike, view.ref(column="pairs_alike")),
        level=count(100 * (1 - float(sampling.intervals["level"].iloc[0])), view.ref(column="pairs"), made="level"),
        least=_size(view, sampling.holds_from, "holds_from"),
    )
    ranks = view.phrase(
        "For all ranks at once, the rank of half of the {units} would then be open to {places} ranks or more.",
        places=count(case.places, view.ref(column="sets"), made="median"),
    )
    return Paragraph((*told, " ", *ranks))


def assumption(view: View, sampling: SamplingAudit) -> Note | None:
    """Where the supposed error comes from, and how far it can be trusted."""
    if sampling.basis != "assumed":
        return None
    text = view.say(
        "Assumption: no standard error was published. Its rough size, {error} {unit}, is estimated from the changes "
        "since the year before, as if errors of two years were independent and nothing else differed; chance alone "
        "leaves it between {low} and {high}. It is an estimate, not a bound.",
        error=_size(view, sampling.error, "assumed_error"),
        unit=view.unit_of_change,
        low=_size(view, sampling.error_low, "assumed_low"),
        high=_size(view, sampling.error_high, "assumed_high"),
    )
    return Note(text, role="assumption")


def _of_case(key: str, head: str, of: str, kind: str = "count", made: str = "setting") -> Col:
    def at(view: View, row: Record) -> Ref:
        return view.ref(column=f"case_{row.case}_{key}")

    unit = (lambda view: view.unit_of_change) if kind == "value" else None
    return Col(key, head, kind, of, made, at=at, unit=unit, gap=True)


CASES = (
    _of_case("error", message("Error of every unit"), "error", "value", "assumption"),
    _of_case("alike", message("Neighbours that could not be told apart"), "n_alike"),
    _of_case("places", message("Ranks open to half of the units, at least"), "places"),
    _of_case("tiers", message("Tiers that could be told apart"), "n_tiers"),
)


def error_cases_table(view: View, cases: pd.DataFrame) -> Table | None:
    """What would follow from each size of the error: ``cases`` of ``SamplingAudit``; ``None`` where it is empty."""
    if cases.empty:
        return None
    caption = view.say("What would follow from different errors of the survey, {index} {year}")
    return table(view, "error-cases", caption, cases.assign(case=range(1, len(cases) + 1)), CASES)


def without(view: View, indices: tuple[str, ...]) -> Note | None:
    """Which errors the ranges of ranks and tiers do not hold, because nobody knows them."""
    text = view.without_errors(indices)
    return Note(text, role="assumption") if text else None


def weight_factors(view: View, method: MethodAudit) -> tuple[Number, Number]:
    """The least and the largest factor that a weight is multiplied by: ``method`` is the audit of the method."""
    low, high = (view.ref(column=f"factor_{end}") for end in ("low", "high"))
    number = view.wording.number
    return number(1 - method.spread, 2, low, made="setting"), number(1 + method.spread, 2, high, made="setting")


def _size(view: View, error: float, column: str) -> Number:
    return view.number(error, view.ref(column=column), made="assumption")
