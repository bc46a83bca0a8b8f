"""Texts to classes by the words they hold, whatever their order: one vector in, one class out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.features.bag import bag, dense, sparse
from elman.tasks.classes import Classes, Reason, targets_of
from elman.tasks.task import Sequences
from elman.tasks.text_classes import TextClasses, offsets_of, words_in, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from elman.data.document import Document
    from elman.features.vocabulary import Vocabulary
    from elman.model.parts import Parts
    from elman.tasks.classes import Classified


class Batch(NamedTuple):
    """Some texts.

    Attributes:
        counts: batch x words of the vocabulary, how often each occurs.
        targets: as ``elman.tasks.classes.targets_of`` gives them.
    """

    counts: NDArray[np.float32]
    targets: NDArray[Any] | None


@dataclass(frozen=True)
class Task(TextClasses):
    """Classification by a fully connected network on a bag of words.

    Attributes:
        words: those that are counted.
        lower: whether they are counted in lower case.
        digits: whether every digit of them counts as 0.
        classes: what is told.
        parts: ``dense`` and ``head``.
    """

    name = "bag_of_words"

    words: Vocabulary
    lower: bool
    digits: bool
    classes: Classes
    parts: Parts

    @classmethod
    def open(cls, about: Mapping[str, Any], texts: Mapping[str, str], parts: Parts) -> Task:
        """See ``elman.tasks.task.Task``."""
        words, lower, digits = words_in(about, texts)
        return cls(words, lower, digits, Classes.open(about), parts)

    def about(self) -> dict[str, Any]:
        """See ``elman.tasks.task.Task``."""
        return {**self.classes.about(), "lower": self.lower, "digits": self.digits}

    def texts(self) -> dict[str, str]:
        """See ``elman.tasks.task.Task``."""
        return {"words": self.words.encode()}

    def prepare(self, examples: Iterable[Document]) -> Sequences:
        """Documents with labels. Words that are not counted are left out; a text costs its different words."""
        ids, inputs, gold = [], [], []
        for number, document in enumerate(examples, 1):
            ids.append(document.id or f"text {number}")
            inputs.append(sparse(bag(words_of(document), lower=self.lower, digits=self.digits), self.words))
            gold.append(document.labels)
        lengths = np.array([len(rows) for rows in inputs], np.int64)
        return Sequences(tuple(ids), tuple(inputs), lengths, tuple(map(self.classes.target, gold)), tuple(gold))

    def batch(self, sequences: Sequences, indices: Sequence[int]) -> Batch:
        """See ``elman.tasks.task.Task``."""
        return Batch(dense([sequences.inputs[at] for at in indices], len(self.words)), targets_of(sequences, indices))

    def forward(self, net: Any, batch: Batch) -> Any:
        """Scores of the classes before the softmax, or sigmoid: batch x classes."""
        return net.head(net.dense(batch.counts))

    def explain(self, net: Any, example: Document, output: Classified) -> Classified:
        """The output with what it owes to each word: how much less probable it is without one occurrence of it."""
        offsets = offsets_of(example)
        tokens = [example.text[start:end] for start, end in offsets]
        whole = self.prepare([example]).inputs[0]
        drops = {}
        for place, count in whole.tolist():
            less = whole.copy()
            less[less[:, 0] == place, 1] = count - 1
            (without,) = self.predict(net, Batch(dense([less], len(self.words)), None))
            drops[place] = output.probabilities[output.label] - without.probabilities[output.label]
        reasons = []
        for (start, end), token in zip(offsets, tokens, strict=True):
            found = sparse(bag([token], lower=self.lower, digits=self.digits), self.words)[:, 0].tolist()
            reasons += [Reason(start, end, token, drops[place]) for place in found]
        return replace(output, words=tuple(reasons))
