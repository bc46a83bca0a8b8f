"""Classification of series: how it is fitted to data, with which defaults."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from dataclasses import field as default
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from elman.data.recordings import Recording
from elman.data.series import labels_of
from elman.errors import DataError, UsageError
from elman.features.logmel import LogMel
from elman.model.layers import BASELINES
from elman.model.parts import Encoder, Linear, Pool, Scale
from elman.settings import HoldoutSettings, RecurrentSettings, Size, TrainingSettings, group
from elman.tasks.series_classification import Task
from elman.training.classes import ClassObjective, PoolingSettings, classes_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from elman.data.example import Series
    from elman.features.vectors import Vectors


@group
class SoundSettings:
    """How sounds become series."""

    bands: Size = 40
    """Bands of frequencies; the numbers of a frame."""
    window: Size = 25
    """Milliseconds of a frame."""
    step: Size = 10
    """Milliseconds from one frame's start to the next one's."""


@group
class Settings:
    """All settings of a classifier of series, by group."""

    task = "series_classification"

    sound: SoundSettings = default(default_factory=SoundSettings)
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
        examples: Sequence[Series | Recording],
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
        classes = classes_in([labels_of(one) for one in examples], names, settings.head, say)
        frames = frames_for(examples, settings.sound, say)
        channels = channels_of(examples, names, say) if frames is None else frames.bands
        encode = Encoder(inputs=channels, encoder=asdict(encoder))
        return Task(
            channels,
            frames,
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


def frames_for(
    examples: Sequence[Series | Recording], settings: SoundSettings, say: Callable[[str], None]
) -> LogMel | None:
    """How sounds become series: at the rate that most of them have; None where there are no sounds.

    Raises:
        DataError: if some examples are sounds, and some are not.
    """
    sounds = [one for one in examples if isinstance(one, Recording)]
    if not sounds:
        return None
    if len(sounds) < len(examples):
        raise DataError(f"expected sounds or series, got {len(sounds):,} sounds among {len(examples):,} examples")
    ((rate, _),) = Counter(one.origin.rate for one in sounds).most_common(1)
    frames = LogMel(rate, settings.bands, settings.window / 1000, settings.step / 1000)
    say(f"sounds at {rate:,} Hz, a frame of {frames.bands} bands every {frames.step:g} s")
    return frames


def channels_of(examples: Sequence[Any], names: Sequence[str], say: Callable[[str], None]) -> int:
    """The numbers of a step.

    Raises:
        DataError: if series differ in it.
    """
    channels: int = examples[0].values.shape[1]
    for name, one in zip(names, examples, strict=True):
        if one.values.shape[1] != channels:
            raise DataError(
                f"expected {channels} channels as in {names[0]}, {name} has {one.values.shape[1]}; all series have to "
                "be measured alike"
            )
    lengths = [len(one.values) for one in examples]
    say(f"series of {min(lengths):,} to {max(lengths):,} steps, {channels} channels")
    return channels


def moments(arrays: Sequence[NDArray[np.float32]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The mean and the standard deviation of each channel over all steps; 1 of a channel that never changes.

    Args:
        arrays: each time x channels, all of the same channels.
    """
    whole = np.concatenate(arrays).astype(np.float64)
    mean, deviation = whole.mean(axis=0), whole.std(axis=0)
    still = deviation <= 1e-6 * np.abs(mean)
    return mean.astype(np.float32), np.where(still, 1.0, deviation).astype(np.float32)
