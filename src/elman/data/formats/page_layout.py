"""Lines on a page, and which of them are one line of text that was broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HYPHENS = "-\u00ad\u2010"
_ALIGNED = 3
"""How many points apart the beginnings of lines may be that are in one column."""


class Box(NamedTuple):
    """Left, top, right and bottom, in points from the page's upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def around(self, other: Box) -> Box:
        """The smallest box that holds both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


class Word(NamedTuple):
    """A run of characters without white space, on one line."""

    text: str
    box: Box


class Line(NamedTuple):
    """The words of a line, at least one."""

    words: list[Word]
    box: Box


class Page(NamedTuple):
    """The lines of a page in the order of the file, and its size in points."""

    lines: list[Line]
    width: float
    height: float


def between(page: Page) -> Iterator[str]:
    r"""What stands behind each line: a space within a paragraph, ``-`` for a hyphen to take out.

    A line ended on purpose if the next line's first word would have fitted on it.
    """
    lines = page.lines
    blocks = _blocks(lines)
    edges = {
        block: _edge([line for line, of in zip(lines, blocks, strict=True) if of == block], page) for block in {*blocks}
    }
    for at, line in enumerate(lines[:-1]):
        follows = lines[at + 1]
        if blocks[at] != blocks[at + 1]:
            yield "\n\n"
            continue
        word = follows.words[0]
        blank = 0.25 * (line.box.bottom - line.box.top)
        last = line.words[-1].text
        if line.box.right + blank + word.box.right - word.box.left < edges[blocks[at]]:
            yield "\n"
        elif len(last) > 1 and last[-1] in HYPHENS and last[-2].isalpha() and word.text[0].islower():
            yield "-"
        elif last[-1] in HYPHENS:
            yield ""
        else:
            yield " "
    if lines:
        yield ""


def _edge(block: Sequence[Line], page: Page) -> float:
    """How far to the right the lines of a block could have gone."""
    box = block[0].box
    for line in block[1:]:
        box = box.around(line.box)
    full = sum(line.box.right > box.right - 0.15 * (box.right - box.left) for line in block[:-1])
    if len(block) > 2 and full >= 0.7 * (len(block) - 1):
        return box.right
    # Short lines alone do not tell: what else is in their column does, and if nothing is beside them, the page.
    edge = max(line.box.right for line in page.lines if abs(line.box.left - box.left) < _ALIGNED or line in block)
    beside = any(
        line.box.left > box.right and line.box.top < box.bottom and box.top < line.box.bottom for line in page.lines
    )
    margin = min(line.box.left for line in page.lines)
    return edge if beside else max(edge, page.width - margin)


def _blocks(lines: Sequence[Line]) -> list[int]:
    """For each line the number of its block: lines below one another, near, of like height."""
    blocks: list[int] = []
    for at, line in enumerate(lines):
        if not at:
            blocks.append(0)
            continue
        above, box = lines[at - 1].box, line.box
        height = min(above.bottom - above.top, box.bottom - box.top)
        near = -0.5 * height < box.top - above.bottom < 0.8 * height
        below = box.top > above.top + 0.3 * height and box.left < above.right and above.left < box.right
        alike = max(above.bottom - above.top, box.bottom - box.top) < 1.35 * height
        blocks.append(blocks[-1] + (not (near and below and alike)))
    return blocks
