"""Judging the probabilities of a small model on documents that it labelled itself, changed by hand."""

from dataclasses import replace

import numpy as np
import pytest

from elman.data.document import Document, Region, Span, Tokens
from elman.metrics.calibration import expected_calibration_error
from elman.runtime.calibration import FEWEST, fit, gather
from elman.runtime.tagger import load
from tests.model.examples import write

WORDS = ("the", "bank", "said", "on", "Monday", "Mr", "Smith", "of", "7", ",", "Ä", "Xyz", "unheard")


def text_of(rng, sentences=3):
    """A document with tokens and sentences."""
    words, starts = [], []
    for _ in range(sentences):
        starts.append(len(words))
        words += rng.choice(WORDS, rng.integers(2, 12)).tolist()
    ends = np.cumsum([len(word) + 1 for word in words]) - 1
    text = " ".join(words)
    return Document(text, tokens=Tokens(text, np.column_stack((ends - [len(w) for w in words], ends)), starts))


@pytest.fixture(scope="module")
def tagger(tmp_path_factory):
    return load(write(tmp_path_factory.mktemp("calibration") / "model", scale=0.6))


@pytest.fixture(scope="module")
def texts():
    rng = np.random.default_rng(7)
    return [text_of(rng) for _ in range(40)]


def sampled(tagger, texts, heat, seed=3):
    """Gold drawn at random: each span that the model predicts, right as often as it says at a temperature."""
    rng = np.random.default_rng(seed)
    bare = gather(tagger, texts)
    spans = bare.decoder(bare.emissions, bare.lengths).spans
    right = rng.random(len(spans)) < bare.decoder.at(heat).probabilities(
        bare.emissions, bare.lengths, spans.astype(np.int64)
    )
    return replace(bare, gold=spans[right].astype(np.int64))


def test_predicted_spans_are_those_that_tagging_gives(tagger, texts):
    gold = [replace(doc, spans=tuple(doc.spans[::2])) for doc in tagger.tag(texts)]
    judged = gather(tagger, gold).predicted(1.0)
    expected = [
        (number, span.label, span.score, span.key in {own.key for own in truth.spans})
        for number, (truth, doc) in enumerate(zip(gold, tagger.tag(texts), strict=True))
        for span in doc.spans
    ]
    found = zip(judged.unit, judged.label, judged.probability, judged.correct, strict=True)
    assert [(unit, tagger.labels[label], p, right) for unit, label, p, right in found] == expected
    assert (len(judged.lost), judged.units) == (0, 40)


def test_candidates_are_those_of_the_tagger(tagger, texts):
    judged = gather(tagger, texts).candidates(1.0, 0.01)
    expected = [span.score for doc in tagger.candidates(texts, 0.01) for span in doc.spans]
    assert judged.probability.tolist() == expected
    assert not judged.correct.any()


def test_gold_that_cannot_be_found_is_lost_and_not_forgotten(tagger):
    text = "the bank said Xyz\nMr Smith of Xyz"
    tokens = Tokens(text, [(0, 3), (4, 8), (9, 13), (14, 17), (18, 20), (21, 26), (27, 29), (30, 33)], [0, 4])
    spans = (
        Span(0, 3, "PLANET"),  # a label that the model does not have
        Span(5, 8, "LOC"),  # not where tokens begin
        Span(14, 20, "PER"),  # across sentences
        Span(21, 26, "PER"),
        Span(21, 26, "PER", id="again"),
        Span(4, 8, "LOC", layer="chunks"),
    )
    labelled = gather(tagger, [Document("on Monday"), Document(text, spans, tokens=tokens)])
    assert (labelled.units, labelled.unit) == (2, "document")
    assert sorted(labelled.lost.tolist()) == [[1, -1], [1, 0], [1, 2]]
    assert labelled.gold[:, 1:].tolist() == [[1, 2, 2]]
    judged = labelled.candidates(1.0, 1e-9)
    assert judged.correct.sum() + len(judged.lost) == 4
    alone = gather(tagger, [Document(text, spans, tokens=tokens)])
    assert (alone.units, alone.unit) == (2, "window")
    assert sorted(alone.lost.tolist()) == [[0, -1], [0, 0], [0, 2]]
    assert alone.owners.tolist() == [0, 1]


def test_what_nobody_labelled_is_neither_right_nor_wrong(tagger, texts):
    (doc,) = (doc for doc in tagger.tag(texts[:1]))
    first, second = doc.spans[:2]
    partly = replace(doc, spans=(first,), unknown=(Region(first.start, second.end),))
    judged = gather(tagger, [partly]).predicted(1.0)
    assert len(judged.probability) == len(doc.spans) - 1
    assert judged.correct.sum() == 1


def test_some_windows_are_judged_as_in_the_whole(tagger, texts):
    gold = list(tagger.tag(texts))
    gold[3] = replace(gold[3], spans=(*gold[3].spans, Span(0, len(gold[3].text), "LOC")))
    labelled = gather(tagger, gold)
    even = np.arange(40) % 2 == 1
    half = labelled.take(even[labelled.owners]).candidates(1.3)
    whole = labelled.candidates(1.3).within(even)
    assert (half.units, half.lost.tolist()) == (whole.units, whole.lost.tolist())
    for name in ("probability", "correct", "unit", "label"):
        assert getattr(half, name).tolist() == getattr(whole, name).tolist()
    assert [3, 0] in half.lost.tolist()


@pytest.mark.parametrize(("heat", "tokens"), [(0.7, 5000), (1.8, 400)])
def test_the_temperature_of_the_truth_is_found(tagger, heat, tokens, monkeypatch):
    monkeypatch.setattr("elman.runtime.calibration._COARSE_TOKENS", tokens)  # with 400 it takes two stages
    rng = np.random.default_rng(1)
    labelled = sampled(tagger, [text_of(rng, 8) for _ in range(30)], heat)
    found = fit(labelled)
    assert found.temperature == pytest.approx(heat, rel=0.25)
    assert found.note == ""
    judged = labelled.predicted(found.temperature)
    assert found.after == expected_calibration_error(judged.probability, judged.correct)
    assert found.after < max(found.before, 0.06)
    assert fit(labelled) == found


def test_few_spans_leave_the_temperature_as_it_is(tagger, texts):
    for some in ([], [Document("")], texts[:2]):
        found = fit(gather(tagger, some))
        assert found.temperature == 1.0
        assert found.before == found.after
        assert str(FEWEST) in found.note


def test_a_model_that_is_always_right_does_not_become_certain(tagger, texts):
    found = fit(gather(tagger, list(tagger.tag(texts))))
    assert found.spans >= FEWEST
    assert 0.2 <= found.temperature < 5
