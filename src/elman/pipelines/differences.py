"""How far systems are from the first of them, and whether chance would do as much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from elman.metrics.significance import Difference, holm, randomisation

if TYPE_CHECKING:
    from elman.pipelines.scoring import Scoring

SAMPLES = 10_000
"""How often the outputs of two systems are shuffled."""


class Against(NamedTuple):
    """A system against the first one.

    Attributes:
        name: the system's.
        first: the first one's.
        difference: the system's F1 less the first one's, with the test.
        p: the p value, corrected for how many systems are compared with the first (Holm 1979).
    """

    name: str
    first: str
    difference: Difference
    p: float

    def to_json(self) -> dict[str, Any]:
        """The fields as plain values, those of ``Difference.to_json`` among them; ``p_holm`` is the corrected p."""
        return {"system": self.name, "against": self.first, **self.difference.to_json(), "p_holm": self.p}


def against_first(scoring: Scoring, samples: int = SAMPLES, seed: int = 1) -> list[Against]:
    """Every system but the first against the first, by paired randomisation over the units.

    Args:
        scoring: of several systems.
        samples: of each test.
        seed: of each test.

    Raises:
        UsageError: if there are fewer than two units, or the systems were not scored on the same ones.
    """
    first, *others = scoring.systems
    found = [randomisation(system.result, first.result, samples, seed) for system in others]
    corrected = holm([difference.p for difference in found])
    return [
        Against(system.name, first.name, difference, p)
        for system, difference, p in zip(others, found, corrected, strict=True)
    ]
