"""How far back a step's loss reaches: the norm of its gradient with respect to the hidden state k steps before.

What is measured. The loss of one step t, L_t, is the cross-entropy of the head's scores at that step taken alone (a
CRF's transitions, which couple steps, are left out). For each layer and direction, dL_t / dh_{t-k} is its whole
derivative with respect to the hidden state that this lane had k steps before it read t, by every path: through the
lane's own recurrence and, in a lower layer, through the layers above. Its Euclidean norm is averaged over many t.

Bengio, Y., Simard, P. & Frasconi, P. (1994). Learning long-term dependencies with gradient descent is difficult. IEEE
Transactions on Neural Networks 5(2); Pascanu, R., Mikolov, T. & Bengio, Y. (2013). On the difficulty of training
recurrent neural networks. ICML.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from elman.inspection.unrolled import Unrolled

ENOUGH = 30
"""A distance is fitted if so many steps t have something so far back."""


@dataclass(frozen=True)
class Fit:
    """An exponential through the mean norms: norm(k) = norm(0) * rate^k, by least squares on the logarithms.

    Attributes:
        rate: the factor per step; below 1 the gradient vanishes, above 1 it explodes.
        r_squared: how much of the logarithms' variance the line explains.
        first: the smallest distance fitted.
        last: the largest.
    """

    rate: float
    r_squared: float
    first: int
    last: int

    @property
    def half(self) -> float:
        """Steps until half of it is left, or, where it grows, until it has doubled."""
        slope = abs(math.log(self.rate))
        return math.log(2) / slope if slope else math.inf

    def __str__(self) -> str:
        verb = "halves" if self.rate < 1 else "doubles"
        return f"x {self.rate:.3g} per step (R squared {self.r_squared:.3f}, {verb} in {self.half:.1f} steps)"


@dataclass(frozen=True)
class Distances:
    """Norms by distance, of one layer and direction.

    Attributes:
        mean: of the norms at distance 0, 1, 2, ...
        lower: their quartile.
        upper: their third quartile.
        count: how many steps t there were at each distance.
        fit: an exponential through the means where there is enough to fit, else None.
    """

    mean: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    count: tuple[int, ...]
    fit: Fit | None

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        return asdict(self)

    def reach(self, share: float = 0.01) -> int | None:
        """The first distance at which less than a share of the norm at distance 0 is left; None if there is none."""
        return next((k for k, value in enumerate(self.mean) if value < share * self.mean[0]), None)


def norms(run: Unrolled, losses: Tensor, tokens: Tensor) -> list[NDArray[np.float64]]:
    """Norms of the gradient of one step's loss in each sequence, with respect to the states before.

    Args:
        run: with states that ``losses`` depends on.
        losses: batch; the loss of one token in each sequence.
        tokens: batch; which token.

    Returns:
        For each lane an array batch x distance; NaN where the sequence has nothing so far back.
    """
    hidden = [state[0] for lane in run.lanes for state in lane.states[1:]]
    found = torch.autograd.grad(losses.sum(), hidden, retain_graph=True, allow_unused=True, materialize_grads=True)
    time = len(run.lanes[0].states) - 1
    result = []
    for number, lane in enumerate(run.lanes):
        by_step = torch.stack(found[number * time : (number + 1) * time], dim=1).norm(dim=2)  # batch x time
        at = lane.steps(tokens, run.lengths, run.lookahead)[:, None] - 1 - torch.arange(time)  # batch x distance
        picked = by_step.gather(1, at.clamp(min=0)).double().numpy()
        result.append(np.where(at.numpy() >= 0, picked, np.nan))
    return result


def summary(found: Sequence[NDArray[np.float64]], enough: int = ENOUGH) -> Distances:
    """Means and quartiles by distance over all steps t, and an exponential through the means.

    Args:
        found: arrays steps x distance, NaN where there is nothing, of any widths.
        enough: how many steps t a distance has to have to be fitted.
    """
    width = max(array.shape[1] for array in found)
    padded = [np.pad(array, ((0, 0), (0, width - array.shape[1])), constant_values=np.nan) for array in found]
    table = np.concatenate(padded)
    count = np.isfinite(table).sum(0)
    table, count = table[:, count > 0], count[count > 0]
    mean = np.nanmean(table, axis=0)
    lower, upper = np.nanquantile(table, (0.25, 0.75), axis=0)
    return Distances(
        tuple(mean.tolist()),
        tuple(lower.tolist()),
        tuple(upper.tolist()),
        tuple(count.tolist()),
        fit(mean, np.flatnonzero((count >= enough) & (mean > 0))),
    )


def fit(mean: NDArray[np.float64], distances: NDArray[np.integer]) -> Fit | None:
    """An exponential through the means at these distances; None if there are fewer than three."""
    if len(distances) < 3:
        return None
    logs = np.log(mean[distances])
    slope, offset = np.polyfit(distances, logs, 1)
    left = np.square(logs - (offset + slope * distances)).sum()
    all_of_it = np.square(logs - logs.mean()).sum()
    explained = float(1 - left / all_of_it) if all_of_it > 0 else 1.0
    return Fit(float(np.exp(slope)), explained, int(distances[0]), int(distances[-1]))
