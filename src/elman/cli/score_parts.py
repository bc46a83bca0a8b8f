"""Scores as parts of a page: tables with intervals, and bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elman.cli.charts import Bar, bars
from elman.cli.page_parts import isolated, wide
from elman.data.formats.html import colour_classes, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elman.data.formats.marks import Colours
    from elman.metrics.assessment import Assessment
    from elman.metrics.counts import Counts
    from elman.metrics.intervals import Interval
    from elman.metrics.score import Result

_HEADER = ("", "F1", "precision", "recall", "gold", "predicted", "correct")


def tiles(result: Result) -> Iterator[str]:
    """F1, precision and recall of all labels together, large."""
    micro, found = result.micro, result.intervals
    tiles = (
        ("F1", micro.f1, found.micro if found else None),
        ("precision", micro.precision, found.precision.micro if found else None),
        ("recall", micro.recall, found.recall.micro if found else None),
    )
    body = "".join(
        f"<div><span>{name}</span> <b>{100 * share:.2f}</b> <small>{_range(interval)}</small></div>\n"
        for name, share, interval in tiles
    )
    yield f'<div class="tiles">\n{body}</div>\n'


def score_table(result: Result) -> Iterator[str]:
    """Precision, recall and F1 of each label, with intervals."""
    found = result.intervals
    rows = []
    for at, (name, counts) in enumerate(result.labels.items()):
        ends = (found.labels[at], found.precision.labels[at], found.recall.labels[at]) if found else None
        rows.append(_row(isolated(name), counts, ends))
    rows.append(_all(result, "<b>micro</b>"))
    for name, average, interval in (
        ("macro", result.macro, found.macro if found else None),
        ("weighted", result.weighted, None),
    ):
        shares = (_score(average.f1, interval), _score(average.precision, None), _score(average.recall, None))
        rows.append((f"<b>{name}</b>", *shares, "", "", ""))
    yield wide("scores", _HEADER, rows)


def _all(result: Result, name: str) -> tuple[str, ...]:
    """The row of all labels together."""
    found = result.intervals
    ends = (found.micro, found.precision.micro, found.recall.micro) if found else None
    return _row(name, result.micro, ends)


def _row(name: str, counts: Counts, ends: tuple[Interval, Interval, Interval] | None) -> tuple[str, ...]:
    f1, precision, recall = ends or (None, None, None)
    return (
        name,
        _score(counts.f1, f1),
        _score(counts.precision, precision),
        _score(counts.recall, recall),
        f"{counts.support:,}",
        f"{counts.predicted:,}",
        f"{counts.correct:,}",
    )


def _score(share: float, interval: Interval | None) -> str:
    ends = f" <small>{_range(interval)}</small>" if interval else ""
    return f"{100 * share:.2f}{ends}"


def _range(interval: Interval | None) -> str:
    return f"{100 * interval.low:.2f} to {100 * interval.high:.2f}" if interval else ""


def score_notes(assessment: Assessment) -> Iterator[str]:
    """What a reader has to know of the scores."""
    return (f'<p class="soft">{text_of(note)}</p>\n' for note in assessment.notes)


def label_bars(result: Result, colours: Colours) -> Iterator[Bar]:
    """F1 of each label."""
    intervals = result.intervals.labels if result.intervals else (None,) * len(result.names)
    for (label, counts), interval in zip(result.labels.items(), intervals, strict=True):
        classes = colour_classes(colours.number(label))
        chip = f'<span class="chip {classes}">{text_of(label)}</span>'
        yield Bar(chip, counts.f1, interval, classes, f"{100 * counts.f1:.2f}")


def breakdown(parts: Mapping[str, Result]) -> Iterator[str]:
    """F1 of each part of the data."""
    yield bars(
        Bar(
            isolated(name),
            result.micro.f1,
            result.intervals.micro if result.intervals else None,
            "c0",
            f'{100 * result.micro.f1:.2f} <span class="soft">of {result.micro.support:,}</span>',
        )
        for name, result in parts.items()
    )


def compared(assessment: Assessment) -> Iterator[str]:
    """The systems, and how far they are apart."""
    yield wide("systems", _HEADER, [_all(system.result, isolated(system.name)) for system in assessment.systems])
    if assessment.contrasts:
        rows = [
            (
                f"{isolated(found.one)} against {isolated(found.other)}",
                f"{100 * found.difference:+.2f}",
                f"{100 * found.interval.low:+.2f} to {100 * found.interval.high:+.2f}" if found.interval else "",
                f"{found.p_value:.4f}",
            )
            for found in assessment.contrasts
        ]
        yield "<h3>How far they are apart</h3>\n" + wide("differences", ("", "difference of F1", "interval", "p"), rows)
        tests = dict.fromkeys(found.test for found in assessment.contrasts)
        yield from (f'<p class="soft">{isolated(test)}</p>\n' for test in tests)
