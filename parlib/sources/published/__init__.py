"""Published results of past years, and related indices, as ``Results``: the PAR INDEX of provinces and ministries,
PAPI, SIPAS, PCI, DTI and GRDP. What is not known stays unknown; see docs/published-data.md."""

from parlib.sources.published.pages import (
    Satisfaction,
    check_explanations,
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
    population,
    results,
    source_text,
    years,
)
from parlib.sources.published.taken import Source, Taken, take

__all__ = [
    "INDEX_NAMES",
    "TOTALS",
    "Satisfaction",
    "Source",
    "Taken",
    "appraised_parts",
    "available",
    "check_explanations",
    "conflicts",
    "index_names",
    "index_title",
    "legal_units",
    "pages_read",
    "population",
    "region_sizes",
    "results",
    "satisfaction",
    "source_conflicts",
    "source_pages",
    "source_text",
    "take",
    "years",
]
