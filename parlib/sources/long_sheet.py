"""A sheet of a workbook that ends in a long table: the rows of the table are written as text, a column at a time.

xlsxwriter keeps an object for each cell; of a table of some hundred thousand cells that takes longer than everything
else that is done to a round. What stands above the table is written as on any sheet.
"""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from parlib.sources.excel import clean_text, is_dangerous
from parlib.tables import column_letter

Cells = Sequence[str | float | None]


class LongSheet(Worksheet):  # type: ignore[misc]
    """The sheet: to be made by ``Workbook.add_worksheet(name, LongSheet)``."""

    def __init__(self) -> None:
        super().__init__()
        self._long: list[str] = []

    def put_table(self, top: int, columns: Sequence[tuple[Cells, Format, Format]]) -> None:
        """Put ``columns`` from the row ``top`` (from 0) on, nothing below them: of each its cells, their look, and that
        of texts that a spreadsheet could take for formulas. What is not there is left out."""
        n = len(columns[0][0]) if columns else 0
        rows, texts = list(map(str, range(top + 1, top + n + 1))), dict[str, tuple[int, bool]]()
        written = [self._column(column_letter(place), rows, *column, texts) for place, column in enumerate(columns, 1)]
        starts = [f'<row r="{row}">' for row in rows]
        self._long = list(map("".join, zip(starts, *written, ["</row>"] * n, strict=True)))
        if n:
            self.dim_rowmax = top + n - 1

    def add_table(
        self, first_row: int, first_col: int, last_row: int, last_col: int, options: dict[str, object] | None = None
    ) -> int:
        """Make the long table an Excel Table. That no cell of it is in another one needs no look at each."""
        result: int = super().add_table(first_row, first_col, first_row + 1, last_col, options)
        whole = xl_range(first_row, first_col, last_row, last_col)
        self.tables[-1].update((key, whole) for key in ("range", "autofilter") if self.tables[-1].get(key))
        return result

    def _column(
        self,
        letter: str,
        rows: Sequence[str],
        cells: Cells,
        look: Format,
        quoted: Format,
        texts: dict[str, tuple[int, bool]],
    ) -> list[str]:
        styles = [made._get_xf_index() for made in (look, quoted)]
        numbers, words = f'" s="{styles[0]}"><v>', [f'" s="{style}" t="s"><v>' for style in styles]
        ends: dict[str | float | None, str] = {None: "", "": ""}  # of a cell, after its place: many hold the same
        for cell in dict.fromkeys(cells):
            if isinstance(cell, str) and cell:
                place, dangerous = texts.get(cell) or texts.setdefault(cell, self._shared(cell))
                ends[cell] = f"{words[dangerous]}{place}</v></c>"
            elif cell not in ends:
                ends[cell] = f"{numbers}{cell:.16G}</v></c>"
        start = f'<c r="{letter}'
        return [f"{start}{row}{end}" if (end := ends[cell]) else "" for row, cell in zip(rows, cells, strict=True)]

    def _shared(self, text: str) -> tuple[int, bool]:
        """The place of a text among those that the sheets of a workbook share, and whether it looks like a formula."""
        clean = clean_text(text)
        return self.str_table._get_shared_string_index(clean), is_dangerous(clean)

    def _write_rows(self) -> None:
        short, self.dim_rowmax = self.dim_rowmax, max(self.table, default=0)
        super()._write_rows()
        self.dim_rowmax = short
        self.fh.writelines(self._long)
