"""The vectors of words before the first step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from elman.features.vocabulary import FIRST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from elman.features.vectors import Vectors
    from elman.training.objective import TaskObjective

VECTOR_SCALE = 0.1
"""Standard deviation to which pretrained vectors are scaled."""


def first_vectors(words: Sequence[str], rows: int, vectors: Vectors | None, size: int) -> tuple[Tensor, Tensor]:
    """The first values of the rows that learn, and the vectors that stay as they are.

    Args:
        words: a lexicon's; those that learn first.
        rows: how many rows learn, padding and the unknown word among them.
        vectors: pretrained ones, or None.
        size: numbers in a vector, without pretrained ones.

    Returns:
        Rows x size, and as many rows as there are further words.
    """
    if vectors is None:
        # Words that do not learn are there where a model is gone on from, which fills in their vectors.
        fixed = torch.zeros(len(words) - (rows - FIRST), size)
        return torch.empty(rows, size).uniform_(-1, 1).mul_((3 / size) ** 0.5), fixed
    # Files differ in scale; the network's other parts expect features of about this size.
    matrix = vectors.matrix * (VECTOR_SCALE / _size(vectors.matrix))
    found, _ = vectors.find(words)
    start = torch.empty(rows, matrix.shape[1]).uniform_(-1, 1).mul_(VECTOR_SCALE * 3**0.5)
    hits = np.flatnonzero(found[: rows - FIRST] >= 0)
    start[torch.from_numpy(hits + FIRST)] = torch.from_numpy(matrix[found[hits]])
    # Half precision on disk is all that fixed vectors are worth; they are rounded here, so that a model that was
    # written and read again computes the same.
    return start, torch.from_numpy(matrix[found[rows - FIRST :]]).half().float()


def _size(matrix: NDArray[np.float32]) -> float:
    """The standard deviation of vectors' numbers; where they are all about the same, their root mean square."""
    deviation = float(matrix.std())
    size = float(np.sqrt(np.square(matrix, dtype=np.float64).mean()))
    return size or 1.0 if deviation < 1e-3 * size else deviation


def initialise_words(objective: TaskObjective[Any, Any], vectors: Vectors | None) -> None:
    """Give the part ``words`` its pretrained vectors, and say which of its words are rare."""
    table: Any = objective.network.words
    words = objective.task.lexicon.words.words
    rows = len(table.learned)
    train: Any = objective.train
    seen = np.bincount(train.types.words[np.concatenate(train.inputs)], minlength=rows)[:rows]
    rare = seen == 1
    rare[:FIRST] = False
    if vectors is not None:
        rare[FIRST:] &= vectors.find(words[: rows - FIRST])[0] < 0
        start, fixed = first_vectors(words, rows, vectors, table.output_size)
        with torch.no_grad():
            table.learned.copy_(start)
            table.fixed.copy_(fixed)
    table.rare.copy_(torch.from_numpy(rare))
