"""Language models from text to folder."""

import json

import numpy as np
import pytest
import torch
from tests.language_models import Untrained

import elman
from elman.data.document import Document
from elman.errors import DataError, ModelError, UsageError
from elman.model.task_folder import read_task
from elman.nn.parts import Network as Learned
from elman.runtime.generation import Writer
from elman.runtime.predictor import Predictor, load
from elman.settings import RecurrentSettings, TrainingSettings
from elman.tasks import language_model
from elman.training.objectives.language_model import Settings, TextSettings

TEXT = "the cat sat on the mat and the dog lay by the door. "


def settings(unit="characters", **training):
    given = {"epochs": 25, "batch_tokens": 128, "learning_rate": 0.02, "averaging": 0.9, "threads": 1, **training}
    return Settings(
        text=TextSettings(unit=unit, size=16, steps=16, min_count=1),
        encoder=RecurrentSettings(directions="forward", hidden=32, input_dropout=0, dropout=0, recurrent_dropout=0),
        training=TrainingSettings(**given),
    )


@pytest.mark.parametrize("unit", ["characters", "words"])
def test_a_text_is_learned_by_heart_and_its_folder_says_the_same(tmp_path, unit):
    texts = [Document(TEXT * 6)]
    before = {}

    def keep(record):
        before["figure"] = getattr(record, "figure", None) or before.get("figure")

    outcome = elman.train(texts, texts, texts, out=tmp_path / "m", settings=settings(unit), observers=[keep])
    scores = outcome.best.metrics["test"]
    assert scores["bits_per_character"] < 0.25
    model = load(tmp_path / "m")
    again = model.evaluate(texts)
    assert again.to_json() == json.loads(json.dumps(scores | {"interval": again.interval}))
    assert again.bits_per_character == scores["bits_per_character"]
    written = "".join(Writer(model).write("the cat sat on", 20, language_model_sampling()))
    assert (TEXT * 2)[len("the cat sat on") :].startswith(written[:15])


@pytest.mark.parametrize(
    ("share", "held"), [(0.01, "dog."), (0.3, "a dog."), (0.5, "and a dog."), (0.99, "saw  a cat and a dog.")]
)
def test_of_a_single_text_the_end_is_held_out(share, held):
    text = "Ada saw  a cat and a dog."
    (kept,), (end,) = language_model.Task.holdout([Document(text)], share, 1)
    assert end.text == held
    assert kept.text == text.removesuffix(held).rstrip()


def test_several_texts_are_held_out_whole_and_one_word_is_too_few():
    texts = [Document(f"text {number}") for number in range(10)]
    kept, held = language_model.Task.holdout(texts, 0.2, 1)
    assert sorted(kept + held, key=lambda one: one.text) == texts
    assert len(held) == 2
    for few in ([Document("word")], []):
        with pytest.raises(DataError, match="expected at least two documents"):
            language_model.Task.holdout(few, 0.2, 1)


def language_model_sampling():
    from elman.decoding.sampling import Sampling

    return Sampling(0.0)


@pytest.mark.parametrize("tied", [True, False])
def test_torch_and_numpy_compute_the_same(tied):
    model = Untrained("abc ", "characters", tied=tied, layers=2)
    net = Learned(model.task.parts)
    net.load_state_dict({name: torch.from_numpy(value) for name, value in model.tensors.items()})
    net.eval()
    batch = model.task.batch(model.task.prepare([Document("abca b"), Document("cc")]), [0, 1])
    ids, lengths = torch.from_numpy(batch.symbols).long(), torch.from_numpy(batch.lengths)
    with torch.no_grad():
        theirs = model.task.forward(net, batch._replace(symbols=ids, lengths=lengths)).numpy()
    np.testing.assert_allclose(model.task.forward(model.network, batch), theirs, atol=1e-4)


def test_a_text_read_in_pieces_costs_what_it_costs_as_a_whole(monkeypatch):
    model = Untrained("ab ", "characters")
    texts = ["abba ab", "b", "a b a b a b a b a b", "", "xa"]
    sequences = model.task.prepare(map(Document, texts))
    whole = model.task.predict(model.network, model.task.batch(sequences, range(len(texts))))
    monkeypatch.setattr(language_model, "STEPS", 3)
    monkeypatch.setattr(language_model, "HEAD_ROWS", 2)
    pieces = model.task.predict(model.network, model.task.batch(sequences, range(len(texts))))
    for text, one, other in zip(texts, whole, pieces, strict=True):
        ids = [*model.task.ids(text).tolist(), 0]
        logs = model.logs(ids[:-1])
        bits = -sum(logs[at, symbol] for at, symbol in enumerate(ids)) / np.log(2)
        assert one.bits == pytest.approx(bits, rel=1e-4)
        assert other.bits == pytest.approx(bits, rel=1e-4)
        assert (one.symbols, one.characters, one.unknown) == (len(ids), len(ids), text.count("x"))


def test_a_cut_off_run_goes_on(tmp_path):
    texts = [Document(TEXT * 4)]

    def stop(record):
        if getattr(record, "epoch", 0) >= 2 and hasattr(record, "figure"):
            raise KeyboardInterrupt

    short = settings(epochs=3)
    with pytest.raises(KeyboardInterrupt):
        elman.train(texts, texts, out=tmp_path / "cut", settings=short, observers=[stop])
    outcome = elman.train(texts, texts, out=tmp_path / "cut", settings=short, resume=True)
    whole = elman.train(texts, texts, out=tmp_path / "whole", settings=short)
    assert outcome.best.dev == whole.best.dev


def test_what_does_not_fit_is_refused(tmp_path):
    texts = [Document("abc abc")]
    both = Settings(encoder=RecurrentSettings(directions="both"))
    with pytest.raises(UsageError, match=r"encoder\.directions = forward"):
        elman.train(texts, texts, out=tmp_path / "m", settings=both)
    with pytest.raises(DataError, match="at least 2 times"):
        elman.train([Document("abc")], texts, out=tmp_path / "m", settings=Settings())


def test_a_folder_whose_symbols_do_not_fit_is_refused(tmp_path):
    texts = [Document(TEXT)]
    elman.train(texts, texts, out=tmp_path / "m", settings=settings(epochs=1))
    folder = read_task(tmp_path / "m")
    with pytest.raises(ModelError, match="as many symbols as the network has rows"):
        language_model.Task.open(folder.about, {"symbols": "a\nb\n"}, folder.parts)
    with pytest.raises(ModelError, match="unit"):
        language_model.Task.open({"unit": "bytes"}, folder.texts, folder.parts)
    with pytest.raises(ModelError, match="train anew"):
        language_model.Task.open({}, folder.texts, folder.parts)
    assert isinstance(Predictor(folder).task, language_model.Task)
