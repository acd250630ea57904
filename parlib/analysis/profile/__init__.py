"""One unit in frames: where it stands, what moved it, how it did by area, where it lost points, what would lift it."""

from parlib.analysis.profile.losses import Losses
from parlib.analysis.profile.standing import Related, Standing
from parlib.analysis.profile.tables import index_tables
from parlib.analysis.profile.unit import Profile, profile
from parlib.analysis.profile.ways import Ladder

__all__ = ["Ladder", "Losses", "Profile", "Related", "Standing", "index_tables", "profile"]
