"""``elman inspect memory``: lines, JSON, a page, a picture; and what is wrong."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

import elman

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

TEXT = "Ada Byron went to New York in winter . It was cold in Oslo ."


def test_it_prints_the_share_of_each_token(run: Run, model: Path) -> None:
    result = run("inspect", "memory", model, TEXT)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("PER: Ada Byron\nprobability of just this entity: ")
    assert "entities of the text: 1 PER Ada Byron, 2 LOC New York, 3 LOC Oslo" in result.output
    assert len(re.findall(r"^\S+ +[+-]?\d\.\d{3}  \d\.\d{4}  [+-]?\d\.\d{4}$", result.output, re.MULTILINE)) == 7
    assert len(re.findall(r"^\S+ +the label's ", result.output, re.MULTILINE)) == 2


def test_json_says_what_the_label_rests_on(run: Run, model: Path) -> None:
    result = run("inspect", "memory", model, TEXT, "--entity", 3, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["schema"] == "elman.memory/1"
    assert found["target"] == {"label": "LOC", "first": 4, "stop": 5, "whole": True}
    assert [TEXT[one["start"] : one["end"]] for one in found["tokens"]] == ["It", "was", "cold", "in", "Oslo", "."]
    assert found["probability"] == pytest.approx(elman.load(model)(TEXT).spans[2].score, abs=1e-5)


def test_the_label_of_a_token(run: Run, model: Path) -> None:
    result = run("inspect", "memory", model, TEXT, "--token", 11, "--json")
    assert json.loads(result.stdout)["target"] == {"label": "O", "first": 1, "stop": 2, "whole": False}


def test_the_page_is_one_file_without_script(run: Run, model: Path, tmp_path: Path) -> None:
    result = run("inspect", "memory", model, TEXT, "--out", tmp_path / "page.html")
    assert result.exit_code == 0, result.output
    page = (tmp_path / "page.html").read_text("utf-8")
    assert not re.search(r"https?:|[\"'=(]//|<link|<script|@import|url\(", page)
    (drawing,) = re.findall(r"<svg width=.*?</svg>", page, re.DOTALL)
    arcs = ElementTree.fromstring(drawing)
    assert len(arcs.findall("./g")) == 7
    assert [text.text for text in arcs.findall("./text")] == ["Ada", "Byron"]


def test_a_hostile_text_does_nothing_in_the_page(run: Run, model: Path, tmp_path: Path) -> None:
    text = "Ada <script>alert(1)</script> \"went\" 'to' \u202eOslo &amp; </svg><img/src=x>\x07"
    result = run("inspect", "memory", model, text, "--token", 1, "--out", tmp_path / "page.html")
    assert result.exit_code == 0, result.output
    assert "\x07" not in result.output
    page = (tmp_path / "page.html").read_text("utf-8")
    assert not re.search(r"<script|<img|\x07", page)
    (drawing,) = re.findall(r"<svg width=.*?</svg>", page, re.DOTALL)
    ElementTree.fromstring(drawing)


def test_a_picture_is_written(run: Run, model: Path, tmp_path: Path) -> None:
    result = run("inspect", "memory", model, TEXT, "--out", tmp_path / "a.png")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_shares_that_do_not_add_up_are_told(run: Run, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("elman.inspection.attribution.FEWEST", 1)
    monkeypatch.setattr("elman.inspection.attribution.MOST", 1)
    result = run("inspect", "memory", model, TEXT)
    assert result.exit_code == 0
    assert "warning: the shares miss what they divide up by" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["\n"], "expected a text with at least one word"),
        ([TEXT, "--entity", "4"], "expected an entity from 1 to 3, got 4"),
        ([TEXT, "--token", "16"], "expected a token from 1 to 15, got 16"),
        ([TEXT, "--token", "1", "--entity", "1"], "expected --entity N or --token N, got both"),
        (["in winter ."], "expected a text in which the model finds an entity, it finds none"),
        ([TEXT, "--out", "a.jpg"], "expected a file that ends in .html, .png or .svg"),
    ],
)
def test_what_is_wrong_is_told(run: Run, model: Path, arguments: list[str], problem: str) -> None:
    result = run("inspect", "memory", model, *arguments)
    assert result.exit_code == 2
    assert problem in result.stderr
