"""Classes of whole examples: from a network's scores to probabilities and decisions, for all tasks that tell them."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.errors import DataError, ModelError
from elman.metrics.calibration import expected_calibration_error, fit_temperature
from elman.metrics.classes import ClassScores
from elman.metrics.label_sets import LabelSetScores

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from elman.tasks.task import Sequences

FEWEST = 100
"""Fewer examples do not tell a temperature."""

_PLACES = 6
_LEAST = 1e-30
_THRESHOLDS = np.linspace(0.05, 0.95, 19)


@dataclass(frozen=True)
class Reason:
    """A word, and what a decision owes to it.

    Attributes:
        start: offset of its first code point.
        end: one past its last.
        word: its text.
        drop: by how much the decision is less probable without it; below 0 if it is more probable.
        weight: its share of the attention, where the states are pooled by attention; the shares add up to 1.
    """

    start: int
    end: int
    word: str
    drop: float
    weight: float | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain values, to six places."""
        weight = {} if self.weight is None else {"weight": round(self.weight, _PLACES)}
        return {"start": self.start, "end": self.end, "word": self.word, "drop": round(self.drop, _PLACES), **weight}


@dataclass(frozen=True)
class Classified:
    """What was told of an example.

    Attributes:
        labels: its class; where an example may have any number, those that are probable enough.
        probabilities: of every class, the most probable first; where there is one each, they add up to 1.
        words: the words that it rests on, in the order of the text; None where nobody asked.
        multi: whether an example may have any number of classes.
    """

    labels: tuple[str, ...]
    probabilities: dict[str, float]
    words: tuple[Reason, ...] | None = None
    multi: bool = False

    @property
    def label(self) -> str:
        """The most probable class, probable enough or not."""
        return next(iter(self.probabilities))

    def to_json(self) -> dict[str, Any]:
        """As plain values, to six places: ``label``, or ``labels`` where there may be any number."""
        told = {"labels": list(self.labels)} if self.multi else {"label": self.label}
        reasons = {} if self.words is None else {"words": [word.to_json() for word in self.words]}
        probabilities = {label: round(value, _PLACES) for label, value in self.probabilities.items()}
        return {**told, "probabilities": probabilities, **reasons}

    def reasons(self, most: int = 5) -> Iterator[str]:
        """The words that the decision rests on the most, a line each; of words that speak against it none."""
        if self.words is None:
            return
        for word in sorted(self.words, key=lambda word: -word.drop)[:most]:
            if word.drop > 0:
                weight = "" if word.weight is None else f", attention {word.weight:.1%}"
                yield f"  {word.word} ({word.start}-{word.end}): {100 * word.drop:.1f} points less without it{weight}"

    def __str__(self) -> str:
        return ", ".join(f"{label} {self.probabilities[label]:.1%}" for label in self.labels) or "none"


@dataclass(frozen=True)
class Calibration:
    """A temperature, and what it does to the probabilities that it was fitted on.

    Guo, C., Pleiss, G., Sun, Y. & Weinberger, K. (2017). On calibration of modern neural networks. ICML.

    Attributes:
        temperature: what scores are divided by; 1.0 where it was not fitted.
        examples: labelled examples that it was fitted on; 0 if it was not.
        before: expected calibration error of the classes' probabilities, ten bins of equal mass, at a temperature of 1.
        after: likewise, at this one.
    """

    temperature: float = 1.0
    examples: int = 0
    before: float = 0.0
    after: float = 0.0

    def __str__(self) -> str:
        if not self.examples:
            return f"probabilities are as they were trained: fewer than {FEWEST} labelled examples to fit them to"
        return (
            f"temperature {self.temperature:g}, fitted on {self.examples:,} examples: expected calibration error "
            f"{self.before:.2%} before, {self.after:.2%} after"
        )


@dataclass(frozen=True)
class Classes:
    """Classes, and how a network's scores of them are read.

    Attributes:
        names: the classes.
        multi: whether an example may have any number of them; if not, it has one.
        threshold: with any number, the least probability of those that are told.
        calibration: of the probabilities.
    """

    names: tuple[str, ...]
    multi: bool = False
    threshold: float = 0.5
    calibration: Calibration = Calibration()

    @classmethod
    def open(cls, about: Mapping[str, Any]) -> Classes:
        """The inverse of ``about``.

        Raises:
            ModelError: if something is missing.
        """
        try:
            calibration = Calibration(**about["calibration"])
            return cls(tuple(about["labels"]), about["multi"], float(about["threshold"]), calibration)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"model.json: about: expected labels, multi, threshold, calibration; {error}") from None

    def about(self) -> dict[str, Any]:
        """For ``model.json``."""
        return {
            "labels": list(self.names),
            "multi": self.multi,
            "threshold": self.threshold,
            "calibration": asdict(self.calibration),
        }

    def target(self, labels: Sequence[str]) -> NDArray[Any]:
        """What a loss compares with: the class's index, -1 if it is none of these; with any number 0 or 1 for each."""
        if self.multi:
            return np.array([name in labels for name in self.names], np.float32)
        return np.array(self.names.index(labels[0]) if labels and labels[0] in self.names else -1, np.int64)

    def decide(self, scores: NDArray[np.floating[Any]]) -> list[Classified]:
        """What a network's scores say.

        Args:
            scores: examples x classes, before the softmax or sigmoid.
        """
        scaled = scores.astype(np.float64) / self.calibration.temperature
        return [self._decision(row) for row in (_sigmoid(scaled) if self.multi else _softmax(scaled))]

    def score(
        self, gold: Sequence[Sequence[str]] | None, outputs: Sequence[Classified]
    ) -> ClassScores | LabelSetScores:
        """Outputs against the examples' labels.

        Raises:
            DataError: if there is one class each, and an example has none or several.
        """
        gold = gold or ()
        if self.multi:
            return LabelSetScores(gold, [output.labels for output in outputs])
        for number, labels in enumerate(gold, 1):
            if len(labels) != 1:
                raise DataError(
                    f"expected one class for every example, number {number} has {', '.join(labels) or 'none'}; the "
                    "model tells one each"
                )
        return ClassScores([label for (label,) in gold], [output.label for output in outputs])

    def calibrated(self, gold: Sequence[Sequence[str]], outputs: Sequence[Classified]) -> Classes:
        """The same, with a temperature and, with any number of classes, a threshold that suit labelled examples.

        Args:
            gold: the examples' labels.
            outputs: what was told at a temperature of 1.
        """
        said = np.array([[output.probabilities[name] for name in self.names] for output in outputs], np.float64)
        true = np.array([[name in labels for name in self.names] for labels in gold], np.bool_)
        if len(said) < FEWEST:
            return self
        # Scores are known from the probabilities, but for a number added to all classes', which changes nothing.
        scores = np.log(np.maximum(said, _LEAST))
        if self.multi:
            scores -= np.log(np.maximum(1 - said, _LEAST))

        def at(temperature: float) -> NDArray[np.float64]:
            return (_sigmoid if self.multi else _softmax)(scores / temperature)

        def loss(temperature: float) -> float:
            found = np.where(true, at(temperature), 1 - at(temperature)) if self.multi else at(temperature)[true]
            return float(-np.log(np.maximum(found, _LEAST)).sum())

        temperature = fit_temperature(loss)
        before, after = (self._error(one, true) for one in (said, at(temperature)))
        fitted = replace(self, calibration=Calibration(temperature, len(said), before, after))
        return replace(fitted, threshold=_best_threshold(at(temperature), true)) if self.multi else fitted

    def remarks(self, ids: Sequence[str], gold: Sequence[Sequence[str]]) -> Iterator[str]:
        """What is worth saying of labelled examples: classes that there are none of here."""
        strange = Counter(label for labels in gold for label in labels if label not in self.names)
        if strange:
            told = ", ".join(f"{label} ({count:,})" for label, count in sorted(strange.items())[:10])
            yield f"warning: classes that training has not seen count as missed: {told}"
        if self.multi or not gold:
            return
        several = [name for name, labels in zip(ids, gold, strict=True) if len(labels) > 1]
        if several:
            yield f"warning: {len(several):,} with several classes, where the model tells one: {', '.join(several[:5])}"

    def _decision(self, row: NDArray[np.float64]) -> Classified:
        order = np.argsort(-row, kind="stable").tolist()
        probabilities = {self.names[at]: float(row[at]) for at in order}
        told = [name for name, value in probabilities.items() if value >= self.threshold]
        return Classified(tuple(told if self.multi else [self.names[order[0]]]), probabilities, multi=self.multi)

    def _error(self, said: NDArray[np.float64], true: NDArray[np.bool_]) -> float:
        """Of every class's probability with any number of them, else of the most probable class's."""
        if self.multi:
            return expected_calibration_error(said.ravel(), true.ravel())
        best = said.argmax(axis=1)
        rows = np.arange(len(said))
        return expected_calibration_error(said[rows, best].clip(0, 1), true[rows, best])


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _sigmoid(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    # Of the two forms the one whose power does not overflow.
    small = np.exp(-np.abs(scores))
    return np.where(scores >= 0, 1 / (1 + small), small / (1 + small))


def _best_threshold(said: NDArray[np.float64], true: NDArray[np.bool_]) -> float:
    """The threshold with the greatest micro F1; of equal ones the nearest to a half."""

    def f1(threshold: float) -> float:
        told = said >= threshold
        return 2 * float((told & true).sum()) / max(float(told.sum() + true.sum()), 1.0)

    best = max(map(float, _THRESHOLDS), key=lambda threshold: (f1(threshold), -abs(threshold - 0.5)))
    return round(best, 2)


def targets_of(sequences: Sequences, indices: Sequence[int]) -> NDArray[Any] | None:
    """The targets of some sequences in one array: batch, or batch x classes where there may be any number of them."""
    return None if sequences.targets is None else np.stack([sequences.targets[at] for at in indices])


def names_in(examples: Iterable[Sequence[str]]) -> Counter[str]:
    """How many examples have each class."""
    return Counter(label for labels in examples for label in set(labels))
