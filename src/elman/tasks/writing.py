"""What the tasks have in common that write a text: what comes out, and how it is looked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.decoding.beam import Search, beam_search
from elman.errors import ModelError
from elman.features.vocabulary import PADDING, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from elman.decoding.beam import State
    from elman.features.units import Units


@dataclass(frozen=True)
class Written:
    """A text that was written.

    Attributes:
        text: the best one found.
        score: what candidates are ranked by, the larger the better; see ``elman.decoding.beam``.
        candidates: the best ones found with their scores, the best one first.
        ended: whether it came to its end; if not, it was cut off.
    """

    text: str
    score: float
    candidates: tuple[tuple[str, float], ...]
    ended: bool = True

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        listed = [{"text": text, "score": score} for text, score in self.candidates]
        return {"text": self.text, "score": self.score, "ended": self.ended, "candidates": listed}


NOTHING = Written("", 0.0, (("", 0.0),))
"""What is made of an empty text."""


def written(
    decode: Any, state: State, limits: Sequence[int], units: Units, search: Search, inputs: NDArray[np.int64] | None
) -> list[Written]:
    """What a decoder in NumPy writes for some examples.

    Args:
        decode: the decoder.
        state: before the first step.
        limits: how many units each text may have, the end counted in.
        units: of what is written.
        search: how to look.
        inputs: how many inputs each example has; for the coverage.
    """
    found = beam_search(
        decode.step, state, limits, end=units.end, search=search, inputs=inputs, barred=(PADDING, UNKNOWN)
    )
    results = []
    for hypotheses in found:
        if not hypotheses:
            results.append(NOTHING)
            continue
        candidates: dict[str, float] = {}
        for one in hypotheses:
            candidates.setdefault(units.decode(one.ids), one.score)  # two ways of spelling one text are one
        results.append(
            Written(
                units.decode(hypotheses[0].ids), hypotheses[0].score, tuple(candidates.items()), hypotheses[0].ended
            )
        )
    return results


def targets_of(units: Units, texts: Sequence[str]) -> NDArray[np.int32]:
    """The rows of an example's target texts, one after the other, an end behind each."""
    end = np.array([units.end], np.int32)
    return np.concatenate([part for text in texts for part in (units.encode(text), end)] or [end[:0]])


def target_at(rows: NDArray[np.int32], end: int, choice: int) -> NDArray[np.int32]:
    """One of an example's targets out of what ``targets_of`` gave, counted round, with its end."""
    ends = np.flatnonzero(rows == end) + 1
    at = choice % len(ends)
    return rows[ends[at - 1] if at else 0 : ends[at]]


def shifted(targets: NDArray[np.int32], end: int) -> NDArray[np.int32]:
    """What a decoder reads at each step, the output before it; batch x time."""
    first = np.full((len(targets), 1), end, np.int32)
    return np.concatenate((first, targets[:, :-1]), axis=1)


def search_of(about: Mapping[str, Any]) -> Search:
    """The search that ``model.json`` says.

    Raises:
        ModelError: if it says none.
    """
    try:
        found = about["search"]
        search = Search(int(found["width"]), float(found["length_penalty"]), float(found["coverage_penalty"]))
        if search.width < 1:
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise ModelError(f"model.json: about: expected a search, got {about.get('search')!r:.80}") from None
    return search
