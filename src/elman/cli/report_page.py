"""The report as one page: scores, charts, errors, and the judged documents; one file, nothing is fetched."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from elman.cli import charts, error_browser, marked_documents, plots
from elman.cli.charts import bars, heat_map
from elman.cli.error_browser import ambiguities, browser, listed_strings
from elman.cli.marked_documents import explained, judged_documents
from elman.cli.page_parts import TABLES, isolated, wide, writable
from elman.cli.plots import curve_plot, reliability_plot
from elman.cli.score_parts import breakdown, compared, label_bars, score_notes, score_table, tiles
from elman.data.document import ENTITIES
from elman.data.formats.html import FOOT, head, look, marked
from elman.data.formats.marks import Colours
from elman.data.formats.sinks import written
from elman.metrics.assessment import heading_of
from elman.metrics.mistakes import BOUNDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from elman.data.document import Document
    from elman.metrics.assessment import Assessment

_STYLE = """\
:root { --raised: #f4f5f7; }
@media (prefers-color-scheme: dark) { :root { --raised: #1f2329; } }
body { max-width: 68rem; }
a { color: inherit; }
td small, .tiles small { color: var(--soft); font-size: .8rem; }
section h3 { margin: 1.25rem 0 .25rem; }
.chip { white-space: normal; }
@media (max-width: 40rem) {
  td small { display: block; }
  .wide th:first-child { white-space: normal; overflow-wrap: break-word; max-width: 9rem; }
}
.wide th:first-child { position: sticky; inset-inline-start: 0; background: var(--page); }
nav ul { gap: .25rem 1rem; }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0; }
.tiles > div { background: var(--raised); border-radius: 6px; padding: .6rem 1rem; display: grid; }
.tiles b { font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
section { min-width: 0; }
summary { cursor: pointer; }
details > summary { margin: .5rem 0; }
ol.groups-of-strings { list-style: none; margin: 0; padding: 0; display: block; }
ol.groups-of-strings > li { border-bottom: 1px solid var(--line); }
article, ol.groups > li { content-visibility: auto; contain-intrinsic-size: auto 6rem; }
:target { outline: 2px solid var(--soft); outline-offset: 2px; }
:focus-visible { outline: 2px solid var(--line-one); outline-offset: 2px; }
"""

_BOUNDS = {
    "left": "begins elsewhere, ends right",
    "right": "begins right, ends elsewhere",
    "both": "begins and ends elsewhere",
    "split": "one gold span, several predicted ones that do not overlap",
    "merged": "several gold spans that do not overlap, one predicted",
}


def write_page(path: Path, assessment: Assessment, *, tried: Document | None = None) -> None:
    """Write the report.

    Args:
        path: the file; what is there is replaced when the new page is whole.
        assessment: what to show.
        tried: a text that the system has tagged, shown apart.

    Raises:
        DataError: if the file cannot be written.
    """
    with written(path) as put:
        for piece in _page(assessment, tried):
            put(writable(piece))


def _page(assessment: Assessment, tried: Document | None) -> Iterator[str]:
    colours, errors = Colours(), assessment.errors
    parts = (charts.STYLE, plots.STYLE, marked_documents.STYLE, error_browser.STYLE)
    style = "".join((TABLES, _STYLE, *parts, error_browser.rules(errors)))
    script = error_browser.SCRIPT if errors.groups else ""
    yield head(writable(assessment.title), style, script)
    yield f"<header><h1>{isolated(assessment.title)}</h1>\n"
    yield from (f'<p class="soft">{isolated(fact)}</p>\n' for fact in assessment.facts)
    sections = list(_sections(assessment, colours, tried))
    links = "".join(f'<li><a href="#{anchor}">{title}</a></li>' for anchor, title, _ in sections)
    yield f'<nav aria-label="contents"><ul>{links}</ul></nav></header>\n<main>\n'
    for anchor, title, body in sections:
        yield f'<section id="{anchor}" aria-labelledby="h-{anchor}"><h2 id="h-{anchor}">{title}</h2>\n'
        yield from body
        yield "</section>\n"
    yield "</main>\n"
    if script:
        yield f"<script>{script}</script>\n"
    yield FOOT


def _sections(
    assessment: Assessment, colours: Colours, tried: Document | None
) -> Iterator[tuple[str, str, Iterator[str]]]:
    """The parts that there is something to show of: an anchor, a title, the pieces."""
    result, errors = assessment.result, assessment.errors
    documents, shown = judged_documents(assessment.pairs, errors.layer, colours)
    strings = ambiguities(errors, colours, shown)
    if tried is not None:
        yield "tried", "A text it has not seen", _tagged(tried, colours)
    yield "scores", "Scores", chain(tiles(result), score_table(result), score_notes(assessment))
    if assessment.systems:
        yield "systems", "Systems compared", compared(assessment)
    if result.names:
        yield "labels", "F1 of each label", iter((bars(label_bars(result, colours)),))
    for number, (by, parts) in enumerate(assessment.breakdowns.items()):
        yield f"by-{number}", isolated(heading_of(by)), breakdown(parts)
    if errors.names:
        yield "confusion", "Labels taken for one another", _confusion(assessment)
        yield "bounds", "Wrong bounds", _bounds(assessment)
    if assessment.calibration is not None:
        yield "calibration", "Probabilities", _calibration(assessment)
    if assessment.curve is not None:
        yield "curve", "How it learned", iter((curve_plot(assessment.curve),))
    yield "errors", "Errors, the most frequent first", browser(errors, colours, shown, len(strings))
    if errors.ambiguities:
        yield "strings", "Strings with several labels", listed_strings(strings, errors)
    if assessment.pairs:
        yield "documents", "Documents", chain(explained(assessment, len(shown)), documents)


def _tagged(document: Document, colours: Colours) -> Iterator[str]:
    spans = document.layer(ENTITIES)
    body = marked(document.text, spans, [look(span, colours) for span in spans])
    yield f'<p class="text" dir="auto" lang="">{body}</p>\n'


def _confusion(assessment: Assessment) -> Iterator[str]:
    errors = assessment.errors
    yield heat_map(errors)
    yield (
        '<p class="soft">Framed: right, and after the plus the right label with other bounds. A wrong span is paired '
        "with the gold span that it overlaps most, each at most once; what has no partner is missed or "
        "spurious. A number leads to its errors.</p>\n"
    )


def _bounds(assessment: Assessment) -> Iterator[str]:
    rows = [
        (bounds, f"{right:,}", f"{wrong:,}", _BOUNDS[bounds])
        for bounds in BOUNDS
        for right, wrong in (assessment.errors.bounds[bounds],)
    ]
    yield wide("wrong bounds", ("", "right label", "wrong label", "what it is"), rows, worded=True)


def _calibration(assessment: Assessment) -> Iterator[str]:
    diagram = assessment.calibration
    assert diagram is not None
    yield (
        f"<p>Expected calibration error {diagram.expected_error:.2%}, at most {diagram.maximum_error:.2%} in a bin; "
        f"{int(diagram.counts.sum()):,} predicted spans in {len(diagram.counts)} bins.</p>\n"
    )
    yield reliability_plot(diagram)
