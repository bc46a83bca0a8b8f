"""What the modes count that need more than equal spans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from elman.errors import UsageError
from elman.metrics.coverage import count_covered, count_touched
from elman.metrics.pairing import CORRECT, PARTIAL, SPURIOUS, VERDICTS, judge_pairs, pair_same, pair_spans
from elman.metrics.surfaces import count_surfaces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from elman.metrics.comparison import Comparison
    from elman.metrics.pairing import PairedMode

    Ints = NDArray[np.int64]


def count_pairs(comparison: Comparison, mode: PairedMode) -> tuple[NDArray[Any], Ints]:
    """Count in a mode that pairs spans.

    A pair counts in the unit of its gold span. Where the label decides, a predicted span counts under its own
    label; in ``partial`` and ``boundaries`` under that of its gold span, so that no label has more correct
    spans than predicted ones.

    Returns:
        Units x labels x 3: credit, predicted, support. And the verdicts, labels x 5.
    """
    gold, predicted = comparison.gold, comparison.predicted
    shape = comparison.units, len(comparison.names)
    partner = pair_spans(*_scoped(comparison), mode)
    verdict = judge_pairs(gold, predicted, partner, mode)
    cell, owner = (side[:, 0] * shape[1] + side[:, 3] for side in (gold, predicted))
    if mode in ("partial", "boundaries"):
        paired = partner >= 0
        owner[partner[paired]] = cell[paired]
    credit = (verdict == CORRECT) + 0.5 * (verdict == PARTIAL)
    size = shape[0] * shape[1]
    columns = np.bincount(cell, credit, size), np.bincount(owner, minlength=size), np.bincount(cell, minlength=size)
    counts = np.stack(columns, axis=-1).reshape(*shape, 3)
    verdicts = _verdicts(gold, predicted, partner, verdict, shape[1])
    return counts if mode == "partial" else counts.astype(np.int32), verdicts


def verdicts_by_label(comparison: Comparison, mode: PairedMode) -> Ints:
    """The verdicts on each label as if there were no other: spans pair only within a label, as in nervaluate.

    So these do not add up to the verdicts on all labels together, which ``score`` gives.

    Returns:
        labels x 5: correct, incorrect, partial, missed, spurious.
    """
    labels = len(comparison.names)
    gold, predicted = (np.column_stack([side[:, 0] * labels + side[:, 3], side[:, 1:]]) for side in _scoped(comparison))
    partner = pair_spans(gold, predicted, mode)
    return _verdicts(gold, predicted, partner, judge_pairs(gold, predicted, partner, mode), labels)


def count_positions(comparison: Comparison, *, tokens: bool) -> tuple[Ints, Ints]:
    """Count tokens, or else characters.

    Returns:
        Units x labels x 3: covered on both sides by spans of the label, predicted, support. And what spans of
        any label cover, (labels + 1) x 4.

    Raises:
        UsageError: if the comparison does not have them.
    """
    sides = _scoped(comparison)
    units = comparison.gold[:, 0], comparison.predicted[:, 0]
    if comparison.offsets == "token" and not tokens:
        raise UsageError(
            "the mode characters needs offsets in characters, and these are in tokens; the mode tokens counts those"
        )
    if comparison.offsets == "character" and tokens:
        if comparison.touched is None:
            raise UsageError(
                "the mode tokens needs tokens, and some text with spans came without; the mode characters needs none"
            )
        moved = [
            np.column_stack([side[:, 0], at, side[:, 3]]) for side, at in zip(sides, comparison.touched, strict=True)
        ]
        some = [side[:, 1] < side[:, 2] for side in moved]  # of a span between tokens nothing is left
        sides = moved[0][some[0]], moved[1][some[1]]
        units = units[0][some[0]], units[1][some[1]]
    labels = len(comparison.names)
    return count_covered(*sides, *units, comparison.units, labels), count_touched(*sides, labels)


def count_forms(comparison: Comparison) -> Ints:
    """Count different surface forms, units x labels x 3: correct, predicted, support.

    Raises:
        UsageError: if the comparison does not have the texts.
    """
    texts = comparison.texts
    if texts is None:
        raise UsageError("the mode surface needs the texts of the spans, and there are none; compare documents")
    gold, predicted = comparison.gold, comparison.predicted
    partner = pair_same(gold, predicted)
    right = np.zeros(len(predicted), bool)
    right[partner[partner >= 0]] = True
    numbers: dict[str, int] = {}

    def words(spans: Ints) -> Ints:
        """A number for the words of each span, whatever is between them."""
        places = ((0 if comparison.running else unit, start, end) for unit, start, end, _ in spans.tolist())
        forms = (" ".join(texts[at][start:end].split()) for at, start, end in places)
        return np.array([numbers.setdefault(form, len(numbers)) for form in forms], np.int64)

    return count_surfaces(
        gold,
        predicted,
        (words(gold), words(predicted)),
        (partner >= 0, right),
        comparison.units,
        len(comparison.names),
    )


def _scoped(comparison: Comparison) -> tuple[Ints, Ints]:
    """Gold and predicted spans, in one unit if offsets run on."""
    keep = np.array([0, 1, 1, 1] if comparison.running else [1, 1, 1, 1])
    return comparison.gold * keep, comparison.predicted * keep


def _verdicts(gold: Ints, predicted: Ints, partner: Ints, verdict: Ints, labels: int) -> Ints:
    """The verdicts by label, labels x 5; a pair belongs to its gold span's label."""
    alone = np.ones(len(predicted), bool)
    alone[partner[partner >= 0]] = False
    cells = np.concatenate([gold[:, 3] * len(VERDICTS) + verdict, predicted[alone, 3] * len(VERDICTS) + SPURIOUS])
    return np.bincount(cells, minlength=labels * len(VERDICTS)).reshape(labels, len(VERDICTS))
