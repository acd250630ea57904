"""What a workbook says by itself, beside what the report shows: in the language of the report."""

from __future__ import annotations

from collections.abc import Mapping

from parlib.words import Message

WORDS: Mapping[str, Message] = {
    "contents": Message("Contents"),
    "codebook": Message("Code book"),
    "back": Message("← Contents"),
    "about": Message(
        "The Excel workbook of the report: every table, and the data of every figure, nothing computed again."
    ),
    "key_figures": Message("Key figures"),
    "reading": Message("How to read"),
    "sheet": Message("Sheet"),
    "content": Message("Content"),
    "rows": Message("Rows"),
    "kind": Message("Kind"),
    "table": Message("Table"),
    "figure": Message("Figure"),
    "chart_and_data": Message("Chart and data"),
    "data_only": Message("Data of a figure"),
    "read_exact": Message(
        "Number cells hold the unrounded value (to nine decimals) and show it as the report prints it."
    ),
    "read_unknown": Message("An empty grey cell: not known. It is not nought, and Excel does not add it."),
    "read_range": Message("Text such as “from–to”: the number is known only to lie between two bounds."),
    "read_mark": Message("A narrow column “†” holds the note letter of the cell to its left: see below the table."),
    "read_total": Message(
        "A total row is a formula where it is exactly the sum or mean of the rows above; else a number."
    ),
    "read_chart": Message(
        "Charts are drawn by Excel from the data on the same sheet: they can be edited and used again."
    ),
    "source": Message("Source"),
    "page": Message("Page"),
    "helper": Message("Helper data of the chart"),
    "scheme_nodes": Message("Areas, criteria and their maxima"),
    "columns_of": Message("The columns of every table"),
    "data_columns": Message("The columns of the open data that goes with the report"),
    "column": Message("Column"),
    "group": Message("Group"),
    "meaning": Message("Meaning"),
    "unit": Message("Unit"),
    "format": Message("Format"),
    "made": Message("How it is made"),
    "from": Message("Taken from"),
    "key": Message("Key"),
    "dataset": Message("Data set"),
    "code": Message("Code"),
    "name": Message("Name"),
    "maximum": Message("Maximum"),
}

FORMATS: Mapping[str, Message] = {
    "text": Message("text"),
    "number": Message("number, {n} decimals"),
    "integer": Message("whole number"),
    "rank": Message("rank"),
    "change": Message("up (+) or down (−), {n} decimals"),
    "percent": Message("percent, {n} decimals"),
}
