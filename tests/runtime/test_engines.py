import sys
from functools import partial
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.schemes import scheme
from elman.errors import UsageError
from elman.features.batches import pad
from elman.features.lexicon import Lexicon
from elman.model.folder import read_model, write_model
from elman.runtime.engine import engine_for
from elman.runtime.entities import structure_of
from elman.runtime.numpy_engine import NumpyEngine
from elman.runtime.onnx_engine import OnnxEngine
from elman.settings import from_dict, to_dict
from elman.tasks.tagging import TaggingTask
from elman.training.objectives.tagging import build
from elman.training.packing import tensors_of
from tests.model.examples import METRICS, tree, write

WORDS = [
    "the",
    "Bank",
    "of",
    "England",
    "said",
    "Mr",
    "Smith",
    "1975",
    "went",
    "x",
    "antidisestablishmentarianism",
]
UNSEEN = ["THE", "Zürich", "2007", "…", "y", "Ünïcödé", "counterrevolutionaries"]


def network(characters, cell, layers, head, fixed, shape_size=4, context=6, **encoder):
    """A tagger as training builds it, its folder's content, and its lexicon."""
    torch.manual_seed(1)
    chosen = from_dict(
        {
            "embedding": {
                "word_size": 11,
                "characters": characters,
                "character_size": 7,
                "character_output": 8,
                "shape_size": shape_size,
            },
            "encoder": {"cell": cell, "hidden": 13, "layers": layers, "context": context, **encoder},
            "head": {"kind": head, "scheme": "iobes"},
        }
    )
    lexicon, learned = Lexicon.build(dict.fromkeys(WORDS, 3))
    learned -= fixed
    task = TaggingTask(lexicon, "iobes", ("LOC", "PER"))
    tagger = build(task, chosen, learned, np.zeros(learned, bool), None).eval()
    with torch.no_grad():
        if fixed:
            tagger.embed.words.fixed = torch.randn(fixed, 11).half().float()
        for parameter in tagger.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    groups = to_dict(chosen)
    architecture = {"embedding": groups["embedding"], "encoder": groups["encoder"], "head": {"kind": head}}
    manifest = tree(labels=list(task.labels), architecture=architecture, learned_words=learned)
    texts = {key: getattr(lexicon, key).encode() for key in ("words", "characters", "shapes")}
    return tagger, manifest, texts, lexicon


def batch(rng, words, count=60):
    """Windows of words: types, the places of all tokens, the lengths."""
    lengths = rng.integers(1, 12, count)
    return words, rng.integers(0, len(words), lengths.sum()), lengths


def by_torch(tagger, features, places, lengths):
    padded = pad(np.split(places, np.cumsum(lengths)[:-1]))
    arrays = (features.words, features.characters, features.shapes, padded, lengths)
    with torch.inference_mode():
        emissions = tagger(*(torch.from_numpy(array.astype(np.int64)) for array in arrays)).numpy()
    return emissions[np.arange(padded.shape[1]) < lengths[:, None]]


ENGINES = {
    "numpy": NumpyEngine,
    "onnx": OnnxEngine,
    "onnx, int8": partial(OnnxEngine, precision="int8"),
}


def emissions_of(engine, features, places, lengths):
    return engine.emissions(engine.inputs(features), places, lengths)


CASES = list(product(("convolution", "lstm", "none"), ("lstm", "gru", "elman"), (1, 2), ("crf", "softmax")))


@pytest.mark.parametrize(("characters", "cell", "layers", "head"), CASES)
def test_it_computes_what_torch_computes(tmp_path, characters, cell, layers, head):
    fixed = 3 if layers == 1 else 0
    tagger, manifest, texts, lexicon = network(characters, cell, layers, head, fixed, shape_size=4 * (layers == 1))
    tensors = tensors_of(tagger)
    write_model(tmp_path / "model", manifest, tensors, texts, METRICS, "", replace=False)
    folder = read_model(tmp_path / "model")
    types, places, lengths = batch(np.random.default_rng(1), WORDS + UNSEEN)
    features = lexicon.features(types)
    expected = by_torch(tagger, features, places, lengths)
    for name, make in ENGINES.items():
        engine = make(folder.manifest.architecture, folder.tensors)
        emissions = emissions_of(engine, features, places, lengths)
        assert emissions.dtype == np.float32
        if engine.precision == "float32":
            np.testing.assert_allclose(emissions, expected, rtol=0, atol=1e-5, err_msg=name)
        else:
            assert 0 < np.abs(emissions - expected).mean() < 0.05


def test_a_word_without_characters(tmp_path):
    tagger, manifest, texts, lexicon = network("convolution", "lstm", 1, "crf", 0)
    tensors = tensors_of(tagger)
    write_model(tmp_path / "model", manifest, tensors, texts, METRICS, "", replace=False)
    features = lexicon.features(["", "the"])
    places, lengths = np.array([0, 1, 0]), np.array([1, 2])
    folder = read_model(tmp_path / "model")
    expected = by_torch(tagger, features, places, lengths)
    for make in (NumpyEngine, OnnxEngine):
        emissions = emissions_of(make(folder.manifest.architecture, folder.tensors), features, places, lengths)
        np.testing.assert_allclose(emissions, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("head", ["crf", "softmax"])
def test_the_structure_is_that_of_torch(tmp_path, head):
    tagger, manifest, texts, _ = network("none", "lstm", 1, head, 0)
    tensors = tensors_of(tagger)
    write_model(tmp_path / "model", manifest, tensors, texts, METRICS, "", replace=False)
    folder = read_model(tmp_path / "model")
    found = structure_of(folder.manifest, folder.tensors)
    for ours, theirs in zip(found, tagger.head.structure(), strict=True):
        np.testing.assert_array_equal(ours, theirs.detach().numpy())
    allowed = scheme("iobes").constraints(("LOC", "PER"))
    for ours, may in zip(found, allowed, strict=True):
        np.testing.assert_array_equal(np.isfinite(ours), may)


@pytest.fixture(scope="module", params=product(ENGINES, CASES[::5]), ids=str)
def engine(request, tmp_path_factory):
    kind, (characters, cell, layers, head) = request.param
    folder = read_model(
        write(
            tmp_path_factory.mktemp("engine") / "model",
            architecture__embedding__characters=characters,
            architecture__encoder={"cell": cell, "hidden": 43, "layers": layers, "context": 7},
            architecture__head__kind=head,
        )
    )
    return ENGINES[kind](folder.manifest.architecture, folder.tensors), folder.lexicon


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 150), data=st.data())
def test_a_window_has_the_same_scores_in_any_company(engine, seed, count, data):
    network, lexicon = engine
    rng = np.random.default_rng(seed)
    types, places, lengths = batch(rng, WORDS + UNSEEN, count)
    windows = np.split(places, np.cumsum(lengths)[:-1])
    scores = np.split(emissions_of(network, lexicon.features(types), places, lengths), np.cumsum(lengths)[:-1])
    chosen = data.draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=40))
    order = rng.permutation(len(types))
    renamed = np.argsort(order)[np.concatenate([windows[window] for window in chosen])]
    features = lexicon.features([types[at] for at in order])
    again = emissions_of(network, features, renamed, lengths[chosen])
    np.testing.assert_array_equal(again, np.concatenate([scores[window] for window in chosen]))


def test_the_engine_is_chosen_by_name_and_precision(tmp_path):
    folder = read_model(write(tmp_path / "model"))
    found = [engine_for(folder, *asked) for asked in (("numpy",), ("onnx",), ("auto",), ("auto", "int8"))]
    expected = [("numpy", "float32"), ("onnx", "float32"), ("onnx", "float32"), ("onnx", "int8")]
    assert [(engine.name, engine.precision) for engine in found] == expected
    with pytest.raises(UsageError, match="an engine out of auto, numpy and onnx, got 'torch'"):
        engine_for(folder, "torch")
    with pytest.raises(UsageError, match="a precision out of float32 and int8, got 'int4'"):
        engine_for(folder, "numpy", "int4")
    with pytest.raises(UsageError, match="float32 only"):
        engine_for(folder, "numpy", "int8")


def test_without_onnx_runtime_numpy_computes(tmp_path, monkeypatch):
    folder = read_model(write(tmp_path / "model"))
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.setattr("elman.runtime.engine.find_spec", lambda _: None)
    assert engine_for(folder).name == "numpy"
    with pytest.raises(UsageError, match="pip install onnxruntime"):
        engine_for(folder, "onnx")
