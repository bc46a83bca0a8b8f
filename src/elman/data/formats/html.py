"""A page that shows documents with their entities highlighted: one file, no script, nothing fetched."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from elman.data.document import ENTITIES
from elman.data.formats.format import Format, Head
from elman.data.formats.marks import PALETTE, Colours, edges
from elman.data.ledger import Ledger, account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from elman.data.document import Document, Span
    from elman.data.formats.format import Sniffed

PAGES = {"light": (255, 255, 255), "dark": (22, 24, 28)}
"""The background of the page in either colour scheme, red, green and blue from 0 to 255."""

INKS = {"light": (17, 19, 22), "dark": (236, 238, 240)}
"""The text on it."""

_TINT = {"light": 0.26, "dark": 0.36}
_BORDERS = ("solid", "dashed", "dotted", "double")

# NUL and its kin cannot stand in a page. A carriage return can, if it is named.
_PICTURES = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\t\n\r"}
_PICTURES |= {ord("\r"): "&#13;", 0x7F: "\N{SYMBOL FOR DELETE}"}

_STYLE = """\
:root { color-scheme: light dark; --page: LIGHT_PAGE; --ink: LIGHT_INK; --soft: #5b6068; --line: #d5d8dc; }
@media (prefers-color-scheme: dark) {
  :root { --page: DARK_PAGE; --ink: DARK_INK; --soft: #a4a9b0; --line: #3a3e45; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 56rem; display: flex; flex-direction: column;
  background: var(--page); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
header { order: -2; }
.legend { order: -1; border-bottom: 1px solid var(--line); padding-bottom: 1rem; margin-bottom: .5rem; }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 .75rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h3 { font-size: .85rem; font-weight: 600; color: var(--soft); margin: 0; }
ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .4rem 1rem; }
article { padding: 1rem 0; border-bottom: 1px solid var(--line); }
.text { white-space: pre-wrap; tab-size: 4; line-height: 2.2; margin: .25rem 0 0; }
.soft { color: var(--soft); }
mark { color: inherit; background: var(--tint); border: 0 solid var(--solid); border-bottom-width: 3px;
  border-radius: 4px; padding: .15em .2em; margin: 0 1px; -webkit-box-decoration-break: clone;
  box-decoration-break: clone; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
mark mark { padding-top: 0; padding-bottom: 0; border-bottom-width: 2px; }
.chip { background: var(--solid); color: var(--on); border-radius: 3px; padding: .15em .35em;
  font-size: .68rem; font-weight: 700; letter-spacing: .02em; white-space: nowrap; unicode-bidi: isolate; }
.chip::after { content: attr(data-label); }
.text .chip { margin-inline-start: .4em; vertical-align: .1em; }
"""


class Look(NamedTuple):
    """How a mark is drawn.

    Attributes:
        label: what stands on it.
        title: what is said of it on hover, and to a screen reader.
        classes: of the element, separated by spaces.
    """

    label: str
    title: str
    classes: str


def write(
    documents: Iterable[Document],
    put: Callable[[str], object],
    /,
    *,
    title: str = "Entities",
    layer: str = ENTITIES,
) -> Ledger:
    """Write the page, document by document as they come.

    Args:
        documents: any number.
        put: takes the next piece of the page.
        title: of the page.
        layer: the layer of spans to show; those of others are refused.
    """
    colours, counts, ledger, number = Colours(), Counter[str](), Ledger(), 0
    put(head(title))
    put(f"<header><h1>{text_of(title)}</h1></header>\n<main>\n")
    for number, document in enumerate(documents, 1):
        spans = document.layer(layer)
        counts.update(span.label for span in spans)
        ledger += account(document, HTML.holds, layer=layer)
        looks = [look(span, colours) for span in spans]
        put(article(document.id or f"document {number}", marked(document.text, spans, looks)))
    put("</main>\n")
    shown = f"{counts.total():,} entities in {number:,} document{'' if number == 1 else 's'}"
    put(f'<section class="legend" aria-label="legend">\n{legend(counts, colours)}')
    put(f'<p class="soft">{shown}</p>\n</section>\n')
    put(FOOT)
    return ledger


def sniff(head: Head) -> Sniffed | None:  # noqa: ARG001  # every format has this signature
    """No page is taken for data."""
    return None


def head(title: str, style: str = "", script: str = "") -> str:
    """The beginning of a page, up to and with the body's opening tag.

    Args:
        title: of the window.
        style: further rules.
        script: the only one that may run, character by character as it will stand in its element; by default
            none may.
    """
    allowed = ""
    if script:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        allowed = f"; script-src 'sha256-{digest}'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="generator" content="elman">\n'
        # Whatever the documents hold, nothing of it runs and nothing is fetched.
        '<meta http-equiv="Content-Security-Policy" '
        f"content=\"default-src 'none'; style-src 'unsafe-inline'{allowed}\">\n"
        f"<title>{text_of(title)}</title>\n<style>\n{_STYLE_SHEET}{style}</style>\n</head>\n<body>\n"
    )


FOOT = "</body>\n</html>\n"
"""The end of a page."""


def text_of(text: str) -> str:
    """Text as it can stand in an element or an attribute; control characters as their pictures."""
    return escape(text).translate(_PICTURES)


def article(name: str, body: str, anchor: str = "") -> str:
    """One document: its name, its text as ``marked`` gives it, and what links may point to."""
    title = f'<h3 dir="auto" lang="">{text_of(name)}</h3>'
    opening = f'<article id="{anchor}">' if anchor else "<article>"
    return f'{opening}\n{title}\n<p class="text" dir="auto" lang="">{body}</p>\n</article>\n'


def look(span: Span, colours: Colours) -> Look:
    """How a span is drawn by itself: its label in the label's colour, and its probability, if it has one."""
    title = span.label if span.score is None else f"{span.label}, probability {span.score:.1%}"
    return Look(span.label, title, colour_classes(colours.number(span.label)))


def colour_classes(number: int) -> str:
    """The classes that draw an element in a label's colour, from the label's number."""
    classes = f"c{number % len(PALETTE)}"
    style = number // len(PALETTE) % len(_BORDERS)
    return f"{classes} b{style}" if style else classes


def marked(text: str, spans: Sequence[Span], looks: Sequence[Look]) -> str:
    """A text with spans as marks, properly nested; without the tags, it is the text.

    Args:
        text: as it is.
        spans: pieces of it, in any order, nested or crossing.
        looks: how each is drawn.
    """
    return "".join(_pieces(text, spans, looks))


def legend(counts: Mapping[str, int], colours: Colours) -> str:
    """A list of labels in their colours, with how often each occurs, the most frequent first."""
    items = [
        f'<li><mark class="{colour_classes(colours.number(label))}">'
        f'<span class="chip">{text_of(label)}</span></mark> {count:,}</li>\n'
        for label, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    return f"<ul>\n{''.join(items)}</ul>\n"


def _pieces(text: str, spans: Sequence[Span], looks: Sequence[Look]) -> Iterator[str]:
    done = 0
    for edge in edges(spans):
        yield text_of(text[done : edge.at])
        done = edge.at
        shown = looks[edge.span]
        if edge.opens:
            title = text_of(shown.title)
            # A mark cannot bear a name, a group can; a description of the role keeps "group" from being read.
            yield (
                f'<mark class="{shown.classes}" title="{title}" role="group" aria-roledescription="entity" '
                f'aria-label="{title}">'
            )
        elif edge.outer:
            # The label is drawn by the style sheet: who copies the text gets the text alone.
            yield f'<span class="chip" data-label="{text_of(shown.label)}"></span></mark>'
        else:
            yield "</mark>"
    yield text_of(text[done:])


def _hex(colour: tuple[int, int, int]) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in colour)


def tint(solid: tuple[int, int, int], scheme: str) -> tuple[int, int, int]:
    """What text is highlighted with: some of a colour in the page's, ``light`` or ``dark``."""
    share = _TINT[scheme]
    red, green, blue = (
        round(share * colour + (1 - share) * page) for colour, page in zip(solid, PAGES[scheme], strict=True)
    )
    return red, green, blue


def _style_sheet() -> str:
    style = _STYLE
    for scheme in PAGES:
        style = style.replace(f"{scheme.upper()}_PAGE", _hex(PAGES[scheme])).replace(
            f"{scheme.upper()}_INK", _hex(INKS[scheme])
        )
    for number, colour in enumerate(PALETTE):
        solid, ink, light = _hex(colour.solid), _hex(colour.ink), _hex(tint(colour.solid, "light"))
        style += f".c{number} {{ --solid: {solid}; --on: {ink}; --tint: {light}; }}\n"
    dark = "".join(
        f" .c{number} {{ --tint: {_hex(tint(colour.solid, 'dark'))}; }}" for number, colour in enumerate(PALETTE)
    )
    style += f"@media (prefers-color-scheme: dark) {{{dark} }}\n"
    return style + "".join(
        f"mark.b{number} {{ border-style: {border}; }}\n" for number, border in enumerate(_BORDERS) if number
    )


_STYLE_SHEET = _style_sheet()

HTML = Format(
    "html",
    (".html", ".htm"),
    "a page to look at, written only",
    sniff,
    None,
    write,
    holds=frozenset({"text", "spans", "nested", "overlapping", "scores", "ids"}),
)
