"""Spelling to phonemes on CMUdict: phoneme and word error rates, three seeds.

python benchmarks/cmudict.py [--seeds 3] [--only 1,2] [--epochs 10] [--keep FOLDER]

Words are split 90/5/5 by a seed of its own, stress is taken off. A word of the test set is right if one of its listed
pronunciations is written, and errors are counted against the nearest. Training learns from all pronunciations; the
epoch that is best on dev, by its phoneme error rate, is scored on test, once.
"""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import _needs
from _writing import Measure, arguments, measure

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "cmudict"
DRAW = 1995
"""The seed of the split."""

SETTINGS = [
    "units.source=characters",
    "units.target=words",
    "units.size=64",
    "encoder.hidden=128",
    "encoder.layers=2",
    "decoder.hidden=320",
    "decoder.size=128",
    *(f"{group}.{name}=0.1" for group in ("encoder", "decoder") for name in ("input_dropout", "dropout")),
    "decoder.output_dropout=0.1",
    "training.batch_tokens=2048",
    "training.learning_rate=0.004",
]
MEASURES = [
    Measure("PER", lambda scores: 100 * float(scores["errors"]), 7.0, least=False),
    Measure("WER", lambda scores: 100 * (1 - float(scores["exact"])), 29.0, least=False),
]


def split(folder: Path) -> list[Path]:
    """Write train, dev and test as tables: a word and its pronunciations."""
    words: dict[str, dict[str, None]] = {}
    for line in (DATA / "cmudict" / "cmudict").read_text("latin-1").splitlines():
        word, _, *phonemes = line.split()
        words.setdefault(word.lower(), {})[" ".join(re.sub(r"\d", "", one) for one in phonemes)] = None
    order = sorted(words)
    random.Random(DRAW).shuffle(order)
    first, second = int(0.9 * len(order)), int(0.95 * len(order))
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, part in (("train", order[:first]), ("dev", order[first:second]), ("test", order[second:])):
        paths.append(folder / f"cmudict-{name}.tsv")
        paths[-1].write_text("".join("\t".join((word, *words[word])) + "\n" for word in sorted(part)), "utf-8")
        print(f"{name}: {len(part):,} words", flush=True)
    return paths


if __name__ == "__main__":
    options = arguments(__doc__ or "", seeds=3, epochs=10)
    _needs.data(DATA)
    measure("cmudict", "translation", split(options.keep), SETTINGS, MEASURES, options)
