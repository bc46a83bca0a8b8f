import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.errors import UsageError
from elman.metrics.calibration import (
    brier,
    expected_calibration_error,
    fit_binary_temperature,
    fit_temperature,
    log_loss,
    refine_temperature,
    reliability,
)

ANSWERS = st.lists(
    st.tuples(st.one_of(st.sampled_from((0.0, 0.1, 0.25, 0.5, 1.0)), st.floats(0, 1)), st.booleans()),
    min_size=1,
    max_size=40,
)
MASSES = st.sampled_from(("equal", "width"))


def split(answers):
    return [said for said, _ in answers], [true for _, true in answers]


def test_ten_bins_of_one_each_by_hand():
    said = [0.05 + 0.1 * at for at in range(10)]
    true = [False] * 5 + [True] * 5
    for mass in ("equal", "width"):
        diagram = reliability(said, true, mass=mass)
        assert diagram.counts.tolist() == [1] * 10
        assert diagram.probability.tolist() == pytest.approx(said)
        assert diagram.accuracy.tolist() == [0.0] * 5 + [1.0] * 5
        assert diagram.expected_error == pytest.approx(0.25)
        assert diagram.maximum_error == pytest.approx(0.45)


def test_bins_by_hand():
    said = [0.2, 0.2, 0.4, 0.9, 0.9, 1.0]
    true = [True, False, False, True, True, True]
    equal = reliability(said, true, bins=2)
    assert equal.counts.tolist() == [3, 3]
    assert equal.low.tolist() == [0.2, 0.9]
    assert equal.high.tolist() == [0.4, 1.0]
    assert equal.expected_error == pytest.approx((3 * abs(1 / 3 - 0.8 / 3) + 3 * abs(1 - 2.8 / 3)) / 6)
    wide = reliability(said, true, bins=4, mass="width")
    assert wide.counts.tolist() == [2, 1, 3]  # up to 0.25, 0.5, 0.75 and 1
    assert wide.accuracy.tolist() == [0.5, 0.0, 1.0]
    assert [row["count"] for row in wide.to_json()["bins"]] == [2, 1, 3]


def test_equal_probabilities_stay_together():
    said = [0.5] * 7 + [0.9] * 3
    true = [True, False] * 5
    diagram = reliability(said, true, bins=10)
    assert diagram.counts.tolist() == [7, 3]
    assert reliability([1.0] * 50, [True] * 50).counts.tolist() == [50]


@settings(max_examples=50, deadline=None)
@given(ANSWERS, st.integers(1, 12), MASSES, st.randoms(use_true_random=False))
def test_every_answer_is_in_one_bin_whatever_the_order(answers, bins, mass, random):
    diagram = reliability(*split(answers), bins, mass)
    assert diagram.counts.sum() == len(answers)
    assert (diagram.counts > 0).all()
    assert len(diagram.counts) <= bins
    assert (diagram.low <= diagram.high).all()
    assert (diagram.high[:-1] < diagram.low[1:]).all()
    for low, high, count, accuracy, mean in zip(
        diagram.low, diagram.high, diagram.counts, diagram.accuracy, diagram.probability, strict=True
    ):
        inside = [(said, true) for said, true in answers if low <= said <= high]
        assert len(inside) == count
        assert accuracy == pytest.approx(np.mean([true for _, true in inside]))
        assert mean == pytest.approx(np.mean([said for said, _ in inside]))
    assert 0 <= diagram.expected_error <= diagram.maximum_error + 1e-12 <= 1 + 2e-12
    shuffled = random.sample(answers, len(answers))
    assert reliability(*split(shuffled), bins, mass).to_json() == diagram.to_json()
    assert expected_calibration_error(*split(shuffled), bins, mass) == diagram.expected_error


@given(st.integers(1, 8), st.integers(1, 6))
def test_bins_of_equal_mass_are_equal_without_ties(bins, each):
    said = np.linspace(0.01, 0.99, bins * each)
    assert reliability(said, said > 0.5, bins).counts.tolist() == [each] * bins


@settings(max_examples=50, deadline=None)
@given(ANSWERS, st.integers(1, 6), MASSES)
def test_the_parts_of_the_brier_score(answers, bins, mass):
    said, true = split(answers)
    parts = brier(said, true, bins, mass)
    assert parts.score == pytest.approx(np.mean([(p - y) ** 2 for p, y in answers]))
    whole = parts.reliability - parts.resolution + parts.uncertainty + parts.within
    assert whole == pytest.approx(parts.score, abs=1e-12)
    assert min(parts.reliability, parts.resolution, parts.uncertainty) >= 0
    # What is within bins is a variance less twice a covariance, each summed up here from its definition.
    diagram = reliability(said, true, bins, mass)
    within = 0.0
    for low, high, mean, accuracy in zip(diagram.low, diagram.high, diagram.probability, diagram.accuracy, strict=True):
        for p, y in answers:
            if low <= p <= high:
                within += (p - mean) ** 2 - 2 * (p - mean) * (y - accuracy)
    assert parts.within == pytest.approx(within / len(answers), abs=1e-12)


def test_without_differences_in_bins_the_brier_score_is_murphys():
    parts = brier([0.2] * 5 + [0.8] * 5, [True] + [False] * 4 + [True] * 5)
    assert parts.within == pytest.approx(0, abs=1e-15)
    assert parts.reliability == pytest.approx(0.5 * 0.2**2)
    assert parts.resolution == pytest.approx(0.5 * 0.4**2 + 0.5 * 0.4**2)
    assert parts.uncertainty == pytest.approx(0.6 * 0.4)


@pytest.mark.parametrize("heat", [0.5, 1.0, 1.7, 3.0])
def test_a_temperature_is_found_again(heat):
    rng = np.random.default_rng(1)
    logits = rng.normal(1.0, 2.0, 40_000)
    correct = rng.random(40_000) < 1 / (1 + np.exp(-logits))
    assert fit_binary_temperature(heat * logits, correct) == pytest.approx(heat, rel=0.03)


def test_the_least_of_a_grid_is_no_better():
    rng = np.random.default_rng(4)
    logits, correct = rng.normal(0, 3, 300), rng.random(300) < 0.6

    def loss(heat):
        return float(np.logaddexp(0, np.where(correct, -logits, logits) / heat).sum())

    found = fit_temperature(loss)
    assert found == fit_binary_temperature(logits, correct)
    assert loss(found) <= min(map(loss, np.linspace(0.2, 5, 2000))) * (1 + 1e-5)


def test_of_two_valleys_the_deeper_one_is_found():
    def loss(heat):
        return min((np.log(heat) - np.log(0.4)) ** 2 + 0.1, (np.log(heat) - np.log(2.5)) ** 2)

    assert fit_temperature(loss) == pytest.approx(2.5, rel=0.01)


def test_where_no_temperature_is_better_it_stays_at_one():
    assert fit_temperature(lambda heat: 3.0) == 1.0  # noqa: ARG005


def test_log_loss_is_that_of_the_truth():
    assert log_loss([0.9, 0.2], [True, False]) == pytest.approx(-np.log(0.9) - np.log(0.8))
    assert log_loss([0.0, 1.0], [True, False]) == pytest.approx(-2 * np.log(1e-12))
    assert log_loss([], []) == 0


def test_a_smoothed_loss_has_its_least_at_plausible_certainty():
    right = [True] * 8
    least = min((log_loss([p] * 8, right, smoothed=True), p) for p in np.linspace(0.5, 1, 1001))
    assert least[1] == pytest.approx(9 / 10, abs=0.001)
    mixed = [True] * 6 + [False] * 2
    said = [0.9] * 6 + [0.4] * 2
    by_hand = -6 * (7 / 8 * np.log(0.9) + 1 / 8 * np.log(0.1)) - 2 * (1 / 4 * np.log(0.4) + 3 / 4 * np.log(0.6))
    assert log_loss(said, mixed, smoothed=True) == pytest.approx(by_hand)


@pytest.mark.parametrize("near", [1.35, 1.5, 1.6])
def test_a_temperature_nearby_is_refined(near):
    rng = np.random.default_rng(1)
    logits = rng.normal(1.0, 2.0, 5000)
    signed = np.where(rng.random(5000) < 1 / (1 + np.exp(-logits)), -1.5 * logits, 1.5 * logits)

    def loss(heat):
        return float(np.logaddexp(0, signed / heat).sum())

    assert refine_temperature(loss, near) == pytest.approx(fit_temperature(loss), rel=0.02)


def test_what_is_far_away_is_not_leapt_to():
    assert refine_temperature(lambda heat: -heat, 1.0) == pytest.approx(np.exp(0.1), abs=0.001)
    assert refine_temperature(lambda heat: (np.log(heat) - 3) ** 2, 1.0) == pytest.approx(np.exp(0.2), abs=0.001)


def test_of_nothing_there_is_no_bin():
    diagram = reliability([], [])
    assert (len(diagram.counts), diagram.expected_error, diagram.maximum_error) == (0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: reliability([0.5], [True, False]), "as many probabilities as truths"),
        (lambda: reliability([1.5], [True]), "between 0 and 1, got 1.5"),
        (lambda: reliability([float("nan")], [True]), "between 0 and 1"),
        (lambda: reliability([0.5], [2]), "whether it was right"),
        (lambda: reliability([0.5], [True], bins=0), "at least 1 bin"),
        (lambda: reliability([0.5], [True], mass="heavy"), "equal mass"),
        (lambda: brier([], []), "at least one"),
        (lambda: fit_binary_temperature([], []), "a finite logit"),
        (lambda: fit_binary_temperature([np.inf], [True]), "a finite logit"),
        (lambda: refine_temperature(lambda heat: float("nan"), 1.0), "finite numbers"),  # noqa: ARG005
        (lambda: fit_temperature(lambda heat: float("nan")), "a finite number"),  # noqa: ARG005
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(UsageError, match=message):
        call()
