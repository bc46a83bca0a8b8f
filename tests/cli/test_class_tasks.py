"""Classes of texts and of series on the command line."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

import elman
from elman.data.document import Document
from elman.settings import from_dict
from elman.tasks.classification import Task
from elman.training.objectives.classification import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

LINES = ["good a good film", "good so good", "bad a bad film", "bad so bad"] * 4
QUICK = {
    "words": {"size": 6},
    "encoder": {"hidden": 6, "dropout": 0.0, "input_dropout": 0.0, "recurrent_dropout": 0.0},
    "training": {"epochs": 12, "learning_rate": 0.03, "averaging": 0.5, "threads": 1},
}


@pytest.fixture(scope="session")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that knows four texts by heart."""
    out = tmp_path_factory.mktemp("classes") / "model"
    documents = [Document(text, labels=(label,)) for label, text in (line.split(" ", 1) for line in LINES)]
    elman.train(documents, documents, out=out, settings=from_dict(QUICK, "test", Settings))
    return out


def test_a_file_is_scored_and_what_is_strange_about_it_said(run: Run, classifier: Path, tmp_path: Path) -> None:
    path = tmp_path / "test.txt"
    path.write_text("good a good film\nbad a bad film\nugly what a film\n")
    result = run("evaluate", classifier, path)
    assert result.exit_code == 0
    assert result.stderr == "test.txt: warning: classes that training has not seen count as missed: ugly (1)\n"
    assert result.stdout.startswith("accuracy 66.67%")
    assert "confusions" in result.stdout
    values = json.loads(run("evaluate", classifier, path, "--json").stdout)
    assert values["figure"]["name"] == "accuracy"
    assert values["labels"]["ugly"]["recall"] == 0


def test_an_empty_file_is_refused(run: Run, classifier: Path, tmp_path: Path) -> None:
    path = tmp_path / "test.txt"
    path.write_text("\n")
    result = run("evaluate", classifier, path)
    assert result.exit_code == 2
    assert "is empty; expected at least one document" in result.stderr


def test_the_words_that_a_class_rests_on(run: Run, classifier: Path) -> None:
    (line,) = run("predict", "-m", classifier, "--text", "a good film", "--words").stdout.splitlines()
    told = json.loads(line)
    assert told["label"] == "good"
    assert [word["word"] for word in told["words"]] == ["a", "good", "film"]
    assert max(told["words"], key=lambda word: word["drop"])["word"] == "good"
    assert "words" not in json.loads(run("predict", "-m", classifier, "--text", "a good film").stdout)


def test_what_a_person_reads(classifier: Path) -> None:
    predictor = elman.load(classifier)
    ((example, output),) = predictor.pairs(["a good  film"], words=True)
    first, *words = Task.lines(predictor.task, example, output)
    assert first.startswith("good ")
    assert first.endswith("%  a good film")
    assert any(
        re.fullmatch(r"  good \(2-6\): [\d.]+ points less without it, attention [\d.]+%", line) for line in words
    )


def test_texts_of_a_file_keep_their_number(run: Run, classifier: Path, tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    path.write_text("a good film\n\nso bad\n")
    told = [json.loads(line)["label"] for line in run("predict", "-m", classifier, path).stdout.splitlines()]
    assert len(told) == 3
    assert (told[0], told[2]) == ("good", "bad")


def test_training_says_what_is_strange_about_its_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("\n".join([*LINES, "ugly once"]) + "\n")
    (tmp_path / "dev.txt").write_text("good a film\nfoul a film\n")
    options = [f"--set={group}.{name}={value}" for group, own in QUICK.items() for name, value in own.items()]
    parts = ("--train", tmp_path / "train.txt", "--dev", tmp_path / "dev.txt", "--out", tmp_path / "m")
    result = run("train", "--task", "classification", *parts, *options, "--set=training.epochs=1")
    assert result.exit_code == 0
    assert "warning: seen once, which is too little to learn from: ugly" in result.stderr
    assert "dev.txt: warning: classes that training has not seen count as missed: foul (1)" in result.stderr


def test_one_class_alone_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("good a film\ngood a story\n")
    parts = ("--train", tmp_path / "train.txt", "--dev", tmp_path / "train.txt", "--out", tmp_path / "m")
    result = run("train", "--task", "classification", *parts)
    assert result.exit_code == 2
    assert "at least two classes to learn from, got good alone" in result.stderr
    assert not (tmp_path / "m").exists()


def test_gaps_of_series_are_told_and_words_are_refused(run: Run, tmp_path: Path) -> None:
    values = np.linspace(0, 1, 40).reshape(4, 10)
    values[1, 3:5] = np.nan
    np.savez(tmp_path / "train.npz", values=values, labels=np.array(["a", "b", "a", "b"]))
    parts = ("--train", tmp_path / "train.npz", "--dev", tmp_path / "train.npz", "--out", tmp_path / "m")
    small = ("--set=encoder.hidden=4", "--set=training.epochs=1", "--set=training.threads=1")
    result = run("train", "--task", "series_classification", *parts, *small)
    assert result.exit_code == 0
    assert "train.npz: 2 missing numbers in 1 series are filled by straight lines" in result.stderr
    assert len(run("predict", "-m", tmp_path / "m", tmp_path / "train.npz").stdout.splitlines()) == 4
    refused = run("predict", "-m", tmp_path / "m", tmp_path / "train.npz", "--words")
    assert refused.exit_code == 2
    assert "series_classification does not say what its outputs rest on" in refused.stderr
