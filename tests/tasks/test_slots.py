"""Slots with an intent: what of a document the network is given, and how outputs are judged."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from tests.training.task_examples import SMALL, settings_of

from elman.data.document import Document, Span, Tokens
from elman.data.schemes import scheme
from elman.errors import DataError, ModelError, UsageError
from elman.features.lexicon import Lexicon
from elman.features.vocabulary import Vocabulary
from elman.tasks.slots import BEYOND, Task, Understood
from elman.training.train import train

FLY = Document("fly to Oslo", (Span(7, 11, "to"),), labels=("book",))
LEXICON = Lexicon(Vocabulary(("fly", "to", "oslo")), Vocabulary(()), Vocabulary(()))
TASK = Task(LEXICON, "iob2", ("day", "to"), ("book", "stop"), {})


class Network:
    """Says what it is told to."""

    def __init__(self, tags: Any, intents: Any) -> None:
        self._tags, self._intents = np.asarray(tags, np.float32), np.asarray(intents, np.float32)
        self.encode = self.pool = lambda *_: None

    def words(self, ids: Any) -> Any:
        return np.zeros((len(ids), 1), np.float32)

    def tags(self, _: Any) -> Any:
        return self._tags

    def intent(self, _: Any) -> Any:
        return self._intents


def test_targets_are_the_tags_and_the_intent() -> None:
    other = Document("stop Rome", (Span(5, 9, "city"),), labels=("unheard",))
    sequences = TASK.prepare([FLY, other])
    assert sequences.targets is not None
    names = scheme("iob2").tags(TASK.slots)
    assert [names[at] for at in sequences.targets[0][:-1]] == ["O", "O", "B-to"]
    assert sequences.targets[0][-1] == 0
    assert sequences.targets[1].tolist() == [0, 0, BEYOND]  # neither label is known
    batch = TASK.batch(sequences, [1, 0])
    assert batch.tags is not None
    assert batch.tags.tolist()[0] == [0, 0, BEYOND]
    assert batch.offsets[1].tolist() == [[0, 3], [4, 6], [7, 11]]
    assert TASK.prepare([Document("fly")]).targets is None


def test_the_best_tags_that_the_scheme_allows_are_found_with_their_probability() -> None:
    rng = np.random.default_rng(1)
    names = scheme("iob2").tags(TASK.slots)
    emissions = rng.normal(size=(1, 3, len(names))) * 3
    batch = TASK.batch(TASK.prepare([FLY]), [0])
    (found,) = TASK.predict(Network(emissions, [[2.0, 0.0]]), batch)
    start, transition, end = scheme("iob2").constraints(TASK.slots)
    paths = {
        path: float(emissions[0, range(3), path].sum())
        for path in product(range(len(names)), repeat=3)
        if start[path[0]] and end[path[-1]] and all(transition[a, b] for a, b in pairwise(path))
    }
    total = np.logaddexp.reduce(list(paths.values()))
    read = {path: scheme("iob2").decode([names[at] for at in path], "refuse").spans for path in paths}
    best = read[max(paths, key=paths.__getitem__)]
    offsets = [(0, 3), (4, 6), (7, 11)]
    assert [(span.start, span.end, span.label) for span in found.slots] == [
        (offsets[one.start][0], offsets[one.end - 1][1], one.label) for one in best
    ]
    for span, one in zip(found.slots, best, strict=True):
        chance = sum(np.exp(score - total) for path, score in paths.items() if one in read[path])
        assert span.score == pytest.approx(chance)
    assert (found.intent, found.score) == ("book", pytest.approx(np.exp(2) / (1 + np.exp(2))))


def test_an_utterance_is_right_if_all_of_it_is() -> None:
    documents = [FLY, FLY, FLY, Document("stop", labels=("stop",))]
    right, wrong = Span(7, 11, "to", score=0.9), Span(7, 11, "day", score=0.9)
    outputs = [
        Understood("book", 1.0, (right,)),
        Understood("stop", 1.0, (right,)),
        Understood("book", 1.0, (wrong,)),
        Understood("stop", 1.0, ()),
    ]
    scores = TASK.score(TASK.prepare(documents), outputs)
    assert scores.whole == (True, False, False, True)
    assert scores.sentence_accuracy == 0.5
    assert scores.intents.accuracy == 0.75
    assert scores.slots.micro.f1 == pytest.approx(2 / 3)
    assert scores.figure.value == pytest.approx((0.5 + 0.75 + 2 / 3) / 3)


def test_slots_are_widened_to_the_document_s_own_words_and_training_says_so(tmp_path: Any) -> None:
    text = "fly toOslo"
    document = Document(text, (Span(6, 10, "to"),), tokens=Tokens(text, [(0, 3), (4, 10)]), labels=("book",))
    sequences = TASK.prepare([document])
    assert sequences.targets is not None
    assert sequences.targets[0].tolist()[:-1] == [0, 3]
    said: list[str] = []
    examples = [document, *SMALL["slots"]().examples]
    once = settings_of("slots", training={"epochs": 1})
    train(examples, examples, out=tmp_path / "m", settings=once, say=said.append)
    assert any("1 of 16 slots moved: widened to whole tokens" in line for line in said), said


def test_what_training_refuses(tmp_path: Any) -> None:
    settings = settings_of("slots")
    with pytest.raises(DataError, match="at least two intents, got book"):
        train([FLY], [FLY], out=tmp_path / "m", settings=settings)
    examples = list(SMALL["slots"]().examples)
    bag = settings_of("slots", encoder={"cell": "bag"}, head={"pooling": "last"})
    with pytest.raises(UsageError, match="max, mean or attention with a bag; got last"):
        train(examples, examples, out=tmp_path / "m", settings=bag)


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({}, "'slots' is missing"),
        ({name: value for name, value in TASK.about().items() if name != "lower"}, "'lower' is missing"),
        ({**TASK.about(), "scheme": "beep"}, "no tag scheme 'beep'"),
    ],
)
def test_a_folder_that_lacks_something_is_refused(about: Any, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        Task.open(about, TASK.texts(), {})
