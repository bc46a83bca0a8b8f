"""From scores of symbols in each frame to a sequence of symbols: connectionist temporal classification (CTC).

A network says of each frame how probable each symbol is, and how probable it is that there is none, the blank. A path
takes one of them in each frame; what it says is its symbols after repetitions are merged and blanks left out, so that
``aa-abb`` says ``aab``. The probability of a sequence is the sum over all paths that say it.

Graves, A. et al. (2006). Connectionist temporal classification: labelling unsegmented sequence data with recurrent
neural networks. ICML.
"""

from __future__ import annotations

from itertools import groupby, pairwise
from math import inf, log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Frames = NDArray[np.floating]
    """Logarithms of probabilities, time x symbols, of which the first is the blank."""

BLANK = 0


class Decoded(NamedTuple):
    """A sequence of symbols.

    Attributes:
        symbols: without blanks.
        score: the logarithm of a probability.
    """

    symbols: tuple[int, ...]
    score: float


def greedy(frames: Frames) -> Decoded:
    """What the most probable path says, with the probability of that path alone."""
    path = frames.argmax(axis=1)
    symbols = tuple(symbol for symbol, _ in groupby(path.tolist()) if symbol != BLANK)
    return Decoded(symbols, float(frames.max(axis=1).sum()) if len(frames) else 0.0)


def beam_search(frames: Frames, width: int) -> list[Decoded]:
    """The most probable sequences, the best first, each with the probability of those of its paths that were followed.

    Only the ``width`` best beginnings are kept after each frame, so that a better sequence can be missed. Hannun, A. et
    al. (2014). First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs.
    arXiv:1408.2873; without their language model.

    Args:
        frames: time x symbols.
        width: at least 1.
    """
    tree = _Tree()
    kept: dict[int, _Ends] = {0: (1.0, 0.0)}
    scale = 0.0
    chances = np.exp(frames.astype(np.float64))
    for frame, order in zip(chances.tolist(), np.argsort(-chances, axis=1).tolist(), strict=True):
        found = [(place, *tree.unchanged(place, kept, frame)) for place in kept]
        # What is longer by a symbol has a place only if it is as good as the worst of as many as are kept.
        least = min(blank + other for _, blank, other in found) if len(found) == width else 0.0
        best: list[tuple[_Place, float, float]] = [*found, *tree.longer(kept, frame, order, least)]
        best.sort(key=lambda one: one[1] + one[2], reverse=True)
        # Scaled, or long recordings would come to 0.
        most = best[0][1] + best[0][2] or 1.0
        scale += log(most)
        kept = {tree.grow(place): (blank / most, other / most) for place, blank, other in best[:width]}
    return [Decoded(tree.symbols(node), scale + log(sum(ends)) if any(ends) else -inf) for node, ends in kept.items()]


_Ends = tuple[float, float]
"""Of a beginning the probability of its paths that end in a blank, and of those that end in its last symbol."""

_Place = int | tuple[int, int]
"""A node of the tree, or one that is not there yet: its parent and its symbol."""


class _Tree:
    """Beginnings of sequences, as nodes: each is its parent and one symbol more; 0 is the empty one."""

    def __init__(self) -> None:
        self._nodes: list[tuple[int, int]] = [(0, BLANK)]
        self._children: dict[tuple[int, int], int] = {}

    def grow(self, place: _Place) -> int:
        """The node, which is made if it was not there."""
        if isinstance(place, int):
            return place
        self._nodes.append(place)
        self._children[place] = len(self._nodes) - 1
        return len(self._nodes) - 1

    def symbols(self, node: int) -> tuple[int, ...]:
        """From the first one to the last."""
        found = []
        while node:
            node, symbol = self._nodes[node]
            found.append(symbol)
        return tuple(reversed(found))

    def unchanged(self, node: int, kept: Mapping[int, _Ends], frame: Sequence[float]) -> _Ends:
        """A beginning after a frame more: as it was, or its parent with its last symbol."""
        blank, other = kept[node]
        parent, last = self._nodes[node]
        again = 0.0
        if node:
            again = other * frame[last]
            if before := kept.get(parent):
                again += self._ready(parent, before, last) * frame[last]
        return (blank + other) * frame[BLANK], again

    def longer(
        self, kept: Mapping[int, _Ends], frame: Sequence[float], order: Sequence[int], least: float
    ) -> Iterator[tuple[_Place, float, float]]:
        """Beginnings that are not kept yet, with at least a probability; symbols in order, the most probable first."""
        for node, ends in kept.items():
            both = ends[0] + ends[1]
            for symbol in order:
                if both * frame[symbol] < least:
                    break
                place = self._children.get((node, symbol), (node, symbol))
                if symbol != BLANK and place not in kept:
                    yield place, 0.0, self._ready(node, ends, symbol) * frame[symbol]

    def _ready(self, node: int, ends: _Ends, symbol: int) -> float:
        """The probability of paths that a symbol makes longer: after itself, only if a blank stands between them."""
        return ends[0] if self._nodes[node][1] == symbol else ends[0] + ends[1]


def log_likelihood(frames: Frames, symbols: Sequence[int]) -> float:
    """The logarithm of the probability of a sequence: the sum over all its paths, by the forward algorithm.

    Args:
        frames: time x symbols.
        symbols: without blanks.
    """
    between = np.full(2 * len(symbols) + 1, BLANK)  # a blank before, between and after
    between[1::2] = symbols
    jumps = np.zeros(len(between), np.bool_)  # over the blank between two different symbols
    jumps[3::2] = between[3::2] != between[1:-2:2]
    ends = np.full(len(between), -np.inf)
    ends[0] = 0.0
    for frame in frames.astype(np.float64):
        before = ends
        ends = before.copy()
        ends[1:] = np.logaddexp(ends[1:], before[:-1])
        ends[2:] = np.where(jumps[2:], np.logaddexp(ends[2:], before[:-2]), ends[2:])
        ends += frame[between]
    return float(np.logaddexp.reduce(ends[-2:]))


def frames_needed(symbols: Sequence[int]) -> int:
    """The least number of frames with which a sequence can be said: one a symbol, and a blank between equal ones."""
    return len(symbols) + sum(one == other for one, other in pairwise(symbols))
