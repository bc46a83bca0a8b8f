from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from elman.data.document import Document
from elman.data.formats import write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

SPREAD = {"median", "least", "most"}


def test_a_comparison(run: Run, model: Path, data: Path, tmp_path: Path) -> None:
    peers = "tests.bench_fakes:Capitals,tests.bench_fakes:Rare,tests.bench_fakes:Broken"
    options = ["--peers", peers, "--threads", "1", "--rounds", "2", "--words", "100", "--sentences", "5"]
    result = run("bench", model, "--data", data, "--map", "LOC=", *options, "--out", tmp_path / "found.json", "--json")
    assert result.exit_code == 0, result.stderr
    values: dict[str, Any] = json.loads(result.stdout)
    assert values == json.loads((tmp_path / "found.json").read_text("utf-8"))
    assert (values["schema"], values["threads"], values["rounds"]) == ("elman.bench/1", 1, 2)
    assert values["data"]["words"] >= 100
    assert values["data"]["sentences"] == 5
    assert {"processor", "features", "cores", "python", "load_before"} <= set(values["machine"])
    elman, peer = values["systems"]
    assert (elman["name"], peer["name"]) == ("Elman", "Capitals")
    for system in values["systems"]:
        assert len(system["words_per_second"]["rounds"]) == 2
        assert set(system["latency_seconds"]["p50"]) == set(system["start_seconds"]) == SPREAD
        assert system["latency_seconds"]["p50"]["median"] <= system["latency_seconds"]["p99"]["median"]
        assert system["entities"] > 0
    assert (elman["f1"], elman["precision"]) == (1.0, "float32")
    assert elman["disk_bytes"] == sum(file.stat().st_size for file in model.iterdir())
    assert 0 < peer["f1"] < 1
    assert [one["peer"] for one in values["comparisons"]] == ["Capitals"]
    assert set(values["comparisons"][0]["throughput"]) == SPREAD
    assert [one["name"] for one in values["absent"]] == ["Rare", "Broken"]
    assert "not measured: Rare: no_such_package_anywhere not installed (pip install it)" in result.stderr


def test_the_tables_name_who_is_absent(run: Run, model: Path, data: Path) -> None:
    options = ["--peers", "tests.bench_fakes:Rare", "--threads", "1", "--rounds", "1", "--words", "50"]
    result = run("bench", model, "--data", data, *options)
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[2].split()[:2] == ["words/s", "seen"]
    assert sum(line.startswith("Elman  ") for line in lines) == 2
    assert "Rare: not measured: no_such_package_anywhere not installed (pip install it)" in lines


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--peers", "spacey"], "no peer 'spacey'; expected spacy, slovnet, transformer"),
        (["--threads", "100000"], "threads, one a core, got 100000"),
        (["--out", "no/such/folder/a.json"], "--out: no folder"),
        (["--map", "PER"], "a label map reads OLD=NEW"),
    ],
)
def test_what_cannot_be_done(run: Run, model: Path, data: Path, options: list[str], told: str) -> None:
    result = run("bench", model, "--data", data, *options)
    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stdout == ""


def test_no_model_and_no_words(run: Run, model: Path, tmp_path: Path) -> None:
    result = run("bench", tmp_path / "none")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "none: no such folder" in result.stderr
    write([Document(" ")], tmp_path / "empty.jsonl")
    result = run("bench", model, "--data", tmp_path / "empty.jsonl")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "expected texts with words" in result.stderr
