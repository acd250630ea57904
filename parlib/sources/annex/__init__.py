"""The annex of a decision, in: what it prints as a draft of a set of criteria; and one set beside another."""

from parlib.sources.annex.compare import compare_schemes, comparison_lines, shown_again, write_comparison
from parlib.sources.annex.reading import asked, facts_of, read_annex, scheme_of, write_draft
