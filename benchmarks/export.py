"""Whether an exported model tags CoNLL-2003's test set as elman does, how large it is, and how fast it runs.

python benchmarks/export.py [MODEL...] [--runs 5]

Without models, the first one without and the first one with vectors that conll2003.py trained. Tokens a second are of
the graph alone in ONNX Runtime, ids to tags, one window at a time (1) and 64 windows of like length together (64), with
one and with two threads; beside them what makes the ids (Lexicon.features, window by window), and our own engine from
words to emissions. All take turns; the median of the runs stands, with the slowest and the fastest. The exit code is 1
if a tag differs.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime

import _needs
from elman.model.folder import read_model
from elman.runtime.evaluation import read_gold
from elman.runtime.export.parity import compare, feed, session
from elman.runtime.export.tagging import OPSET, tagger_model
from elman.runtime.tagger import Tagger
from elman.tasks.tagging import tokens_and_windows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from elman.data.document import Document
    from elman.model.folder import ModelFolder

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "conll2003-en"
RESULTS = Path(__file__).with_name("results")
BATCHES = (1, 64)
THREADS = (1, 2)


def windows_of(documents: Sequence[Document]) -> list[list[str]]:
    """The words of each window, the shortest first."""
    windows = []
    for document in documents:
        words = list(document.tokens.surfaces)
        starts = tokens_and_windows(document).starts.tolist()
        windows += [words[start:stop] for start, stop in zip(starts, [*starts[1:], len(words)], strict=True)]
    return sorted(windows, key=len)


def feeds(content: bytes, folder: ModelFolder, windows: Sequence[list[str]], batch: int) -> list[dict[str, NDArray]]:
    """What a graph reads, so many windows at a time."""
    running = session(content)
    found = []
    for first in range(0, len(windows), batch):
        some = windows[first : first + batch]
        lengths = np.array([len(words) for words in some])
        padded = np.full((len(some), lengths.max()), "", object)
        for row, words in zip(padded, some, strict=True):
            row[: len(words)] = words
        found.append(feed(running, folder.lexicon, padded, lengths))
    return found


def rates(works: dict[str, Callable[[], object]], tokens: int, runs: int) -> dict[str, dict[str, int]]:
    """Tokens a second of each work."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(runs):
        for name in list(works)[:: 1 if turn % 2 else -1]:
            began = time.perf_counter()
            works[name]()
            taken[name].append(time.perf_counter() - began)
    return {
        name: {
            "median": round(tokens / statistics.median(seconds)),
            "slowest": round(tokens / max(seconds)),
            "fastest": round(tokens / min(seconds)),
        }
        for name, seconds in taken.items()
    }


def measure(path: Path, documents: Sequence[Document], runs: int) -> dict[str, Any]:
    """All figures of a model."""
    folder = read_model(path)
    content = tagger_model(folder)
    parity = compare(content, folder, documents)
    windows = windows_of(documents)
    tokens = sum(map(len, windows))
    tagger = Tagger(folder)
    works: dict[str, Callable[[], object]] = {
        "our engine, words to emissions": lambda: list(tagger.scores(documents)),
        "ids of words": lambda: [folder.lexicon.features(words) for words in windows],
    }
    for batch in BATCHES:
        given = feeds(content, folder, windows, batch)
        for threads in THREADS:
            running = session(content, threads)
            works[f"ONNX Runtime, batch {batch}, threads {threads}"] = lambda running=running, given=given: [
                running.run(["tags"], one) for one in given
            ]
    found = {
        "bytes": len(content),
        "opset": OPSET,
        "windows": parity.windows,
        "tokens": parity.tokens,
        "tokens with the same tag": parity.tokens - parity.different,
        "largest difference of emissions": parity.worst,
        "tokens a second": rates(works, tokens, runs),
    }
    print(f"{path.name}: {len(content) / 1e6:.1f} MB, opset {OPSET}")
    print(f"  {found['tokens with the same tag']:,} of {parity.tokens:,} tokens have the same tag", end="")
    print(f"; emissions differ by up to {parity.worst:.1e}")
    for name, rate in found["tokens a second"].items():
        print(f"  {name:34} {rate['median']:>9,} tokens/s ({rate['slowest']:,} to {rate['fastest']:,})", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=Path, metavar="MODEL")
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    _needs.data(DATA)
    models = chosen.models or [
        path for kind in ("without", "with") if (path := _needs.MODELS / f"{kind}-vectors-1").is_dir()
    ]
    documents = list(read_gold(DATA / "test.txt"))
    figures: dict[str, Any] = {"onnxruntime": onnxruntime.__version__, "models": {}}
    for path in models or [_needs.model()]:
        figures["models"][path.name] = measure(path, documents, chosen.runs)
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"export-{date.today()}.json").write_text(json.dumps(figures, indent=1) + "\n")
    if any(one["tokens with the same tag"] < one["tokens"] for one in figures["models"].values()):
        print("error: not all tags are the same", file=sys.stderr)
        raise SystemExit(1)


if __name__ == "__main__":
    main()
