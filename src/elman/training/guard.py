"""The guard: sees that a run goes wrong, and says so, before it is lost."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

TOLERANCE = 2.0
"""A running loss above so many times its starting value is not learning any more."""

PATIENCE = 50
"""For so many steps in a row it may be there."""

RECOVERIES = 5
"""So often the guard steps in before it gives up."""

DIVISOR = 10.0
"""By so much the step size is divided each time."""

_SMOOTHING = 0.9

TRIAL_STEPS = 200
"""So many steps at most show how well a step size learns."""

TRIAL_SHARE = 0.2
"""And at most this share of a run's."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A step size on trial, after a divergence has shown that it was chosen far too large.

    What is still ten or a hundred times too large need not raise the loss any more, and yet learns little. So each step
    size is held against a tenth of itself, from the same state and on the same batches, until the smaller one does
    worse. The loss is that of batches not seen before, over the second half of the trial: large steps are ahead at
    first.

    Attributes:
        length: in steps.
        done: how many of them are.
        total: the sum of the losses per token that count.
        rival: the mean loss under ten times the step size, or None where that diverged.
    """

    length: int
    done: int = 0
    total: float = 0.0
    rival: float | None = None

    @classmethod
    def within(cls, steps: int) -> Trial:
        """A trial in a run of so many steps."""
        return cls(max(1, min(TRIAL_STEPS, int(TRIAL_SHARE * steps))))

    @property
    def over(self) -> bool:
        """Whether all its steps are done."""
        return self.done == self.length

    @property
    def mean(self) -> float:
        """The mean loss per token, once it is over."""
        return self.total / (self.length - self.length // 2)

    @property
    def lost(self) -> bool:
        """Whether ten times the step size did at least as well, once it is over."""
        return self.rival is not None and self.mean >= self.rival

    def add(self, loss: float) -> Trial:
        """Take in the loss per token of one step."""
        counted = loss if self.done >= self.length // 2 else 0.0
        return replace(self, done=self.done + 1, total=self.total + counted)


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the guard remembers of a run.

    Attributes:
        start: the loss per token of the first step, or None before it.
        running: the smoothed loss per token.
        high: for how many steps in a row the running loss has been too high.
        trial: the step size's, after a divergence; None otherwise.
    """

    start: float | None = None
    running: float = 0.0
    high: int = 0
    trial: Trial | None = None

    @property
    def healthy(self) -> bool:
        """Whether the weights are worth going back to."""
        return self.high == 0 and self.trial is None

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

    def to_json(self) -> dict[str, object]:
        """For a checkpoint."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Vitals:
        """The inverse of ``to_json``."""
        trial = values["trial"]
        return cls(**{**values, "trial": None if trial is None else Trial(**trial)})
