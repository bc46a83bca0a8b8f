"""The scores of a batch of linear chains, checked and laid out for a walk over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Scores = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Chain:
    """A batch of linear chains, the longest first, so that those still going on at a step are the first ones.

    The score of a tag sequence y of length n is ``start[y_0] + sum emissions[t, y_t] + sum transitions[y_t-1,
    y_t] + end[y_n-1]``; that of the empty sequence is 0. Everything is float64, whatever came in.

    All work on it is addition, maximum, exponential and sum within one chain, never a matrix product: those
    give other last digits for other batch sizes, and what a sentence gets may not depend on its company.

    Attributes:
        emissions: time x K x batch, in the order of ``order``: the batch last, so that a step runs over long
            rows.
        lengths: of each chain, descending.
        order: which chain of the batch as given each of these is.
        active: for each step, how many chains go on at it.
        transitions: K x K, from row to column; ``-inf`` forbids.
        start: K, the score of beginning with a tag.
        end: K, the score of ending with a tag.
    """

    emissions: NDArray[np.float64]
    lengths: NDArray[np.int64]
    order: NDArray[np.int64]
    active: tuple[int, ...]
    transitions: NDArray[np.float64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]

    def check_paths(self, totals: NDArray[np.float64]) -> None:
        """Refuse chains that no tag sequence can pass.

        Args:
            totals: of each chain, the best score or log-partition; ``-inf`` if there is no sequence.

        Raises:
            ValueError: which names the first such chain.
        """
        stuck = np.flatnonzero(np.isneginf(totals))
        if len(stuck):
            at = int(stuck[np.argmin(self.order[stuck])])
            raise ValueError(
                f"no tag sequence is allowed for sentence {self.order[at]} of the batch, which has "
                f"{self.lengths[at]} tokens: every path has a score of -inf; check what the "
                "transitions, starts, ends and emissions forbid"
            )

    def restore(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values a chain, in the order in which the batch was given."""
        restored = np.empty_like(values)
        restored[self.order] = values
        return restored


def lay_out(
    emissions: Scores, lengths: NDArray[np.integer[Any]], transitions: Scores, start: Scores, end: Scores
) -> Chain:
    """Check the arguments that all functions of this package share, and lay them out.

    Args:
        emissions: batch x time x K; what lies beyond a length is not looked at.
        lengths: batch, each from 0 to time.
        transitions: K x K, from row to column.
        start: K.
        end: K.

    Raises:
        ValueError: if shapes or lengths do not fit, or a score is NaN or +inf.
    """
    if emissions.ndim != 3 or lengths.shape != emissions.shape[:1]:
        raise ValueError(
            f"expected emissions of batch x time x tags and a length for each of the batch, got shapes "
            f"{emissions.shape} and {lengths.shape}"
        )
    batch, time, tags = emissions.shape
    shapes = {"transitions": transitions.shape, "start": start.shape, "end": end.shape}
    if shapes != {"transitions": (tags, tags), "start": (tags,), "end": (tags,)}:
        raise ValueError(f"the emissions have {tags} tags, which do not fit the others' shapes, {shapes}")
    if batch and not 0 <= lengths.min() <= lengths.max() <= time:
        raise ValueError(f"lengths have to be between 0 and {time}, got {lengths.min()} to {lengths.max()}")
    order = np.argsort(-lengths.astype(np.int64), kind="stable")
    descending = lengths[order].astype(np.int64)
    longest = int(descending.max(initial=0))
    rows = np.ascontiguousarray(emissions[order, :longest].transpose(1, 2, 0), dtype=np.float64)
    present = np.arange(longest)[:, None] < descending  # time x batch
    for name, scores in (
        ("emissions", rows.swapaxes(1, 2)[present]),
        ("transitions", transitions),
        ("start", start),
        ("end", end),
    ):
        if not (scores < np.inf).all():
            raise ValueError(f"the {name} hold NaN or +inf; scores have to be finite, or -inf for what is forbidden")
    return Chain(
        emissions=rows,
        lengths=descending,
        order=order,
        active=tuple(present.sum(axis=1).tolist()),
        transitions=np.asarray(transitions, dtype=np.float64),
        start=np.asarray(start, dtype=np.float64),
        end=np.asarray(end, dtype=np.float64),
    )
