"""How well suspicion finds the labels of CoNLL-2003 that CleanCoNLL corrected, by a model trained on train alone.

python benchmarks/suspicion.py [MODEL...] [--part valid]

Without MODEL it takes the best of the models in benchmarks/models, which conll2003.py trains.

A gold span is wrong if CleanCoNLL has no span of the same characters and the same label: a wrong label, a wrong
boundary and a span that is taken away alike. Places are compared in characters, white space left out, since CleanCoNLL
splits some tokens and joins some sentences; a span whose rim is within such a token is wrong too, as it could not be
right. The base rate is the share of the gold spans that are wrong; average precision is over all gold spans.

Beside suspicion, which takes the other labels of a string in its document into account, are ranked: one minus the
probability of the span; one minus the geometric mean of that over the span's tokens; and the entropy of the tags at the
span's tokens, as the mean and as the largest. How suspicion is put together was chosen on dev (--part valid).
"""

from __future__ import annotations

import argparse
import json
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import _needs
import elman
from _cleanconll import cleaned
from elman.data.schemes import scheme
from elman.decoding.entities import entity_probability
from elman.decoding.marginals import forward_backward
from elman.features.batches import bucket
from elman.metrics.ranking import average_precision
from elman.metrics.suspicion import Belief, suspicion
from elman.model.folder import read_model
from elman.runtime.entities import structure_of
from elman.runtime.numpy_engine import NumpyEngine
from elman.runtime.placing import places
from elman.tasks.tagging import tokens_and_windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from elman import Document

    Floats = NDArray[np.float64]

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data"))
RESULTS = Path(__file__).with_name("results")


def asked(model: Path, documents: Sequence[Document]) -> Iterator[tuple[Floats, NDArray[np.int64], list[Floats]]]:
    """For each document and each of its spans: its probability, its number of tokens, the entropies of their tags."""
    folder = read_model(model)
    manifest = folder.manifest
    heat = manifest.temperature
    engine = NumpyEngine(manifest.architecture, folder.tensors)
    decoder = scheme(manifest.scheme).decoder(manifest.labels)
    start, transition, end = (part / heat for part in structure_of(manifest, folder.tensors))
    kinds = {label: kind for kind, label in enumerate(manifest.labels)}
    for document in documents:
        offsets, starts, _ = tokens_and_windows(document)
        words = [document.text[begin:stop] for begin, stop in offsets.tolist()]
        lengths = np.diff(starts, append=len(words)).astype(np.int64)
        types = {word: at for at, word in enumerate(dict.fromkeys(words))}
        at = np.array([types[word] for word in words], np.int64)
        scores = engine.emissions(folder.lexicon.features(tuple(types)), at, lengths) / heat
        rows = places(document.spans, offsets, starts, kinds)
        own = np.zeros(len(rows))
        entropy = [np.zeros(0)] * len(rows)
        for chosen in bucket(lengths, 4096):
            sizes = lengths[chosen]
            inside = starts[chosen][:, None] + np.minimum(np.arange(sizes.max()), sizes[:, None] - 1)
            lattice = forward_backward(scores[inside].astype(np.float64), sizes, transition, start, end)
            p = lattice.marginals()
            tags = -(p * np.log(np.maximum(p, 1e-300))).sum(axis=-1)
            window = {number: row for row, number in enumerate(chosen.tolist())}
            some = [row for row, number in enumerate(rows[:, 0].tolist()) if number in window]
            there = np.array([(window[rows[row, 0]], *rows[row, 1:]) for row in some], np.int64).reshape(-1, 4)
            own[some] = entity_probability(lattice, there, decoder)
            for row, (number, first, stop, _) in zip(some, there.tolist(), strict=True):
                entropy[row] = tags[number, first:stop]
        yield own, rows[:, 2] - rows[:, 1], entropy


def measure(model: Path, documents: Sequence[Document], wrong: NDArray[np.bool_]) -> dict[str, Any]:
    """The average precision of each ranking."""
    answers = list(asked(model, documents))
    beliefs = [
        Belief(document, own.tolist(), (), lengths.tolist())
        for document, (own, lengths, _) in zip(documents, answers, strict=True)
    ]
    score = {(one.number, one.span): one.suspicion for one in suspicion(beliefs).suspects}
    own, tokens = (np.concatenate([answer[part] for answer in answers]) for part in (0, 1))
    entropy = [each for _, _, several in answers for each in several]
    rankings = {
        "suspicion": np.array([score[number, span] for number, one in enumerate(documents) for span in one.spans]),
        "1 - probability": 1 - own,
        "1 - probability per token": 1 - own ** (1 / tokens),
        "token entropy, mean": np.array([each.mean() for each in entropy]),
        "token entropy, largest": np.array([each.max() for each in entropy]),
    }
    base = float(wrong.mean())
    found = {name: average_precision(values, wrong) for name, values in rankings.items()}
    return {
        "model": model.name,
        "spans": len(wrong),
        "wrong": int(wrong.sum()),
        "base_rate": base,
        "average_precision": found,
        "ratio": {name: value / base for name, value in found.items()},
        "wrong_among_the_first": {
            name: {str(top): int(wrong[np.argsort(-values, kind="stable")[:top]].sum()) for top in (50, 100, 200, 500)}
            for name, values in rankings.items()
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="*", metavar="MODEL")
    parser.add_argument("--part", choices=("valid", "test"), default="test")
    chosen = parser.parse_args()
    for folder in ("conll2003-en", "cleanconll"):
        _needs.data(DATA / folder)
    models = chosen.models or [_needs.model()]
    documents = list(elman.read(DATA / "conll2003-en" / f"{chosen.part}.txt"))
    right = [{span.key for span in one.spans} for one in cleaned(documents, DATA, chosen.part)]
    wrong = np.array(
        [span.key not in keys for one, keys in zip(documents, right, strict=True) for span in one.spans], np.bool_
    )
    print(
        f"{chosen.part}: {wrong.sum()} of {len(wrong)} gold spans are wrong, base rate {wrong.mean():.2%}", flush=True
    )
    report: dict[str, Any] = {"part": chosen.part, "runs": []}
    for model in models:
        run = measure(model, documents, wrong)
        report["runs"].append(run)
        for name, value in run["average_precision"].items():
            print(f"{run['model']}: {name:26} AP {value:.4f}, {run['ratio'][name]:.2f} times the base rate", flush=True)
    RESULTS.mkdir(exist_ok=True)
    name = "suspicion" if chosen.part == "test" else "suspicion-dev"
    (RESULTS / f"{name}-{date.today()}.json").write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
