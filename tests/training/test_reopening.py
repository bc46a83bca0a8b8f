"""A model as a network again computes what the runtime computes."""

from pathlib import Path

import numpy as np
import pytest
import torch

import elman
from elman.errors import ModelError
from elman.tasks.tagging import prepare
from elman.training.reopening import reopen
from tests.training.examples import DOCUMENTS, settings


@pytest.mark.parametrize(
    "groups",
    [{}, {"embedding": {"characters": "lstm"}, "encoder": {"cell": "gru", "layers": 2}, "head": {"kind": "softmax"}}],
    ids=["default", "other parts"],
)
def test_the_network_scores_as_the_runtime_does(tmp_path: Path, groups: dict[str, dict[str, object]]) -> None:
    chosen = settings({"epochs": 2}, **groups)
    elman.train(DOCUMENTS, DOCUMENTS, out=tmp_path / "model", settings=chosen)
    network, task, _, _ = reopen(tmp_path / "model")
    examples = prepare(DOCUMENTS)
    batch = task.batch(examples, task.lexicon.features(examples.types), np.arange(len(examples)))
    types = (torch.from_numpy(part) for part in (batch.types.words, batch.types.characters, batch.types.shapes))
    with torch.inference_mode():
        emissions = network(*types, torch.from_numpy(batch.places), torch.from_numpy(batch.lengths)).numpy()
    ours = np.concatenate([row[:length] for row, length in zip(emissions, batch.lengths, strict=True)])
    scored = elman.load(tmp_path / "model", engine="numpy").scores(DOCUMENTS)
    theirs = np.concatenate([document.emissions for document in scored])
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        reopen(tmp_path)
