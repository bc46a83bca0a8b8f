"""A million training sentences: CoNLL-2003's training set over and over, its tokens varied; 200 steps, peak memory."""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import tempfile
import time
from datetime import date
from pathlib import Path

import _needs
from elman.settings import load
from elman.training.records import Record, Step
from elman.training.train import train

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "conll2003-en"
RESULTS = Path(__file__).with_name("results")
SENTENCES = 1_000_000
STEPS = 200


def write(target: Path) -> None:
    """Write the set; one token in five gets other letters or digits at its end, so that there are millions of types."""
    blocks = [block for block in (DATA / "train.txt").read_text("utf-8").split("\n\n") if block.strip()]
    blocks = [block.split("\n") for block in blocks if not block.startswith("-DOCSTART-")]
    rng = random.Random(1)
    with target.open("w", encoding="utf-8") as file:
        for number in range(SENTENCES):
            for line in blocks[number % len(blocks)]:
                word, rest = line.split(" ", 1)
                if rng.random() < 0.2:
                    word += "".join(rng.choices("aeioulnrst0123456789", k=3))
                file.write(f"{word} {rest}\n")
            file.write("\n")


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    _needs.data(DATA)
    steps: list[Step] = []

    def watch(record: Record) -> None:
        if isinstance(record, Step):
            steps.append(record)
            if record.step == STEPS:
                raise KeyboardInterrupt

    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "million.txt"
        write(path)
        began = time.monotonic()
        try:
            settings = load(None, ["training.epochs=1"])
            train(
                path,
                DATA / "valid.txt",
                out=Path(scratch) / "model",
                settings=settings,
                observers=[watch],
                say=print,
            )
        except KeyboardInterrupt:
            print(f"stopped after {len(steps)} steps, as planned")
    report = {
        "sentences": SENTENCES,
        "steps": len(steps),
        "peak_memory_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "seconds": time.monotonic() - began,
        "seconds_of_steps": steps[-1].seconds - steps[0].seconds,
    }
    print(json.dumps(report, indent=1))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"million-{date.today()}.json").write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
