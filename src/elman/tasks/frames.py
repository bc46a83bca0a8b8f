"""A label for each frame of a numeric series, such as the features of a video."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.data.example import Series
from elman.data.frames import check_labels, read_frames
from elman.errors import DataError, ModelError
from elman.features.batches import pad
from elman.metrics.frames import FrameScores
from elman.tasks import task as tasks
from elman.tasks.task import Sequences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from elman.model.parts import Parts

UNSEEN = -1
"""The target beyond the end of a series, and of a label that training has not seen; no loss counts it."""


class Batch(NamedTuple):
    """Some series.

    Attributes:
        values: batch x time x channels.
        lengths: frames of each.
        targets: batch x time, each frame's label, ``UNSEEN`` beyond the ends; None where they are not known.
    """

    values: NDArray[np.float32]
    lengths: NDArray[np.int64]
    targets: NDArray[np.int64] | None


@dataclass(frozen=True)
class Labelled:
    """What was told of a series.

    Attributes:
        labels: the most probable one of each frame.
        scores: how probable each is.
    """

    labels: tuple[str, ...]
    scores: tuple[float, ...]

    @property
    def runs(self) -> list[tuple[int, int, str]]:
        """Frames of one label, one after the other: the first, one past the last, the label."""
        runs, start = [], 0
        for label, group in groupby(self.labels):
            end = start + sum(1 for _ in group)
            runs.append((start, end, label))
            start = end
        return runs

    def to_json(self) -> dict[str, Any]:
        """As plain values: what each frame is, and where it changes; frames count from 0, ends are exclusive."""
        runs = [{"start": start, "end": end, "label": label} for start, end, label in self.runs]
        return {"labels": list(self.labels), "scores": list(self.scores), "runs": runs}


@dataclass(frozen=True)
class Task(tasks.Task):
    """Labels for frames of so many numbers.

    Attributes:
        channels: numbers in a frame.
        labels: what a frame may be.
        parts: ``scale``, ``encode`` and ``head``.
    """

    name = "frames"

    channels: int
    labels: tuple[str, ...]
    parts: Parts

    @classmethod
    def read(cls, path: Path, format: str | None = None) -> Iterator[Series]:  # noqa: A002  # the option's name
        """See ``elman.data.frames``."""
        return read_frames(path, format)

    @classmethod
    def given(cls, path: Path, format: str | None = None) -> Iterator[Series]:  # noqa: A002
        """See ``elman.data.frames``; labels may be missing."""
        return read_frames(path, format, labelled=False)

    @classmethod
    def example(cls, value: Series | NDArray[Any]) -> Series:
        """A series; or its values, time x channels."""
        if isinstance(value, Series):
            return value
        if not isinstance(value, np.ndarray):
            raise DataError(f"expected a series of numbers, time x channels, got {value!r:.60}")
        return Series(np.asarray(value, np.float32))

    @classmethod
    def open(cls, about: Mapping[str, Any], texts: Mapping[str, str], parts: Parts) -> Task:  # noqa: ARG003
        """See ``elman.tasks.task.Task``."""
        try:
            return cls(int(about["channels"]), tuple(about["labels"]), parts)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"model.json: about: {error} is missing; train anew") from None

    def about(self) -> dict[str, Any]:
        """See ``elman.tasks.task.Task``."""
        return {"channels": self.channels, "labels": list(self.labels)}

    def prepare(self, examples: Iterable[Series]) -> Sequences:
        """Series with a label for each frame, or without; a label that training has not seen is never right.

        Raises:
            DataError: if a series has other channels than the task, no frames, or labels for some of them.
        """
        places = {label: at for at, label in enumerate(self.labels)}
        ids, inputs, targets, gold = [], [], [], []
        for number, series in enumerate(examples, 1):
            check_labels(series)
            name = series.id or f"series {number}"
            if series.values.shape[1] != self.channels:
                raise DataError(
                    f"{name}: expected {self.channels} channels, as in training, got {series.values.shape[1]}"
                )
            ids.append(name)
            inputs.append(series.values)
            targets.append(np.array([places.get(label, UNSEEN) for label in series.labels], np.int64))
            gold.append(series.labels)
        known = all(gold)
        return Sequences(
            tuple(ids),
            tuple(inputs),
            np.array([len(values) for values in inputs], np.int64),
            tuple(targets) if known else None,
            tuple(gold) if known else None,
        )

    def batch(self, sequences: Sequences, indices: Sequence[int]) -> Batch:
        """See ``elman.tasks.task.Task``."""
        targets = None if sequences.targets is None else pad([sequences.targets[at] for at in indices], UNSEEN)
        return Batch(pad([sequences.inputs[at] for at in indices]), sequences.lengths[list(indices)], targets)

    def forward(self, net: Any, batch: Batch) -> Any:
        """Scores of the labels before the softmax: batch x time x labels."""
        return net.head(net.encode(net.scale(batch.values), batch.lengths))

    def predict(self, net: Any, batch: Batch) -> list[Labelled]:
        """See ``elman.tasks.task.Task``."""
        scores = self.forward(net, batch).astype(np.float64)
        powers = np.exp(scores - scores.max(axis=2, keepdims=True))
        beliefs = powers / powers.sum(axis=2, keepdims=True)
        outputs = []
        for row, length in zip(beliefs, batch.lengths.tolist(), strict=True):
            own = row[:length]
            labels = tuple(self.labels[at] for at in own.argmax(axis=1).tolist())
            outputs.append(Labelled(labels, tuple(own.max(axis=1).tolist())))
        return outputs

    def score(self, sequences: Sequences, outputs: Sequence[Labelled]) -> FrameScores:
        """See ``elman.tasks.task.Task``."""
        return FrameScores(sequences.gold or (), [output.labels for output in outputs])

    def lines(self, example: Series, output: Labelled) -> Iterator[str]:
        """The series, and each run of frames with its label and how probable that is on the mean."""
        yield f"{example.id or 'series'}: {len(output.labels):,} frames"
        for start, end, label in output.runs:
            yield f"  {start:>6} to {end:>6}  {label}  {np.mean(output.scores[start:end]):.1%}"
