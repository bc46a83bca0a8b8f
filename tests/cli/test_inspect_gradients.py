"""``elman inspect gradients``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


def test_a_person_reads_rates_values_and_norms(run: Run, model: Path, data: Path, tmp_path: Path) -> None:
    result = run("inspect", "gradients", model, data, "--out", tmp_path / "a.png", "--depth", 3)
    assert result.exit_code == 0, result.stderr
    for expected in (
        "layer 1, forward (LSTM, 12 units)",
        "layer 1, backward (LSTM, 12 units)",
        "steps back",
        "per step (R squared",
        "dh_t/dh_(t-1) singular values: largest",
        "forget gate",
        "dead units    0 of 12",
        "encode.layers.0.1.weight_hh",
        "in training ",
        "3 fully connected sigmoid layers",
        "3 fully connected relu layers",
    ):
        assert expected in result.stdout
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_a_machine_reads_the_same(run: Run, model: Path, data: Path) -> None:
    result = run("inspect", "gradients", model, data, "--json", "--sentences", 8)
    values = json.loads(result.stdout)
    assert values["schema"] == "elman.gradients/1"
    assert values["sentences"] == 8
    forward, backward = values["lanes"]
    assert (forward["direction"], backward["direction"]) == ("forward", "backward")
    assert forward["gradient"]["mean"][0] > 0
    assert len(forward["gradient"]["mean"]) == len(forward["gradient"]["count"])
    assert set(forward["gates"]) == {"input", "forget", "output"}
    assert 0 <= values["updates"]["clipped"] <= 1
    assert values["updates"]["update_ratios"]["encode"] > 0
    assert forward["jacobian"]["whole_state"]["largest"] > 0
    assert {one["name"] for one in values["parameters"]} >= {"head.project.weight", "embed.words.learned"}


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_a_file_without_sentences_is_refused(run: Run, model: Path, tmp_path: Path, content: str) -> None:
    empty = tmp_path / "empty.conll"
    empty.write_text(content)
    result = run("inspect", "gradients", model, empty, "--format", "conll")
    assert result.exit_code == 2
    assert "error: " in result.stderr
