"""What nobody annotated: the tags that say so, and the tokens that lie in such regions. Unknown is not O."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from elman.data.document import ENTITIES, Region
from elman.data.schemes import OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

MARKS = ("-", "?", "-100")
"""What stands in a column of tags where nobody said what the tag is."""


class Uncovered(NamedTuple):
    """Tags with O in the place of every mark, and the marks as they were.

    Attributes:
        tags: what a scheme can read.
        places: the indices of the marks, ascending.
        marks: the mark at each of them.
    """

    tags: Sequence[str]
    places: list[int]
    marks: list[str]


def uncover(tags: Sequence[str], marks: Collection[str] = MARKS) -> Uncovered:
    """Take the marks out of tags; to the scheme an unknown tag stands as O does.

    Args:
        tags: of any number of sentences.
        marks: which tags say that the tag is unknown.
    """
    if not any(mark in tags for mark in marks):
        return Uncovered(tags, [], [])
    places = [at for at, tag in enumerate(tags) if tag in marks]
    found = [tags[at] for at in places]
    known = list(tags)
    for at in places:
        known[at] = OUTSIDE
    return Uncovered(known, places, found)


def regions_of(
    places: Iterable[int], offsets: NDArray[np.integer], sentences: Iterable[int] = (0,), layer: str = ENTITIES
) -> tuple[Region, ...]:
    """The regions that unknown tokens make: one for each run of them within a sentence.

    Args:
        places: indices of unknown tokens, ascending.
        offsets: all tokens, n x 2.
        sentences: indices of the tokens that begin a sentence.
        layer: the regions' layer.
    """
    breaks = set(sentences)
    runs: list[list[int]] = []
    for at in places:
        if runs and at == runs[-1][1] and at not in breaks:
            runs[-1][1] = at + 1
        else:
            runs.append([at, at + 1])
    return tuple(Region(int(offsets[first, 0]), int(offsets[end - 1, 1]), layer) for first, end in runs)


def unknown_tokens(
    regions: Iterable[Region], offsets: NDArray[np.integer], spans: Iterable[tuple[int, int, str]] = ()
) -> NDArray[np.bool_]:
    """Which tokens lie in a region, wholly or in part.

    Args:
        regions: of one layer.
        offsets: the tokens, n x 2.
        spans: spans on these tokens, which are known wherever they lie.

    Returns:
        For each token whether nobody said what it is.
    """
    unknown = np.zeros(len(offsets), np.bool_)
    for region in regions:
        head = int(np.searchsorted(offsets[:, 1], region.start, side="right"))
        tail = int(np.searchsorted(offsets[:, 0], region.end, side="left"))
        unknown[head:tail] = True
    for start, end, _ in spans:
        unknown[start:end] = False
    return unknown
