"""Who is read when: lanes read one window after the other, so that none waits for a longer one to end."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heapreplace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lanes:
    """Windows on lanes, those that have the most to read first.

    Attributes:
        steps: of the longest lane.
        lanes: how many there are.
        lengths: tokens of each window.
        lane: of each window.
        begin: of each window, the step at which its lane begins it.
        ends: of each lane, its steps; descending.
    """

    steps: int
    lanes: int
    lengths: Indices
    lane: Indices
    begin: Indices
    ends: Indices

    def slots(self, *, backward: bool) -> Indices:
        """Where each token is read, window after window: the step times the lanes, plus the lane."""
        count = int(self.lengths.sum())
        first = np.cumsum(self.lengths) - self.lengths
        if backward:  # a window's last token is read first
            steps = np.repeat(self.begin + first + self.lengths - 1, self.lengths) - np.arange(count)
        else:
            steps = np.repeat(self.begin - first, self.lengths) + np.arange(count)
        result: Indices = steps * self.lanes + np.repeat(self.lane, self.lengths)
        return result

    def tokens(self, *, backward: bool) -> Indices:
        """Steps x lanes: the token that a lane reads at a step; 0 where it has nothing to read any more."""
        result = np.zeros(self.steps * self.lanes, np.int64)
        slots = self.slots(backward=backward)
        result[slots] = np.arange(len(slots))
        return result.reshape(self.steps, self.lanes)

    def begun(self) -> list[tuple[Indices, Indices]]:
        """For each step the lanes that begin a window at it, and these windows."""
        order = np.argsort(self.begin, kind="stable")
        edges = np.searchsorted(self.begin[order], np.arange(1, self.steps))
        return list(zip(np.split(self.lane[order], edges), np.split(order, edges), strict=True))

    def going(self) -> list[int]:
        """For each step how many lanes, the first ones, still have something to read."""
        counts: list[int] = (np.arange(self.steps)[:, None] < self.ends).sum(1).tolist()
        return counts


def spread(lengths: Indices, lanes: int) -> Lanes:
    """Spread windows over lanes of about equal length, the longest window first.

    Args:
        lengths: tokens of each window, at least 1; at least one window.
        lanes: at least 1.
    """
    loads = [(0, lane) for lane in range(lanes)]
    heapify(loads)
    lane_of, begin = [0] * len(lengths), [0] * len(lengths)
    sizes = lengths.tolist()
    for window in np.argsort(-lengths, kind="stable").tolist():
        load, lane = loads[0]
        lane_of[window], begin[window] = lane, load
        heapreplace(loads, (load + sizes[window], lane))
    ends = np.zeros(lanes, np.int64)
    for load, lane in loads:
        ends[lane] = load
    order = np.argsort(-ends, kind="stable")
    rank = np.empty(lanes, np.int64)
    rank[order] = np.arange(lanes)
    return Lanes(int(ends.max()), lanes, lengths, rank[np.array(lane_of)], np.array(begin), ends[order])
