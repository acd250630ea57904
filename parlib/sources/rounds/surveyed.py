"""The sampling errors of a round: of its survey, node by node, and of the satisfaction that its citizens stated.

The same people answer several items, so the error of a node is that of the sum of its items (``survey.node_points``).
What does not apply to a unit, or has points that were written down, is left out of the error of that unit. An index
that was asked of other people (``data/surveys`` has its questionnaire) has an error of its own, added as a square.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq

from parlib import places
from parlib.errors import DataError, ParameterError, Problem
from parlib.scoring import units as scoring_units
from parlib.scoring.rules import External
from parlib.scoring.rules import Survey as SurveyRule
from parlib.scoring.scheme import load_scheme
from parlib.scoring.scorecard import Scorecard
from parlib.sources.rounds import ledger
from parlib.sources.rounds.opening import SURVEY, Round, effective_rows, open_plan, refuse_final, survey_files
from parlib.sources.rounds.plan import now
from parlib.words import SOURCE, Joined, Message, Name, Words

if TYPE_CHECKING:
    from parlib.sources.survey import Quality, Question, Survey
    from parlib.sources.survey.reading import Table


# --- survey answers -------------------------------------------------------------------------------
# The respondents' answers of a round: taken in, opened with the names of units understood, and checked.

SATISFACTION = "sipas"  # the index, and the questionnaire, that a round may ask the citizens itself
#: Checks that are told by what is hidden (few answers), or that only an analyst can weigh.
_UNTOLD = ("few_answers", "lonely_stratum", "missing_stratum", "shared_cluster")


@dataclass(frozen=True)
class _Asked:
    """The survey of a round and what is made of it: while these are the same, its tables are not made again."""

    path: Path
    state: tuple[tuple[str, int], ...]
    scheme_id: str
    weights: tuple[tuple[str, float], ...]
    units: tuple[str, ...]
    level: str
    system: str

    @classmethod
    def of(cls, round_: Round) -> _Asked | None:
        path, plan = round_.survey_path, round_.plan
        if path is None:
            return None
        state = tuple((part.name, part.stat().st_mtime_ns) for part in survey_files(path))
        weights, units = tuple(plan.survey.weights.items()), tuple(round_.book.units)
        return cls(path, state, plan.scheme, weights, units, plan.level, plan.system)

    def answers(self) -> Survey:
        """The answers; units that are written by name are those of the round that bear it."""
        from parlib.sources.survey import Survey, open_survey

        survey = open_survey(self.path)
        named = _meant(survey.table, frozenset(self.units), self.level, self.system)
        if not named:
            return survey
        column = survey.table["unit"]
        renamed = survey.table.mutate(unit=column.substitute(named, else_=column))
        return Survey(renamed, survey.name, survey.connection)

    def questions(self) -> tuple[Question, ...]:
        """The questions of the set of criteria."""
        from parlib.sources.survey import questions

        return questions(load_scheme(self.scheme_id), dict(self.weights) or None)


def answers(round_: Round) -> Survey | None:
    """The survey of a round; ``None`` where it has none."""
    asked = _Asked.of(round_)
    return None if asked is None else asked.answers()


def _meant(table: Table, units: frozenset[str], level: str, system: str) -> dict[str, str]:
    from parlib.sources.survey.reading import fetch

    if not table["unit"].type().is_string():
        return {}
    results: dict[str, str] = {}
    for text in fetch(table.select("unit").distinct())["unit"].dropna():
        if text in units or not text.strip():
            continue
        try:
            key = scoring_units.find(text, level, system).key
        except ParameterError:
            continue  # the checks name it: an unknown unit
        if key in units:
            results[text] = key
    return results


def survey_problems(round_: Round) -> tuple[Problem, ...]:
    """What is wrong with the survey of a round: files that nobody reads, columns that do not belong there, units and
    questions without one answer that counts, and what the checks of the answers found (how often, and one case)."""
    result = _of_answers(round_)
    return (*_stray(round_.path), *(result[0] if result else ()))


def checks_that_found(round_: Round) -> tuple[str, ...]:
    """The checks of the answers that found something."""
    result = _of_answers(round_)
    return result[1] if result else ()


def _stray(folder: Path) -> list[Problem]:
    others = sorted(path.name for path in folder.glob("survey*.*") if path.name != SURVEY and path.is_file())
    return [
        save_as_csv(name)
        if Path(name).suffix.lower() in EXCEL
        else Problem(
            "this file is not read; to take it in: parlib round survey {folder_name} {file}",
            file=name,
            folder_name=folder.name,
        )
        for name in others
    ]


def _of_answers(round_: Round) -> tuple[tuple[Problem, ...], tuple[str, ...]] | None:
    asked = _Asked.of(round_)
    return None if asked is None else _checked(asked)


@lru_cache(maxsize=4)
def _checked(of: _Asked) -> tuple[tuple[Problem, ...], tuple[str, ...]]:
    kept = places.cache() / f"checks-{_made_from(of, ())}.json"
    found = _found_before(kept)
    if found is None:
        found = _found(of)
        with contextlib.suppress(OSError), places.whole_file(kept) as draft:
            draft.write_text(json.dumps(found), encoding="utf-8")
        _only_newest("checks-*.json")
    said = [*map(_lost, found["lost"]), *(_said(of, *case) for case in found["cases"])]
    return (*_unknown_columns(of.path), *said), tuple(found["checks"])


class _Found(TypedDict):
    """What the checks of the answers found, as it is kept: ``lost``, units and items (column, key) without an answer
    that counts; ``cases``, of each check that is told its title, how many and the first (its place, or what stands
    there; never a respondent's number); ``checks``, those that found something."""

    lost: list[tuple[str, str]]
    cases: list[tuple[str, int, str]]
    checks: list[str]


def _found_before(path: Path) -> _Found | None:
    """What was kept; ``None`` where nothing was, or it cannot be read: it is looked for again then."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return _Found(lost=kept["lost"], cases=kept["cases"], checks=kept["checks"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _found(of: _Asked) -> _Found:
    from parlib.sources.survey import quality, questionnaire, tabulate
    from parlib.sources.survey.quality import CHECKS

    asked = of.questions()
    table = tabulate(of.answers(), [*asked, *questionnaire(SATISFACTION)], units=of.units)
    counts = table.units[table.units["item"].isin({question.item for question in asked})]
    silent = counts.groupby("unit", sort=False)["n"].sum()
    unasked = counts.groupby("item", sort=False)["n"].sum()
    lost = [
        (column, str(key))
        for column, sums in (("unit", silent), ("item", unasked))
        for key in sums.index[sums.to_numpy() == 0]
    ]
    result = quality(table)
    summary = [(str(check), int(n)) for check, n in result.summary[["check", "found"]].itertuples(index=False)]
    told = [(check, n) for check, n in summary if n and check not in _UNTOLD]
    cases = [(CHECKS[check].title.text(SOURCE), n, _first_case(result, check)) for check, n in told]
    return _Found(lost=lost, cases=cases, checks=[check for check, _ in told])


def _lost(found: tuple[str, str]) -> Problem:
    column, key = found
    what = Message("this unit") if column == "unit" else Message("this item")
    return Problem("no answer counts for {what}", column=column, value=key, what=what)


def _unknown_columns(path: Path) -> list[Problem]:
    names = dict.fromkeys(name for part in survey_files(path) for name in _unused(part))
    return [
        Problem(
            "the column is not used; parlib score takes it out of the file (it may say who a respondent is)",
            file=path.name,
            column=name,
        )
        for name in names
    ]


def _first_case(problems: Quality, check: str) -> str:
    """The place of the first case of a check, or what stands there."""
    first = problems.findings[problems.findings["check"] == check].iloc[0]
    place = ", ".join(str(first[name]) for name in ("unit", "group", "item") if first[name])
    return str(first["value"]) if check in ("unknown_unit", "unknown_item", "not_asked") else place


def _said(of: _Asked, title: str, count: int, first: str) -> Problem:
    """How often a check found something, with its first case: units and groups by name."""
    found = Message("{what}: {count} cases", {"what": Message(title), "count": count})
    if not first:
        return Problem(found)
    place = Joined(_called(key, of) for key in first.split(", "))
    return Problem("{found}, the first: {place}", found=found, place=place)


def _called(key: str, of: _Asked) -> Words | str:
    from parlib.sources.questions import group_names

    if key in group_names():
        return Name(group_names()[key], group_names(SOURCE)[key])
    if key not in of.units:
        return key
    return scoring_units.named(scoring_units.get(key, of.level, of.system))


# --- what is stored: the columns of the layout, nothing that may say who a respondent is ------

EXCEL = (".xlsx", ".xlsm", ".xls", ".ods")
TAKEN = "taken.csv"  # what was taken in as a survey, from which files, by whom and by whose mapping
_COLUMNS = ("at", "by", "confirmed", "how", "file", "sha256", "rows", "answers", "mapping", "typed_by")


@dataclass(frozen=True)
class Stored:
    """What was stored: ``rows`` answers; ``unused`` columns that were not, with their file."""

    rows: int
    unused: tuple[Problem, ...]


def taken_before(folder: Path) -> pd.DataFrame:
    """What the round in ``folder`` has taken in as its survey so far: a row a file."""
    return ledger.read_texts(folder / TAKEN, _COLUMNS, ("typed_by",), absent=True).frame


def record_taken(folder: Path, files: Sequence[tuple[str, str, object]], **cells: str | int) -> None:
    """Write down what was taken in: name, hash and rows of each of ``files``. The caller holds the lock."""
    new = pd.DataFrame(files, columns=["file", "sha256", "rows"]).assign(at=now().isoformat(), **cells)
    ledger.add_typed(folder / TAKEN, new, _COLUMNS)


def store_survey(round_id: str, files: Sequence[Path], by: str = "") -> Stored:
    """Store the answers in ``files`` (Parquet or CSV; all of them together) as the survey of a round, in place of what
    it had, and who did it. Raises ``DataError`` with all that is wrong, and where the round is final; nothing is
    changed then."""
    from parlib.sources.survey import open_survey

    plan, folder = open_plan(round_id)
    refuse_final(plan)
    sheets = [path for path in files if path.suffix.lower() in EXCEL]
    DataError.raise_for(save_as_csv(path.name) for path in sheets)
    survey = open_survey(list(files))
    _ = survey.counts  # what scoring would refuse is refused here
    unused = tuple(_not_used(path.name, name) for path in files for name in _unused(path))
    with ledger.locked(folder):
        target = folder / SURVEY
        if target.is_dir():
            raise DataError("the round has a folder {survey}; move it away first", file=str(target), survey=SURVEY)
        with places.whole_file(target) as draft:
            survey.table.to_parquet(draft)
        n_rows = pq.ParquetFile(target).metadata.num_rows
        rows = [(path.name, places.sha256(path) if path.is_file() else "", "") for path in files]
        record_taken(folder, rows, by=by, how="replaced", answers=n_rows, confirmed="", mapping="")
        return Stored(n_rows, unused)


def drop_unused(round_: Round) -> tuple[Problem, ...]:
    """Rewrite the survey files of a round without the columns that are not of the layout, if there are any; names
    these. A file that cannot be written stays, and ``survey_problems`` names its columns."""
    path = round_.survey_path
    if path is None:
        return ()
    dropped: list[Problem] = []
    for part in survey_files(path):
        unused = _unused(part)
        if not unused:
            continue
        try:
            with ledger.locked(round_.path):
                _rewrite(part, unused)
        except OSError:
            continue
        dropped += [_not_used(part.name, name) for name in unused]
    return tuple(dropped)


def save_as_csv(name: str) -> Problem:
    """What to do with a survey in a workbook."""
    return Problem(
        'the answers of a survey are not read from a workbook; in Excel save it as "CSV UTF-8", '
        "then: parlib round survey ROUND {Path_stem}.csv",
        file=name,
        Path_stem=Path(name).stem,
    )


def _unused(path: Path) -> list[str]:
    """The columns of a file that are not of the layout."""
    from parlib.sources.questions import COLUMNS, named

    if path.is_dir():
        return sorted({name for part in survey_files(path) for name in _unused(part)})
    if path.suffix.lower() in (".csv", ".tsv", ".txt"):
        from parlib.sources.survey.reading import heads

        names = list(filter(None, heads(path)))
    else:
        names = pq.read_schema(path).names
    return [name for name in names if named(name, {}) not in COLUMNS]


def _rewrite(path: Path, unused: Sequence[str]) -> None:
    source = pq.ParquetFile(path)
    kept = [name for name in source.schema_arrow.names if name not in unused]
    schema = source.schema_arrow
    for name in unused:
        schema = schema.remove(schema.get_field_index(name))
    with places.whole_file(path) as draft, pq.ParquetWriter(draft, schema.remove_metadata()) as writer:
        for batch in source.iter_batches(columns=kept):
            writer.write_batch(batch.replace_schema_metadata(None))


def _not_used(file: str, name: str) -> Problem:
    return Problem("the column is not used and is not kept with the round", file=file, column=name)


Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MINIMUM = 5  # answers that a shown surveyed leaf of a unit rests on
MOST_KEPT = 20  # tables of surveys on disk; each is a fifth of a megabyte
_SHARES = ("share", "standard_error", "degrees_of_freedom", "n")


@dataclass(frozen=True)
class Surveyed:
    """What the survey of a round gives. ``shares``: ``unit``, ``item``, ``share``, ``standard_error``,
    ``degrees_of_freedom``. ``errors`` and ``freedom``: of the points of all nodes, units x nodes (NaN where a node has
    no surveyed part or its error is not known). ``citizens``: error and degrees of freedom of the satisfaction of each
    unit, in percent (NaN where they were not asked); ``few_citizens``: of some unit fewer than ``MINIMUM`` answered."""

    shares: pd.DataFrame
    errors: Floats
    freedom: Floats
    citizens: Floats
    few_citizens: bool = False


@dataclass(frozen=True)
class IndexErrors:
    """The standard errors of the index, units x nodes, in percent; of the whole ``freedom`` by unit (NaN: not known),
    and ``without``: indices whose own error is in no number of the whole, because it is not known."""

    errors: Floats
    freedom: Mapping[str, float] = field(default_factory=dict)
    without: tuple[str, ...] = ()


def surveyed(round_: Round, exempt: tuple[tuple[str, str], ...] = ()) -> Surveyed | None:
    """The round's survey, or ``None`` where it has none; tabulated once for the same file. ``exempt``: (unit, code)
    that the errors of nodes leave out."""
    asked = _Asked.of(round_)
    return None if asked is None else _tabulated(asked, exempt)


def survey_shares(round_: Round) -> pd.DataFrame | None:
    """The shares of the round's survey, as ``Surveyed.shares``; ``None`` without one."""
    result = surveyed(round_)
    return None if result is None else result.shares


def with_errors(round_: Round, external: pd.DataFrame) -> pd.DataFrame:
    """``external`` (``unit``, ``index``, ``value``, ``standard_error``) with ``degrees_of_freedom``; where the error of
    the satisfaction is not given, it is that of the round's own survey of citizens. An index that nobody was asked for
    has none, unless one is given."""
    asked = [name for name in external["index"].unique() if (places.data() / "surveys" / f"{name}.yaml").is_file()]
    counted = ~external["index"].isin(asked) & external["standard_error"].isna()
    table = external.assign(degrees_of_freedom=np.nan, standard_error=external["standard_error"].mask(counted, 0.0))
    result = surveyed(round_) if SATISFACTION in set(external["index"]) else None
    if result is None:
        return table
    own = pd.DataFrame(result.citizens, columns=["error", "freedom"], index=pd.Index(round_.book.units, name="unit"))
    rows = own.reindex(table["unit"]).reset_index(drop=True).set_index(table.index)
    lacks = (table["index"] == SATISFACTION) & table["standard_error"].isna()
    return table.assign(
        standard_error=table["standard_error"].mask(lacks, rows["error"]),
        degrees_of_freedom=table["degrees_of_freedom"].mask(lacks, rows["freedom"]),
    )


def index_errors(round_: Round, card: Scorecard) -> IndexErrors:
    """The sampling errors of a scorecard of the round."""
    rules = [leaf.rule for leaf in round_.scheme.leaves]
    asked = np.array([isinstance(rule, SurveyRule) for rule in rules])
    outside = np.array([isinstance(rule, External) for rule in rules])
    written = np.isfinite(_written(round_))
    counted = card.applicable & ~np.isin(card.leaves, sorted(card.scheme.absent_in(card.year)))
    member = card.scheme.membership
    variance, freedom = _of_survey(round_, card, counted & asked & ~written, asked)
    squares = np.where(counted & outside & ~written, card.standard_error**2, 0.0)
    missing = np.isnan(squares)
    unknown = missing.astype(float) @ member.T > 0
    added = np.nan_to_num(squares) @ member.T
    both = variance + added
    both[:, 1:][unknown[:, 1:]] = np.nan
    both[:, 0][unknown[:, 0] & ~(both[:, 0] > 0)] = np.nan  # nothing of the whole was measured: not known, never 0
    maxima = card.node_points()[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.where(maxima > 0, 100 * np.sqrt(both) / maxima, np.nan)
    whole = _whole_freedom(card, variance[:, 0], freedom[:, 0], np.nan_to_num(squares))
    lacking = np.flatnonzero((missing & np.isfinite(card.points)).any(axis=0)).tolist()
    names = [rule.index for rule in (rules[leaf] for leaf in lacking) if isinstance(rule, External)]
    return IndexErrors(errors, dict(zip(card.units, whole.tolist(), strict=True)), tuple(dict.fromkeys(names)))


def _written(round_: Round) -> Floats:
    """The points that were written down, units x leaves; NaN where points follow from what was measured."""
    held = effective_rows(round_, "final")
    points = np.append(round_.ledger["points"].to_numpy(dtype="float64"), np.nan)
    return np.asarray(points[held], dtype=np.float64)


def _of_survey(round_: Round, card: Scorecard, counts: Bools, asked: Bools) -> tuple[Floats, Floats]:
    """Variances of the points of all nodes that come from the survey, and their degrees of freedom."""
    member = card.scheme.membership
    some = counts.astype(float) @ member.T > 0
    left_out = np.argwhere(asked & ~counts)
    units, leaves = card.units, card.leaves
    pairs = tuple((units[unit], leaves[leaf]) for unit, leaf in left_out.tolist())
    result = surveyed(round_, pairs)
    if result is None:
        return np.where(some, np.nan, 0.0), np.full(some.shape, np.nan)
    return np.where(some, result.errors**2, 0.0), np.where(some, result.freedom, np.nan)


def _whole_freedom(card: Scorecard, survey: Floats, freedom: Floats, squares: Floats) -> Floats:
    """Satterthwaite's degrees of freedom of the whole; an error that was given without them counts as exact."""
    degrees = np.full_like(squares, np.nan) if card.degrees_of_freedom is None else card.degrees_of_freedom
    variances = np.column_stack([survey, squares])
    own = np.column_stack([freedom, degrees])
    with np.errstate(divide="ignore", invalid="ignore"):
        over = np.where((variances > 0) & (own > 0), variances**2 / own, 0.0).sum(axis=1)
        return np.where(over > 0, variances.sum(axis=1) ** 2 / over, np.nan)


# --- the tables of a survey, kept ---------------------------------------------------------------


@lru_cache(maxsize=8)
def _tabulated(of: _Asked, exempt: tuple[tuple[str, str], ...]) -> Surveyed:
    kept = places.cache() / f"survey-{_made_from(of, exempt)}.npz"
    result = _kept(kept)
    if result is None:
        result = _made(of, exempt)
        if not _tells_of_few(result):
            _keep(result, kept)
    return result


def _tells_of_few(result: Surveyed) -> bool:
    """Whether a table rests on answers of so few people that it is not kept on disk."""
    return result.few_citizens or bool(result.shares["n"].between(1, MINIMUM - 1).any())


def _made(of: _Asked, exempt: tuple[tuple[str, str], ...]) -> Surveyed:
    from parlib.sources.survey import node_points, questionnaire, tabulate

    survey, asked, units = of.answers(), of.questions(), of.units
    scheme = load_scheme(of.scheme_id)
    table = tabulate(survey, asked, units=units)
    nodes = node_points(table, asked, pd.DataFrame(exempt, columns=["unit", "code"]) if exempt else None)
    nodes = nodes.set_index(["unit", "node"])
    errors, freedom = (
        nodes[name].unstack().reindex(index=list(units), columns=list(scheme.node_codes)).to_numpy(dtype="float64")  # noqa: PD010
        for name in ("standard_error", "degrees_of_freedom")
    )
    citizens = questionnaire(SATISFACTION)
    satisfied = tabulate(survey, citizens, units=units)
    own = node_points(satisfied, citizens).query("node == ''").set_index("unit")
    own = own.reindex(list(units))[["standard_error", "degrees_of_freedom"]]
    return Surveyed(
        table.handover().assign(n=table.units["n"].to_numpy(dtype="float64")),
        errors,
        freedom,
        own.to_numpy(dtype="float64"),
        bool(satisfied.units["n"].between(1, MINIMUM - 1).any()),
    )


def _made_from(of: _Asked, exempt: tuple[tuple[str, str], ...]) -> str:
    """A hash of everything that the tables of a survey follow from: answers, scheme, weights, units, and the code."""
    code = sorted((Path(__file__).resolve().parent.parent / "survey").glob("*.py"))
    data = [*(places.data() / "schemes").glob("*.yaml"), *(places.data() / "surveys").glob("*.yaml")]
    own = (Path(__file__), Path(__file__).parent.parent / "questions.py")
    stated = (of.scheme_id, of.weights, of.units, of.level, of.system, exempt, version("parlib"))
    whole = hashlib.sha256(repr(stated).encode())
    for path in (*survey_files(of.path), *sorted(data), *code, *own):
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()[:32]


def _kept(path: Path) -> Surveyed | None:
    """The tables as they were kept; ``None`` where they were not, or cannot be read: they are made again then."""
    try:
        with np.load(path, allow_pickle=False) as held:
            texts = {name: pd.array(held[name].tolist(), dtype="str") for name in ("unit", "item")}
            shares = pd.DataFrame({**texts, **{name: held[name] for name in _SHARES}})
            return Surveyed(shares, held["errors"], held["freedom"], held["citizens"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None


def _keep(result: Surveyed, path: Path) -> None:
    """Keep the tables for the next report on the same survey; where nothing can be written, nothing is lost."""
    texts = {name: result.shares[name].to_numpy(dtype="U") for name in ("unit", "item")}
    numbers = {name: result.shares[name].to_numpy(dtype="float64") for name in _SHARES}
    arrays = {"errors": result.errors, "freedom": result.freedom, "citizens": result.citizens}
    with contextlib.suppress(OSError), places.whole_file(path) as draft, draft.open("wb") as file:
        np.savez(file, **texts, **numbers, **arrays)  # type: ignore[arg-type]
    _only_newest("survey-*.npz")


def _only_newest(pattern: str) -> None:
    with contextlib.suppress(OSError):
        newest = sorted(places.cache().glob(pattern), key=lambda kept: kept.stat().st_mtime_ns, reverse=True)
        for old in newest[MOST_KEPT:]:
            old.unlink()


# --- what is not shown: points that rest on too few answers, and what would give those away ---------


SAME = 1e-9  # points are compared after rounding to nine decimals


def hidden(round_: Round, card: Scorecard) -> Bools:
    """Units x nodes that are not shown: surveyed leaves of 1 to 4 answers; a second leaf of the unit where the first
    could be worked out from a sum; the sum itself where there is no second.

    The choice is the same at every stage, so that two stages say no more than one: units do not assess surveyed leaves,
    and what is measured or was written down for them holds at all stages (``stages.effective_rows``)."""
    mask = np.zeros((len(card.units), len(card.nodes)), dtype=bool)
    result = surveyed(round_)
    if result is None:
        return mask
    counts = result.shares.set_index(["unit", "item"])["n"].to_dict()
    asked = np.array([isinstance(leaf.rule, SurveyRule) for leaf in card.scheme.leaves])
    items = [leaf.rule.item if isinstance(leaf.rule, SurveyRule) else "" for leaf in card.scheme.leaves]
    places = [card.nodes.index(code) for code in card.leaves]
    member = np.asarray(card.scheme.membership) > 0
    for row, unit in enumerate(card.units):
        n = np.array([counts.get((unit, item), 0) for item in items])
        known = np.isfinite(card.points[row]) & card.applicable[row]
        thin = asked & known & (n > 0) & (n < MINIMUM)
        if thin.any():
            ends = at_ends(card.points[row], card.scheme.leaf_maxima)
            mask[row] = with_what_gives_away(thin, asked & known, known, member, np.array(places), ends)
    return mask


def shown(round_: Round, card: Scorecard) -> Scorecard:
    """The scorecard as it may be read by others: hidden leaves have no points and no error, sums that may be shown
    stay known."""
    mask = hidden(round_, card)
    if not mask.any():
        return card
    places = [card.nodes.index(code) for code in card.leaves]
    leaves = mask[:, places]
    member = np.asarray(card.scheme.membership, dtype=np.float64)
    kept = np.where(leaves, np.nan_to_num(card.points), 0.0) @ member.T
    return replace(
        card,
        points=np.where(leaves, np.nan, card.points),
        standard_error=np.where(leaves, np.nan, card.standard_error),
        withheld=np.where(mask, np.nan, kept),
    )


def thin_units(round_: Round, card: Scorecard) -> list[str]:
    """The units of which some surveyed points are not shown."""
    some = np.flatnonzero(np.any(hidden(round_, card), axis=1)).tolist()
    return [card.units[row] for row in some]


def hidden_leaves(round_: Round, card: Scorecard) -> list[str]:
    """The codes of the leaves that are hidden of some unit."""
    some = np.any(hidden(round_, card), axis=0)
    return [code for code in card.leaves if some[card.nodes.index(code)]]


def at_ends(points: npt.NDArray[np.float64], maxima: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    """1 where all of a leaf was reached, -1 where nothing was, else 0."""
    full = np.abs(points - maxima) < SAME
    return np.where(full, 1, np.where(np.abs(points) < SAME, -1, 0)).astype(np.int8)


def with_what_gives_away(
    thin: Bools,
    asked: Bools,
    known: Bools,
    member: Bools,
    places: npt.NDArray[np.intp],
    ends: npt.NDArray[np.int8],
) -> Bools:
    """The hidden nodes of one unit: its ``thin`` leaves, and what keeps them from being worked out. ``ends`` as
    ``at_ends`` gives it."""
    leaves, sums = thin.copy(), np.zeros(len(member), dtype=bool)
    sizes = member.sum(axis=1)
    aggregates = sizes > 1
    while True:
        shown = np.flatnonzero(aggregates & ~sums)
        gone = leaves & known
        open_leaf = next(
            (leaf for leaf in np.flatnonzero(thin).tolist() if _follows(member[shown], gone, leaf, ends)), None
        )
        if open_leaf is None:
            break
        holding = shown[member[shown, open_leaf]]
        smallest = holding[np.argmin(sizes[holding])]
        others = np.flatnonzero(member[smallest] & asked & ~leaves)
        if not len(others):
            others = np.flatnonzero(member[holding].any(axis=0) & asked & ~leaves & ~thin)
            others = others[[_covers(member[shown], leaves, open_leaf, other, ends) for other in others.tolist()]]
        if len(others):
            leaves[others[0]] = True
        else:
            sums[smallest] = True
    sums[places[leaves]] = True
    return sums


def _follows(shown: Bools, unknown: Bools, leaf: int, ends: npt.NDArray[np.int8]) -> bool:
    """Whether the points of a leaf follow from the sums that are shown: by subtraction, or because what is hidden in
    one of them was reached in full or not at all."""
    columns = np.flatnonzero(unknown)
    matrix = shown[:, columns].astype(float)
    one = (columns == leaf).astype(float)
    if np.linalg.matrix_rank(np.vstack([matrix, one])) == np.linalg.matrix_rank(matrix):
        return True
    inside = shown[shown[:, leaf]] & unknown
    return bool(ends[leaf] and any((ends[of] == ends[leaf]).all() for of in inside))


def _covers(shown: Bools, leaves: Bools, leaf: int, other: int, ends: npt.NDArray[np.int8]) -> bool:
    more = leaves.copy()
    more[other] = True
    return not _follows(shown, more, leaf, ends)
