"""Does order matter here? Sentences whose words stand in another order, and the table of what that costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import mean, stdev
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.tasks.tagging import Examples

SCHEMA = "elman.order/1"
"""The name and version of what ``OrderTable.to_json`` gives."""

QUANTILES = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26)
"""Of Student's t at 97.5 %, for 1 to 9 degrees of freedom."""

WORTH = 0.01
"""A loss of F1 that is less is not worth the name."""


def shuffled(examples: Examples, seed: int) -> Examples:
    """The same windows, each with its units in another order: a unit is an entity, or a token outside all of them.

    An entity's tokens stay together and in their order, since a label is of tokens that stand together: torn apart,
    it would be another task. So what is lost is where an entity stands, and next to what; the words of the sentence,
    its entities and their labels are the same.

    Args:
        examples: any.
        seed: of the orders; each window has its own.
    """
    rng = np.random.default_rng(seed)
    order = np.arange(len(examples.tokens))
    spans = examples.spans.copy()
    rows = np.searchsorted(spans[:, 0], np.arange(len(examples) + 1))
    for window, length in enumerate(examples.lengths.tolist()):
        start = int(examples.starts[window])
        here = slice(rows[window], rows[window + 1])
        units = np.ones(length, np.int64)  # the length of the unit that begins at a token, 0 inside of one
        for _, first, last, _ in spans[here].tolist():
            units[first:last] = 0
            units[first] = last - first
        begins = rng.permutation(np.flatnonzero(units))
        order[start : start + length] = start + np.concatenate(
            [np.arange(begin, begin + units[begin]) for begin in begins.tolist()] or [np.zeros(0, np.int64)]
        )
        moved = np.empty(length, np.int64)
        moved[order[start : start + length] - start] = np.arange(length)
        spans[here, 2] += (moved[spans[here, 1]] - spans[here, 1]).astype(np.int32)
        spans[here, 1] = moved[spans[here, 1]]
    return replace(
        examples,
        tokens=examples.tokens[order],
        spans=spans[np.lexsort((spans[:, 1], spans[:, 0]))],
        unknown=None if examples.unknown is None else examples.unknown[order],
    )


class OrderRun(NamedTuple):
    """One training.

    Attributes:
        row: of the table.
        seed: of the training and of the orders.
        f1: micro F1 on dev, in [0, 1].
        seconds: that it took.
    """

    row: str
    seed: int
    f1: float
    seconds: float


@dataclass(frozen=True)
class OrderTable:
    """What the words' order is worth to a model.

    Attributes:
        runs: of each row as many, with the same seeds; the first row is that of the data as they are.
        train: the training set's name.
        dev: the other's.
        left_out: rows that there are no runs of, and why.
    """

    runs: Sequence[OrderRun]
    train: str
    dev: str
    left_out: Sequence[str] = ()

    @property
    def rows(self) -> list[str]:
        """The rows' names."""
        return list(dict.fromkeys(run.row for run in self.runs))

    def scores(self, row: str) -> list[float]:
        """A row's F1, by seed."""
        return [run.f1 for run in sorted(self.runs, key=lambda run: run.seed) if run.row == row]

    def loss(self, row: str) -> tuple[float, tuple[float, float] | None]:
        """F1 that a row has less than the first one, the mean over seeds, and its 95 % interval by Student's t."""
        pairs = zip(self.scores(self.rows[0]), self.scores(row), strict=True)
        lost = [one - other for one, other in pairs]
        if not 2 <= len(lost) <= len(QUANTILES) + 1:
            return mean(lost), None
        half = QUANTILES[len(lost) - 2] * stdev(lost) / len(lost) ** 0.5
        return mean(lost), (mean(lost) - half, mean(lost) + half)

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        losses = {row: self.loss(row) for row in self.rows[1:]}
        return {
            "schema": SCHEMA,
            "train": self.train,
            "dev": self.dev,
            "runs": [run._asdict() for run in self.runs],
            "losses": {row: {"loss": loss, "interval": interval} for row, (loss, interval) in losses.items()},
            "left_out": list(self.left_out),
        }

    def lines(self) -> Iterator[str]:
        """For a person."""
        width = max(map(len, self.rows))
        yield f"{'':{width}}  dev F1  deviation  loss of F1   95% interval   seconds"
        for row in self.rows:
            scores = [100 * f1 for f1 in self.scores(row)]
            deviation = f"{stdev(scores):.2f}" if len(scores) > 1 else "-"
            loss, interval = self.loss(row)
            lost = "" if row == self.rows[0] else f"{100 * loss:.2f}"
            between = ""
            if lost and interval is not None:
                between = f"{100 * interval[0]:.2f} to {100 * interval[1]:.2f}"
            seconds = mean(run.seconds for run in self.runs if run.row == row)
            yield f"{row:{width}}  {mean(scores):6.2f}  {deviation:>9}  {lost:>10}  {between:>14}  {seconds:8.0f}"
        yield from self.left_out
        yield ""
        yield from self.sentences()

    def sentences(self) -> Iterator[str]:
        """What the table says."""
        for row in self.rows[1:]:
            loss, interval = self.loss(row)
            if interval is None:
                verdict = "with one seed nobody can tell whether by chance"
            elif interval[0] >= WORTH:
                verdict = "which is more than chance"
            elif interval[1] < WORTH:
                verdict = "so little that this does without"
            else:
                verdict = "which these seeds do not tell from chance; more of them would"
            yield f"{row}: {100 * loss:+.1f} points lost, {verdict}."
