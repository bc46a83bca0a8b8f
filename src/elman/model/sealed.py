"""A folder whose files are what its manifest says: written whole or not at all, read only as it was written."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from elman.errors import ModelError
from elman.model.atomic import install, staged
from elman.model.layout import check_tensors
from elman.model.manifest import CARD, MANIFEST, METRICS, RESTORE, WEIGHTS, File, encode_manifest
from elman.model.place import free_place, own_files
from elman.model.precision import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

_SAFETENSORS = {"float32": "F32", "float16": "F16", "int8": "I8", "uint8": "U8"}


def seal(
    path: Path,
    tree: Mapping[str, Any],
    tensors: Mapping[str, NDArray[Any]],
    texts: Mapping[str, str],
    metrics: Mapping[str, Any],
    card: str,
    layout: Callable[[str], Mapping[str, Tensor]],
    *,
    replace: bool,
) -> None:
    """Write a model folder: all of it, or, whatever fails, nothing, and then what was there is still there.

    Args:
        path: the folder; the folders above it are made.
        tree: what ``model.json`` says, but for the files, which are added.
        tensors: the weights, as they are stored.
        texts: further files, by their names.
        metrics: what ``metrics.json`` says.
        card: what ``README.md`` says.
        layout: from the text of ``model.json`` to the tensors that there have to be; it checks what it reads.
        replace: whether a model that is there, or an empty folder, gives way. Files in it that are not the
            model's own are moved to the new folder.

    Raises:
        UsageError: if something is there and ``replace`` is false, or if it is not a model.
        ModelError: if parts do not fit each other, or if the folder cannot be written.
    """
    path = free_place(path, replace=replace)
    # What is not contiguous, safetensors would write in the order of its memory.
    arrays = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    contents = {name: text.encode() for name, text in texts.items()}
    contents[WEIGHTS] = save(arrays)
    contents[METRICS] = (json.dumps(metrics, indent=2, allow_nan=False) + "\n").encode()
    files = {name: File(hashlib.sha256(content).hexdigest(), len(content)) for name, content in contents.items()}
    whole = encode_manifest(tree, files)
    found = {
        name: Tensor(_SAFETENSORS.get(array.dtype.name, array.dtype.name), array.shape)
        for name, array in arrays.items()
    }
    check_tensors(found, layout(whole))
    contents[MANIFEST] = whole.encode()
    contents[CARD] = card.encode("utf-8", "backslashreplace")
    try:
        with staged(path, contents) as fresh:
            install(fresh, path, own_files(path))
    except OSError as error:
        raise ModelError(
            f"{path} cannot be written: {error.strerror or error}; what was there before is untouched. "
            "Make room or give another folder"
        ) from error


@contextmanager
def reading(path: Path) -> Iterator[bytes]:
    """Within the block, which gets the content of ``model.json``, whatever is wrong with a folder is a ModelError.

    Raises:
        ModelError: if there is none, or a file is missing, truncated or altered; it names the folder.
    """
    if not path.is_dir():
        raise ModelError(f"{path}: there is no such folder; give the folder that `elman train --out` wrote")
    if not (path / MANIFEST).is_file():
        raise ModelError(f"{path} is no model folder, it has no {MANIFEST}; give one that `elman train --out` wrote")
    try:
        yield (path / MANIFEST).read_bytes()
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error}; check its rights") from error
    except (SafetensorError, ValueError) as error:
        raise ModelError(f"{path} holds a file that is not what its name says ({error}); {RESTORE}") from error


class Files:
    """The files of a folder, each checked against its size and digest.

    Args:
        path: the folder.
        files: what the manifest says of each.
    """

    def __init__(self, path: Path, files: Mapping[str, File]) -> None:
        self._path, self._files = path, files
        for name, expected in files.items():
            _check_size(path / name, expected)
        # The weights are most of it, and hashing them does not keep the interpreter from reading the words.
        self._digest = _Digest(path / WEIGHTS)
        self.small: dict[str, bytes] = {}
        """The content of each file but the weights."""
        for name in files.keys() - {WEIGHTS}:
            self.small[name] = (path / name).read_bytes()
            _check_digest(name, files[name], hashlib.sha256(self.small[name]).hexdigest())

    def tensors(self, layout: Mapping[str, Tensor]) -> dict[str, NDArray[Any]]:
        """The weights as they are stored, which have to be just these.

        Raises:
            ModelError: if they are not.
        """
        _check_digest(WEIGHTS, self._files[WEIGHTS], self._digest.value())
        with safe_open(self._path / WEIGHTS, framework="numpy") as file:
            names = list(file.keys())
            slices = {name: file.get_slice(name) for name in names}
            # Only the header has been read so far.
            check_tensors(
                {name: Tensor(part.get_dtype(), tuple(part.get_shape())) for name, part in slices.items()},
                layout,
            )
            return {name: file.get_tensor(name) for name in names}


def _check_size(path: Path, expected: File) -> None:
    if not path.is_file():
        raise ModelError(f"{path.name} is missing; {RESTORE}")
    size = path.stat().st_size
    if size != expected.bytes:
        what = "truncated" if size < expected.bytes else "altered"
        raise ModelError(f"{path.name} was {what}: expected {expected.bytes:,} bytes, got {size:,}; {RESTORE}")


def _check_digest(name: str, expected: File, digest: str) -> None:
    if digest != expected.sha256:
        raise ModelError(f"{name} was altered after it was written: its SHA-256 does not fit; {RESTORE}")


class _Digest(Thread):
    """A file's SHA-256, on the way from the moment it is asked for."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._found: str | OSError = ""
        self.start()

    def run(self) -> None:
        """Read the file."""
        try:
            with self._path.open("rb") as file:
                self._found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            self._found = error

    def value(self) -> str:
        """The digest, in hexadecimal digits.

        Raises:
            OSError: if the file could not be read.
        """
        self.join()
        if isinstance(self._found, OSError):
            raise self._found
        return self._found
