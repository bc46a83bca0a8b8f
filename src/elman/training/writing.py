"""What the objectives have in common whose tasks write a text: the settings, and the loss."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from elman.decoding.beam import Search
from elman.errors import UsageError
from elman.features.vocabulary import PADDING
from elman.model.layers import BASELINES
from elman.model.parts import Decoder
from elman.settings import HoldoutSettings, Rate, RecurrentSettings, Share, Size, group
from elman.training.objective import TaskObjective
from elman.training.parallel import Loss

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from elman.metrics.figure import Scores
    from elman.nn.parts import Network
    from elman.settings import TaskSettings
    from elman.tasks.task import Sequences, Task

T = TypeVar("T", bound="Task")
S = TypeVar("S", bound="TaskSettings")


@group
class DecoderSettings(RecurrentSettings):
    """What writes the target: forward recurrent layers, attention after them, scores of all outputs."""

    attention: Literal["general", "dot"] = "general"
    """How a state is compared with what the encoder remembers: through a matrix, or as it is, which wants as many
    units here as the encoder has in all its directions."""
    size: Size = 256
    """Numbers in an output's vector, and in what is scored."""
    tied: bool = True
    """Whether outputs are scored by their own vectors."""
    output_dropout: Rate = 0.2
    """The share of what is scored that training sets to zero."""


@group
class WriterSettings(RecurrentSettings):
    """What writes the text: forward recurrent layers, and scores of all outputs."""

    size: Size = 64
    """Numbers in an output's vector, and in what is scored."""
    tied: bool = True
    """Whether outputs are scored by their own vectors."""
    output_dropout: Rate = 0.2
    """The share of what is scored that training sets to zero."""


@group
class SearchSettings:
    """How the best text is looked for, in the finished model; while training, dev texts are written greedily."""

    width: Size = 5
    """Beams: so many beginnings are gone on with at each step; 1 takes the best unit at each."""
    length_penalty: Share = 1.0
    """How much of their cost longer texts get back; 0 prefers short ones."""
    coverage_penalty: Share = 0.0
    """How much a text loses that leaves parts of its source without attention."""


@group
class TargetSettings(HoldoutSettings):
    """How files are read."""

    targets: Literal["all", "first"] = "all"
    """Where an example has several targets: learn from all, another one in each epoch, or from the first alone."""


def decoder_part(settings: DecoderSettings | WriterSettings, outputs: int, memory: int) -> Decoder:
    """The part that settings describe.

    Args:
        settings: its sizes.
        outputs: rows of what it writes.
        memory: features of what it attends to; 0 without attention.

    Raises:
        UsageError: if they do not fit each other.
    """
    if settings.cell in BASELINES or settings.directions != "forward":
        raise UsageError(
            'expected decoder.directions = "forward" and a recurrent decoder.cell, since a text is written from its '
            f"start; got {settings.directions!r} and {settings.cell!r}"
        )
    attention = settings.attention if isinstance(settings, DecoderSettings) else "none"
    if attention == "dot" and settings.hidden != memory:
        raise UsageError(
            f'expected decoder.hidden = {memory} with decoder.attention = "dot", as many units as the encoder has in '
            f"all; got {settings.hidden}"
        )
    return Decoder(
        outputs=outputs,
        size=settings.size,
        memory=memory,
        attention=attention,
        tied=settings.tied,
        encoder=asdict(RecurrentSettings(**{name: getattr(settings, name) for name in asdict(RecurrentSettings())})),
        dropout=settings.output_dropout,
    )


def search_from(settings: SearchSettings) -> Search:
    """The search that settings describe."""
    return Search(settings.width, settings.length_penalty, settings.coverage_penalty)


def batch_tokens_for_pairs(steps: int) -> int:
    """Steps in a batch, padding included, for a training set of so many: large ones fill the kernels."""
    return max(64, min(4096, steps // 100))


class WritingObjective(TaskObjective[T, S], Generic[T, S]):
    """An objective whose targets are texts; see ``elman.training.objective.TaskObjective``.

    Its task has ``search`` and ``target``, its ``batch`` takes choices, and its network's decoder is ``decode``.
    """

    def __init__(
        self, task: T, network: Network, train: Sequences, dev: Sequences, settings: S, device: torch.device
    ) -> None:
        super().__init__(task, network, train, dev, settings, device)
        self.batch_tokens = settings.training.batch_tokens or batch_tokens_for_pairs(int(train.lengths.sum()))
        self._choices = np.zeros(len(train), np.int64)

    def epoch(self, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """See ``TaskObjective``; each example gets one of its targets for the epoch."""
        batches = super().epoch(rng)
        data: Any = self.settings.data
        if data.targets == "all":
            self._choices = rng.integers(1 << 30, size=len(self.train))
        return batches

    def loss(self, batch: NDArray[np.int64]) -> Loss:
        """See ``TaskObjective``."""
        task: Any = self.task
        arrays = task.batch(self.train, batch.tolist(), self._choices[batch].tolist())
        with self._autocast:
            total = self.losses(self.tensors(arrays))
        return Loss(total, total)

    def losses(self, batch: Any) -> Tensor:
        """Cross-entropy of each step's output, the end's among them; with label smoothing.

        Szegedy, C. et al. (2016). Rethinking the inception architecture for computer vision. CVPR.
        """
        task, net, settings = self._parts()
        present = batch.targets != PADDING
        scores = net.decode.scores(task.states(net, batch)[present])  # steps x outputs, without padding
        return nn.functional.cross_entropy(
            scores.float(), batch.targets[present], reduction="sum", label_smoothing=settings.training.label_smoothing
        )

    def evaluate(self, run: Callable[..., Iterator[Any]]) -> Scores:
        """Score the dev set with the network as it is, greedily."""
        task: Any = self.task
        whole = self.task
        self.task = replace(task, search=task.search._replace(width=1))
        try:
            return self.score(self.dev, run)
        finally:
            self.task = whole

    def _parts(self) -> tuple[Any, Any, Any]:
        return self.task, self.network, self.settings
