"""What the yearly report says beside results and criteria: scope, satisfaction, impact, certainty, assessment, annexes.

Each module takes a ``View`` and frames of the analysis and gives blocks; what has no data is an empty sequel.
"""

from parlib.presentation.yearly.apart import apart
from parlib.presentation.yearly.assessment import assessment
from parlib.presentation.yearly.certainty import certainty
from parlib.presentation.yearly.impact import impact
from parlib.presentation.yearly.satisfaction import satisfaction
from parlib.presentation.yearly.scope import scope

__all__ = ["apart", "assessment", "certainty", "impact", "satisfaction", "scope"]
