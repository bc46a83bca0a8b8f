"""Scores of classes, against scikit-learn's definitions spelt out."""

import pytest

from elman.metrics.classes import LARGEST, ClassScores
from elman.metrics.label_sets import LabelSetScores

GOLD = ["a", "a", "b", "c", "c", "c"]
TOLD = ["a", "b", "b", "c", "a", "c"]


def test_accuracy_and_the_f1_of_each_class():
    scores = ClassScores(GOLD, TOLD)
    assert scores.accuracy == 4 / 6
    assert {label: (counts.precision, counts.recall) for label, counts in scores.labels.items()} == {
        "a": (1 / 2, 1 / 2),
        "b": (1 / 2, 1.0),
        "c": (1.0, 2 / 3),
    }
    assert scores.macro_f1 == pytest.approx((1 / 2 + 2 / 3 + 4 / 5) / 3)
    assert scores.figure.name == "accuracy"
    assert scores.figure.shown == "66.67%"
    assert scores.curves["b/F1"] == pytest.approx(2 / 3)


def test_the_confusions_are_a_row_for_each_class():
    scores = ClassScores(GOLD, TOLD)
    lines = list(scores.lines())
    begin = lines.index("confusions: a row for each class, a column for what was told")
    assert [line.split() for line in lines[begin + 1 :]] == [
        ["a", "b", "c"],
        ["a", "1", "1", "0"],
        ["b", "0", "1", "0"],
        ["c", "1", "0", "2"],
    ]
    assert ["a", "b", 1] in scores.to_json()["confusions"]


def test_of_many_classes_the_most_frequent_confusions_are_shown():
    gold = [f"class {number:02}" for number in range(LARGEST + 1)] + ["class 00"]
    told = [*gold[1:-1], gold[0], "class 01"]
    lines = list(ClassScores(gold, told).lines())
    begin = next(at for at, line in enumerate(lines) if line.startswith("confusions"))
    assert lines[begin] == "confusions: the most frequent of 13"
    assert lines[begin + 2].split() == ["class", "00", "class", "01", "2"]


def test_without_a_mistake_there_are_no_confusions_to_show():
    assert not any(line.startswith("confusions") for line in ClassScores(GOLD, GOLD).lines())


def test_scores_of_nothing_are_zero():
    assert ClassScores([], []).accuracy == 0
    assert ClassScores([], []).macro_f1 == 0
    assert LabelSetScores([], []).micro.f1 == 0


def test_any_number_of_labels_has_micro_f1_as_its_figure():
    gold = [("a",), ("a", "b"), (), ("c",)]
    told = [("a",), ("b",), ("a",), ()]
    scores = LabelSetScores(gold, told)
    assert (scores.micro.correct, scores.micro.predicted, scores.micro.support) == (2, 3, 4)
    assert scores.figure.name == "micro F1"
    assert scores.figure.value == pytest.approx(2 * 2 / (3 + 4))
    assert scores.exact == 1 / 4
    assert scores.labels["a"].f1 == pytest.approx(1 / 2)
    assert scores.macro_f1 == pytest.approx((1 / 2 + 1 + 0) / 3)
    assert scores.interval.low <= scores.figure.value <= scores.interval.high
    assert scores.to_json()["labels"]["c"]["support"] == 1
    assert next(scores.lines()).startswith("micro F1 57.14%")


def test_the_order_of_labels_does_not_matter():
    assert LabelSetScores([("a", "b")], [("b", "a")]).exact == 1
