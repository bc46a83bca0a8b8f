"""Numbers that are missing in a series: filled by straight lines, and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from elman.data.example import Series
from elman.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def whole(
    values: NDArray[Any],
    labels: tuple[str, ...],
    name: str,
    rate: float | None = None,
    path: Path | None = None,
    line: int | None = None,
) -> Series:
    """A series of numbers, some of which may be missing.

    Args:
        values: time x channels, or time alone; NaN where something is missing.
        labels: its class, if that is known.
        name: what messages call it.
        rate: steps a second, if that is known.
        path: for messages.
        line: likewise.

    Raises:
        DataError: if these are no numbers, there is none, one is infinite, or a channel is missing from end to end.
    """
    if values.dtype.kind not in "fiub" or values.ndim not in (1, 2):
        shape = " x ".join(map(str, values.shape))
        raise DataError(f"{name}: expected numbers, time x channels, got {values.dtype} of {shape}", path, line)
    values = values.astype(np.float64)
    values = values[:, None] if values.ndim == 1 else values
    there = ~np.isnan(values)
    steps = np.flatnonzero(there.any(axis=1))
    if not len(steps):
        raise DataError(f"{name}: expected at least one step with a number, found none", path, line)
    values, there = values[: steps[-1] + 1], there[: steps[-1] + 1]
    if not there.any(axis=0).all():
        channel = int(np.flatnonzero(~there.any(axis=0))[0])
        raise DataError(
            f"{name}: channel {channel} has no number from end to end, so that there is nothing to fill it from; leave "
            "the series or the channel out",
            path,
            line,
        )
    filled = int((~there).sum())
    for channel in np.flatnonzero(~there.all(axis=0)).tolist():
        known = np.flatnonzero(there[:, channel])
        values[:, channel] = np.interp(np.arange(len(values)), known, values[known, channel])
    with np.errstate(over="ignore"):
        small = values.astype(np.float32)
    if not np.isfinite(small).all():
        step, channel = np.argwhere(~np.isfinite(small))[0].tolist()
        raise DataError(
            f"{name}: expected finite numbers within the range of float32, got {values[step, channel]} at step {step} "
            f"of channel {channel}; correct it, or make it NaN to have it filled",
            path,
            line,
        )
    return Series(small, labels, name, rate, filled)
