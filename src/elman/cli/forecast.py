"""``elman forecast``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from elman.cli.options import Json, print_json, say
from elman.errors import UsageError


def forecast(
    model: Annotated[Path, typer.Option("--model", "-m", metavar="MODEL", help="Folder of a forecaster.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV file with what is known so far.")],
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Draw it, .png or .svg: what was, the median, the band.")
    ] = None,
    json: Json = False,
) -> None:
    """What comes after a file's last row: quantiles of the next values of each series."""
    from elman.runtime.loading import load
    from elman.tasks.forecasting import Task

    if plot is not None and plot.suffix.lower() not in (".png", ".svg"):
        raise UsageError(f"expected a picture's name that ends in .png or .svg, got {plot.name}")
    predictor = load(model)
    task = getattr(predictor, "task", None)
    if not isinstance(task, Task):
        raise UsageError(f"{model} is no forecaster; train one: elman train --task forecasting")
    for history, found in predictor.pairs(task.given(file)):
        if json:
            print_json({"file": str(file), **found.to_json()})
        else:
            for line in task.lines(history, found):
                print(line)
        if plot is not None:
            from elman.inspection.forecast_figure import draw_forecast

            draw_forecast(plot, task.history(history), found)
            say(f"picture: {plot}")
