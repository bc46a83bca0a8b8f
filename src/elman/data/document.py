"""What a labelled text is: immutable values, offsets in Unicode code points, half-open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, overload

import numpy as np

from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

ENTITIES = "entities"
"""The layer that spans belong to unless they say otherwise."""


def _check_bounds(start: int, end: int, what: str) -> None:
    if start < 0 or end <= start:
        raise DataError(
            f"a {what} has to have 0 <= start < end, got start {start}, end {end}; "
            "offsets are code points, and the end is exclusive"
        )


def _integers(values: ArrayLike, what: str) -> NDArray[np.integer]:
    """An array of whole numbers; an empty one may come in any type."""
    try:
        array = np.asarray(values)
    except (ValueError, OverflowError):
        array = np.array("ragged")
    if not array.size:
        return np.zeros(0, dtype=np.int64)
    if array.dtype.kind not in "iu":
        raise DataError(f"{what} have to be whole numbers in rows of one length, got {str(values)[:60]}")
    return array


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled piece of a text.

    Attributes:
        start: offset of the first code point.
        end: offset one past the last code point; greater than ``start``.
        label: the type, such as ``"PERSON"``.
        layer: the annotation layer; entities, sentences, parts of speech are different layers.
        score: the probability in [0, 1] that the span is right, if something computed one.
        id: a name by which relations refer to the span.

    Raises:
        DataError: if the offsets are negative or out of order.
    """

    start: int
    end: int
    label: str
    layer: str = ENTITIES
    score: float | None = None
    id: str | None = None

    def __post_init__(self) -> None:
        # Compared here too: there are many spans, and a call takes longer than this.
        if self.start < 0 or self.end <= self.start:
            _check_bounds(self.start, self.end, "span")

    @property
    def key(self) -> tuple[str, int, int, str]:
        """``(layer, start, end, label)``: what all matching compares."""
        return self.layer, self.start, self.end, self.label


@dataclass(frozen=True, slots=True)
class Region:
    """A piece of a text that nobody annotated in one layer: unknown there, which is not the same as O."""

    start: int
    end: int
    layer: str = ENTITIES

    def __post_init__(self) -> None:
        _check_bounds(self.start, self.end, "region")


@dataclass(frozen=True, slots=True)
class Relation:
    """A directed relation between two spans, named by their ids."""

    head: str
    tail: str
    label: str
    score: float | None = None


class Token(NamedTuple):
    """One token: its offsets and its text."""

    start: int
    end: int
    text: str


class Tokens(Sequence[Token]):
    """The tokens of one text as an immutable array of offsets that yields a ``Token`` on access.

    Attributes:
        text: the text that the offsets point into.
        offsets: n x 2, int32, ``[start, end)`` of each token; ascending and without overlap.
        sentences: indices of the tokens that begin a sentence, int32, ascending; the first is 0 unless there
            is no token.
        columns: other columns of the file that the tokens came from, each as long as the tokens.

    Raises:
        DataError: if a token is empty, lies outside the text, or overlaps its neighbour; if a sentence is
            empty; if a column is not as long as the tokens.
    """

    __slots__ = ("columns", "offsets", "sentences", "text")

    text: str
    offsets: NDArray[np.int32]
    sentences: NDArray[np.int32]
    columns: Mapping[str, tuple[str, ...]]

    def __init__(
        self,
        text: str,
        offsets: ArrayLike,
        sentences: ArrayLike | None = None,
        columns: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.text = text
        array = _integers(offsets, "token offsets")
        if array.size and (array.ndim != 2 or array.shape[1] != 2):
            raise DataError(f"token offsets have to be pairs of start and end, got an array of {array.shape}")
        array = array.reshape(-1, 2)
        if len(array):
            wrong = array[:, 1] <= array[:, 0]
            wrong[1:] |= array[1:, 0] < array[:-1, 1]
            if wrong.any() or array[0, 0] < 0 or array[-1, 1] > len(text):
                at = int(wrong.argmax()) if wrong.any() or array[0, 0] < 0 else len(array) - 1
                raise DataError(
                    f"token {at} has offsets {array[at].tolist()}; tokens have to be non-empty, ascending, "
                    f"without overlap, and inside the text of {len(text)} characters"
                )
        first = [0] if len(array) else []
        starts = _integers(first if sentences is None else sentences, "sentence starts")
        if starts.ndim != 1 or (
            starts[:1].tolist() != first or (starts[1:] <= starts[:-1]).any() or (starts >= len(array)).any()
        ):
            raise DataError(
                f"sentence starts have to ascend from 0 and stay below {len(array)} tokens, got {starts.tolist()[:10]}"
            )
        self.columns = MappingProxyType({name: tuple(values) for name, values in (columns or {}).items()})
        for name, values in self.columns.items():
            if len(values) != len(array):
                raise DataError(f"column {name!r} has {len(values)} values for {len(array)} tokens")
        # Only now, when they are checked: what is too large for int32 was an error and not another number.
        self.offsets, self.sentences = array.astype(np.int32), starts.astype(np.int32)
        self.offsets.flags.writeable = False
        self.sentences.flags.writeable = False

    def __len__(self) -> int:
        return len(self.offsets)

    @overload
    def __getitem__(self, index: int) -> Token: ...
    @overload
    def __getitem__(self, index: slice) -> list[Token]: ...
    def __getitem__(self, index: int | slice) -> Token | list[Token]:
        if isinstance(index, slice):
            return [self._token(start, end) for start, end in self.offsets[index].tolist()]
        start, end = self.offsets[index].tolist()
        return self._token(start, end)

    def _token(self, start: int, end: int) -> Token:
        return Token(start, end, self.text[start:end])

    @property
    def surfaces(self) -> list[str]:
        """The tokens' texts."""
        return [self.text[start:end] for start, end in self.offsets.tolist()]

    def ranges(self) -> Iterator[tuple[int, int]]:
        """The sentences, each as a half-open range of token indices."""
        yield from pairwise((*self.sentences.tolist(), len(self)))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Tokens)
            and self.text == other.text
            and np.array_equal(self.offsets, other.offsets)
            and np.array_equal(self.sentences, other.sentences)
            and self.columns == other.columns
        )

    def __hash__(self) -> int:
        return hash((self.text, self.offsets.tobytes()))

    def __repr__(self) -> str:
        return f"Tokens({len(self)} tokens, {len(self.sentences)} sentences)"

    def __reduce__(self) -> tuple[type[Tokens], tuple[object, ...]]:
        return type(self), (self.text, self.offsets, self.sentences, dict(self.columns))


@dataclass(frozen=True, slots=True)
class Document:
    """A text and all that is known of it.

    Attributes:
        text: the text as given; nothing here ever changes it.
        spans: labelled pieces, any number of layers, nested and overlapping ones included.
        relations: between spans that have ids.
        unknown: regions that nobody annotated.
        labels: classes of the whole document.
        tokens: the tokens that came with the text, or None where it came without.
        id: the document's name.
        meta: whatever else its source said of it.

    Raises:
        DataError: if a span or region ends outside the text, or a relation names a span that is not there.
    """

    text: str
    spans: tuple[Span, ...] = ()
    relations: tuple[Relation, ...] = ()
    unknown: tuple[Region, ...] = ()
    labels: tuple[str, ...] = ()
    tokens: Tokens | None = None
    id: str | None = None
    meta: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        pieces: tuple[Span | Region, ...] = (*self.spans, *self.unknown)
        for piece in pieces:
            if piece.end > len(self.text):
                raise DataError(
                    f"{piece} ends outside the text, which has {len(self.text)} characters; "
                    "offsets have to be code points of this very text"
                )
        if self.relations:
            ids = {span.id for span in self.spans}
            for relation in self.relations:
                for end in (relation.head, relation.tail):
                    if end not in ids:
                        raise DataError(f"{relation} names the span {end!r}, which this document does not have")
        if self.tokens is not None and self.tokens.text != self.text:
            raise DataError("the tokens point into another text than the document's; build them from document.text")

    def layer(self, name: str = ENTITIES) -> tuple[Span, ...]:
        """The spans of one layer, in the order in which they were given."""
        return tuple(span for span in self.spans if span.layer == name)

    def surface(self, span: Span | Region) -> str:
        """The text that a span covers."""
        return self.text[span.start : span.end]
