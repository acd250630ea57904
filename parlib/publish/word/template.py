"""The template of a report in Word, which staff edit: where it is, what it must hold, how its head is filled in."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.opc.part import XmlPart as Part
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2 import DictLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from parlib import places
from parlib.errors import DataError, Problem
from parlib.words import near

PACKAGED = Path(__file__).resolve().parent.parent / "template" / "report.docx"

#: The styles that a report uses, by kind.
STYLES: Mapping[str, Sequence[str]] = {
    "paragraph": (
        *("Heading 1", "Heading 2", "Heading 3", "TOC Heading", "TOC 1", "TOC 2", "Body Text", "Lead", "List Bullet"),
        *("Draft", "Note", "Note Warning", "Note Missing", "Note Passed", "Caption", "Figure", "Source"),
        *("Table Text", "Table Number", "Table Head", "Table Text Small", "Table Number Small", "Table Head Small"),
        *("Tile Label", "Tile Number", "Tile Detail"),
    ),
    "character": ("Table Total", "Table Muted"),
    "table": ("Report Table", "Key Figures"),
}
#: What a template may name between {{ and }}; without ``body`` there would be no report.
NAMES = ("title", "subtitle", "lines", "marks", "language", "contents", "body")


@dataclass(frozen=True)
class Section:
    """The page that the text of a report stands on; lengths in mm."""

    width: float  # of the text
    height: float  # of the text
    wide: float | None  # width of the text on the same page turned; None where it is turned already


class Template:
    """A template opened for one report. Raises ``DataError`` naming its file and everything that it lacks."""

    def __init__(self, path: Path, scale: float = 1.0) -> None:
        self.path = path
        self._jinja = SandboxedEnvironment(loader=DictLoader({}), autoescape=True, undefined=StrictUndefined)
        try:
            self.word = DocxTemplate(str(path))
            self.word.init_docx()
        except (OSError, BadZipFile, PackageNotFoundError, KeyError, ValueError, SyntaxError) as error:
            raise DataError(Problem("not a Word file (.docx) that can be opened", file=path.name)) from error
        self._ids = self._style_ids()
        problems = [*self._lacking_styles(), *(self._open_signs() or self._wrong_names())]
        if problems:
            raise DataError([problem.at(file=path.name) for problem in problems])
        if scale != 1.0:
            self._scale(scale)

    def _scale(self, scale: float) -> None:
        """Make all letters larger or smaller, and the space between paragraphs with them."""
        for tag, names in (("sz", ("val",)), ("szCs", ("val",)), ("spacing", ("before", "after"))):
            for element in self.word.docx.styles.element.iter(qn(f"w:{tag}")):
                for name in names:
                    if value := element.get(qn(f"w:{name}")):
                        element.set(qn(f"w:{name}"), str(round(int(value) * scale)))

    def __getitem__(self, style: str) -> str:
        """The id of a style: Word writes it in its own language, only the name is the same everywhere."""
        return self._ids[style.lower()]

    @functools.cache  # noqa: B019 - a template lives as long as one report
    def size(self, style: str) -> float:
        """The size of the letters of a paragraph style, in points."""
        by_id = {element.styleId: element for element in self.word.docx.styles.element.style_lst}
        element = by_id.get(self[style])
        while element is not None:
            found = element.find(f"{qn('w:rPr')}/{qn('w:sz')}")
            if found is not None:
                return float(found.get(qn("w:val"))) / 2
            based = element.find(qn("w:basedOn"))
            element = by_id.get(based.get(qn("w:val"))) if based is not None else None
        path = f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}/{qn('w:sz')}"
        default = self.word.docx.styles.element.find(path)
        return float(default.get(qn("w:val"))) / 2 if default is not None else 10.0

    def filled(self, values: Mapping[str, object]) -> WordDocument:
        """The document with ``values`` put in, head and foot of its pages included."""
        try:
            self.word.render(dict(values), self._jinja, autoescape=True)
        except Exception as error:  # what stands in a template may fail in any way
            raise DataError(self._jinja_problem(error).at(file=self.path.name)) from error
        word: WordDocument = self.word.docx
        return word

    def _style_ids(self) -> dict[str, str]:
        found = {}
        for kind in STYLES:
            for element in self.word.docx.styles.element.style_lst:
                name = element.find(qn("w:name"))
                if element.get(qn("w:type")) == kind and name is not None:
                    found[name.get(qn("w:val")).lower()] = element.styleId
        return found

    def _lacking_styles(self) -> list[Problem]:
        lacking = [style for styles in STYLES.values() for style in styles if style.lower() not in self._ids]
        if not lacking:
            return []
        names = ", ".join(lacking)
        return [
            Problem(
                "the Word template lacks styles: {names}; start from a copy of the template {packaged_name} of parlib",
                names=names,
                packaged_name=PACKAGED.name,
            )
        ]

    def _open_signs(self) -> list[Problem]:
        """Paragraphs with a {{ or {% that is not closed in them: it would swallow what follows in silence."""
        parts = [self.word.docx.element, *(part.element for part in self._heads_and_feet())]
        found = []
        for paragraph in (paragraph for part in parts for paragraph in part.iter(qn("w:p"))):
            text = "".join(piece.text or "" for piece in paragraph.iter(qn("w:t")))
            if any(text.count(sign) != text.count(end) for sign, end in (("{{", "}}"), ("{%", "%}"))):
                found.append(Problem("a {{{{ }}}} or {{% %}} without its other half", value=text))
        return found

    def _heads_and_feet(self) -> list[Part]:
        kinds = (RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER)
        return [relation.target_part for relation in self.word.docx.part.rels.values() if relation.reltype in kinds]

    def _wrong_names(self) -> list[Problem]:
        """Names that are not known, a body that is not there, and signs that are no template."""
        try:
            named = self.word.get_undeclared_template_variables(self._jinja)
        except TemplateError as error:
            return [self._jinja_problem(error)]
        known = ", ".join(NAMES)
        problems = [
            Problem(
                "a Word template has no such name; there are: {known}{near}",
                value=name,
                near=near(name, NAMES),
                known=known,
            )
            for name in sorted(named - set(NAMES))
        ]
        if "body" not in named:
            problems.append(Problem("the Word template lacks the paragraph {{{{ body }}}}"))
        return problems

    @staticmethod
    def _jinja_problem(error: Exception) -> Problem:
        return Problem(
            "cannot read what stands between {{{{ }}}} or {{% %}} in the Word template ({error})", error=error
        )


def path() -> Path:
    """The house's own template, ``data/templates/report.docx``, where there is one, else the one of parlib."""
    own = places.data() / "templates" / "report.docx"
    return own if own.is_file() else PACKAGED
