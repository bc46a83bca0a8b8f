"""From a trained network to a model folder."""

from __future__ import annotations

import platform
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from elman.features.vocabulary import FIRST
from elman.model.card import card
from elman.model.folder import write_model
from elman.model.manifest import protocol_for
from elman.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from elman.settings import Settings
    from elman.tasks.tagging import TaggingTask
    from elman.training.objectives.tagging import Tagger


def pack(
    path: Path,
    task: TaggingTask,
    network: Tagger,
    settings: Settings,
    metrics: dict[str, Any],
    calibration: dict[str, Any],
    *,
    replace: bool,
) -> None:
    """Write the model folder.

    Args:
        path: where.
        task: tables and tags.
        network: the trained tagger.
        settings: its sizes.
        metrics: what ``metrics.json`` is to say.
        calibration: the temperature, and what it rests on.
        replace: whether a model that is there gives way.
    """
    lexicon = task.lexicon
    tensors = tensors_of(network)
    learned = len(tensors["embed.words.learned"])
    embedding = asdict(settings.embedding) | {"word_size": int(tensors["embed.words.learned"].shape[1])}
    encoder = asdict(settings.encoder)
    manifest = {
        "protocol": protocol_for(encoder),
        "elman": __version__,
        "task": "tagging",
        "scheme": task.scheme_name,
        "labels": list(task.labels),
        "layer": settings.data.layer,
        "architecture": {
            "embedding": embedding,
            "encoder": encoder,
            "head": {"kind": settings.head.kind},
        },
        "tokenizer": {"name": "elman", "version": 1},
        "normalisation": {
            "lower": lexicon.lower,
            "digits": lexicon.digits,
            "character_limit": lexicon.character_limit,
        },
        "calibration": calibration,
        "learned_words": learned - FIRST,
        "texts": {"words": "words.txt", "characters": "chars.txt", "shapes": "shapes.txt"},
    }
    texts = {
        "words": lexicon.words.encode(),
        "characters": lexicon.characters.encode(),
        "shapes": lexicon.shapes.encode(),
    }
    write_model(path, manifest, tensors, texts, metrics, card(manifest, metrics), replace=replace)


def tensors_of(network: Tagger) -> dict[str, NDArray[Any]]:
    """What a model folder holds of a network: all but what serves training alone."""
    tensors = {
        name: value.detach().cpu().contiguous().numpy()
        for name, value in network.state_dict().items()
        if not name.startswith("neighbours.")
    }
    tensors["embed.words.fixed"] = tensors["embed.words.fixed"].astype(np.float16)
    return tensors


def versions() -> dict[str, str]:
    """Of what a result depends on."""
    return {
        "elman": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": str(torch.__version__),
    }
