"""In which form a model folder holds its numbers, and how they come into it and out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from elman.model.quantisation import CENTRES, decode_scaled, encode_pieces, encode_scaled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

LEARNED = "embed.words.learned"
"""The rows of words that learned."""

FIXED = "embed.words.fixed"
"""The rows of words whose vectors are fixed; absent where there are none."""

RARE = "embed.words.rare"
"""Of these, the later ones, where the vectors have the form ``product``."""

Form = Literal["float32", "float16", "int8", "product"]
FORMS: dict[str, tuple[Form, ...]] = {
    "weights": ("float32", "float16", "int8"),
    "learned": ("float32", "int8"),
    "vectors": ("float16", "int8", "product"),
}
"""The forms that each part of a model may have."""


class Tensor(NamedTuple):
    """A tensor's type, as safetensors names it, and its shape."""

    dtype: str
    shape: tuple[int, ...]


class Precision(NamedTuple):
    """The form of each part of a model.

    Attributes:
        weights: of the matrices of the network; biases and a CRF's transitions are always float32.
        learned: of the rows of words that learned.
        vectors: of the rows of words whose vectors are fixed.
        frequent: with ``product``, how many of these, the first ones, are stored in smaller pieces.
        columns: of their pieces, and of those of the rest.
    """

    weights: Form = "float32"
    learned: Form = "float32"
    vectors: Form = "float16"
    frequent: int = 50_000
    columns: tuple[int, int] = (2, 5)

    def form(self, name: str, shape: tuple[int, ...]) -> Form:
        """The form of a tensor."""
        if name == LEARNED:
            return self.learned
        if name == FIXED:
            return self.vectors
        return self.weights if len(shape) == 2 and not name.startswith("head.crf.") else "float32"

    def halves(self, rows: int) -> dict[str, tuple[int, int, int]]:
        """The two parts of vectors of the form ``product``, if neither is empty: first row, one past the last, columns.

        Args:
            rows: how many vectors there are.
        """
        border = min(self.frequent, rows)
        parts = {FIXED: (0, border, self.columns[0]), RARE: (border, rows, self.columns[1])}
        return {name: part for name, part in parts.items() if part[0] < part[1]}


PLAIN = Precision()
"""The precision that training leaves."""

COLUMNS = range(1, 17)
"""How many columns a piece may have."""


def stored(name: str, shape: tuple[int, ...], precision: Precision) -> dict[str, Tensor]:
    """The tensors that a folder holds in the place of one."""
    form = precision.form(name, shape)
    if form == "int8":
        return {f"{name}.codes": Tensor("I8", shape), f"{name}.scales": Tensor("F32", shape[:1])}
    if form != "product":
        return {name: Tensor("F16" if form == "float16" else "F32", shape)}
    rows, width = shape
    tensors: dict[str, Tensor] = {}
    for part, (start, stop, columns) in precision.halves(rows).items():
        places = -(-width // columns)
        tensors |= {
            f"{part}.codes": Tensor("U8", (stop - start, places)),
            f"{part}.centres": Tensor("F16", (places, CENTRES, columns)),
            f"{part}.mixing": Tensor("F32", (width, places * columns)),
            f"{part}.mean": Tensor("F32", (width,)),
        }
    return tensors


def encode(tensors: Mapping[str, NDArray[Any]], precision: Precision) -> dict[str, NDArray[Any]]:
    """What a folder holds of a model's tensors; see ``stored``.

    Args:
        tensors: as training leaves them. Without rows, the fixed vectors are left out.
        precision: what they become.
    """
    held: dict[str, NDArray[Any]] = {}
    for name, array in tensors.items():
        form = precision.form(name, array.shape)
        if name == FIXED and not len(array):
            continue
        if form == "int8":
            scaled = encode_scaled(array)
            held |= {f"{name}.codes": scaled.codes, f"{name}.scales": scaled.scales}
        elif form == "product":
            importance = _importance(tensors, array.shape[1])
            for part, (start, stop, columns) in precision.halves(len(array)).items():
                pieces = encode_pieces(array[start:stop], columns, importance)
                held |= {f"{part}.{what}": value for what, value in pieces._asdict().items()}
        else:
            held[name] = np.ascontiguousarray(array, np.float16 if form == "float16" else np.float32)
    return held


def decode_weights(held: Mapping[str, NDArray[Any]], precision: Precision) -> dict[str, NDArray[Any]]:
    """The inverse of ``encode`` for all but words: float32. Words stay as they are; whoever looks one up decodes it."""
    tensors: dict[str, NDArray[Any]] = {}
    for name, array in held.items():
        whole, _, part = name.rpartition(".")
        if name.startswith(("embed.words.", "head.crf.")) or precision.weights == "float32":
            tensors[name] = array
        elif part == "codes":
            tensors[whole] = decode_scaled(array, held[f"{whole}.scales"])
        elif part != "scales":
            tensors[name] = array.astype(np.float32, copy=False)
    return tensors


def _importance(tensors: Mapping[str, NDArray[Any]], width: int) -> NDArray[np.float64]:
    """How much a word's columns, two and two, move what enters the first recurrent layer."""
    total = np.zeros((width, width))
    for name, array in tensors.items():
        if name.startswith("encode.layers.0.") and name.endswith("weight_ih"):
            own = array[:, :width].astype(np.float64)
            total += own.T @ own
    return total if total.any() else np.eye(width)
