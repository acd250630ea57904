"""The catalogue: complete in both languages, and read as gettext reads it; the messages of errors."""

import ast
import pickle
import re
import shutil
import subprocess
import sys
from datetime import date
from string import Formatter

import pytest
import yaml
from babel.messages.pofile import read_po

from parlib import words
from parlib.data_tables import table
from parlib.errors import DataError, Problem
from parlib.words import Message, Name, near

LANGUAGES = ("vi", "en")


CONTEXTS = tuple(words.KEYWORDS)


@pytest.fixture(scope="module")
def used():
    return {context: words.used(context) for context in CONTEXTS}


def catalogue(language):
    with words.path(language).open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def entries(language, context):
    return [message for message in catalogue(language) if message.id and (message.context or "") == context]


def places(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


def identifier(message):
    return message.id[0] if isinstance(message.id, tuple) else message.id


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_message_of_the_code_is_in_the_catalogue_and_no_other(context, used):
    there = {identifier(message) for message in entries("vi", context)}
    assert {"missing": sorted(set(used[context]) - there), "left over": sorted(there - set(used[context]))} == {
        "missing": [],
        "left over": [],
    }
    assert not catalogue("vi").obsolete


def test_no_message_stands_inside_an_f_string():
    """There it would not be found on every Python, and never be translated."""
    names = {name for _, keywords in words.KEYWORDS.values() for name in keywords}
    inside = [
        (path.name, call.lineno)
        for path in words.FOLDER.parent.rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and getattr(call.func, "id", getattr(call.func, "attr", "")) in names
        if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    ]
    assert inside == []


@pytest.mark.parametrize("context", CONTEXTS)
def test_the_english_catalogue_has_what_its_identifier_does_not_say(context, used):
    better = entries("en", context)
    assert {identifier(message) for message in better} <= set(used[context])
    assert [message.id for message in better if message.string == message.id] == []
    assert set(words.messages("en", context)) == set(used[context])
    assert not catalogue("en").obsolete


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_with_the_same_places(language, context, used):
    for message in entries(language, context):
        assert not message.fuzzy, message.id
        singular, plural = message.id if isinstance(message.id, tuple) else (message.id, "")
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        assert used[context][singular] == plural
        assert len(forms) == (1 if not plural or language == "vi" else 2)
        for form in forms:
            assert form.strip(), singular
            assert set(places(form)) >= set(places(singular)), singular


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_of_reports_hold_no_digits(language):
    for msgid, forms in words.messages(language).items():
        assert not re.search(r"\d", msgid + "".join(forms)), msgid


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_files_are_read_as_babel_reads_them(language, context, used):
    expected = {}
    if language == "en":
        expected = {one: (one, plural) if plural else (one,) for one, plural in used[context].items()}
    for message in entries(language, context):
        expected[identifier(message)] = message.string if isinstance(message.string, tuple) else (message.string,)
    assert words.messages(language, context) == expected


def test_entries_of_every_form_are_read(tmp_path, monkeypatch):
    folder = tmp_path / "xx" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "parlib.po").write_text(
        '# remark\nmsgid ""\nmsgstr "Language: xx\\n"\n\n'
        'msgid "one"\nmsgstr ""\n"first \\"line\\" "\n"second"\n\n'
        "#, fuzzy\n"
        'msgid "doubtful"\nmsgstr "x"\n\n'
        'msgid "empty"\nmsgstr ""\n\n'
        'msgid "thing"\nmsgid_plural "things"\nmsgstr[0] "a"\nmsgstr[1] "b"\n\n'
        '#~ msgid "old"\n#~ msgstr "y"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(words, "FOLDER", tmp_path)
    assert words.messages("xx") == {"one": ('first "line" second',), "thing": ("a", "b")}


def test_words_load_neither_matplotlib_nor_babel():
    code = (
        "import sys; import parlib.report.tables, parlib.report.prose;"
        "sys.exit(any(name in sys.modules for name in ('matplotlib', 'babel', 'seaborn', 'scipy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_update_adds_what_is_new_drops_what_is_left_over_and_keeps_the_rest(tmp_path, monkeypatch):
    room = tmp_path / "room"
    shutil.copytree(words.FOLDER, room / "locale")
    (room / "report").mkdir()
    (room / "report" / "code.py").write_text(
        'say("Rank")\nsay_many("province", "provinces", n)\nsay("A new {thing}.")\nsay_many("cow", "cows", n)\n'
    )
    (room / "reader.py").write_text(
        'Problem("the file is empty", file=name)\nMessage("{n} cows")\nMessage("number compared: cows")\n'
    )
    monkeypatch.setattr(words, "FOLDER", room / "locale")
    waiting = ["A new {thing}.", "cow", "number compared: cows", "{n} cows", "number compared: cows (en)"]
    assert words.update() == waiting  # a key is no English
    assert words.update() == waiting  # nothing else changes by doing it again
    assert words.messages("vi", words.ERROR) == {"the file is empty": ("tệp rỗng",)}
    rows = table("units/levels.csv").records()  # what the units of levels are called stands in the data
    of_levels = {row[name] for row in rows for name in ("name_en", "plural_en", "all_en")}
    vi, en = words.messages("vi"), words.messages("en")
    assert (vi["Rank"], vi["province"]) == (("Hạng",), ("tỉnh, thành phố",))
    assert (en["cow"], en["province"]) == (("cow", "cows"), ("province", "provinces"))
    assert set(vi) - of_levels == {"Rank"}
    assert set(en) - of_levels == {"A new {thing}.", "Rank", "cow"}
    words.catalogue.cache_clear()


def test_an_empty_catalogue_becomes_the_beginning_of_a_language(tmp_path, monkeypatch):
    shutil.copytree(words.FOLDER, tmp_path / "locale")
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "code.py").write_text('say("Rank")\nsay_many("cow", "cows", n)\n')
    monkeypatch.setattr(words, "FOLDER", tmp_path / "locale")
    begun = words.path("xx")
    begun.parent.mkdir(parents=True)
    begun.write_text("", "utf-8")
    words.languages.cache_clear()
    try:
        words.update()
        text = begun.read_text("utf-8")
        assert text.count('msgid "Rank"\nmsgstr ""') == text.count('msgid "cow"') == 1  # all are there, blank
        begun.write_text(text.replace('msgid "Rank"\nmsgstr ""', 'msgid "Rank"\nmsgstr "R"'), "utf-8")
        words.update()
        assert begun.read_text("utf-8").count('msgid "Rank"\nmsgstr "R"') == 1  # kept, and not doubled
        assert words.messages("xx")["Rank"] == ("R",)
        assert words.messages("xx")["cow"] == ("cow", "cows")  # what it does not say is said in English
    finally:
        words.languages.cache_clear()
        words.catalogue.cache_clear()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_patterns_by_which_claims_are_read_are_found_in_what_is_said(language):
    """A term that is renamed in the catalogue alone would go unread, and what is unread passes."""
    patterns = yaml.safe_load((words.FOLDER / language / "reading.yaml").read_text("utf-8"))["patterns"]
    forms = [
        form for context in words.KEYWORDS for forms in words.messages(language, context).values() for form in forms
    ]
    said = "\n".join(
        re.sub(r"{\w*}", "12", re.sub(r"{(year|before)}", "2023", re.sub(r"{band}", "A", form))) for form in forms
    )
    del patterns["since"]  # made of two messages
    assert [name for name, pattern in patterns.items() if not re.search(pattern, said)] == []


def test_a_problem_is_told_in_the_language_of_its_reader_with_its_place():
    problem = Problem("no such file; {listing} lists it with {rows} rows", file="a.csv", listing="contents.csv", rows=3)
    assert problem.text("vi") == "tệp a.csv: không có tệp này; danh mục contents.csv ghi 3 dòng"
    assert problem.text("en") == "file a.csv: no such file; contents.csv lists it with 3 rows"
    counted = Problem("the step ends on {day}", value=0.955, day=date(2026, 9, 5))
    assert (
        counted.text("vi").startswith("giá trị 0,955: ")
        and counted.text("en") == "value 0.955: the step ends on 5/9/2026"
    )
    moved = problem.at(file="b.csv", row=7)
    assert moved.text("en") == "file b.csv, row 7: no such file; contents.csv lists it with 3 rows"


def test_a_place_may_be_a_message_and_a_field_is_one():
    inner = Problem("must be from {low} to {high}", low=0, high=5).message
    assert Problem("line “{line}”: {what}", line=4, what=inner).vi == "dòng “4”: phải từ 0 đến 5"
    assert Message("line “{line}”: {what}", {"line": 4, "what": Name("hai", "two")}).text("en") == "line “4”: two"
    assert Problem("the cell holds the error {value}; enter it again", value="#REF!").en == (
        "the cell holds the error #REF!; enter it again"
    )


def test_near_matches_end_a_message_and_are_nothing_where_there_are_none():
    assert Problem("no such code{near}", near=near("1.l", ["1.1", "2"])).vi == "không có mã này; gần giống: 1.1"
    assert Problem("no such code{near}", near=near("xyz", ["1.1"])).en == "no such code"


def test_an_error_goes_to_another_process_with_its_languages():
    error = DataError([Problem("no such code{near}", value="1.l", near=near("1.l", ["1.1"]))])
    again = pickle.loads(pickle.dumps(error))
    assert again.text("vi") == error.text("vi") == "giá trị '1.l': không có mã này; gần giống: 1.1"


class Unfit(Exception):
    """An error of a library that cannot be made again from its message."""

    def __init__(self, message, line):
        super().__init__(f"{message}, line {line}")


def test_what_an_error_of_a_library_said_goes_with_it():
    error = DataError([Problem("could not be written: {error}", error=Unfit("no", 7))])
    assert pickle.loads(pickle.dumps(error)).text("en") == "could not be written: no, line 7"


def test_names_are_sorted_by_the_vietnamese_alphabet():
    # a ă â b c d đ e ê ...; then no tone, grave, hook, tilde, acute, dot below; syllable by syllable
    names = ["An Giang", "Bà Rịa - Vũng Tàu", "Bạc Liêu", "Bắc Giang", "Cao Bằng", "Cần Thơ", "Dương", "Đà Nẵng",
             "Đắk Lắk", "Điện Biên", "Hà Nam", "Hà Nội", "Hải Dương", "ma", "mà", "mả", "mã", "má", "mạ",
             "Thừa Thiên Huế", "TP. Hồ Chí Minh"]  # fmt: skip
    assert sorted(names[9:] + names[:9], key=words.alphabetical) == names
    assert words.alphabetical("Ð\u00e0 Nẵng") == words.alphabetical("Đà Nẵng")  # U+00D0 looks like Đ
