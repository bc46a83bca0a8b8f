"""An audit on a terminal: what there is, what was found, and the first of each kind."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from elman.pipelines.audit import Audit
    from elman.pipelines.audit.findings import Finding, Place

SHOWN = 5
"""So many findings of a kind are shown; JSON and the page have more."""

WIDTH = 120
"""Columns where the output is no terminal."""

# What a text could do to the terminal it does not do: control characters are shown as their pictures, those that
# turn the direction of writing as question marks.
_PICTURES = {code: chr(0x2400 + code) for code in range(32)} | {0x7F: "\N{SYMBOL FOR DELETE}"}
_PICTURES |= dict.fromkeys([*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\ufffd")

_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


def print_audit(audit: Audit) -> None:
    """Print it to standard output."""
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else WIDTH, highlight=False, emoji=False)
    console.print(_counts(audit))
    if any(counts.labels for counts in audit.splits):
        console.print(_labels(audit))
    if audit.pairs:
        console.print(_pairs(audit))
    for name, coverage in audit.coverage.items():
        console.print(Text(f"vectors on {printable(name)}: {coverage}"))
    if not audit.findings.kinds:
        console.print(Text("Nothing to complain of."))
        return
    console.print(_summary(audit))
    for kind in audit.findings.kinds:
        console.print(Text(kind.title, "bold"), Text(f"({kind.name}, {kind.severity})", _COLOURS[kind.severity]))
        console.print(Text(kind.advice, "dim"))
        found = audit.findings.of(kind.name)
        for finding in found[:SHOWN]:
            console.print(_line(finding), no_wrap=True, overflow="ellipsis")
        rest = len(found) - SHOWN + audit.findings.more(kind.name)
        if rest > 0:
            console.print(Text(f"  and {rest:,} more", "dim"))
        console.print()


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for at, column in enumerate(columns):
        table.add_column(Text(printable(column)), justify="right" if at else "left", overflow="fold")
    return table


def _counts(audit: Audit) -> Table:
    columns = ("documents", "sentences", "tokens", "spans", "in spans", "words", "unseen words", "unseen entities")
    table = _table("What there is", "", *columns)
    for counts in audit.splits:
        table.add_row(
            Text(printable(counts.split.name) + (" (to learn from)" if counts.split.trains else "")),
            *(f"{number:,}" for number in (counts.documents, counts.sentences, counts.tokens, counts.spans)),
            share(counts.inside, counts.tokens),
            f"{counts.words:,}",
            share(counts.unseen_words, counts.tokens),
            share(counts.unseen_entities, counts.spans),
        )
    return table


def _labels(audit: Audit) -> Table:
    table = _table(f"Spans of each label (layer {audit.layer})", "", *(counts.split.name for counts in audit.splits))
    totals = {label: 0 for counts in audit.splits for label in counts.labels}
    for counts in audit.splits:
        for label, count in counts.labels.items():
            totals[label] += count
    for label in sorted(totals, key=lambda label: (-totals[label], label)):
        table.add_row(Text(printable(label)), *(f"{counts.labels[label]:,}" for counts in audit.splits))
    return table


def _pairs(audit: Audit) -> Table:
    table = _table("Labels that compete", "", "same strings", "spans of the rarer", "neighbours", "such as")
    for pair in audit.pairs[: 2 * SHOWN]:
        cells = (f"{pair.strings:,}", f"{pair.spans:,}", f"{pair.neighbours:,}")
        table.add_row(Text(printable(" and ".join(pair.labels))), *cells, Text(printable(pair.example)))
    return table


def _summary(audit: Audit) -> Table:
    table = _table("What was found", "kind", "how much", "different", "what it is")
    table.columns[3].justify = "left"
    for kind in audit.findings.kinds:
        different = len(audit.findings.of(kind.name)) + audit.findings.more(kind.name)
        table.add_row(
            Text(kind.name, _COLOURS[kind.severity]),
            f"{audit.findings.count(kind.name):,} {kind.unit}",
            f"{different:,}",
            kind.title,
        )
    return table


def _line(finding: Finding) -> Text:
    line = Text(f"  {finding.count:,}× ")
    line.append(printable(finding.what))
    for place in finding.places[:1]:
        line.append(f"  {where(place)}", "dim")
        if place.before or place.after:
            line.append(f"  {printable(place.before)}", "dim")
            line.append(f"[{printable(place.text)}]")
            line.append(printable(place.after), "dim")
    return line


def printable(text: str) -> str:
    """Text of the data as one line that any terminal can show."""
    return text.translate(_PICTURES).encode("utf-8", "backslashreplace").decode()


def where(place: Place) -> str:
    """A place in words: data, document and offsets."""
    parts = filter(None, [place.split, place.document, f"{place.start}-{place.end}" if place.end else ""])
    return printable(" ".join(parts))


def share(part: int | None, whole: int) -> str:
    """A part in percent of the whole; "" if there is none."""
    return "" if part is None or not whole else f"{part / whole:.1%}"
