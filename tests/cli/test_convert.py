"""``elman convert``."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from elman.cli.options import parse_settings
from elman.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

LINES = '{"text": "Ada ran.", "spans": [{"start": 0, "end": 3, "label": "PER", "id": "a"}]}\n'


def test_standard_input_to_standard_output_and_the_account_beside(run: Run, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.json"
    result = run("convert", "-", "-", "--to", "conll", "--ledger", ledger, stdin=LINES)
    assert result.exit_code == 0
    assert result.stdout == "-DOCSTART- O\n\nAda B-PER\nran O\n. O\n\n"
    for said in (
        "-: the format is jsonl: its first line is a JSON object with a text",
        "conll cannot hold all that jsonl can: ",
        "-: 1 documents, 1 spans",
        "write: 1 of 1 ids refused: id of a span, which the format cannot hold",
        "tokens: 3 tokens added",
        "wrote - (conll)",
    ):
        assert said in result.stderr
    rows = [line.split() for line in result.stderr.splitlines()]
    assert ["in", "kept", "moved", "split", "joined", "refused", "out"] in rows
    assert ["write:", "spans", "1", "1", "1"] in rows
    assert ["write:", "ids", "1", "1"] in rows
    account = json.loads(ledger.read_text())
    assert (account["schema"], account["written"]) == ("elman.convert/1", True)
    assert [stage["stage"] for stage in account["stages"]] == ["read", "tokens", "write"]


def test_strict_ends_with_1_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    result = run("convert", "--strict", "-", "-", "--to", "conll", stdin=LINES)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nothing was written: 1 things would be refused and 0 records are at fault" in result.stderr
    result = run("convert", "--strict", "-", tmp_path / "out.jsonl", stdin=LINES)
    assert result.exit_code == 0
    assert run("convert", "--strict", "-", "-", "--to", "jsonl", stdin=LINES).stdout.startswith('{"text": "Ada ran."')


def test_rejects_are_said_and_set_aside(run: Run, tmp_path: Path) -> None:
    out, aside = tmp_path / "out.jsonl", tmp_path / "bad.jsonl"
    result = run("convert", "-", out, "--rejects", aside, stdin=LINES + "{}\n")
    assert result.exit_code == 0
    assert "rejected: -:2: a document needs 'text', a string; got no key" in result.stderr
    assert f"1 records at fault were set aside: {aside}" in result.stderr
    assert json.loads(aside.read_text())["raw"] == "{}"
    result = run("convert", "-", "-", "--to", "jsonl", stdin=LINES + "{}\n")
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    assert run("convert", "--strict", "-", out, stdin=LINES + "{}\n").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-"], "expected at least two places, SRC and DST"),
        (["-", "out.strange"], "does not tell a format; name one of conll"),
        (["-", "-", "--to", "jsonl", "--set", "column=1"], "--set reads read.NAME=VALUE or write.NAME=VALUE"),
        (["-", "-", "--to", "jsonl", "--set", "write.x=1"], "to write jsonl there is no option x"),
        (["-", "-", "--to", "html", "--from", "html"], "html is written, not read"),
        (["-", "-", "--to", "jsonl", "--map", "PER"], "a label map reads OLD=NEW"),
        (["-", os.devnull, "--to", "jsonl", "--map", "X=Y"], "the label map names X, which the data does not have"),
        (["-", "-", "-", "--to", "jsonl"], "standard input can be read once"),
        (["-", "-", "--to", "conll", "--scheme", "BIOX"], "BIOX"),
    ],
)
def test_bad_usage_ends_with_2(run: Run, arguments: list[str], message: str) -> None:
    result = run("convert", *arguments, stdin=LINES)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_settings_have_a_side() -> None:
    found = parse_settings(["read.column=2", "write.delimiter= "], "read", "write")
    assert found == (
        {"column": "2"},
        {"delimiter": " "},
    )
    with pytest.raises(UsageError):
        parse_settings(["read.=2"], "read", "write")
