"""The training loop: a generator of records. It knows nothing of tags; logs and bars consume what it yields."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch

from elman.errors import TrainingError
from elman.training.averaging import Averaging
from elman.training.guard import DIVISOR, RECOVERIES, Trial, Vitals
from elman.training.optimiser import Optimiser
from elman.training.parallel import gradients, workers
from elman.training.records import Evaluation, Incident, Step
from elman.training.schedules import share
from elman.training.updates import Updates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from elman.metrics.figure import Scores
    from elman.training.checkpoint import Checkpoints
    from elman.training.parallel import Loss
    from elman.training.records import Record
    from elman.training.schedules import Schedule


class Objective(Protocol):
    """What a task gives to the loop."""

    @property
    def network(self) -> nn.Module:
        """What learns."""
        ...

    @property
    def examples_per_batch(self) -> float:
        """The mean size of a batch."""
        ...

    def epoch(self, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """The batches of one epoch, each an array of examples' indices."""
        ...

    def carried(self) -> dict[str, Tensor]:
        """What goes on from batch to batch of an epoch beside the weights, such as the states of lanes of text."""
        ...

    def carry_on(self, carried: dict[str, Tensor]) -> None:
        """Go on in the middle of the epoch that has been laid out, with what ``carried`` gave there."""
        ...

    def tokens(self, batch: NDArray[np.int64]) -> int:
        """How many tokens, or frames, a batch has."""
        ...

    def names(self, batch: NDArray[np.int64]) -> list[str]:
        """What the batch is made of, in the user's words."""
        ...

    def loss(self, batch: NDArray[np.int64]) -> Loss:
        """The sums of the examples' losses."""
        ...

    def evaluate(self, run: Callable[..., Iterator[Any]]) -> Scores:
        """Scores on the dev set, computed through ``run``, a ``map``."""
        ...


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a run goes; see ``elman.settings.TrainingSettings`` for what each means.

    ``later`` is whether of weights that are judged alike the later ones are kept.
    """

    seed: int
    epochs: int
    learning_rate: float
    table_factor: float
    schedule: Schedule
    warmup: float
    clip_norm: float
    weight_decay: float
    averaging: float
    patience: int
    threads: int
    parts: int
    checkpoint_seconds: float
    later: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is; with the tensors beside it, all that is needed to go on.

    Attributes:
        step: updates done.
        epoch: epochs done.
        position: batches of the present epoch done.
        best: the best figure on dev so far; None before the first evaluation.
        stale: evaluations since.
        recoveries: how often the guard has divided the step size.
        seconds: spent so far.
        vitals: what the guard remembers.
    """

    step: int = 0
    epoch: int = 0
    position: int = 0
    best: float | None = None
    stale: int = 0
    recoveries: int = 0
    seconds: float = 0.0
    vitals: Vitals = field(default_factory=Vitals)

    def to_json(self) -> dict[str, Any]:
        """For a checkpoint."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Progress:
        """The inverse of ``to_json``."""
        return cls(**{**values, "vitals": Vitals.from_json(values["vitals"])})


class Run:
    """One training run.

    Args:
        objective: the network, its data and its loss.
        plan: how to go about it.
        checkpoints: where the state is kept; if it holds one, the run goes on from there.
    """

    def __init__(self, objective: Objective, plan: Plan, checkpoints: Checkpoints) -> None:
        self.objective = objective
        self.plan = plan
        self.checkpoints = checkpoints
        self.network = objective.network
        self.averaging = Averaging(self.network, plan.averaging)
        self.optimiser = Optimiser(
            self.network, plan.learning_rate, plan.table_factor, plan.weight_decay, plan.clip_norm
        )
        self.updates = Updates(self.network)
        self.best = {name: value.clone() for name, value in self.averaging.values.items()}
        self.progress = Progress()
        self._carried: dict[str, Tensor] = {}

    def records(self) -> Iterator[Record]:
        """Train, and yield what happens as it happens.

        Raises:
            TrainingError: if the guard has stepped in too often.
        """
        plan = self.plan
        if self.checkpoints.exists():
            self._restore()
        else:
            self._save()
        began = time.monotonic() - self.progress.seconds
        saved = time.monotonic()
        with workers(plan.threads, plan.parts) as run:
            while self.progress.epoch < plan.epochs:
                batches = self.objective.epoch(np.random.default_rng((plan.seed, self.progress.epoch)))
                if self.progress.position:
                    self.objective.carry_on(self._carried)
                steps = len(batches) * plan.epochs
                incident = None
                for batch in batches[self.progress.position :]:
                    outcome = self._step(batch, steps, run, began)
                    yield outcome
                    if isinstance(outcome, Incident):
                        incident = outcome
                        break
                    if time.monotonic() - saved > plan.checkpoint_seconds and self.progress.vitals.healthy:
                        self._save()
                        saved = time.monotonic()
                if incident is not None:
                    continue
                evaluation = self._evaluate(run, began)
                yield evaluation
                if self.progress.vitals.healthy:
                    self._save()
                    saved = time.monotonic()
                if plan.patience and self.progress.stale >= plan.patience and self.progress.vitals.trial is None:
                    return

    def take_best(self) -> None:
        """Put the weights that were judged best into the network."""
        with torch.no_grad():
            for name, parameter in self.network.named_parameters():
                parameter.copy_(self.best[name])

    def _step(
        self, batch: NDArray[np.int64], steps: int, run: Callable[..., Iterator[Any]], began: float
    ) -> Step | Incident:
        """One update, or what the guard did instead."""
        plan, progress = self.plan, self.progress
        parts = [part for part in np.array_split(batch, plan.parts) if len(part)]
        seeds = [_seed(plan.seed, progress.step, part) for part in range(len(parts))]
        total, summed = gradients(self.objective.loss, self.optimiser.parameters, parts, seeds, run)
        # By the mean size of a batch, not by this one's, or the examples of large batches would count for less.
        size = self.objective.examples_per_batch
        scaled = [None if gradient is None else gradient / size for gradient in summed]
        rate = share(plan.schedule, plan.warmup, (progress.step + 1) / steps)
        weights = self.updates.copy(progress.step + 1)
        norm, clipped = self.optimiser.step(scaled, rate)
        tokens = self.objective.tokens(batch)
        vitals, reason = progress.vitals.observe(total / tokens, norm)
        if reason is not None:
            # A loss that is not a number may be the data's fault; one that rises is the step size's.
            tried = vitals is not progress.vitals or vitals.trial is not None
            return self._recover(batch, reason, Trial.within(steps) if tried else None)
        step = progress.step + 1
        if vitals.trial is not None:
            trial = vitals.trial.add(total / tokens)
            if trial.over and (trial.lost or progress.recoveries < RECOVERIES):
                return self._judge(trial)
            vitals = replace(vitals, trial=None if trial.over else trial)
        self.averaging.update(self.network, step)
        seconds = time.monotonic() - began
        self.progress = replace(progress, step=step, position=progress.position + 1, seconds=seconds, vitals=vitals)
        return Step(
            step,
            steps,
            progress.epoch + 1,
            total / tokens,
            norm,
            clipped,
            self.optimiser.learning_rate * rate,
            tokens,
            seconds,
            self.updates.ratios(weights),
        )

    def _recover(self, batch: NDArray[np.int64], reason: str, trial: Trial | None) -> Incident:
        """Go back to the last good checkpoint with a smaller step size, and put that on trial."""
        documents = tuple(self.objective.names(batch))
        recoveries = self.progress.recoveries + 1
        if recoveries > RECOVERIES:
            shown = ", ".join(documents[:5]) + (f" and {len(documents) - 5} more" if len(documents) > 5 else "")
            raise TrainingError(
                f"step {self.progress.step + 1}: {reason}, in a batch from {shown}. The guard went back to an earlier "
                f"state and divided the step size by {DIVISOR:g} {RECOVERIES} times, and it happened again at a step "
                f"size of {self.optimiser.learning_rate:.3g}. Look at these documents for values that are out of the "
                "ordinary, or begin with a smaller training.learning_rate"
            )
        return self._go_back(reason, documents, recoveries, trial)

    def _judge(self, trial: Trial) -> Incident:
        """Go back to where a trial began, and on with the better step size or, if it may be that, a smaller one."""
        rate, recoveries = self.optimiser.learning_rate, self.progress.recoveries
        seen = f"{trial.length} steps of size {rate:.3g} came to a loss of {trial.mean:.4g} per token"
        if trial.rival is not None:
            seen += f", ten times as large ones to {trial.rival:.4g}"
        if trial.lost:
            return self._go_back(f"{seen}: the large ones are kept", (), recoveries - 1, None)
        return self._go_back(
            f"{seen}: smaller ones are tried", (), recoveries + 1, Trial(trial.length, rival=trial.mean)
        )

    def _go_back(self, reason: str, documents: tuple[str, ...], recoveries: int, trial: Trial | None) -> Incident:
        """Take up the last good checkpoint with another step size."""
        at = self.progress.step + 1
        self._restore()
        vitals = replace(self.progress.vitals, high=0, trial=trial)
        self.progress = replace(self.progress, recoveries=recoveries, vitals=vitals)
        self._apply_recoveries()
        self._save()
        return Incident(at, reason, documents, self.progress.step, self.optimiser.learning_rate, recoveries)

    def _evaluate(self, run: Callable[..., Iterator[Any]], began: float) -> Evaluation:
        """Close an epoch: judge the averaged weights, and keep them if they are the best so far."""
        progress = self.progress
        with self.averaging.applied(self.network):
            result = self.objective.evaluate(run)
        figure = result.figure
        gain = progress.best is None or figure.value > progress.best
        best = gain or (self.plan.later and figure.value == progress.best)
        if best:
            self.best = {name: value.clone() for name, value in self.averaging.values.items()}
        seconds = time.monotonic() - began
        self.progress = replace(
            progress,
            epoch=progress.epoch + 1,
            position=0,
            best=figure.value if best else progress.best,
            stale=0 if gain else progress.stale + 1,
            seconds=seconds,
        )
        return Evaluation(progress.step, self.progress.epoch, figure, best, seconds, result)

    def _save(self) -> None:
        tensors = {f"optimiser.{name}": value for name, value in self.optimiser.state().items()}
        tensors |= {f"network.{name}": value.detach() for name, value in self.network.named_parameters()}
        tensors |= {f"averaged.{name}": value for name, value in self.averaging.values.items()}
        tensors |= {f"best.{name}": value for name, value in self.best.items()}
        tensors |= {f"carried.{name}": value for name, value in self.objective.carried().items()}
        self.checkpoints.save(self.progress.to_json(), tensors)

    def _restore(self) -> None:
        values, tensors = self.checkpoints.load()
        groups: dict[str, dict[str, Tensor]] = {
            name: {} for name in ("optimiser", "network", "averaged", "best", "carried")
        }
        for key, value in tensors.items():
            group, name = key.split(".", 1)
            groups[group][name] = value
        with torch.no_grad():
            for name, parameter in self.network.named_parameters():
                parameter.copy_(groups["network"][name])
            for kept, group in ((self.averaging.values, "averaged"), (self.best, "best")):
                for name, value in kept.items():
                    value.copy_(groups[group][name])
        self.optimiser.restore(groups["optimiser"])
        self._carried = groups["carried"]
        self.progress = Progress.from_json(values)
        self._apply_recoveries()

    def _apply_recoveries(self) -> None:
        self.optimiser.learning_rate = self.plan.learning_rate / DIVISOR**self.progress.recoveries


def _seed(*parts: int) -> int:
    """One number out of several, as different as they are."""
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint64)[0] >> np.uint64(1))
