from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from elman.data.formats import read

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

pytest.importorskip("faker")


def test_a_file_of_made_up_text(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "made.jsonl"
    arguments = ("--count", 20, "--locale", "de_DE,en_US", "--seed", 3, "--json")
    result = run("synthesize", "--out", out, *arguments)
    assert result.exit_code == 0
    documents = list(read(out))
    assert len(documents) == 20
    values = json.loads(result.stdout)
    assert (values["schema"], values["documents"], values["seed"]) == ("elman.synthesis/1", 20, 3)
    assert sum(values["labels"].values()) == sum(len(document.spans) for document in documents)
    before = out.read_bytes()
    assert run("synthesize", "--out", out, *arguments).exit_code == 0
    assert out.read_bytes() == before


def test_columns_and_standard_output(run: Run) -> None:
    result = run("synthesize", "--out", "-", "--to", "conll", "--count", 5, "--negatives", 0)
    assert result.exit_code == 0
    assert result.stdout.startswith("-DOCSTART-")
    assert "B-PERSON" in result.stdout


def test_nothing_is_written_on_an_error(run: Run, tmp_path: Path) -> None:
    result = run("synthesize", "--out", tmp_path / "a.jsonl", "--locale", "en_XX")
    assert (result.exit_code, "Faker has no locale 'en_XX'" in result.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []
