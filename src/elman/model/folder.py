"""The model folder: written whole or not at all, read only as it was written. Reading it runs no code."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from elman.errors import DataError, ModelError, UsageError
from elman.features.lexicon import Lexicon
from elman.features.vocabulary import Vocabulary
from elman.model.atomic import install, staged
from elman.model.layout import check_tensors, layout
from elman.model.manifest import (
    CARD,
    MANIFEST,
    METRICS,
    PROTOCOL,
    RESTORE,
    TEXTS,
    WEIGHTS,
    File,
    claims_model,
    decode_manifest,
    encode_manifest,
    named_files,
)
from elman.model.precision import FIXED, Tensor, decode_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from elman.model.manifest import Manifest

__all__ = ["PROTOCOL", "ModelFolder", "free_place", "is_model", "move_model", "read_model", "write_model"]

_SAFETENSORS = {"float32": "F32", "float16": "F16", "int8": "I8", "uint8": "U8"}


@dataclass(frozen=True)
class ModelFolder:
    """A model, read and checked.

    Attributes:
        path: where it is.
        manifest: what ``model.json`` says.
        lexicon: how word types are read.
        tensors: the weights, read-only and float32; the rows of words as they are stored, for
            ``elman.runtime.words`` to look up.
        texts: the vocabularies' files as text.
        metrics: what ``metrics.json`` says.
    """

    path: Path
    manifest: Manifest
    lexicon: Lexicon
    tensors: Mapping[str, NDArray[Any]]
    texts: Mapping[str, str]
    metrics: Mapping[str, Any]


def write_model(
    path: Path,
    manifest: Mapping[str, Any],
    tensors: Mapping[str, NDArray[Any]],
    texts: Mapping[str, str],
    metrics: Mapping[str, Any],
    card: str,
    *,
    replace: bool,
) -> None:
    """Write a model folder: all of it, or, whatever fails, nothing, and then what was there is still there.

    Args:
        path: the folder; the folders above it are made.
        manifest: what ``model.json`` says, but for the files, which are added.
        tensors: the weights, by the names of ``elman.model.layout``. If the manifest names no precision, they are
            stored as float32, fixed vectors as float16; else just as they are, which ``elman.model.precision``
            encoded.
        texts: the content of each file that ``manifest["texts"]`` names, by the same keys.
        metrics: what ``metrics.json`` says.
        card: what ``README.md`` says.
        replace: whether a model that is there, or an empty folder, gives way. Files in it that are not the
            model's own are moved to the new folder.

    Raises:
        UsageError: if something is there and ``replace`` is false, or if it is not a model.
        ModelError: if parts do not fit each other, or if the folder cannot be written.
    """
    path = free_place(path, replace=replace)
    if "precision" not in manifest:
        tensors = {
            name: array.astype(np.float16 if name == FIXED else np.float32, copy=False)
            for name, array in tensors.items()
            if array.size or name != FIXED
        }
    # What is not contiguous, safetensors would write in the order of its memory.
    arrays = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    contents = {manifest["texts"][key]: text.encode() for key, text in texts.items()}
    contents[WEIGHTS] = save(arrays)
    contents[METRICS] = (json.dumps(metrics, indent=2, allow_nan=False) + "\n").encode()
    files = {name: File(hashlib.sha256(content).hexdigest(), len(content)) for name, content in contents.items()}
    whole = encode_manifest(manifest, files)
    checked = decode_manifest(whole)
    check_tensors(
        {
            name: Tensor(_SAFETENSORS.get(array.dtype.name, array.dtype.name), array.shape)
            for name, array in arrays.items()
        },
        layout(checked, _lexicon(checked, texts)),
    )
    contents[MANIFEST] = whole.encode()
    contents[CARD] = card.encode("utf-8", "backslashreplace")
    try:
        with staged(path, contents) as fresh:
            install(fresh, path, _own_files(path))
    except OSError as error:
        raise ModelError(
            f"{path} cannot be written: {error.strerror or error}; what was there before is untouched. "
            "Make room or give another folder"
        ) from error


def read_model(path: Path) -> ModelFolder:
    """Read a model folder.

    Raises:
        ModelError: if there is none, if it is of a newer protocol, or if a file is missing, truncated,
            altered or does not fit the rest; the message names the file and says what to do.
    """
    path = Path(path)
    if not path.is_dir():
        raise ModelError(f"{path}: there is no such folder; give the folder that `elman train --out` wrote")
    if not (path / MANIFEST).is_file():
        raise ModelError(f"{path} is no model folder, it has no {MANIFEST}; give one that `elman train --out` wrote")
    try:
        manifest = decode_manifest((path / MANIFEST).read_bytes())
        for name, expected in manifest.files.items():
            _check_size(path / name, expected)
        # The weights are most of it, and hashing them does not keep the interpreter from reading the words.
        digest = _Digest(path / WEIGHTS)
        small: dict[str, bytes] = {}
        for name in manifest.files.keys() - {WEIGHTS}:
            small[name] = (path / name).read_bytes()
            _check_digest(name, manifest.files[name], hashlib.sha256(small[name]).hexdigest())
        texts = {key: small[manifest.texts[key]].decode() for key in TEXTS}
        lexicon = _lexicon(manifest, texts)
        _check_digest(WEIGHTS, manifest.files[WEIGHTS], digest.value())
        tensors = _read_tensors(path / WEIGHTS, manifest, layout(manifest, lexicon))
        metrics = json.loads(small[METRICS])
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error}; check its rights") from error
    except (SafetensorError, ValueError) as error:
        raise ModelError(f"{path} holds a file that is not what its name says ({error}); {RESTORE}") from error
    return ModelFolder(path, manifest, lexicon, tensors, texts, metrics)


def is_model(path: Path) -> bool:
    """Whether there is a folder that says of itself that it is a model, whole or not."""
    try:
        return claims_model((path / MANIFEST).read_bytes())
    except OSError:
        return False


def move_model(source: Path, target: Path, *, replace: bool) -> None:
    """Move a model folder to another place beside it.

    Raises:
        UsageError: as ``write_model`` does.
        ModelError: if there is no model, or it cannot be moved.
    """
    if not is_model(source):
        raise ModelError(f"{source} is no model folder; nothing was moved")
    target = free_place(target, replace=replace)
    try:
        install(source, target, _own_files(target))
    except OSError as error:
        raise ModelError(
            f"{source} cannot be moved to {target}: {error.strerror or error}; both are as they were"
        ) from error


def free_place(path: Path, *, replace: bool) -> Path:
    """The path with links followed, if a model may be written there."""
    place = Path(path).resolve()
    if not place.exists():
        return place
    if not replace:
        raise UsageError(f"{path} exists; give another folder, or --force to replace it")
    if not place.is_dir() or not (is_model(place) or not any(place.iterdir())):
        raise UsageError(f"{path} is there and is no model folder, so it is not replaced; give another folder")
    return place


def _own_files(path: Path) -> frozenset[str]:
    """The names of the files that belong to the model at a path, if there is one."""
    return named_files((path / MANIFEST).read_bytes()) if is_model(path) else frozenset()


def _lexicon(manifest: Manifest, texts: Mapping[str, str]) -> Lexicon:
    try:
        words, characters, shapes = (Vocabulary.decode(texts[key], manifest.texts[key]) for key in TEXTS)
    except DataError as error:
        raise ModelError(f"{error}; {RESTORE}") from error
    return Lexicon(words, characters, shapes, manifest.lower, manifest.digits, manifest.character_limit)


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


def _read_tensors(path: Path, manifest: Manifest, expected: Mapping[str, Tensor]) -> dict[str, NDArray[Any]]:
    with safe_open(path, framework="numpy") as file:
        names = list(file.keys())
        slices = {name: file.get_slice(name) for name in names}
        # Only the header has been read so far.
        check_tensors(
            {name: Tensor(part.get_dtype(), tuple(part.get_shape())) for name, part in slices.items()},
            expected,
        )
        held = {name: file.get_tensor(name) for name in names}
    tensors = decode_weights(held, manifest.precision)
    for array in tensors.values():
        array.flags.writeable = False
    return tensors
