"""A picture of a forecast: what was, the median of what comes, the band of its quantiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from elman.inspection.figures import COLOURS, named, picture

if TYPE_CHECKING:
    from pathlib import Path

    from elman.data.histories import History
    from elman.tasks.forecasting import Forecast

SHOWN = 60
"""Steps of the past that are shown."""


def draw_forecast(path: Path, history: History, forecast: Forecast) -> None:
    """One row of axes for each series.

    Args:
        path: of the picture, .png or .svg.
        history: with the forecast's series in its order.
        forecast: of what comes after it.

    Raises:
        UsageError: if Matplotlib is not installed.
    """
    count, (steps, _, _) = len(forecast.names), forecast.values.shape
    low, high = forecast.quantiles[0], forecast.quantiles[-1]
    past = np.arange(-min(SHOWN, len(history)) + 1, 1)
    ahead = np.arange(0, steps + 1)
    with picture(path, height=max(5.6, 2.9 * count), rows=count) as drawn:
        for at, axes in enumerate(np.atleast_1d(drawn)):
            values = history.values[-len(past) :, at]
            # The band begins at what is known, or there would be a hole between past and future.
            joined = np.vstack((np.full(len(forecast.quantiles), values[-1]), forecast.values[:, at]))
            axes.plot(past, values, color=COLOURS[6], label="known")
            if len(forecast.quantiles) > 1:
                axes.fill_between(
                    ahead, joined[:, 0], joined[:, -1], color=COLOURS[5], alpha=0.45, label=f"{high - low:.0%} band"
                )
            axes.plot(ahead, joined[:, forecast.quantiles.index(0.5)], color=COLOURS[0], linestyle="--", label="median")
            axes.axvline(0, color="#888888", linewidth=1)
            named(axes, forecast.names[at], f"steps from {history.dates[-1]}" if at == count - 1 else "", "value")
            if not at:
                axes.legend(loc="lower right", bbox_to_anchor=(1, 0.98), ncols=3)  # above what is drawn
