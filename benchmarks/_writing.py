"""What the benchmarks of tasks that write a text have in common: seeds, a table, a file of results, bars."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import _needs
from elman.training.records import Evaluation, Record
from elman.training.train import settings_for, train

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RESULTS = Path(__file__).with_name("results")

# The tokenizers that subwords need are the package, not the benchmark beside this one.
sys.path = [folder for folder in sys.path if Path(folder).resolve() != RESULTS.parent.resolve()]


@dataclass(frozen=True)
class Measure:
    """A number out of a model's scores.

    Attributes:
        name: what the table calls it.
        of: the number, from the scores' JSON.
        bar: what the mean over seeds has to be on test.
        least: whether the bar is the least that it may be, else the most.
    """

    name: str
    of: Callable[[dict[str, Any]], float]
    bar: float | None = None
    least: bool = True

    def missed(self, mean: float) -> bool:
        """Whether a mean misses the bar."""
        return self.bar is not None and (mean < self.bar if self.least else mean > self.bar)


def arguments(description: str, seeds: int, epochs: int) -> argparse.Namespace:
    """The options that these benchmarks have."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=seeds, help="how many seeds, from 1 up")
    parser.add_argument("--only", help="train these alone, such as 1,3; the table has what is there")
    parser.add_argument("--epochs", type=int, default=epochs, help="passes over the training set")
    parser.add_argument("--threads", type=int, default=0, help="0 takes all cores")
    parser.add_argument("--keep", type=Path, default=_needs.MODELS, help="where models stay")
    return parser.parse_args()


def measure(
    name: str,
    task: str,
    sets: Sequence[Path] | Callable[[int], Sequence[Path]],
    overrides: Sequence[str],
    measures: Sequence[Measure],
    chosen: Any,
) -> None:
    """Train once for each seed, print a table, write results as they come; end with 1 if a bar is missed.

    A seed whose model is there is not trained again, and a run that was cut off is gone on with.

    Args:
        name: of the files.
        task: what is trained.
        sets: train, dev and test; or what gives those of a seed.
        overrides: settings.
        measures: what the table shows.
        chosen: the options.
    """
    seeds = [int(seed) for seed in chosen.only.split(",")] if chosen.only else list(range(1, chosen.seeds + 1))
    for seed in seeds:
        place = chosen.keep / f"{name}-{seed}"

        def watch(record: Record, place: Path = place) -> None:
            if isinstance(record, Evaluation):
                print(
                    f"{place.name} epoch {record.epoch} dev {record.figure} after {record.seconds:.0f} s",
                    flush=True,
                )

        given = [*overrides, f"training.seed={seed}", f"training.epochs={chosen.epochs}"]
        settings = settings_for(task, None, [*given, f"training.threads={chosen.threads}"])
        parts = sets(seed) if callable(sets) else sets
        train(*parts, out=place, settings=settings, resume=True, observers=[watch], say=print)
        show(name, task, overrides, measures, chosen.keep)
    means = show(name, task, overrides, measures, chosen.keep)
    missed = [one.name for one in measures if one.missed(means[one.name])]
    if missed:
        print(f"missed: {', '.join(missed)}")
        raise SystemExit(1)


def show(name: str, task: str, overrides: Sequence[str], measures: Sequence[Measure], keep: Path) -> dict[str, float]:
    """Print and write what all models that are there scored; the means on test."""
    found = sorted(keep.glob(f"{name}-[0-9]*/metrics.json"))
    runs = [json.loads(file.read_bytes()) for file in found]
    rows = [[f"{'seed':>6}", *(f"{split} {one.name}" for split in ("dev", "test") for one in measures), "minutes"]]
    means: dict[str, float] = {}
    for run in runs:
        values = [one.of(run[split]) for split in ("dev", "test") for one in measures]
        rows.append([f"{run['seed']:>6}", *(f"{value:.2f}" for value in values)])
        rows[-1].append(f"{run['training']['seconds'] / 60:.1f}")
    columns = [[one.of(run["test"]) for run in runs] for one in measures]
    for one, values in zip(measures, columns, strict=True):
        means[one.name] = statistics.mean(values)
        deviation = statistics.stdev(values) if len(values) > 1 else 0.0
        bar = "" if one.bar is None else f", the bar is {one.bar:g}"
        print(f"{name}: test {one.name} {means[one.name]:.2f} ± {deviation:.2f}, seeds: {len(values)}{bar}", flush=True)
    for row in rows:
        print("  ".join(f"{cell:>{len(head)}}" for cell, head in zip(row, rows[0], strict=True)), flush=True)
    report = {
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "task": task,
        "overrides": list(overrides),
        "test": {one.name: {"mean": means[one.name], "bar": one.bar} for one in measures},
        "runs": [
            {key: run[key] for key in ("seed", "dev", "test", "training", "settings", "machine", "data")}
            for run in runs
        ],
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}-{date.today()}.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    return means
