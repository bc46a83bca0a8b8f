"""From a file of pretrained vectors, whatever its format, to :class:`Vectors`."""

from __future__ import annotations

import lzma
import re
from pathlib import Path
from typing import TYPE_CHECKING

from elman.errors import DataError
from elman.features.vectors.arrays import read_npy, read_npz
from elman.features.vectors.binary import read_binary
from elman.features.vectors.compact import read_compact
from elman.features.vectors.navec import read_navec
from elman.features.vectors.numbers import is_number
from elman.features.vectors.source import open_source
from elman.features.vectors.text import dimensions, parse_header, read_text
from elman.features.vectors.wink import read_wink

if TYPE_CHECKING:
    from collections.abc import Callable

    from elman.features.vectors.source import Source
    from elman.features.vectors.table import Vectors

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_JSON_VECTORS = re.compile(rb'"(vectors|wordIndex|l2NormIndex)"\s*:')
_FORMATS = (
    "GloVe, word2vec (text or binary), fastText .vec, NumPy .npy or .npz, Navec .tar, wink JSON, "
    "Elman's compact .safetensors, each also under gzip or xz"
)


def read_vectors(path: Path | str, limit: int | None = None) -> Vectors:
    """Read pretrained word vectors; the content says which format it is, not the name.

    Formats: GloVe text (no header; a word may hold spaces), word2vec text and fastText ``.vec`` (header
    ``n d``), word2vec binary, a NumPy ``.npy`` with ``x.txt`` or ``words.txt`` beside ``x.npy``, a NumPy
    ``.npz`` with both, a Navec ``.tar``, the JSON of the wink-embeddings packages, and what ``write_compact``
    writes; all of them also compressed with gzip or xz. Of a folder, the one file in it that is one of these.

    Args:
        path: a file or a folder.
        limit: read at most so many words. Files have the most frequent words first by custom; a Navec
            archive, which counts its words, is put in that order.

    Returns:
        The vectors, most frequent words first. Of a word that comes twice the first is kept; words that are
        not UTF-8 are left out; both are counted.

    Raises:
        DataError: with the line where there are lines: a missing, empty, cut or unknown file, a row of
            another length than the others, what is not a number, NaN and infinities.
        ValueError: if ``limit`` is below 1.
    """
    path = Path(path)
    if limit is not None and limit < 1:
        raise ValueError(f"a limit has to be at least 1 word, got {limit}")
    try:
        if path.is_dir():
            path = _only_file(path)
        with open_source(path) as source:
            if not source.head.strip():
                raise DataError("expected word vectors, got an empty file; check that it is complete", path)
            reader = _reader(source.head)
            if reader is None:
                raise DataError(f"expected word vectors as {_FORMATS}; {_guess(source.head)}", path)
            return reader(source, limit)
    except (EOFError, lzma.LZMAError) as error:
        raise DataError(f"the compressed file is damaged or cut: {error}; get it again", path) from error
    except OSError as error:
        raise DataError(f"expected a file of word vectors: {error.strerror or error}; check it", path) from error


def _reader(head: bytes) -> Callable[[Source, int | None], Vectors] | None:
    """The reader of the format that a file begins like, if there is one."""
    if head.startswith(b"\x93NUMPY"):
        return read_npy
    if head.startswith(b"PK\x03\x04"):
        return read_npz
    if head[257:262] == b"ustar":
        return read_navec
    if head[8:9] == b"{" and b'"codes"' in head:
        return read_compact
    if head.lstrip().startswith(b"{") and _JSON_VECTORS.search(head):
        return read_wink
    if _is_binary(head):
        return read_binary
    return read_text if dimensions(head) else None


def _is_binary(head: bytes) -> bool:
    """Whether float32 follow the header ``n d``, and not their decimals."""
    header = parse_header(head)
    if header is None:
        return False
    _, d, length = header
    row = head[length:].partition(b"\n")[0].rstrip().split(b" ")
    if len(row) > d and all(map(is_number, row[len(row) - d :])):
        return False
    sample = head[length : length + 256]
    # The last character of the sample may be cut, which is no sign of anything.
    return bool(_CONTROL.search(sample)) or "\N{REPLACEMENT CHARACTER}" in sample.decode("utf-8", "replace")[:-1]


def _guess(head: bytes) -> str:
    if head.startswith(b"\xba\x16\x4f\x2f"):
        return "this is a whole fastText model, take its .vec file"
    if head.startswith(b"\x80"):
        return "this looks like a pickle, which is never loaded; save the vectors as word2vec text"
    return "this is none of them"


def _only_file(folder: Path) -> Path:
    found = [path for path in sorted(folder.iterdir()) if path.is_file() and _is_vectors(path)]
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise DataError(f"expected one file of word vectors in the folder, found {names}; name the file", folder)
    return found[0]


def _is_vectors(path: Path) -> bool:
    try:
        with open_source(path) as source:
            return _reader(source.head) is not None
    except (OSError, EOFError, lzma.LZMAError):
        return False
