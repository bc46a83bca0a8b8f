"""Vectors with texts: features of an image, or its pixels, and what it shows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.data.pairs import lines_of, two_files
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

FORMATS = ("npy", "jsonl")


@dataclass(frozen=True, slots=True, eq=False)
class Captioned:
    """A vector and texts that say what it is.

    Attributes:
        vector: its numbers, float32, all finite.
        captions: texts; empty where none is known.
        id: its name where a message has to name it.

    Raises:
        DataError: if the vector is none.
    """

    vector: NDArray[np.float32] = field(repr=False)
    captions: tuple[str, ...] = ()
    id: str | None = None

    def __post_init__(self) -> None:
        name = self.id or "a vector"
        if self.vector.ndim != 1 or self.vector.dtype != np.float32 or not len(self.vector):
            shape = " x ".join(map(str, self.vector.shape))
            raise DataError(f"{name}: expected a vector of float32 numbers, got {self.vector.dtype} of {shape}")
        if not np.isfinite(self.vector).all():
            at = int(np.flatnonzero(~np.isfinite(self.vector))[0])
            raise DataError(f"{name}: expected finite numbers, got {self.vector[at]} as number {at}; leave it out")

    def __repr__(self) -> str:
        digest = blake2b(self.vector.tobytes(), digest_size=16).hexdigest()
        return f"Captioned({len(self.vector)} numbers {digest}, {self.captions!r})"


def read_captioned(path: Path, format: str | None = None, *, captioned: bool = True) -> Iterator[Captioned]:  # noqa: A002
    """Vectors with their captions.

    - ``npy``: ``vectors.npy:captions.tsv``, an array whose first axis is the examples, the others being flattened, and
      a text file of as many lines, each with a caption or several with tabs between. ``vectors.npy`` alone where no
      caption has to be known.
    - ``jsonl``: a line ``{"vector": [...], "captions": ["...", ...]}``; with an ``"id"`` or without.

    Args:
        path: a file, or two with a colon between.
        format: one of these; None to go by the name.
        captioned: whether a vector without a caption is a fault.

    Raises:
        DataError: if a file is not what it should be, with the line or the number of the vector.
        UsageError: if there is no such format.
    """
    both = two_files(path)
    kind = format or ("jsonl" if path.suffix.lower() in (".jsonl", ".ndjson") else "npy")
    if kind not in FORMATS:
        raise UsageError(f"there is no format {kind!r} of vectors with captions. There are {', '.join(FORMATS)}")
    if kind == "jsonl":
        found = _jsonl(path)
    elif both is not None:
        found = _together(*both)
    elif captioned:
        raise DataError("expected vectors and a file of captions, such as train.npy:train.tsv; got one file", path)
    else:
        found = (Captioned(row, id=f"vector {number}") for number, row in enumerate(_array(path), 1))
    size = None
    for example in found:
        size = size or len(example.vector)
        if len(example.vector) != size:
            raise DataError(f"{example.id}: expected {size} numbers as in the first, got {len(example.vector)}", path)
        if captioned and not example.captions:
            raise DataError(f"{example.id}: expected at least one caption, got none; leave it out", path)
        yield example


def _together(vectors: Path, texts: Path) -> Iterator[Captioned]:
    rows, count = _array(vectors), 0
    for number, line in lines_of(texts):
        count = number
        if number > len(rows):
            continue
        captions = tuple(caption.strip() for caption in line.split("\t"))
        if not all(captions):
            raise DataError("expected a caption, or several with tabs between, got an empty one", texts, number)
        yield Captioned(rows[number - 1], captions, f"line {number}")
    if count != len(rows):
        raise DataError(
            f"expected {len(rows):,} lines, one for each vector of {vectors}, got {count:,}; what belongs "
            "together has to have one number",
            texts,
        )


def _array(path: Path) -> NDArray[np.float32]:
    """The numbers of a file: examples x numbers."""
    try:
        # What is no plain array would be unpickled, which runs code.
        found = np.load(path, allow_pickle=False)
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}; check the path", path) from None
    except (ValueError, EOFError) as error:
        raise DataError(f"expected an array that NumPy saved as .npy: {error}", path) from None
    if not isinstance(found, np.ndarray) or found.ndim < 2 or found.dtype.kind not in "fiub":
        what = f"{found.dtype} of {' x '.join(map(str, found.shape))}" if isinstance(found, np.ndarray) else "no array"
        raise DataError(f"expected numbers, examples x numbers of each, got {what}", path)
    rows: NDArray[np.float32] = found.reshape(len(found), -1).astype(np.float32)
    wrong = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if len(wrong):
        raise DataError(f"expected finite numbers, got others in vector {int(wrong[0]) + 1}; leave it out", path)
    return rows


def _jsonl(path: Path) -> Iterator[Captioned]:
    for number, line in lines_of(path):
        if not line.strip():
            continue
        try:
            tree: Any = json.loads(line)
            vector = np.array(tree["vector"], np.float32)
            captions = tuple(tree.get("captions", ()))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise DataError(
                f'expected an object with numbers as "vector" and texts as "captions", got {line[:60]!r}', path, number
            ) from None
        if isinstance(tree.get("captions"), str) or not all(isinstance(one, str) and one.strip() for one in captions):
            raise DataError('expected a list of texts as "captions", none of them empty', path, number)
        name = tree.get("id")
        try:
            yield Captioned(
                vector,
                tuple(one.strip() for one in captions),
                name if isinstance(name, str) else f"line {number}",
            )
        except DataError as error:
            raise DataError(error.problem, path, number) from None
