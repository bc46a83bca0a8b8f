"""For each task a few examples that it can learn by heart, and settings with which that takes a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.data.document import Document, Span
from elman.data.example import Series
from elman.tasks.registry import task_named
from elman.training.train import settings_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

ENCODER = {
    "hidden": 16,
    "input_dropout": 0.0,
    "dropout": 0.0,
    "recurrent_dropout": 0.0,
}
TRAINING = {"epochs": 20, "batch_tokens": 64, "learning_rate": 0.03, "averaging": 0.5, "threads": 1}


class Small(NamedTuple):
    """What a task is tried on.

    Attributes:
        examples: as the task reads them, labelled.
        groups: settings beside those of the encoder and the training.
        least: what its figure has to reach on its own training set.
    """

    examples: Sequence[Any]
    groups: dict[str, dict[str, Any]]
    least: float = 0.95


def classified() -> list[Document]:
    """Texts whose class is in one of their words."""
    pairs = [("good", "POS"), ("great", "POS"), ("bad", "NEG"), ("poor", "NEG")]
    frames = ("a {} film", "the film was {}", "{} , i thought", "what a {} evening")
    return [Document(frame.format(word), labels=(label,)) for word, label in pairs for frame in frames]


def spoken() -> list[Document]:
    """Utterances with slots and an intent."""
    cities, days = ("Oslo", "New York", "Rome"), ("monday", "friday")
    found = [Document("stop it", labels=("stop",)), Document("thank you", labels=("thanks",))]
    for at, city in enumerate(cities):
        other, day = cities[at - 1], days[at % 2]
        trip = (("fly from", None), (city, "from"), ("to", None), (other, "to"), (day, "day"))
        found.append(marked(*trip, intent="fly"))
        found.append(marked(("weather in", None), (city, "place"), (day, "day"), intent="weather"))
    return found


def marked(*parts: tuple[str, str | None], intent: str) -> Document:
    """Words, some with a label, as an utterance."""
    text, spans = "", []
    for words, label in parts:
        if label:
            spans.append(Span(len(text), len(text) + len(words), label))
        text += words + " "
    return Document(text.strip(), tuple(spans), labels=(intent,))


def waves() -> list[Series]:
    """Series whose frames are told by the sign of a number and of the one before."""
    rng = np.random.default_rng(1)
    found = []
    for number in range(6):
        ups = rng.integers(0, 2, 6 + number)
        values = np.stack([100 + 20 * ups + rng.normal(size=len(ups)), np.full(len(ups), 7.0)], axis=1)
        found.append(Series(values.astype(np.float32), tuple("up" if up else "down" for up in ups), f"wave-{number}"))
    return found


def shapes() -> list[Series]:
    """Series that rise or fall as a whole."""
    rng = np.random.default_rng(1)
    found = []
    for number in range(10):
        rises = number % 2 == 0
        slope = np.arange(5 + number) * (1 if rises else -1)
        values = np.stack([slope + 0.1 * rng.normal(size=len(slope)), rng.normal(size=len(slope))], axis=1)
        found.append(Series(values.astype(np.float32), ("rise" if rises else "fall",), f"shape-{number}"))
    return found


WORDS = {"size": 12, "unknown_rate": 0.0}
SMALL: dict[str, Callable[[], Small]] = {
    "classification": lambda: Small(classified(), {"words": WORDS}),
    "bag_of_words": lambda: Small(classified(), {}),
    "series_classification": lambda: Small(shapes(), {}),
    "slots": lambda: Small(spoken(), {"words": WORDS, "training": {"batch_tokens": 16, "epochs": 40}}),
    "frames": lambda: Small(waves(), {}),
}
"""By the names of ``elman.tasks.registry.TASKS``; a new task is added here."""

ELSEWHERE = {
    "captions": "tests/tasks/test_writing_tasks.py",
    "forecasting": "tests/tasks/test_forecasting.py",
    "language_model": "tests/tasks/test_language_model.py",
    "speech": "tests/tasks/test_speech.py",
    "translation": "tests/tasks/test_writing_tasks.py",
}
"""Tasks whose own tests learn by heart, save, load and compare, since their examples are made there."""


def settings_of(name: str, **groups: dict[str, Any]) -> Any:
    """The small settings of a task."""
    small = SMALL[name]().groups
    shared = {"training": TRAINING} | ({"encoder": ENCODER} if hasattr(settings_for(name, None, ()), "encoder") else {})
    wanted = {
        group: {**shared.get(group, {}), **small.get(group, {}), **groups.get(group, {})}
        for group in {**shared, **small, **groups}
    }
    overrides = [f"{group}.{key}={value!r}" for group, values in wanted.items() for key, value in values.items()]
    return settings_for(name, None, [override.replace("'", '"').replace("True", "true") for override in overrides])


def train_small(name: str, out: Path, **groups: dict[str, Any]) -> Any:
    """A model that knows the task's examples by heart."""
    from elman.training.train import train

    examples = list(SMALL[name]().examples)
    assert task_named(name).name == name
    return train(examples, examples, out=out, settings=settings_of(name, **groups))
