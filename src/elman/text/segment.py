"""The segmenter: an online automaton that cuts an endless stream of text into windows.

A window is a sentence with its tokens. This is the only segmenter: ``segment(text)`` feeds one chunk. Cuts
and tokens depend on the text alone, never on how it was cut into chunks. A window is handed out at the latest
when ``LOOKAHEAD`` characters behind its end have come, and mostly with the line break behind it or the first
character of the next sentence. Time is linear in the text and memory bounded, whatever the text is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from elman.errors import UsageError
from elman.text.boundaries import CLOSING, GAP, HOT, WIDE_MARK, Boundaries, Context
from elman.text.tokenizer import EXTEND, REACH, SPACE, offsets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

LOOKAHEAD = 1024
"""The most characters behind a window's end that can have a say in where it ends."""

WINDOW = 256
"""The most tokens in a window."""

_PIECE = 1 << 18  # characters of a chunk that are worked on at once
_PATIENCE = 256  # characters that wait at most before they are looked at
_MEMORY = 16  # characters and
_TOKENS = 3  # tokens before a forced cut that the rules may still look at
_SEARCHED_TOKENS = 64  # how far before the last possible token,
_SEARCHED_CHARACTERS = 256  # and before its end, a forced cut may lie
_PAUSES = frozenset(",;:–—，、；：،؛")

# What makes a gap or completes one.
_STEP = re.compile(f"[{SPACE}]|[{WIDE_MARK}{CLOSING}](?=[^{WIDE_MARK}{CLOSING}])")
# Read backwards: white space, or what follows a wide mark and its closers, which are tokens of their own
# unless they are apostrophes. Tokens before it can change no more.
_ALONE = CLOSING.replace("'", "").replace("’", "")
_STABLE = re.compile(f"[{SPACE}]|[^{EXTEND}{SPACE}{WIDE_MARK}{CLOSING}](?=[{_ALONE}]*[{WIDE_MARK}])")

_Part = tuple[int, int, bool]
"""A window as a range of tokens, and whether it ends inside a sentence."""


@dataclass(frozen=True, slots=True)
class Window:
    """A sentence and its tokens, or a part of a sentence that has more than ``WINDOW`` tokens.

    Attributes:
        start: where the first token begins, in code points from the start of the stream; any size.
        end: where the last token ends.
        tokens: n x 2, int32, ``[start, end)`` of each token, in code points **from this window's start**: add
            ``start`` for offsets in the stream. 1 <= n <= ``WINDOW``.
        forced: whether the cut at ``end`` lies inside a sentence.
        text: the text from ``start`` to ``end``, so that a consumer of a stream needs no buffer.
    """

    start: int
    end: int
    tokens: NDArray[np.int32]
    forced: bool
    text: str

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Window)
            and (self.start, self.forced, self.text) == (other.start, other.forced, other.text)
            and np.array_equal(self.tokens, other.tokens)
        )

    def __hash__(self) -> int:
        return hash((self.start, self.text))


class Segmenter:
    """Cuts a stream into windows.

    The windows cover every token of the stream, in order, none twice, and their tokens are those that
    ``tokenize`` finds in the whole text.
    """

    def __init__(self) -> None:
        self._text = ""  # what may still be needed; the positions below count in it
        self._origin = 0  # the offset of its first character in the stream
        self._arrived: list[str] = []  # what came since, not looked at yet
        self._waiting = 0  # its characters
        self._last = ""  # the last character that came
        self._pending = False  # whether a character that may belong to a token is in no window yet
        self._hot = False  # whether a sentence may end in what is not settled
        self._closed = False
        self._offsets: list[int] = []  # start, end, start, end of the tokens that can change no more
        self._open = 0  # index of the first token that is in no window yet
        self._read = 0  # where tokenizing goes on
        self._settled = 0  # gaps before are decided
        self._context = Context()

    def feed(self, chunk: str) -> list[Window]:
        """Take the next piece of the stream.

        Args:
            chunk: any number of characters, none included.

        Returns:
            The windows that nothing to come can change any more, in order.

        Raises:
            TypeError: if the chunk is not a str.
            UsageError: if the stream was closed.
        """
        if not isinstance(chunk, str):
            raise TypeError(f"expected text as str, got {type(chunk).__name__}; decode bytes first")
        if self._closed:
            raise UsageError("this segmenter is closed; make a new one for a new stream")
        windows: list[Window] = []
        for start in range(0, len(chunk), _PIECE):
            piece = chunk[start : start + _PIECE]
            self._arrived.append(piece)
            self._waiting += len(piece)
            self._pending = self._pending or not piece.isspace()
            self._hot = self._hot or (self._pending and HOT.search(piece) is not None)
            if self._waiting >= _PATIENCE or (self._hot and _STEP.search(self._last + piece)):
                windows += self._advance()
            self._last = piece[-1]
        return windows

    def close(self) -> list[Window]:
        """End the stream.

        Returns:
            The windows that remained.
        """
        self._closed = True
        return self._advance()

    def _finish(self, text: str) -> tuple[list[int], list[_Part]]:
        """Take the only piece; the tokens' offsets, and the windows as parts of them."""
        self._closed = True
        self._arrived.append(text)
        _, parts = self._look()
        return self._offsets, parts

    def _advance(self) -> list[Window]:
        """Look at what came; hand out what is certain and forget it."""
        starts, parts = self._look()
        windows = [self._window(*part) for part in parts]
        self._forget(starts)
        return windows

    def _look(self) -> tuple[list[int], list[_Part]]:
        """Look at what came: where tokens start, and the windows that are certain."""
        text = self._text = self._text + "".join(self._arrived)
        self._arrived.clear()
        self._waiting = 0
        limit = self._tokenize()
        starts, ends = self._offsets[0::2], self._offsets[1::2]
        cuts = self._cuts(starts, ends, limit)
        parts = list(self._divide(starts, ends, cuts))
        self._context.advance(text, self._settled, starts)
        self._pending = self._open < len(starts) or text[self._read :].strip() != ""
        self._hot = self._hot and self._pending
        return starts, parts

    def _tokenize(self) -> int:
        """Append the tokens that can change no more.

        Returns:
            A place that they do not cross: every token that begins before it is among them.
        """
        text = self._text
        limit = len(text)
        if not self._closed:
            tail = text[max(self._read, limit - REACH) :]
            stable = _STABLE.search(tail[::-1])
            limit = limit - 1 - stable.start() if stable else max(self._read, limit - REACH)
        if limit > self._read:
            found = offsets(text, self._read)
            self._offsets += found[: 2 * bisect_left(found[0::2], limit)]
            self._read = max(limit, self._offsets[-1]) if self._offsets else limit
        return limit

    def _cuts(self, starts: list[int], ends: list[int], limit: int) -> list[int]:
        """The sentence ends, each as the index of the token behind it; notes how far gaps are decided."""
        text = self._text
        boundaries = Boundaries(text, starts, ends, self._closed, self._context)
        cuts: list[int] = []
        for gap in GAP.finditer(text, self._settled):
            start, end = gap.span()
            if text[start] in WIDE_MARK:
                start = end
            if start > limit:
                break
            verdict = boundaries.decide(start, end)
            if verdict is None:
                self._settled, self._hot = start, True
                return cuts
            if verdict:
                cuts.append(bisect_left(starts, start))
            self._settled = end
        self._settled = max(self._settled, ends[-1] if ends else limit)
        self._hot = HOT.search(text, self._settled) is not None
        return cuts

    def _divide(self, starts: list[int], ends: list[int], cuts: list[int]) -> Iterator[_Part]:
        """The windows."""
        if self._closed:
            cuts = [*cuts, len(starts)]
        first = self._open
        for cut in cuts:
            while cut - first > WINDOW:
                stop = self._inside(first, starts, ends)
                yield first, stop, True
                first = stop
            if cut > first:
                yield first, cut, False
                first = cut
        while len(starts) - first > WINDOW and ends[first + WINDOW] <= self._settled:
            stop = self._inside(first, starts, ends)
            yield first, stop, True
            first = stop
        self._open = first

    def _inside(self, first: int, starts: list[int], ends: list[int]) -> int:
        """Where to cut inside a sentence, as late as may be: behind a pause, at white space, or anywhere."""
        latest = first + WINDOW
        near = bisect_left(ends, ends[latest - 1] - _SEARCHED_CHARACTERS) + 1
        earliest = max(latest - _SEARCHED_TOKENS, near)
        cuts = range(latest, earliest - 1, -1)
        pauses = (cut for cut in cuts if self._text[starts[cut - 1] : ends[cut - 1]] in _PAUSES)
        spaces = (cut for cut in cuts if ends[cut - 1] < starts[cut])
        return next(pauses, None) or next(spaces, latest)

    def _window(self, first: int, stop: int, forced: bool) -> Window:
        tokens = np.array(self._offsets[2 * first : 2 * stop], dtype=np.int32)
        start, end = self._offsets[2 * first], self._offsets[2 * stop - 1]
        tokens -= start
        tokens.flags.writeable = False
        text = self._text[start:end]
        return Window(self._origin + start, self._origin + end, tokens.reshape(-1, 2), forced, text)

    def _forget(self, starts: list[int]) -> None:
        """Drop the text and the tokens that no rule will look at again."""
        kept = self._open
        if kept == len(starts):
            needed = min(self._read, self._settled)
        else:
            while kept > max(0, self._open - _TOKENS) and starts[kept - 1] >= self._context.sentence:
                kept -= 1
            needed = starts[kept]
        drop = max(0, needed - _MEMORY)
        if not drop and not kept:
            return
        self._offsets = [offset - drop for offset in self._offsets[2 * kept :]]
        self._open -= kept
        self._text = self._text[drop:]
        self._origin += drop
        self._read -= drop
        self._settled -= drop
        self._context.shift(drop)


def segment(text: str) -> list[Window]:
    """Cut a text into windows: exactly ``feed`` and ``close`` of a new ``Segmenter``.

    Args:
        text: any text.

    Returns:
        The windows, in order.

    Raises:
        TypeError: if the text is not a str.
    """
    segmenter = Segmenter()
    return segmenter.feed(text) + segmenter.close()


class Cut(NamedTuple):
    """A whole text in windows.

    Attributes:
        offsets: of its tokens, n x 2, int32, in code points.
        starts: the index of each window's first token, int32.
        forced: whether each window ends inside a sentence.
    """

    offsets: NDArray[np.int32]
    starts: NDArray[np.int32]
    forced: NDArray[np.bool_]


def in_windows(text: str) -> Cut:
    """The same windows as arrays, which is faster where a text is at hand as a whole.

    Raises:
        TypeError: if the text is not a str.
    """
    if isinstance(text, str) and len(text) <= _PIECE:
        found, parts = Segmenter()._finish(text)
        offsets = np.array(found, np.int32).reshape(-1, 2)
        starts, forced = [first for first, _, _ in parts], [inside for _, _, inside in parts]
    else:
        windows = segment(text)
        pieces = [window.tokens + np.int32(window.start) for window in windows]
        offsets = np.concatenate([np.zeros((0, 2), np.int32), *pieces])
        counts = [len(piece) for piece in pieces]
        starts = [0, *accumulate(counts)][: len(counts)]
        forced = [window.forced for window in windows]
    return Cut(offsets, np.array(starts, np.int32), np.array(forced, bool))
