"""From labelled documents to a model folder that tags."""

import json
from dataclasses import replace

import numpy as np
import pytest

import elman
from elman.data.document import Document, Span
from elman.errors import DataError, UsageError
from elman.features.vectors import Vectors
from elman.model.folder import read_model
from elman.runtime.words import WordTable
from elman.training.records import Evaluation
from elman.training.train import train

from .examples import DOCUMENTS, document, settings


def learn(out, **options):
    """Train on the small set with few, quick epochs unless told otherwise."""
    chosen = {"train": DOCUMENTS, "dev": DOCUMENTS[:4], "settings": settings({"epochs": 2}), "out": out}
    return train(**{**chosen, **options})


def keys(doc):
    return sorted(span.key for span in doc.spans)


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("head", ["crf", "softmax"])
def test_what_was_learned_by_heart_is_there_after_saving_and_loading(tmp_path, cell, head):
    chosen = settings({"epochs": 30, "neighbours": 0.05}, encoder={"cell": cell, "hidden": 12}, head={"kind": head})
    outcome = learn(tmp_path / "model", dev=DOCUMENTS, test=DOCUMENTS[4:8], settings=chosen)
    assert outcome.best.dev.value == 1.0
    tagger = elman.load(outcome.path)
    for doc in DOCUMENTS:
        assert keys(tagger(replace(doc, spans=()))) == keys(doc)
    metrics = json.loads((outcome.path / "metrics.json").read_text())
    assert metrics["test"]["micro"]["f1"] == outcome.best.test.value == 1.0
    assert metrics["data"]["train"]["spans"] == {"LOC": 32, "PER": 32}
    assert not (tmp_path / "model.run").exists()


@pytest.mark.parametrize("lookahead", [0, 1])
def test_a_forward_model_learns_by_heart(tmp_path, lookahead):
    encoder = {"hidden": 24, "directions": "forward", "lookahead": lookahead, "context": 0}
    chosen = settings({"epochs": 25, "neighbours": 0.05}, encoder=encoder)
    outcome = learn(tmp_path / "model", dev=DOCUMENTS, settings=chosen)
    assert outcome.best.dev.value == 1.0
    tagger = elman.load(outcome.path)
    for doc in DOCUMENTS:
        assert keys(tagger(replace(doc, spans=()))) == keys(doc)
        assert [span.key for span in tagger.stream(doc.text)] == [span.key for span in tagger(doc.text).spans]
    again = learn(tmp_path / "again", init=outcome.path)  # whose settings are those of the model
    assert again.best.dev.value > 0.5
    assert f"reads {'one token' if lookahead else '0 tokens'} ahead" in (again.path / "README.md").read_text()


def test_vectors_reach_words_that_training_never_saw(tmp_path):
    words = ["winter", "Lima", "Quito", "the"]
    vectors = Vectors(words, np.random.default_rng(0).normal(size=(4, 7)).astype(np.float32))
    said = []
    outcome = learn(tmp_path / "model", vectors=vectors, say=said.append)
    assert any(line.startswith("vectors: ") for line in said)
    kept = (outcome.path / "words.txt").read_text().split("\n")
    assert {"Lima", "Quito", "the"} <= set(kept)
    assert elman.load(outcome.path)("Ada went to Lima .").tokens is not None
    again = learn(tmp_path / "again", init=outcome.path)  # without the file of vectors
    np.testing.assert_array_equal(fixed_vector(again.path, "Lima"), fixed_vector(outcome.path, "Lima"))
    assert fixed_vector(again.path, "Lima").any()


def fixed_vector(path, word):
    """A word's vector as the runtime looks it up."""
    folder = read_model(path)
    return WordTable(folder.tensors).rows(folder.lexicon.words.ids([word]))


def test_a_model_is_gone_on_from_with_its_words_and_tags(tmp_path):
    first = learn(tmp_path / "first", settings=settings({"epochs": 15}))
    new = [replace(document(number), id=f"new-{number}") for number in range(4)]
    new.append(Document("Xanthippe sang .", (Span(0, 9, "SINGER"),)))
    said = []
    outcome = learn(tmp_path / "second", init=first.path, train=new, settings=settings({"epochs": 2}), say=said.append)
    assert any("taken over" in line for line in said)
    words = (outcome.path / "words.txt").read_text().split("\n")
    assert {"radia", "xanthippe"} <= {word.lower() for word in words}
    assert outcome.best.dev.value > 0.5


def test_without_a_dev_set_documents_are_held_out_and_said(tmp_path):
    said = []
    learn(tmp_path / "model", dev=None, say=said.append)
    assert any("no dev file: 2 of 16 documents" in line for line in said)


def test_labels_are_renamed_and_dropped(tmp_path):
    outcome = learn(tmp_path / "model", labels={"PER": "PERSON", "LOC": ""})
    metrics = json.loads((outcome.path / "metrics.json").read_text())
    assert metrics["data"]["train"]["spans"] == {"PERSON": 32}
    with pytest.raises(UsageError, match="LOCATION"):
        learn(tmp_path / "other", labels={"LOCATION": "LOC"})


def test_labels_that_only_dev_has_are_named_with_their_counts(tmp_path):
    said = []
    odd = Document("Mars", (Span(0, 4, "PLANET"),), id="odd")
    outcome = learn(tmp_path / "model", dev=[*DOCUMENTS[:2], odd], say=said.append)
    assert any("PLANET (1)" in line and line.startswith("warning") for line in said)
    assert outcome.best.dev.value < 1


def test_several_seeds_leave_the_best_at_out_and_the_others_beside_it(tmp_path):
    outcome = learn(tmp_path / "model", seeds=2, settings=settings({"epochs": 4}))
    assert [run.seed for run in outcome.runs] == [1, 2]
    assert outcome.best.path == tmp_path / "model"
    other = next(run for run in outcome.runs if run is not outcome.best)
    assert other.path == tmp_path / f"model-seed-{other.seed}"
    assert {path.name for path in tmp_path.iterdir()} == {"model", other.path.name}
    summary = outcome.to_json()["dev"]
    assert summary["mean"] == pytest.approx(np.mean([run.dev.value for run in outcome.runs]))
    assert summary["deviation"] == pytest.approx(np.std([run.dev.value for run in outcome.runs], ddof=1))


def test_an_interrupted_run_keeps_its_best_and_can_go_on(tmp_path):
    def interrupt(record):
        if isinstance(record, Evaluation) and record.epoch == 2:
            raise KeyboardInterrupt

    said = []
    chosen = settings({"epochs": 4, "neighbours": 0.05})
    with pytest.raises(KeyboardInterrupt):
        learn(tmp_path / "cut", settings=chosen, observers=[interrupt], say=said.append)
    assert any(str(tmp_path / "cut") in line and "interrupted" in line for line in said)
    elman.load(tmp_path / "cut")
    resumed = learn(tmp_path / "cut", settings=chosen, resume=True)
    whole = learn(tmp_path / "whole", settings=chosen)
    weights = [(run.path / "weights.safetensors").read_bytes() for run in (resumed, whole)]
    assert weights[0] == weights[1]


def test_interrupted_before_the_first_evaluation_nothing_is_written(tmp_path):
    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn(tmp_path / "model", observers=[interrupt])
    assert not (tmp_path / "model").exists()


def test_what_is_there_is_not_written_over(tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine")
    for options, message in (({}, "--force"), ({"force": True}, "no model folder")):
        with pytest.raises(UsageError, match=message):
            learn(tmp_path / "notes", **options)
    assert (tmp_path / "notes" / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"train": [Document("Nothing is labelled here.")]}, DataError, "labelled entities"),
        ({"train": []}, DataError, "at least one sentence"),
        ({"train": DOCUMENTS[:1], "dev": None}, DataError, "--dev"),
        ({"seeds": 0}, UsageError, "seed"),
        ({"device": "abacus"}, UsageError, "auto, cpu, cuda"),
    ],
)
def test_what_cannot_be_trained_is_refused(tmp_path, options, error, message):
    with pytest.raises(error, match=message):
        learn(tmp_path / "model", **options)
    assert not (tmp_path / "model").exists()


def test_the_time_a_run_takes_does_not_reach_into_its_weights(tmp_path):
    first, second = (learn(tmp_path / name).path / "weights.safetensors" for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()


def test_another_layer_is_learned_and_written(tmp_path):
    moved = [replace(one, spans=tuple(replace(span, layer="parts") for span in one.spans)) for one in DOCUMENTS]
    chosen = settings({"epochs": 30})
    chosen = replace(chosen, data=replace(chosen.data, layer="parts"))
    path = train(moved, moved, out=tmp_path / "model", settings=chosen).path
    assert elman.load(path).layer == "parts"
    assert {span.layer for span in elman.load(path)(moved[0].text).spans} == {"parts"}
    assert elman.evaluate(path, moved).micro.f1 > 0.9
