"""Series of numbers to classes: numbers of like size, a recurrent network, one vector of its states, a class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.data.example import Series
from elman.data.gaps import whole
from elman.data.series import read_series
from elman.errors import DataError, ModelError
from elman.features.batches import pad
from elman.tasks import task as tasks
from elman.tasks.classes import Classes, targets_of
from elman.tasks.task import Sequences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from elman.metrics.figure import Scores
    from elman.model.parts import Parts
    from elman.tasks.classes import Classified


class Batch(NamedTuple):
    """Some series.

    Attributes:
        values: batch x time x channels.
        lengths: steps of each series.
        targets: as ``elman.tasks.classes.targets_of`` gives them.
    """

    values: NDArray[np.float32]
    lengths: NDArray[np.int64]
    targets: NDArray[Any] | None


@dataclass(frozen=True)
class Task(tasks.Task):
    """Classification of series with one number of channels.

    Attributes:
        channels: numbers of a step.
        classes: what is told.
        parts: ``scale``, ``encode``, ``pool`` and ``head``.
    """

    name = "series_classification"

    channels: int
    classes: Classes
    parts: Parts

    @classmethod
    def read(cls, path: Path, format: str | None = None) -> Iterator[Series]:  # noqa: A002  # the option's name
        """See ``elman.data.series``."""
        return read_series(path, format)

    @classmethod
    def given(cls, path: Path, format: str | None = None) -> Iterator[Series]:  # noqa: A002
        """The same, where classes may be missing."""
        return read_series(path, format, labelled=False)

    @classmethod
    def example(cls, value: Any) -> Series:
        """A series: as such, or an array, time x channels or time."""
        return value if isinstance(value, Series) else whole(np.asarray(value), (), "the series")

    @classmethod
    def open(cls, about: Mapping[str, Any], texts: Mapping[str, str], parts: Parts) -> Task:  # noqa: ARG003
        """See ``elman.tasks.task.Task``."""
        if not isinstance(about.get("channels"), int):
            raise ModelError(f"model.json: about: channels: expected a number, got {about.get('channels')!r}")
        return cls(about["channels"], Classes.open(about), parts)

    def about(self) -> dict[str, Any]:
        """See ``elman.tasks.task.Task``."""
        return {**self.classes.about(), "channels": self.channels}

    def remarks(self, examples: Sequence[Series]) -> Iterator[str]:
        """See ``elman.tasks.task.Task``."""
        filled = [one for one in examples if one.filled]
        if filled:
            names = ", ".join(one.id or "a series" for one in filled[:5])
            yield (
                f"{sum(one.filled for one in filled):,} missing numbers in {len(filled):,} series are filled by "
                f"straight lines between their neighbours: {names}"
            )
        yield from self.classes.remarks([one.id or "a series" for one in examples], [one.labels for one in examples])

    def prepare(self, examples: Iterable[Series]) -> Sequences:
        """Series with classes; one that training has not seen is never right.

        Raises:
            DataError: if one has another number of channels than the model reads, or no step.
        """
        ids, inputs, gold = [], [], []
        for number, one in enumerate(examples, 1):
            ids.append(one.id or f"series {number}")
            if one.values.shape[1] != self.channels or not len(one.values):
                raise DataError(
                    f"{ids[-1]}: expected at least one step of {self.channels} channels, got {len(one.values):,} of "
                    f"{one.values.shape[1]}; all series have to be measured alike"
                )
            inputs.append(one.values)
            gold.append(one.labels)
        lengths = np.array([len(values) for values in inputs], np.int64)
        return Sequences(tuple(ids), tuple(inputs), lengths, tuple(map(self.classes.target, gold)), tuple(gold))

    def batch(self, sequences: Sequences, indices: Sequence[int]) -> Batch:
        """See ``elman.tasks.task.Task``."""
        values = pad([sequences.inputs[at] for at in indices])
        return Batch(values, sequences.lengths[list(indices)], targets_of(sequences, indices))

    def forward(self, net: Any, batch: Batch) -> Any:
        """Scores of the classes before the softmax, or sigmoid: batch x classes."""
        states = net.encode(net.scale(batch.values), batch.lengths)
        return net.head(net.pool(states, batch.lengths))

    def predict(self, net: Any, batch: Batch) -> list[Classified]:
        """See ``elman.tasks.task.Task``."""
        return self.classes.decide(self.forward(net, batch))

    def score(self, sequences: Sequences, outputs: Sequence[Classified]) -> Scores:
        """See ``elman.tasks.task.Task``."""
        return self.classes.score(sequences.gold, outputs)

    def lines(self, example: Series, output: Classified) -> Iterator[str]:
        """The class, its probability, the series' name and size."""
        yield f"{output}  {example.id or 'series'}: {len(example.values):,} steps, {self.channels} channels"
