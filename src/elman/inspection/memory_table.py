"""What cells can remember: many attempts at a task as a table and as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from elman.inspection.figures import LINES, line_style, named, picture
from elman.inspection.memory_attempt import SCHEMA, WINDOW
from elman.inspection.memory_tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from elman.inspection.memory_attempt import Attempt

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
"""Beside its colour and dash, each cell has a mark of its own."""


CEILING = 1.0
"""Errors above it are off the picture: who always gives the mean is far below."""


@dataclass(frozen=True)
class MemoryTable:
    """Attempts at one task.

    Attributes:
        task: its name.
        attempts: in any order; of each cell, length and seed at most one.
    """

    task: str
    attempts: Sequence[Attempt]

    @property
    def cells(self) -> list[str]:
        """The cells, in the order in which they came."""
        return list(dict.fromkeys(one.cell for one in self.attempts))

    @property
    def lengths(self) -> list[int]:
        """The lengths, ascending."""
        return sorted({one.length for one in self.attempts})

    def of(self, cell: str, length: int) -> list[Attempt]:
        """The attempts of a cell at a length, by seed."""
        found = (one for one in self.attempts if (one.cell, one.length) == (cell, length))
        return sorted(found, key=lambda one: one.seed)

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        task = TASKS[self.task]
        return {
            "schema": SCHEMA,
            "task": self.task,
            "measure": task.measure,
            "threshold": task.threshold,
            "window": WINDOW,
            "recipe": vars(task.recipe),
            "attempts": [one.to_json() for one in self.attempts],
        }

    def lines(self) -> Iterator[str]:
        """For a person: of each cell and length, after how many updates each seed had solved the task."""
        task = TASKS[self.task]
        recipe = task.recipe
        yield (
            f"{self.task}: updates until the {task.measure} is under {task.threshold:g} "
            f"(mean over {WINDOW} fresh batches of {recipe.batch});"
        )
        yield (
            f"{recipe.hidden} units, Adam at {recipe.learning_rate:g}, gradients cut at {recipe.clip:g}. "
            f"No: not within {max(one.steps for one in self.attempts):,} updates; beside it the best mean reached."
        )
        yield ""
        rows = [["length", "cell", "parameters", "solved", "after updates", "seconds"]]
        for length in self.lengths:
            for cell in self.cells:
                if runs := self.of(cell, length):
                    solved = sum(one.solved is not None for one in runs)
                    rows.append(
                        [
                            str(length),
                            cell,
                            f"{runs[0].parameters:,}",
                            f"{solved} of {len(runs)}",
                            ", ".join(map(_outcome, runs)),
                            f"{sum(one.seconds for one in runs):,.0f}",
                        ]
                    )
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            yield "  ".join(
                text.ljust(width) if at in (1, 4) else text.rjust(width)
                for at, (text, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
        yield from (
            f"{one.cell}, length {one.length}, seed {one.seed}: {one.failed}" for one in self.attempts if one.failed
        )

    def draw(self, path: Path) -> None:
        """The picture: on the left updates needed against length, on the right how the error fell at the last length.

        Args:
            path: its ending, .png or .svg, says what it becomes.
        """
        task = TASKS[self.task]
        with picture(path, width=13, columns=2) as (needed, curves):
            most = max(one.steps for one in self.attempts)
            for number, cell in enumerate(self.cells):
                style = _style(number)
                # An unsolved attempt stands above the budget, in the band of those that were given up.
                places = [
                    (length * (1 + 0.03 * (number - len(self.cells) / 2)), _height(self.of(cell, length), most))
                    for length in self.lengths
                    if self.of(cell, length)
                ]
                needed.plot(*zip(*places, strict=True), label=cell, **style)
                for one in self.of(cell, self.lengths[-1]):
                    if one.curve:
                        curves.plot(*zip(*one.curve, strict=True), **style | {"marker": ""})
            needed.axhspan(1.12 * most, 1.4 * most, color="#eeeeee", zorder=0)
            needed.text(0.01, 0.965, "not solved", transform=needed.transAxes, va="top", color="#555555")
            needed.set_ylim(0, 1.4 * most)
            needed.set_xscale("log")
            needed.set_xticks(self.lengths, [str(length) for length in self.lengths], minor=False)
            needed.minorticks_off()
            needed.set_xlim(0.7 * self.lengths[0], 1.4 * self.lengths[-1])
            columns = min(len(self.cells), 4 if max(map(len, self.cells)) > 12 else 6)
            needed.figure.legend(*needed.get_legend_handles_labels(), loc="outside lower center", ncols=columns)
            named(needed, f"{self.task}: updates until solved", "length (steps)", "updates, median over seeds")
            curves.set_yscale("log")
            curves.axhline(task.threshold, color="#555555", linewidth=1.2, linestyle=(0, (1, 3)))
            curves.annotate(
                "solved", (0.99, task.threshold), xycoords=("axes fraction", "data"), ha="right", va="bottom"
            )
            low, high = curves.get_ylim()
            if low < CEILING < high:  # where one exploded, the others are still to be seen
                curves.set_ylim(low, CEILING)
            named(curves, f"length {self.lengths[-1]}, each seed", "updates", task.measure)


def _style(number: int) -> dict[str, Any]:
    """Colours come again after the eighth; then dash and mark are others."""
    dash, mark = LINES[(number + number // 8) % len(LINES)], MARKERS[(number + number // 8) % len(MARKERS)]
    return line_style(number) | {"linestyle": dash, "marker": mark, "markersize": 9}


def _outcome(one: Attempt) -> str:
    return f"{one.solved:,}" if one.solved is not None else f"no ({one.best:.2g})"


def _height(runs: Sequence[Attempt], most: int) -> float:
    return median(1.26 * most if one.solved is None else one.solved for one in runs)
