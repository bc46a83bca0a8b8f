"""The decoder in torch and in NumPy, all steps at once and one after the other."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
import torch

from elman.errors import ModelError
from elman.model.parts import KINDS, Decoder, decode_part, encode_part
from elman.nn.parts import Network
from elman.runtime.parts import Network as Computed
from elman.settings import RecurrentSettings

CELLS: list[dict[str, Any]] = [
    {"cell": "lstm", "layers": 2},
    {"cell": "lstm", "peepholes": True, "coupled": True},
    {"cell": "gru", "layers": 2},
    {"cell": "elman"},
    {"cell": "elman", "activation": "relu"},
    {"cell": "sru"},
    {"cell": "mingru"},
    {"cell": "minlstm"},
    {"cell": "slstm", "layers": 2},
]
LENGTHS = np.array([3, 20, 1, 17])


def part_of(**changes: Any) -> Decoder:
    options = {name: changes.pop(name) for name in asdict(RecurrentSettings()) if name in changes}
    encoder = asdict(RecurrentSettings(directions="forward", **{"hidden": 6, **options}))
    given: dict[str, Any] = {"outputs": 11, "size": 5, "memory": 7, "attention": "general", "tied": True}
    return Decoder(**{**given, **changes}, encoder=encoder)


def nets(part: Decoder) -> tuple[Any, Any]:
    torch.manual_seed(1)
    net = Network({"decode": part}).eval()
    for value in net.parameters():
        torch.nn.init.normal_(value, std=0.5)
    tensors = {name: value.detach().numpy() for name, value in net.state_dict().items()}
    return net.decode, Computed({"decode": part}, tensors).decode


def inputs(part: Decoder) -> tuple[Any, Any, Any, Any]:
    rng = np.random.default_rng(2)
    first = rng.normal(size=(4, part.bridge)).astype(np.float32)
    memory = rng.normal(size=(4, 20, part.memory)).astype(np.float32) if part.memory else None
    return rng.integers(0, 11, (4, 18)), first, memory, LENGTHS


def torched(arrays: tuple[Any, ...]) -> list[Any]:
    return [None if array is None else torch.from_numpy(array) for array in arrays]


PARTS = [part_of(**cell) for cell in CELLS]
PARTS += [part_of(attention="dot", memory=6), part_of(attention="none", memory=0), part_of(tied=False, layers=3)]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: f"{part.encoder['cell']}-{part.attention}-{part.tied}")
def test_torch_and_numpy_are_equal_at_once_and_step_by_step(part: Decoder) -> None:
    net, computed = nets(part)
    ids, first, memory, lengths = inputs(part)
    with torch.no_grad():
        expected = net(*torched((ids, first, memory, lengths))).numpy()
    np.testing.assert_allclose(computed(ids, first, memory, lengths), expected, atol=1e-4)
    state, other = computed.begin(first, memory, lengths), net.begin(*torched((first, memory, lengths)))
    for at in range(ids.shape[1]):
        scores, state, weights = computed.step(state, ids[:, at : at + 1])
        np.testing.assert_allclose(scores[:, 0], expected[:, at], atol=1e-4)
        with torch.no_grad():
            scores, other, told = net.step(other, torch.from_numpy(ids[:, at : at + 1]))
        np.testing.assert_allclose(scores[:, 0], expected[:, at], atol=1e-4)
        if weights is not None:
            np.testing.assert_allclose(weights, told, atol=1e-5)
            np.testing.assert_allclose(weights.sum(axis=2), 1, atol=1e-5)
            assert not weights[0, 0, 3:].any()


@pytest.mark.parametrize("part", [PARTS[0], part_of(attention="none", memory=0)])
def test_beams_are_taken_where_they_go_on(part: Decoder) -> None:
    net, computed = nets(part)
    _, first, memory, lengths = inputs(part)
    rng = np.random.default_rng(5)
    state, other = computed.begin(first, memory, lengths), net.begin(*torched((first, memory, lengths)))
    examples, beams, wide = np.array([0, 2, 3]), np.zeros((3, 2), np.int64), np.array([[1, 0], [1, 1], [0, 0]])
    for step, (taken, chosen) in enumerate([(np.arange(4), np.zeros((4, 1), np.int64)), (examples, beams)]):
        del step
        state, other = state.take(taken, chosen), other.take(*torched((taken, chosen)))
        ids = rng.integers(0, 11, chosen.shape)
        scores, state, _ = computed.step(state, ids)
        with torch.no_grad():
            told, other, _ = net.step(other, torch.from_numpy(ids))
        np.testing.assert_allclose(scores, told, atol=1e-4)
    state, other = state.take(np.arange(3), wide), other.take(*torched((np.arange(3), wide)))
    ids = np.array([[1, 2], [3, 3], [4, 4]])
    with torch.no_grad():
        told, _, _ = net.step(other, torch.from_numpy(ids))
    found, _, _ = computed.step(state, ids)
    np.testing.assert_allclose(found, told, atol=1e-4)
    assert (found[1, 0] == found[1, 1]).all(), "two beams from one place with one output are the same"
    assert not np.allclose(found[0, 0], found[0, 1])


def test_an_example_gets_the_same_bits_alone() -> None:
    part = part_of(memory=12, hidden=9, size=8)
    _, computed = nets(part)
    ids, first, memory, lengths = inputs(part)
    whole = computed(ids, first, memory, lengths)
    for at, length in enumerate(lengths.tolist()):
        one = slice(at, at + 1)
        assert (computed(ids[one], first[one], memory[one, :length], lengths[one]) == whole[one]).all()


def test_a_part_is_kept_as_plain_values() -> None:
    part = PARTS[0]
    assert decode_part(encode_part(part), KINDS, "here") == part


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"attention": "sideways"}, "expected attention out of general, dot, none"),
        ({"memory": 0}, "none of a memory of 0"),
        ({"attention": "none"}, "none of a memory of 0"),
        ({"attention": "dot"}, "as many units as features of the memory"),
        ({"directions": "both"}, "reads forward"),
        ({"cell": "bag", "directions": "both"}, "recurrent cells"),
    ],
)
def test_a_decoder_that_cannot_be_is_refused(changes: dict[str, Any], said: str) -> None:
    part = part_of()
    own = {name: value for name, value in changes.items() if name not in part.encoder}
    of_encoder = {name: value for name, value in changes.items() if name in part.encoder}
    with pytest.raises(ModelError, match=said):
        replace(part, **own, encoder={**part.encoder, **of_encoder}).tensors()
