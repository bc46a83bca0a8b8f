"""Learning from documents that are labelled in part."""

from dataclasses import replace

import pytest

import elman
from elman.data.document import Region
from elman.training.train import train

from .examples import DOCUMENTS, NAMES, settings


def partly(number, document):
    """The document with half of its entities unknown; the next with these names has the other half unknown."""
    hidden = [span for at, span in enumerate(document.spans) if (at + number // len(NAMES)) % 2]
    spans = tuple(span for span in document.spans if span not in hidden)
    return replace(document, spans=spans, unknown=tuple(Region(span.start, span.end) for span in hidden))


PARTLY = [partly(number, document) for number, document in enumerate(DOCUMENTS)]


@pytest.mark.parametrize("head", ["crf", "softmax"])
def test_what_half_of_the_labels_say_is_learned_by_heart(tmp_path, head):
    said = []
    chosen = settings({"epochs": 25}, head={"kind": head})
    outcome = train(PARTLY, DOCUMENTS, out=tmp_path / "model", settings=chosen, say=said.append)
    assert outcome.best.dev.value == 1.0
    assert any("count as unknown, not as O" in line for line in said)
    tagger = elman.load(outcome.path)
    for document in DOCUMENTS:
        assert sorted(span.key for span in tagger(replace(document, spans=())).spans) == sorted(
            span.key for span in document.spans
        )


def test_entities_found_where_dev_is_unknown_are_left_out(tmp_path):
    outcome = train(DOCUMENTS, PARTLY, out=tmp_path / "model", settings=settings({"epochs": 15}))
    matching = outcome.best.metrics["dev"]["matching"]
    assert outcome.best.dev.value == 1.0
    assert matching["ignored"] == 32
