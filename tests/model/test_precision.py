"""Folders whose numbers are in the forms of compression."""

import re

import numpy as np
import pytest
from safetensors.numpy import load, save

from elman.errors import ModelError
from elman.model.folder import read_model, write_model
from elman.model.precision import FIXED, FORMS, LEARNED, PLAIN, Precision, decode_weights, encode
from elman.model.quantisation import encode_scaled
from elman.runtime.tagger import load as load_tagger
from elman.runtime.words import WordTable
from tests.model.examples import LEARNED as LEARNED_WORDS
from tests.model.examples import METRICS, forge, tensors, texts, tree

MANY = ("the", "Smith", *(f"word{number}" for number in range(700)))
LOSSY = Precision("int8", "int8", "product", 300, (2, 5))
FORMS_OF_ALL = [
    Precision("float16", "int8", "int8"),
    Precision("int8", "float32", "float16"),
    LOSSY,
    LOSSY._replace(frequent=0, weights="float16"),
    LOSSY._replace(frequent=10_000, columns=(7, 1)),
]


def write(path, precision, words=MANY, **changes):
    """A folder of this precision, and the tensors that it was made from."""
    manifest = tree(learned_words=LEARNED_WORDS, **changes)
    whole = tensors(manifest, words)
    said = manifest | {"protocol": 2, "precision": precision._asdict()}
    write_model(path, said, encode(whole, precision), texts(words), METRICS, "", replace=False)
    return path, whole


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "model", LOSSY)[0]


@pytest.mark.parametrize("precision", FORMS_OF_ALL)
@pytest.mark.parametrize("changes", [{}, {"architecture__encoder__cell": "gru", "architecture__encoder__layers": 2}])
def test_what_was_written_is_read(tmp_path, precision, changes):
    path, whole = write(tmp_path / "model", precision, **changes)
    model = read_model(path)
    assert model.manifest.precision == precision
    held = {name for name in model.tensors if not name.startswith("embed.words.")}
    assert held == {name for name in whole if not name.startswith("embed.words.")}
    for name in held:
        found, given = model.tensors[name], whole[name]
        assert (found.dtype, found.shape, found.flags.writeable) == (np.float32, given.shape, False)
        if given.ndim == 1 or name.startswith("head.crf."):
            np.testing.assert_array_equal(found, given)
        elif precision.weights == "float16":
            np.testing.assert_array_equal(found, given.astype(np.float16))
        else:
            assert (np.abs(found - given) <= 0.501 * np.abs(given).max(1, keepdims=True) / 127).all()
    table = WordTable(model.tensors)
    rows = table.rows(np.arange(len(table)))
    given = np.concatenate((whole[LEARNED], whole[FIXED].astype(np.float32)))
    assert (len(table), rows.shape) == (len(MANY) + 2, given.shape)
    learned = len(whole[LEARNED])
    assert np.abs(rows - given)[:learned].max() <= np.abs(given).max() / 250
    # 691 random rows are hardly to be had from pieces; still they are much nearer than nothing is.
    assert ((rows - given)[learned:] ** 2).mean() < 0.35 * (given[learned:] ** 2).mean()


def test_plain_forms_are_what_training_writes():
    whole = tensors(tree())
    held = encode(whole, PLAIN)
    assert held.keys() == whole.keys()
    for name, array in held.items():
        assert array.dtype == whole[name].dtype
        np.testing.assert_array_equal(array, whole[name])
    assert decode_weights(held, PLAIN) == held


def test_without_fixed_vectors_there_are_none(tmp_path):
    path, _ = write(tmp_path / "model", LOSSY, words=MANY[:LEARNED_WORDS])
    model = read_model(path)
    assert {name for name in model.tensors if name.startswith("embed.words.")} == {
        "embed.words.learned.codes",
        "embed.words.learned.scales",
    }
    assert len(WordTable(model.tensors)) == LEARNED_WORDS + 2


@pytest.mark.parametrize("precision", FORMS_OF_ALL)
def test_a_row_does_not_depend_on_the_others(tmp_path, precision):
    table = WordTable(read_model(write(tmp_path / "model", precision)[0]).tensors)
    everything = table.rows(np.arange(len(table)))
    rng = np.random.default_rng(5)
    for count in (1, 2, 15, 16, 17, 200):
        ids = rng.integers(0, len(table), count).astype(np.int32)
        np.testing.assert_array_equal(table.rows(ids), everything[ids])
    assert table.rows(np.zeros(0, np.int32)).shape == (0, 7)


@pytest.mark.parametrize("engine", ["numpy", "auto"])
@pytest.mark.parametrize("precision", [LOSSY, FORMS_OF_ALL[0]])
def test_it_tags_the_same_in_any_batch(tmp_path, precision, engine):
    tagger = load_tagger(write(tmp_path / "model", precision)[0], engine)
    given = [" ".join(MANY[at % 700] for at in range(first, first + first % 13 + 1)) for first in range(0, 300, 7)]
    alone = [tagger(text).spans for text in given]
    assert any(alone)
    for batch_tokens in (1, 37, 8192):
        assert [document.spans for document in tagger.tag(given, batch_tokens)] == alone


# --- folders that are damaged, or say what cannot be


@pytest.mark.parametrize("share", [0, 0.3, 0.999])
def test_a_truncated_file(folder, share):
    weights = folder / "weights.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ModelError, match=r"weights\.safetensors was truncated"):
        read_model(folder)


def test_a_changed_byte(folder):
    weights = folder / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(ModelError, match=r"weights\.safetensors was altered"):
        read_model(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.pop("embed.words.rare.codes"), "embed.words.rare.codes is absent, expected U8 of 393 x 2"),
        (lambda w: w.pop("encode.layers.0.0.weight_hh.scales"), "weight_hh.scales is absent, expected F32 of 40"),
        (
            lambda w: w.update({f"{FIXED}.centres": np.zeros((4, 255, 2), np.float16)}),
            f"{FIXED}.centres is F16 of 4 x 255 x 2, expected F16 of 4 x 256 x 2",
        ),
        (
            lambda w: w.update({f"{LEARNED}.codes": w[f"{LEARNED}.codes"].astype(np.uint8)}),
            f"{LEARNED}.codes is U8 of 11 x 7, expected I8",
        ),
        (lambda w: w.update({FIXED: np.zeros((693, 7), np.float16)}), f"{FIXED} is F16 of 693 x 7, expected absent"),
    ],
)
def test_tensors_that_do_not_fit(folder, change, message):
    weights = load((folder / "weights.safetensors").read_bytes())
    change(weights)
    forge(folder, weights=save(weights))
    with pytest.raises(ModelError, match=re.escape(message)):
        read_model(folder)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("weights", "int4", "precision.weights: expected one of float32, float16, int8"),
        ("learned", "product", "precision.learned: expected one of float32, int8"),
        ("vectors", None, "precision.vectors: expected one of float16, int8, product"),
        ("frequent", -1, "precision.frequent: expected a number of at least 0"),
        ("frequent", True, "precision.frequent: expected a number"),
        ("columns", [2], "precision.columns: expected two numbers from 1 to 16"),
        ("columns", [0, 5], "precision.columns: expected two numbers from 1 to 16"),
        ("columns", [2, 1_000_000], "precision.columns: expected two numbers from 1 to 16"),
        ("columns", "25", "precision.columns: expected two numbers from 1 to 16"),
    ],
)
def test_a_precision_that_cannot_be(folder, key, value, message):
    forge(folder, lambda whole, files: whole["precision"].update({key: value}))  # noqa: ARG005
    with pytest.raises(ModelError, match=re.escape(message)):
        read_model(folder)


def test_a_precision_that_is_none(folder):
    forge(folder, lambda whole, files: whole.update(precision=[]))  # noqa: ARG005
    with pytest.raises(ModelError, match=r"precision\.weights: expected one of"):
        read_model(folder)


def test_numbers_of_a_type_that_no_folder_has(tmp_path):
    held = encode(tensors(tree()), LOSSY._replace(vectors="int8"))
    name = "encode.layers.0.0.bias_hh"
    held[name] = held[name].astype(np.float64)
    manifest = tree() | {"protocol": 2, "precision": LOSSY._replace(vectors="int8")._asdict()}
    with pytest.raises(ModelError, match=f"{name} is float64 of 40, expected F32 of 40"):
        write_model(tmp_path / "model", manifest, held, texts(), METRICS, "", replace=False)
    assert not (tmp_path / "model").exists()


def test_another_precision_than_the_tensors_have(folder):
    forge(folder, lambda whole, files: whole.pop("precision"))  # noqa: ARG005
    with pytest.raises(ModelError, match=r"weights\.safetensors does not fit the model"):
        read_model(folder)


def test_all_forms_are_tried_here():
    tried = {part: {getattr(precision, part) for precision in (*FORMS_OF_ALL, PLAIN)} for part in FORMS}
    assert tried == {part: set(forms) for part, forms in FORMS.items()}


def test_scaled_weights_are_those_of_their_codes(folder):
    name = "encode.layers.0.1.weight_ih"
    held = load((folder / "weights.safetensors").read_bytes())
    given = tensors(tree(learned_words=LEARNED_WORDS), MANY)[name]
    np.testing.assert_array_equal(held[f"{name}.codes"], encode_scaled(given).codes)
