"""The press kit of real reports: their cards, a note of one page, numbers of the report, marks on all, equal bytes."""

import io
import zipfile
from collections import Counter
from dataclasses import replace
from functools import cache
from xml.etree import ElementTree

import docx
import nbformat
import numpy as np
import pypdf
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from parlib import places
from parlib.errors import ParlibError
from parlib.publish import formats, press
from parlib.publish.document import numbers
from parlib.publish.formats import Shown
from parlib.publish.parameters import ReportParameters
from parlib.publish.press import cards, drawing, note
from parlib.publish.press.kinds import KINDS, Country, Facts, House, plain
from parlib.publish.press.note import alternatives, caption
from parlib.publish.press.note import text as readme_text
from parlib.publish.verify.files import press as verified
from parlib.report import style
from parlib.report.blocks import MIME, Column, Number, Paragraph, Ref, Table, Title, sequel
from parlib.sources.simulation import simulate
from tests.notebooks.in_process import run

pytestmark = pytest.mark.report

REPORTS = {
    "ministries": {"year": 2023, "level": "ministry"},
    "provinces": {"year": 2023},
    "provinces 2024": {"year": 2024},
    "papi": {"year": 2024, "index_name": "papi"},
    "sipas": {"year": 2023, "index_name": "sipas"},
    "simulated provinces": {"year": 2023, "round_id": "2023-province"},
    "simulated ministries": {"year": 2023, "level": "ministry", "round_id": "2023-ministry"},
}
#: The cards that each gives. Of the provinces of 2023 few changes are known and no name is printed with the largest, of
#: the ministries the two that moved most are; a year known in part has no map, one blue for all is none either.
CARDS = {
    "ministries": ["result", "top-five", "movers", "groups", "ranking"],
    "provinces": ["result", "top-five", "groups", "regions"],
    "provinces 2024": ["result", "top-five", "groups", "regions"],
    "papi": ["result", "top-five", "movers", "areas", "map"],
    "sipas": ["result", "top-five"],
    "simulated provinces": ["result", "top-five", "groups", "regions", "areas", "map"],
    "simulated ministries": ["result", "top-five", "groups", "areas", "ranking"],
}
#: The cards whose words do not fit on a card on its side.
UPRIGHT = {("ministries", "ranking"), ("simulated ministries", "ranking"), ("simulated provinces", "areas")}
#: Both languages of every kind of report; the largest round and the thinnest year in one, for time.
RENDERED = [(name, "vi") for name in REPORTS] + [(name, "en") for name in list(REPORTS)[:2] + list(REPORTS)[3:4]]
RENDERED.append(("simulated ministries", "en"))
BOTH = [name for name, language in RENDERED if language == "en"]
#: Those that tests share: see ``REPORTS`` of conftest.
SHARED = {
    ("ministries", "vi"): "ministry",
    ("ministries", "en"): "ministry-en",
    ("provinces", "vi"): "province",
    ("papi", "vi"): "papi",
    ("simulated ministries", "vi"): "round",
}
SIMULATED = [name for name in REPORTS if name.startswith("simulated")]
LATE = (
    "sipas",
    "provinces",
    "provinces 2024",
    "papi",
    "simulated provinces",
)  # with both languages: where there is time


def late(name, *more):
    """A case, marked where there is time for it only in the long run."""
    return pytest.param(name, *more, marks=[pytest.mark.long] if name in LATE or "en" in more else [])


def printed(sentence):
    """The numbers of a sentence of a card as they are printed, each with the unit of its cell."""
    return [(part.refs[0].unit, part.text) for part in sentence if isinstance(part, Number)]


class Reports:
    """The reports, each with its kit and what its cards are made of, made once."""

    def __init__(self, whole_report, folder):
        self.whole_report, self.folder = whole_report, folder

    @cache  # noqa: B019 - one for all tests
    def shown(self, name, language="vi"):
        """What the yearly report shows: the one that all tests share, else its cells are run here."""
        if (name, language) in SHARED:
            rendered = self.whole_report(SHARED[name, language])
            return Shown(rendered.parameters, nbformat.read(rendered.files["ipynb"], as_version=4), name)
        given = REPORTS[name]
        with places.rounds_at(self.folder):
            if "round_id" in given and not (places.rounds() / given["round_id"]).exists():
                simulate(2023, given.get("level", "province"), seed=4)
            about = ReportParameters(language=language, **given)
            outputs, _ = run("annual_report", **about.model_dump())
        return Shown(about, notebook_of(*outputs), name)

    @cache  # noqa: B019
    def kit(self, name, language="vi"):
        """The files of a kit by name, and the bytes of the zip."""
        path = self.folder / f"{name}.{language}.press.zip"
        formats.write("press", self.shown(name, language), path)
        assert verified.inspect(self.shown(name, language), path, name) == []
        content = path.read_bytes()
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            assert opened.testzip() is None
            return {entry: opened.read(entry) for entry in opened.namelist()}, content

    @cache  # noqa: B019
    def facts(self, name, language="vi"):
        return Facts.of(self.shown(name, language))


@pytest.fixture(scope="module")
def reports(whole_report, tmp_path_factory):
    return Reports(whole_report, tmp_path_factory.mktemp("rounds"))


def notebook_of(*blocks):
    outputs = [new_output("display_data", data={MIME: block.to_data()}) for block in blocks]
    return new_notebook(cells=[new_code_cell(outputs=outputs)])


def of(value):
    """A number as it is compared: what is printed, what is behind it, the cells."""
    return (value.text, value.value, value.refs, value.made)


@pytest.mark.parametrize(
    ("name", "language"),
    [pytest.param(*pair, marks=[] if pair == ("ministries", "vi") else [pytest.mark.long]) for pair in RENDERED],
)
def test_cards_in_two_sizes_as_png_and_svg_and_a_note_of_one_page(reports, name, language):
    files, _ = reports.kit(name, language)
    png = [entry for entry in files if entry.endswith(".png")]
    upright = [f"cards/{n:02d}-{card}-1080x1350.png" for n, card in enumerate(CARDS[name], 1)]
    assert [entry for entry in png if "1080x1350" in entry] == upright
    on_their_side = [f"cards/{n:02d}-{card}-1200x630.png" for n, card in enumerate(CARDS[name], 1)]
    wanted = [entry for entry, card in zip(on_their_side, CARDS[name], strict=True) if (name, card) not in UPRIGHT]
    if language == "vi":  # English words are longer
        assert [entry for entry in png if "1200x630" in entry] == wanted
    assert set(png) - set(upright) <= set(wanted)
    assert len(png) == sum(entry.endswith(".svg") for entry in files)
    assert {"note.pdf", "note.docx", "README.txt", "alternative-texts.txt"} <= set(files)
    for entry in png:
        assert entry.replace(".png", ".svg") in files
        picture = Image.open(io.BytesIO(files[entry]))
        assert "x".join(map(str, picture.size)) in entry
        assert len(np.unique(np.asarray(picture.convert("L")))) > 20  # something is drawn
    page = pypdf.PdfReader(io.BytesIO(files["note.pdf"]))
    assert page.root_object["/MarkInfo"]["/Marked"]
    assert page.metadata.author
    assert len(page.pages) == 1
    assert [round(float(side)) for side in page.pages[0].mediabox[2:]] == [595, 842]  # A4 in points


@pytest.mark.long
@pytest.mark.parametrize("name", ["ministries", late("simulated provinces")])
def test_svg_stands_alone_and_says_what_it_shows(reports, name):
    made = {f"{n:02d}-{card.name}": card for n, card in enumerate(cards(reports.facts(name)), 1)}
    sizes = {"1080x1350": [432, 540], "1200x630": [480, 252]}
    for entry, content in reports.kit(name)[0].items():
        if not entry.endswith(".svg"):
            continue
        stem, _, size = entry.removeprefix("cards/").removesuffix(".svg").rpartition("-")
        root = ElementTree.fromstring(content)
        space = "{http://www.w3.org/2000/svg}"
        assert root.tag == f"{space}svg"
        assert root.find(f"{space}title").text == plain(made[stem].headline)
        assert root.find(f"{space}desc").text == made[stem].alternative
        assert not root.findall(f".//{space}text")  # letters are outlines: the same on every machine
        assert [float(part) for part in root.get("viewBox").split()[2:]] == sizes[size]


WHOLE = ("papi", "simulated ministries", "simulated provinces")  # of all units: rendered where there is time


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.long] if name in WHOLE else []) for name in CARDS]
)
@pytest.mark.long
def test_each_report_gives_its_cards(reports, name):
    """A sentence said anew, or a table without a column, takes a card away and nothing else tells of it."""
    assert [card.name for card in cards(reports.facts(name))] == CARDS[name]


@pytest.mark.few(1)
@pytest.mark.parametrize(("name", "language"), [late(*pair) for pair in RENDERED])
def test_no_letter_is_smaller_than_a_telephone_shows(reports, name, language, monkeypatch):
    facts, sizes, write = reports.facts(name, language), [], style.Sheet.write
    monkeypatch.setattr(style.Sheet, "write", lambda *a, **k: (sizes.append(k["size"]), write(*a, **k))[1])
    assert cards(facts)
    assert min(sizes) / 72 * style.DPI >= 28 - 1e-6  # points at 180 to the inch, in pixels


def test_colours_of_letters_have_contrast():
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        light = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]

    grounds = {"#ffffff": (style.INK, style.MUTED, style.ORDERED[0]), drawing.PANEL: (style.INK, style.MUTED)}
    grounds |= {style.ORDERED[0]: ("#ffffff",), drawing.WARNING: ("#ffffff",)}
    for ground, letters in grounds.items():
        for letter in letters:
            high, low = sorted((luminance(ground), luminance(letter)), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= 4.5


@pytest.mark.few(1)
@pytest.mark.parametrize("name", [late(name) for name in REPORTS])
def test_every_number_of_cards_and_note_is_one_of_the_report(reports, name):
    document = reports.shown(name).document
    there = {of(value) for item in document.items for value in numbers(item.block)}
    results = [value for card in cards(reports.facts(name)) for value in card.numbers()]
    results += [value for item in note.note(reports.facts(name)).items for value in numbers(item.block)]
    assert len(results) > 30
    assert [of(value) for value in results if of(value) not in there] == []


@pytest.mark.long
@pytest.mark.parametrize("name", BOTH)
def test_both_languages_have_the_same_cards_with_the_same_numbers(reports, name):
    vi, en = (cards(reports.facts(name, language)) for language in ("vi", "en"))
    assert [card.name for card in vi] == [card.name for card in en]
    for one, other in zip(vi, en, strict=True):
        # Sentences may order their numbers differently; names of units may sort differently: not what they hold.
        assert Counter(value.value for value in one.numbers()) == Counter(value.value for value in other.numbers())
        assert plain(one.headline) != plain(other.headline)


@pytest.mark.parametrize(("name", "language"), [late(*pair) for pair in RENDERED if pair[0] in SIMULATED])
def test_marks_stand_on_every_card_and_in_every_text(reports, name, language):
    files, _ = reports.kit(name, language)
    marks = reports.facts(name, language).marks
    assert len(marks) == 2
    word = docx.Document(io.BytesIO(files["note.docx"]))
    texts = {
        "pdf": " ".join(pypdf.PdfReader(io.BytesIO(files["note.pdf"])).pages[0].extract_text().split()),
        "title": "\n".join(p.text for p in word.paragraphs[:6]),
        "end": "\n".join(p.text for p in word.paragraphs[-2:]),
        "head": "\n".join(p.text for p in word.sections[0].header.paragraphs),
        "readme": files["README.txt"].decode("utf-8-sig"),
    }
    assert [(mark, where) for mark in marks for where, text in texts.items() if mark not in text] == []
    assert not word.sections[0].different_first_page_header_footer  # the head of the first page is this one
    for text in (texts["readme"], files["alternative-texts.txt"].decode("utf-8-sig")):
        assert text.count(marks[0]) == 1 + len(CARDS[name])  # above, and with each card
    red = np.array([0x8A, 0x1C, 0x1C])
    for entry in files:
        if entry.endswith(".png"):
            pixels = np.asarray(Image.open(io.BytesIO(files[entry])).convert("RGB")).astype(int)
            bands = (np.abs(pixels - red).sum(axis=2) < 24).mean(axis=1) > 0.6
            assert bands[:250].any()  # a red band above the picture
            assert bands[-60:].any()  # and one below it
            # and letters across it: whatever part of its height is cut out holds the paler red of the stamp
            pale = (pixels[..., 0] - pixels[..., 1] > 9) & (pixels[..., 0] - pixels[..., 2] > 9)  # panels are bluish
            assert all(pale[top : top + 337, 100:980].sum() > 800 for top in range(0, len(pixels) - 337, 100))


def test_an_official_result_has_no_stamp_and_one_asked_for_has(reports):
    real = reports.facts("ministries")
    assert real.marks == ()
    asked = replace(real, simulated=True)
    assert asked.marks == ("SỐ LIỆU MÔ PHỎNG: không phải kết quả thật.",)
    assert asked.stamps == ("SỐ LIỆU MÔ PHỎNG",)
    assert drawing.drawn(cards(real)[0], real) != drawing.drawn(cards(asked)[0], asked)


def test_equal_blocks_give_equal_bytes(reports, tmp_path):
    path = tmp_path / "again.zip"
    press.write(reports.shown("ministries"), path)
    assert path.read_bytes() == reports.kit("ministries")[1]


def test_a_partial_year_says_so_on_every_card_of_it(reports):
    # 20 of 63 indices of 2023 are known; the first five are those published, not the first of the known.
    results = {card.name: card for card in cards(reports.facts("provinces"))}
    assert [part.text for part in reports.facts("provinces").coverage] == ["20", "63"]
    assert [plain(line.lead) for line in results["top-five"].content.lines] == ["1", "2", "3", "4", "5"]
    for name in ("result", "top-five"):
        assert any("20/63" in plain(line) for line in results[name].notes)
    assert any("20/63" in item.block.plain_text() for item in note.note(reports.facts("provinces")).items)
    known = drawing.drawn(results["result"], reports.facts("provinces"))
    whole = replace(reports.facts("provinces"))
    whole.__dict__["coverage"] = None
    assert known != drawing.drawn(results["result"], whole)  # 20/63 stands in the head of the card


@pytest.mark.long
def test_the_known_are_never_called_all(reports):
    # Changes of provinces in 2023 are known of 11 of 63: no card names who moved. Of PAPI's 2024, 59 of 61 are known.
    assert "movers" not in {card.name for card in cards(reports.facts("provinces"))}
    movers = next(card for card in cards(reports.facts("papi")) if card.name == "movers")
    assert plain(movers.headline).startswith("Trong số các đơn vị có số liệu, Tây Ninh tăng nhiều nhất")
    assert plain(movers.notes[0]) == "59/61 tỉnh, thành phố có số liệu cả hai năm"


def test_who_moved_most_is_told_by_one_rule(reports):
    # Changes of 5 of 17 ministries are known; the Ministry printed the largest rise and fall with their names.
    made = cards(reports.facts("ministries"))
    movers = next(card for card in made if card.name == "movers")
    moves = {"Bộ Ngoại giao": "+5,83", "Bộ Kế hoạch và Đầu tư": "−5,31"}
    assert [text for _, text in printed(movers.headline)] == list(moves.values())
    assert [plain(line).partition(":")[0] for line in movers.lines] == list(moves)
    assert [text for line in movers.lines for _, text in printed(line)] == list(moves.values())
    others = [plain(card.headline) for card in made if card is not movers]
    assert not any("nhiều nhất" in line for line in others)


@pytest.mark.long
def test_a_mean_that_fell_is_told_as_falling(reports):
    # 2022: 84.79, and the Ministry printed a fall of 1.58
    REPORTS.setdefault("province 2022", {"year": 2022, "level": "province"})
    result = next(card for card in cards(reports.facts("province 2022")) if card.name == "result")
    assert "giảm 1,58 điểm % so với năm 2021" in plain(result.headline)


def test_first_and_last_of_the_ministries(reports):
    # 876/QĐ-BNV's results: Bộ Tư pháp 89,95%, Bộ Công Thương 78,03%, mean 84,38%, +0,33; 10 rose, 7 fell; 14 in B.
    results = {card.name: card for card in cards(reports.facts("ministries"))}
    assert {name: printed(card.headline) for name, card in results.items() if name != "movers"} == {
        "result": [("*", "84,38"), ("", "0,33")],
        "top-five": [("bo-tu-phap", "89,95")],
        "groups": [("*", "14"), ("*", "17")],
        "ranking": [("bo-tu-phap", "89,95"), ("bo-cong-thuong", "78,03")],
    }
    lines = list(map(plain, results["result"].lines))
    assert "Xếp cuối: 78,03% (Bộ Công Thương)" in lines
    assert "So với năm 2022: 10 tăng, 7 giảm (trong 17 bộ, cơ quan ngang bộ)" in lines
    assert [line.value for line in results["groups"].content.lines] == [14, 3]


@pytest.mark.parametrize("name", [late(name) for name in REPORTS])
def test_every_value_of_a_card_has_its_unit(reports, name):
    facts = reports.facts(name)
    units = (f" {facts.change_unit}", "%", "điểm")
    for card in cards(facts):
        if card.name != "map":
            for line in card.content.lines:
                number = next((part for part in line.number if isinstance(part, Number)), None)
                counted = number is not None and number.text.isdecimal()
                assert number is None or counted or plain(line.number).endswith(units)


def test_issuer_year_and_where_the_report_is(reports):
    facts = reports.facts("ministries")
    assert facts.about == (
        "Vụ Cải cách hành chính, Bộ Nội vụ", "Số liệu năm 2023", "Báo cáo thường niên, Chỉ số CCHC năm 2023",
    )  # fmt: skip
    known = replace(facts, house=House(address="https://example.gov.vn/par", contact="Nguyễn Văn A, 024"))
    assert known.about[-1] == "Báo cáo: https://example.gov.vn/par"
    # the report on PAPI has the index in its name
    assert reports.facts("papi").about[-1] == "Phân tích kết quả Chỉ số PAPI do CECODES, RTA và UNDP công bố"
    texts = [item.block.plain_text() for item in note.note(known).items]
    assert "Liên hệ: Nguyễn Văn A, 024" in texts
    assert "Phạm vi số liệu" in texts
    assert any(text.startswith("Liên hệ: …") for text in (i.block.plain_text() for i in note.note(facts).items))


def test_the_house_is_read_from_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv("PARLIB_DATA", str(tmp_path))
    assert House.read() == House()
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "press.yaml").write_text("contact: Vụ CCHC\naddress: https://example.gov.vn\n", "utf-8")
    assert House.read() == House(contact="Vụ CCHC", address="https://example.gov.vn")
    (tmp_path / "templates" / "press.yaml").write_text("telephone: '024'\n", "utf-8")
    with pytest.raises(ParlibError, match="telephone"):
        House.read()


def test_only_the_word_note_has_a_quote_to_fill_in(reports):
    files, _ = reports.kit("ministries")
    word = "\n".join(p.text for p in docx.Document(io.BytesIO(files["note.docx"])).paragraphs)
    pdf = pypdf.PdfReader(io.BytesIO(files["note.pdf"])).pages[0].extract_text()
    assert "cho biết" in word
    assert "cho biết" not in pdf
    assert all("Ngày phát hành" in text for text in (word, pdf))


def test_a_place_among_the_first_five_that_nobody_knows_ends_the_list():
    rows = [("Bộ A", 1, 90.0), ("Bộ B", 2, 89.0), ("Bộ C", 3, 88.0), ("Bộ E", 5, 86.0)]
    card = next(card for card in cards(Facts.of(a_report(rows))) if card.name == "top-five")
    assert [line.label for line in card.content.lines] == ["Bộ A", "Bộ B", "Bộ C"]


@pytest.mark.long
def test_captions_and_alternative_texts_are_ready_to_post(reports):
    made, given = cards(reports.facts("papi", "en")), reports.facts("papi", "en")
    text, others = readme_text(given, made), alternatives(given, made)
    for card in made:
        assert caption(card, given) in text
        assert card.alternative in others
        assert "61/63" in caption(card, given)
        assert len(caption(card, given)) < 400


def a_report(rows, *more, marks=()):
    """A report of a handful of units: (name, rank, value), ``None`` where not known."""

    def cell(key, column, value, text, made):
        return Number(value, text, (Ref("par", 2023, "ministry", key, "", column),), made)

    cells = tuple(
        {"unit": name}
        | ({"rank": cell(name, "rank", float(rank), str(rank), "rank")} if rank else {})
        | ({"index": cell(name, "index", value, f"{value:.2f}".replace(".", ","), "value")} if value else {})
        for name, rank, value in rows
    )
    columns = (Column("rank", "Hạng", "rank"), Column("unit", "Đơn vị"), Column("index", "Chỉ số", "number", unit="%"))
    table = Table(columns, cells, "Xếp hạng", source="Nguồn: thử.", name="ranking")
    about = ReportParameters(year=2023, level="ministry")
    return Shown(about, notebook_of(Title("Báo cáo thử", marks=marks), sequel(table, *more)), "thu")


def test_a_shared_first_place_is_told_of_all_who_share_it(tmp_path):
    given = a_report([("Bộ A", 1, 90.0), ("Bộ B", 1, 90.0), ("Bộ C", 3, 80.0)])
    made = cards(Facts.of(given))
    assert [plain(card.headline) for card in made if card.name == "top-five"] == [
        "Bộ A và Bộ B cùng đứng đầu Chỉ số CCHC năm 2023"
    ]


def test_a_report_with_little_gives_few_cards(tmp_path):
    given = a_report([("Bộ A", 1, 90.0), ("Bộ B", 2, 85.0), ("Bộ C", 3, None)])
    path = tmp_path / "few.zip"
    press.write(given, path)
    with zipfile.ZipFile(path) as kit:
        assert [name for name in kit.namelist() if name.endswith(".png")] == [
            "cards/01-top-five-1080x1350.png",
            "cards/01-top-five-1200x630.png",
        ]


def test_a_report_without_a_table_still_gives_a_note(tmp_path):
    about = ReportParameters(year=2023, level="ministry")
    path = tmp_path / "none.zip"
    press.write(Shown(about, notebook_of(Title("Báo cáo thử"), Paragraph(("Không có số liệu.",))), "thu"), path)
    with zipfile.ZipFile(path) as kit:
        assert sorted(kit.namelist()) == ["README.txt", "alternative-texts.txt", "note.docx", "note.pdf"]


def test_long_names_are_whole_on_every_card():
    """No letter of a card stands outside its frame: the edges of the picture are of one colour."""
    names = ("Bộ Nông nghiệp và Phát triển nông thôn", "Bộ Văn hóa, Thể thao và Du lịch", "Bà Rịa - Vũng Tàu")
    long = [(f"{name} và các cơ quan, đơn vị trực thuộc ở trung ương", n, 90.0 - n) for n, name in enumerate(names, 1)]
    given = Facts.of(a_report(long))
    for shape, (png, _) in drawing.drawn(cards(given)[0], given).items():
        pixels = np.asarray(Image.open(io.BytesIO(png)).convert("L")).astype(int)
        below = pixels[int(shape.head) + 12 :]  # under the dark head
        assert below[:, : int(shape.edge) - 4].min() > 250
        assert below[:, -int(shape.edge) + 4 :].min() > 250


def test_what_does_not_fit_in_letters_that_can_be_read_is_no_card():
    names = [f"Bộ {'rất dài ' * 40}{n}" for n in range(3)]
    assert cards(Facts.of(a_report([(name, n, 90.0 - n) for n, name in enumerate(names, 1)]))) == []


@pytest.mark.long
def test_the_map_has_both_archipelagos_large_and_the_colours_of_the_report(reports, monkeypatch):
    given = reports.shown("papi")
    figure = next(item.block for item in given.document.items if getattr(item.block, "name", "") == "map_quarters")
    facts = Facts.of(given)
    card = next(card for card in cards(facts) if card.name == "map")
    assert isinstance(card.content, Country)
    units, classes, ranks = (figure.data[key] for key in ("unit", "class", "label"))
    assert card.content.of == {u: c for u, c, rank in zip(units, classes, ranks, strict=True) if rank}
    assert figure.alternative in card.alternative
    written = []
    write = style.Sheet.write

    def kept(sheet, x, y, text, **look):
        written.append((" ".join(text.split()), look["size"] / 72 * style.DPI))
        write(sheet, x, y, text, **look)

    monkeypatch.setattr(style.Sheet, "write", kept)
    drawing.drawn(card, facts, rendered=False)
    names = [(text, size) for text, size in written if text.startswith("Quần đảo")]
    both = ["Quần đảo Hoàng Sa (Đà Nẵng)", "Quần đảo Trường Sa (Khánh Hòa)"]
    assert [text for text, _ in names] == both * len(drawing.SHAPES)
    assert all(size >= 28 for _, size in names)


@pytest.mark.long
@pytest.mark.parametrize(
    ("year", "level", "mean"),
    [
        # as published: the mean of the provinces of 2021 and 2023
        pytest.param(2021, "province", "86,37%", marks=pytest.mark.long),
        pytest.param(2023, "province", "86,98%", marks=pytest.mark.long),
        # calculated: the mean of the year after less its printed change (86,37 − 2,65; 86,98 − 2,19)
        pytest.param(2020, "province", "83,72% (tính toán từ số liệu đã công bố)", marks=pytest.mark.long),
        (2022, "province", "84,79% (tính toán từ số liệu đã công bố)"),
        pytest.param(2017, "province", None, marks=pytest.mark.long),
    ],
)
def test_the_mean_of_a_card_is_of_the_index_that_it_names(reports, year, level, mean):
    REPORTS.setdefault(f"{level} {year}", {"year": year, "level": level})
    given = reports.facts(f"{level} {year}")
    headlines = [plain(card.headline) for card in cards(given)]
    sentences = [line for line in headlines if "trung bình của các" in line]
    start = f"Chỉ số CCHC trung bình của các tỉnh, thành phố năm {year} đạt "
    assert [line.partition(", tăng")[0].partition(", giảm")[0] for line in sentences] == (
        [start + mean] if mean else []
    )
    result = next((card for card in cards(given) if card.name == "result"), None)
    numbers_of = [number for number in result.numbers() if number.refs[0].column == "mean"] if result else []
    assert {number.refs[0].index_name for number in numbers_of} <= {"par"}


def test_a_statistic_is_one_of_the_index_year_and_level_of_the_report():
    def mean(value, index_name="par", year=2023, level="ministry", node=""):
        return Number(
            value, f"{value:.2f}".replace(".", ","), (Ref(index_name, year, level, "", node, "mean"),), "printed"
        )

    others = (mean(82.66, "sipas"), mean(84.05, year=2022), mean(86.98, level="province"), mean(97.0, node="1"))
    given = Facts.of(a_report([("Bộ A", 1, 90.0)], Paragraph(others)))
    assert given.statistic("mean") is None
    own = mean(84.38)
    assert Facts.of(a_report([("Bộ A", 1, 90.0)], Paragraph((*others, own)))).statistic("mean") == own


def test_the_words_beside_a_number_follow_from_its_cell(reports):
    words = reports.facts("ministries").words
    sipas = Number(82.66, "82,66", (Ref("sipas", 2022, "province", "", "", "mean"),), "printed")
    sentence = plain(words.mean(sipas, "%"))
    assert "SIPAS" in sentence
    assert "2022" in sentence
    assert "tỉnh" in sentence
    other = Number(57.0, "57", (Ref("par", 2023, "province", "", "", "n_rose"),), "printed")
    with pytest.raises(ValueError, match="several results"):
        words.headline("rose", names=(other,), value=(sipas,))


REGIONS = ("Đồng bằng sông Hồng", "Tây Nguyên", "Đông Nam Bộ")


@pytest.mark.parametrize(
    ("means", "sentence"),
    [
        ((88.5, 85.0, 88.5), "Đồng bằng sông Hồng và Đông Nam Bộ, 88,50%; thấp nhất: Tây Nguyên, 85,00%"),
        ((88.5, 85.0, 86.0), "Đồng bằng sông Hồng, 88,50%; thấp nhất: Tây Nguyên, 85,00%"),
        ((88.5, None, 86.0), None),
        ((88.5, 88.5, 88.5), None),
    ],
)
def test_the_highest_region_is_said_where_all_are_known_and_of_all_that_share_it(means, sentence):
    rows = tuple(
        {"region": name} | ({"mean": Number(mean, f"{mean:.2f}".replace(".", ","))} if mean else {})
        for name, mean in zip(REGIONS, means, strict=True)
    )
    columns = (Column("region", "Vùng"), Column("mean", "Trung bình", "number", unit="%"))
    table = Table(columns, rows, "Vùng", source="Nguồn: thử.", name="regions")
    results = [card for card in cards(Facts.of(a_report([("Bộ A", 1, 90.0)], table))) if card.name == "regions"]
    assert [plain(card.headline) for card in results] == (
        [f"Vùng có giá trị trung bình cao nhất: {sentence}"] if sentence else []
    )
    assert all([line.value for line in card.content.lines] == sorted(means, reverse=True) for card in results)


@pytest.mark.long
def test_every_kind_of_card_is_made_of_some_report():
    assert {card for given in CARDS.values() for card in given} == {kind.name for kind in KINDS}
