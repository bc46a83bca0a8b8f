"""What computes a network's scores; everything before and after that is the same for all engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from elman.features.lexicon import TypeFeatures


class Engine(Protocol):
    """A tagger's network, ready to run; calls may come from several threads at once."""

    def emissions(
        self, types: TypeFeatures, places: NDArray[np.integer[Any]], lengths: NDArray[np.integer[Any]]
    ) -> NDArray[np.float32]:
        """The scores of each tag at each token.

        A window's scores do not depend, to the last bit, on the windows that come with it.

        Args:
            types: the distinct word types of some windows.
            places: the type of each token, window after window.
            lengths: tokens of each window, at least 1.

        Returns:
            Tokens x K.
        """
        ...
