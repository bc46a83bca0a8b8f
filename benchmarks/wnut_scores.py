"""The WNUT-17 shared task's 14 scores, from the systems' own outputs, through ``elman score``.

python benchmarks/wnut_scores.py

Each of the seven systems is scored twice against ``emerging.test.annotated``: entities, and different surface forms
(Derczynski et al. 2017). What was published is beside it; the exit code is 1 if any of the 14 differs in its second
decimal. Data: the folder that the environment variable ELMAN_DATA names.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import _needs

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "wnut17"
RESULTS = Path(__file__).with_name("results")

PUBLISHED = {
    "UH-RiTUAL": ("uh_ritual", 41.86, 40.24),
    "SpinningBytes": ("spinningbytes.txt", 40.78, 39.33),
    "SJTU-Adapt": ("sjtu_adapt.txt", 40.42, 37.62),
    "Arcada": ("arcada", 39.98, 37.77),
    "FLYTXT": ("flytxt", 38.35, 36.31),
    "MIC-CIS": ("mic-cis.txt", 37.06, 34.25),
    "Drexel-CCI": ("drexel_cci", 26.30, 25.26),
}
"""Of each system its file, its entity F1 and its surface F1, in percent."""

MODES = ("exact", "surface")


def scored(mode: str) -> tuple[dict[str, Any], float]:
    """What ``elman score --json`` prints of the seven systems, and how many seconds it took, start to end."""
    files = [str(DATA / "submissions" / file) for file, *_ in PUBLISHED.values()]
    # One system changed tokens; of the others' no token differs, which the notes say.
    options = ["--align", "rows", "--mode", mode, "--json"]
    command = [sys.executable, "-m", "elman", "score", str(DATA / "emerging.test.annotated"), *files, *options]
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found, time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--date", default=date.today().isoformat())
    options = parser.parse_args()
    _needs.data(DATA)
    runs = {mode: scored(mode) for mode in MODES}
    rows: dict[str, Any] = {}
    agree = True
    print(f"{'':14} {'entities':>9} {'published':>10} {'surface':>9} {'published':>10}  repaired  tokens that differ")
    for number, (name, (_, *published)) in enumerate(PUBLISHED.items()):
        row: dict[str, Any] = {}
        for mode, expected in zip(MODES, published, strict=True):
            system = runs[mode][0]["systems"][number]
            micro = system["micro"]
            percent = round(100 * micro["f1"], 2)
            agree &= percent == expected
            row[mode] = {"f1": percent, "published": expected, "interval": micro["interval"]} | {
                key: micro[key] for key in ("correct", "predicted", "support")
            }
        told = runs["exact"][0]["input"]["systems"][number]
        row |= {"scheme": told["scheme"], "repairs": told["repairs"], "notes": told["notes"]}
        rows[name] = row
        cells = " ".join(f"{row[mode]['f1']:9.2f} {row[mode]['published']:10.2f}" for mode in MODES)
        print(f"{name:14} {cells} {row['repairs']:9}  {row['notes'][-1].removeprefix('paired row by row: ')}")
    seconds = {mode: round(took, 1) for mode, (_, took) in runs.items()}
    print(f"all 14 agree to two decimals: {agree}; seconds: {seconds}")
    result = {"agree": agree, "systems": rows, "seconds": seconds, "differences": runs["exact"][0]["differences"]}
    path = RESULTS / f"wnut-scores-{options.date}.json"
    path.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    print(path)
    sys.exit(0 if agree else 1)


if __name__ == "__main__":
    main()
