from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nervaluate import Evaluator

from elman.metrics.comparison import Comparison
from elman.metrics.counting import verdicts_by_label
from elman.metrics.pairing import PAIRED, VERDICTS, pair_same
from elman.metrics.score import score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from elman.metrics.pairing import PairedMode

NAMES = ("LOC", "ORG", "PER")
THEIR_NAMES = {"strict": "strict", "type": "ent_type", "partial": "partial", "boundaries": "exact"}
Span = tuple[int, int, int]
Unit = tuple[list[Span], list[Span]]

SPAN = st.builds(
    lambda start, length, label: (start, start + length, label),
    st.integers(0, 6),
    st.integers(1, 4),
    st.integers(0, len(NAMES) - 1),
)
UNIT = st.tuples(st.lists(SPAN, max_size=5), st.lists(SPAN, max_size=5))
UNITS = st.lists(UNIT, min_size=1, max_size=3)
FLAT = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.integers(0, len(NAMES) - 1)), max_size=6).map(
    lambda steps: flat(steps)
)


def flat(steps: list[tuple[int, int, int]]) -> list[Span]:
    """Spans side by side: gap, length and label of each."""
    spans, at = [], 0
    for gap, length, label in steps:
        spans.append((at + gap, at + gap + length, label))
        at += gap + length
    return spans


def comparison(units: list[Unit]) -> Comparison:
    gold, predicted = (
        np.array([(unit, *span) for unit, sides in enumerate(units) for span in sides[side]], np.int64).reshape(-1, 4)
        for side in (0, 1)
    )
    return Comparison(NAMES, gold, predicted, len(units))


def verdict(gold: Span, predicted: Span, mode: str) -> str | None:
    """The verdict on a pair, from the definitions alone; None where there is no pair."""
    if gold[0] >= predicted[1] or predicted[0] >= gold[1]:
        return None
    place, label = gold[:2] == predicted[:2], gold[2] == predicted[2]
    if {"strict": place and label, "type": label, "partial": place, "boundaries": place}[mode]:
        return "correct"
    return "partial" if mode == "partial" else "incorrect"


def brute_force(unit: Unit, mode: str) -> list[int]:
    """The verdicts of the best pairing of all: most credit, then most incorrect, then most correct."""
    gold, predicted = unit

    @cache
    def tried(at: int, used: int) -> tuple[float, int, int, int]:
        if at == len(gold):
            return 0, 0, 0, 0
        found = tried(at + 1, used)
        for other, span in enumerate(predicted):
            said = None if used >> other & 1 else verdict(gold[at], span, mode)
            if said:
                credit, wrong, right, half = tried(at + 1, used | 1 << other)
                credit += {"correct": 1, "partial": 0.5, "incorrect": 0}[said]
                added = (credit, wrong + (said == "incorrect"), right + (said == "correct"), half + (said == "partial"))
                found = max(found, added)
        return found

    _, wrong, right, half = tried(0, 0)
    pairs = wrong + right + half
    return [right, wrong, half, len(gold) - pairs, len(predicted) - pairs]


@pytest.mark.parametrize("mode", PAIRED)
@settings(max_examples=50, deadline=None)
@given(UNITS)
def test_verdicts_are_those_of_the_best_pairing(mode: PairedMode, units: list[Unit]) -> None:
    result = score(comparison(units), mode)
    assert result.verdicts is not None
    assert result.verdicts.sum(axis=0).tolist() == np.sum([brute_force(unit, mode) for unit in units], axis=0).tolist()
    apart = [[[span for span in side if span[2] == label] for side in unit] for unit in units for label in range(3)]
    alone = verdicts_by_label(comparison(units), mode)
    for label in range(len(NAMES)):
        expected = np.sum([brute_force((unit[0], unit[1]), mode) for unit in apart[label::3]], axis=0)
        assert alone[label].tolist() == expected.tolist()


@pytest.mark.parametrize("mode", PAIRED)
@settings(max_examples=40, deadline=None)
@given(UNITS)
def test_counts_follow_from_verdicts(mode: PairedMode, units: list[Unit]) -> None:
    result = score(comparison(units), mode)
    assert result.verdicts is not None
    verdicts = result.verdicts
    credit = verdicts[:, 0] + verdicts[:, 2] / 2
    for label, counts, row, right in zip(range(3), result.labels.values(), verdicts, credit, strict=True):
        assert counts.correct == right
        assert counts.support == row[:4].sum() == sum(span[2] == label for unit in units for span in unit[0])
        own = sum(span[2] == label for unit in units for span in unit[1])
        assert counts.predicted == (own if mode in ("strict", "type") else row.sum() - row[3])
    assert result.micro.predicted == sum(len(predicted) for _, predicted in units)
    # In each unit too no label has more correct spans than it has spans, which the intervals need.
    assert (result.counts[..., 0] <= result.counts[..., 1:].min(axis=-1)).all()


@settings(max_examples=50, deadline=None)
@given(UNITS)
def test_strict_and_exact_count_alike(units: list[Unit]) -> None:
    exact, strict = score(comparison(units)), score(comparison(units), "strict")
    assert np.array_equal(exact.counts, strict.counts)
    partner = pair_same(comparison(units).gold, comparison(units).predicted)
    assert np.count_nonzero(partner >= 0) == exact.micro.correct
    found = comparison(units).predicted[partner[partner >= 0]]
    assert np.array_equal(comparison(units).gold[partner >= 0], found)


@pytest.mark.parametrize("mode", PAIRED)
@settings(max_examples=40, deadline=None)
@given(UNITS, st.randoms(use_true_random=False))
def test_no_order_changes_anything(mode: PairedMode, units: list[Unit], random: Any) -> None:
    places = random.sample(range(len(units)), len(units))
    shuffled = [
        (random.sample(units[at][0], len(units[at][0])), random.sample(units[at][1], len(units[at][1])))
        for at in places
    ]
    one, other = score(comparison(units), mode), score(comparison(shuffled), mode)
    assert np.array_equal(one.verdicts, other.verdicts)
    assert np.array_equal(one.counts[places], other.counts)


@pytest.mark.parametrize("mode", PAIRED)
@settings(max_examples=40, deadline=None)
@given(UNITS)
def test_gold_and_predicted_can_change_places(mode: PairedMode, units: list[Unit]) -> None:
    one, other = score(comparison(units), mode), score(comparison([(sides[1], sides[0]) for sides in units]), mode)
    assert one.verdicts is not None
    assert other.verdicts is not None
    assert one.verdicts.sum(axis=0)[[0, 1, 2, 4, 3]].tolist() == other.verdicts.sum(axis=0).tolist()


def nervaluate(units: list[Unit]) -> dict[str, Any]:
    gold, predicted = (
        [
            [{"label": NAMES[label], "start": start, "end": end - 1} for start, end, label in unit[side]]
            for unit in units
        ]
        for side in (0, 1)
    )
    evaluated: dict[str, Any] = Evaluator(gold, predicted, tags=list(NAMES), loader="dict").evaluate()
    return evaluated


def theirs(result: Any) -> list[int]:
    return [getattr(result, name) for name in VERDICTS]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(FLAT, FLAT), min_size=1, max_size=3))
def test_flat_data_give_nervaluates_numbers(units: list[Unit]) -> None:
    expected = nervaluate(units)
    # Where a span overlaps several of the other side, their type mode takes what comes first.
    several = any(
        sum(span[0] < other[1] and other[0] < span[1] for other in unit[1 - side]) > 1
        for unit in units
        for side in (0, 1)
        for span in unit[side]
    )
    for mode in PAIRED:
        result, overall = score(comparison(units), mode), expected["overall"][THEIR_NAMES[mode]]
        assert result.verdicts is not None
        if mode == "type" and several:
            assert result.micro.correct >= overall.correct
            continue
        assert result.verdicts.sum(axis=0).tolist() == theirs(overall)
        assert result.micro.precision == pytest.approx(overall.precision)
        assert result.micro.recall == pytest.approx(overall.recall)
        assert result.micro.f1 == pytest.approx(overall.f1)
        alone = verdicts_by_label(comparison(units), mode)
        for name, by_mode in expected["entities"].items():
            assert alone[NAMES.index(name)].tolist() == theirs(by_mode[THEIR_NAMES[mode]])


def test_neighbours_do_not_overlap() -> None:
    # nervaluate's inclusive ends, fed with exclusive ones, make these a pair with the right type.
    result = score(comparison([([(0, 5, 0)], [(5, 9, 0)])]), "type")
    assert result.verdicts is not None
    assert result.verdicts.sum(axis=0).tolist() == [0, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("strict", [2, 1, 0, 1, 1]),
        ("type", [3, 0, 0, 1, 1]),
        ("partial", [2, 0, 1, 1, 1]),
        ("boundaries", [2, 1, 0, 1, 1]),
    ],
)
def test_nested_spans(mode: PairedMode, expected: list[int]) -> None:
    # A university named after a city: the outer spans, the inner ones, one cut short, and two that are far apart.
    gold = [(0, 9, 1), (4, 6, 0), (12, 16, 2), (20, 21, 2)]
    predicted = [(4, 6, 0), (0, 9, 1), (13, 16, 2), (30, 31, 2)]
    result = score(comparison([(gold, predicted)]), mode)
    assert result.verdicts is not None
    assert result.verdicts.sum(axis=0).tolist() == expected


@pytest.mark.parametrize("mode", PAIRED)
def test_duplicates_are_paired_once_each(mode: PairedMode) -> None:
    span = (0, 3, 0)
    result = score(comparison([([span] * 3, [span] * 2), ([], [span] * 2), ([], [])]), mode)
    assert result.verdicts is not None
    assert result.verdicts.tolist() == [[2, 0, 0, 1, 2], [0] * 5, [0] * 5]


@pytest.mark.parametrize("mode", PAIRED)
@pytest.mark.parametrize("width", [1, 2**30])
def test_a_document_with_one_span_over_thousands(mode: PairedMode, width: int) -> None:
    size = 2000
    inner: NDArray[np.int64] = np.arange(size) * 4 % (size * 4)
    rows = np.column_stack([np.zeros(size), inner, inner + 3, inner // 4 % 3]).astype(np.int64)
    outer = np.array([[0, 0, size * 4 + width, 0]])
    moved = np.add(rows, [0, 1, 1, 0])
    result = score(Comparison(NAMES, np.vstack([outer, rows]), np.vstack([moved, outer]), 1), mode)
    assert result.verdicts is not None
    found = result.verdicts.sum(axis=0).tolist()
    if mode == "type":  # each span with the one that is shifted by one
        assert found == [size + 1, 0, 0, 0, 0]
    elif mode == "partial":
        assert found == [1, 0, size, 0, 0]
    else:
        assert found == [1, size, 0, 0, 0]
