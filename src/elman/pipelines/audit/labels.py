"""Checks of the label set: spellings of one label, labels too rare, labels that a split lacks."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elman.pipelines.audit.counts import Counts
    from elman.pipelines.audit.findings import Findings, Place
    from elman.pipelines.audit.unit import Unit

KEPT = 3
"""So many places of each label in each split are held on to."""

ENOUGH = 20
"""In fewer sentences a label may be everywhere by chance."""


class Labels:
    """The first places of each label."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, int], list[Place]] = {}
        self._sentences = 0
        self._having: Counter[str] = Counter()

    def add(self, unit: Unit) -> None:
        """Take in a document's spans."""
        for span in unit.spans:
            places = self._places.setdefault((span.label, unit.split.number), [])
            if len(places) < KEPT:
                places.append(unit.place_of(span))
        if unit.split.trains:
            placed = unit.alignment.token_spans
            within = np.searchsorted(unit.sentences, [span.start for span in placed], "right").tolist()
            self._sentences += len(unit.sentences)
            self._having.update(
                label for _, label in {(at, span.label) for at, span in zip(within, placed, strict=True)}
            )

    def finish(self, splits: Sequence[Counts], findings: Findings, rare: int) -> None:
        """Report on the labels; ``rare`` is how many spans to learn from are enough."""
        totals = sum((counts.labels for counts in splits), Counter[str]())
        for one, other in combinations(sorted(totals), 2):
            if why := alike(one, other):
                rarer = min(one, other, key=lambda label: (totals[label], label))
                places = self._of(rarer) + self._of(other if rarer == one else one)
                details = {"labels": {label: totals[label] for label in (one, other)}}
                findings.put("label-spelling", f"{one} and {other}: {why}", totals[rarer], places, details)
        learned = [counts for counts in splits if counts.split.trains]
        known = sum((counts.labels for counts in learned), Counter[str]())
        for label, count in sorted(known.items()):
            if count < rare:
                places = [place for counts in learned for place in self._of(label, counts)]
                what = f"{label}: {count} span{'s' * (count != 1)}, fewer than {rare}"
                findings.put("rare-label", what, count, places, {"label": label})
        self._everywhere(learned, findings)
        for counts in splits:
            if counts.split.trains or not learned:
                continue
            for label in sorted(set(counts.labels) - set(known)):
                what = f"{label} is in {counts.split.name}, not in the training data"
                where = {"label": label, "split": counts.split.name}
                findings.put("unseen-label", what, counts.labels[label], self._of(label, counts), where)
            for label in sorted(set(known) - set(counts.labels)):
                places = [place for other in learned for place in self._of(label, other)]
                where = {"label": label, "split": counts.split.name}
                findings.put("absent-label", f"{label} is not in {counts.split.name}", known[label], places, where)

    def _everywhere(self, learned: Sequence[Counts], findings: Findings) -> None:
        for label, count in sorted(self._having.items()):
            if count == self._sentences >= ENOUGH:
                places = [place for counts in learned for place in self._of(label, counts)]
                findings.put("label-everywhere", f"{label} is in all sentences", count, places, {"label": label})

    def _of(self, label: str, counts: Counts | None = None) -> list[Place]:
        found = [
            places
            for (other, number), places in self._places.items()
            if other == label and (counts is None or number == counts.split.number)
        ]
        return [place for places in found for place in places]


def alike(one: str, other: str) -> str:
    """Why two labels may be meant to be one, or ""."""
    if one.casefold() == other.casefold():
        return "they differ by case"
    left, right = (
        "".join(character for character in label.casefold() if character.isalnum()) for label in (one, other)
    )
    if left == right and left:
        return "they differ by punctuation"
    short, long = sorted((left, right), key=len)
    # Numbered labels differ on purpose, and so do A-B and A-B-C.
    if len(short) >= 3 and long.startswith(short) and long[len(short)].isalpha():
        words = max(one, other, key=len)
        if words[len(short) : len(short) + 1].isalpha() and not _new_word(words, len(short)):
            return "one is short for the other"
    if len(short) >= 5 and _one_edit(short, long):
        return "they differ by one letter"
    return ""


def _new_word(label: str, at: int) -> bool:
    """Whether a word begins here, as in ProductLine."""
    return label[at].isupper() and label[at - 1].islower()


def _one_edit(short: str, long: str) -> bool:
    """Whether one letter, changed, added or swapped with its neighbour, makes one string of the other."""
    at = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) == len(long):
        if short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]:
            return True
        return not (short[at] + long[at]).isdigit() and short[at + 1 :] == long[at + 1 :]
    return len(long) == len(short) + 1 and not long[at].isdigit() and short[at:] == long[at + 1 :]
