"""The loop, the guard and resuming, on a small set."""

import math
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from elman.errors import TrainingError, UsageError
from elman.training.averaging import Averaging
from elman.training.checkpoint import Checkpoints
from elman.training.guard import PATIENCE, RECOVERIES, Trial, Vitals
from elman.training.loop import Run
from elman.training.parallel import Loss
from elman.training.records import Evaluation, Incident, Step
from elman.training.schedules import share

from .examples import session, settings


def run_in(folder, chosen=None, poison=None):
    """A run; ``poison`` maps a call's number to what its loss is multiplied by."""
    one = session(chosen)
    if poison is not None:
        loss, calls = one.objective.loss, []

        def poisoned(windows):
            calls.append(windows)
            factor = poison(len(calls))
            return Loss(*(value * factor for value in loss(windows)))

        one.objective.loss = poisoned
    return Run(one.objective, one.plan, Checkpoints(folder, "fingerprint"))


def weights(run):
    return {name: value.clone() for name, value in run.network.state_dict().items()}


def same(first, second):
    return all(torch.equal(first[name], second[name]) for name in first)


def test_it_learns_and_says_so(tmp_path):
    run = run_in(tmp_path, settings({"epochs": 12}))
    records = list(run.records())
    steps = [record for record in records if isinstance(record, Step)]
    evaluations = [record for record in records if isinstance(record, Evaluation)]
    assert [step.step for step in steps] == list(range(1, steps[0].steps + 1))
    assert steps[-1].loss < steps[0].loss / 5
    assert [evaluation.epoch for evaluation in evaluations] == list(range(1, 13))
    assert max(evaluation.figure.value for evaluation in evaluations) == 1.0
    run.take_best()
    assert run.objective.evaluate(map).micro.f1 == 1.0


def test_the_same_seed_gives_the_same_weights_on_any_number_of_threads(tmp_path):
    runs = [run_in(tmp_path / str(threads), settings({"threads": threads})) for threads in (1, 2)]
    for run in runs:
        list(run.records())
    assert same(weights(runs[0]), weights(runs[1]))
    other = run_in(tmp_path / "other", settings({"seed": 2}))
    list(other.records())
    assert not same(weights(runs[0]), weights(other))


def test_the_same_seed_begins_with_the_same_weights_on_any_number_of_cores():
    large = settings(encoder={"hidden": 200})
    before, begun = torch.get_num_threads(), []
    try:
        for cores in (1, 2):
            torch.set_num_threads(cores)
            begun.append(session(large).network.state_dict())
            assert torch.get_num_threads() == cores
    finally:
        torch.set_num_threads(before)
    assert same(*begun)


def test_a_run_that_was_cut_off_in_mid_epoch_ends_as_one_that_was_not(tmp_path):
    whole = run_in(tmp_path / "whole")
    list(whole.records())
    cut = run_in(tmp_path / "cut")
    for record in cut.records():
        if record.step > 7:
            break
    resumed = run_in(tmp_path / "cut")
    first, *_ = resumed.records()
    assert first.step > 1
    assert same(weights(whole), weights(resumed))
    assert same(whole.averaging.values, resumed.averaging.values)
    assert same(whole.best, resumed.best)


KILLED = """
import sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.training.test_loop import run_in
for record in run_in(Path(sys.argv[2])).records():
    print(record.step, flush=True)
"""


def test_a_run_that_was_killed_ends_as_one_that_was_not(tmp_path):
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(root), str(tmp_path / "cut")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= 9:
            os.kill(process.pid, signal.SIGKILL)
            break
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    resumed, whole = run_in(tmp_path / "cut"), run_in(tmp_path / "whole")
    list(resumed.records())
    list(whole.records())
    assert same(weights(whole), weights(resumed))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_poisoned_loss_is_named_and_got_over(tmp_path, value):
    run = run_in(tmp_path, poison=lambda call: value if call == 9 else 1.0)
    incidents = [record for record in run.records() if isinstance(record, Incident)]
    assert len(incidents) == 1
    assert ("not a number" if math.isnan(value) else "infinite") in incidents[0].reason
    assert incidents[0].documents
    assert set(incidents[0].documents) <= {f"doc-{number}" for number in range(16)}
    assert incidents[0].learning_rate == pytest.approx(0.002)
    assert all(value.isfinite().all() for value in weights(run).values())
    assert run.progress.epoch == 6


def test_a_batch_that_is_always_poisoned_ends_the_run_with_an_account(tmp_path):
    run = run_in(tmp_path, poison=lambda _: math.nan)
    records = []
    with pytest.raises(TrainingError, match=r"not a number, in a batch from doc-\d+.*5 times.*learning_rate"):
        records.extend(run.records())
    assert run.progress.recoveries == RECOVERIES


def test_the_guard_waits_and_then_speaks():
    vitals, reason = Vitals().observe(1.0, 1.0)
    assert reason is None
    for _ in range(200):
        vitals, reason = vitals.observe(1.9, 1.0)
        assert reason is None
    steps = 0
    while reason is None:
        vitals, reason = vitals.observe(9.0, 1.0)
        steps += 1
        assert not vitals.healthy or steps < 3
    assert PATIENCE <= steps <= PATIENCE + 3
    assert "twice" in reason or "2 times its starting value" in reason


def test_no_improvement_ends_a_run_early(tmp_path):
    run = run_in(tmp_path, settings({"epochs": 60, "patience": 3, "learning_rate": 0.05}))
    evaluations = [record for record in run.records() if isinstance(record, Evaluation)]
    assert 4 <= len(evaluations) < 60
    assert not any(evaluation.best for evaluation in evaluations[-3:])


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    run_in(tmp_path)._save()
    with pytest.raises(UsageError, match="other data or other settings"):
        Checkpoints(tmp_path, "another").load()


def test_a_damaged_checkpoint_is_refused(tmp_path):
    run_in(tmp_path)._save()
    path = Checkpoints(tmp_path, "fingerprint").path
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UsageError, match="no checkpoint that can be read"):
        Checkpoints(tmp_path, "fingerprint").load()


@pytest.mark.parametrize("schedule", ["cosine", "linear", "constant"])
def test_schedules_rise_and_fall(schedule):
    assert share(schedule, 0.1, 0.05) < share(schedule, 0.1, 0.1)
    assert share(schedule, 0.1, 1.0) == (1.0 if schedule == "constant" else pytest.approx(0.0, abs=1e-12))
    assert share(schedule, 0.0, 0.0) == 1.0


def test_averages_are_the_mean_and_come_and_go():
    network = torch.nn.Linear(1, 1)
    averaging = Averaging(network, 0.5, every=1)
    expected = network.weight.item()
    for step in range(1, 6):
        network.weight.data.fill_(step)
        averaging.update(network, step)
        decay = min(0.5, step / (10 + step))
        expected = decay * expected + (1 - decay) * step
    with averaging.applied(network):
        assert network.weight.item() == pytest.approx(expected, rel=1e-6)
    assert network.weight.item() == 5


def test_a_step_size_far_too_large_is_brought_down_to_the_one_that_learns_best(tmp_path):
    run = run_in(tmp_path, settings({"epochs": 20, "learning_rate": 20.0}))
    incidents = [record for record in run.records() if isinstance(record, Incident)]
    assert "2 times its starting value" in incidents[0].reason
    assert all(incident.restored == 0 for incident in incidents)
    assert "smaller ones are tried" in incidents[-2].reason
    assert "the large ones are kept" in incidents[-1].reason
    assert incidents[-1].learning_rate == pytest.approx(10 * incidents[-2].learning_rate)
    assert not incidents[-1].documents
    assert run.progress.vitals.trial is None
    assert run.progress.epoch == 20


def test_a_run_killed_in_a_trial_goes_on_from_where_the_trial_began(tmp_path):
    chosen = settings({"epochs": 20, "learning_rate": 20.0})
    whole = run_in(tmp_path / "whole", chosen)
    expected = [record.learning_rate for record in whole.records() if isinstance(record, Incident)]
    cut = run_in(tmp_path / "cut", chosen)
    records, seen = cut.records(), []
    while len(seen) < 2:
        record = next(records)
        seen += [record.learning_rate] if isinstance(record, Incident) else []
    for _ in range(3):
        next(records)
    records.close()
    resumed = run_in(tmp_path / "cut", chosen)
    seen += [record.learning_rate for record in resumed.records() if isinstance(record, Incident)]
    assert seen == expected
    for one, other in zip(resumed.network.parameters(), whole.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_trial_counts_the_second_half_and_loses_where_ten_times_the_step_did_as_well():
    trial = Trial(4, rival=0.5)
    for loss in (9.0, 9.0, 0.4, 0.6):
        assert not trial.over
        trial = trial.add(loss)
    assert trial.over
    assert trial.mean == pytest.approx(0.5)
    assert trial.lost
    assert not replace(trial, rival=0.51).lost
    assert not replace(trial, rival=None).lost
    assert (Trial.within(10_000).length, Trial.within(100).length, Trial.within(1).length) == (200, 20, 1)


def test_the_last_division_ends_a_trial_that_smaller_steps_would_win(tmp_path):
    run = run_in(tmp_path, settings({"epochs": 5}))
    run.progress = replace(run.progress, recoveries=RECOVERIES, vitals=Vitals(trial=Trial(2, rival=1e9)))
    run._apply_recoveries()
    run._save()
    assert not [record for record in run.records() if isinstance(record, Incident)]
    assert run.progress.vitals.trial is None
