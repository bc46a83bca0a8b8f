"""How all of the laboratory's pictures look: legible on a slide, colour-blind safe, written as PNG or SVG."""

from __future__ import annotations

from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

from elman.extras import needs
from elman.model.atomic import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c6d31")
"""Okabe, M. & Ito, K. (2008). Color universal design; told apart by the common kinds of colour blindness."""

LINES = ("-", "--", "-.", ":")
"""Beside its colour, each line has a dash of its own."""

_STYLE: Any = {
    "font.size": 14,
    "axes.titlesize": 16,
    "axes.labelsize": 14,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#dddddd",
    "legend.frameon": False,
    "lines.linewidth": 2.2,
    "figure.facecolor": "white",
    "savefig.dpi": 120,
    "svg.hashsalt": "elman",
}


@contextmanager
def picture(path: Path, width: float = 10.0, height: float = 5.6, rows: int = 1, columns: int = 1) -> Iterator[Any]:
    """Axes to draw on; at the block's end the picture is written, whole or not at all.

    Args:
        path: its ending, .png or .svg, says what it becomes.
        width: in inches, 120 pixels each.
        height: likewise.
        rows: of axes.
        columns: of axes.

    Yields:
        The axes, or an array of them where there are several.

    Raises:
        UsageError: if Matplotlib is not installed.
    """
    with needs("plots", "a picture"):
        from matplotlib import rc_context
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    with rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        yield figure.subplots(rows, columns)
        save(figure, path)


def save(figure: Figure, path: Path) -> None:
    """Write a figure, whole or not at all."""
    content = BytesIO()
    figure.savefig(content, format=path.suffix.lstrip(".").lower() or "png")
    replace_file(path, content.getvalue())


def line_style(number: int) -> dict[str, Any]:
    """Colour and dash of a picture's line of that number, from 0."""
    return {"color": COLOURS[number % len(COLOURS)], "linestyle": LINES[number % len(LINES)]}


def named(axes: Axes, title: str, across: str, up: str) -> None:
    """Give axes their names, with units."""
    axes.set_title(title, loc="left")
    axes.set_xlabel(across)
    axes.set_ylabel(up)
