"""Equal and nearly equal documents, within a split and across splits, in a time that grows as the text does.

Equal texts have the same words in the same order, white space apart; they are found by their digests. How
alike others are is the share of their runs of three words, without difference of case, that they have in common
(Jaccard), estimated from minima of hashes (Broder, *On the resemblance and containment of documents*, 1997);
pairs worth estimating are those that agree in one of several bands of minima. Held on to for a document are
256 bytes, its name and its beginning, not its text.
"""

from __future__ import annotations

from collections import defaultdict
from hashlib import blake2b
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from elman.pipelines.audit.findings import Place, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from elman.pipelines.audit.findings import Findings
    from elman.pipelines.audit.unit import Split, Unit

ALIKE = 0.7
"""Documents of which this share of the runs of words is common are nearly equal."""

FEWEST = 8
"""Documents of fewer words are too short to be nearly equal: one word more or less is another text."""

RUN = 3
"""Words in a run."""

_MINIMA, _BANDS = 64, 16  # of two texts alike to 0.7 the estimate is off by 0.06, and 1.2 % are overlooked
_BATCH = 1 << 16  # words
_EXCERPT = 60  # characters


class _Kept(NamedTuple):
    split: int
    name: str
    length: int
    excerpt: str


class Duplicates:
    """Takes in all documents and then reports those that are alike."""

    def __init__(self) -> None:
        self._documents: list[_Kept] = []
        self._splits: dict[int, Split] = {}
        self._equal: dict[bytes, list[int]] = {}
        self._numbers: defaultdict[str, int] = defaultdict(count().__next__)
        self._waiting: list[tuple[int, NDArray[np.int64]]] = []
        self._words = 0
        self._owners: list[int] = []
        self._minima: list[NDArray[np.uint32]] = []
        random = np.random.default_rng(1997)
        odd = random.integers(0, 1 << 63, (2, _MINIMA), dtype=np.uint64) * np.uint64(2) + np.uint64(1)
        self._factors, self._shifts = odd

    def add(self, unit: Unit) -> None:
        """Take in a document."""
        words = unit.text.split()
        if not words:
            return
        self._splits[unit.split.number] = unit.split
        number = len(self._documents)
        excerpt = shortened(" ".join(words[:_EXCERPT]), _EXCERPT)
        self._documents.append(_Kept(unit.split.number, unit.name, len(unit.text), excerpt))
        key = blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=12).digest()
        same = self._equal.setdefault(key, [])
        same.append(number)
        # A further copy is as alike to others as the first.
        if len(same) == 1 and len(unit.folded) >= FEWEST:
            folded = unit.folded
            ids = np.fromiter(map(self._numbers.__getitem__, folded), np.int64, len(folded))
            self._waiting.append((number, ids))
            self._words += len(folded)
            if self._words > _BATCH:
                self._digest()

    def _digest(self) -> None:
        """The minima of the documents that are waiting."""
        if not self._waiting:
            return
        lengths = np.array([len(ids) for _, ids in self._waiting])
        ids = np.concatenate([ids for _, ids in self._waiting]).astype(np.uint64)
        runs = _mixed(ids[:-2] + _mixed(ids[1:-1] + _mixed(ids[2:])))
        ends = np.cumsum(lengths)
        inside = np.ones(len(ids), bool)
        inside[ends - 1] = inside[ends - 2] = False
        runs = runs[inside[: len(runs)]]
        starts = np.concatenate(([0], np.cumsum(lengths - RUN + 1)[:-1]))
        minima = np.empty((len(lengths), _MINIMA), np.uint32)
        for column, (factor, shift) in enumerate(zip(self._factors, self._shifts, strict=True)):
            hashes = (runs * factor + shift) >> np.uint64(32)
            minima[:, column] = np.minimum.reduceat(hashes, starts)
        self._owners += [number for number, _ in self._waiting]
        self._minima.append(minima)
        self._waiting, self._words = [], 0

    def finish(self, findings: Findings) -> None:
        """Report equal documents, then nearly equal ones."""
        self._digest()
        groups = list(self._equal.values())
        for group in groups:
            if len(group) > 1:
                self._report(findings, group, "the same text", "leak", "duplicate")
        copies = {group[0]: group for group in groups}
        for firsts, alike in self._alike():
            splits = {number: {self._documents[copy].split for copy in copies[number]} for number in firsts}
            share = f"about {alike:.0%} of their runs of three words are the same"
            self._report(findings, firsts, share, "near-leak", "near-duplicate", splits)

    def _report(
        self,
        findings: Findings,
        group: Sequence[int],
        why: str,
        across: str,
        within: str,
        splits: dict[int, set[int]] | None = None,
    ) -> None:
        """A group as a finding across splits, if it is in several, and as one within each that has it twice."""
        where = splits or {number: {self._documents[number].split} for number in group}
        every = set().union(*where.values())
        home = min(every, key=lambda split: (not self._splits[split].trains, split))
        ordered = sorted(group, key=lambda number: (self._documents[number].split != home, number))
        title = self._documents[ordered[0]].excerpt
        # Documents that have an equal one at home are a leak already, and no near one.
        strangers = [number for number in ordered if home not in where[number]]
        if strangers:
            at_home = next(number for number in ordered if home in where[number])
            names = ", ".join(self._splits[split].name for split in sorted(every))
            findings.put(
                across,
                f"{title} ({why}; {names})",
                len(strangers),
                self._places([at_home, *strangers]),
                {"splits": [self._splits[split].name for split in sorted(every)]},
            )
        for split in sorted(every):
            own = [number for number in ordered if self._documents[number].split == split]
            if len(own) > 1:
                name = self._splits[split].name
                findings.put(within, f"{title} ({why}; {name})", len(own) - 1, self._places(own), {"splits": [name]})

    def _places(self, numbers: Iterable[int]) -> Iterator[Place]:
        for number in numbers:
            document = self._documents[number]
            yield Place(self._splits[document.split].name, document.name, 0, document.length, document.excerpt)

    def _alike(self) -> Iterator[tuple[list[int], float]]:
        """Groups of documents, each alike to another of its group; and how alike the least alike such pair is."""
        if not self._owners:
            return
        minima = np.concatenate(self._minima)
        parents = list(range(len(minima)))
        least: dict[int, float] = {}
        for one, other, alike in _pairs(minima):
            left, right = _root(parents, one), _root(parents, other)
            if left != right:
                parents[max(left, right)] = min(left, right)
                least[min(left, right)] = min(alike, least.get(left, 1.0), least.get(right, 1.0))
        groups: dict[int, list[int]] = defaultdict(list)
        for row in range(len(parents)):
            groups[_root(parents, row)].append(self._owners[row])
        for root, group in groups.items():
            if len(group) > 1:
                yield group, least[root]


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Numbers spread over all 64 bits (the finalizer of splitmix64)."""
    values = values * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _pairs(minima: NDArray[np.uint32]) -> Iterator[tuple[int, int, float]]:
    """Pairs of rows that are alike: of those that share a band each with the first."""
    for band in np.split(minima, _BANDS, axis=1):
        keys = np.zeros(len(band), np.uint64)
        for column in band.T:
            keys = _mixed(keys ^ column.astype(np.uint64))
        order = np.argsort(keys, kind="stable")
        new = np.concatenate(([True], keys[order][1:] != keys[order][:-1]))
        firsts = order[np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))]
        one, other = firsts[~new], order[~new]
        for start in range(0, len(one), _BATCH):
            a, b = one[start : start + _BATCH], other[start : start + _BATCH]
            alike = (minima[a] == minima[b]).mean(axis=1)
            near = alike >= ALIKE
            yield from zip(a[near].tolist(), b[near].tolist(), alike[near].tolist(), strict=True)


def _root(parents: list[int], row: int) -> int:
    while parents[row] != row:
        parents[row] = parents[parents[row]]
        row = parents[row]
    return row
