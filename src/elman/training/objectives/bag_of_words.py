"""Classification by a bag of words: how it is fitted to data, with which defaults."""

from __future__ import annotations

from collections import Counter
from dataclasses import field as default
from typing import TYPE_CHECKING

from elman.errors import DataError, UsageError
from elman.features.bag import bag
from elman.features.vocabulary import Vocabulary
from elman.model.parts import Dense, Linear
from elman.settings import Count, HoldoutSettings, Rate, Size, TrainingSettings, group
from elman.tasks.bag_of_words import Task
from elman.tasks.text_classes import words_of
from elman.training.classes import ClassObjective, ClassSettings, classes_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elman.data.document import Document
    from elman.features.vectors import Vectors


@group
class BagSettings:
    """Which words are counted."""

    lowercase: bool = True
    """Whether words are counted in lower case."""
    digits_to_zero: bool = True
    """Whether every digit of a word counts as 0, so that numbers of one pattern are one word."""
    min_count: Size = 1
    """Words seen less often than this in training are not counted."""
    most: Size = 20_000
    """At most so many words are counted, the most frequent ones."""


@group
class DenseSettings:
    """The fully connected layers."""

    hidden: Size = 100
    """Units of a layer."""
    layers: Count = 1
    """Layers of such units before the last one, which tells the classes; 0: the counts are weighed and added up."""
    dropout: Rate = 0.5
    """The share of what each layer but the first reads that training sets to zero."""


@group
class Settings:
    """All settings of a classifier by a bag of words, by group."""

    task = "bag_of_words"

    words: BagSettings = default(default_factory=BagSettings)
    dense: DenseSettings = default(default_factory=DenseSettings)
    head: ClassSettings = default(default_factory=ClassSettings)
    training: TrainingSettings = default(default_factory=lambda: TrainingSettings(learning_rate=0.002))
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
        if vectors is not None:
            raise UsageError("a bag of words counts words and has no vectors for them; leave --vectors out")
        names = [document.id or f"text {number}" for number, document in enumerate(examples, 1)]
        classes = classes_in([document.labels for document in examples], names, settings.head, say)
        words, sizes = settings.words, settings.dense
        counts = Counter[str]()
        for document in examples:
            counts.update(bag(words_of(document), lower=words.lowercase, digits=words.digits_to_zero))
        frequent = {word: count for word, count in counts.most_common(words.most) if count >= words.min_count}
        if not frequent:
            raise DataError(
                f"expected words to count, found none that occurs at least {words.min_count} times; lower "
                "words.min_count or give texts with words"
            )
        vocabulary = Vocabulary.build(frequent)
        say(f"{len(vocabulary):,} of {len(counts):,} different words are counted")
        inner = (sizes.hidden,) * sizes.layers
        return Task(
            vocabulary,
            words.lowercase,
            words.digits_to_zero,
            classes,
            {
                "dense": Dense(inputs=len(vocabulary), sizes=inner, dropout=sizes.dropout),
                "head": Linear(inputs=inner[-1] if inner else len(vocabulary), outputs=len(classes.names)),
            },
        )
