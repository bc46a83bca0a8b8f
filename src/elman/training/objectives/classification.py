"""Text classification: how it is fitted to data, with which defaults."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from dataclasses import field as default
from typing import TYPE_CHECKING

from elman.errors import UsageError
from elman.features.lexicon import Lexicon
from elman.features.vocabulary import FIRST
from elman.model.layers import BASELINES
from elman.model.parts import Encoder, Linear, Pool, Words
from elman.settings import HoldoutSettings, RecurrentSettings, TrainingSettings, WordSettings, group
from elman.tasks.classification import Task, lexicon_of, words_of
from elman.training.classes import ClassObjective, PoolingSettings, classes_in
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
            classes,
            {
                "words": Words(
                    learned=FIRST + learned,
                    fixed=len(lexicon.words) - FIRST - learned,
                    size=size,
                    unknown_rate=words.unknown_rate,
                ),
                "encode": encode,
                "pool": Pool(how=settings.head.pooling, size=encode.output, forward=encoder.hidden),
                "head": Linear(inputs=encode.output, outputs=len(classes.names)),
            },
        )

    def initialise(self, vectors: Vectors | None) -> None:
        """See ``TaskObjective``."""
        initialise_words(self, vectors)
