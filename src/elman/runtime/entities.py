"""From scores of tags to entities, each with its probability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.data.schemes import scheme
from elman.decoding.candidates import FLOOR, candidates, without_overlap
from elman.decoding.compiled import AVAILABLE, CompiledChain
from elman.decoding.entities import entity_probability
from elman.decoding.marginals import forward_backward
from elman.decoding.viterbi import viterbi
from elman.features.batches import bucket
from elman.tasks.tagging import spans_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from elman.data.tag_ids import Decoder
    from elman.decoding.marginals import Lattice
    from elman.model.manifest import Manifest

_BATCH_TOKENS = 16384


class Structure(NamedTuple):
    """The part of a score that is not at one token: start (K), transition (K x K), end (K); -inf forbids."""

    start: NDArray[np.float64]
    transition: NDArray[np.float64]
    end: NDArray[np.float64]


def structure_of(manifest: Manifest, tensors: Mapping[str, NDArray[Any]]) -> Structure:
    """What a model learned of it, which under a softmax is nothing, and what its tag scheme forbids."""
    allowed = scheme(manifest.scheme).constraints(manifest.labels)
    learned = (tensors.get(f"head.crf.{name}") for name in ("start", "transition", "end"))
    return Structure(
        *(
            np.where(may, 0.0 if scores is None else scores.astype(np.float64), -np.inf)
            for may, scores in zip(allowed, learned, strict=True)
        )
    )


class Entities(NamedTuple):
    """Entities in the order of their windows.

    Attributes:
        spans: n x 4, int32: window, first token and one past the last within it, label.
        scores: n, in [0, 1]: the probability that just this entity is there.
    """

    spans: NDArray[np.int32]
    scores: NDArray[np.float64]


class EntityDecoder:
    """Finds the entities of the best tag sequence.

    Args:
        decoder: from tags to spans.
        structure: the scores of starts, transitions and ends.
        temperature: what scores are divided by before they become probabilities.
    """

    def __init__(self, decoder: Decoder, structure: Structure, temperature: float) -> None:
        self._decoder = decoder
        self._structure = structure
        self._temperature = temperature
        self._compiled = None
        if AVAILABLE:
            start, transition, end = structure
            self._compiled = CompiledChain(transition, start, end, decoder, temperature)

    @property
    def tags(self) -> int:
        """How many tags there are, K."""
        return len(self._decoder.tags)

    def __call__(self, emissions: NDArray[np.float32], lengths: NDArray[np.int64]) -> Entities:
        """Decode windows.

        Args:
            emissions: tokens x K, window after window.
            lengths: tokens of each window, at least 1.
        """
        if self._compiled is not None:
            return self._decode_compiled(self._compiled, emissions, lengths)
        every = np.arange(len(lengths))
        return _joined([self._decode(block, lengths[some], some) for some, block in _blocks(emissions, lengths, every)])

    def candidates(self, emissions: NDArray[np.float32], lengths: NDArray[np.int64], floor: float = FLOOR) -> Entities:
        """All entities that are there with some probability, not only those of the best tag sequence; they may overlap.

        Args:
            emissions: tokens x K, window after window.
            lengths: tokens of each window, at least 1.
            floor: the least probability, in (0, 1].
        """
        found = []
        for windows, block in _blocks(emissions, lengths, np.arange(len(lengths))):
            spans, scores = candidates(self._lattice(block, lengths[windows]), self._decoder, floor)
            found.append(Entities(np.column_stack((windows[spans[:, 0]], spans[:, 1:])).astype(np.int32), scores))
        return _joined(found)

    def above(
        self, emissions: NDArray[np.float32], lengths: NDArray[np.int64], least: NDArray[np.float64], *, flat: bool
    ) -> Entities:
        """All entities that are at least as probable as their label asks for.

        Args:
            emissions: tokens x K, window after window.
            lengths: tokens of each window, at least 1.
            least: of each label, in (0, 1].
            flat: whether of those that overlap only the most probable stays.
        """
        if not len(least):
            return _joined([])
        spans, scores = self.candidates(emissions, lengths, float(least.min()))
        enough = scores >= least[spans[:, 3]]
        found = Entities(spans[enough], scores[enough])
        if not flat:
            return found
        stays = without_overlap(*found)
        return Entities(found.spans[stays], found.scores[stays])

    def at(self, temperature: float) -> EntityDecoder:
        """The same with another temperature: the same best entities, with other probabilities."""
        return EntityDecoder(self._decoder, self._structure, temperature)

    def probabilities(
        self, emissions: NDArray[np.float32], lengths: NDArray[np.int64], spans: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """How probable it is of each of these entities that just it is there; they may overlap.

        Args:
            emissions: tokens x K, window after window.
            lengths: tokens of each window, at least 1.
            spans: n x 4: window, first token and one past the last within it, label.

        Returns:
            n probabilities in [0, 1].
        """
        if self._compiled is not None:
            order = np.argsort(spans[:, 0], kind="stable")
            found = np.empty(len(spans))
            found[order] = self._compiled.entity_scores(emissions, lengths, spans[order])
            return found
        result = np.zeros(len(spans))
        place = np.full(len(lengths), -1)
        for windows, block in _blocks(emissions, lengths, np.unique(spans[:, 0])):
            place[windows] = np.arange(len(windows))
            rows = np.flatnonzero(place[spans[:, 0]] >= 0)
            inside = np.column_stack((place[spans[rows, 0]], spans[rows, 1:]))
            result[rows] = entity_probability(self._lattice(block, lengths[windows]), inside, self._decoder)
            place[windows] = -1
        return result

    def _lattice(self, emissions: NDArray[np.float32], lengths: NDArray[np.int64]) -> Lattice:
        """All tag sequences of some windows, at the temperature at which they are probabilities."""
        heat = self._temperature
        start, transition, end = (part / heat for part in self._structure)
        return forward_backward(emissions.astype(np.float64) / heat, lengths, transition, start, end)

    def _decode_compiled(
        self, chain: CompiledChain, emissions: NDArray[np.float32], lengths: NDArray[np.int64]
    ) -> Entities:
        if not len(lengths):
            return _joined([])
        starts = np.cumsum(lengths) - lengths
        chunks = self._decoder.decode(chain.best_tags(emissions, lengths), starts)
        windows = np.searchsorted(starts, chunks.start, side="right") - 1
        first = starts[windows]
        spans = np.column_stack((windows, chunks.start - first, chunks.end - first, chunks.label))
        return Entities(spans.astype(np.int32), chain.entity_scores(emissions, lengths, spans))

    def _decode(
        self, emissions: NDArray[np.float32], lengths: NDArray[np.int64], windows: NDArray[np.int64]
    ) -> Entities:
        start, transition, end = self._structure
        tags, _ = viterbi(emissions, lengths, transition, start, end)
        spans = spans_of(tags, lengths, np.arange(len(lengths)), self._decoder)
        tagged, sentence = np.unique(spans[:, 0], return_inverse=True)  # only these are worth the sums
        lattice = self._lattice(emissions[tagged], lengths[tagged])
        scores = entity_probability(lattice, np.column_stack((sentence, spans[:, 1:])), self._decoder)
        return Entities(np.column_stack((windows[spans[:, 0]], spans[:, 1:])).astype(np.int32), scores)


def _joined(found: Sequence[Entities]) -> Entities:
    """Entities of several blocks, in the order of their windows."""
    if not found:
        return Entities(np.zeros((0, 4), np.int32), np.zeros(0))
    spans, scores = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort(spans.T[::-1])
    return Entities(spans[order], scores[order])


def _blocks(
    emissions: NDArray[np.float32], lengths: NDArray[np.int64], windows: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Some windows in groups of like length, each as their numbers and their emissions, windows x time x K."""
    starts = np.cumsum(lengths) - lengths
    for chosen in bucket(lengths[windows], _BATCH_TOKENS):
        group = windows[chosen]
        sizes = lengths[group]
        steps = np.arange(sizes.max())
        # What lies beyond a window's end is not looked at.
        yield group, emissions[starts[group, None] + np.minimum(steps, sizes[:, None] - 1)]
