"""What the doctor knows before the first step: signs in the data and the vectors, each a function to a finding or None.

The thresholds were fixed on CoNLL-2003, about half-way on a logarithmic scale between healthy and spoiled runs; see
benchmarks/spoiled.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from elman.training.doctor.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from elman.training.doctor.facts import Facts, Familiarity

ALIKE = 0.05
"""Vectors whose spread is smaller are all alike."""

REPEATED = 0.15
"""A set of which a larger share stands in the training set, too, judges nothing."""

LEAST_SENTENCES = 20
"""Of fewer sentences no share is taken."""

UNSEEN = 0.2
"""The share of the dev set's entities with labels that the training set lacks."""

DIVERGENT = 1.5
"""So many times further from the training set than the training set's own halves from each other."""

LEAST_TOKENS = 1000
"""Domains are compared on sets of so many tokens or more."""


def vectors_not_finite(facts: Facts) -> Finding | None:
    """NaN or infinity in the vectors."""
    vectors = facts.vectors
    if vectors is None or not vectors.broken:
        return None
    return Finding(
        "vectors-not-finite",
        f"{vectors.broken:,} of {vectors.words:,} word vectors hold NaN or infinity, that of {vectors.example!r} first",
        "Every batch with such a word has a loss that is not a number",
        "take these rows out of the vectors, or get the file again",
        {"words": vectors.words, "broken": vectors.broken, "example": vectors.example},
    )


def vectors_constant(facts: Facts) -> Finding | None:
    """All words have the same vector."""
    vectors = facts.vectors
    if vectors is None or vectors.broken == vectors.words or vectors.spread >= ALIKE:
        return None
    return Finding(
        "vectors-constant",
        f"the word vectors differ from each other by {vectors.spread:.1%} of their size (usual: about 100 %)",
        "They cannot tell one word from another; the file was written or read wrongly",
        "look at a few rows of the file, get it again, or train without vectors",
        {"spread": vectors.spread, "words": vectors.words},
    )


def _in_train(kind: str, other: Familiarity | None) -> Finding | None:
    if other is None or other.sentences < LEAST_SENTENCES or other.repeated <= REPEATED:
        return None
    return Finding(
        kind,
        f"{other.repeated:.0%} of the {other.sentences:,} sentences of {other.name} with eight tokens or more stand in "
        "the training set, too",
        "Its score says how much was learned by heart, not how well new text is tagged",
        "take these sentences out of the training set; elman audit lists them",
        {"repeated": other.repeated, "sentences": other.sentences},
    )


def test_in_train(facts: Facts) -> Finding | None:
    """The test set was learned."""
    return _in_train("test-in-train", facts.test)


def dev_in_train(facts: Facts) -> Finding | None:
    """The dev set was learned."""
    return _in_train("dev-in-train", facts.dev)


def labels_missing(facts: Facts) -> Finding | None:
    """The dev set has labels that the training set lacks."""
    dev = facts.dev
    if dev.unseen <= UNSEEN:
        return None
    known = ", ".join(sorted(facts.labels))
    return Finding(
        "labels-missing",
        f"{dev.unseen:.0%} of the entities of {dev.name} have a label that the training set does not have; it has "
        + (f"{known} only" if len(facts.labels) == 1 else known),
        "They cannot be found, whatever is learned"
        + (": the training set was cut down to one class" if len(facts.labels) == 1 else ""),
        "check that the training file is whole and not sorted by label, or bring the labels together with --map",
        {"unseen": dev.unseen, "labels": len(facts.labels)},
    )


def other_domain(facts: Facts) -> Finding | None:
    """The dev set is of another kind of text."""
    dev, own = facts.dev, facts.within
    # A set of few words, or a training set without a second half to compare with, says too little.
    if dev.tokens < LEAST_TOKENS or own.tokens < LEAST_TOKENS or dev.divergence <= DIVERGENT * own.divergence:
        return None
    return Finding(
        "other-domain",
        f"the common words of {dev.name} are {dev.divergence / own.divergence:.1f} times as far from the training "
        f"set's as those of its two halves from each other (Jensen-Shannon divergence {dev.divergence:.3f} against "
        f"{own.divergence:.3f} bits), and {dev.unknown:.0%} of its tokens are words that the training set lacks",
        "It is text of another kind; what is best on it is not best for text like the training set, and the score is "
        "lower than it would be there",
        "judge by a part of the training file (leave --dev out), or train on text of the dev set's kind, too",
        {"divergence": dev.divergence, "within": own.divergence, "unknown": dev.unknown},
    )


AT_THE_START: tuple[Callable[[Facts], Finding | None], ...] = (
    vectors_not_finite,
    vectors_constant,
    labels_missing,
    test_in_train,
    dev_in_train,
    other_domain,
)
