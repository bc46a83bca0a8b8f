from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from elman.data.document import Document, Span
from elman.data.formats import read, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

DOCUMENTS = [
    Document(f"Ada wrote {number}.", (Span(0, 3, "PER"),), id=str(number), meta={"author": number % 10})
    for number in range(40)
]


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    path = tmp_path / "all.jsonl"
    write(DOCUMENTS, path)
    return path


def test_parts(run: Run, labelled: Path, tmp_path: Path) -> None:
    out = tmp_path / "parts"
    result = run("split", labelled, "--out", out, "--seed", 3, "--json")
    assert result.exit_code == 0
    parts = {name: list(read(out / f"{name}.jsonl")) for name in ("train", "dev", "test")}
    assert [len(documents) for documents in parts.values()] == [32, 4, 4]
    together = [document for documents in parts.values() for document in documents]
    assert sorted(together, key=DOCUMENTS.index) == DOCUMENTS
    values = json.loads(result.stdout)
    assert values["schema"] == "elman.split/1"
    assert values["parts"]["dev"] == {"files": ["dev.jsonl"], "documents": 4, "tokens": 0, "labels": {"PER": 4}}
    assert "documents  32 (80.0 %)  4 (10.0 %)  4 (10.0 %)   40" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.jsonl", "parts"]


def test_folds_by_group(run: Run, labelled: Path, tmp_path: Path) -> None:
    out = tmp_path / "folds"
    arguments = ("--folds", 5, "--by", "group", "--group", "author", "--stratify")
    assert run("split", labelled, "--out", out, *arguments).exit_code == 0
    held = []
    for fold in "12345":
        test, train = (list(read(out / fold / f"{side}.jsonl")) for side in ("test", "train"))
        assert len(test) + len(train) == 40
        assert not {document.meta["author"] for document in test} & {document.meta["author"] for document in train}
        held += [document.id for document in test]
    assert sorted(held, key=int) == [document.id for document in DOCUMENTS]


def test_columns_come_out_as_they_came_in(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "all.conll"
    path.write_text("\n\n".join(f"Ada I-PER\nwrote O\n{number} O" for number in range(20)) + "\n")
    assert run("split", path, "--out", tmp_path / "out", "--parts", "a=9,b=1", "--scheme", "IOB1").exit_code == 0
    text = (tmp_path / "out" / "a.conll").read_text()
    assert "-DOCSTART-" not in text
    assert text.count("Ada I-PER\nwrote O\n") == 18


def test_standard_input_and_another_format(run: Run, labelled: Path, tmp_path: Path) -> None:
    result = run("split", "-", "--out", tmp_path / "out", "--to", "conll", stdin=labelled.read_bytes())
    assert result.exit_code == 0
    assert "refused" in result.stderr or "Ada B-PER" in (tmp_path / "out" / "dev.conll").read_text()


def test_a_folder_that_is_there_stays(run: Run, labelled: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    assert run("split", labelled, "--out", out).exit_code == 0
    before = sorted((path.name, path.read_text()) for path in out.iterdir())
    result = run("split", labelled, "--out", out, "--seed", 9)
    assert (result.exit_code, "is there already" in result.stderr) == (2, True)
    assert sorted((path.name, path.read_text()) for path in out.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--parts", "train"], "--parts reads NAME=SHARE"),
        (["--parts", "a=1,a=2"], "different names"),
        (["--parts", "a=1,../b=2"], "file name"),
        (["--parts", "a=1"], "two or more parts"),
        (["--by", "group"], "needs --group FIELD"),
        (["--by", "document", "--group", "author"], "exclude each other"),
        (["--group", "nothing"], "document 1 ('0') has no 'nothing' in its meta to group by; it has author"),
        (["--folds", "41"], "expected at least 41 documents"),
        (["--to", "nothing"], "there is no format 'nothing'"),
    ],
)
def test_nothing_is_written_on_an_error(
    run: Run, labelled: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    result = run("split", labelled, "--out", tmp_path / "out", *arguments)
    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["all.jsonl"]
