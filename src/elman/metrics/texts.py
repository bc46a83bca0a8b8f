"""How near written texts are to those that they should be: exact matches, error rates, BLEU and chrF."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from elman.extras import needs
from elman.metrics.edits import nearest
from elman.metrics.figure import Figure
from elman.metrics.ratio import ratio, ratio_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from elman.metrics.intervals import Interval

SCHEMA = "elman.texts/1"
"""The name and version of what ``TextScores.to_json`` gives."""

By = Literal["exact", "errors", "bleu", "chrf"]
"""What texts may be judged by."""


class Overlap(NamedTuple):
    """A score of sacrebleu.

    Attributes:
        score: from 0 to 100.
        signature: what it was computed with; scores of other signatures are not to be compared with it.
    """

    score: float
    signature: str


@dataclass(frozen=True)
class TextScores:
    """Texts that were written, each beside those that it may be.

    Attributes:
        gold: of each example the texts that are right, at least one; the nearest counts.
        predicted: what was written.
        units: what edits are counted in.
        by: what the figure is.
    """

    gold: Sequence[Sequence[str]]
    predicted: Sequence[str]
    units: Literal["characters", "words"]
    by: By

    @property
    def exact(self) -> float:
        """The share of texts that are one of theirs to the last character."""
        return ratio(self._exact)

    @property
    def errors(self) -> float:
        """Edits to the nearest gold text, over all its units; may be above 1."""
        return ratio(self._edits)

    @cached_property
    def bleu(self) -> Overlap:
        """BLEU of the corpus: Papineni, K. et al. (2002). ACL; by sacrebleu: Post, M. (2018). WMT.

        Raises:
            UsageError: if sacrebleu is not installed.
        """
        return self._overlap("BLEU")

    @cached_property
    def chrf(self) -> Overlap:
        """ChrF of the corpus: Popovic, M. (2015). WMT; by sacrebleu.

        Raises:
            UsageError: if sacrebleu is not installed.
        """
        return self._overlap("CHRF")

    @property
    def figure(self) -> Figure:
        """What ``by`` says; an error rate below 0, so that the larger is the better."""
        if self.by == "exact":
            return Figure("exact match", self.exact, f"{self.exact:.2%}")
        if self.by == "errors":
            return Figure(self._rate, -self.errors, f"{self.errors:.2%}")
        found, name = (self.bleu, "BLEU") if self.by == "bleu" else (self.chrf, "chrF")
        return Figure(name, found.score / 100, f"{found.score:.2f}")

    @property
    def curves(self) -> dict[str, float]:
        """Exact matches and the error rate."""
        return {"exact match": self.exact, self._rate: self.errors}

    def to_json(self) -> dict[str, Any]:
        """As plain values, ratios as fractions and those of sacrebleu from 0 to 100; intervals are bootstrap's."""
        tree: dict[str, Any] = {
            "schema": SCHEMA,
            "figure": self.figure._asdict(),
            "examples": len(self.predicted),
            "exact": self.exact,
            "exact_interval": ratio_interval(self._exact),
            "errors": self.errors,
            "errors_interval": ratio_interval(self._edits),
            "units": self.units,
        }
        if self._overlaps:
            tree |= {"bleu": self.bleu._asdict(), "chrf": self.chrf._asdict()}
        return tree

    def lines(self) -> Iterator[str]:
        """Each score with its interval, or its signature."""
        if self._overlaps:
            yield f"BLEU {self.bleu.score:.2f}  {self.bleu.signature}"
            yield f"chrF {self.chrf.score:.2f}  {self.chrf.signature}"
        counted = int(self._edits[:, 1].sum())
        yield f"exact match {self.exact:.2%}{_within(ratio_interval(self._exact))} of {len(self.predicted):,} texts"
        yield f"{self._rate} {self.errors:.2%}{_within(ratio_interval(self._edits))} of {counted:,} {self.units}"

    @property
    def _rate(self) -> str:
        return f"{self.units[:-1]} error rate"

    @property
    def _overlaps(self) -> bool:
        return self.by in ("bleu", "chrf")

    @cached_property
    def _exact(self) -> NDArray[np.int64]:
        pairs = zip(self.gold, self.predicted, strict=True)
        return np.array([(int(text in golds), 1) for golds, text in pairs], np.int64).reshape(-1, 2)

    @cached_property
    def _edits(self) -> NDArray[np.int64]:
        pairs = zip(self.gold, self.predicted, strict=True)
        counted = [nearest(self._split(text), [self._split(gold) for gold in golds]) for golds, text in pairs]
        return np.array(counted, np.int64).reshape(-1, 2)

    def _split(self, text: str) -> Sequence[str]:
        return text if self.units == "characters" else text.split()

    def _overlap(self, name: str) -> Overlap:
        with needs("translation", "BLEU and chrF"):
            from sacrebleu import metrics
        metric = getattr(metrics, name)()
        most = max((len(golds) for golds in self.gold), default=1)
        streams = [[golds[at] if at < len(golds) else None for golds in self.gold] for at in range(most)]
        score = metric.corpus_score(list(self.predicted), streams).score
        return Overlap(float(score), f"{metric.get_signature()}")


def _within(interval: Interval | None) -> str:
    return "" if interval is None else f" (95 %: {interval.low:.2%} to {interval.high:.2%})"
