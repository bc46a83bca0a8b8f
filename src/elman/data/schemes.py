"""Tag schemes as tables: one table drives encoding, decoding, checking, repair and the CRF's constraints.

A scheme says of each ordered pair of tags whether the second may follow the first, and if it may, whether
it continues the same chunk or stands across a boundary. All else follows from that. IOB1 is from Ramshaw
and Marcus (1995), IOB2, IOE1 and IOE2 from Tjong Kim Sang and Veenstra (1999), BILUO from Ratinov and Roth
(2009).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, compress, count, pairwise, product
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from elman.data.tag_ids import Constraints as Constraints
from elman.data.tag_ids import Decoder as Decoder
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

Repair = Literal["refuse", "conlleval", "drop"]
"""What happens to tags that the scheme forbids where they stand.

``refuse``: the first one is an error. ``conlleval``: a tag that cannot continue a chunk starts one, and a
chunk ends where the next tag cannot continue it, as in ``startOfChunk`` and ``endOfChunk`` of that script.
``drop``: the tags of a chunk that is not well formed become O.
"""

OUTSIDE = "O"
_FORBIDDEN, _INSIDE, _BOUNDARY = 0, 1, 2
# A cell of a table: what a pair of tags means if their labels are the same, and if they are not (O has none).
_CELLS = {
    "|": (_BOUNDARY, _BOUNDARY),
    "x": (_FORBIDDEN, _FORBIDDEN),
    "-": (_INSIDE, _FORBIDDEN),
    "~": (_INSIDE, _BOUNDARY),
    "=": (_BOUNDARY, _FORBIDDEN),
}
# What the verdict means to a decoder: bit 1, a boundary; bit 2, not allowed (which reads as a boundary).
_CODES = {_INSIDE: 0, _BOUNDARY: 1, _FORBIDDEN: 3}


class TokenSpan(NamedTuple):
    """A labelled run of tokens; ``start`` and ``end`` are token indices, the end exclusive."""

    start: int
    end: int
    label: str


class Fault(NamedTuple):
    """A place where a tag is not the scheme's or is forbidden after the one before it.

    Attributes:
        position: the tag's index; the number of tags if the sequence must not end as it does.
        tag: the tag, or None at the end.
        previous: the tag before it, or None at the start.
        problem: what is wrong, in words.
    """

    position: int
    tag: str | None
    previous: str | None
    problem: str


class TagError(DataError):
    """A tag sequence that cannot be decoded; ``position`` is the index of the tag at fault."""

    def __init__(self, problem: str, position: int) -> None:
        super().__init__(problem)
        self.position = position

    def __reduce__(self) -> tuple[type[TagError], tuple[str, int]]:  # type: ignore[override]
        return type(self), (self.problem, self.position)


class Decoded(NamedTuple):
    """The spans of a tag sequence, ascending, and how many tags the repair changed to get them."""

    spans: tuple[TokenSpan, ...]
    repairs: int


class Converted(NamedTuple):
    """A sequence in another scheme, how many tags were repaired, and the spans that it cannot keep apart."""

    tags: list[str]
    repairs: int
    inexpressible: list[TokenSpan]


class _Codes(dict[tuple[str, str], int]):
    """Pairs of tags to what they mean to a decoder (O after O: 0, nothing happens), filled on demand."""

    # Labels come from files; without a limit a process that lives long would collect them for ever.
    LIMIT = 1 << 16

    def __init__(self, scheme: Scheme) -> None:
        super().__init__()
        self.scheme = scheme

    def __missing__(self, pair: tuple[str, str]) -> int:
        if len(self) >= self.LIMIT:
            self.clear()
        (before, label_before), (after, label_after) = map(self.scheme.parse, pair)
        code = _CODES[self.scheme.step(before, after, label_before == label_after)]
        self[pair] = 0 if before == after == OUTSIDE else code
        return self[pair]


@dataclass(frozen=True)
class Scheme:
    """A tag scheme.

    Attributes:
        name: its name in ``SCHEMES``.
        prefixes: the prefixes of its tags besides O.
        table: a row for O and each prefix (the earlier tag), in it a cell for O and each prefix (the later).
            ``|`` a boundary; ``x`` forbidden; ``-`` the same chunk, forbidden if the labels differ;
            ``~`` the same chunk, a boundary if the labels differ; ``=`` a boundary, forbidden if they differ.
            The start and the end of a sequence count as O.
        aliases: other names for it, upper case.
        bare: whether tags are written as the label alone (``PER``, not ``I-PER``); both are read.
    """

    name: str
    prefixes: str
    table: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    bare: bool = False

    def parse(self, tag: str) -> tuple[str, str]:
        """Split a tag into prefix and label, all that follows the first hyphen; O is ``("O", "")``.

        Raises:
            DataError: if the tag is not one of this scheme's.
        """
        if tag == OUTSIDE:
            return OUTSIDE, ""
        if len(tag) > 2 and tag[1] == "-" and tag[0] in self.prefixes:
            return tag[0], tag[2:]
        if self.bare and tag:
            return self.prefixes, tag
        expected = ", ".join(f"{prefix}-LABEL" for prefix in self.prefixes)
        raise DataError(
            f"{tag!r} is not a tag of the scheme {self.name}, which has O, {expected}; "
            "name the scheme or the column that the tags are really in"
        )

    def tag(self, prefix: str, label: str) -> str:
        """Write a tag: the inverse of ``parse``."""
        if prefix == OUTSIDE:
            return OUTSIDE
        if self.bare and label != OUTSIDE and not (len(label) > 2 and label.startswith(f"{prefix}-")):
            return label
        return f"{prefix}-{label}"

    def tags(self, labels: Sequence[str]) -> tuple[str, ...]:
        """The inventory of tags for these labels: O, then each label with each prefix.

        Raises:
            DataError: if a label is empty or occurs twice.
        """
        if not all(labels) or len(set(labels)) < len(labels):
            raise DataError(f"labels have to be distinct and not empty, got {list(labels)}")
        return (OUTSIDE, *(self.tag(prefix, label) for label in labels for prefix in self.prefixes))

    def encode(self, spans: Iterable[TokenSpan], length: int) -> list[str]:
        """Write spans as tags.

        Spans that the scheme cannot keep apart, or hold together, are written all the same, each token with its
        label; ``inexpressible`` names them.

        Args:
            spans: in any order.
            length: how many tokens, and so tags, there are.

        Raises:
            DataError: if spans overlap, lie outside the sequence, or have no label.
        """
        ordered = sorted(spans)
        tags = [OUTSIDE] * length
        end_before, label_before = 0, ""
        for at, (start, end, label) in enumerate(ordered):
            if start < 0 or end <= start or end > length or not label:
                raise DataError(
                    f"expected a labelled span within {length} tokens, got {tuple(ordered[at])}; "
                    "indices count tokens, and the end is exclusive"
                )
            if start < end_before:
                raise DataError(
                    f"tags cannot hold spans that overlap, got {tuple(ordered[at - 1])} and "
                    f"{tuple(ordered[at])}; choose between them first, as align does"
                )
            left = start == end_before and label == label_before
            right = ordered[at + 1 : at + 2] != [] and ordered[at + 1][::2] == (end, label)
            first, middle, last = (self.tag(letter, label) for letter in self._spell(left, end - start, right))
            tags[start:end] = [first, *[middle] * (end - start - 2), last] if end - start > 1 else [first]
            end_before, label_before = end, label
        return tags

    def inexpressible(self, spans: Iterable[TokenSpan]) -> list[TokenSpan]:
        """The spans that this scheme's tags cannot keep apart from the span before them, or cannot hold together."""
        if (False, 2, False) not in self._spellings:
            return [span for span in sorted(spans) if span.end - span.start > 1]
        if (True, 1, False) in self._spellings:
            return []
        return [later for earlier, later in pairwise(sorted(spans)) if earlier[1:] == later[::2]]

    def decode(self, tags: Sequence[str], repair: Repair) -> Decoded:
        """Read the spans out of the tags of one sentence.

        Args:
            tags: the tags.
            repair: what to do where the scheme forbids a tag.

        Raises:
            TagError: under ``refuse`` at the first tag that is forbidden where it stands, and under any
                policy at a tag that is not the scheme's.
        """
        try:
            codes = list(map(self._codes.__getitem__, pairwise(chain((OUTSIDE,), tags, (OUTSIDE,)))))
        except DataError:
            foreign = next(fault for fault in self.check(tags) if not self.has(fault.tag))
            raise TagError(foreign.problem, foreign.position) from None
        spans = self._chunks(tags, codes)
        if max(codes) < _CODES[_FORBIDDEN]:
            return Decoded(tuple(spans), 0)
        if repair == "refuse":
            fault = self.check(tags)[0]
            advice = "name the scheme that the tags are in, or choose the repair conlleval or drop"
            raise TagError(f"{fault.problem}; {advice}", fault.position)
        if repair == "drop":
            spans = [span for span in spans if self._is_formed(tags, span)]
        mended = self.encode(spans, len(tags))
        return Decoded(tuple(spans), sum(before != after for before, after in zip(tags, mended, strict=True)))

    def check(self, tags: Sequence[str]) -> list[Fault]:
        """All the faults of one sentence, ascending; to the next tag, one that is not the scheme's is O."""
        faults = []
        previous: str | None = None
        for position, tag in enumerate((*tags, None)):
            before = previous if previous is not None and self.has(previous) else OUTSIDE
            place = "the end" if tag is None else f"tag {position} ({tag!r})"
            problem = ""
            try:
                if self._codes[before, OUTSIDE if tag is None else tag] == _CODES[_FORBIDDEN]:
                    after = "at the start" if previous is None else f"after {previous!r}"
                    problem = f"{place} stands {after}, which the scheme {self.name} forbids"
            except DataError as error:
                problem = f"tag {position}: {error.problem}"
            if problem:
                faults.append(Fault(position, tag, previous, problem))
            previous = tag
        return faults

    def allows(self, before: str, after: str) -> bool:
        """Whether the second tag may follow the first; for the start and the end of a sequence give O."""
        return self._codes[before, after] != _CODES[_FORBIDDEN]

    def has(self, tag: str | None) -> bool:
        """Whether this is one of the scheme's tags, whatever its label; None, the end of a sequence, is."""
        try:
            return tag is None or bool(self.parse(tag))
        except DataError:
            return False

    def constraints(self, labels: Sequence[str]) -> Constraints:
        """Which of the tags ``tags(labels)`` may start a sequence, follow one another, and end it."""
        transition = self._verdicts(labels) != _FORBIDDEN
        return Constraints(transition[0].copy(), transition, transition[:, 0].copy())

    def decoder(self, labels: Sequence[str]) -> Decoder:
        """What turns ids of ``tags(labels)`` into chunks, many sentences at once."""
        joined = self._verdicts(labels) == _INSIDE
        _, label = self._indices(labels)
        return Decoder(self.tags(labels), tuple(labels), self.constraints(labels), joined, label)

    def step(self, before: str, after: str, same: bool) -> int:
        """The table's verdict on two prefixes: 0 forbidden, 1 the same chunk, 2 a boundary between them."""
        return self._steps[before, after][0 if same else 1]

    @cached_property
    def _steps(self) -> dict[tuple[str, str], tuple[int, int]]:
        letters = OUTSIDE + self.prefixes
        return {
            (before, after): _CELLS[cell]
            for before, row in zip(letters, self.table, strict=True)
            for after, cell in zip(letters, row, strict=True)
        }

    @cached_property
    def _codes(self) -> _Codes:
        return _Codes(self)

    def _indices(self, labels: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Of each tag in the inventory the index of its prefix (O is 0) and of its label (O has -1)."""
        place = np.arange(len(self.tags(labels)), dtype=np.int32) - 1
        prefix = np.where(place < 0, 0, place % len(self.prefixes) + 1).astype(np.int32)
        return prefix, place // len(self.prefixes)

    def _verdicts(self, labels: Sequence[str]) -> NDArray[np.int64]:
        """The table's verdict on each pair of tags in the inventory, K x K."""
        letters = OUTSIDE + self.prefixes
        steps = np.array([[self._steps[p, q] for q in letters] for p in letters])
        prefix, label = self._indices(labels)
        same, different = np.moveaxis(steps[prefix[:, None], prefix[None, :]], -1, 0)
        verdicts: NDArray[np.int64] = np.where(label[:, None] == label[None, :], same, different)
        return verdicts

    def _spell(self, left: bool, length: int, right: bool) -> str:
        """The prefixes of a chunk's first, middle and last token, given if chunks of its label touch it."""
        found, size = self._spellings, min(length, 3)
        letters = found.get((left, size, right)) or found.get((False, size, False)) or found[False, 1, False]
        return letters[0] + letters[len(letters) // 2] + letters[-1]

    @cached_property
    def _spellings(self) -> dict[tuple[bool, int, bool], str]:
        """A chunk's prefixes by the table; neighbours of length 1 and chunks of up to 3 stand for all."""
        spellings = {}
        for left, length, right in product((False, True), (1, 2, 3), (False, True)):
            steps = [_BOUNDARY] * (1 + left) + [_INSIDE] * (length - 1) + [_BOUNDARY] * (1 + right)
            found = self._search(OUTSIDE, steps)
            if found is not None:
                spellings[left, length, right] = found[left : left + length]
        return spellings

    def _search(self, letters: str, steps: list[int]) -> str | None:
        """The prefixes after the first letter that take these steps to an O; None if there are none."""
        if len(steps) == 1:
            return letters[1:] if self.step(letters[-1], OUTSIDE, False) == steps[0] else None
        for letter in self.prefixes:
            if self.step(letters[-1], letter, letters != OUTSIDE) == steps[0]:
                found = self._search(letters + letter, steps[1:])
                if found is not None:
                    return found
        return None

    def _chunks(self, tags: Sequence[str], codes: list[int]) -> list[TokenSpan]:
        """The chunks between the boundaries, of which the codes say on which side of which tag they are."""
        chunks = []
        labels: dict[str, str] = {}
        start = -1
        for position in compress(count(), codes):
            if start >= 0:
                tag = tags[start]
                label = labels.get(tag) or labels.setdefault(tag, self.parse(tag)[1])
                chunks.append(TokenSpan(start, position, label))
            start = position if position < len(tags) and tags[position] != OUTSIDE else -1
        return chunks

    def _is_formed(self, tags: Sequence[str], span: TokenSpan) -> bool:
        """Whether the scheme allows a chunk to begin and end so, beside its neighbours or on its own."""
        start, end, _ = span
        before = (OUTSIDE, tags[start - 1] if start else OUTSIDE)
        after = (OUTSIDE, tags[end] if end < len(tags) else OUTSIDE)
        return any(self.allows(tag, tags[start]) for tag in before) and any(
            self.allows(tags[end - 1], tag) for tag in after
        )


def _closed(name: str, prefixes: str, *aliases: str) -> Scheme:
    """A scheme whose prefixes are those of a first, a middle, a last and an only token."""
    return Scheme(name, prefixes, ("||xx|", "xx--x", "xx--x", "||xx|", "||xx|"), aliases)


SCHEMES: dict[str, Scheme] = {
    entry.name: entry
    for entry in (
        Scheme("IO", "I", ("||", "|~"), bare=True),
        Scheme("IOB2", "BI", ("||x", "||-", "||-"), ("BIO", "IOB", "BIO2")),
        Scheme("IOB1", "IB", ("||x", "|~=", "|~="), ("BIO1",)),
        Scheme("IOE2", "IE", ("|||", "x--", "|||")),
        Scheme("IOE1", "IE", ("|||", "|~~", "x==")),
        _closed("IOBES", "BIES", "BIOES"),
        _closed("BMEWO", "BMEW", "BMEOW"),
        _closed("BILUO", "BILU", "BILOU", "BIOLU"),
    )
}
"""The schemes by name; where tags fit several, ``detect`` takes the first of this order."""

PREFIXED_IO = replace(SCHEMES["IO"], bare=False)
"""IO as files have it in which all tags are ``I-LABEL``; a tag with another prefix is none of its own."""

TOKEN = Scheme("TOKEN", "I", ("||", "||"), bare=True)
"""Each token has a label of its own, as a part of speech: a span is one token, and O is a token without a label.

It is none of ``SCHEMES``: tags alone never show that they are not IO, so it has to be said."""


def scheme(name: str) -> Scheme:
    """The scheme of this name or alias, in any case.

    Raises:
        DataError: if there is none; the message lists what there is.
    """
    wanted = name.upper()
    named = (*SCHEMES.values(), TOKEN)
    for candidate in named:
        if wanted == candidate.name or wanted in candidate.aliases:
            return candidate
    known = ", ".join("/".join((known.name, *known.aliases)) for known in named)
    raise DataError(f"there is no tag scheme {name!r}; choose one of {known}")


def convert(tags: Sequence[str], source: Scheme, target: Scheme, repair: Repair) -> Converted:
    """Rewrite the tags of one sentence in another scheme; raises what ``Scheme.decode`` raises."""
    spans, repairs = source.decode(tags, repair)
    return Converted(target.encode(spans, len(tags)), repairs, target.inexpressible(spans))
