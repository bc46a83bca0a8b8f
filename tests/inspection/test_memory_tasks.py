from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.errors import UsageError
from elman.inspection import memory_attempt, memory_tasks
from elman.inspection.memory_attempt import Attempt, Reader, SolvedAt, attempt, known_cells
from elman.inspection.memory_table import MemoryTable
from elman.inspection.memory_tasks import (
    COPIED,
    LETTERS,
    TASKS,
    Recipe,
    adding,
    copying,
    lag,
)

SIZES = st.tuples(st.integers(2, 60), st.integers(1, 7), st.integers(0, 2**32 - 1))


@settings(max_examples=40, deadline=None)
@given(SIZES)
def test_adding_asks_for_the_sum_of_what_is_marked_one_in_each_half(sizes):
    length, batch, seed = sizes
    inputs, targets = adding(length, batch, np.random.default_rng(seed))
    assert inputs.shape == (batch, length, 2)
    for sequence, target in zip(inputs.tolist(), targets.tolist(), strict=True):
        marked = [place for place, (_, mark) in enumerate(sequence) if mark]
        assert len(marked) == 2
        assert marked[0] < length // 2 <= marked[1]
        assert {mark for _, mark in sequence} <= {0.0, 1.0}
        assert all(0 <= value < 1 for value, _ in sequence)
        assert target == [pytest.approx(sum(value for value, mark in sequence if mark))]


@settings(max_examples=40, deadline=None)
@given(SIZES)
def test_copying_asks_for_the_first_symbols_when_the_sign_comes(sizes):
    length, batch, seed = sizes
    inputs, targets = copying(length, batch, np.random.default_rng(seed))
    assert inputs.shape == (batch, length + 2 * COPIED, LETTERS + 2)
    for sequence, target in zip(inputs, targets.tolist(), strict=True):
        read = [int(np.flatnonzero(step).item()) for step in sequence]
        assert target == read[:COPIED]
        assert set(target) <= set(range(LETTERS))
        assert read[COPIED:] == [LETTERS] * length + [LETTERS + 1] * COPIED


@settings(max_examples=40, deadline=None)
@given(SIZES)
def test_lag_asks_for_the_first_symbol_behind_others(sizes):
    length, batch, seed = sizes
    inputs, targets = lag(length, batch, np.random.default_rng(seed))
    assert inputs.shape == (batch, length, 2 * LETTERS)
    for sequence, target in zip(inputs, targets.tolist(), strict=True):
        read = [int(np.flatnonzero(step).item()) for step in sequence]
        assert target == [read[0]]
        assert read[0] < LETTERS <= min(read[1:])


def test_chance_is_what_the_tasks_say():
    rng = np.random.default_rng(1)
    inputs, targets = adding(10, 20_000, rng)
    assert np.mean((targets - 1) ** 2) == pytest.approx(1 / 6, abs=0.005)
    assert inputs[:, :, 0].mean() == pytest.approx(0.5, abs=0.01)
    for make in (copying, lag):
        counts = np.bincount(make(5, 4000, rng).targets.ravel(), minlength=LETTERS)
        assert counts / counts.sum() == pytest.approx(np.full(LETTERS, 1 / LETTERS), abs=0.02)


def test_a_measure_is_of_right_and_wrong_answers():
    targets = torch.tensor([[1, 2], [0, 2]])
    outputs = torch.zeros(2, 2, 3)
    for row, column, kind in ((0, 0, 1), (0, 1, 2), (1, 0, 0), (1, 1, 0)):
        outputs[row, column, kind] = 5
    loss, wrong = TASKS["copying"].judge(outputs, targets)
    assert wrong == 0.25
    by_hand = -torch.log_softmax(outputs, 2)[[0, 0, 1, 1], [0, 1, 0, 1], [1, 2, 0, 2]].mean()
    assert loss.item() == pytest.approx(by_hand.item())
    loss, wrong = TASKS["adding"].judge(torch.tensor([[[1.0]], [[0.5]]]), torch.tensor([[1.2], [0.5]]))
    assert loss.item() == wrong == pytest.approx(0.02)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), max_size=30), st.integers(1, 6), st.floats(0.1, 0.9))
def test_solved_is_the_first_mean_of_a_full_window_under_the_threshold(values, window, threshold):
    solved = SolvedAt(threshold, window)
    found = next((at for at, value in enumerate(values) if solved(value)), None)
    means = {at: np.mean(values[at - window + 1 : at + 1]) for at in range(window - 1, len(values))}
    assert found == next((at for at, mean in means.items() if mean < threshold), None)
    seen = [mean for at, mean in means.items() if found is None or at <= found]
    assert solved.best == pytest.approx(min(seen, default=np.inf))


@pytest.mark.parametrize("cell", known_cells())
@pytest.mark.parametrize("task", TASKS)
def test_every_cell_reads_every_task_forward(cell, task):
    made = TASKS[task]
    inputs, targets = made.make(6, 3, np.random.default_rng(1))
    torch.manual_seed(1)
    reader = Reader(cell, made, 4)
    outputs = reader(torch.from_numpy(inputs))
    assert outputs.shape == (*targets.shape, made.classes or 1)
    loss, _ = made.judge(outputs, torch.from_numpy(targets))
    assert torch.isfinite(loss)
    # The first answer is given before the last step is read.
    if made.answers > 1:
        inputs[:, -1] = 0
        assert torch.equal(reader(torch.from_numpy(inputs))[:, 0], outputs[:, 0])


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(memory_attempt, "WINDOW", 20)
    monkeypatch.setattr(memory_attempt.SolvedAt.__init__, "__defaults__", (20,))
    recipe = Recipe(hidden=12, batch=20, learning_rate=0.02, clip=1.0, steps=400)
    monkeypatch.setitem(TASKS, "lag", replace(TASKS["lag"], recipe=recipe))


@pytest.mark.usefixtures("short")
def test_a_short_task_is_solved_and_the_same_seed_gives_the_same():
    state = torch.random.get_rng_state()
    one = attempt("lag", "gru", 3, seed=2)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert one.solved == one.steps
    assert one.last < TASKS["lag"].threshold
    again, other = (attempt("lag", "gru", 3, seed=seed, steps=20) for seed in (2, 3))
    assert again.curve == one.curve[:1] != other.curve
    assert Attempt.from_json(json.loads(json.dumps(one.to_json()))) == one


@pytest.mark.usefixtures("short")
def test_a_budget_ends_an_attempt_and_progress_is_told():
    told = []
    one = attempt("adding", "elman", 30, steps=45, progress=lambda step, mean: told.append((step, mean)))
    assert one.solved is None
    assert one.steps == 45
    assert [step for step, _ in told] == [20, 40]
    assert tuple(told) == one.curve


def test_a_loss_that_is_no_number_ends_an_attempt(monkeypatch):
    task = TASKS["adding"]
    broken = {"adding": task.__class__(**{**vars(task), "make": lambda *_: memory_tasks.Batch(*_nothing())})}
    monkeypatch.setattr(memory_attempt, "TASKS", broken)
    one = attempt("adding", "lstm", 5, steps=9)
    assert one.steps == 1
    assert one.solved is None
    assert "at update 1 the loss was nan" in one.failed


def _nothing():
    return np.full((2, 5, 2), np.nan, np.float32), np.zeros((2, 1), np.float32)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (("sorting", "gru", 10), "expected a task out of adding, copying, lag; got 'sorting'"),
        (("adding", "rnn", 10), "expected a cell out of elman, .*; got 'rnn'"),
        (("adding", "gru", 1), "expected a length of at least 2, got 1"),
    ],
)
def test_what_cannot_be_tried_is_refused(call, message):
    with pytest.raises(UsageError, match=message):
        attempt(*call)


def _run(cell, length, seed, solved, best=0.2):
    return Attempt(
        task="adding",
        cell=cell,
        length=length,
        seed=seed,
        solved=solved,
        steps=solved or 900,
        best=best,
        last=best,
        seconds=2.0,
        parameters=4417,
        curve=((100, 0.2), (200, best)),
    )


def test_the_table_says_who_solved_what_and_the_picture_is_drawn(tmp_path):
    runs = [_run("elman", 50, 2, None), _run("elman", 50, 1, 700, 0.009), _run("gru", 200, 1, 300, 0.008)]
    table = MemoryTable("adding", runs)
    lines = list(table.lines())
    assert lines[-2].split() == ["50", "elman", "4,417", "1", "of", "2", "700,", "no", "(0.2)", "4"]
    assert lines[-1].split() == ["200", "gru", "4,417", "1", "of", "1", "300", "2"]
    assert table.to_json()["attempts"][0] == runs[0].to_json()
    for name in ("picture.png", "picture.svg"):
        table.draw(tmp_path / name)
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (tmp_path / "picture.svg").read_bytes()
