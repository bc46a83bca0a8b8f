"""A result as a table: plain rows for whoever draws them, and plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from elman.metrics.counts import Counts
    from elman.metrics.intervals import Interval
    from elman.metrics.score import Result


class Row(NamedTuple):
    """A line of the table: scores in percent with two decimals, everything ready to be shown.

    What a line does not have is empty: the interval where there is none, and all but F1 of the macro average.
    """

    label: str
    precision: str
    recall: str
    f1: str
    interval: str
    support: str
    predicted: str


HEADER = Row("", "precision", "recall", "F1", "interval of F1", "support", "predicted")
"""What stands above each column."""


def table(result: Result) -> list[Row]:
    """A row for each label, then ``micro``, all spans together, and ``macro``, the mean F1 of the labels."""
    intervals = result.intervals
    by_label = intervals.labels if intervals else (None,) * len(result.names)
    rows = [
        _row(name, counts, interval) for (name, counts), interval in zip(result.labels.items(), by_label, strict=True)
    ]
    macro = _range(intervals.macro) if intervals else ""
    return [
        *rows,
        _row("micro", result.micro, intervals.micro if intervals else None),
        Row("macro", "", "", _percent(result.macro_f1), macro, "", ""),
    ]


def notes(result: Result) -> list[str]:
    """What a reader has to know of the table: how spans were matched, and what the intervals are."""
    said = ["A span is right if its start, end and label are."]
    if intervals := result.intervals:
        said.append(
            f"Intervals: {100 * intervals.level:g} %, bootstrap over {intervals.units} {result.unit}s, "
            f"{intervals.samples} samples, seed {intervals.seed}."
        )
    else:
        said.append("No intervals: they take at least two documents, or sentences.")
    if result.ignored:
        said.append(f"Left out: {result.ignored} predicted spans in regions that nobody annotated.")
    return said


def render_text(result: Result) -> str:
    """The table and its notes as aligned plain text that ends with a line break."""
    rows = [HEADER, *table(result)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, "", *notes(result), ""])


def _row(label: str, counts: Counts, interval: Interval | None) -> Row:
    return Row(
        label,
        _percent(counts.precision),
        _percent(counts.recall),
        _percent(counts.f1),
        _range(interval) if interval else "",
        str(counts.support),
        str(counts.predicted),
    )


def _range(interval: Interval) -> str:
    return f"{_percent(interval.low)} to {_percent(interval.high)}"


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.2f}"
