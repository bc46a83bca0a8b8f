"""The errors as plain text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elman.metrics.errors import Errors, Example, Group, Named

_LONGEST = 40


def render_errors(errors: Errors, shown: int = 10) -> str:
    """How many errors there are of each kind, and the most frequent ones; it ends with a line break.

    Args:
        errors: what to tell.
        shown: how many different errors to list.
    """
    if not errors.groups:
        return "No errors.\n"
    told = ", ".join(f"{count:,} {kind}" for kind, count in errors.kinds.items() if count)
    lines = [f"Errors: {told}."]
    rows = [_cells(group) for group in errors.groups[:shown]]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines += [
        f"{times.rjust(widths[0])}  {kind.ljust(widths[1])}  {what.ljust(widths[2])}  {example}".rstrip()
        for times, kind, what, example in rows
    ]
    if (rest := len(errors.groups) - shown) > 0:
        lines.append(f"And {rest:,} more.")
    return "\n".join([*lines, ""])


def _cells(group: Group) -> tuple[str, str, str, str]:
    kind = f"{group.kind}, {group.bounds}" if group.bounds else group.kind
    sides = [_named(group.gold), _named(group.predicted)]
    if group.gold and group.predicted and group.gold.text == group.predicted.text:
        sides[1] = f"[{_printable(group.predicted.label)}]"
    return f"{group.times}x", kind, " > ".join(filter(None, sides)), _snippet(group.examples[0])


def _named(side: Named | None) -> str:
    return "" if side is None else f"{_short(_printable(side.text))} [{_printable(side.label)}]"


def _snippet(example: Example) -> str:
    spans = (*example.gold, *example.predicted)
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    before, after = _printable(example.text[:start])[-25:], _printable(example.text[end:])[:25]
    return " ".join(filter(None, ("...", before.strip(), "_", after.strip(), "...")))


def _printable(text: str) -> str:
    """On one line, without what would command a terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(text.split()))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
