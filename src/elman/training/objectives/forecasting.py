"""Forecasting: how it is fitted to series, and its loss."""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import field as default
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor

from elman.data.histories import cleaned, steps_told
from elman.errors import DataError, UsageError
from elman.model.layers import BASELINES
from elman.model.parts import Encoder, Linear, Pool
from elman.settings import Count, HoldoutSettings, RecurrentSettings, Size, TrainingSettings, group
from elman.tasks.forecasting import Batch, Shape, Task, changed, check_positive
from elman.training.objective import TaskObjective

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elman.data.histories import History
    from elman.features.vectors import Vectors


@group
class SeriesSettings:
    """Which series, and what of them is read and foretold."""

    columns: str = ""
    """The columns, by commas; all columns of numbers if empty."""
    window: Size = 40
    """Steps that are looked back at."""
    horizon: Size = 5
    """Steps that are foretold at once."""
    change: Literal["values", "differences", "log_returns"] = "differences"
    """What the network reads and foretells: values, their differences, or those of their logarithms."""
    quantiles: str = "0.1, 0.25, 0.5, 0.75, 0.9"
    """What is told of each value to come, by commas; 0.5 has to be one of them."""
    season: Count = 0
    """Steps after which things come again, for the seasonal naive forecast beside the model's; 0 leaves it out."""
    order: Literal["refuse", "sort"] = "refuse"
    """What happens to rows whose dates do not rise."""
    gaps: Literal["refuse", "forward", "linear"] = "refuse"
    """What happens to a cell without a value: forward takes the one before, linear lies between its neighbours."""


@group
class Settings:
    """All settings of a forecaster's training, by group."""

    task = "forecasting"

    series: SeriesSettings = default(default_factory=SeriesSettings)
    encoder: RecurrentSettings = default(
        default_factory=lambda: RecurrentSettings(
            directions="forward", hidden=32, input_dropout=0.0, dropout=0.2, recurrent_dropout=0.0
        )
    )
    training: TrainingSettings = default(
        default_factory=lambda: TrainingSettings(epochs=10, batch_tokens=2560, learning_rate=0.002, averaging=0.99)
    )
    data: HoldoutSettings = default(default_factory=HoldoutSettings)


class Objective(TaskObjective[Task, Settings]):
    """See ``elman.training.objective.TaskObjective``."""

    settings_kind = Settings

    @classmethod
    def design(
        cls,
        examples: Sequence[History],
        settings: Settings,
        vectors: Vectors | None,
        say: Callable[[str], None],
    ) -> Task:
        """See ``TaskObjective``."""
        series, encoder = settings.series, settings.encoder
        if vectors is not None:
            raise UsageError("series have no words; leave --vectors out")
        if encoder.cell in BASELINES:
            raise UsageError(f"expected a recurrent cell to forecast with, got encoder.cell = {encoder.cell}")
        levels = _levels(series.quantiles)
        names = tuple(name.strip() for name in series.columns.split(",") if name.strip()) or examples[0].names
        reads, steps = [], []
        for history in examples:
            ordered = cleaned(history, names, series.order, series.gaps)
            check_positive(ordered, series.change)
            say(f"{ordered.id}: {', '.join(names)}; {steps_told(ordered)}")
            if history.others:
                say(f"{history.id}: left out, since they are no numbers: {', '.join(history.others)}")
            reads.append(changed(ordered.values, series.change))
            steps.append(np.abs(np.diff(ordered.values, axis=0)))
        read, step = np.concatenate(reads), np.concatenate(steps)
        deviation, unit = read.std(axis=0), step.mean(axis=0) if len(step) else np.zeros(len(names))
        for name, spread in zip(names, np.minimum(deviation, unit).tolist(), strict=True):
            if not spread > 0:
                raise DataError(f"{name}: expected {series.change} that vary, got the same throughout; leave it out")
        shape = Shape(
            names,
            series.window,
            series.horizon,
            series.change,
            levels,
            series.season,
            series.order,
            series.gaps,
            tuple(read.mean(axis=0).tolist()),
            tuple(deviation.tolist()),
            tuple(unit.tolist()),
        )
        encode = Encoder(inputs=len(names), encoder=asdict(encoder))
        outputs = series.horizon * len(names) * len(levels)
        return Task(
            shape,
            {
                "encode": encode,
                "pool": Pool(how="last", size=encode.output, forward=encoder.hidden),
                "head": Linear(inputs=encode.output, outputs=outputs),
            },
        )

    def initialise(self, vectors: Vectors | None) -> None:  # noqa: ARG002
        """Begin with the forecast that nothing is known: of changes the naive one, in a normal spread."""
        shape, head = self.task.shape, self.network.head
        spread = torch.tensor([NormalDist().inv_cdf(level) for level in shape.quantiles])
        with torch.no_grad():
            head.weight.zero_()  # type: ignore[union-attr, operator]
            head.bias.copy_(spread.repeat(shape.horizon * len(shape.names)))  # type: ignore[union-attr, operator]

    def losses(self, batch: Batch) -> Tensor:
        """The pinball loss, the mean over all values of a window."""
        found: Any = self.task.forward(self.network, batch)
        levels = torch.tensor(self.task.shape.quantiles, device=found.device)
        over = torch.as_tensor(batch.targets)[..., None] - found
        return torch.maximum(levels * over, (levels - 1) * over).mean(dim=(1, 2, 3)).sum() * self.task.shape.window


def _levels(text: str) -> tuple[float, ...]:
    """The quantiles that a setting names, ascending.

    Raises:
        UsageError: if it names none, or not 0.5.
    """
    try:
        levels = tuple(sorted({float(part) for part in text.split(",")}))
    except ValueError:
        levels = ()
    if 0.5 not in levels or not all(0 < level < 1 for level in levels):
        raise UsageError(f"expected series.quantiles between 0 and 1 with 0.5 among them, by commas; got {text!r}")
    return levels
