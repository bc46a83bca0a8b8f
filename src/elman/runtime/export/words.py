"""The rows of words as ONNX operations, in whichever form a model stores them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import TensorProto

from elman.runtime.export.graph import integers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from elman.runtime.export.graph import Graph

    Tensors = Mapping[str, NDArray[Any]]

PARTS = ("embed.words.learned", "embed.words.fixed", "embed.words.rare")
"""The parts of the table, in the order in which rows count through them; all but the first may be absent."""


def word_rows(graph: Graph, tensors: Tensors, rows: str) -> str:
    """Write down the look-up.

    Args:
        graph: where it is written.
        tensors: a model's.
        rows: the name of rows, int32, n.

    Returns:
        The name of the vectors, n x column, float32.
    """
    result, first = "", 0
    for part in PARTS:
        size = len(tensors.get(part, tensors.get(f"{part}.codes", ())))
        if not size:
            continue
        # Each part is asked for all rows, and those are taken that are its own.
        own = graph.add("Sub", rows, np.array(first, np.int32))
        own = graph.add("Max", graph.add("Min", own, np.array(size - 1, np.int32)), np.array(0, np.int32))
        vectors = _part(graph, tensors, part, own)
        if result:
            before = graph.add("Unsqueeze", graph.add("Less", rows, np.array(first, np.int32)), integers(1))
            vectors = graph.add("Where", before, result, vectors)
        result, first = vectors, first + size
    return result


def _part(graph: Graph, tensors: Tensors, part: str, rows: str) -> str:
    """Rows of one part, which stay in the file as small as they are in the model."""
    if part in tensors:
        return _floats(graph, tensors[part], rows)
    codes = tensors[f"{part}.codes"]
    if f"{part}.scales" in tensors:  # whole numbers, and for each row what a 1 stands for
        scales = graph.add("Gather", tensors[f"{part}.scales"][:, None], rows)
        return graph.add("Mul", _floats(graph, codes, rows), scales)
    # Pieces out of lists, one list for each place, side by side and then turned (product quantisation).
    centres = tensors[f"{part}.centres"]
    places, count, columns = centres.shape
    pieces = graph.add("Cast", graph.add("Gather", codes, rows), to=TensorProto.INT32)  # n x places
    pieces = graph.add("Add", pieces, np.arange(0, places * count, count, dtype=np.int32))
    found = _floats(graph, centres.reshape(places * count, columns), pieces)  # n x places x columns
    found = graph.add("Reshape", found, integers(-1, places * columns))
    turned = graph.add("MatMul", found, tensors[f"{part}.mixing"].T)
    return graph.add("Add", turned, tensors[f"{part}.mean"])


def _floats(graph: Graph, table: NDArray[Any], rows: str) -> str:
    found = graph.add("Gather", table, rows)
    return found if table.dtype == np.float32 else graph.add("Cast", found, to=TensorProto.FLOAT)
