"""What nobody annotated: the tags that say so, and the tokens that lie in such regions. Unknown is not O."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from elman.data.document import ENTITIES, Region
from elman.data.ledger import OTHER_LAYER, Ledger
from elman.data.schemes import OUTSIDE
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from elman.data.ledger import Kind
    from elman.data.schemes import Scheme

MARKS = frozenset({"-", "?", "-100"})
"""What stands in a column of tags where nobody said what the tag is."""

MARK = "-"
"""What is written there, unless the file that was read has another mark."""

META = "unknown"
"""Where a document's ``meta`` has that mark, if it is not ``MARK``."""

UNTOUCHED = "region that is not annotated, in which no token is, or only such as a span covers"
WIDENED = "region that is not annotated: its rims are now those of the tokens that it touches"
PARTED = "region that is not annotated, which a span or the end of a sentence parts"
TOUCHING = "region that is not annotated and touches another"


class Uncovered(NamedTuple):
    """Tags with O in the place of every mark, and the marks as they were.

    Attributes:
        tags: what a scheme can read.
        places: the indices of the marks, ascending.
        marks: the mark at each of them.
    """

    tags: Sequence[str]
    places: list[int]
    marks: list[str]


def check_mark(mark: str, scheme: Scheme) -> None:
    """Refuse to write a mark that would be read as a tag.

    Raises:
        UsageError: if it is one of the scheme's tags, or empty.
    """
    if not mark or (mark not in MARKS and scheme.has(mark)):
        known = ", ".join(sorted(MARKS))
        raise UsageError(
            f"expected a mark for unknown tags that is no tag of the scheme {scheme.name}, got {mark!r}; "
            f"choose one of {known}"
        )


def uncover(tags: Sequence[str], marks: frozenset[str] = MARKS) -> Uncovered:
    """Take the marks out of tags; to the scheme an unknown tag stands as O does.

    Args:
        tags: of any number of sentences.
        marks: which tags say that the tag is unknown.
    """
    if marks.isdisjoint(tags):
        return Uncovered(tags, [], [])
    places = [at for at, tag in enumerate(tags) if tag in marks]
    found = [tags[at] for at in places]
    known = list(tags)
    for at in places:
        known[at] = OUTSIDE
    return Uncovered(known, places, found)


class MarkReader:
    """Takes the marks out of a file's tags, document by document, and says in a note how many there were.

    Args:
        unknown: the tag that says that the tag is unknown; None for all of ``MARKS``, "" for none.
        notes: where the note goes, once there is something to say; such as ``ReadReport.notes``.

    Attributes:
        marks: what counts as one.
    """

    def __init__(self, unknown: str | None, notes: list[str]) -> None:
        self.marks = MARKS if unknown is None else frozenset(filter(None, (unknown,)))
        self._notes = notes
        self._counts: Counter[str] = Counter()
        self._place = -1
        self._outside = False

    def uncover(self, tags: Sequence[str]) -> Uncovered:
        """As the function does, and counted."""
        self._outside = self._outside or OUTSIDE in tags
        found = uncover(tags, self.marks)
        if found.places:
            self._counts.update(found.marks)
            if self._place < 0:
                self._place = len(self._notes)
                self._notes.append("")
            self._notes[self._place] = self._note()
        return found

    def _note(self) -> str:
        marks = ", ".join(f"{mark!r} ({count:,})" for mark, count in self._counts.most_common())
        doubt = "" if self._outside else "; no tag is O, so ask whether they are meant to be O"
        return f"tags that count as unknown, not as O: {marks}{doubt}; the option unknown names another one, or none"


def regions_of(
    places: Iterable[int], offsets: NDArray[np.integer], sentences: Iterable[int] = (0,), layer: str = ENTITIES
) -> tuple[Region, ...]:
    """The regions that unknown tokens make: one for each run of them within a sentence.

    Args:
        places: indices of unknown tokens, ascending.
        offsets: all tokens, n x 2.
        sentences: indices of the tokens that begin a sentence.
        layer: the regions' layer.
    """
    runs = _runs(places, sentences)
    return tuple(Region(int(offsets[first, 0]), int(offsets[end - 1, 1]), layer) for first, end in runs)


def _runs(places: Iterable[int], sentences: Iterable[int]) -> list[tuple[int, int]]:
    """Runs of indices, half-open; none goes on into a further sentence."""
    breaks = set(sentences)
    runs: list[tuple[int, int]] = []
    for at in places:
        if runs and at == runs[-1][1] and at not in breaks:
            runs[-1] = runs[-1][0], at + 1
        else:
            runs.append((at, at + 1))
    return runs


def unknown_tokens(
    regions: Iterable[Region], offsets: NDArray[np.integer], spans: Iterable[tuple[int, int, str]] = ()
) -> NDArray[np.bool_]:
    """Which tokens lie in a region, wholly or in part.

    Args:
        regions: of one layer.
        offsets: the tokens, n x 2.
        spans: spans on these tokens, which are known wherever they lie.

    Returns:
        For each token whether nobody said what it is.
    """
    unknown = np.zeros(len(offsets), np.bool_)
    for region in regions:
        head, tail = _touched(region, offsets)
        unknown[head:tail] = True
    for start, end, _ in spans:
        unknown[start:end] = False
    return unknown


def _touched(region: Region, offsets: NDArray[np.integer]) -> tuple[int, int]:
    """The tokens that lie in a region, wholly or in part: a half-open range."""
    head = np.searchsorted(offsets[:, 1], region.start, side="right")
    return int(head), int(np.searchsorted(offsets[:, 0], region.end, side="left"))


def account_for(
    regions: Iterable[Region],
    unknown: NDArray[np.bool_],
    offsets: NDArray[np.integer],
    sentences: Iterable[int] = (0,),
    layer: str = ENTITIES,
) -> Ledger:
    """What becomes of regions where only tokens can be marked as unknown.

    Args:
        regions: a document's, of all layers.
        unknown: for each token whether it is marked, from ``unknown_tokens``.
        offsets: the tokens, n x 2.
        sentences: indices of the tokens that begin a sentence.
        layer: the one layer that is written.
    """
    places = np.flatnonzero(unknown).tolist()
    made = regions_of(places, offsets, sentences, layer)
    starts, ends = (np.array([run[rim] for run in _runs(places, sentences)], np.int64) for rim in (0, 1))
    ledger = Ledger()
    shared: list[tuple[int, int, Region]] = []  # of each region the marked runs that it is in
    for region in regions:
        head, tail = _touched(region, offsets)
        first, last = int(np.searchsorted(ends, head, "right")), int(np.searchsorted(starts, tail, "left"))
        if region.layer != layer:
            ledger += Ledger.counted("refused", OTHER_LAYER, 1, "region")
        elif first >= last:
            ledger += Ledger.counted("refused", UNTOUCHED, 1, "region")
        else:
            shared.append((first, last, region))
    groups: list[tuple[int, int, list[Region]]] = []
    for first, last, region in sorted(shared, key=lambda one: one[:2]):
        if groups and first < groups[-1][1]:
            begun, so_far, together = groups[-1]
            groups[-1] = begun, max(so_far, last), [*together, region]
        else:
            groups.append((first, last, [region]))
    for first, last, together in groups:
        fate: tuple[Kind, str] = ("kept", "") if together[0] == made[first] else ("moved", WIDENED)
        if len(together) > 1:
            fate = "joined", TOUCHING
        elif last - first > 1:
            fate = "split", PARTED
        pieces = last - first if fate[0] in ("joined", "split") else 0
        ledger += Ledger.counted(*fate, len(together), "region", pieces)
    return ledger
