"""Text cut into lanes that are read side by side, a piece at a time, each from where it was left.

Truncated backpropagation through time: Williams, R. J. & Peng, J. (1990). An efficient gradient-based algorithm for
on-line training of recurrent network trajectories. Neural Computation 2(4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from elman.nn.recurrent import Carry


class Lanes:
    """One epoch's text in lanes of the same length.

    Texts come one behind the other in the order given, each lane goes on where the one before it ends. The last
    symbols, fewer than there are lanes, have no place in it; in another order they are others.

    Args:
        inputs: of each text the symbols, an end before the first.
        order: of the texts.
        lanes: at most so many; fewer where a lane would be shorter than a piece.
        steps: of a piece; the last one may have fewer.

    Attributes:
        count: lanes.
        bounds: where pieces begin within a lane, and at last its length.
    """

    def __init__(
        self,
        inputs: Sequence[NDArray[np.int32]],
        order: NDArray[np.int64],
        lanes: int,
        steps: int,
    ) -> None:
        stream = np.concatenate([inputs[at] for at in order.tolist()])
        self.count = max(1, min(lanes, (len(stream) - 1) // steps))
        length = (len(stream) - 1) // self.count
        self._inputs = stream[: length * self.count].reshape(self.count, length)  # lanes x time
        self._targets = stream[1 : length * self.count + 1].reshape(self.count, length)
        self._order = order
        self._starts = np.cumsum([0] + [len(inputs[at]) for at in order.tolist()])
        self.bounds = [*range(0, length, steps), length]

    def batches(self) -> list[NDArray[np.int64]]:
        """All lanes at each piece, as the numbers that ``piece`` takes."""
        lanes = np.arange(self.count, dtype=np.int64)
        return [at * self.count + lanes for at in range(len(self.bounds) - 1)]

    def piece(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
        """Which lanes they are of; what is read there and what is to be foretold, lanes x time."""
        at, lanes = int(numbers[0]) // self.count, numbers % self.count
        piece = slice(*self.bounds[at : at + 2])
        return lanes, self._inputs[lanes, piece], self._targets[lanes, piece]

    def texts(self, numbers: NDArray[np.int64]) -> list[int]:
        """The texts that some lanes are in at the beginning of a piece."""
        at, lanes = int(numbers[0]) // self.count, numbers % self.count
        places = lanes * self._inputs.shape[1] + self.bounds[at]
        return self._order[np.searchsorted(self._starts, places, side="right") - 1].tolist()  # type: ignore[no-any-return]

    def steps(self, numbers: NDArray[np.int64]) -> int:
        """Symbols to foretell."""
        at = int(numbers[0]) // self.count
        return len(numbers) * int(self.bounds[at + 1] - self.bounds[at])


class Carried:
    """The state of each lane before its next piece, without a gradient.

    Lanes of one piece may be asked for and kept by several threads at a time: each has rows of its own.

    Args:
        start: the state before the first step, of all lanes.
    """

    def __init__(self, start: Carry) -> None:
        self._held = [[part.clone() for part in state] for state in start]

    def before(self, lanes: NDArray[np.int64]) -> Carry:
        """The state of some lanes."""
        at = torch.from_numpy(lanes)
        return tuple(tuple(part[at] for part in state) for state in self._held)

    def keep(self, lanes: NDArray[np.int64], after: Carry) -> None:
        """Take the state after a piece."""
        at = torch.from_numpy(lanes)
        for held, state in zip(self._held, after, strict=True):
            for rows, part in zip(held, state, strict=True):
                rows[at] = _plain(part)

    def tensors(self) -> dict[str, Tensor]:
        """The states, by name; for a checkpoint."""
        return {f"{layer}.{at}": part for layer, state in enumerate(self._held) for at, part in enumerate(state)}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take over what ``tensors`` gave."""
        for name, held in self.tensors().items():
            held.copy_(tensors[name])


def _plain(part: Tensor) -> Tensor:
    return part.detach().float()
