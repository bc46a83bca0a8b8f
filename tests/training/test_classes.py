"""Training of every task that tells classes: it learns by heart, and its folder tells the same."""

import numpy as np
import pytest
import torch

import elman
from elman.data.audio import sound_of, write_sound
from elman.data.document import Document
from elman.data.example import Series
from elman.data.recordings import Recording
from elman.errors import DataError, UsageError
from elman.features.vectors import Vectors
from elman.metrics.classes import ClassScores
from elman.nn.parts import Network
from elman.settings import from_dict
from elman.tasks.classes import Classes
from elman.training.classes import ClassSettings, balance, batch_steps_for, classes_in, epochs_for
from elman.training.objectives import bag_of_words, classification, series_classification

GOOD, BAD = ("good", "fine", "great"), ("bad", "poor", "grim")
FILLERS = ("the", "film", "was", "so", "a", "story")


def texts(count=24):
    """Texts whose class hangs on one word."""
    rng = np.random.default_rng(1)
    made = []
    for at in range(count):
        words = [*rng.choice(FILLERS, 4), (GOOD, BAD)[at % 2][at // 2 % 3]]
        made.append(Document(" ".join(rng.permutation(words)), labels=(("pos", "neg")[at % 2],), id=f"t{at}"))
    return made


def label_sets(count=24):
    """Texts that may have both classes, or none."""
    made = []
    for at in range(count):
        words = ["the film", "was good" if at & 1 else "", "was poor" if at & 2 else ""]
        labels = (("pos",) if at & 1 else ()) + (("neg",) if at & 2 else ())
        made.append(Document(" ".join(words), labels=labels, id=f"t{at}"))
    return made


def series(count=16):
    """Rising and falling lines of unequal lengths."""
    made = []
    for at in range(count):
        line = np.linspace(0, 1, 5 + at % 4)[:: 1 if at % 2 else -1]
        made.append(Series(np.stack((line, 40 + line), axis=1).astype(np.float32), (("down", "up")[at % 2],), f"s{at}"))
    return made


TRAINING = {"epochs": 20, "batch_tokens": 40, "learning_rate": 0.02, "averaging": 0.5, "threads": 1}
ENCODER = {"hidden": 8, "input_dropout": 0.0, "dropout": 0.0, "recurrent_dropout": 0.0}
WORDS = {"size": 8, "unknown_rate": 0.0}
CASES = {
    "one class": (classification, texts, {"encoder": ENCODER, "words": WORDS, "head": {"pooling": "attention"}}),
    "any number": (classification, label_sets, {"encoder": ENCODER, "words": WORDS}),
    "balanced": (
        classification,
        label_sets,
        {"encoder": ENCODER, "words": WORDS, "head": {"class_weights": "balanced"}},
    ),
    "bag": (bag_of_words, texts, {"dense": {"hidden": 8, "dropout": 0.0}}),
    "series": (series_classification, series, {"encoder": ENCODER, "head": {"class_weights": "balanced"}}),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_learned_by_heart_is_told_by_the_folder(case, tmp_path):
    kind, make, tree = CASES[case]
    examples = make()
    settings = from_dict({**tree, "training": TRAINING}, "test", kind.Settings)
    said = []
    outcome = elman.train(examples, examples, examples, out=tmp_path / "m", settings=settings, say=said.append)
    assert outcome.best.test.value == 1.0, said
    predictor = elman.load(tmp_path / "m")
    outputs = list(predictor.predict(examples))
    assert [set(output.labels) for output in outputs] == [set(example.labels) for example in examples]
    assert predictor.evaluate(examples).to_json() == outcome.best.metrics["test"]
    assert outcome.best.metrics["dev"] == outcome.best.metrics["test"]
    assert any("calibration" in line for line in said)


def sounds(folder):
    """Low and high tones, in files that are named by their class."""
    time = np.arange(1600) / 8000
    for at in range(12):
        kind, pitch = ("low", 300) if at % 2 else ("high", 1500)
        write_sound(folder / f"{kind}_{at}.wav", 0.5 * np.sin(2 * np.pi * (pitch + 10 * at) * time), 8000)


def test_a_folder_of_sounds_is_learned_by_heart(tmp_path):
    (tmp_path / "sounds").mkdir()
    sounds(tmp_path / "sounds")
    tree = {"encoder": ENCODER, "sound": {"bands": 10}, "training": {**TRAINING, "batch_tokens": 60}}
    settings, said = from_dict(tree, "t", series_classification.Settings), []
    folder = tmp_path / "sounds"
    outcome = elman.train(folder, folder, folder, out=tmp_path / "m", settings=settings, say=said.append)
    assert outcome.best.test.value == 1.0
    assert "sounds at 8,000 Hz, a frame of 10 bands every 0.01 s" in said
    model = elman.load(tmp_path / "m")
    assert model(folder / "low_1.wav").label == "low"
    assert model(str(folder / "high_2.wav")).label == "high"
    (tmp_path / "table.csv").write_text("path,label\nsounds/low_1.wav,low\nsounds/high_2.wav,low\n")
    assert elman.evaluate(model, tmp_path / "table.csv").accuracy == 0.5
    write_sound(tmp_path / "two.wav", np.zeros((1600, 2)), 8000)
    assert list(model.task.notes(model.task.example(tmp_path / "two.wav"))) == ["2 channels mixed to one"]
    with pytest.raises(DataError, match="expected a sound, as in training, got a series"):
        model(np.zeros((5, 10)))


def test_sounds_and_series_do_not_mix(tmp_path):
    mixed = [*series(2), Recording(sound_of(np.zeros(1600), 8000), "up")]
    with pytest.raises(DataError, match="got 1 sounds among 3 examples"):
        elman.train(mixed, mixed, out=tmp_path / "m", settings=series_classification.Settings())


def test_a_temperature_is_fitted_on_dev_and_stored(tmp_path):
    examples = texts(120)
    settings = from_dict(
        {"encoder": ENCODER, "words": WORDS, "training": {**TRAINING, "epochs": 1}}, "test", classification.Settings
    )
    said = []
    elman.train(examples, examples, out=tmp_path / "m", settings=settings, say=said.append)
    predictor = elman.load(tmp_path / "m")
    calibration = predictor.task.classes.calibration
    assert calibration.examples == 120
    assert calibration.temperature != 1
    assert f"calibration: {calibration}" in said


@pytest.mark.parametrize(("judged", "best"), [([1, 1, 1], 3), ([0, 1, 0], 2), ([1, 0, 1], 3)])
def test_of_epochs_that_are_judged_alike_the_last_is_kept(judged, best, tmp_path, monkeypatch):
    verdicts = iter(judged)
    scores = {right: ClassScores(["a"], ["a" if right else "b"]) for right in (0, 1)}
    monkeypatch.setattr(series_classification.Objective, "evaluate", lambda *_: scores[next(verdicts)])
    tree = {"encoder": ENCODER, "training": {**TRAINING, "epochs": 3}}
    settings = from_dict(tree, "t", series_classification.Settings)
    outcome = elman.train(series(4), series(4), out=tmp_path / "m", settings=settings)
    assert outcome.best.metrics["training"]["best_epoch"] == best


def test_balanced_weights_make_every_class_count_the_same():
    targets = np.array([0, 0, 0, 1, 2, 2])
    weights = balance(targets, 3)
    sums = np.bincount(targets, weights[targets])
    assert sums == pytest.approx([2, 2, 2])
    many = np.array([[1, 0], [0, 0], [0, 1], [1, 1]], np.float32)
    there, absent = balance(many, 2)
    assert (many * there).sum(axis=0) == pytest.approx([2, 2])
    assert ((1 - many) * absent).sum(axis=0) == pytest.approx([2, 2])
    assert np.isfinite(balance(np.ones((3, 1), np.float32), 1)).all()


@pytest.mark.parametrize("make", [texts, label_sets])
def test_the_loss_is_weighted_cross_entropy(make):
    examples = make()[:7]
    losses = {}
    for weights in ("none", "balanced"):
        settings = from_dict(
            {"encoder": ENCODER, "words": WORDS, "head": {"class_weights": weights}}, "t", classification.Settings
        )
        torch.manual_seed(1)
        task = classification.Objective.design(examples, settings, None, lambda _: None)
        sequences = task.prepare(examples)
        network = Network(task.parts)
        objective = classification.Objective(task, network, sequences, sequences, settings, torch.device("cpu"))
        network.eval()
        batch = objective.tensors(task.batch(sequences, range(7)))
        with torch.inference_mode():
            scores = task.forward(network, batch).double().numpy()
            losses[weights] = float(objective.losses(batch))
        targets = np.stack(sequences.targets)
        weight = balance(targets, 2) if weights == "balanced" else np.ones((2, 2) if targets.ndim > 1 else 2)
        if targets.ndim > 1:
            said = 1 / (1 + np.exp(-scores))
            expected = -np.where(targets > 0, weight[0] * np.log(said), weight[1] * np.log(1 - said)).sum()
        else:
            said = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
            expected = -(weight[targets] * np.log(said[np.arange(7), targets])).sum()
        assert losses[weights] == pytest.approx(float(expected), rel=1e-4)
    assert losses["none"] != pytest.approx(losses["balanced"], rel=1e-4)


@pytest.mark.parametrize(("steps", "expected"), [(10, 64), (6_400, 100), (50_000, 512), (10**9, 512)])
def test_small_sets_have_small_batches(steps, expected):
    assert batch_steps_for(steps) == expected


@pytest.mark.parametrize(("batches", "expected"), [(0, 60), (3, 60), (100, 12), (5000, 5)])
def test_small_sets_are_seen_more_often(batches, expected):
    assert epochs_for(batches) == expected


def found(gold, labels="auto"):
    said = []
    names = [f"t{at}" for at in range(len(gold))]
    return classes_in(gold, names, ClassSettings(labels=labels), said.append), said


def test_which_classes_there_are_is_found_out_and_told():
    assert found([("b",), ("a",), ("a",), ("b",)]) == (Classes(("a", "b")), ["one of 2 classes: b 2, a 2"])
    classes, said = found([("a", "b"), (), ("a",), ("b",)])
    assert classes == Classes(("a", "b"), multi=True)
    assert said == ["any number of 2 classes: 1 of 4 examples have several, 1 have none"]
    assert found([("a",), ("b",)], "multi")[0].multi
    assert found([("a",), ("a",), ("b",)])[1][1] == "warning: seen once, which is too little to learn from: b"


def test_too_few_classes_or_too_many_of_an_example_are_refused():
    with pytest.raises(DataError, match="at least two classes to learn from, got a alone"):
        found([("a",), ("a",)])
    with pytest.raises(DataError, match=r"expected one class for every example, t1 has a, b; .*head\.labels = multi"):
        found([("a",), ("a", "b")], "single")
    with pytest.raises(DataError, match="got none alone"):
        found([(), ()])


def test_vectors_are_for_words_in_order(tmp_path):
    vectors = Vectors(["good"], np.ones((1, 4), np.float32))
    for kind, make in ((bag_of_words, texts), (series_classification, series)):
        with pytest.raises(UsageError, match="leave --vectors out"):
            elman.train(make(), out=tmp_path / "m", settings=kind.Settings(), vectors=vectors)


def test_last_states_are_those_of_recurrent_cells(tmp_path):
    tree = {"encoder": {"cell": "convolution"}, "head": {"pooling": "last"}}
    for kind, make in ((classification, texts), (series_classification, series)):
        with pytest.raises(UsageError, match="max, mean or attention with a convolution"):
            elman.train(make(), out=tmp_path / "m", settings=from_dict(tree, "t", kind.Settings))


def test_words_to_count_are_needed(tmp_path):
    settings = from_dict({"words": {"min_count": 99}}, "t", bag_of_words.Settings)
    with pytest.raises(DataError, match="none that occurs at least 99 times"):
        elman.train(texts(), out=tmp_path / "m", settings=settings)
