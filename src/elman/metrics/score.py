"""How well predicted spans match gold ones: the result of a comparison."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.data.document import ENTITIES
from elman.errors import UsageError
from elman.metrics.counting import count_forms, count_pairs, count_positions
from elman.metrics.counts import Counts
from elman.metrics.figure import Figure
from elman.metrics.intervals import Interval, Intervals, bootstrap, macro_f1
from elman.metrics.matching import MODES, check_spans, count_exact
from elman.metrics.pairing import PAIRED, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from elman.metrics.comparison import Comparison, Unit
    from elman.metrics.matching import Mode

SCHEMA = "elman.score/1"
"""The name and version of what ``Result.to_json`` gives."""


class Average(NamedTuple):
    """Means over labels, as fractions."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, eq=False)
class Result:
    """How well predicted spans match gold spans.

    Attributes:
        names: the labels.
        counts: units x labels x 3: correct, predicted, support; numbers with halves in ``partial``, else integers.
        unit: what the units are.
        layer: the layer of spans that was compared.
        ignored: predicted spans that were left out, as they overlap regions that nobody annotated.
        mode: how spans were matched: one of MODES, or another name where what was matched are not spans.
        verdicts: labels x 5, int64: correct, incorrect, partial, missed, spurious; a pair belongs to its gold
            span's label. None where the mode pairs no overlapping spans.
        touched: (labels + 1) x 4, int64: positions of gold spans, those of them that predicted spans of any
            label cover, positions of predicted spans, those of them that gold spans of any label cover; the
            last row is of all labels as one. None but in ``tokens`` and ``characters``.
    """

    names: tuple[str, ...]
    counts: NDArray[np.integer[Any] | np.floating[Any]]
    unit: Unit = "document"
    layer: str = ENTITIES
    ignored: int = 0
    mode: str = "exact"
    verdicts: NDArray[np.int64] | None = None
    touched: NDArray[np.int64] | None = None

    @property
    def totals(self) -> NDArray[np.int64] | NDArray[np.float64]:
        """The counts of each label over all units, labels x 3."""
        kind: type[np.int64] | type[np.float64] = np.int64 if self.counts.dtype.kind in "iu" else np.float64
        return np.asarray(self.counts.sum(axis=0, dtype=kind))

    @property
    def micro(self) -> Counts:
        """The counts of all labels together."""
        return _counts(self.totals.sum(axis=0))

    @property
    def labels(self) -> dict[str, Counts]:
        """The counts of each label, over all units."""
        return {name: _counts(row) for name, row in zip(self.names, self.totals, strict=True)}

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the labels that occur, in gold or predicted; 0.0 if none does."""
        return float(macro_f1(self.totals))

    @property
    def macro(self) -> Average:
        """The means over the labels that occur, in gold or predicted; 0.0 if none does."""
        return self._average([float(counts.predicted + counts.support > 0) for counts in self.labels.values()])

    @property
    def weighted(self) -> Average:
        """The means over the labels, each as often as gold has it; 0.0 if gold has nothing."""
        return self._average([float(counts.support) for counts in self.labels.values()])

    @property
    def leaked(self) -> dict[str, float]:
        """The share of each label's gold positions that no predicted span covers; 0.0 where there is none.

        For masking, where a wrong label is no harm. Under ``""`` the share of all gold positions.

        Raises:
            UsageError: if the mode does not count positions.
        """
        if self.touched is None:
            raise UsageError(f"only the modes tokens and characters say what leaks, this is {self.mode!r}")
        support, covered = self.touched[:, 0], self.touched[:, 1]
        shares = ((support - covered) / np.maximum(support, 1)).tolist()
        return dict(zip((*self.names, ""), shares, strict=True))

    @property
    def figure(self) -> Figure:
        """Micro F1, by which taggers are judged."""
        f1 = self.micro.f1
        return Figure("F1", f1, f"{f1:.2%}")

    @property
    def curves(self) -> dict[str, float]:
        """The F1 of each label."""
        return {f"{label}/F1": counts.f1 for label, counts in self.labels.items()}

    def lines(self) -> Iterator[str]:
        """A table: a row for each label, and one for all."""
        from elman.metrics.report import render_text

        return iter(render_text(self).splitlines())

    @cached_property
    def intervals(self) -> Intervals | None:
        """95 % bootstrap intervals of F1 over the units; None of fewer than two units, or without labels."""
        return bootstrap(self.counts) if len(self.counts) > 1 and self.names else None

    def to_json(self) -> dict[str, Any]:
        """The result as plain values, ratios as fractions.

        Under ``micro`` and, for each label, under ``labels``: ``precision``, ``recall``, ``f1``,
        ``support``, ``predicted``, ``correct`` and ``interval``, the two ends of F1's. Under ``macro``:
        ``precision``, ``recall``, ``f1`` and ``interval``, under ``weighted`` the same without the interval.
        Under ``matching``: ``mode``, ``layer``, ``ignored``. Under ``bootstrap``, how the intervals came
        about: ``level``, ``samples``, ``seed``, ``unit``, ``units``. Under ``schema`` its name and version.
        Without intervals ``bootstrap`` and each ``interval`` are None.

        Where the mode has them, each label and ``micro`` have ``verdicts`` (``correct``, ``incorrect``,
        ``partial``, ``missed``, ``spurious``) or ``any_label`` (``support`` and how much of it is
        ``covered``, ``predicted`` and how much of it is ``correct``, and ``leaked``, a fraction).
        """
        intervals = self.intervals
        by_label = intervals.labels if intervals else (None,) * len(self.names)
        more = self._more()
        return {
            "schema": SCHEMA,
            "matching": {"mode": self.mode, "layer": self.layer, "ignored": self.ignored},
            "micro": _plain(self.micro, intervals.micro if intervals else None) | more[-1],
            "macro": self.macro._asdict() | {"interval": list(intervals.macro) if intervals else None},
            "weighted": self.weighted._asdict(),
            "labels": {
                name: _plain(counts, interval) | rest
                for (name, counts), interval, rest in zip(self.labels.items(), by_label, more[:-1], strict=True)
            },
            "bootstrap": None
            if intervals is None
            else {
                "level": intervals.level,
                "samples": intervals.samples,
                "seed": intervals.seed,
                "unit": self.unit,
                "units": intervals.units,
            },
        }

    def _average(self, weights: list[float]) -> Average:
        """The labels' ratios, weighted; 0.0 where the weights are."""
        total = sum(weights) or 1.0
        ratios = [(counts.precision, counts.recall, counts.f1) for counts in self.labels.values()]
        return Average(
            *(sum(w * ratio[at] for w, ratio in zip(weights, ratios, strict=True)) / total for at in range(3))
        )

    def _more(self) -> list[dict[str, Any]]:
        """What only some modes have, for each label and then for all together."""
        if self.verdicts is not None:
            rows = [*self.verdicts.tolist(), self.verdicts.sum(axis=0).tolist()]
            return [{"verdicts": dict(zip(VERDICTS, row, strict=True))} for row in rows]
        if self.touched is not None:
            keys = "support", "covered", "predicted", "correct"
            rows = self.touched.tolist()
            return [
                {"any_label": dict(zip(keys, row, strict=True)) | {"leaked": leaked}}
                for row, leaked in zip(rows, self.leaked.values(), strict=True)
            ]
        return [{}] * (len(self.names) + 1)


def score(comparison: Comparison, mode: Mode = "exact") -> Result:
    """Match predicted spans with gold ones, and count.

    The modes, of which the first is what shared tasks count:

    - ``exact``: right are spans with the same unit, start, end and label. A span that is given several times
      counts several times: if it is there g times in gold and p times among the predictions, min(g, p) are
      correct.
    - ``strict``, ``type``, ``partial``, ``boundaries``: spans that overlap are paired one to one as
      ``pairing.pair_spans`` says. A pair is correct if start, end and label agree, the label does, start and
      end do, start and end do; else it is incorrect, in ``partial`` partial, which is half a credit
      (MUC-5, Chinchor and Sundheim 1993; ``boundaries`` is what nervaluate calls exact). In ``partial`` and
      ``boundaries`` labels do not matter, and a label's numbers are of the pairs of its gold spans, and of its
      predicted spans without a pair.
    - ``tokens``, ``characters``: right is each token or character that spans of the same label cover on both
      sides, counted once a label. A span covers a token if they share a character.
    - ``surface``: different pairs of words and label, as ``surfaces.count_surfaces`` says.

    Raises:
        UsageError: if there is no such mode, a row's unit, offsets or label cannot be, or the comparison does
            not have what the mode needs: tokens, characters, or texts.
    """
    if mode not in MODES:
        raise UsageError(f"there is no mode {mode!r}; there are {', '.join(MODES)}")
    found, labels = comparison, len(comparison.names)
    verdicts = touched = None
    counts: NDArray[Any]
    if mode == "exact":
        counts = count_exact(found.gold, found.predicted, found.units, labels)
    else:
        for side, spans in (("gold", found.gold), ("predicted", found.predicted)):
            check_spans(spans, side, found.units, labels)
        if mode in PAIRED:
            counts, verdicts = count_pairs(found, mode)
        elif mode == "surface":
            counts = count_forms(found)
        else:
            counts, touched = count_positions(found, tokens=mode == "tokens")
    return Result(found.names, counts, found.unit, found.layer, found.ignored, mode, verdicts, touched)


def _counts(row: NDArray[Any]) -> Counts:
    correct, predicted, support = row.tolist()
    return Counts(correct, int(predicted), int(support))


def _plain(counts: Counts, interval: Interval | None) -> dict[str, Any]:
    return {**counts.to_json(), "interval": list(interval) if interval else None}
