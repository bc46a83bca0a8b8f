"""``elman suspect``."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import elman
from elman.data.formats import write
from tests.cli.conftest import QUICK
from tests.training.examples import DOCUMENTS

if TYPE_CHECKING:
    from pathlib import Path

    from elman.data.document import Document
    from tests.cli.conftest import Run


def spoilt() -> list[Document]:
    """The small set with a wrong label in its first document, and without a span in its eighth."""
    documents = list(DOCUMENTS)
    name, *others = documents[0].spans
    documents[0] = replace(documents[0], spans=(replace(name, label="LOC"), *others))
    first, _, *others = documents[7].spans
    documents[7] = replace(documents[7], spans=(first, *others))
    return documents


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "wrong.conll"
    write(spoilt(), path, docstart=True)
    return path


def test_a_model_says_what_is_wrong(run: Run, model: Path, wrong: Path) -> None:
    result = run("suspect", wrong, "--model", model)
    assert result.exit_code == 0, result.stderr
    blocks = result.stdout.split("\n\n")
    assert blocks[-1] == "3 suspicious among 63 spans and the gaps between them\n"
    lines = wrong.read_text().split("\n")
    expected = {
        "Ada Byron LOC": "LOC, rather PER (",
        "New York LOC": "nothing, rather LOC (",
        "Ada Byron PER": "; elsewhere in the document LOC (1)",  # it is right, and contradicts the one that is not
    }
    for block in blocks[:-1]:
        head, shown = block.split("\n")
        name, line = head.partition("  ")[0].split(":")
        marked = shown[shown.index("[") + 1 : shown.index("]")]
        assert name == wrong.name
        assert lines[int(line) - 1].split()[0] == marked.split()[0]
        assert expected.pop(marked) in head
    assert not expected
    assert "elsewhere in the document PER (1)" in blocks[0]


def test_json(run: Run, model: Path, wrong: Path) -> None:
    values = json.loads(run("suspect", wrong, "--model", model, "--json", "--top", 1).stdout)
    assert values["schema"] == "elman.suspect/1"
    assert (values["spans"], values["unjudged"], values["suspicious"]) == (63, 0, 3)
    (first,) = values["suspects"]
    assert (first["kind"], first["label"], first["text"]) == ("label", "LOC", "Ada Byron")
    assert first["proposed"]["label"] == "PER"
    assert first["after"].startswith(" went to ")
    assert first["probability"] > 0.5 > first["given"]


def test_documents_for_a_labelling_tool(run: Run, model: Path, wrong: Path, tmp_path: Path) -> None:
    out = tmp_path / "suspects.jsonl"
    assert run("suspect", wrong, "--model", model, "--out", out).exit_code == 0
    documents = list(elman.read(out))
    gold = spoilt()
    assert [document.text for document in documents] == [gold[0].text.rstrip(), gold[7].text.rstrip()]
    assert [span.key for span in documents[0].spans] == [span.key for span in gold[0].spans]
    (found,) = documents[1].meta["suspects"]
    assert (found["kind"], found["text"]) == ("missing", "New York")


def test_lines_of_records_and_what_is_known_of_none(run: Run, model: Path, tmp_path: Path) -> None:
    write(spoilt(), tmp_path / "wrong.jsonl")
    values = json.loads(run("suspect", tmp_path / "wrong.jsonl", "--model", model, "--json").stdout)
    assert sorted(one["line"] for one in values["suspects"]) == [1, 1, 8]
    write(spoilt(), tmp_path / "wrong.json", "label-studio")
    result = run("suspect", tmp_path / "wrong.json", "--model", model, "--json")
    assert [one["line"] for one in json.loads(result.stdout)["suspects"]] == [None] * 3
    assert "wrong.json doc" in run("suspect", tmp_path / "wrong.json", "--model", model).stdout


def test_nothing_suspicious(run: Run, model: Path, data: Path) -> None:
    result = run("suspect", data, "--model", model)
    assert result.stdout == "0 suspicious among 64 spans and the gaps between them\n"
    assert len(run("suspect", data, "--model", model, "--least", 0, "--top", 5).stdout.split("\n\n")) == 6


def test_labels_that_the_model_does_not_know(run: Run, model: Path, wrong: Path) -> None:
    result = run("suspect", wrong, "--model", model, "--map", "PER=PERSON")
    assert "nothing can be said of 31 of 63 spans" in result.stderr


def test_by_cross_validation(run: Run, tmp_path: Path) -> None:
    path, scratch = tmp_path / "wrong.conll", tmp_path / "folds"
    write(spoilt(), path, docstart=True)
    command = ["suspect", path, "--folds", 2, "--scratch", scratch, "--json", *QUICK]
    first = run(*command)
    assert first.exit_code == 0, first.stderr
    assert "fold 2 of 2: learned from 8 documents" in first.stderr
    values = json.loads(first.stdout)
    assert [fold["held"] for fold in values["by"]["folds"]] == [8, 8]
    assert (scratch / "repeat-1-fold-2" / "model.json").exists()
    again = run(*command)
    assert "is finished" in again.stderr
    assert json.loads(again.stdout) == values
    other = run(*command, "--set", "training.epochs=1")
    assert other.exit_code == 2
    assert "other documents or with other settings" in other.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "--model MODEL, or --folds K"),
        (["--model", "m", "--folds", "2"], "and not both"),
        (["--model", "m", "--repeats", "2"], "go with --folds"),
    ],
)
def test_what_does_not_go_together(run: Run, wrong: Path, options: list[str], said: str) -> None:
    result = run("suspect", wrong, *options)
    assert result.exit_code == 2
    assert said in result.stderr
