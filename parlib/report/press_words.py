"""The sentences of the press kit: what a card or the note finds, with the numbers of the report in their places.

They stand here, and not with the cards, because the catalogues are kept from the code of this room.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from parlib.report.blocks import Number
from parlib.report.measures import MARKS, MEASURES
from parlib.report.statistic_words import is_calculated
from parlib.report.wording import Content, Parts, Wording, message


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
    def area(self) -> str:
        """What a part of the index is called."""
        return self.wording.say(MEASURES[self.index_name].area)

    @property
    def areas(self) -> str:
        """What the parts of the index are called."""
        return self.wording.say(MEASURES[self.index_name].areas)

    @property
    def units(self) -> str:
        """The plural noun of the units assessed."""
        return self.wording.say(_UNITS[self.level])

    @property
    def marks(self) -> tuple[str, ...]:
        """Every sentence that marks results as not real or not official."""
        return tuple(self.wording.say(text) for text in MARKS.values())

    @property
    def simulated(self) -> str:
        """The mark of simulated data."""
        text = MARKS["simulated"]
        return self.wording.say(text)

    def say(self, msgid: str, **contents: Content) -> Parts:
        """A message with its places filled; the index, its years and the nouns fill themselves in: they are those of
        the cells that its numbers came from. Raises ``ValueError`` where these are of several indices or years."""
        words = self._of(contents.values())
        own: dict[str, Content] = {
            "index": words.index,
            "year": words.year,
            "before": words.year - 1,
            "units": words.units,
            "area": words.area,
            "areas": words.areas,
        }
        wanted = {name: own[name] for name in own if f"{{{name}}}" in msgid}
        return self.wording.phrase(msgid, **{**wanted, **contents})

    def _of(self, contents: Iterable[Content]) -> PressWords:
        """These words for the index, year and level that the numbers in a sentence are of."""
        parts = [
            part for content in contents for part in ((content,) if isinstance(content, Number | int) else content)
        ]
        refs = [part.refs[0] for part in parts if isinstance(part, Number) and part.refs]
        found = dict.fromkeys((ref.index_name, ref.year, ref.level) for ref in refs)
        if len(found) > 1:
            raise ValueError(f"numbers of several results in one sentence: {list(found)}")
        if not found:
            return self
        index_name, year, level = next(iter(found))
        return replace(self, index_name=index_name, year=year, level=level)

    def basis(self, number: Number) -> Parts:
        """That a figure of the level was calculated from published ones; nothing where it was printed or computed."""
        return self.say("derived from published numbers") if is_calculated(number) else ()

    def amount(self, number: Number, unit: str) -> Parts:
        """A number with what it is counted in: "89,95%", "47,82 điểm"."""
        if not unit:
            return (number,)
        return (number, unit if unit in ("%", "‰") else f" {unit}")

    def names(self, names: Iterable[str]) -> Parts:
        """Names as a list in prose."""
        return self.wording.join(names)

    # What the cards find

    def mean(self, mean: Number, unit: str) -> Parts:
        """The mean of the year, and that it was calculated where it was not published."""
        amount = self.amount(mean, unit)
        if is_calculated(mean):
            amount = self.say("{amount} (derived from published numbers)", amount=amount)
        return self.say("The mean {index} of the {units} in {year} is {mean}", mean=amount)

    def spread(self, spread: Parts) -> Parts:
        """How far the first is from the last."""
        return self.say("{spread} lie between first and last in the {index} {year}", spread=spread)

    def first(self, units: list[str], value: Parts) -> Parts:
        """Who is first; several units share the place. ``value`` may be empty where it is not known."""
        names = self.names(units)
        if value and len(units) == 1:
            return self.say("{names} is first in the {index} {year} with {value}", names=names, value=value)
        if len(units) == 1:
            return self.say("{names} is first in the {index} {year}", names=names)
        return self.say("{names} share the first place in the {index} {year}", names=names)

    def last(self, units: list[str], value: Parts) -> Parts:
        """Who is last."""
        names = self.names(units)
        if value and len(units) == 1:
            return self.say("{names} is last in the {index} {year} with {value}", names=names, value=value)
        if len(units) == 1:
            return self.say("{names} is last in the {index} {year}", names=names)
        return self.say("{names} share the last place in the {index} {year}", names=names)

    def band(self, n: Number, total: Number, band: str) -> Parts:
        """How many units are in a group, which is given with its bounds."""
        return self.say("{n}/{total} {units} are in group {band}", n=n, total=total, band=band)

    def rose_and_fell(self, rose: Number, fell: Number) -> Parts:
        """How many units rose and fell."""
        return self.say(
            "{rose} {units} rose and {fell} fell in the {index} {year}, against {before}", rose=rose, fell=fell
        )

    def rose_most(self, unit: Parts, change: Parts, all_known: bool) -> Parts:
        """Who rose most; said of all units only where all are known."""
        if all_known:
            return self.say("{unit} rose most since {before}: {change}", unit=unit, change=change)
        return self.say("Among the known, {unit} rose most since {before}: {change}", unit=unit, change=change)

    def fell_least(self, unit: Parts, change: Parts, all_known: bool) -> Parts:
        """Who fell least, where none rose."""
        if all_known:
            return self.say("All fell since {before}; {unit} least: {change}", unit=unit, change=change)
        return self.say("All the known fell since {before}; {unit} least: {change}", unit=unit, change=change)

    def climbed_most(self, unit: Parts, places: Number, all_known: bool) -> Parts:
        """Whose rank improved most."""
        if all_known:
            return self.say("{unit} climbed most: {places} places since {before}", unit=unit, places=places)
        return self.say(
            "Among the known, {unit} climbed most: {places} places since {before}", unit=unit, places=places
        )

    def best_region(self, regions: list[str], mean: Parts) -> Parts:
        """The regions with the highest mean."""
        return self.say("Highest regional mean: {names}, {mean}", names=self.names(regions), mean=mean)

    def region_change(self, regions: list[str], change: Parts) -> Parts:
        """The regions that moved up most, or down least."""
        return self.say(
            "Highest change of a regional mean since {before}: {names}, {change}",
            names=self.names(regions),
            change=change,
        )

    def weakest_area(self, area: Parts, mean: Parts) -> Parts:
        """The area with the lowest mean, or all that share it."""
        return self.say("Lowest mean of the {areas}: {name}, {mean}", name=area, mean=mean)

    def leads_area(self, unit: str, area: str, value: Parts) -> Parts:
        """Who is first in an area; ``value`` may be empty."""
        if value:
            return self.say("First in “{name}”: {unit}, {value}", name=area, unit=unit, value=value)
        return self.say("First in “{name}”: {unit}", name=area, unit=unit)

    def most_lost(self, criterion: Parts, lost: Parts) -> Parts:
        """Where most points are lost on average."""
        return self.say("Most points are lost on “{name}”: {lost} on average", name=criterion, lost=lost)

    def least_satisfied(self, factor: Parts, share: Parts) -> Parts:
        """What citizens are least satisfied with."""
        return self.say("Citizens are least satisfied with “{name}”: {share}", name=factor, share=share)

    def over_claimed(self, unit: Parts, over: Parts) -> Parts:
        """Who claimed most that was not granted."""
        return self.say("{unit} claimed most that was not granted: {over}", unit=unit, over=over)

    def above_mean(self, n: Number, total: Number) -> Parts:
        """How many units are above the mean."""
        return self.say("{n}/{total} {units} are above the mean of the {index} {year}", n=n, total=total)

    def whole_table(self, total: Number) -> Parts:
        """The head of the card that names all units."""
        return self.say("The {index} {year} of all {total} {units}", total=total)

    def known_ranks(self) -> Parts:
        """The head of the card that names the units of which a rank or a value is known."""
        return self.say("Ranks and values known of the {index} {year}")

    def known_table(self, known: Number, total: Number) -> Parts:
        """The head of the card that names the units known."""
        return self.say("What is known of the {index} {year}: {known}/{total} {units}", known=known, total=total)

    def part_first(self, unit: str, part: str, value: Parts) -> Parts:
        """Who has most points in a part of the index."""
        return self.say("Most points in “{name}”: {unit}, {value}", name=part, unit=unit, value=value)

    def parts(self, part: str, mean: Parts, maximum: Number) -> Parts:
        """What units reach on average in a part of the index."""
        return self.say("{name}: the mean is {mean} out of {maximum}", name=part, mean=mean, maximum=maximum)

    def rank_range(self, unit: str, rank: Number, possible: Number) -> Parts:
        """Between which ranks a unit may stand."""
        return self.say("{unit}: rank {rank}; with survey error, {possible}", unit=unit, rank=rank, possible=possible)

    def unranked(self, total: Number) -> Parts:
        """The head of the card on who is assessed and ranked."""
        return self.say("{total} {units} are ranked in the {index} {year}", total=total)

    def text(self, key: str) -> str:
        """A fixed label of the kit by its key."""
        return "".join(str(part) for part in self.say(LABELS[key]))


_UNITS = {"province": message("provinces"), "ministry": message("ministries")}

LABELS = {
    "mean": message("Mean"),
    "first": message("First"),
    "last": message("Last"),
    "spread": message("First to last"),
    "rose": message("Rose"),
    "fell": message("Fell"),
    "above_mean": message("Above the mean"),
    "largest_rise": message("Largest rise"),
    "largest_fall": message("Largest fall"),
    "survey": message("Survey forms"),
    "top_five": message("Top five"),
    "partial": message("Only part of the results is known; ranks are those published."),
    "known_only_note": message("Changes since {before} are known for some of the units only."),
    "known_only": message("Among the units whose change is known only."),
    "in_both": message("Places are moved among the {units} ranked in both years."),
    "scale_break": message("The set of criteria changed: the years are not fully comparable."),
    "not_granted": message("Points claimed and not granted"),
    "interval": message("Bars: share of satisfied answers; in small letters: interval of sampling."),
    "checked": message("The numbers of {year} were checked against each other before publication"),
    # the note and the readme
    "note": message("Press note"),
    "embargo": message("Embargo: not for publication before ……………… (fill in)"),
    "findings": message("Main findings"),
    "rank": message("Rank"),
    "unit": message("Unit"),
    "method": message("How it is measured"),
    "unknown": message("What is known, and what is not"),
    "contact": message("Contact: ……………… (name, telephone, e-mail: fill in)"),
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
    "fewer": message("This report gives fewer cards than usual: the kit makes none without numbers."),
    "readme": message("Press kit: how to use it"),
    "use_png": message("PNG: for social media and the web."),
    "use_svg": message("SVG: for print and video, at any size."),
    "use_note": message("note.docx and note.pdf: the one-page note; copy freely from either."),
    "use_marks": message("Cards and note must not be shown without their marks."),
    "caption": message("Caption"),
    "alternative": message("Alternative text"),
}
