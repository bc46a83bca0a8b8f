from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from elman.metrics.student import t_quantile, within

PRINTED = {
    (0.975, 1): 12.706,
    (0.975, 2): 4.303,
    (0.975, 3): 3.182,
    (0.975, 4): 2.776,
    (0.95, 9): 1.833,
    (0.99, 30): 2.457,
    (0.995, 120): 2.617,
}
"""Quantiles as printed in tables of Student's t."""


@pytest.mark.parametrize(("probability", "freedom"), PRINTED)
def test_quantiles_as_printed(probability: float, freedom: int) -> None:
    assert t_quantile(probability, freedom) == pytest.approx(PRINTED[probability, freedom], abs=5e-4)
    assert t_quantile(1 - probability, freedom) == pytest.approx(-PRINTED[probability, freedom], abs=5e-4)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 10, 31])
def test_the_area_under_the_density(freedom: int) -> None:
    t = np.linspace(0, 1.7, 20_001)
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(freedom * math.pi)
    density = scale * (1 + t**2 / freedom) ** (-(freedom + 1) / 2)
    assert within(1.7, freedom) == pytest.approx(2 * 1.7 / 20_000 * (density.sum() - density[[0, -1]].mean()), abs=1e-8)


def test_many_degrees_of_freedom_join_on_and_end_at_the_normal_distribution() -> None:
    for probability in (0.6, 0.975, 0.9995):
        below, above = t_quantile(probability, 299), t_quantile(probability, 300)
        assert within(above, 300) == pytest.approx(2 * probability - 1, abs=1e-9)
        assert below > above > t_quantile(probability, 10**6) > NormalDist().inv_cdf(probability)
    assert t_quantile(0.5, 5) == pytest.approx(0, abs=1e-12)
