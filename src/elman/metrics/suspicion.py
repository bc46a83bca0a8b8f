"""Labels that are probably wrong: how surely given probabilities, and the text's other labels, contradict them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from elman.data.document import ENTITIES, Document
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from elman.data.document import Span

Kind = Literal["label", "boundary", "spurious", "missing"]
"""What would be wrong: the label, where the span begins or ends, that it is there, that none is there."""

GAP = 0.5
"""So probable a candidate has to be to be missed."""

_PRIOR = 0.2
# So many mentions of either verdict are added to those that a document has; chosen on the dev set of CoNLL-2003
# against CleanCoNLL, where anything from 0.05 to 1 ranks nearly as well.


class Belief(NamedTuple):
    """What a model holds of a document that has gold spans.

    Attributes:
        document: with its gold spans.
        own: the probability of each gold span of the layer, in their order: that just this span with this label is
            there; None where the model cannot tell.
        candidates: spans that may be there, each with its probability as ``score``, gold ones included; they may
            overlap, and those of little probability may be left out.
        lengths: how many tokens each gold span of the layer has, at least 1.
    """

    document: Document
    own: Sequence[float | None]
    candidates: Sequence[Span]
    lengths: Sequence[int]


@dataclass(frozen=True, slots=True)
class Suspect:
    """A gold span that is perhaps wrong, or a place where one is perhaps missing.

    Attributes:
        number: which of the documents, counted from 0.
        document: that document.
        kind: what would be wrong.
        span: the gold span; where one is missing, the one that is missed.
        proposed: what the model would have in its place; None where it would have nothing.
        probability: of what the model would have.
        given: the model's probability of what is there: of the gold span, or, where one is missing, that it is not.
        elsewhere: the labels of the same string's other mentions in the document, with their numbers.
        suspicion: what suspects are ranked by, in [0, 1].
    """

    number: int
    document: Document
    kind: Kind
    span: Span
    proposed: Span | None
    probability: float
    given: float
    elsewhere: tuple[tuple[str, int], ...]
    suspicion: float

    @property
    def margin(self) -> float:
        """By how much what the model would have is more probable than what is there; negative if it is less."""
        return self.probability - self.given

    def to_json(self) -> dict[str, Any]:
        """The suspect as plain values, without its document."""
        return {
            "document": self.document.id,
            "number": self.number,
            "kind": self.kind,
            "start": self.span.start,
            "end": self.span.end,
            "text": self.document.surface(self.span),
            "label": None if self.kind == "missing" else self.span.label,
            "proposed": None
            if self.proposed is None
            else {"start": self.proposed.start, "end": self.proposed.end, "label": self.proposed.label},
            "probability": self.probability,
            "given": self.given,
            "margin": self.margin,
            "elsewhere": dict(self.elsewhere),
            "suspicion": self.suspicion,
        }


@dataclass(frozen=True, slots=True)
class Suspicion:
    """All gold spans and gaps, the most suspicious first.

    Attributes:
        suspects: gold spans, however little suspicious, and missing ones.
        spans: how many gold spans there are.
        unjudged: how many of them have no probability, and are not ranked.
    """

    suspects: tuple[Suspect, ...]
    spans: int
    unjudged: int


def suspicion(beliefs: Iterable[Belief], layer: str = ENTITIES, gap: float = GAP) -> Suspicion:
    """Rank gold spans and gaps by how surely they are contradicted.

    Two things speak against a gold span. The model: its probability p of the span, as the geometric mean over the
    tokens, since a longer span is less probable only for being longer. And the document: c of the string's other
    mentions there have the same label, d have another, and a string mostly means one thing in a document (Gale,
    Church and Yarowsky 1992, One Sense per Discourse). With k = 0.2 added to either count,

        q = p (c + k) / (p (c + k) + (1 - p)(d + k))       what the model holds, the document taken into account
        suspicion = 1 - q (c + k) / (c + d + k)            the span stands if neither contradicts it

    A candidate of at least ``gap`` that overlaps no gold span is a missing span; its suspicion is its probability.

    Args:
        beliefs: of each document.
        layer: of the spans.
        gap: the least probability of a missing span; above 0.

    Raises:
        UsageError: if a belief does not have one probability and one length for each gold span, a probability is not
            in [0, 1], or the gap is not above 0.
    """
    if not gap > 0:
        raise UsageError(f"expected a least probability above 0 for missing spans, got {gap}")
    found: list[Suspect] = []
    spans = unjudged = 0
    for number, belief in enumerate(beliefs):
        _check(belief, number, layer)
        spans += len(belief.own)
        unjudged += sum(probability is None for probability in belief.own)
        candidates = sorted(belief.candidates, key=lambda one: (-_score(one), one.start, one.end, one.label))
        found += _doubtful(belief, candidates, number, layer)
        found += _missing(belief.document, candidates, number, layer, gap)
    found.sort(key=lambda one: (-one.suspicion, one.number, one.span.start, one.span.end, one.span.label))
    return Suspicion(tuple(found), spans, unjudged)


def _check(belief: Belief, number: int, layer: str) -> None:
    gold = belief.document.layer(layer)
    if not len(gold) == len(belief.own) == len(belief.lengths):
        raise UsageError(
            f"document {number + 1} has {len(gold)} spans in the layer {layer}, {len(belief.own)} probabilities and "
            f"{len(belief.lengths)} lengths; give one of each for each span"
        )
    every = [*belief.own, *(candidate.score for candidate in belief.candidates)]
    for probability in every[: len(gold)]:
        if probability is not None and not 0 <= probability <= 1:
            raise UsageError(f"document {number + 1}: expected probabilities in [0, 1], got {probability}")
    for probability in every[len(gold) :]:
        if probability is None or not 0 <= probability <= 1:
            raise UsageError(f"document {number + 1}: expected candidates with a score in [0, 1], got {probability}")


def _doubtful(belief: Belief, candidates: Sequence[Span], number: int, layer: str) -> Iterator[Suspect]:
    """The gold spans of a document; the most probable candidates come first."""
    document = belief.document
    gold = document.layer(layer)
    strings = [" ".join(document.surface(span).casefold().split()) for span in gold]
    mentions: dict[str, Counter[str]] = {}
    for string, span in zip(strings, gold, strict=True):
        mentions.setdefault(string, Counter())[span.label] += 1
    for string, span, own, length in zip(strings, gold, belief.own, belief.lengths, strict=True):
        if own is None:
            continue
        others = mentions[string].copy()
        others[span.label] -= 1
        same, different = others[span.label] + _PRIOR, others.total() - others[span.label] + _PRIOR
        each = own ** (1 / length)
        held = each * same / (each * same + (1 - each) * different)
        kind, proposed, probability = _instead(span, own, candidates)
        yield Suspect(
            number,
            document,
            kind,
            span,
            proposed,
            probability,
            own,
            tuple((label, count) for label, count in others.most_common() if count),
            1 - held * same / (same + different - _PRIOR),
        )


def _instead(span: Span, own: float, candidates: Sequence[Span]) -> tuple[Kind, Span | None, float]:
    """What would be wrong with a gold span, what the model would have instead, and the probability of that.

    What all these probabilities leave of 1 is at most the probability that there is nothing, and of a span of one
    token just that.
    """
    rivals = [
        other for other in candidates if other.start < span.end and span.start < other.end and other.key != span.key
    ]
    nothing = max(0.0, 1 - own - sum(_score(rival) for rival in rivals))
    if not rivals or _score(rivals[0]) <= nothing:
        return "spurious", None, nothing
    best = rivals[0]
    kind: Kind = "label" if (best.start, best.end) == (span.start, span.end) else "boundary"
    return kind, best, _score(best)


def _missing(document: Document, candidates: Sequence[Span], number: int, layer: str, gap: float) -> Iterator[Suspect]:
    """Candidates where gold has nothing, of those that overlap the most probable, and none where nobody looked."""
    taken = [(span.start, span.end) for span in document.layer(layer)]
    taken += [(region.start, region.end) for region in document.unknown if region.layer == layer]
    for candidate in candidates:
        if _score(candidate) < gap:
            return
        if all(end <= candidate.start or candidate.end <= start for start, end in taken):
            taken.append((candidate.start, candidate.end))
            score = _score(candidate)
            yield Suspect(number, document, "missing", candidate, candidate, score, 1 - score, (), score)


def _score(span: Span) -> float:
    return span.score or 0.0
