"""Published results of past years, and related indices, as ``Results``: the PAR INDEX of provinces and ministries,
PAPI, SIPAS, PCI, DTI and GRDP. What is not known stays unknown; see docs/published-data.md."""

from parlib.sources.published.files import conflicts, source_text
from parlib.sources.published.indices import (
    INDEX_NAMES,
    TOTALS,
    available,
    index_names,
    index_title,
    population,
    results,
    years,
)
from parlib.sources.published.pages import (
    check_explanations,
    legal_units,
    region_sizes,
    source_conflicts,
    source_pages,
)
from parlib.sources.published.par import appraised_parts
from parlib.sources.published.satisfaction import Satisfaction, satisfaction

__all__ = [
    "INDEX_NAMES",
    "TOTALS",
    "Satisfaction",
    "appraised_parts",
    "available",
    "check_explanations",
    "conflicts",
    "index_names",
    "index_title",
    "legal_units",
    "population",
    "region_sizes",
    "results",
    "satisfaction",
    "source_conflicts",
    "source_pages",
    "source_text",
    "years",
]
