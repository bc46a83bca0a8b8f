"""From scores of symbols in each frame to a sequence of symbols: connectionist temporal classification (CTC).

A network says of each frame how probable each symbol is, and how probable it is that there is none, the blank. A path
takes one of them in each frame; what it says is its symbols after repetitions are merged and blanks left out, so that
``aa-abb`` says ``aab``. The probability of a sequence is the sum over all paths that say it.

Graves, A. et al. (2006). Connectionist temporal classification: labelling unsegmented sequence data with recurrent
neural networks. ICML.
"""

from __future__ import annotations

from heapq import nlargest
from itertools import groupby, pairwise
from math import inf, log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    # Beginnings are nodes of a tree; 0 is the empty one.
    tree: list[tuple[int, int]] = [(0, BLANK)]
    grown: dict[tuple[int, int], int] = {}
    # Of each the probability of its paths that end in a blank, and of those that end in its last symbol.
    kept: dict[int, tuple[float, float]] = {0: (1.0, 0.0)}
    scale = 0.0
    for frame in np.exp(frames.astype(np.float64)).tolist():
        chances: dict[int | tuple[int, int], list[float]] = {}
        for node, (blank, other) in kept.items():
            both, last = blank + other, tree[node][1]
            here = chances.setdefault(node, [0.0, 0.0])
            here[0] += both * frame[BLANK]
            if node:
                here[1] += other * frame[last]
            for symbol, chance in enumerate(frame):
                if symbol != BLANK:
                    longer = (node, symbol)
                    # A symbol after itself is another one only if a blank stands between them.
                    ends = chances.setdefault(grown.get(longer, longer), [0.0, 0.0])
                    ends[1] += (blank if symbol == last else both) * chance
        best = nlargest(width, chances.items(), key=lambda item: sum(item[1]))
        # Scaled, or long recordings would come to 0.
        most = sum(best[0][1]) or 1.0
        scale += log(most)
        kept = {}
        for place, (blank, other) in best:
            if isinstance(place, tuple):
                grown[place] = len(tree)
                tree.append(place)
                place = grown[place]
            kept[place] = (blank / most, other / most)
    found = []
    for node, (blank, other) in kept.items():
        symbols, at, total = [], node, blank + other
        while at:
            symbols.append(tree[at][1])
            at = tree[at][0]
        found.append(Decoded(tuple(reversed(symbols)), scale + log(total) if total else -inf))
    return found


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
