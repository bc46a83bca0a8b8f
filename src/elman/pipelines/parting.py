"""Which documents of two sides have the same content, however each side cuts it, and where the sides part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, NoReturn

from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elman.data.document import Document
    from elman.pipelines.sides import Side

Align = Literal["text", "rows"]
"""``text``: both sides have the same text, but for white space. ``rows``: they have equally many tokens."""

_SHOWN = 30
"""So many characters are shown before and after the place where two texts part."""


class _Rest(NamedTuple):
    """What one side has shown and the other has not yet: the side, its document's content, and from where on."""

    side: int = 0
    content: str = ""
    begin: int = 0

    @property
    def length(self) -> int:
        return len(self.content) - self.begin


def groups(gold: Side, predicted: Side, align: Align) -> Iterator[tuple[slice, slice]]:
    """The smallest groups of documents, of gold and predicted, that have the same content.

    Content is the text without its white space; under ``rows`` it is only how many tokens there are. Where
    both sides cut it alike, each group is one document of each side.

    Raises:
        DataError: where the sides part; the message shows both.
    """
    sides = (gold, predicted)
    if align == "rows":
        _check_tokens(sides)
    counts = [len(side.documents) for side in sides]
    begins = [0, 0]
    while begins != counts:
        if align == "text" and begins[0] < counts[0] and begins[1] < counts[1]:
            one, other = (side.documents[at] for side, at in zip(sides, begins, strict=True))
            if one.text == other.text:
                yield slice(begins[0], begins[0] + 1), slice(begins[1], begins[1] + 1)
                begins = [at + 1 for at in begins]
                continue
        ends, rest = list(begins), _Rest()
        while True:
            # The side that is behind goes on; at the start of a group each shows a document if it has one.
            waiting = [at for at in (0, 1) if begins[at] == ends[at] < counts[at]]
            if not rest.length and not waiting:
                break
            turn = 1 - rest.side if rest.length else waiting[0]
            if ends[turn] == counts[turn]:
                _fail_at_end(sides, align, begins, turn, ends[rest.side] - 1, rest.begin)
            shown = _content(sides[turn].documents[ends[turn]], align)
            ends[turn] += 1
            if not rest.length:
                rest = _Rest(turn, shown)
                continue
            common = min(len(shown), rest.length)
            expected = rest.content[rest.begin : rest.begin + common]
            if not shown.startswith(expected):
                at = next(at for at, (a, b) in enumerate(zip(expected, shown, strict=False)) if a != b)
                places = [(0, 0), (0, 0)]
                places[turn] = (ends[turn] - 1, at)
                places[rest.side] = (ends[rest.side] - 1, rest.begin + at)
                _fail_at(sides, places)
            rest = _Rest(turn, shown, common) if len(shown) > common else rest._replace(begin=rest.begin + common)
        yield slice(begins[0], ends[0]), slice(begins[1], ends[1])
        begins = ends


def _content(document: Document, align: Align) -> str:
    """What has to be the same on both sides: the text without white space, or a mark for each token."""
    return "." * len(document.tokens or ()) if align == "rows" else "".join(document.text.split())


def _check_tokens(sides: tuple[Side, Side]) -> None:
    for side in sides:
        for number, document in enumerate(side.documents):
            if document.tokens is None and document.text:
                raise DataError(f"--align rows needs tokens on both sides, and {side.place(number)} has none")


def _fail_at(sides: tuple[Side, Side], places: list[tuple[int, int]]) -> NoReturn:
    """Raise the error that texts part; a place is a document and a number of characters that are no white space."""
    told = []
    for side, (number, ink) in zip(sides, places, strict=True):
        document = side.documents[number]
        offset = _offset(document.text, ink)
        told.append(f"  {side.place(number, offset)}: {_around(document.text, offset)}")
    advice = "both sides have to have the same text, white space apart"
    if all(document.tokens is not None for side in sides for document in side.documents):
        advice += "; --align rows pairs row by row where a system changed tokens"
    raise DataError("\n".join(("the texts part:", *told, advice)))


def _fail_at_end(
    sides: tuple[Side, Side], align: Align, begins: list[int], ended: int, number: int, at: int
) -> NoReturn:
    """Raise the error that one side ends before the other.

    Args:
        sides: gold and predicted.
        align: what was compared.
        begins: where the group begins that has no end.
        ended: the index of the side that ends.
        number: the document of the other side at which it does.
        at: from where on this document's content has no counterpart.
    """
    if align == "rows":
        counts = [f"{sum(len(document.tokens or ()) for document in side.documents):,}" for side in sides]
        told = [f"  {side.place(begin, offset)}" for side, begin, offset in _first_uneven(sides, begins)]
        problem = (
            f"--align rows needs equally many tokens on both sides, {sides[0].name} has {counts[0]} and "
            f"{sides[1].name} {counts[1]}; from here on sentences have other lengths:"
        )
        raise DataError("\n".join((problem, *told, "mend the side that lost or gained rows")))
    other = sides[1 - ended]
    offset = _offset(other.documents[number].text, at)
    goes_on = f"  {other.place(number, offset)}: {_around(other.documents[number].text, offset)}"
    last = len(sides[ended].documents)
    told = [f"  {sides[ended].place(last)} ({last:,} documents)", goes_on]
    advice = "both sides have to have the same text; compare all of it"
    raise DataError("\n".join(("one side ends before the other:", *(told if ended == 0 else told[::-1]), advice)))


def _first_uneven(sides: tuple[Side, Side], begins: list[int]) -> Iterator[tuple[Side, int, int]]:
    """Where the first sentences of different lengths begin: of each side the document and the offset."""
    starts: list[list[tuple[int, int, int]]] = []
    for side, begin in zip(sides, begins, strict=True):
        starts.append(
            [
                (number, int(document.tokens.offsets[first, 0]), last - first)
                for number, document in enumerate(side.documents[begin:], begin)
                if document.tokens is not None
                for first, last in document.tokens.ranges()
            ]
        )
    pairs = list(zip(*starts, strict=False))
    at = next((at for at, (one, other) in enumerate(pairs) if one[2] != other[2]), len(pairs))
    for side, sentences in zip(sides, starts, strict=True):
        number, offset, _ = sentences[at] if at < len(sentences) else (len(side.documents), 0, 0)
        yield side, number, offset


def _offset(text: str, ink: int) -> int:
    """Where the next character stands after so many that are no white space."""
    for offset, character in enumerate(text):
        if not character.isspace():
            if not ink:
                return offset
            ink -= 1
    return len(text)


def _around(text: str, offset: int) -> str:
    """The text before and after a place, which is marked."""
    before, after = text[max(0, offset - _SHOWN) : offset], text[offset : offset + _SHOWN]
    cut = "..." if offset > _SHOWN else "", "..." if offset + _SHOWN < len(text) else ""
    return f"{cut[0]}{before}>>>{after}{cut[1]}".replace("\n", " ")
