"""Brute force over all tag sequences, and the drawing of small chains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Case:
    emissions: NDArray[np.float64]
    lengths: NDArray[np.int64]
    transitions: NDArray[np.float64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]

    @property
    def arguments(self):
        return self.emissions, self.lengths, self.transitions, self.start, self.end

    def sentence(self, at):
        """One sentence as a batch of its own, without padding."""
        one = slice(at, at + 1)
        emissions = self.emissions[one, : self.lengths[at]]
        return emissions, self.lengths[one], self.transitions, self.start, self.end

    def paths(self, at):
        """The allowed tag sequences of a sentence and their scores, best first, ties as in ``viterbi``."""
        length = int(self.lengths[at])
        if length == 0:
            return np.zeros((1, 0), dtype=int), np.zeros(1)
        # The first tag runs fastest, so that a stable sort leaves equals in the order of their last tags.
        tags = np.indices((len(self.start),) * length).reshape(length, -1).T[:, ::-1]
        scores = self.start[tags[:, 0]] + self.end[tags[:, -1]]
        for step in range(length):
            scores = scores + self.emissions[at, step, tags[:, step]]
        for step in range(1, length):
            scores = scores + self.transitions[tags[:, step - 1], tags[:, step]]
        best_first = np.argsort(-scores, kind="stable")
        best_first = best_first[scores[best_first] > -np.inf]
        return tags[best_first], scores[best_first]

    @property
    def solvable(self):
        return all(len(self.paths(at)[1]) for at in range(len(self.lengths)))


@st.composite
def cases(draw, *, whole=False, longest=5, most_tags=6):
    """Up to four sentences, some scores forbidden; if ``whole``, of integers, for exact sums and ties."""
    tags = draw(st.integers(1, most_tags))
    lengths = draw(st.lists(st.integers(0, longest), min_size=1, max_size=4))
    time = max(lengths) + draw(st.integers(0, 2))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    forbidden = draw(st.sampled_from((0.0, 0.2, 0.6)))
    scale = draw(st.sampled_from((2, 500)))  # with the second, exponentials are beyond float64

    def scores(*shape):
        values = rng.integers(-2, 3, shape).astype(float) if whole else rng.normal(0, scale, shape)
        values[rng.random(shape) < forbidden] = -np.inf
        return values

    emissions = scores(len(lengths), time, tags)
    for at, length in enumerate(lengths):
        emissions[at, length:] = np.nan  # what lies beyond may be anything
    return Case(emissions, np.array(lengths), scores(tags, tags), scores(tags), scores(tags))
