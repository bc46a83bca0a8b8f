from __future__ import annotations

import json

import pytest

from elman.pipelines import curve, order
from elman.training.trial import Scores
from tests.cli.conftest import QUICK


@pytest.fixture(autouse=True)
def trainings(monkeypatch):
    """Trainings that take no time: the more there is to learn from, the better."""
    made = []

    def pretend(data, settings, *_):
        made.append(settings)
        return Scores(0.9 - len(data.train.examples) ** -0.7 - 0.001 * settings.training.seed, None, 1, 1.0)

    for module in (curve, order):
        monkeypatch.setattr(module, "scores_of", pretend)
    return made


def test_a_curve_says_what_more_labels_would_bring(run, data, tmp_path, trainings):
    picture = tmp_path / "curve.svg"
    options = ["--fractions", "0.2,0.5,0.8,1,0.3", "--seeds", "2", "--out", picture, *QUICK]
    result = run("inspect", "curve", "--train", data, "--dev", data, *options)
    assert result.exit_code == 0
    assert "twice the" in result.stdout
    assert "10 of 10: " in result.stderr
    assert b"<svg" in picture.read_bytes()
    assert len(trainings) == 10
    values = json.loads(run("inspect", "curve", "--train", data, "--dev", data, "--json", *options).stdout)
    assert values["schema"] == "elman.curve/1"


def test_shares_have_to_be_numbers(run, data):
    result = run("inspect", "curve", "--train", data, "--fractions", "a tenth")
    assert result.exit_code == 2
    assert "expected shares such as 0.1,0.3,0.6,1; got 'a tenth'" in result.stderr


def test_order_is_one_table(run, data, tmp_path, trainings):
    options = ["--seeds", "2", "--keep", tmp_path / "runs.json", *QUICK]
    result = run("inspect", "order", "--train", data, "--dev", data, *options)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1].startswith("as they are")
    assert "shuffled: +0.0 points lost" in result.stdout
    made = len(trainings)
    values = json.loads(run("inspect", "order", "--train", data, "--dev", data, "--json", *options).stdout)
    assert values["schema"] == "elman.order/1"
    assert len(trainings) == made
