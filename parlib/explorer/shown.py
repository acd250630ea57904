"""Answers as the page shows them: tables with heads in words, the card of a unit, what it could have answered."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from html import escape
from itertools import groupby

import pandas as pd

from parlib.analysis.robustness.audit import Apart
from parlib.answers import NOTHING, UNKNOWN, Answer, printed
from parlib.report import clickable
from parlib.report.blocks import Block
from parlib.report.columns import words_of_columns
from parlib.sources import published
from parlib.words import Message
from parlib.years import Year

#: What columns are called here, where the registry of columns says nothing or something else.
HEADS: Mapping[str, Message] = {
    "name": Message("Name of the unit"),
    "value": Message("Value"),
    "index": Message("Index"),
    "rank": Message("Rank of the unit"),
    "new_index": Message("New index"),
    "new_rank": Message("New rank"),
    "points": Message("Points"),
    "maximum": Message("Most"),
    "region_name": Message("Region"),
    "node_name": Message("Criterion"),
    "code_name": Message("Criterion"),
    "component_name": Message("Part"),
    "break_mark": Message("Another scale"),
    "gap": Message("Difference"),
    "group_name": Message("Asked"),
    "other_name": Message("Other index"),
    "other_year": Message("Year"),
    "n_units": Message("Of units"),
    "coefficient": Message("Rank correlation"),
    "lost": Message("Points lost"),
    "before_label": Message("From"),
    "after_label": Message("To"),
    "tier": Message("Tier"),
    "question": Message("Question"),
    "scenario": Message("Scenario"),
    "n_changed": Message("Criteria changed"),
    "new_points": Message("Points then"),
    "gain": Message("Points gained"),
    "places": Message("Places up"),
    "check": Message("What is checked"),
    "compared": Message("Compared"),
    "held": Message("Agree"),
    "explained": Message("Explained"),
    "failed": Message("Disagree"),
}


def heads(answer: pd.DataFrame, language: str) -> dict[str, str]:
    """What the columns of an answer are called."""
    words = words_of_columns(language)
    return {c: HEADS[c].text(language) if c in HEADS else words.get(c, c) for c in map(str, answer.columns)}


class Shown:
    """How answers of a ``year`` are shown; columns of ``bars`` also as bars, the units of ``own`` marked."""

    def __init__(self, year: Year, bars: Sequence[str] = (), own: Sequence[str] = ()) -> None:
        self.year, self.language = year, year.language
        self.bars, self.own, self.shares = bars, own, tuple[str, ...]()

    def say(self, message: Message, **places: object) -> str:
        """A message with its places, in the language of the page."""
        return message.filled(**places).text(self.language)

    def tag(self, name: str, message: Message, **places: object) -> str:
        """A message as an element of the page."""
        return f"<{name}>{escape(self.say(message, **places))}</{name}>"

    def number(self, value: object, decimals: int = 2) -> str:
        """A number as it is printed; what is not known as dots."""
        return printed(value, decimals, self.language)

    def html(self, answer: object) -> str:
        """An answer of whatever kind."""
        if isinstance(answer, pd.DataFrame):
            return self.table(answer)
        if isinstance(answer, Block):
            return answer.to_html()
        if isinstance(answer, Apart):
            said, _, beside = answer.told.partition("\n")
            return self._in_tiles([f"<b>{escape(said)}</b>"]) + f'<p class="pe-told">{escape(beside)}</p>'
        return f"<p>{escape(str(answer))}</p>"

    # --- tables ------------------------------------------------------------------------------------

    def table(self, answer: pd.DataFrame, last: tuple[str, Sequence[str]] = ("", ())) -> str:
        """A table: heads that sort, rows that lead to their unit, below it what must be said; ``last``: the head and
        the cells of a drawn column."""
        frame = Answer(answer)
        frame.attrs = answer.attrs
        if "node" in frame and "node_name" in frame:  # people know criteria by their code
            numbered = (f"{node}. " if str(node)[:1].isdigit() else "" for node in frame["node"])
            frame["node_name"] = [f"{code}{name}" for code, name in zip(numbered, frame["node_name"], strict=True)]
        keys = (
            list(frame["unit"]) if "unit" in frame and frame["unit"].isin(self.year.results.units["unit"]).all() else []
        )
        plain = frame.shown
        words = heads(plain, self.language)
        cells = [self._cells(plain[c], str(c)) for c in plain]
        top = "".join(
            f'<th data-column="{escape(c)}"{"" if texts[1] else " class=pe-n"}>{escape(words[c])}</th>'
            for c, texts in zip(words, cells, strict=True)
        )
        lines, (drawn_head, drawn) = [], last
        for row in range(len(plain)):
            own = ' class="pe-own"' if keys and keys[row] in self.own else ""
            unit = f' data-unit="{keys[row]}"' if keys else ""
            inside = "".join(
                f"<td>{texts[row]}</td>" if is_text else f'<td class="pe-n">{texts[row]}</td>'
                for texts, is_text in cells
            )
            inside += f"<td>{drawn[row]}</td>" if drawn_head else ""
            lines.append(f"<tr{unit}{own}>{inside}</tr>")
        count = "" if len(plain) else self.tag("p", frame.attrs.get("none", NOTHING))
        under = frame.told if frame.attrs else ""
        return f'{_grid(top + drawn_head, lines)}{count}<p class="pe-told">{escape(under)}</p>'

    def _cells(self, column: pd.Series, name: str) -> tuple[list[str], bool]:
        """The cells of a column as they are shown, and whether they are texts."""
        if name == "other_name":
            return [escape(published.index_title(str(key), self.language)) for key in column], True
        if pd.api.types.is_bool_dtype(column.dtype):
            return ["×" if value is True else "" for value in column.astype(object)], True
        if not pd.api.types.is_numeric_dtype(column.dtype):
            return [escape(str(value)) if pd.notna(value) and str(value) else "" for value in column], True
        scale = self.year.results.scale
        decimals = {"n": 0, "value": scale.decimals, "previous": scale.decimals, "change": scale.decimals}.get(name, 2)
        if pd.api.types.is_integer_dtype(column.dtype):
            texts = [UNKNOWN if pd.isna(value) else str(int(value)) for value in column]
        else:
            texts = [self.number(value, decimals) for value in column.astype(float)]
        if name in self.shares:
            texts = [UNKNOWN if x != x else f"{self.number(100 * x, 1)}%" for x in column.astype(float)]
        if name in self.bars and len(column):
            most = float(column.abs().max()) or 1.0
            widths = (0 if pd.isna(value) else 90 * abs(float(value)) / most for value in column)
            texts = [
                f'{text} <i class="pe-bar" style="width:{w:.0f}px"></i>' for text, w in zip(texts, widths, strict=True)
            ]
        return texts, False

    # --- a unit ------------------------------------------------------------------------------------

    def tiles(self, parts: Mapping[str, str]) -> str:
        """Words with a number each."""
        return self._in_tiles(f"<span>{escape(words)}</span><b>{escape(number)}</b>" for words, number in parts.items())

    def _in_tiles(self, parts: Iterable[str]) -> str:
        inside = "".join(f"<div>{part}</div>" for part in parts)
        return f'<div class="pe-tiles">{inside}</div>'

    def card(self, answers: Sequence[object]) -> str:
        """The card of a unit: ``answers`` are its nodes, its row, its change, its years."""
        nodes, row, change, history = (a for a in answers if isinstance(a, pd.DataFrame))
        own, moved = row.iloc[0], change.iloc[0]
        decimals = self.year.results.scale.decimals
        rank = UNKNOWN if pd.isna(own["rank"]) else f"{int(own['rank'])}/{self.year.results.n_ranked or '?'}"
        delta, words = moved["value_change"], words_of_columns(self.language)
        parts = {
            self.say(Message("Value")): self.number(own["value"], decimals),
            words["rank"]: rank,
            words["band"]: str(own["band"]) if pd.notna(own["band"]) and own["band"] else UNKNOWN,
            self.say(Message("Change on the year before")): ("+" if delta > 0 else "") + self.number(delta, decimals),
        }
        where = " · ".join(str(own[column]) for column in ("name", "region_name") if own.get(column))
        years = history[[c for c in ("year", "value", "rank", "band", "break_mark") if c in history]]
        by_area = self.tag("h3", Message("By area")) + self.table(nodes)
        over = self.tag("h3", Message("Over the years")) + self.table(years)
        sides = f"<div>{by_area}</div><div>{over}</div>"
        top = f"<h3>{escape(where)}</h3>{self.tiles(parts)}{clickable.strip(self.year, str(own['unit']))}"
        return f'{top}<div class="pe-sides">{sides}</div>'

    # --- what if -----------------------------------------------------------------------------------

    def what_if(self, answers: Sequence[object], unit: str, given: Mapping[str, str]) -> str:
        """What a unit could have answered, to choose from, beside what its ranking would be: ``answers`` are the
        ranking then, the points of the unit now and then, and the ways up where a rank was asked for."""
        after, own, *ways = (answer for answer in answers if isinstance(answer, pd.DataFrame))
        parts = {}
        for name, decimals in (("points", 2), ("index", 2), ("rank", 0)):
            texts = [UNKNOWN if pd.isna(value) else self.number(float(value), decimals) for value in own[name]]
            parts[self.say(HEADS[name])] = " → ".join(texts)
        parts[self.say(HEADS["n_changed"])] = str(own["n_changed"].iloc[1])
        up = "".join(self._ways(way) for way in ways)
        moved = self.table(after.sort_values("new_rank", kind="stable"))
        ranking = self.tag("h3", Message("The ranking then")) + moved
        sides = f'<div class="pe-long">{self._criteria(unit, given)}</div><div class="pe-long">{ranking}</div>'
        return f'{self.tiles(parts)}{up}<div class="pe-sides">{sides}</div>'

    def _ways(self, steps: pd.DataFrame) -> str:
        """The shortest ways up, each with a button that takes it."""
        parts = [self.tag("h3", Message("Shortest ways up"))]
        for way, rows in steps.groupby("way", sort=False):
            words = self.say(Message("Take this way"))
            take = f'<button data-what="way" data-way="{way}">{escape(words)}</button>'
            own = rows.drop(columns="way")
            own.attrs = steps.attrs
            parts.append(f"<div>{take}{self.table(own)}</div>")
        return f'<div class="pe-ways">{"".join(parts)}</div>'

    def _criteria(self, unit: str, given: Mapping[str, str]) -> str:
        lines = []
        for node, group in groupby(self.year.choices(unit).to_dict("records"), lambda row: row["node"]):
            rows, code = list(group), str(node)
            first = rows[0]
            answer = self._choice(rows, given.get(code)) if first["choice"] else self._number_field(first, given)
            mark = ' class="pe-own"' if code in given else ""
            lines.append(
                f"<tr{mark}><td>{code if code[:1].isdigit() else ''}</td><td>{escape(str(first['node_name']))}</td>"
                f'<td class="pe-n">{self.number(first["points"])}/{self.number(first["maximum"])}</td>'
                f"<td>{answer}</td></tr>"
            )
        heads = (Message("Code"), Message("Criterion"), Message("Points"), Message("Answer"))
        top = "".join(self.tag("th", words) for words in heads)
        return _grid(top, lines)

    def _choice(self, rows: Sequence[Mapping[Hashable, object]], given: str | None) -> str:
        """The answers of a criterion, the one that stands first."""
        first, code = rows[0], rows[0]["node"]
        offered: list[tuple[object, object, object]] = [("", first["answer_label"], first["points"])]
        offered += [
            (row["choice"], row["choice_label"], row["choice_points"])
            for row in rows
            if row["choice"] != first["answer"] and row["choice_points"] != first["points"]
        ]
        options = "".join(
            f'<option value="{escape(str(choice))}"{" selected" if choice and choice == given else ""}>'
            f"{escape(self._points(str(label), points))}</option>"
            for choice, label, points in offered
        )
        return f'<select data-code="{code}" aria-label="{code}">{options}</select>'

    def _number_field(self, row: Mapping[Hashable, object], given: Mapping[str, str]) -> str:
        """Points of a part that has no answers: another number."""
        code = str(row["node"])
        return (
            f'<input type="number" data-code="{code}" aria-label="{code}" min="0" max="{row["maximum"]}" step="any" '
            f'value="{escape(given.get(code, ""))}" placeholder="{self.number(row["points"])}">'
        )

    def _points(self, label: str, points: object) -> str:
        return self.say(Message("{answer}: {points} points"), answer=label, points=self.number(points))

    # --- the survey --------------------------------------------------------------------------------

    def survey(self, answers: Sequence[object]) -> str:
        """Shares with their intervals, as lines."""
        (frame,) = (a for a in answers if isinstance(a, pd.DataFrame))
        self.shares = ("share", "lower", "upper")
        shares = 100 * frame[[*self.shares]].astype(float)
        spans = [clickable.span(*row) for row in shares.itertuples(index=False)]
        return self.table(frame, (self.tag("th", Message("From 0 to 100 percent")), spans))


def _grid(heads: str, lines: Sequence[str]) -> str:
    return f'<table class="pe-table"><thead><tr>{heads}</tr></thead><tbody>{"".join(lines)}</tbody></table>'
