"""What an hour of ``elman tune`` is worth on WNUT-17: test F1 of what it found beside the defaults', three fresh seeds.

python benchmarks/tune.py [--minutes 60] [--jobs 2] [--keep FOLDER]

The search sees the training set and the dev set alone. What it found, and the defaults, are then trained with seeds
2001 to 2003, which the search has not used, and the test set is scored once with each. The study and the trainings stay
in FOLDER, by default benchmarks/models/tune: the same command goes on where it was cut off. The exit code is 1 if the
mean test F1 of what was found is below the defaults'. Where the search finds nothing better, it gives the defaults, and
the two means are the same by construction; the table says so.

Word vectors: ELMAN_VECTORS, or none.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import mean, stdev
from typing import Any, NamedTuple

import _needs
from elman.features.vectors import Vectors, read_vectors
from elman.model.atomic import replace_file
from elman.pipelines.kept_runs import KeptRuns
from elman.pipelines.sameness import fingerprint
from elman.pipelines.side_by_side import side_by_side
from elman.pipelines.tuning import Budget, lines_of, tune
from elman.settings import Settings, load
from elman.training.data import Data
from elman.training.data import load as load_data
from elman.training.trial import scores_of

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "wnut17"
RESULTS = Path(__file__).with_name("results")
SEEDS = (2001, 2002, 2003)


class Order(NamedTuple):
    """A training."""

    name: str
    seed: int
    settings: Settings


def train(shared: tuple[Data, Vectors | None], order: Order) -> dict[str, Any]:
    data, vectors = shared
    training = replace(order.settings.training, seed=order.seed, threads=1)
    scores = scores_of(data, replace(order.settings, training=training), vectors)
    return {"name": order.name, "seed": order.seed, **scores._asdict()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=_needs.MODELS / "tune")
    parser.add_argument("--set", action="append", default=[], dest="overrides", help="for a quick try")
    parser.add_argument("--date", default=date.today().isoformat())
    chosen = parser.parse_args()
    _needs.data(DATA)
    named = _needs.vectors()
    vectors = None if named is None else read_vectors(named)
    settings = load(None, chosen.overrides)
    files = (DATA / "wnut17train.conll", DATA / "emerging.dev.conll", DATA / "emerging.test.annotated")
    data = load_data(*files, settings.data, seed=1, labels={}, format=None, scheme=None, say=print)
    chosen.keep.mkdir(parents=True, exist_ok=True)
    found = tune(
        data,
        chosen.keep / "study",
        settings=settings,
        fixed=tuple(override.partition("=")[0] for override in chosen.overrides),
        vectors=vectors,
        budget=Budget(None, chosen.minutes),
        jobs=chosen.jobs,
        say=lambda line: print(line, flush=True),
    )
    print("\n".join(lines_of(found)), flush=True)
    kept = KeptRuns(chosen.keep / "runs.json", fingerprint(data, found.settings, vectors, "tune"))
    rows = {"defaults": settings, "found": found.settings}
    orders = [Order(name, seed, one) for seed in SEEDS for name, one in rows.items()]
    if found.settings == settings:
        orders = [order for order in orders if order.name == "defaults"]
    missing = (order for order in orders if f"{order.name} {order.seed}" not in kept)
    for run in side_by_side(train, (data, vectors), missing, chosen.jobs):
        kept.keep(f"{run['name']} {run['seed']}", run)
        print(f"{run['name']}, seed {run['seed']}: dev {run['dev']:.2%}, test {run['test']:.2%}", flush=True)
    runs = {name: [kept[f"{name} {seed}"] for seed in SEEDS] for name in {order.name: 0 for order in orders}}
    runs.setdefault("found", runs["defaults"])
    means = {name: mean(run["test"] for run in some) for name, some in runs.items()}
    for name, some in runs.items():
        spread = stdev(run["test"] for run in some)
        dev = mean(run["dev"] for run in some)
        print(f"{name:9} test F1 {means[name]:.2%} ± {spread:.2%}, dev F1 {dev:.2%}, {len(some)} seeds")
    if found.settings == settings:
        print("the search found nothing better than the defaults, and gives them")
    result = {
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "jobs": chosen.jobs,
        "minutes": chosen.minutes,
        "vectors": named is not None,
        "test": means,
        "runs": runs,
        "search": {**found.to_json(), "study": "study"},
    }
    path = RESULTS / f"tune-{chosen.date}.json"
    replace_file(path, (json.dumps(result, indent=1) + "\n").encode())
    print(path)
    sys.exit(0 if means["found"] >= means["defaults"] else 1)


if __name__ == "__main__":
    main()
