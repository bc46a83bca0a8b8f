"""What went wrong in one text: wrong predictions paired with what they should have been, and the kind of each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elman.data.document import Span

Kind = Literal["missed", "spurious", "label", "bounds", "label and bounds"]
"""What is wrong. Each wrong span, gold or predicted, is in one mistake, so that the kinds add up."""

KINDS: tuple[Kind, ...] = ("missed", "spurious", "label", "bounds", "label and bounds")

Bounds = Literal["left", "right", "both", "split", "merged"]
"""How the bounds are wrong."""

BOUNDS: tuple[Bounds, ...] = ("left", "right", "both", "split", "merged")


class Mistake(NamedTuple):
    """A gold span that was not found, a predicted one that is wrong, or both if they are about the same thing.

    Attributes:
        gold: what should be there; None of a spurious span.
        predicted: what was predicted; None of a missed span.
        bounds: of a pair whose bounds differ, how. Of a span without a partner, ``split`` or ``merged`` if it is
            ``beside`` such a pair; else None.
        beside: the further pieces of a split span, or the further spans that were merged; each of these is also
            a mistake of its own, missed or spurious.
    """

    gold: Span | None
    predicted: Span | None
    bounds: Bounds | None = None
    beside: tuple[Span, ...] = ()

    @property
    def kind(self) -> Kind:
        """What is wrong."""
        if self.predicted is None:
            return "missed"
        if self.gold is None:
            return "spurious"
        if self.gold.label == self.predicted.label:
            return "bounds"
        return "label" if self.bounds is None else "label and bounds"


def mistakes(gold: Sequence[Span], predicted: Sequence[Span]) -> list[Mistake]:
    """What is wrong in one text, in the order of the text.

    Spans that match exactly are taken away first, each as often as it is there on both sides. Of what remains,
    a gold and a predicted span that overlap are paired, one to one, the best overlap first: the greatest
    Jaccard index of their characters, then the same label, then the earlier spans. The order in which spans
    are given changes nothing.

    A gold span is *split* if at least two wrong predictions that do not overlap each other overlap it, and gold
    spans are *merged* if a wrong prediction overlaps at least two of them that were not found and do not overlap
    each other. If a pair is both, it counts as split. Otherwise the bounds are wrong on the ``left``, the
    ``right`` or on ``both`` sides.

    Args:
        gold: spans of one layer of a text.
        predicted: likewise, of the same text.
    """
    lost, wrong = _without_matches(gold, predicted)
    touching = _overlaps(lost, wrong)
    over_gold: list[list[int]] = [[] for _ in lost]
    over_wrong: list[list[int]] = [[] for _ in wrong]
    for at, other in touching:
        over_gold[at].append(other)
        over_wrong[other].append(at)
    partners = _pairs(lost, wrong, touching)
    pairs = [
        _paired(lost[at], wrong[to], [wrong[other] for other in over_gold[at]], [lost[one] for one in over_wrong[to]])
        for at, to in partners.items()
    ]
    # By identity: a span may be there twice.
    apart = {id(span): pair.bounds for pair in pairs for span in pair.beside}
    taken = set(partners.values())
    alone = [Mistake(span, None, apart.get(id(span))) for at, span in enumerate(lost) if at not in partners]
    alone += [Mistake(None, span, apart.get(id(span))) for to, span in enumerate(wrong) if to not in taken]
    return sorted(pairs + alone, key=_place)


def _paired(gold: Span, predicted: Span, wrong: Sequence[Span], lost: Sequence[Span]) -> Mistake:
    """The mistake of two partners.

    Args:
        gold: the one.
        predicted: the other.
        wrong: all the wrong predictions that overlap ``gold``.
        lost: all the gold spans without a match that overlap ``predicted``.
    """
    left, right = gold.start != predicted.start, gold.end != predicted.end
    if not (left or right):
        return Mistake(gold, predicted)
    if _apart(wrong):
        return Mistake(gold, predicted, "split", tuple(span for span in wrong if span is not predicted))
    if _apart(lost):
        return Mistake(gold, predicted, "merged", tuple(span for span in lost if span is not gold))
    return Mistake(gold, predicted, "both" if left and right else "left" if left else "right")


def _place(mistake: Mistake) -> tuple[int, int, bool, str]:
    span = mistake.gold or mistake.predicted
    assert span is not None
    return span.start, span.end, mistake.gold is None, span.label


def _without_matches(gold: Sequence[Span], predicted: Sequence[Span]) -> tuple[list[Span], list[Span]]:
    """The spans of either side that have no exact match on the other, in the order of the text."""
    matched = Counter(span.key for span in gold) & Counter(span.key for span in predicted)
    sides = []
    for spans in (gold, predicted):
        left, rest = Counter(matched), []
        for span in sorted(spans, key=_order):
            if left[span.key]:
                left[span.key] -= 1
            else:
                rest.append(span)
        sides.append(rest)
    return sides[0], sides[1]


def _order(span: Span) -> tuple[int, int, str, float]:
    return span.start, span.end, span.label, -1.0 if span.score is None else span.score


def _overlaps(one: Sequence[Span], other: Sequence[Span]) -> list[tuple[int, int]]:
    """Which spans overlap, as pairs of indices: a sweep from left to right."""
    sides, open_spans = (one, other), ([], [])  # type: tuple[Sequence[Span], Sequence[Span]], tuple[list[int], list[int]]
    begins = sorted((span.start, side, at) for side, spans in enumerate(sides) for at, span in enumerate(spans))
    pairs = []
    for start, side, at in begins:
        opposite = open_spans[1 - side]
        opposite[:] = [index for index in opposite if sides[1 - side][index].end > start]
        pairs += [(index, at) if side else (at, index) for index in opposite]
        open_spans[side].append(at)
    return pairs


def _pairs(gold: Sequence[Span], predicted: Sequence[Span], touching: Sequence[tuple[int, int]]) -> dict[int, int]:
    """For each gold span that has one, its partner."""

    def rank(pair: tuple[int, int]) -> tuple[float, bool, int, int]:
        one, other = gold[pair[0]], predicted[pair[1]]
        shared = min(one.end, other.end) - max(one.start, other.start)
        union = max(one.end, other.end) - min(one.start, other.start)
        # Equal fractions of integers are equal floats too, as division rounds correctly.
        return -shared / union, one.label != other.label, *pair

    partners: dict[int, int] = {}
    taken: set[int] = set()
    for at, other in sorted(touching, key=rank):
        if at not in partners and other not in taken:
            partners[at] = other
            taken.add(other)
    return partners


def _apart(spans: Sequence[Span]) -> bool:
    """Whether two of the spans do not overlap."""
    return len(spans) > 1 and max(span.start for span in spans) >= min(span.end for span in spans)
