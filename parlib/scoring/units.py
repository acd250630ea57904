"""Who is assessed: the levels, their units, regions and mergers, from ``data/units``, in official order.

A level of units (provinces, ministries) is a row of ``units/levels.csv`` and a table of its units. A province key
follows the territory: it is the same in the system of 63 (to 30/06/2025) and of 34 provinces exactly where the province
was not merged; merged provinces and ministries that kept an old name end in ``-2025``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache

import pandas as pd

from parlib import data_tables, kinds
from parlib.data_tables import State, check_level, system_of, table, units_as_they_are
from parlib.errors import ParameterError, Problem
from parlib.words import FIRST, Joined, Message, Name, fold, nearest, same_marks


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of one level, and of one system of its level.

    ``system`` is "63" or "34" for a province and "" for a unit of a level without systems, such as a ministry; where
    its table has no ``code`` or ``region`` either, these are "".
    ``valid_from`` is ``None`` where the start was not researched, ``valid_to`` where the unit still stands.
    ``successors`` are the keys of what it became; empty where it was not merged.
    """

    key: str
    level: str
    name_vi: str
    name_en: str
    short_vi: str
    full_name_vi: str
    system: str
    code: str
    kind: str
    region: str
    valid_from: date | None
    valid_to: date | None
    note: str
    successors: tuple[str, ...]

    def stands_on(self, day: date) -> bool:
        """Whether the unit exists on ``day``, as far as its dates are known."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Region:
    """A region (vùng) of the provinces of one system."""

    slug: str
    name_vi: str
    name_en: str
    system: str
    order: int


# --- the data ---------------------------------------------------------------------------------


@cache
def _units(data: State) -> tuple[Unit, ...]:
    """All units, level by level, each level in official order (the order of its file)."""
    results, names = [], {one.name for one in fields(Unit)} - {"level", "full_name_vi", "successors"}
    for level, of in data_tables.levels(data[0]).items():
        for row in table(of["file"], data[0]).rows():
            full, heirs = row.get("full_name_vi") or row["name_vi"], filter(None, row["successor_keys"].split(";"))
            cells = {name: row.get(name, "") for name in names}
            results.append(Unit(level=level, full_name_vi=full, successors=tuple(heirs), **cells))
    return tuple(results)


@cache
def _by_key(data: State) -> dict[str, tuple[Unit, ...]]:
    results: dict[str, tuple[Unit, ...]] = {}
    for unit in _units(data):
        results[unit.key] = (*results.get(unit.key, ()), unit)
    return results


@cache
def _names(data: State) -> dict[str, tuple[Unit, ...]]:
    """Units by every folded spelling of their names, blanks removed ("hanoi", "bogddt")."""
    spelt: dict[str, list[Unit]] = {}
    by_name: dict[str, list[Unit]] = {}
    for unit in _units(data):
        by_name.setdefault(unit.name_vi, []).append(unit)
        with_kind = f"{unit.kind} {unit.name_vi}"  # "xã Hòa Lạc"
        own = {unit.key, unit.name_vi, unit.name_en, unit.short_vi, unit.full_name_vi, with_kind, *_initials(unit)}
        for text in own - {""}:
            for spelling in {_compact(text), _bare(text)}:
                spelt.setdefault(spelling, []).append(unit)
    for row in table("units/aliases.csv", data[0]).rows():
        spelt.setdefault(_compact(row["alias"]), []).extend(by_name[row["name_vi"]])
    return {spelling: tuple(dict.fromkeys(match)) for spelling, match in spelt.items()}


def _compact(text: str) -> str:
    return fold(text).replace(" ", "")


def _initials(unit: Unit) -> set[str]:
    """What papers call a ministry for short: BXD and Bộ XD for Bộ Xây dựng."""
    first, *others = (word for word in fold(unit.name_vi).split() if word != "va")
    letters = "".join(word[0] for word in others)
    return {f"b{letters}", f"bo {letters}"} if first == "bo" else set()


def _bare(text: str) -> str:
    """``_compact`` without the words for province, commune and People's Committee before or after the name."""
    kinds = "tinh|t|thanh pho|tp|thu do|xa|phuong|dac khu"
    words = re.sub(rf"^((ubnd|uy ban nhan dan) (?=.))?(({kinds}) (?=.))?", "", fold(text))
    return re.sub(r"(?<=.) (city|province)$", "", words).replace(" ", "")


#: What lists put before and after a name: "1. Hà Nội", "Hà Nội (1)", "Thừa Thiên Huế (nay là TP Huế)".
_BESIDE = re.compile(r"^\s*[0-9]{1,2}[.)]\s*(?=\D)|\s*\((?:[0-9]{1,2}|nay là [^()]*)\)\s*$", re.IGNORECASE)


# --- look-up ----------------------------------------------------------------------------------


def levels() -> tuple[str, ...]:
    """The levels of units: "province", "ministry"."""
    return tuple(data_tables.levels())


def level_named(text: str) -> str:
    """The level that ``text`` names, by key or in words ("bộ", "provinces"); ``text`` where none is, or several are."""
    words = {key: {fold(word) for word in (key, *names.values())} for key, names in data_tables.levels().items()}
    meant = [key for key, of in words.items() if fold(text) in of]
    return meant[0] if fold(text) and len(meant) == 1 else text  # a level has empty cells too


def _check_system(system: str) -> None:
    begun = data_tables.systems()
    if system and system not in begun:
        vi, en = (
            ", ".join(f"{one} ({since} {year})" if year else one for one, year in begun.items())
            for since in ("từ", "from")
        )
        message = Message("no such system of units; there are: {systems}", {"systems": Name(vi, en)})
        raise ParameterError(Problem(message, value=system))


def units(level: str, system: str = "", on: date | None = None) -> tuple[Unit, ...]:
    """The units of ``level`` in official order.

    Those of ``system``; those standing ``on`` a day; without either, all that ever stood (a province that was not
    merged stands twice, as one of the 63 and of the 34).
    """
    check_level(level)
    _check_system(system)
    return tuple(
        unit
        for unit in _units(units_as_they_are())
        if unit.level == level and unit.system in (system or unit.system, "") and (on is None or unit.stands_on(on))
    )


def units_of_year(year: int, level: str) -> tuple[Unit, ...]:
    """The units that results of ``year`` speak of: those of ``system_of(year, level)``, else those at its end."""
    system = system_of(year, check_level(level))
    return units(level, system) if system else units(level, on=date(year, 12, 31))


def get(key: str, level: str = "", system: str = "", year: int = 0) -> Unit:
    """The unit with exactly this ``key``; with ``year`` its kind is that of the end of the year.

    A key in both systems means one territory; without ``system`` its entry of the 63 is given, which all results to
    2024 are on. Raises ``ParameterError`` with near matches.
    """
    _check_system(system)
    for unit in _by_key(units_as_they_are()).get(key, ()):
        if _fits(unit, level, system):
            return replace(unit, **kinds.of_year(key, unit.system, year)) if year else unit
    raise ParameterError(_unknown(key, level, system, lambda those: [u for u in those if _fits(u, level, system)]))


def find(text: str, level: str = "", system: str = "", year: int | None = None) -> Unit:
    """The unit meant by a key, a province code (with ``system`` or ``year``) or a name in any common spelling.

    Tone marks, case, blanks, "Tỉnh ...", "TP ..." and the abbreviations of ministries are all understood. ``year``
    limits the search to the units of that year: a name, or a key without a year, means the unit that bore it then. A
    text that fits units of different keys, and the marks of one name no better, is refused, not guessed.

    >>> find("TP.HCM", "province", year=2024).key
    'ho-chi-minh'
    """
    _check_system(system)
    if year is not None and not system:
        system = system_of(year, level)
    wanted, names = _BESIDE.sub("", text).strip(), _names(units_as_they_are())

    def fitting(those: Iterable[Unit]) -> list[Unit]:
        return [u for u in those if _fits(u, level, system) and (year is None or u in units_of_year(year, u.level))]

    result = fitting(u for u in _units(units_as_they_are()) if wanted in (u.key, u.code or u.key))
    # A key that is none of that year's may still be the name of one: "an-giang" in 2025 is An Giang of the 34.
    meant = dict.fromkeys((*names.get(_compact(wanted), ()), *names.get(_bare(wanted), ())))
    result = result or fitting(meant)
    if not result:
        gone = [unit for unit in meant if unit.successors and _fits(unit, level, "")]
        raise ParameterError(_merged(text, gone[0]) if gone else _unknown(text, level, system, fitting))
    if len({unit.key for unit in result}) > 1:  # "Xã Tân Thành" and "Xã Tân Thạnh" differ by a tone only
        result = [unit for unit in result if same_marks(wanted, unit.name_vi)] or result
    if len({unit.key for unit in result}) > 1 or (wanted == result[0].code and not system):
        keys = ", ".join(unit.key + (f" ({unit.system})" if unit.system else "") for unit in result)
        message = Message("this means several units: {keys}; give the name with its marks, the key or the year")
        raise ParameterError(Problem(message.filled(keys=keys), value=text))
    return result[0]


def _fits(unit: Unit, level: str, system: str) -> bool:
    return (not level or unit.level == level) and (not system or unit.system in ("", system))


def named(unit: Unit, written: str = "") -> Name:
    """A unit as it is called; with its key beside it where what was ``written`` looks like one."""
    key = f" ({unit.key})" if re.fullmatch("[a-z][a-z0-9]*([-_][a-z0-9]+)*", written) else ""
    return Name(unit.name_vi + key, unit.name_en + key)


def near_units(text: str, among: Iterable[Unit]) -> Message | str:
    """The units ``among`` some that have the province code ``text`` or are called most like it, as the end of an
    error's message; "" without any."""
    pool = list({(unit.key, unit.name_vi): unit for unit in among}.values())  # who was not merged stands twice
    spelt = {unit: (unit.key, unit.name_vi, unit.name_en, unit.short_vi) for unit in pool}
    close = nearest(text, [name for names in spelt.values() for name in names if name], n=6)
    begun = [unit for unit in pool if fold(text) and fold(unit.name_vi).startswith(fold(text) + " ")]
    meant = list(dict.fromkeys([*begun, *(unit for name in close for unit in pool if name in spelt[unit])]))[:3]
    shown = [unit for unit in pool if unit.code and unit.code == text.strip().zfill(2)] or meant
    return Message("; near matches: {found}", {"found": Joined(named(unit, text) for unit in shown)}) if shown else ""


def _merged(text: str, unit: Unit) -> Problem:
    names = Joined(named(get(key), text) for key in unit.successors)
    return Problem("this unit stands no longer; it became part of {names}", value=text, names=names)


def _unknown(text: str, level: str, system: str, fitting: Callable[[Iterable[Unit]], list[Unit]]) -> Problem:
    of = data_tables.levels().get(level, {"name_vi": "đơn vị", "short_vi": "đơn vị", "name_en": "unit"})
    within = system and (not level or system in data_tables.systems(level))
    return Problem(
        "no such {what}{more}{near}",
        value=text,
        what=Name(of["name_vi"], of["name_en"]),
        more=Name(f" trong hệ thống {system} {of['short_vi']}", f" in the system of {system}") if within else "",
        near=near_units(text, fitting(_units(units_as_they_are()))),
    )


def name(key: str, language: str = "vi", short: bool = False, system: str = "") -> str:
    """The name of a unit in ``language``; ``short`` gives the abbreviation of a ministry where one is in common use.

    Only ``hue`` has different names in the two systems (Thừa Thiên Huế, Huế): see ``get`` for what ``system`` does.
    """
    unit = get(key, system=system)
    if language != FIRST:
        return unit.name_en
    return unit.short_vi if short and unit.short_vi else unit.name_vi


# --- regions, assessed units, mergers ---------------------------------------------------------


def regions(system: str) -> tuple[Region, ...]:
    """The six regions of a system of provinces, in official order."""
    _check_system(system)
    result = (Region(**row) for row in table("units/regions.csv").rows() if row["system"] == system)
    return tuple(sorted(result, key=lambda region: region.order))


def region_of(unit_key: str, system: str) -> str:
    """The slug of the region that a province lies in; "" for a ministry."""
    return get(unit_key, system=system).region


@cache
def _assessed(data: State) -> pd.DataFrame:
    frame = table("units/assessed.csv", data[0]).frame()
    return frame.assign(ranked=frame["ranked"] == 1).rename(columns={"key": "unit"})


def assessed(year: int, level: str) -> pd.DataFrame:
    """The units assessed in ``year``: ``unit``, ``ranked``, ``basis``, ``source_ids``, in official order.

    Empty where the sources do not settle the list (ministries of 2012-2015 and 2019; 2025 and later).
    """
    check_level(level)
    frame = _assessed(units_as_they_are())
    rows = frame[(frame["year"] == year) & (frame["level"] == level)]
    order = [unit.key for unit in units_of_year(year, level)]
    rows = rows.sort_values("unit", key=lambda keys: keys.map(order.index), kind="stable")
    return rows[["unit", "ranked", "basis", "source_ids"]].reset_index(drop=True)


def ever_assessed(year: int, level: str) -> list[str]:
    """The units of ``year`` that a list of assessed units has held in some year, themselves or as a unit that became
    them; all of a level that has no list."""
    listed = set(_assessed(units_as_they_are()).query("level == @level")["unit"])
    heirs = {heir for unit in units(level) if unit.key in listed for heir in unit.successors}
    current = [unit.key for unit in units_of_year(year, level)]
    return [key for key in current if key in listed | heirs] if listed else current


def assessed_apart(year: int, level: str) -> list[str]:
    """The units that are assessed and not ranked by the list of ``year``, or by the last one before it."""
    listed = assessed(year, level)
    for before in range(year - 1, data_tables.base_year() - 1, -1):
        listed = listed if len(listed) else assessed(before, level)
    return [str(unit) for unit in listed.loc[~listed["ranked"].astype(bool), "unit"]]
