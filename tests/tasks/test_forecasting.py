"""Forecasting from series to folder."""

import numpy as np
import pytest
import torch

import elman
from elman.data.histories import History
from elman.errors import DataError, UsageError
from elman.nn.parts import Network as Learned
from elman.runtime.predictor import load
from elman.settings import RecurrentSettings, TrainingSettings
from elman.tasks.forecasting import Shape, Task, changed, plain_forecasts
from elman.training.objective import tensors_of
from elman.training.objectives.forecasting import Objective, SeriesSettings, Settings


def history(values, begin=0):
    values = np.array(values, np.float64)
    days = np.datetime64("2020-01-01") + np.arange(len(values))
    names = tuple(f"s{at}" for at in range(values.shape[1]))
    return History("waves.csv", names, tuple(map(str, days)), values, begin)


def waves(steps=120):
    times = np.arange(steps)
    return np.column_stack((10 + np.sin(times * np.pi / 4), 50 + 5 * np.cos(times * np.pi / 4)))


def settings(change="differences", epochs=12, **series):
    return Settings(
        series=SeriesSettings(window=8, horizon=3, change=change, quantiles="0.1, 0.5, 0.9", season=8, **series),
        encoder=RecurrentSettings(directions="forward", hidden=16, input_dropout=0, dropout=0, recurrent_dropout=0),
        training=TrainingSettings(epochs=epochs, batch_tokens=128, learning_rate=0.02, averaging=0.9, threads=1),
    )


@pytest.mark.parametrize("change", ["values", "differences", "log_returns"])
def test_waves_are_learned_by_heart_and_the_folder_says_the_same(tmp_path, change):
    series = history(waves())
    outcome = elman.train([series], [series], out=tmp_path / "m", settings=settings(change))
    told = outcome.best.metrics["dev"]
    assert told["mase"]["model"] < 0.4
    assert told["mase"]["seasonal"] == pytest.approx(0, abs=1e-9)
    assert told["rival"] == "seasonal"
    assert told["verdict"].startswith("The seasonal forecast wins")
    model = load(tmp_path / "m")
    assert model.evaluate([series]).mase == told["mase"]
    (found,) = model.predict([series])
    np.testing.assert_allclose(found.median, waves(123)[120:], atol=1.2)
    assert (np.diff(found.values, axis=-1) >= 0).all()


def test_before_training_the_forecast_is_the_naive_one():
    series = history(waves())
    task = Objective.design([series], settings(), None, lambda _: None)
    sequences = task.prepare([series])
    network = Learned(task.parts)
    objective = Objective(task, network, sequences, sequences, settings(), torch.device("cpu"))
    objective.initialise(None)
    scores = objective.score(sequences, map)
    assert scores.mase["model"] == pytest.approx(scores.mase["naive"])
    batch = task.batch(sequences, [0, 5, 7])
    tensors = objective.tensors(batch)
    network.eval()
    with torch.no_grad():
        network.head.weight.normal_()
        theirs = task.forward(network, tensors).numpy()
    from elman.runtime.parts import Network

    ours = task.forward(Network(task.parts, tensors_of(task, network)), batch)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_windows_walk_forward_and_see_nothing_of_what_comes():
    series = history(waves(30), begin=20)
    task = Objective.design([series], settings(), None, lambda _: None)
    sequences = task.prepare([series])
    assert len(sequences) == 30 - 20 - 3 + 1
    assert sequences.ids[0] == "waves.csv after 2020-01-20"
    for at, (rows, target) in enumerate(zip(sequences.inputs, sequences.targets, strict=True)):
        np.testing.assert_array_equal(rows, series.values[20 + at - 9 : 20 + at])
        np.testing.assert_array_equal(target, series.values[20 + at : 23 + at])
    batch = task.batch(sequences, [2])
    again = task._change(sequences.targets[2][None], batch.before) / task._scale
    np.testing.assert_allclose(batch.targets, again, rtol=1e-5)
    assert batch.inputs.shape == (1, 8, 2)


def test_plain_forecasts_are_as_defined():
    shape = Shape(("x",), 3, 4, "values", (0.5,), 3, "refuse", "refuse", (0.0,), (1.0,), (1.0,))
    found = plain_forecasts(np.array([[1.0], [5], [2], [3], [7]]), shape)
    assert found["naive"][:, 0].tolist() == [7, 7, 7, 7]
    assert found["drift"][:, 0].tolist() == [8.5, 10, 11.5, 13]
    assert found["seasonal"][:, 0].tolist() == [2, 3, 7, 2]


def test_changes_are_as_named():
    rows = np.array([[[1.0], [2], [8]]])
    assert changed(rows, "values").tolist() == rows.tolist()
    assert changed(rows, "differences")[0, :, 0].tolist() == [1, 6]
    np.testing.assert_allclose(changed(rows, "log_returns")[0, :, 0], np.log([2, 4]))


def test_the_end_is_held_out():
    (kept,), (held,) = Task.holdout([history(waves(100))], 0.2, 1)
    assert len(kept) == 80
    assert (len(held), held.begin) == (100, 80)


@pytest.mark.parametrize(
    ("values", "series", "error", "message"),
    [
        (np.ones((40, 1)), {}, DataError, "s0: expected differences that vary"),
        (np.arange(-5, 35.0)[:, None], {"change": "log_returns"}, DataError, "expected values above 0 for log_returns"),
        (waves(6), {}, DataError, "expected at least 12 rows"),
        (waves(40), {"columns": "s7"}, DataError, "expected a column 's7'"),
        (np.where(np.arange(40) == 7, np.nan, np.arange(40))[:, None], {}, DataError, "1 gaps in all"),
    ],
)
def test_series_that_cannot_be_learned_are_refused(tmp_path, values, series, error, message):
    with pytest.raises(error, match=message):
        elman.train([history(values)], [history(values)], out=tmp_path / "m", settings=settings(**series))


def test_quantiles_have_the_median_among_them(tmp_path):
    series = [history(waves())]
    for levels in ("0.1, 0.9", "0.5, 2", "half"):
        wrong = Settings(series=SeriesSettings(quantiles=levels))
        with pytest.raises(UsageError, match=r"series\.quantiles between 0 and 1 with 0\.5"):
            elman.train(series, series, out=tmp_path / "m", settings=wrong)
    with pytest.raises(UsageError, match="give a file"):
        Task.example("text")
