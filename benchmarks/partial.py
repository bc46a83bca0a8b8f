"""Partial labels on CoNLL-2003: half of the training entities unknown, against the same entities made O.

python benchmarks/partial.py [--keep FOLDER] [--vectors FILE]

Three runs with one seed: on all labels; with half of the entities, and as many runs of O of the same lengths, unknown;
and with those entities made O. What is unknown loses at most a third of the F1 that O loses; the exit code is 1 if it
loses more. Models stay in FOLDER, by default benchmarks/models, and a run whose model is there is not repeated; one
that was cut off is gone on with.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import _needs
from elman.data.document import Document, Region, Span
from elman.data.formats import read
from elman.features.vectors import read_vectors
from elman.settings import load
from elman.training.records import Evaluation
from elman.training.train import train

if TYPE_CHECKING:
    from elman.features.vectors import Vectors
    from elman.training.records import Record

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "conll2003-en"
RESULTS = Path(__file__).with_name("results")
LIMIT = 1 / 3


def hide(documents: list[Document], share: float, seed: int) -> tuple[list[Document], list[Document], dict[str, int]]:
    """Hide a share of the entities, and as many runs of O of the same lengths.

    Returns:
        The documents with these unknown, those with these entities made O, and what was hidden.
    """
    rng = np.random.default_rng(seed)
    places = [(number, span) for number, document in enumerate(documents) for span in document.spans]
    chosen = [places[at] for at in rng.permutation(len(places))[: round(share * len(places))].tolist()]
    hidden: list[set[Span]] = [set() for _ in documents]
    regions: list[list[Region]] = [[] for _ in documents]
    wanted: Counter[int] = Counter()
    for number, span in chosen:
        hidden[number].add(span)
        regions[number].append(Region(span.start, span.end))
        offsets = _offsets(documents[number])
        inside = (offsets[:, 0] >= span.start) & (offsets[:, 1] <= span.end)
        wanted[int(inside.sum())] += 1
    free = [_outside(document) for document in documents]
    sentences = [(number, *run) for number, document in enumerate(documents) for run in _ranges(document)]
    runs = 0
    for length, count in sorted(wanted.items(), reverse=True):
        # Every run of O of this length, within a sentence, in random order; those that are still free are taken.
        starts = [
            (number, at)
            for number, first, end in sentences
            for at in range(first, end - length + 1)
            if free[number][at : at + length].all()
        ]
        taken = 0
        for index in rng.permutation(len(starts)).tolist():
            number, at = starts[index]
            if taken == count:
                break
            if free[number][at : at + length].all():
                free[number][at : at + length] = False
                offsets = _offsets(documents[number])
                regions[number].append(Region(int(offsets[at, 0]), int(offsets[at + length - 1, 1])))
                taken += 1
        runs += taken
    unknown, outside = [], []
    for document, gone, pieces in zip(documents, hidden, regions, strict=True):
        spans = tuple(span for span in document.spans if span not in gone)
        outside.append(replace(document, spans=spans))
        unknown.append(replace(document, spans=spans, unknown=tuple(sorted(pieces, key=lambda piece: piece.start))))
    told = {"entities": len(places), "hidden entities": len(chosen), "hidden runs of O": runs}
    return unknown, outside, told


def _offsets(document: Document) -> np.ndarray[Any, Any]:
    assert document.tokens is not None
    return document.tokens.offsets


def _ranges(document: Document) -> list[tuple[int, int]]:
    assert document.tokens is not None
    return list(document.tokens.ranges())


def _outside(document: Document) -> np.ndarray[Any, Any]:
    """For each token whether it is O."""
    offsets = _offsets(document)
    free = np.ones(len(offsets), np.bool_)
    for span in document.spans:
        free &= (offsets[:, 1] <= span.start) | (offsets[:, 0] >= span.end)
    return free


def one(name: str, documents: list[Document], place: Path, vectors: Vectors | None, options: list[str]) -> Any:
    """Train one model, or read what it scored."""
    curve: list[dict[str, float]] = []

    def watch(record: Record) -> None:
        if isinstance(record, Evaluation):
            curve.append({"epoch": record.epoch, "seconds": round(record.seconds, 1), "dev": record.f1})
            print(f"{name}: epoch {record.epoch} dev {record.f1:.4f} after {record.seconds:.0f} s", flush=True)

    outcome = train(
        documents,
        DATA / "valid.txt",
        DATA / "test.txt",
        out=place,
        settings=load(None, options),
        vectors=vectors,
        resume=True,
        observers=[watch],
        say=lambda line: print(f"{name}: {line}", flush=True),
    )
    metrics = outcome.best.metrics
    return {
        "dev": 100 * outcome.best.dev.value,
        "test": 100 * (outcome.best.test.value if outcome.best.test else 0.0),
        "test_counts": {key: metrics["test"]["micro"][key] for key in ("precision", "recall", "predicted", "correct")},
        "seconds": metrics["training"]["seconds"],
        "best_epoch": metrics["training"]["best_epoch"],
        "epochs": metrics["training"]["epochs"],
        "curve": curve,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--keep", type=Path, default=_needs.MODELS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--epochs", type=int, help="fewer than the default, for a trial")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--out", type=Path, default=RESULTS / f"partial-{date.today()}.json")
    chosen = parser.parse_args()
    _needs.data(DATA)
    options = [f"training.seed={chosen.seed}", f"training.threads={chosen.threads}"]
    options += [f"training.epochs={chosen.epochs}"] if chosen.epochs else []
    full = list(read(DATA / "train.txt"))
    unknown, outside, told = hide(full, chosen.share, chosen.seed)
    report: dict[str, Any] = json.loads(chosen.out.read_text()) if chosen.out.exists() else {}
    report |= {
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "threads": chosen.threads,
        "seed": chosen.seed,
        "vectors": None if chosen.vectors is None else chosen.vectors.name,
        **told,
    }
    runs = report.setdefault("runs", {})
    vectors = None if chosen.vectors is None else read_vectors(chosen.vectors)
    for name, documents in (("full", full), ("unknown", unknown), ("made O", outside)):
        if name not in runs:
            place = chosen.keep / f"partial-{name.replace(' ', '-')}-{chosen.seed}"
            runs[name] = one(name, documents, place, vectors, options)
        chosen.out.parent.mkdir(exist_ok=True)
        chosen.out.write_text(json.dumps(report, indent=1) + "\n")
        print(f"{name}: dev F1 {runs[name]['dev']:.2f}, test F1 {runs[name]['test']:.2f}", flush=True)
    for split in ("dev", "test"):
        lost = {name: runs["full"][split] - runs[name][split] for name in ("unknown", "made O")}
        share = lost["unknown"] / lost["made O"]
        report[f"lost on {split}"] = {**lost, "share": share, "limit": LIMIT, "met": share <= LIMIT}
        print(f"{split}: unknown loses {lost['unknown']:.2f}, made O {lost['made O']:.2f}: {share:.1%}", flush=True)
    chosen.out.write_text(json.dumps(report, indent=1) + "\n")
    if not all(report[f"lost on {split}"]["met"] for split in ("dev", "test")):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
