"""Speech to text: from files to texts, without torch's part in it; and from training to a model folder."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

import elman
from elman.cli.app import app
from elman.data.audio import sound_of, write_sound
from elman.data.document import Document, Span
from elman.data.recordings import Recording, read_recordings
from elman.errors import DataError, ModelError, UsageError
from elman.features.logmel import LogMel
from elman.metrics.transcripts import TranscriptScores
from elman.nn.parts import Network
from elman.pipelines.transcribing import transcribe
from elman.runtime.parts import Network as Computed
from elman.runtime.predictor import load
from elman.tasks.speech import Task, normalised, stacked
from elman.training.objective import tensors_of
from elman.training.train import settings_for

TONES = {"do": 500, "re": 900, "mi": 1600}
SMALL = [
    "training.threads=1",
    "training.epochs=50",
    "training.batch_tokens=200",
    "training.learning_rate=0.03",
    "training.averaging=0.9",
    "encoder.hidden=16",
    "encoder.layers=1",
    "encoder.input_dropout=0",
    "encoder.dropout=0",
    "encoder.recurrent_dropout=0",
    "sound.bands=12",
    "sound.stack=3",
]


def sung(text: str, rate: int = 4000, seed: int = 1):
    """Each word a tone of its own."""
    rng = np.random.default_rng([seed, len(text)])
    pieces = []
    for word in text.split():
        time = np.arange(int(rng.uniform(0.10, 0.14) * rate)) / rate
        pieces += [0.5 * np.sin(2 * np.pi * TONES[word] * rng.uniform(0.97, 1.03) * time), np.zeros(int(0.04 * rate))]
    return np.concatenate(pieces) + rng.normal(0, 0.003, sum(map(len, pieces)))


TEXTS = ["do", "re", "mi", "do re", "re mi", "mi do", "do mi re", "mi re do"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Sounds, and a table of them."""
    place = tmp_path_factory.mktemp("tones")
    rows = []
    for number, text in enumerate(TEXTS * 3):
        write_sound(place / f"{number}.wav", sung(text, seed=number), 4000)
        rows.append({"path": f"{number}.wav", "text": text.upper() if number % 2 else text})
    (place / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return place


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory):
    """A model folder, and what was said while it was trained."""
    out, said = tmp_path_factory.mktemp("model") / "model", []
    train = folder / "train.jsonl"
    elman.train(train, train, out=out, settings=settings_for("speech", None, SMALL), say=said.append)
    return out, said


def test_what_was_learned_is_known_and_comes_back_from_the_folder(folder, trained):
    out, said = trained
    assert any("24 of 4,000 Hz" in line for line in said)
    model = load(out)
    scores = model.evaluate(read_recordings(folder / "train.jsonl"))
    assert scores.cer < 0.02
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["dev"]["cer"] == scores.cer
    assert model.task.features == LogMel(4000, bands=12)
    heard = model(folder / "6.wav")
    assert heard.text == "do mi re"
    assert 0.3 < heard.probability <= 1
    assert model(sound_of(sung("re mi", seed=99), 4000)).text == "re mi"
    assert [one.text for one in model.predict([folder / "0.wav", str(folder / "1.wav")])] == ["do", "re"]


def test_torch_and_numpy_compute_the_same(folder, trained):
    task = load(trained[0]).task
    network = Network(task.parts).eval()
    for parameter in network.parameters():
        parameter.data.uniform_(-0.5, 0.5)
    network.scale.mean.uniform_(-3, 3)
    network.scale.deviation.uniform_(1, 3)
    sequences = task.prepare(read_recordings(folder / "train.jsonl"))
    batch = task.batch(sequences, range(9))
    import torch

    tensors = type(batch)(*(torch.from_numpy(np.asarray(array)) for array in batch))
    with torch.no_grad():
        expected = task.forward(network, tensors).numpy()
    found = task.forward(Computed(task.parts, tensors_of(task, network)), batch)
    for row, length in enumerate(batch.lengths.tolist()):
        np.testing.assert_allclose(found[row, :length], expected[row, :length], atol=1e-4)


def test_other_rates_and_channels_give_the_same_text_and_are_told(folder, trained, tmp_path):
    samples = sung("mi do", rate=16000, seed=5)
    write_sound(tmp_path / "a.wav", np.stack([samples, samples], axis=1), 16000)
    (tmp_path / "b.tsv").write_text("path\ttext\na.wav\tmi do\n")
    model = load(trained[0])
    assert model(tmp_path / "a.wav").text == "mi do"
    recordings = [*read_recordings(tmp_path / "b.tsv"), *read_recordings(folder / "train.jsonl")]
    assert list(model.task.remarks(recordings)) == [
        "1 of 25 recordings resampled from 16,000 Hz to 4,000 Hz",
        "1 of 25 recordings 2 channels mixed to one",
    ]
    ran = CliRunner().invoke(app, ["predict", "-m", str(trained[0]), str(tmp_path / "b.tsv"), str(folder / "0.wav")])
    assert [json.loads(line)["text"] for line in ran.stdout.splitlines()] == ["mi do", "do"]
    assert json.loads(ran.stdout.splitlines()[0])["id"] == "a.wav"
    assert ran.stderr.splitlines() == [
        "1 example: resampled from 16,000 Hz to 4,000 Hz",
        "1 example: 2 channels mixed to one",
    ]


def test_characters_that_training_has_not_seen_are_told(trained, folder):
    task = load(trained[0]).task
    said = list(task.remarks([Recording(folder / "0.wav", "Do fa")]))
    assert said == ["characters that the model does not know count as missed: 'f' (1), 'a' (1)"]


class Names:
    """A tagger that knows one name."""

    def __call__(self, text):
        at = text.find("mi")
        return Document(text, () if at < 0 else (Span(at, at + 2, "PER", score=0.9),))


def test_a_tagger_finds_entities_in_what_was_heard(folder, trained):
    model = load(trained[0])
    pairs = list(transcribe(model, Names(), [folder / "4.wav", folder / "0.wav"]))
    assert [heard.text for _, heard in pairs] == ["re mi", "do"]
    assert pairs[0][1].document == Document("re mi", (Span(3, 5, "PER", score=0.9),))
    assert pairs[0][1].to_json()["spans"] == [{"start": 3, "end": 5, "label": "PER", "score": 0.9}]
    assert pairs[1][1].to_json()["spans"] == []
    shown = list(model.task.lines(*pairs[0]))
    assert shown[0].endswith(f"re mi ({pairs[0][1].probability:.1%})")
    assert shown[1:] == ["  PER mi"]
    other = SimpleNamespace(task=SimpleNamespace(name="classification"), path="m")
    with pytest.raises(UsageError, match="handed what a model for speech heard, and m is for classification"):
        transcribe(other, Names(), [])


def test_one_beginning_is_enough_where_the_network_is_sure(trained):
    task = load(trained[0]).task
    frames = np.full((5, 1 + len(task.characters)), -30.0)
    frames[range(5), [0, 1 + task.characters.index("d"), 0, 1 + task.characters.index("o"), 0]] = 0.0
    for beam in (1, 4):
        heard = Task(task.features, task.stack, task.characters, True, beam, task.parts)._heard(frames)
        assert (heard.text, round(heard.probability, 6)) == ("do", 1)


def test_frames_become_steps():
    frames = np.arange(10, dtype=np.float32).reshape(5, 2)
    assert stacked(frames, 1).tolist() == frames.tolist()
    assert stacked(frames, 2).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 8, 9]]
    assert normalised(" Do\u00a0 RE ", lowercase=True) == "do re"


def test_a_text_longer_than_its_recording_is_refused(tmp_path):
    write_sound(tmp_path / "a.wav", sung("do"), 4000)
    recording = Recording(tmp_path / "a.wav", "do re mi do re mi", "a.wav")
    with pytest.raises(DataError, match=r"a\.wav: expected at least 17 steps for a text of 17 characters, got"):
        elman.train([recording], [recording], out=tmp_path / "model", settings=settings_for("speech", None, SMALL))


def test_a_damaged_model_says_so(trained):
    task = load(trained[0]).task
    about = task.about()
    assert Task.open(about, {}, task.parts) == task
    with pytest.raises(ModelError, match="'stack' is missing"):
        Task.open({key: value for key, value in about.items() if key != "stack"}, {}, task.parts)


def test_rates_of_errors_are_counted_over_all_recordings():
    scores = TranscriptScores(["seven", "one two"], ["seve", "one too two"])
    assert scores.cer == pytest.approx(5 / 12)
    assert scores.wer == pytest.approx(2 / 3)
    assert scores.wrong == 1
    assert scores.figure == ("CER", -scores.cer, "41.67%")
    assert scores.to_json()["characters"] == 12
    assert next(scores.lines()).startswith("CER ")
    assert TranscriptScores(["a"], ["a"]).figure.value == 0
