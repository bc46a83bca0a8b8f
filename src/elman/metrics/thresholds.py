"""The probability from which on spans are kept, for a recall or a precision that is wanted, with a guarantee."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor, log10
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from elman.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Wanted = Literal["recall", "precision"]

CAP = 10
"""A document with more spans than this weighs as much as one with this many, unless the caller says otherwise."""

CONFIDENCE = 0.9
"""How sure a precision is to hold, unless the caller says otherwise."""

_STARTS = (0.99, 0.9, 0.6)
_STEP = 0.01
_EQUAL = 1e-9  # weights are sums of fractions


@dataclass(frozen=True, eq=False)
class Judgements:
    """Spans that a model holds for possible, and what gold says of them.

    Attributes:
        names: the labels.
        probability: n, of each span, in [0, 1].
        correct: n, whether it is a gold span.
        unit: n, the document (or sentence) that it is in.
        label: n, its label.
        lost: k x 2: unit and label of the gold spans that are not among these; -1 of a label not in ``names``.
        units: how many units there are.
    """

    names: tuple[str, ...]
    probability: NDArray[np.float64]
    correct: NDArray[np.bool_]
    unit: NDArray[np.int64]
    label: NDArray[np.int64]
    lost: NDArray[np.int64]
    units: int

    def only(self, name: str) -> Judgements:
        """Those of one label.

        Raises:
            UsageError: if there is no such label.
        """
        if name not in self.names:
            raise UsageError(f"there is no label {name!r}; choose out of {', '.join(self.names)}")
        at = self.names.index(name)
        return self.among(self.label == at, self.lost[:, 1] == at)

    def within(self, units: NDArray[np.bool_]) -> Judgements:
        """Those of some units, which are given as a mask; the others stay as units without spans."""
        return self.among(units[self.unit], units[self.lost[:, 0]])

    def among(self, some: NDArray[np.bool_], lost: NDArray[np.bool_]) -> Judgements:
        """Those at some places, and some of the lost."""
        return replace(
            self,
            probability=self.probability[some],
            correct=self.correct[some],
            unit=self.unit[some],
            label=self.label[some],
            lost=self.lost[lost],
        )

    def reached(self, threshold: float) -> tuple[float, float]:
        """Recall and precision of all spans together, kept from this probability on; 0.0 of nothing."""
        kept = self.probability >= threshold
        right = int((kept & self.correct).sum())
        return right / max(int(self.correct.sum()) + len(self.lost), 1), right / max(int(kept.sum()), 1)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold, and what is known of it.

    Attributes:
        value: spans with at least this probability are kept.
        wanted: what was asked for.
        level: how much of it, in (0, 1).
        units: documents (or sentences) that it rests on: those that hold a span of the kind.
        spans: gold spans for a recall, kept spans for a precision.
        recall: that it has on the very spans that it was fitted on, all of them together.
        precision: likewise.
        cap: no document weighs more than one with so many spans.
        confidence: in (0, 1), with which a precision holds; None for a recall, which holds in the mean.
    """

    value: float
    wanted: Wanted
    level: float
    units: int
    spans: int
    recall: float
    precision: float
    cap: int
    confidence: float | None = None

    @property
    def guarantee(self) -> str:
        """What holds of new documents, in words."""
        weight = f"no document counting for more than {self.cap} spans"
        unseen = "on which the model was neither trained nor chosen nor calibrated"
        if self.wanted == "recall":
            return (
                f"in the mean over such calibrations, at least {self.level:.2%} of the gold spans of a new document "
                f"have this probability, {weight}, if new documents are exchangeable with these {self.units}, "
                f"{unseen}; spans that overlap are all kept"
            )
        return (
            f"in {self.confidence:.0%} of such calibrations, at least {self.level:.2%} of the spans with this "
            f"probability are right, {weight}, if new documents and these {self.units}, {unseen}, are independent "
            "draws from one source; spans that overlap are all kept; of other thresholds it says nothing"
        )

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {**values, "guarantee": self.guarantee}


def recall_threshold(judgements: Judgements, recall: float, cap: int = CAP) -> Threshold:
    """The highest threshold that keeps a wanted share of the gold spans of documents to come.

    Conformal risk control (Angelopoulos, Bates, Fisch, Lei and Schuster 2022). The loss of a document with g gold
    spans, of which m have less probability than the threshold, is ``w (m - (1 - recall) g)`` with ``w = min(1, cap /
    g)``; it is at most ``recall * cap``. The threshold is the highest at which the losses of the n documents here and
    once this most add up to at most 0; then the expected loss of the document n + 1 is at most 0 as well, whatever
    model and text, if the n + 1 are exchangeable: if no order of them is more probable than another. What is
    guaranteed is thus a ratio of means, each document's spans weighing w. Without a cap one long document that might
    come would outweigh all that have been seen; with a cap of 1 every document weighs alike.

    Args:
        judgements: what the model holds for possible, down to a small floor.
        recall: the share that is wanted, in (0, 1).
        cap: at least 1.

    Raises:
        UsageError: if the level or the cap cannot be, if there are too few documents for this recall, or if the model
            holds too many of the gold spans for impossible.
    """
    _check(recall, cap)
    unit = np.concatenate((judgements.unit[judgements.correct], judgements.lost[:, 0]))
    score = np.concatenate((judgements.probability[judgements.correct], np.zeros(len(judgements.lost))))
    counts = np.bincount(unit, minlength=judgements.units)
    weight = (np.minimum(counts, cap) / np.maximum(counts, 1))[unit]
    units = int((counts > 0).sum())
    heavy, needed = float(weight.sum()) / cap, recall / (1 - recall)
    if heavy < needed - _EQUAL:
        raise UsageError(
            f"a recall of {recall:.2%} needs more data: documents that weigh as much as {needed:.0f} with {cap} gold "
            f"spans each; these {units} with {len(unit)} weigh as much as {heavy:.1f}. Give more documents, or ask for "
            f"at most {heavy / (1 + heavy):.2%}"
        )
    budget = (1 - recall) * weight.sum() - recall * cap + _EQUAL
    order = np.argsort(score, kind="stable")
    values, first = np.unique(score[order], return_index=True)
    below = np.concatenate(([0.0], np.cumsum(weight[order])))[first]  # the weight of what has less than each value
    value = float(values[np.flatnonzero(below <= budget)[-1]])
    if value <= 0:
        raise UsageError(
            f"a recall of {recall:.2%} cannot be had from this model by any threshold: of {len(unit)} gold spans it "
            f"holds {int((score == 0).sum())} for impossible, or nearly. Ask for less, or lower the floor"
        )
    value = _rounded_down(value)
    return Threshold(value, "recall", recall, units, len(unit), *judgements.reached(value), cap)


def precision_threshold(
    judgements: Judgements, precision: float, confidence: float = CONFIDENCE, cap: int = CAP, seed: int = 1
) -> Threshold:
    """The lowest threshold found whose kept spans are right to a wanted share.

    Precision need not rise with the threshold, so that thresholds are tested one by one (Learn then Test;
    Angelopoulos, Bates, Candès, Jordan and Lei 2021): from each of a few starts downwards, in steps of 0.01, until
    one fails. Each test is at the level ``(1 - confidence) / starts``, so that with the wanted confidence none of those
    that passed is wrong. A test bets, document by document, that more than the wanted share is right, and rejects the
    contrary if it grows rich (Waudby-Smith and Ramdas 2024). A document with n kept spans, c of them right, counts
    with ``w (c - precision n)``, where ``w = min(1, cap / n)``.

    Args:
        judgements: what the model holds for possible.
        precision: the share that is wanted, in (0, 1).
        confidence: in (0, 1).
        cap: at least 1.
        seed: of the order in which documents are bet on.

    Raises:
        UsageError: if a level or the cap cannot be, or if no threshold passes.
    """
    _check(precision, cap)
    if not 0 < confidence < 1:
        raise UsageError(f"expected a confidence between 0 and 1, got {confidence}")
    level = (1 - confidence) / len(_STARTS)
    order = np.random.default_rng(seed).permutation(judgements.units)
    passed: list[float] = []
    for start in _STARTS:
        for step in range(round(start / _STEP), 0, -1):
            value = step * _STEP
            if not _precise(judgements, value, precision, cap, order) <= level:
                break
            passed.append(value)
    if not passed:
        recall, reached = judgements.reached(_STARTS[0])
        raise UsageError(
            f"a precision of {precision:.2%} cannot be promised with a confidence of {confidence:.0%}: at a threshold "
            f"of {_STARTS[0]} these {judgements.units} documents show {reached:.2%} (recall {recall:.2%}). Give more "
            "documents, or ask for less"
        )
    value = round(min(passed), 2)
    kept = judgements.probability >= value
    units = len(np.unique(judgements.unit[kept]))
    reached_now = judgements.reached(value)
    return Threshold(value, "precision", precision, units, int(kept.sum()), *reached_now, cap, confidence)


def _precise(
    judgements: Judgements, threshold: float, precision: float, cap: int, order: NDArray[np.integer[Any]]
) -> float:
    """A p-value of the hypothesis that the precision at a threshold is at most the wanted one."""
    kept = judgements.probability >= threshold
    unit = judgements.unit[kept]
    counts = np.bincount(unit, minlength=judgements.units)
    right = np.bincount(unit, weights=judgements.correct[kept], minlength=judgements.units)
    weight = np.minimum(counts, cap) / np.maximum(counts, 1) / cap
    gains = (weight * (right - precision * counts))[order]
    gains = gains[(counts > 0)[order]]  # each in [-precision, 1 - precision]; the others could not be bet on
    if not len(gains):
        return 1.0
    # A bet may depend on what has been seen, and on nothing else: mean and variance of the gains so far.
    seen = np.arange(1, len(gains) + 1)
    mean = np.concatenate(([0.0], np.cumsum(gains)))[:-1] / seen
    square = (0.25 + np.concatenate(([0.0], np.cumsum(gains**2)))[:-1]) / seen
    bet = np.clip(mean / np.maximum(square, 1e-12), 0, 0.75 / precision)  # a quarter of what there is stays
    wealth = np.cumsum(np.log1p(bet * gains))
    return float(np.exp(-max(float(wealth.max()), 0.0)))


def _check(level: float, cap: int) -> None:
    if not 0 < level < 1:
        raise UsageError(f"expected a share between 0 and 1, got {level}; 98 % is 0.98")
    if cap < 1:
        raise UsageError(f"expected a cap of at least 1 span, got {cap}")


def _rounded_down(value: float) -> float:
    """To four significant digits, so that another machine's rounding does not put the last span below it."""
    scale = 10.0 ** (3 - floor(log10(value)))
    return floor(value * scale) / scale
