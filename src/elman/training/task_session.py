"""A training run of any task but tagging."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch

from elman.model.task_card import task_card
from elman.model.task_folder import write_task
from elman.nn.parts import Network
from elman.settings import to_dict
from elman.training.doctor.facts import Facts, VectorFacts
from elman.training.objective import tensors_of
from elman.training.parallel import one_thread
from elman.training.session import Session
from elman.training.task_data import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from elman.features.vectors import Vectors
    from elman.settings import TaskSettings
    from elman.tasks.task import Sequences
    from elman.training.objective import TaskObjective
    from elman.training.task_data import Examples, TaskData


class TaskSession(Session[None]):
    """A task's run from fresh weights to a model folder.

    Args:
        kind: the task's objective.
        data: what to learn from and be judged by.
        settings: sizes and pace.
        vectors: pretrained word vectors, or None.
        device: where to compute.
        say: gets a line for everything found out.
    """

    def __init__(
        self,
        kind: type[TaskObjective[Any, Any]],
        data: TaskData,
        settings: TaskSettings,
        vectors: Vectors | None,
        device: torch.device,
        say: Callable[[str], None],
    ) -> None:
        training = settings.training
        torch.manual_seed(training.seed)
        self.data = data
        self.vectors = None if vectors is None else VectorFacts.of(vectors)
        self.task = kind.design(data.train.examples, settings, vectors, say)
        self._sequences: dict[str, Sequences] = {
            name: self.task.prepare(part.examples) for name, part in self._parts().items() if part is not None
        }
        for part in filter(None, self._parts().values()):
            for line in self.task.remarks(part.examples):
                say(f"{part.name}: {line}")
        with one_thread():
            self.network = Network(self.task.parts)
            self.objective = kind(
                self.task, self.network, self._sequences["train"], self._sequences["dev"], settings, device
            )
            self.objective.initialise(vectors)
        super().__init__(
            self.objective,
            settings,
            self.objective.epochs,
            self.objective.batch_tokens,
            training.vector_learning_rate if vectors is not None else 1.0,
            device,
            say,
        )
        # A small dev set judges many epochs alike; those with smaller steps, averaged over more, tend to be better.
        self.plan = replace(self.plan, later=True)

    def facts(self) -> Facts:
        """See ``Session``."""
        training = self._settings.training
        return Facts.of_settings(
            self.data.dev.name,
            self.vectors,
            learning_rate=training.learning_rate,
            dropouts={
                f"{group}.{name}": value
                for group, values in to_dict(self._settings).items()
                for name, value in values.items()
                if name.endswith("dropout") and isinstance(value, float)
            },
            clip_norm=training.clip_norm,
            recurrence={
                name: float(torch.linalg.matrix_norm(value.detach(), 2))
                for name, value in self.network.named_parameters()
                if name.endswith("weight_hh")
            },
        )

    def judge(self, run: Callable[..., Iterator[Any]]) -> tuple[dict[str, Any], None]:
        """See ``Session``."""
        self.task = self.objective.task = self.objective.calibrated(run, self.say)
        scores: dict[str, Any] = {
            name: self.objective.score(sequences, run).to_json()
            for name, sequences in self._sequences.items()
            if name != "train"
        }
        return {"test": None, **scores}, None

    def data_to_json(self) -> dict[str, Any]:
        """See ``Session``."""
        return {
            name: None
            if part is None
            else {
                "name": part.name,
                "examples": len(part.examples),
                "steps": int(self._sequences[name].lengths.sum()),
                "fingerprint": fingerprint(self._sequences[name]),
            }
            for name, part in self._parts().items()
        }

    def fingerprints(self) -> Iterator[str]:
        """See ``Session``."""
        yield fingerprint(self._sequences["train"])
        yield fingerprint(self._sequences["dev"])

    def pack(self, place: Path, metrics: dict[str, Any], kept: None, *, replace: bool) -> None:  # noqa: ARG002
        """See ``Session``."""
        task = self.task
        write_task(
            place,
            task.name,
            task.about(),
            task.parts,
            task.texts(),
            tensors_of(task, self.network),
            metrics,
            task_card(task.name, metrics),
            replace=replace,
        )

    def _parts(self) -> dict[str, Examples | None]:
        return {"train": self.data.train, "dev": self.data.dev, "test": self.data.test}
