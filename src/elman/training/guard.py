"""The guard: sees that a run goes wrong, and says so, before it is lost."""

from __future__ import annotations

import math
import statistics
from dataclasses import asdict, dataclass, replace

TOLERANCE = 2.0
"""A running loss above so many times its starting value is not learning any more."""

PATIENCE = 50
"""For so many steps in a row it may be there."""

RECOVERIES = 5
"""So often the guard steps in before it gives up."""

DIVISOR = 10.0
"""By so much the step size is divided each time."""

_SMOOTHING = 0.9

PROBE_EVERY = 10
"""On probation, so many steps lie between two probes."""

PROBES = 20
"""So many probes are judged together."""

GRASP = 0.62
"""A step after which its own batch has less than this share of its loss left learns the batch, not the task.

Measured on CoNLL-2003 (docs/decisions/0005): 0.71 to 0.95 at step sizes that train well, 0.54 to 0.7 at ten times these
(0.54 with the default network), although the loss of such a run falls and only its dev F1 tells.
"""

STUCK = 0.2
"""A running loss that after the first probes is still above this share of its starting value does not come down."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the guard remembers of a run.

    Attributes:
        start: the loss per token of the first step, or None before it.
        running: the smoothed loss per token.
        high: for how many steps in a row the running loss has been too high.
        probation: after a divergence, which says that the step size was chosen far too large, the last probes: the
            share of a batch's loss that the step made from it leaves over. None before.
    """

    start: float | None = None
    running: float = 0.0
    high: int = 0
    probation: tuple[float, ...] | None = None

    @property
    def healthy(self) -> bool:
        """Whether the weights are worth going back to."""
        return self.high == 0

    def observe(self, loss: float, gradient_norm: float) -> tuple[Vitals, str | None]:
        """Take in one step.

        Args:
            loss: per token.
            gradient_norm: before clipping.

        Returns:
            The vitals after it, and what is wrong, if something is.
        """
        for name, value in (("loss", loss), ("gradient", gradient_norm)):
            if not math.isfinite(value):
                return self, f"the {name} is {'not a number' if math.isnan(value) else 'infinite'}"
        if self.start is None:
            return replace(self, start=loss, running=loss), None
        running = _SMOOTHING * self.running + (1 - _SMOOTHING) * loss
        high = self.high + 1 if running > TOLERANCE * self.start else 0
        reason = None
        if high >= PATIENCE:
            reason = (
                f"the running loss has been above {TOLERANCE:g} times its starting value for {high} steps "
                f"({running:.4g} per token, at the start {self.start:.4g})"
            )
        return replace(self, running=running, high=high), reason

    def probe(self, left: float) -> tuple[Vitals, str | None]:
        """Take in a probe of a run on probation.

        Args:
            left: a batch's loss after the step that was made from it, as a share of its loss before, noise being equal.

        Returns:
            The vitals after it, and what is wrong, if something is.
        """
        probes = (*(self.probation or ()), left)[-PROBES:]
        reason = None
        if len(probes) == PROBES:
            middle = statistics.median(probes)
            if middle < GRASP:
                reason = (
                    f"the step size is still too large: after a step its own batch has only {middle:.0%} of its loss "
                    f"left (median of {PROBES} probes), so each is learned at the others' cost"
                )
            elif self.start is not None and self.running > STUCK * self.start:
                reason = (
                    f"the step size is still too large: the running loss, {self.running:.4g} per token, does not come "
                    f"down from its starting value, {self.start:.4g}"
                )
        return replace(self, probation=probes), reason

    def to_json(self) -> dict[str, object]:
        """For a checkpoint."""
        return asdict(self)
