"""The parts that networks are made of; a new kind is listed here, in ``elman.nn.parts`` and ``elman.runtime.parts``."""

from __future__ import annotations

from collections.abc import Mapping

from elman.model.parts.basic import Characters, Dense, Embedding, Encoder, Linear, Pool, Scale, Words
from elman.model.parts.decoder import Decoder
from elman.model.parts.part import Part, decode_part, encode_part
from elman.model.parts.symbols import Symbols

__all__ = [
    "KINDS",
    "Characters",
    "Decoder",
    "Dense",
    "Embedding",
    "Encoder",
    "Linear",
    "Part",
    "Parts",
    "Pool",
    "Scale",
    "Symbols",
    "Words",
    "decode_part",
    "encode_part",
]

_ALL: tuple[type[Part], ...] = (Characters, Decoder, Dense, Embedding, Encoder, Linear, Pool, Scale, Symbols, Words)

KINDS: dict[str, type[Part]] = {part.kind: part for part in _ALL}
"""Every kind of part by its name in a model folder."""

Parts = Mapping[str, Part]
"""A network: its parts by the names that a task's ``forward`` calls them."""
