"""The template: what comes with parlib, what staff may change in it, and what they are told when it lacks something."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from parlib.errors import DataError
from parlib.publish import word
from parlib.publish.document import Document, Properties
from parlib.publish.word import template
from parlib.report import blocks as b

Make = Callable[..., Any]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A copy of the template for staff to change."""
    return Path(shutil.copy(template.PACKAGED, tmp_path / "report.docx"))


def _changed(path: Path, change: Callable[[Any], None]) -> Path:
    document = docx.Document(str(path))
    change(document)
    document.save(str(path))
    return path


def _place(document: Any, name: str) -> Any:
    return next(paragraph for paragraph in document.paragraphs if f"{{{{ {name} }}}}" in paragraph.text)


@pytest.mark.parametrize(("language", "marks"), [("vi", ()), ("en", ()), ("vi", ("SỐ LIỆU MÔ PHỎNG",))])
def test_an_official_report_in_vietnamese_has_the_head_of_decree_30(
    tmp_path: Path, as_document: Callable[..., Document], language: str, marks: tuple[str, ...]
) -> None:
    given = replace(as_document(b.Heading("Đầu")), language=language, title=b.Title("Báo cáo thử", marks=marks))
    word.write_document(given, tmp_path / "x.docx", properties=Properties("Thử", author="Vụ"))
    shown = "\n".join(paragraph.text for paragraph in docx.Document(str(tmp_path / "x.docx")).paragraphs)
    official = language == "vi" and not marks
    wanted = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Số:", "Hà Nội, ngày", "BÁO CÁO\nBáo cáo thử", "Nơi nhận:")
    assert [text in shown for text in wanted] == [official] * len(wanted)


def test_the_house_may_have_its_own(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_document: Callable[..., Document]
) -> None:
    monkeypatch.setenv("PARLIB_DATA", str(tmp_path / "data"))
    shown = SimpleNamespace(document=as_document(b.Heading("Đầu")), properties=Properties("Thử"))
    assert template.path() == template.PACKAGED
    word.write(shown, tmp_path / "before.docx")
    (tmp_path / "data" / "templates").mkdir(parents=True)
    _changed(own, lambda document: document.paragraphs[0].insert_paragraph_before("VỤ CẢI CÁCH HÀNH CHÍNH"))
    own.rename(tmp_path / "data" / "templates" / "report.docx")
    word.write(shown, tmp_path / "after.docx")
    texts = [[p.text for p in docx.Document(str(tmp_path / name)).paragraphs] for name in ("before.docx", "after.docx")]
    assert texts[1] == ["VỤ CẢI CÁCH HÀNH CHÍNH", *texts[0]]


def test_what_staff_change_in_it_stays(own: Path, make: Make, rich: tuple[b.Block, ...]) -> None:
    def change(document: Any) -> None:
        document.styles["Heading 1"].font.size = Pt(22)
        document.sections[0].left_margin = Mm(35)
        document.sections[0].first_page_header.paragraphs[0].text = "BỘ NỘI VỤ"
        _place(document, "body").insert_paragraph_before("Lời nói đầu")
        document.add_paragraph("Nơi nhận:")
        document.core_properties.author = document.core_properties.last_modified_by = "Nguyễn Văn A"

    document = make(*rich, template=_changed(own, change))
    assert document.styles["Heading 1"].font.size == Pt(22)
    assert round(document.sections[0].left_margin.mm) == 35
    assert document.sections[0].first_page_header.paragraphs[0].text == "BỘ NỘI VỤ"
    shown = [p.text for p in document.paragraphs]
    assert shown[-1] == "Nơi nhận:"
    assert shown.index("Lời nói đầu") < shown.index("I. Kết quả chung")
    tables = [sum(int(column.get(qn("w:w"))) for column in t._element.iter(qn("w:gridCol"))) for t in document.tables]
    assert {round(width / 1440 * 25.4) for width in tables} == {160}, "tables are as wide as the text of the page"
    assert (document.core_properties.author, document.core_properties.last_modified_by) == ("", "")


def test_styles_are_found_by_name_whatever_their_id(own: Path, make: Make) -> None:
    """A Word in another language writes other ids, the same names."""

    def change(document: Any) -> None:
        for old, new in (("Heading1", "u1"), ("BodyText", "ThnVnban")):
            for element in document.styles.element.iter(qn("w:style"), qn("w:next"), qn("w:basedOn")):
                for name in (qn("w:styleId"), qn("w:val")):
                    if element.get(name) == old:
                        element.set(name, new)

    document = make(b.Heading("Đầu"), b.Paragraph(("Chữ.",)), template=_changed(own, change))
    shown = [(p.style.name, p.style.style_id) for p in document.paragraphs if p.text in ("I. Đầu", "Chữ.")]
    assert shown[-2:] == [("Heading 1", "u1"), ("Body Text", "ThnVnban")]


def test_all_that_is_missing_is_named_at_once(own: Path, make: Make) -> None:
    def change(document: Any) -> None:
        for name in ("Draft", "Caption", "Report Table", "Table Total"):
            document.styles[name].element.getparent().remove(document.styles[name].element)
        _place(document, "title").runs[0].text = "{{ titel }}"
        _place(document, "body").runs[0].text = "hết"

    with pytest.raises(DataError) as refused:
        make(b.Heading("Đầu"), template=_changed(own, change))
    styles, name, body = refused.value.problems
    assert {problem.file for problem in refused.value.problems} == {"report.docx"}
    for text in (styles.vi, styles.en):
        assert (
            "Draft, Caption, Table Total, Report Table" in text or "Caption, Draft, Table Total, Report Table" in text
        )
    assert name.value == "titel"
    assert "title" in name.vi
    assert "title" in name.en
    assert "{{ body }}" in body.vi
    assert "{{ body }}" in body.en


@pytest.mark.parametrize("text", ["{{ title", "{% if %}", "{% include 'x' %}", "{{ title.__class__.mro() }}"])
def test_a_broken_or_prying_template_is_refused(own: Path, make: Make, text: str) -> None:
    def change(document: Any) -> None:
        document.paragraphs[0].runs[0].text = text

    with pytest.raises(DataError) as refused:
        make(b.Heading("Đầu"), template=_changed(own, change))
    assert refused.value.problems[0].file == "report.docx"


def test_the_body_in_a_table_is_refused(own: Path, make: Make) -> None:
    def change(document: Any) -> None:
        body = next(p for p in document.paragraphs if "body" in p.text)
        cell = document.add_table(1, 1).cell(0, 0)
        cell._element.insert(0, body._element)

    with pytest.raises(DataError, match="paragraph of its own"):
        make(b.Heading("Đầu"), template=_changed(own, change))


def test_a_file_that_is_no_document_is_refused(tmp_path: Path, make: Make) -> None:
    path = tmp_path / "x.docx"
    path.write_text("không phải Word", "utf-8")
    with pytest.raises(DataError, match="not a Word document"):
        make(b.Heading("Đầu"), template=path)
