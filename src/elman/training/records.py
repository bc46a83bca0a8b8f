"""What the loop yields: one record a step, an evaluation, an incident. Everything that watches a run consumes these."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elman.metrics.figure import Figure, Scores


@dataclass(frozen=True, slots=True)
class Step:
    """One update.

    Attributes:
        step: updates so far, this one included.
        steps: updates that the run is planned to have.
        epoch: epochs begun, from 1.
        loss: per token.
        gradient_norm: before clipping.
        clipped: whether the gradient was scaled down.
        learning_rate: what the schedule, and the guard, made of it.
        tokens: in the batch.
        seconds: since the run began, evaluations included.
        update_ratios: every some steps, for each part of the network the norm of the update over that of the weights
            (see ``elman.training.updates``); None otherwise.
    """

    step: int
    steps: int
    epoch: int
    loss: float
    gradient_norm: float
    clipped: bool
    learning_rate: float
    tokens: int
    seconds: float
    update_ratios: Mapping[str, float] | None = None

    def to_json(self) -> dict[str, object]:
        """For the log."""
        return {"record": "step", **asdict(self)}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The averaged weights, judged on the dev set after an epoch.

    Attributes:
        step: updates so far.
        epoch: epochs done.
        figure: what the run is judged by.
        best: whether no evaluation before was as good.
        seconds: since the run began.
        result: all the scores.
    """

    step: int
    epoch: int
    figure: Figure
    best: bool
    seconds: float
    result: Scores

    def to_json(self) -> dict[str, object]:
        """For the log."""
        return {
            "record": "evaluation",
            "step": self.step,
            "epoch": self.epoch,
            "figure": self.figure._asdict(),
            "best": self.best,
            "seconds": self.seconds,
            "result": self.result.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Incident:
    """The guard stepped in: something went wrong, or a trial of the step size that followed is over.

    Attributes:
        step: the update at which it happened.
        reason: what was seen.
        documents: what the batch was made of that it happened in; none for a trial.
        restored: the update to which the run went back.
        learning_rate: the full step size from here on.
        recoveries: how often the step size has been divided.
    """

    step: int
    reason: str
    documents: tuple[str, ...]
    restored: int
    learning_rate: float
    recoveries: int

    def to_json(self) -> dict[str, object]:
        """For the log."""
        return {"record": "incident", **asdict(self)}


Record = Step | Evaluation | Incident
