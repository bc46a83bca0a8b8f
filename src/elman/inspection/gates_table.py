"""What the gates did, as numbers: lines for a person, JSON for a machine."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.inspection.anatomy import CELL, HIDDEN
from elman.inspection.gates import KEPT, LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.inspection.gates import Track, Values
    from elman.inspection.sentences import Sentence

SCHEMA = "elman.gates/1"

ABOUT = {
    "forget": "forget gate: the share of the cell state that stays",
    "input": "input gate: how much is written into the cell state",
    "output": "output gate: how much of the cell state is shown",
    "update": "update gate: the share of the hidden state that stays",
    "reset": "reset gate: how much of the hidden state the candidate reads",
    HIDDEN: "hidden state",
    CELL: "cell state",
    KEPT: "kept to the end: the share of what is in the unit after this token that is left after the last token read",
}
"""What each map shows."""


def gates_of(track: Track) -> list[str]:
    """The names of a track's gates, in the order of the cell's anatomy."""
    return [name for name in track.values if name not in (HIDDEN, CELL, KEPT)]


def about(name: str) -> str:
    """What a map shows, in words."""
    return ABOUT.get(name, f"{name} gate")


def lives(track: Track) -> tuple[float, float, float] | None:
    """A quarter of the units have a half-life of at most the first, half of the second, three quarters of the third."""
    if track.half_life is None or np.isnan(track.half_life).any():
        return None
    quarter, half, most = np.quantile(track.half_life, (0.25, 0.5, 0.75), method="lower").tolist()
    return quarter, half, most


def tokens_told(life: float) -> str:
    """A half-life as people read it."""
    if math.isnan(life):
        return "-"
    return f"{LONGEST:,.0f} or more" if life >= LONGEST else f"{life:,.1f}" if life < 100 else f"{life:,.0f}"


def rows(track: Track, sentence: Sentence) -> Iterator[tuple[str, ...]]:
    """A table with a row for each token: the mean of each gate over all units, and how large the states are."""
    gates = gates_of(track)
    states = [name for name in (CELL, HIDDEN) if name in track.values]
    yield ("", "", *gates, *(f"{name} state" for name in states))
    for at, word in enumerate(sentence.words):
        label = next((one.label for one in sentence.entities if one.first <= at < one.stop), "")
        means = [f"{track.values[name][at].mean():.2f}" for name in gates]
        yield (word, label, *means, *(f"{_size(track.values[name][at]):.2f}" for name in states))


def longest(track: Track, count: int = 5) -> list[tuple[int, float]]:
    """The units in which a fact stays longest, counted from 0, each with its half-life; none without half-lives."""
    if lives(track) is None or track.half_life is None:
        return []
    order = np.argsort(-track.half_life, kind="stable")[:count]
    return [(unit, float(track.half_life[unit])) for unit in order.tolist()]


def to_json(sentence: Sentence, tracks: Sequence[Track]) -> dict[str, Any]:
    """All numbers: gates and states with four digits, half-lives in tokens (null if the sentence has one token)."""
    return {
        "schema": SCHEMA,
        "tokens": [
            {"text": word, "start": start, "end": end}
            for word, (start, end) in zip(sentence.words, sentence.offsets, strict=True)
        ],
        "entities": [entity._asdict() for entity in sentence.entities],
        "tracks": [
            {
                "layer": track.layer,
                "direction": track.direction,
                "units": track.units,
                "retains": track.retains,
                "values": {name: _rounded(value) for name, value in track.values.items()},
                "half_life": None if lives(track) is None else _rounded(track.half_life),
            }
            for track in tracks
        ],
    }


def _size(state: Values) -> float:
    return float(np.abs(state).mean())


def _rounded(values: Any) -> Any:
    return np.round(np.asarray(values, np.float64), 4).tolist()
