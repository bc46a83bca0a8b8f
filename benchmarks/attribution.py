"""Whether integrated gradients name the tokens that a label rests on: the top one against a random one, both erased.

python benchmarks/attribution.py [MODEL] [--entities 500] [--seed 1] [--development]

Without MODEL it takes the best of the models in benchmarks/models, which conll2003.py trains.

Of CoNLL-2003's dev set, entities are drawn by seed that the model gets right and that have at least two other tokens in
their sentence. The top token is the one with the largest share of the label's log-probability, signed, among the
tokens that are not the entity's own; the random one is drawn from the others of these. Each is erased by itself (in
its place stands a word of which nothing is known), and the entity's probability is computed anew. Counted is how
often the top one lowers it more, strictly: where both lower it alike, the top one did not. The interval is the
bootstrap's over documents.

What was open (the baseline, the way, signed or not) was chosen on documents of odd number (--development); the figure
is of those of even number. The same is told against every other token instead of a random one, of the entities in
which erasing the one or the other moves the probability by at least 0.01, and for chance, where the top token is a
random one, too.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

import _needs
import elman
from elman.inspection.attribution import attribute, entity_target
from elman.inspection.sentences import Sentence, read_sentences
from elman.metrics.resampling import gather, limits, resample
from elman.training.reopening import Reopened, reopen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "conll2003-en"
RESULTS = Path(__file__).with_name("results")
BAR, MOVED, SAMPLES = 0.75, 0.01, 2000


class Drawn(NamedTuple):
    """An entity that the model gets right."""

    document: int
    sentence: Sentence
    number: int


def right(model: Reopened, documents: Sequence[tuple[int, elman.Document]]) -> Iterator[Drawn]:
    """All entities that the model gets right and that have two other tokens beside them."""
    for number, document in documents:
        gold = {(span.start, span.end, span.label) for span in document.layer("entities")}
        for sentence in read_sentences(model, document):
            for at, one in enumerate(sentence.entities):
                place = (sentence.offsets[one.first][0], sentence.offsets[one.stop - 1][1], one.label)
                if place in gold and len(sentence.words) - (one.stop - one.first) >= 2:
                    yield Drawn(number, sentence, at)


def judged(model: Reopened, drawn: Drawn, rng: np.random.Generator) -> dict[str, float | bool]:
    """What erasing the top token does, and a random one, and each of the others."""
    found = attribute(model, drawn.sentence, entity_target(drawn.sentence, drawn.number))
    context = np.ones(len(drawn.sentence.words), bool)
    context[found.target.first : found.target.stop] = False
    others = np.flatnonzero(context)
    top = others[np.argmax(found.shares[others])]
    others = others[others != top]
    chosen, chance = rng.choice(others), rng.choice(np.flatnonzero(context))
    drops = found.probability - found.erased
    rest = np.flatnonzero(context & (np.arange(len(context)) != chance))
    return {
        "document": drawn.document,
        "context": int(context.sum()),
        "top": float(drops[top]),
        "random": float(drops[chosen]),
        "lower": bool(drops[top] > drops[chosen]),
        "tie": bool(drops[top] == drops[chosen]),
        "beaten": float((drops[top] > drops[others]).mean()),
        "strongest": bool(drops[top] >= drops[context].max()),
        "chance": float((drops[chance] > drops[rest]).mean()),
        "complete": found.complete,
    }


def interval(rows: Sequence[dict[str, float | bool]], key: str) -> list[float]:
    """Of the mean of a column, the bootstrap's interval over documents."""
    documents, which = np.unique([row["document"] for row in rows], return_inverse=True)
    values = np.array([float(row[key]) for row in rows])
    units = gather(
        np.column_stack([np.bincount(which, weights, len(documents)) for weights in (values, values * 0 + 1)])
    )

    def mean(sums: NDArray[np.float64]) -> NDArray[np.float64]:
        return sums[:, :1] / sums[:, 1:]

    ends: list[float] = limits(resample(mean, units, SAMPLES, seed=1), mean, units)[0].tolist()
    return ends


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("--entities", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--development", action="store_true", help="take the documents that the choices were made on")
    chosen = parser.parse_args()
    _needs.data(DATA)
    torch.set_num_threads(1)
    path = chosen.model or _needs.model()
    model, began = reopen(path), time.monotonic()
    documents = [
        (at, document)
        for at, document in enumerate(elman.read(DATA / "valid.txt"))
        if at % 2 == int(chosen.development)
    ]
    candidates = list(right(model, documents))
    rng = np.random.default_rng(chosen.seed)
    drawn = rng.permutation(len(candidates))[: chosen.entities].tolist()
    rows = []
    for count, at in enumerate(drawn, 1):
        rows.append(judged(model, candidates[at], rng))
        if count % 50 == 0:
            print(f"{count} of {len(drawn)}, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    moved = [row for row in rows if max(abs(row["top"]), abs(row["random"])) >= MOVED]
    rate, (low, high) = float(np.mean([row["lower"] for row in rows])), interval(rows, "lower")
    result = {
        "model": path.name,
        "entities": len(rows),
        "candidates": len(candidates),
        "documents": len({row["document"] for row in rows}),
        "seed": chosen.seed,
        "development": chosen.development,
        "rate": rate,
        "interval": [low, high],
        "ties": sum(row["tie"] for row in rows),
        "rate_of_every_other": float(np.mean([row["beaten"] for row in rows])),
        "interval_of_every_other": interval(rows, "beaten"),
        "top_is_the_strongest": float(np.mean([row["strongest"] for row in rows])),
        "chance": float(np.mean([row["chance"] for row in rows])),
        "moved": len(moved),
        "rate_of_moved": float(np.mean([row["lower"] for row in moved])),
        "mean_drop_top": float(np.mean([row["top"] for row in rows])),
        "mean_drop_random": float(np.mean([row["random"] for row in rows])),
        "median_context": float(np.median([row["context"] for row in rows])),
        "incomplete": sum(not row["complete"] for row in rows),
        "seconds": time.monotonic() - began,
    }
    print(
        f"{len(rows)} entities of {result['documents']} documents, "
        f"{result['median_context']:.0f} other tokens at the median"
    )
    print(f"the top token lowers the probability more than a random one: {rate:.1%} (95 %: {low:.1%} to {high:.1%})")
    print(
        f"  than each of the others, on average: {result['rate_of_every_other']:.1%}; by chance: {result['chance']:.1%}"
    )
    print(f"  where it moves by {MOVED} or more ({len(moved)} entities): {result['rate_of_moved']:.1%}")
    print(f"it lowers it most of all: {result['top_is_the_strongest']:.1%}; ties {result['ties']}")
    print(f"mean drop: top {result['mean_drop_top']:.4f}, random {result['mean_drop_random']:.4f}")
    print(f"shares that do not add up: {result['incomplete']}; {result['seconds']:.0f} s")
    RESULTS.mkdir(exist_ok=True)
    name = f"attribution-{'development-' * chosen.development}{date.today()}.json"
    (RESULTS / name).write_text(json.dumps(result, indent=1) + "\n")
    if rate < BAR:
        print(f"error: expected a rate of at least {BAR:.0%}, got {rate:.1%}", file=sys.stderr)
        raise SystemExit(1)


if __name__ == "__main__":
    main()
