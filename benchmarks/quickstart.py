"""What `elman quickstart` trains, with other seeds: F1 on the test part of the corpus inside the package.

python benchmarks/quickstart.py [--seeds 6] [--threads 0]

One split of so small a corpus tells little of a model, and processors round otherwise. ATEN_CPU_CAPABILITY=avx2 with
ONEDNN_MAX_CPU_ISA=AVX2 computes as a processor without AVX-512 does; each kind writes a file of its own.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from datetime import date
from pathlib import Path

import torch

import elman
from elman.features.vectors import read_vectors
from elman.settings import load
from elman.training.train import train

CORPUS = Path(elman.__file__).with_name("corpus")
RESULTS = Path(__file__).with_name("results")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--threads", type=int, default=0)
    chosen = parser.parse_args()
    kind = torch.backends.cpu.get_cpu_capability()
    vectors = read_vectors(CORPUS / "vectors.safetensors")
    runs: list[dict[str, float]] = []
    for seed in range(1, chosen.seeds + 1):
        with tempfile.TemporaryDirectory() as scratch:
            outcome = train(
                CORPUS / "train.jsonl",
                CORPUS / "dev.jsonl",
                out=Path(scratch) / "model",
                vectors=vectors,
                settings=load(None, [f"training.seed={seed}", f"training.threads={chosen.threads}"]),
            )
            found = {part: elman.evaluate(outcome.path, CORPUS / f"{part}.jsonl").micro.f1 for part in ("dev", "test")}
        runs.append({"seed": seed, **found, "seconds": outcome.best.metrics["training"]["seconds"]})
        print(f"{kind} seed {seed}: dev {found['dev']:.2%}, test {found['test']:.2%}", flush=True)
    report: dict[str, object] = {"kernels": kind, "runs": runs}
    for part in ("dev", "test"):
        scores = [100 * run[part] for run in runs]
        deviation = statistics.stdev(scores) if len(scores) > 1 else 0.0
        report[part] = {"mean": statistics.mean(scores), "deviation": deviation}
        print(f"{kind}: {part} F1 {statistics.mean(scores):.2f} ± {deviation:.2f}, seeds: {len(scores)}")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"quickstart-{kind.lower()}-{date.today()}.json").write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
