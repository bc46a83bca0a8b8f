"""The features of Hugging Face datasets: what columns are, and the names behind the numbers of a ``ClassLabel``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

INFO = "dataset_info.json"
METADATA = b"huggingface"
"""The key of the schema's metadata with the features, as JSON."""

UNKNOWN = -100
"""The number of a tag that is ignored in training: nobody knows it, or it is none of a word's first piece."""


def names_in(feature: object) -> list[str] | None:
    """The names of the ``ClassLabel`` that a feature is or has in it; None if there is none."""
    if isinstance(feature, dict):
        names = feature.get("names")
        if feature.get("_type") == "ClassLabel" or (names and "num_classes" in feature):
            return [str(name) for name in names] if isinstance(names, list) else None
        for key in ("feature", "dtype", "sequence", "class_label"):
            if key in feature and (found := names_in(feature[key])) is not None:
                return found
        if isinstance(names, dict):
            return [str(name) for _, name in sorted(names.items(), key=lambda item: int(item[0]))]
    if isinstance(feature, list) and feature:
        return names_in(feature[0])
    return None


def features_of(metadata: Mapping[bytes, bytes] | None) -> dict[str, Any]:
    """The features that a schema's metadata says; none if it says nothing."""
    try:
        features = json.loads((metadata or {})[METADATA])["info"]["features"]
    except (KeyError, ValueError, TypeError):
        return {}
    return features if isinstance(features, dict) else {}


def features_beside(path: Path | str) -> dict[str, Any]:
    """The features in the ``dataset_info.json`` beside a file or above it; none if there is none."""
    for folder in list(Path(path).parents)[:2]:
        try:
            info = json.loads((folder / INFO).read_text("utf-8"))
        except (OSError, ValueError):
            continue
        # Of several configurations each has its own.
        for found in (info, *(info.values() if isinstance(info, dict) else ())):
            features = found.get("features") if isinstance(found, dict) else None
            if isinstance(features, dict):
                return features
    return {}


def value(dtype: str) -> dict[str, str]:
    """A feature of single values."""
    return {"dtype": dtype, "_type": "Value"}


def sequence(feature: Mapping[str, Any]) -> dict[str, Any]:
    """A feature of lists."""
    return {"feature": dict(feature), "_type": "Sequence"}


def class_label(names: Sequence[str]) -> dict[str, Any]:
    """A feature of numbers that have names."""
    return {"names": list(names), "_type": "ClassLabel"}
