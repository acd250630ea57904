"""Excel, in and out: the scheme as a table, the forms of a round, and what comes back from the units.

What comes from outside stays text: no cell of ours becomes a formula because of what somebody wrote (``safe_text``).
"""

from parlib.sources.excel import plain_text, safe_text
from parlib.sources.workbooks.form_read import examine_form, read_form
from parlib.sources.workbooks.form_write import write_form, write_forms
from parlib.sources.workbooks.returned import Preview, Returned, enter, preview, read_returned
from parlib.sources.workbooks.scheme_book import (
    export_scheme,
    import_scheme,
    read_scheme_book,
    write_template,
)
from parlib.sources.workbooks.scheme_yaml import scheme_yaml, write_scheme_yaml
