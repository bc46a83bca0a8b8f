"""What every task but tagging gives to the loop, over a network made of parts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor

from elman.features.batches import bucket
from elman.model.parts import Words
from elman.runtime.parts import Network as Computed
from elman.runtime.predictor import outputs_of
from elman.training.parallel import Loss
from elman.training.sizes import batch_tokens_for, epochs_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from elman.features.vectors import Vectors
    from elman.metrics.figure import Scores
    from elman.nn.parts import Network
    from elman.settings import TaskSettings
    from elman.tasks.task import Sequences, Task

T = TypeVar("T", bound="Task")
S = TypeVar("S", bound="TaskSettings")


class TaskObjective(ABC, Generic[T, S]):
    """A task's network, its data and its loss; see ``elman.training.loop.Objective``.

    A task has one, ``elman.training.objectives.NAME.Objective``, which says how a task is fitted to a training set
    and what its loss is; all else here holds for most of them.

    Args:
        task: what to learn.
        network: its parts.
        train: what to learn from.
        dev: what to judge by.
        settings: sizes and pace.
        device: where tensors live.

    Attributes:
        settings_kind: the class of the task's settings.
    """

    settings_kind: ClassVar[type[Any]]

    def __init__(
        self, task: T, network: Network, train: Sequences, dev: Sequences, settings: S, device: torch.device
    ) -> None:
        self.task = task
        self.network = network.to(device)
        self.train = train
        self.dev = dev
        self.settings = settings
        self.device = device
        steps = int(train.lengths.sum())
        self.batch_tokens = settings.training.batch_tokens or batch_tokens_for(steps)
        self.epochs = settings.training.epochs or epochs_for(steps)
        self._autocast = torch.autocast(device.type, torch.bfloat16, enabled=settings.training.precision == "bfloat16")

    @classmethod
    @abstractmethod
    def design(cls, examples: Sequence[Any], settings: S, vectors: Vectors | None, say: Callable[[str], None]) -> T:
        """The task for a training set: its vocabulary, its labels, the parts of its network.

        Args:
            examples: what ``Task.read`` gave.
            settings: sizes and pace.
            vectors: pretrained word vectors.
            say: gets a line for everything found out.

        Raises:
            DataError: if there is nothing to learn.
            UsageError: if the settings do not fit each other, or the data.
        """

    def initialise(self, vectors: Vectors | None) -> None:
        """Give parts of the fresh network first values of their own, such as pretrained vectors."""

    @abstractmethod
    def losses(self, batch: Any) -> Tensor:
        """The sum of the losses of a batch's examples, whose arrays have become tensors."""

    @cached_property
    def examples_per_batch(self) -> float:
        """The mean size of a batch."""
        return len(self.train) / len(bucket(self.train.lengths, self.batch_tokens))

    def epoch(self, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """The batches of one epoch, as indices of examples."""
        return bucket(self.train.lengths, self.batch_tokens, rng)

    def carried(self) -> dict[str, Tensor]:
        """See ``elman.training.loop.Objective``; nothing."""
        return {}

    def carry_on(self, carried: dict[str, Tensor]) -> None:
        """See ``elman.training.loop.Objective``."""

    def tokens(self, batch: NDArray[np.int64]) -> int:
        """How many steps a batch has, without padding."""
        return int(self.train.lengths[batch].sum())

    def names(self, batch: NDArray[np.int64]) -> list[str]:
        """What the batch is made of, in the user's words."""
        return [self.train.ids[at] for at in batch.tolist()]

    def loss(self, batch: NDArray[np.int64]) -> Loss:
        """The sum of the examples' losses."""
        arrays = self.task.batch(self.train, batch.tolist())
        with self._autocast:
            total = self.losses(self.tensors(arrays))
        return Loss(total, total)

    def evaluate(self, run: Callable[..., Iterator[Any]]) -> Scores:
        """Score the dev set with the network as it is."""
        return self.score(self.dev, run)

    def score(self, sequences: Sequences, run: Callable[..., Iterator[Any]]) -> Scores:
        """Score other examples with the network as it is: with what its model folder will compute."""
        return self.task.score(sequences, self.outputs(sequences, run, self.task))

    def outputs(self, sequences: Sequences, run: Callable[..., Iterator[Any]], task: T) -> list[Any]:
        """What the network as it is tells of examples, with what its model folder will compute."""
        return outputs_of(task, Computed(task.parts, tensors_of(task, self.network)), sequences, run)

    def calibrated(self, run: Callable[..., Iterator[Any]], say: Callable[[str], None]) -> T:  # noqa: ARG002
        """The task with what is found out on the dev set when training is over, such as a temperature.

        Args:
            run: a ``map`` to compute through.
            say: gets a line for everything found out.
        """
        return self.task

    def tensors(self, batch: Any) -> Any:
        """A batch with tensors in the place of its arrays; whole numbers as int64."""
        return type(batch)(*(None if array is None else self._tensor(array) for array in batch))

    def _tensor(self, array: NDArray[Any]) -> Tensor:
        if array.dtype.kind in "iu":
            array = array.astype(np.int64, copy=False)
        return torch.from_numpy(array).to(self.device)


def tensors_of(task: Task, network: Network) -> dict[str, NDArray[Any]]:
    """The tensors of a network, as its model folder is to hold them."""
    tensors = {name: value.detach().cpu().contiguous().numpy() for name, value in network.state_dict().items()}
    for name, part in task.parts.items():
        if isinstance(part, Words):
            tensors[f"{name}.fixed"] = tensors[f"{name}.fixed"].astype(np.float16)
    return tensors
