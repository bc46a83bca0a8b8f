"""Labels for frames: arrays, outputs, scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.training.task_examples import SMALL, settings_of, train_small

from elman.data.example import Series
from elman.errors import DataError, ModelError, UsageError
from elman.features.vectors import Vectors
from elman.metrics.frames import FrameScores
from elman.tasks.frames import UNSEEN, Labelled, Task
from elman.training.objectives.frames import Objective, Settings
from elman.training.train import train

TASK = Task(2, ("a", "b"), {})


def series(labels: str, channels: int = 2, name: str | None = None) -> Series:
    """Numbers, and a letter for each frame."""
    values = np.arange(len(labels) * channels, dtype=np.float32).reshape(-1, channels)
    return Series(values, tuple(labels), name)


def test_uneven_series_are_padded_and_labels_that_are_not_known_never_right() -> None:
    sequences = TASK.prepare([series("ab"), series("abz", name="one")])
    assert sequences.ids == ("series 1", "one")
    batch = TASK.batch(sequences, [0, 1])
    assert batch.targets is not None
    assert batch.targets.tolist() == [[0, 1, UNSEEN], [0, 1, UNSEEN]]
    assert batch.values.shape == (2, 3, 2)
    assert not batch.values[0, 2].any()
    assert TASK.prepare([Series(np.zeros((3, 2), np.float32))]).targets is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (series("ab", channels=3, name="x"), "x: expected 2 channels, as in training, got 3"),
        (Series(np.zeros((3, 2), np.float32), ("a",), "x"), "x: expected a label for each of its 3 frames, got 1"),
        (Series(np.zeros((0, 2), np.float32), (), "x"), "x: expected at least one frame"),
    ],
)
def test_series_that_do_not_fit_are_refused_by_name(given: Series, said: str) -> None:
    with pytest.raises(DataError, match=said):
        TASK.prepare([given])


def test_arrays_are_series_and_texts_are_not() -> None:
    assert TASK.example(np.zeros((3, 2))).values.dtype == np.float32
    with pytest.raises(DataError, match="expected a series of numbers, time x channels, got 'hello'"):
        TASK.example("hello")
    with pytest.raises(DataError, match="expected finite numbers"):
        TASK.example(np.full((3, 2), np.nan))


def test_runs_are_the_labels_in_short() -> None:
    output = Labelled(("a", "a", "b", "a"), (0.9, 0.7, 0.8, 1.0))
    assert output.runs == [(0, 2, "a"), (2, 3, "b"), (3, 4, "a")]
    assert list(TASK.lines(series("aaba", name="x"), output)) == [
        "x: 4 frames",
        "       0 to      2  a  80.0%",
        "       2 to      3  b  80.0%",
        "       3 to      4  a  100.0%",
    ]


def test_scores_count_frames_and_their_interval_series() -> None:
    scores = FrameScores([("a", "a", "b"), ("b",)], [("a", "b", "b"), ("a",)])
    assert scores.figure.value == 0.5
    assert scores.macro_f1 == pytest.approx((0.5 + 0.5) / 2)
    assert scores.interval is not None
    assert FrameScores([("a", "b")], [("a", "a")]).interval is None
    assert next(scores.lines()).endswith("of 4 frames in 2 series")
    assert (scores.to_json()["examples"], scores.to_json()["frames"]) == (2, 4)


def test_channels_are_scaled_by_the_training_set_and_one_that_stands_still_only_shifted(tmp_path: Any) -> None:
    train_small("frames", tmp_path / "model", training={"epochs": 1})
    from elman.model.task_folder import read_task

    found = read_task(tmp_path / "model").tensors
    values = np.concatenate([one.values for one in SMALL["frames"]().examples])
    np.testing.assert_allclose(found["scale.mean"], values.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(found["scale.deviation"], [values[:, 0].std(), 1.0], rtol=1e-5)


def test_what_training_refuses(tmp_path: Any) -> None:
    with pytest.raises(DataError, match="at least two labels, got a"):
        train([series("aa")], [series("aa")], out=tmp_path / "m", settings=settings_of("frames"))
    vectors = Vectors(("a",), np.ones((1, 3), np.float32))
    with pytest.raises(UsageError, match="leave --vectors out"):
        Objective.design([series("ab")], Settings(), vectors, lambda _: None)


def test_a_folder_that_lacks_something_is_refused() -> None:
    with pytest.raises(ModelError, match="'channels' is missing"):
        Task.open({}, {}, {})
