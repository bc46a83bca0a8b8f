"""Gradients by depth."""

import pytest
import torch

from elman.inspection.depth import gradient_by_depth, net, train


@pytest.mark.parametrize("kind", ["sigmoid", "tanh", "relu"])
def test_gradients_are_those_of_central_differences(kind):
    torch.manual_seed(1)
    layers = net(kind, 3, 2, 4, width=5).double()
    x, y = torch.randn(6, 3).double(), torch.tensor([0, 1, 2, 3, 0, 1])
    function = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}[kind]

    def losses(layer, push):
        value = x
        for number in range(2):
            value = function(layers[number](value)) + (push if number == layer else 0)
        return torch.nn.functional.cross_entropy(layers[2](value), y, reduction="none")

    for layer, found in enumerate(gradient_by_depth(layers, kind, x, y)):
        pushes = torch.eye(5).double() * 1e-6
        slopes = torch.stack([(losses(layer, push) - losses(layer, -push)) / 2e-6 for push in pushes], dim=1)
        assert found == pytest.approx(float(slopes.norm(dim=1).mean().detach()), rel=1e-5)


def test_lower_sigmoid_layers_learn_more_slowly():
    torch.manual_seed(1)
    x = torch.randn(200, 10)
    found = train("sigmoid", x, (x[:, 0] > 0).long(), 5, 2, steps=50)
    assert list(found.gradients) == sorted(found.gradients)
    assert found.moved[0] < found.moved[-1] / 4
    assert found.fit is not None
    assert found.fit.rate < 0.5
    assert any("sigmoid" in line for line in found.lines())
