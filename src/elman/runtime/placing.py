"""Spans of a document on the windows that a network reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from elman.data.document import Span


def places(
    spans: Sequence[Span], offsets: NDArray[np.int32], starts: NDArray[np.int32], kinds: Mapping[str, int]
) -> NDArray[np.int64]:
    """Where spans stand, without moving any.

    Args:
        spans: any number, in any order; they may overlap.
        offsets: tokens x 2, the tokens' character offsets, ascending and without overlap.
        starts: the indices of the tokens that begin a window.
        kinds: the number of each label.

    Returns:
        n x 4: window, first token and one past the last within it, label. The window is -1 where a span does not
        begin and end where tokens do, is not within one window, or has another label.
    """
    rows = np.full((len(spans), 4), -1, np.int64)
    if not spans or not len(offsets):
        return rows
    begin, end = np.array([(span.start, span.end) for span in spans]).T
    first, last = np.searchsorted(offsets[:, 0], begin), np.searchsorted(offsets[:, 1], end)
    label = np.array([kinds.get(span.label, -1) for span in spans])
    within = np.minimum(np.maximum(first, last), len(offsets) - 1)  # of those that fit it is the last token
    window = np.searchsorted(starts, first, side="right") - 1
    fits = (offsets[np.minimum(first, within), 0] == begin) & (offsets[within, 1] == end) & (label >= 0)
    fits &= window == np.searchsorted(starts, last, side="right") - 1
    rows[fits] = np.column_stack((window, first - starts[window], last + 1 - starts[window], label))[fits]
    return rows
