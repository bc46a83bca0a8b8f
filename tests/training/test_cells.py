"""Every cell and every baseline is trained, stored, read again and run without torch as the default is."""

import json
from dataclasses import replace

import pytest

import elman
from elman.errors import UsageError
from elman.training.reopening import reopen
from elman.training.train import train
from tests.model.examples import WORDS, write
from tests.training.examples import DOCUMENTS, settings

FEW = DOCUMENTS[:6]

ENCODERS = {
    "elman-sigmoid": {"cell": "elman", "activation": "sigmoid"},
    "elman-relu": {"cell": "elman", "activation": "relu", "start": "identity", "recurrent_dropout": 0.0},
    "lstm-peepholes": {"cell": "lstm", "peepholes": True},
    "lstm-coupled": {"cell": "lstm", "coupled": True},
    "lstm-coupled-peepholes": {"cell": "lstm", "coupled": True, "peepholes": True, "forget_bias": 0.5},
    **{name: {"cell": name} for name in ("sru", "mingru", "minlstm", "slstm", "bag")},
    "window": {"cell": "window", "reach": 1, "layers": 2},
    "convolution": {"cell": "convolution", "layers": 2},
}


def quick(encoder, **training):
    sizes = {"hidden": 16, "input_dropout": 0.0, "dropout": 0.0, "recurrent_dropout": 0.1}
    slowly = encoder.get("start") == "identity"  # whose gradients are large
    pace = {"epochs": 40 if slowly else 20, "learning_rate": 0.01 if slowly else 0.03, "batch_tokens": 32, **training}
    return settings(pace, embedding={"characters": "none"}, encoder={**sizes, **encoder})


def keys(documents):
    return [sorted(span.key for span in document.spans) for document in documents]


# An LSTM with one of its options does nothing that one with both does not do.
LEARNERS = [name for name in ENCODERS if name not in ("lstm-peepholes", "lstm-coupled")]


@pytest.mark.parametrize("encoder", [ENCODERS[name] for name in LEARNERS], ids=LEARNERS)
def test_it_learns_by_heart_and_is_there_after_saving_and_loading(tmp_path, encoder):
    outcome = train(FEW, FEW, settings=quick(encoder), out=tmp_path / "model")
    assert outcome.best.dev.value == 1.0
    tagger = elman.load(outcome.path)
    assert "engine='numpy'" in repr(tagger)
    assert keys(tagger.tag(replace(document, spans=()) for document in FEW)) == keys(FEW)
    assert json.loads((outcome.path / "model.json").read_text())["protocol"] == 3
    chosen = reopen(outcome.path).settings.encoder
    assert {name: getattr(chosen, name) for name in encoder} == encoder


def test_a_cell_that_earlier_versions_know_stays_readable_for_them(tmp_path):
    outcome = train(FEW, FEW, settings=quick({"cell": "gru"}, epochs=1), out=tmp_path / "model")
    assert json.loads((outcome.path / "model.json").read_text())["protocol"] == 1


@pytest.mark.parametrize("cell", ["bag", "window", "convolution"])
def test_what_reads_its_neighbours_does_not_predict_them(tmp_path, cell):
    with pytest.raises(UsageError, match=f"expected training.neighbours = 0 with encoder.cell = '{cell}'"):
        train(FEW, FEW, settings=quick({"cell": cell}, neighbours=0.1), out=tmp_path / "model")


def test_going_on_from_a_model_keeps_its_cell(tmp_path):
    first = train(FEW, FEW, settings=quick({"cell": "slstm"}, epochs=3), out=tmp_path / "first")
    second = train(FEW, FEW, settings=quick({}, epochs=1), init=first.path, out=tmp_path / "second")
    assert reopen(second.path).settings.encoder.cell == "slstm"


def test_a_model_that_says_nothing_of_an_option_has_none(tmp_path):
    encoder = {"cell": "lstm", "hidden": 10, "layers": 1, "context": 0}
    base = write(tmp_path / "base", architecture__encoder=encoder, learned_words=len(WORDS))
    outcome = train(FEW, FEW, settings=quick({"peepholes": True}, epochs=1), init=base, out=tmp_path / "model")
    assert not reopen(outcome.path).settings.encoder.peepholes
