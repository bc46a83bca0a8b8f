"""A linear-chain conditional random field: its differentiable likelihood.

Lafferty, J., McCallum, A. & Pereira, F. (2001). Conditional random fields. ICML. The gradient of the log-partition is
the marginals, which forward-backward gives; so that is what the backward pass computes, instead of a tape.
Decoding lives in ``elman.decoding``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from numpy.typing import NDArray


class CRF(nn.Module):
    """Transition scores over K tags, some of which a tag scheme forbids.

    Args:
        start: K, bool: may a sequence begin with the tag?
        transition: K x K, bool: may the column's tag follow the row's?
        end: K, bool: may a sequence end with the tag?
    """

    allowed_start: Tensor
    allowed_transition: Tensor
    allowed_end: Tensor

    def __init__(self, start: NDArray[Any], transition: NDArray[Any], end: NDArray[Any]) -> None:
        super().__init__()
        tags = len(start)
        self.start = nn.Parameter(torch.zeros(tags))
        self.transition = nn.Parameter(torch.zeros(tags, tags))
        self.end = nn.Parameter(torch.zeros(tags))
        self.register_buffer("allowed_start", torch.as_tensor(start), persistent=False)
        self.register_buffer("allowed_transition", torch.as_tensor(transition), persistent=False)
        self.register_buffer("allowed_end", torch.as_tensor(end), persistent=False)

    def scores(self) -> tuple[Tensor, Tensor, Tensor]:
        """Start (K), transition (K x K) and end (K) scores, minus infinity where the scheme forbids."""
        return (
            self.start.masked_fill(~self.allowed_start, -torch.inf),
            self.transition.masked_fill(~self.allowed_transition, -torch.inf),
            self.end.masked_fill(~self.allowed_end, -torch.inf),
        )

    def forward(self, emissions: Tensor, tags: Tensor, lengths: Tensor, allowed: Tensor | None = None) -> Tensor:
        """The log-likelihood of each tag sequence, or of all sequences that agree with what is known of it.

        The second is the marginal likelihood of Tsuboi, Y., Kashima, H., Mori, S., Oda, H. & Matsumoto, Y. (2008).
        Training conditional random fields using incomplete annotations. COLING.

        Args:
            emissions: batch x time x K.
            tags: batch x time, int64; what lies beyond the lengths is not read.
            lengths: batch, each at least 1.
            allowed: batch x time x K, bool, in the place of the tags: which ones each token may have. Every tag
                that is allowed has to have one beside it, on either side, that the scheme lets it go with.

        Returns:
            batch, float64; minus infinity for a sequence that the scheme forbids.
        """
        start, transition, end = (scores.double() for scores in self.scores())
        emissions = emissions.double()
        if allowed is not None:
            # Both sums in one walk, which takes little longer than one of them.
            both = torch.cat((emissions.masked_fill(~allowed, -torch.inf), emissions))  # 2 batch x time x K
            agreeing, every = log_partition(both, lengths.repeat(2), start, transition, end).chunk(2)
            return agreeing - every
        return path_score(emissions, tags, lengths, start, transition, end) - log_partition(
            emissions, lengths, start, transition, end
        )


def path_score(
    emissions: Tensor, tags: Tensor, lengths: Tensor, start: Tensor, transition: Tensor, end: Tensor
) -> Tensor:
    """The unnormalised score of each tag sequence: batch. Arguments as in ``CRF.forward``."""
    time = emissions.shape[1]
    inside = torch.arange(time, device=emissions.device) < lengths[:, None]  # batch x time
    tags = torch.where(inside, tags, 0)
    emitted = emissions.gather(2, tags[:, :, None]).squeeze(2)  # batch x time
    total = torch.where(inside, emitted, 0.0).sum(1)
    moved = transition[tags[:, :-1], tags[:, 1:]]  # batch x (time - 1)
    total = total + torch.where(inside[:, 1:], moved, 0.0).sum(1)
    last = tags.gather(1, (lengths - 1)[:, None]).squeeze(1)
    return total + start[tags[:, 0]] + end[last]


def log_partition(emissions: Tensor, lengths: Tensor, start: Tensor, transition: Tensor, end: Tensor) -> Tensor:
    """The log of the sum over all tag sequences of the exponential of their score: batch. Differentiable."""
    result: Tensor = _LogPartition.apply(emissions, lengths, start, transition, end)  # type: ignore[no-untyped-call]
    return result


class _LogPartition(torch.autograd.Function):
    """Forward recursion; the backward pass runs the backward recursion and returns expected counts."""

    @staticmethod
    def forward(
        context: Any, emissions: Tensor, lengths: Tensor, start: Tensor, transition: Tensor, end: Tensor
    ) -> Tensor:
        alphas = _forward_recursion(emissions, lengths, start, transition)
        partition = torch.logsumexp(alphas[:, -1] + end, dim=1)
        context.save_for_backward(emissions, lengths, transition, end, alphas, partition, start)
        return partition

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        emissions, lengths, transition, end, alphas, partition, _ = context.saved_tensors
        betas = _backward_recursion(emissions, lengths, transition, end)
        time = emissions.shape[1]
        inside = torch.arange(time, device=emissions.device) < lengths[:, None]  # batch x time
        weight = torch.where(inside, gradient[:, None], 0.0)  # batch x time
        marginals = (alphas + betas - partition[:, None, None]).exp() * weight[:, :, None]  # batch x time x K
        ahead = emissions[:, 1:] + betas[:, 1:] - partition[:, None, None]  # batch x (time - 1) x K
        ahead = ahead.masked_fill(~inside[:, 1:, None], -torch.inf)  # padding could overflow, and infinity x 0 is NaN
        pairs = (alphas[:, :-1, :, None] + transition + ahead[:, :, None, :]).exp()  # batch x (time - 1) x K x K
        expected = torch.einsum("btij,bt->ij", pairs, weight[:, 1:])
        last = marginals.gather(1, (lengths - 1)[:, None, None].expand(-1, 1, marginals.shape[2])).squeeze(1)
        return marginals, None, marginals[:, 0].sum(0), expected, last.sum(0)


def _forward_recursion(emissions: Tensor, lengths: Tensor, start: Tensor, transition: Tensor) -> Tensor:
    """Log of the sum over the paths up to and with each tag: batch x time x K; held after a sequence's end."""
    weights, shortest = transition.exp(), int(lengths.min())
    alpha = start + emissions[:, 0]
    alphas = [alpha]
    for time in range(1, emissions.shape[1]):
        stepped = _log_matmul(alpha, weights).add_(emissions[:, time])
        alpha = stepped if time < shortest else torch.where((time < lengths)[:, None], stepped, alpha)
        alphas.append(alpha)
    return torch.stack(alphas, dim=1)


def _backward_recursion(emissions: Tensor, lengths: Tensor, transition: Tensor, end: Tensor) -> Tensor:
    """Log of the sum over the paths from each tag, without it, to the end: batch x time x K."""
    weights, shortest = transition.exp().t(), int(lengths.min())
    beta = end.expand(emissions.shape[0], -1)
    betas = [beta]
    for time in range(emissions.shape[1] - 1, 0, -1):
        stepped = _log_matmul(beta + emissions[:, time], weights)
        beta = stepped if time < shortest else torch.where((time < lengths)[:, None], stepped, beta)
        betas.append(beta)
    return torch.stack(betas[::-1], dim=1)


def _log_matmul(scores: Tensor, weights: Tensor) -> Tensor:
    """log(exp(scores) @ weights), batch x K.

    Each row needs a finite score that leads on to another; O gives it in every scheme, and where O is not allowed
    what ``CRF.forward`` asks of ``allowed``.
    """
    peak = scores.amax(dim=1, keepdim=True)
    return torch.matmul((scores - peak).exp_(), weights).log_().add_(peak)
