"""``elman inspect gates``: lines, JSON, a page, a picture; and what is wrong."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

import elman
from tests.training.examples import DOCUMENTS, settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

TEXT = "Ada Byron went to New York in winter . It was cold in Oslo ."
HOSTILE = "Ada <script>alert(1)</script> \"went\" 'to' \u202eOslo &amp; </div><img/src=x>\x07"


@pytest.fixture(scope="module")
def plain_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simple network, which has no gates."""
    out = tmp_path_factory.mktemp("elman") / "model"
    elman.train(DOCUMENTS, DOCUMENTS, out=out, settings=settings({"epochs": 1}, encoder={"cell": "elman"}))
    return out


def data_of(page: str) -> dict:
    found = re.search(r'<div id="data" hidden>(.*?)</div>', page, re.DOTALL)
    assert found is not None
    return json.loads(html.unescape(found[1]))


def test_it_prints_each_token_and_the_half_lives(run: Run, model: Path) -> None:
    result = run("inspect", "gates", model, TEXT, "--sentence", 2)
    assert result.exit_code == 0, result.output
    assert "layer 1, forward: 12 units" in result.output
    assert re.search(r"^Oslo +LOC( +\d\.\d\d){5}$", result.output, re.MULTILINE)
    assert re.search(r"^half-life in tokens: median [\d.,]+, half of the units from", result.output, re.MULTILINE)
    assert "Ada" not in result.output


def test_json_has_all_numbers_and_the_page_the_same(run: Run, model: Path, tmp_path: Path) -> None:
    result = run("inspect", "gates", model, TEXT, "--json", "--out", tmp_path / "page.html")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["schema"] == "elman.gates/1"
    assert [TEXT[one["start"] : one["end"]] for one in found["tokens"]] == [one["text"] for one in found["tokens"]]
    track = found["tracks"][1]
    assert (track["direction"], track["units"], track["retains"]) == ("backward", 12, "forget")
    assert set(track["values"]) == {"forget", "input", "output", "hidden", "cell", "kept"}
    assert len(track["half_life"]) == 12
    data = data_of((tmp_path / "page.html").read_text("utf-8"))
    assert data["tokens"] == len(found["tokens"])
    for name, drawn in data["tracks"][1]["values"].items():
        steps = np.frombuffer(base64.b64decode(drawn["data"]), "<u2").reshape(data["tokens"], 12)
        values = drawn["low"] + steps / 65535 * (drawn["high"] - drawn["low"])
        np.testing.assert_allclose(values, track["values"][name], atol=2e-4 * max(1, drawn["high"]))


def test_the_page_is_one_file_and_marks_the_entities(run: Run, model: Path, tmp_path: Path) -> None:
    run("inspect", "gates", model, TEXT, "--out", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert not re.search(r"https?:|[\"'=(]//|<link|@import|url\(", page)
    assert "default-src 'none'" in page
    assert page.count("<script>") == 1
    assert re.search(r'<div class="entity c0" style="grid-column:1/3" title="PER, ', page)
    assert page.count('class="word"') == 9


def test_a_hostile_text_does_nothing_in_the_page(run: Run, model: Path, tmp_path: Path) -> None:
    result = run("inspect", "gates", model, HOSTILE, "--out", tmp_path / "page.html")
    assert result.exit_code == 0, result.output
    assert "\x07" not in result.output
    page = (tmp_path / "page.html").read_text("utf-8")
    body = page.partition("<body>")[2]
    assert "<img" not in body
    assert body.count("<script>") == 1
    assert "\x07" not in page
    assert re.search("<bdi>[^<]*\u202e[^<]*</bdi>", body)


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_a_picture_is_written(run: Run, model: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"a{suffix}"
    result = run("inspect", "gates", model, TEXT, "--gate", "cell", "--out", out)
    assert result.exit_code == 0, result.output
    assert out.read_bytes().startswith(b"\x89PNG" if suffix == ".png" else b"<?xml")


def test_a_cell_without_gates_shows_its_states(run: Run, plain_model: Path, tmp_path: Path) -> None:
    result = run("inspect", "gates", plain_model, TEXT, "--out", tmp_path / "page.html")
    assert result.exit_code == 0, result.output
    assert "no half-life: the sentence is read by a cell without a gate that keeps" in result.output
    assert data_of((tmp_path / "page.html").read_text("utf-8"))["tracks"][0]["lives"] is None


def test_a_sentence_of_one_token_has_no_half_life(run: Run, model: Path, tmp_path: Path) -> None:
    result = run("inspect", "gates", model, "Ada", "--json", "--out", tmp_path / "page.html")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["tracks"][0]["half_life"] is None


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([" "], "expected a text with at least one word"),
        ([TEXT, "--sentence", "3"], "expected a sentence from 1 to 2, got 3"),
        ([TEXT, "--layer", "2"], "expected a layer from 1 to 1, got 2"),
        ([TEXT, "--gate", "reset"], "expected one of forget, input, output, cell, hidden, kept"),
        ([TEXT, "--out", "a.pdf"], "expected a file that ends in .html, .png or .svg, got a.pdf"),
    ],
)
def test_what_is_wrong_is_told(run: Run, model: Path, arguments: list[str], problem: str) -> None:
    result = run("inspect", "gates", model, *arguments)
    assert result.exit_code == 2
    assert problem in result.stderr


def test_layers_without_recurrence_have_no_gates_and_labels_that_rest_on_something(run: Run, tmp_path: Path) -> None:
    chosen = settings({"epochs": 1, "neighbours": 0.0}, encoder={"cell": "window"})
    elman.train(DOCUMENTS, DOCUMENTS, out=tmp_path / "model", settings=chosen)
    result = run("inspect", "gates", tmp_path / "model", TEXT)
    assert result.exit_code == 2
    assert "expected a recurrent network, got layers without recurrence, which have no gates" in result.stderr
    assert run("inspect", "memory", tmp_path / "model", TEXT, "--token", 1).exit_code == 0


def test_a_cell_without_gates_has_none_to_draw(run: Run, plain_model: Path) -> None:
    result = run("inspect", "gates", plain_model, TEXT, "--gate", "forget")
    assert result.exit_code == 2
    assert "expected one of hidden, which this cell has, got 'forget'" in result.stderr
