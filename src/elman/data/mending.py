"""Single spans whose offsets contradict their own text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elman.data.evidence import USUAL_FIRST, cost, same
from elman.data.units import places
from elman.errors import DataError

if TYPE_CHECKING:
    from elman.data.evidence import Place
    from elman.data.loose import LooseSpan
    from elman.data.units import Counting

_NEAR = 32
_USUAL = 4.0
FOUND = "found by its surface"


def mended(span: LooseSpan, place: Place, text: str) -> tuple[tuple[int, int], str]:
    """The place of a span that does not have the text that it says it has, and how that is known.

    It is what exactly one other way to count makes of its offsets; or where it was, if only white space at its
    rim is otherwise, and then nothing is said; or where its text is, if that is in the text only once, or near
    the offsets only once.

    Args:
        span: as the file has it, with a surface.
        place: where it is in the way in which the file counts, None if that is nowhere.
        text: of its document.

    Raises:
        DataError: if neither is to be found.
    """
    surface = span.surface or ""
    others: dict[tuple[int, int], Counting] = {}
    for way in {way.within(text): way for way in reversed(USUAL_FIRST)}.values():
        (other,) = places(text, [(span.start, span.end)], way)
        if other is not None and same(text, other, surface):
            others[other] = way
    if len(others) == 1:
        ((to, way),) = others.items()
        # That the rest of a file lacks a mark or line ends of which one span has some is no explanation.
        return to, f"offsets of this span alone were {way}" if cost(way) <= _USUAL else FOUND
    inner = "" if place is None else text[slice(*place)].strip()
    if place is not None and inner and same(inner, (0, len(inner)), surface.strip()):
        return place, ""
    found = [match.start() for match in re.finditer(f"(?={re.escape(surface)})", text)]
    near = [at for at in found if abs(at - span.start) <= _NEAR]
    for candidates in (found, near):
        if len(candidates) == 1:
            return (candidates[0], candidates[0] + len(surface)), FOUND
    raise contradiction(span, place, text, len(found))


def contradiction(span: LooseSpan, place: Place, text: str, found: int | None = None) -> DataError:
    """The error for such a span; ``found`` says how often its text is there, None if nobody looked."""
    stands = "nothing, they are outside the text" if place is None else repr(text[slice(*place)])
    often = "" if found is None else f"; it is in the text {found} times" if found else "; it is nowhere in the text"
    return DataError(
        f"the span {span.start}-{span.end} {span.label} says that its text is {span.surface!r}, but at its offsets "
        f"stands {stands}{often}; mend the offsets, or take out the text that contradicts them"
    )
