"""Series of numbers, or sounds, to classes: a recurrent network over numbers of like size, one vector, a class."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.data.audio import Sound
from elman.data.example import Series
from elman.data.gaps import whole
from elman.data.recordings import Recording
from elman.data.series import labels_of, read_series
from elman.errors import DataError, ModelError
from elman.features.batches import pad
from elman.features.logmel import LogMel
from elman.tasks import task as tasks
from elman.tasks.classes import Classes, targets_of
from elman.tasks.task import Sequences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

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
        frames: how sounds become series; None where series are read as they are.
        classes: what is told.
        parts: ``scale``, ``encode``, ``pool`` and ``head``.
    """

    name = "series_classification"

    channels: int
    frames: LogMel | None
    classes: Classes
    parts: Parts

    @classmethod
    def read(cls, path: Path, format: str | None = None) -> Iterator[Series | Recording]:  # noqa: A002  # the option's name
        """See ``elman.data.series``."""
        return read_series(path, format)

    @classmethod
    def given(cls, path: Path, format: str | None = None) -> Iterator[Series | Recording]:  # noqa: A002
        """The same, where classes may be missing."""
        return read_series(path, format, labelled=False)

    @classmethod
    def example(cls, value: Any) -> Series | Recording:
        """A series: as such, or an array, time x channels or time; or a sound, or a file of one."""
        if isinstance(value, Series | Recording):
            return value
        if isinstance(value, str | Path | Sound):
            return Recording(Path(value) if isinstance(value, str) else value)
        return whole(np.asarray(value), (), "the series")

    @classmethod
    def open(cls, about: Mapping[str, Any], texts: Mapping[str, str], parts: Parts) -> Task:  # noqa: ARG003
        """See ``elman.tasks.task.Task``."""
        if not isinstance(about.get("channels"), int):
            raise ModelError(f"model.json: about: channels: expected a number, got {about.get('channels')!r}")
        frames = about.get("frames")
        return cls(about["channels"], None if frames is None else LogMel.from_json(frames), Classes.open(about), parts)

    def about(self) -> dict[str, Any]:
        """See ``elman.tasks.task.Task``."""
        frames = None if self.frames is None else self.frames.to_json()
        return {**self.classes.about(), "channels": self.channels, "frames": frames}

    def notes(self, example: Series | Recording) -> Iterator[str]:
        """That gaps are filled; that a sound's rate is another one, that its channels are mixed."""
        if isinstance(example, Series):
            if example.filled:
                yield "missing numbers are filled by straight lines between their neighbours"
        elif self.frames is not None:
            rate, channels = example.origin
            if rate != self.frames.rate:
                yield f"resampled from {rate:,} Hz to {self.frames.rate:,} Hz"
            if channels > 1:
                yield f"{channels} channels mixed to one"

    def remarks(self, examples: Sequence[Series | Recording]) -> Iterator[str]:
        """See ``elman.tasks.task.Task``."""
        yield from super().remarks([one for one in examples if isinstance(one, Recording)])
        filled = [one for one in examples if isinstance(one, Series) and one.filled]
        if filled:
            names = ", ".join(one.id or "a series" for one in filled[:5])
            yield (
                f"{sum(one.filled for one in filled):,} missing numbers in {len(filled):,} series are filled by "
                f"straight lines between their neighbours: {names}"
            )
        yield from self.classes.remarks(
            [one.id or "a series" for one in examples], [labels_of(one) for one in examples]
        )

    def series(self, one: Series | Recording) -> Series:
        """What the network reads of an example: a sound as its frames.

        Raises:
            DataError: if it is a sound where the model reads series, or the other way round.
        """
        if isinstance(one, Recording) != (self.frames is not None):
            wanted, got = ("a series", "a sound") if self.frames is None else ("a sound", "a series")
            raise DataError(f"{one.id or 'an example'}: expected {wanted}, as in training, got {got}")
        if isinstance(one, Series) or self.frames is None:
            assert isinstance(one, Series)
            return one
        return Series(self.frames.frames(one.sound(), one.name), labels_of(one), one.id, 1 / self.frames.step)

    def prepare(self, examples: Iterable[Series | Recording]) -> Sequences:
        """Series with classes; one that training has not seen is never right.

        Raises:
            DataError: if one has another number of channels than the model reads, or no step.
        """
        ids, inputs, gold = [], [], []
        for number, one in enumerate(map(self.series, examples), 1):
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

    def lines(self, example: Series | Recording, output: Classified) -> Iterator[str]:
        """The class, its probability, the series' name."""
        yield f"{output}  {example.name if isinstance(example, Recording) else example.id or 'a series'}"
