"""What is written is read back: every kind of slip in every format is found and placed, and no other."""

from __future__ import annotations

import copy
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from parlib import years
from parlib.analysis import comparison
from parlib.publish import formats, verify
from parlib.publish.formats import FORMATS, Shown, annex_path
from parlib.publish.parameters import ReportParameters, for_notebook, notebook_path
from parlib.publish.press import cards
from parlib.publish.press.kinds import Card, Facts, Line, Lines
from parlib.publish.render import Rendered, execute
from parlib.publish.verify.blocks import Gate
from parlib.publish.verify.files import Finding, press
from parlib.report.blocks import MIME, Block, Figure, Number, Ref, Table, from_data
from parlib.scoring import units


def shown_report(parameters: ReportParameters, notebook: str = "annual_report") -> Shown:
    source = notebook_path(notebook)
    values = for_notebook(parameters, nbformat.read(source, as_version=4), source.name)
    return Shown(parameters, execute(source, values), parameters.stem)


@dataclass(frozen=True)
class Made:
    """A report with its files, by format."""

    shown: Shown
    files: dict[str, Path]


def make(shown: Shown, folder: Path) -> Made:
    files = {kind: folder / f"report.{ending}" for kind, (ending, _) in FORMATS.items()}
    for kind, path in files.items():
        formats.write(kind, shown, path)
    return Made(shown, files)


@pytest.fixture(scope="session")
def ministries(whole_report: Callable[[str], Rendered], tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The report of the ministries of 2023 in all formats."""
    rendered = whole_report("ministry")
    notebook = nbformat.read(rendered.files["ipynb"], as_version=4)
    return make(Shown(rendered.parameters, notebook, "ministry.vi"), tmp_path_factory.mktemp("ministries"))


@pytest.fixture(scope="session")
def page_of_ministries(ministries: Made, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The title, the ranking and a note of that report, as PDF: to be written anew for each slip."""
    notebook = copy.deepcopy(ministries.shown.notebook)
    for cell in notebook.cells:
        cell["outputs"] = [output for output in cell.get("outputs", ()) if needed(output.get("data", {}))]
    shown = Shown(ministries.shown.parameters, notebook, ministries.shown.stem)
    path = tmp_path_factory.mktemp("page") / "report.pdf"
    formats.write("pdf", shown, path)
    return Made(shown, {"pdf": path})


def needed(data: dict[str, Any]) -> bool:
    """Whether an output is a title, a dataset, or holds the ranking or the note that is changed."""
    given = data.get(MIME, {})
    inner = given.get("blocks", [given])
    return any(
        one.get("kind") in ("title", "dataset")
        or one.get("name") == "ranking"
        or "Không thể hiện" in str(one.get("notes"))
        for one in inner
    )


def findings(made: Made, kind: str, path: Path | None = None) -> list[Finding]:
    return verify.read_back(made.shown, {kind: path or made.files[kind]})


def said(results: list[Finding]) -> str:
    return "\n".join(finding.text("vi") for finding in results)


# --- files as they were written -------------------------------------------------------------------


@pytest.mark.few(3)
@pytest.mark.report
@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_as_written_says_what_the_blocks_say(ministries: Made, kind: str) -> None:
    assert said(findings(ministries, kind)) == ""


@pytest.mark.report
@pytest.mark.heavy
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(("year", "level", "index_name"), [(2023, "province", "par"), (2024, "province", "papi")])
def test_no_false_alarm(tmp_path: Path, year: int, level: str, index_name: str, language: str) -> None:
    parameters = ReportParameters(year=year, level=level, index_name=index_name, language=language)
    made = make(shown_report(parameters), tmp_path)
    assert said(verify.read_back(made.shown, made.files)) == ""


@pytest.mark.report
@pytest.mark.heavy
def test_no_false_alarm_on_a_profile(tmp_path: Path) -> None:
    parameters = ReportParameters(year=2023, level="ministry", unit="Bộ Tư pháp", language="en")
    made = make(shown_report(parameters, "unit_profile"), tmp_path)
    assert said(verify.read_back(made.shown, made.files)) == ""


@pytest.mark.report
@pytest.mark.heavy
def test_no_false_alarm_on_a_simulated_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from parlib.sources.simulation.recipe import simulate

    monkeypatch.setenv("PARLIB_ROUNDS", str(tmp_path / "rounds"))
    simulated = simulate(2023, "ministry", 7)
    parameters = ReportParameters(year=2023, level="ministry", round_id=simulated.round_id, simulated=True)
    made = make(shown_report(parameters), tmp_path)
    assert said(verify.read_back(made.shown, made.files)) == ""


# --- slips in finished files ----------------------------------------------------------------------


def in_zip(path: Path, into: Path, part: str, change: Callable[[str], str]) -> Path:
    """A copy of a packed file with the text of its ``part`` (a pattern) changed."""
    changed = 0
    with zipfile.ZipFile(path) as given, zipfile.ZipFile(into, "w") as made:
        for name in given.namelist():
            content = given.read(name)
            if re.fullmatch(part, name):
                after = change(content.decode("utf-8")).encode("utf-8")
                changed += after != content
                content = after
            made.writestr(name, content)
    assert changed, f"{part} was not changed"
    return into


def swap(text: str, one: str, other: str) -> str:
    return text.replace(one, "\0").replace(other, one).replace("\0", other)


def once(old: str, new: str, at: int = 0) -> Callable[[str], str]:
    """Changes one occurrence of ``old``, the first from ``at`` on."""

    def change(text: str) -> str:
        place = text.index(old, text.index("<body") if "<body" in text and not at else at)
        return text[:place] + new + text[place + len(old) :]

    return change


#: Slips in a page: what is changed, and what the finding says.
HTML: dict[str, tuple[Callable[[str], str], str]] = {
    "a digit": (lambda t: t.replace(">89,95<", ">98,95<"), "98,95"),
    "two names": (lambda t: swap(t, ">Bộ Tư pháp<", ">Bộ Công Thương<"), "Bộ Công Thương"),
    "a row lost": (lambda t: re.sub(r"<tr><td[^>]*>2</td>.*?</tr>", "", t, count=1, flags=re.DOTALL), "thiếu"),
    "a direction": (lambda t: t.replace("tăng ", "giảm ", 1), "tăng"),
    "a unit of measure": (lambda t: t.replace("(điểm)</th>", "(%)</th>"), "điểm"),
    "a note": (lambda t: t.replace("không xếp hạng: Thanh tra", "không xếp hạng: Bộ Tư pháp, Thanh tra"), "Bộ Tư pháp"),
    "an alternative text": (lambda t: re.sub(r'(aria-label="[^"]*?)89,95', r"\g<1>88,95", t, count=1), "88,95"),
    "a letter of a drawing": (lambda t: re.sub(r"(<text [^>]*>)89,95", r"\g<1>88,95", t, count=1), "Hình"),
    "a dot of a drawing": (lambda t: re.sub(r'(<circle cx=")\d', r"\g<1>9", t, count=1), "Hình"),
    "the value behind a number": (lambda t: t.replace('data-sort="89.95"', 'data-sort="98.95"'), "98.95"),
    "a number more": (lambda t: t.replace("</main>", "<p>Tăng 5,00 điểm.</p></main>"), "Tăng 5,00"),
    "a paragraph lost": (lambda t: re.sub(r"<p>[^<]*<data.*?</p>", "", t, count=1, flags=re.DOTALL), "thiếu"),
}


@pytest.mark.report
@pytest.mark.parametrize("slip", HTML)
def test_a_slip_in_a_page_is_found(ministries: Made, tmp_path: Path, slip: str) -> None:
    change, sentence = HTML[slip]
    text = ministries.files["html"].read_text("utf-8")
    assert change(text) != text
    path = tmp_path / "report.html"
    path.write_text(change(text), "utf-8")
    assert sentence in said(findings(ministries, "html", path))


WORD: dict[str, tuple[Callable[[str], str], str]] = {
    "a digit": (lambda t: t.replace(">89,95<", ">98,95<"), "98,95"),
    "two names": (lambda t: swap(t, ">Bộ Tư pháp<", ">Bộ Công Thương<"), "Bộ Công Thương"),
    "a row lost": (lambda t: re.sub(r"<w:tr>(?:(?!</w:tr>).)*?>89,95<.*?</w:tr>", "", t, count=1), "thiếu"),
    "a direction": (lambda t: t.replace("tăng ", "giảm ", 1), "tăng"),
    "a unit of measure": (lambda t: t.replace("(điểm)<", "(%)<"), "điểm"),
    "a note": (lambda t: t.replace("không xếp hạng: Thanh tra", "không xếp hạng: Bộ Tư pháp, Thanh tra"), "Bộ Tư pháp"),
    "an alternative text": (lambda t: re.sub(r'(descr="[^"]*?)89,95', r"\g<1>88,95", t), "88,95"),
}


@pytest.mark.report
@pytest.mark.parametrize("slip", WORD)
def test_a_slip_in_word_is_found(ministries: Made, tmp_path: Path, slip: str) -> None:
    change, sentence = WORD[slip]
    path = in_zip(ministries.files["docx"], tmp_path / "report.docx", r"word/document\.xml", change)
    assert sentence in said(findings(ministries, "docx", path))


EXCEL: dict[str, tuple[str, Callable[[str], str], str]] = {
    "a digit": (r"xl/worksheets/sheet\d+\.xml", lambda t: t.replace("<v>89.95</v>", "<v>98.95</v>"), "98,95"),
    "two names": (
        r"xl/sharedStrings\.xml",
        lambda t: swap(t, ">Bộ Tư pháp<", ">Bộ Công Thương<"),
        "Bộ Công Thương",
    ),
    "a row lost": (
        r"xl/worksheets/sheet\d+\.xml",
        lambda t: re.sub(r"<row [^>]*>(?:(?!</row>).)*<v>89\.95</v>.*?</row>", "", t, count=1),
        "thiếu",
    ),
    "a number format": (r"xl/styles\.xml", lambda t: t.replace('"#,##0.00"', '"#,##0.0"'), "89,95"),
    "a unit of measure": (r"xl/sharedStrings\.xml", lambda t: t.replace(">điểm %<", ">%<"), "điểm %"),
    "what a chart keeps": (r"xl/charts/chart1\.xml", lambda t: re.sub(r"<c:v>8\d\.", "<c:v>5.", t, count=1), "5."),
    "a note": (
        r"xl/sharedStrings\.xml",
        lambda t: t.replace("không xếp hạng: Thanh tra", "không xếp hạng: Bộ Tư pháp, Thanh tra"),
        "Bộ Tư pháp",
    ),
}


@pytest.mark.report
@pytest.mark.parametrize("slip", EXCEL)
def test_a_slip_in_excel_is_found(ministries: Made, tmp_path: Path, slip: str) -> None:
    part, change, sentence = EXCEL[slip]
    path = in_zip(ministries.files["xlsx"], tmp_path / "report.xlsx", part, change)
    assert sentence in said(findings(ministries, "xlsx", path))


@pytest.mark.report
def test_a_slip_in_the_annex_is_found_and_so_is_an_annex_lost(ministries: Made, tmp_path: Path) -> None:
    path = Path(shutil.copy(ministries.files["xlsx"], tmp_path))
    annex = annex_path(path, "vi")
    assert f"{annex.name}: thiếu" in said(findings(ministries, "xlsx", path))
    in_zip(
        annex_path(ministries.files["xlsx"], "vi"), annex, r"xl/sharedStrings\.xml", lambda t: t.replace("2023", "2032")
    )
    sentence = said(findings(ministries, "xlsx", path))
    assert f"{annex.name}: " in sentence
    assert "2032" in sentence
    assert f"{path.name}: " not in sentence
    assert said(findings(ministries, "xlsx", annex)) == sentence  # by itself, too


DATA: dict[str, tuple[str, Callable[[str], str], str]] = {
    "a digit of a table": (r"tables/ranking\.csv", lambda t: t.replace("89.95", "98.95"), "98.95"),
    "two names": (r"tables/ranking\.csv", lambda t: swap(t, "Bộ Tư pháp", "Bộ Công Thương"), "Bộ Công Thương"),
    "a row lost": (r"tables/ranking\.csv", lambda t: t[: t.rstrip().rindex("\n") + 1], "thiếu"),
    "a value of a data set": (r"data/index\.csv", lambda t: t.replace("89.95", "98.95"), "98.95"),
    "a sign": (r"tables/.*\.csv", lambda t: t.replace(",-5.31", ",5.31"), "5.31"),
    "a printed number": (r"tables/numbers\.csv", lambda t: t.replace('"89,95"', '"98,95"'), "98,95"),
    "a value of a figure": (r"figures/.*\.csv", lambda t: t.replace("89.95", "98.95"), "98.95"),
    "the read-me": (r"README\.md", lambda t: t + "\nTrung bình 77,77\n", "77,77"),
}


@pytest.mark.report
@pytest.mark.parametrize("slip", DATA)
def test_a_slip_in_open_data_is_found(ministries: Made, tmp_path: Path, slip: str) -> None:
    part, change, sentence = DATA[slip]
    path = in_zip(ministries.files["data"], tmp_path / "report.data.zip", part, change)
    assert sentence in said(findings(ministries, "data", path))


KIT: dict[str, tuple[str, Callable[[str], str], str]] = {
    "a number in a caption": (r"README\.txt", once("đạt 84,38%", "đạt 83,38%"), "83,38"),
    "two names": (r"README\.txt", lambda t: swap(t, "Bộ Tư pháp", "Bộ Công Thương"), "Bộ Công Thương"),
    "a line lost": (r"README\.txt", lambda t: re.sub(r"Chú thích: [^\n]*\n", "", t, count=1), "thẻ 1"),
    "the title of a picture": (r"cards/01-result-1080x1350\.svg", once("84,38", "82,66"), "82,66"),
    "what is said of a picture": (r"cards/02-.*\.svg", lambda t: t.replace("; 3. Bộ Tài chính", ""), "thẻ 2"),
    "an alternative text": (r"alternative-texts\.txt", once("89,95", "89,59"), "89,59"),
    "two that moved": (r"README\.txt", lambda t: swap(t, "Bộ Ngoại giao", "Bộ Kế hoạch và Đầu tư"), "Kế hoạch"),
    "a caption of another card": (r"README\.txt", lambda t: t.replace("[02]", "[12]"), "12"),
}


@pytest.mark.few(2)
@pytest.mark.report
@pytest.mark.parametrize("slip", KIT)
def test_a_slip_in_a_press_kit_is_found(ministries: Made, tmp_path: Path, slip: str) -> None:
    part, change, sentence = KIT[slip]
    path = in_zip(ministries.files["press"], tmp_path / "report.press.zip", part, change)
    assert sentence in said(findings(ministries, "press", path))


@pytest.mark.report
def test_an_empty_picture_of_a_press_kit_is_found(ministries: Made, tmp_path: Path) -> None:
    path = in_zip(
        ministries.files["press"], tmp_path / "report.press.zip", r"cards/01-result-1080x1350\.svg", lambda _: ""
    )
    assert findings(ministries, "press", path)


@pytest.mark.report
def test_a_slip_in_the_note_is_found(ministries: Made, tmp_path: Path) -> None:
    with zipfile.ZipFile(ministries.files["press"]) as kit:
        content = {name: kit.read(name) for name in kit.namelist()}
    note = tmp_path / "note.docx"
    note.write_bytes(content["note.docx"])
    in_zip(note, tmp_path / "changed.docx", r"word/document\.xml", lambda t: t.replace("84,38", "82,66"))
    content["note.docx"] = (tmp_path / "changed.docx").read_bytes()
    with zipfile.ZipFile(tmp_path / "report.press.zip", "w") as kit:
        for name, part in content.items():
            kit.writestr(name, part)
    assert "82,66" in said(findings(ministries, "press", tmp_path / "report.press.zip"))


# --- slips in what writers make -------------------------------------------------------------------


def changed(data: dict[str, Any], change: Callable[[Block], Block]) -> dict[str, Any]:
    """The data of a block, or of all that stand in it, with the block changed."""
    if "blocks" in data:
        return {**data, "blocks": [changed(one, change) for one in data["blocks"]]}
    return change(from_data(data)).to_data()


def altered(shown: Shown, change: Callable[[Block], Block]) -> Shown:
    """What a writer with a slip takes for what was shown."""
    notebook = copy.deepcopy(shown.notebook)
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if MIME in output.get("data", {}):
                output["data"][MIME] = changed(output["data"][MIME], change)
    return Shown(shown.parameters, notebook, shown.stem)


def one_digit(block: Block) -> Block:
    if isinstance(block, Table) and block.name == "ranking":
        rows = tuple({key: wrong(cell) for key, cell in row.items()} for row in block.rows)
        return replace(block, rows=rows)
    return block


def wrong(cell: str | Number) -> str | Number:
    seen = isinstance(cell, Number) and cell.text == "89,95"
    return replace(cell, text="98,95", value=98.95) if seen else cell  # type: ignore[type-var]


def a_row_less(block: Block) -> Block:
    return replace(block, rows=block.rows[:-1], row_styles=block.row_styles[:-1]) if isinstance(block, Table) else block


def unsigned_number(number: Number) -> Number:
    return replace(number, text=number.text.replace("−", ""), value=number.value and abs(number.value))


def no_signs(block: Block) -> Block:
    if isinstance(block, Table):
        unsigned = [
            {key: unsigned_number(cell) if isinstance(cell, Number) else cell for key, cell in row.items()}
            for row in block.rows
        ]
        return replace(block, rows=tuple(unsigned))
    return block


def other_notes(block: Block) -> Block:
    if isinstance(block, Table | Figure):
        return replace(
            block, notes=tuple(note.replace("Không thể hiện", "Năm 2012 không thể hiện") for note in block.notes)
        )
    return block


def other_pictures(block: Block) -> Block:
    return replace(block, alternative=block.alternative.replace("8", "9")) if isinstance(block, Figure) else block


def other_drawings(block: Block) -> Block:
    return replace(block, svg=block.svg.replace(">8", ">9")) if isinstance(block, Figure) else block


def other_units(block: Block) -> Block:
    if isinstance(block, Table):
        return replace(
            block, columns=tuple(replace(c, unit="điểm" if c.unit == "%" else c.unit) for c in block.columns)
        )
    return block


def swapped_names(block: Block) -> Block:
    if isinstance(block, Table) and block.name == "ranking" and len(block.rows) > 1:
        first, second = dict(block.rows[0]), dict(block.rows[1])
        first["unit"], second["unit"] = second["unit"], first["unit"]
        return replace(block, rows=(first, second, *block.rows[2:]))
    return block


WRITERS = {
    "a digit": one_digit,
    "a row lost": a_row_less,
    "a sign": no_signs,
    "a note": other_notes,
    "an alternative text": other_pictures,
    "a letter of a drawing": other_drawings,
    "a unit of measure": other_units,
    "two names": swapped_names,
}


#: What a format does not say: its slip changes nothing in it.
NOT_SAID = {
    # of less than half of the ministries a change is known: signed cells stand in the annexes alone
    **dict.fromkeys(("html", "pdf", "docx"), ("a sign",)),
    "press": ("a row lost", "a sign", "a note", "a unit of measure", "an alternative text", "a letter of a drawing"),
    "data": ("a note", "an alternative text", "a letter of a drawing"),
    "xlsx": ("an alternative text", "a letter of a drawing"),
}


@pytest.mark.few(9)
@pytest.mark.report
@pytest.mark.parametrize(
    ("kind", "slip"), [(kind, slip) for kind in FORMATS for slip in WRITERS if slip not in NOT_SAID.get(kind, ())]
)
def test_a_slip_of_a_writer_is_found_in_its_file(
    ministries: Made, page_of_ministries: Made, tmp_path: Path, kind: str, slip: str
) -> None:
    made = page_of_ministries if kind == "pdf" else ministries
    path = tmp_path / made.files[kind].name
    formats.write(kind, altered(made.shown, WRITERS[slip]), path)
    assert findings(made, kind, path)


def test_the_page_that_slips_are_written_into_is_right(page_of_ministries: Made) -> None:
    assert said(findings(page_of_ministries, "pdf")) == ""


def a_rise(facts: Facts) -> Card:
    """A card that tells of a rise of a ministry since 2022."""
    change = comparison.change(*(years.open_results(year, "ministry") for year in (2023, 2022)))
    row = change[change["change"] > 0].iloc[0]
    refs = (Ref("par", year, "ministry", str(row["unit"]), "", "index", "published") for year in (2023, 2022))
    number = facts.words.wording.number(float(row["change"]), 2, *refs, made="difference", signed=True)
    name = units.name(str(row["unit"]))
    headline = facts.words.headline("rose", names=(name,), value=facts.amount(number, "điểm %"))
    return Card("movers", headline, Lines("changes", (Line(name, (number,), value=number.value),)))


def reworded(one: Card, old: str, new: str) -> Card:
    """A card with a word changed in its headline."""
    return replace(one, headline=tuple(p.replace(old, new) if isinstance(p, str) else p for p in one.headline))


@pytest.mark.report
@pytest.mark.parametrize(("old", "new", "sentence"), [("tăng", "giảm", "từ chỉ chiều"), ("2022", "2019", "")])
def test_a_card_that_tells_a_rise_otherwise_is_found(ministries: Made, old: str, new: str, sentence: str) -> None:
    facts = Facts.of(ministries.shown)
    gate = Gate.of(ministries.shown.document, facts.words.wording)
    one = a_rise(facts)
    assert list(press.claims(one, gate, "kit")) == []
    results = list(press.claims(reworded(one, old, new), gate, "kit"))
    assert results
    assert sentence in said(results)


@pytest.mark.report
def test_a_card_that_names_another_unit_is_found(ministries: Made) -> None:
    # of the ministries 2023 Justice is first, Industry and Trade last
    facts = Facts.of(ministries.shown)
    gate = Gate.of(ministries.shown.document, facts.words.wording)
    made = cards(facts)
    assert [list(press.claims(one, gate, "kit")) for one in made] == [[]] * len(made)
    others = (reworded(one, "Bộ Tư pháp", "Bộ Công Thương") for one in made)
    assert [one.name for one in others if list(press.claims(one, gate, "kit"))] == ["top-five", "ranking"]


@pytest.mark.report
def test_the_mean_of_another_index_is_not_this_index(ministries: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mean of SIPAS under the name of the PAR INDEX, whatever ``Facts`` chooses."""
    right = Facts.statistic

    def other(self: Facts, column: str) -> Number | None:
        result = right(self, column)
        if result is None or column not in ("mean", "mean_change"):
            return result
        return replace(result, refs=tuple(replace(ref, index_name="sipas") for ref in result.refs))

    monkeypatch.setattr(Facts, "statistic", other)
    sentence = said(press.inspect(ministries.shown, ministries.files["press"], "report.press.zip"))
    assert "thẻ 1" in sentence
    assert "sipas" in sentence


@pytest.mark.report
@pytest.mark.parametrize("kind", FORMATS)
def test_a_broken_file_is_a_finding(ministries: Made, tmp_path: Path, kind: str) -> None:
    path = tmp_path / ministries.files[kind].name
    path.write_bytes(ministries.files[kind].read_bytes()[:500])
    assert findings(ministries, kind, path)
