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


def best_path(graph: Graph, emissions: str, lengths: str, structure: Structure) -> str:
    """Write down the search.

    Args:
        graph: where it is written.
        emissions: the name of the scores, time x batch x K; finite, also beyond the lengths.
        lengths: the name of the windows' lengths, int32, batch.
        structure: what starts, transitions and ends score.

    Returns:
        The name of the tags, time x batch, int32, ``NO_TAG`` beyond a length.
    """
    start, transition, end = structure
    tags = len(start)
    scores = graph.add("Cast", emissions, to=TensorProto.DOUBLE)
    size = graph.add("Shape", emissions)
    time, batch = (graph.add("Gather", size, integers(at)) for at in range(2))
    steps = graph.add("Range", np.array(0, np.int64), graph.add("Squeeze", time), np.array(1, np.int64))
    steps = graph.add("Cast", steps, to=TensorProto.INT32)  # time
    none = graph.add("Expand", np.zeros((1, tags)), graph.add("Concat", batch, integers(1), axis=0))
    _, best = graph.add_many(2, "Scan", none, steps, scores, body=_forward(start, transition), num_scan_inputs=2)
    nowhere = graph.add("Expand", integers(0), batch)
    _, _, path = graph.add_many(
        3,
        "Scan",
        nowhere,
        lengths,
        steps,
        best,
        body=_backward(transition, end),
        num_scan_inputs=2,
        scan_input_directions=(1, 1),
        scan_output_directions=(1,),
    )
    return path


def _forward(start: Array, transition: Array) -> GraphProto:
    """A step ahead: from the best scores of the paths that end in each tag to those of one token more."""
    body, tags = Graph("ahead_"), len(start)
    ways = body.add("Add", body.add("Unsqueeze", "ahead_before", integers(1)), transition.T)  # batch x to x from
    reached = body.add("ReduceMax", ways, axes=(2,), keepdims=0)
    first = body.add("Equal", "ahead_step", np.array(0, np.int32))
    reached = body.add("Where", first, start, reached)
    body.add("Add", reached, "ahead_scores", output="ahead_after")
    body.add("Identity", "ahead_after", output="ahead_best")
    scores = [value(f"ahead_{name}", np.float64, "batch", tags) for name in ("before", "scores", "after", "best")]
    return body.finish("ahead", [scores[0], value("ahead_step", np.int32), scores[1]], scores[2:])


def _backward(transition: Array, end: Array) -> GraphProto:
    """A step back: from the tag of the token that follows to the one before it, the lowest of equally good ones."""
    body, tags = Graph("back_"), len(end)
    onward = body.add("Gather", transition.T, "back_following")  # batch x K
    after = body.add("Add", "back_step", np.array(1, np.int32))
    ends = body.add("Unsqueeze", body.add("Equal", "back_lengths", after), integers(1))
    onward = body.add("Where", ends, end, onward)
    tag = body.add("ArgMax", body.add("Add", "back_best", onward), axis=1, keepdims=0, select_last_index=0)
    body.add("Identity", tag, output="back_tag")
    # A state that stays as it is: not every runtime lets a body read what is outside it.
    body.add("Identity", "back_lengths", output="back_kept")
    inside = body.add("Less", "back_step", "back_lengths")
    shown = body.add("Where", inside, tag, integers(NO_TAG))
    body.add("Cast", shown, to=TensorProto.INT32, output="back_shown")
    return body.finish(
        "back",
        [
            value("back_following", np.int64, "batch"),
            value("back_lengths", np.int32, "batch"),
            value("back_step", np.int32),
            value("back_best", np.float64, "batch", tags),
        ],
        [
            value("back_tag", np.int64, "batch"),
            value("back_kept", np.int32, "batch"),
            value("back_shown", np.int32, "batch"),
        ],
    )
