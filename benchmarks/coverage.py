"""Do the intervals hold the truth, and do the paired tests reject as often as they say? Simulated test sets.

python benchmarks/coverage.py [--sets 1000] [--samples 2000]

A test set has 200 documents, or 1,000 sentences. Documents are of three kinds, of which some are longer, harder or
about other things; a document's number of entities scatters, and so does how hard it is, for all its entities alike.
The truth is F1 on all text of the kind: the ratio of the expected numbers. Intervals are to hold it in 93 to 97 % of
the sets. For the tests two systems are drawn that are equally good; they are to reject within binomial limits.
Beside it stand plain percentile intervals, what else the two tests do, and how often they see one point of F1.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import sys
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.metrics.counts import f1
from elman.metrics.intervals import bootstrap, macro_f1
from elman.metrics.resampling import gather, resample
from elman.metrics.score import Result
from elman.metrics.significance import paired_bootstrap, randomisation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from elman.metrics.intervals import Interval

RESULTS = Path(__file__).with_name("results")
LABELS = ("LOC", "MISC", "ORG", "PER")
KINDS = np.array([0.5, 0.3, 0.2])
"""How many of the documents are of each kind."""
LENGTH = np.array([0.6, 1.0, 2.0]) / (KINDS @ [0.6, 1.0, 2.0])
"""How many entities they have, against the mean."""
SHARES = np.array([[0.3, 0.1, 0.2, 0.4], [0.35, 0.15, 0.35, 0.15], [0.25, 0.2, 0.3, 0.25]])
"""Of which labels these are."""
HARDNESS = np.array([0.5, 0.8, 0.7, 0.4])
"""How many of a label's entities are missed, against the hardest there could be."""
MANY = 1e6
"""So many units are as good as all text of the kind."""
ALIKE = 8.0
"""How alike documents of a kind are: the two parameters of the beta distribution add up to it."""
LEVELS = (0.01, 0.05, 0.1)


class Gold(NamedTuple):
    """The truth of a test set.

    Attributes:
        rate: how many entities each unit has in the mean, units x labels.
        support: how many it has, units x labels.
        easy: how easy it is, units; the same for all its entities and for every system.
    """

    rate: NDArray[np.float64]
    support: NDArray[np.int64]
    easy: NDArray[np.float64]


class World(NamedTuple):
    """What test sets are drawn from, and a system.

    Attributes:
        name: what it is called.
        units: documents or sentences of a test set.
        entities: how many one has in the mean.
        easy: how easy each kind of document is in the mean, in (0, 1).
        missed: how many entities the system misses, against others; at most 1.25.
        invented: how many spurious spans it has for each gold one.
    """

    name: str
    units: int
    entities: float
    easy: NDArray[np.float64]
    missed: float
    invented: float

    def gold(self, rng: np.random.Generator) -> Gold:
        """A test set."""
        kind = rng.choice(len(KINDS), size=self.units, p=KINDS)
        rate = rng.gamma(1.0, self.entities * LENGTH[kind])[:, None] * SHARES[kind]
        easy = rng.beta(ALIKE * self.easy[kind], ALIKE * (1 - self.easy[kind]))
        return Gold(rate, rng.poisson(rate), easy)

    def system(self, rng: np.random.Generator, gold: Gold) -> NDArray[np.int64]:
        """What the system does with it, units x labels x 3."""
        correct = rng.binomial(gold.support, 1 - (1 - gold.easy[:, None]) * HARDNESS * self.missed)
        spurious = rng.poisson(gold.rate * self.invented)
        return np.stack([correct, correct + spurious, gold.support], axis=-1)

    @property
    def expected(self) -> NDArray[np.float64]:
        """The counts to expect of a great many units, labels x 3."""
        weight = (MANY * KINDS * self.entities * LENGTH)[:, None] * SHARES
        correct = (weight * (1 - (1 - self.easy[:, None]) * HARDNESS * self.missed)).sum(axis=0)
        support = weight.sum(axis=0)
        return np.stack([correct, correct + self.invented * support, support], axis=-1)

    @property
    def f1(self) -> float:
        """The truth."""
        return float(f1(self.expected.sum(axis=0)))


def world(name: str, units: int, entities: float, quality: float) -> World:
    """One whose system has an F1 of about so much, and as many spurious spans as missed ones."""
    easy = np.clip(1 - (1 - quality) * np.array([1.4, 1.7, 2.2]), 0.02, 0.995)
    one = World(name, units, entities, easy, 1.0, 0.0)
    correct, _, support = one.expected.sum(axis=0)
    return one._replace(invented=float(1 - correct / support))


WORLDS = (
    world("news, good", 200, 25, 0.93),
    world("news, fair", 200, 25, 0.8),
    world("news, poor", 200, 25, 0.5),
    world("short, good", 200, 5, 0.93),
    world("short, fair", 200, 5, 0.8),
    world("few entities, good", 200, 0.3, 0.93),
    world("few entities, fair", 200, 0.3, 0.75),
    world("hardly an error", 200, 5, 0.985),
    world("sentences", 1000, 1.6, 0.9),
)


def other_profile(one: World) -> World:
    """A system with fewer missed and more spurious spans, of the same F1."""
    changed = one._replace(name="other profile", missed=0.5)
    correct, _, support = changed.expected.sum(axis=0)
    return changed._replace(invented=float(2 * correct / one.f1 / support - 1 - correct / support))


def worse(one: World) -> World:
    """A system that is one point of F1 worse, as it has more spurious spans."""
    correct, _, support = one.expected.sum(axis=0)
    return one._replace(
        name="a point worse", invented=float(2 * correct / (one.f1 - 0.01) / support - 1 - correct / support)
    )


def coverage(one: World, sets: int, samples: int, seed: int) -> dict[str, Any]:
    """How often intervals hold the truth."""
    rng = np.random.default_rng(seed)
    truth = one.expected
    micro = truth.sum(axis=0)
    true = {
        "micro f1": one.f1,
        "macro f1": float(macro_f1(truth)),
        "precision": float(micro[0] / micro[1]),
        "recall": float(micro[0] / micro[2]),
        **{f"f1 of {name}": float(value) for name, value in zip(LABELS, f1(truth), strict=True)},
    }
    held = dict.fromkeys([*true, "micro f1, percentile"], 0)
    below, above, width, seconds = 0, 0, 0.0, 0.0
    for number in range(sets):
        counts = one.system(rng, one.gold(rng))
        begin = time.perf_counter()
        found = bootstrap(counts, samples, seed=number)
        seconds += time.perf_counter() - begin
        ends: dict[str, Interval] = {
            "micro f1": found.micro,
            "macro f1": found.macro,
            "precision": found.precision.micro,
            "recall": found.recall.micro,
            **{f"f1 of {name}": interval for name, interval in zip(LABELS, found.labels, strict=True)},
        }
        for name, (low, high) in ends.items():
            held[name] += low <= true[name] <= high
        below += true["micro f1"] < found.micro.low
        above += true["micro f1"] > found.micro.high
        width += found.micro.high - found.micro.low
        plain = resample(lambda sums: f1(sums)[:, None], gather(counts.sum(axis=1)), samples, number)
        low, high = np.quantile(plain, (0.025, 0.975))
        held["micro f1, percentile"] += bool(low <= true["micro f1"] <= high)
    return {
        "world": one.name,
        "units": one.units,
        "entities": round(float(micro[2]) / MANY * one.units, 1),
        "truth": true,
        "held": {name: count / sets for name, count in held.items()},
        "truth below": below / sets,
        "truth above": above / sets,
        "mean width": width / sets,
        "milliseconds": 1000 * seconds / sets,
    }


def rejections(one: World, other: World, sets: int, samples: int, seed: int) -> dict[str, Any]:
    """How often the tests say that two systems on the same gold differ."""
    rng = np.random.default_rng(seed)
    p: dict[str, list[float]] = {"randomisation": [], "bootstrap": []}
    held = 0
    difference = one.f1 - other.f1
    for number in range(sets):
        gold = one.gold(rng)
        results = [Result(LABELS, side.system(rng, gold)) for side in (one, other)]
        p["randomisation"].append(randomisation(*results, samples, number).p)
        found = paired_bootstrap(*results, samples, number)
        p["bootstrap"].append(found.p)
        held += found.interval.low <= difference <= found.interval.high
    return {
        "one": one.name,
        "other": other.name,
        "difference": difference,
        "rejected": {
            name: {str(level): float(np.mean(np.array(each) <= level)) for level in LEVELS} for name, each in p.items()
        },
        "interval of the difference held": held / sets,
    }


def limits_of(level: float, sets: int) -> tuple[float, float]:
    """Between which shares of rejections 99 % lie, if each is as probable as the level."""
    total, low, high = 0.0, 0, sets
    for number in range(sets + 1):
        total += math.comb(sets, number) * level**number * (1 - level) ** (sets - number)
        low = number + 1 if total < 0.005 else low
        if total >= 0.995:
            high = number
            break
    return low / sets, high / sets


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sets", type=int, default=1000, help="simulated test sets")
    parser.add_argument("--samples", type=int, default=2000, help="samples for each interval; half of it for each test")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    faults = []
    rows = []
    for number, each in enumerate(WORLDS):
        rows.append(coverage(each, options.sets, options.samples, options.seed + number))
        held = rows[-1]["held"]
        shown = "  ".join(f"{name} {100 * share:.1f}" for name, share in held.items())
        print(f"{each.name}: {shown}; {rows[-1]['milliseconds']:.0f} ms", flush=True)
        if not 0.93 <= held["micro f1"] <= 0.97:
            faults.append(f"{each.name}: {100 * held['micro f1']:.1f} % of the intervals of micro F1 hold the truth")
    tests = []
    bounds = {level: limits_of(level, options.sets) for level in LEVELS}
    for place in (0, 3, 8):
        one = WORLDS[place]
        for other in (one, other_profile(one), worse(one)):
            found = rejections(one, other, options.sets, options.samples // 2 - 1, options.seed + 100 + place)
            tests.append(found)
            print(f"{other.name} against {one.name}: {found['rejected']}", flush=True)
            for test, shares in found["rejected"].items():
                for level, (low, high) in bounds.items():
                    if other is one and not low <= shares[str(level)] <= high:
                        faults.append(
                            f"{one.name}: {test} at {level} rejects {shares[str(level)]}, not {low} to {high}"
                        )
    path = RESULTS / f"coverage-{date.today().isoformat()}.json"
    values = {
        "machine": platform.machine(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "sets": options.sets,
        "samples": options.samples,
        "seed": options.seed,
        "coverage": rows,
        "limits": {str(level): bound for level, bound in bounds.items()},
        "tests": tests,
        "faults": faults,
    }
    path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {path}")
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
