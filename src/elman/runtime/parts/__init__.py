"""Networks made of parts, in NumPy: what ``elman.model.parts`` describes, with a model's tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elman.runtime.parts import basic
from elman.runtime.parts.decoder import Decoder
from elman.runtime.parts.symbols import Symbols

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from elman.model.parts import Parts

__all__ = ["Network"]

PARTS: dict[str, Any] = {**basic.PARTS, "decoder": Decoder, "symbols": Symbols}
"""What computes a part, by its kind."""


class Network:
    """Parts by their names, as attributes.

    Args:
        parts: what it is made of.
        tensors: by ``NAME_OF_PART.NAME``.
    """

    def __init__(self, parts: Parts, tensors: Mapping[str, NDArray[Any]]) -> None:
        for name, part in parts.items():
            own = {tensor: tensors[f"{name}.{tensor}"] for tensor in part.tensors()}
            setattr(self, name, PARTS[part.kind](part, own))
