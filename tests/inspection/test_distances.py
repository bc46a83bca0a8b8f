"""Gradients by distance, against central differences of a loop written out here."""

import numpy as np
import pytest
import torch

from elman.inspection.distances import fit, norms, summary
from elman.inspection.unrolled import unrolled
from elman.nn.recurrent import make_recurrent

HIDDEN, INPUTS = 3, 2


def states(cells, x, pushed):
    """Outputs time x (directions x hidden) of one sequence; ``pushed`` is added to one hidden state on the way."""
    for layer, directions in enumerate(cells):
        outputs = []
        for direction, cell in enumerate(directions):
            state, seen = cell.initial_state(1), []
            for step, row in enumerate(reversed(x) if direction else x):
                state = cell(row[None], state)
                if (layer, direction, step) in pushed:
                    state = (state[0] + pushed[layer, direction, step], *state[1:])
                seen.append(state[0][0])
            outputs.append(seen[::-1] if direction else seen)
        x = [torch.cat(parts) for parts in zip(*outputs, strict=True)]
    return x


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize(("layers", "both"), [(1, False), (2, True)], ids=["one way", "both ways, two layers"])
def test_norms_are_those_of_central_differences(cell, layers, both):
    torch.manual_seed(3)
    encode = make_recurrent(cell, INPUTS, HIDDEN, layers, bidirectional=both).double().eval()
    x, lengths, tokens = torch.randn(2, 5, INPUTS).double(), torch.tensor([5, 3]), torch.tensor([3, 1])
    weights = torch.randn(encode.output_size).double()
    run = unrolled(encode, x, lengths)
    losses = (torch.tanh(run.outputs) @ weights).gather(1, tokens[:, None])[:, 0]
    found = norms(run, losses, tokens)
    assert [lane.name for lane in run.lanes][: 1 + both] == ["layer 1, forward", "layer 1, backward"][: 1 + both]
    for number, lane in enumerate(run.lanes):
        for sequence in range(2):
            length, token = int(lengths[sequence]), int(tokens[sequence])
            rows = list(x[sequence, :length])
            at = length - 1 - token if lane.direction == "backward" else token
            expected = []
            for step in range(at, -1, -1):
                slopes = []
                for unit in torch.eye(HIDDEN).double() * 1e-5:
                    sides = []
                    for push in (unit, -unit):
                        place = (lane.layer - 1, number % len(encode.layers[0]), step)
                        outputs = states(encode._cells(), rows, {place: push})
                        sides.append(float((torch.tanh(outputs[token]) @ weights).detach()))
                    slopes.append((sides[0] - sides[1]) / 2e-5)
                expected.append(np.linalg.norm(slopes))
            inside = np.isfinite(found[number][sequence])
            np.testing.assert_array_equal(inside, np.arange(5) <= at)
            np.testing.assert_allclose(found[number][sequence][inside], expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("lookahead", [0, 2])
def test_unrolled_computes_what_the_runner_computes(lookahead):
    torch.manual_seed(1)
    encode = make_recurrent("gru", INPUTS, HIDDEN, 2, bidirectional=False, lookahead=lookahead).eval()
    x, lengths = torch.randn(3, 6, INPUTS), torch.tensor([6, 2, 4])
    outputs, _ = encode(x, lengths)
    inside = torch.arange(6) < lengths[:, None]
    torch.testing.assert_close(unrolled(encode, x, lengths).outputs[inside], outputs[inside])


def test_a_look_ahead_counts_from_the_state_that_speaks_for_the_token():
    torch.manual_seed(1)
    encode = make_recurrent("elman", INPUTS, HIDDEN, bidirectional=False, lookahead=2).eval()
    run = unrolled(encode, torch.randn(1, 4, INPUTS))
    (found,) = norms(run, run.outputs[:, 1].sum(1), torch.tensor([1]))
    assert np.isfinite(found).sum() == 4  # of the states after steps 4, 3, 2 and 1
    assert found[0, 0] == pytest.approx(HIDDEN**0.5)  # the output is the state itself


def test_an_exponential_is_found_again():
    found = fit(3 * 0.8 ** np.arange(20), np.arange(2, 20))
    assert found is not None
    assert found.rate == pytest.approx(0.8)
    assert found.r_squared == pytest.approx(1)
    assert (found.first, found.last) == (2, 19)
    assert found.half == pytest.approx(np.log(2) / -np.log(0.8))
    assert "halves" in str(found)


def test_two_distances_are_too_few_to_fit():
    assert fit(np.ones(20), np.array([0, 1])) is None


def test_a_summary_counts_what_is_there_and_fits_only_where_there_is_enough():
    found = summary([np.array([[4.0, 2.0, np.nan]]), np.array([[8.0, 4.0, 2.0], [8.0, np.nan, np.nan]])], enough=1)
    assert found.count == (3, 2, 1)
    assert found.mean == pytest.approx((20 / 3, 3, 2))
    assert found.reach(0.5) == 1
    assert found.reach(0.1) is None
    assert found.fit is not None
    assert summary([np.ones((2, 5))], enough=3).fit is None
