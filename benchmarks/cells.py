"""Every cell and every baseline on a quarter of CoNLL-2003's training set, so many minutes of training each.

python benchmarks/cells.py [--minutes 10] [--only lstm,gru] [--seeds 3] [--best 4] [--jobs 1] [--vectors FILE]

A minute is one of processor time on one core, spent on updates; judging on dev is not counted. How many epochs fit is
measured beforehand, so that the step size has come down when the time is up. Sizes are the defaults; baselines go
without the sentence summary that the default encoder has, and have two layers. The convolution learns badly with the
default dropout; its own, and its layers, are the best of a few that were tried on dev. Predicting neighbouring words is
off, as baselines could not. The quarter is the same documents for all.

The best ones by dev F1 of the first seed are trained with further seeds, and scored on the test set, once. With --only
nothing is scored on test. Of the runtime the speed on dev is taken, one thread, NumPy's engine, and ONNX Runtime's
where it has the cell. What is there of an earlier call is not done again; --jobs runs so many side by side, each on a
core of its own. --table prints the table of what is there, as Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import _needs

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "conll2003-en"
RESULTS = Path(__file__).with_name("results")

BASELINE = ["encoder.context=0", "encoder.layers=2"]
CASES: dict[str, list[str]] = {
    "elman": ["encoder.cell=elman"],
    "elman-sigmoid": ["encoder.cell=elman", "encoder.activation=sigmoid"],
    "elman-relu": [
        "encoder.cell=elman",
        "encoder.activation=relu",
        "encoder.start=identity",
        "encoder.recurrent_dropout=0",
    ],
    "lstm": ["encoder.cell=lstm"],
    "lstm-peepholes": ["encoder.cell=lstm", "encoder.peepholes=true"],
    "lstm-coupled": ["encoder.cell=lstm", "encoder.coupled=true"],
    "gru": ["encoder.cell=gru"],
    "sru": ["encoder.cell=sru"],
    "mingru": ["encoder.cell=mingru"],
    "minlstm": ["encoder.cell=minlstm"],
    "slstm": ["encoder.cell=slstm"],
    "bag": ["encoder.cell=bag", *BASELINE],
    "window": ["encoder.cell=window", *BASELINE],
    "convolution": ["encoder.cell=convolution", *BASELINE, "encoder.dropout=0.1"],
}
SHARE, DRAW = 0.25, 2003
SLACK = 1.05
"""So much more than its time a run may take, if it turns out slower than it was measured, before it is stopped."""

WARM, PROBE = 5, 6.0
"""Updates that are not timed, and seconds of those that are, before the epochs are chosen."""


def quarter() -> list[Any]:
    """The training documents of all runs."""
    from elman.runtime.evaluation import read_gold

    documents = list(read_gold(DATA / "train.txt"))
    chosen = random.Random(DRAW).sample(range(len(documents)), round(SHARE * len(documents)))
    return [documents[at] for at in sorted(chosen)]


class Clock:
    """An observer that adds up the processor time of updates, and stops a run whose time is up."""

    def __init__(self, limit: float) -> None:
        self.limit, self.spent, self.tokens, self.steps = limit, 0.0, 0, 0
        self.curve: list[dict[str, float]] = []
        self._last = time.process_time()

    def __call__(self, record: Any) -> None:
        """Take a record's time into account; KeyboardInterrupt if there is none left."""
        from elman.training.records import Evaluation, Step

        now = time.process_time()
        if isinstance(record, Step):
            self.spent += now - self._last
            self.tokens += record.tokens
            self.steps += 1
        elif isinstance(record, Evaluation):
            self.curve.append({"epoch": record.epoch, "seconds": round(self.spent, 1), "dev": record.figure.value})
        self._last = time.process_time()
        # Not before the first evaluation: until then there are no weights that could be kept.
        if self.spent > self.limit and self.curve:
            raise KeyboardInterrupt


def tokens_per_second(session: Any) -> float:
    """How fast a run of these settings learns, by its first updates, which are thrown away."""
    from elman.training.checkpoint import Checkpoints
    from elman.training.loop import Run

    with tempfile.TemporaryDirectory() as folder:
        began, tokens = 0.0, 0
        for count, record in enumerate(Run(session.objective, session.plan, Checkpoints(Path(folder), "")).records()):
            if count == WARM:
                began = time.process_time()
            elif count > WARM:
                tokens += getattr(record, "tokens", 0)
                if time.process_time() - began > PROBE:
                    break
    return tokens / (time.process_time() - began)


def train_one(name: str, seed: int, place: Path, minutes: float, vectors: Path | None) -> None:
    """Train a case on one core, measure it, and write what came of it."""
    import torch

    from elman.features.vectors import read_vectors
    from elman.settings import load as load_settings
    from elman.training.data import load
    from elman.training.session import run_folder
    from elman.training.tagging_session import TaggingSession

    torch.set_num_threads(1)
    overrides = [*CASES[name], f"training.seed={seed}", "training.threads=1", "training.neighbours=0"]
    settings = load_settings(None, [*overrides, "training.epochs=1000"])
    data = load(
        quarter(), DATA / "valid.txt", None, settings.data, seed=seed, labels={}, format=None, scheme=None, say=_silent
    )
    given = None if vectors is None else read_vectors(vectors)

    def session(epochs: int) -> TaggingSession:
        chosen = replace(settings, training=replace(settings.training, epochs=epochs))
        return TaggingSession(data, chosen, given, None, torch.device("cpu"), _silent)

    speed = tokens_per_second(session(1000))
    tokens = len(data.train.examples.tokens)
    epochs = max(1, int(60 * minutes * speed / tokens))
    run, clock = session(epochs), Clock(SLACK * 60 * minutes)
    try:
        run.run(place, resume=False, force=True, observers=[clock])
    except KeyboardInterrupt:
        if clock.spent <= clock.limit:  # a person's
            raise
        shutil.rmtree(run_folder(place))
    metrics = json.loads((place / "metrics.json").read_bytes())
    network = run.network
    report = {
        "name": name,
        "seed": seed,
        "overrides": overrides,
        "dev": metrics["dev"]["micro"]["f1"],
        "dev_interval": metrics["dev"]["micro"]["interval"],
        "training": {
            "seconds": round(clock.spent, 1),
            "tokens_per_second": round(clock.tokens / clock.spent),
            "updates": clock.steps,
            "epochs": metrics["training"]["epochs"],
            "planned_epochs": epochs,
            "best_epoch": metrics["training"]["best_epoch"],
            "incidents": len(metrics["training"]["incidents"]),
            "curve": clock.curve,
        },
        "train": {"documents": metrics["data"]["train"]["documents"], "tokens": tokens},
        "parameters": {
            "encoder": sum(p.numel() for p in network.encode.parameters()),
            "all": sum(p.numel() for p in network.parameters()),
        },
        "runtime": runtime_speed(place),
        "versions": metrics["versions"],
    }
    _write(place.with_suffix(".json"), report)


def runtime_speed(place: Path) -> dict[str, int]:
    """Tokens of dev a second of processor time, by engine: the best of three."""
    from elman.errors import UsageError
    from elman.runtime.evaluation import read_gold
    from elman.runtime.tagger import load

    documents = [replace(document, spans=(), relations=()) for document in read_gold(DATA / "valid.txt")]
    tokens = sum(len(document.tokens) for document in documents)
    speeds = {}
    for engine in ("numpy", "onnx"):
        try:
            tagger = load(place, engine)
        except UsageError:
            continue
        took = []
        for _ in range(3):
            began = time.process_time()
            for _ in tagger.tag(documents, threads=1):
                pass
            took.append(time.process_time() - began)
        speeds[engine] = round(tokens / min(took))
    return speeds


def run_all(names: list[tuple[str, int]], folder: Path, arguments: argparse.Namespace) -> None:
    """Train what is not there yet, so many at once as there are jobs."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    free = [cores[at % len(cores)] for at in range(arguments.jobs)]
    waiting = [(name, seed) for name, seed in names if not (folder / f"{name}-{seed}.json").exists()]
    running: dict[subprocess.Popen[bytes], tuple[str, int, int]] = {}
    try:
        while waiting or running:
            while waiting and free:
                (name, seed), core = waiting.pop(0), free.pop(0)
                print(f"{name}, seed {seed}: training on core {core}", flush=True)
                running[_child(name, seed, core, folder, arguments)] = (name, seed, core)
            done = [process for process in running if process.poll() is not None]
            if not done:
                time.sleep(0.5)
            for process in done:
                name, seed, core = running.pop(process)
                free.append(core)
                if process.returncode:
                    raise SystemExit(f"{name}, seed {seed}: ended with {process.returncode}; what is done is kept")
                found = json.loads((folder / f"{name}-{seed}.json").read_bytes())
                print(f"{name}, seed {seed}: dev F1 {found['dev']:.2%}", flush=True)
                report(folder, arguments)
    finally:
        for process in running:
            process.terminate()


def _child(name: str, seed: int, core: int, folder: Path, arguments: argparse.Namespace) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(Path(__file__).resolve()), "--child", name, str(seed), str(core)]
    command += ["--minutes", str(arguments.minutes), "--keep", str(folder)]
    command += ["--vectors", str(arguments.vectors)] if arguments.vectors else []
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return subprocess.Popen(command, env=os.environ | single)


def score_test(folder: Path, best: list[str], seeds: int) -> None:
    """The test F1 of the best, each model's once."""
    from elman import evaluate

    for name in best:
        for seed in range(1, seeds + 1):
            target = folder / f"{name}-{seed}.test.json"
            if not target.exists():
                result = evaluate(folder / f"{name}-{seed}", DATA / "test.txt")
                _write(target, {"f1": result.micro.f1})
                print(f"{name}, seed {seed}: test F1 {result.micro.f1:.2%}", flush=True)


def report(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Everything that is there, as one JSON among the results."""
    runs = [json.loads(file.read_bytes()) for file in sorted(folder.glob("*.json")) if ".test." not in file.name]
    order = list(CASES)
    runs.sort(key=lambda run: (order.index(run["name"]), run["seed"]))
    for run in runs:
        tested = folder / f"{run['name']}-{run['seed']}.test.json"
        run["test"] = json.loads(tested.read_bytes())["f1"] if tested.exists() else None
    whole = {
        "minutes": arguments.minutes,
        "vectors": None if arguments.vectors is None else arguments.vectors.name,
        "share": SHARE,
        "draw": DRAW,
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "runs": runs,
    }
    RESULTS.mkdir(exist_ok=True)
    _write(RESULTS / f"{folder.name}-{date.today()}.json", whole)
    return whole


def table(runs: list[dict[str, Any]]) -> str:
    """The runs as Markdown: a row for each case, F1 as mean and deviation where there are several seeds."""
    by_case: dict[str, list[dict[str, Any]]] = {}
    for run in runs:
        by_case.setdefault(run["name"], []).append(run)
    lines = [
        "| cell | dev F1, seed 1 | dev F1 | test F1 | seeds | training, tokens/s | epochs | parameters of the encoder "
        "| runtime, tokens/s |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for name, own in sorted(by_case.items(), key=lambda case: -case[1][0]["dev"]):
        first = own[0]
        speeds = ", ".join(f"{engine} {speed:,}" for engine, speed in first["runtime"].items())
        lines.append(
            f"| {name} | {first['dev']:.2%} | {_mean([run['dev'] for run in own])} | "
            f"{_mean([run['test'] for run in own if run['test'] is not None])} | {len(own)} | "
            f"{first['training']['tokens_per_second']:,} | {first['training']['epochs']} | "
            f"{first['parameters']['encoder']:,} | {speeds} |"
        )
    return "\n".join(lines)


def _mean(scores: list[float]) -> str:
    if len(scores) < 2:
        return ""
    return f"{statistics.mean(scores):.2%} ± {100 * statistics.stdev(scores):.2f}"


def _write(path: Path, content: dict[str, Any]) -> None:
    beside = path.with_name(f"{path.name}.part")
    beside.write_text(json.dumps(content, indent=1) + "\n")
    beside.replace(path)


def _silent(_: str) -> None:
    pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--only", type=lambda text: text.split(","), help=f"out of {', '.join(CASES)}")
    parser.add_argument("--seeds", type=int, help="of the best ones (3), or of those of --only (1)")
    parser.add_argument("--best", type=int, default=4, help="how many are trained with all seeds, and tested")
    parser.add_argument("--jobs", type=int, default=1, help="runs side by side, at most one a core")
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--keep", type=Path, help="the folder of models and single results")
    parser.add_argument("--table", action="store_true", help="print the table of what is there, and end")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if unknown := set(chosen.only or ()) - CASES.keys():
        parser.error(f"--only: expected names out of {', '.join(CASES)}; got {', '.join(sorted(unknown))}")
    if chosen.child:
        name, seed, core = chosen.child
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {int(core)})
        train_one(name, int(seed), chosen.keep / f"{name}-{seed}", chosen.minutes, chosen.vectors)
        return
    _needs.data(DATA)
    called = "cells" if chosen.minutes == 10 else f"cells-{chosen.minutes:g}-min"
    folder = chosen.keep or _needs.MODELS / (called if chosen.vectors is None else f"{called}-with-vectors")
    folder.mkdir(parents=True, exist_ok=True)
    if not chosen.table:
        names = chosen.only or list(CASES)
        seeds = chosen.seeds or (1 if chosen.only else 3)
        run_all([(name, 1) for name in names], folder, chosen)
        if chosen.only:
            run_all([(name, seed) for name in names for seed in range(2, seeds + 1)], folder, chosen)
        else:
            firsts = [json.loads((folder / f"{name}-1.json").read_bytes()) for name in names]
            best = [run["name"] for run in sorted(firsts, key=lambda run: -run["dev"])[: chosen.best]]
            run_all([(name, seed) for name in best for seed in range(2, seeds + 1)], folder, chosen)
            score_test(folder, best, seeds)
    print(table(report(folder, chosen)["runs"]))


if __name__ == "__main__":
    main()
