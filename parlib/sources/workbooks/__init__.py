"""Excel, in and out: the scheme as a table, the forms of a round, and what comes back from the units.

What comes from outside stays text: no cell of ours becomes a formula because of what somebody wrote (``safe_text``).
"""

from parlib.sources.excel import plain_text, safe_text
from parlib.sources.workbooks.form_layout import FORM_KINDS, Recorded
from parlib.sources.workbooks.form_read import ReturnedForm, examine_form, read_form
from parlib.sources.workbooks.form_write import form_name, write_form, write_forms
from parlib.sources.workbooks.scheme_book import (
    Imported,
    export_scheme,
    import_scheme,
    read_scheme_book,
    write_template,
)
from parlib.sources.workbooks.scheme_yaml import scheme_yaml, write_scheme_yaml

__all__ = [
    "FORM_KINDS",
    "Imported",
    "Recorded",
    "ReturnedForm",
    "examine_form",
    "export_scheme",
    "form_name",
    "import_scheme",
    "plain_text",
    "read_form",
    "read_scheme_book",
    "safe_text",
    "scheme_yaml",
    "write_form",
    "write_forms",
    "write_scheme_yaml",
    "write_template",
]
