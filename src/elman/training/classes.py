"""What every task that tells classes has in common in training: its options, its classes, its loss, its calibration."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from elman.errors import DataError
from elman.features.batches import bucket
from elman.settings import group
from elman.tasks.classes import Calibration, Classes, names_in
from elman.training.objective import TaskObjective

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from elman.nn.parts import Network
    from elman.tasks.task import Sequences


@group
class ClassSettings:
    """Which classes are told, and how much each counts."""

    labels: Literal["auto", "single", "multi"] = "auto"
    """single: an example has one class; multi: it has any number of them. auto: multi if an example of the training set
    has none or several."""
    class_weights: Literal["none", "balanced"] = "none"
    """balanced: in the loss every class counts the same, however rare it is."""


@group
class PoolingSettings(ClassSettings):
    """How states become one vector, which classes are told, and how much each counts."""

    pooling: Literal["last", "max", "mean", "attention"] = "max"
    """How a sequence's states become one vector; last is for recurrent cells."""


def classes_in(
    gold: Sequence[Sequence[str]], names: Sequence[str], settings: ClassSettings, say: Callable[[str], None]
) -> Classes:
    """The classes of a training set.

    Args:
        gold: the labels of each example.
        names: what each example is called where a message has to name it.
        settings: which classes are told.
        say: gets a line for everything found out.

    Raises:
        DataError: if there are fewer than two classes, or an example has another number of them than it should have.
    """
    counts = names_in(gold)
    other = [(name, labels) for name, labels in zip(names, gold, strict=True) if len(labels) != 1]
    multi = settings.labels == "multi" or (settings.labels == "auto" and bool(other))
    if not multi and other:
        name, labels = other[0]
        raise DataError(
            f"expected one class for every example, {name} has {', '.join(labels) or 'none'}; correct it, or allow any "
            "number of classes: head.labels = multi"
        )
    if len(counts) < (1 if multi else 2):
        raise DataError(
            f"expected examples of at least two classes to learn from, got {', '.join(counts) or 'none'} alone; add "
            "examples of another one"
        )
    if multi:
        none = sum(not labels for labels in gold)
        say(
            f"any number of {len(counts):,} classes: {len(other) - none:,} of {len(gold):,} examples have several, "
            f"{none:,} have none"
        )
    else:
        say(f"one of {len(counts):,} classes: {_listed(counts)}")
    if once := sorted(name for name, count in counts.items() if count == 1):
        say(f"warning: seen once, which is too little to learn from: {', '.join(once[:10])}")
    return Classes(tuple(sorted(counts)), multi)


class ClassObjective(TaskObjective[Any, Any]):
    """The loss of a task whose ``forward`` gives scores of classes, and the calibration of its probabilities.

    The task has its classes as ``classes``, its settings have ``head``, a ``ClassSettings``.
    """

    def __init__(
        self,
        task: Any,
        network: Network,
        train: Sequences,
        dev: Sequences,
        settings: Any,
        device: torch.device,
    ) -> None:
        super().__init__(task, network, train, dev, settings, device)
        steps, training = int(train.lengths.sum()), settings.training
        self.batch_tokens = training.batch_tokens or batch_steps_for(steps)
        self.epochs = training.epochs or epochs_for(len(bucket(train.lengths, self.batch_tokens)))

    def losses(self, batch: Any) -> Tensor:
        """Cross-entropy; with any number of classes binary cross-entropy, summed over them."""
        scores: Any = self.task.forward(self.network, batch)
        weights = self._weights
        if not self.task.classes.multi:
            return nn.functional.cross_entropy(scores, batch.targets, weights, reduction="sum")
        weight = None if weights is None else torch.where(batch.targets > 0, weights[0], weights[1])
        return nn.functional.binary_cross_entropy_with_logits(scores, batch.targets, weight, reduction="sum")

    def calibrated(self, run: Callable[..., Iterator[Any]], say: Callable[[str], None]) -> Any:
        """The task with the temperature that suits the dev set, and with any number of classes the threshold."""
        assert self.dev.gold is not None
        plain = replace(self.task, classes=replace(self.task.classes, calibration=Calibration()))
        classes = plain.classes.calibrated(self.dev.gold, self.outputs(self.dev, run, plain))
        say(f"calibration: {classes.calibration}")
        if classes.multi:
            say(f"threshold: classes of a probability of at least {classes.threshold:g} are told")
        return replace(self.task, classes=classes)

    @cached_property
    def _weights(self) -> Tensor | None:
        """How much each class counts; with any number of them where an example has it, and where it does not."""
        if self.settings.head.class_weights == "none":
            return None
        found = balance(np.stack(self.train.targets or ()), len(self.task.classes.names))
        return torch.from_numpy(found).to(self.device)


def batch_steps_for(steps: int) -> int:
    """Steps in a batch for a training set of so many: a sixty-fourth of it, within bounds.

    An example has one class, however long it is, so that a batch has fewer things to learn from than a tagger's.
    """
    return max(64, min(512, steps // 64))


def epochs_for(batches: int) -> int:
    """Epochs for a training set of so many batches: about 1,200 updates, but each example 5 to 60 times."""
    return max(5, min(60, round(1200 / max(batches, 1))))


def balance(targets: NDArray[Any], classes: int) -> NDArray[np.float32]:
    """Weights with which all classes count the same, and the examples together as much as without.

    Args:
        targets: examples, indices of classes, each of which occurs; or examples x classes, 1 for those that an example
            has, 0 for the others.
        classes: how many there are.

    Returns:
        A weight for each class; or 2 x classes: where an example has it, and where it does not.
    """
    if targets.ndim == 1:
        counts = np.bincount(targets, minlength=classes)
        return np.asarray(len(targets) / (classes * np.maximum(counts, 1)), np.float32)
    there = targets.sum(axis=0)
    sides = np.stack((there, len(targets) - there))
    return np.asarray(len(targets) / (2 * np.maximum(sides, 1)), np.float32)


def _listed(counts: Any, most: int = 10) -> str:
    shown = [f"{name} {count:,}" for name, count in counts.most_common(most)]
    return ", ".join(shown) + (", ..." if len(counts) > most else "")
