"""What pages are made of: text that does nothing, and tables that scroll for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elman.data.formats.html import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TABLES = """\
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { padding: .25rem 1rem .25rem 0; text-align: end; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
th:first-child, .worded :is(th, td):last-child { text-align: start; }
.worded :is(th, td):last-child { padding-inline-start: 1rem; white-space: normal; min-width: 14rem; }
"""
"""Rules of style for ``wide``."""


def writable(text: str) -> str:
    """Text without lone surrogates, which no file can hold."""
    return text.encode("utf-8", "backslashreplace").decode()


def isolated(text: str) -> str:
    """Text of the data in the page: it shows as it is and does nothing, and turns no other text's direction."""
    return f"<bdi>{text_of(writable(text))}</bdi>"


def wide(name: str, header: Sequence[str], rows: Iterable[Sequence[str]], *, worded: bool = False) -> str:
    """A table of cells that are HTML; it scrolls for itself, by keyboard too.

    Args:
        name: what a screen reader calls it.
        header: what stands above each column.
        rows: the first cell of each is its heading.
        worded: whether the last cell of a row is words, and not a number.
    """
    top = "".join(f'<th scope="col">{cell}</th>' for cell in header)
    lines = [
        f'<tr><th scope="row">{row[0]}</th>' + "".join(f"<td>{cell}</td>" for cell in row[1:]) + "</tr>\n"
        for row in rows
    ]
    region = f'<div class="wide" tabindex="0" role="region" aria-label="{name}">'
    kind = ' class="worded"' if worded else ""
    return f"{region}<table{kind}>\n<tr>{top}</tr>\n{''.join(lines)}</table></div>\n"
