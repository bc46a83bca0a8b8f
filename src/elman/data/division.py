"""Documents divided into parts: by document or by group, the same text never in two, with a like mix of labels."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from elman.data.document import ENTITIES
from elman.data.split import digest_of, hashed
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from elman.data.document import Document


class Traits(NamedTuple):
    """What decides on which side a document goes.

    Attributes:
        text: a digest of its text; the same text stays together.
        group: the group that it is in, None where there are none; a group stays together.
        labels: how often it has each label; only where parts are to have equal shares of each.
    """

    text: bytes
    group: str | None = None
    labels: tuple[tuple[str, int], ...] = ()


class Division(NamedTuple):
    """Documents on sides.

    Attributes:
        parts: for each document the index of its part, in the order given.
        duplicates: how many documents have a text that stood before.
        joined: how many groups went together with another because a text is in both.
    """

    parts: list[int]
    duplicates: int
    joined: int


def divide(
    documents: Iterable[Document],
    shares: Sequence[float],
    seed: int,
    *,
    group: str | None = None,
    stratify: bool = False,
) -> Division:
    """Divide documents into parts, so that no text and no group is in two of them.

    Without ``stratify`` the part depends on the seed and on the text, or the group, and hardly on the rest: of
    data that grow, nearly all stays where it was. With it, each part gets its share of every label, the rarest
    first (iterative stratification, Sechidis, Tsoumakas and Vlahavas, 2011, with spans counted).

    Args:
        documents: any number; of each only a few bytes are held.
        shares: how large each part is to be; they are made to sum to 1.
        seed: any whole number.
        group: the key in ``meta`` that names a document's group; by default each is its own.
        stratify: whether each part is to have the same mix of labels.

    Raises:
        DataError: if a document has no such key, or there are fewer different texts or groups than parts.
        UsageError: if there are not two parts, or a share is not above 0.
    """
    if len(shares) < 2 or not all(0 < share < float("inf") for share in shares):
        raise UsageError(f"expected the shares of two or more parts, each above 0, got {list(shares)}")
    traits = [_traits(document, number, seed, group, stratify) for number, document in enumerate(documents, 1)]
    units, joined = _units(traits, seed)
    if len(units) < len(shares):
        what = "documents with different texts" if group is None else f"groups by {group!r} with different texts"
        raise DataError(f"expected at least {len(shares)} {what} for {len(shares)} parts, got {len(units)}")
    wanted = [share / sum(shares) for share in shares]
    chosen = _stratified(units, traits, wanted) if stratify else _in_order(units, wanted)
    parts = [0] * len(traits)
    for unit, part in zip(units, chosen, strict=True):
        for index in unit:
            parts[index] = part
    return Division(parts, len(traits) - len({each.text for each in traits}), joined)


def label_counts(document: Document) -> Counter[str]:
    """How often a document has each label: its entities' and its own; if it has neither, those of other layers."""
    counts = Counter(span.label for span in document.layer(ENTITIES))
    counts.update(document.labels)
    return counts or Counter(f"{span.layer}:{span.label}" for span in document.spans)


def _traits(document: Document, number: int, seed: int, group: str | None, stratify: bool) -> Traits:
    name = None
    if group is not None:
        name = group_of(document, group, number)
    labels = tuple(sorted(label_counts(document).items())) if stratify else ()
    return Traits(digest_of(document, seed), name, labels)


def group_of(document: Document, key: str, number: int) -> str:
    """The group that a document says it is in.

    Args:
        document: with the key in ``meta``.
        key: of ``meta``.
        number: of the document, counted from 1, for the message.

    Raises:
        DataError: if it has no such key, or a list or an object there.
    """
    value = document.meta.get(key)
    if value is None or isinstance(value, (list, dict)):
        which = f"document {number}" if document.id is None else f"document {number} ({document.id!r})"
        if value is None:
            there = f"it has {', '.join(document.meta)}" if document.meta else "it has no meta at all"
            raise DataError(f"{which} has no {key!r} in its meta to group by; {there}")
        raise DataError(f"{which} has a {type(value).__name__} as {key!r}; expected a string or a number to group by")
    return str(value)


def _units(traits: Sequence[Traits], seed: int) -> tuple[list[list[int]], int]:
    """What has to stay together, in an order that looks random, and how many groups a common text joined."""
    leaders = list(range(len(traits)))

    def leader(index: int) -> int:
        while leaders[index] != index:
            leaders[index] = leaders[leaders[index]]
            index = leaders[index]
        return index

    firsts: dict[bytes | str, int] = {}
    for index, each in enumerate(traits):
        for name in (each.text, each.group):
            if name is not None:
                # The first of all leads, so that the order of the rest is kept.
                low, high = sorted((leader(index), leader(firsts.setdefault(name, index))))
                leaders[high] = low
    members: defaultdict[int, list[int]] = defaultdict(list)
    for index in range(len(traits)):
        members[leader(index)].append(index)

    names: dict[str | None, bytes] = {each.group: hashed(each.group, seed) for each in traits if each.group is not None}

    def key(unit: list[int]) -> bytes:
        return min(names.get(traits[index].group, traits[index].text) for index in unit)

    grouped = sum(any(traits[index].group is not None for index in unit) for unit in members.values())
    return sorted(members.values(), key=key), len(names) - grouped


def _in_order(units: Sequence[Sequence[int]], shares: Sequence[float]) -> list[int]:
    """Parts by place: the first units to the first part until it is full, and none left empty."""
    total, ends, done = sum(map(len, units)), [], 0.0
    for share in shares:
        done += share
        ends.append(done * total)
    parts: list[int] = []
    part, before = 0, 0
    for place, unit in enumerate(units):
        # A part takes what lies more in it than behind it, but leaves one for each part that is to come.
        while part < len(shares) - 1 and parts and parts[-1] == part and before + len(unit) / 2 > ends[part]:
            part += 1
        if len(units) - place < len(shares) - part and parts and parts[-1] == part:
            part += 1
        parts.append(part)
        before += len(unit)
    return parts


def _stratified(units: Sequence[Sequence[int]], traits: Sequence[Traits], shares: Sequence[float]) -> list[int]:
    """Parts by what they still lack: label by label, the rarest first, then what has no label."""
    counts = [_summed(traits[index].labels for index in unit) for unit in units]
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for unit, labels in enumerate(counts):
        for label in labels:
            holders[label].append(unit)
    if not holders:
        raise DataError("expected labels to stratify by, got documents without any; leave out the stratifying")
    totals = _summed(labels.items() for labels in counts)
    lacking = [{label: share * total for label, total in totals.items()} for share in shares]
    room = [share * len(traits) for share in shares]
    chosen = [-1] * len(units)

    def put(unit: int, part: int) -> None:
        chosen[unit] = part
        room[part] -= len(units[unit])
        for label, count in counts[unit].items():
            lacking[part][label] -= count

    parts = range(len(shares))
    for label in sorted(holders, key=lambda name: (len(holders[name]), name)):
        # The largest first: what comes last can still even out.
        for unit in sorted((unit for unit in holders[label] if chosen[unit] < 0), key=lambda at: -counts[at][label]):
            put(unit, max(parts, key=lambda part: (lacking[part][label], room[part])))
    for unit in sorted((unit for unit, part in enumerate(chosen) if part < 0), key=lambda at: -len(units[at])):
        put(unit, max(parts, key=room.__getitem__))
    return _none_empty(chosen, [len(unit) for unit in units], len(shares))


def _none_empty(chosen: list[int], sizes: Sequence[int], parts: int) -> list[int]:
    """With few units a small part may have got none: it gets the smallest of the part that has the most."""
    for part in set(range(parts)) - set(chosen):
        giver, _ = Counter(chosen).most_common(1)[0]
        chosen[min((unit for unit in range(len(chosen)) if chosen[unit] == giver), key=sizes.__getitem__)] = part
    return chosen


def _summed(counts: Iterable[Iterable[tuple[str, int]]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for pairs in counts:
        for label, count in pairs:
            total[label] += count
    return total
