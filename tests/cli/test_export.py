from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from elman.runtime.export import file
from elman.runtime.export.parity import session

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


def test_a_model_is_exported(run: Run, model: Path, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.onnx"
    result = run("export", model, "--to", "onnx", "--out", out, "--data", data)
    assert result.exit_code == 0, result.stderr
    assert "built-in: 36 windows, 1,545 tokens: tags identical, emissions within 0.0001" in result.stdout
    assert "data: " in result.stdout
    assert "train.conll: " in result.stderr
    assert [one.name for one in session(str(out)).get_outputs()] == ["tags", "emissions"]
    assert list(tmp_path.iterdir()) == [out]
    kept = out.read_bytes()
    refused = run("export", model, "--out", out)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert f"{out} exists; name another file, or --force" in refused.stderr
    replaced = run("export", model, "--out", out, "--force", "--json")
    assert replaced.exit_code == 0
    told = json.loads(replaced.stdout)
    assert (told["schema"], told["written"], told["bytes"]) == ("elman.export/1", True, len(kept))
    assert told["parity"]["built-in"]["different"] == 0
    assert out.read_bytes() == kept


@pytest.fixture
def distorted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A graph in which the network is another one."""
    whole = file.tagger_model

    def other(folder):  # type: ignore[no-untyped-def]
        tensors = dict(folder.tensors)
        tensors["head.project.bias"] = tensors["head.project.bias"][::-1] + 1e-3
        return whole(type(folder)(**{**vars(folder), "tensors": tensors}))

    monkeypatch.setattr(file, "tagger_model", other)


@pytest.mark.usefixtures("distorted")
def test_a_file_that_does_not_tag_alike_is_not_kept(run: Run, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.onnx"
    result = run("export", model, "--out", out)
    assert result.exit_code == 1
    assert "emissions by up to" in result.stdout
    assert f"{out} was not written" in result.stderr
    assert list(tmp_path.iterdir()) == []
    out.write_bytes(b"what was there")
    again = run("export", model, "--out", out, "--force", "--json")
    assert again.exit_code == 1
    assert json.loads(again.stdout)["written"] is False
    assert out.read_bytes() == b"what was there"
    assert list(tmp_path.iterdir()) == [out]


def test_a_full_disk_leaves_nothing(run: Run, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    result = run("export", model, "--out", tmp_path / "model.onnx")
    assert result.exit_code == 2
    assert "No space left on device" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_export_is_not_asked_for(run: Run, model: Path, tmp_path: Path) -> None:
    assert run("export", model).exit_code == 2
    assert run("export", model, "--to", "torch", "--out", tmp_path / "x").exit_code == 2
    missing = run("export", tmp_path / "none", "--out", tmp_path / "x")
    assert (missing.exit_code, "there is no such folder" in missing.stderr) == (2, True)
    nothing = run("export", model, "--out", tmp_path / "x", "--data", tmp_path / "none.conll")
    assert nothing.exit_code == 2
    assert "none.conll" in nothing.stderr
    assert list(tmp_path.iterdir()) == []


def without(module: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command line where a package is not installed."""
    code = f"import sys; sys.modules[{module!r}] = None; from elman.cli import main; main()"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_it_says_what_it_needs(model: Path, tmp_path: Path, package: str) -> None:
    result = without(package, "export", model, "--out", tmp_path / "model.onnx")
    assert result.returncode == 2
    assert f"elman export --to onnx needs {package}" in result.stderr
    assert 'pip install "elman[onnx]"' in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_it_needs_no_torch(model: Path, tmp_path: Path) -> None:
    result = without("torch", "export", model, "--out", tmp_path / "model.onnx")
    assert (result.returncode, result.stderr) == (0, "")
