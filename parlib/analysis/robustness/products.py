"""Matrix products in pieces, each small enough that the BLAS does it on one thread.

The products here are small and many. Spread over threads they wait for each other, which on a busy machine costs ten
times what it gains; and on one thread the bytes of a result do not depend on the number of cores.
"""

from __future__ import annotations

import numpy as np

from parlib.analysis.robustness.tree import Floats

LIMIT = 250_000  # multiplications: OpenBLAS stays on one thread up to 262,144


def product(left: Floats, right: Floats) -> Floats:
    """``left @ right``."""
    n_rows, n_inner = left.shape
    n_columns = right.shape[1]
    found = np.empty((n_rows, n_columns))
    if n_rows * n_columns * n_inner <= LIMIT or not n_rows * n_columns:
        np.matmul(left, right, out=found)
    elif n_inner > max(n_rows, n_columns):
        found[:] = 0.0
        step = max(1, LIMIT // (n_rows * n_columns))
        for start in range(0, n_inner, step):
            found += left[:, start : start + step] @ right[start : start + step]
    elif n_rows >= n_columns:
        step = max(1, LIMIT // (n_columns * n_inner))
        for start in range(0, n_rows, step):
            np.matmul(left[start : start + step], right, out=found[start : start + step])
    else:
        step = max(1, LIMIT // (n_rows * n_inner))
        for start in range(0, n_columns, step):
            found[:, start : start + step] = left @ right[:, start : start + step]
    return found
