"""A result as a table: plain rows for whoever draws them, and plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elman.metrics.counts import Counts
    from elman.metrics.intervals import Interval
    from elman.metrics.score import Average, Result


class Row(NamedTuple):
    """A line of the table: scores in percent with two decimals, everything ready to be shown.

    What a line does not have is empty: the interval where there is none, and the numbers of the averages.
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
    """A row for each label, then ``micro``, all spans together, ``macro`` and ``weighted``, the labels' means."""
    intervals = result.intervals
    by_label = intervals.labels if intervals else (None,) * len(result.names)
    rows = [
        ratios(name, counts, interval) for (name, counts), interval in zip(result.labels.items(), by_label, strict=True)
    ]
    macro = _range(intervals.macro) if intervals else ""
    return [
        *rows,
        ratios("micro", result.micro, intervals.micro if intervals else None),
        _mean("macro", result.macro, macro),
        _mean("weighted", result.weighted, ""),
    ]


_MATCHED = {
    "exact": "A span is right if its start, end and label are.",
    "strict": "A span is right if its start, end and label are; it is incorrect if it overlaps another gold span.",
    "type": "A span is right if it overlaps a gold span of its label, and incorrect if it overlaps another.",
    "partial": "A span is right if its start and end are, and half right if it overlaps a gold span, of any label.",
    "boundaries": "A span is right if its start and end are, and incorrect if it overlaps a gold span, of any label.",
    "tokens": "Counted are tokens: one is right if gold and predicted spans of the same label cover it.",
    "characters": "Counted are characters: one is right if gold and predicted spans of the same label cover it.",
    "surface": "Counted are different words with their label, right if found once in the right place.",
}
_RELATIONS = {
    "relations, strict ends": "their direction and type are, and the place and label of both ends",
    "relations, boundaries ends": "their direction and type are, and the place of both ends",
    "relations, strict ends, any type": "their direction is, and the place and label of both ends",
    "relations, boundaries ends, any type": "their direction is, and the place of both ends",
}
_MATCHED |= {mode: f"Counted are relations: they are right if {rule}." for mode, rule in _RELATIONS.items()}
_PAIRS = "Each span is paired with at most one of the other side, so that most are right and then fewest left over."
_AGNOSTIC = "A pair counts under its gold span's label."


def notes(result: Result) -> list[str]:
    """What a reader has to know: how spans were matched, what is 0 by definition, and what the intervals are."""
    said = [_MATCHED.get(result.mode, f"Matched by: {result.mode}.")]
    if result.verdicts is not None:
        said.append(f"{_PAIRS} {_AGNOSTIC}" if result.mode in ("partial", "boundaries") else _PAIRS)
    if result.touched is not None and result.names:
        said.append(f"No span of any label covers {_percent(result.leaked[''])} % of what gold covers.")
    if any(counts.predicted == 0 or counts.support == 0 for counts in (*result.labels.values(), result.micro)):
        said.append("Precision without predictions is 0, and so is recall without gold; F1 follows.")
    if intervals := result.intervals:
        said.append(
            f"Intervals: {100 * intervals.level:g} %, bootstrap over {intervals.units} {result.unit}s, "
            f"{intervals.samples} samples, seed {intervals.seed}."
        )
        if result.mode == "surface":
            said.append("They are a little too wide: each form counts in one place, so that no other stands in for it.")
    else:
        said.append("No intervals: they take at least two documents, or sentences.")
    if result.ignored:
        said.append(f"Left out: {result.ignored} predicted spans in regions that nobody annotated.")
    return said


def render_text(result: Result) -> str:
    """The table and its notes as aligned plain text that ends with a line break."""
    return "\n".join([*aligned([HEADER, *table(result)]), "", *notes(result), ""])


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines, the first column to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def heading(first: str) -> Row:
    """What stands above each column of a table whose lines are not labels."""
    return HEADER._replace(label=first)


def ratios(label: str, counts: Counts, interval: Interval | None) -> Row:
    """The line of what was counted together."""
    return Row(
        label,
        _percent(counts.precision),
        _percent(counts.recall),
        _percent(counts.f1),
        _range(interval) if interval else "",
        str(counts.support),
        str(counts.predicted),
    )


def _mean(label: str, mean: Average, interval: str) -> Row:
    return Row(label, _percent(mean.precision), _percent(mean.recall), _percent(mean.f1), interval, "", "")


def _range(interval: Interval) -> str:
    return f"{_percent(interval.low)} to {_percent(interval.high)}"


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.2f}"
