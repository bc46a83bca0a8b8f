"""Scores of forecasts, by hand."""

import numpy as np
import pytest

from elman.metrics.forecasts import ForecastScores


def scores(ours, naive, actual, spread=0.5):
    shape = (len(actual), 1, 1)
    values, ours, naive = (np.array(one, np.float64).reshape(shape) for one in (actual, ours, naive))
    band = np.stack((ours - spread, ours, ours + spread), axis=-1)
    return ForecastScores(values, {"model": ours, "naive": naive}, (0.1, 0.5, 0.9), band, np.array([2.0]), ("x",))


def test_mase_pinball_and_coverage_are_as_defined():
    found = scores([1, 2, 3, 4], [0, 0, 0, 0], [1, 3, 3, 6])
    assert found.mase == {"model": pytest.approx((0 + 1 + 0 + 2) / 4 / 2), "naive": pytest.approx(13 / 4 / 2)}
    assert found.coverage == (0.5, 0.8)
    total = 0.0
    for actual, ours in zip((1, 3, 3, 6), (1, 2, 3, 4), strict=True):
        for level, value in ((0.1, ours - 0.5), (0.5, ours), (0.9, ours + 0.5)):
            over = (actual - value) / 2
            total += level * over if over > 0 else (level - 1) * over
    assert found.pinball == pytest.approx(total / 12)
    assert found.figure == ("MASE", -0.375, "0.3750")


def test_the_verdict_says_who_wins():
    rng = np.random.default_rng(1)
    actual = rng.normal(size=400).cumsum()
    before = np.append(0, actual[:-1])
    worse, near, better = before + 0.5, before + rng.normal(0, 0.01, 400), (actual + before) / 2
    assert scores(worse, before, actual).verdict.startswith("The naive forecast wins")
    assert scores(better, before, actual).verdict.startswith("The model wins")
    close = max((scores(one, before, actual) for one in (near, 2 * before - near)), key=lambda one: one.gain[0])
    assert close.gain[0] > 0
    assert "chance" in close.verdict
    assert list(scores(worse, before, actual).lines())[-1].startswith("The naive forecast wins")


def test_intervals_draw_blocks_of_days():
    found = scores(np.zeros(100), np.ones(100), np.arange(100) / 10)
    assert found.block == 10
    assert len(found._units(found._errors["model"])) == 10
    low, high = found.intervals["model"]
    assert low < found.mase["model"] < high
