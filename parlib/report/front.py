"""Page one of the yearly report, by which it can be read alone: whose it is and how it stands, the finding in one
sentence, five numbers, the units on one line, both ends, how complete and how sure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial

import pandas as pd

from parlib.analysis.comparison import Changes
from parlib.data_tables import indices
from parlib.data_tables import issuer as issuer_of_level
from parlib.report import blocks, certainty, charts, prose
from parlib.report.tables.areas import ends_table
from parlib.report.views import View, is_calculated, known_statistic
from parlib.scoring.results import WHOLE
from parlib.words import FIRST
from parlib.years import Year

# --- whose it is, and how it stands ---------------------------------------------------------------


def title(view: View, year: Year) -> blocks.Title:
    """The head: the body that issues the report, or whose results it analyses; the decision behind them; where they
    were read, and when that was printed."""
    issuer, publisher = _behind(view)
    is_published = view.results.stage == "published"
    kind = issued(view, view.say("Yearly report"))
    if is_published and not issuer:
        kind = view.say("Analysis of the results of {index} published by {publisher}", publisher=publisher)
    lines = [_read_from(view, year, publisher)] if is_published else []
    if not is_published and not view.is_simulated:
        lines.append(_stands(view, year.facts.locked))
    lines.append(view.decision)
    return replace(prose.title(view), subtitle=kind, lines=tuple(filter(None, lines)))


def issued(view: View, kind: str) -> str:
    """A ``kind`` of report after the body that issues it; what is simulated or illustrative nobody issues."""
    issuer = issuer_of_level(view.results.level).text(view.wording.language) or _behind(view)[0]
    return f"{issuer}. {kind}" if issuer and not view.marks else kind


def _behind(view: View) -> tuple[str, str]:
    """The body that issues reports on the index, and who publishes its results."""
    about, language = indices()[view.results.index_name], "vi" if view.wording.language == FIRST else "en"
    return about[f"issuer_{language}"], about[f"publisher_{language}"]


def _stands(view: View, locked: date | None) -> str:
    """Whether the round behind the results may still change."""
    if locked is None:
        return view.say("Results of the assessment round as they stand; the round is not locked.")
    return view.say("Results of the assessment round, locked on {day}.", day=view.wording.date(locked))


def _read_from(view: View, year: Year, publisher: str) -> str:
    """Whose results these are, what they were read from (a data set by its address), and of which days that is."""
    pages = year.pages_read()
    if pages.empty:
        return ""
    if pages["is_copy"].all():
        copies = [str(url).partition("://")[2] for url in pages["url"]]
        listed = "".join(map(str, view.wording.join(copies)))
        return view.say("Published results, read from a third-party copy: {list}.", list=listed)
    kinds = list(pages["evidence"].value_counts(sort=True).index)
    contents = {"publisher": publisher, "list": "".join(map(str, view.wording.join(kinds)))}
    days = sorted(date.fromisoformat(day) for day in pages["date"] if len(day) == len("2024-04-17"))
    if not days:
        return view.say("Results published by {publisher}, read from: {list}.", **contents)
    first, last = view.wording.date(days[0]), view.wording.date(days[-1])
    if first == last:
        return view.say("Results published by {publisher}, read from: {list}, of {day}.", day=first, **contents)
    return view.say(
        "Results published by {publisher}, read from: {list}, of {first} to {last}.", first=first, last=last, **contents
    )


# --- the result -----------------------------------------------------------------------------------


def result(view: View, year: Year) -> blocks.Sequel:
    """The result of the year, for who reads only that."""
    statistics, ranking, counts, bands = (
        year.statistics(column="index"),
        year.rank(),
        year.change_counts(),
        year.bands(),
    )
    drawn = charts.strip(view, ranking, known_statistic(view, statistics, "mean"))
    groups = charts.groups_bar(view, bands) if view.has("groups") and not isinstance(drawn, blocks.Figure) else None
    return blocks.sequel(
        blocks.Heading(view.say("Result in brief"), 1, "result"),
        finding(view, statistics, ranking, bands),
        _tiles(
            [
                mean_tile(view, statistics),
                *end_tiles(view, _whole(year)),
                _range(view, statistics),
                rose_tile(view, counts),
                _above(view, statistics),
            ],
            view.say("Key figures of the {index} {year}"),
            "result",
        ),
        next((block for block in (drawn, groups) if isinstance(block, blocks.Figure)), None),
        ends_table(view, ranking, WHOLE),
        None if isinstance(groups, blocks.Figure) else prose.bands(view, bands),
        prose.change_counts(view, counts),
        certainty.in_brief(view, ranking, year.sampling(), year.neighbours()),
        prose.scale_break(view) if year.previous is not None and year.previous.n_known else None,
    )


def _whole(year: Year) -> pd.Series:
    ends = year.extremes()
    return ends[ends["node"] == WHOLE].iloc[0]


def finding(view: View, statistics: pd.DataFrame, ranking: pd.DataFrame, bands: pd.DataFrame) -> blocks.Paragraph:
    """The result in one sentence: who leads, how many reached the best group that was reached, the mean and its
    change. What is not known is left out; where nothing is, that is the sentence."""
    told = [some for some in (_leaders(view, ranking), _reached(view, bands), _mean(view, statistics)) if some]
    if not told:
        return blocks.Paragraph(prose.coverage(view).parts, role="lead")
    return blocks.Paragraph(
        (*blocks.begun(tuple(part for some in told for part in ("; ", *some))[1:]), "."), role="lead"
    )


def _leaders(view: View, ranking: pd.DataFrame) -> blocks.Parts | None:
    """Who is first, where a rank says so, with the value where it is known."""
    first = ranking[ranking["ranked"].astype(bool) & (ranking["rank"] == 1).fillna(False)]
    if first.empty:
        return None
    names = view.unit_list(list(first["unit"]))
    if first["index"].isna().all():
        leads = blocks.message("{first} leads") if len(first) == 1 else blocks.message("{first} lead together")
        return view.phrase(leads, first=names)
    known = first.dropna(subset="index").iloc[0]
    best = view.amount(view.value(known["unit"], known["index"]))
    leads = (
        blocks.message("{first} leads with {best}")
        if len(first) == 1
        else blocks.message("{first} lead together with {best}")
    )
    return view.phrase(leads, first=names, best=best)


def _reached(view: View, bands: pd.DataFrame) -> blocks.Parts | None:
    """How many units are in the best group that any is in, where that is settled."""
    if bands.empty:
        return None
    for band, n, basis in zip(bands["band"], bands["n"], bands["basis"], strict=True):
        if not blocks.is_known(n):
            return None
        if n:
            ref, made = view.ref(column=f"band:{band}"), "printed" if basis == "printed" else "count"
            share = view.share(view.wording.count(float(n), ref, made=made), view.n_ranked)
            return view.phrase("{share} {units} reached {bounds}", share=share, bounds=view.bounds(str(band)))
    return None


def _mean(view: View, statistics: pd.DataFrame) -> blocks.Parts | None:
    mean = known_statistic(view, statistics, "mean")
    if mean is None:
        return None
    amount = view.amount(mean)
    if is_calculated(mean):
        amount = view.phrase("{amount} (derived from published numbers)", amount=amount)
    contents: dict[str, blocks.Content] = {"mean": amount}
    change = known_statistic(view, statistics, "mean_change")
    if change is None:
        return view.phrase("the mean is {mean}", **contents)
    moved = view.wording.moved(change, view.unit_of_change, year=view.results.year - 1)
    return view.phrase("the mean is {mean}, {moved}", moved=moved, **contents)


# --- the numbers ----------------------------------------------------------------------------------


def _tiles(results: list[blocks.Tile | None], caption: str, name: str) -> blocks.Tiles | None:
    """The tiles that are known, at most five; ``None`` where fewer than two are."""
    known = tuple(tile for tile in results if tile is not None)[:5]
    return blocks.Tiles(known, caption, name) if len(known) > 1 else None


def _unit_mark(view: View) -> str:
    return "%" if view.unit_of_value == "%" else f" {view.unit_of_value}"


def mean_tile(view: View, statistics: pd.DataFrame) -> blocks.Tile | None:
    """The mean with its change on the year before."""
    mean = known_statistic(view, statistics, "mean")
    if mean is None:
        return None
    change = known_statistic(view, statistics, "mean_change")
    sentences = [view.phrase("derived from published numbers")] if is_calculated(mean) else []
    if change is not None:
        sentences.append(view.wording.moved(change, view.unit_of_change, year=view.results.year - 1))
    detail = tuple(part for n, parts in enumerate(sentences) for part in (("; ", *parts) if n else parts))
    return blocks.Tile(view.say("Mean"), mean, _unit_mark(view), detail)


def end_tiles(view: View, row: pd.Series) -> list[blocks.Tile | None]:
    """The highest and the lowest value with the unit that has it. ``row`` is one of ``best_and_worst``."""
    results: list[blocks.Tile | None] = []
    for name, label in (("best", view.say("Highest")), ("worst", view.say("Lowest"))):
        value, unit = row[name], str(row[f"{name}_unit"] or "")
        if not blocks.is_known(value):
            results.append(None)
            continue
        shared = int(row[f"{name}_shared"])
        detail: blocks.Parts = (view.unit(unit, short=True),) if unit else ()
        if shared > 1:
            detail = view.phrase("{n} units", n=view.wording.count(shared, view.ref(column=f"at_{name}")))
        number = view.value(unit, value) if unit else _of_nobody(view, name, value)
        results.append(blocks.Tile(label, number, _unit_mark(view), detail))
    return results


def _of_nobody(view: View, end: str, value: float) -> blocks.Number:
    """An extreme of which it was published how high it is, and not whose."""
    return view.number(value, view.ref(), made="maximum" if end == "best" else "minimum")


def _range(view: View, statistics: pd.DataFrame) -> blocks.Tile | None:
    gap = known_statistic(view, statistics, "range")
    if gap is None:
        return None
    return blocks.Tile(
        view.say("Distance"), gap, "", (view.say("{unit}, highest to lowest", unit=view.unit_of_change),)
    )


def _above(view: View, statistics: pd.DataFrame) -> blocks.Tile | None:
    """How many units are above the mean, of how many."""
    n = known_statistic(view, statistics, "n_above_mean")
    of = known_statistic(view, statistics, "n_units")
    if n is None or of is None:
        return None
    return blocks.Tile(view.say("Above the mean"), n, "", view.phrase("of {n} {units}", n=of))


def rose_tile(view: View, counts: Changes) -> blocks.Tile | None:
    """How many units rose, of all; a count among the few that are known would say nothing of the others."""
    if counts.basis not in ("computed", "printed"):
        return None
    count = partial(view.of_both_years, made="printed" if counts.basis == "printed" else "count")
    detail = view.phrase("of {n} {units}", n=view.wording.count(counts.n_units, view.ref(column="ranked")))
    for msgid, n in (
        (blocks.message("{n:none} fell"), count(counts.down, "fell")),
        (blocks.message("{n} stayed the same"), count(counts.same, "same")),
        (blocks.message("{n} not known"), count(counts.unknown, "not_compared")),
    ):
        detail += ("; ", *view.phrase(msgid, n=n)) if n.value else ()
    return blocks.Tile(view.say("Rose on {before}"), count(counts.up, "rose"), "", detail)
