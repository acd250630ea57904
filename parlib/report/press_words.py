"""The sentences of the press kit: what a card or the note finds, with the numbers of the report in their places.

They stand here, and not with the cards, because the catalogues are kept from the code of this room.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from parlib.data_tables import issuer
from parlib.report.blocks import MARKS, MEASURES, Content, Number, Parts, Wording, begun, message
from parlib.report.views import is_calculated


@dataclass(frozen=True)
class PressWords:
    """The words for the press on one index of one year.

    ``level``  "province" or "ministry".
    """

    wording: Wording
    index_name: str
    year: int
    level: str

    @property
    def index(self) -> str:
        """The short name of the index."""
        return self.wording.say(MEASURES[self.index_name].name)

    @property
    def units(self) -> str:
        """The plural noun of the units assessed."""
        return self.wording.units(self.level)

    @property
    def whose(self) -> str:
        """The units assessed, for who sees a card alone: communes are those of their province, not of the country."""
        return self.wording.all_units(self.level) if issuer(self.level).vi else self.units

    @property
    def marks(self) -> tuple[str, ...]:
        """Every sentence that marks results as not real or not official."""
        return tuple(self.wording.say(text) for text in MARKS.values())

    @property
    def simulated(self) -> str:
        """The mark of simulated data."""
        text = MARKS["simulated"]
        return self.wording.say(text)

    def headline(self, key: str, **contents: Content) -> Parts:
        """A headline with its places filled: ``names`` who, ``value`` how much."""
        return begun(self.part(key, **contents))

    def part(self, key: str, **contents: Content) -> Parts:
        """What stands within a headline."""
        return self._filled(HEADLINES[key], contents)

    def mean(self, mean: Number, unit: str, change: Number | None = None, of_change: str = "") -> Parts:
        """The mean of the year, that it was calculated where it was not published, and its change on the year before
        in words."""
        amount = self.amount(mean, unit)
        if is_calculated(mean):
            amount = self.part("calculated", value=amount)
        if change is None or change.value is None:
            return self.headline("mean", value=amount)
        moved = self.wording.moved(change, of_change, year=self.year - 1)
        return self.headline("mean_moved", value=amount, moved=moved)

    def first(self, units: list[str], value: Parts) -> Parts:
        """Who is first; several units share the place. ``value`` may be empty where it is not known."""
        names = self.subjects(units)
        if len(units) == 1 and value:
            return self.headline("first_with", names=names, value=value)
        return self.headline("first" if len(units) == 1 else "firsts", names=names)

    def basis(self, number: Number) -> Parts:
        """That a figure of the level was calculated from published ones; nothing where it was printed or computed."""
        return (self.text("basis"),) if is_calculated(number) else ()

    def amount(self, number: Number, unit: str) -> Parts:
        """A number with what it is counted in: "89,95%", "47,82 điểm"."""
        if not unit:
            return (number,)
        return (number, unit if unit in ("%", "‰") else f" {unit}")

    def counted(self, number: Number) -> str:
        """What so many units are called."""
        return self.wording.units_of(self.level, number)

    def names(self, names: Iterable[str]) -> Parts:
        """Names as a list in prose."""
        return self.wording.join(names)

    def subjects(self, names: Iterable[str]) -> Parts:
        """Names of units as what a sentence is about."""
        return self.names(self.wording.named(self.level, name) for name in names)

    def text(self, key: str, **contents: str) -> str:
        """A label of the kit by its key, with its places filled."""
        return "".join(str(part) for part in self._filled(LABELS[key], dict(contents)))

    def _filled(self, msgid: str, contents: dict[str, Content]) -> Parts:
        """A message with its places filled; the index, its years and the noun fill themselves in: they are those of
        the cells that its numbers came from. Raises ``ValueError`` where these are of several indices or years."""
        words = self._of(contents.values())
        own: dict[str, Content] = {
            "index": words.index,
            "year": words.year,
            "before": words.year - 1,
            "units": words.units,
        }
        wanted = {name: own[name] for name in own if f"{{{name}}}" in msgid}
        return self.wording.phrase(msgid, **{**wanted, **contents})

    def _of(self, contents: Iterable[Content]) -> PressWords:
        """These words for the index, year and level that the numbers in a sentence are of."""
        parts = [
            part for content in contents for part in ((content,) if isinstance(content, Number | int) else content)
        ]
        refs = [part.refs[0] for part in parts if isinstance(part, Number) and part.refs]
        result = dict.fromkeys((ref.index_name, ref.year, ref.level) for ref in refs)
        if len(result) > 1:
            raise ValueError(f"numbers of several results in one sentence: {list(result)}")
        if not result:
            return self
        index_name, year, level = next(iter(result))
        return replace(self, index_name=index_name, year=year, level=level)


#: What the cards find.
HEADLINES = {
    "mean": message("The mean {index} of the {units} in {year} is {value}"),
    "mean_moved": message("The mean {index} of the {units} in {year} is {value}, {moved}"),
    "calculated": message("{value} (derived from published numbers)"),
    "spread": message("{value} lie between first and last in the {index} {year}"),
    "first_with": message("{names} is first in the {index} {year} with {value}"),
    "first": message("{names} is first in the {index} {year}"),
    "firsts": message("{names} share the first place in the {index} {year}"),
    "known_of": message("{n}/{all} {units} with data"),
    "rose_and_fell": message("{rose} up, {fell} down"),
    "of_all": message("of {n} {units}"),
    "of_both_years": message("{n}/{all} {units} known in both years"),
    "rose": message("{names} rose most since {before}: {value}"),
    "fell": message("{names} fell most: {value}"),
    "both": message("{one}; {other}"),
    "known": message("Among the known, {finding}"),
    "most_in_group": message("{n} of {all} {units} are in group {group} ({bounds})"),
    "all_in_group": message("All {n} {units} are in group {group} ({bounds})"),
    "best_region": message("Highest regional mean: {names}, {value}; lowest: {others}, {low}"),
    "best_area": message("Highest mean: {names}, {value}; lowest: {others}, {low}"),
    "whole_table": message("{names} is first with {value}, {others} last with {low}"),
}

LABELS = {
    "mean": message("Mean"),
    "first": message("First"),
    "last": message("Last"),
    "spread": message("First to last"),
    "moved": message("Compared with {before}"),
    "group": message("Group {group}"),
    "no_data": message("No data"),
    "basis": message("derived from published numbers"),
    "partial": message("Only part of the results is known; ranks are those published."),
    "known_only_note": message("Changes since {before} are known for some of the units only."),
    "known_only": message("Among the units whose change is known only."),
    "ends_only": message("The three highest and the three lowest."),
    "scale_break": message("The set of criteria changed: the years are not fully comparable."),
    "data_of": message("Data of {year}"),
    "report_at": message("Report: {address}"),
    "report_named": message("{name}, {index} {year}"),
    # the note and the readme
    "note": message("Press note"),
    "embargo": message("Embargo: not for publication before ……………… (fill in)"),
    "dated": message("Date of issue: ……………… (fill in)"),
    "findings": message("Main findings"),
    "top_five": message("Top five"),
    "rank": message("Rank"),
    "unit": message("Unit"),
    "method": message("How it is measured"),
    "unknown": message("Coverage of the data"),
    "quote": message("“……………………………………” said Mr/Ms ……………… (name, position: fill in, or delete this line)."),
    "contact": message("Contact: ……………… (name, telephone, e-mail: fill in)"),
    "contact_at": message("Contact: {contact}"),
    "method_par": message(
        "The index is the points reached out of the points possible, in percent: what the units prove with documents "
        "and an appraisal council accepts, and what leaders, officials and citizens answer in surveys."
    ),
    "method_other": message("The index is that of its publisher; this note repeats it and adds nothing of its own."),
    "method_ranks": message(
        "Ranks follow from the values before rounding, equal values share a rank, and a unit whose value is not known "
        "is never ranked among the known alone."
    ),
    "all_known": message("The index of every ranked unit is known."),
    "pictures": message("Cards of this kit"),
    "readme": message("Press kit: how to use it"),
    "use_png": message("PNG: for social media and the web, upright and on their side."),
    "use_svg": message("SVG: for print and video, at any size."),
    "use_note": message("note.docx and note.pdf: the one-page note; copy freely from either."),
    "use_alternatives": message("alternative-texts.txt: for each card what it says, for those who cannot see it."),
    "use_marks": message("Cards and note must not be shown without their marks."),
    "caption": message("Caption"),
    "alternatives": message("Alternative texts of the cards"),
}
