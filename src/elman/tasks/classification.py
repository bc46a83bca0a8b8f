"""Texts to classes: words, a recurrent network, one vector of its states, a class or any number of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.features.batches import pad
from elman.features.lexicon import Lexicon
from elman.features.vocabulary import Vocabulary
from elman.tasks.classes import Classes, Classified, Reason, targets_of
from elman.tasks.task import Sequences
from elman.tasks.text_classes import TextClasses, offsets_of, words_in, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from elman.data.document import Document
    from elman.model.parts import Parts

ERASED = 64
"""So many copies of a text, each without another word, go through the network together."""


class Batch(NamedTuple):
    """Some texts.

    Attributes:
        words: batch x time, rows of the lexicon's words.
        lengths: words of each text.
        targets: batch, each text's class, -1 for one that training has not seen; where a text may have any number of
            classes batch x classes, 1.0 for those it has; None where they are not known.
    """

    words: NDArray[np.int32]
    lengths: NDArray[np.int64]
    targets: NDArray[Any] | None


@dataclass(frozen=True)
class Task(TextClasses):
    """Classification with one lexicon and one set of classes.

    Attributes:
        lexicon: how words are read.
        classes: what is told.
        parts: ``words``, ``encode``, ``pool`` and ``head``.
    """

    name = "classification"

    lexicon: Lexicon
    classes: Classes
    parts: Parts

    @classmethod
    def open(cls, about: Mapping[str, Any], texts: Mapping[str, str], parts: Parts) -> Task:
        """See ``elman.tasks.task.Task``."""
        words, lower, digits = words_in(about, texts)
        return cls(lexicon_of(words, lower=lower, digits=digits), Classes.open(about), parts)

    def about(self) -> dict[str, Any]:
        """See ``elman.tasks.task.Task``."""
        return {**self.classes.about(), "lower": self.lexicon.lower, "digits": self.lexicon.digits}

    def texts(self) -> dict[str, str]:
        """See ``elman.tasks.task.Task``."""
        return {"words": self.lexicon.words.encode()}

    def prepare(self, examples: Iterable[Document]) -> Sequences:
        """Documents with labels; one that training has not seen is never right."""
        ids, texts, gold = [], [], []
        types: dict[str, int] = {}
        for number, document in enumerate(examples, 1):
            ids.append(document.id or f"text {number}")
            texts.append(np.array([types.setdefault(word, len(types)) for word in words_of(document)], np.int64))
            gold.append(document.labels)
        rows = self.lexicon.features(list(types)).words
        lengths = np.array([len(text) for text in texts], np.int64)
        targets = tuple(map(self.classes.target, gold))
        return Sequences(tuple(ids), tuple(rows[text] for text in texts), lengths, targets, tuple(gold))

    def batch(self, sequences: Sequences, indices: Sequence[int]) -> Batch:
        """See ``elman.tasks.task.Task``."""
        words = pad([sequences.inputs[at] for at in indices])
        if not words.shape[1]:  # texts without a word, and nothing else
            words = np.zeros((len(words), 1), np.int32)
        return Batch(words, sequences.lengths[list(indices)], targets_of(sequences, indices))

    def forward(self, net: Any, batch: Batch) -> Any:
        """Scores of the classes before the softmax, or sigmoid: batch x classes."""
        states = net.encode(net.words(batch.words), batch.lengths)
        return net.head(net.pool(states, batch.lengths))

    def explain(self, net: Any, example: Document, output: Classified) -> Classified:
        """The output with what it owes to each word: how much less probable it is when that word is erased.

        Zeiler, M. & Fergus, R. (2014). Visualizing and understanding convolutional networks. ECCV; of words: Li, J.,
        Monroe, W. & Jurafsky, D. (2016). Understanding neural networks through representation erasure. A text of n
        words goes through the network n times more.
        """
        offsets = offsets_of(example)
        whole = self.prepare([example])
        words = whole.inputs[0]
        weights: list[float | None] = [None] * len(words)
        if getattr(self.parts["pool"], "how", None) == "attention" and len(words):
            batch = self.batch(whole, [0])
            states = net.encode(net.words(batch.words), batch.lengths)
            weights = net.pool.weights(states, batch.lengths)[0].tolist()
        drops = dropped(self, net, whole.inputs[0], output)
        reasons = tuple(
            Reason(start, end, example.text[start:end], drop, weight)
            for (start, end), drop, weight in zip(offsets, drops, weights, strict=True)
        )
        return replace(output, words=reasons)


def dropped(task: Task, net: Any, words: NDArray[np.int32], output: Classified) -> list[float]:
    """By how much the decision is less probable without each word."""
    left = tuple(np.delete(words, at) for at in range(len(words)))
    names = tuple(map(str, range(len(words))))
    without = Sequences(names, left, np.full(len(words), len(words) - 1, np.int64))
    found: list[float] = []
    for begin in range(0, len(words), ERASED):
        indices = range(begin, min(begin + ERASED, len(words)))
        outputs = task.predict(net, task.batch(without, indices))
        label = output.label
        found += [output.probabilities[label] - other.probabilities[label] for other in outputs]
    return found


def lexicon_of(words: Vocabulary, *, lower: bool, digits: bool) -> Lexicon:
    """A lexicon of words alone, without characters and shapes."""
    return Lexicon(words, Vocabulary(()), Vocabulary(()), lower, digits)
