"""How long a character takes to write, on one core.

python benchmarks/generate.py [--model FOLDER] [--characters 2000]

The model is by default the one of characters that language_model.py trains. The bar is 2 ms of processor time.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from datetime import date
from pathlib import Path

import _needs

BAR = 2.0
RESULTS = Path(__file__).with_name("results")


def main() -> None:
    """Measure and tell; ends with 1 if the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=_needs.MODELS / "language-characters-1")
    parser.add_argument("--characters", type=int, default=2000)
    given = parser.parse_args()
    if not given.model.is_dir():
        raise SystemExit(f"error: expected a model folder, got {given.model}; run benchmarks/language_model.py first")
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    from elman.runtime.generation import Writer
    from elman.runtime.loading import load

    began = time.process_time()
    writer = Writer(load(given.model))
    loading = time.process_time() - began
    texts, took = [], []
    for seed in range(1, 4):
        began = time.process_time()
        text = "".join(writer.write("", given.characters, seed=seed))
        took.append(1000 * (time.process_time() - began) / max(1, len(text)))
        texts.append(text)
    best = min(took)
    print(texts[0][:600])
    print(f"\nloading {loading:.2f} s; ms a character: {', '.join(f'{one:.3f}' for one in took)}; the bar is {BAR:g}")
    report = {"model": given.model.name, "loading_seconds": loading, "ms_a_character": took, "texts": texts}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"generate-{date.today()}.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    raise SystemExit(best > BAR)


if __name__ == "__main__":
    main()
