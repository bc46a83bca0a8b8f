"""Classification of series: how it is fitted to data, with which defaults."""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import field as default
from typing import TYPE_CHECKING

import numpy as np
import torch

from elman.errors import DataError, UsageError
from elman.model.layers import BASELINES
from elman.model.parts import Encoder, Linear, Pool, Scale
from elman.settings import HoldoutSettings, RecurrentSettings, TrainingSettings, group
from elman.tasks.series_classification import Task
from elman.training.classes import ClassObjective, PoolingSettings, classes_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from elman.data.example import Series
    from elman.features.vectors import Vectors


@group
class Settings:
    """All settings of a classifier of series, by group."""

    task = "series_classification"

    encoder: RecurrentSettings = default(
        default_factory=lambda: RecurrentSettings(hidden=100, input_dropout=0.1, dropout=0.5, recurrent_dropout=0.0)
    )
    head: PoolingSettings = default(default_factory=PoolingSettings)
    training: TrainingSettings = default(default_factory=TrainingSettings)
    data: HoldoutSettings = default(default_factory=HoldoutSettings)


class Objective(ClassObjective):
    """See ``TaskObjective``."""

    settings_kind = Settings

    @classmethod
    def design(
        cls,
        examples: Sequence[Series],
        settings: Settings,
        vectors: Vectors | None,
        say: Callable[[str], None],
    ) -> Task:
        """See ``TaskObjective``."""
        if vectors is not None:
            raise UsageError("word vectors are for texts; leave --vectors out with series")
        encoder = settings.encoder
        if encoder.cell in BASELINES and settings.head.pooling == "last":
            raise UsageError(f"expected head.pooling = max, mean or attention with a {encoder.cell}; got last")
        names = [one.id or f"series {number}" for number, one in enumerate(examples, 1)]
        classes = classes_in([one.labels for one in examples], names, settings.head, say)
        channels = examples[0].values.shape[1]
        for name, one in zip(names, examples, strict=True):
            if one.values.shape[1] != channels:
                raise DataError(
                    f"expected {channels} channels as in {names[0]}, {name} has {one.values.shape[1]}; all series have "
                    "to be measured alike"
                )
        lengths = [len(one.values) for one in examples]
        say(f"series of {min(lengths):,} to {max(lengths):,} steps, {channels} channels")
        encode = Encoder(inputs=channels, encoder=asdict(encoder))
        return Task(
            channels,
            classes,
            {
                "scale": Scale(size=channels),
                "encode": encode,
                "pool": Pool(how=settings.head.pooling, size=encode.output, forward=encoder.hidden),
                "head": Linear(inputs=encode.output, outputs=len(classes.names)),
            },
        )

    def initialise(self, vectors: Vectors | None) -> None:  # noqa: ARG002
        """Bring the channels of the training set to a mean of 0 and a deviation of 1."""
        mean, deviation = moments(self.train.inputs)
        self.network.scale.mean.copy_(torch.from_numpy(mean))  # type: ignore[operator,union-attr]
        self.network.scale.deviation.copy_(torch.from_numpy(deviation))  # type: ignore[operator,union-attr]


def moments(arrays: Sequence[NDArray[np.float32]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The mean and the standard deviation of each channel over all steps; 1 of a channel that never changes.

    Args:
        arrays: each time x channels, all of the same channels.
    """
    whole = np.concatenate(arrays).astype(np.float64)
    mean, deviation = whole.mean(axis=0), whole.std(axis=0)
    still = deviation <= 1e-6 * np.abs(mean)
    return mean.astype(np.float32), np.where(still, 1.0, deviation).astype(np.float32)
