"""The temperature that training leaves in a model folder."""

import json

import numpy as np
import pytest

from elman.data.document import Document, Region, Span
from elman.runtime.calibration import fit, gather
from elman.runtime.tagger import load
from elman.tasks.tagging import prepare
from elman.training.parallel import workers
from elman.training.records import Step
from elman.training.train import train

from .examples import DOCUMENTS, session, settings


def learn(out, **options):
    chosen = {"train": DOCUMENTS, "dev": DOCUMENTS, "settings": settings({"epochs": 8}), "out": out}
    return train(**{**chosen, **options})


def calibration(path):
    return json.loads((path / "model.json").read_text())["calibration"]


@pytest.fixture
def few_suffice(monkeypatch):
    monkeypatch.setattr("elman.runtime.calibration.FEWEST", 10)


@pytest.mark.usefixtures("few_suffice")
@pytest.mark.parametrize("head", ["crf", "softmax"])
def test_it_is_the_one_that_the_runtime_finds(tmp_path, head):
    said = []
    path = learn(tmp_path / "model", settings=settings({"epochs": 8}, head={"kind": head}), say=said.append).path
    written = calibration(path)
    found = fit(gather(load(path), DOCUMENTS))
    assert written["temperature"] == pytest.approx(found.temperature, rel=0.02)
    assert written["temperature"] != 1.0
    assert written["fit"]["data"] == "documents"
    assert written["fit"]["spans"] == found.spans >= 10
    assert any(line.startswith("documents: temperature ") for line in said)
    assert "The expected calibration error there" in (path / "README.md").read_text()


@pytest.mark.usefixtures("few_suffice")
def test_a_run_that_was_cut_off_ends_in_the_same_folder(tmp_path):
    def interrupt(record):
        if isinstance(record, Step) and record.step == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn(tmp_path / "cut", observers=[interrupt])
    resumed, whole = learn(tmp_path / "cut", resume=True).path, learn(tmp_path / "whole").path
    assert calibration(resumed) == calibration(whole)
    assert "fit" in calibration(whole)
    assert (resumed / "weights.safetensors").read_bytes() == (whole / "weights.safetensors").read_bytes()


@pytest.mark.parametrize("dev", [DOCUMENTS[:4], [Document("Nobody is named here .")]], ids=["tiny", "without spans"])
def test_few_spans_in_dev_leave_it_at_one_and_that_is_said(dev):
    said = []
    one = session(say=said.append)
    with workers(1, 1) as run:
        judged = one.objective.labelled(prepare(dev), run)
    assert one._calibrate(judged) == {"temperature": 1.0}
    assert any("too few to fit a temperature" in line for line in said)


def test_examples_are_scored_and_judged_as_documents_are():
    odd = Document("Mars saw Ada Byron .", (Span(0, 4, "PLANET"), Span(9, 18, "PER")), id="odd")
    partly = Document("Alan went to Oslo .", (Span(13, 17, "LOC"),), unknown=(Region(0, 4),))
    one = session()
    with workers(1, 1) as run:
        labelled = one.objective.labelled(prepare([*DOCUMENTS[:3], odd, partly]), run)
    assert (labelled.units, labelled.unit) == (5, "document")
    assert labelled.owners.tolist() == [0, 0, 1, 1, 2, 2, 3, 4]
    assert labelled.lost.tolist() == [[3, -1]]
    assert len(labelled.gold) == 14
    assert labelled.unknown.sum() == 1
    assert np.isfinite(labelled.emissions).all()
    assert len(labelled.emissions) == labelled.lengths.sum()
    judged = labelled.candidates(1.0, 1e-9)
    assert judged.correct.sum() + len(judged.lost) == 15
    network = one.objective.predict(one.data.dev.examples, one.objective._dev_features, map)
    with workers(1, 1) as run:
        scored = one.objective.labelled(one.data.dev.examples, run)
    assert scored.decoder(scored.emissions, scored.lengths).spans.tolist() == sorted(network.tolist())
