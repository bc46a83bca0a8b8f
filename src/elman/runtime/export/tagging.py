"""The whole tagger as an ONNX model: from the ids of tokens to their tags."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
from onnx import TensorProto, checker, helper

from elman.errors import UsageError
from elman.runtime.entities import structure_of
from elman.runtime.export.graph import Graph, integers, value
from elman.runtime.export.network import Network
from elman.runtime.export.path import best_path
from elman.version import __version__

if TYPE_CHECKING:
    from elman.model.folder import ModelFolder

SCHEMA = "elman.onnx/1"
"""The name and version of the inputs, outputs and metadata."""

OPSET = 17
"""The version of the operators: ONNX Runtime has it since 1.12."""

_IR_VERSION = 8
"""The version of the file format that came with it."""

_LIMIT = 2**31 - 2**20
"""A protocol buffer holds no more bytes."""


def tagger_model(folder: ModelFolder) -> bytes:
    """A model as an ONNX file holds it.

    The inputs are int32: ``words`` (batch x time), ``characters`` (batch x time x any width) and ``shapes`` (batch x
    time), rows as ``elman.features.lexicon`` gives them, and ``lengths`` (batch), each from 0 to time; those that the
    model does not read are left out. The outputs are ``tags`` (batch x time, int32, -1 beyond a length) and
    ``emissions`` (batch x time x K, float32, 0 beyond a length).

    Raises:
        UsageError: if the model is too large for one file.
    """
    size = sum(array.nbytes for array in folder.tensors.values()) + sum(len(text) for text in folder.texts.values())
    if size > _LIMIT:
        raise UsageError(
            f"an ONNX file holds up to 2 GB, {folder.path} has {size / 1e9:.1f}; export a model with fewer vectors"
        )
    manifest = folder.manifest
    graph = Graph()
    steps = graph.add("Gather", graph.add("Shape", "words"), np.array(1, np.int64))
    steps = graph.add("Range", np.array(0, np.int64), steps, np.array(1, np.int64))
    steps = graph.add("Unsqueeze", graph.add("Cast", steps, to=TensorProto.INT32), integers(1))  # time x 1
    inside = graph.add("Less", steps, "lengths")  # time x batch
    network = Network(graph, manifest.architecture, folder.tensors, "lengths", inside)
    emissions = network.emissions("words", "characters", "shapes")
    tags = best_path(graph, emissions, steps, "lengths", structure_of(manifest, folder.tensors))
    graph.add("Transpose", tags, perm=(1, 0), output="tags")
    shown = graph.add("Where", graph.add("Unsqueeze", inside, integers(2)), emissions, np.array(0, np.float32))
    graph.add("Transpose", shown, perm=(1, 0, 2), output="emissions")
    inputs = [value("words", np.int32, "batch", "time")]
    if manifest.architecture["embedding"]["characters"] != "none":
        inputs.append(value("characters", np.int32, "batch", "time", "width"))
    if manifest.architecture["embedding"]["shape_size"]:
        inputs.append(value("shapes", np.int32, "batch", "time"))
    inputs.append(value("lengths", np.int32, "batch"))
    outputs = [
        value("tags", np.int32, "batch", "time"),
        value("emissions", np.float32, "batch", "time", len(manifest.tags)),
    ]
    model = helper.make_model(
        graph.finish("tagger", inputs, outputs),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=_IR_VERSION,
        producer_name="elman",
        producer_version=__version__,
    )
    helper.set_model_props(model, metadata(folder))
    checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString()
    return content


def metadata(folder: ModelFolder) -> dict[str, str]:
    """What a program has to know to make the inputs and read the outputs; every value is JSON."""
    manifest, lexicon = folder.manifest, folder.lexicon
    values = {
        "schema": SCHEMA,
        "version": __version__,
        "model": manifest.checksum,
        "layer": manifest.layer,
        "labels": manifest.labels,
        "scheme": manifest.scheme,
        "tags": manifest.tags,
        "temperature": manifest.temperature,
        "normalisation": {
            "lower": lexicon.lower,
            "digits": lexicon.digits,
            "character_limit": lexicon.character_limit,
        },
        "words": lexicon.words.words,
        "characters": lexicon.characters.words,
        "shapes": lexicon.shapes.words,
    }
    # ASCII alone: words may hold halves of surrogate pairs, which UTF-8 cannot.
    return {f"elman.{name}": json.dumps(one, separators=(",", ":")) for name, one in values.items()}
