"""One cell on one task that measures memory: after how many updates it is solved."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from elman.errors import UsageError
from elman.inspection.memory_tasks import TASKS
from elman.nn.cells import CELLS
from elman.nn.recurrent import make_recurrent
from elman.training.parallel import one_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from elman.inspection.memory_tasks import MemoryTask

SCHEMA = "elman.cells/1"
"""The name and version of what ``Attempt.to_json`` is part of."""

WINDOW = 100
"""So many batches in a row are averaged to say whether a task is solved."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One cell on one task.

    Attributes:
        task, cell, length, seed: of which run this is.
        solved: the update after which the mean over the last ``WINDOW`` batches was under the threshold; None if
            that did not happen.
        steps: updates made.
        best: the least mean over ``WINDOW`` batches.
        last: the mean over the last ``WINDOW`` batches.
        seconds: that it took.
        parameters: numbers that were learned.
        failed: what went wrong, empty if nothing did.
        curve: update and mean over the last ``WINDOW`` batches, every ``WINDOW`` updates and when solved.
    """

    task: str
    cell: str
    length: int
    seed: int
    solved: int | None
    steps: int
    best: float
    last: float
    seconds: float
    parameters: int
    failed: str = ""
    curve: tuple[tuple[int, float], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Attempt:
        """The inverse of ``to_json``."""
        return cls(**{**values, "curve": tuple((step, value) for step, value in values["curve"])})


class Reader(nn.Module):
    """One layer of a cell that reads forward, and a linear read-out of its last states.

    Args:
        cell: its name.
        task: what it is for.
        hidden: units.
    """

    def __init__(self, cell: str, task: MemoryTask, hidden: int) -> None:
        super().__init__()
        self.answers = task.answers
        self.encode = make_recurrent(cell, task.features, hidden, bidirectional=False)
        self.read = nn.Linear(self.encode.output_size, task.classes or 1)

    def forward(self, x: Tensor) -> Tensor:
        """Batch x time x feature -> batch x answers x (classes or 1)."""
        states, _ = self.encode(x)
        outputs: Tensor = self.read(states[:, -self.answers :])
        return outputs


class SolvedAt:
    """Says when a task is solved: the mean over the last ``WINDOW`` values is under a threshold.

    Args:
        threshold: that mean.
        window: how many values; before there are as many, nothing is solved.
    """

    def __init__(self, threshold: float, window: int = WINDOW) -> None:
        self.threshold = threshold
        self._values: deque[float] = deque(maxlen=window)
        self.best = float("inf")

    def __call__(self, value: float) -> bool:
        """Whether it is, this value included."""
        self._values.append(value)
        if len(self._values) == self._values.maxlen:
            self.best = min(self.best, self.mean)
        return self.best < self.threshold

    @property
    def mean(self) -> float:
        """Of the last values."""
        return float(np.mean(self._values)) if self._values else float("nan")


def attempt(
    name: str,
    cell: str,
    length: int,
    seed: int = 1,
    *,
    steps: int | None = None,
    progress: Callable[[int, float], None] = lambda step, mean: None,  # noqa: ARG005
) -> Attempt:
    """Train one cell on one task until it is solved or the steps are used up.

    Each batch is judged before it is learned from, so that every measure is of sequences not seen before. The batches
    follow from the seed, the length and the step, and are the same for every cell. Runs on one thread.

    Args:
        name: of the task.
        cell: of the cell, as in the settings.
        length: of the sequences, at least 2: steps (adding, lag) or blanks (copying).
        seed: of the weights and the sequences.
        steps: at most; None for the recipe's.
        progress: gets the update and the mean every ``WINDOW`` updates.

    Raises:
        UsageError: if there is no such task or cell, or the length is too small.
    """
    task = check(name, cell, length)
    recipe = task.recipe
    limit = recipe.steps if steps is None else steps
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Reader(cell, task, recipe.hidden)
        optimiser = torch.optim.Adam(network.parameters(), recipe.learning_rate)
        solved = SolvedAt(task.threshold)
        curve: list[tuple[int, float]] = []
        failed, step, done = "", 0, False
        began = time.monotonic()
        while step < limit and not done and not failed:
            step += 1
            inputs, targets = task.make(length, recipe.batch, np.random.default_rng((seed, length, step)))
            loss, wrong = task.judge(network(torch.from_numpy(inputs)), torch.from_numpy(targets))
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's own
            norm = float(nn.utils.clip_grad_norm_(network.parameters(), recipe.clip))
            if np.isfinite(loss.item()) and np.isfinite(norm):
                optimiser.step()
                done = solved(wrong)
            else:
                failed = f"at update {step} the loss was {loss.item():g} and the gradient's norm {norm:g}"
            if step % WINDOW == 0 or done:
                curve.append((step, solved.mean))
                progress(step, solved.mean)
    return Attempt(
        task=name,
        cell=cell,
        length=length,
        seed=seed,
        solved=step if done else None,
        steps=step,
        best=solved.best,
        last=solved.mean,
        seconds=time.monotonic() - began,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        failed=failed,
        curve=tuple(curve),
    )


def check(name: str, cell: str, length: int) -> MemoryTask:
    """The task of that name, if it can be tried with this cell and length.

    Raises:
        UsageError: if there is no such task or cell, or the length is too small.
    """
    if name not in TASKS:
        raise UsageError(f"expected a task out of {', '.join(TASKS)}; got {name!r}")
    if cell not in CELLS:
        raise UsageError(f"expected a cell out of {', '.join(CELLS)}; got {cell!r}")
    if length < 2:
        raise UsageError(f"expected a length of at least 2, got {length}")
    return TASKS[name]


def known_cells() -> list[str]:
    """The cells' names."""
    return list(CELLS)
