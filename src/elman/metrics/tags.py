"""Tag sequences as they come from a tagger, made ready to be counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from elman.data.detection import Detected
from elman.data.schemes import OUTSIDE, PREFIXED_IO, Repair
from elman.data.schemes import scheme as named
from elman.errors import DataError, UsageError
from elman.metrics.comparison import Comparison
from elman.metrics.tag_schemes import SIDES, detect_sides
from elman.metrics.tag_spans import Forbidden, as_iob2, count_pairs, inventory, read, tagged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from elman.data.schemes import Scheme
    from elman.metrics.tag_spans import TagSpans

_CONLLEVAL = ("IOB1", "IOB2", "IOE1", "IOE2")
"""Schemes whose tags conlleval reads as they are; IO too, if it has prefixes."""


@dataclass(frozen=True, eq=False)
class TagComparison:
    """Gold and predicted tags of the same sequences, and how they were read.

    Attributes:
        comparison: their spans. The units are the sequences, the offsets are token indices in them.
        schemes: the scheme of the gold and of the predicted tags.
        evidence: for each, how it is known.
        repair: what was done where the scheme forbids a tag.
        repairs: how many tags of each side were changed so.
        tokens: how many tokens there are.
        count_agreeing: what counts ``agreeing``.
    """

    comparison: Comparison
    schemes: tuple[str, str]
    evidence: tuple[str, str]
    repair: Repair
    repairs: tuple[int, int]
    tokens: int
    count_agreeing: Callable[[], int] = field(repr=False)

    @cached_property
    def agreeing(self) -> int:
        """How many tokens have the same tag on both sides.

        Tags of IOB1, IOB2, IOE1 and IOE2 are compared as they are, unless some were dropped; others as they would
        be in IOB2, for so conlleval needs them.
        """
        return self.count_agreeing()

    @property
    def accuracy(self) -> float:
        """The share of the tokens whose tags agree; 0.0 if there are none."""
        return self.agreeing / self.tokens if self.tokens else 0.0

    def notes(self) -> list[str]:
        """What a reader has to know: the schemes, how they are known, and what was repaired."""
        said = []
        for side, scheme, evidence, repairs in zip(SIDES, self.schemes, self.evidence, self.repairs, strict=True):
            repaired = f"; {repairs} tags repaired, policy {self.repair}" if repairs else ""
            said.append(f"{side} tags: {scheme} ({evidence}){repaired}")
        return said


class _Numbers(dict[str, int]):
    """Numbers for tags, in the order in which they are met."""

    def __missing__(self, tag: str) -> int:
        self[tag] = number = len(self)
        return number


def compare_tags(
    gold: Iterable[Sequence[str]],
    predicted: Iterable[Sequence[str]],
    *,
    scheme: str | None = None,
    repair: Repair = "conlleval",
) -> TagComparison:
    """Gather the spans of gold and predicted tags.

    Args:
        gold: sequences of tags, ``[["B-PER", "O"], ...]``; a sequence may be empty.
        predicted: likewise, of the same lengths.
        scheme: the scheme of both sides, or None to find it out. It is found from the gold tags, and taken for the
            predicted ones too unless they are clearly in another.
        repair: what to do where the scheme forbids a tag.

    Raises:
        DataError: if the sides do not have as many sequences and tags, tags are not of the scheme or of no scheme,
            or, under ``refuse``, one is forbidden where it stands; the message names the sequence.
        UsageError: if it is not sequences of tags that were given.
    """
    sides = [list(gold), list(predicted)]
    for side, sequences in zip(SIDES, sides, strict=True):
        if any(kind is str for kind in set(map(type, sequences))):
            raise UsageError(f"expected sequences of tags, {side} has {sequences[0]!r}; give a list of lists of tags")
    lengths = _lengths(*sides)
    numbers = _Numbers({OUTSIDE: 0})
    total = int(lengths.sum())
    ids = [
        np.fromiter(map(numbers.__getitem__, chain.from_iterable(sequences)), dtype=np.int32, count=total)
        for sequences in sides
    ]
    wrong = next((tag for tag in numbers if not isinstance(tag, str)), None)
    if wrong is not None:
        raise UsageError(f"expected tags such as 'B-PER', got {wrong!r}; compare_tag_ids takes integers")
    return _compare(ids[0], ids[1], np.cumsum(lengths) - lengths, list(numbers), scheme, repair)


def compare_tag_ids(
    gold: NDArray[np.integer[Any]],
    predicted: NDArray[np.integer[Any]],
    sequence_starts: NDArray[np.integer[Any]],
    tags: Sequence[str],
    *,
    scheme: str | None = None,
    repair: Repair = "conlleval",
) -> TagComparison:
    """As ``compare_tags``, from integers.

    Args:
        gold: n tag ids, the sequences one after the other.
        predicted: n tag ids of the same tokens.
        sequence_starts: where each sequence starts: 0 first, ascending; equal ones are those of empty sequences.
        tags: what each id is written as, such as ``Decoder.tags``.
        scheme: as for ``compare_tags``.
        repair: as for ``compare_tags``.

    Raises:
        DataError: as ``compare_tags`` does.
        UsageError: if the arrays do not fit each other, or an id is not one of the tags.
    """
    starts = np.asarray(sequence_starts, dtype=np.int64)
    names = list(tags)
    if len(set(names)) < len(names):
        raise UsageError(f"each id needs a tag of its own, got {names}")
    for side, ids in zip(SIDES, (gold, predicted), strict=True):
        if ids.ndim != 1 or not np.issubdtype(ids.dtype, np.integer) or len(ids) != len(gold):
            raise UsageError(
                f"expected two arrays of integers, one for each token, got {gold.dtype} {gold.shape} and "
                f"{predicted.dtype} {predicted.shape}"
            )
        if len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < len(names):
            odd = int(np.argmax((ids < 0) | (ids >= len(names))))
            raise UsageError(
                f"{side} has the id {int(ids[odd])} at token {odd}, and tags are given for 0 to {len(names) - 1}; "
                "leave out tokens that are not to be judged"
            )
    first, last = (int(starts[0]), int(starts[-1])) if len(starts) else (0, 0)
    if first != 0 or last > len(gold) or (len(gold) and not len(starts)) or bool((np.diff(starts) < 0).any()):
        raise UsageError(f"sequences have to start at 0, ascend, and stay within {len(gold)} tokens, got {starts}")
    if OUTSIDE not in names:
        names.append(OUTSIDE)
    return _compare(gold, predicted, starts, names, scheme, repair)


def _lengths(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> NDArray[np.int64]:
    """How long the sequences are; they have to be as long on both sides."""
    lengths = list(map(len, gold))
    advice = "compare tags of the same tokens in the same sequences"
    if lengths != (others := list(map(len, predicted))):
        pairs = zip(lengths, others, strict=False)
        at = next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(gold), len(predicted)))
        if at == len(gold) or at == len(predicted):
            short, long = SIDES if at == len(gold) else SIDES[::-1]
            rest = gold[at] if at < len(gold) else predicted[at]
            raise DataError(f"{short} ends after {at} sequences, and {long} goes on with {_shown(rest)}; {advice}")
        one, other = list(gold[at]), list(predicted[at])
        raise DataError(
            f"sequence {at + 1} has {len(one)} tags in gold, {_shown(one)}, and {len(other)} predicted ones, "
            f"{_shown(other)}; {advice}"
        )
    return np.array(lengths, dtype=np.int64)


def _shown(tags: Sequence[str]) -> str:
    """A sequence's tags, the last of them if it is long, where sequences of different lengths differ."""
    return repr(" ".join(map(str, tags))) if len(tags) <= 12 else repr("... " + " ".join(map(str, tags[-10:])))


def _compare(
    gold: NDArray[np.integer[Any]],
    predicted: NDArray[np.integer[Any]],
    starts: NDArray[np.integer[Any]],
    tags: list[str],
    scheme: str | None,
    repair: Repair,
) -> TagComparison:
    if repair not in get_args(Repair):
        raise UsageError(f"there is no repair {repair!r}; choose one of {', '.join(get_args(Repair))}")
    outside = tags.index(OUTSIDE)
    found = [tagged(ids, starts, outside) for ids in (gold, predicted)]
    if scheme is None:
        schemes = detect_sides([count_pairs(side, tags, outside) for side in found], len(gold))
    else:
        schemes = [Detected(named(scheme), "as was said", 0)] * 2
    numbers: dict[str, int] = {}
    spans: list[TagSpans] = []
    for side, tokens, ids, known in zip(SIDES, found, (gold, predicted), schemes, strict=True):
        occurring = np.bincount(tokens.tag, minlength=len(tags)).tolist()
        try:
            meaning = inventory(known.scheme, tags, occurring, numbers)
            spans.append(read(tokens, meaning, repair, outside))
        except DataError as error:
            raise DataError(f"{side} has {error.problem}") from None
        except Forbidden as forbidden:
            raise _refusal(side, known.scheme, ids, starts, tags, forbidden.position) from None
    as_given = all(_is_read_by_conlleval(known.scheme) for known in schemes)
    as_given &= repair != "drop" or not any(side.repairs for side in spans)
    return TagComparison(
        comparison=_comparison(spans, starts, len(gold), list(numbers)),
        schemes=(schemes[0].scheme.name, schemes[1].scheme.name),
        evidence=(schemes[0].evidence, schemes[1].evidence),
        repair=repair,
        repairs=(spans[0].repairs, spans[1].repairs),
        tokens=len(gold),
        count_agreeing=partial(_count_agreeing, (gold, predicted), None if as_given else spans),
    )


def _count_agreeing(ids: Sequence[NDArray[np.integer[Any]]], spans: Sequence[TagSpans] | None) -> int:
    """How many tokens have the same tag: as given, or as these spans have it in IOB2."""
    one, other = ids if spans is None else (as_iob2(side, len(ids[0])) for side in spans)
    return int(np.count_nonzero(one == other))


def _is_read_by_conlleval(scheme: Scheme) -> bool:
    return scheme.name in _CONLLEVAL or scheme is PREFIXED_IO


def _refusal(
    side: str,
    scheme: Scheme,
    ids: NDArray[np.integer[Any]],
    starts: NDArray[np.integer[Any]],
    tags: Sequence[str],
    position: int,
) -> DataError:
    """The error that names the sequence and the tag at a position that the scheme forbids."""
    at = int(np.searchsorted(starts, position, side="right")) - 1
    end = int(starts[at + 1]) if at + 1 < len(starts) else len(ids)
    fault = scheme.check([tags[number] for number in ids[int(starts[at]) : end].tolist()])[0]
    advice = "name the scheme that the tags are in, or choose the repair conlleval or drop"
    return DataError(f"{side}, sequence {at + 1}: {fault.problem}; {advice}")


def _comparison(
    sides: Sequence[TagSpans], starts: NDArray[np.integer[Any]], length: int, labels: list[str]
) -> Comparison:
    """The spans in their sequences; only labels that a span has are kept, sorted."""
    used = np.zeros(len(labels), dtype=np.bool_)
    for side in sides:
        used[side.label] = True
    names = sorted(label for label, there in zip(labels, used.tolist(), strict=True) if there)
    rank = {name: number for number, name in enumerate(names)}
    ranks = np.array([rank.get(label, -1) for label in labels], dtype=np.int64)
    sequence = np.repeat(np.arange(len(starts)), np.diff(starts, append=length))
    rows = []
    for side in sides:
        unit = sequence[side.start]
        begin = starts[unit]
        rows.append(np.stack([unit, side.start - begin, side.end - begin, ranks[side.label]], axis=1, dtype=np.int64))
    return Comparison(tuple(names), rows[0], rows[1], len(starts), "sentence", offsets="token")
