"""Vectors to texts: what a vector says becomes the first state of a decoder, which writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from elman.data.captioned import Captioned, read_captioned
from elman.errors import DataError, ModelError
from elman.features.batches import pad
from elman.features.units import Units, opened
from elman.metrics.texts import TextScores
from elman.tasks import task as tasks
from elman.tasks.task import Sequences
from elman.tasks.writing import search_of, shifted, target_at, targets_of, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from elman.decoding.beam import Search
    from elman.metrics.texts import By
    from elman.model.parts import Parts
    from elman.tasks.writing import Written


class Batch(NamedTuple):
    """Some vectors.

    Attributes:
        vectors: batch x numbers.
        inputs: batch x steps, what the decoder reads: each caption, one step late; None where nothing is known.
        targets: batch x steps, what it is to write, 0 beyond each end; None where nothing is known.
    """

    vectors: NDArray[np.float32]
    inputs: NDArray[np.int32] | None
    targets: NDArray[np.int32] | None


@dataclass(frozen=True)
class Task(tasks.Task):
    """Captions of vectors of one size.

    Attributes:
        size: numbers in a vector.
        target: the units that are written.
        search: how the best text is looked for.
        limit: units of a text at most, the end counted in.
        by: what texts are judged by.
        parts: ``scale``, ``project``, ``bridge`` and ``decode``.
    """

    name = "captions"
    plain = True

    size: int
    target: Units
    search: Search
    limit: int
    by: By
    parts: Parts

    @classmethod
    def read(cls, path: Path, format: str | None = None) -> Iterator[Captioned]:  # noqa: A002  # the option's name
        """See ``elman.data.captioned``."""
        return read_captioned(path, format)

    @classmethod
    def given(cls, path: Path, format: str | None = None) -> Iterator[Captioned]:  # noqa: A002
        """Vectors; captions may be missing."""
        return read_captioned(path, format, captioned=False)

    @classmethod
    def example(cls, value: Any) -> Captioned:
        """An array of numbers, which is flattened."""
        if isinstance(value, Captioned):
            return value
        if isinstance(value, str):
            raise DataError(f"expected numbers to write a caption of, got a text, {value[:60]!r}; give a .npy file")
        return Captioned(np.asarray(value, np.float32).reshape(-1))

    @classmethod
    def open(cls, about: Mapping[str, Any], texts: Mapping[str, str], parts: Parts) -> Task:
        """See ``elman.tasks.task.Task``."""
        target = opened(about, texts, "target")
        limit, by, size = about.get("limit"), about.get("by"), getattr(parts.get("scale"), "size", None)
        outputs = getattr(parts.get("decode"), "outputs", None)
        if type(limit) is not int or limit < 1 or by not in ("exact", "errors", "bleu", "chrf"):
            raise ModelError(f"model.json: about: expected a limit and what to judge by, got {limit!r:.20}, {by!r:.20}")
        if outputs != len(target) or size is None:
            raise ModelError(f"expected a network that writes {len(target)} units, got one for {outputs}; train anew")
        return cls(size, target, search_of(about), limit, by, parts)

    def about(self) -> dict[str, Any]:
        """See ``elman.tasks.task.Task``."""
        return {"target": self.target.kind, "search": self.search._asdict(), "limit": self.limit, "by": self.by}

    def texts(self) -> dict[str, str]:
        """See ``elman.tasks.task.Task``."""
        return {"target": self.target.encode_table()}

    def prepare(self, examples: Iterable[Captioned]) -> Sequences:
        """Vectors of the size that the network reads.

        Raises:
            DataError: if one has another size.
        """
        given = list(examples)
        for number, example in enumerate(given, 1):
            if len(example.vector) != self.size:
                name = example.id or f"vector {number}"
                raise DataError(f"{name}: expected {self.size} numbers, got {len(example.vector)}")
        targets = None
        lengths = np.ones(len(given), np.int64)
        if all(example.captions for example in given):
            targets = tuple(targets_of(self.target, example.captions) for example in given)
            lengths = np.array([_longest(rows, self.target.end) for rows in targets], np.int64)
        return Sequences(
            tuple(example.id or f"vector {number}" for number, example in enumerate(given, 1)),
            tuple(example.vector for example in given),
            lengths,
            targets,
            None if targets is None else tuple(example.captions for example in given),
        )

    def batch(self, sequences: Sequences, indices: Sequence[int], choices: Sequence[int] | None = None) -> Batch:
        """See ``elman.tasks.task.Task``; ``choices`` as in ``elman.tasks.translation``."""
        vectors = np.stack([sequences.inputs[at] for at in indices])
        if sequences.targets is None:
            return Batch(vectors, None, None)
        end = self.target.end
        chosen = [0] * len(indices) if choices is None else choices
        targets = pad([target_at(sequences.targets[at], end, one) for at, one in zip(indices, chosen, strict=True)])
        return Batch(vectors, shifted(targets, end), targets)

    def forward(self, net: Any, batch: Batch) -> Any:
        """Scores of each step's outputs before the softmax: batch x steps x outputs."""
        return net.decode.scores(self.states(net, batch))

    def states(self, net: Any, batch: Batch) -> Any:
        """What is scored at each step: batch x steps x size."""
        return net.decode.states(batch.inputs, net.bridge(net.project(net.scale(batch.vectors))))

    def predict(self, net: Any, batch: Batch) -> list[Written]:
        """See ``elman.tasks.task.Task``."""
        state = net.decode.begin(net.bridge(net.project(net.scale(batch.vectors))))
        return written(net.decode, state, [self.limit] * len(batch.vectors), self.target, self.search, None)

    def score(self, sequences: Sequences, outputs: Sequence[Written]) -> TextScores:
        """See ``elman.tasks.task.Task``."""
        units: Literal["characters", "words"] = "characters" if self.target.kind == "characters" else "words"
        if sequences.gold is None:
            raise DataError("expected a caption for every vector to be judged by, got some without; leave these out")
        return TextScores(sequences.gold, [output.text for output in outputs], units, self.by)

    def lines(self, example: Captioned, output: Written) -> Iterator[str]:  # noqa: ARG002
        """The text."""
        yield output.text


def _longest(rows: NDArray[np.int32], end: int) -> int:
    return int(np.diff(np.flatnonzero(rows == end), prepend=-1).max())
