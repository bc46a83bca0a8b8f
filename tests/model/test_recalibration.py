import json

import pytest

from elman.errors import ModelError
from elman.model import atomic
from elman.model.card import card
from elman.model.folder import read_model
from elman.model.recalibration import read_calibration, recalibrate
from tests.model.examples import METRICS, tree, write

NEW = {
    "temperature": 1.5,
    "thresholds": {"PER": 0.25},
    "fit": {"data": "dev", "spans": 9, "before": 0.1, "after": 0.05},
}


@pytest.fixture
def model(tmp_path):
    return write(tmp_path / "model", card=card(tree(), METRICS))


def contents(path):
    return {entry.name: entry.read_bytes() for entry in path.iterdir()}


def test_only_the_manifest_and_the_card_change(model):
    before, checksum = contents(model), read_model(model).manifest.checksum
    assert recalibrate(model, NEW) is True
    after = contents(model)
    assert {name for name in before if before[name] != after[name]} == {"model.json", "README.md"}
    assert before.keys() == after.keys()
    manifest = read_model(model).manifest
    assert (manifest.temperature, manifest.thresholds) == (1.5, {"PER": 0.25})
    assert manifest.checksum != checksum
    assert read_calibration(model) == NEW
    assert "temperature of 1.5 that was fitted on dev (9 spans)" in (model / "README.md").read_text()
    assert list(json.loads(after["model.json"])) == list(json.loads(before["model.json"]))


def test_the_same_calibration_gives_the_same_folder(model):
    before = contents(model)
    recalibrate(model, NEW)
    recalibrate(model, read_calibration(model) | {"temperature": 1.5})
    once = contents(model)
    recalibrate(model, {"temperature": 1.0})
    assert contents(model) == before
    recalibrate(model, NEW)
    assert contents(model) == once


def test_a_card_of_ones_own_stays(model):
    (model / "README.md").write_text("# Mine\n")
    assert recalibrate(model, NEW) is False
    assert (model / "README.md").read_text() == "# Mine\n"
    (model / "README.md").unlink()
    assert recalibrate(model, {"temperature": 2.0}) is True
    assert not (model / "README.md").exists()
    assert read_model(model).manifest.temperature == 2.0


@pytest.mark.parametrize(
    "calibration", [{"temperature": 0}, {}, {"temperature": 1.0, "thresholds": {"DATE": 0.5}}], ids=str
)
def test_what_cannot_be_is_refused_and_nothing_changes(model, calibration):
    before = contents(model)
    with pytest.raises(ModelError, match=r"calibration\."):
        recalibrate(model, calibration)
    assert contents(model) == before


def test_a_damaged_model_is_refused(model):
    (model / "words.txt").write_text("other")
    with pytest.raises(ModelError, match=r"words\.txt"):
        recalibrate(model, NEW)
    with pytest.raises(ModelError, match="no such folder"):
        recalibrate(model / "nowhere", NEW)


def test_when_writing_fails_it_is_the_model_that_it_was(model, monkeypatch):
    before = contents(model)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(ModelError, match="No space left"):
        recalibrate(model, NEW)
    assert contents(model) == before
