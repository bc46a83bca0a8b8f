from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.errors import UsageError
from elman.metrics.counts import Counts
from elman.metrics.intervals import bootstrap, macro_f1
from elman.metrics.student import t_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray


def drawn_counts(units: int, labels: int, seed: int = 0) -> NDArray[np.int32]:
    rng = np.random.default_rng(seed)
    support = rng.poisson(2, size=(units, labels))
    correct = rng.binomial(support, 0.8)
    return np.stack([correct, correct + rng.poisson(0.5, size=support.shape), support], axis=-1).astype(np.int32)


def ratios(counts: NDArray[np.int32]) -> list[float]:
    """Micro F1, macro F1, each label's F1; micro precision and each label's; the same of recall."""
    labels = [Counts(*row) for row in counts.sum(axis=0).tolist()]
    both = sum(labels, Counts())
    macro = float(np.mean([label.f1 for label in labels if label.predicted or label.support]))
    every = [both, *labels]
    return [
        both.f1,
        macro,
        *(each.f1 for each in labels),
        *(each.precision for each in every),
        *(each.recall for each in every),
    ]


def by_the_book(counts: NDArray[np.int32], samples: int) -> NDArray[np.float64]:
    """Draw units one by one, add them up as Counts; the quantiles that t takes for as many as the spread is worth."""
    rng = np.random.default_rng(7)
    units = len(counts)
    scores = np.array([ratios(counts[rng.integers(units, size=units)]) for _ in range(samples)])
    left = np.array([ratios(np.delete(counts, unit, axis=0)) for unit in range(units)])
    ends = np.empty((scores.shape[1], 2))
    for column, values in enumerate(left.T):
        apart = values - values.mean()
        freedom = units - 1
        if apart.any():
            kurtosis = (apart**4).mean() / (apart**2).mean() ** 2
            freedom = min(freedom, int(2 * units / (kurtosis - 1)))
        tail = NormalDist().cdf(-t_quantile(0.975, freedom) * (units / (units - 1)) ** 0.5)
        ends[column] = np.quantile(scores[:, column], (tail, 1 - tail))
    return ends


@pytest.mark.parametrize("copies", [1, 20])
def test_intervals_equal_a_bootstrap_by_the_book(copies: int) -> None:
    # With many copies there are few kinds of units, and another way to draw.
    counts = np.tile(drawn_counts(60 // copies, 3), (copies, 1, 1))
    found = bootstrap(counts, samples=20_000)
    expected = by_the_book(counts, 2000)
    width = np.diff(expected, axis=1)
    ranges = [found.precision.micro, *found.precision.labels, found.recall.micro, *found.recall.labels]
    assert np.all(abs(np.array([found.micro, found.macro, *found.labels, *ranges]) - expected) <= 0.1 * width + 1e-12)


def test_intervals_hold_the_truth() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for trial in range(150):
        support = rng.poisson(3, size=(100, 1))
        correct = rng.binomial(support, 0.8)
        predicted = correct + rng.binomial(support, 0.2)
        low, high = bootstrap(np.stack([correct, predicted, support], axis=-1), 400, seed=trial).micro
        held += low <= 0.8 <= high  # of all that is predicted 0.8 is right, of all that is there 0.8 is found
    assert 0.90 <= held / 150 <= 0.985


def test_the_seed_decides() -> None:
    counts = drawn_counts(50, 4)
    assert bootstrap(counts, 100, seed=1) == bootstrap(counts, 100, seed=1)
    assert bootstrap(counts, 100, seed=1) != bootstrap(counts, 100, seed=2)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = drawn_counts(50, 4)
    whole = bootstrap(counts, 100)
    monkeypatch.setattr("elman.metrics.resampling._BLOCK", 350)
    assert bootstrap(counts, 100) == whole


def test_a_higher_level_is_wider_and_the_score_within() -> None:
    counts = drawn_counts(50, 2)
    narrow, wide = bootstrap(counts, level=0.8), bootstrap(counts, level=0.99)
    score = Counts(*counts.sum(axis=(0, 1)).tolist()).f1
    assert wide.micro.low < narrow.micro.low < score < narrow.micro.high < wide.micro.high
    assert (wide.level, wide.samples, wide.seed, wide.units) == (0.99, 2000, 1, 50)


def test_without_errors_or_without_spans_there_is_no_spread() -> None:
    assert bootstrap(np.full((5, 2, 3), 4)).micro == (1.0, 1.0)
    assert bootstrap(np.full((5, 2, 3), 4)).recall.labels == ((1.0, 1.0),) * 2
    assert bootstrap(np.zeros((5, 2, 3), dtype=np.int32)).macro == (0.0, 0.0)


def test_a_label_of_one_unit_is_as_uncertain_as_can_be() -> None:
    counts = np.zeros((10, 2, 3), dtype=np.int32)
    counts[:, 0] = counts[0, 1] = 1
    found = bootstrap(counts)
    assert found.labels == found.precision.labels == found.recall.labels == ((1.0, 1.0), (0.0, 1.0))
    assert found.macro == (1.0, 1.0)  # of the labels that occur


@pytest.mark.parametrize(
    ("shape", "samples", "level"),
    [
        ((1, 2, 3), 10, 0.9),
        ((5, 0, 3), 10, 0.9),
        ((5, 2, 3), 0, 0.9),
        ((5, 2, 3), 10, 0.0),
        ((5, 2, 3), 10, 1.0),
    ],
)
def test_what_an_interval_needs(shape: tuple[int, ...], samples: int, level: float) -> None:
    with pytest.raises(UsageError, match="an interval needs"):
        bootstrap(np.zeros(shape, dtype=np.int32), samples, level)


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), max_size=4))
def test_macro_f1_is_the_mean_of_the_labels_that_occur(parts: list[tuple[int, int, int]]) -> None:
    labels = [Counts(correct, correct + wrong, correct + missed) for correct, wrong, missed in parts]
    array = np.array([[part.correct, part.predicted, part.support] for part in labels]).reshape(-1, 3)
    occurring = [part.f1 for part in labels if part.predicted or part.support]
    assert macro_f1(array) == pytest.approx(np.mean(occurring) if occurring else 0.0)
