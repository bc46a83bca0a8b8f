"""The engines on CoNLL-2003: whether each gives the same whatever the batch, what they differ by, where the time goes.

python benchmarks/engines.py [MODEL] [--documents 300] [--before FILE]

Parts, each by its own figures: the test set under any batch, number of threads, company and cut into chunks gives the
same spans and probabilities within each engine and precision; the float32 engines give the same tags; int8 keeps so
much of float32's spans; the stages' shares of processor time on raw text, on one thread; and the encoder's share of the
rate at which this machine multiplies matrices. FILE is a JSON with the stages as they were, put beside them. The exit
code is 1 if something that has to be the same is not.
"""

# ruff: noqa: E402  # the number of threads has to be set before NumPy comes

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

# One thread for NumPy's products too, or processor time would not be the work's.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np

import _needs
import elman
from elman.metrics.comparison import compare, pair
from elman.metrics.score import score
from elman.runtime.prepared import in_parts, prepare
from elman.runtime.tagger import BATCH_TOKENS, load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elman.data.document import Document
    from elman.runtime.prepared import Prepared
    from elman.runtime.tagger import Tagger

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "conll2003-en"
RESULTS = Path(__file__).with_name("results")
ENGINES = (("numpy", "float32"), ("onnx", "float32"), ("onnx", "int8"))

_Value = TypeVar("_Value")


def digest(documents: Sequence[Document]) -> str:
    """The hash of spans, probabilities to the last bit included."""
    told = [(span.key, span.score) for document in documents for span in (*document.spans, None) if span is not None]
    sizes = [len(document.spans) for document in documents]
    return hashlib.sha256(repr((sizes, told)).encode()).hexdigest()[:16]


def invariance(tagger: Tagger, bare: list[Document], text: str) -> dict[str, bool]:
    """Whether the test set gets the same whatever goes with it."""
    expected = digest(list(tagger.tag(bare)))
    order = np.random.default_rng(1).permutation(len(bare)).tolist()
    shuffled: list[Document] = [bare[0]] * len(bare)
    for at, document in zip(order, tagger.tag((bare[at] for at in order), 3000), strict=True):
        shuffled[at] = document
    same = {f"batches of {size} tokens": digest(list(tagger.tag(bare, size))) for size in (1, 97, 1000, 10**6)}
    same |= {f"{threads} threads": digest(list(tagger.tag(bare, 2000, threads=threads))) for threads in (1, 2, 4)}
    same["shuffled"] = digest(shuffled)
    result = {name: value == expected for name, value in same.items()}
    whole = [(span.key, span.score) for span in tagger(text).spans]
    for size in (1, 7, 1000, 1 << 16):
        chunks = (text[at : at + size] for at in range(0, len(text), size))
        result[f"chunks of {size} characters"] = [(span.key, span.score) for span in tagger.stream(chunks)] == whole
    return result


def agreement(gold: list[Document], one: list[Document], other: list[Document]) -> dict[str, float]:
    """What two engines have in common."""
    spans = [
        {(at, span.key): span.score for at, found in enumerate(side) for span in found.spans} for side in (one, other)
    ]
    shared = spans[0].keys() & spans[1].keys()
    return {
        "spans": len(spans[0]),
        "kept": len(shared) / len(spans[0]),
        "largest difference of probability": max(abs(spans[0][key] - spans[1][key]) for key in shared),
        "F1 of the first": score(compare(pair(gold, one), "entities")).micro.f1,
        "F1 of the second": score(compare(pair(gold, other), "entities")).micro.f1,
    }


def cost(function: Callable[[], _Value], repeats: int = 5) -> tuple[float, _Value]:
    """The least processor time in seconds, and what came out."""
    best, result = float("inf"), function()
    for _ in range(repeats):
        began = time.process_time()
        result = function()
        best = min(best, time.process_time() - began)
    return best, result


def stages(tagger: Tagger, texts: list[str]) -> dict[str, float]:
    """Microseconds of processor time a white-space word for each stage, in batches as ``tag`` makes them."""
    words = sum(len(text.split()) for text in texts)
    seconds: dict[str, float] = {}
    seconds["tokenize"], prepared = cost(lambda: [prepare(text) for text in texts])
    groups: list[list[Prepared]] = [[]]
    for one in prepared:
        groups[-1].append(one)
        if sum(len(other.tokens) for other in groups[-1]) >= BATCH_TOKENS:
            groups.append([])
    lengths = [
        np.concatenate([np.diff(one.starts, append=len(one.tokens)) for one in group]).astype(np.int64)
        for group in groups
        if group
    ]

    def looked_up() -> list[Any]:
        found = []
        for group, sizes in zip(groups, lengths, strict=False):
            surfaces = [surface for one in group for surface in one.tokens.surfaces]
            ends = np.cumsum(sizes)
            for part in in_parts(sizes, BATCH_TOKENS):
                types: dict[str, int] = {}
                here = surfaces[int(ends[part.start] - sizes[part.start]) : int(ends[part.stop - 1])]
                at = np.fromiter((types.setdefault(word, len(types)) for word in here), np.int64, len(here))
                found.append((tagger._rows(tuple(types)), at, sizes[part]))
        return found

    seconds["features"], batches = cost(looked_up)
    engine = tagger._engine
    seconds["encode"], emissions = cost(lambda: [engine.emissions(*batch) for batch in batches])
    seconds["decode"], _ = cost(
        lambda: [tagger.decoder(found, sizes) for found, (_, _, sizes) in zip(emissions, batches, strict=True)]
    )
    whole, _ = cost(lambda: list(tagger.tag(texts, threads=1)))
    seconds["objects"] = max(0.0, whole - sum(seconds.values()))
    seconds["all"] = whole
    return {name: round(1e6 * value / words, 2) for name, value in seconds.items()}


def product_rate() -> float:
    """Floating point operations a second of a large float32 matrix product, on one thread."""
    rng = np.random.default_rng(1)
    one, other = (rng.standard_normal((1536, 1536)).astype(np.float32) for _ in range(2))
    seconds, _ = cost(lambda: one @ other)
    return float(2 * 1536**3 / seconds)


def recurrent_work(architecture: dict[str, Any]) -> int:
    """Floating point operations of a token's recurrent products."""
    hidden = architecture["encoder"]["hidden"]
    gates = {"lstm": 4, "gru": 3, "elman": 1}[architecture["encoder"]["cell"]]
    return int(2 * architecture["encoder"]["layers"] * 2 * gates * hidden * hidden)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?", help="of CoNLL-2003; by default the best in benchmarks/models")
    parser.add_argument("--documents", type=int, default=300, help="of the training set, for the stages")
    parser.add_argument("--before", type=Path, help="JSON with stages as they were")
    chosen = parser.parse_args()
    _needs.data(DATA)
    chosen.model = chosen.model or _needs.model()
    gold = list(elman.read(DATA / "test.txt"))
    bare = [replace(document, spans=()) for document in gold]
    text = "\n".join(document.text for document in gold[:40])
    texts = [document.text for document in elman.read(DATA / "train.txt")][: chosen.documents]
    architecture = json.loads((chosen.model / "model.json").read_text())["architecture"]
    rate = product_rate()
    report: dict[str, Any] = {
        "machine": platform.processor() or platform.machine(),
        "numpy": np.__version__,
        "model": chosen.model.name,
        "matrix product, GFLOP/s on one thread": round(rate / 1e9, 1),
        "engines": {},
    }
    if chosen.before is not None:
        report["before"] = json.loads(chosen.before.read_text())
    good = True
    tagged = {}
    for name, precision in ENGINES:
        tagger = load(chosen.model, name, precision)  # type: ignore[arg-type]  # they are the ones that there are
        key = f"{name}, {precision}"
        tagged[key] = list(tagger.tag(bare))
        same = invariance(tagger, bare, text)
        parts = stages(tagger, texts)
        share = recurrent_work(architecture) / (parts["encode"] * 1e-6) / rate
        report["engines"][key] = {
            "the same": same,
            "us a word": parts,
            "share of the matrix product rate": round(share, 3),
        }
        good &= all(same.values())
        print(key, "the same under all of these" if all(same.values()) else same)
        print(
            "  ", ", ".join(f"{stage} {value}" for stage, value in parts.items()), f"us a word; encoder at {share:.0%}"
        )
    report["agreement with numpy, float32"] = {
        key: agreement(gold, tagged["numpy, float32"], found) for key, found in tagged.items()
    }
    for key, values in report["agreement with numpy, float32"].items():
        print(key, {name: round(value, 7) for name, value in values.items()})
        good &= values["kept"] == 1.0 if "float32" in key else values["kept"] >= 0.995
        good &= values["largest difference of probability"] <= 1e-4 or "float32" not in key
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"engines-{date.today()}.json").write_text(json.dumps(report, indent=1) + "\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
