"""How fast tags are scored, beside seqeval and nervaluate.

python benchmarks/score_speed.py [--tokens 5000000] [--runs 3]

The tags of CoNLL-2003's test set, over and over, against the same with seeded mistakes: one tag in fifty is another
one, so that some are forbidden where they stand. All get the same lists of strings and take turns. Times are of the
processor, so that neighbours on a shared machine count little; the fastest run of each is kept. seqeval counts entities
once, in either mode; nervaluate has four ways to match, so beside its time stand ours for the exact one and for
all four. What is counted has to be the same. The exit code is 1 if any is fewer times as fast than is wanted.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
import warnings
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from nervaluate import Evaluator
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2

import _needs
from elman.metrics.peer_tables import SCENARIOS
from elman.metrics.score import score
from elman.metrics.tags import compare_tag_ids, compare_tags

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "conll2003-en"
RESULTS = Path(__file__).with_name("results")
WRONG = 0.02

Tags = list[list[str]]


def load(tokens: int) -> tuple[Tags, Tags]:
    """Gold and predicted tags; each sequence is a list of its own."""
    blocks = (DATA / "test.txt").read_text("utf-8").split("\n\n")
    rows = [[line.rsplit(" ", 1)[1] for line in block.split("\n") if line] for block in blocks]
    gold = [row for block, row in zip(blocks, rows, strict=True) if row and not block.startswith("-DOCSTART-")]
    rng = random.Random(1)
    tags = sorted({tag for row in gold for tag in row})
    predicted = [[rng.choice(tags) if rng.random() < WRONG else tag for tag in row] for row in gold]
    times = max(1, round(tokens / sum(map(len, gold))))
    sides = ([row.copy() for _ in range(times) for row in side] for side in (gold, predicted))
    one, other = sides
    return one, other


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    _needs.data(DATA)
    warnings.simplefilter("ignore")  # of seqeval, on labels without a prediction
    gold, predicted = load(options.tokens)
    tags = sorted({tag for side in (gold, predicted) for row in side for tag in row})
    labels = sorted({tag[2:] for tag in tags if tag != "O"})
    lengths = np.array([len(row) for row in gold])
    number = {tag: at for at, tag in enumerate(tags)}
    ids = [np.array([number[tag] for row in side for tag in row], dtype=np.int32) for side in (gold, predicted)]
    starts = np.cumsum(lengths) - lengths

    def ours(repair: Any) -> float:
        return score(compare_tags(gold, predicted, repair=repair).comparison).micro.f1

    def all_four() -> float:
        comparison = compare_tags(gold, predicted).comparison
        return [score(comparison, mode).micro.f1 for mode in SCENARIOS.values()][-1]

    def from_ids() -> float:
        return score(compare_tag_ids(*ids, starts, tags, repair="drop").comparison).micro.f1

    def nervaluate() -> float:
        return float(Evaluator(gold, predicted, tags=labels, loader="list").evaluate()["overall"]["strict"].f1)

    contestants: dict[str, Callable[[], float]] = {
        "elman, conlleval": lambda: ours("conlleval"),
        "elman, drop": lambda: ours("drop"),
        "elman, four modes": all_four,
        "elman, arrays, drop": from_ids,
        "seqeval default": lambda: float(f1_score(gold, predicted)),
        "seqeval strict": lambda: float(f1_score(gold, predicted, mode="strict", scheme=IOB2)),
        "nervaluate": nervaluate,
    }
    best: dict[str, float] = {}
    f1: dict[str, float] = {}
    for _ in range(options.runs):
        for name, run in contestants.items():
            begun = time.process_time()
            f1[name] = run()
            best[name] = min(best.get(name, float("inf")), time.process_time() - begun)
    for one, other in (
        ("elman, conlleval", "seqeval default"),
        ("elman, drop", "seqeval strict"),
        ("elman, arrays, drop", "seqeval strict"),
        ("elman, four modes", "nervaluate"),
    ):
        if abs(f1[one] - f1[other]) > 1e-9:
            raise SystemExit(f"{one} has F1 {f1[one]}, {other} {f1[other]}")
    total = int(lengths.sum())
    pairs = {
        "lists of strings, seqeval default": ("elman, conlleval", "seqeval default", 8),
        "lists of strings, seqeval strict": ("elman, drop", "seqeval strict", 20),
        "lists of strings, nervaluate": ("elman, conlleval", "nervaluate", 20),
        "lists of strings, four modes, nervaluate": ("elman, four modes", "nervaluate", 1),
        "arrays, seqeval strict": ("elman, arrays, drop", "seqeval strict", 50),
    }
    report = {
        "tokens": total,
        "sequences": len(gold),
        "runs": options.runs,
        "rows": {
            name: {"seconds": round(took, 3), "tokens_per_second": round(total / took), "f1": round(f1[name], 6)}
            for name, took in best.items()
        },
        "times_as_fast": {
            name: {"measured": round(best[other] / best[one], 1), "wanted": wanted}
            for name, (one, other, wanted) in pairs.items()
        },
    }
    print(json.dumps(report, indent=1))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"score-speed-{date.today()}.json").write_text(json.dumps(report, indent=1) + "\n")
    if any(row["measured"] < row["wanted"] for row in report["times_as_fast"].values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
