"""How large updates are beside the weights that they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor, nn

EVERY = 20
"""So many steps lie between two measurements: a copy of the weights costs about as much as a step's own update."""


class Updates:
    """Compares weights before and after a step, by the network's parts.

    Tables of which a step changes a few rows only are left out.

    Args:
        network: what is trained.
    """

    def __init__(self, network: nn.Module) -> None:
        tables = {id(module.learned) for module in network.modules() if hasattr(module, "learned")}
        self._groups: dict[str, list[Tensor]] = {}
        for name, parameter in network.named_parameters():
            if id(parameter) not in tables:
                self._groups.setdefault(name.split(".")[0], []).append(parameter)

    def copy(self, step: int) -> list[list[Tensor]] | None:
        """The weights before a step, if it is one that is measured."""
        if step % EVERY:
            return None
        return [[value.detach().clone() for value in values] for values in self._groups.values()]

    def ratios(self, before: list[list[Tensor]] | None) -> dict[str, float] | None:
        """For each part the norm of the update over the norm of the weights before it; None if it was not measured."""
        if before is None:
            return None
        found = {}
        for (name, values), old in zip(self._groups.items(), before, strict=True):
            update = _norm([value.detach() - was for value, was in zip(values, old, strict=True)])
            found[name] = update / max(_norm(old), 1e-12)
        return found


def _norm(parts: list[Tensor]) -> float:
    return float(torch.linalg.vector_norm(torch.stack(torch._foreach_norm(parts))))
