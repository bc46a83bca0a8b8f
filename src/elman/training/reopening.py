"""A model folder as the network that it was trained as, for going into what the runtime does not show."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from elman.features.vocabulary import FIRST
from elman.model.folder import read_model
from elman.nn.embedding import WordEmbedding
from elman.runtime.words import WordTable
from elman.settings import from_dict
from elman.tasks.tagging import TaggingTask
from elman.training.objectives.tagging import build

if TYPE_CHECKING:
    from pathlib import Path

    from elman.model.folder import ModelFolder
    from elman.settings import Settings
    from elman.training.objectives.tagging import Tagger


WORDS = "embed.words."
"""How the names of the words' tensors begin."""


class Reopened(NamedTuple):
    """A model in torch.

    Attributes:
        network: with the model's weights, in evaluation mode.
        task: its tables and tags.
        settings: its sizes; what does not follow from a model has its default.
        folder: what it came from.
    """

    network: Tagger
    task: TaggingTask
    settings: Settings
    folder: ModelFolder


def reopen(path: Path) -> Reopened:
    """The network of a model folder.

    Args:
        path: of a tagger's folder, compressed or not; its weights become float32.

    Raises:
        ModelError: if the folder is no model, or is not whole.
    """
    folder = read_model(path)
    manifest = folder.manifest
    architecture = manifest.architecture
    settings = from_dict(
        {
            "embedding": dict(architecture["embedding"]),
            "encoder": dict(architecture["encoder"]),
            "head": {"kind": architecture["head"]["kind"], "scheme": manifest.scheme},
        },
        str(path),
    )
    task = TaggingTask(folder.lexicon, manifest.scheme, manifest.labels)
    rare = np.zeros(manifest.learned_words, np.bool_)
    network = build(task, settings, manifest.learned_words, rare, None)
    table = WordTable(folder.tensors)
    rows = torch.from_numpy(table.rows(np.arange(len(table))))
    learned = FIRST + manifest.learned_words
    network.embed.words = WordEmbedding(rows[:learned], rows[learned:])
    held = {name: torch.from_numpy(np.array(array)) for name, array in folder.tensors.items()}
    network.load_state_dict(
        network.state_dict() | {name: value for name, value in held.items() if not name.startswith(WORDS)}
    )
    return Reopened(network.eval(), task, settings, folder)
