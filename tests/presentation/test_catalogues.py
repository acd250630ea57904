"""The catalogues: complete in both languages, without digits, and read as gettext reads them."""

import re
import shutil
import subprocess
import sys
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from parlib.presentation import catalogues

LANGUAGES = ("vi", "en")


@pytest.fixture(scope="module")
def used():
    return catalogues.used()


def catalogue(language):
    with catalogues.path(language).open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def places(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_of_the_code_is_in_the_catalogue_and_no_other(language, used):
    there = {
        message.id[0] if isinstance(message.id, tuple) else message.id for message in catalogue(language) if message.id
    }
    assert {"missing": sorted(set(used) - there), "left over": sorted(there - set(used))} == {
        "missing": [],
        "left over": [],
    }
    assert not catalogue(language).obsolete


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_with_the_same_places(language, used):
    for message in catalogue(language):
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        singular, plural = message.id if isinstance(message.id, tuple) else (message.id, "")
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        assert used[singular] == plural
        assert len(forms) == (1 if not plural or language == "vi" else 2)
        for form in forms:
            assert form.strip(), singular
            assert places(form) == places(singular), singular


@pytest.mark.parametrize("language", LANGUAGES)
def test_templates_hold_no_digits(language):
    for msgid, forms in catalogues.messages(language).items():
        assert not re.search(r"\d", msgid + "".join(forms)), msgid


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_files_are_read_as_babel_reads_them(language):
    expected = {}
    for message in catalogue(language):
        if message.id:
            singular = message.id[0] if isinstance(message.id, tuple) else message.id
            expected[singular] = message.string if isinstance(message.string, tuple) else (message.string,)
    assert catalogues.messages(language) == expected


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
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    assert catalogues.messages("xx") == {"one": ('first "line" second',), "thing": ("a", "b")}


def test_words_load_neither_matplotlib_nor_babel():
    code = (
        "import sys; import parlib.presentation.tables, parlib.presentation.prose;"
        "sys.exit(any(name in sys.modules for name in ('matplotlib', 'babel', 'seaborn', 'scipy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_update_adds_what_is_new_drops_what_is_left_over_and_keeps_the_rest(tmp_path, monkeypatch):
    room = tmp_path / "room"
    shutil.copytree(catalogues.FOLDER, room / "locale")
    (room / "code.py").write_text(
        'say("Rank")\nsay_many("province", "provinces", n)\nsay("A new {thing}.")\nsay_many("cow", "cows", n)\n'
    )
    monkeypatch.setattr(catalogues, "FOLDER", room / "locale")
    assert catalogues.update() == ["A new {thing}.", "cow"]
    assert catalogues.update() == ["A new {thing}.", "cow"]  # nothing else changes by doing it again
    assert catalogues.messages("vi") == {"Rank": ("Hạng",), "province": ("tỉnh, thành phố",)}
    assert catalogues.messages("en") == {
        "A new {thing}.": ("A new {thing}.",),
        "Rank": ("Rank",),
        "cow": ("cow", "cows"),
        "province": ("province", "provinces"),
    }
    catalogues.messages.cache_clear()
