"""The judged documents as part of a page, with what is right, missed and wrong marked in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elman.cli.error_browser import fault
from elman.data.formats.html import article, look, marked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.data.formats.marks import Colours
    from elman.metrics.assessment import Assessment
    from elman.metrics.comparison import Judged

ROOM = 1_300_000
"""Characters that the documents may take: more makes a page that browsers are slow to open."""

STYLE = """\
mark.missed { background: none; border-style: dashed; border-width: 2px; }
mark.wrong { text-decoration: underline wavy #c00 2px; text-underline-offset: 3px; }
mark.wrong mark { text-decoration: none; display: inline-block; line-height: 1.5; }
@media (prefers-color-scheme: dark) { mark.wrong { text-decoration-color: #ff7b72; } }
"""
"""Rules of style for what is missed and wrong."""


def explained(assessment: Assessment, shown: int) -> Iterator[str]:
    """What the marks mean, and how many documents are shown."""
    errors = assessment.errors
    lost, wrong = int(errors.confusion[:-1].sum()), int(errors.confusion[:, :-1].sum())
    counts = (("", "right", int(errors.correct.sum())), ("missed", "missed", lost), ("wrong", "wrong", wrong))
    told = (f'{count:,} {word} <mark class="c0 {kind}">like this</mark>' for kind, word, count in counts)
    yield f"<p>Spans: {', '.join(told)}. Hover over one for its probability.</p>\n"
    if shown < len(assessment.pairs):
        yield (
            f'<p class="soft">Here are {shown:,} of {len(assessment.pairs):,} documents, as many as fit: those with '
            "errors were chosen before those without.</p>\n"
        )


def judged_documents(pairs: Sequence[Judged], layer: str, colours: Colours) -> tuple[Iterator[str], set[int]]:
    """The documents as far as there is room, those with errors before those without; and which they are."""
    room, pieces = ROOM, dict[int, str]()
    for wanted in (True, False):
        for number, pair in enumerate(pairs):
            faulty = {span.key for span in pair.gold.layer(layer)} != {span.key for span in pair.predicted.layer(layer)}
            if room <= 0 or faulty != wanted:
                continue
            body = _compared(pair, layer, colours)
            if len(body) <= room:
                room -= len(body)
                pieces[number] = article(pair.gold.id or f"document {number + 1}", body, f"d{number}")
    return (pieces[number] for number in sorted(pieces)), set(pieces)


def _compared(pair: Judged, layer: str, colours: Colours) -> str:
    """A document with what is right, missed and wrong in it."""
    gold, predicted = pair.gold.layer(layer), pair.predicted.layer(layer)
    expected, found = {span.key for span in gold}, {span.key for span in predicted}
    missing = [span for span in gold if span.key not in found]
    looks = [
        *(fault(span, "missed", "−", colours) for span in missing),
        *(look(span, colours) if span.key in expected else fault(span, "wrong", "✗", colours) for span in predicted),
    ]
    return marked(pair.gold.text, [*missing, *predicted], looks)
