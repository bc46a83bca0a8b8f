"""Words that the training data, or the vectors, do not have."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from elman.pipelines.audit.findings import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elman.features.vectors import Coverage, Vectors
    from elman.pipelines.audit.counts import Counts
    from elman.pipelines.audit.findings import Findings
    from elman.pipelines.audit.unit import Unit


class Words:
    """Counts every word of every split, and knows where each stands first."""

    def __init__(self) -> None:
        self._counts: dict[int, Counter[str]] = {}
        self._first: dict[str, tuple[str, str, int]] = {}

    def add(self, unit: Unit) -> None:
        """Take in a document's words."""
        words = unit.words
        self._counts.setdefault(unit.split.number, Counter()).update(words)
        new = [word for word in set(words) if word not in self._first]
        if new:
            starts = unit.offsets[:, 0].tolist()
            # Backwards, so that the first place is what stays.
            firsts = dict(zip(reversed(words), reversed(starts), strict=True))
            self._first.update({word: (unit.split.name, unit.name, firsts[word]) for word in new})

    def finish(self, splits: Sequence[Counts], findings: Findings) -> None:
        """Report words of other splits that the training data lack, and complete the splits' counts."""
        known: set[str] = set()
        trained = False
        for counts in splits:
            counts.words = len(self._counts.get(counts.split.number, ()))
            if counts.split.trains:
                trained = True
                known |= self._counts.get(counts.split.number, Counter()).keys()
        unseen: Counter[str] = Counter()
        for counts in splits:
            if counts.split.trains or not trained:
                continue
            words = self._counts.get(counts.split.number, Counter())
            missing = {word: words[word] for word in words.keys() - known}
            counts.unseen_words = sum(missing.values())
            unseen.update(missing)
        for word, count in _ranked(unseen):
            findings.put("unseen-word", word, count, [self._place(word)])

    def cover(self, splits: Sequence[Counts], vectors: Vectors, findings: Findings) -> dict[str, Coverage]:
        """Report words without a vector; gives the coverage of each split."""
        total: Counter[str] = Counter()
        coverage = {}
        for counts in splits:
            own = self._counts.get(counts.split.number, Counter())
            total.update(own)
            coverage[counts.split.name] = vectors.coverage(own)
        words = list(total)
        rows, _ = vectors.find(words)
        missing = Counter({words[at]: total[words[at]] for at in np.flatnonzero(rows < 0).tolist()})
        for word, count in _ranked(missing):
            findings.put("uncovered-word", word, count, [self._place(word)])
        return coverage

    def _place(self, word: str) -> Place:
        split, document, start = self._first[word]
        return Place(split, document, start, start + len(word), word)


def _ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
