"""The report as Markdown, for a model card, a merge request or a notebook."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from elman.metrics.assessment import heading_of
from elman.metrics.mistakes import BOUNDS
from elman.metrics.report import HEADER, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from elman.metrics.assessment import Assessment
    from elman.metrics.errors import Ambiguity, Errors, Example, Group, Named
    from elman.metrics.score import Result

SHOWN = 50
"""At most so many groups of errors, and strings with several labels, are listed."""

LABELS = 20
"""At most so many labels, those with the most errors, are in the confusion."""

_SIGNS = re.compile(r"([\\`*_{}\[\]()#+!|~^$-])")
_LINKS = re.compile(r"(?i)\b(www)\.|://|@")
_CONTROLS = {code: chr(0x2400 + code) for code in range(32)} | {0x7F: "\N{SYMBOL FOR DELETE}"}


def render_markdown(assessment: Assessment) -> str:
    """The whole report; tables are GitHub's, and what the data say is shown as it is and does nothing."""
    return "\n\n".join(_blocks(assessment)) + "\n"


def plain(text: str) -> str:
    """Text of the data in Markdown: on one line, without marks, links or HTML that would do anything."""
    line = " ".join(text.split()).translate(_CONTROLS).encode("utf-8", "backslashreplace").decode()
    marked = _SIGNS.sub(r"\\\1", escape(line, quote=False))
    return _LINKS.sub(lambda found: "".join(f"\\{c}" if c in ".:@" else c for c in found.group()), marked)


def _blocks(assessment: Assessment) -> Iterator[str]:
    errors, diagram = assessment.errors, assessment.calibration
    yield f"# {plain(assessment.title)}"
    yield from map(plain, assessment.facts)
    yield from _scores(assessment)
    if assessment.systems:
        yield from _systems(assessment)
    for by, parts in assessment.breakdowns.items():
        yield f"## {plain(heading_of(by))}"
        yield _table(("", *HEADER[1:]), ((plain(name), *_micro(result)) for name, result in parts.items()))
    if errors.names:
        yield "## Labels taken for one another"
        yield _confusion(errors)
        yield (
            "Rows are gold, columns predicted. On the diagonal: right, and after the plus the right label with "
            f"other bounds. At most the {LABELS} labels with the most errors are shown."
        )
        yield "## Wrong bounds"
        yield _table(
            ("", "right label", "wrong label"),
            ((kind, *(f"{count:,}" for count in errors.bounds[kind])) for kind in BOUNDS),
        )
    if diagram is not None:
        yield "## Probabilities"
        yield f"Expected calibration error {diagram.expected_error:.2%}, at most {diagram.maximum_error:.2%} in a bin."
        columns = (diagram.low, diagram.high, diagram.probability, diagram.accuracy)
        shares = zip(*([f"{share:.1%}" for share in column.tolist()] for column in columns), strict=True)
        counts = [f"{count:,}" for count in diagram.counts.tolist()]
        yield _table(
            ("probability", "on average", "right", "spans"),
            ((f"{low} to {high}", *rest, count) for (low, high, *rest), count in zip(shares, counts, strict=True)),
        )
    if assessment.curve is not None:
        yield "## How it learned"
        lines = assessment.curve.lines
        places = sorted({x for line in lines.values() for x, _ in line})
        heights = [dict(line) for line in lines.values()]
        yield _table(
            (plain(assessment.curve.across), *map(plain, lines)),
            ((f"{x:g}", *(f"{100 * at[x]:.2f}" if x in at else "" for at in heights)) for x in places),
        )
    yield "## Errors, the most frequent first"
    yield ", ".join(f"{kind} {count:,}" for kind, count in errors.kinds.items()) + "."
    if errors.groups:
        yield _table(("times", "what", "gold", "predicted", "such as"), map(_group, errors.groups[:SHOWN]))
    if (rest := len(errors.groups) - SHOWN) > 0:
        yield f"And {rest:,} more, which the JSON form of the report has."
    if errors.ambiguities:
        yield "## Strings with several labels"
        yield _table(("string", "gold", "predicted"), map(_ambiguity, errors.ambiguities[:SHOWN]))


def _scores(assessment: Assessment) -> Iterator[str]:
    result = assessment.result
    yield "## Scores"
    yield _table(("", *HEADER[1:]), ((plain(row.label), *row[1:]) for row in table(result)))
    yield from assessment.notes
    if found := result.intervals:
        rows = zip(
            ("micro", *map(plain, result.names)),
            (found.precision.micro, *found.precision.labels),
            (found.recall.micro, *found.recall.labels),
            strict=True,
        )
        yield _table(
            ("", "interval of precision", "interval of recall"),
            (
                (name, *(f"{100 * ends.low:.2f} to {100 * ends.high:.2f}" for ends in (precision, recall)))
                for name, precision, recall in rows
            ),
        )


def _micro(result: Result) -> tuple[str, ...]:
    return next(tuple(row[1:]) for row in table(result)[len(result.names) :] if row.label == "micro")


def _systems(assessment: Assessment) -> Iterator[str]:
    yield "## Systems compared"
    yield _table(("", *HEADER[1:]), ((plain(system.name), *_micro(system.result)) for system in assessment.systems))
    if assessment.contrasts:
        yield _table(
            ("", "difference of F1", "interval", "p"),
            (
                (
                    f"{plain(found.one)} against {plain(found.other)}",
                    f"{100 * found.difference:+.2f}",
                    f"{100 * found.interval.low:+.2f} to {100 * found.interval.high:+.2f}" if found.interval else "",
                    f"{found.p_value:.4f}",
                )
                for found in assessment.contrasts
            ),
        )
        yield from map(plain, dict.fromkeys(found.test for found in assessment.contrasts))


def _confusion(errors: Errors) -> str:
    size = len(errors.names)
    shown = errors.worst(LABELS)
    columns = [*shown, size]
    rows = []
    for row in columns:
        counts = [f"{int(errors.confusion[row, column]):,}" for column in columns]
        if row < size:
            at = columns.index(row)
            more = f" + {counts[at]}" if counts[at] != "0" else ""
            counts[at] = f"**{int(errors.correct[row]):,}**{more}"
        else:
            counts[-1] = ""
        rows.append((plain(errors.names[row]) if row < size else "spurious", *counts))
    return _table(("", *(plain(errors.names[at]) for at in shown), "missed"), rows)


def _group(group: Group) -> tuple[str, ...]:
    kind = f"{group.kind}, {group.bounds}" if group.bounds else group.kind
    example = _snippet(group.examples[0]) if group.examples else ""
    return str(group.times), kind, _named(group.gold), _named(group.predicted), example


def _named(side: Named | None) -> str:
    return "" if side is None else f"{plain(_short(side.text))} {plain(side.label)}"


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"


def _snippet(example: Example) -> str:
    spans = (*example.gold, *example.predicted)
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    pieces = (example.text[:start], _short(example.text[start:end]), example.text[end:])
    before, inside, after = map(plain, pieces)
    return " ".join(filter(None, (before, f"**{inside}**" if inside else "", after)))


def _ambiguity(found: Ambiguity) -> tuple[str, ...]:
    sides = (found.gold, found.predicted)
    told = (", ".join(f"{plain(label)} {count:,}" for label, count in side.items()) for side in sides)
    return plain(_short(found.text)), *told


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    ruler = ["---", *(["---:"] * (len(header) - 1))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, ruler, *rows))
