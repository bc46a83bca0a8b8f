"""``elman audit``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from elman.data.document import Document, Span
from elman.data.formats import write
from tests.pipelines.test_audit import DEV, TRAIN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


@pytest.fixture
def clean(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "train.jsonl", tmp_path / "dev.jsonl"]
    write(TRAIN, paths[0])
    write(DEV, paths[1])
    return paths


@pytest.fixture
def leaking(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "train.jsonl", tmp_path / "dev.jsonl"]
    hostile = "<script>alert(1)</script> \x1b[31m[bold]Acme[/bold]"
    write([*TRAIN, Document(hostile, (Span(26, 31, "<b>ORG"),), id="<i>x</i>")], paths[0])
    write([*DEV, TRAIN[0]], paths[1])
    return paths


def test_clean_data(run: Run, clean: list[Path]) -> None:
    result = run("audit", *clean, "--rare", 1, "--fail-on", "any")
    assert result.exit_code == 0, result.output
    assert "Nothing to complain of." in result.stdout
    assert "dev.jsonl: 2 documents, 6 spans" in result.stderr


def test_leaks_fail_if_they_are_to(run: Run, leaking: list[Path]) -> None:
    assert run("audit", *leaking).exit_code == 0
    result = run("audit", *leaking, "--fail-on", "duplicate, leak")
    assert result.exit_code == 1
    assert "found what --fail-on names: leak\n" in result.stderr
    assert "leak" in result.stdout
    assert run("audit", *leaking, "--fail-on", "mojibake").exit_code == 0
    assert run("audit", *leaking, "--fail-on", "error").exit_code == 1


def test_an_unknown_kind_is_bad_usage(run: Run, clean: list[Path]) -> None:
    result = run("audit", *clean, "--fail-on", "leak,leaks")
    assert result.exit_code == 2
    assert "there is no kind of finding 'leaks'; choose among leak, near-leak, sentence-leak" in result.stderr


def test_json(run: Run, leaking: list[Path]) -> None:
    result = run("audit", *leaking, "--json", "--fail-on", "leak")
    assert result.exit_code == 1
    values = json.loads(result.stdout)
    assert values["schema"] == "elman.audit/1"
    assert values["failed"] == ["leak"]
    (finding,) = values["kinds"]["leak"]["findings"]
    places = [(place["split"], place["document"], place["start"], place["end"]) for place in finding["places"]]
    assert places == [(f"{name}.jsonl", "t1", 0, len(TRAIN[0].text)) for name in ("train", "dev")]
    assert values["splits"][0]["labels"]["ORG"] == {"spans": 3, "strings": 2}
    assert sum(bar["count"] for bar in values["splits"][0]["histograms"]["spans of a document"]) == 4


def test_a_text_does_nothing_to_the_terminal(run: Run, leaking: list[Path]) -> None:
    shown = run("audit", *leaking).stdout
    assert "\x1b[31m" not in shown
    assert "[bold]" in shown


def test_the_page_stands_alone_and_runs_nothing(run: Run, leaking: list[Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    result = run("audit", *leaking, "--report", page)
    assert f"report: {page}" in result.stderr
    html = page.read_text("utf-8")
    assert "<script" not in html
    assert "<i>x" not in html
    assert "<b>ORG" not in html
    assert "&lt;i&gt;x" in html
    assert "http://" not in html
    assert "https://" not in html
    assert 'id="k-leak"' in html
    assert "prefers-color-scheme: dark" in html
    for name in ("What there is", "Distributions", "Spans of each label", "Findings"):
        assert f"<h2>{name}</h2>" in html


def test_a_page_of_lone_surrogates(run: Run, tmp_path: Path) -> None:
    data, page = tmp_path / "train.jsonl", tmp_path / "page.html"
    data.write_text('{"text": "In \\ud83d Paris", "spans": [{"start": 5, "end": 10, "label": "LOC"}]}\n')
    result = run("audit", data, "--report", page, "--json")
    if "rejected-record" not in json.loads(result.stdout)["kinds"]:
        assert "\\ud83d" in page.read_text("utf-8")


def test_clean_data_have_a_page_too(run: Run, clean: list[Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert run("audit", *clean, "--rare", 1, "--report", page).exit_code == 0
    assert "Nothing to complain of." in page.read_text("utf-8")


def test_vectors(run: Run, clean: list[Path], tmp_path: Path) -> None:
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("the 1 2\nin 3 4\n")
    result = run("audit", *clean, "--rare", 1, "--vectors", vectors)
    assert result.exit_code == 0, result.output
    assert "uncovered-word" in result.stdout
    assert "vectors on dev.jsonl: types" in result.stdout


def test_a_missing_file(run: Run, clean: list[Path], tmp_path: Path) -> None:
    result = run("audit", clean[0], tmp_path / "nothing.jsonl")
    assert result.exit_code == 2
    assert "nothing.jsonl" in result.stderr


def test_no_data(run: Run) -> None:
    assert run("audit").exit_code == 2
