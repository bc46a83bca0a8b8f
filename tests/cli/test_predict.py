"""``elman predict``, and ``elman evaluate`` of tasks other than tagging."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from elman.data.formats import write
from tests.training.task_examples import SMALL, train_small

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


@pytest.fixture(scope="module")
def understood(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of slots and intents."""
    out = tmp_path_factory.mktemp("models") / "slots"
    train_small("slots", out)
    return out


@pytest.fixture(scope="module")
def framed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of frames."""
    out = tmp_path_factory.mktemp("models") / "frames"
    train_small("frames", out)
    return out


def test_a_text_is_predicted_as_json_where_no_terminal_is(run: Run, understood: Path) -> None:
    result = run("predict", "-m", understood, "--text", "fly from Rome to Oslo friday")
    assert result.exit_code == 0, result.stderr
    (line,) = result.stdout.splitlines()
    found = json.loads(line)
    assert found["intent"] == "fly"
    assert [(slot["start"], slot["end"], slot["label"]) for slot in found["slots"]] == [
        (9, 13, "from"),
        (17, 21, "to"),
        (22, 28, "day"),
    ]
    assert all(0.5 < slot["score"] <= 1 for slot in found["slots"])


def test_files_are_predicted_example_by_example_into_a_file(run: Run, understood: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("stop it\nweather in Rome monday\n")
    write(SMALL["slots"]().examples[:2], tmp_path / "b.jsonl")
    out = tmp_path / "out.jsonl"
    result = run("predict", "-m", understood, tmp_path / "a.txt", tmp_path / "b.jsonl", "-o", out)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    intents = [json.loads(line)["intent"] for line in out.read_text().splitlines()]
    assert intents == ["stop", "weather", "stop", "thanks"]


def test_an_empty_text_gets_an_output_too(run: Run, understood: Path) -> None:
    result = run("predict", "-m", understood, "--text", "")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["slots"] == []


def test_arrays_are_predicted(run: Run, framed: Path, tmp_path: Path) -> None:
    series = SMALL["frames"]().examples[0]
    np.save(tmp_path / "wave.npy", series.values)
    result = run("predict", "-m", framed, tmp_path / "wave.npy")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["labels"] == list(series.labels)
    assert [run["label"] for run in found["runs"] for _ in range(run["start"], run["end"])] == found["labels"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "expected either files or --text"),
        (["--text", "a", "b.txt"], "expected either files or --text"),
        (["nothing.jsonl"], "nothing.jsonl"),
    ],
)
def test_bad_usage_exits_with_2_and_says_what_to_do(
    run: Run, understood: Path, arguments: list[str], said: str
) -> None:
    result = run("predict", "-m", understood, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_text_for_a_task_of_numbers_is_refused(run: Run, framed: Path) -> None:
    result = run("predict", "-m", framed, "--text", "hello")
    assert result.exit_code == 2
    assert "expected a series of numbers" in result.stderr


def test_a_folder_that_is_no_model_is_refused(run: Run, tmp_path: Path) -> None:
    result = run("predict", "-m", tmp_path, "--text", "hello")
    assert result.exit_code == 2
    assert "no model folder" in result.stderr


def test_a_tagger_is_sent_to_tag_and_another_model_to_predict(run: Run, model: Path, understood: Path) -> None:
    result = run("predict", "-m", model, "--text", "hello")
    assert result.exit_code == 2
    assert "run it with elman tag" in result.stderr
    for verb in ("tag", "stream"):
        result = run(verb, "-m", understood, *(["--text", "hello"] if verb == "tag" else []), stdin="hello")
        assert result.exit_code == 2
        assert "elman predict runs it" in result.stderr


def test_evaluate_judges_every_model(run: Run, understood: Path, framed: Path, tmp_path: Path) -> None:
    write(SMALL["slots"]().examples, tmp_path / "gold.jsonl")
    result = run("evaluate", understood, tmp_path / "gold.jsonl", "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert (found["schema"], found["sentence_accuracy"], found["slots"]["micro"]["f1"]) == ("elman.slots/1", 1.0, 1.0)
    result = run("evaluate", understood, tmp_path / "gold.jsonl")
    assert "all right: 100.00%" in result.stdout
    assert "intents: accuracy 100.00%" in result.stdout
    arrays = {}
    for series in SMALL["frames"]().examples:
        arrays |= {f"{series.id}/values": series.values, f"{series.id}/labels": np.array(series.labels)}
    np.savez(tmp_path / "gold.npz", **arrays)
    result = run("evaluate", framed, tmp_path / "gold.npz")
    assert result.exit_code == 0, result.stderr
    assert "frames in 6 series" in result.stdout


def test_evaluate_refuses_what_is_not_labelled(run: Run, understood: Path, tmp_path: Path) -> None:
    (tmp_path / "bare.jsonl").write_text('{"text": "stop it"}\n')
    result = run("evaluate", understood, tmp_path / "bare.jsonl")
    assert result.exit_code == 2
    assert "expected one intent, got none" in result.stderr


def test_train_takes_a_task_by_its_name(run: Run, tmp_path: Path) -> None:
    write(SMALL["slots"]().examples, tmp_path / "train.jsonl")
    options = ("--set=training.epochs=1", "--set=encoder.hidden=4", "--set=training.threads=1")
    files = ("--train", tmp_path / "train.jsonl", "--dev", tmp_path / "train.jsonl")
    result = run("train", "--task", "slots", *files, "--out", tmp_path / "m", *options, "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["figure"] == "mean score"
    result = run("train", "--task", "slots", *files, "--out", tmp_path / "n", "--layer", "pos")
    assert result.exit_code == 2
    assert "--layer and --overlap are for taggers" in result.stderr
    result = run("train", "--task", "slot", *files, "--out", tmp_path / "n")
    assert result.exit_code == 2
    assert "did you mean slots?" in result.stderr
