from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import create_trial
from tests.training.examples import DOCUMENTS, SMALL

from elman.errors import DataError, TrainingError, UsageError
from elman.metrics.figure import Figure
from elman.pipelines import tuning
from elman.pipelines.search_space import RANGES, Range, SearchSpace
from elman.pipelines.study import DATABASE, FINALISTS, Study
from elman.pipelines.tuning import FRESH, SETTINGS, TRIALS, Budget, lines_of, tune
from elman.settings import Settings, from_dict, load
from elman.training.data import load as load_data
from elman.training.records import Evaluation
from elman.training.trial import Scores

START = from_dict({**SMALL, "training": {**SMALL["training"], "epochs": 3}})


def data_of(documents):
    return load_data(documents, documents, None, START.data, seed=1, labels={}, format=None, scheme=None, say=[].append)


def space_of(data):
    return SearchSpace(START, (), len(data.train.examples.tokens), vectors=False)


@pytest.fixture(scope="module")
def data():
    return data_of(DOCUMENTS)


class Trainings:
    """Stands in for trainings: scores that follow from the settings, told epoch by epoch."""

    def __init__(self, score, epochs=2):
        self.score = score
        self.epochs = epochs
        self.made = []

    def __call__(self, data, settings, vectors, observe):
        assert data.test is vectors is None
        self.made.append(settings)
        f1 = self.score(settings, len(self.made))
        for epoch in range(1, self.epochs + 1):
            figure = Figure("F1", f1 * epoch / self.epochs, "")
            observe(Evaluation(epoch, epoch, figure, True, 1.0, None))
        return Scores(f1, None, self.epochs, 1.0)


@pytest.fixture
def pretend(monkeypatch):
    def into(score, **more):
        trainings = Trainings(score, **more)
        monkeypatch.setattr(tuning, "scores_of", trainings)
        return trainings

    return into


def size(settings, _):
    """The more units, the better."""
    return settings.encoder.hidden / 400


def test_three_real_trials_leave_settings_and_a_table(data, tmp_path):
    said = []
    fixed = tuple(name for name in RANGES if name not in ("training.learning_rate", "encoder.dropout"))
    call = {"settings": START, "fixed": fixed, "seeds": 1, "say": said.append}
    found = tune(data, tmp_path / "study", budget=Budget(3, None), **call)
    assert set(found.best.values) == {"training.learning_rate", "encoder.dropout"}
    assert load(tmp_path / "study" / SETTINGS) == found.settings
    rows = [line.split("\t") for line in (tmp_path / "study" / TRIALS).read_text().splitlines()]
    assert [row[0] for row in rows] == ["trial", "0", "1", "2"]
    assert all(float(row[2]) >= 0 for row in rows[1:])
    assert [line.split(":")[0] for line in said[:3]] == ["trial 0", "trial 1", "trial 2"]
    assert sum("again, seed 1001" in line for line in said) == 3
    # No training leaves anything else behind.
    assert sorted(path.name for path in (tmp_path / "study").iterdir()) == sorted([DATABASE, SETTINGS, TRIALS])


def test_the_settings_given_are_the_first_trial_and_what_is_better_is_found(data, tmp_path, pretend):
    trainings = pretend(size)
    found = tune(data, tmp_path / "s", settings=START, budget=Budget(4, None), seeds=1)
    assert trainings.made[0] == START
    assert found.candidates[0].start
    assert found.settings.encoder.hidden == max(made.encoder.hidden for made in trainings.made) > START.encoder.hidden
    text = "\n".join(lines_of(found))
    assert f"Trial {found.best.number} is found" in text
    assert "(the settings given)" in text


def test_fresh_seeds_decide_and_not_the_search(data, tmp_path, pretend):
    # In the search every other trial looks better than the first; with fresh seeds all are as good.
    pretend(lambda settings, number: 0.5 if settings.training.seed > FRESH else min(0.1 * number, 0.9))
    found = tune(data, tmp_path / "s", settings=START, budget=Budget(5, None))
    assert len(found.finalists) == FINALISTS + 1
    assert found.seeds == (1001, 1002)
    assert found.best.start
    assert found.settings == START
    assert "Nothing that was tried does better" in "\n".join(lines_of(found))


def test_what_falls_behind_is_stopped(data, tmp_path, pretend):
    settings = replace(START, training=replace(START.training, epochs=6))
    pretend(lambda _, number: 0.9 if number <= 4 else 0.1, epochs=6)
    found = tune(data, tmp_path / "s", settings=settings, budget=Budget(5, None), seeds=1)
    assert [one.state for one in found.candidates] == ["finished"] * 4 + ["stopped"]
    # Not before a third of its epochs is over.
    assert 2 <= found.candidates[4].epochs < 6
    assert not found.candidates[4].again


def test_it_goes_on_where_it_was_cut_off(data, tmp_path, pretend):
    def interrupted(settings, number):
        if number in (2, 5):
            raise KeyboardInterrupt
        return size(settings, number)

    trainings = pretend(interrupted)
    call = {"settings": START, "seeds": 1}
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            tune(data, tmp_path / "s", budget=Budget(3, None), **call)
    found = tune(data, tmp_path / "s", budget=Budget(3, None), **call)
    assert len(found.candidates) == 3
    # What was cut off is tried again, and nothing else: three trials and three finalists, and one of each twice.
    assert trainings.made[1] == trainings.made[2]
    assert trainings.made[4] == trainings.made[5]
    assert len(trainings.made) == 8
    again = tune(data, tmp_path / "s", budget=Budget(3, None), **call)
    assert again.candidates == found.candidates
    assert len(trainings.made) == 8
    assert len(tune(data, tmp_path / "s", budget=Budget(4, None), **call).candidates) == 4


def test_a_trial_whose_process_was_killed_is_tried_again(data, tmp_path, pretend):
    pretend(size)
    tune(data, tmp_path / "s", settings=START, budget=Budget(1, None), seeds=1)
    running = Study(tmp_path / "s", space_of(data), 3).optuna.ask()
    value = running.suggest_float("encoder.dropout", 0.1, 0.7)
    trainings = pretend(size)
    found = tune(data, tmp_path / "s", settings=START, budget=Budget(2, None), seeds=1)
    assert trainings.made[0].encoder.dropout == pytest.approx(value, abs=0.01)
    assert [one.number for one in found.candidates] == [0, 2]


def test_a_training_that_cannot_go_on_is_a_failed_trial(data, tmp_path, pretend):
    def failing(settings, number):
        if number == 2:
            raise TrainingError("step 9: the loss is not a number")
        return size(settings, number)

    pretend(failing)
    said = []
    found = tune(data, tmp_path / "s", settings=START, budget=Budget(3, None), seeds=1, say=said.append)
    assert [one.state for one in found.candidates] == ["finished", "failed", "finished"]
    assert "trial 1: failed: step 9: the loss is not a number" in said

    pretend(lambda settings, number: failing(settings, number + 1))
    found = tune(data, tmp_path / "u", settings=START, budget=Budget(2, None), seeds=1)
    assert "the settings that the search began from failed" in "\n".join(lines_of(found))

    def always(*_):
        raise TrainingError("no")

    pretend(always)
    with pytest.raises(TrainingError, match="no training of the search came to its end"):
        tune(data, tmp_path / "t", settings=START, budget=Budget(1, None))


def test_a_study_of_other_data_or_settings_is_refused(data, tmp_path, pretend):
    pretend(size)
    tune(data, tmp_path / "s", settings=START, budget=Budget(1, None), seeds=1)
    with pytest.raises(DataError, match="the study is of other data, vectors or settings"):
        tune(data_of(DOCUMENTS[:8]), tmp_path / "s", settings=START, budget=Budget(1, None))
    with pytest.raises(DataError, match="the study is of other data, vectors or settings"):
        tune(data, tmp_path / "s", settings=Settings(), budget=Budget(1, None))
    # Threads change no result.
    threads = replace(START, training=replace(START.training, threads=2))
    tune(data, tmp_path / "s", settings=threads, budget=Budget(1, None), seeds=1)


def test_what_is_no_study_is_left_alone(data, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not the folder of a study"):
        tune(data, tmp_path, settings=START, budget=Budget(1, None))
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / DATABASE).write_bytes(b"no database" * 100)
    with pytest.raises(UsageError, match="is no study that can be read"):
        tune(data, broken, settings=START, budget=Budget(1, None))


def test_a_search_needs_a_budget_and_something_to_vary(data, tmp_path):
    with pytest.raises(UsageError, match="give --trials or --minutes"):
        tune(data, tmp_path / "s", settings=START, budget=Budget(None, None))
    with pytest.raises(UsageError, match="fix fewer settings"):
        tune(data, tmp_path / "s", settings=START, fixed=tuple(RANGES), budget=Budget(1, None))


def test_minutes_end_a_search_but_the_finalists_are_trained_once_again(data, tmp_path, pretend, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(tuning.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(tuning._Search, "_longest", 60.0)

    def slow(settings, number):
        clock[0] += 60
        return size(settings, number)

    pretend(slow)
    found = tune(data, tmp_path / "s", settings=START, budget=Budget(None, 9), seeds=3)
    # Half of the minutes are kept for the four finalists; after one seed there is no time for another.
    assert len(found.candidates) == 4
    assert found.seeds == (1001,)
    assert clock[0] == 8 * 60


def test_importance_finds_what_decides(data, tmp_path):
    space = space_of(data)
    study = Study.open(tmp_path / "s", space, 3, "of these data")
    rng = np.random.default_rng(1)
    distributions = {name: FloatDistribution(spread.low, spread.high) for name, spread in space.ranges.items()}
    trials = []
    for _ in range(40):
        params = {name: rng.uniform(spread.low, spread.high) for name, spread in space.ranges.items()}
        value = -abs(params["encoder.dropout"] - 0.4)
        trials.append(create_trial(params=params, distributions=distributions, value=value))
    study.optuna.add_trials(trials[:15])
    assert study.importance() == {}
    study.optuna.add_trials(trials[15:])
    assert next(iter(study.importance())) == "encoder.dropout"
    assert sum(study.importance().values()) == pytest.approx(1)


def test_the_space_leaves_fixed_settings_and_holds_the_start():
    settings = from_dict({"encoder": {"hidden": 37, "dropout": 0.9}, "training": {"vector_learning_rate": 0.0}})
    space = SearchSpace(settings, ["encoder.input_dropout"], 60_000, vectors=True)
    assert "encoder.input_dropout" not in space.ranges
    # Fixed vectors stay fixed: zero has no place on a scale of factors.
    assert "training.vector_learning_rate" not in space.ranges
    assert space.ranges["encoder.hidden"] == Range(low=37, high=320, logarithmic=True, whole=True)
    assert space.ranges["encoder.dropout"].high == 0.9
    assert space.settings(space.start) == settings
    assert space.settings({"encoder.dropout": 0.34567}).encoder.dropout == 0.35
    assert "training.vector_learning_rate" not in SearchSpace(Settings(), (), 1000, vectors=False).ranges
    for name, spread in RANGES.items():
        group, _, key = name.partition(".")
        for value in (spread.low, spread.high):
            assert from_dict({group: {key: int(value) if spread.whole else value}})
