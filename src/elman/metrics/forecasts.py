"""How good forecasts are, walk-forward, beside those that need no model.

MASE, the mean absolute error over that of the naive forecast one step ahead in training: Hyndman, R. & Koehler, A.
(2006). Another look at measures of forecast accuracy. International Journal of Forecasting 22(4). The pinball loss of
quantiles: Koenker, R. & Bassett, G. (1978). Regression quantiles. Econometrica 46(1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.metrics.figure import Figure
from elman.metrics.ratio import ratio, ratio_interval
from elman.metrics.report import aligned

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from elman.metrics.intervals import Interval

    Numbers = NDArray[np.float64]

SCHEMA = "elman.forecasts/1"
"""The name and version of what ``ForecastScores.to_json`` gives."""

MODEL = "model"


@dataclass(frozen=True)
class ForecastScores:
    """Forecasts from some days, one after the other, each of several steps of several series.

    Attributes:
        actual: what came, days x steps x series.
        forecasts: what was foretold, of the model the median, by name; likewise.
        quantiles: those that the model foretold, ascending.
        spread: days x steps x series x quantiles.
        unit: of each series what one of MASE is.
        names: of the series.
    """

    actual: Numbers
    forecasts: Mapping[str, Numbers]
    quantiles: Sequence[float]
    spread: Numbers
    unit: Numbers
    names: Sequence[str]

    @property
    def block(self) -> int:
        """Days that intervals draw together, since forecasts from days near each other err alike."""
        return max(int(self.actual.shape[1]), math.ceil(math.sqrt(len(self.actual))))

    @property
    def mase(self) -> dict[str, float]:
        """Of each forecast; below 1 it errs less than the naive one did one step ahead in training."""
        return {name: ratio(self._units(errors)) for name, errors in self._errors.items()}

    @cached_property
    def intervals(self) -> dict[str, Interval | None]:
        """95 % bootstrap intervals of ``mase``, over blocks of days."""
        return {name: ratio_interval(self._units(errors)) for name, errors in self._errors.items()}

    @property
    def rival(self) -> str:
        """The best forecast that needs no model."""
        return min((name for name in self.forecasts if name != MODEL), key=self.mase.__getitem__)

    @cached_property
    def gain(self) -> tuple[float, Interval | None]:
        """By how much the model's MASE is below the rival's, and its interval over blocks of days."""
        units = self._units(self._errors[self.rival] - self._errors[MODEL])
        return ratio(units), ratio_interval(units)

    @property
    def pinball(self) -> float:
        """The mean pinball loss over all quantiles, in units of MASE."""
        levels = np.asarray(self.quantiles)
        over = (self.actual[..., None] - self.spread) / self.unit[:, None]
        return float(np.maximum(levels * over, (levels - 1) * over).mean())

    @property
    def coverage(self) -> tuple[float, float]:
        """The share of values between the outermost quantiles, and what it should be."""
        inside = (self.actual >= self.spread[..., 0]) & (self.actual <= self.spread[..., -1])
        return float(inside.mean()), self.quantiles[-1] - self.quantiles[0]

    @property
    def verdict(self) -> str:
        """Whether the model was worth it, in a sentence."""
        rival, (gain, ends) = self.rival, self.gain
        told = f"MASE {self.mase[MODEL]:.3f} of the model, {self.mase[rival]:.3f} of the {rival} forecast"
        if gain <= 0:
            return f"The {rival} forecast wins: {told}."
        if ends is None or ends.low <= 0:
            return f"The model is ahead by less than chance may give: {told}; do not count on it."
        return f"The model wins: {told}."

    @property
    def figure(self) -> Figure:
        """MASE; the larger the worse, so the value is minus that."""
        return Figure("MASE", -self.mase[MODEL], f"{self.mase[MODEL]:.4f}")

    @property
    def curves(self) -> dict[str, float]:
        """The pinball loss and the coverage."""
        return {"pinball": self.pinball, "coverage": self.coverage[0]}

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        gain, ends = self.gain
        covered, wanted = self.coverage
        return {
            "schema": SCHEMA,
            "figure": self.figure._asdict(),
            "mase": self.mase,
            "intervals": self.intervals,
            "by_step": {name: errors.mean(axis=(0, 2)).tolist() for name, errors in self._errors.items()},
            "by_series": {
                name: dict(zip(self.names, errors.mean(axis=(0, 1)).tolist(), strict=True))
                for name, errors in self._errors.items()
            },
            "rival": self.rival,
            "gain": {"value": gain, "interval": ends},
            "verdict": self.verdict,
            "pinball": self.pinball,
            "coverage": covered,
            "nominal_coverage": wanted,
            "days": len(self.actual),
            "block": self.block,
        }

    def lines(self) -> Iterator[str]:
        """Each forecast's MASE with its interval, the band's coverage, the verdict."""
        rows = [("forecast", "MASE", "95 %", "first step", "last step")]
        for name, value in self.mase.items():
            ends, steps = self.intervals[name], self._errors[name].mean(axis=(0, 2))
            within = "" if ends is None else f"{ends.low:.3f} to {ends.high:.3f}"
            rows.append((name, f"{value:.4f}", within, f"{steps[0]:.3f}", f"{steps[-1]:.3f}"))
        yield from aligned(rows)
        covered, wanted = self.coverage
        yield ""
        yield (
            f"{covered:.1%} of the values are in the band that is to hold {wanted:.0%}; pinball loss {self.pinball:.4f}"
        )
        yield (
            f"{len(self.actual):,} days, {self.actual.shape[1]} steps of {', '.join(self.names)}; intervals draw "
            f"{self.block} days at a time"
        )
        yield self.verdict

    @cached_property
    def _errors(self) -> dict[str, Numbers]:
        """Absolute errors in units of MASE, days x steps x series."""
        return {name: np.abs(found - self.actual) / self.unit for name, found in self.forecasts.items()}

    def _units(self, errors: Numbers) -> Numbers:
        """Sum and number of the errors of each block of days."""
        starts = np.arange(0, len(errors), self.block)
        each = errors.sum(axis=(1, 2))
        counts = np.full(len(errors), errors[0].size if len(errors) else 0)
        return np.column_stack((np.add.reduceat(each, starts), np.add.reduceat(counts, starts).astype(np.float64)))
