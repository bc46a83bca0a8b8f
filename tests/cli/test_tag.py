from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from elman.data.formats import read, write
from tests.training.examples import DOCUMENTS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

TEXT = "Ada Byron went to Paris in winter ."
FOUND = [(0, 9, "PER"), (18, 23, "LOC")]


def spans(line: str) -> list[tuple[int, int, str]]:
    return [(span["start"], span["end"], span["label"]) for span in json.loads(line)["spans"]]


def test_jsonl_is_what_a_program_can_rely_on(run: Run, model: Path) -> None:
    result = run("tag", "--model", model, "--text", TEXT)
    assert (result.exit_code, result.stderr) == (0, "")
    (line,) = result.stdout.splitlines()
    values = json.loads(line)
    assert list(values) == ["text", "spans"]
    assert values["text"] == TEXT
    assert [list(span) for span in values["spans"]] == [["start", "end", "label", "score"]] * 2
    assert all(0 <= span["score"] <= 1 for span in values["spans"])
    assert spans(line) == FOUND


def test_standard_input_is_read(run: Run, model: Path) -> None:
    lines = run("tag", "-m", model, "--unit", "line", stdin=f"{TEXT}\n\n{TEXT}").stdout.splitlines()
    assert [spans(line) for line in lines] == [FOUND, [], FOUND]
    (whole,) = run("tag", "-m", model, "-", stdin=f"{TEXT}\n").stdout.splitlines()
    assert json.loads(whole)["text"] == f"{TEXT}\n"


def test_files_are_read_by_unit(run: Run, model: Path, tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(f"{TEXT}\n\n{TEXT}\n")
    files = [tmp_path / "a.txt", tmp_path / "b.txt"]
    ids = {
        unit: [json.loads(line)["id"] for line in run("tag", "-m", model, *files, *unit.split()).stdout.splitlines()]
        for unit in ("", "--unit file", "--unit line", "--unit paragraph")
    }
    assert ids[""] == ids["--unit file"] == ["a.txt", "b.txt"]
    assert ids["--unit line"] == [f"{name}.txt:{number}" for name in "ab" for number in (1, 2, 3)]
    assert ids["--unit paragraph"] == [f"{name}.txt:{number}" for name in "ab" for number in (1, 3)]


def test_emoji_do_not_move_offsets(run: Run, model: Path) -> None:
    (line,) = run("tag", "-m", model, "--text", f"😀 {TEXT}").stdout.splitlines()
    assert spans(line) == [(start + 2, end + 2, label) for start, end, label in FOUND]


def test_columns_of_text(run: Run, model: Path) -> None:
    rows = run("tag", "-m", model, "--to", "conll", "--text", TEXT).stdout.splitlines()
    assert rows[:5] == ["-DOCSTART- O", "", "Ada B-PER", "Byron I-PER", "went O"]


def test_other_columns_are_kept(run: Run, model: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    # The tags that are there are wrong, and of no consequence.
    rows = [f"{word}\t{number}\tXX\tI-NONE" for number, word in enumerate(TEXT.split())]
    path.write_text("\n".join([*rows, "", *rows, ""]))
    result = run("tag", "-m", model, "--from", "conll", "--to", "conll", path)
    assert result.exit_code == 0
    blocks = result.stdout.strip().split("\n\n")
    assert [block.splitlines()[:3] for block in blocks] == [["Ada 0 XX B-PER", "Byron 1 XX I-PER", "went 2 XX O"]] * 2


def test_documents_stay_documents_and_layers_stay(run: Run, model: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    line = {
        "text": TEXT,
        "spans": [{"start": 0, "end": 3, "label": "NN", "layer": "pos"}],
        "meta": {"page": 1},
    }
    path.write_text(json.dumps(line) + "\n")
    (out,) = run("tag", "-m", model, path).stdout.splitlines()
    values = json.loads(out)
    assert values["meta"] == {"page": 1}
    assert {span.get("layer", "entities") for span in values["spans"]} == {"pos", "entities"}
    assert "tokens" not in values


def test_a_labelled_file_with_documents_says_so_again(run: Run, model: Path, data: Path) -> None:
    result = run("tag", "-m", model, "--from", "conll", "--to", "conll", data)
    assert result.stdout.count("-DOCSTART-") == len(DOCUMENTS)
    assert result.stdout == data.read_text()


def test_the_format_says_how_to_read(run: Run, model: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_bytes("1 Ada I-PER\n2 Byron I-PER\n3 caf\u00e9 O\n".encode("latin-1"))
    result = run("tag", "-m", model, "--from", "conll:token=1,encoding=latin-1", path)
    assert json.loads(result.stdout)["text"] == "Ada Byron caf\u00e9"
    path.write_bytes("Ada\ncaf\u00e9\n".encode("latin-1"))
    result = run("tag", "-m", model, "--from", "text:encoding=latin-1", "--unit", "line", path)
    assert [json.loads(line)["text"] for line in result.stdout.splitlines()] == ["Ada", "caf\u00e9"]


def test_a_page(run: Run, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    result = run("tag", "-m", model, "--text", TEXT, "-o", out)
    assert (result.exit_code, result.stdout) == (0, "")
    assert re.search(r'title="PER, probability \d', out.read_text("utf-8"))
    assert run("tag", "-m", model, "--text", TEXT, "--to", "html").stdout == out.read_text("utf-8")


def test_the_suffix_says_the_format(run: Run, model: Path, tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.conll"):
        assert run("tag", "-m", model, "--text", TEXT, "-o", tmp_path / name).exit_code == 0
        (document,) = read(tmp_path / name)
        assert [(span.start, span.end, span.label) for span in document.spans] == FOUND


def test_colours_unless_they_are_not_wanted(run: Run, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ["tag", "-m", model, "--to", "ansi", "--text", TEXT]
    shown = run(*command).stdout
    assert "\x1b[1mPER\x1b[22m" in shown
    monkeypatch.setenv("NO_COLOR", "1")
    assert run("tag", "-m", model, "--to", "ansi", "--text", TEXT, stdin="").stdout.startswith("[Ada Byron PER] went")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--text", "x", "FILE"], "expected either files or --text, got both"),
        (["--from", "conll", "--unit", "line", "FILE"], "--unit is for plain text"),
        (["--from", "odt", "FILE"], "there is no format 'odt'"),
        (["--from", "html", "FILE"], "written, not read"),
        (["FILE", "-o", "FILE"], "would be replaced"),
        (["MISSING"], "No such file"),
        (["--from", "conll", "FILE"], "expected tags"),
        (["--text", "\udcff"], "--text has bytes"),
    ],
)
def test_bad_usage_and_input(run: Run, model: Path, tmp_path: Path, options: list[str], message: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(TEXT)
    names = {"FILE": str(path), "MISSING": str(tmp_path / "missing.txt")}
    result = run("tag", "-m", model, *(names.get(option, option) for option in options))
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert path.read_text() == TEXT


def test_what_was_there_stays_if_the_input_is_bad(run: Run, model: Path, tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text("old")
    (tmp_path / "a.txt").write_bytes(b"good\n" * 1000 + b"b\xffd\n")
    result = run("tag", "-m", model, "--unit", "line", tmp_path / "a.txt", "-o", tmp_path / "out.jsonl")
    assert (result.exit_code, "a.txt:1001" in result.stderr) == (2, True)
    assert (tmp_path / "out.jsonl").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name", ["weights.safetensors", "model.json", "words.txt"])
def test_a_damaged_model_is_an_error(run: Run, model: Path, tmp_path: Path, name: str) -> None:
    copy = tmp_path / "model"
    copy.mkdir()
    for path in model.iterdir():
        content = path.read_bytes()
        (copy / path.name).write_bytes(content[: len(content) // 2] if path.name == name else content)
    result = run("tag", "-m", copy, "--text", TEXT)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")


def test_many_labels_at_once(run: Run, model: Path, tmp_path: Path) -> None:
    write(DOCUMENTS, tmp_path / "all.jsonl")
    lines = run("tag", "-m", model, tmp_path / "all.jsonl").stdout.splitlines()
    gold = [[(span.start, span.end, span.label) for span in document.spans] for document in DOCUMENTS]
    assert [spans(line) for line in lines] == gold
