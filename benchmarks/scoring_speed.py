"""Scoring: all nodes of all units by one matrix product."""

import numpy as np

from parlib.scoring.scheme import load_scheme
from parlib.scoring.scorecard import Scorecard
from parlib.scoring.units import units


def test_score_all_nodes(measure, provinces):
    scheme = load_scheme("876-province")
    points = provinces[2]
    keys = tuple(unit.key for unit in units("province", "63"))
    applicable = np.ones(points.shape, dtype=bool)
    applicable[3, 5] = False
    card = Scorecard(scheme, 2023, "province", keys, points, applicable, np.zeros(points.shape))
    summed, _ = measure("score 63 x 95 leaves, all nodes", 1e-3, card.node_points, rounds=200)
    assert summed.shape == (63, len(card.nodes))
