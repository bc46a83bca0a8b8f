"""How a model's probabilities fare on labelled text, and the temperature that suits them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.data.unknown import unknown_tokens
from elman.decoding.candidates import FLOOR
from elman.metrics.calibration import expected_calibration_error, fit_temperature, log_loss, refine_temperature
from elman.metrics.thresholds import Judgements
from elman.runtime.entities import Entities
from elman.runtime.placing import places

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from elman.data.document import Document
    from elman.runtime.entities import EntityDecoder
    from elman.runtime.tagger import Tagger

FEWEST = 100
"""Fewer predicted spans do not tell a temperature."""

_COARSE_TOKENS = 5000


@dataclass(frozen=True, eq=False)
class Labelled:
    """What a network scores on labelled windows, and what gold says of them.

    Attributes:
        names: the model's labels.
        decoder: what makes entities of the scores.
        emissions: tokens x K, window after window.
        lengths: tokens of each window, at least 1.
        owners: the unit, a document or sentence, of each window, int64.
        units: how many units there are.
        gold: n x 4, the distinct gold spans that the model can find: window, first token and one past the last within
            it, label.
        lost: k x 2, those that it cannot: unit and label, -1 of a label that the model does not have.
        unknown: for each token whether nobody said what it is; None where everything is known.
        unit: what the units are, in a word.
    """

    names: tuple[str, ...]
    decoder: EntityDecoder
    emissions: NDArray[np.float32]
    lengths: NDArray[np.int64]
    owners: NDArray[np.int64]
    units: int
    gold: NDArray[np.int64]
    lost: NDArray[np.int64]
    unknown: NDArray[np.bool_] | None = None
    unit: str = "document"

    def predicted(self, temperature: float) -> Judgements:
        """The spans of the best tag sequences, judged; a temperature changes their probabilities alone."""
        return self._judge(Entities(self._best, self._probabilities(temperature)))

    def candidates(self, temperature: float, floor: float = FLOOR) -> Judgements:
        """All spans with at least the probability ``floor``, judged."""
        return self._judge(self.decoder.at(temperature).candidates(self.emissions, self.lengths, floor))

    def above(self, temperature: float, least: NDArray[np.float64], *, flat: bool) -> Judgements:
        """The spans that tagging from thresholds on gives, judged; arguments as for ``EntityDecoder.above``."""
        return self._judge(self.decoder.at(temperature).above(self.emissions, self.lengths, least, flat=flat))

    def take(self, windows: NDArray[np.bool_]) -> Labelled:
        """Some windows, given as a mask, of as many units as before."""
        places_ = np.cumsum(windows) - 1
        tokens = np.repeat(windows, self.lengths)
        gold = self.gold[windows[self.gold[:, 0]]].copy()
        gold[:, 0] = places_[gold[:, 0]]
        owned = np.zeros(self.units, np.bool_)
        owned[self.owners[windows]] = True
        return replace(
            self,
            emissions=self.emissions[tokens],
            lengths=self.lengths[windows],
            owners=self.owners[windows],
            gold=gold,
            lost=self.lost[owned[self.lost[:, 0]]],
            unknown=None if self.unknown is None else self.unknown[tokens],
        )

    def loss(self, temperature: float) -> float:
        """How badly the probabilities of the predicted spans fit what became of them."""
        correct, known = self._verdicts(self._best)
        return log_loss(self._probabilities(temperature)[known], correct[known], smoothed=True)

    @cached_property
    def _best(self) -> NDArray[np.int32]:
        return self.decoder(self.emissions, self.lengths).spans

    def _probabilities(self, temperature: float) -> NDArray[np.float64]:
        spans = self._best.astype(np.int64)
        return self.decoder.at(temperature).probabilities(self.emissions, self.lengths, spans)

    def _judge(self, found: Entities) -> Judgements:
        spans = found.spans
        correct, known = self._verdicts(spans)
        hit = set(map(tuple, spans[correct].tolist()))
        missed = np.fromiter((tuple(row) not in hit for row in self.gold.tolist()), np.bool_, len(self.gold))
        lost = np.column_stack((self.owners[self.gold[missed, 0]], self.gold[missed, 3]))
        return Judgements(
            self.names,
            found.scores[known],
            correct[known],
            self.owners[spans[known, 0]],
            spans[known, 3].astype(np.int64),
            np.concatenate((lost, self.lost)),
            self.units,
        )

    def _verdicts(self, spans: NDArray[np.int32]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which spans are gold, and on which gold has a verdict: not on others on tokens that nobody labelled."""
        own = set(map(tuple, self.gold.tolist()))
        correct = np.fromiter((tuple(row) in own for row in spans.tolist()), np.bool_, len(spans))
        return correct, correct | self._known(spans)

    def _known(self, spans: NDArray[np.int32]) -> NDArray[np.bool_]:
        if self.unknown is None:
            return np.ones(len(spans), np.bool_)
        before = np.concatenate(([0], np.cumsum(self.unknown)))  # how many tokens up to here are unknown
        first = (np.cumsum(self.lengths) - self.lengths)[spans[:, 0]]
        return np.asarray(before[first + spans[:, 1]] == before[first + spans[:, 2]])


def gather(tagger: Tagger, documents: Iterable[Document]) -> Labelled:
    """Have a model score labelled documents; the units are documents, or of a single document its windows.

    Their own tokens and sentences are used where they have any. All scores are held: K numbers for each token.
    """
    kinds = {label: at for at, label in enumerate(tagger.labels)}
    emissions, lengths = [np.zeros((0, tagger.decoder.tags), np.float32)], [np.zeros(0, np.int64)]
    unknown = [np.zeros(0, np.bool_)]
    gold, lost = [np.zeros((0, 4), np.int64)], [np.zeros((0, 3), np.int64)]
    owners: list[int] = []
    number = -1
    for number, scored in enumerate(tagger.scores(documents)):
        spans = list({span.key: span for span in scored.document.layer(tagger.layer)}.values())
        rows = places(spans, scored.tokens.offsets, scored.starts, kinds)
        found = rows[:, 0] >= 0
        gold.append(rows[found] + np.array([len(owners), 0, 0, 0]))
        begin = np.array([span.start for span in spans], np.int64)[~found]
        token = np.searchsorted(scored.tokens.offsets[:, 1], begin, side="right")
        window = np.maximum(np.searchsorted(scored.starts, token, side="right") - 1, 0)
        label = np.array([kinds.get(span.label, -1) for span in spans], np.int64)[~found]
        lost.append(np.column_stack((np.full(len(begin), number), len(owners) + window, label)))
        regions = [region for region in scored.document.unknown if region.layer == tagger.layer]
        unknown.append(unknown_tokens(regions, scored.tokens.offsets, ()))
        emissions.append(scored.emissions)
        lengths.append(scored.lengths)
        owners += [number] * len(scored.lengths)
    alone = number == 0 and len(owners) > 1
    hidden = np.concatenate(unknown)
    return Labelled(
        names=tagger.labels,
        decoder=tagger.decoder,
        emissions=np.concatenate(emissions),
        lengths=np.concatenate(lengths),
        owners=np.arange(len(owners)) if alone else np.array(owners, np.int64),
        units=len(owners) if alone else number + 1,
        gold=np.concatenate(gold),
        lost=np.concatenate(lost)[:, [1, 2] if alone else [0, 2]],
        unknown=hidden if hidden.any() else None,
        unit="window" if alone else "document",
    )


@dataclass(frozen=True, slots=True)
class Fit:
    """A temperature, and what it does to the probabilities that it was fitted on.

    Attributes:
        temperature: 1.0 where it could not be fitted.
        spans: predicted spans that it rests on.
        before: expected calibration error, ten bins of equal mass, at a temperature of 1.
        after: likewise, at this one.
        note: why it was not fitted, or empty.
    """

    temperature: float
    spans: int
    before: float
    after: float
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """For the model folder."""
        return {"spans": self.spans, "before": self.before, "after": self.after}


def fit(labelled: Labelled) -> Fit:
    """The temperature at which the probabilities of the predicted spans fit best what became of them, by likelihood.

    Predicted spans are those of the best tag sequences, whatever the temperature. Measured on CoNLL-2003, their own
    likelihood gave a lower calibration error than that of the gold tags or of all candidates. On much data the range
    is searched on a part of the windows, evenly spread, and all of them settle the rest: each look takes a walk over
    all tag sequences.
    """
    best = labelled.predicted(1.0)
    before = _error(best)
    if len(best.probability) < FEWEST:
        few = f"{len(best.probability)} predicted spans are too few to fit a temperature, which takes {FEWEST}"
        return Fit(1.0, len(best.probability), before, before, few)
    share = max(1, round(len(labelled.emissions) / _COARSE_TOKENS))
    some = labelled.take(np.arange(len(labelled.lengths)) % share == 0)
    temperature = fit_temperature(some.loss, 0.005 if share == 1 else 0.02)
    if share > 1:
        temperature = refine_temperature(labelled.loss, temperature)
    return Fit(temperature, len(best.probability), before, _error(labelled.predicted(temperature)))


def _error(judgements: Judgements) -> float:
    return expected_calibration_error(judgements.probability, judgements.correct)
