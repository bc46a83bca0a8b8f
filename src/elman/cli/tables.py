"""Tables as aligned plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elman.data.ledger import ITEMS, plural

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from elman.data.ledger import Item, Ledger


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


def losses(ledger: Ledger, items: Collection[Item] = ITEMS) -> Iterator[str]:
    """A line for each way in which something is not as it was, with an example.

    Args:
        ledger: the account.
        items: of which it is told.
    """
    for row in ledger.table():
        if row.kind != "kept" and row.item in items:
            such = f" (such as {row.example})" if row.example else ""
            of = f"{row.number:,} of {ledger.given(row.item):,}"
            yield f"{of} {plural(row.item)} {row.kind}: {row.reason}{such}"
