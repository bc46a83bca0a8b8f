"""Tables as aligned plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.data.ledger import Ledger


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """A line for each row: the first column to the left, the others to the right.

    Args:
        rows: cells, equally many in each.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def losses(ledger: Ledger) -> Iterator[str]:
    """A warning for each way in which what was written is not what was there."""
    for row in ledger.table():
        if row.kind != "kept":
            example = f" (such as {row.example})" if row.example else ""
            of = f"{row.number:,} of {ledger.given(row.item):,}"
            yield f"warning: {row.item}s {row.kind}, {of}: {row.reason}{example}"
