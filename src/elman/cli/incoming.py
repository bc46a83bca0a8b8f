"""Standard input as it comes: what is there is read at once, and SIGTERM is an end like any other."""

from __future__ import annotations

import codecs
import io
import os
import select
import signal
import sys
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, Literal

from elman.data.formats.encoded import MARKS
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType, TracebackType

    Errors = Literal["strict", "replace"]

NAME = "-"
"""What standard input is called in messages."""

_BLOCK = 1 << 16
_MOST = 1 << 20  # bytes that are handed on together at most,
_PATIENCE = 0.001  # if each block of them comes within so many seconds after the one before


class Incoming:
    """The bytes of standard input as they come: little at a time if it comes slowly, much if much is there.

    It is a context: within, SIGTERM ends the input where it is, even while it is waited for, and does nothing else.

    Attributes:
        stopped: whether it was ended so.
    """

    def __init__(self) -> None:
        # Without a standard input Python has None.
        stdin: object = sys.stdin
        if stdin is None:
            raise UsageError("expected text on standard input, which is closed")
        self._stream: BinaryIO = sys.stdin.buffer
        self.stopped = False
        self._over = False

    def __enter__(self) -> Incoming:
        # The signal writes into a pipe, so that no moment is left in which it comes and the wait begins all the same.
        self._wake, self._woken = os.pipe()
        os.set_blocking(self._woken, False)
        self._wakes_before = signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
        self._before = signal.signal(signal.SIGTERM, self._stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGTERM, self._before)
        signal.set_wakeup_fd(self._wakes_before)
        os.close(self._wake)
        os.close(self._woken)

    def __iter__(self) -> Iterator[bytes]:
        try:
            place: int | None = self._stream.fileno()
        except io.UnsupportedOperation:
            place = None
        while block := self._read(place):
            yield block

    def _read(self, place: int | None) -> bytes:
        """What is there, at least a byte unless it is over."""
        if place is None:
            return b"" if self.stopped else self._stream.read(_BLOCK)
        # On Windows only sockets can be waited for, and nothing sends SIGTERM.
        waits = os.name != "nt"
        while (
            waits and not self.stopped and not self._over and place not in select.select([place, self._wake], [], [])[0]
        ):
            os.read(self._wake, 512)  # some signal, whose handler has run by now
        blocks: list[bytes] = []
        while not self.stopped and not self._over and sum(map(len, blocks)) < _MOST:
            if blocks and (not waits or not select.select([place], [], [], _PATIENCE)[0]):
                break
            blocks.append(os.read(place, _BLOCK))
            self._over = not blocks[-1]
        return b"".join(blocks)

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self.stopped = True


def texts(blocks: Iterable[bytes], errors: Errors = "strict", cut_off: Callable[[], bool] = bool) -> Iterator[str]:
    """Text of UTF-8 that comes in blocks cut anywhere, within characters too; a byte order mark is passed over.

    Args:
        blocks: of bytes.
        errors: ``strict``: bytes that are not UTF-8, and the zero byte, which text has not, are an error, after the
            text before them. ``replace``: each stretch that cannot be a character, as ``bytes.decode`` finds them,
            becomes one U+FFFD, and a zero byte the control character that it is: offsets are those in
            ``data.decode("utf-8", "replace")`` without the mark.
        cut_off: asked at the end: whether the input was ended from outside, so that the beginning of a last character
            is nobody's fault.

    Raises:
        DataError: with the line and the byte's offset in the stream, from 0; also if the text is in UTF-16 or UTF-32,
            which is not replaced.
    """
    done, blocks = _after_mark(iter(blocks))
    decoder = codecs.getincrementaldecoder("utf-8")(errors)
    line = 1
    for block in chain(filter(None, blocks), [b""]):
        last = not block
        if last and cut_off():
            return
        data = decoder.getstate()[0] + block
        try:
            text, fault = decoder.decode(block, last), -1
        except UnicodeDecodeError as error:
            text, fault = data[: error.start].decode(), error.start
        if errors == "strict" and "\0" in text:
            fault = data.index(0)
            text = data[:fault].decode()
        if text:
            yield text
        line += text.count("\n")
        if fault >= 0:
            what = "expected utf-8" if data[fault] else "expected text, got binary data or another encoding"
            raise DataError(
                f"{what}: the byte 0x{data[fault]:02x} at offset {done + fault:,} of the stream; convert it to UTF-8, "
                "or let --errors replace pass over it",
                NAME,
                line,
            )
        done += len(data) - len(decoder.getstate()[0])


def _after_mark(blocks: Iterator[bytes]) -> tuple[int, Iterator[bytes]]:
    """How many bytes the mark at the start has, and the blocks behind it."""
    head = b""
    marks = (codecs.BOM_UTF8, *(mark for mark, _ in MARKS))
    for block in blocks:
        head += block
        if not any(mark.startswith(head) and mark != head for mark in marks):
            break
    for mark, encoding in MARKS:
        if head.startswith(mark):
            raise DataError(f"is in {encoding}, expected utf-8; convert it to UTF-8", NAME, 1)
    begun = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    return begun, chain([head[begun:]], blocks)


def lines(pieces: Iterable[str], cut_off: Callable[[], bool] = bool) -> Iterator[list[str]]:
    r"""The lines of a text that comes in pieces, without their ends (``\n``), as many as are whole by then.

    The last list has the rest, which no line feed ends, unless there is none, or the text was cut off.
    """
    open_line: list[str] = []
    for piece in pieces:
        first, *whole = piece.split("\n")
        open_line.append(first)
        if whole:
            yield ["".join(open_line), *whole[:-1]]
            open_line = [whole[-1]]
    if open_line and not cut_off() and (rest := "".join(open_line)):
        yield [rest]
