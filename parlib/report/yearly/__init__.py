"""What the yearly report says beside results and criteria: scope, satisfaction, impact, certainty, assessment, annexes.

Each module takes a ``View`` and frames of the analysis and gives blocks; what has no data is an empty sequel.
"""

from parlib.report.yearly.apart import apart
from parlib.report.yearly.assessment import assessment
from parlib.report.yearly.certainty import certainty
from parlib.report.yearly.impact import impact
from parlib.report.yearly.satisfaction import satisfaction
from parlib.report.yearly.scope import scope

__all__ = ["apart", "assessment", "certainty", "impact", "satisfaction", "scope"]
