"""Language models: the next character, or the next word, from all that came before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from elman.data.articles import read_articles
from elman.data.document import Document
from elman.errors import ModelError
from elman.features.batches import pad
from elman.features.vocabulary import PADDING, UNKNOWN, Vocabulary
from elman.metrics.language import LanguageScores
from elman.tasks import task as tasks
from elman.tasks.task import Sequences
from elman.text.language_units import UNITS, WORDS, split_units

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from elman.model.parts import Parts

END = PADDING
"""The symbol that is read before a text's first and foretold after its last; its row is nobody else's."""

_LATER_WORD = re.compile(r"(?<=\s)\S")

STEPS = 128
"""Steps of a text that prediction holds at a time."""

HEAD_ROWS = 256
"""Rows of scores that are held at a time; there is one number for each symbol in each."""


class Batch(NamedTuple):
    """Some texts.

    Attributes:
        symbols: batch x time: the end of what was before, and the text.
        lengths: symbols of each.
        targets: batch x time: the text, and its end.
        characters: of each, one for its end among them.
    """

    symbols: NDArray[np.int32]
    lengths: NDArray[np.int64]
    targets: NDArray[np.int32]
    characters: NDArray[np.int64]


@dataclass(frozen=True)
class Cost:
    """What a text cost, with its end.

    Attributes:
        bits: minus the binary logarithm of its probability.
        symbols: characters or words that were foretold.
        characters: those of the text, and one for its end.
        unknown: symbols among them that the model does not know.
    """

    bits: float
    symbols: int
    characters: int
    unknown: int

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "bits": self.bits,
            "bits_per_character": self.bits / self.characters,
            "perplexity": 2.0 ** (self.bits / self.symbols),
            "symbols": self.symbols,
            "characters": self.characters,
            "unknown": self.unknown,
        }


@dataclass(frozen=True)
class Task(tasks.Task):
    """A language model.

    Attributes:
        vocabulary: the symbols.
        unit: what they are, one of ``elman.text.language_units.UNITS``.
        parts: ``symbols``, ``encode``, and ``join`` where scores are taken against the symbols' own vectors or
            ``head`` where they are not.
    """

    name = "language_model"
    batch_steps: ClassVar[int] = 1 << 18

    vocabulary: Vocabulary
    unit: str
    parts: Parts

    @classmethod
    def read(cls, path: Path, format: str | None = None) -> Iterator[Document]:  # noqa: A002  # the option's name
        """See ``elman.data.articles``."""
        return read_articles(path, format)

    @classmethod
    def holdout(
        cls, examples: Sequence[Document], share: float, seed: int
    ) -> tuple[Sequence[Document], Sequence[Document]]:
        """Whole texts are held out; of a single one the end, which begins with a word."""
        text = examples[0].text.strip() if len(examples) == 1 else ""
        words = text.rsplit(None, 1)
        if len(words) < 2:
            return super().holdout(examples, share, seed)
        name = examples[0].id
        begin = _LATER_WORD.search(text, round((1 - share) * len(text)))
        cut = len(text) - len(words[-1]) if begin is None else begin.start()
        return [Document(text[:cut].rstrip(), id=name)], [Document(text[cut:], id=name)]

    @classmethod
    def example(cls, value: str | Document) -> Document:
        """A text."""
        return Document(value) if isinstance(value, str) else value

    @classmethod
    def open(cls, about: Mapping[str, Any], texts: Mapping[str, str], parts: Parts) -> Task:
        """See ``elman.tasks.task.Task``."""
        try:
            unit, vocabulary = about["unit"], Vocabulary.decode(texts["symbols"], "symbols.txt")
        except KeyError as error:
            raise ModelError(f"model.json: about: {error} is missing; train anew") from None
        if unit not in UNITS:
            raise ModelError(f"model.json: about: unit: expected one of {', '.join(UNITS)}, got {unit!r}; train anew")
        rows = getattr(parts.get("symbols"), "rows", None)
        if rows != len(vocabulary):
            raise ModelError(
                f"symbols.txt: expected as many symbols as the network has rows, {rows}, got {len(vocabulary)}; "
                "restore the file or train anew"
            )
        return cls(vocabulary, unit, parts)

    def about(self) -> dict[str, Any]:
        """See ``elman.tasks.task.Task``."""
        return {"unit": self.unit}

    def texts(self) -> dict[str, str]:
        """See ``elman.tasks.task.Task``."""
        return {"symbols": self.vocabulary.encode()}

    def ids(self, text: str) -> NDArray[np.int32]:
        """The symbols of a text, without an end."""
        return self.vocabulary.ids(split_units(text, self.unit))

    def prepare(self, examples: Iterable[Document]) -> Sequences:
        """Texts of any length; the gold of one is how many characters it has."""
        ids, inputs, gold = [], [], []
        for number, document in enumerate(examples, 1):
            ids.append(document.id or f"text {number}")
            inputs.append(np.concatenate(([END], self.ids(document.text))).astype(np.int32))
            gold.append(len(document.text) + 1)
        lengths = np.array([len(symbols) for symbols in inputs], np.int64)
        return Sequences(tuple(ids), tuple(inputs), lengths, tuple(map(_next, inputs)), tuple(gold))

    def batch(self, sequences: Sequences, indices: Sequence[int]) -> Batch:
        """See ``elman.tasks.task.Task``."""
        symbols = pad([sequences.inputs[at] for at in indices])
        targets = pad([_next(sequences.inputs[at]) for at in indices])
        characters = np.array([(sequences.gold or ())[at] for at in indices], np.int64)
        return Batch(symbols, sequences.lengths[list(indices)], targets, characters)

    def forward(self, net: Any, batch: Batch) -> Any:
        """Scores of all symbols at every step, before the softmax: batch x time x symbols."""
        return self.scores(net, net.encode(net.symbols(batch.symbols), batch.lengths))

    def scores(self, net: Any, states: Any) -> Any:
        """Scores of all symbols before the softmax, from states of any shape x hidden."""
        return net.head(states) if "head" in self.parts else net.symbols.scores(net.join(states))

    def predict(self, net: Any, batch: Batch) -> list[Cost]:
        """What each text costs: texts of any length in little memory, a piece of all of them at a time."""
        bits, carry = np.zeros(len(batch.lengths)), None
        for first in range(0, batch.symbols.shape[1], STEPS):
            symbols, targets = (ids[:, first : first + STEPS] for ids in (batch.symbols, batch.targets))
            lengths = np.clip(batch.lengths - first, 0, symbols.shape[1])
            states, carry = net.encode.run(net.symbols(symbols), lengths, carry)
            inside = np.arange(symbols.shape[1]) < lengths[:, None]
            costs = np.zeros(symbols.shape)
            costs[inside] = self.costs(net, states[inside], targets[inside])
            bits += costs.sum(axis=1)
        unknown = (batch.symbols == UNKNOWN).sum(axis=1)
        return [
            Cost(*row)
            for row in zip(
                bits.tolist(), batch.lengths.tolist(), batch.characters.tolist(), unknown.tolist(), strict=True
            )
        ]

    def costs(self, net: Any, states: NDArray[np.float32], targets: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Minus the binary logarithm of the probability of a symbol in each of some states, n x hidden."""
        found = np.zeros(len(states))
        for first in range(0, len(states), HEAD_ROWS):
            rows = slice(first, first + HEAD_ROWS)
            scores = self.scores(net, states[rows])
            found[rows] = (log_total(scores) - scores[np.arange(len(scores)), targets[rows]]) / np.log(2)
        return found

    def score(self, sequences: Sequences, outputs: Sequence[Cost]) -> LanguageScores:  # noqa: ARG002
        """See ``elman.tasks.task.Task``."""
        return LanguageScores(
            [output.bits for output in outputs],
            [output.symbols for output in outputs],
            [output.characters for output in outputs],
            sum(output.unknown for output in outputs),
            words=self.unit == WORDS,
        )

    def lines(self, example: Document, output: Cost) -> Iterator[str]:
        """What the text cost, and its beginning."""
        told = output.to_json()
        cost = f"perplexity {told['perplexity']:.2f}" if self.unit == WORDS else ""
        cost = cost or f"{told['bits_per_character']:.4f} bits per character"
        yield f"{cost}  {' '.join(example.text.split())[:80]}"


def log_total(scores: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """The logarithm of the sum of the powers of the last axis."""
    most = scores.max(axis=-1, keepdims=True)
    total: NDArray[np.float64] = most[..., 0] + np.log(np.exp(scores - most).sum(axis=-1, dtype=np.float64))
    return total


def _next(symbols: NDArray[np.int32]) -> NDArray[np.int32]:
    """What is to be foretold after each symbol."""
    return np.append(symbols[1:], np.int32(END))
