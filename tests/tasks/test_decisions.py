"""Decisions, calibration and thresholds of classes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.errors import DataError, ModelError
from elman.metrics.classes import ClassScores
from elman.metrics.label_sets import LabelSetScores
from elman.tasks.classes import FEWEST, Calibration, Classes

ONE = Classes(("a", "b", "c"))
ANY = Classes(("a", "b", "c"), multi=True)


def test_one_class_each_is_the_most_probable_one():
    (told,) = ONE.decide(np.array([[0.0, np.log(3), 0.0]], np.float32))
    assert told.labels == ("b",)
    assert told.label == "b"
    assert list(told.probabilities) == ["b", "a", "c"]
    assert list(told.probabilities.values()) == pytest.approx([0.6, 0.2, 0.2])
    assert told.to_json() == {"label": "b", "probabilities": {"b": 0.6, "a": 0.2, "c": 0.2}}


def test_any_number_of_classes_is_those_that_are_probable_enough():
    scores = np.array([[np.log(3), -800.0, np.log(1.5)], [-5.0, -6.0, -7.0]])
    both, none = ANY.decide(scores)
    assert both.labels == ("a", "c")
    assert both.probabilities == pytest.approx({"a": 0.75, "c": 0.6, "b": 0.0})
    assert none.labels == ()
    assert none.to_json()["labels"] == []
    assert str(none) == "none"


def test_targets():
    assert ONE.target(("b",)) == 1
    assert ONE.target(("unseen",)) == ONE.target(()) == -1
    assert ANY.target(("c", "a", "unseen")).tolist() == [1, 0, 1]


def test_scores_are_of_the_kind_of_the_decision():
    outputs = ONE.decide(np.eye(3))
    assert isinstance(ONE.score([("a",), ("b",), ("c",)], outputs), ClassScores)
    assert isinstance(ANY.score([("a",), (), ("c", "a")], ANY.decide(np.eye(3))), LabelSetScores)
    with pytest.raises(DataError, match="number 2 has a, c"):
        ONE.score([("a",), ("a", "c"), ()], outputs)


def test_a_model_folder_says_all_of_it():
    whole = Classes(("a", "b"), True, 0.35, Calibration(1.7, 200, 0.1, 0.02))
    assert Classes.open(whole.about()) == whole
    with pytest.raises(ModelError, match="threshold"):
        Classes.open({key: value for key, value in whole.about().items() if key != "threshold"})


def overconfident(classes, temperature, count=4000):
    """Scores, and labels drawn from what they say at a temperature: the one that a calibration should find."""
    rng = np.random.default_rng(7)
    scores = rng.normal(0, 4, (count, 3))
    names = classes.names
    if classes.multi:
        drawn = rng.random((count, 3)) < 1 / (1 + np.exp(-scores / temperature))
        return scores, [tuple(name for name, one in zip(names, row, strict=True) if one) for row in drawn]
    powers = np.exp(scores / temperature)
    drawn = [rng.choice(3, p=row) for row in powers / powers.sum(axis=1, keepdims=True)]
    return scores, [(names[at],) for at in drawn]


@pytest.mark.parametrize("classes", [ONE, ANY])
@pytest.mark.parametrize("temperature", [0.5, 2.5])
def test_the_temperature_by_which_labels_were_drawn_is_found(classes, temperature):
    scores, gold = overconfident(classes, temperature)
    fitted = classes.calibrated(gold, classes.decide(scores))
    assert fitted.calibration.temperature == pytest.approx(temperature, rel=0.1)
    assert fitted.calibration.after < fitted.calibration.before / 3
    before, after = classes.decide(scores[:20]), fitted.decide(scores[:20])
    assert [one.label for one in before] == [one.label for one in after]
    assert "expected calibration error" in str(fitted.calibration)


def test_few_examples_tell_no_temperature():
    scores, gold = overconfident(ONE, 2.5, FEWEST - 1)
    assert ONE.calibrated(gold, ONE.decide(scores)) == ONE
    assert "fewer than 100" in str(ONE.calibration)


def test_the_threshold_has_the_best_micro_f1():
    scores, gold = overconfident(ANY, 1.0, 500)
    shifted = scores - 2.0  # too modest: a half is too high a threshold
    fitted = ANY.calibrated(gold, ANY.decide(shifted))
    assert fitted.threshold < 0.5
    assert fitted.score(gold, fitted.decide(shifted)).micro.f1 > ANY.score(gold, ANY.decide(shifted)).micro.f1


def test_remarks_name_classes_that_training_has_not_seen():
    (line,) = ONE.remarks(["1", "2"], [("a",), ("new",)])
    assert line == "warning: classes that training has not seen count as missed: new (1)"
    (line,) = ONE.remarks(["1", "2"], [("a", "b"), ("c",)])
    assert line == "warning: 1 with several classes, where the model tells one: 1"
    assert not list(ANY.remarks(["1", "2"], [("a", "b"), ()]))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3), min_size=1, max_size=5))
def test_probabilities_are_probabilities_whatever_the_scores(rows):
    for told in ONE.decide(np.array(rows)):
        assert sum(told.probabilities.values()) == pytest.approx(1)
        assert told.probabilities[told.label] == max(told.probabilities.values())
    for told in ANY.decide(np.array(rows)):
        assert all(0 <= value <= 1 for value in told.probabilities.values())
        assert set(told.labels) == {name for name, value in told.probabilities.items() if value >= 0.5}
