"""What the parts that look at one text share: the model as a network, its sentences, where to write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from elman.errors import UsageError

if TYPE_CHECKING:
    from elman.data.formats.marks import Colours
    from elman.inspection.sentences import Sentence
    from elman.training.reopening import Reopened

Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write a page (.html) or a picture (.png, .svg).", show_default=False),
]

_PAGES, _PICTURES = {".html", ".htm"}, {".png", ".svg"}

# What a text could do to the terminal it does not do.
_SHOWN = {code: chr(0x2400 + code) for code in range(32)} | {0x7F: "\N{SYMBOL FOR DELETE}"}
_SHOWN |= dict.fromkeys(range(0x80, 0xA0), "\N{REPLACEMENT CHARACTER}")


def form_of(out: Path | None) -> Literal["page", "picture"] | None:
    """What the name of a file asks for.

    Raises:
        UsageError: if it is neither.
    """
    if out is None:
        return None
    if (suffix := out.suffix.lower()) in _PAGES:
        return "page"
    if suffix not in _PICTURES:
        raise UsageError(
            f"expected a file that ends in .html, .png or .svg, got {out}; its ending says what it becomes"
        )
    return "picture"


def opened(model: Path) -> Reopened:
    """A model folder as a network."""
    from elman.extras import needs

    with needs("train", "looking into a network"):
        from elman.training.reopening import reopen
    return reopen(model)


def sentence_of(model: Reopened, text: str, number: int) -> Sentence:
    """One of the sentences of a text, counted from 1.

    Raises:
        UsageError: if there are not so many.
    """
    from elman.inspection.sentences import read_sentences

    found = read_sentences(model, text)
    if number > len(found):
        raise UsageError(f"expected a sentence from 1 to {len(found)}, got {number}; the text has no more")
    return found[number - 1]


def plain(text: str) -> str:
    """Text as a terminal may show it."""
    return text.translate(_SHOWN)


def entity_marks(sentence: Sentence, colours: Colours) -> str:
    """A sentence as HTML, its words parted by spaces, with its entities marked."""
    from elman.data.document import Span
    from elman.data.formats.html import look, marked

    starts, text = [], ""
    for word in sentence.words:
        starts.append(len(text))
        text += word + " "
    spans = [
        Span(starts[one.first], starts[one.stop - 1] + len(sentence.words[one.stop - 1]), one.label, score=one.score)
        for one in sentence.entities
    ]
    return marked(text.rstrip(" "), spans, [look(span, colours) for span in spans])
