"""Heads: from a sequence's features to a loss, and to the scores that ``elman.decoding`` decodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor, nn

from elman.nn.crf import CRF

if TYPE_CHECKING:
    from collections.abc import Callable

    from elman.data.schemes import Constraints


class Head(Protocol):
    """What a tagger ends in."""

    def __call__(self, features: Tensor) -> Tensor:
        """Batch x time x feature -> emissions, batch x time x K."""
        ...

    def loss(self, emissions: Tensor, tags: Tensor, lengths: Tensor, allowed: Tensor | None = None) -> Tensor:
        """The negative log-likelihood of each tag sequence: batch.

        With ``allowed``, batch x time x K, of all the sequences of allowed tags together; the tags are not read.
        """
        ...

    def structure(self) -> tuple[Tensor, Tensor, Tensor]:
        """Start (K), transition (K x K) and end (K) scores, minus infinity where the scheme forbids."""
        ...


class CRFHead(nn.Module):
    """A linear layer under a linear-chain CRF.

    Args:
        size: features of a step.
        constraints: what the tag scheme allows.
    """

    def __init__(self, size: int, constraints: Constraints) -> None:
        super().__init__()
        self.project = _projection(size, len(constraints.start))
        self.crf = CRF(constraints.start, constraints.transition, constraints.end)

    def forward(self, features: Tensor) -> Tensor:
        """See ``Head``."""
        emissions: Tensor = self.project(features)
        return emissions

    def loss(self, emissions: Tensor, tags: Tensor, lengths: Tensor, allowed: Tensor | None = None) -> Tensor:
        """See ``Head``."""
        likelihood: Tensor = self.crf(emissions, tags, lengths, allowed)
        return -likelihood

    def structure(self) -> tuple[Tensor, Tensor, Tensor]:
        """See ``Head``."""
        return self.crf.scores()


class SoftmaxHead(nn.Module):
    """A linear layer and a softmax at each step; the scheme's constraints hold in decoding only.

    Args:
        size: features of a step.
        constraints: what the tag scheme allows.
    """

    def __init__(self, size: int, constraints: Constraints) -> None:
        super().__init__()
        self.project = _projection(size, len(constraints.start))
        free = CRF(constraints.start, constraints.transition, constraints.end)
        self.allowed = tuple(scores.detach() for scores in free.scores())

    def forward(self, features: Tensor) -> Tensor:
        """See ``Head``; the emissions are log-probabilities."""
        return nn.functional.log_softmax(self.project(features), dim=-1)

    def loss(self, emissions: Tensor, tags: Tensor, lengths: Tensor, allowed: Tensor | None = None) -> Tensor:
        """See ``Head``."""
        inside = torch.arange(tags.shape[1], device=tags.device) < lengths[:, None]  # batch x time
        if allowed is not None:
            # A token of which nothing is known says nothing, to the last digit.
            inside = inside & ~allowed.all(2)
            agreeing = emissions.masked_fill(~allowed, -torch.inf).logsumexp(2)  # batch x time
            return -torch.where(inside, agreeing, 0.0).sum(1).double()
        picked = emissions.gather(2, torch.where(inside, tags, 0)[:, :, None]).squeeze(2)
        return -torch.where(inside, picked, 0.0).sum(1).double()

    def structure(self) -> tuple[Tensor, Tensor, Tensor]:
        """See ``Head``."""
        start, transition, end = self.allowed
        return start, transition, end


HEADS: dict[str, Callable[[int, Constraints], CRFHead | SoftmaxHead]] = {
    "crf": CRFHead,
    "softmax": SoftmaxHead,
}
"""Every head by the name that settings give it."""


def _projection(size: int, tags: int) -> nn.Linear:
    layer = nn.Linear(size, tags)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
