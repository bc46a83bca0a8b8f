"""Text classification: how it is fitted to data, with which defaults."""

from __future__ import annotations

from collections import Counter
from dataclasses import field as default
from typing import TYPE_CHECKING

from elman.model.parts import Linear
from elman.settings import HoldoutSettings, RecurrentSettings, TrainingSettings, WordSettings, group
from elman.tasks.classification import Task
from elman.tasks.text_classes import words_of
from elman.training.classes import ClassObjective, PoolingSettings, classes_in
from elman.training.word_network import pool_of, word_network
from elman.training.word_vectors import initialise_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elman.data.document import Document
    from elman.features.vectors import Vectors


@group
class Settings:
    """All settings of a classifier's training, by group."""

    task = "classification"

    words: WordSettings = default(default_factory=WordSettings)
    encoder: RecurrentSettings = default(
        default_factory=lambda: RecurrentSettings(hidden=100, input_dropout=0.5, recurrent_dropout=0.0)
    )
    head: PoolingSettings = default(default_factory=lambda: PoolingSettings(pooling="attention"))
    training: TrainingSettings = default(default_factory=lambda: TrainingSettings(vector_learning_rate=1.0))
    data: HoldoutSettings = default(default_factory=HoldoutSettings)


class Objective(ClassObjective):
    """See ``TaskObjective``."""

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
        names = [document.id or f"text {number}" for number, document in enumerate(examples, 1)]
        classes = classes_in([document.labels for document in examples], names, settings.head, say)
        encoder, words = settings.encoder, settings.words
        counts = Counter(word for document in examples for word in words_of(document))
        lexicon, read, encode = word_network(counts, words, encoder, vectors, say)
        return Task(
            lexicon,
            classes,
            {
                **read,
                "encode": encode,
                "pool": pool_of(settings.head.pooling, encoder, encode),
                "head": Linear(inputs=encode.output, outputs=len(classes.names)),
            },
        )

    def initialise(self, vectors: Vectors | None) -> None:
        """See ``TaskObjective``."""
        initialise_words(self, vectors)
