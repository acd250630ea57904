"""A simulated round, marked as such everywhere: complete, reproducible from its seed, with the published totals."""

from parlib.sources.simulation.recipe import Simulated, practice_round, round_id_of, simulate
