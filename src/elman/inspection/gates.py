"""What the gates of a recurrent network do as it reads a sentence, and how long a fact stays in its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import torch

from elman.errors import UsageError
from elman.inspection.anatomy import ANATOMY, HIDDEN
from elman.nn.recurrent import Recurrent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from torch import Tensor

    from elman.inspection.sentences import Sentence
    from elman.nn.cell import Cell
    from elman.training.objectives.tagging import Tagger

    Values = NDArray[np.float32]

KEPT = "kept"
"""What is shown beside gates and states: how much of what is in a unit stays to the end."""

LONGEST = 1e6
"""Half-lives, in tokens, go no further: float32 can hardly tell such a gate from one that is always open."""


class Track(NamedTuple):
    """What one cell did on its way through a sentence.

    Attributes:
        layer: from 1, the lowest.
        direction: forward or backward.
        values: by name time x units, in the order of the tokens whatever the direction: first the gates, then the
            states; a token's are those after the cell has read it. ``kept``, where a gate says what stays, is how much
            of what is in a unit after a token is left in it after the last token that the cell reads, in [0, 1].
        retains: the gate that says what stays, or None.
        half_life: of each unit in tokens, see ``half_life``; None without such a gate.
    """

    layer: int
    direction: str
    values: dict[str, Values]
    retains: str | None
    half_life: NDArray[np.float64] | None

    @property
    def name(self) -> str:
        """What it is called: layer and direction."""
        return f"layer {self.layer}, {self.direction}"

    @property
    def units(self) -> int:
        """How many there are."""
        return int(self.values[HIDDEN].shape[1])


def watch(network: Tagger, sentence: Sentence) -> list[Track]:
    """Run every cell of a tagger over a sentence, step by step.

    Returns:
        A track for each layer and direction, from the lowest layer up, forward first.

    Raises:
        UsageError: if the network has no recurrent cells, or some that cannot be looked into.
    """
    if not isinstance(network.encode, Recurrent):
        raise UsageError(
            "expected a recurrent network, got layers without recurrence, which have no gates; "
            "train one with --set encoder.cell=lstm"
        )
    tracks: list[Track] = []
    with torch.inference_mode():
        x = sentence.vectors[None]
        if network.context is not None:
            x = network.context(x, torch.tensor([x.shape[1]]))
        x = x[0]  # time x input
        for layer, cells in enumerate(network.encode.layers, 1):
            outputs = []
            for number, cell in enumerate(cast("Iterable[Cell]", cells)):
                track = run(cell, x, layer, backwards=number > 0)
                outputs.append(torch.from_numpy(track.values[HIDDEN]))
                tracks.append(track)
            x = torch.cat(outputs, dim=1)
    return tracks


def run(cell: Cell, x: Tensor, layer: int = 1, *, backwards: bool = False) -> Track:
    """Run a cell over the steps of one sequence, from zeros.

    Args:
        cell: of a kind that ``ANATOMY`` has.
        x: time x input.
        layer: which layer it is.
        backwards: whether it begins with the last step.

    Raises:
        UsageError: if there is nothing known of this kind of cell.
    """
    anatomy = ANATOMY.get(type(cell))
    if anatomy is None:
        known = ", ".join(kind.__name__ for kind in ANATOMY)
        raise UsageError(f"expected a cell that can be looked into ({known}), got {type(cell).__name__}; train another")
    projected, state = cell.project(x[:, None]), cell.initial_state(1)  # time x 1 x (gates x hidden)
    steps: list[dict[str, Tensor]] = []
    for now in reversed(projected) if backwards else projected:
        before, state = state, cell.step(now, state, cell.weight_hh)
        steps.append({**anatomy.opened(now, before, state, cell), HIDDEN: state[0]})
    values = {name: torch.cat([step[name] for step in steps]).numpy() for name in steps[0]}  # time x units
    lives = None
    if anatomy.retains is not None:
        lives = half_life(values[anatomy.retains])
        values[KEPT] = kept(values[anatomy.retains])
    order = slice(None, None, -1 if backwards else 1)
    shown = {name: value[order].copy() for name, value in values.items()}
    return Track(layer, "backward" if backwards else "forward", shown, anatomy.retains, lives)


def kept(retention: Values) -> Values:
    """Of what is in a unit after each step, the share that is left after the last: the product of the later gates.

    Args:
        retention: time x units, in [0, 1], in the order in which the steps are read.

    Returns:
        time x units, in [0, 1]; 1 at the last step.
    """
    later = np.ones_like(retention)
    later[:-1] = np.cumprod(retention[:0:-1], axis=0, dtype=np.float64)[::-1]
    return later


def half_life(retention: Values) -> NDArray[np.float64]:
    """In how many tokens half of what is in each unit is gone, at the rate at which it goes over a whole sentence.

    Over a sentence of T steps, the share that stays of what the first step wrote is the product P of the gates of the
    steps 2 to T (the first step's gate has nothing to keep). A rate that is the same at every step and leaves P after
    T - 1 steps leaves one half after (T - 1) log(1/2) / log P steps: that is the half-life. It counts the direct way
    through the cell alone; what a unit tells others, and they tell it again, is not in it.

    Args:
        retention: time x units, in [0, 1], in the order in which the steps are read.

    Returns:
        units, in [0, ``LONGEST``]; NaN if there is only one step.
    """
    steps = len(retention) - 1
    if not steps:
        return np.full(retention.shape[1], np.nan)
    with np.errstate(divide="ignore"):
        lost = np.abs(np.log(retention[1:].astype(np.float64)).sum(axis=0))
        lives: NDArray[np.float64] = np.minimum(steps * np.log(2) / lost, LONGEST)
    return lives
