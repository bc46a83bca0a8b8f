"""A model on CoNLL-2003's test set three ways: gold tokens, raw text with a line a sentence, raw text on one line.

python benchmarks/raw_text.py [MODEL]

Without MODEL it takes the best of the models in benchmarks/models, which conll2003.py trains.
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import _needs
import elman
from elman.metrics.comparison import compare
from elman.metrics.score import score
from elman.runtime.evaluation import judge

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "conll2003-en"
RESULTS = Path(__file__).with_name("results")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, nargs="?")
    chosen = parser.parse_args()
    _needs.data(DATA)
    tagger = elman.load(chosen.model or _needs.model())
    documents = list(elman.read(DATA / "test.txt"))
    # As many characters, so that the spans stay where they are.
    joined = [replace(doc, text=doc.text.replace("\n", " "), tokens=None) for doc in documents]
    scores = {
        "gold tokens": score(compare(judge(tagger, documents))).micro.f1,
        "raw text, a line a sentence": score(compare(judge(tagger, documents, raw=True))).micro.f1,
        "raw text, spaces only": score(compare(judge(tagger, joined, raw=True))).micro.f1,
    }
    for name, f1 in scores.items():
        print(f"{name}: F1 {f1:.2%}")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"raw-text-{date.today()}.json").write_text(json.dumps(scores, indent=1) + "\n")


if __name__ == "__main__":
    main()
