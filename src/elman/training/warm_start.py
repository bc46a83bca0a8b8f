"""Going on from a model: its words, characters and weights, as far as the new task has a place for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from elman.data.schemes import scheme
from elman.features.lexicon import Lexicon
from elman.features.vocabulary import FIRST, Vocabulary
from elman.runtime.words import WordTable

if TYPE_CHECKING:
    from torch import Tensor

    from elman.model.folder import ModelFolder
    from elman.tasks.tagging import TaggingTask
    from elman.training.objectives.tagging import Tagger


def extend_lexicon(base: Lexicon, base_learned: int, fresh: Lexicon, fresh_learned: int) -> tuple[Lexicon, int]:
    """A model's lexicon with what a new training set adds.

    Args:
        base: the model's.
        base_learned: how many of its words have rows that learn.
        fresh: the new training set's own.
        fresh_learned: how many of its words occur there.

    Returns:
        The lexicon, whose rows for old characters and shapes are the old ones, and how many of its words learn.
    """
    old = base.words.words
    learned = dict.fromkeys((*old[:base_learned], *fresh.words.words[:fresh_learned]))
    fixed = [word for word in old[base_learned:] if word not in learned]
    return Lexicon(
        Vocabulary((*learned, *fixed)),
        Vocabulary(dict.fromkeys((*base.characters.words, *fresh.characters.words))),
        Vocabulary(dict.fromkeys((*base.shapes.words, *fresh.shapes.words))),
        base.lower,
        base.digits,
        base.character_limit,
    ), len(learned)


def take_over(network: Tagger, task: TaggingTask, base: ModelFolder) -> int:
    """Copy a model's weights into a network built for an extended lexicon; the rows and tags that are new stay fresh.

    Returns:
        How many of the tags were taken over.
    """
    held = WordTable(base.tensors)
    rows = torch.from_numpy(held.rows(np.arange(len(held))))
    old_rows = dict(zip(base.lexicon.words.words, range(FIRST, len(rows)), strict=True))
    state = network.state_dict()
    learned = state["embed.words.learned"]
    learned[:FIRST] = rows[:FIRST]
    words = task.lexicon.words.words
    for row, word in enumerate(words[: len(learned) - FIRST], start=FIRST):
        if word in old_rows:
            learned[row] = rows[old_rows[word]]
    fixed = state["embed.words.fixed"]
    if len(fixed):
        fixed[:] = rows[[old_rows[word] for word in words[len(learned) - FIRST :]]]
    old_tags = scheme(base.manifest.scheme).tags(base.manifest.labels)
    new_tags = scheme(task.scheme_name).tags(task.labels)
    shared = [(new_tags.index(tag), at) for at, tag in enumerate(old_tags) if tag in new_tags]
    new, old = (torch.tensor(side) for side in zip(*shared, strict=True))
    for name, array in base.tensors.items():
        value = torch.from_numpy(np.array(array))
        if name.startswith("head."):
            if name in state:
                _take_tags(state[name], value, new, old)
        elif not name.startswith("embed.words."):
            state[name][: len(value)] = value
    network.load_state_dict(state)
    return len(shared)


def _take_tags(target: Tensor, source: Tensor, new: Tensor, old: Tensor) -> None:
    """Copy rows (and of transitions columns too) of tags that both sides have."""
    if target.dim() == 2 and target.shape[0] == target.shape[1] and source.shape[0] == source.shape[1]:
        target[new[:, None], new] = source[old[:, None], old]
    else:
        target[new] = source[old]
