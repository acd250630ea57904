"""What stands in an export and what it means to us: drafted from the file, confirmed by a person, then held to.

A mapping is a list of lines: a column of the file and its role or item, a name of a unit or a group and its key, an
answer as it is written and its code. What the draft is not sure of has no meaning and says "a person must confirm":
nothing is guessed. A mapping is a YAML file or a workbook with one sheet, the same lines in both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from pathlib import Path

import pyarrow.compute as pc

from parlib import places
from parlib.data_tables import read_yaml
from parlib.errors import DataError, ParameterError, ParlibError, Problem
from parlib.sources.exports.formats import Export, spelled
from parlib.sources.heads import called
from parlib.sources.questions import Question
from parlib.sources.survey.reading import key
from parlib.words import FIRST, Joined, Keyed, Message, Name, Words, fold

#: The kinds of lines: what each is called in a workbook. "confirmed" has the name of the person who looked at all.
KINDS: Mapping[str, Message] = {
    "confirmed": Message("Confirmed by"),
    "column": Message("Column"),
    "constant": Message("Same for all rows"),
    "item": Message("Item as written"),
    "unit": Message("Unit as written"),
    "group": Message("Group as written"),
    "answer": Message("Answer as written"),
}
#: What a column may be, in words; the heads by which the draft knows it are those of "survey" in ``heads.yaml``.
ROLES: Mapping[str, Message] = {
    "respondent": Message("respondent"),
    "unit": Message("unit"),
    "group": Message("group of respondents"),
    "weight": Message("weight"),
    "stratum": Message("stratum"),
    "cluster": Message("cluster"),
    "date": Message("date"),
    "start": Message("start"),
    "end": Message("end"),
    "duration": Message("duration (seconds)"),
    "interviewer": Message("interviewer"),
    "item": Message("item (long table)"),
    "answer": Message("answer (long table)"),
}
#: What else a line may mean, besides an item, a key and a code.
DROP, NONE, MONTH_FIRST = "drop", "none", "month first"
_WORDS: Mapping[str, Message] = {
    **ROLES,
    DROP: Message("leave out"),
    NONE: Message("no answer"),
    MONTH_FIRST: Message("date, month first"),
}
_UNSURE = Message("A PERSON MUST CONFIRM: {what}")
_NO_CODES = frozenset({"0", *(f"{sign}{code}" for sign in ("", "-") for code in (98, 99, 998, 999))})
_NUMBERED = re.compile(r"(-?\d+)\s*[-–.:)=]\s*(\D.*)")
_CLOSE = 0.8  # of two wordings that may be of one question
_MANY = 2000  # different texts of a column that is a unit, a group or an answer: more are free text


@dataclass(frozen=True)
class Line:
    """A line of a mapping: ``text`` as the file has it, what it means (key or words; "": not settled), a note, the
    row of a workbook, and the item that an open column may be."""

    kind: str
    text: str
    meaning: str = ""
    note: Words | str = ""
    row: int | None = None
    maybe: str = ""


@dataclass(frozen=True)
class Asked:
    """What a round asks: its questions by item, the code and wording of each, the groups and units with their names,
    and the door that a unit's name comes in by (``ParameterError`` where it means none of the round)."""

    questions: Mapping[str, Question]
    wording: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, str]
    units: Mapping[str, str]
    find: Callable[[str], str]

    def named(self, line: Line) -> str:
        """What a line means as people write it: a unit and a group by name, where the name means that one alone."""
        kind, meaning = line.text if line.kind == "constant" else line.kind, line.meaning
        if kind == "group" and [*self.groups.values()].count(self.groups.get(meaning, "")) == 1:
            return self.groups[meaning]
        name = self.units.get(meaning, "") if kind == "unit" else ""
        return name if name and _unit_key(name, self)[0] == meaning else meaning


# --- the draft --------------------------------------------------------------------------------


def draft(export: Export, asked: Asked) -> tuple[Line, ...]:
    """A mapping of ``export`` as far as its heads and contents tell; what they do not tell is left open."""
    texts = _texts(export)
    columns = _columns(export, texts, asked)
    by_role = {line.meaning: line.text for line in columns}
    long = {"item", "answer"} <= by_role.keys()
    results = [Line("confirmed", "", "", _unsure(Message("write your name here once every line is right")))]
    for role in ("unit", "group"):
        if role not in by_role:
            what = Message("no column says it; where all rows have the same {role}, write it", {"role": ROLES[role]})
            results.append(Line("constant", role, "", _unsure(what)))
    results += columns
    for role, of in (("unit", _unit), ("group", _group), ("item", _item)):
        if role in by_role and (role != "item" or long):
            results += [Line(role, text, *of(text, asked)) for text in texts[by_role[role]]]
    if long:
        items = dict.fromkeys(line.meaning for line in results if line.kind == "item" and line.meaning)
        answers = dict.fromkeys(items, texts[by_role["answer"]])
    else:
        may = [(line.meaning or line.maybe, texts[line.text]) for line in columns]
        answers = {item: words for item, words in may if item in asked.questions}
    return (*results, *_answers(answers, asked))


def _unsure(what: Words) -> Message:
    return _UNSURE.filled(what=what)


def _texts(export: Export) -> dict[str, list[str]]:
    """The different texts of each column, in order; of free text none."""
    results: dict[str, dict[str, None]] = {head: {} for head in export.heads}
    free: set[str] = set()
    for batch in export.batches():
        for head in results.keys() - free:
            results[head] |= dict.fromkeys(filter(None, map(key, pc.unique(batch.table[head]).to_pylist())))
            if len(results[head]) > _MANY:
                free.add(head)
    return {head: [] if head in free else sorted(texts) for head, texts in results.items()}


def _columns(export: Export, texts: Mapping[str, list[str]], asked: Asked) -> list[Line]:
    labels = {head: export.labels.get(head, "") for head in export.heads}
    found = {head: _item_of(head, labels[head], asked) for head in export.heads}
    known = {head: _ends(head) | _ends(label) for head, label in labels.items()}
    every = {name for names in known.values() for name in names}
    long = all(every & set(called("survey")[role]) for role in ("item", "answer"))
    roles: dict[str, str] = {}
    for role, names in called("survey").items():  # the first of its names that is there is its column
        places = (head for name in names for head in known if name in known[head] and not found[head])
        head = next((head for head in places if head not in roles), "")
        if head and (long or role not in ("item", "answer")):
            roles[head] = role
    results = []
    for head, items in found.items():
        alike = sum(other == items for other in found.values())
        if head in roles:
            results.append(Line("column", head, *_timed(roles[head], texts[head])))
        elif len(items) == 1 == alike:
            results.append(Line("column", head, items[0], " ".join(asked.wording[items[0]][:2])))
        elif items:
            results.append(Line("column", head, "", _unsure(Message("it may be {items}", {"items": ", ".join(items)}))))
        else:
            taken = {one[0] for one in found.values() if len(one) == 1}
            results.append(_other(head, labels[head], texts[head], taken, asked))
    return results


def _ends(head: str) -> set[str]:
    """What a head may be known by: itself, the question without the groups that it stands in."""
    return {fold(head), fold(head.rpartition("/")[2]), fold(head.rpartition("-")[2])} - {""}


def _timed(role: str, texts: Sequence[str]) -> tuple[str, Words | str]:
    """What is to be said of a column of a role: of days, whether the month stands first."""
    if role not in ("date", "start", "end"):
        return role, ""
    parts = [match for text in texts if (match := re.match(r"(\d{1,2})/(\d{1,2})/\d{2,4}", text))]
    if not any(int(part[2]) > 12 for part in parts):
        return role, Message("read as day/month/year") if parts else ""
    if role == "date":
        return MONTH_FIRST, ""
    return DROP, Message("the month stands first here; only a column of days can be read so")


def _item_of(head: str, label: str, asked: Asked) -> tuple[str, ...]:
    """The items that a column is, by code or wording in the head or the label: one, where it is sure."""
    row_of_grid = re.findall(r"\[([^\[\]]+)\]\s*$", head)
    for text in filter(None, map(fold, (head.rpartition("/")[2], head.rpartition("-")[2], head, label, *row_of_grid))):
        results = [item for item, words in asked.wording.items() if _is_item(text, item, words)]
        if results:
            return tuple(results)
    return ()


def _is_item(text: str, item: str, words: Sequence[str]) -> bool:
    code, names = fold(words[0]), [fold(name) for name in words[1:]]
    coded = {code, *(f"{sign}{code}" for sign in ("q", "q ", "c", "cau "))} if code else set()
    return text in {fold(item), *names, *coded, *(f"{one} {name}" for one in coded for name in names)}


def _other(head: str, label: str, texts: Sequence[str], taken: set[str], asked: Asked) -> Line:
    """A column that is neither a role nor an item: 0 and 1 of one answer, a question that is not found, or nothing."""
    for sign in "/_":
        parent, _, last = head.rpartition(sign)
        items = _item_of(parent, "", asked) if parent and set(texts) <= {"0", "1"} else ()
        if len(items) == 1:
            item, code = items[0], _answer(last, asked.questions[items[0]].scale, {last})
            if item in taken:
                return Line("column", head, DROP, Message("the column of {item} says the same", {"item": item}))
            meant = f"{item}={code}" if code.isdigit() else ""
            return Line("column", head, meant, "" if meant else _unsure(Message("which answer is it?")))
    for text in filter(None, map(fold, (head.rpartition("/")[2], label))):
        near = [item for item, words in asked.wording.items() if _resembles(text, words)]
        if near:
            note = _unsure(Message("it may be {items}", {"items": ", ".join(near)}))
            return Line("column", head, "", note, maybe=near[0] if len(near) == 1 else "")
    scale = next(iter(asked.questions.values())).scale
    of_tool = _ends(head) & set(called("tools")["heads"])
    if len(texts) > 2 and not of_tool and all(_answer(text, scale, set(texts)) for text in texts):
        return Line("column", head, "", _unsure(Message("it looks like answers, but no item is called so")))
    return Line("column", head, DROP, Message("not known, and not kept"))


def _resembles(text: str, words: Sequence[str]) -> bool:
    """Whether a head may be a question: it begins with its code, or is worded much like it."""
    code = fold(words[0])
    if code and re.match(rf"(q|c|cau )?{code} ", text):
        return True
    bare = re.sub(r"^((q|c|cau )?\d+ )+", "", text)
    return any(SequenceMatcher(None, bare, fold(name)).ratio() > _CLOSE for name in words[1:])


def _unit(text: str, asked: Asked) -> tuple[str, Words | str]:
    key, problem = _unit_key(text, asked)
    return ("", _unsure(problem.message)) if problem else (key, "")


def _unit_key(text: str, asked: Asked) -> tuple[str, Problem | None]:
    """The key of a unit, and why it is none of the round."""
    try:
        return asked.find(text), None
    except ParameterError as error:
        return "", error.problems[0]


def _group(text: str, asked: Asked) -> tuple[str, Words | str]:
    results = [key for key, name in asked.groups.items() if fold(text) in (fold(key), fold(name))]
    said = Message("the groups are {known}", {"known": _groups(asked.groups)})
    return (results[0], "") if len(results) == 1 else ("", _unsure(said))


def _groups(known: Mapping[str, str]) -> Joined:
    return Joined(Keyed(key, Name(name, name)) for key, name in known.items())


def _item(text: str, asked: Asked) -> tuple[str, Words | str]:
    results = _item_of(text, "", asked)
    if len(results) == 1:
        return results[0], asked.wording[results[0]][1]
    return "", _unsure(Message("no item is called so"))


def _answers(texts: Mapping[str, Sequence[str]], asked: Asked) -> Iterator[Line]:
    """A line for each answer as written; where it means different codes on different scales, one for each item."""
    pools: dict[tuple[tuple[int, float], ...], set[str]] = {}
    for item, words in texts.items():
        pools.setdefault(tuple(asked.questions[item].scale.items()), set()).update(words)
    for text in sorted({text for words in texts.values() for text in words}, key=lambda text: (len(text), text)):
        meant = {}
        for item, words in texts.items():
            scale = asked.questions[item].scale
            if text in words:
                meant[item] = _answer(text, scale, pools[tuple(scale.items())])
        alike = len(set(meant.values())) == 1
        for item, code in meant.items():
            open_ = _unsure(
                Message(
                    "the codes of {item} are {codes}",
                    {"item": item, "codes": ", ".join(map(str, sorted(asked.questions[item].scale)))},
                )
            )
            note = _worth(code, asked.questions[item].scale) if code else open_
            yield Line("answer", text if alike else f"{item} | {text}", code, note)
            if alike:
                break


def _worth(code: str, scale: Mapping[int, float]) -> Words | str:
    """What an answer counts: whoever confirms the mapping sees whether the form counted the other way round."""
    return "" if code == NONE else Message("worth {percent} of the points", {"percent": f"{100 * scale[int(code)]:g}%"})


def _answer(text: str, scale: Mapping[int, float], among: set[str]) -> str:
    """The code that an answer means on a scale, ``NONE``, or "" where that is not sure; ``among``: all on it."""
    if text in _NO_CODES or _is_none(text):
        return NONE if not (text.isdigit() and int(text) in scale) else text
    if re.fullmatch(r"-?\d+", text):
        return text if int(text) in scale else ""
    numbered = _NUMBERED.fullmatch(text)
    step = _step(
        numbered[2] if numbered else text, scale, {(_NUMBERED.fullmatch(one) or [one] * 3)[2] for one in among}
    )
    if numbered:
        if _is_none(numbered[2]):
            return NONE
        number = int(numbered[1])
        return str(number) if number in scale and step in (None, number) else ""
    return "" if step is None else str(step)


def _step(text: str, scale: Mapping[int, float], among: set[str]) -> int | None:
    """The code of an answer in words, by the only ladder (or several that agree) that has all answers in it."""
    codes = sorted(scale, key=lambda code: (scale[code], code))
    words = {fold(one) for one in among if not _is_none(one)} - {""}
    words = {word for word in words if not word.lstrip("-").isdigit()}
    ladders = [[set(step.split("|")) for step in ladder] for ladder in called("ladders").values()]
    fitting = [ladder for ladder in ladders if words <= set().union(*ladder)]
    steps = {place for ladder in fitting for place, names in enumerate(ladder) if fold(text) in names}
    return codes[steps.pop()] if len(steps) == 1 and len(codes) == len(ladders[0]) else None


def _is_none(text: str) -> bool:
    """Whether an answer in words is none: "không biết"."""
    return fold(text) in called("answers")["no_answer"]


# --- what a confirmed mapping says ------------------------------------------------------------


@dataclass(frozen=True)
class Meanings:
    """A mapping that holds. ``columns``: by head, as it is compared, its role, or its item and the answer that a 1
    stands for. ``names``: of units, groups, items: by text the key, or "" where it is left out. ``answers``: by item
    ("": any) and text the code, ``None`` for no answer. ``constants``: the unit or group of all rows."""

    confirmed: str = ""
    columns: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=lambda: {"unit": {}, "group": {}, "item": {}})
    answers: dict[tuple[str, str], int | None] = field(default_factory=dict)
    month_first: bool = False

    def column(self, role: str) -> str:
        """The head of the column of a role as it is compared; "" without one."""
        return next((head for head, (meant, _) in self.columns.items() if meant == role), "")


@dataclass
class _Settling:
    asked: Asked
    made: Meanings = field(default_factory=Meanings)

    def take(self, line: Line) -> Problem | None:
        """Enter a line; what is wrong with it."""
        meaning = line.meaning.strip()
        if line.kind == "confirmed":
            self.made = replace(self.made, confirmed=meaning)
            return None
        if not meaning:
            return Problem("this line is not settled: write what it means, or 'leave out'")
        dropped = _is(meaning, DROP)
        if line.kind == "column":
            return None if dropped else self._column(spelled(line.text), line.text, meaning)
        if line.kind == "answer":
            return self._answer(line.text, meaning)
        if line.kind == "constant":
            role = next((role for role in ROLES if _is(line.text, role)), "")
            if role not in ("unit", "group"):
                return Problem("only the unit or the group can be the same for all rows")
            if dropped:
                return None
            self.made.constants[role], problem = self._key(role, meaning)
            return problem
        names = self.made.names[line.kind]
        names[spelled(line.text)], problem = ("", None) if dropped else self._key(line.kind, meaning)
        return problem

    def _column(self, head: str, text: str, meaning: str) -> Problem | None:
        role = next((role for role in ROLES if _is(meaning, role)), "")
        if not role and _is(meaning, MONTH_FIRST):
            role, self.made = "date", replace(self.made, month_first=True)
        code = None
        if not role:
            named, _, last = meaning.partition("=")
            role, problem = self._key("item", named.strip())
            if problem:
                return problem
            if last and (not last.strip().isdigit() or int(last) not in self.asked.questions[role].scale):
                return Problem("the item has no such answer")
            code = int(last) if last else None
        if code is None and role in {meant for meant, _ in self.made.columns.values()}:
            return Problem("a second column is {role} already", role=role)
        self.made.columns[head], self.made.heads[head] = (role, code), text
        return None

    def _key(self, kind: str, meaning: str) -> tuple[str, Problem | None]:
        if kind == "unit":
            return _unit_key(meaning, self.asked)
        if kind == "group":
            known = self.asked.groups
            key = next((key for key, name in known.items() if fold(meaning) in (fold(key), fold(name))), "")
            return key, None if key else Problem("the groups are {known}", known=_groups(known))
        items = _item_of(meaning, "", self.asked)
        if len(items) == 1:
            return items[0], None
        roles = ", ".join(word.text() for word in ROLES.values())
        return "", Problem("neither an item nor a role; the roles are {roles}", roles=roles)

    def _answer(self, text: str, meaning: str) -> Problem | None:
        item, sign, word = text.partition(" | ")
        key = (item, spelled(word)) if sign and item in self.asked.questions else ("", spelled(text))
        scales = [of.scale for name, of in self.asked.questions.items() if key[0] in ("", name)]
        if _is(meaning, NONE):
            self.made.answers[key] = None
        elif re.fullmatch(r"-?\d+", meaning) and any(int(meaning) in scale for scale in scales):
            self.made.answers[key] = int(meaning)
        else:
            codes = ", ".join(map(str, sorted({code for scale in scales for code in scale})))
            return Problem("an answer is one of {codes}, or 'no answer'", codes=codes)
        return None


def _said(word: Message) -> tuple[str, ...]:
    return fold(word.text("vi")), fold(word.text("en"))


def _is(meaning: str, key: str) -> bool:
    return fold(meaning) in (key, *_said(_WORDS[key]))


def _written(meaning: str, language: str) -> str:
    return _WORDS[meaning].text(language) if meaning in _WORDS else meaning


def settled(lines: Iterable[Line], asked: Asked, file: str) -> Meanings:
    """What the lines of the mapping ``file`` say. Raises ``DataError`` with every line that is open or wrong."""
    settling = _Settling(asked)
    problems = []
    for line in lines:
        problem = settling.take(line)
        if problem is not None:
            kind, value = KINDS[line.kind].text(), f"{line.text} -> {line.meaning}"
            problems.append(problem.at(file=file, row=line.row, column=kind, value=value))
    made = settling.made
    roles = {role for role, _ in made.columns.values()}
    if not made.confirmed:
        problems.append(Problem("nobody has confirmed the mapping: a name is needed", file=file))
    for role in ("unit", "group"):
        if (role in roles) == (role in made.constants):  # none, or two
            problems.append(
                Problem("one column, or one value for all rows, must be the {role}", file=file, role=ROLES[role])
            )
    if ("item" in roles) != ("answer" in roles):
        problems.append(Problem("a long table needs a column of items and one of answers", file=file))
    if "item" in roles and "respondent" not in roles:
        problems.append(Problem("a long table needs a column of respondents", file=file))
    if "item" not in roles and not roles & asked.questions.keys():
        problems.append(Problem("no column is an item", file=file))
    DataError.raise_for(problems)
    return made


# --- the file ---------------------------------------------------------------------------------

_HEADS = (Message("Kind"), Message("In the file"), Message("Means"), Message("Note"))
_ABOUT = Message(
    "Look at every line, fill in those that a person must confirm, write your name in the first, then import by it."
)


def write_mapping(lines: Sequence[Line], path: Path, asked: Asked, language: str = FIRST) -> None:
    """Write a mapping as YAML or, where ``path`` ends in .xlsx, as a workbook with the words that may be written."""
    with places.whole_file(path) as made:
        if path.suffix.lower() == ".xlsx":
            _write_book(lines, made, asked, language)
        else:
            made.write_text("\n".join(_yaml(lines, asked, language)) + "\n", encoding="utf-8", newline="\n")


def _note_text(line: Line, language: str) -> str:
    return line.note.text(language) if isinstance(line.note, Words) else line.note


def _yaml(lines: Sequence[Line], asked: Asked, language: str) -> Iterator[str]:
    yield f"# {_ABOUT.text(language)}"
    for kind, word in KINDS.items():
        some = [line for line in lines if line.kind == kind]
        if kind == "confirmed":
            yield f"confirmed: {json.dumps(some[0].meaning if some else '', ensure_ascii=False)}"
            continue
        if some:
            yield f"{kind}:  # {word.text(language)}"
        for line in some:
            parts = (
                _written(line.text, language) if kind == "constant" else line.text,
                _written(asked.named(line), language),
            )
            text, meaning = (json.dumps(part, ensure_ascii=False) for part in parts)
            note = " ".join(_note_text(line, language).split())
            yield f"  {text}: {meaning}" + (f"  # {note}" if note else "")


def _write_book(lines: Sequence[Line], path: Path, asked: Asked, language: str) -> None:
    from parlib.sources.excel import Looks, Pen, new_workbook, page

    title = Message("Mapping of a survey file").text(language)
    with new_workbook(path, title, title) as book:
        looks = Looks(book)
        pen = Pen(book, looks, Message("Mapping").text(language), (22, 60, 34, 80))
        pen.line((1, _ABOUT.text(language), "note", 4), height=20)
        pen.line(*((place, head.text(language), "head") for place, head in enumerate(_HEADS, 1)))
        for line in lines:
            open_ = not line.meaning
            note = _note_text(line, language)
            pen.line(
                (1, KINDS[line.kind].text(language), "text"),
                (2, _written(line.text, language) if line.kind == "constant" else line.text, "code"),
                (3, _written(asked.named(line), language), "in_text" if open_ else "code"),
                (4, note, "alert" if open_ else "note"),
                height=14 * (1 + max(len(note) // 75, len(line.text) // 58)),
            )
        page(pen.sheet, landscape=True, footer=title, language=language)
        pen.sheet.freeze_panes(2, 0)
        pen.sheet.autofilter(1, 0, pen.row - 1, 3)
        words = Pen(book, looks, Message("May be written").text(language), (22, 30, 90))
        words.line(*((n, head.text(language), "head") for n, head in enumerate((_HEADS[0], _HEADS[2], _HEADS[3]), 1)))
        for kind, meaning, note in _allowed(asked, language):
            words.line((1, kind, "text"), (2, meaning, "code"), (3, note, "text"))


def _allowed(asked: Asked, language: str) -> Iterator[tuple[str, str, str]]:
    """What may stand as a meaning, by kind."""
    column, answer = KINDS["column"].text(language), KINDS["answer"].text(language)
    for word in (*ROLES, MONTH_FIRST, DROP):
        yield column, _written(word, language), ""
    for item, words in asked.wording.items():
        yield column, item, " ".join(words[:2]).strip()
    for kind, known in (("group", asked.groups), ("unit", asked.units)):
        for one in known:
            yield KINDS[kind].text(language), asked.named(Line(kind, "", one)), ""
    yield answer, _written(NONE, language), ""
    for code in sorted({code for question in asked.questions.values() for code in question.scale}):
        yield answer, str(code), ""


def read_mapping(path: Path) -> tuple[Line, ...]:
    """The lines of a mapping file. Raises ``DataError`` where it is none."""
    if path.suffix.lower() == ".xlsx":
        return tuple(_book_lines(path))
    try:
        content = read_yaml(path) if path.is_file() else None
    except ParlibError as error:
        raise DataError(error.problems) from None
    if not isinstance(content, dict):
        raise DataError("no such file, or no mapping in it", file=str(path))
    strange = [name for name in content if name not in KINDS]
    wrong = [name for name in KINDS if name != "confirmed" and not isinstance(content.get(name) or {}, dict)]
    if strange or wrong:
        raise DataError(
            Problem("no such part; there are {parts}", file=path.name, value=str(name), parts=", ".join(KINDS))
            for name in (*strange, *wrong)
        )
    lines = [Line("confirmed", "", str(content.get("confirmed") or ""))]
    for kind in list(KINDS)[1:]:
        some = (content.get(kind) or {}).items()
        lines += [Line(kind, str(text), "" if meaning is None else str(meaning)) for text, meaning in some]
    return tuple(lines)


def _book_lines(path: Path) -> Iterator[Line]:
    from parlib.sources.excel import streamed

    kinds = {name: kind for kind, word in KINDS.items() for name in (kind, *_said(word))}
    problems = []
    with streamed(path) as book:
        for number, cells in enumerate(book.worksheets[0].iter_rows(min_row=3, values_only=True), start=3):
            kind, text, meaning, *_ = ["" if cell is None else str(cell).strip() for cell in (*cells, "", "", "")][:3]
            if not (kind or text or meaning):
                continue
            if fold(kind) in kinds:
                yield Line(kinds[fold(kind)], text, meaning, row=number)
            else:
                words = ", ".join(word.text() for word in KINDS.values())
                problems.append(
                    Problem("no such kind of line; the kinds are {words}", row=number, value=kind, words=words)
                )
    DataError.raise_for(problems, file=path.name)
