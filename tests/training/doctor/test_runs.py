"""The doctor beside real runs of a small set."""

import json

import numpy as np
import pytest

import elman
from elman.errors import TrainingError
from elman.features.vectors import Vectors
from tests.training.examples import DOCUMENTS, settings

WORDS = sorted({word for document in DOCUMENTS for word in document.text.split()})


def train(folder, vectors=None, chosen=None, dev=DOCUMENTS[:1]):
    said = []
    elman.train(DOCUMENTS[1:], dev, out=folder, settings=chosen or settings(), vectors=vectors, say=said.append)
    return json.loads((folder / "metrics.json").read_text())["findings"], said


def test_findings_are_said_and_kept(tmp_path):
    matrix = np.full((len(WORDS), 10), 0.1, np.float32)
    findings, said = train(tmp_path / "model", Vectors(WORDS, matrix))
    assert [finding["kind"] for finding in findings] == ["vectors-constant"]
    assert sum(line.startswith("doctor: vectors-constant: ") for line in said) == 1


def test_a_run_that_ends_in_an_error_was_told_its_cause(tmp_path):
    matrix = np.random.default_rng(1).standard_normal((len(WORDS), 10)).astype(np.float32)
    matrix[WORDS.index("winter"), 0] = np.nan
    said = []
    with pytest.raises(TrainingError):
        elman.train(
            DOCUMENTS,
            DOCUMENTS[:1],
            out=tmp_path / "model",
            settings=settings(),
            vectors=Vectors(WORDS, matrix),
            say=said.append,
        )
    assert any("doctor: vectors-not-finite: 1 of" in line and "'winter'" in line for line in said)


def test_a_healthy_run_has_none(tmp_path):
    findings, said = train(tmp_path / "model", chosen=settings({"epochs": 30}))
    assert findings == []
    assert not any(line.startswith("doctor") for line in said)
