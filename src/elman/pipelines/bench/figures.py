"""What came of the rounds: medians and spreads of each system, and how Elman's compare."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEMA = "elman.bench/1"


class Spread(NamedTuple):
    """A median with the least and the most of the rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of values, of which there is at least one."""
        return cls(statistics.median(values), min(values), max(values))

    def to_json(self) -> dict[str, float]:
        """As JSON names it."""
        return self._asdict()


@dataclass
class Measured:
    """A system's rounds.

    Attributes:
        name: what tables call it.
        batch: the size that the trial chose.
        processes: among which it shares out its work.
        trial: words a second of each size of batches.
        words: of all texts, by white space.
        rounds: of each, what the worker said, and ``start_seconds``.
        f1: of the texts' labels, as a fraction; None if it has none.
        f1_note: why there is none, or what was left out.
    """

    name: str
    batch: int
    processes: int
    trial: dict[str, float]
    words: int
    rounds: list[dict[str, Any]] = field(default_factory=list)
    f1: float | None = None
    f1_note: str | None = None

    def speeds(self, key: str = "seconds") -> list[float]:
        """Words a second, of each round; with ``seconds_again`` where the process has seen the texts before."""
        return [self.words / one[key] for one in self.rounds]

    def latencies(self, share: float) -> list[float]:
        """The seconds within which such a share of the sentences is done, of each round."""
        return [quantile(one["latencies"], share) for one in self.rounds]

    def starts(self) -> list[float]:
        """Seconds from the start of a process to its first sentence's entities, of each round."""
        return [one["start_seconds"] for one in self.rounds]

    def peaks(self) -> list[float]:
        """Bytes, of each round; empty where the system does not tell."""
        return [one["peak_bytes"] for one in self.rounds if one["peak_bytes"] is not None]

    @property
    def facts(self) -> dict[str, Any]:
        """What it is."""
        facts: dict[str, Any] = self.rounds[0]["facts"]
        return facts

    def to_json(self) -> dict[str, Any]:
        """Fractions, seconds, bytes; all rounds in their order."""
        peaks = self.peaks()
        facts = {key: value for key, value in self.facts.items() if key not in ("labels", "layer")}
        return {
            "name": self.name,
            **facts,
            "batch": self.batch,
            "processes": self.processes,
            "trial_words_per_second": self.trial,
            "words_per_second": Spread.of(self.speeds()).to_json() | {"rounds": self.speeds()},
            "words_per_second_again": Spread.of(self.speeds("seconds_again")).to_json(),
            "latency_seconds": {
                "p50": Spread.of(self.latencies(0.5)).to_json(),
                "p99": Spread.of(self.latencies(0.99)).to_json(),
            },
            "start_seconds": Spread.of(self.starts()).to_json(),
            "peak_bytes": Spread.of(peaks).to_json() if peaks else None,
            "entities": self.rounds[0]["entities"],
            "f1": self.f1,
            "f1_note": self.f1_note,
            "thread_pools": self.rounds[0]["threads"],
        }


def quantile(values: Sequence[float], share: float) -> float:
    """The least value that such a share of all is not above: the nearest rank.

    Args:
        values: at least one.
        share: in (0, 1].
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def compared(elman: Measured, peer: Measured) -> dict[str, Any]:
    """How many times Elman is as fast as a peer: the median of the rounds' quotients, and their spread.

    Of a round both figures are from the same minutes, so that what else the machine did weighs on both.
    """

    def times(over: Sequence[float], under: Sequence[float]) -> dict[str, float]:
        return Spread.of([one / other for one, other in zip(over, under, strict=False)]).to_json()

    return {
        "peer": peer.name,
        "throughput": times(elman.speeds(), peer.speeds()),
        "throughput_again": times(elman.speeds("seconds_again"), peer.speeds("seconds_again")),
        "latency_p50": times(peer.latencies(0.5), elman.latencies(0.5)),
        "start": times(peer.starts(), elman.starts()),
    }
