"""Lanes of text, and the states that are carried along them."""

from dataclasses import replace

import numpy as np
import torch

from elman.data.document import Document
from elman.settings import RecurrentSettings, TrainingSettings
from elman.training.checkpoint import Checkpoints
from elman.training.lanes import Lanes
from elman.training.loop import Run
from elman.training.objectives.language_model import Objective, Settings, TextSettings
from elman.training.records import Step
from elman.training.task_data import Examples, TaskData
from elman.training.task_session import TaskSession

TEXTS = [Document("abc abd " * 6), Document("dcb acb " * 5), Document("aabb " * 9)]


def session(steps, batch_tokens, *, tied=True, sampled=0, epochs=1):
    settings = Settings(
        text=TextSettings(size=6, steps=steps, min_count=1, tied=tied, sampled=sampled),
        encoder=RecurrentSettings(directions="forward", hidden=10, input_dropout=0, dropout=0, recurrent_dropout=0),
        training=TrainingSettings(batch_tokens=batch_tokens, epochs=epochs),
    )
    data = TaskData(Examples(TEXTS, "train"), Examples(TEXTS[:1], "dev"), None)
    return TaskSession(Objective, data, settings, None, torch.device("cpu"), lambda _: None)


def objective(steps, batch_tokens, **rest):
    return session(steps, batch_tokens, **rest).objective


def test_lanes_hold_the_texts_one_behind_the_other():
    inputs = [np.arange(5, dtype=np.int32), np.arange(10, 17, dtype=np.int32), np.arange(20, 23, dtype=np.int32)]
    lanes = Lanes(inputs, np.array([1, 0, 2]), 2, 3)
    stream = np.concatenate([inputs[1], inputs[0], inputs[2]])
    read, foretold = [[], []], [[], []]
    for batch in lanes.batches():
        numbers, symbols, targets = lanes.piece(batch)
        for lane, row, wanted in zip(numbers.tolist(), symbols, targets, strict=True):
            read[lane] += row.tolist()
            foretold[lane] += wanted.tolist()
        assert lanes.steps(batch) == symbols.size
    assert read[0] + read[1] == stream[:14].tolist()
    assert foretold[0] + foretold[1] == stream[1:15].tolist()
    assert lanes.texts(lanes.batches()[0]) == [1, 0]
    # A part of a batch, as a thread gets it.
    numbers, symbols, _ = lanes.piece(lanes.batches()[1][1:])
    assert numbers.tolist() == [1]
    assert symbols.tolist() == [stream[10:13].tolist()]


def test_pieces_with_carried_states_are_the_whole():
    whole, pieces = objective(200, 200), objective(7, 7)
    pieces.network.load_state_dict(whole.network.state_dict())
    losses = {}
    for name, one in (("whole", whole), ("pieces", pieces)):
        batches = one.epoch(np.random.default_rng(5))
        losses[name] = sum(one.loss(batch).task.item() for batch in batches), sum(map(one.tokens, batches))
    assert losses["whole"][1] == losses["pieces"][1]
    np.testing.assert_allclose(losses["pieces"][0], losses["whole"][0], rtol=1e-5)


def test_each_lane_has_its_own_state_whatever_the_parts():
    one, other = objective(6, 24), objective(6, 24)
    other.network.load_state_dict(one.network.state_dict())
    batches = one.epoch(np.random.default_rng(1))
    assert len(batches[0]) == 4
    np.testing.assert_array_equal(batches, other.epoch(np.random.default_rng(1)))
    for batch in batches:
        parted = [other.loss(part).task.item() for part in reversed(np.array_split(batch, 3))]
        np.testing.assert_allclose(sum(parted), one.loss(batch).task.item(), rtol=1e-5)


def test_a_run_that_goes_on_in_the_middle_ends_as_one_that_was_not_cut_off(tmp_path):
    def run_in(folder):
        one = session(6, 24, epochs=2)
        # A checkpoint after each update.
        return Run(one.objective, replace(one.plan, checkpoint_seconds=1e-9), Checkpoints(folder, "fingerprint"))

    whole = run_in(tmp_path / "whole")
    records = list(whole.records())
    cut = run_in(tmp_path / "cut")
    for record in cut.records():
        if record.step == 4:
            break
    resumed = run_in(tmp_path / "cut")
    rest = list(resumed.records())
    assert rest[0].step == 4
    assert [record.loss for record in rest if isinstance(record, Step)] == [
        record.loss for record in records if isinstance(record, Step)
    ][3:]
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[name])


def test_an_epoch_begins_with_fresh_states():
    one = objective(6, 24)
    first, second, *_ = one.epoch(np.random.default_rng(1))
    losses = one.loss(first).task.item(), one.loss(second).task.item()
    assert one.loss(second).task.item() != losses[1]  # from another state
    one.epoch(np.random.default_rng(1))
    assert (one.loss(first).task.item(), one.loss(second).task.item()) == losses


def test_a_sampled_loss_is_about_that_of_all():
    for tied in (True, False):
        plain, sampled = objective(8, 64, tied=tied), objective(8, 64, tied=tied, sampled=4)
        sampled.network.load_state_dict(plain.network.state_dict())
        batch = plain.epoch(np.random.default_rng(1))[0]
        sampled.epoch(np.random.default_rng(1))
        full = plain.loss(batch).task.item()
        drawn = []
        for seed in range(60):
            torch.manual_seed(seed)
            sampled.epoch(np.random.default_rng(1))
            drawn.append(sampled.loss(batch).task.item())
        # The logarithm of an estimate is below that of its mean, by Jensen, but not by much.
        assert 0.8 * full < np.mean(drawn) < 1.02 * full
        assert np.std(drawn) > 0
