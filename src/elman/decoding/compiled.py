"""Decoding in compiled code, one window after the other: the same results as the NumPy of this package, sooner.

NumPy goes through a batch step by step, which for one sentence is some 250 calls. The code is C (``_compiled.c``) and
is built where elman is installed with a C compiler at hand; ``AVAILABLE`` tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

try:
    from elman.decoding import _compiled
except ImportError:
    AVAILABLE = False
else:
    AVAILABLE = True

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from elman.data.tag_ids import Decoder


class CompiledChain:
    """Decodes windows under one structure of scores.

    Args:
        transitions: K x K, the score of going from a tag (row) to a tag (column); ``-inf`` forbids.
        start: K, the score of beginning with a tag.
        end: K, the score of ending with a tag.
        decoder: the scheme's tags.
        temperature: what scores are divided by before they become probabilities; above 0.

    Raises:
        ValueError: if shapes do not fit, or a score is NaN or +inf.
    """

    def __init__(
        self,
        transitions: NDArray[np.floating[Any]],
        start: NDArray[np.floating[Any]],
        end: NDArray[np.floating[Any]],
        decoder: Decoder,
        temperature: float,
    ) -> None:
        self._tags = len(decoder.tags)
        shapes = (transitions.shape, start.shape, end.shape)
        if shapes != ((self._tags, self._tags), (self._tags,), (self._tags,)):
            raise ValueError(f"there are {self._tags} tags, which do not fit the scores' shapes, {shapes}")
        parts = [np.ascontiguousarray(part, np.float64) for part in (transitions, start, end)]
        for part in parts:
            _check(part, "transitions, starts or ends")
        self._best = parts[0], parts[1], parts[2]
        transitions, start, end = (part / temperature for part in parts)
        self._warm = (transitions, np.ascontiguousarray(transitions.T), start, end)
        self._heat = float(temperature)
        self._joined = np.ascontiguousarray(decoder.joined, np.uint8)
        own = [np.flatnonzero(decoder.label == at) for at in range(len(decoder.labels))]
        self._own = np.array(own, np.int32).reshape(len(own), len(own[0]) if own else 0)  # labels x tags of a label

    def best_tags(self, emissions: NDArray[np.float32], lengths: NDArray[np.int64]) -> NDArray[np.int32]:
        """The tags with the highest score; see ``elman.decoding.viterbi``.

        Args:
            emissions: tokens x K, window after window.
            lengths: tokens of each window, at least 1.

        Returns:
            Tokens.

        Raises:
            ValueError: if shapes do not fit, an emission is NaN or +inf, or a window has no allowed sequence.
        """
        emissions, lengths = self._checked(emissions, lengths)
        tags = np.empty(len(emissions), np.int32)
        _refuse(_compiled.best_tags(emissions, lengths, *self._best, tags), lengths)
        return tags

    def entity_scores(
        self, emissions: NDArray[np.float32], lengths: NDArray[np.int64], spans: NDArray[np.integer[Any]]
    ) -> NDArray[np.float64]:
        """The probability that just these entities are there; see ``elman.decoding.entities``.

        Args:
            emissions: tokens x K, window after window.
            lengths: tokens of each window, at least 1.
            spans: n x 4: window, first token and one past the last within it, label; in the order of their windows.

        Returns:
            n probabilities in [0, 1].

        Raises:
            ValueError: as ``best_tags``, or if a span is not within its window.
        """
        emissions, lengths = self._checked(emissions, lengths)
        spans = np.ascontiguousarray(spans, np.int64)
        probabilities = np.empty(len(spans))
        if not len(spans):
            return probabilities
        window, first, stop, label = spans.T
        if (
            window[0] < 0
            or window[-1] >= len(lengths)
            or (np.diff(window) < 0).any()
            or not ((first >= 0) & (first < stop) & (stop <= lengths[window])).all()
            or not ((label >= 0) & (label < len(self._own))).all()
        ):
            raise ValueError("expected spans in the order of their windows and within them, each with a known label")
        joined, own = self._joined, self._own
        stuck = _compiled.entity_scores(emissions, lengths, *self._warm, joined, own, spans, probabilities, self._heat)
        _refuse(stuck, lengths)
        return probabilities

    def _checked(
        self, emissions: NDArray[np.float32], lengths: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """What the compiled code may be trusted with."""
        emissions, lengths = np.ascontiguousarray(emissions, np.float32), np.ascontiguousarray(lengths, np.int64)
        if emissions.shape != (int(lengths.sum()), self._tags) or lengths.min(initial=1) < 1:
            raise ValueError(
                f"expected emissions of tokens x {self._tags} tags in windows of at least 1 token, got shape "
                f"{emissions.shape} and lengths that add up to {int(lengths.sum())}"
            )
        _check(emissions, "emissions")
        return emissions, lengths


def _check(scores: NDArray[np.floating[Any]], name: str) -> None:
    # The largest is NaN where any is.
    if scores.size and not scores.max() < np.inf:
        raise ValueError(f"the {name} hold NaN or +inf; scores have to be finite, or -inf for what is forbidden")


def _refuse(stuck: int, lengths: NDArray[np.int64]) -> None:
    if stuck >= 0:
        raise ValueError(
            f"no tag sequence is allowed for sentence {stuck} of the batch, which has {lengths[stuck]} tokens: every "
            "path has a score of -inf; check what the transitions, starts, ends and emissions forbid"
        )
