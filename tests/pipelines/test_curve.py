from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.training.examples import DOCUMENTS, SMALL

from elman.errors import DataError, UsageError
from elman.pipelines import curve, order
from elman.pipelines.curve import learning_curve, units_of
from elman.pipelines.order import AS_THEY_ARE, BAG, SHUFFLED, word_order
from elman.settings import from_dict
from elman.training.data import load
from elman.training.trial import Scores, scores_of, subset

SETTINGS = from_dict({**SMALL, "training": {**SMALL["training"], "epochs": 2}})


@pytest.fixture(scope="module")
def data():
    return load(DOCUMENTS, DOCUMENTS, None, SETTINGS.data, seed=1, labels={}, format=None, scheme=None, say=[].append)


class Trainings:
    """Stands in for trainings: the more there is to learn from, the better."""

    def __init__(self):
        self.made = []

    def __call__(self, data, settings, vectors, _):
        assert vectors is None
        self.made.append((data, settings))
        return Scores(1 - 0.5 / len(data.train.examples) ** 0.5, None, 2, 1.0)


def test_shares_are_nested_in_a_seed_and_others_in_another(data, monkeypatch, tmp_path):
    trainings = Trainings()
    monkeypatch.setattr(curve, "scores_of", trainings)
    keep = tmp_path / "runs.json"
    found = learning_curve(data, [0.2, 0.4, 0.7, 1], settings=SETTINGS, seeds=2, keep=keep)
    unit, units = units_of(data)
    assert (unit, len(units)) == ("sentences", len(data.train.examples))
    assert found.sizes == [int(np.ceil(share * len(units))) for share in (0.2, 0.4, 0.7, 1)]
    words = [set(part.train.examples.types) for part, _ in trainings.made]
    for first in (0, 4):
        assert words[first] < words[first + 1] < words[first + 3] == set(data.train.examples.types)
    assert words[0] != words[4]
    assert [settings.training.seed for _, settings in trainings.made] == [1] * 4 + [2] * 4
    # The same call makes nothing anew; one with other settings is refused.
    assert learning_curve(data, [0.2, 0.4, 0.7, 1], settings=SETTINGS, seeds=2, keep=keep) == found
    assert len(trainings.made) == 8
    other = replace(SETTINGS, training=replace(SETTINGS.training, epochs=3))
    with pytest.raises(UsageError, match="holds runs of other data or settings"):
        learning_curve(data, [0.2, 0.4, 0.7, 1], settings=other, seeds=2, keep=keep)
    keep.write_text("[]")
    with pytest.raises(UsageError, match="is there and holds no runs"):
        learning_curve(data, [0.2, 0.4, 0.7, 1], settings=SETTINGS, seeds=2, keep=keep)


@pytest.mark.parametrize("shares", [[0.5, 1], [0.1, 0.2, 0.5, 0.9], [0, 0.2, 0.5, 1]])
def test_shares_that_make_no_curve_are_refused(data, shares):
    with pytest.raises(UsageError, match="expected at least 4 shares"):
        learning_curve(data, shares, settings=SETTINGS)


def test_a_set_too_small_for_its_shares_is_refused(data):
    with pytest.raises(DataError, match="give larger shares"):
        learning_curve(data, [0.001, 0.002, 0.5, 1], settings=SETTINGS)


def test_a_subset_knows_no_other_words(data):
    windows = np.array([3, 0])
    part = subset(data.train, windows)
    whole, some = data.train.examples, part.examples
    for at, window in enumerate(sorted(windows)):
        before = [whole.types[t] for t in whole.tokens[whole.starts[window] : whole.starts[window + 1]]]
        assert before == [some.types[t] for t in some.tokens[some.starts[at] : some.starts[at + 1]]]
    assert some.counts.tolist() == np.bincount(some.tokens, minlength=len(some.types)).tolist()
    assert min(some.counts) == 1
    assert part.fingerprint != data.train.fingerprint


def test_a_trial_scores_as_a_training_does_and_leaves_nothing(data, tmp_path):
    from elman.training.train import train

    outcome = train(DOCUMENTS, DOCUMENTS, DOCUMENTS, out=tmp_path / "model", settings=SETTINGS)
    scores = scores_of(replace(data, test=data.dev), SETTINGS)
    assert scores.dev == outcome.best.dev.value
    assert scores.test == outcome.best.test.value
    assert scores.epochs == 2


def test_order_trains_each_row_with_the_same_seeds(data, monkeypatch, tmp_path):
    trainings = Trainings()
    monkeypatch.setattr(order, "scores_of", trainings)
    found = word_order(data, settings=SETTINGS, seeds=2, keep=tmp_path / "runs.json")
    assert found.rows[:2] == [AS_THEY_ARE, SHUFFLED]
    # A version without the cell says so.
    assert (BAG in found.rows) != any(line.startswith(BAG) for line in found.left_out)
    by_seed = {}
    for part, settings in trainings.made:
        by_seed.setdefault(settings.training.seed, []).append(part)
    assert sorted(by_seed) == [1, 2]
    for straight, shuffled, *_ in by_seed.values():
        assert np.array_equal(straight.train.examples.tokens, data.train.examples.tokens)
        for name in ("train", "dev"):
            before, after = getattr(straight, name).examples, getattr(shuffled, name).examples
            assert not np.array_equal(before.tokens, after.tokens)
            assert np.array_equal(np.sort(before.tokens), np.sort(after.tokens))
    made = len(trainings.made)
    assert word_order(data, settings=SETTINGS, seeds=2, keep=tmp_path / "runs.json") == found
    assert len(trainings.made) == made
