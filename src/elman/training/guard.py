"""The guard: sees that a run goes wrong, and says so, before it is lost."""

from __future__ import annotations

import math
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


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the guard remembers of a run.

    Attributes:
        start: the loss per token of the first step, or None before it.
        running: the smoothed loss per token.
        high: for how many steps in a row the running loss has been too high.
    """

    start: float | None = None
    running: float = 0.0
    high: int = 0

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

    def to_json(self) -> dict[str, float | int | None]:
        """For a checkpoint."""
        return asdict(self)
