"""Layers beyond the classic three: NumPy says what torch says, ONNX says that it does not know them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.errors import UsageError
from elman.model.folder import read_model, write_model
from elman.model.layers import CLASSIC, variant
from elman.pipelines.compression import compress
from elman.runtime.engine import engine_for
from elman.runtime.export.tagging import tagger_model
from elman.runtime.tagger import load
from elman.training.packing import tensors_of
from tests.model.examples import METRICS
from tests.runtime.test_engines import WORDS, batch, by_torch, emissions_of, network
from tests.training.test_cells import ENCODERS

ALL = ENCODERS | {
    "forward sru": {"cell": "sru", "directions": "forward", "context": 0, "lookahead": 2},
    "forward mingru": {"cell": "mingru", "directions": "forward", "context": 0, "layers": 2},
    "bag without context": {"cell": "bag", "context": 0},
    "window without context": {"cell": "window", "context": 0},
}


def folder_of(path, encoder):
    """A network as training builds it, and what its folder holds."""
    options = {"layers": 2, **encoder}
    cell, layers = options.pop("cell"), options.pop("layers")
    tagger, manifest, texts, lexicon = network("convolution", cell, layers, "crf", 3, **options)
    manifest["protocol"] = 3
    write_model(path, manifest, tensors_of(tagger), texts, METRICS, "", replace=False)
    return tagger, read_model(path), lexicon


@pytest.mark.parametrize("encoder", ALL.values(), ids=ALL)
def test_numpy_computes_what_torch_computes(tmp_path, encoder):
    tagger, folder, lexicon = folder_of(tmp_path / "model", encoder)
    types, places, lengths = batch(np.random.default_rng(1), WORDS)
    features = lexicon.features(types)
    engine = engine_for(folder)
    assert engine.name == "numpy"
    found = emissions_of(engine, features, places, lengths)
    expected = by_torch(tagger, features, places, lengths)
    # Rectified linear units have no bound, and what is added up rounds as its largest part does.
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-5 * max(1, np.abs(expected).max()))


@pytest.fixture(scope="module", params=ALL)
def ready(request, tmp_path_factory):
    _, folder, lexicon = folder_of(tmp_path_factory.mktemp("layers") / "model", {"hidden": 43, **ALL[request.param]})
    return engine_for(folder), lexicon


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 60), data=st.data())
def test_a_window_has_the_same_scores_in_any_company(ready, seed, count, data):
    engine, lexicon = ready
    types, places, lengths = batch(np.random.default_rng(seed), WORDS, count)
    features = lexicon.features(types)
    scores = np.split(emissions_of(engine, features, places, lengths), np.cumsum(lengths)[:-1])
    windows = np.split(places, np.cumsum(lengths)[:-1])
    chosen = data.draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=20))
    again = emissions_of(engine, features, np.concatenate([windows[at] for at in chosen]), lengths[chosen])
    np.testing.assert_array_equal(again, np.concatenate([scores[at] for at in chosen]))


@pytest.mark.parametrize("encoder", ENCODERS.values(), ids=ENCODERS)
def test_onnx_does_not_know_them(tmp_path, encoder):
    path = tmp_path / "model"
    _, folder, _ = folder_of(path, encoder)
    name = variant(encoder)
    assert name not in CLASSIC
    for asked in (("onnx",), ("auto", "int8"), ("onnx", "int8")):
        with pytest.raises(UsageError, match=f"engine onnx and for the precision int8, got {name}; take the engine"):
            load(path, *asked)
    with pytest.raises(UsageError, match=f"got one with {name}: those have no operator in ONNX"):
        tagger_model(folder)


@pytest.mark.parametrize("encoder", [ENCODERS["lstm-peepholes"], ENCODERS["sru"], ENCODERS["convolution"]])
def test_a_small_folder_of_one_can_be_made_and_read(tmp_path, encoder):
    _, folder, lexicon = folder_of(tmp_path / "model", encoder)
    compress(tmp_path / "model", tmp_path / "small")
    small = read_model(tmp_path / "small")
    types, places, lengths = batch(np.random.default_rng(1), WORDS)
    features = lexicon.features(types)
    found, expected = (emissions_of(engine_for(one), features, places, lengths) for one in (small, folder))
    assert 0 < np.abs(found - expected).mean() < 0.05 * np.abs(expected).mean()
