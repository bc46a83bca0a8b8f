"""The sets that a task other than tagging learns from and is judged by."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elman.tasks.task import Sequences, Task

Source = Path | str | list[Any]
"""A file, or examples."""


@dataclass(frozen=True)
class Examples:
    """One set.

    Attributes:
        examples: as the task reads them.
        name: the file's name, or what it is.
    """

    examples: Sequence[Any]
    name: str


@dataclass(frozen=True)
class TaskData:
    """What a run learns from and is judged by."""

    train: Examples
    dev: Examples
    test: Examples | None


def load_task_data(
    task: type[Task],
    train: Source,
    dev: Source | None,
    test: Source | None,
    *,
    share: float,
    seed: int,
    format: str | None,  # noqa: A002  # the option's name
    say: Callable[[str], None],
) -> TaskData:
    """Read all sets; without a dev set, a share of the training examples is held out.

    Raises:
        DataError: if a file cannot be read, holds nothing, or too little to hold anything out.
    """

    def one(source: Source) -> Examples:
        if not isinstance(source, Path | str):
            return Examples(source, "examples")
        examples = list(task.read(Path(source), format))
        if not examples:
            raise DataError("expected at least one example, found none", source)
        return Examples(examples, Path(source).name)

    learned = one(train)
    if dev is not None:
        judged = one(dev)
    else:
        kept, held = task.holdout(learned.examples, share, seed)
        if len(kept) + len(held) == len(learned.examples):
            part = f"{len(held):,} of {len(learned.examples):,} examples of {learned.name} are held out"
            say(f"no dev file: {part} to judge by (seed {seed})")
        else:
            say(f"no dev file: the last {share:.0%} of {learned.name} is held out to judge by")
        learned, judged = Examples(kept, learned.name), Examples(held, f"held out from {learned.name}")
    return TaskData(learned, judged, None if test is None else one(test))


def fingerprint(sequences: Sequences) -> str:
    """SHA-256 over what a network reads, and over what it is to learn."""
    digest = hashlib.sha256()
    for array in sequences.arrays:
        digest.update(repr((array.shape, array.dtype.str)).encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
