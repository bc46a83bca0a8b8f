"""Files and streams: read in blocks of whole lines, written so that nothing half-written survives."""

from __future__ import annotations

import codecs
import contextlib
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAD = 1 << 18
"""How many bytes of a source are looked at before it is read: enough for some thousand sentences."""

_BLOCK = 1 << 20
_MARKS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Source:
    """A file or standard input, of which the head can be looked at before it is read from the beginning.

    Args:
        path: the file; ``-`` is standard input.
        encoding: how its characters are encoded; a byte order mark of UTF-8 is passed over.

    Attributes:
        name: the path as it was given.
        stem: the file's name without folder and suffix.
        head: the first ``HEAD`` bytes or a little more, as text, to the end of a line.

    Raises:
        DataError: if the file is missing, empty, a folder, or cannot be read; if its head is binary or not in
            the encoding.
    """

    def __init__(self, path: Path | str, encoding: str = "utf-8") -> None:
        self.name = str(path)
        self.encoding = encoding
        self.stem = "stdin" if self.name == "-" else Path(path).stem
        self._stream: BinaryIO | None = None
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise DataError(f"there is no encoding {encoding!r}; utf-8 and latin-1 are two", self.name) from None
        if self.name == "-":
            self._stream = sys.stdin.buffer
        elif not Path(path).is_file():
            # A pipe cannot be opened twice, so it stays open after its head is read.
            self._stream = self._opened()
        with contextlib.nullcontext(self._stream) if self._stream else self._opened() as stream:
            head = _block(stream, HEAD)
        if not head.strip(codecs.BOM_UTF8 + b" \t\r\n"):
            raise DataError("is empty; expected at least one document", self.name)
        self.head = self._decode(head, 1)
        self._taken = head if self._stream else b""

    def blocks(self) -> Iterator[tuple[int, str]]:
        r"""The whole source, once, in blocks of whole lines; they end with ``\n`` (``\r\n`` is made that).

        Yields:
            The number of the block's first line, counted from 1, and its text.

        Raises:
            DataError: with the line, if it is binary or not in the encoding.
        """
        with contextlib.ExitStack() as stack:
            stream = self._stream or self._opened()
            if self.name != "-":
                stack.enter_context(stream)
            block = self._taken or _block(stream, _BLOCK)
            number = 1
            while block:
                yield number, self._decode(block, number)
                number += block.count(b"\n")
                block = _block(stream, _BLOCK)

    def _opened(self) -> BinaryIO:
        try:
            return Path(self.name).open("rb")
        except OSError as error:
            raise _cannot("read", error, self.name) from None

    def _decode(self, block: bytes, number: int) -> str:
        for mark, encoding in _MARKS:
            if number == 1 and block.startswith(mark):
                raise DataError(f"is in {encoding}, expected {self.encoding}; convert it to UTF-8", self.name, 1)
        if b"\0" in block:
            line = number + block.count(b"\n", 0, block.index(b"\0"))
            raise DataError("expected text, got binary data (a zero byte)", self.name, line)
        if number == 1 and block.startswith(codecs.BOM_UTF8):
            block = block[len(codecs.BOM_UTF8) :]
        try:
            text = block.decode(self.encoding)
        except UnicodeDecodeError as error:
            line = number + block.count(b"\n", 0, error.start)
            raise DataError(
                f"expected {self.encoding}, got the byte 0x{block[error.start]:02x}; "
                "convert the file, or name its encoding (latin-1, say)",
                self.name,
                line,
            ) from None
        return text.replace("\r\n", "\n") if "\r" in text else text


def _block(stream: BinaryIO, size: int) -> bytes:
    """At least this many bytes, unless the stream ends, and then the rest of the line."""
    block = stream.read(size)
    return block if block.endswith(b"\n") else block + stream.readline()


def _cannot(verb: str, error: OSError, name: str) -> DataError:
    return DataError(f"cannot {verb} it: {error.strerror or error}", name)


@contextlib.contextmanager
def written(path: Path | str) -> Iterator[Callable[[str], object]]:
    """Write a file whole or not at all; gives a function that takes the next piece of text.

    The text goes to a file beside the one wanted, which takes its place when all is on disk; on an exception
    it is removed. Standard output (``-``) and what is not a regular file are written to directly.

    Raises:
        DataError: if the file cannot be written, or if text cannot be encoded because of lone surrogates.
    """
    name = str(path)
    # A link stays a link: what it points to is replaced.
    target = Path(path).resolve() if name != "-" else Path(name)
    direct = name != "-" and target.exists() and not target.is_file()
    try:
        if name == "-":
            yield _encoder(sys.stdout.buffer, name)
            sys.stdout.buffer.flush()
        elif direct:
            with target.open("wb") as stream:
                yield _encoder(stream, name)
        else:
            beside = target.with_name(f".{target.name}.{os.getpid()}.part")
            try:
                with beside.open("xb") as stream:
                    yield _encoder(stream, name)
                    stream.flush()
                    os.fsync(stream.fileno())
                if target.exists():
                    shutil.copymode(target, beside)
                beside.replace(target)
            finally:
                beside.unlink(missing_ok=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _cannot("write", error, name) from None


def _encoder(stream: BinaryIO, name: str) -> Callable[[str], object]:
    def put(text: str) -> None:
        try:
            stream.write(text.encode())
        except UnicodeEncodeError as error:
            raise DataError(
                f"cannot write the lone surrogate {text[error.start]!r}, which is no character; mend it", name
            ) from None

    return put
