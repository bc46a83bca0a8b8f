"""Texts to classes: words, a recurrent network, one vector of its states, a class or any number of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.tasks.classes import Classes, Classified, Reason, targets_of
from elman.tasks.text_classes import TextClasses, offsets_of, words_of
from elman.tasks.texts import Texts, lexicon_about, lexicon_texts, open_lexicon, types_of, vectors_of, word_batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from elman.data.document import Document
    from elman.features.lexicon import Lexicon
    from elman.model.parts import Parts
    from elman.tasks.task import Sequences

ERASED = 64
"""So many copies of a text, each without another word, go through the network together."""


class Batch(NamedTuple):
    """Some texts.

    Attributes:
        words: see ``elman.tasks.texts.WordBatch``.
        characters: likewise.
        places: likewise.
        lengths: words of each text.
        targets: batch, each text's class, -1 for one that training has not seen; where a text may have any number of
            classes batch x classes, 1.0 for those it has; None where they are not known.
    """

    words: NDArray[np.int32]
    characters: NDArray[np.int32] | None
    places: NDArray[np.int32]
    lengths: NDArray[np.int64]
    targets: NDArray[Any] | None


@dataclass(frozen=True)
class Task(TextClasses):
    """Classification with one lexicon and one set of classes.

    Attributes:
        lexicon: how words are read.
        classes: what is told.
        parts: ``words``, perhaps ``characters``, ``encode``, ``pool`` and ``head``.
    """

    name = "classification"

    lexicon: Lexicon
    classes: Classes
    parts: Parts

    @classmethod
    def open(cls, about: Mapping[str, Any], texts: Mapping[str, str], parts: Parts) -> Task:
        """See ``elman.tasks.task.Task``."""
        return cls(open_lexicon(about, texts), Classes.open(about), parts)

    def about(self) -> dict[str, Any]:
        """See ``elman.tasks.task.Task``."""
        return {**self.classes.about(), **lexicon_about(self.lexicon)}

    def texts(self) -> dict[str, str]:
        """See ``elman.tasks.task.Task``."""
        return lexicon_texts(self.lexicon)

    def prepare(self, examples: Iterable[Document]) -> Texts:
        """Documents with labels; one that training has not seen is never right."""
        documents = list(examples)
        types, rows = types_of(self.lexicon, map(words_of, documents))
        gold = tuple(document.labels for document in documents)
        return Texts(
            tuple(document.id or f"text {number}" for number, document in enumerate(documents, 1)),
            rows,
            np.array([len(text) for text in rows], np.int64),
            tuple(map(self.classes.target, gold)),
            gold,
            types=types,
        )

    def batch(self, sequences: Sequences, indices: Sequence[int]) -> Batch:
        """See ``elman.tasks.task.Task``."""
        assert isinstance(sequences, Texts)
        words = word_batch(self.parts, sequences, indices)
        return Batch(*words, sequences.lengths[list(indices)], targets_of(sequences, indices))

    def forward(self, net: Any, batch: Batch) -> Any:
        """Scores of the classes before the softmax, or sigmoid: batch x classes."""
        states = net.encode(vectors_of(net, batch), batch.lengths)
        return net.head(net.pool(states, batch.lengths))

    def explain(self, net: Any, example: Document, output: Classified) -> Classified:
        """The output with what it owes to each word: how much less probable it is when that word is erased.

        Zeiler, M. & Fergus, R. (2014). Visualizing and understanding convolutional networks. ECCV; of words: Li, J.,
        Monroe, W. & Jurafsky, D. (2016). Understanding neural networks through representation erasure. A text of n
        words goes through the network n times more.
        """
        offsets = offsets_of(example)
        whole = self.prepare([example])
        count = int(whole.lengths[0])
        weights: list[float | None] = [None] * count
        if getattr(self.parts["pool"], "how", None) == "attention" and count:
            batch = self.batch(whole, [0])
            states = net.encode(vectors_of(net, batch), batch.lengths)
            weights = net.pool.weights(states, batch.lengths)[0].tolist()
        drops = dropped(self, net, whole, output)
        reasons = tuple(
            Reason(start, end, example.text[start:end], drop, weight)
            for (start, end), drop, weight in zip(offsets, drops, weights, strict=True)
        )
        return replace(output, words=reasons)


def dropped(task: Task, net: Any, whole: Texts, output: Classified) -> list[float]:
    """By how much the decision is less probable without each word of a text alone."""
    without = whole.without(0)
    found: list[float] = []
    for begin in range(0, len(without), ERASED):
        indices = range(begin, min(begin + ERASED, len(without)))
        outputs = task.predict(net, task.batch(without, indices))
        label = output.label
        found += [output.probabilities[label] - other.probabilities[label] for other in outputs]
    return found
