"""Forecasts of five daily stock series, walk-forward, beside the naive, the drift and the seasonal naive forecast.

python benchmarks/forecasting.py [--seeds 3] [--only differences,log_returns-long]

stockdata.csv (MSFT, IBM, SBUX, AAPL, GSPC; 2007 to 2016) is parted by time: the first 70 % to learn from, then 15 % to
choose by, then 15 % to score on, once. From each day of a part the next five days are foretold, with all that came
before in sight of the plain forecasts and the window before in sight of the model; its weights stay as they were
learned. The case with the lowest MASE on dev, the mean over seeds, is the one that counts; the test scores of the
others are not taken.

Whatever comes out is the result: there is no bar. Models stay in benchmarks/models.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import _needs

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "stock-prices"
RESULTS = Path(__file__).with_name("results")

ALWAYS = ["series.season=5", "series.horizon=5"]
CASES: dict[str, list[str]] = {
    "differences": ["series.change=differences"],
    "log_returns": ["series.change=log_returns"],
    "log_returns-long": ["series.change=log_returns", "series.window=120"],
    "log_returns-small": ["series.change=log_returns", "encoder.hidden=8", "training.epochs=5"],
}


def parts() -> dict[str, Any]:
    """The history to learn from, and those whose ends are to be foretold."""
    from elman.data.histories import read_history

    whole = read_history(DATA / "stockdata.csv")
    first, second = round(0.7 * len(whole)), round(0.85 * len(whole))

    def until(end: int, begin: int) -> Any:
        return replace(whole, dates=whole.dates[:end], values=whole.values[:end], lines=whole.lines[:end], begin=begin)

    return {"train": until(first, 0), "dev": until(second, first), "test": until(len(whole), second)}


def train_one(name: str, seed: int, data: dict[str, Any]) -> dict[str, Any]:
    """Train a model, or read what it scored on dev."""
    from elman.training.train import settings_for, train

    place = _needs.MODELS / f"forecasting-{name}-{seed}"
    settings = settings_for("forecasting", None, [*ALWAYS, *CASES[name], f"training.seed={seed}"])
    outcome = train([data["train"]], [data["dev"]], out=place, settings=settings, resume=True)
    metrics = outcome.best.metrics
    return {"name": name, "seed": seed, "dev": metrics["dev"], "seconds": metrics["training"]["seconds"]}


def main() -> None:
    """Train, choose, score, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", default=",".join(CASES), help="cases, by commas")
    given = parser.parse_args()
    _needs.data(DATA)
    from elman.runtime.predictor import load

    data = parts()
    path = RESULTS / f"forecasting-{date.today()}.json"
    report: dict[str, Any] = {
        "rows": {name: [history.begin, len(history)] for name, history in data.items()},
        "cases": {name: [*ALWAYS, *CASES[name]] for name in given.only.split(",")},
        "runs": [],
    }
    means = {}
    for name in given.only.split(","):
        runs = [train_one(name, seed, data) for seed in range(1, given.seeds + 1)]
        report["runs"] += runs
        means[name] = statistics.mean(run["dev"]["mase"]["model"] for run in runs)
        print(f"{name:18} dev MASE {means[name]:.4f}, naive {runs[0]['dev']['mase']['naive']:.4f}", flush=True)
        _write(path, report)
    best = min(means, key=means.__getitem__)
    report["chosen"], report["test"] = best, []
    print(f"\nchosen on dev: {best}\n")
    for seed in range(1, given.seeds + 1):
        scores = load(_needs.MODELS / f"forecasting-{best}-{seed}").evaluate([data["test"]])
        report["test"].append({"seed": seed, **scores.to_json()})
        print(f"seed {seed}")
        print("\n".join(scores.lines()) + "\n", flush=True)
        _write(path, report)
    ours = [run["mase"]["model"] for run in report["test"]]
    spread = f", standard deviation {statistics.stdev(ours):.4f}" if len(ours) > 1 else ""
    rival = report["test"][0]["rival"]
    print(
        f"test MASE of {len(ours)} seeds: {statistics.mean(ours):.4f}{spread}; {rival} "
        f"{report['test'][0]['mase'][rival]:.4f}"
    )


def _write(path: Path, report: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
