import pytest

from elman.model.card import card
from elman.settings import from_dict, to_dict
from tests.model.examples import tree

COUNTS = {"precision": 0.9, "recall": 0.8, "f1": 0.847, "support": 1234, "predicted": 1097, "correct": 987}
RESULT = {
    "micro": {**COUNTS, "interval": [0.83, 0.861]},
    "labels": {"PER": {**COUNTS, "interval": None}, "A|B": {**COUNTS, "interval": [0.1, 0.2]}},
    "bootstrap": {"level": 0.95, "samples": 2000, "seed": 1, "unit": "document", "units": 231},
}
PART = {
    "name": "eng.train",
    "fingerprint": "f00d",
    "documents": 946,
    "sentences": 14041,
    "tokens": 203621,
    "spans": {"LOC": 7140, "ORG": 6321, "PER": 42},
}
METRICS = {
    "dev": RESULT,
    "test": RESULT,
    "data": {"train": PART, "dev": PART, "test": None},
    "seed": 3,
    "settings": to_dict(from_dict({"encoder": {"hidden": 64}, "training": {"seed": 3}})),
    "training": {
        "epochs": 12,
        "best_epoch": 9,
        "steps": 5000,
        "seconds": 341.2,
        "incidents": [{"reason": "loss is NaN"}],
    },
    "versions": {"elman": "0.1.0", "python": "3.11.7", "numpy": "2.4.0", "torch": "2.13.0"},
    "machine": {"processor": "x86_64", "threads": 2},
}


def sections(text):
    return {part.partition("\n")[0]: part for part in text.split("\n## ")}


def test_a_whole_card():
    text = card(tree(labels=["LOC", "ORG", "PER"]), METRICS)
    parts = sections(text)
    assert list(parts)[1:] == ["Use", "Labels", "Scores", "Data", "Training", "Limits"]
    assert "elman tag --model" in parts["Use"]
    assert "| `LOC` | 7,140 |" in parts["Labels"]
    assert "| all (micro) | 90.00 | 80.00 | 84.70 | 83.0 to 86.1 | 1,234 |" in parts["Scores"]
    assert "| `A\\|B` | 90.00" in parts["Scores"]
    assert "95%, bootstrap over 231 documents, 2,000 samples" in parts["Scores"]
    assert "| train | eng.train | 946 | 14,041 | 203,621 | 13,503 | `f00d` |" in parts["Data"]
    assert "12 epochs (5,000 steps), the best after epoch 9; 6 minutes." in parts["Training"]
    assert "stepped in once" in parts["Training"]
    assert "torch 2.13.0" in parts["Training"]
    assert "Seed: 3." in parts["Training"]
    assert "| `encoder.hidden` | `64` | `200` |" in parts["Training"]
    assert "| `training.seed` | `3` | `1` |" in parts["Training"]
    assert "encoder.cell" not in parts["Training"]
    assert "`PER` (42)" in parts["Limits"]
    assert "not been calibrated" in parts["Limits"]
    assert "No test set" not in parts["Limits"]


def test_the_front_matter_is_what_hubs_read():
    lines = card(tree(architecture__encoder__cell="gru"), METRICS).split("\n")
    matter = lines[1 : lines.index("---", 1)]
    assert lines[0] == "---"
    assert "library_name: elman" in matter
    assert "pipeline_tag: token-classification" in matter
    assert [line for line in matter if line.startswith("- ")][:4] == [
        "- ner",
        "- named-entity-recognition",
        "- gru",
        "- crf",
    ]
    assert not any(line.startswith("language") for line in matter)


@pytest.mark.parametrize(
    "metrics", [{}, {"dev": None, "test": None, "data": None, "training": None}, {"data": {"train": None}}]
)
def test_what_is_not_known_is_left_out(metrics):
    parts = sections(card(tree(), metrics))
    assert list(parts)[1:] in (
        ["Use", "Labels", "Scores", "Limits"],
        ["Use", "Labels", "Scores", "Training", "Limits"],
    )
    assert "None were taken." in parts["Scores"]
    assert "`LOC`, `ORG` and `PER`." in parts["Labels"]
    assert "No test set was scored" in parts["Limits"]


def test_each_architecture_has_words():
    for encoder, words in (
        ({"cell": "elman"}, "A bidirectional simple recurrent (Elman) network, 10 units in each direction"),
        ({"cell": "lstm"}, "A bidirectional LSTM, 10 units"),
        ({"cell": "gru"}, "A bidirectional GRU, 10 units"),
        ({"cell": "slstm"}, "A bidirectional sLSTM, 10 units"),
        ({"cell": "elman", "activation": "relu"}, "(Elman) network with rectified linear units, 10 units"),
        ({"cell": "lstm", "peepholes": True, "coupled": True}, "LSTM with peepholes and coupled gates, 10 units"),
        ({"cell": "bag"}, "A fully connected net over a token and its sentence's bag of words, 10 units, one layer"),
        ({"cell": "convolution"}, "A convolution over time, 10 units"),
    ):
        text = card(
            tree(
                architecture__encoder={"hidden": 10, "layers": 1, "context": 0, **encoder},
                architecture__embedding__characters="none",
                architecture__embedding__shape_size=0,
                architecture__head__kind="softmax",
                calibration__temperature=1.4,
            ),
            {},
        )
        assert words in text
        assert "over word vectors of 7 numbers; then a softmax at each token with IOBES tags" in text
        assert "not been calibrated" not in text
