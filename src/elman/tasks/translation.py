"""Texts to texts: an encoder reads a source, a decoder with attention writes a target."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from elman.data.example import Pair
from elman.data.pairs import read_pairs, read_sources
from elman.errors import DataError, ModelError
from elman.features.batches import pad
from elman.features.units import Units, opened
from elman.metrics.texts import TextScores
from elman.tasks import task as tasks
from elman.tasks.task import Sequences
from elman.tasks.writing import NOTHING, search_of, shifted, target_at, targets_of, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from elman.decoding.beam import Search
    from elman.metrics.texts import By
    from elman.model.parts import Parts
    from elman.tasks.writing import Written

FREE = 10
"""So many units more than its share a target may have: what is short grows by other factors."""


class Batch(NamedTuple):
    """Some pairs.

    Attributes:
        sources: batch x time, rows of the source's units.
        lengths: units of each source.
        inputs: batch x steps, what the decoder reads: each target, one step late; None where nothing is known.
        targets: batch x steps, what it is to write, 0 beyond each end; None where nothing is known.
    """

    sources: NDArray[np.int32]
    lengths: NDArray[np.int64]
    inputs: NDArray[np.int32] | None
    targets: NDArray[np.int32] | None


@dataclass(frozen=True)
class Task(tasks.Task):
    """Translation between two kinds of units.

    Attributes:
        source: the units that are read.
        target: the units that are written.
        search: how the best text is looked for.
        growth: how many times as many units as its source a target may have.
        by: what texts are judged by.
        parts: ``source``, ``encode``, ``pool``, ``bridge`` and ``decode``.
    """

    name = "translation"
    plain = True

    source: Units
    target: Units
    search: Search
    growth: float
    by: By
    parts: Parts

    @classmethod
    def read(cls, path: Path, format: str | None = None) -> Iterator[Pair]:  # noqa: A002  # the option's name
        """See ``elman.data.pairs``."""
        return read_pairs(path, format)

    @classmethod
    def given(cls, path: Path, format: str | None = None) -> Iterator[Pair]:  # noqa: A002
        """Texts, one a line; or pairs whose targets may be missing."""
        return read_sources(path, format)

    @classmethod
    def example(cls, value: str | Pair) -> Pair:
        """A text."""
        return Pair(value) if isinstance(value, str) else value

    @classmethod
    def open(cls, about: Mapping[str, Any], texts: Mapping[str, str], parts: Parts) -> Task:
        """See ``elman.tasks.task.Task``."""
        source, target = opened(about, texts, "source"), opened(about, texts, "target")
        try:
            growth, by = float(about["growth"]), about["by"]
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"model.json: about: {error} is missing or no number; train anew") from None
        sizes = (getattr(parts.get("source"), "rows", None), getattr(parts.get("decode"), "outputs", None))
        if sizes != (len(source), len(target)) or by not in ("exact", "errors", "bleu", "chrf"):
            raise ModelError(
                f"expected a network for {len(source)} source units and {len(target)} target units, got one for "
                f"{sizes[0]} and {sizes[1]}; train anew"
            )
        return cls(source, target, search_of(about), growth, by, parts)

    def about(self) -> dict[str, Any]:
        """See ``elman.tasks.task.Task``."""
        return {
            "source": self.source.kind,
            "target": self.target.kind,
            "search": self.search._asdict(),
            "growth": self.growth,
            "by": self.by,
        }

    def texts(self) -> dict[str, str]:
        """See ``elman.tasks.task.Task``."""
        return {"source": self.source.encode_table(), "target": self.target.encode_table()}

    def prepare(self, examples: Iterable[Pair]) -> Sequences:
        """Pairs; a source that holds none of the units that are known is read as unknown units."""
        pairs = list(examples)
        inputs = tuple(self.source.encode(pair.source) for pair in pairs)
        lengths = np.array([len(rows) for rows in inputs], np.int64)
        targets = None
        if all(pair.targets for pair in pairs):
            targets = tuple(targets_of(self.target, pair.targets) for pair in pairs)
            lengths = lengths + np.array([_longest(rows, self.target.end) for rows in targets], np.int64)
        return Sequences(
            tuple(pair.id or f"text {number}" for number, pair in enumerate(pairs, 1)),
            inputs,
            lengths,
            targets,
            None if targets is None else tuple(pair.targets for pair in pairs),
        )

    def batch(self, sequences: Sequences, indices: Sequence[int], choices: Sequence[int] | None = None) -> Batch:
        """See ``elman.tasks.task.Task``.

        Args:
            sequences: all examples.
            indices: some of them.
            choices: which of its targets each is to have, counted round; the first one if not given.
        """
        sources = [sequences.inputs[at] for at in indices]
        lengths = np.array([len(rows) for rows in sources], np.int64)
        if sequences.targets is None:
            return Batch(pad(sources), lengths, None, None)
        end = self.target.end
        chosen = [0] * len(indices) if choices is None else choices
        targets = pad([target_at(sequences.targets[at], end, one) for at, one in zip(indices, chosen, strict=True)])
        return Batch(pad(sources), lengths, shifted(targets, end), targets)

    def forward(self, net: Any, batch: Batch) -> Any:
        """Scores of each step's outputs before the softmax: batch x steps x outputs."""
        return net.decode.scores(self.states(net, batch))

    def states(self, net: Any, batch: Batch) -> Any:
        """What is scored at each step: batch x steps x size."""
        memory = net.encode(net.source(batch.sources), batch.lengths)
        return net.decode.states(batch.inputs, net.bridge(net.pool(memory, batch.lengths)), memory, batch.lengths)

    def predict(self, net: Any, batch: Batch) -> list[Written]:
        """See ``elman.tasks.task.Task``."""
        filled = np.flatnonzero(batch.lengths)
        found: list[Written] = [NOTHING] * len(batch.lengths)
        if len(filled):
            lengths = batch.lengths[filled]
            memory = net.encode(net.source(batch.sources[filled]), lengths)
            state = net.decode.begin(net.bridge(net.pool(memory, lengths)), memory, lengths)
            limits = [FREE + math.ceil(self.growth * length) for length in lengths.tolist()]
            outputs = written(net.decode, state, limits, self.target, self.search, lengths)
            for at, output in zip(filled.tolist(), outputs, strict=True):
                found[at] = output
        return found

    def score(self, sequences: Sequences, outputs: Sequence[Written]) -> TextScores:
        """See ``elman.tasks.task.Task``."""
        units: Literal["characters", "words"] = "characters" if self.target.kind == "characters" else "words"
        if sequences.gold is None:
            raise DataError("expected a target for every text to be judged by, got some without; leave these out")
        return TextScores(sequences.gold, [output.text for output in outputs], units, self.by)

    def lines(self, example: Pair, output: Written) -> Iterator[str]:  # noqa: ARG002
        """The text."""
        yield output.text


def _longest(rows: NDArray[np.int32], end: int) -> int:
    ends = np.flatnonzero(rows == end)
    return int(np.diff(ends, prepend=-1).max())
