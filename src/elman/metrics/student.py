"""Student's t distribution, for whole degrees of freedom."""

from __future__ import annotations

import math
from statistics import NormalDist

_LARGE = 300
"""From so many degrees of freedom on, the expansion about the normal distribution is exact to nine digits."""


def t_quantile(probability: float, freedom: int) -> float:
    """The t below which the probability lies.

    Args:
        probability: in (0, 1).
        freedom: degrees of freedom, at least 1.
    """
    z = NormalDist().inv_cdf(probability)
    if freedom >= _LARGE:  # Abramowitz and Stegun 1964, 26.7.5
        first = (z**3 + z) / 4
        second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
        third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
        return z + first / freedom + second / freedom**2 + third / freedom**3
    tail = abs(2 * probability - 1)
    low, high = 0.0, 1.0
    while within(high, freedom) < tail and high < 1e15:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if within(middle, freedom) < tail else (low, middle)
    return math.copysign((low + high) / 2, z)


def within(t: float, freedom: int) -> float:
    """How probable it is that Student's t lies between -t and t (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4).

    Args:
        t: at least 0.
        freedom: degrees of freedom, at least 1.
    """
    angle = math.atan2(t, math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = 0.0
    for power in range(1 + odd, freedom, 2):
        total += term
        term *= cosine**2 * power / (power + 1)
    return 2 / math.pi * (angle + sine * total) if odd else sine * total
