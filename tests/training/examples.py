"""A small labelled set that a tagger can learn by heart, and a session on it."""

import torch

from elman.data.document import Document, Span, Tokens
from elman.settings import from_dict
from elman.training.data import load
from elman.training.tagging_session import TaggingSession

NAMES = [
    "Ada Byron",
    "Alan",
    "Grace Hopper",
    "Edsger",
    "Barbara Liskov",
    "Donald",
    "Radia Perlman",
    "Niklaus",
]
PLACES = ["Paris", "New York", "Oslo", "Buenos Aires", "Kyoto", "Leeds"]


def labelled(sentences, name):
    """A document of sentences, each a list of (words, label or None)."""
    text, spans, offsets, starts = "", [], [], []
    for sentence in sentences:
        starts.append(len(offsets))
        for words, label in sentence:
            begin = len(text)
            for word in words.split(" "):
                offsets.append((len(text), len(text) + len(word)))
                text += word + " "
            if label:
                spans.append(Span(begin, len(text) - 1, label))
        text = text[:-1] + "\n"
    return Document(text, tuple(spans), tokens=Tokens(text, offsets, starts), id=name)


def document(number):
    """Two sentences with a person and a place."""
    name, place = (NAMES[number % len(NAMES)], "PER"), (PLACES[number % len(PLACES)], "LOC")
    first = [name, ("went to", None), place, ("in winter .", None)]
    second = [("It was cold in", None), place, (", said", None), name, (".", None)]
    return labelled([first, second], f"doc-{number}")


DOCUMENTS = [document(number) for number in range(16)]

SMALL = {
    "embedding": {"word_size": 16, "character_size": 8, "character_output": 12, "shape_size": 4},
    "encoder": {"hidden": 12, "input_dropout": 0.1, "dropout": 0.1, "recurrent_dropout": 0.1},
    "training": {
        "epochs": 6,
        "batch_tokens": 64,
        "learning_rate": 0.02,
        "patience": 0,
        "averaging": 0.9,
        "threads": 1,
    },
}


def settings(training=None, **groups):
    """The small settings, with some of them replaced."""
    changed = {**groups, "training": training or {}}
    return from_dict({group: {**SMALL.get(group, {}), **changed.get(group, {})} for group in {*SMALL, *changed}})


def session(chosen=None, *, vectors=None, base=None, say=lambda _: None):
    """A fresh session on the small set."""
    chosen = chosen or settings()
    data = load(DOCUMENTS, DOCUMENTS[:4], None, chosen.data, seed=1, labels={}, format=None, scheme=None, say=say)
    return TaggingSession(data, chosen, vectors, base, torch.device("cpu"), say)
