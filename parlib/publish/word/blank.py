"""Makes the template that comes with parlib: ``python -m parlib.publish.word.blank [FILE]``.

Margins, letters and lines follow Decree 30/2020/NĐ-CP on the form of administrative documents: A4, 30 mm left, 15 mm
right, 20 mm above and below, Times New Roman 13, first lines 1 cm in. Staff change a copy of it in Word.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from parlib.publish.word.package import repack
from parlib.publish.word.template import PACKAGED
from parlib.publish.word.xml import NAMESPACES, twips

ACCENT, SOFT, INK = "8C1515", "4A5157", "1C2126"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def _style(name: str, based: str = "Normal", p: str = "", r: str = "", following: str = "", kind: str = "") -> str:
    """A style; ``p`` and ``r`` are what it says of paragraphs and letters. Its id is its name without spaces."""
    kind = kind or "paragraph"
    own = kind == "paragraph" and name.lower() in _BUILT_IN
    parts = [
        f'<w:style w:type="{kind}"{"" if own else " w:customStyle=" + chr(34) + "1" + chr(34)}',
        f' w:styleId="{_id(name)}"><w:name w:val="{_BUILT_IN.get(name.lower(), name)}"/>',
        f'<w:basedOn w:val="{_id(based)}"/>' if based else "",
        f'<w:next w:val="{_id(following)}"/>' if following else "",
        '<w:uiPriority w:val="1"/><w:qFormat/>',
        f"<w:pPr>{p}</w:pPr>" if p else "",
        f"<w:rPr>{r}</w:rPr>" if r else "",
        "</w:style>",
    ]
    return "".join(parts)


#: Styles that Word knows by itself, as it spells their names.
_BUILT_IN = {
    **{name.lower(): name.lower() for name in ("Heading 1", "Heading 2", "Heading 3", "TOC 1", "TOC 2")},
    **{name.lower(): name.lower() for name in ("Caption", "Header", "Footer")},
    **{name.lower(): name for name in ("Title", "Subtitle", "Body Text", "List Bullet", "TOC Heading")},
}


def _id(name: str) -> str:
    return name.replace(" ", "")


def _size(points: float) -> str:
    return f'<w:sz w:val="{round(points * 2)}"/><w:szCs w:val="{round(points * 2)}"/>'


def _space(before: float = 0, after: float = 0, line: int = 0) -> str:
    """Space above and below in points; ``line`` in 240ths of a line."""
    height = f' w:line="{line}" w:lineRule="auto"' if line else ""
    return f'<w:spacing w:before="{round(before * 20)}" w:after="{round(after * 20)}"{height}/>'


def _colour(rgb: str) -> str:
    return f'<w:color w:val="{rgb}"/>'


def _frame(colour: str, sides: str = "left", size: int = 24, line: str = "single") -> str:
    rules = "".join(
        f'<w:{side} w:val="{line}" w:sz="{size}" w:space="6" w:color="{colour}"/>' for side in sides.split()
    )
    return f"<w:pBdr>{rules}</w:pBdr>"


def _fill(rgb: str) -> str:
    return f'<w:shd w:val="clear" w:color="auto" w:fill="{rgb}"/>'


_B, _I = "<w:b/><w:bCs/>", "<w:i/><w:iCs/>"
_KEEP, _WHOLE, _NOTE_IND = "<w:keepNext/>", "<w:keepLines/>", '<w:ind w:left="170" w:right="113"/>'


def _heading(level: int, points: float, before: float, after: float, look: str) -> str:
    p = f'{_KEEP}{_WHOLE}{_space(before, after)}<w:outlineLvl w:val="{level - 1}"/>'
    return _style(f"Heading {level}", p=p, r=look + _size(points), following="Body Text")


def _note(name: str, bar: str, fill: str, look: str = "") -> str:
    sides = (("top", fill, 4, 3), ("left", bar, 24, 6), ("bottom", fill, 4, 3))
    rules = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="{space}" w:color="{colour}"/>'
        for side, colour, size, space in sides
    )
    p = f"{_WHOLE}<w:pBdr>{rules}</w:pBdr>{_fill(fill)}{_space(6, 8)}{_NOTE_IND}"
    return _style(name, p=p, r=look + _size(12))


def _table_styles() -> str:
    """The two kinds of tables: with fine lines between rows, and key figures under a thick line."""
    fine = '<w:{} w:val="single" w:sz="{}" w:space="0" w:color="{}"/>'
    report = "".join(
        fine.format(side, size, colour)
        for side, size, colour in (("top", 8, INK), ("bottom", 8, INK), ("insideH", 4, "C9CED4"))
    )
    group = fine.format("insideV", 4, "E3E6EA")
    key = fine.format("top", 12, ACCENT) + fine.format("insideH", 12, ACCENT)
    frames = {"Report Table": (report + group, 20, 70), "Key Figures": (key, 60, 85)}
    return "".join(
        f'<w:style w:type="table" w:customStyle="1" w:styleId="{_id(name)}"><w:name w:val="{name}"/>'
        '<w:basedOn w:val="TableNormal"/><w:uiPriority w:val="1"/><w:qFormat/>'
        f"<w:tblPr><w:tblBorders>{borders}</w:tblBorders><w:tblCellMar>"
        f'<w:top w:w="{high}" w:type="dxa"/><w:left w:w="{side}" w:type="dxa"/>'
        f'<w:bottom w:w="{high}" w:type="dxa"/><w:right w:w="{side}" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
        for name, (borders, high, side) in frames.items()
    )


def _styles() -> str:
    small, right, left = _size(10.5), '<w:jc w:val="right"/>', '<w:jc w:val="left"/>'
    body = f'{_space(0, 6, 264)}<w:ind w:firstLine="567"/><w:jc w:val="both"/>'
    bullet = '<w:numPr><w:numId w:val="1"/></w:numPr>'
    dots = _frame("B26A00", "top left bottom right", 6, "dashed")
    own = [
        _style("Letterhead", p=_space(0, 0), r=_size(13)),
        _style("Title", p=f'{_KEEP}{_space(12, 6)}<w:jc w:val="center"/>', r=_B + _colour(ACCENT) + _size(18)),
        _style("Subtitle", p=f'{_space(0, 6)}<w:jc w:val="center"/>', r=_colour(SOFT) + _size(14)),
        _style("Title Line", p=f'{_space(0, 3)}<w:jc w:val="center"/>', r=_colour(SOFT) + _size(12)),
        _style(
            "Mark",
            p=f"{_WHOLE}{_frame(ACCENT, 'top left bottom right', 8)}{_space(6, 6)}"
            '<w:ind w:left="170" w:right="170"/><w:jc w:val="center"/>',
            r=_B + _colour(ACCENT) + _size(12),
        ),
        _heading(1, 16, 20, 8, _B + _colour(ACCENT)),
        _heading(2, 14, 14, 6, _B),
        _heading(3, 13, 10, 4, _B + _I),
        _style("Body Text", p=body),
        _style("Lead", "Body Text", r=_B),
        _style("List Bullet", p=f'{bullet}{_space(0, 4, 264)}<w:jc w:val="both"/>'),
        _style(
            "Draft",
            "Body Text",
            p=f'{dots}{_fill("FFFBE8")}{_space(4, 8, 264)}<w:ind w:left="142" w:right="142" w:firstLine="0"/>',
            r=_I,
        ),
        _note("Note", "5B6B7B", "F4F6F8"),
        _note("Note Warning", "B26A00", "FFF8E8"),
        _note("Note Missing", "9AA3AC", "F4F6F8", _I + _colour(SOFT)),
        _note("Note Passed", "2E6B3E", "EEF6F0"),
        _style("Caption", p=f"{_KEEP}{_WHOLE}{_space(12, 4)}", r=_B + _size(12)),
        _style("Figure", p=f'{_KEEP}{_space(10, 0)}<w:jc w:val="center"/>'),
        _style("Source", p=_space(3, 10), r=_I + _colour(SOFT) + small),
        _style("Table Text", p=_space(0, 0) + left, r=_size(11)),
        _style("Table Number", "Table Text", p=right),
        _style("Table Head", "Table Text", r=_B),
        _style("Table Text Small", "Table Text", r=_size(9)),
        _style("Table Number Small", "Table Number", r=_size(9)),
        _style("Table Head Small", "Table Head", r=_size(9)),
        _style("Tile Label", p=_space(2, 0) + left, r=_colour(SOFT) + small),
        _style("Tile Number", p=_space(0, 0) + left, r=_B + _size(20)),
        _style("Tile Detail", p=_space(0, 2) + left, r=_colour(SOFT) + small),
        _style("TOC Heading", p=f"{_KEEP}{_space(18, 6)}", r=_B + _size(14)),
        _style("TOC 1", p=f'<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{twips(165)}"/></w:tabs>{_space(0, 3)}'),
        _style(
            "TOC 2",
            p=f'<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{twips(165)}"/></w:tabs>{_space(0, 2)}'
            '<w:ind w:left="340"/>',
            r=_size(12),
        ),
        _style("Header", p=_space(0, 0), r=_colour(SOFT) + _size(9)),
        _style("Header Mark", "Header", r=_B + _colour(ACCENT)),
        _style("Header Line", "Header", p=f"{_frame('C9CED4', 'top', 4)}{_space(2, 0)}", r=_size(4)),
        _style("Footer", p=_space(0, 0) + right, r=_colour(SOFT) + _size(10)),
        _style("Table Total", "Default Paragraph Font", r=_B, kind="character"),
        _style("Table Muted", "Default Paragraph Font", r=_colour("595F66"), kind="character"),
    ]
    letters = "".join(f' w:{script}="Times New Roman"' for script in ("ascii", "hAnsi", "eastAsia", "cs"))
    return (
        f"{_HEAD}<w:styles {NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts{letters}/>"
        f'{_size(13)}<w:lang w:val="vi-VN" w:eastAsia="en-US"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>'
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>'
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        '<w:uiPriority w:val="99"/><w:semiHidden/><w:unhideWhenUsed/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/>'
        "</w:tblPr></w:style>"
        f"{''.join(own)}{_table_styles()}</w:styles>"
    )


def _p(style: str, text: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{_id(style)}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'


def _document() -> str:
    each = "{{%p for {0} in {0}s %}}", "{{%p endfor %}}"
    head = [
        _p("Title", "{{ title }}"),
        *(_p("Normal", "{%p if subtitle %}"), _p("Subtitle", "{{ subtitle }}"), _p("Normal", "{%p endif %}")),
        *(_p("Normal", each[0].format("mark")), _p("Mark", "{{ mark }}"), _p("Normal", each[1].format())),
        *(_p("Normal", each[0].format("line")), _p("Title Line", "{{ line }}"), _p("Normal", each[1].format())),
        _p("Normal", "{{ contents }}"),
        _p("Normal", "{{ body }}"),
    ]
    edges = {"top": 20, "right": 15, "bottom": 20, "left": 30, "header": 8, "footer": 10, "gutter": 0}
    margins = " ".join(f'w:{edge}="{twips(mm)}"' for edge, mm in edges.items())
    parts = {"headerReference": (("default", "rId3"), ("first", "rId4"))}
    parts["footerReference"] = (("default", "rId5"), ("first", "rId6"))
    refs = "".join(
        f'<w:{kind} w:type="{which}" r:id="{rid}"/>' for kind, several in parts.items() for which, rid in several
    )
    return (
        f"{_HEAD}<w:document {NAMESPACES}><w:body>{''.join(head)}<w:sectPr>{refs}"
        f'<w:pgSz w:w="11906" w:h="16838"/><w:pgMar {margins}/><w:titlePg/></w:sectPr></w:body></w:document>'
    )


def _parts() -> dict[str, str]:
    """The files in the template, by name."""
    page = "".join(
        f'<w:fldSimple w:instr=" {code} "><w:r><w:t>1</w:t></w:r></w:fldSimple>{between}'
        for code, between in (("PAGE", "<w:r><w:t>/</w:t></w:r>"), ("NUMPAGES", ""))
    )
    header = (
        _p("Header", "{{ title }}")
        + _p("Normal", "{%p if marks %}")
        + _p("Header Mark", "{{ marks | join(' ') }}")
        + _p("Normal", "{%p endif %}")
        + '<w:p><w:pPr><w:pStyle w:val="HeaderLine"/></w:pPr></w:p>'
    )
    feet = {
        "header1": ("hdr", header),
        "header2": ("hdr", '<w:p><w:pPr><w:pStyle w:val="Letterhead"/></w:pPr></w:p>'),
        "footer1": ("ftr", f'<w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>{page}</w:p>'),
        "footer2": ("ftr", '<w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr></w:p>'),
    }
    kinds = ["styles", "numbering", "header1", "header2", "footer1", "footer2", "settings"]
    types = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_MAIN}.{name.rstrip("12")}+xml"/>' for name in kinds
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{name.rstrip("12")}" Target="{name}.xml"/>'
        for n, name in enumerate(kinds, 1)
    )
    return {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_MAIN}.document.main+xml"/>{types}'
        '<Override PartName="/docProps/core.xml"'
        ' ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>',
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
        f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties"'
        ' Target="docProps/core.xml"/></Relationships>',
        "docProps/core.xml": f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title/></cp:coreProperties>',
        "word/document.xml": _document(),
        "word/_rels/document.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f"{relations}</Relationships>",
        "word/styles.xml": _styles(),
        "word/numbering.xml": f'{_HEAD}<w:numbering {NAMESPACES}><w:abstractNum w:abstractNumId="0">'
        '<w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/>'
        '<w:pStyle w:val="ListBullet"/><w:lvlText w:val="–"/><w:lvlJc w:val="left"/>'
        '<w:pPr><w:ind w:left="567" w:hanging="283"/></w:pPr></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>',
        "word/settings.xml": f'{_HEAD}<w:settings {NAMESPACES}><w:zoom w:percent="100"/><w:defaultTabStop w:val="567"/>'
        '<w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:compatSetting w:name="compatibilityMode"'
        ' w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
        '<w:themeFontLang w:val="vi-VN"/></w:settings>',
        **{f"word/{name}.xml": f"{_HEAD}<w:{tag} {NAMESPACES}>{text}</w:{tag}>" for name, (tag, text) in feet.items()},
    }


def make(path: Path) -> None:
    """Write the template that comes with parlib to ``path``; always the same bytes."""
    whole = BytesIO()
    with ZipFile(whole, "w") as archive:
        for name, text in _parts().items():
            archive.writestr(name, text)
    repack(whole, path)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else PACKAGED)
