from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from elman.data.document import Document, Span
from elman.errors import UsageError
from elman.metrics.comparison import compare, pair
from elman.metrics.figure import Figure
from elman.metrics.score import score
from elman.training.records import Evaluation, Incident, Step
from elman.training.watch import LOG_SCHEMA, Console, JsonLog, Runs, TensorBoard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from elman.training.records import Record


def step(number: int, epoch: int) -> Step:
    return Step(number, 6, epoch, 2.5, 1.25, False, 0.003, 100, 0.5 * number)


GOLD = [Document("Ada wrote.", (Span(0, 3, "PERSON"),))]


def f1(value):
    return Figure("F1", value, f"{value:.2%}")


EVALUATION = Evaluation(2, 1, f1(1.0), True, 2.0, score(compare(pair(GOLD, GOLD))))
INCIDENT = Incident(4, "the loss is NaN", tuple(f"doc-{number}" for number in range(7)), 2, 0.0003, 1)


def run() -> Iterator[Record]:
    """Two epochs of two steps, the second one begun again after an incident."""
    yield step(1, 1)
    yield step(2, 1)
    yield EVALUATION
    yield step(3, 2)
    yield INCIDENT
    yield step(3, 2)
    yield step(4, 2)
    yield replace(EVALUATION, step=4, epoch=2, figure=f1(0.5), best=False, seconds=4.0)


def test_runs_are_told_apart() -> None:
    number = Runs()
    assert [number(record) for record in run()] == [1] * 8
    assert [number(record) for record in run()] == [2] * 8


def test_a_resumed_run_is_one_run() -> None:
    number = Runs()
    assert [number(step(at, 9)) for at in (40, 41, 42)] == [1, 1, 1]


def test_the_console_says_a_line_an_epoch_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    console = Console(stream)
    for record in run():
        console(record)
    console.close()
    first, incident, second = stream.getvalue().splitlines()
    assert first == (
        "epoch 1  loss 2.500  dev F1 100.00% (best 100.00%)  step size 0.003  gradient 1.25  200 tokens/s  "
        "at most 0:04 left"
    )
    assert incident == (
        "step 4: the loss is NaN, in a batch from doc-0, doc-1, doc-2, doc-3, doc-4 and 2 more. Went back to "
        "step 2 and on with a step size of 0.0003 (divided by ten 1 of at most 5 times)"
    )
    assert "dev F1 50.00% (best 100.00%)" in second
    assert second.endswith("at most 0:02 left")


def test_the_console_forgets_the_run_before() -> None:
    stream = io.StringIO()
    console = Console(stream)
    for record in run():
        console(record)
    for record in (step(1, 1), replace(EVALUATION, step=1, figure=f1(0.25))):
        console(record)
    assert "dev F1 25.00% (best 25.00%)" in stream.getvalue().splitlines()[-1]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_console_draws_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    console = Console(stream)
    for record in run():
        console(record)
    console.close()
    shown = stream.getvalue()
    assert "━" in shown
    assert "epoch 2  loss 2.500  dev F1 100.00% (best 100.00%)  step size 0.003  gradient 1.25" in shown
    assert "0:01 left" in shown
    assert "step 4: the loss is NaN" in shown


def read(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_the_log_has_a_line_a_record(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    log = JsonLog(path)
    for number, record in enumerate(run(), 2):
        log(record)
        assert len(read(path)) == number
    log.close()
    head, *lines = read(path)
    assert head == {"record": "log", "schema": LOG_SCHEMA}
    assert [line["record"] for line in lines] == [
        "step",
        "step",
        "evaluation",
        "step",
        "incident",
        "step",
        "step",
        "evaluation",
    ]
    assert lines[0] == {"run": 1, **step(1, 1).to_json()}


def test_the_log_of_a_resumed_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    for append in (False, True):
        log = JsonLog(path, append=append)
        log(step(1, 1))
        log.close()
    assert [line["record"] for line in read(path)] == ["log", "step", "step"]


def test_a_run_that_never_begins_replaces_no_log(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("old")
    JsonLog(path).close()
    assert path.read_text() == "old"


def test_tensorboard_gets_every_number(tmp_path: Path) -> None:
    board = TensorBoard(tmp_path / "curves")
    for _ in range(2):
        for record in run():
            board(record)
    board.close()
    for name in ("run-1", "run-2"):
        (path,) = (tmp_path / "curves" / name).iterdir()
        written = path.read_bytes()
        for tag in (
            "train/loss",
            "train/gradient_norm",
            "train/tokens_per_second",
            "dev/F1",
            "dev/PERSON/F1",
        ):
            assert tag.encode() in written
        assert b"the loss is NaN" in written


def test_tensorboard_that_is_missing_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(UsageError, match=r'pip install "elman\[tensorboard\]"'):
        TensorBoard(tmp_path)
