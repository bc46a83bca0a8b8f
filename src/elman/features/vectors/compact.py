"""A small form of vectors, to ship them: a byte a number and a scale a row, in a safetensors file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from elman.errors import DataError
from elman.features.vectors.table import Vectors
from elman.features.vocabulary import decode_words, encode_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from elman.features.vectors.source import Source

_LARGEST = 127


def quantize(vectors: Vectors) -> dict[str, NDArray[Any]]:
    """Vectors as three arrays, a quarter of their size.

    A number x of a row with the scale s becomes the integer nearest to x / s, in [-127, 127], so that it
    comes back off by at most s / 2. s is the row's largest magnitude / 127, rounded up to a float16: at most
    0.1 % (or, of rows below 0.008, 6e-8) more than that.

    Returns:
        ``codes``: n x d, int8. ``scales``: n, float16. ``words``: the words as UTF-8 text, uint8, in the form
        of :func:`elman.features.vocabulary.encode_words`.

    Raises:
        DataError: if a number is too large for a float16 scale (above 8 million).
    """
    exact = np.abs(vectors.matrix).max(axis=1, initial=0).astype(np.float64) / _LARGEST
    with np.errstate(over="ignore"):
        scales = exact.astype(np.float16)
        scales = np.where(scales < exact, np.nextafter(scales, np.float16(np.inf)), scales)
    if not np.isfinite(scales).all():
        at = int(np.argmin(np.isfinite(scales)))
        raise DataError(f"the vector of {vectors.words[at]!r} is too large to be quantised: {exact[at] * _LARGEST:g}")
    divisors = np.where(scales > 0, scales, 1).astype(np.float32)
    codes = np.rint(vectors.matrix / divisors[:, None]).astype(np.int8)
    words = np.frombuffer(encode_words(vectors.words).encode("utf-8"), dtype=np.uint8)
    return {"codes": codes, "scales": scales, "words": words}


def dequantize(arrays: Mapping[str, NDArray[Any]], path: Path | str | None = None) -> Vectors:
    """The inverse of :func:`quantize`, up to its rounding.

    Args:
        arrays: ``codes``, ``scales`` and ``words``; others are not looked at.
        path: where they come from, for messages.

    Raises:
        DataError: if an array is missing, of another type or shape, or holds what is no finite number or no
            UTF-8.
    """
    shapes = {name: (str(array.dtype), array.ndim) for name, array in arrays.items()}
    expected = {"codes": ("int8", 2), "scales": ("float16", 1), "words": ("uint8", 1)}
    for name, shape in expected.items():
        if shapes.get(name) != shape:
            raise DataError(
                f"expected compact vectors, which hold {name} as {shape[0]} with {shape[1]} axes, "
                f"got {shapes.get(name, 'none')}",
                path,
            )
    codes, scales = arrays["codes"], arrays["scales"]
    try:
        words = decode_words(arrays["words"].tobytes().decode("utf-8"), path)
    except UnicodeDecodeError as error:
        raise DataError(f"the words of compact vectors have to be UTF-8: {error}", path) from error
    if not len(codes) == len(scales) == len(words) or not np.isfinite(scales).all():
        raise DataError(
            f"{len(words)} words, {len(codes)} vectors and {len(scales)} scales do not fit together, "
            "or a scale is not finite; make the file anew",
            path,
        )
    return Vectors(words, codes.astype(np.float32) * scales.astype(np.float32)[:, None])


def write_compact(vectors: Vectors, path: Path | str) -> None:
    """Write vectors in their small form; ``read_vectors`` reads them."""
    Path(path).write_bytes(safetensors.numpy.save(quantize(vectors)))


def read_compact(source: Source, limit: int | None) -> Vectors:
    """Read what :func:`write_compact` wrote.

    Raises:
        DataError: if the file is damaged or holds other arrays.
    """
    try:
        arrays = safetensors.numpy.load(source.stream.read())
    except SafetensorError as error:
        raise DataError(
            f"expected compact vectors in a safetensors file: {error}; get it again", source.path
        ) from error
    vectors = dequantize(arrays, source.path)
    return vectors if limit is None else vectors.prune((), limit)
