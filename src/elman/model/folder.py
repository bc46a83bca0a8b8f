"""A tagger's model folder: written whole or not at all, read only as it was written. Reading it runs no code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.errors import DataError, ModelError
from elman.features.lexicon import Lexicon
from elman.features.vocabulary import Vocabulary
from elman.model.layout import layout
from elman.model.manifest import METRICS, RESTORE, TEXTS, decode_manifest
from elman.model.precision import FIXED, decode_weights
from elman.model.sealed import Files, reading, seal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from elman.model.manifest import Manifest
    from elman.model.precision import Tensor


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
    if "precision" not in manifest:
        tensors = {
            name: array.astype(np.float16 if name == FIXED else np.float32, copy=False)
            for name, array in tensors.items()
            if array.size or name != FIXED
        }

    def checked(whole: str) -> Mapping[str, Tensor]:
        decoded = decode_manifest(whole)
        return layout(decoded, _lexicon(decoded, texts))

    named = {manifest["texts"][key]: text for key, text in texts.items()}
    seal(path, manifest, tensors, named, metrics, card, checked, replace=replace)


def read_model(path: Path) -> ModelFolder:
    """Read a model folder.

    Raises:
        ModelError: if there is none, if it is of a newer protocol or another task, or if a file is missing, truncated,
            altered or does not fit the rest; the message names the file and says what to do.
    """
    path = Path(path)
    with reading(path) as content:
        manifest = decode_manifest(content)
        files = Files(path, manifest.files)
        texts = {key: files.small[manifest.texts[key]].decode() for key in TEXTS}
        lexicon = _lexicon(manifest, texts)
        tensors = decode_weights(files.tensors(layout(manifest, lexicon)), manifest.precision)
        for array in tensors.values():
            array.flags.writeable = False
        metrics = json.loads(files.small[METRICS])
    return ModelFolder(path, manifest, lexicon, tensors, texts, metrics)


def _lexicon(manifest: Manifest, texts: Mapping[str, str]) -> Lexicon:
    try:
        words, characters, shapes = (Vocabulary.decode(texts[key], manifest.texts[key]) for key in TEXTS)
    except DataError as error:
        raise ModelError(f"{error}; {RESTORE}") from error
    return Lexicon(words, characters, shapes, manifest.lower, manifest.digits, manifest.character_limit)
