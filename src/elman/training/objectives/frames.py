"""Labels for frames: how they are fitted to data, and the loss."""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import field as default
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from elman.errors import DataError, UsageError
from elman.model.parts import Encoder, Linear, Scale
from elman.settings import HoldoutSettings, RecurrentSettings, TrainingSettings, group
from elman.tasks.frames import UNSEEN, Batch, Task
from elman.training.objective import TaskObjective

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elman.data.example import Series
    from elman.features.vectors import Vectors


def _encoder() -> RecurrentSettings:
    """Numbers are no word vectors: few, and each of them needed."""
    return RecurrentSettings(hidden=64, input_dropout=0.0, dropout=0.3, recurrent_dropout=0.0)


@group
class Settings:
    """All settings of a training on frames, by group."""

    task = "frames"

    encoder: RecurrentSettings = default(default_factory=_encoder)
    training: TrainingSettings = default(default_factory=TrainingSettings)
    data: HoldoutSettings = default(default_factory=HoldoutSettings)


class Objective(TaskObjective[Task, Settings]):
    """See ``elman.training.objective.TaskObjective``."""

    settings_kind = Settings

    @classmethod
    def design(
        cls,
        examples: Sequence[Series],
        settings: Settings,
        vectors: Vectors | None,
        say: Callable[[str], None],  # noqa: ARG003
    ) -> Task:
        """See ``TaskObjective``."""
        if vectors is not None:
            raise UsageError("frames hold no words: leave --vectors out")
        labels = sorted({label for series in examples for label in series.labels})
        if len(labels) < 2:
            raise DataError(f"expected frames of at least two labels, got {', '.join(labels) or 'none'}")
        channels = examples[0].values.shape[1]
        encode = Encoder(inputs=channels, encoder=asdict(settings.encoder))
        return Task(
            channels,
            tuple(labels),
            {
                "scale": Scale(size=channels),
                "encode": encode,
                "head": Linear(inputs=encode.output, outputs=len(labels)),
            },
        )

    def initialise(self, vectors: Vectors | None) -> None:  # noqa: ARG002
        """Scale each channel by what the training set has in it; one that stands still is only shifted."""
        values = np.concatenate(self.train.inputs).astype(np.float64)
        deviation = values.std(axis=0)
        deviation[deviation < 1e-6 * np.maximum(np.abs(values).max(axis=0), 1e-30)] = 1.0
        scale: Any = self.network.scale
        scale.mean.copy_(torch.from_numpy(values.mean(axis=0)))
        scale.deviation.copy_(torch.from_numpy(deviation))

    def losses(self, batch: Batch) -> Tensor:
        """Cross-entropy, summed over frames."""
        scores: Any = self.task.forward(self.network, batch)
        targets = torch.as_tensor(batch.targets)
        return nn.functional.cross_entropy(
            scores.flatten(0, 1), targets.flatten(), ignore_index=UNSEEN, reduction="sum"
        )
