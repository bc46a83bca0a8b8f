import numpy as np
import onnxruntime
import pytest
from onnx import helper

from elman.data.schemes import scheme
from elman.decoding.viterbi import viterbi
from elman.runtime.entities import Structure
from elman.runtime.export.graph import Graph, value
from elman.runtime.export.path import best_path
from elman.runtime.export.tagging import OPSET


def exported(structure):
    """The search alone, from emissions that are time x batch x K."""
    graph = Graph()
    tags = best_path(graph, "emissions", "steps", "lengths", structure)
    graph.add("Identity", tags, output="tags")
    inputs = [
        value("emissions", np.float32, "time", "batch", len(structure.start)),
        value("steps", np.int32, "time", 1),
        value("lengths", np.int32, "batch"),
    ]
    whole = graph.finish("search", inputs, [value("tags", np.int32, "time", "batch")])
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])

    def run(emissions, lengths):
        steps = np.arange(emissions.shape[1], dtype=np.int32)[:, None]
        given = {"emissions": emissions.swapaxes(0, 1).copy(), "steps": steps, "lengths": lengths.astype(np.int32)}
        return session.run(["tags"], given)[0].T

    return run


def drawn(rng, labels, name):
    """Scores of few values, so that many sequences are equally good, with what a scheme forbids."""
    allowed = scheme(name).constraints(labels)
    return Structure(*(np.where(may, rng.integers(-1, 2, may.shape).astype(float), -np.inf) for may in allowed))


@pytest.mark.parametrize("name", ["io", "iob2", "iobes"])
@pytest.mark.parametrize("labels", [["A"], ["A", "B", "C"]])
def test_the_search_is_ours_ties_included(name, labels):
    rng = np.random.default_rng(len(labels))
    structure = drawn(rng, labels, name)
    found = exported(structure)
    ties = 0
    for _ in range(20):
        batch, time = rng.integers(1, 9, 2)
        lengths = rng.integers(0, time + 1, batch)
        emissions = rng.integers(-1, 2, (batch, time, len(structure.start))).astype(np.float32)
        expected, scores = viterbi(emissions, lengths, structure.transition, structure.start, structure.end)
        assert found(emissions, lengths).tolist() == expected.tolist()
        turned = structure.transition[::-1, ::-1]
        other, same = viterbi(emissions[..., ::-1], lengths, turned, structure.start[::-1], structure.end[::-1])
        assert same.tolist() == scores.tolist()
        back = np.where(other < 0, other, len(structure.start) - 1 - other)
        ties += int((back != expected).any())
    assert ties > 5  # else nothing was shown


def test_what_lies_beyond_a_length_does_not_count():
    rng = np.random.default_rng(3)
    found = exported(drawn(rng, ["A", "B"], "iobes"))
    emissions = rng.standard_normal((4, 6, 9)).astype(np.float32)
    lengths = np.array([6, 1, 0, 3])
    expected = found(emissions, lengths)
    for row, length in enumerate(lengths):
        emissions[row, length:] = 1e6
    assert found(emissions, lengths).tolist() == expected.tolist()
    assert expected[2].tolist() == [-1] * 6
