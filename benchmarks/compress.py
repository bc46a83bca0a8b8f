"""What a small folder costs: F1 of models of CoNLL-2003 before and after, on dev, test, and entities unseen before.

python benchmarks/compress.py [MODEL...] [--keep FOLDER]

Without MODEL it takes the models with vectors in benchmarks/models, which conll2003.py trains. What is chosen (which
forms, how many words) is chosen on dev; test is only told. Small folders stay in FOLDER, if it is given.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import _needs
import elman
from elman.metrics.breakdown import breakdown
from elman.metrics.comparison import compare
from elman.metrics.score import score
from elman.pipelines.compression import compress
from elman.runtime.evaluation import judge

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "conll2003-en"
RESULTS = Path(__file__).with_name("results")

MOST_LOST = {"f1": 0.1, "unseen": 0.3}
"""Points of F1 that the mean of the seeds may lose on test."""

LARGEST = 15_000_000
"""Bytes of a folder."""


def one(model: Path, out: Path, train: list[Any]) -> dict[str, Any]:
    """Compress one model, and judge it anew from its folder."""
    start = time.perf_counter()
    compress(model, out, list(elman.read(DATA / "valid.txt")), train, name="valid.txt", max_loss=100, force=True)
    seconds = time.perf_counter() - start
    result: dict[str, Any] = {
        "model": model.name,
        "seconds": round(seconds, 1),
        "bytes": {"before": size(model), "after": size(out)},
        "parts": json.loads((out / "metrics.json").read_bytes())["compression"]["bytes"],
    }
    for part, file in (("dev", "valid.txt"), ("test", "test.txt")):
        gold = list(elman.read(DATA / file))
        sides = {side: list(judge(elman.load(folder), gold)) for side, folder in (("before", model), ("after", out))}
        spans = [
            {(at, *span.key) for at, pair in enumerate(pairs) for span in pair.predicted.spans}
            for pairs in sides.values()
        ]
        result[part] = {
            "f1": {side: score(compare(pairs)).micro.f1 for side, pairs in sides.items()},
            "unseen": {
                side: breakdown(pairs, "seen", train)["unseen string"].micro.f1 for side, pairs in sides.items()
            },
            "same": len(spans[0] & spans[1]) / len(spans[0]),
        }
    return result


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", metavar="MODEL", type=Path, nargs="*")
    parser.add_argument("--keep", metavar="FOLDER", type=Path)
    chosen = parser.parse_args()
    _needs.data(DATA)
    models = chosen.models or sorted(_needs.MODELS.glob("with-vectors-*")) or [_needs.model()]
    train = list(elman.read(DATA / "train.txt"))
    runs = []
    with TemporaryDirectory() as scratch:
        for model in models:
            runs.append(one(model, (chosen.keep or Path(scratch)) / model.name, train))
            print(f"{model.name}: {runs[-1]['bytes']['after']:,} bytes in {runs[-1]['seconds']} s")
            for part in ("dev", "test"):
                for what in MOST_LOST:
                    sides = runs[-1][part][what]
                    lost = 100 * (sides["after"] - sides["before"])
                    print(f"  {part} {what}: {100 * sides['before']:.2f} to {100 * sides['after']:.2f} ({lost:+.3f})")
                print(f"  {part}: {100 * runs[-1][part]['same']:.2f} % of the spans are the same", flush=True)
    means = {
        part: {
            what: statistics.fmean(100 * (run[part][what]["before"] - run[part][what]["after"]) for run in runs)
            for what in MOST_LOST
        }
        for part in ("dev", "test")
    }
    largest = max(run["bytes"]["after"] for run in runs)
    met = largest <= LARGEST and all(means["test"][what] <= most for what, most in MOST_LOST.items())
    for part, lost in means.items():
        print(f"mean lost on {part}: F1 {lost['f1']:.3f}, unseen {lost['unseen']:.3f} points")
    print(f"largest folder {largest:,} bytes; bars {'met' if met else 'MISSED'}")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"compress-{date.today()}.json").write_text(
        json.dumps({"models": runs, "mean_lost_in_points": means, "largest_bytes": largest, "met": met}, indent=1)
        + "\n"
    )
    if not met:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
