"""Texts to classes: words, a recurrent network, one vector of its states, a class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.data.classified import read_classified
from elman.data.document import Document
from elman.errors import ModelError
from elman.features.batches import pad
from elman.features.lexicon import Lexicon
from elman.features.vocabulary import Vocabulary
from elman.metrics.classes import ClassScores
from elman.tasks import task as tasks
from elman.tasks.tagging import tokens_and_windows
from elman.tasks.task import Sequences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from elman.model.parts import Parts


class Batch(NamedTuple):
    """Some texts.

    Attributes:
        words: batch x time, rows of the lexicon's words.
        lengths: words of each text.
        targets: batch, each text's class; -1 for one that training has not seen; None where they are not known.
    """

    words: NDArray[np.int32]
    lengths: NDArray[np.int64]
    targets: NDArray[np.int64] | None


@dataclass(frozen=True)
class Classified:
    """What was told of a text.

    Attributes:
        label: its most probable class.
        probabilities: of every class, the most probable first; they add up to 1.
    """

    label: str
    probabilities: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"label": self.label, "probabilities": self.probabilities}


@dataclass(frozen=True)
class Task(tasks.Task):
    """Classification with one lexicon and one set of classes.

    Attributes:
        lexicon: how words are read.
        labels: the classes.
        parts: ``words``, ``encode``, ``pool`` and ``head``.
    """

    name = "classification"

    lexicon: Lexicon
    labels: tuple[str, ...]
    parts: Parts

    @classmethod
    def read(cls, path: Path, format: str | None = None) -> Iterator[Document]:  # noqa: A002  # the option's name
        """See ``elman.data.classified``."""
        return read_classified(path, format)

    @classmethod
    def given(cls, path: Path, format: str | None = None) -> Iterator[Document]:  # noqa: A002
        """Texts, one a line; or any format of documents."""
        return read_classified(path, format, labelled=False)

    @classmethod
    def example(cls, value: str | Document) -> Document:
        """A text."""
        return Document(value) if isinstance(value, str) else value

    @classmethod
    def open(cls, about: Mapping[str, Any], texts: Mapping[str, str], parts: Parts) -> Task:
        """See ``elman.tasks.task.Task``."""
        try:
            labels, lower, digits = tuple(about["labels"]), about["lower"], about["digits"]
            words = Vocabulary.decode(texts["words"], "words.txt")
        except (KeyError, TypeError) as error:
            raise ModelError(f"model.json: about: {error} is missing; train anew") from None
        return cls(lexicon_of(words, lower=lower, digits=digits), labels, parts)

    def about(self) -> dict[str, Any]:
        """See ``elman.tasks.task.Task``."""
        return {"labels": list(self.labels), "lower": self.lexicon.lower, "digits": self.lexicon.digits}

    def texts(self) -> dict[str, str]:
        """See ``elman.tasks.task.Task``."""
        return {"words": self.lexicon.words.encode()}

    def prepare(self, examples: Iterable[Document]) -> Sequences:
        """Documents with at most one label; one that training has not seen is never right."""
        ids, inputs, gold = [], [], []
        for number, document in enumerate(examples, 1):
            ids.append(document.id or f"text {number}")
            inputs.append(self.lexicon.features(words_of(document)).words)
            gold.append(document.labels[0] if document.labels else None)
        index = {label: at for at, label in enumerate(self.labels)}
        known = all(label is not None for label in gold)
        return Sequences(
            tuple(ids),
            tuple(inputs),
            np.array([len(words) for words in inputs], np.int64),
            tuple(np.array(index.get(label or "", -1)) for label in gold) if known else None,
            tuple(gold) if known else None,
        )

    def batch(self, sequences: Sequences, indices: Sequence[int]) -> Batch:
        """See ``elman.tasks.task.Task``."""
        words = [sequences.inputs[at] for at in indices]
        targets = None if sequences.targets is None else np.array([sequences.targets[at] for at in indices], np.int64)
        return Batch(pad(words), sequences.lengths[list(indices)], targets)

    def forward(self, net: Any, batch: Batch) -> Any:
        """Scores of the classes before the softmax: batch x classes."""
        states = net.encode(net.words(batch.words), batch.lengths)
        return net.head(net.pool(states, batch.lengths))

    def predict(self, net: Any, batch: Batch) -> list[Classified]:
        """See ``elman.tasks.task.Task``."""
        scores = self.forward(net, batch).astype(np.float64)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        outputs = []
        for row in powers / powers.sum(axis=1, keepdims=True):
            order = np.argsort(-row, kind="stable").tolist()
            outputs.append(Classified(self.labels[order[0]], {self.labels[at]: float(row[at]) for at in order}))
        return outputs

    def score(self, sequences: Sequences, outputs: Sequence[Classified]) -> ClassScores:
        """See ``elman.tasks.task.Task``."""
        return ClassScores(sequences.gold or (), [output.label for output in outputs])

    def lines(self, example: Document, output: Classified) -> Iterator[str]:
        """The class, its probability, the beginning of the text."""
        text = " ".join(example.text.split())
        yield f"{output.label} {output.probabilities[output.label]:.1%}  {text[:80]}"


def words_of(document: Document) -> list[str]:
    """The words of a text: its own tokens, or those that elman finds."""
    offsets = tokens_and_windows(document).offsets.tolist()
    return [document.text[start:end] for start, end in offsets]


def lexicon_of(words: Vocabulary, *, lower: bool, digits: bool) -> Lexicon:
    """A lexicon of words alone, without characters and shapes."""
    return Lexicon(words, Vocabulary(()), Vocabulary(()), lower, digits)
