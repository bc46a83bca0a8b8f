"""What the gates did, as a picture: tokens across, units from the shortest to the longest half-life."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from elman.inspection.anatomy import CELL, HIDDEN
from elman.inspection.figures import named, picture
from elman.inspection.gates_table import ABOUT, lives, tokens_told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from elman.inspection.gates import Track
    from elman.inspection.sentences import Sentence

MOST = 60
"""So many tokens can be told apart on a slide."""


def draw(path: Path, sentence: Sentence, tracks: Sequence[Track], name: str) -> None:
    """Draw one gate or state of some tracks, one below the other.

    Args:
        path: .png or .svg.
        sentence: what was read; of a long one the first tokens are drawn.
        tracks: of one layer.
        name: a key of the tracks' values.
    """
    shown = min(len(sentence.words), MOST)
    width = min(16.0, max(10.0, 3.5 + 0.42 * shown))
    with picture(path, width=width, height=1.6 + 3.2 * len(tracks), rows=len(tracks)) as grid:
        for number, (axes, track) in enumerate(zip(np.atleast_1d(grid), tracks, strict=True)):
            _map(axes, track, name, shown)
            axes.set_xticks(range(shown), ["" for _ in range(shown)])
            if number == len(tracks) - 1:
                _words(axes, sentence, shown)


def _map(axes: Axes, track: Track, name: str, shown: int) -> None:
    values = track.values[name]
    order = np.arange(track.units)
    title, up = f"{track.name}: {name}", "units"
    if lives(track) is not None and track.half_life is not None:
        order = np.argsort(track.half_life, kind="stable")
        title += f" (half-life: median {tokens_told(float(np.median(track.half_life)))} tokens)"
        up = "units, the longest\nhalf-life on top"
    state = name in (HIDDEN, CELL)
    most = float(np.abs(values).max()) or 1.0
    low, high = (-most, most) if state else (0.0, 1.0)
    image = axes.imshow(
        values[:shown, order].T,
        aspect="auto",
        origin="lower",
        interpolation="nearest",
        cmap="PuOr_r" if state else "viridis",
        vmin=low,
        vmax=high,
    )
    axes.grid(visible=False)
    bar = axes.figure.colorbar(image, ax=axes, pad=0.01)
    bar.set_label(ABOUT.get(name, f"{name} gate").partition(":")[0])
    named(axes, title, "", up)


def _words(axes: Axes, sentence: Sentence, shown: int) -> None:
    labels = [word.replace("$", r"\$") for word in sentence.words[:shown]]
    inside = {at: entity.label for entity in sentence.entities for at in range(entity.first, entity.stop)}
    texts = [f"{word}  [{inside[at]}]" if at in inside else word for at, word in enumerate(labels)]
    axes.set_xticks(range(shown), texts, rotation=45 if shown <= 30 else 90, ha="right" if shown <= 30 else "center")
    for at, text in enumerate(axes.get_xticklabels()):
        if at in inside:
            text.set_fontweight("bold")
