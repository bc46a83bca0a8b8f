"""The linear recurrence h_t = a_t * h_{t-1} + b_t, all steps at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from torch.autograd.function import FunctionCtx


def linear_scan(keep: Tensor, add: Tensor, start: Tensor) -> Tensor:
    """All states of h_t = keep_t * h_{t-1} + add_t, in about log2(time) passes over whole sequences.

    A pass joins each step with the one 1, 2, 4, ... steps before it: two steps (a, b), then (c, d), are together the
    step (a c, b c + d). With ``keep`` between 0 and 1 the products only shrink, so that nothing overflows and no
    logarithms are needed. The gradient is the same recurrence read backwards.

    Blelloch, G. E. (1990). Prefix sums and their applications. CMU-CS-90-190; the passes: Hillis, W. D. & Steele,
    G. L. (1986). Data parallel algorithms. Communications of the ACM 29(12); for recurrent networks: Martin, E. &
    Cundy, C. (2018). Parallelizing linear recurrent neural nets over sequence length. ICLR.

    Args:
        keep: batch x time x hidden, each in [0, 1].
        add: likewise, of any size.
        start: the state before the first step, batch x hidden.

    Returns:
        Batch x time x hidden. It can be differentiated once.
    """
    states: Tensor = _Scan.apply(keep, add, start)  # type: ignore[no-untyped-call]  # torch has no types here
    return states


def linear_loop(keep: Tensor, add: Tensor, start: Tensor) -> Tensor:
    """What ``linear_scan`` computes, one step after the other: the reference for it."""
    states, state = [], start
    for a, b in zip(keep.unbind(1), add.unbind(1), strict=True):
        state = a * state + b
        states.append(state)
    return torch.stack(states, dim=1)


class _Scan(torch.autograd.Function):
    @staticmethod
    def forward(ctx: FunctionCtx, keep: Tensor, add: Tensor, start: Tensor) -> Tensor:
        states = _joined(keep, add, start)
        ctx.save_for_backward(keep, states, start)
        return states

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        keep, states, start = ctx.saved_tensors
        # What reaches a state is its own gradient and, through the next step, that of all later ones.
        later = torch.cat((keep[:, 1:], torch.zeros_like(keep[:, :1])), dim=1)
        reaching = _joined(later.flip(1), gradient.flip(1), torch.zeros_like(start)).flip(1)
        before = torch.cat((start[:, None], states[:, :-1]), dim=1)
        return reaching * before, reaching, reaching[:, 0] * keep[:, 0]


def _joined(keep: Tensor, add: Tensor, start: Tensor) -> Tensor:
    """The states, without a graph."""
    keep, add = keep.clone(), add.clone()
    add[:, 0] += keep[:, 0] * start
    apart, time = 1, keep.shape[1]
    while apart < time:
        add[:, apart:] += keep[:, apart:] * add[:, :-apart]
        apart *= 2
        if apart < time:
            half = apart // 2
            keep[:, half:] = keep[:, half:] * keep[:, :-half]
    return add
