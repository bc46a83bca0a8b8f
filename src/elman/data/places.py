"""Where a span stands in the document that its text was taken out of: page, boxes on it, part.

Readers of documents leave plain lists in ``meta``, which pass through JSON:

- ``pages``: ``[start, end, page, width, height]``; pages are counted from 1, sizes in points (1/72 inch).
- ``boxes``: ``[start, end, page, left, top, right, bottom]`` of each word or line, in points from the upper left
  corner of the page as it is shown.
- ``parts``: ``[start, end, name]``, such as a chapter of a book or a header.

All are in the order of the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elman.data.document import Document, Region, Span


class Box(NamedTuple):
    """A rectangle on a page, in points from the upper left corner."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


class Place(NamedTuple):
    """Where a span stands.

    Attributes:
        pages: the numbers of its pages, counted from 1; () where the source has no pages.
        boxes: what covers its words, a box for each line; () where the source has no places on a page.
        parts: the names of the parts that it is in; () where the source has none.
    """

    pages: tuple[int, ...]
    boxes: tuple[Box, ...]
    parts: tuple[str, ...]


def place(document: Document, span: Span | Region) -> Place:
    """Where a span stands in the document that its text is from.

    Args:
        document: as a reader of PDF, DOCX or EPUB gave it, or with ``meta`` from there.
        span: with offsets in the document's text.

    Raises:
        DataError: if ``meta`` has the lists in another shape.
    """
    pages = tuple(int(page) for page, *_ in _rows(document, "pages", 5, span))
    boxes = _joined([Box(int(page), *map(float, sides)) for page, *sides in _rows(document, "boxes", 7, span)])
    parts = tuple(str(name) for (name,) in _rows(document, "parts", 3, span))
    return Place(pages, tuple(boxes), parts)


def _rows(document: Document, key: str, width: int, span: Span | Region) -> Iterator[list[Any]]:
    """What the rows that a span touches say."""
    rows = document.meta.get(key, ())
    if not isinstance(rows, list | tuple):
        raise DataError(f"meta[{key!r}] has to be a list of rows, got {type(rows).__name__}")
    for row in rows:
        if not isinstance(row, list | tuple) or len(row) != width or not all(isinstance(at, int) for at in row[:2]):
            raise DataError(f"the rows of meta[{key!r}] have to be start, end and {width - 2} more, got {row!r}")
        start, end, *rest = row
        if start < span.end and span.start < end:
            yield rest


def _joined(boxes: list[Box]) -> list[Box]:
    """Boxes that follow one another on a line made one."""
    joined: list[Box] = []
    for box in boxes:
        last = joined[-1] if joined else None
        if (
            last
            and last.page == box.page
            and min(last.bottom, box.bottom) - max(last.top, box.top)
            > 0.5 * min(last.bottom - last.top, box.bottom - box.top)
        ):
            sides = zip(last[1:], box[1:], (min, min, max, max), strict=True)
            joined[-1] = Box(box.page, *(pick(one, other) for one, other, pick in sides))
        else:
            joined.append(box)
    return joined
