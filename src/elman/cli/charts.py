"""Charts as HTML: bars and the confusion of labels; each says in numbers what it draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from elman.cli.page_parts import isolated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elman.metrics.errors import Errors
    from elman.metrics.intervals import Interval

STYLE = """\
.bars { display: grid; grid-template-columns: minmax(0, max-content) minmax(6rem, 1fr) max-content;
  gap: .35rem .75rem; align-items: center; font-variant-numeric: tabular-nums; }
.bar { position: relative; height: 1.1rem; background: var(--line); border-radius: 3px; }
.bar > i { position: absolute; inset-block: 0; inset-inline-start: 0; background: var(--solid);
  border-radius: 3px; min-width: 1px; }
.bar > b { position: absolute; top: 20%; height: 60%; border: solid var(--ink); border-width: 0 2px; min-width: 4px;
  background: linear-gradient(var(--ink), var(--ink)) center / 100% 2px no-repeat; }
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
    lines = []
    for row in rows:
        ends = ""
        if row.interval is not None:
            low, high = row.interval
            ends = f'<b style="inset-inline-start:{100 * low:.1f}%;width:{100 * (high - low):.1f}%"></b>'
        lines.append(
            f'<span>{row.name}</span><span class="bar {row.colours}" aria-hidden="true">'
            f'<i style="width:{100 * row.share:.1f}%"></i>{ends}</span><span>{row.told}</span>\n'
        )
    return f'<div class="bars">\n{"".join(lines)}</div>\n'


def heat_map(errors: Errors) -> str:
    """Gold labels by predicted labels: each cell has its number, and is the darker the more errors it has."""
    size = len(errors.names)
    most = max(1, int(errors.confusion.max(initial=0)))
    names = [isolated(name) for name in errors.names]
    top = "".join(f'<th scope="col">{name}</th>' for name in (*names, "missed", "in all"))
    lines = []
    for row, name in enumerate((*names, "spurious")):
        cells = []
        for column in range(size + 1):
            if row == column == size:
                cells.append("<td></td>")
                continue
            count = int(errors.confusion[row, column])
            part = f' style="--part:{0.5 * (count / most) ** 0.5:.2f}"' if count else ""
            link = f'<a href="#errors" data-gold="{row}" data-predicted="{column}">{count:,}</a>'
            if row == column:
                more = f" + {link}" if count else ""
                cells.append(f'<td class="right"{part}><b>{int(errors.correct[row]):,}</b>{more}</td>')
            else:
                cells.append(f"<td{part}>{link}</td>" if count else '<td class="none">0</td>')
        whole = int(errors.confusion[row].sum()) + (int(errors.correct[row]) if row < size else 0)
        lines.append(f'<tr><th scope="row">{name}</th>{"".join(cells)}<td>{whole:,}</td></tr>\n')
    sums = errors.confusion.sum(axis=0).tolist()
    cells = [f"<td>{count + (int(errors.correct[at]) if at < size else 0):,}</td>" for at, count in enumerate(sums)]
    lines.append(f'<tr><th scope="row">in all</th>{"".join(cells)}<td></td></tr>\n')
    region = '<div class="wide heat" tabindex="0" role="region" aria-label="confusion of labels">'
    head = f'<thead><tr><th scope="col">gold ↓ predicted →</th>{top}</tr></thead>'
    return f"{region}<table>\n{head}\n<tbody>{''.join(lines)}</tbody></table></div>\n"
