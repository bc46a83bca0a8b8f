"""Language models: how one is fitted to text, its loss over lanes of text with carried states."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from dataclasses import field as default
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from elman.errors import DataError, UsageError
from elman.features.vocabulary import Vocabulary
from elman.model.layers import BASELINES
from elman.model.parts import Encoder, Linear, Symbols
from elman.nn.noise import random_mask
from elman.settings import Count, HoldoutSettings, RecurrentSettings, Size, TrainingSettings, group
from elman.tasks.language_model import Task
from elman.tasks.task import Sequences
from elman.text.language_units import split_units
from elman.training.lanes import Carried, Lanes
from elman.training.objective import TaskObjective
from elman.training.parallel import Loss

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from elman.data.document import Document
    from elman.features.vectors import Vectors
    from elman.metrics.figure import Scores
    from elman.model.parts import Parts
    from elman.nn.parts import Network

BATCH = 4096
"""Symbols in a batch where nobody says."""


@group
class TextSettings:
    """What a text is made of, and how it is read."""

    unit: Literal["characters", "words"] = "characters"
    """What is read and foretold one after the other."""
    size: Size = 128
    """Numbers in a symbol's vector."""
    tied: bool = True
    """Whether a symbol is foretold by the vector that it is read by."""
    symbols: Size = 25_000
    """At most so many different symbols are known, the most frequent ones."""
    min_count: Size = 2
    """Symbols seen less often than this in training are unknown to the model."""
    steps: Size = 64
    """Steps that a gradient goes back; the state goes on beyond them."""
    judged: Size = 200_000
    """Symbols of the development set, in whole texts, that each epoch is judged by; the end by all of them."""
    sampled: Count = 0
    """Symbols, drawn anew for each batch, that those to foretell are compared with in training; 0 compares with all,
    which takes longer the more there are."""


@group
class Settings:
    """All settings of a language model's training, by group."""

    task = "language_model"

    text: TextSettings = default(default_factory=TextSettings)
    encoder: RecurrentSettings = default(
        default_factory=lambda: RecurrentSettings(
            directions="forward", hidden=512, input_dropout=0.0, dropout=0.1, recurrent_dropout=0.0
        )
    )
    training: TrainingSettings = default(
        default_factory=lambda: TrainingSettings(learning_rate=0.005, clip_norm=1.0, averaging=0.99)
    )
    data: HoldoutSettings = default(default_factory=lambda: HoldoutSettings(holdout=0.05))


class Objective(TaskObjective[Task, Settings]):
    """See ``elman.training.objective.TaskObjective``.

    An epoch reads the texts, shuffled, in lanes (``elman.training.lanes``); a batch is the same piece of all of them,
    and an index stands for a lane at a piece.
    """

    settings_kind = Settings

    def __init__(
        self,
        task: Task,
        network: Network,
        train: Sequences,
        dev: Sequences,
        settings: Settings,
        device: torch.device,
    ) -> None:
        super().__init__(task, network, train, dev, settings, device)
        self._steps = settings.text.steps
        self._wanted = max(1, (settings.training.batch_tokens or BATCH) // self._steps)
        self._lanes = self._lay(np.arange(len(train)))
        self._carried = self._fresh()
        self.batch_tokens = self._lanes.count * self._steps
        self._judged = _some(dev, settings.text.judged)
        self._drawn = _inclusion(train, len(task.vocabulary), settings.text.sampled)

    @classmethod
    def design(
        cls,
        examples: Sequence[Document],
        settings: Settings,
        vectors: Vectors | None,
        say: Callable[[str], None],
    ) -> Task:
        """See ``TaskObjective``."""
        encoder, text = settings.encoder, settings.text
        if vectors is not None:
            raise UsageError("a language model learns its own vectors; leave --vectors out")
        if encoder.cell in BASELINES or encoder.directions == "both":
            raise UsageError(
                "expected a recurrent cell and encoder.directions = forward, since a language model must not see "
                f"what it foretells; got {encoder.cell}, {encoder.directions}"
            )
        counts = Counter[str]()
        for document in examples:
            counts.update(split_units(document.text, text.unit))
        vocabulary = Vocabulary.build(counts, text.min_count, text.symbols)
        if not vocabulary.words:
            raise DataError(
                f"expected {text.unit} that come at least {text.min_count} times, found none; give more text or a "
                "smaller text.min_count"
            )
        total = counts.total()
        known = sum(counts[word] for word in vocabulary.words)
        say(
            f"{total:,} {text.unit} to learn from, {len(vocabulary.words):,} of {len(counts):,} different ones known, "
            f"which are {known / total:.2%} of all"
        )
        encode = Encoder(inputs=text.size, encoder=asdict(encoder))
        rows = len(vocabulary)
        parts: Parts = {"symbols": Symbols(rows=rows, size=text.size), "encode": encode}
        if text.tied:
            parts = {**parts, "join": Linear(inputs=encode.output, outputs=text.size)}
        else:
            parts = {**parts, "head": Linear(inputs=encode.output, outputs=rows)}
        return Task(vocabulary, text.unit, parts)

    @property
    def examples_per_batch(self) -> float:
        """The mean number of symbols in a batch: a gradient is that of the mean over them."""
        return sum(map(self._lanes.steps, batches := self._lanes.batches())) / len(batches)

    def epoch(self, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """See the class."""
        self._lanes = self._lay(rng.permutation(len(self.train)))
        self._carried = self._fresh()
        return self._lanes.batches()

    def carried(self) -> dict[str, Tensor]:
        """The states of lanes."""
        return self._carried.tensors()

    def carry_on(self, carried: dict[str, Tensor]) -> None:
        """See ``elman.training.loop.Objective``."""
        self._carried.restore(carried)

    def tokens(self, batch: NDArray[np.int64]) -> int:
        """See ``TaskObjective``."""
        return self._lanes.steps(batch)

    def names(self, batch: NDArray[np.int64]) -> list[str]:
        """See ``TaskObjective``."""
        return [self.train.ids[at] for at in self._lanes.texts(batch)]

    def losses(self, batch: Any) -> Tensor:
        """The cross-entropy of whole texts, each from a fresh state."""
        scores: Any = self.task.forward(self.network, batch)
        inside = torch.arange(scores.shape[1], device=scores.device) < batch.lengths[:, None]
        return nn.functional.cross_entropy(scores[inside], batch.targets[inside], reduction="sum")

    def loss(self, batch: NDArray[np.int64]) -> Loss:
        """The cross-entropy of a piece of some lanes, from their carried states."""
        lanes, symbols, targets = self._lanes.piece(batch)
        net: Any = self.network
        before = self._carried.before(lanes)
        with self._autocast:
            lengths = torch.full((len(lanes),), symbols.shape[1], device=self.device)
            states, after = net.encode.run(net.symbols(self._tensor(symbols)), lengths, before)
            self._carried.keep(lanes, after)
            states, wanted = states.reshape(-1, states.shape[-1]), self._tensor(targets).reshape(-1)
            if self._drawn is None:
                total = nn.functional.cross_entropy(self.task.scores(net, states), wanted, reduction="sum")
            else:
                total = self._sampled(net, states, wanted)
        return Loss(total, total)

    def _sampled(self, net: Any, states: Tensor, wanted: Tensor) -> Tensor:
        """The cross-entropy against symbols drawn, each counting for those that were not.

        Horvitz, D. & Thompson, D. (1952). A generalization of sampling without replacement from a finite universe.
        Journal of the American Statistical Association 47(260); for language models: Bengio, Y. & Senecal, J.-S.
        (2008). Adaptive importance sampling to accelerate training of a neural probabilistic language model. IEEE
        Transactions on Neural Networks 19(4).
        """
        assert self._drawn is not None
        tied = "join" in self.task.parts
        table: Tensor = net.symbols.table if tied else net.head.weight
        bias: Tensor = net.symbols.bias if tied else net.head.bias
        states = net.join(states) if tied else states
        drawn = random_mask(torch.empty(len(self._drawn)), self._drawn).nonzero()[:, 0]
        weight = torch.from_numpy(-np.log(self._drawn))[drawn]
        own = (states * table[wanted]).sum(1) + bias[wanted]
        others = nn.functional.linear(states, table[drawn], bias[drawn]) + weight
        others = others.masked_fill(drawn == wanted[:, None], -torch.inf)
        total: Tensor = (torch.logaddexp(others.logsumexp(1), own) - own).sum()
        return total

    def evaluate(self, run: Callable[..., Iterator[Any]]) -> Scores:
        """Score part of the dev set, ``text.judged`` symbols."""
        return self.score(self._judged, run)

    def _lay(self, order: NDArray[np.int64]) -> Lanes:
        return Lanes(self.train.inputs, order, self._wanted, self._steps)

    def _fresh(self) -> Carried:
        net: Any = self.network
        with torch.no_grad():
            return Carried(net.encode.initial_carry(self._lanes.count))


def _some(sequences: Sequences, symbols: int) -> Sequences:
    """Whole texts of at most so many symbols together, at least one; always the same ones."""
    order = np.random.default_rng(1).permutation(len(sequences))
    count = max(1, int(np.searchsorted(np.cumsum(sequences.lengths[order]), symbols, side="right")))
    chosen = np.sort(order[:count])
    targets, gold = sequences.targets or (), sequences.gold or ()
    return Sequences(
        tuple(sequences.ids[at] for at in chosen),
        tuple(sequences.inputs[at] for at in chosen),
        sequences.lengths[chosen],
        tuple(targets[at] for at in chosen),
        tuple(gold[at] for at in chosen),
    )


def _inclusion(sequences: Sequences, rows: int, size: int) -> NDArray[np.float32] | None:
    """With which probability each symbol is drawn, about ``size`` of them at a time; None if that is 0, or all.

    It is 1 - exp(-c n^0.75) for a symbol seen n times.
    """
    if not size or size >= rows:
        return None
    seen = np.maximum(np.bincount(np.concatenate(sequences.inputs), minlength=rows), 1.0) ** 0.75
    low, high = 0.0, 1.0
    while -np.expm1(-high * seen).sum() < size:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if -np.expm1(-middle * seen).sum() < size else (low, middle)
    return np.maximum(-np.expm1(-high * seen), 1e-6).astype(np.float32)
