"""Networks made of parts: torch modules of what ``elman.model.parts`` describes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import nn

from elman.nn.parts import basic
from elman.nn.parts.decoder import Decoder
from elman.nn.parts.symbols import Symbols

if TYPE_CHECKING:
    from elman.model.parts import Parts

__all__ = ["Network"]

MODULES: dict[str, Any] = {**basic.MODULES, "decoder": Decoder, "symbols": Symbols}
"""What makes a module of a part, by its kind."""


class Network(nn.Module):
    """Parts by their names; what is random in them comes from torch's generator.

    A task's ``forward`` calls them as attributes.
    """

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        for name, part in parts.items():
            self.add_module(name, MODULES[part.kind](part))
