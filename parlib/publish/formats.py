"""The formats of a report, and what each is written from: what one run of a notebook showed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path

from nbformat import NotebookNode, v4

from parlib import data_tables
from parlib.errors import ParameterError, named
from parlib.publish import page
from parlib.publish.document import Document, Properties, document, in_format
from parlib.publish.own import UNCHECKED, Adopted, adopted, has_data
from parlib.publish.parameters import KINDS, YEARLY, ReportParameters
from parlib.report.blocks import MARKS, MIME, Block, Wording
from parlib.scoring import units
from parlib.sources.published import par
from parlib.words import FIRST, SOURCE, Message, Name

#: The ending of each format's file, and the module whose ``write(shown, path)`` writes it.
FORMATS: Mapping[str, tuple[str, str]] = {
    "html": ("html", "page"),
    "pdf": ("pdf", "pdf"),
    "docx": ("docx", "word"),
    "xlsx": ("xlsx", "workbook"),
    "press": ("press.zip", "press"),
    "data": ("data.zip", "open_data"),
}


#: What people call the formats, where the ending in capitals is not it.
NAMES: Mapping[str, Message] = {
    "docx": Message("Word"),
    "xlsx": Message("Excel"),
    "press": Message("Press kit"),
    "data": Message("Open data"),
}

#: What the name of a second Excel workbook ends in, which holds the annexes that have no room in the first.
ANNEX = Message("-annex")


def annex_path(path: Path, language: str) -> Path:
    """Where the annex of the workbook ``path`` stands: beside it."""
    return path.with_name(f"{path.stem}{ANNEX.text(language)}{path.suffix}")


@dataclass(frozen=True)
class Shown:
    """What a report showed: its executed notebook, as a document and as a page. ``stem`` names its files,
    ``formats`` are those that they are written in."""

    parameters: ReportParameters
    notebook: NotebookNode
    stem: str = ""
    formats: tuple[str, ...] = ()
    instead: Message | None = None  # the mark of one that nobody checks: edited, or never published
    is_adopted: bool = False  # whether its notebook shows blocks and nothing else
    _kept: dict[str, Shown] = field(default_factory=dict, repr=False, compare=False)

    def in_format(self, kind: str) -> Shown:
        """It as the format ``kind`` shows it: some sections stand in other formats alone."""
        kind = "html" if kind == "pdf" else kind  # PDF is set from the page
        if kind not in self._kept:
            whole = self.own.notebook
            notebook = in_format(whole, kind)
            apart = replace(self, notebook=notebook, is_adopted=True, _kept={})
            self._kept[kind] = self if notebook is whole else apart
        return self._kept[kind]

    @property
    def _notebook(self) -> str:
        """The name of a notebook of one's own; "" of one of the house."""
        name = Path(str(self.notebook.metadata.get("papermill", {}).get("input_path") or "")).stem
        return "" if name in (YEARLY, *KINDS) else name

    @property
    def _name(self) -> str:
        """What the report is called where no cell says it: of a notebook of one's own, with its name."""
        return " – ".join(filter(None, (self._notebook.replace("_", " "), self.parameters.name)))

    @cached_property
    def mark(self) -> Message | None:
        """What it is marked with where none of its numbers is checked: it was edited, or one's own notebook hands over
        no data by which blocks of ours could be."""
        return self.instead or (UNCHECKED if self._notebook and not has_data(self.notebook) else None)

    @cached_property
    def own(self) -> Adopted:
        """The notebook with everything that it shows as blocks, and how many of them are unchecked."""
        about = self.parameters
        if self.is_adopted:
            return Adopted(self.notebook)

        def marks() -> tuple[str, ...]:
            return (Wording(about.language).say(MARKS["simulated"]),) if about.is_simulated else ()

        return adopted(self.notebook, about.language, self._name, marks, self.mark)

    @cached_property
    def document(self) -> Document:
        """The blocks of the notebook in order."""
        return document(self.own.notebook, self.parameters.language, self._name)

    @cached_property
    def checkable(self) -> Document:
        """Those of its blocks whose numbers are worked out again, and no others."""
        checked = v4.new_notebook() if self.mark else self.notebook
        return document(checked, self.parameters.language, self.parameters.name)

    @cached_property
    def properties(self) -> Properties:
        """What every file of the report says of itself."""
        about, document = self.parameters, self.document
        index = par.index_name_of(about.index_name)
        level = Name(*(data_tables.levels()[about.level][column] for column in ("all_vi", "all_en")))
        unit = units.name(about.unit, about.language) if about.unit else ""
        subject = Message("{index} in {year}: {about}", {"index": index, "year": about.year, "about": unit or level})
        words = [index.text(FIRST), index.text(SOURCE), str(about.year), level.text(about.language), unit]
        return Properties(
            document.full_title,
            data_tables.issuer(about.level).text(about.language) or document.words["issuer"],
            subject.text(about.language),
            tuple(dict.fromkeys(filter(None, (*words, about.round_id, *document.title.marks)))),
            about.language,
            about.year,
        )

    @cached_property
    def html(self) -> str:
        """The notebook as one page, with links to the other formats beside it."""
        return page.html_page(self.own.notebook, self.parameters.language, self.properties, self._links())

    def _links(self) -> tuple[tuple[str, str], ...]:
        language = self.parameters.language
        others = [kind for kind in FORMATS if kind in self.formats and kind != "html"]
        return tuple((name(kind, language), f"{self.stem}.{FORMATS[kind][0]}") for kind in others)


def of_blocks(given: Iterable[Block], parameters: ReportParameters, stem: str) -> Shown:
    """Blocks that no notebook showed, written like those of a report: for the house, and not published."""
    outputs = [v4.new_output("display_data", data={MIME: block.to_data()}) for block in given]
    return Shown(parameters, v4.new_notebook(cells=[v4.new_code_cell(outputs=outputs)]), stem)


def name(kind: str, language: str) -> str:
    """What a format is called."""
    return NAMES[kind].text(language) if kind in NAMES else kind.upper()


def write(kind: str, shown: Shown, path: Path) -> list[Path]:
    """Write ``shown`` to ``path`` in the format ``kind``. Returns the files: a workbook may have an annex beside it."""
    module = import_module(f"parlib.publish.{FORMATS[kind][1]}")  # each brings its own heavy library
    return module.write(shown.in_format(kind), path) or [path]


def check_formats(to: tuple[str, ...]) -> None:
    """Raise ``ParameterError`` where a format is not known."""
    if not named(to, FORMATS, Message("format")):
        raise ParameterError("no format given")
