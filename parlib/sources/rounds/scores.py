"""A round scored: a scorecard for each stage, the results that reports take, and where each point comes from."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib import places
from parlib.data_tables import bands_of, breaks
from parlib.errors import DataError, Problem
from parlib.scoring import units as scoring_units
from parlib.scoring.results import Results
from parlib.scoring.scheme import Scheme, code_of, scheme_for
from parlib.scoring.scorecard import Scorecard, competition_ranks, score
from parlib.sources.excel import Looks, Pen, new_workbook, page, safe_text
from parlib.sources.rounds import opening
from parlib.sources.rounds.intake import values_at
from parlib.sources.rounds.ledger import shown_answer
from parlib.sources.rounds.plan import PARTS, by_text
from parlib.sources.rounds.surveyed import IndexErrors, hidden, index_errors, survey_shares, with_errors
from parlib.sources.rounds.wording import HEADS, MARK_WORDS, worded
from parlib.words import FIRST, Message, Words, languages

if TYPE_CHECKING:
    from xlsxwriter import Workbook


def scorecards(round_: opening.Round, at: datetime | date | str | None = None) -> dict[str, Scorecard]:
    """The scorecard of the round at each stage ("self", "appraisal", "final"), as it stood ``at`` a time."""
    return {stage: scorecard(round_, stage, at) for stage in opening.STAGES}


def scorecard(round_: opening.Round, stage: str = "final", at: datetime | date | str | None = None) -> Scorecard:
    """The scorecard of the round at one stage; not worked out again while the round and its survey are the same."""
    return _scorecard(round_, stage, at, opening.survey_state(round_.path))


@lru_cache(maxsize=6)
def _scorecard(round_: opening.Round, stage: str, at: datetime | date | str | None, _: opening.State) -> Scorecard:
    listed = round_.book.listed
    external = values_at(round_.external, None if at is None else opening.moment(at).to_pydatetime())
    return score(
        round_.scheme,
        opening.state(round_, stage, at),
        year=round_.plan.year,
        stage=opening.check_stage(stage),
        survey=survey_shares(round_),
        external=with_errors(round_, external),
        units=list(round_.book.units),
        ranked=[str(unit) for unit in listed.loc[listed["ranked"], "unit"]],
    )


def index_table(round_: opening.Round, card: Scorecard) -> pd.DataFrame:
    """The index table of a scorecard of the round, with standard errors that know that the same people answered
    several items, and that other indices have errors of their own (``surveyed``). As it may be read by others: surveyed
    points of too few answers, and what would give them away, are not known there (see ``hidden``)."""
    return _tabled(round_, card)[0].copy()


@lru_cache(maxsize=3)
def _tabled(round_: opening.Round, card: Scorecard) -> tuple[pd.DataFrame, IndexErrors]:
    result = index_errors(round_, card)
    table = card.index_table().assign(standard_error=result.errors.ravel())
    kept = ~pd.Series(hidden(round_, card).ravel(), index=table.index)
    return table.assign(**{name: table[name].where(kept) for name in ("points", "index", "standard_error")}), result


def new_scale(year: int, scheme: Scheme) -> bool:
    """Whether a year begins another scale: as ``schemes/breaks.csv`` says, or because it is the first of its set of
    criteria and the year before had none of the same decision."""
    if scheme.index_name != "par" or year in breaks(scheme.level):
        return scheme.index_name == "par"
    if year not in scheme.years[:1]:
        return False
    before = scheme_for(year - 1, scheme.level)
    return before is None or not before.decision or before.decision != scheme.decision


def results(round_: opening.Round | str, stage: str = "final", at: datetime | date | str | None = None) -> Results:
    """The round as the results of its year, which analyses, charts and reports take."""
    opened = opening.open_round(round_) if isinstance(round_, str) else round_
    card, plan, scheme = scorecard(opened, stage, at), opened.plan, opened.scheme
    table, result = _tabled(opened, card)
    return Results(
        index_name=scheme.index_name,
        year=plan.year,
        level=plan.level,
        table=table.copy(),
        units=plan.unit_frame(),
        nodes=scheme.node_frame(),
        bands=dict(scheme.bands) or bands_of(plan.year, plan.level),
        marks=opened.marks,
        decision=scheme.decision,
        stage=stage,
        break_before=new_scale(plan.year, scheme),
        system=plan.system,
        degrees_of_freedom=result.freedom,
        errors_without=result.without,
    )


def trace_table(round_: opening.Round, stage: str = "final", card: Scorecard | None = None) -> pd.DataFrame:
    """Where each point comes from, a row for each unit and leaf: ``unit``, ``code``, ``answer``, ``numerator`` and
    ``denominator`` (behind a share; NaN = not stated), ``points``, ``maximum``, ``origin``, ``rule`` (in words),
    ``row`` (in the ledger; 0 = none), ``row_stage``, ``evidence``, ``remark``, ``by``, ``at``, ``source``.

    ``origin`` is "rule" (points computed from the answer), "decided" (points written down by those who may),
    "survey", "external", "plan" (does not apply by the plan), "not_applicable", or "" where nothing is known.
    """
    card = card or scorecard(round_, stage)
    book, ledger = round_.book, round_.ledger
    held = opening.effective_rows(round_, stage)
    n_units, n_leaves = held.shape
    place = held.ravel()
    known = place >= 0
    columns = ["answer", *PARTS, "points", "row", "stage", "evidence", "remark", "by", "at", "source"]
    rows = ledger[columns].reindex(np.where(known, place, -1)).reset_index(drop=True)
    texts = [name for name in columns if name not in ("points", *PARTS, "row", "at")]
    rows[texts] = rows[texts].astype("str").where(pd.Series(known), "")
    leaves = [card.nodes.index(code) for code in card.leaves]
    words = [leaf.rule.words(leaf.maximum, "vi") if leaf.rule else "" for leaf in book.leaves]
    return pd.DataFrame(
        {
            "unit": np.repeat(book.units.to_numpy(dtype=object), n_leaves),
            "code": np.tile(book.codes.to_numpy(dtype=object), n_units),
            **{name: rows[name] for name in ("answer", *PARTS)},
            "points": np.where(hidden(round_, card)[:, leaves], np.nan, card.points).ravel(),
            "maximum": np.tile(book.maxima, n_units),
            "origin": _origins(round_, card, held, rows["points"].notna().to_numpy()),
            "rule": np.tile(np.array(words, dtype=object), n_units),
            "row": rows["row"].fillna(0).astype("int64"),
            "row_stage": rows["stage"],
            **{name: rows[name] for name in ("evidence", "remark", "by", "at", "source")},
        }
    ).astype(dict.fromkeys(("unit", "code", "origin", "rule"), "str"))


def _origins(round_: opening.Round, card: Scorecard, held: np.ndarray, stated: np.ndarray) -> np.ndarray:
    """The origin of each point, units x leaves in one row."""
    book = round_.book
    rules = [leaf.rule for leaf in book.leaves]
    kinds = np.array(["" if rule is None or rule.answered else rule.kind for rule in rules], dtype=object)
    measured = np.tile(kinds, len(book.units))
    points, place = card.points.ravel(), held.ravel()
    origin = np.full(len(place), "", dtype=object)
    known = np.isfinite(points)
    origin[known & (measured != "")] = measured[known & (measured != "")]
    origin[known & (place >= 0)] = "rule"
    origin[known & (place >= 0) & stated] = "decided"
    origin[~card.applicable.ravel()] = "not_applicable"
    origin[book.exempt.ravel()] = "plan"
    return origin


# --- the scores as files: the index table, where each point comes from, a summary, a code book ------


#: The code book: what each column is.
CODE_BOOK: Mapping[str, Message] = {
    "year": Message("year of the results"),
    "level": Message("level: a key of data/units/levels.csv"),
    "unit": Message("key of the unit"),
    "node": Message(
        "node: empty = the whole index, else an area, criterion or sub-criterion; component: = a component (none in "
        "Excel)"
    ),
    "points": Message("points reached; empty = not known, never zero"),
    "maximum": Message("maximum that applies to the unit"),
    "index": Message("100 x points / maximum, not rounded"),
    "stage": Message("stage: self, appraisal or final"),
    "standard_error": Message("standard error of the index"),
    "marks": Message("what it rests on"),
    "code": Message("code of the scored node"),
    "answer": Message("the answer"),
    "numerator": Message("numerator of the answer in percent; empty = not stated"),
    "denominator": Message("its denominator"),
    "origin": Message("where the points come from"),
    "rule": Message("the rule in words"),
    "row": Message("row of the ledger; 0 = none"),
    "row_stage": Message("stage of that row"),
    "evidence": Message("evidence"),
    "remark": Message("remark, reason"),
    "at": Message("when (Viet Nam time)"),
    "source": Message("file, sheet and row it came from"),
}
STAGE_HEADS = (
    Message("Index (%): self-assessment"),
    Message("Index (%): appraisal"),
    Message("Index (%): final result"),
)
WIDTHS = dict.fromkeys(("node_name", "criterion", "evidence", "remark"), 44.0) | {
    "rule": 60.0,
    **dict.fromkeys(("name", "source", "marks", "answer", "level", "origin", "row_stage", "at"), 22.0),
}


def write_scores(
    round_: opening.Round, folder: Path | None = None, fewer: bool = False, language: str = FIRST
) -> tuple[Path, ...]:
    """Score the round at every stage and write it to ``folder`` (``reports/<round>``). For programs: ``index_table`` as
    Parquet and CSV, ``trace`` as Parquet, and ``code_book.csv``. For people, heads and keys in words of a ``language``:
    ``scores.xlsx`` with both, a summary and the code book, and ``trace.csv``.

    They appear all at once; what else stands in the folder stays. Raises ``DataError`` where these know more units,
    or were made with a survey that is not there any more, unless ``fewer`` says that this is meant.
    """
    target, surveyed = folder or places.reports() / round_.plan.id, opening.survey_state(round_.path)
    cards = scorecards(round_)
    marks = ";".join(round_.marks)
    table = pd.concat([index_table(round_, card) for card in cards.values()], ignore_index=True).assign(marks=marks)
    traces = trace_table(round_, "final", cards["final"]).assign(marks=marks)
    traces = traces.drop(columns="by")  # names of people stay in the ledger
    if not fewer:
        _check_knows_no_less(target, table, traces)
    told = _told_traces(round_, traces, language)
    makers: Mapping[str, Callable[[Path], None]] = {
        "index_table.parquet": lambda path: table.to_parquet(path, index=False),
        "index_table.csv": lambda path: _write_csv(table, path),
        "trace.parquet": lambda path: traces.to_parquet(path, index=False),
        "trace.csv": lambda path: _write_csv(worded(told, language), path),
        "code_book.csv": lambda path: _write_csv(_code_book(), path),
        "scores.xlsx": lambda path: _write_workbook(
            round_, cards, _told_table(round_, table, language), told, path, language
        ),
    }
    with places.alone(target), places.whole_folder(target, keep=True, listed=places.reports()) as draft:
        for name, make in makers.items():
            make(draft / name)
        if opening.survey_state(round_.path) != surveyed:
            raise DataError("the survey changed while the round was scored; score it again", file=opening.SURVEY)
    return tuple(target / name for name in makers)


def _check_knows_no_less(target: Path, table: pd.DataFrame, traces: pd.DataFrame) -> None:
    """Raise ``DataError`` where the scores in ``target`` know what the new ones do not."""
    try:
        old_table = pd.read_parquet(target / "index_table.parquet", columns=["node", "stage", "index"])
        old_traces = pd.read_parquet(target / "trace.parquet", columns=["origin"])
    except (OSError, ValueError):  # none yet, or damaged: nothing is lost
        return
    before, now = _known_units(old_table), _known_units(table)
    before_survey, now_survey = (int((frame["origin"] == "survey").sum()) for frame in (old_traces, traces))
    problems: list[Words] = []
    if now < before:
        known = {"before": before, "now": now}
        problems.append(
            Message("the scores that are there know the index of {before} units, the new ones only of {now}", known)
        )
    if before_survey and not now_survey:
        points = {"points": before_survey}
        problems.append(
            Message(
                "the scores that are there have {points} points from the survey, the new ones have no survey", points
            )
        )
    DataError.raise_for(Problem("{what}; replaced with --force only", file=str(target), what=what) for what in problems)


def _known_units(table: pd.DataFrame) -> int:
    """How many units have an index in the end."""
    return int(table.loc[(table["stage"] == "final") & (table["node"] == ""), "index"].notna().sum())


def csv_text(frame: pd.DataFrame) -> str:
    """CSV as ``frame.to_csv`` writes it, in which no text becomes a formula when a spreadsheet opens it."""
    heads = frame.columns.to_frame().T.to_csv(index=False, header=False, lineterminator="\n")
    columns = [_csv_cells(frame.iloc[:, place]) for place in range(frame.shape[1])]
    return heads + "".join(f"{row or _NOTHING}\n" for row in map(",".join, zip(*columns, strict=True)))


_NOTHING = '""'  # a row of one empty cell


class _Rows(io.StringIO):
    """The rows of CSV, one by one as they are written."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[str] = []

    def write(self, text: str) -> int:
        self.rows.append(text)
        return len(text)


def _csv_cells(column: pd.Series) -> list[str]:
    """The cells of a column of CSV. Each different one is written once: of a round most hold the same."""
    place, different = np.arange(len(column)), pd.Index(column)
    if column.dtype != "object":  # there 1 and True would be one
        place, different = pd.factorize(column, use_na_sentinel=False)
    if column.dtype == "str":
        different = different.map(safe_text)
    written = _Rows()
    pd.DataFrame({"cell": different, "end": ""}).to_csv(written, header=False, index=False, lineterminator="\n")
    cells: list[str] = np.array([row.removesuffix(",\n") for row in written.rows], dtype=object)[place].tolist()
    return cells


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    """CSV that Excel opens with Vietnamese letters whole."""
    path.write_text(csv_text(frame), encoding="utf-8-sig", newline="")


# --- the workbook -----------------------------------------------------------------------------


def _code_book() -> pd.DataFrame:
    """``column``; what people call it (``head_vi``, ...) and what it is (``vi``, ...), a column for each language."""
    heads = {f"head_{language}": [HEADS[name].text(language) for name in CODE_BOOK] for language in languages()}
    texts = {language: [words.text(language) for words in CODE_BOOK.values()] for language in languages()}
    return pd.DataFrame({"column": list(CODE_BOOK), **heads, **texts})


def _told_table(round_: opening.Round, table: pd.DataFrame, language: str) -> pd.DataFrame:
    """The index table for people: with the names of units and nodes, and codes of a decision alone."""
    told = table.assign(node=by_text(table["node"], code_of))
    told.insert(3, "name", by_text(told["unit"], _unit_names(round_, language).get))
    told.insert(5, "node_name", by_text(table["node"], _node_names(round_, language).get))
    return told


def _told_traces(round_: opening.Round, traces: pd.DataFrame, language: str) -> pd.DataFrame:
    """The trace with the names of units and criteria, answers and rules as people read them."""
    leaves = {leaf.code: leaf for leaf in round_.book.leaves}
    rules = {code: leaf.rule.words(leaf.maximum, language) if leaf.rule else "" for code, leaf in leaves.items()}
    said = {
        pair: shown_answer(leaves[pair[0]].rule, pair[1], language)
        for pair in traces[["code", "answer"]].drop_duplicates().itertuples(index=False, name=None)
    }
    answers = [said[pair] for pair in zip(traces["code"], traces["answer"], strict=True)]
    told = traces.assign(answer=pd.array(answers, dtype="str"), rule=by_text(traces["code"], rules.get))
    told.insert(1, "name", by_text(told["unit"], _unit_names(round_, language).get))
    told.insert(3, "criterion", by_text(told["code"], _node_names(round_, language).get))
    return told


@dataclass(frozen=True)
class _Paper:
    """The workbook of a round: its looks, what is said of all its numbers, and the caution that every page bears."""

    book: Workbook
    looks: Looks
    notes: list[str]
    caution: str
    footer: str
    language: str

    def says(self, words: Words) -> str:
        """Words in the language of the workbook."""
        return words.text(self.language)

    def sheet(self, name: Message, widths: Iterable[float]) -> Pen:
        """A new sheet, set for printing."""
        from parlib.sources.long_sheet import LongSheet

        pen = Pen(self.book, self.looks, self.says(name), widths, LongSheet)
        page(pen.sheet, landscape=True, footer=self.footer)
        return pen

    def statements(self, pen: Pen, width: int) -> None:
        """The caution and the notes over ``width`` columns."""
        for note in (self.caution, *self.notes) if self.caution else self.notes:
            pen.line((1, note, "alert" if note == self.caution else "label", width))


def _table(pen: Pen, frame: pd.DataFrame, height: float) -> None:
    """A table under what was written, whose heads stay in sight and can be filtered by; unknown stays empty."""
    top = pen.row
    kinds = {"i": "line_whole", "u": "line_whole", "f": "line_decimals"}
    looks = [kinds.get(getattr(kind, "kind", "O"), "line") for kind in frame.dtypes]
    columns = [column.astype("object").where(column.notna(), None).tolist() for _, column in frame.items()]
    pen.table(list(map(str, frame.columns)), columns, looks)
    pen.sheet.set_row(top, height)
    pen.sheet.autofilter(top, 0, top + len(frame), len(frame.columns) - 1)
    pen.sheet.repeat_rows(top)


def _write_workbook(
    round_: opening.Round,
    cards: dict[str, Scorecard],
    table: pd.DataFrame,
    traces: pd.DataFrame,
    path: Path,
    language: str,
) -> None:
    """The workbook for people: ``table`` and ``traces`` with the names of what they are of."""
    title = round_.plan.title or Message("PAR INDEX {year}", {"year": round_.plan.year}).text(language)
    book = new_workbook(path, title, round_.plan.id)
    marks = "; ".join(MARK_WORDS[mark].text(language) for mark in round_.marks)
    caution = Message("Caution: {marks}.", {"marks": marks}).text(language) if marks else ""
    notes = [note.text(language) for note in _notes(round_, cards["final"])]
    paper = _Paper(book, Looks(book), notes, caution, caution or title, language)
    _summary_sheet(paper, _summary(round_, cards, language), title)
    for name, frame in ((Message("Index table"), table), (Message("Source of points"), traces)):
        pen = paper.sheet(name, [WIDTHS.get(str(column), 12.0) for column in frame.columns])
        _table(pen, worded(frame, language), height=30)
        pen.sheet.freeze_panes(1, 4)
    _code_book_sheet(paper)
    book.close()


def _unit_names(round_: opening.Round, language: str) -> dict[str, str]:
    return {key: scoring_units.name(key, language, system=round_.plan.system) for key in round_.book.units}


def _node_names(round_: opening.Round, language: str) -> pd.Series:
    return round_.scheme.node_frame().set_index("node")["name" if language == FIRST else "name_en"]


def _notes(round_: opening.Round, card: Scorecard) -> tuple[Message, ...]:
    """What the numbers rest on, the most important first."""
    plan, scheme = round_.plan, round_.scheme
    policy = {
        "rescale": Message("taken out of the maximum"),
        "full": Message("full points"),
        "zero": Message("no points"),
    }
    own = Message("as the unit assessed itself"), Message("left empty, not as the unit assessed itself")
    known = {"known": int(np.isfinite(card.node_index()[:, 0]).sum()), "units": len(card.units)}
    status = Message("locked") if plan.final else Message("open, its data may change")
    rules = {"scheme": scheme.id, "decision": scheme.decision, "policy": policy[card.policy]}
    return (
        Message("Assessment round {round}: {status}.", {"round": plan.id, "status": status}),
        Message("Set of criteria {scheme} ({decision}). Criteria that do not apply: {policy}.", rules),
        Message("The index of {known}/{units} units is known; an empty cell is not known, never zero.", known),
        Message(
            "Criteria that the council did not appraise: {how}. Points of the survey and of other indices are the same "
            "at every stage.",
            {"how": own[plan.unappraised != "self"]},
        ),
    )


def _summary_sheet(paper: _Paper, frame: pd.DataFrame, title: str) -> None:
    """One row a unit: the index at each stage, its rank, points of the areas and components."""
    places = len(STAGE_HEADS)
    pen = paper.sheet(Message("Summary"), [5, 26, *[12.0] * places, 8, *[12.0] * (len(frame.columns) - places - 3)])
    pen.line((1, title, "title"))
    paper.statements(pen, 12)
    _table(pen, frame, height=78)
    pen.sheet.freeze_panes(pen.row - len(frame), 2)


def _summary(round_: opening.Round, cards: dict[str, Scorecard], language: str) -> pd.DataFrame:
    names, scheme = _unit_names(round_, language), round_.scheme
    heads = (words.text(language) for words in (Message("No."), Message("Name of the unit")))
    frame = pd.DataFrame(dict(zip(heads, (range(1, len(names) + 1), names.values()), strict=True)))
    for stage, head in zip(opening.STAGES, STAGE_HEADS, strict=True):
        frame[head.text(language)] = cards[stage].node_index()[:, 0]
    frame[Message("Rank").text(language)] = pd.Series(_ranks(round_, cards["final"])).astype("Int64")
    points = np.where(hidden(round_, cards["final"]), np.nan, cards["final"].node_points()[0])
    own = "name" if language == FIRST else "name_en"
    parts = [(node.depth == 1, f"{node.code}. {getattr(node, own)}") for node in scheme.nodes]
    parts += [(True, getattr(component, own)) for component in scheme.components.values()]
    for place, (shown, name) in enumerate(parts, start=1):  # 0 is the whole
        if shown:
            frame[Message("{name} (points)", {"name": name}).text(language)] = points[:, place]
    return frame


def _ranks(round_: opening.Round, card: Scorecard) -> npt.NDArray[np.float64]:
    """Ranks of the ranked units; none at all while one of them is not known, for it may stand anywhere."""
    ranked = round_.plan.unit_frame()["ranked"].to_numpy(dtype=bool)
    index = np.where(ranked, card.node_index()[:, 0], np.nan)
    if np.isnan(index[ranked]).any():
        return np.full(len(index), np.nan)
    return competition_ranks(index)


def _code_book_sheet(paper: _Paper) -> None:
    pen = paper.sheet(Message("Description"), (30, 90, 24))
    paper.statements(pen, 3)
    pen.row += 1
    heads = (Message("Column"), Message("Meaning"), Message("Name in data files"))
    pen.line(*((n, paper.says(head), "head") for n, head in enumerate(heads, start=1)))
    for name, meaning in CODE_BOOK.items():
        cells = (paper.says(HEADS[name]), paper.says(meaning), name)
        pen.line(*((n, text, "text") for n, text in enumerate(cells, start=1)))
    pen.sheet.freeze_panes(pen.row - len(CODE_BOOK), 1)
