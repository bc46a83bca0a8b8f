"""The verbs over a model of parts of speech."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.training.test_pos import SENTENCES, conllu, quick

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


@pytest.fixture(scope="module")
def pos(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A model, and the file that it knows by heart."""
    import elman

    folder = tmp_path_factory.mktemp("pos")
    file = conllu(folder / "train.conllu", SENTENCES)
    elman.train(file, file, out=folder / "model", settings=quick("pos"))
    return folder / "model", file


def test_train_and_evaluate_say_the_accuracy(run: Run, pos: tuple[Path, Path], tmp_path: Path) -> None:
    model, file = pos
    options = ("--set=training.epochs=1", "--set=training.threads=1", "--set=encoder.hidden=4")
    result = run("train", "--task", "pos", "--train", file, "--dev", file, "--out", tmp_path / "m", *options)
    assert result.exit_code == 0, result.stderr
    assert "dev accuracy" in result.stderr
    assert "\naccuracy " in result.stdout
    result = run("evaluate", model, file, "--errors", "0")
    assert result.stdout.startswith("accuracy 100.00% of 126 tokens\n\n")
    result = run("evaluate", model, file, "--json")
    assert json.loads(result.stdout)["accuracy"] == 1.0


def test_tag_writes_the_model_s_layer_in_every_form(run: Run, pos: tuple[Path, Path]) -> None:
    model, _ = pos
    text = ("--text", "the dog saw a cat")
    result = run("tag", "-m", model, *text, "--to", "conll")
    assert result.stdout.split("\n")[2:7] == ["the DET", "dog NOUN", "saw VERB", "a DET", "cat NOUN"]
    assert "warning" not in result.stderr
    result = run("tag", "-m", model, *text, "--to", "jsonl")
    spans = json.loads(result.stdout)["spans"]
    assert [(span["start"], span["end"], span["label"], span["layer"]) for span in spans][:2] == [
        (0, 3, "DET", "pos"),
        (4, 7, "NOUN", "pos"),
    ]
    assert "NOUN" in run("tag", "-m", model, *text, "--to", "ansi").stdout
    assert "NOUN" in run("tag", "-m", model, *text, "--to", "html").stdout


def test_other_verbs_read_the_model_s_layer(run: Run, pos: tuple[Path, Path], tmp_path: Path) -> None:
    model, file = pos
    result = run("calibrate", model, file, "--dry-run")
    assert result.exit_code == 0, result.stderr
    assert "126 gold spans" in result.stdout
    result = run("compress", model, tmp_path / "small", "--data", file)
    assert result.exit_code == 0, result.stderr
    assert "F1       100.00  100.00" in result.stdout
    result = run("suspect", file, "--model", model)
    assert result.exit_code == 0, result.stderr
