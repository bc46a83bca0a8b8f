"""Captions: how the task is fitted to data, and its loss."""

from __future__ import annotations

from dataclasses import field as default
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch

from elman.errors import DataError, UsageError
from elman.features.units import Units
from elman.metrics.texts import TextScores
from elman.model.parts import Dense, Linear, Scale
from elman.nn.noise import normal, random_mask
from elman.settings import Rate, Share, Size, TrainingSettings, group
from elman.tasks.captions import Batch, Task
from elman.training.objectives.translation import target_units
from elman.training.writing import (
    SearchSettings,
    TargetSettings,
    WriterSettings,
    WritingObjective,
    decoder_part,
    search_from,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from elman.data.captioned import Captioned
    from elman.features.vectors import Vectors
    from elman.metrics.texts import By

SPARE = 10
"""So many units more than the longest caption of the training set may be written."""

LEAST_DEVIATION = 1e-6
"""A number that hardly differs between vectors is left as large as it is."""


@group
class VectorSettings:
    """How vectors are read."""

    scale: Literal["each", "all"] = "each"
    """Whether each number has a deviation of its own, or all have one, as suits the pixels of an image, of which those
    at the edge hardly differ."""
    hidden: Size = 256
    """Units of the layer between a vector and the decoder's first state."""
    dropout: Rate = 0.2
    """The share of a vector's numbers that training sets to their mean."""
    noise: Share = 0.0
    """The deviation of what training adds to each number, as a share of the number's own: near vectors are to have one
    caption."""


@group
class CaptionSettings:
    """What captions are made of."""

    target: Literal["characters", "words", "subwords"] | None = None
    """What is written: single characters, words as white space parts them, or subwords, pieces of words learned from
    the training set; chosen from the training set if auto."""
    subwords: Size = 2000
    """How many subwords are learned, at most."""
    figure: Literal["exact", "errors", "bleu", "chrf"] | None = None
    """What a run is judged by: captions that are right as a whole, the rate of wrong characters or words, BLEU, chrF;
    if auto BLEU for subwords, else the rate of errors."""


@group
class CaptionTrainingSettings(TrainingSettings):
    """How the weights are found."""

    label_smoothing: Rate = 0.0
    """The share of each output's probability that training wants to see spread over all others."""


@group
class Settings:
    """All settings of a training for captions, by group."""

    task = "captions"

    vector: VectorSettings = default(default_factory=VectorSettings)
    units: CaptionSettings = default(default_factory=CaptionSettings)
    decoder: WriterSettings = default(
        default_factory=lambda: WriterSettings(
            directions="forward", hidden=128, input_dropout=0.1, dropout=0.3, recurrent_dropout=0.0
        )
    )
    search: SearchSettings = default(default_factory=SearchSettings)
    training: CaptionTrainingSettings = default(default_factory=CaptionTrainingSettings)
    data: TargetSettings = default(default_factory=TargetSettings)


class Objective(WritingObjective[Task, Settings]):
    """See ``elman.training.objective.TaskObjective``."""

    settings_kind = Settings

    @classmethod
    def design(
        cls, examples: Sequence[Captioned], settings: Settings, vectors: Vectors | None, say: Callable[[str], None]
    ) -> Task:
        """See ``TaskObjective``."""
        if vectors is not None:
            raise UsageError("captions learn the vectors of their units themselves; leave --vectors out")
        for number, example in enumerate(examples, 1):
            if not example.captions or not all(text.strip() for text in example.captions):
                name = example.id or f"example {number}"
                raise DataError(f"{name}: expected at least one caption, none of them empty; leave it out")
        texts = [caption for example in examples for caption in example.captions]
        chosen = settings.units
        kind = chosen.target or target_units(texts)
        target = Units.build(kind, texts, size=chosen.subwords)
        say(f"captions: {target.count:,} different {kind}{'' if chosen.target else ' (units.target says otherwise)'}")
        by: By = chosen.figure or ("bleu" if kind == "subwords" else "errors")
        if by in ("bleu", "chrf"):
            TextScores([["a"]], ["a"], "words", by).figure  # noqa: B018  # before the work begins: is it installed?
        size = len(examples[0].vector)
        decode = decoder_part(settings.decoder, len(target), 0)
        return Task(
            size,
            target,
            search_from(settings.search),
            SPARE + max(len(target.encode(text)) for text in texts),
            by,
            {
                "scale": Scale(size=size),
                "project": Dense(inputs=size, sizes=(settings.vector.hidden,)),
                "bridge": Linear(inputs=settings.vector.hidden, outputs=decode.bridge),
                "decode": decode,
            },
        )

    def losses(self, batch: Batch) -> Tensor:
        """See ``WritingObjective``."""
        scale: Any = self.network.scale
        vectors = torch.as_tensor(batch.vectors)
        if self.settings.vector.noise:
            vectors = vectors + self.settings.vector.noise * scale.deviation * normal(vectors)
        hidden = random_mask(vectors, self.settings.vector.dropout)
        return super().losses(batch._replace(vectors=torch.where(hidden, scale.mean, vectors)))  # type: ignore[arg-type]

    def initialise(self, vectors: Vectors | None) -> None:  # noqa: ARG002
        """The mean and the deviation of each number in the training set."""
        scale: Any = self.network.scale
        rows = np.stack(self.train.inputs)
        deviation = rows.std(axis=0)
        if self.settings.vector.scale == "all":
            deviation = np.full_like(deviation, np.sqrt(np.square(deviation, dtype=np.float64).mean()))
        scale.mean.copy_(torch.from_numpy(rows.mean(axis=0)))
        scale.deviation.copy_(torch.from_numpy(np.where(deviation > LEAST_DEVIATION, deviation, 1).astype(np.float32)))
