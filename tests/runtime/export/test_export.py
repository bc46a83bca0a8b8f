import json
import re
import runpy
from pathlib import Path

import numpy as np
import pytest

from elman.data.document import Document
from elman.decoding.viterbi import viterbi
from elman.errors import ModelError, UsageError
from elman.model.folder import read_model
from elman.runtime.entities import structure_of
from elman.runtime.evaluation import read_gold
from elman.runtime.export import tagging
from elman.runtime.export.file import export_onnx
from elman.runtime.export.parity import compare, feed, samples, session
from elman.runtime.export.tagging import tagger_model
from elman.runtime.tagger import Tagger
from elman.version import __version__
from tests.model.examples import LEARNED, WORDS, write

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "export.md"

VARIANTS = {
    "lstm": {},
    "lstm of three layers, no context": {"architecture__encoder__layers": 3, "architecture__encoder__context": 0},
    "gru": {
        "architecture__encoder__cell": "gru",
        "architecture__encoder__layers": 2,
        "architecture__embedding__characters": "lstm",
        "architecture__head__kind": "softmax",
        "scheme": "iob2",
    },
    "elman": {
        "architecture__encoder__cell": "elman",
        "architecture__embedding__characters": "none",
        "normalisation__lower": False,
        "scheme": "bmewo",
    },
    "words alone": {
        "architecture__embedding__characters": "none",
        "architecture__embedding__shape_size": 0,
        "architecture__encoder__context": 0,
        "normalisation__digits": False,
        "learned_words": len(WORDS),
    },
    "forward": {
        "architecture__encoder": {"cell": "gru", "hidden": 10, "layers": 1, "context": 0, "directions": "forward"},
    },
    "forward with a look-ahead": {
        "architecture__encoder": {
            "cell": "lstm",
            "hidden": 10,
            "layers": 2,
            "context": 0,
            "directions": "forward",
            "lookahead": 3,
        },
    },
    "character lstm of an odd size": {
        "architecture__embedding__characters": "lstm",
        "architecture__embedding__character_output": 7,
        "architecture__encoder__cell": "elman",
        "architecture__encoder__layers": 2,
        "normalisation__character_limit": 5,
        "scheme": "io",
        "labels": ["A"],
    },
}


def small(path, **changes):
    # With larger random weights, the recurrences would be chaotic.
    return read_model(write(path / "model", scale=0.35, **changes))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small(tmp_path_factory.mktemp("export"))


@pytest.fixture(scope="module")
def content(folder):
    return tagger_model(folder)


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS.keys())
def test_every_architecture_tags_as_ours_does(tmp_path, changes):
    folder = small(tmp_path, **changes)
    found = compare(tagger_model(folder), folder)
    assert found.passed, found
    assert found.windows == 36
    assert found.tokens > 1500
    assert found.worst > 0  # not the same code, so not the same bits: something was compared


def test_another_models_file_does_not_pass(tmp_path, content):
    other = read_model(write(tmp_path / "other", scale=0.35, seed=2))
    found = compare(content, other)
    assert not found.passed
    assert found.different > 100
    assert found.worst > 0.1


def test_a_nan_does_not_pass(folder):
    tensors = {**folder.tensors, "head.project.bias": np.full_like(folder.tensors["head.project.bias"], np.nan)}
    broken = type(folder)(folder.path, folder.manifest, folder.lexicon, tensors, folder.texts, folder.metrics)
    assert not compare(tagger_model(broken), folder).passed


def test_documents_of_ones_own(folder, content):
    found = compare(content, folder, [Document("The Bank said so. Mr Smith went."), Document("")])
    assert found.passed
    assert (found.windows, found.tokens) == (2, 9)
    assert compare(content, folder, []) == (0, 0, 0, 0.0)


def test_padding_and_company_change_nothing(folder, content):
    running = session(content)
    words = np.array([["the", "Bank", "said", "x", "x"], ["Smith", "x", "x", "x", "x"], ["x"] * 5], object)
    lengths = np.array([3, 1, 0])
    tags, emissions = running.run(["tags", "emissions"], feed(running, folder.lexicon, words, lengths))
    assert (tags == -1).tolist() == (np.arange(5) >= lengths[:, None]).tolist()
    assert not emissions[tags == -1].any()
    for row, length in enumerate(lengths[:2]):
        own = words[row : row + 1, :length]
        alone = running.run(["tags", "emissions"], feed(running, folder.lexicon, own, lengths[row : row + 1]))
        assert alone[0].tolist() == tags[row : row + 1, :length].tolist()
        np.testing.assert_allclose(alone[1][0], emissions[row, :length], atol=1e-5)


def test_the_file_says_what_it_is(tmp_path):
    words = (*WORDS, "\ud800", "line\nend", "東京", "")
    folder = small(tmp_path, words=words, learned_words=LEARNED)
    running = session(tagger_model(folder))
    held = running.get_modelmeta().custom_metadata_map
    meta = {key.removeprefix("elman."): json.loads(one) for key, one in held.items()}
    assert meta["schema"] == "elman.onnx/1"
    assert (meta["version"], meta["model"]) == (__version__, folder.manifest.checksum)
    assert meta["labels"] == ["LOC", "ORG", "PER"]
    assert meta["scheme"] == "iobes"
    assert meta["tags"][:5] == ["O", "B-LOC", "I-LOC", "E-LOC", "S-LOC"]
    assert tuple(meta["words"]) == words
    assert meta["normalisation"] == {"lower": True, "digits": True, "character_limit": 24}
    assert {one.name: one.type for one in running.get_inputs()} == dict.fromkeys(
        ("words", "characters", "shapes", "lengths"), "tensor(int32)"
    )


def test_inputs_that_a_model_does_not_read_are_left_out(tmp_path):
    running = session(tagger_model(small(tmp_path, **VARIANTS["words alone"])))
    assert [one.name for one in running.get_inputs()] == ["words", "lengths"]


@pytest.mark.parametrize("variant", ["lstm", "elman", "words alone", "character lstm of an odd size"])
def test_the_recipe_of_the_page_tags_as_ours_does(tmp_path, variant):
    code = re.search(r"^```text tag.py\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)[1]
    assert re.findall(r"^(?:import|from) (\w+)", code, re.MULTILINE) == [
        *("json", "re", "unicodedata", "numpy", "onnxruntime")
    ]
    (tmp_path / "tag.py").write_text(code, "utf-8")
    folder = small(tmp_path, **VARIANTS[variant])
    export_onnx(folder.path, tmp_path / "model.onnx")
    recipe = runpy.run_path(str(tmp_path / "tag.py"))["Tagger"](str(tmp_path / "model.onnx"))
    documents = list(samples(folder.lexicon))
    start, transition, end = structure_of(folder.manifest, folder.tensors)
    names = folder.manifest.tags
    expected = []
    for scored in Tagger(folder).scores(documents):
        tags, _ = viterbi(scored.emissions[None], scored.lengths, transition, start, end)
        expected.append([names[tag] for tag in tags[0]])
    assert recipe.tag([document.tokens.surfaces for document in documents]) == expected
    assert len({tag for tags in expected for tag in tags}) > 1


def test_what_cannot_be_exported(tmp_path, folder, monkeypatch):
    out = tmp_path / "model.onnx"
    with pytest.raises(ModelError, match="there is no such folder"):
        export_onnx(tmp_path / "none", out)
    with pytest.raises(UsageError, match="is a folder; name a file"):
        export_onnx(folder.path, tmp_path)
    with pytest.raises(UsageError, match="make it first"):
        export_onnx(folder.path, tmp_path / "none" / "model.onnx")
    monkeypatch.setattr(tagging, "_LIMIT", 1000)
    with pytest.raises(UsageError, match="holds up to 2 GB"):
        export_onnx(folder.path, out)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.shared
def test_on_a_test_set(folder, content, shared):
    found = compare(content, folder, read_gold(shared("conll2003-en/test.txt")))
    assert found.passed
    assert found.tokens == 46435
