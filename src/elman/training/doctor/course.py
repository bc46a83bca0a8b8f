"""What a run has been through, as the doctor remembers it."""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.training.records import Incident, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        incidents: all of them.
    """

    def __init__(self) -> None:
        self.steps = 0
        self.numbers = array("q")
        self.losses = array("d")
        self.norms = array("d")
        self.clipped = array("b")
        self.ratios: list[tuple[int, Mapping[str, float]]] = []
        self.incidents: list[Incident] = []

    def __call__(self, record: Record) -> None:
        """Take in a record."""
        if isinstance(record, Step):
            self.steps = record.steps
            self.numbers.append(record.step)
            self.losses.append(record.loss)
            self.norms.append(record.gradient_norm)
            self.clipped.append(record.clipped)
            if record.update_ratios is not None:
                self.ratios.append((record.step, record.update_ratios))
        elif isinstance(record, Incident):
            self.incidents.append(record)
            kept = int(np.searchsorted(np.array(self.numbers), record.restored, side="right"))
            for values in (self.numbers, self.losses, self.norms, self.clipped):
                del values[kept:]
            self.ratios = [one for one in self.ratios if one[0] <= record.restored]

    def last_loss(self) -> float:
        """The mean loss per token over the last tenth of the steps; NaN if there are none."""
        return self._loss(0.9, 1.0)

    def middle_loss(self) -> float:
        """The mean loss per token around the middle of the steps."""
        return self._loss(0.45, 0.55)

    def ratio(self) -> float:
        """The median of the update ratios of all parts, from a tenth to a half of the planned steps."""
        return self._ratio(0.1, 0.5)

    def peak_ratio(self) -> float:
        """Likewise in the first fifth of the planned steps, where the step size is at its largest."""
        return self._ratio(0.0, 0.2)

    def clipped_share(self) -> float:
        """The share of the steps that were clipped; NaN if there are none."""
        return float(np.mean(self.clipped)) if self.clipped else math.nan

    def to_json(self) -> dict[str, Any]:
        """Of all steps, for a model's metrics: the share that was clipped, and each part's median update ratio."""
        parts = self.ratios[0][1] if self.ratios else {}
        return {
            "clipped": self.clipped_share() if self.clipped else None,
            "update_ratios": {part: float(np.median([ratios[part] for _, ratios in self.ratios])) for part in parts},
        }

    def growth(self, steps: int) -> float:
        """By what factor the gradient norm grew over the last steps, by a line through its logarithms."""
        logs = np.log(np.maximum(np.array(self.norms[-steps:]), 1e-30))
        slope = np.polyfit(np.arange(len(logs)), logs, 1)[0]
        return float(np.exp(slope * (len(logs) - 1)))

    def _loss(self, first: float, last: float) -> float:
        count = len(self.losses)
        part = self.losses[int(first * count) : max(int(last * count), int(first * count) + 1)]
        return float(np.mean(part)) if part else math.nan

    def _ratio(self, first: float, last: float) -> float:
        found = [
            ratio for step, ratios in self.ratios if first <= step / self.steps <= last for ratio in ratios.values()
        ]
        return float(np.median(found)) if found else math.nan
