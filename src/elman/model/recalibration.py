"""A model folder with another calibration: the same weights, other probabilities."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from elman.errors import ModelError
from elman.model.atomic import replace_file
from elman.model.card import card
from elman.model.folder import read_model
from elman.model.manifest import CARD, CHECKSUM, MANIFEST, decode_manifest, encode_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def read_calibration(path: Path) -> dict[str, Any]:
    """What a model's manifest says under ``calibration``.

    Raises:
        ModelError: as ``read_model`` does.
    """
    read_model(path)
    calibration: dict[str, Any] = json.loads((path / MANIFEST).read_bytes())["calibration"]
    return calibration


def recalibrate(path: Path, calibration: Mapping[str, Any]) -> bool:
    """Write another calibration into a model folder; it is then another model, with another checksum.

    One file changes, ``model.json``, and is replaced whole: whenever this is cut off, the folder is a model, the old
    one or the new one. The card is written anew after it, unless somebody has changed it.

    Args:
        path: the folder.
        calibration: ``temperature``, ``thresholds`` and what else is to stand under ``calibration``.

    Returns:
        Whether the card is up to date; it is not if it was somebody's own.

    Raises:
        ModelError: if there is no whole model, the calibration cannot be, or the folder cannot be written.
    """
    folder = read_model(path)
    tree = json.loads((path / MANIFEST).read_bytes())
    before = {key: value for key, value in tree.items() if key not in (CHECKSUM, "files")}
    after = {**before, "calibration": dict(calibration)}
    text = encode_manifest(after, folder.manifest.files)
    decode_manifest(text)
    try:
        own = (path / CARD).read_bytes() if (path / CARD).is_file() else None
        replace_file(path / MANIFEST, text.encode())
        current = own is None or own == _card(before, folder.metrics)
        if own is not None and current:
            replace_file(path / CARD, _card(after, folder.metrics))
    except OSError as error:
        raise ModelError(
            f"{path} cannot be written: {error.strerror or error}; it is a whole model, as before or as asked for. "
            "Make room, or check its rights"
        ) from error
    return current


def _card(tree: Mapping[str, Any], metrics: Mapping[str, Any]) -> bytes:
    return card(tree, metrics).encode("utf-8", "backslashreplace")
