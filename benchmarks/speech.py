"""Spoken digits: the error rate of their names letter by letter through CTC, and the accuracy as classes.

python benchmarks/speech.py [--seeds 3] [--only transcript,class] [--set GROUP.NAME=V ...] [--threads 0] [--keep FOLDER]

Recordings 0 to 4 of each digit and speaker are the test set, as their authors have it; of all others a tenth, drawn
once, is the dev set. A transcript is the digit's English name; the class is told by the task series_classification
from the same frames. Each seed's weights are the best on dev, and are scored on test once. What is there of an earlier
call with the same settings is not done again.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import time
from datetime import date
from pathlib import Path
from typing import Any

import _needs
import elman
from elman.data.example import Series
from elman.data.recordings import Recording, read_recordings
from elman.features.logmel import LogMel
from elman.training.train import settings_for

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "fsdd"
RESULTS = Path(__file__).with_name("results")

SETTINGS = {
    "transcript": ["training.epochs=10"],
    "class": ["training.epochs=8"],
}
TASKS = {"transcript": "speech", "class": "series_classification"}
SHARE, DRAW = 0.1, 8000


def sets() -> dict[str, list[Recording]]:
    """The recordings of train, dev and test."""
    recordings = list(read_recordings(DATA / "recordings", "digits"))
    test = [recording for recording in recordings if _number(recording) < 5]
    others = [recording for recording in recordings if _number(recording) >= 5]
    random.Random(DRAW).shuffle(others)
    cut = round(SHARE * len(others))
    return {"train": others[cut:], "dev": others[:cut], "test": test}


def _number(recording: Recording) -> int:
    """Which recording of its digit and speaker it is."""
    return int((recording.id or "").removesuffix(".wav").rsplit("_", 1)[1])


def series(recordings: list[Recording]) -> list[Series]:
    """Their frames, as series with a class."""
    features = LogMel(8000)
    return [Series(features.frames(one.sound()), (one.text or "",), one.id, 1 / features.step) for one in recordings]


def one(case: str, data: dict[str, list[Any]], place: Path, seed: int, overrides: list[str]) -> dict[str, Any]:
    """Train one model and score it."""
    outcome = elman.train(
        data["train"],
        data["dev"],
        data["test"],
        out=place,
        settings=settings_for(TASKS[case], None, [*SETTINGS[case], *overrides, f"training.seed={seed}"]),
        resume=True,
        force=True,
        observers=[_watch(place.name)],
    )
    metrics = outcome.best.metrics
    began = time.process_time()
    # What a user gets: from the files, with the folder as it was written.
    model = elman.load(place)
    list(model.predict(data["test"]))
    took = time.process_time() - began
    scores = {
        split: {name: value for name, value in metrics[split].items() if name != "labels"} for split in ("dev", "test")
    }
    return {
        "seed": seed,
        **scores,
        "training": {name: metrics["training"][name] for name in ("seconds", "epochs", "best_epoch")},
        "milliseconds_per_recording": round(1000 * took / len(data["test"]), 2),
    }


def _watch(name: str) -> Any:
    from elman.training.records import Evaluation

    def watch(record: Any) -> None:
        if isinstance(record, Evaluation):
            print(f"{name} epoch {record.epoch} dev {record.figure} after {record.seconds:.0f} s", flush=True)

    return watch


def table(report: dict[str, Any]) -> None:
    """What came of all runs, as Markdown."""
    print("\n| | seeds | dev | test | deviation | bar |\n| --- | ---: | ---: | ---: | ---: | --- |")
    rows = {
        "character error rate": ("transcript", "cer", "at most 5 %"),
        "recordings transcribed with an error": ("transcript", "wrong", ""),
        "accuracy as a class": ("class", "accuracy", "at least 97 %"),
    }
    for name, (case, key, bar) in rows.items():
        runs = report["cases"].get(case, {}).get("runs", [])
        if not runs:
            continue
        dev, test = ([100 * run[split][key] for run in runs] for split in ("dev", "test"))
        spread = statistics.stdev(test) if len(test) > 1 else 0.0
        means = " | ".join(f"{statistics.mean(values):.2f} %" for values in (dev, test))
        print(f"| {name} | {len(runs)} | {means} | {spread:.2f} | {bar} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", default="transcript,class")
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=_needs.MODELS)
    chosen = parser.parse_args()
    _needs.data(DATA)
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"speech-{date.today()}.json"
    report: dict[str, Any] = {"machine": platform.machine(), "cores": os.cpu_count(), "cases": {}}
    if target.exists():
        report = json.loads(target.read_bytes())
    recordings = sets()
    report["sizes"] = {name: len(part) for name, part in recordings.items()}
    for case in chosen.only.split(","):
        data: dict[str, list[Any]] = dict(recordings)
        if case == "class":
            data = {name: series(part) for name, part in recordings.items()}
        settings = [*SETTINGS[case], *chosen.overrides]
        kept = report["cases"].get(case, {})
        runs = kept["runs"] if kept.get("settings") == settings else []
        report["cases"][case] = {"settings": settings, "runs": runs}
        for seed in range(1, chosen.seeds + 1):
            if all(run["seed"] != seed for run in runs):
                place = chosen.keep / f"speech-{case}-{seed}"
                runs.append(one(case, data, place, seed, [*chosen.overrides, f"training.threads={chosen.threads}"]))
                target.write_text(json.dumps(report, indent=1) + "\n")
    table(report)


if __name__ == "__main__":
    main()
