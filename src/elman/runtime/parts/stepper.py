"""One sequence through an encoder, a step at a time: what writing text needs, without the lanes of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from elman.runtime.recurrence import Recurrence

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float32]

_CACHED_ROWS = 4096
"""So many symbols at most have what they are to the first layer computed beforehand."""


class Stepper:
    """Reads symbols one after the other and holds the state in between.

    The state is that of ``elman.runtime.parts.basic.Encoder`` with blocks of one lane instead of sixteen: a product
    with one column takes as long as reading the weights does. Its last bits may differ from a batch's.

    Args:
        encode: a forward one.
        vectors: from symbols, n, to what the encoder reads, n x inputs.
        rows: how many symbols there are.
    """

    def __init__(self, encode: Any, vectors: Callable[[NDArray[np.int32]], Array], rows: int) -> None:
        self._sides: list[Recurrence] = []
        for (side,) in encode.layers:
            assert isinstance(side, Recurrence)
            self._sides.append(side)
        self._vectors = vectors
        self._cached = None
        if rows <= _CACHED_ROWS:
            self._cached = self._sides[0].project(vectors(np.arange(rows, dtype=np.int32)))  # rows x gates
        self._gates = [np.empty((1, side.gates, 1), np.float32) for side in self._sides]
        self.restart()

    def restart(self) -> None:
        """Forget everything."""
        self._held = [
            [np.full((1, side.hidden, 1), start, np.float32) for start in side.start[: side.states]]
            for side in self._sides
        ]

    def read(self, symbol: int) -> Array:
        """One step; the last layer's output, hidden, which is the caller's own."""
        if self._cached is not None:
            inputs = self._cached[symbol]
        else:
            inputs = self._project(self._sides[0], self._vectors(np.array([symbol], np.int32))[0])
        for at, (side, held, gates) in enumerate(zip(self._sides, self._held, self._gates, strict=True)):
            if at:
                inputs = self._project(side, self._held[at - 1][0][0, :, 0])
            if len(side.weight_hh):
                np.dot(side.weight_hh, held[0][0, :, 0], out=gates[0, :, 0])
            else:
                gates[:] = 0
            side.step(held, gates, inputs[None, :, None])
        return self._held[-1][0][0, :, 0].copy()

    def carry(self) -> tuple[tuple[Array, ...], ...]:
        """The state as ``encode.run`` takes it, of one sequence; the caller's own."""
        return tuple(tuple(part[:, :, 0].copy() for part in held) for held in self._held)

    def _project(self, side: Recurrence, x: Array) -> Array:
        return np.asarray(side.weight_ih @ x + side.bias)
