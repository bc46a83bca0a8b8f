"""Gradients by depth: in a deep fully connected net the lower layers get less of the gradient, and learn more slowly.

Hochreiter, S. (1991). Untersuchungen zu dynamischen neuronalen Netzen; Glorot, X. & Bengio, Y. (2010). Understanding
the difficulty of training deep feedforward neural networks. AISTATS. The start for ReLU: He, K. et al. (2015). Delving
deep into rectifiers. ICCV.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import nn

from elman.inspection.distances import fit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from elman.inspection.distances import Fit
    from elman.tasks.tagging import Examples, TaggingTask
    from elman.training.objectives.tagging import Tagger

Kind = Literal["sigmoid", "tanh", "relu"]

_FUNCTIONS: dict[Kind, tuple[type[nn.Module], float]] = {
    "sigmoid": (nn.Sigmoid, 1.0),
    "tanh": (nn.Tanh, 1.0),
    "relu": (nn.ReLU, 2**0.5),
}
"""Each with the gain of its Glorot-normal start."""

TOKENS = 5000
STEPS = 300
_BATCH, _RATE, _WIDTH = 64, 0.1, 64


@dataclass(frozen=True)
class ByDepth:
    """A net's layers, from the lowest up.

    Attributes:
        kind: its activation function.
        gradients: the norm of the loss's gradient with respect to each layer's activations at the start, mean over
            examples.
        moved: how far each layer's weights went in training, relative to their norm at the start.
        fit: the gradient's exponential decay per layer downwards; None of fewer than three layers.
        losses: before and after.
        steps: of gradient descent.
    """

    kind: Kind
    gradients: tuple[float, ...]
    moved: tuple[float, ...]
    fit: Fit | None
    losses: tuple[float, float]
    steps: int

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """For a person."""
        yield (
            f"{len(self.gradients)} fully connected {self.kind} layers, {self.steps} steps of gradient descent: "
            f"loss {self.losses[0]:.3f} -> {self.losses[1]:.3f}"
        )
        yield f"  {'layer':>5}  {'gradient at the start':>22}  {'weights moved by':>16}"
        for number in reversed(range(len(self.gradients))):
            yield f"  {number + 1:>5}  {self.gradients[number]:>22.3g}  {self.moved[number]:>16.2%}"
        if self.fit is not None:
            yield f"  the gradient goes down by x {self.fit.rate:.3g} a layer (R squared {self.fit.r_squared:.3f})"


def net(kind: Kind, inputs: int, layers: int, outputs: int, width: int = _WIDTH) -> nn.ModuleList:
    """Fully connected layers and a linear one on top, freshly begun."""
    sizes = [inputs] + [width] * layers
    gain = _FUNCTIONS[kind][1]
    made = nn.ModuleList(nn.Linear(one, other) for one, other in zip(sizes, [*sizes[1:], outputs], strict=True))
    for layer in made:
        assert isinstance(layer, nn.Linear)
        nn.init.xavier_normal_(layer.weight, gain)
        nn.init.zeros_(layer.bias)
    return made


def gradient_by_depth(layers: nn.ModuleList, kind: Kind, x: Tensor, y: Tensor) -> tuple[float, ...]:
    """For each hidden layer the norm of each example's loss's gradient by the layer's activations, mean over examples.

    Args:
        layers: of a ``net``.
        kind: its activation function.
        x: examples x inputs.
        y: examples, the classes.
    """
    activations = _activations(layers, kind, x)
    loss = nn.functional.cross_entropy(activations[-1], y, reduction="sum")
    return tuple(float(found.norm(dim=1).mean()) for found in torch.autograd.grad(loss, activations[:-1]))


def train(kind: Kind, x: Tensor, y: Tensor, layers: int, classes: int, steps: int = STEPS) -> ByDepth:
    """Begin a net and train it by plain gradient descent, which hides nothing; the generator is torch's.

    Args:
        kind: the activation function.
        x: examples x inputs.
        y: examples, the classes.
        layers: hidden ones.
        classes: how many.
        steps: of gradient descent.
    """
    made = net(kind, x.shape[1], layers, classes)
    gradients = gradient_by_depth(made, kind, x, y)
    start = [parameter.detach().clone() for parameter in made.parameters()]
    before = _loss(made, kind, x, y)
    for _ in range(steps):
        drawn = torch.randint(len(x), (_BATCH,))
        found = torch.autograd.grad(
            nn.functional.cross_entropy(_activations(made, kind, x[drawn])[-1], y[drawn]), list(made.parameters())
        )
        with torch.no_grad():
            for parameter, gradient in zip(made.parameters(), found, strict=True):
                parameter.sub_(_RATE * gradient)
    # Each layer has a matrix and a bias; the top one is not counted.
    weights = list(zip(start, made.parameters(), strict=True))[: 2 * layers : 2]
    moved = tuple(float((now.detach() - then).norm()) / float(then.norm()) for then, now in weights)
    downwards = np.array(gradients[::-1])
    return ByDepth(
        kind,
        gradients,
        moved,
        fit(downwards, np.flatnonzero(downwards > 0)),
        (before, _loss(made, kind, x, y)),
        steps,
    )


def train_by_depth(
    network: Tagger, task: TaggingTask, examples: Examples, layers: int, *, seed: int = 1
) -> tuple[ByDepth, ...]:
    """Nets that tag a token by its word and the words beside it, read through a tagger's own word vectors.

    Args:
        network: the tagger.
        task: its tables and tags.
        examples: labelled sentences.
        layers: hidden ones of the nets.
        seed: of what is drawn.
    """
    x, y = window_features(network, task, examples)
    kinds: tuple[Kind, ...] = ("sigmoid", "relu")
    nets = []
    for kind in kinds:
        torch.manual_seed(seed)
        nets.append(train(kind, x, y, layers, len(task.decoder.tags)))
    return tuple(nets)


def window_features(network: Tagger, task: TaggingTask, examples: Examples) -> tuple[Tensor, Tensor]:
    """The vectors of each of the first tokens and of its two neighbours, standardised, and the tokens' tags."""
    features = task.lexicon.features(examples.types)
    arrays = (features.words, features.characters, features.shapes)
    with torch.no_grad():
        inputs = (torch.from_numpy(array.astype(np.int64, copy=False)) for array in arrays)
        vectors = network.embed(*inputs).float()
    tags = torch.from_numpy(task.encode(examples)[:TOKENS].astype(np.int64))
    tokens = torch.from_numpy(examples.tokens[:TOKENS].astype(np.int64))
    own = vectors[tokens]  # tokens x feature
    x = torch.cat((own.roll(1, 0), own, own.roll(-1, 0)), dim=1)
    x = (x - x.mean(0)) / x.std(0).clamp(min=1e-6)
    return x[tags >= 0], tags[tags >= 0]


def _activations(layers: nn.ModuleList, kind: Kind, x: Tensor) -> list[Tensor]:
    """Of each hidden layer, and at last the scores."""
    function = _FUNCTIONS[kind][0]()
    found = []
    for layer in layers[:-1]:
        x = function(layer(x))
        found.append(x)
    return [*found, layers[-1](x)]


def _loss(layers: nn.ModuleList, kind: Kind, x: Tensor, y: Tensor) -> float:
    with torch.no_grad():
        return float(nn.functional.cross_entropy(_activations(layers, kind, x)[-1], y))
