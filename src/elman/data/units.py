"""What offsets count: code points, UTF-16 units or UTF-8 bytes, and how they come to code points and back."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

Unit = Literal["code-points", "utf-16", "bytes"]
"""What one step of an offset is."""

Lines = Literal["as they are", "crlf", "lf"]
"""How line ends were counted: as they are; LF as if it were CRLF; CRLF as if it were LF."""

Mark = Literal["as it is", "counted", "uncounted"]
"""Whether a byte-order mark was counted: as it is; counted though not there; there but not counted."""

_BOM = "\ufeff"
_UNITS = {"code-points": "code points", "utf-16": "UTF-16 units", "bytes": "UTF-8 bytes"}
_LINES = {"as they are": "", "crlf": "counted with CRLF line ends", "lf": "counted with LF line ends"}
_MARKS = {"as it is": "", "counted": "counted with a byte-order mark", "uncounted": "counted without byte-order mark"}


class Counting(NamedTuple):
    """A way to count offsets.

    Attributes:
        unit: of an offset.
        lines: how line ends were counted.
        mark: how a byte-order mark before the text was counted.
        inclusive: whether an end is the last unit of a span, not the one behind it.
    """

    unit: Unit = "code-points"
    lines: Lines = "as they are"
    mark: Mark = "as it is"
    inclusive: bool = False

    def __str__(self) -> str:
        parts = (_UNITS[self.unit], _LINES[self.lines], _MARKS[self.mark], "ends inclusive" if self.inclusive else "")
        return ", ".join(filter(None, parts))

    def within(self, text: str) -> Counting:
        """The simplest counting that gives the same offsets into this text."""
        return self.among(Traits.of(text))

    def among(self, traits: Traits) -> Counting:
        """The simplest counting that gives the same offsets into a text with these traits."""
        unit, lines, mark, inclusive = self
        if mark != "as it is" and (mark == "uncounted") != traits.marked:
            mark = "as it is"
        if (lines == "lf" and not traits.crlf) or (lines == "crlf" and not traits.lf):
            lines = "as they are"
        # What the mark weighs is a matter of the unit, even in a text of ASCII alone.
        if (unit == "utf-16" and not traits.astral) or (unit == "bytes" and traits.ascii and mark != "counted"):
            unit = "code-points"
        return Counting(unit, lines, mark, inclusive)


class Traits(NamedTuple):
    """What of a text makes a difference to its offsets.

    Attributes:
        ascii: it has no other characters.
        astral: it has characters that are two UTF-16 units.
        crlf: it has CRLF.
        lf: it has LF without CR before it.
        marked: it begins with a byte-order mark.
    """

    ascii: bool
    astral: bool
    crlf: bool
    lf: bool
    marked: bool

    @classmethod
    def of(cls, text: str) -> Traits:
        """The traits of a text."""
        plain = text.isascii()
        astral = not plain and len(text.encode("utf-16-le", "surrogatepass")) != 2 * len(text)
        crlf = text.count("\r\n")
        return cls(plain, astral, crlf > 0, text.count("\n") > crlf, not plain and text.startswith(_BOM))


PLAIN = Counting()
"""Code points as they are, ends exclusive: what a ``Document`` has."""

COUNTINGS = tuple(Counting(*parts) for parts in product(get_args(Unit), get_args(Lines), get_args(Mark), (False, True)))
"""All ways to count, the plain one first."""


def boundaries(text: str, counting: Counting) -> NDArray[np.int64]:
    """The offset before each code point of a text, and the one behind the last: ``len(text) + 1``, not descending."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    widths = _widths(points, counting.unit)
    if counting.lines != "as they are":
        crlf = np.zeros(len(points), bool)
        crlf[:-1] = (points[:-1] == 13) & (points[1:] == 10)
        if counting.lines == "lf":
            widths[crlf] = 0
        else:
            lone = points == 10
            lone[1:] &= ~crlf[:-1]
            widths[lone] = 2
    marked = text.startswith(_BOM)
    if counting.mark == "uncounted" and marked:
        widths[0] = 0
    result = np.zeros(len(points) + 1, np.int64)
    np.cumsum(widths, out=result[1:])
    if counting.mark == "counted" and not marked:
        result += _widths(np.array([ord(_BOM)]), counting.unit)
    return result


def _widths(points: NDArray[np.integer], unit: Unit) -> NDArray[np.int64]:
    """How many units each code point is."""
    widths = np.ones(len(points), np.int64)
    if unit == "utf-16":
        widths += points > 0xFFFF
    elif unit == "bytes":
        for limit in (0x7F, 0x7FF, 0xFFFF):
            widths += points > limit
    return widths


def places(text: str, spans: Sequence[tuple[int, int]], counting: Counting) -> list[tuple[int, int] | None]:
    """Where spans stand in a text, as code points, ends exclusive.

    Args:
        text: what the offsets point into.
        spans: start and end of each, as the file counts them.
        counting: how it counts.

    Returns:
        For each span its place, or None where an offset is outside the text or within a character. A place
        may be empty or end before it starts, if the span does.
    """
    if counting.unit == "code-points" and counting.lines == "as they are" and counting.mark == "as it is":
        size, more = len(text), int(counting.inclusive)
        return [(s, e + more) if 0 <= s <= size and 0 <= e + more <= size else None for s, e in spans]
    if not spans:
        return []
    bounds = boundaries(text, counting)
    given = np.array([(s, e + counting.inclusive) for s, e in spans], dtype=object)
    # Offsets that no array of this size reaches would not fit into its integers.
    given = np.where((given < 0) | (given > int(bounds[-1])), -1, given).astype(np.int64)
    # Of code points that were not counted, a span leaves out those around it.
    starts = np.searchsorted(bounds, given[:, 0], "right") - 1
    ends = np.minimum(np.searchsorted(bounds, given[:, 1], "left"), len(text))
    good = (starts >= 0) & (given[:, 1] >= 0) & (bounds[starts] == given[:, 0]) & (bounds[ends] == given[:, 1])
    return [(s, e) if ok else None for s, e, ok in zip(starts.tolist(), ends.tolist(), good.tolist(), strict=True)]


def to_code_points(text: str, offsets: ArrayLike, unit: Unit) -> NDArray[np.int64]:
    """Offsets in a unit as code points; -1 where one is outside the text or within a character."""
    given = np.asarray(offsets, np.int64)
    bounds = boundaries(text, Counting(unit))
    found = np.minimum(np.searchsorted(bounds, given), len(text))
    return np.where(bounds[found] == given, found, -1)


def from_code_points(text: str, offsets: ArrayLike, unit: Unit) -> NDArray[np.int64]:
    """Offsets in code points, each in [0, ``len(text)``], in another unit."""
    return boundaries(text, Counting(unit))[np.asarray(offsets, np.int64)]
