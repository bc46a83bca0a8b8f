"""Attributions: exact where they can be, complete, and of the probability that the runtime gives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

import elman
from elman.data.document import Document, Span
from elman.errors import UsageError
from elman.inspection.attribution import (
    ROUNDING,
    TOLERANCE,
    Target,
    attribute,
    entity_target,
    integrated_gradients,
    scorer,
    token_target,
)
from elman.inspection.sentences import decoder_of, emissions, read_sentences, unknown_vector
from elman.training.reopening import reopen
from tests.training.examples import DOCUMENTS
from tests.training.examples import settings as small

if TYPE_CHECKING:
    from pathlib import Path

    from elman.training.reopening import Reopened

TEXT = "Ada Byron went to New York in winter ."


def test_of_a_linear_function_they_are_exact() -> None:
    weights = torch.tensor([[1.0, -2.0], [0.5, 3.0]])
    x, baseline = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[0.5, 0.0], [0.0, 1.0]])
    found = integrated_gradients(lambda rows: (rows * weights).sum((1, 2)) + 7, x, baseline, 1)
    np.testing.assert_allclose(found, weights * (x - baseline), rtol=1e-6)


def test_of_a_product_each_factor_has_half() -> None:
    found = integrated_gradients(lambda rows: rows.prod(1), torch.tensor([3.0, 4.0]), torch.zeros(2), 2)
    np.testing.assert_allclose(found, [6, 6], rtol=1e-6)


@pytest.mark.parametrize("points", [3, 40])
def test_of_a_polynomial_they_are_complete(points: int) -> None:
    x, baseline = torch.tensor([1.5, -0.5, 2.0]), torch.tensor([0.25, 1.0, -1.0])

    def function(rows: torch.Tensor) -> torch.Tensor:
        return rows[:, 0] ** 3 * rows[:, 1] + rows[:, 2] ** 2

    found = integrated_gradients(function, x, baseline, points)
    difference = function(torch.stack((x, baseline)))
    np.testing.assert_allclose(found.sum(), difference[0] - difference[1], rtol=1e-5)


def test_shares_add_up_to_what_the_context_does(network: Reopened) -> None:
    (sentence,) = read_sentences(network, TEXT)
    assert sentence.entities
    for number, entity in enumerate(sentence.entities):
        found = attribute(network, sentence, entity_target(sentence, number))
        assert found.complete
        gained = np.log(found.probability) - np.log(found.baseline)
        most = TOLERANCE * np.abs(found.shares).sum() + ROUNDING
        assert found.shares.sum() == pytest.approx(gained, abs=most)
        assert not found.shares[entity.first : entity.stop].any()
        assert np.abs(found.shares).sum() > 10 * ROUNDING  # else nothing was shown


def test_more_points_are_taken_until_the_sum_is_right(network: Reopened, monkeypatch: pytest.MonkeyPatch) -> None:
    (sentence,) = read_sentences(network, TEXT)
    monkeypatch.setattr("elman.inspection.attribution.FEWEST", 1)
    assert attribute(network, sentence, entity_target(sentence, 0)).points > 1
    monkeypatch.setattr("elman.inspection.attribution.MOST", 1)
    assert not attribute(network, sentence, entity_target(sentence, 0)).complete


def test_the_probability_is_the_runtimes(trained: Path, network: Reopened) -> None:
    (sentence,) = read_sentences(network, TEXT)
    spans = elman.load(trained, engine="numpy")(TEXT).spans
    assert len(spans) == len(sentence.entities) > 0
    for number, span in enumerate(spans):
        found = attribute(network, sentence, entity_target(sentence, number))
        assert found.probability == pytest.approx(span.score, abs=1e-5)


def test_an_erased_token_is_read_as_nothing(trained: Path, network: Reopened) -> None:
    """What is erased is what the runtime computes if the token's row alone is another."""
    (sentence,) = read_sentences(network, TEXT)
    target = entity_target(sentence, 0)
    found = attribute(network, sentence, target)
    with torch.inference_mode():
        for at in range(len(sentence.words)):
            vectors = sentence.vectors.clone()
            vectors[at] = unknown_vector(network.network)
            tagger = elman.load(trained, engine="numpy")
            scores = emissions(network.network, vectors[None])[0].numpy()
            spans = np.array([[0, target.first, target.stop, network.task.labels.index(target.label)]])
            expected = tagger.decoder.probabilities(scores, np.array([len(vectors)]), spans)
            assert found.erased[at] == pytest.approx(expected[0], abs=1e-6)


@pytest.mark.parametrize(
    ("scheme", "head"), [("iob1", "crf"), ("io", "crf"), ("iob2", "crf"), ("ioe1", "softmax"), ("iobes", "softmax")]
)
def test_the_probability_is_the_decoders_in_every_scheme(tmp_path: Path, scheme: str, head: str) -> None:
    """Of all spans and labels, entities of the best sequence or not; with a temperature."""
    chosen = small({"epochs": 1}, head={"scheme": scheme, "kind": head}, encoder={"context": 0})
    elman.train(DOCUMENTS, DOCUMENTS, out=tmp_path / "model", settings=chosen)
    model = reopen(tmp_path / "model")
    manifest = replace(model.folder.manifest, temperature=1.7)
    model = model._replace(folder=replace(model.folder, manifest=manifest))
    (sentence,) = read_sentences(model, "Ada went to Oslo")
    with torch.inference_mode():
        scores = emissions(model.network, sentence.vectors[None])[0].numpy()
    spans = [(a, b, label) for a in range(4) for b in range(a + 1, 5) for label in range(2)]
    expected = decoder_of(model).probabilities(scores, np.array([4]), np.array([[0, *span] for span in spans]))
    with torch.inference_mode():
        found = [
            float(scorer(model, 4, Target(model.task.labels[label], a, b, whole=True))(sentence.vectors[None])[0])
            for a, b, label in spans
        ]
    np.testing.assert_allclose(np.exp(found), expected, atol=1e-6)


def test_the_labels_of_a_token_share_its_probability(network: Reopened) -> None:
    (sentence,) = read_sentences(network, TEXT)
    with torch.inference_mode():
        for at in range(len(sentence.words)):
            targets = [Target(label, at, at + 1, whole=False) for label in ("O", *network.task.labels)]
            each = [
                scorer(network, len(sentence.words), target)(sentence.vectors[None]).exp().item() for target in targets
            ]
            assert sum(each) == pytest.approx(1, abs=1e-9)


def test_a_tokens_label_is_that_of_its_entity(network: Reopened) -> None:
    (sentence,) = read_sentences(network, TEXT)
    first = sentence.entities[0]
    assert token_target(sentence, first.first) == Target(first.label, first.first, first.first + 1, whole=False)
    assert token_target(sentence, len(sentence.words) - 1).label == "O"
    with pytest.raises(UsageError, match="expected a token from 1 to 9, got 10"):
        token_target(sentence, 9)


def test_a_lone_token_has_no_context(network: Reopened) -> None:
    (sentence,) = read_sentences(network, "Ada")
    found = attribute(network, sentence, token_target(sentence, 0))
    assert found.probability == pytest.approx(found.baseline)
    assert found.shares.tolist() == [0]
    assert found.complete


def test_sentences_are_those_of_the_text(network: Reopened) -> None:
    text = "  Ada went to Oslo in winter. It was cold in Paris."
    first, second = read_sentences(network, text)
    for sentence in (first, second):
        assert [text[start:end] for start, end in sentence.offsets] == list(sentence.words)
    document = elman.load(network.folder.path, engine="numpy")(text)
    found = [
        Span(one.offsets[entity.first][0], one.offsets[entity.stop - 1][1], entity.label)
        for one in (first, second)
        for entity in one.entities
    ]
    assert [span.key for span in found] == [span.key for span in document.spans]


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_text_without_words_is_refused(network: Reopened, text: str) -> None:
    with pytest.raises(UsageError, match="expected a text with at least one word"):
        read_sentences(network, Document(text))
