"""The layers of an encoder, from a model's tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elman.model.layers import BASELINES, offsets, variant
from elman.runtime.baselines import BagSide, WindowSide
from elman.runtime.later_cells import RECURRENCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from elman.runtime.recurrence import Recurrence, Side

    Tensors = Mapping[str, NDArray[Any]]


def encoder_layer(encoder: Mapping[str, Any], tensors: Tensors, layer: int, *, halved: bool = True) -> tuple[Side, ...]:
    """A layer's sides: forward and, if it has one, backward; one that is no recurrence has one side.

    Args:
        encoder: a manifest's.
        tensors: a model's.
        layer: its number, from 0.
        halved: see ``Recurrence``.
    """
    name, place = variant(encoder), f"encode.layers.{layer}"
    if name not in BASELINES:
        return directions(name, tensors, place, halved=halved)
    weights = _weights(tensors, f"{place}.0")
    if name == "bag":
        return (WindowSide(weights, (0,), "tanh") if layer else BagSide(weights),)
    activation = "relu" if name == "convolution" else "tanh"
    return (WindowSide(weights, offsets(name, layer, encoder["reach"]), activation),)


def directions(cell: str, tensors: Tensors, layer: str, *, halved: bool = True) -> tuple[Recurrence, ...]:
    """A recurrent layer's directions, as many as there are tensors of: forward, and backward.

    Args:
        cell: its cell's variant.
        tensors: a model's.
        layer: what the names of its tensors begin with.
        halved: see ``Recurrence``.
    """
    count = 1 + (f"{layer}.1.weight_ih" in tensors)
    kind = RECURRENCES[cell]
    return tuple(
        kind(_weights(tensors, f"{layer}.{direction}"), backward=bool(direction), halved=halved)
        for direction in range(count)
    )


def _weights(tensors: Tensors, place: str) -> dict[str, NDArray[Any]]:
    """A side's tensors, by the names that they have in it."""
    names = ("weight_ih", "weight_hh", "weight_ch", "bias_ih", "bias_hh")
    return {name: tensors[f"{place}.{name}"] for name in names if f"{place}.{name}" in tensors}
