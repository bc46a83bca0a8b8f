"""Files, streams, members of archives and folders to read from, in blocks of whole lines."""

from __future__ import annotations

import codecs
import contextlib
import io
import shutil
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

from elman.data.formats.compression import (
    MAGIC,
    compression,
    decompressed,
    is_document,
    members,
    told,
    without_suffix,
)
from elman.data.formats.encoded import check_legible, decoded, peeked, whole_characters
from elman.data.formats.format import Head
from elman.errors import DataError

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Callable, Iterator

    from elman.data.formats.format import ReadReport
    from elman.data.ledger import Item

HEAD = 1 << 18
"""How many bytes of a source are looked at before it is read: enough for some thousand sentences."""

_BLOCK = 1 << 20
_SPOOLED = 1 << 24


class Reject(NamedTuple):
    """A record that could not be read.

    Attributes:
        name: the file.
        line: the line that the record begins on, counted from 1; None where there are no lines.
        problem: what is wrong with it.
        raw: the record as it stands in the file, as far as that is text.
    """

    name: str
    line: int | None
    problem: str
    raw: str


class Source:
    """A file, standard input or a folder, of which the head can be looked at before it is read.

    What is compressed is read as what is in it. An archive of one file is that file; one of several, and a
    folder, have ``members``.

    Args:
        path: the file; ``-`` is standard input.
        encoding: how its characters are encoded; a byte order mark of UTF-8 is passed over.
        rejects: takes the records that are at fault; without it the first of them is an error.
        member: the file in the archive at ``path``.

    Attributes:
        name: the path as it was given; of a member of an archive ``archive.zip!member.json``.
        stem: the file's name without folder and suffixes.
        encoding: as it was given.
        folder: the folder, if it is one.
        among: whether it is one of several files of an archive.
        peek: the head, for formats to look at.
        rejected: how many records were set aside.

    Raises:
        DataError: if it is missing, empty, or cannot be read.
    """

    def __init__(
        self,
        path: Path | str,
        encoding: str = "utf-8",
        rejects: Callable[[Reject], None] | None = None,
        *,
        member: zipfile.ZipInfo | None = None,
    ) -> None:
        self.name = str(path)
        self.encoding = encoding
        self.rejected = 0
        self._refused: Counter[Item] = Counter()
        self._rejects = rejects
        self._report: ReadReport | None = None
        self._path = path
        self._member = member
        self.among = member is not None
        self._members: list[zipfile.ZipInfo] = []
        self._stream: BinaryIO | None = None
        self._plain = member is None
        try:
            plain = "a\n".encode(encoding).endswith(b"a\n")
        except LookupError:
            raise DataError(f"there is no encoding {encoding!r}; utf-8 and latin-1 are two", self.name) from None
        if not plain:
            raise DataError(
                f"cannot be read in {encoding}, which is no extension of ASCII; convert it to UTF-8", self.name
            )
        self.folder = Path(path) if self.name != "-" and Path(path).is_dir() else None
        self.stem = "stdin" if self.name == "-" else Path(without_suffix(Path(path).name)).stem
        self._head = self._taken = b""
        if self.folder is None:
            self._look()
        text = peeked(self._head, encoding, self.name, tolerant=self.collects)
        self.peek = Head(without_suffix(self.name), self._head, text, self.folder)

    def _look(self) -> None:
        """Read the head, and unwrap an archive of one file."""
        if self.name == "-" or not Path(self._path).is_file():
            # A pipe cannot be opened twice, so it stays open after its head is read.
            self._stream = self._from_pipe()
        elif self._member is None:
            with told(self.name), self._raw() as raw:
                kind = compression(raw.read(MAGIC))
            if kind == ".zip":
                self._unwrap()
            self._plain = not kind
        if self._member is not None:
            self.name = f"{self.name}!{self._member.filename}"
            self.stem = Path(without_suffix(Path(self._member.filename).name)).stem
        if self._members:
            return
        with contextlib.nullcontext(self._stream) if self._stream else self._opened() as stream:
            head = self._block(stream, HEAD, limit=HEAD)
        self._head = head if head.endswith(b"\n") or len(head) < 2 * HEAD else whole_characters(head)
        if not self._head.strip(codecs.BOM_UTF8 + b" \t\r\n"):
            raise DataError("is empty; expected at least one document", self.name)
        self._taken = head if self._stream else b""

    def _unwrap(self) -> None:
        import zipfile

        with told(self.name), zipfile.ZipFile(self._path) as archive:
            if is_document(archive):
                return
            inside = members(archive)
        locked = [info.filename for info in inside if info.flag_bits & 1]
        if locked:
            raise DataError(f"is an archive with a password ({locked[0]}); unpack it first", self.name)
        if not inside:
            raise DataError("is an archive without a file; expected at least one document", self.name)
        if len(inside) > 1:
            self._members = inside
        else:
            self._member = inside[0]

    @property
    def head(self) -> str:
        """The first ``HEAD`` bytes or a little more, as text, to the end of a line.

        Raises:
            DataError: if it is a folder or an archive, if it is binary, or not in the encoding.
        """
        self._check_file()
        return self._decode(self._head, 1).replace("\r\n", "\n") if self.peek.text is None else self.peek.text

    def blocks(self) -> Iterator[tuple[int, str]]:
        r"""The whole source, once, in blocks of whole lines; they end with ``\n`` (``\r\n`` is made that).

        Yields:
            The number of the block's first line, counted from 1, and its text. Where rejects are collected, bytes
            that are not in the encoding stand in it as lone surrogates, and ``check_legible`` finds them.

        Raises:
            DataError: with the line, if it is binary or not in the encoding.
        """
        for number, block in self._raw_blocks():
            text = self._decode(block, number, "surrogateescape" if self.collects else "strict")
            yield number, text.replace("\r\n", "\n") if "\r" in text else text

    def lines(self) -> Iterator[tuple[int, str]]:
        r"""The lines, numbered from 1, without their ends; only ``\n`` and ``\r\n`` end a line.

        Raises:
            DataError: with the line, if it is binary or not in the encoding and rejects are not collected.
        """
        for number, block in self._raw_blocks():
            try:
                text = self._decode(block, number)
            except DataError as error:
                if self._rejects is None:
                    raise
                yield from self._legible(block, number, error)
                continue
            lines = (text.replace("\r\n", "\n") if "\r" in text else text).split("\n")
            if not lines[-1]:
                del lines[-1]
            yield from enumerate(lines, number)

    def check_legible(self, text: str, line: int) -> None:
        """Raise a ``DataError`` if lines of ``blocks``, of which this is the first, are not in the encoding."""
        check_legible(text, self.encoding, self.name, line)

    def _legible(self, block: bytes, number: int, error: DataError) -> Iterator[tuple[int, str]]:
        """Those lines of a block that can be decoded."""
        if number == 1 and self.peek.text is None and error.line == 1:
            raise error
        for at, line in enumerate(block.removesuffix(b"\n").split(b"\n"), number):
            try:
                yield at, self._decode(line, at).removesuffix("\r")
            except DataError as fault:
                self.reject(fault, line.decode(self.encoding, "backslashreplace"))

    def text(self) -> str:
        r"""The whole of a small file as it stands there, ``\r`` included, but for a byte order mark.

        Raises:
            DataError: with the line, if it is binary or not in the encoding.
        """
        return "".join([self._decode(block, number) for number, block in self._raw_blocks()])

    @contextlib.contextmanager
    def binary(self) -> Iterator[BinaryIO]:
        """The decompressed bytes as a stream in which one can seek.

        Raises:
            DataError: if it is a folder or an archive, or cannot be read.
        """
        self._check_file()
        if self._plain and self._stream is None:
            with self._opened() as stream:
                yield stream
            return
        import tempfile

        with contextlib.ExitStack() as stack:
            stream = self._stream or stack.enter_context(self._opened())
            spool = stack.enter_context(tempfile.SpooledTemporaryFile(_SPOOLED))
            spool.write(self._taken)
            with told(self.name):
                shutil.copyfileobj(stream, spool, _BLOCK)
            spool.seek(0)
            yield cast("BinaryIO", spool)

    def members(self) -> Iterator[Callable[[], Source]]:
        """Of an archive of several files, or of a folder, what opens each file; none where it is a file itself."""
        for info in self._members:
            yield partial(Source, self._path, self.encoding, self._rejects, member=info)
        if self.folder is not None:
            for path in sorted(self.folder.rglob("*")):
                hidden = any(part.startswith(".") for part in path.relative_to(self.folder).parts)
                if path.is_file() and not hidden:
                    yield partial(Source, path, self.encoding, self._rejects)

    @property
    def has_members(self) -> bool:
        """Whether it is a folder, or an archive of several files."""
        return bool(self._members) or self.folder is not None

    @property
    def collects(self) -> bool:
        """Whether records that are at fault are set aside, and are no errors."""
        return self._rejects is not None

    def reject(self, error: DataError, raw: str, item: Item = "document") -> None:
        """Set a record that is at fault aside.

        Args:
            error: what is wrong, with the line that the record begins on.
            raw: the record as it stands in the file.
            item: what the record is; one of the documents, or a part of one, a sentence say.

        Raises:
            DataError: the error itself, if nobody collects rejects.
        """
        if self._rejects is None:
            raise error
        self.rejected += 1
        self._refused[item] += 1
        if self._report is not None:
            self._report.rejected += 1
            self._report.refused[item] += 1
        self._rejects(Reject(self.name, error.line, error.problem, raw))

    def attach(self, report: ReadReport) -> None:
        """Have the records that are set aside, those before included, counted in this report."""
        self._report = report
        report.stem, report.encoding = self.stem, self.encoding
        report.rejected += self.rejected
        report.refused += self._refused

    def _check_file(self) -> None:
        if self.folder is not None:
            raise DataError("is a folder, expected a file", self.name)
        if self._members:
            raise DataError(f"is an archive of {len(self._members)} files, expected one", self.name)

    def _raw_blocks(self) -> Iterator[tuple[int, bytes]]:
        """The bytes in blocks of whole lines, each with the number of its first line."""
        self._check_file()
        with contextlib.ExitStack() as stack:
            stream = self._stream or stack.enter_context(self._opened())
            if self._stream and self.name != "-":
                stack.enter_context(stream)
            block = self._taken
            if not block.endswith(b"\n"):
                block = self._block(stream, _BLOCK, block)
            number = 1
            while block:
                yield number, block
                number += block.count(b"\n")
                block = self._block(stream, _BLOCK)

    def _block(self, stream: BinaryIO, size: int, begun: bytes = b"", limit: int = -1) -> bytes:
        """So many bytes more, unless the stream ends, and then the rest of the line or ``limit`` bytes of it."""
        with told(self.name):
            block = begun + stream.read(size)
            return block if block.endswith(b"\n") else block + stream.readline(limit)

    def _raw(self) -> BinaryIO:
        try:
            return Path(self._path).open("rb")
        except OSError as error:
            raise cannot("read", error, self.name) from None

    @contextlib.contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        """The file, or the member of the archive, decompressed."""
        with contextlib.ExitStack() as stack:
            if self._member is not None:
                import zipfile

                with told(self.name):
                    archive = stack.enter_context(zipfile.ZipFile(self._path))
                    stream: Any = stack.enter_context(archive.open(self._member))
                    kind = compression(stream.peek(MAGIC)[:MAGIC])
            else:
                stream = stack.enter_context(self._raw())
                kind = compression(stream.peek(MAGIC)[:MAGIC])
            yield decompressed(stream, "" if kind == ".zip" else kind)

    def _from_pipe(self) -> BinaryIO:
        stream = sys.stdin.buffer if self.name == "-" else self._raw()
        with told(self.name):
            magic = stream.read(MAGIC)
        kind = compression(magic)
        if kind == ".zip":
            raise DataError("is an archive, which cannot be read from a pipe; give it as a file", self.name)
        return decompressed(cast("BinaryIO", io.BufferedReader(_Joined(magic, stream))), kind)

    def _decode(self, block: bytes, number: int, errors: str = "strict") -> str:
        return decoded(block, self.encoding, self.name, number, errors)


class _Joined(io.RawIOBase):
    """A stream whose first bytes were taken from it already."""

    def __init__(self, taken: bytes, rest: BinaryIO) -> None:
        self._taken, self._rest = taken, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # a buffer of any kind
        piece = self._taken[: len(buffer)] or self._rest.read(len(buffer))
        self._taken = self._taken[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Close the pipe, but not standard input."""
        if self._rest is not getattr(sys.stdin, "buffer", None):
            self._rest.close()
        super().close()


def cannot(verb: str, error: OSError, name: str) -> DataError:
    """The error that a file cannot be read or written."""
    return DataError(f"cannot {verb} it: {error.strerror or error}", name)
