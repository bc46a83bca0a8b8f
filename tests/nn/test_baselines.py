"""Layers without recurrence equal their equations, values and gradients, and see what they should."""

import numpy as np
import pytest
import torch
from torch import nn

from elman.errors import UsageError
from elman.nn.baselines import BagLayer, WindowLayer, make_baseline
from tests.nn import equations

DOUBLE = torch.float64
PLACES = (-3, 0, 3)


def layers():
    torch.manual_seed(0)
    made = {
        "bag": BagLayer(3, 4),
        "window": WindowLayer(3, 4, (-1, 0, 1), "tanh"),
        "far": WindowLayer(3, 4, PLACES, "relu"),
    }
    for layer in made.values():
        nn.init.normal_(layer.bias_ih)
    return {name: layer.to(DOUBLE) for name, layer in made.items()}


def by_equations(name, x, w):
    if name == "bag":
        return equations.bag(x, w)
    if name == "window":
        return equations.window(x, w, (-1, 0, 1))
    return equations.window(x, w, PLACES, lambda a: np.maximum(a, 0))


@pytest.mark.parametrize("name", ["bag", "window", "far"])
def test_values_equal_the_equations(name):
    layer = layers()[name]
    w = {key: value.detach().numpy() for key, value in layer.named_parameters()}
    lengths = torch.tensor([5, 2, 1])
    x = torch.randn(3, 5, 3, dtype=DOUBLE)
    outputs = layer(x, torch.arange(5) < lengths[:, None])
    for row, length in enumerate(lengths.tolist()):
        expected = by_equations(name, x[row, :length].numpy(), w)
        np.testing.assert_allclose(outputs[row, :length].detach().numpy(), expected, rtol=1e-12, atol=1e-12)


def test_rectified_layers_pass_on_as_much_as_they_get():
    torch.manual_seed(0)
    x, inside = torch.randn(8, 50, 100), torch.ones(8, 50, dtype=torch.bool)
    for layer in make_baseline("convolution", 100, 100, layers=3).layers:
        x = layer[0](x, inside)
        assert 0.8 < x[:, 20:30].square().mean() < 1.2


@pytest.mark.parametrize("name", ["bag", "window", "far"])
def test_gradients(name):
    layer = layers()[name]
    inside = torch.arange(4) < torch.tensor([4, 2])[:, None]

    def run(x, weight, bias):
        given = {"weight_ih": weight, "bias_ih": bias}
        return torch.func.functional_call(layer, given, (x, inside)) * inside[:, :, None]

    x = torch.randn(2, 4, 3, dtype=DOUBLE, requires_grad=True)
    assert torch.autograd.gradcheck(run, (x, *(p.detach().requires_grad_() for p in layer.parameters())))


def test_a_convolution_is_torchs():
    layer = WindowLayer(3, 4, (-2, 0, 2), "relu").to(DOUBLE)
    kernel = layer.weight_ih.detach().view(3, 4, 3).permute(1, 2, 0)  # out x in x places
    x = torch.randn(2, 7, 3, dtype=DOUBLE)
    expected = nn.functional.conv1d(x.transpose(1, 2), kernel, layer.bias_ih, padding=2, dilation=2)
    found = layer(x, torch.ones(2, 7, dtype=torch.bool))
    torch.testing.assert_close(found, torch.relu(expected).transpose(1, 2))


@pytest.mark.parametrize(
    ("name", "layers", "reach", "seen"),
    [("bag", 2, 2, 8), ("window", 1, 2, 2), ("window", 3, 1, 1), ("convolution", 1, 1, 1), ("convolution", 3, 1, 7)],
)
def test_how_far_a_network_sees(name, layers, reach, seen):
    torch.manual_seed(1)
    network = make_baseline(name, 3, 8, layers, reach).to(DOUBLE).eval()
    x = torch.randn(1, 17, 3, dtype=DOUBLE, requires_grad=True)
    network(x)[0][0, 8].sum().backward()
    distances = (torch.arange(17) - 8).abs()
    assert torch.equal(x.grad[0].abs().sum(1) > 0, distances <= seen)


@pytest.mark.parametrize("name", ["bag", "window", "convolution"])
def test_what_is_padded_changes_nothing(name):
    torch.manual_seed(1)
    network = make_baseline(name, 3, 4, 2).to(DOUBLE).eval()
    x = torch.randn(2, 5, 3, dtype=DOUBLE)
    noisy = x.clone()
    noisy[1, 3:] = 1e6
    outputs, carry = network(x, torch.tensor([5, 3]))
    assert carry is None
    assert torch.equal(outputs, network(noisy, torch.tensor([5, 3]))[0])
    assert not outputs[1, 3:].any()
    torch.testing.assert_close(outputs[1:, :3], network(x[1:, :3])[0])


def test_what_cannot_be():
    with pytest.raises(UsageError, match="bag, window, convolution; got 'lstm'"):
        make_baseline("lstm", 3, 4)
    network = make_baseline("bag", 3, 4)
    with pytest.raises(UsageError, match="no state that could be carried"):
        network(torch.zeros(1, 2, 3), None, ())
