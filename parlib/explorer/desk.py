"""The page of ``parlib.round_desk()``: what an operator looks after in a round, without code to type.

It asks the functions that the commands ``parlib round ...`` and ``parlib report`` ask; who does it, and whom the plan
lets do it, are theirs too.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from threading import Thread

import ipywidgets
import pandas as pd

from parlib.analysis import checks
from parlib.errors import ParameterError, Problem
from parlib.explorer import views
from parlib.explorer.page import Explorer, newest_round, opened_round, unreadable_rounds
from parlib.explorer.shown import Shown
from parlib.explorer.views import ALL, Control, Values, View, in_language, said, worded
from parlib.publish import site
from parlib.sources import rounds, workbooks
from parlib.words import FIRST, Message, Words
from parlib.years import Year

_AS_SAID = Message("as the file says")
_BY = Control("by", Message("Who does it"), "name")


def _words(v: Values, table: str) -> str:
    return f"rounds.worded({table}{in_language(v['language'])})"


def _missing(v: Values) -> list[str]:
    chosen = f".query('lacks == {said(v['lacks'])}')" if v.get("lacks") else ""
    return [_words(v, f'rounds.missing(round){chosen}.drop(columns="unit")')]


def _to_do(v: Values) -> list[str]:
    language = in_language(v["language"])
    return [_words(v, f"rounds.to_do(round{language})"), _words(v, f"rounds.where_units_stand(round{language})")]


_LACKS = {key: rounds.WORDS[key] for key in ("no answer", "no evidence", "late")}
_STAGES = {key: rounds.WORDS[key] for key in ("self", "appraisal", "appeal", "conclusion")}
_KEEP_GOOD = {"": Message("all or nothing"), "yes": Message("the sound files, without the others")}
_FORMATS = {
    "html": Message("page (HTML)"),
    "html,pdf": Message("page and PDF"),
    "html,docx,xlsx": Message("page, Word, Excel"),
    "html,pdf,docx,xlsx,press,data": Message("everything"),
}
_REPORTS = {
    "annual_report": Message("yearly report"),
    "unit_profile": Message("profile of one unit"),
    "robustness_audit": Message("how sure the ranks are"),
}

DESK = (
    View("to_do", Message("To do"), lines=_to_do),
    View(
        "missing",
        Message("What is missing"),
        (Control("lacks", Message("What is missing"), "choice", worded({"": ALL, **_LACKS})),),
        _missing,
    ),
    View(
        "import",
        Message("Take in forms"),
        (
            Control("files", Message("Drop forms here or choose them"), "files"),
            Control("stage", Message("Stage of lists (CSV)"), "choice", worded({"": _AS_SAID, **_STAGES})),
            Control("keep_good", Message("Take"), "choice", worded(_KEEP_GOOD)),
            _BY,
        ),
        show="import",
        buttons=((Message("Enter into the ledger"), "enter"), (Message("Leave these files"), "leave")),
    ),
    View(
        "imports",
        Message("Imports and undo"),
        (
            Control("number", Message("Import no."), "name"),
            Control("reason", Message("Reason"), "name"),
            _BY,
        ),
        lambda v: [_words(v, 'rounds.imports_table(round).drop(columns="sha256")')],
        buttons=((Message("Undo this import"), "undo"),),
    ),
    next(view for view in views.VIEWS if view.key == "self"),
    View(
        "disagreements",
        Message("Appraisers who differ"),
        lines=lambda v: [_words(v, 'rounds.disagreements(round).drop(columns=["unit", "at"])')],
    ),
    View(
        "questions",
        Message("Open questions"),
        (Control("number", Message("No."), "name"), Control("reply", Message("Reply"), "name"), _BY),
        lambda v: [_words(v, "rounds.open_questions(round)")],
        buttons=((Message("Reply"), "reply"),),
    ),
    View("checks", Message("Checks"), lines=lambda _: ["year.checks_summary()"]),
    View(
        "report",
        Message("Make reports"),
        (
            Control("notebook", Message("Report"), "choice", worded(_REPORTS)),
            Control("to", Message("Formats"), "choice", worded(_FORMATS)),
            Control("unit", Message("Name of the unit"), "unit"),
        ),
        show="report",
        buttons=((Message("Make the report"), "render"),),
    ),
)


def round_desk(round: str = "", language: str = FIRST) -> Desk | ipywidgets.HTML:  # noqa: A002 - what it is called
    """The operator's desk of a ``round`` on this computer, of the newest where none is named.

    Bàn làm việc của người tổ chức kỳ đánh giá: ``parlib.round_desk("2026-province")``.
    """
    name = round or newest_round()
    if not name:
        return ipywidgets.HTML(f"<p>{escape(rounds.NO_ROUND.text(language))}</p>{unreadable_rounds(language)}")
    return Desk(opened_round(name, language))


class Desk(Explorer):
    """The page. ``files`` are those that were dropped and not entered yet."""

    own_views = DESK
    choosing = ("round",)
    saves = ("xlsx",)

    def __init__(self, year: Year) -> None:
        self.files: list[Path] = []
        self.preview: workbooks.Preview | None = None
        self.making: Thread | None = None
        self._dropped = tempfile.TemporaryDirectory(prefix="parlib-")
        super().__init__(year)

    @property
    def round(self) -> rounds.Round:
        """The round as it stands now."""
        return rounds.open_for_reading(self.year.round_id)

    def _show_choosers(self) -> None:
        chooser = self.choosers["round"]
        chooser.value = self.year.round_id
        chooser.data = {
            "label": self.say(Message("Round")),
            "options": [list(option) for option in self._rounds(lambda _: True)],
        }

    def _choose(self, name: str, value: str) -> None:
        if value != self.year.round_id:
            self.year = opened_round(value, self.language)
            self.leave_files()
            self._opened()

    def _first_values(self) -> dict[str, str]:
        return {"language": self.language, "by": rounds.account()}

    def _head(self) -> list[str]:
        opened = f"round = parlib.open_round({said(self.year.round_id)})"
        return ["import parlib", "from parlib.sources import rounds", opened, views.year_code(self.year)]

    def _names(self) -> dict[str, object]:
        return {**super()._names(), "rounds": rounds, "round": self.round}

    def _html(self) -> str:
        if self.view.key == "import":
            return self._import_html()
        if self.view.key == "report":
            return self._report_html()
        if self.view.key == "checks":
            (found,) = (answer for answer in self.answers if isinstance(answer, pd.DataFrame))
            words = [checks.words()[key].text(self.language) for key in found["check"]]
            return Shown(self.year).table(found.assign(check=words))
        return super()._html()

    # --- taking in forms -----------------------------------------------------------------------------

    def _take(self, uploaded: object) -> None:
        """Keep what was dropped, for a look at what it would enter."""
        for one in uploaded if isinstance(uploaded, tuple) else ():
            path = Path(self._dropped.name) / Path(one["name"]).name
            path.write_bytes(bytes(one["content"]))
            self.files = [*(file for file in self.files if file != path), path]

    def _run(self) -> None:
        self.preview = None
        if self.view.key == "import" and self.files:
            self.preview = workbooks.preview(self.round, self._read())
        super()._run()

    def _read(self) -> workbooks.Returned:
        by = self.values["by"].strip() or rounds.account()
        return workbooks.read_returned(self.files, self.round, by, self.values.get("stage", ""))

    def _import_html(self) -> str:
        found, shown = self.preview, Shown(self.year)
        if found is None:
            return self._line(Message("Nothing is written before you have seen what would be entered."))
        files = ", ".join(path.name for path in self.files)
        parts = [f"<h3>{escape(files)}</h3>"]
        parts.append(
            self._list(Message("Wrong: mend it in the file, or take the other files alone"), found.problems, "error")
        )
        parts.append(self._list(Message("To be looked at"), found.notes, "status"))
        told = [Message("{file}: {n} rows to enter", {"file": r.source, "n": r.added}) if not r.already else r
                for r in found.receipts]  # fmt: skip
        parts.append(self._list(Message("What would be entered"), told, "status"))
        if len(found.rows):
            parts.append(shown.table(rounds.worded(found.rows, self.language)))
        return "".join(parts)

    def _list(self, head: Message, lines: Sequence[Words | rounds.Receipt], look: str) -> str:
        if not lines:
            return ""
        texts = (line.text(self.language) for line in lines)
        inside = "".join(f"<li>{escape(text)}</li>" for text in texts)
        return f'<div class="pe-{look}">{escape(self.say(head))} ({len(lines)})<ul>{inside}</ul></div>'

    def enter(self) -> None:
        """Enter what was dropped, where the plan lets who does it; say what was done and what was left out."""
        if not self.files:
            raise ParameterError(Problem("drop or choose files first"))
        rounds.operator(self.round.plan, self.values["by"])
        keep_good = bool(self.values.get("keep_good"))
        receipts, problems = workbooks.enter(self.round, self._read(), keep_good=keep_good)
        left = {problem.file for problem in problems}
        self.files = [path for path in self.files if path.name in left]
        self._renew()
        lines = [receipt.text(self.language) for receipt in receipts]
        if left:
            lines.append(self.say(Message("{n} files were left out; mend them and import them again"), n=len(left)))
        lines += [words.text(self.language) for words in rounds.undecided_note(self.round)]
        self.message.value = f'<div class="pe-status">{"<br>".join(map(escape, lines))}</div>'

    def leave(self) -> None:
        """Forget the files that were dropped."""
        self.leave_files()
        self._open("import")

    def leave_files(self) -> None:
        """Remove the copies of what was dropped."""
        for path in self.files:
            path.unlink(missing_ok=True)
        self.files = []

    def undo(self) -> None:
        """Take back an import."""
        number = self.values["number"].strip().removeprefix("#")
        if not number.isdigit():
            raise ParameterError(Problem("give the number of an import"))
        name = rounds.operator(self.round.plan, self.values["by"])
        round_id, reason = self.year.round_id, self.values["reason"]
        back, held, later = rounds.undo(round_id, int(number), reason, name)
        self._renew()
        told = Message("import {n} undone: {back} rows taken back, of which {held} held")
        lines = [self.say(told, n=number, back=back, held=held)]
        if later:
            note = Message("note: {n} later decisions rest on what was taken back; look at them")
            lines.append(self.say(note, n=later))
        self._tell(" ".join(lines))

    def reply(self) -> None:
        """Write down the reply to a question."""
        number, text = self.values["number"].strip().removeprefix("#"), self.values["reply"].strip()
        if not number or not text:
            raise ParameterError(Problem("give the number of a question and a reply"))
        rounds.reply(self.year.round_id, number, text, by=rounds.operator(self.round.plan, self.values["by"]))
        self._renew()
        self._tell(self.say(Message("replied to #{number}"), number=number))

    def _renew(self) -> None:
        """The page anew, of the round as it stands now."""
        self.year = opened_round(self.year.round_id, self.language)
        self._opened()

    # --- reports -------------------------------------------------------------------------------------

    def command(self) -> list[str]:
        """The command that makes the report chosen."""
        results, held = self.year.results, self.values
        given = ["--year", str(results.year), "--level", results.level, "--index", results.index_name]
        given += ["--round", self.year.round_id, "--language", self.language]
        given += ["--notebook", held["notebook"], "--to", held["to"]]
        return [
            "report",
            *given,
            *(["--unit", self.year.unit(held["unit"])] if held["notebook"] == "unit_profile" else []),
        ]

    def render(self) -> None:
        """Make the report in a process of its own, and say on the page how it goes."""
        if self.making and self.making.is_alive():
            raise ParameterError(Problem("a report is being made; wait for it"))
        process = subprocess.Popen(
            [sys.executable, "-m", "parlib.cli", *self.command()],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self.making = Thread(target=self._follow, args=(process,), daemon=True)
        self.making.start()

    def _follow(self, process: subprocess.Popen[str]) -> None:
        """Say how long a report takes until it is there, then what its command said."""
        started = time.monotonic()
        said_ = None
        while said_ is None:
            self._tell(self.say(Message("The report is being made: {n} seconds"), n=int(time.monotonic() - started)))
            with contextlib.suppress(subprocess.TimeoutExpired):
                said_ = process.communicate(timeout=1)[0].strip()
        if process.returncode:
            self._refuse(said_)
            return
        self._tell(said_)
        if self.view.key == "report":
            self.table.data = {"html": self._report_html(), "view": "report"}

    def _made(self) -> dict[str, Path]:
        """The files of the reports of this round, by name."""
        listed = [one for one in site.reports() if self.year.round_id in one.page.name]
        return {path.name: path for one in listed for _, path in one.files}

    def _report_html(self) -> str:
        files = "".join(
            f'<li><button data-what="file" data-name="{escape(name)}">{escape(name)}</button> '
            f"<small>{escape(str(path.parent))}</small></li>"
            for name, path in self._made().items()
        )
        code = f'<div class="pe-code">parlib {escape(" ".join(self.command()))}</div>'
        return code + (f"<ul>{files}</ul>" if files else self._line(Message("No report of this round is there yet.")))

    def _on_file(self, told_: Mapping[str, object]) -> None:
        name = str(told_["name"])
        if path := self._made().get(name):
            self.hand_out(name, path.read_bytes())
