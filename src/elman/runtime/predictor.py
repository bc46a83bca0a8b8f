"""A trained model of any task but tagging: from examples to outputs, without torch."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elman.features.batches import bucket
from elman.model.task_folder import read_task
from elman.runtime.parts import Network
from elman.tasks.registry import task_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from elman.metrics.figure import Scores
    from elman.model.task_folder import TaskFolder
    from elman.tasks.task import Sequences, Task

AT_ONCE = 1024
"""Examples that are read ahead, so that those of like length can go together."""


class Predictor:
    """A model that can be called.

    Args:
        folder: the model.

    Attributes:
        path: the model folder.
        task: what it does, and knows.
        network: its parts.
    """

    def __init__(self, folder: TaskFolder) -> None:
        self.path = folder.path
        self.task: Task = task_named(folder.task).open(folder.about, folder.texts, folder.parts)
        self.network = Network(folder.parts, folder.tensors)

    def __call__(self, value: Any) -> Any:
        """The output for one example; a text for tasks that read text."""
        (output,) = self.predict((value,))
        return output

    def predict(self, values: Iterable[Any]) -> Iterator[Any]:
        """The outputs for any number of examples, in order and in constant memory."""
        return (output for _, output in self.pairs(values))

    def pairs(self, values: Iterable[Any], *, words: bool = False) -> Iterator[tuple[Any, Any]]:
        """Examples, each with its output; as ``predict``.

        Args:
            values: any number of examples.
            words: whether outputs say what they rest on.

        Raises:
            UsageError: if they are to, and the task cannot say it.
        """
        task, net = self.task, self.network
        examples = map(task.example, values)
        while some := list(islice(examples, AT_ONCE)):
            for example, output in zip(some, outputs_of(task, net, task.prepare(some)), strict=True):
                yield example, task.explain(net, example, output) if words else output

    def evaluate(self, examples: Iterable[Any]) -> Scores:
        """How well it does on labelled examples."""
        sequences = self.task.prepare(examples)
        return self.task.score(sequences, outputs_of(self.task, self.network, sequences))

    def __repr__(self) -> str:
        return f"Predictor({str(self.path)!r}, task={self.task.name!r})"


def outputs_of(
    task: Task, network: Network, sequences: Sequences, run: Callable[..., Iterator[Any]] = map
) -> list[Any]:
    """The outputs for examples, in order; those of like length are computed together, through ``run``, a ``map``."""
    batches = bucket(sequences.lengths, task.batch_steps)
    found: list[Any] = [None] * len(sequences)
    predicted = run(lambda indices: task.predict(network, task.batch(sequences, indices.tolist())), batches)
    for indices, outputs in zip(batches, predicted, strict=True):
        for at, output in zip(indices.tolist(), outputs, strict=True):
            found[at] = output
    return found


def load(path: Path | str) -> Predictor:
    """Read a model folder.

    Raises:
        ModelError: if there is none, or it is damaged, altered or of a newer protocol.
        UsageError: if this version does not know its task.
    """
    return Predictor(read_task(Path(path)))
