"""What a sequence task is, without torch: from examples to arrays, over a network, to outputs and their scores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from elman.data.split import holdout
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

    from elman.metrics.figure import Scores
    from elman.model.parts import Parts


@dataclass(frozen=True)
class Sequences:
    """Examples as a network reads them.

    Attributes:
        ids: what each is called where a message has to name it.
        inputs: of each an array, time or time x features.
        lengths: what each costs: its steps, and those of its target where that is a sequence, too; int64.
        targets: of each an array that a loss compares with; None where nothing is known.
        gold: of each what an output is judged by; None where nothing is known.
    """

    ids: tuple[str, ...]
    inputs: tuple[NDArray[Any], ...]
    lengths: NDArray[np.int64]
    targets: tuple[NDArray[Any], ...] | None = None
    gold: tuple[Any, ...] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def arrays(self) -> Iterator[NDArray[Any]]:
        """All that a network reads, and is to learn."""
        yield from self.inputs
        yield from self.targets or ()


class Task(ABC):
    """A task that has been fitted to data: it knows its vocabulary, its labels, its network's parts.

    ``forward`` runs over the torch modules of ``elman.nn.parts`` in training and over the NumPy of
    ``elman.runtime.parts`` in prediction; so it calls parts, and does with arrays only what both know.

    Attributes:
        name: what ``--task`` calls it.
        batch_steps: steps that prediction takes through the network together, padding included.
        plain: whether an output's lines are what other programs read, too, so that JSON comes only if asked for.
        parts: what its network is made of.
    """

    name: ClassVar[str]
    batch_steps: ClassVar[int] = 8192
    plain: ClassVar[bool] = False
    parts: Parts

    @classmethod
    @abstractmethod
    def read(cls, path: Path, format: str | None = None) -> Iterable[Any]:  # noqa: A002  # the option's name
        """The examples of a labelled file.

        Raises:
            DataError: if the file is not what it should be, with the line.
        """

    @classmethod
    def given(cls, path: Path, format: str | None = None) -> Iterable[Any]:  # noqa: A002
        """The examples of a file to predict on, of which labels may be missing."""
        return cls.read(path, format)

    @classmethod
    def holdout(cls, examples: Sequence[Any], share: float, seed: int) -> tuple[Sequence[Any], Sequence[Any]]:
        """Part of the examples is held out to judge by, where there is no file for that; see ``data.split``.

        Raises:
            DataError: if there are too few.
        """
        return holdout(examples, share, seed)

    @classmethod
    def example(cls, value: Any) -> Any:
        """An example of what a program, or ``--text``, hands in."""
        return value

    @classmethod
    @abstractmethod
    def open(cls, about: Mapping[str, Any], texts: Mapping[str, str], parts: Parts) -> Self:
        """The task that a model folder holds; the inverse of ``about`` and ``texts``.

        Raises:
            ModelError: if it cannot be.
        """

    @abstractmethod
    def about(self) -> dict[str, Any]:
        """What ``model.json`` says of it, beside its parts."""

    def texts(self) -> dict[str, str]:
        """Further files, by their names without ``.txt``."""
        return {}

    def remarks(self, examples: Sequence[Any]) -> Iterable[str]:
        """What is worth saying of labelled examples before they are used: what was mended, what cannot be right."""
        counts = Counter(note for example in examples for note in self.notes(example))
        return (f"{count:,} {'example' if count == 1 else 'examples'}: {note}" for note, count in counts.items())

    @abstractmethod
    def prepare(self, examples: Iterable[Any]) -> Sequences:
        """Examples as arrays."""

    @abstractmethod
    def batch(self, sequences: Sequences, indices: Sequence[int]) -> Any:
        """Some of them as a named tuple of arrays, or None where nothing is known."""

    @abstractmethod
    def forward(self, net: Any, batch: Any) -> Any:
        """What the network says of a batch; see the class."""

    @abstractmethod
    def predict(self, net: Any, batch: Any) -> list[Any]:
        """An output for each example of a batch, over a network in NumPy; each has ``to_json()``."""

    @abstractmethod
    def score(self, sequences: Sequences, outputs: Sequence[Any]) -> Scores:
        """Outputs against what is known."""

    def explain(self, net: Any, example: Any, output: Any) -> Any:  # noqa: ARG002
        """An output with what it rests on, where the task can say that.

        Raises:
            UsageError: if it cannot.
        """
        raise UsageError(f"{self.name} does not say what its outputs rest on; leave --words out")

    def notes(self, example: Any) -> Iterator[str]:  # noqa: ARG002
        """What had to be done to an example before it could be read, such as resampling; told and counted."""
        yield from ()

    def record(self, example: Any, output: Any) -> dict[str, Any]:  # noqa: ARG002
        """An output as a program reads it."""
        plain: dict[str, Any] = output.to_json()
        return plain

    def lines(self, example: Any, output: Any) -> Iterator[str]:  # noqa: ARG002
        """An output as a person reads it."""
        yield str(output)
