"""For each task a few examples that it can learn by heart, and settings with which that takes a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.data.audio import sound_of
from elman.data.captioned import Captioned
from elman.data.document import Document, Span
from elman.data.example import Series
from elman.data.histories import History
from elman.data.pairs import Pair
from elman.data.recordings import Recording
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
        least: what its figure, of which more is better, has to reach on its own training set.
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


def pictures() -> list[Captioned]:
    """Vectors with what they are called, one of them in two ways."""
    rng = np.random.default_rng(1)
    names = (("zero", "nil"), ("one",), ("two",), ("three",))
    return [Captioned(rng.normal(size=9).astype(np.float32), own) for own in names]


def spelt() -> list[Pair]:
    """Words with their phonemes."""
    words = {"cat": "K AE T", "tack": "T AE K", "act": "AE K T", "sat": "S AE T", "tea": "T IY"}
    return [Pair(word, (phonemes,)) for word, phonemes in words.items()]


def sung() -> list[Recording]:
    """Sounds in which each word has a tone of its own."""
    found, rate = [], 4000
    for number, text in enumerate(("do", "re", "mi", "do re", "mi do", "re mi do")):
        rng = np.random.default_rng(number)
        time = np.arange(rate // 8) / rate
        tones = [np.sin(2 * np.pi * {"do": 500, "re": 900, "mi": 1600}[word] * time) for word in text.split()]
        pauses = np.zeros(rate // 25)
        samples = np.concatenate([piece for tone in tones for piece in (tone, pauses)])
        samples += rng.normal(0, 0.003, len(samples))
        found.append(Recording(sound_of(samples, rate), text, f"{number}.wav"))
    return found


def tides() -> list[History]:
    """A series that comes back every eight days."""
    values = 10 + np.sin(np.arange(80) * np.pi / 4)[:, None]
    days = np.datetime64("2020-01-01") + np.arange(len(values))
    return [History("tides.csv", ("tide",), tuple(map(str, days)), values, 0)]


WRITER = {"hidden": 24, "size": 24, "input_dropout": 0.0, "dropout": 0.0, "output_dropout": 0.0}
SHARP = {"batch_tokens": 20, "label_smoothing": 0.0}
WORDS = {"size": 12, "unknown_rate": 0.0}
SMALL: dict[str, Callable[[], Small]] = {
    "classification": lambda: Small(classified(), {"words": WORDS}),
    "bag_of_words": lambda: Small(classified(), {}),
    "series_classification": lambda: Small(shapes(), {}),
    "slots": lambda: Small(spoken(), {"words": WORDS, "training": {"batch_tokens": 16, "epochs": 40}}),
    "frames": lambda: Small(waves(), {}),
    "captions": lambda: Small(
        pictures(),
        {"vector": {"hidden": 16, "dropout": 0.0}, "decoder": WRITER, "training": {"epochs": 40, **SHARP}},
        -0.05,
    ),
    "translation": lambda: Small(
        spelt(),
        {"units": {"size": 24}, "decoder": {**WRITER, "hidden": 32}, "training": {"epochs": 40, **SHARP}},
        -0.05,
    ),
    "speech": lambda: Small(
        sung(),
        {"sound": {"bands": 12, "stack": 3}, "encoder": {"layers": 1}, "training": {"epochs": 60, "batch_tokens": 200}},
        -0.05,
    ),
    "language_model": lambda: Small(
        [Document("the cat sat on the mat and the dog lay by the door. " * 4)],
        {"text": {"size": 16, "steps": 16}, "encoder": {"hidden": 32}, "training": {"batch_tokens": 128}},
        -0.5,
    ),
    "forecasting": lambda: Small(
        tides(),
        {"series": {"window": 8, "horizon": 3, "quantiles": "0.1, 0.5, 0.9", "season": 8}},
        -0.5,
    ),
}
"""By the names of ``elman.tasks.registry.TASKS``; a new task is added here."""


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
