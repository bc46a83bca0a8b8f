"""What a label rests on, as numbers: lines for a person, JSON for a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.inspection.attribution import Attribution
    from elman.inspection.sentences import Sentence

SCHEMA = "elman.memory/1"


class Story(NamedTuple):
    """A sentence, and what one of its labels rests on.

    Attributes:
        sentence: what was read.
        found: of one label.
        entities: all that were found in the text, as words, to choose from.
    """

    sentence: Sentence
    found: Attribution
    entities: Sequence[str]

    @property
    def title(self) -> str:
        """The label and what bears it."""
        target = self.found.target
        return f"{target.label}: {' '.join(self.sentence.words[target.first : target.stop])}"

    @property
    def effects(self) -> list[float]:
        """By how much the probability goes up if a token is erased; below 0, down."""
        effects: list[float] = (self.found.erased - self.found.probability).tolist()
        return effects


def summary(story: Story) -> Iterator[str]:
    """What the label is, and how probable with and without the rest of the sentence."""
    found = story.found
    what = "just this entity" if found.target.whole else "this label at this token"
    yield story.title
    yield f"probability of {what}: {found.probability:.4f}; with all other tokens blank: {found.baseline:.4f}"
    gained = float(found.shares.sum())
    yield f"the other tokens together: {gained:+.3f} nats (points {found.points}, error {found.error:+.4f})"
    if len(story.entities) > 1:
        yield "entities of the text: " + ", ".join(f"{at} {name}" for at, name in enumerate(story.entities, 1))


def rows(story: Story) -> Iterator[tuple[str, ...]]:
    """A table with a row for each token: its share in nats, the probability without it, and the change."""
    target = story.found.target
    yield ("", "share (nats)", "erased", "change")
    for at, word in enumerate(story.sentence.words):
        own = target.first <= at < target.stop
        share = "the label's" if own else signed(story.found.shares[at], 3)
        yield (word, share, f"{story.found.erased[at]:.4f}", signed(story.effects[at], 4))


def signed(value: float, digits: int) -> str:
    """A number with its sign; none if nothing is left of it."""
    told = f"{value:+.{digits}f}"
    return told if float(told) else told[1:]


def to_json(story: Story) -> dict[str, Any]:
    """All numbers; offsets are code points in the text."""
    found, sentence = story.found, story.sentence
    return {
        "schema": SCHEMA,
        "target": found.target._asdict(),
        "probability": found.probability,
        "baseline": found.baseline,
        "points": found.points,
        "error": found.error,
        "tokens": [
            {"text": word, "start": start, "end": end, "share": share, "erased": erased}
            for word, (start, end), share, erased in zip(
                sentence.words,
                sentence.offsets,
                np.round(found.shares, 6).tolist(),
                found.erased.tolist(),
                strict=True,
            )
        ],
        "entities": list(story.entities),
    }
