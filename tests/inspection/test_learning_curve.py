from __future__ import annotations

import json

import numpy as np
import pytest

from elman.inspection.learning_curve import CurveRun, LearningCurve
from elman.inspection.power_law import PowerLaw


def curve(law, noise=0.0, seeds=3, sizes=(100, 200, 400, 700, 1000)):
    rng = np.random.default_rng(1)
    runs = [
        CurveRun(size / sizes[-1], seed, size, 9 * size, float(law(size)) + noise * rng.normal(), 3.0)
        for seed in range(1, seeds + 1)
        for size in sizes
    ]
    return LearningCurve(runs, "documents", "train.conll", "dev.conll")


STEEP = PowerLaw(0.95, 3.0, 0.5)


def test_where_scores_grow_more_labels_would_help():
    found = curve(STEEP, 0.002)
    gain, (low, high) = found.gain(2)
    assert low <= float(STEEP(2000) - STEEP(1000)) <= high
    assert gain == pytest.approx(float(STEEP(2000) - STEEP(1000)), abs=0.01)
    more, (least, most) = found.needed()
    true = STEEP.size_for(float(STEEP(1000)) + 0.01) - 1000
    assert least <= true <= most
    assert more == pytest.approx(true, rel=0.3)
    sentences = " ".join(found.sentences())
    assert "More labels would help: twice the documents (2,000) are expected to give +2." in sentences
    assert "One point more takes about 2" in sentences
    assert "A test of the curve: drawn without the full size, it says 85." in sentences


def test_where_scores_stand_still_they_would_not():
    sentences = " ".join(curve(PowerLaw(0.9, 4.0, 2.0), 0.001).sentences())
    assert "More labels would hardly help" in sentences
    assert "One point more is not expected within 3,000 more documents" in sentences


def test_where_chance_is_large_it_is_left_open():
    assert "these runs do not settle" in " ".join(curve(STEEP, 0.05).sentences())


def test_scores_that_follow_no_power_law_are_told():
    found = curve(lambda size: size / 1200)
    assert "so lean on none of this." in " ".join(found.sentences())
    assert "so lean on none of this." not in " ".join(curve(STEEP, 0.002).sentences())


def test_with_one_seed_there_is_no_interval():
    found = curve(STEEP, seeds=1)
    assert found.gain(2)[1] is None
    assert "there is no interval" in next(found.sentences())


def test_four_sizes_are_too_few_to_leave_one_out():
    assert curve(STEEP, sizes=(100, 200, 400, 700)).foreseen() is None
    foreseen, measured = curve(STEEP).foreseen()
    assert foreseen == pytest.approx(measured, abs=1e-3)


def test_the_table_the_json_and_the_picture(tmp_path):
    found = curve(STEEP, 0.01)
    lines = list(found.lines())
    assert lines[0].split() == ["share", "documents", "entities", "dev", "F1", "deviation", "runs", "curve"]
    assert lines[5].split()[:3] == ["100%", "1,000", "9,000"]
    values = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert len(values["runs"]) == 15
    assert json.dumps(curve(PowerLaw(0.9, 0, 1)).to_json(), allow_nan=False)
    found.draw(tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
