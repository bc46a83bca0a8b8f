"""What stands beside ``Document``: a pair of texts, and a series of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from elman.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Pair:
    """A text and what it becomes.

    Attributes:
        source: what is read.
        targets: what it may become, the first one to learn from; empty where it is not known.
        id: its name where a message has to name it.
    """

    source: str
    targets: tuple[str, ...] = ()
    id: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Numbers over time.

    Attributes:
        values: time x channels, float32, all finite.
        labels: the class of the whole, or one for each step; empty where nothing is known.
        id: its name where a message has to name it.
        rate: steps a second, if that is known.
        filled: how many of the values were missing where they come from, and were filled in.

    Raises:
        DataError: if the values are no finite numbers, time x channels.
    """

    values: NDArray[np.float32]
    labels: tuple[str, ...] = ()
    id: str | None = None
    rate: float | None = None
    filled: int = 0

    def __post_init__(self) -> None:
        name = self.id or "a series"
        if self.values.ndim != 2 or self.values.dtype != np.float32:
            kind = f"{self.values.dtype} of {' x '.join(map(str, self.values.shape))}"
            raise DataError(f"{name}: expected float32 numbers, time x channels, got {kind}")
        if not np.isfinite(self.values).all():
            step, channel = np.argwhere(~np.isfinite(self.values))[0].tolist()
            found = self.values[step, channel]
            raise DataError(
                f"{name}: expected finite numbers, got {found} at step {step} of channel {channel}; fill the gap or "
                "leave the series out"
            )
