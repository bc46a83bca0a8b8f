"""A million random pairs of tag sequences, counted as seqeval's strict mode and as conlleval count them.

python benchmarks/score_million.py [--pairs 1000000] [--seed 1]

The pairs are seeded, of IOB2, IOE2, IOBES and BILUO in turn, with up to ten tags drawn from all of the scheme, so that
most are faulty. With the repair ``drop`` each span of each sequence is compared with seqeval's, with the repair
``conlleval`` the counts of each label with those of an oracle that is written from the script's rules alone
(tests/metrics/conlleval_rules.py); IOBES and BILUO are converted to IOB2 for it. Any difference ends the run.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from seqeval.scheme import BILOU, IOB2, IOBES, IOE2, Entities

from elman.data.schemes import SCHEMES, convert
from elman.metrics.score import score
from elman.metrics.tags import compare_tags

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "metrics"))
from conlleval_rules import tally  # beside the tests that use it, too

if TYPE_CHECKING:
    from elman.metrics.tags import TagComparison

RESULTS = Path(__file__).with_name("results")
PEERS = {"IOB2": IOB2, "IOE2": IOE2, "IOBES": IOBES, "BILUO": BILOU}
LABELS = ("LOC", "ORG", "PER")
LONGEST = 10
BATCH = 2000
GROUP = 100
"""So many pairs at a time have their counts compared with conlleval's; spans are compared one by one."""

Tags = list[list[str]]
Counted = dict[str, tuple[float, int, int]]


def draw(rng: random.Random, name: str, count: int) -> tuple[Tags, Tags]:
    tags = ("O", "O", *SCHEMES[name].tags(LABELS))
    lengths = [rng.randint(1, LONGEST) for _ in range(count)]
    gold, predicted = ([rng.choices(tags, k=length) for length in lengths] for _ in range(2))
    for one, other in zip(gold, predicted, strict=True):
        if rng.random() < 0.7:  # else hardly any span would be right
            other[:] = [mine if rng.random() < 0.8 else theirs for mine, theirs in zip(one, other, strict=True)]
    return gold, predicted


def spans(found: TagComparison) -> list[list[list[tuple[int, int, str]]]]:
    """Of gold and of the predictions the spans of each sequence."""
    sides = []
    for rows in (found.comparison.gold, found.comparison.predicted):
        side: list[list[tuple[int, int, str]]] = [[] for _ in range(found.comparison.units)]
        for unit, start, end, label in rows.tolist():
            side[unit].append((start, end, found.comparison.names[label]))
        sides.append(side)
    return sides


def counted(found: TagComparison) -> Counted:
    return {name: (one.correct, one.predicted, one.support) for name, one in score(found.comparison).labels.items()}


def check_strict(name: str, gold: Tags, predicted: Tags) -> int:
    """Compare with seqeval; the number of spans that are right."""
    found = compare_tags(gold, predicted, scheme=name, repair="drop")
    theirs = [
        [[(span.start, span.end, span.tag) for span in row] for row in Entities(side, PEERS[name]).entities]
        for side in (gold, predicted)
    ]
    ours = spans(found)
    if ours != theirs:
        side = 0 if ours[0] != theirs[0] else 1
        at = next(at for at, row in enumerate(ours[side]) if row != theirs[side][at])
        raise SystemExit(f"{name}: {(gold, predicted)[side][at]}: {ours[side][at]}, seqeval {theirs[side][at]}")
    right = {
        label: sum(len({s for s in one if s[2] == label} & set(other)) for one, other in zip(*theirs, strict=True))
        for label in LABELS
    }
    if {label: counts[0] for label, counts in counted(found).items()} != {
        label: right[label] for label in found.comparison.names
    }:
        raise SystemExit(f"{name}: {counted(found)}, seqeval has {right} right")
    return sum(right.values())


def check_conlleval(name: str, gold: Tags, predicted: Tags) -> int:
    """Compare with the oracle; the number of spans that are right."""
    found = compare_tags(gold, predicted, scheme=name, repair="conlleval")
    if name in ("IOBES", "BILUO"):
        source, target = SCHEMES[name], SCHEMES["IOB2"]
        gold, predicted = (
            [convert(row, source, target, "conlleval").tags for row in side] for side in (gold, predicted)
        )
    expected = tally(gold, predicted)
    labels = expected.predicted | expected.support
    theirs = {one: (expected.correct[one], expected.predicted[one], expected.support[one]) for one in labels}
    if counted(found) != theirs or (found.tokens, found.agreeing) != (expected.tokens, expected.agreeing):
        raise SystemExit(f"{name}: {gold} against {predicted}: {counted(found)}, the rules give {expected}")
    return expected.correct.total()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    names = list(PEERS)
    rows = {name: {"pairs": 0, "tokens": 0, "right_strict": 0, "right_conlleval": 0} for name in names}
    began = time.monotonic()
    done = turn = 0
    while done < options.pairs:
        name, count = names[turn % len(names)], min(BATCH, options.pairs - done)
        gold, predicted = draw(rng, name, count)
        row = rows[name]
        row["pairs"] += count
        row["tokens"] += sum(map(len, gold))
        row["right_strict"] += check_strict(name, gold, predicted)
        for first in range(0, count, GROUP):
            part = slice(first, first + GROUP)
            row["right_conlleval"] += check_conlleval(name, gold[part], predicted[part])
        done, turn = done + count, turn + 1
    report = {
        "pairs": done,
        "seed": options.seed,
        "differences": 0,
        "schemes": rows,
        "seconds": round(time.monotonic() - began, 1),
    }
    print(json.dumps(report, indent=1))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"score-million-{date.today()}.json").write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
