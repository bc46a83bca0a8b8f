"""The report: one page with scores, bars, and the judged documents with their errors marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elman.data.document import ENTITIES
from elman.data.formats.html import FOOT, Look, article, colour_classes, head, look, marked, text_of
from elman.data.formats.marks import Colours
from elman.data.formats.sinks import written
from elman.metrics.report import HEADER, notes, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from elman.data.document import Document, Span
    from elman.metrics.comparison import Judged
    from elman.metrics.score import Result

SHOWN = 1000
"""At most so many documents are shown: more make a page that browsers are slow to open."""

_STYLE = """\
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { padding: .25rem .75rem .25rem 0; text-align: end; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
th:first-child { text-align: start; }
tr.total > * { font-weight: 700; }
.bars { display: grid; grid-template-columns: max-content 1fr max-content; gap: .35rem .75rem;
  align-items: center; }
.bar { position: relative; height: 1.1rem; background: var(--line); border-radius: 3px; }
.bar > i { position: absolute; inset-block: 0; inset-inline-start: 0; background: var(--solid);
  border-radius: 3px; }
.bar > b { position: absolute; top: calc(50% - 1px); height: 2px; background: var(--ink); }
mark.missed { background: none; border-style: dashed; border-width: 2px; }
mark.wrong { text-decoration: underline wavy #c00 2px; text-underline-offset: 3px; }
mark.wrong mark { text-decoration: none; display: inline-block; line-height: 1.5; }
@media (prefers-color-scheme: dark) { mark.wrong { text-decoration-color: #ff7b72; } }
"""


def write_page(
    path: Path,
    result: Result,
    pairs: Sequence[Judged],
    *,
    title: str,
    facts: Sequence[str] = (),
    tried: Document | None = None,
) -> None:
    """Write the report.

    Args:
        path: the file; what is there is replaced when the new page is whole.
        result: the scores of these documents.
        pairs: the documents as they should be and as the model has them.
        title: of the page.
        facts: lines that stand below the title.
        tried: a text that the model has tagged, shown apart.

    Raises:
        DataError: if the file cannot be written.
    """
    with written(path) as put:
        for piece in _page(result, pairs, title, facts, tried):
            put(piece)


def _page(
    result: Result, pairs: Sequence[Judged], title: str, facts: Sequence[str], tried: Document | None
) -> Iterator[str]:
    colours = Colours()
    yield head(title, _STYLE)
    yield f"<header><h1>{text_of(title)}</h1>\n"
    yield from (f'<p class="soft">{text_of(fact)}</p>\n' for fact in facts)
    yield "</header>\n<main>\n"
    if tried is not None:
        yield f"<h2>A text it has not seen</h2>\n{_tagged(tried, colours)}"
    yield f"<h2>Scores</h2>\n{_table(result)}"
    yield "".join(f'<p class="soft">{text_of(note)}</p>\n' for note in notes(result))
    yield f"<h2>F1 of each label</h2>\n{_bars(result, colours)}"
    yield "<h2>Documents</h2>\n"
    micro = result.micro
    missed, wrong = micro.support - micro.correct, micro.predicted - micro.correct
    counts = (("", "right", micro.correct), ("missed", "missed", missed), ("wrong", "wrong", wrong))
    told = (f'{count:,} {word} <mark class="c0 {kind}">like this</mark>' for kind, word, count in counts)
    yield f"<p>Entities: {', '.join(told)}. Hover over one for its probability.</p>\n"
    if len(pairs) > SHOWN:
        yield f'<p class="soft">The first {SHOWN:,} of {len(pairs):,} documents:</p>\n'
    for number, pair in enumerate(pairs[:SHOWN], 1):
        yield article(pair.gold.id or f"document {number}", _compared(pair, result.layer, colours))
    yield f"</main>\n{FOOT}"


def _tagged(document: Document, colours: Colours) -> str:
    spans = document.layer(ENTITIES)
    body = marked(document.text, spans, [look(span, colours) for span in spans])
    return f'<p class="text" dir="auto" lang="">{body}</p>\n'


def _compared(pair: Judged, layer: str, colours: Colours) -> str:
    """A document with what is right, missed and wrong in it."""
    gold, predicted = pair.gold.layer(layer), pair.predicted.layer(layer)
    expected, found = {span.key for span in gold}, {span.key for span in predicted}
    missing = [span for span in gold if span.key not in found]
    looks = [
        *(_fault(span, "missed", "−", colours) for span in missing),
        *(look(span, colours) if span.key in expected else _fault(span, "wrong", "✗", colours) for span in predicted),
    ]
    return marked(pair.gold.text, [*missing, *predicted], looks)


def _fault(span: Span, kind: str, sign: str, colours: Colours) -> Look:
    plain = look(span, colours)
    return Look(f"{sign} {plain.label}", f"{kind}: {plain.title}", f"{plain.classes} {kind}")


def _table(result: Result) -> str:
    lines = ["<tr>" + "".join(f'<th scope="col">{text_of(cell)}</th>' for cell in HEADER) + "</tr>\n"]
    for row in table(result):
        cells = "".join(f"<td>{text_of(cell)}</td>" for cell in row[1:])
        total = ' class="total"' if row.label == "micro" else ""
        lines.append(f'<tr{total}><th scope="row">{text_of(row.label)}</th>{cells}</tr>\n')
    # A region that scrolls has to be reached by keyboard too.
    region = '<div class="wide" tabindex="0" role="region" aria-label="scores">'
    return f"{region}<table>\n{''.join(lines)}</table></div>\n"


def _bars(result: Result, colours: Colours) -> str:
    """A bar for each label, with a line from one end of the interval to the other."""
    intervals = result.intervals.labels if result.intervals else (None,) * len(result.names)
    bars = []
    for (label, counts), interval in zip(result.labels.items(), intervals, strict=True):
        colour, line = colour_classes(colours.number(label)), ""
        if interval is not None:
            low, width = 100 * interval.low, 100 * (interval.high - interval.low)
            line = f'<b style="inset-inline-start:{low:.1f}%;width:{width:.1f}%"></b>'
        bars.append(
            f'<span class="chip {colour}">{text_of(label)}</span>'
            f'<span class="bar {colour}"><i style="width:{100 * counts.f1:.1f}%"></i>{line}</span>'
            f"<span>{100 * counts.f1:.2f}</span>\n"
        )
    return f'<div class="bars">\n{"".join(bars)}</div>\n'
