"""One training run: from fresh weights to a model folder."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from elman.errors import TrainingError
from elman.metrics.figure import figure_in
from elman.settings import to_dict
from elman.training.checkpoint import Checkpoints
from elman.training.doctor.doctor import Doctor
from elman.training.loop import Plan, Run
from elman.training.packing import versions
from elman.training.parallel import parts_for, workers
from elman.training.records import Evaluation, Incident

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import torch

    from elman.settings import TaskSettings
    from elman.training.doctor.facts import Facts
    from elman.training.loop import Objective
    from elman.training.records import Record

Kept = TypeVar("Kept")
"""What judging leaves for packing beside the scores."""


def run_folder(place: Path) -> Path:
    """Where a run keeps its state while it is under way: beside the model."""
    return place.with_name(f"{place.name}.run")


class Session(ABC, Generic[Kept]):
    """One run from fresh weights to a model folder.

    Args:
        objective: the network, its data and its loss.
        settings: sizes and pace.
        epochs: passes over the training set.
        batch_tokens: tokens in a batch, padding included.
        table_factor: the step size of word tables, as a factor on the full one.
        device: where to compute.
        say: gets a line for everything found out.
    """

    def __init__(
        self,
        objective: Objective,
        settings: TaskSettings,
        epochs: int,
        batch_tokens: int,
        table_factor: float,
        device: torch.device,
        say: Callable[[str], None],
    ) -> None:
        training = settings.training
        self._objective = objective
        self._settings = settings
        self.epochs = epochs
        self.device = device
        self.say = say
        self.plan = Plan(
            seed=training.seed,
            epochs=epochs,
            learning_rate=training.learning_rate,
            table_factor=table_factor,
            schedule=training.schedule,
            warmup=training.warmup,
            clip_norm=training.clip_norm,
            weight_decay=training.weight_decay,
            averaging=training.averaging,
            patience=training.patience,
            threads=training.threads or _cores(),
            parts=parts_for(batch_tokens, device),
            checkpoint_seconds=training.checkpoint_seconds,
        )

    @abstractmethod
    def facts(self) -> Facts:
        """What the doctor knows of the run before it begins."""

    @abstractmethod
    def judge(self, run: Callable[..., Iterator[Any]]) -> tuple[dict[str, Any], Kept]:
        """The scores of the network as it is, computed through ``run``: ``dev``, and ``test`` or None."""

    @abstractmethod
    def data_to_json(self) -> dict[str, Any]:
        """What the model folder says of the data: ``train``, ``dev``, and ``test`` or None."""

    @abstractmethod
    def fingerprints(self) -> Iterator[str]:
        """Of the data that the run depends on."""

    @abstractmethod
    def pack(self, place: Path, metrics: dict[str, Any], kept: Kept, *, replace: bool) -> None:
        """Write the model folder."""

    def run(
        self, place: Path, *, resume: bool, force: bool, observers: Sequence[Callable[[Record], None]]
    ) -> Mapping[str, Any]:
        """Train, and write the model folder.

        Returns:
            The folder's metrics.
        """
        checkpoints = Checkpoints(run_folder(place), self._fingerprint())
        if not resume:
            checkpoints.remove()
        elif checkpoints.exists():
            self.say(f"going on with the run in {checkpoints.path.parent}")
        run = Run(self._objective, self.plan, checkpoints)
        account = _Account(Doctor(self.facts(), self.say))
        try:
            for record in run.records():
                account(record)
                for observer in observers:
                    observer(record)
        except TrainingError:
            account.doctor.close()
            raise
        except KeyboardInterrupt:
            if run.progress.best is None:
                self.say("interrupted before the first evaluation; no model is written")
                raise
            metrics = self._finish(run, account, place, replace_old=resume or force)
            self.say(
                f"interrupted; the best weights so far (dev {figure_in(metrics['dev'])}) are in {place}, "
                "and --resume goes on from the last checkpoint"
            )
            raise
        metrics = self._finish(run, account, place, replace_old=resume or force)
        checkpoints.remove()
        return metrics

    def _finish(self, run: Run, account: _Account, place: Path, *, replace_old: bool) -> dict[str, Any]:
        """Score the best weights and write them down."""
        run.take_best()
        with workers(self.plan.threads, self.plan.parts) as side_by_side:
            scores, kept = self.judge(side_by_side)
        metrics: dict[str, Any] = {
            "schema": "elman.metrics/1",
            **scores,
            "data": self.data_to_json(),
            "seed": self._settings.training.seed,
            "settings": to_dict(self._settings),
            "training": {
                "epochs": run.progress.epoch,
                "planned_epochs": self.epochs,
                "best_epoch": account.best_epoch,
                "steps": run.progress.step,
                "seconds": round(run.progress.seconds, 1),
                "recoveries": run.progress.recoveries,
                "incidents": account.incidents,
                "updates": account.doctor.course.to_json(),
            },
            "findings": [finding.to_json() for finding in account.doctor.findings()],
            "versions": versions(),
            "machine": {
                "processor": platform.machine(),
                "threads": self.plan.threads,
                "device": str(self.device),
            },
        }
        self.pack(place, metrics, kept, replace=replace_old)
        account.doctor.close()
        return metrics

    def _fingerprint(self) -> str:
        """Of everything that the result depends on."""
        parts = [*self.fingerprints(), json.dumps(to_dict(self._settings), sort_keys=True)]
        digest = hashlib.sha256("\n".join(parts).encode())
        for value in self._objective.network.state_dict().values():
            digest.update(value.cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()


@dataclass
class _Account:
    """What the model folder is to say of the run."""

    doctor: Doctor
    best_epoch: int = 0
    incidents: list[dict[str, object]] = field(default_factory=list)

    def __call__(self, record: Record) -> None:
        self.doctor(record)
        if isinstance(record, Evaluation) and record.best:
            self.best_epoch = record.epoch
        elif isinstance(record, Incident):
            self.incidents.append(record.to_json())


def _cores() -> int:
    """The cores that this process may use; not every system tells them apart from the machine's."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
