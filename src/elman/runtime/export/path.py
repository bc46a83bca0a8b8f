"""The best tag sequence as ONNX operations: ``elman.decoding.viterbi`` to the last bit, ties included."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from onnx import TensorProto

from elman.decoding.viterbi import NO_TAG
from elman.runtime.export.graph import Graph, integers, value

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import GraphProto

    from elman.runtime.entities import Structure

    Array = NDArray[np.float64]


def best_path(graph: Graph, emissions: str, steps: str, lengths: str, structure: Structure) -> str:
    """Write down the search.

    Args:
        graph: where it is written.
        emissions: the name of the scores, time x batch x K; finite, also beyond the lengths.
        steps: the name of 0, 1, ..., int32, time x 1.
        lengths: the name of the windows' lengths, int32, batch.
        structure: what starts, transitions and ends score.

    Returns:
        The name of the tags, time x batch, int32, ``NO_TAG`` beyond a length.
    """
    start, transition, end = structure
    tags = len(start)
    # What can be had for all steps at once is: an operation within a step takes longer than its sums.
    scores = graph.add("Cast", emissions, to=TensorProto.DOUBLE)
    first = graph.add("Equal", steps, np.zeros(1, np.int32))  # time x 1
    last = graph.add("Equal", graph.add("Add", steps, np.ones(1, np.int32)), lengths)  # time x batch
    last = graph.add("Unsqueeze", last, integers(2))
    batch = graph.add("Shape", lengths)
    none = graph.add("Expand", np.zeros((1, tags)), graph.add("Concat", batch, integers(1), axis=0))
    _, best = graph.add_many(2, "Scan", none, first, scores, body=_ahead(start, transition), num_scan_inputs=2)
    backward = {"scan_input_directions": (1, 1), "scan_output_directions": (1,)}
    nowhere = graph.add("Expand", integers(0), batch)
    _, path = graph.add_many(2, "Scan", nowhere, last, best, body=_back(transition, end), num_scan_inputs=2, **backward)
    shown = graph.add("Where", graph.add("Less", steps, lengths), path, integers(NO_TAG))
    return graph.add("Cast", shown, to=TensorProto.INT32)


def _ahead(start: Array, transition: Array) -> GraphProto:
    """A step ahead: from the best scores of the paths that end in each tag to those of one token more."""
    body, tags = Graph("ahead_"), len(start)
    ways = body.add("Add", body.add("Unsqueeze", "ahead_before", integers(1)), transition.T)  # batch x to x from
    reached = body.add("ReduceMax", ways, axes=(2,), keepdims=0)
    reached = body.add("Where", "ahead_first", start, reached)
    body.add("Add", reached, "ahead_scores", output="ahead_after")
    body.add("Identity", "ahead_after", output="ahead_best")
    before, scores, after, best = (
        value(f"ahead_{name}", np.float64, "batch", tags) for name in ("before", "scores", "after", "best")
    )
    return body.finish("ahead", [before, value("ahead_first", np.bool_, 1), scores], [after, best])


def _back(transition: Array, end: Array) -> GraphProto:
    """A step back: from the tag of the token that follows to the one before it, the lowest of equally good ones."""
    body, tags = Graph("back_"), len(end)
    onward = body.add("Gather", transition.T, "back_following")  # batch x K
    onward = body.add("Where", "back_last", end, onward)
    paths = body.add("Add", "back_best", onward)
    body.add("ArgMax", paths, axis=1, keepdims=0, select_last_index=0, output="back_tag")
    body.add("Identity", "back_tag", output="back_shown")
    following, tag, shown = (value(f"back_{name}", np.int64, "batch") for name in ("following", "tag", "shown"))
    last = value("back_last", np.bool_, "batch", 1)
    return body.finish("back", [following, last, value("back_best", np.float64, "batch", tags)], [tag, shown])
