"""A small labelled set, a model trained on it, and a way to run the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

import elman
from elman.cli.app import app
from elman.data.formats import write
from elman.settings import from_dict
from tests.training.examples import DOCUMENTS, SMALL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

    Run = Callable[..., Result]

QUICK = [f"--set={group}.{name}={value}" for group, values in SMALL.items() for name, value in values.items()]
"""The settings of a training that takes a second, as options."""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``elman`` with these arguments."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    runner = CliRunner()

    def invoke(*arguments: object, stdin: str | bytes | None = None) -> Result:
        result = runner.invoke(app, [str(argument) for argument in arguments], input=stdin)
        # Anything else is a bug and would be a traceback.
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return invoke


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A labelled file of columns."""
    path = tmp_path_factory.mktemp("data") / "train.conll"
    write(DOCUMENTS, path)
    return path


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that knows the small set by heart."""
    out = tmp_path_factory.mktemp("models") / "model"
    settings = from_dict({**SMALL, "training": {**SMALL["training"], "epochs": 30}})
    elman.train(DOCUMENTS, DOCUMENTS, out=out, settings=settings)
    return out
