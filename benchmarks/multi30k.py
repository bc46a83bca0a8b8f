"""English to German on Multi30k: BLEU and chrF of the test set of 2016, one seed.

python benchmarks/multi30k.py [--seeds 1] [--only 1,2] [--epochs 16] [--keep FOLDER]

Subwords of each side are learned from the training set; texts are neither lower-cased nor tokenized, before or after.
The epoch that is best on dev (BLEU, written greedily) is scored on test, once, by a beam of five. sacrebleu's
signature stands in the results.
"""

from __future__ import annotations

import os
from pathlib import Path

import _needs
from _writing import Measure, arguments, measure

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "multi30k"
SETTINGS = [
    "units.source=subwords",
    "units.target=subwords",
    "units.subwords=4000",
    "units.size=192",
    "encoder.hidden=192",
    "encoder.input_dropout=0.3",
    "encoder.dropout=0.3",
    "decoder.hidden=384",
    "decoder.size=256",
    "decoder.input_dropout=0.3",
    "decoder.dropout=0.3",
    "decoder.output_dropout=0.3",
    "training.batch_tokens=3000",
    "training.learning_rate=0.002",
]
MEASURES = [
    Measure("BLEU", lambda scores: float(scores["bleu"]["score"]), 28.0),
    Measure("chrF", lambda scores: float(scores["chrf"]["score"])),
]

if __name__ == "__main__":
    options = arguments(__doc__ or "", seeds=1, epochs=16)
    _needs.data(DATA)
    sets = [Path(f"{DATA / name}.en:{DATA / name}.de") for name in ("train", "val", "test_2016_flickr")]
    measure("multi30k", "translation", sets, SETTINGS, MEASURES, options)
