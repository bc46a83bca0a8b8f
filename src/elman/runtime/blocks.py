"""Matrix products whose rows do not depend on each other.

A linear algebra library picks its kernel by the size of the matrices, and kernels differ in the last bit:
what a sentence gets would depend on how many others are computed with it, and on its place among them. So
every product here has one size, ``BLOCK`` columns at a time, the columns that nobody needs filled up. Sixteen
is a whole number of the vectors of all common processors, so that all columns go through the same
instructions. It costs nothing: these products are as fast as larger ones (docs/decisions/0004).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 16
"""Columns of one product."""

_AT_ONCE = 8
"""Blocks whose product is held before it is turned into rows; small enough for a processor's cache."""


def blocks_for(rows: int) -> int:
    """How many blocks hold so many rows."""
    return -(-rows // BLOCK)


def linear(x: NDArray[np.float32], weight: NDArray[np.float32], bias: NDArray[np.float32]) -> NDArray[np.float32]:
    """``x @ weight.T + bias``.

    Args:
        x: n x in.
        weight: out x in.
        bias: out.

    Returns:
        n x out.
    """
    rows, size = x.shape
    count = blocks_for(rows)
    result = np.empty((count, BLOCK, len(weight)), np.float32)
    columns = np.zeros((_AT_ONCE, size, BLOCK), np.float32)
    product = np.empty((_AT_ONCE, len(weight), BLOCK), np.float32)
    for first in range(0, count, _AT_ONCE):
        part = x[first * BLOCK : (first + _AT_ONCE) * BLOCK]
        whole, rest = divmod(len(part), BLOCK)
        columns[:whole] = part[: whole * BLOCK].reshape(whole, BLOCK, size).swapaxes(1, 2)
        if rest:
            columns[whole, :, :rest] = part[whole * BLOCK :].T
            columns[whole, :, rest:] = 0
        used = blocks_for(len(part))
        np.matmul(weight, columns[:used], out=product[:used])
        result[first : first + used] = product[:used].swapaxes(1, 2)
    result += bias
    return result.reshape(-1, len(weight))[:rows]
