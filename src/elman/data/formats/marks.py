"""Spans as marks in a text for people to look at: how they nest, and the colour of each label."""

from __future__ import annotations

import zlib
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.data.document import Span


class Colour(NamedTuple):
    """One colour of the palette.

    Attributes:
        solid: what labels and borders are drawn in, red, green and blue from 0 to 255.
        ink: text on it.
        terminal: the nearest of the 256 colours of a terminal.
    """

    solid: tuple[int, int, int]
    ink: tuple[int, int, int]
    terminal: int


_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)

PALETTE = (
    Colour((0, 114, 178), _WHITE, 25),
    Colour((230, 159, 0), _BLACK, 214),
    Colour((0, 158, 115), _BLACK, 36),
    Colour((204, 121, 167), _BLACK, 175),
    Colour((240, 228, 66), _BLACK, 227),
    Colour((213, 94, 0), _BLACK, 166),
    Colour((86, 180, 233), _BLACK, 74),
    Colour((80, 80, 80), _WHITE, 239),
)
"""Colours that the colour-blind can tell apart (Okabe and Ito, *Color Universal Design*, 2008), and grey."""

# Labels that most data have keep their colour on every page.
_USUAL = {
    "PERSON": 0,
    "PER": 0,
    "ORG": 1,
    "ORGANIZATION": 1,
    "LOC": 2,
    "GPE": 2,
    "LOCATION": 2,
    "DATE": 3,
    "TIME": 3,
    "MONEY": 4,
    "NORP": 5,
    "EMAIL": 6,
    "MISC": 6,
    "PHONE": 7,
}


class Colours:
    """Gives each label a number: the same for the same labels in the same order of appearance.

    The number modulo ``len(PALETTE)`` is the colour. Labels share one only when there are more labels than
    colours; the quotient then tells them apart, by the style of a border, say.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, label: str) -> int:
        """The label's number, at least 0; a label not met before gets the nearest free one to its own."""
        if label not in self._numbers:
            size, taken = len(PALETTE), set(self._numbers.values())
            first = _USUAL.get(label.upper(), zlib.crc32(label.encode("utf-8", "surrogatepass")) % size)
            wheel = (turn // size * size + (first + turn) % size for turn in count())
            self._numbers[label] = next(number for number in wheel if number not in taken)
        return self._numbers[label]


class Edge(NamedTuple):
    """Where a mark opens or closes.

    Attributes:
        at: offset in the text.
        opens: or closes.
        span: the index of the span in the sequence given.
        outer: whether the span itself begins, or ends, here; it does not where it is cut because another
            crosses it.
    """

    at: int
    opens: bool
    span: int
    outer: bool


def edges(spans: Sequence[Span]) -> Iterator[Edge]:
    """Properly nested marks for spans that may nest, cross and coincide.

    A span that crosses another is cut where the other ends, and goes on behind it. Of spans that open at one
    place the longest is the outermost.

    Args:
        spans: in any order.

    Yields:
        Edges in the order in which they stand in the text: at one place, those that close come first.
    """
    starts: dict[int, list[int]] = {}
    for index, span in enumerate(spans):
        starts.setdefault(span.start, []).append(index)
    open_marks: list[int] = []
    for at in sorted({*starts, *(span.end for span in spans)}):
        ending = [depth for depth, index in enumerate(open_marks) if spans[index].end == at]
        cut = open_marks[ending[0] :] if ending else []
        del open_marks[len(open_marks) - len(cut) :]
        for index in reversed(cut):
            yield Edge(at, opens=False, span=index, outer=spans[index].end == at)
        resumed = [index for index in cut if spans[index].end > at]
        for index in sorted(resumed + starts.get(at, []), key=lambda index: (-spans[index].end, index)):
            open_marks.append(index)
            yield Edge(at, opens=True, span=index, outer=spans[index].start == at)
