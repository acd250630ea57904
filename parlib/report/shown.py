"""What a notebook keeps beside what it shows, so that documents can take it: the cells of a frame, exact and whole, and
figures of matplotlib as blocks. An extension of IPython: ``import parlib`` loads it, so do the kernels of reports.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from IPython.core.interactiveshell import InteractiveShell
    from matplotlib.figure import Figure

MIME = "application/vnd.parlib.frame+json"
MOST_CELLS = 20_000  # of a frame that is kept; of a larger one the first rows

_LAB = "JPY_SESSION_NAME"  # who explores in JupyterLab does not wait for the print of every figure


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Keep frames, and outside JupyterLab figures, beside what ``shell`` shows of them."""
    if shell.display_formatter is None:
        return
    keep = shell.display_formatter.mimebundle_formatter.for_type_by_name
    for module in ("pandas", "pandas.core.frame"):
        keep(module, "DataFrame", _of_frame)
    for module in ("pandas", "pandas.core.series"):
        keep(module, "Series", lambda series: _of_frame(series.to_frame()))
    if _LAB not in os.environ:
        keep("matplotlib.figure", "Figure", _of_figure)


def _of_frame(frame: pd.DataFrame) -> Mapping[str, object]:
    return {MIME: kept(frame)} if len(frame.columns) else {}


def kept(frame: pd.DataFrame) -> dict[str, object]:
    """A frame as JSON holds it: heads (a list for each column), type and cells of its columns, its index before them
    where it says anything; how many rows there are in all; of an answer of a year what it is of."""
    import pandas as pd

    from parlib.answers import Answer

    is_answer, about = isinstance(frame, Answer), dict(frame.attrs)
    plain = frame.shown if isinstance(frame, Answer) else frame
    n = len(plain)
    plain = pd.DataFrame(plain.head(max(1, MOST_CELLS // len(plain.columns)) if len(plain.columns) else 0))
    names: list[object] = list(plain.columns)
    heads = [list(map(_text, name if isinstance(name, tuple) else [name])) for name in names]
    columns = [plain.iloc[:, place] for place in range(len(heads))]
    index = plain.index
    if not is_answer and not (isinstance(index, pd.RangeIndex) and index.name is None and index.start == 0):
        levels = [index.get_level_values(level) for level in range(index.nlevels)]
        heads = [*([_text(level.name)] for level in levels), *heads]
        columns = [*(pd.Series(level) for level in levels), *columns]
    whole = [pd.api.types.is_integer_dtype(c) for c in columns]
    number = [pd.api.types.is_numeric_dtype(c) and not pd.api.types.is_bool_dtype(c) for c in columns]
    cells = [
        [None if pd.isna(v) else float(v) if is_number else _text(v) for v in column.astype("object")]
        for column, is_number in zip(columns, number, strict=True)
    ]
    kinds = ["integer" if w else "number" if is_number else "text" for w, is_number in zip(whole, number, strict=True)]
    told = {str(key): str(value) for key, value in about.items()} if is_answer else {}
    caption = "" if is_answer else str(about.get("caption", ""))
    return {"heads": heads, "kinds": kinds, "columns": cells, "n": n, "about": told, "caption": caption}


def _text(value: object) -> str:
    """A head or cell that is no number: days without the hour that they do not have."""
    return "" if value is None else str(value).removesuffix(" 00:00:00")


def _of_figure(drawn: Figure) -> Mapping[str, object]:
    from parlib.report.blocks import MIME as BLOCK
    from parlib.report.chart import figure

    if drawn.get_layout_engine() is None:
        drawn.tight_layout()  # as the picture of a notebook is: nothing is cut at its edges
    return {BLOCK: figure(drawn, drawn.get_suptitle()).to_data()}
