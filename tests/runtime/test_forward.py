"""Models that read forward alone, with a look-ahead: every engine says what torch says, streamed or not."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.features.batches import pad
from elman.features.lexicon import Lexicon
from elman.model.folder import read_model, write_model
from elman.runtime.engine import engine_for
from elman.runtime.tagger import Tagger, load
from elman.settings import from_dict, to_dict
from elman.tasks.tagging import TaggingTask
from elman.training.objectives.tagging import build
from elman.training.packing import tensors_of
from tests.model.examples import METRICS, tree, write
from tests.runtime.test_streaming import TEXTS, cut

if TYPE_CHECKING:
    from pathlib import Path

    from elman.model.folder import ModelFolder
    from elman.training.objectives.tagging import Tagger as Network

WORDS = ["the", "Bank", "of", "England", "said", "Mr", "Smith", "1975", "went", "x"]
FORWARD = {"directions": "forward", "context": 0}


def network(path: Path, **encoder: Any) -> tuple[Network, ModelFolder, Lexicon]:
    """A network as training builds it, and the same from its folder."""
    torch.manual_seed(1)
    chosen = from_dict(
        {
            "embedding": {"word_size": 11, "character_size": 7, "character_output": 8, "shape_size": 4},
            "encoder": {**FORWARD, "hidden": 13, **encoder},
        }
    )
    lexicon, learned = Lexicon.build(dict.fromkeys(WORDS, 3))
    task = TaggingTask(lexicon, "iobes", ("LOC", "PER"))
    tagger = build(task, chosen, learned, np.zeros(learned, bool), None).eval()
    with torch.no_grad():
        for parameter in tagger.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    groups = to_dict(chosen)
    architecture = {"embedding": groups["embedding"], "encoder": groups["encoder"], "head": {"kind": "crf"}}
    manifest = tree(labels=list(task.labels), architecture=architecture, learned_words=learned)
    texts = {key: getattr(lexicon, key).encode() for key in ("words", "characters", "shapes")}
    write_model(path, manifest, tensors_of(tagger), texts, METRICS, "", replace=False)
    return tagger, read_model(path), lexicon


@pytest.mark.parametrize(
    ("cell", "layers", "lookahead"), [*product(("lstm", "gru", "elman"), (1, 2), (0, 2)), ("lstm", 1, 20)]
)
def test_engines_compute_what_torch_computes(
    tmp_path: Path, engine: str, cell: str, layers: int, lookahead: int
) -> None:
    tagger, folder, lexicon = network(tmp_path / "model", cell=cell, layers=layers, lookahead=lookahead)
    rng = np.random.default_rng(1)
    lengths = rng.integers(1, 12, 40)
    places = rng.integers(0, len(WORDS), lengths.sum())
    features = lexicon.features(WORDS)
    padded = pad(np.split(places, np.cumsum(lengths)[:-1]))
    arrays = (features.words, features.characters, features.shapes, padded, lengths)
    with torch.inference_mode():
        expected = tagger(*(torch.from_numpy(array.astype(np.int64)) for array in arrays)).numpy()
    ready = engine_for(folder, engine)  # type: ignore[arg-type]
    found = ready.emissions(ready.inputs(features), places, lengths)
    inside = np.arange(padded.shape[1]) < lengths[:, None]
    np.testing.assert_allclose(found, expected[inside], rtol=0, atol=1e-5)


@pytest.fixture(params=["numpy", "onnx"])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.mark.parametrize("lookahead", [0, 1, 3])
def test_a_token_is_tagged_from_what_was_read_so_far_and_the_lookahead(tmp_path: Path, lookahead: int) -> None:
    _, folder, lexicon = network(tmp_path / "model", lookahead=lookahead)
    ready = engine_for(folder, "numpy")
    rows = ready.inputs(lexicon.features(WORDS))
    places, other = np.arange(9) % 4, np.arange(9) % 4
    for changed in range(9):
        other = places.copy()
        other[changed] = 7
        before, after = (ready.emissions(rows, words, np.array([9])) for words in (places, other))
        same = (before == after).all(axis=1)
        assert np.flatnonzero(~same)[0] == max(0, changed - lookahead)


@pytest.fixture(scope="module", params=[0, 2])
def tagger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tagger:
    encoder = {"cell": "lstm", "hidden": 10, "layers": 1, **FORWARD, "lookahead": request.param}
    return load(write(tmp_path_factory.mktemp("forward") / "model", scale=1.0, architecture__encoder=encoder))


@settings(max_examples=20, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 4000), max_size=20))
def test_any_cutting_gives_what_tag_gives(tagger: Tagger, text: str, places: list[int]) -> None:
    expected = list(tagger(text).spans)
    assert list(tagger.stream(cut(text, places))) == expected
    assert list(tagger.stream(text, 100)) == expected
