"""The settings that a search varies, and how far: few, each one that a practitioner would try by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from elman.settings import from_dict, to_dict
from elman.training.sizes import batch_tokens_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from elman.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Range:
    """How far one setting is varied.

    Attributes:
        low: the least value.
        high: the largest value.
        logarithmic: whether factors count, not differences.
        whole: whether it is a whole number.
    """

    low: float
    high: float
    logarithmic: bool = False
    whole: bool = False

    def with_value(self, value: float) -> Range:
        """The range, widened if it lacks this value."""
        return replace(self, low=min(self.low, value), high=max(self.high, value))

    def rounded(self, value: float) -> float:
        """A value as a person would write it: two digits."""
        return round(float(f"{value:.2g}")) if self.whole else float(f"{value:.2g}")


RANGES: dict[str, Range] = {
    "training.learning_rate": Range(low=0.001, high=0.01, logarithmic=True),
    "training.batch_tokens": Range(low=128, high=1024, logarithmic=True, whole=True),
    "training.vector_learning_rate": Range(low=0.01, high=1.0, logarithmic=True),
    "embedding.unknown_rate": Range(low=0.1, high=0.9),
    "encoder.hidden": Range(low=64, high=320, logarithmic=True, whole=True),
    "encoder.input_dropout": Range(low=0.1, high=0.6),
    "encoder.dropout": Range(low=0.2, high=0.7),
    "encoder.recurrent_dropout": Range(low=0.0, high=0.5),
}
"""Every setting that is varied, unless the caller fixes it; the vectors' step size only where there are vectors."""


class SearchSpace:
    """What is varied around some settings.

    Args:
        base: the settings to begin from; all that is not varied stays as it is there.
        fixed: names, ``group.name``, that are not varied.
        tokens: in the training set, which says how large a batch is where the settings do not.
        vectors: whether there are pretrained word vectors.
    """

    def __init__(self, base: Settings, fixed: Iterable[str], tokens: int, *, vectors: bool) -> None:
        self.base = base
        tree = to_dict(base)
        left_out = {*fixed, *([] if vectors else ["training.vector_learning_rate"])}
        self.start: dict[str, float] = {}
        self.ranges: dict[str, Range] = {}
        for name, spread in RANGES.items():
            group, _, key = name.partition(".")
            value = tree[group][key]
            if value is None:
                value = batch_tokens_for(tokens)
            # On a logarithmic scale there is no zero; a setting that is off stays off.
            if name in left_out or (spread.logarithmic and not value):
                continue
            assert isinstance(value, int | float)
            self.start[name] = value
            self.ranges[name] = spread.with_value(value)

    def rounded(self, values: Mapping[str, float]) -> dict[str, float]:
        """Values as they are used: with two digits, but for the base's own."""
        used = {}
        for name, value in values.items():
            spread = self.ranges[name]
            near = min(max(spread.rounded(value), spread.low), spread.high)
            used[name] = value if value == self.start[name] else near
        return used

    def settings(self, values: Mapping[str, float]) -> Settings:
        """The base with these values, rounded, in the place of its own; its own values give the base as it is."""
        tree: dict[str, dict[str, Any]] = {group: dict(table) for group, table in to_dict(self.base).items()}
        for name, value in self.rounded(values).items():
            if value != self.start[name]:
                group, _, key = name.partition(".")
                tree[group][key] = value
        return from_dict(tree)
