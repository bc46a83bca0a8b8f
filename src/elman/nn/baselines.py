"""What there was before recurrence: a bag of words, a window, a convolution, each with a fully connected net.

They stand where a recurrent network can stand, to show what recurrence gains.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

from elman.errors import UsageError
from elman.model.layers import offsets
from elman.nn.recurrent import VariationalDropout

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elman.nn.recurrent import Carry


class Layer(nn.Module, ABC):
    """A fully connected layer whose inputs are several views of a sequence.

    Args:
        input_size: features of a token.
        hidden_size: units.
        views: how many.
        rectified: whether its units are rectified linear ones.

    Attributes:
        weight_ih: (views x hidden) x input.
        bias_ih: hidden.
    """

    def __init__(self, input_size: int, hidden_size: int, views: int, *, rectified: bool = False) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        # Of the matrix that reads all views at once. He, K. et al. (2015). Delving deep into rectifiers. ICCV; Glorot,
        # X. & Bengio, Y. (2010). Understanding the difficulty of training deep feedforward neural networks. AISTATS.
        fan = views * input_size
        bound = (6 / (fan if rectified else fan + hidden_size)) ** 0.5
        self.weight_ih = nn.Parameter(torch.empty(views * hidden_size, input_size).uniform_(-bound, bound))
        self.bias_ih = nn.Parameter(torch.zeros(hidden_size))
        self.views = views

    @abstractmethod
    def forward(self, x: Tensor, inside: Tensor) -> Tensor:
        """Batch x time x input, and whether each step is inside its sequence -> batch x time x hidden."""

    def _parts(self, x: Tensor, inside: Tensor) -> tuple[Tensor, ...]:
        """What each view gets from each step, 0 from those outside: each batch x time x hidden."""
        return (nn.functional.linear(x, self.weight_ih) * inside[:, :, None]).chunk(self.views, dim=-1)


class BagLayer(Layer):
    """A token beside its sentence's bag of words.

    h_t = tanh(W x_t + V mean_s(x_s) + b); ``weight_ih`` is W, V

    The bag is the mean of the words' vectors, so that every order of the other words gives the same: Harris, Z. (1954).
    Distributional structure. Word 10; as the input of a network: Iyyer, M. et al. (2015). Deep unordered composition
    rivals syntactic methods for text classification. ACL.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, 2)

    def forward(self, x: Tensor, inside: Tensor) -> Tensor:
        """See ``Layer.forward``."""
        own, bag = self._parts(x, inside)
        mean = bag.sum(1, keepdim=True) / inside.sum(1).clamp(min=1)[:, None, None]
        return torch.tanh(own + mean + self.bias_ih)


class WindowLayer(Layer):
    """A token beside others at fixed distances; beyond the ends of a sequence there are zeros.

    h_t = f(sum_k W_k x_{t + k} + b); ``weight_ih`` is all W_k, in the order of k

    With f = tanh and k = -r, ..., r this is the window approach of Collobert, R. et al. (2011). Natural language
    processing (almost) from scratch. JMLR 12. Several of them with f = max(0, a), k twice as far apart in each as in
    the one before, are the dilated convolution of Strubell, E. et al. (2017). Fast and accurate entity recognition with
    iterated dilated convolutions. EMNLP.

    Args:
        input_size: features of a token.
        hidden_size: units.
        places: all k.
        activation: f, by its name in torch.
    """

    def __init__(self, input_size: int, hidden_size: int, places: tuple[int, ...], activation: str) -> None:
        super().__init__(input_size, hidden_size, len(places), rectified=activation == "relu")
        self.places = places
        self.activation = activation

    def forward(self, x: Tensor, inside: Tensor) -> Tensor:
        """See ``Layer.forward``."""
        parts = self._parts(x, inside)
        time, total = x.shape[1], self.bias_ih.expand(*x.shape[:2], -1)
        for place, part in zip(self.places, parts, strict=True):
            if abs(place) < time:
                total = total + nn.functional.pad(part, (0, 0, -place, place))  # cuts where it is negative
        return cast("Tensor", getattr(torch, self.activation)(total))


class Baseline(nn.Module):
    """Layers over batch x time x feature, one on top of the other; see ``elman.nn.recurrent.Recurrent``.

    Args:
        layers: from the lowest up.
        dropout: variational dropout on the output of every layer but the last.
    """

    def __init__(self, layers: list[Layer], dropout: float = 0.0) -> None:
        super().__init__()
        # In lists of one, as a runner has them in lists by direction.
        self.layers = nn.ModuleList(nn.ModuleList([layer]) for layer in layers)
        self.dropout = VariationalDropout(dropout)
        self.output_size = layers[-1].hidden_size

    def forward(
        self, x: Tensor, lengths: Tensor | None = None, carry: Carry | None = None
    ) -> tuple[Tensor, Carry | None]:
        """All steps: batch x time x feature -> batch x time x hidden, 0 beyond the lengths, and None.

        Args:
            x: batch x time x feature.
            lengths: steps of each sequence; None if all have as many as there are.
            carry: None.

        Raises:
            UsageError: if a state is given.
        """
        if carry is not None:
            raise UsageError("a network without recurrence has no state that could be carried")
        batch, time, _ = x.shape
        inside = torch.ones(batch, time, dtype=torch.bool, device=x.device)
        if lengths is not None:
            inside = torch.arange(time, device=x.device) < lengths[:, None]
        for index, (layer,) in enumerate(cast("Iterable[Iterable[Layer]]", self.layers)):
            if index:
                x = self.dropout(x)
            x = layer(x.masked_fill(~inside[:, :, None], 0.0), inside)
        return x.masked_fill(~inside[:, :, None], 0.0), None


def make_baseline(
    name: str, input_size: int, hidden_size: int, layers: int = 1, reach: int = 2, dropout: float = 0.0
) -> Baseline:
    """A fresh network without recurrence: ``make_baseline_layers``, with dropout between them."""
    return Baseline(make_baseline_layers(name, input_size, hidden_size, layers, reach), dropout)


def make_baseline_layers(name: str, input_size: int, hidden_size: int, layers: int = 1, reach: int = 2) -> list[Layer]:
    """Fresh layers without recurrence.

    Args:
        name: ``bag`` or ``window``, each with further layers that see one token alone; or ``convolution``.
        input_size: features of a token.
        hidden_size: units of each layer.
        layers: how many.
        reach: of a window or a convolution; see ``elman.model.layers.offsets``.

    Raises:
        UsageError: if there is none of that name.
    """
    if name not in ("bag", "window", "convolution"):
        raise UsageError(f"expected a network without recurrence out of bag, window, convolution; got {name!r}")
    made: list[Layer] = []
    for index in range(layers):
        size = hidden_size if index else input_size
        if name == "bag":
            made.append(WindowLayer(size, hidden_size, (0,), "tanh") if index else BagLayer(size, hidden_size))
        else:
            activation = "relu" if name == "convolution" else "tanh"
            made.append(WindowLayer(size, hidden_size, offsets(name, index, reach), activation))
    return made
