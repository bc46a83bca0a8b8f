"""Entity strings and their labels: strings under several labels, labels that compete, strings never seen."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elman.pipelines.audit.counts import Counts
    from elman.pipelines.audit.findings import Findings, Place
    from elman.pipelines.audit.unit import Unit

KEPT = 3
"""So many places are held on to of each string under each label."""


class Pair(NamedTuple):
    """Two labels that compete.

    Attributes:
        labels: the two, in alphabetical order.
        strings: how many strings occur under both.
        spans: how many of these strings' spans have the label that is rarer for the string.
        neighbours: how often the one stands right before the other, white space apart.
        example: the most frequent of the strings, or "".
    """

    labels: tuple[str, str]
    strings: int
    spans: int
    neighbours: int
    example: str

    def to_json(self) -> dict[str, object]:
        """The fields, in JSON's types."""
        return {**self._asdict(), "labels": list(self.labels)}


class Mentions:
    """All entity strings, white space made even, with their labels, counts by split, and first places."""

    def __init__(self) -> None:
        self._counts: dict[str, dict[str, Counter[int]]] = {}
        self._places: dict[tuple[str, str], list[Place]] = {}
        self._neighbours: Counter[tuple[str, str]] = Counter()

    def add(self, unit: Unit) -> None:
        """Take in a document's spans."""
        text, split = unit.text, unit.split.number
        last = None
        for span in unit.spans:
            string = " ".join(text[span.start : span.end].split())
            labels = self._counts.setdefault(string, {})
            labels.setdefault(span.label, Counter())[split] += 1
            places = self._places.setdefault((string, span.label), [])
            if len(places) < KEPT:
                places.append(unit.place_of(span))
            if last is not None and last.label != span.label and span.start >= last.end:
                between = text[last.end : span.start]
                if not between.strip() and "\n" not in between:
                    self._neighbours[_pair(last.label, span.label)] += 1
            last = span

    def pairs(self) -> list[Pair]:
        """Label pairs that compete, those with the most spans first."""
        strings: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for string, labels in self._counts.items():
            if len(labels) > 1:
                totals = {label: counts.total() for label, counts in labels.items()}
                for one, other in combinations(totals, 2):
                    strings[_pair(one, other)][string] = min(totals[one], totals[other])
        pairs = [
            Pair(
                labels,
                len(strings[labels]),
                strings[labels].total(),
                self._neighbours[labels],
                next((string for string, _ in strings[labels].most_common(1)), ""),
            )
            for labels in {*strings, *self._neighbours}
        ]
        return sorted(pairs, key=lambda pair: (-pair.spans, -pair.neighbours, pair.labels))

    def finish(self, splits: Sequence[Counts], findings: Findings) -> None:
        """Report conflicts and unseen strings, and complete the splits' counts."""
        trains = {counts.split.number for counts in splits if counts.split.trains}
        conflicts, unseen = [], []
        for string, labels in self._counts.items():
            by_split: Counter[int] = Counter()
            for label, numbers in labels.items():
                by_split.update(numbers)
                for number in numbers:
                    splits[number].strings[label] += 1
            if len(labels) > 1:
                conflicts.append((by_split.total(), string))
            if not trains & set(by_split):
                unseen.append((by_split, string))
        for total, string in _ranked(conflicts):
            self._conflict(string, total, findings)
        if trains:
            self._unseen(unseen, splits, findings)

    def _unseen(self, unseen: list[tuple[Counter[int], str]], splits: Sequence[Counts], findings: Findings) -> None:
        for counts in splits:
            if not counts.split.trains:
                counts.unseen_entities = sum(by_split[counts.split.number] for by_split, _ in unseen)
        for total, string in _ranked([(by_split.total(), string) for by_split, string in unseen]):
            labels = self._counts[string]
            places = [place for label in labels for place in self._places[string, label]]
            findings.put("unseen-entity", string, total, places, {"labels": _totals(labels)})

    def _conflict(self, string: str, total: int, findings: Findings) -> None:
        totals = _totals(self._counts[string])
        told = ", ".join(f"{label} {count}" for label, count in totals.items())
        # The rarest label first: that is where mistakes are.
        places = [place for label in reversed(totals) for place in self._places[string, label]]
        findings.put("label-conflict", f"{string}: {told}", total, places, {"string": string, "labels": totals})


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one <= other else (other, one)


def _totals(labels: dict[str, Counter[int]]) -> dict[str, int]:
    totals = Counter({label: counts.total() for label, counts in labels.items()})
    return dict(sorted(totals.items(), key=lambda item: (-item[1], item[0])))


def _ranked(found: list[tuple[int, str]]) -> list[tuple[int, str]]:
    return sorted(found, key=lambda item: (-item[0], item[1]))
