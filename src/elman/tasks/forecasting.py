"""Forecasting: the next values of numeric series, as quantiles, from a window of those before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.data.histories import Gaps, History, Order, cleaned, read_history
from elman.errors import DataError, ModelError, UsageError
from elman.metrics.forecasts import MODEL, ForecastScores
from elman.metrics.report import aligned
from elman.tasks import task as tasks
from elman.tasks.task import Sequences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from elman.model.parts import Parts

    Numbers = NDArray[np.float64]

CHANGES = ("values", "differences", "log_returns")
"""What the network reads and foretells: values, how much they change, how much their logarithms do."""


class Batch(NamedTuple):
    """Some windows.

    Attributes:
        inputs: batch x window x series, scaled.
        lengths: the window, for each.
        targets: batch x horizon x series, scaled; None where they are to come.
        before: batch x series, the last value of each window as it is.
    """

    inputs: NDArray[np.float32]
    lengths: NDArray[np.int64]
    targets: NDArray[np.float32] | None
    before: NDArray[np.float64]


@dataclass(frozen=True)
class Shape:
    """What a forecaster reads and says; as plain values in ``model.json``.

    Attributes:
        names: the series'.
        window: steps that are looked back at.
        horizon: steps that are foretold.
        change: one of ``CHANGES``.
        quantiles: ascending, one half among them.
        season: steps after which things come again, for the seasonal naive forecast; 0 for none.
        order: what becomes of dates that do not rise.
        gaps: what becomes of cells without a value.
        mean: of each series, of what is read.
        deviation: likewise.
        unit: of each series the mean absolute difference of two steps in training.
    """

    names: tuple[str, ...]
    window: int
    horizon: int
    change: str
    quantiles: tuple[float, ...]
    season: int
    order: Order
    gaps: Gaps
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    unit: tuple[float, ...]


@dataclass(frozen=True)
class Forecast:
    """What comes after a history.

    Attributes:
        names: the series'.
        quantiles: ascending.
        values: horizon x series x quantiles.
    """

    names: tuple[str, ...]
    quantiles: tuple[float, ...]
    values: Numbers

    @property
    def median(self) -> Numbers:
        """Horizon x series."""
        return np.asarray(self.values[..., self.quantiles.index(0.5)])

    def to_json(self) -> dict[str, Any]:
        """As plain values: for each series a list of steps, each with its quantiles."""
        return {
            "quantiles": list(self.quantiles),
            "series": {name: self.values[:, at].tolist() for at, name in enumerate(self.names)},
        }


@dataclass(frozen=True)
class Task(tasks.Task):
    """Forecasting.

    Attributes:
        shape: what is read and foretold.
        parts: ``encode``, ``pool`` and ``head``.
    """

    name = "forecasting"

    shape: Shape
    parts: Parts

    @classmethod
    def read(cls, path: Path, format: str | None = None) -> Iterator[History]:  # noqa: A002  # the option's name
        """See ``elman.data.histories``; a file is one history."""
        if format not in (None, "csv"):
            raise UsageError(f"series are read from csv, got the format {format!r}; leave it out")
        yield read_history(path)

    @classmethod
    def example(cls, value: History) -> History:
        """A history; what is to be foretold comes after its end."""
        if not isinstance(value, History):
            raise UsageError(f"expected a CSV file of dates and numbers, got the text {value!r:.60}; give a file")
        return replace(value, begin=len(value))

    @classmethod
    def holdout(cls, examples: Sequence[History], share: float, seed: int) -> tuple[list[History], list[History]]:
        """The end of each history is held out, so that nothing is learned from what comes later."""
        del seed
        kept, held = [], []
        for history in examples:
            cut = round(len(history) * (1 - share))
            kept.append(
                replace(history, dates=history.dates[:cut], values=history.values[:cut], lines=history.lines[:cut])
            )
            held.append(replace(history, begin=cut))
        return kept, held

    @classmethod
    def open(cls, about: Mapping[str, Any], texts: Mapping[str, str], parts: Parts) -> Task:  # noqa: ARG003
        """See ``elman.tasks.task.Task``."""
        try:
            values: dict[str, Any] = {
                key: tuple(value) if isinstance(value, list) else value for key, value in about.items()
            }
            return cls(Shape(**values), parts)
        except TypeError as error:
            raise ModelError(f"model.json: about: {error}; train anew, or upgrade elman") from None

    def about(self) -> dict[str, Any]:
        """See ``elman.tasks.task.Task``."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in vars(self.shape).items()}

    def prepare(self, examples: Iterable[History]) -> Sequences:
        """Every window of every history that ends before what is to be foretold; gold is what baselines need.

        Raises:
            DataError: if a history has gaps or dates out of order that are to be refused, or is too short.
        """
        shape = self.shape
        ids, inputs, targets, gold = [], [], [], []
        for given in examples:
            history = self.history(given)
            future = history.begin >= len(history)
            need = max(shape.window + (shape.change != "values"), shape.season)
            last = len(history) - 1 if future else len(history) - 1 - shape.horizon
            first = last if future else max(history.begin, need) - 1
            if last < max(first, need - 1):
                raise DataError(
                    f"expected at least {need + (0 if future else shape.horizon)} rows (a window of {shape.window}, "
                    f"{shape.horizon} steps to foretell), got {len(history)}; give more rows or a smaller window",
                    history.id,
                )
            for at in range(first, last + 1):
                ids.append(f"{history.id} after {history.dates[at]}")
                inputs.append(history.values[at + 1 - need : at + 1])
                if not future:
                    targets.append(history.values[at + 1 : at + 1 + shape.horizon])
                    gold.append((targets[-1], plain_forecasts(history.values[: at + 1], shape)))
        lengths = np.full(len(inputs), shape.window, np.int64)
        known = len(targets) == len(inputs)
        return Sequences(
            tuple(ids),
            tuple(inputs),
            lengths,
            tuple(targets) if known else None,
            tuple(gold) if known else None,
        )

    def batch(self, sequences: Sequences, indices: Sequence[int]) -> Batch:
        """See ``elman.tasks.task.Task``."""
        shape = self.shape
        rows = np.stack([sequences.inputs[at] for at in indices])  # batch x rows x series
        before = rows[:, -1]
        mean, deviation = np.asarray(shape.mean), np.asarray(shape.deviation)
        inputs = (changed(rows, shape.change)[:, -shape.window :] - mean) / deviation
        targets = None
        if sequences.targets is not None:
            targets = np.stack([sequences.targets[at] for at in indices])
            targets = ((self._change(targets, before) - self._center) / self._scale).astype(np.float32)
        return Batch(inputs.astype(np.float32), sequences.lengths[list(indices)], targets, before)

    def forward(self, net: Any, batch: Batch) -> Any:
        """Quantiles of what comes, scaled: batch x horizon x series x quantiles."""
        shape = self.shape
        found = net.head(net.pool(net.encode(batch.inputs, batch.lengths), batch.lengths))
        return found.reshape(-1, shape.horizon, len(shape.names), len(shape.quantiles))

    def predict(self, net: Any, batch: Batch) -> list[Forecast]:
        """See ``elman.tasks.task.Task``; quantiles that cross change places."""
        shape = self.shape
        scaled = np.sort(self.forward(net, batch).astype(np.float64), axis=-1)
        moved = scaled * self._scale[:, :, None] + self._center[:, :, None]
        before = batch.before[:, None, :, None]
        if shape.change == "differences":
            moved = before + moved
        elif shape.change == "log_returns":
            moved = before * np.exp(moved)
        return [Forecast(shape.names, shape.quantiles, values) for values in moved]

    def score(self, sequences: Sequences, outputs: Sequence[Forecast]) -> ForecastScores:
        """See ``elman.tasks.task.Task``."""
        gold = sequences.gold or ()
        plain = {name: np.stack([forecasts[name] for _, forecasts in gold]) for name in gold[0][1]}
        return ForecastScores(
            np.stack([actual for actual, _ in gold]),
            {MODEL: np.stack([output.median for output in outputs]), **plain},
            self.shape.quantiles,
            np.stack([output.values for output in outputs]),
            np.asarray(self.shape.unit),
            self.shape.names,
        )

    def lines(self, example: History, output: Forecast) -> Iterator[str]:
        """A row for each step of each series: its quantiles."""
        yield f"{example.id}: after {self.history(example).dates[-1]}"
        rows = [("", "step", *(f"{level:g}" for level in output.quantiles))]
        for column, name in enumerate(output.names):
            for step, values in enumerate(output.values[:, column], 1):
                rows.append((name if step == 1 else "", str(step), *(f"{value:.6g}" for value in values)))
        yield from aligned(rows)

    def history(self, example: History) -> History:
        """The series that it reads, in order and without gaps.

        Raises:
            DataError: if there are some that are to be refused.
        """
        history = cleaned(example, self.shape.names, self.shape.order, self.shape.gaps)
        check_positive(history, self.shape.change)
        return history

    def _change(self, values: Numbers, before: Numbers) -> Numbers:
        """What is foretold of values, batch x horizon x series, after others, batch x series."""
        if self.shape.change == "differences":
            return values - before[:, None]
        return np.log(values / before[:, None]) if self.shape.change == "log_returns" else values

    @property
    def _scale(self) -> Numbers:
        """Horizon x series: a walk of h steps strays by the square root of h."""
        steps = (
            np.sqrt(np.arange(1, self.shape.horizon + 1))
            if self.shape.change != "values"
            else np.ones(self.shape.horizon)
        )
        return np.asarray(steps[:, None] * np.asarray(self.shape.deviation))

    @property
    def _center(self) -> Numbers:
        """Horizon x series: of values their mean; of changes none, so that all that they drift by is learned."""
        mean = np.asarray(self.shape.mean) if self.shape.change == "values" else np.zeros(len(self.shape.names))
        return np.asarray(np.broadcast_to(mean, (self.shape.horizon, len(mean))))


def changed(rows: Numbers, change: str) -> Numbers:
    """What the network reads of values, ... x time x series; of changes one step fewer."""
    if change == "values":
        return rows
    return np.diff(np.log(rows) if change == "log_returns" else rows, axis=-2)


def check_positive(history: History, change: str) -> None:
    """Whether logarithms can be taken.

    Raises:
        DataError: with the line, if they are wanted and a value is not above 0.
    """
    if change != "log_returns" or (history.values > 0).all():
        return
    row, column = np.argwhere(history.values <= 0)[0].tolist()
    raise DataError(
        f"{history.names[column]}: expected values above 0 for log_returns, got {history.values[row, column]:g} on "
        f"{history.dates[row]}; set series.change = differences",
        history.id,
        history.lines[row],
    )


def plain_forecasts(values: Numbers, shape: Shape) -> dict[str, Numbers]:
    """What needs no model, from all values so far: each horizon x series.

    ``naive``: as it was last; ``drift``: on along the line from the first value to the last; ``seasonal``: as it was
    in the last season at that step.
    """
    steps = np.arange(1, shape.horizon + 1)[:, None]
    slope = (values[-1] - values[0]) / max(1, len(values) - 1)
    found = {
        "naive": np.broadcast_to(values[-1], (shape.horizon, values.shape[1])),
        "drift": values[-1] + steps * slope,
    }
    if shape.season:
        found["seasonal"] = values[len(values) - shape.season + np.arange(shape.horizon) % shape.season]
    return found
