"""Every part computes in NumPy what it computes in torch, for each sequence alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from elman.model.layers import BASELINES
from elman.model.parts import Characters, Dense, Embedding, Encoder, Linear, Pool, Scale, Words
from elman.model.parts import basic as described
from elman.nn.parts import Network as Modules
from elman.runtime.parts import Network as Computed
from elman.settings import RecurrentSettings, to_dict

LENGTHS = np.array([5, 0, 9, 1, 3])
CLOSE = {"atol": 1e-4, "rtol": 1e-4}


def encoder(cell: str = "lstm", **options: Any) -> Encoder:
    """A small one."""
    none = {"input_dropout": 0.2, "dropout": 0.2, "recurrent_dropout": 0.0}
    return Encoder(inputs=6, encoder=to_dict(RecurrentSettings(cell=cell, hidden=7, **none, **options)))


CELLS = {
    "elman": encoder("elman"),
    "elman-relu": encoder("elman", activation="relu", start="identity"),
    "elman-sigmoid": encoder("elman", activation="sigmoid"),
    "lstm": encoder(),
    "lstm-two": encoder(layers=2),
    "lstm-peepholes": encoder(peepholes=True),
    "lstm-coupled": encoder(coupled=True),
    "lstm-coupled-peepholes": encoder(coupled=True, peepholes=True, layers=2),
    **{cell: encoder(cell, layers=2) for cell in ("gru", "sru", "mingru", "minlstm", "slstm", *BASELINES)},
}
FORWARD = {
    name: Encoder(inputs=6, encoder={**part.encoder, "directions": "forward"})
    for name, part in CELLS.items()
    if name not in BASELINES
}
POOLS = {how: Pool(how=how, size=6, forward=4) for how in described.POOLS}


def both(part: Any) -> tuple[Any, Any]:
    """A part as a module and in NumPy, with the same random tensors."""
    torch.manual_seed(1)
    module = Modules({"x": part}).eval()
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            tensor.add_(0.3 * torch.rand_like(tensor)) if tensor.is_floating_point() else None
            if name == "x.fixed":
                tensor.copy_(tensor.half().float())
    tensors = {name: value.numpy().copy() for name, value in module.state_dict().items()}
    if isinstance(part, Words):
        tensors["x.fixed"] = tensors["x.fixed"].astype(np.float16)
    return module.x, Computed({"x": part}, tensors).x


def states(*, seed: int = 1, size: int = 6) -> np.ndarray[Any, Any]:
    """Ragged sequences; what lies beyond the lengths is zeros, as an encoder leaves it."""
    values = np.random.default_rng(seed).normal(size=(len(LENGTHS), LENGTHS.max(), size)).astype(np.float32)
    return values * (np.arange(LENGTHS.max()) < LENGTHS[:, None])[:, :, None]


def told(module: Any, *arrays: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """What a module says."""
    with torch.inference_mode():
        found: np.ndarray[Any, Any] = module(*(torch.from_numpy(array) for array in arrays)).numpy()
    return found


def test_all_parts_that_most_tasks_need_are_tested_here() -> None:
    tested = {Characters, Dense, Embedding, Encoder, Linear, Pool, Scale, Words}
    assert {value for value in vars(described).values() if hasattr(value, "kind")} == tested


@pytest.mark.parametrize(
    "part",
    [Scale(size=6), Linear(inputs=6, outputs=3), Linear(inputs=6, outputs=1), Dense(inputs=6, sizes=(5, 4))],
    ids=lambda part: type(part).__name__,
)
def test_what_has_no_time_is_the_same_in_both_for_any_shape(part: Any) -> None:
    module, computed = both(part)
    for x in (states()[:, 0], states()) if not isinstance(part, Dense) else (states()[:, 0],):
        np.testing.assert_allclose(computed(x), told(module, x), **CLOSE)
        np.testing.assert_array_equal(computed(x)[2:3], computed(x[2:3]))


@pytest.mark.parametrize(
    "part",
    [Embedding(rows=9, size=4), Words(learned=5, fixed=4, size=4), Words(learned=9, fixed=0, size=4)],
    ids=["embedding", "words", "words-that-learn"],
)
def test_ids_become_the_same_vectors_in_both(part: Any) -> None:
    module, computed = both(part)
    ids = np.array([[0, 1, 8], [4, 5, 2]])
    np.testing.assert_allclose(computed(ids), told(module, ids), atol=1e-6)
    assert computed(ids).shape == (2, 3, 4)
    assert computed(ids[:, :0]).shape == told(module, ids[:, :0]).shape == (2, 0, 4)


@pytest.mark.parametrize("network", ["convolution", "lstm"])
def test_characters_stand_behind_the_vectors_of_words_in_both(network: str) -> None:
    module, computed = both(Characters(network=network, rows=9, size=4, output=6))
    vectors, ids = states()[0, :3, :2], np.array([[2, 8, 3], [5, 0, 0], [0, 0, 0]], np.int32)
    found = computed(vectors, ids)
    np.testing.assert_array_equal(found[:, :2], vectors)
    np.testing.assert_allclose(found, told(module, vectors, ids), atol=1e-6)
    assert np.ptp(found[:, 2:], axis=0).min() > 0.01
    # What a word gets depends neither on those beside it nor on the width.
    np.testing.assert_array_equal(computed(vectors[1:2], ids[1:2, :1])[0], found[1])


@pytest.mark.parametrize("part", [*CELLS.values(), *FORWARD.values()], ids=[*CELLS, *(f"{n}-forward" for n in FORWARD)])
def test_an_encoder_is_the_same_in_both_and_each_sequence_for_itself(part: Encoder) -> None:
    module, computed = both(part)
    x = states()
    found = computed(x, LENGTHS)
    assert found.shape == (5, 9, part.output)
    np.testing.assert_allclose(found, told(module, x, LENGTHS), **CLOSE)
    assert not found[np.arange(9) >= LENGTHS[:, None]].any()
    for row, length in enumerate(LENGTHS):
        alone = computed(x[row : row + 1, :length], LENGTHS[row : row + 1])
        np.testing.assert_array_equal(alone, found[row : row + 1, :length])


@pytest.mark.parametrize("part", FORWARD.values(), ids=FORWARD)
def test_a_carried_state_makes_pieces_the_whole(part: Encoder) -> None:
    module, computed = both(part)
    x = states()
    whole = computed(x, LENGTHS)
    carry, carried = None, None
    for start, end in ((0, 2), (2, 3), (3, 9)):
        piece, lengths = x[:, start:end], np.clip(LENGTHS - start, 0, end - start)
        found, carry = computed.run(piece, lengths, carry)
        np.testing.assert_allclose(found, whole[:, start:end], **CLOSE)
        with torch.inference_mode():
            other, carried = module.run(torch.from_numpy(piece), torch.from_numpy(lengths), carried)
        np.testing.assert_allclose(other.numpy(), whole[:, start:end], **CLOSE)
        for state, same in zip(carry, carried, strict=True):
            for one, two in zip(state, same, strict=True):
                np.testing.assert_allclose(one, two.numpy(), **CLOSE)


@pytest.mark.parametrize("part", POOLS.values(), ids=POOLS)
def test_a_pool_is_the_same_in_both_and_each_sequence_for_itself(part: Pool) -> None:
    module, computed = both(part)
    x = states()
    found = computed(x, LENGTHS)
    np.testing.assert_allclose(found, told(module, x, LENGTHS), **CLOSE)
    assert not found[1].any()  # a sequence without steps
    for row, length in enumerate(LENGTHS):
        np.testing.assert_array_equal(computed(x[row : row + 1, :length], LENGTHS[row : row + 1])[0], found[row])


@pytest.mark.parametrize("part", POOLS.values(), ids=POOLS)
def test_a_pool_of_empty_sequences_alone_is_zeros_in_both(part: Pool) -> None:
    module, computed = both(part)
    x, lengths = np.zeros((2, 0, 6), np.float32), np.zeros(2, np.int64)
    np.testing.assert_array_equal(computed(x, lengths), np.zeros((2, 6)))
    np.testing.assert_array_equal(told(module, x, lengths), np.zeros((2, 6)))


def test_the_pools_are_what_they_are_called() -> None:
    x = states()
    last, most, mean, mixed = (both(POOLS[how])[1](x, LENGTHS) for how in ("last", "max", "mean", "attention"))
    np.testing.assert_array_equal(last[0], np.concatenate((x[0, 4, :4], x[0, 0, 4:])))
    np.testing.assert_array_equal(most[0], x[0, :5].max(axis=0))
    np.testing.assert_allclose(mean[0], x[0, :5].mean(axis=0), atol=1e-6)
    weights = both(POOLS["attention"])[1].weights(x, LENGTHS)
    np.testing.assert_allclose(weights.sum(axis=1), [1, 0, 1, 1, 1], atol=1e-6)
    np.testing.assert_allclose(mixed, np.einsum("bt,btd->bd", weights, x), atol=1e-6)


def test_in_training_words_seen_once_are_shown_as_unknown_at_the_rate() -> None:
    torch.manual_seed(1)
    table: Any = Modules({"x": Words(learned=5, fixed=2, size=3, unknown_rate=0.5)}).x
    table.rare[3] = True
    unknown, rare, common = (table.learned[row] for row in (1, 3, 4))
    found = table(torch.tensor([[3, 4]] * 200))
    share = (found[:, 0] == unknown).all(dim=1).float().mean().item()
    assert 0.35 < share < 0.65
    assert torch.equal(found[:, 1], common.expand(200, 3))
    assert torch.equal(table.eval()(torch.tensor([[3]]))[0, 0], rare)
