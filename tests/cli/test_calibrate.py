from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

import elman
from elman.data.formats import write
from elman.settings import from_dict
from tests.training.examples import DOCUMENTS, SMALL, document

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

TEXT = "Ada Byron went to Paris in winter ."


@pytest.fixture(scope="module")
def unsure(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has not learned for long, and is not sure of itself."""
    settings = from_dict({**SMALL, "training": {**SMALL["training"], "epochs": 5}})
    out = tmp_path_factory.mktemp("models") / "unsure"
    elman.train(DOCUMENTS, DOCUMENTS[:3], out=out, settings=settings)
    return out


@pytest.fixture
def own(unsure: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return shutil.copytree(unsure, tmp_path / "model")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ninety documents with 360 spans."""
    path = tmp_path_factory.mktemp("data") / "many.conll"
    write([document(number) for number in range(90)], path)
    return path


def manifest(model: Path) -> Any:
    return json.loads((model / "model.json").read_text())


def test_a_temperature_is_fitted_and_written(run: Run, own: Path, many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("elman.runtime.calibration.FEWEST", 50)
    before = manifest(own)
    result = run("calibrate", own, many)
    assert result.exit_code == 0, result.stderr
    assert "90 documents, 360 gold spans" in result.stdout
    assert "fitted on one half" in result.stdout
    assert f"{own} has the new calibration" in result.stderr
    after = manifest(own)
    assert after["calibration"]["temperature"] != before["calibration"]["temperature"] == 1.0
    assert after["calibration"]["fit"]["data"] == "many.conll"
    assert after["checksum"] != before["checksum"]
    assert {**after, "calibration": 0, "checksum": 0} == {**before, "calibration": 0, "checksum": 0}
    assert "many.conll" in (own / "README.md").read_text()
    assert not list(own.glob(".*"))
    again = run("calibrate", own, many, "--json")
    values = json.loads(again.stdout)
    assert values["schema"] == "elman.calibrate/1"
    assert values["fit"]["temperature"] == values["temperature"] == after["calibration"]["temperature"]
    assert len(values["halves"]) == 2
    assert sum(each["count"] for each in values["reliability"]["bins"]) == values["fit"]["spans"]
    assert manifest(own) == after


def test_a_recall_is_asked_for_and_tagging_uses_its_threshold(run: Run, own: Path, many: Path) -> None:
    result = run("calibrate", own, many, "--recall", "0.8", "--json")
    assert result.exit_code == 0, result.stderr
    values = json.loads(result.stdout)
    ((of, found),) = values["thresholds"].items()
    assert of == "all labels together"
    assert found["recall"] >= 0.8
    assert "exchangeable" in found["guarantee"]
    assert values["reached"]["keep"]["recall"] == found["recall"] >= values["reached"]["best"]["recall"]
    assert manifest(own)["calibration"]["thresholds"] == {"LOC": found["value"], "PER": found["value"]}
    assert "| `PER` |" in (own / "README.md").read_text()
    tagged = run("tag", "-m", own, "--text", TEXT, "--threshold", "model", "--overlaps", "keep")
    assert (tagged.exit_code, tagged.stderr) == (0, "")
    scores = [span["score"] for span in json.loads(tagged.stdout)["spans"]]
    everything = [span.score for span in next(elman.load(own).candidates([TEXT])).spans]
    assert sorted(scores) == sorted(score for score in everything if score >= found["value"])
    assert "overlap" in run("tag", "-m", own, "--text", TEXT, "--threshold", "model").stderr


def test_labels_have_thresholds_of_their_own(run: Run, own: Path, many: Path) -> None:
    assert run("calibrate", own, many, "--recall", "0.8", "--by-label").exit_code == 0
    both = manifest(own)["calibration"]
    assert set(both["thresholds"]) == set(both["asked"]) == {"LOC", "PER"}
    result = run("calibrate", own, many, "--recall", "0.5", "--label", "PER")
    assert result.exit_code == 0, result.stderr
    one = manifest(own)["calibration"]
    assert one["thresholds"]["LOC"] == both["thresholds"]["LOC"]
    assert one["thresholds"]["PER"] > both["thresholds"]["PER"]
    assert "Of PER: in the mean" in result.stdout
    # Another temperature makes other probabilities of the scores.
    result = run("calibrate", own, many)
    assert "thresholds were of other probabilities" in result.stderr
    assert "thresholds" not in manifest(own)["calibration"]


def test_a_precision_is_asked_for(run: Run, own: Path, many: Path) -> None:
    result = run("calibrate", own, many, "--precision", "0.5", "--confidence", "0.8", "--cap", "2")
    assert result.exit_code == 0, result.stderr
    assert "in 80% of such calibrations, at least 50.00%" in result.stdout
    asked = manifest(own)["calibration"]["asked"]["PER"]
    assert (asked["wanted"], asked["cap"], asked["confidence"]) == ("precision", 2, 0.8)


def test_a_dry_run_leaves_the_model(run: Run, own: Path, many: Path) -> None:
    before = (own / "model.json").read_bytes()
    result = run("calibrate", own, many, "--dry-run")
    assert f"{own} is as it was" in result.stderr
    assert (own / "model.json").read_bytes() == before


def test_labels_that_the_model_does_not_know_are_named_and_count_as_missed(run: Run, own: Path, many: Path) -> None:
    result = run("calibrate", own, many, "--recall", "0.4", "--map", "LOC=PLACE", "--json", "--dry-run")
    assert "180 gold spans have labels that the model does not know" in result.stderr
    assert json.loads(result.stdout)["reached"]["keep"]["recall"] <= 0.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--recall", "0.999"], "needs more data"),
        (["--recall", "98"], "98 % is 0.98"),
        (["--recall", "0.9", "--precision", "0.9"], "got both"),
        (["--label", "PER"], "need a --recall or a --precision"),
        (["--recall", "0.9", "--label", "DATE"], "no label 'DATE'; choose out of LOC, PER"),
        (["--recall", "0.9", "--label", "PER", "--by-label"], "--label or --by-label"),
        (["--precision", "0.999"], "cannot be promised"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(
    run: Run, unsure: Path, many: Path, options: list[str], message: str
) -> None:
    before = (unsure / "model.json").read_bytes()
    result = run("calibrate", unsure, many, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert (unsure / "model.json").read_bytes() == before


def test_little_data_is_refused(run: Run, unsure: Path, tmp_path: Path) -> None:
    write(DOCUMENTS[:2], tmp_path / "few.conll")
    result = run("calibrate", unsure, tmp_path / "few.conll")
    assert result.exit_code == 2
    assert "too few to fit a temperature" in result.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--threshold", "high"], "a number between 0 and 1, or model; got 'high'"),
        (["--threshold", "0"], "above 0 and at most 1"),
        (["--threshold", "model"], "has no thresholds"),
        (["--overlaps", "keep"], "goes with --threshold"),
    ],
)
def test_thresholds_that_cannot_be(run: Run, unsure: Path, options: list[str], message: str) -> None:
    result = run("tag", "-m", unsure, "--text", TEXT, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
