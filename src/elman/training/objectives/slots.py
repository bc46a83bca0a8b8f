"""Slots with an intent: how they are fitted to data, and the loss."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from dataclasses import field as default
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor, nn

from elman.data.ledger import Ledger
from elman.data.schemes import scheme
from elman.errors import DataError, UsageError
from elman.features.lexicon import Lexicon
from elman.features.vocabulary import FIRST
from elman.model.layers import BASELINES
from elman.model.parts import Encoder, Linear, Pool, Words
from elman.settings import HoldoutSettings, Positive, RecurrentSettings, TrainingSettings, WordSettings, group
from elman.tasks.classification import lexicon_of, words_of
from elman.tasks.slots import BEYOND, Batch, Task, aligned
from elman.training.objective import TaskObjective
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
        if encoder.cell in BASELINES and head.pooling == "last":
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
            head.scheme,
            slots,
            tuple(intents),
            {
                "words": Words(
                    learned=FIRST + learned,
                    fixed=len(lexicon.words) - FIRST - learned,
                    size=size,
                    unknown_rate=words.unknown_rate,
                ),
                "encode": encode,
                "tags": Linear(inputs=encode.output, outputs=len(scheme(head.scheme).tags(slots))),
                "pool": Pool(how=head.pooling, size=encode.output, forward=encoder.hidden),
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
