"""The model card of every task but tagging, written from its metrics."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from elman.metrics.figure import figure_in
from elman.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping


def task_card(task: str, metrics: Mapping[str, Any]) -> str:
    """The card as Markdown with YAML front matter, as model hubs read it.

    Args:
        task: its name.
        metrics: what ``metrics.json`` says.
    """
    training = metrics["training"]
    scores = [
        f"| {part} | {_cell(metrics['data'][part]['name'])} | {metrics['data'][part]['examples']:,} "
        f"| {figure_in(metrics[part])} |"
        for part in ("test", "dev")
        if metrics.get(part)
    ]
    settings = [
        f"| `{group}.{name}` | `{json.dumps(value)}` |"
        for group, values in metrics["settings"].items()
        for name, value in values.items()
    ]
    lines = [
        "---",
        "library_name: elman",
        "tags:",
        f"- {task}",
        "---",
        "",
        f"# A model for {task}",
        "",
        f"Elman {__version__} wrote it. In a shell:",
        "",
        "```sh",
        "elman predict --model PATH_OF_THIS_FOLDER FILE",
        "```",
        "",
        "Predicting needs no torch. Loading runs no code out of this folder and checks its files first.",
        "",
        "## Scores",
        "",
        "| set | source | examples | |",
        "| --- | --- | ---: | --- |",
        *scores,
        "",
        "The weights were chosen by the dev set, so its score flatters them.",
        "",
        "## Training",
        "",
        f"{metrics['data']['train']['examples']:,} examples of {_cell(metrics['data']['train']['name'])}; "
        f"{training['epochs']} epochs ({training['steps']:,} steps), the best after epoch {training['best_epoch']}; "
        f"{training['seconds']:,.0f} s; seed {metrics['seed']}.",
        "",
        "| setting | value |",
        "| --- | --- |",
        *settings,
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
