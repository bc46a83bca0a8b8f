"""Brute force over all tag sequences, and the drawing of small chains."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from hypothesis import strategies as st
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
        length = self.lengths[at]
        return (
            self.emissions[at : at + 1, :length],
            self.lengths[at : at + 1],
            self.transitions,
            self.start,
            self.end,
        )

    def paths(self, at):
        """All allowed tag sequences of a sentence with their scores, best first, ties as ``viterbi`` has them."""
        length = int(self.lengths[at])
        if length == 0:
            return [((), 0.0)]
        found = []
        for tags in product(range(len(self.start)), repeat=length):
            score = self.start[tags[0]] + self.end[tags[-1]]
            score += sum(self.emissions[at, step, tag] for step, tag in enumerate(tags))
            score += sum(self.transitions[pair] for pair in zip(tags, tags[1:], strict=False))
            if score > -np.inf:
                found.append((tags, float(score)))
        return sorted(found, key=lambda path: (-path[1], path[0][::-1]))


@st.composite
def cases(draw, *, whole=False, longest=5, most_tags=6):
    """Up to four sentences; some scores forbidden; with ``whole``, integers, so that sums are exact and ties come."""
    tags = draw(st.integers(1, most_tags))
    lengths = draw(st.lists(st.integers(0, longest), min_size=1, max_size=4))
    time = max(lengths) + draw(st.integers(0, 2))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    forbidden = draw(st.sampled_from((0.0, 0.2, 0.6)))

    def scores(*shape):
        values = rng.integers(-2, 3, shape).astype(float) if whole else rng.normal(0, 2, shape)
        values[rng.random(shape) < forbidden] = -np.inf
        return values

    emissions = scores(len(lengths), time, tags)
    for at, length in enumerate(lengths):
        emissions[at, length:] = np.nan  # what lies beyond may be anything
    return Case(emissions, np.array(lengths), scores(tags, tags), scores(tags), scores(tags))
