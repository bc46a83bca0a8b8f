"""Navec: Russian vectors, product-quantised, in a tar archive (https://github.com/natasha/navec)."""

from __future__ import annotations

import gzip
import json
import tarfile
import zlib
from typing import TYPE_CHECKING

import numpy as np

from elman.errors import DataError
from elman.features.vectors.rows import Rows

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from elman.features.vectors.source import Source
    from elman.features.vectors.table import Vectors

_PROTOCOL = 1


def read_navec(source: Source, limit: int | None) -> Vectors:
    """Read an archive of three members.

    ``meta.json``: ``protocol`` has to be 1. ``vocab.bin``: gzip of the number of words n (uint32), their
    counts (n x uint32) and the words (UTF-8, a line feed between two). ``pq.bin``: n, d, the number of parts
    q and of centroids c (4 x uint32), the centroid of each part of each word (n x q, uint8) and the centroids
    (q x c x d/q, float32). A vector is its q centroids side by side. All little-endian.

    Args:
        source: the file.
        limit: at most so many words.

    Returns:
        The vectors, most frequent words first; the archive has them in alphabetical order.

    Raises:
        DataError: if it is another archive or protocol, or a member is cut.
    """
    path = source.path
    try:
        with tarfile.open(fileobj=source.stream, mode="r:") as archive:
            meta = json.loads(_member(archive, "meta.json", path))
            protocol = meta.get("protocol") if isinstance(meta, dict) else None
            if protocol != _PROTOCOL:
                raise DataError(f"expected Navec protocol {_PROTOCOL}, got {protocol}", path)
            vocabulary = gzip.decompress(_member(archive, "vocab.bin", path))
            quantised = _member(archive, "pq.bin", path)
    except (tarfile.TarError, OSError, EOFError, ValueError, zlib.error) as error:
        raise DataError(f"expected a Navec archive: {error}; get it again", path) from error

    words, counts = _words(vocabulary, path)
    n, d, parts, centroids = np.frombuffer(quantised[:16].ljust(16, b"\0"), dtype="<u4").tolist()
    size = 16 + n * parts + 4 * centroids * d
    if n != len(words) or not parts or not d or d % parts or not centroids or size != len(quantised):
        raise DataError(
            f"the archive does not fit together: {len(words)} words; pq.bin has {len(quantised)} bytes and "
            f"says {n} words, {d} dimensions, {parts} parts, {centroids} centroids; get it again",
            path,
        )
    indices = np.frombuffer(quantised, dtype=np.uint8, count=n * parts, offset=16).reshape(n, parts)
    codes = np.frombuffer(quantised, dtype="<f4", offset=16 + n * parts).reshape(parts, centroids, d // parts)
    if n and int(indices.max()) >= centroids:
        raise DataError(f"pq.bin names centroid {indices.max()}, there are {centroids}; get the archive again", path)
    rows = Rows(path, limit)
    order = np.argsort(-counts.astype(np.int64), kind="stable")
    start = 0
    while start < n and (room := rows.room):
        some = order[start : start + room]
        block = codes[np.arange(parts), indices[some]]  # words x parts x part of a vector
        rows.add([words[at] for at in some.tolist()], block.reshape(len(some), d))
        start += room
    return rows.vectors()


def _member(archive: tarfile.TarFile, name: str, path: Path) -> bytes:
    try:
        member = archive.extractfile(name)
    except KeyError:
        member = None
    if member is None:
        raise DataError(f"expected a Navec archive, which has a member {name}; this one has not", path)
    return member.read()


def _words(vocabulary: bytes, path: Path) -> tuple[list[bytes], NDArray[np.uint32]]:
    n = int.from_bytes(vocabulary[:4], "little")
    words = vocabulary[4 + 4 * n :].split(b"\n")
    if len(words) != n or not n:
        raise DataError(f"vocab.bin says {n} words and holds {len(words)}; get the archive again", path)
    return words, np.frombuffer(vocabulary, dtype="<u4", count=n, offset=4)
