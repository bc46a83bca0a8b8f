"""Documents on a terminal, their entities in colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elman.data.document import ENTITIES
from elman.data.formats.marks import PALETTE, Colours, edges

if TYPE_CHECKING:
    from elman.data.document import Document

# What a text could do to the terminal it does not do: control characters are shown as their pictures.
_PICTURES = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\t\n"}
_PICTURES |= {0x7F: "\N{SYMBOL FOR DELETE}"} | dict.fromkeys(range(0x80, 0xA0), "\N{REPLACEMENT CHARACTER}")

_RESET = "\x1b[0m"


def painted(document: Document, colours: Colours, *, colour: bool, layer: str = ENTITIES) -> str:
    """A document's text with its entities marked, and behind each its label.

    Args:
        document: the text and its spans, nested and crossing ones included.
        colours: of the labels.
        colour: whether to use colours; if not, entities stand in brackets.
        layer: which of its spans.
    """
    text, spans = document.text, document.layer(layer)
    pieces: list[str] = []
    open_marks: list[int] = []
    done = 0
    for edge in edges(spans):
        pieces.append(text[done : edge.at].translate(_PICTURES))
        done = edge.at
        label = spans[edge.span].label.translate(_PICTURES)
        if edge.opens:
            open_marks.append(edge.span)
            pieces.append("" if colour else "[" * edge.outer)
        else:
            open_marks.pop()
            # Bold for the label alone: 22 ends it.
            pieces.append((f" \x1b[1m{label}\x1b[22m" if colour else f" {label}]") * edge.outer)
        if colour:
            pieces.append(_paint(colours.number(spans[open_marks[-1]].label)) if open_marks else _RESET)
    pieces.append(text[done:].translate(_PICTURES))
    return "".join(pieces)


def shown(text: str) -> str:
    """Text as a terminal may have it: control characters, but line ends and tabs, as pictures of themselves."""
    return text.translate(_PICTURES)


def _paint(number: int) -> str:
    shade = PALETTE[number % len(PALETTE)]
    return f"\x1b[38;5;{15 if sum(shade.ink) else 16};48;5;{shade.terminal}m"
