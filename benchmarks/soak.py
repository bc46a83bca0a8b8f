"""Whether memory grows with the text: 50 million tokens through one tagger, some of them words that nobody ever saw.

python benchmarks/soak.py [--model MODEL] [--tokens 50000000]

The text is that of the Reuters-21578 articles, over and over, each time in another order, and a word in eight is made
up, so that every cache sees millions of types. Tokens are counted by white space. Every million tokens the memory of
the process is written down; a run that is stopped has what it got so far.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import sys
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import _needs
import elman
from stream import DATA, Report

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_GROWTH = 0.02
CHUNK = 2_000  # words
EVERY = 1_000_000
LETTERS = "aaabcdeeeefghiiijklmnnooopqrrsssttuuvwxyzäéñøżабвге"


def words(rng: random.Random) -> Iterator[str]:
    """Words without end, some of them with a line break behind."""
    with gzip.open(DATA / "articles.txt.gz", "rt", encoding="utf-8") as file:
        lines = file.read().splitlines()
    while True:
        rng.shuffle(lines)
        for line in lines:
            own = line.split()
            for word in own[:-1]:
                yield made_up(rng) if rng.random() < 0.125 else word
            if own:
                yield own[-1] + "\n"


def made_up(rng: random.Random) -> str:
    """A word that is most likely new."""
    word = "".join(rng.choices(LETTERS, k=rng.randint(3, 12)))
    return word.capitalize() if rng.random() < 0.5 else word


def resident() -> tuple[float, float]:
    """The memory of this process now, and at most so far, in MB."""
    status = Path("/proc/self/status").read_text()
    now, most = (int(status.partition(name)[2].split()[0]) / 1024 for name in ("VmRSS:", "VmHWM:"))
    return now, most


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="by default the best that conll2003.py trained")
    parser.add_argument("--tokens", type=int, default=50_000_000)
    parser.add_argument("--threads", type=int, default=None)
    chosen = parser.parse_args()
    _needs.data(DATA)
    tagger = elman.load(chosen.model or str(_needs.model()))
    report = Report("soak")
    report.put(model=tagger.path.name, tokens_asked_for=chosen.tokens, processors=os.cpu_count())
    stream = tagger.open_stream(threads=chosen.threads)
    text = words(random.Random(1))
    began = time.monotonic()
    done = entities = 0
    first: float | None = None
    rows: list[dict[str, float]] = []
    while done < chosen.tokens:
        for _ in range(EVERY // CHUNK // 10):  # a chunk of ten batches or so, for all threads
            chunk = " ".join(islice(text, 10 * CHUNK)) + " "
            entities += sum(1 for _ in stream.feed(chunk))
        done += EVERY
        now, most = resident()
        first = most if first is None else first
        rows.append(
            {
                "tokens": done,
                "seconds": round(time.monotonic() - began, 1),
                "entities": entities,
                "memory MB": round(now, 1),
                "peak MB": round(most, 1),
            }
        )
        report.put(growth_of_peak_memory_after_the_first_million=most / first - 1, rows=rows)
        print(rows[-1], flush=True)
    growth = report.figures["growth of peak memory after the first million"]
    print(f"peak memory after the first million tokens: {growth:+.2%}")
    return 0 if growth < MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
