"""The parts of ``elman.model.parts.basic`` as modules; their tensors have the names that stand there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from elman.features.vocabulary import UNKNOWN
from elman.model.layers import BASELINES, variant
from elman.nn.baselines import Baseline, make_baseline_layers
from elman.nn.embedding import WordEmbedding, character_network
from elman.nn.noise import random_mask
from elman.nn.recurrent import Recurrent, VariationalDropout, make_layers

if TYPE_CHECKING:
    from elman.model import parts
    from elman.nn.recurrent import Carry


class Embedding(nn.Module):
    """See ``elman.model.parts.Embedding``."""

    def __init__(self, part: parts.Embedding) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.empty(part.rows, part.size).uniform_(-1, 1).mul_((3 / part.size) ** 0.5))

    def forward(self, ids: Tensor) -> Tensor:
        """Any shape of ids -> the same shape x size."""
        return nn.functional.embedding(ids, self.table)


class Words(WordEmbedding):
    """See ``elman.model.parts.Words``; ``rare`` says which rows that learn are words seen once."""

    rare: Tensor

    def __init__(self, part: parts.Words) -> None:
        start = torch.empty(part.learned, part.size).uniform_(-1, 1).mul_((3 / part.size) ** 0.5)
        super().__init__(start, torch.zeros(part.fixed, part.size))
        self.unknown_rate = part.unknown_rate
        self.register_buffer("rare", torch.zeros(part.learned, dtype=torch.bool), persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        """Any shape of ids -> the same shape x size."""
        flat = ids.reshape(-1)
        if self.training and self.unknown_rate:
            rare = self.rare[flat.clamp(max=len(self.rare) - 1)] & (flat < len(self.rare))
            flat = torch.where(rare & random_mask(flat, self.unknown_rate), UNKNOWN, flat)
        return super().forward(flat).view(*ids.shape, self.output_size)


class Characters(nn.Module):
    """See ``elman.model.parts.Characters``."""

    def __init__(self, part: parts.Characters) -> None:
        super().__init__()
        self.read = character_network(part.network, part.rows, part.size, part.output)

    def forward(self, vectors: Tensor, ids: Tensor) -> Tensor:
        """Types x inputs, types x characters -> types x (inputs + output)."""
        return torch.cat((vectors, self.read(ids)), dim=1)


class Scale(nn.Module):
    """See ``elman.model.parts.Scale``."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, part: parts.Scale) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(part.size))
        self.register_buffer("deviation", torch.ones(part.size))

    def forward(self, x: Tensor) -> Tensor:
        """Any shape x size -> the same."""
        return (x - self.mean) / self.deviation


class RecurrentEncoder(Recurrent):
    """See ``elman.model.parts.Encoder``, of cells."""

    def __init__(self, part: parts.Encoder) -> None:
        given = part.encoder
        name = variant(given)
        layers = make_layers(
            name,
            part.inputs,
            given["hidden"],
            given["layers"],
            given["directions"] == "both",
            given["start"],
            given["forget_bias"] if name.startswith("lstm") or name in ("minlstm", "slstm") else None,
        )
        super().__init__(layers, given["dropout"], given["recurrent_dropout"])
        self.before, self.after = VariationalDropout(given["input_dropout"]), VariationalDropout(given["dropout"])

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:  # type: ignore[override]  # as parts are called
        """Batch x time x inputs -> batch x time x output."""
        states: Tensor = self.after(super().forward(self.before(x), lengths)[0])
        return states

    def run(self, x: Tensor, lengths: Tensor, carry: Carry | None = None) -> tuple[Tensor, Carry]:
        """The same, from a state and to a state."""
        before = tuple(tuple(part.to(x.device) for part in state) for state in carry or self.initial_carry(len(x)))
        states, after = super().forward(self.before(x), lengths, before)
        assert after is not None
        return self.after(states), after


class BaselineEncoder(Baseline):
    """See ``elman.model.parts.Encoder``, of layers without recurrence."""

    def __init__(self, part: parts.Encoder) -> None:
        given = part.encoder
        layers = make_baseline_layers(given["cell"], part.inputs, given["hidden"], given["layers"], given["reach"])
        super().__init__(layers, given["dropout"])
        self.before, self.after = VariationalDropout(given["input_dropout"]), VariationalDropout(given["dropout"])

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:  # type: ignore[override]  # as parts are called
        """Batch x time x inputs -> batch x time x hidden."""
        states: Tensor = self.after(super().forward(self.before(x), lengths)[0])
        return states


def encoder(part: parts.Encoder) -> nn.Module:
    """A recurrent network, or what stands in its place."""
    return BaselineEncoder(part) if part.encoder["cell"] in BASELINES else RecurrentEncoder(part)


class Pool(nn.Module):
    """See ``elman.model.parts.Pool``."""

    def __init__(self, part: parts.Pool) -> None:
        super().__init__()
        self.how, self.ahead = part.how, part.forward
        if part.how == "attention":
            self.weight = nn.Parameter(nn.init.xavier_uniform_(torch.empty(part.size, part.size)))
            self.bias = nn.Parameter(torch.zeros(part.size))
            self.query = nn.Parameter(torch.empty(part.size).uniform_(-1, 1).mul_((3 / part.size) ** 0.5))

    def forward(self, states: Tensor, lengths: Tensor) -> Tensor:
        """Batch x time x size -> batch x size; zeros of a sequence without steps."""
        if not states.shape[1]:
            return states.new_zeros(len(states), states.shape[2])
        if self.how == "last":
            last = states[torch.arange(len(states), device=states.device), (lengths - 1).clamp(min=0)]
            return torch.cat((last[:, : self.ahead], states[:, 0, self.ahead :]), dim=1)
        inside = torch.arange(states.shape[1], device=states.device) < lengths[:, None]  # batch x time
        if self.how == "max":
            most = states.masked_fill(~inside[:, :, None], -torch.inf).amax(1)
            return torch.where(inside.any(1)[:, None], most, 0.0)
        if self.how == "mean":
            return (states * inside[:, :, None]).sum(1) / lengths[:, None].clamp(min=1)
        return (self.weights(states, lengths)[:, :, None] * states).sum(1)

    def weights(self, states: Tensor, lengths: Tensor) -> Tensor:
        """How much each step counts, with attention: batch x time."""
        inside = torch.arange(states.shape[1], device=states.device) < lengths[:, None]  # batch x time
        scores = torch.tanh(nn.functional.linear(states, self.weight, self.bias)) @ self.query
        # A sequence without steps has no weights; the softmax over nothing would be NaN.
        return scores.masked_fill(~inside, -1e9).softmax(1) * inside


class Linear(nn.Linear):
    """See ``elman.model.parts.Linear``."""

    def __init__(self, part: parts.Linear) -> None:
        super().__init__(part.inputs, part.outputs)
        nn.init.xavier_uniform_(self.weight)
        nn.init.zeros_(self.bias)


class Dense(nn.Module):
    """See ``elman.model.parts.Dense``."""

    def __init__(self, part: parts.Dense) -> None:
        super().__init__()
        widths = (part.inputs, *part.sizes)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, part.sizes, strict=False))
        self.dropout = nn.Dropout(part.dropout)
        for layer in self.layers:
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")  # type: ignore[arg-type]
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """Batch x inputs -> batch x the last size."""
        for at, layer in enumerate(self.layers):
            x = torch.relu(layer(self.dropout(x) if at else x))
        return x


MODULES: dict[str, Any] = {
    "characters": Characters,
    "dense": Dense,
    "embedding": Embedding,
    "encoder": encoder,
    "linear": Linear,
    "pool": Pool,
    "scale": Scale,
    "words": Words,
}
"""What makes a module of a part, by its kind."""
