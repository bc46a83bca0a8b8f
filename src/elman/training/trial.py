"""A training run of which only the scores are wanted: no model folder is left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from elman.training.checkpoint import Checkpoints
from elman.training.data import Part, fingerprint
from elman.training.loop import Run
from elman.training.parallel import workers
from elman.training.tagging_session import TaggingSession

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from elman.features.vectors import Vectors
    from elman.settings import Settings
    from elman.training.data import Data
    from elman.training.records import Record


class Scores(NamedTuple):
    """What came of a run.

    Attributes:
        dev: micro F1 of its best epoch on the dev set, in [0, 1].
        test: the same weights' on the test set; None without one.
        epochs: that it had.
        seconds: that it took.
    """

    dev: float
    test: float | None
    epochs: int
    seconds: float


def scores_of(
    data: Data,
    settings: Settings,
    vectors: Vectors | None = None,
    observe: Callable[[Record], None] = lambda record: None,  # noqa: ARG005
) -> Scores:
    """Train on a processor, and say how good the best epoch was.

    Args:
        data: what to learn from and be judged by.
        settings: sizes and pace.
        vectors: pretrained word vectors.
        observe: gets every record; what it raises ends the run.

    Raises:
        TrainingError: if the run goes wrong beyond recovery.
    """
    session = TaggingSession(data, settings, vectors, None, torch.device("cpu"), lambda line: None)  # noqa: ARG005
    with TemporaryDirectory(prefix="elman-trial-") as folder:
        run = Run(session.objective, session.plan, Checkpoints(Path(folder), ""))
        for record in run.records():
            observe(record)
    test = None
    if data.test is not None:
        run.take_best()
        with workers(session.plan.threads, session.plan.parts) as side_by_side:
            test = session.objective.score(data.test.examples, side_by_side).micro.f1
    assert run.progress.best is not None  # a run has at least one epoch
    return Scores(run.progress.best, test, run.progress.epoch, run.progress.seconds)


def subset(part: Part, windows: NDArray[np.integer[Any]]) -> Part:
    """Some windows of a set, as if there were no others: no word type is known that does not occur in them."""
    chosen = part.examples.select(np.sort(windows))
    kept = np.flatnonzero(chosen.counts)
    numbers = np.zeros(len(chosen.types), np.int32)
    numbers[kept] = np.arange(len(kept), dtype=np.int32)
    types = tuple(chosen.types[at] for at in kept.tolist())
    chosen = replace(chosen, types=types, counts=chosen.counts[kept], tokens=numbers[chosen.tokens])
    return Part(chosen, part.name, fingerprint(chosen))
