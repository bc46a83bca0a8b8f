"""The adding problem: after how many updates each cell has learned to carry two numbers over 50 and 200 steps.

python benchmarks/memory_tasks.py [--long] [--jobs 2] [--only elman,lstm] [--cells NAME,...] [--budget MINUTES]

elman, lstm and gru have three seeds, every other cell one; all are trained the same way (elman.inspection.memory_tasks
says how). --long adds 400 steps. Attempts that the results hold already are not made again, so that a run that was cut
off goes on; with --budget no attempt begins after so many minutes. The exit code is 1 if the LSTM or the GRU has not
solved 200 steps with every seed, or attempts are missing. That Elman's cell fails there is expected, and reported, not
judged.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from elman.inspection.memory_attempt import Attempt, known_cells
from elman.inspection.memory_table import MemoryTable
from elman.inspection.memory_tasks import TASKS
from elman.model.atomic import replace_file
from elman.pipelines.memory import Order, attempts

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS = Path(__file__).with_name("results")
PICTURE = Path(__file__).parent.parent / "docs" / "images" / "adding.png"

TASK = "adding"
MAIN = ("elman", "lstm", "gru")
SEEDS = (1, 2, 3)


def orders(cells: list[str], lengths: list[int]) -> list[Order]:
    """All attempts, the short ones and the main cells first."""
    return [
        Order(TASK, cell, length, seed)
        for length in lengths
        for cell in sorted(cells, key=lambda name: name not in MAIN)
        for seed in (SEEDS if cell in MAIN else SEEDS[:1])
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", help="cells to make attempts with now; the others are counted as missing")
    parser.add_argument("--cells", help="cells to compare; by default every one")
    parser.add_argument("--lengths", default="50,200")
    parser.add_argument("--steps", type=int, help="updates before an attempt is given up")
    parser.add_argument("--budget", type=float, help="minutes")
    parser.add_argument("--date", default=date.today().isoformat())
    chosen = parser.parse_args()
    lengths = [int(length) for length in chosen.lengths.split(",")] + ([400] if chosen.long else [])
    wanted = orders(chosen.cells.split(",") if chosen.cells else known_cells(), lengths)
    path = RESULTS / f"memory-tasks-{chosen.date}.json"
    done: dict[Order, Attempt] = {}
    if path.exists():
        held = json.loads(path.read_bytes())
        if held["recipe"] != vars(TASKS[TASK].recipe):
            sys.exit(f"{path} has attempts that were trained another way; remove it, or give another --date")
        for values in held["attempts"]:
            one = Attempt.from_json(values)
            done[Order(one.task, one.cell, one.length, one.seed)] = one
    now = chosen.only.split(",") if chosen.only else known_cells()
    missing = [order for order in wanted if order not in done and order.cell in now]
    began = time.monotonic()

    def within() -> Iterator[Order]:
        for order in missing:
            if chosen.budget is not None and time.monotonic() - began > 60 * chosen.budget:
                return
            yield order

    for one in attempts(within(), steps=chosen.steps, jobs=chosen.jobs):
        done[Order(one.task, one.cell, one.length, one.seed)] = one
        told = f"solved after {one.solved}" if one.solved else f"not solved, best {one.best:.3g}"
        print(f"{one.cell} length {one.length} seed {one.seed}: {told} ({one.seconds:.0f} s)", flush=True)
        table = MemoryTable(TASK, [done[order] for order in wanted if order in done])
        machine = {"machine": platform.machine(), "cores": os.cpu_count(), "jobs": chosen.jobs}
        replace_file(path, (json.dumps({**machine, **table.to_json()}, indent=1) + "\n").encode())
    found = [done[order] for order in wanted if order in done]
    if not found:
        sys.exit("no attempt was made")
    table = MemoryTable(TASK, found)
    print("\n".join(table.lines()))
    PICTURE.parent.mkdir(exist_ok=True)
    table.draw(PICTURE)
    print(path, PICTURE)
    gated = [one for one in found if one.cell in ("lstm", "gru") and one.length == 200]
    sys.exit(0 if len(found) == len(wanted) and all(one.solved for one in gated) else 1)


if __name__ == "__main__":
    main()
