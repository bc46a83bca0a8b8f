"""Files, streams and folders to write to, so that nothing half-written survives."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from elman.data.formats.compression import compressed
from elman.data.formats.files import cannot
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SPOOLED = 1 << 24


@contextlib.contextmanager
def sink(path: Path | str, container: Literal["text", "binary", "folder"]) -> Iterator[object]:
    """What a format's ``write`` takes as its second argument; see ``Format.container``.

    Raises:
        DataError: if it cannot be written.
        UsageError: if the name is that of an archive.
    """
    with {"text": written, "binary": written_binary, "folder": written_folder}[container](path) as opened:
        yield opened


@contextlib.contextmanager
def written(path: Path | str) -> Iterator[Callable[[str], object]]:
    """Write a file whole or not at all; gives a function that takes the next piece of text.

    The text goes to a file beside the one wanted, which takes its place when all is on disk; on an exception
    it is removed. Standard output (``-``) and what is not a regular file are written to directly. A name in
    ``.gz``, ``.bz2``, ``.xz`` or ``.zst`` gets a compressed file.

    Raises:
        DataError: if the file cannot be written, or if text cannot be encoded because of lone surrogates.
        UsageError: if the name is that of an archive.
    """
    with _stream(path) as stream:
        yield _encoder(stream, str(path))


@contextlib.contextmanager
def written_binary(path: Path | str) -> Iterator[IO[bytes]]:
    """The like for bytes; gives a stream in which one can seek."""
    with _stream(path) as stream:
        # Compressed streams say that they can seek, and then cannot.
        if isinstance(stream, io.BufferedRandom):
            yield stream
            return
        import tempfile

        with tempfile.SpooledTemporaryFile(_SPOOLED) as spool:
            yield spool
            spool.seek(0)
            shutil.copyfileobj(spool, stream)


@contextlib.contextmanager
def written_folder(path: Path | str) -> Iterator[Path]:
    """The like for a folder; gives an empty one, which takes the place of the one wanted.

    Raises:
        DataError: if there is a file of that name, or a folder that is not empty, or it cannot be written.
    """
    name = str(path)
    if name == "-":
        raise DataError("a folder cannot go to standard output; give it a name", name)
    target = Path(path).resolve()
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            what = "a folder that is not empty" if target.is_dir() else "a file"
            raise DataError(f"is {what}; expected a new name for a folder, or remove it first", name)
        beside = target.with_name(f".{target.name}.{os.getpid()}.part")
        beside.mkdir()
        try:
            yield beside
            if target.exists():
                target.rmdir()
            beside.rename(target)
        finally:
            if beside.exists():
                shutil.rmtree(beside)
    except OSError as error:
        raise cannot("write", error, name) from None


@contextlib.contextmanager
def _stream(path: Path | str) -> Iterator[IO[bytes]]:
    name = str(path)
    # A link stays a link: what it points to is replaced.
    target = Path(path).resolve() if name != "-" else Path(name)
    direct = name != "-" and target.exists() and not target.is_file()
    try:
        if name == "-":
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        elif direct:
            with target.open("wb") as stream:
                yield stream
        else:
            beside = target.with_name(f".{target.name}.{os.getpid()}.part")
            try:
                with beside.open("x+b") as stream:
                    with compressed(stream, name) as packed:
                        yield packed
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
        raise cannot("write", error, name) from None


def _encoder(stream: IO[bytes], name: str) -> Callable[[str], object]:
    def put(text: str) -> None:
        try:
            stream.write(text.encode())
        except UnicodeEncodeError as error:
            raise DataError(
                f"cannot write the lone surrogate {text[error.start]!r}, which is no character; mend it", name
            ) from None

    return put
