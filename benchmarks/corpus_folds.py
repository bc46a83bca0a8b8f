"""The corpus inside the package in five folds by document: what a model of it scores on documents it has not seen."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np

import elman
from elman.data.split import folds
from elman.features.vectors import read_vectors
from elman.metrics.comparison import compare
from elman.metrics.report import render_text
from elman.metrics.score import Result, score
from elman.runtime.evaluation import judge
from elman.training.train import train

CORPUS = Path(elman.__file__).with_name("corpus")
RESULTS = Path(__file__).with_name("results")


def unseen(train_documents: list[elman.Document], test_documents: list[elman.Document]) -> dict[str, float]:
    """The share of distinct strings of the test documents, case aside, that training does not label."""

    def strings(documents: list[elman.Document], label: str) -> set[str]:
        return {doc.surface(span).casefold() for doc in documents for span in doc.spans if span.label == label}

    shares = {}
    for label in ("PERSON", "ORG", "LOC"):
        new = strings(test_documents, label)
        shares[label] = len(new - strings(train_documents, label)) / len(new)
    return shares


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, default=5)
    chosen = parser.parse_args()
    documents = [doc for part in ("train", "dev", "test") for doc in elman.read(CORPUS / f"{part}.jsonl")]
    vectors = read_vectors(CORPUS / "vectors.safetensors")
    results, runs = [], []
    with tempfile.TemporaryDirectory() as scratch:
        for number, (learn, held) in enumerate(folds(documents, chosen.folds, seed=1), start=1):
            began = time.monotonic()
            outcome = train(learn, out=Path(scratch) / str(number), vectors=vectors)
            result = score(compare(judge(elman.load(outcome.path), held)))
            results.append(result)
            seconds = time.monotonic() - began
            runs.append({"fold": number, "f1": result.micro.f1, "seconds": seconds, "unseen": unseen(learn, held)})
            print(
                f"fold {number}: F1 {result.micro.f1:.2%} in {seconds:.0f} s, unseen {runs[-1]['unseen']}",
                flush=True,
            )
    names = tuple(sorted({name for result in results for name in result.names}))
    pooled = np.zeros((sum(len(result.counts) for result in results), len(names), 3), np.int32)
    row = 0
    for result in results:
        columns = [names.index(name) for name in result.names]
        pooled[row : row + len(result.counts), columns] = result.counts
        row += len(result.counts)
    total = Result(names, pooled)
    print(render_text(total))
    RESULTS.mkdir(exist_ok=True)
    report = {"folds": runs, "pooled": total.to_json()}
    (RESULTS / f"corpus-folds-{date.today()}.json").write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
