"""Tasks that measure memory: sequences whose answer hangs on something far back, and how long learning them takes.

Every sequence is made when it is needed and shown once, so that nothing can be learned by heart: what is measured is
whether a cell can carry something over so many steps, and how soon it learns to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from torch import Tensor

LETTERS = 8
"""Symbols that the copying and the lag task tell apart."""

COPIED = 5
"""Symbols that the copying task has to keep."""


class Batch(NamedTuple):
    """Sequences and what is to be said at their ends.

    Attributes:
        inputs: batch x time x feature, float32.
        targets: batch x answers: real numbers, float32, or symbols' numbers, int64.
    """

    inputs: NDArray[np.float32]
    targets: NDArray[Any]


def adding(length: int, size: int, rng: np.random.Generator) -> Batch:
    """Two features a step, a number of [0, 1) and a mark; the target is the sum of the two marked numbers.

    One mark is in each half. Who always says 1 has a mean squared error of 1/6.

    Hochreiter, S. & Schmidhuber, J. (1997). Long short-term memory. Neural Computation 9(8), 1735-1780, in the form of
    Le, Q. V., Jaitly, N. & Hinton, G. E. (2015). A simple way to initialize recurrent networks of rectified linear
    units. arXiv:1504.00941.
    """
    rows = np.arange(size)
    values = rng.random((size, length), np.float32)
    marks = np.zeros((size, length), np.float32)
    early, late = rng.integers(0, length // 2, size), rng.integers(length // 2, length, size)
    marks[rows, early] = marks[rows, late] = 1
    return Batch(np.stack((values, marks), axis=2), (values[rows, early] + values[rows, late])[:, None])


def copying(length: int, size: int, rng: np.random.Generator) -> Batch:
    """Five symbols out of eight, ``length`` blanks, five times the sign to answer; the targets are the five symbols.

    The features are one for each symbol, the blank and the sign. Chance is an accuracy of 1/8. Only the answers count;
    some papers also count the blanks, which makes every loss look small.

    Hochreiter & Schmidhuber (1997), in the form of Arjovsky, M., Shah, A. & Bengio, Y. (2016). Unitary evolution
    recurrent neural networks. ICML.
    """
    symbols = rng.integers(0, LETTERS, (size, COPIED))
    read = np.full((size, length + 2 * COPIED), LETTERS)
    read[:, :COPIED] = symbols
    read[:, -COPIED:] = LETTERS + 1
    return Batch(_one_hot(read, LETTERS + 2), symbols)


def lag(length: int, size: int, rng: np.random.Generator) -> Batch:
    """A symbol out of eight, then other ones by chance, ``length`` in all; the target is the first.

    The first symbol's features are its own, so that it can be told from the distractors. Chance is an accuracy of 1/8.

    After task 2 of Hochreiter & Schmidhuber (1997), long time lags.
    """
    symbols = rng.integers(0, LETTERS, size)
    read = rng.integers(LETTERS, 2 * LETTERS, (size, length))
    read[:, 0] = symbols
    return Batch(_one_hot(read, 2 * LETTERS), symbols[:, None])


def _one_hot(symbols: NDArray[np.integer[Any]], kinds: int) -> NDArray[np.float32]:
    rows: NDArray[np.float32] = np.eye(kinds, dtype=np.float32)[symbols]
    return rows


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a network is trained on a task: the same for every cell.

    Attributes:
        hidden: units.
        batch: sequences in a batch.
        learning_rate: of Adam.
        clip: the gradient's norm at most.
        steps: after so many updates a run that has not solved the task is given up.
    """

    hidden: int
    batch: int
    learning_rate: float
    clip: float
    steps: int


@dataclass(frozen=True, kw_only=True)
class MemoryTask:
    """A task.

    Attributes:
        make: length, batch size and random numbers to a batch.
        features: of a step.
        answers: how many at the end of a sequence.
        classes: of an answer; 0 for a real number.
        measure: what is averaged to judge a run.
        threshold: the task is solved when the mean over ``WINDOW`` batches is under this.
        recipe: how networks are trained on it.
    """

    make: Callable[[int, int, np.random.Generator], Batch]
    features: int
    answers: int = 1
    classes: int = 0
    measure: str
    threshold: float
    recipe: Recipe

    def judge(self, outputs: Tensor, targets: Tensor) -> tuple[Tensor, float]:
        """The loss of outputs, batch x answers x (classes or 1), and the measure of how wrong they are."""
        if not self.classes:
            loss = nn.functional.mse_loss(outputs[..., 0], targets)
            return loss, loss.item()
        loss = nn.functional.cross_entropy(outputs.flatten(0, 1), targets.flatten())
        return loss, 1 - (outputs.argmax(2) == targets).double().mean().item()


TASKS: dict[str, MemoryTask] = {
    "adding": MemoryTask(
        make=adding,
        features=2,
        measure="mean squared error",
        threshold=0.01,
        recipe=Recipe(hidden=64, batch=50, learning_rate=0.005, clip=1.0, steps=5000),
    ),
    "copying": MemoryTask(
        make=copying,
        features=LETTERS + 2,
        answers=COPIED,
        classes=LETTERS,
        measure="share of wrong symbols",
        threshold=0.01,
        recipe=Recipe(hidden=64, batch=50, learning_rate=0.005, clip=1.0, steps=5000),
    ),
    "lag": MemoryTask(
        make=lag,
        features=2 * LETTERS,
        classes=LETTERS,
        measure="share of wrong answers",
        threshold=0.01,
        recipe=Recipe(hidden=64, batch=50, learning_rate=0.005, clip=1.0, steps=5000),
    ),
}
"""Every task by its name."""
