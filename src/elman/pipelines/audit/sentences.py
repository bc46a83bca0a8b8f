"""Sentences that come again: in another split, or with other annotations."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter, defaultdict
from hashlib import blake2b
from typing import TYPE_CHECKING

from elman.pipelines.audit.findings import Place, shortened

if TYPE_CHECKING:
    from elman.pipelines.audit.findings import Findings
    from elman.pipelines.audit.unit import Split, Unit

FEWEST = 6
"""Sentences of fewer words come again by nature."""


class Sentences:
    """Takes in all sentences; of each are held on to two digests and where it is.

    Its beginning and its spans in words are held on to once for equal sentences.
    """

    def __init__(self) -> None:
        self._splits: dict[int, Split] = {}
        self._names: list[str] = []
        self._texts: dict[int, str] = {}
        self._ways: dict[int, str] = {}
        self._words = array("Q")
        self._spans = array("Q")
        # Of each sentence the split, the document, start, end, and whether it is the whole of its document.
        self._where = array("q")

    def add(self, unit: Unit) -> None:
        """Take in a document's sentences."""
        self._splits[unit.split.number] = unit.split
        ranges = list(unit.ranges())
        if all(stop - first < FEWEST for first, stop in ranges):
            return
        document = len(self._names)
        self._names.append(unit.name)
        by_sentence: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
        starts = unit.sentences.tolist()
        for start, end, label in unit.alignment.token_spans:
            sentence = bisect_right(starts, start) - 1
            by_sentence[sentence].append((start - starts[sentence], end - starts[sentence], label))
        known = not any(region.layer == unit.layer for region in unit.document.unknown)
        for number, (first, stop) in enumerate(ranges):
            if stop - first < FEWEST:
                continue
            text = " ".join(unit.words[first:stop])
            key = _digest(text)
            self._texts.setdefault(key, shortened(text, 60))
            start, end = int(unit.offsets[first, 0]), int(unit.offsets[stop - 1, 1])
            self._words.append(key)
            # What nobody annotated contradicts nothing.
            self._spans.append(self._way(unit.words[first:stop], by_sentence.get(number, [])) if known else 0)
            self._where.extend((unit.split.number, document, start, end, len(ranges) == 1))

    def _way(self, words: list[str], spans: list[tuple[int, int, str]]) -> int:
        key = _digest(repr((words, spans)) if spans else "")
        if key not in self._ways:
            told = "; ".join(f"{' '.join(words[start:end])} = {label}" for start, end, label in spans)
            self._ways[key] = shortened(told) if spans else "no span"
        return key

    def finish(self, findings: Findings) -> None:
        """Report sentences of several splits, and sentences with several annotations."""
        first_of: dict[int, int] = {}
        again: dict[int, list[int]] = {}
        for number, key in enumerate(self._words):
            if key in first_of:
                again.setdefault(key, [first_of[key]]).append(number)
            else:
                first_of[key] = number
        for key, numbers in again.items():
            self._leak(findings, key, numbers)
            annotations = Counter(self._spans[number] for number in numbers if self._spans[number])
            if len(annotations) > 1:
                # The rarer ones first: that is where mistakes are.
                rare = sorted(numbers, key=lambda number: annotations[self._spans[number]])
                one_each = list({self._spans[number]: number for number in reversed(rare)}.values())[::-1]
                places = [self._place(number) for number in dict.fromkeys([*one_each, *rare])]
                ways = {self._ways[way]: count for way, count in annotations.most_common()}
                told = " / ".join(f"{way} ({count}×)" for way, count in ways.items())
                details = {"ways": [{"spans": way, "count": count} for way, count in ways.items()]}
                findings.put("annotation-conflict", f"{self._texts[key]}: {told}", len(numbers), places, details)

    def _leak(self, findings: Findings, key: int, numbers: list[int]) -> None:
        splits = {self._where[5 * number] for number in numbers}
        # Documents of one sentence are compared as documents.
        if len(splits) < 2 or all(self._where[5 * number + 4] for number in numbers):
            return
        home = min(splits, key=lambda split: (not self._splits[split].trains, split))
        strangers = [number for number in numbers if self._where[5 * number] != home]
        at_home = next(number for number in numbers if self._where[5 * number] == home)
        names = [self._splits[split].name for split in sorted(splits)]
        places = [self._place(number) for number in [at_home, *strangers[: findings.examples]]]
        what = f"{self._texts[key]} ({', '.join(names)})"
        findings.put("sentence-leak", what, len(strangers), places, {"splits": names})

    def _place(self, number: int) -> Place:
        split, document, start, end, _ = self._where[5 * number : 5 * number + 5]
        return Place(self._splits[split].name, self._names[document], start, end, self._texts[self._words[number]])


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()) | 1
