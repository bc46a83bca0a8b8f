"""Against spaCy's stock recipe, one after the other on the same cores: who reaches which dev F1 when.

python benchmarks/race_spacy.py [--spacy PYTHON]

PYTHON is the interpreter of an environment with spaCy, by default the one that runs this. Both start from CoNLL-2003's
files, have no pretrained vectors, and are timed from the start of their process. With --first N both learn from the
first N sentences alone.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import _needs

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "conll2003-en"
RESULTS = Path(__file__).with_name("results")
ELMAN = """
import sys
from pathlib import Path
from elman.training.records import Evaluation
from elman.training.train import train
data, learn, out = map(Path, sys.argv[1:])
def watch(record):
    if isinstance(record, Evaluation):
        print("dev", record.f1, flush=True)
outcome = train(learn, data / "valid.txt", data / "test.txt", out=out, observers=[watch])
print("test", outcome.best.test.value, flush=True)
"""


def timed(command: list[str], pattern: str) -> tuple[list[dict[str, float]], str, float]:
    """Run a command; the first group of each line that matches is a dev F1, kept with the seconds since the start."""
    began = time.monotonic()
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    curve, lines = [], []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if found := re.search(pattern, line):
            curve.append({"seconds": round(time.monotonic() - began, 1), "dev": float(found[1])})
    if process.wait():
        raise SystemExit("".join(lines))
    return curve, "".join(lines), time.monotonic() - began


def first_sentences(count: int, target: Path) -> Path:
    """The first sentences of the training file, as a file."""
    kept, sentences, inside = [], 0, False
    for line in (DATA / "train.txt").read_text("utf-8").splitlines(keepends=True):
        words = bool(line.strip()) and not line.startswith("-DOCSTART-")
        if inside and not words:
            sentences += 1
            if sentences == count:
                break
        inside = words
        kept.append(line)
    target.write_text("".join(kept) + "\n", "utf-8")
    return target


def spacy(python: str, learn: Path, folder: Path) -> dict[str, Any]:
    """Train by spaCy's quick-start settings for NER on a processor, its own converter and early stopping."""
    quiet = {"check": True, "capture_output": True, "text": True}
    for source in (learn, DATA / "valid.txt", DATA / "test.txt"):
        iob = folder / f"{source.stem}.iob"
        iob.write_text(source.read_text("utf-8"), "utf-8")
        subprocess.run([python, "-m", "spacy", "convert", iob, folder, "-c", "ner", "-n", "10"], **quiet)
    config, model = folder / "config.cfg", folder / "model"
    subprocess.run([python, "-m", "spacy", "init", "config", config, "--pipeline", "ner"], **quiet)
    command = [python, "-m", "spacy", "train", str(config), "--output", str(model)]
    command += [
        "--paths.train",
        str(folder / f"{learn.stem}.spacy"),
        "--paths.dev",
        str(folder / "valid.spacy"),
    ]
    # Columns: epoch, step, two losses, F, P, R, score.
    curve, _, seconds = timed(command, r"^\s*\d+\s+\d+\s+[\d.]+\s+[\d.]+\s+([\d.]+)\s")
    scores = folder / "scores.json"
    subprocess.run(
        [python, "-m", "spacy", "evaluate", model / "model-best", folder / "test.spacy", "-o", scores],
        **quiet,
    )
    test = json.loads(scores.read_text())["ents_f"]
    return {
        "curve": [{**point, "dev": point["dev"] / 100} for point in curve],
        "test": test,
        "seconds": seconds,
    }


def elman(learn: Path, folder: Path) -> dict[str, Any]:
    """Elman with its defaults and no vectors."""
    command = [sys.executable, "-c", ELMAN, str(DATA), str(learn), str(folder / "elman")]
    curve, output, seconds = timed(command, r"^dev ([\d.]+)")
    found = re.search(r"^test ([\d.]+)", output, re.MULTILINE)
    assert found is not None
    return {"curve": curve, "test": float(found[1]), "seconds": seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spacy", metavar="PYTHON")
    parser.add_argument("--first", type=int, metavar="N")
    chosen = parser.parse_args()
    _needs.data(DATA)
    python = chosen.spacy or _needs.spacy()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        learn = first_sentences(chosen.first, folder / "first.txt") if chosen.first else DATA / "train.txt"
        runs = {"spacy": spacy(python, learn, folder), "elman": elman(learn, folder)}
    peak = max(point["dev"] for point in runs["spacy"]["curve"])
    theirs = next(point["seconds"] for point in runs["spacy"]["curve"] if point["dev"] >= peak)
    ours = next((point["seconds"] for point in runs["elman"]["curve"] if point["dev"] >= peak), None)
    report = {"runs": runs, "spacy_best_dev": peak, "seconds_to_it": {"spacy": theirs, "elman": ours}}
    for name, run in runs.items():
        best = max(point["dev"] for point in run["curve"])
        print(f"{name}: best dev F1 {best:.2%}, test F1 {run['test']:.2%}, {run['seconds']:.0f} s in all")
    if ours is not None:
        print(f"spaCy's best dev F1, {peak:.2%}: spaCy {theirs:.0f} s, Elman {ours:.0f} s ({ours / theirs:.2f})")
    RESULTS.mkdir(exist_ok=True)
    name = f"race-spacy-{f'first-{chosen.first}-' if chosen.first else ''}{date.today()}.json"
    (RESULTS / name).write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
