import pytest

from elman.errors import ModelError
from elman.model.manifest import File, decode_manifest, encode_manifest
from tests.model.examples import tree

FILES = {
    name: File("a" * 64, 3) for name in ("weights.safetensors", "metrics.json", "words.txt", "chars.txt", "shapes.txt")
}


def decode(**changes):
    return decode_manifest(encode_manifest(tree(**changes), FILES))


def test_tags_follow_from_scheme_and_labels():
    assert decode(labels=["A"]).tags == ("O", "B-A", "I-A", "E-A", "S-A")
    assert decode().files == FILES


def test_thresholds_are_there_if_they_were_asked_for():
    assert decode().thresholds == {}
    assert decode(calibration__thresholds={"PER": 0.25, "LOC": 1}).thresholds == {"PER": 0.25, "LOC": 1.0}


def test_more_than_is_known_is_left_alone():
    assert decode(architecture__embedding__min_count=2, notes="x").architecture["embedding"]["min_count"] == 2


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("task", "translation"),
        ("tokenizer", {"name": "elman", "version": 2}),
        ("tokenizer", {"name": "spacy", "version": 1}),
        ("labels", "PER"),
        ("labels", ["PER", 1]),
        ("scheme", None),
        ("layer", ""),
        ("elman", 1),
        ("learned_words", -1),
        ("learned_words", True),
        ("learned_words", 1.0),
        ("architecture", []),
        ("architecture.embedding", None),
        ("architecture.embedding.word_size", 0),
        ("architecture.embedding.character_size", "30"),
        ("architecture.embedding.character_output", None),
        ("architecture.embedding.characters", "transformer"),
        ("architecture.embedding.shape_size", -1),
        ("architecture.encoder.cell", "rnn"),
        ("architecture.encoder.cell", ["lstm"]),
        ("architecture.encoder.hidden", 0),
        ("architecture.encoder.layers", 1.5),
        ("architecture.encoder.directions", "backward"),
        ("architecture.encoder.lookahead", 1),  # in both directions
        ("architecture.encoder.lookahead", None),
        ("architecture.head.kind", "linear"),
        ("normalisation.lower", 1),
        ("normalisation.digits", None),
        ("normalisation.character_limit", 0),
        ("calibration.temperature", 0),
        ("calibration.temperature", True),
        ("calibration.thresholds", [0.5]),
        ("calibration.thresholds", {"LOC": 0}),
        ("calibration.thresholds", {"LOC": 1.5}),
        ("calibration.thresholds", {"LOC": "0.5"}),
        ("calibration.thresholds", {"DATE": 0.5}),
        ("texts.words", "a/b"),
    ],
)
def test_a_value_that_cannot_be_is_named(key, value):
    with pytest.raises(ModelError, match=rf"model\.json: {key}.*: expected .*, got "):
        decode(**{key.replace(".", "__"): value})


@pytest.mark.parametrize(
    ("encoder", "message"),
    [
        ({"cell": "elman", "activation": "step"}, r"encoder\.activation: expected one of tanh, sigmoid, relu"),
        ({"cell": "lstm", "peepholes": 1}, r"encoder\.peepholes: expected true or false, got 1"),
        ({"cell": "lstm", "coupled": None}, r"encoder\.coupled: expected true or false, got None"),
        ({"cell": "window"}, r"encoder\.reach: expected a number of at least 1, got nothing"),
        ({"cell": "convolution", "reach": 0}, r"encoder\.reach: expected a number of at least 1, got 0"),
        ({"cell": "bag", "directions": "forward"}, r"encoder\.cell: expected a recurrent cell, .* got 'bag'"),
        ({"cell": "elman-relu"}, r"encoder\.cell: expected one of elman, lstm, gru, sru, "),
    ],
)
def test_options_of_an_encoder(encoder, message):
    with pytest.raises(ModelError, match=message):
        decode(architecture__encoder={"hidden": 10, "layers": 1, "context": 0, **encoder})


def test_an_encoder_reads_in_both_directions_unless_it_says_otherwise():
    encoder = {"cell": "lstm", "hidden": 10, "layers": 1, "context": 0}
    found = decode(architecture__encoder=encoder).architecture["encoder"]
    assert (found["directions"], found["lookahead"]) == ("both", 0)
    forward = {**encoder, "directions": "forward", "lookahead": 2}
    assert decode(architecture__encoder=forward).architecture["encoder"] == forward
    with pytest.raises(ModelError, match=r"encoder\.context: expected 0, since it reads forward alone, got 5"):
        decode(architecture__encoder={**forward, "context": 5})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scheme": "bioul2"}, "no tag scheme 'bioul2'"),
        ({"labels": ["A", "A"]}, "distinct"),
        ({"labels": [""]}, "not empty"),
        ({"texts__words": "chars.txt"}, "distinct plain names"),
        ({"texts__words": "metrics.json"}, "distinct plain names"),
        ({"texts__words": "model.json"}, "distinct plain names"),
        ({"texts__words": "vocabulary.txt"}, r"expected vocabulary\.txt to be listed"),
    ],
)
def test_values_that_do_not_go_together(changes, message):
    with pytest.raises(ModelError, match=message):
        decode(**changes)


@pytest.mark.parametrize(
    "entry", [File("a" * 63, 3), File("A" * 64, 3), File(7, 3), File("a" * 64, -1), File("a" * 64, "3")]
)
def test_a_file_without_a_digest(entry):
    with pytest.raises(ModelError, match="expected sha256 and bytes"):
        decode_manifest(encode_manifest(tree(), {**FILES, "words.txt": entry}))


@pytest.mark.parametrize("key", ["task", "labels", "architecture", "normalisation", "calibration", "texts", "layer"])
def test_a_missing_value_is_named(key):
    whole = tree()
    del whole[key]
    with pytest.raises(ModelError, match=f"{key}.*got nothing"):
        decode_manifest(encode_manifest(whole, FILES))
