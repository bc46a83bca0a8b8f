"""Slots with an intent: how they are fitted to data, and the loss."""

from __future__ import annotations

from collections import Counter
from dataclasses import field as default
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor, nn

from elman.data.ledger import Ledger
from elman.data.schemes import scheme
from elman.errors import DataError
from elman.model.parts import Linear
from elman.settings import HoldoutSettings, Positive, RecurrentSettings, TrainingSettings, WordSettings, group
from elman.tasks.slots import BEYOND, Batch, Task, aligned
from elman.tasks.text_classes import words_of
from elman.training.objective import TaskObjective
from elman.training.word_network import pool_of, word_network
from elman.training.word_vectors import initialise_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elman.data.document import Document
    from elman.features.vectors import Vectors


@group
class HeadSettings:
    """How states become slots and an intent."""

    scheme: Literal["iob1", "iob2", "ioe1", "ioe2", "biluo", "iobes", "bmewo"] = "iobes"
    """The tag scheme of the slots that the network learns, whichever one the data are in."""
    pooling: Literal["last", "max", "mean", "attention"] = "max"
    """How an utterance's states become one vector for its intent; last is for recurrent cells."""
    intent_weight: Positive = 1.0
    """How much the loss of an utterance's intent counts beside that of one of its words."""


@group
class Settings:
    """All settings of a training on slots and intents, by group."""

    task = "slots"

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
        intents = sorted({label for document in examples for label in document.labels})
        if len(intents) < 2:
            raise DataError(f"expected utterances of at least two intents, got {', '.join(intents) or 'none'}")
        slots = _slots(examples, say)
        encoder, words, head = settings.encoder, settings.words, settings.head
        counts = Counter(word for document in examples for word in words_of(document))
        lexicon, read, encode = word_network(counts, words, encoder, vectors, say)
        return Task(
            lexicon,
            head.scheme,
            slots,
            tuple(intents),
            {
                **read,
                "encode": encode,
                "tags": Linear(inputs=encode.output, outputs=len(scheme(head.scheme).tags(slots))),
                "pool": pool_of(head.pooling, encoder, encode),
                "intent": Linear(inputs=encode.output, outputs=len(intents)),
            },
        )

    def initialise(self, vectors: Vectors | None) -> None:
        """See ``TaskObjective``."""
        initialise_words(self, vectors)

    def losses(self, batch: Batch) -> Tensor:
        """Cross-entropy of the tags and of the intents."""
        tags, intents = self.task.forward(self.network, batch)
        scores: Any = tags
        words = nn.functional.cross_entropy(
            scores.flatten(0, 1), torch.as_tensor(batch.tags).flatten(), ignore_index=BEYOND, reduction="sum"
        )
        whole = nn.functional.cross_entropy(
            intents, torch.as_tensor(batch.intents), ignore_index=BEYOND, reduction="sum"
        )
        return words + self.settings.head.intent_weight * whole


def _slots(examples: Sequence[Document], say: Callable[[str], None]) -> tuple[str, ...]:
    """The labels of slots, and what a person has to be told of those that do not stand on whole words."""
    labels: set[str] = set()
    ledger = Ledger()
    for document in examples:
        spans, entries = aligned(document)
        labels.update(span.label for span in spans)
        ledger += entries
    for item, kind, reason, count, example in ledger.table():
        if kind != "kept":
            say(f"{count} of {ledger.given(item)} slots {kind}: {reason} (such as {example})")
    return tuple(sorted(labels))
