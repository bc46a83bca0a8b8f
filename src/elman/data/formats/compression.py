"""Compressed files and archives: read as what is in them, and written by the suffix of the name."""

from __future__ import annotations

import contextlib
import io
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from elman.errors import DataError, UsageError
from elman.extras import needs

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

SUFFIXES = (".gz", ".bz2", ".xz", ".zst", ".zip")
"""Of names of compressed files; what stands before them tells the format."""

MAGIC = 6
"""How many bytes tell a compression."""

_MARKS = (
    (b"\x1f\x8b", ".gz"),
    (b"BZh", ".bz2"),
    (b"\xfd7zXZ\x00", ".xz"),
    (b"\x28\xb5\x2f\xfd", ".zst"),
    (b"PK\x03\x04", ".zip"),
    (b"PK\x05\x06", ".zip"),
)


# Whose errors are those of damaged files; named, so that they need not be imported to be caught.
_LIBRARIES = frozenset({"zlib", "lzma", "_lzma", "zipfile", "zstandard", "gzip"})


def compression(magic: bytes) -> str:
    """The suffix of the compression that a file of this beginning has, "" for none."""
    return next((suffix for mark, suffix in _MARKS if magic.startswith(mark)), "")


def without_suffix(name: str) -> str:
    """A name without the suffix of its compression."""
    return name[: -len(suffix)] if (suffix := PurePath(name).suffix).lower() in SUFFIXES else name


def decompressed(stream: BinaryIO, suffix: str) -> BinaryIO:
    """What is in a compressed stream, as a stream; closing it closes the other where this opened it.

    Raises:
        UsageError: if ``zstandard`` is needed and not there.
    """
    opened: Any = stream
    # Imported where they are needed: most files are not compressed.
    if suffix == ".gz":
        import gzip

        opened = gzip.GzipFile(fileobj=stream)
    elif suffix == ".bz2":
        import bz2

        opened = bz2.BZ2File(stream)
    elif suffix == ".xz":
        import lzma

        opened = lzma.LZMAFile(stream)  # noqa: SIM115  # whoever reads closes it
    elif suffix == ".zst":
        with needs("zstd", "reading .zst files"):
            import zstandard
        reader = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
        opened = io.BufferedReader(cast("Any", reader))
    return cast("BinaryIO", opened)


@contextlib.contextmanager
def compressed(stream: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    """A stream to write to, compressed as the name's suffix says; the stream given stays open.

    Raises:
        UsageError: if the name is that of an archive, or ``zstandard`` is needed and not there.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix == ".zip":
        raise UsageError(f"{name}: archives are read, not written; give a name in .gz, .bz2, .xz or .zst, or none")
    writer: Any
    if suffix == ".gz":
        import gzip

        # Neither name nor time: the same documents give the same file.
        writer = gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0)
    elif suffix == ".bz2":
        import bz2

        writer = bz2.BZ2File(stream, "wb")
    elif suffix == ".xz":
        import lzma

        writer = lzma.LZMAFile(stream, "wb")  # noqa: SIM115  # closed below
    elif suffix == ".zst":
        with needs("zstd", "writing .zst files"):
            import zstandard
        writer = zstandard.ZstdCompressor().stream_writer(stream, closefd=False)
    else:
        yield stream
        return
    with writer:
        yield writer


def members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files in an archive that can hold data, in order; what a system leaves there on its own is passed over."""
    return [
        info
        for info in archive.infolist()
        if not info.is_dir()
        and not info.filename.startswith("__MACOSX/")
        and not PurePath(info.filename).name.startswith(".")
    ]


def is_document(archive: zipfile.ZipFile) -> bool:
    """Whether a zip is no archive but a document that is stored as one, as DOCX, ODT and EPUB are."""
    names = set(archive.namelist())
    return "[Content_Types].xml" in names or "mimetype" in names


@contextlib.contextmanager
def told(name: str) -> Iterator[None]:
    """Around reading: damage to a compressed file is told as an error in the data.

    Raises:
        DataError: for what the libraries raise.
    """
    try:
        yield
    except OSError as error:
        # gzip and bz2 say so of damage, without a number.
        if error.errno is not None:
            raise DataError(f"cannot read it: {error.strerror}", name) from None
        raise _damaged(error, name) from None
    except NotImplementedError as error:
        raise DataError(f"is compressed in a way that is not known: {error}; unpack it first", name) from None
    except EOFError as error:
        raise _damaged(error, name) from None
    except Exception as error:
        if type(error).__module__.partition(".")[0] in _LIBRARIES:
            raise _damaged(error, name) from None
        raise


def _damaged(error: Exception, name: str) -> DataError:
    return DataError(f"is damaged or cut off: {error}; get it anew", name)
