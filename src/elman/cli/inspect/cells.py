"""``elman inspect cells``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from elman.cli.options import Json, print_json, say
from elman.errors import UsageError


def cells(
    cells: Annotated[
        str, typer.Option(metavar="NAME,...", help="Cells to compare; all: every one.")
    ] = "elman,lstm,gru",
    task: Annotated[str, typer.Option(metavar="NAME", help="adding, copying or lag.")] = "adding",
    lengths: Annotated[str, typer.Option(metavar="N,...", help="Lengths of the sequences.")] = "50,200",
    seeds: Annotated[int, typer.Option(min=1, metavar="N", help="Attempts of each cell at each length.")] = 1,
    steps: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Updates before an attempt is given up; by default the task's."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, metavar="N", help="Attempts side by side, one thread each.")] = 1,
    out: Annotated[Path | None, typer.Option(metavar="FILE.png", help="Draw a picture, .png or .svg.")] = None,
    json: Json = False,
) -> None:
    """Train cells on a task that measures memory, and say how soon each has solved it.

    adding: the sum of two marked numbers of a sequence. copying: five symbols, after a gap. lag: the first symbol,
    behind distractors. Ctrl-C shows what is there so far.
    """
    from elman.extras import needs

    with needs("train", "training"):
        from elman.inspection.memory_attempt import check, known_cells
        from elman.inspection.memory_table import MemoryTable
        from elman.pipelines.memory import Order, attempts

    names = known_cells() if cells == "all" else [name.strip() for name in cells.split(",")]
    try:
        sizes = sorted({int(length) for length in lengths.split(",")})
    except ValueError:
        raise UsageError(f"expected lengths such as 50,200; got {lengths!r}") from None
    if out is not None and out.suffix.lower() not in (".png", ".svg"):
        raise UsageError(f"expected a picture that ends in .png or .svg, got {out}")
    orders = [Order(task, name, size, seed) for size in sizes for seed in range(1, seeds + 1) for name in names]
    for order in orders:
        check(order.task, order.cell, order.length)
    done = []
    try:
        for one in attempts(orders, steps=steps, jobs=jobs):
            done.append(one)
            result = f"solved after {one.solved:,} updates" if one.solved else f"not solved in {one.steps:,} updates"
            say(f"{one.task}, length {one.length}, {one.cell}, seed {one.seed}: {result}, {one.seconds:.0f} s")
    except KeyboardInterrupt:
        if not done:
            raise
        say(f"interrupted: {len(done)} of {len(orders)} attempts were made")
    table = MemoryTable(task, done)
    if out is not None:
        table.draw(out)
        say(f"written: {out}")
    if json:
        print_json(table.to_json())
    else:
        print("\n".join(table.lines()))
