"""Tags as integers: what a scheme allows of them, and how they become chunks, as arrays.

``Scheme.constraints`` and ``Scheme.decoder`` build these from the scheme's table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Constraints(NamedTuple):
    """What a scheme allows over an inventory of K tags, as booleans: K, K x K (from, to), and K."""

    start: NDArray[np.bool_]
    transition: NDArray[np.bool_]
    end: NDArray[np.bool_]


class Chunks(NamedTuple):
    """Chunks of a flat sequence, int32: the first token, one past the last token, the index of the label."""

    start: NDArray[np.int32]
    end: NDArray[np.int32]
    label: NDArray[np.int32]


@dataclass(frozen=True)
class Decoder:
    """Turns tag ids into chunks, for one scheme and one label set.

    Attributes:
        tags: the inventory, K tags with O first; an id is an index into it.
        labels: the labels that ``Chunks.label`` indexes.
        constraints: which ids may start a sentence, follow one another, and end it.
        joined: K x K boolean, whether the second tag continues the chunk of the first.
        label: int32 K, the index of each tag's label, -1 for O.
    """

    tags: tuple[str, ...]
    labels: tuple[str, ...]
    constraints: Constraints
    joined: NDArray[np.bool_]
    label: NDArray[np.int32]

    def decode(self, ids: NDArray[np.integer], sentence_starts: NDArray[np.integer]) -> Chunks:
        """Find the chunks of many sentences at once.

        Ids that the scheme forbids where they stand are read as the repair ``conlleval`` has it.

        Args:
            ids: n tag ids, the sentences one after the other.
            sentence_starts: ascending indices at which sentences begin; no chunk crosses one.

        Returns:
            The chunks, ascending.
        """
        joined = np.zeros(len(ids) + 1, dtype=np.bool_)
        joined[1:-1] = self.joined[ids[:-1], ids[1:]]
        joined[sentence_starts] = False
        label = self.label[ids]
        tagged = label >= 0
        start = np.flatnonzero(tagged & ~joined[:-1])
        end = np.flatnonzero(tagged & ~joined[1:]) + 1
        return Chunks(start.astype(np.int32), end.astype(np.int32), label[start])

    def allows(self, ids: NDArray[np.integer], sentence_starts: NDArray[np.integer]) -> bool:
        """Whether the scheme allows all of these sentences, of which none is empty; arguments as for ``decode``."""
        start, transition, end = self.constraints
        inner = transition[ids[:-1], ids[1:]]
        inner[sentence_starts[1:] - 1] = True
        return bool(
            inner.all()
            and start[ids[sentence_starts]].all()
            and end[ids[sentence_starts[1:] - 1]].all()
            and end[ids[-1]]
        )

    def faults(self, ids: NDArray[np.integer], sentence_starts: NDArray[np.integer]) -> int:
        """How many places of these sentences the scheme forbids; arguments as for ``decode``."""
        first = np.zeros(len(ids) + 1, dtype=np.bool_)
        first[0] = first[-1] = True
        first[sentence_starts] = True
        last = first[1:]
        start, transition, end = self.constraints
        inner = ~transition[ids[:-1], ids[1:]] & ~last[:-1]
        return int(inner.sum() + (~start[ids[first[:-1]]]).sum() + (~end[ids[last]]).sum())
