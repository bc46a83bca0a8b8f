"""Vectors as NumPy arrays, with the words in the same file or beside it."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.errors import DataError
from elman.features.vectors.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from elman.features.vectors.source import Source
    from elman.features.vectors.table import Vectors


def read_npy(source: Source, limit: int | None) -> Vectors:
    """Read a matrix, words x d, from an ``.npy`` file, and its words from a list of them beside it.

    For ``x.npy`` the list is ``x.txt`` or ``words.txt``: UTF-8, a word a line, as many as rows.

    Args:
        source: the file.
        limit: at most so many words.

    Raises:
        DataError: if the array is not two-dimensional float, the list is missing or of another length.
    """
    path = source.path
    try:
        if source.compressed:
            array = np.load(source.stream, allow_pickle=False)
        else:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise DataError(f"expected a NumPy array of floats that is complete and not pickled: {error}", path) from error
    return _rows(array, _words_beside(path), path, limit)


def read_npz(source: Source, limit: int | None) -> Vectors:
    """Read the one matrix of floats and the one list of strings in an ``.npz`` file.

    Without a list in it, it lies beside it as for :func:`read_npy`.

    Args:
        source: the file.
        limit: at most so many words.

    Raises:
        DataError: as :func:`read_npy` does, and if there is more than one of either.
    """
    path = source.path
    try:
        with np.load(source.stream, allow_pickle=False) as archive:
            arrays = [archive[name] for name in archive.zip.namelist() if name.endswith(".npy")]
    except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise DataError(
            f"expected NumPy arrays, complete and not pickled (words as strings, not as objects): {error}",
            path,
        ) from error
    matrices = [array for array in arrays if array.dtype.kind == "f" and array.ndim == 2]
    lists = [array for array in arrays if array.dtype.kind in "US" and array.ndim == 1]
    if len(matrices) != 1 or len(lists) > 1:
        raise DataError(
            f"expected one matrix of floats and one list of words, got {len(matrices)} and {len(lists)}; "
            "save with np.savez(path, words=words, matrix=matrix), or unpack an archive of other files",
            path,
        )
    words = [_bytes(word) for word in lists[0].tolist()] if lists else _words_beside(path)
    return _rows(matrices[0], words, path, limit)


def _bytes(word: str | bytes) -> bytes:
    return word.encode("utf-8", "surrogatepass") if isinstance(word, str) else word


def _words_beside(path: Path) -> list[bytes]:
    stem = path.name.split(".npy")[0].split(".npz")[0]
    candidates = [path.with_name(f"{stem}.txt"), path.with_name("words.txt")]
    for candidate in candidates:
        if candidate.is_file():
            lines = candidate.read_bytes().replace(b"\r\n", b"\n").split(b"\n")
            return lines if lines[-1] else lines[:-1]
    raise DataError(
        f"the array has no words: expected {candidates[0].name} or words.txt beside it, a word a line", path
    )


def _rows(matrix: NDArray[Any], words: Sequence[bytes], path: Path, limit: int | None) -> Vectors:
    if matrix.ndim != 2 or matrix.dtype.kind != "f":
        raise DataError(f"expected a matrix of floats, words x d, got {matrix.dtype} of shape {matrix.shape}", path)
    if len(matrix) != len(words):
        raise DataError(f"expected a word for each of the {len(matrix)} rows, got {len(words)} words", path)
    rows = Rows(path, limit)
    start = 0
    while start < len(words) and (room := rows.room):
        rows.add(words[start : start + room], matrix[start : start + room])
        start += room
    return rows.vectors()
