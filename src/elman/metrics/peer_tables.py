"""The tables that seqeval and nervaluate print, for people who are used to reading them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from elman.errors import UsageError
from elman.metrics.score import score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from elman.metrics.comparison import Comparison
    from elman.metrics.matching import Mode
    from elman.metrics.score import Result

SCENARIOS: dict[str, Mode] = {"ent_type": "type", "exact": "boundaries", "partial": "partial", "strict": "strict"}
"""nervaluate's names for ways to match, in its order, and the modes of ``score`` that they are."""


def seqeval_report(result: Result, digits: int = 2) -> str:
    """The table of ``seqeval.metrics.classification_report``, with the line break at the end.

    It is seqeval's strict mode if the tags were read with the repair ``drop``, and its default mode if they were
    read with ``conlleval``; except that of BILUO and BMEWO its default mode joins what these schemes keep apart, and
    that it fails where there is no entity at all, where this table has its averages, all 0.

    Args:
        result: of exact matching.
        digits: decimals of the ratios.
    """
    correct, predicted, support = result.totals.astype(np.float64).T
    rows = [*zip(result.names, *_ratios(correct, predicted, support), support, strict=True)]
    rows.sort(key=lambda row: row[0])
    micro = [ratio[0] for ratio in _ratios(*(column.sum(keepdims=True) for column in (correct, predicted, support)))]
    total = support.sum()
    averages = [("micro avg", *micro, total)]
    for name, weights in (("macro avg", np.ones(len(rows))), ("weighted avg", support)):
        averages.append((name, *(_average(ratio, weights) for ratio in _ratios(correct, predicted, support)), total))
    width = max(map(len, (*result.names, "weighted avg", digits * " ")))
    header = "".join(f" {title:>9}" for title in ("precision", "recall", "f1-score", "support"))
    lines = [f"{'':>{width}} {header}", ""]
    for block in (rows, averages):
        for name, *ratios, of in block:
            lines.append(f"{name:>{width}} " + "".join(f" {ratio:>9.{digits}f}" for ratio in ratios) + f" {of:>9.0f}")
        lines.append("")
    return "\n".join(lines)


def nervaluate_report(comparison: Comparison, scenario: str | None = None, digits: int = 2) -> str:
    """The table of ``nervaluate.Evaluator.summary_report``, with the line break at the end.

    Where spans of one side overlap, pairs are the best there are, and not, as in nervaluate, those found first.

    Args:
        comparison: the spans.
        scenario: one of SCENARIOS for a row for each label, with nothing but the spans of that label; None for a
            row for each scenario, with all spans.
        digits: decimals of the ratios.

    Raises:
        UsageError: if there is no such scenario.
    """
    rows = {}
    if scenario is None:
        for name, mode in SCENARIOS.items():
            rows[name] = _verdicts(comparison, mode), mode
    elif scenario not in SCENARIOS:
        raise UsageError(f"there is no scenario {scenario!r}; nervaluate has {', '.join(SCENARIOS)}")
    else:
        for label, name in enumerate(comparison.names):
            alone = replace(
                comparison,
                gold=comparison.gold[comparison.gold[:, 3] == label],
                predicted=comparison.predicted[comparison.predicted[:, 3] == label],
            )
            rows[name] = _verdicts(alone, SCENARIOS[scenario]), SCENARIOS[scenario]
    titles = ("correct", "incorrect", "partial", "missed", "spurious", "precision", "recall", "f1-score")
    width = max(map(len, (*rows, "correct", digits * " ")))
    lines = [f"Scenario: {scenario or 'all'}", "", f"{'':>{width}} " + "".join(f" {title:>11}" for title in titles), ""]
    for name, (verdicts, mode) in sorted(rows.items()):
        correct, incorrect, partial, missed, spurious = verdicts
        credit = correct + (0.5 * partial if mode in ("partial", "type") else 0)
        both = correct + incorrect + partial
        precision = credit / (both + spurious) if both + spurious else 0.0
        recall = credit / (both + missed) if both + missed else 0.0
        f1 = 2 * (precision * recall) / (precision + recall) if precision + recall else 0.0
        counts = "".join(f" {count:>11}" for count in verdicts)
        lines.append(f"{name:>{width}} {counts}" + "".join(f" {x:>11.{digits}f}" for x in (precision, recall, f1)))
    return "\n".join([*lines, ""])


def _verdicts(comparison: Comparison, mode: Mode) -> list[int]:
    """Correct, incorrect, partial, missed and spurious, over all labels."""
    verdicts = score(comparison, mode).verdicts
    if verdicts is None:
        raise UsageError(f"the mode {mode} has no verdicts")
    total: list[int] = verdicts.sum(axis=0).tolist()
    return total


def _ratios(
    correct: NDArray[np.float64], predicted: NDArray[np.float64], support: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Precision, recall and F1, in seqeval's order of operations, on which the last digit may hang."""
    precision, recall = correct / np.maximum(predicted, 1), correct / np.maximum(support, 1)
    together = precision + recall
    return precision, recall, 2 * precision * recall / np.where(together > 0, together, 1)


def _average(ratios: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    return float(np.average(ratios, weights=weights)) if weights.sum() else 0.0
