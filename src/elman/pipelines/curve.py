"""The trainings of a learning curve: growing shares of a training set, several times."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from elman.errors import DataError, UsageError
from elman.inspection.learning_curve import CurveRun, LearningCurve
from elman.inspection.power_law import FEWEST
from elman.pipelines.kept_runs import KeptRuns
from elman.pipelines.sameness import fingerprint
from elman.pipelines.side_by_side import check_stop, side_by_side
from elman.training.trial import scores_of, subset

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from elman.features.vectors import Vectors
    from elman.settings import Settings
    from elman.training.data import Data

DOCUMENTS = 50
"""Of a training set with fewer documents, sentences are drawn."""


class _Draw(NamedTuple):
    """What one training learns from."""

    share: float
    seed: int


@dataclass(frozen=True)
class _Shared:
    data: Data
    settings: Settings
    vectors: Vectors | None
    jobs: int


def learning_curve(
    data: Data,
    shares: Sequence[float],
    *,
    settings: Settings,
    vectors: Vectors | None = None,
    seeds: int = 3,
    jobs: int = 1,
    keep: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> LearningCurve:
    """Train on growing shares of the training documents and judge each by the same dev set.

    A seed puts the documents (of a set with fewer than fifty, the sentences) in an order; its shares are that order's
    beginnings. The seed is also the training's. What follows from the size of a training set, such as the epochs,
    follows from the share's. Words that are not in a share are unknown to what learns from it.

    Args:
        data: what to learn from and be judged by.
        shares: in (0, 1]; at least four, and 1 among them.
        settings: of each training; the first seed is theirs.
        vectors: pretrained word vectors.
        seeds: trainings at each share.
        jobs: trainings at a time, each in a process of its own and on one thread if there are several.
        keep: a file that holds the runs made, so that the same call goes on.
        say: gets a line for every training.

    Raises:
        UsageError: if the shares are not such, or the file to keep runs in is another's.
        DataError: if the smallest share has nothing to learn.
        TrainingError: if a run goes wrong beyond recovery.
    """
    chosen = sorted(set(shares))
    if len(chosen) < FEWEST or chosen[0] <= 0 or chosen[-1] != 1:
        raise UsageError(f"expected at least {FEWEST} shares in (0, 1], 1 among them; got {list(shares)}")
    data = replace(data, test=None)
    unit, units = units_of(data)
    if math.ceil(chosen[0] * len(units)) == math.ceil(chosen[1] * len(units)):
        raise DataError(
            f"expected a training set large enough that its shares differ, got {len(units)} {unit} and the shares "
            f"{chosen[0]:g} and {chosen[1]:g}; give larger shares",
            data.train.name,
        )
    kept = KeptRuns(keep, fingerprint(data, settings, vectors))
    first = settings.training.seed
    draws = [_Draw(share, seed) for seed in range(first, first + seeds) for share in chosen]
    missing = [draw for draw in draws if _name(draw) not in kept]
    shared = _Shared(data, settings, vectors, jobs)
    for number, run in enumerate(side_by_side(_train, shared, missing, jobs), len(draws) - len(missing) + 1):
        kept.keep(_name(run), run)
        say(
            f"{number} of {len(draws)}: {run.units:,} {unit}, seed {run.seed}: dev F1 {run.f1:.2%}, {run.seconds:.0f} s"
        )
    runs = [CurveRun(*kept[_name(draw)]) for draw in draws]
    return LearningCurve(runs, unit, data.train.name, data.dev.name)


def units_of(data: Data) -> tuple[str, list[NDArray[np.int64]]]:
    """What is drawn, and the windows of each: documents, or of a set with few documents sentences."""
    owners = data.train.examples.documents
    numbers, starts = np.unique(owners, return_index=True)
    if len(numbers) < DOCUMENTS:
        return "sentences", [np.array([window]) for window in range(len(owners))]
    return "documents", np.split(np.arange(len(owners)), starts[1:])


def _train(shared: _Shared, draw: _Draw) -> CurveRun:
    _, units = units_of(shared.data)
    order = np.random.default_rng(draw.seed).permutation(len(units))
    chosen = order[: math.ceil(draw.share * len(units))]
    part = subset(shared.data.train, np.concatenate([units[at] for at in chosen]))
    if not len(part.examples.spans):
        raise DataError(
            f"expected labelled entities in a share of {draw.share:g}, found none (seed {draw.seed}); "
            "give larger shares",
            part.name,
        )
    training = replace(shared.settings.training, seed=draw.seed)
    if shared.jobs > 1:
        training = replace(training, threads=1)
    scores = scores_of(
        replace(shared.data, train=part),
        replace(shared.settings, training=training),
        shared.vectors,
        lambda record: check_stop(),  # noqa: ARG005
    )
    return CurveRun(draw.share, draw.seed, len(chosen), len(part.examples.spans), scores.dev, round(scores.seconds, 1))


def _name(draw: _Draw | CurveRun) -> str:
    return f"share {draw.share:g} seed {draw.seed}"
