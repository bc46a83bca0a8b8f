"""Which scheme a file's tags are in, found out from the tags, and their decoding while it is found out."""

from __future__ import annotations

from collections import Counter
from itertools import chain, pairwise, repeat
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from elman.data.align import to_spans
from elman.data.document import ENTITIES, Span
from elman.data.schemes import OUTSIDE, PREFIXED_IO, SCHEMES, Decoder, Scheme, TagError, TokenSpan
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from elman.data.schemes import Repair
    from elman.data.tag_ids import Chunks


_MANY = 100
"""Documents of so many tags are decoded as arrays."""

_LABELS = 200
"""Of so many labels; the arrays grow with the square."""


class DetectionError(DataError):
    """Tags that are in no scheme; ``tag`` is the one that fits least, None where all are equally at fault."""

    def __init__(self, problem: str, tag: str | None) -> None:
        super().__init__(problem)
        self.tag = tag

    def __reduce__(self) -> tuple[type[DetectionError], tuple[str, str | None]]:  # type: ignore[override]
        return type(self), (self.problem, self.tag)


class Detected(NamedTuple):
    """The scheme that tags were found to be in, the evidence, and how many tags other than O were seen."""

    scheme: Scheme
    evidence: str
    tagged: int


def detect(sequences: Iterable[Sequence[str]]) -> Detected:
    """Find out which scheme tags are in: the one with all their prefixes that forbids the fewest of them.

    Tags that are all bare labels are IO. Those that are all ``I-`` are ``PREFIXED_IO``: they are also what
    IOB1 and IOE1 have where no spans touch. Where nothing but O is seen, IOB2 is assumed.

    Args:
        sequences: sentences; as many as are needed to be sure.

    Raises:
        DetectionError: if no scheme has all the prefixes; the message lists them.
    """
    # One O stands for the end of a sentence and the start of the next.
    apart = [OUTSIDE]
    borders = 1
    for tags in sequences:
        apart += tags
        apart.append(OUTSIDE)
        borders += 1
    counts, pairs = Counter(apart), Counter(pairwise(apart))
    counts[OUTSIDE] -= borders
    return detect_counted(counts, pairs)


def detect_counted(counts: Counter[str], pairs: Mapping[tuple[str, str], int]) -> Detected:
    """As ``detect``, from tags that have been counted.

    Args:
        counts: how often each tag is there.
        pairs: how often each tag stands before each other; the start and the end of a sentence are O. Those of O
            and O may be left out.

    Raises:
        DetectionError: as ``detect`` does.
    """
    counts = counts.copy()
    outside = counts.pop(OUTSIDE, 0)
    tagged = counts.total()
    if not tagged:
        return Detected(SCHEMES["IOB2"], "only O was seen, so IOB2 is assumed", 0)
    seen: Counter[str] = Counter()
    for tag, count in counts.items():
        seen[_prefix(tag)] += count
    letters = {"", *"".join(known.prefixes for known in SCHEMES.values())}
    rarest = min(counts, key=lambda tag: (not _lacks_label(tag), _prefix(tag) in letters, seen[_prefix(tag)]))
    if "" in seen:
        return _detect_bare(counts, outside, seen[""], rarest)
    candidates = [candidate for candidate in SCHEMES.values() if set(seen) <= set(candidate.prefixes)]
    listed = ", ".join(f"{prefix}- ({count})" for prefix, count in seen.most_common())
    if not candidates:
        known = "; ".join(f"{known.name} has {' '.join(known.prefixes)}" for known in SCHEMES.values())
        raise DetectionError(
            f"the tags have the prefixes {listed}, and no scheme has all of them: {known}; "
            f"mend tags such as {rarest!r}, or name the column that the tags are really in",
            rarest,
        )
    broken = {
        candidate.name: sum(count for pair, count in pairs.items() if not candidate.allows(*pair))
        for candidate in candidates
    }
    name = min(broken, key=broken.__getitem__)
    verdict = f"{name} forbids {broken[name]} of them" if broken[name] else f"{name} allows all of them"
    others = ", ".join(f"{other} forbids {count}" for other, count in broken.items() if count > broken[name])
    chosen = PREFIXED_IO if name == "IO" else SCHEMES[name]
    return Detected(chosen, f"prefixes {listed}: {verdict}" + (f" ({others})" if others else ""), tagged)


def _prefix(tag: str) -> str:
    return tag[0] if len(tag) > 2 and tag[1] == "-" else ""


def _lacks_label(tag: str) -> bool:
    """Whether a tag is a prefix and nothing else, which is a fault however many there are."""
    return len(tag) == 2 and tag[0] in "BIELSUMW" and tag[1] == "-"


def _detect_bare(counts: Counter[str], outside: int, bare: int, rarest: str) -> Detected:
    """IO, if tags without prefixes can be labels at all and are not, say, a column of words."""
    tagged = counts.total()
    some = ", ".join(repr(tag) for tag, _ in counts.most_common(5))
    if all(len(tag) > 2 and tag[0] in "BIELSUMW" and not tag[1].isalnum() for tag in counts):
        raise DetectionError(f"expected a hyphen after the prefix of a tag, as in B-PER, got {some}", rarest)
    if bare < tagged or len(counts) > outside or "" in counts:
        raise DetectionError(
            f"expected tags such as O and B-PER, got {outside} times O and {tagged} times something else, "
            f"of which {bare} have no prefix (most frequent: {some}); "
            f"mend tags such as {rarest!r}, or name the column that the tags are really in",
            rarest if bare < tagged else None,
        )
    return Detected(SCHEMES["IO"], f"labels without prefixes ({some}) beside O", tagged)


class TagReader:
    """Decodes the tags of a file, document by document, in the scheme that was found from its beginning.

    A beginning of only O, or of only ``I-``, leaves open which scheme it is; then it is found from what
    follows, provided that what was read before reads the same in it.

    Args:
        found: the scheme.
        repair: what to do with tags that it forbids.
        guessed: whether the scheme was found out, not said.

    Attributes:
        found: the scheme as it is known now.
        repairs: how many tags have been changed.
    """

    def __init__(self, found: Detected, repair: Repair, guessed: bool) -> None:
        self.found = found
        self.repairs = 0
        self._repair = repair
        self._guessed = guessed
        self._decoder: Decoder | None = None
        self._decoded: Scheme | None = None
        self._labels: tuple[str, ...] = ()
        self._ids: dict[str, int] = {}

    def decode(self, tags: Sequence[str], starts: Sequence[int]) -> list[TokenSpan]:
        """The spans of a document.

        Args:
            tags: its sentences' tags, one after the other.
            starts: where each sentence starts, and at last the number of tags.

        Raises:
            TagError: as ``Scheme.decode`` does, with the position in the document.
            DataError: as ``detect`` does.
        """
        self._look(tags, starts)
        scheme = self.found.scheme
        # O between sentences keeps them apart as their start and end do, and one call is faster than many.
        apart: list[str] = []
        for start, end in pairwise(starts):
            apart += tags[start:end]
            apart.append(OUTSIDE)
        try:
            spans, repairs = scheme.decode(apart, self._repair)
        except TagError:
            for start, end in pairwise(starts):
                try:
                    scheme.decode(tags[start:end], self._repair)
                except TagError as error:
                    raise TagError(error.problem, start + min(error.position, end - start - 1)) from None
            raise
        self.repairs += repairs
        if len(starts) == 2:
            return list(spans)
        before = [start + number for number, start in enumerate(starts)]
        shifts = (np.searchsorted(before, [start for start, _, _ in spans], "right") - 1).tolist()
        return [
            TokenSpan(start - shift, end - shift, label)
            for (start, end, label), shift in zip(spans, shifts, strict=True)
        ]

    def spans(
        self, tags: Sequence[str], starts: Sequence[int], offsets: NDArray[np.integer], layer: str = ENTITIES
    ) -> tuple[Span, ...]:
        """The spans of a document in characters: as ``decode`` and ``to_spans`` give them, but sooner if it is long.

        Args:
            tags: its sentences' tags, one after the other.
            starts: where each sentence starts, and at last the number of tags.
            offsets: the tokens, n x 2.
            layer: the spans' layer.

        Raises:
            TagError: as ``decode`` does.
            DataError: likewise.
        """
        if len(tags) >= _MANY:
            self._look(tags, starts)
            chunks = self._at_once(tags, starts)
            if chunks is not None:
                begins, ends = offsets[chunks.start, 0].tolist(), offsets[chunks.end - 1, 1].tolist()
                labels = map(self._labels.__getitem__, chunks.label.tolist())
                return tuple(map(Span, begins, ends, labels, repeat(layer)))
        return to_spans(self.decode(tags, starts), offsets, layer)

    def _look(self, tags: Sequence[str], starts: Sequence[int]) -> None:
        """Find the scheme out if that is still open."""
        if self._guessed and (not self.found.tagged or self.found.scheme is PREFIXED_IO):
            self._settle([tags[start:end] for start, end in pairwise(starts)])

    def _at_once(self, tags: Sequence[str], starts: Sequence[int]) -> Chunks | None:
        """The chunks of a document without faults; None if it has any, or the arrays would be large."""
        decoder = self._decoder
        if decoder is None or self._decoded is not self.found.scheme or not self._ids.keys() >= set(tags):
            decoder = self._learn(tags)
            if decoder is None:
                return None
        ids = np.fromiter(map(self._ids.__getitem__, tags), np.intp, len(tags))
        begins = np.array(starts[:-1])
        return decoder.decode(ids, begins) if decoder.allows(ids, begins) else None

    def _learn(self, tags: Sequence[str]) -> Decoder | None:
        """A decoder for all labels so far; None if there are too many, or tags that the scheme writes otherwise."""
        scheme = self.found.scheme
        before = self._labels if self._decoded is scheme else ()
        try:
            labels = dict.fromkeys((*before, *(scheme.parse(tag)[1] for tag in sorted({*tags}) if tag != OUTSIDE)))
        except DataError:
            return None
        if len(labels) > _LABELS:
            return None
        self._labels = tuple(labels)
        self._decoder, self._decoded = scheme.decoder(self._labels), scheme
        self._ids = {tag: number for number, tag in enumerate(self._decoder.tags)}
        return self._decoder if self._ids.keys() >= set(tags) else None

    def _settle(self, sentences: Sequence[Sequence[str]]) -> None:
        tags = set(chain.from_iterable(sentences)) - {OUTSIDE}
        if not self.found.tagged and tags:
            self.found = detect(sentences)
        elif not all(map(self.found.scheme.has, tags)):
            found = detect(sentences)
            # These two read what is I- alone as IO does; any other scheme would have read it otherwise.
            if found.scheme.name in ("IOB1", "IOE1"):
                self.found = found
