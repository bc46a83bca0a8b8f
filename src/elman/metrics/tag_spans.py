"""Spans out of many tag sequences at once, as arrays, and what a repair policy makes of them.

Most tags are O, and nothing happens there: only the others are looked at, each with the tag before it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.data.schemes import OUTSIDE, TokenSpan
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from elman.data.schemes import Repair, Scheme

_FORBIDDEN, _INSIDE = 0, 1
"""What ``Scheme.step`` says of two tags; 2 is a boundary between them."""


class Tagged(NamedTuple):
    """The tags other than O of sequences that are laid one after the other; k of them.

    Attributes:
        at: k, where they are, ascending.
        tag: k, their ids.
        before: k, the id of the tag before each; that of O at the start of a sequence.
        last: k, boolean: whether O follows, or the end of the sequence.
    """

    at: NDArray[np.intp]
    tag: NDArray[np.integer[Any]]
    before: NDArray[np.integer[Any]]
    last: NDArray[np.bool_]


class TagSpans(NamedTuple):
    """Spans of sequences that are laid one after the other, ascending, and how many tags were repaired.

    Attributes:
        start: the first token.
        end: one past the last token.
        label: an index into the labels.
        repairs: how many tags are not those that the scheme writes for these spans.
    """

    start: NDArray[np.intp]
    end: NDArray[np.intp]
    label: NDArray[np.int32]
    repairs: int


class Forbidden(Exception):  # noqa: N818  # the caller turns it into an error that names the sequence
    """A tag stands where the scheme forbids it; ``position`` is its index, or the index of the tag before the end."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


@dataclass(frozen=True)
class Inventory:
    """What tag ids mean in a scheme.

    Attributes:
        scheme: the scheme.
        prefix: of each id the index of its prefix among O and the scheme's prefixes.
        label: of each id the index of its label, -1 for O.
    """

    scheme: Scheme
    prefix: NDArray[np.uint8]
    label: NDArray[np.int32]

    def steps(self, before: NDArray[np.integer[Any]], tag: NDArray[np.integer[Any]]) -> NDArray[np.uint8]:
        """What the scheme says of pairs of tags, as ``Scheme.step`` does."""
        pair = self.prefix[before] * (1 + len(self.scheme.prefixes)) + self.prefix[tag]
        steps: NDArray[np.uint8] = _steps(self.scheme)[pair * 2 + (self.label[before] == self.label[tag])]
        return steps


def tagged(ids: NDArray[np.integer[Any]], starts: NDArray[np.integer[Any]], outside: int) -> Tagged:
    """Find the tags other than O.

    Args:
        ids: n tag ids, the sequences one after the other.
        starts: where each sequence starts, ascending; those that are equal belong to empty sequences.
        outside: the id of O.
    """
    at = np.flatnonzero(ids != outside)
    tag = ids[at]
    first = np.zeros(len(ids) + 1, dtype=np.bool_)
    first[starts] = True
    follows = np.zeros(len(at) + 1, dtype=np.bool_)
    follows[1:-1] = (np.diff(at) == 1) & ~first[at[1:]]
    before = np.full_like(tag, outside)
    before[follows[:-1]] = tag[follows[1:]]
    return Tagged(at, tag, before, ~follows[1:])


def count_pairs(found: Tagged, tags: Sequence[str], outside: int) -> Counter[tuple[str, str]]:
    """How often each tag stands before each other, the start and the end being O; those of O and O are left out."""
    before = np.concatenate([found.before, found.tag[found.last]]).astype(np.int64)
    after = np.concatenate([found.tag, np.full(int(found.last.sum()), outside)])
    pairs = before * len(tags) + after
    if len(tags) < 1000:
        times = np.bincount(pairs)
        distinct = np.flatnonzero(times)
        times = times[distinct]
    else:
        distinct, times = np.unique(pairs, return_counts=True)
    names = ((tags[pair // len(tags)], tags[pair % len(tags)]) for pair in distinct.tolist())
    return Counter(dict(zip(names, times.tolist(), strict=True)))


def inventory(scheme: Scheme, tags: Sequence[str], occurring: Sequence[int], labels: dict[str, int]) -> Inventory:
    """What ids mean in a scheme.

    Args:
        scheme: the scheme.
        tags: what each id is written as.
        occurring: how often each is there; those that are not may be anything.
        labels: the labels, numbered; new ones are added.

    Raises:
        DataError: if tags that are there are not the scheme's; the message lists them.
    """
    prefix, label = np.zeros(len(tags), dtype=np.uint8), np.full(len(tags), -1, dtype=np.int32)
    foreign: dict[str, int] = {}
    for number, (tag, times) in enumerate(zip(tags, occurring, strict=True)):
        if tag == OUTSIDE or not times:
            continue
        if not scheme.has(tag):
            foreign[tag] = times
            continue
        letter, name = scheme.parse(tag)
        prefix[number] = 1 + scheme.prefixes.index(letter)
        label[number] = labels.setdefault(name, len(labels))
    if foreign:
        listed = ", ".join(f"{tag!r} ({foreign[tag]})" for tag in sorted(foreign, key=lambda tag: -foreign[tag]))
        expected = ", ".join(f"{letter}-LABEL" for letter in scheme.prefixes)
        raise DataError(
            f"tags that are not of the scheme {scheme.name}, which has O, {expected}: {listed}; "
            "name the scheme that they are in, or mend them"
        )
    return Inventory(scheme, prefix, label)


def read(found: Tagged, known: Inventory, repair: Repair, outside: int) -> TagSpans:
    """The spans of the sequences, as ``Scheme.decode`` has them of each.

    Args:
        found: the tags other than O.
        known: what they mean.
        repair: what to do where the scheme forbids a tag.
        outside: the id of O.

    Raises:
        Forbidden: under ``refuse``, at the first tag that the scheme forbids where it stands.
    """
    at, tag, before, last = found
    step = known.steps(before, tag)
    begins = step != _INSIDE
    first = np.flatnonzero(begins)
    final = np.append(first[1:], len(at))[: len(first)] - 1
    # What the scheme says of the step from the last tag of each span to what follows it, and to an O.
    to_outside = known.steps(tag[final], np.full_like(tag[final], outside))
    leaving = np.where(last[final], to_outside, np.append(step, 0)[final + 1])
    spans = TagSpans(at[first], at[final] + 1, known.label[tag[first]], 0)
    wrong_start, wrong_end = step[first] == _FORBIDDEN, leaving == _FORBIDDEN
    if not (wrong_start.any() or wrong_end.any()):
        return spans
    if repair == "refuse":
        raise Forbidden(int(np.concatenate([spans.start[wrong_start], spans.end[wrong_end] - 1]).min()))
    kept = np.ones(len(first), dtype=np.bool_)
    if repair == "drop":
        # A span may begin and end as it does beside its neighbours, or as it would on its own.
        from_outside = known.steps(np.full_like(tag[first], outside), tag[first])
        kept = ~(wrong_start & (from_outside == _FORBIDDEN)) & ~(wrong_end & (to_outside == _FORBIDDEN))
    touching = kept & ~last[final]
    touching[:-1] &= kept[1:] & (spans.label[1:] == spans.label[:-1])
    written = _written(known.scheme, spans.end - spans.start, touching)
    changed = (written != known.prefix[tag]) | ~np.repeat(kept, spans.end - spans.start)
    return TagSpans(spans.start[kept], spans.end[kept], spans.label[kept], int(changed.sum()))


@lru_cache
def _steps(scheme: Scheme) -> NDArray[np.uint8]:
    """The scheme's table, flat: the earlier prefix, the later one, whether the labels are the same."""
    letters = OUTSIDE + scheme.prefixes
    steps = [scheme.step(one, other, same) for one, other, same in product(letters, letters, (False, True))]
    return np.array(steps, dtype=np.uint8)


@lru_cache
def _spellings(scheme: Scheme) -> NDArray[np.uint8]:
    """The prefixes that a scheme writes, 2 x 2 x 4 x 3.

    By whether a span of its label touches it on the left, whether one does on the right, the span's length up to 3,
    and whether the token is its first, between, or its last.
    """
    table = np.zeros((2, 2, 4, 3), dtype=np.uint8)
    for left, right, length in product((0, 1), (0, 1), (1, 2, 3)):
        spans = [TokenSpan(0, 1, "X")] * left + [TokenSpan(left, left + length, "X")]
        spans += [TokenSpan(left + length, left + length + 1, "X")] * right
        tags = scheme.encode(spans, left + length + right)[left : left + length]
        letters = [1 + scheme.prefixes.index(scheme.parse(tag)[0]) for tag in tags]
        table[left, right, length] = letters[0], letters[len(letters) // 2], letters[-1]
    return table


def _written(scheme: Scheme, lengths: NDArray[np.intp], touching: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The prefix that the scheme writes for each token of spans, given which touch the next one of their label."""
    # The place in the flat table of the prefix of each span's first token; the next two are its others'.
    kind = 12 * touching + 3 * np.minimum(lengths, 3)
    kind[1:] += 24 * touching[:-1]
    at = np.repeat(kind + 1, lengths)
    ends = np.cumsum(lengths)
    at[ends - 1] = kind + 2
    at[ends - lengths] = kind
    spelled: NDArray[np.uint8] = _spellings(scheme).ravel()[at]
    return spelled


def as_iob2(spans: TagSpans, length: int) -> NDArray[np.int64]:
    """Each token's tag in IOB2 as a number: 0 is O; of label n, I is 2 n + 1 and B is 2 n + 2."""
    tags = np.zeros(length, dtype=np.int64)
    lengths = spans.end - spans.start
    shift = spans.start - (np.cumsum(lengths) - lengths)
    tags[np.arange(int(lengths.sum())) + np.repeat(shift, lengths)] = np.repeat(2 * spans.label + 1, lengths)
    tags[spans.start] += 1
    return tags
