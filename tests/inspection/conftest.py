"""A small model that was trained, as a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import elman
from elman.training.reopening import Reopened, reopen
from tests.training.examples import DOCUMENTS, settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that knows the small set: an LSTM that reads both ways, a summary, a CRF."""
    out = tmp_path_factory.mktemp("inspection") / "model"
    chosen = settings({"epochs": 10}, encoder={"context": 6, "layers": 2})
    elman.train(DOCUMENTS, DOCUMENTS, out=out, settings=chosen)
    return out


@pytest.fixture(scope="session")
def network(trained: Path) -> Reopened:
    """The same as a network."""
    return reopen(trained)
