"""The guard on CoNLL-2003: a clean run, one with a loss that is not a number, one with 1000 times the step size."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

import _needs
from elman.settings import load
from elman.training import data
from elman.training.checkpoint import Checkpoints
from elman.training.loop import Run
from elman.training.parallel import Loss
from elman.training.records import Evaluation, Incident
from elman.training.tagging_session import TaggingSession

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "conll2003-en"
if TYPE_CHECKING:
    from numpy.typing import NDArray

RESULTS = Path(__file__).with_name("results")


def run(overrides: list[str], poisoned_call: int | None = None) -> dict[str, Any]:
    """One run; ``poisoned_call`` is the number of the loss that becomes NaN."""
    settings = load(None, overrides)
    options: dict[str, Any] = {"seed": 1, "labels": {}, "format": None, "scheme": None}
    sets = data.load(DATA / "train.txt", DATA / "valid.txt", None, settings.data, say=lambda _: None, **options)
    session = TaggingSession(sets, settings, None, None, torch.device("cpu"), lambda _: None)
    if poisoned_call is not None:
        loss, calls = session.objective.loss, []

        def poisoned(windows: NDArray[Any]) -> Loss:
            calls.append(None)
            factor = float("nan") if len(calls) == poisoned_call else 1.0
            return Loss(*(value * factor for value in loss(windows)))

        session.objective.loss = poisoned  # type: ignore[method-assign]
    curve, incidents = [], []
    with tempfile.TemporaryDirectory() as folder:
        for record in Run(session.objective, session.plan, Checkpoints(Path(folder), "benchmark")).records():
            if isinstance(record, Evaluation):
                curve.append(record.figure.value)
                print(f"  epoch {record.epoch}: dev F1 {record.figure.value:.4f}", flush=True)
            elif isinstance(record, Incident):
                incidents.append(record.to_json())
                print(
                    f"  step {record.step}: {record.reason}; back to {record.restored}, {record.learning_rate:g}",
                    flush=True,
                )
    return {"best_dev": max(curve), "dev": curve, "incidents": incidents}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=5, help="0: as many as the settings say")
    parser.add_argument("--threads", type=int, default=0)
    chosen = parser.parse_args()
    _needs.data(DATA)
    base = [f"training.threads={chosen.threads}"]
    base += [f"training.epochs={chosen.epochs}"] if chosen.epochs else []
    rate = 1000 * load(None).training.learning_rate
    plans: dict[str, tuple[list[str], int | None]] = {
        "clean": (base, None),
        "not a number": (base, 3000),
        "1000 times the step size": ([*base, f"training.learning_rate={rate}"], None),
    }
    target = RESULTS / f"guard-{date.today()}.json"
    report = json.loads(target.read_text()) if target.exists() else {}
    for name, (overrides, poisoned) in plans.items():
        print(name, flush=True)
        if name not in report:
            report[name] = run(overrides, poisoned)
        difference = 100 * (report[name]["best_dev"] - report["clean"]["best_dev"])
        print(f"{name}: best dev F1 {report[name]['best_dev']:.2%}, {difference:+.2f} against the clean run")
        RESULTS.mkdir(exist_ok=True)
        target.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
