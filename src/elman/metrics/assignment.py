"""One-to-one pairing of overlapping spans: as many pairs as there can be.

Two spans overlap if they share a position. All arrays here have one row a span, of both sides together;
spans of different texts lie apart. Which of several best pairings comes out depends on the spans alone and
not on the order of the rows.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]


def pair_most(start: Ints, end: Ints, label: Ints, predicted: Flags) -> Ints:
    """Pair as many gold spans as possible with predicted ones that they overlap.

    The span that ends first has neighbours that all hold its last position, so of two of them the one that
    ends later can replace the other in any pair: taking the one that ends first loses nothing. In order of
    ends this gives a largest matching, in O(n log n).

    Args:
        start: of the spans, at least 0.
        end: of the spans, exclusive.
        label: of the spans; only to have an order among spans in the same place.
        predicted: whether a span is of the predicted side.

    Returns:
        The partner of each span, or -1.
    """
    order = np.lexsort((predicted, label, start, end))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    opening = np.argsort(start, kind="stable")
    # Plain lists, as their items are used one by one.
    ranks, begins = rank[opening].tolist(), start[opening].tolist()
    ends, sides = end[order].tolist(), predicted[order].tolist()
    partner = [-1] * len(order)
    open_: tuple[list[int], list[int]] = [], []  # on either side the ranks of the spans that have begun
    at = 0
    for this, (last, side) in enumerate(zip(ends, sides, strict=True)):
        while at < len(begins) and begins[at] < last:
            heappush(open_[sides[ranks[at]]], ranks[at])
            at += 1
        if partner[this] >= 0:
            continue
        others = open_[not side]
        # A span that has ended unpaired overlaps nothing that is still unpaired.
        while others and (others[0] < this or partner[others[0]] >= 0):
            heappop(others)
        if others:
            other = heappop(others)
            partner[this], partner[other] = other, this
    by_rank = np.array(partner, np.int64).reshape(-1)
    result = np.full(len(order), -1, np.int64)
    paired = by_rank >= 0
    result[order[paired]] = order[by_rank[paired]]
    return result


def pair_labels_first(start: Ints, end: Ints, label: Ints, predicted: Flags, group: Ints) -> Ints:
    """Pair as many spans as possible with one of the same label, and then as many as possible at all.

    First the labels are paired apart. The König cover of that matching (König 1931) tells which pairs may
    stand in some matching with as many equal labels: those of equal labels with exactly one end in the cover,
    those of different labels with none. Within these pairs, augmenting paths (Berge 1957) enlarge the matching
    and leave all spans of the cover paired, which keeps the number of equal labels.

    Args:
        start: of the spans, at least 0.
        end: of the spans, exclusive.
        label: of the spans.
        predicted: whether a span is of the predicted side.
        group: spans of different groups do not overlap.

    Returns:
        The partner of each span, or -1.
    """
    width = 1 + int(end.max(initial=0))
    place = np.unique(label, return_inverse=True)[1] * width
    partner = pair_most(start + place, end + place, label, predicted)
    equal = partner.copy()
    rest = np.flatnonzero(partner < 0)
    others = pair_most(start[rest], end[rest], label[rest], predicted[rest])
    paired = others >= 0
    partner[rest[paired]] = rest[others[paired]]
    # A group where one side is used up has as many pairs as it can have.
    free = partner < 0
    left = np.intersect1d(group[free & predicted], group[free & ~predicted])
    unsettled = np.flatnonzero(np.isin(group, left))
    unsettled = unsettled[np.lexsort((label[unsettled], end[unsettled], start[unsettled], group[unsettled]))]
    for rows in np.split(unsettled, 1 + np.flatnonzero(np.diff(group[unsettled]))):
        if len(rows):
            _enlarge(rows, start, end, label, predicted, equal, partner)
    return partner


def _enlarge(rows: Ints, start: Ints, end: Ints, label: Ints, predicted: Flags, equal: Ints, partner: Ints) -> None:
    """Add pairs to ``partner`` among some spans, keeping the number of those in ``equal``."""
    gold, guessed = rows[~predicted[rows]], rows[predicted[rows]]
    begins, ends, labels = start[guessed], end[guessed], label[guessed]

    def overlapping(span: int) -> Flags:
        return np.asarray((begins < end[span]) & (ends > start[span]))

    # König: from the gold spans without an equal, over any pair there and over the matching's pairs back.
    reached = np.zeros(len(guessed), bool)
    stack = gold[equal[gold] < 0].tolist()
    seen = set(stack)
    while stack:
        span = stack.pop()
        new = np.flatnonzero(overlapping(span) & (labels == label[span]) & ~reached)
        reached[new] = True
        back = equal[guessed[new]].tolist()
        stack += back
        seen.update(back)
    covered = {span for span in gold.tolist() if span not in seen}

    # Berge: breadth first from each free gold span. What a failed search has reached leads nowhere later either.
    spent = np.zeros(len(guessed), bool)
    for root in gold[partner[gold] < 0].tolist():
        visited = spent.copy()
        queue, parent = [root], {}
        goal = -1
        for span in queue:
            same = labels == label[span]
            allowed = same & ~reached if span in covered else same == reached
            new = np.flatnonzero(overlapping(span) & allowed & ~visited)
            visited[new] = True
            nodes = guessed[new].tolist()
            parent.update(dict.fromkeys(nodes, span))
            goal = next((node for node in nodes if partner[node] < 0), -1)
            if goal >= 0:
                break
            queue += partner[guessed[new]].tolist()
        if goal < 0:
            spent = visited
        while goal >= 0:
            span = parent[goal]
            following = int(partner[span])
            partner[span], partner[goal] = goal, span
            goal = following
