"""What each index is called and how its numbers are printed, and what the marks on numbers mean: data, no code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from parlib.data_tables import scale
from parlib.report.wording import message


@dataclass(frozen=True, slots=True)
class Measure:
    """What an index is called, and how its numbers are printed. The texts are identifiers of the catalogues.

    ``in_points``  printed as points reached, as its publisher does, and not as percent of the maximum.
    ``sections``   what its report has beside the whole index: "groups", "parts" (components), "areas".
    """

    name: str
    full_name: str
    area: str
    areas: str
    source: str
    index_name: str
    sections: frozenset[str] = frozenset()
    unit: str = message("points")

    @property
    def in_points(self) -> bool:
        return scale(self.index_name).unit != "percent"

    @property
    def decimals(self) -> int:
        return scale(self.index_name).decimals


MEASURES: Mapping[str, Measure] = {
    "par": Measure(
        message("PAR INDEX"),
        message("Public Administration Reform Index (PAR INDEX)"),
        message("area"),
        message("areas"),
        message("Source: results of the PAR INDEX published by the Ministry of Home Affairs."),
        "par",
        sections=frozenset({"groups", "parts", "areas"}),
    ),
    "sipas": Measure(
        message("SIPAS"),
        message("Satisfaction Index of Public Administrative Services (SIPAS)"),
        message("area"),
        message("areas"),
        message("Source: SIPAS results published by the Ministry of Home Affairs."),
        "sipas",
    ),
    "papi": Measure(
        message("PAPI"),
        message("Provincial Governance and Public Administration Performance Index (PAPI)"),
        message("dimension"),
        message("dimensions"),
        message("Source: PAPI (CECODES, RTA and UNDP)."),
        "papi",
        sections=frozenset({"areas"}),
    ),
    "pci": Measure(
        message("PCI"),
        message("Provincial Competitiveness Index (PCI)"),
        message("sub-index"),
        message("sub-indices"),
        message("Source: PCI (VCCI)."),
        "pci",
    ),
    "dti": Measure(
        message("DTI"),
        message("Digital Transformation Index (DTI)"),
        message("pillar"),
        message("pillars"),
        message("Source: DTI (Ministry of Information and Communications)."),
        "dti",
    ),
    "grdp": Measure(
        message("GRDP per capita"),
        message("Gross regional domestic product per capita"),
        message("sector"),
        message("sectors"),
        message("Source: provincial statistics, second-hand and lightly checked."),
        "grdp",
        unit=message("million dong"),
    ),
}

MARKS = {
    "illustrative_scheme": message("Illustrative set of criteria: these are not official results."),
    "simulated": message("SIMULATED DATA: not real results."),
}

#: What a number rests on, where it is not simply published or computed: the letter printed after it, and its words.
FOOTNOTES = {
    "derived": ("a", message("derived by arithmetic from published numbers")),
    "deduced": ("a", message("derived by arithmetic from published numbers")),
    "rounded": ("b", message("published as a rounded number")),
    "secondary": ("c", message("from a third-party data set, not official")),
    "from_list": ("d", message("place in a published list")),
}
