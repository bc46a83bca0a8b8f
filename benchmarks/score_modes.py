"""How long one long document takes in every mode.

python benchmarks/score_modes.py [--runs 5] [--tokens 20000] [--spans 4000]

Three documents, seeded and random: spans side by side; one span over everything with thousands inside that nest
and cross; and long spans, each of which crosses some hundred others. Each has as many gold as predicted spans.
Timed are documents, from the spans of two documents to the scores, and arrays, from integers to the counts. Times
are of the processor, so that neighbours on a shared machine count little; the fastest run of each is kept.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.data.document import Document, Span, Tokens
from elman.metrics.comparison import compare, pair
from elman.metrics.matching import MODES
from elman.metrics.score import score

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from elman.metrics.matching import Mode
    from elman.metrics.score import Result

RESULTS = Path(__file__).with_name("results")
LABELS = ("LOC", "MISC", "ORG", "PER", "WORK")


def flat(rng: np.random.Generator, tokens: int, spans: int) -> NDArray[np.int64]:
    """Spans of one to three tokens, side by side."""
    starts = np.sort(rng.choice(tokens // 3, spans, replace=False)) * 3
    return np.column_stack([starts, starts + rng.integers(1, 4, spans)])


def nested(rng: np.random.Generator, tokens: int, spans: int) -> NDArray[np.int64]:
    """One span over everything, and spans of one to five tokens anywhere."""
    starts = rng.integers(0, tokens - 5, spans - 1)
    return np.vstack([[[0, tokens]], np.column_stack([starts, starts + rng.integers(1, 6, spans - 1)])])


def crossing(rng: np.random.Generator, tokens: int, spans: int) -> NDArray[np.int64]:
    """Spans of one to 500 tokens, anywhere."""
    starts = rng.integers(0, tokens - 500, spans)
    return np.column_stack([starts, starts + rng.integers(1, 501, spans)])


def document(rng: np.random.Generator, places: NDArray[np.int64], text: Tokens) -> Document:
    """A document with spans of random labels."""
    starts, ends = text.offsets[places[:, 0], 0], text.offsets[places[:, 1] - 1, 1]
    labels = rng.integers(0, len(LABELS), len(places))
    spans = (
        Span(start, end, LABELS[label])
        for start, end, label in zip(starts.tolist(), ends.tolist(), labels.tolist(), strict=True)
    )
    return Document(text.text, tuple(spans), tokens=text)


def fastest(what: Callable[[], Any], runs: int) -> float:
    """The least seconds of the processor that something takes."""
    times = []
    for _ in range(runs):
        begun = time.process_time()
        what()
        times.append(time.process_time() - begun)
    return round(min(times), 4)


def scored(gold: Document, predicted: Document, mode: Mode) -> Result:
    """All of the work, from two documents."""
    return score(compare(pair([gold], [predicted])), mode)


def main() -> None:
    """Measure, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=20_000)
    parser.add_argument("--spans", type=int, default=4_000)
    given = parser.parse_args()
    rng = np.random.default_rng(1)
    words = [f"w{number}" for number in rng.integers(0, 3000, given.tokens).tolist()]
    text = " ".join(words)
    ends = np.cumsum([len(word) + 1 for word in words]) - 1
    tokens = Tokens(text, np.column_stack([ends - [len(word) for word in words], ends]), range(0, given.tokens, 20))
    result: dict[str, Any] = {"tokens": given.tokens, "spans": given.spans, "runs": given.runs, "seconds": {}}
    for make in (flat, nested, crossing):
        gold, predicted = (document(rng, make(rng, given.tokens, given.spans), tokens) for _ in range(2))
        comparison = compare(pair([gold], [predicted]))
        rows = {}
        for mode in MODES:
            rows[mode] = {
                "documents": fastest(partial(scored, gold, predicted, mode), given.runs),
                "arrays": fastest(partial(score, comparison, mode), given.runs),
                "f1": round(100 * score(comparison, mode).micro.f1, 2),
            }
            print(f"{make.__name__:<10} {mode:<12} {rows[mode]}")
        result["seconds"][make.__name__] = rows
    result["slowest"] = max(row["documents"] for rows in result["seconds"].values() for row in rows.values())
    print(f"slowest: {result['slowest']} s")
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"score-modes-{date.today().isoformat()}.json"
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(path)


if __name__ == "__main__":
    main()
