"""Slots with an intent beside them: two heads on one encoder, one that tags words, one that tells the whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.data.align import align, to_spans
from elman.data.document import Document, Span
from elman.data.schemes import TokenSpan, scheme
from elman.data.utterances import read_unlabelled, read_utterances
from elman.decoding.entities import entity_probability
from elman.decoding.marginals import forward_backward
from elman.decoding.viterbi import viterbi
from elman.errors import DataError, ModelError
from elman.features.batches import pad
from elman.metrics.classes import ClassScores
from elman.metrics.comparison import Judged, compare
from elman.metrics.score import score
from elman.metrics.slots import SlotScores
from elman.tasks import task as tasks
from elman.tasks.tagging import spans_of, tokens_and_windows
from elman.tasks.texts import Texts, lexicon_about, lexicon_texts, open_lexicon, types_of, vectors_of, word_batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from elman.data.ledger import Ledger
    from elman.features.lexicon import Lexicon
    from elman.model.parts import Parts
    from elman.tasks.task import Sequences

LAYER = "entities"
"""The layer of spans that are slots."""

BEYOND = -1
"""The tag beyond the end of an utterance, and the intent that training has not seen; no loss counts it."""


class Batch(NamedTuple):
    """Some utterances.

    Attributes:
        words: see ``elman.tasks.texts.WordBatch``.
        characters: likewise.
        places: likewise.
        lengths: words of each.
        offsets: batch x time x 2, where the words stand in their texts.
        tags: batch x time, ``BEYOND`` beyond the ends; None where they are not known.
        intents: batch; None where they are not known.
    """

    words: NDArray[np.int32]
    characters: NDArray[np.int32] | None
    places: NDArray[np.int32]
    lengths: NDArray[np.int64]
    offsets: NDArray[np.int32]
    tags: NDArray[np.int64] | None
    intents: NDArray[np.int64] | None


@dataclass(frozen=True, kw_only=True)
class Utterances(Texts):
    """Utterances as arrays: words are the inputs, tags and behind them the intent the targets.

    Attributes:
        offsets: of each where its words stand in its text, words x 2.
    """

    offsets: tuple[NDArray[np.int32], ...]


@dataclass(frozen=True)
class Understood:
    """What was found in an utterance.

    Attributes:
        intent: the most probable one.
        score: how probable it is.
        slots: the spans, each with its probability.
    """

    intent: str
    score: float
    slots: tuple[Span, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain values; offsets are code points, ends exclusive."""
        slots = [{"start": s.start, "end": s.end, "label": s.label, "score": s.score} for s in self.slots]
        return {"intent": self.intent, "score": self.score, "slots": slots}


@dataclass(frozen=True)
class Task(tasks.Task):
    """Slots and intents with one lexicon.

    Attributes:
        lexicon: how words are read.
        scheme: the name of the slots' tag scheme.
        slots: the labels of slots; there may be none.
        intents: the labels of utterances.
        parts: ``words``, perhaps ``characters``, ``encode``, ``tags``, ``pool`` and ``intent``.
    """

    name = "slots"

    lexicon: Lexicon
    scheme: str
    slots: tuple[str, ...]
    intents: tuple[str, ...]
    parts: Parts

    @classmethod
    def read(cls, path: Path, format: str | None = None) -> Iterator[Document]:  # noqa: A002  # the option's name
        """See ``elman.data.utterances``."""
        return read_utterances(path, format)

    @classmethod
    def given(cls, path: Path, format: str | None = None) -> Iterator[Document]:  # noqa: A002
        """See ``elman.data.utterances``."""
        return read_unlabelled(path, format)

    @classmethod
    def example(cls, value: str | Document) -> Document:
        """A text."""
        return Document(value) if isinstance(value, str) else value

    @classmethod
    def open(cls, about: Mapping[str, Any], texts: Mapping[str, str], parts: Parts) -> Task:
        """See ``elman.tasks.task.Task``."""
        try:
            slots, intents, name = tuple(about["slots"]), tuple(about["intents"]), about["scheme"]
        except (KeyError, TypeError) as error:
            raise ModelError(f"model.json: about: {error} is missing; train anew") from None
        try:
            scheme(name).tags(slots)
        except DataError as error:
            raise ModelError(f"model.json: about: {error.problem}") from None
        return cls(open_lexicon(about, texts), name, slots, intents, parts)

    def about(self) -> dict[str, Any]:
        """See ``elman.tasks.task.Task``."""
        return {
            "scheme": self.scheme,
            "slots": list(self.slots),
            "intents": list(self.intents),
            **lexicon_about(self.lexicon),
        }

    def texts(self) -> dict[str, str]:
        """See ``elman.tasks.task.Task``."""
        return lexicon_texts(self.lexicon)

    def prepare(self, examples: Iterable[Document]) -> Utterances:
        """Documents with at most one label; a slot or an intent that training has not seen is never right."""
        gold, words, offsets, targets = [], [], [], []
        codec, places = scheme(self.scheme), {intent: at for at, intent in enumerate(self.intents)}
        ids = {tag: at for at, tag in enumerate(codec.tags(self.slots))}
        for document in examples:
            tokens = tokens_and_windows(document).offsets
            gold.append(document)
            offsets.append(tokens)
            words.append([document.text[a:b] for a, b in tokens.tolist()])
            spans = [span for span in aligned(document)[0] if span.label in self.slots]
            tags = [ids[tag] for tag in codec.encode(spans, len(tokens))]
            targets.append(np.array([*tags, places.get("".join(document.labels[:1]), BEYOND)], np.int64))
        known = all(document.labels for document in gold)
        types, rows = types_of(self.lexicon, words)
        return Utterances(
            tuple(document.id or f"text {number}" for number, document in enumerate(gold, 1)),
            rows,
            np.array([len(text) for text in rows], np.int64),
            tuple(targets) if known else None,
            tuple(gold) if known else None,
            types=types,
            offsets=tuple(offsets),
        )

    def batch(self, sequences: Sequences, indices: Sequence[int]) -> Batch:
        """See ``elman.tasks.task.Task``."""
        assert isinstance(sequences, Utterances)
        words = word_batch(self.parts, sequences, indices)
        offsets = pad([sequences.offsets[at] for at in indices])
        lengths = sequences.lengths[list(indices)]
        if sequences.targets is None:
            return Batch(*words, lengths, offsets, None, None)
        targets = [sequences.targets[at] for at in indices]
        tags = pad([target[:-1] for target in targets], BEYOND)
        return Batch(*words, lengths, offsets, tags, np.array([target[-1] for target in targets], np.int64))

    def forward(self, net: Any, batch: Batch) -> tuple[Any, Any]:
        """Scores of the tags, batch x time x K, and of the intents, batch x intents."""
        states = net.encode(vectors_of(net, batch), batch.lengths)
        return net.tags(states), net.intent(net.pool(states, batch.lengths))

    def predict(self, net: Any, batch: Batch) -> list[Understood]:
        """The best slots that the tag scheme allows, and the best intent."""
        emissions, scores = self.forward(net, batch)
        powers = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
        beliefs = powers / powers.sum(axis=1, keepdims=True)
        slots = self._slots(emissions.astype(np.float64), batch)
        return [
            Understood(self.intents[int(row.argmax())], float(row.max()), found)
            for row, found in zip(beliefs, slots, strict=True)
        ]

    def _slots(self, emissions: NDArray[np.float64], batch: Batch) -> list[tuple[Span, ...]]:
        """The spans of the best tag sequences; a span's score is the sum over all sequences that have it."""
        found: list[tuple[Span, ...]] = [()] * len(batch.lengths)
        decoder = scheme(self.scheme).decoder(self.slots)
        start, transition, end = (np.where(allowed, 0.0, -np.inf) for allowed in decoder.constraints)
        every = np.flatnonzero(batch.lengths)
        emissions, lengths = emissions[every], batch.lengths[every]
        tags, _ = viterbi(emissions, lengths, transition, start, end)
        spans = spans_of(tags, lengths, np.arange(len(every)), decoder)
        if not len(spans):
            return found
        lattice = forward_backward(emissions, lengths, transition, start, end)
        chances = entity_probability(lattice, spans, decoder).tolist()
        for at, row in enumerate(every.tolist()):
            own = np.flatnonzero(spans[:, 0] == at).tolist()
            tokens = [TokenSpan(int(spans[n, 1]), int(spans[n, 2]), self.slots[spans[n, 3]]) for n in own]
            places = to_spans(tokens, batch.offsets[row], LAYER)
            found[row] = tuple(replace(span, score=chances[n]) for span, n in zip(places, own, strict=True))
        return found

    def score(self, sequences: Sequences, outputs: Sequence[Understood]) -> SlotScores:
        """See ``elman.tasks.task.Task``."""
        gold: tuple[Document, ...] = sequences.gold or ()
        guesses = [replace(one, spans=output.slots) for one, output in zip(gold, outputs, strict=True)]
        intents = [document.labels[0] for document in gold]
        whole = [
            intent == output.intent and {span.key for span in one.layer(LAYER)} == {span.key for span in output.slots}
            for one, intent, output in zip(gold, intents, outputs, strict=True)
        ]
        result = score(compare(map(Judged, gold, guesses), LAYER))
        return SlotScores(result, ClassScores(intents, [output.intent for output in outputs]), tuple(whole))

    def lines(self, example: Document, output: Understood) -> Iterator[str]:
        """The intent, its probability, and the text with its slots in brackets."""
        text, pieces, done = example.text, list[str](), 0
        for span in output.slots:
            pieces += (text[done : span.start], f"[{text[span.start : span.end]} {span.label}]")
            done = span.end
        shown = " ".join("".join((*pieces, text[done:])).split())
        yield f"{output.intent} {output.score:.1%}  {shown}"


def aligned(document: Document) -> tuple[tuple[TokenSpan, ...], Ledger]:
    """The slots of an utterance on its tokens, and what became of each."""
    prepared = tokens_and_windows(document)
    found = align(document.layer(LAYER), prepared.offsets, text=document.text)
    return found.token_spans, found.ledger(document.id)
