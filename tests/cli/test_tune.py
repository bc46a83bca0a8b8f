from __future__ import annotations

import json

from elman.settings import load
from tests.cli.conftest import QUICK


def test_tune_leaves_settings_that_train_takes_and_goes_on(run, data, tmp_path):
    study = tmp_path / "study"
    fixed = ["--set=training.epochs=1"]
    options = ["--train", data, "--dev", data, "--out", study, "--seeds", "1", *QUICK, *fixed]
    result = run("tune", "--trials", "1", *options)
    assert result.exit_code == 0
    assert "Nothing that was tried does better than the settings that the search began from." in result.stdout
    assert f"The settings are in {study / 'settings.toml'}" in result.stdout
    assert load(study / "settings.toml").encoder.hidden == 12
    again = run("tune", "--trials", "1", "--json", *options)
    values = json.loads(again.stdout)
    assert values["schema"] == "elman.tune/1"
    assert len(values["trials"]) == 1
    assert "trial 0" not in again.stderr
    refused = run("tune", "--trials", "1", *options, "--set=encoder.hidden=13")
    assert refused.exit_code == 2
    assert "the study is of other data, vectors or settings" in refused.stderr


def test_a_file_that_is_not_there_is_named(run, tmp_path):
    result = run("tune", "--train", tmp_path / "none.conll", "--out", tmp_path / "study")
    assert result.exit_code == 2
    assert "none.conll" in result.stderr
    assert not (tmp_path / "study").exists()
