"""Pictures of gradients: their norms by distance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from elman.inspection.figures import line_style, named, picture

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from elman.inspection.distances import Distances


def draw_distances(found: Mapping[str, Distances], path: Path, title: str) -> None:
    """One picture with a line for each, and where there is a fit, thin beside it.

    Args:
        found: the lines, by the name that the legend gives them.
        path: see ``elman.inspection.figures.picture``.
        title: of the picture.
    """
    with picture(path) as axes:
        add_distances(axes, found)
        named(axes, title, "k, steps back from the step whose loss it is", "norm of $dL_t / dh_{t-k}$, mean over t")


def add_distances(axes: Any, found: Mapping[str, Distances]) -> None:
    """The lines of ``draw_distances``, on axes that are there."""
    axes.set_yscale("log")
    for number, (name, distances) in enumerate(found.items()):
        mean = np.array(distances.mean)
        k = np.flatnonzero(mean > 0)
        style = line_style(number)
        label = name
        if distances.fit is not None:
            label += f": x {distances.fit.rate:.2g} per step, R² {distances.fit.r_squared:.2f}"
            fitted = np.arange(distances.fit.first, distances.fit.last + 1)
            logs = np.log(mean[fitted])
            offset = (logs - fitted * np.log(distances.fit.rate)).mean()
            axes.plot(
                fitted, np.exp(offset) * distances.fit.rate**fitted, color=style["color"], linewidth=0.9, alpha=0.8
            )
        axes.plot(k, mean[k], label=label, **style)
    axes.legend()
