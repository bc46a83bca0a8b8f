"""Gates that are stuck open or shut, and units that never change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.overrides import TorchFunctionMode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from elman.inspection.unrolled import Lane

SHUT, OPEN = 0.05, 0.95
"""A gate below the one or above the other is saturated: its derivative is less than a fifth of its largest."""

STILL = 1e-3
"""A unit whose state has a smaller standard deviation over all tokens is dead."""

GATES = {
    ("LSTMCell", 3): ("forget", "input", "output"),
    ("LSTMCell", 2): ("forget", "output"),
    ("GRUCell", 2): ("update", "reset"),
    ("SRUCell", 1): ("forget and reset",),
    ("minGRUCell", 3): ("keep", "update"),
    ("minLSTMCell", 3): ("forget", "input"),
    ("sLSTMCell", 1): ("output",),
}
"""The gates of a cell with so many sigmoids, in the order in which its step computes them; a sigmoid without a name is
the candidate's own. Those of other cells are numbered."""


class _Sigmoids(TorchFunctionMode):
    """Within the block, keeps every sigmoid's result: a cell's gates, whatever cell it is."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Tensor] = []

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if func in (torch.sigmoid, torch.Tensor.sigmoid, torch.nn.functional.sigmoid):
            self.found.append(result)
        return result


def gate_values(lane: Lane, inside: Tensor) -> dict[str, Tensor]:
    """The gates of a lane's steps.

    Args:
        lane: as it ran.
        inside: batch x time, which steps count.

    Returns:
        By gate, steps x hidden; nothing for a cell without gates.
    """
    if lane.cell.gates == 1:
        return {}
    kept: list[list[Tensor]] = []
    for time, before in enumerate(lane.states[:-1]):
        with torch.no_grad(), _Sigmoids() as seen:
            lane.cell.step(lane.projected[:, time], before, lane.cell.weight_hh)
        kept.append([values[inside[:, time]] for values in seen.found])
    gates = [torch.cat(values) for values in zip(*kept, strict=True)]
    numbered = tuple(f"gate {number}" for number in range(1, len(gates) + 1))
    names = GATES.get((type(lane.cell).__name__, len(gates)), numbered)
    return dict(zip(names, gates, strict=False))


def saturated(values: Tensor) -> dict[str, float]:
    """The shares of a gate's values that are shut and that are open."""
    return {"shut": float((values < SHUT).double().mean()), "open": float((values > OPEN).double().mean())}


def dead(hidden: Tensor) -> int:
    """How many units do not change from token to token: tokens x hidden."""
    return int((hidden.std(dim=0) < STILL).sum())
