"""What a label rests on, as a picture: arcs over the sentence, and below them what erasing each token does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from elman.inspection.figures import COLOURS, named, picture

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from elman.inspection.attribution_table import Story

MOST = 60
"""So many tokens around the label can be told apart on a slide."""

FAINT = 0.02
"""Shares below this part of the largest have no arc."""


def draw(path: Path, story: Story) -> None:
    """Draw the arcs of one label; of a long sentence the tokens around it.

    Args:
        path: .png or .svg.
        story: what to draw.
    """
    target, words = story.found.target, story.sentence.words
    first = max(0, min((target.first + target.stop - MOST) // 2, len(words) - MOST))
    shown = slice(first, min(len(words), first + MOST))
    count = shown.stop - shown.start
    width = min(16.0, max(9.0, 2.5 + 0.5 * count))
    with picture(path, width=width, height=6.0, rows=2) as (arcs, bars):
        arcs.get_gridspec().set_height_ratios([3, 2])
        _arcs(arcs, story, shown)
        _bars(bars, story, shown)
        own = range(target.first, target.stop)
        labels = [words[at].replace("$", r"\$") for at in range(shown.start, shown.stop)]
        bars.set_xticks(range(shown.start, shown.stop), labels, rotation=45, ha="right")
        for at, text in zip(range(shown.start, shown.stop), bars.get_xticklabels(), strict=True):
            if at in own:
                text.set_fontweight("bold")


def _arcs(axes: Axes, story: Story, shown: slice) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Arc

    found = story.found
    centre = (found.target.first + found.target.stop - 1) / 2
    most = float(np.abs(found.shares).max()) or 1.0
    reach = 1.0
    for at in range(shown.start, shown.stop):
        part = float(found.shares[at]) / most
        if abs(part) < FAINT:
            continue
        across = abs(at - centre)
        reach = max(reach, across)
        axes.add_patch(
            Arc(
                ((at + centre) / 2, 0),
                across,
                across,
                theta2=180,
                linewidth=1 + 6 * abs(part),
                color=COLOURS[0] if part > 0 else COLOURS[1],
                linestyle="-" if part > 0 else (0, (2, 1.5)),
                alpha=0.35 + 0.6 * abs(part),
            )
        )
    axes.axvspan(found.target.first - 0.5, found.target.stop - 0.5, color="#eeeeee", zorder=0)
    axes.set_xlim(shown.start - 0.6, shown.stop - 0.4)
    axes.set_ylim(0, reach * 0.55)
    axes.set_xticks(range(shown.start, shown.stop), [])
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)
    keys = [
        Line2D([], [], color=COLOURS[0], linewidth=4, label="speaks for it"),
        Line2D([], [], color=COLOURS[1], linewidth=4, linestyle=(0, (2, 1.5)), label="speaks against it"),
    ]
    axes.legend(handles=keys, loc="upper right", fontsize=12)
    named(axes, f"What “{story.title}” rests on (thickest arc: {most:.2f} nats)", "", "")


def _bars(axes: Axes, story: Story, shown: slice) -> None:
    target = story.found.target
    effects = np.array(story.effects)
    context = [at for at in range(shown.start, shown.stop) if not target.first <= at < target.stop]
    heights = effects[context]
    colours = [COLOURS[0] if height < 0 else COLOURS[1] for height in heights]
    hatches = ["" if height < 0 else "//" for height in heights]
    axes.bar(context, heights, color=colours, hatch=hatches, edgecolor="white")
    axes.axhline(0, color="#444444", linewidth=1)
    axes.axvspan(target.first - 0.5, target.stop - 0.5, color="#eeeeee", zorder=0)
    axes.set_xlim(shown.start - 0.6, shown.stop - 0.4)
    axes.margins(y=0.15)
    named(axes, f"Change of its probability ({story.found.probability:.3f}) if a token is erased", "", "probability")
