import numpy as np
import pytest

from parlib.analysis.robustness import PointTree, from_arrays
from parlib.scoring.scheme import load_scheme


@pytest.fixture(scope="session")
def shape_of_876():
    """The leaves of the province scheme with their maxima, and the parents of its nodes."""
    scheme = load_scheme("876-province")
    return {leaf.code: leaf.maximum for leaf in scheme.leaves}, {node.code: node.parent for node in scheme.nodes}


@pytest.fixture(scope="session")
def province_tree(shape_of_876) -> PointTree:
    """63 units with quarter points on the 95 leaves of the province scheme; some criteria do not apply to some."""
    maxima, parents = shape_of_876
    random = np.random.default_rng(876)
    maximum = np.array(list(maxima.values()))
    points = np.round(random.beta(6, 2, (63, len(maxima))) * maximum * 4) / 4
    applicable = np.ones(points.shape)
    applicable[3, 5] = applicable[20, 30] = 0
    applicable[40, 60:64] = 0
    return from_arrays(points, maxima, parents=parents, applicable=applicable)
