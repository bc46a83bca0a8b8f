"""The optimiser: Adam on what every batch touches, and on word vectors only for the words that a batch holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor, nn


class Optimiser:
    """AdamW for dense parameters, and Adam with lazy moments for tables whose gradients are sparse.

    Kingma, D. & Ba, J. (2015). Adam: a method for stochastic optimization. ICLR. Decoupled weight decay: Loshchilov,
    I. & Hutter, F. (2019). ICLR.

    Args:
        network: what to train.
        learning_rate: the full step size.
        table_factor: the tables' step size, as a factor on the full one.
        weight_decay: on dense parameters.
        clip_norm: the largest norm of a gradient; beyond it the gradient is scaled down; 0 leaves it as it is.
    """

    def __init__(
        self,
        network: nn.Module,
        learning_rate: float,
        table_factor: float,
        weight_decay: float,
        clip_norm: float,
    ) -> None:
        tables = {id(m.learned) for m in network.modules() if hasattr(m, "learned")}
        self.parameters = list(network.parameters())
        dense = [p for p in self.parameters if id(p) not in tables]
        sparse = [p for p in self.parameters if id(p) in tables]
        self.learning_rate = learning_rate
        self.clip_norm = clip_norm
        self._dense = torch.optim.AdamW(dense, lr=learning_rate, weight_decay=weight_decay, fused=True)
        self._sparse = (
            torch.optim.SparseAdam(sparse, lr=learning_rate * table_factor) if sparse and table_factor else None
        )
        self._table_factor = table_factor

    def step(self, gradients: Sequence[Tensor | None], share: float) -> tuple[float, bool]:
        """Clip and apply gradients, one for each of ``parameters``.

        Args:
            gradients: dense, or sparse for tables; None where there is none.
            share: of the full step size, from the schedule.

        Returns:
            The norm before clipping, and whether it was clipped. A norm that is not finite is returned and nothing
            is applied.
        """
        present = [g.coalesce().values() if g.is_sparse else g for g in gradients if g is not None]
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(present))).item()
        if not norm < float("inf"):
            return norm, False
        clipped = bool(self.clip_norm) and norm > self.clip_norm
        scale = self.clip_norm / norm if clipped else 1.0
        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            parameter.grad = gradient if gradient is None or not clipped else gradient * scale
        rate = self.learning_rate * share
        _set_rate(self._dense, rate)
        self._dense.step()
        if self._sparse is not None:
            _set_rate(self._sparse, rate * self._table_factor)
            self._sparse.step()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        for parameter in self.parameters:
            parameter.grad = None
        return norm, clipped

    def state(self) -> dict[str, Tensor]:
        """All moments and counts as named tensors."""
        named = {}
        for name, optimiser in self._parts():
            for index, state in optimiser.state_dict()["state"].items():
                for key, value in state.items():
                    named[f"{name}.{index}.{key}"] = value if isinstance(value, torch.Tensor) else torch.tensor(value)
        return named

    def restore(self, named: dict[str, Tensor]) -> None:
        """The inverse of ``state``."""
        for name, optimiser in self._parts():
            state: dict[int, dict[str, Tensor | int]] = {}
            for key, value in named.items():
                part, index, field = key.split(".")
                if part == name:
                    # SparseAdam counts its steps in a plain integer, AdamW in a tensor.
                    counted = field == "step" and optimiser is self._sparse
                    state.setdefault(int(index), {})[field] = int(value) if counted else value.clone()
            optimiser.load_state_dict({**optimiser.state_dict(), "state": state})

    def _parts(self) -> list[tuple[str, torch.optim.Optimizer]]:
        return [("dense", self._dense)] + ([("sparse", self._sparse)] if self._sparse is not None else [])


def _set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate
