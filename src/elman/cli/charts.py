"""Charts as HTML: bars and the confusion of labels; each says in numbers what it draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from elman.cli.page_parts import isolated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elman.metrics.errors import Errors
    from elman.metrics.intervals import Interval

STYLE = """\
.bars { display: grid; grid-template-columns: fit-content(45%) minmax(5rem, 1fr) max-content;
  gap: .35rem .75rem; align-items: center; font-variant-numeric: tabular-nums; }
.bar { position: relative; height: 1.1rem; box-shadow: inset 0 0 0 1px var(--soft); border-radius: 3px; }
.bar > i { position: absolute; inset-block: 0; inset-inline-start: 0; background: var(--solid);
  border-radius: 3px; min-width: 1px; }
.bar > b { position: absolute; top: 20%; height: 60%; border: solid var(--ink); border-width: 0 2px; min-width: 4px;
  background: linear-gradient(var(--ink), var(--ink)) center / 100% 2px no-repeat,
    linear-gradient(var(--page), var(--page)) center / 100% 4px no-repeat; }
.bar > b::before { content: ""; position: absolute; inset: -1px -3px; border: solid var(--page); border-width: 0 1px; }
.heat table { font-size: .9rem; }
.heat td, .heat th { padding: .35rem .5rem; text-align: end; border: 1px solid var(--line); }
.heat thead th { vertical-align: bottom; }
.heat tbody th { text-align: start; }
.heat td { background: rgb(var(--heat) / var(--part, 0)); min-width: 2.5rem; }
.heat td.right { box-shadow: inset 0 0 0 2px var(--soft); }
.heat a { color: inherit; text-decoration: underline dotted; text-underline-offset: 3px; }
.heat .none { color: var(--soft); }
.heat th:first-child { position: sticky; inset-inline-start: 0; background: var(--page); z-index: 1; }
:root { --heat: 213 94 0; }
@media (prefers-color-scheme: dark) { :root { --heat: 240 140 40; } }
"""
"""Rules of style for the charts."""


LABELS = 40
"""At most so many labels are in the confusion: its cells grow with their square."""

PARTS = 100
"""At most so many bars stand below one another."""


class Bar(NamedTuple):
    """A bar from 0 to a fraction, with a line from one end of the interval to the other.

    Attributes:
        name: HTML that stands before it.
        share: the fraction.
        interval: of it, if there is one.
        colours: the classes of the bar.
        told: HTML that stands behind it.
    """

    name: str
    share: float
    interval: Interval | None
    colours: str
    told: str


def bars(rows: Iterable[Bar]) -> str:
    """Bars below one another."""
    lines, listed = [], list(rows)
    for row in listed[:PARTS]:
        ends = ""
        if row.interval is not None:
            low, high = row.interval
            start = f"min({100 * low:.1f}%, 100% - 4px)"
            ends = f'<b style="inset-inline-start:{start};width:{100 * (high - low):.1f}%"></b>'
        lines.append(
            f'<span>{row.name}</span><span class="bar {row.colours}" aria-hidden="true">'
            f'<i style="width:{100 * row.share:.1f}%"></i>{ends}</span><span>{row.told}</span>\n'
        )
    rest = len(listed) - PARTS
    more = f'<p class="soft">And {rest:,} more.</p>\n' if rest > 0 else ""
    return f'<div class="bars">\n{"".join(lines)}</div>\n{more}'


def heat_map(errors: Errors) -> str:
    """Gold labels by predicted labels: each cell has its number, and is the darker the more errors it has."""
    size, most = len(errors.names), max(1, int(errors.confusion.max(initial=0)))
    shown = errors.worst(LABELS)
    names = {at: isolated(errors.names[at]) for at in shown} | {size: "spurious"}
    columns = [*shown, size]
    top = "".join(f'<th scope="col">{names[at]}</th>' for at in shown)
    lines = []
    right = [*errors.correct.tolist(), 0]
    for row, name in names.items():
        cells = "".join(_cell(row, column, int(errors.confusion[row, column]), right[row], most) for column in columns)
        whole = int(errors.confusion[row].sum()) + right[row]
        lines.append(f'<tr><th scope="row">{name}</th>{cells}<td>{whole:,}</td></tr>\n')
    sums = "".join(f"<td>{int(errors.confusion[:, at].sum()) + right[at]:,}</td>" for at in columns)
    lines.append(f'<tr><th scope="row">in all</th>{sums}<td></td></tr>\n')
    region = '<div class="wide heat" tabindex="0" role="region" aria-label="confusion of labels">'
    ends = '<th scope="col">missed</th><th scope="col">in all</th>'
    head = f'<thead><tr><th scope="col">gold ↓ predicted →</th>{top}{ends}</tr></thead>'
    more = ""
    if len(shown) < size:
        more = f'<p class="soft">These are the {len(shown):,} labels with the most errors, of {size:,}.</p>\n'
    return f"{region}<table>\n{head}\n<tbody>{''.join(lines)}</tbody></table></div>\n{more}"


def _cell(row: int, column: int, count: int, right: int, most: int) -> str:
    """A cell of the heat map.

    Args:
        row: the gold label.
        column: the predicted label.
        count: how many errors there are.
        right: how many of the gold spans are right.
        most: the errors of the cell with the most.
    """
    part = f' style="--part:{0.5 * (count / most) ** 0.5:.2f}"' if count else ""
    link = f'<a href="#errors" data-gold="{row}" data-predicted="{column}">{count:,}</a>' if count else "0"
    if row != column:
        return f"<td{part}>{link}</td>" if count else '<td class="none">0</td>'
    more = f" + {link}" if count else ""
    return f'<td class="right"{part}><b>{right:,}</b>{more}</td>'
