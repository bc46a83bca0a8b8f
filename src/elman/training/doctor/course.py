"""What a run has been through, as the doctor remembers it."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

from elman.training.records import Evaluation, Incident, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from elman.training.records import Record


class Course:
    """A run's records, of which the steps that the guard took back are left out.

    Attributes:
        steps: updates that the run is planned to have.
        numbers: the steps that were seen.
        losses: per token.
        norms: of the gradient before clipping.
        clipped: 1 where the gradient was scaled down.
        ratios: the update ratios, with their steps.
        evaluations: all of them.
        incidents: all of them.
        peak: the largest norm, of steps that were taken back, too.
    """

    def __init__(self) -> None:
        self.steps = 0
        self.numbers = array("q")
        self.losses = array("d")
        self.norms = array("d")
        self.clipped = array("b")
        self.ratios: list[tuple[int, Mapping[str, float]]] = []
        self.evaluations: list[Evaluation] = []
        self.incidents: list[Incident] = []
        self.peak = 0.0

    def __call__(self, record: Record) -> None:
        """Take in a record."""
        if isinstance(record, Step):
            self.steps = record.steps
            self.numbers.append(record.step)
            self.losses.append(record.loss)
            self.norms.append(record.gradient_norm)
            self.clipped.append(record.clipped)
            self.peak = max(self.peak, record.gradient_norm)
            if record.update_ratios is not None:
                self.ratios.append((record.step, record.update_ratios))
        elif isinstance(record, Evaluation):
            self.evaluations.append(record)
        else:
            self.incidents.append(record)
            kept = int(np.searchsorted(np.array(self.numbers), record.restored, side="right"))
            for values in (self.numbers, self.losses, self.norms, self.clipped):
                del values[kept:]
            self.ratios = [one for one in self.ratios if one[0] <= record.restored]
            self.evaluations = [one for one in self.evaluations if one.step <= record.restored]

    def last_loss(self, share: float = 0.1) -> float:
        """The mean loss per token over the last share of the steps."""
        return float(np.mean(self.losses[-max(1, int(share * len(self.losses))) :]))

    def ratio(self, part: str) -> float:
        """The median update ratio of a part of the network between a tenth and a half of the planned steps."""
        found = [ratios[part] for step, ratios in self.ratios if 0.1 <= step / self.steps <= 0.5 and part in ratios]
        return float(np.median(found)) if found else float("nan")

    def logs(self) -> NDArray[np.float64]:
        """Natural logarithms of the gradient norms."""
        return np.log(np.maximum(np.array(self.norms), 1e-30))
