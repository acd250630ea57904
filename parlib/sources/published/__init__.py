"""Published results of past years, and related indices, as ``Results``: the PAR INDEX of provinces and ministries,
PAPI, SIPAS, PCI, DTI and GRDP. What is not known stays unknown; see docs/published-data.md."""

from parlib.sources.published.pages import (
    Satisfaction,
    check_explanations,
    known_years,
    legal_units,
    pages_read,
    region_sizes,
    satisfaction,
    source_conflicts,
    source_pages,
)
from parlib.sources.published.par import (
    INDEX_NAMES,
    TOTALS,
    appraised_parts,
    available,
    conflicts,
    index_names,
    index_title,
    levels,
    population,
    results,
    source_text,
    years,
)
from parlib.sources.published.taken import Source, take
