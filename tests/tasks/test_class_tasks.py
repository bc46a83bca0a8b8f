"""The tasks that tell classes, over networks of random weights."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from elman.data.document import Document
from elman.data.example import Series
from elman.errors import DataError, UsageError
from elman.nn.parts import Network
from elman.runtime.parts import Network as Computed
from elman.runtime.predictor import outputs_of
from elman.settings import from_dict
from elman.training.objective import tensors_of
from elman.training.objectives import bag_of_words, classification, series_classification

TEXTS = [
    Document("the film is good .", labels=("pos",)),
    Document("a bad film", labels=("neg",)),
    Document("", labels=("neg",)),
    Document("good !", labels=("pos",)),
]
SERIES = [
    Series(np.random.default_rng(at).normal(3, 5, (4 + at, 2)).astype(np.float32), ("ab"[at % 2],), f"s{at}")
    for at in range(4)
]
SMALL = {"encoder": {"hidden": 6}, "training": {"threads": 1}}


def built(kind, examples, tree):
    """A task, its torch network and the same in NumPy."""
    torch.manual_seed(3)
    task = kind.Objective.design(examples, from_dict(tree, "test", kind.Settings), None, lambda _: None)
    network = Network(task.parts).eval()
    return task, network, Computed(task.parts, tensors_of(task, network))


CASES = [
    (classification, TEXTS, {**SMALL, "words": {"size": 8}, "head": {"pooling": pooling}})
    for pooling in ("last", "max", "mean", "attention")
]
CASES += [
    (classification, TEXTS, {"encoder": {"hidden": 6, "cell": cell}, "words": {"size": 8}})
    for cell in ("bag", "window", "convolution", "gru")
]
CASES += [
    (classification, TEXTS, {**SMALL, "words": {"size": 8, "characters": characters, "character_output": 5}})
    for characters in ("lstm", "none")
]
CASES += [(bag_of_words, TEXTS, {"dense": {"hidden": 5}}), (bag_of_words, TEXTS, {"dense": {"layers": 0}})]
CASES += [(series_classification, SERIES, SMALL)]


@pytest.mark.parametrize(("kind", "examples", "tree"), CASES)
def test_torch_and_numpy_tell_the_same(kind, examples, tree):
    task, network, computed = built(kind, examples, tree)
    sequences = task.prepare(examples)
    batch = task.batch(sequences, range(len(examples)))
    tensors = type(batch)(*(None if array is None else torch.from_numpy(np.asarray(array)) for array in batch))
    with torch.inference_mode():
        expected = task.forward(network, tensors).numpy()
    np.testing.assert_allclose(task.forward(computed, batch), expected, atol=1e-4)
    assert expected.std() > 1e-3
    # Alone, too, and be it empty.
    alone = [task.forward(computed, task.batch(sequences, [at]))[0] for at in range(len(examples))]
    np.testing.assert_allclose(alone, expected, atol=1e-4)


@pytest.mark.parametrize("pooling", ["max", "attention"])
def test_a_word_counts_as_much_as_its_loss_costs(pooling):
    tree = {**SMALL, "words": {"size": 8}, "head": {"pooling": pooling}}
    task, _, computed = built(classification, TEXTS, tree)
    text = Document("the film is good .")
    (output,) = outputs_of(task, computed, task.prepare([text]))
    explained = task.explain(computed, text, output)
    assert [word.word for word in explained.words] == text.text.split()
    for at, word in enumerate(explained.words):
        less = " ".join(other for place, other in enumerate(text.text.split()) if place != at)
        (without,) = outputs_of(task, computed, task.prepare([Document(less)]))
        assert word.drop == pytest.approx(output.probabilities[output.label] - without.probabilities[output.label])
        assert text.text[word.start : word.end] == word.word
    weights = [word.weight for word in explained.words]
    if pooling == "attention":
        assert sum(weights) == pytest.approx(1, abs=1e-5)
    else:
        assert weights == [None] * 5
    assert explained.to_json()["words"][0]["word"] == "the"


def test_a_text_without_words_rests_on_none():
    task, _, computed = built(classification, TEXTS, {**SMALL, "words": {"size": 8}})
    (output,) = outputs_of(task, computed, task.prepare([Document("")]))
    assert task.explain(computed, Document(""), output).words == ()


def test_a_word_of_a_bag_counts_as_much_as_its_loss_costs():
    task, _, computed = built(bag_of_words, TEXTS, {"dense": {"hidden": 5}})
    text = Document("Good good film , unseen")
    (output,) = outputs_of(task, computed, task.prepare([text]))
    explained = task.explain(computed, text, output)
    assert [word.word for word in explained.words] == ["Good", "good", "film"]
    (without,) = outputs_of(task, computed, task.prepare([Document("good film")]))
    assert explained.words[0].drop == pytest.approx(
        output.probabilities[output.label] - without.probabilities[output.label]
    )


def test_a_series_does_not_say_what_its_class_rests_on():
    task, _, computed = built(series_classification, SERIES, SMALL)
    with pytest.raises(UsageError, match="leave --words out"):
        task.explain(computed, SERIES[0], None)


@pytest.mark.parametrize(("kind", "examples"), [(classification, TEXTS), (bag_of_words, TEXTS)])
def test_texts_without_a_word_are_named(kind, examples):
    task, _, _ = built(kind, examples, {})
    (line,) = task.remarks(examples)
    assert line == "1 without a word, which get what is told of nothing: text 3"


def test_filled_gaps_are_named():
    task, _, _ = built(series_classification, SERIES, SMALL)
    assert not list(task.remarks(SERIES))
    (line,) = task.remarks([SERIES[0], replace(SERIES[1], filled=3)])
    assert line == "3 missing numbers in 1 series are filled by straight lines between their neighbours: s1"


def test_series_of_other_channels_are_refused():
    task, _, _ = built(series_classification, SERIES, SMALL)
    with pytest.raises(DataError, match="x: expected at least one step of 2 channels, got 3 of 1"):
        task.prepare([Series(np.zeros((3, 1), np.float32), id="x")])
    with pytest.raises(DataError, match="expected 2 channels as in s0, x has 1"):
        built(series_classification, [*SERIES, Series(np.zeros((3, 1), np.float32), ("a",), "x")], SMALL)


def test_an_array_is_an_example_of_a_series():
    task, _, computed = built(series_classification, SERIES, SMALL)
    one = task.example(SERIES[0].values.tolist())
    assert np.array_equal(one.values, SERIES[0].values)
    (first,), (second,) = (outputs_of(task, computed, task.prepare([value])) for value in (one, SERIES[0]))
    assert first == second
