"""Text classification: how it is fitted to data, and its loss."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from dataclasses import field as default
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor, nn

from elman.errors import DataError, UsageError
from elman.features.lexicon import Lexicon
from elman.features.vocabulary import FIRST
from elman.model.layers import BASELINES
from elman.model.parts import Encoder, Linear, Pool, Words
from elman.settings import HoldoutSettings, RecurrentSettings, TrainingSettings, WordSettings, group
from elman.tasks.classification import Batch, Task, lexicon_of, words_of
from elman.training.objective import TaskObjective
from elman.training.word_vectors import initialise_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elman.data.document import Document
    from elman.features.vectors import Vectors


@group
class HeadSettings:
    """How the states of a text become a class."""

    pooling: Literal["last", "max", "mean", "attention"] = "max"
    """How a text's states become one vector; last is for recurrent cells."""


@group
class Settings:
    """All settings of a classifier's training, by group."""

    task = "classification"

    words: WordSettings = default(default_factory=WordSettings)
    encoder: RecurrentSettings = default(default_factory=RecurrentSettings)
    head: HeadSettings = default(default_factory=HeadSettings)
    training: TrainingSettings = default(default_factory=TrainingSettings)
    data: HoldoutSettings = default(default_factory=HoldoutSettings)


class Objective(TaskObjective[Task, Settings]):
    """See ``elman.training.objective.TaskObjective``."""

    settings_kind = Settings

    @classmethod
    def design(
        cls,
        examples: Sequence[Document],
        settings: Settings,
        vectors: Vectors | None,
        say: Callable[[str], None],
    ) -> Task:
        """See ``TaskObjective``."""
        labels = sorted({document.labels[0] for document in examples})
        if len(labels) < 2:
            raise DataError(f"expected texts of at least two classes, got {', '.join(labels) or 'none'}")
        encoder, words = settings.encoder, settings.words
        if encoder.cell in BASELINES and settings.head.pooling == "last":
            raise UsageError(f"expected head.pooling = max, mean or attention with a {encoder.cell}; got last")
        counts = Counter(word for document in examples for word in words_of(document))
        whole, learned = Lexicon.build(
            counts,
            vectors,
            lower=words.lowercase,
            digits=words.digits_to_zero,
            min_count=words.min_count,
            kept_vectors=words.kept_vectors,
        )
        if vectors is not None:
            say(f"vectors: {vectors.coverage(counts)}")
        lexicon = lexicon_of(whole.words, lower=words.lowercase, digits=words.digits_to_zero)
        size = words.size if vectors is None else vectors.matrix.shape[1]
        encode = Encoder(inputs=size, encoder=asdict(encoder))
        return Task(
            lexicon,
            tuple(labels),
            {
                "words": Words(
                    learned=FIRST + learned,
                    fixed=len(lexicon.words) - FIRST - learned,
                    size=size,
                    unknown_rate=words.unknown_rate,
                ),
                "encode": encode,
                "pool": Pool(how=settings.head.pooling, size=encode.output, forward=encoder.hidden),
                "head": Linear(inputs=encode.output, outputs=len(labels)),
            },
        )

    def initialise(self, vectors: Vectors | None) -> None:
        """See ``TaskObjective``."""
        initialise_words(self, vectors)

    def losses(self, batch: Batch) -> Tensor:
        """Cross-entropy."""
        scores: Any = self.task.forward(self.network, batch)
        return nn.functional.cross_entropy(scores, torch.as_tensor(batch.targets), reduction="sum")
