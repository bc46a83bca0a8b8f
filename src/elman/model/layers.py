"""The layers that an encoder can be made of: their names, and the tensors that each has.

Known without torch, so that a model folder can be checked before anything is computed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

CLASSIC = ("elman", "lstm", "gru")
"""The variants that every version and every engine knows."""

BASELINES = ("bag", "window", "convolution")
"""Layers without recurrence: what a token gets depends on others only through sums over them."""

WITH_REACH = ("window", "convolution")
"""Those of them that see so many tokens on each side."""

ACTIVATIONS = ("tanh", "sigmoid", "relu")
"""What an Elman cell may put around its sum."""


CHARACTER_NETWORKS = ("convolution", "lstm")
"""What may read a word's characters."""

CONVOLUTION_WIDTH = 3
"""Characters that one place of the convolution sees."""


class Blocks(NamedTuple):
    """How many blocks of ``hidden`` rows a cell's tensors have.

    Attributes:
        gates: in the weights of the inputs, of the state if there are some, and in biases.
        recurrent: whether there are weights of the state.
        peepholes: in the weights, one a unit, from the cell state to the gates.
    """

    gates: int
    recurrent: bool = True
    peepholes: int = 0


CELLS = {
    "elman": Blocks(1),
    "elman-sigmoid": Blocks(1),
    "elman-relu": Blocks(1),
    "lstm": Blocks(4),
    "lstm-peepholes": Blocks(4, peepholes=3),
    "lstm-coupled": Blocks(3),
    "lstm-coupled-peepholes": Blocks(3, peepholes=2),
    "gru": Blocks(3),
    "sru": Blocks(4, recurrent=False, peepholes=2),
    "mingru": Blocks(2, recurrent=False),
    "minlstm": Blocks(3, recurrent=False),
    "slstm": Blocks(4),
}
"""Every recurrent cell by its variant."""


def variant(encoder: Mapping[str, Any]) -> str:
    """One name for each set of equations: the cell's, with its options, such as ``lstm-coupled-peepholes``.

    Args:
        encoder: an architecture's or the settings' of an encoder; an option that it leaves out is not taken.
    """
    name: str = encoder["cell"]
    if name == "elman" and (activation := encoder.get("activation", "tanh")) != "tanh":
        return f"elman-{activation}"
    if name == "lstm":
        options = [option for option in ("coupled", "peepholes") if encoder.get(option)]
        return "-".join((name, *options))
    return name


def offsets(name: str, layer: int, reach: int) -> tuple[int, ...]:
    """The tokens that a layer of a window or a convolution sees, from the token itself on.

    Args:
        name: ``window``, whose further layers see one token alone, or ``convolution``, where each one's are twice as
            far apart as those of the one below it.
        layer: its number, from 0.
        reach: tokens on each side.
    """
    if name == "window" and layer:
        return (0,)
    apart = 2**layer if name == "convolution" else 1
    return tuple(apart * at for at in range(-reach, reach + 1))


def tensors_of_encoder(encoder: Mapping[str, Any], size: int) -> dict[str, tuple[int, ...]]:
    """The shapes of an encoder's tensors, by the names that they have in it.

    Args:
        encoder: a manifest's.
        size: features of a token.
    """
    hidden, layers, name = encoder["hidden"], encoder["layers"], variant(encoder)
    if name not in BASELINES:
        return tensors_of_cells(name, size, hidden, layers, 2 if encoder["directions"] == "both" else 1)
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in range(layers):
        blocks = (1 if layer else 2) if name == "bag" else len(offsets(name, layer, encoder["reach"]))
        shapes[f"layers.{layer}.0.weight_ih"] = (blocks * hidden, hidden if layer else size)
        shapes[f"layers.{layer}.0.bias_ih"] = (hidden,)
    return shapes


def tensors_of_cells(name: str, size: int, hidden: int, layers: int, directions: int) -> dict[str, tuple[int, ...]]:
    """As ``tensors_of_encoder``, for the cells of a variant."""
    blocks = CELLS[name]
    rows = blocks.gates * hidden
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in range(layers):
        for direction in range(directions):
            own = f"layers.{layer}.{direction}"
            shapes |= {f"{own}.weight_ih": (rows, directions * hidden if layer else size), f"{own}.bias_ih": (rows,)}
            if blocks.recurrent:
                shapes |= {f"{own}.weight_hh": (rows, hidden), f"{own}.bias_hh": (rows,)}
            if blocks.peepholes:
                shapes[f"{own}.weight_ch"] = (blocks.peepholes * hidden,)
    return shapes


def tensors_of_characters(network: str, rows: int, size: int, output: int) -> dict[str, tuple[int, ...]]:
    """The shapes of the tensors of a network that reads words by their characters, by the names that they have in it.

    Args:
        network: one of ``CHARACTER_NETWORKS``.
        rows: characters.
        size: numbers in a character's vector.
        output: numbers that it makes of a word, see ``output_of_characters``.
    """
    shapes: dict[str, tuple[int, ...]] = {"table": (rows, size)}
    if network == "convolution":
        return shapes | {"kernel": (size, CONVOLUTION_WIDTH * output), "bias": (output,)}
    cells = tensors_of_cells("lstm", size, output // 2, 1, 2)
    return shapes | {f"encode.{name}": shape for name, shape in cells.items()}


def output_of_characters(network: str, output: int) -> int:
    """Numbers that a network makes of a word's characters where so many are asked for: an LSTM makes an even one."""
    return output - output % 2 if network == "lstm" else output


def output_of_encoder(encoder: Mapping[str, Any]) -> int:
    """Numbers that an encoder makes of a token."""
    both = encoder["directions"] == "both" and encoder["cell"] not in BASELINES
    hidden: int = encoder["hidden"]
    return 2 * hidden if both else hidden
